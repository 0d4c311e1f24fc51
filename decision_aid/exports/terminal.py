"""Writing to a terminal, a pipe or a file of any code page: every sign is written, spelt out, or replaced; nothing breaks.

The Windows command prompt and a redirect there write in a code page that has no true minus sign and no Chinese letters.
"""

from __future__ import annotations

import codecs
import io
import json
import os
import sys
import unicodedata
from collections.abc import Callable
from typing import Any

NOT_WRITTEN = 2
CLOSED_PIPE = 141  # 128 and SIGPIPE, as other commands end when the reader of their output goes away
_SPELT_OUT = "spelt_out"
_PLAIN = {
    "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "…": "...",
    "·": ",", "≥": ">=", "≤": "<=", "×": "x", "→": "->", "\xa0": " ", "τ": "tau", "µ": "u", "μ": "u", "½": "1/2",
    "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "AE", "œ": "oe", "±": "+/-",
}  # fmt: skip


def take_any_code_page() -> None:
    """Let the two streams spell out what their encoding has no sign for, instead of raising."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_SPELT_OUT)


def print_json(content: dict[str, Any]) -> None:
    """Print JSON; where the output is not in Unicode its letters are escaped, which loses nothing."""
    unicode = (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
    print(json.dumps(content, indent=2, ensure_ascii=not unicode, allow_nan=False))


def run(command: Callable[[], int]) -> int:
    """The exit code of a command whose output may not arrive: 141 for a closed pipe, 2 with a sentence for a full disk."""
    if sys.stdout is None:  # closed before the start
        print("The output could not be written: it is closed.", file=sys.stderr)
        return NOT_WRITTEN
    try:
        code = command()
        sys.stdout.flush()
    except BrokenPipeError:
        _let_go()
        return CLOSED_PIPE
    except OSError as error:
        _let_go()
        where = f"“{error.filename}”" if error.filename else "The output"
        print(f"{where} could not be written: {error.strerror or error}.", file=sys.stderr)
        return NOT_WRITTEN
    return code


def _let_go() -> None:
    """Send what still waits to be written nowhere, so that closing the stream at the end does not fail again."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError, AttributeError):  # a stream without a file behind it has nothing to close
        return


def _spell_out(error: UnicodeError) -> tuple[str, int]:
    """What an encoding has no sign for: a plain sign, the letter without its accent, else a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    wanted = error.object[error.start : error.end]
    return "".join(_plain(char, error.encoding) for char in wanted), error.end


def _plain(char: str, encoding: str) -> str:
    told = _PLAIN.get(char) or "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
    try:
        told.encode(encoding)
    except UnicodeEncodeError:
        return "?"
    return told or "?"


codecs.register_error(_SPELT_OUT, _spell_out)
