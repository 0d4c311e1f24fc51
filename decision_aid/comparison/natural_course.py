"""What is published on people who began without surgery: how they fared, how many had it later, what only an operation brings."""

from __future__ import annotations

from dataclasses import dataclass

from decision_aid.domain.vocabulary import Condition, Horizon, Outcome
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import OutcomeRow, ThresholdRow

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


# Counted from the start of treatment, and so known without an operation as well: days off work, days until walking.
_ALSO_WITHOUT = (Outcome.RETURN_TO_WORK, Outcome.TIME_TO_AMBULATION, Outcome.OPIOID_USE)


# Counted in the first months as well, and yet harms of a wound or of the operation itself.
_NEEDS_AN_OPERATION = (
    Outcome.INFECTION,
    Outcome.DURAL_TEAR,
    Outcome.TRANSFUSION,
    Outcome.CONVERSION_TO_OPEN,
    Outcome.REOPERATION,
    Outcome.RECURRENCE,
    Outcome.FUSION_ACHIEVED,
)


def only_with_an_operation(definition: OutcomeRow) -> bool:
    """Whether an outcome cannot happen without an operation, such as blood loss or an operation's stay."""
    if definition.outcome in _NEEDS_AN_OPERATION:
        return True
    return definition.horizon == Horizon.PERIOPERATIVE and definition.outcome not in _ALSO_WITHOUT
