"""Drafts and records: what was entered, kept in one SQLite file in the user's own data folder.

A save that returned is on the disk: it outlives a killed server and a power cut. A save that did not raises
`StoreError`, whose text says what happened, what to do, and that the work is still on the screen. What is inside an
entry is made elsewhere; this module keeps it, never looks into it and never writes it to a log.
"""

from __future__ import annotations

import errno
import hashlib
import importlib
import json
import os
import re
import secrets
import shutil
import sqlite3
import stat
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import platformdirs

Content = dict[str, Any]

FILE_NAME = "spine-choice.sqlite3"
DRAFT_LIFETIME = timedelta(days=30)
# A long consultation is some ten thousand bytes; a million is a fault somewhere, and would slow every save after it.
LARGEST_CONTENT_BYTES = 1_000_000
# Far deeper than any answer, and shallow enough to be read back at any depth of the caller's own stack.
DEEPEST_NESTING = 100
PASSPHRASE_LOSS = (
    "Without the passphrase nobody can open what was saved: there is no second key and no way to reset it. "
    "Write it down and keep it where you keep other keys; what you exported before stays readable."
)

_WAIT_SECONDS = 3.0
_OLDEST_SQLITE = (3, 37, 0)  # the first with STRICT tables
_APPLICATION_ID = 0x53706E43  # "SpnC": marks a file as ours, so that no other program's database is ever changed
_MAGIC = b"SQLite format 3\0"
_COMPANIONS = ("", "-wal", "-shm")  # a database is up to three files
# How many entries are looked for one by one between two damages; when encrypted, after how many faults that ends.
_PROBED = 10_000
_ENCRYPTED_FAULTS = 8
_SET_ASIDE = "set-aside"
_ID = re.compile(r"[A-Za-z0-9_-]{22}")

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
)

_STILL_ON_SCREEN = "your work is still on the screen and can be downloaded"
_NOT_SAVED = "nothing could be saved"
_NOT_OPENED = "nothing could be opened"
_NOT_DELETED = "nothing was deleted"
_NOT_WIPED = "what you deleted is off the list, but traces of it stay in the file until the next start or deletion"


class Trouble(StrEnum):
    """What kind of thing went wrong."""

    DISK_FULL = "disk_full"
    READ_ONLY = "read_only"
    LOCKED = "locked"
    DAMAGED = "damaged"
    WRONG_PASSPHRASE = "wrong_passphrase"
    NO_ENCRYPTION = "no_encryption"
    CONFLICT = "conflict"  # another window saved the same draft
    GONE = "gone"  # deleted or expired meanwhile
    REFUSED = "refused"  # content or passphrase that cannot be kept
    OTHER = "other"


class StoreError(Exception):
    """Something that was not done. The text is for the reader; `trouble` is for the page."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        self.trouble = trouble
        super().__init__(message)


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


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What was copied from another file, and how many entries were found there but could not be read."""

    drafts: int
    records: int
    unreadable: int


class DraftConflict(StoreError):
    """Another window saved this draft after it was read here. `theirs` is what it saved; nothing was overwritten."""

    def __init__(self, theirs: Draft) -> None:
        self.theirs = theirs
        super().__init__(
            Trouble.CONFLICT,
            "Another window saved this draft after it was opened here, so nothing was overwritten. "
            f"Choose which of the two to keep; {_STILL_ON_SCREEN}.",
        )


def _utc_now() -> datetime:
    return datetime.now(UTC)


def default_path() -> Path:
    """Where the database is: in the folder named by DECISION_AID_HOME, else in the user's own data folder."""
    chosen = os.environ.get("DECISION_AID_HOME")
    return (Path(chosen).expanduser() if chosen else _own_folder()) / FILE_NAME


class Store:
    """Drafts and records of one database file, safe to share between threads and with other processes.

    Opening makes the file if there is none, and raises `StoreError` if there is one that cannot be used. After
    `close`, or after the file was moved away, the next call opens it again.
    """

    def __init__(
        self, path: Path | None = None, passphrase: str | None = None, now: Callable[[], datetime] = _utc_now
    ) -> None:
        self._path = Path(path or default_path()).absolute()
        self._passphrase = _checked_passphrase(passphrase)
        self._now = now
        # One connection for all threads, one call at a time: the page framework starts a thread for every run, and
        # with encryption each new connection costs a slow derivation of the key. A call takes about a millisecond.
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._files: tuple[object, ...] = ()
        with self._session(_NOT_OPENED):
            pass

    def new_draft(self, content: Content) -> Draft:
        """A new draft under a random id, saved."""
        draft = self._stamped(secrets.token_urlsafe(16), 1, _packed(content))
        with self._session(_NOT_SAVED) as connection, self._transaction(connection):
            _insert_draft(connection, draft)
        return draft

    def load_draft(self, draft_id: str) -> Draft | None:
        """The draft, or None when there is none of that id, or it has expired."""
        with self._session(_NOT_OPENED) as connection:
            return self._find(connection, draft_id)

    def save_draft(self, draft_id: str, content: Content, base_version: int) -> Draft:
        """The draft with this content, saved over version `base_version`; content that is already there is not written.

        Raises `DraftConflict` when another window has saved a different version since.
        """
        return self._save(draft_id, content, base_version)

    def overwrite_draft(self, draft_id: str, content: Content) -> Draft:
        """The draft with this content, saved over any version: for a reader who saw both and chose their own."""
        return self._save(draft_id, content, None)

    def list_drafts(self) -> tuple[Draft, ...]:
        """Every draft that has not expired, the last one saved first."""
        with self._session(_NOT_OPENED) as connection:
            rows = connection.execute(
                f"{_DRAFTS} WHERE expires_at > ? ORDER BY saved_at DESC, seq DESC", (_text(self._now()),)
            )
            return tuple(_draft(row) for row in rows.fetchall())

    def delete_draft(self, draft_id: str) -> bool:
        """Whether there was such a draft; if so, no byte of it is left in the file."""
        return _is_id(draft_id) and self._delete("DELETE FROM drafts WHERE id = ?", draft_id) > 0

    def expire_drafts(self) -> int:
        """How many drafts had passed their date and were deleted, in the same way as `delete_draft`."""
        now = _text(self._now())
        with self._session(_NOT_DELETED) as connection:
            if not connection.execute("SELECT 1 FROM drafts WHERE expires_at <= ? LIMIT 1", (now,)).fetchall():
                return 0
        return self._delete("DELETE FROM drafts WHERE expires_at <= ?", now)

    def save_record(
        self, content: Content, *, evidence_hash: str, program_version: str, corrects: str | None = None
    ) -> Record:
        """A new record, saved. A correction names the record it `corrects`, which stays as it is."""
        record = Record(
            id=secrets.token_urlsafe(16),
            saved_at=self._now().astimezone(UTC),
            program_version=program_version,
            evidence_hash=evidence_hash,
            content=json.loads(_packed(content)),
            corrects=corrects,
        )
        with self._session(_NOT_SAVED) as connection, self._transaction(connection):
            if corrects is not None and _row(connection, _RECORDS, corrects) is None:
                raise StoreError(
                    Trouble.GONE,
                    "The record to be corrected has been deleted, so the correction was not saved. "
                    f"Save it as a record of its own; {_STILL_ON_SCREEN}.",
                )
            _insert_record(connection, record)
        return record

    def list_records(self) -> tuple[Record, ...]:
        """Every record, the newest first."""
        with self._session(_NOT_OPENED) as connection:
            return tuple(_record(row) for row in connection.execute(f"{_RECORDS} ORDER BY seq DESC").fetchall())

    def load_record(self, record_id: str) -> Record | None:
        """The record, or None when there is none of that id."""
        with self._session(_NOT_OPENED) as connection:
            row = _row(connection, _RECORDS, record_id)
            return None if row is None else _record(row)

    def export_record(self, record_id: str) -> str:
        """The record as JSON text, to be kept elsewhere."""
        record = self.load_record(record_id)
        if record is None:
            raise StoreError(
                Trouble.GONE, "This record has been deleted, so there is nothing to export. Reload the list of records."
            )
        fields = asdict(record) | {"saved_at": record.saved_at.isoformat()}
        text = json.dumps(fields, indent=2, ensure_ascii=False)
        try:
            text.encode()
        except UnicodeEncodeError:  # half an emoji, as a broken paste leaves it: only its escape can go into a file
            return json.dumps(fields, indent=2)
        return text

    def delete_record(self, record_id: str) -> bool:
        """Whether there was such a record; if so, no byte of it is left in the file.

        Files that were set aside are other files: see `set_aside_files`.
        """
        return _is_id(record_id) and self._delete("DELETE FROM records WHERE id = ?", record_id) > 0

    def take_over(self, file: Path, passphrase: str | None = None) -> TakenOver:
        """What was copied here from another database, such as one set aside; that file is not changed.

        Of a damaged file every entry that is still whole is copied. An entry that is already here is left as it is.
        """
        file, passphrase = Path(file).absolute(), _checked_passphrase(passphrase)
        with self._lock, _reporting(file, passphrase, _NOT_OPENED):
            if not file.is_file():
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            drafts, unreadable_drafts = _salvage(file, passphrase, _DRAFTS, _draft)
            records, unreadable_records = _salvage(file, passphrase, _RECORDS, _record)
        with self._session(_NOT_SAVED) as connection, self._transaction(connection):
            new_drafts = [draft for draft in drafts if _row(connection, _DRAFTS, draft.id) is None]
            new_records = [record for record in records if _row(connection, _RECORDS, record.id) is None]
            for draft in new_drafts:
                _insert_draft(connection, draft)
            for record in new_records:
                _insert_record(connection, record)
        return TakenOver(len(new_drafts), len(new_records), unreadable_drafts + unreadable_records)

    def close(self) -> None:
        """Give the file back until the next call."""
        with self._lock:
            self._drop()

    def _save(self, draft_id: str, content: Content, base_version: int | None) -> Draft:
        text = _packed(content)
        with self._session(_NOT_SAVED) as connection:
            # The page saves at every run; a run that changed nothing must not wait for the lock, nor write.
            stored = self._present(connection, draft_id)
            if json.dumps(stored.content) == text:
                return stored
            with self._transaction(connection):
                stored = self._present(connection, draft_id)
                if json.dumps(stored.content) == text:
                    return stored
                if base_version is not None and stored.version != base_version:
                    raise DraftConflict(stored)
                draft = self._stamped(draft_id, stored.version + 1, text)
                connection.execute(
                    "UPDATE drafts SET version = ?, saved_at = ?, expires_at = ?, digest = ?, content = ? WHERE id = ?",
                    (*_draft_row(draft)[1:], draft_id),
                )
        return draft

    def _present(self, connection: sqlite3.Connection, draft_id: str) -> Draft:
        draft = self._find(connection, draft_id)
        if draft is None:
            # Written back without a word, it would undo a deletion that was meant for good.
            raise StoreError(
                Trouble.GONE,
                "This draft was deleted in another window, or has expired, so nothing could be saved in it. "
                f"Save it as a new draft; {_STILL_ON_SCREEN}.",
            )
        return draft

    def _find(self, connection: sqlite3.Connection, draft_id: str) -> Draft | None:
        row = _row(connection, _DRAFTS, draft_id)
        draft = None if row is None else _draft(row)
        return draft if draft and draft.expires_at > self._now() else None

    def _stamped(self, draft_id: str, version: int, text: str) -> Draft:
        moment = self._now().astimezone(UTC)
        return Draft(draft_id, version, json.loads(text), moment, moment + DRAFT_LIFETIME)

    def _delete(self, statement: str, value: str) -> int:
        with self._session(_NOT_DELETED) as connection, self._transaction(connection):
            count = connection.execute(statement, (value,)).rowcount
            if count:
                connection.execute("INSERT INTO wipe_due VALUES (?)", (_text(self._now()),))
        with self._session(_NOT_WIPED) as connection:
            _wipe_if_due(connection)
        return count

    @contextmanager
    def _session(self, consequence: str) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                with _reporting(self._path, self._passphrase, consequence):
                    yield self._connected()
            except StoreError as error:
                if error.trouble not in _CONNECTION_STAYS_GOOD:
                    self._drop()
                raise

    @contextmanager
    def _transaction(self, connection: sqlite3.Connection) -> Iterator[None]:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            with suppress(*_failures()):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            raise
        if _identity(self._path) != self._files:
            raise FileNotFoundError(errno.ENOENT, "the file was moved or deleted by another program")

    def _connected(self) -> sqlite3.Connection:
        # A connection goes on writing into a file that was moved or deleted under it: saved there, it would be lost.
        if self._connection is not None and _identity(self._path) != self._files:
            self._drop()
        if self._connection is None:
            with _opening:
                self._connection = _open(self._path, self._passphrase)
                self._files = _identity(self._path)
                _in_use.setdefault(self._files[:1], []).append(self._passphrase is not None)
        return self._connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with _opening:
                with suppress(*_failures()):
                    connection.close()
                _in_use[self._files[:1]].pop()

    def _verify(self) -> None:
        with self._session(_NOT_OPENED) as connection:
            for select, made in ((_DRAFTS, _draft), (_RECORDS, _record)):
                for row in connection.execute(select):
                    made(row)


def set_aside_damaged(path: Path, passphrase: str | None = None) -> Path:
    """The new name of a database that cannot be used; it is renamed with its log, never deleted.

    One that opens and reads well with this passphrase is refused: another window may have dealt with it already.
    `Store.take_over` copies what is still whole into a new database.
    """
    path = Path(path).absolute()
    if not path.is_file() or path.is_symlink():
        raise StoreError(
            Trouble.GONE, f"There is no file “{path}” any more, so nothing was set aside. Reload the page."
        )
    try:
        store = Store(path, passphrase)
        try:
            store._verify()
        finally:
            store.close()
    except StoreError as error:
        if error.trouble not in (Trouble.DAMAGED, Trouble.WRONG_PASSPHRASE):
            raise
    else:
        raise StoreError(
            Trouble.REFUSED, f"The file “{path}” is not damaged, so it stays where it is. Reload the page to use it."
        )
    aside = _free_name(path)
    with _reporting(path, passphrase, "nothing was set aside"):
        _rename(path, aside, _COMPANIONS)
    return aside


def set_aside_files(path: Path | None = None) -> tuple[Path, ...]:
    """The databases set aside beside this one: they still hold what was in them, also what is deleted here later."""
    path = Path(path or default_path()).absolute()
    start = f"{path.stem}.{_SET_ASIDE}-"
    try:
        names = [name for name in os.listdir(path.parent) if name.startswith(start)]
    except FileNotFoundError:
        return ()
    return tuple(sorted({path.with_name(re.sub("-(wal|shm)$", "", name)) for name in names}))


def delete_set_aside(file: Path) -> None:
    """Delete a database that was set aside, for good."""
    file = Path(file).absolute()
    if f".{_SET_ASIDE}-" not in file.name:
        raise StoreError(Trouble.REFUSED, f"“{file.name}” is not a file that was set aside, so it was not deleted.")
    with _reporting(file, None, _NOT_DELETED):
        for suffix in _COMPANIONS:
            _beside(file, suffix).unlink(missing_ok=True)
        _sync_folder(file.parent)


class _Fault(Exception):
    """Something the database library did not notice by itself."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble
        super().__init__(trouble)


class _NotEncrypted(_Fault):
    """A passphrase was given for a file that has none."""


# What is read of a row, its digest and its content last. `_draft` and `_record` rely on the order.
_DRAFTS = "SELECT id, version, saved_at, expires_at, digest, content FROM drafts"
_RECORDS = "SELECT id, saved_at, program_version, evidence_hash, corrects, digest, content FROM records"

_CONNECTION_STAYS_GOOD = {Trouble.LOCKED, Trouble.DISK_FULL, Trouble.CONFLICT, Trouble.GONE, Trouble.REFUSED}


def _draft(row: tuple[Any, ...]) -> Draft:
    draft_id, version, saved_at, expires_at, content = _whole(row)
    return Draft(draft_id, version, content, datetime.fromisoformat(saved_at), datetime.fromisoformat(expires_at))


def _record(row: tuple[Any, ...]) -> Record:
    record_id, saved_at, program_version, evidence_hash, corrects, content = _whole(row)
    return Record(record_id, datetime.fromisoformat(saved_at), program_version, evidence_hash, content, corrects)


def _whole(row: tuple[Any, ...]) -> tuple[Any, ...]:
    # SQLite notices damage to its own structure, not to the text in it: a "no" that became a "yes" would pass.
    *fields, digest, text = row
    if _digest(*fields, text) != digest:
        raise _Fault(Trouble.DAMAGED)
    return *fields, json.loads(text)


def _draft_row(draft: Draft) -> tuple[Any, ...]:
    return _sealed(
        draft.id, draft.version, _text(draft.saved_at), _text(draft.expires_at), text=json.dumps(draft.content)
    )


def _record_row(record: Record) -> tuple[Any, ...]:
    return _sealed(
        record.id,
        _text(record.saved_at),
        record.program_version,
        record.evidence_hash,
        record.corrects,
        text=json.dumps(record.content),
    )


def _sealed(*fields: Any, text: str) -> tuple[Any, ...]:
    return *fields, _digest(*fields, text), text


def _digest(*fields: Any) -> str:
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()


def _insert_draft(connection: sqlite3.Connection, draft: Draft) -> None:
    connection.execute(
        "INSERT INTO drafts (id, version, saved_at, expires_at, digest, content) VALUES (?, ?, ?, ?, ?, ?)",
        _draft_row(draft),
    )


def _insert_record(connection: sqlite3.Connection, record: Record) -> None:
    connection.execute(
        "INSERT INTO records (id, saved_at, program_version, evidence_hash, corrects, digest, content)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        _record_row(record),
    )


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None  # it comes out of an address: it may be anything


def _row(connection: sqlite3.Connection, select: str, entry_id: str) -> tuple[Any, ...] | None:
    if not _is_id(entry_id):
        return None
    row: tuple[Any, ...] | None = connection.execute(f"{select} WHERE id = ?", (entry_id,)).fetchone()
    return row


def _text(moment: datetime) -> str:
    # One form and one zone, so that the order of the texts is the order in time.
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _packed(content: Content) -> str:
    """The content as JSON text in ASCII, which holds a null byte or half an emoji as safely as a letter."""
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
    return StoreError(Trouble.REFUSED, f"This cannot be saved: {reason}. Nothing was changed; {_STILL_ON_SCREEN}.")


def _checked_passphrase(passphrase: str | None) -> str | None:
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
            "This passphrase is empty or cannot be typed again, so nothing was opened. Choose another one.",
        )
    return unicodedata.normalize("NFC", passphrase)  # an é is typed as one character here and as two there


def _open(path: Path, passphrase: str | None) -> sqlite3.Connection:
    """A connection to a database that is there, whole, ours and of this version's form; made if there was none."""
    _make_folder(path.parent)
    _refuse_links(path)
    if not path.exists():
        _create(path, passphrase)
    _tighten(path)
    if path.stat().st_size == 0:  # SQLite would take it for new, and delete the log that may hold the last saves
        raise _Fault(Trouble.DAMAGED)
    # Found out before the file is tried: the two libraries do not know of each other's locks.
    encrypted = _is_encrypted(path)
    if encrypted is None:
        raise _Fault(Trouble.DAMAGED)
    if encrypted and passphrase is None:
        raise _Fault(Trouble.WRONG_PASSPHRASE)
    if passphrase is not None and not encrypted:
        raise _NotEncrypted(Trouble.WRONG_PASSPHRASE)
    connection = _connect(path, passphrase)
    try:
        if _value(connection, "PRAGMA application_id") != _APPLICATION_ID:
            raise _Fault(Trouble.DAMAGED)
        # The full check and not the quick one: the quick one leaves out the index, and through a damaged index an
        # entry that is there is not found.
        if _value(connection, "PRAGMA integrity_check(1)") != "ok":
            raise _Fault(Trouble.DAMAGED)
        if _value(connection, "PRAGMA journal_mode=WAL") != "wal":
            raise StoreError(
                Trouble.OTHER,
                f"The folder “{path.parent}” is on a drive where answers cannot be kept safely. "
                f"Set DECISION_AID_HOME to a folder on this computer's own disk and start again; {_STILL_ON_SCREEN}.",
            )
        _migrate(connection, path)
        # Chores: what they could not do now is done at the next opening.
        with suppress(*_failures()):
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            _wipe_if_due(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(path: Path, passphrase: str | None, mode: str = "rw") -> sqlite3.Connection:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StoreError(
            Trouble.OTHER,
            f"This Python comes with SQLite {sqlite3.sqlite_version}; saving needs 3.37 or newer. "
            f"Install a newer Python and start again; {_STILL_ON_SCREEN}.",
        )
    library = sqlite3 if passphrase is None else _encrypting_library()
    # Never mode=rwc: the file is made by `_create`, with the right permissions and whole.
    connection: sqlite3.Connection = library.connect(
        f"{path.as_uri()}?mode={mode}", uri=True, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
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


def _encrypting_library() -> Any:
    try:
        return importlib.import_module("sqlcipher3.dbapi2")
    except ImportError:
        raise StoreError(
            Trouble.NO_ENCRYPTION,
            "A passphrase was given, but the package that encrypts is not installed, so nothing could be opened. "
            "Install it with “pip install sqlcipher3-wheels” and start again, or go on without a passphrase; "
            f"{_STILL_ON_SCREEN}.",
        ) from None


def _value(connection: sqlite3.Connection, statement: str) -> Any:
    return connection.execute(statement).fetchall()[0][0]


def _create(path: Path, passphrase: str | None) -> None:
    """Make the database, unless another process was quicker. It appears under its name only when whole."""
    if _beside(path, "-wal").exists() and not path.exists():
        # The log of a database that is gone. SQLite would play it into the new one and damage it.
        _rename(path, _free_name(path), _COMPANIONS[1:])
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        connection = _connect(unfinished, passphrase)
        try:
            connection.execute(f"PRAGMA application_id={_APPLICATION_ID}")
            connection.execute("PRAGMA journal_mode=WAL").fetchall()
            _migrate(connection, path)
        finally:
            connection.close()
        with suppress(FileExistsError):
            try:
                os.link(unfinished, path)
            except FileExistsError:
                raise
            except OSError:  # a drive without links
                if not path.exists():
                    unfinished.rename(path)
        _sync_folder(path.parent)
    finally:
        for suffix in _COMPANIONS:
            _beside(unfinished, suffix).unlink(missing_ok=True)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    if _value(connection, "PRAGMA user_version") == len(_MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _value(connection, "PRAGMA user_version")  # another process may have been quicker
        if version > len(_MIGRATIONS):
            raise StoreError(
                Trouble.OTHER,
                f"The saved work in “{path.parent}” was made by a newer version of this program, so {_NOT_OPENED}. "
                f"Start the newer version; {_STILL_ON_SCREEN}.",
            )
        for statements in _MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version={len(_MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(*_failures()):
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        raise


def _wipe_if_due(connection: sqlite3.Connection) -> None:
    """Rid the file and its log of what was deleted."""
    if not connection.execute("SELECT 1 FROM wipe_due LIMIT 1").fetchall():
        return
    # secure_delete clears the place of a deleted row, but not the copies left behind when rows moved between pages
    # earlier (seen in 4 of 1,143 deletions): only a file written anew has none.
    connection.execute("VACUUM")
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise _Fault(Trouble.LOCKED)
    connection.execute("DELETE FROM wipe_due")


def _salvage(
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
        with closing(_connect(file, passphrase, mode="ro")) as source, suppress(*_failures()):
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
        source = _connect(file, passphrase, mode="ro")
        try:
            for seq in between:
                try:
                    for _, *row in source.execute(f"{select} WHERE seq = ?", (seq,)).fetchall():
                        rows[seq] = tuple(row)
                except _failures():
                    missing += 1
                    if passphrase is not None:  # of no more use after a fault, and slow to open
                        source.close()
                        if missing == _ENCRYPTED_FAULTS:
                            break
                        source = _connect(file, passphrase, mode="ro")
        finally:
            source.close()
    entries = []
    for _, row in sorted(rows.items()):
        try:
            entries.append(made(row))
        except _Fault:
            missing += 1
    return entries, max(missing, 1 if stops else 0)


def _make_folder(folder: Path) -> None:
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(each.parent)
    # A folder somebody chose may be shared with other programs: its permissions are theirs.
    if folder == _own_folder() and os.name == "posix":
        folder.chmod(0o700)


def _own_folder() -> Path:
    return Path(platformdirs.user_data_dir("spine-choice", appauthor=False))


def _sync_folder(folder: Path) -> None:
    # A new name in a folder outlives a power cut only when the folder itself is on the disk.
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _refuse_links(path: Path) -> None:
    for suffix in _COMPANIONS:
        with suppress(FileNotFoundError):
            mode = _beside(path, suffix).lstat().st_mode
            if not stat.S_ISREG(mode):
                kind = "a link to another place" if stat.S_ISLNK(mode) else "not an ordinary file"
                raise StoreError(
                    Trouble.OTHER,
                    f"“{_beside(path, suffix)}” is {kind}, so {_NOT_OPENED}. "
                    f"Remove it, or set DECISION_AID_HOME to another folder and start again; {_STILL_ON_SCREEN}.",
                )


def _tighten(path: Path) -> None:
    if os.name != "posix":
        return
    for suffix in _COMPANIONS:
        file = _beside(path, suffix)
        # By name: opening and closing the file would drop the locks this process holds on it.
        with suppress(OSError):  # a file of somebody else; whether it can be used shows when it is opened
            mode = stat.S_IMODE(file.lstat().st_mode)
            if mode & 0o077:
                file.chmod(mode & 0o700)
    if path.stat().st_nlink > 1:  # stopped between giving the new file its name and taking the first one away
        for name in os.listdir(path.parent):
            other = path.with_name(name)
            with suppress(FileNotFoundError):  # the process that made it may be taking it away itself
                if name.startswith(f".{path.name}.") and name.endswith(".new") and other.samefile(path):
                    other.unlink()


def _identity(path: Path) -> tuple[object, ...]:
    found: list[object] = []
    for suffix in _COMPANIONS[:2]:
        try:
            status = _beside(path, suffix).lstat()
        except OSError:
            found.append(None)
        else:
            found.append((status.st_dev, status.st_ino))
    return tuple(found)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _free_name(path: Path) -> Path:
    return path.with_name(
        f"{path.stem}.{_SET_ASIDE}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}{path.suffix}"
    )


def _rename(path: Path, target: Path, suffixes: tuple[str, ...]) -> None:
    for suffix in suffixes:
        with suppress(FileNotFoundError):
            _beside(path, suffix).rename(_beside(target, suffix))
    _sync_folder(path.parent)


def _failures() -> tuple[type[Exception], ...]:
    encrypting = sys.modules.get("sqlcipher3.dbapi2")
    return (sqlite3.Error, OSError, _Fault, *((encrypting.Error,) if encrypting else ()))


@contextmanager
def _reporting(path: Path, passphrase: str | None, consequence: str) -> Iterator[None]:
    """Turn every failure inside into a `StoreError` with a sentence for the reader."""
    try:
        yield
    except _failures() as error:
        trouble = _trouble(error, path, passphrase)
        happened, advice = _sentence(trouble, error, path, passphrase)
        raise StoreError(trouble, f"{happened}, so {consequence}. {advice}; {_STILL_ON_SCREEN}.") from error


def _trouble(error: Exception, path: Path, passphrase: str | None) -> Trouble:
    if isinstance(error, _Fault):
        return error.trouble
    if isinstance(error, OSError):
        return _SYSTEM_TROUBLES.get(error.errno or 0, Trouble.OTHER)
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code == sqlite3.SQLITE_NOTADB and passphrase is not None:
        return Trouble.WRONG_PASSPHRASE
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        # SQLite says no more than that it could not; the disk says why.
        if not os.access(path.parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
            return Trouble.READ_ONLY
        with suppress(OSError):
            if shutil.disk_usage(path.parent).free < _HARDLY_ANY_ROOM:
                return Trouble.DISK_FULL
    return _SQLITE_TROUBLES.get(code, Trouble.OTHER)


_HARDLY_ANY_ROOM = 256 * 1024
_SYSTEM_TROUBLES = {
    errno.ENOSPC: Trouble.DISK_FULL,
    errno.EDQUOT: Trouble.DISK_FULL,
    errno.EROFS: Trouble.READ_ONLY,
    errno.EACCES: Trouble.READ_ONLY,
    errno.EPERM: Trouble.READ_ONLY,
}
_SQLITE_TROUBLES = {
    sqlite3.SQLITE_FULL: Trouble.DISK_FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_BUSY: Trouble.LOCKED,
    sqlite3.SQLITE_LOCKED: Trouble.LOCKED,
    sqlite3.SQLITE_PROTOCOL: Trouble.LOCKED,
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.DAMAGED,
    # The statements here are fixed and known to be right: one that fails has met tables that are not what they were,
    # or an encrypted page that does not pass its check.
    sqlite3.SQLITE_ERROR: Trouble.DAMAGED,
}


def _sentence(trouble: Trouble, error: Exception, path: Path, passphrase: str | None) -> tuple[str, str]:
    """What happened, and what to do."""
    folder = path.parent
    match trouble:
        case Trouble.DISK_FULL:
            return f"The disk with the folder “{folder}” is full", "Free some space and try again"
        case Trouble.READ_ONLY:
            return (
                f"This program may not write to “{path}”",
                "Allow it to, or set DECISION_AID_HOME to another folder and start again",
            )
        case Trouble.LOCKED:
            return f"Another window or program is holding the saved work in “{folder}”", "Try again in a moment"
        case Trouble.DAMAGED:
            return (
                f"The file “{path}” is damaged or was not made by this program",
                "Set it aside, which keeps it, and take over what is still whole into a new one",
            )
        case Trouble.WRONG_PASSPHRASE if passphrase is None:
            return (
                f"The saved work in “{path}” looks encrypted and no passphrase was given",
                "Start with the passphrase; if none was ever set, the file is damaged and can be set aside",
            )
        case Trouble.WRONG_PASSPHRASE if isinstance(error, _NotEncrypted):
            return (
                f"The saved work in “{path}” is not encrypted, and a passphrase was given",
                "Start without one, or set the file aside and take it over into an encrypted one",
            )
        case Trouble.WRONG_PASSPHRASE:
            return (
                f"This passphrase does not open “{path}”",
                "Check capital letters and the keyboard and try again; if it is surely right, the file is damaged and "
                "can be set aside",
            )
    detail = getattr(error, "sqlite_errorname", None) or getattr(error, "strerror", None) or type(error).__name__
    return (
        f"The saved work in “{folder}” could not be reached ({detail})",
        "Try again, and restart the program if it happens again",
    )


# The files that stores of this process have open, and whether they are encrypted.
_in_use: dict[tuple[object, ...], list[bool]] = {}
_opening = threading.RLock()


def _is_encrypted(path: Path) -> bool | None:
    """Whether the file is an encrypted database; None when it is no database at all."""
    known = _in_use.get(_identity(path)[:1])
    if known:
        # Not read again: closing any descriptor of a file drops all locks this process holds on it (POSIX), and with
        # them the protection of the connection that another session has open.
        return known[0]
    with path.open("rb") as file:
        start = file.read(16 * 4096)
    if start.startswith(_MAGIC):
        return False
    # Encrypted pages are noise: nearly all of the 256 byte values stand in each of them, and in no other page of ours.
    noise = all(len(set(start[at : at + 4096])) > 200 for at in range(0, len(start), 4096))
    return True if noise else None
