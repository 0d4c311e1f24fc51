"""Faults, one by one: whatever happens, nothing that was confirmed as saved is lost or comes back different.

Faults that need a process or a file system of their own run in a child: this file again, with the name of one of the
functions under "In a child". A child that mounts does so in a mount namespace of its own, which goes when it goes.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from decision_aid.storage import database, paths
from decision_aid.storage import store as module
from decision_aid.storage.store import (
    FILE_NAME,
    PASSPHRASE_LOSS,
    Draft,
    DraftConflict,
    Record,
    Store,
    StoreError,
    TakenOver,
    Trouble,
    delete_set_aside,
    set_aside_damaged,
    set_aside_files,
)

ROOT = Path(module.__file__).resolve().parent.parent
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "PYTHONDONTWRITEBYTECODE": "1"}
STAMP = {"evidence_hash": "3f2a", "program_version": "0.1.0"}
PASSPHRASE = "a long walk's end – é"
SECRET = "numb-left-foot-since-Tuesday"
KILLS = 6
posix = pytest.mark.skipif(os.name != "posix", reason="This fault can be made on POSIX systems only.")

Saved = tuple[tuple[Draft, ...], tuple[Record, ...]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / FILE_NAME


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = Store(path)
    yield opened
    opened.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits for a lock a twentieth of a second instead of three."""
    monkeypatch.setattr(paths, "WAIT_SECONDS", 0.05)


def child(function: Callable[..., None], *arguments: object, before: tuple[str, ...] | list[str] = ()) -> list[str]:
    return [*before, sys.executable, "-W", "error", __file__, function.__name__, *map(str, arguments)]


def run(function: Callable[..., None], *arguments: object, before: list[str]) -> None:
    done = subprocess.run(
        child(function, *arguments, before=before), capture_output=True, text=True, env=ENVIRONMENT, check=False
    )
    assert done.returncode == 0, done.stderr


def contents(store: Store) -> Saved:
    return store.list_drafts(), store.list_records()


def everything(path: Path, passphrase: str | None = None) -> Saved:
    """All that a server started now finds."""
    opened = Store(path, passphrase)
    try:
        return contents(opened)
    finally:
        opened.close()


def refused(action: Callable[[], object], trouble: Trouble) -> str:
    """The sentence of the refusal, which must read like one."""
    with pytest.raises(StoreError) as error:
        action()
    assert error.value.trouble is trouble, error.value
    text = str(error.value)
    assert "your work is still on the screen and can be downloaded." in text
    assert text[0].isupper() or text[0] == "“"
    assert "SQL" not in text
    assert "rror" not in text
    return text


def trouble_of(action: Callable[[], object]) -> Trouble | None:
    try:
        action()
    except StoreError as error:
        return error.trouble
    return None


def fill(store: Store, count: int = 12, size: int = 2_500) -> Saved:
    """Drafts and records of various sizes; each text stands nowhere else."""
    for number in range(count):
        store.save_record({"number": number, "note": f"record {number} is not weak. " * (size // 25)}, **STAMP)
        draft = store.new_draft({"number": number})
        store.save_draft(draft.id, {"number": number, "note": f"draft {number} is not numb. " * (size // 50)}, 1)
    return contents(store)


def overwrite(file: Path, at: int, garbage: bytes) -> None:
    with file.open("r+b") as target:
        target.seek(at)
        target.write(garbage)


# A full disk


def test_a_full_disk_for_real(tmp_path: Path, namespace: list[str]) -> None:
    run(fill_the_disk, tmp_path, before=namespace)


def test_a_full_database_keeps_what_it_has_and_goes_on_when_there_is_room(store: Store, path: Path) -> None:
    draft = store.new_draft({"note": "kept"})
    pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
    store._connection.execute(f"PRAGMA max_page_count={pages}")
    text = refused(lambda: store.save_draft(draft.id, {"note": "x" * 50_000}, 1), Trouble.DISK_FULL)
    assert text.startswith(
        f"The disk with the folder “{path.parent}” is full, so nothing could be saved. Free some space"
    )
    refused(lambda: store.save_record({"note": "x" * 50_000}, **STAMP), Trouble.DISK_FULL)
    assert contents(store) == ((draft,), ())
    store._connection.execute("PRAGMA max_page_count=1000000")
    saved = store.save_draft(draft.id, {"note": "x" * 50_000}, 1)
    assert everything(path) == ((saved,), ())


@posix
def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    run(reach_the_size_limit, tmp_path / FILE_NAME, before=[])


# A folder that cannot be written to


def test_a_read_only_folder_for_real(tmp_path: Path, namespace: list[str]) -> None:
    run(write_protect, tmp_path, before=namespace)


@posix
def test_a_folder_without_permission(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("Permissions do not stop root; the read-only folder is tested with a mount instead.")
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    assert "DECISION_AID_HOME" in refused(lambda: Store(folder / FILE_NAME), Trouble.READ_ONLY)
    refused(lambda: Store(folder / "deeper" / FILE_NAME), Trouble.READ_ONLY)


def test_a_database_that_turns_read_only_keeps_what_it_has(store: Store, path: Path) -> None:
    draft = store.new_draft({"note": "kept"})
    store._connection.execute("PRAGMA query_only=ON")
    text = refused(lambda: store.save_draft(draft.id, {"note": "new"}, 1), Trouble.READ_ONLY)
    assert "may not write" in text
    assert contents(store) == ((draft,), ())
    assert store.save_draft(draft.id, {"note": "new"}, 1).version == 2


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert "could not be reached" in refused(lambda: Store(tmp_path / "file" / FILE_NAME), Trouble.OTHER)


# Another program holds the database


@pytest.mark.usefixtures("impatient")
def test_a_lock_held_by_another_program(path: Path) -> None:
    store = Store(path)
    draft, record = store.new_draft({"note": "kept"}), store.save_record({"a": 1}, **STAMP)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    for action in (
        lambda: store.save_draft(draft.id, {"note": "new"}, 1),
        lambda: store.overwrite_draft(draft.id, {"note": "new"}),
        lambda: store.new_draft({}),
        lambda: store.save_record({}, **STAMP),
    ):
        text = refused(action, Trouble.LOCKED)
        assert text.startswith("Another window or program is holding the saved work")
        assert "so nothing could be saved. Try again in a moment" in text
    assert "so nothing was deleted" in refused(lambda: store.delete_record(record.id), Trouble.LOCKED)
    # Reading, opening and saving what is already there need no lock.
    assert everything(path) == contents(store) == ((draft,), (record,))
    assert store.save_draft(draft.id, {"note": "kept"}, 1) == draft
    other.execute("ROLLBACK")
    other.close()
    assert store.save_draft(draft.id, {"note": "new"}, 1).version == 2
    store.close()


@pytest.mark.usefixtures("impatient")
def test_a_program_that_takes_the_whole_file(path: Path) -> None:
    Store(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    assert "so nothing could be opened" in refused(lambda: Store(path), Trouble.LOCKED)
    refused(lambda: set_aside_damaged(path), Trouble.LOCKED)
    other.close()
    assert everything(path) == ((), ())


# A damaged file

DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "one byte": lambda file: file.write_bytes(b"S"),
    "header only": lambda file: os.truncate(file, 100),
    "less than a page": lambda file: os.truncate(file, 3000),
    "one page": lambda file: os.truncate(file, 4096),
    "half": lambda file: os.truncate(file, file.stat().st_size // 2),
    "the last byte": lambda file: os.truncate(file, file.stat().st_size - 1),
    "text": lambda file: file.write_text("This is not a database.\n" * 500),
    "zeros": lambda file: file.write_bytes(bytes(file.stat().st_size)),
    "header of noise": lambda file: overwrite(file, 0, random.Random(1).randbytes(100)),
    "first page of noise": lambda file: overwrite(file, 0, random.Random(2).randbytes(4096)),
    "one word of the header": lambda file: overwrite(file, 68, b"none"),
    "zeros in the middle": lambda file: overwrite(file, file.stat().st_size // 2, bytes(8192)),
    "noise in the middle": lambda file: overwrite(file, file.stat().st_size // 2, random.Random(3).randbytes(5000)),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_database_is_named_kept_and_replaced(path: Path, damage: Callable[[Path], object]) -> None:
    store = Store(path)
    drafts, records = fill(store)
    store.close()
    damage(path)
    damaged = path.read_bytes()
    text = refused(lambda: everything(path), Trouble.DAMAGED)
    assert text.startswith(f"The file “{path}” is damaged")
    assert "Set it aside, which keeps it" in text
    aside = set_aside_damaged(path)
    assert set_aside_files(path) == (aside,)
    assert aside.parent == path.parent
    assert aside.read_bytes() == damaged
    fresh = Store(path)
    assert contents(fresh) == ((), ())
    assert trouble_of(lambda: fresh.take_over(aside)) in (None, Trouble.DAMAGED)  # of some nothing can be read
    assert all(record in records for record in fresh.list_records())
    assert all(draft in drafts for draft in fresh.list_drafts())
    fresh.close()
    assert aside.read_bytes() == damaged


def ids(entries: tuple[Any, ...]) -> list[str]:
    return [entry.id for entry in entries]


def test_from_a_file_damaged_in_two_places_all_other_entries_are_taken_over(path: Path) -> None:
    store = Store(path)
    drafts, records = fill(store, count=20, size=20_000)
    store.close()
    content = path.read_bytes()
    for number in (4, 15):
        overwrite(path, content.index(f"record {number} is not weak".encode()), bytes(6_000))
    refused(lambda: everything(path), Trouble.DAMAGED)
    aside = set_aside_damaged(path)
    fresh = Store(path)
    taken = fresh.take_over(aside)
    assert fresh.take_over(aside) == TakenOver(0, 0, taken.unreadable)  # what is here already stays as it is
    assert set(ids(fresh.list_drafts())) >= set(ids(drafts)) - {drafts[-5].id, drafts[-16].id}
    lost = set(ids(records)) - set(ids(fresh.list_records()))
    assert lost == {record.id for record in records if record.content["number"] in (4, 15)}
    assert taken.unreadable >= 2
    fresh.close()


def test_an_answer_changed_inside_the_file_is_noticed(path: Path) -> None:
    """SQLite checks its own structure and would show this as the reader's answer."""
    store = Store(path)
    drafts, records = fill(store, count=3)
    store.close()
    overwrite(path, path.read_bytes().index(b"record 1 is not weak") + len("record 1 is "), b"now")
    opened = Store(path)
    assert opened.list_drafts() == drafts
    assert opened.load_record(records[0].id) == records[0]
    refused(lambda: opened.load_record(records[1].id), Trouble.DAMAGED)
    refused(opened.list_records, Trouble.DAMAGED)
    opened.close()
    fresh_from = set_aside_damaged(path)
    fresh = Store(path)
    assert fresh.take_over(fresh_from) == TakenOver(drafts=3, records=2, unreadable=1)
    assert fresh.list_records() == (records[0], records[2])
    fresh.close()


def test_a_damaged_index_is_noticed(path: Path) -> None:
    """Through it, a draft that is there would not be found by its id, and would seem to have expired."""
    store = Store(path)
    drafts, _ = fill(store, count=3)
    store.close()
    whole, name = path.read_bytes(), drafts[1].id.encode()
    places = [at for at in range(len(whole)) if whole.startswith(name, at)]
    assert len(places) == 2  # in the table and in the index
    for at in places:
        path.write_bytes(whole[:at] + b"~" + whole[at + 1 :])
        refused(lambda: Store(path).load_draft(drafts[1].id), Trouble.DAMAGED)


def test_damage_anywhere_is_either_noticed_or_harmless(path: Path) -> None:
    """Sixty bytes of noise at places all over the file: never a missing entry, never another answer."""
    store = Store(path)
    saved = fill(store, count=6, size=20_000)
    store.close()
    whole, dice, noticed = path.read_bytes(), random.Random(20261122), 0
    for _ in range(60):
        at = dice.randrange(len(whole) - 60)
        path.write_bytes(whole[:at] + dice.randbytes(60) + whole[at + 60 :])
        found: list[Saved] = []
        trouble = trouble_of(lambda found=found: found.append(everything(path)))
        assert trouble in (None, Trouble.DAMAGED), at
        assert found in ([], [saved]), at
        noticed += trouble is Trouble.DAMAGED
    assert noticed > 30


@posix
def test_damage_in_the_log_of_a_killed_server_loses_nothing(tmp_path: Path) -> None:
    """SQLite drops the rest of a damaged log without a word, so the log must never be the only copy."""
    path, dice = tmp_path / FILE_NAME, random.Random(5)
    server = subprocess.Popen(child(save_forever, path, 5), stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    confirmed = [server.stdout.readline() for _ in range(25)]
    server.kill()
    confirmed += server.stdout.readlines()
    server.stdout.close()
    server.wait()
    log = path.with_name(path.name + "-wal")
    original = {file: file.read_bytes() for file in (path, log)}
    assert original[log]
    for _ in range(20):
        for file, content in original.items():
            file.write_bytes(content)
        overwrite(log, dice.randrange(len(original[log]) - 40), dice.randbytes(40))
        check_confirmed(path, confirmed)


def test_damage_while_the_database_is_open(store: Store, path: Path) -> None:
    _, records = fill(store)
    overwrite(path, path.stat().st_size // 2, bytes(12_000))
    found: list[object] = []
    assert trouble_of(lambda: found.append(store.list_records())) in (None, Trouble.DAMAGED)
    assert found in ([], [records])
    refused(lambda: everything(path), Trouble.DAMAGED)


def test_a_database_that_is_well_is_not_set_aside(store: Store, path: Path) -> None:
    """Two windows may both show the damage; the second must not move away the database the first one made."""
    store.new_draft({"a": 1})
    with pytest.raises(StoreError, match="is not damaged, so it stays where it is"):
        set_aside_damaged(path)
    with pytest.raises(StoreError, match="There is no file"):
        set_aside_damaged(path.with_name("another"))
    assert set_aside_files(path) == ()
    assert len(store.list_drafts()) == 1


def test_a_set_aside_file_can_be_deleted_for_good(path: Path) -> None:
    store = Store(path)
    fill(store)
    store.close()
    os.truncate(path, 9000)
    aside = set_aside_damaged(path)
    Store(path).close()
    with pytest.raises(StoreError, match="is not a file that was set aside"):
        delete_set_aside(path)
    delete_set_aside(aside)
    assert [file.name for file in path.parent.iterdir()] == [FILE_NAME]


def test_the_bytes_of_a_set_aside_file_are_overwritten_before_it_goes(path: Path) -> None:
    filled = Store(path)
    fill(filled)
    filled.close()
    aside = path.with_name("spine-choice.set-aside-20260101-120000-ab12.sqlite3")
    path.rename(aside)
    with aside.open("rb") as look:
        assert look.read().strip(b"\0")
        delete_set_aside(aside)
        look.seek(0)
        content = look.read()
    assert content
    assert content.strip(b"\0") == b""
    assert not aside.exists()


# A file that goes away under a running server


@posix
@pytest.mark.parametrize(
    "move", [lambda path: path.rename(path.with_name("moved")), lambda path: path.unlink()], ids=["moved", "deleted"]
)
def test_nothing_is_confirmed_into_a_file_that_is_no_longer_there(
    store: Store, path: Path, move: Callable[[Path], object]
) -> None:
    draft = store.new_draft({"a": 1})
    move(path)
    refused(lambda: store.save_draft(draft.id, {"a": 2}, 1), Trouble.GONE)
    again = store.new_draft({"a": 2})
    assert everything(path) == ((again,), ())


@posix
def test_a_file_that_goes_away_during_a_save_is_noticed(store: Store, path: Path) -> None:
    draft = store.new_draft({"a": 1})
    store._connection.create_function("unlink", 0, path.unlink)
    store._connection.execute("CREATE TEMP TRIGGER t AFTER UPDATE ON drafts BEGIN SELECT unlink(); END")
    assert "moved or deleted by another program" in refused(
        lambda: store.save_draft(draft.id, {"a": 2}, 1), Trouble.OTHER
    )
    assert everything(path) == ((), ())


@posix
def test_a_log_deleted_under_a_running_server_takes_nothing_with_it(store: Store, path: Path) -> None:
    saved = fill(store)
    path.with_name(path.name + "-wal").unlink()
    draft = store.new_draft({"after": 1})
    store.close()
    assert everything(path) == ((draft, *saved[0]), saved[1])


def test_the_log_of_a_database_that_is_gone_is_not_played_into_a_new_one(path: Path) -> None:
    path.parent.mkdir()
    log = path.with_name(path.name + "-wal")
    log.write_bytes(b"the last saves of a database that somebody deleted")
    assert everything(path) == ((), ())
    (aside,) = set_aside_files(path)
    assert aside.with_name(aside.name + "-wal").read_bytes().startswith(b"the last saves")


@posix
def test_a_server_killed_while_it_made_the_database_leaves_no_second_name(path: Path) -> None:
    Store(path).close()
    second = path.with_name(f".{FILE_NAME}.0123.new")
    os.link(path, second)
    unrelated = path.with_name(f".{FILE_NAME}.4567.new")
    unrelated.write_bytes(b"")
    Store(path).close()
    assert not second.exists()
    assert unrelated.exists()


def test_a_drive_without_links(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    store = Store(path)
    draft = store.new_draft({})
    store.close()
    assert everything(path) == ((draft,), ())
    assert [file.name for file in path.parent.iterdir()] == [FILE_NAME]


# Killed servers, power cuts, two servers


@posix
def test_everything_confirmed_before_a_kill_is_there_after_it(tmp_path: Path) -> None:
    """Servers killed at any moment of a save or a deletion, one after the other on the same file."""
    path, dice, confirmed = tmp_path / FILE_NAME, random.Random(7), []
    for number in range(KILLS):
        server = subprocess.Popen(child(save_forever, path, number), stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
        started = time.perf_counter()
        lines = [server.stdout.readline() for _ in range(dice.randrange(38, 52))]
        # The kill is to land anywhere in what follows a confirmation, not always at the start of it.
        until = time.perf_counter() + dice.uniform(0, 2) * (time.perf_counter() - started) / (10 * len(lines))
        while time.perf_counter() < until:
            pass
        server.kill()
        lines += [line for line in server.stdout.readlines() if line.endswith("\n")]
        server.stdout.close()
        assert server.wait() < 0, "the server ended by itself"
        confirmed += lines
        check_confirmed(path, confirmed)
    saves = sum(not line.startswith("deleted") for line in confirmed)
    print(f"{KILLS} kills, {saves} confirmed saves, {len(confirmed) - saves} confirmed deletions, none lost")
    assert saves >= 200


def test_a_power_cut_for_real(tmp_path: Path, namespace: list[str]) -> None:
    """After each confirmed save the disk is copied as it is, without what the system has not yet written to it."""
    if os.geteuid() != 0 or not os.path.exists("/dev/loop-control") or not shutil.which("mkfs.ext4"):
        pytest.skip(
            "Only root can make a disk out of a file, so the power is not cut for real; servers are killed instead."
        )
    run(cut_the_power, tmp_path, before=namespace)


def test_two_servers_writing_at_once_lose_nothing(path: Path, store: Store) -> None:
    shared, times = store.new_draft({"entries": []}), 30
    servers = [
        subprocess.Popen(
            child(add_entries, path, shared.id, name, times),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )
        for name in ("left", "right")
    ]
    for server in servers:
        assert server.stdout.readline() == "ready\n"
    for server in servers:
        server.stdin.write("go\n")
        server.stdin.close()
    for server in servers:
        with server.stdout:
            assert server.stdout.read() == "done\n"
        assert server.wait() == 0
    entries = sorted([name, number] for name in ("left", "right") for number in range(times))
    assert sorted(store.load_draft(shared.id).content["entries"]) == entries
    assert sorted(record.content["entry"] for record in store.list_records()) == entries


def test_many_servers_starting_at_once_make_one_database(path: Path) -> None:
    servers = [
        subprocess.Popen(
            child(add_entries, path, "", name, 2),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )
        for name in "abcd"
    ]
    for server in servers:  # each opens the database when it reads this
        server.stdin.write("go\n")
        server.stdin.close()
    for server in servers:
        with server.stdout:
            assert server.stdout.read() == "ready\ndone\n"
        assert server.wait() == 0
    assert len(everything(path)[1]) == 8
    assert [file.name for file in path.parent.iterdir()] == [FILE_NAME]


# Encryption


@pytest.fixture
def encryption() -> None:
    pytest.importorskip(
        "sqlcipher3.dbapi2",
        exc_type=ImportError,
        reason="The optional package sqlcipher3-wheels is not installed, so encryption is not tested.",
    )


@pytest.mark.usefixtures("encryption")
def test_an_encrypted_database_opens_with_its_passphrase_and_shows_nothing_without(
    path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    store = Store(path, PASSPHRASE)
    draft, record = store.new_draft({"note": SECRET}), store.save_record({"note": SECRET}, **STAMP)
    gone = store.save_record({"note": SECRET}, **STAMP)
    for file in path.parent.iterdir():
        assert not any(
            text in file.read_bytes()
            for text in (SECRET.encode(), draft.id.encode(), b"SQLite format", b"CREATE", b"3f2a")
        )
        assert os.name != "posix" or file.stat().st_mode & 0o777 == 0o600
    assert store.delete_record(gone.id)
    # An é typed on another keyboard is the same é.
    assert everything(path, "a long walk's end – e\u0301") == ((draft,), (record,))
    store.close()
    assert "This passphrase does not open" in refused(lambda: Store(path, "a long walk"), Trouble.WRONG_PASSPHRASE)
    text = refused(lambda: Store(path), Trouble.WRONG_PASSPHRASE)
    assert "looks encrypted and no passphrase was given" in text
    assert everything(path, PASSPHRASE) == ((draft,), (record,))
    output = capfd.readouterr()
    assert output.out + output.err == ""
    assert "no second key" in PASSPHRASE_LOSS


@pytest.mark.usefixtures("encryption")
def test_a_plain_database_is_not_opened_with_a_passphrase_but_taken_over(path: Path) -> None:
    plain = Store(path)
    saved = fill(plain, count=2)
    plain.close()
    before = path.read_bytes()
    text = refused(lambda: Store(path, PASSPHRASE), Trouble.WRONG_PASSPHRASE)
    assert "is not encrypted, and a passphrase was given" in text
    assert path.read_bytes() == before
    aside = set_aside_damaged(path, PASSPHRASE)
    encrypted = Store(path, PASSPHRASE)
    assert encrypted.take_over(aside) == TakenOver(drafts=2, records=2, unreadable=0)
    assert contents(encrypted) == saved
    encrypted.close()
    delete_set_aside(aside)
    assert not any(b"is not" in file.read_bytes() for file in path.parent.iterdir())


@pytest.mark.usefixtures("encryption")
def test_a_damaged_encrypted_database_is_noticed_and_taken_over(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_ENCRYPTED_FAULTS", 2)  # each costs a slow derivation of the key
    store = Store(path, PASSPHRASE)
    drafts, records = fill(store, count=8, size=8_000)
    store.close()
    overwrite(path, path.stat().st_size - 4096 - 500, bytes(100))
    refused(lambda: everything(path, PASSPHRASE), Trouble.DAMAGED)
    aside = set_aside_damaged(path, PASSPHRASE)
    fresh = Store(path, PASSPHRASE)
    taken = fresh.take_over(aside, PASSPHRASE)
    assert taken.drafts + taken.records >= len(drafts) + len(records) - 2
    assert all(record in records for record in fresh.list_records())
    fresh.close()


@pytest.mark.parametrize("passphrase", ["", "   ", "half an emoji \ud83e", "null \0 byte"])
def test_a_passphrase_that_would_not_protect_is_refused(path: Path, passphrase: str) -> None:
    with pytest.raises(StoreError, match="Choose another one") as error:
        Store(path, passphrase)
    assert error.value.trouble is Trouble.REFUSED
    assert not path.exists()


def test_without_the_package_encryption_says_what_to_install(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlcipher3", None)
    monkeypatch.setitem(sys.modules, "sqlcipher3.dbapi2", None)
    text = refused(lambda: Store(path, PASSPHRASE), Trouble.NO_ENCRYPTION)
    assert "pip install sqlcipher3-wheels" in text
    assert list(path.parent.iterdir()) == []


def test_a_sqlite_that_is_too_old_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_OLDEST_SQLITE", (99, 0, 0))
    with pytest.raises(StoreError, match=r"saving needs 3\.37 or newer.*still on the screen"):
        Store(path)


# In a child


def fill_the_disk(folder: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=True)
    path, filler = folder / "home" / FILE_NAME, folder / "filler"
    store = Store(path)
    draft = store.new_draft({"step": 0, "note": ""})
    records: list[Record] = []
    filler.write_bytes(bytes(400_000))

    def save_until_full() -> None:
        nonlocal draft
        for step in range(1, 1000):
            draft = store.save_draft(draft.id, {"step": step, "note": "x" * 200 * step}, draft.version)
            records.insert(0, store.save_record({"step": step, "note": "y" * 3000}, **STAMP))

    text = refused(save_until_full, Trouble.DISK_FULL)
    assert "is full, so nothing could be saved. Free some space" in text
    assert len(records) > 10
    # To the last byte, so that not even a small save fits; reading goes on.
    with open(folder / "rest", "wb", buffering=0) as rest:
        for size in (4096, 1):
            try:
                while rest.write(bytes(size)):
                    pass
            except OSError:
                continue
    refused(lambda: store.save_record({"note": "z" * 500_000}, **STAMP), Trouble.DISK_FULL)
    refused(lambda: store.new_draft({"note": "z" * 500_000}), Trouble.DISK_FULL)
    assert store.load_draft(draft.id) == draft
    assert list(store.list_records()) == records
    refused(lambda: Store(folder / "home" / "second.sqlite3"), Trouble.DISK_FULL)
    refused(lambda: Store(folder / "third" / FILE_NAME), Trouble.DISK_FULL)
    assert not [name for name in os.listdir(folder / "home") if not name.startswith(FILE_NAME)]
    filler.unlink()
    (folder / "rest").unlink()
    draft = store.save_draft(draft.id, {"step": -1}, draft.version)
    store.close()
    assert everything(path) == ((draft,), tuple(records))


def reach_the_size_limit(path: Path) -> None:
    import resource

    store = Store(path)
    draft = store.new_draft({"note": "kept"})
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    with pytest.raises(
        StoreError, match=r"could not be reached \(SQLITE_IOERR_WRITE\), so nothing could be saved\. Try"
    ) as error:
        store.save_draft(draft.id, {"note": "x" * 300_000}, draft.version)
    assert error.value.trouble is Trouble.OTHER
    assert store.load_draft(draft.id) == draft
    saved = store.save_draft(draft.id, {"note": "small"}, draft.version)
    store.close()
    assert everything(path) == ((saved,), ())


def write_protect(folder: Path) -> None:
    path = folder / "home" / FILE_NAME
    store = Store(path)
    saved = fill(store)
    store.close()
    place = str(path.parent)
    subprocess.run(["mount", "--bind", place, place], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", place], check=True)
    for action in (
        lambda: Store(path),
        lambda: Store(path.with_name("new.sqlite3")),
        lambda: Store(path.parent / "in" / FILE_NAME),
    ):
        text = refused(action, Trouble.READ_ONLY)
        assert "may not write to" in text
        assert "so nothing could be opened. Allow it to, or set DECISION_AID_HOME to another folder" in text
    subprocess.run(["umount", place], check=True)
    assert everything(path) == saved
    # The file alone, in a folder that can be written to.
    subprocess.run(["mount", "--bind", str(path), str(path)], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", str(path)], check=True)
    store = Store(path)
    refused(lambda: store.new_draft({}), Trouble.READ_ONLY)
    assert contents(store) == saved
    store.close()
    subprocess.run(["umount", str(path)], check=True)
    assert everything(path) == saved


def cut_the_power(folder: Path) -> None:
    image, copy = folder / "disk.img", folder / "copy.img"
    disk, after = folder / "disk", folder / "after"
    with image.open("wb") as file:
        file.truncate(12 * 1024 * 1024)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0", str(image)], check=True)
    disk.mkdir()
    after.mkdir()
    subprocess.run(["mount", "-o", "loop", str(image), str(disk)], check=True)
    store, dice = Store(disk / "home" / FILE_NAME), random.Random(3)
    draft = store.new_draft({"step": -1})
    for step in range(12):
        draft = store.save_draft(draft.id, {"step": step, "note": "x" * dice.randrange(20_000)}, draft.version)
        store.save_record({"step": step, "note": "y" * dice.randrange(20_000)}, **STAMP)
        shutil.copyfile(image, copy)
        saved = contents(store)
        subprocess.run(["mount", "-o", "loop", str(copy), str(after)], check=True)
        assert everything(after / "home" / FILE_NAME) == saved
        subprocess.run(["umount", str(after)], check=True)
    store.close()
    subprocess.run(["umount", str(disk)], check=True)


def save_forever(path: Path, seed: str) -> None:
    """Saves, corrects and deletes until it is killed; each line it prints was confirmed before."""
    dice, store = random.Random(int(seed)), Store(path)
    draft, number, records = store.new_draft(expected("draft", 1)), 1, []
    print(f"draft {draft.id} 1", flush=True)
    while True:
        number += 1
        draft = store.save_draft(draft.id, expected("draft", number), draft.version)
        print(f"draft {draft.id} {draft.version}", flush=True)
        if dice.random() < 0.3:
            number_in_record = dice.randrange(40)
            records.append(store.save_record(expected("record", number_in_record), **STAMP).id)
            print(f"record {records[-1]} {number_in_record}", flush=True)
        if dice.random() < 0.05 and records:
            gone = records.pop(0)
            store.delete_record(gone)
            print(f"deleted {gone}", flush=True)


def expected(kind: str, number: int) -> dict[str, Any]:
    return {"kind": kind, "number": number, "note": f"{kind} {number} " * (number * 37 % 900)}


def check_confirmed(path: Path, lines: list[str]) -> None:
    store = Store(path)
    records = {record.id: record for record in store.list_records()}
    drafts = {draft.id: draft for draft in store.list_drafts()}
    deleted = {line.split()[1] for line in lines if line.startswith("deleted")}
    for kind, entry_id, *number in map(str.split, lines):
        if kind == "draft":
            draft = drafts[entry_id]
            assert draft.version >= int(number[0])
            assert draft.content == expected("draft", draft.version)
        elif kind == "record" and entry_id in records:
            assert records[entry_id].content == expected("record", int(number[0]))
        elif kind == "record" and entry_id not in deleted:
            # A deletion that was under way is allowed to have happened; only the oldest record is ever deleted.
            later = [line.split()[1] for line in lines if line.startswith("record")]
            assert later.index(entry_id) < min(later.index(each) for each in records if each in later)
    assert not deleted & records.keys()
    store.close()
    content = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert not any(entry_id.encode() in content for entry_id in deleted)


def add_entries(path: Path, draft_id: str, name: str, times: str) -> None:
    if draft_id:
        store = Store(path)
        print("ready", flush=True)
        sys.stdin.readline()
    else:
        sys.stdin.readline()
        store = Store(path)
        print("ready", flush=True)
    for number in range(int(times)):
        store.save_record({"entry": [name, number]}, **STAMP)
        saved = None if draft_id else ()
        current = store.load_draft(draft_id)
        while saved is None:
            try:
                entries = [*current.content["entries"], [name, number]]
                saved = store.save_draft(draft_id, {"entries": entries}, current.version)
            except DraftConflict as conflict:
                current = conflict.theirs
    store.close()
    print("done", flush=True)


if __name__ == "__main__":
    function, first, *others = sys.argv[1:]
    globals()[function](Path(first), *others)
