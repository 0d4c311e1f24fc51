"""When an outcome was measured: the windows in which times of different studies are taken as the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from decision_aid.domain.vocabulary import Horizon, Outcome, Timing


class Timed(Protocol):
    """A row that says when it was measured."""

    @property
    def timing(self) -> Timing: ...
    @property
    def timepoint_months(self) -> float | None: ...


class TimedOutcome(Protocol):
    """What an outcome says of the times it is measured at."""

    @property
    def outcome(self) -> Outcome: ...
    @property
    def horizon(self) -> Horizon: ...
    @property
    def default_time_months(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class _Span:
    id: str
    nominal_months: float | None
    after_months: float  # exclusive
    up_to_months: float  # inclusive
    clinician_label: str
    patient_label: str


class TimeWindow(Enum):
    """A span of follow-up. Months are counted from the operation; the lower limit is not included, the upper is."""

    PERIOPERATIVE = _Span("perioperative", None, 0, 0, "perioperative", "around the operation")
    # Harms of the operation itself: studies count them in hospital, at 30 or at 90 days.
    EARLY = _Span("early", None, 0, 3, "perioperative to 3 months", "in the first 3 months")
    WEEKS_6 = _Span("6_weeks", 1.5, 0, 2, "up to 2 months", "in the first 2 months")
    MONTHS_3 = _Span("3_months", 3, 2, 4.5, "3 months", "at 3 months")
    MONTHS_6 = _Span("6_months", 6, 4.5, 9, "6 months", "at 6 months")
    YEAR_1 = _Span("1_year", 12, 9, 18, "1 year", "at 1 year")
    YEARS_2 = _Span("2_years", 24, 18, 30, "2 years", "at 2 years")
    YEARS_4 = _Span("4_years", 48, 30, 54, "3 to 4 years", "at 3 to 4 years")
    YEARS_5_ON = _Span("5_years_on", 60, 54, float("inf"), "5 years and later", "5 years or more later")

    @property
    def id(self) -> str:
        return self.value.id

    @property
    def nominal_months(self) -> float | None:
        return self.value.nominal_months

    @property
    def clinician_label(self) -> str:
        return self.value.clinician_label

    @property
    def patient_label(self) -> str:
        return self.value.patient_label

    def holds(self, row: Timed) -> bool:
        """Whether the time of a row falls into this window. A time that is not stated falls into none."""
        if row.timing == Timing.NOT_STATED:
            return False
        if row.timing == Timing.PERIOPERATIVE:
            return self in (TimeWindow.PERIOPERATIVE, TimeWindow.EARLY)
        months = row.timepoint_months or 0.0
        return self.value.after_months < months <= self.value.up_to_months

    def distance(self, row: Timed) -> float:
        """How far a row of this window lies from its nominal time, in months; a perioperative row lies at 0."""
        months = row.timepoint_months or 0.0
        return abs(months - self.nominal_months) if self.nominal_months is not None else months


# An outcome at the time it is shown at unless asked, or at the time that somebody is interested in.
AskedFor = Outcome | tuple[Outcome, TimeWindow]

FOLLOW_UP = (
    TimeWindow.WEEKS_6,
    TimeWindow.MONTHS_3,
    TimeWindow.MONTHS_6,
    TimeWindow.YEAR_1,
    TimeWindow.YEARS_2,
    TimeWindow.YEARS_4,
    TimeWindow.YEARS_5_ON,
)


def window_at(outcome: TimedOutcome, months: float) -> TimeWindow:
    """The window of an outcome that holds a time after the operation.

    Raises ValueError, with a sentence, for a time that is not after the operation and for an outcome that has none.
    """
    if outcome.horizon == Horizon.PERIOPERATIVE:
        raise ValueError(f"{outcome.outcome} is measured around the operation: leave the time out")
    if not months > 0:
        raise ValueError(f"{months:g} months is not a time after the operation")
    if outcome.horizon == Horizon.EARLY and months <= TimeWindow.EARLY.value.up_to_months:
        return TimeWindow.EARLY
    return next(w for w in FOLLOW_UP if months <= w.value.up_to_months)


def default_window(outcome: TimedOutcome) -> TimeWindow:
    """The window in which an outcome is shown unless another is asked for."""
    if outcome.horizon == Horizon.PERIOPERATIVE:
        return TimeWindow.PERIOPERATIVE
    if outcome.horizon == Horizon.EARLY:
        return TimeWindow.EARLY
    return window_at(outcome, outcome.default_time_months or 12.0)


def windows_of(outcome: TimedOutcome) -> tuple[TimeWindow, ...]:
    """Every window an outcome can be read in, earliest first."""
    if outcome.horizon == Horizon.PERIOPERATIVE:
        return (TimeWindow.PERIOPERATIVE,)
    if outcome.horizon == Horizon.EARLY:
        return (TimeWindow.EARLY, *FOLLOW_UP[2:])
    return FOLLOW_UP
