"""What a file seems to be, and what has to be asked: which column is which field, units, order of dates, meaning of words.

A guess is a proposal on the screen. What a cell means is settled only where the whole column allows one reading.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from decision_aid.caselog_cells import (
    Ballot,
    DateOrder,
    DecimalMark,
    days,
    folded,
    key,
    marks_allowed,
    number,
    orders_allowed,
)
from decision_aid.caselog_fields import BY_NAME, Field, Kind
from decision_aid.caselog_identity import shown
from decision_aid.caselog_plan import BLANKS, NO_WORDS, YES_WORDS
from decision_aid.caselog_values import choice_key, has_numbers, only_yes, suggested_choice, unit_in

MOST_WORDS_ASKED = 60


class Ask(StrEnum):
    """What a question is about; in this order they are asked."""

    SHEET = "sheet"
    HIDDEN_ROWS = "hidden rows"
    MERGED_CELLS = "merged cells"
    DATE_ORDER = "date order"
    DECIMAL_MARK = "decimal mark"
    UNIT = "unit"
    WORDS = "words"
    EMPTY_CELLS = "empty cells"
    REPEATED_ROWS = "repeated rows"


@dataclass(frozen=True, slots=True)
class Question:
    """Something the file does not say. `text` is the question as a sentence; the answer is one of `choices`.

    For words: one of `choices` for each of `words`, with proposals in `suggested`.
    """

    ask: Ask
    text: str
    choices: tuple[str, ...]
    field: str | None = None
    header: str | None = None
    words: tuple[str, ...] = ()
    suggested: Mapping[str, str] = dataclasses.field(default_factory=dict)  # word -> choice


@dataclass(frozen=True, slots=True)
class ColumnLook:
    """A column of the rows that were looked at. Of an identifying column no cell is kept."""

    header: str
    guess: str | None  # the field it seems to be
    identifying: str | None  # why it is not stored
    filled: int
    texts: Mapping[str, int] = dataclasses.field(repr=False)  # what stands there -> in how many rows
    typed: Mapping[str, int] = dataclasses.field(
        repr=False
    )  # the same without what a program stored as a number or date

    @property
    def examples(self) -> tuple[str, ...]:
        """Up to three of its texts."""
        return tuple([shown(t) for t in self.texts if t.strip()][:3])


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
) -> tuple[Question, ...]:
    """What must be asked before the file can be read with this mapping. `repeated_row`: lines of two equal rows."""
    looks = {c.header: c for c in columns}
    chosen = [(BY_NAME[name], looks[header]) for name, header in mapping.items() if name in BY_NAME and header in looks]
    found: list[Question] = []
    orders, marks = _ballots(chosen)
    if orders.open:
        text = f"What comes first in a date such as “{orders.example}”?"
        found.append(Question(Ask.DATE_ORDER, text, tuple(map(str, orders.open))))
    if marks.open:
        text = f"Which decimal mark has a number such as “{marks.example}”?"
        found.append(Question(Ask.DECIMAL_MARK, text, tuple(map(str, marks.open))))
    for f, c in chosen:
        if f.units and unit_of(f, c.header) is None:
            found.append(
                Question(
                    Ask.UNIT, f"In which unit does the column “{c.header}” give “{f.label}”?", f.units, f.name, c.header
                )
            )
    for f, c in chosen:
        if words := _words_to_ask(f, c):
            choices = ("yes", "no") if f.kind is Kind.YES_NO else tuple(map(str, f.choices))
            proposals = {w: s for w in words if (s := suggested_choice(f, w)) is not None}
            text = f"What do these words of the column “{c.header}” stand for?"
            found.append(Question(Ask.WORDS, text, choices, f.name, c.header, words, proposals))
    for f, c in chosen:
        if f.kind is Kind.YES_NO and only_yes(c.texts):
            text = f"The column “{c.header}” holds only yes and empty cells. What does an empty cell mean?"
            found.append(Question(Ask.EMPTY_CELLS, text, ("no", "not recorded"), f.name, c.header))
    if repeated_row:
        text = f"Line {repeated_row[1]} repeats line {repeated_row[0]} in every column. Is it the same case twice or another patient?"
        found.append(Question(Ask.REPEATED_ROWS, text, ("the same case", "another patient")))
    return tuple(found)


def settled(
    columns: Sequence[ColumnLook], mapping: Mapping[str, str]
) -> tuple[DateOrder | None, DecimalMark | None, dict[str, str]]:
    """Order of dates, decimal mark and units as far as the file itself says them."""
    looks = {c.header: c for c in columns}
    chosen = [(BY_NAME[name], looks[header]) for name, header in mapping.items() if name in BY_NAME and header in looks]
    units = {f.name: unit for f, c in chosen if (unit := unit_of(f, c.header)) is not None}
    orders, marks = _ballots(chosen)
    return orders.settled, marks.settled, units


def _ballots(chosen: Iterable[tuple[Field, ColumnLook]]) -> tuple[Ballot[DateOrder], Ballot[DecimalMark]]:
    orders, marks = Ballot[DateOrder](), Ballot[DecimalMark]()
    for f, column in chosen:
        for text, rows in column.typed.items():
            if f.kind is Kind.DATE:
                orders.add(orders_allowed(days(text)), DateOrder, rows, text)
            elif has_numbers(f):
                marks.add(marks_allowed(text), DecimalMark, rows, text)
    return orders, marks


def _words_to_ask(f: Field, column: ColumnLook) -> tuple[str, ...]:
    """Words of a column of choices or of yes and no that are none of those known, the most frequent first."""
    if f.kind is Kind.CHOICE:
        known = {choice_key(c) for c in f.choices}
    elif f.kind is Kind.YES_NO:
        known = {choice_key(w) for w in (*YES_WORDS, *NO_WORDS)}
    else:
        return ()
    found: Counter[str] = Counter()
    for text, rows in column.texts.items():
        if folded(text) in BLANKS or choice_key(text) in known:
            continue
        if has_numbers(f) and any(number(text, mark) is not None for mark in DecimalMark):
            continue
        if shown(text, f.kind, rows) == text.strip():  # a slip of a cell may hold a name
            found[text.strip()] += rows
    return tuple(word for word, _ in found.most_common(MOST_WORDS_ASKED))
