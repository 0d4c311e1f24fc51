"""Case log: read a file of own cases; columns are matched, what is unclear is asked, what is set aside is listed."""

import streamlit as st

from decision_aid import components
from decision_aid.app import frame, own_cases, reading_a_log, runs, saved_work, state
from decision_aid.audit import kept_log
from decision_aid.audit.summary import summarise
from decision_aid.case_log.example import example_cases
from decision_aid.case_log.fields import FIELDS, REQUIRED
from decision_aid.case_log.importing import (
    CaseLogError,
    Preview,
    Source,
    Upload,
    fits,
    load_cases,
    sentences,
    set_aside_csv,
    template_csv,
    template_notes,
    to_know,
)
from decision_aid.case_log.plan import Plan
from decision_aid.case_log.sources import paths
from decision_aid.domain.escaping import as_label
from decision_aid.storage.store import StoreError
from decision_aid.wording import case_log_words, keeping, storage_words

frame.guard("pages/case_log.py")
NONE = "– not in this file –"
FAULTS_SHOWN = 20


def choose_file() -> Source | None:
    left, right = st.columns([7, 5], gap="medium")
    with left:
        # Any file is taken: of those that cannot be read, our own sentence says what to do with them.
        given = st.file_uploader(
            "File (CSV, Excel .xlsx or .xls, LibreOffice .ods, Parquet)", key=own_cases.upload_key()
        )
        path = st.text_input(keeping.PATH, key="case_log_path") if paths.are_allowed() else ""
    with right:
        st.html(components.note(case_log_words.WHAT_A_LOG_IS))
        with st.container(horizontal=True):
            st.download_button("Template (CSV)", template_csv(), "case-log-template.csv", "text/csv", on_click="ignore")
            st.download_button(
                "Its columns (text)", template_notes(), "case-log-columns.txt", "text/plain", on_click="ignore"
            )
            st.button("Try invented cases", on_click=use_invented)
    if given is not None:
        return Upload(given.name, given.getvalue())
    return reading_a_log.file_on_disk(path) if path.strip() else None


def use_invented() -> None:
    cases = example_cases()
    own_cases.held().take(cases, summarise(cases), invented=True)


def match_columns(preview: Preview) -> dict[str, str]:
    """The mapping as guessed or remembered, to be corrected; identifying columns cannot be chosen."""
    guess, told = preview.proposal(own_cases.remembered_choices())
    free = [NONE, *(h for h in preview.headers if h not in preview.identifying)]
    st.html(components.heading("Which column is what?", case_log_words.ONLY_THREE_NEEDED))
    for sentence in told:
        st.html(components.small(sentence))
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
    remembered = own_cases.remembered_choices()
    plan = reading_a_log.plan_from_answers(
        preview, preview.plan(mapping), remembered if remembered and fits(remembered, preview) else None
    )
    whole = plan is not None and set(REQUIRED) <= set(mapping)
    remember = st.checkbox(keeping.REMEMBER, help=keeping.WHAT_IS_REMEMBERED, key="remember_choices")
    if st.button("Read the case log", type="primary", disabled=not whole) and plan is not None:
        bar = st.progress(0.0, "Reading the cases …")

        def show(part: float) -> None:
            bar.progress(min(1.0, part), "Reading the cases …")

        log = load_cases(source, plan, show)
        bar.empty()
        own_cases.held().take(log.cases, summarise(log.cases), log=log)  # on the disk nothing is kept until asked for
        if remember:
            keep_choices(plan)
        if preview.questions_after(log, mapping):  # words that only the whole file holds
            st.rerun()


def keep_choices(plan: Plan) -> None:
    """Keep how a file was read for the next one with the same columns, because that was asked for."""
    try:
        kept_log.keep_plan(saved_work.opened(), plan)
    except StoreError as error:
        st.error(as_label(storage_words.told(error)))


def what_was_read() -> None:
    """What became of every row and column of the file that was read in this session."""
    own = own_cases.held()
    log = own.log
    if own.invented:
        st.html(components.note(case_log_words.INVENTED))
    if log is not None:
        dropped = tuple(log.dropped_columns.items())
        counts = (log.used, log.set_aside_rows, log.left_out_rows)
        st.html(components.set_aside(*counts, to_know(log), sentences(log, FAULTS_SHOWN), dropped))
        if log.set_aside_rows:
            st.download_button(
                "The rows set aside (CSV)",
                lambda: set_aside_csv(own.log) if own.log else "",  # never the log itself: it may be forgotten
                "rows-set-aside.csv",
                "text/csv",
                on_click="ignore",
            )
    if (log is not None or own.invented) and st.button("See the own results", type="primary"):
        st.switch_page("pages/own_results.py")


def remembered_choices() -> None:
    """Which choices are remembered, and the way to be rid of them."""
    plan = own_cases.remembered_choices()
    if plan is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(components.small(keeping.remembered(plan)))
            st.button("Forget the remembered choices", on_click=forget_choices)


def forget_choices() -> None:
    try:
        kept_log.forget_plan(saved_work.opened())
    except StoreError as error:
        state.notice(storage_words.told(error))


def registry() -> None:
    with st.expander(case_log_words.REGISTRY, key="registry"):
        st.html(
            components.small(case_log_words.REGISTRY_HINT if paths.are_allowed() else keeping.REGISTRY_WITHOUT_PATHS)
        )
        where, table = st.columns([8, 4], gap="small")
        address = where.text_input("Address or path", key="registry_address", type="password")
        name = table.text_input("Table", "cases", key="registry_table")
        if st.button("Count the cases there", disabled=not address.strip()):
            count_there(address.strip(), name.strip())


def count_there(address: str, table: str) -> None:
    """Count the cases of a database, or of files too large for memory, where they are; only the summary comes here."""
    from decision_aid.audit import limits, registry  # an optional package, and slow to load

    try:
        paths.check_address(address, table)
        with st.spinner("Counting where the cases are …"):
            summary = runs.meanwhile(lambda: registry.count_there(address, table))
    except Exception as error:  # every engine has errors of its own; an address may hold a password and is not told
        st.error(as_label(case_log_words.no_registry(error, limits.reason(error, address))))
        return
    own_cases.held().take(None, summary)
    st.switch_page("pages/own_results.py")


def page() -> None:
    """Everything in a function: a button keeps hold of what its page holds, and a forgotten file must leave the memory."""
    frame.title("Read a case log")
    source = choose_file()
    if source is not None:
        try:
            preview = reading_a_log.look_at(source)
            counts = (preview.row_count, len(preview.headers))
            st.html(components.looked_at(preview.file, *counts, preview.identifying, preview.notes))
            read(source, preview)
        except CaseLogError as error:
            st.error("The case log cannot be read as it is. Nothing was kept of it.")
            st.html(components.problem_list(error.problems))
    what_was_read()
    remembered_choices()
    registry()


page()
