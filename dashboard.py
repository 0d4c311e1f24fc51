"""Spine Choice: open, minimally invasive or no surgery for the lumbar spine, side by side on published evidence."""

import streamlit as st

from decision_aid import shell

shell.configure()
page = st.navigation(shell.pages())
shell.send_back_if_interrupted()
shell.frame(page)
page.run()
shell.footer()
