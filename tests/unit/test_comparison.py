"""What is pooled, what is only shown, and why: one rule a test, on small datasets; then all of them on the shipped one."""

from __future__ import annotations

import csv
import json
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

from decision_aid import wording
from decision_aid.comparison.certainty import Doubt, Level
from decision_aid.comparison.comparison import Comparison, Direction, State, compare
from decision_aid.comparison.question import Contrast, DesignFilter, Question, ask
from decision_aid.comparison.selection import techniques
from decision_aid.comparison.study_results import StudyResult, Why
from decision_aid.domain.time_windows import FOLLOW_UP, TimeWindow, windows_of
from decision_aid.domain.vocabulary import Condition, Horizon, Outcome, OutcomeKind, Procedure, StudyDesign
from decision_aid.evidence import loading
from decision_aid.evidence.loading import Evidence
from decision_aid.meta_analysis.effects import ArmSummary, Effect, Measure, SpreadSource
from decision_aid.meta_analysis.random_effects import pool

deterministic = settings(derandomize=True, database=None, deadline=None, max_examples=15)
BASELINES = json.loads((Path(__file__).parents[1] / "metafor" / "effects.json").read_text(encoding="utf-8"))[
    "baselines"
]
OPTION_NAMES = ("surgery", "nonoperative")
Rows = list[dict[str, Any]]


# ---- how tests speak of studies --------------------------------------------------------------------------------------


def measured(study_id: str, first: float = 100, second: float = 150, sd: float | None = 30, n: int = 40) -> Rows:
    """Blood loss in both arms; hollow without `sd`."""
    return both_arms(study_id, {"mean": first, "sd": sd, "n": n}, {"mean": second, "sd": sd, "n": n})


def counted(study_id: str, first: int, second: int, n: int = 100, **shared: Any) -> Rows:
    """People with an infection in both arms."""
    return both_arms(study_id, {"events": first, "n": n}, {"events": second, "n": n}, "infection", **shared)


def scored(study_id: str, months: float | None, first: float = 10, second: float = 20, **shared: Any) -> Rows:
    """Disability at a time; at no stated time for None."""
    timing = {"timing": "not_stated"} if months is None else {"timepoint_months": months}
    first_arm, second_arm = ({"mean": mean, "sd": 8, "n": 50} for mean in (first, second))
    return both_arms(study_id, first_arm, second_arm, "odi", **{**timing, **shared})


def answer(
    studies: Sequence[dict[str, Any]],
    arms: Sequence[dict[str, Any]] = (),
    contrasts: Sequence[dict[str, Any]] = (),
    outcome: Outcome = Outcome.BLOOD_LOSS,
    **filters: Any,
) -> Comparison:
    data = evidence_of(studies, arms, contrasts)
    return compare(data, ask(data, Procedure.DISCECTOMY, outcome, **filters))


def only(c: Comparison, study_id: str) -> StudyResult:
    return next(s for s in c.studies if s.study.study_id == study_id)


def pooled_ids(c: Comparison) -> set[str]:
    return {s.study.study_id for s in c.studies if s.pooled}


def difference(first: float, second: float, sd: float = 30, n: int = 40) -> tuple[float, float]:
    return first - second, math.sqrt(2 * sd**2 / n)


# ---- which studies are pooled ----------------------------------------------------------------------------------------

THREE_TRIALS = [study("t1"), study("t2"), study("t3")]
TWO_COHORTS = [study("c1", "retrospective_cohort"), study("c2", "registry")]
OF_ALL_FIVE = [
    *measured("t1", 100, 150),
    *measured("t2", 90, 150),
    *measured("t3", 120, 150),
    *measured("c1", 50, 150),
    *measured("c2", 60, 150),
]


def test_trials_are_pooled_alone_when_three_can_be() -> None:
    c = answer([*THREE_TRIALS, *TWO_COHORTS], OF_ALL_FIVE)
    assert pooled_ids(c) == {"t1", "t2", "t3"}
    assert c.randomised_only
    expected = pool(*zip(difference(100, 150), difference(90, 150), difference(120, 150), strict=True))
    assert c.pooled is not None
    assert c.pooled.estimate == pytest.approx(expected.estimate, rel=1e-12)
    assert (c.pooled.ci_low, c.pooled.ci_high) == pytest.approx((expected.ci_low, expected.ci_high), rel=1e-12)


def test_other_studies_stay_in_sight_and_in_the_direction_when_trials_are_pooled_alone() -> None:
    c = answer([*THREE_TRIALS, *TWO_COHORTS], OF_ALL_FIVE)
    for cohort in ("c1", "c2"):
        assert only(c, cohort).why is Why.NOT_RANDOMISED
        assert only(c, cohort).shown
    assert c.direction == Direction(lower=5, equal=0, higher=0)


def test_all_studies_are_pooled_when_fewer_than_three_trials_can_be() -> None:
    c = answer([*THREE_TRIALS[:2], *TWO_COHORTS], [r for r in OF_ALL_FIVE if r["study_id"] != "t3"])
    assert pooled_ids(c) == {"t1", "t2", "c1", "c2"}
    assert not c.randomised_only


def test_a_third_trial_that_cannot_be_pooled_does_not_count_towards_the_three() -> None:
    hollow = [r for r in OF_ALL_FIVE if r["study_id"] != "t3"] + measured("t3", 120, 150, sd=None)
    set_aside = [*THREE_TRIALS[:2], study("t3", caution="numbers read second-hand"), *TWO_COHORTS]
    for c in (answer([*THREE_TRIALS, *TWO_COHORTS], hollow), answer(set_aside, OF_ALL_FIVE)):
        assert pooled_ids(c) == {"t1", "t2", "c1", "c2"}


def test_all_studies_can_be_asked_for() -> None:
    c = answer([*THREE_TRIALS, *TWO_COHORTS], OF_ALL_FIVE, design=DesignFilter.ALL)
    assert pooled_ids(c) == {"t1", "t2", "t3", "c1", "c2"}
    assert not c.randomised_only


def test_trials_alone_can_be_asked_for_and_then_others_are_neither_pooled_nor_drawn() -> None:
    c = answer([*THREE_TRIALS[:1], *TWO_COHORTS], OF_ALL_FIVE[:2] + OF_ALL_FIVE[6:], design=DesignFilter.RCT)
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
    assert only(c, "trial").why is Why.NO_SPREAD
    assert only(c, "registry").why is Why.SAME_PEOPLE


def test_beside_trials_too_the_publication_with_a_spread_is_kept() -> None:
    studies = [*THREE_TRIALS, study("small", "registry", **SAME), study("large", "registry", **SAME)]
    rows = [*OF_ALL_FIVE[:6], *measured("small", n=20), *measured("large", sd=None, n=400)]
    c = answer(studies, rows)
    assert (only(c, "small").why, only(c, "large").why) == (Why.NOT_RANDOMISED, Why.SAME_PEOPLE)


def test_the_publication_kept_shows_both_arms_where_another_prints_a_bare_difference() -> None:
    studies = [study("both-arms", "registry", **SAME), study("bare", "rct", **SAME)]
    c = answer(studies, measured("both-arms", sd=None), [contrast("bare", estimate=-40)])
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
    assert only(back, "odd").pooled is (sd is not None)
    assert only(back, "odd").shown
    assert only(back, "odd").caution == reason
    assert back.direction.total == 4
    assert back.certainty is not None
    assert (Doubt.CAUTIONS in back.certainty.doubts) is (sd is not None)


def test_a_study_set_aside_lends_no_spread_and_borrows_none() -> None:
    hollow = [study(f"h{i}", "registry", caution="a flaw") for i in range(3)]
    rows = [r for s in hollow for r in measured(s["study_id"], sd=None)]
    studies = [*TWO_COHORTS, study("c3", "registry"), *hollow]
    rows += [*OF_ALL_FIVE[6:], *measured("c3")]
    assert answer(studies, rows).imputed is None
    back = answer(studies, rows, include_cautions=True).imputed
    assert back is not None
    assert back.k == 6


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
    assert c.pooled is None
    assert wording.why_so(only(c, "t3")) == "reported for a subgroup only: over 65"
    assert wording.why_so(only(c, "t4")) == "reported for a subgroup only: women"
    assert only(c, "t3").source_rows


@pytest.mark.parametrize("window", FOLLOW_UP)
def test_a_time_that_is_not_stated_is_never_pooled(window: TimeWindow) -> None:
    rows = [*scored("t1", window.nominal_months), *scored("t2", window.nominal_months), *scored("t3", None)]
    c = answer(THREE_TRIALS, rows, outcome=Outcome.ODI, window=window)
    assert only(c, "t3").why is Why.TIME_NOT_STATED
    assert c.pooled is None
    assert c.direction.total == 2


def test_a_scale_that_is_not_printed_is_not_pooled() -> None:
    rows = [*scored("t1", 12), *scored("t2", 12), *scored("t3", 12, unit="index")]
    c = answer(THREE_TRIALS, rows, outcome=Outcome.ODI)
    assert only(c, "t3").why is Why.SCALE_NOT_PRINTED
    assert only(c, "t3").effect is None
    assert c.pooled is None


def test_units_are_brought_to_the_unit_of_the_outcome() -> None:
    hours = both_arms(
        "t1", {"mean": 24, "sd": 12, "n": 40}, {"mean": 72, "sd": 12, "n": 40}, "length_of_stay", unit="hours"
    )
    days = both_arms("t2", {"mean": 1, "sd": 0.5, "n": 40}, {"mean": 3, "sd": 0.5, "n": 40}, "length_of_stay")
    reported = contrast("t3", "length_of_stay", unit="hours", estimate=-48, ci_low=-72, ci_high=-24)
    c = answer(THREE_TRIALS, [*hours, *days], [reported], Outcome.LENGTH_OF_STAY)
    assert [s.effect.estimate for s in c.studies if s.effect] == pytest.approx([-2, -2, -2])
    assert only(c, "t1").effect == only(c, "t2").effect
    assert c.pooled is not None
    assert c.pooled.estimate == pytest.approx(-2)


def test_a_systematic_review_stands_beside_the_pool_and_never_in_it() -> None:
    review = study("review", "systematic_review", year=2019)
    row = contrast("review", estimate=-60, ci_low=-90, ci_high=-30, k_studies=9)
    data = evidence_of([*THREE_TRIALS, review], OF_ALL_FIVE[:6], [row])
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


def test_no_study_is_not_measured() -> None:
    c = answer([study("t1")], measured("t1"), outcome=Outcome.DRAINAGE)
    assert (c.state, c.studies, c.pooled, c.certainty, c.people) == (State.NOT_MEASURED, (), None, None, 0)
    assert not c.randomised_only


def test_one_arm_alone_is_not_measured_and_says_so() -> None:
    c = answer([study("t1")], measured("t1")[:1])
    assert c.state is State.NOT_MEASURED
    assert only(c, "t1").why is Why.ONE_ARM


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (measured("t1", sd=None), Why.NO_SPREAD),
        (both_arms("t1", {"mean": 9, "sd": 2}, {"mean": 12, "sd": 3}), Why.NO_ARM_SIZE),
        (both_arms("t1", {"mean": 9, "n": 20}, {"median": 12, "n": 20}), Why.LEVELS_DIFFER),
        (both_arms("t1", {"mean": 9, "n": 20}, {"mean": 12, "n": 20}, unit=""), Why.SCALE_NOT_PRINTED),
    ],
    ids=lambda value: value.name.lower() if isinstance(value, Why) else "",
)
def test_measured_but_not_usable_is_too_few_and_never_called_not_measured(rows: Rows, why: Why) -> None:
    c = answer([study("t1")], rows)
    assert only(c, "t1").why is why
    assert c.state is State.TOO_FEW
    assert c.pooled is None


def test_counts_without_an_arm_size_and_scores_without_a_ratio_are_too_few_not_unmeasured() -> None:
    for first_size, second_size in ((None, None), (40, None), (None, 40)):
        infections = both_arms("t1", {"events": 2, "n": first_size}, {"events": 3, "n": second_size}, "infection")
        c = answer([study("t1")], infections, outcome=Outcome.INFECTION)
        assert (only(c, "t1").why, c.state) == (Why.NO_ARM_SIZE, State.TOO_FEW)
    changes = scored("t1", 12, -20, -10, scale_kind="change")
    c = answer([study("t1")], changes, outcome=Outcome.ODI, measure=Measure.RATIO_OF_MEANS)
    assert (only(c, "t1").why, c.state) == (Why.NO_RATIO, State.TOO_FEW)


def test_one_study_gives_its_own_interval() -> None:
    c = answer([study("t1")], measured("t1", 100, 150))
    estimate, error = difference(100, 150)
    assert c.pooled is not None
    assert c.pooled.k == 1
    assert c.estimate == estimate
    assert c.interval == pytest.approx((estimate - 1.959964 * error, estimate + 1.959964 * error), rel=1e-6)
    assert only(c, "t1").pooled
    assert only(c, "t1").weight == 100
    assert c.state is State.DIFFERENCE
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
    row = {"timepoint_months": 12, "estimate": -2.4, "ci_low": -4.1, "ci_high": -0.7}
    notes = "99% confidence interval, not 95%; adjusted"
    c = answer([study("t1")], [], [contrast("t1", "odi", notes=notes, **row)], Outcome.ODI)
    half = 1.7 * 1.959964 / 2.575829
    assert c.interval == pytest.approx((-2.4 - half, -2.4 + half), rel=1e-6)


def test_two_studies_are_shown_and_not_pooled() -> None:
    c = answer(THREE_TRIALS[:2], [*measured("t1"), *measured("t2")])
    assert (c.state, c.pooled, c.estimate, c.interval, c.certainty) == (State.TOO_FEW, None, None, None, None)
    assert [(s.pooled, s.why, s.weight, s.shown) for s in c.studies] == [(False, Why.TOO_FEW, None, True)] * 2
    assert c.people == 0
    assert c.direction == Direction(2, 0, 0)


def test_three_studies_are_pooled_with_weights_that_add_up_to_100() -> None:
    rows = [*measured("t1", n=20), *measured("t2", 90, 150, n=80), *measured("t3", 120, 150, n=45)]
    c = answer(THREE_TRIALS, rows)
    expected = pool(
        *zip(difference(100, 150, n=20), difference(90, 150, n=80), difference(120, 150, n=45), strict=True)
    )
    assert c.pooled is not None
    assert c.pooled.k == 3
    assert [only(c, s).weight for s in ("t1", "t2", "t3")] == pytest.approx(list(expected.weights), rel=1e-9)
    assert sum(s.weight or 0 for s in c.studies) == pytest.approx(100)
    assert c.people == 40 + 160 + 90
    assert all(s.why is Why.POOLED for s in c.studies)


@pytest.mark.parametrize("design", DesignFilter)
def test_what_was_asked_for_is_said_even_where_nothing_can_be_pooled(design: DesignFilter) -> None:
    c = answer(TWO_COHORTS, [*measured("c1"), *measured("c2")], design=design)
    assert c.pooled is None
    assert c.randomised_only is (design is DesignFilter.RCT)


def test_a_difference_and_no_clear_difference_are_told_apart_by_the_interval() -> None:
    clear = answer(THREE_TRIALS, [*measured("t1"), *measured("t2"), *measured("t3")])
    unclear = answer(THREE_TRIALS, [*measured("t1", 150, 100), *measured("t2", 100, 150), *measured("t3", 120, 121)])
    assert clear.state is State.DIFFERENCE
    assert unclear.state is State.NO_CLEAR_DIFFERENCE


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

REPORTED = {"estimate": -40, "ci_low": -60, "ci_high": -20}


@pytest.mark.parametrize(
    ("spread", "source", "estimate"),
    [
        ({"mean": 100, "sd": 30}, SpreadSource.SD, -50),
        ({"mean": 100, "se": 5}, SpreadSource.SE, -50),
        ({"mean": 100, "ci_low": 90, "ci_high": 110}, SpreadSource.CI, -50),
        ({"mean": 100}, SpreadSource.CONTRAST, -40),
        # Before quartiles, not after them as in the usual order: a difference the paper prints is not replaced by one
        # rebuilt from quartiles, which assume a shape that blood loss and pain rarely have.
        ({"median": 100, "q1": 80, "q3": 120}, SpreadSource.CONTRAST, -40),
    ],
    ids=["sd", "se", "interval of the mean", "no spread", "quartiles"],
)
def test_a_reported_difference_is_used_where_the_arms_print_no_spread_of_a_mean(
    spread: dict[str, float], source: SpreadSource, estimate: float
) -> None:
    rows = both_arms("t1", {**spread, "n": 40}, {"mean": 150, "sd": 30, "n": 40})
    c = answer([study("t1")], rows, [contrast("t1", **REPORTED)])
    effect = only(c, "t1").effect
    assert effect is not None
    assert (effect.source, effect.estimate) == (source, estimate)
    assert only(c, "t1").pooled


def test_quartiles_are_used_where_no_difference_is_reported() -> None:
    rows = both_arms(
        "t1", {"median": 100, "q1": 80, "q3": 120, "n": 40}, {"median": 150, "q1": 130, "q3": 170, "n": 40}
    )
    for reports in ([], [contrast("t1", estimate=-40)]):
        effect = only(answer([study("t1")], rows, reports), "t1").effect
        assert effect is not None
        assert (effect.source, effect.estimate) == (SpreadSource.QUARTILES, pytest.approx(-50))


@pytest.mark.parametrize("measure", ["OR", "HR", "RD"])
def test_another_measure_is_not_taken_for_a_risk_ratio(measure: str) -> None:
    row = contrast("t1", "infection", measure, timepoint_months=1, estimate=0.5, ci_low=0.2, ci_high=0.9)
    c = answer([study("t1")], [], [row], Outcome.INFECTION)
    assert only(c, "t1").why is Why.OTHER_MEASURE
    assert (c.state, c.pooled) == (State.TOO_FEW, None)


def test_a_standardised_difference_is_not_taken_for_one_in_the_unit() -> None:
    c = answer([study("t1")], [], [contrast("t1", measure="SMD", **REPORTED)])
    assert only(c, "t1").why is Why.OTHER_MEASURE


def test_a_reported_difference_is_no_ratio_of_means() -> None:
    for estimate in (-40, 40):
        row = contrast("t1", estimate=estimate, ci_low=estimate - 20, ci_high=estimate + 20)
        c = answer([study("t1")], [], [row], measure=Measure.RATIO_OF_MEANS)
        assert only(c, "t1").why is Why.OTHER_MEASURE


def test_a_report_without_its_number_is_named_and_not_used() -> None:
    c = answer([study("t1")], [], [contrast("t1", p_value="<0.001", ci_low=-60, ci_high=-20)])
    assert only(c, "t1").why is Why.OTHER_MEASURE
    assert c.pooled is None


def test_of_several_reports_the_one_that_can_be_pooled_is_taken() -> None:
    usable = contrast("t1", "infection", "RR", timepoint_months=2, estimate=0.5, ci_low=0.3, ci_high=0.9)
    nearer = [contrast("t1", "infection", m, timepoint_months=1, estimate=0.4) for m in ("OR", "RD")]
    for rows in ([usable, *nearer], [*nearer, usable]):
        assert answer([study("t1")], [], rows, Outcome.INFECTION).estimate == pytest.approx(0.5)
    difference_too = [contrast("t1", measure="SMD", estimate=-0.3), contrast("t1", **REPORTED)]
    assert answer([study("t1")], [], difference_too).estimate == -40


def test_reported_differences_are_pooled_like_any_others() -> None:
    rows = [contrast(f"t{i}", estimate=e, ci_low=e - 20, ci_high=e + 20) for i, e in ((1, -40), (2, -50), (3, -30))]
    c = answer(THREE_TRIALS, [], rows)
    expected = pool([-40, -50, -30], [20 / 1.959963984540054] * 3)
    assert c.pooled is not None
    assert (c.pooled.estimate, *(c.interval or ())) == pytest.approx(
        (expected.estimate, expected.ci_low, expected.ci_high)
    )


def test_the_other_comparison_of_a_paper_is_left_alone() -> None:
    row = contrast("t1", comparison="surgery_minus_nonoperative", **REPORTED)
    assert answer([study("t1")], [], [row]).studies == ()


def test_ratios_are_pooled_as_logarithms_and_read_as_ratios() -> None:
    rows = [*measured("t1"), *measured("t2", 90, 150), *measured("t3", 120, 150)]
    c = answer(THREE_TRIALS, rows, measure=Measure.RATIO_OF_MEANS)
    logs = [(math.log(a / 150), math.sqrt(30**2 / 40 * (1 / a**2 + 1 / 150**2))) for a in (100, 90, 120)]
    expected = pool(*zip(*logs, strict=True))
    assert c.estimate == pytest.approx(math.exp(expected.estimate), rel=1e-12)
    assert c.interval == pytest.approx((math.exp(expected.ci_low), math.exp(expected.ci_high)), rel=1e-12)


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
        *measured("s2", 80, 150),
        *measured("s3", 70, 150, sd=None),
        *measured("s4", 160, 150, sd=None),
        *measured("s5", 150, 150, sd=None),
    ]
    c = answer(studies, rows)
    assert c.pooled is not None
    assert c.pooled.k == 3
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
    c = answer([study("t1")], [], [contrast("t1", **REPORTED)])
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


@pytest.mark.parametrize("case", BASELINES.values(), ids=BASELINES)
def test_the_baseline_of_an_absolute_risk_is_the_open_arms_rate_pooled_on_the_logit(case: dict[str, Any]) -> None:
    studies = [study(f"s{i}") for i in range(len(case["events"]))]
    arms = zip(studies, case["events"], case["n"], strict=True)
    rows = [
        row for s, e, n in arms for row in both_arms(s["study_id"], {"events": 2, "n": 90}, {"events": e, "n": n}, "infection")
    ]  # fmt: skip
    risk = answer(studies, rows, outcome=Outcome.INFECTION).absolute_risk
    assert risk is not None
    assert (risk.baseline, risk.baseline_low, risk.baseline_high) == pytest.approx(
        (case["risk"], case["low"], case["high"]), rel=1e-7
    )


def test_the_absolute_risk_is_baseline_times_ratio() -> None:
    c = answer(
        THREE_TRIALS, [*counted("t1", 3, 6), *counted("t2", 2, 5), *counted("t3", 4, 9)], outcome=Outcome.INFECTION
    )
    risk = c.absolute_risk
    assert risk is not None
    assert c.estimate is not None
    assert c.interval is not None
    assert risk.first == pytest.approx(risk.baseline * c.estimate, rel=1e-12)
    assert risk.first_low == pytest.approx(risk.baseline * c.interval[0], rel=1e-12)
    assert risk.first_high == pytest.approx(risk.baseline * c.interval[1], rel=1e-12)
    assert risk.difference == risk.first - risk.baseline


def test_an_absolute_risk_never_leaves_0_to_1() -> None:
    risk = answer(
        THREE_TRIALS,
        [*counted("t1", 90, 70), *counted("t2", 99, 60), *counted("t3", 95, 80)],
        outcome=Outcome.INFECTION,
    ).absolute_risk
    assert risk is not None
    assert risk.first_high == 1
    assert 0 <= risk.first_low <= risk.first <= risk.first_high


def test_one_study_stands_for_itself_in_the_absolute_risk() -> None:
    risk = answer([study("t1")], counted("t1", 3, 6), outcome=Outcome.INFECTION).absolute_risk
    assert risk is not None
    assert (risk.baseline, risk.first) == pytest.approx((0.06, 0.03))


def test_one_study_without_an_event_in_an_arm_shows_none() -> None:
    """The 0.5 that makes a ratio possible is nobody: 0 of 37 stays 0, and its range reaches up from there."""
    risk = answer([study("t1")], counted("t1", 0, 7, n=40), outcome=Outcome.INFECTION).absolute_risk
    assert risk is not None
    assert (risk.first, risk.first_low, risk.baseline) == (0, 0, 7 / 40)
    assert 0 < risk.first_high < 1


def test_without_counts_there_is_a_ratio_but_no_absolute_risk() -> None:
    row = contrast("t1", "infection", "RR", timepoint_months=1, estimate=0.5, ci_low=0.3, ci_high=0.9, n_total=500)
    c = answer([study("t1")], [], [row], Outcome.INFECTION)
    assert c.estimate == pytest.approx(0.5)
    assert c.absolute_risk is None
    assert c.certainty is not None
    assert Doubt.FEW_EVENTS not in c.certainty.doubts  # their number is not known, so it is not called few


def test_few_events_count_against_a_pool_of_events() -> None:
    c = answer(
        THREE_TRIALS, [*counted("t1", 3, 6), *counted("t2", 2, 5), *counted("t3", 4, 9)], outcome=Outcome.INFECTION
    )
    assert c.certainty is not None
    assert "few events (29, under 300)" in wording.certainty_reasons(c.certainty)


# ---- spreads borrowed from other studies -----------------------------------------------------------------------------

WITH_SPREAD = [*measured("c1", 100, 200, sd=30), *measured("c2", 80, 220, sd=40), *measured("c3", 120, 180, sd=50)]
PRINT_SPREADS = [*TWO_COHORTS, study("c3", "registry")]
HOLLOW = [study(f"h{i}", "registry") for i in range(3)]
OF_HOLLOW = [*measured("h0", 60, 260, None), *measured("h1", 90, 300, None), *measured("h2", 70, 250, None)]


def test_borrowed_spreads_give_a_second_estimate_beside_the_first() -> None:
    c = answer([*PRINT_SPREADS, *HOLLOW], [*WITH_SPREAD, *OF_HOLLOW])
    assert c.pooled is not None
    assert c.imputed is not None
    assert (c.pooled.k, c.imputed.k) == (3, 6)

    def variation(means: tuple[float, float, float]) -> float:  # all arms have 40 people, so all weigh the same
        return math.sqrt(sum((sd / mean) ** 2 for sd, mean in zip((30, 40, 50), means, strict=True)) / 3)

    first, second = variation((100, 80, 120)), variation((200, 220, 180))
    own = [difference(100, 200), difference(80, 220, 40), difference(120, 180, 50)]
    borrowed = [
        (a - b, math.sqrt(((first * a) ** 2 + (second * b) ** 2) / 40)) for a, b in ((60, 260), (90, 300), (70, 250))
    ]
    expected = pool(*zip(*own, *borrowed, strict=True))
    assert c.imputed.estimate == pytest.approx(expected.estimate, rel=1e-9)
    assert c.imputed.standard_error == pytest.approx(expected.standard_error, rel=1e-9)


def test_borrowed_spreads_leave_the_first_estimate_as_it_was() -> None:
    alone = answer(PRINT_SPREADS, WITH_SPREAD)
    c = answer([*PRINT_SPREADS, *HOLLOW], [*WITH_SPREAD, *OF_HOLLOW])
    assert c.pooled == alone.pooled
    assert (c.state, c.people, c.certainty) == (alone.state, alone.people, alone.certainty)
    for s in HOLLOW:
        result = only(c, s["study_id"])
        assert result.imputed is not None
        assert result.effect is not None
        assert result.effect.standard_error is None
        assert (result.pooled, result.weight, result.why) == (False, None, Why.NO_SPREAD)
        assert result.imputed.source is SpreadSource.IMPUTED


def test_fewer_than_three_borrowers_give_no_second_estimate() -> None:
    c = answer([*PRINT_SPREADS, *HOLLOW[:2]], [*WITH_SPREAD, *OF_HOLLOW[:4]])
    assert c.imputed is None
    assert all(s.imputed is None for s in c.studies)


def test_nobody_lends_when_fewer_than_three_print_a_spread() -> None:
    c = answer([*PRINT_SPREADS[:1], *HOLLOW], [*WITH_SPREAD[:2], *OF_HOLLOW])
    assert c.pooled is not None
    assert c.imputed is None


def test_no_second_estimate_stands_without_a_first() -> None:
    trials = [study("t1"), study("t2"), *(study(s["study_id"]) for s in HOLLOW)]
    rows = [*measured("t1"), *measured("t2"), *WITH_SPREAD, *OF_HOLLOW]
    c = answer([*trials, *PRINT_SPREADS], rows, design=DesignFilter.RCT)
    assert (c.state, c.pooled, c.imputed) == (State.TOO_FEW, None, None)


@pytest.mark.parametrize("nothing_lost", ["mis", "open"])
def test_a_option_without_a_spread_to_lend_leaves_the_first_estimate_alone(nothing_lost: str) -> None:
    rows = [{**row, "mean": 0} if row["arm"] == nothing_lost else row for row in WITH_SPREAD]
    c = answer([*PRINT_SPREADS, *HOLLOW], [*rows, *OF_HOLLOW])
    assert c.pooled is not None
    assert c.imputed is None


def test_medians_do_not_borrow_a_spread() -> None:
    medians = [r for s in HOLLOW for r in both_arms(s["study_id"], {"median": 60, "n": 40}, {"median": 200, "n": 40})]
    assert answer([*PRINT_SPREADS, *HOLLOW], [*WITH_SPREAD, *medians]).imputed is None


def test_others_do_not_borrow_their_way_into_a_pool_of_trials() -> None:
    trials = [r for i in (1, 2, 3) for r in measured(f"t{i}")]
    usual = answer([*THREE_TRIALS, *HOLLOW], [*trials, *OF_HOLLOW])
    assert usual.pooled is not None
    assert usual.imputed is None
    everyone = answer([*THREE_TRIALS, *HOLLOW], [*trials, *OF_HOLLOW], design=DesignFilter.ALL)
    assert everyone.imputed is not None
    assert everyone.imputed.k == 6


# ---- the reader's filters --------------------------------------------------------------------------------------------


def test_the_technique_filter_keeps_studies_of_that_technique() -> None:
    studies = [study("tube"), study("endoscope", mis_technique="full_endoscopic")]
    rows = [*measured("tube"), *measured("endoscope", 50, 150)]
    assert answer(studies, rows, technique="full_endoscopic").estimate == -100
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
        assert (c.state, c.studies) == (State.NOT_MEASURED, ())


# ---- nothing depends on the order of the files, or on which arm is called first --------------------------------------


def without_lines(arm: ArmSummary | None) -> ArmSummary | None:
    return None if arm is None else replace(arm, line=0)


def essence(c: Comparison) -> tuple[Any, ...]:
    """Everything in a comparison but the line numbers of its rows."""
    studies = [
        replace(s, study=s.study.study_id, first=without_lines(s.first), second=without_lines(s.second), source_rows=())  # type: ignore[arg-type]
        for s in c.studies
    ]
    reviews = sorted((r.study.study_id, str(r.row.model_copy(update={"line": 0})), r.estimate) for r in c.reviews)
    return (c.state, c.pooled, c.imputed, c.randomised_only, studies, c.direction, c.first_levels, c.second_levels,
            c.absolute_risk, c.people, c.certainty, reviews)  # fmt: skip


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
    {"outcome": Outcome.BLOOD_LOSS, "measure": Measure.RATIO_OF_MEANS},
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


@pytest.mark.parametrize("asked", MIXED_QUESTIONS[:2] + MIXED_QUESTIONS[3:], ids=["difference", "ratio", "events"])
def test_swapping_the_arms_mirrors_the_result(asked: dict[str, Any]) -> None:
    one = answer(MIXED_STUDIES, MIXED_ARMS, **asked)
    other = answer(MIXED_STUDIES, [{**row, "arm": SWAPPED[row["arm"]]} for row in MIXED_ARMS], **asked)
    assert one.pooled is not None
    assert other.pooled is not None
    assert other.pooled.estimate == pytest.approx(-one.pooled.estimate, rel=1e-9)
    assert (other.pooled.ci_low, other.pooled.ci_high) == pytest.approx((-one.pooled.ci_high, -one.pooled.ci_low))
    assert (other.pooled.tau2, other.pooled.i2) == pytest.approx((one.pooled.tau2, one.pooled.i2))
    assert (other.direction.lower, other.direction.higher) == (one.direction.higher, one.direction.lower)
    assert (other.first_levels, other.second_levels) == (one.second_levels, one.first_levels)
    assert (other.state, other.people) == (one.state, one.people)
    assert one.certainty is not None
    assert other.certainty is not None
    assert other.certainty.level == one.certainty.level
    assert [g.doubt for g in other.certainty.grounds] == [g.doubt for g in one.certainty.grounds]
    for mine, mirrored in zip(one.certainty.grounds, other.certainty.grounds, strict=True):
        assert mirrored.figure == pytest.approx(mine.figure)
    if one.imputed:
        assert other.imputed is not None
        assert other.imputed.estimate == pytest.approx(-one.imputed.estimate, rel=1e-9)


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
    assert (c.pooled is None) == (c.state in (State.TOO_FEW, State.NOT_MEASURED))
    assert (c.pooled is None) == (not chosen) == (c.certainty is None)
    assert all(wording.why_so(s) for s in c.studies)
    assert all(s.pooled == (s.why is Why.POOLED) for s in c.studies)
    assert all((s.weight is not None) == s.pooled for s in c.studies)
    assert len({s.study.study_id for s in c.studies}) == len(c.studies)
    for group in (chosen, c.shown_studies):
        cohorts = [s.study.cohort for s in group if s.study.cohort]
        assert len(cohorts) == len(set(cohorts))
        if not c.question.include_cautions:
            assert not any(s.caution for s in group)
    assert c.direction.total == len(c.shown_studies)
    if c.pooled is None:
        assert (c.imputed, c.absolute_risk, c.people) == (None, None, 0)
        return
    assert c.pooled.k == len(chosen)
    assert c.pooled.k == 1 or c.pooled.k >= 3
    assert sum(s.weight or 0 for s in chosen) == pytest.approx(100)
    assert c.pooled.ci_low <= c.pooled.estimate <= c.pooled.ci_high
    assert (c.state is State.DIFFERENCE) == (c.pooled.ci_low > 0 or c.pooled.ci_high < 0)
    printed = [s.n_total for s in chosen if s.n_total is not None]
    assert c.people == (sum(printed) if printed else None)
    assert c.randomised_only == all(s.study.design == StudyDesign.RCT for s in chosen)
    start = Doubt.RANDOMISED if c.randomised_only else Doubt.NOT_RANDOMISED
    assert c.certainty is not None
    assert c.certainty.doubts[0] is start
    assert Level.VERY_LOW <= c.certainty.level <= (Level.HIGH if c.randomised_only else Level.LOW)
    assert not any(s.study.design == StudyDesign.SYSTEMATIC_REVIEW for s in c.studies)
    if c.imputed:
        assert c.imputed.k == c.pooled.k + sum(s.imputed is not None for s in c.studies)
        assert c.imputed.k >= c.pooled.k + 3
    if c.absolute_risk:
        r = c.absolute_risk
        assert 0 <= r.baseline_low <= r.baseline <= r.baseline_high <= 1
        assert 0 <= r.first_low <= r.first <= r.first_high <= 1
        assert c.estimate is not None
        if c.pooled.k == 1 and c.pooled_studies[0].first.risk is not None:
            assert (r.first, r.baseline) == (c.pooled_studies[0].first.risk, c.pooled_studies[0].second.risk)
        else:
            assert r.first == pytest.approx(min(1, r.baseline * c.estimate))


def test_every_question_has_a_consistent_answer(everything: list[Comparison]) -> None:
    for c in everything:
        try:
            assert_consistent(c)
        except AssertionError as error:
            raise AssertionError(str(c.question)) from error


def test_the_questions_reach_every_state_and_every_reason_that_data_can_give(everything: list[Comparison]) -> None:
    assert {c.state for c in everything} == set(State)
    assert {s.why for c in everything for s in c.studies} >= set(Why) - {Why.LEVELS_DIFFER}
    assert any(c.imputed for c in everything)
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
    for c in everything:
        if c.pooled is None or c.pooled.k == 1:
            continue
        listed: list[Effect] = [s.effect for s in c.pooled_studies if s.effect]
        again = pool([e.estimate for e in listed], [e.standard_error for e in listed])  # type: ignore[misc]
        assert again.estimate == pytest.approx(c.pooled.estimate, rel=1e-12, abs=1e-12)
        assert (again.ci_low, again.ci_high) == pytest.approx((c.pooled.ci_low, c.pooled.ci_high), rel=1e-9)


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
            assert len(more.shown_studies) >= len(c.shown_studies)
