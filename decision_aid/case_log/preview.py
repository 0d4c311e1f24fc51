"""What a file seems to be from its first rows: its columns, what must be asked about it, and the plan that is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from decision_aid.case_log.answers import HIDDEN_ROWS, MERGED_CELLS
from decision_aid.case_log.fields import FIELDS
from decision_aid.case_log.headers import remembered_mapping
from decision_aid.case_log.inference import questions, questions_further_down, settled
from decision_aid.case_log.log import CaseLog
from decision_aid.case_log.plan import AS_FOUND, OTHER_WORDS, ROWS_LOOKED_AT, FileForm, Plan, fingerprint
from decision_aid.case_log.privacy import HIDDEN, shown
from decision_aid.case_log.questions import Ask, ColumnLook, LogQuestion
from decision_aid.case_log.sources.files import Format
from decision_aid.case_log.sources.letters import special
from decision_aid.case_log.yes_no import later_questions, objections, statements


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

    def questions(self, mapping: Mapping[str, str] | None = None) -> tuple[LogQuestion, ...]:
        """What must be asked before the file can be read with a mapping (the guessed one unless another is given)."""
        asked = questions(self.columns, self.mapping if mapping is None else mapping, self.repeated_row)
        first = []
        if len(self.sheets) > 1 and not self.sheet_chosen:
            text = "The workbook has several sheets. Which one holds the cases?"
            first.append(LogQuestion(Ask.SHEET, text, self.sheets))
        if self.hidden_rows:
            text = f"{self.hidden_rows:,} rows of the sheet are hidden in Excel, as by a filter. Are they cases to be counted?"
            first.append(LogQuestion(Ask.HIDDEN_ROWS, text, HIDDEN_ROWS))
        if self.merged:
            text = f"Cells are merged over several rows (such as {self.merged[0]}). Does their value hold for each of these rows?"
            first.append(LogQuestion(Ask.MERGED_CELLS, text, MERGED_CELLS))
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

    def questions_after(self, log: CaseLog, mapping: Mapping[str, str]) -> tuple[LogQuestion, ...]:
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

    def later_questions(self, plan: Plan) -> tuple[LogQuestion, ...]:
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


def fits(plan: Plan, preview: Preview) -> bool:
    """Whether a remembered plan was made for a file with the same column names, in any order."""
    return plan.headers == fingerprint(preview.headers) and (plan.sheet is None or plan.sheet in preview.sheets)
