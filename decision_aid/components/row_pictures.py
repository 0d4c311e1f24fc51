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
_COLUMNS = 25
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
    outcome: OutcomeRow, values: Mapping[Option, OptionValue | None], denominator: int
) -> dict[Option, Content]:
    """The picture of each option that has a number; none for one in which nobody, or everybody, had an event."""
    scale = scale_of(outcome, values.values(), denominator)
    return {option: _picture(option, value, scale) for option, value in values.items()}


def _picture(option: Option, value: OptionValue | None, scale: RowScale | None) -> Content:
    if value is None or scale is None or (scale.people and value.value in (0, 1)):
        return None
    if scale.people == DOTS:
        return _dots(option, count_of(value.value, DOTS))
    width = f"width:{scale.percent(value.value):.2f}%"
    return span(class_=f"pic {option}", aria_hidden="true")[span(".fill", style=width), _range(value, scale)]


def _range(value: OptionValue, scale: RowScale) -> Content:
    """The 95 % limits as a thin line over the bar."""
    if value.low == value.high:
        return None
    low, high = scale.percent(value.low), scale.percent(value.high)
    return span(".limits", style=f"left:{low:.2f}%;width:{high - low:.2f}%")


def _dots(option: Option, on: int) -> Content:
    """A hundred people, four rows of twenty-five; those who have it from the top left."""
    rows, rest = divmod(on, _COLUMNS)
    whole = span(".on", style=f"height:{25 * rows}%;--rows:{rows};--columns:{_COLUMNS}") if rows else None
    part = (
        span(".on", style=f"top:{25 * rows}%;height:25%;width:{4 * rest}%;--rows:1;--columns:{rest}") if rest else None
    )
    return span(class_=f"dots {option}", aria_hidden="true")[whole, part]
