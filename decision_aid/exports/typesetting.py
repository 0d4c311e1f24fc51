"""Setting in type: the one compiler with its fonts, and text made so that every sign of it has a letter form there."""

from __future__ import annotations

import threading
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from decision_aid.domain import from_the_right

if TYPE_CHECKING:
    import typst

# TrueType made with fonttools from the web fonts beside them (latin and latin-ext merged): the compiler reads no WOFF2.
FONTS = Path(__file__).resolve().parents[2] / "static" / "fonts"
# Ours first. The other two come inside the compiler and print letters of other scripts in what a person typed.
FAMILIES = ("Atkinson Hyperlegible", "Libertinus Serif", "DejaVu Sans Mono")
SURE_TO_PRINT = frozenset(map(chr, (*range(0x20, 0x7F), *range(0xA1, 0x100)))) - {"\xad"} | set("–—‘’“”…−×\n")
UNPRINTABLE = "□"
# Beyond these lie scripts that no font of the compiler holds: they are not even tried.
_LAST_SCRIPT = 0x2C00
_PICTURE_PPI = 110.0
_Source = TypeVar("_Source", Path, bytes)
_LOCK = threading.RLock()  # one compiler serves every session of the server


def compiled(source: _Source, form: Literal["pdf", "png", "svg"], inputs: dict[str, str] | None = None) -> list[bytes]:
    """A document set in type: one file in PDF/UA-1, or a picture of each page. Raises `RuntimeError` with the reason.

    `inputs` are what the document finds in `sys.inputs`.
    """
    with _LOCK:
        made = _compiler().compile(
            source,
            format=form,
            ppi=_PICTURE_PPI,
            pdf_standards=["ua-1"] if form == "pdf" else [],
            sys_inputs=inputs or {},
        )
    assert made is not None  # it is only where the compiler writes to a file itself
    return made if isinstance(made, list) else [made]


def printable(text: str) -> tuple[str, tuple[str, ...]]:
    """The text as it can be printed, and the signs of it that were replaced, each once.

    Control characters and marks that turn the direction of the text go. A pictogram becomes its name in brackets, any
    other sign that no font has becomes □, and so does a word from the right with such a letter.
    """
    if SURE_TO_PRINT.issuperset(text):  # nearly every text
        return text.strip(), ()
    kept: list[str] = []
    replaced: dict[str, None] = {}
    opened, closed = map(text.count, from_the_right.ISOLATES)
    if opened != closed:
        text = from_the_right.joined(text)
    for piece, runs_from_the_right in from_the_right.words(
        unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    ):
        if runs_from_the_right:
            missing = from_the_right.missing(piece, _is_printed)
            kept.append(UNPRINTABLE if missing else piece)
            replaced.update(dict.fromkeys(map(_named, missing)))
        else:
            kept += _signs(piece, replaced)
    return "".join(kept).strip(), tuple(replaced)


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    """The one compiler, which keeps fonts and layout between sheets; it reads the template and our fonts only.

    Beside our font it holds those built into it; no font of the machine is used, so that a sheet looks alike everywhere.
    """
    import typst

    return typst.Compiler(root=Path(__file__).parent, font_paths=[str(FONTS)], ignore_system_fonts=True)


def _signs(text: str, replaced: dict[str, None]) -> list[str]:
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if char in SURE_TO_PRINT:
            kept.append(char)
        elif char in "\u2028\u2029\x0b\x0c\r":
            kept.append("\n")
        elif category == "Zs":
            kept.append(" ")
        elif char in from_the_right.ISOLATES:
            kept.append(char)
        elif category in ("Cc", "Cf") or char in "\ufe0e\ufe0f" or 0x1F3FB <= ord(char) <= 0x1F3FF:
            continue
        elif _is_printed(char):
            kept.append(char)
        else:
            name = unicodedata.name(char, "").lower() if category == "So" else ""
            kept.append(f"[{name}]" if name else UNPRINTABLE)
            if not name:
                replaced[_named(char)] = None
    return kept


def _named(sign: str) -> str:
    return sign.encode("ascii", "backslashreplace").decode()


def _is_printed(char: str) -> bool:
    known = ord(char) < _LAST_SCRIPT and unicodedata.category(char) not in ("Cs", "Cn", "Co")
    return known and _has_a_glyph(char)


@lru_cache(maxsize=12_000)
def _has_a_glyph(char: str) -> bool:
    """Whether one of the fonts in use has the sign: PDF/UA refuses a sign without a glyph, so the compiler is asked."""
    families = ", ".join(f'"{family}"' for family in FAMILIES)
    source = f'#set document(title: "sign")\n#set text(font: ({families}))\na#str.from-unicode({ord(char)})'
    try:
        compiled(source.encode(), "pdf")
    except RuntimeError:
        return False
    return True
