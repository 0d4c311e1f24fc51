"""What readers see when the program itself fails, on a page, in a part of it or in a click: a calm section, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import wraps
from typing import Any

import streamlit as st

from decision_aid import components, wording
from decision_aid.app import PART_MISSING, drawing, mishaps, state, trouble
from decision_aid.consultation.model import Consultation
from decision_aid.storage.store import StoreError
from decision_aid.wording import storage_words


def section(where: str) -> AbstractContextManager[None]:
    """Whatever fails inside is told in a calm section, once on a page; what stands behind goes on."""
    return mishaps.calm(where, _tell_once)


def fragment(function: Callable[..., None]) -> Callable[..., None]:
    """A part of a page that runs alone after a click in it. What fails in it, or failed in the click, is told there."""

    @wraps(function)
    def part(*arguments: Any, **options: Any) -> None:
        tell_step()
        with mishaps.calm(function.__name__, _tell):
            function(*arguments, **options)
            drawing.number_it(function.__name__)

    return st.fragment(part)


def begin() -> None:
    """Nothing was told on this drawing yet."""
    st.session_state["_mishaps_told"] = set()


def tell_step() -> None:
    """Say that the click or entry before this drawing failed."""
    if st.session_state.pop("_mishap", False):
        st.html(components.mishap(wording.MISHAP_OF_A_STEP, wording.mishap_of_a_step(state.session().saved)))


def _tell(where: str, error: Exception) -> None:
    """What to do, and what is on the screen to take along."""
    if isinstance(error, StoreError):
        st.html(components.trouble(storage_words.told(error), ()))
        return
    if isinstance(error, ImportError):  # a page loads what it alone needs when it is opened
        st.error(PART_MISSING)
    else:
        st.html(components.mishap(wording.MISHAP, wording.mishap(state.session().saved)))
    if state.consultation() != Consultation():
        trouble.download_screen(f"mishap:{where}")


def _tell_once(where: str, error: Exception) -> None:
    told = st.session_state.setdefault("_mishaps_told", set())
    if type(error) not in told:  # what breaks the frame breaks the page and the footer as well
        told.add(type(error))
        _tell(where, error)


def _note(where: str, error: Exception) -> None:
    """Remember that a click or an entry failed: the page is drawn afterwards, and says so."""
    if isinstance(error, StoreError):
        state.lay_trouble(error)
    else:
        st.session_state["_mishap"] = True


def _keep_calm() -> None:
    """Clicks and the making of files run outside every page: the one place that Streamlit calls each from is wrapped."""
    from streamlit.runtime.media_file_manager import MediaFileManager
    from streamlit.runtime.state.session_state import WStates

    register = MediaFileManager.add_deferred

    @wraps(register)
    def add_deferred(self: MediaFileManager, data_callable: Callable[[], Any], *rest: Any, **options: Any) -> str:
        return register(self, mishaps.made_or_refused(data_callable), *rest, **options)

    MediaFileManager.add_deferred = add_deferred  # type: ignore[method-assign]
    WStates.call_callback = mishaps.calmly(WStates.call_callback, _note)  # type: ignore[method-assign]


with suppress(ImportError, AttributeError):  # places of a newer Streamlit: the program runs, and its tests say so
    _keep_calm()
