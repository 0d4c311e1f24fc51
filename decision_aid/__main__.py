"""The command line: `python -m decision_aid pool | compare | pooled | diff | check`. The same functions as the pages."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path
from typing import Any

from decision_aid import datapackage, evidence, pooled_results, report
from decision_aid.comparison import Contrast, DesignFilter, ask, compare
from decision_aid.effects import Measure
from decision_aid.pooling import TooFewStudies, pool
from decision_aid.schema import Condition, EvidenceError, Outcome, Procedure
from decision_aid.timing import window_at

USAGE_FAULT = 2


class Refusal(Exception):
    """Something the reader asked for that cannot be done; the message says why and what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 a dataset with faults, 2 a request that cannot be met."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except EvidenceError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        print(f"{len(error.problems)} fault(s). Nothing is shown from a dataset with faults.", file=sys.stderr)
        return 1
    except (Refusal, TooFewStudies) as error:
        print(error, file=sys.stderr)
        return USAGE_FAULT


def _pool(options: argparse.Namespace) -> int:
    effects, errors = _read_effects(options.file)
    try:
        result = pool(effects, errors)
    except TooFewStudies:
        raise
    except ValueError as error:
        raise Refusal(f"{options.file}: {error}") from None
    _print_json(report.pooled_as_dict(result))
    return 0


def _compare(options: argparse.Namespace) -> int:
    data = evidence.load(evidence.directory(options.data))
    definition = data.outcomes[options.outcome]
    filters: dict[str, Any] = {
        "measure": options.measure,
        "design": options.design,
        "include_cautions": options.include_cautions,
        "technique": options.technique,
        "condition": options.condition,
        "years": tuple(options.years) if options.years else None,
        "contrast": Contrast.SURGERY_VERSUS_NONOPERATIVE if options.against_nonoperative else Contrast.MIS_VERSUS_OPEN,
    }
    try:
        if options.time is not None:
            filters["window"] = window_at(definition, options.time)
        result = compare(data, ask(data, options.procedure, options.outcome, **filters))
    except ValueError as error:
        raise Refusal(str(error)) from None
    if options.json:
        _print_json(report.comparison_as_dict(result, data))
    else:
        print(report.comparison_as_text(result, data))
    return 0


def _pooled(options: argparse.Namespace) -> int:
    print(pooled_results.as_csv(pooled_results.table(evidence.load(evidence.directory(options.directory)))), end="")
    return 0


def _diff(options: argparse.Namespace) -> int:
    old, new = (pooled_results.table(evidence.load(evidence.directory(d))) for d in (options.old, options.new))
    found = pooled_results.differences(old, new)
    print("\n".join(found) if found else "No pooled result differs.")
    return 0


def _check(options: argparse.Namespace) -> int:
    data = evidence.load(evidence.directory(options.directory))
    if options.describe:
        datapackage.write(data.directory, dict(data.counts))
    print(", ".join(f"{name} {n} rows" for name, n in data.counts.items()))
    print(f"No fault found. Data {data.content_hash[:7]}, searched {data.search_date}, review due {data.review_date}.")
    return 0


def _read_effects(path: Path) -> tuple[list[float], list[float]]:
    """Effects and standard errors of a CSV file with those two columns; others are ignored."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = {"effect", "standard_error"} - set(reader.fieldnames or [])
            if missing:
                raise Refusal(
                    f"{path}, line 1: the column {' and '.join(sorted(missing))} is missing; expected effect, standard_error."
                )
            pairs = [_pair(path, reader.line_num, row) for row in reader]
    except OSError as error:
        raise Refusal(f"{path}: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refusal(f"{path}: not a CSV file in UTF-8 ({error}).") from None
    return [e for e, _ in pairs], [s for _, s in pairs]


def _pair(path: Path, line: int, row: dict[str, Any]) -> tuple[float, float]:
    values = []
    for column in ("effect", "standard_error"):
        try:
            values.append(float(row[column]))
        except (TypeError, ValueError):
            raise Refusal(f"{path}, line {line}, column {column}: found “{row[column]}”; expected a number.") from None
    return values[0], values[1]


def _print_json(content: dict[str, Any]) -> None:
    print(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m decision_aid", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser(
        "pool", help="pool effects of a CSV file (REML, Hartung-Knapp with the ad hoc correction)"
    )
    command.add_argument("file", type=Path, help="columns effect and standard_error; ratios as logarithms")
    command.set_defaults(run=_pool)

    command = commands.add_parser("compare", help="minimally invasive against open for one outcome")
    command.add_argument(
        "procedure", type=Procedure, choices=list(Procedure), metavar="PROCEDURE", help=", ".join(Procedure)
    )
    command.add_argument("outcome", type=Outcome, choices=list(Outcome), metavar="OUTCOME", help=", ".join(Outcome))
    command.add_argument(
        "--time", type=float, metavar="MONTHS", help="months after the operation, for follow-up outcomes"
    )
    command.add_argument("--measure", type=Measure, choices=list(Measure), metavar="MEASURE", help=", ".join(Measure))
    command.add_argument("--design", type=DesignFilter, choices=list(DesignFilter), default=DesignFilter.AUTO, metavar="DESIGN",
                         help="rct, all, or auto: trials alone when three or more can be pooled")  # fmt: skip
    command.add_argument("--technique", help="only studies of this minimally invasive technique")
    command.add_argument(
        "--condition",
        type=Condition,
        choices=list(Condition),
        metavar="CONDITION",
        help="only studies of this condition",
    )
    command.add_argument(
        "--years", nargs=2, type=int, metavar=("FROM", "TO"), help="only studies published in these years"
    )
    command.add_argument("--include-cautions", action="store_true", help="put studies that were set aside back in")
    command.add_argument("--against-nonoperative", action="store_true", help="surgery against staying without it")
    command.add_argument("--data", metavar="DIR", help="another dataset")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=_compare)

    command = commands.add_parser("pooled", help="print every pooled result of a dataset as CSV")
    command.add_argument("directory", nargs="?", metavar="DIR", help="default: the dataset in use")
    command.set_defaults(run=_pooled)

    command = commands.add_parser("diff", help="print what changes in the pooled results from one dataset to another")
    command.add_argument("old", metavar="OLD_DIR")
    command.add_argument("new", metavar="NEW_DIR")
    command.set_defaults(run=_diff)

    command = commands.add_parser("check", help="validate a dataset and name every fault")
    command.add_argument("directory", nargs="?", metavar="DIR", help="default: the dataset in use")
    command.add_argument(
        "--describe", action="store_true", help="rewrite datapackage.json from the models and row counts"
    )
    command.set_defaults(run=_check)
    return parser


if __name__ == "__main__":
    sys.exit(main())
