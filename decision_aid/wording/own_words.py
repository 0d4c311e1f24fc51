"""What is said of a harm that is counted from the clinic's own rates, for both audiences.

A clinic without an event never promises nought: the interval is told in its place, with the cases behind it.
"""

from __future__ import annotations

from decision_aid.comparison.comparison import Comparison, State
from decision_aid.comparison.own_rates import OwnRate
from decision_aid.comparison.shown_risks import PeopleApart, count_of, own_apart
from decision_aid.domain.audience import Audience
from decision_aid.wording import numerals
from decision_aid.wording.cell import Cell
from decision_aid.wording.phrases import negated
from decision_aid.wording.reasons import STATES

NOT_BY_CHANCE = "own cases, not chosen by chance"
PUBLISHED_ONLY = (
    "Published studies only. The clinic's own rates stand on Compare, on Risks, in the handout and in the note."
)
OWN_OVER_PUBLISHED = "The numbers of the row are this clinic's own. These are the published studies of it."
NOTHING_TO_COUNT_FROM = "Cannot be counted"


def people(apart: PeopleApart, denominator: int) -> str:
    """How many people lie between: “4 fewer of 100”. Beside two numbers that read alike neither is told to be fewer."""
    if not apart.count:
        return "about the same number"
    return f"{apart.count:,} {'fewer' if apart.fewer else 'more'} of {denominator:,}"


def level(c: Comparison, first: bool, audience: Audience, denominator: int) -> Cell:
    """The number of a side that is told from the clinic's own rates, and its small print."""
    assert c.own is not None
    own = c.own.mis if first else c.own.open
    patient = audience is Audience.PATIENT
    if own is None:
        assert c.absolute_risk is not None
        r = c.absolute_risk
        big = numerals.risk(r.first, r.first_low, r.first_high, denominator)
        how = "worked out from this clinic's open rate" if patient else "own open rate × published ratio"
        others = f"{numerals.complement(r.first, denominator)} {negated(c.outcome)}; "
        return Cell(big, how if r.first in (0, 1) else others + how)
    big = numerals.risk(own.rate, *own.interval, denominator)
    counted = f"{own.n:,} {'people here' if patient else 'own cases'}"
    if own.rate in (0, 1):
        return Cell(big, f"{'none' if own.rate == 0 else 'all'} of {counted}")
    others = f"{numerals.complement(own.rate, denominator)} {negated(c.outcome)}"
    if patient:
        return Cell(big, f"{others}; counted in {counted}")
    return Cell(big, f"{others}; {numerals.span_of_risks(*own.interval, denominator)}, {own.events:,} in {counted}")


def difference(c: Comparison, audience: Audience, denominator: int) -> Cell | None:
    """The difference in people and its small print; None where the published difference is told as usual."""
    if c.own is None or c.own.open is None or c.absolute_risk is None:
        return None
    if c.own.mis is not None:
        size, span = _apart(c.own.mis, c.own.open, denominator)
        if c.state is State.DIFFERENCE:
            small = f"{span}; {NOT_BY_CHANCE}" if size else NOT_BY_CHANCE
            return Cell(size or f"{span} of {denominator:,}", small, c.state)
        told = f"{size} ({span})" if size else f"{span} of {denominator:,}"
        return Cell(STATES[c.state].to(audience), f"{told}; {NOT_BY_CHANCE}", c.state)
    if c.own.open.rate == 0:
        patient = audience is Audience.PATIENT
        published = "" if patient else f"; published risk ratio {_ratio(c)}"
        counted = f"none of {c.own.open.n:,} {'people here' if patient else 'own open cases'}"
        return Cell(NOTHING_TO_COUNT_FROM, counted + published, State.NO_NUMBER)
    return None


def meaning(c: Comparison, denominator: int) -> str:
    """The difference in a plain sentence; empty where the published one is told as usual."""
    if c.own is None or c.own.open is None or difference(c, Audience.PATIENT, denominator) is None:
        return ""
    if c.own.mis is None:
        span = numerals.risk(0, *c.own.open.interval, denominator)
        return (
            f"None of the {c.own.open.n:,} people who had open surgery here had it. The true number may be {span}. So no "
            "difference can be counted from it."
        )
    size, span = _apart(c.own.mis, c.own.open, denominator)
    lead = "No clear difference in this clinic" if c.state is State.NO_CLEAR_DIFFERENCE else "In this clinic"
    counted = f"{size} (it could be {span})" if size else f"{span} of {denominator:,}"
    return f"{lead}. With minimally invasive surgery: {counted}. The people were not put in groups by chance."


def arithmetic(c: Comparison, denominator: int) -> str:
    """The sum behind the numbers, for a reader who wants to check it."""
    if c.own is None or c.own.open is None:
        return ""
    counted = f"{c.own.open.events:,} in {c.own.open.n:,} open cases"
    if c.own.mis is not None:
        counted += f", {c.own.mis.events:,} in {c.own.mis.n:,} minimally invasive cases"
        published = f" Published risk ratio: {_ratio(c)}." if c.measure is not None else ""
        return f"Counted in this clinic: {counted}. Nothing is multiplied.{published}"
    if c.absolute_risk is None:
        return f"Counted in this clinic: {counted}. No published ratio could carry it over."
    ratio = numerals.ratio(c.estimate) if c.measure is not None and c.estimate is not None else "(a difference)"
    if c.own.open.rate == 0:
        span = numerals.span_of_risks(*c.own.open.interval, denominator)
        return f"Counted in this clinic: {counted}, so {span}. Its upper limit × published risk ratio {ratio} is told beside it."
    r = c.absolute_risk
    return (
        f"Counted in this clinic: {counted}. Own rate × published risk ratio: {numerals.percent(r.baseline)} × {ratio} = "
        f"{numerals.percent(r.first)}."
    )


def _apart(first: OwnRate, second: OwnRate, denominator: int) -> tuple[str, str]:
    """How many people lie between, empty where one of the groups has no event or nothing else, and the 95 % interval."""
    found = own_apart(first, second, denominator)
    size = people(found.people, denominator) if found.people else ""
    near, far = (count_of(abs(limit), denominator) for limit in (found.low, found.high))
    if found.low < 0 < found.high:
        return size, f"{near:,} fewer to {far:,} more"
    near, far = sorted((near, far))
    return size, f"{near:,} to {far:,} {'fewer' if found.high <= 0 else 'more'}"


def _ratio(c: Comparison) -> str:
    if c.measure is None or c.estimate is None or c.interval is None:
        return "none"
    low, high = c.interval
    return f"{numerals.ratio(c.estimate)} ({numerals.ratio(low)} to {numerals.ratio(high)})"
