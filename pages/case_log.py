"""Case log: read a file of own cases; columns are matched, what is unclear is asked, what is set aside is listed."""

from collections.abc import Mapping

import streamlit as st

from decision_aid import caselog_keep, markup, own_results, shell
from decision_aid.caselog import (
    CaseLogError,
    Preview,
    Question,
    Source,
    Upload,
    answered,
    fits,
    load_cases,
    look,
    template_csv,
    template_notes,
)
from decision_aid.caselog_fields import FIELDS, REQUIRED
from decision_aid.caselog_plan import Plan
from decision_aid.escaping import as_label

shell.guard("pages/case_log.py")
NONE = "– not in this file –"


def choose_file() -> Source | None:
    left, right = st.columns([7, 5], gap="medium")
    with left:
        given = st.file_uploader("File (CSV, Excel .xlsx or Parquet)", type=["csv", "txt", "tsv", "xlsx", "parquet"])
        path = st.text_input("or where a large file is on this computer", key="case_log_path")
    with right:
        st.html(markup.note(own_results.WHAT_A_LOG_IS))
        with st.container(horizontal=True):
            st.download_button("Template (CSV)", template_csv(), "case-log-template.csv", "text/csv", on_click="ignore")
            st.download_button(
                "Its columns (text)", template_notes(), "case-log-columns.txt", "text/plain", on_click="ignore"
            )
            st.button("Try invented cases", on_click=shell.use_example_cases)
    if given is not None:
        return Upload(given.name, given.getvalue())
    return shell.file_on_disk(path) if path.strip() else None


def match_columns(preview: Preview) -> dict[str, str]:
    """The mapping as guessed or remembered, to be corrected; identifying columns cannot be chosen."""
    remembered = caselog_keep.kept_plan()
    guess: Mapping[str, str] = remembered.mapping if remembered and fits(remembered, preview) else preview.mapping
    free = [NONE, *(h for h in preview.headers if h not in preview.identifying)]
    st.html(markup.heading("Which column is what?", own_results.ONLY_THREE_NEEDED))
    chosen = {}
    with st.container(border=True, key="items_mapping"):
        columns = st.columns(4, gap="small")
        for n, field in enumerate(FIELDS):
            at = free.index(guess[field.name]) if guess.get(field.name) in free else 0
            label = f"{field.label} *" if field.required else field.label
            with columns[n % 4]:
                header = st.selectbox(label, free, index=at, key=f"map:{preview.file}:{field.name}")
            if header != NONE:
                chosen[field.name] = header
    return chosen


def ask(question: Question, plan: Plan, n: int) -> Plan | None:
    """The plan with the answer put in, or None while there is none: nothing that can mean two things is guessed."""
    if question.words:
        st.html(markup.small(question.text))
        meant = {}
        for column, word in zip(st.columns(4) * len(question.words), question.words, strict=False):
            suggested = question.suggested.get(word)
            at = question.choices.index(suggested) if suggested in question.choices else None
            with column:
                meant[word] = st.selectbox(as_label(word), question.choices, index=at, key=f"ask:{n}:{word}")
        return answered(plan, question, meant) if all(meant.values()) else None
    answer = st.radio(
        as_label(question.text),
        question.choices,
        index=None,
        format_func=as_label,
        key=f"ask:{n}:{question.text}",
        horizontal=True,
    )
    return answered(plan, question, answer) if answer else None


def read(source: Source, preview: Preview) -> None:
    mapping = match_columns(preview)
    plan: Plan | None = preview.plan(mapping)
    asked = preview.questions(mapping)
    if asked:
        st.html(markup.heading("What the file does not say"))
    for n, question in enumerate(asked):
        after = ask(question, plan, n) if plan else None
        plan = after
        if plan is None:
            break
    whole = plan is not None and set(REQUIRED) <= set(mapping)
    if st.button("Read the case log", type="primary", disabled=not whole) and plan is not None:
        bar = st.progress(0.0, "Reading the cases …")
        log = load_cases(source, plan, lambda part: bar.progress(min(1.0, part), "Reading the cases …"))
        bar.empty()
        shell.use_cases(log)
        caselog_keep.keep_plan(plan)


def registry() -> None:
    with st.expander(own_results.REGISTRY, key="registry"):
        st.html(markup.small(own_results.REGISTRY_HINT))
        where, table = st.columns([8, 4], gap="small")
        address = where.text_input("Address or path", key="registry_address", type="password")
        name = table.text_input("Table", "cases", key="registry_table")
        if st.button("Count the cases there", disabled=not address.strip()):
            shell.use_registry(address.strip(), name.strip())


shell.title("Read a case log")
source = choose_file()
if source is not None:
    try:
        preview = look(source)
        st.html(markup.looked_at(preview.file, preview.row_count, len(preview.headers), preview.identifying))
        read(source, preview)
    except CaseLogError as error:
        st.error("The case log cannot be read as it is. Nothing was kept of it.")
        st.html(markup.problem_list(error.problems))
shell.what_was_read()
registry()
