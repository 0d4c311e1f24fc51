"""The handout as plain text, for tests of its words and numbers."""

from __future__ import annotations

from dataclasses import astuple

from decision_aid import wording
from decision_aid.domain.palette import OPTIONS
from decision_aid.domain.vocabulary import Option
from decision_aid.exports.handout import Handout, SheetRow
from decision_aid.wording import Cell, summary_of_findings


def plain_text(handout: Handout) -> str:
    """Every word of the sheet in reading order, a paragraph a line, each line ended as a sentence."""
    columns = [wording.ROW_COLUMN, *(OPTIONS[r].label for r in Option)]
    front = [row for row in handout.rows if row.in_front]
    behind = [row for row in handout.rows if not row.in_front]
    lines = []
    if handout.act_now:
        lines += [wording.NOT_NOW, *handout.act_now, wording.NOT_NOW_TEXT, wording.WATCH_ACTION]
    lines += [handout.title, wording.WRITE_IN, handout.about, wording.MATTERS_HEADING]
    lines += [*handout.matters] if handout.matters or handout.also_matters else [wording.NOTHING_WEIGHED]
    lines += [handout.also_matters, wording.PICTURES_HEADING, *columns]
    for row in front:
        lines += [*_values(row), *_difference(row)]
    lines += [handout.read_pictures, wording.BOLD_LINES, wording.LEANING_HEADING, handout.leaning or wording.NO_LEANING]
    lines += [handout.leaning_reason, wording.CHANGE_YOUR_MIND, wording.STEPS_HEADING]
    if handout.steps:
        lines += [*wording.STEP_COLUMNS, *(part for s in handout.steps for part in (s.what, s.who, s.by_when))]
    else:
        lines.append(wording.NO_STEPS)
    lines += [wording.WATCH_HEADING, *handout.watch]
    lines += [] if handout.act_now else [wording.WATCH_ACTION]
    lines += [wording.TELEPHONE, handout.telephone]
    lines += [wording.TABLE_HEADING, *columns]
    for row in behind:
        lines += [*_values(row), *_difference(row)]
    lines.append(handout.not_known)
    lines += [wording.TO_PUT_IN_ORDER, *handout.to_do] if handout.to_do else []
    lines.append(wording.QUESTIONS_HEADING)
    lines += [line for a in handout.asked for line in (a.question, a.answer)] or [wording.NOTHING_ASKED]
    lines += [wording.OPEN_QUESTIONS_HEADING, *handout.open_questions] if handout.open_questions else []
    lines += handout.small_print
    lines += [wording.SIGNS_LEFT_OUT] if handout.replaced else []
    lines.append(handout.sources)
    if handout.annex:
        lines += [wording.ANNEX_HEADING, *(cell for line in handout.annex for cell in astuple(line))]
        lines.append(summary_of_findings.NOTE)
    return "\n".join(line if line[-1] in ".?!:" else f"{line}." for line in lines if line)


def _values(row: SheetRow) -> list[str]:
    cells = ((row.without, ""), (row.open, row.own_open), (row.mis, row.own_mis))
    if not row.has_values:
        return [row.label, row.note]
    return [row.label, row.note, *(part for cell, own in cells for part in (_told(cell), own))]


def _difference(row: SheetRow) -> list[str]:
    return [_told(row.difference), row.certainty, row.without.more]


def _told(cell: Cell) -> str:
    return f"{cell.big}: {cell.small}" if cell.small else cell.big
