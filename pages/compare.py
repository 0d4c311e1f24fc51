"""Compare: the three roads side by side, with blood loss, length of stay and recovery as pictures."""

import streamlit as st

from decision_aid.app import frame
from decision_aid.charts import outcome_charts
from decision_aid.comparison import side_by_side
from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.question import Contrast
from decision_aid.comparison.selection import techniques
from decision_aid.components import markup
from decision_aid.consultation import values
from decision_aid.domain.escaping import as_plain
from decision_aid.domain.vocabulary import Aspect, Horizon, Outcome
from decision_aid.wording import filter_words
from decision_aid.wording import sentences as wording

frame.guard("pages/compare.py")
evidence, face = frame.evidence(), frame.face()
condition, procedure = frame.condition(), frame.procedure()
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
        frame.choose_design("design")
        st.selectbox(
            "Technique",
            [frame.ALL_TECHNIQUES, *techniques(evidence, procedure)],
            format_func=lambda technique: as_plain(wording.technique_label(technique)),
            key=f"technique_{procedure}",
            persist_state="session",
        )
        st.toggle("Only studies of this condition", key="same_condition", persist_state="session")
        st.toggle("Put studies with a caution back in", key="cautions", persist_state="session")
    return frame.filters()


def draw_arms(c: Comparison, key: str) -> None:
    if not c.shown_studies:
        st.html(markup.note(wording.nothing_to_draw(c, face)))
        return
    alt = wording.chart_description(c, face)
    st.plotly_chart(outcome_charts.dumbbell(c, face), theme=None, config=outcome_charts.CONFIG, alt=alt, key=key)


def arms_panel(outcome: Outcome) -> None:
    row = table.answer(outcome)
    with st.container(border=True, key=f"panel_{outcome}", height="stretch"):
        found = wording.direction_sentence(row.approaches) or wording.headline(row.approaches, face)
        st.html(markup.panel_head(found, wording.panel_lines(row.approaches, face, row.ratio), markup.ARMS))
        draw_arms(row.approaches, f"chart_{outcome}")


@frame.fragment
def recovery_panel() -> None:
    with st.container(border=True, key="panel_recovery", height="stretch"):
        labels = {str(o): wording.outcome_label(evidence.outcomes[o], face) for o in RECOVERY}
        chosen = Outcome(st.session_state.get("recovery", RECOVERY[0]))
        frame.choose(st.selectbox, "Recovery shown as", labels, "recovery", chosen, label_visibility="collapsed")
        scope = (evidence, condition, procedure, chosen, filters)
        if evidence.outcomes[chosen].horizon == Horizon.PERIOPERATIVE:
            c = side_by_side.around_the_operation(*scope)
            found = wording.direction_sentence(c) or wording.headline(c, face)
            st.html(markup.panel_head(found, wording.panel_lines(c, face), markup.ARMS))
            draw_arms(c, "chart_recovery_arms")
            return
        approaches = side_by_side.over_time(*scope, Contrast.MIS_VERSUS_OPEN)
        without = side_by_side.over_time(*scope, Contrast.SURGERY_VERSUS_NONOPERATIVE)
        found = wording.recovery_headline(approaches, without, face)
        band = wording.noticeable_sentence(evidence.outcomes[chosen])
        st.html(markup.panel_head(found, [band], outcome_charts.series_over_time(approaches, without)))
        figure = outcome_charts.over_time(approaches, without, evidence.outcomes[chosen], face)
        if not figure["data"]:
            st.html(markup.note(wording.nothing_to_draw(approaches[0], face)))
            return
        alt = outcome_charts.over_time_description(approaches, without, face)
        st.plotly_chart(figure, theme=None, config=outcome_charts.CONFIG, alt=alt, key="chart_recovery")


frame.red_flags()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    frame.title("Three roads, side by side")
    wanted = values.outcomes(values.marked(evidence, frame.consultation()))
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        first = bool(wanted) and frame.one_of("Order of the rows", "order", wording.ORDERS) == wording.ORDERS[1]
        filters = choose_filters()
frame.tell_filters(filter_words.banner(filter_words.on_compare(evidence, condition, filters, face), face))
table = side_by_side.side_by_side(evidence, condition, procedure, filters, frame.own_rates())
if first:
    table = side_by_side.put_first(table, wanted)
st.html(markup.side_by_side_table(table, evidence, face, own=frame.own_lines(table, face)))
st.html(markup.small(wording.WHO_THE_NUMBERS_ARE_OF))

left, middle, right = st.columns(3, gap="small")
with left:
    arms_panel(Outcome.BLOOD_LOSS)
with middle:
    arms_panel(Outcome.LENGTH_OF_STAY)
with right:
    recovery_panel()

st.html(markup.without_surgery_panel(evidence, condition, face))
st.html(markup.living_with_it(evidence, procedure, Aspect))
st.html(markup.who_operates(evidence, face))
