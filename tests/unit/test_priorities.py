"""What matters: an order to read in, both sides of everything, and no winner."""

from __future__ import annotations

import re

import page_html
import pytest

from decision_aid import components, wording
from decision_aid.comparison import side_by_side
from decision_aid.consultation import values
from decision_aid.consultation.model import Consultation, Importance, OwnConcern
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Option, Outcome, OutcomeKind, Procedure
from decision_aid.evidence.loading import Evidence

MIXED = Consultation(
    importance={
        "small_scar": Importance.SOMEWHAT,
        "no_second_operation": Importance.MOST,
        "short_stay": Importance.NOT,
        "less_pain_soon": Importance.A_LOT,
    },
    own_concerns=(OwnConcern("Ride a bicycle", Importance.MOST), OwnConcern("  ", Importance.MOST)),
)


def test_what_matters_most_comes_first_and_what_does_not_is_left_out(data: Evidence) -> None:
    found = values.marked(data, MIXED)
    names = [m.concern.concern_id if m.concern else m.own for m in found]
    assert names == ["no_second_operation", "Ride a bicycle", "less_pain_soon", "small_scar"]
    assert values.marked(data, Consultation()) == ()


def test_outcomes_that_speak_to_it_stand_once_in_that_order(data: Evidence) -> None:
    found = values.outcomes(values.marked(data, MIXED))
    assert found[:2] == (Outcome.REOPERATION, Outcome.RECURRENCE)
    assert len(set(found)) == len(found)
    assert Outcome.LENGTH_OF_STAY not in found


def test_a_concern_of_a_list_that_is_gone_is_no_fault(data: Evidence) -> None:
    assert values.marked(data, Consultation(importance={"no_such_concern": Importance.MOST})) == ()


def test_weighing_anew_keeps_the_earlier_answers_in_sight() -> None:
    again = values.weigh_anew(MIXED)
    assert again.importance == {}
    assert again.earlier_importance == MIXED.importance
    assert again.own_concerns == MIXED.own_concerns


@pytest.mark.parametrize("procedure", Procedure)
def test_rows_for_concerns_are_the_rows_of_the_compare_page(data: Evidence, procedure: Procedure) -> None:
    """The same comparison stands on both pages, and what no study reports is named instead of shown as a row."""
    condition = next(c for c, row in data.conditions.items() if procedure in row.procedures)
    wanted = tuple(Outcome)
    table = side_by_side.rows_for(data, condition, procedure, wanted)
    usual = side_by_side.side_by_side(data, condition, procedure)
    shown = {r.outcome.outcome: r for r in table.rows}
    for row in usual.rows:
        if row.outcome.outcome in shown:
            assert shown[row.outcome.outcome] == row
    assert {r.outcome.outcome for r in table.rows} | {o.outcome for o in table.not_reported} == set(wanted)
    for outcome in table.not_reported:
        assert outcome.clinician_label.lower() in wording.not_reported(table.not_reported, Audience.CLINICIAN)
    # What one study counted of few people is too coarse to be told out of 1,000: it does not set the denominator.
    pools = [row.approaches for row in table.rows if row.approaches.absolute_risk and row.approaches.lead.study is None]
    risks = [risk for c in pools if (a := c.absolute_risk) for risk in (a.first, a.baseline)]
    assert risks
    assert table.denominator == usual.denominator == (1000 if any(0 < risk < 0.01 for risk in risks) else 100)
    told = [
        wording.level_cell(row.approaches, True, Audience.PATIENT, table.denominator).big
        for row in table.rows
        if row.outcome.kind == OutcomeKind.EVENT and row.value(Option.MIS, True)
    ]
    assert told
    assert all(f"of {table.denominator:,}" in big for big in told)


def test_putting_rows_first_leaves_none_out(data: Evidence) -> None:
    usual = side_by_side.side_by_side(data, Condition.DISC_HERNIATION, Procedure.DISCECTOMY)
    first = side_by_side.put_first(usual, (Outcome.REOPERATION, Outcome.ODI, Outcome.FLUOROSCOPY_TIME))
    assert [r.outcome.outcome for r in first.rows][:2] == [Outcome.REOPERATION, Outcome.ODI]
    assert set(first.rows) == set(usual.rows)
    assert side_by_side.put_first(usual, ()) == usual


def test_both_sides_are_told_and_no_option_wins(data: Evidence) -> None:
    told = page_html.read(components.trade_offs(values.marked(data, MIXED), Audience.PATIENT)).text
    for m in values.marked(data, MIXED):
        if m.concern:
            assert m.concern.explanation in told
    assert "Ride a bicycle" in told
    assert wording.NO_WINNER in told
    assert not re.search(r"\b(?:best|recommended|score|winner is)\b", told, re.IGNORECASE)


def test_each_concern_tells_of_surgery_and_of_staying_without_it(data: Evidence) -> None:
    """Nothing in a trade-off is one-sided: an option that a concern speaks for has another that it speaks against."""
    for row in data.concerns:
        assert bool(row.options_for) == bool(row.options_against), row.concern_id
        if row.options_for:
            assert {Option(r) for r in (*row.options_for.split("|"), *row.options_against.split("|"))} == set(Option)
