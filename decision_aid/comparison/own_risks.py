"""A comparison counted from the clinic's own rates: the one place where they enter, for every page, sheet and note.

With open surgery alone the published ratio carries the own rate over: risk = own rate x risk ratio (Cochrane Handbook
15.4.4). Rates of both kinds are shown as they were counted, and nothing is multiplied.
"""

from __future__ import annotations

from dataclasses import replace

from decision_aid.comparison import own_rates
from decision_aid.comparison.absolute_values import AbsoluteValues, Basis
from decision_aid.comparison.comparison import Comparison, State
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.own_rates import OwnRates
from decision_aid.comparison.question import Contrast
from decision_aid.domain.vocabulary import OutcomeKind


def with_own_rates(c: Comparison, own: OwnRates | None) -> Comparison:
    """The comparison with own rates in the place of the published risks, or the same one where they do not stand.

    Raises ValueError for an outcome that is no event, or rates of another outcome.
    """
    if own is None or not own.open_stands or c.question.contrast is not Contrast.MIS_VERSUS_OPEN:
        return c
    if c.outcome.kind != OutcomeKind.EVENT or own.outcome != c.outcome.outcome:
        raise ValueError(f"own rates of {own.outcome} do not belong to {c.outcome.outcome}")
    if own.both_stand:
        assert own.mis is not None
        assert own.open is not None
        _, low, high = own_rates.difference(own.mis, own.open)
        state = State.DIFFERENCE if low > 0 or high < 0 else State.NO_CLEAR_DIFFERENCE
        counted = AbsoluteValues(own.open.rate, *own.open.interval, own.mis.rate, *own.mis.interval, Basis.OWN_CASES)
        return replace(c, own=own, absolute=counted, state=state, certainty=None)
    assert own.open is not None
    return replace(c, own=replace(own, mis=None), absolute=_carried_over(c, own.open))


def _carried_over(c: Comparison, open_rate: own_rates.OwnRate) -> AbsoluteValues | None:
    """The own open rate by the published effect; None where nothing is published that could carry it over.

    Of a clinic without an event the product would be a promise of 0: its range reaches to the upper limit by the effect.
    One small study carries nothing over.
    """
    effect = c.lead.effect
    if effect is None or c.lead.rung is Rung.ONE_SMALL_STUDY:
        return None
    rate, (own_low, own_high) = open_rate.rate, open_rate.interval
    first, low, high = (effect.applied(rate, e) for e in (effect.estimate, effect.ci_low, effect.ci_high))
    if not rate:
        low, high = 0.0, effect.applied(own_high, effect.estimate)
    first, low, high = (min(max(v, 0.0), 1.0) for v in (first, low, high))
    return AbsoluteValues(rate, own_low, own_high, first, low, high, Basis.OWN_CASES)
