"""What can go wrong with saved work: kinds and facts. The sentences for the reader are in `wording.storage_words`."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path


class Trouble(StrEnum):
    """What kind of thing went wrong: what a page decides by."""

    DISK_FULL = "disk_full"
    READ_ONLY = "read_only"
    LOCKED = "locked"
    DAMAGED = "damaged"
    WRONG_PASSPHRASE = "wrong_passphrase"
    NO_ENCRYPTION = "no_encryption"  # a package is missing that opens the encrypted file of an earlier version
    CONFLICT = "conflict"  # another window saved the same draft
    GONE = "gone"  # deleted or expired meanwhile
    REFUSED = "refused"  # something that cannot be kept or done
    OTHER = "other"


class Detail(StrEnum):
    """Which of several things of one kind, where the reader is told something else for each."""

    PASSPHRASE_MISSING = "passphrase_missing"
    NOT_ENCRYPTED = "not_encrypted"  # and a passphrase was given
    DRAFT = "draft"
    RECORD = "record"
    CORRECTED_RECORD = "corrected_record"
    NOT_PLAIN = "not_plain"  # content that would come back different
    TOO_LARGE = "too_large"
    NO_PASSPHRASE = "no_passphrase"  # one that would not protect
    NOT_DAMAGED = "not_damaged"
    NEWER_VERSION = "newer_version"
    ANOTHER_VERSION = "another_version"  # of the answers in an entry
    EARLIER_CHANGE = "earlier_change"  # of the passphrase, which an earlier version did not finish
    NOT_ORDINARY = "not_ordinary"  # a link or a device
    NO_FOLDER = "no_folder"


class Doing(StrEnum):
    """What was not done."""

    OPENING = "opening"
    SAVING = "saving"
    DELETING = "deleting"
    CHANGING = "changing"  # the passphrase
    SETTING_ASIDE = "setting_aside"


class StoreError(Exception):
    """Something that was not done. `path` is the folder or file concerned, `said` what the system said of it."""

    def __init__(
        self,
        trouble: Trouble,
        detail: Detail | None = None,
        *,
        path: Path | None = None,
        doing: Doing | None = None,
        said: str = "",
    ) -> None:
        self.trouble, self.detail, self.path, self.doing, self.said = trouble, detail, path, doing, said
        super().__init__(" / ".join([trouble, *([detail] if detail else [])]))


@contextmanager
def reporting(path: Path, doing: Doing) -> Iterator[None]:
    """Turn every failure of the system inside into a `StoreError`, and say of each what was not done."""
    try:
        yield
    except StoreError as error:
        error.path, error.doing = error.path or path, error.doing or doing
        raise
    except OSError as error:
        detail = Detail.NO_FOLDER if error.errno in _NO_FOLDER else None
        trouble = _TROUBLES.get(error.errno or 0, Trouble.OTHER)
        said = error.strerror or type(error).__name__
        raise StoreError(trouble, detail, path=path, doing=doing, said=said) from error


_TROUBLES = {
    errno.ENOSPC: Trouble.DISK_FULL,
    errno.EDQUOT: Trouble.DISK_FULL,
    errno.EROFS: Trouble.READ_ONLY,
    errno.EACCES: Trouble.READ_ONLY,
    errno.EPERM: Trouble.READ_ONLY,
}
# What stands where the folder should be is a file, a link to nothing, or no name that a folder can have; or its drive
# has no locks.
_NO_FOLDER = {errno.ENOTDIR, errno.EEXIST, errno.ELOOP, errno.ENAMETOOLONG, errno.EOPNOTSUPP, errno.ENOLCK}
