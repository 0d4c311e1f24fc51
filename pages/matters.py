"""What matters: up to three things in the patient's order, then what also matters, with both sides and the numbers. No winner."""

import streamlit as st

from decision_aid import components, wording
from decision_aid.app import calm, evidence_file, frame, inputs, own_cases, red_flags, state, trouble
from decision_aid.consultation import values
from decision_aid.consultation.model import OwnConcern, mark, mark_own, put_own_concern
from decision_aid.domain.escaping import as_label
from decision_aid.domain.vocabulary import Outcome
from decision_aid.evidence.text_rows import ConcernRow
from decision_aid.wording import summary

frame.guard("pages/matters.py")
evidence, audience = evidence_file.evidence(), state.audience()


def choose(row: ConcernRow) -> None:
    place = state.consultation().matters.get(row.concern_id)
    label = wording.concern_label(row, audience)
    # Bold, and so in colour: another type of button would be another one, and the keyboard would lose its place.
    st.button(
        f"**{as_label(f'{wording.PLACE_MARKS[place]} {label}')}**" if place else as_label(label),
        key=f"concern:{row.concern_id}",
        on_click=lambda: state.keep(lambda c: mark(c, row.concern_id)),
        width="stretch",
    )


def own(row: int, of: OwnConcern) -> None:
    """A line for their own words, and the place that they have; it can be given up and taken again."""
    words, place = st.columns([8, 4], gap="small", vertical_alignment="center")
    with words:
        inputs.line(
            f"Own words {row + 1}",
            f"own_concern:{row}",
            of.text,
            lambda c, text: put_own_concern(c, row, text),
            placeholder="Something else, in your own words",
            label_visibility="collapsed",
        )
    place.button(
        f"**{as_label(wording.PLACES[of.place])}**" if of.place else as_label(wording.NOT_MARKED),
        key=f"own_place:{row}",
        on_click=lambda: state.keep(lambda c: mark_own(c, row)),
        disabled=not of.text.strip(),  # there is nothing yet that could matter
        width="stretch",
    )


@calm.fragment
def what_matters() -> None:
    trouble.tell_at_once()
    here = state.consultation()
    left, right = st.columns([7, 6], gap="small")
    with left, st.container(border=True, key="items_concerns"):
        st.html(components.small(wording.HOW_TO_MARK))
        for column, part in zip(st.columns(2, gap="small"), halves(evidence.concerns), strict=True):
            with column:
                for row in part:
                    choose(row)
        for n, each in enumerate((*here.own_concerns, OwnConcern(""))):
            own(n, each)
        st.html(components.small(wording.NO_NAMES))
    found = values.marked(evidence, here)
    with right:
        st.html(components.trade_offs(found, audience))
    numbers(values.in_order(found))


def halves(of: tuple[ConcernRow, ...]) -> tuple[tuple[ConcernRow, ...], tuple[ConcernRow, ...]]:
    middle = (len(of) + 1) // 2
    return of[:middle], of[middle:]


def numbers(ordered: tuple[values.Marked, ...]) -> None:
    """The figures that speak to the concerns put in order, at the time that each is about."""
    if not any(m.concern for m in ordered):
        return
    told = summary.concerns(evidence, state.consultation(), own_cases.rates(), audience)
    st.html(components.heading("The numbers that speak to it", wording.WHERE_THE_REST_IS))
    st.html(components.concern_figures(told, audience))
    soon = wording.how_soon(evidence, state.condition(), audience)
    if soon and any(Outcome.RECOVERED in asked for asked in values.outcomes(ordered) if isinstance(asked, tuple)):
        st.html(components.small(soon))


red_flags.banner()
frame.title("What matters to you?")
what_matters()
