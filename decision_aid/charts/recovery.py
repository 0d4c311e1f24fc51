"""The course of a score over time: after surgery, without it, and both approaches where the same studies measured both.

It draws the points of a `Recovery` and computes none. A line joins neighbouring times only; across a time at which nobody
measured there is none. The times stand side by side, not to scale: the first months have as much room as the years.
"""

from __future__ import annotations

from typing import NamedTuple

from decision_aid.charts import theme
from decision_aid.charts.theme import Figure
from decision_aid.comparison.recovery import TIMES, Course, CoursePoint, Recovery, When
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_figure
from decision_aid.domain.palette import INK, LINK_LINE, OPTIONS, RULE
from decision_aid.domain.time_windows import TimeWindow
from decision_aid.domain.vocabulary import Option
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.wording import recovery_words as words

__all__ = ["Figure", "recovery_picture"]


class Style(NamedTuple):
    """How a course is drawn. `aside`: how far beside its time, so that marks of equal height both show."""

    colour: str
    symbol: str
    dash: str
    aside: float


_AFTER = Style(INK, "hexagon", "", -0.05)
_WITHOUT = Style(OPTIONS[Option.WITHOUT_SURGERY].colour, OPTIONS[Option.WITHOUT_SURGERY].symbol, "dash", 0.05)
_BAND_OPACITY = 0.12
_BESIDE = {Option.OPEN: 0.24, Option.MIS: 0.38}  # of the room of one time, to the right of the courses
_BAR = 0.06  # half the width of the range of a time that has no neighbour, likewise
_NAMED_AT = TIMES.index(TimeWindow.MONTHS_3)  # or as near to it as there is room
_CLOSE = 0.09  # of the scale: values nearer than this would write over each other


def recovery_picture(r: Recovery, audience: Audience) -> Figure:
    """Both courses with the range of the studies, and the pairs. Empty `data` where there is nothing."""
    size = theme.type_size(audience)
    courses = [(r.after_surgery, r.without_surgery, words.AFTER, _AFTER)]
    courses.append((r.without_surgery, r.after_surgery, words.WITHOUT, _WITHOUT))
    data: list[Figure] = []
    for course, _, _, style in courses:
        data += _bands(course, style)
    for course, other, name, style in courses:
        if course.points:
            data += [_line(course, style), _marks(course, other, name, style, r.outcome, audience)]
    data += _pairs(r, audience)
    last = TIMES.index(r.last)
    low, high = _ends(r.outcome)
    room = (high - low) * 0.1  # for what stands over the highest and under the lowest mark
    names = theme.ticks([(_x(when), "<br>".join(map(as_figure, words.axis_name(when)))) for when in TIMES[: last + 1]])
    return {
        "data": data,
        "layout": theme.layout(
            400 if audience is Audience.PATIENT else 358,
            (44, 16, 8, 52),
            size,
            xaxis=theme.axis(size=size, colour=INK, range=[-0.55, last + 0.5], tickangle=0, **names),
            yaxis=theme.axis(
                size=size, range=[low - room, high + room], showgrid=True, gridcolor=RULE, dtick=(high - low) / 5
            ),
            annotations=[
                theme.end_label(words.better_end(r.outcome), size, x=0.005, xanchor="left", y=1, yanchor="top"),
                *_names(r, courses, high - low, size),
            ],
        ),
    }


def _bands(course: Course, style: Style) -> list[Figure]:
    """From the lowest to the highest study, for each stretch of neighbouring times."""
    bands = []
    for run in course.runs:
        if all(p.range_low == p.range_high for p in run):
            continue
        if len(run) == 1:
            at = _x(run[0].when) + style.aside
            x = [at - _BAR, at + _BAR, at + _BAR, at - _BAR]
            y = [run[0].range_high, run[0].range_high, run[0].range_low, run[0].range_low]
        else:
            x = [_x(p.when) + style.aside for p in (*run, *reversed(run))]
            y = [*(p.range_high for p in run), *(p.range_low for p in reversed(run))]
        bands.append(theme.line(x, y, style.colour, 0, fill="toself", fillcolor=style.colour, opacity=_BAND_OPACITY))
    return bands


def _line(course: Course, style: Style) -> Figure:
    """The line of a course, with a break between its stretches."""
    x: list[float | None] = []
    y: list[float | None] = []
    for run in course.runs:
        x += [*(_x(p.when) + style.aside for p in run), None]
        y += [*(p.value for p in run), None]
    return theme.line(x, y, style.colour, 3, style.dash)


def _marks(course: Course, other: Course, name: str, style: Style, outcome: OutcomeRow, audience: Audience) -> Figure:
    return theme.markers(
        [_x(p.when) + style.aside for p in course.points],
        [p.value for p in course.points],
        style.colour,
        [theme.hollow(style.symbol, p.small) for p in course.points],
        12,
        name=name,
        mode="markers+text",
        text=[f"<b>{as_figure(words.level(p.value, outcome, audience))}</b>" for p in course.points],
        textposition=[_beside(p, other.at(p.when), name, _scale(outcome)) for p in course.points],
        textfont={"color": style.colour, "size": theme.type_size(audience)},
        hovertext=[
            "<br>".join(as_figure(line) for line in words.point_told(p, name, outcome, audience)) for p in course.points
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        cliponaxis=False,
    )


def _beside(point: CoursePoint, other: CoursePoint | None, name: str, scale: float) -> str:
    """Where its value stands: away from the other course's mark at the same time, and off the line."""
    above = name == words.WITHOUT
    if other is not None and other.value != point.value:
        above = point.value > other.value
    if point.when is None:  # lines leave to the right
        close = other is not None and abs(other.value - point.value) < _CLOSE * scale
        return ("top left" if above else "bottom left") if close else "middle left"
    return "top center" if above else "bottom center"


def _pairs(r: Recovery, audience: Audience) -> list[Figure]:
    if not r.pairs:
        return []
    x: list[float | None] = []
    y: list[float | None] = []
    for p in r.pairs:
        x += [_x(p.window) + _BESIDE[Option.OPEN], _x(p.window) + _BESIDE[Option.MIS], None]
        y += [p.open_value, p.mis_value, None]
    data = [theme.line(x, y, LINK_LINE, 2)]
    told = [as_figure(f"{words.time_name(p.window)}: {words.pair_text(p, r.outcome, audience)}") for p in r.pairs]
    for option, values in (
        (Option.OPEN, [p.open_value for p in r.pairs]),
        (Option.MIS, [p.mis_value for p in r.pairs]),
    ):
        style = OPTIONS[option]
        data.append(
            theme.markers(
                [_x(p.window) + _BESIDE[option] for p in r.pairs],
                values,
                style.colour,
                [theme.hollow(style.symbol, p.small) for p in r.pairs],
                11,
                name=style.label,
                hovertext=told,
                hovertemplate="%{hovertext}<extra></extra>",
                **({"error_y": _interval(r, style.colour)} if option is Option.MIS else {}),
            )
        )
    return data


def _interval(r: Recovery, colour: str) -> Figure:
    return {
        "type": "data",
        "symmetric": False,
        "array": [0 if p.mis_high is None else p.mis_high - p.mis_value for p in r.pairs],
        "arrayminus": [0 if p.mis_low is None else p.mis_value - p.mis_low for p in r.pairs],
        "color": colour,
        "thickness": 2,
        "width": 0,
    }


def _names(r: Recovery, courses: list[tuple[Course, Course, str, Style]], scale: float, size: int) -> list[Figure]:
    """Each course is named beside a point of its longest stretch, beyond the value, where no pair stands."""
    taken = {p.window for p in r.pairs}
    names = []
    for course, other, name, style in courses:
        if not course.points:
            continue
        run = max(course.runs, key=lambda run: sum(p.when is not None for p in run))
        free = [p for p in run if p.when is not None]
        at = min(free, key=lambda p: (p.when in taken, abs(TIMES.index(p.when) - _NAMED_AT)))
        up = 1 if _beside(at, other.at(at.when), name, scale).startswith("top") else -1
        names.append(
            {
                "x": _x(at.when) + style.aside,
                "y": at.value,
                "text": f"<b>{as_figure(name)}</b>",
                "showarrow": False,
                "yshift": up * 2.3 * size,
                "font": {"size": size, "color": style.colour},
            }
        )
    return names


def _scale(outcome: OutcomeRow) -> float:
    low, high = _ends(outcome)
    return high - low


def _ends(outcome: OutcomeRow) -> tuple[float, float]:
    return outcome.scale_min or 0.0, outcome.scale_max or 1.0


def _x(when: When) -> float:
    return float(TIMES.index(when))
