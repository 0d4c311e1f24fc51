"""Means for the tests of saved work, and what these tests let a process of its own do.

Run as a program it calls one of the functions under "In a child", which may be killed, or mount file systems of its own.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from decision_aid.storage import sealing
from decision_aid.storage.store import (
    FOLDER_NAME,
    Draft,
    DraftConflict,
    Record,
    Store,
    StoreError,
    Trouble,
    change_passphrase,
)

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "PYTHONDONTWRITEBYTECODE": "1"}
STAMP = {"evidence_hash": "3f2a", "program_version": "0.1.0"}
SECRET = "numb-left-foot-since-Tuesday"
FIRST, SECOND = "a long walk's end – é", "another 'walk'; --"
# What the program asks of the file system to save something.
CALLS = ("open", "link", "rename", "replace", "unlink", "fsync")
# What may be refused or killed on the way: the passphrase before and after.
ACTIONS = {
    "save": (None, None),
    "delete": (None, None),
    "on": (None, FIRST),
    "off": (FIRST, None),
    "other": (FIRST, SECOND),
}
Saved = tuple[tuple[Draft, ...], tuple[Record, ...], bytes | None]


def contents(store: Store) -> Saved:
    return store.list_drafts(), store.list_records(), store.kept_file("cases")


def everything(path: Path, passphrase: str | None = None) -> Saved:
    """All that a server started now finds."""
    return contents(Store(path, passphrase))


def fill(store: Store, count: int = 4, size: int = 2_000) -> Saved:
    """Drafts, records and a kept file of various sizes, changed, corrected and deleted."""
    for number in range(count):
        note = f"{SECRET} {number} " * (size // 40)
        record = store.save_record({"number": number, "note": note}, **STAMP)
        draft = store.new_draft({"number": number})
        store.save_draft(draft.id, {"number": number, "note": note[: size // 2]}, 1)
        if number % 3 == 0:
            store.save_record({"number": number, "note": "corrected"}, **STAMP, corrects=record.id)
            store.delete_draft(store.new_draft({"note": SECRET}).id)
            store.keep_file("cases", f"{SECRET} of case {number}; ".encode() * (size // 40))
    return contents(store)


def filled(path: Path, passphrase: str | None = None, count: int = 4) -> Saved:
    return fill(Store(path, passphrase), count)


def names(path: Path) -> list[str]:
    return sorted(os.listdir(path))


def refused(action: Callable[[], object], trouble: Trouble) -> str:
    """The sentence of the refusal, which must read like one."""
    from decision_aid.wording import storage_words  # most children need none of the words, and start sooner

    error = error_of(action)
    assert error is not None, "it was not refused"
    assert error.trouble is trouble, error
    text = storage_words.told(error)
    assert text[0].isupper() or text[0] == "“"
    assert text.endswith(".")
    for word in ("rror", "None", "walk"):  # nor a word of a passphrase
        assert word not in text
    return text


def error_of(action: Callable[[], object]) -> StoreError | None:
    try:
        action()
    except StoreError as error:
        return error
    return None


def trouble_of(action: Callable[[], object]) -> Trouble | None:
    error = error_of(action)
    return error.trouble if error else None


def the_passphrase(path: Path, *known: str | None) -> str | None:
    """The one of these that opens the saved work."""
    for passphrase in known:
        if trouble_of(lambda passphrase=passphrase: Store(path, passphrase)) is None:
            return passphrase
    raise AssertionError(f"none of {known} opens it")


def act(path: Path, what: str, draft_id: str) -> None:
    old, new = ACTIONS[what]
    if what == "save":
        Store(path).save_draft(draft_id, {"note": "new"}, None)
    elif what == "delete":
        Store(path).delete_draft(draft_id)
    else:
        change_passphrase(path, old, new)


def was_done(path: Path, what: str, draft: Draft, saved: Saved) -> bool:
    """Whether an action was done, whole; if not, everything is as it was, and either way nothing is left over.

    A passphrase that was changed is changed back.
    """
    old, new = ACTIONS[what]
    if old != new:
        now = the_passphrase(path, new, old)
        assert everything(path, now) == saved
        assert (path / "key").read_bytes() == (path / "key-copy").read_bytes()
        done = now == new
        if done:
            change_passphrase(path, new, old)
    else:
        found = Store(path).load_draft(draft.id)
        done = found is None if what == "delete" else found is not None and found.content == {"note": "new"}
        assert done or found == draft
    assert not [name for name in names(path) if name.startswith(".")]
    return done


def at_call(number: int, action: Callable[[], None], patch: Callable[[Any, str, Any], None]) -> Callable[[], int]:
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

    for name in CALLS:
        patch(os, name, counting(getattr(os, name)))
    return lambda: count


def child(function: Callable[..., None], *arguments: object, before: list[str] | None = None) -> list[str]:
    return [*(before or []), sys.executable, "-W", "error", __file__, function.__name__, *map(str, arguments)]


def run(function: Callable[..., None], *arguments: object, before: list[str] | None = None) -> None:
    command = child(function, *arguments, before=before)
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert done.returncode == 0, done.stderr


def started(function: Callable[..., None], *arguments: object) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(child(function, *arguments), stdin=pipe, stdout=pipe, text=True, env=ENVIRONMENT)


@contextmanager
def forks(path: Path) -> Iterator[Callable[..., bool]]:
    """A way to have something done by a forked child that kills itself at a call to the file system; whether it did."""
    server = started(fork_and_kill, path)

    def ask(what: str, number: int, draft_id: str = "") -> bool:
        print(what, number, draft_id, sep="\t", file=server.stdin, flush=True)
        answer = server.stdout.readline().strip()
        assert answer in ("killed", "ended")
        return answer == "killed"

    with server:
        yield ask
        server.stdin.close()
    assert server.returncode == 0


def expected(kind: str, number: int) -> dict[str, Any]:
    return {"kind": kind, "number": number, "note": f"{kind} {number} " * (number * 37 % 900)}


def add(store: Store, draft_id: str, name: str, times: int) -> None:
    """Saves records, and adds to a draft, when there is one, that others add to as well."""
    for number in range(times):
        store.save_record({"entry": [name, number]}, **STAMP)
        saved = None if draft_id else ()
        current = store.load_draft(draft_id)
        while saved is None:
            try:
                entries = [*current.content["entries"], [name, number]]
                saved = store.save_draft(draft_id, {"entries": entries}, current.version)
            except DraftConflict as conflict:
                current = conflict.theirs


def check_confirmed(path: Path, lines: list[str], passphrase: str | None = None) -> None:
    """That everything a child printed is there, and what it deleted is not."""
    drafts, records, _ = everything(path, passphrase)
    found = {entry.id: entry for entry in (*drafts, *records)}
    deleted = {line.split()[1] for line in lines if line.startswith("deleted")}
    order = [line.split()[1] for line in lines if line.startswith("record")]
    for kind, entry_id, *number in map(str.split, lines):
        if kind == "draft":
            assert found[entry_id].version >= int(number[0])
            assert found[entry_id].content == expected("draft", found[entry_id].version)
        elif kind == "record" and entry_id in found:
            assert found[entry_id].content == expected("record", int(number[0]))
        elif kind == "record" and entry_id not in deleted:
            # A deletion that was under way is allowed to have happened; only the oldest record is ever deleted.
            assert order.index(entry_id) < min(order.index(each) for each in found if each in order)
    assert not deleted & found.keys()


# In a child


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
        if dice.random() < 0.1 and records:
            gone = records.pop(0)
            store.delete_record(gone)
            print(f"deleted {gone}", flush=True)


def add_entries(path: Path, draft_id: str, name: str, times: str) -> None:
    """Waits for a word, then adds to a draft that others add to as well, and saves records."""
    sys.stdin.readline()
    add(Store(path), draft_id, name, int(times))


def save_while_it_changes(path: Path) -> None:
    """Saves until it is killed, opening again with the other passphrase when it must; prints what was confirmed."""
    passphrase, store, turn = None, Store(path), 0
    for number in itertools.count():
        try:
            record = store.save_record(expected("record", number % 40), **STAMP)
            print(f"record {record.id} {number % 40} {turn}", flush=True)
        except StoreError as error:
            if error.trouble is Trouble.WRONG_PASSPHRASE:
                passphrase, turn = (FIRST if passphrase is None else None), turn + 1
                with suppress(StoreError):
                    store = Store(path, passphrase)
            elif error.trouble is not Trouble.LOCKED:
                raise


def fork_and_kill(path: Path) -> None:
    """Forks a child for each line it reads, which does what the line says until it kills itself, or ends."""
    for line in sys.stdin:
        what, number, draft_id = line.rstrip("\n").split("\t")
        pid = os.fork()
        if pid == 0:
            at_call(int(number), lambda: os.kill(os.getpid(), signal.SIGKILL), setattr)
            if what in ACTIONS:
                act(path, what, draft_id)
            else:
                Store(path)
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        assert os.WIFSIGNALED(status) or status == 0, status
        print("killed" if os.WIFSIGNALED(status) else "ended", flush=True)


def fill_the_disk(folder: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=True)
    path, filler = folder / "home" / FOLDER_NAME, folder / "filler"
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
            with suppress(OSError):
                while rest.write(bytes(size)):
                    pass
    refused(lambda: store.save_record({"note": "z" * 500_000}, **STAMP), Trouble.DISK_FULL)
    refused(lambda: store.new_draft({"note": "z"}), Trouble.DISK_FULL)
    text = refused(lambda: change_passphrase(path, None, FIRST), Trouble.DISK_FULL)
    assert "so nothing was changed" in text
    assert everything(path) == ((draft,), tuple(records), None)
    refused(lambda: Store(folder / "third" / FOLDER_NAME), Trouble.DISK_FULL)
    assert not [name for name in names(path) if name.startswith(".")]
    assert store.delete_record(records.pop().id)  # makes room by itself
    filler.unlink()
    (folder / "rest").unlink()
    draft = store.save_draft(draft.id, {"step": -1}, draft.version)
    change_passphrase(path, None, FIRST)
    assert everything(path, FIRST) == ((draft,), tuple(records), None)


def reach_the_size_limit(path: Path) -> None:
    import resource

    store = Store(path)
    draft = store.new_draft({"note": "kept"})
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    text = refused(lambda: store.save_draft(draft.id, {"note": "x" * 300_000}, 1), Trouble.OTHER)
    assert "could not be reached (File too large), so nothing could be saved. Try again" in text
    assert store.load_draft(draft.id) == draft
    saved = store.save_draft(draft.id, {"note": "small"}, draft.version)
    assert everything(path) == ((saved,), (), None)


def write_protect(folder: Path) -> None:
    path = folder / "home" / FOLDER_NAME
    saved = filled(path)
    store = Store(path)
    place = str(path.parent)
    subprocess.run(["mount", "--bind", place, place], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", place], check=True)
    for action in (
        lambda: Store(path),
        lambda: Store(path.with_name("another")),
        lambda: store.new_draft({}),
        lambda: change_passphrase(path, None, FIRST),
    ):
        text = refused(action, Trouble.READ_ONLY)
        assert "may not write to" in text
        assert "Allow it to, or set DECISION_AID_HOME to another folder" in text
    subprocess.run(["umount", place], check=True)
    assert everything(path) == saved


def cut_the_power(folder: Path) -> None:
    """After each confirmed save, and at each call of a change of the passphrase, the disk is copied as it is."""
    image, disk, after = folder / "disk.img", folder / "disk", folder / "after"
    with image.open("wb") as file:
        file.truncate(12 * 1024 * 1024)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0", str(image)], check=True)
    disk.mkdir()
    after.mkdir()
    subprocess.run(["mount", "-o", "loop", str(image), str(disk)], check=True)
    path, dice = disk / "home" / FOLDER_NAME, random.Random(3)
    store, copies = Store(path), []
    real = {name: getattr(os, name) for name in CALLS}

    def photograph() -> None:
        for name, call in real.items():
            setattr(os, name, call)
        copies.append(folder / f"{len(copies)}.img")
        subprocess.run(["cp", "--sparse=always", str(image), str(copies[-1])], check=True)

    def found_after(known: tuple[str | None, ...]) -> tuple[str | None, Saved]:
        photograph()
        subprocess.run(["mount", "-o", "loop", str(copies[-1]), str(after)], check=True)
        passphrase = the_passphrase(after / "home" / FOLDER_NAME, *known)
        saved = everything(after / "home" / FOLDER_NAME, passphrase)
        subprocess.run(["umount", str(after)], check=True)
        return passphrase, saved

    draft = store.new_draft({"step": -1})
    for step in range(8):
        draft = store.save_draft(draft.id, {"step": step, "note": "x" * dice.randrange(20_000)}, draft.version)
        store.save_record({"step": step, "note": "y" * dice.randrange(20_000)}, **STAMP)
        assert found_after((None,)) == (None, contents(store))
    saved, found = contents(store), []

    def look() -> None:
        passphrase, there = found_after((FIRST, None))
        assert there == saved
        found.append(passphrase)
        at_call(1, look, setattr)

    at_call(1, look, setattr)
    change_passphrase(path, None, FIRST)
    photograph()
    subprocess.run(["umount", str(disk)], check=True)
    assert found.count(None) >= 3
    assert found.count(FIRST) >= 3


if __name__ == "__main__":
    sealing.SCRYPT_COST = 4
    function, first, *others = sys.argv[1:]
    globals()[function](Path(first), *others)
