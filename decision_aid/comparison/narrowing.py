"""The reader's filters on a question, and what they leave: a filter that leaves nothing is not “not measured”."""

from __future__ import annotations

from decision_aid.comparison.comparison import Comparison, compare
from decision_aid.comparison.question import DesignFilter, is_narrowed, unfiltered
from decision_aid.comparison.study_results import StudyResult
from decision_aid.domain.vocabulary import StudyDesign
from decision_aid.evidence.loading import Evidence


def left(c: Comparison) -> tuple[StudyResult, ...]:
    """The studies that the filters of a comparison leave. Others than trials stay listed where trials were asked for."""
    if c.question.design is not DesignFilter.RCT:
        return c.studies
    return tuple(s for s in c.studies if s.study.design == StudyDesign.RCT)


def leaves_none(c: Comparison) -> bool:
    """Whether nothing is left while a filter is on."""
    return is_narrowed(c.question) and not left(c)


def taken_away(evidence: Evidence, c: Comparison) -> int:
    """How many studies there are without the filters, where the filters leave none of them; else 0."""
    return len(compare(evidence, unfiltered(c.question)).studies) if leaves_none(c) else 0
