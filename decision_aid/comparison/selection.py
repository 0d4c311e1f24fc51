"""Which studies answer a question, and which of them are pooled: designs, and people counted once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from decision_aid.comparison.question import Contrast, DesignFilter, Question
from decision_aid.comparison.study_results import StudyResult, Why, study_result
from decision_aid.domain.vocabulary import Outcome, Procedure, StudyDesign
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import ArmRow, ContrastRow, PrintedRow, StudyRow

MINIMUM_STUDIES = 3  # fewer are shown, not pooled


def rows_of(
    table: Mapping[tuple[Procedure, Outcome], tuple[PrintedRow, ...]], question: Question
) -> Iterable[PrintedRow]:
    """Rows of the question's outcome: of its procedure, or of every procedure when staying without surgery counts."""
    if question.contrast is Contrast.SURGERY_VERSUS_NONOPERATIVE and question.condition:
        return [row for p in Procedure for row in table.get((p, question.outcome), ())]
    return table.get((question.procedure, question.outcome), ())


def studies_asked(evidence: Evidence, question: Question) -> list[StudyResult]:
    """What each comparative study within the question's filters says, in the order of their ids."""
    arms: dict[str, list[ArmRow]] = defaultdict(list)
    for arm in rows_of(evidence.arms_by_outcome, question):
        if arm.arm in question.contrast.value:
            arms[arm.study_id].append(arm)
    contrasts: dict[str, list[ContrastRow]] = defaultdict(list)
    for row in rows_of(evidence.contrasts_by_outcome, question):
        if row.comparison in question.contrast.reported:
            contrasts[row.study_id].append(row)
    definition = evidence.outcomes[question.outcome]
    results = []
    for study_id in sorted({*arms, *contrasts}):
        study = evidence.studies[study_id]
        if study.design != StudyDesign.SYSTEMATIC_REVIEW and _in_scope(study, question):
            found = study_result(definition, study, question, arms[study_id], contrasts[study_id])
            if found is not None:
                results.append(found)
    return results


def choose_designs(results: list[StudyResult], design: DesignFilter) -> tuple[list[StudyResult], bool]:
    """The studies with people counted once, and whether randomised trials are pooled alone."""
    once = _count_people_once(results)
    randomised = sum(r.pooled and r.study.design == StudyDesign.RCT for r in once)
    if design is DesignFilter.ALL or (design is DesignFilter.AUTO and randomised < MINIMUM_STUDIES):
        return once, False
    # Others step back before people are counted, so that they do not stand in for a trial of the same people.
    trials = [
        replace(r, pooled=False, why=Why.NOT_RANDOMISED) if r.pooled and r.study.design != StudyDesign.RCT else r
        for r in results
    ]
    return _count_people_once(trials), True


def techniques(evidence: Evidence, procedure: Procedure) -> tuple[str, ...]:
    """The minimally invasive techniques that comparative studies of a procedure used, for the filter."""
    return tuple(
        sorted(
            {
                s.mis_technique
                for s in evidence.studies.values()
                if s.procedure == procedure and s.mis_technique != "none" and s.design != StudyDesign.SYSTEMATIC_REVIEW
            }
        )
    )


def _in_scope(study: StudyRow, question: Question) -> bool:
    if question.condition and study.condition != question.condition:
        return False
    if question.years and not question.years[0] <= (study.year or 0) <= question.years[1]:
        return False
    return not question.technique or study.mis_technique == question.technique


def _count_people_once(results: list[StudyResult]) -> list[StudyResult]:
    """For one outcome and time only one publication of a cohort stays; the others name it."""
    best: dict[str, StudyResult] = {}
    for result in results:
        cohort = result.study.cohort
        if cohort and (cohort not in best or _preference(result) > _preference(best[cohort])):
            best[cohort] = result
    return [
        r
        if not r.study.cohort or best[r.study.cohort] is r or r.effect is None
        else replace(r, pooled=False, why=Why.SAME_PEOPLE, detail=best[r.study.cohort].label)
        for r in results
    ]


def _preference(result: StudyResult) -> tuple[bool, bool, bool, bool, int, int, str]:
    """Which publication of the same people to keep: poolable, drawable, randomised, with a spread, larger, later."""
    return (
        result.pooled,
        result.comparable and not result.caution,
        result.study.design == StudyDesign.RCT,
        result.effect is not None and result.effect.standard_error is not None,
        result.n_total or 0,
        result.study.year or 0,
        result.study.study_id,
    )
