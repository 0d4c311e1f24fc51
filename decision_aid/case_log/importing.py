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
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from decision_aid.case_log.calendar import Calendar
from decision_aid.case_log.cells import DateOrder, DecimalMark
from decision_aid.case_log.fields import BY_NAME, FIELDS, REQUIRED, Field, Kind
from decision_aid.case_log.headers import could_be_several, guessed_mapping, remembered_mapping
from decision_aid.case_log.inference import questions, questions_further_down, settled, unit_of
from decision_aid.case_log.log import CaseLog, left_out_sentences, to_know
from decision_aid.case_log.plan import (
    AS_FOUND,
    OTHER_WORDS,
    ROWS_LOOKED_AT,
    CaseLogError,
    FileForm,
    Plan,
    fingerprint,
    refusal,
)
from decision_aid.case_log.privacy import HIDDEN, identifying, shown
from decision_aid.case_log.questions import Ask, ColumnLook, Question
from decision_aid.case_log.rows import Reader
from decision_aid.case_log.sources import delimited, parquet_files, paths, workbooks
from decision_aid.case_log.sources.files import File, Format, OnDisk, Source, Upload, format_of, opened
from decision_aid.case_log.sources.letters import special
from decision_aid.case_log.sources.table import Head, Progress, Table, as_text
from decision_aid.case_log.visits import joined, told, visits
from decision_aid.case_log.words import AS_NOT_RECORDED, choice_of, meaning_of
from decision_aid.case_log.yes_no import later_questions, objections, statements
from decision_aid.domain.escaping import as_cell
from decision_aid.domain.problems import Problem

__all__ = [
    "Ask", "CaseLog", "CaseLogError", "ColumnLook", "DateOrder", "DecimalMark", "FileForm", "FirstLook", "OnDisk", "Plan", "Preview", "Question", "Source", "Upload",
    "answered", "first_look", "fits", "left_out_sentences", "load_cases", "look", "remembered_answer", "sentences", "set_aside_csv", "template_csv", "template_notes", "to_know",
]  # fmt: skip

ROWS_SHOWN = 5
HIDDEN_ROWS = ("yes, read them as well", "no, leave them out")
MERGED_CELLS = ("yes, for each row", "no, leave the further rows out")
_BYTES_OF_A_MARK = 64 * 1024
_SET_ASIDE_COLUMNS = ("line", "column", "value", "reason")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file seems to be. No cell of an identifying column is in it."""

    file: str
    format: Format
    encoding: str | None  # of a CSV file
    separator: str | None  # of a CSV file
    sheet: str | None  # the sheet that was looked at
    sheets: tuple[str, ...]
    row_count: int | None  # about how many rows there are; None: not known before reading
    columns: tuple[ColumnLook, ...]
    rows: tuple[tuple[str, ...], ...] = field(repr=False)  # the first few, as text
    repeated_row: tuple[int, int] | None = None  # lines of two rows that are equal in every column
    notes: tuple[str, ...] = ()  # how the file is read, sentences for whoever reads its numbers
    form: FileForm = AS_FOUND  # what was chosen about how the file is written
    sheet_chosen: bool = False
    hidden_rows: int = 0
    merged: tuple[str, ...] = ()  # areas of merged cells over several rows

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(c.header for c in self.columns)

    @property
    def identifying(self) -> Mapping[str, str]:
        """Header -> why the column is not stored."""
        return {c.header: c.identifying for c in self.columns if c.identifying is not None}

    @property
    def mapping(self) -> Mapping[str, str]:
        """Field -> header, as far as it could be guessed."""
        found = {c.guess: c.header for c in self.columns if c.guess is not None}
        return {f.name: found[f.name] for f in FIELDS if f.name in found}

    def questions(self, mapping: Mapping[str, str] | None = None) -> tuple[Question, ...]:
        """What must be asked before the file can be read with a mapping (the guessed one unless another is given)."""
        asked = questions(self.columns, self.mapping if mapping is None else mapping, self.repeated_row)
        first = []
        if len(self.sheets) > 1 and not self.sheet_chosen:
            text = "The workbook has several sheets. Which one holds the cases?"
            first.append(Question(Ask.SHEET, text, self.sheets))
        if self.hidden_rows:
            text = f"{self.hidden_rows:,} rows of the sheet are hidden in Excel, as by a filter. Are they cases to be counted?"
            first.append(Question(Ask.HIDDEN_ROWS, text, HIDDEN_ROWS))
        if self.merged:
            text = f"Cells are merged over several rows (such as {self.merged[0]}). Does their value hold for each of these rows?"
            first.append(Question(Ask.MERGED_CELLS, text, MERGED_CELLS))
        return (*first, *asked)

    def proposal(self, remembered: Plan | None) -> tuple[Mapping[str, str], tuple[str, ...]]:
        """The mapping to begin with, and what to know of it: guessed, or as it was for a file with the same columns."""
        if remembered is None or not fits(remembered, self):
            return self.mapping, ()
        free = {name: h for name, h in remembered.mapping.items() if h not in self.identifying}
        return remembered_mapping(self.mapping, free)

    @property
    def mark(self) -> str:
        """The same for files with the same columns that can be chosen, in the same order, on a sheet of the same name."""
        free = (h for h in self.headers if h not in self.identifying)
        return fingerprint((self.sheet or "", *(f"{i} {header}" for i, header in enumerate(free))))

    def questions_after(self, log: CaseLog, mapping: Mapping[str, str]) -> tuple[Question, ...]:
        """What must be asked of words that only reading the whole file has found. `log`: this file as it was read before."""
        if log.file != self.file or log.plan.headers != fingerprint(self.headers):
            return ()
        answered_before = {n: dict.fromkeys(words, 0) for n, words in log.plan.values.items()}
        names = {*answered_before, *log.unknown_words}
        found = {n: {**answered_before.get(n, {}), **log.unknown_words.get(n, {})} for n in names}
        for words in found.values():
            words.pop(OTHER_WORDS, None)
        return tuple(
            questions_further_down(
                self.columns, {n: h for n, h in mapping.items() if log.plan.mapping.get(n) == h}, found
            )
        )

    def later_questions(self, plan: Plan) -> tuple[Question, ...]:
        """What must be asked when the words of a plan have a meaning: what an empty cell of a yes/no column stands for."""
        return later_questions(self.columns, plan.mapping, plan.values)

    def objections(self, plan: Plan) -> tuple[str, ...]:
        """Why the answers in a plan cannot be, such as two codes that would both mean yes; empty where nothing speaks against them."""
        return objections(self.columns, plan.mapping, plan.values)

    def statements(self, plan: Plan) -> tuple[str, ...]:
        """What should be seen before the file is read: the yes/no columns in which everybody has the same."""
        is_whole = self.row_count is not None and self.row_count <= ROWS_LOOKED_AT
        return statements(self.columns, plan, "" if is_whole else f" in the first {ROWS_LOOKED_AT:,} rows")

    def plan(self, mapping: Mapping[str, str] | None = None) -> Plan:
        """A plan with a mapping and with everything the file itself settles; answers to `questions` are still to be put in."""
        mapping = dict(self.mapping if mapping is None else mapping)
        order, mark, units = settled(self.columns, mapping)
        sheet = self.sheet if len(self.sheets) > 1 else None
        return Plan(mapping, order, mark, units, sheet=sheet, form=self.form, headers=fingerprint(self.headers))

    @property
    def special_text(self) -> str | None:
        """A name or a word of the file with letters beyond English ones, by which one sees whether it is read rightly."""
        words = (t for c in self.columns if c.identifying is None for t in map(shown, c.texts) if t != HIDDEN)
        return special((*self.headers, *words))


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
    rows = tuple(
        tuple(
            HIDDEN if h in alarm and t.strip() else _cell_shown(t, fields.get(h))
            for h, t in zip(head.headers, row, strict=True)
        )
        for row in list(zip(*texts, strict=True))[:ROWS_SHOWN]
    )
    notes = (*head.notes, *could_be_several(head.headers, alarm), *_notes(head, texts, guessed.get("operation_date")))
    return Preview(
        file.name, format_, head.encoding, head.separator, head.sheet, head.sheets, head.row_count, tuple(columns), rows, _repeated(head),
        notes, form, sheet is not None, head.hidden_rows, head.merged,
    )  # fmt: skip


def fits(plan: Plan, preview: Preview) -> bool:
    """Whether a remembered plan was made for a file with the same column names, in any order."""
    return plan.headers == fingerprint(preview.headers) and (plan.sheet is None or plan.sheet in preview.sheets)


def answered(plan: Plan, question: Question, answer: str | Mapping[str, str]) -> Plan:
    """The plan with the answer to a question put in: one of its choices, or for words a mapping word -> choice."""
    name = question.field
    if isinstance(answer, Mapping):
        meant = {word: meaning_of(choice) for word, choice in answer.items()}
        return replace(plan, values={**plan.values, name: {**plan.values.get(name, {}), **meant}})
    if question.ask is Ask.SHEET:
        return replace(plan, sheet=answer)
    if question.ask is Ask.HIDDEN_ROWS:
        return replace(plan, form=replace(plan.form, hidden_rows=answer == HIDDEN_ROWS[0]))
    if question.ask is Ask.MERGED_CELLS:
        return replace(plan, form=replace(plan.form, merged_cells=answer == MERGED_CELLS[0]))
    if question.ask is Ask.DATE_ORDER:
        return replace(plan, date_order=DateOrder(answer))
    if question.ask is Ask.DECIMAL_MARK:
        return replace(plan, decimal_mark=DecimalMark(answer))
    if question.ask is Ask.UNIT:
        return replace(plan, units={**plan.units, name: answer})
    if question.ask is Ask.DAY_NUMBERS:
        others = {n: c for n, c in plan.day_numbers.items() if n != name}
        chosen = [c for c in Calendar if answer.startswith(f"{c}:")]
        return replace(plan, day_numbers=others | ({name: chosen[0]} if chosen else {}))
    if question.ask is Ask.DURATIONS:
        is_duration = answer == question.choices[0]
        return replace(plan, durations=plan.durations | {name} if is_duration else plan.durations - {name})
    if question.ask is Ask.OTHER_WORDS:
        return answered(plan, question, {OTHER_WORDS: answer})
    if question.ask in (Ask.EMPTY_CELLS, Ask.ONE_MEANING):
        blank_is_no = plan.blank_is_no | {name} if answer == "no" else plan.blank_is_no - {name}
        not_counted = plan.not_counted | {name} if answer == AS_NOT_RECORDED else plan.not_counted - {name}
        return replace(plan, blank_is_no=blank_is_no, not_counted=not_counted)
    if question.ask is Ask.REPEATED_ROWS:
        return replace(plan, keep_repeated_rows=answer == "another patient")
    raise ValueError(f"{question.ask} is answered word by word")


def remembered_answer(plan: Plan, question: Question, word: str | None = None) -> str | None:
    """The choice of a question (for words: of this word) that gives what a remembered plan says; None where it says nothing."""
    name = question.field or ""
    if question.ask in (Ask.WORDS, Ask.OTHER_WORDS):
        meaning = plan.values.get(name, {}).get(OTHER_WORDS if word is None else word)
        return (
            None
            if meaning is None
            else choice_of(meaning, question.choices if word is None else question.offered(word))
        )
    said = {
        Ask.DATE_ORDER: plan.date_order,
        Ask.DECIMAL_MARK: plan.decimal_mark,
        Ask.UNIT: plan.units.get(name),
        Ask.DAY_NUMBERS: plan.day_numbers.get(name),
        Ask.EMPTY_CELLS: "no" if name in plan.blank_is_no else AS_NOT_RECORDED if name in plan.not_counted else None,
        Ask.ONE_MEANING: AS_NOT_RECORDED if name in plan.not_counted else None,
        Ask.DURATIONS: question.choices[0] if name in plan.durations else None,
    }.get(question.ask)
    return next(
        (c for c in question.choices if said is not None and c.split(": ")[0] == str(said).split(": ")[0]), None
    )


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
    problems = [
        Problem(
            file.name,
            None,
            header,
            None,
            f"this column to be there, for “{BY_NAME[name].label}” (choose the columns again)",
        )
        for name, header in plan.mapping.items()
        if header not in table.headers
    ]
    for name in REQUIRED:
        if name not in plan.mapping:
            problems.append(
                Problem(
                    file.name, None, None, None, f"a column for “{BY_NAME[name].label}” (choose one; a log needs it)"
                )
            )
    for name, header in plan.mapping.items():
        f = BY_NAME[name]
        if f.units and name not in plan.units and unit_of(f, header) is None:
            problems.append(Problem(file.name, None, header, None, f"its unit to be said: {' or '.join(f.units)}"))
    if problems:
        raise CaseLogError(problems)


def _check_identity(file: File, table: Table, plan: Plan) -> Mapping[str, str]:
    """Why columns are not stored; refuses a plan that maps one of them."""
    first = [
        texts.take(codes[:ROWS_LOOKED_AT]).to_pylist() for codes, texts in zip(table.codes, table.texts, strict=True)
    ]
    alarm = identifying(table.headers, first, plan.mapping["operation_date"])
    problems = [
        Problem(
            file.name,
            None,
            header,
            None,
            f"a column without personal data for “{BY_NAME[name].label}” ({alarm[header]})",
        )
        for name, header in plan.mapping.items()
        if header in alarm
    ]
    if problems:
        raise CaseLogError(problems)
    return alarm


def _no_rows(file: File, head: Head) -> CaseLogError:
    return refusal(file.name, "a line for each case below the column names (there is none)", head.header_line + 1)


def _notes(head: Head, texts: Sequence[Sequence[str]], operation: str | None) -> Iterator[str]:
    """What the first rows show of the file as a whole."""
    if found := visits(head.headers, texts, operation):
        yield told(found)
    if head.errors:
        cells = "1 cell holds" if head.errors == 1 else f"{head.errors:,} cells hold"
        yield f"{cells} an error of Excel such as #DIV/0! or #N/A. Correct them in Excel, or their rows are set aside."


def _cell_shown(text: str, name: str | None) -> str:
    return shown(text, BY_NAME[name].kind if name else None)


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
