"""What can go wrong, option by option, out of the same people: numbers, both frames, and icon arrays that count alike."""

from __future__ import annotations

from dataclasses import dataclass

from decision_aid import wording
from decision_aid.charts import icon_arrays
from decision_aid.charts.icon_arrays import Picture
from decision_aid.comparison import side_by_side
from decision_aid.comparison.comparison import State
from decision_aid.comparison.own_rates import OwnRates
from decision_aid.comparison.shown_risks import is_drawable, risks_shown
from decision_aid.comparison.side_by_side import HARMS, OutcomeAnswer, SideBySide
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Option, Outcome, Procedure
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import OutcomeRow

__all__ = [
    "BURDENS",
    "HARMS",
    "HarmShown",
    "OptionRisk",
    "table",
    "three_options",
]

BURDENS = (Outcome.OPERATIVE_TIME, Outcome.FLUOROSCOPY_TIME)


@dataclass(frozen=True, slots=True)
class OptionRisk:
    """One option's risk: the number, the other frame in words, and its picture where there is one."""

    option: Option
    big: str
    small: str
    state: State
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class HarmShown:
    """One harm on the three options."""

    outcome: OutcomeRow
    boxes: tuple[OptionRisk, ...]


def table(evidence: Evidence, condition: Condition, procedure: Procedure, own: tuple[OwnRates, ...] = ()) -> SideBySide:
    """Every harm and burden of the procedure over one denominator; those nobody reports or counted are named in it."""
    return side_by_side.rows_for(evidence, condition, procedure, side_by_side.harms_of(procedure) + BURDENS, own)


def three_options(row: OutcomeAnswer, shown: SideBySide, audience: Audience, colour: str | None = None) -> HarmShown:
    """Three boxes of equal size. Pictures only where both kinds of surgery have one: a picture weighs more than words.

    None of an arm in which nobody, or everybody, had the event: an empty picture would be a promise.
    """
    d = shown.denominator
    cells = {
        Option.WITHOUT_SURGERY: wording.without_surgery_cell(row, audience, d),
        Option.OPEN: wording.level_cell(row.approaches, False, audience, d),
        Option.MIS: wording.level_cell(row.approaches, True, audience, d),
    }
    told = {option: (cell, wording.event_told(row, cell)) for option, cell in cells.items()}
    patient = audience is Audience.PATIENT
    drawn = row.approaches.absolute_risk is not None and row.approaches.is_told_to(patient)
    return HarmShown(row.outcome, _boxes(row.outcome, told, risks_shown(row, patient), drawn, d, audience, colour))


def _boxes(
    outcome: OutcomeRow,
    told: dict[Option, tuple[wording.Cell, str]],
    risks: dict[Option, float | None],
    drawn: bool,
    denominator: int,
    audience: Audience,
    colour: str | None = None,
) -> tuple[OptionRisk, ...]:
    """A box for each option; all of them have a picture or none has."""
    drawn = drawn and is_drawable(*risks.values())
    label = wording.outcome_label(outcome, audience)
    boxes = []
    for option, (cell, small) in told.items():
        sentence = f"{cell.big} {small}".strip() + "."
        picture = (
            icon_arrays.icon_array(
                risks[option], option, title=label, told=sentence, denominator=denominator, colour=colour
            )
            if drawn
            else None
        )
        boxes.append(OptionRisk(option, cell.big, small, cell.state, picture))
    return tuple(boxes)
