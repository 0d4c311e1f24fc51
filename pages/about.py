"""About: for whom the tool is, how its numbers are made, what it does not do, who made and paid for it."""

import streamlit as st

from decision_aid.app import frame
from decision_aid.components import markup
from decision_aid.wording import about

frame.guard("pages/about.py")
frame.title("About this tool")
st.html(markup.about(about.sections(frame.evidence(), frame.audience())))
st.html(markup.standards(frame.evidence().standards))
