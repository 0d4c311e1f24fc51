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
from decision_aid.evidence import loading
from decision_aid.evidence.loading import Evidence

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "tests" / "pooled_results.csv"
Change = Callable[[str, str, str, str], int]


def from_csv(text: str) -> tuple[PooledResultRow, ...]:
    """The table that `as_csv` wrote."""
    return tuple(_row(cells) for cells in csv.DictReader(io.StringIO(text)))


def _row(cells: dict[str, str]) -> PooledResultRow:
    values: dict[str, Any] = dict(cells)
    for name in ("estimate", "ci_low", "ci_high", "tau2", "i2", "baseline_risk", "people"):
        values[name] = float(cells[name]) if cells[name] else None
    return PooledResultRow(**values | {"studies": int(cells["studies"]), "k": int(cells["k"])})


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
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    told = [line for line in lines if line.startswith("| 20")]
    assert f"| {fingerprint} |" in told[0], f"the newest line under “Numbers changed” must name the table {fingerprint}"


def test_the_table_holds_every_comparison_that_a_study_speaks_to(
    now: tuple[PooledResultRow, ...], data: Evidence
) -> None:
    asked = list(pooled_results.questions(data))
    spoken = [compare(data, q) for q in asked if compare(data, q).studies]
    assert len(now) == len(spoken) == len({r.key for r in now})
    for row, c in zip(now, spoken, strict=True):
        assert row.estimate == (c.pooled.estimate if c.pooled else None)
        assert row.k == (c.pooled.k if c.pooled else 0)


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


def map_compare(of: Evidence) -> list[Comparison]:
    return [compare(of, q) for q in pooled_results.questions(of) if q.outcome == "blood_loss"]


def test_the_command_tells_what_one_cell_changes(
    change: Change, dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = loading.load(loading.SHIPPED)
    pooled = {s.study.study_id for c in map_compare(shipped) for s in c.pooled_studies if c.pooled and c.pooled.k > 2}
    first = {r.study_id: r for r in reversed(shipped.arms)}  # the row that `change` finds
    row = next(r for r in first.values() if r.study_id in pooled and r.outcome == "blood_loss" and r.mean and r.sd)
    change("arms.csv", row.study_id, "mean", str((row.mean or 0) + 40))
    assert main(["diff", str(loading.SHIPPED), str(dataset)]) == 0
    told = capsys.readouterr().out
    assert "blood_loss" in told
    assert main(["diff", str(loading.SHIPPED), str(loading.SHIPPED)]) == 0
    assert capsys.readouterr().out == "No pooled result differs.\n"


def test_the_command_prints_the_committed_table() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "decision_aid", "pooled"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    printed = from_csv(run.stdout)
    assert pooled_results.differences(from_csv(COMMITTED.read_text(encoding="utf-8")), printed) == ()
