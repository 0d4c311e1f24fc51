"""A small reader of HTML for the tests: what a browser would make of a piece of markup, without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

INSIDE = "data-inside"  # what a popover holds, until it is opened
VOID = {"br", "hr", "img", "input", "link", "meta", "wbr"}


@dataclass(eq=False)
class Node:
    """An element: its tag, attributes (a bare one is "") and what it holds, in order."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    parts: list[Node | str] = field(default_factory=list)

    @property
    def content(self) -> list[Node | str]:
        """What a popover holds waits in an attribute: here it stands where it will stand once the popover is opened."""
        if waits := self.attributes.pop(INSIDE, ""):
            assert not self.parts
            self.parts = read(waits).content
        return self.parts

    def __iter__(self) -> Iterator[Node]:
        """Every element inside, depth first."""
        for part in self.content:
            if isinstance(part, Node):
                yield part
                yield from part

    @property
    def text(self) -> str:
        """All text inside, with single spaces; elements are parted by spaces."""
        return " ".join(" ".join(p if isinstance(p, str) else p.text for p in self.content).split())

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())

    def all(self, tag: str, class_: str = "") -> list[Node]:
        return [n for n in self if n.tag == tag and (not class_ or class_ in n.classes)]

    def one(self, tag: str, class_: str = "") -> Node:
        (found,) = self.all(tag, class_)
        return found

    def without(self, attribute: str) -> Node:
        """A copy without the elements that carry an attribute, such as popover: what stands on the page itself."""
        kept = [
            part if isinstance(part, str) else part.without(attribute)
            for part in self.content
            if isinstance(part, str) or attribute not in part.attributes
        ]
        return Node(self.tag, self.attributes, kept)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("root")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].content.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].content.append(data)


# Markup as careful programs write it: every value in double quotes, no script, no style, no sign that is left open.
# It can be read in one way only, and quicker than by the parser, which takes all there is.
_NAME = r"[a-zA-Z_:][\w:.-]*"
_PLAIN = re.compile(rf'<(/?)(?!script|style)([a-z][a-z0-9-]*)((?: {_NAME}(?:="[^"]*")?)*)(/?)>|([^<]+)')
_ATTRIBUTE = re.compile(rf' ({_NAME})(?:="([^"]*)")?')


def _read_plain(markup: str) -> Node | None:
    """The tree of plain markup; None where it is not plain to the end, or an element is not closed where it must be."""
    root = Node("root")
    inside, content, end = [root], root.content, 0
    for token in _PLAIN.finditer(markup):
        if token.start() != end:
            return None
        end = token.end()
        closing, tag, attributes, closed, text = token.groups()
        if text is not None:
            content.append(unescape(text) if "&" in text else text)
        elif closing:
            if inside.pop().tag != tag or not inside:
                return None
            content = inside[-1].content
        elif closed and tag in VOID:
            return None
        else:
            node = Node(tag)
            if attributes:
                node.attributes = {n.lower(): unescape(v) if "&" in v else v for n, v in _ATTRIBUTE.findall(attributes)}
            content.append(node)
            if not closed and tag not in VOID:
                inside.append(node)
                content = node.content
    return root if end == len(markup) and len(inside) == 1 else None


def read(markup: str) -> Node:
    """The tree of a piece of markup. Fails where an element is closed in the wrong order or left open."""
    text = str(markup)  # a text of its own: what is marked as safe would escape what is added to it
    if (root := _read_plain(text)) is not None:
        return root
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == [reader.root], f"<{reader.open[-1].tag}> is left open"
    return reader.root
