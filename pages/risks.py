"""Risks: every harm on the three options at once, out of the same people; one click makes a picture large."""

import streamlit as st

from decision_aid import components, wording
from decision_aid.app import calm, evidence_file, frame, inputs, own_cases, red_flags, state
from decision_aid.audit import shown_results
from decision_aid.case_log.fields import Approach
from decision_aid.charts import risks
from decision_aid.comparison.side_by_side import harms_of
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_label
from decision_aid.domain.palette import OPTIONS
from decision_aid.domain.vocabulary import Outcome

frame.guard("pages/risks.py")
evidence, audience = evidence_file.evidence(), state.audience()


def enter_own_counts() -> None:
    """Fields for what the clinic counted itself; empty, the case log's counts stand where it is switched on."""
    with st.popover(wording.OWN_COUNTS):
        st.html(components.small(wording.OWN_COUNTS_HINT))
        harm = Outcome(
            inputs.pick(
                "Harm",
                "own_counts_of",
                list(harms_of(state.procedure())),
                lambda h: evidence.outcomes[h].clinician_label,
            )
        )
        counts = own_cases.counts(harm)
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
def harms() -> None:
    # Entered here, they count on this page at once; the table is the one every other page reads.
    found = risks.table(evidence, state.condition(), state.procedure(), own_cases.rates())
    own = own_cases.lines(found, audience)
    st.html(components.side_by_side_table(found, evidence, audience, own=own, arrays=True))
    if audience is Audience.CLINICIAN:
        enter_own_counts()


red_flags.banner()
frame.title("What can go wrong?")
harms()
st.html(components.small(wording.WHO_THE_NUMBERS_ARE_OF))
st.html(components.who_operates(evidence, audience))
