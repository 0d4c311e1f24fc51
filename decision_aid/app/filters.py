"""Which studies count on Compare and on Evidence. A filter belongs to one patient, and is told wherever it is on."""

from __future__ import annotations

from typing import Any

import streamlit as st

from decision_aid import components
from decision_aid.app import state
from decision_aid.comparison import side_by_side
from decision_aid.comparison.question import DesignFilter
from decision_aid.wording import filter_words

_DESIGNS = {
    "Trials alone when five or more": DesignFilter.AUTO,
    "Randomised trials only": DesignFilter.RCT,
    "All studies": DesignFilter.ALL,
}
EVERY = "all"  # no choice of a technique or a condition on Evidence
ALL_TECHNIQUES = "all techniques"
_USUAL: dict[str, Any] = {
    "design": next(iter(_DESIGNS)), "same_condition": False, "cautions": False,
    "evidence_design": next(iter(_DESIGNS)), "evidence_condition": EVERY, "evidence_cautions": False,
}  # fmt: skip


def on_compare() -> side_by_side.Filters:
    """The filters that are on in Compare."""
    held = st.session_state
    technique = held.get(f"technique_{state.procedure()}", ALL_TECHNIQUES)
    return side_by_side.Filters(
        _DESIGNS[held.get("design", _USUAL["design"])],
        None if technique == ALL_TECHNIQUES else technique,
        bool(held.get("same_condition")),
        bool(held.get("cautions")),
    )


def choose_design(key: str) -> DesignFilter:
    """Which studies count: the reader's choice, trials alone where there are enough of them until then."""
    return _DESIGNS[st.radio("Studies", list(_DESIGNS), key=key, persist_state="session")]


def tell(told: str) -> None:
    """A line over the numbers while a filter is on, with the way back to the usual ones."""
    if told:
        with st.container(horizontal=True, vertical_alignment="center", key="filters_on"):
            st.html(components.filtered(told))
            st.button(filter_words.CLEAR, on_click=clear)


def clear() -> None:
    """Show the usual numbers again. A filter belongs to one patient: it never reaches the next, nor comes with a draft."""
    for name in st.session_state:
        if isinstance(name, str) and name.startswith(("technique_", "evidence_technique_")):
            st.session_state[name] = ALL_TECHNIQUES if name.startswith("technique_") else EVERY
    for name, usual in _USUAL.items():
        if name in st.session_state:
            st.session_state[name] = usual
    st.session_state["_filters_cleared"] = times_cleared() + 1


def times_cleared() -> int:
    """How often they were cleared: a slider with two ends cannot be set back by its key, so each clearing makes a new one."""
    times: int = st.session_state.get("_filters_cleared", 0)
    return times
