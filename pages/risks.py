"""Risks: each harm on the three options out of the same people, the difference as icons, and how sure we are."""

import streamlit as st

from decision_aid import components, wording
from decision_aid.app import calm, evidence_file, frame, inputs, own_cases, red_flags, state
from decision_aid.audit import shown_results
from decision_aid.case_log.fields import Approach
from decision_aid.charts import risks
from decision_aid.comparison import side_by_side
from decision_aid.comparison.comparison import State
from decision_aid.comparison.side_by_side import HARMS, OutcomeAnswer, SideBySide
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_label
from decision_aid.domain.palette import OPTIONS
from decision_aid.domain.vocabulary import Outcome
from decision_aid.wording import own_words

frame.guard("pages/risks.py")
evidence, audience = evidence_file.evidence(), state.audience()
ONE_HUNDRED = 100


def boxes(shown: risks.HarmShown, denominator: int) -> None:
    """The options beside each other, equal in space; each number beside its picture, or under it where 1,000 need room."""
    for column, box in zip(st.columns(len(shown.boxes), gap="small"), shown.boxes, strict=True):
        with column, st.container(border=True, key=f"risk_{box.option}", height="stretch"):
            st.html(components.option_heading(box.option))
            beside = box.picture is not None and denominator <= ONE_HUNDRED
            drawing, told = st.columns([5, 6], gap="small", vertical_alignment="center") if beside else (st, st)
            if box.picture:
                drawing.image(box.picture.svg, alt=box.picture.alt, width="stretch")
            told.html(components.big_number(box.big, box.small))


def meaning(row: OutcomeAnswer, shown: SideBySide) -> None:
    c = row.approaches
    words, drawing = st.columns([9, 2], gap="small", vertical_alignment="center")
    counted_here = c.own is not None and c.own.mis is not None
    basis = wording.basis(c, audience) + "." if c.lead.effect and not counted_here else ""
    lines = [wording.certainty_line(c.certainty, audience), basis]
    if audience is Audience.CLINICIAN and (c.own or c.absolute_risk):
        lines.append(wording.absolute_risk_arithmetic(c, shown.denominator))
    if row.without is not None:
        lines.append(wording.SEPARATE_STUDIES)
    told = wording.what_it_means(c, shown.denominator, audience)
    words.html(components.meaning(c, evidence, audience, told, lines, shown.denominator))
    picture = risks.apart(c, shown.denominator, wording.outcome_label(row.outcome, audience))
    if picture and c.state is not State.NOT_IN_DATA:
        drawing.image(picture.svg, alt=picture.alt, width="stretch")


def draw(row: OutcomeAnswer, shown: SideBySide) -> None:
    st.html(components.heading(wording.risk_question(row, audience), own_words.where_from(row.approaches, audience)))
    boxes(risks.three_options(row, shown, audience), shown.denominator)
    with st.container(border=True, key="panel_meaning"):
        meaning(row, shown)


def enter_own_counts(harm: Outcome) -> None:
    """Fields for what the clinic counted itself; empty, the case log's counts stand where it is switched on."""
    counts = own_cases.counts(harm)
    with st.popover(wording.OWN_COUNTS):
        st.html(components.small(wording.OWN_COUNTS_HINT))
        for approach in Approach:
            for column, (what, label) in zip(st.columns(2), wording.OWN_COUNT_FIELDS.items(), strict=True):
                key = f"own_{what}_{approach}_{state.procedure()}_{harm}"
                st.session_state[key] = counts.get(f"{approach}:{what}")
                column.number_input(
                    as_label(f"{OPTIONS[shown_results.OPTION_OF[approach]].label}: {label}"),
                    min_value=0,
                    value=None,
                    step=1,
                    key=key,
                    on_change=keep_count,
                    args=(harm, f"{approach}:{what}", key),
                )
            events, n = (counts.get(f"{approach}:{what}") for what in wording.OWN_COUNT_FIELDS)
            if events is not None and n is not None and events > n:
                st.html(components.note(wording.more_events_than_cases(events, n)))


def keep_count(harm: Outcome, name: str, key: str) -> None:
    own_cases.counts(harm)[name] = st.session_state[key]


@calm.fragment
def harm() -> None:
    choices, picture = st.columns([3, 10], gap="medium")
    labels = {str(h): wording.outcome_label(evidence.outcomes[h], audience) for h in HARMS}
    chosen = Outcome(st.session_state.get("harm", HARMS[0]))
    with choices:
        inputs.choose(st.radio, "What can go wrong", labels, "harm", chosen)
        if audience is Audience.CLINICIAN:
            enter_own_counts(chosen)
    # Entered here, they count on this page at once; the table is the one every other page reads.
    found = risks.table(evidence, state.condition(), state.procedure(), own_cases.rates())
    row = next((r for r in found.rows if r.outcome.outcome == chosen), None)
    with picture:
        if row is None:
            st.html(
                components.heading(labels[str(chosen)])
                + components.note(wording.not_reported([evidence.outcomes[chosen]], audience))
            )
            return
        draw(row, found)
        few = own_cases.lines(found, audience).get(chosen)
        if few:
            st.html(components.own_lines(few))


red_flags.banner()
frame.title("What can go wrong?")
harm()
burdens = side_by_side.rows_for(evidence, state.condition(), state.procedure(), risks.BURDENS)
if burdens.rows:
    own = own_cases.lines(burdens, audience)
    st.html(
        components.heading(wording.BURDENS_HEADING)
        + components.side_by_side_table(burdens, evidence, audience, own=own)
    )
st.html(components.without_surgery_panel(evidence, state.condition(), audience, burdens.denominator))
st.html(components.who_operates(evidence, audience))
