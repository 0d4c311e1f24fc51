"""The reader's filters on a question, and what they leave: a filter that leaves nothing is not “not measured”."""

from __future__ import annotations

from dataclasses import replace

from decision_aid.comparison.comparison import Comparison, compare
from decision_aid.comparison.question import Contrast, DesignFilter, Question
from decision_aid.comparison.study_results import StudyResult
from decision_aid.domain.vocabulary import StudyDesign
from decision_aid.evidence.loading import Evidence


def is_narrowed(question: Question) -> bool:
    """Whether a filter can leave studies out. The condition of people who stay without surgery is the question itself."""
    return question != unfiltered(question)


def unfiltered(question: Question) -> Question:
    """The same question without the reader's filters. What puts studies back in is no filter here."""
    design = DesignFilter.AUTO if question.design is DesignFilter.RCT else question.design
    condition = None if question.contrast is Contrast.MIS_VERSUS_OPEN else question.condition
    return replace(question, design=design, technique=None, condition=condition, years=None)


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
