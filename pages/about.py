"""About: for whom the tool is, how its numbers are made, what it does not do, who made and paid for it."""

import streamlit as st

from decision_aid import components
from decision_aid.app import evidence_file, frame, state
from decision_aid.wording import about

frame.guard("pages/about.py")
frame.title("About this tool")
st.html(components.about(about.sections(evidence_file.evidence(), state.audience())))
st.html(components.standards(evidence_file.evidence().standards))
