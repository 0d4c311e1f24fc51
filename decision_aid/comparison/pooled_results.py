"""Every pooled result of a dataset as one table, and what differs between the tables of two datasets.

The committed table (tests/pooled_results.csv) holds every number the program can show as pooled: a change of the data
or of the statistics that moves one of them has to be seen, accepted and written into the changelog.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, astuple, dataclass, fields, replace

from decision_aid.comparison.comparison import Comparison, compare
from decision_aid.comparison.question import Contrast, Question, ask
from decision_aid.domain.time_windows import windows_of
from decision_aid.domain.vocabulary import Outcome, Procedure
from decision_aid.evidence.loading import Evidence

Key = tuple[str, ...]
KEY_COLUMNS = ("contrast", "about", "outcome", "time")
TOLERANCE = 1e-6  # relative: below it two tables hold the same number, whatever machine made them


@dataclass(frozen=True, slots=True)
class PooledResultRow:
    """One pooled result on its analysis scale (a logarithm for ratios), as text and numbers for a file.

    `about`: the procedure, or for surgery against none the condition. Where nothing is pooled the numbers are None.
    """

    contrast: str
    about: str
    outcome: str
    time: str
    state: str
    measure: str
    studies: int
    k: int
    people: int | None
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    tau2: float | None
    i2: float | None
    baseline_risk: float | None
    certainty: str

    @property
    def key(self) -> Key:
        return tuple(getattr(self, name) for name in KEY_COLUMNS)


COLUMNS = tuple(f.name for f in fields(PooledResultRow))
_NUMBERS = ("estimate", "ci_low", "ci_high", "tau2", "i2", "baseline_risk")


def questions(evidence: Evidence) -> Iterator[Question]:
    """Every question with its usual settings: procedure x outcome x time, and condition x outcome x time without surgery."""
    for procedure in Procedure:
        for outcome in Outcome:
            for window in windows_of(evidence.outcomes[outcome]):
                yield ask(evidence, procedure, outcome, window=window)
    for condition, described in evidence.conditions.items():
        for outcome in Outcome:
            for window in windows_of(evidence.outcomes[outcome]):
                contrast = Contrast.SURGERY_VERSUS_NONOPERATIVE
                question = ask(evidence, described.procedures[0], outcome, window=window, contrast=contrast)
                yield replace(question, condition=condition)


def table(evidence: Evidence) -> tuple[PooledResultRow, ...]:
    """A row for every question that at least one study speaks to."""
    found = (compare(evidence, question) for question in questions(evidence))
    return tuple(_row(c) for c in found if c.studies)


def as_csv(rows: Iterable[PooledResultRow]) -> str:
    """The table as CSV, numbers with twelve significant digits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow("" if v is None else f"{v:.12g}" if isinstance(v, float) else v for v in astuple(row))
    return text.getvalue()


def differences(old: Iterable[PooledResultRow], new: Iterable[PooledResultRow]) -> tuple[str, ...]:
    """What changed from one table to the other, a sentence for each result, in the order of the tables."""
    before, after = {r.key: r for r in old}, {r.key: r for r in new}
    keys = dict.fromkeys((*before, *after))
    return tuple(text for key in keys if (text := _difference(key, before.get(key), after.get(key))))


def _difference(key: Key, old: PooledResultRow | None, new: PooledResultRow | None) -> str:
    name = ", ".join(key)
    if old is None or new is None:
        return f"{name}: gone, was {_told(old)}" if old else f"{name}: new, {_told(new)}" if new else ""
    changed = "; ".join(f"{column} {_short(a)} -> {_short(b)}" for column, a, b in _changed(old, new))
    return f"{name}: {changed}" if changed else ""


def _told(row: PooledResultRow) -> str:
    if row.estimate is None:
        return f"{row.state}, {row.studies} studies, none pooled"
    return f"{_short(row.estimate)} ({_short(row.ci_low)} to {_short(row.ci_high)}), k = {row.k}"


def _changed(old: PooledResultRow, new: PooledResultRow) -> Iterator[tuple[str, object, object]]:
    theirs = asdict(new)
    for column, a in asdict(old).items():
        b = theirs[column]
        if column in _NUMBERS and a is not None and b is not None:
            # tau2 and I2 next to zero are zero: an estimate of 1e-15 on one machine is 0 on another.
            if not math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=1e-9):
                yield column, a, b
        elif a != b:
            yield column, a, b


def _short(value: object) -> str:
    return "none" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _row(c: Comparison) -> PooledResultRow:
    question, pooled = c.question, c.pooled
    without = question.contrast is Contrast.SURGERY_VERSUS_NONOPERATIVE
    return PooledResultRow(
        contrast="surgery_versus_none" if without else "mis_versus_open",
        about=str(question.condition if without else question.procedure),
        outcome=str(question.outcome),
        time=question.window.id,
        state=str(c.state),
        measure=str(question.measure),
        studies=len(c.studies),
        k=pooled.k if pooled else 0,
        people=c.people if pooled else None,
        estimate=pooled.estimate if pooled else None,
        ci_low=pooled.ci_low if pooled else None,
        ci_high=pooled.ci_high if pooled else None,
        tau2=pooled.tau2 if pooled else None,
        i2=pooled.i2 if pooled else None,
        baseline_risk=c.absolute_risk.baseline if c.absolute_risk else None,
        certainty=c.certainty.level.label if c.certainty else "",
    )
