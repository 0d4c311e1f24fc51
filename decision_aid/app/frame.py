"""What stands round every page: the menu, the guard at its beginning, the line above it, the foot."""

from __future__ import annotations

from datetime import date

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from decision_aid import components, wording
from decision_aid.app import (
    calm,
    clinic,
    consultations,
    drawing,
    evidence_file,
    look,
    patient_screen,
    saved_work,
    shared_screens,
    state,
    steps,
    trouble,
)
from decision_aid.app import session as sessions
from decision_aid.consultation.progress import Step
from decision_aid.domain.audience import Audience
from decision_aid.domain.dates import day_in_words
from decision_aid.domain.escaping import as_label
from decision_aid.storage import store
from decision_aid.storage.store import StoreError
from decision_aid.wording import patient_screen_words


def configure() -> None:
    """Page configuration; the first thing an entry does."""
    calm.begin()
    st.set_page_config(page_title="Spine Choice", page_icon="◆", layout="wide", initial_sidebar_state="collapsed")


def pages() -> list[StreamlitPage]:
    """Every page: the steps of a consultation in their order, then the library, which a patient's own window has not."""
    patient_screen.recognise()
    library = {} if shared_screens.is_patients_window() else steps.LIBRARY
    titled = {**{str(step): title for step, title in steps.TITLES.items()}, **library}
    return [st.Page(steps.path_of(page), title=title, default=page == Step.START) for page, title in titled.items()]


def send_back_if_interrupted() -> None:
    """Return a reader to the page and query they asked for, when `guard` had to fetch the frame first."""
    wanted = st.session_state.pop("_return_to", None)
    if wanted and not shared_screens.is_patients_window():
        st.session_state["_framed"] = True
        page, query = wanted
        st.switch_page(page, query_params=query)


def guard(page: str) -> None:
    """Fetch the frame when a page was run without it; the first statement of every page.

    The first deep link to a freshly started server runs the page alone, and so does a page switch in tests.
    """
    if not st.session_state.pop("_framed", False):
        st.session_state["_return_to"] = (page, st.query_params.to_dict())
        st.switch_page("dashboard.py")


def head(page: StreamlitPage) -> None:
    """What stands above every page: the steps, whose view it is, and what it is about."""
    st.session_state["_framed"] = True
    steps.note_page(page.url_path or Step.START)
    if shared_screens.is_patients_window():
        _head_of_the_patients_window()
        return
    with calm.section("the address"):
        _follow_address()
    state.lay(sessions.set_view(state.session(), state.view(), saved_work.opened))
    patient_screen.show()
    look.dress(state.audience())
    steps.keep_patients_out_of_the_library()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="topbar"):
        _brand()
        steps.across_the_top()
        _whose_view()
    trouble.tell()
    calm.tell_step()


def _head_of_the_patients_window() -> None:
    """The steps are told there, not offered: the window goes where the surgeon's goes."""
    patient_screen.follow(steps.shown_page())
    look.dress(state.audience())
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="topbar"):
        _brand()
        st.html(components.following(steps.place_told()))
    calm.tell_step()


def _brand() -> None:
    st.html(components.brand(), unsafe_allow_javascript=True)  # with the script that fills a list of sources


def _whose_view() -> None:
    """For clinicians both views and the library; out of the patient's view leads a deliberate step."""
    if state.audience() is Audience.CLINICIAN:
        st.segmented_control(
            "Shown for",
            list(state.AUDIENCES),
            default=None if "audience" in st.session_state else "Clinician",
            key="audience",
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
        steps.library(patient_screen.offer)
        return
    clinic.leave_the_patient()


def title(text: str) -> None:
    """The title of a page, and in the same line what the consultation is about."""
    st.html(components.page_title(text, _context()))


def footer() -> None:
    """What stands below every page: what the numbers are, how old they are and which dataset they come from."""
    data, here = evidence_file.evidence(), state.session()
    due = f"review due {day_in_words(data.review_date)}"
    if date.today() > data.review_date:
        st.warning(
            f"The evidence was due for review on {day_in_words(data.review_date)}. Newer studies are not in these numbers."
        )
    kept = wording.draft_kept(here.draft.expires_at) if here.draft and here.saved else ""
    searched = f"Evidence searched {day_in_words(data.search_date)} · {due} · data {data.content_hash[:7]}"
    st.html(components.footer(kept, "" if state.audience() is Audience.PATIENT else searched))
    if shared_screens.is_patients_window():
        with st.container(horizontal=True, key="foot", vertical_alignment="center"):
            st.html(components.foot_note(f"{patient_screen_words.FOLLOWING} {wording.NOT_A_FORECAST}"))
    else:
        steps.at_the_foot(patient_screen.point)
    drawing.number_it()


def _follow_address() -> None:
    """Open the draft that the address names, as after a refresh or a restart."""
    asked = st.query_params.get("draft")
    if asked and asked != state.session().draft_id and state.session().saved:
        consultations.open_draft(asked)
    if not st.session_state.get("_met"):
        st.session_state["_met"] = True
        try:
            if saved_work.passphrase() is None and store.is_encrypted():
                trouble.settle(trouble.unlockable)  # asked for at the start, not after the first answer
        except StoreError as error:
            state.lay_trouble(state.session().trouble or error)
    notice = st.session_state.pop("_notice", "")
    if notice:
        st.info(as_label(notice))


def _context() -> tuple[str | None, ...]:
    """What the page is about: the condition, the procedure and the level, in the words of the audience."""
    data = evidence_file.evidence()
    described, planned = data.conditions[state.condition()], data.procedures[state.procedure()]
    level = state.consultation().level
    if state.audience() is Audience.PATIENT:
        return described.patient_label, planned.patient_label, level
    return described.clinician_label, planned.clinician_label, level
