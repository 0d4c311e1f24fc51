"""A case log as CSV: its separator, its first rows, and the whole of it.

Two readers give the same table. The quick one (Arrow) takes files in which every line is a row of the right width; at the
first sign of anything else the careful one (Python's csv) reads the file again and says which lines are broken.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from decision_aid.case_log.headers import known_names
from decision_aid.case_log.plan import FileForm, refusal
from decision_aid.case_log.sources.files import CHUNK_BYTES, LARGEST_CELLS, MOST_COLUMNS, File, TextForm, text_form
from decision_aid.case_log.sources.layout import (
    LINES_LOOKED_AT,
    FileLine,
    Layout,
    found_layout,
    without_lines_of_no_case,
)
from decision_aid.case_log.sources.letters import ENCODINGS
from decision_aid.case_log.sources.table import Gatherer, Head, Progress, Table, code_type

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SEPARATOR_LINE = re.compile(r"\s*\"?sep=(.)\"?\s*", re.IGNORECASE)  # Excel's own first line
_LINES_LOOKED_AT = 50
_BLOCK_BYTES = 8 * CHUNK_BYTES
_LONGEST_SEPARATOR_SAMPLE = 64 * 1024  # characters
_FEWEST_KNOWN = 2  # names of fields in one line that show its separator
_NEARLY = 0.8


@dataclass(frozen=True, slots=True)
class Start:
    """How a file is written, and where its table begins."""

    form: TextForm
    separator: str
    layout: Layout

    @property
    def rows(self) -> int:
        """How many lines there are below the names."""
        return max(0, self.form.lines - self.layout.header_line)


def written(file: File, chosen: FileForm) -> tuple[str, str, bool]:
    """The encoding and the separator of a file, chosen or found, and whether both are certain."""
    form = _text_form(file, chosen)
    with _text(file, form) as stream:
        separator, certain = _separator(stream.read(_LONGEST_SEPARATOR_SAMPLE))
    said = chosen.separator or separator
    return form.encoding, said, (form.certain or chosen.encoding is not None) and (certain or said == chosen.separator)


def head(file: File, rows: int, chosen: FileForm) -> Head:
    """The names of the columns and the first `rows` rows. Raises `CaseLogError` where there is no table of text."""
    start = _start(file, chosen)
    layout, width = start.layout, len(start.layout.names)
    taken: list[list[str]] = []
    lines: list[int] = []
    with _text(file, start.form) as stream:
        for cells, line, _ in _records(file, stream, start.separator):
            if line <= layout.header_line or not cells or not any(c.strip() for c in cells) or layout.no_case(cells):
                continue
            if len(taken) >= rows:
                break
            taken.append([*cells[:width], *[""] * (width - len(cells))])
            lines.append(line)
    return Head(
        layout.names, layout.header_line, tuple(taken), tuple(lines), start.rows, start.form.encoding, start.separator,
        notes=layout.notes,
    )  # fmt: skip


def table(file: File, chosen: FileForm, progress: Progress) -> Table:
    """The whole file. Raises `CaseLogError` where it is no table or too large to be checked in memory."""
    start = _start(file, chosen)
    progress(0.1)
    if start.rows * len(start.layout.names) > LARGEST_CELLS:
        raise refusal(
            file.name,
            f"at most {LARGEST_CELLS:,} cells (export fewer columns or fewer years)",
            value=f"{start.rows:,} rows of {len(start.layout.names)} columns",
        )
    quick = _quick_table(file, start)
    return without_lines_of_no_case(quick if quick is not None else _careful_table(file, start, progress), start.layout)


def _text_form(file: File, chosen: FileForm) -> TextForm:
    form = text_form(file)
    return form if chosen.encoding is None else replace(form, encoding=chosen.encoding)


def _start(file: File, chosen: FileForm) -> Start:
    form = _text_form(file, chosen)
    with _text(file, form) as stream:
        sample = stream.read(_LONGEST_SEPARATOR_SAMPLE)
    separator = chosen.separator or _separator(sample)[0]
    first: list[FileLine] = []
    with _text(file, form) as stream:
        for cells, line, last_line in _records(file, stream, separator):
            if line == 1 and cells and _SEPARATOR_LINE.fullmatch(separator.join(cells)):
                continue
            if cells is not None:
                cells = [c.lstrip("\ufeff") for c in cells] if line == 1 else cells
                first.append(FileLine(cells, line, last_line))
            if len(first) >= LINES_LOOKED_AT:
                break
    layout = found_layout(file.name, first, MOST_COLUMNS, lambda i: f"(column {i + 1}, no name)")
    return Start(form, separator, layout)


def _separator(sample: str) -> tuple[str, bool]:
    """The mark between the cells, and whether no other is as likely.

    It is the one that gives names of fields, then the one that parts most lines into as many cells.
    """
    first = sample.split("\n", 1)[0]
    if said := _SEPARATOR_LINE.fullmatch(first.strip("\r\n\ufeff")):
        return said[1], True
    lines = list(io.StringIO(sample, newline=""))
    if len(sample) == _LONGEST_SEPARATOR_SAMPLE and len(lines) > 1:
        lines.pop()  # it may be cut
    scores: dict[str, tuple[bool, float, int]] = {}
    for mark in SEPARATORS:
        try:
            rows = [
                r
                for r, _ in zip(csv.reader(lines, delimiter=mark), range(_LINES_LOOKED_AT), strict=False)
                if any(c.strip() for c in r)
            ]
        except csv.Error:
            continue
        widths = Counter(len(r) for r in rows if len(r) > 1)
        if not widths:
            continue
        width, often = max(widths.items(), key=lambda found: (found[1], found[0]))
        scores[mark] = (max(known_names(r) for r in rows) >= _FEWEST_KNOWN, often / len(rows), width)
    if not scores:
        return ",", len(lines) < 2
    best = max(scores, key=lambda mark: scores[mark])
    near = [m for m, s in scores.items() if m != best and s[0] == scores[best][0] and s[1] >= _NEARLY * scores[best][1]]
    return best, not near


@contextmanager
def _text(file: File, form: TextForm) -> Iterator[io.TextIOWrapper]:
    with file.open() as raw, io.TextIOWrapper(raw, form.encoding, newline="", errors="strict") as stream:
        try:
            yield stream
        except UnicodeError as error:
            wanted = f"text in one encoding throughout (these bytes are no {ENCODINGS.get(form.encoding, form.encoding)}; choose other letters, or save it as CSV UTF-8)"
            raise refusal(file.name, wanted) from error


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


def _quick_table(file: File, start: Start) -> Table | None:
    """The table as Arrow reads it, or None where the lines are not one row each."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv

    form, header_line = start.form, start.layout.header_line
    if form.encoding.startswith("utf-16") or header_line >= form.lines:
        return None
    names = [str(i) for i in range(len(start.layout.names))]
    try:
        with file.open() as stream:
            read = pyarrow.csv.read_csv(
                stream,
                pyarrow.csv.ReadOptions(
                    block_size=_BLOCK_BYTES,
                    skip_rows=header_line,
                    column_names=names,
                    encoding="utf-8" if form.encoding == "utf-8-sig" else form.encoding,
                ),
                pyarrow.csv.ParseOptions(
                    delimiter=start.separator,
                    quote_char='"' if form.quoted else False,
                    newlines_in_values=form.quoted,
                    ignore_empty_lines=False,
                ),
                pyarrow.csv.ConvertOptions(
                    column_types={name: pa.dictionary(pa.int32(), pa.string()) for name in names},
                    strings_can_be_null=False,
                ),
            )
    except (pa.ArrowInvalid, UnicodeError):
        return None
    rows = read.num_rows
    if rows != start.rows:
        return None
    read = read.unify_dictionaries()
    texts = [column.chunk(0).dictionary for column in read.columns]

    def codes_of(column: pa.ChunkedArray, column_texts: pa.Array) -> np.ndarray:
        parts = [part.indices.to_numpy(zero_copy_only=False) for part in column.chunks]
        return np.concatenate(parts, dtype=code_type(len(column_texts)), casting="unsafe")

    with ThreadPoolExecutor(max_workers=2) as pool:
        codes = list(pool.map(codes_of, read.columns, texts))
    lines = np.arange(header_line + 1, header_line + 1 + rows, dtype=np.int64)
    return Table(start.layout.names, codes, texts, lines, [], 0).without_blank_rows()


def _careful_table(file: File, start: Start, progress: Progress) -> Table:
    gatherer = Gatherer(start.layout.names, start.layout.no_case)
    with _text(file, start.form) as stream:
        for record, line, last_line in _records(file, stream, start.separator):
            if line <= start.layout.header_line:
                continue
            if record is None:
                gatherer.broken(
                    line, "a quotation mark inside a quoted cell", "quotation marks only round a whole cell"
                )
            else:
                gatherer.add(record, line, last_line)
            if line % 50_000 == 0:
                progress(0.1 + 0.9 * min(1.0, line / start.form.lines))
    return gatherer.table()
