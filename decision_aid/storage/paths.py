"""The files of a database in their folder: their names, permissions and identity. What is in them is not known here."""

from __future__ import annotations

import os
import re
import secrets
import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from decision_aid.storage.errors import NOT_DELETED, NOT_OPENED, STILL_ON_SCREEN, StoreError, Trouble, reporting

FILE_NAME = "spine-choice.sqlite3"
COMPANIONS = ("", "-wal", "-shm")  # a database is up to three files
SET_ASIDE = "set-aside"
WAIT_SECONDS = 3.0  # for another window or program to let go of a database


def default_path() -> Path:
    """Where the database is: in the folder named by DECISION_AID_HOME, else in the user's own data folder.

    Raises `StoreError` when that setting cannot be the name of a folder.
    """
    chosen = os.environ.get("DECISION_AID_HOME")
    if not chosen:
        return _own_folder() / FILE_NAME
    try:
        chosen.encode()  # the database library takes names that can be written in Unicode
        return Path(chosen).expanduser() / FILE_NAME
    except (UnicodeEncodeError, RuntimeError) as error:  # RuntimeError: the home of a user who is not known here
        shown = chosen.encode(errors="replace").decode()
        raise StoreError(
            Trouble.OTHER,
            f"DECISION_AID_HOME is “{shown}”, which cannot be the name of a folder here, so {NOT_OPENED}. "
            f"Set it to another folder and start again; {STILL_ON_SCREEN}.",
        ) from error


def set_aside_files(path: Path | None = None) -> tuple[Path, ...]:
    """The databases set aside beside this one: they still hold what was in them, also what is deleted here later."""
    path = Path(path or default_path()).absolute()
    start = f"{path.stem}.{SET_ASIDE}-"
    try:
        names = [name for name in os.listdir(path.parent) if name.startswith(start)]
    except FileNotFoundError:
        return ()
    return tuple(sorted({path.with_name(re.sub("-(wal|shm)$", "", name)) for name in names}))


def delete_set_aside(file: Path) -> None:
    """Delete a database that was set aside, for good."""
    file = Path(file).absolute()
    if f".{SET_ASIDE}-" not in file.name:
        raise StoreError(Trouble.REFUSED, f"“{file.name}” is not a file that was set aside, so it was not deleted.")
    with reporting(file, None, NOT_DELETED):
        for suffix in COMPANIONS:
            beside(file, suffix).unlink(missing_ok=True)
        sync_folder(file.parent)


def make_folder(folder: Path) -> None:
    """Make the folder and those above it, for their owner only. Raises `OSError`."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
        sync_folder(each.parent)
    # A folder somebody chose may be shared with other programs: its permissions are theirs.
    if folder == _own_folder() and os.name == "posix":
        folder.chmod(0o700)


def _own_folder() -> Path:
    return Path(platformdirs.user_data_dir("spine-choice", appauthor=False))


def sync_folder(folder: Path) -> None:
    """Wait until the names in the folder are on the disk: only then does a new one outlive a power cut."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def refuse_links(path: Path) -> None:
    """Raise `StoreError` when one of the files of a database is not an ordinary file."""
    for suffix in COMPANIONS:
        with suppress(FileNotFoundError):
            mode = beside(path, suffix).lstat().st_mode
            if not stat.S_ISREG(mode):
                kind = "a link to another place" if stat.S_ISLNK(mode) else "not an ordinary file"
                raise StoreError(
                    Trouble.OTHER,
                    f"“{beside(path, suffix)}” is {kind}, so {NOT_OPENED}. "
                    f"Remove it, or set DECISION_AID_HOME to another folder and start again; {STILL_ON_SCREEN}.",
                )


def tighten(path: Path) -> None:
    """Keep the files of a database to their owner, under one name each."""
    if os.name != "posix":
        return
    for suffix in COMPANIONS:
        file = beside(path, suffix)
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


def identity(path: Path) -> tuple[object, ...]:
    """Which files stand under the names of the database and its log: others after they were exchanged."""
    found: list[object] = []
    for suffix in COMPANIONS[:2]:
        try:
            status = beside(path, suffix).lstat()
        except OSError:
            found.append(None)
        else:
            found.append((status.st_dev, status.st_ino))
    return tuple(found)


def beside(path: Path, suffix: str) -> Path:
    """The file of a database with this suffix, one of `COMPANIONS`."""
    return path.with_name(path.name + suffix)


def free_name(path: Path) -> Path:
    """A new name for a database that is set aside."""
    return path.with_name(
        f"{path.stem}.{SET_ASIDE}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}{path.suffix}"
    )


def rename(path: Path, target: Path, suffixes: tuple[str, ...]) -> None:
    """Rename those files of a database that there are. Raises `OSError`."""
    for suffix in suffixes:
        with suppress(FileNotFoundError):
            beside(path, suffix).rename(beside(target, suffix))
    sync_folder(path.parent)
