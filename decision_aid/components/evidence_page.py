"""The parts of the Evidence page: the answer, every study, the published reviews, and the summary of findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple

from markupsafe import Markup

from decision_aid import wording
from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.study_results import StudyResult
from decision_aid.components.elements import (
    Content,
    b,
    details,
    div,
    h2,
    html,
    i,
    joined,
    li,
    link,
    p,
    paragraphs,
    span,
    summary,
    ul,
)
from decision_aid.components.sources import arm_names, effect_head, people, published_reviews
from decision_aid.components.tables import wide
from decision_aid.domain.audience import Audience
from decision_aid.evidence.loading import Evidence
from decision_aid.meta_analysis.random_effects import HeterogeneityInterval
from decision_aid.meta_analysis.sensitivity import MantelHaenszel
from decision_aid.wording import numerals
from decision_aid.wording.summary_of_findings import HEADS, Finding

SECOND_ORDER = "How far the studies lie apart, and checks of the pool"


def finding(
    c: Comparison, check: MantelHaenszel | None, spread: HeterogeneityInterval | None, denominator: int = 100
) -> Markup:
    """The answer over the pictures of the evidence page: the sentence, what gives it and how sure it is; statistics of the
    second order folded."""
    lines = [
        wording.direction_of_our_studies(c),
        wording.certainty_line(c.certainty, Audience.CLINICIAN),
        wording.other_designs_sentence(c, Audience.CLINICIAN),
        wording.disagreement_sentence(c),
        wording.hidden_blood_loss(c.question),
    ]
    second = [
        wording.heterogeneity_sentence(c),
        wording.tau2_sentence(c, (spread.tau2_low, spread.tau2_high), (spread.i2_low, spread.i2_high))
        if spread
        else "",
        wording.mantel_haenszel_sentence(check) if check else "",
    ]
    folded = details[summary[SECOND_ORDER], paragraphs(second)] if any(second) else None
    answer = h2[wording.headline(c, Audience.CLINICIAN, denominator)]
    return div(".finding")[answer, p(".gives")[wording.what_gives_it(c)], p[joined(lines)], folded]


def evidence_table(c: Comparison, evidence: Evidence) -> Markup:
    """Every study of a comparison with all that a sceptical reader asks for, in the order of the forest plot."""
    heads = ("Study", "Design", "Condition", "Techniques", "People", *arm_names(c), effect_head(c))
    rows: list[list[Content]] = []
    for s in c.studies:
        described = evidence.conditions.get(s.study.condition)
        techniques = [
            wording.technique_label(t) for t in (s.study.open_technique, s.study.mis_technique) if t != "none"
        ]
        follow_up = numerals.months(s.study.follow_up_months) if s.study.follow_up_months else "–"
        rows.append(
            [
                link(s.label, s.study.link),
                wording.design_label(s.study.design),
                described.clinician_label if described else "mixed conditions",
                ", ".join(techniques) or "–",
                f"{people(s.first.n if s.first else None)} / {people(s.second.n if s.second else None)}",
                wording.study_values(s, c.outcome, True),
                wording.study_values(s, c.outcome, False),
                wording.study_effect(s, c),
                _status(s),
                follow_up,
                wording.source_rows(s),
            ]
        )
    return wide("Studies", (*heads, "In the number?", "Follow-up", "Rows"), rows)


def _status(s: StudyResult) -> Content:
    """Whether a study is in the number and why not, with its caution where that is not the reason itself."""
    told = wording.study_status(s)
    return [told, (" ", i["Caution: ", s.caution]) if s.caution and s.caution not in told else None]


def command(text: str) -> Markup:
    return p(".from")["The same from the command line: ", span(".command")[text]]


def review_list(c: Comparison) -> Markup:
    """What published reviews found, each as it printed it, beside our own result."""
    if not c.reviews:
        return p["No published review in the dataset pools it."]
    ours = li[b[f"{wording.pooled_name(c)}: {wording.pooled_effect(c, c.pooled)}"]] if c.pooled else None
    return ul(".reviews")[ours, published_reviews(c)]


def summary_table(lines: Iterable[Finding], note: str) -> Markup:
    """The summary of findings of a procedure, made to be printed."""
    return html(wide("Summary of findings", HEADS, map(astuple, lines)), p(".from")[note])
