"""The only Streamlit besides pages/: the frame round every page, the session, what happens when something fails."""
