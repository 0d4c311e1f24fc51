"""Small datasets for tests: a few studies with their rows, every other table as shipped."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from decision_aid.domain.vocabulary import Outcome, Unit
from decision_aid.evidence import loading
from decision_aid.evidence import tables as schema
from decision_aid.evidence.cells import EvidenceRow
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import ArmRow, ContrastRow, StudyRow

Cells = Mapping[str, Any]

with (loading.SHIPPED / "outcomes.csv").open(encoding="utf-8", newline="") as _file:
    UNITS = {Outcome(row["outcome"]): Unit(row["unit"]) for row in csv.DictReader(_file)}

# Every table must have a row. These answer no question: one arm only, and a review of an outcome no test asks for.
_FILLER = "filler-series"
_FILLER_REVIEW = "filler-review"


def study(study_id: str, design: str = "rct", **cells: Any) -> dict[str, Any]:
    """A row of studies.csv: a discectomy trial unless told otherwise, labelled by its id and 2020."""
    usual = {
        "first_author": study_id.capitalize(),
        "year": 2020,
        "title": f"Study {study_id}",
        "title_exact": "no",
        "procedure": "discectomy",
        "condition": "disc_herniation",
        "open_technique": "open_discectomy",
        "mis_technique": "tubular",
        "source_part": "abstract",
    }
    row = {"study_id": study_id, "design": design, **usual, **cells}
    return {"label": f"{row['first_author']} {row['year']}", **row}


def arm(study_id: str, name: str, outcome: str = "blood_loss", **cells: Any) -> dict[str, Any]:
    """A row of arms.csv in the outcome's own unit, perioperative unless `timepoint_months` or `timing` is given."""
    usual = {
        "timing": _timing(cells),
        "scale_kind": "score",
        "ci_level": _level(cells),
        "unit": UNITS[Outcome(outcome)],
        "source_part": "table",
    }
    return {"study_id": study_id, "arm": name, "outcome": outcome, **usual, **cells}


def both_arms(
    study_id: str,
    first: Cells,
    second: Cells,
    outcome: str = "blood_loss",
    names: tuple[str, str] = ("mis", "open"),
    **shared: Any,
) -> list[dict[str, Any]]:
    """Two rows of arms.csv: the minimally invasive and the open arm unless `names` says otherwise."""
    return [arm(study_id, name, outcome, **shared, **cells) for name, cells in zip(names, (first, second), strict=True)]


def contrast(study_id: str, outcome: str = "blood_loss", measure: str = "MD", **cells: Any) -> dict[str, Any]:
    """A row of contrasts.csv, minimally invasive against open unless `comparison` says otherwise."""
    ratio = measure in ("RR", "OR", "HR")
    usual = {
        "timing": _timing(cells),
        "scale_kind": "score",
        "ci_level": _level(cells),
        "measure": measure,
        "comparison": "mis_over_open" if ratio else "mis_minus_open",
        "unit": "" if measure != "MD" else UNITS[Outcome(outcome)],
        "source_part": "table",
    }
    return {"study_id": study_id, "outcome": outcome, **usual, **cells}


def write_dataset(
    folder: Path, studies: Iterable[Cells], arms: Iterable[Cells] = (), contrasts: Iterable[Cells] = ()
) -> Path:
    """The folder, filled with the shipped dataset in which studies, arms and contrasts are these and no others.

    Row counts in datapackage.json are lowered to match.
    """
    shutil.copytree(loading.SHIPPED, folder, dirs_exist_ok=True)
    filler = [
        study(_FILLER, "registry", mis_technique="mixed", procedure="fusion", condition="mixed_degenerative"),
        study(_FILLER_REVIEW, "systematic_review", procedure="fusion", condition="mixed_degenerative"),
    ]
    filler_arm = arm(_FILLER, "mis", "conversion_to_open", n=10, events=1)
    filler_contrast = contrast(_FILLER_REVIEW, "conversion_to_open", "OR", estimate=1)
    counts = {
        "studies.csv": _write(folder / "studies.csv", StudyRow, [*studies, *filler]),
        "arms.csv": _write(folder / "arms.csv", ArmRow, [*arms, filler_arm]),
        "contrasts.csv": _write(folder / "contrasts.csv", ContrastRow, [*contrasts, filler_contrast]),
    }
    about = folder / loading.DATAPACKAGE
    content = json.loads(about.read_text(encoding="utf-8"))
    for resource in content["resources"]:
        resource["rowCount"] = counts.get(resource["path"], resource["rowCount"])
    about.write_text(json.dumps(content), encoding="utf-8")
    return folder


def evidence_of(studies: Iterable[Cells], arms: Iterable[Cells] = (), contrasts: Iterable[Cells] = ()) -> Evidence:
    """A checked dataset of these studies; its folder is gone again."""
    with tempfile.TemporaryDirectory() as folder:
        return loading.load(write_dataset(Path(folder), studies, arms, contrasts))


def arm_row(**cells: Any) -> ArmRow:
    """One checked row of arms.csv, of blood loss in the minimally invasive arm unless told otherwise."""
    texts = {name: _text(value) for name, value in arm("a-study", **{"name": "mis", **cells}).items()}
    row = ArmRow.model_validate({"line": 2, **dict.fromkeys(schema.columns(ArmRow), ""), **texts})
    assert not list(row.faults())
    return row


def _timing(cells: Cells) -> str:
    return "at_months" if cells.get("timepoint_months") is not None else "perioperative"


def _level(cells: Cells) -> str:
    """95 % where an interval is given."""
    return "" if cells.get("ci_low") is None and cells.get("ci_high") is None else "0.95"


def _write(path: Path, model: type[EvidenceRow], rows: Sequence[Cells]) -> int:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, schema.columns(model), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _text(value) for name, value in row.items()} for row in rows)
    return len(rows)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
