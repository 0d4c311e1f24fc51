"""Faults put into a copy of the program, one at a time: the tests named beside each must find it.

    python tests/mutants.py [WORD ...]

With words, only the faults whose description holds one of them. Prints those that no test finds; the exit code is then 1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(".git", ".venv*", "__pycache__", ".*_cache", ".hypothesis", "build", "*.egg-info")


class Mutant(NamedTuple):
    """`old` stands exactly once in `file`; `tests` are node ids, or files, with a space between two."""

    fault: str
    file: str
    old: str
    new: str
    tests: str


MUTANTS = [
    Mutant(
        "open and MIS swapped in the text of a mark of both arms",
        "decision_aid/charts/outcome_charts.py",
        'f"minimally invasive {first}, open {second}"',
        'f"minimally invasive {second}, open {first}"',
        "tests/unit/test_agreement.py::test_text_of_a_mark_says_which_value_is_of_which_operation",
    ),
    Mutant(
        "open and MIS swapped among the own results beside the published",
        "decision_aid/components/own_results.py",
        "_side(side, row, scale, denominator)",
        "_side(beside.mis if side is beside.open else beside.open, row, scale, denominator)",
        "tests/integration/test_own_results.py::test_own_and_published_stand_in_words_and_picture_alike",
    ),
    Mutant(
        "the published bar drawn from the own value",
        "decision_aid/components/own_results.py",
        '_bar(option, _published(side, outcome), scale, "published")',
        '_bar(option, own_range(side), scale, "published")',
        "tests/integration/test_own_results.py::test_own_and_published_stand_in_words_and_picture_alike",
    ),
    Mutant(
        "an own rate stands however few the cases are",
        "decision_aid/comparison/own_rates.py",
        "return self.n >= FEWEST_CASES",
        "return True",
        "tests/integration/test_own_rates.py",
    ),
    Mutant(
        "an own rate stands from nineteen cases on",
        "decision_aid/comparison/own_rates.py",
        "FEWEST_CASES = 20",
        "FEWEST_CASES = 19",
        "tests/integration/test_own_rates.py tests/unit/test_caselog_summary.py::test_small_groups_say_so",
    ),
    Mutant(
        "open rates stand beside any own rate of minimally invasive surgery",
        "decision_aid/comparison/own_rates.py",
        "return self.open_stands and self.mis is not None and self.mis.stands",
        "return self.open_stands and self.mis is not None",
        "tests/integration/test_own_rates.py",
    ),
    Mutant(
        "own groups are compared however small",
        "decision_aid/audit/results.py",
        "return GroupState.SHOWN_NOT_COMPARED if cases < SMALL_NUMBERS else GroupState.COMPARED",
        "return GroupState.COMPARED",
        "tests/unit/test_caselog_summary.py::test_small_groups_say_so",
    ),
    Mutant(
        "the mean of a log in the place of its median",
        "decision_aid/audit/summary.py",
        'cell[f"{name}__{label}"] = low + (high - low) * (below - i)',
        'cell[f"{name}__{label}"] = mean if share == 0.5 else low + (high - low) * (below - i)',
        "tests/unit/test_caselog_summary.py::test_years_are_those_of_pandas",
    ),
    Mutant(
        "the mean of a registry in the place of its median",
        "decision_aid/audit/registry.py",
        "column.quantile(q) for label, q in",
        "column.mean() if q == 0.5 else column.quantile(q) for label, q in",
        "tests/integration/test_caselog_remote.py::test_parquet_through_duckdb",
    ),
    Mutant(
        "the rolling mean of operating times in the place of their median",
        "decision_aid/audit/learning_curve.py",
        ".rolling(window).median()",
        ".rolling(window).mean()",
        "tests/unit/test_caselog_summary.py::test_operating_time_by_case_order_against_r",
    ),
    Mutant(
        "a trend drawn from means",
        "decision_aid/charts/own_results.py",
        "known = [(year, d.median, d.q1 or 0",
        "known = [(year, d.mean, d.q1 or 0",
        "tests/integration/test_own_results.py::test_a_year_is_its_median_with_its_quartiles",
    ),
    Mutant(
        "the middle of the quartiles in the text of a year's mark",
        "decision_aid/charts/own_results.py",
        "text=[numerals.plain(median, 1) for _, median, _, _ in known]",
        "text=[numerals.plain((q1 + q3) / 2, 1) for _, _, q1, q3 in known]",
        "tests/integration/test_own_results.py::test_a_year_is_its_median_with_its_quartiles",
    ),
    Mutant(
        "the quartile bars of a year upside down",
        "decision_aid/charts/own_results.py",
        '"array": [q3 - median for _, median, _, q3 in known]',
        '"array": [median - q1 for _, median, q1, _ in known]',
        "tests/integration/test_own_results.py::test_a_year_is_its_median_with_its_quartiles",
    ),
    Mutant(
        "the bar of an own median ends at its highest value",
        "decision_aid/audit/shown_results.py",
        "d.median, d.q3 if d.q3 is not None else d.median",
        "d.median, d.maximum",
        "tests/integration/test_own_results.py::test_limits_of_an_own_bar_are_the_quartiles_of_the_log",
    ),
    Mutant(
        "the funnel drawn at 0.96 standard errors",
        "decision_aid/charts/forest.py",
        "centre - 1.96 * top, centre, centre + 1.96 * top",
        "centre - 0.96 * top, centre, centre + 0.96 * top",
        "tests/unit/test_forest.py::test_limits_of_the_funnel_hold_what_chance_would_of_twenty_studies",
    ),
    Mutant(
        "studies that are not named are not counted either",
        "decision_aid/wording/table_cells.py",
        "more = len(found) - len(texts)",
        "more = 0",
        "tests/unit/test_agreement.py::test_studies_that_are_not_named_are_counted",
    ),
    Mutant(
        "what is forgotten is deleted, but its bytes stay",
        "decision_aid/storage/files.py",
        "                    target.write(bytes(min(_BLOCK, status.st_size - at)))\n",
        "                    pass\n",
        "tests/integration/test_store.py::test_the_bytes_of_what_is_deleted_or_replaced_are_overwritten",
    ),
]


def run(copy: Path, tests: str) -> int:
    """The exit code of pytest: 0 all passed, 1 some failed, anything else is no answer."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests.split()]
    # No bytecode: a fault as long as what it replaces, within the same second, would not be seen.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=copy, env=environment, stdout=subprocess.DEVNULL, check=False).returncode


def main(words: list[str]) -> int:
    chosen = [m for m in MUTANTS if not words or any(word in m.fault for word in words)]
    found = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(ROOT, Path(folder, "copy"), ignore=LEFT_OUT))
        tests = sorted({test for m in chosen for test in m.tests.split()})
        if code := run(copy, " ".join(tests)):
            print(f"Without a fault, pytest ends with {code}: {' '.join(tests)}")
            return 1
        for mutant in chosen:
            path = copy / mutant.file
            text = path.read_text(encoding="utf-8")
            if text.count(mutant.old) != 1:
                print(f"no longer there: {mutant.fault} ({mutant.file})")
                continue
            path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
            code = run(copy, mutant.tests)
            path.write_text(text, encoding="utf-8")
            found += code == 1
            print(f"{'found' if code == 1 else f'NOT FOUND ({code})'}: {mutant.fault}", flush=True)
    print(f"{found} of {len(chosen)} faults found")
    return int(found != len(chosen))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
