"""The three options beside each other: the same rows for all, staying without surgery always among them."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from itertools import product
from typing import Any

import page_html
import pytest
from builders import both_arms, evidence_of, study

from decision_aid import components, wording
from decision_aid.comparison.comparison import State
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.natural_course import crossovers
from decision_aid.comparison.question import Contrast, DesignFilter
from decision_aid.comparison.side_by_side import (
    ROWS,
    Filters,
    OutcomeAnswer,
    SideBySide,
    over_time,
    rows_for,
    side_by_side,
)
from decision_aid.domain.audience import Audience
from decision_aid.domain.time_windows import FOLLOW_UP, TimeWindow
from decision_aid.domain.vocabulary import Condition, Outcome, OutcomeKind, Procedure
from decision_aid.evidence.loading import Evidence
from decision_aid.wording import numerals

ALL_FILTERS = [
    Filters(design, technique, same_condition, include_cautions)
    for design, technique, same_condition, include_cautions in product(
        DesignFilter, (None, "tubular", "mis_tlif", "no-such-technique"), (False, True), (False, True)
    )
]
NOT_IN_DATA = "Not in our data"


def choices(data: Evidence) -> Iterator[tuple[Condition, Procedure]]:
    for condition, described in data.conditions.items():
        for procedure in described.procedures:
            yield condition, procedure


@pytest.fixture(scope="module")
def pages(data: Evidence) -> list[SideBySide]:
    """Every condition with its procedures under every filter."""
    return [side_by_side(data, *choice, filters) for choice in choices(data) for filters in ALL_FILTERS]


def cell(page: SideBySide, row: OutcomeAnswer, audience: Audience = Audience.CLINICIAN) -> wording.Cell:
    return wording.without_surgery_cell(row, audience, page.denominator)


# ---- rows ------------------------------------------------------------------------------------------------------------


def test_the_rows_are_those_of_the_procedure_whatever_is_filtered(pages: list[SideBySide], data: Evidence) -> None:
    """SF-36 stands where the pain score was not set against no surgery, and says then what no other row does."""
    for page in pages:
        usual = side_by_side(data, page.condition, page.procedure)
        shown = tuple(row.outcome.outcome for row in page.rows)
        assert shown == tuple(row.outcome.outcome for row in usual.rows)
        pain = usual.rows[0].without
        without_pain = pain is None or pain.lead.rung is Rung.NONE
        assert shown == tuple(o for o in ROWS[page.procedure] if without_pain or o is not Outcome.SF36_BODILY_PAIN)


def test_each_row_holds_the_same_outcome_on_all_options(pages: list[SideBySide]) -> None:
    for page in pages:
        for row in page.rows:
            assert row.approaches.outcome == row.outcome
            assert row.approaches.question.contrast is Contrast.MIS_VERSUS_OPEN
            assert row.approaches.question.window is row.window
            if row.without is not None:
                assert row.without.outcome == row.outcome
                assert row.without.question.contrast is Contrast.SURGERY_VERSUS_NONOPERATIVE
            assert page.answer(row.outcome.outcome) is row


def test_the_readers_wishes_on_design_cautions_and_technique_reach_every_row(pages: list[SideBySide]) -> None:
    for page in pages:
        wished = (page.filters.design, page.filters.include_cautions)
        for row in page.rows:
            for c in (row.approaches, row.without):
                assert c is None or (c.question.design, c.question.include_cautions) == wished
            assert row.approaches.question.technique == page.filters.technique


def test_every_procedure_shows_blood_loss_stay_recovery_result_harm_and_another_operation() -> None:
    shared = {Outcome.BLOOD_LOSS, Outcome.LENGTH_OF_STAY, Outcome.ODI, Outcome.COMPLICATION_ANY, Outcome.REOPERATION}
    for rows in ROWS.values():
        assert shared < set(rows)
        assert len(rows) == len(set(rows))


# ---- staying without surgery -----------------------------------------------------------------------------------------


def test_no_filter_switches_the_option_without_surgery_off(pages: list[SideBySide]) -> None:
    for page, audience in product(pages, Audience):
        for row in page.rows:
            assert (row.without is None) == (
                row.outcome.outcome
                in (Outcome.BLOOD_LOSS, Outcome.LENGTH_OF_STAY, Outcome.REOPERATION, Outcome.RECURRENCE)
            )
            assert cell(page, row, audience).big


def test_only_the_wish_for_trials_alone_can_take_a_number_from_the_option_without_surgery(data: Evidence) -> None:
    for choice in choices(data):
        usual = side_by_side(data, *choice)
        for filters in (f for f in ALL_FILTERS if f.design is not DesignFilter.RCT):
            page = side_by_side(data, *choice, filters)
            for row, before in zip(page.rows, usual.rows, strict=True):
                if cell(usual, before).big != NOT_IN_DATA:
                    assert cell(page, row).big != NOT_IN_DATA


def test_a_technique_is_no_reason_to_leave_out_people_who_had_no_operation(data: Evidence) -> None:
    for choice in choices(data):
        for row, narrowed in zip(
            side_by_side(data, *choice).rows,
            side_by_side(data, *choice, Filters(technique="tubular")).rows,
            strict=True,
        ):
            assert narrowed.without == row.without


def test_people_without_surgery_have_the_condition_asked_for(pages: list[SideBySide]) -> None:
    for page in pages:
        for row in page.rows:
            if row.without is not None:
                assert row.without.question.condition is page.condition
                assert all(s.study.condition == page.condition for s in row.without.studies)


def test_what_only_an_operation_can_cause_is_said_to_be_none(pages: list[SideBySide]) -> None:
    for page in pages:
        for outcome in (Outcome.BLOOD_LOSS, Outcome.LENGTH_OF_STAY):
            row = page.answer(outcome)
            assert row.only_with_an_operation
            assert cell(page, row).big == "None"


def test_days_off_work_without_an_operation_are_not_said_to_be_none(pages: list[SideBySide]) -> None:
    for page in pages:
        row = page.answer(Outcome.RETURN_TO_WORK)
        assert not row.only_with_an_operation
        assert cell(page, row).big != "None"


def against_none(study_id: str, months: float, **cells: Any) -> list[dict[str, Any]]:
    first, second = {"mean": 20, "sd": 12, "n": 60, **cells}, {"mean": 30, "sd": 12, "n": 60, **cells}
    return both_arms(study_id, first, second, "odi", ("surgery", "nonoperative"), timepoint_months=months)


def small_page(*rows: list[dict[str, Any]], **filters: Any) -> SideBySide:
    studies = {row["study_id"]: study(row["study_id"]) for part in rows for row in part}
    data = evidence_of(studies.values(), [row for part in rows for row in part])
    return side_by_side(data, Condition.DISC_HERNIATION, Procedure.DISCECTOMY, Filters(**filters))


@pytest.mark.parametrize(
    ("months", "said"), [(24, "2 years"), (96, "8 years"), (6, "6 months"), (12, "1 year")], ids=str
)
def test_a_result_at_another_time_than_the_rows_carries_its_own_time(months: float, said: str) -> None:
    page = small_page(against_none("t1", months))
    row = page.answer(Outcome.ODI)
    assert row.window is TimeWindow.YEAR_1
    for audience in Audience:
        told = cell(page, row, audience)
        assert said in f"{told.small} {told.more}"


def test_the_rows_own_time_comes_first_then_the_nearest_with_an_estimate() -> None:
    own = small_page(against_none("t1", 12), against_none("t2", 24)).answer(Outcome.ODI).without
    nearest = small_page(against_none("t1", 6), against_none("t2", 48)).answer(Outcome.ODI).without
    pooled = small_page(against_none("t1", 12, sd=None), against_none("t2", 48)).answer(Outcome.ODI).without
    shown = small_page(against_none("t1", 24, sd=None)).answer(Outcome.ODI).without
    assert own is not None
    assert nearest is not None
    assert pooled is not None
    assert shown is not None
    assert own.question.window is TimeWindow.YEAR_1
    assert nearest.question.window is TimeWindow.MONTHS_6
    assert pooled.question.window is TimeWindow.YEARS_4  # a number at another time before a bare point at this one
    assert (shown.question.window, shown.state) == (TimeWindow.YEARS_2, State.NO_NUMBER)


def test_on_the_shipped_data_too_every_number_from_another_time_says_when(pages: list[SideBySide]) -> None:
    seen = 0
    for page, audience in product(pages, Audience):
        for row in page.rows:
            c = row.without
            if c is None or not c.is_told_to(audience is Audience.PATIENT) or c.question.window is row.window:
                continue
            review = c.lead.review
            times = {review.row.timepoint_months} if review else {s.months for s in c.pooled_studies}
            (months, *others) = times
            said = c.question.window.patient_label if others or months is None else numerals.months(months)
            told = cell(page, row, audience)
            assert said in f"{told.small} {told.more}"
            seen += 1
    assert seen


TIMES = re.compile(r"\b(a|\d+(?:\.\d+)?)(?: to \d+)? (year|month)s?\b")


# ---- people who had surgery after all --------------------------------------------------------------------------------


def test_no_published_crossover_is_lost_and_each_has_its_time(data: Evidence) -> None:
    published = [r for r in data.thresholds if r.measure == "crossover_to_surgery"]
    found = [c for condition in data.conditions for c in crossovers(data, condition)]
    assert len(published) == 29
    assert sorted(c.row.line for c in found) == sorted(r.line for r in published)
    assert [c.months for c in found] == [c.row.months for c in found]
    assert {c.row.cited_as for c in found if c.months is None} == {
        "Weber 1983", "Overdevest 2014", "Manson 2013", "Cushnie 2018"
    }  # fmt: skip


def test_the_time_of_a_crossover_is_the_one_its_sentence_names(data: Evidence) -> None:
    """Said as printed: “within 2 years”, “2 to 3 years”, “a median of 11 months”."""
    for condition in data.conditions:
        for c in crossovers(data, condition):
            named = [
                (1 if n == "a" else float(n)) * (12 if unit == "year" else 1)
                for n, unit in TIMES.findall(c.row.meaning)
            ]
            assert c.months is None or any(abs(c.months - n) < 0.1 for n in named), c.row.meaning


def test_crossovers_stand_earliest_first(data: Evidence) -> None:
    for condition in data.conditions:
        order = [(c.months is None, c.months or 0, c.row.value) for c in crossovers(data, condition)]
        assert order == sorted(order)


def test_surgery_chosen_later_is_a_row_of_its_own_and_never_among_re_operations(
    pages: list[SideBySide], data: Evidence
) -> None:
    """Who began without surgery and chose it later had a first operation: a row of its own, for the condition alone."""
    for page in pages:
        assert page.later == crossovers(data, page.condition)
        assert page.later
        # Under filters the two rows alone: a row is drawn of itself, and there are a thousand tables.
        whole = page.filters == Filters()
        two = page if whole else replace(page, rows=(page.answer(Outcome.REOPERATION),))
        for audience in Audience:
            told = page_html.read(components.side_by_side_table(two, data, audience)).without("popover").one("tbody")
            assert not whole or len(told.all("tr")) > 5
            rows = {tr.attributes["data-outcome"]: tr for tr in told.all("tr") if "data-outcome" in tr.attributes}
            leads = [c for c in page.later if c.row.leads] or page.later[:1]
            chosen = numerals.out_of(leads[0].row.value / 100, page.denominator)
            assert chosen in rows["chose_surgery_later"].text
            if "reoperation" not in rows:  # named in the line of what is not known
                assert not page.answer(Outcome.REOPERATION).tells(audience is Audience.PATIENT)
                continue
            again = rows["reoperation"].text
            assert "chose" not in again
            assert "after all" not in again


# ---- one denominator -------------------------------------------------------------------------------------------------


def complications(study_id: str, first: int, second: int, n: int) -> list[dict[str, Any]]:
    return both_arms(study_id, {"events": first, "n": n}, {"events": second, "n": n}, "complication_any")


@pytest.mark.parametrize(
    ("events", "n", "denominator"),
    [((1, 1), 400, 1000), ((1, 20), 400, 1000), ((20, 1), 400, 1000), ((4, 4), 400, 100), ((40, 20), 400, 100)],
    ids=str,
)
def test_the_table_counts_out_of_1000_when_any_risk_is_below_1_in_100(
    events: tuple[int, int], n: int, denominator: int
) -> None:
    rows = [row for study_id in ("t1", "t2", "t3") for row in complications(study_id, *events, n)]
    assert small_page(rows).denominator == denominator


def test_a_small_risk_of_one_study_alone_does_not_put_every_harm_out_of_1000() -> None:
    assert small_page(complications("t1", 1, 1, 400)).denominator == 100


def test_a_small_risk_without_surgery_counts_too() -> None:
    rows = [
        row
        for study_id in ("t1", "t2", "t3")
        for row in both_arms(
            study_id, {"events": 9, "n": 300}, {"events": 1, "n": 300}, "complication_any", ("surgery", "nonoperative")
        )
    ]
    assert small_page(rows).denominator == 1000
    assert small_page(against_none("t1", 12)).denominator == 100


def test_the_denominator_fits_every_risk_and_is_one_on_every_page(pages: list[SideBySide], data: Evidence) -> None:
    """Compare, Risks and the summary of findings: a harm is the same number on each."""
    for page in pages:
        every = rows_for(data, page.condition, page.procedure, tuple(Outcome))
        risks = [
            risk
            for row in every.rows
            if row.outcome.kind == OutcomeKind.EVENT
            for c in (row.approaches, row.without)
            if c and c.absolute_risk and c.lead.rung in (Rung.POOL, Rung.FEW_STUDIES, Rung.REVIEW)
            for risk in (c.absolute_risk.baseline, c.absolute_risk.first)
        ]
        assert page.denominator == every.denominator == (1000 if any(0 < risk < 0.01 for risk in risks) else 100)


# ---- over time -------------------------------------------------------------------------------------------------------


def test_over_time_has_every_follow_up_window_in_order_measured_or_not(data: Evidence) -> None:
    for condition, procedure in choices(data):
        for contrast in Contrast:
            series = over_time(data, condition, procedure, Outcome.ODI, Filters(), contrast)
            assert tuple(c.question.window for c in series) == FOLLOW_UP
            assert all(c.question.contrast is contrast for c in series)


def test_the_condition_filter_narrows_the_approaches_and_nothing_else_does(data: Evidence) -> None:
    for choice in choices(data):
        for narrowed in (False, True):
            page = side_by_side(data, *choice, Filters(same_condition=narrowed))
            assert all(row.approaches.question.condition == (choice[0] if narrowed else None) for row in page.rows)


def test_the_time_without_surgery_does_not_hang_on_the_order_of_a_set() -> None:
    """The same page in every run of the program: the order of a set of words changes with each, this one's too."""
    code = (
        "from decision_aid.evidence.loading import load\n"
        "from decision_aid.comparison.side_by_side import rows_for\n"
        "from decision_aid.domain.vocabulary import Outcome\n"
        "data = load()\n"
        "for condition, row in data.conditions.items():\n"
        "    for procedure in row.procedures:\n"
        "        for r in rows_for(data, condition, procedure, tuple(Outcome)).rows:\n"
        "            print(condition, procedure, r.outcome.outcome, r.without and r.without.question.window)\n"
    )
    here = io.StringIO()
    with redirect_stdout(here):
        exec(code, {})
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert told == {here.getvalue()}
    assert here.getvalue()
