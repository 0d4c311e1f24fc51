"""Drafts and records: what was entered, kept in one SQLite file in the user's own data folder.

A save that returned is on the disk: it outlives a killed server and a power cut. A save that did not raises
`StoreError`, whose text says what happened, what to do, and that the work is still on the screen. What is inside an
entry is made elsewhere; this module keeps it, never looks into it and never writes it to a log.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from decision_aid.storage.database import checked_passphrase, in_use, open_database, opening, salvage, wipe_if_due
from decision_aid.storage.encryption import PASSPHRASE_LOSS, change_passphrase, is_encrypted
from decision_aid.storage.entries import (
    DEEPEST_NESTING,
    DRAFTS,
    LARGEST_CONTENT_BYTES,
    RECORDS,
    Content,
    Draft,
    Record,
    draft_from,
    draft_row,
    find_row,
    insert_draft,
    insert_record,
    is_id,
    packed,
    record_from,
    time_text,
)
from decision_aid.storage.errors import (
    NOT_DELETED,
    NOT_OPENED,
    NOT_SAVED,
    STILL_ON_SCREEN,
    StoreError,
    Trouble,
    failures,
    reporting,
)
from decision_aid.storage.exchange import discard, gate
from decision_aid.storage.kept import KEPT, Kept, check_size, kept_from, put_kept, salvage_kept
from decision_aid.storage.paths import (
    COMPANIONS,
    FILE_NAME,
    SET_ASIDE,
    default_path,
    free_name,
    identity,
    rename,
    set_aside_files,
)
from decision_aid.storage.paths import delete_set_aside as _delete_set_aside

__all__ = [
    "DEEPEST_NESTING",
    "DRAFT_LIFETIME",
    "FILE_NAME",
    "LARGEST_CONTENT_BYTES",
    "PASSPHRASE_LOSS",
    "Content",
    "Draft",
    "DraftConflict",
    "Record",
    "Store",
    "StoreError",
    "TakenOver",
    "Trouble",
    "change_passphrase",
    "close_everywhere",
    "default_path",
    "delete_set_aside",
    "is_encrypted",
    "set_aside_damaged",
    "set_aside_files",
]

DRAFT_LIFETIME = timedelta(days=30)
_NOT_WIPED = "what you deleted is off the list, but traces of it stay in the file until the next start or deletion"
_LOOKS_DAMAGED = {Trouble.DAMAGED, Trouble.WRONG_PASSPHRASE}
_CONNECTION_STAYS_GOOD = {Trouble.LOCKED, Trouble.DISK_FULL, Trouble.CONFLICT, Trouble.GONE, Trouble.REFUSED}


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What was copied from another file, and how many entries were found there but could not be read.

    Files that were kept are copied as well; they are not counted.
    """

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
            f"Choose which of the two to keep; {STILL_ON_SCREEN}.",
        )


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _moved() -> OSError:
    return FileNotFoundError(errno.ENOENT, "the file was moved or deleted by another program")


class Store:
    """Drafts and records of one database file, safe to share between threads and with other processes.

    Opening makes the file if there is none, and raises `StoreError` if there is one that cannot be used. After
    `close`, or after the file was moved away, the next call opens it again.
    """

    def __init__(
        self, path: Path | None = None, passphrase: str | None = None, now: Callable[[], datetime] = _utc_now
    ) -> None:
        self._path = Path(path or default_path()).absolute()
        self._passphrase = checked_passphrase(passphrase)
        self._now = now
        # One connection for all threads, one call at a time: the page framework starts a thread for every run, and
        # with encryption each new connection costs a slow derivation of the key. A call takes about a millisecond.
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._files: tuple[object, ...] = ()
        with self._session(NOT_OPENED):
            pass

    def new_draft(self, content: Content) -> Draft:
        """A new draft under a random id, saved."""
        draft = self._stamped(secrets.token_urlsafe(16), 1, packed(content))
        with self._session(NOT_SAVED) as connection, self._transaction(connection):
            insert_draft(connection, draft)
        return draft

    def load_draft(self, draft_id: str) -> Draft | None:
        """The draft, or None when there is none of that id, or it has expired."""
        with self._session(NOT_OPENED) as connection:
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
        with self._session(NOT_OPENED) as connection:
            rows = connection.execute(
                f"{DRAFTS} WHERE expires_at > ? ORDER BY saved_at DESC, seq DESC", (time_text(self._now()),)
            )
            return tuple(draft_from(row) for row in rows.fetchall())

    def delete_draft(self, draft_id: str) -> bool:
        """Whether there was such a draft; if so, no byte of it is left in the file."""
        return is_id(draft_id) and self._delete("DELETE FROM drafts WHERE id = ?", draft_id) > 0

    def expire_drafts(self) -> int:
        """How many drafts had passed their date and were deleted, in the same way as `delete_draft`."""
        now = time_text(self._now())
        with self._session(NOT_DELETED) as connection:
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
            content=json.loads(packed(content)),
            corrects=corrects,
        )
        with self._session(NOT_SAVED) as connection, self._transaction(connection):
            if corrects is not None and find_row(connection, RECORDS, corrects) is None:
                raise StoreError(
                    Trouble.GONE,
                    "The record to be corrected has been deleted, so the correction was not saved. "
                    f"Save it as a record of its own; {STILL_ON_SCREEN}.",
                )
            insert_record(connection, record)
        return record

    def list_records(self) -> tuple[Record, ...]:
        """Every record, the newest first."""
        with self._session(NOT_OPENED) as connection:
            return tuple(record_from(row) for row in connection.execute(f"{RECORDS} ORDER BY seq DESC").fetchall())

    def load_record(self, record_id: str) -> Record | None:
        """The record, or None when there is none of that id."""
        with self._session(NOT_OPENED) as connection:
            row = find_row(connection, RECORDS, record_id)
            return None if row is None else record_from(row)

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
        return is_id(record_id) and self._delete("DELETE FROM records WHERE id = ?", record_id) > 0

    def keep_file(self, name: str, content: bytes) -> str:
        """The stamp of a file that is kept from now on, in the place of what was kept under the name."""
        check_size(content)
        kept = Kept(name, secrets.token_urlsafe(16), content)
        with self._session(NOT_SAVED) as connection, self._transaction(connection):
            if put_kept(connection, kept):
                self._wipe_later(connection)
        self._wipe()
        return kept.stamp

    def kept_stamp(self, name: str) -> str | None:
        """The stamp of what is kept under the name, or None."""
        with self._session(NOT_OPENED) as connection:
            row = connection.execute("SELECT stamp FROM kept WHERE name = ?", (name,)).fetchone()
            return None if row is None else row[0]

    def kept_file(self, name: str) -> bytes | None:
        """What is kept under the name, or None."""
        with self._session(NOT_OPENED) as connection:
            row = connection.execute(f"{KEPT} WHERE name = ?", (name,)).fetchone()
            return None if row is None else kept_from(row).content

    def forget_file(self, name: str) -> bool:
        """Whether anything was kept under the name; if so, no byte of it is left in the file."""
        return self._delete("DELETE FROM kept WHERE name = ?", name) > 0

    def take_over(self, file: Path, passphrase: str | None = None) -> TakenOver:
        """What was copied here from another database, such as one set aside; that file is not changed.

        Of a damaged file every entry that is still whole is copied. An entry that is already here is left as it is.
        """
        file, passphrase = Path(file).absolute(), checked_passphrase(passphrase)
        with self._lock, reporting(file, passphrase, NOT_OPENED):
            if not file.is_file():
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            drafts, unreadable_drafts = salvage(file, passphrase, DRAFTS, draft_from)
            records, unreadable_records = salvage(file, passphrase, RECORDS, record_from)
            files, unreadable_files = salvage_kept(file, passphrase)
        with self._session(NOT_SAVED) as connection, self._transaction(connection):
            new_drafts = [draft for draft in drafts if find_row(connection, DRAFTS, draft.id) is None]
            new_records = [record for record in records if find_row(connection, RECORDS, record.id) is None]
            for draft in new_drafts:
                insert_draft(connection, draft)
            for record in new_records:
                insert_record(connection, record)
            for kept in files:
                if not connection.execute("SELECT 1 FROM kept WHERE name = ?", (kept.name,)).fetchall():
                    put_kept(connection, kept)
        unreadable = unreadable_drafts + unreadable_records + unreadable_files
        return TakenOver(len(new_drafts), len(new_records), unreadable)

    def close(self) -> None:
        """Give the file back until the next call."""
        with self._lock:
            self._drop()

    def _save(self, draft_id: str, content: Content, base_version: int | None) -> Draft:
        text = packed(content)
        with self._session(NOT_SAVED) as connection:
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
                    (*draft_row(draft)[1:], draft_id),
                )
        return draft

    def _present(self, connection: sqlite3.Connection, draft_id: str) -> Draft:
        draft = self._find(connection, draft_id)
        if draft is None:
            # Written back without a word, it would undo a deletion that was meant for good.
            raise StoreError(
                Trouble.GONE,
                "This draft was deleted in another window, or has expired, so nothing could be saved in it. "
                f"Save it as a new draft; {STILL_ON_SCREEN}.",
            )
        return draft

    def _find(self, connection: sqlite3.Connection, draft_id: str) -> Draft | None:
        row = find_row(connection, DRAFTS, draft_id)
        draft = None if row is None else draft_from(row)
        return draft if draft and draft.expires_at > self._now() else None

    def _stamped(self, draft_id: str, version: int, text: str) -> Draft:
        moment = self._now().astimezone(UTC)
        return Draft(draft_id, version, json.loads(text), moment, moment + DRAFT_LIFETIME)

    def _delete(self, statement: str, value: str) -> int:
        with self._session(NOT_DELETED) as connection, self._transaction(connection):
            count = connection.execute(statement, (value,)).rowcount
            if count:
                self._wipe_later(connection)
        self._wipe()
        return count

    def _wipe_later(self, connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO wipe_due VALUES (?)", (time_text(self._now()),))

    def _wipe(self) -> None:
        with self._session(_NOT_WIPED) as connection:
            wipe_if_due(connection)

    @contextmanager
    def _session(self, consequence: str) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                with reporting(self._path, self._passphrase, consequence):
                    yield self._connected()
            except StoreError as error:
                exchanged = self._connection is not None and identity(self._path) != self._files
                if error.trouble not in _CONNECTION_STAYS_GOOD:
                    self._drop()
                if exchanged and error.trouble in _LOOKS_DAMAGED:
                    # What was read are the remains of a file that another one has taken the place of.
                    with reporting(self._path, self._passphrase, consequence):
                        raise _moved() from error
                raise

    @contextmanager
    def _transaction(self, connection: sqlite3.Connection) -> Iterator[None]:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            with suppress(*failures()):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            raise
        if identity(self._path) != self._files:
            raise _moved()

    def _connected(self) -> sqlite3.Connection:
        # A connection goes on writing into a file that was moved or deleted under it: saved there, it would be lost.
        if self._connection is not None and identity(self._path) != self._files:
            self._drop()
        if self._connection is None:
            with opening:
                self._connection, self._files = open_database(self._path, self._passphrase)
                in_use[self] = self._files[0], self._passphrase is not None
        return self._connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with opening, ExitStack() as stack:
                with suppress(*failures()):
                    # The last to close a database deletes its log, by name.
                    stack.enter_context(gate(self._path))
                with suppress(*failures()):
                    connection.close()
                in_use.pop(self, None)

    def _verify(self) -> None:
        with self._session(NOT_OPENED) as connection:
            for select, made in ((DRAFTS, draft_from), (RECORDS, record_from), (KEPT, kept_from)):
                for row in connection.execute(select):
                    made(row)


def delete_set_aside(file: Path) -> None:
    """Overwrite and delete a database that was set aside. Raises `StoreError` when it is none, or stays."""
    file = Path(file).absolute()
    if f".{SET_ASIDE}-" in file.name:
        discard(file)
    _delete_set_aside(file)


def close_everywhere() -> None:
    """Give the files back that any session of this program has open, each until its next call."""
    with opening:
        stores = [each for each in in_use if isinstance(each, Store)]
    for each in stores:
        each.close()


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
    aside = free_name(path)
    with reporting(path, passphrase, "nothing was set aside"), gate(path):
        rename(path, aside, COMPANIONS)
    return aside
