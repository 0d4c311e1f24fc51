"""Compare: the three options side by side, with recovery, blood loss and length of stay as pictures."""

import streamlit as st

from decision_aid import components, wording
from decision_aid.app import calm, evidence_file, filters, frame, inputs, own_cases, pictures, red_flags, state
from decision_aid.charts import outcome_charts
from decision_aid.charts import recovery as course_chart
from decision_aid.comparison import recovery, side_by_side
from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.question import Contrast, DesignFilter
from decision_aid.comparison.recovery import Pair, Recovery
from decision_aid.comparison.selection import techniques
from decision_aid.consultation import values
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_plain
from decision_aid.domain.vocabulary import Aspect, Outcome
from decision_aid.wording import filter_words, recovery_words

frame.guard("pages/compare.py")
evidence, audience = evidence_file.evidence(), state.audience()
condition, procedure = state.condition(), state.procedure()


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
    if not outcome_charts.has_arms(c, audience):
        st.html(components.note(wording.nothing_to_draw(c, audience)))
        return
    alt = wording.chart_description(c, audience)
    pictures.draw(outcome_charts.dumbbell(c, audience), alt, key)


def arms_panel(outcome: Outcome) -> None:
    row = table.answer(outcome)
    with st.container(border=True, key=f"panel_{outcome}", height="stretch"):
        found = wording.direction_sentence(row.approaches) or wording.headline(row.approaches, audience)
        st.html(components.panel_head(found, wording.panel_lines(row.approaches, audience), components.ARMS))
        draw_arms(row.approaches, f"chart_{outcome}")


@calm.fragment
def recovery_panel() -> None:
    with st.container(border=True, key="panel_recovery"):
        offered = [o for o in recovery.outcomes_with_data(evidence, condition, procedure) if is_for_this_reader(o)]
        if not offered:
            st.html(components.panel_head(recovery_words.RECOVERY_HEADING, [recovery_words.NOTHING_MEASURED]))
            return
        kept = st.session_state.get("recovery")
        usual = next((o for o in offered if course_of(o, side_by_side.Filters()).is_a_course), offered[0])
        chosen = Outcome(kept) if kept in offered else usual
        labels = {str(o): wording.outcome_name(evidence.outcomes[o], audience) for o in offered}
        inputs.choose(
            st.segmented_control, "Recovery shown as", labels, "recovery", chosen, label_visibility="collapsed",
            required=True, wrap=True,
        )  # fmt: skip
        shown = course_of(chosen, narrowed, pairs_of(chosen))
        draw_course(shown)
        if audience is Audience.CLINICIAN:
            layer = st.expander(
                recovery_words.DIFFERENCES, shown.is_empty, key=f"differences_{chosen}", on_change="rerun"
            )
            if layer.open:
                with layer:
                    draw_differences(chosen)


def is_for_this_reader(outcome: Outcome) -> bool:
    """Patients are offered what there is a course of, whatever the filters; clinicians also what there are differences of."""
    return audience is Audience.CLINICIAN or not course_of(outcome, side_by_side.Filters()).is_empty


def pairs_of(outcome: Outcome) -> tuple[Pair, ...]:
    answers = side_by_side.over_time(evidence, condition, procedure, outcome, narrowed, Contrast.MIS_VERSUS_OPEN)
    return recovery.pairs_of(answers, lambda c: wording.basis(c, audience))


def course_of(outcome: Outcome, chosen: side_by_side.Filters, pairs: tuple[Pair, ...] = ()) -> Recovery:
    found = recovery.recovery(
        evidence,
        condition,
        procedure,
        outcome,
        include_cautions=chosen.include_cautions,
        same_condition=chosen.same_condition,
        randomised_only=chosen.design is DesignFilter.RCT,
        pairs=pairs,
    )
    return found.without_small_studies() if audience is Audience.PATIENT else found


def draw_course(shown: Recovery) -> None:
    if shown.is_empty:
        filtered = not course_of(shown.outcome.outcome, side_by_side.Filters()).is_empty
        st.html(components.note(recovery_words.no_course(shown, filtered, audience)))
        return
    found = recovery_words.recovery_finding(shown, audience)
    st.html(components.panel_head(found, (), components.ARMS if shown.pairs else ()))
    figure = course_chart.recovery_picture(shown, audience)
    alt = recovery_words.recovery_description(shown, audience)
    pictures.draw(figure, alt, "chart_recovery")
    notes = " ".join(recovery_words.recovery_notes(shown, audience))
    rows = recovery_words.recovery_rows(shown, audience)
    st.html(components.folded_table(recovery_words.SAME_NUMBERS, recovery_words.recovery_columns(shown), rows, notes))


def draw_differences(outcome: Outcome) -> None:
    scope = (evidence, condition, procedure, outcome, narrowed)
    approaches = side_by_side.over_time(*scope, Contrast.MIS_VERSUS_OPEN)
    without = side_by_side.over_time(*scope, Contrast.SURGERY_VERSUS_NONOPERATIVE)
    found = wording.recovery_headline(approaches, without, audience)
    band = wording.noticeable_sentence(evidence.outcomes[outcome])
    st.html(components.panel_head(found, [band], outcome_charts.series_over_time(approaches, without)))
    figure = outcome_charts.over_time(approaches, without, evidence.outcomes[outcome], audience)
    if not figure["data"]:
        st.html(components.note(wording.nothing_to_draw(approaches[0], audience)))
        return
    alt = outcome_charts.over_time_description(approaches, without, audience)
    pictures.draw(figure, alt, "chart_differences")


@calm.fragment
def living_with_it() -> None:
    layer = st.expander(wording.LIVING_WITH_IT, key="living", on_change="rerun")
    if layer.open:
        with layer:
            st.html(components.without_surgery_panel(evidence, condition, audience, table.denominator))
            st.html(components.living_with_it(evidence, procedure, Aspect))


red_flags.banner()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    frame.title(wording.side_by_side_title(audience))
    wanted = values.outcomes(values.marked(evidence, state.consultation()))
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
        first = bool(wanted) and inputs.one_of("Order of the rows", "order", wording.ORDERS) == wording.ORDERS[1]
        narrowed = choose_filters() if audience is Audience.CLINICIAN else side_by_side.Filters()
filters.tell(filter_words.banner(filter_words.on_compare(evidence, condition, narrowed, audience), audience))
table = side_by_side.side_by_side(evidence, condition, procedure, narrowed, own_cases.rates())
if first:
    table = side_by_side.put_first(table, tuple(o[0] if isinstance(o, tuple) else o for o in wanted))
st.html(components.side_by_side_table(table, evidence, audience, own=own_cases.lines(table, audience)))
st.html(components.small(wording.WHO_THE_NUMBERS_ARE_OF))

recovery_panel()
left, right = st.columns(2, gap="small")
with left:
    arms_panel(Outcome.BLOOD_LOSS)
with right:
    arms_panel(Outcome.LENGTH_OF_STAY)

living_with_it()
