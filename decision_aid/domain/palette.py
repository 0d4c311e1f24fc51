"""Colours, shapes and labels: one meaning each.

No option is red or green and none is heavier than another. `tests/test_palette.py` computes the contrast of every pair
that meets on a screen, and that the options stay apart for colour-blind readers and in grey print.
"""

from __future__ import annotations

from dataclasses import dataclass

from decision_aid.domain.vocabulary import Option

INK = "#1b2430"  # text
QUIET = "#4a5563"  # secondary text
RULE = "#d5dae1"  # hairlines
LINK_LINE = "#707a88"  # the line between the two arms of a study
PAGE = "#f5f6f8"
SURFACE = "#ffffff"
CLEAR = "rgba(0,0,0,0)"  # what lies under a figure shows through
BAND = "#e9edf3"  # differences too small to notice
ALERT = "#fff3d6"


@dataclass(frozen=True, slots=True)
class OptionStyle:
    label: str
    short: str
    colour: str
    symbol: str  # Plotly marker
    css_shape: str


OPTIONS: dict[Option, OptionStyle] = {
    Option.WITHOUT_SURGERY: OptionStyle("Without surgery", "without surgery", "#3f2d74", "square", "square"),
    Option.OPEN: OptionStyle("Open surgery", "open", "#a85400", "circle", "circle"),
    Option.MIS: OptionStyle("Minimally invasive", "minimally invasive", "#0a5fa5", "diamond", "diamond"),
}


@dataclass(frozen=True, slots=True)
class EffectStyle:
    """How a difference between two options is drawn: never in the colour or shape of one of them."""

    label: str
    colour: str
    symbol: str  # Plotly marker
    css_shape: str


EFFECTS: dict[str, EffectStyle] = {
    "surgery": EffectStyle("surgery against none", INK, "triangle-up", "triangle"),
    "approach": EffectStyle("minimally invasive against open", QUIET, "pentagon", "pentagon"),
}


def contrast(first: str, second: str) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    a, b = sorted((luminance(first), luminance(second)), reverse=True)
    return (a + 0.05) / (b + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of a #rrggbb colour, 0 to 1 (WCAG 2.2)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
