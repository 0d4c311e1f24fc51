"""The command line: `python -m decision_aid pool | compare | pooled | diff | check`. The same functions as the pages."""

from __future__ import annotations

import argparse
import difflib
import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from decision_aid.comparison import narrowing, pooled_results, question
from decision_aid.comparison.comparison import Comparison, compare
from decision_aid.comparison.question import Contrast, DesignFilter, ask
from decision_aid.comparison.selection import techniques
from decision_aid.domain.problems import EvidenceError
from decision_aid.domain.time_windows import TimeWindow, default_window, window_at, windows_of
from decision_aid.domain.vocabulary import Condition, Outcome, Procedure
from decision_aid.evidence import datapackage, loading
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.exports import report, terminal
from decision_aid.meta_analysis import effects_file
from decision_aid.meta_analysis.effects import Measure
from decision_aid.meta_analysis.few_studies import TAU_SCALE, pool_few
from decision_aid.meta_analysis.random_effects import TooFewStudies, pool
from decision_aid.meta_analysis.synthesis import ENOUGH_FOR_REML

USAGE_FAULT = 2


class Refusal(Exception):
    """Something the reader asked for that cannot be done; the message says why and what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 a dataset with faults, 2 a request that cannot be met."""
    terminal.take_any_code_page()
    return terminal.run(lambda: _run(arguments))


def _run(arguments: list[str] | None) -> int:
    options = _parser().parse_args(arguments)
    try:
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except EvidenceError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        print(f"{len(error.problems)} fault(s). Nothing is shown from a dataset with faults.", file=sys.stderr)
        return 1
    except (Refusal, TooFewStudies, effects_file.EffectsFileError) as error:
        print(error, file=sys.stderr)
        return USAGE_FAULT


def _pool(options: argparse.Namespace) -> int:
    effects, errors = effects_file.read(options.file)
    k = len(effects)
    by_posterior = options.method == "bayes" or (options.method is None and 2 <= k < ENOUGH_FOR_REML)
    if options.method == "reml" and k == 2:
        raise Refusal(
            f"{options.file}: two studies say too little about the spread between them for REML. "
            "Leave --method out: they are then pooled with a prior on that spread (--method bayes)."
        )
    try:
        if by_posterior:
            content = report.few_studies_as_dict(pool_few(effects, errors, options.tau_scale))
        else:
            content = report.pool_of_a_file_as_dict(pool(effects, errors))
    except (ValueError, ArithmeticError) as error:
        raise Refusal(f"{options.file}: these numbers cannot be pooled ({error}).") from None
    terminal.print_json(content)
    return 0


def _compare(options: argparse.Namespace) -> int:
    data = loading.load(loading.directory(options.data))
    definition = data.outcomes[options.outcome]
    filters: dict[str, Any] = {
        "measure": options.measure,
        "design": options.design,
        "include_cautions": options.include_cautions,
        "technique": _technique(data, options),
        "condition": options.condition,
        "years": _years(data, options.years),
        "contrast": Contrast.SURGERY_VERSUS_NONOPERATIVE if options.against_nonoperative else Contrast.MIS_VERSUS_OPEN,
    }
    try:
        if options.time is not None:
            filters["window"] = _window(definition, options.time)
        result = compare(data, ask(data, options.procedure, options.outcome, **filters))
    except ValueError as error:
        raise Refusal(str(error)) from None
    _refuse_what_leaves_none(data, result, options)
    if options.json:
        terminal.print_json(report.comparison_as_dict(result, data))
    else:
        print(report.comparison_as_text(result, data))
    return 0


def _technique(data: Evidence, options: argparse.Namespace) -> str | None:
    """The technique asked for, written as the dataset writes it."""
    if options.technique is None:
        return None
    known = techniques(data, options.procedure)
    wanted = str(options.technique).strip().lower().replace("-", "_").replace(" ", "_")
    if wanted not in known:
        what = f"technique of a minimally invasive {options.procedure} in this dataset"
        raise Refusal(f"--technique: {_not_known(options.technique, what, known)}")
    return wanted


def _years(data: Evidence, years: list[int] | None) -> tuple[int, int] | None:
    if years is None:
        return None
    first, last = years
    begins, ends = report.years(data)
    if first > last:
        raise Refusal(f"--years: {first} comes after {last}. Write the earlier year first: --years {last} {first}.")
    if last < begins or first > ends:
        raise Refusal(
            f"--years: no study is of {first} to {last}. The studies of this dataset are of {begins} to {ends}."
        )
    return first, last


def _window(definition: OutcomeRow, months: float) -> TimeWindow:
    """The window that holds a time. A time between the windows of an outcome is refused with those there are."""
    if math.isinf(months):
        raise Refusal(f"--time: {months:g} months is not a time after the operation.")
    window = window_at(definition, months)
    known = windows_of(definition)
    if window not in known:
        named = ", ".join(w.clinician_label for w in known)
        raise Refusal(f"--time: no span of {definition.outcome} holds {months:g} months. It is looked at in: {named}.")
    return window


def _refuse_what_leaves_none(data: Evidence, c: Comparison, options: argparse.Namespace) -> None:
    """Say that the filters leave nothing, where there are studies without them: that is not “not measured”."""
    if narrowing.left(c):
        return
    given = {
        "--technique": options.technique,
        "--condition": options.condition,
        "--design": options.design if options.design is DesignFilter.RCT else None,
        "--years": " ".join(map(str, options.years)) if options.years else None,
        "--time": None if options.time is None else f"{options.time:g}",
    }
    on = {name: value for name, value in given.items() if value is not None}
    if not on:
        return
    wide = replace(question.unfiltered(c.question), condition=None)
    without_time = replace(wide, window=default_window(c.outcome))
    there = len(compare(data, wide).studies) or ("--time" in on and len(compare(data, without_time).studies))
    if there:
        named = ", ".join(f"{name} {value}" for name, value in on.items())
        which = "the filter leaves" if len(on) == 1 else "these filters together leave"
        raise Refusal(
            f"{c.outcome.outcome}, {c.question.procedure}: {which} none of {there} {'study' if there == 1 else 'studies'} "
            f"({named}). Leave {'it' if len(on) == 1 else 'one'} out to see them."
        )


def _pooled(options: argparse.Namespace) -> int:
    print(pooled_results.as_csv(pooled_results.table(loading.load(loading.directory(options.directory)))), end="")
    return 0


def _diff(options: argparse.Namespace) -> int:
    old, new = (pooled_results.table(loading.load(loading.directory(d))) for d in (options.old, options.new))
    found = pooled_results.differences(old, new)
    print("\n".join(found) if found else "No pooled result differs.")
    return 0


def _check(options: argparse.Namespace) -> int:
    data = loading.load(loading.directory(options.directory))
    if options.describe:
        datapackage.write(data.directory, dict(data.counts))
    print(", ".join(f"{name} {n} rows" for name, n in data.counts.items()))
    print(f"No fault found. Data {data.content_hash[:7]}, searched {data.search_date}, review due {data.review_date}.")
    return 0


def _not_known(given: str, what: str, known: Iterable[str]) -> str:
    """That a word is not known, the nearest one that is, and all of them."""
    words = [str(k) for k in known]
    near = difflib.get_close_matches(given.strip().lower().replace("-", "_").replace(" ", "_"), words, n=1, cutoff=0.6)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"“{given}” is no {what}.{hint} Known: {', '.join(words) or 'none'}."


def _one_of(kind: type[StrEnum], what: str) -> Callable[[str], StrEnum]:
    """How an argument is read that must be one of a few words."""

    def read(text: str) -> StrEnum:
        try:
            return kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(_not_known(text, what, kind)) from None

    return read


def _number_of(what: str, kind: type[int] | type[float]) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            return kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"“{text}” is no {what}.") from None

    return read


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m decision_aid", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser(
        "pool", help="pool effects of a CSV file and print JSON: two to four with a prior on their spread, more by REML"
    )
    command.add_argument("file", type=Path, help="columns effect and standard_error; ratios as logarithms")
    command.add_argument(
        "--method",
        choices=("reml", "bayes"),
        help="reml: with Hartung-Knapp, ad hoc correction; bayes: a half-normal prior on the spread between studies "
        f"(default: bayes for two to four studies, reml from {ENOUGH_FOR_REML} on)",
    )
    command.add_argument(
        "--tau-scale",
        type=_number_of("scale", float),
        default=TAU_SCALE,
        metavar="S",
        help=f"scale of that prior, in the unit of the effects (default: {TAU_SCALE}, for logarithms of ratios)",
    )
    command.add_argument("--json", action="store_true", help="print JSON, as it always does")
    command.set_defaults(run=_pool)

    command = commands.add_parser("compare", help="minimally invasive against open for one outcome")
    command.add_argument(
        "procedure", type=_one_of(Procedure, "procedure"), metavar="PROCEDURE", help=", ".join(Procedure)
    )
    command.add_argument("outcome", type=_one_of(Outcome, "outcome"), metavar="OUTCOME", help=", ".join(Outcome))
    command.add_argument(
        "--time",
        type=_number_of("number of months", float),
        metavar="MONTHS",
        help="months after the operation, for follow-up outcomes",
    )
    command.add_argument("--measure", type=_one_of(Measure, "measure"), metavar="MEASURE", help=", ".join(Measure))
    command.add_argument("--design", type=_one_of(DesignFilter, "design"), default=DesignFilter.AUTO, metavar="DESIGN",
                         help="rct, all, or auto: trials alone when five or more can be pooled")  # fmt: skip
    command.add_argument("--technique", help="only studies of this minimally invasive technique")
    command.add_argument(
        "--condition",
        type=_one_of(Condition, "condition"),
        metavar="CONDITION",
        help="only studies of this condition",
    )
    command.add_argument(
        "--years",
        nargs=2,
        type=_number_of("year", int),
        metavar=("FROM", "TO"),
        help="only studies published in these years",
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
