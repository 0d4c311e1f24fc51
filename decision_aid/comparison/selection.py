"""Which studies answer a question, and which of them are pooled: designs, and people counted once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from decision_aid.comparison.borrowed_spread import borrowed_spread
from decision_aid.comparison.question import Contrast, DesignFilter, Question
from decision_aid.comparison.study_results import StudyResult, Why, study_result
from decision_aid.domain.vocabulary import Analysis, Outcome, Procedure, StudyDesign
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import ArmRow, ContrastRow, PrintedRow, StudyRow

MINIMUM_TRIALS = 5  # that can be pooled before trials lead alone
_SPACER = "interspinous spacer"  # stands among studies of decompression and is none


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
            spread = borrowed_spread(evidence, study.procedure, question.outcome)
            found = study_result(definition, study, question, arms[study_id], contrasts[study_id], spread)
            if found is not None and question.as_treated in (None, found.analysis is Analysis.AS_TREATED):
                results.append(found)
    return _of_one_kind(results, question) if question.contrast is Contrast.SURGERY_VERSUS_NONOPERATIVE else results


def is_planned(study: StudyRow, procedure: Procedure) -> bool:
    """Whether a study of surgery against none looked at the planned operation."""
    return study.procedure == procedure and study.operation != _SPACER


def is_injection(study: StudyRow) -> bool:
    """Whether the people without surgery were given an injection: that is a treatment of its own."""
    return "injection" in study.nonoperative_care


def _of_one_kind(results: list[StudyResult], question: Question) -> list[StudyResult]:
    """Surgery against none is answered by studies of one kind; the others stay in the list with the reason.

    Best the planned operation, against care without an injection, counted as assigned. What was assigned and what was
    done in the end are never mixed (`analysis`), nor are kinds of operation.
    """

    def kind(r: StudyResult) -> tuple[bool, bool, bool]:
        return (
            not is_planned(r.study, question.procedure),
            is_injection(r.study),
            r.analysis is Analysis.AS_TREATED,
        )

    usable = [r for r in results if r.pooled or (r.parts and not r.caution)]
    # A study of whole people goes before parts of one.
    best = min(((*kind(r)[:2], not r.pooled, kind(r)[2]) for r in usable), default=None)
    if best is None:
        return results
    chosen = (*best[:2], best[3])
    why = (Why.OTHER_OPERATION, Why.OTHER_CARE, Why.OTHER_ANALYSIS)
    return [
        r
        if (ours := kind(r)) == chosen or not r.pooled
        else replace(r, pooled=False, why=next(w for w, a, b in zip(why, ours, chosen, strict=True) if a != b))
        for r in results
    ]


def choose_designs(results: list[StudyResult], design: DesignFilter) -> tuple[list[StudyResult], bool]:
    """The studies with people counted once, and whether randomised trials are pooled alone."""
    once = _count_people_once(results)
    randomised = sum(r.pooled and r.study.design == StudyDesign.RCT for r in once)
    if design is DesignFilter.ALL or (design is DesignFilter.AUTO and randomised < MINIMUM_TRIALS):
        return once, False
    # Others step back before people are counted, so that they do not stand in for a trial of the same people.
    trials = [
        replace(r, pooled=False, why=Why.NOT_RANDOMISED) if r.pooled and r.study.design != StudyDesign.RCT else r
        for r in results
    ]
    return _count_people_once(trials), True


def open_arms(evidence: Evidence, question: Question, results: Iterable[StudyResult]) -> list[tuple[StudyRow, ArmRow]]:
    """The arms of the second option that count an event in the window: the baseline of its risk, people counted once.

    Of open surgery every whole open arm of the procedure without a caution, compared or not (GRADE guidelines 12); of
    surgery against none the arms of the studies that answer.
    """
    kind = question.contrast.second
    shown = {r.study.study_id for r in results if r.shown}
    found: dict[str, tuple[StudyRow, ArmRow]] = {}
    for row in rows_of(evidence.arms_by_outcome, question):
        study = evidence.studies[row.study_id]
        if row.arm is not kind or row.events is None or not row.n or row.subgroup or not question.window.holds(row):
            continue
        if study.design == StudyDesign.SYSTEMATIC_REVIEW or not _in_scope(study, question):
            continue
        if (row.caution or study.caution) and not question.include_cautions:
            continue
        if question.design is DesignFilter.RCT and study.design != StudyDesign.RCT:
            continue
        if question.contrast is Contrast.SURGERY_VERSUS_NONOPERATIVE and study.study_id not in shown:
            continue
        people = study.cohort or study.study_id
        if people not in found or _more_telling(row, found[people][1], question):
            found[people] = (study, row)
    return [found[people] for people in sorted(found)]


def _more_telling(row: ArmRow, other: ArmRow, question: Question) -> bool:
    """Of two counts of the same people the one nearest to the window's time, then of more people."""

    def rank(r: ArmRow) -> tuple[float, int, str]:
        return (-question.window.distance(r), r.n or 0, r.study_id)

    return rank(row) > rank(other)


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
    if question.planned_only and not is_planned(study, question.procedure):
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
