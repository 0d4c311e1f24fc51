"""Filters: seen while they are on, gone with the patient, never on paper, and never the reason for “not in our data”."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from datetime import date
from itertools import product

import page_html
import pytest
from dashboard_app import assert_whole, audience_of, home, html, opened, ready_server, show_to  # noqa: F401 (fixtures)
from reading import HIGHEST_GRADE, reading_grade
from streamlit.testing.v1 import AppTest

from decision_aid import components, wording
from decision_aid.app import session
from decision_aid.comparison import narrowing, side_by_side
from decision_aid.comparison.comparison import State, compare
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.question import Contrast, DesignFilter, ask
from decision_aid.comparison.selection import techniques
from decision_aid.comparison.side_by_side import Filters
from decision_aid.consultation.model import Answer, Consultation
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Outcome, Procedure
from decision_aid.evidence.loading import Evidence
from decision_aid.exports import clinical_note, handout
from decision_aid.storage.store import Store
from decision_aid.wording import filter_words

DISC = Condition.DISC_HERNIATION, Procedure.DISCECTOMY
EVERY = [
    Filters(*chosen)
    for chosen in product(DesignFilter, (None, "tubular", "full_endoscopic"), (False, True), (False, True))
]


def words(app: AppTest, class_: str = "filtered") -> list[str]:
    """What the lines over the numbers say."""
    trees = [page_html.read(text) for text in html(app) if f'class="{class_}"' in text]
    return [node.text for tree in trees for node in tree.all("p", class_)]


def head(app: AppTest) -> str:
    """What the head of the table says of filters."""
    (table,) = [page_html.read(text) for text in html(app) if "side by side</caption>" in text]
    return " ".join(node.text for node in table.without("popover").one("thead").all("td", "filtered"))


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [b for b in app.button if b.label.startswith(label)]
    return button.click().run()


def all_on(app: AppTest) -> AppTest:
    app.radio(key="design").set_value("Randomised trials only")
    app.selectbox(key="technique_discectomy").set_value("tubular")
    app.toggle(key="same_condition").set_value(True)
    app.toggle(key="cautions").set_value(True)
    return app.run()


def assert_all_off(app: AppTest) -> None:
    app.switch_page("pages/compare.py").run()
    assert_whole(app, "pages/compare.py")
    assert (words(app), head(app)) == ([], "")
    (technique,) = [s for s in app.selectbox if (s.key or "").startswith("technique_")]
    assert (app.radio(key="design").value, technique.value) == ("Trials alone when five or more", "all techniques")
    assert [t.value for t in app.toggle] == [False, False]


def compare_page(audience: str = "Clinician", **given: object) -> AppTest:
    return opened("pages/compare.py", condition="disc_herniation", procedure="discectomy", audience=audience, **given)


# ---- seen while they are on ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("design", "Randomised trials only", "randomised trials only"),
        ("design", "All studies", "all studies, also beside five or more trials"),
        ("technique_discectomy", "tubular", "technique: tubular"),
        ("same_condition", True, "only studies of disc herniation"),
        ("cautions", True, "studies with a caution put back in"),
    ],
)
def test_each_filter_is_named_over_the_numbers_and_in_the_head_of_the_table(
    name: str, value: object, named: str
) -> None:
    app = compare_page(**{name: value})
    assert_whole(app, "pages/compare.py")
    (told,) = words(app)
    assert named in told
    assert named in head(app)
    assert "handout" in told.lower()
    show_to(app, "Patient")
    assert (words(app), head(app)) == ([], ""), "a patient reads the usual numbers"
    press(show_to(app, "Clinician"), filter_words.CLEAR)
    assert_all_off(app)


def test_nothing_is_said_while_no_filter_is_on(data: Evidence) -> None:
    assert_all_off(compare_page())
    for condition, audience in product(data.conditions, Audience):
        assert filter_words.on_compare(data, condition, Filters(), audience) == ()
    assert filter_words.banner((), Audience.PATIENT) == filter_words.banner_on_evidence(()) == ""


def test_every_set_of_filters_is_named_in_words_a_patient_can_read(data: Evidence) -> None:
    told = set()
    for condition, filters in product(data.conditions, EVERY):
        names = filter_words.on_compare(data, condition, filters, Audience.PATIENT)
        different = sum((filters.design is not DesignFilter.AUTO, bool(filters.technique), filters.same_condition,
                         filters.include_cautions))  # fmt: skip
        assert len(names) == different
        told |= set(names)
    assert reading_grade(" ".join(f"We show {name}." for name in sorted(told))).flesch_kincaid <= HIGHEST_GRADE


# ---- gone with the patient -------------------------------------------------------------------------------------------


def test_the_example_begins_without_filters() -> None:
    app = all_on(compare_page(levels=("L4/5",)))
    assert words(app)
    app.switch_page("pages/start.py").run()
    press(app, "Show an example")
    assert_all_off(app)


def test_a_new_consultation_begins_without_filters() -> None:
    app = all_on(compare_page(levels=("L4/5",)))
    app.switch_page("pages/start.py").run()
    press(app, "Begin a new consultation")
    assert_all_off(app)


def test_the_consultation_after_a_record_begins_without_filters() -> None:
    app = all_on(compare_page(levels=("L4/5",)))
    app.switch_page("pages/take_home.py").run()
    press(app, "Save as a record")
    press(app, "Begin the next consultation")
    assert_all_off(app)


def kept_with_filters(audience: str = "Clinician") -> str:
    """The name of a draft whose screen was filtered when it was last seen, written as an older version wrote it."""
    here = Consultation(*DISC, answers={"a1": Answer.NO})
    view = {"audience": audience, "design": "All studies", "same_condition": True, "cautions": True}
    with closing(Store()) as opened_store:
        saved = session.put(replace(session.Session(), view=view), here, lambda: opened_store)
    assert saved.draft_id
    return saved.draft_id


@pytest.mark.parametrize("audience", ["Clinician", "Patient"])
def test_a_draft_comes_back_without_filters(audience: str) -> None:
    app = opened("pages/start.py", draft=kept_with_filters(audience))
    assert audience_of(app) == audience
    assert_all_off(show_to(app, "Clinician"))


def test_another_draft_is_opened_without_the_filters_of_this_one() -> None:
    other = kept_with_filters()
    app = all_on(compare_page(levels=("L4/5",)))
    app.switch_page("pages/saved.py").run()
    (button,) = [b for b in app.button if b.key and other in b.key and "Open" in b.label]
    button.click().run()
    assert_all_off(app)


def test_filters_stay_through_pages_and_audiences_of_one_consultation() -> None:
    app = all_on(compare_page())
    before = words(app)
    for page in ("pages/start.py", "pages/risks.py", "pages/compare.py"):
        app.switch_page(page).run()
    assert words(app) == before
    show_to(app, "Patient")
    assert words(app) == []
    assert words(show_to(app, "Clinician")) == before


# ---- paper and screen ------------------------------------------------------------------------------------------------


def test_paper_keeps_the_usual_numbers_and_the_page_says_so(data: Evidence) -> None:
    here = Consultation(*DISC)
    usual = handout.build(data, here, {}, date(2026, 11, 26))
    app = all_on(compare_page())
    app.switch_page("pages/take_home.py").run()
    assert words(app) == [filter_words.HANDOUT_KEEPS_USUAL]
    kept = app.session_state["_sheet"][0][0]
    assert kept.rows == usual.rows
    assert clinical_note.text(data, here, {}, date(2026, 11, 26))


def test_the_evidence_page_names_its_filters_and_clears_them() -> None:
    app = opened("pages/evidence.py", condition="disc_herniation", procedure="discectomy")
    assert words(app) == []
    app.radio(key="evidence_design").set_value("All studies")
    app.selectbox(key="evidence_condition").set_value("spinal_stenosis")
    app.slider(key="evidence_years").set_value((2015, 2020)).run()
    (told,) = words(app)
    for named in ("all studies", "only studies of spinal stenosis", "published 2015 to 2020", "Only this page"):
        assert named in told
    press(app, filter_words.CLEAR)
    assert_whole(app, "pages/evidence.py")
    assert words(app) == []
    assert [s.value for s in app.slider] == [(1996, 2026)]
    app.switch_page("pages/about.py").run().switch_page("pages/evidence.py").run()
    assert words(app) == []


# ---- what a filter leaves --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def filtered(data: Evidence) -> list[side_by_side.SideBySide]:
    return [
        side_by_side.side_by_side(data, condition, procedure, Filters(design, technique, same, cautions))
        for condition, described in data.conditions.items()
        for procedure in described.procedures
        for design, technique, same, cautions in product(
            DesignFilter, (None, *techniques(data, procedure)), (False, True), (False, True)
        )
        if not (cautions and (technique or same))  # that adds studies: alone it is enough
    ]


@pytest.mark.parametrize("audience", Audience)
def test_a_filter_that_leaves_nothing_is_never_called_not_in_our_data(
    filtered: list[side_by_side.SideBySide], audience: Audience, data: Evidence
) -> None:
    seen = 0
    unfiltered = {
        (condition, procedure): side_by_side.side_by_side(data, condition, procedure)
        for condition, described in data.conditions.items()
        for procedure in described.procedures
    }
    for table in filtered:
        taken_away = [narrowing.taken_away(data, row.approaches) for row in table.rows]
        if not any(taken_away):
            continue
        tree = page_html.read(components.side_by_side_table(table, data, audience)).without("popover")
        drawn_rows = {tr.attributes.get("data-outcome"): tr for tr in tree.one("tbody").all("tr")}
        for row, n in zip(table.rows, taken_away, strict=True):
            if not n:
                continue
            drawn = drawn_rows[str(row.outcome.outcome)]
            seen += 1
            usual = unfiltered[table.condition, table.procedure].answer(row.outcome.outcome)
            assert n == len(usual.approaches.studies) or table.filters.design is DesignFilter.ALL
            cells = [cell.text for cell in drawn.all("td")]
            assert cells[3].startswith(f"{components.VERSUS} No study left the filter leaves none of {n} stud")
            assert not any("not in our data" in text.lower() for text in cells[1:])
            assert "not in our data" not in wording.headline(row.approaches, audience).lower()
            assert "in the dataset" not in wording.nothing_to_draw(row.approaches, audience)
    assert seen > 20


def test_what_nobody_compared_is_still_called_so(data: Evidence) -> None:
    for design in DesignFilter:
        question = ask(data, Procedure.FUSION, Outcome.CONVERSION_TO_OPEN, design=design, technique="mis_tlif")
        assert narrowing.taken_away(data, compare(data, question)) == 0
    plain = compare(data, ask(data, Procedure.FUSION, Outcome.CONVERSION_TO_OPEN))
    assert plain.state is State.NOT_IN_DATA
    assert "not in our data" in wording.headline(plain, Audience.CLINICIAN)


def test_a_review_never_leads_under_a_filter_and_the_usual_number_comes_back_without_it(
    filtered: list[side_by_side.SideBySide], data: Evidence
) -> None:
    """A review covers other studies than those a filter leaves."""
    seen = 0
    for table in filtered:
        narrows = table.filters.design is DesignFilter.RCT or table.filters.technique or table.filters.same_condition
        for row in table.rows:
            if narrows:
                assert row.approaches.lead.rung is not Rung.REVIEW
            else:
                seen += row.approaches.lead.rung is Rung.REVIEW
    assert seen


def test_the_condition_without_surgery_is_the_question_and_no_filter(data: Evidence) -> None:
    question = ask(
        data, Procedure.FUSION, Outcome.ODI, contrast=Contrast.SURGERY_VERSUS_NONOPERATIVE,
        condition=Condition.SPONDYLOLISTHESIS,
    )  # fmt: skip
    assert not narrowing.is_narrowed(question)
    assert filter_words.on_evidence(data, question) == ()
    assert narrowing.is_narrowed(replace(question, years=(2000, 2001)))
    against_open = replace(question, contrast=Contrast.MIS_VERSUS_OPEN)
    assert narrowing.is_narrowed(against_open)
    assert re.search("only studies of spondylolisthesis", filter_words.on_evidence(data, against_open)[0])
