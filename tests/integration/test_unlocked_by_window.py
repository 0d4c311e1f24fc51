"""One server, several windows: saved work is open where the passphrase was given, and nowhere else."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

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
from decision_aid.app import session
from decision_aid.consultation.model import Consultation
from decision_aid.storage import store
from decision_aid.storage.store import Store
from decision_aid.wording import keeping

SECRET, ANOTHER = "a walk's end", "another walk"
STAMP = {"evidence_hash": "3f2a", "program_version": "0.1.0"}


def go(app: AppTest, page: str) -> AppTest:
    return app.switch_page(f"pages/{page}.py").run()


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [b for b in app.button if b.label == label]
    return button.click().run()


def pick(app: AppTest, key: str, value: Any) -> AppTest:
    return app.segmented_control(key=key).set_value(value).run()


def give(app: AppTest, passphrase: str) -> AppTest:
    return app.text_input(key="passphrase").set_value(passphrase).run()


def text(app: AppTest) -> str:
    assert [e.value for e in app.exception] == []
    return " ".join([*html(app), *(i.value for i in app.info)])


def change(old: str | None, new: str | None) -> None:
    """As another window does."""
    store.change_passphrase(None, old, new)


def kept(passphrase: str | None) -> tuple[Any, ...]:
    with closing(Store(passphrase=passphrase)) as whole:
        return whole.list_drafts(), whole.list_records()


def work(passphrase: str | None) -> str:
    """Saves a draft at L4/5 and a record; the id of the draft."""
    with closing(Store(passphrase=passphrase)) as whole:
        content = session.content(session.Session(Consultation(levels=("L4/5",))))
        whole.save_record(content, **STAMP)
        return whole.new_draft(content).id


def test_a_window_without_the_passphrase_sees_nothing_of_what_another_one_opened() -> None:
    draft = work(SECRET)
    before = kept(SECRET)
    owner = give(opened("pages/saved.py"), SECRET)
    assert text(owner).count("L4/5") >= 2
    for page in ("saved", "start", "own_results", "case_log", "decision"):
        stranger = opened(f"pages/{page}.py", draft=draft)
        assert "encrypted and no passphrase was given" in text(stranger)
        assert "L4/5" not in text(stranger)
        assert "still on the screen" not in text(stranger)  # there is nothing
        labels = [b.label for b in stranger.button]
        assert not {"Open", "Yes, delete for good", "Lock", "Encrypt saved work", "Take the passphrase off"} & set(
            labels
        )
        assert not [label for label in labels if label.startswith(("Continue the last one", "Set the file aside"))]
        assert [e.proto for e in stranger.get("expander") if "assphrase" in str(e.proto)] == []
        pick(go(stranger, "start"), "level", ["L5/S1"])  # stays on its screen
        assert "Not saved" in text(stranger)
        assert "still on the screen" in text(stranger)
        assert stranger.segmented_control(key="level").value == ["L5/S1"]
    assert kept(SECRET) == before
    assert "L4/5" in text(go(owner, "saved"))  # and the owner goes on


@pytest.mark.parametrize("guess", ["", " ", "A walk's end", "a walk's end ", "' --", "a walk''s end"])
def test_a_wrong_passphrase_opens_nothing_while_another_window_is_open(guess: str) -> None:
    work(SECRET)
    give(opened("pages/saved.py"), SECRET)
    stranger = give(opened("pages/saved.py"), guess)
    assert "L4/5" not in text(stranger)
    assert "Open" not in [b.label for b in stranger.button]


def test_a_page_drawn_before_the_passphrase_was_set_can_do_nothing_any_more(home: Path) -> None:  # noqa: F811
    """Its buttons are still on the screen of the other window."""
    work(None)
    aside = home / "spine-choice.set-aside-20260101-120000-ab12.record"
    aside.write_bytes(b"damaged")
    before = kept(None)
    for label, count in {"Open": 2, "Yes, delete for good": 3, "Encrypt saved work": 1}.items():
        for at in range(count):
            stranger = opened("pages/saved.py")
            buttons = [b for b in stranger.button if b.label == label]
            assert len(buttons) == count
            for field in ("new_passphrase", "new_passphrase_again"):
                stranger.text_input(key=field).set_value("a stranger's")
            change(None, SECRET)
            buttons[at].click().run()
            assert "L4/5" not in text(stranger)
            assert kept(SECRET) == before
            assert aside.exists()
            change(SECRET, None)


def test_a_window_without_the_passphrase_cannot_set_anything_aside(home: Path) -> None:  # noqa: F811
    """Its page may still tell of damage that was there before everything was replaced and encrypted."""
    work(SECRET)
    keys = [home / store.FOLDER_NAME / name for name in ("key", "key-copy")]
    whole = [key.read_bytes() for key in keys]
    before = kept(SECRET)
    for held in (None, "an old one"):
        for key in keys:
            key.write_bytes(b"This is no key. " * 500)
        stranger = opened("pages/saved.py", **({"_passphrase": held} if held else {}))
        assert "Set the file aside and go on" in [b.label for b in stranger.button]
        for key, content in zip(keys, whole, strict=True):
            key.write_bytes(content)
        press(stranger, "Set the file aside and go on")
        assert store.set_aside_files() == ()
        assert kept(SECRET) == before


def test_a_refresh_asks_again_and_nothing_entered_is_lost() -> None:
    draft = work(SECRET)
    again = opened(draft=draft)  # a refresh is a new window with the same address
    pick(again, "level", ["L5/S1"])  # entered before the passphrase is given
    give(again, SECRET)
    assert again.segmented_control(key="level").value == ["L5/S1"]
    assert {session.consultation_of(d).level for d in kept(SECRET)[0]} == {"L4/5", "L5/S1"}
    once_more = give(opened(draft=draft), SECRET)
    assert once_more.segmented_control(key="level").value == ["L4/5"]


def test_locking_saves_empties_the_window_and_the_passphrase_brings_it_back() -> None:
    work(SECRET)
    app = give(opened(), SECRET)
    pick(app, "level", ["L3/4"])
    draft = app.query_params["draft"]
    press(go(app, "saved"), "Lock")
    for page in ("saved", "start", "decision", "indications"):
        go(app, page)
        assert "L3/4" not in text(app)
        assert "L4/5" not in text(app)
    assert app.query_params["draft"] == draft
    assert "_passphrase" not in app.session_state or app.session_state["_passphrase"] is None
    give(go(app, "start"), SECRET)
    assert app.segmented_control(key="level").value == ["L3/4"]
    assert_whole(app, "pages/start.py")


def test_locking_one_window_leaves_the_others_open() -> None:
    work(SECRET)
    one, two = give(opened("pages/saved.py"), SECRET), give(opened("pages/saved.py"), SECRET)
    press(one, "Lock")
    assert "L4/5" not in text(one)
    assert "L4/5" in text(go(two, "saved"))


def test_what_cannot_be_saved_is_not_locked_away() -> None:
    app = give(opened("pages/saved.py", draft=work(SECRET)), SECRET)
    change(SECRET, ANOTHER)  # from here on this window cannot save
    pick(go(app, "start"), "level", ["L5/S1"])
    app.session_state["_passphrase"] = SECRET
    go(app, "saved")
    assert "Lock" not in [b.label for b in app.button]
    assert go(app, "start").segmented_control(key="level").value == ["L5/S1"]
    give(app, ANOTHER)
    assert "L5/S1" in {session.consultation_of(d).level for d in kept(ANOTHER)[0]}


def test_a_record_that_was_only_opened_can_be_locked_and_comes_back() -> None:
    work(SECRET)
    app = give(opened("pages/saved.py"), SECRET)
    [b for b in app.button if b.label == "Open"][-1].click().run()
    press(go(app, "saved"), "Lock")
    assert "L4/5" not in text(app)
    give(app, SECRET)
    assert go(app, "start").segmented_control(key="level").value == ["L4/5"]
    assert app.session_state["session"].record_id


def test_a_passphrase_changed_in_another_window_is_asked_for_and_what_was_entered_is_kept() -> None:
    draft = work(SECRET)
    app = give(opened(draft=draft), SECRET)
    change(SECRET, ANOTHER)
    pick(app, "level", ["L2/3"])
    assert "does not open" in text(app)
    assert app.segmented_control(key="level").value == ["L2/3"]
    give(app, SECRET)
    assert "does not open" in text(app)
    give(app, ANOTHER)
    (saved,) = kept(ANOTHER)[0]
    assert session.consultation_of(saved).level == "L2/3"


def test_a_passphrase_taken_off_in_another_window_is_said_and_one_goes_on_without() -> None:
    draft = work(SECRET)
    app = give(opened(draft=draft), SECRET)
    change(SECRET, None)
    pick(app, "level", ["L2/3"])
    assert "is not encrypted, and a passphrase was given" in text(app)
    press(app, "Go on without a passphrase")
    assert_whole(app, "pages/start.py")
    (saved,) = kept(None)[0]
    assert session.consultation_of(saved).level == "L2/3"


def test_a_passphrase_set_in_another_window_is_asked_for_here() -> None:
    draft = work(None)
    app = opened(draft=draft)
    change(None, SECRET)
    pick(app, "level", ["L2/3"])
    assert "no passphrase was given" in text(app)
    give(app, SECRET)
    (saved,) = kept(SECRET)[0]
    assert session.consultation_of(saved).level == "L2/3"


def test_what_locking_does_is_said_before() -> None:
    work(SECRET)
    app = give(opened("pages/saved.py"), SECRET)
    (button,) = [b for b in app.button if b.label == "Lock"]
    assert button.help == keeping.WHAT_LOCKING_DOES
    assert wording.PASSPHRASE_ON in text(app)
