"""What the clinic set for every consultation, and the step out of the patient's view that its PIN may guard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import streamlit as st

from decision_aid import components
from decision_aid.app import state
from decision_aid.domain.escaping import as_label
from decision_aid.storage import settings
from decision_aid.storage.settings import Settings
from decision_aid.storage.store import StoreError
from decision_aid.wording import clinic_words, notices, storage_words


def of_this_clinic() -> Settings:
    """What was set; the defaults where the file cannot be read, which the page Saved work tells."""
    try:
        return settings.load()
    except StoreError:
        return Settings()


def leave_the_patient() -> None:
    """The deliberate step back to the clinician's view; with a PIN where one is set."""
    with st.popover("Clinician", key="leave"):
        st.html(components.small(notices.LEAVE_THE_PATIENT))
        if of_this_clinic().pin:
            st.text_input(clinic_words.ENTER_PIN, type="password", key="leave_pin")
            if st.session_state.pop("_wrong_pin", False):
                st.html(components.small(clinic_words.WRONG_PIN))
        st.button(notices.SHOW_THE_CLINICIAN, on_click=_show_the_clinician, type="primary")


def _show_the_clinician() -> None:
    given = st.session_state.get("leave_pin", "")
    st.session_state["leave_pin"] = ""  # never left standing on the screen
    if settings.is_pin(of_this_clinic(), given):
        st.session_state["audience"] = "Clinician"
    else:
        st.session_state["_wrong_pin"] = True


def section() -> None:
    """The clinic's settings, kept as they are entered."""
    with st.expander(clinic_words.CLINIC, key="clinic_part"):
        try:
            now = settings.load()
        except StoreError as error:
            st.warning(as_label(storage_words.told(error, on_screen=False)))
            now = Settings()
        st.html(components.small(clinic_words.WHAT_IT_IS_FOR))
        who, when, telephone = st.columns([5, 3, 5], gap="small")
        with who:
            _field(st.text_input, clinic_words.CHECKED_BY, "checked_by", now, max_chars=settings.LONGEST_LINE)
        with when:
            _field(
                st.date_input,
                clinic_words.CHECKED_ON,
                "checked_on",
                now,
                format="YYYY-MM-DD",
                min_value=date.min,
                max_value=date.max,
            )
        with telephone:
            _field(st.text_input, clinic_words.TELEPHONE, "telephone", now, max_chars=settings.LONGEST_LINE)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(clinic_words.PIN, type="password", key="new_pin", width=340, help=clinic_words.PIN_HINT)
            st.button("Set the PIN", on_click=_set_pin)
            if now.pin:
                st.button("Take the PIN off", on_click=_take_pin_off)
                st.html(components.small(clinic_words.PIN_IS_SET))


def _field(widget: Callable[..., object], label: str, name: str, now: Settings, **options: object) -> None:
    st.session_state[f"clinic:{name}"] = getattr(now, name)
    widget(as_label(label), key=f"clinic:{name}", on_change=_keep_field, args=(name,), **options)


def _keep_field(name: str) -> None:
    _keep(replace(of_this_clinic(), **{name: st.session_state[f"clinic:{name}"]}))


def _set_pin() -> None:
    given = st.session_state["new_pin"]
    st.session_state["new_pin"] = ""
    try:
        if given:
            _keep(settings.with_pin(of_this_clinic(), given))
    except ValueError:
        state.notice(clinic_words.PIN_TOO_SHORT)


def _take_pin_off() -> None:
    _keep(settings.with_pin(of_this_clinic(), ""))
    state.notice(clinic_words.PIN_TAKEN_OFF)


def _keep(changed: Settings) -> None:
    try:
        settings.save(changed)
    except StoreError as error:
        state.notice(storage_words.told(error, on_screen=False))
