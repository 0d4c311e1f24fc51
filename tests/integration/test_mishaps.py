"""When the program itself fails: no page ends in Streamlit's red box, and nothing of a patient gets into the log."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from dashboard_app import ROOT, TITLES, assert_whole, heading, home, html, opened, ready_server, title_of  # noqa: F401
from streamlit.runtime.scriptrunner import RerunException, StopException
from streamlit.testing.v1 import AppTest

from decision_aid import components, wording
from decision_aid.app import PART_MISSING, evidence_file, frame, mishaps, session, state, trouble
from decision_aid.storage.store import FOLDER_NAME, StoreError, Trouble
from decision_aid.wording import recovery_words, storage_words

SECRET = "Ottilie Holzapfel, 14 March 1951"


def fail(*_: Any, **__: Any) -> Any:
    raise ValueError(SECRET)


def sections(app: AppTest) -> list[str]:
    return [text for text in html(app) if 'class="note mishap"' in text]


def assert_calm(app: AppTest, title: str, log: str) -> None:
    """Our sentence once, no red box, the frame round it, and a log that names the place and not the patient."""
    assert not app.exception
    (section,) = sections(app)
    assert f"<h2>{title}</h2>" in section
    assert "Nothing you entered is lost" in section or "Everything you entered before" in section
    assert [w.label for w in app.segmented_control if w.key == "audience"] == ["Shown for"]
    assert "builtins.ValueError" in log
    assert "in fail" in log
    for part in (SECRET, "Ottilie", "1951"):
        assert part not in log
        assert part not in "".join(html(app))


@pytest.mark.parametrize("page", TITLES)
def test_a_page_that_fails_says_so_in_our_words(
    page: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(frame, "title", fail)
    assert_calm(opened(page), wording.MISHAP, caplog.text)


@pytest.mark.parametrize(
    ("module", "part"),
    [
        (frame, "_follow_address"),
        (frame, "_context"),
        (trouble, "tell"),
        (state, "audience"),
        (state, "view"),
        (state, "consultation"),
        (evidence_file, "evidence"),
    ],
)
def test_a_frame_that_fails_is_told_once(
    module: ModuleType, part: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, part, fail)
    app = opened("pages/about.py")
    assert not app.exception
    assert len(sections(app)) == 1
    assert SECRET not in caplog.text
    monkeypatch.undo()


def test_a_footer_that_fails_leaves_the_page(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(wording, "NOT_A_FORECAST", None)
    monkeypatch.setattr(frame, "day_in_words", fail)
    app = opened("pages/about.py")
    assert heading(app) == TITLES["pages/about.py"]
    assert_calm(app, wording.MISHAP, caplog.text)


def test_a_click_that_fails_leaves_the_page_and_what_was_entered(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = opened(levels=("L4/5",))
    monkeypatch.setattr(session, "put", fail)
    app.radio[0].set_value("spondylolisthesis").run()
    assert_calm(app, wording.MISHAP_OF_A_STEP, caplog.text)
    assert heading(app) == TITLES["pages/start.py"]
    assert app.session_state["session"].consultation.level == "L4/5"
    monkeypatch.undo()
    app.radio[0].set_value("spondylolisthesis").run()
    assert_whole(app, "pages/start.py")
    assert sections(app) == []
    assert str(app.session_state["session"].consultation.condition) == "spondylolisthesis"


@pytest.mark.parametrize("page", ["pages/decision.py", "pages/indications.py", "pages/matters.py"])
def test_a_click_in_a_part_of_a_page_that_fails_is_told(
    page: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = opened(page)
    monkeypatch.setattr(session, "put", fail)
    if page == "pages/decision.py":
        app.text_area[0].set_value(SECRET).run()
    elif page == "pages/matters.py":
        next(b for b in app.button if (b.key or "").startswith("concern:")).click().run()
    else:
        choice = next(c for c in app.segmented_control if (c.key or "").startswith("answer:"))
        choice.set_value(choice.options[0]).run()
    assert not app.exception
    assert len(sections(app)) == 1
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("page", "broken"),
    [
        ("pages/decision.py", (components, "question")),
        ("pages/indications.py", (components, "checklist_item")),
        ("pages/matters.py", (components, "trade_offs")),
        ("pages/risks.py", (components, "side_by_side_table")),
        ("pages/compare.py", (recovery_words, "recovery_finding")),
    ],
)
def test_a_part_that_fails_leaves_the_rest(
    page: str, broken: tuple[Any, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(*broken, fail)
    app = opened(page)
    assert_calm(app, wording.MISHAP, caplog.text)
    assert heading(app) == title_of(page, app)
    assert sum('class="footer"' in text for text in html(app)) == 1


def test_the_words_are_true_when_something_is_not_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "title", fail)
    unsaved = opened("pages/about.py", levels=("L4/5",))
    assert "not saved yet. Download what is on the screen" in sections(unsaved)[0]
    assert [b.label for b in unsaved.get("download_button")] == [wording.DOWNLOAD_SCREEN]
    saved = opened("pages/about.py")
    assert "Nothing you entered is lost." in sections(saved)[0]


def test_our_own_sentences_are_shown_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    error = StoreError(Trouble.DISK_FULL, path=Path("/mnt/clinic"))

    def gone(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(frame, "title", gone)
    app = opened("pages/about.py")
    assert not app.exception
    assert any(storage_words.told(error) in text for text in html(app))
    assert sections(app) == []


def test_stop_and_run_again_pass() -> None:
    told: list[str] = []
    for signal in (StopException(), RerunException(None)):  # type: ignore[arg-type]

        def raised(signal: BaseException = signal) -> None:
            raise signal

        with pytest.raises(type(signal)):
            mishaps.calmly(raised, lambda where, error: told.append(where))()
        with pytest.raises(type(signal)):
            mishaps.made_or_refused(raised)()
    assert told == []


def chained() -> None:
    try:
        fail()
    except ValueError as error:
        raise KeyError(SECRET) from error


def suppressed() -> None:
    try:
        fail()
    except ValueError:
        raise RuntimeError(f"read {SECRET}") from None


def noted() -> None:
    error = OSError(13, "Permission denied", f"/home/{SECRET}.csv")
    error.add_note(SECRET)
    raise error


@pytest.mark.parametrize(
    ("raised", "kinds"),
    [
        (fail, ["ValueError"]),
        (chained, ["KeyError", "ValueError"]),
        (suppressed, ["RuntimeError"]),
        (noted, ["PermissionError"]),
    ],
)
def test_the_log_says_where_and_never_what(
    raised: Callable[[], None], kinds: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Exception] = []
    mishaps.calmly(raised, lambda where, error: told.append(error))()
    assert len(told) == 1
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is None
    lines = caplog.text.splitlines()
    assert [line.split(".")[-1] for line in lines if "builtins." in line] == kinds
    assert f"in {raised.__name__}" in caplog.text
    assert SECRET not in caplog.text


def test_a_file_that_cannot_be_made_carries_nothing_of_the_patient(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(mishaps.NotMade) as refused:
        mishaps.made_or_refused(fail)()
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None
    assert "builtins.ValueError" in caplog.text
    assert SECRET not in caplog.text
    assert mishaps.made_or_refused(lambda: "rows")() == "rows"


def test_streamlit_still_has_the_places_that_are_wrapped() -> None:
    from streamlit.runtime.media_file_manager import MediaFileManager
    from streamlit.runtime.state.session_state import WStates

    for place in (WStates.call_callback, MediaFileManager.add_deferred):
        assert hasattr(place, "__wrapped__"), "a newer Streamlit calls from elsewhere: see calm._keep_calm"


def test_pages_use_the_part_that_keeps_calm() -> None:
    pages = sorted((Path(__file__).parents[2] / "pages").glob("*.py"))
    assert pages
    for page in pages:
        assert "st.fragment" not in page.read_text(encoding="utf-8"), "use calm.fragment"


def test_a_dataset_with_faults_is_still_told_as_that(dataset: Any) -> None:
    (dataset / "arms.csv").write_text("nothing\n", encoding="utf-8")
    app = opened("pages/about.py")
    assert not app.exception
    assert sections(app) == []
    assert heading(app) == "The evidence cannot be shown"


# ---- a folder for saved work that cannot be one ----------------------------------------------------------------------


def a_file(folder: Path) -> str:
    (folder / "file").write_text("a letter", encoding="utf-8")
    return str(folder / "file")


def a_link_to_nothing(folder: Path) -> str:
    (folder / "link").symlink_to(folder / "unplugged" / "drive")
    return str(folder / "link")


def a_link_to_itself(folder: Path) -> str:
    (folder / "loop").symlink_to(folder / "loop")
    return str(folder / "loop")


def a_file_in_the_place_of_the_folder(folder: Path) -> str:
    (folder / FOLDER_NAME).write_text("a letter", encoding="utf-8")
    return str(folder)


HOMES: dict[str, Callable[[Path], str]] = {
    "a file": a_file,
    "below a file": lambda folder: f"{a_file(folder)}/deeper",
    "a link to nothing": a_link_to_nothing,
    "a link to itself": a_link_to_itself,
    "a file in the place of the folder": a_file_in_the_place_of_the_folder,
    "a device": lambda _: "/dev/null",
    "a name too long": lambda folder: str(folder / ("a" * 300)),
    "a path too long": lambda folder: f"{folder}{'/a' * 4000}",
    "the home of nobody": lambda _: "~nobody-of-that-name/saved",
}


@pytest.mark.skipif(os.name != "posix", reason="these folders can be made on POSIX only")
@pytest.mark.parametrize("kind", HOMES)
def test_a_folder_that_cannot_be_one_is_told_on_a_page_that_works(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DECISION_AID_HOME", HOMES[kind](tmp_path))
    app = opened()
    app.radio[0].set_value("spondylolisthesis").run()
    for page in ("pages/start.py", "pages/compare.py", "pages/saved.py", "pages/own_results.py", "pages/case_log.py"):
        app.switch_page(page).run()
        assert not app.exception, page
        assert sections(app) == [], page
        told = [text for text in html(app) if "<h2>Not saved</h2>" in text]
        assert told, page
        assert all("start again" in text and len(text) < 700 for text in told), told
        assert str(app.session_state["session"].consultation.condition) == "spondylolisthesis"
        assert wording.DOWNLOAD_SCREEN in [b.label for b in app.get("download_button")]
    assert [r for r in caplog.records if r.name == "decision_aid"] == []


@pytest.mark.skipif(os.name != "posix", reason="these folders can be made on POSIX only")
def test_a_folder_whose_name_is_outside_unicode_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DECISION_AID_HOME", f"{tmp_path}/Fälle\udce4")
    app = opened(levels=("L4/5",))
    app.radio[0].set_value("spondylolisthesis").run()
    app.switch_page("pages/saved.py").run()
    assert_whole(app, "pages/saved.py")
    assert any("Fälle\ufffd" in text for text in html(app))


def test_a_folder_that_goes_away_while_the_program_runs(home: Path) -> None:  # noqa: F811
    app = opened(levels=("L4/5",))
    app.radio[0].set_value("spondylolisthesis").run()
    assert_whole(app, "pages/start.py")
    shutil.rmtree(home)
    home.write_text("somebody else's file", encoding="utf-8")
    for page in TITLES:
        app.switch_page(page).run()
        assert not app.exception, page
        assert sections(app) == [], page
    app.switch_page("pages/start.py").run()
    app.radio[0].set_value("spinal_stenosis").run()
    assert any("<h2>Not saved</h2>" in text for text in html(app))
    assert str(app.session_state["session"].consultation.condition) == "spinal_stenosis"
    home.unlink()
    next(b for b in app.button if b.label == "Try again").click().run()
    told = [text for text in html(app) if "<h2>Not saved</h2>" in text]
    assert not app.exception
    assert told == [] or "Save as a new draft" in [b.label for b in app.button]


def test_a_part_that_is_missing_is_said_in_our_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "decision_aid.app.frame", None)
    monkeypatch.delattr("decision_aid.app.frame", raising=False)
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=30).run()
    assert [e.value for e in app.exception] == []
    assert [e.value for e in app.error] == [PART_MISSING]


def test_a_part_that_one_page_needs_is_said_in_the_same_words_and_the_other_pages_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "decision_aid.exports.handout", None)
    monkeypatch.delattr("decision_aid.exports.handout", raising=False)
    app = opened("pages/take_home.py")
    assert [e.value for e in app.exception] == []
    assert [e.value for e in app.error] == [PART_MISSING]
    assert_whole(app.switch_page("pages/start.py").run(), "pages/start.py")
