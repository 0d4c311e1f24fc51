"""The course of a score over time: after surgery, without it, and both approaches where the same studies measured both.

It draws the points of a `Recovery` and computes none. A line joins neighbouring times only; across a time at which nobody
measured there is none. The times stand side by side, not to scale: the first months have as much room as the years.
"""

from __future__ import annotations

from decision_aid.charts import theme
from decision_aid.charts.theme import CONFIG, Figure
from decision_aid.comparison.recovery import TIMES, Course, CoursePoint, Recovery, When
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_figure
from decision_aid.domain.palette import INK, LINK_LINE, OPTIONS, QUIET, RULE, SURFACE
from decision_aid.domain.vocabulary import Option
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.wording import recovery_words as words

__all__ = ["CONFIG", "Figure", "recovery_picture"]

_AFTER = (INK, "hexagon", "")
_WITHOUT = (OPTIONS[Option.WITHOUT_SURGERY].colour, OPTIONS[Option.WITHOUT_SURGERY].symbol, "dash")
_BAND_OPACITY = 0.12
_BESIDE = {Option.OPEN: 0.2, Option.MIS: 0.34}  # of the room of one time, to the right of the courses
_BAR = 0.06  # half the width of the range of a time that has no neighbour, likewise
_CLOSE = 0.09  # of the scale: values nearer than this would write over each other


def recovery_picture(r: Recovery, audience: Audience) -> Figure:
    """Both courses with the range of the studies, and the pairs. Empty `data` where there is nothing."""
    size = theme.type_size(audience)
    courses = [(r.after_surgery, r.without_surgery, words.AFTER, _AFTER)]
    courses.append((r.without_surgery, r.after_surgery, words.WITHOUT, _WITHOUT))
    data: list[Figure] = []
    for course, _, _, (colour, _, _) in courses:
        data += _bands(course, colour)
    for course, other, name, style in courses:
        if course.points:
            data += [_line(course, style), _marks(course, other, name, style, r.outcome, audience)]
    data += _pairs(r, audience)
    last = TIMES.index(r.last)
    low, high = _ends(r.outcome)
    pad = (high - low) * 0.06
    names = theme.ticks([(_x(when), words.time_name(when)) for when in TIMES[: last + 1]])
    return {
        "data": data,
        "layout": theme.layout(
            380 if audience is Audience.PATIENT else 340,
            (44, 138 if audience is Audience.PATIENT else 112, 8, 34),
            size,
            xaxis=theme.axis(size=size, colour=INK, range=[-0.4, last + 0.45], tickangle=0, **names),
            yaxis=theme.axis(
                size=size, range=[low - pad, high + pad], showgrid=True, gridcolor=RULE, dtick=(high - low) / 5
            ),
            annotations=[_better(r.outcome, size), *_names(courses, high - low, size)],
        ),
    }


def _bands(course: Course, colour: str) -> list[Figure]:
    """From the lowest to the highest study, for each stretch of neighbouring times."""
    bands = []
    for run in course.runs:
        if all(p.range_low == p.range_high for p in run):
            continue
        if len(run) == 1:
            at = _x(run[0].when)
            x = [at - _BAR, at + _BAR, at + _BAR, at - _BAR]
            y = [run[0].range_high, run[0].range_high, run[0].range_low, run[0].range_low]
        else:
            x = [_x(p.when) for p in (*run, *reversed(run))]
            y = [*(p.range_high for p in run), *(p.range_low for p in reversed(run))]
        bands.append(
            theme.line(x, y, colour, 0, fill="toself", fillcolor=colour, opacity=_BAND_OPACITY, hoveron="points")
        )
    return bands


def _line(course: Course, style: tuple[str, str, str]) -> Figure:
    """The line of a course, with a break between its stretches."""
    x: list[float | None] = []
    y: list[float | None] = []
    for run in course.runs:
        x += [*(_x(p.when) for p in run), None]
        y += [*(p.value for p in run), None]
    colour, _, dash = style
    return theme.line(x, y, colour, 3, dash)


def _marks(
    course: Course, other: Course, name: str, style: tuple[str, str, str], outcome: OutcomeRow, audience: Audience
) -> Figure:
    colour, symbol, _ = style
    return theme.markers(
        [_x(p.when) for p in course.points],
        [p.value for p in course.points],
        colour,
        [theme.hollow(symbol, p.small) for p in course.points],
        12,
        name=name,
        mode="markers+text",
        text=[f"<b>{as_figure(words.level(p.value, outcome, audience))}</b>" for p in course.points],
        textposition=[_beside(p, other.at(p.when), name) for p in course.points],
        textfont={"color": colour, "size": theme.type_size(audience)},
        hovertext=[
            "<br>".join(as_figure(line) for line in words.point_told(p, name, outcome, audience)) for p in course.points
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        cliponaxis=False,
    )


def _beside(point: CoursePoint, other: CoursePoint | None, name: str) -> str:
    """On which side its value stands: away from the other course's mark at the same time."""
    above = other is None or point.value > other.value or (point.value == other.value and name == words.WITHOUT)
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


def _names(courses: list[tuple[Course, Course, str, tuple[str, str, str]]], scale: float, size: int) -> list[Figure]:
    """Each course is named at its end."""
    names = []
    for course, other, name, (colour, _, _) in courses:
        if not course.points:
            continue
        end = course.points[-1]
        beside = other.points[-1] if other.points else None
        shift = 0
        if beside is not None and abs(beside.value - end.value) < _CLOSE * scale and beside.when is end.when:
            shift = 11 if _beside(end, beside, name) == "top center" else -11
        names.append(
            {
                "x": _x(end.when),
                "y": end.value,
                "text": f"<b>{as_figure(name)}</b>",
                "showarrow": False,
                "xanchor": "left",
                "xshift": 12,
                "yshift": shift,
                "font": {"size": size, "color": colour},
                "bgcolor": SURFACE,
                "borderpad": 1,
            }
        )
    return names


def _better(outcome: OutcomeRow, size: int) -> Figure:
    at = {"y": 0, "yanchor": "bottom"} if outcome.better == "lower" else {"y": 1, "yanchor": "top"}
    return theme.end_label(words.better_end(outcome), size, x=0.005, xanchor="left", **at) | {
        "font": {"size": size, "color": QUIET}
    }


def _ends(outcome: OutcomeRow) -> tuple[float, float]:
    return outcome.scale_min or 0.0, outcome.scale_max or 1.0


def _x(when: When) -> float:
    return float(TIMES.index(when))
