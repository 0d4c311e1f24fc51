"""Measure what a million cases of a registry cost to summarise, in memory and where they lie.

python benchmarks/caselog_summary.py [--cases 1000000] [--repeat 3]

The bare side reads the CSV file with pandas and groups it once, by procedure and approach, for means only. Every stage
runs in a process of its own, so that its peak of memory is its own; sides alternate, medians are compared. Reading and
checking a log is measured in benchmarks/caselog.py.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import pandas as pd  # noqa: E402

from decision_aid.audit.learning_curve import learning_curve  # noqa: E402
from decision_aid.audit.summary import summarise  # noqa: E402
from decision_aid.case_log.fields import FIELDS, Approach, Kind  # noqa: E402
from decision_aid.domain.vocabulary import Procedure  # noqa: E402

BAR = 3.0  # times the bare read and group-by, for import and summary together
NUMBERS = [f.name for f in FIELDS if f.kind is Kind.NUMBER]
Figure = tuple[float, float]  # seconds, peak of memory in MB


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bare(folder: Path) -> Callable[[], object]:
    def run() -> object:
        frame = pd.read_csv(folder / "cases.csv", low_memory=False)
        return frame.groupby(["procedure", "approach"])[NUMBERS].mean()

    return run


def in_memory(folder: Path) -> Callable[[], object]:
    frame = pd.read_parquet(folder / "cases.parquet")
    return lambda: summarise(frame)


def frame_alone(folder: Path) -> Callable[[], object]:
    frame = pd.read_parquet(folder / "cases.parquet")
    return lambda: len(frame)


def curve(folder: Path) -> Callable[[], object]:
    frame = pd.read_parquet(folder / "cases.parquet")
    return lambda: learning_curve(frame, Procedure.FUSION, Approach.MIS)


def duckdb_parquet(folder: Path) -> Callable[[], object]:
    from decision_aid.audit.registry import open_source, summarise_remote

    return lambda: summarise_remote(open_source(folder / "cases.parquet"))


def duckdb_csv(folder: Path) -> Callable[[], object]:
    from decision_aid.audit.registry import open_source, summarise_remote

    return lambda: summarise_remote(open_source(folder / "cases.csv"))


STAGES = {
    "bare pandas: read_csv, one group-by of means": bare,
    "the log in memory, nothing computed": frame_alone,
    "summarise, in memory": in_memory,
    "learning curve of one group, in memory": curve,
    "summarise_remote, Parquet through DuckDB": duckdb_parquet,
    "summarise_remote, CSV through DuckDB": duckdb_csv,
}


def measured(name: str, folder: Path) -> Figure:
    """Run one stage in a process of its own."""
    command = [sys.executable, __file__, "--stage", name, "--folder", str(folder)]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, memory = run.stdout.split()
    return float(seconds), float(memory)


def run_stage(name: str, folder: Path) -> None:
    stage = STAGES[name](folder)
    begin = time.perf_counter()
    stage()
    print(time.perf_counter() - begin, peak_mb())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--stage", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stage:
        run_stage(options.stage, options.folder)
        return 0
    import caselog_frames

    names = [n for n in STAGES if "DuckDB" not in n or importlib.util.find_spec("ibis")]
    figures: dict[str, list[Figure]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        log = caselog_frames.synthetic(options.cases)
        log.to_csv(Path(folder, "cases.csv"), index=False)
        log.to_parquet(Path(folder, "cases.parquet"))
        size = Path(folder, "cases.csv").stat().st_size / 1e6
        del log
        for _ in range(options.repeat):
            for name in names:
                figures[name].append(measured(name, Path(folder)))
    print(
        f"{options.cases:,} made-up cases, {len(FIELDS)} columns, CSV of {size:,.0f} MB; Python "
        f"{platform.python_version()}, pandas {pd.__version__}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    )
    base = median(seconds for seconds, _ in next(iter(figures.values())))
    width = max(map(len, names))
    for name, found in figures.items():
        seconds, memory = (median(side) for side in zip(*found, strict=True))
        print(f"{name.ljust(width)}  {seconds:7.2f} s  {seconds / base:5.2f} x bare  peak {memory:6,.0f} MB")
    used = median(seconds for seconds, _ in figures["summarise, in memory"]) / base
    print(f"Of the {BAR:g} x bare that import and summary may take together, the summary leaves {BAR - used:.2f} x.")
    return 0 if used < BAR else 1


if __name__ == "__main__":
    sys.exit(main())
