"""What the browser has drawn of the fields: which of them to set, and whether what stands in one was entered by anybody.

With every click the browser sends back the values of all its fields, as it has them. And what the program sets in a field
goes over whatever was entered there meanwhile. So a field is set only where the browser does not show the value already,
and an entry is held against the changes that it has not drawn yet. How far it is says the number of a drawing, a field out
of sight behind the others, which it sends back as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from decision_aid.app import runs
from decision_aid.consultation.model import Consultation

MOST_CHANGES = 100  # that a browser may be behind
_NUMBER, _PARTS = "_drawing_number", "_drawing_parts"
_CHANGES, _SET, _LAID = "_changes", "_fields_set", "_fields_laid"
Write = Callable[[Consultation], Consultation]


@dataclass(frozen=True, slots=True)
class _Changed:
    """A change that the browser may not have drawn yet."""

    number: int
    before: Consultation
    after: Consultation

    def is_taken_back(self, write: Write) -> bool:
        """Whether an entry only says again what stood here before."""
        return write(self.before) == self.before and write(self.after) != self.after


def changed(before: Consultation, after: Consultation) -> None:
    """Remember what changed otherwise than by an entry in its field, until the browser has drawn it."""
    if before != after:
        number = st.session_state[_NUMBER] = _number() + 1
        waiting = [each for each in st.session_state.get(_CHANGES, ()) if each.number > runs.drawn()]
        st.session_state[_CHANGES] = (*waiting, _Changed(number, before, after))[-MOST_CHANGES:]


def is_behind(write: Write) -> bool:
    """Whether the entry in a field only says again what stood there before a change that the browser has not drawn yet.

    One that has not been drawn anew would take that change back: nobody did that.
    """
    told = [str(st.session_state.get(key, "")) for key in st.session_state.get(_PARTS, ())]
    drawn = max((int(number) for number in told if number.isdecimal()), default=0)
    return any(each.number > drawn and each.is_taken_back(write) for each in st.session_state.get(_CHANGES, ()))


def lay(key: str, value: Any, *how: object) -> None:
    """Let a field show a value: set it, unless the browser has drawn the field as it is now and nothing else in it since.

    `how`: all that makes it this field and not another one of the same name.
    """
    st.session_state[_LAID] = True
    known: dict[str, tuple[tuple[object, ...], int]] = st.session_state.setdefault(_SET, {})
    was, number = known.get(key, ((), 0))
    if was != how or number > runs.drawn() or key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
        known[key] = how, _number() + 1


def number_it(part: str = "page") -> None:
    """Draw the number of this drawing behind the fields of the page, or of a part that runs alone."""
    if not st.session_state.pop(_LAID, False):
        return
    if any(number > _number() for _, number in st.session_state[_SET].values()):
        st.session_state[_NUMBER] = _number() + 1
    key = f"{runs.DRAWN}:{part}"
    st.session_state.setdefault(_PARTS, set()).add(key)
    st.session_state[key] = str(_number())
    with st.container(key=f"drawing_{part}"):
        st.text_input("Drawing", key=key, label_visibility="collapsed")


def _number() -> int:
    number: int = st.session_state.get(_NUMBER, 0)
    return number
