"""The frame round every page: navigation, face switch, context, footer, entry guard, and the way to the evidence.

The only module of the package that knows Streamlit.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import streamlit as st

from decision_aid import evidence as evidence_module
from decision_aid import indications, markup, wording
from decision_aid.consultation import Answer
from decision_aid.escaping import as_html
from decision_aid.evidence import Evidence
from decision_aid.numerals import Face
from decision_aid.schema import Condition, EvidenceError, Procedure

_STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
_PATIENT_TYPE = """
h1.page { font-size: 1.6rem; } .context, .card p, .lead, .note { font-size: 1.25rem; }
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
_FACES = {"Clinician": Face.CLINICIAN, "Patient": Face.PATIENT}


def configure() -> None:
    """Page configuration and style; the first thing an entry does."""
    st.set_page_config(page_title="Spine Choice", page_icon="◆", layout="wide", initial_sidebar_state="expanded")


def pages() -> list[st.Page]:
    """Every page, in the order of a consultation."""
    return [
        st.Page("pages/start.py", title="Start", default=True),
        st.Page("pages/indications.py", title="Indications"),
        st.Page("pages/compare.py", title="Compare"),
    ]


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


def footer() -> None:
    """What stands below every page: what the numbers are, how old they are and which dataset they come from."""
    data = evidence()
    due = f"review due {_day(data.review_date)}"
    if date.today() > data.review_date:
        st.warning(
            f"The evidence was due for review on {_day(data.review_date)}. Newer studies are not in these numbers."
        )
    st.html(
        f'<div class="footer"><span>{as_html(wording.NOT_A_FORECAST)}</span><span>Evidence searched '
        f"{_day(data.search_date)} · {due} · data {data.content_hash[:7]}</span></div>"
    )


def face() -> Face:
    """Whose words are shown: the clinician's until switched."""
    return _FACES[st.session_state.get("face") or "Clinician"]


def condition() -> Condition:
    return Condition(st.session_state.get("condition") or Condition.DISC_HERNIATION)


def procedure() -> Procedure:
    """The planned procedure; the usual one of the condition unless another fitting one was chosen."""
    usual = evidence().conditions[condition()].procedures
    chosen = st.session_state.get("procedure")
    return Procedure(chosen) if chosen in usual else usual[0]


def choose(
    widget: Callable[..., Any], label: str, labels: Mapping[str, str], name: str, value: str, **options: Any
) -> None:
    """A choice whose labels differ between the two faces, kept under one name.

    Streamlit remembers a choice by its label, so each face has a widget of its own; the chosen id is the truth.
    """
    key = f"{name}:{face()}"
    st.session_state[key] = str(value)
    widget(label, list(labels), format_func=labels.get, key=key, on_change=_keep, args=(name, key), **options)


def answers() -> dict[str, Answer]:
    """The answers given on the checklist so far, by item."""
    return st.session_state.setdefault("answers", {})


def choose_answer(item_id: str, label: str) -> None:
    """The four answers to one item; none is chosen until a person does."""
    key = f"answer:{item_id}"
    st.session_state[key] = answers().get(item_id)
    st.segmented_control(
        label,
        list(wording.ANSWERS),
        format_func=wording.ANSWERS.__getitem__,
        key=key,
        on_change=_keep_answer,
        args=(item_id, key),
        label_visibility="collapsed",
    )


def _keep_answer(item_id: str, key: str) -> None:
    given = st.session_state[key]
    kept = {k: v for k, v in answers().items() if k != item_id}
    st.session_state["answers"] = kept if given is None else {**kept, item_id: Answer(given)}


def red_flags() -> None:
    """The action banner on a page of numbers, when a red flag was answered with yes."""
    data = evidence()
    asked = indications.checklist(data, condition(), procedure(), clinic_items(data))
    found = indications.findings(asked, answers()).act_now
    if found:
        st.html(markup.act_now(found, face()))


def clinic_items(data: Evidence) -> dict[str, dict[str, str]]:
    """The clinic's own wording of checklist items; every fault of its file is shown and nothing of it is used."""
    path = indications.clinic_file()
    if path is None:
        return {}
    try:
        return indications.load_overrides(path, [row.item_id for row in data.indications])
    except EvidenceError as error:
        st.error("The clinic's own items are not used: the file has faults. The published items are shown.")
        st.html(markup.problem_list(error.problems))
        return {}


def choose_example() -> None:
    """Fill in the demonstration: a herniated disc at L5/S1 with a disc operation planned."""
    st.session_state.update(
        condition=str(Condition.DISC_HERNIATION), procedure=str(Procedure.DISCECTOMY), level="L5/S1"
    )


def _keep(name: str, key: str) -> None:
    if st.session_state[key] is not None:
        st.session_state[name] = st.session_state[key]


def evidence() -> Evidence:
    """The dataset, loaded once for all sessions and again only after a file changed.

    A dataset with faults is never used: the page shows every fault and stops.
    """
    folder = evidence_module.directory(_arguments().data)
    try:
        return _load(str(folder), repr(evidence_module.fingerprint(folder)))  # one text is hashed faster than a tuple
    except EvidenceError as error:
        st.html('<h1 class="page">The evidence cannot be shown</h1>')
        many = f"{len(error.problems):,} faults" if len(error.problems) > 1 else "1 fault"
        st.error(
            f"{many} in {folder}. Nothing is shown from a dataset with faults. Mend the cells below, or start again "
            "with the dataset that came with the program, then reload this page."
        )
        st.html(markup.problem_list(error.problems[:200]))
        st.stop()


def title(text: str) -> None:
    st.html(f'<h1 class="page">{as_html(text)}</h1>')


@st.cache_resource(show_spinner="Reading the evidence …", max_entries=4)
def _load(folder: str, fingerprint: str) -> Evidence:
    return evidence_module.load(Path(folder))


@st.cache_resource(show_spinner=False)
def _arguments() -> argparse.Namespace:
    """What stands after `--` on the command line."""
    parser = argparse.ArgumentParser(prog="streamlit run dashboard.py --", add_help=False, exit_on_error=False)
    parser.add_argument("--data")
    return parser.parse_known_args(sys.argv[1:])[0]


def _context() -> str:
    data = evidence()
    described, planned = data.conditions[condition()], data.procedures[procedure()]
    patient = face() is Face.PATIENT
    parts = [
        described.patient_label if patient else described.clinician_label,
        planned.patient_label if patient else planned.clinician_label,
        st.session_state.get("level") or "",
    ]
    return " · ".join(f"<b>{as_html(p)}</b>" if i == 0 else as_html(p) for i, p in enumerate(parts) if p)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
