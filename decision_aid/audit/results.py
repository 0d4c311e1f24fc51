"""What a case log says, as frozen dataclasses: groups, distributions, rates, follow-up, case mix.

A result holds aggregates only, and none of its classes shows values when printed: of one case, a mean is the patient's
own value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar

from decision_aid.case_log.fields import BY_NAME, FIELDS, FOLLOW_UPS_MONTHS, Approach, Kind
from decision_aid.comparison.own_rates import FEWEST_CASES, OwnRate
from decision_aid.domain.vocabulary import Outcome, Procedure, Unit

SMALL_NUMBERS = FEWEST_CASES  # fewer cases are shown, not compared
SMALLEST_SHOWN_TO_PATIENTS = 5  # fewer are never on the patient audience or the handout
NOTABLE_DIFFERENCE = 0.1  # Austin 2009: a standardised difference above it is worth naming
REOPERATION_MONTHS = 24


class GroupState(StrEnum):
    """What a number of cases allows."""

    TOO_FEW_FOR_PATIENTS = "too_few_for_patients"  # fewer than five: not on the patient audience, not in the handout
    SHOWN_NOT_COMPARED = "shown_not_compared"  # fewer than twenty
    COMPARED = "compared"

    @property
    def for_patients(self) -> bool:
        return self is not GroupState.TOO_FEW_FOR_PATIENTS


def state_of(cases: int) -> GroupState:
    if cases < SMALLEST_SHOWN_TO_PATIENTS:
        return GroupState.TOO_FEW_FOR_PATIENTS
    return GroupState.SHOWN_NOT_COMPARED if cases < SMALL_NUMBERS else GroupState.COMPARED


@dataclass(frozen=True, slots=True)
class LogMeasure:
    """A continuous result. `months`: 0 before the operation, None where an outcome has no visits.

    A change is the value at the visit minus the value before, of the cases that have both.
    """

    name: str
    field: str
    outcome: Outcome
    unit: Unit
    months: int | None = None
    before: str | None = None  # the field a change is taken from

    @property
    def is_change(self) -> bool:
        return self.before is not None


_UNITS = {
    "blood_loss_ml": Unit.ML,
    "length_of_stay_days": Unit.DAYS,
    "operative_time_min": Unit.MIN,
    "return_to_work_days": Unit.DAYS,
}
_SCORE_UNITS = {
    Outcome.ODI: Unit.POINTS_0_100,
    Outcome.VAS_LEG: Unit.POINTS_0_10,
    Outcome.VAS_BACK: Unit.POINTS_0_10,
}


def _measures() -> Iterator[LogMeasure]:
    for name, unit in _UNITS.items():
        yield LogMeasure(name, name, Outcome(str(BY_NAME[name].outcome)), unit)
    for outcome, unit in _SCORE_UNITS.items():
        before = f"{outcome}_before"
        yield LogMeasure(before, before, outcome, unit, 0)
        for months in FOLLOW_UPS_MONTHS:
            at = f"{outcome}_{months}_months"
            yield LogMeasure(at, at, outcome, unit, months)
            yield LogMeasure(f"{at}_change", at, outcome, unit, months, before)


MEASURES = tuple(_measures())
SCORES = tuple(m for m in MEASURES if m.months and not m.is_change)
EVENTS = tuple(f.name for f in FIELDS if f.kind is Kind.YES_NO and f.outcome)
# A date that goes with an event is missing only where the event happened.
DATE_OF = {"reoperation_date": "reoperation", "readmission_date": "readmission"}
# Field and the values told apart: of numbers, the last holds everything from it upwards.
MIX: Mapping[str, tuple[str, ...]] = {
    "age_group": BY_NAME["age_group"].choices,
    "asa": ("1", "2", "3", "4", "5"),
    "bmi_group": BY_NAME["bmi_group"].choices,
    "smoking": ("yes",),
    "diabetes": ("yes",),
    "levels": ("1", "2", "3+"),
}
LARGEST_TOLD_APART = {name: len(values) for name, values in MIX.items() if BY_NAME[name].kind is Kind.WHOLE}


@dataclass(frozen=True, slots=True)
class Distribution:
    """A continuous result of a group, in `measure.unit`; None where too few values leave nothing to say.

    `mean_low` to `mean_high`: 95 % interval, t with n - 1 degrees of freedom. `sd`: divided by n - 1. Quartiles:
    linear between neighbours (R's type 7).
    """

    measure: LogMeasure
    n: int
    mean: float | None = field(repr=False)
    mean_low: float | None = field(repr=False)
    mean_high: float | None = field(repr=False)
    sd: float | None = field(repr=False)
    q1: float | None = field(repr=False)
    median: float | None = field(repr=False)
    q3: float | None = field(repr=False)
    minimum: float | None = field(repr=False)
    maximum: float | None = field(repr=False)

    @property
    def state(self) -> GroupState:
        return state_of(self.n)


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of the `n` cases with a record had the event; risks from 0 to 1, 95 % Wilson interval; None for n = 0."""

    name: str
    n: int
    events: int = field(repr=False)
    rate: float | None = field(repr=False)
    low: float | None = field(repr=False)
    high: float | None = field(repr=False)

    @property
    def state(self) -> GroupState:
        return state_of(self.n)

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.name)

    @property
    def counted(self) -> OwnRate | None:
        """The counts alone; None where nothing is recorded."""
        return OwnRate(self.events, self.n) if self.n else None


@dataclass(frozen=True, slots=True)
class Reoperation:
    """Reoperation within 24 months, as a plain share of the cases for which 24 months had passed at `as_of`.

    No survival analysis: a case without a recorded reoperation counts as followed for the whole time, because a log
    does not say who moved away or died. Cases in `undated` had a reoperation without a date; they count as within the
    time, so that the share is never told too small. `too_recent` and `not_recorded` cases are in no share.
    """

    within: Rate
    undated: int = field(repr=False)
    too_recent: int = field(repr=False)
    not_recorded: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Of the cases operated on long enough ago (`due`), how many have the score of that visit on record."""

    field: str
    outcome: Outcome
    months: int
    due: int
    recorded: int

    @property
    def share(self) -> float | None:
        return self.recorded / self.due if self.due else None


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many cases have a field on record. A date of reoperation or readmission: of those who had one."""

    field: str
    recorded: int
    not_recorded: int


@dataclass(frozen=True, slots=True)
class Year:
    """One calendar year of a group. `partial`: the log may cover only part of it."""

    year: int
    partial: bool
    cases: int = field(repr=False)
    distributions: tuple[Distribution, ...]
    rates: tuple[Rate, ...]

    @property
    def state(self) -> GroupState:
        return state_of(self.cases)

    def distribution(self, name: str) -> Distribution:
        """By name of the measure. Raises KeyError for none of `MEASURES`."""
        return _named(self.distributions, name, lambda d: d.measure.name)

    def rate(self, name: str) -> Rate:
        """By name of the event. Raises KeyError for none of `EVENTS`."""
        return _named(self.rates, name, lambda r: r.name)


@dataclass(frozen=True, slots=True)
class Group:
    """The own cases of one procedure and approach."""

    procedure: Procedure
    approach: Approach
    cases: int
    years: tuple[Year, ...]  # every calendar year from the log's first to its last
    distributions: tuple[Distribution, ...]
    rates: tuple[Rate, ...]
    reoperation_24_months: Reoperation
    follow_up: tuple[FollowUp, ...]
    recorded: tuple[Recorded, ...]

    @property
    def state(self) -> GroupState:
        return state_of(self.cases)

    @property
    def cases_per_year(self) -> float | None:
        """Mean number of cases in the calendar years that are not partial; None where there is none."""
        whole = [y.cases for y in self.years if not y.partial]
        return sum(whole) / len(whole) if whole else None

    def distribution(self, name: str) -> Distribution:
        """By name of the measure. Raises KeyError for none of `MEASURES`."""
        return _named(self.distributions, name, lambda d: d.measure.name)

    def rate(self, name: str) -> Rate:
        """By name of the event. Raises KeyError for none of `EVENTS`."""
        return _named(self.rates, name, lambda r: r.name)

    def not_recorded(self, name: str) -> int:
        """How many cases lack a field. Raises KeyError for a field that is not in the log."""
        return _named(self.recorded, name, lambda r: r.field).not_recorded


@dataclass(frozen=True, slots=True)
class MixValue:
    """One value of a characteristic. Shares from 0 to 1 of the cases with a record; `difference` is MIS minus open."""

    value: str
    open_count: int = field(repr=False)
    mis_count: int = field(repr=False)
    open_share: float | None = field(repr=False)
    mis_share: float | None = field(repr=False)
    difference: float | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class MixItem:
    """One characteristic. `difference`: the standardised difference of the value that differs most (Austin 2009).

    None where an arm has no record; infinite where everybody in one arm and nobody in the other has the value.
    """

    field: str
    values: tuple[MixValue, ...]
    open_recorded: int
    open_not_recorded: int
    mis_recorded: int
    mis_not_recorded: int
    difference: float | None

    @property
    def flagged(self) -> bool:
        return self.difference is not None and abs(self.difference) > NOTABLE_DIFFERENCE


@dataclass(frozen=True, slots=True)
class CaseMix:
    """How the own open and MIS patients differ, largest difference first; `procedure` None: all procedures together."""

    procedure: Procedure | None
    open_cases: int
    mis_cases: int
    items: tuple[MixItem, ...]

    @property
    def state(self) -> GroupState:
        """That of the smaller arm."""
        return state_of(min(self.open_cases, self.mis_cases))


@dataclass(frozen=True, slots=True)
class Summary:
    """What a case log says. `groups` holds procedures and approaches with at least one case, in the order of the enums."""

    cases: int
    first_operation: date | None = field(repr=False)
    last_operation: date | None = field(repr=False)
    as_of: date | None = field(repr=False)  # follow-up and 24 months are counted up to here
    groups: tuple[Group, ...]
    case_mix: tuple[CaseMix, ...]  # all procedures together first, then each

    def group(self, procedure: Procedure, approach: Approach) -> Group | None:
        return next((g for g in self.groups if (g.procedure, g.approach) == (procedure, approach)), None)

    def mix(self, procedure: Procedure | None = None) -> CaseMix | None:
        return next((m for m in self.case_mix if m.procedure == procedure), None)

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(y.year for y in self.groups[0].years) if self.groups else ()


Item = TypeVar("Item")


def _named(found: Iterable[Item], name: str, key: Callable[[Item], str]) -> Item:
    for item in found:
        if key(item) == name:
            return item
    raise KeyError(name)
