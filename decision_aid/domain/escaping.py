"""Text of a file, a dataset, a database or a person made safe for the place it goes to.

Each place has a function of its own: HTML, what Streamlit reads as Markdown, what it shows as it is, a Plotly figure,
a spreadsheet. All but the last take out marks that turn the direction of text, show control characters as “�”, and
keep what runs from the right to itself, so that no number beside it changes its place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from html import escape
from typing import Any

from decision_aid.domain import from_the_right

# Marks that turn the direction of the text after them could make a number read backwards.
_REORDERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Halves of a pair cannot be sent to a browser at all: they come from file names in another encoding.
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")

# Streamlit reads the labels of widgets, the options of a radio, captions and messages as Markdown.
_MARKUP = re.compile(r"([\\`*~\[\]<>&$]|(?<![^\W_])_|_(?![^\W_])|^[#+=-])")
_NUMBERED = re.compile(r"^(\d+)([.)])")
# Links, e-mail addresses, :names: and arrows are also looked for where marks are escaped; an unseen joiner parts them.
_LOOKED_FOR = re.compile(r"(?<=:)(?=[\w/+-])|(?<=@)(?=\w)|(?<=www)(?=\.)|(?<=[<>~-])(?=[=>-])", re.IGNORECASE)
_JOINER = "\u2060"
# Of Streamlit's choices, those whose options are read as Markdown; a list that opens shows its options as they are.
_MARKDOWN_OPTIONS = ("radio", "segmented_control", "pills")


def as_html(text: object) -> str:
    """The text with markup characters escaped, for between two tags or inside a quoted attribute."""
    return escape(as_plain(text), quote=True)


def as_label(text: object) -> str:
    """The text on one line for a place that Streamlit reads as Markdown; it shows as it was written and fetches nothing."""
    plain = as_plain(" ".join(str(text).split()))
    shown = _NUMBERED.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", _LOOKED_FOR.sub(_JOINER, plain)))
    # A message takes a pictogram it begins with for its icon.
    return f"{_JOINER}{shown}" if shown and unicodedata.category(shown[0]) == "So" else shown


def as_plain(text: object) -> str:
    """The text for a place that shows it as it is: options of a list that opens, hints in a field, alternative texts."""
    plain = str(text)
    if plain.isascii() and plain.isprintable():  # most texts, and nothing to do
        return plain
    return from_the_right.isolated(_NOT_TEXT.sub("\ufffd", _REORDERING.sub("", plain)))


def as_option(widget: Callable[..., object], told: Callable[[Any], object] = str) -> Callable[[Any], str]:
    """How a choice words its options: `told` gives the text, escaped as this widget of Streamlit reads it."""
    escaped = as_label if getattr(widget, "__name__", "") in _MARKDOWN_OPTIONS else as_plain
    return lambda option: escaped(told(option))


def as_figure(text: object) -> str:
    """The text for a Plotly figure, which reads tags in titles, ticks and hover texts but knows few names of signs."""
    return escape(as_plain(" ".join(str(text).split())), quote=False)


def as_link(address: object) -> str:
    """The address for an href; empty unless it is a plain web address, so that nothing else can be followed."""
    text = str(address)
    plain = re.fullmatch(r"https?://[^\s\\\x00-\x20\x7f-\x9f\"<>]+", text) and not _REORDERING.search(text)
    return text if plain else ""


def as_cell(value: object) -> object:
    """A cell that no spreadsheet program takes for a formula."""
    # Wide signs are taken for plain ones where East Asian text is typed.
    if isinstance(value, str) and (value[:1] in ("\t", "\r") or value.lstrip()[:1] in tuple("=+-@＝＋－＠")):
        return f"'{value}"
    return "" if value is None else value
