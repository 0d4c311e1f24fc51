"""The clinic's own results: beside the published ones, in the consultation when switched on, and gone when forgotten."""

from __future__ import annotations

import itertools
from pathlib import Path

import caselog_frames
import page_html
import pandas as pd
import pytest
from dashboard_app import (
    assert_whole,
    charts,
    choose,
    fresh_server,  # noqa: F401 (fixture)
    home,  # noqa: F401 (fixture)
    html,
    opened,
    ready_server,  # noqa: F401 (fixture)
)
from handout_text import plain_text
from streamlit.testing.v1 import AppTest

from decision_aid import components, wording
from decision_aid.audit import shown_results
from decision_aid.audit.beside_published import Pairing, beside_published
from decision_aid.audit.learning_curve import learning_curve
from decision_aid.audit.results import SMALLEST_SHOWN_TO_PATIENTS, GroupState
from decision_aid.audit.summary import summarise
from decision_aid.case_log.fields import BY_NAME, FIELDS, Approach
from decision_aid.charts import own_results, risks, theme
from decision_aid.comparison import side_by_side
from decision_aid.comparison.side_by_side import SideBySide
from decision_aid.components import own_results as own_table
from decision_aid.consultation.model import Consultation
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Option, Outcome, Procedure
from decision_aid.evidence.loading import Evidence
from decision_aid.exports import handout, handout_pdf
from decision_aid.wording import case_log_words, numerals, own_results_words
from decision_aid.wording.patient_screen_words import OPEN

CASES = caselog_frames.synthetic(1500)
SUMMARY = summarise(CASES)
CHOICE = (Condition.DISC_HERNIATION, Procedure.DISCECTOMY)


def go(app: AppTest, page: str) -> AppTest:
    return app.switch_page(f"pages/{page}.py").run()


def with_cases(page: str = "pages/own_results.py", **inputs: object) -> AppTest:
    return opened(page, own_cases=CASES, own_summary=SUMMARY, own_log=object(), **inputs)


# ---- the page --------------------------------------------------------------------------------------------------------


def test_without_a_log_the_page_says_what_to_do() -> None:
    app = opened("pages/own_results.py")
    assert_whole(app, "pages/own_results.py")
    assert any(own_results_words.NO_LOG in text for text in html(app))
    assert [b.label for b in app.button if b.label != OPEN] == ["Read a case log"]


@pytest.mark.parametrize(
    ("condition", "procedure"), [("disc_herniation", "discectomy"), ("spondylolisthesis", "fusion")]
)
def test_the_page_draws_every_part_with_words_for_every_picture(condition: str, procedure: str) -> None:
    app = with_cases(condition=condition, procedure=procedure)
    assert_whole(app, "pages/own_results.py")
    drawn = charts(app)
    assert len(drawn) == 3 + 2 * 2, "three over the years, two for each approach by case order"
    for chart in drawn:
        assert any(character.isdigit() for character in chart.proto.alt), chart.key
    told = " ".join(page_html.read(text).text for text in html(app))
    assert "Cases a year" in told
    assert own_results_words.HOW_TO_READ in told
    assert own_results_words.NEVER_POOLED in told
    assert own_results_words.OTHER_PATIENTS in told


def without(*names: str) -> dict[str, object]:
    """The cases with some columns not recorded at all, as a file that does not hold them is read."""
    cases = CASES.head(300).copy()
    for name in names:
        cases[name] = caselog_frames.column(BY_NAME[name], [None] * len(cases))
    return {"own_cases": cases, "own_summary": summarise(cases), "own_log": object()}


OPTIONAL = [f.name for f in FIELDS if not f.required]


@pytest.mark.parametrize(
    "missing", [*([name] for name in OPTIONAL), OPTIONAL], ids=lambda m: m[0] if len(m) == 1 else "all"
)
def test_the_page_is_whole_whatever_the_log_does_not_hold(missing: list[str]) -> None:
    app = opened("pages/own_results.py", condition="disc_herniation", procedure="discectomy", **without(*missing))
    assert_whole(app, "pages/own_results.py")
    told = [page_html.read(text).text for text in html(app)]
    assert any("Learning curve" in text for text in told)  # the last part of the page
    trends = [name for name in own_results.TRENDS if name in missing]
    assert sum(text.strip() == own_results_words.NOT_RECORDED for text in told) == len(trends)
    drawn = {chart.proto.id for chart in charts(app)}
    for name in own_results.TRENDS:
        assert any(f"own_{name}" in key for key in drawn) == (name not in missing)


def the_table(data: Evidence) -> tuple[list, SideBySide, page_html.Node]:
    """The rows of Compare's outcomes and harms with the own results, as the page draws them."""
    table = side_by_side.rows_for(
        data, *CHOICE, (*side_by_side.ROWS[CHOICE[1]], *side_by_side.HARMS, Outcome.OPERATIVE_TIME)
    )
    rows = [(row, beside_published(SUMMARY, row.approaches)) for row in table.rows]
    rows = [(row, b) for row, b in rows if b.pairing is Pairing.PAIRED]
    drawn = page_html.read(components.own_results_table(rows, data, table.denominator, {})).without("popover")
    return rows, table, drawn


def width(bar: page_html.Node, part: str) -> float | None:
    """The width of a part of a bar in percent."""
    found = bar.all("span", part)
    return float(found[0].attributes["style"].rsplit("width:", 1)[1].rstrip("%")) if found else None


def test_own_and_published_stand_in_words_and_picture_alike(data: Evidence) -> None:
    rows, table, drawn = the_table(data)
    lines = drawn.all("tr")[1:]
    assert len(lines) == len(rows) >= 10
    for line, (row, b) in zip(lines, rows, strict=True):
        scale = own_table.row_scale(b, row.outcome, table.denominator)
        assert scale is not None
        _, *cells, _ = line.content
        for cell, side, option in zip(cells, (b.open, b.mis), (Option.OPEN, Option.MIS), strict=True):
            told = own_results_words.own_cell(side, row.outcome, table.denominator)
            theirs = wording.level_cell(row.approaches, option is Option.MIS, Audience.CLINICIAN, table.denominator)
            assert (told.big in cell.text, told.small in cell.text) == (True, True)
            assert f"Published: {theirs.big}" in cell.text
            bars = cell.all("span", "pic")
            assert all(str(option) in bar.classes for bar in bars)
            own = side.rate.rate if side.rate else side.distribution.median  # type: ignore[union-attr]
            assert width(bars[0], "fill") == pytest.approx(100 * own / scale.end, abs=0.006)
            value = row.value(option, patient=False)
            assert side.published == value
            assert len(bars) == 1 + (value is not None)
            if value is not None and not (row.outcome.kind == "event" and value.value in (0, 1)):
                assert width(bars[1], "fill") == pytest.approx(100 * value.value / scale.end, abs=0.006)


def test_limits_of_an_own_bar_are_the_quartiles_of_the_log(data: Evidence) -> None:
    rows, table, drawn = the_table(data)
    place = next(i for i, (row, _) in enumerate(rows) if row.outcome.outcome == Outcome.BLOOD_LOSS)
    scale = own_table.row_scale(rows[place][1], rows[place][0].outcome, table.denominator)
    assert scale is not None
    for cell, approach in zip(drawn.all("tr")[1 + place].content[1:3], Approach, strict=True):
        of = CASES[(CASES["procedure"] == "discectomy") & (CASES["approach"] == str(approach))]["blood_loss_ml"]
        low, high = of.quantile(0.25), of.quantile(0.75)
        (limits, *_) = cell.all("span", "limits")
        assert f"left:{100 * low / scale.end:.2f}%" in limits.attributes["style"]
        assert width(cell, "limits") == pytest.approx(100 * (high - low) / scale.end, abs=0.006)


def test_a_limit_far_out_is_cut_and_marked_and_the_scale_stays_readable(data: Evidence) -> None:
    _, _, drawn = the_table(data)
    cut = [bar for bar in drawn.all("span", "limits") if "cut" in bar.classes]
    whole = [bar for bar in drawn.all("span", "limits") if "cut" not in bar.classes]
    assert len(whole) > len(cut)
    for bar in drawn.all("span", "limits"):
        left, across = (float(part.split(":")[1].rstrip("%")) for part in bar.attributes["style"].split(";"))
        assert 0 <= left <= left + across <= 100.01
        assert left + across == pytest.approx(100, abs=0.01) or bar in whole


def test_the_row_says_how_complete_the_record_is(data: Evidence) -> None:
    rows, _, drawn = the_table(data)
    told = {row.outcome.outcome: line.text for (row, _), line in zip(rows, drawn.all("tr")[1:], strict=True)}
    for approach, name in zip(Approach, ("open", "minimally invasive"), strict=True):
        of = CASES[(CASES["procedure"] == "discectomy") & (CASES["approach"] == str(approach))]
        assert f"{name} {of['blood_loss_ml'].notna().sum():,} of {len(of):,} (" in told[Outcome.BLOOD_LOSS]
        due = of[of["operation_date"] <= CASES["operation_date"].max() - pd.DateOffset(months=12)]
        assert f"{name} {due['odi_12_months'].notna().sum():,} of {len(due):,} (" in told[Outcome.ODI]
    assert "of those operated on 1 year ago and more" in told[Outcome.ODI]
    assert "of those operated on 2 years ago and more" in told[Outcome.REOPERATION]


def test_every_picture_has_one_scale_and_round_ticks() -> None:
    groups = shown_results.groups_of(SUMMARY, Procedure.DISCECTOMY)
    figures = [
        own_results.years_figure(groups),
        *(own_results.trend_figure(groups, m, "ml") for m in own_results.TRENDS),
    ]
    for group in groups:
        curve = learning_curve(CASES, group.procedure, group.approach, acceptable=0.0317)
        figures += [own_results.time_figure(curve), own_results.risk_figure(curve)]
    for figure in figures:
        assert not [name for name in figure["layout"] if name.startswith(("yaxis2", "xaxis2"))]
        for axis in (figure["layout"]["xaxis"], figure["layout"]["yaxis"]):
            if axis.get("type") == "category":
                continue
            steps = {round(b - a, 9) for a, b in itertools.pairwise(axis["tickvals"])}
            assert len(steps) == 1
            (step,) = steps
            assert f"{step:e}"[0] in "125"
            assert float(f"{step:.0e}") == step
            assert len(axis["tickvals"]) <= 7
        reach = [v for t in figure["data"] for v in t["y"]]
        assert max(reach) <= figure["layout"]["yaxis"]["range"][1]


@pytest.mark.parametrize("most", [0.0031, 0.97, 1.0, 3.17, 3.97, 6, 7, 61, 260, 1180, 99999])
def test_round_ticks_reach_just_over_the_largest_value(most: float) -> None:
    found = theme.round_ticks(most)
    assert found[0] == 0
    assert found[-2] < most <= found[-1]
    assert 2 <= len(found) <= 7


def test_a_year_is_its_median_with_its_quartiles() -> None:
    groups = shown_results.groups_of(SUMMARY, Procedure.DISCECTOMY)
    days = CASES["operation_date"].dt.year
    for measure in own_results.TRENDS:
        drawn = own_results.trend_figure(groups, measure, "ml")["data"]
        assert len(drawn) == len(groups) == 2
        for group, trace in zip(groups, drawn, strict=True):
            chosen = (CASES["procedure"] == "discectomy") & (CASES["approach"] == str(group.approach))
            by_year = CASES[chosen].groupby(days)[measure]
            quartiles = {q: by_year.quantile(q).dropna().to_list() for q in (0.25, 0.5, 0.75)}
            bars = trace["error_y"]
            assert trace["y"] == pytest.approx(quartiles[0.5])
            ends = [y + up for y, up in zip(trace["y"], bars["array"], strict=True)]
            starts = [y - down for y, down in zip(trace["y"], bars["arrayminus"], strict=True)]
            assert (starts, ends) == (pytest.approx(quartiles[0.25]), pytest.approx(quartiles[0.75]))
            assert [float(t) for t in trace["text"]] == pytest.approx(quartiles[0.5], abs=0.051)


# ---- in the consultation ---------------------------------------------------------------------------------------------


def test_in_this_clinic_stands_on_compare_risks_and_handout_only_when_switched_on(data: Evidence) -> None:
    app = with_cases("pages/compare.py", condition="disc_herniation", procedure="discectomy")
    assert not any(own_results_words.IN_THIS_CLINIC in text for text in html(app))
    go(app, "own_results")
    app.toggle(key="own_on").set_value(True).run()
    go(app, "compare")
    assert_whole(app, "pages/compare.py")
    (shown,) = [page_html.read(text) for text in html(app) if "side by side</caption>" in text]
    own = [node.text for node in shown.all("span", "own")]
    rates = shown_results.rates_of(SUMMARY, risks.table(data, *CHOICE))
    table = side_by_side.side_by_side(data, *CHOICE, own=rates)
    expected = own_results_words.lines_beside(SUMMARY, table, Audience.CLINICIAN)
    assert own == [line for r in table.rows for line in expected.get(r.outcome.outcome, ()) if line]
    assert len(own) >= 6
    go(app, "risks")
    counted = SUMMARY.group(Procedure.DISCECTOMY, Approach.OPEN).rate("complication_any")  # type: ignore[union-attr]
    told = " ".join(page_html.read(text).text for text in html(app))
    assert numerals.out_of(counted.rate or 0, table.denominator) in told
    assert f"{counted.events:,} in {counted.n:,} own cases" in told


def test_the_handout_says_what_this_clinic_found(data: Evidence) -> None:
    table = side_by_side.side_by_side(data, *CHOICE)
    own = own_results_words.lines_beside(SUMMARY, table, Audience.PATIENT)
    sheet = handout.build(data, Consultation(*CHOICE), own=own)
    told = plain_text(sheet)
    for lines in own.values():
        for line in lines:
            assert line in told
    assert len(handout_pdf.compile_png(sheet)) == handout_pdf.ONE_SHEET
    assert own_results_words.IN_THIS_CLINIC not in plain_text(handout.build(data, Consultation(*CHOICE)))


def test_fewer_than_five_cases_are_never_shown_to_a_patient(data: Evidence) -> None:
    """Neither on the patient's audience nor on the handout, whatever the group as a whole counts."""
    table = side_by_side.side_by_side(data, *CHOICE)
    for cases in range(1, 26):
        rows = [{"procedure": "discectomy", "approach": "mis", "blood_loss_ml": 40.0 + n} for n in range(cases)]
        rows += [{"procedure": "discectomy", "approach": "mis", "infection": False} for _ in range(30)]
        summary = summarise(caselog_frames.log(*rows))
        side = beside_published(summary, table.answer(Outcome.BLOOD_LOSS).approaches).mis
        shown = own_results_words.lines_beside(summary, table, Audience.PATIENT).get(Outcome.BLOOD_LOSS, ("", ""))
        assert bool(shown[1]) == (cases >= SMALLEST_SHOWN_TO_PATIENTS)
        clinician = own_results_words.lines_beside(summary, table, Audience.CLINICIAN)[Outcome.BLOOD_LOSS]
        assert f"{cases} cases" in clinician[1]
        sentence = own_results_words.state_sentence(side.state, side.recorded)
        assert bool(sentence) == (side.state is not GroupState.COMPARED)


def test_invented_cases_never_reach_a_patient() -> None:
    app = opened("pages/case_log.py")
    next(b for b in app.button if b.label == "Try invented cases").click().run()
    assert any(case_log_words.INVENTED in text for text in html(app))
    app.session_state["own_on"] = True
    go(app, "compare")
    assert not any(own_results_words.IN_THIS_CLINIC in text for text in html(app))
    go(app, "own_results")
    assert_whole(app, "pages/own_results.py")
    assert any(case_log_words.INVENTED in text for text in html(app))
    assert [t.key for t in app.toggle] == []


def test_another_procedure_says_that_the_log_holds_none() -> None:
    only = summarise(caselog_frames.log(*[{"procedure": "fusion", "approach": "mis"} for _ in range(30)]))
    app = opened("pages/own_results.py", own_summary=only, own_cases=CASES, condition="disc_herniation")
    assert_whole(app, "pages/own_results.py")
    assert any(own_results_words.NO_CASES_OF_IT in text for text in html(app))


def test_choices_of_the_consultation_reach_the_page() -> None:
    app = choose(with_cases("pages/start.py"), "condition", "spondylolisthesis")
    go(app, "own_results")
    assert_whole(app, "pages/own_results.py")


def test_files_larger_than_memory_are_counted_where_they_are(tmp_path: Path) -> None:
    pytest.importorskip("ibis")
    file = tmp_path / "registry.parquet"
    CASES.to_parquet(file, index=False)
    app = opened("pages/case_log.py")
    app.text_input(key="registry_address").set_value(str(file)).run()
    next(b for b in app.button if b.label == "Count the cases there").click().run()
    assert_whole(app, "pages/own_results.py")
    assert any(case_log_words.log_sentence(SUMMARY) in text for text in html(app))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/no/such/file.parquet", "no such file"),
        ("mysql://user:secret@host/db", "is not an address of a case log"),
        ("postgres://user:secret@127.0.0.1:1/none", "could not be counted"),
    ],
)
def test_a_registry_that_cannot_be_counted_is_told_without_its_password(address: str, said: str) -> None:
    app = opened("pages/case_log.py")
    app.text_input(key="registry_address").set_value(address).run()
    next(b for b in app.button if b.label == "Count the cases there").click().run()
    (message,) = [e.value for e in app.error]
    assert said in message
    assert "secret" not in message
    assert [e.value for e in app.exception] == []


def test_an_acceptable_rate_of_a_review_is_not_laid_to_our_own_studies(data: Evidence) -> None:
    seen = set()
    for condition, row in data.conditions.items():
        for procedure in row.procedures:
            filters = side_by_side.Filters()
            for harm in side_by_side.HARMS:
                c = side_by_side.around_the_operation(data, condition, procedure, harm, filters)
                if shown_results.acceptable_rate(c, Approach.OPEN) is None:
                    continue
                told = own_results_words.acceptable_sentence(None, 0.1, c)
                seen.add(c.lead.review is not None)
                named = [s.label for s in c.pooled_studies if s.label in told]
                assert bool(named) == (c.lead.review is None)
                assert c.lead.review is None or c.lead.review.label in told
    assert seen == {True, False}
