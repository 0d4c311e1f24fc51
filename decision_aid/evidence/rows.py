"""What a row of each table must be.

Every table of `data/` has one frozen pydantic model here. The description of a field says what the column holds and
what is allowed; the same words are shown when a cell is wrong and stand in `datapackage.json`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat
from pydantic_core import PydanticCustomError

from decision_aid.domain.vocabulary import (
    About,
    Arm,
    Aspect,
    Better,
    Condition,
    Horizon,
    Option,
    Outcome,
    OutcomeKind,
    Part,
    Procedure,
    QuestionAbout,
    ReportedComparison,
    ReportedMeasure,
    ScaleKind,
    StandardStatus,
    StudyDesign,
    Timing,
    Unit,
    YesMeans,
)


def _empty_is_none(cell: Any) -> Any:
    return None if cell == "" else cell


TOO_LARGE = "too_large"
# Beyond anything a study measures; keeps a slip such as 1e200 from overflowing where values are squared.
LARGEST_NUMBER = 1_000_000_000


def _digits_only(cell: Any) -> Any:
    """Numbers as a file holds them: no spaces, underscores or thousands marks that a parser would swallow."""
    if isinstance(cell, str) and (cell != cell.strip() or "_" in cell or "," in cell):
        raise ValueError("not a plain number")
    return cell


def _of_a_size_to_reckon_with(number: float | None) -> float | None:
    if number is not None and abs(number) > LARGEST_NUMBER:
        raise PydanticCustomError(TOO_LARGE, "too large")
    return number


_Cell = BeforeValidator(_empty_is_none)
_Number = BeforeValidator(_digits_only)
_Size = AfterValidator(_of_a_size_to_reckon_with)
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
OptionalNumber = Annotated[FiniteFloat | None, _Cell, _Number, _Size]
OptionalCount = Annotated[int | None, Field(ge=0), _Cell, _Number, _Size]
OptionalSize = Annotated[int | None, Field(ge=1), _Cell, _Number, _Size]
OptionalPositive = Annotated[FiniteFloat | None, Field(gt=0), _Cell, _Number, _Size]
OptionalMonths = Annotated[FiniteFloat | None, Field(ge=0), _Cell, _Number, _Size]
Link = Annotated[str, Field(pattern=r"^(https?://\S+)?$")]


class EvidenceRow(BaseModel):
    """A checked row. `line` is where it stands in its file (the header is line 1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: int = Field(0, exclude=True)

    def faults(self) -> Iterator[tuple[str, str]]:
        """Faults that only show when columns are read together, as (column, what was expected)."""
        return iter(())


class StudyRow(EvidenceRow):
    study_id: str = Field(pattern=r"^[a-z0-9-]+$", description="the key: small letters, digits and hyphens")
    first_author: str = Field(description="surname of the first author; empty where not shown")
    year: Annotated[int | None, Field(ge=1950, le=2100), _Cell, _Number] = Field(
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
        description="lower limit of the 95 % interval of the mean: a number not above the mean, or empty"
    )
    ci_high: OptionalNumber = Field(
        description="upper limit of the 95 % interval of the mean: a number not below the mean, or empty"
    )
    events: OptionalCount = Field(description="people with the event: a whole number from 0 to n, or empty")
    unit: Unit = Field(description="one of " + ", ".join(u for u in Unit if u) + "; empty where not printed")
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
        yield from _order_faults(self, ("q1", "median", "q3"))
        yield from _order_faults(self, ("min", "mean", "max"))
        yield from _order_faults(self, ("min", "median", "max"))
        yield from _order_faults(self, ("ci_low", "mean", "ci_high"))
        yield from _pair_faults(self, "ci_low", "ci_high")
        yield from _pair_faults(self, "q1", "q3")


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
    p_value: Annotated[str, Field(pattern=r"^((<|<=|>)?\s?[01]?\.?\d*(e-?\d+)?)?$")] = Field(
        description="p as printed, such as 0.03 or <0.001, or empty"
    )
    comparison: ReportedComparison = Field(description="one of " + ", ".join(ReportedComparison))
    k_studies: OptionalSize = Field(description="studies behind a review's result: a whole number above 0, or empty")
    n_total: OptionalSize = Field(description="people behind the result: a whole number above 0, or empty")
    i2_percent: Annotated[FiniteFloat | None, Field(ge=0, le=100), _Cell, _Number] = Field(
        description="I2 in percent, 0 to 100, or empty"
    )
    unit: Unit = Field(description="one of " + ", ".join(u for u in Unit if u) + "; empty where not printed")
    source_part: Text = Field(description="the part that was read")
    notes: str = Field(description="what a reader should know; says so when the interval is not a 95 % one")

    def faults(self) -> Iterator[tuple[str, str]]:
        yield from _timing_faults(self)
        yield from _order_faults(self, ("ci_low", "estimate", "ci_high"))
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


class ThresholdRow(EvidenceRow):
    measure: Text = Field(description="what the value is about, such as odi or crossover_to_surgery")
    condition: Text = Field(description="the people it was found in")
    value: Annotated[FiniteFloat, _Number, _Size] = Field(description="a number")
    unit: Text = Field(description="the unit of the value")
    meaning: Text = Field(description="what the value says")
    citation: Text = Field(description="where it was read")
    doi: Annotated[str, Field(pattern=r"^(10\.\S+)?$")] = Field(description="a DOI that begins with 10., or empty")
    pmid: Annotated[str, Field(pattern=r"^\d*$")] = Field(description="a PubMed number, or empty")
    link: Annotated[str, Field(pattern=r"^https?://\S+$")] = Field(description="a web address that begins with http")


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
    threshold_terms: Text = Field(description="phrases parted by | that tie rows of thresholds.csv to this condition")

    def faults(self) -> Iterator[tuple[str, str]]:
        if any(p not in set(Procedure) for p in self.usual_procedures.split("|")):
            yield "usual_procedures", "ids of procedures.csv parted by |"
        if any(not t.strip() or t != t.lower() for t in self.threshold_terms.split("|")):
            yield "threshold_terms", "small-letter phrases parted by |, none empty (an empty one fits every row)"

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


class OptionRow(EvidenceRow):
    procedure: Procedure = Field(description="a procedure of procedures.csv")
    option: Option = Field(description="one of " + ", ".join(Option))
    aspect: Aspect = Field(description="one of " + ", ".join(Aspect))
    text: Text = Field(description="what living through it is like, in plain words")


def _listed(text: str, allowed: type[StrEnum], *, everything: bool = False) -> bool:
    """Whether a text is a list of members parted by |, or `all` where that is allowed."""
    return (everything and text == "all") or (bool(text) and all(part in set(allowed) for part in text.split("|")))


def _is_a_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


class CourseRow(EvidenceRow):
    """A row of thresholds.csv told to a patient; the key is that row's own."""

    measure: Text = Field(description="the measure of a row of thresholds.csv")
    condition: Text = Field(description="the condition of that row, word for word")
    value: Annotated[FiniteFloat, _Number, _Size] = Field(description="the value of that row: a number")
    citation: Text = Field(description="the citation of that row, word for word")
    patient_text: Text = Field(description="what the number says in plain words, to follow “25 of 100”")


# What an answered item of the checklist says, by answer and reader.
STATEMENTS = ("clinician_yes", "clinician_no", "clinician_topic", "patient_yes", "patient_no", "patient_topic")


class IndicationRow(EvidenceRow):
    item_id: str = Field(pattern=r"^[a-z0-9_]+$", description="the key: small letters, digits and underscores")
    part: Part = Field(description="one of " + ", ".join(Part))
    conditions: Text = Field(description="conditions parted by |, or all")
    procedures: Text = Field(description="procedures parted by |, or all")
    core: Annotated[str, Field(pattern="^(yes|no)$")] = Field(
        description="yes: on the focused path; no: on the full one"
    )
    yes_means: YesMeans = Field(description="one of " + ", ".join(YesMeans))
    clinician_text: Text = Field(description="the item for the surgeon")
    patient_text: Text = Field(description="the same in plain words")
    clinician_yes: Text = Field(description="what the answer yes states, for the surgeon")
    clinician_no: Text = Field(description="what the answer no states, for the surgeon")
    clinician_topic: Text = Field(description="what is not known, or does not apply, in a few words for the surgeon")
    patient_yes: Text = Field(description="what the answer yes states, in plain words")
    patient_no: Text = Field(description="what the answer no states, in plain words")
    patient_topic: Text = Field(description="what is not known, or does not apply, in a few plain words")
    action: str = Field(description="what to do when the answer is yes, naming its subject; empty only for a note")
    action_fusion: str = Field(description="what is added to it where a fusion is planned, else empty")
    action_reason: str = Field(description="what the source found, told to the surgeon only, or empty")
    source: Text = Field(description="citation of the source")
    source_year: Annotated[int | None, Field(ge=1950, le=2100), _Cell, _Number] = Field(
        description="year of the source, 1950 to 2100; empty where not shown"
    )
    link: Annotated[str, Field(pattern=r"^https?://\S+$")] = Field(description="a web address that begins with http")
    reading_grade: Annotated[str, Field(pattern="^[GASPE]$")] = Field(
        description="G guideline's own page, A abstract, S secondary page, P payer's policy, E single study or expert"
    )
    other_side: str = Field(description="what another source says, where sources disagree; else empty")
    other_source: str = Field(description="citation of that source, or empty")
    other_link: Link = Field(description="its web address that begins with http, or empty")
    date_checked: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] = Field(description="a date as YYYY-MM-DD")

    def faults(self) -> Iterator[tuple[str, str]]:
        if not _listed(self.conditions, Condition, everything=True):
            yield "conditions", "ids of conditions.csv parted by |, or all"
        if not _listed(self.procedures, Procedure, everything=True):
            yield "procedures", "ids of procedures.csv parted by |, or all"
        for column in STATEMENTS:
            if "?" in getattr(self, column):
                yield column, "a statement without a question mark, with the answer in it"
        if not self.action and self.yes_means != YesMeans.NOTE:
            yield "action", "what to do when the answer is yes"
        if (self.part == Part.RED_FLAG) != (self.yes_means == YesMeans.ACT_NOW):
            yield "yes_means", "act_now for a red flag and for nothing else"
        if bool(self.other_side) != bool(self.other_source):
            yield "other_source", "a citation where another side is told and no other"
        if not _is_a_day(self.date_checked):
            yield "date_checked", "a day of the calendar as YYYY-MM-DD"

    def applies_to(self, condition: Condition, procedure: Procedure) -> bool:
        """Whether the item is asked for a condition and a planned procedure."""
        return (self.conditions == "all" or condition in self.conditions.split("|")) and (
            self.procedures == "all" or procedure in self.procedures.split("|")
        )


class QuestionRow(EvidenceRow):
    question_id: str = Field(pattern=r"^[a-z0-9_]+$", description="the key: small letters, digits and underscores")
    clinician_text: Text = Field(description="the question for the surgeon")
    patient_text: Text = Field(description="the question as a patient asks it")
    about: QuestionAbout = Field(description="one of " + ", ".join(QuestionAbout))
    source: str = Field(description="citation, or empty where it comes from the design of the tool")
    link: Link = Field(description="a web address that begins with http, or empty")


class ConcernRow(EvidenceRow):
    concern_id: str = Field(pattern=r"^[a-z0-9_]+$", description="the key: small letters, digits and underscores")
    clinician_label: Text = Field(description="label for the surgeon")
    patient_label: Text = Field(description="label in plain words")
    explanation: Text = Field(description="the trade-off with both its sides, in plain words")
    outcomes: str = Field(description="outcomes parted by | whose numbers speak to it, or empty")
    options_for: str = Field(description="options parted by | that the concern can speak for, or empty")
    options_against: str = Field(description="options parted by | that the concern can speak against, or empty")

    def faults(self) -> Iterator[tuple[str, str]]:
        if self.outcomes and not _listed(self.outcomes, Outcome):
            yield "outcomes", "ids of outcomes.csv parted by |"
        for column in ("options_for", "options_against"):
            if getattr(self, column) and not _listed(getattr(self, column), Option):
                yield column, "options parted by |"
        if set(self.options_for.split("|")) & set(self.options_against.split("|")) - {""}:
            yield "options_against", "options that do not also stand in options_for"


class SureRow(EvidenceRow):
    """An item of the SURE test, which may be used only with its wording unchanged."""

    item_id: str = Field(pattern=r"^[a-z]+$", description="the key: small letters")
    stands_for: Text = Field(description="what the item is about, in the authors' words")
    text: Text = Field(description="the item, word for word")
    source: Text = Field(description="citation")
    link: Annotated[str, Field(pattern=r"^https?://\S+$")] = Field(description="a web address that begins with http")
    notes: str = Field(description="how the wording was read, and the terms of use")


class AboutRow(EvidenceRow):
    key: About = Field(description="one of " + ", ".join(About))
    text: Text = Field(description="the line, in plain words")


class StandardRow(EvidenceRow):
    """A line of a standard for decision aids, and how this tool stands to it."""

    item_id: str = Field(pattern=r"^[a-z0-9_]+$", description="the key: small letters, digits and underscores")
    standard: Text = Field(description="the standard")
    part: Text = Field(description="the part of the standard")
    statement: Text = Field(description="what the line asks for, in our own words")
    status: StandardStatus = Field(description="one of " + ", ".join(StandardStatus))
    page: str = Field(description="the page where it can be seen, or empty")
    shows: str = Field(description="words that stand on that page, or empty where no page is named")
    note: str = Field(description="what a reader should know, or empty")

    def faults(self) -> Iterator[tuple[str, str]]:
        if bool(self.page) != bool(self.shows):
            yield "shows", "words of the page that is named, and none where none is named"
        if self.status == StandardStatus.MET and not self.page:
            yield "page", "the page where it can be seen, because it is met"


TABLES: dict[str, type[EvidenceRow]] = {
    "studies.csv": StudyRow,
    "arms.csv": ArmRow,
    "contrasts.csv": ContrastRow,
    "thresholds.csv": ThresholdRow,
    "outcomes.csv": OutcomeRow,
    "conditions.csv": ConditionRow,
    "procedures.csv": ProcedureRow,
    "options.csv": OptionRow,
    "natural_course.csv": CourseRow,
    "indications.csv": IndicationRow,
    "questions.csv": QuestionRow,
    "concerns.csv": ConcernRow,
    "sure.csv": SureRow,
    "about.csv": AboutRow,
    "standards.csv": StandardRow,
}

KEYS: dict[str, tuple[str, ...]] = {
    "studies.csv": ("study_id",),
    "arms.csv": ("study_id", "outcome", "timepoint_months", "timing", "subgroup", "arm"),
    "contrasts.csv": ("study_id", "outcome", "timepoint_months", "timing", "subgroup", "measure", "comparison"),
    "thresholds.csv": ("measure", "condition", "value", "unit", "meaning", "citation"),
    "outcomes.csv": ("outcome",),
    "conditions.csv": ("condition",),
    "procedures.csv": ("procedure",),
    "options.csv": ("procedure", "option", "aspect"),
    "natural_course.csv": ("measure", "condition", "value", "citation"),
    "indications.csv": ("item_id",),
    "questions.csv": ("question_id",),
    "concerns.csv": ("concern_id",),
    "sure.csv": ("item_id",),
    "about.csv": ("key",),
    "standards.csv": ("item_id",),
}


def columns(model: type[EvidenceRow]) -> tuple[str, ...]:
    """The header a table must have, in order."""
    return tuple(name for name in model.model_fields if name != "line")


def _timing_faults(row: ArmRow | ContrastRow) -> Iterator[tuple[str, str]]:
    if (row.timing == Timing.AT_MONTHS) != (row.timepoint_months is not None):
        yield "timepoint_months", "a number of months when timing is at_months, and an empty cell otherwise"


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


def _order_faults(row: EvidenceRow, names: tuple[str, str, str]) -> Iterator[tuple[str, str]]:
    present = [(name, getattr(row, name)) for name in names if getattr(row, name) is not None]
    for (low_name, low), (high_name, high) in pairwise(present):
        if low > high:
            yield high_name, f"a number not below {low_name}, {low:g}"


def _pair_faults(row: EvidenceRow, first: str, second: str) -> Iterator[tuple[str, str]]:
    if (getattr(row, first) is None) != (getattr(row, second) is None):
        missing = first if getattr(row, first) is None else second
        yield missing, f"a number, because {second if missing == first else first} is given"
