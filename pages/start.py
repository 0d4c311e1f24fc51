"""Start: the condition, the planned procedure and the level; what the decision is about."""

import streamlit as st

from decision_aid import markup, shell, wording
from decision_aid.numerals import Face
from decision_aid.schema import Aspect, Condition, Road

shell.guard("pages/start.py")
evidence = shell.evidence()
patient = shell.face() is Face.PATIENT
shell.title("What is the decision about?")

choose, explain = st.columns([5, 8], gap="medium")
with choose:
    conditions = {str(c): (r.patient_label if patient else r.clinician_label) for c, r in evidence.conditions.items()}
    st.radio(
        "Condition",
        list(conditions),
        index=None if "condition" in st.session_state else 0,
        format_func=conditions.__getitem__,
        key="condition",
        persist_state="session",
    )
    described = evidence.conditions[shell.condition()]
    procedures = {str(p): evidence.procedures[p] for p in described.procedures}
    if st.session_state.get("procedure") not in procedures:
        st.session_state["procedure"] = next(iter(procedures))
    st.radio(
        "Planned procedure",
        list(procedures),
        format_func=lambda p: procedures[p].patient_label if patient else procedures[p].clinician_label,
        key="procedure",
        horizontal=True,
        persist_state="session",
    )
    st.segmented_control("Level", shell.LEVELS, key="level", persist_state="session", wrap=True)
    go, show = st.columns(2)
    if go.button("Compare the three roads", type="primary", width="stretch"):
        st.switch_page("pages/compare.py")
    if show.button("Show an example", width="stretch", help="A herniated disc at L5/S1 with a disc operation planned"):
        st.session_state.update(condition=str(Condition.DISC_HERNIATION), procedure="discectomy", level="L5/S1")
        st.switch_page("pages/compare.py")

with explain:
    st.html(f'<p class="lead"><b>{wording.DECISION}</b> {described.what_it_is}</p>')
    planned = shell.procedure()
    st.html(markup.road_cards((road, evidence.roads[planned, road][Aspect.WHAT_HAPPENS]) for road in Road))
    st.html(
        f'<div class="two"><div class="note"><h2>What “minimally invasive” means</h2>{wording.WHAT_MIS_IS}</div>'
        f'<div class="note"><h2>What it does not mean</h2>{wording.WHAT_MIS_IS_NOT}</div></div>'
    )
