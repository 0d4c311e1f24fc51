"""A case log as an Excel workbook (.xlsx): its sheets, the first rows of one, and the whole of it."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from decision_aid.caselog_cells import DecimalMark
from decision_aid.caselog_files import CHUNK_BYTES, LARGEST_CELLS, MOST_COLUMNS, File
from decision_aid.caselog_plan import CaseLogError, refusal
from decision_aid.caselog_table import Gatherer, Head, Progress, Row, Table, as_text, check_no_title, checked_headers

if TYPE_CHECKING:
    from openpyxl import Workbook

_OVERLAP_BYTES = 256
# A formula whose result was never saved reads as an empty cell; an empty cell means “not recorded”, which it is not.
_FORMULA_WITHOUT_RESULT = re.compile(rb"(?:</f>|<f[^>]*/>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")


def head(file: File, rows: int, sheet: str | None) -> Head:
    """The names of the columns and the first `rows` rows of a sheet: the one asked for, else the first that holds anything."""
    with _workbook(file) as book:
        extents = {s.title: s.max_row for s in book.worksheets}  # as the file says; may be missing or wrong
        sheets = _filled_sheets(file, book)
        chosen = sheet if sheet is not None else sheets[0]
        _check_sheet(file, chosen, sheets)
        names, line, below = _below_header(file, book, chosen)
        taken, lines = [], []
        for number, cells in islice(((n, c) for n, c in below if any(_filled(v) for v in c)), rows):
            check_no_title(file.name, names, line, cells if not taken else ())
            taken.append([*cells[: len(names)], *[None] * (len(names) - len(cells))])
            lines.append(number)
        extent = extents[chosen]
    count = len(taken) if len(taken) < rows else (max(extent - line, len(taken)) if extent else None)
    return Head(names, line, tuple(taken), tuple(lines), count, sheet=chosen, sheets=sheets)


def table(file: File, sheet: str | None, mark: DecimalMark, progress: Progress) -> Table:
    """The whole of a sheet; numbers are written with `mark`. Raises `CaseLogError` where the sheet must be chosen first."""
    _check_parts(file)
    progress(0.05)
    with _workbook(file) as book:
        extents = {s.title: s.max_row for s in book.worksheets}
        sheets = _filled_sheets(file, book)
        if sheet is None and len(sheets) > 1:
            raise refusal(file.name, "one sheet to be chosen (this workbook has several)", value=", ".join(sheets))
        chosen = sheet if sheet is not None else sheets[0]
        _check_sheet(file, chosen, sheets)
        extent = extents[chosen]
        names, _, below = _below_header(file, book, chosen)
        gatherer = Gatherer(names)
        most = LARGEST_CELLS // len(names)
        for count, (line, cells) in enumerate(below, start=1):
            row = [as_text(cell, mark) for cell in cells]
            row += [""] * (len(names) - len(row))  # a sheet does not store the empty cells at the end of a row
            gatherer.add(row, line)
            if count > most:
                raise refusal(file.name, f"at most {LARGEST_CELLS:,} cells (export fewer columns or fewer years)", line)
            if count % 5_000 == 0 and extent:
                progress(0.05 + 0.95 * min(1.0, line / extent))
    return gatherer.table()


def first_rows(file: File, rows: int) -> Iterator[list[Row]]:
    """The first rows of each sheet that hold anything. Raises `CaseLogError` for a damaged workbook."""
    with _workbook(file) as book:
        for sheet in book.worksheets:
            looked_at = islice(_rows(sheet), 100)
            yield list(islice((row for row in looked_at if any(_filled(cell) for cell in row)), rows))


@contextmanager
def _workbook(file: File) -> Iterator[Workbook]:
    from openpyxl import load_workbook

    with warnings.catch_warnings(), file.open() as stream:
        # What openpyxl does not know of a workbook (styles, drop-down lists) is no part of its values.
        warnings.filterwarnings("ignore", module=r"openpyxl\.")
        try:
            book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
            try:
                yield book
            finally:
                book.close()
        except CaseLogError:
            raise
        except MemoryError:
            raise
        except Exception as error:  # a damaged workbook makes openpyxl and the XML reader fail in every way there is
            raise refusal(
                file.name, "a whole workbook (this one is damaged; open it in Excel and save it again, or as CSV)"
            ) from error


def _check_parts(file: File) -> None:
    """Refuses XML that defines its own entities (they can unfold without end) and formulas without a saved result."""
    try:
        with file.open() as stream, zipfile.ZipFile(stream) as archive:
            for member in archive.infolist():
                is_sheet = member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml")
                if not is_sheet and not member.filename.endswith((".xml", ".rels")):
                    continue
                with archive.open(member) as part:
                    _check_part(file, iter(lambda part=part: part.read(CHUNK_BYTES), b""), is_sheet)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, zipfile.zlib.error) as error:
        if isinstance(error, CaseLogError):
            raise
        raise refusal(
            file.name, "a whole workbook (this one is damaged; open it in Excel and save it again)"
        ) from error


def _check_part(file: File, chunks: Iterator[bytes], is_sheet: bool) -> None:
    tail = b""
    for chunk in chunks:
        text = tail + chunk
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
            raise refusal(
                file.name, "a workbook as Excel saves it (this one defines its own characters; save it again)"
            )
        if not is_sheet:
            return  # a definition stands at the beginning
        if found := _FORMULA_WITHOUT_RESULT.search(text):
            cells = re.findall(rb'<c [^>]*?r="([A-Z]+)([0-9]+)"', text[: found.start()])
            column, line = (cells[-1][0].decode(), int(cells[-1][1])) if cells else (None, None)
            raise refusal(
                file.name,
                "values (this is a formula without a saved result; open the workbook in Excel and save it)",
                line,
                column,
            )
        tail = text[-_OVERLAP_BYTES:]


def _filled_sheets(file: File, book: Workbook) -> tuple[str, ...]:
    found = tuple(
        sheet.title
        for sheet in book.worksheets
        if any(any(_filled(cell) for cell in row) for row in islice(_rows(sheet), 100))
    )
    if not found:
        raise refusal(
            file.name, "a sheet with a line of column names and a line for each case (this workbook is empty)"
        )
    return found


def _check_sheet(file: File, chosen: str, sheets: tuple[str, ...]) -> None:
    if chosen not in sheets:
        raise refusal(file.name, f"one of the sheets {', '.join(sheets)}", value=chosen)


def _below_header(file: File, book: Workbook, sheet: str) -> tuple[tuple[str, ...], int, Iterator[tuple[int, Row]]]:
    """Names of the columns, the line they stand on, and the numbered rows below."""
    numbered = enumerate(_rows(book[sheet]), start=1)
    for line, cells in numbered:
        if any(_filled(cell) for cell in cells):
            return checked_headers(file.name, cells, line, MOST_COLUMNS), line, numbered
    raise refusal(file.name, "a line of column names and a line for each case (this sheet is empty)")


def _rows(sheet: Any) -> Iterator[Row]:
    # Some programs write a wrong extent into a sheet; without it the rows are read as far as they go.
    sheet.reset_dimensions()
    yield from sheet.iter_rows(values_only=True)


def _filled(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))
