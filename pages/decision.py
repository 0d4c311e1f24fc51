"""Decide: questions with their answers, where the patient leans, the SURE test, what was told back, the next steps."""

import streamlit as st

from decision_aid import components, wording
from decision_aid.app import evidence_file, frame, inputs, red_flags, state
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
from decision_aid.evidence.text_rows import QuestionRow, SureRow

frame.guard("pages/decision.py")
evidence, audience = evidence_file.evidence(), state.audience()
FIRST_QUESTIONS = 3


def questions() -> None:
    here = state.consultation()
    with st.container(border=True, key="items_questions"):
        for row in evidence.questions[:FIRST_QUESTIONS]:
            ask(row, here)
        with st.expander("More questions"):
            for row in evidence.questions[FIRST_QUESTIONS:]:
                ask(row, here)
            fields: inputs.Fields = {
                "text": (inputs.note, "Another question", 6),
                "note": (inputs.note, "Its answer", 6),
            }
            inputs.rows("own_question", here.own_questions, OwnQuestion(""), fields, put_own_question)


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


def leaning() -> None:
    here = state.consultation()
    left, right = st.columns(2, gap="small")
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
        inputs.note(
            "Because",
            "reason",
            here.leaning_reason,
            lambda c, text: change(c, leaning_reason=text),
            placeholder="Because …",
            label_visibility="collapsed",
        )
    with right, st.container(border=True, key="items_sure", height="stretch"):
        st.html(components.heading("The SURE test"))
        for row in evidence.sure:
            sure_item(row, here)
        st.html(components.cited("Source:", evidence.sure[0]))


def sure_item(row: SureRow, here: Consultation) -> None:
    text, choice = st.columns([9, 3], gap="small", vertical_alignment="center")
    given = here.sure.get(row.item_id)
    text.html(components.sure_item(row, wording.SURE_PROMPTS[row.item_id] if given is False else ""))
    with choice:
        inputs.bound(
            st.segmented_control,
            row.text,
            f"sure:{row.item_id}",
            given,
            lambda c, yes: answer_sure(c, row.item_id, yes),
            options=[True, False],
            format_func={True: "Yes", False: "No"}.get,
            label_visibility="collapsed",
        )


def understanding_and_steps() -> None:
    here = state.consultation()
    left, right = st.columns(2, gap="small")
    with left, st.container(border=True, key="items_told", height="stretch"):
        st.html(components.heading("Told back", wording.TEACH_BACK))
        inputs.note(
            "What the patient told",
            "teach_back",
            here.teach_back,
            lambda c, text: change(c, teach_back=text),
            placeholder="In the patient’s words",
            label_visibility="collapsed",
        )
        inputs.bound(
            st.checkbox,
            "Explained again",
            "explained_again",
            here.explained_again,
            lambda c, ticked: change(c, explained_again=ticked),
        )
    with right, st.container(border=True, key="items_steps", height="stretch"):
        st.html(components.heading("Next steps", "What, who, and by which day."))
        fields: inputs.Fields = {
            "what": (inputs.note, "What", 5),
            "who": (inputs.line, "Who", 3),
            "by_when": (inputs.day, "By when", 4),
        }
        inputs.rows("step", here.next_steps, NextStep(""), fields, put_next_step)


red_flags.banner()
frame.title("Decide")
st.html(components.small(f"{wording.SAVED_AS_TYPED} {wording.NO_NAMES}"))
inputs.save_while_typing()
questions()
leaning()
understanding_and_steps()
