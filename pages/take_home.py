"""Take home: the whole consultation on one screen, the sheet for the patient, the note and the record for the clinic."""

from contextlib import suppress
from datetime import UTC, date, datetime

import streamlit as st

from decision_aid import components, wording
from decision_aid.app import (
    clinic,
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
from decision_aid.consultation.checklist import Overrides, checklist
from decision_aid.consultation.model import Consultation, change, is_code
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_label
from decision_aid.exports import clinical_note, fhir, handout, handout_pdf
from decision_aid.exports.handout import Handout
from decision_aid.storage.store import StoreError
from decision_aid.wording import clinic_words, filter_words, summary

frame.guard("pages/take_home.py")
evidence, audience = evidence_file.evidence(), state.audience()
theirs = shared_screens.is_patients_window()  # there is nothing to save or to take away in it


def sheet(items: Overrides) -> tuple[Handout, list[bytes], bool]:
    """The handout to print. What stands on it, its pages where they are looked at, whether the annex is with it."""
    button = st.container(width="content")
    if theirs:
        paper, annex = st.session_state.get("paper", wording.PAPERS[0]), False
    else:
        with st.popover("Paper"):
            paper = inputs.one_of("Paper", "paper", wording.PAPERS)
            annex = audience is Audience.CLINICIAN and st.checkbox(wording.ANNEX, key="annex", persist_state="session")
    here, rates = state.consultation(), own_cases.rates()
    shown = side_by_side.side_by_side(evidence, state.condition(), state.procedure(), own=rates)
    own = own_cases.lines(shown, Audience.PATIENT)
    today, of_clinic = date.today(), clinic.of_this_clinic()
    built = handout.build(evidence, here, items, today, annex=annex, own=own, rates=rates, clinic=of_clinic)
    look = st.toggle("Look at the sheet", key="look", persist_state="session")
    try:
        pdf = drawn(built, paper)
        pictures = drawn_pictures(built, paper) if look else []
    except handout_pdf.HandoutError as error:
        st.error(as_label(error))
        return built, [], annex
    if not theirs:
        button.download_button(
            "Handout (PDF)", pdf, "spine-choice-handout.pdf", "application/pdf", type="primary", on_click="ignore"
        )
    return built, pictures, annex


def for_the_clinic(items: Overrides) -> None:
    """The note for the clinical record, the answers for a hospital system, and the record; not for patients' eyes."""
    here, rates = state.consultation(), own_cases.rates()
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
    record()


def record() -> None:
    """Save the consultation as a record, and go on to the next patient."""
    here = state.session()
    recorded = None
    if here.record_id:
        with suppress(StoreError):
            recorded = saved_work.opened().load_record(here.record_id)
    done = sessions.is_recorded(here, recorded)
    st.button(
        "Save the correction" if recorded and not done else "Save as a record",
        on_click=consultations.save_record,
        disabled=done or here.consultation == Consultation(),
        help=wording.WHAT_A_RECORD_IS,
    )
    if done and st.button("Begin the next consultation", type="primary"):
        consultations.finish()
        st.switch_page("pages/start.py")
    if done and recorded:
        st.html(components.small(f"Saved as a record on {wording.day_and_time(recorded.saved_at)}."))


def code() -> None:
    """The clinic's own code of this consultation. What looks like a person's number is not kept."""
    st.session_state["code"] = state.consultation().code
    st.text_input(
        clinic_words.CODE, key="code", on_change=keep_code, help=clinic_words.CODE_HINT, placeholder="Code", width=150,
        label_visibility="collapsed",
    )  # fmt: skip
    if st.session_state.pop("_code_refused", False):
        st.html(components.small(clinic_words.CODE_REFUSED))


def keep_code() -> None:
    given = st.session_state["code"].strip()
    if is_code(given):
        state.keep(lambda c: change(c, code=given))
    else:
        st.session_state["_code_refused"] = True


def drawn(built: Handout, paper: str) -> bytes:
    """The handout as PDF, made again only when something on it changed. Kept in this session alone."""
    kept = st.session_state.get("_sheet")
    if kept is None or kept[0] != (built, paper):
        kept = (built, paper), handout_pdf.compile_pdf(built, size_of(paper))
        st.session_state["_sheet"] = kept
        st.session_state.pop("_sheet_pictures", None)
    found: bytes = kept[1]
    return found


def drawn_pictures(built: Handout, paper: str) -> list[bytes]:
    """The same sheet as pictures, a page each; after `drawn`."""
    if "_sheet_pictures" not in st.session_state:
        st.session_state["_sheet_pictures"] = handout_pdf.compile_png(built, size_of(paper))
    found: list[bytes] = st.session_state["_sheet_pictures"]
    return found


def size_of(paper: str) -> handout_pdf.Paper:
    return handout_pdf.Paper.A4 if paper == wording.PAPERS[0] else handout_pdf.Paper.LETTER


def about_the_sheet(built: Handout, pictures: list[bytes], annex: bool) -> None:
    """What a reader should know of the sheet, and its pages side by side."""
    if filters.on_compare() != side_by_side.Filters():
        st.html(components.filtered(filter_words.HANDOUT_KEEPS_USUAL))
    if built.replaced:
        st.html(components.small(wording.cannot_be_printed(built.replaced)))
    if len(pictures) > handout_pdf.ONE_SHEET and not annex:
        st.html(components.small(wording.sheet_too_long(len(pictures))))
    for start in range(0, len(pictures), 2):
        for place, column in enumerate(st.columns(2, gap="small"), start=start):
            if place < len(pictures):
                alt = wording.preview_alt(place + 1, len(pictures))
                column.image(pictures[place], alt=alt, width="stretch")


def page() -> None:
    items = red_flags.clinic_items(evidence)
    with st.container(horizontal=True, vertical_alignment="center", key="items_handout"):
        made = sheet(items)
        if audience is Audience.CLINICIAN:
            for_the_clinic(items)
            code()
    asked = checklist(evidence, state.condition(), state.procedure(), items)
    rates = own_cases.rates()
    st.html(
        components.consultation_summary(
            summary.summary(evidence, state.consultation(), asked, rates, audience), audience
        )
    )
    about_the_sheet(*made)


red_flags.banner()
frame.title("Take home")
page()
