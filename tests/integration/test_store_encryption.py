"""Encryption switched on and off: nothing is lost on the way, whatever happens, and nothing is readable without."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import saved_work
from saved_work import (
    FIRST,
    SECOND,
    SECRET,
    STAMP,
    contents,
    everything,
    filled,
    names,
    refused,
    started,
    trouble_of,
)
from systems import posix

from decision_aid.storage import sealing
from decision_aid.storage.store import FOLDER_NAME, Store, Trouble, change_passphrase, is_encrypted
from decision_aid.wording import storage_words

CHANGES = {"on": (None, FIRST), "off": (FIRST, None), "other": (FIRST, SECOND)}
either_way = pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / FOLDER_NAME


# It does what it says


@pytest.mark.parametrize("passphrases", [(None, FIRST), (FIRST, SECOND, None, SECOND)], ids=["on", "there and back"])
def test_everything_is_kept_under_the_new_passphrase_and_no_other(
    path: Path, passphrases: tuple[str | None, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    saved = filled(path, passphrases[0])
    for old, new in itertools.pairwise(passphrases):
        change_passphrase(path, old, new)
        assert is_encrypted(path) == (new is not None)
        assert everything(path, new) == saved
        assert trouble_of(lambda old=old: Store(path, old)) is Trouble.WRONG_PASSPHRASE
    store = Store(path, new)
    later = store.save_record({"later": 1}, **STAMP)
    assert everything(path, new) == (saved[0], (later, *saved[1]), saved[2])
    output = capfd.readouterr()
    assert output.out + output.err == ""


@pytest.mark.parametrize(("old", "new"), [(None, None), (FIRST, FIRST), (None, FIRST)])
def test_what_is_empty_or_stays_as_it_is_goes_well_too(path: Path, old: str | None, new: str | None) -> None:
    Store(path, old)
    change_passphrase(path, old, new)
    assert everything(path, new) == ((), (), None)


def test_a_passphrase_typed_on_another_keyboard_is_the_same(path: Path) -> None:
    saved = filled(path, "a walk – e\u0301")
    assert everything(path, "a walk – \u00e9") == saved


@pytest.mark.parametrize("passphrase", [None, FIRST])
def test_no_file_shows_what_is_in_it(path: Path, passphrase: str | None) -> None:
    filled(path, passphrase)
    content = b"".join(file.read_bytes() for file in path.iterdir())
    for text in (SECRET, "corrected", "3f2a", "walk"):
        assert text.encode() not in content


def test_what_is_saved_under_a_passphrase_is_closed_to_who_copied_everything_before(path: Path) -> None:
    """Each change brings another key: the key file of a backup, or a former passphrase, opens nothing that came later."""
    filled(path)
    for old, new in ((None, FIRST), (FIRST, SECOND)):
        keys = (path / "key").read_bytes()
        change_passphrase(path, old, new)
        record = Store(path, new).save_record({"later": SECRET}, **STAMP)
        now = (path / "key").read_bytes()
        for name in ("key", "key-copy"):
            (path / name).write_bytes(keys)
        assert trouble_of(lambda old=old, record=record: Store(path, old).load_record(record.id)) is Trouble.DAMAGED
        for name in ("key", "key-copy"):
            (path / name).write_bytes(now)
        assert Store(path, new).load_record(record.id) == record


@posix
def test_the_bytes_of_the_old_key_files_are_overwritten(path: Path) -> None:
    filled(path)
    looks = [(path / name).open("rb") for name in ("key", "key-copy")]
    change_passphrase(path, None, FIRST)
    for look in looks:
        content = look.read()
        look.close()
        assert content == bytes(len(content)) != b""
    assert (path / "key").read_bytes() == (path / "key-copy").read_bytes()


def test_a_guess_takes_its_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the time of a real key
    assert sealing.SCRYPT_COST >= 16
    began = time.perf_counter()
    Store(path, FIRST)
    print(f"a new folder with a passphrase: {time.perf_counter() - began:.2f} s")
    monkeypatch.setattr(sealing, "SCRYPT_COST", 4)  # a folder made on another machine keeps its own
    began = time.perf_counter()
    assert trouble_of(lambda: Store(path, SECOND)) is Trouble.WRONG_PASSPHRASE
    assert time.perf_counter() - began > 0.03


def test_whether_it_is_encrypted_is_known_without_a_passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DECISION_AID_HOME", str(tmp_path / "home"))
    assert is_encrypted() is False
    assert not (tmp_path / "home").exists()  # asking makes nothing
    Store()
    assert is_encrypted() is False
    change_passphrase(None, None, FIRST)
    assert is_encrypted() is True


def test_the_loss_of_a_passphrase_is_named() -> None:
    assert "no second key" in storage_words.PASSPHRASE_LOSS


# Stores that are open meanwhile


@either_way
def test_an_open_store_notices_and_says_what_to_do(path: Path, old: str | None, new: str | None) -> None:
    saved = filled(path, old)
    one, other = Store(path, old), Store(path, old)
    assert contents(one) == contents(other) == saved
    change_passphrase(path, old, new)
    said = "is encrypted and no passphrase was given" if old is None else "This passphrase does not open"
    said = "is not encrypted, and a passphrase was given" if new is None else said
    for action in (
        lambda: one.save_draft(saved[0][0].id, {"a": 2}, saved[0][0].version),
        lambda: other.save_record({"a": 2}, **STAMP),
        one.list_records,
        lambda: other.delete_record(saved[1][0].id),
        lambda: other.kept_stamp("cases"),
    ):
        text = refused(action, Trouble.WRONG_PASSPHRASE)
        assert said in text
        assert "still on the screen" in text
    assert everything(path, new) == saved


@posix
def test_a_writer_in_another_process_loses_nothing_that_was_confirmed(path: Path) -> None:
    filled(path)
    lines: list[str] = []
    with started(saved_work.save_while_it_changes, path) as writer:
        lines.append(writer.stdout.readline())
        reader = threading.Thread(target=lambda: lines.extend(writer.stdout))
        reader.start()
        switches, old = 0, None
        while switches < 8 or len({line.split()[-1] for line in lines}) < 4:
            new = FIRST if old is None else None
            change_passphrase(path, old, new)
            old, switches = new, switches + 1
            assert writer.poll() is None
            assert switches < 500
            time.sleep(0.02)
        writer.kill()
        reader.join()
    confirmed = [line.rsplit(" ", 1)[0] for line in lines if line.endswith("\n")]
    print(f"{switches} switches, {len(confirmed)} confirmed saves, none lost")
    records = {record.id: record.content for record in everything(path, old)[1]}
    for line in confirmed:
        _, record_id, number = line.split()
        assert records[record_id] == saved_work.expected("record", int(number))


# Refused, and nothing changed


def unchanged(path: Path, action: Callable[[], object], trouble: Trouble) -> str:
    before = {name: (path / name).read_bytes() for name in names(path)}
    text = refused(action, trouble)
    assert {name: (path / name).read_bytes() for name in names(path)} == before
    return text


@pytest.mark.parametrize(("real", "given"), [(FIRST, SECOND), (FIRST, None), (None, FIRST)])
@pytest.mark.parametrize("new", [SECOND, None])
def test_a_wrong_old_passphrase(path: Path, real: str | None, given: str | None, new: str | None) -> None:
    saved = filled(path, real)
    text = unchanged(path, lambda: change_passphrase(path, given, new), Trouble.WRONG_PASSPHRASE)
    assert "so nothing was changed" in text
    assert everything(path, real) == saved


@pytest.mark.parametrize("passphrase", ["", "   ", "half an emoji \ud83e", "null \0 byte"])
def test_a_passphrase_that_would_not_protect(path: Path, passphrase: str) -> None:
    assert "Choose another one" in refused(lambda: Store(path, passphrase), Trouble.REFUSED)
    assert not path.exists()
    saved = filled(path)
    text = unchanged(path, lambda: change_passphrase(path, None, passphrase), Trouble.REFUSED)
    assert "so nothing was changed. Choose another one." in text
    assert everything(path) == saved
