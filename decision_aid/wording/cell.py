"""What one place of a table or a box says."""

from __future__ import annotations

from dataclasses import dataclass

from decision_aid.comparison.comparison import State


@dataclass(frozen=True, slots=True)
class Cell:
    """The number or word first, then the small print. `says_what`: the small print tells what happened to the people.

    `more` is a sentence of its own, for a place with room: what surgery changes against staying without it. `in_brief` is
    the same for a table, without what gives it. `behind` is the second layer of `small`, for the sources a click away.
    """

    big: str
    small: str = ""
    state: State = State.DIFFERENCE
    says_what: bool = False
    more: str = ""
    in_brief: str = ""
    behind: str = ""
