"""How the runs of a window get along: what the strike of a clock may do, and that a click is taken up whole.

The browser keeps the clock of a part of a page, and sends along what it knew when it struck: the page, the address, the
value of every field. It may not have heard yet of a page that was left or of an answer from another window, and would take
both back. So a strike is heard only while the window is at rest, and what the server knows of the window counts.

A click stops the run before it at once. Where that run is just taking up a click of its own, that one would be lost.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

import streamlit as st
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.scriptrunner import get_script_run_ctx

_TRIGGERS = ("trigger_value", "string_trigger_value", "chat_input_value", "json_trigger_value")
_MOST_WINDOWS = 100
_by_button: dict[str, bool] = {}  # by window


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
            triggers = (w.WhichOneof("value") in _TRIGGERS for w in client_state.widget_states.widgets)
            _by_button[self.id] = any(triggers)
            while len(_by_button) > _MOST_WINDOWS:
                _by_button.pop(next(iter(_by_button)), None)
        if client_state is not None and client_state.is_auto_rerun:
            if self._scriptrunner is not None:
                return  # at work; the next strike is heard
            client_state.page_script_hash = self._client_state.page_script_hash
            client_state.page_name = ""
            client_state.query_string = self._client_state.query_string
            client_state.ClearField("widget_states")
        ask(self, client_state)

    windows.request_rerun = request_rerun


def is_by_button() -> bool:
    """Whether the last click of this window was on a button: no field was entered with it."""
    context = get_script_run_ctx()
    return context is not None and _by_button.get(context.session_id, False)


def take_up_whole(call: Callable[..., Any]) -> Callable[..., Any]:
    """What a click does, done to its end also when a newer one has come: that one follows, and waits where they meet."""

    @wraps(call)
    def called(*arguments: Any) -> Any:
        context = get_script_run_ctx()
        held: Any = context.session_state if context is not None else None
        ask = vars(held).get("_yield_callback") if held is not None else None
        if ask is None:
            return call(*arguments)
        object.__setattr__(held, "_yield_callback", _go_on)  # an ordinary assignment would make an entry of the session
        try:
            return call(*arguments)
        finally:
            object.__setattr__(held, "_yield_callback", ask)

    return called


def _go_on() -> None:
    """Nothing stops here."""


with suppress(ImportError, AttributeError):  # places of a newer Streamlit: tests say so
    from streamlit.runtime.app_session import AppSession
    from streamlit.runtime.state.session_state import WStates

    believe_no_clock(AppSession)
    WStates.call_callback = take_up_whole(WStates.call_callback)  # type: ignore[method-assign]
