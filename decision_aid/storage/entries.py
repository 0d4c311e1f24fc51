"""Entries: what a draft and a record are, which content can be kept, and how they stand in a row of their table."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from decision_aid.storage.errors import STILL_ON_SCREEN, Fault, StoreError, Trouble

Content = dict[str, Any]
# A long consultation is some ten thousand bytes; a million is a fault somewhere, and would slow every save after it.
LARGEST_CONTENT_BYTES = 1_000_000
# Far deeper than any answer, and shallow enough to be read back at any depth of the caller's own stack.
DEEPEST_NESTING = 100
_ID = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it is on the disk. `version` goes up by one with every save."""

    id: str
    version: int
    content: Content = field(repr=False)  # kept out of logs and tracebacks
    saved_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """A finished consultation. Never changed; a correction is a new record that names the one it `corrects`."""

    id: str
    saved_at: datetime
    program_version: str
    evidence_hash: str
    content: Content = field(repr=False)
    corrects: str | None


# What is read of a row, its digest and its content last. `draft_from` and `record_from` rely on the order.
DRAFTS = "SELECT id, version, saved_at, expires_at, digest, content FROM drafts"
RECORDS = "SELECT id, saved_at, program_version, evidence_hash, corrects, digest, content FROM records"


def draft_from(row: tuple[Any, ...]) -> Draft:
    """The draft of a row read with `DRAFTS`. Raises `Fault` when it is not as it was saved."""
    draft_id, version, saved_at, expires_at, content = _whole(row)
    return Draft(draft_id, version, content, datetime.fromisoformat(saved_at), datetime.fromisoformat(expires_at))


def record_from(row: tuple[Any, ...]) -> Record:
    """The record of a row read with `RECORDS`. Raises `Fault` when it is not as it was saved."""
    record_id, saved_at, program_version, evidence_hash, corrects, content = _whole(row)
    return Record(record_id, datetime.fromisoformat(saved_at), program_version, evidence_hash, content, corrects)


def _whole(row: tuple[Any, ...]) -> tuple[Any, ...]:
    # SQLite notices damage to its own structure, not to the text in it: a "no" that became a "yes" would pass.
    *fields, digest, text = row
    if _digest(*fields, text) != digest:
        raise Fault(Trouble.DAMAGED)
    return *fields, json.loads(text)


def draft_row(draft: Draft) -> tuple[Any, ...]:
    """What is written of a draft, in the order in which it is read."""
    return _sealed(
        draft.id, draft.version, time_text(draft.saved_at), time_text(draft.expires_at), text=json.dumps(draft.content)
    )


def _record_row(record: Record) -> tuple[Any, ...]:
    return _sealed(
        record.id,
        time_text(record.saved_at),
        record.program_version,
        record.evidence_hash,
        record.corrects,
        text=json.dumps(record.content),
    )


def _sealed(*fields: Any, text: str) -> tuple[Any, ...]:
    return *fields, _digest(*fields, text), text


def _digest(*fields: Any) -> str:
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()


def insert_draft(connection: sqlite3.Connection, draft: Draft) -> None:
    """Write a new draft. Raises what the connection raises."""
    connection.execute(
        "INSERT INTO drafts (id, version, saved_at, expires_at, digest, content) VALUES (?, ?, ?, ?, ?, ?)",
        draft_row(draft),
    )


def insert_record(connection: sqlite3.Connection, record: Record) -> None:
    """Write a new record. Raises what the connection raises."""
    connection.execute(
        "INSERT INTO records (id, saved_at, program_version, evidence_hash, corrects, digest, content)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        _record_row(record),
    )


def is_id(value: object) -> bool:
    """Whether this can be the id of an entry. It comes out of an address: it may be anything."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def find_row(connection: sqlite3.Connection, select: str, entry_id: str) -> tuple[Any, ...] | None:
    """The row of the entry, or None when there is none of that id."""
    if not is_id(entry_id):
        return None
    row: tuple[Any, ...] | None = connection.execute(f"{select} WHERE id = ?", (entry_id,)).fetchone()
    return row


def time_text(moment: datetime) -> str:
    """The moment in one form and one zone, so that the order of the texts is the order in time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def packed(content: Content) -> str:
    """The content as JSON text in ASCII, which holds a null byte or half an emoji as safely as a letter.

    Raises `StoreError` when it could not come back as it is.
    """
    if not isinstance(content, dict):
        raise _refused("it is not a set of named answers")
    _check_plain(content, 0)
    try:
        text = json.dumps(content, allow_nan=False)
    except ValueError:  # the text of the error would show the content
        raise _refused("it holds a number that cannot be written down") from None
    if len(text) > LARGEST_CONTENT_BYTES:
        raise _refused(
            f"it is larger than {LARGEST_CONTENT_BYTES // 1_000_000} MB; shorten the longest note and save again"
        )
    return text


def _check_plain(value: Any, depth: int) -> None:
    # What JSON would change in passing (a key that is a number, a set, an object) must not come back different.
    if depth > DEEPEST_NESTING:
        raise _refused(f"it is nested more than {DEEPEST_NESTING} deep")
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise _refused("one of its names is not text")
        for part in value.values():
            _check_plain(part, depth + 1)
    elif isinstance(value, list | tuple):
        for part in value:
            _check_plain(part, depth + 1)
    elif not (value is None or isinstance(value, str | int | float)):
        raise _refused(f"it holds a value of the kind {type(value).__name__}")


def _refused(reason: str) -> StoreError:
    return StoreError(Trouble.REFUSED, f"This cannot be saved: {reason}. Nothing was changed; {STILL_ON_SCREEN}.")
