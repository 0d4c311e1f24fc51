"""One number for each option: the typical open value, the other by the effect, and what the baseline rests on."""

from __future__ import annotations

import math
from typing import Any

import pytest
from builders import arm, both_arms, contrast, study
from small_answers import Rows, answer, counted, measured, only, posterior, scored

from decision_aid.comparison.absolute_values import AbsoluteValues, Basis
from decision_aid.comparison.certainty import Doubt
from decision_aid.comparison.comparison import Comparison
from decision_aid.domain.vocabulary import Outcome
from decision_aid.meta_analysis.random_effects import pool

COHORTS = [study(f"c{i}", "retrospective_cohort") for i in range(1, 7)]


def absolute(c: Comparison) -> AbsoluteValues:
    assert c.absolute is not None
    return c.absolute


def baseline(a: AbsoluteValues) -> tuple[float, float, float]:
    return a.baseline, a.baseline_low, a.baseline_high


def logit(events: float, n: float) -> tuple[float, float]:
    return math.log(events / (n - events)), math.sqrt(1 / events + 1 / (n - events))


def share(x: float) -> float:
    return 1 / (1 + math.exp(-x))


# ---- the open value --------------------------------------------------------------------------------------------------

OPEN = (150, 300, 90, 210, 120)
FIVE = [row for i, level in enumerate(OPEN, 1) for row in measured(f"c{i}", level / 2, level)]


def test_the_open_value_of_a_quantity_is_the_mean_of_the_open_arms_on_the_log_scale() -> None:
    c = answer(COHORTS[:5], FIVE)
    expected = pool([math.log(m) for m in OPEN], [30 / m / math.sqrt(40) for m in OPEN])
    limits = [math.exp(v) for v in (expected.estimate, expected.ci_low, expected.ci_high)]
    assert baseline(absolute(c)) == pytest.approx(limits)
    assert (absolute(c).basis, absolute(c).studies) == (Basis.ARMS, 5)


def test_of_few_open_arms_it_is_the_posterior_median() -> None:
    c = answer(COHORTS[:3], FIVE[:6])
    expected = posterior([math.log(m) for m in OPEN[:3]], [30 / m / math.sqrt(40) for m in OPEN[:3]], 0.5)
    assert baseline(absolute(c)) == pytest.approx([math.exp(v) for v in expected], rel=1e-3)


def test_the_value_after_mis_is_the_open_value_times_the_ratio_with_the_interval_carried_over() -> None:
    c = answer(COHORTS[:5], FIVE)
    a = absolute(c)
    assert c.interval is not None
    assert a.first == pytest.approx(a.baseline * 0.5)  # every study halves it
    assert (a.first_low, a.first_high) == pytest.approx(tuple(a.baseline * v for v in c.interval))
    assert a.difference == pytest.approx(-0.5 * a.baseline)


def test_an_open_arm_without_a_spread_counts_with_a_borrowed_one() -> None:
    rows = [*FIVE[:8], *measured("c5", 60, 120, None)]
    variation = math.sqrt(sum((30 / m) ** 2 for m in OPEN[:4]) / 4)
    errors = [*(30 / m / math.sqrt(40) for m in OPEN[:4]), variation / math.sqrt(40)]
    expected = pool([math.log(m) for m in OPEN], errors)
    assert absolute(answer(COHORTS[:5], rows)).baseline == pytest.approx(math.exp(expected.estimate))


def test_the_open_value_of_a_score_is_the_plain_mean_and_mis_lies_off_by_the_difference() -> None:
    means = (20, 26, 14, 31, 23)
    rows = [row for i, m in enumerate(means, 1) for row in scored(f"c{i}", 12, m - 4, m)]
    c = answer(COHORTS[:5], rows, outcome=Outcome.ODI)
    a = absolute(c)
    expected = pool(means, [8 / math.sqrt(50)] * 5)
    assert baseline(a) == pytest.approx((expected.estimate, expected.ci_low, expected.ci_high))
    assert c.interval is not None
    assert a.first == pytest.approx(a.baseline - 4)
    assert (a.first_low, a.first_high) == pytest.approx(tuple(a.baseline + v for v in c.interval))


def test_a_change_from_before_surgery_is_no_open_value() -> None:
    rows = [row for i in range(1, 6) for row in scored(f"c{i}", 12, -30, -20, scale_kind="change")]
    c = answer(COHORTS[:5], rows, outcome=Outcome.ODI)
    assert c.estimate == pytest.approx(-10)
    assert c.absolute is None


def test_values_are_cut_at_the_ends_of_the_scale() -> None:
    rows = [row for i in range(1, 3) for row in scored(f"c{i}", 12, 0, 3)]
    row = contrast("review", "odi", timepoint_months=12, estimate=-5, ci_low=-9, ci_high=-1, k_studies=9)
    c = answer([*COHORTS[:2], study("review", "systematic_review")], rows, [row], Outcome.ODI)
    a = absolute(c)
    assert c.estimate == -5
    assert (a.first, a.first_low) == (0, 0)
    assert a.first_high == pytest.approx(a.baseline - 1)
    assert (a.baseline_low >= 0, a.baseline) == (True, pytest.approx(3, abs=0.01))


def test_one_study_shows_what_it_printed() -> None:
    a = absolute(answer([study("t1")], measured("t1", 100, 150)))
    assert (a.first, a.baseline, a.basis, a.studies) == (100, 150, Basis.ONE_STUDY, 1)
    assert a.first_low < 100 < a.first_high


def test_the_range_over_single_studies_is_a_second_layer() -> None:
    c = answer(COHORTS[:5], FIVE)
    assert c.first_levels is not None
    assert c.second_levels is not None
    assert (c.first_levels.low, c.first_levels.high, c.first_levels.studies) == (45, 150, 5)
    assert (c.second_levels.low, c.second_levels.high, c.second_levels.studies) == (90, 300, 5)


# ---- the open risk ---------------------------------------------------------------------------------------------------


def infections(*counts: tuple[int, int]) -> Rows:
    """Open arms with (events, people); the other arm has 5 of 100."""
    return [
        row
        for i, (e, n) in enumerate(counts, 1)
        for row in both_arms(f"c{i}", {"events": 5, "n": 100}, {"events": e, "n": n}, "infection")
    ]


COUNTS = ((6, 100), (9, 90), (2, 80), (12, 150), (7, 60))


def risk_of(studies: Rows, rows: Rows, **asked: Any) -> AbsoluteValues:
    c = answer(studies, rows, outcome=Outcome.INFECTION, **asked)
    assert c.absolute_risk is not None
    assert c.absolute_risk is c.absolute
    return c.absolute_risk


def test_the_open_risk_is_the_pooled_risk_of_the_open_arms_on_the_logit() -> None:
    expected = pool(*zip(*(logit(*c) for c in COUNTS), strict=True))
    found = risk_of(COHORTS[:5], infections(*COUNTS))
    assert baseline(found) == pytest.approx([share(v) for v in (expected.estimate, expected.ci_low, expected.ci_high)])
    assert (found.basis, found.studies) == (Basis.ARMS, 5)


def test_an_arm_without_an_event_counts_with_half_of_one() -> None:
    counts = (*COUNTS[:4], (0, 60))
    expected = pool(*zip(*(logit(*c) for c in counts[:4]), logit(0.5, 61), strict=True))
    assert risk_of(COHORTS[:5], infections(*counts)).baseline == pytest.approx(share(expected.estimate))


def test_the_risk_after_mis_is_the_open_risk_times_the_ratio() -> None:
    rows = [row for s in COHORTS[:5] for row in counted(s["study_id"], 4, 8)]
    c = answer(COHORTS[:5], rows, outcome=Outcome.INFECTION)
    a = absolute(c)
    assert c.interval is not None
    assert (a.baseline, a.first) == pytest.approx((0.08, 0.04))
    assert (a.first_low, a.first_high) == pytest.approx(tuple(0.08 * v for v in c.interval))


def test_a_risk_never_leaves_0_to_1() -> None:
    a = risk_of(COHORTS[:3], [*counted("c1", 90, 70), *counted("c2", 99, 60), *counted("c3", 95, 80)])
    assert a.first_high == 1
    assert 0 <= a.first_low <= a.first <= a.first_high


def test_every_open_arm_of_the_procedure_counts_compared_or_not_and_people_once() -> None:
    alone = study("alone", "prospective_cohort")
    again = [study("first", "prospective_cohort", cohort="same"), study("later", "prospective_cohort", cohort="same")]
    rows = [
        *infections(*COUNTS[:4]),
        arm("alone", "open", "infection", events=7, n=60),
        arm("first", "open", "infection", events=3, n=50),
        arm("later", "open", "infection", events=5, n=90),
    ]
    found = risk_of([*COHORTS[:4], alone, *again], rows)
    expected = pool(*zip(*(logit(*c) for c in (*COUNTS, (5, 90))), strict=True))
    assert (found.studies, found.baseline) == (6, pytest.approx(share(expected.estimate)))


@pytest.mark.parametrize("odd", [{"caution": "a flaw"}, {"subgroup": "over 65"}, {"timepoint_months": 24}], ids=str)
def test_an_open_arm_that_is_set_aside_in_part_or_at_another_time_is_no_baseline(odd: dict[str, Any]) -> None:
    usual = risk_of(COHORTS[:5], infections(*COUNTS))
    rows = [*infections(*COUNTS), arm("odd", "open", "infection", events=90, n=100, **odd)]
    assert risk_of([*COHORTS[:5], study("odd", "prospective_cohort")], rows) == usual


def test_registries_of_a_thousand_open_people_come_first() -> None:
    registries = [study("r1", "registry"), study("r2", "registry"), study("small", "registry")]
    rows = [
        *infections(*COUNTS),
        arm("r1", "open", "infection", events=20, n=1000),
        arm("r2", "open", "infection", events=50, n=1500),
        arm("small", "open", "infection", events=400, n=999),
    ]
    found = risk_of([*COHORTS[:5], *registries], rows)
    expected = posterior(*zip(logit(20, 1000), logit(50, 1500), strict=True), 0.5)
    assert (found.basis, found.studies) == (Basis.REGISTRIES, 2)
    assert baseline(found) == pytest.approx([share(v) for v in expected], rel=1e-3)


def test_a_large_trial_is_no_registry() -> None:
    rows = [*infections(*COUNTS), arm("t", "open", "infection", events=20, n=2000)]
    assert risk_of([*COHORTS[:5], study("t")], rows).basis is Basis.ARMS


def test_a_study_with_more_than_half_of_the_people_or_weight_is_named() -> None:
    assert risk_of(COHORTS[:5], infections(*COUNTS)).heaviest == ""
    most = risk_of(COHORTS[:5], infections(*COUNTS[:4], (30, 500)))
    assert most.heaviest == "C5 2020"
    # Of two registries the larger has three of five thousand people.
    registries = [study("r1", "registry"), study("r2", "registry")]
    rows = [
        *infections(*COUNTS),
        arm("r1", "open", "infection", events=40, n=2000),
        arm("r2", "open", "infection", events=60, n=3000),
    ]
    assert risk_of([*COHORTS[:5], *registries], rows).heaviest == "R2 2020"


def test_one_study_stands_for_itself() -> None:
    found = risk_of([study("t1")], counted("t1", 3, 6))
    assert (found.baseline, found.first, found.basis) == (0.06, 0.03, Basis.ONE_STUDY)


def test_one_study_without_an_event_in_an_arm_shows_none() -> None:
    """The 0.5 that makes a ratio possible is nobody: 0 of 40 stays 0, and its range reaches up from there."""
    found = risk_of([study("t1")], counted("t1", 0, 7, n=40))
    assert (found.first, found.first_low, found.baseline) == (0, 0, 7 / 40)
    assert 0 < found.first_high < 1


def test_without_counts_there_is_a_ratio_but_no_risk() -> None:
    row = contrast("t1", "infection", "RR", timepoint_months=1, estimate=0.5, ci_low=0.3, ci_high=0.9, n_total=500)
    c = answer([study("t1")], [], [row], Outcome.INFECTION)
    assert c.estimate == pytest.approx(0.5)
    assert (c.absolute, c.absolute_risk) == (None, None)
    assert c.certainty is not None
    assert Doubt.FEW_EVENTS not in c.certainty.doubts  # their number is not known, so it is not called few
    assert only(c, "t1").pooled


def test_a_quantity_has_no_risk() -> None:
    c = answer(COHORTS[:5], FIVE)
    assert c.absolute is not None
    assert c.absolute_risk is None
