"""A consultation in short: what was entered, and the figures that were shown for it. Take home and the note read it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from decision_aid.comparison.own_rates import OwnRates
from decision_aid.comparison.shown_risks import crossovers_told
from decision_aid.comparison.side_by_side import SideBySide, rows_for
from decision_aid.consultation import values
from decision_aid.consultation.checklist import Checklist
from decision_aid.consultation.model import Answer, Consultation, Place
from decision_aid.consultation.subject import subject
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Outcome, Part
from decision_aid.evidence.loading import Evidence
from decision_aid.wording.cell import Cell
from decision_aid.wording.checklist_words import item_statement
from decision_aid.wording.consultation_words import LEANINGS, SURE_PROMPTS, step_parts
from decision_aid.wording.labels import concern_label, not_known, outcome_label, window_label
from decision_aid.wording.table_cells import (
    CHOSE_LATER,
    CHOSE_LATER_NOTE,
    HAD_IT_ALREADY,
    chose_later_cell,
    difference_cell,
    level_cell,
    without_surgery_cell,
)

MAIN_HARMS = (Outcome.COMPLICATION_ANY, Outcome.REOPERATION)
NO_FIGURE = "No number in our studies speaks to it."
OWN_WORDS = "In your own words; no number speaks to it."


@dataclass(frozen=True, slots=True)
class Figure:
    """One outcome at one time over the three options, in the cells that Compare shows."""

    outcome: Outcome
    label: str
    when: str
    without: Cell
    open: Cell
    mis: Cell
    difference: Cell


@dataclass(frozen=True, slots=True)
class Concern:
    """What matters, its place, and its figures; `instead` says why there is none."""

    place: Place
    label: str
    own: bool
    figures: tuple[Figure, ...]
    instead: str = ""


@dataclass(frozen=True, slots=True)
class ConsultationSummary:
    """The consultation for one screen. What was not entered is empty."""

    act_now: tuple[str, ...]  # red flags answered yes
    flags: str  # what else was said of them
    concerns: tuple[Concern, ...]
    harms: tuple[Figure, ...]
    harms_not_known: str
    leaning: str
    because: str
    sure: str
    unclear: tuple[str, ...]  # what to ask again, from the SURE test
    steps: tuple[str, ...]


def figures(table: SideBySide, audience: Audience) -> tuple[Figure, ...]:
    """The rows of a table as they are told."""
    d = table.denominator
    return tuple(
        Figure(
            row.outcome.outcome,
            outcome_label(row.outcome, audience),
            window_label(row.window, audience),
            without_surgery_cell(row, audience, d),
            level_cell(row.approaches, False, audience, d),
            level_cell(row.approaches, True, audience, d),
            difference_cell(row.approaches, audience, d),
        )
        for row in table.rows
    )


def main_harms(
    evidence: Evidence, consultation: Consultation, rates: tuple[OwnRates, ...], audience: Audience
) -> tuple[Figure, ...]:
    """The main harms with a number for this reader, and those that the clinic counted itself."""
    table = rows_for(evidence, *subject(evidence, consultation), _harms(rates), rates)
    return figures(replace(table, rows=table.known(audience is Audience.PATIENT)), audience)


def harms_not_known(
    evidence: Evidence, consultation: Consultation, rates: tuple[OwnRates, ...], audience: Audience
) -> str:
    """The main harms without a number for this reader, in one line; empty where each has one."""
    table = rows_for(evidence, *subject(evidence, consultation), _harms(rates), rates)
    missing = (*table.unknown(audience is Audience.PATIENT), *table.not_reported)
    return not_known(missing, audience) if missing else ""


def every_figure(
    evidence: Evidence, consultation: Consultation, rates: tuple[OwnRates, ...], audience: Audience
) -> tuple[Figure, ...]:
    """What Compare and Risks showed of the main harms and of everything that was marked, each row once."""
    return figures(_every_row(evidence, consultation, rates), audience)


def chose_later(evidence: Evidence, consultation: Consultation, rates: tuple[OwnRates, ...]) -> str:
    """Who chose surgery later, in a line for the clinician with the denominator of `every_figure`; empty where not known."""
    table = _every_row(evidence, consultation, rates)
    later = crossovers_told(table.later)
    if not later:
        return ""
    cell = chose_later_cell(later, Audience.CLINICIAN, table.denominator)
    had = f"open and minimally invasive {HAD_IT_ALREADY}"
    return f"{CHOSE_LATER}, {CHOSE_LATER_NOTE}: without surgery {cell.big} ({cell.small}); {had}"


def _every_row(evidence: Evidence, consultation: Consultation, rates: tuple[OwnRates, ...]) -> SideBySide:
    wanted = dict.fromkeys((*_harms(rates), *values.outcomes(values.marked(evidence, consultation))))
    return rows_for(evidence, *subject(evidence, consultation), tuple(wanted), rates)


def _harms(rates: tuple[OwnRates, ...]) -> tuple[Outcome, ...]:
    return tuple(dict.fromkeys((*MAIN_HARMS, *(r.outcome for r in rates if r.open_stands))))


def concerns(
    evidence: Evidence, consultation: Consultation, rates: tuple[OwnRates, ...], audience: Audience
) -> tuple[Concern, ...]:
    """What matters in the patient's order; the three of it with the figures that were shown for them."""
    found = []
    for m in values.marked(evidence, consultation):
        if m.concern is None:
            found.append(Concern(m.place, m.own, True, (), OWN_WORDS))
            continue
        if m.place is Place.ALSO:
            found.append(Concern(m.place, concern_label(m.concern, audience), False, ()))
            continue
        told = figures(values.rows(evidence, consultation, m, rates, audience is Audience.PATIENT), audience)
        found.append(Concern(m.place, concern_label(m.concern, audience), False, told, "" if told else NO_FIGURE))
    return tuple(found)


def summary(
    evidence: Evidence, consultation: Consultation, items: Checklist, rates: tuple[OwnRates, ...], audience: Audience
) -> ConsultationSummary:
    """The consultation in the words of the audience. `items`: the checklist as the clinic asks it."""
    act_now, said = _red_flags(items, consultation, audience)
    unclear = [row.item_id for row in evidence.sure if consultation.sure.get(row.item_id) is False]
    open_ = [row.item_id for row in evidence.sure if row.item_id not in consultation.sure]
    if len(open_) == len(evidence.sure):
        sure = "Not asked yet."
    elif unclear:
        sure = ""
    else:
        sure = "Yes to each question." if not open_ else f"Yes so far. Not asked: {len(open_)}."
    return ConsultationSummary(
        act_now=act_now,
        flags=said,
        concerns=concerns(evidence, consultation, rates, audience),
        harms=main_harms(evidence, consultation, rates, audience),
        harms_not_known=harms_not_known(evidence, consultation, rates, audience),
        leaning=LEANINGS[consultation.leaning] if consultation.leaning else "",
        because=consultation.leaning_reason.strip(),
        sure=sure,
        unclear=tuple(SURE_PROMPTS[i] for i in unclear),
        steps=tuple(", ".join(parts) for s in consultation.next_steps if (parts := step_parts(s))),
    )


def _red_flags(items: Checklist, c: Consultation, audience: Audience) -> tuple[tuple[str, ...], str]:
    """Those answered yes, and one sentence on the others."""
    flags = items.core().part(Part.RED_FLAG)
    yes = tuple(
        item_statement(i, Answer.YES, audience) for i in items.part(Part.RED_FLAG) if c.answers.get(i.id) is Answer.YES
    )
    left = sum(1 for i in flags if i.id not in c.answers)
    unknown = sum(1 for i in flags if c.answers.get(i.id) is Answer.NOT_KNOWN)
    rest = f"Not known: {unknown}." if unknown else ""
    if left == len(flags):
        return yes, "" if yes else "Not asked yet."
    none = "" if yes or unknown else "None of those asked."
    if not yes and not unknown and not left:
        none = "None of them."
    return yes, " ".join(t for t in (none, rest, f"Not asked: {left}." if left else "") if t)
