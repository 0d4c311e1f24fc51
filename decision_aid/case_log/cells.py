"""What one cell of a case log can mean: a day, a number, or nothing recorded.

A text that can be read in two ways is never decided here. The functions say which readings are possible; the reader of
the file is told the order of dates and the decimal mark, or asks.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from decision_aid.case_log.terms import terms

Way = TypeVar("Way")
Example = TypeVar("Example")
# Up to this share of the cells that show how they are written, those written otherwise are slips of the finger.
SLIP = 0.05
_FEWEST_BESIDE_A_SLIP = 5  # a single cell among so many may be a slip
EARLIEST_YEAR = 1980  # no operation of a log that is compared with today's studies is older


class DateOrder(StrEnum):
    """How day, month and year follow each other where the year is not written first in four digits."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"
    YEAR_FIRST = "year first"


class DecimalMark(StrEnum):
    POINT = "."
    COMMA = ","


BLANKS = terms("cells")["not recorded"]
_MONTHS = {name: number for number in range(1, 13) for name in terms("cells")[f"month {number}"]}
# The time of day behind a date. It is written so that both Python and RE2 (Arrow) read it.
TIME_OF_DAY = (
    r"[T\s,]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?\s*([AaPp]\.?[Mm]\.?)?\s*(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?$"
)
_TIME_OF_DAY = re.compile(TIME_OF_DAY)
_SHORTEST_DATE = 6  # 1.1.24
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})\.?|((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
_THREE_NUMBERS = re.compile(r"([0-9]{1,2})(\s*[-/.]\s*| )([0-9]{1,2})(?:\s*[-/.]\s*| )([0-9]{4}|[0-9]{2})")
_DAY_MONTH_NAME = re.compile(
    r"([0-9]{1,2})(?:st|nd|rd|th|\.|er)?[\s-]*(?:of |de )?([a-z]+)[.\s,-]*(?:de )?([0-9]{4}|[0-9]{2})"
)
_MONTH_NAME_DAY = re.compile(r"([a-z]+)[.\s-]*([0-9]{1,2})(?:st|nd|rd|th)?,?[\s-]+([0-9]{4})")

_GROUP_MARKS = "'’\u00a0\u202f "  # between thousands they have no second meaning
_NUMBERS = {
    mark: re.compile(
        rf"[+-]?(?:[0-9]+|[1-9][0-9]{{0,2}}(?P<group>[{other}{_GROUP_MARKS}])[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*)?"
        rf"(?:{re.escape(mark)}[0-9]+)?(?:[eE][+-]?[0-9]{{1,2}})?"
    )
    for mark, other in ((DecimalMark.POINT, ","), (DecimalMark.COMMA, "."))
}
UNIT_OF_WORD = {word: unit for unit in ("ml", "l", "min", "hours", "days", "weeks") for word in terms("cells")[unit]}


def folded(text: str) -> str:
    """The text in small letters without accents and without spaces at its ends, for comparing what people type."""
    if text.isascii():
        return text.strip().lower()
    plain = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def key(text: str) -> str:
    """What is left of a name when case, spaces, signs and the ways to write an umlaut do not count."""
    letters = "".join(c for c in folded(text) if c.isalnum())
    for written, umlaut in (("ae", "a"), ("oe", "o"), ("ue", "u")):
        letters = letters.replace(written, umlaut)
    return letters


def days(text: str) -> dict[DateOrder, date]:
    """The day a text means in each order in which it is one; empty where it is no date. A time of day does not count.

    A date with the year first in four digits, or with the month's name, is the same day in every order.
    """
    text = text.strip()
    if len(text) < _SHORTEST_DATE:
        return {}
    text = _TIME_OF_DAY.sub("", text)
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = (found[1], found[3], found[4]) if found[1] else (found[5], found[6], found[7])
        return _in_every_order(year, month, day)
    if found := _THREE_NUMBERS.fullmatch(text):
        first, second, third = found[1], found[3], found[4]
        readings = {
            DateOrder.DAY_FIRST: _day(third, second, first),
            DateOrder.MONTH_FIRST: _day(third, first, second),
        }
        if len(third) == 2 and len(first) == 2:
            readings[DateOrder.YEAR_FIRST] = _day(first, second, third)
        return {order: day for order, day in readings.items() if day is not None}
    words = folded(text)
    if (found := _DAY_MONTH_NAME.fullmatch(words)) and found[2] in _MONTHS:
        return _in_every_order(found[3], str(_MONTHS[found[2]]), found[1])
    if (found := _MONTH_NAME_DAY.fullmatch(words)) and found[1] in _MONTHS:
        return _in_every_order(found[3], str(_MONTHS[found[1]]), found[2])
    return {}


def number(text: str, mark: DecimalMark) -> float | None:
    """The number a text means with this decimal mark, or None. Thousands may be parted by the other mark or a space."""
    text = text.strip().replace("\u2212", "-")
    found = _NUMBERS[mark].fullmatch(text)
    if found is None or not any(c.isdigit() for c in text):
        return None
    if found["group"]:
        text = text.replace(found["group"], "")
    try:
        return float(text.replace(mark, "."))
    except ValueError:  # an exponent without a number before it
        return None


class Ballot(Generic[Way, Example]):
    """Cells that can be read in one way or another, counted to see whether one way reads them all."""

    def __init__(self) -> None:
        self.example: Example | None = None  # what the first of them was added with
        self._rows, self._decisive = 0, 0
        self._against: Counter[Way] = Counter()

    def add(self, allowed: frozenset[Way] | None, all_ways: Iterable[Way], rows: int, example: Example) -> None:
        """A text that stands in so many rows and can be read in the ways `allowed`; None: it is read alike in all."""
        if allowed is None:
            return
        self.example = example if self._rows == 0 else self.example
        self._rows += rows
        self._decisive += rows if len(allowed) == 1 else 0
        for way in all_ways:
            self._against[way] += 0 if way in allowed else rows

    @property
    def settled(self) -> Way | None:
        """The only way that reads every cell, a slip left out; None where there is none, or more than one."""
        if len(best := self._best()) != 1:
            return None
        misread = self._against[best[0]]
        slips = max(SLIP * self._decisive, 1 if self._decisive >= _FEWEST_BESIDE_A_SLIP else 0)
        return best[0] if misread <= slips else None

    @property
    def open(self) -> tuple[Way, ...]:
        """The ways between which must be chosen; empty where it is settled, or no cell depends on it."""
        if not self._rows or self.settled is not None:
            return ()
        best = self._best()
        return tuple(w for w in self._against if w in best or (len(best) == 1 and self._against[w] < self._rows))

    def _best(self) -> list[Way]:
        least = min(self._against.values(), default=0)
        return [way for way, misread in self._against.items() if misread == least]


def orders_allowed(found: Mapping[DateOrder, date]) -> frozenset[DateOrder] | None:
    """The orders in which `days` read a text; None where it is no date or the same day in every order."""
    alike = len(found) == len(DateOrder) and len(set(found.values())) == 1
    return None if alike or not found else frozenset(found)


def marks_allowed(text: str) -> frozenset[DecimalMark] | None:
    """The decimal marks with which a text is a number; None where it is none, or the same with every mark."""
    found = {mark: value for mark in DecimalMark if (value := number(text, mark)) is not None}
    alike = len(found) == len(DecimalMark) and len(set(found.values())) == 1
    return None if alike or not found else frozenset(found)


def _in_every_order(year: str, month: str, day: str) -> dict[DateOrder, date]:
    found = _day(year, month, day)
    return {} if found is None else dict.fromkeys(DateOrder, found)


def _day(year: str, month: str, day: str) -> date | None:
    whole = int(year)
    if len(year) == 2:  # a year of two digits is the latest one that is not in the future
        whole += 2000 if 2000 + whole <= date.today().year else 1900
    try:
        return date(whole, int(month), int(day))
    except ValueError:
        return None
