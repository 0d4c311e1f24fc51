"""Decision: questions with their answers, where the patient leans, and what they take home."""

from contextlib import suppress
from datetime import UTC, date, datetime

import streamlit as st

from decision_aid import components, wording
from decision_aid.app import (
    calm,
    consultations,
    evidence_file,
    filters,
    frame,
    inputs,
    own_cases,
    red_flags,
    saved_work,
    state,
    trouble,
)
from decision_aid.app import session as sessions
from decision_aid.comparison import side_by_side
from decision_aid.consultation.model import (
    Consultation,
    Leaning,
    NextStep,
    OwnQuestion,
    answer_sure,
    change,
    note_question,
    put_next_step,
    put_own_question,
)
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_label
from decision_aid.evidence.text_rows import QuestionRow
from decision_aid.exports import clinical_note, fhir, handout, handout_pdf
from decision_aid.exports.handout import Handout
from decision_aid.storage.store import StoreError
from decision_aid.wording import filter_words

frame.guard("pages/decision.py")
evidence, audience = evidence_file.evidence(), state.audience()


@calm.fragment
def questions() -> None:
    trouble.tell_at_once()
    here = state.consultation()
    st.html(components.small(f"{wording.SAVED_AS_TYPED} {wording.NO_NAMES}"))
    with st.container(border=True, key="items_questions"):
        for row in evidence.questions:
            ask(row, here)
        fields = {"text": ("Another question", 6), "note": ("Its answer", 6)}
        inputs.note_rows("own_question", here.own_questions, OwnQuestion(""), fields, put_own_question)


def ask(row: QuestionRow, here: Consultation) -> None:
    asked, answered = st.columns([6, 6], gap="small", vertical_alignment="center")
    asked.html(components.question(row, audience))
    with answered:
        inputs.note(
            wording.question_text(row, audience),
            f"question:{row.question_id}",
            here.question_notes.get(row.question_id, ""),
            lambda c, text: note_question(c, row.question_id, text),
            label_visibility="collapsed",
        )


@calm.fragment
def leaning() -> None:
    trouble.tell_at_once()
    here = state.consultation()
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, key="items_leaning", height="stretch"):
        st.html(components.heading("Where do you lean today?", wording.MAY_CHANGE))
        inputs.bound(
            st.radio,
            "Leaning",
            "leaning",
            here.leaning,
            lambda c, given: change(c, leaning=None if given is None else Leaning(given)),
            options=list(wording.LEANINGS),
            format_func=wording.LEANINGS.__getitem__,
            label_visibility="collapsed",
        )
        st.html(components.small(wording.NO_NAMES))
        inputs.note("Because", "reason", here.leaning_reason, lambda c, text: change(c, leaning_reason=text))
        st.html(components.heading("Told back", wording.TEACH_BACK))
        inputs.note("What the patient told", "teach_back", here.teach_back, lambda c, text: change(c, teach_back=text))
        inputs.bound(
            st.checkbox,
            "Explained again",
            "explained_again",
            here.explained_again,
            lambda c, ticked: change(c, explained_again=ticked),
        )
    with right, st.container(border=True, key="items_sure", height="stretch"):
        st.html(components.heading("The SURE test"))
        for row in evidence.sure:
            sure_item(row.item_id, here)
        st.html(components.cited("Source:", evidence.sure[0]))


def sure_item(item_id: str, here: Consultation) -> None:
    row = next(r for r in evidence.sure if r.item_id == item_id)
    text, choice = st.columns([8, 4], gap="small", vertical_alignment="center")
    given = here.sure.get(item_id)
    text.html(components.sure_item(row, wording.SURE_PROMPTS[item_id] if given is False else ""))
    with choice:
        inputs.bound(
            st.segmented_control,
            row.text,
            f"sure:{item_id}",
            given,
            lambda c, yes: answer_sure(c, item_id, yes),
            options=[True, False],
            format_func={True: "Yes", False: "No"}.get,
            label_visibility="collapsed",
        )


@calm.fragment
def take_home() -> None:
    trouble.tell_at_once()
    here = state.consultation()
    left, right = st.columns([7, 5], gap="medium")
    with left, st.container(border=True, key="items_steps"):
        st.html(components.heading("Next steps", wording.NO_NAMES))
        fields = {"what": ("What", 6), "who": ("Who", 3), "by_when": ("By when", 3)}
        inputs.note_rows("step", here.next_steps, NextStep("", "", ""), fields, put_next_step)
    with left:
        record()
    with right:
        sheet()


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
        if len(pictures) > handout_pdf.ONE_SHEET and not annex:
            st.html(components.small(wording.sheet_too_long(len(pictures))))
        if built.replaced:
            st.html(components.small(wording.cannot_be_printed(built.replaced)))
        for number, picture in enumerate(pictures, start=1):
            st.image(picture, alt=wording.preview_alt(number, len(pictures)), width="stretch")


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
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    frame.title("The decision")
    step = inputs.one_of("Part of the decision", "step", wording.STEPS)
{wording.STEPS[0]: questions, wording.STEPS[1]: leaning, wording.STEPS[2]: take_home}[step]()
