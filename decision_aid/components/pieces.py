"""Small parts that several pages use: marks and names of the options, headings, notes, boxes, and the frame's own lines."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from markupsafe import Markup

from decision_aid.components.elements import (
    Content,
    Element,
    b,
    div,
    h1,
    h2,
    h3,
    html,
    items,
    joined,
    p,
    paragraphs,
    section,
    span,
    trusted,
    ul,
)
from decision_aid.domain.palette import EFFECTS, OPTIONS
from decision_aid.domain.vocabulary import Option

ARMS = ((Option.MIS, OPTIONS[Option.MIS].short), (Option.OPEN, OPTIONS[Option.OPEN].short))


def named_option(option: Option) -> Content:
    """The shape of an option and its name: never one without the other."""
    return [_mark(option), OPTIONS[option].label]


def _mark(drawn: str) -> Element:
    shape = EFFECTS[drawn].css_shape if drawn in EFFECTS else OPTIONS[Option(drawn)].css_shape
    return span(class_=f"mark {shape}", aria_hidden="true")


# ---- the frame of every page -----------------------------------------------------------------------------------------


def page_title(text: str, about: Iterable[str | None] = ()) -> Markup:
    parts = tuple(about)
    return div(".titled")[h1(".page")[text], context(parts) if parts else None]


@cache
def brand() -> Markup:
    """The name of the program, and with it the one script, which fills a list of sources at the moment it is opened.

    What such a list holds was escaped when it was made; the script lets nothing in that acts.
    """
    script = Path(__file__).with_name("popovers.js").read_text(encoding="utf-8")
    return html(div(".brand")["Spine Choice"], trusted(f"<script>{script}</script>"))


def foot_note(text: str) -> Markup:
    return p(".foot-note")[text]


def context(parts: Iterable[str | None]) -> Markup:
    """What the page is about, in one line: the condition first, then what is planned."""
    condition, *rest = parts
    return div(".context")[joined((b[condition], *rest), " · ")]


def footer(*texts: str) -> Markup:
    return div(".footer")[(span[text] for text in texts if text)]


def trouble(text: str, differences: Iterable[str], title: str = "Not saved") -> Markup:
    """Why something was not saved or opened, and in which parts two windows differ."""
    named = ", ".join(differences)
    differ = p["The two differ in: ", named, "."] if named else None
    return section(role="alert")[h2[title], p[text], differ]


def mishap(title: str, lines: Iterable[str]) -> Markup:
    """What stands where the program itself failed."""
    return section(".note.mishap", role="alert")[h2[title], (p[line] for line in lines)]


def filtered(text: str) -> Markup:
    """That a filter is on, over the numbers it changes; printed as well."""
    return p(".filtered", role="status")[text]


# ---- headings and lines ----------------------------------------------------------------------------------------------


def heading(text: str, under: str = "") -> Markup:
    return html(h2(".part")[text], p(".do")[under] if under else None)


def lead(first: str, then: str) -> Markup:
    """The opening of a page: one sentence that carries it, then the rest."""
    return p(".lead")[b[first], " ", then]


def small(text: str) -> Markup:
    return p(".from")[text]


def note(text: str) -> Markup:
    """What stands where a picture has nothing to show."""
    return p(".note")[text]


def on_paper(label: str, text: str) -> Markup:
    """A note in full, in the place of its field when the page is printed."""
    return p(".on-paper")[(b[label], " ") if label else None, text]


def entry(title: str, lines: Iterable[str]) -> Markup:
    """A saved consultation in a list."""
    return html(p(".item")[b[title]], (p(".do")[line] for line in lines if line))


def panel_head(title: str, lines: Iterable[str] = (), series: Iterable[tuple[str, str]] = ()) -> Markup:
    """The sentence over a picture, the small print under it, and the names of what is drawn with their marks."""
    names = [span(class_=f"name {drawn}")[_mark(drawn), name] for drawn, name in series]
    return div(".panel-head")[h2[title], paragraphs(lines), p(".names")[names] if names else None]


# ---- boxes -----------------------------------------------------------------------------------------------------------


def option_cards(cards: Iterable[tuple[Option, str]]) -> Markup:
    """Three cards of equal size and weight."""
    return div(".cards")[
        (section(class_=f"card {option}")[h3[named_option(option)], p[text]] for option, text in cards)
    ]


def two_notes(notes: Iterable[tuple[str, str]]) -> Markup:
    """Two boxes of equal size and weight, each with a heading."""
    return div(".two")[(div(".note")[h2[title], text] for title, text in notes)]


def to_know(title: str, lines: Iterable[str]) -> Markup:
    """What is to be seen before something is done, one thing a line."""
    return div(".note")[p[title], ul[items(lines)]]


def problem_list(problems: Iterable[object]) -> Markup:
    """The faults of a dataset, one a line."""
    return ul(".problems")[items(map(str, problems))]
