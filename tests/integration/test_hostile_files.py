"""Saved work that somebody edited, and names of files that are no text: every page still opens and says what is wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from dashboard_app import assert_whole, heading, home, html, opened, ready_server  # noqa: F401 (fixtures)

from decision_aid.app import evidence_file, session
from decision_aid.consultation import model
from decision_aid.consultation.model import Consultation, ContentError, from_content
from decision_aid.storage import store
from decision_aid.storage.store import Store

WHOLE = model.as_content(Consultation(levels=("L4/5",), leaning_reason="Talk at home"))
NO_TEXT = os.fsdecode(b"\xff\xfe **b** $x$")  # as a disk written elsewhere names a file


@pytest.mark.parametrize("content", [None, [], [1], "text", 5, True])
def test_what_is_no_set_of_answers_is_refused_in_words(content: object) -> None:
    with pytest.raises(ContentError, match="not a set of named answers"):
        from_content(content)


@pytest.mark.parametrize(
    "view", [None, "text", [1], 5, {"audience": ["Patient"], "own_on": {}, "paper": 1, "step": None}]
)
@pytest.mark.parametrize("record", [None, 5, {"a": 1}, "x" * 22])
def test_a_draft_set_in_another_way_still_opens(view: Any, record: Any) -> None:
    draft = Store().new_draft({"consultation": WHOLE, "view": view, "record": record})
    app = opened("pages/decision.py", draft=draft.id)
    assert_whole(app, "pages/decision.py")
    assert app.session_state["session"].consultation == from_content(WHOLE)


@pytest.mark.parametrize(
    "content", [{}, {"consultation": None}, {"consultation": [1]}, {"consultation": {"version": "**b**"}}]
)
def test_a_draft_without_answers_says_so(content: dict[str, Any]) -> None:
    kept = Store()
    draft = kept.new_draft(content)
    record = kept.save_record(content, evidence_hash="<b>", program_version="$x$")
    assert "is still in the file" in shown("pages/saved.py")
    assert "is still in the file" in shown("pages/decision.py", draft.id)
    app = opened("pages/saved.py")
    app.button(key=f"open_{record.id}").click().run()
    assert heading(app) == "Saved work"
    assert ["is still in the file" in e.value for e in app.info] == [True]


def shown(page: str, draft: str = "") -> str:
    app = opened(page, draft=draft)
    assert [e.value for e in app.exception] == []
    return " ".join(html(app))


def test_half_a_sign_in_a_saved_text_does_not_stop_a_page() -> None:
    draft = Store().new_draft({"consultation": WHOLE | {"levels": ["a\ud83d"]}, "view": {}, "record": None})
    for page in ("pages/start.py", "pages/decision.py", "pages/saved.py"):
        assert "a\ufffd" in shown(page, draft.id)


def test_a_file_set_aside_whose_name_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    names = tuple(Path(f"spine-choice.{n}{NO_TEXT}") for n in range(2))
    monkeypatch.setattr(store, "set_aside_files", lambda: names)
    app = opened("pages/saved.py")
    assert_whole(app, "pages/saved.py")
    assert sum("spine-choice.0\ufffd\ufffd **b** $x$" in text for text in html(app)) == 1


def test_a_folder_whose_name_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DECISION_AID_DATA", f"/none/{NO_TEXT}")
    evidence_file._load.clear()
    try:
        app = opened()
    finally:
        evidence_file._load.clear()
    assert [e.value for e in app.exception] == []
    (told,) = [e.value for e in app.error]
    assert "/none/\ufffd\ufffd \\*\\*b\\*\\* \\$x\\$. Nothing is shown" in told


def test_what_was_edited_is_not_written_back() -> None:
    """Nothing of a setting that is not ours is kept in the next save."""
    kept = Store()
    draft = kept.new_draft({"consultation": WHOLE, "view": ["x"], "record": {"a": 1}})
    here = session.reopen(draft.id, lambda: kept)
    assert here is not None
    assert (here.view, here.record_id) == ({}, None)
