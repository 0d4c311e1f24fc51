"""The cells of the table side by side: one of three states, never merged, and never an empty one."""

from __future__ import annotations

from decision_aid.comparison.absolute_values import LevelRange
from decision_aid.comparison.comparison import Comparison, State
from decision_aid.comparison.shown_risks import (
    PeopleApart,
    crossovers_told,
    own_rate_stands,
    people_apart,
    single_study,
)
from decision_aid.comparison.shown_studies import told_unpooled
from decision_aid.comparison.side_by_side import OutcomeAnswer
from decision_aid.comparison.study_results import StudyResult
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Outcome, OutcomeKind
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.wording import numerals, own_words
from decision_aid.wording.cell import Cell
from decision_aid.wording.one_comparison import range_text, told_risk
from decision_aid.wording.one_study import effect_values, study_values
from decision_aid.wording.phrases import at_time, change, less_or_more, negated, sized, studies
from decision_aid.wording.reasons import STATES

_FEW_ENOUGH_TO_NAME = 2
# Good outcomes counted in people, some of whom had surgery after they began without it.
_CROSSED = (Outcome.RECOVERED, Outcome.SATISFIED, Outcome.RETURNED_TO_WORK)


def difference_cell(c: Comparison, audience: Audience, denominator: int) -> Cell:
    """The difference between two options: one of three states, never merged. A single study is named as one."""
    if own := own_words.difference(c, audience, denominator):
        return own
    state = STATES[c.state].to(audience)
    if c.state is State.NOT_MEASURED:
        return Cell(state, "no study here compares it", c.state)
    if c.pooled is None:
        return Cell(state, singles(c, audience, denominator), c.state)
    if c.outcome.kind == OutcomeKind.EVENT:
        big, small = _event_difference(c, audience, denominator)
    elif c.question.measure.on_log_scale:
        big, small = f"{numerals.ratio(c.estimate or 1)} times as much", range_text(c, audience)
    else:
        big, small = change(c, audience), range_text(c, audience)
    one = "" if c.pooled.k > 1 else "One trial" if c.randomised_only else "One study"
    if c.state is State.NO_CLEAR_DIFFERENCE:
        return Cell(state, f"{f'{one.lower()}: ' if one else ''}{big} ({small})", c.state)
    return Cell(one, f"{big} ({small})", c.state) if one else Cell(big, small, c.state)


def level_cell(c: Comparison, first: bool, audience: Audience, denominator: int) -> Cell:
    """What was seen in one arm: an absolute risk, else the range of study averages."""
    if own_rate_stands(c, first):
        return own_words.level(c, first, audience, denominator)
    if c.absolute_risk is not None:
        parts = (_others(c, first, denominator), "in 1 study" if single_study(c) else "")
        return Cell(told_risk(c, first, denominator), ", ".join(p for p in parts if p))
    levels = c.first_levels if first else c.second_levels
    if levels is not None:
        return Cell(_levels(levels, c.outcome, audience, denominator))
    if c.pooled is not None:
        return Cell("Not printed", "the study gives the difference only", State.TOO_FEW)
    if c.state is State.NOT_MEASURED:
        return Cell(STATES[c.state].to(audience), "", c.state)
    return Cell("Not printed", "", State.TOO_FEW)


def without_surgery_cell(row: OutcomeAnswer, audience: Audience, denominator: int) -> Cell:
    """What is known for the option without surgery: never an empty cell, never a number from another time unmarked."""
    if row.only_with_an_operation:
        return Cell("None", "no operation")
    if row.crossovers:
        return _crossover_cell(row, denominator)
    c = row.without
    if c is None or c.state is State.NOT_MEASURED or (c.state is State.TOO_FEW and not c.shown_studies):
        return Cell(STATES[State.NOT_MEASURED].to(audience), "", State.NOT_MEASURED)
    when = at_time(c)
    if c.outcome.kind == OutcomeKind.EVENT and c.absolute_risk:
        crossed = "; some had surgery meanwhile" if c.outcome.outcome in _CROSSED else ""
        return Cell(
            told_risk(c, False, denominator),
            f"{_others(c, False, denominator)}; with surgery {told_risk(c, True, denominator)}, {when}{crossed}",
        )
    if c.pooled is None:
        return Cell(STATES[c.state].to(audience), f"surgery {singles(c, audience, denominator)}, {when}", c.state)
    if c.outcome.kind == OutcomeKind.EVENT:
        return Cell("No counts printed", when, State.TOO_FEW)
    limits = range_text(c, audience)
    if c.state is State.NO_CLEAR_DIFFERENCE:
        size = f"{numerals.size(c.pooled.estimate, c.outcome.unit, audience)} {less_or_more(c.pooled.estimate)}"
        return Cell(STATES[c.state].to(audience), f"surgery {size} ({limits}), {when}", c.state)
    return Cell(f"{change(c, audience)} with surgery", f"{limits}, {when}")


def none_left_cell(taken_away: int) -> Cell:
    """What stands in the place of a number that a filter took away: never “not measured”."""
    return Cell("No study left", f"the filter leaves none of {studies(taken_away)}", State.NOT_MEASURED)


def singles(c: Comparison, audience: Audience, denominator: int) -> str:
    """What the studies that cannot be pooled found: each of one or two, the lowest and the highest of more."""
    found = told_unpooled(c)
    if not found:
        none = "no count can be used" if audience is Audience.PATIENT else "none usable"
        return f"{studies(len(c.studies))}, {none}"
    if len(found) > _FEW_ENOUGH_TO_NAME and c.outcome.kind != OutcomeKind.EVENT and not c.question.measure.on_log_scale:
        estimates = [s.effect.estimate for s in found if s.effect]
        ends = (sized(end, c.outcome.unit, audience) for end in (min(estimates), max(estimates)))
        return f"{' to '.join(ends)}, {len(found)} studies"
    texts = [_found(s, c, audience, denominator) for s in found[:_FEW_ENOUGH_TO_NAME]]
    more = len(found) - len(texts)
    return "; ".join(texts) + (f"; and {more} more {'study' if more == 1 else 'studies'}" if more else "")


def _found(s: StudyResult, c: Comparison, audience: Audience, denominator: int) -> str:
    risks = [arm.risk for arm in (s.first, s.second) if arm and arm.risk is not None]
    if c.outcome.kind == OutcomeKind.EVENT and len(risks) == 2:
        if audience is Audience.PATIENT:  # one denominator on a patient's screen
            return " against ".join(numerals.out_of(risk, denominator) for risk in risks)
        return " against ".join(study_values(s, c.outcome, first) for first in (True, False))
    assert s.effect is not None
    if c.question.measure.on_log_scale:
        return f"ratio {effect_values(c, [s.effect.estimate])[0]}"
    return sized(s.effect.estimate, c.outcome.unit, audience)


def _event_difference(c: Comparison, audience: Audience, denominator: int) -> tuple[str, str]:
    """How many people lie between, and the range of that; without counts the ratio alone."""
    risk = c.absolute_risk
    relative = f"risk ratio {numerals.ratio(c.estimate or 1)} ({range_text(c, audience)})"
    if risk is None:
        return relative, "no counts printed"
    limits = [
        (people_apart(r, risk.baseline, denominator), r != risk.baseline) for r in (risk.first_low, risk.first_high)
    ]
    low, high = limits
    if low[0].fewer == high[0].fewer:  # on one side of no difference: the smaller first
        low, high = sorted(limits, key=lambda limit: limit[0].count)
    first, last = _size(*low), _size(*high)
    if low[0].fewer != high[0].fewer:
        words = f"{first} {_fewer_or_more(low[0])} to {last} {_fewer_or_more(high[0])}"
    else:
        words = f"{first if first == last else f'{first} to {last}'} {_fewer_or_more(low[0])}"
    return own_words.people(people_apart(risk.first, risk.baseline, denominator), denominator), (
        words if audience is Audience.PATIENT else f"{words}; {relative}"
    )


def _size(apart: PeopleApart, any_: bool) -> str:
    """How many people; “under 1” where it rounds to none and is something."""
    return f"{apart.count:,}" if apart.count or not any_ else "under 1"


def _fewer_or_more(apart: PeopleApart) -> str:
    return "fewer" if apart.fewer else "more"


def _levels(levels: LevelRange, outcome: OutcomeRow, audience: Audience, denominator: int) -> str:
    if outcome.kind == OutcomeKind.EVENT:
        if levels.high == 0:  # of the people counted; “0 of 100” would be a promise
            return f"none seen in {studies(levels.studies)}"
        return numerals.span_of_risks(levels.low, levels.high, denominator)
    return numerals.span(levels.low, levels.high, outcome.unit, audience)


def _crossover_cell(row: OutcomeAnswer, denominator: int) -> Cell:
    """People who began without surgery and had it later, at the row's time or the nearest published one."""
    told = crossovers_told(row)
    shares = [c.row.value / 100 for c in told]
    when = "" if told[0].months is None else f" within {numerals.months(told[0].months)}"
    if len(shares) == 1:
        others = f"{numerals.complement(shares[0], denominator)} did not"
        return Cell(numerals.out_of(shares[0], denominator), f"had surgery after all{when}; {others}", says_what=True)
    spread = numerals.span_of_risks(min(shares), max(shares), denominator)
    return Cell(spread, f"had surgery after all{when}, in {len(shares)} studies", says_what=True)


def _others(c: Comparison, first: bool, denominator: int) -> str:
    """The other frame; where the one study saw nobody or everybody have it, among how many people."""
    assert c.absolute_risk is not None
    risk = c.absolute_risk.first if first else c.absolute_risk.baseline
    if risk not in (0, 1):
        return f"{numerals.complement(risk, denominator)} {negated(c.outcome)}"
    study = single_study(c)
    arm = (study.first if first else study.second) if study else None
    return f"{'none' if risk == 0 else 'all'} of {arm.n:,}" if arm and arm.n else ""
