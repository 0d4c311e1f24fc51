"""The database: made, opened, checked, brought up to date, encrypted or plain, and read although it is damaged."""

from __future__ import annotations

import importlib
import os
import secrets
import sqlite3
import threading
import unicodedata
import weakref
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from decision_aid.storage import paths
from decision_aid.storage.errors import NOT_OPENED, STILL_ON_SCREEN, Fault, NotEncrypted, StoreError, Trouble, failures
from decision_aid.storage.exchange import gate, is_unsettled, settle
from decision_aid.storage.paths import (
    COMPANIONS,
    beside,
    free_name,
    identity,
    make_folder,
    refuse_links,
    rename,
    sync_folder,
    tighten,
)

_OLDEST_SQLITE = (3, 37, 0)  # the first with STRICT tables
_APPLICATION_ID = 0x53706E43  # "SpnC": marks a file as ours, so that no other program's database is ever changed
_MAGIC = b"SQLite format 3\0"
# How many entries are looked for one by one between two damages; when encrypted, after how many faults that ends.
_PROBED = 10_000
_ENCRYPTED_FAULTS = 8

# Schema version n is reached by the n-th entry; a change of the tables is a new entry, never an edit of an old one.
# `digest` covers all that is read back of a row.
_MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE drafts (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, saved_at TEXT NOT NULL,
            expires_at TEXT NOT NULL, digest TEXT NOT NULL, content TEXT NOT NULL) STRICT""",
        """CREATE TABLE records (
            seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, saved_at TEXT NOT NULL,
            program_version TEXT NOT NULL, evidence_hash TEXT NOT NULL, corrects TEXT, digest TEXT NOT NULL,
            content TEXT NOT NULL) STRICT""",
        """CREATE TRIGGER records_are_not_changed BEFORE UPDATE ON records
            BEGIN SELECT RAISE(ABORT, 'records are append-only'); END""",
        # INSERT OR REPLACE would delete the old row without a word.
        """CREATE TRIGGER records_are_not_replaced BEFORE INSERT ON records
            WHEN EXISTS (SELECT 1 FROM records WHERE id = NEW.id OR seq = NEW.seq)
            BEGIN SELECT RAISE(ABORT, 'records are append-only'); END""",
        # A row here: something was deleted, and the file is not yet rid of its traces.
        "CREATE TABLE wipe_due (since TEXT NOT NULL) STRICT",
    ),
    (
        """CREATE TABLE kept (
            seq INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, stamp TEXT NOT NULL, digest TEXT NOT NULL,
            content BLOB NOT NULL) STRICT""",
    ),
)


def checked_passphrase(passphrase: str | None, consequence: str = "nothing was opened") -> str | None:
    """The passphrase in the one form that is used. Raises `StoreError` when it would not protect."""
    if passphrase is None:
        return None
    try:
        passphrase.encode()
        usable = passphrase.strip() != "" and "\0" not in passphrase  # an empty key would mean: not encrypted
    except UnicodeEncodeError:  # the text of the error would show the passphrase
        usable = False
    if not usable:
        raise StoreError(
            Trouble.REFUSED,
            f"This passphrase is empty or cannot be typed again, so {consequence}. Choose another one.",
        )
    return unicodedata.normalize("NFC", passphrase)  # an é is typed as one character here and as two there


def open_database(path: Path, passphrase: str | None) -> tuple[sqlite3.Connection, tuple[object, ...]]:
    """A connection to a database that is whole, ours and of this version's form, made if there was none; its files.

    Raises `StoreError` or one of `failures()`. The caller holds `opening`.
    """
    make_folder(path.parent)
    settle(path)
    with gate(path):
        if is_unsettled(path):  # another process was stopped between these two lines
            raise Fault(Trouble.LOCKED)
        connection = open_at_the_gate(path, passphrase)
        return connection, identity(path)  # asked at the gate: never that of a file which came later


def open_at_the_gate(path: Path, passphrase: str | None) -> sqlite3.Connection:
    """The connection of `open_database`; the caller is in the gate, and nothing is left of a stopped exchange."""
    refuse_links(path)
    if not path.exists():
        _create(path, passphrase)
    tighten(path)
    if path.stat().st_size == 0:  # SQLite would take it for new, and delete the log that may hold the last saves
        raise Fault(Trouble.DAMAGED)
    # Found out before the file is tried: the two libraries do not know of each other's locks.
    encrypted = encrypted_now(path)
    if encrypted is None:
        raise Fault(Trouble.DAMAGED)
    if encrypted and passphrase is None:
        raise Fault(Trouble.WRONG_PASSPHRASE)
    if passphrase is not None and not encrypted:
        raise NotEncrypted(Trouble.WRONG_PASSPHRASE)
    connection = verified(path, passphrase)
    try:
        if _value(connection, "PRAGMA journal_mode=WAL") != "wal":
            raise StoreError(
                Trouble.OTHER,
                f"The folder “{path.parent}” is on a drive where answers cannot be kept safely. "
                f"Set DECISION_AID_HOME to a folder on this computer's own disk and start again; {STILL_ON_SCREEN}.",
            )
        _migrate(connection, path)
        # Chores: what they could not do now is done at the next opening.
        with suppress(*failures()):
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            wipe_if_due(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def verified(path: Path, passphrase: str | None) -> sqlite3.Connection:
    """A connection to a database that is there, whole and ours. Raises one of `failures()`."""
    connection = connect(path, passphrase)
    try:
        if _value(connection, "PRAGMA application_id") != _APPLICATION_ID:
            raise Fault(Trouble.DAMAGED)
        # The full check and not the quick one: the quick one leaves out the index, and through a damaged index an
        # entry that is there is not found.
        if _value(connection, "PRAGMA integrity_check(1)") != "ok":
            raise Fault(Trouble.DAMAGED)
    except BaseException:
        connection.close()
        raise
    return connection


def connect(path: Path, passphrase: str | None, mode: str = "rw") -> sqlite3.Connection:
    """A connection to a file that is there, with the settings that every connection has; nothing is read yet."""
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StoreError(
            Trouble.OTHER,
            f"This Python comes with SQLite {sqlite3.sqlite_version}; saving needs 3.37 or newer. "
            f"Install a newer Python and start again; {STILL_ON_SCREEN}.",
        )
    library = sqlite3 if passphrase is None else encrypting_library()
    # Never mode=rwc: the file is made by `_create`, with the right permissions and whole.
    connection: sqlite3.Connection = library.connect(
        f"{path.as_uri()}?mode={mode}",
        uri=True,
        timeout=paths.WAIT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        if passphrase is not None:
            connection.execute("PRAGMA cipher_log_level=NONE")
            quoted = passphrase.replace("'", "''")
            connection.execute(f"PRAGMA key='{quoted}'")
        # A damaged text must reach the check of its digest.
        connection.text_factory = lambda raw: raw.decode(errors="replace")
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


_PRAGMAS = (
    "synchronous=FULL",  # a commit returns when it is on the disk
    "fullfsync=ON",  # on macOS too
    "checkpoint_fullfsync=ON",
    # Every save is merged into the database at once. Otherwise the log would be the only copy of the latest saves for
    # a long time, and SQLite drops the rest of a damaged log without a word.
    "wal_autocheckpoint=1",
    "secure_delete=ON",
    "temp_store=MEMORY",  # no copy of the content in the folder for temporary files
    "trusted_schema=OFF",
    "cell_size_check=ON",
)


def encrypting_library(consequence: str = NOT_OPENED) -> Any:
    """The package that encrypts, loaded when it is first needed. Raises `StoreError` when it is not installed."""
    try:
        return importlib.import_module("sqlcipher3.dbapi2")
    except ImportError:
        raise StoreError(
            Trouble.NO_ENCRYPTION,
            f"A passphrase was given, but the package that encrypts is not installed, so {consequence}. "
            "Install it with “pip install sqlcipher3-wheels” and start again, or go on without a passphrase; "
            f"{STILL_ON_SCREEN}.",
        ) from None


def _value(connection: sqlite3.Connection, statement: str) -> Any:
    return connection.execute(statement).fetchall()[0][0]


def new_database(file: Path, passphrase: str | None) -> sqlite3.Connection:
    """A connection to an empty database in a new file, for its owner only. Raises one of `failures()`."""
    os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    connection = connect(file, passphrase)
    try:
        connection.execute(f"PRAGMA application_id={_APPLICATION_ID}")
        connection.execute("PRAGMA journal_mode=WAL").fetchall()
        _migrate(connection, file)
    except BaseException:
        connection.close()
        raise
    return connection


def _create(path: Path, passphrase: str | None) -> None:
    """Make the database, unless another process was quicker. It appears under its name only when whole."""
    if beside(path, "-wal").exists() and not path.exists():
        # The log of a database that is gone. SQLite would play it into the new one and damage it.
        rename(path, free_name(path), COMPANIONS[1:])
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    try:
        new_database(unfinished, passphrase).close()
        with suppress(FileExistsError):
            try:
                os.link(unfinished, path)
            except FileExistsError:
                raise
            except OSError:  # a drive without links
                if not path.exists():
                    unfinished.rename(path)
        sync_folder(path.parent)
    finally:
        for suffix in COMPANIONS:
            beside(unfinished, suffix).unlink(missing_ok=True)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    if _value(connection, "PRAGMA user_version") == len(_MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _value(connection, "PRAGMA user_version")  # another process may have been quicker
        if version > len(_MIGRATIONS):
            raise StoreError(
                Trouble.OTHER,
                f"The saved work in “{path.parent}” was made by a newer version of this program, so {NOT_OPENED}. "
                f"Start the newer version; {STILL_ON_SCREEN}.",
            )
        for statements in _MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version={len(_MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(*failures()):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        raise


def wipe_if_due(connection: sqlite3.Connection) -> None:
    """Rid the file and its log of what was deleted. Raises one of `failures()`; then it is still due."""
    if not connection.execute("SELECT 1 FROM wipe_due LIMIT 1").fetchall():
        return
    # secure_delete clears the place of a deleted row, but not the copies left behind when rows moved between pages
    # earlier (seen in 4 of 1,143 deletions): only a file written anew has none.
    connection.execute("VACUUM")
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise Fault(Trouble.LOCKED)
    connection.execute("DELETE FROM wipe_due")


def salvage(
    file: Path, passphrase: str | None, select: str, made: Callable[[tuple[Any, ...]], Any]
) -> tuple[list[Any], int]:
    """The entries of a table that are whole, oldest first, and how many were found that are not.

    Damage stops a scan: the table is read from both ends, and what lies between the two stops entry by entry.
    """
    select = select.replace("SELECT ", "SELECT seq, ", 1)
    rows: dict[int, tuple[Any, ...]] = {}
    stops: list[int | None] = []
    for order in ("ASC", "DESC"):
        stop, complete = None, False
        with closing(connect(file, passphrase, mode="ro")) as source, suppress(*failures()):
            for stop, *row in source.execute(f"{select} ORDER BY seq {order}"):
                rows[stop] = tuple(row)
            complete = True
        if complete:
            break
        stops.append(stop)
    missing = 0
    if len(stops) == 2:
        first, last = stops[0] or 0, stops[1]
        between = range(first + 1, last if last is not None else first + _PROBED)[:_PROBED]
        source = connect(file, passphrase, mode="ro")
        try:
            for seq in between:
                try:
                    for _, *row in source.execute(f"{select} WHERE seq = ?", (seq,)).fetchall():
                        rows[seq] = tuple(row)
                except failures():
                    missing += 1
                    if passphrase is not None:  # of no more use after a fault, and slow to open
                        source.close()
                        if missing == _ENCRYPTED_FAULTS:
                            break
                        source = connect(file, passphrase, mode="ro")
        finally:
            source.close()
    entries = []
    for _, row in sorted(rows.items()):
        try:
            entries.append(made(row))
        except Fault:
            missing += 1
    return entries, max(missing, 1 if stops else 0)


# Which file each store of this process has open, and whether it is encrypted. A store that was thrown away without a
# word is forgotten here too: its file's number may come back as that of another.
in_use: weakref.WeakKeyDictionary[object, tuple[object, bool]] = weakref.WeakKeyDictionary()
# Held while a file is opened or closed, so that what is known of it stays true meanwhile.
opening = threading.RLock()


def encrypted_now(path: Path) -> bool | None:
    """Whether the file is an encrypted database; None when it is no database at all. The caller holds `opening`."""
    database, _ = identity(path)
    for known, encrypted in list(in_use.values()):
        if known == database:
            # Not read again: closing any descriptor of a file drops all locks this process holds on it (POSIX), and
            # with them the protection of the connection that another session has open.
            return encrypted
    with path.open("rb") as file:
        start = file.read(16 * 4096)
    if start.startswith(_MAGIC):
        return False
    # Encrypted pages are noise: nearly all of the 256 byte values stand in each of them, and in no other page of ours.
    noise = start != b"" and all(len(set(start[at : at + 4096])) > 200 for at in range(0, len(start), 4096))
    return True if noise else None
