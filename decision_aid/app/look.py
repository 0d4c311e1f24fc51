"""How every page looks: its style sheets."""

from __future__ import annotations

import streamlit as st

from decision_aid import components
from decision_aid.domain.audience import Audience


def dress(audience: Audience) -> None:
    """Lay the style sheets under the page; what is the same for both audiences stays as it is when one follows the other."""
    st.html(components.style_sheet())
    if audience is Audience.PATIENT:
        st.html(components.style_sheet_for_patients())
