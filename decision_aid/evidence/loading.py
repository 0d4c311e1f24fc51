"""The dataset: loaded and checked once, whole or not at all.

`load` reads every table of a folder, collects every fault and raises `EvidenceError` with the list; it never returns
part of a dataset. What it returns is frozen and safe to share between sessions.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from decision_aid.domain.problems import EvidenceError, Problem
from decision_aid.domain.vocabulary import Arm, Condition, Outcome, Procedure, Road, Unit
from decision_aid.evidence import rows as schema
from decision_aid.evidence.rows import (
    ArmRow,
    ConditionRow,
    ContrastRow,
    OutcomeRow,
    ProcedureRow,
    Row,
    StudyRow,
    ThresholdRow,
)

DATAPACKAGE = "datapackage.json"
SHIPPED = Path(__file__).resolve().parents[2] / "data"
# A table of a few thousand rows is far below this; anything larger is not one of ours and is not read into memory.
LARGEST_FILE_BYTES = 64 * 1024 * 1024

_PER_BASE_UNIT = {  # unit -> (dimension, how many base units it is)
    Unit.HOURS: ("time", 60.0),
    Unit.DAYS: ("time", 1440.0),
    Unit.WEEKS: ("time", 10080.0),
    Unit.MIN: ("time", 1.0),
    Unit.SEC: ("time", 1 / 60),
    Unit.POINTS_0_10: ("rating", 10.0),
    Unit.ML: ("volume", 1.0),
    Unit.CM: ("length", 1.0),
    Unit.POINTS_0_24: ("rdq", 1.0),
    Unit.MG_MORPHINE: ("morphine", 1.0),
}
_RATING_0_100 = ("rating", 1.0)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A checked dataset. Mappings are read-only; rows are frozen."""

    directory: Path
    content_hash: str
    search_date: date
    review_date: date
    counts: Mapping[str, int]  # rows of each table
    studies: Mapping[str, StudyRow]
    arms: tuple[ArmRow, ...]
    contrasts: tuple[ContrastRow, ...]
    thresholds: tuple[ThresholdRow, ...]
    outcomes: Mapping[Outcome, OutcomeRow]
    conditions: Mapping[Condition, ConditionRow]
    procedures: Mapping[Procedure, ProcedureRow]
    roads: Mapping[tuple[Procedure, Road], Mapping[schema.Aspect, str]]
    course_texts: Mapping[tuple[str, str, float, str], str]
    indications: tuple[schema.IndicationRow, ...]
    questions: tuple[schema.QuestionRow, ...]
    concerns: tuple[schema.ConcernRow, ...]
    sure: tuple[schema.SureRow, ...]
    about: Mapping[schema.About, str]
    standards: tuple[schema.StandardRow, ...]
    arms_by_outcome: Mapping[tuple[Procedure, Outcome], tuple[ArmRow, ...]]
    contrasts_by_outcome: Mapping[tuple[Procedure, Outcome], tuple[ContrastRow, ...]]

    def __hash__(self) -> int:  # a dataset is its content
        return hash(self.content_hash)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Evidence) and self.content_hash == other.content_hash


def directory(chosen: str | os.PathLike[str] | None = None) -> Path:
    """The folder of the dataset: the one asked for, else DECISION_AID_DATA, else the one shipped."""
    return Path(chosen or os.environ.get("DECISION_AID_DATA") or SHIPPED).expanduser()


def fingerprint(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of change of every table: cheap to take, different after any save."""
    found = []
    for name in (*schema.TABLES, DATAPACKAGE):
        try:
            status = (folder / name).stat()
        except OSError:
            found.append((name, -1, -1))
        else:
            found.append((name, status.st_size, status.st_mtime_ns))
    return tuple(found)


def load(folder: Path | None = None) -> Evidence:
    """The dataset of a folder, checked.

    Raises `EvidenceError` with every fault found: unreadable, missing, empty or wrongly encoded files, wrong headers,
    wrong cells, repeated keys, rows of unknown studies, arms that cannot be compared, and fewer rows than
    `datapackage.json` states (a file that was cut short).
    """
    folder = directory(folder)
    problems: list[Problem] = []
    if not folder.is_dir():
        raise EvidenceError([Problem(str(folder), None, None, None, "a folder with the tables of the dataset")])
    digest = hashlib.sha256()
    tables: dict[str, list[Any]] = {}
    for name, model in schema.TABLES.items():
        text = _read(folder / name, problems)
        digest.update(f"{name}\0{text}\0".encode())
        tables[name] = _parse(name, text, model, problems) if text is not None else []
    about = _about(folder / DATAPACKAGE, problems)
    faulty = {p.file for p in problems}
    if about:
        _check_counts({name: rows for name, rows in tables.items() if name not in faulty}, about, problems)
    _check_between_rows(tables, faulty, problems)
    if problems:
        raise EvidenceError(sorted(problems, key=lambda p: (p.file, p.line or 0)))
    return _assemble(folder, digest.hexdigest(), tables, about)


def conversion_factor(unit: Unit, target: Unit) -> float | None:
    """What to multiply a value in `unit` by to have it in `target`; None where the scale was not printed or differs."""
    if unit == target and unit not in (Unit.INDEX, Unit.NOT_PRINTED):
        return 1.0
    table = {**_PER_BASE_UNIT, Unit.POINTS_0_100: _RATING_0_100}
    if unit not in table or target not in table or table[unit][0] != table[target][0]:
        return None
    return table[unit][1] / table[target][1]


def course_key(row: ThresholdRow | schema.CourseRow) -> tuple[str, str, float, str]:
    """What ties a row of natural_course.csv to its row of thresholds.csv."""
    return row.measure, row.condition, row.value, row.citation


def _read(path: Path, problems: list[Problem]) -> str | None:
    """The text of a file with plain line ends, or None after noting why not."""

    def refuse(expected: str, line: int | None = None, value: str | None = None) -> None:
        problems.append(Problem(path.name, line, None, value, expected))

    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            return refuse("a table of at most 64 MB")
        data = path.read_bytes()
    except FileNotFoundError:
        return refuse("the file to be there (it is missing)")
    except OSError as error:
        return refuse(f"a readable file ({error.strerror or error})")
    if b"\0" in data:
        return refuse(
            "text saved as UTF-8 (this is another encoding or a damaged file)",
            data[: data.index(b"\0")].count(b"\n") + 1,
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return refuse("text saved as UTF-8 (save it as “CSV UTF-8”)", line, repr(data[error.start : error.end])[2:-1])
    if not text.strip():
        return refuse("a header and rows (the file is empty)")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _parse(name: str, text: str, model: type[Row], problems: list[Problem]) -> list[Row]:
    reader = csv.reader(io.StringIO(text), strict=True)
    expected = list(schema.columns(model))
    rows: list[Row] = []
    seen: dict[tuple[object, ...], int] = {}
    try:
        header = next(reader)
        if header != expected:
            problems.extend(_header_problems(name, header, expected))
            return []
        line = reader.line_num + 1
        for cells in reader:
            if cells:
                _parse_row(name, line, cells, expected, model, rows, seen, problems)
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(name, reader.line_num, None, None, f"a well-formed CSV row ({error})"))
    if not text.endswith("\n"):  # a cut inside the last cell leaves no other trace
        wanted = "a line end after the last row (without one, the file may have been cut short)"
        problems.append(Problem(name, reader.line_num, None, None, wanted))
    if not rows and not problems:
        problems.append(Problem(name, None, None, None, "at least one row below the header"))
    return rows


def _parse_row(
    name: str,
    line: int,
    cells: list[str],
    expected: list[str],
    model: type[Row],
    rows: list[Row],
    seen: dict[tuple[object, ...], int],
    problems: list[Problem],
) -> None:
    if len(cells) != len(expected):
        problems.append(Problem(name, line, None, f"{len(cells)} cells", f"{len(expected)} cells, one for each column"))
        return
    try:
        row = model.model_validate({"line": line, **dict(zip(expected, cells, strict=True))})
    except ValidationError as error:
        for fault in error.errors():
            column = str(fault["loc"][0])
            wanted = str(model.model_fields[column].description)
            if fault["type"] == schema.TOO_LARGE:
                wanted += f", not beyond {schema.LARGEST_NUMBER:,}"
            problems.append(Problem(name, line, column, cells[expected.index(column)], wanted))
        return
    for column, wanted in row.faults():
        problems.append(Problem(name, line, column, cells[expected.index(column)], wanted))
    key = tuple(getattr(row, column) for column in schema.KEYS[name])
    if key in seen:
        shown = ", ".join(str(part) for part in key if part not in (None, ""))
        problems.append(
            Problem(name, line, schema.KEYS[name][0], shown, f"each key once (line {seen[key]} has it already)")
        )
    seen.setdefault(key, line)
    rows.append(row)


def _header_problems(name: str, header: list[str], expected: list[str]) -> Iterable[Problem]:
    if len(header) == 1 and header[0].count(";") >= len(expected) - 1:
        yield Problem(name, 1, None, header[0], "cells parted by commas (these are parted by semicolons)")
        return
    missing = [c for c in expected if c not in header]
    extra = [c for c in header if c not in expected]
    for column in missing:
        yield Problem(name, 1, column, None, "this column to be there (it is missing)")
    for column in extra:
        yield Problem(name, 1, column or "(no name)", None, "no such column")
    if len(set(header)) != len(header):
        yield Problem(name, 1, None, ", ".join(sorted({c for c in header if header.count(c) > 1})), "each column once")
    elif not missing and not extra:
        yield Problem(name, 1, None, ", ".join(header), "the columns in this order: " + ", ".join(expected))


def _about(path: Path, problems: list[Problem]) -> dict[str, Any]:
    """What datapackage.json says of the dataset: dates and the number of rows of each table."""
    text = _read(path, problems)
    if text is None:
        return {}
    try:
        content = json.loads(text)
        return {
            "counts": _row_counts(content["resources"]),
            "search_date": date.fromisoformat(content["searchDate"]),
            "review_date": date.fromisoformat(content["reviewDate"]),
        }
    except json.JSONDecodeError as error:
        problems.append(Problem(path.name, error.lineno, None, None, f"well-formed JSON ({error.msg})"))
    except RecursionError:
        problems.append(Problem(path.name, None, None, None, "well-formed JSON (this is nested too deeply)"))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        problems.append(
            Problem(path.name, None, None, str(error), "searchDate, reviewDate and, for each table, path and rowCount")
        )
    return {}


def _row_counts(resources: list[dict[str, Any]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for resource in resources:
        name, count = resource["path"], resource["rowCount"]
        if type(count) is not int or not 0 < count <= schema.LARGEST_NUMBER:
            raise ValueError(f"rowCount {count!r} of {name}")
        counts[name] = max(count, counts.get(name, 0))
    return counts


def _check_counts(tables: Mapping[str, list[Any]], about: Mapping[str, Any], problems: list[Problem]) -> None:
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


def _check_between_rows(tables: Mapping[str, list[Any]], faulty: set[str], problems: list[Problem]) -> None:
    """Rows against rows, as far as the tables could be read: nothing is said to be missing from a table with faults."""
    if "studies.csv" not in faulty:
        studies = {row.study_id for row in tables["studies.csv"]}
        for name in ("arms.csv", "contrasts.csv"):
            for row in tables[name]:
                if row.study_id not in studies:
                    problems.append(Problem(name, row.line, "study_id", row.study_id, "a study_id of studies.csv"))
    if "thresholds.csv" not in faulty:
        benchmarks = {course_key(row) for row in tables["thresholds.csv"]}
        for row in tables["natural_course.csv"]:
            if course_key(row) not in benchmarks:
                wanted = "a row of thresholds.csv with this measure, condition, value and citation"
                problems.append(Problem("natural_course.csv", row.line, "measure", row.measure, wanted))
    outcomes = {row.outcome: row for row in tables["outcomes.csv"]}
    lines_at_fault = {p.line for p in problems if p.file == "arms.csv" and p.column != "study_id"}
    _check_arm_groups([r for r in tables["arms.csv"] if r.line not in lines_at_fault], outcomes, problems)
    _check_vocabulary(tables, faulty, problems)


def _check_arm_groups(rows: list[ArmRow], outcomes: Mapping[Outcome, OutcomeRow], problems: list[Problem]) -> None:
    groups: dict[tuple[object, ...], list[ArmRow]] = defaultdict(list)
    for row in rows:
        groups[row.study_id, row.outcome, row.timepoint_months, row.timing, row.subgroup].append(row)
        definition = outcomes.get(row.outcome)
        if definition and (definition.unit == Unit.EVENTS) != (row.unit == Unit.EVENTS):
            wanted = "events" if definition.unit == Unit.EVENTS else f"a unit of {row.outcome}, not events"
            problems.append(Problem("arms.csv", row.line, "unit", row.unit, wanted))
    surgical, roads = {Arm.OPEN, Arm.MIS}, {Arm.SURGERY, Arm.NONOPERATIVE}
    for group in groups.values():
        first = group[0]
        for row in group[1:]:
            if {first.arm, row.arm} & surgical and {first.arm, row.arm} & roads:
                problems.append(
                    Problem(
                        "arms.csv",
                        row.line,
                        "arm",
                        row.arm,
                        f"an arm that can stand beside {first.arm} (line {first.line})",
                    )
                )
            if row.unit != first.unit:
                problems.append(
                    Problem(
                        "arms.csv",
                        row.line,
                        "unit",
                        row.unit,
                        f"{first.unit or 'an empty cell'}, as in the other arm (line {first.line})",
                    )
                )
            if row.scale_kind != first.scale_kind:
                problems.append(
                    Problem(
                        "arms.csv",
                        row.line,
                        "scale_kind",
                        row.scale_kind,
                        f"{first.scale_kind}, as in the other arm (line {first.line})",
                    )
                )


def _check_vocabulary(tables: Mapping[str, list[Any]], faulty: set[str], problems: list[Problem]) -> None:
    """Every outcome, procedure, condition (but the mixed one) and line about the tool is there; each road is told in full."""
    described = {
        "outcomes.csv": ("outcome", set(Outcome)),
        "conditions.csv": ("condition", set(Condition) - {Condition.MIXED_DEGENERATIVE}),
        "procedures.csv": ("procedure", set(Procedure)),
        "about.csv": ("key", set(schema.About)),
    }
    for name, (column, wanted) in described.items():
        if name not in faulty:
            for missing in sorted(wanted - {getattr(row, column) for row in tables[name]}):
                problems.append(Problem(name, None, column, None, f"a row for {missing}"))
    if "roads.csv" not in faulty:
        told = {(row.procedure, row.road, row.aspect) for row in tables["roads.csv"]}
        for procedure, road, aspect in product(Procedure, Road, schema.Aspect):
            if (procedure, road, aspect) not in told:
                problems.append(Problem("roads.csv", None, "aspect", None, f"a row for {procedure}, {road}, {aspect}"))


def _assemble(folder: Path, digest: str, tables: Mapping[str, list[Any]], about: Mapping[str, Any]) -> Evidence:
    studies: dict[str, StudyRow] = {r.study_id: r for r in tables["studies.csv"]}

    def grouped(rows: Iterable[Row]) -> Mapping[tuple[Procedure, Outcome], tuple]:
        groups = defaultdict(list)
        for row in rows:
            groups[studies[row.study_id].procedure, row.outcome].append(row)
        return MappingProxyType({key: tuple(value) for key, value in groups.items()})

    roads: dict[tuple[Procedure, Road], dict[schema.Aspect, str]] = defaultdict(dict)
    for row in tables["roads.csv"]:
        roads[row.procedure, row.road][row.aspect] = row.text
    return Evidence(
        directory=folder,
        content_hash=digest,
        search_date=about["search_date"],
        review_date=about["review_date"],
        counts=MappingProxyType({name: len(rows) for name, rows in tables.items()}),
        studies=MappingProxyType(studies),
        arms=tuple(tables["arms.csv"]),
        contrasts=tuple(tables["contrasts.csv"]),
        thresholds=tuple(tables["thresholds.csv"]),
        outcomes=MappingProxyType({r.outcome: r for r in tables["outcomes.csv"]}),
        conditions=MappingProxyType({r.condition: r for r in tables["conditions.csv"]}),
        procedures=MappingProxyType({r.procedure: r for r in tables["procedures.csv"]}),
        roads=MappingProxyType({key: MappingProxyType(value) for key, value in roads.items()}),
        course_texts=MappingProxyType({course_key(r): r.patient_text for r in tables["natural_course.csv"]}),
        indications=tuple(tables["indications.csv"]),
        questions=tuple(tables["questions.csv"]),
        concerns=tuple(tables["concerns.csv"]),
        sure=tuple(tables["sure.csv"]),
        about=MappingProxyType({row.key: row.text for row in tables["about.csv"]}),
        standards=tuple(tables["standards.csv"]),
        arms_by_outcome=grouped(tables["arms.csv"]),
        contrasts_by_outcome=grouped(tables["contrasts.csv"]),
    )
