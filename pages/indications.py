"""Indications: red flags first, then the criteria, the fit of the approach, and what to put in order before."""

import streamlit as st

from decision_aid import wording
from decision_aid.app import frame
from decision_aid.components import markup
from decision_aid.consultation.checklist import Checklist, Item, checklist, findings
from decision_aid.domain.vocabulary import Part

frame.guard("pages/indications.py")
evidence, audience = frame.evidence(), frame.audience()
items = checklist(evidence, frame.condition(), frame.procedure(), frame.clinic_items(evidence))
PATHS = ("Short path", "Full list")


def ask(item: Item) -> None:
    words, choice = st.columns([7, 5], gap="small", vertical_alignment="center")
    words.html(markup.checklist_item(item, audience))
    with choice:
        frame.choose_answer(item.id, wording.item_text(item, audience))


@frame.fragment
def go_through(shown: Checklist) -> None:
    frame.tell_trouble_at_once()
    answers = frame.consultation().answers
    # Every answer counts, also one given on the full list before the short path was chosen.
    found = findings(items, answers)
    if found.act_now:
        st.html(markup.act_now(found.act_now, audience))
    left, right = st.columns([9, 3], gap="small")
    with left:
        for number, part in enumerate(Part, start=1):
            st.html(markup.checklist_heading(number, wording.part_label(part, audience)))
            with st.container(border=True, key=f"items_{part}"):
                for item in shown.part(part):
                    ask(item)
    with right:
        st.html(markup.findings_panel(findings(shown, answers), answers, found.act_now, audience))


with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    frame.title("The checklist")
    path = frame.one_of("How much", "path", PATHS)
go_through(items.core() if path == PATHS[0] else items)
