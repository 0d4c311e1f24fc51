"""A case log as a workbook, of Excel (.xlsx, .xlsm, .xls) or LibreOffice (.ods): its sheets, the first rows of one, and the whole of it."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias
from xml.etree import ElementTree

from decision_aid.case_log.cells import DecimalMark
from decision_aid.case_log.headers import known_names
from decision_aid.case_log.plan import CaseLogError, FileForm, refusal
from decision_aid.case_log.sources.files import CHUNK_BYTES, LARGEST_CELLS, MOST_COLUMNS, File
from decision_aid.case_log.sources.layout import (
    LINES_LOOKED_AT,
    FileLine,
    Layout,
    found_layout,
    without_lines_of_no_case,
)
from decision_aid.case_log.sources.other_sheets import PasswordNeeded, ods_facts, xls_facts
from decision_aid.case_log.sources.sheet import Area, SheetFacts, letters, sheet_facts, too_long
from decision_aid.case_log.sources.table import Gatherer, Head, Progress, Table, as_text

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

Cell: TypeAlias = int | float | str | bool | time | date | timedelta

_KNOWN_OF_A_LOG = 3  # names of fields in one line
_ROWS_JUDGED = 60  # of each sheet, to see which one holds the cases
_MOST_CELLS = 40_000_000  # of all sheets, the empty ones between others counted: so many are held at once
_MOST_TEXT_BYTES = 1_000_000_000
_MANIFEST = "META-INF/manifest.xml"
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
        found = _sheets(file, book)
        name = sheet if sheet is not None else found.likely
        _check_sheet(file, name, found.names)
        facts = book.facts[name]
        _check_formulas(file, facts)
        layout = _layout(file, book, name)
        taken: list[list[Cell]] = []
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
        extent = book.sheet(name).total_height
    line = layout.header_line
    count = len(taken) if len(taken) < rows else max(extent - line, len(taken))
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
    progress(0.05)
    with _workbook(file) as book:
        found = _sheets(file, book)
        if sheet is None and len(found.names) > 1:
            raise refusal(file.name, "one sheet to be chosen (this workbook has several)", value=", ".join(found.names))
        name = sheet if sheet is not None else found.names[0]
        _check_sheet(file, name, found.names)
        extent = book.sheet(name).total_height
        facts = book.facts[name]
        _check_formulas(file, facts)
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
        further = {n for a in merged for n in range(max(a.top, layout.header_line + 1) + 1, min(a.bottom, extent) + 1)}
        gatherer = Gatherer(layout.names, layout.no_case)
        most = LARGEST_CELLS // len(layout.names)
        for count, (line, cells) in enumerate(
            _filled_below(book, name, layout, facts, chosen, blank_too=True), start=1
        ):
            row = [cell if type(cell) is str else as_text(cell, mark) for cell in cells]
            if any(c and not c.isspace() for c in row) and line in hidden and not chosen.hidden_rows:
                gatherer.leave_out(line, "a hidden row, left out as chosen")
            elif any(c and not c.isspace() for c in row) and line in further and not chosen.merged_cells:
                gatherer.leave_out(line, "a further row of merged cells, left out as chosen")
            else:
                gatherer.add(row, line)
            if count > most:
                raise refusal(file.name, f"at most {LARGEST_CELLS:,} cells (export fewer columns or fewer years)", line)
            if count % 5_000 == 0:
                progress(0.05 + 0.95 * min(1.0, line / extent))
        notes = _notes(layout, facts, chosen, found, name)
    read = without_lines_of_no_case(gatherer.table(), layout)
    return replace(read, notes=(*read.notes, *notes))


def first_rows(file: File, rows: int) -> Iterator[list[list[Cell]]]:
    """The first rows of each sheet that hold anything. Raises `CaseLogError` for a damaged workbook."""
    with _workbook(file) as book:
        for name in book.names:
            looked_at = islice(book.rows(name), 100)
            yield list(islice((row for row in looked_at if any(map(_filled, row))), rows))


@dataclass(frozen=True, slots=True)
class _Book:
    """An opened workbook. Each sheet is read once, and only when its extent is known to fit the memory."""

    names: tuple[str, ...]  # of the sheets with cells
    hidden: frozenset[str]
    facts: dict[str, SheetFacts]
    opened: CalamineWorkbook
    read: dict[str, CalamineSheet]

    def sheet(self, name: str) -> CalamineSheet:
        if name not in self.read:
            self.read[name] = self.opened.get_sheet_by_name(name)
        return self.read[name]

    def rows(self, name: str) -> Iterator[list[Cell]]:
        """The rows from the first line of the sheet on. An empty cell is the empty text, an error its text."""
        odd = self.facts[name].odd
        for line, row in enumerate(self.sheet(name).iter_rows(), start=1):
            for i, text in odd.get(line, {}).items():
                if i < len(row) and not isinstance(row[i], float):
                    row[i] = text
            yield row


@contextmanager
def _workbook(file: File) -> Iterator[_Book]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum, load_workbook

    whole = "a whole workbook (this one is damaged; open it in Excel and save it again, or as CSV)"
    try:
        with file.open() as stream:
            if is_old := stream.read(2) != b"PK":
                whole = "a workbook of the newer kind (open this old one in Excel and save it as .xlsx)"
                stream.seek(0)
                in_order = xls_facts(stream.read())
            facts = {} if is_old else _zip_facts(file)
            if sum(f.cells for f in facts.values()) > _MOST_CELLS:
                wanted = f"at most {_MOST_CELLS:,} cells (those between the table and a cell far outside count; delete that one, or save the sheet as CSV UTF-8)"
                raise refusal(file.name, wanted)
            stream.seek(0)
            book = load_workbook(stream)
        if is_old:
            facts = dict(zip(book.sheet_names, in_order, strict=True))
        known = [s for s in book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet and s.name in facts]
        hidden = frozenset(s.name for s in known if s.visible != SheetVisibleEnum.Visible)
        yield _Book(tuple(s.name for s in known), hidden, facts, book, {})
    except PasswordNeeded as error:
        raise refusal(file.name, "a workbook without a password (take the password off and save it)") from error
    except (CaseLogError, MemoryError):
        raise
    except BaseException as error:  # a damaged workbook makes the readers fail in every way there is
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise refusal(file.name, whole) from error


def _zip_facts(file: File) -> dict[str, SheetFacts]:
    """The facts of each sheet of a newer workbook, from the parts of its archive."""
    with file.open() as stream, zipfile.ZipFile(stream) as archive:
        _check_parts(file, archive)
        names = {n.lower(): n for n in archive.namelist()}
        if "content.xml" in names:
            if b"encryption-data" in archive.read(_MANIFEST):
                raise PasswordNeeded
            return ods_facts(archive.read(names["content.xml"]))
        relations = ElementTree.fromstring(archive.read(names["xl/_rels/workbook.xml.rels"]))
        target = {r.get("Id"): posixpath.normpath(posixpath.join("/xl", r.get("Target", ""))) for r in relations}
        sheets = {}
        for sheet in ElementTree.fromstring(archive.read(names["xl/workbook.xml"])).findall(".//{*}sheet"):
            identity = next((value for name, value in sheet.attrib.items() if name.endswith("}id")), None)
            if (member := names.get(target.get(identity, "").lower().lstrip("/"))) is not None:
                sheets[sheet.get("name", "")] = archive.read(member)
        texts = archive.read(names["xl/sharedstrings.xml"]) if "xl/sharedstrings.xml" in names else b""
    if too_long(texts, list(sheets.values()), _MOST_TEXT_BYTES):
        wanted = f"a workbook with at most {_MOST_TEXT_BYTES:,} letters (leave out columns of long texts)"
        raise refusal(file.name, wanted)
    return {name: sheet_facts(xml) for name, xml in sheets.items()}


def _check_parts(file: File, archive: zipfile.ZipFile) -> None:
    """Reads every part that holds text, so that none is larger than the archive says.

    Raises `CaseLogError` for XML that defines its own entities: they can unfold without end.
    """
    for member in archive.infolist():
        if not member.filename.lower().endswith((".xml", ".rels")):
            continue
        with archive.open(member) as part:
            start = part.read(CHUNK_BYTES)  # a definition stands at the beginning
            names_a_type = b"<!DOCTYPE" in start and member.filename != _MANIFEST  # as OpenOffice wrote it there
            if names_a_type or b"<!ENTITY" in start:
                raise refusal(
                    file.name, "a workbook as Excel saves it (this one defines its own characters; save it again)"
                )
            while part.read(CHUNK_BYTES):
                pass


def _check_formulas(file: File, facts: SheetFacts) -> None:
    """Raises `CaseLogError` for formulas without a saved result."""
    if facts.unsaved:
        line, column = facts.unsaved[0]
        many = len(facts.unsaved)
        what = "this is a formula" if many == 1 else f"this and {many - 1:,} more are formulas"
        result = "a saved result" if many == 1 else "saved results"
        wanted = f"values ({what} without {result}; open the workbook in Excel, save it, and choose it again)"
        raise refusal(file.name, wanted, line or None, column or None)


def _sheets(file: File, book: _Book) -> Sheets:
    names, best, alike = [], (-1, 0), []
    likely = ""
    for name in book.names:
        records = _records(islice(book.rows(name), _ROWS_JUDGED))
        filled = [r for r in records if any(c.strip() for c in r.cells)]
        if not filled and not any(any(map(_filled, row)) for row in islice(book.rows(name), 1_000)):
            continue
        names.append(name)
        known = max((known_names([c.strip() for c in r.cells]) for r in filled), default=0)
        if known >= _KNOWN_OF_A_LOG:
            alike.append(name)
        score = (known, len(filled) if name not in book.hidden else 0)
        if score > best:
            best, likely = score, name
    if not names:
        raise refusal(
            file.name, "a sheet with a line of column names and a line for each case (this workbook is empty)"
        )
    return Sheets(tuple(names), book.hidden, likely, tuple(alike))


def _layout(file: File, book: _Book, sheet: str) -> Layout:
    first = _records(islice(book.rows(sheet), LINES_LOOKED_AT))
    if not any(any(c.strip() for c in r.cells) for r in first):
        line = next((n for n, row in enumerate(book.rows(sheet), start=1) if any(map(_filled, row))), None)
        wanted = (
            f"the column names within the first {LINES_LOOKED_AT} lines"
            if line
            else "a line of column names and a line for each case (this sheet is empty)"
        )
        raise refusal(file.name, wanted, line)
    return found_layout(file.name, first, MOST_COLUMNS, lambda i: f"(column {letters(i + 1)}, no name)")


def _records(rows: Iterable[list[Cell]]) -> list[FileLine]:
    return [FileLine([as_text(cell) for cell in row], n, n) for n, row in enumerate(rows, start=1)]


def _filled_below(
    book: _Book, sheet: str, layout: Layout, facts: SheetFacts, chosen: FileForm, blank_too: bool = False
) -> Iterator[tuple[int, list[Cell]]]:
    """The rows below the names with their lines, as wide as the table; merged cells filled where that was chosen."""
    width = len(layout.names)
    areas = facts.merged_below(layout.header_line) if chosen.merged_cells else ()
    starting: dict[int, list[Area]] = {}
    for area in areas:
        starting.setdefault(area.top, []).append(area)
    held: list[tuple[Area, Cell]] = []
    for line, row in enumerate(book.rows(sheet), start=1):
        if line <= layout.header_line:
            continue
        cells: list[Cell] = [*row, *[""] * (width - len(row))]
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


def _filled(cell: Cell) -> bool:
    return not isinstance(cell, str) or bool(cell.strip())
