"""Take home: the whole consultation on one screen, the sheet for the patient, the note and the record for the clinic."""

from contextlib import suppress
from datetime import UTC, date, datetime

import streamlit as st

from decision_aid import components, wording
from decision_aid.app import (
    consultations,
    evidence_file,
    filters,
    frame,
    inputs,
    own_cases,
    red_flags,
    saved_work,
    shared_screens,
    state,
)
from decision_aid.app import session as sessions
from decision_aid.comparison import side_by_side
from decision_aid.comparison.own_rates import OwnRates
from decision_aid.consultation.checklist import Overrides
from decision_aid.consultation.model import Consultation
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_label
from decision_aid.exports import clinical_note, fhir, handout, handout_pdf
from decision_aid.exports.handout import Handout
from decision_aid.storage.store import StoreError
from decision_aid.wording import filter_words

frame.guard("pages/take_home.py")
evidence, audience = evidence_file.evidence(), state.audience()
theirs = shared_screens.is_patients_window()  # there is nothing to save or to take away in it


def record() -> None:
    """Save the consultation as a record, and go on to the next patient."""
    here = state.session()
    with st.container(border=True, key="items_record"):
        st.html(components.heading("The record", wording.WHAT_A_RECORD_IS))
        recorded = None
        if here.record_id:
            with suppress(StoreError):
                recorded = saved_work.opened().load_record(here.record_id)
        done = sessions.is_recorded(here, recorded)
        with st.container(horizontal=True, vertical_alignment="center"):
            label = "Save the correction" if recorded and not done else "Save as a record"
            st.button(
                label,
                on_click=consultations.save_record,
                type="primary",
                disabled=done or here.consultation == Consultation(),
            )
            if done and st.button("Begin the next consultation"):
                consultations.finish()
                st.switch_page("pages/start.py")
        if done and recorded:
            st.html(components.small(f"Saved as a record on {wording.day_and_time(recorded.saved_at)}."))


def sheet() -> None:
    """The handout to look at and to print, the note for the clinical record, and the answers for a hospital system."""
    here = state.consultation()
    with st.container(border=True, key="items_handout"):
        st.html(components.heading("To take home"))
        if theirs:
            paper, annex = st.session_state.get("paper", wording.PAPERS[0]), False
        else:
            paper = inputs.one_of("Paper", "paper", wording.PAPERS)
            annex = st.checkbox(wording.ANNEX, key="annex", persist_state="session")
        if filters.on_compare() != side_by_side.Filters():
            st.html(components.filtered(filter_words.HANDOUT_KEEPS_USUAL))
        items, rates = red_flags.clinic_items(evidence), own_cases.rates()
        shown = side_by_side.side_by_side(evidence, state.condition(), state.procedure(), own=rates)
        own = own_cases.lines(shown, Audience.PATIENT)
        built = handout.build(evidence, here, items, date.today(), annex=annex, own=own, rates=rates)
        try:
            pdf, pictures = drawn(built, paper)
        except handout_pdf.HandoutError as error:
            st.error(as_label(error))
            return
        if not theirs:
            downloads(pdf, items, rates)
        if len(pictures) > handout_pdf.ONE_SHEET and not annex:
            st.html(components.small(wording.sheet_too_long(len(pictures))))
        if built.replaced:
            st.html(components.small(wording.cannot_be_printed(built.replaced)))
        for number, picture in enumerate(pictures, start=1):
            st.image(picture, alt=wording.preview_alt(number, len(pictures)), width="stretch")


def downloads(pdf: bytes, items: Overrides, rates: tuple[OwnRates, ...]) -> None:
    here = state.consultation()
    with st.container(horizontal=True):
        st.download_button(
            "Handout (PDF)", pdf, "spine-choice-handout.pdf", "application/pdf", type="primary", on_click="ignore"
        )
        st.download_button(
            "Note for the record",
            clinical_note.text(evidence, here, items, date.today(), rates),
            "spine-choice-note.txt",
            "text/plain",
            on_click="ignore",
        )
        st.download_button(
            "For a hospital system (FHIR)",
            lambda: fhir.export(evidence, here, datetime.now(UTC), overrides=items),
            "spine-choice-fhir.json",
            "application/fhir+json",
            on_click="ignore",
        )


def drawn(built: Handout, paper: str) -> tuple[bytes, list[bytes]]:
    """The handout as PDF and as pictures, made again only when something on it changed. Kept in this session alone."""
    kept = st.session_state.get("_sheet")
    if kept is None or kept[0] != (built, paper):
        size = handout_pdf.Paper.A4 if paper == wording.PAPERS[0] else handout_pdf.Paper.LETTER
        kept = (built, paper), (handout_pdf.compile_pdf(built, size), handout_pdf.compile_png(built, size))
        st.session_state["_sheet"] = kept
    found: tuple[bytes, list[bytes]] = kept[1]
    return found


red_flags.banner()
frame.title("Take home")
left, right = st.columns([6, 6], gap="medium")
if not theirs:
    with left:
        record()
with right:
    sheet()
