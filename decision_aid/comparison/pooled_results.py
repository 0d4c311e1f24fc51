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
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.question import Contrast, Question, ask
from decision_aid.comparison.side_by_side import beside_none
from decision_aid.domain.time_windows import default_window, windows_of
from decision_aid.domain.vocabulary import Option, Outcome, Procedure
from decision_aid.evidence.loading import Evidence

Key = tuple[str, ...]
KEY_COLUMNS = ("contrast", "about", "outcome", "time")
TOLERANCE = 1e-6  # relative: below it two tables hold the same number, whatever machine made them


@dataclass(frozen=True, slots=True)
class PooledResultRow:
    """One leading result on its analysis scale (a logarithm for ratios), as text and numbers for a file.

    `about`: the procedure, or for surgery against none the condition. `leads` and `method` say which source gives the
    number and how. `first` and `second`: the values of the two options in the outcome's unit; `without_surgery`: that of
    the row of Compare for the usual condition of the procedure. Where there is no number they are None.
    """

    contrast: str
    about: str
    outcome: str
    time: str
    state: str
    leads: str
    method: str
    measure: str
    studies: int
    k: int
    k_borrowed: int
    people: int | None
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    tau2: float | None
    i2: float | None
    first: float | None
    second: float | None
    without_surgery: float | None
    certainty: str

    @property
    def key(self) -> Key:
        return tuple(getattr(self, name) for name in KEY_COLUMNS)


COLUMNS = tuple(f.name for f in fields(PooledResultRow))
_NUMBERS = ("estimate", "ci_low", "ci_high", "tau2", "i2", "first", "second", "without_surgery")


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
    """A row for every question that at least one study or published review speaks to."""
    found = (compare(evidence, question) for question in questions(evidence))
    return tuple(_row(evidence, c) for c in found if c.studies or c.lead.effect)


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
        return f"{row.state}, {row.studies} studies, no number"
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


def method_of(c: Comparison) -> str:
    """How the leading number was made, in a word: REML, half-normal prior, published review, as printed."""
    if c.lead.rung in (Rung.POOL, Rung.FEW_STUDIES) and c.pooled is not None:
        return str(c.pooled.method)
    if c.lead.rung is Rung.NONE:
        return ""
    return "published review" if c.lead.rung is Rung.REVIEW else "single study"


def _row(evidence: Evidence, c: Comparison) -> PooledResultRow:
    question, pooled, lead = c.question, c.pooled, c.lead
    without = question.contrast is Contrast.SURGERY_VERSUS_NONOPERATIVE
    own = pooled if lead.rung in (Rung.POOL, Rung.FEW_STUDIES) else None
    return PooledResultRow(
        contrast="surgery_versus_none" if without else "mis_versus_open",
        about=str(question.condition if without else question.procedure),
        outcome=str(question.outcome),
        time=question.window.id,
        state=str(c.state),
        leads=str(lead.rung),
        method=method_of(c),
        measure=str(c.measure or ""),
        studies=len(c.studies),
        k=lead.k,
        k_borrowed=c.k_borrowed if own else 0,
        people=lead.people,
        estimate=lead.effect.estimate if lead.effect else None,
        ci_low=lead.effect.ci_low if lead.effect else None,
        ci_high=lead.effect.ci_high if lead.effect else None,
        tau2=own.tau2 if own else None,
        i2=own.i2 if own else None,
        first=c.absolute.first if c.absolute else None,
        second=c.absolute.baseline if c.absolute else None,
        without_surgery=None if without else _without_surgery(evidence, c),
        certainty=c.certainty.level.label if c.certainty else "",
    )


def _without_surgery(evidence: Evidence, c: Comparison) -> float | None:
    """The third value of the row of Compare, for the condition that usually leads to the procedure."""
    if c.question.window is not default_window(c.outcome):
        return None
    value = beside_none(evidence, c).value(Option.WITHOUT_SURGERY, patient=False)
    return value.value if value else None
