"""Spine Choice: open, minimally invasive or no surgery for the lumbar spine, side by side on published evidence."""

import streamlit as st

from decision_aid.app import PART_MISSING

try:
    from decision_aid.app import calm, frame
except ImportError:  # before this there is no frame that could say it
    st.error(PART_MISSING)
    st.stop()

with calm.section("the menu"):
    frame.configure()
    page = st.navigation(frame.pages(), position="hidden")
    frame.send_back_if_interrupted()
    with calm.section("the frame"):
        frame.head(page)
    with calm.section("the page"):
        page.run()
    with calm.section("the footer"):
        frame.footer()
