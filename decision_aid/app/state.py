"""What a window shows: its session with the consultation in it, whose words it speaks, and how its screen is set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from decision_aid import wording
from decision_aid.app import drawing, evidence_file, runs, saved_work, shared_screens
from decision_aid.app import session as sessions
from decision_aid.app.session import Session
from decision_aid.consultation import changes, known_from_start
from decision_aid.consultation.checklist import checklist, clinic_words
from decision_aid.consultation.model import Consultation, change
from decision_aid.consultation.subject import subject
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Procedure
from decision_aid.storage.store import StoreError

AUDIENCES = {"Clinician": Audience.CLINICIAN, "Patient": Audience.PATIENT}

# How a screen may be set, by name of the choice: what a draft brings back of it, and nothing else.
VIEW: dict[str, tuple[Any, ...]] = {
    "audience": tuple(AUDIENCES),
    "path": ("Short path", "Full list"),
    "order": wording.ORDERS,
    "recovery": ("vas_leg", "odi", "vas_back", "sf36_bodily_pain", "sf36_physical_function"),
    "own_on": (True, False),
    "paper": wording.PAPERS,
}


def audience() -> Audience:
    """Whose words are shown: the clinician's until switched."""
    return AUDIENCES[st.session_state.get("audience") or "Clinician"]


def session() -> Session:
    """What this window has in the session."""
    here: Session = st.session_state.setdefault("session", Session())
    return here


def consultation() -> Consultation:
    return session().consultation


def condition() -> Condition:
    """The condition the screen is about: the first of the list until one is chosen."""
    return subject(evidence_file.evidence(), consultation())[0]


def procedure() -> Procedure:
    """The planned procedure; the usual one of the condition unless another fitting one was chosen."""
    return subject(evidence_file.evidence(), consultation())[1]


def view() -> dict[str, Any]:
    """How the screen is set now."""
    return {name: st.session_state[name] for name in VIEW if name in st.session_state}


@runs.take_up_whole
def keep(write: Callable[[Consultation], Consultation], is_entry: bool = False) -> None:
    """Put a changed consultation on the screen and on the disk. What cannot be saved is told on the next drawing.

    `is_entry`: the field in which this was entered shows it already.
    """
    here = session()
    given = write(here.consultation)
    if given == here.consultation:
        return
    if shared_screens.is_patients_window():  # it hands its answers to the surgeon's, which keeps them
        shared_screens.send(changes.between(here.consultation, given))
        laid = replace(here, consultation=given)
    else:
        laid = sessions.put(replace(here, view=view()), _completed(here.consultation, given), saved_work.opened)
    lay(laid, given if is_entry else here.consultation)


def _completed(before: Consultation, changed: Consultation) -> Consultation:
    """The condition and procedure that the screen shows are kept with every answer: it was given for them.

    What Start answers of the checklist is answered with it.
    """
    data = evidence_file.evidence()
    described, planned = subject(data, changed)
    changed = change(changed, condition=described, procedure=planned)
    words = clinic_words(row.item_id for row in data.indications)
    was, now = (
        known_from_start.answers(checklist(data, *about, words).items, known_from_start.facts(c, about[1]))
        for c, about in ((before, subject(data, before)), (changed, (described, planned)))
    )
    return known_from_start.carried_over(changed, was, now)


def lay(changed: Session, shown: Consultation | None = None) -> None:
    """Put a session before the reader and its random name into the address, so that a refresh finds it again.

    `shown`: what the fields show by now, where that is not the consultation laid before.
    """
    drawing.changed(consultation() if shown is None else shown, changed.consultation)
    st.session_state["session"] = changed
    if shared_screens.is_patients_window():
        return
    if changed.draft_id is None:
        if "draft" in st.query_params:
            del st.query_params["draft"]
    elif st.query_params.get("draft") != changed.draft_id:
        st.query_params["draft"] = changed.draft_id


def lay_trouble(error: StoreError) -> None:
    """Name what is wrong with the saved work; the frame tells it at the next drawing."""
    lay(replace(session(), trouble=error))


def notice(text: str) -> None:
    """Say something once, above the next drawing of a page."""
    st.session_state["_notice"] = text
