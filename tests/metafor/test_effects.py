"""One study -> one effect: against R metafor and the published formulas, whose numbers stand in metafor/effects.json."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from builders import arm_row

from decision_aid.domain.vocabulary import Unit
from decision_aid.evidence.units import conversion_factor
from decision_aid.meta_analysis import effects
from decision_aid.meta_analysis.effects import ArmSummary, Measure, SpreadSource, summarise_arm

REFERENCE = json.loads((Path(__file__).parent / "effects.json").read_text(encoding="utf-8"))


def summary(factor: float = 1.0, **cells: Any) -> ArmSummary:
    return summarise_arm(arm_row(**cells), factor)


def near(value: float) -> Any:
    return pytest.approx(value, rel=1e-12, abs=1e-14)


def two_means(case: dict[str, Any]) -> tuple[ArmSummary, ArmSummary]:
    first, second = ({"n": case[f"n{i}"], "mean": case[f"mean{i}"], "sd": case[f"sd{i}"]} for i in (1, 2))
    return summary(**first), summary(**second)


def two_counts(case: dict[str, Any]) -> tuple[ArmSummary, ArmSummary]:
    first, second = (
        {"n": case[f"n{i}"], "events": case[f"events{i}"], "outcome": "infection", "unit": "events"} for i in (1, 2)
    )
    return summary(**first), summary(**second)


def test_the_reference_names_the_versions_it_was_made_with() -> None:
    assert set(REFERENCE["versions"]) == {"R", "metafor"}


# ---- against metafor -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", REFERENCE["means"].values(), ids=REFERENCE["means"])
def test_mean_difference_against_metafor(case: dict[str, Any]) -> None:
    effect = effects.mean_difference(*two_means(case))
    assert effect is not None
    assert effect.estimate == near(case["mean_difference"]["estimate"])
    assert effect.standard_error == near(case["mean_difference"]["standard_error"])
    assert effect.source is SpreadSource.SD


@pytest.mark.parametrize("case", REFERENCE["means"].values(), ids=REFERENCE["means"])
def test_ratio_of_means_against_metafor_with_the_plain_delta_variance(case: dict[str, Any]) -> None:
    effect = effects.ratio_of_means(*two_means(case))
    assert effect is not None
    assert effect.estimate == near(case["ratio_of_means"]["estimate"])
    assert effect.standard_error == near(case["ratio_of_means"]["standard_error"])


@pytest.mark.parametrize("case", REFERENCE["events"].values(), ids=REFERENCE["events"])
def test_risk_ratio_against_metafor_with_a_half_added_where_a_cell_is_empty(case: dict[str, Any]) -> None:
    effect = effects.risk_ratio(*two_counts(case))
    if case["risk_ratio"] is None:
        assert effect is None
    else:
        assert effect is not None
        assert effect.estimate == near(case["risk_ratio"]["estimate"])
        assert effect.standard_error == near(case["risk_ratio"]["standard_error"])
        assert effect.source is SpreadSource.EVENTS


def test_only_a_study_without_any_event_says_nothing_about_the_ratio() -> None:
    assert [name for name, case in REFERENCE["events"].items() if case["risk_ratio"] is None] == ["none_in_both"]


def test_a_risk_ratio_needs_both_counts_and_both_arm_sizes() -> None:
    counted = summary(outcome="infection", unit="events", events=3, n=40)
    without_size = summary(outcome="infection", unit="events", events=3)
    not_counted = summary(n=40, mean=3, sd=1)
    for other in (without_size, not_counted):
        assert effects.risk_ratio(counted, other) is None
        assert effects.risk_ratio(other, counted) is None
    assert counted.risk == 3 / 40
    assert without_size.risk is None
    assert not_counted.risk is None


# ---- where a spread comes from ---------------------------------------------------------------------------------------

ALL_SPREADS = {"sd": 40.0, "se": 3.0, "ci_low": 90.0, "ci_high": 110.0, "q1": 70.0, "q3": 130.0}


@pytest.mark.parametrize(
    ("left_out", "source"),
    [
        ([], SpreadSource.SD),
        (["sd"], SpreadSource.SE),
        (["sd", "se"], SpreadSource.CI),
        (["sd", "se", "ci_low", "ci_high"], SpreadSource.QUARTILES),
        (list(ALL_SPREADS), SpreadSource.NONE),
    ],
)
def test_a_spread_is_taken_in_the_order_sd_se_interval_quartiles(left_out: list[str], source: SpreadSource) -> None:
    printed = {name: value for name, value in ALL_SPREADS.items() if name not in left_out}
    found = summary(n=25, mean=100, **printed)
    assert found.spread is source
    assert (found.sd is None) == (source is SpreadSource.NONE)
    assert (found.mean, found.level, found.statistic) == (100, 100, "mean")


def test_a_printed_sd_is_kept_as_it_is() -> None:
    assert summary(n=25, mean=100, **ALL_SPREADS).sd == 40


def test_sd_from_a_standard_error_is_se_times_root_n() -> None:
    assert summary(n=25, mean=100, se=3).sd == near(15)


@pytest.mark.parametrize("case", REFERENCE["intervals"].values(), ids=REFERENCE["intervals"])
def test_sd_from_an_interval_uses_the_t_distribution(case: dict[str, Any]) -> None:
    middle = (case["low"] + case["high"]) / 2
    found = summary(n=case["n"], mean=middle, ci_low=case["low"], ci_high=case["high"])
    assert found.sd == near(case["sd"])
    assert found.spread is SpreadSource.CI


def test_the_level_of_an_interval_is_the_one_the_row_says() -> None:
    """A 99 % interval as wide as a 95 % one comes from less spread: by the ratio of the quantiles of t with 24 degrees."""
    usual, wide = (summary(n=25, mean=100, ci_low=90, ci_high=110, ci_level=level) for level in (0.95, 0.99))
    assert usual.sd is not None
    assert wide.sd is not None
    assert wide.sd / usual.sd == pytest.approx(2.063898562 / 2.796939505, rel=1e-8)


@pytest.mark.parametrize("case", REFERENCE["quartiles"].values(), ids=REFERENCE["quartiles"])
def test_quartiles_give_the_mean_of_luo_2018_and_the_sd_of_wan_2014(case: dict[str, Any]) -> None:
    found = summary(n=case["n"], q1=case["q1"], median=case["median"], q3=case["q3"])
    assert found.mean == near(case["luo_mean"])
    assert found.sd == near(case["wan_sd"])
    assert found.spread is SpreadSource.QUARTILES
    assert (found.level, found.statistic) == (case["median"], "median")  # a reader is shown what the paper prints


def test_quartiles_worked_by_hand() -> None:
    """n = 149: the weight is 0.7 + 0.39 / 149 = 0.702617; (0.75 n - 0.125) / (n + 0.25) = 0.747906, its quantile 0.667915."""
    found = summary(n=149, q1=0.2, median=0.7, q3=2.6)
    assert found.mean == pytest.approx(0.702617 * 1.4 + 0.297383 * 0.7, abs=1e-5)
    assert found.sd == pytest.approx(2.4 / (2 * 0.667915), abs=1e-5)


def test_in_a_large_arm_the_sd_is_the_interquartile_range_over_1_35() -> None:
    """Cochrane Handbook 6.5.2.5."""
    assert summary(n=100_000, q1=10, median=20, q3=37).sd == pytest.approx(27 / 1.35, rel=1e-3)


def test_a_printed_mean_is_not_replaced_by_one_from_quartiles() -> None:
    found = summary(n=40, mean=140, median=120, q1=80, q3=170)
    assert (found.mean, found.level, found.statistic) == (140, 140, "mean")
    assert found.sd == summary(n=40, median=120, q1=80, q3=170).sd


@pytest.mark.parametrize(
    "printed",
    [
        {"n": 1, "median": 5, "q1": 4, "q3": 6},
        {"n": 1, "mean": 5, "ci_low": 4, "ci_high": 6},
        {"median": 5, "q1": 4, "q3": 6},
        {"mean": 5, "ci_low": 4, "ci_high": 6},
        {"mean": 5, "se": 1},
        {"n": 20, "mean": 5, "ci_low": 5, "ci_high": 5},
        {"n": 20, "median": 5, "q1": 5, "q3": 5},
        {"n": 20, "median": 5, "min": 1, "max": 9},
        {"n": 20, "median": 5, "sd": 2, "se": 0.4, "ci_low": 4, "ci_high": 6},
    ],
    ids=str,
)
def test_no_spread_is_made_up_where_what_is_printed_does_not_give_one(printed: dict[str, float]) -> None:
    found = summary(**printed)
    assert found.sd is None
    assert found.spread is SpreadSource.NONE
    assert found.level == 5


def test_the_weaker_source_of_two_arms_is_named() -> None:
    printed = summary(n=20, mean=5, sd=2)
    rebuilt = summary(n=20, median=5, q1=3, q3=6)
    from_error = summary(n=20, mean=5, se=0.4)
    for first, second, weaker in (
        (printed, rebuilt, SpreadSource.QUARTILES),
        (rebuilt, from_error, SpreadSource.QUARTILES),
        (from_error, printed, SpreadSource.SE),
    ):
        effect = effects.mean_difference(first, second)
        assert effect is not None
        assert effect.source is weaker


# ---- units -----------------------------------------------------------------------------------------------------------


def test_the_unit_factor_scales_mean_sd_and_shown_level_alike() -> None:
    hours = conversion_factor(Unit.HOURS, Unit.DAYS)
    assert hours is not None
    found = summary(hours, outcome="length_of_stay", unit="hours", n=30, mean=48, sd=12)
    assert (found.mean, found.sd, found.level) == near((2, 0.5, 2))


def test_quartiles_scale_with_the_unit_too() -> None:
    on_ten = summary(n=30, outcome="vas_leg", median=4, q1=2, q3=7)
    on_hundred = summary(0.1, n=30, outcome="vas_leg", unit="points_0_100", median=40, q1=20, q3=70)
    assert (on_hundred.mean, on_hundred.sd, on_hundred.level) == near((on_ten.mean, on_ten.sd, on_ten.level))


def test_counts_of_people_have_no_unit() -> None:
    found = summary(24.0, outcome="infection", unit="events", events=3, n=40)
    assert (found.events, found.level, found.n) == (3, 3, 40)


def test_a_ratio_of_means_does_not_depend_on_the_unit() -> None:
    in_hours = [summary(n=30, mean=48, sd=12), summary(n=25, mean=96, sd=30)]
    in_days = [summary(1 / 24, n=30, mean=48, sd=12), summary(1 / 24, n=25, mean=96, sd=30)]
    one, other = effects.ratio_of_means(*in_hours), effects.ratio_of_means(*in_days)
    assert one is not None
    assert other is not None
    assert (other.estimate, other.standard_error) == near((one.estimate, one.standard_error))


# ---- what can be compared --------------------------------------------------------------------------------------------


def test_two_medians_without_quartiles_are_compared_but_never_with_a_standard_error() -> None:
    effect = effects.mean_difference(summary(n=20, median=200), summary(n=20, median=300))
    assert effect is not None
    assert (effect.estimate, effect.standard_error, effect.source) == (-100, None, SpreadSource.NONE)


def test_a_median_with_quartiles_meets_a_median_without_as_two_medians() -> None:
    whole, bare = summary(n=20, median=200, q1=100, q3=500), summary(n=20, median=300)
    for pair, estimate in (((whole, bare), -100), ((bare, whole), 100)):
        effect = effects.mean_difference(*pair)
        assert effect is not None
        assert (effect.estimate, effect.standard_error) == (estimate, None)


@pytest.mark.parametrize("function", [effects.mean_difference, effects.ratio_of_means])
def test_a_median_is_not_compared_with_a_mean(function: Any) -> None:
    median, mean = summary(n=20, median=200), summary(n=20, mean=300, sd=50)
    assert function(median, mean) is None
    assert function(mean, median) is None


@pytest.mark.parametrize("function", [effects.mean_difference, effects.ratio_of_means])
def test_a_change_is_not_compared_with_a_level(function: Any) -> None:
    change = summary(outcome="odi", scale_kind="change", n=20, mean=30, sd=10)
    level = summary(outcome="odi", n=20, mean=20, sd=10)
    assert function(change, level) is None
    assert function(level, change) is None


def test_two_changes_have_a_difference_but_no_ratio() -> None:
    changes = [summary(outcome="odi", scale_kind="change", n=20, mean=mean, sd=10) for mean in (30, 25)]
    effect = effects.mean_difference(*changes)
    assert effect is not None
    assert effect.estimate == 5
    assert effects.ratio_of_means(*changes) is None


@pytest.mark.parametrize("mean", [0, -4.5])
def test_a_mean_of_zero_or_less_has_no_ratio(mean: float) -> None:
    odd, usual = summary(outcome="eq5d", n=20, mean=mean, sd=1), summary(outcome="eq5d", n=20, mean=3, sd=1)
    assert effects.ratio_of_means(odd, usual) is None
    assert effects.ratio_of_means(usual, odd) is None
    assert effects.mean_difference(odd, usual) is not None


@pytest.mark.parametrize("gap", [{"sd": None}, {"n": None}], ids=["no spread", "no arm size"])
@pytest.mark.parametrize("function", [effects.mean_difference, effects.ratio_of_means])
def test_without_a_spread_or_an_arm_size_the_effect_stands_without_a_standard_error(
    function: Any, gap: dict[str, None]
) -> None:
    usual = {"n": 20, "mean": 300, "sd": 50}
    whole, partly = summary(**usual), summary(**{**usual, **gap})
    full = function(whole, whole)
    for pair in ((whole, partly), (partly, whole)):
        effect = function(*pair)
        assert (effect.estimate, effect.standard_error) == (full.estimate, None)


# ---- effects a paper reports -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", REFERENCE["reports"].values(), ids=REFERENCE["reports"])
def test_a_reported_effect_against_the_handbook(case: dict[str, Any]) -> None:
    measure = Measure.RISK_RATIO if case["ratio"] else Measure.MEAN_DIFFERENCE
    effect = effects.reported(case["estimate"], case["low"], case["high"], case["level"], measure)
    assert effect is not None
    assert effect.estimate == near(case["effect"])
    assert effect.standard_error == near(case["standard_error"])
    assert effect.source is SpreadSource.CONTRAST


def test_a_95_percent_interval_is_kept_as_printed_and_another_level_is_not() -> None:
    difference = effects.reported(-13.2, -15.6, -10.9, 0.95, Measure.MEAN_DIFFERENCE)
    ratio = effects.reported(1.14, 0.92, 1.41, 0.95, Measure.RISK_RATIO)
    wider = effects.reported(-2.4, -4.1, -0.7, 0.99, Measure.MEAN_DIFFERENCE)
    assert difference is not None
    assert ratio is not None
    assert wider is not None
    assert difference.printed_interval == (-15.6, -10.9)
    assert ratio.printed_interval == near((math.log(0.92), math.log(1.41)))
    assert wider.printed_interval is None


@pytest.mark.parametrize(("low", "high"), [(None, None), (1.0, None), (None, 3.0), (2.0, 2.0)])
def test_a_reported_effect_without_an_interval_has_no_standard_error(low: float | None, high: float | None) -> None:
    for measure in (Measure.MEAN_DIFFERENCE, Measure.RISK_RATIO):
        effect = effects.reported(2.0, low, high, 0.95, measure)
        assert effect is not None
        assert (effect.standard_error, effect.source) == (None, SpreadSource.NONE)


@pytest.mark.parametrize(("estimate", "low", "high"), [(0.0, None, None), (0.4, 0.0, 2.0), (-1.0, -2.0, 3.0)])
def test_a_ratio_that_is_not_above_zero_is_refused(estimate: float, low: float | None, high: float | None) -> None:
    assert effects.reported(estimate, low, high, 0.95, Measure.RISK_RATIO) is None


# ---- spreads borrowed from other studies -----------------------------------------------------------------------------


def test_the_coefficient_of_variation_worked_by_hand() -> None:
    """Weights n - 1: (10 x 0.5² + 20 x 0.25² + 30 x 0.4²) / 60 = 8.55 / 60."""
    arms = [summary(n=11, mean=100, sd=50), summary(n=21, mean=200, sd=50), summary(n=31, mean=300, sd=120)]
    assert effects.coefficient_of_variation(arms) == near(math.sqrt(8.55 / 60))


def test_the_coefficient_of_variation_needs_three_arms_that_print_a_spread() -> None:
    arms = [summary(n=11, mean=100, sd=50), summary(n=21, mean=200, sd=50), summary(n=31, mean=300, sd=120)]
    useless = [
        summary(n=11, mean=100),
        summary(mean=100, sd=50),
        summary(n=1, mean=100, sd=50),
        summary(outcome="eq5d", n=11, mean=0, sd=1),
        summary(outcome="eq5d", n=11, mean=-0.2, sd=1),
        summary(outcome="odi", scale_kind="change", n=11, mean=20, sd=15),
    ]
    assert effects.coefficient_of_variation(arms[:2]) is None
    assert effects.coefficient_of_variation([*arms[:2], *useless]) is None
    assert effects.coefficient_of_variation([*arms, *useless]) == effects.coefficient_of_variation(arms)


def test_small_means_and_small_arms_lend_and_borrow_too() -> None:
    """Weights 1, 1 and 2: (0.5² + 0.5² + 2 x 0.25²) / 4 = 0.15625."""
    arms = [summary(outcome="eq5d", n=n, mean=0.8, sd=sd) for n, sd in ((2, 0.4), (2, 0.4), (3, 0.2))]
    variation = effects.coefficient_of_variation(arms)
    assert variation == near(math.sqrt(0.15625))


def test_the_pooled_standard_deviation_weighs_by_degrees_of_freedom() -> None:
    """Weights 10, 20 and 30: (10 x 12² + 20 x 15² + 30 x 18²) / 60 = 261."""
    arms = [summary(outcome="odi", n=n, mean=20, sd=sd) for n, sd in ((11, 12), (21, 15), (31, 18))]
    assert effects.pooled_sd(arms) == near(math.sqrt(261))
    assert effects.pooled_sd(arms[:2]) is None


def test_a_borrowed_spread_says_so() -> None:
    borrowed = effects.with_borrowed_spread(summary(n=11, mean=200), 80)
    assert borrowed.sd == near(80)
    assert borrowed.spread is SpreadSource.IMPUTED
    assert (borrowed.n, borrowed.mean, borrowed.level) == (11, 200, 200)


def test_an_effect_with_a_borrowed_spread_is_marked_as_such() -> None:
    borrowed = effects.with_borrowed_spread(summary(n=11, mean=200), 80)
    effect = effects.mean_difference(borrowed, summary(n=11, median=300, q1=200, q3=400))
    assert effect is not None
    assert effect.source is SpreadSource.IMPUTED
