"""When an outcome was measured: which window a time falls into."""

from __future__ import annotations

import math

import pytest
from builders import arm_row
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_aid.domain.time_windows import FOLLOW_UP, TimeWindow, default_window, window_at, windows_of
from decision_aid.domain.vocabulary import Horizon, Outcome
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import ArmRow

deterministic = settings(derandomize=True, database=None, deadline=None, max_examples=100)
AFTER = st.floats(0, 1200, exclude_min=True)


def at(months: float) -> ArmRow:
    return arm_row(outcome="odi", mean=20, timing="at_months", timepoint_months=months)


def holding(row: ArmRow) -> list[TimeWindow]:
    return [window for window in TimeWindow if window.holds(row)]


@pytest.mark.parametrize(
    ("months", "window"),
    [
        (0.25, TimeWindow.WEEKS_6),
        (2, TimeWindow.WEEKS_6),
        (2.0001, TimeWindow.MONTHS_3),
        (4.5, TimeWindow.MONTHS_3),
        (4.5001, TimeWindow.MONTHS_6),
        (9, TimeWindow.MONTHS_6),
        (9.0001, TimeWindow.YEAR_1),
        (18, TimeWindow.YEAR_1),
        (18.0001, TimeWindow.YEARS_2),
        (30, TimeWindow.YEARS_2),
        (30.0001, TimeWindow.YEARS_4),
        (54, TimeWindow.YEARS_4),
        (54.0001, TimeWindow.YEARS_5_ON),
        (240, TimeWindow.YEARS_5_ON),
    ],
)
def test_the_upper_edge_of_a_window_belongs_to_it_and_the_lower_does_not(months: float, window: TimeWindow) -> None:
    assert [w for w in FOLLOW_UP if w.holds(at(months))] == [window]


@given(AFTER)
@deterministic
def test_every_time_after_the_operation_falls_into_exactly_one_follow_up_window(months: float) -> None:
    assert sum(window.holds(at(months)) for window in FOLLOW_UP) == 1


def test_follow_up_windows_meet_without_gap_or_overlap() -> None:
    spans = [window.value for window in FOLLOW_UP]
    assert spans[0].after_months == 0
    assert math.isinf(spans[-1].up_to_months)
    assert [s.up_to_months for s in spans[:-1]] == [s.after_months for s in spans[1:]]


def test_follow_up_windows_are_named_after_usual_visits() -> None:
    assert [window.nominal_months for window in FOLLOW_UP] == [1.5, 3, 6, 12, 24, 48, 60]


@pytest.mark.parametrize("window", FOLLOW_UP)
def test_the_nominal_time_of_a_window_lies_in_it(window: TimeWindow) -> None:
    assert window.nominal_months is not None
    assert window.holds(at(window.nominal_months))


def test_before_the_operation_is_in_no_window() -> None:
    assert holding(at(0)) == []


def test_a_time_that_is_not_stated_is_in_no_window() -> None:
    assert holding(arm_row(outcome="odi", mean=20, timing="not_stated")) == []


def test_around_the_operation_is_never_a_follow_up() -> None:
    row = arm_row(outcome="infection", unit="events", events=1, n=20, timing="perioperative")
    assert holding(row) == [TimeWindow.PERIOPERATIVE, TimeWindow.EARLY]


@pytest.mark.parametrize(("months", "early"), [(0.1, True), (3, True), (3.0001, False)])
def test_early_reaches_to_three_months(months: float, early: bool) -> None:
    assert TimeWindow.EARLY.holds(at(months)) is early
    assert not TimeWindow.PERIOPERATIVE.holds(at(months))


def test_the_distance_is_counted_from_the_nominal_time() -> None:
    assert TimeWindow.YEAR_1.distance(at(12)) == 0
    assert TimeWindow.YEAR_1.distance(at(10)) == TimeWindow.YEAR_1.distance(at(14)) == 2
    hospital = arm_row(outcome="infection", unit="events", events=1, n=20, timing="perioperative")
    assert TimeWindow.EARLY.distance(hospital) < TimeWindow.EARLY.distance(at(1))


# ---- the windows of an outcome ---------------------------------------------------------------------------------------


@given(months=AFTER)
@deterministic
def test_the_window_asked_for_by_months_is_the_one_that_holds_them(data: Evidence, months: float) -> None:
    for outcome in (Outcome.ODI, Outcome.INFECTION):
        assert window_at(data.outcomes[outcome], months).holds(at(months))
    assert window_at(data.outcomes[Outcome.ODI], months) in FOLLOW_UP


@pytest.mark.parametrize("months", [0, -1, math.nan])
def test_a_time_that_is_not_after_the_operation_is_refused(data: Evidence, months: float) -> None:
    with pytest.raises(ValueError, match="is not a time after the operation"):
        window_at(data.outcomes[Outcome.ODI], months)


def test_an_outcome_of_the_operation_itself_has_no_time_to_choose(data: Evidence) -> None:
    with pytest.raises(ValueError, match="leave the time out"):
        window_at(data.outcomes[Outcome.BLOOD_LOSS], 12)


def test_harms_of_the_operation_are_read_early_up_to_three_months_and_then_as_a_follow_up(data: Evidence) -> None:
    infection = data.outcomes[Outcome.INFECTION]
    assert window_at(infection, 1) is TimeWindow.EARLY
    assert window_at(infection, 3) is TimeWindow.EARLY
    assert window_at(infection, 24) is TimeWindow.YEARS_2


def test_the_usual_window_of_outcomes(data: Evidence) -> None:
    usual = {outcome: default_window(definition) for outcome, definition in data.outcomes.items()}
    assert usual[Outcome.BLOOD_LOSS] is usual[Outcome.LENGTH_OF_STAY] is TimeWindow.PERIOPERATIVE
    assert usual[Outcome.COMPLICATION_ANY] is usual[Outcome.INFECTION] is TimeWindow.EARLY
    assert usual[Outcome.ODI] is usual[Outcome.VAS_LEG] is TimeWindow.YEAR_1
    assert usual[Outcome.REOPERATION] is TimeWindow.YEARS_2


@pytest.mark.parametrize("outcome", Outcome)
def test_an_outcome_is_shown_first_in_one_of_its_windows(data: Evidence, outcome: Outcome) -> None:
    definition = data.outcomes[outcome]
    assert default_window(definition) in windows_of(definition)
    if definition.default_time_months is not None:
        assert default_window(definition) is window_at(definition, definition.default_time_months)


def test_windows_are_offered_by_when_an_outcome_is_looked_at(data: Evidence) -> None:
    for definition in data.outcomes.values():
        windows = windows_of(definition)
        nominal = [w.nominal_months or 0 for w in windows]
        assert nominal == sorted(nominal)
        if definition.horizon == Horizon.PERIOPERATIVE:
            assert windows == (TimeWindow.PERIOPERATIVE,)
        elif definition.horizon == Horizon.EARLY:
            assert windows[:2] == (TimeWindow.EARLY, TimeWindow.MONTHS_6)
            assert set(windows[1:]) < set(FOLLOW_UP)
        else:
            assert windows == FOLLOW_UP


def test_ids_and_labels_tell_windows_apart() -> None:
    for name in ("id", "clinician_label", "patient_label"):
        assert len({getattr(window, name) for window in TimeWindow}) == len(TimeWindow)
