"""THE answer object: one outcome, two roads, every study behind it.

A `Comparison` is what every sentence, chart, table, handout and export reads; nothing computes a number beside it.
Arms are compared within a study only. Studies that cannot be pooled stay in the list with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Any

from decision_aid.comparison.certainty import Certainty, judge
from decision_aid.comparison.own_rates import OwnRates
from decision_aid.domain.time_windows import TimeWindow, default_window
from decision_aid.domain.vocabulary import (
    Arm,
    Condition,
    Outcome,
    OutcomeKind,
    Procedure,
    ReportedComparison,
    ReportedMeasure,
    StudyDesign,
    Timing,
)
from decision_aid.evidence.from_prose import interval_level, study_label
from decision_aid.evidence.loading import Evidence, conversion_factor
from decision_aid.evidence.rows import ArmRow, ContrastRow, OutcomeRow, StudyRow
from decision_aid.meta_analysis import effects
from decision_aid.meta_analysis.effects import ArmSummary, Effect, Measure, SpreadSource
from decision_aid.meta_analysis.random_effects import PooledResult, pool

MINIMUM_STUDIES = 3  # fewer are shown, not pooled
MINIMUM_ADDED_BY_IMPUTING = 3


class Contrast(Enum):
    """Which two roads stand against each other: first minus (or over) second."""

    MIS_VERSUS_OPEN = (Arm.MIS, Arm.OPEN)
    SURGERY_VERSUS_NONOPERATIVE = (Arm.SURGERY, Arm.NONOPERATIVE)

    @property
    def first(self) -> Arm:
        return self.value[0]

    @property
    def second(self) -> Arm:
        return self.value[1]

    @property
    def reported(self) -> frozenset[ReportedComparison]:
        if self is Contrast.MIS_VERSUS_OPEN:
            return frozenset({ReportedComparison.MIS_MINUS_OPEN, ReportedComparison.MIS_OVER_OPEN})
        return frozenset({ReportedComparison.SURGERY_MINUS_NONOPERATIVE, ReportedComparison.SURGERY_OVER_NONOPERATIVE})


class DesignFilter(StrEnum):
    AUTO = "auto"  # randomised trials alone when at least three can be pooled, otherwise all comparative studies
    RCT = "rct"
    ALL = "all"


class State(StrEnum):
    """What can be said. The states are never merged: “no clear difference” is not “not measured”."""

    DIFFERENCE = "difference"
    NO_CLEAR_DIFFERENCE = "no_clear_difference"
    TOO_FEW = "too_few"
    NOT_MEASURED = "not_measured"


class Why(StrEnum):
    """Why a study is or is not in the pool."""

    POOLED = "pooled"
    CAUTION = "set aside"
    NO_SPREAD = "prints no spread"
    NO_ARM_SIZE = "prints no arm size"
    ONE_ARM = "one arm only"
    SAME_PEOPLE = "same people as"
    NOT_RANDOMISED = "not randomised; randomised trials are pooled alone"
    SCALE_NOT_PRINTED = "scale not printed or not convertible"
    TIME_NOT_STATED = "time not stated"
    NO_EVENTS = "no event in either arm"
    OTHER_MEASURE = "reports another measure without the counts"
    SUBGROUP = "reported for a subgroup only"
    TOO_FEW = "fewer than three can be pooled"
    LEVELS_DIFFER = "a mean in one arm and another statistic in the other"
    NO_RATIO = "a ratio of these means says nothing"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: one outcome in one time window, with the reader's filters."""

    procedure: Procedure
    outcome: Outcome
    window: TimeWindow
    measure: Measure
    contrast: Contrast = Contrast.MIS_VERSUS_OPEN
    design: DesignFilter = DesignFilter.AUTO
    technique: str | None = None
    condition: Condition | None = None
    include_cautions: bool = False
    years: tuple[int, int] | None = None  # first and last year of publication; a study without a year is left out then


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
    imputed: Effect | None  # the effect with a borrowed spread, where it enters the second estimate
    n_total: int | None
    lines: tuple[str, ...]  # the source rows, as "arms.csv 12"
    shown: bool = False  # drawn and counted for direction: both arms, people counted once, not set aside

    @property
    def reason(self) -> str:
        return f"{self.why}: {self.detail}" if self.detail else str(self.why)

    @property
    def comparable(self) -> bool:
        """Both arms and an effect: the study can be drawn."""
        return self.effect is not None and self.first is not None and self.second is not None


@dataclass(frozen=True, slots=True)
class Direction:
    """How many studies with both arms point which way, pooled or not; people counted once."""

    lower: int
    equal: int
    higher: int

    @property
    def total(self) -> int:
        return self.lower + self.equal + self.higher


@dataclass(frozen=True, slots=True)
class LevelRange:
    """Lowest and highest value of one arm over the studies with both arms, in the outcome's unit."""

    low: float
    high: float
    studies: int


@dataclass(frozen=True, slots=True)
class AbsoluteRisk:
    """Risks from 0 to 1: the second road's pooled event rate as the baseline, the first road's as baseline x ratio.

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


@dataclass(frozen=True, slots=True)
class Comparison:
    """The answer to a `Question`, with everything a reader may ask next."""

    question: Question
    outcome: OutcomeRow
    state: State
    pooled: PooledResult | None
    imputed: PooledResult | None
    randomised_only: bool
    studies: tuple[StudyResult, ...]
    direction: Direction
    first_levels: LevelRange | None
    second_levels: LevelRange | None
    absolute_risk: AbsoluteRisk | None
    people: int | None  # in the pool, as far as printed; None where no pooled study prints it
    certainty: Certainty | None
    reviews: tuple[ReviewResult, ...]
    own: OwnRates | None = None  # where they stand in the place of published risks: see `with_own_rates`

    @property
    def pooled_studies(self) -> tuple[StudyResult, ...]:
        return tuple(s for s in self.studies if s.pooled)

    @property
    def shown_studies(self) -> tuple[StudyResult, ...]:
        """Studies that are drawn: both arms, pooled or not, people counted once, without those set aside."""
        return tuple(s for s in self.studies if s.shown)

    def on_reading_scale(self, value: float | None) -> float | None:
        """A value of the analysis scale as people read it: ratios are taken out of the logarithm."""
        return math.exp(value) if value is not None and self.question.measure.on_log_scale else value

    @property
    def estimate(self) -> float | None:
        """The pooled effect as people read it."""
        return self.on_reading_scale(self.pooled.estimate) if self.pooled else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval as people read it."""
        if self.pooled is None:
            return None
        return self.on_reading_scale(self.pooled.ci_low), self.on_reading_scale(self.pooled.ci_high)  # type: ignore[return-value]


def ask(evidence: Evidence, procedure: Procedure, outcome: Outcome, **filters: Any) -> Question:
    """A question with the usual window and measure of an outcome, unless given."""
    definition = evidence.outcomes[outcome]
    filters.setdefault("window", default_window(definition))
    usual = Measure.RISK_RATIO if definition.kind == OutcomeKind.EVENT else Measure.MEAN_DIFFERENCE
    filters["measure"] = filters.get("measure") or usual
    return Question(procedure=procedure, outcome=outcome, **filters)


@lru_cache(maxsize=4096)
def compare(evidence: Evidence, question: Question) -> Comparison:
    """The comparison a question asks for. Never raises on sparse data: the state says what can be said.

    Studies: randomised trials alone when at least three can be pooled, otherwise all comparative studies, unless the
    question names a design. One study: its own interval. Two: shown, not pooled. Three and more: random effects.
    """
    definition = evidence.outcomes[question.outcome]
    _refuse_wrong_measure(definition, question.measure)
    results = [_study_result(evidence, study, question) for study in _studies_in_question(evidence, question)]
    results, trials_alone = _choose_designs([r for r in results if r is not None], question.design)
    chosen = [r for r in results if r.pooled]
    randomised_only = trials_alone or (bool(chosen) and all(r.study.design == StudyDesign.RCT for r in chosen))
    pooled = _pool_or_none([r.effect for r in chosen])
    if pooled is not None:
        weights = iter(pooled.weights)
        results = [replace(r, weight=next(weights)) if r.pooled else r for r in results]
        pooled = _with_printed_interval(pooled, chosen)
    else:
        results = [replace(r, pooled=False, why=Why.TOO_FEW) if r.pooled else r for r in results]
    results, imputed = _impute(results, question, trials_alone, pooled)
    results.sort(key=lambda r: (not r.pooled, not r.comparable, r.study.year or 9999, r.label, r.study.study_id))
    results = [replace(r, shown=_is_shown(r, question)) for r in results]
    drawn = [r for r in results if r.shown]
    sizes = [r.n_total for r in results if r.pooled]
    people = sum(n for n in sizes if n is not None)
    return Comparison(
        question=question,
        outcome=definition,
        state=_state(results, pooled),
        pooled=pooled,
        imputed=imputed,
        randomised_only=randomised_only,
        studies=tuple(results),
        direction=_direction(drawn),
        first_levels=_levels([r.first for r in drawn]),
        second_levels=_levels([r.second for r in drawn]),
        absolute_risk=_absolute_risk([r for r in results if r.pooled], question, pooled),
        people=None if sizes and sizes.count(None) == len(sizes) else people,
        certainty=judge(
            pooled=pooled,
            ratio=question.measure.on_log_scale,
            all_randomised=all(r.study.design == StudyDesign.RCT for r in chosen),
            people=people,
            without_size=sizes.count(None),
            events=_events(chosen),
            noticeable_change=definition.noticeable_change if question.measure is Measure.MEAN_DIFFERENCE else None,
            cautions=sum(1 for r in chosen if r.caution),
        )
        if pooled
        else None,
        reviews=_reviews(evidence, question),
    )


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


def _refuse_wrong_measure(definition: OutcomeRow, measure: Measure) -> None:
    if (definition.kind == OutcomeKind.EVENT) != (measure is Measure.RISK_RATIO):
        fitting = "risk_ratio" if definition.kind == OutcomeKind.EVENT else "mean_difference or ratio_of_means"
        raise ValueError(f"{definition.outcome} is a {definition.kind} outcome: ask for {fitting}, not {measure}")


def _rows(table: dict, question: Question) -> Iterable:
    """Rows of the question's outcome: of its procedure, or of every procedure when staying without surgery counts."""
    if question.contrast is Contrast.SURGERY_VERSUS_NONOPERATIVE and question.condition:
        return [row for p in Procedure for row in table.get((p, question.outcome), ())]
    return table.get((question.procedure, question.outcome), ())


def _in_scope(study: StudyRow, question: Question) -> bool:
    if question.condition and study.condition != question.condition:
        return False
    if question.years and not question.years[0] <= (study.year or 0) <= question.years[1]:
        return False
    return not question.technique or study.mis_technique == question.technique


def _studies_in_question(evidence: Evidence, question: Question) -> list[StudyRow]:
    arms = {Arm(a) for a in question.contrast.value}
    ids = {r.study_id for r in _rows(evidence.arms_by_outcome, question) if r.arm in arms}
    ids |= {
        r.study_id for r in _rows(evidence.contrasts_by_outcome, question) if r.comparison in question.contrast.reported
    }
    found = (evidence.studies[i] for i in sorted(ids))
    return [s for s in found if s.design != StudyDesign.SYSTEMATIC_REVIEW and _in_scope(s, question)]


def _study_result(evidence: Evidence, study: StudyRow, question: Question) -> StudyResult | None:
    """What one study says, before designs and shared patients are looked at; None if it has no row in the window."""
    arms = [
        r
        for r in _rows(evidence.arms_by_outcome, question)
        if r.study_id == study.study_id and r.arm in question.contrast.value
    ]
    contrasts = [
        r
        for r in _rows(evidence.contrasts_by_outcome, question)
        if r.study_id == study.study_id and r.comparison in question.contrast.reported
    ]
    whole_arms = [r for r in arms if not r.subgroup]
    whole_contrasts = [r for r in contrasts if not r.subgroup]
    here = [r for r in whole_arms if question.window.holds(r)]
    here.sort(key=lambda r: (question.window.distance(r), r.timepoint_months or 0, r.arm))  # whatever the file's order
    reported = _nearest([r for r in whole_contrasts if question.window.holds(r)], question)
    if not here and not reported:
        return _outside_the_window(study, arms, contrasts, question)
    pair = _nearest_pair(here, question)
    return _evaluate(evidence, study, question, pair, here, reported)


def _outside_the_window(
    study: StudyRow, arms: list[ArmRow], contrasts: list[ContrastRow], question: Question
) -> StudyResult | None:
    untimed = [r for r in (*arms, *contrasts) if r.timing == Timing.NOT_STATED and not r.subgroup]
    subgroups = [r for r in (*arms, *contrasts) if r.subgroup and question.window.holds(r)]
    if untimed:
        return _unpooled(study, Why.TIME_NOT_STATED, "", _lines(untimed))
    if subgroups:
        return _unpooled(study, Why.SUBGROUP, ", ".join(sorted({r.subgroup for r in subgroups})), _lines(subgroups))
    return None


def _evaluate(
    evidence: Evidence,
    study: StudyRow,
    question: Question,
    pair: tuple[ArmRow, ArmRow] | None,
    here: list[ArmRow],
    reported: ContrastRow | None,
) -> StudyResult:
    definition = evidence.outcomes[question.outcome]
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
    caution = "; ".join(filter(None, (study.caution, *(getattr(r, "caution", "") for r in rows))))
    if effect is not None and caution and not question.include_cautions:
        why = Why.CAUTION
    months = next((r.timepoint_months for r in rows if r.timepoint_months is not None), None)
    return StudyResult(
        study=study,
        label=study_label(study),
        first=first,
        second=second,
        effect=effect,
        months=months,
        pooled=why is Why.POOLED,
        why=why,
        detail=caution if why is Why.CAUTION else "",
        caution=caution,
        weight=None,
        imputed=None,
        n_total=_people(first, second, reported if rows and rows[-1] is reported else None, study),
        lines=_lines(rows),
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
    scaled = [None if v is None else v * factor for v in (row.estimate, row.ci_low, row.ci_high)]
    effect = effects.reported(scaled[0], scaled[1], scaled[2], interval_level(row.notes), measure)
    if effect is None:
        return None, Why.OTHER_MEASURE
    return effect, Why.POOLED if effect.standard_error is not None else Why.NO_SPREAD


def _nearest_pair(rows: list[ArmRow], question: Question) -> tuple[ArmRow, ArmRow] | None:
    """The two arms measured nearest to the window's nominal time."""
    by_time: dict[tuple, dict[Arm, ArmRow]] = {}
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


def _preference(result: StudyResult) -> tuple:
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


def _choose_designs(results: list[StudyResult], design: DesignFilter) -> tuple[list[StudyResult], bool]:
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


def _pool_or_none(found: Sequence[Effect | None]) -> PooledResult | None:
    usable = [e for e in found if e is not None and e.standard_error is not None]
    if len(usable) != 1 and len(usable) < MINIMUM_STUDIES:
        return None
    return pool([e.estimate for e in usable], [e.standard_error for e in usable])  # type: ignore[misc]


def _with_printed_interval(pooled: PooledResult, chosen: list[StudyResult]) -> PooledResult:
    """A single study that reports its own interval keeps it as printed, not rebuilt from a rounded standard error."""
    if pooled.k == 1 and chosen[0].effect and chosen[0].effect.printed_interval:
        low, high = chosen[0].effect.printed_interval
        return replace(pooled, ci_low=low, ci_high=high)
    return pooled


def _impute(
    results: list[StudyResult], question: Question, trials_alone: bool, pooled: PooledResult | None
) -> tuple[list[StudyResult], PooledResult | None]:
    """A second estimate with the missing spreads borrowed; only when it adds three or more studies."""
    if question.measure is Measure.RISK_RATIO or pooled is None:
        return results, None
    with_spread = [
        r
        for r in results
        if r.effect and r.effect.standard_error is not None and r.why in (Why.POOLED, Why.NOT_RANDOMISED)
    ]
    variation = [
        effects.coefficient_of_variation([arm for r in with_spread if (arm := getattr(r, side)) is not None])
        for side in ("first", "second")
    ]
    if variation[0] is None or variation[1] is None:
        return results, None
    function = effects.mean_difference if question.measure is Measure.MEAN_DIFFERENCE else effects.ratio_of_means
    completed, added = [], 0
    for r in results:
        effect = None
        eligible = r.why is Why.NO_SPREAD and r.first and r.second and (not r.caution or question.include_cautions)
        if eligible and not (trials_alone and r.study.design != StudyDesign.RCT):
            first = effects.with_imputed_spread(r.first, variation[0])  # type: ignore[arg-type]
            second = effects.with_imputed_spread(r.second, variation[1])  # type: ignore[arg-type]
            effect = function(first, second) if first and second else None
        if effect is not None and effect.standard_error is not None:
            added += 1
            r = replace(r, imputed=effect)
        completed.append(r)
    if added < MINIMUM_ADDED_BY_IMPUTING:
        return results, None
    return completed, _pool_or_none([r.effect if r.pooled else r.imputed for r in completed if r.pooled or r.imputed])


_COMPARED_WITHOUT_AN_EFFECT = (
    Why.NO_EVENTS,
    Why.OTHER_MEASURE,
    Why.SCALE_NOT_PRINTED,
    Why.NO_ARM_SIZE,
    Why.LEVELS_DIFFER,
    Why.NO_RATIO,
)


def _state(results: list[StudyResult], pooled: PooledResult | None) -> State:
    if pooled is not None:
        clear = pooled.ci_low > 0 or pooled.ci_high < 0  # the analysis scale puts “no difference” at 0
        return State.DIFFERENCE if clear else State.NO_CLEAR_DIFFERENCE
    spoken = any(r.effect is not None or r.why in _COMPARED_WITHOUT_AN_EFFECT for r in results)
    return State.TOO_FEW if spoken else State.NOT_MEASURED


def _is_shown(result: StudyResult, question: Question) -> bool:
    if not result.comparable or (result.caution and not question.include_cautions):
        return False
    if question.design is DesignFilter.RCT and result.study.design != StudyDesign.RCT:
        return False
    return result.why is not Why.SAME_PEOPLE


def _direction(results: list[StudyResult]) -> Direction:
    signs = [_sign(r) for r in results]
    return Direction(sum(s < 0 for s in signs), sum(s == 0 for s in signs), sum(s > 0 for s in signs))


def _sign(result: StudyResult) -> float:
    """Which way a study points. Of events, the counts as printed: 0.5 added to an empty cell can turn a ratio round."""
    first, second, effect = result.first, result.second, result.effect
    if first and second and first.risk is not None and second.risk is not None:
        return first.risk - second.risk
    return effect.estimate if effect else 0.0


def _levels(arms: Sequence[ArmSummary | None]) -> LevelRange | None:
    values = [
        a.risk if a.statistic == "events" else a.level
        for a in arms
        if a is not None and not a.is_change and (a.risk if a.statistic == "events" else a.level) is not None
    ]
    return LevelRange(min(values), max(values), len(values)) if values else None  # type: ignore[type-var]


def _absolute_risk(chosen: list[StudyResult], question: Question, pooled: PooledResult | None) -> AbsoluteRisk | None:
    """Baseline: the second arm's event rate, random effects on the logit (a study's own when it stands alone)."""
    arms = [r.second for r in chosen if r.second and r.second.events is not None and r.second.n]
    if question.measure is not Measure.RISK_RATIO or pooled is None or len(arms) < len(chosen):
        return None
    logits, errors = [], []
    for arm in arms:
        e, n = float(arm.events), float(arm.n)  # type: ignore[arg-type]
        if e in (0.0, n):
            e, n = e + 0.5, n + 1
        logits.append(math.log(e / (n - e)))
        errors.append(math.sqrt(1 / e + 1 / (n - e)))
    rate = pool(logits, errors)
    baseline, low, high = (1 / (1 + math.exp(-x)) for x in (rate.estimate, rate.ci_low, rate.ci_high))
    ratio, ratio_low, ratio_high = (math.exp(x) for x in (pooled.estimate, pooled.ci_low, pooled.ci_high))
    if len(chosen) == 1 and chosen[0].first is not None and chosen[0].first.risk is not None:
        # One study shows what it counted: the 0.5 of an empty cell belongs to the ratio, not to people.
        counted, own = arms[0].risk, chosen[0].first.risk
        limits = sorted((min(1.0, baseline * ratio_low), min(1.0, baseline * ratio_high), own))
        return AbsoluteRisk(counted, min(low, counted), max(high, counted), own, limits[0], limits[-1])  # type: ignore[arg-type, type-var]
    return AbsoluteRisk(
        baseline, low, high, min(1.0, baseline * ratio), min(1.0, baseline * ratio_low), min(1.0, baseline * ratio_high)
    )


def _reviews(evidence: Evidence, question: Question) -> tuple[ReviewResult, ...]:
    found = []
    for row in _rows(evidence.contrasts_by_outcome, question):
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
        values = [None if v is None else v * factor for v in (row.estimate, row.ci_low, row.ci_high)]
        found.append(ReviewResult(study, study_label(study), row, *values, same_unit=same))
    return tuple(sorted(found, key=lambda r: (r.study.year or 9999, r.label, r.row.line)))


def _events(chosen: list[StudyResult]) -> int | None:
    """Events in both arms of the pooled studies; None for a continuous outcome or where a study prints no counts."""
    counts = [arm.events if arm else None for r in chosen for arm in (r.first, r.second)]
    return None if None in counts else sum(n for n in counts if n is not None)


def _people(
    first: ArmSummary | None, second: ArmSummary | None, reported: ContrastRow | None, study: StudyRow
) -> int | None:
    if first and second and first.n and second.n:
        return first.n + second.n
    if reported and reported.n_total:
        return reported.n_total
    return study.n_open + study.n_mis if study.n_open and study.n_mis else None


def _unpooled(study: StudyRow, why: Why, detail: str, lines: tuple[str, ...]) -> StudyResult:
    return StudyResult(
        study, study_label(study), None, None, None, None, False, why, detail, study.caution, None, None, None, lines
    )


def _lines(rows: Iterable[ArmRow | ContrastRow]) -> tuple[str, ...]:
    return tuple(f"{'arms.csv' if isinstance(r, ArmRow) else 'contrasts.csv'} {r.line}" for r in rows)
