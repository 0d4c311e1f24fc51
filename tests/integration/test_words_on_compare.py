"""Compare says little at once: the rest is one click away."""

from __future__ import annotations

import re

import page_html
import pytest
from dashboard_app import home, html, opened, ready_server  # noqa: F401 (fixtures)
from page_html import Node

from decision_aid.evidence.loading import load

MOST_WORDS = 500
USUAL = [(str(c), str(row.procedures[0])) for c, row in load().conditions.items()]
NOT_SEEN = {"unseen", "of", "sources"}  # for screen readers, for narrow windows, behind a click


def seen(part: Node | str) -> str:
    """The words that stand on the screen before anything is opened."""
    if isinstance(part, str):
        return part
    if part.tag == "style" or NOT_SEEN & set(part.classes):
        return ""
    folded = part.tag == "details"
    return " ".join(seen(p) for p in part.content if not folded or (isinstance(p, Node) and p.tag == "summary"))


@pytest.mark.parametrize("audience", ["Clinician", "Patient"])
@pytest.mark.parametrize(("condition", "procedure"), USUAL)
def test_compare_is_at_most_five_hundred_words_before_more(condition: str, procedure: str, audience: str) -> None:
    app = opened("pages/compare.py", condition=condition, procedure=procedure, audience=audience)
    later = {element.value for layer in app.get("expander") for element in layer.get("html")}
    told = " ".join(seen(page_html.read(text)) for text in html(app) if text not in later)
    words = [word for word in told.split() if re.search(r"[A-Za-z]", word)]
    assert 150 < len(words) <= MOST_WORDS
