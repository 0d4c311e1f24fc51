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

from decision_aid.comparison import ladder
from decision_aid.comparison.absolute_values import (
    AbsoluteValues,
    Basis,
    LeadingEffect,
    LevelRange,
    TypicalValue,
    carried_over,
    level_range,
    typical_level,
    typical_risk,
)
from decision_aid.comparison.borrowed_spread import borrowed_spread
from decision_aid.comparison.certainty import Certainty, judge
from decision_aid.comparison.ladder import Lead, Rung
from decision_aid.comparison.own_rates import OwnRates
from decision_aid.comparison.published_reviews import (
    ReviewResult,
    beside_the_leading,
    best,
    reviews,
    turned,
    with_verdicts,
)
from decision_aid.comparison.question import Contrast, DesignFilter, Question
from decision_aid.comparison.selection import choose_designs, open_arms, studies_asked
from decision_aid.comparison.study_results import StudyResult, Why
from decision_aid.domain.vocabulary import Arm, OutcomeKind, StudyDesign
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.meta_analysis.effects import Measure
from decision_aid.meta_analysis.random_effects import PooledResult
from decision_aid.meta_analysis.synthesis import synthesise

MaybeNumber = TypeVar("MaybeNumber", float, float | None)


class State(StrEnum):
    """What can be said. The states are never merged: “no clear difference” is not “not in our data”."""

    DIFFERENCE = "difference"
    SAME_DIRECTION = "same_direction"  # the studies point one way; how much is not certain
    NO_CLEAR_DIFFERENCE = "no_clear_difference"
    PUBLISHED_ELSEWHERE = "published_elsewhere"  # a published review leads
    ONE_STUDY = "one_study"
    NO_NUMBER = "no_number"  # studies compare it, and none of them gives a number
    NOT_IN_DATA = "not_in_data"


@dataclass(frozen=True, slots=True)
class Direction:
    """How many studies with both arms point which way, pooled or not; people counted once."""

    lower: int
    equal: int
    higher: int

    @property
    def total(self) -> int:
        return self.lower + self.equal + self.higher

    @property
    def one_way(self) -> bool:
        """Whether two and more studies all point the same way."""
        return self.total > 1 and self.total in (self.lower, self.higher)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The answer to a `Question`, with everything a reader may ask next.

    `pooled` is our own pool, of one study its own result; `lead` says which source gives the number. `printed_only` is
    the pool of the studies that print a spread, where some have borrowed one; `other_designs` the pool of all studies
    where trials lead alone, else that of the trials among them.
    """

    question: Question
    outcome: OutcomeRow
    state: State
    lead: Lead
    pooled: PooledResult | None
    tau_scale: float  # of the prior on the spread between few studies, on the analysis scale
    k_borrowed: int
    printed_only: PooledResult | None
    other_designs: PooledResult | None
    randomised_only: bool
    studies: tuple[StudyResult, ...]
    direction: Direction
    first_levels: LevelRange | None
    second_levels: LevelRange | None
    absolute: AbsoluteValues | None
    people: int | None  # in the pool, as far as printed; None where no pooled study prints it
    certainty: Certainty | None
    reviews: tuple[ReviewResult, ...]
    own: OwnRates | None = None  # where they stand in the place of published risks: see `with_own_rates`

    def __hash__(self) -> int:  # as good as one of everything it holds, and at once
        return hash((self.question, self.own))

    @property
    def pooled_studies(self) -> tuple[StudyResult, ...]:
        return tuple(s for s in self.studies if s.pooled)

    @property
    def shown_studies(self) -> tuple[StudyResult, ...]:
        """Studies that are drawn: both arms, pooled or not, people counted once, without those set aside."""
        return tuple(s for s in self.studies if s.shown)

    @property
    def absolute_risk(self) -> AbsoluteValues | None:
        """The risks of both options, of an event outcome."""
        return self.absolute if self.outcome.kind == OutcomeKind.EVENT else None

    @property
    def measure(self) -> Measure | None:
        """What the leading number is expressed by; None for a difference of risks and where there is no number."""
        return self.lead.effect.measure if self.lead.effect else None

    def on_reading_scale(self, value: MaybeNumber) -> MaybeNumber:
        """A value of the analysis scale as people read it: ratios are taken out of the logarithm."""
        return math.exp(value) if value is not None and self.question.measure.on_log_scale else value

    @property
    def estimate(self) -> float | None:
        """The leading number as people read it."""
        return self._as_read(self.lead.effect.estimate) if self.lead.effect else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Its 95 % interval as people read it."""
        if self.lead.effect is None:
            return None
        return self._as_read(self.lead.effect.ci_low), self._as_read(self.lead.effect.ci_high)

    @property
    def is_clear(self) -> bool:
        """Whether the interval of the leading number leaves no difference out."""
        effect = self.lead.effect
        return effect is not None and (effect.ci_low > 0 or effect.ci_high < 0)

    def is_told_to(self, patient: bool) -> bool:
        """Whether a number and a picture are shown: one small study gives none to a patient."""
        return self.lead.effect is not None and not (
            patient and self.lead.rung is Rung.ONE_SMALL_STUDY and not (self.own and self.absolute)
        )

    def _as_read(self, value: float) -> float:
        return math.exp(value) if self.measure is not None and self.measure.on_log_scale else value


@lru_cache(maxsize=4096)
def compare(evidence: Evidence, question: Question) -> Comparison:
    """The comparison a question asks for. Never raises on sparse data: the state says what can be said.

    Studies: randomised trials alone when at least five can be pooled, otherwise all comparative studies, unless the
    question names a design. One study: its own interval. Two to four: a posterior. Five and more: REML, Hartung-Knapp.
    Which source leads: see `ladder`.
    """
    definition = evidence.outcomes[question.outcome]
    _refuse_wrong_measure(definition, question.measure)
    asked = studies_asked(evidence, question)
    results, trials_alone = choose_designs(asked, question.design)
    chosen = [r for r in results if r.pooled]
    tau_scale = borrowed_spread(evidence, question.procedure, question.outcome).tau_scale(question.measure)
    pooled = _with_printed_interval(_pool(chosen, tau_scale), chosen)
    if pooled is not None:
        weights = iter(pooled.weights)
        results = [replace(r, weight=next(weights)) if r.pooled else r for r in results]
    results = [replace(r, shown=_is_shown(r, question)) for r in results]
    results.sort(key=lambda r: (not r.pooled, not r.comparable, r.study.year or 9999, r.label, r.study.study_id))
    chosen, drawn = [r for r in results if r.pooled], [r for r in results if r.shown]
    printed = [r for r in chosen if not r.borrowed]
    printed_only = _pool(printed, tau_scale) if len(printed) < len(chosen) else None
    sizes = [r.n_total for r in chosen]
    known = sum(n for n in sizes if n is not None)
    people = None if sizes.count(None) == len(sizes) else known
    direction = _direction(drawn)
    ours = None
    if pooled is not None:
        ours = LeadingEffect(question.measure, pooled.estimate, pooled.ci_low, pooled.ci_high)
    typical = _typical(evidence, question, results, chosen)
    found = turned(reviews(evidence, question), question, definition, typical)
    lead = ladder.choose(pooled, ours, chosen, results, best(found, question), people)
    absolute = _absolute(lead, typical, definition)
    weigh_ours = ours if pooled is not None and pooled.k > 1 else None
    return Comparison(
        question=question,
        outcome=definition,
        state=_state(lead, results, direction),
        lead=lead,
        pooled=pooled,
        tau_scale=tau_scale,
        k_borrowed=len(chosen) - len(printed),
        printed_only=printed_only,
        other_designs=_other_designs(asked, results, trials_alone, question, tau_scale),
        randomised_only=trials_alone or (bool(chosen) and all(r.study.design == StudyDesign.RCT for r in chosen)),
        studies=tuple(results),
        direction=direction,
        first_levels=level_range([r.first for r in drawn]),
        second_levels=level_range([r.second for r in drawn]),
        absolute=absolute,
        people=people,
        certainty=None
        if pooled is None or lead.effect is not ours  # a review leads, or parts of a study: those are not judged
        else judge(
            pooled=pooled,
            ratio=question.measure.on_log_scale,
            all_randomised=all(r.study.design == StudyDesign.RCT for r in chosen),
            people=known,
            without_size=sizes.count(None),
            events=_events(chosen),
            noticeable_change=definition.noticeable_change if question.measure is Measure.MEAN_DIFFERENCE else None,
            cautions=sum(1 for r in chosen if r.caution),
            one_way=direction.one_way,
            borrowing_matters=_borrowing_matters(pooled, printed_only, len(printed), len(chosen)),
        ),
        reviews=beside_the_leading(found, lead.review, question)
        if lead.review is not None
        else with_verdicts(found, _carried(typical, ours, definition), weigh_ours, question),
    )


def _refuse_wrong_measure(definition: OutcomeRow, measure: Measure) -> None:
    if (definition.kind == OutcomeKind.EVENT) != (measure is Measure.RISK_RATIO):
        fitting = "risk_ratio" if definition.kind == OutcomeKind.EVENT else "mean_difference or ratio_of_means"
        raise ValueError(f"{definition.outcome} is a {definition.kind} outcome: ask for {fitting}, not {measure}")


def _pool(chosen: Sequence[StudyResult], tau_scale: float) -> PooledResult | None:
    usable = [
        (e.estimate, e.standard_error) for r in chosen if (e := r.effect) is not None and e.standard_error is not None
    ]
    return synthesise([e for e, _ in usable], [s for _, s in usable], tau_scale) if usable else None


def _with_printed_interval(pooled: PooledResult | None, chosen: Sequence[StudyResult]) -> PooledResult | None:
    """A single study that reports its own interval keeps it as printed, not rebuilt from a rounded standard error."""
    if pooled is not None and pooled.k == 1 and chosen[0].effect and chosen[0].effect.printed_interval:
        low, high = chosen[0].effect.printed_interval
        return replace(pooled, ci_low=low, ci_high=high)
    return pooled


def _other_designs(
    asked: list[StudyResult], results: Sequence[StudyResult], trials_alone: bool, question: Question, tau_scale: float
) -> PooledResult | None:
    """What stands one line below the number: all studies where trials lead alone, else the trials among them."""
    if question.design is not DesignFilter.AUTO:
        return None
    if trials_alone:
        return _pool([r for r in choose_designs(asked, DesignFilter.ALL)[0] if r.pooled], tau_scale)
    trials = [r for r in results if r.pooled and r.study.design == StudyDesign.RCT]
    return _pool(trials, tau_scale) if 0 < len(trials) < sum(r.pooled for r in results) else None


def _borrowing_matters(pooled: PooledResult, printed_only: PooledResult | None, printed: int, chosen: int) -> bool:
    if printed == chosen:
        return False
    if printed < 2 or printed_only is None:
        return True
    return not pooled.ci_low <= printed_only.estimate <= pooled.ci_high


def _typical(
    evidence: Evidence, question: Question, results: Sequence[StudyResult], chosen: Sequence[StudyResult]
) -> TypicalValue | None:
    """The second option's typical value: of one study its own, of open surgery and harms see `open_arms`."""
    definition = evidence.outcomes[question.outcome]
    spread = borrowed_spread(evidence, question.procedure, question.outcome)
    kind = question.contrast.second
    if definition.kind == OutcomeKind.EVENT:
        return typical_risk(open_arms(evidence, question, results))
    arms = [(r.label, r.second) for r in results if r.shown and r.second is not None]
    if kind is Arm.NONOPERATIVE:
        arms = [(r.label, r.second) for r in chosen if r.second is not None]
    return typical_level(arms, question.measure, kind, spread)


def _absolute(lead: Lead, typical: TypicalValue | None, definition: OutcomeRow) -> AbsoluteValues | None:
    """Both options' values. One study shows what it printed or counted: nothing is worked out of it."""
    if lead.effect is None:
        return None
    study = lead.study
    if study is not None and study.first and study.second:
        printed = _as_printed(study, lead.effect, definition)
        if printed is not None:
            return printed
    return _carried(typical, lead.effect, definition)


def _as_printed(study: StudyResult, effect: LeadingEffect, definition: OutcomeRow) -> AbsoluteValues | None:
    """The two values of one study. The limits of the first are those of its effect on the second."""
    assert study.first
    assert study.second
    event = definition.kind == OutcomeKind.EVENT
    first, second = (arm.risk if event else arm.value for arm in (study.first, study.second))
    if first is None or second is None or study.first.is_change:
        return None
    alone = TypicalValue(second, second, second, Basis.ONE_STUDY, 1)
    if event:
        # An empty cell has 0.5 in the ratio, not in people: the limits are worked out from the risk with it.
        events, n = study.second.events or 0, study.second.n or 1
        alone = replace(alone, value=(events + 0.5) / (n + 1) if events in (0, n) else second)
    carried = carried_over(alone, effect, definition, event)
    if not event and not math.isclose(effect.applied(second, effect.estimate), first, abs_tol=1e-6):
        first = carried.first  # an adjusted difference: both values told must lie as far apart as it says
    limits = sorted((carried.first_low, carried.first_high, first))
    return replace(
        carried, baseline=second, baseline_low=second, baseline_high=second, first=first, first_low=limits[0],
        first_high=limits[-1],
    )  # fmt: skip


def _carried(
    typical: TypicalValue | None, effect: LeadingEffect | None, definition: OutcomeRow
) -> AbsoluteValues | None:
    if typical is None or effect is None:
        return None
    return carried_over(typical, effect, definition, definition.kind == OutcomeKind.EVENT)


_COMPARED_WITHOUT_AN_EFFECT = (
    Why.NO_EVENTS,
    Why.OTHER_MEASURE,
    Why.SCALE_NOT_PRINTED,
    Why.NO_ARM_SIZE,
    Why.LEVELS_DIFFER,
    Why.NO_RATIO,
)


def _state(lead: Lead, results: Sequence[StudyResult], direction: Direction) -> State:
    if lead.rung in (Rung.POOL, Rung.FEW_STUDIES) and lead.effect is not None:
        if lead.effect.ci_low > 0 or lead.effect.ci_high < 0:  # the analysis scale puts “no difference” at 0
            return State.DIFFERENCE
        return State.SAME_DIRECTION if direction.one_way else State.NO_CLEAR_DIFFERENCE
    if lead.rung is Rung.REVIEW:
        return State.PUBLISHED_ELSEWHERE
    if lead.rung is not Rung.NONE:
        return State.ONE_STUDY
    spoken = any(r.effect is not None or r.why in _COMPARED_WITHOUT_AN_EFFECT for r in results)
    return State.NO_NUMBER if spoken else State.NOT_IN_DATA


def _is_shown(result: StudyResult, question: Question) -> bool:
    if not result.comparable or (result.caution and not question.include_cautions):
        return False
    if question.design is DesignFilter.RCT and result.study.design != StudyDesign.RCT:
        return False
    if question.contrast is Contrast.SURGERY_VERSUS_NONOPERATIVE and result.why in (
        Why.OTHER_OPERATION, Why.OTHER_CARE, Why.OTHER_ANALYSIS,
    ):  # fmt: skip
        return False
    return result.why is not Why.SAME_PEOPLE


def _direction(results: Sequence[StudyResult]) -> Direction:
    signs = [_sign(r) for r in results]
    return Direction(sum(s < 0 for s in signs), sum(s == 0 for s in signs), sum(s > 0 for s in signs))


def _sign(result: StudyResult) -> float:
    """Which way a study points. Of events, the counts as printed: 0.5 added to an empty cell can turn a ratio round."""
    first, second, effect = result.first, result.second, result.effect
    if first and second and first.risk is not None and second.risk is not None:
        return first.risk - second.risk
    return effect.estimate if effect else 0.0


def _events(chosen: Sequence[StudyResult]) -> int | None:
    """Events in both arms of the pooled studies; None for a continuous outcome or where a study prints no counts."""
    counts = [arm.events if arm else None for r in chosen for arm in (r.first, r.second)]
    return None if None in counts else sum(n for n in counts if n is not None)
