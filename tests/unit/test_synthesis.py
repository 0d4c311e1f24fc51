"""What must hold for any studies taken together, whichever method their number asks for."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_aid.meta_analysis.random_effects import PooledResult, Tau2Method
from decision_aid.meta_analysis.synthesis import synthesise

deterministic = settings(derandomize=True, database=None, deadline=None, max_examples=40)
Studies = list[tuple[float, float]]
studies = st.lists(
    st.tuples(st.floats(-3, 3), st.floats(-1.5, 1).map(lambda power: 10.0**power)), min_size=1, max_size=7
)
scales = st.sampled_from((0.25, 0.5, 2.0))


def synthesised(some: Studies, scale: float) -> PooledResult:
    return synthesise([effect for effect, _ in some], [error for _, error in some], scale)


def places(result: PooledResult) -> list[float]:
    ends = (
        []
        if result.prediction_low is None or result.prediction_high is None
        else [result.prediction_low, result.prediction_high]
    )
    return [result.estimate, result.ci_low, result.ci_high, *ends]


def near(values: list[float], result: PooledResult, factor: float = 1.0) -> object:
    return pytest.approx(values, rel=0, abs=1e-7 * factor * (result.ci_high - result.ci_low))


@given(studies, scales, st.randoms(use_true_random=False))
@deterministic
def test_the_order_of_studies_does_not_matter(some: Studies, scale: float, shuffler: object) -> None:
    order = list(range(len(some)))
    shuffler.shuffle(order)  # type: ignore[attr-defined]
    result, shuffled = synthesised(some, scale), synthesised([some[i] for i in order], scale)
    assert places(shuffled) == near(places(result), result)
    assert shuffled.weights == pytest.approx([result.weights[i] for i in order], abs=1e-5)


@given(studies, scales, st.sampled_from((1e-6, 1e-3, 7.0, 1e6)))
@deterministic
def test_a_change_of_unit_changes_nothing_else(some: Studies, scale: float, factor: float) -> None:
    result = synthesised(some, scale)
    scaled = synthesised([(factor * effect, factor * error) for effect, error in some], factor * scale)
    assert places(scaled) == near([factor * place for place in places(result)], result, factor)


@given(studies, scales)
@deterministic
def test_swapping_the_arms_turns_the_sign(some: Studies, scale: float) -> None:
    result, swapped = synthesised(some, scale), synthesised([(-effect, error) for effect, error in some], scale)
    assert sorted(-place for place in places(swapped)) == near(sorted(places(result)), result)


@given(studies, scales)
@deterministic
def test_the_number_of_studies_says_the_method(some: Studies, scale: float) -> None:
    result, k = synthesised(some, scale), len(some)
    expected = Tau2Method.SINGLE if k == 1 else Tau2Method.HALF_NORMAL if k < 5 else Tau2Method.REML
    assert (result.method, result.k) == (expected, k)
    assert result.ci_low < result.estimate < result.ci_high
    assert sum(result.weights) == pytest.approx(100)
    assert all(math.isfinite(place) for place in places(result))
