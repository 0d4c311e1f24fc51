"""What one study says to a question: its two arms, its effect, and why it does or does not enter the pool."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from decision_aid.comparison.borrowed_spread import BorrowedSpread
from decision_aid.comparison.question import Question
from decision_aid.domain.vocabulary import Analysis, Arm, OutcomeKind, ReportedMeasure, Timing
from decision_aid.evidence.rows import ArmRow, ContrastRow, OutcomeRow, StudyRow
from decision_aid.evidence.units import conversion_factor
from decision_aid.meta_analysis import effects
from decision_aid.meta_analysis.effects import ArmSummary, Effect, Measure, SpreadSource


class Why(StrEnum):
    """Why a study is or is not in the pool."""

    POOLED = "pooled"
    CAUTION = "caution"
    NO_SPREAD = "no_spread"
    NO_ARM_SIZE = "no_arm_size"
    ONE_ARM = "one_arm"
    SAME_PEOPLE = "same_people"
    NOT_RANDOMISED = "not_randomised"
    SCALE_NOT_PRINTED = "scale_not_printed"
    TIME_NOT_STATED = "time_not_stated"
    NO_EVENTS = "no_events"
    OTHER_MEASURE = "other_measure"
    SUBGROUP = "subgroup"
    LEVELS_DIFFER = "levels_differ"
    NO_RATIO = "no_ratio"
    OTHER_OPERATION = "other_operation"
    OTHER_CARE = "other_care"
    OTHER_ANALYSIS = "other_analysis"


class SourceRow(NamedTuple):
    """A row of the dataset by its place: “arms.csv 12”."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file} {self.line}"


@dataclass(frozen=True, slots=True)
class PartOfStudy:
    """What a study found in a part of its people, where it tells of parts only. `effect`: on the analysis scale."""

    name: str
    effect: Effect
    people: int | None


@dataclass(frozen=True, slots=True)
class StudyResult:
    """One study in a comparison. `effect` is on the analysis scale (a logarithm for ratios)."""

    study: StudyRow
    label: str
    first: ArmSummary | None
    second: ArmSummary | None
    effect: Effect | None
    months: float | None
    pooled: bool
    why: Why
    detail: str  # completes `why`: the caution, the other publication
    caution: str  # why it stays out of default pools, of the study or of one of its rows; empty: nothing
    weight: float | None  # percent of the pool
    n_total: int | None
    source_rows: tuple[SourceRow, ...]
    analysis: Analysis = Analysis.NOT_SAID
    parts: tuple[PartOfStudy, ...] = ()
    shown: bool = False  # drawn and counted for direction: both arms, people counted once, not set aside

    @property
    def comparable(self) -> bool:
        """Both arms and an effect: the study can be drawn."""
        return self.effect is not None and self.first is not None and self.second is not None

    @property
    def has_spread(self) -> bool:
        """Whether its effect has a standard error, and so can be pooled; a borrowed one counts."""
        return self.effect is not None and self.effect.standard_error is not None

    @property
    def borrowed(self) -> bool:
        """Whether the spread of an arm was borrowed from other studies."""
        return self.effect is not None and self.effect.source is SpreadSource.IMPUTED


def study_result(
    definition: OutcomeRow,
    study: StudyRow,
    question: Question,
    arms: list[ArmRow],
    contrasts: list[ContrastRow],
    spread: BorrowedSpread,
) -> StudyResult | None:
    """What one study says, before designs and shared patients are looked at; None if it has no row in the window.

    `arms` and `contrasts` are the study's rows of the question's outcome and options; `spread` is what an arm without a
    printed spread borrows.
    """
    whole_arms = [r for r in arms if not r.subgroup]
    whole_contrasts = [r for r in contrasts if not r.subgroup]
    here = [r for r in whole_arms if question.window.holds(r)]
    here.sort(key=lambda r: (question.window.distance(r), r.timepoint_months or 0, r.arm))  # whatever the file's order
    reported = _nearest([r for r in whole_contrasts if question.window.holds(r)], question)
    if not here and not reported:
        return _outside_the_window(definition, study, arms, contrasts, question, spread)
    pair = _nearest_pair(here, question)
    return _evaluate(definition, study, question, pair, here, reported, spread)


def _outside_the_window(
    definition: OutcomeRow,
    study: StudyRow,
    arms: list[ArmRow],
    contrasts: list[ContrastRow],
    question: Question,
    spread: BorrowedSpread,
) -> StudyResult | None:
    rows: list[ArmRow | ContrastRow] = [*arms, *contrasts]
    untimed = [r for r in rows if r.timing == Timing.NOT_STATED and not r.subgroup]
    subgroups = [r for r in rows if r.subgroup and question.window.holds(r)]
    if subgroups:
        found = _unpooled(
            study, Why.SUBGROUP, ", ".join(sorted({r.subgroup for r in subgroups})), _source_rows(subgroups)
        )
        parts = _parts(definition, study, subgroups, question, spread)
        caution = "; ".join(filter(None, (study.caution, *sorted({r.caution for r in subgroups}))))
        analysis = next((r.analysis for r in subgroups if r.analysis), Analysis.NOT_SAID)
        months = min((r.timepoint_months for r in subgroups if r.timepoint_months is not None), default=None)
        return replace(found, parts=parts, caution=caution, analysis=analysis, months=months)
    if untimed:
        return _unpooled(study, Why.TIME_NOT_STATED, "", _source_rows(untimed))
    return None


def _parts(
    definition: OutcomeRow,
    study: StudyRow,
    rows: list[ArmRow | ContrastRow],
    question: Question,
    spread: BorrowedSpread,
) -> tuple[PartOfStudy, ...]:
    """The effect in each part of a study, in the order of their names; parts without one are left out."""
    found = []
    for name in sorted({r.subgroup for r in rows}):
        arms = [r for r in rows if isinstance(r, ArmRow) and r.subgroup == name]
        contrasts = [r for r in rows if isinstance(r, ContrastRow) and r.subgroup == name]
        part = _evaluate(
            definition, study, question, _nearest_pair(arms, question), arms, _nearest(contrasts, question), spread
        )
        if part.effect is not None:
            people = (
                part.first.n + part.second.n if part.first and part.second and part.first.n and part.second.n else None
            )
            found.append(PartOfStudy(name, part.effect, people))
    return tuple(found)


def _evaluate(
    definition: OutcomeRow,
    study: StudyRow,
    question: Question,
    pair: tuple[ArmRow, ArmRow] | None,
    here: list[ArmRow],
    reported: ContrastRow | None,
    spread: BorrowedSpread,
) -> StudyResult:
    first = second = effect = None
    why = Why.ONE_ARM
    rows: list[ArmRow | ContrastRow] = list(pair or here)
    if pair:
        factor = 1.0 if definition.kind == OutcomeKind.EVENT else conversion_factor(pair[0].unit, definition.unit)
        if factor is None:
            why = Why.SCALE_NOT_PRINTED
        else:
            first, second = (effects.summarise_arm(row, factor) for row in pair)
            effect, why = _effect_of_arms(first, second, question.measure)
    reconstructed = effect is not None and effect.source == SpreadSource.QUARTILES
    if reported and (effect is None or effect.standard_error is None or reconstructed):
        # A difference the paper itself gives with its interval beats one rebuilt from quartiles of skewed scores.
        from_paper, why_not = _effect_of_report(reported, definition, question.measure)
        if from_paper and (effect is None or from_paper.standard_error is not None):
            effect, why = from_paper, why_not
            rows.append(reported)
        elif effect is None and why in (Why.ONE_ARM, Why.OTHER_MEASURE):
            why = why_not
            rows.append(reported)
    if first and second and why is Why.NO_SPREAD:
        completed = [
            spread.completed(arm, kind) for arm, kind in zip((first, second), question.contrast.value, strict=True)
        ]
        with_spread, why_borrowed = _effect_of_arms(completed[0], completed[1], question.measure)
        if with_spread is not None and with_spread.standard_error is not None:
            effect, why = with_spread, why_borrowed
    caution = "; ".join(dict.fromkeys(filter(None, (study.caution, *(r.caution for r in rows)))))
    if effect is not None and caution and not question.include_cautions:
        why = Why.CAUTION
    months = next((r.timepoint_months for r in rows if r.timepoint_months is not None), None)
    return StudyResult(
        study=study,
        label=study.label,
        first=first,
        second=second,
        effect=effect,
        months=months,
        pooled=why is Why.POOLED,
        why=why,
        detail=caution if why is Why.CAUTION else "",
        caution=caution,
        weight=None,
        n_total=_people(first, second, reported if rows and rows[-1] is reported else None, study),
        source_rows=_source_rows(rows),
        analysis=next((r.analysis for r in rows if r.analysis), Analysis.NOT_SAID),
    )


def _effect_of_arms(first: ArmSummary, second: ArmSummary, measure: Measure) -> tuple[Effect | None, Why]:
    if measure is Measure.RISK_RATIO:
        if not first.n or not second.n:
            return None, Why.NO_ARM_SIZE
        effect = effects.risk_ratio(first, second)
        return effect, Why.POOLED if effect else Why.NO_EVENTS
    function = effects.mean_difference if measure is Measure.MEAN_DIFFERENCE else effects.ratio_of_means
    effect = function(first, second)
    if effect is None:
        return None, Why.LEVELS_DIFFER if measure is Measure.MEAN_DIFFERENCE else Why.NO_RATIO
    if effect.standard_error is not None:
        return effect, Why.POOLED
    return effect, Why.NO_ARM_SIZE if first.sd is not None and second.sd is not None else Why.NO_SPREAD


def _effect_of_report(row: ContrastRow, definition: OutcomeRow, measure: Measure) -> tuple[Effect | None, Why]:
    wanted = ReportedMeasure.RISK_RATIO if measure is Measure.RISK_RATIO else ReportedMeasure.MEAN_DIFFERENCE
    if row.measure != wanted or measure is Measure.RATIO_OF_MEANS or row.estimate is None:
        return None, Why.OTHER_MEASURE
    factor = 1.0 if measure is Measure.RISK_RATIO else conversion_factor(row.unit, definition.unit)
    if factor is None:
        return None, Why.SCALE_NOT_PRINTED
    low, high = (None if v is None else v * factor for v in (row.ci_low, row.ci_high))
    effect = effects.reported(row.estimate * factor, low, high, row.ci_level or 0.95, measure)
    if effect is None:
        return None, Why.OTHER_MEASURE
    return effect, Why.POOLED if effect.standard_error is not None else Why.NO_SPREAD


def _nearest_pair(rows: list[ArmRow], question: Question) -> tuple[ArmRow, ArmRow] | None:
    """The two arms measured nearest to the window's nominal time."""
    by_time: dict[tuple[float, Timing, float], dict[Arm, ArmRow]] = {}
    for row in rows:
        by_time.setdefault((question.window.distance(row), row.timing, row.timepoint_months or 0), {})[row.arm] = row
    for _, arms in sorted(by_time.items(), key=lambda item: item[0]):  # of two equally near, the earlier
        if set(arms) >= set(question.contrast.value):
            return arms[question.contrast.first], arms[question.contrast.second]
    return None


def _nearest(rows: list[ContrastRow], question: Question) -> ContrastRow | None:
    """The reported contrast nearest to the nominal time, one that can enter the pool before one that cannot."""
    wanted = (
        {ReportedMeasure.RISK_RATIO} if question.measure is Measure.RISK_RATIO else {ReportedMeasure.MEAN_DIFFERENCE}
    )
    return min(
        rows,
        key=lambda r: (
            r.measure not in wanted,
            question.window.distance(r),
            r.ci_low is None,
            r.timepoint_months or 0,
            r.measure,
            r.comparison,
        ),
        default=None,
    )


def _people(
    first: ArmSummary | None, second: ArmSummary | None, reported: ContrastRow | None, study: StudyRow
) -> int | None:
    if first and second and first.n and second.n:
        return first.n + second.n
    if reported and reported.n_total:
        return reported.n_total
    return study.n_open + study.n_mis if study.n_open and study.n_mis else None


def _unpooled(study: StudyRow, why: Why, detail: str, source_rows: tuple[SourceRow, ...]) -> StudyResult:
    return StudyResult(
        study,
        study.label,
        None,
        None,
        None,
        None,
        False,
        why,
        detail,
        study.caution,
        None,
        None,
        source_rows,
    )


def _source_rows(rows: Iterable[ArmRow | ContrastRow]) -> tuple[SourceRow, ...]:
    return tuple(SourceRow("arms.csv" if isinstance(r, ArmRow) else "contrasts.csv", r.line) for r in rows)
