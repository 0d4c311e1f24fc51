"""The checked case log kept in the user's own data folder: one Parquet file for their eyes only, gone in one step.

Only what passed the import is in it: no name, no birth date, no record number, no column that was not mapped. The plan
by which it was read is kept beside it, so that the next export of the same system needs no second mapping.
"""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from decision_aid import store
from decision_aid.caselog_fields import FIELDS
from decision_aid.caselog_plan import CaseLogError, Plan, refusal

if TYPE_CHECKING:
    import pandas as pd

CASES = "own-cases.parquet"
PLAN = "own-cases-plan.json"


def folder() -> Path:
    """Where the copy is: beside the saved consultations."""
    return store.default_path().parent


def keep(cases: pd.DataFrame) -> Path:
    """The file the checked cases were written to. Raises `CaseLogError` when that cannot be done; an old copy stays."""

    def write(path: Path) -> None:
        cases.to_parquet(path, index=False)

    return _written(CASES, write)


def kept() -> pd.DataFrame | None:
    """The checked cases that were kept, or None. Raises `CaseLogError` for a file that is not what was written."""
    import pandas as pd

    path = folder() / CASES
    if not path.is_file():
        return None
    try:
        cases = pd.read_parquet(path)
        return cases[[f.name for f in FIELDS]].astype({f.name: str(f.kind) for f in FIELDS})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise refusal(
            path.name, f"the copy that was kept ({type(error).__name__}); forget it and read the case log again"
        ) from error


def keep_plan(plan: Plan) -> None:
    """Remember how a file was read, for the next one with the same columns. A plan that cannot be kept is asked again."""
    with suppress(CaseLogError):
        _written(PLAN, lambda path: path.write_text(json.dumps(plan.as_dict()), encoding="utf-8"))


def kept_plan() -> Plan | None:
    """The plan that was remembered, or None where there is none that can be used."""
    try:
        return Plan.from_dict(json.loads((folder() / PLAN).read_text(encoding="utf-8")))
    except (OSError, ValueError):  # a missing, damaged or older plan is asked for again
        return None


def forget() -> None:
    """Delete the copy and the plan for good. Raises `CaseLogError` when that cannot be done."""
    for name in (CASES, PLAN):
        path = folder() / name
        try:
            if path.is_file():
                # An SSD may keep the old bytes all the same; the file system cannot be asked for more.
                with path.open("r+b") as file:
                    file.write(b"\0" * path.stat().st_size)
                    os.fsync(file.fileno())
                path.unlink()
        except OSError as error:
            raise refusal(name, f"a file that may be deleted ({error.strerror})") from error


def stamp() -> tuple[int, int]:
    """What changes when another copy is kept: size and time of change, zero where there is none."""
    try:
        status = (folder() / CASES).stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


def _written(name: str, write) -> Path:  # type: ignore[no-untyped-def]
    """Write under a name of its own first, readable for the owner only, so that half a file never has the right name."""
    path = folder() / name
    unfinished = path.with_name(f".{name}.{secrets.token_hex(8)}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        write(unfinished)
        os.replace(unfinished, path)
    except OSError as error:
        raise refusal(name, f"room and leave to write in “{path.parent}” ({error.strerror})") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return path
