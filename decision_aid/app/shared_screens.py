"""What a surgeon's window shows and a patient's window follows: held in the memory of the program, never on the disk.

The surgeon's window holds a secret; the address of the patient's window carries a token made from it, from which nobody
can make the secret. So a window can be found again by its address after a refresh or a restart, and the patient's address
leads nowhere else.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st
from streamlit import runtime

from decision_aid.consultation.changes import Change, apply
from decision_aid.consultation.model import Consultation
from decision_aid.consultation.progress import Step

SECONDS_UNUSED = 24 * 60 * 60  # after which a screen is forgotten
SECONDS_AWAY = 4  # as long as a refresh of the surgeon's window may take before the patient's says that it is away
MOST_WAITING = 2_000  # answers not yet taken up; more are not given while one window is away


@dataclass(frozen=True, slots=True)
class Shown:
    """What is on the screen now. `about` names the consultation by a random name, `draft` by that of its draft."""

    about: str
    step: Step
    consultation: Consultation
    settings: Mapping[str, Any]
    pointed: str = ""  # the outcome whose row is pointed at
    own: object = None  # the clinic's own cases, where they are switched on
    draft: str | None = field(default=None, compare=False)

    def is_refreshed(self, before: Shown) -> bool:
        """Whether a window that was just opened goes on with the consultation of the window before it."""
        return self.draft == before.draft and (self.draft is not None or self.consultation == before.consultation)


@dataclass(slots=True)
class _Screen:
    owner: str
    host: str
    used_at: float
    there_at: float
    shown: Shown | None = None
    waiting: list[Change] = field(default_factory=list)
    taken: int = 0  # how many were taken up before those that wait
    is_taken_over: bool = False  # by a window that has not told yet what it shows


class SharedScreens:
    """Every patient's screen that is open. Safe to be used by many windows at once."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._screens: dict[str, _Screen] = {}

    def open(self, secret: str, owner: str, host: str = "") -> None:
        """The window `owner` shows on this screen from now on, in the place of any window before.

        `host`: the name under which only the patient's window is opened. What waits to be taken up goes on waiting.
        """
        with self._lock:
            now, token = self._now(), token_of(secret)
            self._screens = {t: s for t, s in self._screens.items() if now - s.used_at < SECONDS_UNUSED}
            before = self._screens.get(token)
            if before is None:
                self._screens[token] = _Screen(owner, host, now, now)
            else:
                before.owner, before.host, before.used_at, before.there_at = owner, host, now, now
                before.is_taken_over = True

    def close(self, secret: str, owner: str) -> None:
        """Forget the screen, if it is still this window's."""
        with self._lock:
            if self._of(secret, owner) is not None:
                del self._screens[token_of(secret)]

    def waiting(self, secret: str, owner: str) -> tuple[tuple[Change, ...], int] | None:
        """What was answered in the patient's window and not yet taken up, and the number of the last of it.

        None where another window shows by now.
        """
        with self._lock:
            screen = self._of(secret, owner)
            return None if screen is None else (tuple(screen.waiting), screen.taken + len(screen.waiting))

    def tell(self, secret: str, owner: str, shown: Shown, taken: int = 0) -> str | None:
        """Show this, in which the answers up to the number `taken` are; None where another window shows by now.

        Returns the name the consultation has here: that of the window before, where this one was opened again. Answers
        that wait and belong to another consultation are dropped: they are never carried to the next patient.
        """
        with self._lock:
            screen = self._of(secret, owner)
            if screen is None:
                return None
            fresh = max(0, taken - screen.taken)
            screen.taken += len(screen.waiting[:fresh])
            del screen.waiting[:fresh]
            before = screen.shown
            if before is not None and before.about != shown.about:
                if screen.is_taken_over and shown.is_refreshed(before):
                    shown = replace(shown, about=before.about)
                else:
                    screen.taken += len(screen.waiting)
                    screen.waiting.clear()
            screen.shown, screen.is_taken_over, screen.used_at = shown, False, self._now()
            return shown.about

    def seen(self, token: str, is_there: Callable[[str], bool]) -> Shown | None:
        """What the patient's window shows, its own answers that still wait included; None while there is nothing to follow.

        `is_there`: whether a window is still connected.
        """
        with self._lock:
            screen = self._screens.get(token)
            if screen is None or screen.shown is None:
                return None
            screen.used_at = now = self._now()
            if is_there(screen.owner):
                screen.there_at = now
            elif now - screen.there_at >= SECONDS_AWAY:
                return None
            shown = screen.shown
            return replace(shown, consultation=apply(shown.consultation, screen.waiting))

    def answer(self, token: str, about: str, changes: tuple[Change, ...]) -> bool:
        """Let changes of the patient's window wait for the surgeon's; False where it shows another consultation by now."""
        with self._lock:
            screen = self._screens.get(token)
            if screen is None or screen.shown is None or screen.shown.about != about:
                return False
            if len(screen.waiting) + len(changes) > MOST_WAITING:
                return False
            screen.waiting += changes
            return True

    def is_for_patients(self, host: str, is_there: Callable[[str], bool]) -> bool:
        """Whether an open screen keeps this host name for its patient's window."""
        with self._lock:
            return any(host and s.host == host and is_there(s.owner) for s in self._screens.values())

    def _of(self, secret: str, owner: str) -> _Screen | None:
        screen = self._screens.get(token_of(secret))
        return screen if screen is not None and screen.owner == owner else None


def token_of(secret: str) -> str:
    """The token of the patient's address, by the secret of the surgeon's."""
    return hashlib.sha256(f"patient's screen {secret}".encode()).hexdigest()[:32]


@st.cache_resource(show_spinner=False)
def shared() -> SharedScreens:
    """The screens of this program: the same for every window."""
    return SharedScreens()


def is_connected(window: str) -> bool:
    """Whether a browser window is open; without a server around, as in tests, every one is."""
    return not runtime.exists() or runtime.get_instance().is_active_session(window)


# ---- a patient's window ----------------------------------------------------------------------------------------------


def is_patients_window() -> bool:
    """Whether this window only follows a surgeon's: then it never opens the saved work."""
    return "_screen" in st.session_state


def drawn() -> Shown | None:
    """What this patient's window was last drawn from."""
    found: Shown | None = st.session_state.get("_screen_drawn")
    return found


def send(changes: tuple[Change, ...]) -> None:
    """Hand the patient's answers to the surgeon's window, which saves them."""
    here = drawn()
    if here is not None:
        shared().answer(st.session_state["_screen"], here.about, changes)
