"""Which risk is told and drawn: whose it is, out of how many people, and how many people lie between two."""

from __future__ import annotations

from dataclasses import dataclass

from decision_aid.comparison import own_rates
from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.natural_course import Crossover
from decision_aid.comparison.own_rates import OwnRate
from decision_aid.comparison.side_by_side import OutcomeAnswer
from decision_aid.comparison.study_results import StudyResult
from decision_aid.domain.vocabulary import Option


@dataclass(frozen=True, slots=True)
class PeopleApart:
    """How many people lie between two risks of the same people, as the two counts are shown. 0: fewer than one."""

    count: int
    fewer: bool


@dataclass(frozen=True, slots=True)
class OwnApart:
    """The clinic's own rates apart: people, None where one group has nobody or everybody; limits from -1 to 1."""

    people: PeopleApart | None
    low: float
    high: float


def count_of(risk: float, denominator: int) -> int:
    """How many people out of a denominator a risk (0 to 1) stands for, rounded half up; icons and text share it."""
    return int(risk * denominator + 0.5)


def people_apart(risk: float, baseline: float, denominator: int) -> PeopleApart:
    """A risk against a baseline; of equal counts the risks themselves decide which has fewer."""
    count = count_of(risk, denominator) - count_of(baseline, denominator)
    return PeopleApart(abs(count), count < 0 or (count == 0 and risk <= baseline))


def own_apart(first: OwnRate, second: OwnRate, denominator: int) -> OwnApart:
    """First against second as counted, with the 95 % interval of the difference of the rates."""
    _, low, high = own_rates.difference(first, second)
    people = people_apart(first.rate, second.rate, denominator) if is_drawable(first.rate, second.rate) else None
    return OwnApart(people, low, high)


def own_rate_stands(c: Comparison, first: bool) -> bool:
    """Whether a side of the comparison is told from the clinic's own rates: first is minimally invasive surgery."""
    if c.own is None:
        return False
    return not first or c.own.mis is not None or c.absolute_risk is not None


def single_study(c: Comparison) -> StudyResult | None:
    """The one study that a number rests on; None where it is a pool or a review."""
    return c.lead.study if c.lead.effect is not None else None


def crossovers_told(later: tuple[Crossover, ...]) -> tuple[Crossover, ...]:
    """The published shares that are told at once, earliest first; the others are one click away."""
    return tuple(c for c in later if c.row.leads) or later[:1]


def risks_shown(row: OutcomeAnswer, patient: bool) -> dict[Option, float | None]:
    """The one risk (0 to 1) that each option's cell tells, for a picture of it; None where it tells none or a range."""
    values = {option: row.value(option, patient) for option in Option}
    return {option: None if value is None else value.value for option, value in values.items()}


def is_drawable(*risks: float | None) -> bool:
    """Whether icons may draw these risks: of nobody or everybody a picture would be a promise."""
    return not {0.0, 1.0} & set(risks)
