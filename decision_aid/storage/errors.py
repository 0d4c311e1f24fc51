"""What can go wrong with saved work, and how the reader is told: what happened, what to do, that nothing is lost."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path

STILL_ON_SCREEN = "your work is still on the screen and can be downloaded"
NOT_SAVED = "nothing could be saved"
NOT_OPENED = "nothing could be opened"
NOT_DELETED = "nothing was deleted"


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


class Fault(Exception):
    """Something the database library did not notice by itself."""

    def __init__(self, trouble: Trouble) -> None:
        self.trouble = trouble
        super().__init__(trouble)


class NotEncrypted(Fault):
    """A passphrase was given for a file that has none."""


def failures() -> tuple[type[Exception], ...]:
    """The exceptions that are known to come from a database and its files."""
    encrypting = sys.modules.get("sqlcipher3.dbapi2")
    return (sqlite3.Error, OSError, Fault, *((encrypting.Error,) if encrypting else ()))


@contextmanager
def reporting(path: Path, passphrase: str | None, consequence: str) -> Iterator[None]:
    """Turn every failure inside into a `StoreError` with a sentence for the reader."""
    try:
        yield
    except failures() as error:
        trouble = trouble_of(error, path, passphrase)
        happened, advice = _sentence(trouble, error, path, passphrase)
        raise StoreError(trouble, f"{happened}, so {consequence}. {advice}; {STILL_ON_SCREEN}.") from error


def trouble_of(error: Exception, path: Path, passphrase: str | None) -> Trouble:
    """What kind of trouble one of `failures()` stands for, met when `path` was used with this passphrase."""
    if isinstance(error, Fault):
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


# What stands where the folder should be is a file, a link to nothing, or no name that a folder can have.
_NO_FOLDER = {errno.ENOTDIR, errno.EEXIST, errno.ELOOP, errno.ENAMETOOLONG}
_LONGEST_PATH_TOLD = 160


def _shortened(folder: Path) -> str:
    told = str(folder)
    return told if len(told) <= _LONGEST_PATH_TOLD else f"{told[:_LONGEST_PATH_TOLD]} …"


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
        case Trouble.WRONG_PASSPHRASE if isinstance(error, NotEncrypted):
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
    if isinstance(error, OSError) and error.errno in _NO_FOLDER:
        return (
            f"The saved work in “{_shortened(folder)}” could not be reached ({error.strerror})",
            "Set DECISION_AID_HOME to a folder this program may write to and start again",
        )
    detail = getattr(error, "sqlite_errorname", None) or getattr(error, "strerror", None) or type(error).__name__
    return (
        f"The saved work in “{folder}” could not be reached ({detail})",
        "Try again, and restart the program if it happens again",
    )
