"""decision_aid/meta_analysis/sensitivity.py: against R metafor, whose numbers stand in metafor/sensitivity.json, and for any numbers."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import warnings
from dataclasses import FrozenInstanceError, astuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from decision_aid.meta_analysis import sensitivity
from decision_aid.meta_analysis.few_studies import pool_few
from decision_aid.meta_analysis.random_effects import PooledResult, Tau2Method, TooFewStudies, pool
from decision_aid.meta_analysis.sensitivity import (
    FEWEST_FOR_EGGER,
    Egger,
    MantelHaenszel,
    NotEstimable,
    cumulative,
    egger,
    leave_one_out,
    mantel_haenszel,
    subgroups,
)
from decision_aid.meta_analysis.synthesis import ENOUGH_FOR_REML, synthesise

SCALE = 0.5  # of the prior for fewer than five studies
REFERENCE = json.loads((Path(__file__).parent / "sensitivity.json").read_text(encoding="utf-8"))
EFFECTS, COUNTS = REFERENCE["effects"], REFERENCE["counts"]

# What is pooled carries what metafor's iteration leaves over, so where the true tau2 is 0 it stops a little above; the
# rest are sums, which agree but for rounding.
POOLED = {"rel": 1e-8, "abs": 0}
RELATIVE_TAU2 = 1e-8
ABSOLUTE_TAU2 = 1e-9  # in units of the smallest sampling variance
ABSOLUTE_I2 = 1e-7  # percentage points
CLOSED_FORM = {"rel": 1e-12, "abs": 1e-13}

WITH_EGGER = [name for name, case in EFFECTS.items() if case["egger"] is not None]

deterministic = settings(derandomize=True, database=None, deadline=None, max_examples=100)


def studies_of(case: dict[str, Any]) -> tuple[list[float], list[float]]:
    return case["effects"], case["standard_errors"]


def counts_of(case: dict[str, Any]) -> tuple[list[int], list[int], list[int], list[int]]:
    return case["events1"], case["n1"], case["events2"], case["n2"]


def assert_agrees(results: tuple[PooledResult | None, ...], expected: dict[str, Any], smallest_variance: float) -> None:
    """Each result against one entry of metafor's columns; those of two to four studies are posteriors and passed over."""
    assert len(results) == len(expected["estimate"])
    for i, result in enumerate(results):
        assert result is not None
        if 2 <= result.k < ENOUGH_FOR_REML:
            assert result.method is Tau2Method.HALF_NORMAL
            continue
        for field in ("estimate", "standard_error", "ci_low", "ci_high", "q_p"):
            assert getattr(result, field) == pytest.approx(expected[field][i], **POOLED), (i, field)
        assert result.q == pytest.approx(expected["q"][i], **CLOSED_FORM)
        assert result.tau2 == pytest.approx(
            expected["tau2"][i], rel=RELATIVE_TAU2, abs=ABSOLUTE_TAU2 * smallest_variance
        )
        assert result.i2 == pytest.approx(expected["i2"][i], rel=RELATIVE_TAU2, abs=ABSOLUTE_I2)


def test_the_reference_covers_what_it_should() -> None:
    assert set(REFERENCE["versions"]) == {"R", "metafor", "metadat"}
    sizes = {name: len(case["effects"]) for name, case in EFFECTS.items()}
    assert (min(sizes.values()), max(sizes.values())) == (3, 37)
    assert [name for name, k in sizes.items() if k >= FEWEST_FOR_EGGER] == WITH_EGGER
    assert any(case["order"] != sorted(case["order"]) for case in EFFECTS.values())
    without = [name for name, case in COUNTS.items() if case["risk_ratio"] is None]
    assert without == ["no_event_in_the_first", "no_event_in_the_second", "no_event_at_all", "everybody_everywhere"]


# ---- one study less, one study more ----------------------------------------------------------------------------------


@pytest.mark.parametrize("case", EFFECTS.values(), ids=EFFECTS)
def test_leave_one_out_against_metafor(case: dict[str, Any]) -> None:
    results = leave_one_out(*studies_of(case), SCALE)
    assert_agrees(results, case["leave_one_out"], min(case["standard_errors"]) ** 2)


@pytest.mark.parametrize("case", EFFECTS.values(), ids=EFFECTS)
def test_cumulative_against_metafor(case: dict[str, Any]) -> None:
    results = cumulative(*studies_of(case), case["order"], SCALE)
    assert_agrees(results, case["cumulative"], min(case["standard_errors"]) ** 2)


def test_two_of_three_studies_are_pooled_by_a_posterior() -> None:
    effects, errors = studies_of(EFFECTS["three_studies"])
    for scale in (SCALE, 4 * SCALE):
        first = leave_one_out(effects, errors, scale)[0]
        expected = pool_few(effects[1:], errors[1:], scale)
        assert first is not None
        assert (first.estimate, first.ci_low, first.ci_high) == (expected.estimate, expected.ci_low, expected.ci_high)


def test_leaving_one_out_of_fewer_than_three() -> None:
    assert leave_one_out([], [], SCALE) == ()
    assert leave_one_out([3.0], [1.0], SCALE) == (None,)
    assert leave_one_out([3.0, 4.0], [1.0, 2.0], SCALE) == (pool([4.0], [2.0]), pool([3.0], [1.0]))


def test_cumulative_of_fewer_than_three() -> None:
    assert cumulative([], [], [], SCALE) == ()
    both = synthesise([3.0, 4.0], [1.0, 2.0], SCALE)
    assert cumulative([3.0, 4.0], [1.0, 2.0], [0, 1], SCALE) == (pool([3.0], [1.0]), both)


@pytest.mark.parametrize("order", [[0, 1], [0, 1, 1], [1, 2, 3], [0, 1, -1], [0, 1, 2, 2], []])
def test_an_order_that_is_not_one_of_these_studies_is_refused(order: list[int]) -> None:
    with pytest.raises(ValueError, match=r"order is \[.*\]: it must hold each position from 0 to 2 once\."):
        cumulative([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], order, SCALE)


# ---- subgroups -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", EFFECTS.values(), ids=EFFECTS)
def test_subgroups_against_metafor(case: dict[str, Any]) -> None:
    found, expected = subgroups(*studies_of(case), case["groups"], SCALE), case["subgroups"]
    assert [g.group for g in found.groups] == expected["names"]
    assert [g.k for g in found.groups] == expected["sizes"]
    compared = [g.pooled for g in found.groups if g.k > 2]
    for p, estimate, error in zip(compared, expected["estimates"], expected["standard_errors"], strict=True):
        if p.k >= ENOUGH_FOR_REML:
            assert (p.estimate, p.standard_error) == pytest.approx((estimate, error), **POOLED)
    assert found.groups_compared == len(compared)
    if expected["q_between"] is None:
        assert (found.q_between, found.q_between_df, found.q_between_p) == (None, None, None)
    elif all(p.k >= ENOUGH_FOR_REML for p in compared):
        assert found.q_between == pytest.approx(expected["q_between"], **POOLED)
        assert found.q_between_p == pytest.approx(expected["q_between_p"], **POOLED)
    else:
        w = [p.standard_error**-2 for p in compared]
        mean = np.average([p.estimate for p in compared], weights=w)
        assert found.q_between == pytest.approx(
            sum(x * (p.estimate - mean) ** 2 for x, p in zip(w, compared, strict=True)), rel=1e-6, abs=1e-9
        )
        assert found.q_between_df == len(compared) - 1


def test_a_group_of_one_is_shown_but_not_compared() -> None:
    found = subgroups([1.0, 2.0, 3.0, 9.0], [1.0, 1.0, 1.0, 0.1], ["a", "a", "a", "b"], SCALE)
    assert found.groups[1].pooled == pool([9.0], [0.1])
    assert (found.groups_compared, found.q_between) == (1, None)


def test_groups_that_agree_exactly_do_not_differ() -> None:
    found = subgroups([1.0, 2.0, 3.0] * 3, [1.0] * 9, [1, 1, 1, 2, 2, 2, None, None, None], SCALE)
    assert (found.q_between, found.q_between_df, found.q_between_p) == (0, 2, 1)
    assert subgroups([], [], [], SCALE).groups == ()


def test_each_study_needs_its_group() -> None:
    with pytest.raises(ValueError, match="3 effects and 2 groups"):
        subgroups([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], ["a", "b"], SCALE)


# ---- Egger -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WITH_EGGER)
def test_egger_against_metafor_regtest(name: str) -> None:
    result, expected = egger(*studies_of(EFFECTS[name])), EFFECTS[name]["egger"]
    assert result.k == len(EFFECTS[name]["effects"])
    for field, value in expected.items():
        assert getattr(result, field) == pytest.approx(value, **CLOSED_FORM), field


def test_egger_worked_by_hand() -> None:
    """Effect / s is 3 + 2 / s, half the studies 0.5 above and half below: residual variance 10 x 0.25 / 8."""
    errors = [0.1, 0.1, 0.2, 0.2, 0.4, 0.4, 0.5, 0.5, 1.0, 1.0]
    effects = [2 + (3 + (0.5 if i % 2 else -0.5)) * s for i, s in enumerate(errors)]
    result = egger(effects, errors)
    x = [1 / s for s in errors]
    spread = sum((value - sum(x) / 10) ** 2 for value in x)
    assert result.intercept == pytest.approx(3, rel=1e-12)
    assert result.standard_error == pytest.approx(
        math.sqrt(10 * 0.25 / 8 * (1 / 10 + (sum(x) / 10) ** 2 / spread)), rel=1e-12
    )


@pytest.mark.parametrize("k", [0, 1, 3, FEWEST_FOR_EGGER - 1])
def test_egger_needs_ten_studies(k: int) -> None:
    with pytest.raises(TooFewStudies, match=f"at least 10 studies: there are {k}"):
        egger([float(i) for i in range(k)], [1.0 + i for i in range(k)])


@pytest.mark.parametrize("errors", [[0.3] * 10, [0.3] * 5 + [0.1 + 0.2] * 5])
def test_egger_needs_standard_errors_that_differ(errors: list[float]) -> None:
    with pytest.raises(NotEstimable, match="All standard errors are equal"):
        egger([float(i) for i in range(10)], errors)


@pytest.mark.parametrize("slope", [0.0, 2.0])
def test_egger_needs_effects_that_scatter(slope: float) -> None:
    errors = [0.1 * i for i in range(1, 11)]
    with pytest.raises(NotEstimable, match="no scatter"):
        egger([1 / 3 + slope * s for s in errors], errors)


# ---- Mantel-Haenszel -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COUNTS)
def test_mantel_haenszel_against_metafor(name: str) -> None:
    case = COUNTS[name]
    if case["risk_ratio"] is None:
        with pytest.raises(NotEstimable):
            mantel_haenszel(*counts_of(case))
        return
    result = mantel_haenszel(*counts_of(case))
    assert result.k == len(case["n1"])
    for field, value in case["risk_ratio"].items():
        assert getattr(result, field) == pytest.approx(value, **CLOSED_FORM), field


def test_a_study_without_any_event_changes_nothing_in_the_ratio() -> None:
    some, more = ([5, 0], [70, 40], [12, 3], [68, 41]), ([5, 0, 0], [70, 40, 90], [12, 3, 0], [68, 41, 90])
    ratio, with_empty = mantel_haenszel(*some), mantel_haenszel(*more)
    assert (with_empty.k, with_empty.k_without_events) == (3, 1)
    assert (ratio.k, ratio.k_without_events) == (2, 0)
    assert astuple(with_empty)[2:] == astuple(ratio)[2:]


REFUSED = {
    "first arm": (([0, 0], [10, 10], [1, 2], [10, 10]), "No study has an event in the first arm"),
    "second arm": (([1, 2], [10, 10], [0, 0], [10, 10]), "No study has an event in the second arm"),
    "nobody": (([0, 0], [10, 10], [0, 0], [10, 10]), "No study has an event"),
    "everybody": (([10, 0], [10, 10], [9, 0], [9, 10]), "Everybody had the event"),
}


@pytest.mark.parametrize(("counts", "message"), REFUSED.values(), ids=REFUSED)
def test_counts_that_determine_no_risk_ratio_are_refused(counts: Any, message: str) -> None:
    with pytest.raises(NotEstimable, match=message):
        mantel_haenszel(*counts)


INVALID_COUNTS = [
    (([1, 2], [10, 0], [1, 1], [10, 10]), r"Study 2 has nobody in the first arm\."),
    (([1, 2], [10, 10], [1, 11], [10, 10]), r"Study 2 has 11 events among 10 people in the second arm\."),
    (([1, -2], [10, 10], [1, 1], [10, 10]), r"Events in the first arm, study 2: -2 is not a whole number"),
    (([1, 2], [10, 10], [1.5, 1], [10, 10]), r"Events in the second arm, study 1: 1\.5 is not a whole number"),
    (([1, 2], [math.nan, 10], [1, 1], [10, 10]), r"People in the first arm, study 1: nan is not a whole number"),
    (([1, 2], [10, math.inf], [1, 1], [10, 10]), r"People in the first arm, study 2: inf is not a whole number"),
    (([1, 2], [10, 10], [1, 1], [10, None]), r"People in the second arm, study 2: None is not a whole number"),
    (([1, "2"], [10, 10], [1, 1], [10, 10]), r"Events in the first arm, study 2: '2' is not a whole number"),
    (([1, 2], [10, 2**60], [1, 1], [10, 10]), r"People in the first arm, study 2: 1152921504606846976 is not"),
    (([1, 2], [10, 10], [1], [10, 10]), r"Each study needs all four counts\. Events in the first arm: 2, .*arm: 1"),
]


@pytest.mark.parametrize(("counts", "message"), INVALID_COUNTS)
def test_invalid_counts_are_refused_with_study_and_value(counts: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as refusal:
        mantel_haenszel(*counts)
    assert type(refusal.value) is ValueError


def test_no_counts_at_all_are_too_few() -> None:
    with pytest.raises(TooFewStudies, match="no study"):
        mantel_haenszel([], [], [], [])


# ---- what must hold for any studies ----------------------------------------------------------------------------------


@st.composite
def any_studies(draw: st.DrawFn, fewest: int = 4, most: int = 14) -> tuple[list[float], list[float]]:
    k = draw(st.integers(fewest, most))
    effects = draw(st.lists(st.floats(-1e3, 1e3), min_size=k, max_size=k))
    powers = draw(st.lists(st.floats(-1, 2), min_size=k, max_size=k))
    return effects, [10.0**power for power in powers]


@st.composite
def any_counts(draw: st.DrawFn) -> tuple[list[int], list[int], list[int], list[int]]:
    """Arms of up to 200 people, events mostly rare and often none, sometimes everybody."""
    k = draw(st.integers(1, 10))
    columns: tuple[list[int], ...] = ([], [], [], [])
    for _ in range(k):
        for events, people in (columns[0:2], columns[2:4]):
            n = draw(st.integers(1, 200))
            people.append(n)
            events.append(draw(st.one_of(st.just(0), st.integers(0, min(n, 5)), st.integers(0, n), st.just(n))))
    return columns  # type: ignore[return-value]


def near(value: Any, unit: float) -> Any:
    """Equal to 1e-9 relative; near 0, to a part in a million of the unit given."""
    return pytest.approx(value, rel=1e-9, abs=1e-6 * unit)


@given(st.floats(-1e3, 1e3), st.floats(1e-2, 1e2), st.integers(4, 30))
@deterministic
def test_of_identical_studies_it_does_not_matter_which_is_left_out(effect: float, error: float, k: int) -> None:
    results = leave_one_out([effect] * k, [error] * k, error)
    assert len(set(results)) == 1
    assert results[0] is not None
    assert results[0].estimate == near(effect, error)


@given(any_studies())
@deterministic
def test_leaving_one_out_is_pooling_the_others(some: tuple[list[float], list[float]]) -> None:
    effects, errors = some
    for i, result in enumerate(leave_one_out(effects, errors, SCALE)):
        others = [j for j in range(len(effects)) if j != i]
        assert result == synthesise([effects[j] for j in others], [errors[j] for j in others], SCALE)


@given(any_studies(), st.floats(-1e3, 1e3))
@deterministic
def test_adding_a_constant_shifts_every_estimate(some: tuple[list[float], list[float]], constant: float) -> None:
    effects, errors = some
    shifted = [effect + constant for effect in effects]
    order = list(range(len(effects)))
    for before, after in zip(
        (*leave_one_out(effects, errors, SCALE), *cumulative(effects, errors, order, SCALE)),
        (*leave_one_out(shifted, errors, SCALE), *cumulative(shifted, errors, order, SCALE)),
        strict=True,
    ):
        assert (before is None) == (after is None)
        if before is not None and after is not None:
            assert after.estimate == near(before.estimate + constant, min(errors))
            assert after.ci_high - after.ci_low == near(before.ci_high - before.ci_low, min(errors))


@given(any_studies(), st.randoms(use_true_random=False))
@deterministic
def test_the_last_of_a_cumulative_pool_is_the_pool_whatever_the_order(some: Any, shuffler: Any) -> None:
    effects, errors = some
    order = list(range(len(effects)))
    shuffler.shuffle(order)
    last, whole = cumulative(effects, errors, order, SCALE)[-1], synthesise(effects, errors, SCALE)
    for field in ("estimate", "ci_low", "ci_high", "tau2"):
        assert getattr(last, field) == near(getattr(whole, field), min(errors)), field
    assert last.weights == pytest.approx([whole.weights[i] for i in order], rel=1e-9)


@given(any_studies(fewest=6), st.randoms(use_true_random=False), st.floats(-1e3, 1e3))
@deterministic
def test_order_and_shift_do_not_matter_to_the_test_between_groups(some: Any, shuffler: Any, constant: float) -> None:
    effects, errors = some
    groups = [i % 2 for i in range(len(effects))]
    order = list(range(len(effects)))
    shuffler.shuffle(order)
    found = subgroups(effects, errors, groups, SCALE)
    moved = subgroups(
        [effects[i] + constant for i in order], [errors[i] for i in order], [groups[i] for i in order], SCALE
    )
    assert found.q_between is not None
    assert found.q_between >= 0
    assert moved.q_between == pytest.approx(found.q_between, rel=1e-6, abs=1e-9)
    assert {g.group: g.k for g in moved.groups} == {g.group: g.k for g in found.groups}


def egger_or_assume(effects: list[float], errors: list[float]) -> Egger:
    try:
        return egger(effects, errors)
    except NotEstimable:
        assume(False)
        raise


@given(any_studies(fewest=10, most=30), st.floats(-4, 4), st.booleans())
@deterministic
def test_change_of_unit_and_sign_leave_the_test_of_asymmetry(some: Any, power: float, mirrored: bool) -> None:
    effects, errors = some
    factor, sign = 10.0**power, -1 if mirrored else 1
    result = egger_or_assume(effects, errors)
    scaled = egger_or_assume([sign * factor * effect for effect in effects], [factor * error for error in errors])
    assert scaled.intercept == pytest.approx(sign * result.intercept, rel=1e-6, abs=1e-6 * result.standard_error)
    assert scaled.standard_error == pytest.approx(result.standard_error, rel=1e-6)
    assert scaled.p == pytest.approx(result.p, rel=1e-5, abs=1e-12)


@given(any_studies(fewest=10, most=30), st.floats(-1e3, 1e3))
@deterministic
def test_adding_a_constant_leaves_the_test_of_asymmetry(some: Any, constant: float) -> None:
    effects, errors = some
    result = egger_or_assume(effects, errors)
    assume(result.standard_error > 1e-5)  # of effects that scatter less, adding a constant leaves mostly rounding
    shifted = egger([effect + constant for effect in effects], errors)
    assert shifted.t == pytest.approx(result.t, rel=1e-6, abs=1e-6)


@given(any_studies(fewest=10, most=20))
@deterministic
def test_egger_against_the_normal_equations(some: Any) -> None:
    effects, errors = some
    result = egger_or_assume(effects, errors)
    design = np.array([[1 / s, 1.0] for s in errors])
    outcome = np.array([y / s for y, s in zip(effects, errors, strict=True)])
    _, intercept = np.linalg.lstsq(design, outcome, rcond=None)[0]
    assert result.intercept == pytest.approx(intercept, rel=1e-6, abs=1e-6 * result.standard_error)
    assert 0 <= result.p <= 1


def ratio_or_assume(counts: Any) -> MantelHaenszel:
    try:
        return mantel_haenszel(*counts)
    except NotEstimable:
        assume(False)
        raise


@given(any_counts())
@deterministic
def test_swapping_the_arms_changes_the_sign_of_the_log_ratio(counts: Any) -> None:
    result = ratio_or_assume(counts)
    swapped = mantel_haenszel(*counts[2:], *counts[:2])
    assert swapped.estimate == pytest.approx(-result.estimate, rel=1e-12, abs=1e-14)
    assert swapped.standard_error == pytest.approx(result.standard_error, rel=1e-12)
    assert (swapped.ci_low, swapped.ci_high) == pytest.approx((-result.ci_high, -result.ci_low), rel=1e-9, abs=1e-12)


@given(any_counts())
@deterministic
def test_any_valid_counts_give_finite_numbers_or_are_refused(counts: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = ratio_or_assume(counts)
        assert all(math.isfinite(x) for x in astuple(result))
        assert result.ci_low < result.estimate < result.ci_high
        assert result.k_without_events <= result.k


def test_one_study_gives_its_own_risk_ratio() -> None:
    """The textbook variance of a single table, to which the pooled one reduces."""
    ratio = mantel_haenszel([5], [70], [12], [68])
    assert ratio.estimate == pytest.approx(math.log((5 / 70) / (12 / 68)), rel=1e-12)
    assert ratio.standard_error == pytest.approx(math.sqrt(1 / 5 - 1 / 70 + 1 / 12 - 1 / 68), rel=1e-12)


# ---- the module ------------------------------------------------------------------------------------------------------


INVALID = [
    ([1.0, math.nan, 2.0, 3.0], [1.0] * 4, r"Effect 2 is nan"),
    ([1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 1.0, 0.0], r"Standard error 4 is 0\.0"),
    ([1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 1.0], r"Effect 4 is 4\.0 and has no standard error"),
]


@pytest.mark.parametrize(("effects", "errors", "message"), INVALID)
def test_invalid_studies_are_refused_by_the_position_they_were_given_in(
    effects: Any, errors: Any, message: str
) -> None:
    for call in (
        lambda: leave_one_out(effects, errors, SCALE),
        lambda: cumulative(effects, errors, [3, 2, 1, 0], SCALE),
        lambda: subgroups(effects, errors, ["a", "a", "b", "b"], SCALE),
        lambda: egger(effects, errors),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_arrays_are_accepted_and_plain_numbers_returned() -> None:
    case = EFFECTS["bcg"]
    effects, errors = (np.array(values) for values in studies_of(case))
    assert leave_one_out(effects, errors, SCALE) == leave_one_out(*studies_of(case), SCALE)
    in_order = cumulative(effects, errors, np.array(case["order"]), SCALE)
    assert in_order == cumulative(*studies_of(case), case["order"], SCALE)
    assert egger(effects, errors) == egger(*studies_of(case))
    result = mantel_haenszel(*(np.array(column) for column in counts_of(COUNTS["bcg"])))
    assert result == mantel_haenszel(*counts_of(COUNTS["bcg"]))
    assert {type(x) for x in (*astuple(result), *astuple(egger(effects, errors)))} <= {float, int, bool}


def test_results_cannot_be_changed() -> None:
    results = (
        egger(*studies_of(EFFECTS["bcg"])),
        mantel_haenszel(*counts_of(COUNTS["bcg"])),
        subgroups(*studies_of(EFFECTS["bcg"]), EFFECTS["bcg"]["groups"], SCALE),
    )
    for result in results:
        with pytest.raises(FrozenInstanceError):
            setattr(result, next(iter(result.__slots__)), 0)


def test_importing_the_module_loads_no_heavy_library() -> None:
    heavy = ["scipy.stats", "scipy.optimize", "statsmodels", "pandas", "streamlit"]
    code = f"import sys, decision_aid.meta_analysis.sensitivity; print([m for m in {heavy} if m in sys.modules])"
    root = Path(sensitivity.__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
