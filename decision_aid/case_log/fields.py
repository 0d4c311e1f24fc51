"""The fields of a surgeon's case log: what each is called, what kind of value it holds and in which unit.

A validated log is a pandas DataFrame with exactly these columns, in this order, in the stated dtypes; an empty cell is
“not recorded” and stays so. No field can name a person: age, body mass and the like are groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from decision_aid.case_log.terms import terms
from decision_aid.domain.vocabulary import Outcome, Procedure


class Kind(StrEnum):
    """What a value is, and with it the dtype of its column in a validated log."""

    DATE = "datetime64[ns]"
    CHOICE = "category"
    NUMBER = "float64"
    WHOLE = "Int16"
    YES_NO = "boolean"


class Approach(StrEnum):
    OPEN = "open"
    MIS = "mis"


@dataclass(frozen=True, slots=True)
class Field:
    """One column. `units`: the units it may be given in, the first is the one it is kept in; `low` to `high` in that unit."""

    name: str
    label: str
    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    outcome: Outcome | None = None  # the published outcome it stands beside

    @property
    def guesses(self) -> tuple[str, ...]:
        """Other headers it is found under, in small letters."""
        return terms("headers").get(self.name, ())


TECHNIQUES = (
    "open_discectomy", "open_microdiscectomy", "open_laminectomy", "open_tlif", "open_plif", "tubular", "microendoscopic", "full_endoscopic",
    "biportal_endoscopic", "bilateral_decompression_unilateral_approach", "spinous_process_splitting", "mis_tlif", "mis_plif", "mis_xlif", "other",
)  # fmt: skip
FOLLOW_UPS_MONTHS = (3, 12, 24)
_HARMS = {
    Outcome.COMPLICATION_ANY: "Any complication",
    Outcome.INFECTION: "Wound infection",
    Outcome.DURAL_TEAR: "Dural tear",
    Outcome.NERVE_INJURY: "Nerve injury",
    Outcome.TRANSFUSION: "Transfusion",
    Outcome.REOPERATION: "Reoperation",
    Outcome.READMISSION: "Readmission",
}
_SCORES = {
    Outcome.ODI: ("Disability (ODI)", 100.0),
    Outcome.VAS_LEG: ("Leg pain", 10.0),
    Outcome.VAS_BACK: ("Back pain", 10.0),
}

FIELDS: tuple[Field, ...] = (
    Field("operation_date", "Date of operation", Kind.DATE, required=True),
    Field("procedure", "Procedure", Kind.CHOICE, required=True, choices=tuple(Procedure)),
    Field("approach", "Approach", Kind.CHOICE, required=True, choices=tuple(Approach)),
    Field("technique", "Technique", Kind.CHOICE, choices=TECHNIQUES),
    Field("levels", "Number of levels", Kind.WHOLE, low=1, high=10),
    Field("blood_loss_ml", "Blood loss", Kind.NUMBER, units=("ml", "l"), low=0, high=10_000, outcome=Outcome.BLOOD_LOSS),
    Field(
        "length_of_stay_days", "Length of stay", Kind.NUMBER, units=("days", "hours"), low=0, high=365,
        outcome=Outcome.LENGTH_OF_STAY,
    ),
    Field(
        "operative_time_min", "Operating time", Kind.NUMBER, units=("min", "hours"), low=1, high=1_440,
        outcome=Outcome.OPERATIVE_TIME,
    ),
    *(Field(str(o), label, Kind.YES_NO, outcome=o) for o, label in _HARMS.items()),
    Field("reoperation_date", "Date of reoperation", Kind.DATE),
    Field("readmission_date", "Date of readmission", Kind.DATE),
    *(
        Field(f"{o}_{when}", f"{label}, {told}", Kind.NUMBER, low=0, high=top, outcome=o)
        for o, (label, top) in _SCORES.items()
        for when, told in (("before", "before"), *((f"{m}_months", f"{m} months after") for m in FOLLOW_UPS_MONTHS))
    ),
    Field(
        "return_to_work_days", "Days until back at work", Kind.NUMBER, units=("days", "weeks"), low=0, high=3_650,
        outcome=Outcome.RETURN_TO_WORK,
    ),
    Field("age_group", "Age group", Kind.CHOICE, choices=("under 40", "40-59", "60-74", "75 and over")),
    Field("asa", "ASA class", Kind.WHOLE, low=1, high=5),
    Field("bmi_group", "BMI group", Kind.CHOICE, choices=("under 25", "25-29", "30-34", "35 and over")),
    Field("smoking", "Smoking", Kind.YES_NO),
    Field("diabetes", "Diabetes", Kind.YES_NO),
)  # fmt: skip
BY_NAME = {f.name: f for f in FIELDS}
REQUIRED = tuple(f.name for f in FIELDS if f.required)
