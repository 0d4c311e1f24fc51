"""THE answer object: one outcome, two options, every study behind it.

A `Comparison` is what every sentence, chart, table, handout and export reads; nothing computes a number beside it.
Arms are compared within a study only. Studies that cannot be pooled stay in the list with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

from decision_aid.comparison.absolute_values import AbsoluteRisk, LevelRange, absolute_risk, level_range
from decision_aid.comparison.certainty import Certainty, judge
from decision_aid.comparison.own_rates import OwnRates
from decision_aid.comparison.published_reviews import ReviewResult, reviews
from decision_aid.comparison.question import DesignFilter, Question
from decision_aid.comparison.selection import MINIMUM_STUDIES, choose_designs, studies_asked
from decision_aid.comparison.study_results import StudyResult, Why
from decision_aid.domain.vocabulary import OutcomeKind, StudyDesign
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.meta_analysis import effects
from decision_aid.meta_analysis.effects import Effect, Measure
from decision_aid.meta_analysis.random_effects import PooledResult, pool

MINIMUM_ADDED_BY_IMPUTING = 3

MaybeNumber = TypeVar("MaybeNumber", float, float | None)


class State(StrEnum):
    """What can be said. The states are never merged: “no clear difference” is not “not measured”."""

    DIFFERENCE = "difference"
    NO_CLEAR_DIFFERENCE = "no_clear_difference"
    TOO_FEW = "too_few"
    NOT_MEASURED = "not_measured"


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

    def on_reading_scale(self, value: MaybeNumber) -> MaybeNumber:
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
        return self.on_reading_scale(self.pooled.ci_low), self.on_reading_scale(self.pooled.ci_high)


@lru_cache(maxsize=4096)
def compare(evidence: Evidence, question: Question) -> Comparison:
    """The comparison a question asks for. Never raises on sparse data: the state says what can be said.

    Studies: randomised trials alone when at least three can be pooled, otherwise all comparative studies, unless the
    question names a design. One study: its own interval. Two: shown, not pooled. Three and more: random effects.
    """
    definition = evidence.outcomes[question.outcome]
    _refuse_wrong_measure(definition, question.measure)
    results, trials_alone = choose_designs(studies_asked(evidence, question), question.design)
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
        first_levels=level_range([r.first for r in drawn]),
        second_levels=level_range([r.second for r in drawn]),
        absolute_risk=absolute_risk([r for r in results if r.pooled], question, pooled),
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
        reviews=reviews(evidence, question),
    )


def _refuse_wrong_measure(definition: OutcomeRow, measure: Measure) -> None:
    if (definition.kind == OutcomeKind.EVENT) != (measure is Measure.RISK_RATIO):
        fitting = "risk_ratio" if definition.kind == OutcomeKind.EVENT else "mean_difference or ratio_of_means"
        raise ValueError(f"{definition.outcome} is a {definition.kind} outcome: ask for {fitting}, not {measure}")


def _pool_or_none(found: Sequence[Effect | None]) -> PooledResult | None:
    usable = [(e.estimate, e.standard_error) for e in found if e is not None and e.standard_error is not None]
    if len(usable) != 1 and len(usable) < MINIMUM_STUDIES:
        return None
    return pool([estimate for estimate, _ in usable], [error for _, error in usable])


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
    first_variation, second_variation = (
        effects.coefficient_of_variation([arm for arm in arms if arm is not None])
        for arms in ([r.first for r in with_spread], [r.second for r in with_spread])
    )
    if first_variation is None or second_variation is None:
        return results, None
    function = effects.mean_difference if question.measure is Measure.MEAN_DIFFERENCE else effects.ratio_of_means
    completed, added = [], 0
    for r in results:
        effect = None
        eligible = r.why is Why.NO_SPREAD and (not r.caution or question.include_cautions)
        if eligible and r.first and r.second and not (trials_alone and r.study.design != StudyDesign.RCT):
            first = effects.with_imputed_spread(r.first, first_variation)
            second = effects.with_imputed_spread(r.second, second_variation)
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


def _events(chosen: list[StudyResult]) -> int | None:
    """Events in both arms of the pooled studies; None for a continuous outcome or where a study prints no counts."""
    counts = [arm.events if arm else None for r in chosen for arm in (r.first, r.second)]
    return None if None in counts else sum(n for n in counts if n is not None)
