"""Decision: questions with their answers, where the patient leans, and what they take home."""

import streamlit as st

from decision_aid import wording
from decision_aid.app import frame
from decision_aid.components import markup
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

frame.guard("pages/decision.py")
evidence, audience = frame.evidence(), frame.audience()


@frame.fragment
def questions() -> None:
    frame.tell_trouble_at_once()
    here = frame.consultation()
    st.html(markup.small(f"{wording.SAVED_AS_TYPED} {wording.NO_NAMES}"))
    with st.container(border=True, key="items_questions"):
        for row in evidence.questions:
            asked, answered = st.columns([6, 6], gap="small", vertical_alignment="center")
            asked.html(markup.question(row, audience))
            with answered:
                frame.note(
                    wording.question_text(row, audience),
                    f"question:{row.question_id}",
                    here.question_notes.get(row.question_id, ""),
                    lambda c, text, q=row.question_id: note_question(c, q, text),
                    label_visibility="collapsed",
                )
        fields = {"text": ("Another question", 6), "note": ("Its answer", 6)}
        frame.note_rows("own_question", here.own_questions, OwnQuestion(""), fields, put_own_question)


@frame.fragment
def leaning() -> None:
    frame.tell_trouble_at_once()
    here = frame.consultation()
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, key="items_leaning", height="stretch"):
        st.html(markup.heading("Where do you lean today?", wording.MAY_CHANGE))
        frame.bound(
            st.radio,
            "Leaning",
            "leaning",
            here.leaning,
            lambda c, given: change(c, leaning=None if given is None else Leaning(given)),
            options=list(wording.LEANINGS),
            format_func=wording.LEANINGS.__getitem__,
            label_visibility="collapsed",
        )
        st.html(markup.small(wording.NO_NAMES))
        frame.note("Because", "reason", here.leaning_reason, lambda c, text: change(c, leaning_reason=text))
        st.html(markup.heading("Told back", wording.TEACH_BACK))
        frame.note("What the patient told", "teach_back", here.teach_back, lambda c, text: change(c, teach_back=text))
        frame.bound(
            st.checkbox,
            "Explained again",
            "explained_again",
            here.explained_again,
            lambda c, ticked: change(c, explained_again=ticked),
        )
    with right, st.container(border=True, key="items_sure", height="stretch"):
        st.html(markup.heading("The SURE test"))
        for row in evidence.sure:
            sure_item(row.item_id, here)
        st.html(markup.cited("Source:", evidence.sure[0]))


def sure_item(item_id: str, here: Consultation) -> None:
    row = next(r for r in evidence.sure if r.item_id == item_id)
    text, choice = st.columns([8, 4], gap="small", vertical_alignment="center")
    given = here.sure.get(item_id)
    text.html(markup.sure_item(row, wording.SURE_PROMPTS[item_id] if given is False else ""))
    with choice:
        frame.bound(
            st.segmented_control,
            row.text,
            f"sure:{item_id}",
            given,
            lambda c, yes: answer_sure(c, item_id, yes),
            options=[True, False],
            format_func={True: "Yes", False: "No"}.get,
            label_visibility="collapsed",
        )


@frame.fragment
def take_home() -> None:
    frame.tell_trouble_at_once()
    here = frame.consultation()
    left, right = st.columns([7, 5], gap="medium")
    with left, st.container(border=True, key="items_steps"):
        st.html(markup.heading("Next steps", wording.NO_NAMES))
        fields = {"what": ("What", 6), "who": ("Who", 3), "by_when": ("By when", 3)}
        frame.note_rows("step", here.next_steps, NextStep("", "", ""), fields, put_next_step)
    with left:
        frame.keep_for_good()
    with right:
        frame.take_home_sheet()


frame.red_flags()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    frame.title("The decision")
    step = frame.one_of("Part of the decision", "step", wording.STEPS)
{wording.STEPS[0]: questions, wording.STEPS[1]: leaning, wording.STEPS[2]: take_home}[step]()
