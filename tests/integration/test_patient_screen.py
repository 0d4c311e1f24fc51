"""The patient's own screen without a browser: two windows on one program, and what the patient's can and cannot do."""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any

import pytest
from dashboard_app import (
    ROOT,
    SECONDS,
    TITLES,
    choose,
    heading,
    home,  # noqa: F401 (fixture)
    html,
    opened,
    ready_server,  # noqa: F401 (fixture)
)
from streamlit.testing.v1 import AppTest

from decision_aid import wording
from decision_aid.app import saved_work, shared_screens
from decision_aid.storage import store
from decision_aid.storage.store import Store
from decision_aid.wording import patient_screen_words as words

LIBRARY = ("evidence", "own_results", "case_log", "saved", "about")


@pytest.fixture(autouse=True)
def no_screens() -> None:
    shared_screens.shared.clear()


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [b for b in app.button if b.label == label]
    return button.click().run()


def text(app: AppTest) -> str:
    assert [e.value for e in app.exception] == []
    return " ".join(re.sub("<style>.*?</style>", "", part, flags=re.DOTALL) for part in html(app))


def surgeon(page: str = "pages/matters.py", **inputs: Any) -> tuple[AppTest, str]:
    """A surgeon's window with the patient's screen open, and the token of its address."""
    app = press(opened(page, **inputs), words.OPEN)
    (token,) = set(re.findall(r"\?screen=(\w+)", text(app)))
    assert token not in str(app.query_params)
    return app, token


def patient(token: str, page: str = "pages/start.py", **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=SECONDS)
    for name, value in {"screen": token, **query}.items():
        app.query_params[name] = value
    return app.switch_page(page).run()


def concerns(app: AppTest) -> list[Any]:
    return [b for b in app.button if str(b.key).startswith("concern:")]


def marks(app: AppTest) -> list[str]:
    """The first three concerns of the list: the place of each, or nothing."""
    labels = (b.label.replace("\\", "").removeprefix("**") for b in concerns(app)[:3])
    return [next((str(p) for p, told in wording.PLACE_MARKS.items() if label.startswith(told)), "") for label in labels]


def mark(app: AppTest, concern: int) -> AppTest:
    return concerns(app)[concern].click().run()


def kept_marks() -> list[Any]:
    with closing(Store()) as whole:
        return [sorted(d.content["consultation"]["matters"].values()) for d in whole.list_drafts()]


def test_answers_of_the_patients_window_are_saved_once_by_the_surgeons() -> None:
    mine, token = surgeon()
    theirs = patient(token)
    assert heading(theirs) == "What matters to you?"
    mark(theirs, 0)
    mark(mine, 1)
    mine.run()
    theirs.run()
    assert marks(mine) == marks(theirs)
    assert sorted(marks(mine)) == ["", "first", "second"]
    assert kept_marks() == [["first", "second"]]
    assert set(theirs.query_params) == {"screen"}
    assert {"with", "draft"} == set(mine.query_params)


def test_the_patients_window_goes_where_the_surgeons_goes_and_shows_the_same_subject_and_row() -> None:
    mine, token = surgeon("pages/compare.py")
    theirs = patient(token)
    for page in ("risks", "decision", "start", "take_home", "indications", "compare"):
        mine.switch_page(f"pages/{page}.py").run()
        theirs.run()
        assert heading(theirs) == heading(mine).replace("options", "choices"), page
        labels = {b.label for b in theirs.button} | {s.label for s in theirs.segmented_control}
        assert not labels & {"Shown for", "Save as a record", "Begin a new consultation", "Show the clinician’s view"}
        assert len(theirs.get("download_button")) == 0, page
    mine.selectbox(key="_pointed").set_value("blood_loss").run()
    theirs.run()
    assert any('[data-outcome="blood_loss"]' in part for part in html(theirs))
    mine.switch_page("pages/start.py").run()
    choose(mine, "condition", "spondylolisthesis")
    theirs.run()
    assert theirs.session_state["session"].consultation.condition == "spondylolisthesis"
    mine.switch_page("pages/evidence.py").run()  # looking something up leaves the patient's screen where it was
    theirs.run()
    assert heading(theirs) == TITLES["pages/start.py"]


def test_no_filter_reaches_the_patients_window_and_the_clinics_counts_do() -> None:
    mine, token = surgeon("pages/compare.py", design="Randomised trials only")
    theirs = patient(token)
    # A filter is the clinician's alone: the patient is shown what counts without one, in either window.
    assert any('class="filtered"' in part for part in html(mine))
    assert not any('class="filtered"' in part for part in html(theirs))
    counts = {"discectomy:infection": {"mis:events": 1, "mis:cases": 50, "open:events": 2, "open:cases": 60}}
    mine.session_state["own_counts"] = counts
    mine.switch_page("pages/risks.py").run()
    theirs.run()
    assert theirs.session_state["own_counts"]["discectomy:infection"] == counts["discectomy:infection"]
    press(mine, words.CLOSE)


@pytest.mark.parametrize("page", LIBRARY)
def test_no_address_leads_a_patients_window_into_the_library(page: str) -> None:
    mine, token = surgeon("pages/compare.py", levels=("L4/5",))
    for query in ({}, {"draft": "abc"}, {"with": token}):
        theirs = patient(token, f"pages/{page}.py", **query)
        assert heading(theirs) == "Three choices, side by side"
        assert set(theirs.query_params) == {"screen"}
    assert heading(mine) == "Three options, side by side"


@pytest.mark.parametrize("token", ["", "0" * 32, "never opened", "../saved"])
@pytest.mark.parametrize("page", ["start", "compare", "saved", "take_home"])
def test_a_wrong_or_old_token_shows_a_calm_sentence_and_nothing_else(token: str, page: str) -> None:
    surgeon("pages/compare.py", levels=("L4/5",))
    theirs = patient(token, f"pages/{page}.py")
    assert heading(theirs) in (words.BACK_IN_A_MOMENT, words.NOT_OPEN)
    assert words.ASK_TO_OPEN in text(theirs)
    assert "L4/5" not in text(theirs)
    assert not theirs.button
    assert not theirs.segmented_control


def test_a_patients_window_never_opens_the_saved_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the saved work is encrypted and the passphrase was given in the surgeon's window alone."""
    mine, token = surgeon(condition="disc_herniation")
    mark(mine, 0)
    store.change_passphrase(None, None, "a long walk's end")
    opened_by: list[bool] = []
    whole = saved_work._open_store

    def noted(*arguments: Any) -> Store:
        opened_by.append(shared_screens.is_patients_window())
        return whole(*arguments)

    monkeypatch.setattr(saved_work, "_open_store", noted)
    mine.session_state["_passphrase"] = "a long walk's end"
    theirs = patient(token)
    for step in ("compare", "risks", "decision", "take_home", "indications", "start", "matters"):
        mine.switch_page(f"pages/{step}.py").run()
        theirs.run()
        assert heading(theirs) == heading(mine).replace("options", "choices")
    mark(theirs, 1)
    assert marks(theirs) == ["first", "second", ""]
    assert False in opened_by  # the surgeon's window does open it
    assert True not in opened_by


def test_the_next_patient_gets_no_answer_of_the_one_before() -> None:
    mine, token = surgeon()
    theirs = patient(token)
    mark(theirs, 0)
    mine.switch_page("pages/start.py").run()
    press(mine, "Begin a new consultation")
    mine.switch_page("pages/matters.py").run()
    assert kept_marks() == [["first"]]
    mark(theirs, 1)  # given for the consultation that was laid aside meanwhile
    mine.run()
    theirs.run()
    assert not any(marks(mine))
    assert not any(marks(theirs))
    assert kept_marks() == [["first"]]


def test_a_closed_screen_leaves_a_calm_sentence_and_a_window_opened_again_by_its_address_is_followed() -> None:
    mine, token = surgeon()
    theirs = patient(token)
    mark(theirs, 0)
    mine.run()
    secret, draft = (mine.query_params[name] for name in ("with", "draft"))
    # As after a restart: nothing is in memory.
    shared_screens.shared.clear()
    theirs.run()
    assert heading(theirs) == words.BACK_IN_A_MOMENT
    again = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=SECONDS)
    again.query_params["with"], again.query_params["draft"] = secret, draft
    again.switch_page("pages/matters.py").run()
    theirs.run()
    assert heading(theirs) == "What matters to you?"
    assert marks(theirs)[0] == "first"
    press(again, words.CLOSE)
    theirs.run()
    assert heading(theirs) == words.BACK_IN_A_MOMENT
    assert "with" not in again.query_params
