"""Own cases kept and forgotten: asked for, protected like the saved work, and afterwards nowhere any more."""

from __future__ import annotations

import gc
import os
import stat
from contextlib import closing
from pathlib import Path

import caselog_frames
import pandas as pd
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

from decision_aid.audit import kept_log
from decision_aid.audit.results import Summary
from decision_aid.audit.summary import summarise
from decision_aid.case_log.example import example_cases
from decision_aid.case_log.fields import FIELDS
from decision_aid.case_log.importing import CaseLog, CaseLogError
from decision_aid.storage import store
from decision_aid.storage.store import Store
from decision_aid.wording import case_log_words, keeping, own_results_words

CASES = caselog_frames.synthetic(300)
SUMMARY = summarise(CASES)
SECRET = "a walk's end"


def go(app: AppTest, page: str) -> AppTest:
    return app.switch_page(f"pages/{page}.py").run()


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [b for b in app.button if b.label == label]
    return button.click().run()


def text(app: AppTest) -> str:
    return " ".join(html(app))


def csv_file(folder: Path, rows: int = 300) -> Path:
    """A log as the template has it, with dates that can be read one way only."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "our cases.csv"
    cases = example_cases(rows)
    cases.to_csv(file, index=False, date_format="%Y-%m-%d")
    return file


def with_file_read(folder: Path, *, remember: bool = False) -> AppTest:
    app = opened("pages/case_log.py")
    app.text_input(key="case_log_path").set_value(str(csv_file(folder))).run()
    if remember:
        app.checkbox(key="remember_choices").set_value(True).run()
    press(app, "Read the case log")
    assert "300 rows: 300 used" in text(app)
    return app


def reading() -> AppTest:
    """A window on the page Own results that holds the kept copy."""
    app = opened("pages/own_results.py")
    assert_whole(app, "pages/own_results.py")
    assert app.session_state["own"].cases is not None
    return app


def with_log() -> AppTest:
    file = CaseLog("cases.csv", CASES.copy(), 300, 0, pd.DataFrame(), 0, {}, 0, {}, {}, {}, (), None)  # type: ignore[arg-type]
    return opened("pages/own_results.py", own_cases=file.cases, own_summary=summarise(file.cases), own_log=file)


def in_memory() -> list[object]:
    """Every object of this process that holds cases, or counts of them, beside what this file itself holds."""
    gc.collect()
    fields = {f.name for f in FIELDS}
    own = [CASES, SUMMARY]
    return [
        each
        for each in gc.get_objects()
        if not any(each is known for known in own)
        and (
            (isinstance(each, pd.DataFrame) and fields <= set(map(str, each.columns)))
            or isinstance(each, Summary | CaseLog)
        )
    ]


# ---- nothing is kept unasked -----------------------------------------------------------------------------------------


def test_reading_a_file_keeps_nothing_of_it_on_the_disk(home: Path, tmp_path: Path) -> None:  # noqa: F811
    app = with_file_read(tmp_path / "files")
    assert app.checkbox(key="remember_choices").value is False
    go(app, "own_results")
    with closing(Store()) as opened_store:
        assert opened_store.kept_stamp(kept_log.CASES) is None
        assert opened_store.kept_stamp(kept_log.PLAN) is None
    assert not [file for file in home.rglob("*") if file.is_file() and b"blood_loss" in file.read_bytes()]
    assert {file.name for file in home.iterdir()} <= {store.FOLDER_NAME}
    assert not list((home / store.FOLDER_NAME).glob("kept-*"))


def test_choices_are_remembered_when_that_is_asked_for_listed_and_forgotten(home: Path, tmp_path: Path) -> None:  # noqa: F811
    app = with_file_read(tmp_path / "files", remember=True)
    told = text(app)
    assert "Choices are remembered for a file with the columns" in told
    assert "“blood_loss_ml”" in told
    with closing(Store()) as opened_store:
        plan = kept_log.kept_plan(opened_store)
        assert plan is not None
        assert set(plan.mapping) == {f.name for f in FIELDS}
        assert opened_store.kept_stamp(kept_log.CASES) is None  # the choices, not the cases
    again = opened("pages/case_log.py")
    press(again, "Forget the remembered choices")
    assert "Choices are remembered" not in text(again)
    with closing(Store()) as opened_store:
        assert kept_log.kept_plan(opened_store) is None


def test_forget_says_before_that_the_choices_go_too_and_they_do(tmp_path: Path) -> None:
    app = go(with_file_read(tmp_path / "files", remember=True), "own_results")
    assert "Choices are remembered for a file" in text(app)
    press(app, "Yes, forget these cases")
    assert [i.value for i in app.info] == [keeping.FORGOTTEN]
    with closing(Store()) as opened_store:
        assert kept_log.kept_plan(opened_store) is None


# ---- the kept copy ---------------------------------------------------------------------------------------------------


def test_a_kept_copy_is_for_its_owner_found_again_and_gone_for_good(home: Path) -> None:  # noqa: F811
    app = with_log()
    press(app, "Keep a checked copy on this computer")
    (told,) = [i.value for i in app.info]
    assert "not encrypted, as the saved work is not" in told
    assert "Keep a checked copy on this computer" not in [b.label for b in app.button]  # it is kept
    kept = home / store.FOLDER_NAME / f"kept-{kept_log.CASES}"
    assert kept.is_file()
    for file in kept.parent.iterdir():
        assert os.name != "posix" or stat.S_IMODE(file.stat().st_mode) == 0o600
    again = reading()
    assert case_log_words.log_sentence(SUMMARY) in text(again)
    press(again, "Yes, forget these cases")
    assert own_results_words.NO_LOG in text(again)
    assert not kept.exists()


def test_a_kept_copy_comes_back_as_it_was() -> None:
    with closing(Store()) as opened_store:
        kept_log.keep(opened_store, CASES)
    with closing(Store()) as opened_store:
        kept = kept_log.kept(opened_store)
    assert kept is not None
    assert summarise(kept) == SUMMARY
    assert list(kept.dtypes.astype(str)) == list(CASES.dtypes.astype(str))


@pytest.mark.parametrize("content", [b"", b"no parquet", b"PAR1" + b"\0" * 50])
def test_a_copy_of_another_kind_is_named_with_what_to_do_and_can_be_forgotten(content: bytes) -> None:
    with closing(Store()) as opened_store:
        opened_store.keep_file(kept_log.CASES, content)
        with pytest.raises(CaseLogError, match="forget it and read the case log again"):
            kept_log.kept(opened_store)
    app = opened("pages/own_results.py")
    assert [e.value for e in app.exception] == []
    (told,) = [e.value for e in app.error]
    assert "forget it" in told
    press(app, "Forget the kept copy")
    assert [e.value for e in app.error] == []
    assert own_results_words.NO_LOG in text(app)


def test_a_copy_that_cannot_be_written_is_told_and_the_old_one_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Store()) as opened_store:
        before = kept_log.keep(opened_store, CASES)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    app = with_log()
    with monkeypatch.context() as broken:
        broken.setattr("decision_aid.storage.files.write", full)
        press(app, "Keep a checked copy on this computer")
    (told,) = [i.value for i in app.info]
    assert "is full" in told
    with closing(Store()) as opened_store:
        assert opened_store.kept_stamp(kept_log.CASES) == before


def test_saved_work_lists_what_is_kept_of_own_cases_and_forgets_it() -> None:
    app = opened("pages/saved.py")
    assert "Own cases" not in text(app)
    with closing(Store()) as opened_store:
        kept_log.keep(opened_store, CASES)
    assert keeping.what_is_kept(True, False) in text(go(app, "saved"))
    press(app, "Yes, forget them")
    assert_whole(app, "pages/saved.py")
    assert "Own cases" not in text(app)
    with closing(Store()) as opened_store:
        assert opened_store.kept_stamp(kept_log.CASES) is None


# ---- what the version before left ------------------------------------------------------------------------------------


def test_the_copy_of_the_version_before_moves_into_the_saved_work_and_its_files_are_overwritten(home: Path) -> None:  # noqa: F811
    home.mkdir(parents=True)
    copy, plan = home / kept_log.COPY_BEFORE, home / kept_log.PLAN_BEFORE
    CASES.to_parquet(copy, index=False)
    plan.write_text('{"version": 1, "mapping": {"operation_date": "Tag der OP"}}', encoding="utf-8")
    looks = [file.open("rb") for file in (copy, plan)]
    app = reading()
    assert case_log_words.log_sentence(SUMMARY) in text(app)
    assert not copy.exists()
    assert not plan.exists()
    for look_again in looks:
        content = look_again.read()
        assert content  # the bytes that stood there, as one who reads the disk would see them
        assert content.strip(b"\0") == b""
        look_again.close()
    with closing(Store()) as opened_store:
        assert opened_store.kept_stamp(kept_log.CASES)
        assert opened_store.kept_stamp(kept_log.PLAN) is None  # nobody had asked for it


def test_a_damaged_copy_of_the_version_before_stays_until_it_is_forgotten(home: Path) -> None:  # noqa: F811
    home.mkdir(parents=True)
    copy = home / kept_log.COPY_BEFORE
    copy.write_bytes(b"no parquet")
    app = opened("pages/own_results.py")
    (told,) = [e.value for e in app.error]
    assert "parquet" in told
    assert copy.exists()
    press(app, "Forget the kept copy")
    assert not copy.exists()


# ---- forgotten everywhere --------------------------------------------------------------------------------------------


def test_what_one_window_forgets_leaves_the_memory_of_every_other(tmp_path: Path) -> None:
    before = len(in_memory())
    one = go(with_file_read(tmp_path / "files"), "own_results")
    press(one, "Keep a checked copy on this computer")
    two, asleep = reading(), reading()
    assert len(in_memory()) > before
    press(two, "Yes, forget these cases")
    for window in (one, two, asleep):
        own = window.session_state["own"]
        assert (own.cases, own.summary, own.log, own.stamp) == (None, None, None, None)
    assert len(in_memory()) == before
    for window in (one, asleep):
        go(window, "own_results")
        assert own_results_words.NO_LOG in text(window)
    assert opened("pages/case_log.py").text_input(key="case_log_path").value == ""


def test_forgetting_takes_only_what_is_kept_from_another_window() -> None:
    """Cases that another window read by itself, and that nobody kept, are not this window's to forget."""
    other = with_log()
    with closing(Store()) as opened_store:
        kept_log.keep(opened_store, example_cases(30))
    press(reading(), "Yes, forget these cases")
    assert other.session_state["own"].cases is not None
    press(go(other, "own_results"), "Yes, forget these cases")
    assert other.session_state["own"].cases is None


def test_forgetting_invented_cases_leaves_the_kept_ones() -> None:
    with closing(Store()) as opened_store:
        kept_log.keep(opened_store, CASES)
    app = opened("pages/case_log.py")
    press(app, "Try invented cases")
    go(app, "own_results")
    assert keeping.what_forget_takes(True, None) in text(app)
    press(app, "Yes, forget these cases")
    assert case_log_words.log_sentence(SUMMARY) in text(go(app, "own_results"))


def test_a_copy_kept_anew_in_one_window_is_what_the_other_shows() -> None:
    with closing(Store()) as opened_store:
        kept_log.keep(opened_store, CASES)
    app = reading()
    with closing(Store()) as opened_store:  # another program, on the same folder
        kept_log.keep(opened_store, example_cases(30))
    assert case_log_words.log_sentence(summarise(example_cases(30))) in text(go(app, "own_results"))
    with closing(Store()) as opened_store:
        kept_log.forget(opened_store)
    assert own_results_words.NO_LOG in text(go(app, "own_results"))


# ---- under the passphrase --------------------------------------------------------------------------------------------


@pytest.fixture
def encrypted(home: Path) -> Path:  # noqa: F811
    """Saved work under a passphrase, with a kept copy."""
    with closing(Store(passphrase=SECRET)) as opened_store:
        kept_log.keep(opened_store, CASES)
    return home


def test_a_kept_copy_is_encrypted_with_the_saved_work(encrypted: Path) -> None:
    for old, new in ((SECRET, None), (None, "another walk")):
        files = list((encrypted / store.FOLDER_NAME).iterdir())
        assert files
        assert not [f for f in files if b"PAR1" in f.read_bytes() or b"operation_date" in f.read_bytes()]
        store.change_passphrase(None, old, new)
        with pytest.raises(store.StoreError), closing(Store(passphrase=old)):
            pass
        with closing(Store(passphrase=new)) as opened_store:
            assert summarise(kept_log.kept(opened_store)) == SUMMARY  # type: ignore[arg-type]


@pytest.mark.usefixtures("encrypted")
def test_a_window_without_the_passphrase_neither_shows_nor_forgets_a_kept_copy() -> None:
    app = opened("pages/own_results.py")
    assert app.session_state["own"].cases is None
    assert case_log_words.log_sentence(SUMMARY) not in text(app)
    press(go(app, "case_log"), "Try invented cases")
    press(go(app, "own_results"), "Yes, forget these cases")
    other = with_log()
    press(other, "Yes, forget these cases")
    assert other.session_state["own"].cases is None
    assert "A kept copy, if there is one, is still there" in other.info[0].value
    with closing(Store(passphrase=SECRET)) as opened_store:
        assert opened_store.kept_stamp(kept_log.CASES)


@pytest.mark.usefixtures("encrypted")
def test_the_passphrase_opens_the_kept_copy_and_locking_takes_it_from_the_window() -> None:
    app = opened("pages/own_results.py")
    app.text_input(key="passphrase").set_value(SECRET).run()
    assert case_log_words.log_sentence(SUMMARY) in text(go(app, "own_results"))
    press(go(app, "saved"), "Lock")
    assert app.session_state["own"].cases is None
    assert case_log_words.log_sentence(SUMMARY) not in text(go(app, "own_results"))


@pytest.mark.usefixtures("encrypted")
def test_a_passphrase_changed_in_another_program_closes_the_copy_here_too() -> None:
    app = opened("pages/own_results.py")
    app.text_input(key="passphrase").set_value(SECRET).run()
    go(app, "own_results")
    store.change_passphrase(None, SECRET, "another walk")
    go(app, "own_results")
    assert app.session_state["own"].cases is None
    assert "does not open" in text(app)
    app.text_input(key="passphrase").set_value("another walk").run()
    assert case_log_words.log_sentence(SUMMARY) in text(go(app, "own_results"))
