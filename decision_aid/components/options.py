"""What the options mean to live through, what a difference means, the course without surgery, and who operates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from decision_aid import wording
from decision_aid.comparison import natural_course
from decision_aid.components.elements import (
    Content,
    b,
    div,
    h2,
    h3,
    items,
    li,
    link,
    p,
    section,
    span,
    ul,
)
from decision_aid.components.pieces import named_option
from decision_aid.components.sources import popover, popover_id, source_button
from decision_aid.components.tables import ROW, ROW_HEAD, column_head, option_cell, options_table
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Aspect, Condition, Option, Procedure
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import ThresholdRow

ASPECT_LABELS = {
    Aspect.WHAT_HAPPENS: "What happens",
    Aspect.ANAESTHETIC: "Anaesthetic",
    Aspect.INCISION: "The cut",
    Aspect.HOSPITAL_STAY: "In hospital",
    Aspect.FIRST_DAYS: "The first days",
    Aspect.WORK_AND_DRIVING: "Work and driving",
    Aspect.HELP_AT_HOME: "Help at home",
    Aspect.WHAT_CAN_GO_WRONG: "What can go wrong",
    Aspect.GOOD_SIDES: "Good sides",
    Aspect.HARD_SIDES: "Hard sides",
}


def living_with_it(evidence: Evidence, procedure: Procedure, aspects: Iterable[Aspect]) -> Markup:
    """What living through each choice is like: three columns, the same aspects in the same order."""
    heads = [
        column_head("what")[span(".unseen")["Aspect"]],
        *(column_head(f"option {option}")[named_option(option)] for option in Option),
    ]
    rows = [
        ROW[ROW_HEAD[ASPECT_LABELS[aspect]], (option_cell(o, evidence.options[procedure, o][aspect]) for o in Option)]
        for aspect in aspects
    ]
    return options_table("What each choice is like", heads, rows, class_="options text")


def who_operates(evidence: Evidence, audience: Audience) -> Markup:
    """Why the surgeon matters more than the label; for clinicians with the published numbers and their sources."""
    numbers: Content = None
    if audience is Audience.CLINICIAN:
        numbers = div(".two")[
            (
                div[h3[title], ul(".reviews")[_learning_lines(evidence, measure)]]
                for title, measure in (
                    ("Learning curve", "learning_curve"),
                    ("How often a surgeon does it", "surgeon_volume"),
                )
            )
        ]
    return section(".note")[h2["Who operates matters"], p[wording.WHAT_MIS_IS_NOT], numbers]


def _learning_lines(evidence: Evidence, measure: str) -> list[Content]:
    return items(
        [wording.learning_line(r), " ", span(".from")[link(r.citation, r.link)]]
        for r in evidence.thresholds
        if r.measure == measure
    )


def without_surgery_panel(
    evidence: Evidence, condition: Condition, audience: Audience, denominator: int = 100
) -> Markup:
    """Staying without surgery: who had it later after all, and how it went; out of as many people as the rest of the page."""
    lists = {
        "Had surgery later after all": [c.row for c in natural_course.crossovers(evidence, condition)],
        "How it went": natural_course.without_surgery(evidence, condition),
    }
    return section(".note")[
        h2["Staying without surgery"],
        p[evidence.conditions[condition].natural_course_note],
        div(".two")[
            (
                div[h3[title], _leading_shares(title, rows, evidence, audience, denominator)]
                for title, rows in lists.items()
            )
        ],
    ]


def _leading_shares(
    title: str, rows: Sequence[ThresholdRow], evidence: Evidence, audience: Audience, denominator: int
) -> Content:
    """The rows that lead, and the others one click away; all of them where none leads."""
    if not rows:
        return p["No study in the dataset reports it."]
    leading = [r for r in rows if r.leads] or rows
    others = [r for r in rows if r not in leading]
    if not others:
        return share_bars(leading, evidence, audience, denominator)
    count = f"{len(others)} more published numbers" if len(others) > 1 else "1 more published number"
    target, others_told = published_shares(title, others, evidence, audience, denominator)
    return share_bars(leading, evidence, audience, denominator), source_button(count, target), others_told


def published_shares(
    title: str, rows: Sequence[ThresholdRow], evidence: Evidence, audience: Audience, denominator: int
) -> tuple[str, Markup]:
    """Published shares with their sources, one click away: the id of a popover and its HTML."""
    target = popover_id((title, [r.threshold_id for r in rows]))
    return target, popover(target, title, share_bars(rows, evidence, audience, denominator))


def share_bars(rows: Iterable[ThresholdRow], evidence: Evidence, audience: Audience, denominator: int) -> Markup:
    """Published shares as bars out of `denominator` people, each with its number, its words and its source; times as text."""
    shares = []
    for row in rows:
        number, words = wording.share_line(row, audience, evidence, denominator)
        bar = (
            span(".bar", aria_hidden="true")[span(style=f"width:{min(row.value, 100):g}%")]
            if row.unit == "percent"
            else span(".nobar", aria_hidden="true")
        )
        source = span(".from")[link(row.citation, row.link)]
        shares.append(li[bar, span(".share")[b[number], " ", words, " ", source]])
    return ul(".shares")[shares]
