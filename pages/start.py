"""Start: the condition, the planned procedure and the level; what the decision is about."""

import streamlit as st

from decision_aid import markup, shell, wording
from decision_aid.consultation import LEVELS
from decision_aid.numerals import Face
from decision_aid.schema import Aspect, Road

shell.guard("pages/start.py")
evidence = shell.evidence()
patient = shell.face() is Face.PATIENT
shell.title("What is the decision about?")

answers, explain = st.columns([5, 9], gap="medium")
with answers:
    conditions = {str(c): r.patient_label if patient else r.clinician_label for c, r in evidence.conditions.items()}
    shell.choose(st.radio, "Condition", conditions, "condition", shell.condition())
    described = evidence.conditions[shell.condition()]
    fitting = [evidence.procedures[p] for p in described.procedures]
    procedures = {str(r.procedure): r.patient_label if patient else r.clinician_label for r in fitting}
    shell.choose(st.radio, "Planned procedure", procedures, "procedure", shell.procedure())
    st.segmented_control("Level", LEVELS, key="level", persist_state="session", wrap=True)
    if st.button("Compare the three roads", type="primary", width="stretch"):
        st.switch_page("pages/compare.py")
    if st.button("Show an example: herniated disc at L5/S1", width="stretch", on_click=shell.choose_example):
        st.switch_page("pages/compare.py")

with explain:
    st.html(markup.lead(wording.DECISION, described.what_it_is))
    planned = shell.procedure()
    st.html(markup.road_cards((road, evidence.roads[planned, road][Aspect.WHAT_HAPPENS]) for road in Road))
    means = ("What “minimally invasive” means", wording.WHAT_MIS_IS)
    means_not = ("What it does not mean", wording.WHAT_MIS_IS_NOT)
    st.html(markup.two_notes((means, means_not)))
