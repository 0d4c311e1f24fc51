"""Tables. In a narrow window their parts stand under each other, which takes their roles away: every part is named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from decision_aid.components.elements import (
    Content,
    Element,
    caption,
    details,
    div,
    p,
    span,
    summary,
    table,
    tbody,
    td,
    th,
    thead,
    tr,
)
from decision_aid.components.pieces import named_option
from decision_aid.domain.vocabulary import Option

HEAD, BODY, ROW = thead(role="rowgroup"), tbody(role="rowgroup"), tr(role="row")
ROW_HEAD, CELL = th(scope="row", role="rowheader"), td(role="cell")


def column_head(class_: str | None = None) -> Element:
    return th(scope="col", role="columnheader", class_=class_)


def options_table(
    title: str, heads: Content, rows: Content, under_heads: Content = None, class_: str = "options"
) -> Markup:
    """A table whose columns are the three options."""
    return table(class_=class_, role="table")[caption(".unseen")[title], HEAD[ROW[heads], under_heads], BODY[rows]]


def option_cell(option: Option, *content: Content) -> Markup:
    """A cell of an option: its mark and name are shown where the cell no longer stands under its heading."""
    return CELL[span(".of")[named_option(option)], content]


def listing(heads: Sequence[str], rows: Iterable[Sequence[Content]], title: str = "") -> Markup:
    """A table of text; each cell carries the name of its column for a window too narrow for columns."""
    cells = [td(role="cell", data_head=head) for head in heads]
    column = column_head()
    return table(".studies", role="table")[
        caption(".unseen")[title] if title else None,
        HEAD[ROW[(column[head] for head in heads)]],
        BODY[(ROW[[cell[text] for cell, text in zip(cells, row, strict=True)]] for row in rows)],
    ]


def wide(name: str, heads: Sequence[str], rows: Iterable[Sequence[Content]]) -> Markup:
    """A table that may be wider than the page, in a frame that the keyboard can scroll."""
    return div(".wide", tabindex="0", role="region", aria_label=name)[listing(heads, rows, name)]


def folded_table(title: str, heads: Sequence[str], rows: Iterable[Sequence[Content]], notes: str = "") -> Markup:
    """The numbers of a picture as a table, and what is to be known of it, unfolded by a click."""
    return details(".folded")[summary[title], p(".from")[notes] if notes else None, wide(title, heads, rows)]
