"""Evidence: every study behind a number, how they were pooled, what the pool hangs on, and what others published."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from decision_aid import components, wording
from decision_aid.app import evidence_file, filters, frame, inputs, own_cases, pictures, state
from decision_aid.charts import forest
from decision_aid.comparison import robustness
from decision_aid.comparison.comparison import Comparison, compare
from decision_aid.comparison.question import Contrast, Question, ask
from decision_aid.comparison.selection import techniques
from decision_aid.comparison.side_by_side import shared_denominator
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_label
from decision_aid.domain.time_windows import default_window, windows_of
from decision_aid.domain.vocabulary import Condition, Outcome
from decision_aid.exports import report
from decision_aid.meta_analysis.random_effects import heterogeneity_interval
from decision_aid.meta_analysis.sensitivity import Egger
from decision_aid.wording import filter_words, own_words, summary_of_findings

frame.guard("pages/evidence.py")
evidence = evidence_file.evidence()
CONTRASTS = {
    "Minimally invasive or open": Contrast.MIS_VERSUS_OPEN,
    "Surgery or none": Contrast.SURGERY_VERSUS_NONOPERATIVE,
}


def choose_question() -> Question:
    """The question, from the choices over the picture. Surgery against none is asked for the condition, not a procedure."""
    what, when, against, narrowed = st.columns([3, 3, 6, 3], gap="small", vertical_alignment="bottom")
    with what:
        outcome = inputs.pick(
            "Outcome", "evidence_outcome", list(Outcome), lambda o: evidence.outcomes[o].clinician_label
        )
    definition = evidence.outcomes[Outcome(outcome)]
    with when:
        usual = windows_of(definition).index(default_window(definition))
        key = f"evidence_time_{outcome}"
        window = inputs.pick("Time", key, windows_of(definition), lambda w: w.clinician_label, usual)
    with against:
        contrast = CONTRASTS[inputs.one_of("Comparison", "evidence_contrast", list(CONTRASTS))]
    with narrowed, st.popover("Filter studies", width="stretch"):
        design = filters.choose_design("evidence_design")
        known = [filters.EVERY, *techniques(evidence, state.procedure())]
        technique = inputs.pick("Technique", f"evidence_technique_{state.procedure()}", known, wording.technique_label)
        picked = inputs.pick("Condition", "evidence_condition", [filters.EVERY, *evidence.conditions], condition_name)
        cautions = st.toggle("Put studies with a caution back in", key="evidence_cautions", persist_state="session")
        first, last = report.years(evidence)
        cleared = filters.times_cleared()
        key = f"evidence_years:{cleared}" if cleared else "evidence_years"
        years = st.slider("Published", first, last, (first, last), key=key, persist_state="session")
    without = contrast is Contrast.SURGERY_VERSUS_NONOPERATIVE
    chosen = Condition(picked) if picked != filters.EVERY else (state.condition() if without else None)
    return ask(
        evidence,
        state.procedure(),
        Outcome(outcome),
        window=window,
        contrast=contrast,
        design=design,
        technique=None if technique == filters.EVERY or without else technique,
        condition=chosen,
        include_cautions=cautions,
        years=None if years == (first, last) else years,
    )


def condition_name(condition: str) -> str:
    return "all conditions" if condition == filters.EVERY else evidence.conditions[Condition(condition)].clinician_label


def draw(figure: dict[str, Any], alt: str, key: str) -> None:
    with st.container(border=True, key=f"panel_{key}"):
        pictures.draw(figure, alt, f"chart_{key}")


def people() -> int:
    """Out of how many people risks are told: the same as on Compare."""
    return shared_denominator(evidence, state.condition(), state.procedure(), own_cases.rates())


def forest_plot(c: Comparison) -> None:
    ways = robustness.other_ways(evidence, c)
    if forest.lines(c, ways):
        draw(forest.figure(c, ways), wording.forest_description(c, ways, people()), "forest")
    else:
        st.html(components.note(wording.nothing_to_draw(c, Audience.CLINICIAN)))


def steps(c: Comparison, found: tuple[robustness.ReanalysisStep, ...], word: str, told: str) -> None:
    st.html(components.small(told))
    if any(s.pooled for s in found):
        alt = wording.steps_description(c, found, word, people())
        draw(forest.of_steps(c, found, word), alt, "steps")


def left_out(c: Comparison) -> None:
    found = robustness.leave_one_out(c)
    steps(c, found, "without ", wording.leave_one_out_sentence(c, found))


def over_the_years(c: Comparison) -> None:
    steps(c, robustness.cumulative_by_year(c), "with ", wording.CUMULATIVE)


def small_studies(c: Comparison) -> None:
    found = robustness.small_studies(c)
    if not isinstance(found, Egger):
        st.html(components.small(wording.no_egger_sentence(found)))
        return
    st.html(components.small(wording.egger_sentence(found)))
    draw(forest.funnel(c), wording.funnel_description(c, found), "funnel")


def kinds(c: Comparison) -> None:
    for title, found, name in (
        ("By design", robustness.by_design(c), wording.design_name),
        ("By technique", robustness.by_technique(c), wording.technique_label),
    ):
        if found is not None:
            st.html(components.heading(title, wording.subgroup_sentence(found)))
            named = [(f"{name(str(g.group))}, {g.k}", g.pooled) for g in found.groups]
            draw(
                forest.of_subgroups(c, named),
                wording.subgroups_description(c, named, people()),
                title.lower().replace(" ", "_"),
            )


VIEWS: dict[str, Callable[[Comparison], None]] = {
    "One study left out": left_out,
    "Over the years": over_the_years,
    "Small studies": small_studies,
    "Kinds of study": kinds,
}


def look_closer(c: Comparison) -> None:
    """What the pool hangs on, folded until one of it is asked for; nothing where fewer than three studies are pooled."""
    if c.pooled is None or c.pooled.k < 3:
        return
    options = list(VIEWS)
    view = st.segmented_control(
        as_label("Look closer at the pool"), options, key="evidence_view", persist_state="session", wrap=True
    )
    if view is not None:
        VIEWS[view](c)


def one_outcome() -> None:
    c = compare(evidence, choose_question())
    filters.tell(filter_words.banner_on_evidence(filter_words.on_evidence(evidence, c.question)))
    spread = heterogeneity_interval(*robustness.numbers(c)) if c.pooled and c.pooled.k > 2 else None
    st.html(components.finding(c, robustness.mantel_haenszel(c), spread, people()))
    forest_plot(c)
    look_closer(c)
    st.html(components.heading("Beside the published reviews") + components.review_list(c))
    st.html(components.heading("The studies") + components.evidence_table(c, evidence))
    downloads(c)


def all_outcomes() -> None:
    """The summary of findings of the planned procedure, on the screen and as a file."""
    shown = summary_of_findings.table(evidence, state.condition(), state.procedure())
    shown = replace(shown, denominator=people())
    lines = summary_of_findings.findings(shown)
    missing = wording.not_reported(shown.not_reported, Audience.CLINICIAN)
    st.html(components.summary_table(lines, f"{summary_of_findings.NOTE} {missing}"))
    st.download_button(
        "This table (CSV)",
        lambda: summary_of_findings.as_csv(lines),
        f"{state.procedure()}-summary-of-findings.csv",
        "text/csv",
        on_click="ignore",
    )


def downloads(c: Comparison) -> None:
    """The rows behind a comparison and its result, as files, and the command that makes the result again."""
    name = f"{c.question.procedure}-{c.question.outcome}-{c.question.window.id}"
    with st.container(horizontal=True):
        st.download_button(
            "These rows (CSV)",
            lambda: report.source_rows(c, evidence),
            f"{name}-rows.csv",
            "text/csv",
            on_click="ignore",
        )
        st.download_button(
            "The result (JSON)",
            lambda: json.dumps(report.comparison_as_dict(c, evidence), indent=2, ensure_ascii=False),
            f"{name}.json",
            "application/json",
            on_click="ignore",
        )
    st.html(components.command(report.command(c)))


SCOPES = {"One outcome": one_outcome, "All outcomes in one table": all_outcomes}
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    frame.title("The evidence")
    scope = inputs.one_of("What is shown", "evidence_scope", list(SCOPES))
if any(rates.open_stands for rates in own_cases.rates()):
    st.html(components.small(own_words.PUBLISHED_ONLY))
SCOPES[scope]()
