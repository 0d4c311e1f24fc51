"""What a file seems to be, and what has to be asked: which column is which field, units, order of dates, meaning of words.

A guess is a proposal on the screen. What a cell means is settled only where the whole column allows one reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from decision_aid.case_log.calendar import Calendar, calendars_of, clock_hours, day_of, hours
from decision_aid.case_log.cells import (
    BLANKS,
    Ballot,
    DateOrder,
    DecimalMark,
    days,
    folded,
    key,
    marks_allowed,
    orders_allowed,
)
from decision_aid.case_log.fields import BY_NAME, Field, Kind
from decision_aid.case_log.questions import Ask, ColumnLook, LogQuestion
from decision_aid.case_log.values import code_of, has_numbers, unit_in, word_key
from decision_aid.case_log.words import AS_SET_ASIDE, choices_of, words_of
from decision_aid.case_log.yes_no import later_questions
from decision_aid.domain.dates import day_in_words


def unit_of(f: Field, header: str) -> str | None:
    """The unit of a field's column where its header says it; None where it must be asked, or where there is none."""
    if not f.units:
        return None
    if key(header) == key(f.name):
        return f.units[0]  # the template's own name says the unit
    said = unit_in(header)
    return said if said in f.units else None


def questions(
    columns: Sequence[ColumnLook], mapping: Mapping[str, str], repeated_row: tuple[int, int] | None
) -> tuple[LogQuestion, ...]:
    """What must be asked before the file can be read with this mapping. `repeated_row`: lines of two equal rows."""
    looks = {c.header: c for c in columns}
    chosen = [(BY_NAME[name], looks[header]) for name, header in mapping.items() if name in BY_NAME and header in looks]
    found: list[LogQuestion] = []
    orders, marks = _ballots(chosen)
    if orders.open:
        text = f"What comes first in a date such as “{orders.example}”?"
        found.append(LogQuestion(Ask.DATE_ORDER, text, tuple(map(str, orders.open))))
    if marks.open:
        text = f"Which decimal mark has a number such as “{marks.example}”?"
        found.append(LogQuestion(Ask.DECIMAL_MARK, text, tuple(map(str, marks.open))))
    for f, c in chosen:
        if f.units and unit_of(f, c.header) is None and not _only_durations(f, c):
            text = f"In which unit does the column “{c.header}” give “{f.label}”?"
            found.append(LogQuestion(Ask.UNIT, text, f.units, f.name, c.header))
    found += [q for f, c in chosen for q in (_day_numbers(f, c), _durations(f, c)) if q is not None]
    for f, c in chosen:
        found += _about_words(f, c)
    found += later_questions(columns, mapping, {})
    if repeated_row:
        text = f"Line {repeated_row[1]} repeats line {repeated_row[0]} in every column. Is it the same case twice or another patient?"
        found.append(LogQuestion(Ask.REPEATED_ROWS, text, ("the same case", "another patient")))
    return tuple(found)


def settled(
    columns: Sequence[ColumnLook], mapping: Mapping[str, str]
) -> tuple[DateOrder | None, DecimalMark | None, dict[str, str]]:
    """Order of dates, decimal mark and units as far as the file itself says them."""
    looks = {c.header: c for c in columns}
    chosen = [(BY_NAME[name], looks[header]) for name, header in mapping.items() if name in BY_NAME and header in looks]
    units = {
        f.name: unit
        for f, c in chosen
        if (unit := unit_of(f, c.header) or ("hours" if _only_durations(f, c) else None)) is not None
    }
    orders, marks = _ballots(chosen)
    return orders.settled, marks.settled, units


def _ballots(chosen: Iterable[tuple[Field, ColumnLook]]) -> tuple[Ballot[DateOrder, str], Ballot[DecimalMark, str]]:
    orders, marks = Ballot[DateOrder, str](), Ballot[DecimalMark, str]()
    for f, column in chosen:
        for text, rows in column.typed.items():
            if f.kind is Kind.DATE:
                orders.add(orders_allowed(days(text)), DateOrder, rows, text)
            elif has_numbers(f):
                marks.add(marks_allowed(text), DecimalMark, rows, text)
    return orders, marks


def _about_words(f: Field, c: ColumnLook) -> Iterator[LogQuestion]:
    """What the texts of a column stand for that are no value: the most frequent one by one, the others in one."""
    found = words_of(f, c.texts, unit_of(f, c.header))
    choices = choices_of(f)
    if found.words:
        cells = "numbers and words" if any(code_of(w) is not None for w in found.words) else "words"
        never = " A range or a bound is never read as a number." if f.kind is Kind.NUMBER else ""
        text = f"What do these {cells} of the column “{c.header}” stand for?{never}"
        yield LogQuestion(
            Ask.WORDS, text, choices, f.name, c.header, found.words, found.suggested, found.rows, found.further
        )
    if found.more:
        such = ", ".join(f"“{w}”" for w in found.more[:3])
        text = (
            f"The column “{c.header}” holds {len(found.more):,} more texts that are no value (in {found.more_rows:,} rows), such as "
            f"{such}. What do they all stand for?"
        )
        further = () if f.kind is not Kind.CHOICE else (AS_SET_ASIDE,)
        yield LogQuestion(
            Ask.OTHER_WORDS,
            text,
            (*(c for c in choices if f.kind is not Kind.CHOICE or c not in f.choices), *further),
            f.name,
            c.header,
        )


def questions_further_down(
    columns: Sequence[ColumnLook], mapping: Mapping[str, str], found: Mapping[str, Mapping[str, int]]
) -> Iterator[LogQuestion]:
    """Words that the rows which were looked at do not hold, but the whole file does. `found`: field -> word -> rows."""
    looks = {c.header: c for c in columns}
    for name, words in found.items():
        if name not in mapping or mapping[name] not in looks:
            continue
        f, c = BY_NAME[name], looks[mapping[name]]
        unit = unit_of(f, c.header)
        seen = words_of(f, c.texts, unit)
        asked = {word_key(w) for w in (*seen.words, *seen.more)}
        whole = words_of(f, {**c.texts, **words}, unit)
        new = tuple(w for w in whole.words if word_key(w) not in asked and w in words)
        if new:
            text = f"Further down, the column “{c.header}” holds other texts as well. What do they stand for?"
            yield LogQuestion(
                Ask.WORDS,
                text,
                choices_of(f),
                name,
                c.header,
                new,
                whole.suggested,
                words,
                whole.further,
                whole_file=True,
            )


def _day_numbers(f: Field, c: ColumnLook) -> LogQuestion | None:
    """Which day a bare number of a column of dates is; None where there is no such number."""
    today = date.today()
    if f.kind is not Kind.DATE or not (numbers := [t for t in c.texts if calendars_of(t, today)]):
        return None
    fits = [k for k in Calendar if all(k in calendars_of(t, today) for t in numbers)]
    example = numbers[0]
    choices = [
        f"{k}: {example} is {day_in_words(day)}"
        for k in fits or calendars_of(example, today)
        if (day := day_of(example, k))
    ]
    text = (
        f"The column “{c.header}” holds Excel's day numbers, such as “{example}”. Excel counts the days from 1900, "
        "old Mac workbooks from 1904. From which year do they count?"
    )
    return LogQuestion(Ask.DAY_NUMBERS, text, (*choices, AS_SET_ASIDE), f.name, c.header)


def _durations(f: Field, c: ColumnLook) -> LogQuestion | None:
    """Whether clock times and dates of 1900 are durations; None where there is none, or where its header says hours."""
    found = [t for t in c.texts if hours(t) is not None] if set(f.units) & {"hours", "days", "min"} else []
    in_hours = (unit_of(f, c.header) or ("hours" if _only_durations(f, c) else None)) == "hours"
    if not found or (in_hours and all(clock_hours(t) is not None for t in found)):
        return None
    example = found[0]
    value = hours(example) or 0.0
    whole = round(value * 60)
    choices = (f"a duration: “{example}” is {whole // 60} h {whole % 60} min", AS_SET_ASIDE)
    why = "" if clock_hours(example) is not None else ", as a duration shows in a cell that is formatted as a date"
    text = f"The column “{c.header}” holds times such as “{example}”{why}. How are they to be read for “{f.label}”?"
    return LogQuestion(Ask.DURATIONS, text, choices, f.name, c.header)


def _only_durations(f: Field, c: ColumnLook) -> bool:
    """Whether every cell is a clock time or a date of 1900, so that no unit has to be said."""
    filled = [t for t in c.texts if folded(t) not in BLANKS]
    return "hours" in f.units and bool(filled) and all(hours(t) is not None for t in filled)
