"""The parts of the pages on which a patient weighs and decides."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from decision_aid import wording
from decision_aid.components.elements import b, h2, html, li, link, ol, p, section
from decision_aid.consultation.model import Place
from decision_aid.consultation.values import Marked
from decision_aid.domain.audience import Audience
from decision_aid.evidence.text_rows import QuestionRow, SureRow


def trade_offs(of: Iterable[Marked], audience: Audience) -> Markup:
    """What the patient put in order, each with both of its sides, and what also matters. No option is named the winner."""
    every = list(of)
    ordered = [m for m in every if m.place is not Place.ALSO]
    also = [_name(m, audience) for m in every if m.place is Place.ALSO]
    listed = (li[b[_name(m, audience)], p[m.concern.explanation] if m.concern else None] for m in ordered)
    return section(".note", aria_label="Both sides", aria_live="polite")[
        h2["Both sides of it"],
        ol(".trade-offs")[listed] if ordered else p[wording.NOTHING_MARKED],
        p[b["Also: "], ", ".join(also), "."] if also else None,
        p[b[wording.NO_WINNER]],
    ]


def _name(m: Marked, audience: Audience) -> str:
    return wording.concern_label(m.concern, audience) if m.concern else m.own


def question(row: QuestionRow, audience: Audience) -> Markup:
    return p(".item")[wording.question_text(row, audience)]


def sure_item(row: SureRow, prompt: str) -> Markup:
    """An item of the SURE test in its authors' words; after a “no”, what to ask next."""
    return html(p(".item")[row.text], p(".do")[prompt] if prompt else None)


def cited(text: str, row: SureRow) -> Markup:
    return p(".from")[text, " ", link(row.source, row.link), "."]
