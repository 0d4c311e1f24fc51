"""From counted cells to a `Summary`: every interval and every rule that does not depend on where the cases lie.

Counting fills flat cells (`summary` with numpy, `registry` in a database); `assemble` makes a summary of either.

Literature
    Austin 2009, Stat Med 28:3083 (standardised difference)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

from scipy.special import stdtrit

from decision_aid.audit.results import (
    DATE_OF,
    EVENTS,
    MEASURES,
    MIX,
    SCORES,
    CaseMix,
    Distribution,
    FollowUp,
    Group,
    LogMeasure,
    MixItem,
    MixValue,
    Rate,
    Recorded,
    Reoperation,
    Summary,
    Year,
)
from decision_aid.case_log.fields import FIELDS, Approach
from decision_aid.comparison.own_rates import wilson
from decision_aid.domain.vocabulary import Procedure

# What counting fills: the key of a cell is procedure, approach and year, None for all years.
Key = tuple[Procedure, Approach, int | None]
Cell = Mapping[str, Any]


def months_before(day: date, months: int) -> date:
    """The same day some months earlier, or the last day of that month: 31 May less 3 months is the end of February."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def assemble(cells: Mapping[Key, Cell], first: date | None, last: date | None, as_of: date | None) -> Summary:
    """Make a summary of counted cells, wherever they were counted.

    `first` and `last`: the days of the oldest and newest operation. The first calendar year is always partial (the log
    may begin in the middle of it), the last one unless `as_of` lies in a later year.
    """
    years = range(first.year, last.year + 1) if first and last else range(0)
    partial = {y for y in years if y == years[0] or (y == years[-1] and not (as_of and as_of.year > y))}
    groups = []
    for procedure in Procedure:
        for approach in Approach:
            cell = cells.get((procedure, approach, None))
            if cell is None:
                continue
            found = []
            for y in years:
                of_year = cells.get((procedure, approach, y), {"cases": 0})
                found.append(Year(y, y in partial, int(of_year["cases"]), _distributions(of_year), _rates(of_year)))
            groups.append(_group(procedure, approach, tuple(found), cell))
    mixes = [_case_mix(cells, None), *(_case_mix(cells, p) for p in Procedure)]
    return Summary(
        cases=sum(g.cases for g in groups),
        first_operation=first,
        last_operation=last,
        as_of=as_of,
        groups=tuple(groups),
        case_mix=tuple(m for m in mixes if m.open_cases or m.mis_cases),
    )


def _group(procedure: Procedure, approach: Approach, years: tuple[Year, ...], cell: Cell) -> Group:
    cases = int(cell["cases"])
    too_recent, asked = int(cell["reoperation_24__too_recent"]), int(cell["reoperation_24__n"])
    return Group(
        procedure=procedure,
        approach=approach,
        cases=cases,
        years=years,
        distributions=_distributions(cell),
        rates=_rates(cell),
        reoperation_24_months=Reoperation(
            rate("reoperation", int(cell["reoperation_24__events"]), asked),
            undated=int(cell["reoperation_24__undated"]),
            too_recent=too_recent,
            not_recorded=cases - too_recent - asked,
        ),
        follow_up=tuple(
            FollowUp(
                m.field, m.outcome, m.months or 0, int(cell[f"{m.name}__due"]), int(cell[f"{m.name}__due_recorded"])
            )
            for m in SCORES
        ),
        recorded=tuple(_recorded(f.name, cases, cell) for f in FIELDS),
    )


def _recorded(name: str, cases: int, cell: Cell) -> Recorded:
    of = int(cell[f"{DATE_OF[name]}__events"]) if name in DATE_OF else cases
    recorded = int(cell[f"{name}__recorded"])
    return Recorded(name, recorded, of - recorded)


def _distributions(cell: Cell) -> tuple[Distribution, ...]:
    return tuple(_distribution(m, cell) for m in MEASURES)


def _distribution(measure: LogMeasure, cell: Cell) -> Distribution:
    n = int(cell.get(f"{measure.name}__n", 0))

    def value(name: str) -> float | None:
        return float(cell[f"{measure.name}__{name}"]) if n else None

    mean, sd = value("mean"), value("sd") if n > 1 else None
    half = float(stdtrit(n - 1, 0.975)) * sd / math.sqrt(n) if sd is not None else None
    low, high = (mean - half, mean + half) if mean is not None and half is not None else (None, None)
    return Distribution(
        measure, n, mean, low, high, sd, value("q1"), value("median"), value("q3"), value("min"), value("max")
    )


def _rates(cell: Cell) -> tuple[Rate, ...]:
    return tuple(rate(e, int(cell.get(f"{e}__events", 0)), int(cell.get(f"{e}__recorded", 0))) for e in EVENTS)


def rate(name: str, events: int, n: int) -> Rate:
    """An event rate with its 95 % Wilson interval."""
    if not n:
        return Rate(name, n, events, None, None, None)
    return Rate(name, n, events, events / n, *wilson(events, n))


def _case_mix(cells: Mapping[Key, Cell], procedure: Procedure | None) -> CaseMix:
    arms = []
    for approach in Approach:
        here = {p: cells.get((p, approach, None)) for p in Procedure if procedure in (None, p)}
        arms.append({p: cell for p, cell in here.items() if cell is not None})
    of_open, of_mis = arms

    def summed(name: str) -> tuple[int, int]:
        return sum(int(c[name]) for c in of_open.values()), sum(int(c[name]) for c in of_mis.values())

    cases = summed("cases")
    items = [
        _mix_item(name, cases, summed(f"{name}__recorded"), {v: summed(f"{name}__is__{v}") for v in values})
        for name, values in MIX.items()
    ]
    if procedure is None:
        counts = {
            str(p): tuple(int(arm[p]["cases"]) if p in arm else 0 for arm in (of_open, of_mis)) for p in Procedure
        }
        items.append(_mix_item("procedure", cases, cases, counts))
    items.sort(key=lambda i: (i.difference is None, -abs(i.difference or 0.0), i.field))
    return CaseMix(procedure, *cases, items=tuple(items))


def _mix_item(
    name: str, cases: tuple[int, int], recorded: tuple[int, int], counts: Mapping[str, tuple[int, ...]]
) -> MixItem:
    values = []
    for value, (in_open, in_mis) in counts.items():
        shares = [count / n if n else None for count, n in zip((in_open, in_mis), recorded, strict=True)]
        known = shares[0] is not None and shares[1] is not None
        difference = standardised_difference(shares[1], shares[0]) if known else None  # type: ignore[arg-type]
        values.append(MixValue(value, in_open, in_mis, shares[0], shares[1], difference))
    return MixItem(
        name,
        tuple(values),
        recorded[0],
        cases[0] - recorded[0],
        recorded[1],
        cases[1] - recorded[1],
        max((v.difference for v in values if v.difference is not None), key=abs, default=None),
    )


def standardised_difference(first: float, second: float) -> float:
    """The standardised difference of two shares (0 to 1), first minus second, in standard deviations.

    Austin 2009: the difference over the root of the mean of both variances p (1 - p). Two shares without any variance
    give 0 where they are the same and an infinite difference where they are not.
    """
    spread = math.sqrt((first * (1 - first) + second * (1 - second)) / 2)
    if spread == 0:
        return 0.0 if first == second else math.copysign(math.inf, first - second)
    return (first - second) / spread
