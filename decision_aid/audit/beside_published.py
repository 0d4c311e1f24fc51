"""The own results beside the published ones: paired for one outcome, never pooled."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from decision_aid.audit.results import (
    EVENTS,
    MEASURES,
    REOPERATION_MONTHS,
    Distribution,
    GroupState,
    LogMeasure,
    Rate,
    Summary,
    state_of,
)
from decision_aid.case_log.fields import Approach
from decision_aid.comparison.absolute_values import LevelRange
from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.question import Contrast
from decision_aid.domain.time_windows import TimeWindow
from decision_aid.domain.vocabulary import Outcome, Unit


class Pairing(StrEnum):
    """Why own results stand beside the published ones, or why they cannot."""

    PAIRED = "paired"
    NOT_IN_THE_LOG = "not_in_the_log"  # a case log has no field for this outcome
    NO_SUCH_TIME = "no_such_time"  # the log has the outcome, but not at the time asked for
    OTHER_CONTRAST = "other_contrast"  # not open against minimally invasive
    NO_CASES = "no_cases"  # none of this procedure


@dataclass(frozen=True, slots=True)
class PublishedRisk:
    """A risk from 0 to 1 with its 95 % interval, out of an `AbsoluteRisk`."""

    risk: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Side:
    """One approach. Own: a distribution or a rate, None without a case. Published: lowest to highest level over the
    studies, and for events the pooled risk; None where there is none. Levels and own values share `Beside.unit`."""

    approach: Approach
    cases: int
    distribution: Distribution | None = field(repr=False)
    rate: Rate | None = field(repr=False)
    published_levels: LevelRange | None
    published_risk: PublishedRisk | None

    @property
    def recorded(self) -> int:
        """Own cases that have this result on record."""
        own = self.distribution or self.rate
        return own.n if own else 0

    @property
    def state(self) -> GroupState:
        """What the number of own cases with this result on record allows."""
        return state_of(self.recorded)


@dataclass(frozen=True, slots=True)
class Beside:
    """Own open and MIS results beside those of a `Comparison`; levels in `unit`, risks from 0 to 1."""

    outcome: Outcome
    unit: Unit
    window: TimeWindow
    pairing: Pairing
    open: Side
    mis: Side


def beside_published(summary: Summary, comparison: Comparison) -> Beside:
    """Put the own results of a procedure beside the published ones of one outcome and time.

    Scores are paired at 3, 12 and 24 months where the question's window has that as its usual time, reoperations at 24
    months. Other harms stand beside the first months, in which they happen: a log gives no date for them.

    Raises ValueError where the comparison counts an outcome in another unit than a case log.
    """
    question, outcome = comparison.question, comparison.outcome.outcome
    measure = _measure(outcome, question.window)
    if measure is not None and measure.unit != comparison.outcome.unit:
        raise ValueError(f"{outcome}: a case log holds {measure.unit}, the published results {comparison.outcome.unit}")
    groups = {a: summary.group(question.procedure, a) for a in Approach}
    event = _has_event(outcome, question.window)
    pairing = Pairing.PAIRED
    if question.contrast is not Contrast.MIS_VERSUS_OPEN:
        pairing = Pairing.OTHER_CONTRAST
    elif not any(m.outcome == outcome for m in MEASURES) and outcome not in EVENTS:
        pairing = Pairing.NOT_IN_THE_LOG
    elif measure is None and not event:
        pairing = Pairing.NO_SUCH_TIME
    elif not any(groups.values()):
        pairing = Pairing.NO_CASES

    contrasted = pairing is not Pairing.OTHER_CONTRAST
    risk = comparison.absolute_risk if contrasted else None
    published = {
        Approach.OPEN: (
            comparison.second_levels if contrasted else None,
            PublishedRisk(risk.baseline, risk.baseline_low, risk.baseline_high) if risk else None,
        ),
        Approach.MIS: (
            comparison.first_levels if contrasted else None,
            PublishedRisk(risk.first, risk.first_low, risk.first_high) if risk else None,
        ),
    }
    sides = {}
    for approach, group in groups.items():
        own = group if pairing is Pairing.PAIRED else None
        rate = None
        if own and event:
            timed = outcome == Outcome.REOPERATION
            rate = own.reoperation_24_months.within if timed else own.rate(str(outcome))
        distribution = own.distribution(measure.name) if own and measure else None
        sides[approach] = Side(approach, group.cases if group else 0, distribution, rate, *published[approach])
    return Beside(outcome, comparison.outcome.unit, question.window, pairing, sides[Approach.OPEN], sides[Approach.MIS])


def _measure(outcome: Outcome, window: TimeWindow) -> LogMeasure | None:
    """The value itself, not its change, that a log has of an outcome at a time."""
    fitting = (m for m in MEASURES if m.outcome == outcome and not m.is_change)
    return next((m for m in fitting if m.months is None or (m.months and m.months == window.nominal_months)), None)


def _has_event(outcome: Outcome, window: TimeWindow) -> bool:
    if outcome == Outcome.REOPERATION:
        return window.nominal_months == REOPERATION_MONTHS
    return outcome in EVENTS and window in (TimeWindow.PERIOPERATIVE, TimeWindow.EARLY)
