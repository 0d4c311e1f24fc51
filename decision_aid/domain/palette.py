"""Colours, shapes and labels: one meaning each. No other file holds a colour, but the theme of Streamlit: a test holds it.

No option is red or green and none is heavier than another. `tests/unit/test_palette.py` computes the contrast of every pair
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
COLUMN = "#fafbfc"  # the last column of a table
CONTROL = "#6b7684"  # the edge of a control
FOCUS = "#0a4f8c"  # links, and what the keyboard is on
ACCENT = "#0a4f8c"  # everything that can be clicked and leads on
ON_ACCENT = "#ffffff"
PAPER_RULE = "#8a94a3"  # hairlines on paper


# The same by name where the system is dark.
DARK = {
    "ink": "#eef1f5",
    "quiet": "#b9c3cf",
    "rule": "#3a4452",
    "link_line": "#8a96a6",
    "surface": "#1a212b",
    "band": "#2b3541",
    "alert": "#4a3a12",
    "column": "#1d2530",
    "control": "#8a96a6",
    "focus": "#8cc4f5",
    "accent": "#1a73c2",
    "on_accent": "#ffffff",
    "without_surgery": "#d6caff",
    "open": "#f2a950",
    "mis": "#4da3f0",
}


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
