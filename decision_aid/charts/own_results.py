"""The clinic's own results over time: year by year, and by case order. Every picture has one scale, with round ticks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from decision_aid.audit.results import Group
from decision_aid.audit.shown_results import OPTION_OF
from decision_aid.charts import theme
from decision_aid.charts.theme import Figure
from decision_aid.domain.palette import CLEAR, INK, OPTIONS, QUIET
from decision_aid.domain.vocabulary import Outcome
from decision_aid.wording import numerals

if TYPE_CHECKING:
    from decision_aid.audit.learning_curve import LearningCurve, Series

TRENDS = {"blood_loss_ml": Outcome.BLOOD_LOSS, "length_of_stay_days": Outcome.LENGTH_OF_STAY}


def years_figure(groups: Sequence[Group]) -> Figure:
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
                "marker": {
                    "color": [CLEAR if y.partial else style.colour for y in group.years],
                    "line": {"color": style.colour, "width": 2},
                },
                "hovertemplate": f"{style.label}, %{{x}}: %{{y}} cases<extra></extra>",
            }
        )
    most = max((y.cases for group in groups for y in group.years), default=0)
    return {"data": data, "layout": _by_year("cases", most) | {"barmode": "group", "bargap": 0.35}}


def trend_figure(groups: Iterable[Group], measure: str, unit: str) -> Figure:
    """Median and quartiles of a continuous result, year by year, for each approach."""
    data = []
    most = 0.0
    for group in groups:
        style = OPTIONS[OPTION_OF[group.approach]]
        found = [(str(y.year), y.distribution(measure)) for y in group.years]
        known = [(year, d.median, d.q1 or 0, d.q3 or 0) for year, d in found if d.median is not None]
        if not known:
            continue
        most = max(most, *(high for *_, high in known))
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
    return {"data": data, "layout": _by_year(unit, most)}


def time_figure(curve: LearningCurve) -> Figure:
    """Operating time by case order: the rolling median, in minutes."""
    if curve.time is None or not len(curve.time.rolling_median):
        return {"data": []}
    style = OPTIONS[OPTION_OF[curve.approach]]
    return _by_case(curve.time.rolling_median, style.colour, "minutes", "minutes, median of the last cases")


def risk_figure(curve: LearningCurve) -> Figure:
    """The evidence for too many complications by case order (risk CUSUM), with its limit."""
    if curve.risk is None:
        return {"data": []}
    figure = _by_case(curve.risk.chart, QUIET, "risk CUSUM", "risk CUSUM", least=curve.risk.limit)
    limit = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": curve.risk.limit, "y1": curve.risk.limit}
    figure["layout"]["shapes"] = [limit | {"line": {"color": INK, "width": 1, "dash": "dash"}}]
    named = theme.end_label("limit", theme.type_size(), x=1.0, y=curve.risk.limit, xanchor="left", yanchor="middle")
    figure["layout"]["annotations"] = [named | {"yref": "y", "xshift": 4}]
    return figure


def _by_case(series: Series, colour: str, title: str, name: str, least: float = 0.0) -> Figure:
    """A line along the cases, which are numbered from 1; the axis reaches at least as high as `least`."""
    told = f"case %{{x}}: %{{y:.4~g}} {name}<extra></extra>"
    line = theme.line(list(series.case_numbers), list(series.values), colour, 2, name=name, hovertemplate=told)
    axes = {
        "xaxis": theme.from_nought("case number", series.case_numbers[-1]) | {"range": [0, series.case_numbers[-1]]},
        "yaxis": theme.from_nought(title, max(*series.values, least)),
    }
    return {"data": [line], "layout": _layout(200, left=60, right=44, **axes)}


def _by_year(title: str, most: float) -> Figure:
    return _layout(200, left=60, xaxis=theme.axis(type="category"), yaxis=theme.from_nought(title, most))


def _layout(height: int, left: int, right: int = 20, **axes: Any) -> Figure:
    return theme.layout(height, (left, right, 8, 44), **axes)
