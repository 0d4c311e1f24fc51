"""A case log as CSV: its separator, its first rows, and the whole of it.

Two readers give the same table. The quick one (Arrow) takes files in which every line is a row of the right width; at the
first sign of anything else the careful one (Python's csv) reads the file again and says which lines are broken.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from decision_aid.caselog_files import CHUNK_BYTES, LARGEST_CELLS, MOST_COLUMNS, File, TextForm, text_form
from decision_aid.caselog_plan import refusal
from decision_aid.caselog_table import Gatherer, Head, Progress, Table, check_no_title, checked_headers, code_type

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SEPARATOR_LINE = re.compile(r"\s*\"?sep=(.)\"?\s*", re.IGNORECASE)  # Excel's own first line
_LINES_LOOKED_AT = 50
_BLOCK_BYTES = 8 * CHUNK_BYTES
_LONGEST_SEPARATOR_SAMPLE = 64 * 1024  # characters


def head(file: File, rows: int) -> Head:
    """The names of the columns and the first `rows` rows. Raises `CaseLogError` where there is no table of text."""
    form = text_form(file)
    return _head(file, form, rows)


def table(file: File, progress: Progress) -> Table:
    """The whole file. Raises `CaseLogError` where it is no table or too large to be checked in memory."""
    form = text_form(file)
    start = _head(file, form, 0)
    progress(0.1)
    cells = (form.lines - start.header_line) * len(start.headers)
    if cells > LARGEST_CELLS:
        raise refusal(
            file.name,
            f"at most {LARGEST_CELLS:,} cells (export fewer columns or fewer years)",
            value=f"{form.lines - start.header_line:,} rows of {len(start.headers)} columns",
        )
    quick = _quick_table(file, form, start)
    return quick if quick is not None else _careful_table(file, form, start, progress)


def _head(file: File, form: TextForm, rows: int) -> Head:
    with _text(file, form) as stream:
        sample = stream.read(_LONGEST_SEPARATOR_SAMPLE)
    separator = _separator(sample)
    names: tuple[str, ...] | None = None
    header_line = 0
    taken: list[list[str]] = []
    lines: list[int] = []
    with _text(file, form) as stream:
        for cells, line, last_line in _records(file, stream, separator):
            if names is None:
                cells = cells or []
                if any(c.strip() for c in cells) and not (
                    line == 1 and _SEPARATOR_LINE.fullmatch(separator.join(cells))
                ):
                    names, header_line = checked_headers(file.name, cells, last_line, MOST_COLUMNS), last_line
                continue
            if not taken:
                check_no_title(file.name, names, header_line, cells or ())
            if len(taken) >= rows:
                break
            if cells and any(c.strip() for c in cells):
                taken.append([*cells[: len(names)], *[""] * (len(names) - len(cells))])
                lines.append(line)
    if names is None:
        raise refusal(file.name, "a line of column names and a line for each case (this file holds no text)")
    return Head(
        names, header_line, tuple(taken), tuple(lines), max(0, form.lines - header_line), form.encoding, separator
    )


def _separator(sample: str) -> str:
    """The mark between the cells: the one that parts the most lines into as many cells as the first."""
    first = sample.split("\n", 1)[0]
    if said := _SEPARATOR_LINE.fullmatch(first.strip("\r\n\ufeff")):
        return said[1]
    best, best_score = ",", (0.0, 0)
    lines = list(io.StringIO(sample, newline=""))
    if len(sample) == _LONGEST_SEPARATOR_SAMPLE and len(lines) > 1:
        lines.pop()  # it may be cut
    for mark in SEPARATORS:
        try:
            widths = [
                len(r)
                for r, _ in zip(csv.reader(lines, delimiter=mark), range(_LINES_LOOKED_AT), strict=False)
                if any(r)
            ]
        except csv.Error:
            continue
        if not widths or widths[0] < 2:
            continue
        score = (sum(w == widths[0] for w in widths) / len(widths), widths[0])
        if score > best_score:
            best, best_score = mark, score
    return best


@contextmanager
def _text(file: File, form: TextForm) -> Iterator[io.TextIOWrapper]:
    with file.open() as raw, io.TextIOWrapper(raw, form.encoding, newline="", errors="strict") as stream:
        try:
            yield stream
        except UnicodeError as error:
            raise refusal(file.name, "text in one encoding throughout (save it as CSV UTF-8)") from error


def _records(file: File, stream: io.TextIOWrapper, separator: str) -> Iterator[tuple[list[str] | None, int, int]]:
    """Each record with its first and last line; None for a line whose quotation marks do not fit.

    Where such a mark swallows further lines, nobody knows what they were: then the file is refused.
    """
    reader = csv.reader(stream, delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record: list[str] | None = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error) or "field limit" in str(error) or reader.line_num > line:
                wanted = "a closing quotation mark (without it the lines below are swallowed; put it in or take the opening one out)"
                raise refusal(file.name, wanted, line) from error
            record = None
        yield record, line, reader.line_num


def _quick_table(file: File, form: TextForm, start: Head) -> Table | None:
    """The table as Arrow reads it, or None where the lines are not one row each."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv

    if form.encoding.startswith("utf-16") or start.header_line >= form.lines:
        return None
    names = [str(i) for i in range(len(start.headers))]
    try:
        with file.open() as stream:
            read = pyarrow.csv.read_csv(
                stream,
                pyarrow.csv.ReadOptions(
                    block_size=_BLOCK_BYTES,
                    skip_rows=start.header_line,
                    column_names=names,
                    encoding="utf-8" if form.encoding == "utf-8-sig" else form.encoding,
                ),
                pyarrow.csv.ParseOptions(
                    delimiter=start.separator, newlines_in_values=form.quoted, ignore_empty_lines=False
                ),
                pyarrow.csv.ConvertOptions(
                    column_types={name: pa.dictionary(pa.int32(), pa.string()) for name in names},
                    strings_can_be_null=False,
                ),
            )
    except (pa.ArrowInvalid, UnicodeError):
        return None
    rows = read.num_rows
    if rows != form.lines - start.header_line:
        return None
    read = read.unify_dictionaries()
    texts = [column.chunk(0).dictionary for column in read.columns]

    def codes_of(column: pa.ChunkedArray, column_texts: pa.Array) -> np.ndarray:
        parts = [part.indices.to_numpy(zero_copy_only=False) for part in column.chunks]
        return np.concatenate(parts, dtype=code_type(len(column_texts)), casting="unsafe")

    with ThreadPoolExecutor(max_workers=2) as pool:
        codes = list(pool.map(codes_of, read.columns, texts))
    lines = np.arange(start.header_line + 1, start.header_line + 1 + rows, dtype=np.int64)
    return Table(start.headers, codes, texts, lines, [], 0).without_blank_rows()


def _careful_table(file: File, form: TextForm, start: Head, progress: Progress) -> Table:
    gatherer = Gatherer(start.headers)
    with _text(file, form) as stream:
        for record, line, last_line in _records(file, stream, start.separator or ","):
            if line <= start.header_line:
                continue
            if record is None:
                gatherer.broken(
                    line, "a quotation mark inside a quoted cell", "quotation marks only round a whole cell"
                )
            else:
                gatherer.add(record, line, last_line)
            if line % 50_000 == 0:
                progress(0.1 + 0.9 * min(1.0, line / form.lines))
    return gatherer.table()
