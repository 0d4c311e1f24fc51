"""Effects and standard errors from a CSV file, for the command line: a clear table or a sentence that says what is not."""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path

COLUMNS = ("effect", "standard_error")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_OTHER_MARKS = {";": "semicolons", "\t": "tabs"}
_SAVE_AS = "Save it as CSV with commas between the columns and a point in the numbers."


class EffectsFileError(Exception):
    """A file that cannot be pooled; the message names file, line, column and value, and says what to do."""


def read(path: Path) -> tuple[list[float], list[float]]:
    """The two columns of a file, other columns left out. Raises `EffectsFileError`."""
    if path.is_dir():
        raise EffectsFileError(f"{path}: this is a folder. Name the CSV file in it.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, None)
            where = _columns(path, header)
            pairs = [_pair(path, reader.line_num, cells, where, len(header or ())) for cells in reader if any(cells)]
    except OSError as error:
        raise EffectsFileError(f"{path}: {error.strerror or error}.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise EffectsFileError(f"{path}: not a CSV file in UTF-8 ({error}).") from None
    if not pairs:
        raise EffectsFileError(f"{path}: there is no study in it, only the line of headings.")
    return [effect for effect, _ in pairs], [error for _, error in pairs]


def _columns(path: Path, header: list[str] | None) -> tuple[int, int]:
    """Where the two columns stand."""
    expected = f"expected {', '.join(COLUMNS)}"
    if header is None:
        raise EffectsFileError(
            f"{path}: the file is empty, so the column {' and '.join(COLUMNS)} is missing; {expected}."
        )
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        for mark, name in _OTHER_MARKS.items():
            if mark in ",".join(header):
                raise EffectsFileError(f"{path}, line 1: the columns are parted by {name}. {_SAVE_AS}")
        raise EffectsFileError(f"{path}, line 1: the column {' and '.join(sorted(missing))} is missing; {expected}.")
    for name in COLUMNS:
        if header.count(name) > 1:
            raise EffectsFileError(
                f"{path}, line 1: the column {name} stands there {header.count(name)} times; {expected}."
            )
    return header.index(COLUMNS[0]), header.index(COLUMNS[1])


def _pair(path: Path, line: int, cells: list[str], where: tuple[int, int], width: int) -> tuple[float, float]:
    if len(cells) != width:
        raise EffectsFileError(
            f"{path}, line {line}: {len(cells)} {'cell' if len(cells) == 1 else 'cells'} under {width} headings. A number with a decimal comma falls into two "
            f"cells. {_SAVE_AS}"
        )
    effect, error = (_number(path, line, name, cells[i]) for name, i in zip(COLUMNS, where, strict=True))
    if error <= 0:
        raise EffectsFileError(_found(path, line, COLUMNS[1], cells[where[1]], "a number above 0"))
    return effect, error


def _number(path: Path, line: int, column: str, cell: str) -> float:
    text = cell.strip()
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise EffectsFileError(_found(path, line, column, cell, "a number such as -0.35"))
    return float(text)


def _found(path: Path, line: int, column: str, cell: str, expected: str) -> str:
    return f"{path}, line {line}, column {column}: found “{cell}”; expected {expected}."
