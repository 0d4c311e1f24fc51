"""One file of a dataset to checked rows, or to every fault that keeps it from being read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from decision_aid.domain.problems import Problem
from decision_aid.evidence.cells import LARGEST_NUMBER, TOO_LARGE, EvidenceRow
from decision_aid.evidence.tables import KEYS, columns

# A table of a few thousand rows is far below this; anything larger is not one of ours and is not read into memory.
LARGEST_FILE_BYTES = 64 * 1024 * 1024


def text_of(path: Path, problems: list[Problem]) -> str | None:
    """The text of a file with plain line ends, or None after noting why not."""
    found = _text_or_fault(path)
    if isinstance(found, str):
        return found
    problems.append(found)
    return None


def _text_or_fault(path: Path) -> str | Problem:
    def fault(expected: str, line: int | None = None, value: str | None = None) -> Problem:
        return Problem(path.name, line, None, value, expected)

    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            return fault("a table of at most 64 MB")
        data = path.read_bytes()
    except FileNotFoundError:
        return fault("the file to be there (it is missing)")
    except OSError as error:
        return fault(f"a readable file ({error.strerror or error})")
    if b"\0" in data:
        return fault(
            "text saved as UTF-8 (this is another encoding or a damaged file)",
            data[: data.index(b"\0")].count(b"\n") + 1,
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return fault("text saved as UTF-8 (save it as “CSV UTF-8”)", line, repr(data[error.start : error.end])[2:-1])
    if not text.strip():
        return fault("a header and rows (the file is empty)")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def checked_rows(name: str, text: str, model: type[EvidenceRow], problems: list[Problem]) -> list[EvidenceRow]:
    """The rows of a table; what is wrong with it is added to `problems`."""
    rows, found = _rows_and_faults(name, text, model)
    problems.extend(found)
    if not rows and not problems:
        problems.append(Problem(name, None, None, None, "at least one row below the header"))
    return list(rows)


@lru_cache(maxsize=64)
def _rows_and_faults(
    name: str, text: str, model: type[EvidenceRow]
) -> tuple[tuple[EvidenceRow, ...], tuple[Problem, ...]]:
    """What a text holds never changes: where one table was mended, the others need not be read again."""
    problems: list[Problem] = []
    reader = csv.reader(io.StringIO(text), strict=True)
    expected = list(columns(model))
    rows: list[EvidenceRow] = []
    seen: dict[tuple[object, ...], int] = {}
    try:
        header = next(reader)
        if header != expected:
            return (), tuple(_header_problems(name, header, expected))
        line = reader.line_num + 1
        for cells in reader:
            if cells:
                _parse_row(name, line, cells, expected, model, rows, seen, problems)
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(name, reader.line_num, None, None, f"a well-formed CSV row ({error})"))
    if not text.endswith("\n"):  # a cut inside the last cell leaves no other trace
        wanted = "a line end after the last row (without one, the file may have been cut short)"
        problems.append(Problem(name, reader.line_num, None, None, wanted))
    return tuple(rows), tuple(problems)


def _parse_row(
    name: str,
    line: int,
    cells: list[str],
    expected: list[str],
    model: type[EvidenceRow],
    rows: list[EvidenceRow],
    seen: dict[tuple[object, ...], int],
    problems: list[Problem],
) -> None:
    if len(cells) != len(expected):
        problems.append(Problem(name, line, None, f"{len(cells)} cells", f"{len(expected)} cells, one for each column"))
        return
    try:
        row = model.model_validate({"line": line, **dict(zip(expected, cells, strict=True))})
    except ValidationError as error:
        for fault in error.errors():
            column = str(fault["loc"][0])
            wanted = str(model.model_fields[column].description)
            if fault["type"] == TOO_LARGE:
                wanted += f", not beyond {LARGEST_NUMBER:,}"
            problems.append(Problem(name, line, column, cells[expected.index(column)], wanted))
        return
    for column, wanted in row.faults():
        problems.append(Problem(name, line, column, cells[expected.index(column)], wanted))
    key = tuple(getattr(row, column) for column in KEYS[name])
    if key in seen:
        shown = ", ".join(str(part) for part in key if part not in (None, ""))
        problems.append(Problem(name, line, KEYS[name][0], shown, f"each key once (line {seen[key]} has it already)"))
    seen.setdefault(key, line)
    rows.append(row)


def _header_problems(name: str, header: list[str], expected: list[str]) -> Iterable[Problem]:
    if len(header) == 1 and header[0].count(";") >= len(expected) - 1:
        yield Problem(name, 1, None, header[0], "cells parted by commas (these are parted by semicolons)")
        return
    missing = [c for c in expected if c not in header]
    extra = [c for c in header if c not in expected]
    for column in missing:
        yield Problem(name, 1, column, None, "this column to be there (it is missing)")
    for column in extra:
        yield Problem(name, 1, column or "(no name)", None, "no such column")
    if len(set(header)) != len(header):
        yield Problem(name, 1, None, ", ".join(sorted({c for c in header if header.count(c) > 1})), "each column once")
    elif not missing and not extra:
        yield Problem(name, 1, None, ", ".join(header), "the columns in this order: " + ", ".join(expected))
