"""No patient sees a number or a picture from one small study that nobody was put into by chance: on no page, not on paper."""

from __future__ import annotations

import re
from functools import cache
from itertools import product

import page_html
import pytest
from handout_text import plain_text

from decision_aid import components, wording
from decision_aid.charts import outcome_charts, risks
from decision_aid.comparison import side_by_side
from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.ladder import LARGE_STUDY_PEOPLE, Rung
from decision_aid.comparison.question import Contrast
from decision_aid.comparison.side_by_side import Filters, OutcomeAnswer, SideBySide
from decision_aid.consultation.model import Consultation, mark
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Option, Outcome, OutcomeKind, Procedure, StudyDesign
from decision_aid.evidence.loading import load
from decision_aid.exports import handout

DATA = load()  # read-only; tests are listed by what it holds
EACH = [(c, p) for c, row in DATA.conditions.items() for p in row.procedures]
FILTERS = (Filters(), Filters(same_condition=True), Filters(include_cautions=True))
PATIENT = Audience.PATIENT
ONE_SMALL = "Only one small study"


@cache
def screen(condition: Condition, procedure: Procedure) -> SideBySide:
    """Every outcome of a procedure: what Compare, Risks and What matters may show."""
    return side_by_side.rows_for(DATA, condition, procedure, tuple(Outcome))


def is_small(c: Comparison | None) -> bool:
    """One study alone compares it, of few people who were not put into groups by chance."""
    if c is None or c.lead.rung is not Rung.ONE_SMALL_STUDY:
        return False
    (study,) = c.pooled_studies
    assert study.study.design != StudyDesign.RCT
    assert (study.n_total or 0) < LARGE_STUDY_PEOPLE
    return True


def small_rows(condition: Condition, procedure: Procedure) -> list[OutcomeAnswer]:
    return [r for r in screen(condition, procedure).rows if is_small(r.approaches)]


def without_label(text: str, c: Comparison) -> str:
    """A text without the name and time of the outcome, which hold digits of their own (“at 1 year”)."""
    for name in (wording.outcome_label(c.outcome, PATIENT), c.question.window.patient_label):
        text = re.sub(re.escape(name), " ", text, flags=re.I)
    return text


def assert_no_number(text: str, c: Comparison) -> None:
    assert not re.search(r"\d", without_label(text, c)), (c.question, text)


def test_there_are_such_studies_in_the_dataset_and_a_clinician_reads_them() -> None:
    found = {(p, r.outcome.outcome) for c, p in EACH for r in small_rows(c, p)}
    assert len(found) >= 5
    for condition, procedure in EACH:
        table = screen(condition, procedure)
        for row in small_rows(condition, procedure):
            cell = wording.difference_cell(row.approaches, Audience.CLINICIAN, table.denominator)
            assert re.search(r"\d", f"{cell.big} {cell.small}")
            assert re.search(r"one study of \d+ people", cell.small), cell


@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_no_cell_box_or_sentence_says_a_number_of_it(condition: Condition, procedure: Procedure) -> None:
    table = screen(condition, procedure)
    d = table.denominator
    for row in small_rows(condition, procedure):
        c = row.approaches
        found = [
            *(wording.level_cell(c, first, PATIENT, d) for first in (False, True)),
            wording.difference_cell(c, PATIENT, d),
        ]
        assert {cell.big for cell in found} == {ONE_SMALL}
        for text in (
            *(f"{cell.big} {cell.small}" for cell in found),
            wording.headline(c, PATIENT, d),
            wording.headline(c, PATIENT),
            wording.chart_description(c, PATIENT, d),
            wording.time_point_text(c, PATIENT),
            *wording.panel_lines(c, PATIENT),
            wording.nothing_to_draw(c, PATIENT),
        ):
            assert_no_number(text, c)
        assert row.value(Option.OPEN, patient=True) is None
        assert row.value(Option.MIS, patient=True) is None


@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_no_cell_without_surgery_says_a_number_of_it(condition: Condition, procedure: Procedure) -> None:
    table = screen(condition, procedure)
    for row in table.rows:
        if is_small(row.without):
            cell = wording.without_surgery_cell(row, PATIENT, table.denominator)
            assert (cell.big, cell.small) == (ONE_SMALL, "too little for a number")
            assert row.value(Option.WITHOUT_SURGERY, patient=True) is None
        if row.without_otherwise is not None and is_small(row.without_otherwise):
            assert wording.counted_otherwise(row, PATIENT, table.denominator) == ""
        if is_small(row.approaches):  # nothing is set upon its open value either
            value = row.value(Option.WITHOUT_SURGERY, patient=True)
            c = row.without
            assert value is None or (c is not None and c.absolute is not None and value.value == c.absolute.baseline)


@pytest.mark.parametrize("filters", FILTERS, ids=["no filter", "this condition", "with cautions"])
@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_the_table_on_the_page_shows_no_number_of_it_nor_do_its_sources(
    condition: Condition, procedure: Procedure, filters: Filters
) -> None:
    """Compare with its filters, and the rows of What matters: the table and the headline and values of its popovers."""
    asked = side_by_side.side_by_side(DATA, condition, procedure, filters)
    for table in (asked, screen(condition, procedure)):
        tree = page_html.read(components.side_by_side_table(table, DATA, PATIENT))
        shown = {tr.attributes["data-outcome"]: tr for tr in tree.all("tr") if "data-outcome" in tr.attributes}
        for unknown in tree.all("td", "unknown"):
            assert not re.search(r"\d", unknown.text), unknown.text
        for row in table.rows:
            if not is_small(row.approaches):
                continue
            c = row.approaches
            if row.outcome.outcome not in shown:  # named alone, in the line of what is not known
                assert not row.tells(patient=True)
                continue
            line = [n for n in shown[row.outcome.outcome].content if not isinstance(n, str)]
            for cell in line[2:4]:
                assert_no_number(cell.text, c)
            difference = line[4].without("popover").text.replace("1 study", "")
            assert_no_number(difference.replace("1 trial", ""), c)
            popover = page_html.read(components.comparison_sources(c, DATA, PATIENT, "", table.denominator)[1])
            assert_no_number(popover.all("p")[0].text, c)
            for study in popover.one("tbody").all("tr"):
                assert [td.text for td in study.all("td")[4:6]] == ["–", "–"]


@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_no_picture_is_drawn_of_it(condition: Condition, procedure: Procedure) -> None:
    table = risks.table(DATA, condition, procedure)
    for row in table.rows:
        c = row.approaches
        if not is_small(c):
            continue
        assert not outcome_charts.has_arms(c, PATIENT)
        assert outcome_charts.has_arms(c, Audience.CLINICIAN) == bool(c.shown_studies)
        if row.outcome.kind == OutcomeKind.EVENT:
            assert [b.picture for b in risks.three_options(row, table, PATIENT).boxes] == [None, None, None]
            for box in risks.three_options(row, table, PATIENT).boxes[1:]:
                assert_no_number(f"{box.big} {box.small}", c)
    for row in screen(condition, procedure).rows:
        assert not (is_small(row.approaches) and outcome_charts.has_arms(row.approaches, PATIENT))


@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_no_word_over_time_says_a_number_of_it(condition: Condition, procedure: Procedure) -> None:
    for outcome, contrast in product((Outcome.ODI, Outcome.VAS_LEG, Outcome.VAS_BACK), Contrast):
        series = side_by_side.over_time(DATA, condition, procedure, outcome, Filters(), contrast)
        for c in filter(is_small, series):
            assert_no_number(wording.time_point_text(c, PATIENT), c)


@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_the_sheet_says_no_number_of_it(condition: Condition, procedure: Procedure) -> None:
    """With everything marked, so that every row that can stand on the sheet does."""
    told = Consultation(condition, procedure)
    for concern in DATA.concerns:
        told = mark(told, concern.concern_id)
    sheet = handout.build(DATA, told)
    text = plain_text(sheet)
    asked = side_by_side.side_by_side(DATA, condition, procedure)
    small = {wording.outcome_label(r.outcome, PATIENT): r.approaches for r in asked.rows if is_small(r.approaches)}
    for row in sheet.rows:
        if row.label in small:
            for cell in (row.open, row.mis, row.difference):
                assert cell.big == ONE_SMALL
                assert_no_number(f"{cell.big} {cell.small}", small[row.label])
            assert row.pictures == ()
    on_risks = risks.table(DATA, condition, procedure)
    for row in on_risks.rows:
        if row.outcome.kind != OutcomeKind.EVENT or not is_small(row.approaches):
            continue
        label = wording.outcome_label(row.outcome, PATIENT)
        assert not [r for r in sheet.rows if r.label == label and r.in_front], "no picture of it"
        # Nor does the sheet tell its numbers anywhere else in the words that a clinician reads of it.
        clinician = wording.difference_cell(row.approaches, Audience.CLINICIAN, on_risks.denominator)
        assert clinician.small not in text
