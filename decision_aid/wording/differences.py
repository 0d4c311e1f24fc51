"""How large the leading difference is, in words: percent with both values, points, people; and whether it can be noticed."""

from __future__ import annotations

import math

from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.study_results import StudyResult
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import OutcomeKind, StudyDesign
from decision_aid.meta_analysis.effects import Measure
from decision_aid.wording import numerals
from decision_aid.wording.phrases import directions, interval, sized, studies


def told_pair(c: Comparison, audience: Audience) -> tuple[float, float] | None:
    """Both values of a continuous outcome as they are told, second option first: they differ by the told difference."""
    a = c.absolute
    if a is None or c.outcome.kind == OutcomeKind.EVENT:
        return None
    if c.measure is not Measure.MEAN_DIFFERENCE:
        return a.baseline, a.first
    # The difference is rounded after subtracting, and the values beside it fit it.
    places = numerals.decimals(c.outcome.unit, audience)
    baseline = round(a.baseline, places)
    if not baseline:  # what would be written as nought is told by its bound
        return a.baseline, a.first
    return baseline, round(baseline + round(a.first - a.baseline, places), places)


def size(c: Comparison, audience: Audience) -> str:
    """The leading difference: “43 % less”, “2.1 points less”. Of events see `table_cells`."""
    if c.estimate is None:
        return ""
    words = directions(c.outcome, audience)
    if c.measure is Measure.RATIO_OF_MEANS:
        return numerals.change_in_percent(c.estimate, words)
    if c.measure is Measure.RISK_RATIO:
        return f"risk ratio {numerals.ratio(c.estimate)}"
    return sized(c.estimate, c.outcome.unit, audience, words)


def limits(c: Comparison, audience: Audience) -> str:
    """Its 95 % interval: “20 to 59 % less”, “3.7 to 0.6 less”."""
    if c.interval is None:
        return ""
    low, high = c.interval
    words = directions(c.outcome, audience)
    if c.measure is Measure.RATIO_OF_MEANS:
        return numerals.changes_in_percent(low, high, words)
    if c.measure is Measure.RISK_RATIO:
        return f"{numerals.ratio(low)} to {numerals.ratio(high)}"
    return interval(low, high, c.outcome.unit, audience, words)


def instead(c: Comparison, audience: Audience) -> str:
    """Both values in one breath, beside a percentage: “about 51 instead of 88 ml”. Empty where there are none."""
    pair = told_pair(c, audience)
    if pair is None or c.measure is not Measure.RATIO_OF_MEANS:
        return ""
    baseline, first = pair
    unit = c.outcome.unit
    if numerals.number(baseline, unit, audience).startswith("under"):
        return ""  # “1 instead of under 1” says nothing
    return f"about {numerals.number(first, unit, audience)} instead of {numerals.level(baseline, unit, audience)}"


def noticeable(c: Comparison) -> str:
    """Whether a difference on a scale is large enough to notice; empty where no smallest change is known."""
    smallest = c.outcome.noticeable_change
    if smallest is None or c.estimate is None or c.measure is not Measure.MEAN_DIFFERENCE:
        return ""
    return "large enough to notice" if abs(c.estimate) >= smallest else "too small to notice"


def source(c: Comparison, audience: Audience, brief: bool = False) -> str:
    """Who gives the number, where it is not our pool: “one trial of 488 people”, “published review Chin 2024, 19 studies”.

    `brief`: of a review only that it is one, and whether its time is known.
    """
    patient = audience is Audience.PATIENT
    if c.lead.rung is Rung.REVIEW and c.lead.review is not None:
        k = f"{c.lead.k} studies" if c.lead.k else "number of studies not printed"
        when = "" if not c.lead.review.time_not_stated else ", time not known" if patient else ", time not stated"
        if brief:
            return f"a review{when}"
        if patient:
            return (f"a review of {c.lead.k} studies" if c.lead.k else "a published review") + when
        return f"{c.lead.review.label}, {k}{when}"
    if c.lead.study is not None:
        return one_study(c.lead.study)
    return ""


def as_published(audience: Audience) -> str:
    """What stands in the place of a certainty where a published review leads."""
    return "from a published review" if audience is Audience.PATIENT else "as published, not judged by our rule"


NOT_GRADED = "not graded here"  # of a published review, where there is little room


def others_differ(c: Comparison, audience: Audience) -> str:
    """That a review published another answer than the one that leads: said at the number, not only in its sources."""
    differ = [r for r in c.reviews if r.agrees is False]
    if not differ or c.lead.rung is not Rung.REVIEW:
        return ""
    if audience is Audience.PATIENT:
        return "other reviews found something else" if len(differ) > 1 else "another review found something else"
    return f"{', '.join(r.label for r in differ)} {'finds' if len(differ) == 1 else 'find'} otherwise"


def one_study(s: StudyResult) -> str:
    """One study by its kind and size: “one trial of 488 people”."""
    kind = "one trial" if s.study.design == StudyDesign.RCT else "one study"
    return f"{kind} of {s.n_total:,} people" if s.n_total else kind


def direction_words(c: Comparison, audience: Audience) -> str:
    """Where all studies point one way: “less in 9 of 9 studies”."""
    d = c.direction
    words = directions(c.outcome, Audience.PATIENT if c.outcome.kind == OutcomeKind.EVENT else audience)
    word = words.lower if d.lower >= d.higher else words.higher
    return f"{word} in {max(d.lower, d.higher)} of {studies(d.total)}"


def parts_range(c: Comparison, audience: Audience) -> str:
    """What the parts of one study found, least to most: “10 to 28.1 points less”."""
    assert c.lead.study is not None
    found = sorted(p.effect.estimate for p in c.lead.study.parts)
    if c.question.measure is Measure.RATIO_OF_MEANS:
        return numerals.changes_in_percent(math.exp(found[0]), math.exp(found[-1]), directions(c.outcome, audience))
    if c.question.measure is Measure.RISK_RATIO:
        return f"risk ratio {numerals.ratio(math.exp(found[0]))} to {numerals.ratio(math.exp(found[-1]))}"
    unit = numerals.unit_name(c.outcome.unit)
    words = directions(c.outcome, audience)
    less, more = interval(found[0], found[-1], c.outcome.unit, audience, words).rsplit(" ", 1)
    return f"{less} {unit} {more}" if unit else f"{less} {more}"
