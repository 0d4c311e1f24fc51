"""The parts of the About page."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from decision_aid.components.elements import b, div, h2, html, p, section
from decision_aid.components.tables import wide
from decision_aid.evidence.text_rows import StandardRow
from decision_aid.wording.about import Section, status_label


def about(sections: Iterable[Section]) -> Markup:
    """The page about the tool: boxes of equal weight."""
    boxes = (section(".note")[h2[s.title], (p[line] for line in s.lines)] for s in sections)
    return div(".columns")[boxes]


def standards(rows: Iterable[StandardRow]) -> Markup:
    """How the tool stands to the standards for decision aids, line by line, and where it can be seen."""
    lines = [
        [
            [r.standard, ", ", r.part],
            r.statement,
            b[status_label(r.status)],
            f"{r.page.capitalize()}: “{r.shows}”" if r.page else "–",
            r.note,
        ]
        for r in rows
    ]
    table = wide("Standards", ("Standard", "Asks for", "Stands at", "Where", "Note"), lines)
    return html(h2(".part")["Held against the standards, by ourselves"], table)
