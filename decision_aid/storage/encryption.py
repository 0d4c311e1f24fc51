"""Encryption switched on and off: a database copied into one with another passphrase, which then takes its place."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from itertools import zip_longest
from pathlib import Path

from decision_aid.storage.database import (
    checked_passphrase,
    encrypted_now,
    encrypting_library,
    new_database,
    open_at_the_gate,
    opening,
    verified,
)
from decision_aid.storage.entries import DRAFTS, RECORDS, draft_from, record_from
from decision_aid.storage.errors import (
    NOT_OPENED,
    STILL_ON_SCREEN,
    Fault,
    StoreError,
    Trouble,
    failures,
    reporting,
    trouble_of,
)
from decision_aid.storage.exchange import discard, exchange, gate, new_part, recover, settle
from decision_aid.storage.kept import KEPT, kept_from
from decision_aid.storage.paths import default_path, identity, refuse_links

PASSPHRASE_LOSS = (
    "Without the passphrase nobody can open what was saved: there is no second key and no way to reset it. "
    "Write it down and keep it where you keep other keys; what you exported before stays readable."
)

_NOT_CHANGED = "nothing was changed"
_NOT_COPIED = {"wipe_due"}  # what is due in the old file; the new one is written without traces


def is_encrypted(path: Path | None = None) -> bool | None:
    """Whether a passphrase is needed to open the database; None when there is no file, or it is no database.

    Raises `StoreError` when the file cannot be looked at.
    """
    path = Path(path or default_path()).absolute()
    with opening, reporting(path, None, NOT_OPENED):
        settle(path)
        refuse_links(path)
        return encrypted_now(path) if path.exists() else None


def change_passphrase(path: Path | None, old: str | None, new: str | None) -> int:
    """How many drafts and records are from now on kept with the passphrase `new` instead of `old`; None: not encrypted.

    Raises `StoreError`, and then nothing was changed. Killed at any moment it leaves the old database or the new one,
    whole, and the next opening removes what is left of the other. Stores that are open notice at their next call, and
    must be opened with the new passphrase; what they could not save meanwhile they report as not saved. On Windows
    they are to be closed first: an open file cannot be replaced there.

    The bytes of the old file are overwritten; see `store_exchange.discard` for what a disk may keep all the same.
    Files that were set aside, and exports, are other files and stay as they are.
    """
    path = Path(path or default_path()).absolute()
    old, new = checked_passphrase(old, _NOT_CHANGED), checked_passphrase(new, _NOT_CHANGED)
    if (old, new) != (None, None):
        encrypting_library(_NOT_CHANGED)
    if not os.path.lexists(path.parent):
        raise _gone(path)
    with opening, reporting(path, old, _NOT_CHANGED), gate(path, alone=True):
        recover(path)
        if not os.path.lexists(path):
            raise _gone(path)
        source, part = open_at_the_gate(path, old), new_part(path)
        try:
            files = identity(path)
            # From here to the end nobody else can save: neither between copy and exchange, nor into the old file.
            source.execute("BEGIN IMMEDIATE")
            count = _count_whole(source)
            _copy(source, part, new)
            if identity(path) != files:
                raise FileNotFoundError(errno.ENOENT, "the file was moved or deleted by another program")
            if os.name != "posix":
                source.close()
            exchange(path, part)
        finally:
            source.close()
            discard(part)
    return count


def _gone(path: Path) -> StoreError:
    return StoreError(Trouble.GONE, f"There is no file “{path}” any more, so {_NOT_CHANGED}. Reload the page.")


def _count_whole(source: sqlite3.Connection) -> int:
    """How many drafts and records there are. Raises `Fault` when anything is not as it was saved."""
    count = 0
    for select, made in ((DRAFTS, draft_from), (RECORDS, record_from), (KEPT, kept_from)):
        # A statement that is not finished would keep the connection, and its lock, when an error ends this.
        with closing(source.execute(select)) as found:
            for row in found:
                made(row)
                count += select is not KEPT
    return count


def _copy(source: sqlite3.Connection, part: Path, passphrase: str | None) -> None:
    """Copy everything into a new file and read it back from there, row by row."""
    try:
        with closing(new_database(part, passphrase)) as target:
            tables = _tables(target)
            if _tables(source) != tables:
                raise Fault(Trouble.DAMAGED)
            target.execute("BEGIN IMMEDIATE")
            for table in tables:
                with closing(source.execute(_rows(table))) as rows:
                    places = ", ".join("?" * len(rows.description))
                    target.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
            target.execute("COMMIT")
        with closing(verified(part, passphrase)) as target:
            for table in tables:
                with closing(source.execute(_rows(table))) as rows, closing(target.execute(_rows(table))) as copies:
                    if any(row != copy for row, copy in zip_longest(rows, copies)):
                        raise Fault(Trouble.DAMAGED)
    except failures() as error:
        if trouble_of(error, part, passphrase) not in (Trouble.DAMAGED, Trouble.WRONG_PASSPHRASE):
            raise
        # The old file was read through before: this one is at fault.
        raise StoreError(
            Trouble.OTHER,
            f"The copy of the saved work in “{part.parent}” did not come out like the original, so {_NOT_CHANGED} and "
            f"the copy was thrown away. Try again, and restart the program if it happens again; {STILL_ON_SCREEN}.",
        ) from error


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    ).fetchall()
    return [name for (name,) in rows if name not in _NOT_COPIED]


def _rows(table: str) -> str:
    return f"SELECT * FROM {table} ORDER BY rowid"
