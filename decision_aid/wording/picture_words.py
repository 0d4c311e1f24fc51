"""The words over and in the place of pictures: what they show, small print, alternative text."""

from __future__ import annotations

from decision_aid.comparison.comparison import Comparison, State
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.narrowing import leaves_none
from decision_aid.comparison.question import Contrast
from decision_aid.comparison.shown_studies import nearest_told
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import OutcomeKind
from decision_aid.wording import differences, numerals
from decision_aid.wording.labels import outcome_label, window_label
from decision_aid.wording.notices import HIDDEN_BLOOD_LOSS_SHORT, hidden_blood_loss
from decision_aid.wording.one_comparison import (
    basis,
    direction_sentence,
    headline,
    other_designs_sentence,
)
from decision_aid.wording.one_study import study_values
from decision_aid.wording.phrases import at_time, capital
from decision_aid.wording.reasons import certainty_line
from decision_aid.wording.table_cells import difference_cell


def chart_description(c: Comparison, audience: Audience, denominator: int = 100) -> str:
    """Alternative text of a chart of both arms: the finding, then every study's two values."""
    if c.lead.rung is Rung.ONE_SMALL_STUDY and not c.is_told_to(audience is Audience.PATIENT):
        return headline(c, audience, denominator)
    parts = [headline(c, audience, denominator), direction_sentence(c)]
    unit = numerals.unit_name(c.outcome.unit) if c.outcome.kind != OutcomeKind.EVENT else ""
    names = (
        ("with surgery", "without")
        if c.question.contrast is not Contrast.MIS_VERSUS_OPEN
        else ("minimally invasive", "open")
    )
    for s in c.shown_studies:
        first, second = (study_values(s, c.outcome, side, audience) for side in (True, False))
        values = f"{names[0]} {first}, {names[1]} {second} {unit}"
        parts.append(f"{s.label}: {values.strip()}.")
    return " ".join(p for p in parts if p)


def time_point_text(c: Comparison, audience: Audience) -> str:
    """One window of an over-time chart in words: “1 year: 13.2 points less (15.6 to 10.9), one trial of 100 people”."""
    label = window_label(c.question.window, audience)
    if leaves_none(c):
        return f"{label}: no study left with this filter"
    cell = difference_cell(c, audience, 100)
    told = f"{label}: {cell.big}, {cell.small}" if cell.small else f"{label}: {cell.big}"
    return f"{told}; {basis(c, audience)}" if c.pooled is not None and c.lead.study is None else told


def panel_lines(c: Comparison, audience: Audience) -> list[str]:
    """The small print over a picture of both arms: what the number rests on and how sure it is; the table has the number."""
    if not c.is_told_to(audience is Audience.PATIENT):
        return [headline(c, audience)]
    lines = [f"{capital(basis(c, audience))}."]
    hollow = sum(not s.has_spread for s in c.shown_studies) if c.pooled is not None else 0
    if hollow:
        how = "put together with the others" if audience is Audience.PATIENT else "pooled"
        lines.append(f"Hollow marks: {hollow} {'study' if hollow == 1 else 'studies'} that could not be {how}.")
    if audience is Audience.PATIENT:
        return [*lines, certainty_line(c.certainty, audience)]
    lines.append(hidden_blood_loss(c.question, HIDDEN_BLOOD_LOSS_SHORT))
    return [line for line in (*lines, other_designs_sentence(c, audience)) if line]


def nothing_to_draw(c: Comparison, audience: Audience) -> str:
    """What an empty picture says instead: what is missing and what can be done."""
    label = outcome_label(c.outcome, audience).lower()
    if leaves_none(c):
        return f"With this filter no study is left that reports {label}. Clear the filter to see the others."
    if c.lead.rung is Rung.ONE_SMALL_STUDY and audience is Audience.PATIENT:
        return f"{headline(c, audience)} No picture is drawn of it."
    if c.studies:
        return (
            f"No study here prints {label} for both kinds of surgery with these filters. "
            "Open the studies in the table, or change the filter."
        )
    return f"No study in the dataset reports {label} for this choice."


def recovery_headline(approaches: tuple[Comparison, ...], without: tuple[Comparison, ...], audience: Audience) -> str:
    """What the over-time picture shows, in one sentence: the time nearest to the usual one, as in the table above it."""
    wanted = approaches[0].outcome.default_time_months or 12.0
    parts = []
    for series, name in ((without, "Surgery against none"), (approaches, "minimally invasive against open")):
        c = nearest_told(series, wanted, audience is Audience.PATIENT)
        if c:
            source = differences.source(c, audience)
            unclear = ", no clear difference" if c.state is State.NO_CLEAR_DIFFERENCE else ""
            parts.append(
                f"{name}: {differences.size(c, audience)} {at_time(c)}{f' ({source})' if source else ''}{unclear}"
            )
    if parts:
        return capital("; ".join(parts)) + "."
    return f"{outcome_label(approaches[0].outcome, audience)}: no study can give one number."
