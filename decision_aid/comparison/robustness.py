"""What a pooled result hangs on: single studies, the order of years, the kind of study, small studies.

Reads the pooled studies of one `Comparison` and calls `sensitivity`; results stand on the comparison's analysis scale.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from decision_aid.comparison.comparison import Comparison, compare
from decision_aid.comparison.study_results import StudyResult
from decision_aid.evidence.loading import Evidence
from decision_aid.meta_analysis import sensitivity
from decision_aid.meta_analysis.effects import Measure
from decision_aid.meta_analysis.random_effects import PooledResult, TooFewStudies
from decision_aid.meta_analysis.sensitivity import Egger, MantelHaenszel, NotEstimable, Subgroups


@dataclass(frozen=True, slots=True)
class ReanalysisStep:
    """One line of a picture of many pools: what was left out or added, and the pool then."""

    study: StudyResult
    pooled: PooledResult | None  # None where fewer than three would be pooled


class Variant(StrEnum):
    """How else the same question could have been pooled."""

    PRINTED_SPREADS = "printed_spreads"  # without the studies whose spread is borrowed
    TRIALS_ALONE = "trials_alone"
    ALL_DESIGNS = "all_designs"  # where trials lead alone
    WITH_CAUTIONS = "with_cautions"
    MEAN_DIFFERENCE = "mean_difference"  # of quantities, whose main measure is the ratio


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """One other way of pooling, and what it gives on the scale of its own measure."""

    variant: Variant
    measure: Measure
    pooled: PooledResult


def other_ways(evidence: Evidence, c: Comparison) -> tuple[Sensitivity, ...]:
    """The same question pooled in other ways, as far as each gives another pool; empty where nothing is pooled."""
    if c.pooled is None or c.pooled.k < 2:
        return ()
    measure = c.question.measure
    found: list[tuple[Variant, Measure, PooledResult | None]] = [
        (Variant.PRINTED_SPREADS, measure, c.printed_only),
        (Variant.ALL_DESIGNS if c.randomised_only else Variant.TRIALS_ALONE, measure, c.other_designs),
    ]
    if not c.question.include_cautions:
        with_cautions = compare(evidence, replace(c.question, include_cautions=True)).pooled
        more = with_cautions is not None and with_cautions.k > c.pooled.k
        found.append((Variant.WITH_CAUTIONS, measure, with_cautions if more else None))
    if measure is Measure.RATIO_OF_MEANS:
        difference = compare(evidence, replace(c.question, measure=Measure.MEAN_DIFFERENCE)).pooled
        found.append((Variant.MEAN_DIFFERENCE, Measure.MEAN_DIFFERENCE, difference))
    return tuple(Sensitivity(variant, of, pooled) for variant, of, pooled in found if pooled is not None)


def leave_one_out(c: Comparison) -> tuple[ReanalysisStep, ...]:
    """The pool without each of its studies; empty where fewer than three are pooled."""
    studies = _pooled(c)
    return tuple(
        ReanalysisStep(s, p)
        for s, p in zip(studies, sensitivity.leave_one_out(*_numbers(studies), c.tau_scale), strict=True)
    )


def cumulative_by_year(c: Comparison) -> tuple[ReanalysisStep, ...]:
    """The pool as it grew, a study at a time by year of publication; studies without a year come last."""
    studies = sorted(_pooled(c), key=lambda s: (s.study.year or 9999, s.label, s.study.study_id))
    grown = sensitivity.cumulative(*_numbers(studies), range(len(studies)), c.tau_scale)
    return tuple(ReanalysisStep(s, p) for s, p in zip(studies, grown, strict=True))


def by_design(c: Comparison) -> Subgroups | None:
    """The pool apart for each design; None where fewer than three are pooled."""
    return _subgroups(c, lambda s: str(s.study.design))


def by_technique(c: Comparison) -> Subgroups | None:
    """The pool apart for each minimally invasive technique; None where fewer than three are pooled."""
    return _subgroups(c, lambda s: str(s.study.mis_technique))


def small_studies(c: Comparison) -> Egger | TooFewStudies | NotEstimable:
    """Egger's test of a funnel that leans to one side, or why there is none."""
    try:
        return sensitivity.egger(*_numbers(_pooled(c)))
    except (TooFewStudies, NotEstimable) as why:
        return why


def mantel_haenszel(c: Comparison) -> MantelHaenszel | None:
    """The risk ratio pooled in the other usual way, as a check; None where a pooled study prints no counts."""
    arms = [(s.first, s.second) for s in _pooled(c)]
    if c.question.measure is not Measure.RISK_RATIO or not arms:
        return None
    if any(arm is None or arm.events is None or not arm.n for pair in arms for arm in pair):
        return None
    first, second = zip(*arms, strict=True)
    try:
        return sensitivity.mantel_haenszel(
            [a.events for a in first], [a.n for a in first], [a.events for a in second], [a.n for a in second]
        )
    except (NotEstimable, TooFewStudies):
        return None


def numbers(c: Comparison) -> tuple[list[float], list[float]]:
    """Effects and standard errors of the pooled studies, on the analysis scale."""
    return _numbers(_pooled(c))


def _pooled(c: Comparison) -> list[StudyResult]:
    return list(c.pooled_studies) if c.pooled is not None and c.pooled.k > 2 else []


def _numbers(studies: list[StudyResult]) -> tuple[list[float], list[float]]:
    effects = [s.effect for s in studies if s.effect is not None]
    return [e.estimate for e in effects], [e.standard_error for e in effects if e.standard_error is not None]


def _subgroups(c: Comparison, kind: Callable[[StudyResult], str]) -> Subgroups | None:
    studies = _pooled(c)
    return sensitivity.subgroups(*_numbers(studies), [kind(s) for s in studies], c.tau_scale) if studies else None
