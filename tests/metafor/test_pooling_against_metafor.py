"""pool() and the Q-profile intervals against R metafor, whose numbers stand in tests/metafor/reference.json."""

import json
from pathlib import Path

import numpy as np
import pytest

from decision_aid.meta_analysis import random_effects
from decision_aid.meta_analysis.random_effects import heterogeneity_interval, pool, q_profile_interval

REFERENCE = json.loads((Path(__file__).parent / "reference.json").read_text(encoding="utf-8"))
CASES = REFERENCE["cases"]

# Relative. The absolute parts are for results whose true value is 0, where metafor stops a little above it.
RELATIVE = 1e-6
RELATIVE_TAU2 = 1e-4
ABSOLUTE_TAU2 = 1e-9  # in units of the smallest sampling variance
ABSOLUTE_I2 = 1e-7  # percentage points

FIELDS = ["estimate", "standard_error", "ci_low", "ci_high", "prediction_low", "prediction_high", "q", "q_p"]

# metafor's default control ends the iteration at an absolute change of tau2 of 1e-5, so in these cases its own distance
# from the solution makes 1e-6 impossible for a converged result: tau2 is 2e-6 to 4e-6 off, where sampling variances are
# small or tau2 is. Where the solution is 0 (the first), what metafor reports is 3e-4 of the smallest sampling variance.
DEFAULT_RUN_NOT_CONVERGED = {
    "homogeneous": {"relative": 1e-3, "tau2": 5e-6, "i2": 0.02},
    "small_tau2": {"relative": 2e-5, "tau2": 5e-6, "i2": 1e-3},
    "interior_maximum": {"relative": 2e-5},
}

# There metafor, with its steps halved, stops at the lower of two maxima of the likelihood: `pool` takes the higher one.
SAME_MAXIMUM = [name for name in CASES if name != "no_convergence"]

DEFAULT_RUNS = [name for name, case in CASES.items() if case["default"] is not None]


def pooled(name: str) -> random_effects.PooledResult:
    return pool(CASES[name]["effects"], CASES[name]["standard_errors"])


def assert_agrees(result: random_effects.PooledResult, expected: dict, relative: float, tau2: float, i2: float) -> None:
    for field in FIELDS:
        assert getattr(result, field) == pytest.approx(expected[field], rel=relative, abs=0), field
    assert result.i2 == pytest.approx(expected["i2"], rel=relative, abs=i2)
    assert result.tau2 == pytest.approx(expected["tau2"], rel=RELATIVE_TAU2, abs=tau2)
    assert result.weights == pytest.approx(expected["weights"], rel=relative, abs=0)


def test_the_reference_covers_what_it_should():
    assert set(REFERENCE["versions"]) == {"R", "metafor", "metadat"}
    assert min(len(case["effects"]) for case in CASES.values()) == 3
    assert max(len(case["effects"]) for case in CASES.values()) == 20
    assert [name for name in CASES if name not in DEFAULT_RUNS] == ["no_convergence"]


@pytest.mark.parametrize("name", SAME_MAXIMUM)
def test_pool_against_metafor_converged_tightly(name):
    smallest_variance = min(CASES[name]["standard_errors"]) ** 2
    assert_agrees(pooled(name), CASES[name]["tight"], RELATIVE, ABSOLUTE_TAU2 * smallest_variance, ABSOLUTE_I2)


@pytest.mark.parametrize("name", DEFAULT_RUNS)
def test_pool_against_metafor_with_default_control(name):
    smallest_variance = min(CASES[name]["standard_errors"]) ** 2
    tolerances = {"relative": RELATIVE, "tau2": ABSOLUTE_TAU2 * smallest_variance, "i2": ABSOLUTE_I2}
    assert_agrees(pooled(name), CASES[name]["default"], **(tolerances | DEFAULT_RUN_NOT_CONVERGED.get(name, {})))


@pytest.mark.parametrize("name", CASES)
def test_q_profile_interval_against_metafor_confint(name):
    case = CASES[name]
    interval = q_profile_interval(case["effects"], case["standard_errors"])
    assert interval == pytest.approx(case["q_profile"], rel=1e-6, abs=0)


@pytest.mark.parametrize("name", CASES)
def test_intervals_of_i2_and_h2_against_metafor_confint(name):
    case = CASES[name]
    interval = heterogeneity_interval(case["effects"], case["standard_errors"])
    assert (interval.tau2_low, interval.tau2_high) == q_profile_interval(case["effects"], case["standard_errors"])
    assert (interval.i2_low, interval.i2_high) == pytest.approx(case["q_profile_i2"], rel=1e-6, abs=0)
    assert (interval.h2_low, interval.h2_high) == pytest.approx(case["q_profile_h2"], rel=1e-6, abs=0)


@pytest.mark.parametrize("name", SAME_MAXIMUM)
def test_hartung_knapp_factor_against_metafor_without_the_correction(name):
    result = pooled(name)
    plain = CASES[name]["plain_hartung_knapp"]["standard_error"]
    wald = result.standard_error / max(1.0, result.hartung_knapp_factor) ** 0.5
    # For local_maximum metafor, too, takes tau2 = 0 here, so the two stand on the same weights.
    assert wald * result.hartung_knapp_factor**0.5 == pytest.approx(plain, rel=RELATIVE, abs=0)


def log_likelihood(name: str, tau2: float) -> float:
    """The restricted log-likelihood up to a constant, straight from its definition."""
    effects, errors = np.array(CASES[name]["effects"]), np.array(CASES[name]["standard_errors"])
    w = 1 / (errors**2 + tau2)
    mean = (w * effects).sum() / w.sum()
    return 0.5 * (np.log(w).sum() - np.log(w.sum()) - (w * (effects - mean) ** 2).sum())


@pytest.mark.parametrize("name", CASES)
def test_no_other_tau2_is_more_likely(name):
    best = log_likelihood(name, pooled(name).tau2)
    smallest_variance = min(CASES[name]["standard_errors"]) ** 2
    grid = np.concatenate([[0.0], smallest_variance * np.geomspace(1e-3, 1e8, 5000)])
    assert max(log_likelihood(name, tau2) for tau2 in grid) <= best + 1e-9


def test_of_two_maxima_the_higher_is_taken_not_the_one_that_halved_steps_reach():
    ours, theirs = pooled("no_convergence"), CASES["no_convergence"]["tight"]
    assert (ours.tau2, theirs["tau2"]) == pytest.approx((0.061898, 1.729666), rel=1e-5)
    gained = log_likelihood("no_convergence", ours.tau2) - log_likelihood("no_convergence", theirs["tau2"])
    assert gained == pytest.approx(0.405, abs=5e-4)


def test_agreement_beyond_chance_does_not_narrow_the_interval():
    """Plain Hartung-Knapp gives an interval hundreds of times narrower than the studies can support."""
    result = pooled("too_good_agreement")
    plain = CASES["too_good_agreement"]["plain_hartung_knapp"]
    assert result.hartung_knapp_factor < 1e-4
    assert result.ci_high - result.ci_low > 100 * (plain["ci_high"] - plain["ci_low"])


def test_a_first_step_below_zero_does_not_hide_the_maximum_in_between():
    assert pooled("interior_maximum").tau2 > 0.3


def test_a_positive_maximum_less_likely_than_none_gives_no_heterogeneity():
    assert pooled("local_maximum").tau2 == 0.0
    assert (
        log_likelihood("local_maximum", 12.5) > log_likelihood("local_maximum", 8) > log_likelihood("local_maximum", 5)
    )
