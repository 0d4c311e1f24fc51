"""The distinct texts of a column turned into values of its field, and for each text that is none, what was expected.

Every function takes the distinct texts of a column and gives one entry for each, so that its work does not grow with the rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from decision_aid.case_log.calendar import Calendar, clock_hours, day_of, hours, said_hours
from decision_aid.case_log.cells import (
    EARLIEST_YEAR,
    TIME_OF_DAY,
    UNIT_OF_WORD,
    DateOrder,
    DecimalMark,
    days,
    folded,
    number,
)
from decision_aid.case_log.fields import Field, Kind
from decision_aid.case_log.grades import asa_class, level_count
from decision_aid.case_log.plan import LEFT_OUT, NOT_RECORDED, OTHER_WORDS, SET_ASIDE, Plan

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

Readings = Sequence[dict[DateOrder, date]]

# What a value in the second unit is multiplied with to be in the first.
_FACTORS = {("l", "ml"): 1000.0, ("hours", "days"): 1 / 24, ("hours", "min"): 60.0, ("weeks", "days"): 7.0}
# unit of a column -> another unit that a cell of it may name -> what the cell is multiplied with
_SAME: dict[str, dict[str | None, float]] = {
    "ml": {"l": 1000.0},
    "l": {"ml": 1 / 1000},
    "min": {"hours": 60.0},
    "hours": {"min": 1 / 60, "days": 24.0},
    "days": {"hours": 1 / 24, "weeks": 7.0},
    "weeks": {"days": 1 / 7},
}
_WITH_UNIT = re.compile(r"(?P<number>.*[0-9])\s*(?P<unit>[a-z]+|%)\.?", re.DOTALL)
_CODE = re.compile(r"[+-]?[0-9]{1,9}(?:[.,][0-9]{1,3})?")
_OF_A_SCALE = re.compile(r"([0-9]{1,3}(?:[.,][0-9]+)?)\s*(?:/|of|von|sur|de)\s*(100?)")
_AGE_OR_BMI = re.compile(
    r"(?P<n>[0-9]{1,3})\s*(?:(?P<over>\+)|years?(?: old)?|yrs?|y\.?o\.?|y|jahre?|j\.?|ans|anos|kg/m2)"
)
_OF_AN_HOUR = {"hours": 1.0, "min": 60.0, "days": 1 / 24, "weeks": 1 / 168}
_RATING_TOP, _PERCENT = 10.0, 100.0
_GROUP = re.compile(r"under (?P<under>[0-9]+)|(?P<low>[0-9]+)-(?P<high>[0-9]+)|(?P<over>[0-9]+) and over")
_OLDEST_OR_HEAVIEST = 120.0

OR_EMPTY = "or an empty cell where it was not recorded"


@dataclass(frozen=True, slots=True)
class Reading:
    """For each distinct text: its value, whether one is recorded, and for faults what was expected instead."""

    values: np.ndarray
    recorded: np.ndarray
    faults: dict[int, str]
    before_range: np.ndarray | None = None  # of numbers: the values before those outside the range were taken out
    left_out: frozenset[int] = frozenset()  # texts whose rows are no cases of this log, as was said


@dataclass(slots=True)
class _Unread:
    """What becomes of the texts that are no value: a fault, unless the plan has a meaning for all of them."""

    meaning: str | None
    faults: dict[int, str] = field(default_factory=dict)
    left_out: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, f: Field, plan: Plan) -> _Unread:
        return cls(plan.values.get(f.name, {}).get(OTHER_WORDS))

    def take(self, i: int, text: str, expected: str) -> None:
        meaning = text if text in (LEFT_OUT, SET_ASIDE) else self.meaning
        if meaning == LEFT_OUT:
            self.left_out.add(i)
        elif meaning != NOT_RECORDED:
            self.faults[i] = expected


def choice_key(text: str) -> str:
    """A choice without case, accents and the kind of its dashes, spaces and underscores."""
    return re.sub(r"[\s_\-‐‑–—/]+", " ", folded(text)).strip()


def code_of(text: str) -> float | None:
    """The number a cell of a yes/no column holds, as 0, 1, 1.0 or 1,0 for one; None where it is no bare number."""
    text = text.strip().replace("\u2212", "-")
    return float(text.replace(",", ".")) if _CODE.fullmatch(text) else None


def word_key(text: str) -> str:
    """What texts are one word by: numbers by their value, words as choices are, signs as they are."""
    code = code_of(text)
    if code is not None:
        return f"{code:g}"
    plain = folded(text)
    return choice_key(text) if any(c.isalpha() for c in plain) and not any(c.isdigit() for c in plain) else plain


def replaced(f: Field, texts: pa.Array, plan: Plan) -> pa.Array:
    """The texts with those exchanged that the plan gives another meaning."""
    import pyarrow as pa

    meanings = plan.values.get(f.name)
    if not meanings:
        return texts
    by_key = {word_key(text): meaning for text, meaning in meanings.items() if text != OTHER_WORDS}
    return pa.array([meanings.get(t, by_key.get(word_key(t), t)) for t in texts.to_pylist()], pa.string())


def graded(f: Field, text: str) -> float | None:
    """The ASA class or the number of levels that a text in words names, or a rating such as 7/10; None where it is in doubt."""
    if not f.units and f.high in (_RATING_TOP, _PERCENT) and (rated := _OF_A_SCALE.fullmatch(folded(text))):
        return float(rated[1].replace(",", ".")) if float(rated[2]) == f.high else None
    found = asa_class(text) if f.name == "asa" else level_count(text) if f.name == "levels" else None
    return None if found is None else float(found)


def said_duration(f: Field, text: str) -> float | None:
    """The hours of a duration in a field of durations that names its units, such as “1 h 45 min”."""
    return said_hours(text) if set(f.units) & {"hours", "days", "min"} else None


def number_with_unit(f: Field, text: str) -> bool:
    """Whether a text is a number with one of the units of the field behind it."""
    found = _WITH_UNIT.fullmatch(folded(text))
    if found is None or all(number(found["number"], mark) is None for mark in DecimalMark):
        return False
    return UNIT_OF_WORD.get(found["unit"]) in f.units or (found["unit"] == "%" and f.high == _PERCENT)


def day_readings(texts: pa.Array) -> Readings:
    """For each text the days it can mean; a time of day behind the date does not count."""
    import pyarrow.compute as pc

    # A million texts with a time are only some thousand days.
    encoded = pc.replace_substring_regex(pc.utf8_trim_whitespace(texts), TIME_OF_DAY, "").dictionary_encode()
    distinct = [days(text) for text in encoded.dictionary.to_pylist()]
    return [distinct[i] for i in encoded.indices.to_pylist()]


def read_days(
    f: Field, texts: pa.Array, readings: Readings, plan: Plan, order: DateOrder | None, today: date
) -> Reading:
    """Dates as datetime64[D]: from 1980 to today."""
    import numpy as np

    blanks = blank_words(plan)
    values = np.full(len(texts), np.datetime64("NaT"), dtype="datetime64[D]")
    unread = _Unread.of(f, plan)
    faults, calendar = unread.faults, plan.day_numbers.get(f.name)
    for i, (text, found) in enumerate(zip(texts.to_pylist(), readings, strict=True)):
        if calendar is not None and (day := day_of(text, calendar)) is not None:
            found = dict.fromkeys(DateOrder, day)
        if not found:
            if folded(text) not in blanks:
                serial = " (this may be a day number of Excel: format the column as a date and save it again)"
                is_serial = day_of(text, Calendar.FROM_1900) is not None
                unread.take(i, text, f"a date such as 2024-03-31{serial if is_serial else ''}")
        elif (day := found.get(order) if order else next(iter(found.values()))) is None:
            faults[i] = f"a date with the {order} (this one can only be read in another order; write it as YYYY-MM-DD)"
        elif day > today:
            faults[i] = "a date that is not in the future"
        elif day.year < EARLIEST_YEAR:
            faults[i] = f"a date from {EARLIEST_YEAR} on (is this a date of birth?)"
        else:
            values[i] = np.datetime64(day, "D")
    return Reading(values, ~np.isnat(values), faults, left_out=frozenset(unread.left_out))


def read_numbers(f: Field, texts: pa.Array, plan: Plan, mark: DecimalMark) -> Reading:
    """Numbers as float64 in the first unit of the field, within its range; whole numbers are checked to be whole."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    blanks = blank_words(plan)
    unit = plan.units.get(f.name, f.units[0] if f.units else None)
    trimmed = pc.utf8_trim_whitespace(texts)
    plain = pc.match_substring_regex(trimmed, rf"^[0-9]{{1,9}}({re.escape(mark)}[0-9]{{1,12}})?$")
    point = pc.replace_substring(pc.if_else(plain, trimmed, None), mark, ".")
    values = np.array(point.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    unread = _Unread.of(f, plan)
    faults = unread.faults
    wanted = _wanted_number(f, unit)
    for i in np.flatnonzero(~np.asarray(plain)).tolist():
        text = texts[i].as_py()
        if folded(text) in blanks:
            continue
        value, hint = _odd_number(f, text, mark, unit, f.name in plan.durations)
        if value is not None:
            values[i] = value
        else:
            unread.take(i, text, f"{wanted}{hint}, {OR_EMPTY}")
    if unit is not None and unit != f.units[0]:
        values *= _FACTORS[unit, f.units[0]]
    before_range = values.copy()
    low = -np.inf if f.low is None else f.low
    high = np.inf if f.high is None else f.high
    with np.errstate(invalid="ignore"):
        outside = np.flatnonzero((values < low) | (values > high) | np.isinf(values))
        broken = np.flatnonzero(values % 1 != 0) if f.kind is Kind.WHOLE else np.empty(0, np.int64)
    for i in outside.tolist():
        rating = f.high == _RATING_TOP and f.high < values[i] <= _RATING_TOP * 10
        part_of_a_day = f.units[:1] == ("min",) and 0 < values[i] < 1
        hint = " (was it asked from 0 to 100? divide the column by 10 in your file)" if rating else ""
        hint = (
            " (this may be a time as Excel keeps it: format the column as [h]:mm and save it again)"
            if part_of_a_day
            else hint
        )
        faults[i] = f"{wanted}{hint}"
    for i in broken.tolist():
        if not np.isnan(values[i]):
            faults.setdefault(i, wanted)
    values[list(faults)] = np.nan
    return Reading(values, ~np.isnan(values), faults, before_range, frozenset(unread.left_out))


def read_choices(f: Field, texts: pa.Array, plan: Plan, mark: DecimalMark) -> Reading:
    """Choices as the index of the choice; −1 where none is recorded. A number is put into its group where there are groups."""
    import numpy as np

    blanks = blank_words(plan)
    known = {choice_key(choice): i for i, choice in enumerate(f.choices)}
    groups = _groups(f)
    values = np.full(len(texts), -1, dtype=np.int8)
    unread = _Unread.of(f, plan)
    for i, text in enumerate(texts.to_pylist()):
        found = known.get(choice_key(text))
        if found is None and groups and (value := in_group(f, text, mark)) is not None:
            found = next(j for j, (low, high) in enumerate(groups) if low <= value < high)
        if found is not None:
            values[i] = found
        elif folded(text) not in blanks:
            unread.take(i, text, f"one of {', '.join(f.choices)} (or say what this word stands for), {OR_EMPTY}")
    return Reading(values, values >= 0, unread.faults, left_out=frozenset(unread.left_out))


def read_yes_no(f: Field, texts: pa.Array, original: pa.Array, plan: Plan) -> Reading:
    """Yes and no as booleans. `original`: the texts as they stand in the file, before any was given a meaning.

    Beside other numbers a 0 or a 1 is no answer of itself (1 can be no and 2 yes), nor is a dash beside a plus sign.
    """
    import numpy as np

    blanks = blank_words(plan)
    yes, no = ({folded(w) for w in words} for words in (plan.yes_words, plan.no_words))
    values = np.zeros(len(texts), dtype=bool)
    recorded = np.zeros(len(texts), dtype=bool)
    unread = _Unread.of(f, plan)
    as_written = original.to_pylist()
    other_codes = any(code_of(t) not in (None, 0.0, 1.0) for t in as_written)
    has_plus = any(t.strip() == "+" for t in as_written)
    for i, text in enumerate(texts.to_pylist()):
        word, code = folded(text), code_of(text)
        if code is not None and (other_codes or code not in (0.0, 1.0)):
            unread.take(i, text, f"yes or no (or say what each number of this column stands for), {OR_EMPTY}")
        elif code is not None or word in yes or word in no:
            values[i], recorded[i] = word in yes if code is None else code == 1, True
        elif word in blanks and not (has_plus and word and text == as_written[i] and not word.strip("-–—")):
            # “unknown”, or a word that was said to be not recorded, is no empty cell.
            is_empty = text == as_written[i] and not word.strip("-–—.")
            recorded[i] = is_empty and f.name in plan.blank_is_no
        elif unread.meaning in ("yes", "no") and text not in (LEFT_OUT, SET_ASIDE):
            values[i], recorded[i] = unread.meaning == "yes", True
        else:
            unread.take(i, text, f"yes or no (or say what this word stands for), {OR_EMPTY}")
    if f.name in plan.not_counted:
        recorded[:] = False
    return Reading(values, recorded, unread.faults, left_out=frozenset(unread.left_out))


def in_group(f: Field, text: str, mark: DecimalMark) -> float | None:
    """The age or body mass of a text that is put into a group, with or without its unit; “90+” only where one group is above."""
    value = number(text, mark)
    if value is None and (found := _AGE_OR_BMI.fullmatch(folded(text).replace("m²", "m2"))):
        value = float(found["n"])
        if found["over"] and value < _groups(f)[-1][0]:
            return None
    return value if value is not None and 0 < value <= _OLDEST_OR_HEAVIEST else None


def with_other_unit(f: Field, text: str, unit: str | None) -> str | None:
    """The whole number in the unit of the column that a text with another unit of the field means, such as 120 for “2 h”.

    Empty where it is no whole number or not sure; None where the text is of another kind.
    """
    found = _WITH_UNIT.fullmatch(folded(text))
    said = None if found is None else UNIT_OF_WORD.get(found["unit"])
    if found is None or said not in _SAME.get(unit or "", ()) or said == unit:
        return None
    values = {v for mark in DecimalMark if (v := number(found["number"], mark)) is not None}
    if len(values) != 1:
        return "" if values else None
    value = values.pop() * _SAME[unit or ""][said]
    return f"{value:g}" if value == round(value) else ""


def has_numbers(f: Field) -> bool:
    """Whether a column of this field can hold numbers with a decimal mark."""
    return f.kind in (Kind.NUMBER, Kind.WHOLE) or f.name in ("age_group", "bmi_group")


def unit_in(text: str) -> str | None:
    """The unit that stands as a word of its own in a text, such as a header; None where there is none or several."""
    found = {UNIT_OF_WORD[w] for w in re.findall(r"[a-z]+", folded(text)) if w in UNIT_OF_WORD}
    return found.pop() if len(found) == 1 else None


def blank_words(plan: Plan) -> frozenset[str]:
    """The texts that mean “not recorded”, folded."""
    return frozenset(("", *map(folded, plan.blanks)))


def _wanted_number(f: Field, unit: str | None) -> str:
    what = "a whole number" if f.kind is Kind.WHOLE else "a number"
    named = f" {f.units[0]}" if f.units else ""
    other = f" (the unit chosen is {unit})" if f.units and unit != f.units[0] else ""
    return f"{what} from {f.low:g} to {f.high:,g}{named}{other}"


def _odd_number(
    f: Field, text: str, mark: DecimalMark, unit: str | None, is_duration: bool
) -> tuple[float | None, str]:
    """The value of a text that is more than plain digits, or None with a hint what is wrong."""
    if (value := number(text, mark)) is not None:
        return value, ""
    if (value := graded(f, text)) is not None:
        return value, ""
    if unit in _OF_AN_HOUR and (value := said_duration(f, text)) is not None:
        return value * _OF_AN_HOUR[unit], ""
    if unit in _OF_AN_HOUR and (value := hours(text)) is not None:
        clock = clock_hours(text) is not None
        if is_duration or (clock and unit == "hours"):
            return value * _OF_AN_HOUR[unit], ""
        if clock:
            return None, " (hours and minutes can be read where the unit chosen is hours)"
        return (
            None,
            " (this is a duration in a cell that is formatted as a date: format it as [h]:mm and save it again)",
        )
    if (found := _WITH_UNIT.fullmatch(folded(text))) and (value := number(found["number"], mark)) is not None:
        said = UNIT_OF_WORD.get(found["unit"])
        if (said is not None and said == unit) or (found["unit"] == "%" and f.high == _PERCENT):
            return value, ""
        return None, " (without another unit behind it)"
    other = DecimalMark.COMMA if mark is DecimalMark.POINT else DecimalMark.POINT
    if number(text, other) is not None:
        return None, f" with “{mark}” as the decimal mark"
    return None, ""


def _groups(f: Field) -> list[tuple[float, float]]:
    """The bounds of choices that are groups of a number, the upper one not included; empty for other choices."""
    bounds = []
    for choice in f.choices:
        found = _GROUP.fullmatch(choice)
        if found is None:
            return []
        low = float(found["low"] or found["over"] or "-inf")
        high = float(found["under"] or "inf") if not found["high"] else float(found["high"]) + 1
        bounds.append((low, high))
    return bounds
