"""What the shipped dataset gives the default table: how many cells lead with more than one study, and the known answers."""

from __future__ import annotations

from collections import Counter

import pytest

from decision_aid.comparison.comparison import Comparison, State, compare
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.question import ask
from decision_aid.comparison.side_by_side import side_by_side
from decision_aid.domain.vocabulary import Option, Outcome, Procedure
from decision_aid.evidence.loading import Evidence
from decision_aid.meta_analysis.effects import Measure

IN_EVERY_PROCEDURE = (
    Outcome.BLOOD_LOSS, Outcome.LENGTH_OF_STAY, Outcome.OPERATIVE_TIME, Outcome.FLUOROSCOPY_TIME,
    Outcome.TIME_TO_AMBULATION, Outcome.RETURN_TO_WORK, Outcome.ODI, Outcome.VAS_BACK, Outcome.VAS_LEG,
    Outcome.COMPLICATION_ANY, Outcome.INFECTION, Outcome.DURAL_TEAR, Outcome.NERVE_INJURY, Outcome.REOPERATION,
    Outcome.TRANSFUSION, Outcome.READMISSION,
)  # fmt: skip
CELLS = [
    *((p, o) for p in Procedure for o in IN_EVERY_PROCEDURE),
    (Procedure.DISCECTOMY, Outcome.RECURRENCE),
    (Procedure.FUSION, Outcome.FUSION_ACHIEVED),
]
MORE_THAN_ONE_STUDY = (Rung.POOL, Rung.FEW_STUDIES, Rung.REVIEW)


def usual(data: Evidence, procedure: Procedure, outcome: Outcome) -> Comparison:
    return compare(data, ask(data, procedure, outcome))


def test_at_least_28_of_the_50_default_cells_lead_with_more_than_one_study(data: Evidence) -> None:
    leads = {cell: usual(data, *cell).lead.rung for cell in CELLS}
    assert len(leads) == 50
    known = sum(rung in MORE_THAN_ONE_STUDY for rung in leads.values())
    print(f"\n{known} of {len(leads)} cells lead with a pool, few studies or a published review")
    print(", ".join(f"{rung} {n}" for rung, n in Counter(leads.values()).most_common()))
    assert known >= 28


# In the unit or as a ratio, as the literature of 2012 to 2025 gives them; checked with metafor on the same effects.
CLEAR = [
    (Procedure.FUSION, Outcome.BLOOD_LOSS, 0.40, 0.34, 0.48),
    (Procedure.FUSION, Outcome.LENGTH_OF_STAY, 0.65, 0.59, 0.72),
    (Procedure.DISCECTOMY, Outcome.BLOOD_LOSS, 0.57, 0.41, 0.80),
    (Procedure.DISCECTOMY, Outcome.LENGTH_OF_STAY, 0.54, 0.44, 0.66),
    (Procedure.DECOMPRESSION, Outcome.LENGTH_OF_STAY, 0.63, 0.52, 0.78),
]


@pytest.mark.parametrize(("procedure", "outcome", "ratio", "low", "high"), CLEAR)
def test_less_blood_and_shorter_stays_are_clear_differences(
    data: Evidence, procedure: Procedure, outcome: Outcome, ratio: float, low: float, high: float
) -> None:
    c = usual(data, procedure, outcome)
    assert (c.state, c.lead.rung, c.measure) == (State.DIFFERENCE, Rung.POOL, Measure.RATIO_OF_MEANS)
    assert c.lead.k >= 5
    assert (c.estimate, *(c.interval or ())) == pytest.approx((ratio, low, high), abs=0.02)


@pytest.mark.parametrize(("procedure", "outcome", "ratio", "low", "high"), CLEAR)
def test_the_clear_differences_stand_among_the_published_reviews(
    data: Evidence, procedure: Procedure, outcome: Outcome, ratio: float, low: float, high: float
) -> None:
    """Set on our open value, ours lies within the span of the reviews' own intervals, and most of them overlap it."""
    c = usual(data, procedure, outcome)
    a = c.absolute
    assert a is not None
    compared = [r for r in c.reviews if r.agrees is not None and r.turned is not None]
    assert compared
    lowest = min(r.turned.ci_low for r in compared if r.turned)
    highest = max(r.turned.ci_high for r in compared if r.turned)
    assert lowest <= a.difference <= highest
    agreeing = [r for r in compared if r.agrees]
    assert 2 * len(agreeing) >= len(compared), [(r.label, r.estimate, r.agrees) for r in compared]


def test_decompression_complications_lead_with_a_review(data: Evidence) -> None:
    c = usual(data, Procedure.DECOMPRESSION, Outcome.COMPLICATION_ANY)
    assert (c.lead.rung, c.state) == (Rung.REVIEW, State.PUBLISHED_ELSEWHERE)
    assert c.lead.review is not None
    assert c.lead.k == c.lead.review.row.k_studies
    assert c.lead.k > len(c.pooled_studies)
    assert c.absolute_risk is not None


def test_decompression_blood_loss_leads_with_the_review_that_rests_on_most_studies(data: Evidence) -> None:
    c = usual(data, Procedure.DECOMPRESSION, Outcome.BLOOD_LOSS)
    assert c.lead.rung is Rung.REVIEW
    assert c.lead.review is not None
    assert c.lead.review.label == "Chin 2024"


def test_no_patient_is_told_a_number_of_one_small_study(data: Evidence) -> None:
    seen = 0
    for condition, described in data.conditions.items():
        for procedure in described.procedures:
            for row in side_by_side(data, condition, procedure).rows:
                if row.approaches.lead.rung is Rung.ONE_SMALL_STUDY:
                    assert row.value(Option.OPEN, patient=True) is None
                    assert row.value(Option.MIS, patient=True) is None
                if row.without is not None and row.without.lead.rung is Rung.ONE_SMALL_STUDY:
                    assert row.value(Option.WITHOUT_SURGERY, patient=True) is None
                    seen += 1
    for procedure, outcome in CELLS:
        c = usual(data, procedure, outcome)
        if c.lead.rung is Rung.ONE_SMALL_STUDY:
            assert not c.is_told_to(patient=True)
            seen += 1
    assert seen


def test_both_values_of_a_cell_tell_its_leading_effect(data: Evidence) -> None:
    """What a surgeon reads aloud fits: the ratio of the two values is the ratio, their difference the difference."""
    for procedure, outcome in CELLS:
        c = usual(data, procedure, outcome)
        a = c.absolute
        if a is None or c.lead.study is not None or c.estimate is None:
            continue
        told = a.first - a.baseline if c.measure in (Measure.MEAN_DIFFERENCE, None) else a.first / a.baseline
        assert told == pytest.approx(c.estimate), (procedure, outcome)
