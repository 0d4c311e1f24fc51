"""A spread that a study does not print is borrowed from those that print one: by whom, from whom, and how it is told."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from builders import both_arms, evidence_of, study
from small_answers import Rows, answer, log_ratio, measured, only, pooled_ids, posterior, scored

from decision_aid.comparison.certainty import Doubt
from decision_aid.comparison.comparison import compare
from decision_aid.comparison.question import DesignFilter, ask
from decision_aid.comparison.study_results import Why
from decision_aid.domain.vocabulary import Outcome, Procedure
from decision_aid.meta_analysis.effects import SpreadSource
from decision_aid.meta_analysis.random_effects import pool

LENDERS = [study(f"c{i}", "registry") for i in range(3)]
LENT = ((100, 200, 30), (80, 220, 40), (120, 180, 50))
OF_LENDERS = [row for i, (a, b, sd) in enumerate(LENT) for row in measured(f"c{i}", a, b, sd)]
HOLLOW = [study(f"h{i}", "registry") for i in range(3)]
HOLLOW_MEANS = ((60, 260), (90, 300), (70, 250))
OF_HOLLOW = [row for i, (a, b) in enumerate(HOLLOW_MEANS) for row in measured(f"h{i}", a, b, None)]


def variation(side: int) -> float:
    """The pooled coefficient of variation of the lenders' arms; all have 40 people, so all weigh the same."""
    return math.sqrt(sum((found[2] / found[side]) ** 2 for found in LENT) / 3)


def borrowed_effect(first: float, second: float, n: int = 40) -> tuple[float, float]:
    return math.log(first / second), math.sqrt((variation(0) ** 2 + variation(1) ** 2) / n)


PRINTED = [log_ratio(a, b, sd) for a, b, sd in LENT]


def test_quantities_borrow_the_coefficient_of_variation_arm_by_arm_in_the_main_estimate() -> None:
    c = answer([*LENDERS, *HOLLOW], [*OF_LENDERS, *OF_HOLLOW])
    expected = pool(*zip(*PRINTED, *(borrowed_effect(*m) for m in HOLLOW_MEANS), strict=True))
    assert c.pooled is not None
    assert (c.pooled.k, c.k_borrowed, c.lead.k) == (6, 3, 6)
    assert (c.pooled.estimate, c.pooled.standard_error) == pytest.approx(
        (expected.estimate, expected.standard_error), rel=1e-9
    )
    assert c.people == 6 * 80
    for s in HOLLOW:
        result = only(c, s["study_id"])
        assert (result.pooled, result.borrowed, result.why) == (True, True, Why.POOLED)
        assert result.effect is not None
        assert result.effect.source is SpreadSource.IMPUTED
    assert not any(only(c, s["study_id"]).borrowed for s in LENDERS)


def test_the_estimate_from_printed_spreads_alone_stands_beside() -> None:
    c = answer([*LENDERS, *HOLLOW], [*OF_LENDERS, *OF_HOLLOW])
    assert c.printed_only is not None
    found = (c.printed_only.estimate, c.printed_only.ci_low, c.printed_only.ci_high)
    assert found == pytest.approx(posterior(*zip(*PRINTED, strict=True), 0.5), abs=1e-4)
    assert answer(LENDERS, OF_LENDERS).printed_only is None


def test_one_arm_borrows_where_the_other_prints_its_own() -> None:
    rows = both_arms("h0", {"mean": 60, "n": 40}, {"mean": 260, "sd": 52, "n": 40})
    c = answer([*LENDERS, HOLLOW[0]], [*OF_LENDERS, *rows])
    effect = only(c, "h0").effect
    assert effect is not None

    def weighed(side: int) -> float:
        own = [(52 / 260) ** 2] if side else []
        found = [(sd / pair[side]) ** 2 for *pair, sd in LENT] + own
        return sum(found) / len(found)

    assert effect.standard_error == pytest.approx(math.sqrt((weighed(0) + (52 / 260) ** 2) / 40))
    assert c.k_borrowed == 1


@pytest.mark.parametrize("lenders", [0, 1, 2])
def test_with_fewer_than_three_in_a_procedure_all_procedures_lend(lenders: int) -> None:
    others = [study(f"f{i}", "registry", procedure="fusion") for i in range(3)]
    elsewhere = ((300, 600, 150), (200, 500, 100), (400, 700, 300))
    rows = [row for i, (a, b, sd) in enumerate(elsewhere) for row in measured(f"f{i}", a, b, sd)]
    c = answer([*LENDERS[:lenders], *HOLLOW[:1], *others], [*OF_LENDERS[: 2 * lenders], *OF_HOLLOW[:2], *rows])
    every = [*LENT[:lenders], *elsewhere]
    squares = [sum((sd / pair[side]) ** 2 for *pair, sd in every) / len(every) for side in (0, 1)]
    effect = only(c, "h0").effect
    assert effect is not None
    assert effect.standard_error == pytest.approx(math.sqrt(sum(squares) / 40))
    assert pooled_ids(c) == {*(s["study_id"] for s in LENDERS[:lenders]), "h0"}


def test_three_of_the_procedure_lend_alone() -> None:
    others = [study(f"f{i}", "registry", procedure="fusion") for i in range(3)]
    rows = [row for i in range(3) for row in measured(f"f{i}", 100, 200, 500)]
    c = answer([*LENDERS, HOLLOW[0], *others], [*OF_LENDERS, *OF_HOLLOW[:2], *rows])
    effect = only(c, "h0").effect
    assert effect is not None
    assert effect.standard_error == pytest.approx(borrowed_effect(60, 260)[1])


def test_nobody_lends_where_fewer_than_three_print_a_spread_anywhere() -> None:
    c = answer([*LENDERS[:2], *HOLLOW], [*OF_LENDERS[:4], *OF_HOLLOW])
    assert pooled_ids(c) == {"c0", "c1"}
    assert c.k_borrowed == 0
    assert {only(c, s["study_id"]).why for s in HOLLOW} == {Why.NO_SPREAD}


@pytest.mark.parametrize("nothing_lost", ["mis", "open"])
def test_a_kind_of_arm_without_a_spread_to_lend_leaves_the_hollow_studies_out(nothing_lost: str) -> None:
    rows = [{**row, "mean": 0} if row["arm"] == nothing_lost else row for row in OF_LENDERS]
    c = answer([*LENDERS, *HOLLOW], [*rows, *OF_HOLLOW])
    assert pooled_ids(c) == set()
    assert {only(c, s["study_id"]).why for s in HOLLOW} == {Why.NO_SPREAD}


def test_two_medians_are_compared_by_their_ratio_with_a_borrowed_spread() -> None:
    rows = both_arms("h0", {"median": 60, "n": 40}, {"median": 200, "n": 40})
    effect = only(answer([*LENDERS, HOLLOW[0]], [*OF_LENDERS, *rows]), "h0").effect
    assert effect is not None
    assert (effect.estimate, effect.standard_error) == pytest.approx(borrowed_effect(60, 200))


def test_a_mean_and_a_median_are_not_compared() -> None:
    rows = both_arms("h0", {"mean": 60, "n": 40}, {"median": 200, "n": 40})
    assert only(answer([*LENDERS, HOLLOW[0]], [*OF_LENDERS, *rows]), "h0").why is Why.NO_RATIO


def test_a_study_that_prints_no_arm_size_borrows_nothing() -> None:
    rows = both_arms("h0", {"mean": 60}, {"mean": 260})
    assert not only(answer([*LENDERS, HOLLOW[0]], [*OF_LENDERS, *rows]), "h0").pooled


# ---- scores ----------------------------------------------------------------------------------------------------------


def disability(study_id: str, first: float, second: float, sd: float | None, **shared: Any) -> Rows:
    arms = ({"mean": mean, "sd": sd, "n": 50} for mean in (first, second))
    return both_arms(study_id, *arms, outcome="odi", **{"timepoint_months": 12, **shared})


def test_scores_borrow_the_pooled_standard_deviation_of_the_scale() -> None:
    rows = [row for i, sd in enumerate((6, 8, 12)) for row in disability(f"c{i}", 10, 20, sd)]
    c = answer([*LENDERS, HOLLOW[0]], [*rows, *disability("h0", 12, 15, None)], outcome=Outcome.ODI)
    sd = math.sqrt((36 + 64 + 144) / 3)
    effect = only(c, "h0").effect
    assert effect is not None
    assert (effect.estimate, effect.standard_error) == pytest.approx((-3, sd * math.sqrt(2 / 50)))
    errors = [s * math.sqrt(2 / 50) for s in (6, 8, 12, sd)]
    # The prior on the spread between few studies is half of the scale's pooled standard deviation wide.
    expected = posterior([-10, -10, -10, -3], errors, 0.5 * sd)
    assert (c.estimate, *(c.interval or ())) == pytest.approx(expected, abs=1e-3)


def test_changes_borrow_from_changes_and_levels_from_levels() -> None:
    changes = [row for i in range(3) for row in disability(f"c{i}", -30, -20, 20, scale_kind="change")]
    levels = [row for i in range(3) for row in disability(f"l{i}", 10, 20, 6)]
    lend = [*LENDERS, *(study(f"l{i}", "registry") for i in range(3))]
    hollow = [
        *disability("h0", -30, -20, None, scale_kind="change"),
        *disability("h1", 10, 20, None),
    ]
    c = answer([*lend, *HOLLOW[:2]], [*changes, *levels, *hollow], outcome=Outcome.ODI)
    errors = [effect.standard_error for h in ("h0", "h1") if (effect := only(c, h).effect)]
    assert errors == pytest.approx([20 * math.sqrt(2 / 50), 6 * math.sqrt(2 / 50)])
    alone = answer([*LENDERS, HOLLOW[1]], [*changes, *hollow[2:]], outcome=Outcome.ODI)
    assert only(alone, "h1").why is Why.NO_SPREAD


def test_what_was_printed_before_surgery_lends_nothing() -> None:
    before = [row for i in range(3) for row in disability(f"c{i}", 50, 50, 6, timepoint_months=0)]
    c = answer([*LENDERS, HOLLOW[0]], [*before, *disability("h0", 10, 20, None)], outcome=Outcome.ODI)
    assert only(c, "h0").why is Why.NO_SPREAD


def test_every_time_after_surgery_lends() -> None:
    later = [row for i in range(3) for row in scored(f"c{i}", 24)]
    c = answer([*LENDERS, HOLLOW[0]], [*later, *disability("h0", 10, 20, None)], outcome=Outcome.ODI)
    effect = only(c, "h0").effect
    assert effect is not None
    assert effect.standard_error == pytest.approx(8 * math.sqrt(2 / 50))


# ---- who does not lend -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["study", "row", "subgroup"])
def test_a_study_set_aside_or_a_part_of_one_lends_nothing_even_when_it_is_put_back(where: str) -> None:
    odd = study("odd", "registry", caution="a flaw" if where == "study" else "")
    rows = measured("odd", 100, 150, 900)
    if where != "study":
        rows = [{**row, "caution" if where == "row" else "subgroup": "over 65"} for row in rows]
    data = evidence_of([*LENDERS, *HOLLOW[:1], odd], [*OF_LENDERS, *OF_HOLLOW[:2], *rows])
    question = ask(data, Procedure.DISCECTOMY, Outcome.BLOOD_LOSS)
    for c in (compare(data, question), compare(data, replace(question, include_cautions=True))):
        effect = only(c, "h0").effect
        assert effect is not None
        assert effect.standard_error == pytest.approx(borrowed_effect(60, 260)[1])


def test_a_study_set_aside_borrows_only_when_it_is_put_back() -> None:
    hollow = [{**s, "caution": "a flaw"} for s in HOLLOW]
    rows = [*OF_LENDERS, *OF_HOLLOW]
    aside = answer([*LENDERS, *hollow], rows)
    assert (pooled_ids(aside), aside.k_borrowed) == ({"c0", "c1", "c2"}, 0)
    back = answer([*LENDERS, *hollow], rows, include_cautions=True)
    assert (len(pooled_ids(back)), back.k_borrowed) == (6, 3)


def test_others_do_not_borrow_their_way_into_a_pool_of_trials() -> None:
    trials = [study(f"t{i}") for i in range(5)]
    rows = [row for i in range(5) for row in measured(f"t{i}")]
    usual = answer([*trials, *HOLLOW], [*rows, *OF_HOLLOW])
    assert (pooled_ids(usual), usual.k_borrowed) == ({f"t{i}" for i in range(5)}, 0)
    everyone = answer([*trials, *HOLLOW], [*rows, *OF_HOLLOW], design=DesignFilter.ALL)
    assert (len(pooled_ids(everyone)), everyone.k_borrowed) == (8, 3)


# ---- when borrowing is a doubt ---------------------------------------------------------------------------------------


def doubts_of(studies: Rows, rows: Rows) -> tuple[Doubt, ...]:
    certainty = answer(studies, rows).certainty
    assert certainty is not None
    return certainty.doubts


def test_borrowing_is_a_doubt_only_where_it_moves_the_estimate_or_hardly_anybody_prints_a_spread() -> None:
    alike = [row for i in range(3) for row in measured(f"h{i}", 100, 200, None)]
    far = [row for i in range(9) for row in measured(f"h{i}", 20, 400, None)]
    lenders = [row for i in range(3) for row in measured(f"c{i}", 100, 200, 30)]
    assert Doubt.BORROWED_SPREAD not in doubts_of(LENDERS, lenders)
    assert Doubt.BORROWED_SPREAD not in doubts_of([*LENDERS, *HOLLOW], [*lenders, *alike])
    # Twelve studies of which nine lie far off: three at ln 0.5 stay outside an interval round -2.4.
    many = [study(f"h{i}", "registry") for i in range(9)]
    assert Doubt.BORROWED_SPREAD in doubts_of([*LENDERS, *many], [*lenders, *far])
    # One study of the procedure prints a spread; the lenders are of another procedure.
    elsewhere = [{**s, "procedure": "fusion"} for s in LENDERS]
    printed = study("p", "registry")
    assert Doubt.BORROWED_SPREAD in doubts_of(
        [*elsewhere, printed, *HOLLOW], [*lenders, *measured("p", 100, 200), *alike]
    )
