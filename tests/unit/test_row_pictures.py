"""The small pictures in the rows of Compare and Risks: they say what the number beside them says, on one scale a row."""

from __future__ import annotations

import re

import page_html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_aid import components
from decision_aid.charts import risks
from decision_aid.comparison.side_by_side import OptionValue, SideBySide, side_by_side
from decision_aid.components import row_pictures
from decision_aid.components.elements import div
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Option, Outcome, OutcomeKind, Procedure
from decision_aid.evidence.loading import load

DATA = load()
EACH = [(c, p) for c, row in DATA.conditions.items() for p in row.procedures]


def dots_on(node: page_html.Node) -> int:
    """How many dots are filled: rows times columns of each filled part."""
    parts = (part.attributes["style"] for part in node.all("span", "on"))
    return sum(
        int(rows) * int(columns)
        for style in parts
        for rows, columns in re.findall(r"--rows:(\d+);--columns:(\d+)", style)
    )


def width_of(node: page_html.Node) -> float:
    """The length of a bar in percent of its row's scale."""
    (found,) = re.findall(r"^width:([\d.]+)%$", node.one("span", "fill").attributes["style"])
    return float(found)


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_a_picture_says_the_number_beside_it(condition: Condition, procedure: Procedure, audience: Audience) -> None:
    tables: list[tuple[SideBySide, bool]] = [
        (side_by_side(DATA, condition, procedure), False),
        (risks.table(DATA, condition, procedure), True),
    ]
    drawn = 0
    for table, arrays in tables:
        tree = page_html.read(components.side_by_side_table(table, DATA, audience, arrays=arrays)).without("popover")
        shown = {r.attributes.get("data-outcome"): r for r in tree.one("tbody").all("tr")}
        for row in table.rows:
            values = {o: row.value(o, audience is Audience.PATIENT) for o in Option}
            if str(row.outcome.outcome) not in shown:
                continue
            cells = dict(zip(Option, shown[str(row.outcome.outcome)].all("td"), strict=False))
            scales = set()
            for option, cell in cells.items():
                for dots in cell.all("span", "dots"):
                    drawn += 1
                    assert str(option) in dots.classes
                    told = re.match(r"([\d,]+) of ([\d,]+)", cell.one("b").text)
                    assert told, cell.text
                    assert dots_on(dots) == int(told[1].replace(",", ""))
                    assert f"of{told[2].replace(',', '')}" in dots.classes
                for bar in cell.all("span", "pic"):
                    drawn += 1
                    value = values[option]
                    assert value is not None
                    assert str(option) in bar.classes
                    assert width_of(bar) <= 100
                    if value.value > 0:
                        scales.add(round(100 * value.value / max(width_of(bar), 0.01), 0))
            assert len(scales) < 2 or max(scales) - min(scales) <= 0.02 * max(scales), (row.outcome.outcome, scales)
    assert drawn > 10


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.floats(0.001, 0.999), st.floats(0.001, 0.999), st.sampled_from([100, 1000]))
def test_dots_are_as_many_as_the_risk_says(first: float, second: float, people: int) -> None:
    outcome = DATA.outcomes[Outcome.COMPLICATION_ANY]
    assert outcome.kind == OutcomeKind.EVENT
    values = {Option.OPEN: OptionValue(first, first, first), Option.MIS: OptionValue(second, second, second)}
    drawn = row_pictures.pictures(outcome, values, people, arrays=True)
    for option, value in values.items():
        tree = page_html.read(str(div[drawn[option]]))
        assert dots_on(tree.one("span", "dots")) == int(value.value * people + 0.5)


def test_of_nobody_and_of_everybody_nothing_is_drawn() -> None:
    outcome = DATA.outcomes[Outcome.COMPLICATION_ANY]
    some, none, all_ = (OptionValue(v, v, v) for v in (0.2, 0.0, 1.0))
    for certain in (none, all_):
        assert row_pictures.pictures(outcome, {Option.OPEN: some, Option.MIS: certain}, 100) == {}
        assert row_pictures.enlarged(outcome, {Option.OPEN: some, Option.MIS: certain}, 100) == {}
