"""Spine Choice: open, minimally invasive or no surgery for the lumbar spine, side by side on published evidence."""

import streamlit as st

try:
    from decision_aid.app import frame
except ImportError:  # before this there is no frame that could say it
    st.error(
        "A part of the program is missing. Install what requirements.txt lists, as the README says, and start again."
    )
    st.stop()

with frame.calm("the menu"):
    frame.configure()
    page = st.navigation(frame.pages())
    frame.send_back_if_interrupted()
    with frame.calm("the frame"):
        frame.frame(page)
    with frame.calm("the page"):
        page.run()
    with frame.calm("the footer"):
        frame.footer()
