"""The clinic's own results in words and pictures: what stands as “In this clinic” beside the published numbers.

Own and published results are never pooled. Fewer than five cases are never shown to a patient; fewer than twenty are
shown and not compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from decision_aid.audit.beside_published import Beside, Pairing, Side, beside_published
from decision_aid.audit.limits import RegistryError
from decision_aid.audit.results import SMALL_NUMBERS, SMALLEST_SHOWN_TO_PATIENTS, CaseMix, Group, GroupState, Summary
from decision_aid.case_log.fields import BY_NAME, Approach
from decision_aid.case_log.log import to_know
from decision_aid.charts.outcome_charts import Figure, plain_layout
from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.own_rates import OwnRates
from decision_aid.comparison.side_by_side import SideBySide
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_figure
from decision_aid.domain.palette import INK, OPTIONS, QUIET
from decision_aid.domain.vocabulary import Option, Outcome, OutcomeKind, Procedure
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.wording import numerals, own_words

if TYPE_CHECKING:
    from decision_aid.audit.learning_curve import LearningCurve
    from decision_aid.case_log.log import CaseLog

OPTION_OF = {Approach.OPEN: Option.OPEN, Approach.MIS: Option.MIS}
IN_THIS_CLINIC = "In this clinic"
NOT_RECORDED = "not recorded"
NEVER_POOLED = "Own and published results stand beside each other. They are never put into one number."
OTHER_PATIENTS = "Own open and minimally invasive patients were chosen for their operation, not by chance: read how they differ first."


WHAT_A_LOG_IS = (
    "One row for each operation. The file stays where it is: it is read here, on this computer, and nothing of it is written "
    "down unless you ask. It leaves the memory when you forget it or end the program. Of a case only dates, numbers, "
    "yes or no and choices of a list can be kept; columns that look like names, birth dates, addresses or record numbers are left out."
)
ONLY_THREE_NEEDED = (
    "Three are needed (*): the date, the procedure and the approach. What is not in the file is “not recorded”."
)
EVERYBODY_THE_SAME = "In these columns everybody has the same. If one of them was never written down, choose “– not in this file –” for it."
REGISTRY = "A registry, or files larger than memory"
REGISTRY_HINT = (
    "An address such as postgres://… or a path such as cases/*.parquet, with the columns of the template. The counting is done "
    "there; only the summary comes here. It needs what requirements-registry.txt lists."
)
NO_LOG = (
    "No case log has been read. Read one, and your own cases stand beside the published ones: how many a year, blood loss, "
    "stay, complications, and how it went over time."
)
NO_CASES_OF_IT = "The case log holds no case of this procedure. Choose another one on Start."
ONE_ARM_ONLY = "Cases of one approach only, so there is nothing to set against each other."
WHAT_A_CUSUM_IS = (
    "Median operating time of twenty cases in a row, and a risk CUSUM (grey): it rises when complications come more often "
    "than the acceptable rate, and passes the dashed line when their odds may have doubled (Steiner 2000)."
)
ACCEPTABLE = "Acceptable rate of complications, out of 100"
NO_ACCEPTABLE_RATE = (
    "No alarm is drawn for complications: the clinic has entered no acceptable rate, and no pool of two studies or more "
    "gives one."
)
ON_IN_CONSULTATION = "Show “In this clinic” in the consultation"
INVENTED = "Invented cases, to try the page. They are no results of any clinic."
TRENDS = {"blood_loss_ml": Outcome.BLOOD_LOSS, "length_of_stay_days": Outcome.LENGTH_OF_STAY}
OwnLines = Mapping[Outcome, tuple[str, str]]  # open, minimally invasive; empty where nothing may be shown


def rates_of(summary: Summary, table: SideBySide) -> tuple[OwnRates, ...]:
    """What the log counted of every harm of a table, at the time of its row."""
    found = []
    for row in table.rows:
        b = beside_published(summary, row.approaches)
        counted = [s.rate.counted if s.rate else None for s in (b.open, b.mis)]
        if b.pairing is Pairing.PAIRED and any(counted):
            found.append(OwnRates(row.outcome.outcome, *counted))
    return tuple(found)


def lines_beside(summary: Summary, table: SideBySide, audience: Audience) -> dict[Outcome, tuple[str, str]]:
    """What Compare, Risks and the handout say of this clinic, row by row. Rows without an own result are left out.

    An own rate that already stands as the number of its cell is not told twice.
    """
    found = {}
    for row in table.rows:
        b = beside_published(summary, row.approaches)
        own = tuple(
            ""
            if own_words.stands(row.approaches, first)
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


def no_registry(error: Exception, reason: str) -> str:
    """Why a registry could not be counted, with what to do. `reason` is what its engine says, without the address."""
    if isinstance(error, FileNotFoundError):
        return "There is no such file. Check where it is and write its whole path."
    if isinstance(error, RegistryError) or type(error).__name__ == "NoEngine":
        return f"The registry was not counted: {error}."
    said = f": {reason.rstrip('. ')}" if reason else f" ({type(error).__name__})"
    return (
        f"The registry could not be counted{said}. Check the address and the name of the table, and that its columns have "
        "the names of the template."
    )


def cases_sentences(groups: Iterable[Group]) -> list[str]:
    """How many cases a year and in all, for each approach."""
    return [f"{OPTIONS[OPTION_OF[g.approach]].label}: {cases_a_year(g, Audience.CLINICIAN)}." for g in groups]


def log_sentence(summary: Summary) -> str:
    """What the log spans: “5,000 cases, 3 Jan 2019 to 20 Dec 2024”."""
    first, last = summary.first_operation, summary.last_operation
    span = f", {first:%d %b %Y} to {last:%d %b %Y}" if first and last else ""
    return f"{summary.cases:,} cases{span}".replace(", 0", ", ").replace(" to 0", " to ")


def file_sentence(log: CaseLog) -> str:
    """What became of the rows of the file, and how much there is to know of it: “40 rows: 38 used, 2 set aside; 3 notes”."""
    apart = f", {log.left_out_rows:,} left out" if log.left_out_rows else ""
    notes = len(to_know(log))
    told = f"; {notes} {'note' if notes == 1 else 'notes'} on Case log" if notes else ""
    return f"{log.rows_in:,} rows: {log.used:,} used, {log.set_aside_rows:,} set aside{apart}{told}"


def not_in_the_log(summary: Summary, procedure: Procedure, unpublished: Iterable[OutcomeRow]) -> str:
    """What the log does not hold, and what no published study counts: said, never left out in silence."""
    groups = groups_of(summary, procedure)
    empty = [
        BY_NAME[r.field].label
        for r in (groups[0].recorded if groups else ())
        if all(g.not_recorded(r.field) == g.cases for g in groups) and not r.field.endswith("_date")
    ]
    parts = []
    if empty:
        parts.append(f"Not recorded in the log: {', '.join(empty)}.")
    names = [o.clinician_label.lower() for o in unpublished]
    if names:
        parts.append(f"No published study here compares: {', '.join(names)}.")
    return " ".join(parts)


def acceptable_rate(c: Comparison, approach: Approach) -> float | None:
    """The published rate (0 to 1) that the own complications are held against: from a pool, never from one study.

    None where there is none; then no alarm may be shown unless the clinic says what it accepts.
    """
    if c.absolute_risk is None or c.pooled is None or c.pooled.k < 2:
        return None
    rate = c.absolute_risk.baseline if approach is Approach.OPEN else c.absolute_risk.first
    return rate if 0 < rate < 1 else None


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


def beside_sentences(b: Beside, outcome: OutcomeRow, denominator: int) -> list[str]:
    """Own and published results of both approaches as text: the words of the picture, and its alternative text."""
    told = []
    for side in (b.open, b.mis):
        name = OPTIONS[OPTION_OF[side.approach]].label
        own = _own_value(side, outcome, Audience.CLINICIAN, denominator) if side.recorded else NOT_RECORDED
        told.append(f"{name}. Own: {own}. Published: {_published_value(side, outcome, denominator)}.")
    return told


def beside_figure(b: Beside, outcome: OutcomeRow, denominator: int) -> Figure:
    """Own and published results of both approaches on one axis: published as a band, own as a mark with its range."""
    event = outcome.kind == OutcomeKind.EVENT
    scale = denominator if event else 1
    data: list[Figure] = []
    ticks: list[tuple[int, str]] = []
    y = 4
    for side in (b.open, b.mis):
        option = OPTIONS[OPTION_OF[side.approach]]
        published = _published_range(side)
        own = _own_range(side)
        for name, values, kind in (
            (f"Published, {option.short}", published, "band"),
            (f"Own, {option.short}", own, "mark"),
        ):
            ticks.append((y, name))
            if values is not None:
                data += _bar(values, y, option.colour, option.symbol, scale, kind, name)
            y -= 1
    unit = f"people of {denominator:,}" if event else numerals.unit_name(outcome.unit)
    top = max((v for t in data for v in t["x"] if v is not None), default=1.0)
    return {
        "data": data,
        "layout": _layout(
            190,
            xaxis={"title": {"text": unit, "font": {"size": 13}}, "range": [0, top * 1.08], "nticks": 6},
            yaxis={"tickvals": [v for v, _ in ticks], "ticktext": [t for _, t in ticks], "range": [0.4, 4.6]},
            left=190,
        ),
    }


def years_figure(groups: Iterable[Group]) -> Figure:
    """Cases a year by approach; hollow bars are years that the log may hold only in part."""
    data = []
    for group in groups:
        option = OPTIONS[OPTION_OF[group.approach]]
        data.append(
            {
                "type": "bar",
                "x": [str(y.year) for y in group.years],
                "y": [y.cases for y in group.years],
                "name": option.label,
                "text": [f"{y.cases}" for y in group.years],
                "textposition": "outside",
                "cliponaxis": False,
                "marker": {
                    "color": ["rgba(0,0,0,0)" if y.partial else option.colour for y in group.years],
                    "line": {"color": option.colour, "width": 2},
                },
                "hovertemplate": f"{option.label}, %{{x}}: %{{y}} cases<extra></extra>",
            }
        )
    return {
        "data": data,
        "layout": _layout(
            240, xaxis={"type": "category"}, yaxis={"title": {"text": "cases", "font": {"size": 13}}, "rangemode": "tozero"},
            left=60,
        ) | {"barmode": "group", "bargap": 0.35},
    }  # fmt: skip


def trend_figure(groups: Iterable[Group], measure: str, unit: str) -> Figure:
    """Median and quartiles of a continuous result, year by year, for each approach."""
    data = []
    for group in groups:
        option = OPTIONS[OPTION_OF[group.approach]]
        years = [(y.year, y.distribution(measure)) for y in group.years]
        known = [(year, d) for year, d in years if d.median is not None]
        if known:
            data.append(
                {
                    "type": "scatter",
                    "x": [str(year) for year, _ in known],
                    "y": [d.median for _, d in known],
                    "mode": "lines+markers",
                    "name": option.label,
                    "line": {"color": option.colour, "width": 2},
                    "marker": {"color": option.colour, "size": 10, "symbol": option.symbol},
                    "error_y": {
                        "type": "data",
                        "symmetric": False,
                        "array": [(d.q3 or 0) - (d.median or 0) for _, d in known],
                        "arrayminus": [(d.median or 0) - (d.q1 or 0) for _, d in known],
                        "color": option.colour,
                        "width": 0,
                    },
                    "text": [numerals.plain(d.median, 1) for _, d in known],
                    "hovertemplate": f"{option.label}, %{{x}}: %{{text}} {unit}<extra></extra>",
                }
            )
    return {
        "data": data,
        "layout": _layout(
            240, xaxis={"type": "category"}, yaxis={"title": {"text": unit, "font": {"size": 13}}, "rangemode": "tozero"},
            left=60,
        ),
    }  # fmt: skip


def trend_description(groups: Iterable[Group], measure: str, unit: str) -> str:
    """Alternative text of a trend: every year's median with its quartiles."""
    parts = []
    for group in groups:
        told = [
            f"{y.year}: {numerals.plain(d.median, 1)} ({numerals.plain(d.q1, 1)} to {numerals.plain(d.q3, 1)}) {unit}, "
            f"{d.n} cases"
            for y in group.years
            if (d := y.distribution(measure)).median is not None
        ]
        parts.append(f"{OPTIONS[OPTION_OF[group.approach]].label}. {'; '.join(told) if told else NOT_RECORDED}.")
    return " ".join(parts)


def years_description(groups: Iterable[Group]) -> str:
    parts = []
    for group in groups:
        told = [f"{y.year}: {y.cases}{' (in part)' if y.partial else ''}" for y in group.years]
        parts.append(f"{OPTIONS[OPTION_OF[group.approach]].label}. {'; '.join(told)}.")
    return "Cases a year. " + " ".join(parts)


def learning_figure(curve: LearningCurve) -> Figure:
    """Operating time by case order (rolling median), and the evidence for too many complications (risk CUSUM)."""
    option = OPTIONS[OPTION_OF[curve.approach]]
    data: list[Figure] = []
    if curve.time is not None:
        data.append(_line(curve.time.rolling_median, option.colour, "y", "median of the last cases, minutes"))
    if curve.risk is not None:
        data.append(_line(curve.risk.chart, QUIET, "y2", "risk CUSUM"))
    layout = _layout(
        260, xaxis={"title": {"text": "case number", "font": {"size": 13}}},
        yaxis={"title": {"text": "minutes", "font": {"size": 13}}, "rangemode": "tozero"}, left=60,
    )  # fmt: skip
    if curve.risk is not None:
        layout["yaxis2"] = {
            "overlaying": "y", "side": "right", "showgrid": False, "fixedrange": True, "zeroline": False, "rangemode": "tozero",
            "title": {"text": "risk CUSUM", "font": {"size": 13}}, "tickfont": {"size": 13, "color": QUIET},
        }  # fmt: skip
        layout["shapes"] = [
            {
                "type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y2", "y0": curve.risk.limit,
                "y1": curve.risk.limit, "line": {"color": INK, "width": 1, "dash": "dash"},
            }
        ]  # fmt: skip
    layout["margin"]["r"] = 60
    return {"data": data, "layout": layout}


def learning_sentences(curve: LearningCurve) -> list[str]:
    """What the learning curve shows, in words; its alternative text."""
    name = OPTIONS[OPTION_OF[curve.approach]].label
    told = []
    if curve.time is not None and len(curve.time.rolling_median):
        values = curve.time.rolling_median.values
        told.append(
            f"{name}: the median operating time of twenty cases in a row went from {numerals.plain(values[0], 0)} to {numerals.plain(values[-1], 0)} "
            f"minutes over {curve.time.n:,} cases."
        )
    else:
        told.append(f"{name}: too few operating times are recorded for a curve.")
    if curve.risk is not None:
        signals = len(curve.risk.signals)
        found = (
            f"passed its limit {signals} {'time' if signals == 1 else 'times'}" if signals else "never passed its limit"
        )
        told.append(
            f"Complications against an acceptable rate of {numerals.percent(curve.risk.acceptable)}: {curve.risk.events} in "
            f"{curve.risk.n:,} cases; the risk CUSUM {found} ({curve.risk.limit:g}, looking for doubled odds)."
        )
    return told


def mix_sentences(mix: CaseMix) -> list[str]:
    """How own open and minimally invasive patients differ, the largest difference first; equal ones are summed up."""
    told = []
    for item in mix.items:
        if not item.flagged:
            continue
        label = BY_NAME[item.field].label
        value = max(
            (v for v in item.values if v.difference is not None), key=lambda v: abs(v.difference or 0), default=None
        )
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


def follow_up_sentences(groups: Iterable[Group]) -> list[str]:
    """How complete the follow-up is, for each approach and visit."""
    told = []
    for group in groups:
        parts = [
            f"{f.recorded:,} of {f.due:,} at {numerals.months(f.months)}"
            for f in group.follow_up
            if f.outcome == Outcome.ODI and f.due
        ]
        name = OPTIONS[OPTION_OF[group.approach]].label
        told.append(f"{name}, disability recorded: {'; '.join(parts) if parts else NOT_RECORDED}.")
    return told


def groups_of(summary: Summary, procedure: Procedure) -> list[Group]:
    return [g for a in Approach if (g := summary.group(procedure, a)) is not None]


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


def _published_value(side: Side, outcome: OutcomeRow, denominator: int) -> str:
    if side.published_risk is not None:
        r = side.published_risk
        told, span = (
            numerals.risk(r.risk, r.low, r.high, denominator),
            numerals.span_of_risks(r.low, r.high, denominator),
        )
        return told if told == span else f"{told} ({span})"
    if side.published_levels is None:
        return "not measured"
    levels = side.published_levels
    if outcome.kind == OutcomeKind.EVENT:
        return numerals.span_of_risks(levels.low, levels.high, denominator)
    return f"{numerals.span(levels.low, levels.high, outcome.unit, Audience.CLINICIAN)}, {levels.studies} studies"


def _published_range(side: Side) -> tuple[float, float | None, float] | None:
    if side.published_risk is not None:
        return side.published_risk.low, side.published_risk.risk, side.published_risk.high
    if side.published_levels is not None:
        return side.published_levels.low, None, side.published_levels.high
    return None


def _own_range(side: Side) -> tuple[float, float | None, float] | None:
    if side.rate is not None and side.rate.rate is not None:
        return side.rate.low or 0.0, side.rate.rate, side.rate.high or 0.0
    d = side.distribution
    if d is not None and d.median is not None:
        return d.q1 if d.q1 is not None else d.median, d.median, d.q3 if d.q3 is not None else d.median
    return None


def _bar(
    values: tuple[float, float | None, float], y: int, colour: str, symbol: str, scale: int, kind: str, name: str
) -> list[Figure]:
    low, middle, high = (None if v is None else v * scale for v in values)
    marks: list[Figure] = [
        {
            "type": "scatter", "x": [low, high], "y": [y, y], "mode": "lines",
            "line": {"color": colour, "width": 10 if kind == "band" else 3}, "opacity": 0.4 if kind == "band" else 1,
            "hoverinfo": "skip",
        }
    ]  # fmt: skip
    if middle is not None:
        marks.append(
            {
                "type": "scatter", "x": [middle], "y": [y], "mode": "markers", "name": name,
                "marker": {"color": colour, "size": 13, "symbol": symbol if kind == "mark" else f"{symbol}-open",
                           "line": {"width": 2, "color": colour}},
                "hovertemplate": f"{as_figure(name)}: %{{x:.4~g}}<extra></extra>",
            }
        )  # fmt: skip
    return marks


def _line(series: object, colour: str, axis: str, name: str) -> Figure:
    return {
        "type": "scatter", "x": list(series.case_numbers), "y": list(series.values), "mode": "lines", "name": name,  # type: ignore[attr-defined]
        "line": {"color": colour, "width": 2}, "yaxis": axis,
        "hovertemplate": f"case %{{x}}: %{{y:.4~g}} {name}<extra></extra>",
    }  # fmt: skip


def _layout(height: int, *, xaxis: Figure, yaxis: Figure, left: int) -> Figure:
    plain = {"showgrid": False, "fixedrange": True, "zeroline": False, "ticklabeloverflow": "allow"}
    return plain_layout(
        height,
        13,
        xaxis={**plain, "tickfont": {"size": 13, "color": QUIET}, **xaxis},
        yaxis={**plain, "tickfont": {"size": 13, "color": INK}, **yaxis},
        margin={"l": left, "r": 20, "t": 8, "b": 44},
    )
