"""Entries: what a draft and a record are, and which content can be kept."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from decision_aid.storage.errors import Detail, StoreError, Trouble

Content = dict[str, Any]
# A long consultation is some ten thousand bytes; a million is a fault somewhere, and would slow every save after it.
LARGEST_CONTENT_BYTES = 1_000_000
LARGEST_KEPT_BYTES = 256_000_000  # a million cases take about 17 MB
# Far deeper than any answer, and shallow enough to be read back at any depth of the caller's own stack.
DEEPEST_NESTING = 100


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


def to_bytes(entry: Draft | Record) -> bytes:
    """The entry as JSON in ASCII, which holds a null byte or half an emoji as safely as a letter."""
    return json.dumps(asdict(entry), default=datetime.isoformat).encode("ascii")


def draft_from(stored: bytes) -> Draft:
    """The draft that `to_bytes` wrote."""
    fields = json.loads(stored)
    times = {name: datetime.fromisoformat(fields[name]) for name in ("saved_at", "expires_at")}
    return Draft(**fields | times)


def record_from(stored: bytes) -> Record:
    """The record that `to_bytes` wrote."""
    fields = json.loads(stored)
    return Record(**fields | {"saved_at": datetime.fromisoformat(fields["saved_at"])})


def packed(content: Content) -> str:
    """The content as JSON text. Raises `StoreError` when it is too large or could not come back as it is."""
    try:
        if not isinstance(content, dict) or not _is_plain(content):
            raise ValueError
        text = json.dumps(content, allow_nan=False)
    except ValueError:  # the text of the error would show the content
        raise StoreError(Trouble.REFUSED, Detail.NOT_PLAIN) from None
    check_size(len(text), LARGEST_CONTENT_BYTES)
    return text


def check_size(size_bytes: int, largest_bytes: int) -> None:
    """Raises `StoreError` for what is too large to be kept."""
    if size_bytes > largest_bytes:
        raise StoreError(Trouble.REFUSED, Detail.TOO_LARGE, said=f"{largest_bytes // 1_000_000} MB")


def _is_plain(value: object, depth: int = 0) -> bool:
    # What JSON would change in passing (a key that is a number, a set, an object) must not come back different.
    if depth > DEEPEST_NESTING:
        return False
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(part, depth + 1) for key, part in value.items())
    if isinstance(value, list | tuple):
        return all(_is_plain(part, depth + 1) for part in value)
    return value is None or isinstance(value, str | int | float)
