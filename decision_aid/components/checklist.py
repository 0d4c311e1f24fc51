"""The checklist of the Indications page: its items, what has been found so far, and what cannot wait."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from markupsafe import Markup

from decision_aid import wording
from decision_aid.components.elements import Content, b, h2, h3, html, items, link, p, paragraphs, section, span, ul
from decision_aid.components.sources import popover, popover_id, source_button
from decision_aid.consultation.checklist import Findings, Item
from decision_aid.consultation.model import Answer
from decision_aid.domain.audience import Audience


def checklist_heading(number: int, text: str) -> Markup:
    return h2(".part")[f"{number} · ", text]


def checklist_item(item: Item, audience: Audience, given: Answer | None = None, *, from_start: bool = False) -> Markup:
    """One item: its question, and for the surgeon its source, what to do, and the other side where sources disagree.

    Why something is to be done is told where the answer is yes: what a source found concerns nobody else.
    """
    row, text, source = item.row, wording.item_text(item, audience), wording.item_source(item)
    mark = span(".from-start")[wording.ANSWERED_ON_START] if from_start else None
    if audience is Audience.PATIENT:  # what is to be done concerns only those who say yes: it stands among the findings
        return p(".item")[text, mark]
    target = popover_id(f"item {row.item_id}")
    lines = [
        f"If yes: {row.action}" if row.action else "",
        row.action_reason if given is Answer.YES else "",
        f"How the source was read: {wording.reading_grade(item)}.",
    ]
    content: list[Content] = [
        *paragraphs(lines),
        p["Source: ", link(source, row.link), ", checked ", str(row.date_checked), "."],
    ]
    if row.other_side:
        other = p["Source: ", link(row.other_source, row.other_link), "."]
        content += [h3["The other side"], p[row.other_side], other]
    if row.payers_ask:
        content += [h3[wording.WHAT_PAYERS_ASK_FOR], p[row.payers_ask], p[f"Source: {row.payer_source}."]]
    button = source_button("both sides" if row.other_side else "source", target)
    own = [p(".from")[source]] if item.clinic_source else []
    return html(p(".item")[text, " ", button, mark], own, popover(target, text, content))


def act_now(found: Iterable[Item], audience: Audience) -> Markup:
    """The banner over everything when a red flag is answered with yes: what to do now. It hides nothing."""
    told: list[Content] = [
        p[b[_ended(wording.item_statement(f, Answer.YES, audience))], " ", f.row.action]
        if audience is Audience.CLINICIAN
        else p[b[wording.item_statement(f, Answer.YES, audience)]]
        for f in found
    ]
    if audience is Audience.PATIENT:
        told.append(p["This cannot wait for a planned operation. Your surgeon will tell you now what happens next."])
    return section(".act-now", role="alert")[h2["Act now"], told, p[wording.NUMBERS_WAIT]]


def cannot_wait(found: Collection[Item], audience: Audience) -> Markup:
    """The place of the banner on the checklist itself; until a red flag is found, it says that none was."""
    if found:
        return act_now(found, audience)
    return section(".note.act-now-here", role="status")[p[wording.NOTHING_URGENT.to(audience)]]


def findings_panel(found: Findings, answers: Mapping[str, Answer], audience: Audience) -> Markup:
    """What has been looked at so far, as statements in lists beside the questions. It counts towards nothing."""
    groups = (
        ("Met", found.met),
        ("Not met", found.not_met),
        ("Not known", found.not_known),
        ("The approach fits", found.fits),
        ("Limits of the approach", found.limits),
        ("To put in order", found.to_do),
        (wording.WHAT_PAYERS_ASK_FOR, found.payers),
    )
    lists = [
        (h3[title], ul[items(wording.item_finding(f, answers[f.id], audience) for f in group)])
        for title, group in groups
        if group
    ]
    left = len(found.not_answered)
    still_open = f"Not answered yet: {left}." if left else "Everything here is answered."
    return section(".note.findings", aria_label="So far", aria_live="polite")[
        h2["So far"], p[still_open], lists, p[b[wording.NO_SCORE]]
    ]


def _ended(sentence: str) -> str:
    return sentence if sentence[-1:] in ".!?)" else f"{sentence}."
