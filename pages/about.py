"""About: for whom the tool is, how its numbers are made, what it does not do, who made and paid for it."""

import streamlit as st

from decision_aid.app import evidence_file, frame, state
from decision_aid.components import markup
from decision_aid.wording import about

frame.guard("pages/about.py")
frame.title("About this tool")
st.html(markup.about(about.sections(evidence_file.evidence(), state.audience())))
st.html(markup.standards(evidence_file.evidence().standards))
