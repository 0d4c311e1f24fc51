"""Saved work: open consultations, records, the passphrase; everything can be opened, exported and deleted for good."""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from decision_aid import wording
from decision_aid.app import frame
from decision_aid.components import markup
from decision_aid.storage.store import DRAFT_LIFETIME, Draft, Record, StoreError, set_aside_files

frame.guard("pages/saved.py")
evidence = frame.evidence()


def list_drafts(drafts: tuple[Draft, ...]) -> None:
    st.html(markup.heading("Open consultations", wording.what_a_draft_is(DRAFT_LIFETIME)))
    if not drafts:
        st.html(markup.note(wording.NO_DRAFTS))
    for draft in drafts:
        lines = wording.draft_lines(draft.saved_at, draft.expires_at)
        here = draft.id == frame.session().draft_id
        with entry(draft, f"draft_{draft.id}", [*lines, wording.ON_THIS_SCREEN] if here else lines):
            st.button("Open", key=f"open_{draft.id}", on_click=frame.open_draft, args=(draft.id,), disabled=here)
            delete(draft.id, frame.delete_draft)


def list_records(records: tuple[Record, ...]) -> None:
    st.html(markup.heading("Records", wording.WHAT_A_RECORD_IS))
    if not records:
        st.html(markup.note(wording.NO_RECORDS))
    corrected = {r.corrects for r in records}
    opened = frame.saved_work()  # an export is made outside of the session that asked for it
    for record in records:
        lines = wording.record_lines(record.saved_at, record.program_version, record.evidence_hash, record.corrects)
        lines += [wording.CORRECTED] if record.id in corrected else []
        with entry(record, f"record_{record.id}", lines):
            st.button("Open", key=f"open_{record.id}", on_click=frame.open_record, args=(record.id,))
            st.download_button(
                "Export (JSON)",
                lambda r=record: opened.export_record(r.id),
                "spine-choice-record.json",
                "application/json",
                key=f"export_{record.id}",
                on_click="ignore",
            )
            delete(record.id, frame.delete_record)


def entry(kept: Draft | Record, key: str, lines: list[str]) -> DeltaGenerator:
    """The row of a saved consultation, with room for its buttons."""
    row = st.container(border=True, key=f"items_{key}")
    row.html(markup.entry(frame.title_of(kept), lines))
    return row.container(horizontal=True, vertical_alignment="center")


def delete(entry_id: str, how: Callable[[str], None]) -> None:
    with st.popover("Delete", key=f"delete_{entry_id}"):
        st.html(markup.small(wording.DELETED_FOR_GOOD))
        st.button("Yes, delete for good", key=f"sure_{entry_id}", on_click=how, args=(entry_id,))


def files_set_aside() -> None:
    """Damaged files that were given another name, and the way to be rid of them."""
    found = set_aside_files()
    if not found:
        return
    st.html(markup.heading("Files set aside", wording.ASIDE))
    for n, file in enumerate(found):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(markup.entry(file.name, []))
            with st.popover("Delete", key=f"delete_aside_{n}"):
                st.html(markup.small(wording.DELETED_FOR_GOOD))
                st.button(
                    "Yes, delete for good", key=f"sure_aside_{n}", on_click=frame.delete_file_set_aside, args=(file,)
                )


frame.title("Saved work")
st.html(markup.small(frame.where_kept()))
try:
    drafts, records = frame.saved_work().list_drafts(), frame.saved_work().list_records()
except StoreError as error:
    frame.lay_trouble(error)
else:
    left, right = st.columns(2, gap="medium")
    with left:
        list_drafts(drafts)
    with right:
        list_records(records)
    frame.tell_kept_copy()
    files_set_aside()
    frame.passphrase()
