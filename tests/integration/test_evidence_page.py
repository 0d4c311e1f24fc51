"""The Evidence and Risks pages, run without a browser: every comparison, view and harm, and rates of the clinic's own."""

from __future__ import annotations

import re

import page_html
import pytest
from dashboard_app import (
    assert_whole,
    fresh_server,  # noqa: F401 (fixture)
    home,  # noqa: F401 (fixture)
    html,
    opened,
    ready_server,  # noqa: F401 (fixture)
)
from streamlit.testing.v1 import AppTest

from decision_aid import wording
from decision_aid.charts import risks
from decision_aid.comparison.comparison import compare
from decision_aid.comparison.own_rates import OwnRate, OwnRates
from decision_aid.comparison.question import ask
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Outcome, Procedure
from decision_aid.evidence.loading import Evidence
from decision_aid.wording import own_words, summary_of_findings

VIEWS = ("Forest plot", "One study left out", "Over the years", "Small studies", "Kinds of study")


def told(app: AppTest) -> str:
    return " ".join(page_html.read(text).text for text in html(app) if "<style>" not in text)


@pytest.mark.parametrize("contrast", ["Minimally invasive or open", "Surgery or none"])
@pytest.mark.parametrize("outcome", [Outcome.BLOOD_LOSS, Outcome.ODI, Outcome.COMPLICATION_ANY, Outcome.EQ5D])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_every_comparison_is_drawn_or_says_why_not(view: str, outcome: Outcome, contrast: str) -> None:
    app = opened(
        "pages/evidence.py",
        condition="disc_herniation",
        procedure="discectomy",
        evidence_view=view,
        evidence_outcome=outcome,
        evidence_contrast=contrast,
    )
    assert_whole(app, "pages/evidence.py")
    for chart in app.get("plotly_chart"):
        assert len(chart.proto.alt) > 40
    said = (wording.NOT_POOLED, "No study", "no test is made", "Too few studies are in the pool")
    assert app.get("plotly_chart") or any(words in told(app) for words in said)
    assert "python -m decision_aid compare discectomy" in told(app)


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


@pytest.mark.parametrize("audience", ["Clinician", "Patient"])
@pytest.mark.parametrize("harm", risks.HARMS)
@pytest.mark.parametrize(
    ("condition", "procedure"), [("disc_herniation", "discectomy"), ("spondylolisthesis", "fusion")]
)
def test_every_harm_is_shown_or_said_to_be_unknown(
    condition: str, procedure: str, harm: Outcome, audience: str
) -> None:
    app = opened("pages/risks.py", condition=condition, procedure=procedure, harm=str(harm), audience=audience)
    assert_whole(app, "pages/risks.py")
    assert "How many people" in told(app) or "Not measured" in told(app)


def test_three_pictures_of_different_people_are_said_to_be_from_separate_studies() -> None:
    app = opened("pages/risks.py", condition="disc_herniation", procedure="discectomy")
    assert wording.SEPARATE_STUDIES in told(app)


def test_a_rate_of_the_clinics_own_is_named_kept_and_the_same_for_patients(data: Evidence) -> None:
    app = opened("pages/risks.py", condition="disc_herniation", procedure="discectomy")
    keys = [f"own_{what}_open_discectomy_complication_any" for what in ("events", "cases")]
    own = (OwnRates(Outcome.COMPLICATION_ANY, OwnRate(10, 50)),)
    table = risks.table(data, Condition.DISC_HERNIATION, Procedure.DISCECTOMY, own)
    approaches = table.answer(Outcome.COMPLICATION_ANY).approaches
    named = own_words.where_from(approaches, Audience.CLINICIAN)
    assert named not in told(app)
    for key, value in zip(keys, (10, 50), strict=True):
        app.number_input(key=key).set_value(value).run()
    assert_whole(app, "pages/risks.py")
    assert named in told(app)
    shown = risks.three_options(table.answer(Outcome.COMPLICATION_ANY), table, Audience.CLINICIAN)
    for box in shown.boxes:
        assert box.big in told(app)
    app.switch_page("pages/start.py").run().switch_page("pages/risks.py").run()
    assert [app.number_input(key=key).value for key in keys] == [10, 50]
    app.segmented_control(key="audience").set_value("Patient").run()
    assert own_words.where_from(approaches, Audience.PATIENT) in told(app)
    assert not re.search(r"\bratio\b", told(app))
    for box in risks.three_options(table.answer(Outcome.COMPLICATION_ANY), table, Audience.PATIENT).boxes:
        assert box.big in told(app)
