"""Reading a case log, before its cases are read: its sheet, letters and separator, and what it does not say itself."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from decision_aid import components
from decision_aid.app import own_cases
from decision_aid.case_log import importing
from decision_aid.case_log.importing import CaseLog, OnDisk, Preview, Source
from decision_aid.case_log.plan import ROWS_LOOKED_AT, Plan, fingerprint
from decision_aid.case_log.sources.delimited import SEPARATORS
from decision_aid.case_log.sources.files import Format
from decision_aid.case_log.sources.letters import ENCODINGS
from decision_aid.case_log.words import AS_LEFT_OUT, AS_SET_ASIDE
from decision_aid.domain.escaping import as_label, as_option
from decision_aid.wording import case_log_words

_ASKED_LATER = (importing.Ask.EMPTY_CELLS, importing.Ask.ONE_MEANING, importing.Ask.REPEATED_ROWS)


def file_on_disk(path: str) -> OnDisk:
    """The file of a path that was typed or pasted, with or without quotes."""
    return OnDisk(Path(os.path.expanduser(path.strip().strip("\"'"))))


def look_at(source: Source) -> Preview:
    """What a file seems to be, when its sheet or its letters were chosen: columns, units and words are all asked of that."""
    first = importing.first_look(source)
    if first.format is Format.CSV:
        return _look_at_text(source, first)
    sheet = first.sheet
    if len(first.sheets) > 1:
        told = {s: f"{s} (hidden in Excel)" if s in first.hidden_sheets else s for s in first.sheets}
        key = f"sheet:{fingerprint((*first.sheets, first.sheet or ''))}"
        at = first.sheets.index(first.sheet) if first.sheet in first.sheets else 0
        shown = as_option(st.selectbox, told.__getitem__)
        sheet = st.selectbox("Which sheet holds the cases?", first.sheets, index=at, key=key, format_func=shown)
    return importing.look(source, sheet=sheet)


def plan_from_answers(preview: Preview, plan: Plan, remembered: Plan | None) -> Plan | None:
    """The plan with what was answered about a file; None while an answer is missing: nothing that can mean two things is guessed."""
    found = preview.questions(plan.mapping)
    asked = [q for q in found if q.ask not in _ASKED_LATER]
    if isinstance(log := own_cases.held().log, CaseLog) and (more := preview.questions_after(log, plan.mapping)):
        asked, remembered = [*asked, *more], log.plan
    if found or asked:
        st.html(components.heading("What the file does not say"))
    after = _all_answered(preview, asked, plan, remembered)
    if after is None:
        return None
    for objection in preview.objections(after):
        st.html(components.note(objection))
    if preview.objections(after):
        return None
    repeated = [q for q in found if q.ask is importing.Ask.REPEATED_ROWS]
    after = _all_answered(preview, [*preview.later_questions(after), *repeated], after, remembered)
    if after is not None and (told := preview.statements(after)):
        st.html(components.to_know(case_log_words.EVERYBODY_THE_SAME, told))
    return after


def _look_at_text(source: Source, first: importing.FirstLook) -> Preview:
    """The same for a CSV file: letters and separator are proposed, and asked in the open where they are not certain."""
    encodings = [*ENCODINGS, *({first.encoding} - set(ENCODINGS))]
    separators = [*SEPARATORS, *({first.separator} - set(SEPARATORS))]
    box = st.expander("How the file is written", expanded=not first.certain, key="file_written")
    with box:
        left, right = st.columns(2)
        encoding = left.selectbox(
            "Its letters",
            encodings,
            index=encodings.index(first.encoding),
            key=f"letters:{first.mark}",
            format_func=as_option(st.selectbox, lambda name: ENCODINGS.get(name, name)),
        )
        separator = right.selectbox(
            "Between the cells stands a",
            separators,
            index=separators.index(first.separator),
            key=f"separator:{first.mark}",
            format_func=as_option(st.selectbox, lambda mark: SEPARATORS.get(mark, f"“{mark}”")),
        )
        seen = st.empty()
    form = importing.FileForm(
        None if encoding == first.encoding else encoding, None if separator == first.separator else separator
    )
    preview = importing.look(source, form=form)
    if word := preview.special_text:
        seen.html(components.small(f"So it is read: “{word}”. If this looks wrong, choose other letters."))
    return preview


def _all_answered(
    preview: Preview, questions: list[importing.LogQuestion], plan: Plan, remembered: Plan | None
) -> Plan | None:
    """The plan with every answer put in, asked one after the other; None at the first that is missing."""
    after: Plan | None = plan
    for question in questions:
        after = _answered(preview, question, after, remembered) if after is not None else None
    return after


def _answered(preview: Preview, question: importing.LogQuestion, plan: Plan, remembered: Plan | None) -> Plan | None:
    """The plan with the answer to one question put in; what was answered for such a file before is proposed."""
    key = f"ask:{preview.file}:{preview.sheet}:{fingerprint(preview.headers)}:{question.ask}:{question.field}:{question.header}:{question.whole_file}"

    def before(word: str | None = None) -> str | None:
        return None if remembered is None else importing.remembered_answer(remembered, question, word)

    if not question.words:
        at = question.choices.index(found) if (found := before()) else None
        answer = st.radio(
            as_label(question.text), question.choices, index=at, key=key, horizontal=True, format_func=as_label
        )
        return importing.answered(plan, question, answer) if answer else None
    st.html(components.small(question.text))
    is_whole = question.whole_file or (preview.row_count or ROWS_LOOKED_AT + 1) <= ROWS_LOOKED_AT
    of = "" if is_whole else f" of the first {ROWS_LOOKED_AT:,}"
    meant: dict[str, str] = {}
    for column, word in zip(st.columns(4) * len(question.words), question.words, strict=False):
        offered, rows = question.offered(word), question.rows.get(word, 0)
        proposed = before(word) or question.suggested.get(word)
        told = f"{rows:,}{of} {'row' if rows == 1 and not of else 'rows'}"

        def shown(choice: str, told: str = told) -> str:
            return f"{choice} ({told})" if choice in (AS_LEFT_OUT, AS_SET_ASIDE) else choice

        with column:
            chosen = st.selectbox(
                as_label(f"{word} ({told})"),
                offered,
                index=offered.index(proposed) if proposed in offered else None,
                key=f"{key}:{word}",
                format_func=as_option(st.selectbox, shown),
            )
        if chosen:
            meant[word] = chosen
    return importing.answered(plan, question, meant) if len(meant) == len(question.words) else None
