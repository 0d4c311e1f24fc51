"""From one consultation to the next: begun, opened from a draft or a record, saved for good, deleted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import streamlit as st

from decision_aid import __version__, wording
from decision_aid.app import evidence_file, filters, patient_screen, saved_work, state, steps
from decision_aid.app import session as sessions
from decision_aid.app.session import Session
from decision_aid.consultation.model import Consultation
from decision_aid.storage.store import Draft, Record, Store, StoreError
from decision_aid.wording import storage_words


def begin(consultation: Consultation | None = None) -> None:
    """Clear the session for the next patient. What was on it stays among the saved work."""
    patient_screen.before_another()
    filters.clear()
    steps.forget()
    state.lay(Session(consultation or Consultation(), state.view()))


def finish() -> None:
    """Clear the session after its consultation was saved as a record; its draft is not needed any more."""
    here = state.session()
    with suppress(StoreError):  # it expires by itself
        if here.draft is not None and sessions.is_recorded(here, saved_work.opened().load_record(here.record_id or "")):
            saved_work.opened().delete_draft(here.draft.id)
    begin()


def open_draft(draft_id: str) -> None:
    found = sessions.reopen(draft_id, saved_work.opened)
    if found is None:
        state.notice(wording.DRAFT_GONE)
    else:
        take_up(found)


def open_record(record_id: str) -> None:
    """Put a saved record in the session; saved again, it is a correction."""
    try:
        record = saved_work.opened().load_record(record_id)
        if record is None:
            state.notice(wording.RECORD_GONE)
            return
    except StoreError as error:
        state.lay_trouble(error)
        return
    try:
        take_up(sessions.from_record(record))
    except StoreError as error:  # this one record; the others can be opened
        state.notice(storage_words.told(error))


def take_up(found: Session) -> None:
    """Lay another session, with the screen set as it was, but for filters: nobody would see that they came along."""
    patient_screen.before_another()
    filters.clear()
    st.session_state["session"] = found
    for name, value in found.view.items():
        allowed = state.VIEW.get(name)
        if allowed and value in allowed:
            st.session_state[name] = value


def save_record() -> None:
    """Save what is in the session as a record; the reason is told where that fails."""
    try:
        state.lay(
            sessions.keep_record(
                state.session(),
                saved_work.opened(),
                evidence_hash=evidence_file.evidence().content_hash,
                program_version=__version__,
            )
        )
        state.lay(sessions.save(state.session(), saved_work.opened))
    except StoreError as error:
        state.lay_trouble(error)


def title_of(kept: Draft | Record) -> str:
    """What a saved consultation is about; one that cannot be read says so instead."""
    try:
        return wording.consultation_title(sessions.consultation_of(kept), evidence_file.evidence())
    except StoreError as error:
        return storage_words.told(error)


def delete_draft(draft_id: str) -> None:
    _delete(draft_id, Store.delete_draft)
    if state.session().draft_id == draft_id and state.session().trouble is None:
        begin()


def delete_record(record_id: str) -> None:
    _delete(record_id, Store.delete_record)
    if state.session().record_id == record_id and state.session().trouble is None:
        state.lay(sessions.save(replace(state.session(), record_id=None), saved_work.opened))


def _delete(entry_id: str, how: Callable[[Store, str], bool]) -> None:
    try:
        how(saved_work.opened(), entry_id)
    except StoreError as error:
        state.lay_trouble(error)
