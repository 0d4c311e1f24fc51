"""The take-home sheet: two pages that say what the screen said, in plain words, as PDF/UA.

`build` gathers every string and number shown, each from the comparison the screen reads; `handout_pdf` only sets them.
Text that the type cannot print is kept as far as it can be: a sign without a letter form becomes its name or □, control
characters go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from decision_aid import __version__, wording
from decision_aid.charts import risks
from decision_aid.charts.icon_arrays import Picture
from decision_aid.comparison.against_none import studies_behind
from decision_aid.comparison.own_rates import OwnRates
from decision_aid.comparison.shown_risks import crossovers_told
from decision_aid.comparison.side_by_side import OutcomeAnswer, SideBySide, side_by_side
from decision_aid.consultation.checklist import Item, Overrides, checklist, findings
from decision_aid.consultation.model import Answer, Consultation
from decision_aid.consultation.subject import subject
from decision_aid.consultation.values import in_order, marked
from decision_aid.domain.audience import Audience
from decision_aid.domain.dates import day_in_words
from decision_aid.domain.escaping import as_plain
from decision_aid.domain.palette import INK
from decision_aid.domain.vocabulary import About, Aspect, Option, Outcome, Part, Procedure, YesMeans
from decision_aid.evidence.loading import Evidence
from decision_aid.exports.typesetting import printable
from decision_aid.storage.settings import Settings
from decision_aid.wording import Cell, summary_of_findings
from decision_aid.wording.summary import MAIN_HARMS
from decision_aid.wording.summary_of_findings import Finding

_STUDIES_NAMED = 24


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One outcome over the three options. `pictures`: one for each of them, or none; they and all risks count out of the
    sheet's `denominator`."""

    label: str
    note: str
    without: Cell
    open: Cell
    mis: Cell
    difference: Cell
    certainty: str  # the word
    own_open: str = ""  # what this clinic found, where it may be shown
    own_mis: str = ""
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetDoubt:
    """Why the numbers of some rows are not sure."""

    rows: str
    text: str


@dataclass(frozen=True, slots=True)
class SheetSides:
    option: Option
    good: str
    hard: str


@dataclass(frozen=True, slots=True)
class SheetConcern:
    """One of the three that the patient put in order, with both sides; their own words stand as they were typed."""

    label: str
    weight: str  # its place in words
    text: str = ""


@dataclass(frozen=True, slots=True)
class SheetAnswers:
    """A group of the checklist: statements with the answer in them, or what is not known or does not apply."""

    heading: str
    items: tuple[str, ...]


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
    for_whom: str
    act_now: tuple[str, ...]  # red flags answered yes
    decision: str
    condition: str
    rows: tuple[SheetRow, ...]
    denominator: int
    people: str
    doubts: tuple[SheetDoubt, ...]
    sides: tuple[SheetSides, ...]
    matters: tuple[SheetConcern, ...]
    also_matters: str
    answered: tuple[SheetAnswers, ...]
    not_asked: str
    to_do: tuple[str, ...]
    asked: tuple[SheetQuestion, ...]
    open_questions: tuple[str, ...]
    leaning: str
    leaning_reason: str
    steps: tuple[SheetStep, ...]
    watch: tuple[str, ...]
    watch_said: str
    telephone: str  # whom to call, as the clinic put it in its settings
    studies: str
    small_print: tuple[str, ...]
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
    strong = in_order(weighed)
    names = [wording.concern_label(m.concern, Audience.PATIENT) if m.concern else as_plain(m.own) for m in weighed]
    asked = [
        SheetQuestion(q.patient_text, consultation.question_notes[q.question_id].strip())
        for q in evidence.questions
        if consultation.question_notes.get(q.question_id, "").strip()
    ]
    their_own = [q for q in consultation.own_questions if q.text.strip() or q.note.strip()]
    unanswered = [
        q.patient_text for q in evidence.questions if not consultation.question_notes.get(q.question_id, "").strip()
    ]
    sheet = Handout(
        title=wording.HANDOUT_TITLE,
        about=wording.option_condition_line(described.patient_label, planned.patient_label, consultation.level),
        for_whom=f"{evidence.about[About.FOR_WHOM]} {evidence.about[About.NOT_FOR]}",
        act_now=tuple(wording.item_statement(i, Answer.YES, Audience.PATIENT) for i in found.act_now),
        decision=wording.DECISION,
        condition=described.what_it_is,
        rows=(
            *(_table_row(row, table, (own or {}).get(row.outcome.outcome, ("", ""))) for row in table.rows),
            *_later_row(table),
        ),
        denominator=table.denominator,
        people=wording.PEOPLE,
        doubts=_doubts(table),
        sides=tuple(_sides(evidence, procedure, option) for option in Option),
        matters=tuple(
            SheetConcern(
                wording.concern_label(m.concern, Audience.PATIENT) if m.concern else m.own,
                wording.PLACES[m.place],
                m.concern.explanation if m.concern else "",
            )
            for m in strong
        ),
        also_matters=wording.also_matters(names[len(strong) :]),
        answered=_answered(items.items, consultation.answers),
        not_asked=wording.unanswered(len([i for i in items.core().items if i.id not in consultation.answers])),
        to_do=tuple(i.row.action for i in found.to_do),
        asked=tuple(asked + [SheetQuestion(q.text.strip(), q.note.strip()) for q in their_own if q.note.strip()]),
        open_questions=tuple(unanswered + [q.text.strip() for q in their_own if not q.note.strip()]),
        leaning=wording.LEANINGS[consultation.leaning] if consultation.leaning else "",
        leaning_reason=consultation.leaning_reason.strip(),
        steps=tuple(
            SheetStep(s.what.strip(), s.who.strip(), day_in_words(s.by_when) if s.by_when else "")
            for s in consultation.next_steps
            if wording.step_parts(s)
        ),
        watch=tuple(i.row.patient_text for i in flags),
        watch_said=_said_of_flags(flags, consultation.answers),
        telephone=wording.call(clinic.telephone),
        studies=_studies(table),
        small_print=(
            wording.NOT_A_FORECAST,
            evidence.about[About.MADE_BY],
            wording.checked_by(clinic.checked_by, clinic.checked_on) or evidence.about[About.CHECKED],
            *(evidence.about[a] for a in (About.FUNDING, About.INTERESTS, About.UPDATES)),
            wording.versions(
                day_in_words(evidence.search_date),
                day_in_words(evidence.review_date),
                evidence.content_hash[:7],
                __version__,
                day_in_words(today or date.today()),
            ),
        ),
        annex=summary_of_findings.findings(summary_of_findings.table(evidence, condition, procedure, rates))
        if annex
        else (),
    )
    return _printable(sheet)


def _later_row(table: SideBySide) -> tuple[SheetRow, ...]:
    """Those who began without surgery and chose it later: a first operation, never in one row with re-operations."""
    told = crossovers_told(table.later)
    if not told:
        return ()
    had = Cell("–", wording.HAD_IT_ALREADY)
    later = wording.chose_later_cell(told, Audience.PATIENT, table.denominator)
    return (SheetRow(wording.CHOSE_LATER, wording.CHOSE_LATER_NOTE, later, had, had, Cell(""), "", "", ""),)


def _table_row(row: OutcomeAnswer, table: SideBySide, own: tuple[str, str]) -> SheetRow:
    c, d = row.approaches, table.denominator
    hidden = wording.hidden_blood_loss(c.question, wording.HIDDEN_BLOOD_LOSS_TOLD)
    pictures, picture_note = _pictures(row, table)
    notes = (wording.row_note(row, Audience.PATIENT), wording.score_direction(row.outcome), hidden)
    return SheetRow(
        label=wording.outcome_label(row.outcome, Audience.PATIENT),
        note=" · ".join(n for n in (", ".join(n for n in notes if n), picture_note) if n),
        without=wording.without_surgery_cell(row, Audience.PATIENT, d),
        open=wording.level_cell(c, False, Audience.PATIENT, d),
        mis=wording.level_cell(c, True, Audience.PATIENT, d),
        difference=wording.difference_cell(c, Audience.PATIENT, d),
        certainty=wording.certainty_word(c.certainty, Audience.PATIENT),
        own_open=own[0],
        own_mis=own[1],
        pictures=pictures,
    )


def _doubts(table: SideBySide) -> tuple[SheetDoubt, ...]:
    """The rows grouped by how sure their number is and why, in the order of the table."""
    groups: dict[str, list[str]] = {}
    for row in table.rows:
        line = wording.certainty_line(row.approaches.certainty, Audience.PATIENT)
        if line:
            groups.setdefault(line, []).append(wording.outcome_label(row.outcome, Audience.PATIENT))
    return tuple(SheetDoubt(", ".join(names), line) for line, names in groups.items())


def _pictures(row: OutcomeAnswer, table: SideBySide) -> tuple[tuple[Picture, ...], str]:
    """A main harm as on the Risks page, in ink; else why numbers that are told have no picture."""
    if row.outcome.outcome not in MAIN_HARMS:
        return (), ""
    shown = risks.three_options(row, table, Audience.PATIENT, colour=INK)
    pictures = tuple(box.picture for box in shown.boxes if box.picture)
    if pictures:
        return pictures, wording.READ_SIDES
    told = row.approaches.absolute_risk is not None and row.approaches.is_told_to(True)
    return (), wording.no_picture(row.approaches) if told else ""


def _sides(evidence: Evidence, procedure: Procedure, option: Option) -> SheetSides:
    told = evidence.options[procedure, option]
    return SheetSides(option, told[Aspect.GOOD_SIDES], told[Aspect.HARD_SIDES])


def _answered(items: tuple[Item, ...], answers: Mapping[str, Answer]) -> tuple[SheetAnswers, ...]:
    """The answered items as statements. Signs that cannot wait have a place of their own, and things to do as well."""
    groups = []
    for heading, wanted in (
        (wording.FOUND, (Answer.YES, Answer.NO)),
        (wording.ANSWERS[Answer.NOT_KNOWN], (Answer.NOT_KNOWN,)),
        (wording.ANSWERS[Answer.DOES_NOT_APPLY], (Answer.DOES_NOT_APPLY,)),
    ):
        of = [
            wording.item_statement(i, answers[i.id], Audience.PATIENT)
            for i in items
            if answers.get(i.id) in wanted
            and i.row.part != Part.RED_FLAG
            and not (answers[i.id] is Answer.YES and i.row.yes_means == YesMeans.TO_DO)
        ]
        if of:
            groups.append(SheetAnswers(heading, tuple(of)))
    return tuple(groups)


def _said_of_flags(flags: tuple[Item, ...], answers: Mapping[str, Answer]) -> str:
    given = [answers[i.id] for i in flags if i.id in answers]
    return wording.red_flags_asked(given.count(Answer.NO), len(flags) if given else 0)


def _studies(table: SideBySide) -> str:
    """The studies behind the shown rows, each once, oldest first; those without a printed author by their title."""
    named: dict[str, int] = {}
    for row in table.rows:
        for c in (row.approaches, row.without):
            for s in studies_behind(c) if c else ():
                named.setdefault(s.label, s.year or 9999)
    for crossover in crossovers_told(table.later):
        named.setdefault(crossover.row.cited_as, 0)
    labels = sorted(named, key=lambda label: (named[label], label))
    return wording.studies_line(labels[:_STUDIES_NAMED], len(labels[_STUDIES_NAMED:]))


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
