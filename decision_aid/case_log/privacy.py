"""What in a case log could name a person: whole columns, by their header or by what they hold, and single cells.

A false alarm costs little (the column is not stored), a miss could put a name into a file. So the rules lean towards the alarm;
columns that carry the name of a field are judged by their content only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from statistics import median

from decision_aid.case_log.calendar import Calendar, calendars_of, day_of, is_placeholder
from decision_aid.case_log.cells import EARLIEST_YEAR, Ballot, DateOrder, days, folded, key, orders_allowed
from decision_aid.case_log.fields import FIELDS, Kind
from decision_aid.case_log.terms import terms

HIDDEN = "(not shown: it may identify a person)"

_KINDS = (
    "a name", "a date of birth", "an address", "a telephone number", "an e-mail address", "a record number", "an insurance number",
)  # fmt: skip
_TERMS = terms("personal")
_BY_KEY = {key(name): what for what in _KINDS for name in _TERMS[what]}
# Inside a longer header these are as clear as alone; shorter ones (“id”, “tel”, “ort”) would also be parts of other words.
_PHRASES = tuple(
    (tuple(folded(name).split()), what) for what in _KINDS for name in _TERMS[what] if name not in _TERMS["only alone"]
)
_PARTS = tuple((key(part), what) for what in _KINDS for part in _TERMS.get(f"part of {what}", ()))
_DATE_KEYS = {key(text) for f in FIELDS if f.kind is Kind.DATE for text in (f.name, f.label, *f.guesses)}
_DATE_WORDS = frozenset(["date", "dates", "datum", "day", "tag", "dt", "dos", "fecha", "jour", "dia", "dato"])
_YEARS_OF_A_DURATION = frozenset((1899, 1900, 1904))  # as which a spreadsheet program shows it
_FIELD_KEYS = {key(text) for f in FIELDS for text in (f.name, f.label, *f.guesses)}

_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_TELEPHONE = re.compile(
    r"(?:\+|00)[1-9][0-9 ()/.-]{6,18}[0-9]|0[0-9]{1,5}[ /()-]+[0-9][0-9 -]{3,12}[0-9]|\(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}"
)
_RECORD_NUMBER = re.compile(r"[A-Za-z]{0,4}[-_/. ]?[0-9]{5,}(?:[-_/. ][0-9]{1,4})?")
_LONG_NUMBER = re.compile(r"(?<![0-9.,])[0-9]{6,}(?![0-9]*[.,][0-9])")
_NAME_WORD = r"(?:[^\W\d_a-z][^\W\d_]*(?:['’-][^\W\d_]+)*\.?)"  # begins with a capital letter
_PERSON = re.compile(
    rf"(?:{_NAME_WORD},?\s+)+(?:(?:van|von|de|der|den|di|da|la|le|el|zu)\s+)*{_NAME_WORD}|[^\W\d_]+,\s*[^\W\d_]+"
)
_ONE_NAME = re.compile(_NAME_WORD)
# Words of the trade: a text that holds one of them is no person's name.
_TRADE = frozenset(_TERMS["trade"])

_ROWS_OF_A_TERM = 3
_ENOUGH_ROWS = 5  # fewer say nothing about a column


def by_header(header: str) -> str | None:
    """What a column names a person by, read from its header; None where the header is no alarm."""
    whole = key(header)
    if whole in _FIELD_KEYS:
        return None
    if found := _BY_KEY.get(whole):
        return found
    # “BirthDate” and “birth_date” are the same two words.
    words = folded(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header))
    parts = tuple(re.findall(r"[a-z0-9]+", words))
    for phrase, what in _PHRASES:
        if any(parts[i : i + len(phrase)] == phrase for i in range(len(parts) - len(phrase) + 1)):
            return what
    return next((what for part, what in _PARTS if part in whole), None)


def names_a_date(header: str) -> bool:
    """Whether a header says that its column holds dates."""
    if key(header) in _DATE_KEYS:
        return True
    words = re.findall(r"[a-z]+", folded(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)))
    return any(w in _DATE_WORDS or (w.endswith(("date", "datum")) and w not in ("update", "candidate")) for w in words)


def by_content(
    texts: Sequence[str], operation_years: Sequence[int | None] = (), *, of_dates: bool = False
) -> str | None:
    """What a column names a person by, read from its cells; None where they are no alarm.

    `texts`: one a row, from the beginning of the file. `operation_years`: the year of the operation of the same rows.
    `of_dates`: its header says that it holds dates, so numbers that can be Excel's day numbers are days.
    """
    filled = [(i, text) for i, t in enumerate(texts) if (text := t.strip())]
    if not filled:
        return None
    cells = [t for _, t in filled]
    distinct = set(cells)
    readings = {t: days(t) for t in distinct}
    alike = {t: _looks_like(t, found) for t, found in readings.items()}
    counts = Counter(alike.values())
    if counts["mail"] and sum(alike[t] == "mail" for t in cells) * 5 >= len(cells):
        return "an e-mail address"
    if counts["telephone"] * 2 >= len(distinct) and len(distinct) >= 2:
        return "a telephone number"
    if _are_births(filled, readings, operation_years, of_dates):
        return "a date of birth"
    if len(cells) < _ENOUGH_ROWS:
        return None
    if of_dates and are_day_numbers(cells):
        return None
    if counts["record"] * 5 >= len(distinct) * 4 and len(distinct) * 20 >= len(cells) * 19:
        return "a record number"
    many = max(_ENOUGH_ROWS, 0.3 * len(cells)) if len(cells) < 100 else 30
    if counts["person"] * 2 >= len(distinct) and counts["person"] >= many:
        return "a name"
    # Nobody's choices are as many words: surnames alone.
    words = [t for t in distinct if len(t) > 2 and _ONE_NAME.fullmatch(t) and not _is_of_the_trade(t)]
    enough = max(many, 0.5 * len(cells)) if len(cells) < 100 else many
    return "a name" if len(words) * 5 >= len(distinct) * 4 and len(words) >= enough else None


def are_day_numbers(cells: Sequence[str]) -> bool:
    """Whether nearly all cells can be Excel's numbers of days on which an operation can have been."""
    numbers = sum(bool(calendars_of(t, date.today())) for t in cells)
    return numbers * 20 >= len(cells) * 19 or (
        numbers > 0 and all(days(t) or calendars_of(t, date.today()) for t in cells)
    )


def shown(text: str, kind: Kind | None = None, rows: int = 1) -> str:
    """A cell as it may be repeated in a message: whole, or with what may identify a person taken out.

    `rows`: in how many rows the text stands; two words that stand in many are a term, not a person. Of a day before any
    operation only the year is left.
    """
    text = text.strip()
    readings = days(text)
    if readings and is_placeholder(text):
        return text
    if readings:
        year = min(day.year for day in readings.values())
        if kind is Kind.DATE:
            return text if year >= EARLIEST_YEAR else f"a day in {year}"
        return HIDDEN
    what = _looks_like(text, readings)
    if what == "person" and rows >= _ROWS_OF_A_TERM:
        return text
    if what or _LONG_NUMBER.search(text) or _MAIL.search(text):
        # Five digits are a number of Excel's calendar or a slip of the finger; a record number is mostly longer.
        if kind is not None and re.fullmatch(r"[0-9]{1,5}", text):
            return text
        return HIDDEN
    return text


def _looks_like(text: str, readings: Mapping[DateOrder, date]) -> str | None:
    """`readings`: the days that the text can mean."""
    if _MAIL.fullmatch(text):
        return "mail"
    if readings:
        return None
    if _TELEPHONE.fullmatch(text):
        return "telephone"
    if _RECORD_NUMBER.fullmatch(text):
        return "record"
    return "person" if _PERSON.fullmatch(text) and not _is_of_the_trade(text) else None


def _is_of_the_trade(text: str) -> bool:
    return not _TRADE.isdisjoint(re.findall(r"[a-z]+", folded(text)))


def _are_births(
    filled: Sequence[tuple[int, str]],
    readings: Mapping[str, Mapping[DateOrder, date]],
    operation_years: Sequence[int | None],
    of_dates: bool,
) -> bool:
    """Whether a column of dates lies far before the operations, or before any operation of a log."""
    # A day that stands for “missing” is nobody's birthday.
    no_days = {t for t, found in readings.items() if found and is_placeholder(t)}
    filled = [(i, t) for i, t in filled if t not in no_days]
    year_of = _years({t: found for t, found in readings.items() if t not in no_days}, of_dates)
    found = [(i, year_of[t]) for i, t in filled if t in year_of]
    if not found or len(found) * 2 < len(filled) or {year for _, year in found} <= _YEARS_OF_A_DURATION:
        return False
    years = [year for _, year in found]
    if sum(year < EARLIEST_YEAR for year in years) * 10 >= len(years) * 3:
        return True
    gaps = [
        operation - year
        for i, year in found
        if i < len(operation_years) and (operation := operation_years[i]) is not None
    ]
    return len(gaps) >= _ENOUGH_ROWS and median(gaps) >= 10


def operation_years(texts: Sequence[str]) -> list[int | None]:
    """The year in each text of a column of dates; None where there is none."""
    year_of = _years({t: days(t) for t in set(texts)}, of_dates=True)
    return [year_of.get(t) for t in texts]


def _years(readings: Mapping[str, Mapping[DateOrder, date]], of_dates: bool) -> dict[str, int]:
    """The year of each text that is a date, read in the order that the column settles, else with the year last."""
    dated = {text: found for text, found in readings.items() if found}
    if of_dates:
        numbers = {t: day_of(t, Calendar.FROM_1900) for t in readings if t not in dated}
        dated |= {text: dict.fromkeys(DateOrder, day) for text, day in numbers.items() if day is not None}
    ballot = Ballot[DateOrder, str]()
    for text, found in dated.items():
        ballot.add(orders_allowed(found), DateOrder, 1, text)
    order = ballot.settled or DateOrder.DAY_FIRST
    return {text: (found.get(order) or next(iter(found.values()))).year for text, found in dated.items()}


def identifying(headers: Sequence[str], columns: Sequence[Sequence[str]], operation: str | None) -> Mapping[str, str]:
    """For each identifying column of a file why it is one. `columns`: first texts of each; `operation`: header of the date."""
    years: Sequence[int | None] = ()
    if operation in headers:
        years = operation_years(columns[headers.index(operation)])
    found = {}
    for header, texts in zip(headers, columns, strict=True):
        if what := by_header(header):
            found[header] = f"its name says that it holds {what}"
        elif what := by_content(
            texts, () if header == operation else years, of_dates=header == operation or names_a_date(header)
        ):
            found[header] = f"its cells look like {what}{_or_days(what, texts)}"
    return found


def _or_days(what: str, texts: Sequence[str]) -> str:
    """What to do where a column that is not named after a date could hold days all the same."""
    if what != "a record number" or not are_day_numbers([t for t in texts if t.strip()]):
        return ""
    return " (if they are Excel's day numbers, name it after a date or format it as a date, and save it again)"
