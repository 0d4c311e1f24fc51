"""Drafts and records as a reader uses them: saved, read back, in conflict, expired, corrected, exported, deleted."""

from __future__ import annotations

import json
import math
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import platformdirs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decision_aid.storage import database, paths
from decision_aid.storage import store as module
from decision_aid.storage.store import (
    DEEPEST_NESTING,
    DRAFT_LIFETIME,
    FILE_NAME,
    LARGEST_CONTENT_BYTES,
    Draft,
    DraftConflict,
    Store,
    StoreError,
    Trouble,
    default_path,
)

STAMP = {"evidence_hash": "3f2a", "program_version": "0.1.0"}
SECRET = "numb-left-foot-since-Tuesday"
SLOWEST_SAVE_MS = 100  # a tenth of a second is when a reader starts to notice
posix = pytest.mark.skipif(os.name != "posix", reason="Permissions of this kind exist on POSIX systems only.")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / FILE_NAME


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(path: Path, clock: Clock) -> Iterator[Store]:
    opened = Store(path, now=clock)
    yield opened
    opened.close()


@pytest.fixture
def another(path: Path, clock: Clock) -> Iterator[Callable[[], Store]]:
    """Opens the same file again, as another window, or the server after a restart, does."""
    opened: list[Store] = []

    def open_again() -> Store:
        opened.append(Store(path, now=clock))
        return opened[-1]

    yield open_again
    for each in opened:
        each.close()


def repr_short(value: object) -> str:
    return ascii(value)[:24]


def files(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(path.parent.iterdir())}


def traces(path: Path, text: str) -> list[str]:
    return [name for name, content in files(path).items() if text.encode() in content]


# Drafts


def test_a_draft_comes_back_after_a_restart_exactly_as_it_was_saved(
    store: Store, another: Callable[[], Store], clock: Clock
) -> None:
    draft = store.new_draft({"condition": "stenosis", "answers": {"weakness": "no"}})
    clock.moment += timedelta(minutes=3)
    saved = store.save_draft(draft.id, {"condition": "stenosis", "answers": {"weakness": "yes"}}, draft.version)
    store.close()
    assert another().load_draft(draft.id) == saved
    assert saved == Draft(
        id=draft.id,
        version=2,
        content={"condition": "stenosis", "answers": {"weakness": "yes"}},
        saved_at=clock.moment,
        expires_at=clock.moment + DRAFT_LIFETIME,
    )
    assert saved.saved_at.tzinfo is UTC


def test_a_draft_is_found_by_nothing_but_its_random_id(store: Store) -> None:
    ids = {store.new_draft({}).id for _ in range(20)}
    assert len(ids) == 20
    assert all(len(each) == 22 for each in ids)


@pytest.mark.parametrize(
    "draft_id",
    [
        "",
        "x",
        "A" * 22,
        "' OR 1=1 --",
        "../../etc/passwd",
        "é" * 22,
        "\0" * 22,
        "A" * 22 + "\n",
        "A" * 10**6,
        "\ud83e" * 22,
        None,
        7,
    ],
    ids=repr_short,
)
def test_an_unknown_or_malformed_id_is_no_draft(store: Store, draft_id: Any) -> None:
    draft, record = store.new_draft({"a": 1}), store.save_record({"a": 1}, **STAMP)
    assert store.load_draft(draft_id) is None
    assert store.load_record(draft_id) is None
    assert not store.delete_draft(draft_id)
    assert not store.delete_record(draft_id)
    assert (store.list_drafts(), store.list_records()) == ((draft,), (record,))


def test_what_a_caller_does_to_its_content_later_does_not_reach_the_draft(store: Store) -> None:
    content: dict[str, Any] = {"notes": ["first"]}
    draft = store.new_draft(content)
    content["notes"].append("second")
    assert draft.content == {"notes": ["first"]}


def test_content_that_is_already_there_is_not_written(store: Store, another: Callable[[], Store], clock: Clock) -> None:
    draft = store.new_draft({"a": 1, "b": True})
    before = files(store._path)
    clock.moment += timedelta(days=1)
    assert store.save_draft(draft.id, {"a": 1, "b": True}, draft.version) == draft
    assert another().save_draft(draft.id, {"a": 1, "b": True}, 17) == draft  # the same answers are no conflict
    assert files(store._path) == before
    # Equal in Python, not the same answer.
    assert store.save_draft(draft.id, {"a": True, "b": True}, draft.version).version == 2


def test_the_later_of_two_windows_does_not_swallow_the_earlier(store: Store, another: Callable[[], Store]) -> None:
    draft = store.new_draft({"leaning": "none"})
    first, second = another(), another()
    kept = first.save_draft(draft.id, {"leaning": "wait"}, draft.version)
    with pytest.raises(DraftConflict) as conflict:
        second.save_draft(draft.id, {"leaning": "operate"}, draft.version)
    assert conflict.value.theirs == kept == store.load_draft(draft.id)
    assert conflict.value.trouble is Trouble.CONFLICT
    assert "Another window" in str(conflict.value)
    assert "still on the screen" in str(conflict.value)
    mine = second.overwrite_draft(draft.id, {"leaning": "operate"})
    assert mine.version == 3
    assert first.load_draft(draft.id) == mine
    with pytest.raises(DraftConflict):  # and now the first window is the one that is behind
        first.save_draft(draft.id, {"leaning": "wait, 6 weeks"}, kept.version)


def test_a_draft_deleted_in_another_window_does_not_come_back_without_a_word(store: Store) -> None:
    draft = store.new_draft({"a": 1})
    assert store.delete_draft(draft.id)
    assert not store.delete_draft(draft.id)
    for save in (lambda: store.save_draft(draft.id, {"a": 2}, 1), lambda: store.overwrite_draft(draft.id, {"a": 2})):
        with pytest.raises(StoreError, match="Save it as a new draft; your work is still on the screen") as error:
            save()
        assert error.value.trouble is Trouble.GONE
    assert store.list_drafts() == ()


def test_drafts_are_listed_with_the_last_saved_first(store: Store, clock: Clock) -> None:
    oldest, middle, newest = (store.new_draft({"n": n}) for n in range(3))
    clock.moment += timedelta(hours=1)
    again = store.save_draft(oldest.id, {"n": 9}, oldest.version)
    assert store.list_drafts() == (again, newest, middle)


def test_a_draft_expires_after_thirty_days_and_says_when(store: Store, clock: Clock) -> None:
    draft, other = store.new_draft({"a": SECRET}), store.new_draft({"b": 1})
    assert draft.expires_at == clock.moment + timedelta(days=30)
    clock.moment = draft.expires_at - timedelta(microseconds=1)
    assert store.load_draft(draft.id) == draft
    renewed = store.save_draft(other.id, {"b": 2}, other.version)
    assert store.expire_drafts() == 0
    clock.moment = draft.expires_at
    assert store.load_draft(draft.id) is None
    assert store.list_drafts() == (renewed,)
    with pytest.raises(StoreError, match="has expired"):
        store.save_draft(draft.id, {"a": 1}, draft.version)
    assert store.expire_drafts() == 1
    assert store.expire_drafts() == 0
    assert traces(store._path, SECRET) == []
    assert store.load_draft(other.id) == renewed


def test_a_clock_in_another_zone_tells_the_same_time(path: Path) -> None:
    local = datetime.fromisoformat("2026-11-22T11:30:00+02:00")
    opened = Store(path, now=lambda: local)
    assert opened.new_draft({}).saved_at.isoformat() == "2026-11-22T09:30:00+00:00"
    opened.close()


# Content

HOSTILE: dict[str, dict[str, Any]] = {
    "empty": {},
    "emoji": {"note": "👩‍⚕️🦴 …", "🦴": "key"},
    "right to left": {"note": "ألم في الظهر \u202e reversed \u2066isolated"},
    "null bytes": {"note": "before\0after", "\0": "\0\0"},
    "control characters": {"note": "".join(map(chr, range(32))) + "\x7f\x85\u2028\u2029\ufeff"},
    "half an emoji": {"note": "\ud83e broken paste \udd15"},
    "quotes": {"note": """'; DROP TABLE drafts; -- " \\ %s ? :x"""},
    "markup": {"note": "<script>alert(1)</script> &amp; {{x}}"},
    "10,000 characters": {"note": "脊" * 10_000},
    "numbers": {"big": 2**80, "small": 5e-324, "minus zero": -0.0, "third": 1 / 3, "none": None, "truth": True},
    "nested": {"a": [{"b": [[], {}, [None, {"c": "d"}]]}] * 3},
    "same after folding": {"é": 1, "e\u0301": 2, "": 3},
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_whatever_is_typed_comes_back_unchanged(
    store: Store, another: Callable[[], Store], content: dict[str, Any]
) -> None:
    draft, record = store.new_draft(content), store.save_record(content, **STAMP)
    fresh = another()
    for read in (draft, fresh.load_draft(draft.id), record, fresh.load_record(record.id)):
        assert read is not None
        assert json.dumps(read.content) == json.dumps(content)
    exported = store.export_record(record.id)
    assert json.loads(exported.encode())["content"] == content


def test_nesting_is_kept_to_the_limit_and_refused_beyond(store: Store) -> None:
    def nested(depth: int) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for _ in range(depth):
            content = {"in": content}
        return content

    draft = store.new_draft(nested(DEEPEST_NESTING))
    assert store.load_draft(draft.id) == draft
    endless: dict[str, Any] = {}
    endless["self"] = endless
    for content in (nested(DEEPEST_NESTING + 1), nested(100_000), endless):
        with pytest.raises(StoreError, match="nested more than 100 deep"):
            store.new_draft(content)


def test_content_over_a_megabyte_is_refused_and_what_was_saved_stays(store: Store) -> None:
    room = LARGEST_CONTENT_BYTES - len(json.dumps({"note": ""}))
    draft = store.new_draft({"note": "x" * room})
    for content in ({"note": "x" * (room + 1)}, {"note": "脊" * 400_000}):
        for save in (
            lambda content=content: store.new_draft(content),
            lambda content=content: store.save_draft(draft.id, content, draft.version),
            lambda content=content: store.overwrite_draft(draft.id, content),
            lambda content=content: store.save_record(content, **STAMP),
        ):
            with pytest.raises(StoreError, match="larger than 1 MB; shorten the longest note") as error:
                save()
            assert error.value.trouble is Trouble.REFUSED
    assert store.list_drafts() == (draft,)
    assert store.list_records() == ()


@pytest.mark.parametrize(
    "content",
    [{"x": math.nan}, {"x": -math.inf}, {"x": 10**5000}, {"x": {1, 2}}, {"x": b"y"}, {"x": datetime.now(UTC)}, {1: "x"}, {"x": {None: 1}}, ["x"], None, "x"],
    ids=["not a number", "infinity", "5,000 digits", "set", "bytes", "date", "number as name", "nothing as name", "list", "none", "text"],
)  # fmt: skip
def test_what_would_come_back_different_is_refused(store: Store, content: Any) -> None:
    with pytest.raises(StoreError, match=r"This cannot be saved: .* still on the screen") as error:
        store.new_draft(content)
    assert error.value.trouble is Trouble.REFUSED
    assert store.list_drafts() == ()


texts = st.text(st.characters(exclude_categories=()), max_size=40)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(content=st.dictionaries(texts, values, max_size=5))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_answers_survive_saving_and_reading(store: Store, content: dict[str, Any]) -> None:
    draft = store.new_draft(content)
    assert json.dumps(draft.content) == json.dumps(content)
    assert store.load_draft(draft.id) == draft


# Records


def test_a_record_holds_the_time_the_version_the_evidence_and_the_answers(
    store: Store, another: Callable[[], Store], clock: Clock
) -> None:
    record = store.save_record({"leaning": "wait"}, evidence_hash="3f2a", program_version="0.1.0")
    assert (record.saved_at, record.evidence_hash, record.program_version) == (clock.moment, "3f2a", "0.1.0")
    assert (record.content, record.corrects) == ({"leaning": "wait"}, None)
    assert another().load_record(record.id) == record
    assert store.load_record("no such record") is None


def test_a_correction_is_a_new_record_that_names_the_old_one(store: Store, clock: Clock) -> None:
    first = store.save_record({"level": "L4/5"}, **STAMP)
    clock.moment -= timedelta(hours=1)  # the order is the order of saving, also when the clock was put back
    second = store.save_record({"level": "L5/S1"}, **STAMP, corrects=first.id)
    assert store.list_records() == (second, first)
    assert store.load_record(first.id) == first
    assert second.corrects == first.id
    store.delete_record(first.id)
    assert store.list_records() == (second,)
    with pytest.raises(StoreError, match="Save it as a record of its own") as error:
        store.save_record({"level": "L3/4"}, **STAMP, corrects=first.id)
    assert error.value.trouble is Trouble.GONE


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records SET content = '{}'",
        "UPDATE records SET saved_at = '2020-01-01T00:00:00+00:00' WHERE seq = 1",
        "INSERT OR REPLACE INTO records SELECT * FROM records",
        "REPLACE INTO records (id, saved_at, program_version, evidence_hash, digest, content) SELECT id, '', '', '', '', '{}' FROM records",
        "INSERT INTO records (seq, id, saved_at, program_version, evidence_hash, digest, content) VALUES (1, 'x', '', '', '', '', '{}')"
        " ON CONFLICT DO UPDATE SET content = '{}'",
    ],
)
def test_the_database_itself_refuses_to_change_a_record(store: Store, path: Path, statement: str) -> None:
    record = store.save_record({"a": 1}, **STAMP)
    other = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(statement)
    other.close()
    assert store.list_records() == (record,)


def test_the_tables_are_strict(store: Store, path: Path) -> None:
    store.new_draft({})
    other = sqlite3.connect(path)
    strict = dict(
        other.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'")
    )
    assert strict == {"drafts": 1, "records": 1, "wipe_due": 1, "kept": 1}
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value"):
        other.execute("UPDATE drafts SET version = 'two'")
    other.close()


def test_an_exported_record_is_json_that_a_person_can_read(store: Store) -> None:
    record = store.save_record({"note": "Schmerz im Gesäß"}, **STAMP)
    text = store.export_record(record.id)
    assert "Schmerz im Gesäß" in text
    assert json.loads(text) == {
        "id": record.id,
        "saved_at": record.saved_at.isoformat(),
        "program_version": "0.1.0",
        "evidence_hash": "3f2a",
        "content": {"note": "Schmerz im Gesäß"},
        "corrects": None,
    }
    store.delete_record(record.id)
    with pytest.raises(StoreError, match="has been deleted"):
        store.export_record(record.id)


# Deleting


@pytest.mark.parametrize("size", [10, 3_000, 60_000, 400_000])
def test_no_byte_of_a_deleted_entry_stays_in_any_file(store: Store, path: Path, size: int) -> None:
    """Entries of all sizes between others, changed before they are deleted, with the store still open."""

    def content(name: str) -> dict[str, Any]:
        return {"note": f"{name}-{SECRET} " * (size // 40 + 1)}

    kept = [store.save_record(content(f"kept{n}"), **STAMP) for n in range(4)]
    drafts = [store.new_draft(content(f"draft{n}")) for n in range(4)]
    for n, draft in enumerate(drafts):
        drafts[n] = store.save_draft(draft.id, content(f"changed{n}") | {"more": "x" * 500}, draft.version)
    gone = [store.save_record(content(f"gone{n}"), **STAMP) for n in range(4)]
    kept += [store.save_record(content(f"late{n}"), **STAMP) for n in range(4)]
    for n, record in enumerate(gone):
        assert traces(path, f"gone{n}-")
        assert store.delete_record(record.id)
        assert not store.delete_record(record.id)
        assert traces(path, f"gone{n}-") == []
        assert traces(path, record.id) == []
    for draft in drafts:
        assert store.delete_draft(draft.id)
        assert traces(path, draft.id) == []
    assert traces(path, "draft") == [path.name]  # the name of the table
    assert traces(path, "changed") == [path.name]  # the name of a trigger
    for n in range(4):
        assert traces(path, f"draft{n}-") == traces(path, f"changed{n}-") == []
    assert store.list_records() == tuple(reversed(kept))


def test_no_copy_stays_behind_where_rows_moved_between_pages(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sequence of drafts that grow and shrink after which clearing the deleted row alone leaves a copy of it."""
    dice = random.Random(9)
    monkeypatch.setattr(module.secrets, "token_urlsafe", lambda _: "".join(dice.choices(ascii_lowercase, k=22)))

    def content(name: str) -> dict[str, Any]:
        return {"n": name + "q" * dice.choice([0, 1000])}

    drafts = [(f"tok{number}-", store.new_draft(content(f"tok{number}-")).id) for number in range(20)]
    dice.shuffle(drafts)
    for _ in range(10):
        name, draft_id = drafts.pop()
        store.delete_draft(draft_id)
        assert traces(path, name) == traces(path, draft_id) == []
        for other, other_id in dice.sample(drafts, 3):
            store.overwrite_draft(other_id, content(other))


def test_a_deletion_that_could_not_be_finished_is_finished_at_the_next_start(
    store: Store, path: Path, another: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "WAIT_SECONDS", 0.05)
    store.close()
    record = store.save_record({"note": SECRET}, **STAMP)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM records").fetchall()  # keeps the old state of the file alive
    with pytest.raises(StoreError, match="off the list, but traces of it stay in the file") as error:
        store.delete_record(record.id)
    assert error.value.trouble is Trouble.LOCKED
    assert store.list_records() == ()
    reader.close()
    store.close()
    another()
    assert traces(path, SECRET) == []


# Files


@posix
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_files_are_for_their_owner_only(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        path = tmp_path / "new" / "deeper" / FILE_NAME
        opened = Store(path)
        opened.new_draft({})
    finally:
        os.umask(before)
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert modes == {FILE_NAME: 0o600, f"{FILE_NAME}-wal": 0o600, f"{FILE_NAME}-shm": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700
    opened.close()
    assert sorted(os.listdir(path.parent)) == [FILE_NAME]


@posix
def test_wider_permissions_are_tightened(store: Store, path: Path, another: Callable[[], Store]) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).chmod(0o666)
    path.parent.chmod(0o755)
    another()
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o755  # a folder that somebody else made is theirs


@posix
def test_the_folder_of_the_program_itself_is_tightened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DECISION_AID_HOME", raising=False)
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda name, appauthor: str(tmp_path / name))
    (tmp_path / "spine-choice").mkdir(mode=0o755)
    Store().close()
    assert default_path() == tmp_path / "spine-choice" / FILE_NAME
    assert default_path().is_file()
    assert (tmp_path / "spine-choice").stat().st_mode & 0o777 == 0o700


def test_the_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DECISION_AID_HOME", str(tmp_path / "chosen #1 100% ?x=y é"))
    opened = Store()
    draft = opened.new_draft({"a": 1})
    opened.close()
    assert default_path() == tmp_path / "chosen #1 100% ?x=y é" / FILE_NAME
    again = Store(default_path())
    assert again.load_draft(draft.id) == draft
    again.close()
    monkeypatch.setenv("DECISION_AID_HOME", "")
    assert default_path().parent == Path(platformdirs.user_data_dir("spine-choice", appauthor=False))


@posix
@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_a_link_is_refused_and_what_it_points_to_is_not_touched(tmp_path: Path, suffix: str) -> None:
    target = tmp_path / "target"
    Store(target).close()
    before = target.read_bytes()
    path = tmp_path / FILE_NAME
    path.with_name(path.name + suffix).symlink_to(target)
    with pytest.raises(StoreError, match="a link to another place, so nothing could be opened"):
        Store(path)
    assert target.read_bytes() == before


@posix
@pytest.mark.parametrize("make", ["mkdir", "mkfifo"])
def test_what_is_not_an_ordinary_file_is_refused(tmp_path: Path, make: str) -> None:
    getattr(os, make)(tmp_path / FILE_NAME)
    with pytest.raises(StoreError, match="not an ordinary file"):
        Store(tmp_path / FILE_NAME)


def test_a_write_ahead_log_synchronised_in_full(store: Store) -> None:
    def pragma(name: str) -> Any:
        return store._connection.execute(f"PRAGMA {name}").fetchone()[0]

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2
    assert pragma("secure_delete") == 1
    assert pragma("busy_timeout") == 3000


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE drafts (x)")
    other.commit()
    other.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="was not made by this program"):
        Store(path)
    assert path.read_bytes() == before


# Versions of the schema


def test_an_older_file_is_brought_up_to_date_and_keeps_what_is_in_it(
    store: Store, another: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, record = store.new_draft({"a": 1}), store.save_record({"b": 2}, **STAMP)
    monkeypatch.setattr(database, "_MIGRATIONS", (*database._MIGRATIONS, ("CREATE TABLE later (x INTEGER) STRICT",)))
    newer = another()
    assert newer.load_draft(draft.id) == draft
    assert newer.list_records() == (record,)
    assert newer._connection.execute("PRAGMA user_version").fetchone() == (len(database._MIGRATIONS),)
    assert newer._connection.execute("SELECT count(*) FROM later").fetchone() == (0,)


def test_a_migration_that_fails_changes_nothing(
    store: Store, another: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = store.new_draft({"a": 1})
    with monkeypatch.context() as patch:
        patch.setattr(
            database,
            "_MIGRATIONS",
            (*database._MIGRATIONS, ("DROP TABLE drafts", "CREATE TABLE records (x)")),
        )
        with pytest.raises(StoreError):
            another()
    assert another().load_draft(draft.id) == draft


def test_the_file_of_a_newer_version_is_left_alone(
    store: Store, another: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_MIGRATIONS", ())
    with pytest.raises(StoreError, match=r"made by a newer version of this program.* Start the newer version") as error:
        another()
    assert error.value.trouble is Trouble.OTHER


# Threads, time, silence


def test_threads_share_one_store(store: Store, another: Callable[[], Store]) -> None:
    """Eight sessions, half of them in a second server: drafts and records of their own, and one draft all write in."""
    shared = store.new_draft({"entries": []})
    faults: list[BaseException] = []
    other = another()

    def session(number: int) -> None:
        mine = store if number % 2 else other
        try:
            draft = mine.new_draft({"session": number, "step": -1})
            for step in range(4):
                draft = mine.save_draft(draft.id, {"session": number, "step": step}, draft.version)
                mine.save_record({"entry": [number, step]}, **STAMP)
                current, saved = mine.load_draft(shared.id), None
                while saved is None:
                    entries = [*current.content["entries"], [number, step]]
                    try:
                        saved = mine.save_draft(shared.id, {"entries": entries}, current.version)
                    except DraftConflict as conflict:
                        current = conflict.theirs
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=session, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    everything = [[number, step] for number in range(8) for step in range(4)]
    assert sorted(store.load_draft(shared.id).content["entries"]) == everything
    assert sorted(record.content["entry"] for record in store.list_records()) == everything
    drafts = [draft.content for draft in store.list_drafts() if draft.id != shared.id]
    assert sorted(content["session"] for content in drafts) == list(range(8))
    assert {content["step"] for content in drafts} == {3}


def test_a_save_is_too_quick_to_notice(store: Store) -> None:
    draft, times = store.new_draft({}), []
    for number in range(50):
        content = {"answers": {f"q{n}": "not known" for n in range(60)}, "notes": "x" * 3000, "number": number}
        start = time.perf_counter()
        draft = store.save_draft(draft.id, content, draft.version)
        times.append((time.perf_counter() - start) * 1000)
    print(f"a save: median {statistics.median(times):.2f} ms, slowest of 50 {max(times):.2f} ms")
    assert statistics.median(times) < SLOWEST_SAVE_MS


def test_content_is_in_no_message_traceback_or_log(
    store: Store, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    draft = store.new_draft({"note": "first"})
    store.save_draft(draft.id, {"note": SECRET}, draft.version)
    said = [repr(store.load_draft(draft.id)), repr(store.save_record({"note": SECRET}, **STAMP))]
    for content in (
        {"note": SECRET + "!"},
        {"note": SECRET, "x": math.nan},
        {"note": SECRET * 50_000},
        {1: SECRET},
        {"note": {SECRET}},
    ):
        with pytest.raises(StoreError) as error:
            store.save_draft(draft.id, content, draft.version)
        said.append("".join(traceback.format_exception(error.value)))
    output = capfd.readouterr()
    assert not any(SECRET in text for text in (*said, output.out, output.err, caplog.text))


def test_the_module_stands_without_the_page_framework_and_loads_no_encryption() -> None:
    code = (
        "import sys, decision_aid.storage.store; loaded = {m.split('.')[0] for m in sys.modules};"
        "assert not loaded & {'streamlit', 'sqlcipher3', 'pandas', 'logging'}, loaded"
    )
    root = Path(module.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
