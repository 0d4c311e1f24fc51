"""Surgery against staying without it: which operation, which care, how people were counted, and never mixed."""

from __future__ import annotations

import math
from typing import Any

import pytest
from builders import both_arms, evidence_of, study
from small_answers import OPTION_NAMES, Rows, only, pooled_ids, posterior

from decision_aid.comparison.against_none import (
    against_an_injection,
    cares,
    is_as_treated,
    is_planned_operation,
    operations,
)
from decision_aid.comparison.comparison import Comparison, compare
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.question import Contrast, ask
from decision_aid.comparison.side_by_side import OutcomeAnswer, side_by_side
from decision_aid.comparison.study_results import Why
from decision_aid.domain.vocabulary import Condition, Option, Outcome, Procedure
from decision_aid.evidence.loading import Evidence

STENOSIS = Condition.SPINAL_STENOSIS
COMMON = {"mis_technique": "none", "condition": "spinal_stenosis"}


def trial(study_id: str, procedure: str = "decompression", care: str = "usual care", **cells: Any) -> dict[str, Any]:
    usual = {"operation": "laminectomy", "nonoperative_care": care, "procedure": procedure}
    return study(study_id, **{**COMMON, **usual, **cells})


def disability(study_id: str, surgery: float, none: float, months: float = 12, **cells: Any) -> Rows:
    arms = ({"mean": mean, "sd": 10, "n": 100} for mean in (surgery, none))
    return both_arms(study_id, *arms, outcome="odi", names=OPTION_NAMES, timepoint_months=months, **cells)


def asked(studies: Rows, rows: Rows, procedure: Procedure = Procedure.DECOMPRESSION, **filters: Any) -> Comparison:
    data = evidence_of(studies, rows)
    question = ask(
        data, procedure, Outcome.ODI, contrast=Contrast.SURGERY_VERSUS_NONOPERATIVE, condition=STENOSIS, **filters
    )
    return compare(data, question)


PLANNED, FUSED = trial("planned"), trial("fused", "fusion", operation="fusion")
SPACED = trial("spaced", operation="interspinous spacer")
INJECTED = trial("injected", care="epidural steroid injection")


def test_the_planned_operation_comes_first_and_others_stay_in_the_list() -> None:
    rows = [*disability("planned", 20, 30), *disability("fused", 15, 40), *disability("spaced", 10, 40)]
    c = asked([PLANNED, FUSED, SPACED], rows)
    assert pooled_ids(c) == {"planned"}
    assert {only(c, s).why for s in ("fused", "spaced")} == {Why.OTHER_OPERATION}
    assert is_planned_operation(c)
    assert (operations(c), cares(c)) == (("laminectomy",), ("usual care",))
    fusion = asked([PLANNED, FUSED, SPACED], rows, Procedure.FUSION)
    assert (pooled_ids(fusion), is_planned_operation(fusion)) == ({"fused"}, True)


def test_without_a_study_of_the_planned_operation_another_answers_and_says_so() -> None:
    c = asked([PLANNED], disability("planned", 20, 30), Procedure.FUSION)
    assert pooled_ids(c) == {"planned"}
    assert not is_planned_operation(c)
    assert asked([PLANNED], disability("planned", 20, 30), Procedure.FUSION, planned_only=True).studies == ()


def test_a_spacer_is_no_decompression() -> None:
    assert not is_planned_operation(asked([SPACED], disability("spaced", 10, 40)))


def test_an_injection_is_a_treatment_of_its_own() -> None:
    rows = [*disability("planned", 20, 30), *disability("injected", 20, 45)]
    c = asked([PLANNED, INJECTED], rows)
    assert pooled_ids(c) == {"planned"}
    assert only(c, "injected").why is Why.OTHER_CARE
    assert not against_an_injection(c)
    assert against_an_injection(asked([INJECTED], rows[2:]))


def test_the_planned_operation_against_an_injection_goes_before_another_against_usual_care() -> None:
    rows = [*disability("injected", 20, 45), *disability("fused", 15, 40)]
    assert pooled_ids(asked([INJECTED, FUSED], rows)) == {"injected"}


def test_as_treated_and_intention_to_treat_are_never_pooled_together() -> None:
    studies = [trial(f"{kind}{i}") for kind in ("assigned", "treated") for i in (1, 2)]
    rows = [
        *disability("assigned1", 20, 23, analysis="intention_to_treat"),
        *disability("assigned2", 20, 25, analysis="intention_to_treat"),
        *disability("treated1", 20, 35, analysis="as_treated"),
        *disability("treated2", 20, 35, analysis="as_treated"),
    ]
    c = asked(studies, rows)
    assert pooled_ids(c) == {"assigned1", "assigned2"}
    assert {only(c, f"treated{i}").why for i in (1, 2)} == {Why.OTHER_ANALYSIS}
    assert not any(only(c, f"treated{i}").shown for i in (1, 2))
    assert not is_as_treated(c)
    error = 10 * math.sqrt(2 / 100)
    expected = posterior([-3, -5], [error, error], 0.5 * 10)
    assert (c.estimate, *(c.interval or ())) == pytest.approx(expected, abs=2e-3)

    treated = asked(studies, rows, as_treated=True)
    assert (pooled_ids(treated), is_as_treated(treated)) == ({"treated1", "treated2"}, True)
    assert treated.estimate == pytest.approx(-15, abs=1e-3)
    assert pooled_ids(asked(studies, rows, as_treated=False)) == {"assigned1", "assigned2"}


def test_where_only_as_treated_is_known_it_answers_and_says_so() -> None:
    c = asked([PLANNED], disability("planned", 20, 35, analysis="as_treated"))
    assert (pooled_ids(c), is_as_treated(c)) == ({"planned"}, True)


def test_parts_of_one_study_stand_below_a_whole_one() -> None:
    in_parts = [
        r for name, gain in (("men", 9), ("women", 18)) for r in disability("fused", 20, 20 + gain, subgroup=name)
    ]
    c = asked([trial("fused")], in_parts)
    assert c.lead.rung is Rung.PARTS_OF_ONE_STUDY
    assert c.lead.study is not None
    assert [p.effect.estimate for p in c.lead.study.parts] == [-9, -18]
    whole = asked([trial("fused"), PLANNED], [*in_parts, *disability("planned", 20, 30, analysis="as_treated")])
    assert (whole.lead.rung, whole.estimate) == (Rung.ONE_LARGE_STUDY, -10)


# ---- in the row of the table -----------------------------------------------------------------------------------------


def row_of(studies: Rows, rows: Rows) -> OutcomeAnswer:
    data: Evidence = evidence_of(studies, rows)
    return side_by_side(data, STENOSIS, Procedure.DECOMPRESSION).answer(Outcome.ODI)


APPROACHES = [trial("mis-open", mis_technique="tubular", operation="", nonoperative_care="")]
OF_APPROACHES = both_arms(
    "mis-open", {"mean": 18, "sd": 10, "n": 100}, {"mean": 22, "sd": 10, "n": 100}, "odi", timepoint_months=12
)


def test_the_value_without_surgery_is_the_open_value_less_the_effect_of_surgery() -> None:
    """Surgery 10 points better; the open value of this table is 22, so 32 without it, with the effect's own interval."""
    row = row_of([*APPROACHES, PLANNED], [*OF_APPROACHES, *disability("planned", 25, 35)])
    found = row.value(Option.WITHOUT_SURGERY, patient=True)
    half = 1.959964 * 10 * math.sqrt(2 / 100)
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((32, 32 - half, 32 + half), rel=1e-6)
    told = [value.value for o in (Option.OPEN, Option.MIS) if (value := row.value(o, patient=True))]
    assert told == [22, 18]


def test_another_operation_says_nothing_on_the_open_value_of_this_one() -> None:
    row = row_of([*APPROACHES, FUSED], [*OF_APPROACHES, *disability("fused", 25, 35)])
    assert row.without is not None
    assert not is_planned_operation(row.without)
    found = row.value(Option.WITHOUT_SURGERY, patient=True)
    assert found is not None
    assert found.value == 35  # as the people without surgery were measured


def test_both_ways_of_counting_stand_in_the_row() -> None:
    rows = [
        *disability("planned", 25, 28, analysis="intention_to_treat"),
        *disability("other", 25, 40, analysis="as_treated"),
    ]
    row = row_of([*APPROACHES, PLANNED, trial("other")], [*OF_APPROACHES, *rows])
    assert row.without is not None
    assert row.without_otherwise is not None
    assert (row.without.estimate, row.without_otherwise.estimate) == (-3, -15)
    assert (is_as_treated(row.without), is_as_treated(row.without_otherwise)) == (False, True)


def test_the_nearest_time_that_is_known_answers_and_names_itself() -> None:
    row = row_of([*APPROACHES, PLANNED], [*OF_APPROACHES, *disability("planned", 25, 35, months=24)])
    assert row.without is not None
    assert row.without.question.window.id == "2_years"


def test_one_small_study_without_surgery_gives_a_patient_no_number() -> None:
    small = trial("planned", design="retrospective_cohort")
    arms = ({"mean": mean, "sd": 10, "n": 30} for mean in (25, 35))
    rows = both_arms("planned", *arms, outcome="odi", names=OPTION_NAMES, timepoint_months=12)
    row = row_of([*APPROACHES, small], [*OF_APPROACHES, *rows])
    assert row.value(Option.WITHOUT_SURGERY, patient=True) is None
    assert row.value(Option.WITHOUT_SURGERY, patient=False) is not None
