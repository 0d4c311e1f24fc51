"""Made-up case logs as `case_log.fields` describes a validated one, and whether two counts of one say the same."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import astuple
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from decision_aid.case_log.fields import FIELDS, REQUIRED, Field, Kind

DTYPES = {f.name: str(f.kind) for f in FIELDS}


def log(*rows: dict) -> pd.DataFrame:
    """A log of the given rows; what a row does not give is not recorded."""
    given = [{"operation_date": date(2020, 6, 1), "procedure": "fusion", "approach": "open"} | row for row in rows]
    return pd.DataFrame({f.name: column(f, [row.get(f.name) for row in given]) for f in FIELDS})


def column(field: Field, values: list) -> pd.Series:
    if field.kind is Kind.CHOICE:
        return pd.Series(pd.Categorical(values, categories=[str(c) for c in field.choices]))
    if field.kind is Kind.DATE:
        return pd.Series(pd.to_datetime(values)).astype(str(field.kind))
    return pd.Series(values, dtype=str(field.kind))


def synthetic(cases: int, seed: int = 1, missing: float = 0.15, years: int = 8) -> pd.DataFrame:
    """A seeded log: open cases lose more blood, operating time falls with time, ten in a hundred have a complication."""
    random = np.random.default_rng(seed)
    first = np.datetime64("2016-03-07")
    day = first + random.integers(0, max(1, 365 * years), cases).astype("timedelta64[D]")
    since = (day - first).astype(np.int64)
    is_open = random.random(cases) < 0.45
    frame: dict[str, pd.Series] = {}
    for f in FIELDS:
        gone = np.zeros(cases, bool) if f.name in REQUIRED else random.random(cases) < missing
        if f.name == "operation_date":
            values = pd.Series(day.astype("datetime64[ns]"))
        elif f.name == "approach":
            values = pd.Series(pd.Categorical.from_codes(np.where(is_open, 0, 1), ["open", "mis"]))
        elif f.kind is Kind.CHOICE:
            codes = random.integers(0, len(f.choices), cases)
            values = pd.Series(pd.Categorical.from_codes(np.where(gone, -1, codes), [str(c) for c in f.choices]))
        elif f.kind is Kind.YES_NO:
            values = pd.Series(pd.arrays.BooleanArray(random.random(cases) < 0.1, gone))
        elif f.kind is Kind.WHOLE:
            numbers = random.integers(1, 6, cases).astype("int16")
            values = pd.Series(pd.arrays.IntegerArray(numbers, gone))
        elif f.kind is Kind.NUMBER:
            numbers = np.round(random.gamma(2.0, {"blood_loss_ml": 80.0}.get(f.name, 2.0), cases), 1)
            if f.name == "operative_time_min":
                numbers = np.round(90 + 60 * np.exp(-since / 300) + random.normal(0, 15, cases))
            values = pd.Series(
                np.where(gone, np.nan, np.clip(numbers + 100 * is_open * (f.high == 10_000), f.low, f.high))
            )
        else:  # a date that goes with an event, given for most
            event = frame[f.name.replace("_date", "")].fillna(False).to_numpy(bool)
            later = day + random.integers(1, 1200, cases).astype("timedelta64[D]")
            values = pd.Series(np.where(event & ~gone, later.astype("datetime64[ns]"), np.datetime64("NaT", "ns")))
        frame[f.name] = values
    return pd.DataFrame(frame)


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple | list):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def same(found: Any, expected: Any) -> None:
    """Everything equal; numbers that are no counts to 1e-9 relative."""
    ours, theirs = list(_flat(astuple(found))), list(_flat(astuple(expected)))
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert type(a) is type(b)
        assert math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) if isinstance(b, float) else a == b, (a, b)
