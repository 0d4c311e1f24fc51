"""The machine-readable description of a dataset (Frictionless Data Package, Table Schema), made from the models.

`datapackage.json` also holds the dates of search and review and the number of rows of each table, by which `load`
notices a file that was cut short. Source of the format: datapackage.org, version 1.
"""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Any, get_args

from decision_aid.evidence.cells import EvidenceRow
from decision_aid.evidence.tables import DATAPACKAGE, KEYS, TABLES, columns

_HEADER = {
    "name": "spine-choice-evidence",
    "title": "Lumbar spine surgery: open, minimally invasive and staying without it",
    "description": "Facts with sources; an empty cell means “not reported”. See README.md beside this file.",
}


def describe(counts: dict[str, int], search_date: str, review_date: str) -> dict[str, Any]:
    """The content of datapackage.json for tables with these numbers of rows; dates as YYYY-MM-DD."""
    return {
        **_HEADER,
        "searchDate": search_date,
        "reviewDate": review_date,
        "resources": [
            {
                "name": name.removesuffix(".csv"),
                "path": name,
                "profile": "tabular-data-resource",
                "encoding": "utf-8",
                "rowCount": counts[name],
                "schema": {
                    "fields": [_field(model, column) for column in columns(model)],
                    "primaryKey": list(KEYS[name]),
                    "missingValues": [""],
                },
            }
            for name, model in TABLES.items()
        ],
    }


def write(folder: Path, counts: dict[str, int]) -> Path:
    """The rewritten datapackage.json of a folder; its dates are kept."""
    path = folder / DATAPACKAGE
    old = json.loads(path.read_text(encoding="utf-8"))
    text = json.dumps(describe(counts, old["searchDate"], old["reviewDate"]), indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def _field(model: type[EvidenceRow], column: str) -> dict[str, Any]:
    info = model.model_fields[column]
    kinds = get_args(info.annotation) if isinstance(info.annotation, UnionType) else (info.annotation,)
    kind = next(k for k in kinds if k is not type(None))
    field: dict[str, Any] = {"name": column, "type": _type_name(kind), "description": info.description}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        field["constraints"] = {"enum": [str(member) for member in kind if member]}
    return field


def _type_name(kind: Any) -> str:
    if kind is int:
        return "integer"
    return "number" if kind is float else "string"
