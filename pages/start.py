"""Start: the condition, the planned procedure and the level; what the decision is about."""

from contextlib import suppress

import streamlit as st

from decision_aid import components, wording
from decision_aid.app import consultations, evidence_file, frame, inputs, saved_work, shared_screens, state
from decision_aid.consultation.model import LEVELS, Consultation, change
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Aspect, Condition, Option, Procedure
from decision_aid.storage.store import StoreError

frame.guard("pages/start.py")
evidence = evidence_file.evidence()
patient = state.audience() is Audience.PATIENT


def other_consultations() -> None:
    """The ways to another consultation: a new one, the last one that was left open, the demonstration."""
    if state.consultation() != Consultation():
        st.button("Begin a new consultation", on_click=consultations.begin, width="stretch")
    else:
        with suppress(StoreError):  # told when something is to be saved; an empty screen has nothing to lose
            for draft in saved_work.opened().list_drafts()[:1]:
                when = wording.day_and_time(draft.saved_at)
                st.button(
                    f"Continue the last one, {when}",
                    on_click=consultations.open_draft,
                    args=(draft.id,),
                    width="stretch",
                )
    if st.button(wording.EXAMPLE, on_click=choose_example, width="stretch"):
        st.switch_page("pages/compare.py")


def choose_example() -> None:
    """The demonstration: a herniated disc at L5/S1 with a disc operation planned. What was open stays saved."""
    consultations.begin(Consultation(Condition.DISC_HERNIATION, Procedure.DISCECTOMY, "L5/S1"))


frame.title("What is the decision about?")

answers, explain = st.columns([5, 9], gap="medium")
with answers:
    conditions = {str(c): r.patient_label if patient else r.clinician_label for c, r in evidence.conditions.items()}
    inputs.bound(
        st.radio,
        "Condition",
        f"condition:{state.audience()}",
        str(state.condition()),
        lambda c, chosen: change(c, condition=Condition(chosen)),
        options=list(conditions),
        format_func=conditions.get,
    )
    described = evidence.conditions[state.condition()]
    fitting = [evidence.procedures[p] for p in described.procedures]
    procedures = {str(r.procedure): r.patient_label if patient else r.clinician_label for r in fitting}
    inputs.bound(
        st.radio,
        "Planned procedure",
        f"procedure:{state.audience()}",
        str(state.procedure()),
        lambda c, chosen: change(c, procedure=Procedure(chosen)),
        options=list(procedures),
        format_func=procedures.get,
    )
    level = state.consultation().level
    inputs.bound(
        st.segmented_control,
        "Level",
        "level",
        level if level in LEVELS else None,
        lambda c, chosen: change(c, level=chosen or ""),
        options=LEVELS,
        wrap=True,
    )
    if not shared_screens.is_patients_window():
        if st.button(wording.compare_them(state.audience()), type="primary", width="stretch"):
            st.switch_page("pages/compare.py")
        other_consultations()

with explain:
    st.html(components.lead(wording.DECISION, described.what_it_is))
    planned = state.procedure()
    st.html(
        components.option_cards((option, evidence.options[planned, option][Aspect.WHAT_HAPPENS]) for option in Option)
    )
    means = ("What “minimally invasive” means", wording.WHAT_MIS_IS)
    means_not = ("What it does not mean", wording.WHAT_MIS_IS_NOT)
    st.html(components.two_notes((means, means_not)))
