"""The take-home sheet: on the front what is this person's, on the back the numbers, in plain words, as PDF/UA.

`build` gathers every string and number shown, each from the comparison the screen reads; `handout_pdf` only sets them.
Text that the type cannot print is kept as far as it can be: a sign without a letter form becomes its name or □, control
characters go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from decision_aid import __version__, wording
from decision_aid.charts import icon_arrays, risks
from decision_aid.charts.icon_arrays import Picture
from decision_aid.comparison.against_none import studies_behind
from decision_aid.comparison.own_rates import OwnRates
from decision_aid.comparison.shown_risks import crossovers_told
from decision_aid.comparison.side_by_side import OutcomeAnswer, SideBySide, rows_for, side_by_side
from decision_aid.components.row_pictures import scale_of
from decision_aid.consultation import values
from decision_aid.consultation.checklist import Overrides, checklist, findings
from decision_aid.consultation.model import Answer, Consultation
from decision_aid.consultation.subject import subject
from decision_aid.consultation.values import Marked, in_order, marked
from decision_aid.domain.audience import Audience
from decision_aid.domain.dates import day_in_words
from decision_aid.domain.escaping import as_plain
from decision_aid.domain.palette import INK
from decision_aid.domain.vocabulary import Option, Outcome, OutcomeKind, Part
from decision_aid.evidence.loading import Evidence
from decision_aid.exports.typesetting import printable
from decision_aid.storage.settings import Settings
from decision_aid.wording import Cell, summary_of_findings
from decision_aid.wording.summary_of_findings import Finding

_IN_FRONT = 3  # rows with a picture
_WORDS_OF_ROWS = 345  # of all rows, before one is left out that only tells more of what matters


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One outcome over the three options: in front with pictures, or in the table behind, never in both.

    `pictures`: one for each option, None where it has no number; empty behind. Risks count out of the sheet's
    `denominator`.
    """

    label: str
    note: str
    without: Cell
    open: Cell
    mis: Cell
    difference: Cell
    certainty: str  # how sure, with the reason
    own_open: str = ""  # what this clinic found, where it may be shown
    own_mis: str = ""
    pictures: tuple[Picture | None, ...] = ()

    has_values: bool = True  # else the difference alone is known, and stands in the place of the values

    @property
    def in_front(self) -> bool:
        return bool(self.pictures)


@dataclass(frozen=True, slots=True)
class SheetQuestion:
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class SheetStep:
    what: str
    who: str
    by_when: str


@dataclass(frozen=True, slots=True)
class Handout:
    """Every word and number of the sheet, in reading order."""

    title: str
    about: str  # condition, procedure, level
    act_now: tuple[str, ...]  # red flags answered yes
    matters: tuple[str, ...]  # up to three, in the patient's order; the patient's own as it was typed
    also_matters: str
    rows: tuple[SheetRow, ...]  # those in front first
    denominator: int
    read_pictures: str  # what a filled mark means; empty where no people are drawn
    leaning: str
    leaning_reason: str
    steps: tuple[SheetStep, ...]
    to_do: tuple[str, ...]
    watch: tuple[str, ...]
    telephone: str  # empty: a line to write it on
    not_known: str
    asked: tuple[SheetQuestion, ...]
    open_questions: tuple[str, ...]  # the patient's own, with no answer yet
    small_print: tuple[str, ...]
    sources: str
    annex: tuple[Finding, ...] = ()  # the table for clinicians, on pages of its own
    replaced: tuple[str, ...] = ()  # signs that could not be printed, each once


def build(
    evidence: Evidence,
    consultation: Consultation,
    overrides: Overrides | None = None,
    today: date | None = None,
    *,
    annex: bool = False,
    own: Mapping[Outcome, tuple[str, str]] | None = None,
    rates: tuple[OwnRates, ...] = (),
    clinic: Settings | None = None,
) -> Handout:
    """The sheet of a consultation. A condition or procedure not chosen yet is the one the screen shows: the first.

    `overrides` are the clinic's own checklist items, `today` is the day that is printed (default: today), `annex` adds
    the summary of findings for clinicians, `own` what this clinic found (open, minimally invasive) in words for patients,
    `rates` what it counted of harms, as on the screen, `clinic` who checked the texts there and its telephone.
    """
    condition, procedure = subject(evidence, consultation)
    clinic = clinic or Settings()
    described, planned = evidence.conditions[condition], evidence.procedures[procedure]
    table = side_by_side(evidence, condition, procedure, own=rates)
    items = checklist(evidence, condition, procedure, overrides).told_to(Audience.PATIENT)
    found = findings(items, consultation.answers)
    flags = items.core().part(Part.RED_FLAG)
    weighed = marked(evidence, consultation)
    in_their_order = len(in_order(weighed))
    names = [wording.concern_label(m.concern, Audience.PATIENT) if m.concern else as_plain(m.own) for m in weighed]
    asked = [
        SheetQuestion(q.patient_text, consultation.question_notes[q.question_id].strip())
        for q in evidence.questions
        if consultation.question_notes.get(q.question_id, "").strip()
    ]
    their_own = [q for q in consultation.own_questions if q.text.strip() or q.note.strip()]
    asked_for = [
        row
        for m in in_order(weighed)
        if m.concern
        for row in values.rows(evidence, consultation, m, rates, patient=True).rows
    ]
    rows = _rows(evidence, table, weighed, asked_for, own or {}, rates)
    sheet = Handout(
        title=wording.HANDOUT_TITLE,
        about=wording.option_condition_line(described.patient_label, planned.patient_label, consultation.level),
        act_now=tuple(wording.item_statement(i, Answer.YES, Audience.PATIENT) for i in found.act_now),
        matters=tuple(m.own or name for m, name in zip(weighed, names, strict=True))[:in_their_order],
        also_matters=wording.also_matters(names[in_their_order:]),
        rows=rows,
        denominator=table.denominator,
        read_pictures=wording.READ_SIDES if any(p and p.on + p.off for r in rows for p in r.pictures) else "",
        leaning=wording.LEANINGS[consultation.leaning] if consultation.leaning else "",
        leaning_reason=consultation.leaning_reason.strip(),
        steps=tuple(
            SheetStep(s.what.strip(), s.who.strip(), day_in_words(s.by_when) if s.by_when else "")
            for s in consultation.next_steps
            if wording.step_parts(s)
        ),
        to_do=tuple(i.row.action for i in found.to_do),
        watch=tuple(i.row.patient_text for i in flags if i not in found.act_now),
        telephone=clinic.telephone.strip(),
        not_known=_not_known(table, own or {}),
        asked=tuple(asked + [SheetQuestion(q.text.strip(), q.note.strip()) for q in their_own if q.note.strip()]),
        open_questions=tuple(q.text.strip() for q in their_own if not q.note.strip()),
        small_print=(
            wording.NOT_A_FORECAST_ON_PAPER,
            wording.PEOPLE,
            *((checked,) if (checked := wording.checked_by(clinic.checked_by, clinic.checked_on)) else ()),
        ),
        sources=wording.sources_line(
            _studies(table),
            day_in_words(evidence.search_date),
            day_in_words(evidence.review_date),
            evidence.content_hash[:7],
            __version__,
            day_in_words(today or date.today()),
        ),
        annex=summary_of_findings.findings(summary_of_findings.table(evidence, condition, procedure, rates))
        if annex
        else (),
    )
    return _printable(sheet)


def _rows(
    evidence: Evidence,
    table: SideBySide,
    weighed: tuple[Marked, ...],
    asked_for: Sequence[OutcomeAnswer],
    own: Mapping[Outcome, tuple[str, str]],
    rates: tuple[OwnRates, ...],
) -> tuple[SheetRow, ...]:
    """Those in front, then the others of the table that tell something, then what else was shown of the three things that
    matter as long as the sheet stays short, then who chose surgery later.

    An outcome stands once: at the time that matters to the patient where that is in front, else at its usual time.
    """
    front: dict[Outcome, OutcomeAnswer] = {}
    for row in _worth_a_picture(evidence, table, weighed, rates):
        if len(front) < _IN_FRONT:
            front.setdefault(row.outcome.outcome, row)
    behind = [
        row
        for row in table.rows
        if row.outcome.outcome not in front and (row.tells(True) or row.outcome.outcome in own)
    ]
    told = [_row(row, table, own, _pictures(row, table)) for row in front.values()]
    told += [_row(row, table, own) for row in behind]
    standing = {*front, *(row.outcome.outcome for row in behind)}
    for asked in asked_for:
        extra = _row(asked, table, own)
        if asked.outcome.outcome not in standing and sum(map(_words, (*told, extra))) <= _WORDS_OF_ROWS:
            standing.add(asked.outcome.outcome)
            told.append(extra)
    # A reason is told where it first stands; where it counts again the word stands alone.
    first = {_reason(row.certainty): n for n, row in reversed(list(enumerate(told)))}
    return (
        *(
            row if first[_reason(row.certainty)] == n else replace(row, certainty=_word(row.certainty))
            for n, row in enumerate(told)
        ),
        *_later_row(table),
    )


def _words(row: SheetRow) -> int:
    """How much a row says, roughly: the sheet is to stay short."""
    cells = (row.without, row.open, row.mis, row.difference)
    said = (row.label, row.note, row.certainty, *(f"{c.big} {c.small} {c.more}" for c in cells))
    return sum(len(text.split()) for text in said)


def _reason(line: str) -> str:
    """Why a number is not sure, without how sure it is."""
    return re.split("[.:] ", line, maxsplit=1)[-1].removeprefix("Not more, because ")


def _word(line: str) -> str:
    """How sure without the reason: “Not sure.”."""
    return f"{re.split('[.:]', line)[0]}." if line else ""


def _worth_a_picture(
    evidence: Evidence, table: SideBySide, weighed: tuple[Marked, ...], rates: tuple[OwnRates, ...]
) -> Iterator[OutcomeAnswer]:
    """Rows with numbers to draw: the first one of each thing that matters, then what an operation is mainly meant to
    ease, any complication, days in hospital, and the rest of the table."""
    for m in weighed:
        asked = rows_for(evidence, table.condition, table.procedure, m.outcomes, rates).rows
        yield from [row for row in asked if _is_drawn(row, table)][:1]
    usual = (table.rows[0].outcome.outcome, Outcome.COMPLICATION_ANY, Outcome.LENGTH_OF_STAY)
    first = [row for outcome in usual for row in table.rows if row.outcome.outcome == outcome]
    yield from (row for row in (*first, *table.rows) if _is_drawn(row, table))


def _later_row(table: SideBySide) -> tuple[SheetRow, ...]:
    """Those who began without surgery and chose it later: a first operation, never in one row with re-operations."""
    told = crossovers_told(table.later)
    if not told:
        return ()
    later = wording.chose_later_cell(told, Audience.PATIENT, table.denominator)
    had = Cell("–", wording.HAD_IT_ALREADY)  # of both ways to operate, told once
    return (SheetRow(wording.CHOSE_LATER, "", later, had, Cell(""), Cell(""), ""),)


def _row(
    row: OutcomeAnswer,
    table: SideBySide,
    own: Mapping[Outcome, tuple[str, str]],
    pictures: tuple[Picture | None, ...] = (),
) -> SheetRow:
    c, d = row.approaches, table.denominator
    hidden = wording.hidden_blood_loss(c.question, wording.HIDDEN_BLOOD_LOSS_TOLD)
    notes = (wording.row_note(row, Audience.PATIENT), wording.score_direction(row.outcome), hidden)
    without, opened, minimal = _cells(row, table)
    own_open, own_mis = own.get(row.outcome.outcome, ("", ""))
    return SheetRow(
        label=wording.outcome_label(row.outcome, Audience.PATIENT),
        note=", ".join(n for n in notes if n),
        without=without,
        open=opened,
        mis=minimal,
        difference=wording.difference_cell(c, Audience.PATIENT, d, brief=True),
        certainty=wording.certainty_line(c.certainty, Audience.PATIENT),
        own_open=own_open,
        own_mis=own_mis,
        pictures=pictures,
        has_values=bool(own_open or own_mis or any(row.value(option, True) for option in Option)),
    )


def _is_drawn(row: OutcomeAnswer, table: SideBySide) -> bool:
    """Whether both ways to operate have a number to draw: one picture alone would weigh more than the words beside it."""
    return all(_pictures(row, table)[1:])


def _pictures(row: OutcomeAnswer, table: SideBySide) -> tuple[Picture | None, ...]:
    """In ink, one for each option with a number: people as on the Risks page, else a bar on the scale of the row."""
    if row.outcome.kind == OutcomeKind.EVENT:
        boxes = risks.three_options(row, table, Audience.PATIENT, colour=INK).boxes
        return tuple(b.picture if b.picture and b.picture.on + b.picture.off else None for b in boxes)
    values = {option: row.value(option, True) for option in Option}
    scale = scale_of(row.outcome, values.values(), table.denominator)
    label = wording.outcome_label(row.outcome, Audience.PATIENT)
    cells = dict(zip(Option, _cells(row, table), strict=True))
    return tuple(
        icon_arrays.bar(
            v.value / scale.end,
            option,
            title=label,
            told=f"{cells[option].big}.",
            whole=row.outcome.scale_max is not None,
        )
        if v and scale
        else None
        for option, v in values.items()
    )


def _cells(row: OutcomeAnswer, table: SideBySide) -> tuple[Cell, Cell, Cell]:
    d = table.denominator
    opened, minimal = (
        wording.level_cell(row.approaches, first, Audience.PATIENT, d, brief=True) for first in (False, True)
    )
    return wording.without_surgery_cell(row, Audience.PATIENT, d, brief=True), opened, minimal


def _not_known(table: SideBySide, own: Mapping[Outcome, tuple[str, str]]) -> str:
    unknown = [o for o in table.unknown(True) if o.outcome not in own]
    return wording.not_known(unknown, Audience.PATIENT) if unknown else ""


def _studies(table: SideBySide) -> int:
    """How many publications stand behind the rows of the table."""
    named = {s.label for row in table.rows for c in (row.approaches, row.without) if c for s in studies_behind(c)}
    return len(named | {crossover.row.cited_as for crossover in crossovers_told(table.later)})


def _printable(sheet: Handout) -> Handout:
    """The sheet with every text made printable and the signs that were replaced listed."""
    replaced: dict[str, None] = {}

    def clean(part: Any) -> Any:
        if isinstance(part, str) and not isinstance(part, StrEnum):
            text, signs = printable(part)
            replaced.update(dict.fromkeys(signs))
            return text
        if isinstance(part, tuple):
            return tuple(clean(p) for p in part)
        if is_dataclass(part) and not isinstance(part, type | Picture):
            return replace(part, **{f.name: clean(getattr(part, f.name)) for f in fields(part)})
        return part

    return replace(
        sheet, **{f.name: clean(getattr(sheet, f.name)) for f in fields(sheet)} | {"replaced": tuple(replaced)}
    )
