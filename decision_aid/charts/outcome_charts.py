"""Interactive figures, as plain Plotly dictionaries: both arms of every study, and differences over time.

A figure reads a `Comparison` and computes no number. Every mark carries its study in its hover text; the same numbers
stand as text beside the chart. Dictionaries keep Plotly's import off the way to the first page.
"""

from __future__ import annotations

import math
from typing import Any

from decision_aid.comparison.comparison import Comparison
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_figure
from decision_aid.domain.palette import BAND, EFFECTS, INK, LINK_LINE, OPTIONS, QUIET, RULE
from decision_aid.domain.vocabulary import Option, OutcomeKind, StudyDesign
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.wording import numerals
from decision_aid.wording import sentences as wording

Figure = dict[str, Any]
FONT = "'Atkinson Hyperlegible', system-ui, sans-serif"
CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}


def dumbbell(c: Comparison, audience: Audience, height: int | None = None) -> Figure:
    """Both arms of every drawn study on one axis from zero; hollow marks are studies that cannot be pooled."""
    studies = sorted(c.shown_studies, key=lambda s: (_level(s.second), _level(s.first)))
    size = _type_size(audience)
    unit = c.outcome.unit
    rows = list(range(len(studies)))
    data: list[Figure] = []
    x_link: list[float | None] = []
    y_link: list[float | None] = []
    for y, s in zip(rows, studies, strict=True):
        x_link += [_level(s.first), _level(s.second), None]
        y_link += [y, y, None]
    data.append(
        {
            "type": "scatter",
            "x": x_link,
            "y": y_link,
            "mode": "lines",
            "line": {"color": LINK_LINE, "width": 2},
            "hoverinfo": "skip",
        }
    )
    for option, first in ((Option.OPEN, False), (Option.MIS, True)):
        style = OPTIONS[option]
        arms = [s.first if first else s.second for s in studies]
        data.append(
            {
                "type": "scatter",
                "x": [_level(a) for a in arms],
                "y": rows,
                "mode": "markers",
                "name": style.label,
                "marker": {
                    "color": style.colour,
                    "size": 9 if len(studies) > 10 else 11,
                    # An open symbol takes its outline from marker.color and stays hollow on any background.
                    "symbol": [style.symbol if _has_spread(s, c) else f"{style.symbol}-open" for s in studies],
                    "line": {"width": 2, "color": style.colour},
                },
                "text": [_hover(s, c, audience) for s in studies],
                "hovertemplate": f"{style.label} %{{x:.4~g}}<br>%{{text}}<extra></extra>",
            }
        )
    top = max((v for v in x_link if v is not None), default=1.0)
    return {
        "data": data,
        "layout": plain_layout(
            height or 96 + 24 * max(3, len(studies)),
            _type_size(audience),
            xaxis={
                "title": {
                    "text": numerals.unit_name(unit) if c.outcome.kind != OutcomeKind.EVENT else "share of people",
                    "font": {"size": size},
                },
                "range": [0, top * 1.12],
                "showgrid": False,
                "fixedrange": True,
                "ticklabeloverflow": "allow",
                "zeroline": True,
                "zerolinecolor": LINK_LINE,
                "nticks": 5,
                "tickangle": 0,
                "tickfont": {"size": size, "color": QUIET},
            },
            yaxis={
                "tickmode": "array",
                "tickvals": rows,
                "ticktext": [_tick(s) for s in studies],
                "tickfont": {"size": size - (1 if len(studies) > 10 else 0), "color": INK},
                "range": [-0.7, len(studies) - 0.3],
                "showgrid": False,
                "fixedrange": True,
                "ticklabeloverflow": "allow",
                "zeroline": False,
            },
            # A fixed margin: fitting it to the labels would draw every picture twice.
            margin={"l": 185 if audience is Audience.PATIENT else 150, "r": 8, "t": 4, "b": 40},
        ),
    }


def over_time(
    approaches: tuple[Comparison, ...],
    without: tuple[Comparison, ...],
    outcome: OutcomeRow,
    audience: Audience,
    height: int = 300,
) -> Figure:
    """Differences at each time after the operation: between the approaches, and between surgery and staying without it.

    Small marks are studies (hollow: no interval); large marks are pooled results. The band holds differences too
    small to notice.
    """
    size = _type_size(audience)
    data: list[Figure] = []
    extent: list[float] = []
    for series, effect in ((without, "surgery"), (approaches, "approach")):
        points = [p for c in series for p in _points(c)]
        if not points:
            continue
        extent += [v for p in points for v in (p["y"], p["low"], p["high"]) if v is not None]
        data += _time_traces(points, effect)
    notice = outcome.noticeable_change
    extent += [-(notice or 0) * 1.25, (notice or 0) * 1.25, 0.0]
    low, high = min(extent), max(extent)
    pad = (high - low or 1) * 0.2  # room for the names of the two directions
    shapes = []
    if notice:
        shapes.append(
            {
                "type": "rect",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": -notice,
                "y1": notice,
                "fillcolor": BAND,
                "line": {"width": 0},
                "layer": "below",
            }
        )
    shapes.append(
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "y0": 0,
            "y1": 0,
            "line": {"color": LINK_LINE, "width": 1},
            "layer": "below",
        }
    )
    ticks = ((3, "3 months"), (12, "1 year"), (24, "2"), (48, "4"), (96, "8 years"))
    return {
        "data": data,
        "layout": plain_layout(
            height,
            _type_size(audience),
            xaxis={
                "tickmode": "array",
                "tickvals": [_time_position(m) for m, _ in ticks],
                "ticktext": [t for _, t in ticks],
                "range": [_time_position(0), _time_position(150)],
                "showgrid": False,
                "fixedrange": True,
                "ticklabeloverflow": "allow",
                "zeroline": False,
                "tickangle": 0,
                "tickfont": {"size": size, "color": QUIET},
            },
            yaxis={
                "range": [low - pad, high + pad],
                "nticks": 5,
                "showgrid": False,
                "fixedrange": True,
                "ticklabeloverflow": "allow",
                "zeroline": False,
                "tickfont": {"size": size, "color": QUIET},
                "tickformat": "+~g" if low < 0 < high else "~g",
            },
            annotations=[
                _end_label(f"{outcome.label_higher} ↑", 1, size),
                _end_label(f"{outcome.label_lower} ↓", 0, size),
            ],
            shapes=shapes,
            margin={"l": 44, "r": 8, "t": 4, "b": 28},
        ),
    }


def series_over_time(approaches: tuple[Comparison, ...], without: tuple[Comparison, ...]) -> list[tuple[str, str]]:
    """The series that `over_time` draws, with their names, to stand over the picture."""
    named = ((without, "surgery"), (approaches, "approach"))
    return [(effect, EFFECTS[effect].label) for series, effect in named if any(_points(c) for c in series)]


def over_time_description(
    approaches: tuple[Comparison, ...], without: tuple[Comparison, ...], audience: Audience
) -> str:
    """Alternative text of `over_time`: every time and series in words."""
    parts = []
    for series, name in ((approaches, "Minimally invasive against open"), (without, "Surgery against no surgery")):
        told = [wording.time_point_text(c, audience) for c in series if _points(c)]
        parts.append(f"{name}. " + ("; ".join(told) + "." if told else "Not measured."))
    return " ".join(parts)


def _points(c: Comparison) -> list[Figure]:
    """The marks of one time window: the pooled result when three or more were pooled, else each study."""
    if c.pooled is not None and c.pooled.k >= 3:
        return [
            {
                "x": _time_position(c.question.window.nominal_months or 1),
                "y": c.pooled.estimate,
                "low": c.pooled.ci_low,
                "high": c.pooled.ci_high,
                "pooled": True,
                "text": as_figure(wording.time_point_text(c, Audience.CLINICIAN)),
            }
        ]
    points = []
    for s in c.studies:
        usable = s.effect is not None and (
            s.pooled or s.why in (wording.Why.TOO_FEW, wording.Why.NO_SPREAD, wording.Why.NO_ARM_SIZE)
        )
        if not usable or (s.caution and not c.question.include_cautions):
            continue
        interval = wording.study_interval(s) if s.effect.standard_error is not None else (None, None)  # type: ignore[union-attr]
        points.append(
            {
                "x": _time_position(s.months or c.question.window.nominal_months or 1),
                "y": s.effect.estimate,  # type: ignore[union-attr]
                "low": interval[0],
                "high": interval[1],
                "pooled": False,
                "text": f"{as_figure(s.label)}, {as_figure(wording.design_label(s.study.design))}"
                + (f", {as_figure(numerals.months(s.months))}" if s.months else "")
                + f"<br>{as_figure(wording.study_effect(s, c))}",
            }
        )
    return points


def _time_traces(points: list[Figure], effect: str) -> list[Figure]:
    style = EFFECTS[effect]
    ordered = sorted(points, key=lambda p: p["x"])
    bars = {
        "type": "data",
        "symmetric": False,
        "array": [0 if p["high"] is None else p["high"] - p["y"] for p in ordered],
        "arrayminus": [0 if p["low"] is None else p["y"] - p["low"] for p in ordered],
        "color": style.colour,
        "thickness": 2,
        "width": 0,
    }
    return [
        {
            "type": "scatter",
            "x": [p["x"] for p in ordered],
            "y": [p["y"] for p in ordered],
            "mode": "markers",
            "name": style.label,
            "error_y": bars,
            "marker": {
                "color": style.colour,
                "size": [14 if p["pooled"] else 10 for p in ordered],
                "opacity": 1,
                "symbol": [style.symbol if p["low"] is not None else f"{style.symbol}-open" for p in ordered],
                "line": {"width": 2, "color": style.colour},
            },
            "text": [p["text"] for p in ordered],
            "hovertemplate": "%{text}<extra></extra>",
        }
    ]


def _end_label(text: str, y: float, size: int) -> Figure:
    return {
        "xref": "paper", "yref": "paper", "x": 0.01, "xanchor": "left", "y": y, "yanchor": "top" if y else "bottom",
        "text": as_figure(text), "showarrow": False, "font": {"size": size - 1, "color": QUIET},
    }  # fmt: skip


def _tick(s: Any) -> str:
    label = as_figure(s.label if len(s.label) <= 20 else s.label[:18].rstrip(" …") + "…")
    return f"<b>{label}</b>" if s.study.design == StudyDesign.RCT else label


def _hover(s: Any, c: Comparison, audience: Audience) -> str:
    title = s.study.title if len(s.study.title) <= 70 else s.study.title[:68] + "…"
    first, second = (wording.study_values(s, c.outcome, side, audience) for side in (True, False))
    lines = [
        f"<b>{as_figure(s.label)}</b>, {as_figure(wording.design_label(s.study.design))}",
        as_figure(title),
        as_figure(f"minimally invasive {first}, open {second}"),
    ]
    if audience is Audience.CLINICIAN:
        lines.append(as_figure(f"difference {wording.study_effect(s, c)}"))
    return "<br>".join([*lines, as_figure(wording.study_status(s, audience))])


def _has_spread(s: Any, c: Comparison) -> bool:
    return s.effect is not None and s.effect.standard_error is not None


def _level(arm: Any) -> float:
    if arm is None:
        return 0.0
    return arm.risk if arm.statistic == "events" else arm.level


def _time_position(months: float) -> float:
    """Months on an axis that gives the first year its room."""
    return math.log1p(months / 3)


def _type_size(audience: Audience) -> int:
    return 16 if audience is Audience.PATIENT else 13


def plain_layout(height: int, size: int, **rest: Any) -> Figure:
    """The layout every picture has: no ground of its own, no legend, no dragging. `height` and `size` of type in px."""
    return {
        "height": height,
        "font": {"family": FONT, "size": size, "color": INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": "#ffffff",
            "bordercolor": RULE,
            "align": "left",
            "font": {"family": FONT, "size": 13, "color": INK},
        },
        **rest,
    }
