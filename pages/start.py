"""Start: the condition, the planned procedure and the level; what the decision is about."""

import streamlit as st

from decision_aid import markup, shell, wording
from decision_aid.consultation import LEVELS, change
from decision_aid.numerals import Face
from decision_aid.schema import Aspect, Condition, Procedure, Road

shell.guard("pages/start.py")
evidence = shell.evidence()
patient = shell.face() is Face.PATIENT
shell.title("What is the decision about?")

answers, explain = st.columns([5, 9], gap="medium")
with answers:
    conditions = {str(c): r.patient_label if patient else r.clinician_label for c, r in evidence.conditions.items()}
    shell.bound(
        st.radio,
        "Condition",
        f"condition:{shell.face()}",
        str(shell.condition()),
        lambda c, chosen: change(c, condition=Condition(chosen)),
        options=list(conditions),
        format_func=conditions.get,
    )
    described = evidence.conditions[shell.condition()]
    fitting = [evidence.procedures[p] for p in described.procedures]
    procedures = {str(r.procedure): r.patient_label if patient else r.clinician_label for r in fitting}
    shell.bound(
        st.radio,
        "Planned procedure",
        f"procedure:{shell.face()}",
        str(shell.procedure()),
        lambda c, chosen: change(c, procedure=Procedure(chosen)),
        options=list(procedures),
        format_func=procedures.get,
    )
    level = shell.consultation().level
    shell.bound(
        st.segmented_control,
        "Level",
        "level",
        level if level in LEVELS else None,
        lambda c, chosen: change(c, level=chosen or ""),
        options=LEVELS,
        wrap=True,
    )
    if st.button("Compare the three roads", type="primary", width="stretch"):
        st.switch_page("pages/compare.py")
    shell.other_consultations()

with explain:
    st.html(markup.lead(wording.DECISION, described.what_it_is))
    planned = shell.procedure()
    st.html(markup.road_cards((road, evidence.roads[planned, road][Aspect.WHAT_HAPPENS]) for road in Road))
    means = ("What “minimally invasive” means", wording.WHAT_MIS_IS)
    means_not = ("What it does not mean", wording.WHAT_MIS_IS_NOT)
    st.html(markup.two_notes((means, means_not)))
