"""Why a change is not on the disk, what can be done about it, and doing it. The work stays on the screen meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from decision_aid import components, wording
from decision_aid.app import consultations, filters, saved_work, state
from decision_aid.app import session as sessions
from decision_aid.app.session import OpenStore, Session
from decision_aid.consultation.model import Consultation
from decision_aid.storage import store
from decision_aid.storage.store import StoreError, Trouble
from decision_aid.wording import storage_words


def tell() -> None:
    """Why the last change is not on the disk, and what can be done about it."""
    here = state.session()
    st.session_state["_told"] = here.trouble
    if here.trouble is None:
        return
    trouble = here.trouble.trouble
    with st.container(border=True, key="trouble"):
        if trouble is Trouble.WRONG_PASSPHRASE and here.consultation == Consultation():
            st.html(components.trouble(storage_words.told(here.trouble, on_screen=False), (), "Locked"))
        else:
            st.html(components.trouble(storage_words.told(here.trouble), _differences(here)))
        with st.container(horizontal=True):
            if trouble is Trouble.CONFLICT:
                st.button("Keep what is on this screen", on_click=settle, args=(sessions.keep_mine,))
                st.button("Take what the other window saved", on_click=_settle_with_theirs)
            elif trouble is Trouble.GONE:
                st.button("Save as a new draft", on_click=settle, args=(sessions.as_new_draft,))
            elif trouble is Trouble.DAMAGED:
                st.button("Set the file aside and go on", on_click=_set_aside)
            elif trouble is Trouble.WRONG_PASSPHRASE:
                st.text_input(
                    "Passphrase of the saved work", type="password", key="passphrase", on_change=_try_passphrase
                )
                if saved_work.passphrase() is not None:  # it was taken off in another window
                    st.button("Go on without a passphrase", on_click=_try_without)
            else:
                st.button("Try again", on_click=settle, args=(_again,))
            if here.consultation != Consultation():
                download_screen()


def download_screen(key: str | None = None) -> None:
    """What is on the screen as a file, for a reader who must take the work elsewhere."""
    st.download_button(
        wording.DOWNLOAD_SCREEN,
        sessions.as_text(state.session()),
        "consultation.json",
        "application/json",
        key=key,
        on_click="ignore",
    )


def tell_at_once() -> None:
    """Draw the whole page again when a save inside a fragment failed, or works again: the banner stands outside it."""
    if st.session_state.get("_told") is not state.session().trouble:
        st.rerun()


def show(error: StoreError) -> None:
    """Tell why the saved work cannot be shown, with what can be done about it."""
    if state.session().trouble is None:
        state.lay_trouble(error)
        st.rerun()


def settle(how: Callable[[Session, OpenStore], Session]) -> None:
    """Lay what a way out of the trouble made of the session."""
    state.lay(how(state.session(), saved_work.opened))


def unlockable(here: Session, open_store: OpenStore) -> Session:
    """The session, with the trouble named when saved work cannot be opened."""
    try:
        open_store()
    except StoreError as error:
        return replace(here, trouble=here.trouble or error)
    return here


def _differences(here: Session) -> list[str]:
    """In which parts the two windows differ, in words."""
    if here.theirs is None:
        return []
    try:
        theirs = sessions.consultation_of(here.theirs)
    except StoreError:
        return []
    return [
        name
        for part, name in wording.PARTS_OF_A_CONSULTATION.items()
        if getattr(theirs, part) != getattr(here.consultation, part)
    ]


def _settle_with_theirs() -> None:
    consultations.take_up(sessions.take_theirs(state.session()))


def _again(here: Session, open_store: OpenStore) -> Session:
    """Open what was wanted, where nothing was entered since; else save what is in the session."""
    if here.wanted and here.consultation == Consultation():
        filters.clear()
        return sessions.reopen(here.wanted, open_store) or Session()
    if here.consultation == Consultation():
        return replace(here, trouble=None)
    return sessions.save(here, open_store)


def _set_aside() -> None:
    """Give damaged files another name, and go on with what is whole."""
    held = saved_work.passphrase()
    try:
        saved_work.refuse_without_passphrase()
        count = store.set_aside_damaged(store.default_path(), held)
        saved_work.close()
        state.notice(wording.set_aside(count))
    except StoreError as error:
        state.lay_trouble(error)
        return
    settle(_again)
    left = state.session().trouble
    if left is not None and left.trouble is Trouble.GONE:
        settle(sessions.as_new_draft)


def _try_passphrase() -> None:
    before = saved_work.passphrase()
    saved_work.unlock(st.session_state.pop("passphrase", None) or None)
    try:
        saved_work.opened()
    except StoreError as error:
        saved_work.unlock(before)
        state.lay_trouble(error)
        return
    settle(_again)


def _try_without() -> None:
    saved_work.unlock(None)
    settle(_again)
