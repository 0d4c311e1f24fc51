"""Files kept beside drafts and records: they come back byte for byte, and are gone for good when they are forgotten."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from decision_aid.storage import database, kept
from decision_aid.storage.store import FILE_NAME, Store, StoreError, Trouble, change_passphrase, set_aside_damaged

SECRET = b"blood loss 350 ml on 2024-03-07"
CONTENT = b"PAR1\0\xff" + SECRET * 4_000 + b"PAR1"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / FILE_NAME


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = Store(path)
    yield opened
    opened.close()


def traces(path: Path) -> list[str]:
    return [file.name for file in path.parent.iterdir() if SECRET in file.read_bytes()]


def test_a_kept_file_comes_back_after_a_restart_byte_for_byte(store: Store, path: Path) -> None:
    assert store.kept_file("cases") is None
    assert store.kept_stamp("cases") is None
    stamp = store.keep_file("cases", CONTENT)
    store.keep_file("empty", b"")
    store.close()
    again = Store(path)
    assert again.kept_file("cases") == CONTENT
    assert again.kept_file("empty") == b""
    assert again.kept_stamp("cases") == stamp
    again.close()


def test_what_is_kept_under_the_same_name_replaces_it_and_leaves_no_trace(store: Store, path: Path) -> None:
    first = store.keep_file("cases", CONTENT)
    assert traces(path)
    second = store.keep_file("cases", b"another")
    assert (first != second, store.kept_file("cases")) == (True, b"another")
    assert store.keep_file("cases", b"another") not in (first, second)  # kept anew, though the same
    assert traces(path) == []


def test_a_forgotten_file_leaves_no_trace_and_nothing_else_goes_with_it(store: Store, path: Path) -> None:
    draft = store.new_draft({"level": "L4/5"})
    store.keep_file("plan", b"{}")
    store.keep_file("cases", CONTENT)
    assert store.forget_file("cases") is True
    assert store.forget_file("cases") is False
    assert traces(path) == []
    assert store.kept_file("plan") == b"{}"
    assert store.list_drafts() == (draft,)


def test_a_file_of_the_version_before_gets_a_place_for_kept_files(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(database, "_MIGRATIONS", database._MIGRATIONS[:1])
        old = Store(path)
        draft = old.new_draft({"level": "L4/5"})
        old.close()
    store = Store(path)
    store.keep_file("cases", CONTENT)
    assert store.list_drafts() == (draft,)
    store.close()


def test_a_change_inside_a_kept_file_is_noticed(store: Store, path: Path) -> None:
    store.keep_file("cases", CONTENT)
    other = sqlite3.connect(path)
    other.execute("UPDATE kept SET content = ?", (CONTENT.replace(b"350", b"530"),))
    other.commit()
    other.close()
    for look in (lambda: store.kept_file("cases"), lambda: change_passphrase(path, None, None)):
        with pytest.raises(StoreError) as error:
            look()
        assert error.value.trouble is Trouble.DAMAGED
    store.close()
    aside = set_aside_damaged(path)
    fresh = Store(path)
    assert fresh.take_over(aside).unreadable == 1
    assert fresh.kept_file("cases") is None
    fresh.close()


def test_a_kept_file_is_taken_over_from_a_database_set_aside_and_never_over_another(path: Path) -> None:
    old = Store(path)
    old.save_record({"note": "whole"}, evidence_hash="3f2a", program_version="0.1.0")
    old.keep_file("cases", CONTENT)
    old.close()
    aside = path.with_name("elsewhere.sqlite3")
    path.rename(aside)
    fresh = Store(path)
    assert fresh.take_over(aside).unreadable == 0
    assert fresh.kept_file("cases") == CONTENT
    fresh.keep_file("cases", b"newer")
    fresh.take_over(aside)
    assert fresh.kept_file("cases") == b"newer"
    fresh.close()


def test_a_database_from_before_kept_files_is_taken_over_without_a_fault(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = path.with_name("before.sqlite3")
    with monkeypatch.context() as patch:
        patch.setattr(database, "_MIGRATIONS", database._MIGRATIONS[:1])
        old = Store(aside)
        old.new_draft({"level": "L4/5"})
        old.close()
    fresh = Store(path)
    taken = fresh.take_over(aside)
    assert (taken.drafts, taken.records, taken.unreadable) == (1, 0, 0)
    fresh.close()


def test_a_file_that_is_too_large_is_refused_and_the_old_one_stays(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.keep_file("cases", b"small")
    monkeypatch.setattr(kept, "LARGEST_KEPT_BYTES", 1_000)
    with pytest.raises(StoreError, match="too large to be kept here"):
        store.keep_file("cases", bytes(1_001))
    assert store.kept_file("cases") == b"small"
