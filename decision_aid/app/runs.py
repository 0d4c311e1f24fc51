"""How the runs of a window get along: what the strike of a clock may do, and that a click is taken up whole.

The browser keeps the clock of a part of a page, and sends along what it knew when it struck: the page, the address, the
value of every field. It may not have heard yet of a page that was left or of an answer from another window, and would take
both back. So a strike is heard only while the window is at rest, and what the server knows of the window counts.

A click ends the run before it at the next element of the page, and never runs beside it (`fastReruns` in
.streamlit/config.toml): two that write at the same time would take each other's answer back. Where that run is just taking
up a click of its own, it does so to the end; where it waits for something long, it goes on listening.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from functools import wraps
from threading import Thread
from typing import Any, TypeVar

import streamlit as st
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.scriptrunner import get_script_run_ctx

DRAWN = "_drawn"  # the fields in which a browser tells which drawing it has come to
_MOST_WINDOWS = 100
_SECONDS_DEAF = 0.05  # between two looks whether a click has come
Found = TypeVar("Found")
_drawn: dict[str, int] = {}  # by window


def every(seconds: float) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """A part of a page that runs alone, again and again."""
    return st.fragment(run_every=seconds)


def make_light() -> None:
    """Spare the search for garbage what the program holds by now: Streamlit searches everything after every run."""
    gc.collect()
    gc.freeze()


def believe_no_clock(windows: Any) -> None:
    """Let the sessions of this class run a part again at the strike of its clock as they are, not as the browser has them."""
    ask = windows.request_rerun

    @wraps(ask)
    def request_rerun(self: Any, client_state: ClientState | None) -> None:
        if client_state is not None and not client_state.is_auto_rerun:
            _note_drawn(self.id, client_state)  # of a strike no value is taken up
        elif client_state is not None:
            if self._scriptrunner is not None:
                return  # at work; the next strike is heard
            client_state.page_script_hash = self._client_state.page_script_hash
            client_state.page_name = ""
            client_state.query_string = self._client_state.query_string
            client_state.ClearField("widget_states")
        ask(self, client_state)

    windows.request_rerun = request_rerun


def _note_drawn(window: str, click: ClientState) -> None:
    told = [w.string_value for w in click.widget_states.widgets if f"-{DRAWN}:" in w.id]
    _drawn[window] = max(_drawn.pop(window, 0), *(int(number) for number in told if number.isdecimal()), 0)
    while len(_drawn) > _MOST_WINDOWS:
        _drawn.pop(next(iter(_drawn)), None)


def drawn() -> int:
    """The number of the drawing that this window's browser had come to at its last click; 0 without a browser."""
    context = get_script_run_ctx()
    return _drawn.get(context.session_id, 0) if context is not None else 0


def take_up_whole(call: Callable[..., Any]) -> Callable[..., Any]:
    """What a click does, done to its end also when a newer one has come: that one follows, and waits where they meet."""

    @wraps(call)
    def called(*arguments: Any, **options: Any) -> Any:
        context = get_script_run_ctx()
        held: Any = context.session_state if context is not None else None
        ask = vars(held).get("_yield_callback") if held is not None else None
        if ask is None:
            return call(*arguments, **options)
        object.__setattr__(held, "_yield_callback", _go_on)  # an ordinary assignment would make an entry of the session
        try:
            return call(*arguments, **options)
        finally:
            object.__setattr__(held, "_yield_callback", ask)

    return called


def meanwhile(call: Callable[[], Found]) -> Found:
    """What a long call that draws nothing finds, or its error. A click that comes meanwhile ends the run; nothing is kept then."""
    found: Future[Found] = Future()

    def work() -> None:
        try:
            found.set_result(call())
        except BaseException as error:
            found.set_exception(error)

    Thread(target=work, daemon=True).start()
    while not wait([found], _SECONDS_DEAF).done:
        st.session_state.get("_waits")  # any look at it: there a click is heard
    return found.result()


def _go_on() -> None:
    """Nothing stops here."""


with suppress(ImportError, AttributeError):  # places of a newer Streamlit: tests say so
    from streamlit.runtime.app_session import AppSession
    from streamlit.runtime.state.session_state import WStates

    believe_no_clock(AppSession)
    WStates.call_callback = take_up_whole(WStates.call_callback)  # type: ignore[method-assign]
