"""What stands beside an effect in the outcome's own terms: risks of both options, and the range of what studies found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from decision_aid.comparison.question import Question
from decision_aid.comparison.study_results import StudyResult
from decision_aid.meta_analysis.effects import ArmSummary, Measure
from decision_aid.meta_analysis.random_effects import PooledResult, pool


@dataclass(frozen=True, slots=True)
class LevelRange:
    """Lowest and highest value of one arm over the studies with both arms, in the outcome's unit."""

    low: float
    high: float
    studies: int


@dataclass(frozen=True, slots=True)
class AbsoluteRisk:
    """Risks from 0 to 1: the second option's pooled event rate as the baseline, the first option's as baseline x ratio.

    Of a single study both are what it counted; where the clinic's own rates stand for them, what it counted.
    """

    baseline: float
    baseline_low: float
    baseline_high: float
    first: float
    first_low: float
    first_high: float

    @property
    def difference(self) -> float:
        return self.first - self.baseline


def level_range(arms: Sequence[ArmSummary | None]) -> LevelRange | None:
    """The range over arms that print a level, or a count of events; None where none does."""
    found = (a.risk if a.statistic == "events" else a.level for a in arms if a is not None and not a.is_change)
    values = [v for v in found if v is not None]
    return LevelRange(min(values), max(values), len(values)) if values else None


def absolute_risk(chosen: list[StudyResult], question: Question, pooled: PooledResult | None) -> AbsoluteRisk | None:
    """Baseline: the second arm's event rate, random effects on the logit (a study's own when it stands alone)."""
    counts = [(r.second.events, r.second.n) for r in chosen if r.second and r.second.events is not None and r.second.n]
    if question.measure is not Measure.RISK_RATIO or pooled is None or len(counts) < len(chosen):
        return None
    logits, errors = [], []
    for events, people in counts:
        e, n = float(events), float(people)
        if e in (0.0, n):
            e, n = e + 0.5, n + 1
        logits.append(math.log(e / (n - e)))
        errors.append(math.sqrt(1 / e + 1 / (n - e)))
    rate = pool(logits, errors)
    baseline, low, high = (1 / (1 + math.exp(-x)) for x in (rate.estimate, rate.ci_low, rate.ci_high))
    ratio, ratio_low, ratio_high = (math.exp(x) for x in (pooled.estimate, pooled.ci_low, pooled.ci_high))
    if len(chosen) == 1 and chosen[0].first is not None and (own := chosen[0].first.risk) is not None:
        # One study shows what it counted: the 0.5 of an empty cell belongs to the ratio, not to people.
        counted = counts[0][0] / counts[0][1]
        limits = sorted((min(1.0, baseline * ratio_low), min(1.0, baseline * ratio_high), own))
        return AbsoluteRisk(counted, min(low, counted), max(high, counted), own, limits[0], limits[-1])
    return AbsoluteRisk(
        baseline, low, high, min(1.0, baseline * ratio), min(1.0, baseline * ratio_low), min(1.0, baseline * ratio_high)
    )
