"""The entries of an opened folder, one file each: found, read, written, deleted."""

from __future__ import annotations

import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path

from decision_aid.storage import files
from decision_aid.storage.errors import StoreError, Trouble
from decision_aid.storage.sealing import Keys, seal, unseal

DRAFT, RECORD, KEPT = "draft-", "record-", "kept-"
_NUMBERED = len("record-000000001-")
_NAME = re.compile(rf"{DRAFT}[\w-]{{22}}|{RECORD}\d{{9}}-[\w-]{{22}}|{KEPT}[a-z-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is in the folder, for one who holds its lock. Records are numbered as they came in.

    Everything raises `OSError`, or `StoreError` for an entry that is not as it was saved.
    """

    folder: Path
    keys: Keys

    def names(self, kind: str = "") -> list[str]:
        """The files of the entries, the oldest record first."""
        return sorted(name for name in os.listdir(self.folder) if name.startswith(kind) and _NAME.fullmatch(name))

    def find(self, kind: str, entry_id: str) -> str | None:
        """The file of the entry, or None when there is none. An id comes out of an address: it may be anything."""
        if kind == RECORD:
            return next((name for name in self.names(RECORD) if name[_NUMBERED:] == entry_id), None)
        name = f"{kind}{entry_id}"
        return name if _NAME.fullmatch(name) and os.path.lexists(self.folder / name) else None

    def new_name(self, kind: str, entry_id: str) -> str:
        """The name of a new entry."""
        if kind != RECORD:
            return f"{kind}{entry_id}"
        numbers = (int(name[len(RECORD) : _NUMBERED - 1]) for name in self.names(RECORD)[-1:])
        return f"{RECORD}{next(numbers, 0) + 1:09d}-{entry_id}"

    def read(self, name: str) -> bytes:
        """What the entry holds."""
        file = self.folder / name
        stored = files.read(file)
        if stored is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        try:
            return unseal(self.keys, name, stored)
        except StoreError as error:
            error.path = file
            raise

    def write(self, name: str, content: bytes) -> None:
        """Save the entry, over what it was before."""
        files.write(self.folder / name, seal(self.keys, name, content))

    def delete(self, name: str | None) -> bool:
        """Whether there was such an entry; if so, it is off the list and its bytes are overwritten."""
        if name is not None:
            files.delete(self.folder / name)
        return name is not None

    def stamp(self, name: str | None) -> str | None:
        """Another one each time the entry is written; None for none."""
        if name is None:
            return None
        status = (self.folder / name).lstat()
        return f"{status.st_ino}-{status.st_mtime_ns}"

    def set_aside_damaged(self) -> int:
        """How many entries were damaged and got another name, in the folder above; they keep what is in them."""
        count = 0
        for name in self.names():
            try:
                self.read(name)
            except StoreError as error:
                if error.trouble is not Trouble.DAMAGED:
                    raise
                files.put_aside(self.folder / name)
                count += 1
        return count
