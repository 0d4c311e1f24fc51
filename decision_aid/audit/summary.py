"""Count a validated case log: `summarise` takes the DataFrame that `case_log.fields` describes.

One pass over the columns for each grouping, in numpy; `assembly` makes the `Summary` of what is counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from decision_aid.audit.assembly import Cell, Key, assemble, months_before
from decision_aid.audit.results import (
    DATE_OF,
    EVENTS,
    LARGEST_TOLD_APART,
    MEASURES,
    MIX,
    REOPERATION_MONTHS,
    SCORES,
    LogMeasure,
    Summary,
)
from decision_aid.case_log.fields import BY_NAME, FIELDS, Approach, Kind
from decision_aid.domain.vocabulary import Procedure

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

T = TypeVar("T")
R = TypeVar("R")
_THREADS = 2  # each holds a copy of one column


def summarise(cases: pd.DataFrame, *, as_of: date | None = None) -> Summary:
    """Say what a validated log holds. Row order does not matter.

    `cases`: a DataFrame with the columns and dtypes of `case_log.fields`. `as_of`: the day up to which follow-up is
    counted; the day of the newest operation unless given.

    Raises ValueError for a frame without one of the columns, or with a row that lacks date, procedure or approach.
    """
    import numpy as np
    import pandas as pd

    if missing := [name for name in BY_NAME if name not in cases.columns]:
        raise ValueError(f"not a validated case log: no column {', '.join(missing)}")
    dates = pd.to_datetime(cases["operation_date"]).to_numpy("datetime64[D]")
    procedure, approach = _codes(cases, "procedure"), _codes(cases, "approach")
    if incomplete := int(((procedure < 0) | (approach < 0) | np.isnat(dates)).sum()):
        raise ValueError(f"not a validated case log: {incomplete} rows lack date, procedure or approach")
    if not len(dates):
        return assemble({}, None, None, as_of)
    first, last = dates.min().item(), dates.max().item()
    as_of = as_of or last

    pairs = [(p, a) for p in Procedure for a in Approach]
    groups = procedure * len(Approach) + approach
    span = last.year - first.year + 1
    by_year = groups * span + (dates.astype("datetime64[Y]").astype(np.int64) + 1970 - first.year)
    # Sorted once by the finest grouping that every summary needs, columns are then read in long runs.
    # A narrow type lets numpy sort by radix.
    order = np.argsort(by_year.astype(np.int16 if len(pairs) * span < 2**15 else np.int64), kind="stable")
    columns = _Columns(cases, dates, as_of, order)
    groups, by_year = groups[order], by_year[order]
    cells: dict[Key, Cell] = {}
    for code, cell in columns.cells(groups, len(pairs)):
        cells[*pairs[code], None] = cell
    for code, cell in columns.cells(by_year, len(pairs) * span, trend_only=True):
        cells[*pairs[code // span], first.year + code % span] = cell
    return assemble(cells, first, last, as_of)


def _codes(cases: pd.DataFrame, name: str) -> np.ndarray:
    """The place of each value among the choices of a field, -1 for none."""
    import numpy as np
    import pandas as pd

    column, choices = cases[name], [str(c) for c in BY_NAME[name].choices]
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return np.asarray(pd.Categorical(column, categories=choices).codes, dtype=np.int64)
    # Through the categories, of which there are few, not through the rows.
    places = {c: i for i, c in enumerate(choices)}
    of_category = np.array([*(places.get(str(c), -1) for c in column.cat.categories), -1], dtype=np.int64)
    return of_category[column.cat.codes.to_numpy()]


class _Columns:
    """The columns of a log as plain arrays in a given order of rows, ready to be counted by any grouping."""

    def __init__(self, cases: pd.DataFrame, dates: np.ndarray, as_of: date, order: np.ndarray) -> None:
        import numpy as np
        import pandas as pd

        def numbers(name: str) -> np.ndarray:
            return cases[name].to_numpy(dtype=np.float64, na_value=np.nan)

        measured = [f.name for f in FIELDS if f.kind is Kind.NUMBER]
        self.numbers = dict(
            zip(measured, _side_by_side(lambda name: np.take(numbers(name), order), measured), strict=True)
        )
        recorded = {f.name: cases[f.name].notna().to_numpy() for f in FIELDS}
        yes = {f.name: cases[f.name].to_numpy(dtype=bool, na_value=False) for f in FIELDS if f.kind is Kind.YES_NO}
        # Each flag becomes a count of the cases it holds for.
        self.counted: dict[str, np.ndarray] = {f"{name}__recorded": flags for name, flags in recorded.items()}
        for when, event in DATE_OF.items():
            self.counted[f"{when}__recorded"] = recorded[when] & yes[event]
        self.trend = {f"{name}__events": yes[name] for name in EVENTS}
        self.trend |= {f"{name}__recorded": recorded[name] for name in EVENTS}
        self.counted |= self.trend
        for measure in SCORES:
            due = dates <= np.datetime64(months_before(as_of, measure.months or 0))
            self.counted[f"{measure.name}__due"] = due
            self.counted[f"{measure.name}__due_recorded"] = due & recorded[measure.name]

        again = pd.to_datetime(cases["reoperation_date"]).to_numpy("datetime64[D]")
        old = dates <= np.datetime64(months_before(as_of, REOPERATION_MONTHS))
        asked = recorded["reoperation"]
        undated = yes["reoperation"] & np.isnat(again)
        self.counted["reoperation_24__n"] = old & asked
        self.counted["reoperation_24__undated"] = old & undated
        self.counted["reoperation_24__too_recent"] = ~old
        within = old & yes["reoperation"] & ~undated
        within[within] = _within_months(dates[within], again[within], REOPERATION_MONTHS)
        self.counted["reoperation_24__events"] = within | (old & undated)

        for name, values in MIX.items():
            if BY_NAME[name].kind is Kind.YES_NO:
                self.counted[f"{name}__is__yes"] = yes[name]
            elif BY_NAME[name].kind is Kind.CHOICE:
                codes = _codes(cases, name)
                self.counted |= {f"{name}__is__{value}": codes == i for i, value in enumerate(values)}
            else:
                told = np.minimum(numbers(name), LARGEST_TOLD_APART[name])
                self.counted |= {f"{name}__is__{value}": told == i for i, value in enumerate(values, 1)}
        in_order = _side_by_side(lambda flags: np.take(flags, order), self.counted.values())
        self.counted = dict(zip(self.counted, in_order, strict=True))
        self.trend = {name: self.counted[name] for name in self.trend}

    def cells(self, codes: np.ndarray, size: int, trend_only: bool = False) -> Iterator[tuple[int, Cell]]:
        """Count by a code from 0 to `size` - 1, ascending with the rows; gives the codes with at least one case."""
        import numpy as np

        cases = np.bincount(codes, minlength=size)
        found = np.flatnonzero(cases)
        starts = (np.cumsum(cases) - cases)[found]
        cells: list[dict[str, Any]] = [{"cases": int(n)} for n in cases[found]]
        for name, flags in (self.trend if trend_only else self.counted).items():
            counts = np.add.reduceat(flags, starts, dtype=np.int64)
            for cell, n in zip(cells, counts, strict=True):
                cell[name] = int(n)

        def described(measure: LogMeasure) -> list[Cell]:
            values = self.numbers[measure.field]
            if measure.before:
                values = values - self.numbers[measure.before]
            ends = (starts + cases[found]).tolist()
            return [_described(measure.name, values[a:b]) for a, b in zip(starts.tolist(), ends, strict=True)]

        for column in _side_by_side(described, MEASURES):
            for cell, part in zip(cells, column, strict=True):
                cell.update(part)
        return zip(found.tolist(), cells, strict=True)


def _side_by_side(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """The work for each item, in their order, on two threads: numpy gathers and sorts without holding the other up."""
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        return list(pool.map(work, items))


def _described(name: str, values: np.ndarray) -> Cell:
    """The statistics of one column in one cell. Sums run over sorted values: the same to the last digit in any order."""
    import numpy as np

    values = np.sort(values)  # puts what is not a number last
    n = int(np.searchsorted(values, np.nan))
    values = values[:n]
    cell: dict[str, Any] = {f"{name}__n": n}
    if not n:
        return cell
    mean = float(values.mean())
    cell |= {f"{name}__mean": mean, f"{name}__min": float(values[0]), f"{name}__max": float(values[-1])}
    if n > 1:
        cell[f"{name}__sd"] = math.sqrt(float(np.square(values - mean).sum()) / (n - 1))
    for label, share in (("q1", 0.25), ("median", 0.5), ("q3", 0.75)):
        below = (n - 1) * share
        i = int(below)
        low, high = float(values[i]), float(values[min(i + 1, n - 1)])
        cell[f"{name}__{label}"] = low + (high - low) * (below - i)
    return cell


def _within_months(start: np.ndarray, end: np.ndarray, months: int) -> np.ndarray:
    """Whether `end` lies at most that many calendar months after `start`, both whole days."""
    import numpy as np

    first, second = start.astype("datetime64[M]"), end.astype("datetime64[M]")
    passed = (second - first).astype(np.int64)
    within: np.ndarray = (passed < months) | ((passed == months) & (end - second <= start - first))
    return within
