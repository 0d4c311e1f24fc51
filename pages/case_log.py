"""Case log: read a file of own cases; columns are matched, what is unclear is asked, what is set aside is listed."""

import streamlit as st

from decision_aid.app import frame
from decision_aid.case_log.fields import FIELDS, REQUIRED
from decision_aid.case_log.importing import (
    CaseLogError,
    Preview,
    Source,
    Upload,
    fits,
    load_cases,
    template_csv,
    template_notes,
)
from decision_aid.charts import own_results
from decision_aid.components import markup
from decision_aid.wording import keeping

frame.guard("pages/case_log.py")
NONE = "– not in this file –"


def choose_file() -> Source | None:
    left, right = st.columns([7, 5], gap="medium")
    with left:
        # Any file is taken: of those that cannot be read, our own sentence says what to do with them.
        given = st.file_uploader("File (CSV, Excel .xlsx or .xls, LibreOffice .ods, Parquet)", key=frame.upload_key())
        path = frame.path_field()
    with right:
        st.html(markup.note(own_results.WHAT_A_LOG_IS))
        with st.container(horizontal=True):
            st.download_button("Template (CSV)", template_csv(), "case-log-template.csv", "text/csv", on_click="ignore")
            st.download_button(
                "Its columns (text)", template_notes(), "case-log-columns.txt", "text/plain", on_click="ignore"
            )
            st.button("Try invented cases", on_click=frame.use_example_cases)
    if given is not None:
        return Upload(given.name, given.getvalue())
    return frame.file_on_disk(path) if path.strip() else None


def match_columns(preview: Preview) -> dict[str, str]:
    """The mapping as guessed or remembered, to be corrected; identifying columns cannot be chosen."""
    guess, told = preview.proposal(frame.remembered_choices())
    free = [NONE, *(h for h in preview.headers if h not in preview.identifying)]
    st.html(markup.heading("Which column is what?", own_results.ONLY_THREE_NEEDED))
    for sentence in told:
        st.html(markup.small(sentence))
    chosen = {}
    with st.container(border=True, key="items_mapping"):
        columns = st.columns(4, gap="small")
        for n, field in enumerate(FIELDS):
            at = free.index(guess[field.name]) if guess.get(field.name) in free else 0
            label = f"{field.label} *" if field.required else field.label
            with columns[n % 4]:
                header = st.selectbox(label, free, index=at, key=f"map:{preview.mark}:{field.name}")
            if header != NONE:
                chosen[field.name] = header
    return chosen


def read(source: Source, preview: Preview) -> None:
    mapping = match_columns(preview)
    remembered = frame.remembered_choices()
    plan = frame.plan_from_answers(
        preview, preview.plan(mapping), remembered if remembered and fits(remembered, preview) else None
    )
    whole = plan is not None and set(REQUIRED) <= set(mapping)
    remember = st.checkbox(keeping.REMEMBER, help=keeping.WHAT_IS_REMEMBERED, key="remember_choices")
    if st.button("Read the case log", type="primary", disabled=not whole) and plan is not None:
        bar = st.progress(0.0, "Reading the cases …")
        log = load_cases(source, plan, lambda part: bar.progress(min(1.0, part), "Reading the cases …"))
        bar.empty()
        frame.use_cases(log)
        if remember:
            frame.remember_choices(plan)
        if preview.questions_after(log, mapping):  # words that only the whole file holds
            st.rerun()


def registry() -> None:
    with st.expander(own_results.REGISTRY, key="registry"):
        st.html(markup.small(frame.registry_hint()))
        where, table = st.columns([8, 4], gap="small")
        address = where.text_input("Address or path", key="registry_address", type="password")
        name = table.text_input("Table", "cases", key="registry_table")
        if st.button("Count the cases there", disabled=not address.strip()):
            frame.use_registry(address.strip(), name.strip())


frame.title("Read a case log")
source = choose_file()
if source is not None:
    try:
        preview = frame.look_at(source)
        counts = (preview.row_count, len(preview.headers))
        st.html(markup.looked_at(preview.file, *counts, preview.identifying, preview.notes))
        read(source, preview)
    except CaseLogError as error:
        st.error("The case log cannot be read as it is. Nothing was kept of it.")
        st.html(markup.problem_list(error.problems))
frame.what_was_read()
frame.tell_remembered_choices()
registry()
