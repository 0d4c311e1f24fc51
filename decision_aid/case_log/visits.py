"""Exports with a row for each visit: what stands in rows without an operation is joined to the operation of the same record.

The record number is used for that and for nothing else; it is not stored. Where it cannot be told what belongs to which
operation, the rows are set aside with the reason and nothing is joined.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from decision_aid.case_log.cells import BLANKS, folded, key
from decision_aid.case_log.privacy import by_header
from decision_aid.case_log.sources.table import BrokenRow, Table

_EVENTS = frozenset(map(key, ("redcap_event_name", "redcap_repeat_instance", "redcap_repeat_instrument", "event name", "repeat instance", "repeat instrument")))  # fmt: skip
NO_OPERATION = "no row of this record has a date of operation"
JOINED = "a visit, joined to the operation of the same record"
NOT_JOINED = (
    "This export has a row for each visit and no column that says which rows belong together. Only rows with an operation are cases; "
    "follow-ups in rows of their own are set aside. Export it with the record number, or with one row a patient."
)
_WHICH_OPERATION = "one operation for each record, because it cannot be told to which of them this visit belongs (number them as two records)"
_ONE_VALUE = "one value of a field for each operation, not another one on each visit (give each visit a column of its own, or leave the column out)"


@dataclass(frozen=True, slots=True)
class Visits:
    """Rows of visits: the column by which they belong together, how many there are without an operation, of how many."""

    header: str
    without: int
    of: int


def visits(headers: Sequence[str], columns: Sequence[Sequence[str]], operation: str | None) -> Visits | None:
    """Whether a file has a row for each visit; None where each row is a case. `columns`: the cells of each, as texts."""
    if operation not in headers:
        return None
    at = _record_column(headers, headers.index(operation))
    if at is None:
        return None
    dates = columns[headers.index(operation)]
    operated = {r for r, d in zip(columns[at], dates, strict=True) if not _blank(d) and not _blank(r)}
    without = sum(_blank(d) and r in operated for r, d in zip(columns[at], dates, strict=True))
    return Visits(headers[at], without, len(dates)) if without else None


def told(found: Visits) -> str:
    """The sentence before the file is read."""
    return (
        f"This file has a row for each visit: {found.without:,} of {found.of:,} rows looked at have no date of operation and belong to a "
        f"record that has one in another row. They are joined to that operation by “{found.header}”, which is used for this only "
        "and is not stored."
    )


def joined(table: Table, mapping: Mapping[str, str]) -> Table:
    """The table with one row for each operation; unchanged where each row is one already."""
    import numpy as np

    operation = table.headers.index(mapping["operation_date"])
    dates = _texts(table, operation)
    undated = np.array([_blank(t) for t in dates], dtype=bool)[table.codes[operation]] if dates else np.zeros(0, bool)
    if not undated.any():
        return table
    at = _record_column(table.headers, operation)
    if at is None:
        return dataclasses.replace(table, notes=(*table.notes, NOT_JOINED)) if _has_events(table.headers) else table
    of_event = _has_events(table.headers)
    records = np.array([_blank(t) for t in _texts(table, at)], dtype=bool)
    code = table.codes[at]
    groups: dict[int, list[int]] = {}
    concerned = set(np.unique(code[undated]).tolist())
    for row in np.flatnonzero(np.isin(code, list(concerned))).tolist():
        groups.setdefault(int(code[row]), []).append(row)
    columns = {name: table.headers.index(h) for name, h in mapping.items() if h in table.headers}
    mapped = {name: c for name, c in columns.items() if c != at}
    blanks = {c: np.array([_blank(t) for t in _texts(table, c)], dtype=bool) for c in mapped.values()}
    codes = [c.copy() for c in table.codes]
    gone = np.zeros(len(table.lines), dtype=bool)
    broken, left_out = list(table.broken), list(table.left_out)
    said = [mapped[name] for name in ("procedure", "approach") if name in mapped]

    def whole(row: int) -> bool:
        """Whether a row names procedure and approach: without a date it is a case that lacks one, and no visit."""
        return not any(blanks[c][table.codes[c][row]] for c in said)

    several_values: dict[str, int] = {}
    done = 0
    for record, rows in groups.items():
        if records[record]:
            continue  # without a record number nothing belongs together
        operations = [r for r in rows if not undated[r]]
        others = [r for r in rows if undated[r] and not (any(map(whole, operations)) and whole(r))]
        if not operations and not of_event:
            continue  # a date that was forgotten: the reader says so
        gone[others] = True
        lines = [int(table.lines[r]) for r in others]
        if not operations:
            left_out += [(line, NO_OPERATION) for line in lines]
            continue
        if len(operations) > 1:
            found = f"a visit of a record with {len(operations)} operations"
            broken += [BrokenRow(line, found, _WHICH_OPERATION) for line in lines]
            continue
        (own,) = operations
        clashing = _take_over(codes, blanks, mapped, own, others)
        left_out += [(line, JOINED) for line in lines]
        if clashing:
            gone[own] = True
            names = ", ".join(f"“{table.headers[c]}”" for c in clashing)
            broken.append(BrokenRow(int(table.lines[own]), f"several values in {names}", _ONE_VALUE))
            for c in clashing:
                several_values[table.headers[c]] = several_values.get(table.headers[c], 0) + 1
        else:
            done += len(others)
    if not gone.any():
        return table
    notes = (
        [
            f"A row for each visit: {done:,} rows without an operation were joined to the operation of the same record (“{table.headers[at]}”, which is not stored)."
        ]
        if done
        else []
    )
    notes += [
        f"{count:,} cases were set aside because “{header}” has another value on each visit. Give each visit a column of its own, or leave this column out."
        for header, count in several_values.items()
    ]
    gathered = dataclasses.replace(table, codes=codes, broken=broken, left_out=left_out, notes=(*table.notes, *notes))
    return gathered.where(~gone)


def _take_over(
    codes: list[Any], blanks: Mapping[int, Any], mapped: Mapping[str, int], own: int, others: Sequence[int]
) -> list[int]:
    """Put the values of the visits into the row of the operation; the columns in which there is more than one."""
    clashing = []
    for name, c in mapped.items():
        if name == "operation_date":
            continue
        said = {int(codes[c][r]) for r in (own, *others) if not blanks[c][codes[c][r]]}
        if len(said) > 1:
            clashing.append(c)
        elif said:
            codes[c][own] = said.pop()
    return clashing


def _record_column(headers: Sequence[str], operation: int) -> int | None:
    """The column that says which rows belong together: the first of a REDCap export, else one named as a record number."""
    if _has_events(headers) and operation != 0 and key(headers[0]) not in _EVENTS:
        return 0
    named = [i for i, h in enumerate(headers) if by_header(h) == "a record number" and i != operation]
    return named[0] if named else None


def _has_events(headers: Sequence[str]) -> bool:
    return bool(set(map(key, headers)) & _EVENTS)


def _texts(table: Table, column: int) -> list[str]:
    texts: list[str] = table.texts[column].to_pylist()
    return texts


def _blank(text: str) -> bool:
    return folded(text) in BLANKS
