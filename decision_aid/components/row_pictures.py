"""The small picture of an option's number in a row: a bar or counted dots, on one scale for the whole row.

Drawn with widths alone, so that a table of them costs next to nothing. The number stands beside every picture, which
says nothing more: for a reader who does not see it nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from decision_aid.comparison.shown_risks import count_of
from decision_aid.comparison.side_by_side import OptionValue
from decision_aid.components.elements import Content, span
from decision_aid.domain.vocabulary import Option, OutcomeKind
from decision_aid.evidence.rows import OutcomeRow

DOTS = 100  # people who are drawn one by one; 1,000 are a bar
_GRID = {100: (25, 4), 1000: (50, 20)}  # columns and rows of dots
_ROOM = 1.1  # of an open scale: the longest bar does not touch the end


@dataclass(frozen=True, slots=True)
class RowScale:
    """The scale of a row: from 0 to `end`, in the outcome's unit; of events a share of `people`."""

    end: float
    people: int | None = None

    def percent(self, value: float) -> float:
        return max(0.0, min(100.0, 100 * value / self.end))


def scale_of(outcome: OutcomeRow, values: Iterable[OptionValue | None], denominator: int) -> RowScale | None:
    """One scale for the pictures of a row: the score's own, all people of an event, else as far as the values reach."""
    known = [v for v in values if v is not None]
    if not known:
        return None
    if outcome.kind == OutcomeKind.EVENT:
        return RowScale(1.0, denominator)
    if outcome.scale_max is not None:
        return RowScale(outcome.scale_max)
    return RowScale(max(v.value for v in known) * _ROOM) if max(v.value for v in known) > 0 else None


def pictures(
    outcome: OutcomeRow, values: Mapping[Option, OptionValue | None], denominator: int, arrays: bool = False
) -> dict[Option, Content]:
    """The picture of each option that has a number; none for one in which nobody, or everybody, had an event.

    `arrays`: 1,000 people are dots as well, not a bar. Of an event either both approaches have a picture or none has.
    """
    scale = scale_of(outcome, values.values(), denominator)
    if outcome.kind == OutcomeKind.EVENT and not _both_drawable(values):
        return {}
    return {option: _picture(option, value, scale, arrays) for option, value in values.items()}


def enlarged(
    outcome: OutcomeRow, values: Mapping[Option, OptionValue | None], denominator: int
) -> dict[Option, Content]:
    """The same dots for a popover, where they have room."""
    drawn = pictures(outcome, values, denominator, arrays=True) if outcome.kind == OutcomeKind.EVENT else {}
    return {option: picture for option, picture in drawn.items() if picture is not None}


def _both_drawable(values: Mapping[Option, OptionValue | None]) -> bool:
    both = [values.get(option) for option in (Option.OPEN, Option.MIS)]
    return all(v is None or v.value not in (0, 1) for v in both)


def _picture(option: Option, value: OptionValue | None, scale: RowScale | None, arrays: bool) -> Content:
    if value is None or scale is None or (scale.people and value.value in (0, 1)):
        return None
    if scale.people in _GRID and (arrays or scale.people == DOTS):
        return _dots(option, count_of(value.value, scale.people), scale.people)
    width = f"width:{scale.percent(value.value):.2f}%"
    return span(class_=f"pic {option}", aria_hidden="true")[span(".fill", style=width), _range(value, scale)]


def _range(value: OptionValue, scale: RowScale) -> Content:
    """The 95 % limits as a thin line over the bar."""
    if value.low == value.high:
        return None
    low, high = scale.percent(value.low), scale.percent(value.high)
    return span(".limits", style=f"left:{low:.2f}%;width:{high - low:.2f}%")


def _dots(option: Option, on: int, people: int) -> Content:
    """The people as dots in rows; those who have it from the top left."""
    columns, lines = _GRID[people]
    rows, rest = divmod(on, columns)
    height, width = 100 / lines, 100 / columns
    whole = span(".on", style=f"height:{height * rows:g}%;--rows:{rows};--columns:{columns}") if rows else None
    part = (
        span(
            ".on", style=f"top:{height * rows:g}%;height:{height:g}%;width:{width * rest:g}%;--rows:1;--columns:{rest}"
        )
        if rest
        else None
    )
    return span(class_=f"dots of{people} {option}", aria_hidden="true")[whole, part]
