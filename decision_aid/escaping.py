"""Text of a dataset or a person made safe to stand inside HTML or a cell of a spreadsheet."""

from __future__ import annotations

import re
from html import escape

# Marks that turn the direction of the text after them could make a number read backwards.
_REORDERING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def as_html(text: object) -> str:
    """The text with markup characters escaped and direction marks taken out."""
    return escape(_REORDERING.sub("", str(text)), quote=True)


def as_cell(value: object) -> object:
    """A cell that no spreadsheet program takes for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return "" if value is None else value
