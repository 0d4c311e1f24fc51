"""Start: the condition, the planned procedure and the level; what the decision is about."""

import streamlit as st

from decision_aid import wording
from decision_aid.app import frame
from decision_aid.components import markup
from decision_aid.consultation.model import LEVELS, change
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Aspect, Condition, Option, Procedure

frame.guard("pages/start.py")
evidence = frame.evidence()
patient = frame.audience() is Audience.PATIENT
frame.title("What is the decision about?")

answers, explain = st.columns([5, 9], gap="medium")
with answers:
    conditions = {str(c): r.patient_label if patient else r.clinician_label for c, r in evidence.conditions.items()}
    frame.bound(
        st.radio,
        "Condition",
        f"condition:{frame.audience()}",
        str(frame.condition()),
        lambda c, chosen: change(c, condition=Condition(chosen)),
        options=list(conditions),
        format_func=conditions.get,
    )
    described = evidence.conditions[frame.condition()]
    fitting = [evidence.procedures[p] for p in described.procedures]
    procedures = {str(r.procedure): r.patient_label if patient else r.clinician_label for r in fitting}
    frame.bound(
        st.radio,
        "Planned procedure",
        f"procedure:{frame.audience()}",
        str(frame.procedure()),
        lambda c, chosen: change(c, procedure=Procedure(chosen)),
        options=list(procedures),
        format_func=procedures.get,
    )
    level = frame.consultation().level
    frame.bound(
        st.segmented_control,
        "Level",
        "level",
        level if level in LEVELS else None,
        lambda c, chosen: change(c, level=chosen or ""),
        options=LEVELS,
        wrap=True,
    )
    if st.button(wording.compare_them(frame.audience()), type="primary", width="stretch"):
        st.switch_page("pages/compare.py")
    frame.other_consultations()

with explain:
    st.html(markup.lead(wording.DECISION, described.what_it_is))
    planned = frame.procedure()
    st.html(markup.option_cards((option, evidence.options[planned, option][Aspect.WHAT_HAPPENS]) for option in Option))
    means = ("What “minimally invasive” means", wording.WHAT_MIS_IS)
    means_not = ("What it does not mean", wording.WHAT_MIS_IS_NOT)
    st.html(markup.two_notes((means, means_not)))
