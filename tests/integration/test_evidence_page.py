"""The Evidence and Risks pages, run without a browser: every comparison, view and harm, and rates of the clinic's own."""

from __future__ import annotations

import re

import page_html
import pytest
from dashboard_app import (
    assert_whole,
    charts,
    fresh_server,  # noqa: F401 (fixture)
    home,  # noqa: F401 (fixture)
    html,
    opened,
    ready_server,  # noqa: F401 (fixture)
    show_to,
)
from streamlit.testing.v1 import AppTest

from decision_aid import wording
from decision_aid.charts import risks
from decision_aid.comparison.comparison import compare
from decision_aid.comparison.own_rates import OwnRate, OwnRates
from decision_aid.comparison.question import ask
from decision_aid.comparison.side_by_side import harms_of, side_by_side
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Outcome, Procedure
from decision_aid.evidence.loading import Evidence
from decision_aid.wording import summary_of_findings

VIEWS = (None, "One study left out", "Over the years", "Small studies", "Kinds of study")


def told(app: AppTest) -> str:
    return " ".join(page_html.read(text).text for text in html(app) if "<style>" not in text)


@pytest.mark.parametrize("contrast", ["Minimally invasive or open", "Surgery or none"])
@pytest.mark.parametrize("outcome", [Outcome.BLOOD_LOSS, Outcome.ODI, Outcome.COMPLICATION_ANY, Outcome.EQ5D])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_every_comparison_is_drawn_or_says_why_not(
    view: str | None, outcome: Outcome, contrast: str
) -> None:
    app = opened(
        "pages/evidence.py",
        condition="disc_herniation",
        procedure="discectomy",
        **({"evidence_view": view} if view else {}),
        evidence_outcome=outcome,
        evidence_contrast=contrast,
    )
    assert_whole(app, "pages/evidence.py")
    for chart in charts(app):
        assert len(chart.proto.alt) > 40
    said = ("No study", "no test is made", "Too few studies are in the pool")
    assert charts(app) or any(words in told(app) for words in said)
    assert "python -m decision_aid compare discectomy" in told(app)


def test_it_reads_from_the_answer_to_the_picture_and_nothing_of_the_second_order_is_open(data: Evidence) -> None:
    app = opened("pages/evidence.py", condition="spondylolisthesis", procedure="fusion")
    c = compare(data, ask(data, Procedure.FUSION, Outcome.BLOOD_LOSS))
    (found,) = [page_html.read(text) for text in html(app) if "finding" in text and "<style>" not in text]
    open_ = re.sub(re.escape(found.one("details").text), "", found.text)
    assert open_.startswith(f"{wording.headline(c, Audience.CLINICIAN)} {wording.what_gives_it(c)}")
    assert "τ²" in found.one("details").text
    assert "τ²" not in open_
    assert "open" not in found.one("details").attributes
    assert [chart.proto.id.endswith("chart_forest") for chart in charts(app)] == [True]
    app.segmented_control(key="evidence_view").set_value("One study left out").run()
    assert len(charts(app)) == 2


@pytest.mark.parametrize(
    ("condition", "procedure", "outcome", "said"),
    [
        ("spondylolisthesis", "fusion", Outcome.BLOOD_LOSS, "Our pool gives the number: 18 studies pooled"),
        ("disc_herniation", "discectomy", Outcome.RECURRENCE, "A published review gives the number"),
        ("disc_herniation", "discectomy", Outcome.NERVE_INJURY, "One study gives the number"),
    ],
)
def test_the_page_says_what_gives_the_number(condition: str, procedure: str, outcome: Outcome, said: str) -> None:
    app = opened("pages/evidence.py", condition=condition, procedure=procedure, evidence_outcome=outcome)
    assert_whole(app, "pages/evidence.py")
    assert said in told(app)


@pytest.mark.parametrize("own", [None, OwnRates(Outcome.TRANSFUSION, OwnRate(1, 400))])
@pytest.mark.parametrize(
    ("condition", "procedure"), [("disc_herniation", "discectomy"), ("spondylolisthesis", "fusion")]
)
def test_risks_are_told_out_of_the_people_of_compare(
    condition: str, procedure: str, own: OwnRates | None, data: Evidence
) -> None:
    """Whatever the clinic counts: one harm is the same number on both pages."""
    rates = (own,) if own else ()
    table = side_by_side(data, Condition(condition), Procedure(procedure), own=rates)
    given = (
        {}
        if own is None
        else {f"own_events_open_{procedure}_transfusion": 1, f"own_cases_open_{procedure}_transfusion": 400}
    )
    app = opened(
        "pages/evidence.py",
        condition=condition,
        procedure=procedure,
        evidence_outcome=Outcome.COMPLICATION_ANY,
        **given,
    )
    c = compare(data, ask(data, Procedure(procedure), Outcome.COMPLICATION_ANY))
    assert wording.headline(c, Audience.CLINICIAN, table.denominator) in told(app)
    assert f" of {table.denominator:,}" in wording.headline(c, Audience.CLINICIAN, table.denominator)


def test_the_sentence_of_the_evidence_page_is_that_of_compare(data: Evidence) -> None:
    app = opened("pages/evidence.py", condition="spondylolisthesis", procedure="fusion")
    c = compare(data, ask(data, Procedure.FUSION, Outcome.BLOOD_LOSS))
    assert wording.headline(c, Audience.CLINICIAN) in told(app)
    app.slider(key="evidence_years").set_value((2015, 2020)).run()
    assert_whole(app, "pages/evidence.py")
    assert wording.headline(c, Audience.CLINICIAN) not in told(app)
    assert "--years 2015 2020" in told(app)


@pytest.mark.parametrize("procedure", Procedure)
def test_all_outcomes_stand_in_one_table(procedure: Procedure, data: Evidence) -> None:
    condition = next(c for c, row in data.conditions.items() if procedure in row.procedures)
    app = opened(
        "pages/evidence.py",
        condition=str(condition),
        procedure=str(procedure),
        evidence_scope="All outcomes in one table",
    )
    assert_whole(app, "pages/evidence.py")
    shown = told(app)
    for line in summary_of_findings.findings(summary_of_findings.table(data, condition, procedure)):
        assert line.outcome in shown
        assert line.difference in shown


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize(
    ("condition", "procedure"), [("disc_herniation", "discectomy"), ("spondylolisthesis", "fusion")]
)
def test_every_harm_is_shown_or_said_to_be_unknown(
    condition: str, procedure: str, audience: Audience, data: Evidence
) -> None:
    app = opened("pages/risks.py", condition=condition, procedure=procedure, audience=audience.title())
    assert_whole(app, "pages/risks.py")
    shown = told(app)
    for harm in harms_of(Procedure(procedure)):
        label = wording.outcome_label(data.outcomes[harm], audience)
        assert (
            label in shown
            or label.lower() in shown.partition(" here: " if audience is Audience.PATIENT else "data: ")[2]
        )
    assert "Without surgery: people with this condition, from other studies" in shown


def test_a_rate_of_the_clinics_own_is_named_kept_and_the_same_for_patients(data: Evidence) -> None:
    app = opened("pages/risks.py", condition="disc_herniation", procedure="discectomy")
    keys = [f"own_{what}_open_discectomy_complication_any" for what in ("events", "cases")]
    own = (OwnRates(Outcome.COMPLICATION_ANY, OwnRate(10, 50)),)
    table = risks.table(data, Condition.DISC_HERNIATION, Procedure.DISCECTOMY, own)
    named = {Audience.CLINICIAN: "10 in 50 own cases", Audience.PATIENT: "counted in 50 people here"}
    assert named[Audience.CLINICIAN] not in told(app)
    for key, value in zip(keys, (10, 50), strict=True):
        app.number_input(key=key).set_value(value).run()
    assert_whole(app, "pages/risks.py")
    assert named[Audience.CLINICIAN] in told(app)
    shown = risks.three_options(table.answer(Outcome.COMPLICATION_ANY), table, Audience.CLINICIAN)
    for box in shown.boxes:
        assert box.big in told(app)
    app.switch_page("pages/start.py").run().switch_page("pages/risks.py").run()
    assert [app.number_input(key=key).value for key in keys] == [10, 50]
    show_to(app, "Patient")
    assert named[Audience.PATIENT] in told(app)
    assert not re.search(r"\bratio\b", told(app))
    for box in risks.three_options(table.answer(Outcome.COMPLICATION_ANY), table, Audience.PATIENT).boxes:
        assert box.big in told(app)
