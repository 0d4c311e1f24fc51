"""One comparison in sentences: the answer, its range and direction, what it rests on."""

from __future__ import annotations

import math

from decision_aid.comparison.comparison import Comparison, State
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.narrowing import leaves_none
from decision_aid.comparison.question import Contrast
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import OutcomeKind
from decision_aid.meta_analysis.effects import Measure
from decision_aid.meta_analysis.random_effects import PooledResult, Tau2Method
from decision_aid.wording import differences, numerals
from decision_aid.wording.phrases import (
    capital,
    could_be,
    directions,
    filled,
    interval,
    joined,
    sized,
    studies,
    topic,
    verb,
    with_surgery,
)
from decision_aid.wording.table_cells import NOT_SURE_HOW_MUCH, difference_cell, told_risk


def headline(c: Comparison, audience: Audience, denominator: int = 100) -> str:
    """The answer as one sentence with its number."""
    about = topic(c, audience)
    if leaves_none(c):
        return f"{about}: no study is left with this filter."
    cell = difference_cell(c, audience, denominator)
    if not c.is_told_to(audience is Audience.PATIENT):
        return f"{about}: {_small_letter(cell.big)}{f' ({cell.small})' if cell.small else ''}."
    if c.outcome.kind == OutcomeKind.EVENT and c.absolute_risk is not None:
        return _event_headline(c, audience, denominator)
    if c.state is State.SAME_DIRECTION or not c.is_clear:
        return f"{about}, {with_surgery(c)}: {_small_letter(cell.big)} ({cell.small})."
    if c.measure is Measure.MEAN_DIFFERENCE:
        size = numerals.amount_on_scale(c.estimate or 0, c.outcome.unit, audience)
        return f"{capital(filled(c.outcome, size, (c.estimate or 0) < 0))} {with_surgery(c)} ({_rest(c, audience)})."
    return f"{about}, {with_surgery(c)}: {_small_letter(cell.big)} ({cell.small})."


def _rest(c: Comparison, audience: Audience) -> str:
    return joined(
        could_be(range_text(c, audience), audience), differences.noticeable(c), differences.source(c, audience)
    )


def _small_letter(text: str) -> str:
    return text[:1].lower() + text[1:]


def _event_headline(c: Comparison, audience: Audience, denominator: int) -> str:
    happened = verb(c.outcome)
    mis = c.question.contrast is Contrast.MIS_VERSUS_OPEN
    first, second = ("minimally invasive surgery", "open surgery") if mis else ("surgery", "no surgery")
    told, other = (told_risk(c, side, denominator) for side in (True, False))
    tail = ""
    if c.state is State.SAME_DIRECTION:
        tail = f": {differences.direction_words(c, audience)}, {NOT_SURE_HOW_MUCH.to(audience)}"
    elif (not c.is_clear and c.own is None) or c.state is State.NO_CLEAR_DIFFERENCE:
        tail = ": no clear difference"
    return f"About {told} people {happened} after {first} and {other} after {second}{tail}."


def range_text(c: Comparison, audience: Audience) -> str:
    """The 95 % interval of the leading number in words: “20 to 59 % less”, “178 less to 42 more”."""
    return differences.limits(c, audience)


def direction_sentence(c: Comparison) -> str:
    """The direction in plain sight even where pooling fails: “In 6 of 7 studies people lost less blood.”"""
    d = c.direction
    if d.total == 0 or (c.lead.rung is Rung.REVIEW and d.one_way and not c.is_clear):
        return ""  # two of our studies one way would stand over the “no clear difference” of a review of many
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
    """What gives the number: “18 studies pooled, 9 with a borrowed spread, 1,657 people”, “published review, 19 studies”."""
    patient = audience is Audience.PATIENT
    if c.lead.rung is Rung.REVIEW:
        return f"{differences.as_published(audience)}: {differences.source(c, audience)}"
    if c.lead.rung is Rung.PARTS_OF_ONE_STUDY:
        return "parts of one study"
    if c.pooled is None:
        n = len(c.shown_studies)
        return f"{studies(n)} shown, {'none put together' if patient else 'none pooled'}" if n else "no study"
    one = c.pooled.k == 1
    kind = f"{c.pooled.k} randomised {'trial' if one else 'trials'}" if c.randomised_only else studies(c.pooled.k)
    together = "" if one else " put together" if patient else " pooled"
    borrowed = f", {c.k_borrowed} with a borrowed spread" if c.k_borrowed and not patient else ""
    return f"{kind}{together}{borrowed}{f', {c.people:,} people' if c.people else ''}"


def other_designs_sentence(c: Comparison, audience: Audience) -> str:
    """What stands one line below: the trials alone where all studies lead, all studies where the trials do."""
    p = c.other_designs
    if p is None or c.lead.rung not in (Rung.POOL, Rung.FEW_STUDIES):
        return ""
    trials_lead = c.randomised_only
    name = "All studies" if trials_lead else "Trials alone"
    return f"{name}: {pool_in_words(c, p, audience)}, {p.k} {'studies' if trials_lead else 'trial' if p.k == 1 else 'trials'}."


def pool_in_words(c: Comparison, pooled: PooledResult, audience: Audience) -> str:
    """A pool on the comparison's main measure: “43 % less (20 to 59 % less)”."""
    words = directions(c.outcome, audience)
    if c.question.measure is Measure.MEAN_DIFFERENCE:
        unit, limits = c.outcome.unit, (pooled.ci_low, pooled.ci_high)
        return f"{sized(pooled.estimate, unit, audience, words)} ({interval(*limits, unit, audience, words)})"
    found, low, high = (math.exp(v) for v in (pooled.estimate, pooled.ci_low, pooled.ci_high))
    if c.question.measure is Measure.RATIO_OF_MEANS:
        return f"{numerals.change_in_percent(found, words)} ({numerals.changes_in_percent(low, high, words)})"
    return f"risk ratio {numerals.ratio(found)} ({numerals.ratio(low)} to {numerals.ratio(high)})"


def disagreement_sentence(c: Comparison) -> str:
    """The published reviews that do not fit the leading number: another answer is published as well."""
    differ = [r.label for r in c.reviews if r.agrees is False]
    if not differ or c.lead.rung not in (Rung.POOL, Rung.FEW_STUDIES, Rung.REVIEW):
        return ""
    return f"Differs from the published {'review' if len(differ) == 1 else 'reviews'} {', '.join(differ)}."


def heterogeneity_sentence(c: Comparison) -> str:
    """How the pool was made and how far the studies lie apart, for a reader who checks it."""
    p = c.pooled
    if p is None or p.k < 2 or p.prediction_low is None or p.prediction_high is None:
        return ""
    if c.question.measure.on_log_scale:
        span = (
            f"a ratio of {numerals.ratio(math.exp(p.prediction_low))} to {numerals.ratio(math.exp(p.prediction_high))}"
        )
    else:
        unit = numerals.unit_name(c.outcome.unit)
        span = f"{interval(p.prediction_low, p.prediction_high, c.outcome.unit, Audience.CLINICIAN)} ({unit})"
    how = (
        f"Random effects ({p.method}, Hartung-Knapp with the ad hoc correction)"
        if p.method is Tau2Method.REML
        else f"Few studies: Bayesian random effects ({p.method} on the spread between studies)"
    )
    return (
        f"{how}: I² {numerals.whole_percent(p.i2)}, τ² {numerals.variance(p.tau2)}. "
        f"A new study would be expected to find {span}."
    )
