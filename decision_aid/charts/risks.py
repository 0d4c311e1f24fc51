"""What can go wrong, road by road, out of the same people: numbers, both frames and icon_arrays that count alike."""

from __future__ import annotations

from dataclasses import dataclass

from decision_aid.charts import icon_arrays
from decision_aid.charts.icon_arrays import Picture
from decision_aid.comparison import side_by_side
from decision_aid.comparison.comparison import Comparison, State
from decision_aid.comparison.own_rates import OwnRates
from decision_aid.comparison.side_by_side import HARMS, OutcomeAnswer, SideBySide
from decision_aid.comparison.study_results import StudyResult
from decision_aid.domain.audience import Face
from decision_aid.domain.vocabulary import Condition, Outcome, Procedure, Road
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.wording import sentences as wording

BURDENS = (Outcome.OPERATIVE_TIME, Outcome.FLUOROSCOPY_TIME)
MOST_SINGLE_STUDIES = 2  # icon_arrays of studies that cannot be pooled; the others stand in the list of studies


@dataclass(frozen=True, slots=True)
class Box:
    """One road's risk: the number, the other frame in words, and its picture where there is one."""

    road: Road
    big: str
    small: str
    state: State
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class Risk:
    """One harm on the three roads. `study`: the one study the boxes show where nothing can be pooled."""

    outcome: OutcomeRow
    boxes: tuple[Box, ...]
    study: StudyResult | None = None


def table(evidence: Evidence, condition: Condition, procedure: Procedure, own: tuple[OwnRates, ...] = ()) -> SideBySide:
    """Every harm and burden that a study of the procedure reports or the clinic counted, over one denominator."""
    return side_by_side.rows_for(evidence, condition, procedure, HARMS + BURDENS, own)


def three_roads(row: OutcomeAnswer, shown: SideBySide, face: Face, colour: str | None = None) -> Risk:
    """Three boxes of equal size. Pictures only where both kinds of surgery have one: a picture weighs more than words.

    None of an arm in which nobody, or everybody, had the event: an empty picture would be a promise.
    """
    d, both = shown.denominator, row.approaches.absolute_risk
    cells = {
        Road.WITHOUT_SURGERY: wording.without_surgery_cell(row, face, d),
        Road.OPEN: wording.level_cell(row.approaches, False, face, d),
        Road.MIS: wording.level_cell(row.approaches, True, face, d),
    }
    found = {
        Road.WITHOUT_SURGERY: wording.risk_without_surgery(row),
        Road.OPEN: both.baseline if both else None,
        Road.MIS: both.first if both else None,
    }
    drawn = both is not None and _can_be_drawn(*(risk for risk in found.values() if risk is not None))
    label = wording.outcome_label(row.outcome, face)
    boxes = []
    for road, cell in cells.items():
        small = wording.event_told(row, cell)
        told = f"{cell.big} {small}".strip() + "."
        picture = (
            icon_arrays.icon_array(found[road], road, title=label, told=told, denominator=d, colour=colour)
            if drawn
            else None
        )
        boxes.append(Box(road, cell.big, small, cell.state, picture))
    return Risk(row.outcome, tuple(boxes))


def single_studies(row: OutcomeAnswer, shown: SideBySide, face: Face) -> tuple[Risk, ...]:
    """Where too few studies can be pooled: the largest that counted both arms, each by itself, never mixed."""
    c = row.approaches
    if c.state is not State.TOO_FEW:
        return ()
    counted = [
        s for s in c.shown_studies if s.first and s.second and s.first.risk is not None and s.second.risk is not None
    ]
    counted.sort(key=lambda s: (-(s.n_total or 0), s.label))
    return tuple(_of_study(s, row, shown, face) for s in counted[:MOST_SINGLE_STUDIES])


def apart(c: Comparison, denominator: int, title: str) -> Picture | None:
    """The difference as icons among the same people; None where no absolute risk is known."""
    if c.absolute_risk is None or not _can_be_drawn(c.absolute_risk.first, c.absolute_risk.baseline):
        return None
    told = f"{wording.difference_cell(c, Face.PATIENT, denominator).big}."
    return icon_arrays.difference(
        c.absolute_risk.first, c.absolute_risk.baseline, title=title, told=told, denominator=denominator
    )


def _can_be_drawn(*risks: float) -> bool:
    return not {0.0, 1.0} & set(risks)


def _of_study(s: StudyResult, row: OutcomeAnswer, shown: SideBySide, face: Face) -> Risk:
    label = wording.outcome_label(row.outcome, face)
    boxes = []
    assert s.first
    assert s.second
    drawn = _can_be_drawn(s.first.risk or 0.0, s.second.risk or 0.0)
    for road, arm in ((Road.OPEN, s.second), (Road.MIS, s.first)):
        assert arm.risk is not None
        cell = wording.study_risk_cell(arm, row.outcome, shown.denominator)
        told = f"{cell.big} {cell.small}".strip() + "."
        picture = (
            icon_arrays.icon_array(arm.risk, road, title=label, told=told, denominator=shown.denominator)
            if drawn
            else None
        )
        boxes.append(Box(road, cell.big, cell.small, cell.state, picture))
    return Risk(row.outcome, tuple(boxes), s)
