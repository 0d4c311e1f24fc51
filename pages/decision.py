"""Decision: questions with their answers, where the patient leans, and what they take home."""

import streamlit as st

from decision_aid import markup, shell, wording
from decision_aid.consultation import (
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

shell.guard("pages/decision.py")
evidence, face = shell.evidence(), shell.face()


@shell.fragment
def questions() -> None:
    shell.tell_trouble_at_once()
    here = shell.consultation()
    st.html(markup.small(f"{wording.SAVED_AS_TYPED} {wording.NO_NAMES}"))
    with st.container(border=True, key="items_questions"):
        for row in evidence.questions:
            asked, answered = st.columns([6, 6], gap="small", vertical_alignment="center")
            asked.html(markup.question(row, face))
            with answered:
                shell.note(
                    wording.question_text(row, face),
                    f"question:{row.question_id}",
                    here.question_notes.get(row.question_id, ""),
                    lambda c, text, q=row.question_id: note_question(c, q, text),
                    label_visibility="collapsed",
                )
        fields = {"text": ("Another question", 6), "note": ("Its answer", 6)}
        shell.note_rows("own_question", here.own_questions, OwnQuestion(""), fields, put_own_question)


@shell.fragment
def leaning() -> None:
    shell.tell_trouble_at_once()
    here = shell.consultation()
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, key="items_leaning", height="stretch"):
        st.html(markup.heading("Where do you lean today?", wording.MAY_CHANGE))
        shell.bound(
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
        shell.note("Because", "reason", here.leaning_reason, lambda c, text: change(c, leaning_reason=text))
        st.html(markup.heading("Told back", wording.TEACH_BACK))
        shell.note("What the patient told", "teach_back", here.teach_back, lambda c, text: change(c, teach_back=text))
        shell.bound(
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
        shell.bound(
            st.segmented_control,
            row.text,
            f"sure:{item_id}",
            given,
            lambda c, yes: answer_sure(c, item_id, yes),
            options=[True, False],
            format_func={True: "Yes", False: "No"}.get,
            label_visibility="collapsed",
        )


@shell.fragment
def take_home() -> None:
    shell.tell_trouble_at_once()
    here = shell.consultation()
    left, right = st.columns([7, 5], gap="medium")
    with left, st.container(border=True, key="items_steps"):
        st.html(markup.heading("Next steps", wording.NO_NAMES))
        fields = {"what": ("What", 6), "who": ("Who", 3), "by_when": ("By when", 3)}
        shell.note_rows("step", here.next_steps, NextStep("", "", ""), fields, put_next_step)
    with left:
        shell.keep_for_good()
    with right:
        shell.take_home_sheet()


shell.red_flags()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    shell.title("The decision")
    step = shell.one_of("Part of the decision", "step", wording.STEPS)
{wording.STEPS[0]: questions, wording.STEPS[1]: leaning, wording.STEPS[2]: take_home}[step]()
