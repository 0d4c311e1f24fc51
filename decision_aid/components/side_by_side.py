"""The table of Compare: the three options side by side, the difference and how sure it is at the end of each row."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from decision_aid import wording
from decision_aid.comparison import narrowing
from decision_aid.comparison.certainty import Level
from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.shown_risks import crossovers_told
from decision_aid.comparison.side_by_side import OptionValue, OutcomeAnswer, SideBySide
from decision_aid.components.elements import Content, b, div, h3, span, td, tr
from decision_aid.components.options import published_shares
from decision_aid.components.pieces import named_option
from decision_aid.components.row_pictures import enlarged, pictures
from decision_aid.components.sources import comparison_sources, popover_id, source_button
from decision_aid.components.sources import popover as popover_of
from decision_aid.components.tables import ROW, ROW_HEAD, column_head, option_cell, options_table
from decision_aid.domain.audience import Audience
from decision_aid.domain.time_windows import TimeWindow, default_window
from decision_aid.domain.vocabulary import Option, Outcome
from decision_aid.evidence.loading import Evidence
from decision_aid.wording import Cell, filter_words

VERSUS = "Minimally invasive against open"
IN_ONE_SENTENCE = "In one sentence"


def side_by_side_table(
    table: SideBySide,
    evidence: Evidence,
    audience: Audience,
    notes: Mapping[tuple[Outcome, TimeWindow], str] | None = None,
    own: Mapping[Outcome, tuple[str, str]] | None = None,
    arrays: bool = False,
) -> Markup:
    """The three options as one table: the same rows, equal columns, the difference and how sure it is at the end.

    `notes` stand under the names of their rows, `own` (open, minimally invasive) in the cells as the clinic's results.
    """
    patient = audience is Audience.PATIENT
    procedure = evidence.procedures[table.procedure]
    under = {
        Option.WITHOUT_SURGERY: "Surgery stays possible",
        Option.OPEN: procedure.open_clinician_name,
        Option.MIS: procedure.mis_clinician_name,
    }
    if patient:
        under = dict.fromkeys(Option, "")
    heads = [
        column_head("what")[
            span(".under")[""],
            span(".unseen")["What is compared"],
        ],
        *(
            column_head(f"option {option}")[
                named_option(option), span(".under", title=under[option])[_short(under[option])]
            ]
            for option in Option
        ),
        column_head("sure")[
            IN_ONE_SENTENCE if patient else VERSUS,
            span(".under")["" if patient else "95 % interval, how sure, sources"],
        ],
    ]
    filters = filter_words.on_compare(evidence, table.condition, table.filters, audience)
    filtered = filter_words.short(filters, audience)
    on = ROW[td(".filtered", role="cell", colspan=len(heads))[filtered]] if filtered else None
    told, clinic = notes or {}, own or {}
    rows = [
        _row(
            row,
            table,
            evidence,
            audience,
            told.get((row.outcome.outcome, row.window), ""),
            clinic.get(row.outcome.outcome, ("", "")),
            arrays,
        )
        for row in table.rows
        if row.tells(patient) or narrowing.leaves_none(row.approaches)
    ]
    later = _later(table, evidence, audience)
    if later is not None:
        rows.append(later)
    unknown = [r.outcome for r in table.rows if not r.tells(patient) and not narrowing.leaves_none(r.approaches)]
    unknown += table.not_reported
    if unknown:
        rows.append(ROW[td(".unknown", role="cell", colspan=len(heads))[wording.not_known(unknown, audience)]])
    return options_table(wording.side_by_side_title(audience), heads, rows, on, class_="options pictures")


def _row(
    row: OutcomeAnswer,
    table: SideBySide,
    evidence: Evidence,
    audience: Audience,
    note: str,
    own: tuple[str, str],
    arrays: bool = False,
) -> Markup:
    c, d = row.approaches, table.denominator
    patient = audience is Audience.PATIENT
    cells = {o: wording.level_cell(c, o is Option.MIS, audience, d) for o in (Option.OPEN, Option.MIS)}
    target, popover = comparison_sources(c, evidence, audience, _extra(c, cells, audience, d), d)
    difference = wording.difference_cell(c, audience, d)
    sources = source_button(_count(c), target) if c.studies or c.reviews else None
    without, without_sources, without_popover = _without(row, table, evidence, audience)
    values = {o: row.value(o, patient) for o in Option}
    drawn = pictures(row.outcome, values, d, arrays)
    large, large_popover = _large(row, audience, d, values) if arrays else (None, None)
    taken_away = 0 if c.own else narrowing.taken_away(evidence, c)
    how: Content = [_sure(c, audience), sources]
    if taken_away:
        difference, cells = wording.none_left_cell(taken_away), dict.fromkeys(cells, Cell("–", "", c.state))
        how, drawn = None, {Option.WITHOUT_SURGERY: drawn[Option.WITHOUT_SURGERY]}
    against = span(".against")[without.in_brief, " ", without_sources] if without.in_brief else None
    return tr(role="row", data_outcome=row.outcome.outcome)[
        ROW_HEAD[
            wording.outcome_label(row.outcome, audience),
            span(".under")[wording.row_note(row, audience)],
            span(".under.speaks")[note],
        ],
        option_cell(Option.WITHOUT_SURGERY, _cell(without, drawn.get(Option.WITHOUT_SURGERY))),
        option_cell(Option.OPEN, _cell(cells[Option.OPEN], drawn.get(Option.OPEN)), _own(own[0])),
        option_cell(Option.MIS, _cell(cells[Option.MIS], drawn.get(Option.MIS)), _own(own[1])),
        td(".sure", role="cell")[
            span(".of")[VERSUS],
            _cell(difference),
            span(".how")[how],
            large,
            against,
            popover if sources and how else None,
            without_popover,
            large_popover,
        ],
    ]


def _large(
    row: OutcomeAnswer, audience: Audience, denominator: int, values: Mapping[Option, OptionValue | None]
) -> tuple[Content, Content]:
    """The button that makes the pictures of a harm large, and the popover they are in."""
    drawn = enlarged(row.outcome, values, denominator)
    if not drawn:
        return None, None
    cells = {
        Option.WITHOUT_SURGERY: wording.without_surgery_cell(row, audience, denominator),
        Option.OPEN: wording.level_cell(row.approaches, False, audience, denominator),
        Option.MIS: wording.level_cell(row.approaches, True, audience, denominator),
    }
    columns = [div[h3(".option-name")[named_option(o)], _cell(cells[o], drawn.get(o))] for o in Option]
    target = popover_id(("large", row.outcome.outcome, denominator))
    title = wording.risk_question(row, audience)
    return [" ", source_button("Enlarge", target)], popover_of(target, title, div(".large")[columns])


def _sure(c: Comparison, audience: Audience) -> Content:
    """How far to trust the difference: four dots and the words."""
    if c.own is not None and c.own.mis is not None:
        return None
    if c.lead.rung is Rung.REVIEW:  # that a review gives the number says its button
        return None if audience is Audience.PATIENT else [wording.NOT_GRADED, " · "]
    if c.certainty is None:
        return None
    level = int(c.certainty.level)
    dots = span(".sure-dots", aria_hidden="true")["●" * level + "○" * (len(Level) - level)]
    return [dots, " ", wording.certainty_word(c.certainty, audience), " · "]


def _count(c: Comparison) -> str:
    """How many studies the difference rests on, as the button that opens them says it."""
    if c.lead.rung is Rung.REVIEW:
        return f"review of {c.lead.k} studies" if c.lead.k else "published review"
    if c.lead.rung is Rung.NONE:
        return "see why"
    n = c.lead.k
    one, many = ("trial", "trials") if c.randomised_only else ("study", "studies")
    return f"{n} {one if n == 1 else many}"


def _without(
    row: OutcomeAnswer, table: SideBySide, evidence: Evidence, audience: Audience
) -> tuple[Cell, Content, Content]:
    """The cell of staying without surgery, the button of its sources, and their popover."""
    taken_away = narrowing.taken_away(evidence, row.without) if row.without else 0
    if taken_away:
        return wording.none_left_cell(taken_away), None, None
    cell = wording.without_surgery_cell(row, audience, table.denominator)
    if row.without is None or not cell.more:
        return cell, None, None
    extra = f"{cell.more} {wording.counted_otherwise(row, audience, table.denominator)}".strip()
    place = "" if row.window is default_window(row.outcome) else row.window.id  # an outcome may stand at two times
    target, popover = comparison_sources(row.without, evidence, audience, extra, table.denominator, place)
    return cell, source_button(_count(row.without), target), popover


def _later(table: SideBySide, evidence: Evidence, audience: Audience) -> Markup | None:
    """The row of those who began without surgery and chose it later: a first operation, never beside re-operations."""
    told = crossovers_told(table.later)
    if not told:
        return None
    title = wording.CHOSE_LATER
    target, popover = published_shares(title, [x.row for x in table.later], evidence, audience, table.denominator)
    n = len(table.later)
    button = source_button(f"{n} {'source' if n == 1 else 'sources'}", target)
    cell = _cell(wording.chose_later_cell(told, audience, table.denominator))
    already = _cell(Cell("–", wording.HAD_IT_ALREADY))
    return tr(role="row", data_outcome="chose_surgery_later")[
        ROW_HEAD[title, span(".under")[wording.CHOSE_LATER_NOTE]],
        option_cell(Option.WITHOUT_SURGERY, (cell, span(".how")[button])),
        option_cell(Option.OPEN, already),
        option_cell(Option.MIS, already),
        td(".sure", role="cell")[span(".of")[VERSUS], _cell(Cell("–", wording.NOTHING_TO_COMPARE)), popover],
    ]


def _own(line: str) -> Content:
    return span(".own")[line] if line else None


def _cell(cell: Cell, picture: Content = None) -> Markup:
    """The number or word, its picture, then the small print."""
    small = (" ", span(".small")[cell.small]) if cell.small else None
    return span(class_=f"state {cell.state}")[b[cell.big], picture, small]


def _extra(c: Comparison, cells: Mapping[Option, Cell], audience: Audience, denominator: int) -> str:
    """What stands behind the numbers of a row: the second layer of its cells, what is not counted, the sum of a risk."""
    names = {Option.OPEN: "Open", Option.MIS: "Minimally invasive"}
    lines = [f"{names[o]}: {cell.behind}." for o, cell in cells.items() if cell.behind]
    lines.append(wording.hidden_blood_loss(c.question))
    if c.absolute_risk is not None and audience is Audience.CLINICIAN:
        lines.append(wording.absolute_risk_arithmetic(c, denominator))
    return " ".join(line for line in lines if line)


def _short(text: str, limit: int = 46) -> str:
    """The first words of a long name; it does not end in “or”, nor inside a bracket."""
    if len(text) <= limit:
        return text
    start = text[:limit].rsplit(" ", 1)[0]
    if start.count("(") > start.count(")"):
        start = start[: start.rindex("(")].rstrip()
    return start.removesuffix(" or").rstrip(",;") + " …"
