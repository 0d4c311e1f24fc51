"""The clinic's own results: beside the published ones, in the consultation when switched on, and gone when forgotten."""

from __future__ import annotations

from pathlib import Path

import caselog_frames
import page_html
import pytest
from dashboard_app import (
    assert_whole,
    choose,
    fresh_server,  # noqa: F401 (fixture)
    home,  # noqa: F401 (fixture)
    html,
    opened,
    ready_server,  # noqa: F401 (fixture)
)
from handout_text import plain_text
from streamlit.testing.v1 import AppTest

from decision_aid.audit import shown_results
from decision_aid.audit.beside_published import beside_published
from decision_aid.audit.results import SMALLEST_SHOWN_TO_PATIENTS, GroupState
from decision_aid.audit.summary import summarise
from decision_aid.case_log.fields import BY_NAME, FIELDS, Approach
from decision_aid.charts import own_results, risks
from decision_aid.comparison import side_by_side
from decision_aid.consultation.model import Consultation
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Outcome, Procedure
from decision_aid.evidence.loading import Evidence
from decision_aid.exports import handout, handout_pdf
from decision_aid.wording import case_log_words, numerals, own_results_words

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
    assert [b.label for b in app.button] == ["Read a case log"]


@pytest.mark.parametrize(
    ("condition", "procedure"), [("disc_herniation", "discectomy"), ("spondylolisthesis", "fusion")]
)
def test_the_page_draws_every_part_with_words_for_every_picture(condition: str, procedure: str) -> None:
    app = with_cases(condition=condition, procedure=procedure)
    assert_whole(app, "pages/own_results.py")
    charts = app.get("plotly_chart")
    assert len(charts) > 8
    for chart in charts:
        assert any(character.isdigit() for character in chart.proto.alt), chart.key
    told = " ".join(page_html.read(text).text for text in html(app))
    assert "How many a year" in told
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
    drawn = {chart.proto.id for chart in app.get("plotly_chart")}
    for name in own_results.TRENDS:
        assert any(f"own_{name}" in key for key in drawn) == (name not in missing)


def test_own_and_published_stand_in_words_and_picture_alike(data: Evidence) -> None:
    table = side_by_side.side_by_side(data, *CHOICE)
    for row in table.rows:
        b = beside_published(SUMMARY, row.approaches)
        told = own_results_words.beside_sentences(b, row.outcome, table.denominator)
        figure = own_results.beside_figure(b, row.outcome, table.denominator)
        assert len(told) == 2
        marks = [t for t in figure["data"] if t["mode"] == "markers" and not t["marker"]["symbol"].endswith("-open")]
        own = [s for s in (b.open, b.mis) if s.recorded]
        assert len(marks) == len(own)
        for mark, side in zip(marks, own, strict=True):
            if side.rate is not None:
                assert mark["x"][0] == (side.rate.rate or 0) * table.denominator
            else:
                assert side.distribution is not None
                assert mark["x"][0] == side.distribution.median
        names = dict(zip(*(figure["layout"]["yaxis"][k] for k in ("tickvals", "ticktext")), strict=True))
        for mark in (t for t in figure["data"] if t["mode"] == "markers"):
            assert mark["name"] == names[mark["y"][0]]
            assert mark["hovertemplate"].startswith(f"{mark['name']}: %{{x")
        from_the_top = [text for _, text in sorted(names.items(), reverse=True) if text.startswith("Own, ")]
        for name, side in zip(from_the_top, (b.open, b.mis), strict=True):
            assert ("open" in name.lower()) == (side is b.open)
            drawn = [t["x"] for t in figure["data"] if t["mode"] == "lines" and names[t["y"][0]] == name]
            if side.rate is not None:
                assert drawn == [[v * table.denominator for v in (side.rate.low, side.rate.high)]]  # type: ignore[operator]
            elif side.distribution is not None:
                assert drawn == [[side.distribution.q1, side.distribution.q3]]
            else:
                assert drawn == []


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
