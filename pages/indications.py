"""Indications: red flags first, then the criteria, the fit of the approach, and what to put in order before."""

import streamlit as st

from decision_aid import components, wording
from decision_aid.app import calm, evidence_file, frame, inputs, red_flags, state, trouble
from decision_aid.consultation.checklist import Checklist, Item, checklist, findings
from decision_aid.consultation.known_from_start import answers as answers_of_start
from decision_aid.consultation.known_from_start import facts, short_path
from decision_aid.consultation.model import Answer, answer, none_of
from decision_aid.domain.vocabulary import Part, StartFact

frame.guard("pages/indications.py")
evidence, audience = evidence_file.evidence(), state.audience()
items = checklist(evidence, state.condition(), state.procedure(), red_flags.clinic_items(evidence)).told_to(audience)
PATHS = ("Short path", "Full list")
NONE_OF_THESE = (Part.RED_FLAG, Part.PUT_RIGHT_FIRST)  # the parts in which “no” is the plain answer of most people


def ask(item: Item) -> None:
    given = state.consultation().answers.get(item.id)  # none is chosen until a person does
    with st.container(horizontal=True, vertical_alignment="center", key=f"ask_{item.id}"):
        said = answers_of_start((item,), known()).get(item.id)
        st.html(components.checklist_item(item, audience, given, from_start=given is not None and given is said))
        inputs.bound(
            st.segmented_control,
            wording.item_text(item, audience),
            f"answer:{item.id}",
            given,
            lambda c, given: answer(c, item.id, None if given is None else Answer(given)),
            options=list(wording.ANSWERS),
            format_func=wording.ANSWERS.__getitem__,
            label_visibility="collapsed",
        )


def head(number: int, part: Part, asked: tuple[Item, ...]) -> None:
    """The heading of a part, and beside it the one click for those of its short path."""
    ids = tuple(i.id for i in asked if i.row.core == "yes")
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"head_{part}"):
        st.html(components.checklist_heading(number, wording.part_label(part, audience)))
        if part in NONE_OF_THESE:
            left = sum(i not in state.consultation().answers for i in ids)
            st.button(wording.none_of_these(left, len(ids), len(asked)), on_click=none, args=(ids,), key=f"none_{part}")


def none(ids: tuple[str, ...]) -> None:
    state.keep(lambda c: none_of(c, ids))


def known() -> frozenset[StartFact]:
    return facts(state.consultation(), state.procedure())


@calm.fragment
def go_through(shown: Checklist) -> None:
    trouble.tell_at_once()
    answers = state.consultation().answers
    # Every answer counts, also one given on the full list before the short path was chosen.
    found = findings(items, answers)
    left, right = st.columns([9, 4], gap="small")
    with left:
        for number, part in enumerate((p for p in Part if shown.part(p)), start=1):
            head(number, part, shown.part(part))
            with st.container(border=True, key=f"items_{part}"):
                for item in shown.part(part):
                    ask(item)
    with right:
        # The banner has its place from the beginning: nothing moves when a sign is found, and it stays in sight.
        st.html(components.cannot_wait(found.act_now, audience))
        st.html(components.findings_panel(findings(shown, answers), answers, audience))


with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    frame.title("The checklist")
    path = inputs.one_of("How much", "path", PATHS)
go_through(short_path(items, known()) if path == PATHS[0] else items)
