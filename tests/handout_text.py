"""The handout as plain text, for tests of its words and numbers."""

from __future__ import annotations

from dataclasses import astuple

from decision_aid import wording
from decision_aid.domain.palette import OPTIONS
from decision_aid.domain.vocabulary import Option
from decision_aid.exports.handout import Handout
from decision_aid.wording import summary_of_findings


def plain_text(handout: Handout) -> str:
    """Every word of the sheet in reading order, a paragraph a line, each line ended as a sentence."""
    lines = [handout.title, handout.about, wording.WRITE_IN]
    if handout.act_now:
        lines += [wording.NOT_NOW, *handout.act_now, wording.NOT_NOW_TEXT, wording.WATCH_ACTION]
    lines += [handout.decision, wording.CONDITION_HEADING, handout.condition, wording.TABLE_HEADING]
    lines += [*(OPTIONS[r].label for r in Option), wording.DIFFERENCE_COLUMN, wording.DIFFERENCE_UNDER]
    for row in handout.rows:
        lines.append(f"{row.label} {row.note}".strip())
        lines += [f"{c.big}: {c.small}" if c.small else c.big for c in (row.without, row.open, row.mis, row.difference)]
        lines += [row.certainty, row.own_open, row.own_mis]
    lines.append(wording.SURE_HEADING)
    lines += [f"{d.rows}: {d.text}" for d in handout.doubts]
    lines += [f"{OPTIONS[s.option].label}. {wording.GOOD_SIDE} {s.good}" for s in handout.sides]
    lines += [f"{OPTIONS[s.option].label}. {wording.HARD_SIDE} {s.hard}" for s in handout.sides]
    lines.append(wording.MATTERS_HEADING)
    lines += [line for m in handout.matters for line in (f"{m.label}: {m.weight}", m.text)] or [wording.NOTHING_WEIGHED]
    lines += [handout.also_matters, wording.QUESTIONS_HEADING]
    lines += [line for a in handout.asked for line in (a.question, a.answer)] or [wording.NOTHING_ASKED]
    lines += [wording.OPEN_QUESTIONS_HEADING, *handout.open_questions] if handout.open_questions else []
    lines += [wording.LEANING_HEADING, handout.leaning or wording.NO_LEANING, handout.leaning_reason]
    lines += [wording.CHANGE_YOUR_MIND, wording.CHECKLIST_HEADING]
    for group in handout.answered:
        lines += [group.heading, *group.items]
    lines += [] if handout.answered else [wording.NOTHING_ANSWERED]
    lines += [handout.not_asked]
    lines += [wording.TO_PUT_IN_ORDER, *handout.to_do] if handout.to_do else []
    lines.append(wording.STEPS_HEADING)
    lines += [part for s in handout.steps for part in (s.what, s.who, s.by_when)] or [wording.NO_STEPS]
    lines += [wording.WATCH_HEADING, wording.WATCH_LEAD, *handout.watch, wording.WATCH_ACTION, handout.watch_said]
    lines += [wording.ABOUT_HEADING, handout.for_whom, *handout.small_print, handout.people, handout.studies]
    lines += [wording.SIGNS_LEFT_OUT] if handout.replaced else []
    if handout.annex:
        lines += [wording.ANNEX_HEADING, *(cell for line in handout.annex for cell in astuple(line))]
        lines.append(summary_of_findings.NOTE)
    return "\n".join(line if line[-1] in ".?!:" else f"{line}." for line in lines if line)
