"""The saved work of this computer, opened for one window with the passphrase that was given in it and with no other."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import streamlit as st

from decision_aid.app import shared_screens
from decision_aid.audit import kept_log
from decision_aid.case_log.plan import CaseLogError
from decision_aid.storage import store
from decision_aid.storage.store import Store, StoreError, Trouble


def opened() -> Store:
    """The drafts and records of this computer. Raises `StoreError` where they cannot be opened, as in a patient's window."""
    if shared_screens.is_patients_window():
        raise StoreError(Trouble.REFUSED)
    return _open_store(str(store.default_path()), passphrase())


def close() -> None:
    """Close what this window opened, so that the next to ask opens it again."""
    _open_store.clear(str(store.default_path()), passphrase())


def unlock(passphrase: str | None) -> None:
    """Use this passphrase from now on, in this window alone; it is held in memory only."""
    st.session_state["_passphrase"] = passphrase


def passphrase() -> str | None:
    """The passphrase given in this window; None where there is none."""
    given: str | None = st.session_state.get("_passphrase")
    return given


def folder() -> Path:
    return store.default_path().parent


def refuse_without_passphrase() -> None:
    """Raises `StoreError` where this window may not touch the files, because the passphrase was not given in it."""
    try:
        opened().kept_stamp(kept_log.CASES)
    except StoreError as error:
        if error.trouble is Trouble.WRONG_PASSPHRASE:
            raise


@st.cache_resource(show_spinner=False, scope="session", max_entries=2, on_release=Store.close)
def _open_store(path: str, passphrase: str | None) -> Store:
    """Opened for one window, and closed with it: no other window ever reads through it."""
    opened = Store(Path(path), passphrase)
    with suppress(StoreError):  # what cannot be deleted now is deleted at the next start
        opened.expire_drafts()
    with suppress(StoreError, CaseLogError):
        kept_log.take_over(opened)
    return opened
