"""Text of a file, a dataset, a database or a person made safe for the place it goes to: HTML, Markdown, a spreadsheet."""

from __future__ import annotations

import re
from html import escape

# Marks that turn the direction of the text after them could make a number read backwards.
_REORDERING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")

# Streamlit reads the labels of widgets, the options of a radio, captions and messages as Markdown.
_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")
# Links, e-mail addresses and :names: are also looked for in text whose marks are escaped; an unseen joiner parts them.
_LOOKED_FOR = re.compile(r"([:@]|(?<=www))", re.IGNORECASE)


def as_html(text: object) -> str:
    """The text with markup characters escaped and direction marks taken out."""
    return escape(_REORDERING.sub("", str(text)), quote=True)


def as_label(text: object) -> str:
    """The text on one line for a place that Streamlit reads as Markdown; it shows as it was written and fetches nothing."""
    plain = " ".join(_REORDERING.sub("", str(text)).split())
    return _MARKUP.sub(r"\\\1", _LOOKED_FOR.sub("\\1\u2060", plain))


def as_cell(value: object) -> object:
    """A cell that no spreadsheet program takes for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return "" if value is None else value
