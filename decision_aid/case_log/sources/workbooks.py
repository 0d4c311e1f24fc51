"""A case log as an Excel workbook (.xlsx): its sheets, the first rows of one, and the whole of it."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from decision_aid.case_log.cells import DecimalMark
from decision_aid.case_log.headers import known_names
from decision_aid.case_log.plan import CaseLogError, FileForm, refusal
from decision_aid.case_log.sources.files import CHUNK_BYTES, LARGEST_CELLS, MOST_COLUMNS, File
from decision_aid.case_log.sources.layout import LINES_LOOKED_AT, Layout, Record, found_layout, without_lines_of_no_case
from decision_aid.case_log.sources.sheet import Area, SheetFacts, letters, sheet_facts
from decision_aid.case_log.sources.table import Gatherer, Head, Progress, Row, Table, as_text

if TYPE_CHECKING:
    from openpyxl import Workbook

_KNOWN_OF_A_LOG = 3  # names of fields in one line
_ROWS_JUDGED = 60  # of each sheet, to see which one holds the cases
_ERRORS = frozenset(
    ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!", "#GETTING_DATA")
)


@dataclass(frozen=True, slots=True)
class Sheets:
    """The sheets of a workbook that hold anything. `likely`: the one that looks like cases."""

    names: tuple[str, ...]
    hidden: frozenset[str]
    likely: str
    alike: tuple[str, ...]  # sheets with the names of a log, as where each year has its own


def sheets(file: File) -> Sheets:
    """Which sheets there are. Raises `CaseLogError` for a workbook that is damaged or holds nothing."""
    with _workbook(file) as book:
        return _sheets(file, book)


def head(file: File, rows: int, sheet: str | None, chosen: FileForm) -> Head:
    """The names of the columns and the first `rows` rows of a sheet: the one asked for, else the one that looks like cases."""
    with _workbook(file) as book:
        extents = {s.title: s.max_row for s in book.worksheets}  # as the file says; may be missing or wrong
        found = _sheets(file, book)
        name = sheet if sheet is not None else found.likely
        _check_sheet(file, name, found.names)
        facts = _facts(file, book, name)
        layout = _layout(file, book, name)
        taken: list[Row] = []
        lines: list[int] = []
        for line, cells in _filled_below(book, name, layout, facts, chosen):
            if layout.no_case([as_text(c) for c in cells]) or (
                chosen.hidden_rows is False and line in facts.hidden_lines
            ):
                continue
            if len(taken) >= rows:
                break
            taken.append(cells)
            lines.append(line)
        extent = extents[name]
    line = layout.header_line
    count = len(taken) if len(taken) < rows else (max(extent - line, len(taken)) if extent else None)
    return Head(
        layout.names, line, tuple(taken), tuple(lines), count, sheet=name, sheets=found.names,
        notes=(*layout.notes, *_notes(layout, facts, chosen, found, name)),
        hidden_rows=sum(n > line for n in facts.hidden_lines),
        merged=tuple(map(str, facts.merged_below(line))),
        errors=sum(isinstance(c, str) and c in _ERRORS for row in taken for c in row),
    )  # fmt: skip


def table(file: File, sheet: str | None, chosen: FileForm, mark: DecimalMark, progress: Progress) -> Table:
    """The whole of a sheet; numbers are written with `mark`.

    Raises `CaseLogError` where the sheet must be chosen first, or what hidden rows and merged cells mean be said.
    """
    _check_parts(file)
    progress(0.05)
    with _workbook(file) as book:
        extents = {s.title: s.max_row for s in book.worksheets}
        found = _sheets(file, book)
        if sheet is None and len(found.names) > 1:
            raise refusal(file.name, "one sheet to be chosen (this workbook has several)", value=", ".join(found.names))
        name = sheet if sheet is not None else found.names[0]
        _check_sheet(file, name, found.names)
        extent = extents[name]
        facts = _facts(file, book, name)
        layout = _layout(file, book, name)
        hidden = frozenset(n for n in facts.hidden_lines if n > layout.header_line)
        merged = facts.merged_below(layout.header_line)
        if hidden and chosen.hidden_rows is None:
            raise refusal(
                file.name, f"to be told whether the {len(hidden):,} hidden rows of the sheet are read", min(hidden)
            )
        if merged and chosen.merged_cells is None:
            raise refusal(
                file.name, "to be told what cells mean that are merged over several rows", merged[0].top, str(merged[0])
            )
        further = {n for a in merged for n in range(max(a.top, layout.header_line + 1) + 1, a.bottom + 1)}
        gatherer = Gatherer(layout.names, layout.no_case)
        most = LARGEST_CELLS // len(layout.names)
        for count, (line, cells) in enumerate(
            _filled_below(book, name, layout, facts, chosen, blank_too=True), start=1
        ):
            row = [as_text(cell, mark) for cell in cells]
            if any(c and not c.isspace() for c in row) and line in hidden and not chosen.hidden_rows:
                gatherer.leave_out(line, "a hidden row, left out as chosen")
            elif any(c and not c.isspace() for c in row) and line in further and not chosen.merged_cells:
                gatherer.leave_out(line, "a further row of merged cells, left out as chosen")
            else:
                gatherer.add(row, line)
            if count > most:
                raise refusal(file.name, f"at most {LARGEST_CELLS:,} cells (export fewer columns or fewer years)", line)
            if count % 5_000 == 0 and extent:
                progress(0.05 + 0.95 * min(1.0, line / extent))
        notes = _notes(layout, facts, chosen, found, name)
    read = without_lines_of_no_case(gatherer.table(), layout)
    return replace(read, notes=(*read.notes, *notes))


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
    """Refuses XML that defines its own entities: they can unfold without end."""
    try:
        with file.open() as stream, zipfile.ZipFile(stream) as archive:
            for member in archive.infolist():
                if not member.filename.endswith((".xml", ".rels")):
                    continue
                with archive.open(member) as part:
                    start = part.read(CHUNK_BYTES)  # a definition stands at the beginning
                if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
                    raise refusal(
                        file.name, "a workbook as Excel saves it (this one defines its own characters; save it again)"
                    )
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, zipfile.zlib.error) as error:
        if isinstance(error, CaseLogError):
            raise
        raise refusal(
            file.name, "a whole workbook (this one is damaged; open it in Excel and save it again)"
        ) from error


def _facts(file: File, book: Workbook, sheet: str) -> SheetFacts:
    """What the sheet holds beside its values. Raises `CaseLogError` for formulas without a saved result."""
    with book[sheet]._get_source() as source:
        facts = sheet_facts(source.read())
    if facts.unsaved:
        line, column = facts.unsaved[0]
        many = len(facts.unsaved)
        what = "this is a formula" if many == 1 else f"this and {many - 1:,} more are formulas"
        result = "a saved result" if many == 1 else "saved results"
        wanted = f"values ({what} without {result}; open the workbook in Excel, save it, and choose it again)"
        raise refusal(file.name, wanted, line or None, column or None)
    return facts


def _sheets(file: File, book: Workbook) -> Sheets:
    names, best, alike = [], (-1, 0), []
    likely = ""
    for sheet in book.worksheets:
        records = _records(islice(_rows(sheet), _ROWS_JUDGED))
        filled = [r for r in records if any(c.strip() for c in r.cells)]
        if not filled and not any(any(_filled(c) for c in row) for row in islice(_rows(sheet), 1_000)):
            continue
        names.append(sheet.title)
        known = max((known_names([c.strip() for c in r.cells]) for r in filled), default=0)
        if known >= _KNOWN_OF_A_LOG:
            alike.append(sheet.title)
        score = (known, len(filled) if sheet.sheet_state == "visible" else 0)
        if score > best:
            best, likely = score, sheet.title
    if not names:
        raise refusal(
            file.name, "a sheet with a line of column names and a line for each case (this workbook is empty)"
        )
    hidden = frozenset(s.title for s in book.worksheets if s.sheet_state != "visible")
    return Sheets(tuple(names), hidden, likely, tuple(alike))


def _layout(file: File, book: Workbook, sheet: str) -> Layout:
    first = _records(islice(_rows(book[sheet]), LINES_LOOKED_AT))
    if not any(any(c.strip() for c in r.cells) for r in first):
        line = next((n for n, row in enumerate(_rows(book[sheet]), start=1) if any(map(_filled, row))), None)
        wanted = (
            f"the column names within the first {LINES_LOOKED_AT} lines"
            if line
            else "a line of column names and a line for each case (this sheet is empty)"
        )
        raise refusal(file.name, wanted, line)
    return found_layout(file.name, first, MOST_COLUMNS, lambda i: f"(column {letters(i + 1)}, no name)")


def _records(rows: Iterable[Row]) -> list[Record]:
    """Lines as texts, all of them as wide as the widest: a sheet does not store the empty cells at the end of a row."""
    texts = [[as_text(cell) for cell in row] for row in rows]
    width = max(map(len, texts), default=0)
    return [Record([*cells, *[""] * (width - len(cells))], n, n) for n, cells in enumerate(texts, start=1)]


def _filled_below(
    book: Workbook, sheet: str, layout: Layout, facts: SheetFacts, chosen: FileForm, blank_too: bool = False
) -> Iterator[tuple[int, Row]]:
    """The rows below the names with their lines, as wide as the table; merged cells filled where that was chosen."""
    width = len(layout.names)
    areas = facts.merged_below(layout.header_line) if chosen.merged_cells else ()
    starting: dict[int, list[Area]] = {}
    for area in areas:
        starting.setdefault(area.top, []).append(area)
    held: list[tuple[Area, Any]] = []
    for line, row in enumerate(_rows(book[sheet]), start=1):
        if line <= layout.header_line:
            continue
        cells = [*row, *[None] * (width - len(row))]
        held = [(area, value) for area, value in held if area.bottom >= line]
        for area, value in held:
            for i in range(area.left - 1, min(area.right, len(cells))):
                cells[i] = value if i == area.left - 1 else cells[i]
        held += [(area, cells[area.left - 1]) for area in starting.get(line, ()) if area.left <= len(cells)]
        if blank_too or any(map(_filled, cells)):
            yield line, cells if any(map(_filled, cells[width:])) else cells[:width]


def _notes(layout: Layout, facts: SheetFacts, chosen: FileForm, found: Sheets, sheet: str) -> tuple[str, ...]:
    notes = []
    if sheet in found.hidden:
        notes.append(f"The sheet “{sheet}” is hidden in Excel.")
    if others := [n for n in found.alike if n != sheet]:
        named = ", ".join(f"“{n}”" for n in others)
        notes.append(
            f"Only the sheet “{sheet}” is read. {named} looks like cases too: put them on one sheet to count them all."
            if len(others) == 1
            else f"Only the sheet “{sheet}” is read. {named} look like cases too: put them on one sheet to count them all."
        )
    if columns := [layout.names[i] for i in sorted(facts.hidden_columns) if i < len(layout.names)]:
        named = ", ".join(f"“{n}”" for n in columns)
        notes.append(f"Hidden in Excel, and can be chosen all the same: {named}.")
    if (rows := sum(n > layout.header_line for n in facts.hidden_lines)) and chosen.hidden_rows:
        notes.append(f"{rows:,} hidden rows of the sheet were read as well.")
    if chosen.merged_cells and facts.merged_below(layout.header_line):
        notes.append("The value of merged cells was read for each of their rows.")
    return tuple(notes)


def _check_sheet(file: File, chosen: str, sheets: tuple[str, ...]) -> None:
    if chosen not in sheets:
        raise refusal(file.name, f"one of the sheets {', '.join(sheets)}", value=chosen)


def _rows(sheet: Any) -> Iterator[Row]:
    # Some programs write a wrong extent into a sheet; without it the rows are read as far as they go.
    sheet.reset_dimensions()
    yield from sheet.iter_rows(values_only=True)


def _filled(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))
