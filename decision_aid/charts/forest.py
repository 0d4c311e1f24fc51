"""The forest plot and its kin, as plain Plotly dictionaries: every study, the pool, and what others published.

A figure reads a `Comparison` (and what `robustness` makes of it) and computes no number. Values stand on the scale
people read; ratios are drawn on a logarithmic axis.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from decision_aid.charts.outcome_charts import CONFIG, Figure, plain_layout
from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.question import Contrast
from decision_aid.comparison.robustness import ReanalysisStep
from decision_aid.comparison.study_results import StudyResult, Why
from decision_aid.domain.escaping import as_figure
from decision_aid.domain.palette import INK, LINK_LINE, QUIET, ROADS
from decision_aid.domain.vocabulary import Road, StudyDesign
from decision_aid.meta_analysis.random_effects import PooledResult
from decision_aid.wording import numerals
from decision_aid.wording import sentences as wording

__all__ = ["CONFIG", "Line", "figure", "funnel", "lines", "of_steps", "of_subgroups"]

_SIZE = 13
_ROW = 22  # pixels


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a forest plot: its name, its effect with its interval as people read them, and its words.

    `kind`: "study", "hollow" (drawn, not in the pool), "pooled", "imputed", "review" or "gap".
    """

    kind: str
    name: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    weight: float | None = None
    words: str = ""
    hover: str = ""
    prediction: tuple[float, float] | None = None
    randomised: bool = False


def lines(c: Comparison) -> tuple[Line, ...]:
    """The lines of the forest plot from top to bottom: studies in the pool, others with an effect, the pool, the reviews."""
    found = [_study_line(s, c) for s in c.studies if s.effect is not None]
    inside = [line for line in found if line.kind == "study"]
    outside = [line for line in found if line.kind == "hollow"]
    ours = [_pooled_line(c, c.pooled, "pooled", wording.pooled_name(c))] if c.pooled else []
    if c.imputed:
        ours.append(_pooled_line(c, c.imputed, "imputed", wording.imputed_name(c)))
    reviews = [
        Line(
            "review",
            r.label,
            r.estimate,
            r.ci_low,
            r.ci_high,
            words=wording.review_line(r, c.outcome),
            hover=as_figure(r.study.title),
        )
        for r in c.reviews
        if wording.can_be_drawn(r, c)
    ]
    titled = (("", inside), ("Not in the number", outside), ("", ours), ("Published reviews", reviews))
    parts = [(title, part) for title, part in titled if part]
    return tuple(
        line for i, (title, part) in enumerate(parts) for line in ([Line("gap", title)] if i or title else []) + part
    )


def figure(c: Comparison) -> Figure:
    """The forest plot of a comparison."""
    return _drawn(lines(c), c)


def of_steps(c: Comparison, steps: Sequence[ReanalysisStep], word: str) -> Figure:
    """The pool at every step (one study left out, or one more taken in), with the whole pool at the end."""
    rows = [_pooled_line(c, s.pooled, "study", f"{word}{s.label}") for s in _with_labels(steps) if s.pooled]
    whole = [_pooled_line(c, c.pooled, "pooled", wording.pooled_name(c))] if c.pooled else []
    return _drawn((*rows, Line("gap", ""), *whole), c)


def of_subgroups(c: Comparison, named: Iterable[tuple[str, PooledResult | None]]) -> Figure:
    """A pool for each kind of study, with the whole pool at the end; a kind with two studies is named, not pooled."""
    rows = [
        _pooled_line(c, pooled, "study", name) if pooled else Line("hollow", name, words=wording.TWO_NOT_POOLED)
        for name, pooled in named
    ]
    whole = [_pooled_line(c, c.pooled, "pooled", wording.pooled_name(c))] if c.pooled else []
    return _drawn((*rows, Line("gap", ""), *whole), c)


def funnel(c: Comparison) -> Figure:
    """Every pooled study by its effect and its standard error, small studies below, with the limits chance would keep."""
    studies = [s for s in c.pooled_studies if s.effect and s.effect.standard_error is not None]
    errors = [s.effect.standard_error for s in studies]  # type: ignore[union-attr]
    top = max(errors, default=1.0) * 1.1  # type: ignore[type-var]
    centre = c.pooled.estimate if c.pooled else 0.0
    read = c.on_reading_scale
    data: list[Figure] = [
        {
            "type": "scatter",
            "x": [read(centre - 1.96 * top), read(centre), read(centre + 1.96 * top)],
            "y": [top, 0, top],
            "mode": "lines",
            "line": {"color": LINK_LINE, "width": 1, "dash": "dot"},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "x": [read(s.effect.estimate) for s in studies],  # type: ignore[union-attr]
            "y": errors,
            "mode": "markers",
            "marker": {"color": _colour(c), "size": 11, "symbol": _symbol(c), "line": {"width": 1, "color": "#fff"}},
            "text": [f"{as_figure(s.label)}<br>{as_figure(wording.study_effect(s, c))}" for s in studies],
            "hovertemplate": "%{text}<extra></extra>",
        },
    ]
    layout = plain_layout(420, _SIZE)
    layout["xaxis"] = _effect_axis(c) | {"title": {"text": wording.effect_axis(c), "font": {"size": _SIZE}}}
    layout["yaxis"] = {
        "title": {"text": "standard error (small studies below)", "font": {"size": _SIZE}},
        "range": [top, 0],
        "showgrid": False,
        "fixedrange": True,
        "zeroline": False,
        "tickfont": {"size": _SIZE, "color": QUIET},
    }
    layout["margin"] = {"l": 70, "r": 20, "t": 10, "b": 50}
    return {"data": data, "layout": layout}


@dataclass(frozen=True, slots=True)
class _Named:
    label: str
    pooled: PooledResult | None


def _with_labels(steps: Sequence[ReanalysisStep]) -> list[_Named]:
    return [_Named(s.study.label, s.pooled) for s in steps]


def _study_line(s: StudyResult, c: Comparison) -> Line:
    effect = s.effect
    assert effect is not None
    low, high = wording.study_interval(s) if effect.standard_error is not None else (None, None)
    read = c.on_reading_scale
    inside = s.pooled or (s.why is Why.TOO_FEW and effect.standard_error is not None)
    return Line(
        "study" if inside else "hollow",
        s.label,
        read(effect.estimate),
        read(low),
        read(high),
        s.weight,
        wording.study_effect(s, c) + (f" · {numerals.whole_percent(s.weight)}" if s.weight is not None else ""),
        f"{as_figure(wording.design_label(s.study.design))}<br>{as_figure(wording.study_status(s))}",
        randomised=s.study.design == StudyDesign.RCT,
    )


def _pooled_line(c: Comparison, pooled: PooledResult | None, kind: str, name: str) -> Line:
    assert pooled is not None
    read = c.on_reading_scale
    prediction = None
    if kind == "pooled" and pooled.prediction_low is not None and pooled.prediction_high is not None:
        prediction = (read(pooled.prediction_low), read(pooled.prediction_high))
    return Line(
        kind,
        name,
        read(pooled.estimate),
        read(pooled.ci_low),
        read(pooled.ci_high),
        words=wording.pooled_effect(c, pooled),
        prediction=prediction,  # type: ignore[arg-type]
    )


def _drawn(shown: Sequence[Line], c: Comparison) -> Figure:
    """Lines from top to bottom: names at the left, marks in the middle, numbers as words at the right."""
    shown = list(shown)
    while shown and shown[-1].kind == "gap":
        shown.pop()
    rows = list(range(len(shown), 0, -1))
    data: list[Figure] = [
        {"type": "scatter", "x": [None], "y": [None], "yaxis": "y2", "hoverinfo": "skip", "mode": "markers"}
    ]
    for line, y in zip(shown, rows, strict=True):
        data += _marks(line, y, c)
    ends = [v for line in shown for v in (line.estimate, line.low, line.high, *(line.prediction or ()))]
    known = [v for v in ends if v is not None and _drawable(v, c)]
    layout = plain_layout(64 + _ROW * max(4, len(shown)), _SIZE)
    layout["xaxis"] = _effect_axis(c, known)
    ticks = {"tickmode": "array", "range": [0.3, len(shown) + 0.7], "showgrid": False}
    ticks |= {"fixedrange": True, "zeroline": False, "ticklabeloverflow": "allow"}
    named = [(y, _name(line)) for line, y in zip(shown, rows, strict=True) if line.name]
    told = [(y, as_figure(line.words)) for line, y in zip(shown, rows, strict=True) if line.words]
    layout["yaxis"] = ticks | {
        "tickvals": [y for y, _ in named],
        "ticktext": [name for _, name in named],
        "tickfont": {"size": _SIZE, "color": INK},
    }
    layout["yaxis2"] = ticks | {
        "tickvals": [y for y, _ in told],
        "ticktext": [words for _, words in told],
        "overlaying": "y",
        "side": "right",
        "tickfont": {"size": _SIZE, "color": INK},
    }
    layout["annotations"] = [
        _end(f"← {c.outcome.label_lower}", 0.0, "left"),
        _end(f"{c.outcome.label_higher} →", 1.0, "right"),
    ]
    layout["margin"] = {"l": 215, "r": 300, "t": 4, "b": 60}
    return {"data": data, "layout": layout}


def _marks(line: Line, y: int, c: Comparison) -> list[Figure]:
    if line.estimate is None or not _drawable(line.estimate, c):
        return []
    ours = line.kind in ("pooled", "imputed")
    colour = INK if ours else QUIET if line.kind in ("review", "hollow") else _colour(c)
    marks: list[Figure] = []
    if line.prediction:
        marks.append(_stroke(line.prediction, y, LINK_LINE, 5))
    if line.low is not None and line.high is not None:
        marks.append(_stroke((line.low, line.high), y, colour, 3 if ours else 2))
    symbol = "diamond-wide" if ours else "square" if line.kind == "review" else _symbol(c)
    size = 15 if ours else 8 + math.sqrt(line.weight or 0)
    hollow = line.kind in ("hollow", "imputed") or line.low is None
    marks.append(
        {
            "type": "scatter",
            "x": [line.estimate],
            "y": [y],
            "mode": "markers",
            "name": line.kind,
            "marker": {
                "color": colour,
                "size": size,
                "symbol": f"{symbol}-open" if hollow else symbol,
                "line": {"width": 2, "color": colour},
            },
            "text": [f"<b>{as_figure(line.name)}</b><br>{as_figure(line.words)}<br>{line.hover}"],
            "hovertemplate": "%{text}<extra></extra>",
        }
    )
    return marks


def _stroke(ends: tuple[float, float], y: int, colour: str, width: int) -> Figure:
    return {
        "type": "scatter",
        "x": list(ends),
        "y": [y, y],
        "mode": "lines",
        "line": {"color": colour, "width": width},
        "hoverinfo": "skip",
    }


def _effect_axis(c: Comparison, known: Sequence[float] = ()) -> Figure:
    log = c.question.measure.on_log_scale
    axis: Figure = {
        "type": "log" if log else "linear",
        "showgrid": False,
        "fixedrange": True,
        "zeroline": not log,
        "zerolinecolor": LINK_LINE,
        "zerolinewidth": 2,
        "nticks": 6,
        "tickangle": 0,
        "tickfont": {"size": _SIZE, "color": QUIET},
        "title": {"text": wording.effect_axis(c), "font": {"size": _SIZE}, "standoff": 22},
    }
    if known:
        low, high = min([*known, 1.0 if log else 0.0]), max([*known, 1.0 if log else 0.0])
        if log:
            # A study of few events can have limits of a hundredth or a hundred; they are cut, their words are not.
            axis["range"] = [max(math.log10(low), -2.3) - 0.1, min(math.log10(high), 2.3) + 0.1]
            axis["tickvals"] = [0.01, 0.03, 0.1, 0.25, 0.5, 1, 2, 4, 10, 30, 100]
        else:
            pad = (high - low or 1) * 0.05
            axis["range"] = [low - pad, high + pad]
    return axis


def _drawable(value: float, c: Comparison) -> bool:
    return not c.question.measure.on_log_scale or value > 0


def _name(line: Line) -> str:
    if line.kind == "gap":
        return f"<i>{as_figure(line.name)}</i>"
    name = line.name if len(line.name) <= 28 else line.name[:26].rstrip(" …") + "…"
    return f"<b>{as_figure(name)}</b>" if line.randomised or line.kind in ("pooled", "imputed") else as_figure(name)


def _road(c: Comparison) -> Road:
    return Road.MIS if c.question.contrast is Contrast.MIS_VERSUS_OPEN else Road.WITHOUT_SURGERY


def _colour(c: Comparison) -> str:
    return ROADS[_road(c)].colour


def _symbol(c: Comparison) -> str:
    return ROADS[_road(c)].symbol


def _end(text: str, x: float, anchor: str) -> Figure:
    return {
        "xref": "paper", "yref": "paper", "x": x, "xanchor": anchor, "y": 0, "yanchor": "top", "yshift": -20,
        "text": as_figure(text), "showarrow": False, "font": {"size": _SIZE, "color": QUIET},
    }  # fmt: skip
