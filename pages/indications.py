"""Indications: red flags first, then the criteria, the fit of the approach, and what to put in order before."""

import streamlit as st

from decision_aid import components, wording
from decision_aid.app import calm, evidence_file, frame, inputs, red_flags, state, trouble
from decision_aid.consultation.checklist import Checklist, Item, checklist, findings
from decision_aid.consultation.model import Answer, answer
from decision_aid.domain.vocabulary import Part

frame.guard("pages/indications.py")
evidence, audience = evidence_file.evidence(), state.audience()
items = checklist(evidence, state.condition(), state.procedure(), red_flags.clinic_items(evidence)).told_to(audience)
PATHS = ("Short path", "Full list")


def ask(item: Item) -> None:
    words, choice = st.columns([7, 5], gap="small", vertical_alignment="center")
    words.html(components.checklist_item(item, audience))
    with choice:
        inputs.bound(
            st.segmented_control,
            wording.item_text(item, audience),
            f"answer:{item.id}",
            state.consultation().answers.get(item.id),  # none is chosen until a person does
            lambda c, given: answer(c, item.id, None if given is None else Answer(given)),
            options=list(wording.ANSWERS),
            format_func=wording.ANSWERS.__getitem__,
            label_visibility="collapsed",
            wrap=True,
        )


@calm.fragment
def go_through(shown: Checklist) -> None:
    trouble.tell_at_once()
    answers = state.consultation().answers
    # Every answer counts, also one given on the full list before the short path was chosen.
    found = findings(items, answers)
    if found.act_now:
        st.html(components.act_now(found.act_now, audience))
    left, right = st.columns([9, 3], gap="small")
    with left:
        for number, part in enumerate((p for p in Part if shown.part(p)), start=1):
            st.html(components.checklist_heading(number, wording.part_label(part, audience)))
            with st.container(border=True, key=f"items_{part}"):
                for item in shown.part(part):
                    ask(item)
    with right:
        st.html(components.findings_panel(findings(shown, answers), answers, found.act_now, audience))


with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    frame.title("The checklist")
    path = inputs.one_of("How much", "path", PATHS)
go_through(items.core() if path == PATHS[0] else items)
