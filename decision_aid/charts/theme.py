"""What every figure has in common: type, ground, axes, and how it answers to a pointer.

Figures are plain Plotly dictionaries: that keeps Plotly's import off the way to the first page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_figure
from decision_aid.domain.palette import CLEAR, INK, QUIET, RULE, SURFACE

Figure = dict[str, Any]
CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False}
_FONT = "'Atkinson Hyperlegible', system-ui, sans-serif"
_SIZE = 13  # pixels, of type that clinicians read
_SIZES = {Audience.CLINICIAN: _SIZE, Audience.PATIENT: 16}


def type_size(audience: Audience = Audience.CLINICIAN) -> int:
    """The size of type in px."""
    return _SIZES[audience]


def layout(height: int, margin: tuple[int, int, int, int], size: int = _SIZE, **rest: Any) -> Figure:
    """No ground of its own, no legend, no dragging. `height` and `margin` (left, right, top, bottom) in px.

    A margin is fixed: fitting it to the labels would draw every picture twice.
    """
    return {
        "height": height,
        "margin": dict(zip("lrtb", margin, strict=True)),
        "font": {"family": _FONT, "size": size, "color": INK},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "autotypenumbers": "strict",  # the name of a study may look like a number
        "hoverlabel": {
            "bgcolor": SURFACE,
            "bordercolor": RULE,
            "align": "left",
            "font": {"family": _FONT, "size": _SIZE, "color": INK},
        },
        **rest,
    }


def axis(title: str = "", size: int = _SIZE, colour: str = QUIET, **rest: Any) -> Figure:
    """An axis without a grid that nobody can drag, its labels never cut off. `rest` adds to it or replaces."""
    named = {"title": {"text": title, "font": {"size": size}, "standoff": 15}} if title else {}
    return {
        "showgrid": False,
        "fixedrange": True,
        "zeroline": False,
        "zerolinewidth": 2,
        "ticklabeloverflow": "allow",
        "tickfont": {"size": size, "color": colour},
        **named,
        **rest,
    }


def ticks(named: list[tuple[float, str]]) -> Figure:
    """The named places of an axis, as its `tickvals` and `ticktext`."""
    return {"tickmode": "array", "tickvals": [at for at, _ in named], "ticktext": [name for _, name in named]}


def round_ticks(most: float) -> list[float]:
    """From 0 to the first round number that is not below `most`, in at most six steps of 1, 2 or 5 of a decade."""
    if most <= 0:
        return [0.0, 1.0]
    decade = 10.0 ** math.floor(math.log10(most / 6))
    step = next(decade * part for part in (1, 2, 5, 10) if most <= 6 * decade * part)
    return [round(step * i, 10) for i in range(math.ceil(round(most / step, 10)) + 1)]


def from_nought(title: str, most: float) -> Figure:
    """An axis from 0 to a little over a round number, with round ticks."""
    places = round_ticks(most)
    return axis(title, colour=INK, range=[0, places[-1] * 1.05], **ticks([(v, f"{v:,.10g}") for v in places]))


def markers(
    x: list[Any],
    y: list[Any],
    colour: str,
    symbol: str | list[str],
    size: float | list[int],
    edge: Figure | None = None,
    **rest: Any,
) -> Figure:
    """Points of one colour, edged in it. An open symbol takes its outline from the colour and is hollow on any ground."""
    mark = {"color": colour, "size": size, "symbol": symbol, "line": edge or {"width": 2, "color": colour}}
    mark["opacity"] = 1  # marks of several sizes would be drawn pale
    return {"type": "scatter", "x": x, "y": y, "mode": "markers", "marker": mark, **rest}


def line(x: list[Any], y: list[Any], colour: str, width: int, dash: str = "", **rest: Any) -> Figure:
    """A line that answers to no pointer, unless `rest` says how."""
    style = {"color": colour, "width": width} | ({"dash": dash} if dash else {})
    quiet = {} if "hovertemplate" in rest else {"hoverinfo": "skip"}
    return {"type": "scatter", "x": x, "y": y, "mode": "lines", "line": style, **quiet, **rest}


def end_label(text: str, size: int, **place: Any) -> Figure:
    """What an end of an axis means, set where `place` says, in shares of the picture."""
    font = {"size": size, "color": QUIET}
    return {"xref": "paper", "yref": "paper", "text": as_figure(text), "showarrow": False, "font": font, **place}


def hollow(symbol: str, is_hollow: bool) -> str:
    """The mark of a result that is not in the number, or has no interval: the same one, open."""
    return f"{symbol}-open" if is_hollow else symbol


LONGEST = 60  # letters of a label or of the words of a line
_LETTER = 0.5  # of the type's size, the width of a letter of a bold name


def room_for(texts: Iterable[str], size: int = _SIZE) -> int:
    """The width in px that the longest text takes, with a gap: no label is cut off."""
    return round(16 + size * _LETTER * min(LONGEST, max(map(len, texts), default=0)))


def shortened(text: str, most: int) -> str:
    """A text of at most so many letters and an ellipsis."""
    return text if len(text) <= most else text[: most - 2].rstrip(" …") + "…"
