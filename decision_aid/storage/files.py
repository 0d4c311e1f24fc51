"""The files of the saved work: a save is whole or not there, what goes is overwritten before, no link is followed.

Beside an entry stand for a moment, and after a kill or a power cut until the next opening: `.<name>.new`, one that is not
finished, and `.<name>.old`, one that was replaced or deleted and is to be overwritten.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import platformdirs

from decision_aid.storage.errors import Detail, Doing, StoreError, Trouble, reporting

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FOLDER_NAME = "saved-work"
WAIT_SECONDS = 3.0  # for another window or program to finish what it does
_POLL_SECONDS = 0.005
_BLOCK = 1 << 20
_NEW, _OLD = ".new", ".old"
_SET_ASIDE = "spine-choice.set-aside-"


def default_path() -> Path:
    """The folder of the saved work: in the one named by DECISION_AID_HOME, else in the user's own data folder.

    Raises `StoreError` when that setting cannot be the name of a folder.
    """
    chosen = os.environ.get("DECISION_AID_HOME")
    try:
        home = (
            Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("spine-choice", appauthor=False))
        )
    except RuntimeError as error:  # the home of a user who is not known here
        path = Path(chosen or "")
        raise StoreError(
            Trouble.OTHER, Detail.NO_FOLDER, path=path, doing=Doing.OPENING, said="no such user"
        ) from error
    return home / FOLDER_NAME


def make_folder(folder: Path) -> None:
    """Make the folder and those above it, for their owner only. Raises `OSError`, and `StoreError` for a link."""
    with suppress(FileNotFoundError):
        if not stat.S_ISDIR(folder.lstat().st_mode):
            raise StoreError(Trouble.OTHER, Detail.NOT_ORDINARY, path=folder)
        return
    for each in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        each.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(each.parent)


def tidy(folder: Path) -> None:
    """Remove what a kill or a power cut left, and keep everything to its owner. Raises `OSError`."""
    _sync_folder(folder)  # nothing is overwritten before what took its place is there for good
    for file in (folder, *folder.iterdir()):
        mode = file.lstat().st_mode
        if file.name.startswith(".") and file.suffix in (_NEW, _OLD):
            discard(file)
        elif os.name == "posix" and mode & 0o077 and not stat.S_ISLNK(mode):
            file.chmod(stat.S_IMODE(mode) & 0o700)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Inside, nobody else reads or writes the saved work; the system lets go when a process is killed.

    Raises `OSError`, and `StoreError` when others hold it too long.
    """
    descriptor = _open(folder / "lock", os.O_CREAT | os.O_RDWR)
    try:
        until = time.monotonic() + WAIT_SECONDS
        while not _taken(descriptor):
            if time.monotonic() >= until:
                raise StoreError(Trouble.LOCKED)
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK):
            raise
        return False
    return True


def _open(name: str | Path, flags: int) -> int:
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(os.lstat(name).st_mode):
            raise StoreError(Trouble.OTHER, Detail.NOT_ORDINARY, path=Path(name))
    return os.open(name, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0), 0o600)


def read(file: Path) -> bytes | None:
    """What is in the file, or None when there is none. Raises `OSError`, and `StoreError` for what is no ordinary file."""
    try:
        with open(file, "rb", opener=_open) as source:
            return source.read()
    except FileNotFoundError:
        return None


def write(file: Path, content: bytes) -> None:
    """Put this in the place of what was there, whose bytes are overwritten. Raises `OSError`; then the old one is there."""
    new, old = (file.with_name(f".{file.name}{suffix}") for suffix in (_NEW, _OLD))
    try:
        discard(new)
        with open(new, "xb", opener=_open) as target:
            target.write(content)
            _sync(target)
        with suppress(OSError):  # nothing there yet, or a drive without links: there it cannot be overwritten
            os.link(file, old)
        os.replace(new, file)
    except BaseException:
        discard(new)
        discard(old)  # the second name of what is still there
        raise
    _sync_folder(file.parent)
    discard(old)


def delete(file: Path) -> None:
    """Take the file off the list, then overwrite it. Raises `OSError`; then it is still there."""
    old = file.with_name(f".{file.name}{_OLD}")
    rename(file, old)
    discard(old)


def rename(file: Path, new: Path) -> None:
    """Give the file another name, for good. Raises `OSError`."""
    os.replace(file, new)
    _sync_folder(new.parent)


def discard(file: Path) -> None:
    """Overwrite and delete a file nobody needs any more; what cannot be deleted is left.

    A solid-state disk, or a file system that writes every change to a new place, may keep the bytes for a while where
    no program finds them; only a disk that is encrypted as a whole protects against somebody who takes it apart.
    """
    with suppress(OSError):
        status = file.lstat()
        # Never through a link, nor under a second name.
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 1:
            with suppress(OSError), open(file, "r+b", opener=_open) as target:  # "r+": written where the bytes stand
                for at in range(0, status.st_size, _BLOCK):
                    target.write(bytes(min(_BLOCK, status.st_size - at)))
                _sync(target)
        file.unlink()


def put_aside(file: Path) -> None:
    """Give a damaged file another name, beside the folder of the entries; it keeps what is in it. Raises `OSError`."""
    home = file.parent.parent if file.parent.name == FOLDER_NAME else file.parent
    rename(file, home / f"{_SET_ASIDE}{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}.{file.name}")


def set_aside_files(path: Path | None = None) -> tuple[Path, ...]:
    """The damaged files that were set aside: they still hold what was in them, also what is deleted here later."""
    return tuple(sorted(Path(path or default_path()).absolute().parent.glob(f"{_SET_ASIDE}*")))


def delete_set_aside(file: Path) -> None:
    """Overwrite and delete a file that was set aside. Raises `StoreError` when it stays."""
    if not file.name.startswith(_SET_ASIDE):
        raise ValueError("not a file that was set aside")
    with reporting(file, Doing.DELETING):
        discard(file)
        file.unlink(missing_ok=True)
        _sync_folder(file.parent)


def _sync(file: BinaryIO) -> None:
    file.flush()
    if sys.platform == "darwin":
        fcntl.fcntl(file, fcntl.F_FULLFSYNC)
    else:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Wait until the names in the folder are on the disk: only then does a new one outlive a power cut."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
