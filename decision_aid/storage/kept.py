"""Files kept whole beside drafts and records, in the same database: one passphrase, one deletion, one way to be read."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from decision_aid.storage.database import connect, salvage
from decision_aid.storage.errors import STILL_ON_SCREEN, Fault, StoreError, Trouble, failures

LARGEST_KEPT_BYTES = 256 * 1024 * 1024  # a million cases take about 17 MB

# What is read of a row, its digest and its content last. `kept_from` relies on the order.
KEPT = "SELECT name, stamp, digest, content FROM kept"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was kept. `stamp` is another one each time something is kept under the name."""

    name: str
    stamp: str
    content: bytes = field(repr=False)


def kept_from(row: tuple[Any, ...]) -> Kept:
    """The file of a row read with `KEPT`. Raises `Fault` when it is not as it was kept."""
    name, stamp, digest, content = row
    if not isinstance(content, bytes) or _digest(name, stamp, content) != digest:
        raise Fault(Trouble.DAMAGED)
    return Kept(name, stamp, content)


def check_size(content: bytes) -> None:
    """Raises `StoreError` for a file that is too large to be kept."""
    if len(content) > LARGEST_KEPT_BYTES:
        raise StoreError(
            Trouble.REFUSED,
            f"This is too large to be kept here (more than {LARGEST_KEPT_BYTES // 1024**2} MB). Nothing was changed; "
            f"{STILL_ON_SCREEN}.",
        )


def put_kept(connection: sqlite3.Connection, kept: Kept) -> bool:
    """Write a file over what was kept under its name; whether there was any. Raises what the connection raises."""
    replaced = connection.execute("DELETE FROM kept WHERE name = ?", (kept.name,)).rowcount > 0
    connection.execute(
        "INSERT INTO kept (name, stamp, digest, content) VALUES (?, ?, ?, ?)",
        (kept.name, kept.stamp, _digest(kept.name, kept.stamp, kept.content), kept.content),
    )
    return replaced


def salvage_kept(file: Path, passphrase: str | None) -> tuple[list[Kept], int]:
    """The files that are whole in a database, which may be damaged or older than such files; how many are not."""
    try:
        with closing(connect(file, passphrase, mode="ro")) as source:
            known = source.execute("SELECT 1 FROM sqlite_schema WHERE name = 'kept'").fetchall()
    except failures():
        return [], 0  # nothing can be read there; the drafts and records are counted
    return salvage(file, passphrase, KEPT, kept_from) if known else ([], 0)


def _digest(name: str, stamp: str, content: bytes) -> str:
    return hashlib.sha256(json.dumps([name, stamp]).encode() + content).hexdigest()
