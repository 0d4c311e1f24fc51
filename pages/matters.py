"""What matters: the patient weighs concerns; both sides of each, and the rows that speak to them, come first. No winner."""

import streamlit as st

from decision_aid import components, wording
from decision_aid.app import calm, evidence_file, frame, inputs, own_cases, red_flags, state, trouble
from decision_aid.comparison import side_by_side
from decision_aid.comparison.side_by_side import SideBySide
from decision_aid.consultation import values
from decision_aid.consultation.model import Importance, OwnConcern, put_own_concern, weigh
from decision_aid.domain.time_windows import AskedFor, TimeWindow
from decision_aid.domain.vocabulary import Outcome
from decision_aid.evidence.text_rows import ConcernRow

frame.guard("pages/matters.py")
evidence, audience = evidence_file.evidence(), state.audience()


def ask(row: ConcernRow) -> None:
    here = state.consultation()
    earlier = here.earlier_importance.get(row.concern_id)
    label, choice = st.columns([5, 8], gap="small", vertical_alignment="center")
    label.html(components.concern(row, audience, wording.IMPORTANCE[earlier] if earlier is not None else ""))
    with choice:
        weight(
            wording.concern_label(row, audience),
            f"concern:{row.concern_id}",
            here.importance.get(row.concern_id),
            lambda c, given: weigh(c, row.concern_id, None if given is None else Importance(given)),
        )


def weight(label: str, key: str, given: Importance | None, write: inputs.Write, *, disabled: bool = False) -> None:
    inputs.bound(
        st.segmented_control,
        label,
        key,
        given,
        write,
        options=list(wording.IMPORTANCE),
        format_func=wording.IMPORTANCE.__getitem__,
        label_visibility="collapsed",
        wrap=True,
        disabled=disabled,
    )


def ask_own(place: int, own: OwnConcern) -> None:
    label, choice = st.columns([5, 8], gap="small", vertical_alignment="center")
    with label:
        inputs.note(
            f"Own concern {place + 1}",
            f"own_concern:{place}",
            own.text,
            lambda c, text: put_own_concern(c, place, text=text),
            placeholder="Something else that matters",
            label_visibility="collapsed",
        )
    with choice:
        weight(
            f"How much own concern {place + 1} matters",
            f"own_weight:{place}",
            own.importance if own.text.strip() else None,
            lambda c, given: put_own_concern(c, place, importance=Importance(given or 0)),
            disabled=not own.text.strip(),  # there is nothing yet that could matter
        )


@calm.fragment
def weighing() -> None:
    trouble.tell_at_once()
    here = state.consultation()
    left, right = st.columns([8, 5], gap="medium")
    with left, st.container(border=True, key="items_concerns"):
        for row in evidence.concerns:
            ask(row)
        for place, own in enumerate((*here.own_concerns, OwnConcern("", Importance.A_LOT))):
            ask_own(place, own)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.html(components.small(wording.NO_NAMES))
            if here.importance:
                st.button("Weigh anew", on_click=lambda: state.keep(values.weigh_anew(state.consultation())))
    found = values.marked(evidence, here)
    with right:
        st.html(components.trade_offs(found, audience))
    if not found:
        return
    table = rows(values.outcomes(found))
    st.html(components.heading("The numbers that speak to it", wording.not_reported(table.not_reported, audience)))
    if table.rows:
        st.html(components.side_by_side_table(table, evidence, audience, spoken_to(found)))
    soon = wording.how_soon(evidence, state.condition(), audience)
    if soon and any(Outcome.RECOVERED in asked for asked in values.outcomes(found) if isinstance(asked, tuple)):
        st.html(components.small(soon))


def rows(asked: tuple[AskedFor, ...]) -> SideBySide:
    """The rows of outcomes at the times that were asked for; harms with the same numbers as on every page."""
    return side_by_side.rows_for(evidence, state.condition(), state.procedure(), asked, own_cases.rates())


def spoken_to(found: tuple[values.Marked, ...]) -> dict[tuple[Outcome, TimeWindow], str]:
    """Under each row, the concerns it speaks to."""
    told: dict[tuple[Outcome, TimeWindow], list[str]] = {}
    for m in found:
        name = wording.concern_label(m.concern, audience) if m.concern else m.own
        for row in rows(m.outcomes).rows:
            told.setdefault((row.outcome.outcome, row.window), []).append(name)
    return {row: ", ".join(names) for row, names in told.items()}


red_flags.banner()
frame.title("What matters to you?")
weighing()
