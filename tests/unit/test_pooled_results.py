"""No pooled number moves unseen: the committed table, the changelog, and what two datasets differ in."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from decision_aid.cli import main
from decision_aid.comparison import pooled_results
from decision_aid.comparison.comparison import Comparison, compare
from decision_aid.comparison.pooled_results import PooledResultRow
from decision_aid.comparison.side_by_side import side_by_side
from decision_aid.domain.vocabulary import Option
from decision_aid.evidence import loading
from decision_aid.evidence.loading import Evidence

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "tests" / "pooled_results.csv"
Change = Callable[[str, str, str, str], int]


def from_csv(text: str) -> tuple[PooledResultRow, ...]:
    """The table that `as_csv` wrote."""
    return tuple(_row(cells) for cells in csv.DictReader(io.StringIO(text)))


def _row(cells: dict[str, str]) -> PooledResultRow:
    counts = {name: int(cells[name]) for name in ("studies", "k", "k_borrowed")}
    numbers = ("estimate", "ci_low", "ci_high", "tau2", "i2", "first", "second", "without_surgery", "people")
    values: dict[str, Any] = {
        **cells,
        **counts,
        **{name: float(cells[name]) if cells[name] else None for name in numbers},
    }
    return PooledResultRow(**values)


@pytest.fixture(scope="module")
def now() -> tuple[PooledResultRow, ...]:
    return pooled_results.table(loading.load(loading.SHIPPED))


def test_every_pooled_result_is_the_committed_one(now: tuple[PooledResultRow, ...]) -> None:
    committed = from_csv(COMMITTED.read_text(encoding="utf-8"))
    moved = pooled_results.differences(committed, now)
    advice = (
        "Make tests/pooled_results.csv anew and say in CHANGELOG.md, under “Numbers changed”, what moved and why:\n"
    )
    assert not moved, advice + "\n".join(moved)


def test_the_changelog_names_the_committed_table() -> None:
    fingerprint = hashlib.sha256(COMMITTED.read_bytes()).hexdigest()[:10]
    numbers = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").partition("## Numbers changed")[2]
    told = [line for line in numbers.splitlines() if line.startswith("| 20")]
    assert f"| {fingerprint} |" in told[0], f"the newest line under “Numbers changed” must name the table {fingerprint}"


def test_the_table_holds_what_leads_in_every_cell_that_a_study_or_review_speaks_to(
    now: tuple[PooledResultRow, ...], data: Evidence
) -> None:
    asked = list(pooled_results.questions(data))
    spoken = [c for c in (compare(data, q) for q in asked) if c.studies or c.lead.effect]
    assert len(now) == len(spoken) == len({r.key for r in now})
    for row, c in zip(now, spoken, strict=True):
        assert (row.leads, row.k) == (c.lead.rung, c.lead.k)
        if c.lead.effect is None:
            assert (row.estimate, row.ci_low, row.ci_high, row.first, row.second) == (None,) * 5
        else:
            logs = row.measure in ("risk_ratio", "ratio_of_means")
            read = [math.exp(v or 0) if logs else v for v in (row.estimate, row.ci_low, row.ci_high)]
            assert read == pytest.approx([c.estimate, *(c.interval or ())])
        assert row.method == METHODS[row.leads]
        assert 0 <= row.k_borrowed <= row.k
        assert row.k_borrowed == 0 or row.leads in ("pool", "few_studies")
    assert {r.leads for r in now} == set(METHODS)


METHODS = {
    "pool": "REML",
    "few_studies": "half-normal prior",
    "review": "published review",
    "one_large_study": "single study",
    "parts_of_one_study": "single study",
    "one_small_study": "single study",
    "none": "",
}


def test_the_three_values_are_those_of_the_row_of_compare(now: tuple[PooledResultRow, ...], data: Evidence) -> None:
    usual = {described.procedures[0]: c for c, described in reversed(data.conditions.items())}
    by_key = {r.key: r for r in now}
    seen = 0
    for procedure, condition in usual.items():
        for answer in side_by_side(data, condition, procedure).rows:
            row = by_key.get(("mis_versus_open", procedure, answer.outcome.outcome, answer.window.id))
            if row is None:
                continue
            options = (Option.MIS, Option.OPEN, Option.WITHOUT_SURGERY)
            shown = [v.value if (v := answer.value(o, patient=False)) else None for o in options]
            assert [row.first, row.second, row.without_surgery] == shown
            seen += all(v is not None for v in shown)
    assert seen >= 3


def test_the_table_comes_back_from_its_text(now: tuple[PooledResultRow, ...]) -> None:
    again = from_csv(pooled_results.as_csv(now))
    assert pooled_results.differences(now, again) == ()
    assert [r.key for r in again] == [r.key for r in now]


def test_a_difference_is_told_and_rounding_is_none(now: tuple[PooledResultRow, ...]) -> None:
    first = next(r for r in now if r.estimate is not None)
    assert first.estimate is not None
    (told,) = pooled_results.differences([first], [replace(first, estimate=first.estimate * 1.01, k=first.k + 1)])
    assert "estimate" in told
    assert f"k {first.k} -> {first.k + 1}" in told
    rounded = replace(first, estimate=math.nextafter(first.estimate, 1e9))
    assert pooled_results.differences([first], [rounded]) == ()
    (gone,) = pooled_results.differences([first], [])
    (new,) = pooled_results.differences([], [first])
    assert "gone" in gone
    assert "new" in new


def blood_loss(of: Evidence) -> list[Comparison]:
    return [compare(of, q) for q in pooled_results.questions(of) if q.outcome == "blood_loss"]


def test_the_command_tells_what_one_cell_changes(
    change: Change, dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = loading.load(loading.SHIPPED)
    pooled = {s.study.study_id for c in blood_loss(shipped) for s in c.pooled_studies if c.lead.k >= 2}
    first = {r.study_id: r for r in reversed(shipped.arms)}  # the row that `change` finds
    row = next(r for r in first.values() if r.study_id in pooled and r.outcome == "blood_loss" and r.mean and r.sd)
    change("arms.csv", row.study_id, "mean", str((row.mean or 0) + 40))
    assert main(["diff", str(loading.SHIPPED), str(dataset)]) == 0
    told = capsys.readouterr().out
    assert "blood_loss" in told
    assert "estimate" in told
    assert main(["diff", str(loading.SHIPPED), str(loading.SHIPPED)]) == 0
    assert capsys.readouterr().out == "No pooled result differs.\n"


def test_the_command_prints_the_committed_table() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "decision_aid", "pooled"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    printed = from_csv(run.stdout)
    assert pooled_results.differences(from_csv(COMMITTED.read_text(encoding="utf-8")), printed) == ()
