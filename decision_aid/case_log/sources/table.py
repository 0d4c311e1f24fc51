"""A file read as texts: for each column the distinct texts and, for each row, which of them stands there.

A log of a million rows holds few distinct texts a column. Checking those once, and not every cell, is what makes the
reader as quick as a bare read.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from decision_aid.case_log.cells import DecimalMark, days, number
from decision_aid.case_log.plan import CaseLogError, refusal
from decision_aid.domain.problems import Problem

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

Progress = Callable[[float], None]
Row = Sequence[Any]
_LARGEST_WHOLE = 10**18  # larger ones are no longer exact


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a file: names of the columns and the first rows as they stand (texts, numbers, dates)."""

    headers: tuple[str, ...]
    header_line: int  # the last line of the column names
    rows: tuple[Row, ...] = field(repr=False)
    lines: tuple[int, ...] = field(repr=False)  # where each of the rows stands
    row_count: int | None  # about how many rows the file has; None: not known without reading it
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()  # those that hold anything
    notes: tuple[str, ...] = ()  # what was found round the table
    hidden_rows: int = 0  # of a workbook, below the names
    merged: tuple[str, ...] = ()  # areas of merged cells over several rows, such as C5:C7
    errors: int = 0  # cells with an error of a spreadsheet, such as #DIV/0!


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that is no row of the table: it has more or fewer cells than there are names."""

    line: int
    found: str
    expected: str


@dataclass(slots=True)
class Table:
    """A whole file. Row i has the text `texts[c][codes[c][i]]` in column c and stands on line `lines[i]`."""

    headers: tuple[str, ...]
    codes: list[np.ndarray]
    texts: list[pa.Array]
    lines: np.ndarray
    broken: list[BrokenRow]
    blank_rows: int
    left_out: list[tuple[int, str]] = field(default_factory=list)  # lines that are no cases, and why
    notes: tuple[str, ...] = ()  # how the file was read, for whoever reads its numbers
    _counts: dict[int, np.ndarray] = field(default_factory=dict, init=False, repr=False)

    def rows_of_each_text(self, column: int) -> np.ndarray:
        """In how many rows each text of a column stands; counted once."""
        import numpy as np

        if column not in self._counts:
            self._counts[column] = np.bincount(self.codes[column], minlength=len(self.texts[column]))
        return self._counts[column]

    def where(self, kept: np.ndarray) -> Table:
        """The table with only the rows that are marked."""
        return replace(self, codes=[codes[kept] for codes in self.codes], lines=self.lines[kept])

    def without_blank_rows(self) -> Table:
        """The table with the rows in which no cell holds anything counted and taken out."""
        import numpy as np

        blank = np.ones(len(self.lines), dtype=bool)
        for codes, texts in zip(self.codes, self.texts, strict=True):
            if not blank.any():
                return self
            blank &= is_blank(texts)[codes]
        return replace(self.where(~blank), blank_rows=self.blank_rows + int(blank.sum()))


def is_blank(texts: pa.Array) -> np.ndarray:
    """Which of the texts are empty or only spaces."""
    import numpy as np
    import pyarrow.compute as pc

    return np.asarray(pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(texts)), 0))


def code_type(count: int) -> type[np.unsignedinteger]:
    """The smallest type for the codes of so many texts: most columns need one byte a row."""
    import numpy as np

    return np.uint8 if count <= 1 << 8 else np.uint16 if count <= 1 << 16 else np.uint32


class Gatherer:
    """Takes rows one after another and makes a `Table` of them."""

    def __init__(self, headers: tuple[str, ...], no_case: Callable[[Sequence[str]], str | None]) -> None:
        """`no_case`: why a row is no case, or None where it may be one; asked where a row has another width."""
        self._headers, self._no_case = headers, no_case
        self._left_out: list[tuple[int, str]] = []
        self._known = [_Codes() for _ in headers]
        self._codes = [array("i") for _ in headers]
        self._lines = array("q")
        self._waiting: list[Row] = []
        self._broken: list[BrokenRow] = []
        self.blank_rows = 0

    def add(self, row: list[str], line: int, last_line: int | None = None) -> None:
        """One row of texts; a blank one is counted, one of another width is put with the broken ones."""
        width = len(self._headers)
        if not any(cell and not cell.isspace() for cell in row):
            self.blank_rows += 1
        elif (len(row) < width or any(row[width:])) and (reason := self._no_case(row)):
            self.leave_out(line, reason)
        elif len(row) < width or any(row[width:]):
            read = (
                f" (lines {line} to {last_line} were read as one row; look for a quotation mark)"
                if last_line and last_line > line
                else ""
            )
            cells = f"{len(row)} cells"
            wanted = f"{width} cells, as many as there are column names{read}"
            self.broken(line, cells, wanted)
        else:
            self._waiting.append(row[:width] if len(row) > width else row)
            self._lines.append(line)
            if len(self._waiting) >= 20_000:
                self._sort()

    def leave_out(self, line: int, reason: str) -> None:
        """One row that is no case, or was chosen not to be read."""
        self._left_out.append((line, reason))

    def broken(self, line: int, found: str, expected: str) -> None:
        """One row that cannot be read."""
        self._broken.append(BrokenRow(line, found, expected))

    def table(self) -> Table:
        import numpy as np
        import pyarrow as pa

        self._sort()
        return Table(
            self._headers,
            [
                np.array(codes, dtype=code_type(len(known)))
                for codes, known in zip(self._codes, self._known, strict=True)
            ],
            [pa.array(list(known), pa.string()) for known in self._known],
            np.array(self._lines, dtype=np.int64),
            self._broken,
            self.blank_rows,
            self._left_out,
        )

    def _sort(self) -> None:
        for codes, known, cells in zip(self._codes, self._known, zip(*self._waiting, strict=True), strict=False):
            codes.extend(map(known.__getitem__, cells))
        self._waiting.clear()


class _Codes(dict[str, int]):
    """Each new text gets the next number."""

    def __missing__(self, text: str) -> int:
        self[text] = code = len(self)
        return code


def as_text(value: Any, mark: DecimalMark = DecimalMark.POINT) -> str:
    """A cell of a workbook or Parquet file as it would be typed: dates with the year first, numbers with this mark."""
    if value is None or value != value:  # NaN is not equal to itself
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        if abs(float(value)) < _LARGEST_WHOLE and value == int(value):
            return str(int(value))
        return str(value).replace(".", mark)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def checked_names(file: str, cells: Iterable[str], line: int, most: int) -> None:
    """Raises `CaseLogError` where a line holds no names of columns, or values instead, or more than `most` names."""
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise refusal(file, "a line of column names (see the template)", line)
    if len(names) > most:
        raise refusal(
            file, f"at most {most} columns (export only those that are needed)", line, value=f"{len(names)} columns"
        )
    values = [i for i, n in enumerate(names) if any(number(n, mark) is not None for mark in DecimalMark) or days(n)]
    dates = [i for i in values if number(names[i], DecimalMark.POINT) is None]
    if dates or (values and len(values) * 3 >= sum(bool(n) for n in names)):
        # The cell itself may be a birth date or a record number: its place is enough to find it.
        wanted = "column names in the first line, such as operation_date (here stands a number or a date; add a line of names)"
        raise refusal(file, wanted, line, f"{(dates or values)[0] + 1}")


def checked_headers(file: str, cells: Iterable[Any], line: int, most: int) -> tuple[str, ...]:
    """The names of the columns of a file that has them apart from its rows. Raises `CaseLogError` as `checked_names`, and for a name that stands twice."""
    names = [as_text(cell).strip() for cell in cells]
    checked_names(file, names, line, most)
    while not names[-1]:
        names.pop()
    named = [n for n in names if n]
    if twice := sorted({n for n in named if named.count(n) > 1}):
        raise CaseLogError([Problem(file, line, n, n, "each column name once (rename one of them)") for n in twice])
    return tuple(n or f"(column {i + 1}, no name)" for i, n in enumerate(names))
