"""An invented case log, to try the page with and to test with. No row is a patient, no number is a result of anyone.

The numbers are drawn by chance from a seed; their sizes are only such that a page made from them looks as one made from a
real log would: two approaches, six years, a learning curve, cells that were not recorded, patients lost to follow-up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from decision_aid.case_log.fields import BY_NAME, FIELDS, FOLLOW_UPS_MONTHS, Approach, Kind
from decision_aid.domain.vocabulary import Outcome, Procedure

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

LABEL = "Invented example: no row is a patient"
FIRST_DAY, DAYS = "2019-01-01", 6 * 365
_DAYS_A_MONTH = 30.4

# For each procedure: its share, then for open and MIS the middle of blood loss (ml), stay (days) and operating time (min).
_SIZES = {
    Procedure.DISCECTOMY: (0.5, (70.0, 2.5, 65.0), (35.0, 1.3, 72.0)),
    Procedure.DECOMPRESSION: (0.3, (120.0, 3.5, 95.0), (60.0, 2.0, 102.0)),
    Procedure.FUSION: (0.2, (420.0, 6.0, 175.0), (190.0, 4.0, 190.0)),
}
_TECHNIQUES = {
    (Procedure.DISCECTOMY, Approach.OPEN): ("open_discectomy", "open_microdiscectomy"),
    (Procedure.DISCECTOMY, Approach.MIS): ("tubular", "full_endoscopic"),
    (Procedure.DECOMPRESSION, Approach.OPEN): ("open_laminectomy",),
    (Procedure.DECOMPRESSION, Approach.MIS): ("tubular", "biportal_endoscopic"),
    (Procedure.FUSION, Approach.OPEN): ("open_tlif", "open_plif"),
    (Procedure.FUSION, Approach.MIS): ("mis_tlif",),
}
_CHANCE = {  # of each harm; somewhat lower after MIS where less tissue is opened
    Outcome.INFECTION: (0.03, 0.015),
    Outcome.DURAL_TEAR: (0.06, 0.06),
    Outcome.NERVE_INJURY: (0.012, 0.014),
    Outcome.TRANSFUSION: (0.04, 0.015),
    Outcome.REOPERATION: (0.07, 0.07),
    Outcome.READMISSION: (0.05, 0.04),
}
_SCORES = {Outcome.ODI: (46.0, 14.0, 100.0), Outcome.VAS_LEG: (7.0, 1.7, 10.0), Outcome.VAS_BACK: (5.5, 2.0, 10.0)}
_LEFT_AFTER = {3: 0.45, 12: 0.4, 24: 0.42}  # part of the score before that is left
_LOST = {3: 0.12, 12: 0.25, 24: 0.45}  # not seen at the follow-up
_NOT_RECORDED = 0.04
_OFF_WORK_DAYS, _IN_WORK = 48.0, 0.55


def example_cases(n: int = 5000, seed: int = 1) -> pd.DataFrame:
    """`n` invented cases as a validated log, the same for the same seed. See `LABEL`."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(seed)
    start = np.datetime64(FIRST_DAY, "D")
    day = np.sort(random.integers(0, DAYS, n))
    procedure = random.choice(list(map(str, _SIZES)), n, p=[share for share, _, _ in _SIZES.values()])
    mis = random.random(n) < 0.3 + 0.4 * day / DAYS  # the newer approach becomes the more frequent one
    approach = np.where(mis, str(Approach.MIS), str(Approach.OPEN))
    columns: dict[str, np.ndarray] = {
        "operation_date": (start + day).astype("datetime64[ns]"),
        "procedure": procedure,
        "approach": approach,
        "technique": _technique(random, procedure, approach),
        "levels": np.where(random.random(n) < 0.78, 1, random.integers(2, 4, n)),
    }
    case_order = np.cumsum(mis)
    learning = np.where(mis, 1 + 0.5 * np.exp(case_order / -60), 1.0)
    middles = {str(p): np.array([open_, mis_]) for p, (_, open_, mis_) in _SIZES.items()}
    middle = np.array([middles[p][int(m)] for p, m in zip(procedure, mis, strict=True)]).reshape(n, 3)
    blood, stay, minutes = (middle[:, i] * random.lognormal(0, spread, n) for i, spread in enumerate((0.55, 0.4, 0.22)))
    columns["blood_loss_ml"] = np.round(np.clip(blood, 0, 5000) / 5) * 5
    columns["length_of_stay_days"] = np.round(np.clip(stay, 0, 60))
    columns["operative_time_min"] = np.round(np.clip(minutes * learning, 15, 600))
    harms = {o: random.random(n) < np.where(mis, b * learning, a) for o, (a, b) in _CHANCE.items()}
    surgical = (Outcome.INFECTION, Outcome.DURAL_TEAR, Outcome.NERVE_INJURY, Outcome.TRANSFUSION)
    columns[str(Outcome.COMPLICATION_ANY)] = np.logical_or.reduce([harms[o] for o in surgical]) | (
        random.random(n) < 0.02
    )
    columns |= {str(o): happened for o, happened in harms.items()}
    for outcome, longest in ((Outcome.REOPERATION, 700), (Outcome.READMISSION, 85)):
        later = start + np.minimum(day + random.integers(3, longest, n), DAYS)  # the log ends here
        columns[f"{outcome}_date"] = np.where(harms[outcome], later, np.datetime64("NaT", "D")).astype("datetime64[ns]")
    for outcome, (mean, spread, top) in _SCORES.items():
        before = np.clip(random.normal(mean, spread, n), 0, top)
        columns[f"{outcome}_before"] = np.round(before, 0 if top > 10 else 1)
        for months in FOLLOW_UPS_MONTHS:
            after = np.clip(before * _LEFT_AFTER[months] * random.lognormal(0, 0.5, n), 0, top)
            columns[f"{outcome}_{months}_months"] = np.round(after, 0 if top > 10 else 1)
    columns["return_to_work_days"] = np.round(_OFF_WORK_DAYS * np.where(mis, 0.8, 1.0) * random.lognormal(0, 0.5, n))
    columns["age_group"] = random.choice(list(BY_NAME["age_group"].choices), n, p=[0.2, 0.38, 0.28, 0.14])
    columns["asa"] = random.choice([1, 2, 3, 4], n, p=[0.25, 0.5, 0.23, 0.02])
    columns["bmi_group"] = random.choice(list(BY_NAME["bmi_group"].choices), n, p=[0.33, 0.39, 0.2, 0.08])
    columns["smoking"], columns["diabetes"] = random.random(n) < 0.24, random.random(n) < 0.13
    lost = {months: random.random(n) < chance for months, chance in _LOST.items()}
    frame = {}
    for f in FIELDS:
        silent = (random.random(n) < _NOT_RECORDED) & (not f.required)
        for months in FOLLOW_UPS_MONTHS:
            if f.name.endswith(f"_{months}_months"):
                # Nobody has had a follow-up that lies ahead; those who miss a visit miss all its scores.
                silent = silent | lost[months] | (day + months * _DAYS_A_MONTH > DAYS)
        if f.name == "return_to_work_days":
            silent = silent | (random.random(n) > _IN_WORK)
        frame[f.name] = _column(pd.Series(columns[f.name]), f.kind, f.choices).mask(silent | _no_event(f.name, columns))
    return pd.DataFrame(frame)


def _technique(random: np.random.Generator, procedure: np.ndarray, approach: np.ndarray) -> np.ndarray:
    import numpy as np

    found = np.full(len(procedure), "other", dtype=object)
    for (p, a), techniques in _TECHNIQUES.items():
        fits = (procedure == str(p)) & (approach == str(a))
        found[fits] = random.choice(list(techniques), int(fits.sum()))
    return found


def _column(values: pd.Series, kind: Kind, choices: tuple[str, ...]) -> pd.Series:
    import pandas as pd

    if kind is Kind.CHOICE:
        return pd.Series(pd.Categorical(values, categories=[str(c) for c in choices]))
    return values.astype(pd.api.types.pandas_dtype(str(kind)))


def _no_event(name: str, columns: dict[str, np.ndarray]) -> np.ndarray | bool:
    """A date stands only beside a yes."""
    return ~columns[name.removesuffix("_date")] if name.endswith("_date") and name != "operation_date" else False
