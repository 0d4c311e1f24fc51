"""Spine Choice: open, minimally invasive or no surgery for the lumbar spine, side by side on published evidence."""

import streamlit as st

from decision_aid import shell

with shell.calm("the menu"):
    shell.configure()
    page = st.navigation(shell.pages())
    shell.send_back_if_interrupted()
    with shell.calm("the frame"):
        shell.frame(page)
    with shell.calm("the page"):
        page.run()
    with shell.calm("the footer"):
        shell.footer()
