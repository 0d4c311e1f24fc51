"""What is asked of the evidence: one outcome in one time window, two options, with the reader's filters."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any

from decision_aid.domain.time_windows import TimeWindow, default_window
from decision_aid.domain.vocabulary import Arm, Condition, Outcome, OutcomeKind, Procedure, ReportedComparison
from decision_aid.evidence.loading import Evidence
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
    AUTO = "auto"  # randomised trials alone when at least three can be pooled, otherwise all comparative studies
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


def ask(evidence: Evidence, procedure: Procedure, outcome: Outcome, **filters: Any) -> Question:
    """A question with the usual window and measure of an outcome, unless given."""
    definition = evidence.outcomes[outcome]
    filters.setdefault("window", default_window(definition))
    usual = Measure.RISK_RATIO if definition.kind == OutcomeKind.EVENT else Measure.MEAN_DIFFERENCE
    filters["measure"] = filters.get("measure") or usual
    return Question(procedure=procedure, outcome=outcome, **filters)
