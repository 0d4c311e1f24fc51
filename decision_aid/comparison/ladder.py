"""The best available answer to a question: which source gives the number, by fixed rungs.

1 our pool of five and more studies; 2 our pool of two to four, unless an eligible published review rests on more; 3 an
eligible published review, turned onto our scale; 4 one randomised trial, or one study of 200 people and more; 5 parts of
one study; 6 one small study: no number for patients; 7 nothing in the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from decision_aid.comparison.absolute_values import LeadingEffect
from decision_aid.comparison.published_reviews import ReviewResult
from decision_aid.comparison.study_results import StudyResult
from decision_aid.domain.vocabulary import StudyDesign
from decision_aid.meta_analysis.random_effects import PooledResult
from decision_aid.meta_analysis.synthesis import ENOUGH_FOR_REML

LARGE_STUDY_PEOPLE = 200


class Rung(StrEnum):
    """Which source leads."""

    POOL = "pool"
    FEW_STUDIES = "few_studies"
    REVIEW = "review"
    ONE_LARGE_STUDY = "one_large_study"
    PARTS_OF_ONE_STUDY = "parts_of_one_study"
    ONE_SMALL_STUDY = "one_small_study"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Lead:
    """The source of the number. `review` where a published review leads, `study` where one study or its parts do."""

    rung: Rung
    effect: LeadingEffect | None = None
    k: int = 0
    people: int | None = None
    review: ReviewResult | None = None
    study: StudyResult | None = None


def choose(
    pooled: PooledResult | None,
    ours: LeadingEffect | None,
    chosen: Sequence[StudyResult],
    studies: Sequence[StudyResult],
    review: ReviewResult | None,
    people: int | None,
) -> Lead:
    """The first rung that exists. `chosen`: the pooled studies; `review`: the best eligible one."""
    k = pooled.k if pooled else 0
    if k >= ENOUGH_FOR_REML:
        return Lead(Rung.POOL, ours, k, people)
    if k >= 2 and (review is None or (review.row.k_studies or 0) <= k):
        return Lead(Rung.FEW_STUDIES, ours, k, people)
    if review is not None:
        return Lead(Rung.REVIEW, review.turned, review.row.k_studies or 0, review.row.n_total, review)
    if k == 1:
        study = chosen[0]
        large = study.study.design == StudyDesign.RCT or (study.n_total or 0) >= LARGE_STUDY_PEOPLE
        if large:
            return Lead(Rung.ONE_LARGE_STUDY, ours, 1, people, study=study)
    in_parts = _in_parts(studies)
    if in_parts is not None:
        return Lead(Rung.PARTS_OF_ONE_STUDY, None, 1, None, study=in_parts)
    if k == 1:
        return Lead(Rung.ONE_SMALL_STUDY, ours, 1, people, study=chosen[0])
    return Lead(Rung.NONE)


def _in_parts(studies: Sequence[StudyResult]) -> StudyResult | None:
    """The study that tells of two and more parts of its people, without a caution: the one with most people, then parts."""
    found = [s for s in studies if len(s.parts) > 1 and not s.caution]
    return max(found, key=lambda s: (sum(p.people or 0 for p in s.parts), len(s.parts), s.label), default=None)
