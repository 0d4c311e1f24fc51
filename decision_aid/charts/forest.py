"""Forest and funnel plots as plain Plotly dictionaries: every study's effect, the pool, and what others published.

A figure reads a `Comparison` (and what `robustness` makes of it) and computes no number. Values stand on the scale
people read; ratios are drawn on a logarithmic axis.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from decision_aid import wording
from decision_aid.charts import theme
from decision_aid.charts.theme import Figure
from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.published_reviews import ReviewResult
from decision_aid.comparison.question import Contrast
from decision_aid.comparison.robustness import ReanalysisStep, Sensitivity
from decision_aid.comparison.shown_studies import as_read, fits_the_axis, study_interval
from decision_aid.comparison.study_results import StudyResult
from decision_aid.domain.escaping import as_figure
from decision_aid.domain.palette import INK, LINK_LINE, OPTIONS, QUIET, SURFACE, OptionStyle
from decision_aid.domain.vocabulary import Option, StudyDesign
from decision_aid.meta_analysis.random_effects import PooledResult
from decision_aid.wording import numerals

__all__ = ["Figure", "Line", "LineKind", "figure", "funnel", "lines", "of_steps", "of_subgroups"]

_ROW = 22  # pixels
# A study of few events can have limits of a hundredth or a hundred: they are cut here, their words are not.
_DECADES = 2.3  # either way of no difference
_RATIO_TICKS = [0.01, 0.03, 0.1, 0.25, 0.5, 1, 2, 4, 10, 30, 100]


class LineKind(StrEnum):
    """What a line of a forest plot is."""

    STUDY = "study"
    HOLLOW = "hollow"  # drawn, not in the pool
    POOLED = "pooled"
    BORROWED = "borrowed"  # in the pool with a borrowed spread
    OTHER_WAY = "other_way"  # the same question pooled in another way
    REVIEW = "review"
    TURNED_REVIEW = "turned_review"  # on our scale, or its words alone where the axis cannot hold it
    LEADING_REVIEW = "leading_review"  # gives the number
    GAP = "gap"


_OURS = (LineKind.POOLED, LineKind.LEADING_REVIEW)
_REVIEWS = (LineKind.REVIEW, LineKind.TURNED_REVIEW, LineKind.LEADING_REVIEW)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a forest plot: its name, its effect with its interval as people read them, and its words."""

    kind: LineKind
    name: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    weight: float | None = None
    words: str = ""
    hover: str = ""
    prediction: tuple[float, float] | None = None
    randomised: bool = False


def lines(c: Comparison, other_ways: Sequence[Sensitivity] = ()) -> tuple[Line, ...]:
    """The lines of the forest plot from top to bottom: studies in the pool, others with an effect, the pool, the same in
    other ways, the reviews."""
    found = [_study_line(s, c) for s in c.studies if s.effect is not None]
    ours = _whole(c)
    reviews = [_review_line(r, c) for r in c.reviews if fits_the_axis(r, c) or r.agrees is not None or _leads(r, c)]
    leading = [line for line in reviews if line.kind is LineKind.LEADING_REVIEW]
    others = [line for line in reviews if line.kind is not LineKind.LEADING_REVIEW]
    titled = (
        ("", [line for line in found if line.kind in (LineKind.STUDY, LineKind.BORROWED)]),
        ("Not pooled" if leading else "Not in the number", [line for line in found if line.kind is LineKind.HOLLOW]),
        ("", ours),
        ("The review that gives the number", leading),
        ("Pooled in other ways", [_other_way(c, way) for way in other_ways]),
        ("Published reviews, beside our pool" if ours else "Published reviews", others),
    )
    parts = [(title, part) for title, part in titled if part]
    return tuple(
        line
        for i, (title, part) in enumerate(parts)
        for line in ([Line(LineKind.GAP, title)] if i or title else []) + part
    )


def figure(c: Comparison, other_ways: Sequence[Sensitivity] = ()) -> Figure:
    """The forest plot of a comparison."""
    return _drawn(lines(c, other_ways), c)


def of_steps(c: Comparison, steps: Sequence[ReanalysisStep], word: str) -> Figure:
    """The pool at every step (one study left out, or one more taken in), with the whole pool at the end."""
    rows = [_pooled_line(c, s.pooled, LineKind.STUDY, f"{word}{s.study.label}") for s in steps if s.pooled]
    return _drawn((*rows, Line(LineKind.GAP, ""), *_whole(c)), c)


def of_subgroups(c: Comparison, named: Iterable[tuple[str, PooledResult | None]]) -> Figure:
    """A pool for each kind of study, with the whole pool at the end; a kind with two studies is named, not pooled."""
    rows = [
        _pooled_line(c, pooled, LineKind.STUDY, name)
        if pooled
        else Line(LineKind.HOLLOW, name, words=wording.TWO_NOT_POOLED)
        for name, pooled in named
    ]
    return _drawn((*rows, Line(LineKind.GAP, ""), *_whole(c)), c)


def funnel(c: Comparison) -> Figure:
    """Every pooled study by its effect and its standard error, small studies below, with the limits chance would keep."""
    found = [
        (s, s.effect.estimate, s.effect.standard_error)
        for s in c.pooled_studies
        if s.effect and s.effect.standard_error is not None
    ]
    top = max((error for _, _, error in found), default=1.0) * 1.1
    centre = c.pooled.estimate if c.pooled else 0.0
    limits = as_read(c, centre - 1.96 * top, centre, centre + 1.96 * top)
    style = _style(c)
    dots = theme.markers(
        [*as_read(c, *(estimate for _, estimate, _ in found))],
        [error for *_, error in found],
        style.colour,
        style.symbol,
        11,
        {"width": 1, "color": SURFACE},  # keeps marks apart that lie on each other
        text=[f"{as_figure(s.label)}<br>{as_figure(wording.study_effect(s, c))}" for s, *_ in found],
        hovertemplate="%{text}<extra></extra>",
    )
    return {
        "data": [theme.line([*limits], [top, 0, top], LINK_LINE, 1, "dot"), dots],
        "layout": theme.layout(
            420,
            (70, 20, 10, 50),
            xaxis=_effect_axis(c),
            yaxis=theme.axis("standard error (small studies below)", range=[top, 0]),
        ),
    }


def _study_line(s: StudyResult, c: Comparison) -> Line:
    effect = s.effect
    assert effect is not None
    (estimate,) = as_read(c, effect.estimate)
    low, high = as_read(c, *study_interval(s)) if effect.standard_error is not None else (None, None)
    weight = f" · {numerals.whole_percent(s.weight)}" if s.weight is not None else ""
    return Line(
        LineKind.HOLLOW if not s.pooled else LineKind.BORROWED if s.borrowed else LineKind.STUDY,
        s.label,
        estimate,
        low,
        high,
        s.weight,
        wording.study_effect(s, c) + weight,
        f"{as_figure(wording.design_label(s.study.design))}<br>{as_figure(wording.study_status(s))}",
        randomised=s.study.design == StudyDesign.RCT,
    )


def _leads(r: ReviewResult, c: Comparison) -> bool:
    return c.lead.review is not None and c.lead.review.row is r.row


def _review_line(r: ReviewResult, c: Comparison) -> Line:
    """A review as it printed its result, where the axis holds that; else turned onto our scale, else in words alone."""
    printed, effect = fits_the_axis(r, c), r.turned
    kind = LineKind.LEADING_REVIEW if _leads(r, c) else LineKind.REVIEW if printed else LineKind.TURNED_REVIEW
    found, low, high = (r.estimate, r.ci_low, r.ci_high) if printed else (None, None, None)
    if not printed and effect is not None and effect.measure is c.question.measure:
        found, low, high = as_read(c, effect.estimate, effect.ci_low, effect.ci_high)
    words = wording.review_beside_its_mark(r, c)
    return Line(kind, r.label, found, low, high, words=words, hover=as_figure(r.study.title))


def _other_way(c: Comparison, way: Sensitivity) -> Line:
    """A line of another way of pooling. One on another measure has no place on the axis: its words stand alone."""
    name, words = wording.other_way_name(way), wording.other_way_words(c, way)
    if way.measure is not c.question.measure:
        return Line(LineKind.OTHER_WAY, name, words=words)
    found, low, high = as_read(c, way.pooled.estimate, way.pooled.ci_low, way.pooled.ci_high)
    return Line(LineKind.OTHER_WAY, name, found, low, high, words=words)


def _whole(c: Comparison) -> list[Line]:
    return [_pooled_line(c, c.pooled, LineKind.POOLED, wording.pooled_name(c))] if c.pooled else []


def _pooled_line(c: Comparison, pooled: PooledResult, kind: LineKind, name: str) -> Line:
    prediction = None
    if kind is LineKind.POOLED and pooled.prediction_low is not None and pooled.prediction_high is not None:
        least, most = as_read(c, pooled.prediction_low, pooled.prediction_high)
        prediction = (least, most)
    found, low, high = as_read(c, pooled.estimate, pooled.ci_low, pooled.ci_high)
    return Line(kind, name, found, low, high, words=wording.pooled_effect(c, pooled), prediction=prediction)


def _drawn(shown: Sequence[Line], c: Comparison) -> Figure:
    """Lines from top to bottom: names at the left, marks in the middle, numbers as words at the right."""
    shown = list(shown)
    while shown and shown[-1].kind is LineKind.GAP:
        shown.pop()
    placed = list(zip(shown, range(len(shown), 0, -1), strict=True))
    on_the_right: Figure = {
        "type": "scatter", "x": [None], "y": [None], "yaxis": "y2", "hoverinfo": "skip", "mode": "markers"
    }  # fmt: skip
    ends = [v for line in shown for v in (line.estimate, line.low, line.high, *(line.prediction or ()))]
    rows: Figure = {"range": [0.3, len(shown) + 0.7]}
    named = theme.ticks([(y, _name(line)) for line, y in placed if line.name])
    told = theme.ticks([(y, as_figure(line.words)) for line, y in placed if line.words])
    below = {"y": 0, "yanchor": "top", "yshift": -20}
    size = theme.type_size()
    return {
        "data": [on_the_right, *(mark for line, y in placed for mark in _marks(line, y, c))],
        "layout": theme.layout(
            64 + _ROW * max(4, len(shown)),
            (theme.room_for(line.name for line in shown), theme.room_for(line.words for line in shown), 4, 60),
            xaxis=_effect_axis(c, [v for v in ends if v is not None and _drawable(v, c)]),
            yaxis=theme.axis(colour=INK, **rows, **named),
            yaxis2=theme.axis(colour=INK, overlaying="y", side="right", **rows, **told),
            annotations=[
                theme.end_label(f"← {c.outcome.label_lower}", size, x=0.0, xanchor="left", **below),
                theme.end_label(f"{c.outcome.label_higher} →", size, x=1.0, xanchor="right", **below),
            ],
        ),
    }


def _marks(line: Line, y: int, c: Comparison) -> list[Figure]:
    if line.estimate is None or not _drawable(line.estimate, c):
        return []
    ours = line.kind in _OURS
    style = _style(c)
    colour = INK if ours else QUIET if line.kind in (*_REVIEWS, LineKind.HOLLOW, LineKind.OTHER_WAY) else style.colour
    marks: list[Figure] = []
    if line.prediction:
        marks.append(theme.line([*line.prediction], [y, y], LINK_LINE, 5))
    if line.low is not None and line.high is not None:
        marks.append(theme.line([line.low, line.high], [y, y], colour, 3 if ours else 2))
    symbol = (
        "square"
        if line.kind in _REVIEWS
        else "diamond-wide"
        if ours or line.kind is LineKind.OTHER_WAY
        else style.symbol
    )
    marks.append(
        theme.markers(
            [line.estimate],
            [y],
            colour,
            theme.hollow(symbol, line.kind in (LineKind.HOLLOW, LineKind.BORROWED) or line.low is None),
            15 if ours else 8 + math.sqrt(line.weight or 0),
            name=str(line.kind),
            text=[f"<b>{as_figure(line.name)}</b><br>{as_figure(line.words)}<br>{line.hover}"],
            hovertemplate="%{text}<extra></extra>",
        )
    )
    return marks


def _effect_axis(c: Comparison, known: Sequence[float] = ()) -> Figure:
    log = c.question.measure.on_log_scale
    axis = theme.axis(
        wording.effect_axis(c),
        type="log" if log else "linear",
        zeroline=not log,
        zerolinecolor=LINK_LINE,
        nticks=6,
        tickangle=0,
    )
    if not known:
        return axis
    axis["title"]["standoff"] = 26
    low, high = min([*known, 1.0 if log else 0.0]), max([*known, 1.0 if log else 0.0])
    if log:
        axis["range"] = [max(math.log10(low), -_DECADES) - 0.1, min(math.log10(high), _DECADES) + 0.1]
        axis["tickvals"] = _RATIO_TICKS
    else:
        pad = (high - low or 1) * 0.05
        axis["range"] = [low - pad, high + pad]
    return axis


def _drawable(value: float, c: Comparison) -> bool:
    return not c.question.measure.on_log_scale or value > 0


def _name(line: Line) -> str:
    if line.kind is LineKind.GAP:
        return f"<i>{as_figure(line.name)}</i>"
    name = as_figure(theme.shortened(line.name, theme.LONGEST))
    return f"<b>{name}</b>" if line.randomised or line.kind in _OURS else name


def _style(c: Comparison) -> OptionStyle:
    return OPTIONS[Option.MIS if c.question.contrast is Contrast.MIS_VERSUS_OPEN else Option.WITHOUT_SURGERY]
