"""The table of Own results: one row an outcome, this clinic and the published values on one scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from decision_aid import wording
from decision_aid.audit.beside_published import Beside, Side
from decision_aid.audit.shown_results import OPTION_OF, own_range
from decision_aid.charts.theme import round_ticks
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.own_rates import OwnRates
from decision_aid.comparison.side_by_side import OutcomeAnswer
from decision_aid.components.elements import Content, b, p, span, td, tr
from decision_aid.components.pieces import named_option
from decision_aid.components.row_pictures import RowScale
from decision_aid.components.sources import comparison_sources, source_button
from decision_aid.components.tables import ROW_HEAD, column_head, option_cell, options_table
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Horizon, Option, Outcome, OutcomeKind
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.wording import Cell, numerals, own_results_words
from decision_aid.wording.phrases import capital

WHY_NONE = "Why there is no published number"
_CUT = 2.0  # a limit further out than so many times the largest number is cut, and marked as going on


def own_results_table(
    rows: Iterable[tuple[OutcomeAnswer, Beside]],
    evidence: Evidence,
    denominator: int,
    entered: Mapping[Outcome, OwnRates],
) -> Markup:
    """Own open and minimally invasive results with the published ones under them, and how complete they are.

    `entered`: counts typed on Risks, which stand in the place of the log's on the other pages.
    """
    heads = [
        column_head("what")[span(".unseen")["What is compared"]],
        *(column_head(f"option {option}")[named_option(option)] for option in (Option.OPEN, Option.MIS)),
        column_head("sure")["How complete, and what is published"],
    ]
    told = [_row(row, beside, evidence, denominator, entered.get(row.outcome.outcome)) for row, beside in rows]
    return options_table(own_results_words.BESIDE, heads, told, class_="options pictures own-results")


def row_scale(beside: Beside, outcome: OutcomeRow, denominator: int) -> RowScale | None:
    """From 0 to a round number for everything in the row; a score's own scale. None where no number is known.

    In the outcome's unit; of events a risk from 0 to 1.
    """
    if outcome.scale_max is not None:
        return RowScale(outcome.scale_max)
    sides = (beside.open, beside.mis)
    found = [r for s in sides if (r := own_range(s)) is not None]
    published = [s.published for s in sides if s.published is not None]
    ends = [high for *_, high in found] + [v.high for v in published]
    values = [middle for _, middle, _ in found if middle is not None] + [v.value for v in published]
    if not ends or max(ends) <= 0:
        return None
    most = min(max(ends), _CUT * max(values)) if values and max(values) > 0 else max(ends)
    if outcome.kind == OutcomeKind.EVENT:
        return RowScale(min(round_ticks(most * denominator)[-1] / denominator, 1.0))
    return RowScale(round_ticks(most)[-1])


def _row(row: OutcomeAnswer, beside: Beside, evidence: Evidence, denominator: int, entered: OwnRates | None) -> Markup:
    c, outcome = row.approaches, row.outcome
    scale = row_scale(beside, outcome, denominator)
    target, popover = comparison_sources(c, evidence, Audience.CLINICIAN, "", denominator, "own")
    behind = WHY_NONE if c.lead.rung is Rung.NONE else capital(wording.basis(c, Audience.CLINICIAN))
    sources = source_button(behind, target)
    small = [own_results_words.state_sentence(s.state, s.recorded) for s in (beside.open, beside.mis) if s.recorded]
    small += [own_results_words.entered_sentence(entered)] if entered else []
    when = "" if outcome.horizon == Horizon.PERIOPERATIVE else wording.window_label(row.window, Audience.CLINICIAN)
    return tr(role="row", data_outcome=outcome.outcome)[
        ROW_HEAD[
            wording.outcome_label(outcome, Audience.CLINICIAN),
            span(".under")[when],
            span(".under")[_scale_in_words(scale, outcome, denominator)],
        ],
        (
            option_cell(OPTION_OF[side.approach], _side(side, row, scale, denominator))
            for side in (beside.open, beside.mis)
        ),
        td(".sure", role="cell")[
            p[own_results_words.on_record(beside)], (p[line] for line in small if line), p[sources], popover
        ],
    ]


def _side(side: Side, row: OutcomeAnswer, scale: RowScale | None, denominator: int) -> Content:
    """Own number and bar, and under them the published ones."""
    option, outcome = OPTION_OF[side.approach], row.outcome
    published = wording.level_cell(row.approaches, option is Option.MIS, Audience.CLINICIAN, denominator)
    return [
        _told(own_results_words.own_cell(side, outcome, denominator)),
        _bar(option, own_range(side), scale),
        span(".published")["Published: ", b[published.big], (" ", published.small) if published.small else None],
        _bar(option, _published(side, outcome), scale, "published"),
    ]


def _published(side: Side, outcome: OutcomeRow) -> tuple[float, float | None, float] | None:
    """The published number with its limits; of a risk of nobody or everybody the limits alone."""
    theirs = side.published
    if theirs is None:
        return None
    promise = outcome.kind == OutcomeKind.EVENT and theirs.value in (0, 1)
    return theirs.low, None if promise else theirs.value, theirs.high


def _told(cell: Cell) -> Markup:
    return span(class_=f"state {cell.state}")[b[cell.big], (" ", span(".small")[cell.small]) if cell.small else None]


def _bar(
    option: Option, values: tuple[float, float | None, float] | None, scale: RowScale | None, kind: str = ""
) -> Content:
    """A bar up to the number with its limits as a thin line; the line alone where nobody, or everybody, had an event."""
    if values is None or scale is None:
        return None
    low, middle, high = values
    fill = span(".fill", style=f"width:{scale.percent(middle):.2f}%") if middle is not None else None
    start, end = scale.percent(low), scale.percent(high)
    cut = " cut" if high > scale.end else ""
    limits = span(class_=f"limits{cut}", style=f"left:{start:.2f}%;width:{end - start:.2f}%") if low < high else None
    return span(class_=f"pic {option} {kind}".rstrip(), aria_hidden="true")[fill, limits]


def _scale_in_words(scale: RowScale | None, outcome: OutcomeRow, denominator: int) -> str:
    if scale is None:
        return ""
    if outcome.kind == OutcomeKind.EVENT:
        return f"bars: 0 to {numerals.plain(scale.end * denominator, 0)} of {denominator:,}"
    places = 0 if scale.end == int(scale.end) else 1
    return f"bars: 0 to {numerals.plain(scale.end, places)} {numerals.unit_name(outcome.unit)}".rstrip()
