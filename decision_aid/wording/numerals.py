"""How a number is written. The one place where values become text.

Clinicians read one decimal where the unit bears it; patients read whole numbers and no decimals. A value that is not 0
is never written as 0: “under 1”, or as many decimals as its first digit takes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from decision_aid.comparison.shown_risks import count_of
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Unit

_DECIMALS = {
    Unit.ML: 0,
    Unit.MIN: 1,  # X-ray time is a matter of tenths
    Unit.DAYS: 1,
    Unit.POINTS_0_100: 1,
    Unit.POINTS_0_24: 1,
    Unit.POINTS_0_10: 1,
    Unit.INDEX: 2,
    Unit.CM: 1,
    Unit.MG_MORPHINE: 0,
}
_NAMES = {  # singular, plural
    Unit.ML: ("ml", "ml"),
    Unit.MIN: ("minute", "minutes"),
    Unit.DAYS: ("day", "days"),
    Unit.POINTS_0_100: ("point", "points"),
    Unit.POINTS_0_24: ("point", "points"),
    Unit.POINTS_0_10: ("point", "points"),
    Unit.INDEX: ("", ""),
    Unit.CM: ("cm", "cm"),
    Unit.MG_MORPHINE: ("mg morphine", "mg morphine"),
}
_SCALES = {Unit.POINTS_0_100: " of 100", Unit.POINTS_0_24: " of 24", Unit.POINTS_0_10: " of 10"}
MINUS = "−"


class Directions(NamedTuple):
    """How lower, higher and “twice as” are said of what is measured."""

    lower: str
    higher: str
    times: str


LESS_OR_MORE = Directions("less", "more", "times as much")
_FINE = (Unit.INDEX, Unit.POINTS_0_10, Unit.DAYS)  # keep their decimals for patients
_MOST_DECIMALS = 6


def unit_name(unit: Unit, value: float = 2) -> str:
    """The unit in words, singular for 1: “days”, “points”."""
    return _NAMES[unit][0 if value == 1 else 1]


def decimals(unit: Unit, audience: Audience) -> int:
    """How many decimals a value of this unit bears for an audience. Whole numbers would erase an index from 0 to 1, and
    what is felt on a scale of 0 to 10."""
    return _DECIMALS[unit] if audience is Audience.CLINICIAN or unit in _FINE else 0


def plain(value: float, places: int) -> str:
    """A value with a true minus sign; where it would round to 0 and is not, with the decimals its first digit takes."""
    text = f"{abs(value):.{places}f}"
    if value == 0 or float(text) != 0:
        return f"{MINUS}{text}" if value < 0 else text
    if abs(value) < 10**-_MOST_DECIMALS:
        smallest = f"{10**-_MOST_DECIMALS:.{_MOST_DECIMALS}f}"
        return f"under {smallest}" if value > 0 else f"above {MINUS}{smallest}"
    text = f"{abs(value):.{-math.floor(math.log10(abs(value)))}f}"
    return f"{MINUS}{text}" if value < 0 else text


def number(value: float, unit: Unit, audience: Audience) -> str:
    """A value without its unit, as it is written for an audience: patients read “under 1” for what would round to 0."""
    places = decimals(unit, audience)
    if audience is Audience.PATIENT and _vanishes(value, places):
        nearest = f"{10**-places:.{places}f}"
        return f"under {nearest}" if value > 0 else f"above {MINUS}{nearest}"
    return plain(value, places)


def size(value: float, unit: Unit, audience: Audience) -> str:
    """The size of a value without sign and unit; “under 1” rather than “0” for a value that is not 0."""
    places = decimals(unit, audience)
    written = f"{_written(value, places):.{places}f}"
    return f"under {written}" if _vanishes(value, places) else written


def amount(value: float, unit: Unit, audience: Audience) -> str:
    """The size of a difference with its unit: “68 ml”, “2.4 days”, “under 1 day”."""
    name = unit_name(unit, _written(value, decimals(unit, audience)))
    return f"{size(value, unit, audience)} {name}".strip()


def amount_on_scale(value: float, unit: Unit, audience: Audience) -> str:
    """The same with the scale a score runs on, for a sentence that stands alone: “4.1 points of 100”."""
    return amount(value, unit, audience) + _SCALES.get(unit, "")


def level(value: float, unit: Unit, audience: Audience) -> str:
    """A value with its unit: “88 ml”, “4.8 days”, “under 1 minute”."""
    name = unit_name(unit, _written(value, decimals(unit, audience)))
    return f"{number(value, unit, audience)} {name}".strip()


def span(low: float, high: float, unit: Unit, audience: Audience) -> str:
    """A range of levels with its unit: “31 to 88 ml”; one value where both are written the same."""
    a, b = number(low, unit, audience), number(high, unit, audience)
    if a != b:
        return f"{a} to {b} {unit_name(unit)}".strip()
    places = decimals(unit, audience)
    one = _written(low, places) if audience is Audience.PATIENT and low > 0 else round(low, places)
    return f"{a} {unit_name(unit, one)}".strip()


def out_of(risk: float, denominator: int) -> str:
    """A risk as a count: “7 of 100”; “fewer than 1 of 100” for one above 0 that rounds to 0, and its mirror."""
    return f"{_people(risk, denominator)} of {denominator:,}"


def span_of_risks(low: float, high: float, denominator: int) -> str:
    """A range of risks over one denominator: “3 to 10 of 100”, “fewer than 1 to 4 of 100”."""
    first, second = _people(low, denominator), _people(high, denominator)
    return out_of(high, denominator) if first == second else f"{first} to {second} of {denominator:,}"


def _people(risk: float, denominator: int) -> str:
    count = count_of(risk, denominator)
    if count == 0 and risk > 0:
        return "fewer than 1"
    if count == denominator and risk < 1:
        return f"more than {denominator - 1:,}"
    return f"{count:,}"


def risk(value: float, low: float, high: float, denominator: int) -> str:
    """A risk as a count. Nobody, or everybody, among the people counted is no promise: then its interval is told instead."""
    if value == 0 and count_of(high, denominator) == 0:
        return f"fewer than 1 of {denominator:,}"
    if value in (0, 1):
        return span_of_risks(min(low, value), max(high, value), denominator)
    return out_of(value, denominator)


def complement(risk: float, denominator: int) -> str:
    """The other frame: how many did not have the event. It always adds up to the whole with `out_of`."""
    count = count_of(risk, denominator)
    if count == 0 and risk > 0:
        return f"more than {denominator - 1:,}"
    if count == denominator and risk < 1:
        return "fewer than 1"
    return f"{denominator - count:,}"


def ratio(value: float) -> str:
    """A ratio with two decimals, two significant digits when it is small."""
    if 0 < value < 0.0001:
        return "under 0.0001"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def change_in_percent(ratio: float, words: Directions = LESS_OR_MORE) -> str:
    """A ratio as a change people can say: “43 % less”, “8 % more”, “3.2 times as much”; “under 1 % less” near none."""
    if ratio >= 2:
        return f"{ratio:.1f} {words.times}"
    return f"{_percent_size(ratio)} % {words.lower if ratio < 1 else words.higher}"


def changes_in_percent(low: float, high: float, words: Directions = LESS_OR_MORE) -> str:
    """Two ratios as a range: “20 to 59 % less”, “21 % less to 15 % more”, “1.2 to 9.5 times as much”."""
    if high >= 2:
        if low >= 1:
            return f"{low:.1f} to {high:.1f} {words.times}"
        return f"{change_in_percent(low, words)} to {high:.1f} {words.times}"
    if (low < 1) != (high < 1):
        return f"{change_in_percent(low, words)} to {change_in_percent(high, words)}"
    near, far = sorted((low, high), key=lambda r: abs(r - 1))
    first, last = _percent_size(near), _percent_size(far)
    word = words.lower if high < 1 else words.higher
    return f"{first} % {word}" if first == last else f"{first} to {last} % {word}"


def _percent_size(ratio: float) -> str:
    size = abs(100 * (ratio - 1))
    return "under 1" if round(size) == 0 else f"{size:.0f}"


def months(value: float) -> str:
    """A time after the operation in the unit people use: “3 weeks”, “5 months”, “2 years”."""
    if value < 2:
        weeks = value * 52 / 12
        if weeks < 1:
            days = max(1, round(value * 365 / 12))
            return f"{days} day{'' if days == 1 else 's'}"
        return f"{weeks:.0f} week{'' if round(weeks) == 1 else 's'}"
    if value < 12:
        if value == int(value):
            return f"{value:g} months"
        return f"{value * 52 / 12:.0f} weeks"
    years = value / 12
    near = abs(years - round(years)) < 0.1  # 12.5 months is told as 1 year
    return f"{years:.0f} year{'' if round(years) == 1 else 's'}" if near else f"{value:g} months"


def variance(value: float) -> str:
    """A between-study variance with three significant digits, never in powers of ten above 1."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def percent(risk: float) -> str:
    """A risk in percent with one decimal, for the sums a clinician checks; nothing is 0 or 100 % that is not."""
    text = f"{100 * risk:.1f}"
    if text == "0.0" and risk > 0:
        return "under 0.1 %"
    return "over 99.9 %" if text == "100.0" and risk < 1 else f"{text} %"


def whole_percent(share: float) -> str:
    """A share that is already in percent, as a whole number: a weight, I²."""
    return f"{_whole(share)} %"


def whole_percents(low: float, high: float) -> str:
    """Two such shares as a range: “12 to 80 %”, “under 1 to 80 %”."""
    return f"{_whole(low)} to {_whole(high)} %"


def _whole(share: float) -> str:
    text = f"{share:.0f}"
    return "under 1" if text == "0" and share > 0 else text


def _vanishes(value: float, places: int) -> bool:
    """Whether a value that is not 0 would be written as 0."""
    return value != 0 and round(value, places) == 0


def _written(value: float, places: int) -> float:
    """The size of a value as it is written: rounded, and never less than the smallest that can be."""
    return max(round(abs(value), places), 10**-places) if value else 0.0
