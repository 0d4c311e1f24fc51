"""The clinic's own rates of harms: one number for one harm on every page, sheet and note, and never a promise of nought."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import caselog_frames
import page_html
import pandas as pd
import pytest
from builders import both_arms, study, write_dataset
from dashboard_app import (
    assert_whole,
    fresh_server,  # noqa: F401 (fixture)
    home,  # noqa: F401 (fixture)
    html,
    opened,
    ready_server,  # noqa: F401 (fixture)
    show_to,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_aid import components, wording
from decision_aid.audit import shown_results
from decision_aid.audit.beside_published import beside_published
from decision_aid.audit.summary import summarise
from decision_aid.case_log.fields import Approach
from decision_aid.charts import risks
from decision_aid.comparison import own_rates, side_by_side
from decision_aid.comparison.comparison import State
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.own_rates import OwnRate, OwnRates
from decision_aid.comparison.own_risks import with_own_rates
from decision_aid.comparison.shown_risks import own_rate_stands
from decision_aid.consultation.model import Consultation, Place
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Outcome, Procedure
from decision_aid.evidence.loading import Evidence, load
from decision_aid.exports import clinical_note, handout
from decision_aid.meta_analysis.effects import Measure
from decision_aid.wording import numerals, own_results_words, own_words
from decision_aid.wording.summary import MAIN_HARMS

EACH = [(c, p) for c, row in load().conditions.items() for p in row.procedures]
DISC = (Condition.DISC_HERNIATION, Procedure.DISCECTOMY)
# Cases with a record, and how many of them had the event; None: no case of that approach.
GROUPS = {
    "none": None,
    "few": (2, 12),
    "no event": (0, 43),
    "some": (12, 40),
    "everybody": (25, 25),
}
COMBINATIONS = [
    pytest.param(a, b, id=f"open {x}, MIS {y}") for (x, a), (y, b) in product(GROUPS.items(), GROUPS.items()) if a or b
]
deterministic = settings(derandomize=True, deadline=None, max_examples=200)


def counted(group: tuple[int, int] | None) -> OwnRate | None:
    return OwnRate(*group) if group else None


def cases(procedure: Procedure, harm: Outcome, **groups: tuple[int, int] | None) -> pd.DataFrame:
    """A log in which only this harm is recorded."""
    dates = {"reoperation": {"reoperation_date": "2020-09-01"}}.get(str(harm), {})
    rows = []
    for approach, group in groups.items():
        events, n = group or (0, 0)
        for i in range(n):
            row = {"procedure": str(procedure), "approach": approach, str(harm): i < events}
            rows.append(row | (dates if i < events else {}))
    # The log must reach far enough for two years to have passed.
    rows.append({"procedure": str(procedure), "approach": "open", "operation_date": "2024-06-01"})
    return caselog_frames.log(*rows)


# ---- the interval ----------------------------------------------------------------------------------------------------


@deterministic
@given(st.integers(1, 400), st.integers(0, 400), st.integers(1, 400), st.integers(0, 400))
def test_the_interval_of_a_difference_holds_it_and_turns_with_the_arms(n1: int, e1: int, n2: int, e2: int) -> None:
    first, second = OwnRate(min(e1, n1), n1), OwnRate(min(e2, n2), n2)
    found, low, high = own_rates.difference(first, second)
    assert -1 <= low <= found <= high <= 1
    assert own_rates.difference(second, first) == pytest.approx((-found, -high, -low))


def test_the_interval_of_a_difference_is_that_of_newcombe_1998() -> None:
    """His table II, method 10: 56/70 minus 48/80, and 10/10 minus 0/20."""
    assert own_rates.difference(OwnRate(56, 70), OwnRate(48, 80)) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert own_rates.difference(OwnRate(10, 10), OwnRate(0, 20)) == pytest.approx((1.0, 0.6791, 1.0), abs=5e-5)


@pytest.mark.parametrize(("events", "n"), [(1, 0), (-1, 10), (11, 10), (0, 0)])
def test_counts_that_cannot_be_are_refused(events: int, n: int) -> None:
    with pytest.raises(ValueError, match="cases"):
        OwnRate(events, n)


# ---- what stands -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("open_group", "mis_group"), COMBINATIONS)
@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_own_rates_stand_from_twenty_cases_on_and_are_never_multiplied_where_both_do(
    condition: Condition,
    procedure: Procedure,
    open_group: tuple[int, int] | None,
    mis_group: tuple[int, int] | None,
    data: Evidence,
) -> None:
    for row in risks.table(data, condition, procedure).rows:
        if row.outcome.outcome not in risks.HARMS:
            continue
        before = row.approaches
        own = OwnRates(row.outcome.outcome, counted(open_group), counted(mis_group))
        after = with_own_rates(before, own)
        open_stands = open_group is not None and open_group[1] >= own_rates.FEWEST_CASES
        if not open_stands:
            assert after == before
        elif mis_group is not None and mis_group[1] >= own_rates.FEWEST_CASES:
            assert open_group is not None
            assert after.absolute_risk is not None
            assert after.absolute_risk.baseline == open_group[0] / open_group[1]
            assert after.absolute_risk.first == mis_group[0] / mis_group[1]
            assert after.certainty is None, "own cases were not chosen by chance"
        elif before.estimate is not None and before.lead.rung is not Rung.ONE_SMALL_STUDY:
            assert open_group is not None
            assert after.absolute_risk is not None
            rate = open_group[0] / open_group[1]
            assert after.absolute_risk.baseline == rate
            carried = rate * before.estimate if before.measure is Measure.RISK_RATIO else rate + before.estimate
            assert after.absolute_risk.first == pytest.approx(min(1.0, max(0.0, carried)))
            assert after.absolute_risk.first_low <= after.absolute_risk.first <= after.absolute_risk.first_high
            assert after.absolute_risk.first_high > 0, "a clinic without an event promises nothing"
        else:
            assert after.absolute_risk is None
        assert (after.pooled, after.studies, after.reviews) == (before.pooled, before.studies, before.reviews)


@pytest.mark.parametrize("harm", risks.HARMS)
@pytest.mark.parametrize(("open_group", "mis_group"), COMBINATIONS)
def test_one_number_for_one_harm_on_compare_risks_own_results_handout_and_note(
    harm: Outcome, open_group: tuple[int, int] | None, mis_group: tuple[int, int] | None, data: Evidence
) -> None:
    """Counted in a case log, or typed on Risks: the same numbers everywhere, for both audiences."""
    for condition, procedure in (DISC, (Condition.SPINAL_STENOSIS, Procedure.DECOMPRESSION)):
        if harm not in side_by_side.harms_of(procedure):
            continue
        own = (OwnRates(harm, counted(open_group), counted(mis_group)),)
        on_risks = risks.table(data, condition, procedure, own)
        row = next((r for r in on_risks.rows if r.outcome.outcome == harm), None)
        if row is None:
            assert not own[0].open_stands
            continue
        d, c = on_risks.denominator, row.approaches
        cells = {
            audience: [wording.level_cell(c, first, audience, d) for first in (False, True)] for audience in Audience
        }
        for audience in Audience:
            boxes = risks.three_options(row, on_risks, audience).boxes
            assert [b.big for b in boxes[1:]] == [cell.big for cell in cells[audience]]
            for cell in cells[audience]:
                assert not re.match(r"0 of ", cell.big), "nobody among the people counted is no promise"
        for cell, patients, first in zip(
            cells[Audience.CLINICIAN], cells[Audience.PATIENT], (False, True), strict=True
        ):
            if c.lead.rung is Rung.ONE_SMALL_STUDY and not own_rate_stands(c, first):
                assert patients.big == "Only one small study"  # a clinician reads its numbers, a patient none
            elif c.state in (State.NOT_IN_DATA, State.NO_NUMBER) and not own_rate_stands(c, first):
                assert not re.search(r"\d", cell.big + patients.big)
            else:
                assert cell.big == patients.big

        note = clinical_note.text(data, Consultation(condition, procedure), rates=own)
        label = wording.outcome_label(row.outcome, Audience.CLINICIAN)
        main = harm in MAIN_HARMS or own[0].open_stands
        (told,) = [line for line in note.splitlines() if line.startswith(f"- {label}, ")] if main else [""]
        if main:
            assert f"; open {plain(cells[Audience.CLINICIAN][0].big)}" in told
            assert f"; minimally invasive {plain(cells[Audience.CLINICIAN][1].big)}" in told

        on_compare = side_by_side.side_by_side(data, condition, procedure, own=own)
        sheet = handout.build(data, Consultation(condition, procedure), rates=own, annex=True)
        assert on_compare.denominator == d
        same = next((r for r in on_compare.rows if r.outcome.outcome == harm), None)
        if same is not None:
            assert same == row
            tree = page_html.read(components.side_by_side_table(on_compare, data, Audience.PATIENT)).without("popover")
            (line,) = [r for r in tree.one("tbody").all("tr") if r.attributes.get("data-outcome") == harm]
            assert all(cell.big in line.text for cell in cells[Audience.PATIENT])
            (printed,) = [r for r in sheet.rows if r.label == wording.outcome_label(row.outcome, Audience.PATIENT)]
            assert [printed.open.big, printed.mis.big] == [cell.big for cell in cells[Audience.PATIENT]]
            assert sheet.denominator == d
        if c.state is not State.NOT_IN_DATA or c.own is not None:
            (found,) = [f for f in sheet.annex if f.outcome == label]
            assert [found.with_open, found.with_mis] == [
                f"{cell.big}; {cell.small}" if cell.small else cell.big for cell in cells[Audience.CLINICIAN]
            ]


def plain(text: str) -> str:
    return text.replace("–", "-").replace("−", "-")


@pytest.mark.parametrize("harm", [h for h in risks.HARMS if h is not Outcome.RECURRENCE])  # a log has no recurrence
@pytest.mark.parametrize(("open_group", "mis_group"), COMBINATIONS)
def test_a_log_says_what_it_counted_once_and_with_its_cases(
    harm: Outcome, open_group: tuple[int, int] | None, mis_group: tuple[int, int] | None, data: Evidence
) -> None:
    summary = summarise(cases(DISC[1], harm, open=open_group, mis=mis_group))
    rates = shown_results.rates_of(summary, risks.table(data, *DISC))
    found = own_rates.of(harm, rates)
    row = next((r for r in risks.table(data, *DISC).rows if r.outcome.outcome == harm), None)
    if row is None:
        assert found is None
        return
    assert found == OwnRates(harm, counted(open_group), counted(mis_group))
    table = risks.table(data, *DISC, rates)
    (row,) = [r for r in table.rows if r.outcome.outcome == harm]
    for audience in Audience:
        lines = own_results_words.lines_beside(summary, table, audience).get(harm, ("", ""))
        for first, group, line in zip((False, True), (open_group, mis_group), lines, strict=True):
            shown = group is not None and (audience is Audience.CLINICIAN or group[1] >= 5)
            assert bool(line) == (shown and not own_rate_stands(row.approaches, first))
            if line and group:
                assert f"{group[1]} case" in line
                assert not re.search(r"(?<![\d,])0 of 1", line)
        cells = [wording.level_cell(row.approaches, first, audience, table.denominator) for first in (False, True)]
        for first, group, cell in zip((False, True), (open_group, mis_group), cells, strict=True):
            if group and own_rate_stands(row.approaches, first) and (not first or found.both_stand):
                assert str(group[1]) in cell.small
                low, high = own_rates.wilson(*group)
                assert cell.big == numerals.risk(group[0] / group[1], low, high, table.denominator)


def test_forty_three_cases_without_a_tear_are_no_promise(data: Evidence) -> None:
    """Of 43 open cases none had a tear: up to 82 of 1,000 may, and nothing is said of the other operation as a certainty.

    Wilson's upper limit of nobody among n is z² / (n + z²): 3.8415 / 46.8415 = 0.0820; after the other operation that
    by the published ratio.
    """
    own = (OwnRates(Outcome.DURAL_TEAR, OwnRate(0, 43)),)
    table = risks.table(data, *DISC, own)
    d = table.denominator
    assert d == 1000
    published = risks.table(data, *DISC).answer(Outcome.DURAL_TEAR).approaches.estimate
    assert published is not None
    c = table.answer(Outcome.DURAL_TEAR).approaches
    for audience in Audience:
        assert wording.level_cell(c, False, audience, d).big == "0 to 82 of 1,000"
        assert wording.level_cell(c, True, audience, d).big == f"0 to {82.009 * published:.0f} of 1,000"
        assert wording.difference_cell(c, audience, table.denominator).big == own_words.NOTHING_TO_COUNT_FROM
    boxes = risks.three_options(table.answer(Outcome.DURAL_TEAR), table, Audience.PATIENT).boxes
    assert [b.picture for b in boxes] == [None, None, None]
    assert "43" in wording.level_cell(c, False, Audience.PATIENT, d).small


def test_thirty_and_twenty_six_of_a_hundred_stay_thirty_and_twenty_six(data: Evidence) -> None:
    own = (OwnRates(Outcome.COMPLICATION_ANY, OwnRate(60, 200), OwnRate(39, 150)),)
    table = risks.table(data, *DISC, own)
    c = table.answer(Outcome.COMPLICATION_ANY).approaches
    for audience in Audience:
        assert wording.level_cell(c, False, audience, 100).big == "30 of 100"
        assert wording.level_cell(c, True, audience, 100).big == "26 of 100"
    cell = wording.difference_cell(c, Audience.PATIENT, 100)
    assert (cell.big, cell.state) == ("No clear difference", State.NO_CLEAR_DIFFERENCE)
    assert cell.small == f"4 fewer of 100 (13 fewer to 6 more); {own_words.NOT_BY_CHANCE}"
    assert "Nothing is multiplied" in wording.absolute_risk_arithmetic(c, 100)


def test_a_difference_of_own_cases_is_told_with_its_range(data: Evidence) -> None:
    own = (OwnRates(Outcome.INFECTION, OwnRate(40, 200), OwnRate(6, 200)),)
    c = risks.table(data, *DISC, own).answer(Outcome.INFECTION).approaches
    cell = wording.difference_cell(c, Audience.CLINICIAN, 100)
    assert (cell.big, cell.state) == ("17 fewer of 100", State.DIFFERENCE)
    assert cell.small == f"11 to 23 fewer; {own_words.NOT_BY_CHANCE}"


@deterministic
@given(st.integers(1, 3000), st.integers(0, 3000), st.sampled_from([100, 1000]))
def test_nobody_and_everybody_are_told_as_a_range(n: int, events: int, denominator: int) -> None:
    own = OwnRate(min(events, n), n)
    told = numerals.risk(own.rate, *own.interval, denominator)
    assert not told.startswith("0 of")
    assert not told.startswith(f"{denominator:,} of")
    if 0 < own.rate < 1:
        assert told == numerals.out_of(own.rate, denominator)


@pytest.mark.parametrize(("open_group", "mis_group"), COMBINATIONS)
def test_patients_read_no_statistics_of_own_rates(
    open_group: tuple[int, int] | None, mis_group: tuple[int, int] | None, data: Evidence
) -> None:
    own = tuple(OwnRates(harm, counted(open_group), counted(mis_group)) for harm in risks.HARMS)
    table = risks.table(data, *DISC, own)
    for row in table.rows:
        c, d = row.approaches, table.denominator
        if c.own is None:
            continue
        cells = [wording.level_cell(c, first, Audience.PATIENT, d) for first in (False, True)]
        cells.append(wording.difference_cell(c, Audience.PATIENT, d))
        said = [f"{cell.big} {cell.small}" for cell in cells]
        assert not re.search(r"\bratio\b|interval|\bpooled\b|\d\.\d| × ", " ".join(said)), said


# ---- on the pages ----------------------------------------------------------------------------------------------------


def told(app: object) -> str:
    return " ".join(page_html.read(text).without("popover").text for text in html(app))  # type: ignore[arg-type]


def test_counts_typed_on_risks_stand_on_every_page_for_both_audiences() -> None:
    app = opened("pages/risks.py", condition="disc_herniation", procedure="discectomy")
    for what, value in (("events_open", 60), ("cases_open", 200), ("events_mis", 39), ("cases_mis", 150)):
        app.number_input(key=f"own_{what}_discectomy_complication_any").set_value(value).run()
    assert_whole(app, "pages/risks.py")
    for page, audience in product(("risks", "compare"), ("Clinician", "Patient")):
        app.switch_page(f"pages/{page}.py").run()
        shown = told(show_to(app, audience))
        assert "300 of 1,000" in shown, (page, audience)  # 60 of 200
        assert "260 of 1,000" in shown, (page, audience)  # 39 of 150
    show_to(app, "Clinician").switch_page("pages/risks.py").run()
    assert app.number_input(key="own_cases_open_discectomy_complication_any").value == 200


def test_more_events_than_cases_are_not_used_and_told(data: Evidence) -> None:
    table = risks.table(data, *DISC)
    c = table.answer(Outcome.COMPLICATION_ANY).approaches
    published = wording.level_cell(c, False, Audience.CLINICIAN, table.denominator).big
    assert re.match(r"\d+ of 1,000", published)
    app = opened("pages/risks.py", condition="disc_herniation", procedure="discectomy")
    before = told(app)
    app.number_input(key="own_events_open_discectomy_complication_any").set_value(30).run()
    app.number_input(key="own_cases_open_discectomy_complication_any").set_value(20).run()
    assert_whole(app, "pages/risks.py")
    assert wording.more_events_than_cases(30, 20) in told(app)
    assert published in before
    assert published in told(app)


def test_counts_typed_on_risks_are_named_beside_those_of_the_log() -> None:
    log = caselog_frames.synthetic(1500)
    summary = summarise(log)
    app = opened(
        "pages/own_results.py",
        own_cases=log,
        own_summary=summary,
        own_log=object(),
        condition="disc_herniation",
        procedure="discectomy",
        own_counts={"discectomy:complication_any": {"open:events": 2, "open:cases": 50}},
    )
    assert_whole(app, "pages/own_results.py")
    assert "Entered on Risks instead: open surgery 2 in 50." in told(app)


def test_what_matters_shows_the_clinics_own_rates_as_every_other_page(data: Evidence) -> None:
    app = opened(
        "pages/matters.py",
        condition="disc_herniation",
        procedure="discectomy",
        matters={"few_complications": Place.FIRST},
        own_counts={
            "discectomy:complication_any": {"open:events": 60, "open:cases": 200, "mis:events": 39, "mis:cases": 150}
        },
    )
    assert_whole(app, "pages/matters.py")
    own = (OwnRates(Outcome.COMPLICATION_ANY, OwnRate(60, 200), OwnRate(39, 150)),)
    d = risks.table(data, *DISC, own).denominator
    for rate in (own[0].open, own[0].mis):
        assert rate is not None
        assert numerals.out_of(rate.rate, d) in told(app)


# ---- what complications are held against -----------------------------------------------------------------------------


def test_the_alarm_never_takes_one_study_for_what_is_acceptable(data: Evidence) -> None:
    for condition, procedure in EACH:
        c = risks.table(data, condition, procedure).answer(Outcome.COMPLICATION_ANY).approaches
        for approach in Approach:
            rate = shown_results.acceptable_rate(c, approach)
            several = c.lead.rung in (Rung.POOL, Rung.FEW_STUDIES, Rung.REVIEW) and c.lead.k > 1
            arms = c.absolute_risk is not None and c.absolute_risk.studies > 1
            assert (rate is not None) == (several and arms), (condition, procedure)


@pytest.fixture
def one_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dataset, in use for this test, in which a single trial counts complications."""
    arms = both_arms("alone", {"events": 3, "n": 40}, {"events": 6, "n": 40}, "complication_any", timepoint_months=2)
    folder = write_dataset(tmp_path / "one-study", [study("alone")], arms)
    monkeypatch.setenv("DECISION_AID_DATA", str(folder))
    return folder


def test_without_an_acceptable_rate_no_alarm_is_drawn_until_the_clinic_enters_one(one_study: Path) -> None:
    c = risks.table(load(one_study), *DISC).answer(Outcome.COMPLICATION_ANY).approaches
    assert c.lead.rung is Rung.ONE_LARGE_STUDY
    assert [shown_results.acceptable_rate(c, approach) for approach in Approach] == [None, None]
    log = caselog_frames.synthetic(1500)
    app = opened(
        "pages/own_results.py",
        own_cases=log,
        own_summary=summarise(log),
        own_log=object(),
        condition="disc_herniation",
        procedure="discectomy",
    )
    assert_whole(app, "pages/own_results.py")
    assert own_results_words.NO_ACCEPTABLE_RATE in told(app)
    assert "risk CUSUM never passed" not in told(app)
    for approach in Approach:
        app.number_input(key=f"acceptable_discectomy_{approach}").set_value(12.0).run()
    assert_whole(app, "pages/own_results.py")
    assert own_results_words.NO_ACCEPTABLE_RATE not in told(app)
    assert "against an acceptable rate of 12.0 %" in told(app)
    assert "Acceptable rate: 12.0 %, as entered here." in told(app)


def test_a_published_acceptable_rate_names_its_pool_and_gives_way_to_what_is_entered(data: Evidence) -> None:
    log = caselog_frames.synthetic(1500)
    given = {"condition": "disc_herniation", "procedure": "discectomy"}
    app = opened("pages/own_results.py", own_cases=log, own_summary=summarise(log), own_log=object(), **given)
    assert_whole(app, "pages/own_results.py")
    c = side_by_side.around_the_operation(data, *DISC, Outcome.COMPLICATION_ANY, side_by_side.Filters())
    assert shown_results.published_pool(c) >= 2, "the data has a pool of them"
    shown = told(app)
    for approach in Approach:
        rate = shown_results.acceptable_rate(c, approach)
        assert rate is not None
        assert f"against an acceptable rate of {numerals.percent(rate)}" in shown
        assert f"Acceptable rate: {numerals.percent(rate)}, published: {wording.basis(c, Audience.CLINICIAN)}" in shown
        assert app.number_input(key=f"acceptable_discectomy_{approach}").value is None
    assert c.pooled_studies[0].label in shown
    app.number_input(key="acceptable_discectomy_open").set_value(3.5).run()
    shown = told(app)
    assert "Acceptable rate: 3.5 %, as entered here." in shown
    assert "against an acceptable rate of 3.5 %" in shown
    assert shown.count(", published: ") == 1, "the other approach keeps the published one"
    app.switch_page("pages/about.py").run()
    app.switch_page("pages/own_results.py").run()
    assert app.number_input(key="acceptable_discectomy_open").value == 3.5, "kept while the program is open"


def test_an_own_rate_of_nobody_or_everybody_is_drawn_as_its_range_without_a_mark(data: Evidence) -> None:
    for group, marked in (((0, 43), False), ((25, 25), False), ((12, 40), True)):
        summary = summarise(cases(DISC[1], Outcome.DURAL_TEAR, open=group))
        row = risks.table(data, *DISC).answer(Outcome.DURAL_TEAR)
        side = beside_published(summary, row.approaches).open
        found = shown_results.own_range(side)
        assert found is not None
        low, middle, high = found
        assert (low, high) == own_rates.wilson(*group)
        assert middle == (group[0] / group[1] if marked else None)
