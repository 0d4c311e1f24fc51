"""Compare: the three roads side by side, with blood loss, length of stay and recovery as pictures."""

import streamlit as st

from decision_aid import charts, markup, shell, wording
from decision_aid.comparison import Contrast, DesignFilter, techniques
from decision_aid.schema import Aspect, Outcome
from decision_aid.side_by_side import Filters, over_time, side_by_side

shell.guard("pages/compare.py")
evidence, face = shell.evidence(), shell.face()
condition, procedure = shell.condition(), shell.procedure()
RECOVERY = (Outcome.ODI, Outcome.RDQ, Outcome.VAS_LEG, Outcome.VAS_BACK)
DESIGNS = {
    "Trials if three or more": DesignFilter.AUTO,
    "Randomised trials only": DesignFilter.RCT,
    "All studies": DesignFilter.ALL,
}


def choose_filters() -> Filters:
    with st.popover("Filter studies"):
        design = st.radio("Studies", list(DESIGNS), key="design", persist_state="session")
        options = ["all techniques", *techniques(evidence, procedure)]
        technique = st.selectbox(
            "Technique",
            options,
            format_func=wording.technique_label,
            key=f"technique_{procedure}",
            persist_state="session",
        )
        same = st.toggle("Only studies of this condition", key="same_condition", persist_state="session")
        cautions = st.toggle("Put studies with a caution back in", key="cautions", persist_state="session")
    return Filters(DESIGNS[design], None if technique == options[0] else technique, same, cautions)


with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    shell.title("Three roads, side by side")
    filters = choose_filters()
table = side_by_side(evidence, condition, procedure, filters)
st.html(markup.side_by_side_table(table, evidence, face))


def dumbbell_panel(outcome: Outcome) -> None:
    c = table.answer(outcome).approaches
    with st.container(border=True, key=f"panel_{outcome}"):
        found = wording.direction_sentence(c) or wording.headline(c, face)
        st.html(markup.panel_head(found, wording.panel_lines(c, face)))
        if c.shown_studies:
            st.plotly_chart(
                charts.dumbbell(c, face),
                theme=None,
                config=charts.CONFIG,
                alt=wording.chart_description(c, face),
                key=f"chart_{outcome}",
            )
        else:
            st.html(f'<p class="note">{wording.nothing_to_draw(c, face)}</p>')


@st.fragment
def recovery_panel() -> None:
    with st.container(border=True, key="panel_recovery"):
        labels = {str(o): wording.outcome_label(evidence.outcomes[o], face) for o in RECOVERY}
        chosen = Outcome(
            st.selectbox(
                "Recovery shown as",
                list(labels),
                format_func=labels.__getitem__,
                key="recovery",
                persist_state="session",
                label_visibility="collapsed",
            )
        )
        approaches, without = (
            over_time(evidence, condition, procedure, chosen, filters, contrast)
            for contrast in (Contrast.MIS_VERSUS_OPEN, Contrast.SURGERY_VERSUS_NONOPERATIVE)
        )
        st.html(markup.panel_head(wording.recovery_headline(approaches, without, face)))
        st.plotly_chart(
            charts.over_time(approaches, without, evidence.outcomes[chosen], face),
            theme=None,
            config=charts.CONFIG,
            alt=charts.over_time_description(approaches, without, face),
            key="chart_recovery",
        )


left, middle, right = st.columns(3)
with left:
    dumbbell_panel(Outcome.BLOOD_LOSS)
with middle:
    dumbbell_panel(Outcome.LENGTH_OF_STAY)
with right:
    recovery_panel()
st.html("<h2>What living through it is like</h2>" + markup.roads_text(evidence, procedure, Aspect))
