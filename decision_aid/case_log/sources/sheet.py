"""What the XML of an Excel sheet says that its values do not: hidden lines and columns, merged cells, errors, formulas without results.

The extent is looked at before the sheet is read: one cell in the last corner of an empty sheet would fill the memory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_LONGEST_LOOK_BACK = 4096  # bytes before a formula in which the name of its cell stands
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]*)([0-9]+)["']""")
_HIDDEN = re.compile(rb'\bhidden="(?:1|true|on)"')


class _Tags:
    """What is looked for in a sheet. `prefix`: of its tags, mostly none; written out, so that a search is quick."""

    def __init__(self, prefix: bytes) -> None:
        p = re.escape(prefix)
        # A formula whose result was never saved reads as an empty cell; an empty cell means “not recorded”, which it is not.
        self.unsaved = re.compile(rb"(?:</%bf>|<%bf\b[^>]*/>)\s*(?:<%bv\s*/>|<%bv></%bv>)?\s*</%bc>" % ((p,) * 6))
        self.cell = re.compile(rb'<%bc\b[^>]*?\br="([A-Z]+)([0-9]+)"' % p)
        self.odd = re.compile(
            rb'<%bc\b[^>]*?\br="([A-Z]+)([0-9]+)"[^>]*>(?:<%bf\b[^>]*/>|<%bf\b[^>]*>[^<]*</%bf>)?'
            rb"<%bv>(#[A-Z0-9/!?_]+|-[0-9.Ee+-]+)</" % ((p,) * 5)
        )
        self.letters = re.compile(rb'<%bc r="([A-Z]{1,3})[0-9]+"' % p)
        self.numbers = re.compile(rb'<%bc r="[A-Z]{1,3}([0-9]+)"' % p)
        self.row, self.column = (re.compile(rb"<%b%b\b[^>]*>" % (p, name)) for name in (b"row", b"col"))
        self.merged = re.compile(rb'<%bmergeCell\b[^>]*?\bref="\$?([A-Z]+)\$?([0-9]+):\$?([A-Z]+)\$?([0-9]+)"' % p)
        self.starts = [b"<" + prefix + b"c" + end for end in (b" ", b">", b"/", b"\n", b"\t", b"\r")]
        self.row_start = b"<" + prefix + b"row"


@dataclass(frozen=True, slots=True)
class Area:
    """Merged cells: the first and last line and column, counted from 1; the value stands in the first cell."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{letters(self.left)}{self.top}:{letters(self.right)}{self.bottom}"


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What a sheet holds beside its values. `cells`: the product of the lines and columns that it reaches to, at most."""

    hidden_lines: frozenset[int]
    hidden_columns: frozenset[int]  # counted from 0
    merged: tuple[Area, ...]  # those over more than one line
    unsaved: tuple[tuple[int, str], ...] = ()  # line and column letters of formulas without a saved result
    odd: Mapping[int, Mapping[int, str]] = field(
        default_factory=dict
    )  # line -> column from 0 -> an error, a negative time
    cells: int = 0

    def merged_below(self, line: int) -> tuple[Area, ...]:
        """The merged cells that reach over several lines below the names of the columns."""
        return tuple(a for a in self.merged if a.bottom > max(a.top, line) and a.bottom > line + 1)


def sheet_facts(xml: bytes) -> SheetFacts:
    """The facts of one sheet. Raises `ValueError` where an error stands in a cell whose place is not said."""
    root = re.search(rb"<([\w.-]+:)?worksheet\b", xml)
    tags = _Tags((root and root[1]) or b"")
    hidden_lines = set()
    counted = last = 0
    for row in tags.row.finditer(xml):
        tag = row.group()
        number = _PLACE.search(tag)
        counted = int(number[2]) if number else counted + 1
        last = max(last, counted)
        if b"hidden" in tag and _HIDDEN.search(tag):
            hidden_lines.add(counted)
    hidden_columns: set[int] = set()
    for column in tags.column.finditer(xml):
        tag = column.group()
        first, end = re.search(rb'\bmin="([0-9]+)"', tag), re.search(rb'\bmax="([0-9]+)"', tag)
        if first and end and _HIDDEN.search(tag):
            hidden_columns.update(range(int(first[1]) - 1, min(int(end[1]), 16_384)))
    merged = []
    for found in tags.merged.finditer(xml):
        area = Area(int(found[2]), place(found[1]), int(found[4]), place(found[3]))
        if area.bottom > area.top:
            merged.append(area)
    unsaved = []
    for found in tags.unsaved.finditer(xml):
        cells = tags.cell.findall(xml, max(0, found.start() - _LONGEST_LOOK_BACK), found.start())
        unsaved.append((int(cells[-1][1]), cells[-1][0].decode()) if cells else (0, ""))
    odd: dict[int, dict[int, str]] = {}
    errors = xml.count(b't="e"') + xml.count(b"'e'")
    if errors or b"v>-" in xml:
        for cell in tags.odd.finditer(xml):
            errors -= cell[3].startswith(b"#")
            odd.setdefault(int(cell[2]), {})[place(cell[1]) - 1] = cell[3].decode()
        if errors > 0:
            raise ValueError("an error without a place")
    extent = _extent(xml, tags, last)
    return SheetFacts(frozenset(hidden_lines), frozenset(hidden_columns), tuple(merged), tuple(unsaved), odd, extent)


def _extent(xml: bytes, tags: _Tags, last: int) -> int:
    """The lines times the columns up to the last cell; rather too many than too few where cells do not say their place."""
    first_letters = tags.letters.findall(xml)
    width = max(map(place, set(first_letters)), default=0)
    last = max(last, *map(int, set(tags.numbers.findall(xml))), 0)
    if len(first_letters) < sum(map(xml.count, tags.starts)):
        for row in xml.split(tags.row_start):
            width = max(width, sum(map(row.count, tags.starts)))
            for name, number in _PLACE.findall(row):
                last, width = max(last, int(number)), max(width, place(name.upper()) if len(name) < 4 else 0)
    return last * width


def too_long(texts: bytes, sheets: list[bytes], most: int) -> bool:
    """Whether the shared texts of a workbook come to more than `most` bytes when each cell has its own copy."""
    lengths = [len(part) for part in re.split(rb"<(?:\w+:)?si\b", texts)[1:]]
    count = sum(xml.count(b'"s"') + xml.count(b"'s'") for xml in sheets)
    if max(lengths, default=0) * count <= most:
        return False
    at = (int(n) for xml in sheets for n in re.findall(rb">\s*([0-9]{1,9})\s*</", xml))
    return sum(lengths[n] for n in at if n < len(lengths)) > most


def place(letters_: bytes) -> int:
    """The number of a column by its letters, from 1."""
    number = 0
    for letter in letters_:
        number = number * 26 + letter - 64
    return number


def letters(column: int) -> str:
    """The letters of a column by its number, from 1."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text
