"""The clinic's own results in words: what stands as “In this clinic” beside the published numbers.

Own and published results are never pooled. Fewer than five cases are never shown to a patient; fewer than twenty are
shown and not compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from decision_aid.audit.beside_published import Beside, OnRecord, Pairing, Side, beside_published
from decision_aid.audit.results import (
    SMALL_NUMBERS,
    SMALLEST_SHOWN_TO_PATIENTS,
    CaseMix,
    Distribution,
    Group,
    GroupState,
    Summary,
)
from decision_aid.audit.shown_results import OPTION_OF, fields_not_recorded, most_different
from decision_aid.case_log.fields import BY_NAME
from decision_aid.comparison.comparison import Comparison, State
from decision_aid.comparison.own_rates import OwnRates
from decision_aid.comparison.shown_risks import own_rate_stands
from decision_aid.comparison.side_by_side import SideBySide
from decision_aid.domain.audience import Audience
from decision_aid.domain.palette import OPTIONS
from decision_aid.domain.vocabulary import Option, Outcome, Procedure
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.wording import numerals
from decision_aid.wording.cell import Cell
from decision_aid.wording.one_comparison import basis

if TYPE_CHECKING:
    from decision_aid.audit.learning_curve import LearningCurve

IN_THIS_CLINIC = "In this clinic"
NOT_RECORDED = "not recorded"
BESIDE = "Beside the published results"
NEVER_POOLED = "Own and published results stand beside each other. They are never put into one number."
OTHER_PATIENTS = "Own open and minimally invasive patients were chosen for their operation, not by chance: read how they differ first."
NO_LOG = (
    "No case log has been read. Read one, and your own cases stand beside the published ones: how many a year, blood loss, "
    "stay, complications, and how it went over time."
)
NO_CASES_OF_IT = "The case log holds no case of this procedure. Choose another one on Start."
ONE_ARM_ONLY = "Cases of one approach only, so there is nothing to set against each other."
HOW_TO_READ = (
    "One scale a row. Filled bar: this clinic, the median with the middle half of its cases, of events the rate with its "
    "95 % interval. Outlined bar: the published typical value with its 95 % interval."
)
WHAT_A_CUSUM_IS = (
    "The risk CUSUM rises when complications come more often than the acceptable rate, and passes its limit when their "
    "odds may have doubled (Steiner 2000)."
)
ACCEPTABLE = "Acceptable rate of complications, in percent"
NO_ACCEPTABLE_RATE = (
    "No alarm is drawn for complications: the clinic has entered no acceptable rate, and no pool of two studies or more "
    "gives one."
)
ON_IN_CONSULTATION = "Show “In this clinic” in the consultation"
STUDIES_NAMED = 6
OwnLines = Mapping[Outcome, tuple[str, str]]  # open, minimally invasive; empty where nothing may be shown


def lines_beside(summary: Summary, table: SideBySide, audience: Audience) -> dict[Outcome, tuple[str, str]]:
    """What Compare, Risks and the handout say of this clinic, row by row. Rows without an own result are left out.

    An own rate that already stands as the number of its cell is not told twice.
    """
    found = {}
    for row in table.rows:
        b = beside_published(summary, row.approaches)
        own = tuple(
            ""
            if own_rate_stands(row.approaches, first)
            else in_this_clinic(side, row.outcome, audience, table.denominator)
            for first, side in ((False, b.open), (True, b.mis))
        )
        if b.pairing is Pairing.PAIRED and any(own):
            found[row.outcome.outcome] = (own[0], own[1])
    return found


def in_this_clinic(side: Side, outcome: OutcomeRow, audience: Audience, denominator: int) -> str:
    """“In this clinic: 90 ml, median of 120 cases”; empty where too few cases may be shown, or none is recorded."""
    if not side.recorded or (audience is Audience.PATIENT and not side.state.for_patients):
        return ""
    return f"{IN_THIS_CLINIC}: {_own_value(side, outcome, audience, denominator)}"


def cases_a_year(group: Group | None, audience: Audience) -> str:
    """The answer to “How many of these do you do each year?”."""
    if group is None or (audience is Audience.PATIENT and not group.state.for_patients):
        return "–" if audience is Audience.PATIENT else "none"
    mean = group.cases_per_year
    told = f"{group.cases:,} in all"
    if mean is None:
        return told
    return f"{'under 1' if 0 < mean < 0.5 else f'about {mean:.0f}'} a year, {told}"


def cases_sentence(groups: Iterable[Group]) -> str:
    """How many cases a year and in all, for each approach."""
    return " ".join(f"{OPTIONS[OPTION_OF[g.approach]].label}: {cases_a_year(g, Audience.CLINICIAN)}." for g in groups)


def not_in_the_log(summary: Summary, procedure: Procedure, unpublished: Iterable[OutcomeRow]) -> str:
    """What the log does not hold, and what no published study counts: said, never left out in silence."""
    empty = [BY_NAME[field].label for field in fields_not_recorded(summary, procedure)]
    parts = []
    if empty:
        parts.append(f"Not recorded in the log: {', '.join(empty)}.")
    names = [o.clinician_label.lower() for o in unpublished]
    if names:
        parts.append(f"No published study here compares: {', '.join(names)}.")
    return " ".join(parts)


def state_sentence(state: GroupState, recorded: int) -> str:
    """What a small number allows, in words."""
    if state is GroupState.COMPARED:
        return ""
    if state is GroupState.SHOWN_NOT_COMPARED:
        return f"{recorded} cases: shown, not compared (under {SMALL_NUMBERS})."
    return f"{recorded} {'case' if recorded == 1 else 'cases'}: not shown to patients (under {SMALLEST_SHOWN_TO_PATIENTS})."


def entered_sentence(entered: OwnRates) -> str:
    """That other counts than the log's were typed on Risks, and where they stand."""
    told = [
        f"{OPTIONS[option].label.lower()} {rate.events:,} in {rate.n:,}"
        for option, rate in ((Option.OPEN, entered.open), (Option.MIS, entered.mis))
        if rate
    ]
    return f"Entered on Risks instead: {'; '.join(told)}. These counts stand on the other pages."


def own_cell(side: Side, outcome: OutcomeRow, denominator: int) -> Cell:
    """The own number of one approach, and what it is out of."""
    if side.rate is not None and side.rate.rate is not None:
        n, events, low, high = side.rate.n, side.rate.events, side.rate.low or 0.0, side.rate.high or 0.0
        counted = "none" if events == 0 else "all" if events == n else f"{events:,}"
        told = numerals.risk(side.rate.rate, low, high, denominator)
        span = numerals.span_of_risks(low, high, denominator)
        return Cell(told, f"{counted} of {_cases(n)}{'' if told == span else f'; {span}'}")
    d = side.distribution
    if d is None or d.median is None:
        return Cell(NOT_RECORDED, "", State.NOT_IN_DATA)
    first, third = (d.median if v is None else v for v in (d.q1, d.q3))
    quartiles = (numerals.number(v, outcome.unit, Audience.CLINICIAN) for v in (first, third))
    told = numerals.level(d.median, outcome.unit, Audience.CLINICIAN)
    return Cell(told, f"median of {_cases(d.n)}; middle half {' to '.join(quartiles)}")


def _cases(n: int) -> str:
    return f"{n:,} {'case' if n == 1 else 'cases'}"


def on_record(b: Beside) -> str:
    """How complete an own result is: of the cases that could have it by now, how many do."""
    known = [(OPTIONS[OPTION_OF[s.approach]].short, s.on_record) for s in (b.open, b.mis) if s.on_record is not None]
    parts = [f"{name} {_of_due(r)}" for name, r in known]
    months = next((r.months for _, r in known if r.months is not None), None)
    when = "" if months is None else f", of those operated on {numerals.months(months)} ago and more"
    return f"On record: {'; '.join(parts)}{when}." if parts else ""


def _of_due(r: OnRecord) -> str:
    share = f" ({numerals.whole_percent(100 * r.recorded / r.due)})" if r.due else ""
    return f"{r.recorded:,} of {r.due:,}{share}"


def trend_description(groups: Iterable[Group], measure: str, unit: str) -> str:
    """Alternative text of a trend: every year's median with its quartiles."""
    parts = []
    for group in groups:
        told = [
            f"{y.year}: {_middle(d)} {unit}, {d.n} cases"
            for y in group.years
            if (d := y.distribution(measure)).median is not None
        ]
        parts.append(f"{OPTIONS[OPTION_OF[group.approach]].label}. {'; '.join(told) if told else NOT_RECORDED}.")
    return " ".join(parts)


def _middle(d: Distribution) -> str:
    median, q1, q3 = (numerals.plain(v or 0, 1) for v in (d.median, d.q1, d.q3))
    return f"{median} ({q1} to {q3})"


def years_description(groups: Iterable[Group]) -> str:
    parts = []
    for group in groups:
        told = [f"{y.year}: {y.cases}{' (in part)' if y.partial else ''}" for y in group.years]
        parts.append(f"{OPTIONS[OPTION_OF[group.approach]].label}. {'; '.join(told)}.")
    return "Cases a year. " + " ".join(parts)


def time_sentence(curve: LearningCurve) -> str:
    """What became of the operating time; the alternative text of its picture."""
    name = OPTIONS[OPTION_OF[curve.approach]].label
    if curve.time is None or not len(curve.time.rolling_median):
        return f"{name}: too few operating times are recorded for a curve."
    first, last = (numerals.plain(curve.time.rolling_median.values[i], 0) for i in (0, -1))
    return (
        f"{name}: the median operating time of twenty cases in a row went from {first} to {last} minutes over "
        f"{curve.time.n:,} cases."
    )


def risk_sentence(curve: LearningCurve) -> str:
    """Whether complications came too often; the alternative text of its picture. Empty without a rate to hold them against."""
    if curve.risk is None:
        return ""
    signals = len(curve.risk.signals)
    found = f"passed its limit {signals} {'time' if signals == 1 else 'times'}" if signals else "never passed its limit"
    return (
        f"Complications against an acceptable rate of {numerals.percent(curve.risk.acceptable)}: {curve.risk.events} in "
        f"{curve.risk.n:,} cases; the risk CUSUM {found} ({curve.risk.limit:g}, looking for doubled odds)."
    )


def acceptable_sentence(entered: float | None, published: float | None, c: Comparison) -> str:
    """Where the acceptable rate (0 to 1) comes from: this clinic, or a published pool, which is named; or no alarm at all."""
    if entered is not None:
        return f"Acceptable rate: {numerals.percent(entered)}, as entered here."
    if published is None:
        return NO_ACCEPTABLE_RATE
    names = [] if c.lead.review is not None else [s.label for s in c.pooled_studies]  # a review is named already
    more = f" and {len(names) - STUDIES_NAMED} more" if len(names) > STUDIES_NAMED else ""
    named = f" ({', '.join(names[:STUDIES_NAMED])}{more})" if names else ""
    return (
        f"Acceptable rate: {numerals.percent(published)}, published: {basis(c, Audience.CLINICIAN)}{named}. "
        "Enter another one to replace it."
    )


def mix_sentences(mix: CaseMix) -> list[str]:
    """How own open and minimally invasive patients differ, the largest difference first; equal ones are summed up."""
    told = []
    for item in mix.items:
        if not item.flagged:
            continue
        label = BY_NAME[item.field].label
        value = most_different(item)
        if value is None or value.open_share is None or value.mis_share is None:
            continue
        told.append(
            f"{label}, {value.value}: {numerals.percent(value.open_share)} of open and "
            f"{numerals.percent(value.mis_share)} of minimally invasive patients."
        )
    even = [BY_NAME[i.field].label for i in mix.items if i.difference is not None and not i.flagged]
    unknown = [BY_NAME[i.field].label for i in mix.items if i.difference is None]
    if even:
        told.append(f"Alike in both: {', '.join(even)}.")
    if unknown:
        told.append(f"Not recorded: {', '.join(unknown)}.")
    return told


def _own_value(side: Side, outcome: OutcomeRow, audience: Audience, denominator: int) -> str:
    if side.rate is not None and side.rate.rate is not None:
        n, events = side.rate.n, side.rate.events
        low, high = side.rate.low or 0.0, side.rate.high or 0.0
        told = numerals.risk(side.rate.rate, low, high, denominator)
        where = f"{n:,} {'case' if n == 1 else 'cases'}"
        if events in (0, n):
            return f"{told}, {'none' if events == 0 else 'all'} of {where}"
        span = numerals.span_of_risks(low, high, denominator)
        return f"{told} ({span}), {f'{events:,} in ' if audience is Audience.CLINICIAN else ''}{where}"
    d = side.distribution
    if d is None or d.median is None:
        return NOT_RECORDED
    median = numerals.amount(d.median, outcome.unit, audience)
    if audience is Audience.PATIENT:
        return f"{median}, the middle of {d.n:,} cases"
    quartiles = (
        f"{numerals.number(d.q1 or 0, outcome.unit, audience)} to {numerals.number(d.q3 or 0, outcome.unit, audience)}"
    )
    return f"median {median} ({quartiles}), {d.n:,} cases"
