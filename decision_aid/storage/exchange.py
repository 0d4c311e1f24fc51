"""One database put in the place of another, so that whoever is stopped on the way leaves one of the two, whole.

Beside the database stand for a moment, and after a kill or a power cut until the next opening:

    .<name>.<16 hex digits>.part    one that is not finished yet, or no longer needed; overwritten and deleted
    .<name>.<16 hex digits>.old     the one that stood under the name, until nothing of it is in the way of the new one

SQLite finds the log of a database by its name. Opened with the log of the old one, the new database would be damaged;
so nobody opens or closes a database while another is put in its place: that is what `gate` is for.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from decision_aid.storage import paths
from decision_aid.storage.errors import STILL_ON_SCREEN, Fault, StoreError, Trouble
from decision_aid.storage.paths import COMPANIONS, beside, sync_folder

if os.name == "posix":
    import fcntl
else:
    import msvcrt

_LEFTOVER = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{16}\.(?P<kind>part|old)(-wal|-shm|-journal)?", re.DOTALL)
_POLL_SECONDS = 0.005
_BLOCK = 1 << 20


@contextmanager
def gate(path: Path, *, alone: bool = False) -> Iterator[None]:
    """Inside, databases of this folder are opened and closed by any number at once, or exchanged by one alone.

    The system opens the gate again when a process is killed. Raises `Fault` when others hold it too long. On a drive
    that has no such locks, `alone` raises `StoreError` or `OSError`, and without it nothing is held.
    """
    descriptor = None
    with nullcontext() if alone else suppress(OSError):
        descriptor = _gate_file(path)
    if descriptor is None:
        yield
        return
    try:
        until = time.monotonic() + paths.WAIT_SECONDS
        while not _taken(descriptor, path, alone):
            if time.monotonic() >= until:
                raise Fault(Trouble.LOCKED)
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


if os.name == "posix":

    def _gate_file(path: Path) -> int:
        return os.open(path.parent, os.O_RDONLY)

    def _lock(descriptor: int, alone: bool) -> None:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)

else:  # a folder cannot be locked there, nor can many share a lock; the file of the gate stays

    def _gate_file(path: Path) -> int:
        return os.open(path.with_name(f".{path.name}.gate"), os.O_CREAT | os.O_RDWR, 0o600)

    def _lock(descriptor: int, alone: bool) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)


def _taken(descriptor: int, path: Path, alone: bool) -> bool:
    try:
        _lock(descriptor, alone)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK):
            return False
        if alone:
            raise StoreError(
                Trouble.OTHER,
                f"The folder “{path.parent}” is on a drive where one file cannot safely take the place of another, so "
                "nothing was changed. Set DECISION_AID_HOME to a folder on this computer's own disk and start again; "
                f"{STILL_ON_SCREEN}.",
            ) from error
    return True


def new_part(path: Path) -> Path:
    """The name of a file that may become the database `path`: what is left of it is deleted at the next opening."""
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")


def exchange(path: Path, part: Path) -> None:
    """Put the finished database `part` in the place of the one at `path`, whose bytes are removed.

    At every moment one of the two, whole, stands under the name; on a drive without links, or is given it back at the
    next opening. The caller is alone in the gate and holds the write lock of the old one, with everything in it on the
    disk. Raises `OSError`, and then the old one still stands there. What cannot be removed now is removed at the next
    opening.
    """
    old = part.with_suffix(".old")
    try:
        try:
            os.link(path, old)
        except OSError:  # a drive without links
            path.rename(old)
        sync_folder(path.parent)
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            recover(path)
        raise
    with suppress(OSError):
        _retire(path, old)


def settle(path: Path) -> None:
    """Finish or undo an exchange that was stopped. Raises what `gate` and `recover` raise if the file waits for it."""
    if leftovers(path):
        try:
            with gate(path, alone=True):
                recover(path)
        except (StoreError, Fault, OSError):
            if is_unsettled(path):
                raise


def leftovers(path: Path) -> tuple[Path, ...]:
    """The unfinished and the replaced databases beside this one: of a stopped exchange, or of one going on."""
    return (*_found(path, "part"), *_found(path, "old"))


def is_unsettled(path: Path) -> bool:
    """Whether the database must not be opened before `settle`: beside it may stand the log of the one before."""
    return bool(_found(path, "old"))


def recover(path: Path) -> None:
    """Finish or undo what was left by an exchange that was stopped; the caller is alone in the gate.

    Raises `OSError` when the database cannot be opened before this is done.
    """
    for old in _found(path, "old"):
        if not os.path.lexists(path):  # a drive without links, and stopped before the new one had the name
            old.rename(path)
        elif os.path.samestat(old.lstat(), path.lstat()):
            old.unlink()
        else:
            _retire(path, old)
    for part in _found(path, "part"):
        discard(part)


def discard(part: Path) -> None:
    """Overwrite and delete an unfinished or replaced database; what cannot be deleted is left for the next opening.

    A solid-state disk, or a file system that writes every change to a new place, may keep the bytes for a while where
    no program finds them; only a disk that is encrypted as a whole protects against somebody who takes it apart.
    """
    for suffix in (*COMPANIONS, "-journal"):
        with suppress(OSError):
            file = beside(part, suffix)
            status = file.lstat()
            with suppress(OSError):
                # Never through a link, nor under a second name.
                if stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
                    _overwrite(file, status.st_size)
            file.unlink()


def _found(path: Path, kind: str) -> tuple[Path, ...]:
    try:
        names = os.listdir(path.parent)
    except OSError:
        return ()
    matches = (_LEFTOVER.fullmatch(name) for name in names)
    found = {
        path.with_name(match.string.removesuffix(match.group(3) or ""))
        for match in matches
        if match and match["name"] == path.name and match["kind"] == kind
    }
    return tuple(sorted(found))


def _retire(path: Path, old: Path) -> None:
    # Nothing of the old one goes before the new one has the name for good, nor is the old one forgotten before its log
    # is out of the way.
    sync_folder(path.parent)
    part = old.with_suffix(".part")
    with suppress(FileNotFoundError):
        beside(path, "-wal").rename(beside(part, "-wal"))
    beside(path, "-shm").unlink(missing_ok=True)
    sync_folder(path.parent)
    old.rename(part)
    discard(part)
    sync_folder(path.parent)


def _overwrite(file: Path, size: int) -> None:
    # "r+": the bytes are written where they stand, and the file never gets new places on the disk.
    with open(file, "r+b", opener=_without_links) as target:
        for at in range(0, size, _BLOCK):
            target.write(bytes(min(_BLOCK, size - at)))
        target.flush()
        os.fsync(target.fileno())


def _without_links(name: str, flags: int) -> int:
    return os.open(name, flags | getattr(os, "O_NOFOLLOW", 0))
