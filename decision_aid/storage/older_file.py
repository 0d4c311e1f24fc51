"""The one SQLite file in which earlier versions kept everything, plain or encrypted with SQLCipher: taken over once.

Once every entry stands in the folder and was read back from there, the file is overwritten and deleted: what is deleted or
encrypted from then on must not stay readable in it. A damaged file is set aside instead, when the reader asks for that.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import sqlite3
import stat
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from decision_aid.storage import files
from decision_aid.storage.errors import Detail, StoreError, Trouble
from decision_aid.storage.shelf import DRAFT, KEPT, RECORD, Shelf

FILE_NAME = "spine-choice.sqlite3"
_TAKEN = f".{FILE_NAME}.taken"
_APPLICATION_ID = 0x53706E43  # "SpnC": marks a file as ours
_DAMAGED = {0, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}  # 0: not told
_TABLES = {DRAFT: "drafts", RECORD: "records", KEPT: "kept"}
_FIELDS = {
    DRAFT: ("id", "version", "saved_at", "expires_at"),
    RECORD: ("id", "saved_at", "program_version", "evidence_hash", "corrects"),
    KEPT: ("name", "stamp"),
}
Entry = tuple[str, str, bytes]  # kind, id, what `Shelf.write` takes


@dataclass(frozen=True, slots=True)
class OlderFile:
    """The file as it was found. Its methods raise `OSError` beside what they name."""

    path: Path
    encrypted: bool

    def entries(self, passphrase: str | None, damaged_too: bool) -> tuple[list[Entry], bool]:
        """What is in it, and whether that is everything. Raises `StoreError`, for damage only if not `damaged_too`."""
        library: Any = sqlite3
        if self.encrypted:
            if passphrase is None:
                raise StoreError(Trouble.WRONG_PASSPHRASE, Detail.PASSPHRASE_MISSING, path=self.path)
            try:
                library = importlib.import_module("sqlcipher3.dbapi2")
            except ImportError:
                raise StoreError(Trouble.NO_ENCRYPTION, path=self.path) from None
        found: list[Entry] = []
        whole = True
        place = f"{self.path.as_uri()}?mode=rw"
        try:
            with closing(library.connect(place, uri=True, timeout=files.WAIT_SECONDS, isolation_level=None)) as source:
                if self.encrypted:
                    source.execute("PRAGMA cipher_log_level=NONE")
                    source.execute(f"PRAGMA key='{(passphrase or '').replace(chr(39), 2 * chr(39))}'")
                source.execute("BEGIN IMMEDIATE")  # the version that made it may be running
                whole = source.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION_ID
                known = {name for (name,) in source.execute("SELECT name FROM sqlite_master")}
                for kind, table in _TABLES.items() if whole else ():
                    if kind == KEPT and table not in known:
                        continue  # older than kept files
                    columns = ", ".join((*_FIELDS[kind], "content", "digest"))
                    try:
                        for row in source.execute(f"SELECT {columns} FROM {table} ORDER BY seq"):
                            entry = _entry(kind, *row)
                            whole = whole and entry is not None
                            found += [entry] if entry else []
                    except (library.DatabaseError, TypeError, ValueError):
                        whole = False
        except library.DatabaseError as error:
            code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
            if code not in _DAMAGED:
                trouble = Trouble.LOCKED if code == sqlite3.SQLITE_BUSY else Trouble.OTHER
                raise StoreError(trouble, path=self.path, said=getattr(error, "sqlite_errorname", "")) from error
            if self.encrypted:
                raise StoreError(Trouble.WRONG_PASSPHRASE, path=self.path) from error
            whole = False
        if not whole and not damaged_too:
            raise StoreError(Trouble.DAMAGED, path=self.path)
        return found, whole

    def move(self, entries: list[Entry], whole: bool, shelf: Shelf) -> None:
        """Save the entries on the shelf, but for those that are there, and read them back; then be rid of the file."""
        for kind, entry_id, content in entries:
            if shelf.find(kind, entry_id) is None:
                name = shelf.new_name(kind, entry_id)
                shelf.write(name, content)
                if shelf.find(kind, entry_id) != name or shelf.read(name) != content:
                    raise StoreError(Trouble.DAMAGED, path=shelf.folder / name)
        if whole:
            files.rename(self.path, self.path.with_name(_TAKEN))
            finish(self.path.parent)
        else:
            for file in self.path.parent.glob(f"{FILE_NAME}*"):  # with its log
                files.put_aside(file)


def finish(home: Path) -> None:
    """Overwrite and delete what is left of a file that was taken over; the name that says so goes last."""
    if (home / _TAKEN).exists() and not (home / FILE_NAME).exists():
        # Its log, and copies that a change of the passphrase left behind.
        for file in home.iterdir():
            if file.name.removeprefix(".").startswith(FILE_NAME) and file.name != _TAKEN:
                files.discard(file)
        files.discard(home / _TAKEN)


def find(home: Path) -> OlderFile | None:
    """The file of an earlier version in this folder. Raises `StoreError` when it must not be opened."""
    path = home / FILE_NAME
    for left in home.glob(f".{FILE_NAME}.*.old"):
        # Beside the database may stand the log of the one before, which would be played into it.
        if not path.exists() or not left.samefile(path):
            raise StoreError(Trouble.OTHER, Detail.EARLIER_CHANGE, path=path)
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(path.lstat().st_mode):
            raise StoreError(Trouble.OTHER, Detail.NOT_ORDINARY, path=path)
        with path.open("rb") as file:
            start = file.read(4096)
        # An encrypted page is noise: nearly all of the 256 byte values stand in it, and in no other first page of ours.
        return OlderFile(path, encrypted=not start.startswith(b"SQLite format 3\0") and len(set(start)) > 200)
    return None


def _entry(kind: str, *row: Any) -> Entry | None:
    """The entry of a row, or None where its digest says that it is not as it was saved."""
    *fields, content, digest = row
    sealed = json.dumps(fields).encode() + content if kind == KEPT else json.dumps([*fields, content]).encode()
    if digest != hashlib.sha256(sealed).hexdigest():
        return None
    if kind != KEPT:
        content = json.dumps({**dict(zip(_FIELDS[kind], fields, strict=True)), "content": json.loads(content)}).encode()
    return kind, fields[0], content
