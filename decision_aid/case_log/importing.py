"""A surgeon's case log, read in two steps: `look` says what the file seems to be, `load_cases` reads it by a plan.

Nothing is dropped in silence. Every row of the file is used, or set aside with line, column, value and reason; every
column is a field, or named among those that were not kept. Columns that could identify a person are never stored.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from decision_aid.case_log.answers import answered, remembered_answer
from decision_aid.case_log.cells import DateOrder, DecimalMark
from decision_aid.case_log.fields import BY_NAME, FIELDS, REQUIRED, Field, Kind
from decision_aid.case_log.headers import could_be_several, guessed_mapping
from decision_aid.case_log.inference import unit_of
from decision_aid.case_log.log import CaseLog, left_out_sentences, to_know
from decision_aid.case_log.plan import (
    AS_FOUND,
    ROWS_LOOKED_AT,
    CaseLogError,
    FileForm,
    Plan,
    refusal,
)
from decision_aid.case_log.preview import Preview, fits
from decision_aid.case_log.privacy import identifying
from decision_aid.case_log.questions import Ask, ColumnLook, LogQuestion
from decision_aid.case_log.rows import Reader
from decision_aid.case_log.sources import delimited, parquet_files, paths, workbooks
from decision_aid.case_log.sources.files import File, Format, OnDisk, Source, Upload, format_of, opened
from decision_aid.case_log.sources.table import Head, Progress, Table, as_text
from decision_aid.case_log.visits import joined, told, visits
from decision_aid.domain.escaping import as_cell
from decision_aid.domain.problems import Problem

__all__ = [
    "Ask",
    "CaseLog",
    "CaseLogError",
    "ColumnLook",
    "DateOrder",
    "DecimalMark",
    "FileForm",
    "FirstLook",
    "LogQuestion",
    "OnDisk",
    "Plan",
    "Preview",
    "Source",
    "Upload",
    "answered",
    "first_look",
    "fits",
    "left_out_sentences",
    "load_cases",
    "look",
    "remembered_answer",
    "sentences",
    "set_aside_csv",
    "template_csv",
    "template_notes",
    "to_know",
]  # fmt: skip

_BYTES_OF_A_MARK = 64 * 1024
_SET_ASIDE_COLUMNS = ("line", "column", "value", "reason")


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What has to be chosen before a file is looked at: its sheet, or its letters and separator."""

    format: Format
    sheets: tuple[str, ...] = ()
    hidden_sheets: frozenset[str] = frozenset()
    sheet: str | None = None  # the one that looks like cases
    encoding: str | None = None
    separator: str | None = None
    certain: bool = True  # whether letters and separator can be no others
    mark: str = ""  # another one for a file that begins in another way


def first_look(source: Source, form: FileForm = AS_FOUND) -> FirstLook:
    """What there is to choose about a file as a whole. Raises `CaseLogError` for a file that cannot be a case log."""
    file = opened(source)
    format_ = format_of(file)
    paths.admit(file, format_)
    if format_ is Format.EXCEL:
        found = workbooks.sheets(file)
        return FirstLook(format_, found.names, found.hidden, found.likely)
    if format_ is Format.CSV:
        encoding, separator, certain = delimited.written(file, form)
        with file.open() as stream:
            mark = hashlib.sha256(stream.read(_BYTES_OF_A_MARK)).hexdigest()
        return FirstLook(format_, encoding=encoding, separator=separator, certain=certain, mark=mark)
    return FirstLook(format_)


def look(source: Source, *, sheet: str | None = None, form: FileForm = AS_FOUND) -> Preview:
    """What a file seems to be, from its first 2,000 rows. `source`: a path, or an `Upload`; `form`: what was chosen about it.

    Raises `CaseLogError` for a file that cannot be a case log: too large, empty, of another kind, damaged, encrypted,
    without a line of column names or without a row.
    """
    file = opened(source)
    format_ = format_of(file)
    paths.admit(file, format_)
    head = _head(file, format_, sheet, form)
    paths.admit_headers(file, head.headers)
    if not head.rows:
        raise _no_rows(file, head)
    texts = [[as_text(cell) for cell in column] for column in zip(*head.rows, strict=True)]
    guessed = guessed_mapping(head.headers, ())
    alarm = identifying(head.headers, texts, guessed.get("operation_date"))
    fields = {header: name for name, header in guessed_mapping(head.headers, alarm).items()}
    columns = []
    for i, header in enumerate(head.headers):
        hidden = header in alarm
        present = Counter(() if hidden else texts[i])
        typed = Counter(() if hidden else (row[i] for row in head.rows if isinstance(row[i], str)))
        filled = sum(bool(t.strip()) for t in texts[i])
        columns.append(ColumnLook(header, fields.get(header), alarm.get(header), filled, present, typed))
    notes = (*head.notes, *could_be_several(head.headers, alarm), *_notes(head, texts, guessed.get("operation_date")))
    return Preview(
        file.name, format_, head.encoding, head.separator, head.sheet, head.sheets, head.row_count, tuple(columns), _repeated(head),
        notes, form, sheet is not None, head.hidden_rows, head.merged,
    )  # fmt: skip


def load_cases(source: Source, plan: Plan, progress: Progress | None = None, *, today: date | None = None) -> CaseLog:
    """The cases of a file, read by a plan. `progress` is told the part that is done, from 0 to 1.

    A row with any cell that is no value of its field is set aside whole: a blanked cell would pass for “not recorded”.
    Raises `CaseLogError` where the file as a whole cannot be read by the plan: what `look` refuses, a required field
    without a column, an identifying column that was mapped, a unit, order of dates or decimal mark that was not said,
    a column that contradicts the plan.
    """
    tell = progress or (lambda part: None)
    tell(0.0)
    plan.check("the plan")
    file = opened(source)
    format_ = format_of(file)
    paths.admit(file, format_)
    table = _table(file, format_, plan, lambda part: tell(0.5 * part))
    if not len(table.lines) and not table.broken:
        raise refusal(file.name, "a line for each case below the column names (there is none)", 2)
    _check_mapping(file, table, plan)
    table = joined(table, plan.mapping)
    alarm = _check_identity(file, table, plan)
    reader = Reader(file.name, table, plan, alarm, today or date.today())
    log = reader.read(lambda part: tell(0.5 + 0.5 * part))
    tell(1.0)
    return log


def sentences(log: CaseLog, limit: int | None = None) -> Iterator[str]:
    """For each fault a sentence with file, line, column, value and what was expected."""
    rows = log.set_aside if limit is None else log.set_aside.head(limit)
    for line, column, value, reason in rows.itertuples(index=False):
        yield str(Problem(log.file, line, column or None, value or None, reason))


def set_aside_csv(log: CaseLog) -> str:
    """The rows that were set aside as CSV: line, column, value, reason. No cell of it is taken for a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_SET_ASIDE_COLUMNS)
    for row in log.set_aside.itertuples(index=False):
        writer.writerow([as_cell(cell) for cell in row])
    return text.getvalue()


def template_csv() -> str:
    """A table to be filled in: the names of all fields, in order."""
    return ",".join(f.name for f in FIELDS) + "\n"


def template_notes() -> str:
    """What may stand in each column of the template, one line a column."""
    lines = [
        "Columns of the case log. An empty cell means “not recorded”. Dates are written YYYY-MM-DD, numbers with a point.",
        "",
    ]
    lines += [f"{f.name}: {f.label}{' (required)' if f.required else ''}. {_allowed(f)}" for f in FIELDS]
    lines += ["", "Do not add names, dates of birth, addresses or record numbers: such columns are never stored."]
    return "\n".join(lines) + "\n"


# ---- small parts -----------------------------------------------------------------------------------------------------


def _head(file: File, format_: Format, sheet: str | None, form: FileForm) -> Head:
    if format_ is Format.EXCEL:
        return workbooks.head(file, ROWS_LOOKED_AT, sheet, form)
    if format_ is Format.PARQUET:
        return parquet_files.head(file, ROWS_LOOKED_AT)
    return delimited.head(file, ROWS_LOOKED_AT, form)


def _table(file: File, format_: Format, plan: Plan, progress: Progress) -> Table:
    # Numbers that a program stored as numbers have no decimal mark; they get the one that the typed ones have.
    mark = plan.decimal_mark or DecimalMark.POINT
    if format_ is Format.EXCEL:
        return workbooks.table(file, plan.sheet, plan.form, mark, progress)
    if format_ is Format.PARQUET:
        return parquet_files.table(file, mark, progress)
    return delimited.table(file, plan.form, progress)


def _check_mapping(file: File, table: Table, plan: Plan) -> None:
    """Refuses a plan that names columns which are not there, leaves out a required field, or leaves a unit open."""
    wanted: list[tuple[str | None, str]] = [
        (header, f"this column to be there, for “{BY_NAME[name].label}” (choose the columns again)")
        for name, header in plan.mapping.items()
        if header not in table.headers
    ]
    for name in REQUIRED:
        if name not in plan.mapping:
            wanted.append((None, f"a column for “{BY_NAME[name].label}” (choose one; a log needs it)"))
    for name, header in plan.mapping.items():
        f = BY_NAME[name]
        if f.units and name not in plan.units and unit_of(f, header) is None:
            wanted.append((header, f"its unit to be said: {' or '.join(f.units)}"))
    _refuse(file, wanted)


def _check_identity(file: File, table: Table, plan: Plan) -> Mapping[str, str]:
    """Why columns are not stored; refuses a plan that maps one of them."""
    first = [
        texts.take(codes[:ROWS_LOOKED_AT]).to_pylist() for codes, texts in zip(table.codes, table.texts, strict=True)
    ]
    alarm = identifying(table.headers, first, plan.mapping["operation_date"])
    mapped = [(name, header) for name, header in plan.mapping.items() if header in alarm]
    _refuse(file, [(h, f"a column without personal data for “{BY_NAME[n].label}” ({alarm[h]})") for n, h in mapped])
    return alarm


def _refuse(file: File, wanted: Sequence[tuple[str | None, str]]) -> None:
    """Raises `CaseLogError` where anything is wanted. `wanted`: a header and what was expected of it."""
    if wanted:
        raise CaseLogError([Problem(file.name, None, header, None, expected) for header, expected in wanted])


def _no_rows(file: File, head: Head) -> CaseLogError:
    return refusal(file.name, "a line for each case below the column names (there is none)", head.header_line + 1)


def _notes(head: Head, texts: Sequence[Sequence[str]], operation: str | None) -> Iterator[str]:
    """What the first rows show of the file as a whole."""
    if found := visits(head.headers, texts, operation):
        yield told(found)
    if head.errors:
        cells = "1 cell holds" if head.errors == 1 else f"{head.errors:,} cells hold"
        yield f"{cells} an error of Excel such as #DIV/0! or #N/A. Correct them in Excel, or their rows are set aside."


def _repeated(head: Head) -> tuple[int, int] | None:
    """Lines of the first two rows that are equal in every column."""
    met: dict[tuple[Any, ...], int] = {}
    for row, line in zip(head.rows, head.lines, strict=True):
        first = met.setdefault(tuple(map(str, row)), line)
        if first != line:
            return first, line
    return None


def _allowed(f: Field) -> str:
    if f.kind is Kind.DATE:
        return "A date."
    if f.kind is Kind.CHOICE:
        return "One of: " + ", ".join(f.choices) + "."
    if f.kind is Kind.YES_NO:
        return "yes or no."
    unit = f" {f.units[0]}" if f.units else ""
    return f"{'A whole number' if f.kind is Kind.WHOLE else 'A number'} from {f.low:g} to {f.high:g}{unit}."
