"""About: for whom the tool is, how its numbers are made, what it does not do, who made and paid for it."""

import streamlit as st

from decision_aid import about, markup, shell

shell.guard("pages/about.py")
shell.title("About this tool")
st.html(markup.about(about.sections(shell.evidence(), shell.face())))
st.html(markup.standards(shell.evidence().standards))
