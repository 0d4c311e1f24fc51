"""The parts of the pages on which a patient weighs and decides."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from decision_aid import wording
from decision_aid.components.elements import b, h2, html, li, link, p, section, span, ul
from decision_aid.consultation.values import Marked
from decision_aid.domain.audience import Audience
from decision_aid.evidence.text_rows import ConcernRow, QuestionRow, SureRow


def concern(row: ConcernRow, audience: Audience, earlier: str = "") -> Markup:
    """One concern, with how it was marked before where the patient weighs anew."""
    before = (" ", span(".weight")["before: ", earlier.lower()]) if earlier else None
    return p(".item")[wording.concern_label(row, audience), before]


def trade_offs(of: Iterable[Marked], audience: Audience) -> Markup:
    """The concerns that were marked, what matters most first, each with both of its sides. No option is named the winner."""
    marked = [
        li[
            b[wording.concern_label(m.concern, audience) if m.concern else m.own],
            " ",
            span(".weight")[wording.IMPORTANCE[m.importance].lower()],
            p[m.concern.explanation] if m.concern else None,
        ]
        for m in of
    ]
    return section(".note", aria_label="Both sides", aria_live="polite")[
        h2["Both sides of it"],
        ul(".trade-offs")[marked] if marked else p[wording.NOTHING_MARKED],
        p[b[wording.NO_WINNER]],
    ]


def question(row: QuestionRow, audience: Audience) -> Markup:
    return p(".item")[wording.question_text(row, audience)]


def sure_item(row: SureRow, prompt: str) -> Markup:
    """An item of the SURE test in its authors' words; after a “no”, what to ask next."""
    return html(p(".item")[row.text], p(".do")[prompt] if prompt else None)


def cited(text: str, row: SureRow) -> Markup:
    return p(".from")[text, " ", link(row.source, row.link), ". ", row.notes]
