"""One comparison in sentences: the answer, its range and direction, what it rests on."""

from __future__ import annotations

import math

from decision_aid.comparison.comparison import Comparison, State
from decision_aid.comparison.narrowing import leaves_none
from decision_aid.comparison.question import Contrast
from decision_aid.comparison.selection import MINIMUM_STUDIES
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import OutcomeKind
from decision_aid.wording import numerals
from decision_aid.wording.phrases import (
    capital,
    filled,
    interval,
    less_or_more,
    sized,
    studies,
    topic,
    verb,
    with_surgery,
)


def headline(c: Comparison, audience: Audience, denominator: int = 100) -> str:
    """The answer as one sentence with its number."""
    about = topic(c, audience)
    if leaves_none(c):
        return f"{about}: no study is left with this filter."
    if c.state is State.NOT_MEASURED:
        return f"{about}: not measured. No study here compares it."
    if c.state is State.TOO_FEW:
        return f"{about}: too few studies to give one number."
    if c.outcome.kind == OutcomeKind.EVENT:
        return _event_headline(c, denominator)
    clear = "" if c.state is State.DIFFERENCE else "no clear difference, "
    if c.question.measure.on_log_scale:
        ratio = f"{numerals.ratio(c.estimate or 1)} times as much {with_surgery(c)}"
        return f"{about}: {clear}{ratio} ({range_text(c, audience)})."
    assert c.pooled is not None
    size = numerals.amount_on_scale(c.pooled.estimate, c.outcome.unit, audience)
    if clear:
        return f"{about}: {clear}{size} {less_or_more(c.pooled.estimate)} ({range_text(c, audience)})."
    return f"{capital(filled(c.outcome, size, c.pooled.estimate < 0))} {with_surgery(c)}."


def told_risk(c: Comparison, first: bool, denominator: int) -> str:
    """A side's absolute risk as a count: “7 of 100”."""
    r = c.absolute_risk
    assert r is not None
    told = (r.first, r.first_low, r.first_high) if first else (r.baseline, r.baseline_low, r.baseline_high)
    return numerals.risk(*told, denominator)


def _event_headline(c: Comparison, denominator: int) -> str:
    happened = verb(c.outcome)
    if c.absolute_risk is None:
        ratio = f"{numerals.ratio(c.estimate or 1)} ({range_text(c, Audience.CLINICIAN)})"
        return f"{capital(happened)}: ratio {ratio}, no counts printed."
    mis = c.question.contrast is Contrast.MIS_VERSUS_OPEN
    first, second = ("minimally invasive surgery", "open surgery") if mis else ("surgery", "no surgery")
    told, other = (told_risk(c, side, denominator) for side in (True, False))
    tail = ": no clear difference." if c.state is State.NO_CLEAR_DIFFERENCE else "."
    return f"About {told} people {happened} after {first} and {other} after {second}{tail}"


def range_text(c: Comparison, audience: Audience) -> str:
    """The 95 % interval in words, in the unit named beside it: “178 less to 42 more”."""
    if c.interval is None:
        return ""
    if c.question.measure.on_log_scale:
        return f"{numerals.ratio(c.interval[0])} to {numerals.ratio(c.interval[1])}"
    return interval(c.interval[0], c.interval[1], c.outcome.unit, audience)


def direction_sentence(c: Comparison) -> str:
    """The direction in plain sight even where pooling fails: “In 6 of 7 studies people lost less blood.”"""
    d = c.direction
    if d.total == 0:
        return ""
    lower = d.lower >= d.higher
    count = d.lower if lower else d.higher
    word = ("fewer people" if lower else "more people") if c.outcome.kind == OutcomeKind.EVENT else ""
    text = filled(c.outcome, word, lower)
    if d.total == 1:
        return (
            f"In the one study with both arms {text}." if count else "The one study with both arms found no difference."
        )
    return f"In {count} of {d.total} studies {text} {with_surgery(c)}."


def basis(c: Comparison, audience: Audience) -> str:
    """Which studies the number rests on: “3 randomised trials pooled, 167 people”."""
    patient = audience is Audience.PATIENT
    if c.pooled is None:
        n = len(c.shown_studies)
        return f"{studies(n)} shown, {'none put together' if patient else 'none pooled'}" if n else "no study"
    one = c.pooled.k == 1
    kind = f"{c.pooled.k} randomised {'trial' if one else 'trials'}" if c.randomised_only else studies(c.pooled.k)
    together = "" if one else " put together" if patient else " pooled"
    return f"{kind}{together}{f', {c.people:,} people' if c.people else ''}"


def imputed_sentence(c: Comparison, audience: Audience) -> str:
    """The second estimate, always marked as resting on borrowed spreads, with the k of both."""
    if c.imputed is None or c.pooled is None:
        return ""
    if c.question.measure.on_log_scale:
        found = f"{numerals.ratio(math.exp(c.imputed.estimate))} times as much"
        limits = f"{numerals.ratio(math.exp(c.imputed.ci_low))} to {numerals.ratio(math.exp(c.imputed.ci_high))}"
    else:
        found = sized(c.imputed.estimate, c.outcome.unit, audience)
        limits = interval(c.imputed.ci_low, c.imputed.ci_high, c.outcome.unit, audience)
    added = c.imputed.k - c.pooled.k
    return (
        f"With {added} more studies, their spread borrowed from the others ({c.imputed.k} in all): {found} ({limits})."
    )


def ratio_sentence(c: Comparison) -> str:
    """A ratio of means with its interval, for outcomes whose level differs much between hospitals."""
    if c.pooled is None or c.estimate is None:
        return ""
    return (
        f"As a ratio: {numerals.ratio(c.estimate)} times open ({range_text(c, Audience.CLINICIAN)}), k = {c.pooled.k}."
    )


def heterogeneity_sentence(c: Comparison) -> str:
    """How the pool was made and how far the studies lie apart, for a reader who checks it."""
    p = c.pooled
    if p is None or p.k < MINIMUM_STUDIES or p.prediction_low is None or p.prediction_high is None:
        return ""
    if c.question.measure.on_log_scale:
        span = (
            f"a ratio of {numerals.ratio(math.exp(p.prediction_low))} to {numerals.ratio(math.exp(p.prediction_high))}"
        )
    else:
        unit = numerals.unit_name(c.outcome.unit)
        span = f"{interval(p.prediction_low, p.prediction_high, c.outcome.unit, Audience.CLINICIAN)} ({unit})"
    return (
        f"Random effects ({p.method}, Hartung-Knapp with the ad hoc correction): I² {numerals.whole_percent(p.i2)}, τ² {numerals.variance(p.tau2)}. "
        f"A new study would be expected to find {span}."
    )
