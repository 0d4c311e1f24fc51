"""One number for each option, in the outcome's own terms (anticipated absolute values), and the range of what studies found.

The second option of a question is the anchor: open surgery, or of surgery against none the people without surgery. Its
typical value comes from what its arms measured or counted; the first option's is worked out from it by the effect that
leads, so that the two always tell the same difference as the sentence beside them.

Literature
    GRADE guidelines 12, Guyatt 2013, J Clin Epidemiol 66:158 (baseline risk from representative cohorts where there are any)
    Zhang & Yu 1998, JAMA 280:1690 (an odds ratio as a risk ratio at a baseline risk)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from decision_aid.comparison.borrowed_spread import BorrowedSpread
from decision_aid.domain.vocabulary import Arm, StudyDesign
from decision_aid.evidence.rows import ArmRow, OutcomeRow, StudyRow
from decision_aid.meta_analysis.effects import ArmSummary, Measure
from decision_aid.meta_analysis.few_studies import TAU_SCALE
from decision_aid.meta_analysis.synthesis import synthesise

REPRESENTATIVE_PEOPLE = 1000  # open patients of a registry from which its risk is taken as everybody's


class Basis(StrEnum):
    """Where the anchor's value comes from."""

    ARMS = "arms"  # all arms of that kind that print it
    REGISTRIES = "registries"  # registries of many people
    ONE_STUDY = "one_study"  # the study the effect comes from, as it printed or counted it
    OWN_CASES = "own_cases"  # what the clinic counted


@dataclass(frozen=True, slots=True)
class LevelRange:
    """Lowest and highest value of one arm over the studies with both arms, in the outcome's unit."""

    low: float
    high: float
    studies: int


@dataclass(frozen=True, slots=True)
class AbsoluteValues:
    """Values of both options in the outcome's unit, of events risks from 0 to 1, each with its 95 % limits.

    `baseline` is the second option's, `first` the first option's: the baseline by the effect. `studies` counts the arms
    behind the baseline, `heaviest` names a study that carries more than half of its weight or people.
    """

    baseline: float
    baseline_low: float
    baseline_high: float
    first: float
    first_low: float
    first_high: float
    basis: Basis = Basis.ARMS
    studies: int = 1
    heaviest: str = ""

    @property
    def difference(self) -> float:
        return self.first - self.baseline


@dataclass(frozen=True, slots=True)
class TypicalValue:
    """The typical value of one kind of arm with its 95 % limits, and what it rests on."""

    value: float
    low: float
    high: float
    basis: Basis
    studies: int
    heaviest: str = ""


@dataclass(frozen=True, slots=True)
class LeadingEffect:
    """An effect that carries the anchor's value over, on its analysis scale (a logarithm for ratios)."""

    measure: Measure | None  # None: a difference of risks
    estimate: float
    ci_low: float
    ci_high: float

    def applied(self, value: float, effect: float) -> float:
        """The first option's value from the second's."""
        return value * math.exp(effect) if self.measure is not None and self.measure.on_log_scale else value + effect

    def taken_away(self, value: float, effect: float) -> float:
        """The second option's value from the first's."""
        return self.applied(value, -effect)


def level_range(arms: Sequence[ArmSummary | None]) -> LevelRange | None:
    """The range over arms that print a level, or a count of events; None where none does."""
    found = (a.risk if a.statistic == "events" else a.level for a in arms if a is not None and not a.is_change)
    values = [v for v in found if v is not None]
    return LevelRange(min(values), max(values), len(values)) if values else None


def within_scale(definition: OutcomeRow, value: float) -> float:
    """A value cut at the ends of its scale."""
    low = definition.scale_min if definition.scale_min is not None else -math.inf
    high = definition.scale_max if definition.scale_max is not None else math.inf
    return min(max(value, low), high)


def typical_level(
    arms: Iterable[tuple[str, ArmSummary]], measure: Measure, kind: Arm, spread: BorrowedSpread
) -> TypicalValue | None:
    """The random-effects mean of arms of one kind, on the logarithm of quantities; None where no arm prints a level.

    `arms`: labels of the studies and what they printed; people counted once.
    """
    found: list[tuple[str, float, float]] = []
    for label, printed in arms:
        arm = spread.completed(printed, kind)
        value = arm.value
        if arm.is_change or value is None or arm.sd is None or not arm.n:
            continue
        error = arm.sd / math.sqrt(arm.n)
        if measure is Measure.RATIO_OF_MEANS:
            if value > 0:
                found.append((label, math.log(value), error / value))
        else:
            found.append((label, value, error))
    back = math.exp if measure is Measure.RATIO_OF_MEANS else float
    return _typical(found, back, spread.tau_scale(measure), Basis.ARMS)


def typical_risk(
    rows: Iterable[tuple[StudyRow, ArmRow]],
) -> TypicalValue | None:
    """The pooled risk of arms with counts: of registries with many people where there are any, else of all of them.

    `rows`: one arm a study, people counted once.
    """
    counted = [(s, r.events, r.n) for s, r in rows if r.events is not None and r.n]
    large = [(s, e, n) for s, e, n in counted if s.design == StudyDesign.REGISTRY and n >= REPRESENTATIVE_PEOPLE]
    found, basis = (large, Basis.REGISTRIES) if large else (counted, Basis.ARMS)
    logits = []
    for study, events, people in found:
        e, n = float(events), float(people)
        if e in (0.0, n):
            e, n = e + 0.5, n + 1
        logits.append((study.label, math.log(e / (n - e)), math.sqrt(1 / e + 1 / (n - e))))
    typical = _typical(logits, lambda x: 1 / (1 + math.exp(-x)), TAU_SCALE, basis)
    if typical is None or typical.studies == 1 or typical.heaviest:
        return typical
    everybody = sum(n for *_, n in found)
    study, _, most = max(found, key=lambda f: f[2])
    return TypicalValue(
        typical.value, typical.low, typical.high, basis, typical.studies, study.label if 2 * most > everybody else ""
    )


def carried_over(typical: TypicalValue, effect: LeadingEffect, definition: OutcomeRow, risks: bool) -> AbsoluteValues:
    """Both options' values: the anchor as it is, the other one as anchor by effect, cut at the ends of the scale."""

    def cut(value: float) -> float:
        return min(max(value, 0.0), 1.0) if risks else within_scale(definition, value)

    first, low, high = (cut(effect.applied(typical.value, e)) for e in (effect.estimate, effect.ci_low, effect.ci_high))
    return AbsoluteValues(
        cut(typical.value), cut(typical.low), cut(typical.high), first, low, high, typical.basis, typical.studies,
        typical.heaviest,
    )  # fmt: skip


def as_risk_ratio(odds_ratio: float, risk: float) -> float:
    """An odds ratio as a risk ratio where the second option's risk is `risk` (Zhang & Yu 1998)."""
    return odds_ratio / (1 - risk + risk * odds_ratio)


def _typical(
    found: Sequence[tuple[str, float, float]], back: Callable[[float], float], tau_scale: float, basis: Basis
) -> TypicalValue | None:
    found = [f for f in found if f[2] > 0]
    if not found:
        return None
    pooled = synthesise([value for _, value, _ in found], [error for *_, error in found], tau_scale)
    most = max(range(len(found)), key=lambda i: pooled.weights[i])
    heaviest = found[most][0] if len(found) > 1 and pooled.weights[most] > 50 else ""
    value, low, high = (back(v) for v in (pooled.estimate, pooled.ci_low, pooled.ci_high))
    return TypicalValue(value, low, high, basis, len(found), heaviest)
