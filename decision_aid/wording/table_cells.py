"""The cells of the table side by side: one number per option, one of the states for the difference, never an empty one."""

from __future__ import annotations

from decision_aid.comparison import against_none
from decision_aid.comparison.absolute_values import LevelRange
from decision_aid.comparison.comparison import Comparison, State
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.natural_course import Crossover
from decision_aid.comparison.shown_risks import PeopleApart, own_rate_stands, people_apart, single_study
from decision_aid.comparison.side_by_side import OutcomeAnswer
from decision_aid.domain.audience import Audience, Said
from decision_aid.domain.vocabulary import Option, Outcome, OutcomeKind
from decision_aid.meta_analysis.effects import Measure
from decision_aid.wording import differences, numerals, own_words
from decision_aid.wording.cell import Cell
from decision_aid.wording.phrases import at_time, capital, could_be, directions, joined, negated, studies
from decision_aid.wording.reasons import STATES

# Good outcomes counted in people, some of whom had surgery after they began without it.
_CROSSED = (Outcome.RECOVERED, Outcome.SATISFIED, Outcome.RETURNED_TO_WORK)
_WIDE = 0.2  # from the lower limit of an open risk to the upper one: 20 of 100 people
ONE_SMALL_STUDY = "Only one small study"
TOO_LITTLE = "too little for a number"
ONLY_THE_DIFFERENCE = "Only the difference is known"
NOT_SURE_HOW_MUCH = Said("how much is not certain", "not sure how much")
NO_OPERATION = "no operation"
AGAINST_NONE = "Surgery against none"
CHOSE_LATER = "Chose surgery later"
CHOSE_LATER_NOTE = "a first operation, by choice"
HAD_IT_ALREADY = "had surgery at the start"
NOTHING_TO_COMPARE = "both had it"
COUNTED_AS_TREATED = "counted by the care people got"


def difference_cell(c: Comparison, audience: Audience, denominator: int, brief: bool = False) -> Cell:
    """The difference between two options: one of the states, never merged. A single study is named as one.

    `brief`: for paper, where both values and how sure they are stand beside it; neither they nor what gives a judged
    number is said again, and of no clear difference the range alone.
    """
    if own := own_words.difference(c, audience, denominator):
        return own
    if not c.is_told_to(audience is Audience.PATIENT):
        return _without_a_number(c, audience)
    if c.outcome.kind == OutcomeKind.EVENT:
        big, more = _event_difference(c, audience, denominator)
    else:
        big = differences.size(c, audience)
        range_ = could_be(differences.limits(c, audience), audience)
        more = joined("" if brief else differences.instead(c, audience), range_, differences.noticeable(c))
    source = "" if brief and c.certainty else differences.source(c, audience, brief)
    from_where = joined(source, differences.others_differ(c, audience))
    if c.state is State.SAME_DIRECTION:
        how_much = f"{NOT_SURE_HOW_MUCH.to(audience)}: {big}; {more}"
        return Cell(capital(differences.direction_words(c, audience)), how_much, c.state)
    if c.state is State.DIFFERENCE or c.is_clear:
        return Cell(capital(big), joined(more, from_where), c.state)
    told = more if brief and c.absolute is not None else f"{big}; {more}"
    return Cell(STATES[State.NO_CLEAR_DIFFERENCE].to(audience), joined(told, from_where), c.state)


def level_cell(c: Comparison, first: bool, audience: Audience, denominator: int, brief: bool = False) -> Cell:
    """One option's number: a risk as people, else the typical value. The range of single studies is for clinicians.

    `brief`: for paper, where how sure it is stands beside it, not that it is of one study.
    """
    if own_rate_stands(c, first):
        return own_words.level(c, first, audience, denominator)
    if not c.is_told_to(audience is Audience.PATIENT) or c.absolute is None:
        return _no_level(c, first, audience, denominator)
    if c.absolute_risk is not None:
        parts = (
            _others(c, first, denominator),
            "in 1 study" if single_study(c) and not (brief and c.certainty) else "",
            "" if first else _unsure(c, denominator),
        )
        return Cell(told_risk(c, first, denominator), joined(*parts), behind=_heaviest(c, first, audience))
    pair = differences.told_pair(c, audience)
    assert pair is not None
    value, unit = pair[1 if first else 0], c.outcome.unit
    told = numerals.level(value, unit, audience)
    levels = c.first_levels if first else c.second_levels
    span = ""
    if levels is not None and levels.studies > 1 and not single_study(c) and audience is Audience.CLINICIAN:
        span = f"in single studies {numerals.span(levels.low, levels.high, unit, audience)}"
    return Cell(told, behind=span)


def without_surgery_cell(row: OutcomeAnswer, audience: Audience, denominator: int, brief: bool = False) -> Cell:
    """What is known for the option without surgery: never an empty cell, never a number from another time unmarked.

    `brief`: for paper, of no clear difference against surgery the range alone, and not what gives the number or why
    there is none.
    """
    if row.only_with_an_operation:
        return Cell("None", NO_OPERATION)
    c, patient = row.without, audience is Audience.PATIENT
    if c is None or c.lead.rung is Rung.NONE:
        return Cell(STATES[State.NOT_IN_DATA].to(audience), "", State.NOT_IN_DATA)
    if patient and c.lead.rung is Rung.ONE_SMALL_STUDY:
        return Cell(ONE_SMALL_STUDY, "" if brief else TOO_LITTLE, State.ONE_STUDY)
    if c.outcome.kind == OutcomeKind.EVENT:
        return _event_without(row, c, audience, denominator, brief)
    return _level_without(row, c, audience, brief)


def chose_later_cell(told: tuple[Crossover, ...], audience: Audience, denominator: int) -> Cell:
    """People who began without surgery and chose it later, with the time they were followed for."""
    parts = []
    for c in told:
        when = "" if c.months is None else f" within {numerals.months(c.months)}"
        parts.append(f"{numerals.out_of(c.row.value / 100, denominator)}{when}")
    first = told[0]
    when = "" if first.months is None else f"within {numerals.months(first.months)}"
    others = f"{numerals.complement(first.row.value / 100, denominator)} did not"
    more = f"; other studies: {'; '.join(parts[1:])}" if parts[1:] else ""
    who = "" if audience is Audience.PATIENT else f" ({first.row.condition}, {first.row.cited_as})"
    return Cell(
        numerals.out_of(first.row.value / 100, denominator),
        joined(f"{when}{who}".strip(), f"{others}{more}"),
        says_what=True,
    )


def counted_otherwise(row: OutcomeAnswer, audience: Audience, denominator: int) -> str:
    """The same with people counted the other way: as treated beside as assigned, never mixed with it."""
    c = row.without_otherwise
    if c is None or not c.is_told_to(audience is Audience.PATIENT):
        return ""
    as_treated = against_none.is_as_treated(c)
    if audience is Audience.CLINICIAN:
        how = "as treated" if as_treated else "as assigned"
    else:
        how = COUNTED_AS_TREATED if as_treated else "counted by the care people were meant to get"
    if c.outcome.kind == OutcomeKind.EVENT and audience is Audience.PATIENT:
        if c.absolute_risk is None:
            return ""  # no ratio without the people it is about
        told = f"{told_risk(c, True, denominator)} with surgery, {told_risk(c, False, denominator)} without it"
    else:
        told = f"surgery {differences.size(c, audience)} ({differences.limits(c, audience)})"
    return f"In other people or at another time, {how}: {joined(told, differences.source(c, audience))}, {at_time(c)}."


def none_left_cell(taken_away: int) -> Cell:
    """What stands in the place of a number that a filter took away: never “not in our data”."""
    return Cell("No study left", f"the filter leaves none of {studies(taken_away)}", State.NOT_IN_DATA)


def told_risk(c: Comparison, first: bool, denominator: int) -> str:
    """A side's absolute risk as a count: “7 of 100”."""
    r = c.absolute_risk
    assert r is not None
    told = (r.first, r.first_low, r.first_high) if first else (r.baseline, r.baseline_low, r.baseline_high)
    return numerals.risk(*told, denominator)


def _without_a_number(c: Comparison, audience: Audience) -> Cell:
    """The difference where no number is told to this reader: parts of a study, one small study, none at all."""
    if c.lead.rung is Rung.PARTS_OF_ONE_STUDY:
        return Cell(capital(differences.parts_range(c, audience)), "in parts of one study, each by itself", c.state)
    if c.lead.rung is Rung.ONE_SMALL_STUDY:
        return Cell(ONE_SMALL_STUDY, TOO_LITTLE, c.state)
    state = STATES[c.state].to(audience)
    if c.state is State.NOT_IN_DATA:
        return Cell(state, "" if audience is Audience.PATIENT else "no study here compares it", c.state)
    n = len(c.studies)
    which = "1 study names it, but gives" if n == 1 else f"{n} studies name it, but give"
    return Cell(state, f"{which} no number to compare", c.state)


def _no_level(c: Comparison, first: bool, audience: Audience, denominator: int) -> Cell:
    if c.lead.effect is not None and c.is_told_to(audience is Audience.PATIENT):
        return Cell(ONLY_THE_DIFFERENCE, "", State.NO_NUMBER)
    if c.lead.rung is Rung.ONE_SMALL_STUDY:
        return Cell(ONE_SMALL_STUDY, "", c.state)
    if c.state is State.NOT_IN_DATA:
        return Cell(STATES[c.state].to(audience), "", c.state)
    levels = c.first_levels if first else c.second_levels
    if levels is not None and audience is Audience.CLINICIAN:
        return Cell(STATES[State.NO_NUMBER].to(audience), _levels(levels, c, audience, denominator), State.NO_NUMBER)
    return Cell(STATES[State.NO_NUMBER].to(audience), "", State.NO_NUMBER)


def _levels(levels: LevelRange, c: Comparison, audience: Audience, denominator: int) -> str:
    """What single studies printed of one arm."""
    if c.outcome.kind == OutcomeKind.EVENT:
        if levels.high == 0:  # of the people counted; “0 of 100” would be a promise
            return f"none seen in {studies(levels.studies)}"
        return f"in single studies {numerals.span_of_risks(levels.low, levels.high, denominator)}"
    return f"in single studies {numerals.span(levels.low, levels.high, c.outcome.unit, audience)}"


def _event_without(row: OutcomeAnswer, c: Comparison, audience: Audience, denominator: int, brief: bool) -> Cell:
    when = at_time(c)
    injection = against_none.against_an_injection(c)
    value = row.value(Option.WITHOUT_SURGERY, audience is Audience.PATIENT)
    if value is None:
        if injection:
            state = STATES[State.NOT_IN_DATA].to(audience)
            return Cell(state, "" if brief else f"known only after an injection, {when}", State.NOT_IN_DATA)
        return Cell(ONLY_THE_DIFFERENCE, when, State.NO_NUMBER)
    crossed = "some had surgery meanwhile" if c.outcome.outcome in _CROSSED else ""
    without = "" if brief else f", without {told_risk(c, False, denominator)}"
    surgery = f"with surgery {told_risk(c, True, denominator)}{without}, {when}"
    other, named = _operation(c, audience)
    told = joined(other, surgery, crossed, named, _counted(c, audience))
    in_brief = joined(other, surgery, crossed, _counted(c, audience))
    return Cell(
        numerals.risk(value.value, value.low, value.high, denominator),
        joined(_others(c, False, denominator), _other_time(row, c)),
        more=f"{AGAINST_NONE}: {told}.",
        in_brief=f"{AGAINST_NONE}: {in_brief}.",
    )


def _level_without(row: OutcomeAnswer, c: Comparison, audience: Audience, brief: bool) -> Cell:
    """The value without surgery; what surgery changes, at which time and against what, is a sentence of its own."""
    when, (other, named) = at_time(c), _operation(c, audience)
    counted = _counted(c, audience)
    named = joined(named, counted)
    if c.lead.rung is Rung.PARTS_OF_ONE_STUDY:
        change = f"{differences.parts_range(c, audience)} with surgery, in parts of one study, {when}"
        more, in_brief = (f"{AGAINST_NONE}: {joined(other, change, end)}." for end in (named, counted))
        return Cell(ONLY_THE_DIFFERENCE, "", c.state, more=more, in_brief=in_brief)
    size, limits = differences.size(c, audience), differences.limits(c, audience)
    rest = joined(differences.noticeable(c), "" if brief else differences.source(c, audience), named)
    # Of two limits on one side the direction is said once to patients.
    once = audience is Audience.PATIENT and c.is_clear and c.measure is Measure.MEAN_DIFFERENCE
    clear = "" if c.is_clear else f"{STATES[State.NO_CLEAR_DIFFERENCE].to(audience).lower()}, "
    change = f"{clear}{size} with surgery ({limits.rsplit(' ', 1)[0] if once else limits}), {when}"
    if brief and not c.is_clear:
        change, rest = f"{clear}{limits}, {when}", named
    more = f"{AGAINST_NONE}: {joined(other, change, rest)}."
    in_brief = f"{AGAINST_NONE}: {joined(other, change, counted)}."
    value = row.value(Option.WITHOUT_SURGERY, audience is Audience.PATIENT)
    if value is None:
        return Cell(ONLY_THE_DIFFERENCE, "", State.NO_NUMBER, more=more, in_brief=in_brief)
    return Cell(_told_without(row, c, value.value, audience), _other_time(row, c), more=more, in_brief=in_brief)


def _other_time(row: OutcomeAnswer, c: Comparison) -> str:
    """The time of what is known without surgery, where it is not the row's own."""
    return "" if c.question.window is row.window else at_time(c)


def _told_without(row: OutcomeAnswer, c: Comparison, value: float, audience: Audience) -> str:
    """The value without surgery as it fits the open value and the difference beside it."""
    unit, places = c.outcome.unit, numerals.decimals(c.outcome.unit, audience)
    pair = differences.told_pair(row.approaches, audience)
    if pair is not None and c.measure is Measure.MEAN_DIFFERENCE and c.estimate is not None:
        fitting = round(pair[0] - round(c.estimate, places), places)
        if abs(fitting - value) < 2 * 10**-places:  # not where the end of the scale cut it, or it was measured itself
            value = fitting
    return numerals.level(value, unit, audience)


def _operation(c: Comparison, audience: Audience) -> tuple[str, str]:
    """The operation and the other care. An operation that is not the planned one comes first, the rest at the end."""
    patient = audience is Audience.PATIENT
    planned = against_none.is_planned_operation(c)
    operations, cares = against_none.operations(c), against_none.cares(c)
    parts = []
    if operations and not (patient and planned):
        parts.append(" or ".join(operations))
    if cares and (not patient or against_none.against_an_injection(c)):
        parts.append(f"against {' or '.join(cares)}")
    named = " ".join(parts)
    if planned or not named:
        return "", named
    return f"{'another operation' if patient else 'not the planned operation'}: {named}", ""


def _counted(c: Comparison, audience: Audience) -> str:
    """How people were counted, where that is not as they were assigned."""
    if not against_none.is_as_treated(c):
        return ""
    return COUNTED_AS_TREATED if audience is Audience.PATIENT else "as treated"


def _event_difference(c: Comparison, audience: Audience, denominator: int) -> tuple[str, str]:
    """How many people lie between, and the range of that; without counts the ratio alone."""
    risk = c.absolute_risk
    relative = f"{differences.size(c, audience)} ({differences.limits(c, audience)})" if c.measure else ""
    if risk is None:
        if audience is Audience.PATIENT and c.estimate is not None and c.interval is not None:
            words = directions(c.outcome, audience)
            limits = could_be(numerals.changes_in_percent(*c.interval, words), audience)
            return numerals.change_in_percent(c.estimate, words), f"{limits}; how many people is not known"
        return relative, "no counts to work out people from"
    ends = [
        (people_apart(r, risk.baseline, denominator), r != risk.baseline) for r in (risk.first_low, risk.first_high)
    ]
    low, high = ends
    if low[0].fewer == high[0].fewer:  # on one side of no difference: the smaller first
        low, high = sorted(ends, key=lambda end: end[0].count)
    if risk.first == risk.baseline and risk.first_low == risk.first_high:
        return "the same number", "" if audience is Audience.PATIENT else relative
    first, last = _size(*low), _size(*high)
    if low[0].fewer != high[0].fewer:
        range_ = f"{first} {_fewer_or_more(low[0])} to {last} {_fewer_or_more(high[0])}"
    else:
        range_ = f"{first if first == last else f'{first} to {last}'} {_fewer_or_more(low[0])}"
    return own_words.people(people_apart(risk.first, risk.baseline, denominator), denominator), (
        could_be(range_, audience) if audience is Audience.PATIENT or not relative else f"{range_}; {relative}"
    )


def _size(apart: PeopleApart, any_: bool) -> str:
    """How many people; “under 1” where it rounds to none and is something."""
    return f"{apart.count:,}" if apart.count or not any_ else "under 1"


def _fewer_or_more(apart: PeopleApart) -> str:
    return "fewer" if apart.fewer else "more"


def _others(c: Comparison, first: bool, denominator: int) -> str:
    """The other frame; where the one study saw nobody or everybody have it, among how many people."""
    assert c.absolute_risk is not None
    risk = c.absolute_risk.first if first else c.absolute_risk.baseline
    if risk not in (0, 1):
        return f"{numerals.complement(risk, denominator)} {negated(c.outcome)}"
    study = single_study(c)
    arm = (study.first if first else study.second) if study else None
    return f"{'none' if risk == 0 else 'all'} of {arm.n:,}" if arm and arm.n else ""


def _unsure(c: Comparison, denominator: int) -> str:
    """The range of an open risk that few people tell of: where it is wide it is said beside the number."""
    r = c.absolute_risk
    if r is None or single_study(c) or r.baseline_high - r.baseline_low <= _WIDE:
        return ""
    # Out of the people that the number before it names.
    span = numerals.span_of_risks(r.baseline_low, r.baseline_high, denominator).removesuffix(f" of {denominator:,}")
    return f"could be {span}"


def _heaviest(c: Comparison, first: bool, audience: Audience) -> str:
    """The study that carries more than half of a baseline risk, for clinicians."""
    if first or audience is Audience.PATIENT or c.absolute_risk is None or not c.absolute_risk.heaviest:
        return ""
    return f"mostly from {c.absolute_risk.heaviest}"
