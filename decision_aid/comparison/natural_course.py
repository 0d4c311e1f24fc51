"""What is published on people who began without surgery: how they fared, and how many had it later."""

from __future__ import annotations

from dataclasses import dataclass

from decision_aid.domain.vocabulary import Condition
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import ThresholdRow

_COURSE = ("time_to_recovery", "disc_resorption", "delayed_surgery", "crossover_to_nonoperative")


@dataclass(frozen=True, slots=True)
class Crossover:
    """A published share of people who began without surgery and had it later."""

    row: ThresholdRow
    months: float | None


def without_surgery(evidence: Evidence, condition: Condition) -> tuple[ThresholdRow, ...]:
    """What is published on people with this condition who did not have surgery: what stands on the page at once first,
    then earliest first; disagreeing rows side by side."""
    found = [
        r
        for r in evidence.thresholds
        if (r.measure.startswith("natural_history") or r.measure in _COURSE) and r.is_about(condition)
    ]
    return tuple(sorted(found, key=lambda r: (not r.leads, r.months is None, r.months or 0)))


def crossovers(evidence: Evidence, condition: Condition) -> tuple[Crossover, ...]:
    """Published shares of people with this condition who began without surgery and had it later, earliest first."""
    found = [
        Crossover(r, r.months)
        for r in evidence.thresholds
        if r.measure == "crossover_to_surgery" and r.is_about(condition)
    ]
    return tuple(sorted(found, key=lambda c: (c.months is None, c.months or 0, c.row.value)))
