"""The checklist as this clinic words it, and the banner of its red flags on the pages of numbers."""

from __future__ import annotations

import streamlit as st

from decision_aid import components
from decision_aid.app import evidence_file, state
from decision_aid.consultation import checklist
from decision_aid.domain.problems import EvidenceError
from decision_aid.evidence.loading import Evidence


def banner() -> None:
    """The action banner on a page of numbers, when a red flag was answered with yes."""
    data = evidence_file.evidence()
    asked = checklist.checklist(data, state.condition(), state.procedure(), clinic_items(data))
    found = checklist.findings(asked, state.consultation().answers).act_now
    if found:
        st.html(components.act_now(found, state.audience()))


def clinic_items(data: Evidence) -> dict[str, dict[str, str]]:
    """The clinic's own wording of checklist items; every fault of its file is shown and nothing of it is used."""
    path = checklist.clinic_file()
    if path is None:
        return {}
    try:
        return checklist.load_overrides(path, [row.item_id for row in data.indications])
    except EvidenceError as error:
        st.error("The clinic's own items are not used: the file has faults. The published items are shown.")
        st.html(components.problem_list(error.problems))
        return {}
