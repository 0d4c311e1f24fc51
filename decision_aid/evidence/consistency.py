"""Tables against each other: rows that are missing, rows that belong to nothing, arms that cannot be compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set
from enum import StrEnum
from itertools import product
from typing import Any

from decision_aid.domain.problems import Problem
from decision_aid.domain.time_windows import FOLLOW_UP, windows_of
from decision_aid.domain.vocabulary import About, Arm, Aspect, Condition, Option, Outcome, Procedure, Unit
from decision_aid.evidence.rows import ArmRow, OutcomeRow, StudyRow
from decision_aid.evidence.tables import DATAPACKAGE
from decision_aid.evidence.text_rows import ConcernRow


def check_counts(tables: Mapping[str, list[Any]], about: Mapping[str, Any], problems: list[Problem]) -> None:
    counts: Mapping[str, int] = about["counts"]
    for name, rows in tables.items():
        if name not in counts:
            problems.append(Problem(DATAPACKAGE, None, "resources", None, f"an entry for {name}"))
        elif len(rows) < counts[name]:
            problems.append(
                Problem(
                    name,
                    None,
                    None,
                    f"{len(rows)} rows",
                    f"at least the {counts[name]} rows that {DATAPACKAGE} states "
                    "(the file was cut short; after removing rows on purpose, lower rowCount there)",
                )
            )


def check_between_rows(tables: Mapping[str, list[Any]], faulty: set[str], problems: list[Problem]) -> None:
    """Rows against rows, as far as the tables could be read: nothing is said to be missing from a table with faults."""
    if "studies.csv" not in faulty:
        studies = {row.study_id for row in tables["studies.csv"]}
        _check_labels(tables["studies.csv"], problems)
        for name in ("arms.csv", "contrasts.csv"):
            for row in tables[name]:
                if row.study_id not in studies:
                    problems.append(Problem(name, row.line, "study_id", row.study_id, "a study_id of studies.csv"))
    if "thresholds.csv" not in faulty:
        benchmarks = {row.threshold_id for row in tables["thresholds.csv"]}
        for row in tables["natural_course.csv"]:
            if row.threshold_id not in benchmarks:
                wanted = "a threshold_id of thresholds.csv"
                problems.append(Problem("natural_course.csv", row.line, "threshold_id", row.threshold_id, wanted))
    outcomes = {row.outcome: row for row in tables["outcomes.csv"]}
    lines_at_fault = {p.line for p in problems if p.file == "arms.csv" and p.column != "study_id"}
    _check_arm_groups([r for r in tables["arms.csv"] if r.line not in lines_at_fault], outcomes, problems)
    if "concerns.csv" not in faulty:
        _check_times_of_concerns(tables["concerns.csv"], outcomes, problems)
    _check_vocabulary(tables, faulty, problems)


def _check_labels(rows: list[StudyRow], problems: list[Problem]) -> None:
    """A reader knows a study by its label alone: two that share one could not be told apart."""
    first: dict[str, int] = {}
    for row in rows:
        there = first.setdefault(row.label, row.line)
        if there != row.line:
            wanted = f"a label of its own (line {there} has it)"
            problems.append(Problem("studies.csv", row.line, "label", row.label, wanted))


def _check_arm_groups(rows: list[ArmRow], outcomes: Mapping[Outcome, OutcomeRow], problems: list[Problem]) -> None:
    groups: dict[tuple[object, ...], list[ArmRow]] = defaultdict(list)
    for row in rows:
        groups[row.study_id, row.outcome, row.timepoint_months, row.timing, row.subgroup].append(row)
        definition = outcomes.get(row.outcome)
        if definition and (definition.unit == Unit.EVENTS) != (row.unit == Unit.EVENTS):
            wanted = "events" if definition.unit == Unit.EVENTS else f"a unit of {row.outcome}, not events"
            problems.append(Problem("arms.csv", row.line, "unit", row.unit, wanted))
    surgical, options = {Arm.OPEN, Arm.MIS}, {Arm.SURGERY, Arm.NONOPERATIVE}
    for first, *others in groups.values():
        for row in others:
            found: list[tuple[str, str, str]] = []
            if {first.arm, row.arm} & surgical and {first.arm, row.arm} & options:
                found.append(("arm", row.arm, f"an arm that can stand beside {first.arm} (line {first.line})"))
            there = f"as in the other arm (line {first.line})"
            if row.unit != first.unit:
                found.append(("unit", row.unit, f"{first.unit or 'an empty cell'}, {there}"))
            if row.scale_kind != first.scale_kind:
                found.append(("scale_kind", row.scale_kind, f"{first.scale_kind}, {there}"))
            problems.extend(Problem("arms.csv", row.line, *fault) for fault in found)


def _check_times_of_concerns(
    rows: list[ConcernRow], outcomes: Mapping[Outcome, OutcomeRow], problems: list[Problem]
) -> None:
    for row in rows:
        for outcome, window in row.timed_outcomes:
            measured = windows_of(outcomes[outcome]) if outcome in outcomes else FOLLOW_UP
            if window and window not in measured:
                wanted = f"{outcome} at one of {', '.join(w.id for w in measured)}"
                problems.append(Problem("concerns.csv", row.line, "outcomes", f"{outcome}@{window.id}", wanted))


def _check_vocabulary(tables: Mapping[str, list[Any]], faulty: set[str], problems: list[Problem]) -> None:
    """Every outcome, procedure, condition (but the mixed one) and line about the tool is there; each option is told in full."""
    described: dict[str, tuple[str, Set[StrEnum]]] = {
        "outcomes.csv": ("outcome", set(Outcome)),
        "conditions.csv": ("condition", set(Condition) - {Condition.MIXED_DEGENERATIVE}),
        "procedures.csv": ("procedure", set(Procedure)),
        "about.csv": ("key", set(About)),
    }
    for name, (column, wanted) in described.items():
        if name not in faulty:
            for missing in sorted(wanted - {getattr(row, column) for row in tables[name]}):
                problems.append(Problem(name, None, column, None, f"a row for {missing}"))
    if "options.csv" not in faulty:
        told = {(row.procedure, row.option, row.aspect) for row in tables["options.csv"]}
        for procedure, option, aspect in product(Procedure, Option, Aspect):
            if (procedure, option, aspect) not in told:
                problems.append(
                    Problem("options.csv", None, "aspect", None, f"a row for {procedure}, {option}, {aspect}")
                )
