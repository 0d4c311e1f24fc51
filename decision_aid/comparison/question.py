"""What is asked of the evidence: one outcome in one time window, two options, with the reader's filters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import Any

from decision_aid.domain.time_windows import TimeWindow, default_window
from decision_aid.domain.vocabulary import Arm, Condition, Outcome, OutcomeKind, Procedure, ReportedComparison, Unit
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.meta_analysis.effects import Measure


class Contrast(Enum):
    """Which two options stand against each other: first minus (or over) second."""

    MIS_VERSUS_OPEN = (Arm.MIS, Arm.OPEN)
    SURGERY_VERSUS_NONOPERATIVE = (Arm.SURGERY, Arm.NONOPERATIVE)

    @property
    def first(self) -> Arm:
        return self.value[0]

    @property
    def second(self) -> Arm:
        return self.value[1]

    @property
    def reported(self) -> frozenset[ReportedComparison]:
        if self is Contrast.MIS_VERSUS_OPEN:
            return frozenset({ReportedComparison.MIS_MINUS_OPEN, ReportedComparison.MIS_OVER_OPEN})
        return frozenset({ReportedComparison.SURGERY_MINUS_NONOPERATIVE, ReportedComparison.SURGERY_OVER_NONOPERATIVE})


class DesignFilter(StrEnum):
    AUTO = "auto"  # randomised trials alone when at least five can be pooled, otherwise all comparative studies
    RCT = "rct"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: one outcome in one time window, with the reader's filters."""

    procedure: Procedure
    outcome: Outcome
    window: TimeWindow
    measure: Measure
    contrast: Contrast = Contrast.MIS_VERSUS_OPEN
    design: DesignFilter = DesignFilter.AUTO
    technique: str | None = None
    condition: Condition | None = None
    include_cautions: bool = False
    years: tuple[int, int] | None = None  # first and last year of publication; a study without a year is left out then
    planned_only: bool = False  # of surgery against none: studies of the planned operation alone
    as_treated: bool | None = None  # and those that counted people by what they had (True) or were assigned to (False)


_SCORES = (Unit.POINTS_0_10, Unit.POINTS_0_24, Unit.POINTS_0_100, Unit.INDEX)


def main_measure(definition: OutcomeRow) -> Measure:
    """What an outcome is compared by.

    Quantities that grow with the habits of a hospital (ml, days, minutes, cm, mg): the ratio of means (Friedrich 2008,
    BMC Med Res Methodol 8:32). Scores: the difference of means. Events: the risk ratio.
    """
    if definition.kind == OutcomeKind.EVENT:
        return Measure.RISK_RATIO
    return Measure.MEAN_DIFFERENCE if definition.unit in _SCORES else Measure.RATIO_OF_MEANS


def ask(evidence: Evidence, procedure: Procedure, outcome: Outcome, **filters: Any) -> Question:
    """A question with the usual window and measure of an outcome, unless given."""
    definition = evidence.outcomes[outcome]
    filters.setdefault("window", default_window(definition))
    filters["measure"] = filters.get("measure") or main_measure(definition)
    return Question(procedure=procedure, outcome=outcome, **filters)


def is_narrowed(question: Question) -> bool:
    """Whether a filter can leave studies out. The condition of people who stay without surgery is the question itself."""
    of_people = question.contrast is Contrast.MIS_VERSUS_OPEN and question.condition is not None
    of_studies = question.technique is not None or question.years is not None
    return of_people or of_studies or question.design is DesignFilter.RCT


def unfiltered(question: Question) -> Question:
    """The same question without the reader's filters. What puts studies back in is no filter here."""
    if not is_narrowed(question):
        return question
    design = DesignFilter.AUTO if question.design is DesignFilter.RCT else question.design
    condition = None if question.contrast is Contrast.MIS_VERSUS_OPEN else question.condition
    return replace(question, design=design, technique=None, condition=condition, years=None)
