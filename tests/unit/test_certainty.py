"""How far a pooled number is trusted: where it starts, each step down alone, and all of them together."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_aid.comparison.certainty import Certainty, Doubt, Ground, Level, judge
from decision_aid.meta_analysis.random_effects import PooledResult, Tau2Method
from decision_aid.wording.reasons import certainty_reasons

deterministic = settings(derandomize=True, database=None, deadline=None, max_examples=100)


def pooled(low: float = -8.0, high: float = -2.0, k: int = 5, i2: float = 0.0) -> PooledResult:
    return PooledResult(
        k=k,
        estimate=(low + high) / 2,
        standard_error=1.0,
        ci_low=low,
        ci_high=high,
        tau2=0.0,
        i2=i2,
        q=0.0,
        q_df=k - 1,
        q_p=1.0,
        prediction_low=low,
        prediction_high=high,
        weights=(100.0 / k,) * k,
        method=Tau2Method.REML,
        hartung_knapp_factor=1.0,
    )


# Nothing speaks against this one.
SOUND: dict[str, Any] = {
    "pooled": pooled(),
    "ratio": False,
    "all_randomised": True,
    "people": 1000,
    "events": None,
    "noticeable_change": 3.0,
    "cautions": 0,
}
# Each takes it one step down, for this reason and no other.
# Each takes it one step down, for this reason and no other.
STEPS: dict[Doubt, dict[str, Any]] = {
    Doubt.ONE_STUDY: {"pooled": pooled(k=1)},
    Doubt.INCONSISTENT: {"pooled": pooled(i2=50.0)},
    Doubt.IMPRECISE: {"pooled": pooled(-3.0, 1.0)},
    Doubt.FEW_PEOPLE: {"people": 399},
    Doubt.PEOPLE_NOT_PRINTED: {"people": 0, "without_size": 1},
    Doubt.FEW_EVENTS: {"events": 299},
    Doubt.BORROWED_SPREAD: {"borrowing_matters": True},
    Doubt.CAUTIONS: {"cautions": 1},
}


def judged(**changed: Any) -> Certainty:
    return judge(**{**SOUND, **changed})


def test_randomised_trials_with_nothing_against_them_are_high() -> None:
    assert judged() == Certainty(Level.HIGH, (Ground(Doubt.RANDOMISED),))


def test_studies_not_all_randomised_start_low() -> None:
    found = judged(all_randomised=False)
    assert (found.level, found.doubts) == (Level.LOW, (Doubt.NOT_RANDOMISED,))


@pytest.mark.parametrize(("doubt", "changed"), STEPS.items(), ids=STEPS)
def test_each_doubt_alone_takes_one_step_down(doubt: Doubt, changed: dict[str, Any]) -> None:
    randomised, observed = judged(**changed), judged(**changed, all_randomised=False)
    assert (randomised.level, randomised.doubts) == (Level.MODERATE, (Doubt.RANDOMISED, doubt))
    assert (observed.level, observed.doubts) == (Level.VERY_LOW, (Doubt.NOT_RANDOMISED, doubt))


def test_two_doubts_take_two_steps_down() -> None:
    assert judged(people=200, cautions=2).level is Level.LOW


def test_it_never_falls_below_very_low() -> None:
    worst = judged(pooled=pooled(-9, 9, i2=90), people=50, cautions=3, all_randomised=False, borrowing_matters=True)
    assert worst.level is Level.VERY_LOW
    assert worst.doubts == (
        Doubt.NOT_RANDOMISED,
        Doubt.INCONSISTENT,
        Doubt.IMPRECISE,
        Doubt.FEW_PEOPLE,
        Doubt.BORROWED_SPREAD,
        Doubt.CAUTIONS,
    )


# ---- bounds ----------------------------------------------------------------------------------------------------------


def test_inconsistency_starts_at_an_i2_of_50_percent_and_says_how_much() -> None:
    assert judged(pooled=pooled(i2=49.99)).level is Level.HIGH
    assert "I² 63 %" in certainty_reasons(judged(pooled=pooled(i2=63.2)))[1]


def test_one_study_cannot_be_inconsistent_with_itself() -> None:
    assert Doubt.INCONSISTENT not in judged(pooled=pooled(k=1, i2=80)).doubts


@pytest.mark.parametrize(
    ("one_way", "prediction", "inconsistent"),
    [
        (True, (-12, -0.5), False),  # all point one way, and a new one would: only how much differs
        (True, (0.5, 12), False),
        (True, (-12, 3), True),
        (False, (-12, -0.5), True),
        (False, (-12, 3), True),
        (True, None, True),  # nothing is known of a new study
    ],
)
def test_studies_are_inconsistent_only_if_they_or_the_prediction_point_both_ways(
    one_way: bool, prediction: tuple[float, float] | None, inconsistent: bool
) -> None:
    low, high = prediction or (None, None)
    spread = replace(pooled(i2=97.0), prediction_low=low, prediction_high=high)
    found = judged(pooled=spread, one_way=one_way)
    assert (Doubt.INCONSISTENT in found.doubts) is inconsistent
    assert found.level is (Level.MODERATE if inconsistent else Level.HIGH)


# ---- the one ground that lifts ---------------------------------------------------------------------------------------


def of_ratio(low: float, estimate: float, high: float, **changed: Any) -> PooledResult:
    logs = {"ci_low": math.log(low), "estimate": math.log(estimate), "ci_high": math.log(high)}
    return replace(pooled(**changed), **logs, prediction_low=math.log(low), prediction_high=math.log(high))


@pytest.mark.parametrize(
    ("low", "estimate", "high", "lifted"),
    [
        (0.3, 0.5, 0.8, True),
        (1.2, 2.0, 3.4, True),
        (0.3, 0.51, 0.8, False),
        (1.2, 1.99, 3.4, False),
        (0.1, 0.4, 1.1, False),  # not clear of no difference
    ],
)
def test_a_large_clear_ratio_lifts_what_was_observed_by_one_and_says_so(
    low: float, estimate: float, high: float, lifted: bool
) -> None:
    base = {"ratio": True, "all_randomised": False, "noticeable_change": None}
    found = judged(pooled=of_ratio(low, estimate, high), **base)
    assert (Doubt.LARGE_EFFECT in found.doubts) is lifted
    if lifted:
        assert found.level is Level.MODERATE
        assert found.doubts[-1] is Doubt.LARGE_EFFECT
        assert len(certainty_reasons(found)) == 2
    # What was randomised starts at the top and is not lifted, and a difference is no ratio.
    assert Doubt.LARGE_EFFECT not in judged(pooled=of_ratio(low, estimate, high), ratio=True).doubts
    assert Doubt.LARGE_EFFECT not in judged(pooled=pooled(-9, -5), all_randomised=False).doubts


def test_a_large_effect_makes_up_for_one_doubt_and_not_for_two() -> None:
    base = {"pooled": of_ratio(0.3, 0.4, 0.6), "ratio": True, "all_randomised": False, "noticeable_change": None}
    assert judged(**base, cautions=1).level is Level.LOW
    assert judged(**base, cautions=1, borrowing_matters=True).level is Level.VERY_LOW


def test_a_reason_names_a_doubt_and_never_praises() -> None:
    for changed in STEPS.values():
        told = " ".join(certainty_reasons(judged(**changed, all_randomised=False))).lower()
        for praise in ("sure", "certain", "good", "strong", "reliable", "solid"):
            assert praise not in told
    assert certainty_reasons(judged(pooled=pooled(k=1)))[1] == "one study only"


@pytest.mark.parametrize(
    ("low", "high", "imprecise"),
    [
        (-8, -0.01, False),  # a difference, however large it may be
        (0.01, 8, False),
        (-2.9, 2.9, False),  # no difference, or one too small to notice
        (-3, 1, True),  # no difference, or a noticeable one
        (-1, 3, True),
        (-3, 0, True),
        (0, 3, True),
    ],
)
def test_imprecise_is_a_range_that_holds_no_difference_and_a_noticeable_one(
    low: float, high: float, imprecise: bool
) -> None:
    assert (Doubt.IMPRECISE in judged(pooled=pooled(low, high)).doubts) is imprecise


def test_where_no_noticeable_change_is_known_any_range_across_zero_is_imprecise() -> None:
    found = judged(pooled=pooled(-0.1, 0.1), noticeable_change=None)
    assert found.doubts == (Doubt.RANDOMISED, Doubt.IMPRECISE)
    assert "notice" not in certainty_reasons(found)[1]
    assert "notice" in certainty_reasons(judged(**STEPS[Doubt.IMPRECISE]))[1]


@pytest.mark.parametrize(
    ("low", "high", "imprecise"),
    [(0.5, 0.99, False), (0.76, 1.24, False), (0.74, 1.1, True), (0.9, 1.26, True), (1.01, 3, False)],
)
def test_of_ratios_a_quarter_less_or_more_counts_as_noticeable(low: float, high: float, imprecise: bool) -> None:
    found = judged(pooled=pooled(math.log(low), math.log(high)), ratio=True, noticeable_change=None)
    assert (Doubt.IMPRECISE in found.doubts) is imprecise
    assert all("notice" in reason for reason in certainty_reasons(found)[1:])


def test_four_hundred_people_are_enough() -> None:
    assert judged(people=400).level is Level.HIGH
    assert "399" in certainty_reasons(judged(people=399))[1]


def test_of_events_the_events_count_and_not_the_people() -> None:
    assert judged(events=300, people=10).level is Level.HIGH
    found = judged(events=12, people=100_000)
    assert found.doubts == (Doubt.RANDOMISED, Doubt.FEW_EVENTS)
    assert "12" in certainty_reasons(found)[1]


def test_people_who_are_not_printed_are_not_called_few_or_none() -> None:
    found = judged(people=0, without_size=1)
    assert "0" not in certainty_reasons(found)[1]
    assert "few" not in certainty_reasons(found)[1]
    assert judged(people=400, without_size=1).level is Level.HIGH  # enough without them


def test_cautions_are_counted_in_words_that_fit() -> None:
    assert certainty_reasons(judged(cautions=1))[1] == "1 pooled study carries a caution"
    assert certainty_reasons(judged(cautions=4))[1] == "4 pooled studies carry a caution"


# ---- for any input ---------------------------------------------------------------------------------------------------


@given(
    bounds=st.tuples(st.floats(-50, 50), st.floats(-50, 50)).map(sorted),
    k=st.sampled_from([1, 2, 4, 12]),
    i2=st.floats(0, 100),
    ratio=st.booleans(),
    all_randomised=st.booleans(),
    people=st.integers(0, 5000),
    without_size=st.integers(0, 2),
    events=st.none() | st.integers(0, 900),
    noticeable=st.none() | st.floats(0.1, 20),
    cautions=st.integers(0, 4),
    one_way=st.booleans(),
    borrowing=st.booleans(),
)
@deterministic
def test_a_reason_stands_for_every_ground_and_every_ground_for_a_step(
    bounds: list[float],
    k: int,
    i2: float,
    ratio: bool,
    all_randomised: bool,
    people: int,
    without_size: int,
    events: int | None,
    noticeable: float | None,
    cautions: int,
    one_way: bool,
    borrowing: bool,
) -> None:
    found = judge(
        pooled=pooled(*bounds, k=k, i2=i2),
        ratio=ratio,
        all_randomised=all_randomised,
        people=people,
        without_size=without_size,
        events=events,
        noticeable_change=noticeable,
        cautions=cautions,
        one_way=one_way,
        borrowing_matters=borrowing,
    )
    assert len(found.doubts) == len(set(found.doubts))
    told = certainty_reasons(found)
    assert all(told)
    assert len(told) == len(set(told)) == len(found.doubts)
    assert found.doubts[0] is (Doubt.RANDOMISED if all_randomised else Doubt.NOT_RANDOMISED)
    start = Level.HIGH if all_randomised else Level.LOW
    lifts = Doubt.LARGE_EFFECT in found.doubts
    down = len(found.doubts) - 1 - lifts
    assert found.level == max(Level.VERY_LOW, start - down + lifts)


def test_a_small_pool_is_one_doubt_and_not_two() -> None:
    for without_size, events in ((0, None), (1, None), (1, 12), (0, 12)):
        found = judged(people=50, without_size=without_size, events=events)
        assert len({Doubt.FEW_PEOPLE, Doubt.PEOPLE_NOT_PRINTED, Doubt.FEW_EVENTS} & set(found.doubts)) == 1


def test_levels_are_ordered_and_read_as_words() -> None:
    assert [level.label for level in sorted(Level)] == ["very low", "low", "moderate", "high"]
