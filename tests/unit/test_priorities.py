"""What matters: an order to read in, both sides of everything, and no winner."""

from __future__ import annotations

import re
from typing import Any

import page_html
import pytest
from builders import both_arms, evidence_of, study
from reading import HIGHEST_GRADE, reading_grade

from decision_aid import components, wording
from decision_aid.comparison import side_by_side
from decision_aid.comparison.own_rates import OwnRate, OwnRates
from decision_aid.comparison.side_by_side import SideBySide
from decision_aid.consultation import values
from decision_aid.consultation.checklist import checklist
from decision_aid.consultation.model import Consultation, OwnConcern, Place
from decision_aid.domain.audience import Audience
from decision_aid.domain.time_windows import AskedFor, TimeWindow
from decision_aid.domain.vocabulary import Condition, Option, Outcome, OutcomeKind, Procedure
from decision_aid.evidence.loading import Evidence, load
from decision_aid.wording import clinic_words, summary

MIXED = Consultation(
    matters={"small_scar": Place.ALSO, "no_second_operation": Place.FIRST, "less_pain_soon": Place.THIRD},
    own_concerns=(OwnConcern("Ride a bicycle", Place.SECOND), OwnConcern("Sing", None), OwnConcern("  ", None)),
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


def test_a_concern_about_a_time_asks_for_it(data: Evidence) -> None:
    soon = values.marked(data, Consultation(matters={"less_pain_soon": Place.FIRST}))
    lasting = values.marked(data, Consultation(matters={"lasting_result": Place.FIRST}))
    for asked, late in ((values.outcomes(soon), False), (values.outcomes(lasting), True)):
        windows = [each[1].nominal_months or 0 for each in asked if isinstance(each, tuple)]
        assert len(windows) >= 3
        assert all((months >= 12) if late else (months <= 3) for months in windows)
    assert (Outcome.RECOVERED, TimeWindow.MONTHS_3) in values.outcomes(soon)


def test_a_harm_has_one_time_so_that_it_is_one_number_on_every_page(data: Evidence) -> None:
    for concern in data.concerns:
        for outcome, window in concern.timed_outcomes:
            assert window is None or outcome not in side_by_side.HARMS, concern.concern_id


def after(outcome: str, *months: float, names: tuple[str, str] = ("mis", "open")) -> list[dict[str, Any]]:
    """A study for each of these times."""
    first, second = {"mean": 20, "sd": 12, "n": 60}, {"mean": 30, "sd": 12, "n": 60}
    rows = []
    for m in months:
        rows += both_arms(f"{names[0]}-{m:g}", first, second, outcome, names, timepoint_months=m)
    return rows


def asked(rows: list[dict[str, Any]], *wanted: AskedFor) -> SideBySide:
    of = evidence_of([study(s) for s in dict.fromkeys(r["study_id"] for r in rows)], rows)
    return side_by_side.rows_for(of, Condition.DISC_HERNIATION, Procedure.DISCECTOMY, wanted)


EARLY, LATE = (Outcome.ODI, TimeWindow.WEEKS_6), (Outcome.ODI, TimeWindow.YEARS_2)
NONE = ("surgery", "nonoperative")


@pytest.mark.parametrize(
    ("months", "early", "late"),
    [
        ((1, 12, 24), TimeWindow.WEEKS_6, TimeWindow.YEARS_2),
        ((3, 6, 12), TimeWindow.MONTHS_3, TimeWindow.YEAR_1),
        ((6, 48), TimeWindow.MONTHS_6, TimeWindow.YEARS_4),
        ((6,), TimeWindow.MONTHS_6, TimeWindow.MONTHS_6),  # nothing later is known: the nearest, and it is named
        ((48,), TimeWindow.YEARS_4, TimeWindow.YEARS_4),
        ((12,), TimeWindow.YEAR_1, TimeWindow.YEAR_1),
    ],
)
@pytest.mark.parametrize("audience", Audience)
def test_without_data_at_the_time_asked_for_the_nearest_stands_there_and_is_named(
    months: tuple[float, ...], early: TimeWindow, late: TimeWindow, audience: Audience
) -> None:
    for wanted, window in ((EARLY, early), (LATE, late)):
        (row,) = asked(after("odi", *months), wanted).rows
        assert row.window is row.approaches.question.window is window
        assert row.approaches.pooled is not None
        assert wording.window_label(window, audience) in wording.row_note(row, audience)
    both = asked(after("odi", *months), EARLY, LATE).rows
    assert [r.window for r in both] == list(dict.fromkeys((early, late))), "one row where both lead to the same time"


def test_what_is_known_without_surgery_at_the_time_asked_for_is_not_lost_for_a_later_comparison() -> None:
    (row,) = asked(after("odi", 48) + after("odi", 1, 60, names=NONE), EARLY).rows
    assert row.without is not None
    assert row.without.question.window is TimeWindow.WEEKS_6
    assert row.window is TimeWindow.WEEKS_6
    assert row.approaches.studies == ()
    (row,) = asked(after("odi", 48) + after("odi", 1, 60, names=NONE), LATE).rows
    assert row.without is not None
    assert (row.window, row.without.question.window) == (TimeWindow.YEARS_4, TimeWindow.YEARS_5_ON)


def test_an_outcome_asked_for_at_two_times_is_named_once_where_no_study_has_it() -> None:
    twice = ((Outcome.VAS_LEG, TimeWindow.WEEKS_6), (Outcome.VAS_LEG, TimeWindow.YEARS_2))
    table = asked(after("odi", 12), *twice, Outcome.ODI)
    assert [o.outcome for o in table.not_reported] == [Outcome.VAS_LEG]
    assert [r.outcome.outcome for r in table.rows] == [Outcome.ODI]


def test_the_clinics_own_rate_stands_at_its_own_time_only(data: Evidence) -> None:
    choice = (data, Condition.DISC_HERNIATION, Procedure.DISCECTOMY)
    own = (OwnRates(Outcome.REOPERATION, OwnRate(4, 100), OwnRate(9, 100)),)
    usual = side_by_side.rows_for(*choice, (Outcome.REOPERATION,), own).rows[0]
    (later,) = side_by_side.rows_for(*choice, ((Outcome.REOPERATION, TimeWindow.YEARS_5_ON),), own).rows
    assert usual.approaches.own == own[0]
    assert later.window is TimeWindow.YEARS_5_ON
    assert later.approaches.own is None


def test_a_concern_of_a_list_that_is_gone_is_no_fault(data: Evidence) -> None:
    assert values.marked(data, Consultation(matters={"no_such_concern": Place.FIRST})) == ()


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("concern_id", [c.concern_id for c in load().concerns])
def test_the_figures_of_a_concern_are_few_and_those_of_compare(
    data: Evidence, concern_id: str, audience: Audience
) -> None:
    for condition, described in data.conditions.items():
        for procedure in described.procedures:
            here = Consultation(condition, procedure, matters={concern_id: Place.FIRST})
            (told,) = summary.concerns(data, here, (), audience)
            assert len(told.figures) <= values.ROWS_A_CONCERN
            assert bool(told.figures) != bool(told.instead)
            (m,) = values.marked(data, here)
            rows = side_by_side.rows_for(data, condition, procedure, m.outcomes)
            cells = {
                (r.outcome.outcome, wording.window_label(r.window, audience)): (
                    wording.without_surgery_cell(r, audience, rows.denominator),
                    wording.level_cell(r.approaches, False, audience, rows.denominator),
                    wording.level_cell(r.approaches, True, audience, rows.denominator),
                    wording.difference_cell(r.approaches, audience, rows.denominator),
                )
                for r in rows.rows
            }
            for f in told.figures:
                assert (f.without, f.open, f.mis, f.difference) == cells[f.outcome, f.when]


def test_the_three_in_order_have_their_figures_on_the_screen_and_a_row_stands_once(data: Evidence) -> None:
    here = Consultation(
        Condition.DISC_HERNIATION,
        Procedure.DISCECTOMY,
        matters={"no_second_operation": Place.FIRST, "few_complications": Place.SECOND, "small_scar": Place.ALSO},
        own_concerns=(OwnConcern("<b>bicycle</b>", Place.THIRD),),
    )
    of = summary.summary(
        data, here, checklist(data, Condition.DISC_HERNIATION, Procedure.DISCECTOMY), (), Audience.PATIENT
    )
    shown = components.consultation_summary(of, Audience.PATIENT)
    told = page_html.read(shown).text
    places = [
        told.index(t) for t in ("1. Not another operation", "2. Few complications", "3. <b>bicycle</b>", "Main harms")
    ]
    assert places == sorted(places)
    assert shown.count('data-outcome="reoperation"') == shown.count('data-outcome="complication_any"') == 1
    for f in {*of.harms, *(f for c in of.concerns if c.place is not Place.ALSO for f in c.figures)}:
        assert f.label in told
        assert all(cell.big in told for cell in (f.without, f.open, f.mis, f.difference))
    assert "A small scar" in told.split("Also matters")[1]


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
    for m in values.in_order(values.marked(data, MIXED)):
        if m.concern:
            assert m.concern.explanation in told
    assert "Ride a bicycle" in told
    assert "Also: A small scar." in told
    assert "Sing" not in told
    assert wording.NO_WINNER in told
    assert not re.search(r"\b(?:best|recommended|score|winner is)\b", told, re.IGNORECASE)


def test_each_concern_tells_of_surgery_and_of_staying_without_it(data: Evidence) -> None:
    """Nothing in a trade-off is one-sided: an option that a concern speaks for has another that it speaks against."""
    for row in data.concerns:
        assert bool(row.options_for) == bool(row.options_against), row.concern_id
        if row.options_for:
            assert {Option(r) for r in (*row.options_for.split("|"), *row.options_against.split("|"))} == set(Option)


def test_what_the_patient_reads_here_is_easy() -> None:
    told = (
        wording.HOW_TO_MARK, wording.NOTHING_MARKED, wording.NO_WINNER, wording.WHERE_THE_REST_IS, wording.NO_NAMES,
        wording.MAY_CHANGE, wording.TEACH_BACK, *wording.SURE_PROMPTS.values(), summary.NO_FIGURE, summary.OWN_WORDS,
        clinic_words.WRONG_PIN, wording.checked_by("Dr A. Example", None),
    )  # fmt: skip
    grade = reading_grade(" ".join(told))
    print(f"What matters, Decide, Take home: Flesch-Kincaid {grade.flesch_kincaid:.1f}, SMOG {grade.smog:.1f}")
    assert grade.flesch_kincaid <= HIGHEST_GRADE
    assert grade.smog <= HIGHEST_GRADE
