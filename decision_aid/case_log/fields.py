"""The fields of a surgeon's case log: what each is called, what kind of value it holds and in which unit.

A validated log is a pandas DataFrame with exactly these columns, in this order, in the stated dtypes; an empty cell is
“not recorded” and stays so. No field can name a person: age, body mass and the like are groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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
    guesses: tuple[str, ...] = ()  # other headers it is found under, in small letters


TECHNIQUES = (
    "open_discectomy",
    "open_microdiscectomy",
    "open_laminectomy",
    "open_tlif",
    "open_plif",
    "tubular",
    "microendoscopic",
    "full_endoscopic",
    "biportal_endoscopic",
    "bilateral_decompression_unilateral_approach",
    "spinous_process_splitting",
    "mis_tlif",
    "mis_plif",
    "mis_xlif",
    "other",
)
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
_HARM_GUESSES = {
    Outcome.COMPLICATION_ANY: ("complication", "complications", "komplikation", "komplikationen", "complicacion", "complicaciones"),
    Outcome.INFECTION: ("ssi", "surgical site infection", "wundinfektion", "wundinfekt", "infektion", "infeccion"),
    Outcome.DURAL_TEAR: ("durotomy", "incidental durotomy", "dural leak", "duraverletzung", "duraleck", "breche durale", "durotomia"),
    Outcome.NERVE_INJURY: ("nerve root injury", "neurological deficit", "nervenverletzung", "lesion nerveuse", "lesion nerviosa"),
    Outcome.TRANSFUSION: ("transfused", "blood transfusion", "bluttransfusion", "transfusion sanguine"),
    Outcome.REOPERATION: ("reop", "revision", "re operation", "revision surgery", "revisionsoperation", "reintervention", "reintervencion"),
    Outcome.READMISSION: ("readmitted", "readmit", "wiederaufnahme", "rehospitalisation", "reingreso"),
}  # fmt: skip
_DATE_GUESSES = (
    "date", "op date", "surgery date", "date of surgery", "surg date", "op datum", "operationsdatum", "datum", "date operation",
    "date d operation", "date de l operation", "date intervention", "fecha", "fecha de operacion", "fecha de cirugia", "fecha cirugia",
)  # fmt: skip
_PROCEDURE_GUESSES = (
    "operation", "procedure name", "procedure type", "surgery", "type of surgery", "eingriff", "prozedur", "op", "op art", "intervention",
    "procedimiento", "cirugia",
)  # fmt: skip
_APPROACH_GUESSES = ("access", "open or mis", "mis", "zugang", "zugangsart", "abord", "voie d abord", "abordaje")
_SCORES = {
    Outcome.ODI: ("Disability (ODI)", 100.0),
    Outcome.VAS_LEG: ("Leg pain", 10.0),
    Outcome.VAS_BACK: ("Back pain", 10.0),
}

FIELDS: tuple[Field, ...] = (
    Field("operation_date", "Date of operation", Kind.DATE, required=True, guesses=_DATE_GUESSES),
    Field("procedure", "Procedure", Kind.CHOICE, required=True, choices=tuple(Procedure), guesses=_PROCEDURE_GUESSES),
    Field("approach", "Approach", Kind.CHOICE, required=True, choices=tuple(Approach), guesses=_APPROACH_GUESSES),
    Field("technique", "Technique", Kind.CHOICE, choices=TECHNIQUES, guesses=("technik", "op technik", "tecnica", "procedure detail")),
    Field("levels", "Number of levels", Kind.WHOLE, low=1, high=10, guesses=("n levels", "levels operated", "segmente", "anzahl segmente", "niveaux", "niveles")),
    Field(
        "blood_loss_ml", "Blood loss", Kind.NUMBER, units=("ml", "l"), low=0, high=10_000, outcome=Outcome.BLOOD_LOSS,
        guesses=("ebl", "estimated blood loss", "blutverlust", "pertes sanguines", "sangrado", "perdida de sangre"),
    ),
    Field(
        "length_of_stay_days", "Length of stay", Kind.NUMBER, units=("days", "hours"), low=0, high=365,
        outcome=Outcome.LENGTH_OF_STAY, guesses=("los", "stay", "hospital stay", "verweildauer", "liegedauer", "aufenthaltsdauer", "duree de sejour", "estancia"),
    ),
    Field(
        "operative_time_min", "Operating time", Kind.NUMBER, units=("min", "hours"), low=1, high=1_440,
        outcome=Outcome.OPERATIVE_TIME, guesses=("or time", "op time", "duration", "surgical time", "operation time", "op dauer", "op zeit", "schnitt naht zeit", "duree operatoire", "tiempo quirurgico"),
    ),
    *(Field(str(o), label, Kind.YES_NO, outcome=o, guesses=_HARM_GUESSES[o]) for o, label in _HARMS.items()),
    Field("reoperation_date", "Date of reoperation", Kind.DATE, guesses=("reop date", "revision date", "date of revision", "revisionsdatum", "re op datum")),
    Field("readmission_date", "Date of readmission", Kind.DATE, guesses=("readmit date", "wiederaufnahmedatum", "wiederaufnahme datum")),
    *(
        Field(f"{o}_{when}", f"{label}, {told}", Kind.NUMBER, low=0, high=top, outcome=o)
        for o, (label, top) in _SCORES.items()
        for when, told in (("before", "before"), *((f"{m}_months", f"{m} months after") for m in FOLLOW_UPS_MONTHS))
    ),
    Field(
        "return_to_work_days", "Days until back at work", Kind.NUMBER, units=("days", "weeks"), low=0, high=3_650,
        outcome=Outcome.RETURN_TO_WORK, guesses=("return to work", "rtw", "ruckkehr zur arbeit", "reprise du travail", "vuelta al trabajo"),
    ),
    Field("age_group", "Age group", Kind.CHOICE, choices=("under 40", "40-59", "60-74", "75 and over"), guesses=("age", "age years", "age at surgery", "alter", "edad")),
    Field("asa", "ASA class", Kind.WHOLE, low=1, high=5, guesses=("asa score", "asa klasse", "asa grade")),
    Field("bmi_group", "BMI group", Kind.CHOICE, choices=("under 25", "25-29", "30-34", "35 and over"), guesses=("bmi", "body mass index")),
    Field("smoking", "Smoking", Kind.YES_NO, guesses=("smoker", "tobacco", "raucher", "rauchen", "tabac", "fumeur", "fumador", "tabaco")),
    Field("diabetes", "Diabetes", Kind.YES_NO, guesses=("diabetic", "dm", "diabete")),
)  # fmt: skip
BY_NAME = {f.name: f for f in FIELDS}
REQUIRED = tuple(f.name for f in FIELDS if f.required)
