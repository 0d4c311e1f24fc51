"""The SQLite file of earlier versions is taken over once, whole, and then it is gone; nothing of it is lost on the way."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from saved_work import FIRST, SECOND, SECRET, everything, forks, names, refused
from systems import posix

from decision_aid.storage import files
from decision_aid.storage.older_file import FILE_NAME
from decision_aid.storage.store import (
    FOLDER_NAME,
    Draft,
    Record,
    Store,
    Trouble,
    change_passphrase,
    is_encrypted,
    set_aside_damaged,
    set_aside_files,
)

# As the earlier versions made it.
SCHEMA = (
    "PRAGMA application_id=0x53706E43",
    "PRAGMA journal_mode=WAL",
    """CREATE TABLE drafts (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, saved_at TEXT NOT NULL,
        expires_at TEXT NOT NULL, digest TEXT NOT NULL, content TEXT NOT NULL) STRICT""",
    """CREATE TABLE records (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, saved_at TEXT NOT NULL,
        program_version TEXT NOT NULL, evidence_hash TEXT NOT NULL, corrects TEXT, digest TEXT NOT NULL,
        content TEXT NOT NULL) STRICT""",
    "CREATE TABLE wipe_due (since TEXT NOT NULL) STRICT",
    """CREATE TABLE kept (
        seq INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, stamp TEXT NOT NULL, digest TEXT NOT NULL,
        content BLOB NOT NULL) STRICT""",
)
MOMENT = datetime.now(UTC).replace(microsecond=123)
DRAFTS = tuple(
    Draft(f"{n}" * 22, n, {"note": SECRET, "half": "\ud83e"}, MOMENT - timedelta(n), MOMENT + timedelta(30 - n))
    for n in range(1, 4)
)
RECORDS = tuple(
    Record(f"{n:02}" * 11, MOMENT - timedelta(n), "0.1.0", "3f2a", {"n": n, "note": SECRET}, "r" * 22 if n else None)
    for n in range(12)
)
KEPT = b"PAR1\0\xff" + SECRET.encode() * 500


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def digest(*fields: Any) -> str:
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()


def make(home: Path, passphrase: str | None = None, kept: bool = True, records: int = len(RECORDS)) -> Path:
    library: Any = sqlite3
    if passphrase is not None:
        library = pytest.importorskip("sqlcipher3.dbapi2", reason="sqlcipher3-wheels is not installed.")
    base = library.connect(home / FILE_NAME, isolation_level=None)
    if passphrase is not None:
        base.execute("PRAGMA key='{}'".format(passphrase.replace("'", "''")))
    for statement in SCHEMA if kept else SCHEMA[:-1]:
        base.execute(statement)
    for d in reversed(DRAFTS):
        fields = (d.id, d.version, d.saved_at.isoformat(), d.expires_at.isoformat())
        text = json.dumps(d.content)
        base.execute(
            "INSERT INTO drafts (id, version, saved_at, expires_at, digest, content) VALUES (?, ?, ?, ?, ?, ?)",
            (*fields, digest(*fields, text), text),
        )
    for r in reversed(RECORDS[:records]):
        row = (r.id, r.saved_at.isoformat(), r.program_version, r.evidence_hash, r.corrects)
        text = json.dumps(r.content)
        base.execute(
            "INSERT INTO records (id, saved_at, program_version, evidence_hash, corrects, digest, content)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*row, digest(*row, text), text),
        )
    if kept:
        sealed = hashlib.sha256(json.dumps(["cases", "stamp"]).encode() + KEPT).hexdigest()
        base.execute("INSERT INTO kept (name, stamp, digest, content) VALUES ('cases', 'stamp', ?, ?)", (sealed, KEPT))
    base.close()
    return home / FOLDER_NAME


def test_everything_is_taken_over_and_the_file_is_overwritten_and_gone(home: Path) -> None:
    path = make(home)
    leftover = home / f".{FILE_NAME}.{'a' * 16}.part"  # of a change of the passphrase that was killed
    leftover.write_bytes(SECRET.encode())
    looks = [file.open("rb") for file in (home / FILE_NAME, leftover)]
    assert not is_encrypted(path)
    assert everything(path) == (DRAFTS, RECORDS, KEPT)
    assert names(home) == [FOLDER_NAME]
    for look in looks:
        content = look.read()
        look.close()
        assert content == bytes(len(content)) != b""
    store = Store(path)
    assert store.load_draft(DRAFTS[0].id) == DRAFTS[0]  # under its old address
    later = store.save_record({"later": 1}, evidence_hash="3f2a", program_version="0.2.0")
    assert store.list_records() == (later, *RECORDS)


def test_a_file_from_before_kept_files(home: Path) -> None:
    assert everything(make(home, kept=False)) == (DRAFTS, RECORDS, None)


def test_it_is_added_to_what_is_there_and_goes_under_its_passphrase(home: Path) -> None:
    path = home / FOLDER_NAME
    draft = Store(path, FIRST).new_draft({"new": 1})
    make(home)
    refused(lambda: Store(path), Trouble.WRONG_PASSPHRASE)
    assert (home / FILE_NAME).exists()
    drafts, records, kept = everything(path, FIRST)
    assert sorted(d.id for d in drafts) == sorted([draft.id, *(d.id for d in DRAFTS)])
    assert (records, kept) == (RECORDS, KEPT)
    assert names(home) == [FOLDER_NAME]


def test_a_plain_file_is_not_opened_with_a_passphrase(home: Path) -> None:
    path = make(home)
    assert "is not encrypted" in refused(lambda: Store(path, FIRST), Trouble.WRONG_PASSPHRASE)
    assert everything(path) == (DRAFTS, RECORDS, KEPT)


def test_a_file_that_the_version_before_is_writing_in_is_left_for_later(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WAIT_SECONDS", 0.05)
    path = make(home)
    other = sqlite3.connect(home / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused(lambda: Store(path), Trouble.LOCKED)
    other.close()
    assert everything(path) == (DRAFTS, RECORDS, KEPT)


@posix
def test_killed_at_each_call_to_the_file_system(home: Path) -> None:
    found = []
    with forks(home / FOLDER_NAME) as killed_at:
        for number in itertools.count(1):
            path = make(home, records=1)
            killed = killed_at("open", number)
            found.append((home / FILE_NAME).exists())
            assert everything(path) == (DRAFTS, RECORDS[:1], KEPT)
            assert names(home) == [FOLDER_NAME]
            if not killed:
                break
            for file in path.iterdir():
                file.unlink()
    assert found == sorted(found, reverse=True)
    assert found.count(True) > 50
    assert found.count(False) >= 5


def test_a_damaged_file_is_told_and_set_aside_with_what_is_whole_taken_over(home: Path) -> None:
    path = make(home)
    file = home / FILE_NAME
    file.write_bytes(file.read_bytes().replace(b'"n": 7, "note": "numb', b'"n": 7, "note": "weak'))
    damaged = file.read_bytes()
    text = refused(lambda: Store(path), Trouble.DAMAGED)
    assert f"“{file}” is damaged" in text
    assert file.read_bytes() == damaged
    assert set_aside_damaged(path) == 1
    (aside,) = set_aside_files(path)
    assert aside.read_bytes() == damaged
    assert everything(path) == (DRAFTS, (*RECORDS[:7], *RECORDS[8:]), KEPT)


@pytest.mark.parametrize("content", [b"", b"no database " * 500, b"SQLite format 3\0" + bytes(8000)])
def test_what_is_no_such_file_is_set_aside(home: Path, content: bytes) -> None:
    (home / FILE_NAME).write_bytes(content)
    refused(lambda: Store(home / FOLDER_NAME), Trouble.DAMAGED)
    assert set_aside_damaged(home / FOLDER_NAME) == 1
    assert [file.read_bytes() for file in set_aside_files(home / FOLDER_NAME)] == [content]
    assert everything(home / FOLDER_NAME) == ((), (), None)


def test_the_database_of_another_program_is_left_alone(home: Path) -> None:
    other = sqlite3.connect(home / FILE_NAME)
    other.execute("CREATE TABLE drafts (x)")
    other.commit()
    other.close()
    before = (home / FILE_NAME).read_bytes()
    assert "was not made by this program" in refused(lambda: Store(home / FOLDER_NAME), Trouble.DAMAGED)
    assert (home / FILE_NAME).read_bytes() == before


@posix
def test_a_link_is_not_followed(home: Path) -> None:
    make(home)
    (home / FILE_NAME).rename(home / "elsewhere")
    (home / FILE_NAME).symlink_to(home / "elsewhere")
    assert "is a link to another place" in refused(lambda: Store(home / FOLDER_NAME), Trouble.OTHER)


def test_a_change_that_an_earlier_version_did_not_finish(home: Path) -> None:
    """Beside the new file may stand the log of the old one, which would be played into it."""
    path = make(home)
    old = home / f".{FILE_NAME}.{'a' * 16}.old"
    old.write_bytes(b"the one before")
    assert "Start that version once" in refused(lambda: Store(path), Trouble.OTHER)
    old.unlink()
    os.link(home / FILE_NAME, old)  # stopped before the new one had the name: both are the same
    assert everything(path) == (DRAFTS, RECORDS, KEPT)
    assert names(home) == [FOLDER_NAME]


# Encrypted


def test_an_encrypted_file_is_taken_over_under_its_passphrase(home: Path) -> None:
    path = make(home, FIRST)
    assert is_encrypted(path)
    assert "is encrypted and no passphrase was given" in refused(lambda: Store(path), Trouble.WRONG_PASSPHRASE)
    assert "does not open" in refused(lambda: Store(path, SECOND), Trouble.WRONG_PASSPHRASE)
    assert everything(path, FIRST) == (DRAFTS, RECORDS, KEPT)
    assert names(home) == [FOLDER_NAME]
    assert is_encrypted(path)
    refused(lambda: Store(path), Trouble.WRONG_PASSPHRASE)
    change_passphrase(path, FIRST, SECOND)
    assert everything(path, SECOND) == (DRAFTS, RECORDS, KEPT)


def test_without_the_package_an_encrypted_file_stays_and_the_text_says_what_to_install(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(home, FIRST)
    before = (home / FILE_NAME).read_bytes()
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "sqlcipher3", None)
        patch.setitem(sys.modules, "sqlcipher3.dbapi2", None)
        text = refused(lambda: Store(path, FIRST), Trouble.NO_ENCRYPTION)
        assert f"“{home / FILE_NAME}”" in text
        assert "still there, untouched" in text
        assert "pip install sqlcipher3-wheels" in text
        assert (home / FILE_NAME).read_bytes() == before
        # As the text says: moved elsewhere, work goes on; put back, both come together under the passphrase.
        (home / FILE_NAME).rename(home / "elsewhere")
        draft = Store(path).new_draft({"new": 1})
    (home / "elsewhere").rename(home / FILE_NAME)
    assert is_encrypted(path)
    drafts, records, _ = everything(path, FIRST)
    assert sorted(d.id for d in drafts) == sorted([draft.id, *(d.id for d in DRAFTS)])
    assert records == RECORDS
    refused(lambda: Store(path), Trouble.WRONG_PASSPHRASE)
