"""What is pooled, what is only shown, and why: one rule a test, on small datasets; then all of them on the shipped one."""

from __future__ import annotations

import csv
import math
import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from builders import both_arms, contrast, evidence_of, study
from hypothesis import given, settings
from hypothesis import strategies as st
from small_answers import (
    OPTION_NAMES,
    Rows,
    answer,
    counted,
    log_ratio,
    measured,
    only,
    pooled_ids,
    posterior,
    scored,
)

from decision_aid import wording
from decision_aid.comparison.certainty import Doubt, Level
from decision_aid.comparison.comparison import Comparison, Direction, State, compare
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.question import Contrast, DesignFilter, Question, ask
from decision_aid.comparison.selection import techniques
from decision_aid.comparison.study_results import Why
from decision_aid.domain.time_windows import FOLLOW_UP, TimeWindow, windows_of
from decision_aid.domain.vocabulary import Condition, Horizon, Outcome, OutcomeKind, Procedure, StudyDesign
from decision_aid.evidence import loading
from decision_aid.evidence.loading import Evidence
from decision_aid.meta_analysis.effects import ArmSummary, Effect, Measure, SpreadSource
from decision_aid.meta_analysis.random_effects import pool

deterministic = settings(derandomize=True, database=None, deadline=None, max_examples=15)


# ---- which studies are pooled ----------------------------------------------------------------------------------------

FIVE_TRIALS = [study(f"t{i}") for i in range(1, 6)]
THREE_TRIALS = FIVE_TRIALS[:3]
TWO_COHORTS = [study("c1", "retrospective_cohort"), study("c2", "registry")]
OF_TRIALS = {"t1": (100, 150), "t2": (90, 150), "t3": (120, 150), "t4": (110, 140), "t5": (80, 160)}
OF_ALL = [
    *(row for name, (first, second) in OF_TRIALS.items() for row in measured(name, first, second)),
    *measured("c1", 50, 150),
    *measured("c2", 60, 150),
]
OF_FOUR = [row for row in OF_ALL if row["study_id"] != "t5"]


def test_trials_lead_alone_when_five_can_be_pooled() -> None:
    c = answer([*FIVE_TRIALS, *TWO_COHORTS], OF_ALL)
    assert pooled_ids(c) == set(OF_TRIALS)
    assert c.randomised_only
    expected = pool(*zip(*(log_ratio(*pair) for pair in OF_TRIALS.values()), strict=True))
    assert c.pooled is not None
    assert c.pooled.estimate == pytest.approx(expected.estimate, rel=1e-12)
    assert (c.pooled.ci_low, c.pooled.ci_high) == pytest.approx((expected.ci_low, expected.ci_high), rel=1e-12)
    logs = (expected.estimate, expected.ci_low, expected.ci_high)
    assert (c.estimate, *(c.interval or ())) == pytest.approx([math.exp(v) for v in logs])


def test_where_trials_lead_alone_the_estimate_of_all_studies_stands_beside() -> None:
    c = answer([*FIVE_TRIALS, *TWO_COHORTS], OF_ALL)
    expected = pool(*zip(*(log_ratio(*p) for p in (*OF_TRIALS.values(), (50, 150), (60, 150))), strict=True))
    assert c.other_designs is not None
    assert (c.other_designs.k, c.other_designs.estimate) == (7, pytest.approx(expected.estimate))


def test_where_all_studies_lead_the_estimate_of_the_trials_stands_beside() -> None:
    c = answer([*FIVE_TRIALS[:4], *TWO_COHORTS], OF_FOUR)
    assert c.other_designs is not None
    assert c.other_designs.k == 4
    of_trials = posterior(*zip(*(log_ratio(*OF_TRIALS[t]) for t in ("t1", "t2", "t3", "t4")), strict=True), 0.5)
    found = (c.other_designs.estimate, c.other_designs.ci_low, c.other_designs.ci_high)
    assert found == pytest.approx(of_trials, abs=1e-4)
    assert answer(TWO_COHORTS, OF_ALL[10:]).other_designs is None
    assert answer(FIVE_TRIALS[:4], OF_ALL[:8]).other_designs is None


def test_other_studies_stay_in_sight_and_in_the_direction_when_trials_lead_alone() -> None:
    c = answer([*FIVE_TRIALS, *TWO_COHORTS], OF_ALL)
    for cohort in ("c1", "c2"):
        assert only(c, cohort).why is Why.NOT_RANDOMISED
        assert only(c, cohort).shown
    assert c.direction == Direction(lower=7, equal=0, higher=0)


def test_all_studies_are_pooled_when_fewer_than_five_trials_can_be() -> None:
    c = answer([*FIVE_TRIALS[:4], *TWO_COHORTS], OF_FOUR)
    assert pooled_ids(c) == {"t1", "t2", "t3", "t4", "c1", "c2"}
    assert not c.randomised_only


def test_a_fifth_trial_that_cannot_be_pooled_does_not_count_towards_the_five() -> None:
    without_size = [*OF_FOUR, *measured("t5", 80, 160, n=None)]
    set_aside = [*FIVE_TRIALS[:4], study("t5", caution="numbers read second-hand"), *TWO_COHORTS]
    for c in (answer([*FIVE_TRIALS, *TWO_COHORTS], without_size), answer(set_aside, OF_ALL)):
        assert pooled_ids(c) == {"t1", "t2", "t3", "t4", "c1", "c2"}


def test_all_studies_can_be_asked_for() -> None:
    c = answer([*FIVE_TRIALS, *TWO_COHORTS], OF_ALL, design=DesignFilter.ALL)
    assert pooled_ids(c) == {*OF_TRIALS, "c1", "c2"}
    assert not c.randomised_only
    assert c.other_designs is None


def test_trials_alone_can_be_asked_for_and_then_others_are_neither_pooled_nor_drawn() -> None:
    c = answer([*THREE_TRIALS[:1], *TWO_COHORTS], [*OF_ALL[:2], *OF_ALL[10:]], design=DesignFilter.RCT)
    assert pooled_ids(c) == {"t1"}
    assert c.randomised_only
    assert {s.study.study_id for s in c.shown_studies} == {"t1"}
    assert c.direction.total == 1


# ---- people are counted once -----------------------------------------------------------------------------------------

SAME = {"cohort": "same-people"}


@pytest.mark.parametrize(
    ("kept", "other", "rows"),
    [
        ((study("b", "registry", **SAME)), study("a", **SAME), [*measured("b"), *measured("a", sd=None)]),
        (study("b", "registry", **SAME), study("a", caution="a flaw", **SAME), [*measured("b"), *measured("a")]),
        (study("b", **SAME), study("a", "registry", **SAME), [*measured("b", n=20), *measured("a", n=400)]),
        (study("b", **SAME), study("a", **SAME), [*measured("b", n=50), *measured("a", n=49)]),
        (study("b", year=2021, **SAME), study("a", year=2020, **SAME), [*measured("b"), *measured("a")]),
        (study("b", **SAME), study("a", **SAME), [*measured("b"), *measured("a")]),
        (
            study("b", "registry", caution="", **SAME),
            study("a", caution="a flaw", **SAME),
            [*measured("b", sd=None), *measured("a", sd=None)],
        ),
    ],
    ids=["poolable", "without a caution", "randomised", "larger", "later", "by its id", "hollow, without a caution"],
)
@pytest.mark.parametrize("order", [1, -1])
def test_of_publications_of_the_same_people_one_is_kept(
    kept: dict[str, Any], other: dict[str, Any], rows: Rows, order: int
) -> None:
    c = answer([kept, other][::order], rows[::order])
    assert only(c, kept["study_id"]).shown
    dropped = only(c, other["study_id"])
    assert dropped.why is Why.SAME_PEOPLE
    assert dropped.detail == only(c, kept["study_id"]).label
    assert not dropped.pooled
    assert not dropped.shown
    assert c.direction.total == 1


def test_the_publication_kept_is_chosen_for_each_outcome_and_time_anew() -> None:
    studies = [study("early", year=2010, **SAME), study("late", year=2015, **SAME)]
    rows = [*scored("early", 12), *scored("early", 60), *scored("late", 60), *measured("early")]
    data = evidence_of(studies, rows)

    def asked(outcome: Outcome, **filters: Any) -> Comparison:
        return compare(data, ask(data, Procedure.DISCECTOMY, outcome, **filters))

    assert pooled_ids(asked(Outcome.ODI, window=TimeWindow.YEAR_1)) == {"early"}
    assert pooled_ids(asked(Outcome.ODI, window=TimeWindow.YEARS_5_ON)) == {"late"}
    assert pooled_ids(asked(Outcome.BLOOD_LOSS)) == {"early"}


def test_a_three_arm_study_does_not_bring_its_shared_arm_twice() -> None:
    shared_arm = study("three-arms-tubular", caution="shares its open arm with three-arms-endoscopic", **SAME)
    studies = [study("three-arms-endoscopic", **SAME), shared_arm, study("t1"), study("t2")]
    rows = [r for s in studies for r in measured(s["study_id"])]
    for include_cautions in (False, True):
        c = answer(studies, rows, include_cautions=include_cautions)
        assert pooled_ids(c) == {"three-arms-endoscopic", "t1", "t2"}
        assert c.people == 3 * 80
        assert c.direction.total == 3


def test_when_trials_are_asked_for_a_trial_is_not_hidden_behind_an_observational_report_of_its_people() -> None:
    studies = [study("trial", **SAME), study("registry", "registry", **SAME)]
    rows = [*measured("trial", sd=None), *measured("registry", n=400)]
    c = answer(studies, rows, design=DesignFilter.RCT)
    assert only(c, "trial").shown
    assert only(c, "trial").why is Why.NO_SPREAD  # two arms print a spread: too few to lend one
    assert only(c, "registry").why is Why.SAME_PEOPLE


def test_beside_trials_too_the_publication_that_can_be_drawn_is_kept() -> None:
    bare = contrast("large", estimate=-40, ci_low=-60, ci_high=-20, n_total=800)
    studies = [*FIVE_TRIALS, study("small", "registry", **SAME), study("large", "registry", **SAME)]
    c = answer(studies, [*OF_ALL[:10], *measured("small", n=20)], [bare], measure=Measure.MEAN_DIFFERENCE)
    assert (only(c, "small").why, only(c, "large").why) == (Why.NOT_RANDOMISED, Why.SAME_PEOPLE)


def test_the_publication_kept_shows_both_arms_where_another_prints_a_bare_difference() -> None:
    studies = [study("both-arms", "registry", **SAME), study("bare", "rct", **SAME)]
    c = answer(
        studies, measured("both-arms", sd=None), [contrast("bare", estimate=-40)], measure=Measure.MEAN_DIFFERENCE
    )
    assert only(c, "both-arms").shown
    assert only(c, "bare").why is Why.SAME_PEOPLE


# ---- cautions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sd", [30.0, None], ids=["with a spread", "hollow"])
@pytest.mark.parametrize("where", ["study", "row"])
def test_a_caution_sets_a_study_aside_with_its_reason_and_the_reader_can_put_it_back(
    where: str, sd: float | None
) -> None:
    reason = "the open arm includes a fusion"
    rows = [*measured("t1"), *measured("t2"), *measured("t3"), *measured("odd", 10, 150, sd)]
    if where == "row":
        rows[-1] = {**rows[-1], "caution": reason}
    studies = [*THREE_TRIALS, study("odd", caution=reason if where == "study" else "")]
    data = evidence_of(studies, rows)
    question = ask(data, Procedure.DISCECTOMY, Outcome.BLOOD_LOSS)

    aside = compare(data, question)
    assert pooled_ids(aside) == {"t1", "t2", "t3"}
    assert wording.why_so(only(aside, "odd")) == f"set aside: {reason}"
    assert not only(aside, "odd").shown
    assert aside.direction.total == 3
    assert aside.first_levels is not None
    assert aside.first_levels.low == 100

    back = compare(data, replace(question, include_cautions=True))
    assert only(back, "odd").pooled
    assert only(back, "odd").borrowed is (sd is None)
    assert only(back, "odd").shown
    assert only(back, "odd").caution == reason
    assert back.direction.total == 4
    assert back.certainty is not None
    assert Doubt.CAUTIONS in back.certainty.doubts


def test_what_putting_back_could_not_mend_is_named_before_a_caution() -> None:
    flawed = study("t1", caution="a flaw")
    assert only(answer([flawed], counted("t1", 0, 0), outcome=Outcome.INFECTION), "t1").why is Why.NO_EVENTS
    assert only(answer([flawed], measured("t1")[:1]), "t1").why is Why.ONE_ARM
    assert only(answer([flawed], measured("t1")[:1]), "t1").caution == "a flaw"


# ---- what is never pooled --------------------------------------------------------------------------------------------


def test_a_subgroup_is_never_pooled_with_its_parent() -> None:
    rows = [*scored("t1", 12), *scored("t1", 12, 0, 50, subgroup="over 65"), *scored("t2", 12), *scored("t3", 12)]
    c = answer(THREE_TRIALS, rows, outcome=Outcome.ODI)
    effect = only(c, "t1").effect
    assert effect is not None
    assert effect.estimate == -10
    assert c.people == 300


def test_a_study_that_reports_a_subgroup_only_is_named_and_not_pooled() -> None:
    rows = [*scored("t1", 12), *scored("t2", 12), *scored("t3", 12, subgroup="over 65")]
    reports = [contrast("t4", "odi", timepoint_months=12, subgroup="women", estimate=-9, ci_low=-12, ci_high=-6)]
    c = answer([*THREE_TRIALS, study("t4")], rows, reports, Outcome.ODI)
    assert pooled_ids(c) == {"t1", "t2"}
    assert wording.why_so(only(c, "t3")) == "reported for a subgroup only: over 65"
    assert wording.why_so(only(c, "t4")) == "reported for a subgroup only: women"
    assert only(c, "t3").source_rows


@pytest.mark.parametrize("window", FOLLOW_UP)
def test_a_time_that_is_not_stated_is_never_pooled(window: TimeWindow) -> None:
    rows = [*scored("t1", window.nominal_months), *scored("t2", window.nominal_months), *scored("t3", None)]
    c = answer(THREE_TRIALS, rows, outcome=Outcome.ODI, window=window)
    assert only(c, "t3").why is Why.TIME_NOT_STATED
    assert pooled_ids(c) == {"t1", "t2"}
    assert c.direction.total == 2


def test_a_scale_that_is_not_printed_is_not_pooled() -> None:
    rows = [*scored("t1", 12), *scored("t2", 12), *scored("t3", 12, unit="index")]
    c = answer(THREE_TRIALS, rows, outcome=Outcome.ODI)
    assert only(c, "t3").why is Why.SCALE_NOT_PRINTED
    assert only(c, "t3").effect is None
    assert pooled_ids(c) == {"t1", "t2"}


def test_units_are_brought_to_the_unit_of_the_outcome() -> None:
    hours = both_arms(
        "t1", {"mean": 24, "sd": 12, "n": 40}, {"mean": 72, "sd": 12, "n": 40}, "length_of_stay", unit="hours"
    )
    days = both_arms("t2", {"mean": 1, "sd": 0.5, "n": 40}, {"mean": 3, "sd": 0.5, "n": 40}, "length_of_stay")
    reported = contrast("t3", "length_of_stay", unit="hours", estimate=-48, ci_low=-72, ci_high=-24)
    c = answer(THREE_TRIALS, [*hours, *days], [reported], Outcome.LENGTH_OF_STAY, measure=Measure.MEAN_DIFFERENCE)
    assert [s.effect.estimate for s in c.studies if s.effect] == pytest.approx([-2, -2, -2])
    assert only(c, "t1").effect == only(c, "t2").effect
    assert c.pooled is not None
    assert c.pooled.estimate == pytest.approx(-2)


def test_a_systematic_review_stands_beside_the_pool_and_never_in_it() -> None:
    review = study("review", "systematic_review", year=2019)
    row = contrast("review", estimate=-60, ci_low=-90, ci_high=-30, k_studies=9)
    data = evidence_of([*THREE_TRIALS, review], OF_ALL[:6], [row])
    for design, cautions in product(DesignFilter, (False, True)):
        c = compare(data, ask(data, Procedure.DISCECTOMY, Outcome.BLOOD_LOSS, design=design, include_cautions=cautions))
        assert {s.study.study_id for s in c.studies} == {"t1", "t2", "t3"}
        assert [(r.study.study_id, r.estimate, r.ci_low, r.ci_high) for r in c.reviews] == [("review", -60, -90, -30)]


def test_a_review_is_brought_to_the_unit_or_said_to_be_in_another() -> None:
    reviews = [study("in-hours", "systematic_review"), study("no-unit", "systematic_review")]
    rows = [
        contrast("in-hours", "length_of_stay", unit="hours", estimate=-48),
        contrast("no-unit", "length_of_stay", unit="", estimate=-48),
    ]
    found = {r.study.study_id: r for r in answer(reviews, [], rows, Outcome.LENGTH_OF_STAY).reviews}
    assert (found["in-hours"].estimate, found["in-hours"].same_unit) == (-2, True)
    assert (found["no-unit"].estimate, found["no-unit"].same_unit) == (-48, False)


# ---- how many are enough ---------------------------------------------------------------------------------------------


def test_no_study_is_not_in_the_data() -> None:
    c = answer([study("t1")], measured("t1"), outcome=Outcome.DRAINAGE)
    assert (c.state, c.lead.rung, c.studies, c.pooled) == (State.NOT_IN_DATA, Rung.NONE, (), None)
    assert (c.certainty, c.absolute, c.estimate, c.interval) == (None, None, None, None)
    assert not c.people
    assert not c.randomised_only


def test_one_arm_alone_is_no_comparison_and_says_so() -> None:
    c = answer([study("t1")], measured("t1")[:1])
    assert c.state is State.NOT_IN_DATA
    assert only(c, "t1").why is Why.ONE_ARM


@pytest.mark.parametrize(
    ("rows", "why", "measure"),
    [
        (measured("t1", sd=None), Why.NO_SPREAD, None),
        (both_arms("t1", {"mean": 9, "sd": 2}, {"mean": 12, "sd": 3}), Why.NO_ARM_SIZE, None),
        (both_arms("t1", {"mean": 9, "n": 20}, {"median": 12, "n": 20}), Why.NO_RATIO, None),
        (
            both_arms("t1", {"mean": 9, "n": 20}, {"median": 12, "n": 20}),
            Why.LEVELS_DIFFER,
            Measure.MEAN_DIFFERENCE,
        ),
        (both_arms("t1", {"mean": 0, "sd": 2, "n": 20}, {"mean": 12, "sd": 2, "n": 20}), Why.NO_RATIO, None),
        (both_arms("t1", {"mean": 9, "n": 20}, {"mean": 12, "n": 20}, unit=""), Why.SCALE_NOT_PRINTED, None),
    ],
    ids=["no spread", "no size", "mean and median", "mean less median", "nothing lost", "no unit"],
)
def test_compared_but_not_usable_is_no_number_and_never_called_not_in_the_data(
    rows: Rows, why: Why, measure: Measure | None
) -> None:
    c = answer([study("t1")], rows, measure=measure)
    assert only(c, "t1").why is why
    assert (c.state, c.lead.rung) == (State.NO_NUMBER, Rung.NONE)
    assert (c.pooled, c.estimate, c.absolute) == (None, None, None)


def test_counts_without_an_arm_size_and_scores_without_a_ratio_are_no_number() -> None:
    for first_size, second_size in ((None, None), (40, None), (None, 40)):
        infections = both_arms("t1", {"events": 2, "n": first_size}, {"events": 3, "n": second_size}, "infection")
        c = answer([study("t1")], infections, outcome=Outcome.INFECTION)
        assert (only(c, "t1").why, c.state) == (Why.NO_ARM_SIZE, State.NO_NUMBER)
    changes = scored("t1", 12, -20, -10, scale_kind="change")
    c = answer([study("t1")], changes, outcome=Outcome.ODI, measure=Measure.RATIO_OF_MEANS)
    assert (only(c, "t1").why, c.state) == (Why.NO_RATIO, State.NO_NUMBER)


def test_one_study_gives_its_own_interval() -> None:
    c = answer([study("t1")], measured("t1", 100, 150))
    estimate, error = log_ratio(100, 150)
    assert c.pooled is not None
    assert c.pooled.k == 1
    assert c.estimate == pytest.approx(100 / 150)
    limits = tuple(math.exp(estimate + sign * 1.959964 * error) for sign in (-1, 1))
    assert c.interval == pytest.approx(limits, rel=1e-6)
    assert only(c, "t1").pooled
    assert only(c, "t1").weight == 100
    assert c.state is State.ONE_STUDY
    assert c.is_clear
    assert c.certainty is not None
    assert Doubt.ONE_STUDY in c.certainty.doubts


def test_one_study_that_prints_its_interval_keeps_it_to_the_digit() -> None:
    lopsided = contrast("t1", "odi", timepoint_months=12, estimate=-13.2, ci_low=-15.6, ci_high=-10.9)
    c = answer([study("t1")], [], [lopsided], Outcome.ODI)
    assert (c.estimate, c.interval) == (-13.2, (-15.6, -10.9))
    ratio = contrast("t1", "infection", "RR", timepoint_months=1, estimate=1.14, ci_low=0.92, ci_high=1.41)
    c = answer([study("t1")], [], [ratio], Outcome.INFECTION)
    assert c.estimate == pytest.approx(1.14, rel=1e-12)
    assert c.interval == pytest.approx((0.92, 1.41), rel=1e-12)


def test_a_printed_99_percent_interval_is_narrowed_to_95() -> None:
    row = {"timepoint_months": 12, "estimate": -2.4, "ci_low": -4.1, "ci_high": -0.7, "ci_level": 0.99}
    c = answer([study("t1")], [], [contrast("t1", "odi", **row)], Outcome.ODI)
    half = 1.7 * 1.959964 / 2.575829
    assert c.interval == pytest.approx((-2.4 - half, -2.4 + half), rel=1e-6)


def test_two_studies_give_a_posterior_with_weights_that_add_up_to_100() -> None:
    c = answer(THREE_TRIALS[:2], [*measured("t1"), *measured("t2", 60, 150)])
    expected = posterior(*zip(log_ratio(100, 150), log_ratio(60, 150), strict=True), 0.5)
    assert c.pooled is not None
    assert (c.pooled.estimate, c.pooled.ci_low, c.pooled.ci_high) == pytest.approx(expected, abs=1e-4)
    assert (c.estimate, *(c.interval or ())) == pytest.approx([math.exp(v) for v in expected], rel=1e-3)
    assert [(s.pooled, s.why, s.shown) for s in c.studies] == [(True, Why.POOLED, True)] * 2
    assert sum(s.weight or 0 for s in c.studies) == pytest.approx(100)
    assert c.people == 160
    assert c.direction == Direction(2, 0, 0)


def test_five_studies_are_pooled_with_weights_that_add_up_to_100() -> None:
    sizes = (20, 80, 45, 30, 60)
    rows = [r for (name, pair), n in zip(OF_TRIALS.items(), sizes, strict=True) for r in measured(name, *pair, n=n)]
    c = answer(FIVE_TRIALS, rows)
    expected = pool(*zip(*(log_ratio(*p, n=n) for p, n in zip(OF_TRIALS.values(), sizes, strict=True)), strict=True))
    assert c.pooled is not None
    assert c.pooled.k == 5
    assert [only(c, s).weight for s in OF_TRIALS] == pytest.approx(list(expected.weights), rel=1e-9)
    assert sum(s.weight or 0 for s in c.studies) == pytest.approx(100)
    assert c.people == 2 * sum(sizes)
    assert all(s.why is Why.POOLED for s in c.studies)


@pytest.mark.parametrize("design", DesignFilter)
def test_what_was_asked_for_is_said_even_where_nothing_can_be_pooled(design: DesignFilter) -> None:
    c = answer(TWO_COHORTS, [*measured("c1", n=None), *measured("c2", n=None)], design=design)
    assert c.pooled is None
    assert c.randomised_only is (design is DesignFilter.RCT)


def test_a_difference_is_told_by_the_interval_and_one_direction_by_the_studies() -> None:
    clear = answer(THREE_TRIALS, [*measured("t1"), *measured("t2"), *measured("t3")])
    one_way = answer(THREE_TRIALS, [*measured("t1", 10, 100), *measured("t2", 99, 100), *measured("t3", 95, 100)])
    unclear = answer(THREE_TRIALS, [*measured("t1", 150, 100), *measured("t2", 100, 150), *measured("t3", 120, 121)])
    assert (clear.state, clear.is_clear) == (State.DIFFERENCE, True)
    assert (one_way.state, one_way.is_clear, one_way.direction) == (State.SAME_DIRECTION, False, Direction(3, 0, 0))
    assert (unclear.state, unclear.is_clear) == (State.NO_CLEAR_DIFFERENCE, False)
    assert not unclear.direction.one_way


def test_people_whose_number_is_not_printed_are_not_counted_as_none() -> None:
    row = contrast("t1", "odi", timepoint_months=12, estimate=-3, ci_low=-5, ci_high=-1)
    c = answer([study("t1")], [], [row], Outcome.ODI)
    assert c.people is None
    assert c.certainty is not None
    assert Doubt.PEOPLE_NOT_PRINTED in c.certainty.doubts
    assert Doubt.FEW_PEOPLE not in c.certainty.doubts
    known = answer([study("t1", n_open=30, n_mis=31)], [], [row], Outcome.ODI)
    assert known.people == 61
    assert answer([study("t1")], [], [{**row, "n_total": 328}], Outcome.ODI).people == 328


@pytest.mark.parametrize("gap", ["mis", "open"])
def test_where_an_arm_prints_no_size_the_size_of_the_study_is_taken(gap: str) -> None:
    rows = [{**row, "n": None if row["arm"] == gap else 40} for row in measured("t1")]
    assert only(answer([study("t1")], rows), "t1").n_total is None
    assert only(answer([study("t1", n_open=38)], rows), "t1").n_total is None
    assert only(answer([study("t1", n_open=38, n_mis=41)], rows), "t1").n_total == 79


# ---- where an effect comes from --------------------------------------------------------------------------------------

REPORTED = {"timepoint_months": 12, "estimate": -16, "ci_low": -26, "ci_high": -6}


@pytest.mark.parametrize(
    ("spread", "source", "estimate"),
    [
        ({"mean": 30, "sd": 10}, SpreadSource.SD, -20),
        ({"mean": 30, "se": 2}, SpreadSource.SE, -20),
        ({"mean": 30, "ci_low": 27, "ci_high": 33}, SpreadSource.CI, -20),
        ({"mean": 30}, SpreadSource.CONTRAST, -16),
        # Before quartiles, not after them as in the usual order: a difference the paper prints is not replaced by one
        # rebuilt from quartiles, which assume a shape that scores and pain rarely have.
        ({"median": 30, "q1": 22, "q3": 38}, SpreadSource.CONTRAST, -16),
    ],
    ids=["sd", "se", "interval of the mean", "no spread", "quartiles"],
)
def test_a_reported_difference_is_used_where_the_arms_print_no_spread_of_a_mean(
    spread: dict[str, float], source: SpreadSource, estimate: float
) -> None:
    rows = both_arms("t1", {**spread, "n": 40}, {"mean": 50, "sd": 10, "n": 40}, "odi", timepoint_months=12)
    c = answer([study("t1")], rows, [contrast("t1", "odi", **REPORTED)], Outcome.ODI)
    effect = only(c, "t1").effect
    assert effect is not None
    assert (effect.source, effect.estimate) == (source, estimate)
    assert only(c, "t1").pooled


def test_quartiles_are_used_where_no_difference_is_reported() -> None:
    rows = both_arms(
        "t1", {"median": 100, "q1": 80, "q3": 120, "n": 40}, {"median": 150, "q1": 130, "q3": 170, "n": 40}
    )
    for reports in ([], [contrast("t1", estimate=-40)]):
        for measure, expected in ((Measure.MEAN_DIFFERENCE, -50), (None, math.log(100 / 150))):
            effect = only(answer([study("t1")], rows, reports, measure=measure), "t1").effect
            assert effect is not None
            assert (effect.source, effect.estimate) == (SpreadSource.QUARTILES, pytest.approx(expected))


@pytest.mark.parametrize("measure", ["OR", "HR", "RD"])
def test_another_measure_is_not_taken_for_a_risk_ratio(measure: str) -> None:
    row = contrast("t1", "infection", measure, timepoint_months=1, estimate=0.5, ci_low=0.2, ci_high=0.9)
    c = answer([study("t1")], [], [row], Outcome.INFECTION)
    assert only(c, "t1").why is Why.OTHER_MEASURE
    assert (c.state, c.pooled) == (State.NO_NUMBER, None)


def test_a_standardised_difference_is_not_taken_for_one_in_the_unit() -> None:
    c = answer([study("t1")], [], [contrast("t1", "odi", measure="SMD", **REPORTED)], Outcome.ODI)
    assert only(c, "t1").why is Why.OTHER_MEASURE
    assert c.pooled is None


def test_a_reported_difference_is_no_ratio_of_means() -> None:
    for estimate in (-40, 40):
        row = contrast("t1", estimate=estimate, ci_low=estimate - 20, ci_high=estimate + 20)
        c = answer([study("t1")], [], [row], measure=Measure.RATIO_OF_MEANS)
        assert only(c, "t1").why is Why.OTHER_MEASURE


def test_a_report_without_its_number_is_named_and_not_used() -> None:
    row = contrast("t1", "odi", timepoint_months=12, p_value="<0.001", ci_low=-26, ci_high=-6)
    c = answer([study("t1")], [], [row], Outcome.ODI)
    assert only(c, "t1").why is Why.OTHER_MEASURE
    assert c.pooled is None


def test_of_several_reports_the_one_that_can_be_pooled_is_taken() -> None:
    usable = contrast("t1", "infection", "RR", timepoint_months=2, estimate=0.5, ci_low=0.3, ci_high=0.9)
    nearer = [contrast("t1", "infection", m, timepoint_months=1, estimate=0.4) for m in ("OR", "RD")]
    for rows in ([usable, *nearer], [*nearer, usable]):
        assert answer([study("t1")], [], rows, Outcome.INFECTION).estimate == pytest.approx(0.5)
    standardised = contrast("t1", "odi", measure="SMD", timepoint_months=12, estimate=-0.3)
    assert answer([study("t1")], [], [standardised, contrast("t1", "odi", **REPORTED)], Outcome.ODI).estimate == -16


def test_reported_differences_are_pooled_like_any_others() -> None:
    found = (-40, -50, -30, -45, -20)
    rows = [
        contrast(f"t{i}", "odi", timepoint_months=12, estimate=e, ci_low=e - 20, ci_high=e + 20)
        for i, e in enumerate(found, 1)
    ]
    c = answer(FIVE_TRIALS, [], rows, Outcome.ODI)
    expected = pool(found, [20 / 1.959963984540054] * 5)
    assert (c.estimate, *(c.interval or ())) == pytest.approx((expected.estimate, expected.ci_low, expected.ci_high))


def test_the_other_comparison_of_a_paper_is_left_alone() -> None:
    row = contrast("t1", "odi", comparison="surgery_minus_nonoperative", **REPORTED)
    assert answer([study("t1")], [], [row], Outcome.ODI).studies == ()


def test_a_quantity_is_compared_by_its_ratio_and_a_score_by_its_difference() -> None:
    blood = answer([study("t1")], measured("t1"))
    score = answer([study("t1")], scored("t1", 12), outcome=Outcome.ODI)
    assert (blood.measure, blood.estimate) == (Measure.RATIO_OF_MEANS, pytest.approx(100 / 150))
    assert (score.measure, score.estimate) == (Measure.MEAN_DIFFERENCE, -10)
    apart = answer([study("t1")], measured("t1"), measure=Measure.MEAN_DIFFERENCE)
    assert (apart.measure, apart.estimate) == (Measure.MEAN_DIFFERENCE, -50)


def test_a_measure_that_does_not_fit_the_outcome_is_refused_with_what_to_ask_for() -> None:
    data = evidence_of([study("t1")], measured("t1"))
    with pytest.raises(ValueError, match="ask for mean_difference or ratio_of_means, not risk_ratio"):
        compare(data, ask(data, Procedure.DISCECTOMY, Outcome.BLOOD_LOSS, measure=Measure.RISK_RATIO))
    with pytest.raises(ValueError, match="ask for risk_ratio, not mean_difference"):
        compare(data, ask(data, Procedure.DISCECTOMY, Outcome.INFECTION, measure=Measure.MEAN_DIFFERENCE))


# ---- direction -------------------------------------------------------------------------------------------------------


def test_the_direction_counts_every_study_with_both_arms_hollow_ones_too() -> None:
    studies = [study(f"s{i}", "registry") for i in range(6)]
    rows = [
        *measured("s0"),
        *measured("s1", 90, 150),
        *measured("s2", 80, 150, sd=None),
        *measured("s3", 70, 150, sd=None),
        *measured("s4", 160, 150, sd=None),
        *measured("s5", 150, 150, sd=None),
    ]
    c = answer(studies, rows)
    assert pooled_ids(c) == {"s0", "s1"}  # two print a spread: too few to lend one
    assert c.direction == Direction(lower=4, equal=1, higher=1)
    assert (c.first_levels.low, c.first_levels.high, c.first_levels.studies) == (70, 160, 6)  # type: ignore[union-attr]
    assert (c.second_levels.low, c.second_levels.high) == (150, 150)  # type: ignore[union-attr]


def test_the_direction_counts_people_once_and_leaves_out_studies_set_aside() -> None:
    studies = [study("s0", **SAME), study("s1", **SAME), study("s2", caution="a flaw")]
    rows = [*measured("s0"), *measured("s1"), *measured("s2")]
    assert answer(studies, rows).direction.total == 1


def test_the_direction_of_events_is_that_of_the_counts_as_printed() -> None:
    """0 of 5 is fewer than 1 of 200 and 12 of 12 equals 14 of 14, though 0.5 in each cell turns both ratios round."""
    turned = both_arms("t1", {"events": 0, "n": 5}, {"events": 1, "n": 200}, "infection")
    equal = both_arms("t2", {"events": 12, "n": 12}, {"events": 14, "n": 14}, "infection")
    c = answer(THREE_TRIALS, [*turned, *equal, *counted("t3", 5, 3)], outcome=Outcome.INFECTION)
    assert c.direction == Direction(lower=1, equal=1, higher=1)


def test_a_reported_difference_without_arms_has_no_point_to_draw_and_no_direction() -> None:
    c = answer([study("t1")], [], [contrast("t1", "odi", **REPORTED)], Outcome.ODI)
    assert only(c, "t1").pooled
    assert not only(c, "t1").shown
    assert c.direction.total == 0
    assert c.first_levels is None


def test_changes_are_no_levels() -> None:
    c = answer([study("t1")], scored("t1", 12, -30, -20, scale_kind="change"), outcome=Outcome.ODI)
    assert c.estimate == -10
    assert c.direction.total == 1
    assert c.first_levels is None


# ---- events ----------------------------------------------------------------------------------------------------------


def test_a_study_without_any_event_is_listed_as_such_and_not_pooled() -> None:
    studies = [*THREE_TRIALS, study("none")]
    rows = [*counted("t1", 3, 6), *counted("t2", 2, 5), *counted("t3", 0, 4), *counted("none", 0, 0)]
    c = answer(studies, rows, outcome=Outcome.INFECTION)
    assert pooled_ids(c) == {"t1", "t2", "t3"}
    assert only(c, "none").why is Why.NO_EVENTS
    assert c.people == 600
    assert c.direction.total == 3


def test_few_events_count_against_a_pool_of_events() -> None:
    c = answer(
        THREE_TRIALS, [*counted("t1", 3, 6), *counted("t2", 2, 5), *counted("t3", 4, 9)], outcome=Outcome.INFECTION
    )
    assert c.certainty is not None
    assert "few events (29, under 300)" in wording.certainty_reasons(c.certainty)


# ---- one set of studies that has something of everything -----------------------------------------------------------------------------

WITH_SPREAD = [*measured("c1", 100, 200, sd=30), *measured("c2", 80, 220, sd=40), *measured("c3", 120, 180, sd=50)]
PRINT_SPREADS = [*TWO_COHORTS, study("c3", "registry")]
HOLLOW = [study(f"h{i}", "registry") for i in range(3)]
OF_HOLLOW = [*measured("h0", 60, 260, None), *measured("h1", 90, 300, None), *measured("h2", 70, 250, None)]


# ---- the reader's filters --------------------------------------------------------------------------------------------


def test_the_technique_filter_keeps_studies_of_that_technique() -> None:
    studies = [study("tube"), study("endoscope", mis_technique="full_endoscopic")]
    rows = [*measured("tube"), *measured("endoscope", 50, 150)]
    assert answer(studies, rows, technique="full_endoscopic").estimate == pytest.approx(50 / 150)
    assert {s.study.study_id for s in answer(studies, rows, technique="tubular").studies} == {"tube"}


def test_the_condition_filter_keeps_studies_and_reviews_of_that_condition() -> None:
    studies = [
        study("disc"),
        study("stenosis", condition="spinal_stenosis"),
        study("review", "systematic_review", condition="spinal_stenosis"),
        study("widened", condition="spinal_stenosis", procedure="decompression"),
    ]
    rows = [*measured("disc"), *measured("stenosis", 50, 150), *measured("widened")]
    found = answer(studies, rows, [contrast("review", estimate=-70)], condition=Condition.SPINAL_STENOSIS)
    assert {s.study.study_id for s in found.studies} == {"stenosis"}
    assert [r.study.study_id for r in found.reviews] == ["review"]
    other = answer(studies, rows, [contrast("review", estimate=-70)], condition=Condition.DISC_HERNIATION)
    assert {s.study.study_id for s in other.studies} == {"disc"}
    assert other.reviews == ()


def test_surgery_against_none_is_found_for_a_condition_whatever_the_operation() -> None:
    studies = [
        study("disc", mis_technique="none"),
        study("fused", mis_technique="none", procedure="fusion"),
        study("stenosis", mis_technique="none", procedure="decompression", condition="spinal_stenosis"),
    ]
    rows = [r for s in studies for r in scored(s["study_id"], 12, names=OPTION_NAMES)]
    asked = {"outcome": Outcome.ODI, "contrast": Contrast.SURGERY_VERSUS_NONOPERATIVE}
    by_condition = answer(studies, rows, condition=Condition.DISC_HERNIATION, **asked)
    assert {s.study.study_id for s in by_condition.studies} == {"disc", "fused"}
    assert {s.study.study_id for s in answer(studies, rows, **asked).studies} == {"disc"}


def test_arms_of_one_contrast_are_not_read_as_those_of_the_other() -> None:
    c = answer([study("t1")], scored("t1", 12, names=OPTION_NAMES), outcome=Outcome.ODI)
    assert c.studies == ()


def test_the_techniques_on_offer_are_those_of_comparative_studies() -> None:
    studies = [
        study("a"),
        study("b", mis_technique="full_endoscopic"),
        study("c", mis_technique="none"),
        study("d", "systematic_review", mis_technique="mixed"),
        study("e", procedure="decompression", mis_technique="biportal_endoscopic"),
    ]
    assert techniques(evidence_of(studies), Procedure.DISCECTOMY) == ("full_endoscopic", "tubular")


# ---- time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "taken"), [((10, 13), 13), ((12, 18), 12), ((9.5, 17), 9.5), ((10, 14), 10), ((14, 10), 10)], ids=str
)
def test_the_time_nearest_to_the_windows_own_is_taken(times: tuple[float, float], taken: float) -> None:
    """Of two that are equally near, the earlier, in whatever order they stand in the file."""
    rows = [r for months in times for r in scored("t1", months, first=months, second=30)]
    c = answer([study("t1")], rows, outcome=Outcome.ODI)
    assert only(c, "t1").months == taken
    assert c.estimate == taken - 30


@pytest.mark.parametrize("times", [(10, 14), (14, 10), (13, 10), (10, 13)])
def test_of_reported_differences_too_the_nearest_time_is_taken(times: tuple[float, float]) -> None:
    rows = [contrast("t1", "odi", timepoint_months=m, estimate=-m, ci_low=-m - 2, ci_high=-m + 2) for m in times]
    c = answer([study("t1")], [], rows, Outcome.ODI)
    assert c.estimate == -min(times, key=lambda m: (abs(m - 12), m))


def test_a_time_at_which_both_arms_were_measured_is_taken_before_a_nearer_one_with_one_arm() -> None:
    rows = [*scored("t1", 12)[:1], *scored("t1", 14, 5, 25)]
    c = answer([study("t1")], rows, outcome=Outcome.ODI)
    assert (only(c, "t1").months, c.estimate) == (14, -20)


def test_what_was_seen_around_the_operation_is_never_a_follow_up() -> None:
    rows = [*counted("t1", 3, 6), *counted("t2", 2, 5, timepoint_months=1), *counted("t3", 4, 9, timepoint_months=24)]
    data = evidence_of(THREE_TRIALS, rows)

    def asked(window: TimeWindow) -> set[str]:
        c = compare(data, ask(data, Procedure.DISCECTOMY, Outcome.INFECTION, window=window))
        return {s.study.study_id for s in c.studies}

    assert asked(TimeWindow.EARLY) == {"t1", "t2"}
    assert asked(TimeWindow.YEARS_2) == {"t3"}
    assert set().union(*map(asked, FOLLOW_UP)) == {"t2", "t3"}


def test_before_the_operation_is_no_result() -> None:
    data = evidence_of([study("t1")], scored("t1", 0))
    for window in TimeWindow:
        c = compare(data, ask(data, Procedure.DISCECTOMY, Outcome.ODI, window=window))
        assert (c.state, c.studies) == (State.NOT_IN_DATA, ())


# ---- nothing depends on the order of the files, or on which arm is called first --------------------------------------


def without_lines(arm: ArmSummary | None) -> ArmSummary | None:
    return None if arm is None else replace(arm, line=0)


def essence(c: Comparison) -> tuple[Any, ...]:
    """Everything in a comparison but the line numbers of its rows."""
    studies = [
        replace(s, study=s.study.study_id, first=without_lines(s.first), second=without_lines(s.second), source_rows=())  # type: ignore[arg-type]
        for s in c.studies
    ]
    reviews = sorted(
        (r.study.study_id, str(r.row.model_copy(update={"line": 0})), r.estimate, str(r.turned), r.agrees)
        for r in c.reviews
    )
    source = (c.lead.review or c.lead.study).study.study_id if c.lead.review or c.lead.study else ""  # type: ignore[union-attr]
    lead = (c.lead.rung, c.lead.effect, c.lead.k, c.lead.people, source)
    return (c.state, lead, c.pooled, c.k_borrowed, c.printed_only, c.other_designs, c.randomised_only, studies,
            c.direction, c.first_levels, c.second_levels, c.absolute, c.people, c.certainty, reviews)  # fmt: skip


MIXED_STUDIES = [
    *PRINT_SPREADS,
    *HOLLOW,
    study("cohort-a", "registry", **SAME),
    study("cohort-b", "registry", **SAME),
    study("flawed", caution="a flaw"),
    study("review", "systematic_review"),
]
MIXED_ARMS = [
    *WITH_SPREAD,
    *OF_HOLLOW,
    *measured("cohort-a"),
    *measured("cohort-b"),
    *measured("flawed"),
    *scored("c1", 10, 11),
    *scored("c1", 14, 15),
    *scored("c1", None),
    *scored("c2", 12, subgroup="women"),
    *counted("c1", 0, 3),
    *counted("c2", 4, 9),
    *counted("c3", 5, 5),
    *counted("h0", 0, 0),
]
MIXED_CONTRASTS = [
    contrast("review", estimate=-60, ci_low=-90, ci_high=-30),
    contrast("c3", "odi", timepoint_months=11, estimate=-4, ci_low=-9, ci_high=1),
    contrast("c3", "odi", timepoint_months=13, estimate=-6, ci_low=-9, ci_high=-3),
    contrast("h1", "odi", "SMD", timepoint_months=13, estimate=-0.3),
    contrast("h1", "odi", "SMD", timepoint_months=11, estimate=-0.2),
]
MIXED_QUESTIONS = [
    {"outcome": Outcome.BLOOD_LOSS},
    {"outcome": Outcome.BLOOD_LOSS, "measure": Measure.MEAN_DIFFERENCE},
    {"outcome": Outcome.ODI},
    {"outcome": Outcome.INFECTION},
]


def mixed(studies: Rows, arms: Rows, contrasts: Rows) -> list[tuple[Any, ...]]:
    data = evidence_of(studies, arms, contrasts)
    return [essence(compare(data, ask(data, Procedure.DISCECTOMY, **asked))) for asked in MIXED_QUESTIONS]


@given(st.permutations(MIXED_STUDIES), st.permutations(MIXED_ARMS), st.permutations(MIXED_CONTRASTS))
@deterministic
def test_results_do_not_depend_on_the_order_of_rows(studies: Rows, arms: Rows, contrasts: Rows) -> None:
    assert mixed(studies, arms, contrasts) == mixed(MIXED_STUDIES, MIXED_ARMS, MIXED_CONTRASTS)


def test_results_of_the_shipped_dataset_do_not_depend_on_the_order_of_rows(data: Evidence, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(loading.SHIPPED, tmp_path / "data"))
    for name in ("studies.csv", "arms.csv", "contrasts.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        random.Random(7).shuffle(rows)
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])
    shuffled = loading.load(folder)
    for question in questions(data, designs=[DesignFilter.AUTO], cautions=[False]):
        assert essence(compare(shuffled, question)) == essence(compare(data, question)), question


SWAPPED = {"mis": "open", "open": "mis"}


@pytest.mark.parametrize("asked", MIXED_QUESTIONS[:2] + MIXED_QUESTIONS[3:], ids=["ratio", "difference", "events"])
def test_swapping_the_arms_mirrors_the_result(asked: dict[str, Any]) -> None:
    one = answer(MIXED_STUDIES, MIXED_ARMS, **asked)
    other = answer(MIXED_STUDIES, [{**row, "arm": SWAPPED[row["arm"]]} for row in MIXED_ARMS], **asked)
    for mine, mirrored in ((one.pooled, other.pooled), (one.printed_only, other.printed_only)):
        if mine is None:
            assert mirrored is None
            continue
        assert mirrored is not None
        assert mirrored.estimate == pytest.approx(-mine.estimate, rel=1e-9)
        assert (mirrored.ci_low, mirrored.ci_high) == pytest.approx((-mine.ci_high, -mine.ci_low))
        assert (mirrored.tau2, mirrored.i2) == pytest.approx((mine.tau2, mine.i2), rel=1e-6)
    assert one.pooled is not None
    assert (other.direction.lower, other.direction.higher) == (one.direction.higher, one.direction.lower)
    assert (other.first_levels, other.second_levels) == (one.second_levels, one.first_levels)
    assert (other.state, other.people, other.lead.rung) == (one.state, one.people, one.lead.rung)
    assert one.certainty is not None
    assert other.certainty is not None
    assert other.certainty.level == one.certainty.level
    assert [g.doubt for g in other.certainty.grounds] == [g.doubt for g in one.certainty.grounds]
    for ground, mirrored_ground in zip(one.certainty.grounds, other.certainty.grounds, strict=True):
        assert mirrored_ground.figure == pytest.approx(ground.figure)


@given(st.permutations(MIXED_ARMS), st.integers(0, len(MIXED_ARMS)))
@deterministic
def test_any_part_of_the_rows_gives_an_answer(arms: Rows, kept: int) -> None:
    data = evidence_of(MIXED_STUDIES, arms[:kept], MIXED_CONTRASTS)
    for asked in MIXED_QUESTIONS:
        for c in (compare(data, ask(data, Procedure.DISCECTOMY, design=d, **asked)) for d in DesignFilter):
            assert_consistent(c)


# ---- every question to the shipped dataset ---------------------------------------------------------------------------


def questions(
    data: Evidence, designs: Sequence[DesignFilter] = tuple(DesignFilter), cautions: Sequence[bool] = (False, True)
) -> Iterator[Question]:
    """Procedure x outcome x window x contrast x measure x design x cautions; without surgery also by condition."""
    for outcome, definition in data.outcomes.items():
        perioperative = definition.horizon == Horizon.PERIOPERATIVE
        windows = windows_of(definition) if perioperative else (TimeWindow.EARLY, *FOLLOW_UP)
        measures = (
            [Measure.RISK_RATIO]
            if definition.kind == OutcomeKind.EVENT
            else [Measure.MEAN_DIFFERENCE, Measure.RATIO_OF_MEANS]
        )
        for window, measure, design, caution in product(windows, measures, designs, cautions):
            asked = {"design": design, "include_cautions": caution}
            for procedure, versus in product(Procedure, Contrast):
                yield Question(procedure, outcome, window, measure, versus, **asked)  # type: ignore[arg-type]
            for condition in Condition if design is DesignFilter.AUTO else ():
                versus = Contrast.SURGERY_VERSUS_NONOPERATIVE
                yield Question(Procedure.FUSION, outcome, window, measure, versus, condition=condition, **asked)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def everything(data: Evidence) -> list[Comparison]:
    return [compare(data, question) for question in questions(data)]


def assert_consistent(c: Comparison) -> None:
    """What must hold of any comparison, whatever the data."""
    chosen = [s for s in c.studies if s.pooled]
    assert (c.pooled is None) == (not chosen)
    assert all(wording.why_so(s) for s in c.studies)
    assert all(s.pooled == (s.why is Why.POOLED) for s in c.studies)
    assert all((s.weight is not None) == s.pooled for s in c.studies)
    assert len({s.study.study_id for s in c.studies}) == len(c.studies)
    assert not any(s.study.design == StudyDesign.SYSTEMATIC_REVIEW for s in c.studies)
    for group in (chosen, c.shown_studies):
        cohorts = [s.study.cohort for s in group if s.study.cohort]
        assert len(cohorts) == len(set(cohorts))
        if not c.question.include_cautions:
            assert not any(s.caution for s in group)
    assert c.direction.total == len(c.shown_studies)
    assert c.k_borrowed == sum(s.borrowed for s in chosen)
    assert_lead_is_consistent(c, len(chosen))
    if c.pooled is None:
        assert (c.certainty, c.printed_only) == (None, None)
        assert not c.people
        return
    assert c.pooled.k == len(chosen)
    assert sum(s.weight or 0 for s in chosen) == pytest.approx(100)
    assert c.pooled.ci_low <= c.pooled.estimate <= c.pooled.ci_high
    if c.k_borrowed and c.k_borrowed < len(chosen):
        assert c.printed_only is not None
        assert c.printed_only.k == len(chosen) - c.k_borrowed
    else:
        assert c.printed_only is None
    printed = [s.n_total for s in chosen if s.n_total is not None]
    assert c.people == (sum(printed) if printed else None)
    assert c.randomised_only == all(s.study.design == StudyDesign.RCT for s in chosen)
    if c.certainty is not None:
        assert c.certainty.doubts[0] is (Doubt.RANDOMISED if c.randomised_only else Doubt.NOT_RANDOMISED)
        lifted = Doubt.LARGE_EFFECT in c.certainty.doubts
        assert Level.VERY_LOW <= c.certainty.level <= (Level.HIGH if c.randomised_only else Level.LOW + lifted)


STATES = {
    Rung.POOL: {State.DIFFERENCE, State.SAME_DIRECTION, State.NO_CLEAR_DIFFERENCE},
    Rung.FEW_STUDIES: {State.DIFFERENCE, State.SAME_DIRECTION, State.NO_CLEAR_DIFFERENCE},
    Rung.REVIEW: {State.PUBLISHED_ELSEWHERE},
    Rung.ONE_LARGE_STUDY: {State.ONE_STUDY},
    Rung.PARTS_OF_ONE_STUDY: {State.ONE_STUDY},
    Rung.ONE_SMALL_STUDY: {State.ONE_STUDY},
    Rung.NONE: {State.NO_NUMBER, State.NOT_IN_DATA},
}


def assert_lead_is_consistent(c: Comparison, k: int) -> None:
    """The leading source and what it gives fit the studies that are there."""
    rung, effect, review = c.lead.rung, c.lead.effect, c.lead.review
    assert c.state in STATES[rung]
    assert (rung is Rung.POOL) == (k >= 5)
    assert rung is not Rung.FEW_STUDIES or 2 <= k <= 4
    assert rung not in (Rung.ONE_LARGE_STUDY, Rung.ONE_SMALL_STUDY) or k == 1
    assert rung not in (Rung.NONE, Rung.PARTS_OF_ONE_STUDY) or k <= 1
    assert (effect is None) == (rung in (Rung.NONE, Rung.PARTS_OF_ONE_STUDY))
    assert (review is not None) == (rung is Rung.REVIEW)
    assert (c.lead.study is not None) == (c.state is State.ONE_STUDY)
    assert (c.certainty is not None) == (k > 0 and effect is not None and review is None)
    if review is not None:
        assert c.lead.k == review.row.k_studies or review.row.k_studies is None
        assert not review.caution
        assert not review.row.subgroup
        assert (review.row.k_studies or 0) > k or k < 2
    if effect is None:
        assert (c.estimate, c.interval, c.absolute) == (None, None, None)
        return
    assert effect.ci_low <= effect.estimate <= effect.ci_high
    assert c.is_clear == (effect.ci_low > 0 or effect.ci_high < 0)
    assert (c.state is State.DIFFERENCE) == (c.is_clear and rung in (Rung.POOL, Rung.FEW_STUDIES))
    assert c.state is not State.NO_CLEAR_DIFFERENCE or not c.direction.one_way
    assert c.is_told_to(patient=False)
    assert c.is_told_to(patient=True) == (rung is not Rung.ONE_SMALL_STUDY)
    if c.absolute is None:
        return
    a = c.absolute
    ends = (0.0, 1.0) if c.outcome.kind == OutcomeKind.EVENT else (c.outcome.scale_min, c.outcome.scale_max)
    for low, value, high in ((a.baseline_low, a.baseline, a.baseline_high), (a.first_low, a.first, a.first_high)):
        assert low <= value <= high
        assert ends[0] is None or low >= ends[0]
        assert ends[1] is None or high <= ends[1]
    if c.lead.study is None:
        told = effect.applied(a.baseline, effect.estimate)
        inside = (ends[0] is None or told > ends[0]) and (ends[1] is None or told < ends[1])
        assert a.first == pytest.approx(told) or not inside


def test_every_question_has_a_consistent_answer(everything: list[Comparison]) -> None:
    for c in everything:
        try:
            assert_consistent(c)
        except AssertionError as error:
            raise AssertionError(str(c.question)) from error


def test_the_questions_reach_every_state_rung_and_reason_that_data_can_give(everything: list[Comparison]) -> None:
    assert {c.state for c in everything} == set(State)
    assert {c.lead.rung for c in everything} == set(Rung)
    assert {s.why for c in everything for s in c.studies} >= set(Why) - {Why.LEVELS_DIFFER}
    assert any(c.k_borrowed for c in everything)
    assert any(c.absolute_risk for c in everything)
    assert any(c.pooled and c.pooled.k == 1 for c in everything)


def test_a_difference_is_the_difference_of_the_two_levels_a_reader_sees(everything: list[Comparison]) -> None:
    """Where both arms print a mean and the paper's own (often adjusted) difference was not needed."""
    seen = 0
    for c in everything:
        if c.question.measure is not Measure.MEAN_DIFFERENCE:
            continue
        for s in c.studies:
            if s.effect and s.first and s.second and s.effect.source is not SpreadSource.CONTRAST:
                if not s.first.statistic == s.second.statistic == "mean":
                    continue
                assert s.first.level is not None
                assert s.second.level is not None
                assert abs(s.effect.estimate - (s.first.level - s.second.level)) <= 1e-9
                seen += 1
    assert seen > 1000


def test_the_pool_is_made_of_the_effects_that_are_listed(everything: list[Comparison]) -> None:
    """A reader who pools what stands in the table gets the number above it."""
    seen = {"many": 0, "few": 0}
    for c in everything:
        if c.pooled is None or c.pooled.k == 1:
            continue
        listed: list[Effect] = [s.effect for s in c.pooled_studies if s.effect]
        effects, errors = [e.estimate for e in listed], [e.standard_error or 0.0 for e in listed]
        found = (c.pooled.estimate, c.pooled.ci_low, c.pooled.ci_high)
        if c.pooled.k >= 5:
            again = pool(effects, errors)
            assert found == pytest.approx((again.estimate, again.ci_low, again.ci_high), rel=1e-9, abs=1e-12)
            seen["many"] += 1
        elif c.question.measure.on_log_scale and c.question.design is DesignFilter.AUTO:
            width = c.pooled.ci_high - c.pooled.ci_low
            assert found == pytest.approx(posterior(effects, errors, 0.5), abs=2e-3 * width), c.question
            seen["few"] += 1
    assert min(seen.values()) > 50


def test_every_study_names_the_rows_it_comes_from(data: Evidence, everything: list[Comparison]) -> None:
    rows = {f"arms.csv {r.line}": r for r in data.arms} | {f"contrasts.csv {r.line}": r for r in data.contrasts}
    for c in everything:
        for s in c.studies:
            assert s.source_rows
            for row in map(str, s.source_rows):
                assert (rows[row].study_id, rows[row].outcome) == (s.study.study_id, c.question.outcome)


def test_putting_cautions_back_never_takes_a_study_away(everything: list[Comparison]) -> None:
    with_cautions = {c.question: c for c in everything if c.question.include_cautions}
    for c in everything:
        if not c.question.include_cautions and c.question.design is DesignFilter.ALL:
            more = with_cautions[replace(c.question, include_cautions=True)]
            assert {s.study.study_id for s in c.studies} == {s.study.study_id for s in more.studies}
            # Of surgery against none a study put back can bring a better kind of study to the front.
            if c.question.contrast is Contrast.MIS_VERSUS_OPEN:
                assert len(more.shown_studies) >= len(c.shown_studies)
