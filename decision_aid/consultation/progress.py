"""How far a consultation has come: which of its steps are done. Nothing is demanded; a step left out stays open."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from decision_aid.consultation.checklist import Checklist
from decision_aid.consultation.model import Consultation
from decision_aid.domain.vocabulary import Part


class Step(StrEnum):
    """The steps of a consultation, in their order; each is a page."""

    START = "start"
    CHECKLIST = "indications"
    COMPARE = "compare"
    RISKS = "risks"
    MATTERS = "matters"
    DECIDE = "decision"
    TAKE_HOME = "take_home"


def is_done(step: Step, consultation: Consultation, asked: Checklist, seen: Collection[Step]) -> bool:
    """Whether a step needs no more: its answers were given, or, where it only shows something, it was looked at.

    `asked`: the checklist of the condition; its red flags and criteria on the short path have to be answered.
    """
    match step:
        case Step.START:
            return consultation.condition is not None
        case Step.CHECKLIST:
            wanted = [i for i in asked.core().items if i.row.part in (Part.RED_FLAG, Part.CRITERION)]
            return bool(wanted) and all(i.id in consultation.answers for i in wanted)
        case Step.COMPARE | Step.RISKS:
            return step in seen
        case Step.MATTERS:
            return bool(consultation.matters) or any(c.place for c in consultation.own_concerns)
        case Step.DECIDE:
            return consultation.leaning is not None
        case Step.TAKE_HOME:
            return step in seen and any(s.what.strip() for s in consultation.next_steps)
