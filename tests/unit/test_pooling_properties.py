"""What must hold for any studies: symmetries, bounds, the defining equations in exact arithmetic, refusals."""

import math
import random
import subprocess
import sys
import warnings
from dataclasses import FrozenInstanceError, astuple
from fractions import Fraction
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_aid.meta_analysis import random_effects
from decision_aid.meta_analysis.random_effects import (
    PooledResult,
    Tau2Method,
    TooFewStudies,
    heterogeneity_interval,
    pool,
    q_profile_interval,
)

# Derandomized: the same examples in every run. No database: nothing is written.
deterministic = settings(derandomize=True, database=None, deadline=None, max_examples=100)

Studies = list[tuple[float, float]]


def studies(smallest_se: float = 1e-2, largest_se: float = 1e2, largest_effect: float = 1e3) -> st.SearchStrategy:
    """Lists of (effect, standard error), standard errors spread evenly over their orders of magnitude."""
    effect = st.floats(-largest_effect, largest_effect)
    standard_error = st.floats(math.log10(smallest_se), math.log10(largest_se)).map(lambda power: 10.0**power)
    return st.lists(st.tuples(effect, standard_error), min_size=3, max_size=12)


def pooled(some: Studies) -> PooledResult:
    return pool([effect for effect, _ in some], [se for _, se in some])


def positions(result: PooledResult) -> list[float]:
    """Everything in the result that is a place on the axis of the effects."""
    return [result.estimate, result.ci_low, result.ci_high, result.prediction_low, result.prediction_high]


def near(expected, unit: float):
    """Equal to 1e-9 relative; near 0, to a part in a million of the unit given."""
    return pytest.approx(expected, rel=1e-9, abs=1e-6 * unit)


# ---- symmetries ------------------------------------------------------------------------------------------------------


@given(studies(), st.randoms(use_true_random=False))
@deterministic
def test_order_of_studies_does_not_matter(some, shuffler):
    order = list(range(len(some)))
    shuffler.shuffle(order)
    result, shuffled = pooled(some), pooled([some[i] for i in order])
    for field in ("estimate", "standard_error", "ci_low", "ci_high", "tau2", "i2", "q", "q_p", "prediction_low"):
        assert getattr(shuffled, field) == getattr(result, field), field
    assert shuffled.weights == pytest.approx([result.weights[i] for i in order], rel=1e-12)


@given(studies(), st.floats(1e-6, 1e6))
@deterministic
def test_change_of_unit_scales_what_has_a_unit_and_leaves_the_rest(some, factor):
    result, scaled = pooled(some), pooled([(factor * effect, factor * se) for effect, se in some])
    smallest = min(se for _, se in some)
    assert positions(scaled) == near([factor * x for x in positions(result)], factor * smallest)
    assert scaled.standard_error == near(factor * result.standard_error, 0)
    assert scaled.tau2 == near(factor**2 * result.tau2, (factor * smallest) ** 2)
    assert scaled.i2 == near(result.i2, 1)
    assert scaled.q == near(result.q, 1e-6)
    assert scaled.weights == near(result.weights, 0)


@given(studies())
@deterministic
def test_sign_flip_mirrors_the_result(some):
    result, flipped = pooled(some), pooled([(-effect, se) for effect, se in some])
    smallest = min(se for _, se in some)
    mirrored = [-x for x in positions(result)]
    mirrored = [mirrored[0], mirrored[2], mirrored[1], mirrored[4], mirrored[3]]
    assert positions(flipped) == near(mirrored, smallest)
    assert flipped.tau2 == near(result.tau2, smallest**2)
    assert flipped.q == near(result.q, 1e-6)


@given(studies(), st.floats(-1e3, 1e3))
@deterministic
def test_adding_a_constant_shifts_the_result(some, constant):
    result, shifted = pooled(some), pooled([(effect + constant, se) for effect, se in some])
    smallest = min(se for _, se in some)
    assert positions(shifted) == near([x + constant for x in positions(result)], smallest)
    assert shifted.tau2 == near(result.tau2, smallest**2)
    assert shifted.standard_error == near(result.standard_error, 0)


# ---- bounds ----------------------------------------------------------------------------------------------------------


@given(studies())
@deterministic
def test_intervals_and_shares_stay_within_their_bounds(some):
    result = pooled(some)
    assert result.prediction_low <= result.ci_low < result.estimate < result.ci_high <= result.prediction_high
    assert result.tau2 >= 0
    assert 0 <= result.i2 < 100
    assert result.q >= 0
    assert 0 <= result.q_p <= 1
    assert result.q_df == len(some) - 1
    assert all(weight > 0 for weight in result.weights)
    assert sum(result.weights) == pytest.approx(100, rel=1e-12)
    assert min(effect for effect, _ in some) - 1e-9 <= result.estimate <= max(effect for effect, _ in some) + 1e-9


@given(studies())
@deterministic
def test_interval_is_never_narrower_than_the_wald_interval(some):
    result = pooled(some)
    wald = NormalDist().inv_cdf(0.975) / math.sqrt(sum(1 / (se**2 + result.tau2) for _, se in some))
    assert result.ci_high - result.estimate > wald
    assert result.estimate - result.ci_low > wald


@given(studies(smallest_se=1e-1, largest_se=1e1, largest_effect=30))
@deterministic
def test_q_profile_interval_holds_the_generalised_q(some):
    """At each bound that is not 0 the generalised Q equals its chi-square quantile (numbers from R qchisq)."""
    effects, standard_errors = zip(*some, strict=True)
    low, high = q_profile_interval(effects, standard_errors)
    assert 0 <= low <= high
    narrow_low, narrow_high = q_profile_interval(effects, standard_errors, level=0.5)
    assert low <= narrow_low <= narrow_high <= high
    quantiles = {3: (7.377758908227871, 0.05063561596857975), 5: (11.143286781877798, 0.4844185570879303)}
    if len(some) in quantiles:
        for bound, quantile in zip((low, high), quantiles[len(some)], strict=True):
            if bound > 0:
                assert float(Exact.of(some, bound).q) == pytest.approx(quantile, rel=1e-6)


# ---- the defining equations, in exact rational arithmetic ------------------------------------------------------------


class Exact:
    """The textbook formulas at a given tau2, free of rounding."""

    def __init__(self, effects: list[float], variances: list[Fraction], tau2: float) -> None:
        w = [1 / (variance + Fraction(tau2)) for variance in variances]
        self.weight_sum = sum(w)
        self.mean = sum(w_i * Fraction(y) for w_i, y in zip(w, effects, strict=True)) / self.weight_sum
        residuals = [Fraction(y) - self.mean for y in effects]
        self.q = sum(w_i * r * r for w_i, r in zip(w, residuals, strict=True))
        self.ypp_y = sum((w_i * r) ** 2 for w_i, r in zip(w, residuals, strict=True))
        self.trace_p = self.weight_sum - sum(w_i * w_i for w_i in w) / self.weight_sum
        self.score = self.ypp_y - self.trace_p
        self.typical_variance = (len(w) - 1) / self.trace_p

    @classmethod
    def of(cls, some: Studies, tau2: float) -> "Exact":
        return cls([effect for effect, _ in some], [Fraction(se) ** 2 for _, se in some], tau2)


@given(studies(smallest_se=1e-8, largest_se=1e8))
@deterministic
def test_result_satisfies_its_equations_however_unequal_the_weights(some):
    result = pooled(some)
    fixed, random_effects = Exact.of(some, 0), Exact.of(some, result.tau2)
    factor = float(random_effects.q) / (len(some) - 1)
    assert result.q == pytest.approx(float(fixed.q), rel=1e-9, abs=0)
    i2 = Fraction(result.tau2) / (Fraction(result.tau2) + fixed.typical_variance)
    assert result.i2 == pytest.approx(100 * float(i2), rel=1e-9, abs=0)
    standard_error = math.sqrt(max(1.0, factor) / float(random_effects.weight_sum))
    assert result.standard_error == pytest.approx(standard_error, rel=1e-9)
    assert result.hartung_knapp_factor == pytest.approx(factor, rel=1e-9, abs=0)
    assert abs(result.estimate - float(random_effects.mean)) <= 1e-12 * abs(result.estimate) + 1e-9 * standard_error


@given(studies(smallest_se=1e-8, largest_se=1e8), st.floats(-10, 10).map(lambda power: 10.0**power))
@deterministic
def test_score_is_exact_to_the_size_of_its_parts(some, tau2):
    rescaled = random_effects._Studies.of([effect for effect, _ in some], [se for _, se in some])
    moments = random_effects._moments(rescaled, tau2)
    variances = [Fraction(1), *(Fraction(variance) for variance, _ in rescaled.others)]
    exact = Exact([0.0, *(effect for _, effect in rescaled.others)], variances, tau2)
    assert abs(moments.score / (1 + tau2) ** 2 - float(exact.score)) <= 1e-9 * float(exact.ypp_y + exact.trace_p)


@given(studies(smallest_se=0.1, largest_se=10, largest_effect=30))
@deterministic
def test_tau2_solves_the_reml_equation(some):
    """Just below the estimate the score is not negative, just above it is not positive; at 0 it points downwards."""
    result = pooled(some)
    smallest_variance = min(se for _, se in some) ** 2
    margin = 1e-6 * result.tau2 + 1e-9 * smallest_variance
    if result.tau2 > margin:
        assert Exact.of(some, result.tau2 - margin).score >= 0
    assert Exact.of(some, result.tau2 + margin).score <= 0


# ---- extremes --------------------------------------------------------------------------------------------------------

EXTREMES = {
    "identical effects": ([1 / 3] * 4, [0.1, 0.2, 0.3, 0.4]),
    "identical studies": ([2.5] * 3, [0.7] * 3),
    "tiny standard errors": ([1.0, 1.5, 2.0], [1e-8] * 3),
    "huge standard errors": ([1.0, 1.5, 2.0], [1e8] * 3),
    "one study outweighs all": ([1.0, -40.0, 17.0, 3.0], [1e-8, 1.0, 1e8, 30.0]),
    "two precise studies contradict each other": ([-1.0, 1.0, 0.0], [1e-8, 1e-8, 1e8]),
    "effects far from 0": ([1e8, 1e8 + 1, 1e8 - 2], [1e-8, 1.0, 1e3]),
    "the limits": ([1e30, -1e30, 0.0], [1e-30, 1e30, 1.0]),
    "a single extreme study": ([1e30], [1e30]),
}


@pytest.mark.parametrize(("effects", "standard_errors"), EXTREMES.values(), ids=EXTREMES)
def test_extreme_but_valid_input_gives_finite_numbers_without_a_warning(effects, standard_errors):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = pool(effects, standard_errors)
        bounds = astuple(heterogeneity_interval(effects, standard_errors)) if len(effects) > 2 else ()
    numbers = [x for x in astuple(result) if isinstance(x, float)] + [*result.weights, *bounds]
    assert all(math.isfinite(x) for x in numbers)
    assert result.ci_low < result.ci_high or result.standard_error < 1e-15 * abs(result.estimate)


@given(studies(smallest_se=1e-8, largest_se=1e8, largest_effect=1e12))
@deterministic
def test_any_valid_input_gives_finite_numbers(some):
    effects, standard_errors = zip(*some, strict=True)
    result = pool(effects, standard_errors)
    numbers = [x for x in astuple(result) if isinstance(x, float)] + [*result.weights]
    spread = heterogeneity_interval(effects, standard_errors)
    assert all(math.isfinite(x) for x in [*numbers, *astuple(spread)])
    assert 0 <= spread.i2_low <= spread.i2_high <= 100
    assert 1 <= spread.h2_low <= spread.h2_high


def test_a_thousand_studies():
    source = random.Random(20)
    standard_errors = [math.exp(source.gauss(0, 0.7)) for _ in range(1000)]
    effects = [source.gauss(5, math.hypot(2, se)) for se in standard_errors]
    result = pool(effects, standard_errors)
    assert result.estimate == pytest.approx(5, abs=0.3)
    assert result.tau2 == pytest.approx(4, rel=0.2)
    assert result.method is Tau2Method.REML


# ---- one study, too few studies --------------------------------------------------------------------------------------


def test_one_study_gives_its_own_wald_interval():
    result = pool([-120.0], [15.0])
    half_width = NormalDist().inv_cdf(0.975) * 15
    assert (result.k, result.estimate, result.standard_error) == (1, -120.0, 15.0)
    assert (result.ci_low, result.ci_high) == pytest.approx((-120 - half_width, -120 + half_width), rel=1e-12)
    assert (result.tau2, result.i2, result.q, result.q_df, result.q_p) == (0, 0, 0, 0, 1)
    assert (result.prediction_low, result.prediction_high) == (None, None)
    assert result.weights == (100.0,)
    assert result.method is Tau2Method.SINGLE


@pytest.mark.parametrize(("k", "message"), [(0, "no study"), (2, "Two studies are too few")])
def test_no_study_and_two_studies_are_refused(k, message):
    with pytest.raises(TooFewStudies, match=message):
        pool([1.0] * k, [1.0] * k)


@pytest.mark.parametrize("function", [q_profile_interval, heterogeneity_interval])
@pytest.mark.parametrize("k", [0, 1, 2])
def test_an_interval_of_the_spread_needs_three_studies(function, k):
    with pytest.raises(TooFewStudies, match="at least three"):
        function([1.0] * k, [1.0] * k)


# ---- invalid input ---------------------------------------------------------------------------------------------------

INVALID = [
    ([1.0, math.nan, 2.0], [1.0, 1.0, 1.0], r"Effect 2 is nan: it must be a finite number\."),
    ([1.0, 2.0, math.inf], [1.0, 1.0, 1.0], r"Effect 3 is inf: it must be a finite number\."),
    ([-math.inf], [1.0], r"Effect 1 is -inf: it must be a finite number\."),
    ([1.0, None, 2.0], [1.0, 1.0, 1.0], r"Effect 2 is None: it must be a number\."),
    ([1.0, 2.0, "n/a"], [1.0, 1.0, 1.0], r"Effect 3 is 'n/a': it must be a number\."),
    ([1.0, 2.0, 2e30], [1.0, 1.0, 1.0], r"Effect 3 is 2e\+30: too large to compute with\."),
    ([1.0, 2.0, 3.0], [math.nan, 1.0, 1.0], r"Standard error 1 is nan: it must be a finite number\."),
    ([1.0, 2.0, 3.0], [1.0, 1.0, math.inf], r"Standard error 3 is inf: it must be a finite number\."),
    ([1.0, 2.0, 3.0], [1.0, 0.0, 1.0], r"Standard error 2 is 0\.0: it must be greater than 0\."),
    ([1.0, 2.0, 3.0], [1.0, 1.0, -0.5], r"Standard error 3 is -0\.5: it must be greater than 0\."),
    ([1.0, 2.0, 3.0], [1.0, 1e-31, 1.0], r"Standard error 2 is 1e-31: too small to compute with\."),
    ([1.0, 2.0, 3.5], [1.0, 1.0], r"Effect 3 is 3\.5 and has no standard error: 3 effects, 2 standard errors\."),
    ([1.0], [1.0, 0.7, 1.0], r"Standard error 2 is 0\.7 and has no effect: 1 effects, 3 standard errors\."),
]


@pytest.mark.parametrize("function", [pool, q_profile_interval, heterogeneity_interval])
@pytest.mark.parametrize(("effects", "standard_errors", "message"), INVALID)
def test_invalid_input_is_refused_with_position_and_value(function, effects, standard_errors, message):
    with pytest.raises(ValueError, match=message) as refusal:
        function(effects, standard_errors)
    assert not isinstance(refusal.value, TooFewStudies)


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5, 95, math.nan, 1 - 1e-16])
def test_a_level_that_leaves_no_interval_is_refused(level):
    with pytest.raises(ValueError, match="level is"):
        q_profile_interval([1.0, 2.0, 4.0], [1.0, 1.0, 1.0], level=level)


# ---- likelihoods that are hard to climb ------------------------------------------------------------------------------

HETEROGENEOUS = ([-1.9, -0.4, -0.95, 0.3], [0.31, 0.22, 0.45, 0.2])


# In the first, sampling variances 20 orders of magnitude apart leave little but rounding near the solution; in the second
# the likelihood has a plateau.
UNWIELDY = {
    "rounding": ([-100.0, -8.4e-08, -0.015], [170.0, 3.8e-08, 0.015]),
    "plateau": ([-0.13, -0.16, -0.015, -170.0], [0.14, 0.063, 0.034, 54.0]),
}


@pytest.mark.parametrize(("effects", "standard_errors"), UNWIELDY.values(), ids=UNWIELDY)
def test_rounding_and_plateaus_end_in_an_interval(effects, standard_errors):
    result = pool(effects, standard_errors)
    assert max(effects) + 1 > result.ci_high > result.ci_low > -1


@given(studies(smallest_se=0.1, largest_se=10, largest_effect=30))
@deterministic
def test_no_tau2_on_a_fine_grid_is_more_likely(some):
    y, variances = np.array([effect for effect, _ in some]), np.array([se for _, se in some]) ** 2

    def log_likelihood(tau2: float) -> float:
        w = 1 / (variances + tau2)
        return 0.5 * (np.log(w).sum() - np.log(w.sum()) - (w * (y - (w * y).sum() / w.sum()) ** 2).sum())

    best = log_likelihood(pooled(some).tau2)
    grid = [0.0, *(variances.min() * np.geomspace(1e-2, 1e8, 400))]
    assert max(log_likelihood(tau2) for tau2 in grid) <= best + 1e-9 * (1 + abs(best))


# ---- the module ------------------------------------------------------------------------------------------------------


def test_arrays_are_accepted_and_plain_floats_returned():
    from_arrays = pool(*(np.array(values) for values in HETEROGENEOUS))
    assert from_arrays == pool(*HETEROGENEOUS)
    assert all(type(x) is float for x in [from_arrays.estimate, from_arrays.q_p, from_arrays.ci_low])


def test_a_result_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        pool([1.0], [1.0]).estimate = 2.0


def test_importing_the_module_loads_no_heavy_library():
    heavy = ["scipy.stats", "scipy.optimize", "pandas", "streamlit"]
    code = f"import sys, decision_aid.meta_analysis.random_effects; print([m for m in {heavy} if m in sys.modules])"
    root = Path(random_effects.__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
