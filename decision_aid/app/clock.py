"""What the clock of a part of a page may do: look again, and nothing else.

The browser keeps that clock, and sends along what it knew when it struck: the page, the address, the value of every field.
It may not have heard yet of a page that was left or of an answer from another window, and would take both back. So a strike
is heard only while the window is at rest, and what the server knows of the window counts.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

import streamlit as st
from streamlit.proto.ClientState_pb2 import ClientState


def every(seconds: float) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """A part of a page that runs alone, again and again."""
    return st.fragment(run_every=seconds)


def make_runs_light() -> None:
    """Spare the search for garbage what the program holds by now: Streamlit searches everything after every run."""
    gc.collect()
    gc.freeze()


def believe_no_clock(windows: Any) -> None:
    """Let the sessions of this class run a part again at the strike of its clock as they are, not as the browser has them."""
    ask = windows.request_rerun

    @wraps(ask)
    def request_rerun(self: Any, client_state: ClientState | None) -> None:
        if client_state is not None and client_state.is_auto_rerun:
            if self._scriptrunner is not None:
                return  # at work; the next strike is heard
            client_state.page_script_hash = self._client_state.page_script_hash
            client_state.page_name = ""
            client_state.query_string = self._client_state.query_string
            client_state.ClearField("widget_states")
        ask(self, client_state)

    windows.request_rerun = request_rerun


with suppress(ImportError, AttributeError):  # places of a newer Streamlit: the browser test says so
    from streamlit.runtime.app_session import AppSession

    believe_no_clock(AppSession)
