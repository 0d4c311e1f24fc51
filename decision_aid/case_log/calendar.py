"""Days and durations as spreadsheet programs keep them: day numbers, clock times, and dates of 1900 that are no dates.

Excel counts days from 1900, old Mac workbooks from 1904. A duration above a day, in a cell that is formatted as a time,
is handed over as a date of 1900. Neither is decided by its looks: the surgeon is asked, with an example.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from enum import StrEnum

from decision_aid.case_log.cells import EARLIEST_YEAR, days, folded


class Calendar(StrEnum):
    """The year from which day numbers count."""

    FROM_1900 = "1900"
    FROM_1904 = "1904"


_DAY_ZERO = {Calendar.FROM_1900: date(1899, 12, 30), Calendar.FROM_1904: date(1904, 1, 1)}
_DAY_NUMBER = re.compile(r"([1-9][0-9]{4})(?:[.,][0-9]+)?")
# Before March 1900 Excel counts one day less, because its calendar has a 29 February 1900 that never was.
_BEFORE_THE_GAP, _AFTER_THE_GAP = datetime(1899, 12, 31), datetime(1899, 12, 30)
_GAP = date(1900, 2, 28)
_NO_YEARS = frozenset((1, 1111, 1899, 1900, 2099, 2100, 2999, 9999))
_CLOCK = re.compile(r"([0-9]{1,4}):([0-5][0-9])(?::([0-5][0-9])(?:\.[0-9]+)?)?")
_DATE_OF_1900 = re.compile(
    r"(1899|1900|1904)-([0-9]{2})-([0-9]{2})(?:[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?)?"
)
_PARTS = re.compile(
    r"(?:(?P<d>[0-9]{1,3})\s*(?:d|days?|tage?|jours?|dias?)[\s,]*)?"
    r"(?:(?P<h>[0-9]{1,3})\s*(?:h|hrs?|hours?|std\.?|stunden?|heures?|horas?)[\s,]*)?"
    r"(?:(?P<m>[0-9]{1,3})\s*(?:m|min\.?|mins|minutes?|minuten?|minutos?)?)?"
)
_DAYS_AND_CLOCK = re.compile(r"([0-9]{1,3})\s*(?:d|days?|tage?|jours?|dias?)[\s,]+(.+)")


def day_of(text: str, calendar: Calendar) -> date | None:
    """The day that a day number means; None where the text is none."""
    found = _DAY_NUMBER.fullmatch(text.strip())
    return None if found is None else _DAY_ZERO[calendar] + timedelta(days=int(found[1]))


def calendars_of(text: str, today: date) -> tuple[Calendar, ...]:
    """The calendars in which a text is the number of a day on which an operation of a log can have been."""
    return tuple(c for c in Calendar if (day := day_of(text, c)) and day.year >= EARLIEST_YEAR and day <= today)


def is_placeholder(text: str) -> bool:
    """Whether a date is of a year on which no operation, reoperation or birth of a log lies: it stands for something else."""
    years = {day.year for day in days(text).values()}
    return bool(years) and years <= _NO_YEARS


def said_hours(text: str) -> float | None:
    """The hours of a duration that names its units, such as “1 h 45 min” or “2 days 3:00”; None for everything else."""
    words = folded(text)
    if (found := _DAYS_AND_CLOCK.fullmatch(words)) and (rest := clock_hours(found[2])) is not None:
        return int(found[1]) * 24 + rest
    found = _PARTS.fullmatch(words)
    if found is None or sum(found[part] is not None for part in "dhm") < 2:
        return None  # a single number with its unit is read as a number
    if found["h"] is None:
        return None  # “2 days 30” could be half an hour or half an entry
    return int(found["d"] or 0) * 24 + int(found["h"]) + int(found["m"] or 0) / 60


def clock_hours(text: str) -> float | None:
    """The hours of a clock time such as “26:30”, read as hours and minutes; None for everything else."""
    found = _CLOCK.fullmatch(text.strip())
    return None if found is None else int(found[1]) + int(found[2]) / 60 + int(found[3] or 0) / 3600


def hours(text: str) -> float | None:
    """The hours of a duration: as a clock time, or as a date of 1900 in which a spreadsheet program shows it."""
    if (clock := clock_hours(text)) is not None:
        return clock
    found = _DATE_OF_1900.fullmatch(text.strip())
    if found is None:
        return None
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        shown = datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
    if shown.date() == _GAP:
        return None  # the 59th or the 60th day
    zero = datetime(1904, 1, 1) if found[1] == "1904" else _BEFORE_THE_GAP if shown.date() < _GAP else _AFTER_THE_GAP
    return (shown - zero).total_seconds() / 3600 if shown >= zero else None
