"""A case log that was read, and what its reader should know of it in sentences: columns that say one thing only, blanks,
and the one column that sets most rows aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from decision_aid.case_log.fields import BY_NAME
from decision_aid.case_log.plan import Plan

if TYPE_CHECKING:
    import pandas as pd

_WORDS_SHOWN = 4
_LINES_TOLD = 8


@dataclass(frozen=True, slots=True, eq=False)
class CaseLog:
    """A checked case log. `rows_in` is `used`, `set_aside_rows` and `left_out_rows`; blank lines are no rows, counted apart."""

    file: str
    cases: pd.DataFrame = field(repr=False)  # exactly the columns of `caselog_fields.FIELDS`
    rows_in: int
    set_aside_rows: int
    set_aside: pd.DataFrame = field(repr=False)  # line, column, value, reason: one entry a fault, in the order of lines
    left_out_rows: int  # said to be no cases of this log
    left_out: Mapping[str, Mapping[str, int]]  # field -> text -> in how many rows it left them out
    blank_rows: int
    dropped_columns: Mapping[str, str]  # header -> why its cells were not kept
    not_recorded: Mapping[str, int]  # field -> in how many of the used rows
    unknown_words: Mapping[
        str, Mapping[str, int]
    ]  # field -> word without a meaning -> rows; to be given one in the plan
    notes: tuple[str, ...]  # what a reader of the numbers should know
    plan: Plan
    left_out_lines: tuple[tuple[int, str], ...] = ()  # line -> why it is no case of its own: a total, a visit, a footer

    @property
    def used(self) -> int:
        """How many rows became cases."""
        return len(self.cases)


def one_sided(header: str, yes: int, no: int, silent: int, not_counted: bool, was_asked: bool) -> str | None:
    """What to know of a yes/no column in which everybody has the same; None where there are both. Counts are of rows."""
    if not_counted:
        return f"The column “{header}” says only yes, and an empty cell in it is not recorded. So no share can be told: it is not counted."
    if yes and not no and silent:
        return (
            f"The column “{header}” holds only yes and empty cells. An empty cell was read as not recorded, so "
            "a share of yes says nothing. If it means no, say so and read the file again."
            + ("" if was_asked else " It is not counted.")
        )
    if bool(yes) == bool(no):
        return None
    return (
        f"The column “{header}” says {'yes' if yes else 'no'} in all {yes or no:,} used rows in which it says anything. "
        "If it was never written down, choose “– not in this file –” for it."
    )


def several_rows(header: str, numbers: int, rows: int) -> str:
    """That patients stand in more than one row: visits, or several operations of one patient."""
    return (
        f"In the column “{header}” the same number stands in more than one row ({numbers:,} different ones in {rows:,} rows). Each row is "
        "read as an operation: if some are visits, export the file with one row a patient."
    )


def read_as_not_recorded(header: str, found: Mapping[str, int]) -> str:
    """That words were taken for “not recorded” without having been asked about. `found`: word -> in how many cells."""
    words = ", ".join(f"“{w}”" for w in list(found)[:_WORDS_SHOWN]) + (
        " and others" if len(found) > _WORDS_SHOWN else ""
    )
    count = sum(found.values())
    return f"The column “{header}”: {words} ({count:,} {'cell' if count == 1 else 'cells'}) was read as not recorded."


def advice(log: CaseLog) -> str | None:
    """What to do where one column sets most of the rows aside; None where none does."""
    if not log.set_aside_rows:
        return None
    faults = log.set_aside[log.set_aside["column"] != ""]
    lines = faults.groupby("column", sort=False)["line"].nunique()
    if lines.empty or int(lines.max()) * 2 <= log.set_aside_rows or int(lines.max()) < 2:
        return None
    header = str(lines.idxmax())
    fields = [BY_NAME[name] for name, mapped in log.plan.mapping.items() if mapped == header]
    if not fields:
        return None
    rows = f"{int(lines.max()):,} of {log.rows_in:,} rows"
    if any(f.required for f in fields):
        return f"{fields[0].label} (column “{header}”) sets {rows} aside: fill in or correct its cells in the file, answer its words, or choose another column for it."
    return f"{fields[0].label} (column “{header}”) sets {rows} aside: choose “– not in this file –” for it, or answer its words."


def left_out_sentences(log: CaseLog) -> Iterator[str]:
    """For each reason why lines of the file are no cases a sentence with the lines."""
    lines: dict[str, list[str]] = {}
    for line, reason in log.left_out_lines:
        lines.setdefault(reason, []).append(f"{line:,}")
    for reason, found in lines.items():
        more = f" and {len(found) - _LINES_TOLD:,} more" if len(found) > _LINES_TOLD else ""
        yield f"Left out, {'line' if len(found) == 1 else 'lines'} {', '.join(found[:_LINES_TOLD])}{more}: {reason}."


def to_know(log: CaseLog) -> tuple[str, ...]:
    """What stands under the counts of rows: the column that sets most aside, what was left out, blank lines and the notes."""
    told = [advice(log)]
    for name, words in log.left_out.items():
        named = ", ".join(f"“{word}” ({rows:,})" for word, rows in list(words.items())[:_WORDS_SHOWN])
        more = f" and {len(words) - _WORDS_SHOWN:,} more texts" if len(words) > _WORDS_SHOWN else ""
        told.append(f"Left out by “{log.plan.mapping[name]}”: {named}{more}.")
    told += left_out_sentences(log)
    if log.blank_rows:
        lines = "1 blank line is" if log.blank_rows == 1 else f"{log.blank_rows:,} blank lines are"
        told.append(f"{lines} no rows and not counted.")
    return (*filter(None, told), *log.notes)
