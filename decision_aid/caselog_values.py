"""The distinct texts of a column turned into values of its field, and for each text that is none, what was expected.

Every function takes the distinct texts of a column and gives one entry for each, so that its work does not grow with the rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from decision_aid.caselog_cells import (
    EARLIEST_YEAR,
    TIME_OF_DAY,
    UNIT_WORDS,
    DateOrder,
    DecimalMark,
    days,
    folded,
    number,
)
from decision_aid.caselog_fields import Approach, Field, Kind
from decision_aid.caselog_plan import BLANKS, NO_WORDS, YES_WORDS, Plan
from decision_aid.schema import Procedure

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

Readings = Sequence[dict[DateOrder, date]]

# What a value in the second unit is multiplied with to be in the first.
_FACTORS = {("l", "ml"): 1000.0, ("hours", "days"): 1 / 24, ("hours", "min"): 60.0, ("weeks", "days"): 7.0}
_UNIT_OF_WORD = {word: unit for unit, words in UNIT_WORDS.items() for word in words}
_WITH_UNIT = re.compile(r"(?P<number>.*[0-9])\s*(?P<unit>[a-z]+|%)\.?", re.DOTALL)
_CLOCK = re.compile(r"([0-9]{1,3}):([0-5][0-9])(?::[0-5][0-9])?")
_DAY_NUMBER = re.compile(r"[2-6][0-9]{4}(?:\.0)?")  # of Excel's calendar
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


def choice_key(text: str) -> str:
    """A choice without case, accents and the kind of its dashes, spaces and underscores."""
    return re.sub(r"[\s_\-‐‑–—/]+", " ", folded(text)).strip()


def replaced(field: Field, texts: pa.Array, plan: Plan) -> pa.Array:
    """The texts with those exchanged that the plan gives another meaning."""
    import pyarrow as pa

    meanings = plan.values.get(field.name)
    if not meanings:
        return texts
    by_key = {choice_key(text): meaning for text, meaning in meanings.items()}
    return pa.array([meanings.get(t, by_key.get(choice_key(t), t)) for t in texts.to_pylist()], pa.string())


def day_readings(texts: pa.Array) -> Readings:
    """For each text the days it can mean; a time of day behind the date does not count."""
    import pyarrow.compute as pc

    # A million texts with a time are only some thousand days.
    encoded = pc.replace_substring_regex(pc.utf8_trim_whitespace(texts), TIME_OF_DAY, "").dictionary_encode()
    distinct = [days(text) for text in encoded.dictionary.to_pylist()]
    return [distinct[i] for i in encoded.indices.to_pylist()]


def read_days(texts: pa.Array, readings: Readings, plan: Plan, order: DateOrder | None, today: date) -> Reading:
    """Dates as datetime64[D]: from 1980 to today."""
    import numpy as np

    blanks = blank_words(plan)
    values = np.full(len(texts), np.datetime64("NaT"), dtype="datetime64[D]")
    faults: dict[int, str] = {}
    for i, (text, found) in enumerate(zip(texts.to_pylist(), readings, strict=True)):
        if not found:
            if folded(text) not in blanks:
                serial = " (this may be a day number of Excel: format the column as a date and save it again)"
                faults[i] = f"a date such as 2024-03-31{serial if _DAY_NUMBER.fullmatch(text.strip()) else ''}"
        elif (day := found.get(order) if order else next(iter(found.values()))) is None:
            faults[i] = f"a date with the {order} (this one can only be read in another order; write it as YYYY-MM-DD)"
        elif day > today:
            faults[i] = "a date that is not in the future"
        elif day.year < EARLIEST_YEAR:
            faults[i] = f"a date from {EARLIEST_YEAR} on (is this a date of birth?)"
        else:
            values[i] = np.datetime64(day, "D")
    return Reading(values, ~np.isnat(values), faults)


def read_numbers(field: Field, texts: pa.Array, plan: Plan, mark: DecimalMark) -> Reading:
    """Numbers as float64 in the first unit of the field, within its range; whole numbers are checked to be whole."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    blanks = blank_words(plan)
    unit = plan.units.get(field.name, field.units[0] if field.units else None)
    trimmed = pc.utf8_trim_whitespace(texts)
    plain = pc.match_substring_regex(trimmed, rf"^[0-9]{{1,9}}({re.escape(mark)}[0-9]{{1,12}})?$")
    point = pc.replace_substring(pc.if_else(plain, trimmed, None), mark, ".")
    values = np.array(point.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    faults: dict[int, str] = {}
    wanted = _wanted_number(field, unit)
    for i in np.flatnonzero(~np.asarray(plain)).tolist():
        text = texts[i].as_py()
        if folded(text) in blanks:
            continue
        value, hint = _odd_number(field, text, mark, unit)
        if value is None:
            faults[i] = f"{wanted}{hint}, {OR_EMPTY}"
        else:
            values[i] = value
    if field.units and unit != field.units[0]:
        values *= _FACTORS[unit, field.units[0]]
    before_range = values.copy()
    low = -np.inf if field.low is None else field.low
    high = np.inf if field.high is None else field.high
    with np.errstate(invalid="ignore"):
        outside = np.flatnonzero((values < low) | (values > high) | np.isinf(values))
        broken = np.flatnonzero(values % 1 != 0) if field.kind is Kind.WHOLE else np.empty(0, np.int64)
    for i in outside.tolist():
        rating = field.high == _RATING_TOP and field.high < values[i] <= _RATING_TOP * 10
        hint = " (was it asked from 0 to 100? divide the column by 10 in your file)" if rating else ""
        faults[i] = f"{wanted}{hint}"
    for i in broken.tolist():
        if not np.isnan(values[i]):
            faults.setdefault(i, wanted)
    values[list(faults)] = np.nan
    return Reading(values, ~np.isnan(values), faults, before_range)


def read_choices(field: Field, texts: pa.Array, plan: Plan, mark: DecimalMark) -> Reading:
    """Choices as the index of the choice; −1 where none is recorded. A number is put into its group where there are groups."""
    import numpy as np

    blanks = blank_words(plan)
    known = {choice_key(choice): i for i, choice in enumerate(field.choices)}
    groups = _groups(field)
    values = np.full(len(texts), -1, dtype=np.int8)
    faults: dict[int, str] = {}
    for i, text in enumerate(texts.to_pylist()):
        found = known.get(choice_key(text))
        if found is None and groups and (value := number(text, mark)) is not None and 0 < value <= _OLDEST_OR_HEAVIEST:
            found = next(j for j, (low, high) in enumerate(groups) if low <= value < high)
        if found is not None:
            values[i] = found
        elif folded(text) not in blanks:
            faults[i] = f"one of {', '.join(field.choices)} (or say what this word stands for), {OR_EMPTY}"
    return Reading(values, values >= 0, faults)


def read_yes_no(field: Field, texts: pa.Array, plan: Plan) -> Reading:
    """Yes and no as booleans."""
    import numpy as np

    blanks = blank_words(plan)
    yes, no = ({folded(w) for w in words} for words in (plan.yes_words, plan.no_words))
    values = np.zeros(len(texts), dtype=bool)
    recorded = np.zeros(len(texts), dtype=bool)
    faults: dict[int, str] = {}
    for i, text in enumerate(texts.to_pylist()):
        word = folded(text)
        if word in yes or word in no:
            values[i], recorded[i] = word in yes, True
        elif folded(text) in blanks:
            recorded[i] = field.name in plan.blank_is_no
        else:
            faults[i] = f"yes or no (or say what this word stands for), {OR_EMPTY}"
    return Reading(values, recorded, faults)


def has_numbers(f: Field) -> bool:
    """Whether a column of this field can hold numbers with a decimal mark."""
    return f.kind in (Kind.NUMBER, Kind.WHOLE) or f.name in ("age_group", "bmi_group")


def only_yes(texts: Iterable[str], plan: Plan | None = None) -> bool:
    """Whether a column has a yes and empty cells, but no word for no."""
    yes, no, blank = (YES_WORDS, NO_WORDS, BLANKS) if plan is None else (plan.yes_words, plan.no_words, plan.blanks)
    words = {folded(t) for t in texts}
    return bool(words & set(yes)) and bool(words & {"", *blank}) and not words & set(no)


def unit_in(text: str) -> str | None:
    """The unit that stands as a word of its own in a text, such as a header; None where there is none or several."""
    found = {_UNIT_OF_WORD[w] for w in re.findall(r"[a-z]+", folded(text)) if w in _UNIT_OF_WORD}
    return found.pop() if len(found) == 1 else None


def suggested_choice(field: Field, text: str) -> str | None:
    """What a word of the trade most likely stands for, as a proposal to be confirmed; None where nothing is near."""
    words = choice_key(text)

    def has(*parts: str) -> bool:
        return any(part in words for part in parts)

    mis = has(
        "minimal", "tubul", "endosk", "endosc", "percut", "perkut", "mini open", "biportal", "ube", "xlif", "keyhole"
    ) or ("mis" in words.split() or "mi" in words.split())
    open_ = has("open", "offen", "ouvert", "abiert", "convention", "konvention") and not has("mini open")
    if field.name == "approach":
        return None if mis == open_ else str(Approach.MIS if mis else Approach.OPEN)
    fusion = has("fusion", "lif", "spondylodes", "arthrodes", "artrodes")
    if field.name == "procedure":
        if fusion:
            return str(Procedure.FUSION)
        if has("disc", "disk", "nukleo", "nucleo", "sequest", "hernia"):
            return str(Procedure.DISCECTOMY)
        return str(Procedure.DECOMPRESSION) if has("decomp", "dekomp", "descomp", "lamin", "stenos") else None
    if field.name != "technique":
        return None
    side = "mis" if mis and not open_ else "open" if open_ and not mis else None
    rules = (
        (has("xlif", "llif"), "mis_xlif"),
        (has("tlif") and side is not None, f"{side}_tlif"),
        (has("plif") and side is not None, f"{side}_plif"),
        (has("biport", "ube"), "biportal_endoscopic"),
        (has("microendo", "mikroendo"), "microendoscopic"),
        (has("full endo", "vollendo", "uniport", "peld", "transforaminal endo"), "full_endoscopic"),
        (has("tubul"), "tubular"),
        (has("spinous"), "spinous_process_splitting"),
        (has("microdis", "mikrodis") and not mis, "open_microdiscectomy"),
        (has("laminect", "laminekt") and not mis, "open_laminectomy"),
    )
    return next((technique for fits, technique in rules if fits), None)


def blank_words(plan: Plan) -> frozenset[str]:
    """The texts that mean “not recorded”, folded."""
    return frozenset(("", *map(folded, plan.blanks)))


def _wanted_number(field: Field, unit: str | None) -> str:
    what = "a whole number" if field.kind is Kind.WHOLE else "a number"
    named = f" {field.units[0]}" if field.units else ""
    other = f" (the unit chosen is {unit})" if field.units and unit != field.units[0] else ""
    return f"{what} from {field.low:g} to {field.high:,g}{named}{other}"


def _odd_number(field: Field, text: str, mark: DecimalMark, unit: str | None) -> tuple[float | None, str]:
    """The value of a text that is more than plain digits, or None with a hint what is wrong."""
    if (value := number(text, mark)) is not None:
        return value, ""
    if clock := _CLOCK.fullmatch(text.strip()):
        if unit == "hours":
            return int(clock[1]) + int(clock[2]) / 60, ""
        return None, " (hours and minutes can be read where the unit chosen is hours)"
    if (found := _WITH_UNIT.fullmatch(folded(text))) and (value := number(found["number"], mark)) is not None:
        said = _UNIT_OF_WORD.get(found["unit"])
        if (said is not None and said == unit) or (found["unit"] == "%" and field.high == _PERCENT):
            return value, ""
        return None, " (without another unit behind it)"
    other = DecimalMark.COMMA if mark is DecimalMark.POINT else DecimalMark.POINT
    if number(text, other) is not None:
        return None, f" with “{mark}” as the decimal mark"
    return None, ""


def _groups(field: Field) -> list[tuple[float, float]]:
    """The bounds of choices that are groups of a number, the upper one not included; empty for other choices."""
    bounds = []
    for choice in field.choices:
        found = _GROUP.fullmatch(choice)
        if found is None:
            return []
        low = float(found["low"] or found["over"] or "-inf")
        high = float(found["under"] or "inf") if not found["high"] else float(found["high"]) + 1
        bounds.append((low, high))
    return bounds
