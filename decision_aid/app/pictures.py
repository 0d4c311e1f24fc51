"""A figure on the page, with the text that says what it shows."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from decision_aid.charts.theme import CONFIG, Figure


def draw(figure: Figure, alt: str, key: str) -> None:
    """Draw a figure. `alt` says the same to those who do not see it; `key` tells it from the others of its page."""
    st.plotly_chart(_as_it_is()(figure), theme=None, config=CONFIG, alt=alt, key=key)


@cache
def _as_it_is() -> Any:
    """A kind of figure that Plotly takes as it is.

    Of a plain one it makes an object of its own, property by property, to see whether each is one it knows, and adds a
    look that is not ours: a third of the time of a page. That every figure is one Plotly knows is for the tests to say.
    """
    from plotly.basedatatypes import BaseFigure  # not before the first picture: it takes long to import

    class AsItIs(BaseFigure):  # type: ignore[misc]
        def __init__(self, figure: Figure) -> None:
            self._figure = figure

        def to_dict(self) -> Figure:
            return self._figure

    return AsItIs
