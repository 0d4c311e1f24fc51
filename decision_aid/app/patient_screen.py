"""The patient's own screen: a second window that shows the patient's view of what the surgeon's window shows, and follows it.

The surgeon's window holds a secret in its address, tells what it shows and takes up what the patient answered; it alone
saves. The patient's window holds a token, draws what it is told, and hands its answers over; it never opens the saved work.
"""

from __future__ import annotations

import secrets
from copy import deepcopy
from dataclasses import replace
from typing import Any, NoReturn
from urllib.parse import urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from decision_aid import components, wording
from decision_aid.app import evidence_file, look, mishaps, runs, shared_screens, state, steps
from decision_aid.app.session import Session
from decision_aid.app.shared_screens import Shown, is_connected, shared, token_of
from decision_aid.audit.kept_log import OwnCases
from decision_aid.comparison.side_by_side import HARMS, ROWS
from decision_aid.consultation.changes import apply
from decision_aid.consultation.model import change
from decision_aid.consultation.progress import Step
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_option
from decision_aid.domain.vocabulary import Outcome
from decision_aid.wording import patient_screen_words as words

SECONDS = 0.4  # between two looks of either window: both together, and the drawing, stay within a second
_ADDRESSES = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}  # two names of this computer, one for each window
_POINTED = "_pointed"


# ---- which window this is --------------------------------------------------------------------------------------------


def recognise() -> None:
    """Find out, once for a window, whether it is a patient's: that stays so whatever is done to its address.

    While a patient's screen is open, its name of this computer leads to nothing else, with whatever address behind it.
    """
    if shared_screens.is_patients_window() or "_surgeons" in st.session_state:
        return
    asked = st.session_state.get("_return_to", ("", {}))[1] or st.query_params.to_dict()
    if "screen" in asked or shared().is_for_patients(_host(), is_connected):
        st.session_state["_screen"] = str(asked.get("screen", ""))
    else:
        st.session_state["_surgeons"] = True


def _host() -> str:
    """The name of this computer by which the window was opened; empty without a browser."""
    return st.context.headers.get("Host", "").rpartition(":")[0].lower()


def is_open() -> bool:
    """Whether this window is one of two."""
    return shared_screens.is_patients_window() or _secret() is not None


# ---- the surgeon's window --------------------------------------------------------------------------------------------


def offer() -> None:
    """Open the patient's screen, and close it; for the surgeon."""
    secret = _secret()
    st.html(components.heading(words.HEADING))
    if secret is None:
        st.button(words.OPEN, on_click=_open, width="stretch")
        return
    address = _address(secret)
    st.html(components.address(words.FOLLOW_LINK, address))
    st.html(components.small(f"{words.HOW} {words.ONLY_HERE}"))
    st.button(words.CLOSE, on_click=_close, width="stretch")


def show() -> None:
    """Tell the patient's window what this one shows; a screen that the address names is found again."""
    if _secret() is None:
        asked = st.query_params.get("with")
        if asked:
            _claim(asked)
    secret = _secret()
    if secret is None:
        return
    if st.query_params.get("with") != secret:
        st.query_params["with"] = secret
    collect()
    _tell()
    _listen()


def point() -> None:
    """Point at a row: it is outlined in both windows. Drawn in the place of the line at the foot."""
    rows = _rows_to_point_at()
    if _secret() is None or not rows:
        st.html(components.foot_note(wording.NOT_A_FORECAST))
        return
    _point_at(rows)


def before_another() -> None:
    """What came from the patient's window belongs to the consultation that is laid aside now, not to the next."""
    collect()
    st.session_state["_about"] = secrets.token_urlsafe(6)
    st.session_state.pop(_POINTED, None)


@runs.take_up_whole
def collect() -> bool:
    """Take up what was answered in the patient's window; whether there was anything."""
    secret = _secret()
    if secret is None or state.session().wanted:
        return False
    found = shared().waiting(secret, _window())
    if found is None:  # the same address is open in a newer window, which shows from now on
        _let_go()
        return True
    waiting, last = found
    if not waiting:
        return False
    state.keep(lambda c: apply(c, waiting))
    _tell(last)
    return True


@runs.every(SECONDS)
def _listen() -> None:
    """Look for the patient's answers; draws nothing, and runs the page again only when there are some."""
    with mishaps.calm("the patient's screen", lambda where, error: None):
        if collect():
            st.rerun()
        _tell()  # an answer in a part of the page that runs alone is told here


@st.fragment
def _point_at(rows: dict[str, str]) -> None:
    if st.session_state.get(_POINTED) not in rows:
        st.session_state[_POINTED] = None
    st.selectbox(
        words.POINT_AT,
        list(rows),
        index=None,
        format_func=as_option(st.selectbox, rows.__getitem__),
        key=_POINTED,
        placeholder=words.NOT_POINTING,
        label_visibility="collapsed",
        persist_state="session",
        width=300,
    )
    _outline(st.session_state.get(_POINTED) or "")
    _tell()


def _outline(pointed: str) -> None:
    if pointed:
        st.html(components.pointed_row(pointed))


def _rows_to_point_at() -> dict[str, str]:
    from decision_aid.charts.risks import BURDENS  # only while a screen is open

    data, shown = evidence_file.evidence(), steps.shown_page()
    outcomes: dict[str, tuple[Outcome, ...]] = {
        Step.COMPARE: ROWS[state.procedure()],
        Step.RISKS: (*HARMS, *BURDENS),
    }
    return {
        str(o): wording.outcome_label(data.outcomes[o], Audience.CLINICIAN)
        for o in outcomes.get(shown, ())
        if o in data.outcomes
    }


def _tell(taken: int = 0) -> None:
    secret = _secret()
    if secret is not None and not state.session().wanted:
        about = shared().tell(secret, _window(), _shown(), taken)
        if about is not None:
            st.session_state["_about"] = about


def _shown() -> Shown:
    here, page = state.session(), steps.shown_page()
    step = Step(page if page in list(Step) else st.session_state.get("_last_step", Step.START))
    pointed = st.session_state.get(_POINTED) if step == page and step in (Step.COMPARE, Step.RISKS) else None
    own_on = bool(st.session_state.get("own_on"))
    return Shown(
        st.session_state.setdefault("_about", secrets.token_urlsafe(6)),
        step,
        change(here.consultation, condition=state.condition(), procedure=state.procedure()),
        {**_settings(), "own_counts": _typed(st.session_state.get("own_counts", {})), "own_on": own_on},
        pointed or "",
        st.session_state.get("own") if own_on else None,
        here.draft_id,
    )


def _settings() -> dict[str, Any]:
    """How the screen is set, as far as the patient sees it. A filter is the clinician's alone."""
    return {name: value for name, value in state.view().items() if name != "audience"}


def _typed(counts: dict[str, dict[str, int | None]]) -> dict[str, dict[str, int | None]]:
    return {name: dict(typed) for name, typed in counts.items() if any(v is not None for v in typed.values())}


def _open() -> None:
    _claim(secrets.token_urlsafe(24))


def _claim(secret: str) -> None:
    host = _host()
    if host and host not in _ADDRESSES:
        return  # reached from elsewhere: not what the program is for
    st.session_state["_screen_secret"] = secret
    shared().open(secret, _window(), _ADDRESSES.get(host, ""))
    runs.make_light()


def _close() -> None:
    secret = _secret()
    if secret is not None:
        collect()
        shared().close(secret, _window())
    _let_go()


def _let_go() -> None:
    st.session_state.pop("_screen_secret", None)
    if "with" in st.query_params:
        del st.query_params["with"]


def _secret() -> str | None:
    secret: str | None = st.session_state.get("_screen_secret")
    return secret


def _window() -> str:
    context = get_script_run_ctx()
    return context.session_id if context is not None else ""


def _address(secret: str) -> str:
    """The address of the patient's window, under the other name of this computer."""
    here = urlsplit(st.context.url or "")
    name = _ADDRESSES.get(here.hostname or "", "127.0.0.1")
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    port = here.port or st.get_option("server.port")
    return f"http://{name}:{port}/{f'{base}/' if base else ''}?screen={token_of(secret)}"


# ---- the patient's window --------------------------------------------------------------------------------------------


def follow(page: str) -> None:
    """Lay what the surgeon's window shows before the page is drawn; without one to follow, a calm sentence ends the run."""
    token = st.session_state["_screen"]
    if st.query_params.to_dict() != _query():
        st.query_params.from_dict(_query())
    before = shared_screens.drawn()
    now = _take_over(token)
    st.session_state["audience"] = "Patient"
    if now is None:
        _wait()
    st.session_state["own"] = now.own or OwnCases()
    for name, value in now.settings.items():
        if before is None or name not in before.settings or before.settings[name] != value:
            st.session_state[name] = deepcopy(value)
    if page != now.step:
        st.switch_page(steps.path_of(now.step), query_params=_query())
    _outline(now.pointed)
    _look()


@runs.take_up_whole
def _take_over(token: str) -> Shown | None:
    """Lay the consultation that the surgeon's window shows, with what was answered here; None without one to follow."""
    now = shared().seen(token, is_connected)
    st.session_state["_screen_drawn"] = now
    if now is not None and now.consultation != state.consultation():
        state.lay(Session(now.consultation))
    return now


def _wait() -> NoReturn:
    """A screen that is not open any more cannot be told from one that is not open again yet: the same is said of both."""
    title = words.BACK_IN_A_MOMENT if st.session_state["_screen"] else words.NOT_OPEN
    look.dress(Audience.PATIENT)
    st.html(components.waiting(title, words.ASK_TO_OPEN))
    _look()
    st.stop()


@runs.every(SECONDS)
def _look() -> None:
    """Look whether the surgeon's window shows something else; draws nothing, and runs the page again only then."""
    with mishaps.calm("the patient's screen", lambda where, error: None):
        now, here = shared().seen(st.session_state["_screen"], is_connected), shared_screens.drawn()
        if here is not None:
            here = replace(here, consultation=state.consultation())
        if now is not None and now.step != steps.shown_page():
            st.switch_page(steps.path_of(now.step), query_params=_query())
        if now != here:
            st.rerun()


def _query() -> dict[str, str]:
    return {"screen": st.session_state["_screen"]}
