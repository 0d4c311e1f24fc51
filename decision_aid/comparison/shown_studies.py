"""Which studies are told or drawn one by one, with their own intervals, and at which time."""

from __future__ import annotations

import math
from collections.abc import Iterable

from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.published_reviews import ReviewResult
from decision_aid.comparison.study_results import StudyResult, Why
from decision_aid.domain.vocabulary import ReportedMeasure, Timing
from decision_aid.meta_analysis.effects import Measure

_NOT_POOLED_YET_TOLD = (Why.NO_SPREAD, Why.NO_ARM_SIZE)
_AXIS_OF = {
    Measure.MEAN_DIFFERENCE: ReportedMeasure.MEAN_DIFFERENCE,
    Measure.RISK_RATIO: ReportedMeasure.RISK_RATIO,
    Measure.RATIO_OF_MEANS: None,
}


def study_interval(result: StudyResult) -> tuple[float, float]:
    """A study's own 95 % interval on the analysis scale: as printed, else normal from its standard error.

    Raises ValueError for a study without a standard error.
    """
    effect = result.effect
    if effect is None or effect.standard_error is None:
        raise ValueError(f"{result.study.study_id} has no standard error")
    if effect.printed_interval:
        return effect.printed_interval
    half = 1.959963984540054 * effect.standard_error
    return effect.estimate - half, effect.estimate + half


def as_read(c: Comparison, *values: float) -> tuple[float, ...]:
    """Values of the analysis scale as people read them: ratios are taken out of the logarithm."""
    return tuple(map(math.exp, values)) if c.question.measure.on_log_scale else values


def drawn_over_time(c: Comparison) -> tuple[StudyResult, ...]:
    """The studies that stand by themselves in a picture over time, without those set aside for a caution."""
    return tuple(
        s
        for s in c.studies
        if s.effect is not None
        and (s.pooled or s.why in _NOT_POOLED_YET_TOLD)
        and (c.question.include_cautions or not s.caution)
    )


def fits_the_axis(review: ReviewResult, c: Comparison) -> bool:
    """Whether a review's result can stand on the axis of a comparison: the same measure, unit and, where printed, time."""
    if review.estimate is None or not review.same_unit:
        return False
    if review.row.timing == Timing.AT_MONTHS and not c.question.window.holds(review.row):
        return False
    return review.row.measure == _AXIS_OF[c.question.measure]


def common_months(c: Comparison) -> float | None:
    """The time of all studies behind a number, in months after the operation; None where they differ or print none."""
    if c.lead.review is not None:
        return c.lead.review.row.timepoint_months
    times = {s.months for s in (c.pooled_studies or c.shown_studies) if s.months is not None}
    return times.pop() if len(times) == 1 else None


def nearest_told(series: Iterable[Comparison], months: float, patient: bool) -> Comparison | None:
    """Of one outcome at several times the one nearest to a time, in months, that gives this reader a number."""
    known = [c for c in series if c.is_told_to(patient)]
    return min(known, key=lambda c: abs((c.question.window.nominal_months or 0) - months), default=None)
