"""The frame round every page: navigation, face switch, context, footer, entry guard, and the way to the evidence.

The only module of the package that knows Streamlit.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from decision_aid import __version__
from decision_aid.app import mishaps
from decision_aid.app import session as desk_module
from decision_aid.app.session import Desk
from decision_aid.audit import kept_log
from decision_aid.audit.kept_log import OwnCases
from decision_aid.audit.results import Summary
from decision_aid.audit.summary import summarise
from decision_aid.case_log import importing
from decision_aid.case_log.example import example_cases
from decision_aid.case_log.fields import Approach
from decision_aid.case_log.importing import CaseLog, OnDisk, Preview, Source
from decision_aid.case_log.plan import ROWS_LOOKED_AT, CaseLogError, Plan, fingerprint
from decision_aid.case_log.sources import paths
from decision_aid.case_log.sources.delimited import SEPARATORS
from decision_aid.case_log.sources.files import Format
from decision_aid.case_log.sources.letters import ENCODINGS
from decision_aid.case_log.words import AS_LEFT_OUT, AS_SET_ASIDE
from decision_aid.charts import own_results, risks
from decision_aid.comparison import side_by_side
from decision_aid.comparison.comparison import Contrast, DesignFilter, Question, ask, techniques
from decision_aid.comparison.own_rates import OwnRate, OwnRates
from decision_aid.comparison.side_by_side import SideBySide
from decision_aid.components import markup
from decision_aid.consultation import checklist
from decision_aid.consultation.model import LONGEST_NOTE, Answer, Consultation, answer, change
from decision_aid.domain.audience import Face
from decision_aid.domain.escaping import as_html, as_label, as_option
from decision_aid.domain.palette import ROADS
from decision_aid.domain.problems import EvidenceError
from decision_aid.domain.time_windows import default_window, windows_of
from decision_aid.domain.vocabulary import Condition, Outcome, Procedure
from decision_aid.evidence import loading as evidence_module
from decision_aid.evidence.loading import Evidence
from decision_aid.exports import clinical_note, fhir, handout, report
from decision_aid.exports.handout import Handout
from decision_aid.storage import store
from decision_aid.storage.store import Draft, Record, Store, StoreError, Trouble
from decision_aid.wording import filter_words, keeping, storage_words
from decision_aid.wording import sentences as wording

if TYPE_CHECKING:
    import pandas as pd

_STYLE = "".join(
    (Path(__file__).parent.parent / "components" / name).read_text(encoding="utf-8")
    for name in ("style.css", "narrow.css", "print.css")
)
_STYLE += f'[data-testid="stDownloadButtonError"]::after {{ content: "{wording.FILE_NOT_MADE}"; }}'
_PATIENT_TYPE = """
h1.page { font-size: 1.6rem; } .context, .card p, .lead, .note, p.filtered { font-size: 1.25rem; }
.panel-head h2 { font-size: 1.3rem; } .panel-head p { font-size: 1.25rem; }
table.roads thead th, table.roads th, table.roads td, table.roads td b, table.roads.text td { font-size: 1.25rem; line-height: 1.25; }
table.roads .small, table.roads .how, table.roads .under { font-size: 1.1rem; }
table.roads td b { font-size: 1.2rem; } .state.too_few b, .state.not_measured b { font-size: 1.25rem !important; }
p.item, .act-now p, .findings li, .findings p { font-size: 1.25rem; } p.do { font-size: 1.1rem; }
[data-testid="stRadio"] p, [data-testid="stWidgetLabel"] p { font-size: 1.2rem; line-height: 1.3; }
@media (max-width: 1100px) {
  [data-testid="stHorizontalBlock"]:has([class*="st-key-panel_"]) { flex-wrap: wrap; }
  [data-testid="stColumn"]:has([class*="st-key-panel_"]) { flex: 1 1 100%; min-width: 100%; }
}
"""
Write = Callable[[Consultation, Any], Consultation]
_FACES = {"Clinician": Face.CLINICIAN, "Patient": Face.PATIENT}


_DESIGNS = {
    "Trials alone when three or more": DesignFilter.AUTO,
    "Randomised trials only": DesignFilter.RCT,
    "All studies": DesignFilter.ALL,
}


_CONTRASTS = {
    "Minimally invasive or open": Contrast.MIS_VERSUS_OPEN,
    "Surgery or none": Contrast.SURGERY_VERSUS_NONOPERATIVE,
}
_EVERY = "all"
ALL_TECHNIQUES = "all techniques"
_USUAL: dict[str, Any] = {
    "design": next(iter(_DESIGNS)), "same_condition": False, "cautions": False,
    "evidence_design": next(iter(_DESIGNS)), "evidence_condition": _EVERY, "evidence_cautions": False,
}  # fmt: skip
_FAULTS_SHOWN = 20
_ASKED_LATER = (importing.Ask.EMPTY_CELLS, importing.Ask.ONE_MEANING, importing.Ask.REPEATED_ROWS)
_LONGEST_LINE = 30  # characters of a note that its field shows on every sheet of paper


def configure() -> None:
    """Page configuration; the first thing an entry does."""
    st.session_state["_mishaps_told"] = set()
    st.set_page_config(page_title="Spine Choice", page_icon="◆", layout="wide", initial_sidebar_state="expanded")


def pages() -> list[st.Page]:
    """Every page, in the order of a consultation."""
    return [
        st.Page("pages/start.py", title="Start", default=True),
        st.Page("pages/indications.py", title="Indications"),
        st.Page("pages/compare.py", title="Compare"),
        st.Page("pages/risks.py", title="Risks"),
        st.Page("pages/matters.py", title="What matters"),
        st.Page("pages/decision.py", title="Decision"),
        st.Page("pages/evidence.py", title="Evidence"),
        st.Page("pages/own_results.py", title="Own results"),
        st.Page("pages/case_log.py", title="Case log"),
        st.Page("pages/saved.py", title="Saved work"),
        st.Page("pages/about.py", title="About"),
    ]


def calm(where: str) -> AbstractContextManager[None]:
    """Whatever fails inside is told in a calm section, once on a page; what stands behind goes on."""
    return mishaps.calm(where, _tell_mishap_once)


def fragment(function: Callable[..., None]) -> Callable[..., None]:
    """A part of a page that runs alone after a click in it. What fails in it, or failed in the click, is told there."""

    @wraps(function)
    def part(*arguments: Any, **options: Any) -> None:
        _tell_step_mishap()
        with mishaps.calm(function.__name__, _tell_mishap):
            function(*arguments, **options)

    return st.fragment(part)


def send_back_if_interrupted() -> None:
    """Return a reader to the page and query they asked for, when `guard` had to fetch the frame first."""
    wanted = st.session_state.pop("_return_to", None)
    if wanted:
        st.session_state["_framed"] = True
        page, query = wanted
        st.switch_page(page, query_params=query)


def guard(page: str) -> None:
    """Fetch the frame when a page was run without it; the first statement of every page.

    The first deep link to a freshly started server runs the page alone, and so does a page switch in tests.
    """
    if not st.session_state.pop("_framed", False):
        st.session_state["_return_to"] = (page, st.query_params.to_dict())
        st.switch_page("dashboard.py")


def frame(current: st.Page) -> None:
    """What stands above every page: what it is about, and whose face it shows."""
    st.session_state["_framed"] = True
    with calm("the address"):
        _follow_address()
    _lay(desk_module.set_view(desk(), _view(), saved_work))
    st.html(f"<style>{_STYLE}{_PATIENT_TYPE if face() is Face.PATIENT else ''}</style>")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="topbar"):
        st.html(f'<div class="context">{_context()}</div>')
        st.segmented_control(
            "Shown for",
            list(_FACES),
            default=None if "face" in st.session_state else "Clinician",
            key="face",
            required=True,
            label_visibility="collapsed",
            persist_state="session",
        )
    _tell_trouble()
    _tell_step_mishap()


def footer() -> None:
    """What stands below every page: what the numbers are, how old they are and which dataset they come from."""
    data = evidence()
    due = f"review due {_day(data.review_date)}"
    if date.today() > data.review_date:
        st.warning(
            f"The evidence was due for review on {_day(data.review_date)}. Newer studies are not in these numbers."
        )
    kept = (
        f"<span>{as_html(wording.draft_kept(desk().draft.expires_at))}</span>" if desk().draft and desk().saved else ""
    )
    st.html(
        f'<div class="footer"><span>{as_html(wording.NOT_A_FORECAST)}</span>{kept}<span>Evidence searched '
        f"{_day(data.search_date)} · {due} · data {as_html(data.content_hash[:7])}</span></div>"
    )


def face() -> Face:
    """Whose words are shown: the clinician's until switched."""
    return _FACES[st.session_state.get("face") or "Clinician"]


def desk() -> Desk:
    """What this window has on the desk."""
    return st.session_state.setdefault("desk", Desk())


def consultation() -> Consultation:
    return desk().consultation


def keep(changed: Consultation) -> None:
    """Put a changed consultation on the screen and on the disk. What cannot be saved is told on the next drawing.

    The condition and procedure that the screen shows are kept with every answer: it was given for them.
    """
    if changed != consultation():
        described, planned = clinical_note.subject(evidence(), changed)
        changed = change(changed, condition=described, procedure=planned)
        _lay(desk_module.put(replace(desk(), view=_view()), changed, saved_work))


def condition() -> Condition:
    """The condition the screen is about: the first of the list until one is chosen."""
    return clinical_note.subject(evidence(), consultation())[0]


def procedure() -> Procedure:
    """The planned procedure; the usual one of the condition unless another fitting one was chosen."""
    return clinical_note.subject(evidence(), consultation())[1]


def choose(
    widget: Callable[..., Any], label: str, labels: Mapping[str, str], name: str, value: str, **options: Any
) -> None:
    """A choice of how the screen is set, whose labels differ between the two faces, kept under one name.

    Streamlit remembers a choice by its label, so each face has a widget of its own; the chosen id is the truth.
    """
    key = f"{name}:{face()}"
    st.session_state[key] = str(value)
    told = as_option(widget, labels.__getitem__)
    widget(
        as_label(label), list(labels), format_func=told, key=key, on_change=_keep_choice, args=(name, key), **options
    )


def bound(
    widget: Callable[..., Any],
    label: str,
    key: str,
    value: Any,
    write: Write,
    **options: Any,
) -> None:
    """A widget that shows a part of the consultation and writes it back, saved at once."""
    st.session_state[key] = value
    if "options" in options:
        options["format_func"] = as_option(widget, options.get("format_func", str))
    widget(as_label(label), key=key, on_change=_write, args=(key, write), **options)


def note(label: str, key: str, value: str, write: Write, **options: Any) -> None:
    """A line of free text, saved while it is typed."""
    bound(st.text_input, label, key, value, write, live="0.4s", max_chars=LONGEST_NOTE, **options)
    if len(value) > _LONGEST_LINE:
        st.html(markup.on_paper("" if options.get("label_visibility") == "collapsed" else label, value))


def note_rows(
    kind: str,
    rows: tuple[Any, ...],
    blank: Any,
    fields: Mapping[str, tuple[str, int]],
    put: Callable[..., Consultation],
) -> None:
    """Lines of text fields, with an empty one to write on at the end. `fields`: label and width by part of a row."""
    for place, row in enumerate((*rows, blank)):
        for column, part in zip(st.columns([w for _, w in fields.values()], gap="small"), fields, strict=True):
            with column:
                note(
                    f"{fields[part][0]}, line {place + 1}",
                    f"{kind}_{part}:{place}",
                    getattr(row, part),
                    lambda c, text, p=part, n=place: put(c, n, **{p: text}),
                    placeholder=fields[part][0],
                    label_visibility="collapsed",
                )


def choose_answer(item_id: str, label: str) -> None:
    """The four answers to one item; none is chosen until a person does."""
    bound(
        st.segmented_control,
        label,
        f"answer:{item_id}",
        consultation().answers.get(item_id),
        lambda c, given: answer(c, item_id, None if given is None else Answer(given)),
        options=list(wording.ANSWERS),
        format_func=wording.ANSWERS.__getitem__,
        label_visibility="collapsed",
        wrap=True,
    )


def tell_trouble_at_once() -> None:
    """Draw the whole page again when a save inside a fragment failed, or works again: the banner stands outside it."""
    if st.session_state.get("_told") is not desk().trouble:
        st.rerun()


def begin(consultation: Consultation | None = None) -> None:
    """Clear the desk for the next patient. What was on it stays among the saved work."""
    clear_filters()
    _lay(Desk(consultation or Consultation(), _view()))


def finish() -> None:
    """Clear the desk after its consultation was saved as a record; its draft is not needed any more."""
    here = desk()
    with suppress(StoreError):  # it expires by itself
        if here.draft is not None and desk_module.is_recorded(here, saved_work().load_record(here.record_id or "")):
            saved_work().delete_draft(here.draft.id)
    begin()


def open_draft(draft_id: str) -> None:
    found = desk_module.reopen(draft_id, saved_work)
    if found is None:
        st.session_state["_notice"] = wording.DRAFT_GONE
    else:
        _take_up(found)


def open_record(record_id: str) -> None:
    """Put a saved record on the desk; saved again, it is a correction."""
    try:
        record = saved_work().load_record(record_id)
        if record is None:
            st.session_state["_notice"] = wording.RECORD_GONE
            return
    except StoreError as error:
        _lay(replace(desk(), trouble=error))
        return
    try:
        _take_up(desk_module.from_record(record))
    except StoreError as error:  # this one record; the others can be opened
        st.session_state["_notice"] = storage_words.told(error)


def save_record() -> None:
    """Save what is on the desk as a record; the reason is told where that fails."""
    try:
        _lay(
            desk_module.keep_record(
                desk(), saved_work(), evidence_hash=evidence().content_hash, program_version=__version__
            )
        )
        _lay(desk_module.save(desk(), saved_work))
    except StoreError as error:
        _lay(replace(desk(), trouble=error))


def keep_for_good() -> None:
    """Save the consultation as a record, and go on to the next patient."""
    here = desk()
    with st.container(border=True, key="items_record"):
        st.html(markup.heading("The record", wording.WHAT_A_RECORD_IS))
        recorded = None
        if here.record_id:
            with suppress(StoreError):
                recorded = saved_work().load_record(here.record_id)
        done = desk_module.is_recorded(here, recorded)
        with st.container(horizontal=True, vertical_alignment="center"):
            label = "Save the correction" if recorded and not done else "Save as a record"
            st.button(label, on_click=save_record, type="primary", disabled=done or here.consultation == Consultation())
            if done and st.button("Begin the next consultation"):
                finish()
                st.switch_page("pages/start.py")
        if done and recorded:
            st.html(markup.small(f"Saved as a record on {wording.day_and_time(recorded.saved_at)}."))


def take_home_sheet() -> None:
    """The handout to look at and to print, the note for the clinical record, and the answers for a hospital system."""
    data, here = evidence(), consultation()
    with st.container(border=True, key="items_handout"):
        st.html(markup.heading("To take home"))
        paper = one_of("Paper", "paper", wording.PAPERS)
        annex = st.checkbox(wording.ANNEX, key="annex", persist_state="session")
        if filters() != side_by_side.Filters():
            st.html(markup.filtered(filter_words.HANDOUT_KEEPS_USUAL))
        rates = own_rates()
        shown = side_by_side.side_by_side(data, condition(), procedure(), own=rates)
        own = own_lines(shown, Face.PATIENT)
        sheet = handout.build(data, here, clinic_items(data), date.today(), annex=annex, own=own, rates=rates)
        try:
            pages_drawn = _drawn(sheet, paper)
        except handout.HandoutError as error:
            st.error(as_label(error))
            return
        pdf, pictures = pages_drawn
        with st.container(horizontal=True):
            st.download_button(
                "Handout (PDF)", pdf, "spine-choice-handout.pdf", "application/pdf", type="primary", on_click="ignore"
            )
            st.download_button(
                "Note for the record",
                clinical_note.text(data, here, clinic_items(data), date.today(), rates),
                "spine-choice-note.txt",
                "text/plain",
                on_click="ignore",
            )
            st.download_button(
                "For a hospital system (FHIR)",
                lambda: fhir.export(data, here, datetime.now(UTC), overrides=clinic_items(data)),
                "spine-choice-fhir.json",
                "application/fhir+json",
                on_click="ignore",
            )
        if len(pictures) > handout.ONE_SHEET and not annex:
            st.html(markup.small(wording.sheet_too_long(len(pictures))))
        if sheet.replaced:
            st.html(markup.small(wording.cannot_be_printed(sheet.replaced)))
        for number, picture in enumerate(pictures, start=1):
            st.image(picture, alt=wording.preview_alt(number, len(pictures)), width="stretch")


def clear_filters() -> None:
    """Show the usual numbers again. A filter belongs to one patient: it never reaches the next, nor comes with a draft."""
    for name in st.session_state:
        if isinstance(name, str) and name.startswith(("technique_", "evidence_technique_")):
            st.session_state[name] = ALL_TECHNIQUES if name.startswith("technique_") else _EVERY
    for name, usual in _USUAL.items():
        if name in st.session_state:
            st.session_state[name] = usual
    st.session_state["_filters_cleared"] = st.session_state.get("_filters_cleared", 0) + 1


def filters() -> side_by_side.Filters:
    """The filters that are on in Compare."""
    held = st.session_state
    technique = held.get(f"technique_{procedure()}", ALL_TECHNIQUES)
    return side_by_side.Filters(
        _DESIGNS[held.get("design", _USUAL["design"])],
        None if technique == ALL_TECHNIQUES else technique,
        bool(held.get("same_condition")),
        bool(held.get("cautions")),
    )


def tell_filters(told: str) -> None:
    """A line over the numbers while a filter is on, with the way back to the usual ones."""
    if told:
        with st.container(horizontal=True, vertical_alignment="center", key="filters_on"):
            st.html(markup.filtered(told))
            st.button(filter_words.CLEAR, on_click=clear_filters)


def choose_design(key: str) -> DesignFilter:
    """Which studies count: the reader's choice, trials alone where there are enough of them until then."""
    return _DESIGNS[st.radio("Studies", list(_DESIGNS), key=key, persist_state="session")]


def choose_question() -> Question:
    """The question, from the choices over the picture. Surgery against none is asked for the condition, not a procedure."""
    data = evidence()
    what, when, against, filters = st.columns([3, 3, 6, 3], gap="small", vertical_alignment="bottom")
    with what:
        outcome = pick("Outcome", "evidence_outcome", list(Outcome), lambda o: data.outcomes[o].clinician_label)
    definition = data.outcomes[Outcome(outcome)]
    with when:
        usual = windows_of(definition).index(default_window(definition))
        window = pick("Time", f"evidence_time_{outcome}", windows_of(definition), lambda w: w.clinician_label, usual)
    with against:
        contrast = _CONTRASTS[one_of("Comparison", "evidence_contrast", list(_CONTRASTS))]
    with filters, st.popover("Filter studies", width="stretch"):
        design = choose_design("evidence_design")
        known = [_EVERY, *techniques(data, procedure())]
        technique = pick("Technique", f"evidence_technique_{procedure()}", known, wording.technique_label)
        picked = pick("Condition", "evidence_condition", [_EVERY, *data.conditions], _condition_name)
        cautions = st.toggle("Put studies with a caution back in", key="evidence_cautions", persist_state="session")
        first, last = report.years(data)
        # A slider with two ends cannot be set back by its key, so each clearing makes a new one.
        cleared = st.session_state.get("_filters_cleared", 0)
        key = f"evidence_years:{cleared}" if cleared else "evidence_years"
        years = st.slider("Published", first, last, (first, last), key=key, persist_state="session")
    without = contrast is Contrast.SURGERY_VERSUS_NONOPERATIVE
    chosen = Condition(picked) if picked != _EVERY else (condition() if without else None)
    return ask(
        data,
        procedure(),
        Outcome(outcome),
        window=window,
        contrast=contrast,
        design=design,
        technique=None if technique == _EVERY or without else technique,
        condition=chosen,
        include_cautions=cautions,
        years=None if years == (first, last) else years,
    )


def _condition_name(condition: str) -> str:
    return "all conditions" if condition == _EVERY else evidence().conditions[Condition(condition)].clinician_label


def own_summary() -> Summary | None:
    """What the clinic's case log says, from the file read in this session, else from the copy that was kept; or None."""
    own = _own()
    if own.summary is None or own.stamp is not None:
        _follow_kept_copy(own)
    return own.summary


def own_cases() -> pd.DataFrame | None:
    """The checked cases themselves, for curves over the single cases."""
    return _own().cases


def _own() -> OwnCases:
    if "own" not in st.session_state:
        st.session_state["own"] = OwnCases()
    return st.session_state["own"]


def _follow_kept_copy(own: OwnCases) -> None:
    """Make the cases of this session those of the kept copy, which may have been kept or forgotten in another one."""
    try:
        opened = saved_work()
        stamp = opened.kept_stamp(kept_log.CASES)
        if stamp is None or stamp != own.stamp:
            own.clear()
            own.stamp = stamp
            cases = kept_log.kept(opened)
            if cases is not None:
                own.take(cases, summarise(cases), stamp=stamp)
    except StoreError as error:
        if error.trouble is not Trouble.LOCKED:  # that passes; what is held is still what is kept
            own.clear()
            lay_trouble(error)
    except CaseLogError as error:
        own.fault = str(error)


def path_field() -> str:
    """The path of a file on this computer, where paths are not switched off."""
    return st.text_input(keeping.PATH, key="case_log_path") if paths.are_allowed() else ""


def registry_hint() -> str:
    return own_results.REGISTRY_HINT if paths.are_allowed() else keeping.REGISTRY_WITHOUT_PATHS


def file_on_disk(path: str) -> OnDisk:
    """The file of a path that was typed or pasted, with or without quotes."""
    return OnDisk(Path(os.path.expanduser(path.strip().strip("\"'"))))


def use_cases(log: CaseLog) -> None:
    """Take the cases that were just read for this session; nothing is kept on the disk until it is asked for."""
    _own().take(log.cases, summarise(log.cases), log=log)


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
        seen.html(markup.small(f"So it is read: “{word}”. If this looks wrong, choose other letters."))
    return preview


def use_registry(address: str, table: str) -> None:
    """Count the cases of a database, or of files too large for memory, where they are; only the summary comes here."""
    from decision_aid.audit import limits, registry  # an optional package, and slow to load

    try:
        paths.check_address(address, table)
        with st.spinner("Counting where the cases are …"):
            summary = registry.count_there(address, table)
    except Exception as error:  # every engine has errors of its own; an address may hold a password and is not told
        st.error(as_label(own_results.no_registry(error, limits.reason(error, address))))
        return
    _own().take(None, summary)
    st.switch_page("pages/own_results.py")


def use_example_cases() -> None:
    cases = example_cases()
    _own().take(cases, summarise(cases), invented=True)


def plan_from_answers(preview: Preview, plan: Plan, remembered: Plan | None) -> Plan | None:
    """The plan with what was answered about a file; None while an answer is missing: nothing that can mean two things is guessed."""
    found = preview.questions(plan.mapping)
    asked = [q for q in found if q.ask not in _ASKED_LATER]
    if isinstance(log := _own().log, CaseLog) and (more := preview.questions_after(log, plan.mapping)):
        asked, remembered = [*asked, *more], log.plan
    if found or asked:
        st.html(markup.heading("What the file does not say"))
    after: Plan | None = plan
    for question in asked:
        after = _answered(preview, question, after, remembered)
        if after is None:
            return None
    for objection in preview.objections(after):
        st.html(markup.note(objection))
    if preview.objections(after):
        return None
    repeated = [q for q in found if q.ask is importing.Ask.REPEATED_ROWS]
    for question in (*preview.later_questions(after), *repeated):
        after = _answered(preview, question, after, remembered)
        if after is None:
            return None
    if told := preview.statements(after):
        st.html(markup.to_know(own_results.EVERYBODY_THE_SAME, told))
    return after


def _answered(preview: Preview, question: importing.Question, plan: Plan, remembered: Plan | None) -> Plan | None:
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
    st.html(markup.small(question.text))
    is_whole = question.whole_file or (preview.row_count or ROWS_LOOKED_AT + 1) <= ROWS_LOOKED_AT
    of = "" if is_whole else f" of the first {ROWS_LOOKED_AT:,}"
    meant = {}
    for column, word in zip(st.columns(4) * len(question.words), question.words, strict=False):
        offered, rows = question.offered(word), question.rows.get(word, 0)
        proposed = before(word) or question.suggested.get(word)
        told = f"{rows:,}{of} {'row' if rows == 1 and not of else 'rows'}"

        def shown(choice: str, told: str = told) -> str:
            return f"{choice} ({told})" if choice in (AS_LEFT_OUT, AS_SET_ASIDE) else choice

        with column:
            meant[word] = st.selectbox(
                as_label(f"{word} ({told})"),
                offered,
                index=offered.index(proposed) if proposed in offered else None,
                key=f"{key}:{word}",
                format_func=as_option(st.selectbox, shown),
            )
    return importing.answered(plan, question, meant) if all(meant.values()) else None


def what_was_read() -> None:
    """What became of every row and column of the file that was read in this session."""
    own = _own()
    log = own.log
    if own.invented:
        st.html(markup.note(own_results.INVENTED))
    if log is not None:
        dropped = tuple(log.dropped_columns.items())
        faults = importing.sentences(log, _FAULTS_SHOWN)
        counts = (log.used, log.set_aside_rows, log.left_out_rows)
        st.html(markup.set_aside(*counts, importing.to_know(log), faults, dropped))
        if log.set_aside_rows:
            st.download_button(
                "The rows set aside (CSV)",
                lambda: (
                    importing.set_aside_csv(own.log) if own.log else ""
                ),  # never the log itself: it may be forgotten
                "rows-set-aside.csv",
                "text/csv",
                on_click="ignore",
            )
    read = log is not None or own.invented
    if read and st.button("See the own results", type="primary"):
        st.switch_page("pages/own_results.py")


def own_log_settings(summary: Summary) -> None:
    """What stands over the own results: the log, whether it is shown in the consultation, keeping and forgetting it."""
    st.session_state.setdefault("own_on", False)
    with st.container(horizontal=True, vertical_alignment="center", key="own_settings"):
        st.html(markup.small(own_results.log_sentence(summary)))
        own = _own()
        if own.invented:
            st.html(markup.small(own_results.INVENTED))
        else:
            if isinstance(log := own.log, CaseLog):
                st.html(markup.small(own_results.file_sentence(log)))
            st.toggle(own_results.ON_IN_CONSULTATION, key="own_on", persist_state="session")
            if own.log is not None and own.stamp is None:
                st.button("Keep a checked copy on this computer", on_click=_keep_cases)
        with st.popover("Forget", key="forget_cases"):
            st.html(markup.small(keeping.what_forget_takes(own.invented, remembered_choices())))
            st.button("Yes, forget these cases", on_click=_forget_cases)
        if st.button("Read another log"):
            st.switch_page("pages/case_log.py")


def _keep_cases() -> None:
    own = _own()
    if own.cases is None:
        return
    try:
        own.stamp = kept_log.keep(saved_work(), own.cases)
    except StoreError as error:
        st.session_state["_notice"] = storage_words.told(error)
    else:
        _let_go_of_files()
        st.session_state["_notice"] = keeping.kept_copy(folder_of_saved_work(), _passphrase() is not None)


def _forget_cases() -> None:
    """Forget the cases everywhere: in this session, on the disk, and in every session that holds the kept copy."""
    own = _own()
    invented = own.invented
    own.clear()
    st.session_state.pop("own_on", None)
    _let_go_of_files()
    if invented:
        return
    try:
        kept_log.forget(saved_work())
    except StoreError as error:
        st.session_state["_notice"] = keeping.forgotten_here_only(storage_words.told(error))
    except CaseLogError as error:
        st.session_state["_notice"] = str(error)
    else:
        st.session_state["_notice"] = keeping.FORGOTTEN


def _let_go_of_files() -> None:
    """Drop the files that were handed over in this window, and where others are; the fields for them are empty again."""
    context = get_script_run_ctx()
    if context is not None:
        context.uploaded_file_mgr.remove_session_files(context.session_id)
    st.session_state["_uploads"] = st.session_state.get("_uploads", 0) + 1
    for field in ("case_log_path", "registry_address", "registry_table"):
        st.session_state.pop(field, None)


def upload_key() -> str:
    """The name of the field for a file, another one after what was handed over was forgotten."""
    return f"case_log_file:{st.session_state.get('_uploads', 0)}"


def remember_choices(plan: Plan) -> None:
    """Keep how a file was read for the next one with the same columns, because that was asked for."""
    try:
        kept_log.keep_plan(saved_work(), plan)
    except StoreError as error:
        st.error(as_label(storage_words.told(error)))


def remembered_choices() -> Plan | None:
    """How the last file was read for which that was to be remembered, or None."""
    try:
        return kept_log.kept_plan(saved_work())
    except StoreError:  # told when something is to be saved
        return None


def tell_remembered_choices() -> None:
    """Which choices are remembered, and the way to be rid of them."""
    plan = remembered_choices()
    if plan is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.html(markup.small(keeping.remembered(plan)))
            st.button("Forget the remembered choices", on_click=_forget_choices)


def tell_fault_of_copy() -> None:
    """Why the kept copy cannot be read, and the way to be rid of it."""
    if _own().fault:
        st.error(as_label(_own().fault))
        st.button("Forget the kept copy", on_click=_forget_cases)


def _forget_choices() -> None:
    try:
        kept_log.forget_plan(saved_work())
    except StoreError as error:
        st.session_state["_notice"] = storage_words.told(error)


def own_is_shown() -> bool:
    """Whether the surgeon switched the own results on for the consultation."""
    on = bool(st.session_state.get("own_on")) and not _own().invented
    return on and own_summary() is not None


def own_lines(table: SideBySide, whose: Face) -> own_results.OwnLines:
    """“In this clinic” for every row of a table, when switched on."""
    summary = own_summary() if own_is_shown() else None
    return own_results.lines_beside(summary, table, whose) if summary else {}


def own_rates() -> tuple[OwnRates, ...]:
    """What this clinic counted of each harm: as entered on Risks, else as in the case log that is switched on.

    The same for both faces and every page, sheet and note.
    """
    summary = own_summary() if own_is_shown() else None
    logged = {}
    if summary:
        shown = risks.table(evidence(), condition(), procedure())
        logged = {r.outcome: r for r in own_results.rates_of(summary, shown)}
    entered = {r.outcome: r for r in entered_rates()}
    return tuple({**logged, **entered}.values())


def entered_rates() -> tuple[OwnRates, ...]:
    """The counts that were typed on Risks, of every harm that has a whole and possible one."""
    return tuple(rates for h in risks.HARMS if (rates := _entered(h)) is not None)


def _entered(harm: Outcome) -> OwnRates | None:
    """The counts that were typed for a harm; None until there is a whole and possible one."""
    counts = _counts(harm)
    found = []
    for approach in Approach:
        events, n = (counts.get(f"{approach}:{what}") for what in ("events", "cases"))
        whole = events is not None and n is not None and 0 <= events <= n and n > 0
        found.append(OwnRate(events, n) if whole else None)
    return OwnRates(harm, *found) if any(found) else None


def _counts(harm: Outcome) -> dict[str, int | None]:
    entered: dict[str, dict[str, int | None]] = st.session_state.setdefault("own_counts", {})
    return entered.setdefault(f"{procedure()}:{harm}", {})


def enter_own_counts(harm: Outcome) -> None:
    """Fields for what the clinic counted itself; empty, the case log's counts stand where it is switched on."""
    if face() is Face.PATIENT:
        return
    counts = _counts(harm)
    with st.popover(wording.OWN_COUNTS):
        st.html(markup.small(wording.OWN_COUNTS_HINT))
        for approach in Approach:
            for column, (what, label) in zip(st.columns(2), wording.OWN_COUNT_FIELDS.items(), strict=True):
                key = f"own_{what}_{approach}_{procedure()}_{harm}"
                st.session_state[key] = counts.get(f"{approach}:{what}")
                column.number_input(
                    as_label(f"{ROADS[own_results.ROAD_OF[approach]].label}: {label}"),
                    min_value=0,
                    value=None,
                    step=1,
                    key=key,
                    on_change=_keep_count,
                    args=(harm, f"{approach}:{what}", key),
                )
            events, n = (counts.get(f"{approach}:{what}") for what in wording.OWN_COUNT_FIELDS)
            if events is not None and n is not None and events > n:
                st.html(markup.note(wording.more_events_than_cases(events, n)))


def _keep_count(harm: Outcome, name: str, key: str) -> None:
    _counts(harm)[name] = st.session_state[key]


def acceptable_rate(published: float | None, approach: Approach) -> float | None:
    """The rate of complications (0 to 1) the clinic accepts, as entered here; else the published one of a pool, or None."""
    key = f"acceptable_{procedure()}_{approach}"
    entered = st.number_input(
        as_label(f"{own_results.ACCEPTABLE}, {ROADS[own_results.ROAD_OF[approach]].label.lower()}"),
        min_value=0.1,
        max_value=99.9,
        value=None,
        step=0.5,
        key=key,
        placeholder="not entered" if published is None else f"published: {100 * published:.1f}",
        persist_state="session",
    )
    return published if entered is None else entered / 100


def saved_work() -> Store:
    """The drafts and records of this computer. Raises `StoreError` where they cannot be opened.

    Each window opens them with the passphrase that was given in it, and with no other.
    """
    return _open_store(str(store.default_path()), _passphrase())


def title_of(kept: Draft | Record) -> str:
    """What a saved consultation is about; one that cannot be read says so instead."""
    try:
        return wording.consultation_title(desk_module.consultation_of(kept), evidence())
    except StoreError as error:
        return storage_words.told(error)


def delete_draft(draft_id: str) -> None:
    _delete(draft_id, Store.delete_draft)
    if desk().draft_id == draft_id and desk().trouble is None:
        begin()


def delete_record(record_id: str) -> None:
    _delete(record_id, Store.delete_record)
    if desk().record_id == record_id and desk().trouble is None:
        _lay(desk_module.save(replace(desk(), record_id=None), saved_work))


def folder_of_saved_work() -> Path:
    return store.default_path().parent


def where_kept() -> str:
    """Where saved work is, and whose account may read it there: on Windows that is the folder's matter, not the file's."""
    own_folder = "DECISION_AID_HOME" not in os.environ
    return wording.where_kept(folder_of_saved_work(), private=os.name == "posix" or own_folder)


def tell_kept_copy() -> None:
    """What else is in the saved work: own cases and the choices of a file, with the way to be rid of both."""
    opened = saved_work()
    copy, choices = (opened.kept_stamp(name) is not None for name in (kept_log.CASES, kept_log.PLAN))
    if copy or choices:
        st.html(markup.heading("Own cases", keeping.what_is_kept(copy, choices)))
        with st.popover("Forget", key="forget_kept"):
            st.html(markup.small(keeping.what_forget_takes(False, remembered_choices())))
            st.button("Yes, forget them", on_click=_forget_cases)


def lay_trouble(error: StoreError) -> None:
    """Tell why the saved work cannot be shown, with what can be done about it."""
    if desk().trouble is None:
        _lay(replace(desk(), trouble=error))
        st.rerun()


def unlock(passphrase: str | None) -> None:
    """Use this passphrase from now on, in this window alone; it is held in memory only."""
    st.session_state["_passphrase"] = passphrase


def _passphrase() -> str | None:
    return st.session_state.get("_passphrase")


def lock() -> None:
    """Close the saved work for this window, and take from it what was open. The passphrase brings it back.

    What is on the screen is saved first. Where that fails, the window stays as it is.
    """
    here = desk() if desk().saved else desk_module.save(desk(), saved_work)
    if not here.saved:
        _lay(here)
        st.session_state["_notice"] = keeping.NOT_LOCKED
        return
    _open_store.clear(str(store.default_path()), _passphrase())
    unlock(None)
    _own().clear()
    _let_go_of_files()
    for name in ("_sheet", "own_on"):
        st.session_state.pop(name, None)
    _lay(_unlockable(Desk(wanted=here.draft_id), saved_work))


def one_of(label: str, key: str, options: Sequence[str]) -> str:
    """One of a few ways to set the screen, the first until another is chosen; remembered through pages and faces."""
    return st.segmented_control(
        as_label(label),
        options,
        format_func=as_label,
        default=None if key in st.session_state else options[0],
        key=key,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
        wrap=True,
    )


def pick(label: str, key: str, options: Sequence[Any], told: Callable[[Any], str], first: int = 0) -> Any:
    """One of many, from a list that opens."""
    worded = as_option(st.selectbox, told)
    return st.selectbox(as_label(label), options, index=first, format_func=worded, key=key, persist_state="session")


def other_consultations() -> None:
    """The ways to another consultation: a new one, the last one that was left open, the demonstration."""
    if consultation() != Consultation():
        st.button("Begin a new consultation", on_click=begin, width="stretch")
    else:
        with suppress(StoreError):  # told when something is to be saved; an empty screen has nothing to lose
            for draft in saved_work().list_drafts()[:1]:
                when = wording.day_and_time(draft.saved_at)
                st.button(f"Continue the last one, {when}", on_click=open_draft, args=(draft.id,), width="stretch")
    if st.button(wording.EXAMPLE, on_click=choose_example, width="stretch"):
        st.switch_page("pages/compare.py")


def red_flags() -> None:
    """The action banner on a page of numbers, when a red flag was answered with yes."""
    data = evidence()
    asked = checklist.checklist(data, condition(), procedure(), clinic_items(data))
    found = checklist.findings(asked, consultation().answers).act_now
    if found:
        st.html(markup.act_now(found, face()))


def clinic_items(data: Evidence) -> dict[str, dict[str, str]]:
    """The clinic's own wording of checklist items; every fault of its file is shown and nothing of it is used."""
    path = checklist.clinic_file()
    if path is None:
        return {}
    try:
        return checklist.load_overrides(path, [row.item_id for row in data.indications])
    except EvidenceError as error:
        st.error("The clinic's own items are not used: the file has faults. The published items are shown.")
        st.html(markup.problem_list(error.problems))
        return {}


def choose_example() -> None:
    """The demonstration: a herniated disc at L5/S1 with a disc operation planned. What was open stays saved."""
    begin(Consultation(Condition.DISC_HERNIATION, Procedure.DISCECTOMY, "L5/S1"))


def evidence() -> Evidence:
    """The dataset, loaded once for all sessions and again only after a file changed.

    A dataset with faults is never used: the page shows every fault and stops.
    """
    folder = evidence_module.directory(_arguments().data)
    try:
        # One text is hashed faster than a tuple, and a folder may have a name that is no text.
        return _load(os.fsencode(folder), repr(evidence_module.fingerprint(folder)))
    except EvidenceError as error:
        st.html('<h1 class="page">The evidence cannot be shown</h1>')
        many = f"{len(error.problems):,} faults" if len(error.problems) > 1 else "1 fault"
        st.error(
            f"{many} in {as_label(folder)}. Nothing is shown from a dataset with faults. Mend the cells below, or start again "
            "with the dataset that came with the program, then reload this page."
        )
        st.html(markup.problem_list(error.problems[:200]))
        st.stop()


def title(text: str) -> None:
    st.html(f'<h1 class="page">{as_html(text)}</h1>')


@st.cache_resource(show_spinner="Reading the evidence …", max_entries=4)
def _load(folder: bytes, fingerprint: str) -> Evidence:
    return evidence_module.load(Path(os.fsdecode(folder)))


def _drawn(sheet: Handout, paper: str) -> tuple[bytes, list[bytes]]:
    """The handout as PDF and as pictures, made again only when something on it changed. Kept in this session alone."""
    kept = st.session_state.get("_sheet")
    if kept is None or kept[0] != (sheet, paper):
        size = handout.Paper.A4 if paper == wording.PAPERS[0] else handout.Paper.LETTER
        kept = (sheet, paper), (handout.compile_pdf(sheet, size), handout.compile_png(sheet, size))
        st.session_state["_sheet"] = kept
    return kept[1]


@st.cache_resource(show_spinner=False, scope="session", max_entries=2, on_release=Store.close)
def _open_store(path: str, passphrase: str | None) -> Store:
    """Opened for one window, and closed with it: no other window ever reads through it."""
    opened = Store(Path(path), passphrase)
    with suppress(StoreError):  # what cannot be deleted now is deleted at the next start
        opened.expire_drafts()
    with suppress(StoreError, CaseLogError):
        kept_log.take_over(opened)
    return opened


@st.cache_resource(show_spinner=False)
def _arguments() -> argparse.Namespace:
    """What stands after `--` on the command line."""
    parser = argparse.ArgumentParser(prog="streamlit run dashboard.py --", add_help=False, exit_on_error=False)
    parser.add_argument("--data")
    return parser.parse_known_args(sys.argv[1:])[0]


def _keep_choice(name: str, key: str) -> None:
    if st.session_state[key] is not None:
        st.session_state[name] = st.session_state[key]


def _write(key: str, write: Write) -> None:
    keep(write(consultation(), st.session_state[key]))


def _lay(changed: Desk) -> None:
    """Put a desk before the reader and its random name into the address, so that a refresh finds it again."""
    st.session_state["desk"] = changed
    if changed.draft_id is None:
        if "draft" in st.query_params:
            del st.query_params["draft"]
    elif st.query_params.get("draft") != changed.draft_id:
        st.query_params["draft"] = changed.draft_id


def _take_up(found: Desk) -> None:
    """Lay another desk, with the screen set as it was, but for filters: nobody would see that they came along."""
    clear_filters()
    st.session_state["desk"] = found
    for name, value in found.view.items():
        allowed = _VIEW.get(name)
        if allowed and value in allowed:
            st.session_state[name] = value


def _follow_address() -> None:
    """Open the draft that the address names, as after a refresh or a restart."""
    asked = st.query_params.get("draft")
    if asked and asked != desk().draft_id and desk().saved:
        open_draft(asked)
    if not st.session_state.get("_met"):
        st.session_state["_met"] = True
        try:
            if _passphrase() is None and store.is_encrypted():
                _settle(_unlockable)  # asked for at the start, not after the first answer
        except StoreError as error:
            _lay(replace(desk(), trouble=desk().trouble or error))
    notice = st.session_state.pop("_notice", "")
    if notice:
        st.info(as_label(notice))


# How a screen may be set, by name of the choice: what a draft brings back of it, and nothing else.
_VIEW: dict[str, tuple[Any, ...]] = {
    "face": tuple(_FACES),
    "path": ("Short path", "Full list"),
    "order": wording.ORDERS,
    "harm": tuple(str(h) for h in risks.HARMS),
    "recovery": ("odi", "rdq", "vas_leg", "vas_back", "time_to_ambulation", "return_to_work"),
    "own_on": (True, False),
    "step": wording.STEPS,
    "paper": wording.PAPERS,
}


def _view() -> dict[str, Any]:
    return {name: st.session_state[name] for name in _VIEW if name in st.session_state}


def _tell_trouble() -> None:
    """Why the last change is not on the disk, and what can be done about it. The work stays on the screen."""
    here = desk()
    st.session_state["_told"] = here.trouble
    if here.trouble is None:
        return
    trouble = here.trouble.trouble
    with st.container(border=True, key="trouble"):
        if trouble is Trouble.WRONG_PASSPHRASE and here.consultation == Consultation():
            st.html(markup.trouble(storage_words.told(here.trouble, on_screen=False), (), "Locked"))
        else:
            st.html(markup.trouble(storage_words.told(here.trouble), _differences(here)))
        with st.container(horizontal=True):
            if trouble is Trouble.CONFLICT:
                st.button("Keep what is on this screen", on_click=_settle, args=(desk_module.keep_mine,))
                st.button("Take what the other window saved", on_click=_settle_with_theirs)
            elif trouble is Trouble.GONE:
                st.button("Save as a new draft", on_click=_settle, args=(desk_module.as_new_draft,))
            elif trouble is Trouble.DAMAGED:
                st.button("Set the file aside and go on", on_click=_set_aside)
            elif trouble is Trouble.WRONG_PASSPHRASE:
                st.text_input(
                    "Passphrase of the saved work", type="password", key="passphrase", on_change=_try_passphrase
                )
                if _passphrase() is not None:  # it was taken off in another window
                    st.button("Go on without a passphrase", on_click=_try_without)
            else:
                st.button("Try again", on_click=_settle, args=(_again,))
            if here.consultation != Consultation():
                st.download_button(
                    wording.DOWNLOAD_SCREEN,
                    desk_module.as_text(here),
                    "consultation.json",
                    "application/json",
                    on_click="ignore",
                )


def _differences(here: Desk) -> list[str]:
    """In which parts the two windows differ, in words."""
    if here.theirs is None:
        return []
    try:
        theirs = desk_module.consultation_of(here.theirs)
    except StoreError:
        return []
    return [
        name
        for part, name in wording.PARTS_OF_A_CONSULTATION.items()
        if getattr(theirs, part) != getattr(here.consultation, part)
    ]


def _delete(entry_id: str, how: Callable[[Store, str], bool]) -> None:
    try:
        how(saved_work(), entry_id)
    except StoreError as error:
        _lay(replace(desk(), trouble=error))


def passphrase() -> None:
    """Switch the encryption of saved work on, off, or to another passphrase, with its loss explained before."""
    encrypted = _passphrase() is not None
    if encrypted:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Lock", on_click=lock, help=keeping.WHAT_LOCKING_DOES)
    with st.expander("Passphrase", key="passphrase_part"):
        st.html(markup.small(wording.PASSPHRASE_ON if encrypted else wording.PASSPHRASE_OFF))
        st.html(markup.small(storage_words.PASSPHRASE_LOSS))
        first, second = st.columns(2, gap="small")
        first.text_input("New passphrase", type="password", key="new_passphrase")
        second.text_input("The same again", type="password", key="new_passphrase_again")
        with st.container(horizontal=True):
            st.button("Change the passphrase" if encrypted else "Encrypt saved work", on_click=_encrypt)
            if encrypted:
                st.button("Take the passphrase off", on_click=_change_passphrase, args=(None,))


def _encrypt() -> None:
    fields = ("new_passphrase", "new_passphrase_again")
    first, second = (st.session_state.get(name, "") for name in fields)
    st.session_state.update(dict.fromkeys(fields, ""))  # never left standing on the screen
    if first != second:
        st.session_state["_notice"] = wording.PASSPHRASES_DIFFER
    else:
        _change_passphrase(first)


def _change_passphrase(new: str | None) -> None:
    """Keep everything under the new passphrase, or none; the reason is told where that fails."""
    try:
        store.change_passphrase(store.default_path(), _passphrase(), new)
    except StoreError as error:
        st.session_state["_notice"] = storage_words.told(error)
        return
    _open_store.clear(str(store.default_path()), _passphrase())
    unlock(new)
    st.session_state["_notice"] = wording.PASSPHRASE_TAKEN_OFF if new is None else wording.PASSPHRASE_CHANGED


def _settle(how: Callable[[Desk, Callable[[], Store]], Desk]) -> None:
    _lay(how(desk(), saved_work))


def _settle_with_theirs() -> None:
    _take_up(desk_module.take_theirs(desk()))


def _again(here: Desk, open_store: Callable[[], Store]) -> Desk:
    """Open what was wanted, where nothing was entered since; else save what is on the desk."""
    if here.wanted and here.consultation == Consultation():
        clear_filters()
        return desk_module.reopen(here.wanted, open_store) or Desk()
    if here.consultation == Consultation():
        return replace(here, trouble=None)
    return desk_module.save(here, open_store)


def _unlockable(here: Desk, open_store: Callable[[], Store]) -> Desk:
    """The desk, with the trouble named when saved work cannot be opened."""
    try:
        open_store()
    except StoreError as error:
        return replace(here, trouble=here.trouble or error)
    return here


def _set_aside() -> None:
    """Give damaged files another name, and go on with what is whole."""
    held = _passphrase()
    try:
        _refuse_without_passphrase()
        count = store.set_aside_damaged(store.default_path(), held)
        _open_store.clear(str(store.default_path()), held)
        st.session_state["_notice"] = wording.set_aside(count)
    except StoreError as error:
        _lay(replace(desk(), trouble=error))
        return
    _settle(_again)
    if desk().trouble is not None and desk().trouble.trouble is Trouble.GONE:
        _settle(desk_module.as_new_draft)


def _refuse_without_passphrase() -> None:
    """Raises `StoreError` where this window may not touch the files, because the passphrase was not given in it."""
    try:
        saved_work().kept_stamp(kept_log.CASES)
    except StoreError as error:
        if error.trouble is Trouble.WRONG_PASSPHRASE:
            raise


def delete_file_set_aside(file: Path) -> None:
    try:
        _refuse_without_passphrase()
        store.delete_set_aside(file)
    except StoreError as error:
        _lay(replace(desk(), trouble=error))


def _try_passphrase() -> None:
    before = _passphrase()
    unlock(st.session_state.pop("passphrase", None) or None)
    try:
        saved_work()
    except StoreError as error:
        unlock(before)
        _lay(replace(desk(), trouble=error))
        return
    _settle(_again)


def _try_without() -> None:
    unlock(None)
    _settle(_again)


def _tell_mishap(where: str, error: Exception) -> None:
    """A calm section where something failed: what to do, and what is on the screen to take along."""
    if isinstance(error, StoreError):
        st.html(markup.trouble(storage_words.told(error), ()))
        return
    st.html(markup.mishap(wording.MISHAP, wording.mishap(desk().saved)))
    if consultation() != Consultation():
        st.download_button(
            wording.DOWNLOAD_SCREEN,
            desk_module.as_text(desk()),
            "consultation.json",
            "application/json",
            key=f"mishap:{where}",
            on_click="ignore",
        )


def _tell_mishap_once(where: str, error: Exception) -> None:
    told = st.session_state.setdefault("_mishaps_told", set())
    if type(error) not in told:  # what breaks the frame breaks the page and the footer as well
        told.add(type(error))
        _tell_mishap(where, error)


def _note_mishap(where: str, error: Exception) -> None:
    """Remember that a click or an entry failed: the page is drawn afterwards, and says so."""
    if isinstance(error, StoreError):
        _lay(replace(desk(), trouble=error))
    else:
        st.session_state["_mishap"] = True


def _tell_step_mishap() -> None:
    if st.session_state.pop("_mishap", False):
        st.html(markup.mishap(wording.MISHAP_OF_A_STEP, wording.mishap_of_a_step(desk().saved)))


def _keep_calm() -> None:
    """Clicks and the making of files run outside every page: the one place that Streamlit calls each from is wrapped."""
    from streamlit.runtime.media_file_manager import MediaFileManager
    from streamlit.runtime.state.session_state import WStates

    register = MediaFileManager.add_deferred

    @wraps(register)
    def add_deferred(self: MediaFileManager, data_callable: Callable[[], Any], *rest: Any, **options: Any) -> str:
        return register(self, mishaps.made_or_refused(data_callable), *rest, **options)

    MediaFileManager.add_deferred = add_deferred  # type: ignore[method-assign]
    WStates.call_callback = mishaps.calmly(WStates.call_callback, _note_mishap)  # type: ignore[method-assign]


with suppress(ImportError, AttributeError):  # places of a newer Streamlit: the program runs, and its tests say so
    _keep_calm()


def _context() -> str:
    data = evidence()
    described, planned = data.conditions[condition()], data.procedures[procedure()]
    patient = face() is Face.PATIENT
    parts = [
        described.patient_label if patient else described.clinician_label,
        planned.patient_label if patient else planned.clinician_label,
        consultation().level,
    ]
    return " · ".join(f"<b>{as_html(p)}</b>" if i == 0 else as_html(p) for i, p in enumerate(parts) if p)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
