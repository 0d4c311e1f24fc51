"""Measure the case log: a million invented rows read, checked and summarised, against a bare pandas read and group-by.

python benchmarks/caselog.py [--rows N] [--rounds N]

Both sides alternate within one run and medians are compared, so that a busy machine slows both alike. Each measurement
is a process of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

BAR = 3.0  # times the bare read and group-by
SIDES = ("bare pandas", "own cases")
GROUPS, MEASURED = ["procedure", "approach"], ["blood_loss_ml", "length_of_stay_days", "operative_time_min"]
_KIB_A_MIB = 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--side", choices=(*SIDES, "write"), help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.side == "write":
        from decision_aid.case_log.example import example_cases

        example_cases(asked.rows).to_csv(asked.file, index=False)
        return 0
    if asked.side:
        print(json.dumps(measured(asked.side, asked.file)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cases.csv"
        # A process would pass its own peak of memory on to those it starts, so this one stays small.
        write = [sys.executable, __file__, "--side", "write", "--file", str(file), "--rows", str(asked.rows)]
        subprocess.run(write, check=True)
        print(f"{asked.rows:,} rows, {file.stat().st_size / 1e6:,.0f} MB, {os.cpu_count()} cores")
        found: dict[str, list[tuple[float, float]]] = {side: [] for side in SIDES}
        for _ in range(asked.rounds):
            for side in SIDES:
                command = [sys.executable, __file__, "--side", side, "--file", str(file)]
                run = subprocess.run(command, capture_output=True, text=True, check=True)
                found[side].append(tuple(json.loads(run.stdout)))
    seconds = {side: median(s for s, _ in runs) for side, runs in found.items()}
    for side, runs in found.items():
        print(f"{side:12} {seconds[side]:6.2f} s   peak memory {max(m for _, m in runs):7,.0f} MiB")
    ratio = seconds["own cases"] / seconds["bare pandas"]
    print(
        f"ratio        {ratio:6.2f}     bar {BAR:g}: {'met' if ratio <= BAR else 'not met'}   load {os.getloadavg()[0]:.1f}"
    )
    return 0 if ratio <= BAR else 1


def measured(side: str, file: str) -> tuple[float, float]:
    """Seconds and peak memory (MiB) of one side, imports not counted."""
    import pandas as pd
    import pyarrow.csv  # noqa: F401

    from decision_aid.audit.summary import summarise
    from decision_aid.case_log import importing

    start = time.perf_counter()
    if side == SIDES[0]:
        pd.read_csv(file).groupby(GROUPS)[MEASURED].agg(["median", "mean", "count"])
    else:
        log = importing.load_cases(file, importing.look(file).plan())
        assert sum(g.cases for g in summarise(log.cases).groups) == log.used == log.rows_in - log.set_aside_rows
    spent = time.perf_counter() - start
    return spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_A_MIB


if __name__ == "__main__":
    raise SystemExit(main())
