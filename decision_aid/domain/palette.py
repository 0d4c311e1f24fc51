"""Colours, shapes and labels: one meaning each.

No road is red or green and none is heavier than another. `tests/test_palette.py` computes the contrast of every pair
that meets on a screen, and that the roads stay apart for colour-blind readers and in grey print.
"""

from __future__ import annotations

from dataclasses import dataclass

from decision_aid.domain.vocabulary import Road

INK = "#1b2430"  # text
QUIET = "#4a5563"  # secondary text
RULE = "#d5dae1"  # hairlines
LINK_LINE = "#707a88"  # the line between the two arms of a study
PAGE = "#f5f6f8"
SURFACE = "#ffffff"
BAND = "#e9edf3"  # differences too small to notice
ALERT = "#fff3d6"


@dataclass(frozen=True, slots=True)
class RoadStyle:
    label: str
    short: str
    colour: str
    symbol: str  # Plotly marker
    css_shape: str


ROADS: dict[Road, RoadStyle] = {
    Road.WITHOUT_SURGERY: RoadStyle("Without surgery", "without surgery", "#3f2d74", "square", "square"),
    Road.OPEN: RoadStyle("Open surgery", "open", "#a85400", "circle", "circle"),
    Road.MIS: RoadStyle("Minimally invasive", "minimally invasive", "#0a5fa5", "diamond", "diamond"),
}


@dataclass(frozen=True, slots=True)
class EffectStyle:
    """How a difference between two roads is drawn: never in the colour or shape of one of them."""

    label: str
    colour: str
    symbol: str  # Plotly marker
    css_shape: str


EFFECTS: dict[str, EffectStyle] = {
    "surgery": EffectStyle("surgery against none", INK, "triangle-up", "triangle"),
    "approach": EffectStyle("minimally invasive against open", QUIET, "pentagon", "pentagon"),
}
