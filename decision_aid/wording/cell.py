"""What one place of a table or a box says."""

from __future__ import annotations

from dataclasses import dataclass

from decision_aid.comparison.comparison import State


@dataclass(frozen=True, slots=True)
class Cell:
    """The number or word first, then the small print. `says_what`: the small print tells what happened to the people."""

    big: str
    small: str = ""
    state: State = State.DIFFERENCE
    says_what: bool = False
