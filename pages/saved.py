"""Saved work: open consultations, records, the passphrase; everything can be opened, exported and deleted for good."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from decision_aid import components, wording
from decision_aid.app import clinic, consultations, frame, own_cases, saved_work, state, trouble
from decision_aid.app import session as sessions
from decision_aid.app.session import Session
from decision_aid.audit import kept_log
from decision_aid.storage import store
from decision_aid.storage.store import DRAFT_LIFETIME, Draft, Record, StoreError
from decision_aid.wording import keeping, storage_words

frame.guard("pages/saved.py")


def list_drafts(drafts: tuple[Draft, ...]) -> None:
    st.html(components.heading("Open consultations", wording.what_a_draft_is(DRAFT_LIFETIME)))
    if not drafts:
        st.html(components.note(wording.NO_DRAFTS))
    for draft in drafts:
        lines = wording.draft_lines(draft.saved_at, draft.expires_at)
        here = draft.id == state.session().draft_id
        with entry(draft, f"draft_{draft.id}", [*lines, wording.ON_THIS_SCREEN] if here else lines):
            st.button(
                "Open", key=f"open_{draft.id}", on_click=consultations.open_draft, args=(draft.id,), disabled=here
            )
            delete(draft.id, consultations.delete_draft)


def list_records(records: tuple[Record, ...]) -> None:
    st.html(components.heading("Records", wording.WHAT_A_RECORD_IS))
    if not records:
        st.html(components.note(wording.NO_RECORDS))
    corrected = {r.corrects for r in records}
    opened = saved_work.opened()  # an export is made outside of the session that asked for it
    for record in records:
        lines = wording.record_lines(record.saved_at, record.program_version, record.evidence_hash, record.corrects)
        lines += [wording.CORRECTED] if record.id in corrected else []
        with entry(record, f"record_{record.id}", lines):
            st.button("Open", key=f"open_{record.id}", on_click=consultations.open_record, args=(record.id,))
            st.download_button(
                "Export (JSON)",
                partial(opened.export_record, record.id),
                "spine-choice-record.json",
                "application/json",
                key=f"export_{record.id}",
                on_click="ignore",
            )
            delete(record.id, consultations.delete_record)


def entry(kept: Draft | Record, key: str, lines: list[str]) -> DeltaGenerator:
    """The row of a saved consultation, with room for its buttons."""
    row = st.container(border=True, key=f"items_{key}")
    row.html(components.entry(consultations.title_of(kept), lines))
    return row.container(horizontal=True, vertical_alignment="center")


def delete(entry_id: str, how: Callable[[str], None]) -> None:
    with st.popover("Delete", key=f"delete_{entry_id}"):
        st.html(components.small(wording.DELETED_FOR_GOOD))
        st.button("Yes, delete for good", key=f"sure_{entry_id}", on_click=how, args=(entry_id,))


def files_set_aside() -> None:
    """Damaged files that were given another name, and the way to be rid of them."""
    found = store.set_aside_files()
    if not found:
        return
    st.html(components.heading("Files set aside", wording.ASIDE))
    for n, file in enumerate(found):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(components.entry(file.name, []))
            with st.popover("Delete", key=f"delete_aside_{n}"):
                st.html(components.small(wording.DELETED_FOR_GOOD))
                st.button("Yes, delete for good", key=f"sure_aside_{n}", on_click=delete_file, args=(file,))


def delete_file(file: Path) -> None:
    try:
        saved_work.refuse_without_passphrase()
        store.delete_set_aside(file)
    except StoreError as error:
        state.lay_trouble(error)


def kept_cases() -> None:
    """What else is in the saved work: own cases and the choices of a file, with the way to be rid of both."""
    opened = saved_work.opened()
    copy, choices = (opened.kept_stamp(name) is not None for name in (kept_log.CASES, kept_log.PLAN))
    if copy or choices:
        st.html(components.heading("Own cases", keeping.what_is_kept(copy, choices)))
        with st.popover("Forget", key="forget_kept"):
            st.html(components.small(keeping.what_forget_takes(False, own_cases.remembered_choices())))
            st.button("Yes, forget them", on_click=own_cases.forget)


def passphrase() -> None:
    """Switch the encryption of saved work on, off, or to another passphrase, with its loss explained before."""
    encrypted = saved_work.passphrase() is not None
    if encrypted:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Lock", on_click=lock, help=keeping.WHAT_LOCKING_DOES)
    with st.expander("Passphrase", key="passphrase_part"):
        st.html(components.small(wording.PASSPHRASE_ON if encrypted else wording.PASSPHRASE_OFF))
        st.html(components.small(storage_words.PASSPHRASE_LOSS))
        first, second = st.columns(2, gap="small")
        first.text_input("New passphrase", type="password", key="new_passphrase")
        second.text_input("The same again", type="password", key="new_passphrase_again")
        with st.container(horizontal=True):
            st.button("Change the passphrase" if encrypted else "Encrypt saved work", on_click=encrypt)
            if encrypted:
                st.button("Take the passphrase off", on_click=change_passphrase, args=(None,))


def encrypt() -> None:
    fields = ("new_passphrase", "new_passphrase_again")
    first, second = (st.session_state.get(name, "") for name in fields)
    st.session_state.update(dict.fromkeys(fields, ""))  # never left standing on the screen
    if first != second:
        state.notice(wording.PASSPHRASES_DIFFER)
    else:
        change_passphrase(first)


def change_passphrase(new: str | None) -> None:
    """Keep everything under the new passphrase, or none; the reason is told where that fails."""
    try:
        store.change_passphrase(store.default_path(), saved_work.passphrase(), new)
    except StoreError as error:
        state.notice(storage_words.told(error))
        return
    saved_work.close()
    saved_work.unlock(new)
    state.notice(wording.PASSPHRASE_TAKEN_OFF if new is None else wording.PASSPHRASE_CHANGED)


def lock() -> None:
    """Close the saved work for this window, and take from it what was open. The passphrase brings it back.

    What is on the screen is saved first. Where that fails, the window stays as it is.
    """
    here = state.session() if state.session().saved else sessions.save(state.session(), saved_work.opened)
    if not here.saved:
        state.lay(here)
        state.notice(keeping.NOT_LOCKED)
        return
    saved_work.close()
    saved_work.unlock(None)
    own_cases.held().clear()
    own_cases.let_go_of_files()
    for name in ("_sheet", "own_on"):
        st.session_state.pop(name, None)
    state.lay(trouble.unlockable(Session(wanted=here.draft_id), saved_work.opened))


def page() -> None:
    """Everything in a function: a button keeps hold of what its page holds, and a locked window must hold nothing."""
    frame.title("Saved work")
    # On Windows it is the folder's matter who may read there, not the file's.
    is_private = os.name == "posix" or "DECISION_AID_HOME" not in os.environ
    st.html(components.small(wording.where_kept(saved_work.folder(), private=is_private)))
    try:
        drafts, records = saved_work.opened().list_drafts(), saved_work.opened().list_records()
    except StoreError as error:
        trouble.show(error)
        return
    left, right = st.columns(2, gap="medium")
    with left:
        list_drafts(drafts)
    with right:
        list_records(records)
    kept_cases()
    files_set_aside()
    clinic.section()
    passphrase()


page()
