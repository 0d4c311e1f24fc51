"""What the Evidence page says: the lines of a forest plot, and what a pooled number hangs on."""

from __future__ import annotations

import math
from collections.abc import Sequence

from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.question import Contrast
from decision_aid.comparison.robustness import ReanalysisStep, Sensitivity, Variant
from decision_aid.comparison.signals import decisive, is_clear, kinds_differ, leans
from decision_aid.domain.audience import Audience
from decision_aid.meta_analysis.effects import Measure
from decision_aid.meta_analysis.random_effects import PooledResult, TooFewStudies
from decision_aid.meta_analysis.sensitivity import FEWEST_FOR_EGGER, Egger, MantelHaenszel, NotEstimable, Subgroups
from decision_aid.wording import numerals
from decision_aid.wording.one_comparison import basis, direction_sentence, headline
from decision_aid.wording.one_study import effect_values, review_line, study_effect
from decision_aid.wording.phrases import studies
from decision_aid.wording.reasons import study_status

CUMULATIVE = "The pool as it grew, a study at a time by year of publication."
TWO_NOT_POOLED = "too few to pool"


def pooled_name(c: Comparison) -> str:
    """How a pooled result is named in a picture: “Pooled, 6 studies”."""
    kind = "trial" if c.randomised_only else "study"
    plural = "trials" if c.randomised_only else "studies"
    if c.pooled is None:
        return ""
    return f"This {kind} alone" if c.pooled.k == 1 else f"Pooled, {c.pooled.k} {plural}"


_WAYS = {
    Variant.PRINTED_SPREADS: "Printed spreads only",
    Variant.TRIALS_ALONE: "Trials alone",
    Variant.ALL_DESIGNS: "All studies",
    Variant.WITH_CAUTIONS: "With cautions",
    Variant.MEAN_DIFFERENCE: "As a difference",
}


def other_way_name(way: Sensitivity) -> str:
    """How another way of pooling is named in a picture: “Trials alone, 3”."""
    return f"{_WAYS[way.variant]}, {way.pooled.k}"


def other_way_words(c: Comparison, way: Sensitivity) -> str:
    """What it gives: ratios, or a difference with its unit."""
    if way.measure is c.question.measure:
        return pooled_effect(c, way.pooled)
    unit = c.outcome.unit
    places = numerals.decimals(unit, Audience.CLINICIAN)
    p = way.pooled
    found, low, high = (numerals.plain(v, places) for v in (p.estimate, p.ci_low, p.ci_high))
    return f"{found} ({low} to {high}) {numerals.unit_name(unit)}".strip()


def pooled_effect(c: Comparison, pooled: PooledResult) -> str:
    """A pooled effect with its interval, written like those of the studies: “−68 (−178 to 42)”."""
    found, low, high = effect_values(c, (pooled.estimate, pooled.ci_low, pooled.ci_high))
    return f"{found} ({low} to {high})"


def effect_axis(c: Comparison) -> str:
    """What the axis of a forest plot shows, in words."""
    mis = c.question.contrast is Contrast.MIS_VERSUS_OPEN
    if c.question.measure.on_log_scale:
        kind = "risk ratio" if c.question.measure is Measure.RISK_RATIO else "ratio of means"
        return f"{kind}, minimally invasive over open" if mis else f"{kind}, surgery over no surgery"
    unit = numerals.unit_name(c.outcome.unit)
    between = "minimally invasive minus open" if mis else "surgery minus no surgery"
    return f"difference in {unit}, {between}" if unit else f"difference, {between}"


def what_gives_it(c: Comparison) -> str:
    """Which source gives the number: our pool, a published review or one study."""
    told = basis(c, Audience.CLINICIAN)
    if c.lead.rung in (Rung.POOL, Rung.FEW_STUDIES):
        return f"Our pool gives the number: {told}."
    if c.lead.rung is Rung.REVIEW:
        ours = f"; our own pool of {studies(c.pooled.k)} stands beside it" if c.pooled and c.pooled.k > 1 else ""
        return f"A published review gives the number, {told}{ours}."
    if c.lead.study is not None:
        parts = "Parts of one study give" if c.lead.rung is Rung.PARTS_OF_ONE_STUDY else "One study gives"
        return f"{parts} the number: {c.lead.study.label}."
    return f"No source gives a number: {told}."


def direction_of_our_studies(c: Comparison) -> str:
    """Which way our studies point; said to be ours where a published review gives the number."""
    told = direction_sentence(c)
    return f"In our own data: {told[:1].lower()}{told[1:]}" if told and c.lead.rung is Rung.REVIEW else told


def forest_description(c: Comparison, other_ways: Sequence[Sensitivity] = (), denominator: int = 100) -> str:
    """Alternative text of a forest plot: the finding, then every line of it in words."""
    parts = [headline(c, Audience.CLINICIAN, denominator)]
    parts += [f"{s.label}: {study_effect(s, c)}, {study_status(s)}." for s in c.studies if s.effect is not None]
    if c.pooled:
        parts.append(f"{pooled_name(c)}: {pooled_effect(c, c.pooled)}.")
    parts += [f"{other_way_name(way)}: {other_way_words(c, way)}." for way in other_ways]
    parts += [f"Review {r.label}: {review_line(r, c.outcome)}." for r in c.reviews]
    return " ".join(parts)


def tau2_sentence(c: Comparison, interval: tuple[float, float], i2: tuple[float, float]) -> str:
    """The spread between studies with its interval (Q-profile)."""
    if c.pooled is None or c.pooled.k < 3:
        return ""
    low, high = (numerals.variance(v) for v in interval)
    return (
        f"Between the studies: τ² {numerals.variance(c.pooled.tau2)} (95 % interval {low} to {high}), "
        f"I² {numerals.whole_percent(c.pooled.i2)} ({numerals.whole_percents(*i2)})."
    )


def steps_description(c: Comparison, steps: Sequence[ReanalysisStep], word: str, denominator: int = 100) -> str:
    """Alternative text of a picture of many pools."""
    told = [f"{word}{s.study.label}: {pooled_effect(c, s.pooled)}" for s in steps if s.pooled]
    return f"{headline(c, Audience.CLINICIAN, denominator)} " + "; ".join(told) + "."


def subgroups_description(
    c: Comparison, named: Sequence[tuple[str, PooledResult | None]], denominator: int = 100
) -> str:
    """Alternative text of a picture of pools by kind."""
    told = [f"{name}: {pooled_effect(c, pooled) if pooled else TWO_NOT_POOLED}" for name, pooled in named]
    return f"{headline(c, Audience.CLINICIAN, denominator)} " + "; ".join(told) + "."


def funnel_description(c: Comparison, found: Egger) -> str:
    told = [f"{s.label}: {study_effect(s, c)}" for s in c.pooled_studies]
    return f"Funnel plot. {egger_sentence(found)} " + "; ".join(told) + "."


def egger_sentence(found: Egger) -> str:
    side = "lower" if found.intercept < 0 else "higher"
    seen = f"small studies lie {side} than chance explains" if leans(found) else "no lean that chance does not explain"
    return (
        f"Egger's test: intercept {numerals.plain(found.intercept, 2)} ({numerals.plain(found.ci_low, 2)} to "
        f"{numerals.plain(found.ci_high, 2)}), p = {found.p:.2g}: {seen}. A lean is no proof of missing studies."
    )


def no_egger_sentence(why: TooFewStudies | NotEstimable) -> str:
    if isinstance(why, NotEstimable):
        return f"No test is made: {why}."
    return (
        f"With fewer than {FEWEST_FOR_EGGER} studies a leaning funnel cannot be told from chance, so no test is made."
    )


def leave_one_out_sentence(c: Comparison, steps: Sequence[ReanalysisStep]) -> str:
    """Whether a single study decides what can be said."""
    if c.pooled is None or all(s.pooled is None for s in steps):
        return "Too few studies are in the pool to leave one out."
    turned = " or ".join(s.label for s in decisive(c, steps))
    if not turned:
        return "No single study decides: without any one of them the answer stays the same."
    then = "no clear difference is left" if is_clear(c.pooled) else "a difference shows"
    return f"It hangs on {turned}: without it, {then}."


def subgroup_sentence(found: Subgroups) -> str:
    differ = kinds_differ(found)
    if differ is None or found.q_between is None:
        return "Fewer than two kinds with three or more studies each, so they cannot be set against each other."
    return (
        f"The kinds {'differ' if differ else 'do not differ'} more than chance explains "
        f"(Q = {numerals.plain(found.q_between, 1)}, df {found.q_between_df}, p = {found.q_between_p:.2g})."
    )


def mantel_haenszel_sentence(found: MantelHaenszel) -> str:
    low, mid, high = (math.exp(v) for v in (found.ci_low, found.estimate, found.ci_high))
    return (
        f"As a check, Mantel-Haenszel: risk ratio {numerals.ratio(mid)} ({numerals.ratio(low)} to {numerals.ratio(high)}), "
        f"{found.k_without_events} of {found.k} studies without an event."
    )
