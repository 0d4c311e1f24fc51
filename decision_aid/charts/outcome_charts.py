"""Interactive figures of outcomes: both arms of every study, and differences over time.

A figure reads a `Comparison` and computes no number. Every mark carries its study in its hover text; the same numbers
stand as text beside the chart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from decision_aid import wording
from decision_aid.charts import theme
from decision_aid.charts.theme import Figure
from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.shown_studies import drawn_over_time, study_interval
from decision_aid.comparison.study_results import StudyResult
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_figure
from decision_aid.domain.palette import BAND, EFFECTS, INK, LINK_LINE, OPTIONS
from decision_aid.domain.vocabulary import Option, OutcomeKind, StudyDesign
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.meta_analysis.effects import ArmSummary
from decision_aid.wording import numerals

__all__ = ["Figure", "dumbbell", "has_arms", "over_time", "over_time_description", "series_over_time"]

_MANY = 10  # studies from which on marks and names are drawn smaller
_TIMES = ((3, "3 months"), (12, "1 year"), (24, "2"), (48, "4"), (96, "8 years"))
_LAST_MONTH = 150
_GAP = 6  # px between a label and the axis
_ONE_LINE = 22  # letters of a label
_TWO_LINES = 1.7  # rows that a label of two lines takes


@dataclass(frozen=True, slots=True)
class _Mark:
    """A difference at a time: where it stands, its limits (None without an interval), and its words."""

    x: float
    y: float
    low: float | None
    high: float | None
    pooled: bool
    text: str


def has_arms(c: Comparison, audience: Audience) -> bool:
    """Whether a picture of both arms is drawn: of one small study a patient sees none."""
    small = c.lead.rung is Rung.ONE_SMALL_STUDY and not c.is_told_to(audience is Audience.PATIENT)
    return bool(c.shown_studies) and not small


def dumbbell(c: Comparison, audience: Audience) -> Figure:
    """Both arms of every drawn study on one axis from zero; hollow marks are studies that cannot be pooled."""
    studies = sorted(c.shown_studies, key=lambda s: (_level(s.second), _level(s.first)))
    size, many = theme.type_size(audience), len(studies) > _MANY
    rows, tall = _rows([len(_lines(s)) for s in studies])
    x_link: list[float | None] = []
    y_link: list[float | None] = []
    for y, s in zip(rows, studies, strict=True):
        x_link += [_level(s.first), _level(s.second), None]
        y_link += [y, y, None]
    data = [theme.line(x_link, y_link, LINK_LINE, 2)]
    for option, first in ((Option.OPEN, False), (Option.MIS, True)):
        style = OPTIONS[option]
        data.append(
            theme.markers(
                [_level(s.first if first else s.second) for s in studies],
                rows,
                style.colour,
                [theme.hollow(style.symbol, not s.has_spread) for s in studies],
                9 if many else 11,
                name=style.label,
                text=[_hover(s, c, audience) for s in studies],
                hovertemplate=f"{style.label} %{{x:.4~g}}<br>%{{text}}<extra></extra>",
            )
        )
    top = max((v for v in x_link if v is not None), default=1.0)
    unit = "share of people" if c.outcome.kind == OutcomeKind.EVENT else numerals.unit_name(c.outcome.unit)
    names = theme.ticks([(y, _tick(s)) for y, s in zip(rows, studies, strict=True)])
    return {
        "data": data,
        "layout": theme.layout(
            96 + round(24 * max(3, tall)),
            (theme.room_for((part for s in studies for part in _lines(s)), size) + _GAP, 8, 4, 40),
            size,
            xaxis=theme.axis(
                unit, size, range=[0, top * 1.12], zeroline=True, zerolinecolor=LINK_LINE, nticks=5, tickangle=0
            ),
            yaxis=theme.axis(size=size - many, colour=INK, range=[-0.7, tall - 0.3], ticklabelstandoff=_GAP, **names),
        ),
    }


def over_time(
    approaches: tuple[Comparison, ...], without: tuple[Comparison, ...], outcome: OutcomeRow, audience: Audience
) -> Figure:
    """Differences at each time after the operation: between the approaches, and between surgery and staying without it.

    Small marks are studies (hollow: no interval); large marks are pooled results. The band holds differences too
    small to notice.
    """
    size = theme.type_size(audience)
    data: list[Figure] = []
    notice = outcome.noticeable_change or 0
    extent = [-notice * 1.25, notice * 1.25, 0.0]
    for series, effect in ((without, "surgery"), (approaches, "approach")):
        marks = sorted((m for c in series for m in _marks(c)), key=lambda m: m.x)
        if marks:
            extent += [v for m in marks for v in (m.y, m.low, m.high) if v is not None]
            data.append(_time_trace(marks, effect))
    low, high = min(extent), max(extent)
    pad = (high - low or 1) * 0.2  # room for the names of the two directions
    across = {"xref": "paper", "x0": 0, "x1": 1, "layer": "below"}
    band = across | {"type": "rect", "y0": -notice, "y1": notice, "fillcolor": BAND, "line": {"width": 0}}
    nought = across | {"type": "line", "y0": 0, "y1": 0, "line": {"color": LINK_LINE, "width": 1}}
    return {
        "data": data,
        "layout": theme.layout(
            300,
            (44, 8, 4, 28),
            size,
            xaxis=theme.axis(
                size=size,
                range=[_time_position(0), _time_position(_LAST_MONTH)],
                tickangle=0,
                **theme.ticks([(_time_position(months), name) for months, name in _TIMES]),
            ),
            yaxis=theme.axis(
                size=size, range=[low - pad, high + pad], nticks=5, tickformat="+~g" if low < 0 < high else "~g"
            ),
            annotations=[
                theme.end_label(f"{outcome.label_higher} ↑", size - 1, x=0.01, xanchor="left", y=1, yanchor="top"),
                theme.end_label(f"{outcome.label_lower} ↓", size - 1, x=0.01, xanchor="left", y=0, yanchor="bottom"),
            ],
            shapes=[band, nought] if notice else [nought],
        ),
    }


def series_over_time(approaches: tuple[Comparison, ...], without: tuple[Comparison, ...]) -> list[tuple[str, str]]:
    """The series that `over_time` draws, with their names, to stand over the picture."""
    named = ((without, "surgery"), (approaches, "approach"))
    return [(effect, EFFECTS[effect].label) for series, effect in named if any(_is_drawn(c) for c in series)]


def over_time_description(
    approaches: tuple[Comparison, ...], without: tuple[Comparison, ...], audience: Audience
) -> str:
    """Alternative text of `over_time`: every time and series in words."""
    parts = []
    for series, name in ((approaches, "Minimally invasive against open"), (without, "Surgery against no surgery")):
        told = [wording.time_point_text(c, audience) for c in series if _is_drawn(c)]
        parts.append(f"{name}. " + ("; ".join(told) + "." if told else "Not measured."))
    return " ".join(parts)


def _is_pool(c: Comparison) -> bool:
    return c.pooled is not None and c.pooled.k > 1


def _is_drawn(c: Comparison) -> bool:
    return _is_pool(c) or bool(drawn_over_time(c))


def _marks(c: Comparison) -> list[_Mark]:
    """The marks of one time window: the pooled result when two or more were pooled, else each study."""
    usual = c.question.window.nominal_months or 1
    if c.pooled is not None and _is_pool(c):
        p, told = c.pooled, as_figure(wording.time_point_text(c, Audience.CLINICIAN))
        return [_Mark(_time_position(usual), p.estimate, p.ci_low, p.ci_high, True, told)]
    return [_study_mark(s, c, usual) for s in drawn_over_time(c)]


def _study_mark(s: StudyResult, c: Comparison, usual: float) -> _Mark:
    assert s.effect is not None
    low, high = study_interval(s) if s.has_spread else (None, None)
    when = f", {as_figure(numerals.months(s.months))}" if s.months else ""
    told = f"{as_figure(s.label)}, {as_figure(wording.design_label(s.study.design))}{when}"
    told += f"<br>{as_figure(wording.study_effect(s, c))}"
    return _Mark(_time_position(s.months or usual), s.effect.estimate, low, high, False, told)


def _time_trace(marks: list[_Mark], effect: str) -> Figure:
    style = EFFECTS[effect]
    return theme.markers(
        [m.x for m in marks],
        [m.y for m in marks],
        style.colour,
        [theme.hollow(style.symbol, m.low is None) for m in marks],
        [14 if m.pooled else 10 for m in marks],
        name=style.label,
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [0 if m.high is None else m.high - m.y for m in marks],
            "arrayminus": [0 if m.low is None else m.y - m.low for m in marks],
            "color": style.colour,
            "thickness": 2,
            "width": 0,
        },
        text=[m.text for m in marks],
        hovertemplate="%{text}<extra></extra>",
    )


def _lines(s: StudyResult) -> tuple[str, ...]:
    """A study's label, whole: a long one on two lines, broken between its parts."""
    parts = s.label.split(", ")
    breaks = [(", ".join(parts[:i]) + ",", ", ".join(parts[i:])) for i in range(1, len(parts))]
    long = bool(breaks) and len(s.label) > _ONE_LINE
    return min(breaks, key=lambda two: max(map(len, two))) if long else (s.label,)


def _tick(s: StudyResult) -> str:
    label = "<br>".join(map(as_figure, _lines(s)))
    return f"<b>{label}</b>" if s.study.design == StudyDesign.RCT else label


def _rows(lines: list[int]) -> tuple[list[float], float]:
    """Where labels of one or two lines stand, in rows from the first, and how many rows all of them take."""
    places, end = [], 0.0
    for n in lines:
        room = _TWO_LINES if n > 1 else 1.0
        places.append(end + (room - 1) / 2)
        end += room
    return places, end


def _hover(s: StudyResult, c: Comparison, audience: Audience) -> str:
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


def _level(arm: ArmSummary | None) -> float:
    """What one arm is drawn at; every drawn study has one."""
    value = None if arm is None else arm.risk if arm.statistic == "events" else arm.level
    return 0.0 if value is None else value


def _time_position(months: float) -> float:
    """Months on an axis that gives the first year its room."""
    return math.log1p(months / 3)
