"""Own cases beyond the page they were read on: in the memory of a browser session, and as a checked copy in the saved work.

Only what passed the import is in either: no name, no birth date, no record number, no column that was not mapped. The copy,
and the choices by which a file was read, are kept when that is asked for, in the folder of the saved work: under its
passphrase, and gone for good when they are forgotten.
"""

from __future__ import annotations

import io
import json
import os
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

from decision_aid.case_log.fields import FIELDS
from decision_aid.case_log.plan import Plan, refusal
from decision_aid.case_log.sources.files import forget_files
from decision_aid.storage import store
from decision_aid.storage.files import discard
from decision_aid.storage.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from decision_aid.audit.results import Summary
    from decision_aid.case_log.importing import CaseLog

CASES = "own-cases"
PLAN = "own-cases-plan"
# Files of their own beside the saved work, as versions before kept them: the copy, and a plan that nobody asked for.
COPY_BEFORE, PLAN_BEFORE = "own-cases.parquet", "own-cases-plan.json"


class OwnCases:
    """The own cases of one browser session: what was read there, or the copy that was kept. Emptied, nothing is left.

    `stamp` is that of the kept copy they are; None: nothing is kept of them. `fault`: why a kept copy could not be read.
    """

    def __init__(self) -> None:
        self.clear()
        with _holding:
            _holders.add(self)

    def clear(self) -> None:
        self.log: CaseLog | None = None
        self.cases: pd.DataFrame | None = None
        self.summary: Summary | None = None
        self.invented = False
        self.stamp: str | None = None
        self.fault = ""

    def take(
        self,
        cases: pd.DataFrame | None,
        summary: Summary,
        *,
        log: CaseLog | None = None,
        invented: bool = False,
        stamp: str | None = None,
    ) -> None:
        """Hold these cases in the place of all that was held before."""
        self.log, self.cases, self.summary, self.invented, self.stamp = log, cases, summary, invented, stamp
        self.fault = ""


# Every holder of this program, so that what one session forgets leaves the memory of the others too, asleep or not.
_holders: weakref.WeakSet[OwnCases] = weakref.WeakSet()
_holding = threading.Lock()


def keep(opened: Store, cases: pd.DataFrame) -> str | None:
    """The stamp of the copy that is kept from now on. Raises `StoreError` when that cannot be done; an old copy stays."""
    content = io.BytesIO()
    cases.to_parquet(content, index=False)
    return opened.keep_file(CASES, content.getvalue())


def kept(opened: Store) -> pd.DataFrame | None:
    """The checked cases that were kept, or None.

    Raises `StoreError` where the saved work cannot be read, and `CaseLogError` for a copy that is not what was written.
    """
    content = opened.kept_file(CASES)
    if content is not None:
        return _cases(content, "the kept copy")
    if _is_file(_beside(COPY_BEFORE)):  # it could not be taken over
        return _cases(_beside(COPY_BEFORE).read_bytes(), COPY_BEFORE)
    return None


def keep_plan(opened: Store, plan: Plan) -> None:
    """Remember how a file was read, for the next one with the same columns. Raises `StoreError` when it cannot be kept."""
    opened.keep_file(PLAN, json.dumps(plan.as_dict()).encode())


def kept_plan(opened: Store) -> Plan | None:
    """The plan that was remembered, or None where there is none that can be used. Raises `StoreError`."""
    content = opened.kept_file(PLAN)
    try:
        return None if content is None else Plan.from_dict(json.loads(content))
    except ValueError:  # an older plan is asked for again
        return None


def forget(opened: Store) -> None:
    """Delete the copy and the plan for good, and take the copy out of the memory of every session of this program.

    Raises `StoreError` when that cannot be done, and `CaseLogError` for a file of a version before that stays.
    """
    opened.forget_file(CASES)
    forget_plan(opened)
    with _holding:
        holders = list(_holders)
    for own in holders:
        if own.stamp is not None:
            own.clear()
    forget_files()
    _discard_files_before()


def forget_plan(opened: Store) -> None:
    """Delete the remembered plan for good. Raises `StoreError` when that cannot be done."""
    opened.forget_file(PLAN)


def take_over(opened: Store) -> None:
    """Put the copy that a version before kept in a file of its own into the saved work, and delete that file for good.

    Its plan was kept unasked: it is only deleted. A copy that cannot be read stays until it is forgotten. Raises
    `StoreError` or `CaseLogError` where something could not be done now.
    """
    if _is_file(_beside(COPY_BEFORE)):
        if opened.kept_stamp(CASES) is None:
            keep(opened, _cases(_beside(COPY_BEFORE).read_bytes(), COPY_BEFORE))
        _discard_files_before()
    elif _is_file(_beside(PLAN_BEFORE)):
        _discard_files_before()


def _cases(content: bytes, name: str) -> pd.DataFrame:
    import pandas as pd

    try:
        cases = pd.read_parquet(io.BytesIO(content))
        return cases[[f.name for f in FIELDS]].astype({f.name: str(f.kind) for f in FIELDS})
    except (OSError, ValueError, KeyError, TypeError) as error:
        wanted = f"the copy that was kept ({type(error).__name__}); forget it and read the case log again"
        raise refusal(name, wanted) from error


def _beside(name: str) -> Path:
    return store.default_path().with_name(name)


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _discard_files_before() -> None:
    for name in (COPY_BEFORE, PLAN_BEFORE):
        discard(_beside(name))
        if os.path.lexists(_beside(name)):
            raise refusal(name, f"a file that may be deleted (delete it by hand in “{_beside(name).parent}”)")
