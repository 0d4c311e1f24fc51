"""What is asked about a file, and what of its columns is looked at to ask it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Ask(StrEnum):
    """What a question is about; in this order they are asked."""

    SHEET = "sheet"
    HIDDEN_ROWS = "hidden rows"
    MERGED_CELLS = "merged cells"
    DATE_ORDER = "date order"
    DECIMAL_MARK = "decimal mark"
    UNIT = "unit"
    DAY_NUMBERS = "day numbers"
    DURATIONS = "durations"
    WORDS = "words"
    OTHER_WORDS = "other words"
    EMPTY_CELLS = "empty cells"
    ONE_MEANING = "one meaning"
    REPEATED_ROWS = "repeated rows"


@dataclass(frozen=True, slots=True)
class LogQuestion:
    """Something the file does not say. `text` is the question as a sentence; the answer is one of `choices`.

    For words: one of `choices`, or of those in `further`, for each of `words`, with proposals in `suggested`.
    """

    ask: Ask
    text: str
    choices: tuple[str, ...]
    field: str | None = None
    header: str | None = None
    words: tuple[str, ...] = ()
    suggested: Mapping[str, str] = dataclasses.field(default_factory=dict)  # word -> choice
    rows: Mapping[str, int] = dataclasses.field(default_factory=dict)  # word -> in how many rows that were looked at
    further: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)  # word -> choices of its own

    whole_file: bool = False  # the rows are of the whole file, not of its beginning

    def offered(self, word: str) -> tuple[str, ...]:
        """What this word can be said to stand for."""
        return (*self.further.get(word, ()), *self.choices)


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
