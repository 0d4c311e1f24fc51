"""Encryption switched on and off: nothing is lost on the way, whatever happens, and nothing stays readable behind.

What needs a process of its own runs in a child: this file again, with the name of one of the functions under "In a
child". A child that is to be killed is forked from one that has loaded everything, so that many fit into a second.
"""

from __future__ import annotations

import errno
import itertools
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from decision_aid.storage import database, encryption, exchange, paths
from decision_aid.storage import store as module
from decision_aid.storage.store import (
    FILE_NAME,
    PASSPHRASE_LOSS,
    Draft,
    DraftConflict,
    Record,
    Store,
    StoreError,
    Trouble,
    change_passphrase,
    is_encrypted,
    set_aside_damaged,
    set_aside_files,
)

ROOT = Path(module.__file__).resolve().parent.parent
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "PYTHONDONTWRITEBYTECODE": "1"}
STAMP = {"evidence_hash": "3f2a", "program_version": "0.1.0"}
FIRST, SECOND = "a long walk's end – é", "another 'walk'; --"
SECRET = "numb-left-foot-since-Tuesday"
KILLS = 42
CHANGES = {"on": (None, FIRST), "off": (FIRST, None), "other": (FIRST, SECOND)}
# What the program asks of the file system while it changes the passphrase.
CALLS = ("open", "link", "rename", "replace", "unlink", "fsync")

posix = pytest.mark.skipif(os.name != "posix", reason="This fault can be made on POSIX systems only.")
either_way = pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES)
Saved = tuple[tuple[Draft, ...], tuple[Record, ...], bytes | None]

pytest.importorskip(
    "sqlcipher3.dbapi2",
    exc_type=ImportError,
    reason="The optional package sqlcipher3-wheels is not installed, so encryption is not tested.",
)


def quick() -> tuple[str, ...]:
    """Settings for tests that open hundreds of files: a key derived in a thousandth of the time, and no wait for the
    disk, without which a power cut would do harm, but no kill."""
    return "kdf_iter=256", *database._PRAGMAS, "synchronous=OFF"


@pytest.fixture(autouse=True)
def _quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "slow_keys" not in request.fixturenames:
        monkeypatch.setattr(database, "_PRAGMAS", quick())


@pytest.fixture
def slow_keys() -> None:
    """The keys as they are outside of tests."""


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits for a lock a twentieth of a second instead of three."""
    monkeypatch.setattr(paths, "WAIT_SECONDS", 0.05)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / FILE_NAME


def child(function: Callable[..., None], *arguments: object, before: tuple[str, ...] | list[str] = ()) -> list[str]:
    return [*before, sys.executable, "-W", "error", __file__, function.__name__, *map(str, arguments)]


def run(function: Callable[..., None], *arguments: object, before: tuple[str, ...] | list[str] = ()) -> str:
    done = subprocess.run(
        child(function, *arguments, before=before), capture_output=True, text=True, env=ENVIRONMENT, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def opened(path: Path, passphrase: str | None) -> Iterator[Store]:
    store = Store(path, passphrase)
    try:
        yield store
    finally:
        store.close()


def contents(store: Store) -> Saved:
    return store.list_drafts(), store.list_records(), store.kept_file("cases")


def everything(path: Path, passphrase: str | None) -> Saved:
    """All that a server started now finds."""
    with opened(path, passphrase) as store:
        return contents(store)


def rows(path: Path, passphrase: str | None) -> list[list[tuple[Any, ...]]]:
    """What stands in the tables, to the last column."""
    connection = database.connect(path, passphrase)
    try:
        return [
            connection.execute(f"SELECT * FROM {table} ORDER BY seq").fetchall()
            for table in ("drafts", "records", "kept")
        ]
    finally:
        connection.close()


def fill(store: Store, count: int = 6, size: int = 3_000) -> Saved:
    """Drafts, records and a kept file of various sizes, changed, corrected and deleted."""
    for number in range(count):
        note = f"{SECRET} {number} " * (size // 40)
        record = store.save_record({"number": number, "note": note}, **STAMP)
        draft = store.new_draft({"number": number})
        store.save_draft(draft.id, {"number": number, "note": note[: size // 2]}, 1)
        if number % 3 == 0:
            store.save_record({"number": number, "note": "corrected"}, **STAMP, corrects=record.id)
            store.delete_draft(store.new_draft({"note": SECRET}).id)
            store.delete_record(store.save_record({"note": SECRET}, **STAMP).id)
            store.keep_file("cases", f"{SECRET} of case {number}; ".encode() * (size // 40))
    return contents(store)


def filled(path: Path, passphrase: str | None, count: int = 6, size: int = 3_000) -> Saved:
    with opened(path, passphrase) as store:
        return fill(store, count, size)


def files(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(path.parent.iterdir())}


def names(path: Path) -> list[str]:
    return sorted(os.listdir(path.parent))


def traces(path: Path, *texts: str) -> list[str]:
    return [name for name, content in files(path).items() if any(text.encode() in content for text in texts)]


def refused(action: Callable[[], object], trouble: Trouble) -> str:
    """The sentence of the refusal, which must read like one."""
    with pytest.raises(StoreError) as error:
        action()
    assert error.value.trouble is trouble, error.value
    text = str(error.value)
    assert text[0].isupper() or text[0] == "“"
    assert text.endswith(".")
    for word in ("SQL", "rror", "walk"):  # nor a word of a passphrase
        assert word not in text
    return text


def said_by(action: Callable[[], object]) -> str | None:
    """The sentence of the refusal, or None when there is none."""
    try:
        action()
    except StoreError as error:
        return str(error)
    return None


def the_passphrase(path: Path, *known: str | None) -> str | None:
    """The one of these that opens the database."""
    for passphrase in known:
        with suppress(StoreError):
            Store(path, passphrase).close()
            return passphrase
    raise AssertionError(f"none of {known} opens it")


# It does what it says


@pytest.mark.usefixtures("slow_keys")
@pytest.mark.parametrize("passphrases", [(None, FIRST), (FIRST, SECOND, None)], ids=["on", "other and off"])
def test_every_entry_is_kept_under_the_new_passphrase_and_no_other(
    path: Path, passphrases: tuple[str | None, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    saved = filled(path, passphrases[0])
    before = rows(path, passphrases[0])
    for old, new in itertools.pairwise(passphrases):
        assert change_passphrase(path, old, new) == len(saved[0]) + len(saved[1])
        assert names(path) == [FILE_NAME]
        assert os.name != "posix" or path.stat().st_mode & 0o777 == 0o600
        assert is_encrypted(path) == (new is not None)
        assert everything(path, new) == saved
        assert rows(path, new) == before  # version, dates, digest and order too
        refused(lambda old=old: Store(path, old), Trouble.WRONG_PASSPHRASE)
    with opened(path, new) as store:
        later = store.save_record({"later": 1}, **STAMP)
        assert store.list_records() == (later, *saved[1])
        store.save_draft(saved[0][0].id, {"later": 1}, saved[0][0].version)
    output = capfd.readouterr()
    assert output.out + output.err == ""


@pytest.mark.parametrize(("old", "new"), [(None, None), (FIRST, FIRST), (None, FIRST)])
def test_what_is_empty_or_stays_as_it_is_goes_well_too(path: Path, old: str | None, new: str | None) -> None:
    Store(path, old).close()
    assert change_passphrase(path, old, new) == 0
    assert everything(path, new) == ((), (), None)
    assert names(path) == [FILE_NAME]


def test_a_passphrase_typed_on_another_keyboard_is_the_same(path: Path) -> None:
    saved = filled(path, None)
    change_passphrase(path, None, "walk e\u0301")
    assert everything(path, "walk é") == saved
    change_passphrase(path, "walk \u00e9", None)
    assert everything(path, None) == saved


def test_drafts_that_have_expired_are_not_lost_before_they_are_deleted(path: Path) -> None:
    long_ago = Store(path, now=lambda: datetime.now(UTC) - timedelta(days=31))
    draft = long_ago.new_draft({"a": 1})
    long_ago.close()
    assert change_passphrase(path, None, FIRST) == 1
    again = Store(path, FIRST, now=lambda: draft.saved_at)
    assert again.load_draft(draft.id) == draft
    again.close()
    with opened(path, FIRST) as store:
        assert store.load_draft(draft.id) is None
        assert store.expire_drafts() == 1


def test_a_table_of_a_later_version_is_copied_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later = ("CREATE TABLE later (x TEXT NOT NULL) STRICT",)
    monkeypatch.setattr(database, "_MIGRATIONS", (*database._MIGRATIONS, later))
    with opened(path, None) as store:
        store._connection.execute("INSERT INTO later VALUES ('kept')")
    change_passphrase(path, None, FIRST)
    with opened(path, FIRST) as store:
        assert store._connection.execute("SELECT x FROM later").fetchall() == [("kept",)]


def test_the_default_place_is_used_when_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DECISION_AID_HOME", str(tmp_path))
    assert is_encrypted() is None
    Store().close()
    assert is_encrypted() is False
    change_passphrase(None, None, FIRST)
    assert is_encrypted() is True


def test_whether_it_is_encrypted_is_known_without_a_passphrase(path: Path) -> None:
    assert is_encrypted(path) is None
    assert not path.parent.exists()  # asking makes nothing
    Store(path, FIRST).close()
    assert is_encrypted(path) is True
    for content in (b"", b"S", b"This is not a database.\n" * 500, bytes(9000)):
        path.write_bytes(content)
        assert is_encrypted(path) is None
    if os.name == "posix":
        path.unlink()
        path.symlink_to(path.with_name("elsewhere"))
        assert "a link to another place" in refused(lambda: is_encrypted(path), Trouble.OTHER)


@posix
@pytest.mark.parametrize("passphrase", [None, FIRST])
def test_asking_does_not_take_the_locks_away_from_an_open_store(path: Path, passphrase: str | None) -> None:
    """A process that closes a file, even one it only read, gives up all its locks on it."""
    with opened(path, passphrase):
        assert is_encrypted(path) == (passphrase is not None)
        refused(lambda: change_passphrase(path, "wrong" if passphrase else SECOND, None), Trouble.WRONG_PASSPHRASE)
        assert run(take_it_whole, path, passphrase or "") == "locked\n"
    assert run(take_it_whole, path, passphrase or "") == "taken\n"


def test_what_is_known_of_an_open_file_goes_with_its_store(path: Path) -> None:
    others = set(database.in_use)  # stores that the pages of other tests hold open
    store = Store(path)
    assert set(database.in_use) > others
    store._connection.close()
    del store  # thrown away without being closed; the number of its file may be given to another file
    assert set(database.in_use) <= others


# Nothing readable stays behind


@pytest.mark.parametrize("is_open", [False, True])
def test_no_plain_byte_is_in_any_file_after_encryption_is_switched_on(path: Path, is_open: bool) -> None:
    saved = filled(path, None, count=12, size=20_000)
    store = Store(path)
    store.save_record({"note": SECRET}, **STAMP)
    saved = contents(store)
    texts = (SECRET, "corrected", "3f2a", "CREATE TABLE", "records", *(entry.id for entry in (*saved[0], *saved[1])))
    assert traces(path, *texts)
    if not is_open:
        store.close()
    change_passphrase(path, None, FIRST)
    assert traces(path, *texts) == []
    assert everything(path, FIRST) == saved
    assert traces(path, *texts) == []
    store.close()
    assert names(path) == [FILE_NAME]


@posix
def test_the_bytes_of_the_old_file_are_overwritten_before_it_goes(path: Path) -> None:
    """A second look at the old file and its log, as one who reads the disk would take it."""
    saved = filled(path, None)
    store = Store(path)
    store.save_record({"note": SECRET}, **STAMP)
    looks = [path.with_name(FILE_NAME + suffix).open("rb") for suffix in ("", "-wal")]
    assert all(SECRET.encode() in look.read() for look in looks)
    change_passphrase(path, None, FIRST)
    for look in looks:
        look.seek(0)
        content = look.read()
        look.close()
        assert len(content) > 4096
        assert content.strip(b"\0") == b""
    store.close()
    assert everything(path, FIRST)[0] == saved[0]


@posix
def test_a_log_that_was_not_yet_merged_is_copied_and_removed(path: Path) -> None:
    assert subprocess.run(child(leave_everything_in_the_log, path), env=ENVIRONMENT, check=False).returncode < 0
    assert SECRET.encode() in path.with_name(FILE_NAME + "-wal").read_bytes()
    assert SECRET.encode() not in path.read_bytes()
    assert change_passphrase(path, None, FIRST) == 1
    assert names(path) == [FILE_NAME]
    assert traces(path, SECRET) == []
    assert everything(path, FIRST)[1][0].content == {"note": SECRET}


def test_another_file_in_the_folder_is_left_alone(path: Path) -> None:
    filled(path, None)
    others = {
        f".{FILE_NAME}.0123.part": b"too short",
        f".other.sqlite3.{'a' * 16}.part": b"of another database",
        f".{FILE_NAME}.{'a' * 16}.part.txt": b"",
        f"{FILE_NAME}.{'a' * 16}.old": b"not hidden",
        "notes.txt": SECRET.encode(),
    }
    for name, content in others.items():
        path.with_name(name).write_bytes(content)
    change_passphrase(path, None, FIRST)
    Store(path, FIRST).close()
    assert {name: content for name, content in files(path).items() if name != FILE_NAME} == others


# Stores that are open meanwhile


@posix
@either_way
def test_an_open_store_notices_and_says_what_to_do(path: Path, old: str | None, new: str | None) -> None:
    saved = filled(path, old)
    with opened(path, old) as one, opened(path, old) as other:
        assert contents(one) == contents(other) == saved
        change_passphrase(path, old, new)
        says = {"on": "looks encrypted and no passphrase was given", "off": "is not encrypted, and a passphrase was"}
        expected = says["on"] if old is None else says["off"] if new is None else "This passphrase does not open"
        for action in (
            lambda: one.save_draft(saved[0][0].id, {"a": 2}, saved[0][0].version),
            lambda: other.save_record({"a": 2}, **STAMP),
            one.list_records,
            lambda: other.delete_record(saved[1][0].id),
        ):
            text = refused(action, Trouble.WRONG_PASSPHRASE)
            assert expected in text
            assert "still on the screen" in text
    assert everything(path, new) == saved


@posix
@pytest.mark.parametrize(("old", "new"), [(None, FIRST), (FIRST, None)], ids=["on", "off"])
def test_a_store_left_open_on_the_old_file_takes_nothing_from_the_new_one(
    path: Path, old: str | None, new: str | None
) -> None:
    """The last to close a database merges and deletes its log, which SQLite finds by its name."""
    filled(path, old)
    with opened(path, old) as stale:
        run(switch_once, path, old or "", new or "")
        with opened(path, new) as fresh:
            fresh.save_record({"after": 1}, **STAMP)
            there = names(path)
            assert there == [FILE_NAME, f"{FILE_NAME}-shm", f"{FILE_NAME}-wal"]
            before = [os.stat(path.with_name(name)).st_ino for name in there]
            stale._connection.close()  # without the gate, as at the end of a program that did not close it
            assert [os.stat(path.with_name(name)).st_ino for name in there] == before
            assert fresh.list_records()[0].content == {"after": 1}
        assert everything(path, new)[1][0].content == {"after": 1}


@posix
def test_a_save_that_waited_while_the_file_was_exchanged_is_not_confirmed(path: Path) -> None:
    """It gets the lock of the old file when that file is no longer the database."""
    saved = filled(path, None)
    with opened(path, None) as store:

        def write() -> None:
            with store._session("nothing could be saved") as connection:
                change_in_a_child(path, None, FIRST)  # it has looked at the files, and is about to write
                with store._transaction(connection):
                    connection.execute("DELETE FROM drafts")

        assert "moved or deleted by another program" in refused(write, Trouble.OTHER)
    assert everything(path, FIRST) == saved


@posix
def test_remains_of_the_old_file_are_not_taken_for_damage(path: Path) -> None:
    """Read in the moment in which it is overwritten; the advice to set the file aside would be wrong."""
    saved = filled(path, None)
    with opened(path, None) as store:

        def read() -> None:
            with store._session("nothing could be opened") as connection:
                change_in_a_child(path, None, FIRST)
                connection.execute("PRAGMA shrink_memory")
                connection.execute("SELECT * FROM records").fetchall()

        text = refused(read, Trouble.OTHER)
        assert "the file was moved or deleted by another program" in text
        assert "Try again" in text
    assert everything(path, FIRST) == saved


@posix
def test_a_writer_in_another_process_loses_nothing_that_was_confirmed(path: Path) -> None:
    filled(path, None, count=2)
    writer = subprocess.Popen(child(write_on, path), stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    lines, switches, old = [writer.stdout.readline()], 0, None
    reader = threading.Thread(target=lambda: lines.extend(writer.stdout))
    reader.start()
    until = time.monotonic() + 2
    try:
        while time.monotonic() < until:
            new = FIRST if old is None else None
            change_passphrase(path, old, new)
            old, switches = new, switches + 1
            time.sleep(0.02)
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.wait()
        reader.join()
        writer.stdout.close()
    check_confirmed(path, old, lines)
    # Both came to their turn, and the writer had to open again with the other passphrase.
    confirmed = [line for line in lines if line.endswith("\n")]
    print(f"{switches} switches, {len(confirmed)} confirmed saves, none lost")
    assert switches >= 5
    assert len(confirmed) >= 20
    assert len({line.split()[-1] for line in confirmed}) >= 3


@posix
def test_threads_of_the_same_server_lose_nothing_that_was_confirmed(path: Path) -> None:
    filled(path, None, count=2)
    stop, faults, confirmed = threading.Event(), [], []

    def session(number: int) -> None:
        passphrase: str | None = None
        store = Store(path)
        step = 0
        while not stop.is_set():
            time.sleep(0.002)
            try:
                record = store.save_record({"session": number, "step": step}, **STAMP)
                confirmed.append(record.id)
                step += 1
            except StoreError as error:
                if error.trouble is Trouble.WRONG_PASSPHRASE:
                    store.close()
                    passphrase = FIRST if passphrase is None else None
                    with suppress(StoreError):
                        store = Store(path, passphrase)
                elif error.trouble not in (Trouble.OTHER, Trouble.LOCKED):
                    faults.append(error)
                    break
        store.close()

    threads = [threading.Thread(target=session, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    old = None
    for _ in range(8):
        new = FIRST if old is None else None
        change_passphrase(path, old, new)
        old = new
        time.sleep(0.03)
    stop.set()
    for thread in threads:
        thread.join()
    assert faults == []
    records = [record.id for record in everything(path, old)[1]]
    assert len(confirmed) >= 10
    assert set(confirmed) <= set(records)
    assert len(set(records)) == len(records)


# Refused, and nothing changed


def unchanged(path: Path, action: Callable[[], object], trouble: Trouble) -> str:
    before = files(path)
    text = refused(action, trouble)
    assert files(path) == before
    return text


@pytest.mark.parametrize(("real", "given"), [(FIRST, SECOND), (FIRST, None), (None, FIRST)])
@pytest.mark.parametrize("new", [SECOND, None])
def test_a_wrong_old_passphrase(path: Path, real: str | None, given: str | None, new: str | None) -> None:
    saved = filled(path, real)
    text = unchanged(path, lambda: change_passphrase(path, given, new), Trouble.WRONG_PASSPHRASE)
    assert "so nothing was changed" in text
    assert "still on the screen" in text
    assert everything(path, real) == saved


@pytest.mark.parametrize("passphrase", ["", "   ", "half an emoji \ud83e", "null \0 byte"])
def test_a_new_passphrase_that_would_not_protect(path: Path, passphrase: str) -> None:
    saved = filled(path, None)
    text = unchanged(path, lambda: change_passphrase(path, None, passphrase), Trouble.REFUSED)
    assert "so nothing was changed. Choose another one." in text
    assert everything(path, None) == saved


def test_without_the_package(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = filled(path, None)
    monkeypatch.setitem(sys.modules, "sqlcipher3", None)
    monkeypatch.setitem(sys.modules, "sqlcipher3.dbapi2", None)
    text = unchanged(path, lambda: change_passphrase(path, None, FIRST), Trouble.NO_ENCRYPTION)
    assert "so nothing was changed. Install it with “pip install sqlcipher3-wheels”" in text
    assert everything(path, None) == saved
    assert is_encrypted(path) is False


def test_no_database(path: Path) -> None:
    assert "There is no file" in refused(lambda: change_passphrase(path, None, FIRST), Trouble.GONE)
    assert not path.parent.exists()
    path.parent.mkdir()
    assert "There is no file" in refused(lambda: change_passphrase(path, None, FIRST), Trouble.GONE)
    assert names(path) == []


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda whole: b"",
    "half": lambda whole: whole[: len(whole) // 2],
    "text": lambda whole: b"This is not a database.\n" * 500,
    "noise in the middle": lambda whole: whole[:9000] + random.Random(3).randbytes(5000) + whole[14000:],
    "another answer": lambda whole: whole.replace(SECRET.encode(), SECRET.replace("left", "weak").encode(), 1),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_database(path: Path, damage: Callable[[bytes], bytes]) -> None:
    filled(path, None, count=20)
    path.write_bytes(damage(path.read_bytes()))
    text = unchanged(path, lambda: change_passphrase(path, None, FIRST), Trouble.DAMAGED)
    assert "is damaged or was not made by this program, so nothing was changed. Set it aside, which keeps it" in text


def test_a_damaged_encrypted_database(path: Path) -> None:
    filled(path, FIRST, count=20)
    whole = path.read_bytes()
    path.write_bytes(whole[:20_000] + bytes(100) + whole[20_100:])
    unchanged(path, lambda: change_passphrase(path, FIRST, None), Trouble.DAMAGED)
    set_aside_damaged(path, FIRST)
    assert is_encrypted(path) is None
    assert len(set_aside_files(path)) == 1


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("how", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_database_another_program_writes_in(path: Path, how: str) -> None:
    saved = filled(path, None)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute(how)
    text = refused(lambda: change_passphrase(path, None, FIRST), Trouble.LOCKED)
    assert "is holding the saved work" in text
    assert "so nothing was changed. Try again in a moment" in text
    other.execute("ROLLBACK")
    other.close()
    assert names(path) == [FILE_NAME]
    assert everything(path, None) == saved


@posix
@pytest.mark.usefixtures("impatient")
def test_two_windows_do_not_change_it_at_once(path: Path) -> None:
    saved = filled(path, None)
    with exchange.gate(path, alone=True):
        refused(lambda: change_passphrase(path, None, FIRST), Trouble.LOCKED)
        refused(lambda: Store(path), Trouble.LOCKED)
    assert everything(path, None) == saved


@posix
def test_a_drive_without_such_locks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(exchange.fcntl, "flock", refuse)
    saved = filled(path, None)
    text = unchanged(path, lambda: change_passphrase(path, None, FIRST), Trouble.OTHER)
    assert "Set DECISION_AID_HOME to a folder on this computer's own disk" in text
    assert everything(path, None) == saved


@either_way
def test_a_drive_without_links(path: Path, monkeypatch: pytest.MonkeyPatch, old: str | None, new: str | None) -> None:
    monkeypatch.setattr(os, "link", no_links)
    saved = filled(path, old)
    change_passphrase(path, old, new)
    assert names(path) == [FILE_NAME]
    assert everything(path, new) == saved


def test_a_copy_that_does_not_come_out_like_the_original(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = filled(path, None)
    real = encryption.verified

    def noise(part: Path) -> None:
        part.write_bytes(part.read_bytes()[:9000] + bytes(500) + part.read_bytes()[9500:])

    def another(part: Path) -> None:
        connection = database.connect(part, FIRST)
        connection.execute("UPDATE drafts SET version = version + 1 WHERE seq = 2")
        connection.close()

    def one_less(part: Path) -> None:
        connection = database.connect(part, FIRST)
        connection.execute("DELETE FROM records WHERE seq = (SELECT max(seq) FROM records)")
        connection.close()

    for spoil in (noise, another, one_less):

        def spoiled(part: Path, passphrase: str | None, spoil: Callable[[Path], None] = spoil) -> sqlite3.Connection:
            spoil(part)
            return real(part, passphrase)

        monkeypatch.setattr(encryption, "verified", spoiled)
        text = unchanged(path, lambda: change_passphrase(path, None, FIRST), Trouble.OTHER)
        assert "did not come out like the original, so nothing was changed" in text
    assert everything(path, None) == saved


@posix
@pytest.mark.parametrize("gone", ["moved", "deleted", "replaced"])
def test_a_file_that_goes_away_while_it_is_copied(path: Path, monkeypatch: pytest.MonkeyPatch, gone: str) -> None:
    saved, real = filled(path, None), encryption._copy

    def copy(*arguments: Any) -> None:
        real(*arguments)
        if gone == "moved":
            path.rename(path.with_name("moved"))
        elif gone == "deleted":
            path.unlink()
        else:
            path.with_name("new").write_bytes(b"something else")
            path.with_name("new").replace(path)

    monkeypatch.setattr(encryption, "_copy", copy)
    text = refused(lambda: change_passphrase(path, None, FIRST), Trouble.OTHER)
    assert "moved or deleted by another program" in text
    assert not [name for name in names(path) if name.startswith(".")]
    if gone == "moved":
        assert everything(path.with_name("moved"), None) == saved
    elif gone == "replaced":
        assert path.read_bytes() == b"something else"


def test_the_file_of_a_newer_version(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(path, None)
    monkeypatch.setattr(database, "_MIGRATIONS", ())
    unchanged(path, lambda: change_passphrase(path, None, FIRST), Trouble.OTHER)


def test_a_full_disk_for_real(tmp_path: Path, namespace: list[str]) -> None:
    run(fill_the_disk, tmp_path, before=namespace)


def test_a_read_only_folder_for_real(tmp_path: Path, namespace: list[str]) -> None:
    run(write_protect, tmp_path, before=namespace)


@posix
@pytest.mark.parametrize(
    ("old", "new", "links"),
    [(None, FIRST, True), (FIRST, None, True), (None, FIRST, False)],
    ids=["on", "off", "on, no links"],
)
def test_each_call_to_the_file_system_refused_in_turn(
    path: Path, monkeypatch: pytest.MonkeyPatch, old: str | None, new: str | None, links: bool
) -> None:
    """Either the old database stands there and the text says so, or the new one does; never less than all of it."""
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    outcomes = []
    saved = filled(path, old)
    for number in itertools.count(1):
        refuse = [OSError(code, os.strerror(code)) for code in (errno.ENOSPC, errno.EACCES, errno.EIO)][number % 3]

        def fault(refuse: OSError = refuse) -> None:
            raise refuse

        with monkeypatch.context() as patch:
            calls = at_call(number, fault, patch.setattr)
            said = said_by(lambda: change_passphrase(path, old, new))
        changed = said is None
        assert changed or "so nothing was changed" in said
        if changed:
            assert everything(path, new) == saved
            assert names(path) == [FILE_NAME]
            assert change_passphrase(path, new, old) == len(saved[0]) + len(saved[1])
        assert everything(path, old) == saved
        assert names(path) == [FILE_NAME]
        if calls() < number:
            break
        outcomes.append(changed)
    assert len(outcomes) > 8
    assert not all(outcomes)
    assert any(outcomes)


@posix
def test_a_replaced_file_that_cannot_be_put_away_keeps_the_database_shut(path: Path) -> None:
    """Opened with the log of the old one, the new database would be damaged."""
    saved = filled(path, None)
    killed_at(path, None, FIRST, "replace", 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "rename", no_links)
        refused(lambda: Store(path, FIRST), Trouble.READ_ONLY)
    assert everything(path, FIRST) == saved
    assert names(path) == [FILE_NAME]


# Killed


@posix
@pytest.mark.parametrize(
    ("old", "new", "links"),
    [(None, FIRST, True), (FIRST, None, True), (FIRST, SECOND, True), (None, FIRST, False)],
    ids=[*CHANGES, "on, no links"],
)
def test_killed_at_each_call_to_the_file_system(path: Path, old: str | None, new: str | None, links: bool) -> None:
    """Before and after each of them; and another window, opened before, goes on after the kill."""
    saved = filled(path, old)
    found: list[tuple[bool, bool]] = []
    with Forks(path, "" if links else "no links") as forks:
        for number in itertools.count(1):
            with opened(path, old) as window:
                assert contents(window) == saved
                killed = forks.kill_at(number, old, new)
                there = path.exists()
                assert there or not links
                is_new = the_passphrase(path, new, old) == new
                assert everything(path, new if is_new else old) == saved
                assert names(path) == ([FILE_NAME] if is_new else [FILE_NAME, f"{FILE_NAME}-shm", f"{FILE_NAME}-wal"])
                if is_new:
                    refused(window.list_drafts, Trouble.WRONG_PASSPHRASE)
                else:
                    assert contents(window) == saved
            if new is not None and is_new:
                assert traces(path, SECRET) == []
            assert names(path) == [FILE_NAME]
            if is_new:
                change_passphrase(path, new, old)
            found.append((is_new, there))
            if not killed:
                break
    assert [is_new for is_new, _ in found] == sorted(is_new for is_new, _ in found)
    assert sum(is_new for is_new, _ in found) >= 3
    assert sum(not is_new for is_new, _ in found) >= 3
    assert all(there for _, there in found) == links


def test_the_power_cut_at_each_call_to_the_file_system_for_real(tmp_path: Path, namespace: list[str]) -> None:
    """Each time the disk is copied as it is, without what the system has not yet written to it."""
    if os.geteuid() != 0 or not os.path.exists("/dev/loop-control") or not shutil.which("mkfs.ext4"):
        pytest.skip(
            "Only root can make a disk out of a file, so the power is not cut for real; processes are killed instead."
        )
    run(cut_the_power, tmp_path, before=namespace)


@posix
def test_killed_at_any_moment(path: Path) -> None:
    """A process that switches back and forth without end, killed again and again."""
    saved, dice = filled(path, None, count=8), random.Random(11)
    known, ends, left = (None, FIRST, SECOND), [], 0
    with Forks(path) as forks:
        for _ in range(KILLS):
            now = the_passphrase(path, *known)
            forks.kill_after(dice.uniform(0.0, 0.06), now)
            assert path.exists()
            left += len(names(path)) > 1
            ends.append(the_passphrase(path, now, *known))
            assert everything(path, ends[-1]) == saved
            assert names(path) == [FILE_NAME]
    counted = {str(passphrase): ends.count(passphrase) for passphrase in known}
    print(f"{KILLS} kills, {left} in the middle of a change, left behind {list(counted.values())}; no entry lost")
    assert left >= KILLS // 6
    assert len(set(ends)) >= 2


@posix
def test_a_leftover_is_overwritten_at_the_next_opening(path: Path) -> None:
    saved = filled(path, FIRST)
    killed_at(path, FIRST, None, "link", 1)  # the plain copy is there whole
    (part,) = (path.with_name(name) for name in names(path) if name.endswith(".part"))
    look = part.open("rb")
    assert SECRET.encode() in look.read()
    assert everything(path, FIRST) == saved
    look.seek(0)
    assert look.read().strip(b"\0") == b""
    look.close()
    assert names(path) == [FILE_NAME]


@posix
@pytest.mark.usefixtures("impatient")
def test_what_another_process_is_writing_is_no_leftover(path: Path) -> None:
    saved = filled(path, None)
    part = exchange.new_part(path)
    part.write_bytes(b"growing")
    with exchange.gate(path, alone=True):
        refused(lambda: Store(path), Trouble.LOCKED)
        assert part.read_bytes() == b"growing"
    assert everything(path, None) == saved
    assert names(path) == [FILE_NAME]


def test_the_loss_of_a_passphrase_is_named() -> None:
    assert "no second key" in PASSPHRASE_LOSS


# Means


def no_links(*_: object, **__: object) -> None:
    raise PermissionError(errno.EPERM, "Operation not permitted")


def at_call(
    number: int, action: Callable[[], None], patch: Callable[[Any, str, Any], None], only: str = ""
) -> Callable[[], int]:
    """Does something just before the call of this number to the file system; how many calls there were so far."""
    count = 0

    def counting(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            count += 1
            if count == number:
                action()
            return real(*arguments, **options)

        return call

    for name in (only,) if only else CALLS:
        patch(os, name, counting(getattr(os, name)))
    return lambda: count


def change_in_a_child(path: Path, old: str | None, new: str | None) -> None:
    run(switch_once, path, old or "", new or "")


def killed_at(path: Path, old: str | None, new: str | None, call: str, number: int) -> None:
    """What is left when a process is killed just after this call to the file system."""
    with Forks(path, f"after {call} {number}") as forks:
        assert forks.kill_at(number, old, new)


class Forks:
    """A process that forks children which change the passphrase and are killed."""

    def __init__(self, path: Path, how: str = "") -> None:
        self.server = subprocess.Popen(
            child(fork_and_kill, path, how), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
        )

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stdin.close()
        self.server.stdout.close()
        assert self.server.wait() == 0

    def kill_at(self, number: int, old: str | None, new: str | None) -> bool:
        """Whether the child was killed by itself at this call, or made fewer calls."""
        return self._ask("at", str(number), old or "", new or "") == "killed"

    def kill_after(self, seconds: float, passphrase: str | None) -> None:
        assert self._ask("after", str(seconds), passphrase or "", "") == "killed"

    def _ask(self, *words: str) -> str:
        print("\t".join(words), file=self.server.stdin, flush=True)
        answer = self.server.stdout.readline().strip()
        assert answer in ("killed", "ended")
        return answer


def check_confirmed(path: Path, passphrase: str | None, lines: list[str]) -> None:
    drafts, records, _ = everything(path, passphrase)
    numbers = {record.id: record.content["number"] for record in records if "entry" in record.content}
    versions = {draft.id: draft.version for draft in drafts}
    for line in lines:
        if not line.endswith("\n"):
            continue  # killed while it wrote the line
        kind, entry_id, number, _ = line.split()
        if kind == "record":
            assert numbers[entry_id] == int(number)
        else:
            assert versions[entry_id] >= int(number)


# In a child


def take_it_whole(path: Path, passphrase: str) -> None:
    paths.WAIT_SECONDS = 0.05
    connection = database.connect(path, passphrase or None)
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        print("taken")
    except database.failures():
        print("locked")
    finally:
        connection.close()


def switch_once(path: Path, old: str, new: str) -> None:
    change_passphrase(path, old or None, new or None)


def leave_everything_in_the_log(path: Path) -> None:
    database._PRAGMAS = ("wal_autocheckpoint=0",)
    store = Store(path)
    store.save_record({"note": SECRET}, **STAMP)
    os.kill(os.getpid(), signal.SIGKILL)


def fill_the_disk(folder: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=True)
    path, filler = folder / "home" / FILE_NAME, folder / "filler"
    for old, new in CHANGES.values():
        saved = filled(path, old, count=4, size=40_000)
        for room in (0, 8_192, 40_000, 120_000):
            with open(filler, "wb", buffering=0) as target, suppress(OSError):
                while target.write(bytes(4096)):
                    pass
            os.truncate(filler, filler.stat().st_size - room)
            text = refused(lambda old=old, new=new: change_passphrase(path, old, new), Trouble.DISK_FULL)
            assert "is full, so nothing was changed. Free some space and try again" in text
            assert not [name for name in names(path) if not name.startswith(FILE_NAME)]
            filler.unlink()
            assert everything(path, old) == saved
        change_passphrase(path, old, new)
        assert everything(path, new) == saved
        path.unlink()


def write_protect(folder: Path) -> None:
    path = folder / "home" / FILE_NAME
    saved = filled(path, None)
    place = str(path.parent)
    subprocess.run(["mount", "--bind", place, place], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", place], check=True)
    text = refused(lambda: change_passphrase(path, None, FIRST), Trouble.READ_ONLY)
    assert "may not write to" in text
    assert "so nothing was changed. Allow it to, or set DECISION_AID_HOME" in text
    assert is_encrypted(path) is False
    subprocess.run(["umount", place], check=True)
    assert everything(path, None) == saved
    assert names(path) == [FILE_NAME]


def cut_the_power(folder: Path) -> None:
    database._PRAGMAS = tuple(pragma for pragma in quick() if pragma != "synchronous=OFF")
    image, disk, after, copies = folder / "disk.img", folder / "disk", folder / "after", []
    with image.open("wb") as file:
        file.truncate(8 * 1024 * 1024)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0", str(image)], check=True)
    disk.mkdir()
    after.mkdir()
    subprocess.run(["mount", "-o", "loop", str(image), str(disk)], check=True)
    path = disk / "home" / FILE_NAME
    saved = filled(path, None, count=3)
    real = {name: getattr(os, name) for name in CALLS}

    def photograph() -> None:
        for name, call in real.items():
            setattr(os, name, call)
        copies.append(folder / f"{len(copies)}.img")
        subprocess.run(["cp", "--sparse=always", str(image), str(copies[-1])], check=True)
        at_call(1, photograph, setattr)

    at_call(1, photograph, setattr)
    change_passphrase(path, None, FIRST)
    photograph()
    for name, call in real.items():
        setattr(os, name, call)
    subprocess.run(["umount", str(disk)], check=True)
    found = []
    for copy in copies:
        subprocess.run(["mount", "-o", "loop", str(copy), str(after)], check=True)
        path = after / "home" / FILE_NAME
        assert path.exists()
        found.append(the_passphrase(path, FIRST, None))
        assert everything(path, found[-1]) == saved
        assert names(path) == [FILE_NAME]
        assert found[-1] is None or traces(path, SECRET) == []
        subprocess.run(["umount", str(after)], check=True)
    assert found.count(None) >= 5
    assert found.count(FIRST) >= 3


def write_on(path: Path) -> None:
    """Saves until it is stopped, opening again with the other passphrase when it must; prints what was confirmed."""
    passphrase, store, number, draft, turn = None, Store(path), 0, None, 0
    while True:
        number += 1
        time.sleep(0.002)  # SQLite lets a writer without a pause keep all others out
        try:
            record = store.save_record({"entry": True, "number": number, "note": "x" * (number * 37 % 3000)}, **STAMP)
            print(f"record {record.id} {number} {turn}", flush=True)
            if draft is None:
                draft = store.new_draft({"number": number})
            else:
                try:
                    draft = store.save_draft(draft.id, {"number": number}, draft.version)
                except DraftConflict:  # its last save was copied, though not confirmed
                    draft = store.overwrite_draft(draft.id, {"number": number})
            print(f"draft {draft.id} {draft.version} {turn}", flush=True)
        except StoreError as error:
            if error.trouble is Trouble.WRONG_PASSPHRASE:
                passphrase, turn = (FIRST if passphrase is None else None), turn + 1
                store.close()
                with suppress(StoreError):
                    store = Store(path, passphrase)
            elif error.trouble not in (Trouble.OTHER, Trouble.LOCKED):
                raise


def fork_and_kill(path: Path, how: str) -> None:
    """Forks a child for each line it reads; the child changes the passphrase until it is killed, or ended."""
    database.encrypting_library()
    for line in sys.stdin:
        task, number, first, second = line.rstrip("\n").split("\t")
        pid = os.fork()
        if pid == 0:
            if task == "at":
                die_at(path, int(number), first or None, second or None, how)
            else:
                switch_forever(path, first or None)
        if task == "after":
            time.sleep(float(number))
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        assert os.WIFSIGNALED(status) or (task == "at" and status == 0), status
        print("killed" if os.WIFSIGNALED(status) else "ended", flush=True)


def die_at(path: Path, number: int, old: str | None, new: str | None, how: str) -> None:
    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    if how == "no links":
        os.link = no_links
    if how.startswith("after"):
        name = how.split()[1]
        real, count = getattr(os, name), 0

        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal count
            answer, count = real(*arguments, **options), count + 1
            return die() if count == number else answer

        setattr(os, name, call)
    else:
        at_call(number, die, setattr)
    change_passphrase(path, old, new)
    os._exit(0)


def switch_forever(path: Path, now: str | None) -> None:
    for following in itertools.cycle((FIRST, SECOND, None)):
        if following != now:
            change_passphrase(path, now, following)
            now = following


if __name__ == "__main__":
    database._PRAGMAS = quick()
    function, first, *others = sys.argv[1:]
    globals()[function](Path(first), *others)
