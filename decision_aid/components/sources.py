"""The studies and publications behind a number, in the browser's own popover.

It needs no waiting, Escape closes it, and the focus returns to the button. Streamlit's sanitiser keeps popovers and
drops scripts and SVG.

What a popover holds waits in an attribute, as text, and becomes elements when it is opened: those of all rows were two
thirds of the page, sanitised and laid out anew with every click, to be looked at one at a time.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from markupsafe import Markup, escape

from decision_aid import wording
from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.question import Contrast
from decision_aid.components.elements import Content, button, div, h2, h3, html, items, link, p, paragraphs, ul
from decision_aid.components.tables import listing
from decision_aid.domain.audience import Audience
from decision_aid.evidence.loading import Evidence
from decision_aid.wording import own_words


def source_button(text: str, target: str) -> Markup:
    return button(".source", type="button", popovertarget=target)[text]


def popover(target: str, title: str, *content: Content) -> Markup:
    """A popover, which `popovers.js` fills when it is opened."""
    close = button(".close", type="button", popovertarget=target, popovertargetaction="hide")["Close"]
    inside = html(close, h2[title], content)
    shown = div(
        id=target, popover=True, class_="sources", role="dialog", aria_label=title, tabindex="0", data_inside="-"
    )
    # Put in by itself: an element keeps the tags it wrote for each set of attributes, and these are long and differ.
    return Markup(str(shown[()]).replace('data-inside="-"', f'data-inside="{escape(str(inside))}"', 1))


def popover_id(key: object) -> str:
    return "s" + hashlib.sha256(repr(key).encode()).hexdigest()[:12]


@lru_cache(maxsize=512)
def comparison_sources(
    c: Comparison,
    evidence: Evidence,
    audience: Audience,
    extra: str = "",
    denominator: int = 100,
    place: str = "",
) -> tuple[str, Markup]:
    """The studies behind a comparison: the id of a popover and its HTML. `place` tells two of one table apart."""
    target = popover_id((c.question, place) if place else c.question)
    if c.own and c.own.mis:
        lines = [own_words.OWN_OVER_PUBLISHED, wording.basis(c, audience) + "."]
    else:
        lines = [
            wording.headline(c, audience, denominator),
            wording.basis(c, audience) + ".",
            wording.certainty_line(c.certainty, audience),
        ]
    if audience is Audience.CLINICIAN:
        who = wording.who_was_studied(c, evidence)
        lines += [f"Conditions studied: {who}." if who else "", wording.other_designs_sentence(c, audience)]
        lines += [wording.disagreement_sentence(c), wording.heterogeneity_sentence(c)]
    lines.append(extra)
    studies = _study_table(c, audience) if c.studies else p[wording.nothing_to_draw(c, audience)]
    reviews: Content = None
    if c.reviews and audience is Audience.CLINICIAN:
        reviews = h3["Published reviews, for comparison"], ul[published_reviews(c)]
    title = f"{wording.outcome_label(c.outcome, audience)}, {wording.window_label(c.question.window, audience)}"
    return target, popover(target, title, paragraphs(lines), studies, reviews)


def published_reviews(c: Comparison) -> list[Content]:
    """What each review found, as it printed it."""
    return items([link(r.label, r.study.link), ": ", wording.review_line(r, c.outcome)] for r in c.reviews)


def arm_names(c: Comparison) -> tuple[str, str]:
    mis = c.question.contrast is Contrast.MIS_VERSUS_OPEN
    return ("Minimally invasive", "Open") if mis else ("Surgery", "No surgery")


def effect_head(c: Comparison) -> str:
    return "Ratio (95 % CI)" if c.question.measure.on_log_scale else "Difference (95 % CI)"


def people(n: int | None) -> str:
    return "–" if n is None else f"{n:,}"


def _study_table(c: Comparison, audience: Audience) -> Markup:
    """Every study of a comparison; patients see what was found and whether it counts, clinicians the effect as well."""
    clinician = audience is Audience.CLINICIAN
    too_little = c.lead.rung is Rung.ONE_SMALL_STUDY and not clinician  # named, without its numbers
    names = arm_names(c)
    heads = ["Study", "Design", *(f"People, {name.lower()}" for name in names), *names]
    heads += [effect_head(c), "In the number?"] if clinician else ["In the number?"]
    rows = [
        [
            link(s.label, s.study.link),
            wording.design_label(s.study.design),
            people(s.first.n if s.first else None),
            people(s.second.n if s.second else None),
            *("–" if too_little else wording.study_values(s, c.outcome, first, audience) for first in (True, False)),
            *((wording.study_effect(s, c),) if clinician else ()),
            wording.study_status(s, audience),
        ]
        for s in c.studies
    ]
    return listing(heads, rows)
