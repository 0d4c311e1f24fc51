"""The own results beside the published ones: paired for one outcome, never pooled."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from decision_aid.audit.results import (
    EVENTS,
    MEASURES,
    REOPERATION_MONTHS,
    Distribution,
    Group,
    GroupState,
    LogMeasure,
    Rate,
    Summary,
    state_of,
)
from decision_aid.case_log.fields import Approach
from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.question import Contrast
from decision_aid.comparison.side_by_side import OptionValue
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
class OnRecord:
    """Of the cases that could have a result on record by now (`due`), how many have; those operated on `months` ago and
    more, None where time does not matter."""

    recorded: int
    due: int
    months: int | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One approach. Own: a distribution or a rate, None without a case. Published: the typical value, of events the
    risk, None where no source gives one. Both are in `Beside.unit`, risks from 0 to 1."""

    approach: Approach
    cases: int
    distribution: Distribution | None = field(repr=False)
    rate: Rate | None = field(repr=False)
    on_record: OnRecord | None
    published: OptionValue | None

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
    """Own open and MIS results beside the published ones of a `Comparison`; levels in `unit`, risks from 0 to 1."""

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

    published: dict[Approach, OptionValue] = {}
    if pairing is not Pairing.OTHER_CONTRAST and (a := comparison.absolute) is not None:
        published = {
            Approach.OPEN: OptionValue(a.baseline, a.baseline_low, a.baseline_high),
            Approach.MIS: OptionValue(a.first, a.first_low, a.first_high),
        }
    sides = {}
    for approach, group in groups.items():
        own = group if pairing is Pairing.PAIRED else None
        rate = on_record = None
        if own and event:
            timed = outcome == Outcome.REOPERATION
            rate = own.reoperation_24_months.within if timed else own.rate(str(outcome))
            on_record = _reoperation_on_record(own) if timed else _ever_on_record(own, str(outcome))
        distribution = own.distribution(measure.name) if own and measure else None
        if own and measure:
            on_record = _at_the_visit(own, measure) if measure.months else _ever_on_record(own, measure.field)
        cases = group.cases if group else 0
        sides[approach] = Side(approach, cases, distribution, rate, on_record, published.get(approach))
    return Beside(outcome, comparison.outcome.unit, question.window, pairing, sides[Approach.OPEN], sides[Approach.MIS])


def _measure(outcome: Outcome, window: TimeWindow) -> LogMeasure | None:
    """The value itself, not its change, that a log has of an outcome at a time."""
    fitting = (m for m in MEASURES if m.outcome == outcome and not m.is_change)
    return next((m for m in fitting if m.months is None or (m.months and m.months == window.nominal_months)), None)


def _has_event(outcome: Outcome, window: TimeWindow) -> bool:
    if outcome == Outcome.REOPERATION:
        return window.nominal_months == REOPERATION_MONTHS
    return outcome in EVENTS and window in (TimeWindow.PERIOPERATIVE, TimeWindow.EARLY)


def _ever_on_record(group: Group, name: str) -> OnRecord:
    return OnRecord(group.cases - group.not_recorded(name), group.cases)


def _at_the_visit(group: Group, measure: LogMeasure) -> OnRecord:
    visit = next(f for f in group.follow_up if (f.outcome, f.months) == (measure.outcome, measure.months))
    return OnRecord(visit.recorded, visit.due, visit.months)


def _reoperation_on_record(group: Group) -> OnRecord:
    found = group.reoperation_24_months
    return OnRecord(found.within.n, group.cases - found.too_recent, REOPERATION_MONTHS)
