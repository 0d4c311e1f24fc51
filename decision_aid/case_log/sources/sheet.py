"""What the XML of a sheet says that its values do not: hidden lines and columns, merged cells, formulas without results."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A formula whose result was never saved reads as an empty cell; an empty cell means “not recorded”, which it is not.
_FORMULA_WITHOUT_RESULT = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^>]*/>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+)([0-9]+)"')
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b[^>]*>")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="\$?([A-Z]+)\$?([0-9]+):\$?([A-Z]+)\$?([0-9]+)"')
_FILTERED = re.compile(rb"<(?:\w+:)?(?:autoFilter|filterColumn)\b")
_HIDDEN = re.compile(rb'\bhidden="(?:1|true|on)"')
_LONGEST_LOOK_BACK = 4096  # bytes before a formula in which the name of its cell stands


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
    hidden_lines: frozenset[int]
    hidden_columns: frozenset[int]  # counted from 0
    merged: tuple[Area, ...]  # those over more than one line
    unsaved: tuple[tuple[int, str], ...]  # line and column letters of formulas without a saved result

    def merged_below(self, line: int) -> tuple[Area, ...]:
        """The merged cells that reach over several lines below the names of the columns."""
        return tuple(a for a in self.merged if a.bottom > max(a.top, line) and a.bottom > line + 1)


def sheet_facts(xml: bytes) -> SheetFacts:
    """The facts of one sheet."""
    hidden_lines = set()
    counted = 0
    for row in _ROW.finditer(xml):
        tag = row.group()
        number = re.search(rb'\br="([0-9]+)"', tag)
        counted = int(number[1]) if number else counted + 1
        if b"hidden" in tag and _HIDDEN.search(tag):
            hidden_lines.add(counted)
    hidden_columns: set[int] = set()
    for column in _COLUMN.finditer(xml):
        tag = column.group()
        first, last = re.search(rb'\bmin="([0-9]+)"', tag), re.search(rb'\bmax="([0-9]+)"', tag)
        if first and last and _HIDDEN.search(tag):
            hidden_columns.update(range(int(first[1]) - 1, min(int(last[1]), 16_384)))
    merged = []
    for found in _MERGED.finditer(xml):
        area = Area(int(found[2]), place(found[1]), int(found[4]), place(found[3]))
        if area.bottom > area.top:
            merged.append(area)
    unsaved = []
    for found in _FORMULA_WITHOUT_RESULT.finditer(xml):
        cells = _CELL.findall(xml, max(0, found.start() - _LONGEST_LOOK_BACK), found.start())
        unsaved.append((int(cells[-1][1]), cells[-1][0].decode()) if cells else (0, ""))
    return SheetFacts(frozenset(hidden_lines), frozenset(hidden_columns), tuple(merged), tuple(unsaved))


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
