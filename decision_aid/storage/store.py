"""Drafts and records: what was entered, kept in the user's own data folder, one file an entry.

A save that returned is on the disk: it outlives a killed server and a power cut. A save that did not raises `StoreError`,
and the work is still on the screen. What is inside an entry is made elsewhere; this module keeps it, never looks into it
and never writes it to a log.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from decision_aid.storage import entries, files, older_file, sealing
from decision_aid.storage.entries import Content, Draft, Record
from decision_aid.storage.errors import Detail, Doing, StoreError, Trouble, reporting
from decision_aid.storage.files import FOLDER_NAME, default_path, delete_set_aside, set_aside_files
from decision_aid.storage.sealing import Keys, checked_passphrase, is_open, with_another
from decision_aid.storage.shelf import DRAFT, KEPT, RECORD, Shelf

__all__ = [
    "DRAFT_LIFETIME", "FOLDER_NAME", "Content", "Draft", "DraftConflict", "Record", "Store", "StoreError", "Trouble",
    "change_passphrase", "default_path", "delete_set_aside", "is_encrypted", "set_aside_damaged", "set_aside_files",
]  # fmt: skip

DRAFT_LIFETIME = timedelta(days=30)
_KEY, _KEY_COPY = "key", "key-copy"


class DraftConflict(StoreError):
    """Another window saved this draft after it was read here. `theirs` is what it saved; nothing was overwritten."""

    def __init__(self, theirs: Draft) -> None:
        self.theirs = theirs
        super().__init__(Trouble.CONFLICT)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Store:
    """Drafts, records and kept files of one folder, safe to share between threads and with other processes.

    Opening makes the folder if there is none, and raises `StoreError` if there is one that cannot be used. Nothing stays
    open between two calls, and each looks whether the passphrase is still the one that was given here. Opened for
    `Doing.SETTING_ASIDE` it gives damaged files another name instead of refusing.
    """

    def __init__(
        self,
        path: Path | None = None,
        passphrase: str | None = None,
        now: Callable[[], datetime] = _utc_now,
        doing: Doing = Doing.OPENING,
    ) -> None:
        self._folder = Path(path or default_path()).absolute()
        self._now = now
        self._shelf: Shelf | None = None
        self._key: bytes | None = None  # the key file as it was when the passphrase opened it
        self.set_aside = 0  # how many files got another name
        with reporting(self._folder, doing):
            self._passphrase = checked_passphrase(passphrase)
            with self._opened(doing):
                pass

    def new_draft(self, content: Content) -> Draft:
        """A new draft under a random id, saved."""
        with self._opened(Doing.SAVING) as shelf:
            draft = self._stamped(secrets.token_urlsafe(16), 1, entries.packed(content))
            shelf.write(shelf.new_name(DRAFT, draft.id), entries.to_bytes(draft))
        return draft

    def load_draft(self, draft_id: str) -> Draft | None:
        """The draft, or None when there is none of that id, or it has expired."""
        with self._opened(Doing.OPENING) as shelf:
            return self._draft(shelf, draft_id)

    def save_draft(self, draft_id: str, content: Content, base_version: int | None) -> Draft:
        """The draft with this content, saved over version `base_version`; None: over any, for a reader who saw both.

        Content that is already there is not written. Raises `DraftConflict` when another window has saved since.
        """
        with self._opened(Doing.SAVING) as shelf:
            text = entries.packed(content)
            stored = self._draft(shelf, draft_id)
            if stored is None:
                # Written back without a word, it would undo a deletion that was meant for good.
                raise StoreError(Trouble.GONE, Detail.DRAFT)
            if json.dumps(stored.content) == text:  # the page saves at every run
                return stored
            if base_version not in (None, stored.version):
                raise DraftConflict(stored)
            draft = self._stamped(draft_id, stored.version + 1, text)
            shelf.write(shelf.new_name(DRAFT, draft_id), entries.to_bytes(draft))
        return draft

    def list_drafts(self) -> tuple[Draft, ...]:
        """Every draft that has not expired, the last one saved first."""
        with self._opened(Doing.OPENING) as shelf:
            drafts = [entries.draft_from(shelf.read(name)) for name in shelf.names(DRAFT)]
        current = [draft for draft in drafts if draft.expires_at > self._now()]
        return tuple(sorted(current, key=lambda draft: draft.saved_at, reverse=True))

    def delete_draft(self, draft_id: str) -> bool:
        """Whether there was such a draft; if so, no byte of it is left in the folder."""
        with self._opened(Doing.DELETING) as shelf:
            return shelf.delete(shelf.find(DRAFT, draft_id))

    def expire_drafts(self) -> int:
        """How many drafts had passed their date and were deleted, in the same way as `delete_draft`."""
        with self._opened(Doing.DELETING) as shelf:
            expired = [n for n in shelf.names(DRAFT) if entries.draft_from(shelf.read(n)).expires_at <= self._now()]
            return sum(shelf.delete(name) for name in expired)

    def save_record(
        self, content: Content, *, evidence_hash: str, program_version: str, corrects: str | None = None
    ) -> Record:
        """A new record, saved. A correction names the record it `corrects`, which stays as it is."""
        with self._opened(Doing.SAVING) as shelf:
            text = entries.packed(content)
            if corrects is not None and shelf.find(RECORD, corrects) is None:
                raise StoreError(Trouble.GONE, Detail.CORRECTED_RECORD)
            saved_at, new_id = self._now().astimezone(UTC), secrets.token_urlsafe(16)
            record = Record(new_id, saved_at, program_version, evidence_hash, json.loads(text), corrects)
            shelf.write(shelf.new_name(RECORD, new_id), entries.to_bytes(record))
        return record

    def list_records(self) -> tuple[Record, ...]:
        """Every record, the newest first."""
        with self._opened(Doing.OPENING) as shelf:
            return tuple(entries.record_from(shelf.read(name)) for name in reversed(shelf.names(RECORD)))

    def load_record(self, record_id: str) -> Record | None:
        """The record, or None when there is none of that id."""
        with self._opened(Doing.OPENING) as shelf:
            name = shelf.find(RECORD, record_id)
            return None if name is None else entries.record_from(shelf.read(name))

    def export_record(self, record_id: str) -> str:
        """The record as JSON text, to be kept elsewhere."""
        record = self.load_record(record_id)
        if record is None:
            raise StoreError(Trouble.GONE, Detail.RECORD)
        fields = asdict(record) | {"saved_at": record.saved_at.isoformat()}
        text = json.dumps(fields, indent=2, ensure_ascii=False)
        try:
            text.encode()
        except UnicodeEncodeError:  # half an emoji, as a broken paste leaves it: only its escape can go into a file
            return json.dumps(fields, indent=2)
        return text

    def delete_record(self, record_id: str) -> bool:
        """Whether there was such a record; if so, no byte of it is left in the folder.

        Files that were set aside are other files: see `set_aside_files`.
        """
        with self._opened(Doing.DELETING) as shelf:
            return shelf.delete(shelf.find(RECORD, record_id))

    def keep_file(self, name: str, content: bytes) -> str | None:
        """The stamp of a file that is kept from now on, in the place of what was kept under the name (a-z and “-”)."""
        with self._opened(Doing.SAVING) as shelf:
            entries.check_size(len(content), entries.LARGEST_KEPT_BYTES)
            shelf.write(shelf.new_name(KEPT, name), content)
            return shelf.stamp(shelf.find(KEPT, name))

    def kept_stamp(self, name: str) -> str | None:
        """The stamp of what is kept under the name, or None. It is another one each time something is kept there."""
        with self._opened(Doing.OPENING) as shelf:
            return shelf.stamp(shelf.find(KEPT, name))

    def kept_file(self, name: str) -> bytes | None:
        """What is kept under the name, or None."""
        with self._opened(Doing.OPENING) as shelf:
            found = shelf.find(KEPT, name)
            return None if found is None else shelf.read(found)

    def forget_file(self, name: str) -> bool:
        """Whether anything was kept under the name; if so, no byte of it is left in the folder."""
        with self._opened(Doing.DELETING) as shelf:
            return shelf.delete(shelf.find(KEPT, name))

    def change_passphrase(self, new: str | None) -> None:
        """Keep everything under this passphrase from now on; None: open to everybody.

        Raises `StoreError`, and then the old one counts. Stores that are open elsewhere notice at their next call, and must
        be opened with the new one. Files that were set aside, and exports, are other files and stay as they are.
        """
        with self._opened(Doing.CHANGING) as shelf:
            new = checked_passphrase(new)
            _put_keys(self._folder, with_another(shelf.keys), new)
            self._passphrase, self._shelf = new, None

    def close(self) -> None:
        """Forget the key until the next call."""
        self._shelf = None

    def _draft(self, shelf: Shelf, draft_id: str) -> Draft | None:
        name = shelf.find(DRAFT, draft_id)
        draft = None if name is None else entries.draft_from(shelf.read(name))
        return draft if draft and draft.expires_at > self._now() else None

    def _stamped(self, draft_id: str, version: int, text: str) -> Draft:
        moment = self._now().astimezone(UTC)
        return Draft(draft_id, version, json.loads(text), moment, moment + DRAFT_LIFETIME)

    @contextmanager
    def _opened(self, doing: Doing) -> Iterator[Shelf]:
        with reporting(self._folder, doing):
            files.make_folder(self._folder)
            with files.locked(self._folder):
                if self._shelf is None or files.read(self._folder / _KEY) != self._key:
                    self._shelf = None
                    self._shelf = self._unlocked(damaged_aside=doing is Doing.SETTING_ASIDE)
                    self._key = files.read(self._folder / _KEY)
                yield self._shelf

    def _unlocked(self, damaged_aside: bool) -> Shelf:
        files.tidy(self._folder)
        key = self._key_file(damaged_aside)
        older_file.finish(self._folder.parent)
        older = older_file.find(self._folder.parent)
        taken, whole = older.entries(self._passphrase, damaged_aside) if older else ([], True)
        if key is None:
            key = _put_keys(self._folder, with_another(()), None if older and not older.encrypted else self._passphrase)
        elif older and older.encrypted and is_open(key):  # what is open here goes under the passphrase of what comes
            key = _put_keys(self._folder, with_another(sealing.unlock(key, None)), self._passphrase)
        shelf = Shelf(self._folder, sealing.unlock(key, self._passphrase))
        if older:
            older.move(taken, whole, shelf)
        if damaged_aside:
            self.set_aside += (not whole) + shelf.set_aside_damaged()
        return shelf

    def _key_file(self, damaged_aside: bool) -> bytes | None:
        """The key file, mended from its copy where it is damaged; None where nothing was saved yet."""
        found = {place: files.read(place) for place in (self._folder / _KEY, self._folder / _KEY_COPY)}
        whole = next((file for file in found.values() if sealing.is_whole(file)), None)
        if whole is None and (any(found.values()) or Shelf(self._folder, ()).names()) and not damaged_aside:
            raise StoreError(Trouble.DAMAGED, path=self._folder / _KEY)
        for place, file in found.items():
            if whole is not None and file != whole:
                with suppress(OSError):  # a chore: what it could not do now is done at the next opening
                    files.write(place, whole)
            elif whole is None and file is not None:  # and with it go all entries that only it could open
                files.put_aside(place)
                self.set_aside += 1
        return whole


def _put_keys(folder: Path, keys: Keys, passphrase: str | None) -> bytes:
    """The key file for this passphrase, which counts from here on. Raises `OSError`; then the one before counts."""
    file, before = sealing.lock(keys, passphrase), files.read(folder / _KEY)
    try:
        files.write(folder / _KEY, file)
    except OSError:
        if before is not None:
            files.write(folder / _KEY, before)
        raise
    with suppress(OSError):  # at the next opening, if not now
        files.write(folder / _KEY_COPY, file)
    return file


def is_encrypted(path: Path | None = None) -> bool:
    """Whether a passphrase is needed to open what is saved. Raises `StoreError` when that cannot be looked at."""
    folder = Path(path or default_path()).absolute()
    with reporting(folder, Doing.OPENING):
        key, older = files.read(folder / _KEY), older_file.find(folder.parent)
        return (key is not None and not is_open(key)) or (older is not None and older.encrypted)


def change_passphrase(path: Path | None, old: str | None, new: str | None) -> None:
    """As `Store.change_passphrase`, for a folder that the passphrase `old` opens."""
    Store(path, old, doing=Doing.CHANGING).change_passphrase(new)


def set_aside_damaged(path: Path, passphrase: str | None = None) -> int:
    """How many damaged files got another name; each keeps what is in it, and everything else stays as it is.

    Where all is well it is refused: another window may have dealt with it already.
    """
    count = Store(path, passphrase, doing=Doing.SETTING_ASIDE).set_aside
    if not count:
        raise StoreError(Trouble.REFUSED, Detail.NOT_DAMAGED, path=path, doing=Doing.SETTING_ASIDE)
    return count
