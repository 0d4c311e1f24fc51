"""The way through a consultation: its steps across the top, Back and Next at the foot, the library under one entry."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from decision_aid.app import evidence_file, state
from decision_aid.consultation import checklist
from decision_aid.consultation.progress import Step, is_done
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_label

TITLES = {
    Step.START: "Start",
    Step.CHECKLIST: "Checklist",
    Step.COMPARE: "Compare",
    Step.RISKS: "Risks",
    Step.MATTERS: "What matters",
    Step.DECIDE: "Decide",
    Step.TAKE_HOME: "Take home",
}
LIBRARY = {
    "evidence": "Evidence",
    "own_results": "Own results",
    "case_log": "Case log",
    "saved": "Saved work",
    "about": "About",
}
_SEEN = "_steps_seen"


def path_of(page: str) -> str:
    return f"pages/{page}.py"


def note_page(page: str) -> None:
    """Remember which page is shown, and that a step was looked at."""
    st.session_state["_page"] = page
    if page in list(Step):
        st.session_state[_SEEN] = {*st.session_state.get(_SEEN, ()), Step(page)}


def forget() -> None:
    """Nothing was looked at yet: for the next patient."""
    st.session_state.pop(_SEEN, None)


def shown_page() -> str:
    page: str = st.session_state.get("_page", Step.START)
    return page


def place_told() -> str:
    """Which step is shown and how many there are, for a window that only follows."""
    order = list(Step)
    step = Step(shown_page())
    return f"{TITLES[step]} · {order.index(step) + 1} of {len(order)}"


def across_the_top() -> None:
    """The steps with their state; a red flag that was answered with yes marks the checklist."""
    data = evidence_file.evidence()
    asked = checklist.checklist(data, state.condition(), state.procedure())
    here, seen = state.consultation(), st.session_state.get(_SEEN, ())
    flagged = bool(checklist.findings(asked, here.answers).act_now)
    with st.container(horizontal=True, key="steps", vertical_alignment="center"):
        for number, step in enumerate(Step, start=1):
            if step == shown_page():
                how = "here"
            elif step is Step.CHECKLIST and flagged:
                how = "flag"
            else:
                how = "done" if is_done(step, here, asked, seen) else "open"
            with st.container(key=f"step_{how}_{number}"):
                st.page_link(path_of(step), label=as_label(TITLES[step]))


def library(below: Callable[[], None]) -> None:
    """Everything that is not a step, for clinicians. Its list is another on every page: one that was open closes."""
    with st.popover("Library", key=f"library_on_{shown_page()}"):
        for page, title in LIBRARY.items():
            st.page_link(path_of(page), label=as_label(title))
        below()


def at_the_foot(between: Callable[[], None]) -> None:
    """Back and Next, named by where they lead. A page of the library leads back to the consultation."""
    shown, order = shown_page(), list(Step)
    with st.container(horizontal=True, key="foot", horizontal_alignment="distribute", vertical_alignment="center"):
        if shown not in order:
            _link("back", Step(st.session_state.get("_last_step", Step.COMPARE)), lambda t: f"← Back to {t}")
            between()
            return
        place = order.index(Step(shown))
        st.session_state["_last_step"] = shown
        if place:
            _link("back", order[place - 1], lambda title: f"← {title}")
        between()
        if place + 1 < len(order):
            _link("next", order[place + 1], lambda title: f"{title} →")


def _link(key: str, step: Step, told: Callable[[str], str]) -> None:
    with st.container(key=f"foot_{key}", width="content"):
        st.page_link(path_of(step), label=as_label(told(TITLES[step])))


def keep_patients_out_of_the_library() -> None:
    """The patient's view has no library: opened from there, a page of it leads back to the comparison."""
    if state.audience() is Audience.PATIENT and shown_page() in LIBRARY:
        st.switch_page(path_of(Step.COMPARE))
