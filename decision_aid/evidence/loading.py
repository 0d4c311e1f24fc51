"""The dataset: loaded and checked once, whole or not at all.

`load` reads every table of a folder, collects every fault and raises `EvidenceError` with the list; it never returns
part of a dataset. What it returns is frozen and safe to share between sessions.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from decision_aid.domain.problems import EvidenceError, Problem
from decision_aid.domain.vocabulary import About, Aspect, Condition, Option, Outcome, Procedure
from decision_aid.evidence.cells import LARGEST_NUMBER
from decision_aid.evidence.consistency import check_between_rows, check_counts
from decision_aid.evidence.reading import checked_rows, text_of
from decision_aid.evidence.rows import (
    ArmRow,
    ConditionRow,
    ContrastRow,
    OutcomeRow,
    PrintedRow,
    ProcedureRow,
    StudyRow,
    ThresholdRow,
)
from decision_aid.evidence.tables import DATAPACKAGE, TABLES
from decision_aid.evidence.text_rows import ConcernRow, IndicationRow, QuestionRow, StandardRow, SureRow

SHIPPED = Path(__file__).resolve().parents[2] / "data"


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
    options: Mapping[tuple[Procedure, Option], Mapping[Aspect, str]]
    course_texts: Mapping[str, str]
    indications: tuple[IndicationRow, ...]
    questions: tuple[QuestionRow, ...]
    concerns: tuple[ConcernRow, ...]
    sure: tuple[SureRow, ...]
    about: Mapping[About, str]
    standards: tuple[StandardRow, ...]
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
    for name in (*TABLES, DATAPACKAGE):
        try:
            status = os.stat(os.path.join(folder, name))  # asked for at every drawing: without the detour of a path
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
    for name, model in TABLES.items():
        text = text_of(folder / name, problems)
        digest.update(f"{name}\0{text}\0".encode())
        tables[name] = checked_rows(name, text, model, problems) if text is not None else []
    about = _about(folder / DATAPACKAGE, problems)
    faulty = {p.file for p in problems}
    if about:
        check_counts({name: rows for name, rows in tables.items() if name not in faulty}, about, problems)
    check_between_rows(tables, faulty, problems)
    if problems:
        raise EvidenceError(sorted(problems, key=lambda p: (p.file, p.line or 0)))
    return _assemble(folder, digest.hexdigest(), tables, about)


def _about(path: Path, problems: list[Problem]) -> dict[str, Any]:
    """What datapackage.json says of the dataset: dates and the number of rows of each table."""
    text = text_of(path, problems)
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
        if type(count) is not int or not 0 < count <= LARGEST_NUMBER:
            raise ValueError(f"rowCount {count!r} of {name}")
        counts[name] = max(count, counts.get(name, 0))
    return counts


def _assemble(folder: Path, digest: str, tables: Mapping[str, list[Any]], about: Mapping[str, Any]) -> Evidence:
    studies: dict[str, StudyRow] = {r.study_id: r for r in tables["studies.csv"]}

    options: dict[tuple[Procedure, Option], dict[Aspect, str]] = defaultdict(dict)
    for row in tables["options.csv"]:
        options[row.procedure, row.option][row.aspect] = row.text
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
        options=MappingProxyType({key: MappingProxyType(value) for key, value in options.items()}),
        course_texts=MappingProxyType({r.threshold_id: r.patient_text for r in tables["natural_course.csv"]}),
        indications=tuple(tables["indications.csv"]),
        questions=tuple(tables["questions.csv"]),
        concerns=tuple(tables["concerns.csv"]),
        sure=tuple(tables["sure.csv"]),
        about=MappingProxyType({row.key: row.text for row in tables["about.csv"]}),
        standards=tuple(tables["standards.csv"]),
        arms_by_outcome=_by_outcome(tables["arms.csv"], studies),
        contrasts_by_outcome=_by_outcome(tables["contrasts.csv"], studies),
    )


def _by_outcome(
    rows: Iterable[PrintedRow], studies: Mapping[str, StudyRow]
) -> Mapping[tuple[Procedure, Outcome], tuple[PrintedRow, ...]]:
    groups: dict[tuple[Procedure, Outcome], list[PrintedRow]] = defaultdict(list)
    for row in rows:
        groups[studies[row.study_id].procedure, row.outcome].append(row)
    return MappingProxyType({key: tuple(value) for key, value in groups.items()})
