"""Faults, one by one: whatever happens, nothing that was confirmed as saved is lost or comes back different."""

from __future__ import annotations

import errno
import itertools
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import saved_work
from saved_work import (
    ACTIONS,
    STAMP,
    act,
    at_call,
    check_confirmed,
    contents,
    everything,
    filled,
    forks,
    names,
    refused,
    run,
    started,
    trouble_of,
    was_done,
)
from systems import posix

from decision_aid.storage import files
from decision_aid.storage.store import (
    FOLDER_NAME,
    Store,
    Trouble,
    delete_set_aside,
    set_aside_damaged,
    set_aside_files,
)

KILLS = 6
NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / FOLDER_NAME


@pytest.fixture
def store(path: Path) -> Store:
    return Store(path)


# A full disk, a folder that cannot be written to


def test_a_full_disk_for_real(tmp_path: Path, namespace: list[str]) -> None:
    run(saved_work.fill_the_disk, tmp_path, before=namespace)


@posix
def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    run(saved_work.reach_the_size_limit, tmp_path / FOLDER_NAME)


def test_a_read_only_folder_for_real(tmp_path: Path, namespace: list[str]) -> None:
    run(saved_work.write_protect, tmp_path, before=namespace)


@posix
def test_a_folder_without_permission() -> None:
    with tempfile.TemporaryDirectory() as outer:
        folder = Path(outer, "locked")
        folder.mkdir(mode=0o500)
        with as_nobody(Path(outer), folder):
            assert "DECISION_AID_HOME" in refused(lambda: Store(folder / FOLDER_NAME), Trouble.READ_ONLY)
            refused(lambda: Store(folder / "deeper" / FOLDER_NAME), Trouble.READ_ONLY)
        assert not any(folder.iterdir())


@contextmanager
def as_nobody(*folders: Path) -> Iterator[None]:
    """Be an account that permissions stop, whose folders these are: they do not stop root."""
    is_root = os.geteuid() == 0
    if is_root:
        for folder in folders:
            os.chown(folder, NOBODY, -1)
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert "could not be reached" in refused(lambda: Store(tmp_path / "file" / FOLDER_NAME), Trouble.OTHER)


@posix
@pytest.mark.parametrize("what", ACTIONS)
def test_each_call_to_the_file_system_refused_in_turn(path: Path, what: str) -> None:
    """What is refused says so, and changed nothing; after it, everything goes on."""
    found, refusals = [], 0
    filled(path, ACTIONS[what][0])
    for number in itertools.count(1):
        draft = Store(path, ACTIONS[what][0]).new_draft({"note": "old"})
        saved = everything(path, ACTIONS[what][0])
        code = (errno.ENOSPC, errno.EACCES, errno.EIO)[number % 3]

        def fault(code: int = code) -> None:
            raise OSError(code, os.strerror(code))

        with pytest.MonkeyPatch.context() as patch:
            calls = at_call(number, fault, patch.setattr)
            refusal = trouble_of(lambda draft_id=draft.id: act(path, what, draft_id))
        found.append(was_done(path, what, draft, saved))
        assert found[-1] or refusal
        assert not (found[-1] and refusal and what in ("on", "off", "other")), "it said that nothing was changed"
        refusals += refusal is not None
        if calls() < number:
            break
    assert refusals >= 4
    assert found.count(True) >= 2


# Another program holds the saved work


@posix
def test_a_lock_held_by_another_program(path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "WAIT_SECONDS", 0.05)
    draft, record = store.new_draft({"note": "kept"}), store.save_record({"a": 1}, **STAMP)
    with files.locked(path):
        for action in (
            lambda: store.save_draft(draft.id, {"note": "new"}, 1),
            lambda: store.save_record({}, **STAMP),
        ):
            text = refused(action, Trouble.LOCKED)
            assert text.startswith("Another window or program is holding the saved work")
            assert "so nothing could be saved. Try again in a moment" in text
        assert "so nothing was deleted" in refused(lambda: store.delete_record(record.id), Trouble.LOCKED)
        assert "so nothing could be opened" in refused(lambda: Store(path), Trouble.LOCKED)
    assert everything(path) == ((draft,), (record,), None)
    assert store.save_draft(draft.id, {"note": "new"}, 1).version == 2


@posix
def test_a_drive_without_locks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(files.fcntl, "flock", refuse)
    assert "Set DECISION_AID_HOME to a folder this program may write to" in refused(lambda: Store(path), Trouble.OTHER)


def test_a_drive_without_links(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    saved = filled(path)
    assert everything(path) == saved
    assert not [name for name in names(path) if name.startswith(".")]


# Damage

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda whole: b"",
    "one byte": lambda whole: whole[:1],
    "its head only": lambda whole: whole[: whole.index(b"\n") + 1],
    "half": lambda whole: whole[: len(whole) // 2],
    "the last byte": lambda whole: whole[:-1],
    "a byte more": lambda whole: whole + b"\0",
    "text": lambda whole: b"This is no entry.\n" * 50,
    "zeros": lambda whole: bytes(len(whole)),
    "another key": lambda whole: whole.replace(b"under 0001", b"under 0002"),
    "noise in the middle": lambda whole: whole[:80] + random.Random(3).randbytes(20) + whole[100:],
}


@pytest.mark.parametrize("passphrase", [None, "a walk"])
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_entry_is_named_and_set_aside_and_harms_no_other(
    path: Path, damage: Callable[[bytes], bytes], passphrase: str | None
) -> None:
    drafts, records, kept = filled(path, passphrase)
    (file,) = path.glob(f"*{records[2].id}")
    damaged = damage(file.read_bytes())
    file.write_bytes(damaged)
    store = Store(path, passphrase)
    assert store.list_drafts() == drafts
    assert store.load_record(records[0].id) == records[0]
    text = refused(store.list_records, Trouble.DAMAGED)
    assert text.startswith(f"The file “{file}” is damaged")
    assert "Set it aside, which keeps it" in text
    assert set_aside_damaged(path, passphrase) == 1
    (aside,) = set_aside_files(path)
    assert aside.parent == path.parent
    assert aside.read_bytes() == damaged
    assert contents(store) == everything(path, passphrase) == (drafts, (*records[:2], *records[3:]), kept)


def test_an_entry_in_the_place_of_another_is_noticed(path: Path) -> None:
    """Whole by itself, but another answer."""
    _, records, _ = filled(path)
    one, other = (next(path.glob(f"*{record.id}")) for record in records[:2])
    one.write_bytes(other.read_bytes())
    refused(lambda: Store(path).load_record(records[0].id), Trouble.DAMAGED)


def test_damage_anywhere_is_noticed_or_mended(path: Path) -> None:
    """Four bytes of noise at places all over the files: never a missing entry, never another answer."""
    saved, dice, noticed = filled(path), random.Random(20261122), 0
    whole = {file: file.read_bytes() for file in path.iterdir() if file.name != "lock"}
    for _ in range(60):
        file = dice.choice(list(whole))
        at = dice.randrange(len(whole[file]))
        file.write_bytes(whole[file][:at] + dice.randbytes(4) + whole[file][at + 4 :])
        trouble = trouble_of(lambda: everything(path))
        if trouble is None:
            assert everything(path) == saved
            assert file.name in ("key", "key-copy")
            assert file.read_bytes() == whole[file]
        noticed += trouble is Trouble.DAMAGED
        file.write_bytes(whole[file])
    assert noticed > 20


@pytest.mark.parametrize("passphrase", [None, "a walk"])
@pytest.mark.parametrize("name", ["key", "key-copy"])
@pytest.mark.parametrize("damage", [b"", b"x" * 200, None])
def test_the_keys_are_there_twice(path: Path, name: str, passphrase: str | None, damage: bytes | None) -> None:
    saved = filled(path, passphrase)
    file = path / name
    whole = file.read_bytes()
    if damage is None:
        file.unlink()
    else:
        file.write_bytes(damage)
    assert everything(path, passphrase) == saved
    assert file.read_bytes() == whole


@pytest.mark.parametrize("gone", [False, True])
def test_without_any_key_everything_is_kept_and_a_new_beginning_made(path: Path, gone: bool) -> None:
    saved = filled(path)
    for name in ("key", "key-copy"):
        if gone:
            (path / name).rename(path.parent / name)
        else:
            (path / name).write_bytes(b"x" * 200)
    text = refused(lambda: Store(path), Trouble.DAMAGED)
    assert f"“{path / 'key'}” is damaged" in text
    count = len(saved[0]) + len(saved[1]) + 1 + (0 if gone else 2)
    assert set_aside_damaged(path) == count == len(set_aside_files(path))
    assert everything(path) == ((), (), None)
    Store(path).new_draft({"a": 1})


def test_what_is_well_is_not_set_aside(path: Path, store: Store) -> None:
    """Two windows may both show the damage; the second must not move away what the first one made."""
    draft = store.new_draft({"a": 1})
    assert "Reload the page" in refused(lambda: set_aside_damaged(path), Trouble.REFUSED)
    assert set_aside_files(path) == ()
    assert store.list_drafts() == (draft,)


def test_the_bytes_of_a_set_aside_file_are_overwritten_before_it_goes(path: Path, store: Store) -> None:
    store.new_draft({"a": 1})
    (file,) = path.glob("draft-*")
    file.write_bytes(b"x" * 900)
    set_aside_damaged(path)
    (aside,) = set_aside_files(path)
    with pytest.raises(ValueError, match="not a file that was set aside"):
        delete_set_aside(path / "key")
    with aside.open("rb") as look:
        delete_set_aside(aside)
        assert look.read() == bytes(900)
    assert set_aside_files(path) == ()
    assert names(path) == ["key", "key-copy", "lock"]


# A folder that goes away under a running server


@posix
@pytest.mark.parametrize("passphrase", [None, "a walk"])
@pytest.mark.parametrize(
    "move", [lambda path: path.rename(path.with_name("moved")), shutil.rmtree], ids=["moved", "deleted"]
)
def test_nothing_is_confirmed_into_a_folder_that_is_no_longer_there(
    path: Path, move: Callable[[Path], object], passphrase: str | None
) -> None:
    store = Store(path, passphrase)
    draft = store.new_draft({"a": 1})
    move(path)
    refused(lambda: store.save_draft(draft.id, {"a": 2}, 1), Trouble.GONE)
    again = store.new_draft({"a": 2})
    assert everything(path, passphrase) == ((again,), (), None)


# Killed servers, power cuts, two servers


@posix
def test_everything_confirmed_before_a_kill_is_there_after_it(path: Path) -> None:
    """Servers killed at any moment of a save or a deletion, one after the other on the same folder."""
    dice, confirmed = random.Random(7), []
    for number in range(KILLS):
        with started(saved_work.save_forever, path, number) as server:
            began = time.perf_counter()
            lines = [server.stdout.readline() for _ in range(dice.randrange(38, 52))]
            # The kill is to land anywhere in what follows a confirmation, not always at the start of it.
            until = time.perf_counter() + dice.uniform(0, 2) * (time.perf_counter() - began) / (10 * len(lines))
            while time.perf_counter() < until:
                pass
            server.kill()
            lines += [line for line in server.stdout.readlines() if line.endswith("\n")]
        assert server.returncode < 0, "the server ended by itself"
        confirmed += lines
        check_confirmed(path, confirmed)
        assert not [name for name in names(path) if name.startswith(".")]
    saves = sum(not line.startswith("deleted") for line in confirmed)
    print(f"{KILLS} kills, {saves} confirmed saves, {len(confirmed) - saves} confirmed deletions, none lost")
    assert saves >= 200


@posix
@pytest.mark.parametrize("what", ACTIONS)
def test_killed_at_each_call_to_the_file_system(path: Path, what: str) -> None:
    """Either the old or the new is there, whole; what is left over is overwritten at the next opening."""
    found: list[bool] = []
    filled(path, ACTIONS[what][0])
    with forks(path) as killed_at:
        for number in itertools.count(1):
            draft = Store(path, ACTIONS[what][0]).new_draft({"note": "old"})
            saved = everything(path, ACTIONS[what][0])
            with (path / (f"draft-{draft.id}" if what in ("save", "delete") else "key")).open("rb") as look:
                killed = killed_at(what, number, draft.id)
                found.append(was_done(path, what, draft, saved))
                assert (look.read().strip(b"\0") == b"") == found[-1]
            if not killed:
                break
    assert found == sorted(found)
    assert found.count(False) >= 5
    assert found.count(True) >= 3


def test_a_power_cut_for_real(tmp_path: Path, namespace: list[str]) -> None:
    """The disk is copied as it is, without what the system has not yet written to it."""
    if os.geteuid() != 0 or not os.path.exists("/dev/loop-control") or not shutil.which("mkfs.ext4"):
        pytest.skip(
            "Only root can make a disk out of a file, so the power is not cut for real; servers are killed instead."
        )
    run(saved_work.cut_the_power, tmp_path, before=namespace)


@pytest.mark.parametrize("shared", [True, False], ids=["one draft", "from the very start"])
def test_servers_writing_at_once_lose_nothing(path: Path, shared: bool) -> None:
    draft, times = (Store(path).new_draft({"entries": []}).id if shared else ""), 20
    servers = [started(saved_work.add_entries, path, draft, name, times) for name in "abc"]
    for server in servers:  # each opens the folder when it reads this
        server.stdin.write("go\n")
        server.stdin.flush()
    for server in servers:
        with server:
            server.communicate()
        assert server.returncode == 0
    added = sorted([name, number] for name in "abc" for number in range(times))
    drafts, records, _ = everything(path)
    assert sorted(record.content["entry"] for record in records) == added
    assert not shared or sorted(drafts[0].content["entries"]) == added
