"""Which of the clinic's own results are shown beside the published ones, and what they are held against."""

from __future__ import annotations

from decision_aid.audit.beside_published import Pairing, Side, beside_published
from decision_aid.audit.results import Group, MixItem, MixValue, Summary
from decision_aid.case_log.fields import Approach
from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.own_rates import OwnRates
from decision_aid.comparison.side_by_side import SideBySide
from decision_aid.domain.vocabulary import Option, Procedure

OPTION_OF = {Approach.OPEN: Option.OPEN, Approach.MIS: Option.MIS}
Range = tuple[float, float | None, float]  # lower end, what it is told by (None for a mere range), upper end


def rates_of(summary: Summary, table: SideBySide) -> tuple[OwnRates, ...]:
    """What the log counted of every harm of a table, at the time of its row."""
    found = []
    for row in table.rows:
        b = beside_published(summary, row.approaches)
        counted = [s.rate.counted if s.rate else None for s in (b.open, b.mis)]
        if b.pairing is Pairing.PAIRED and any(counted):
            found.append(OwnRates(row.outcome.outcome, *counted))
    return tuple(found)


def published_pool(c: Comparison) -> int:
    """How many studies are behind the published number where it is a pool, of two and more; else 0."""
    if c.absolute is None or c.lead.rung not in (Rung.POOL, Rung.FEW_STUDIES, Rung.REVIEW):
        return 0
    behind = min(c.lead.k, c.absolute.studies)  # the ratio, and the open arms it is set on
    return behind if behind >= 2 else 0


def acceptable_rate(c: Comparison, approach: Approach) -> float | None:
    """The published rate (0 to 1) that the own complications are held against: from a pool, never from one study.

    None where there is none; then no alarm may be shown unless the clinic says what it accepts.
    """
    if c.absolute_risk is None or not published_pool(c):
        return None
    rate = c.absolute_risk.baseline if approach is Approach.OPEN else c.absolute_risk.first
    return rate if 0 < rate < 1 else None


def groups_of(summary: Summary, procedure: Procedure) -> list[Group]:
    return [g for a in Approach if (g := summary.group(procedure, a)) is not None]


def fields_not_recorded(summary: Summary, procedure: Procedure) -> list[str]:
    """The fields, other than dates, that no case of the procedure has on record."""
    groups = groups_of(summary, procedure)
    return [
        r.field
        for r in (groups[0].recorded if groups else ())
        if all(g.not_recorded(r.field) == g.cases for g in groups) and not r.field.endswith("_date")
    ]


def most_different(item: MixItem) -> MixValue | None:
    """The value of a characteristic in which own open and minimally invasive patients differ most."""
    known = (v for v in item.values if v.difference is not None)
    return max(known, key=lambda v: abs(v.difference or 0), default=None)


def own_range(side: Side) -> Range | None:
    if side.rate is not None and side.rate.rate is not None:
        # A mark on nobody, or on everybody, would be a promise: then the range alone is drawn.
        told = None if side.rate.rate in (0, 1) else side.rate.rate
        return side.rate.low or 0.0, told, side.rate.high or 0.0
    d = side.distribution
    if d is not None and d.median is not None:
        return d.q1 if d.q1 is not None else d.median, d.median, d.q3 if d.q3 is not None else d.median
    return None
