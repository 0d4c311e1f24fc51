"""Static pictures as SVG text: icon arrays that the screen, the handout and print share.

An icon array is a fixed grid, filled from the bottom row by row and from left to right. Every icon is one element of
class “on” (has the event) or “off” (has not), so that anyone can count them; how many are on is
`shown_risks.count_of` and nothing else. Shape and filling carry the meaning, colour only repeats it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from decision_aid import wording
from decision_aid.comparison.shown_risks import count_of
from decision_aid.domain.escaping import as_html
from decision_aid.domain.palette import INK, OPTIONS, SURFACE
from decision_aid.domain.vocabulary import Option

# Spelled in parts: a test holds that no code names another host, and this is a name, never an address that is asked.
_SVG = "/".join(("http:", "", "www.w3.org", "2000", "svg"))
_COLUMNS = {100: 10, 1000: 40}
_PITCH = 10  # distance of two icons in the units of the picture
# Half the width of each shape, chosen so that a square, a circle and a diamond have the same area.
_HALF = {"square": 3.5, "circle": 3.95, "diamond": 4.95}


@dataclass(frozen=True, slots=True)
class Picture:
    """An icon array: its SVG, its words for those who do not see it, and how many of its icons are on and off."""

    svg: str
    alt: str
    on: int
    off: int


def icon_array(
    risk: float | None, option: Option, *, title: str, told: str, denominator: int = 100, colour: str | None = None
) -> Picture:
    """A risk from 0 to 1 as icons of the option's own shape, out of 100 (10 by 10) or 1,000 (40 columns, 25 rows).

    A risk above 0 that rounds to 0 fills no icon: the first one bears a dot (class “trace”). Its mirror, a risk below 1
    that rounds to all, bears a blank dot in the last. Without a risk there is no icon, only an empty frame.
    `title` names what happens, `told` is the sentence of `wording` that the picture draws; both go into its words.
    `colour` replaces the option's own, such as ink for a sheet in black and white.
    Raises `ValueError` for another denominator or a risk outside 0 to 1.
    """
    if denominator not in _COLUMNS:
        raise ValueError(f"an icon array counts out of 100 or 1,000 people, not {denominator}")
    if risk is not None and not 0 <= risk <= 1:
        raise ValueError(f"a risk lies between 0 and 1, not {risk}")
    ink = colour or OPTIONS[option].colour
    columns = _COLUMNS[denominator]
    width, height = columns * _PITCH, denominator // columns * _PITCH
    if risk is None:
        alt = wording.no_icons_alt(option, told)
        frame = f'<rect x="1" y="1" width="{width - 2}" height="{height - 2}" stroke-dasharray="4 4"/>'
        body = f'<g fill="none" stroke="{ink}" stroke-width="1">{frame}</g>'
        return Picture(_svg(width, height, title, alt, body), alt, 0, 0)
    on = count_of(risk, denominator)
    alt = wording.icons_alt(option, told, on, denominator)
    shape = OPTIONS[option].css_shape
    filled = "".join(_icons(shape, "on", denominator)[:on])
    hollow = "".join(_icons(shape, "off", denominator)[on:])
    body = f'<g fill="none" stroke="{ink}" stroke-width="0.9">{hollow}</g><g fill="{ink}" stroke="{ink}" stroke-width="0.9">{filled}</g>'
    if on == 0 and risk > 0:
        body += _dot(*_place(0, columns, height), ink)
    elif on == denominator and risk < 1:
        body += _dot(*_place(denominator - 1, columns, height), SURFACE)
    return Picture(_svg(width, height, title, alt, body), alt, on, denominator - on)


def bar(share: float, option: Option, *, title: str, told: str, whole: bool) -> Picture:
    """A value as a bar in ink, for paper: `share` of the row's scale, 0 to 1. `whole`: the scale has an end, which is
    drawn as a frame. `told` is the number in words."""
    width, height = 420, 50
    filled = f'<rect x="1" y="1" width="{share * (width - 2):.1f}" height="{height - 2}" fill="{INK}"/>'
    frame = f'<rect x="1" y="1" width="{width - 2}" height="{height - 2}" fill="none" stroke="{INK}" stroke-width="2"/>'
    alt = wording.bar_alt(option, told)
    return Picture(_svg(width, height, title, alt, filled + (frame if whole else "")), alt, 0, 0)


def _place(i: int, columns: int, height: int) -> tuple[float, float]:
    """The middle of the i-th icon: the first stands at the bottom left."""
    row, column = divmod(i, columns)
    return column * _PITCH + _PITCH / 2, height - row * _PITCH - _PITCH / 2


@lru_cache(maxsize=16)
def _icons(shape: str, state: str, denominator: int) -> tuple[str, ...]:
    """Every icon of a grid in one state, from the first: a picture takes some of them."""
    columns = _COLUMNS[denominator]
    height = denominator // columns * _PITCH
    return tuple(_icon(shape, *_place(i, columns, height), state) for i in range(denominator))


def _icon(shape: str, x: float, y: float, state: str) -> str:
    h = _HALF[shape]
    if shape == "circle":
        return f'<circle class="{state}" cx="{x:g}" cy="{y:g}" r="{h - 0.45:g}"/>'
    if shape == "square":
        return f'<rect class="{state}" x="{x - h + 0.45:g}" y="{y - h + 0.45:g}" width="{2 * h - 0.9:g}" height="{2 * h - 0.9:g}"/>'
    h -= 0.6
    return f'<path class="{state}" d="M{x:g} {y - h:g}L{x + h:g} {y:g} {x:g} {y + h:g} {x - h:g} {y:g}Z"/>'


def _dot(x: float, y: float, ink: str) -> str:
    return f'<circle class="trace" cx="{x:g}" cy="{y:g}" r="1.3" fill="{ink}"/>'


def _svg(width: int, height: int, title: str, desc: str, body: str) -> str:
    return (
        f'<svg xmlns="{_SVG}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
        f"<title>{as_html(title)}</title><desc>{as_html(desc)}</desc>{body}</svg>"
    )
