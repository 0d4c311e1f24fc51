"""Start: what the decision is about. Only what is used later is asked, and Next leads on to the checklist.

Level, duration and age group answer items of the checklist (`start_says` in `indications.csv`); levels and side stand in
the line above every page, on the handout and in the note, where a wrong level or side would be seen. A grade of a slip,
weight or illnesses besides are asked on the checklist, where they are used.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import TypeVar

import streamlit as st

from decision_aid import components, wording
from decision_aid.app import consultations, evidence_file, frame, inputs, saved_work, state
from decision_aid.consultation.model import LEVELS, SEVERAL, Consultation, change
from decision_aid.domain.audience import Audience, Said
from decision_aid.domain.vocabulary import Aspect, Condition, Option, Procedure
from decision_aid.storage.store import StoreError

frame.guard("pages/start.py")
Kind = TypeVar("Kind")
evidence, audience = evidence_file.evidence(), state.audience()
patient = audience is Audience.PATIENT


def other_consultations() -> None:
    """The ways to another consultation: a new one, the last one that was left open, the demonstration."""
    if state.consultation() != Consultation():
        st.button("Begin a new consultation", on_click=consultations.begin, type="tertiary")
    else:
        with suppress(StoreError):  # told when something is to be saved; an empty screen has nothing to lose
            for draft in saved_work.opened().list_drafts()[:1]:
                when = wording.day_and_time(draft.saved_at)
                st.button(
                    f"Continue the last one, {when}",
                    on_click=consultations.open_draft,
                    args=(draft.id,),
                    type="tertiary",
                )
    if st.button(wording.EXAMPLE, on_click=choose_example, type="tertiary"):
        st.switch_page("pages/compare.py")


def choose_example() -> None:
    """The demonstration: a herniated disc at L5/S1 with a disc operation planned. What was open stays saved."""
    consultations.begin(Consultation(Condition.DISC_HERNIATION, Procedure.DISCECTOMY, ("L5/S1",)))


def choose_condition(c: Consultation, chosen: str) -> Consultation:
    """Another condition proposes its usual procedure, whatever was planned for the one before."""
    condition = Condition(chosen)
    return change(c, condition=condition, procedure=evidence.conditions[condition].procedures[0])


def one_answer(told: Said, name: str, words: Mapping[Kind, str]) -> None:
    def write(c: Consultation, chosen: Kind | None) -> Consultation:
        return change(c, **{name: chosen})

    inputs.bound(
        st.segmented_control,
        told.to(audience),
        name,
        getattr(state.consultation(), name),
        write,
        options=list(words),
        format_func=words.__getitem__,
        wrap=True,
    )


def details() -> None:
    """What narrows the case. Each may be left out."""
    chosen = state.consultation().levels
    levels = (*LEVELS, SEVERAL) if SEVERAL in chosen else LEVELS
    with st.container(horizontal=True, key="where"):
        inputs.bound(
            st.segmented_control,
            wording.LEVEL.to(audience),
            "level",
            [level for level in chosen if level in levels],
            lambda c, given: change(c, levels=tuple(level for level in levels if level in given)),
            options=levels,
            selection_mode="multi",
        )
        one_answer(wording.SIDE, "side", wording.SIDES)
    one_answer(wording.DURATION, "duration", wording.DURATIONS)
    one_answer(wording.AGE, "age_group", wording.AGE_GROUPS)
    st.html(components.small(wording.what_they_are_for(audience)))


frame.title("What is the decision about?")

answers, explain = st.columns([13, 17], gap="medium")
with answers, st.container(key="about_the_case"):
    conditions = {str(c): r.patient_label if patient else r.clinician_label for c, r in evidence.conditions.items()}
    inputs.bound(
        st.radio,
        "Condition",
        f"condition:{audience}",
        str(state.condition()),
        choose_condition,
        options=list(conditions),
        format_func=conditions.get,
    )
    described = evidence.conditions[state.condition()]
    fitting = [evidence.procedures[p] for p in described.procedures]
    procedures = {str(r.procedure): r.patient_label if patient else r.clinician_label for r in fitting}
    inputs.bound(
        st.radio,
        "Planned procedure",
        f"procedure:{audience}",
        str(state.procedure()),
        lambda c, chosen: change(c, procedure=Procedure(chosen)),
        options=list(procedures),
        format_func=procedures.get,
    )
    st.html(components.small(wording.usual_procedure(next(iter(procedures.values())))))
    details()
    if not patient:  # whose view knows of no other consultation
        with st.container(horizontal=True, key="others"):
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
