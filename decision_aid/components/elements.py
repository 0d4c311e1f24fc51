"""The HTML elements of the screen: whatever is put into one, as text or as attribute, it cleans and escapes.

Every text is made plain by `escaping.as_plain` first: no marks that turn its direction, no control characters, and what
runs from the right kept to itself. Only what elements, `html` or `trusted` made passes as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

import htpy
from markupsafe import Markup, escape

from decision_aid.domain.escaping import as_link, as_plain

Content: TypeAlias = "str | Element | Iterable[Content] | None"


class Element:
    """An element of HTML: in parentheses its attributes as htpy spells them, in brackets what it holds.

    htpy writes the tags, once for each set of attributes. What stands between them is put together here: its own way,
    which can send a page in pieces, takes several times as long.
    """

    __slots__ = ("_closing", "_opening", "_tags")

    def __init__(self, tags: htpy.Element) -> None:
        self._tags = tags
        self._opening, self._closing = tags.iter_chunks()

    @lru_cache(maxsize=2048)  # noqa: B019
    def __call__(self, classes: str = "", /, **attributes: str | int | bool | None) -> Element:
        cleaned = {name: as_plain(a) if isinstance(a, str) else a for name, a in attributes.items()}
        return Element(self._tags(classes, **cleaned))

    def __getitem__(self, content: Content) -> Markup:
        pieces = [self._opening]
        _add(content, pieces)
        pieces.append(self._closing)
        return Markup("".join(pieces))

    def __html__(self) -> str:
        return self._opening + self._closing


def html(*parts: Content) -> Markup:
    """The HTML of elements and texts in a row."""
    pieces: list[str] = []
    _add(parts, pieces)
    return Markup("".join(pieces))


def trusted(ours: str) -> Markup:
    """HTML or CSS that is the program's own to the last letter."""
    return Markup(ours)


def joined(parts: Iterable[Content], by: str = " ") -> list[Content]:
    """The parts that are not empty, with a text between them."""
    pieces: list[Content] = []
    for part in parts:
        if part:
            pieces += (by, part) if pieces else (part,)
    return pieces


def paragraphs(lines: Iterable[str]) -> list[Content]:
    return [p[line] for line in lines if line]


def items(texts: Iterable[Content]) -> list[Content]:
    return [li[text] for text in texts]


def link(text: str, address: str) -> Content:
    """A link that opens a window of its own; the text alone where the address is none that can be followed."""
    followed = as_link(address)
    return a(href=followed, target="_blank", rel="noopener noreferrer")[text] if followed else text


def _add(content: Content, pieces: list[str]) -> None:
    if isinstance(content, Markup):
        pieces.append(content)
    elif isinstance(content, str):
        pieces.append(escape(as_plain(content)))
    elif isinstance(content, Element):
        pieces.append(content.__html__())
    elif content is not None:
        for part in content:
            _add(part, pieces)


a = Element(htpy.a)
b = Element(htpy.b)
button = Element(htpy.button)
caption = Element(htpy.caption)
details = Element(htpy.details)
div = Element(htpy.div)
h1 = Element(htpy.h1)
h2 = Element(htpy.h2)
h3 = Element(htpy.h3)
i = Element(htpy.i)
li = Element(htpy.li)
ol = Element(htpy.ol)
p = Element(htpy.p)
section = Element(htpy.section)
span = Element(htpy.span)
style = Element(htpy.style)
summary = Element(htpy.summary)
table = Element(htpy.table)
tbody = Element(htpy.tbody)
td = Element(htpy.td)
th = Element(htpy.th)
thead = Element(htpy.thead)
tr = Element(htpy.tr)
ul = Element(htpy.ul)
