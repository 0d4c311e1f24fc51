"""Icon arrays: what is filled is what the text says, in any shape, with or without colour."""

from __future__ import annotations

import re
from itertools import product
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_aid.charts.icon_arrays import Picture, icon_array
from decision_aid.comparison.shown_risks import count_of
from decision_aid.domain.palette import INK, OPTIONS
from decision_aid.domain.vocabulary import Option
from decision_aid.wording import numerals

RISKS = (0, 0.004, 0.01, 0.5, 0.995, 0.999, 1)
DENOMINATORS = (100, 1000)
deterministic = settings(derandomize=True, database=None, deadline=None, max_examples=60)


def drawn(
    risk: float | None, option: Option = Option.OPEN, denominator: int = 100, colour: str | None = None
) -> Picture:
    told = "Not measured." if risk is None else f"{numerals.out_of(risk, denominator)} had it."
    return icon_array(risk, option, title="Any complication", told=told, denominator=denominator, colour=colour)


def elements(picture: Picture, state: str) -> list[ElementTree.Element]:
    return [e for e in ElementTree.fromstring(picture.svg).iter() if e.get("class") == state]


def middle(icon: ElementTree.Element) -> tuple[float, float]:
    """Where an icon stands: x to the right, y down."""
    if icon.get("cx"):
        return float(icon.get("cx", "")), float(icon.get("cy", ""))
    if icon.get("x"):
        side = float(icon.get("width", ""))
        return float(icon.get("x", "")) + side / 2, float(icon.get("y", "")) + side / 2
    x, top, _, y = (float(n) for n in re.findall(r"[\d.]+", icon.get("d", ""))[:4])
    assert top < y
    return x, y


@pytest.mark.parametrize(("risk", "option", "denominator"), list(product(RISKS, Option, DENOMINATORS)))
def test_as_many_icons_are_filled_as_the_text_says(risk: float, option: Option, denominator: int) -> None:
    picture = drawn(risk, option, denominator)
    on, off = elements(picture, "on"), elements(picture, "off")
    assert len(on) == picture.on == count_of(risk, denominator)
    assert len(off) == picture.off == denominator - len(on)
    said = int(re.findall(r"[\d,]+", numerals.out_of(risk, denominator))[0].replace(",", ""))
    rounded = (len(on) == 0 and risk > 0) or (len(on) == denominator and risk < 1)
    assert len(on) == said or rounded
    assert len(elements(picture, "trace")) == rounded
    assert numerals.out_of(risk, denominator) in picture.alt
    assert f"{len(on):,} filled" in picture.alt


@deterministic
@given(st.floats(0, 1), st.sampled_from(Option), st.sampled_from(DENOMINATORS))
def test_on_and_off_add_up_to_the_whole(risk: float, option: Option, denominator: int) -> None:
    picture = drawn(risk, option, denominator)
    assert picture.on == count_of(risk, denominator)
    assert picture.on + picture.off == denominator == picture.svg.count('class="o')


@pytest.mark.parametrize(("option", "denominator"), list(product(Option, DENOMINATORS)))
def test_it_is_filled_from_the_bottom_row_by_row_from_the_left(option: Option, denominator: int) -> None:
    picture = drawn(0.137, option, denominator)
    places = {middle(e): e.get("class") for e in elements(picture, "on") + elements(picture, "off")}
    assert len(places) == denominator
    columns, rows = (set(values) for values in zip(*places, strict=True))
    assert (len(columns), len(rows)) == ((10, 10) if denominator == 100 else (40, 25))
    in_order = [places[place] for place in sorted(places, key=lambda p: (-p[1], p[0]))]
    assert in_order == ["on"] * picture.on + ["off"] * picture.off


def test_a_risk_that_rounds_to_nothing_bears_a_dot_and_fills_nothing() -> None:
    small, none = drawn(0.004), drawn(0)
    assert (small.on, none.on) == (0, 0)
    assert "fewer than 1 of 100" in small.alt
    assert middle(elements(small, "trace")[0]) == min(map(middle, elements(small, "off")), key=lambda p: (-p[1], p[0]))
    assert not elements(none, "trace")


def test_each_option_has_its_shape_and_no_shape_weighs_more() -> None:
    shapes = {option: elements(drawn(0.5, option), "on")[0] for option in Option}
    assert [shape.tag.split("}")[1] for shape in shapes.values()] == ["rect", "circle", "path"]
    line = 0.9  # each shape is drawn with an outline of this width, which lies half outside it
    areas = [
        (float(shapes[Option.WITHOUT_SURGERY].get("width", "")) + line) ** 2,
        3.14159 * (float(shapes[Option.OPEN].get("r", "")) + line / 2) ** 2,
    ]
    _, top, _, y = (float(n) for n in re.findall(r"[\d.]+", shapes[Option.MIS].get("d", ""))[:4])
    areas.append(2 * (y - top + line / 2 * 2**0.5) ** 2)
    assert max(areas) / min(areas) < 1.05, areas


def test_shape_and_filling_carry_the_meaning_without_colour() -> None:
    for option in Option:
        root = ElementTree.fromstring(drawn(0.3, option).svg)
        groups = {g.find("*").get("class"): g for g in root.iter() if g.tag.endswith("}g")}  # type: ignore[union-attr]
        assert groups["off"].get("fill") == "none"
        assert groups["on"].get("fill") == groups["off"].get("stroke") == OPTIONS[option].colour
        assert set(re.findall(r"#\w{6}", drawn(0.3, option, colour=INK).svg)) == {INK}


def test_it_says_what_it_shows() -> None:
    root = ElementTree.fromstring(icon_array(0.08, Option.OPEN, title="A < B & C", told="8 of 100 had it <b>.").svg)
    words = {e.tag.split("}")[1]: e.text for e in root if e.text}
    assert words["title"] == "A < B & C"
    assert words["desc"] == "Open surgery: 8 of 100 had it <b>. Picture of 100 circles, 8 filled."
    assert root.get("role") == "img"


def test_nothing_is_drawn_where_nothing_is_known() -> None:
    picture = drawn(None)
    assert (picture.on, picture.off) == (0, 0)
    assert not elements(picture, "on") + elements(picture, "off")
    assert picture.alt == "Open surgery: Not measured. There is nothing to draw."
    sizes = {tuple(ElementTree.fromstring(p.svg).get(n) for n in ("width", "height")) for p in (picture, drawn(0.1))}
    assert len(sizes) == 1  # the three options keep the same room


@pytest.mark.parametrize(("risk", "denominator"), [(0.1, 10), (0.1, 0), (-0.1, 100), (1.1, 100), (float("nan"), 100)])
def test_what_cannot_be_counted_is_refused(risk: float, denominator: int) -> None:
    with pytest.raises(ValueError, match=r"icon array counts|lies between"):
        icon_array(risk, Option.OPEN, title="", told="", denominator=denominator)
