"""The best available answer: which source leads, in which order, and which published review may."""

from __future__ import annotations

import math
from typing import Any

import pytest
from builders import both_arms, contrast, study
from small_answers import Rows, answer, counted, log_ratio, measured, posterior, scored

from decision_aid.comparison.comparison import Comparison, State
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.question import DesignFilter
from decision_aid.domain.time_windows import FOLLOW_UP, TimeWindow
from decision_aid.domain.vocabulary import Condition, Outcome
from decision_aid.meta_analysis.effects import Measure

COHORTS = [study(f"c{i}", "retrospective_cohort") for i in range(1, 7)]
REVIEW = study("review", "systematic_review", year=2022)


def of(k: int) -> tuple[Rows, Rows]:
    """`k` small cohorts of blood loss."""
    return COHORTS[:k], [row for s in COHORTS[:k] for row in measured(s["study_id"])]


def reviewed(study_id: str = "review", k_studies: int | None = 9, **cells: Any) -> dict[str, Any]:
    """A published review's own difference of blood loss."""
    usual = {"estimate": -60, "ci_low": -90, "ci_high": -30, "k_studies": k_studies, "n_total": 900}
    return contrast(study_id, **{**usual, **cells})


def with_review(
    k: int, *rows: dict[str, Any], reviews: tuple[dict[str, Any], ...] = (REVIEW,), **asked: Any
) -> Comparison:
    studies, arms = of(k)
    return answer([*studies, *reviews], arms, [*rows] or [reviewed()], **asked)


# ---- each rung -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("k", "rung", "state"),
    [
        (6, Rung.POOL, State.DIFFERENCE),
        (5, Rung.POOL, State.DIFFERENCE),
        (4, Rung.FEW_STUDIES, State.DIFFERENCE),
        (2, Rung.FEW_STUDIES, State.SAME_DIRECTION),  # of two alike, the spread between more is not known
        (1, Rung.ONE_SMALL_STUDY, State.ONE_STUDY),
        (0, Rung.NONE, State.NOT_IN_DATA),
    ],
)
def test_without_a_review_the_number_of_studies_decides(k: int, rung: Rung, state: State) -> None:
    studies, arms = of(k)
    c = answer(studies, arms)
    assert (c.lead.rung, c.lead.k, c.state) == (rung, k, state)
    assert c.lead.people == (80 * k or None)


@pytest.mark.parametrize(
    ("design", "n", "rung"),
    [
        ("rct", 10, Rung.ONE_LARGE_STUDY),
        ("registry", 100, Rung.ONE_LARGE_STUDY),  # 100 in each arm: 200 people
        ("registry", 99, Rung.ONE_SMALL_STUDY),
        ("retrospective_cohort", 40, Rung.ONE_SMALL_STUDY),
    ],
)
def test_one_trial_or_one_study_of_200_people_stands_above_a_small_one(design: str, n: int, rung: Rung) -> None:
    c = answer([study("s", design)], measured("s", n=n))
    assert (c.lead.rung, c.state) == (rung, State.ONE_STUDY)
    assert c.lead.study is not None
    assert c.lead.study.study.study_id == "s"
    assert c.is_told_to(patient=False)
    assert c.is_told_to(patient=True) is (rung is Rung.ONE_LARGE_STUDY)


def parts(study_id: str, *names: str, **cells: Any) -> Rows:
    return [r for i, name in enumerate(names) for r in scored(study_id, 12, 10 + i, 20, subgroup=name, **cells)]


def test_parts_of_one_study_are_told_as_parts_and_give_no_number_of_the_whole() -> None:
    c = answer([study("p", "rct")], parts("p", "men", "women"), outcome=Outcome.ODI)
    assert (c.lead.rung, c.state, c.estimate, c.absolute) == (Rung.PARTS_OF_ONE_STUDY, State.ONE_STUDY, None, None)
    assert c.lead.study is not None
    assert [(p.name, p.effect.estimate, p.people) for p in c.lead.study.parts] == [
        ("men", -10, 100),
        ("women", -9, 100),
    ]
    assert not c.is_told_to(patient=True)


def test_a_single_part_is_no_answer() -> None:
    c = answer([study("p", "rct")], parts("p", "men"), outcome=Outcome.ODI)
    assert (c.lead.rung, c.state) == (Rung.NONE, State.NOT_IN_DATA)


def test_parts_of_a_study_with_a_caution_do_not_lead() -> None:
    c = answer([study("p", caution="a flaw")], parts("p", "men", "women"), outcome=Outcome.ODI)
    assert c.lead.rung is Rung.NONE


def test_parts_stand_below_a_large_study_and_above_a_small_one() -> None:
    rows = parts("p", "men", "women")
    for design, rung in (("rct", Rung.ONE_LARGE_STUDY), ("retrospective_cohort", Rung.PARTS_OF_ONE_STUDY)):
        c = answer([study("p"), study("whole", design)], [*rows, *scored("whole", 12)], outcome=Outcome.ODI)
        assert c.lead.rung is rung
    assert c.certainty is None  # nothing is judged that does not lead
    assert c.pooled is not None


# ---- a published review among them -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("k", "of_review", "rung"),
    [
        (6, 100, Rung.POOL),
        (5, 100, Rung.POOL),
        (4, 5, Rung.REVIEW),
        (4, 4, Rung.FEW_STUDIES),
        (4, 3, Rung.FEW_STUDIES),
        (2, 3, Rung.REVIEW),
        (2, None, Rung.FEW_STUDIES),
        (1, 2, Rung.REVIEW),
        (1, None, Rung.REVIEW),
        (0, 2, Rung.REVIEW),
    ],
)
def test_a_review_leads_where_it_rests_on_more_studies_than_a_pool_of_few(
    k: int, of_review: int | None, rung: Rung
) -> None:
    c = with_review(k, reviewed(k_studies=of_review))
    assert c.lead.rung is rung
    assert (c.state is State.PUBLISHED_ELSEWHERE) is (rung is Rung.REVIEW)
    assert (c.certainty is None) is (rung is Rung.REVIEW)
    if rung is Rung.REVIEW:
        assert (c.lead.k, c.lead.people) == (of_review or 0, 900)
        assert c.lead.review is not None
        assert c.lead.review.label == "Review 2022"


def test_a_review_stands_above_one_trial_and_parts_of_a_study() -> None:
    row = contrast("review", "odi", timepoint_months=12, estimate=-4, ci_low=-6, ci_high=-2, k_studies=3)
    for rows in (scored("t1", 12), parts("t1", "men", "women")):
        c = answer([study("t1"), REVIEW], rows, [row], Outcome.ODI)
        assert (c.lead.rung, c.estimate, c.interval) == (Rung.REVIEW, -4, (-6, -2))


def test_our_own_pool_stays_at_hand_where_a_review_leads() -> None:
    c = with_review(2)
    expected = posterior(*zip(*[log_ratio(100, 150)] * 2, strict=True), 0.5)
    assert c.pooled is not None
    assert (c.pooled.estimate, c.pooled.ci_low, c.pooled.ci_high) == pytest.approx(expected, abs=1e-4)
    assert (c.measure, c.estimate, c.interval) == (Measure.MEAN_DIFFERENCE, -60, (-90, -30))


@pytest.mark.parametrize(
    "row",
    [
        reviewed(caution="the interval is misprinted"),
        reviewed(subgroup="over 65"),
        reviewed(ci_low=None, ci_high=None),
        reviewed(estimate=None),
        reviewed(unit=""),
        reviewed(measure="SMD", unit=""),
        reviewed(ci_level=0.9),
        reviewed(timing="not_stated"),
        reviewed(comparison="surgery_minus_nonoperative"),
    ],
    ids=["caution", "subgroup", "no interval", "no estimate", "unit not printed", "standardised", "90 percent",
         "time not stated", "another comparison"],
)  # fmt: skip
def test_a_review_that_is_not_eligible_never_leads(row: dict[str, Any]) -> None:
    assert with_review(2, row).lead.rung is Rung.FEW_STUDIES
    assert with_review(0, row).lead.rung is Rung.NONE


def test_a_review_with_a_caution_of_its_own_never_leads_even_when_cautions_are_put_back() -> None:
    flawed = {**REVIEW, "caution": "counts the same trials twice"}
    for asked in ({}, {"include_cautions": True}):
        c = with_review(2, reviews=(flawed,), **asked)
        assert c.lead.rung is Rung.FEW_STUDIES
        assert [r.caution for r in c.reviews] == ["counts the same trials twice"]


def test_of_reviews_the_one_with_most_studies_leads_and_of_equals_the_newest() -> None:
    reviews = (
        study("newest", "systematic_review", year=2024),
        study("most", "systematic_review", year=2015),
        study("as-many", "systematic_review", year=2012),
    )
    rows = [reviewed("newest", 8), reviewed("most", 9), reviewed("as-many", 9)]
    for order in (1, -1):
        c = with_review(2, *rows[::order], reviews=reviews)
        assert c.lead.review is not None
        assert c.lead.review.study.study_id == "most"


@pytest.mark.parametrize(
    "filters",
    [
        {"technique": "tubular"},
        {"condition": Condition.DISC_HERNIATION},
        {"years": (1990, 2030)},
        {"design": DesignFilter.RCT},
    ],
    ids=["technique", "condition", "years", "trials"],
)
def test_with_a_filter_on_no_review_leads(filters: dict[str, Any]) -> None:
    assert with_review(2).lead.rung is Rung.REVIEW
    filtered = with_review(2, **filters)
    assert filtered.lead.rung in (Rung.FEW_STUDIES, Rung.NONE)
    assert filtered.lead.review is None


@pytest.mark.parametrize("window", [*FOLLOW_UP])
def test_a_review_whose_time_is_not_stated_leads_from_six_months_on(window: TimeWindow) -> None:
    row = contrast("review", "odi", timing="not_stated", estimate=-4, ci_low=-6, ci_high=-2, k_studies=7)
    c = answer([REVIEW], [], [row], Outcome.ODI, window=window)
    late = window not in (TimeWindow.WEEKS_6, TimeWindow.MONTHS_3)
    assert (c.lead.rung is Rung.REVIEW) is late
    if late:
        assert c.lead.review is not None
        assert c.lead.review.time_not_stated


def test_a_review_of_another_time_does_not_lead() -> None:
    row = contrast("review", "odi", timepoint_months=24, estimate=-4, ci_low=-6, ci_high=-2, k_studies=7)
    for window, rung in ((TimeWindow.YEARS_2, Rung.REVIEW), (TimeWindow.YEAR_1, Rung.NONE)):
        assert answer([REVIEW], [], [row], Outcome.ODI, window=window).lead.rung is rung


# ---- turned onto our scale -------------------------------------------------------------------------------------------


def test_a_reviews_difference_is_set_on_our_open_value() -> None:
    c = with_review(1)  # one open arm: 150 ml
    assert c.absolute is not None
    assert (c.absolute.baseline, c.absolute.first) == (pytest.approx(150), pytest.approx(90))
    assert (c.absolute.first_low, c.absolute.first_high) == (pytest.approx(60), pytest.approx(120))


def test_a_difference_larger_than_all_there_is_is_refused() -> None:
    too_large = reviewed(estimate=-151, ci_low=-200, ci_high=-102)
    assert with_review(1, too_large).lead.rung is Rung.ONE_SMALL_STUDY
    assert with_review(1, reviewed(estimate=-149, ci_low=-200, ci_high=-98)).lead.rung is Rung.REVIEW


def test_a_reviews_unit_is_brought_to_ours() -> None:
    stay = both_arms("c1", {"mean": 3, "sd": 1, "n": 20}, {"mean": 5, "sd": 1, "n": 20}, "length_of_stay")
    row = contrast("review", "length_of_stay", unit="hours", estimate=-36, ci_low=-48, ci_high=-24, k_studies=8)
    c = answer([COHORTS[0], REVIEW], stay, [row], Outcome.LENGTH_OF_STAY)
    assert (c.lead.rung, c.estimate, c.interval) == (Rung.REVIEW, -1.5, (-2, -1))
    assert c.absolute is not None
    assert c.absolute.first == pytest.approx(3.5)


def test_an_odds_ratio_becomes_a_risk_ratio_at_our_open_risk() -> None:
    """Zhang & Yu 1998: RR = OR / (1 - risk + risk * OR). One open arm with 20 of 100."""
    row = contrast("review", "infection", "OR", estimate=0.5, ci_low=0.25, ci_high=0.8, k_studies=6)
    c = answer([COHORTS[0], REVIEW], counted("c1", 10, 20), [row], Outcome.INFECTION)
    assert c.lead.rung is Rung.REVIEW
    assert c.measure is Measure.RISK_RATIO
    assert c.estimate == pytest.approx(0.5 / (0.8 + 0.2 * 0.5))
    assert c.interval == pytest.approx((0.25 / (0.8 + 0.2 * 0.25), 0.8 / (0.8 + 0.2 * 0.8)))
    assert c.absolute_risk is not None
    assert c.absolute_risk.first == pytest.approx(0.2 * 0.5 / 0.9)
    # As odds: 0.1111 / 0.8889 is half of 0.2 / 0.8.
    first = c.absolute_risk.first
    assert first / (1 - first) == pytest.approx(0.5 * 0.25)


def test_an_odds_ratio_without_an_open_risk_cannot_be_turned() -> None:
    row = contrast("review", "infection", "OR", estimate=0.5, ci_low=0.25, ci_high=0.8, k_studies=6)
    assert answer([REVIEW], [], [row], Outcome.INFECTION).lead.rung is Rung.NONE


def test_a_risk_ratio_stands_as_it_is_and_a_difference_of_risks_on_our_open_risk() -> None:
    ratio = contrast("review", "infection", "RR", estimate=0.5, ci_low=0.25, ci_high=0.8, k_studies=6)
    c = answer([COHORTS[0], REVIEW], counted("c1", 10, 20), [ratio], Outcome.INFECTION)
    assert (c.estimate, *(c.interval or ())) == pytest.approx((0.5, 0.25, 0.8))
    apart = contrast("review", "infection", "RD", estimate=-0.05, ci_low=-0.08, ci_high=-0.02, k_studies=6)
    c = answer([COHORTS[0], REVIEW], counted("c1", 10, 20), [apart], Outcome.INFECTION)
    assert (c.lead.rung, c.measure) == (Rung.REVIEW, None)
    assert c.absolute_risk is not None
    risks = (c.absolute_risk.first, c.absolute_risk.first_low, c.absolute_risk.first_high)
    assert risks == pytest.approx((0.15, 0.12, 0.18))
    impossible = {**apart, "estimate": -0.25, "ci_low": -0.3, "ci_high": -0.2}
    assert answer([COHORTS[0], REVIEW], counted("c1", 10, 20), [impossible], Outcome.INFECTION).lead.review is None


# ---- whether reviews agree with our pool -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("estimate", "agrees"), [(-50, True), (-140, False), (60, False)], ids=["alike", "far below", "the other way"]
)
def test_a_review_agrees_where_its_interval_overlaps_that_of_our_pool(estimate: float, agrees: bool) -> None:
    """Five cohorts of 100 against 150 ml: x 0.67, 50 ml less of 150, at most some 20 ml either way."""
    c = with_review(5, reviewed(estimate=estimate, ci_low=estimate - 5, ci_high=estimate + 5))
    assert c.lead.rung is Rung.POOL
    assert [r.agrees for r in c.reviews] == [agrees]


def test_one_study_and_a_review_that_cannot_be_turned_have_no_verdict() -> None:
    assert [r.agrees for r in with_review(1).reviews] == [None]
    assert [r.agrees for r in with_review(5, reviewed(unit="")).reviews] == [None]
    assert [r.agrees for r in with_review(5, reviewed(caution="a flaw")).reviews] == [None]


def test_ratios_of_events_are_compared_as_ratios() -> None:
    rows = [row for s in COHORTS[:5] for row in counted(s["study_id"], 20, 40)]
    for estimate, agrees in ((0.5, True), (2.0, False)):
        row = contrast("review", "infection", "RR", estimate=estimate, ci_low=estimate * 0.9, ci_high=estimate * 1.1)
        c = answer([*COHORTS[:5], REVIEW], rows, [row], Outcome.INFECTION)
        assert c.pooled is not None
        assert math.exp(c.pooled.estimate) == pytest.approx(0.5)
        assert [r.agrees for r in c.reviews] == [agrees]
