"""In which letters a text was written, where only its single bytes can tell: a proposal, never a certainty."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable

# Codec -> what it is called on the screen.
ENCODINGS = {
    "utf-8-sig": "UTF-8",
    "cp1252": "Windows, Western Europe (cp1252)",
    "mac_roman": "Mac (Mac Roman)",
    "cp850": "DOS, Western Europe (cp850)",
    "cp1250": "Windows, Central Europe (cp1250)",
    "cp1251": "Windows, Cyrillic (cp1251)",
    "cp1253": "Windows, Greek (cp1253)",
    "cp1254": "Windows, Turkish (cp1254)",
    "utf-16": "UTF-16 (Excel's “Unicode text”)",
}
_WESTERN = "äöüßéèêëàâáçñíîïóôúûœæøåãõ°µ²"
_CAPITALS = "ÄÖÜÉÈÀÁÇÑÍÓÚØÅÆ"
_MARKS = "–’‘“”…€±"
_CENTRAL = "ąćęłńóśźżáčďéěíňřšťúůýžőűäöüßđ"
_LETTERS = {
    "cp1252": _WESTERN,
    "mac_roman": _WESTERN,
    "cp850": _WESTERN,
    "cp1250": _CENTRAL,
}
_OTHER_LETTERS = {
    "cp1253": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώ",
    "cp1251": "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґ",
}
_FEWEST_IN_A_RUN = 3  # a word of Cyrillic or Greek is written in such bytes throughout; a Western one has single ones
_ENOUGH_RUNS = 100_000
_INSIDE_A_WORD = re.compile(rb"(?<=[A-Za-z])[\x80-\xff](?=[A-Za-z])")
_NOT_ASCII = re.compile(rb"[\x80-\xff]+")
_PART_OF_CERTAINTY = 0.5  # a capital letter is rarer than a small one


class HighBytes:
    """The bytes above 127 of a text, and how many of them stand together."""

    def __init__(self) -> None:
        self.counts: Counter[int] = Counter()
        self.inside: Counter[int] = (
            Counter()
        )  # those between two English letters, where no dash or quotation mark stands
        self._runs = 0

    def add(self, part: bytes) -> None:
        if part.isascii() or self._runs > _ENOUGH_RUNS:
            return
        for run in _NOT_ASCII.findall(part):
            self.counts.update(run)
            self._runs += 1
        for run in _INSIDE_A_WORD.findall(part):
            self.inside.update(run)

    @property
    def together(self) -> float:
        return sum(self.counts.values()) / self._runs if self._runs else 0.0


def likely_encoding(found: HighBytes, mac_line_ends: bool) -> str:
    """The one-byte encoding in which the bytes give the most letters that people write."""
    if found.together >= _FEWEST_IN_A_RUN:
        greek, cyrillic = (_share(found, name, letters) for name, letters in _OTHER_LETTERS.items())
        return "cp1253" if greek > cyrillic else "cp1251"
    order = ("mac_roman", "cp1252", "cp850", "cp1250") if mac_line_ends else ("cp1252", "mac_roman", "cp850", "cp1250")
    return max(order, key=lambda name: (_share(found, name, _LETTERS[name]), -order.index(name)))


def fits_bytes(encoding: str, counts: Iterable[int]) -> bool:
    """Whether every byte is a letter in an encoding of one byte a letter."""
    try:
        bytes(counts).decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def special(texts: Iterable[str]) -> str | None:
    """The first text with letters beyond English ones, by which a reader sees whether they are the right ones."""
    return next((t for t in texts if not t.isascii()), None)


def _share(found: HighBytes, encoding: str, letters: str) -> float:
    """The part of the bytes that are such letters; capital ones count half."""
    counts = found.counts
    if not fits_bytes(encoding, counts):
        return -1.0
    decoder = codecs.getdecoder(encoding)
    good = 0.0
    for byte, count in counts.items():
        letter = decoder(bytes([byte]))[0]
        if letter in letters:
            good += count
        elif letter in _MARKS:
            good += count - (found.inside[byte] if letter != "’" else 0)
        elif letter in _CAPITALS or letter.lower() in letters:
            good += count * _PART_OF_CERTAINTY
    return good / max(1, sum(counts.values()))
