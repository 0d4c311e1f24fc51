"""Drafts and records as a reader uses them: saved, read back, in conflict, expired, corrected, exported, deleted."""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from saved_work import SECRET, STAMP, add, names, refused
from systems import posix

from decision_aid.storage import entries
from decision_aid.storage.entries import DEEPEST_NESTING, LARGEST_CONTENT_BYTES
from decision_aid.storage.errors import Detail, Doing
from decision_aid.storage.store import (
    DRAFT_LIFETIME,
    FOLDER_NAME,
    Draft,
    DraftConflict,
    Store,
    StoreError,
    Trouble,
    default_path,
)
from decision_aid.wording import storage_words

SLOWEST_SAVE_MS = 100  # a tenth of a second is when a reader starts to notice


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / FOLDER_NAME


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(path: Path, clock: Clock) -> Store:
    return Store(path, now=clock)


@pytest.fixture
def another(path: Path, clock: Clock) -> Callable[[], Store]:
    """Opens the same folder again, as another window, or the server after a restart, does."""
    return lambda: Store(path, now=clock)


def repr_short(value: object) -> str:
    return ascii(value)[:24]


def stored(path: Path) -> dict[str, bytes]:
    return {name: (path / name).read_bytes() for name in names(path)}


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


def test_content_that_is_already_there_is_not_written(
    store: Store, path: Path, another: Callable[[], Store], clock: Clock
) -> None:
    draft = store.new_draft({"a": 1, "b": True})
    before = stored(path)
    clock.moment += timedelta(days=1)
    assert store.save_draft(draft.id, {"a": 1, "b": True}, draft.version) == draft
    assert another().save_draft(draft.id, {"a": 1, "b": True}, 17) == draft  # the same answers are no conflict
    assert stored(path) == before
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
    told = storage_words.told(conflict.value)
    assert "Another window" in told
    assert "still on the screen" in told
    mine = second.save_draft(draft.id, {"leaning": "operate"}, None)
    assert mine.version == 3
    assert first.load_draft(draft.id) == mine
    with pytest.raises(DraftConflict):  # and now the first window is the one that is behind
        first.save_draft(draft.id, {"leaning": "wait, 6 weeks"}, kept.version)


def test_a_draft_deleted_in_another_window_does_not_come_back_without_a_word(store: Store) -> None:
    draft = store.new_draft({"a": 1})
    assert store.delete_draft(draft.id)
    assert not store.delete_draft(draft.id)
    for base in (1, None):
        text = refused(lambda base=base: store.save_draft(draft.id, {"a": 2}, base), Trouble.GONE)
        assert "Save it as a new draft; your work is still on the screen" in text
    assert store.list_drafts() == ()


def test_drafts_are_listed_with_the_last_saved_first(store: Store, clock: Clock) -> None:
    drafts = []
    for n in range(3):
        drafts.append(store.new_draft({"n": n}))
        clock.moment += timedelta(hours=1)
    oldest, middle, newest = drafts
    again = store.save_draft(oldest.id, {"n": 9}, oldest.version)
    assert store.list_drafts() == (again, newest, middle)


def test_a_draft_expires_after_thirty_days_and_says_when(store: Store, path: Path, clock: Clock) -> None:
    draft, other = store.new_draft({"a": SECRET}), store.new_draft({"b": 1})
    assert draft.expires_at == clock.moment + timedelta(days=30)
    clock.moment = draft.expires_at - timedelta(microseconds=1)
    assert store.load_draft(draft.id) == draft
    renewed = store.save_draft(other.id, {"b": 2}, other.version)
    assert store.expire_drafts() == 0
    clock.moment = draft.expires_at
    assert store.load_draft(draft.id) is None
    assert store.list_drafts() == (renewed,)
    assert "has expired" in refused(lambda: store.save_draft(draft.id, {"a": 1}, draft.version), Trouble.GONE)
    assert store.expire_drafts() == 1
    assert store.expire_drafts() == 0
    assert not [name for name in names(path) if draft.id in name]
    assert store.load_draft(other.id) == renewed


def test_a_clock_in_another_zone_tells_the_same_time(path: Path) -> None:
    local = datetime.fromisoformat("2026-11-22T11:30:00+02:00")
    opened = Store(path, now=lambda: local)
    assert opened.new_draft({}).saved_at.isoformat() == "2026-11-22T09:30:00+00:00"


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
        refused(lambda content=content: store.new_draft(content), Trouble.REFUSED)


def test_content_over_a_megabyte_is_refused_and_what_was_saved_stays(store: Store) -> None:
    room = LARGEST_CONTENT_BYTES - len(json.dumps({"note": ""}))
    draft = store.new_draft({"note": "x" * room})
    for content in ({"note": "x" * (room + 1)}, {"note": "脊" * 400_000}):
        for save in (
            lambda content=content: store.new_draft(content),
            lambda content=content: store.save_draft(draft.id, content, draft.version),
            lambda content=content: store.save_record(content, **STAMP),
        ):
            text = refused(save, Trouble.REFUSED)
            assert "too large to be kept here (more than 1 MB). Shorten the longest note" in text
    assert store.list_drafts() == (draft,)
    assert store.list_records() == ()


@pytest.mark.parametrize(
    "content",
    [{"x": math.nan}, {"x": -math.inf}, {"x": 10**5000}, {"x": {1, 2}}, {"x": b"y"}, {"x": datetime.now(UTC)}, {1: "x"}, {"x": {None: 1}}, ["x"], None, "x"],
    ids=["not a number", "infinity", "5,000 digits", "set", "bytes", "date", "number as name", "nothing as name", "list", "none", "text"],
)  # fmt: skip
def test_what_would_come_back_different_is_refused(store: Store, content: Any) -> None:
    text = refused(lambda: store.new_draft(content), Trouble.REFUSED)
    assert text.startswith("This cannot be saved")
    assert "still on the screen" in text
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
    text = refused(lambda: store.save_record({"level": "L3/4"}, **STAMP, corrects=first.id), Trouble.GONE)
    assert "Save it as a record of its own" in text


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
    assert "has been deleted" in refused(lambda: store.export_record(record.id), Trouble.GONE)


# Deleting


@posix
def test_the_bytes_of_what_is_deleted_or_replaced_are_overwritten(store: Store, path: Path) -> None:
    """A second look at the old file, as one who reads the disk would take it."""
    draft, record = store.new_draft({"note": SECRET}), store.save_record({"note": SECRET * 9_000}, **STAMP)
    store.keep_file("cases", SECRET.encode() * 40_000)
    for action in (
        lambda: store.save_draft(draft.id, {"note": "another"}, 1),
        lambda: store.keep_file("cases", b"another"),
        lambda: store.delete_draft(draft.id),
        lambda: store.delete_record(record.id),
        lambda: store.forget_file("cases"),
    ):
        looks = [(path / name).open("rb") for name in names(path) if name[:4] in ("draf", "reco", "kept")]
        before = [look.read() for look in looks]
        assert action()
        changed = 0
        for look, content in zip(looks, before, strict=True):
            look.seek(0)
            now = look.read()
            look.close()
            assert now in (content, bytes(len(content)))
            changed += now != content
        assert changed == 1
        assert not [name for name in names(path) if name.startswith(".")]
    assert names(path) == ["key", "key-copy", "lock"]


def test_a_deletion_takes_nothing_else_with_it(store: Store, another: Callable[[], Store]) -> None:
    records = [store.save_record({"n": n}, **STAMP) for n in range(5)]
    draft = store.new_draft({})
    assert store.delete_record(records[2].id)
    assert not store.delete_record(records[2].id)
    assert not store.delete_draft(records[3].id)
    late = store.save_record({"n": 9}, **STAMP)
    assert another().list_records() == (late, records[4], records[3], records[1], records[0])
    assert another().list_drafts() == (draft,)


# Kept files


def test_a_kept_file_comes_back_after_a_restart_byte_for_byte(store: Store, another: Callable[[], Store]) -> None:
    assert (store.kept_file("cases"), store.kept_stamp("cases")) == (None, None)
    content = b"PAR1\0\xff" + SECRET.encode() * 4_000
    stamp = store.keep_file("cases", content)
    store.keep_file("empty", b"")
    assert another().kept_file("cases") == content
    assert another().kept_file("empty") == b""
    assert another().kept_stamp("cases") == stamp
    assert store.keep_file("cases", content) != stamp  # kept anew, though the same
    assert store.forget_file("cases") is True
    assert store.forget_file("cases") is False
    assert (another().kept_file("cases"), another().kept_file("empty")) == (None, b"")


def test_a_file_that_is_too_large_is_refused_and_the_old_one_stays(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.keep_file("cases", b"small")
    monkeypatch.setattr(entries, "LARGEST_KEPT_BYTES", 1_000_000)
    assert "too large" in refused(lambda: store.keep_file("cases", bytes(1_000_001)), Trouble.REFUSED)
    assert store.kept_file("cases") == b"small"


# Files


@posix
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_files_are_for_their_owner_only(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        path = tmp_path / "new" / "deeper" / FOLDER_NAME
        opened = Store(path)
        opened.save_draft(opened.new_draft({}).id, {"a": 1}, 1)
    finally:
        os.umask(before)
    assert {file.stat().st_mode & 0o777 for file in path.iterdir()} == {0o600}
    assert [folder.stat().st_mode & 0o777 for folder in (path, path.parent, path.parent.parent)] == [0o700] * 3


@posix
def test_wider_permissions_are_tightened(store: Store, path: Path, another: Callable[[], Store]) -> None:
    store.new_draft({})
    for file in path.iterdir():
        file.chmod(0o666)
    path.chmod(0o777)
    path.parent.chmod(0o755)
    another()
    assert {file.stat().st_mode & 0o777 for file in path.iterdir()} == {0o600}
    assert path.stat().st_mode & 0o777 == 0o700
    assert path.parent.stat().st_mode & 0o777 == 0o755  # a folder that somebody chose is theirs


def test_the_folder_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DECISION_AID_HOME", str(tmp_path / "chosen #1 100% ?x=y é"))
    draft = Store().new_draft({"a": 1})
    assert default_path() == tmp_path / "chosen #1 100% ?x=y é" / FOLDER_NAME
    assert Store(default_path()).load_draft(draft.id) == draft
    monkeypatch.setenv("DECISION_AID_HOME", "")
    assert default_path().parent == Path(platformdirs.user_data_dir("spine-choice", appauthor=False))


@posix
@pytest.mark.parametrize("name", ["", "lock", "key", "key-copy", "draft", "kept-cases"])
@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_what_is_no_ordinary_file_is_refused_and_what_a_link_points_to_is_not_touched(
    store: Store, path: Path, tmp_path: Path, name: str, kind: str
) -> None:
    draft = store.new_draft({"a": 1})
    store.keep_file("cases", b"cases")
    place = path / (f"draft-{draft.id}" if name == "draft" else name)
    target = tmp_path / "target"
    place.rename(target)
    before = stored(target) if target.is_dir() else target.read_bytes()
    if kind == "link":
        place.symlink_to(target)
    elif kind == "pipe":
        os.mkfifo(place)
    elif name:
        place.mkdir()
    else:
        place.write_bytes(b"a file")
    for action in (lambda: (Store(path).load_draft(draft.id), Store(path).kept_file("cases")),):
        text = refused(action, Trouble.OTHER)
        assert f"“{place}” is a link to another place, or no ordinary file, so nothing could be opened" in text
    assert before == (stored(target) if target.is_dir() else target.read_bytes())


def test_other_files_in_the_folder_are_left_alone(store: Store, path: Path, another: Callable[[], Store]) -> None:
    others = {"notes.txt": b"mine", "draft-too-short": b"x", ".hidden": b"y", "record-000000001-" + "A" * 23: b"z"}
    for name, content in others.items():
        (path / name).write_bytes(content)
    record = store.save_record({}, **STAMP)
    assert another().list_records() == (record,)
    assert another().list_drafts() == ()
    assert {name: stored(path)[name] for name in others} == others


@pytest.mark.parametrize("name", ["key", "record"])
def test_what_a_newer_version_wrote_is_left_alone(store: Store, path: Path, name: str) -> None:
    record = store.save_record({}, **STAMP)
    for file in path.glob(f"{name}-*" if name == "record" else "key*"):
        file.write_bytes(file.read_bytes().replace(b"spine-choice 1 ", b"spine-choice 2 "))
    before = stored(path)
    text = refused(lambda: Store(path).load_record(record.id), Trouble.OTHER)
    assert "made by a newer version of this program" in text
    assert "Start the newer version" in text
    assert stored(path) == before


# Threads, time, silence


def test_threads_share_one_store(store: Store, another: Callable[[], Store]) -> None:
    """Eight sessions, half of them in a second server: records of their own, and one draft all write in."""
    shared, stores = store.new_draft({"entries": []}), (store, another())
    with ThreadPoolExecutor(8) as sessions:
        list(sessions.map(lambda n: add(stores[n % 2], shared.id, str(n), 4), range(8)))
    everything = [[str(n), step] for n in range(8) for step in range(4)]
    assert sorted(store.load_draft(shared.id).content["entries"]) == everything
    assert sorted(record.content["entry"] for record in store.list_records()) == everything


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
        said += ["".join(traceback.format_exception(error.value)), storage_words.told(error.value)]
    output = capfd.readouterr()
    assert not any(SECRET in text for text in (*said, output.out, output.err, caplog.text))


def test_every_fault_has_its_sentence() -> None:
    always_told_apart = {Trouble.REFUSED, Trouble.GONE}
    for trouble, detail in [(t, None) for t in set(Trouble) - always_told_apart] + [(Trouble.OTHER, d) for d in Detail]:
        for doing in Doing:
            error = StoreError(trouble, detail, path=Path("/a/{b}"), doing=doing, said="It is gone.")
            told = storage_words.told(error)
            assert told.endswith(".")
            assert "None" not in told
            assert "{" not in told.replace("/a/{b}", "")
            assert "on the screen" not in storage_words.told(error, on_screen=False)


def test_the_module_stands_without_the_page_framework() -> None:
    code = (
        "import sys, decision_aid.storage.store; loaded = {m.split('.')[0] for m in sys.modules};"
        "assert not loaded & {'streamlit', 'sqlcipher3', 'pandas'}, loaded"
    )
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
