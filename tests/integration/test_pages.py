"""Every page, run without a browser: each choice, each audience, each way in, and datasets that are broken or old."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import page_html
import pytest
from dashboard_app import (  # noqa: F401 (fixtures)
    ROOT,
    TITLES,
    assert_whole,
    audience_of,
    charts,
    choose,
    context,
    fresh_server,
    heading,
    home,
    html,
    opened,
    ready_server,
    show_to,
    title_of,
)
from streamlit.testing.v1 import AppTest

from decision_aid import components, wording
from decision_aid.app import evidence_file, session
from decision_aid.app.steps import LIBRARY, path_of
from decision_aid.comparison import side_by_side
from decision_aid.comparison.question import DesignFilter
from decision_aid.comparison.selection import techniques
from decision_aid.consultation.model import AgeGroup, Answer, Consultation, Duration, Laterality
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Procedure
from decision_aid.evidence.loading import Evidence, load
from decision_aid.storage.store import Store
from decision_aid.wording.patient_screen_words import OPEN

Change = Callable[[str, str, str, str], int]
AUDIENCES = ("Clinician", "Patient")
CHOICES = [(c, p) for c, row in load().conditions.items() for p in row.procedures]


@pytest.fixture(autouse=True)
def _caches(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test with a dataset of its own starts without a cached one and leaves none behind."""
    own = "dataset" in request.fixturenames
    if own:
        clear_caches()
    yield
    if own:
        clear_caches()


def clear_caches() -> None:
    evidence_file._load.clear()
    evidence_file._arguments.cache_clear()


def table(app: AppTest) -> str:
    (found,) = [text for text in html(app) if "side by side</caption>" in text]
    return found


# ---- every page, every choice ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
@pytest.mark.parametrize("page", TITLES)
def test_page_runs(page: str, condition: Condition, procedure: Procedure, audience: str, data: Evidence) -> None:
    app = opened(page, condition=str(condition), procedure=str(procedure), audience=audience)
    # The patient's view has no library: from there it leads back to the comparison.
    assert_whole(
        app, "pages/compare.py" if audience == "Patient" and page in {path_of(each) for each in LIBRARY} else page
    )
    described, planned = data.conditions[condition], data.procedures[procedure]
    labels = (
        (described.patient_label, planned.patient_label)
        if audience == "Patient"
        else (described.clinician_label, planned.clinician_label)
    )
    assert context(app) == " · ".join(labels)


def test_every_page_of_the_program_is_tested() -> None:
    assert {f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py")} == set(TITLES)


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("procedure", Procedure)
def test_every_chart_has_a_text_that_says_what_it_shows(procedure: Procedure, audience: str, data: Evidence) -> None:
    condition = next(c for c, row in data.conditions.items() if procedure in row.procedures)
    app = opened("pages/compare.py", condition=str(condition), procedure=str(procedure), audience=audience)
    drawn = set()
    for label in list(recovery(app).options):
        choose(app, "recovery", outcome_of(label, data))
        assert_whole(app, "pages/compare.py")
        for chart in charts(app):
            drawn.add(chart.key)
            alt = chart.proto.alt
            assert re.search(r"\d", alt) or "not measured" in alt.lower(), (label, alt)
            assert len(alt) > 40, alt
    assert drawn >= {"chart_blood_loss", "chart_length_of_stay", "chart_recovery"}


def recovery(app: AppTest) -> Any:
    (widget,) = [w for w in app.segmented_control if str(w.key).startswith("recovery:")]
    return widget


def outcome_of(label: str, data: Evidence) -> str:
    found = [str(o) for o, row in data.outcomes.items() if label in [wording.outcome_name(row, a) for a in Audience]]
    assert len(found) == 1, (label, found)
    return found[0]


# ---- ways in ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("fresh_server")
@pytest.mark.parametrize("page", TITLES)
def test_deep_link_to_a_fresh_server_ends_with_the_frame(page: str) -> None:
    app = opened(page)
    assert_whole(app, page)
    assert "_return_to" not in app.session_state


@pytest.mark.usefixtures("fresh_server")
@pytest.mark.parametrize("first", ["pages/start.py", "pages/compare.py", "pages/about.py"])
def test_frame_stays_through_many_page_changes(first: str) -> None:
    app = opened(first)
    for page in [*TITLES, *reversed(TITLES)]:
        app.switch_page(page).run()
        assert_whole(app, page)


@pytest.mark.usefixtures("fresh_server")
def test_query_of_a_deep_link_survives_the_detour() -> None:
    draft = Store().new_draft(session.content(session.Session(Consultation(levels=("L4/5",)))))
    app = opened("pages/compare.py", draft=draft.id)
    assert_whole(app, "pages/compare.py")
    assert app.query_params == {"draft": draft.id}
    assert context(app).endswith("L4/5")


def test_example_leads_to_compare_with_a_herniated_disc() -> None:
    app = opened(condition="spinal_stenosis", procedure="fusion", levels=("L1/2",))
    next(b for b in app.button if "example" in b.label).click().run()
    assert_whole(app, "pages/compare.py")
    assert context(app) == "Disc herniation with leg pain · Discectomy · L5/S1"


def test_next_on_start_is_the_checklist_and_nothing_skips_it() -> None:
    app = choose(opened(), "condition", "spondylolisthesis")
    app.segmented_control(key="level").set_value(["L4/5"]).run()
    assert [b.label for b in app.button if b.label != OPEN] == ["Begin a new consultation", wording.EXAMPLE]
    app.switch_page("pages/indications.py").run()
    assert_whole(app, "pages/indications.py")
    assert context(app) == "Spondylolisthesis · Fusion · L4/5"


def test_a_patient_sees_no_other_consultation() -> None:
    app = choose(opened(), "condition", "spondylolisthesis")
    later = opened()
    for shown in (app, later):
        assert shown.button
        show_to(shown, "Patient")
        assert [b.label for b in shown.button if b.label != wording.SHOW_THE_CLINICIAN] == []


# ---- what was entered stays ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", AUDIENCES)
def test_inputs_survive_page_changes(audience: str, data: Evidence) -> None:
    app = opened()
    app.segmented_control(key="audience").set_value(audience).run()
    choose(app, "condition", "spinal_stenosis")
    choose(app, "procedure", "fusion")
    app.segmented_control(key="level").set_value(["L3/4"]).run()
    app.switch_page("pages/compare.py").run()
    filtered = audience == "Clinician"  # a patient is offered no filter
    assert [r.key for r in app.radio if r.key == "design"] == (["design"] if filtered else [])
    if filtered:
        app.radio(key="design").set_value("All studies").run()
        app.selectbox(key="technique_fusion").set_value("mis_tlif").run()
        app.toggle(key="same_condition").set_value(True).run()
        app.toggle(key="cautions").set_value(True).run()
    choose(app, "recovery", "vas_back")
    before = table(app)
    for page in ("pages/start.py", "pages/compare.py", "pages/start.py", "pages/compare.py"):
        app.switch_page(page).run()
        assert_whole(app, page)
        assert context(app).endswith("L3/4")
        assert audience_of(app) == audience
        if page == "pages/start.py":
            assert [r.value for r in app.radio] == ["spinal_stenosis", "fusion"]
            assert app.segmented_control(key="level").value == ["L3/4"]
    if filtered:
        assert app.radio(key="design").value == "All studies"
        assert app.selectbox(key="technique_fusion").value == "mis_tlif"
        assert [t.value for t in app.toggle] == [True, True]
    assert recovery(app).value == "vas_back"
    assert table(app) == before


def test_choices_survive_a_change_of_audience() -> None:
    app = opened()
    choose(app, "condition", "degenerative_disc_disease")
    choose(app, "procedure", "discectomy")
    for audience in ("Patient", "Clinician", "Patient"):
        show_to(app, audience)
        assert [r.value for r in app.radio] == ["degenerative_disc_disease", "discectomy"]
    app.switch_page("pages/compare.py").run()
    choose(app, "recovery", "vas_leg")
    for audience in ("Clinician", "Patient"):
        show_to(app, audience)
        assert recovery(app).value == "vas_leg"


def test_a_condition_proposes_its_usual_procedure_whatever_was_planned_before(data: Evidence) -> None:
    app = opened()
    for first, second in product(data.conditions, repeat=2):
        choose(app, "condition", str(first))
        for planned in data.conditions[first].procedures:
            if first == second:
                continue
            choose(app, "procedure", str(planned))
            choose(app, "condition", str(second))
            usual = data.conditions[second].procedures[0]
            assert [r.value for r in app.radio] == [str(second), str(usual)], (first, planned)
            told = f"Usual for this condition: {data.procedures[usual].clinician_label}."
            assert any(told in text for text in html(app))
            choose(app, "condition", str(first))
    assert_whole(app, "pages/start.py")


def test_levels_side_duration_and_age_are_kept_and_can_be_taken_back() -> None:
    app = choose(opened(), "condition", "spondylolisthesis")
    app.segmented_control(key="level").set_value(["L4/5", "L3/4"]).run()  # told from the top down
    app.segmented_control(key="side").set_value(Laterality.BOTH).run()
    app.segmented_control(key="duration").set_value(Duration.LONGER).run()
    app.segmented_control(key="age_group").set_value(AgeGroup.OVER_65).run()
    assert context(app) == "Spondylolisthesis · Fusion · L3/4 and L4/5, both sides"
    kept = opened(draft=app.query_params["draft"])
    assert [kept.segmented_control(key=k).value for k in ("level", "side", "duration", "age_group")] == [
        ["L3/4", "L4/5"],
        Laterality.BOTH,
        Duration.LONGER,
        AgeGroup.OVER_65,
    ]
    for key, nothing in (("level", []), ("side", None), ("duration", None), ("age_group", None)):
        kept.segmented_control(key=key).set_value(nothing).run()
    assert context(kept) == "Spondylolisthesis · Fusion"
    assert_whole(kept, "pages/start.py")


def test_a_draft_of_the_first_version_opens_with_its_several_levels() -> None:
    old = {"version": 1, "condition": "spinal_stenosis", "procedure": "decompression", "level": "several"}
    draft = Store().new_draft({"consultation": old, "view": {}, "record": None})
    app = opened(draft=draft.id)
    assert_whole(app, "pages/start.py")
    assert context(app).endswith("Decompression · several levels")
    assert app.segmented_control(key="level").value == ["several"]


# ---- the checklist ---------------------------------------------------------------------------------------------------


def given(app: AppTest, *items: str) -> list[Any]:
    return [app.segmented_control(key=f"answer:{i}").value for i in items]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_all_red_flags_are_answered_by_one_click_and_taken_back_by_another(audience: str) -> None:
    app = opened("pages/indications.py", audience=audience)
    flags = ("a1", "a2", "a4", "a5_a6")
    button = app.button(key="none_red_flag")
    assert button.label == "None of these 4"
    button.click().run()
    assert given(app, *flags) == [Answer.NO] * 4
    assert app.button(key="none_red_flag").label == "Clear every No"
    app.segmented_control(key="answer:a2").set_value(Answer.NOT_KNOWN).run()  # each can still be answered alone
    app.button(key="none_red_flag").click().run()
    assert given(app, *flags) == [None, Answer.NOT_KNOWN, None, None]
    assert app.button(key="none_red_flag").label == "None of the other 3"
    assert_whole(app, "pages/indications.py")


def test_one_click_says_no_to_nothing_that_is_not_on_the_short_path() -> None:
    """“No” to a bladder scan that nobody made would be an answer that nobody gave."""
    app = opened("pages/indications.py", path="Full list")
    assert app.button(key="none_red_flag").label == "None of the first 4"
    app.button(key="none_red_flag").click().run()
    assert given(app, "a1", "a1a", "a1d") == [Answer.NO, None, None]


def test_the_banner_stands_in_the_place_that_was_kept_for_it() -> None:
    app = opened("pages/indications.py")
    (before,) = [n for n, text in enumerate(html(app)) if 'class="note act-now-here"' in text]
    app.segmented_control(key="answer:a1").set_value(Answer.YES).run()
    (after,) = [n for n, text in enumerate(html(app)) if 'class="act-now"' in text]
    assert before == after


def test_what_start_answers_is_answered_on_the_checklist_and_follows() -> None:
    app = choose(opened(), "condition", "spondylolisthesis")
    app.segmented_control(key="level").set_value(["L3/4", "L4/5"]).run()
    app.switch_page("pages/indications.py").run()
    assert given(app, "cf1", "c7") == [Answer.NO, None]
    assert sum(wording.ANSWERED_ON_START in text for text in html(app)) == 1
    app.switch_page("pages/start.py").run()
    app.segmented_control(key="level").set_value(["L4/5"]).run()
    app.switch_page("pages/indications.py").run()
    assert given(app, "cf1") == [None]
    app.segmented_control(key="answer:cf1").set_value(Answer.YES).run()
    app.switch_page("pages/start.py").run()
    app.segmented_control(key="level").set_value(["L3/4", "L4/5"]).run()
    app.switch_page("pages/indications.py").run()
    assert given(app, "cf1") == [Answer.YES]  # a person's answer stays
    assert not any(wording.ANSWERED_ON_START in text for text in html(app))


# ---- filters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("procedure", Procedure)
def test_each_filter_changes_the_table(procedure: Procedure) -> None:
    usual = {"condition": "degenerative_disc_disease", "procedure": str(procedure), "design": "All studies"}
    plain = table(opened("pages/compare.py", **usual))
    technique = {"fusion": "mis_tlif"}.get(procedure, "tubular")
    for changed in (
        {"design": "Randomised trials only"},
        {"same_condition": True},
        {"cautions": True},
        {f"technique_{procedure}": technique},
    ):
        app = opened("pages/compare.py", **usual | changed)
        assert_whole(app, "pages/compare.py")
        assert table(app) != plain, changed


@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_option_without_surgery_cannot_be_switched_off(
    condition: Condition, procedure: Procedure, data: Evidence
) -> None:
    filters = product(DesignFilter, [None, *techniques(data, procedure)], (False, True), (False, True))
    usual = side_by_side.side_by_side(data, condition, procedure).rows
    for chosen in filters:
        shown = side_by_side.side_by_side(data, condition, procedure, side_by_side.Filters(*chosen))
        assert [row.outcome.outcome for row in shown.rows] == [row.outcome.outcome for row in usual]
        for row, audience in product(shown.rows, Audience):
            cell = wording.without_surgery_cell(row, audience, shown.denominator)
            assert cell.big.strip(), (chosen, row.outcome.outcome)


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_table_has_every_option_in_the_same_order_and_no_empty_cell(
    condition: Condition, procedure: Procedure, audience: Audience, data: Evidence
) -> None:
    shown = side_by_side.side_by_side(data, condition, procedure)
    tree = page_html.read(components.side_by_side_table(shown, data, audience)).without("popover")
    head, *rows = tree.all("tr")
    options = [th.content[1] for th in head.all("th", "option")]
    assert options == ["Without surgery", "Open surgery", "Minimally invasive"]
    told = [r for r in shown.rows if r.tells(audience is Audience.PATIENT)]
    unknown = [r.outcome for r in shown.rows if r not in told]
    *rows, last = rows if unknown else [*rows, None]
    if last:  # what nothing is known of is named in one line at the end
        assert [cell.attributes["class"] for cell in last.content] == ["unknown"]
        assert last.text == wording.not_known(unknown, audience)
    assert [row.attributes["data-outcome"] for row in rows] == [
        *(r.outcome.outcome for r in told),
        "chose_surgery_later",
    ]
    for row in rows:
        assert len(row.content) == 5
        assert all(cell.text for cell in row.content[:-1]), row.text
    assert all(row.content[-1].text for row in rows[:-1]), "two options are compared in each row of an outcome"


@pytest.mark.parametrize("design", ["Randomised trials only", "All studies"])
def test_page_holds_with_every_filter_on(design: str) -> None:
    app = opened("pages/compare.py", condition="spondylolisthesis", procedure="fusion")
    app.radio(key="design").set_value(design)
    app.selectbox(key="technique_fusion").set_value("mis_xlif")
    app.toggle(key="same_condition").set_value(True)
    app.toggle(key="cautions").set_value(True)
    app.run()
    assert_whole(app, "pages/compare.py")
    assert "Without surgery" in table(app)
    assert not [text for text in html(app) if "Staying without surgery" in text], "it is drawn when it is opened"
    assert [e.label for e in app.expander].count(wording.LIVING_WITH_IT) == 1
    app.session_state["living"] = True
    app.run()
    assert sum("Staying without surgery" in text for text in html(app)) == 1


def test_filters_of_one_procedure_do_not_reach_another() -> None:
    app = opened("pages/compare.py", condition="disc_herniation", technique_discectomy="tubular")
    assert app.selectbox(key="technique_discectomy").value == "tubular"
    app.switch_page("pages/start.py").run()
    choose(app, "condition", "spondylolisthesis")
    app.switch_page("pages/compare.py").run()
    assert_whole(app, "pages/compare.py")
    assert app.selectbox(key="technique_fusion").value == "all techniques"


# ---- datasets that are broken, old or hostile ------------------------------------------------------------------------


@pytest.mark.parametrize("page", TITLES)
def test_damaged_dataset_is_named_and_nothing_is_shown(page: str, change: Change) -> None:
    study = next(iter(load().studies))
    lines = {
        "year": change("studies.csv", study, "year", "<b>twenty</b>"),
        "mean": change("arms.csv", study, "mean", "about 5"),
    }
    app = opened(page)
    assert [e.value for e in app.exception] == []
    assert heading(app) == "The evidence cannot be shown"
    (message,) = [e.value for e in app.error]
    assert message.startswith("2 faults in ")
    assert "Traceback" not in message
    (faults,) = [text for text in html(app) if 'class="problems"' in text]
    assert f"studies.csv, line {lines['year']}, column year: found “&lt;b&gt;twenty&lt;/b&gt;”" in faults
    assert f"arms.csv, line {lines['mean']}, column mean: found “about 5”; expected a number" in faults
    assert "Traceback" not in faults
    assert "<b>twenty" not in faults
    assert not [text for text in html(app) if "<table" in text or "Three options" in text or "Three choices" in text]
    assert not charts(app)


def test_mended_dataset_is_shown_again_without_a_restart(change: Change) -> None:
    study = next(iter(load().studies))
    year = str(load().studies[study].year or "")
    change("studies.csv", study, "year", "twenty")
    app = opened("pages/compare.py")
    assert heading(app) == "The evidence cannot be shown"
    change("studies.csv", study, "year", year)
    app.run()
    assert_whole(app, "pages/compare.py")


def test_missing_dataset_says_which_folder(dataset: Path) -> None:
    shutil.rmtree(dataset)
    app = opened()
    assert [e.value for e in app.exception] == []
    (message,) = [e.value for e in app.error]
    assert str(dataset) in message
    assert not [text for text in html(app) if "<table" in text]


@pytest.mark.parametrize("page", TITLES)
def test_expired_review_date_is_said_on_every_page(page: str, dataset: Path) -> None:
    path = dataset / "datapackage.json"
    description = json.loads(path.read_text(encoding="utf-8"))
    description["reviewDate"] = "2020-01-31"
    path.write_text(json.dumps(description), encoding="utf-8")
    app = opened(page)
    assert heading(app) == title_of(page, app)
    (banner,) = [w.value for w in app.warning]
    assert "31 Jan 2020" in banner
    assert [e.value for kind in (app.exception, app.error) for e in kind] == []


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize(
    ("page", "procedure", "recovery"),
    [
        ("pages/start.py", "discectomy", "odi"),
        ("pages/compare.py", "discectomy", "odi"),
        ("pages/compare.py", "discectomy", "sf36_bodily_pain"),  # nothing to draw: a note with the label instead
    ],
)
def test_text_of_the_dataset_is_never_markup(
    page: str, procedure: str, recovery: str, audience: str, change: Change, data: Evidence
) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)> \"quoted\" 'single' & more"
    for column in ("clinician_label", "patient_label", "what_it_is", "natural_course_note"):
        change("conditions.csv", "disc_herniation", column, hostile)
    for column in ("clinician_label", "patient_label", "open_clinician_name", "mis_clinician_name"):
        change("procedures.csv", procedure, column, hostile)
    for outcome in data.outcomes:
        for column in ("clinician_label", "patient_label"):
            change("outcomes.csv", outcome, column, f"{outcome} {hostile}")
    change("options.csv", procedure, "text", hostile)
    app = opened(page, condition="disc_herniation", procedure=procedure, recovery=recovery, audience=audience)
    assert_whole(app, page)
    told = "".join(html(app))
    assert "&lt;script&gt;alert(1)" in told
    for raw in ("<script", "<img", '"quoted"', "& more"):
        assert raw not in told, told[max(0, told.find(raw) - 200) : told.find(raw) + 60]


# ---- the checklist ---------------------------------------------------------------------------------------------------


def answer(app: AppTest, item_id: str, given: str) -> AppTest:
    (widget,) = [w for w in app.segmented_control if w.key == f"answer:{item_id}"]
    return widget.set_value(given).run()


def banners(app: AppTest) -> list[str]:
    return [text for text in html(app) if 'class="act-now"' in text]


def test_nothing_on_the_checklist_is_answered_by_itself() -> None:
    app = opened("pages/indications.py")
    given = [w.value for w in app.segmented_control if str(w.key).startswith("answer:")]
    assert len(given) >= 14
    assert set(given) == {None}
    assert banners(app) == []


def test_red_flag_raises_the_banner_here_and_over_the_numbers_and_hides_nothing() -> None:
    app = answer(opened("pages/indications.py"), "a1", "yes")
    (banner,) = banners(app)
    assert "hospital at once" in banner
    assert "do not apply until this is settled" in banner
    compare = app.switch_page("pages/compare.py").run()
    assert banners(compare) == [banner]
    assert "Without surgery" in table(compare)
    back = answer(compare.switch_page("pages/indications.py").run(), "a1", "no")
    assert banners(back) == []


def test_answers_stay_across_pages_audiences_and_paths() -> None:
    app = answer(opened("pages/indications.py"), "a2", "not_known")
    app = app.switch_page("pages/start.py").run().switch_page("pages/indications.py").run()
    (audience,) = [w for w in app.segmented_control if w.key == "audience"]
    app = audience.set_value("Patient").run()
    (path,) = [w for w in app.segmented_control if w.key == "path"]
    app = path.set_value("Full list").run()
    (kept,) = [w.value for w in app.segmented_control if w.key == "answer:a2"]
    assert kept == "not_known"


def test_patients_are_not_given_orders_for_the_surgeon() -> None:
    app = answer(opened("pages/indications.py", audience="Patient"), "a1", "yes")
    (banner,) = banners(app)
    assert "MRI" not in banner
    assert "Your surgeon will tell you" in banner
