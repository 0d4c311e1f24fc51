"""What a row of each table of numbers must be; rows of texts stand in `text_rows.py`.

Every table of `data/` has one frozen pydantic model. The description of a field says what the column holds and
what is allowed; the same words are shown when a cell is wrong and stand in `datapackage.json`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, TypeVar

from pydantic import Field, FiniteFloat

from decision_aid.domain.vocabulary import (
    Analysis,
    Arm,
    Better,
    Condition,
    Horizon,
    Outcome,
    OutcomeKind,
    Procedure,
    ReportedComparison,
    ReportedMeasure,
    ScaleKind,
    StudyDesign,
    Timing,
    Unit,
)
from decision_aid.evidence.cells import (
    Cell,
    EvidenceRow,
    Link,
    Number,
    OptionalCount,
    OptionalLevel,
    OptionalMonths,
    OptionalNumber,
    OptionalPositive,
    OptionalSize,
    Size,
    Text,
    is_listed,
    order_faults,
    pair_faults,
)

CI_LEVEL = "level of the interval, such as 0.95; empty where there is no interval"
ANALYSIS = "one of " + ", ".join(a for a in Analysis if a) + "; empty where it does not apply or is not said"


class StudyRow(EvidenceRow):
    study_id: str = Field(pattern=r"^[a-z0-9-]+$", description="the key: small letters, digits and hyphens")
    label: Text = Field(description="the short name a reader sees; no two studies share one")
    first_author: str = Field(description="surname of the first author; empty where not shown")
    year: Annotated[int | None, Field(ge=1950, le=2100), Cell, Number] = Field(
        description="year of publication, 1950 to 2100; empty where not shown"
    )
    title: str = Field(description="title as printed, or a description of the page read")
    title_exact: Annotated[str, Field(pattern="^(yes|no)$")] = Field(
        description="yes: the printed title; no: a description"
    )
    journal: str = Field(description="journal; empty where not shown")
    doi: Annotated[str, Field(pattern=r"^(10\.\S+)?$")] = Field(description="a DOI that begins with 10., or empty")
    pmid: Annotated[str, Field(pattern=r"^\d*$")] = Field(description="a PubMed number, or empty")
    design: StudyDesign = Field(description="one of " + ", ".join(StudyDesign))
    procedure: Procedure = Field(description="one of " + ", ".join(Procedure))
    condition: Condition = Field(description="one of " + ", ".join(Condition))
    open_technique: Text = Field(description="technique of the open arm, or none")
    mis_technique: Text = Field(description="technique of the minimally invasive arm, or none")
    operation: str = Field(
        description="in studies of surgery against none, the operation that was done; empty where not named"
    )
    nonoperative_care: str = Field(
        description="in studies of surgery against none, what the others had; empty where not named"
    )
    country: str = Field(description="country or countries; empty where not shown")
    n_open: OptionalSize = Field(
        description="people analysed in the open (or surgical) arm: a whole number above 0, or empty"
    )
    n_mis: OptionalSize = Field(
        description="people analysed in the minimally invasive arm: a whole number above 0, or empty"
    )
    follow_up_months: OptionalMonths = Field(description="longest follow-up in months: a number of 0 or more, or empty")
    cohort: str = Field(description="same value: publications of the same people; empty: its own people")
    caution: str = Field(description="why the study stays out of default pools; empty: nothing known against it")
    link: Link = Field(description="a web address that begins with http, or empty")
    source_part: Text = Field(description="the part that was read: abstract, results text or a table")
    notes: str = Field(description="what a reader should know")


class ArmRow(EvidenceRow):
    study_id: Text = Field(description="a study_id of studies.csv")
    outcome: Outcome = Field(description="an outcome of outcomes.csv")
    timepoint_months: OptionalMonths = Field(description="months after surgery (0: before), or empty")
    timing: Timing = Field(description="one of " + ", ".join(Timing))
    subgroup: str = Field(description="empty: the whole study; else the subgroup")
    arm: Arm = Field(description="one of " + ", ".join(Arm))
    scale_kind: ScaleKind = Field(description="score (a level) or change (from before surgery)")
    n: OptionalSize = Field(description="people in the arm: a whole number above 0, or empty")
    mean: OptionalNumber = Field(description="a number, or empty")
    sd: OptionalPositive = Field(description="standard deviation: a number above 0, or empty")
    se: OptionalPositive = Field(description="standard error: a number above 0, or empty")
    median: OptionalNumber = Field(description="a number, or empty")
    q1: OptionalNumber = Field(description="lower quartile: a number not above the median, or empty")
    q3: OptionalNumber = Field(description="upper quartile: a number not below the median, or empty")
    min: OptionalNumber = Field(description="smallest value: a number, or empty")
    max: OptionalNumber = Field(description="largest value: a number, or empty")
    ci_low: OptionalNumber = Field(
        description="lower limit of the interval of the mean: a number not above the mean, or empty"
    )
    ci_high: OptionalNumber = Field(
        description="upper limit of the interval of the mean: a number not below the mean, or empty"
    )
    ci_level: OptionalLevel = Field(description=CI_LEVEL)
    events: OptionalCount = Field(description="people with the event: a whole number from 0 to n, or empty")
    unit: Unit = Field(description="one of " + ", ".join(u for u in Unit if u) + "; empty where not printed")
    analysis: Analysis = Field(description=ANALYSIS)
    caution: str = Field(description="why this row alone stays out of default pools, or empty")
    source_part: Text = Field(description="the part that was read")
    notes: str = Field(description="what a reader should know")

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from _timing_faults(self)
        if self.events is not None and self.n is not None and self.events > self.n:
            yield "events", f"no more than the {self.n} people in the arm"
        if self.events is not None and self.unit != Unit.EVENTS:
            yield "unit", "events, because the row counts events"
        if self.unit == Unit.EVENTS and self.events is None:
            yield "events", "a count, because the unit is events"
        if self.events is None and self.mean is None and self.median is None:
            yield "mean", "a mean, a median or a number of events (the row says nothing)"
        yield from _scale_faults(self)
        yield from order_faults(self, ("q1", "median", "q3"))
        yield from order_faults(self, ("min", "mean", "max"))
        yield from order_faults(self, ("min", "median", "max"))
        yield from order_faults(self, ("ci_low", "mean", "ci_high"))
        yield from pair_faults(self, "ci_low", "ci_high")
        yield from _level_faults(self)
        yield from pair_faults(self, "q1", "q3")


class ContrastRow(EvidenceRow):
    study_id: Text = Field(description="a study_id of studies.csv")
    outcome: Outcome = Field(description="an outcome of outcomes.csv")
    timepoint_months: OptionalMonths = Field(description="months after surgery (0: before), or empty")
    timing: Timing = Field(description="one of " + ", ".join(Timing))
    subgroup: str = Field(description="empty: the whole study; else the subgroup")
    scale_kind: ScaleKind = Field(description="score (a level) or change (from before surgery)")
    measure: ReportedMeasure = Field(description="one of " + ", ".join(ReportedMeasure))
    estimate: OptionalNumber = Field(description="a number (above 0 for a ratio), or empty")
    ci_low: OptionalNumber = Field(description="lower limit of the interval: a number not above the estimate, or empty")
    ci_high: OptionalNumber = Field(
        description="upper limit of the interval: a number not below the estimate, or empty"
    )
    ci_level: OptionalLevel = Field(description=CI_LEVEL)
    p_value: Annotated[str, Field(pattern=r"^((<|<=|>)?\s?[01]?\.?\d*(e-?\d+)?)?$")] = Field(
        description="p as printed, such as 0.03 or <0.001, or empty"
    )
    comparison: ReportedComparison = Field(description="one of " + ", ".join(ReportedComparison))
    k_studies: OptionalSize = Field(description="studies behind a review's result: a whole number above 0, or empty")
    n_total: OptionalSize = Field(description="people behind the result: a whole number above 0, or empty")
    i2_percent: Annotated[FiniteFloat | None, Field(ge=0, le=100), Cell, Number] = Field(
        description="I2 in percent, 0 to 100, or empty"
    )
    unit: Unit = Field(description="one of " + ", ".join(u for u in Unit if u) + "; empty where not printed")
    analysis: Analysis = Field(description=ANALYSIS)
    caution: str = Field(description="why this row alone stays out of default pools and may never lead, or empty")
    source_part: Text = Field(description="the part that was read")
    notes: str = Field(description="what a reader should know")

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from _timing_faults(self)
        yield from order_faults(self, ("ci_low", "estimate", "ci_high"))
        yield from _level_faults(self)
        if self.estimate is None and self.ci_low is None and self.ci_high is None:
            yield "estimate", "an estimate or an interval (the row says nothing)"
        ratio = self.measure in (ReportedMeasure.RISK_RATIO, ReportedMeasure.ODDS_RATIO, ReportedMeasure.HAZARD_RATIO)
        over = self.comparison in (ReportedComparison.MIS_OVER_OPEN, ReportedComparison.SURGERY_OVER_NONOPERATIVE)
        if ratio != over:
            yield "comparison", "an “over” comparison for a ratio and a “minus” comparison for a difference"
        for column in ("estimate", "ci_low", "ci_high"):
            value = getattr(self, column)
            if ratio and value is not None and value <= 0:
                yield column, "a number above 0, because a ratio is never 0 or less"


PrintedRow = TypeVar("PrintedRow", ArmRow, ContrastRow)  # a row of numbers of one study, of whichever kind


class ThresholdRow(EvidenceRow):
    threshold_id: str = Field(pattern=r"^[a-z0-9-]+$", description="the key: small letters, digits and hyphens")
    measure: Text = Field(description="what the value is about, such as odi or crossover_to_surgery")
    condition: Text = Field(description="the people it was found in, as printed")
    conditions: str = Field(description="our conditions, parted by |; empty where it is about none of them")
    months: OptionalMonths = Field(description="when it was seen, in months; empty where not named")
    value: Annotated[FiniteFloat, Number, Size] = Field(description="a number")
    unit: Text = Field(description="the unit of the value")
    lead: Annotated[str, Field(pattern="^(yes)?$")] = Field(
        description="yes: stands on the page at once; empty: one click away"
    )
    meaning: Text = Field(description="what the value says")
    citation: Text = Field(description="where it was read")
    doi: Annotated[str, Field(pattern=r"^(10\.\S+)?$")] = Field(description="a DOI that begins with 10., or empty")
    pmid: Annotated[str, Field(pattern=r"^\d*$")] = Field(description="a PubMed number, or empty")
    link: Annotated[str, Field(pattern=r"^https?://\S+$")] = Field(description="a web address that begins with http")

    def faults(self) -> Iterator[tuple[str, str]]:
        if self.conditions and not is_listed(self.conditions, Condition):
            yield "conditions", "conditions parted by |, or an empty cell"

    @property
    def leads(self) -> bool:
        return self.lead == "yes"

    @property
    def cited_as(self) -> str:
        """How the publication is named to a reader: what its citation begins with."""
        return self.citation.split(",")[0]

    def is_about(self, condition: Condition) -> bool:
        """Whether it was found in people with this condition."""
        return condition in self.conditions.split("|")


class OutcomeRow(EvidenceRow):
    outcome: Outcome = Field(description="the key: an outcome of the vocabulary")
    kind: OutcomeKind = Field(description="one of " + ", ".join(OutcomeKind))
    clinician_label: Text = Field(description="label for the surgeon")
    patient_label: Text = Field(description="label in plain words")
    patient_definition: Text = Field(description="one plain sentence that says what is counted")
    unit: Unit = Field(description="the one unit every value of this outcome is brought to")
    scale_min: OptionalNumber = Field(description="lowest possible score, or empty")
    scale_max: OptionalNumber = Field(description="highest possible score, or empty")
    better: Better = Field(description="lower or higher: the direction that is good")
    horizon: Horizon = Field(description="one of " + ", ".join(Horizon))
    default_time_months: OptionalMonths = Field(description="the time shown first, in months; empty unless follow_up")
    noticeable_change: OptionalPositive = Field(description="smallest change people notice, in the unit, or empty")
    noticeable_source: str = Field(description="citation of that change in thresholds.csv, or empty")
    noticeable_link: Link = Field(description="a web address that begins with http, or empty")
    label_lower: Text = Field(description="words for a difference below 0")
    label_higher: Text = Field(description="words for a difference above 0")
    sentence_lower: Text = Field(
        description="a sentence with {amount} for fewer or less, such as people lost {amount} less blood"
    )
    sentence_higher: Text = Field(description="the same for more")

    def faults(self) -> Iterator[tuple[str, str]]:
        if (self.kind == OutcomeKind.EVENT) != (self.unit == Unit.EVENTS):
            yield "unit", "events for an event outcome and no other"
        if (self.horizon == Horizon.FOLLOW_UP) != (self.default_time_months is not None):
            yield "default_time_months", "a time for a follow_up outcome and no other"
        if (self.noticeable_change is None) != (self.noticeable_source == ""):
            yield "noticeable_source", "a citation where a noticeable change is given and no other"
        for column in ("sentence_lower", "sentence_higher"):
            if getattr(self, column).count("{amount}") != 1:
                yield column, "a sentence with {amount} in it once"


class ConditionRow(EvidenceRow):
    condition: Condition = Field(description="the key: one of the conditions")
    clinician_label: Text = Field(description="label for the surgeon")
    patient_label: Text = Field(description="label in plain words")
    what_it_is: Text = Field(description="one plain paragraph on the condition")
    natural_course_note: Text = Field(description="how it can go without surgery, without numbers")
    user_need: Text = Field(description="the need this page answers, as one sentence")
    usual_procedures: Text = Field(description="procedures parted by |, the usual one first")

    def faults(self) -> Iterator[tuple[str, str]]:
        if any(p not in set(Procedure) for p in self.usual_procedures.split("|")):
            yield "usual_procedures", "ids of procedures.csv parted by |"

    @property
    def procedures(self) -> tuple[Procedure, ...]:
        return tuple(Procedure(p) for p in self.usual_procedures.split("|"))


class ProcedureRow(EvidenceRow):
    procedure: Procedure = Field(description="the key: one of the procedures")
    clinician_label: Text = Field(description="label for the surgeon")
    patient_label: Text = Field(description="label in plain words")
    what_it_is: Text = Field(description="what the operation does, in plain words")
    aim: Text = Field(description="what it is for, in plain words")
    open_name: Text = Field(description="the open form, in plain words")
    mis_name: Text = Field(description="the minimally invasive form, in plain words")
    open_clinician_name: Text = Field(description="the open form, for the surgeon")
    mis_clinician_name: Text = Field(description="the minimally invasive form, for the surgeon")


def _timing_faults(row: ArmRow | ContrastRow) -> Iterator[tuple[str, str]]:
    if (row.timing == Timing.AT_MONTHS) != (row.timepoint_months is not None):
        yield "timepoint_months", "a number of months when timing is at_months, and an empty cell otherwise"


def _level_faults(row: ArmRow | ContrastRow) -> Iterator[tuple[str, str]]:
    if (row.ci_low is None and row.ci_high is None) != (row.ci_level is None):
        yield "ci_level", "a level such as 0.95 where an interval is given, and an empty cell otherwise"


# Ends of the scales whose unit names them: a rating of 45 on a scale of 0 to 10 is one of 0 to 100 with the wrong unit.
_ENDS = {Unit.POINTS_0_10: (0, 10), Unit.POINTS_0_24: (0, 24), Unit.POINTS_0_100: (0, 100)}


def _scale_faults(row: ArmRow) -> Iterator[tuple[str, str]]:
    if row.scale_kind != ScaleKind.SCORE or row.unit not in _ENDS:
        return
    low, high = _ENDS[row.unit]
    for column in ("mean", "median", "q1", "q3", "min", "max"):
        value = getattr(row, column)
        if value is not None and not low <= value <= high:
            yield column, f"a number from {low} to {high}, because the unit is {row.unit}"
