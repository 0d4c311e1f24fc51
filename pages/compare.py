"""Compare: the three options side by side, with blood loss, length of stay and recovery as pictures."""

import streamlit as st

from decision_aid import components, wording
from decision_aid.app import calm, evidence_file, filters, frame, inputs, own_cases, red_flags, shared_screens, state
from decision_aid.charts import outcome_charts, theme
from decision_aid.comparison import side_by_side
from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.question import Contrast
from decision_aid.comparison.selection import techniques
from decision_aid.consultation import values
from decision_aid.domain.escaping import as_plain
from decision_aid.domain.vocabulary import Aspect, Horizon, Outcome
from decision_aid.wording import filter_words

frame.guard("pages/compare.py")
evidence, audience = evidence_file.evidence(), state.audience()
condition, procedure = state.condition(), state.procedure()
RECOVERY = (
    Outcome.ODI,
    Outcome.RDQ,
    Outcome.VAS_LEG,
    Outcome.VAS_BACK,
    Outcome.TIME_TO_AMBULATION,
    Outcome.RETURN_TO_WORK,
)


def choose_filters() -> side_by_side.Filters:
    with st.popover("Filter studies"):
        filters.choose_design("design")
        st.selectbox(
            "Technique",
            [filters.ALL_TECHNIQUES, *techniques(evidence, procedure)],
            format_func=lambda technique: as_plain(wording.technique_label(technique)),
            key=f"technique_{procedure}",
            persist_state="session",
        )
        st.toggle("Only studies of this condition", key="same_condition", persist_state="session")
        st.toggle("Put studies with a caution back in", key="cautions", persist_state="session")
    return filters.on_compare()


def draw_arms(c: Comparison, key: str) -> None:
    if not c.shown_studies:
        st.html(components.note(wording.nothing_to_draw(c, audience)))
        return
    alt = wording.chart_description(c, audience)
    st.plotly_chart(outcome_charts.dumbbell(c, audience), theme=None, config=theme.CONFIG, alt=alt, key=key)


def arms_panel(outcome: Outcome) -> None:
    row = table.answer(outcome)
    with st.container(border=True, key=f"panel_{outcome}", height="stretch"):
        found = wording.direction_sentence(row.approaches) or wording.headline(row.approaches, audience)
        st.html(components.panel_head(found, wording.panel_lines(row.approaches, audience), components.ARMS))
        draw_arms(row.approaches, f"chart_{outcome}")


@calm.fragment
def recovery_panel() -> None:
    with st.container(border=True, key="panel_recovery", height="stretch"):
        labels = {str(o): wording.outcome_label(evidence.outcomes[o], audience) for o in RECOVERY}
        chosen = Outcome(st.session_state.get("recovery", RECOVERY[0]))
        inputs.choose(st.selectbox, "Recovery shown as", labels, "recovery", chosen, label_visibility="collapsed")
        scope = (evidence, condition, procedure, chosen, narrowed)
        if evidence.outcomes[chosen].horizon == Horizon.PERIOPERATIVE:
            c = side_by_side.around_the_operation(*scope)
            found = wording.direction_sentence(c) or wording.headline(c, audience)
            st.html(components.panel_head(found, wording.panel_lines(c, audience), components.ARMS))
            draw_arms(c, "chart_recovery_arms")
            return
        approaches = side_by_side.over_time(*scope, Contrast.MIS_VERSUS_OPEN)
        without = side_by_side.over_time(*scope, Contrast.SURGERY_VERSUS_NONOPERATIVE)
        found = wording.recovery_headline(approaches, without, audience)
        band = wording.noticeable_sentence(evidence.outcomes[chosen])
        st.html(components.panel_head(found, [band], outcome_charts.series_over_time(approaches, without)))
        figure = outcome_charts.over_time(approaches, without, evidence.outcomes[chosen], audience)
        if not figure["data"]:
            st.html(components.note(wording.nothing_to_draw(approaches[0], audience)))
            return
        alt = outcome_charts.over_time_description(approaches, without, audience)
        st.plotly_chart(figure, theme=None, config=theme.CONFIG, alt=alt, key="chart_recovery")


red_flags.banner()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    frame.title(wording.side_by_side_title(audience))
    wanted = values.outcomes(values.marked(evidence, state.consultation()))
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        first = bool(wanted) and inputs.one_of("Order of the rows", "order", wording.ORDERS) == wording.ORDERS[1]
        narrowed = filters.on_compare() if shared_screens.is_patients_window() else choose_filters()
filters.tell(filter_words.banner(filter_words.on_compare(evidence, condition, narrowed, audience), audience))
table = side_by_side.side_by_side(evidence, condition, procedure, narrowed, own_cases.rates())
if first:
    table = side_by_side.put_first(table, tuple(o[0] if isinstance(o, tuple) else o for o in wanted))
st.html(components.side_by_side_table(table, evidence, audience, own=own_cases.lines(table, audience)))
st.html(components.small(wording.WHO_THE_NUMBERS_ARE_OF))

left, middle, right = st.columns(3, gap="small")
with left:
    arms_panel(Outcome.BLOOD_LOSS)
with middle:
    arms_panel(Outcome.LENGTH_OF_STAY)
with right:
    recovery_panel()

st.html(components.without_surgery_panel(evidence, condition, audience))
st.html(components.living_with_it(evidence, procedure, Aspect))
st.html(components.who_operates(evidence, audience))
