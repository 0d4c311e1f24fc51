"""Surgery against staying without it: which operation it was, what the others had, and how people were counted."""

from __future__ import annotations

from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.selection import is_injection, is_planned
from decision_aid.domain.vocabulary import Analysis
from decision_aid.evidence.rows import StudyRow


def studies_behind(c: Comparison) -> tuple[StudyRow, ...]:
    """The publications that give the number, or its parts."""
    if c.lead.review is not None:
        return (c.lead.review.study,)
    if c.lead.study is not None:
        return (c.lead.study.study,)
    return tuple(s.study for s in c.pooled_studies or c.shown_studies)


def operations(c: Comparison) -> tuple[str, ...]:
    """The operations that were done, as the studies name them; empty where none does."""
    return tuple(dict.fromkeys(s.operation for s in studies_behind(c) if s.operation))


def cares(c: Comparison) -> tuple[str, ...]:
    """What the people without surgery had, as the studies name it."""
    return tuple(dict.fromkeys(s.nonoperative_care for s in studies_behind(c) if s.nonoperative_care))


def is_planned_operation(c: Comparison) -> bool:
    """Whether all of the studies looked at the planned operation."""
    return all(is_planned(s, c.question.procedure) for s in studies_behind(c))


def against_an_injection(c: Comparison) -> bool:
    """Whether the people without surgery were given an injection."""
    return any(is_injection(s) for s in studies_behind(c))


def is_as_treated(c: Comparison) -> bool:
    """Whether people were counted by what they had, not by what they were assigned to."""
    if c.lead.rung is Rung.REVIEW:
        return c.lead.review is not None and c.lead.review.row.analysis is Analysis.AS_TREATED
    of = (c.lead.study,) if c.lead.study is not None else c.pooled_studies
    return bool(of) and all(s.analysis is Analysis.AS_TREATED for s in of)
