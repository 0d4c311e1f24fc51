"""Own results: the clinic's cases beside the published ones, how many a year, who they were, and how it went over time."""

from dataclasses import replace
from typing import Any

import streamlit as st

from decision_aid import components, wording
from decision_aid.app import evidence_file, frame, own_cases, pictures, saved_work, state
from decision_aid.audit import kept_log, shown_results
from decision_aid.audit.beside_published import Pairing, beside_published
from decision_aid.audit.learning_curve import learning_curve
from decision_aid.audit.results import Group, Summary
from decision_aid.case_log.fields import Approach
from decision_aid.case_log.importing import CaseLog
from decision_aid.charts import own_results
from decision_aid.comparison import side_by_side
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_label
from decision_aid.domain.palette import OPTIONS
from decision_aid.domain.vocabulary import Outcome
from decision_aid.storage.store import StoreError
from decision_aid.wording import case_log_words, keeping, own_results_words, storage_words
from decision_aid.wording.numerals import unit_name

frame.guard("pages/own_results.py")
evidence = evidence_file.evidence()
SHOWN = (
    Outcome.BLOOD_LOSS,
    Outcome.LENGTH_OF_STAY,
    Outcome.OPERATIVE_TIME,
    Outcome.RETURN_TO_WORK,
    Outcome.ODI,
    Outcome.VAS_LEG,
    Outcome.VAS_BACK,
    Outcome.COMPLICATION_ANY,
    Outcome.INFECTION,
    Outcome.DURAL_TEAR,
    Outcome.NERVE_INJURY,
    Outcome.TRANSFUSION,
    Outcome.REOPERATION,
    Outcome.READMISSION,
)


def draw(figure: dict[str, Any], alt: str, key: str) -> None:
    if not figure["data"]:  # Plotly cannot draw a picture with nothing in it
        st.html(components.small(own_results_words.NOT_RECORDED))
        return
    pictures.draw(figure, alt, f"own_{key}")


def settings(summary: Summary) -> None:
    """What stands over the own results: the log, whether it is shown in the consultation, keeping and forgetting it."""
    st.session_state.setdefault("own_on", False)
    with st.container(horizontal=True, vertical_alignment="center", key="own_settings"):
        st.html(components.small(case_log_words.log_sentence(summary)))
        own = own_cases.held()
        if own.invented:
            st.html(components.small(case_log_words.INVENTED))
        else:
            if isinstance(log := own.log, CaseLog):
                st.html(components.small(case_log_words.file_sentence(log)))
            st.toggle(own_results_words.ON_IN_CONSULTATION, key="own_on", persist_state="session")
            if own.log is not None and own.stamp is None:
                st.button("Keep a checked copy on this computer", on_click=keep_cases)
        with st.popover("Forget", key="forget_cases"):
            st.html(components.small(keeping.what_forget_takes(own.invented, own_cases.remembered_choices())))
            st.button("Yes, forget these cases", on_click=own_cases.forget)
        if st.button("Read another log"):
            st.switch_page("pages/case_log.py")


def keep_cases() -> None:
    own = own_cases.held()
    if own.cases is None:
        return
    try:
        own.stamp = kept_log.keep(saved_work.opened(), own.cases)
    except StoreError as error:
        state.notice(storage_words.told(error))
    else:
        own_cases.let_go_of_files()
        state.notice(keeping.kept_copy(saved_work.folder(), saved_work.passphrase() is not None))


def no_log() -> None:
    """Why nothing is shown: a kept copy that cannot be read, with the way to be rid of it, or no log at all."""
    if fault := own_cases.held().fault:
        st.error(as_label(fault))
        st.button("Forget the kept copy", on_click=own_cases.forget)
    st.html(components.note(own_results_words.NO_LOG))
    if st.button("Read a case log", type="primary"):
        st.switch_page("pages/case_log.py")


def beside(summary: Summary, groups: list[Group]) -> None:
    """Own and published results, one row an outcome, after who the own patients were."""
    choice = (evidence, state.condition(), state.procedure())
    table = side_by_side.rows_for(*choice, SHOWN)
    # Published and own stand apart here, out of the same people as on the other pages.
    denominator = side_by_side.shared_denominator(*choice, own_cases.rates())
    found = [(row, beside_published(summary, row.approaches)) for row in table.rows]
    told = [(row, b) for row, b in found if b.pairing is Pairing.PAIRED and (b.open.recorded or b.mis.recorded)]
    mix = summary.mix(state.procedure())
    who = own_results_words.mix_sentences(mix) if mix and len(groups) > 1 else [own_results_words.ONE_ARM_ONLY]
    st.html(components.heading(own_results_words.BESIDE, own_results_words.NEVER_POOLED))
    st.html(components.small(" ".join((own_results_words.OTHER_PATIENTS, *who))))
    if told:
        entered = {rates.outcome: rates for rates in own_cases.entered_rates()}
        st.html(components.small(own_results_words.HOW_TO_READ))
        st.html(components.own_results_table(told, evidence, denominator, entered))
    st.html(components.small(own_results_words.not_in_the_log(summary, state.procedure(), table.not_reported)))


def over_time(groups: list[Group]) -> None:
    st.html(components.heading("Over the years", own_results_words.cases_sentence(groups)))
    columns = st.columns(1 + len(own_results.TRENDS), gap="small")
    with columns[0], st.container(border=True, key="panel_own_years"):
        st.html(components.panel_head("Cases a year", [], components.ARMS))
        draw(own_results.years_figure(groups), own_results_words.years_description(groups), "years")
    for column, (name, outcome) in zip(columns[1:], own_results.TRENDS.items(), strict=True):
        unit = unit_name(evidence.outcomes[outcome].unit)
        with column, st.container(border=True, key=f"panel_trend_{name}"):
            label = wording.outcome_label(evidence.outcomes[outcome], Audience.CLINICIAN)
            st.html(components.panel_head(f"{label}: median and quartiles", [], components.ARMS))
            alt = own_results_words.trend_description(groups, name, unit)
            draw(own_results.trend_figure(groups, name, unit), alt, name)


def learning(groups: list[Group]) -> None:
    cases = own_cases.held().cases
    if cases is None:
        return
    st.html(components.heading("Learning curve", own_results_words.WHAT_A_CUSUM_IS))
    c = side_by_side.around_the_operation(
        evidence, state.condition(), state.procedure(), Outcome.COMPLICATION_ANY, side_by_side.Filters()
    )
    for column, group in zip(st.columns(2, gap="small"), groups, strict=False):
        published = shown_results.acceptable_rate(c, group.approach)
        with column:
            entered = enter_acceptable(group.approach, published)
        acceptable = published if entered is None else entered
        curve = learning_curve(cases, group.procedure, group.approach, acceptable=acceptable)
        if acceptable is None:  # held against the own rate it would alarm about nothing
            curve = replace(curve, risk=None)
        name = OPTIONS[shown_results.OPTION_OF[group.approach]].label
        time, risk = own_results_words.time_sentence(curve), own_results_words.risk_sentence(curve)
        source = own_results_words.acceptable_sentence(entered, published, c)
        with column, st.container(border=True, key=f"panel_curve_{group.approach}"):
            st.html(components.panel_head(f"{name}: operating time by case order"))
            if (figure := own_results.time_figure(curve))["data"]:
                draw(figure, time, f"curve_{group.approach}")
            st.html(components.small(time))
        with column, st.container(border=True, key=f"panel_alarm_{group.approach}"):
            st.html(components.panel_head(f"{name}: complications by case order"))
            if (figure := own_results.risk_figure(curve))["data"]:
                draw(figure, risk, f"alarm_{group.approach}")
            st.html(components.small(f"{risk} {source}".strip()))


def enter_acceptable(approach: Approach, published: float | None) -> float | None:
    """The rate of complications (0 to 1) that the clinic says it accepts; None until it is entered."""
    entered = st.number_input(
        as_label(f"{own_results_words.ACCEPTABLE}, {OPTIONS[shown_results.OPTION_OF[approach]].label.lower()}"),
        min_value=0.1,
        max_value=99.9,
        value=None,
        step=0.5,
        key=f"acceptable_{state.procedure()}_{approach}",
        placeholder="not entered" if published is None else f"published: {100 * published:.1f}",
        persist_state="session",
    )
    return None if entered is None else entered / 100


def page() -> None:
    """Everything in a function: a button keeps hold of what its page holds, and forgotten cases must leave the memory."""
    frame.title("Own results")
    summary = own_cases.summary()
    if summary is None:
        no_log()
        return
    settings(summary)
    groups = shown_results.groups_of(summary, state.procedure())
    if not groups:
        st.html(components.note(own_results_words.NO_CASES_OF_IT))
        return
    beside(summary, groups)
    over_time(groups)
    learning(groups)


page()
