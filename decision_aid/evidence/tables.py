"""The tables of a dataset by file: the model of a row, and the columns that make its key."""

from __future__ import annotations

from decision_aid.evidence.cells import EvidenceRow
from decision_aid.evidence.rows import (
    ArmRow,
    ConditionRow,
    ContrastRow,
    OutcomeRow,
    ProcedureRow,
    StudyRow,
    ThresholdRow,
)
from decision_aid.evidence.text_rows import (
    AboutRow,
    ConcernRow,
    CourseRow,
    IndicationRow,
    OptionRow,
    QuestionRow,
    StandardRow,
    SureRow,
)

DATAPACKAGE = "datapackage.json"

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
    "thresholds.csv": ("threshold_id",),
    "outcomes.csv": ("outcome",),
    "conditions.csv": ("condition",),
    "procedures.csv": ("procedure",),
    "options.csv": ("procedure", "option", "aspect"),
    "natural_course.csv": ("threshold_id",),
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
