"""The session: what is entered is on the disk, or still on the screen with the reason; never neither."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from decision_aid.app import session
from decision_aid.app.session import Session
from decision_aid.consultation.model import Answer, Consultation, answer, as_content, from_content
from decision_aid.domain.vocabulary import Condition
from decision_aid.storage.store import Store, StoreError, Trouble
from decision_aid.wording import storage_words

OPEN = Consultation(condition=Condition.SPINAL_STENOSIS)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "saved-work")


@pytest.fixture
def opener(store: Store) -> Callable[[], Store]:
    return lambda: store


def broken() -> Store:
    raise StoreError(Trouble.LOCKED)


def test_an_untouched_session_makes_no_draft(opener: Callable[[], Store], store: Store) -> None:
    looked = session.set_view(Session(), {"audience": "Patient"}, opener)
    assert looked.saved
    assert looked.draft_id is None
    assert store.list_drafts() == ()


def test_the_first_answer_makes_a_draft_and_the_next_goes_into_it(opener: Callable[[], Store], store: Store) -> None:
    first = session.put(Session(), OPEN, opener)
    second = session.put(first, answer(OPEN, "a1", Answer.NO), opener)
    assert first.draft_id == second.draft_id
    (draft,) = store.list_drafts()
    assert session.consultation_of(draft).answers == {"a1": Answer.NO}
    assert second.saved


def test_a_refresh_brings_back_the_answers_and_how_the_screen_was_set(opener: Callable[[], Store]) -> None:
    here = session.set_view(session.put(Session(), OPEN, opener), {"audience": "Patient"}, opener)
    again = session.reopen(here.draft_id or "", opener)
    assert again is not None
    assert (again.consultation, dict(again.view)) == (OPEN, {"audience": "Patient"})
    assert again.saved


def test_a_draft_that_is_not_there_is_none_and_one_that_cannot_be_read_is_still_wanted(
    opener: Callable[[], Store],
) -> None:
    assert session.reopen("A" * 22, opener) is None
    waiting = session.reopen("A" * 22, broken)
    assert waiting is not None
    assert waiting.wanted == waiting.draft_id == "A" * 22
    assert not waiting.saved


def test_what_cannot_be_saved_stays_on_the_screen_and_is_saved_with_the_next_answer(
    opener: Callable[[], Store], store: Store
) -> None:
    here = session.put(Session(), OPEN, broken)
    assert here.consultation == OPEN
    assert here.trouble is not None
    assert not here.saved
    assert from_content(json.loads(session.as_text(here))) == OPEN
    after = session.put(here, answer(OPEN, "a2", Answer.YES), opener)
    assert after.saved
    assert session.consultation_of(store.list_drafts()[0]) == after.consultation


def test_two_windows_on_one_draft_are_both_shown_and_one_is_chosen(opener: Callable[[], Store], store: Store) -> None:
    first = session.put(Session(), OPEN, opener)
    second = session.reopen(first.draft_id or "", opener)
    assert second is not None
    first = session.put(first, answer(OPEN, "a1", Answer.YES), opener)
    late = session.put(second, answer(OPEN, "a2", Answer.NO), opener)
    assert late.theirs is not None
    assert session.consultation_of(store.list_drafts()[0]) == first.consultation  # nothing was swallowed
    assert late.consultation.answers == {"a2": Answer.NO}
    theirs = session.take_theirs(late)
    assert theirs.consultation == first.consultation
    assert session.put(theirs, answer(theirs.consultation, "a3", Answer.NO), opener).saved
    mine = session.keep_mine(late, opener)
    assert mine.saved
    assert session.consultation_of(store.list_drafts()[0]) == late.consultation


def test_another_view_in_two_windows_is_no_conflict(opener: Callable[[], Store]) -> None:
    first = session.put(Session(), OPEN, opener)
    second = session.reopen(first.draft_id or "", opener)
    assert second is not None
    session.set_view(first, {"audience": "Patient"}, opener)
    late = session.set_view(second, {"audience": "Clinician"}, opener)
    assert late.trouble is None
    assert late.view == {"audience": "Clinician"}


def test_a_draft_deleted_elsewhere_can_be_saved_as_a_new_one(opener: Callable[[], Store], store: Store) -> None:
    here = session.put(Session(), OPEN, opener)
    store.delete_draft(here.draft_id or "")
    lost = session.put(here, answer(OPEN, "a1", Answer.NO), opener)
    assert lost.trouble is not None
    assert lost.trouble.trouble is Trouble.GONE
    saved = session.as_new_draft(lost, opener)
    assert saved.saved
    assert saved.draft_id != here.draft_id
    assert session.consultation_of(store.list_drafts()[0]).answers == {"a1": Answer.NO}


def test_a_record_is_corrected_by_a_new_one(opener: Callable[[], Store], store: Store) -> None:
    here = session.put(Session(), OPEN, opener)
    kept = session.keep_record(here, store, evidence_hash="abc", program_version="1")
    (first,) = store.list_records()
    assert session.is_recorded(kept, first)
    assert first.corrects is None
    opened = session.from_record(first)
    assert opened.consultation == OPEN
    changed = session.put(opened, answer(OPEN, "a1", Answer.NO), opener)
    assert not session.is_recorded(changed, first)
    again = session.keep_record(changed, store, evidence_hash="abc", program_version="1")
    newest, oldest = store.list_records()
    assert newest.corrects == oldest.id == first.id
    assert session.is_recorded(again, newest)
    assert session.reopen(session.save(again, opener).draft_id or "", opener).record_id == newest.id  # type: ignore[union-attr]


def test_work_of_another_version_is_named_and_stays_in_the_file(opener: Callable[[], Store], store: Store) -> None:
    draft = store.new_draft({"consultation": {**as_content(OPEN), "version": 99}, "view": {}, "record": None})
    waiting = session.reopen(draft.id, opener)
    assert waiting is not None
    assert waiting.trouble is not None
    assert "another version" in storage_words.told(waiting.trouble)
    assert store.load_draft(draft.id) == draft


def test_a_conflict_is_not_hidden_by_a_change_of_view(opener: Callable[[], Store]) -> None:
    first = session.put(Session(), OPEN, opener)
    second = session.reopen(first.draft_id or "", opener)
    session.put(first, answer(OPEN, "a1", Answer.YES), opener)
    late = session.put(second, answer(OPEN, "a2", Answer.NO), opener)  # type: ignore[arg-type]
    after = session.set_view(late, {"audience": "Patient"}, opener)
    assert after.theirs is not None
    assert replace(after, view=late.view) == late
