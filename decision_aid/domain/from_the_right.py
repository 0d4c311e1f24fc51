"""Text in scripts that run from the right, such as Arabic and Hebrew: kept to itself, and in whole words or not at all.

Beside such text a number can change its place: of “שלום 5 kg” the 5 would stand apart from its unit. Isolates, two signs
that no one sees, tell whatever sets the text where it begins and ends; its own first letter says which way it runs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

ISOLATES = "\u2068\u2069"
_LETTER = "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"  # no marks of direction
_LETTERS = re.compile(_LETTER)
_WORD = re.compile(f"({_LETTER}+(?:[\u200c\u200d]{_LETTER}+)*)")  # some words hold a sign that keeps two letters apart
_QUOTED = re.compile("(?<=“)[^“”]*(?=”)")
# Letters as some files hold them, one sign for each shape.
_SHAPES = re.compile("[\ufb50-\ufbff\ufe70-\ufefc]+")


def isolated(text: str) -> str:
    """The text kept to itself, and each text in quotation marks inside it; the same where nothing runs from the right."""
    if not _LETTERS.search(text):
        return text
    within = _QUOTED.sub(lambda q: _wrapped(q[0]) if _LETTERS.search(q[0]) else q[0], text)
    return _wrapped(within)


def isolated_lines(text: str) -> str:
    """The text with each of its lines kept to itself."""
    return "\n".join(_wrapped(line) if _LETTERS.search(line) else line for line in text.split("\n"))


def joined(text: str) -> str:
    """The text without the two signs."""
    return text.translate(dict.fromkeys(map(ord, ISOLATES)))


def words(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is a word that runs from the right. Together they are the text."""
    pieces = _WORD.split(_SHAPES.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text))
    return [(piece, n % 2 == 1) for n, piece in enumerate(pieces) if piece]


def missing(word: str, is_known: Callable[[str], bool]) -> list[str]:
    """The letters of a word that are not known. A word with one of them would be read as another: it is left out whole."""
    return [letter for letter in word if letter not in "\u200c\u200d" and not is_known(letter)]


def _wrapped(text: str) -> str:
    return f"\u2068{text}\u2069"
