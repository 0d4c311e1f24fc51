"""The clinic's own results in pictures: beside the published ones, year by year, and by case order.

Own and published results stand beside each other and are never pooled.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from decision_aid.audit.beside_published import Beside
from decision_aid.audit.results import Group
from decision_aid.audit.shown_results import OPTION_OF, Range, own_range, published_range
from decision_aid.charts import theme
from decision_aid.charts.theme import Figure
from decision_aid.domain.escaping import as_figure
from decision_aid.domain.palette import CLEAR, INK, OPTIONS, QUIET, OptionStyle
from decision_aid.domain.vocabulary import Outcome, OutcomeKind
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.wording import numerals

if TYPE_CHECKING:
    from decision_aid.audit.learning_curve import LearningCurve, Series

TRENDS = {"blood_loss_ml": Outcome.BLOOD_LOSS, "length_of_stay_days": Outcome.LENGTH_OF_STAY}


def beside_figure(b: Beside, outcome: OutcomeRow, denominator: int) -> Figure:
    """Own and published results of both approaches on one axis: published as a band, own as a mark with its range."""
    event = outcome.kind == OutcomeKind.EVENT
    scale = denominator if event else 1
    data: list[Figure] = []
    names: list[tuple[float, str]] = []
    y = 4
    for side in (b.open, b.mis):
        style = OPTIONS[OPTION_OF[side.approach]]
        for whose, values in (("Published", published_range(side)), ("Own", own_range(side))):
            name = f"{whose}, {style.short}"
            names.append((y, name))
            if values is not None:
                data += _bar(values, y, style, scale, name, own=whose == "Own")
            y -= 1
    unit = f"people of {denominator:,}" if event else numerals.unit_name(outcome.unit)
    top = max((v for t in data for v in t["x"] if v is not None), default=1.0)
    return {
        "data": data,
        "layout": _layout(
            190,
            left=190,
            xaxis=theme.axis(unit, range=[0, top * 1.08], nticks=6),
            yaxis=theme.axis(colour=INK, range=[0.4, 4.6], **theme.ticks(names)),
        ),
    }


def years_figure(groups: Iterable[Group]) -> Figure:
    """Cases a year by approach; hollow bars are years that the log may hold only in part."""
    data = []
    for group in groups:
        style = OPTIONS[OPTION_OF[group.approach]]
        data.append(
            {
                "type": "bar",
                "x": [str(y.year) for y in group.years],
                "y": [y.cases for y in group.years],
                "name": style.label,
                "text": [f"{y.cases}" for y in group.years],
                "textposition": "outside",
                "cliponaxis": False,
                "marker": {
                    "color": [CLEAR if y.partial else style.colour for y in group.years],
                    "line": {"color": style.colour, "width": 2},
                },
                "hovertemplate": f"{style.label}, %{{x}}: %{{y}} cases<extra></extra>",
            }
        )
    return {"data": data, "layout": _by_year("cases") | {"barmode": "group", "bargap": 0.35}}


def trend_figure(groups: Iterable[Group], measure: str, unit: str) -> Figure:
    """Median and quartiles of a continuous result, year by year, for each approach."""
    data = []
    for group in groups:
        style = OPTIONS[OPTION_OF[group.approach]]
        found = [(str(y.year), y.distribution(measure)) for y in group.years]
        known = [(year, d.median, d.q1 or 0, d.q3 or 0) for year, d in found if d.median is not None]
        if not known:
            continue
        data.append(
            theme.markers(
                [year for year, *_ in known],
                [median for _, median, _, _ in known],
                style.colour,
                style.symbol,
                10,
                {"width": 0},
                mode="lines+markers",
                name=style.label,
                line={"color": style.colour, "width": 2},
                error_y={
                    "type": "data",
                    "symmetric": False,
                    "array": [q3 - median for _, median, _, q3 in known],
                    "arrayminus": [median - q1 for _, median, q1, _ in known],
                    "color": style.colour,
                    "width": 0,
                },
                text=[numerals.plain(median, 1) for _, median, _, _ in known],
                hovertemplate=f"{style.label}, %{{x}}: %{{text}} {unit}<extra></extra>",
            )
        )
    return {"data": data, "layout": _by_year(unit)}


def learning_figure(curve: LearningCurve) -> Figure:
    """Operating time by case order (rolling median), and the evidence for too many complications (risk CUSUM)."""
    style = OPTIONS[OPTION_OF[curve.approach]]
    data: list[Figure] = []
    layout = _layout(
        260,
        left=60,
        right=60,
        xaxis=theme.axis("case number"),
        yaxis=theme.axis("minutes", colour=INK, rangemode="tozero"),
    )
    if curve.time is not None:
        data.append(_line(curve.time.rolling_median, style.colour, "y", "median of the last cases, minutes"))
    if curve.risk is not None:
        data.append(_line(curve.risk.chart, QUIET, "y2", "risk CUSUM"))
        layout["yaxis2"] = theme.axis("risk CUSUM", overlaying="y", side="right", rangemode="tozero")
        limit = {"y0": curve.risk.limit, "y1": curve.risk.limit, "yref": "y2"}
        across = {"type": "line", "xref": "paper", "x0": 0, "x1": 1}
        layout["shapes"] = [across | limit | {"line": {"color": INK, "width": 1, "dash": "dash"}}]
    return {"data": data, "layout": layout}


def _bar(values: Range, y: int, style: OptionStyle, scale: int, name: str, *, own: bool) -> list[Figure]:
    low, middle, high = (None if v is None else v * scale for v in values)
    marks = [theme.line([low, high], [y, y], style.colour, 3 if own else 10, opacity=1 if own else 0.4)]
    if middle is not None:
        told = f"{as_figure(name)}: %{{x:.4~g}}<extra></extra>"
        symbol = theme.hollow(style.symbol, not own)
        marks.append(theme.markers([middle], [y], style.colour, symbol, 13, name=name, hovertemplate=told))
    return marks


def _line(series: Series, colour: str, axis: str, name: str) -> Figure:
    told = f"case %{{x}}: %{{y:.4~g}} {name}<extra></extra>"
    return theme.line(
        list(series.case_numbers), list(series.values), colour, 2, name=name, yaxis=axis, hovertemplate=told
    )


def _by_year(title: str) -> Figure:
    return _layout(
        240,
        left=60,
        xaxis=theme.axis(type="category"),
        yaxis=theme.axis(title, colour=INK, rangemode="tozero"),
    )


def _layout(height: int, left: int, right: int = 20, **axes: Any) -> Figure:
    return theme.layout(height, (left, right, 8, 44), **axes)
