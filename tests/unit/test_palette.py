"""The palette, by computation: contrast, colour-blind readers, grey print, one shape an option, one source for each colour.

Colour vision: the matrices for full protanopia, deuteranopia and tritanopia of Machado, Oliveira and Fernandes 2009
(IEEE Trans Vis Comput Graph 15:1291-1298, table of severity 1.0), applied to linear RGB. Distance: CIEDE2000
(Sharma 2005, Color Res Appl 30:21-30; its own test pairs are checked below).
"""

from __future__ import annotations

import colorsys
import re
import tomllib
from itertools import combinations
from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt
from pathlib import Path

import pytest

from decision_aid import components
from decision_aid.domain import palette
from decision_aid.domain.palette import OPTIONS
from decision_aid.domain.vocabulary import Option

ROOT = Path(__file__).resolve().parents[2]
STYLE = str(components.style_sheet()) + str(components.style_sheet_for_patients())
DRAWS = [
    path
    for ending in ("css", "typ", "py")
    for folder in ("decision_aid", "pages")
    for path in sorted((ROOT / folder).rglob(f"*.{ending}"))
    if path.name != "palette.py"
]
COLOUR = re.compile(r"""(?<![\w&/])#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?\b|rgba?\(\d+[ ,]\d+[ ,]\d+\b""")

TEXT = 4.5  # WCAG 2.2, 1.4.3
GRAPHICS = 3.0  # WCAG 2.2, 1.4.11
# About 2 is just noticeable between large patches; marks of a few pixels need several times as much
# (Stone, Szafir and Setlur 2014, An engineering model for color difference as a function of size).
APART = 10.0
# In grey print only lightness is left. Shape and name stand beside every mark, so a visible step is enough.
APART_IN_GREY = 5.0
HEAVIER = 25.0  # in lightness (0 to 100): no option is so much darker than another that it draws the eye first

BACKGROUNDS = (palette.SURFACE, palette.PAGE, palette.BAND, palette.ALERT, palette.COLUMN)

PLAIN = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
VISION = {
    "full colour vision": PLAIN,
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
Triple = tuple[float, float, float]
PAIRS = list(combinations(Option, 2))


def channels(colour: str) -> Triple:
    r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return r, g, b


def contrast(first: str, second: str) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    a, b = sorted((luminance(first), luminance(second)), reverse=True)
    return (a + 0.05) / (b + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of a #rrggbb colour, 0 to 1 (WCAG 2.2)."""
    r, g, b = linear(colour)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def linear(colour: str) -> Triple:
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour))
    return r, g, b


def through(matrix: tuple[Triple, ...], vector: Triple) -> Triple:
    a, b, c = (sum(m * v for m, v in zip(row, vector, strict=True)) for row in matrix)
    return a, b, c


def seen(colour: str, vision: str) -> Triple:
    """A colour as CIELAB (D65), as it is seen with a kind of colour vision."""
    r, g, b = (min(1.0, max(0.0, v)) for v in through(VISION[vision], linear(colour)))
    to_xyz = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
    scaled = (v / w for v, w in zip(through(to_xyz, (r, g, b)), (0.95047, 1.0, 1.08883), strict=True))
    x, y, z = (v ** (1 / 3) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in scaled)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(one: Triple, two: Triple) -> float:
    """CIEDE2000 between two CIELAB colours."""
    (l1, a1, b1), (l2, a2, b2) = one, two
    mean_c7 = ((hypot(a1, b1) + hypot(a2, b2)) / 2) ** 7
    g = 0.5 * (1 - sqrt(mean_c7 / (mean_c7 + 25**7)))
    c1, c2 = hypot((1 + g) * a1, b1), hypot((1 + g) * a2, b2)
    h1, h2 = degrees(atan2(b1, (1 + g) * a1)) % 360, degrees(atan2(b2, (1 + g) * a2)) % 360
    turn = h2 - h1
    if abs(turn) > 180:
        turn -= 360 if turn > 0 else -360
    dh = 2 * sqrt(c1 * c2) * sin(radians(turn / 2)) if c1 * c2 else 0.0
    h = (h1 + h2) / 2 if abs(h1 - h2) <= 180 else ((h1 + h2 + 360) / 2 if h1 + h2 < 360 else (h1 + h2 - 360) / 2)
    if c1 * c2 == 0:
        h = h1 + h2
    light, c = (l1 + l2) / 2, (c1 + c2) / 2
    t = (
        1
        - 0.17 * cos(radians(h - 30))
        + 0.24 * cos(radians(2 * h))
        + 0.32 * cos(radians(3 * h + 6))
        - 0.20 * cos(radians(4 * h - 63))
    )
    sl = 1 + 0.015 * (light - 50) ** 2 / sqrt(20 + (light - 50) ** 2)
    sc, sh = 1 + 0.045 * c, 1 + 0.015 * c * t
    rt = -2 * sqrt(c**7 / (c**7 + 25**7)) * sin(radians(60 * exp(-(((h - 275) / 25) ** 2))))
    dl, dc, dh = (l2 - l1) / sl, (c2 - c1) / sc, dh / sh
    return sqrt(dl**2 + dc**2 + dh**2 + rt * dc * dh)


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [  # Sharma 2005, table 1: pairs 1, 4, 7, 17, 25 and 34
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_distance_against_published_pairs(one: Triple, two: Triple, expected: float) -> None:
    assert distance(one, two) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize("vision", VISION)
def test_simulated_vision_leaves_grey_alone(vision: str) -> None:
    for grey in ("#000000", "#808080", "#ffffff"):
        assert distance(seen(grey, vision), seen(grey, "full colour vision")) < 0.5


def test_colour_blind_readers_are_simulated() -> None:
    """Red and green of one lightness: far apart, and close for two kinds of readers."""
    red, green = "#c0504d", "#6a8a32"
    assert distance(seen(red, "full colour vision"), seen(green, "full colour vision")) > 40
    assert distance(seen(red, "deuteranopia"), seen(green, "deuteranopia")) < 20


@pytest.mark.parametrize("option", Option)
def test_option_can_be_read_as_text_wherever_it_stands(option: Option) -> None:
    for background in (palette.SURFACE, palette.PAGE, palette.BAND):  # series names stand on the band
        assert contrast(OPTIONS[option].colour, background) >= TEXT, background


@pytest.mark.parametrize("text", [palette.INK, palette.QUIET])
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_text_can_be_read(text: str, background: str) -> None:
    assert contrast(text, background) >= TEXT


@pytest.mark.parametrize("background", [palette.SURFACE, palette.BAND])
def test_chart_line_can_be_seen(background: str) -> None:
    assert contrast(palette.LINK_LINE, background) >= GRAPHICS


def test_edge_of_a_control_can_be_seen() -> None:
    assert contrast(palette.CONTROL, palette.SURFACE) >= GRAPHICS
    assert contrast(palette.CONTROL, palette.PAGE) >= GRAPHICS


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(("one", "two"), PAIRS)
def test_options_stay_apart_in_every_kind_of_colour_vision(one: Option, two: Option, vision: str) -> None:
    assert distance(seen(OPTIONS[one].colour, vision), seen(OPTIONS[two].colour, vision)) >= APART


@pytest.mark.parametrize(("one", "two"), PAIRS)
def test_options_stay_apart_in_grey_and_weigh_much_the_same(one: Option, two: Option) -> None:
    a, b = (seen(OPTIONS[r].colour, "full colour vision")[0] for r in (one, two))
    assert APART_IN_GREY <= abs(a - b) <= HEAVIER


@pytest.mark.parametrize("option", Option)
def test_no_option_is_red_or_green(option: Option) -> None:
    hue, _, saturation = colorsys.rgb_to_hls(*channels(OPTIONS[option].colour))
    assert saturation > 0.25, "an option is not grey either"
    assert 20 <= hue * 360 <= 60 or 190 <= hue * 360 <= 300, f"hue {hue * 360:.0f}"


def test_every_option_has_a_colour_a_shape_and_a_name_of_its_own() -> None:
    assert set(OPTIONS) == set(Option)
    for attribute in ("colour", "symbol", "css_shape", "label", "short"):
        assert len({getattr(style, attribute) for style in OPTIONS.values()}) == len(Option), attribute
    for option, style in OPTIONS.items():
        assert f".mark.{style.css_shape} {{ background: var(--{option});" in STYLE


def test_links_and_the_focus_can_be_seen() -> None:
    assert all(contrast(palette.FOCUS, background) >= TEXT for background in BACKGROUNDS)


def test_style_sheet_knows_every_colour_it_names_and_names_every_colour_it_knows() -> None:
    day, night = (re.findall(r"--([\w-]+): #[0-9a-f]{6}", colours) for colours in re.findall(r":root \{(.*?)\}", STYLE))
    measures = {"dot", "rows", "columns"}  # set where a picture is drawn
    assert set(re.findall(r"var\(--([\w-]+)\)", STYLE)) - measures == set(day)
    assert set(night) <= set(day)
    assert (len(day), len(night)) == (len(set(day)), len(set(night)))


@pytest.mark.parametrize("path", DRAWS, ids=lambda p: p.name)
def test_no_file_has_colours_of_its_own(path: Path) -> None:
    """A shadow and what is not there at all are no colours: both are black, more or less of it."""
    found = COLOUR.findall(path.read_text(encoding="utf-8"))
    assert [colour for colour in found if not re.fullmatch(r"rgba?\(0[ ,]0[ ,]0\b", colour)] == []


THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]


def test_theme_takes_its_colours_from_the_palette() -> None:
    """What Streamlit draws has the colours of what we draw, by day and by night."""
    assert not {"base", "primaryColor", "textColor"} & set(THEME), "the system decides between light and dark"
    day, night = THEME["light"], THEME["dark"]
    assert (day["primaryColor"], day["linkColor"]) == (palette.ACCENT, palette.FOCUS)
    assert (day["backgroundColor"], day["secondaryBackgroundColor"]) == (palette.PAGE, palette.SURFACE)
    assert (day["textColor"], day["borderColor"]) == (palette.INK, palette.CONTROL)
    assert (night["primaryColor"], night["linkColor"]) == (palette.DARK["accent"], palette.DARK["focus"])
    assert night["secondaryBackgroundColor"] == palette.DARK["surface"]
    assert (night["textColor"], night["borderColor"]) == (palette.DARK["ink"], palette.DARK["control"])


NIGHT = palette.DARK
BY_NIGHT = (THEME["dark"]["backgroundColor"], *(NIGHT[name] for name in ("surface", "band", "column", "alert")))


@pytest.mark.parametrize("background", BY_NIGHT)
def test_text_and_options_can_be_read_by_night(background: str) -> None:
    assert all(contrast(NIGHT[text], background) >= TEXT for text in ("ink", "quiet", "focus"))
    if background != NIGHT["alert"]:  # no option stands on it
        assert all(contrast(NIGHT[option], background) >= TEXT for option in Option)


def test_controls_can_be_seen_by_night() -> None:
    for background in (THEME["dark"]["backgroundColor"], NIGHT["surface"]):
        assert contrast(NIGHT["control"], background) >= GRAPHICS
        assert contrast(NIGHT["link_line"], background) >= GRAPHICS
    assert contrast(NIGHT["on_accent"], NIGHT["accent"]) >= TEXT
    assert contrast(palette.ON_ACCENT, palette.ACCENT) >= TEXT


@pytest.mark.parametrize(("one", "two"), PAIRS)
def test_options_stay_apart_by_night(one: Option, two: Option) -> None:
    for vision in VISION:
        assert distance(seen(NIGHT[one], vision), seen(NIGHT[two], vision)) >= APART
