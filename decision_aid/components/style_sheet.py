"""The style sheet: the rules of the CSS files, and the colours of the palette by name."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from markupsafe import Markup

from decision_aid import wording
from decision_aid.components.elements import style, trusted
from decision_aid.domain import palette

_COLOURS = {
    "ink": palette.INK,
    "quiet": palette.QUIET,
    "rule": palette.RULE,
    "link_line": palette.LINK_LINE,
    "surface": palette.SURFACE,
    "band": palette.BAND,
    "alert": palette.ALERT,
    "column": palette.COLUMN,
    "control": palette.CONTROL,
    "focus": palette.FOCUS,
    "accent": palette.ACCENT,
    "on_accent": palette.ON_ACCENT,
    **{str(option): look.colour for option, look in palette.OPTIONS.items()},
}


@cache
def style_sheet() -> Markup:
    """The look of every page."""
    rules = _rules("style.css", "narrow.css", "print.css")
    colours, dark = (
        "; ".join(f"--{name}: {colour}" for name, colour in named.items()) for named in (_COLOURS, palette.DARK)
    )
    by_night = f":root {{ {dark}; }}\n{_charts_by_night()}"
    return style[
        trusted(
            f":root {{ {colours}; }}\n@media screen and (prefers-color-scheme: dark) {{ {by_night} }}\n{rules}"
            # Behind a popover no colour is known by name in browsers before 2024; 59 is a third of full strength.
            f".sources::backdrop {{ background: {palette.INK}59; }}\n"
            f'[data-testid="stDownloadButtonError"]::after {{ content: "{wording.FILE_NOT_MADE}"; }}\n'
        )
    ]


@cache
def style_sheet_for_patients() -> Markup:
    """What is added to it for a patient, who reads beside the surgeon in larger type.

    Apart, so that a change of the audience does not let the browser read the first one anew.
    """
    return style[trusted(_rules("patient.css"))]


def _rules(*names: str) -> str:
    return "\n".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in names)


def _charts_by_night() -> str:
    """The server does not know the theme and draws for the day; Plotly writes each colour where it is used, so that a
    rule can find it there."""
    rules = []
    for name, colour in _COLOURS.items():
        if name not in palette.DARK or name in ("accent", "on_accent"):  # no chart has what is clicked
            continue
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        rules += [
            f'.js-plotly-plot [style*="{part}: rgb({red}, {green}, {blue})"] {{ {part}: var(--{name}) !important; }}'
            for part in ("fill", "stroke")
        ]
    return "\n".join(rules)
