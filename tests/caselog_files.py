"""Case logs for tests: the invented example as a table of texts, written as the files that hospital systems export."""

from __future__ import annotations

import csv
import io
from functools import cache

import pandas as pd

from decision_aid.case_log.example import example_cases
from decision_aid.case_log.fields import FIELDS, Kind
from decision_aid.case_log.importing import Upload

HEADERS = tuple(f.name for f in FIELDS)


@cache
def example(n: int = 40) -> pd.DataFrame:
    """A few invented cases; the same object each time, not to be changed."""
    return example_cases(n, seed=4)


def as_text(value: object, kind: Kind) -> str:
    """A value as the template wants it written."""
    if pd.isna(value):
        return ""
    if kind is Kind.DATE:
        return f"{value:%Y-%m-%d}"
    if kind is Kind.YES_NO:
        return "yes" if value else "no"
    return f"{value:g}" if kind is Kind.NUMBER else str(value)


def rows(n: int = 40) -> list[list[str]]:
    """The example as texts, without its header."""
    columns = [[as_text(v, f.kind) for v in example(n)[f.name]] for f in FIELDS]
    return [list(row) for row in zip(*columns, strict=True)]


def csv_bytes(
    table: list[list[str]], *, separator: str = ",", encoding: str = "utf-8", end: str = "\n", quoted: bool = False
) -> bytes:
    text = io.StringIO()
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting).writerows(table)
    return text.getvalue().encode(encoding)


def upload(table: list[list[str]], name: str = "log.csv") -> Upload:
    return Upload(name, csv_bytes(table))


def log_table(n: int = 40) -> list[list[str]]:
    """The example with its header, as the template orders it."""
    return [list(HEADERS), *rows(n)]
