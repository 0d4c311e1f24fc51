"""Pooled results that published reviews give of their own: never part of a pool, but they may lead where they rest on more.

A review's result is turned onto our scale before it leads: a mean difference is set on our open value, an odds ratio
becomes a risk ratio at our open risk (Zhang & Yu 1998, JAMA 280:1690).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from decision_aid.comparison.absolute_values import AbsoluteValues, LeadingEffect, TypicalValue, as_risk_ratio
from decision_aid.comparison.question import Question, is_narrowed
from decision_aid.comparison.selection import rows_of
from decision_aid.domain.time_windows import TimeWindow
from decision_aid.domain.vocabulary import OutcomeKind, ReportedMeasure, StudyDesign, Timing
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import ContrastRow, OutcomeRow, StudyRow
from decision_aid.evidence.units import conversion_factor
from decision_aid.meta_analysis.effects import Measure

_SIX_MONTHS = 6.0  # from here on a review whose time is not stated may lead


@dataclass(frozen=True, slots=True)
class ReviewResult:
    """A published review's own pooled result, its values in the outcome's unit.

    `turned`: the same on our scale, None where it cannot be. `agrees`: whether its interval and that of our pool
    overlap, or where another review leads whether it holds that one's estimate; None where they cannot be compared.
    """

    study: StudyRow
    label: str
    row: ContrastRow
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    same_unit: bool
    caution: str = ""
    turned: LeadingEffect | None = None
    agrees: bool | None = None

    @property
    def time_not_stated(self) -> bool:
        return self.row.timing == Timing.NOT_STATED


def reviews(evidence: Evidence, question: Question) -> tuple[ReviewResult, ...]:
    """The reviews of a question's outcome and options, earliest first."""
    found = []
    for row in rows_of(evidence.contrasts_by_outcome, question):
        study = evidence.studies[row.study_id]
        if study.design != StudyDesign.SYSTEMATIC_REVIEW or row.comparison not in question.contrast.reported:
            continue
        if question.condition and study.condition != question.condition:
            continue
        factor = 1.0
        same = True
        if row.measure == ReportedMeasure.MEAN_DIFFERENCE:
            convertible = conversion_factor(row.unit, evidence.outcomes[row.outcome].unit)
            factor, same = (convertible, True) if convertible is not None else (1.0, False)
        estimate, low, high = (None if v is None else v * factor for v in (row.estimate, row.ci_low, row.ci_high))
        caution = "; ".join(filter(None, (study.caution, row.caution)))
        found.append(ReviewResult(study, study.label, row, estimate, low, high, same, caution))
    return tuple(sorted(found, key=lambda r: (r.study.year or 9999, r.label, r.row.line)))


def turned(
    found: Sequence[ReviewResult], question: Question, definition: OutcomeRow, typical: TypicalValue | None
) -> tuple[ReviewResult, ...]:
    """The reviews with their results on our scale, where that can be done with our open value."""
    return tuple(replace(r, turned=_on_our_scale(r, definition, typical)) for r in found)


def best(found: Sequence[ReviewResult], question: Question) -> ReviewResult | None:
    """The review that may lead: the one with most studies, of equals the newest. None where none is eligible.

    Eligible: its own estimate with its interval, measure and unit known, the whole population, no caution, at the time
    that is asked. With a filter of the reader on none is: it covers other studies.
    """
    if is_narrowed(question):
        return None
    eligible = [
        r for r in found if r.turned is not None and not r.caution and not r.row.subgroup and _at_the_time(r, question)
    ]
    return max(eligible, key=lambda r: (r.row.k_studies or 0, r.study.year or 0, r.label), default=None)


def with_verdicts(
    found: Sequence[ReviewResult], ours: AbsoluteValues | None, effect: LeadingEffect | None, question: Question
) -> tuple[ReviewResult, ...]:
    """The reviews at the time that is asked with their verdict: whether their interval overlaps that of our pool."""
    return tuple(replace(r, agrees=_overlaps(r, ours, effect) if _at_the_time(r, question) else None) for r in found)


def beside_the_leading(
    found: Sequence[ReviewResult], leading: ReviewResult, question: Question
) -> tuple[ReviewResult, ...]:
    """The reviews with their verdict where another review leads: whether their interval holds its estimate."""
    lead = leading.turned

    def agrees(r: ReviewResult) -> bool | None:
        comparable = r.turned is not None and lead is not None and r.turned.measure is lead.measure
        if r == leading or not comparable or r.caution or r.row.subgroup or not _at_the_time(r, question):
            return None
        assert r.turned is not None
        assert lead is not None
        return r.turned.ci_low <= lead.estimate <= r.turned.ci_high

    return tuple(replace(r, agrees=agrees(r)) for r in found)


def _overlaps(r: ReviewResult, ours: AbsoluteValues | None, effect: LeadingEffect | None) -> bool | None:
    if r.turned is None or effect is None or r.caution or r.row.subgroup:
        return None
    if r.turned.measure is effect.measure:
        return r.turned.ci_low <= effect.ci_high and effect.ci_low <= r.turned.ci_high
    if ours is None:
        return None
    ends = sorted(effect.applied(ours.baseline, e) - ours.baseline for e in (effect.ci_low, effect.ci_high))
    theirs = sorted(r.turned.applied(ours.baseline, e) - ours.baseline for e in (r.turned.ci_low, r.turned.ci_high))
    return theirs[0] <= ends[1] and ends[0] <= theirs[1]


def _at_the_time(r: ReviewResult, question: Question) -> bool:
    if r.time_not_stated:
        window = question.window
        return window is not TimeWindow.EARLY and (window.nominal_months or 0) >= _SIX_MONTHS
    return question.window.holds(r.row)


def _on_our_scale(r: ReviewResult, definition: OutcomeRow, typical: TypicalValue | None) -> LeadingEffect | None:
    """The review's effect as one that our open value can carry over.

    None without an interval of 95 %, for a measure that cannot be turned, and for a difference that is larger than what
    there is at all.
    """
    if r.estimate is None or r.ci_low is None or r.ci_high is None or (r.row.ci_level or 0.95) != 0.95:
        return None
    values = (r.estimate, r.ci_low, r.ci_high)
    if definition.kind == OutcomeKind.CONTINUOUS:
        if r.row.measure != ReportedMeasure.MEAN_DIFFERENCE or not r.same_unit:
            return None
        fits = typical is None or definition.scale_min is not None or typical.value + r.estimate > 0
        return LeadingEffect(Measure.MEAN_DIFFERENCE, *values) if fits else None
    if r.row.measure == ReportedMeasure.RISK_DIFFERENCE:
        if typical is None or not 0 <= typical.value + r.estimate <= 1:
            return None
        return LeadingEffect(None, *values)
    if r.row.measure == ReportedMeasure.ODDS_RATIO:
        if typical is None:
            return None
        values = tuple(as_risk_ratio(v, typical.value) for v in values)  # type: ignore[assignment]
    elif r.row.measure != ReportedMeasure.RISK_RATIO:
        return None
    return LeadingEffect(Measure.RISK_RATIO, *(math.log(v) for v in values)) if min(values) > 0 else None
