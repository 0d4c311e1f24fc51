"""Pooled results that published reviews give of their own: comparators, never part of a pool."""

from __future__ import annotations

from dataclasses import dataclass

from decision_aid.comparison.question import Question
from decision_aid.comparison.selection import rows_of
from decision_aid.domain.vocabulary import ReportedMeasure, StudyDesign
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import ContrastRow, StudyRow
from decision_aid.evidence.units import conversion_factor


@dataclass(frozen=True, slots=True)
class ReviewResult:
    """A published review's own pooled result: a comparator, never part of the pool."""

    study: StudyRow
    label: str
    row: ContrastRow
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    same_unit: bool


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
        found.append(ReviewResult(study, study.label, row, estimate, low, high, same))
    return tuple(sorted(found, key=lambda r: (r.study.year or 9999, r.label, r.row.line)))
