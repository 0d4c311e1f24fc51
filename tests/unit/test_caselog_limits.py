"""A database that does not answer, refuses or takes too long: an end in time, its reason, and never its password."""

from __future__ import annotations

import contextlib
import importlib.util
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import caselog_frames
import pytest

from decision_aid.audit import limits
from decision_aid.audit.limits import RegistryError, TooSlow, reason, within
from decision_aid.wording.case_log_words import no_registry

PASSWORD = "hunter-2é%&"
IN_AN_ADDRESS = "hunter-2%C3%A9%25%26"
ADDRESS = f"postgres://surgeon:{IN_AN_ADDRESS}@db.clinic.example:5433/spine?sslpassword=inner-word"

needs_psycopg = pytest.mark.skipif(
    importlib.util.find_spec("psycopg") is None or importlib.util.find_spec("ibis") is None,
    reason="psycopg or ibis is not installed: requirements-registry.txt",
)


# ---- what of a reason may be shown -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("relation “cases” does not exist", "relation “cases” does not exist"),
        (f"cannot open {ADDRESS}", "cannot open …"),
        (f"FATAL: wrong word {PASSWORD}!", "FATAL: wrong word …!"),
        (f"FATAL: wrong word {PASSWORD.upper()}!", "FATAL: wrong word …!"),
        (f"not {IN_AN_ADDRESS}", "not …"),
        (f"not {PASSWORD!r}", "not '…'"),
        ("not inner-word, not db.clinic.example:5433", "not …, not …"),
        ("password=short user='a b' sslpassword: x", "password=… user=… sslpassword: …"),
        ("see mysql://root:toor@elsewhere/x", "see …"),
        (
            'connection failed: connection to server at "db.clinic.example" (10.1.2.3), port 5433 failed: FATAL:  no entry\n'
            'for user "surgeon"',
            'FATAL: no entry for user "…"',
        ),
        ("x" * 400, "x" * 300 + " …"),
    ],
)
def test_a_reason_holds_nothing_of_the_address(told: str, shown: str) -> None:
    assert reason(RuntimeError(told), ADDRESS) == shown


def test_the_reason_may_stand_deeper_in_a_chain() -> None:
    error = RuntimeError()
    error.__cause__ = OSError(f"no route to {PASSWORD}")
    assert reason(error, ADDRESS) == "no route to …"


@pytest.mark.parametrize("short", ["a", "ab", "abc"])
def test_a_short_password_does_not_eat_the_words_round_it(short: str) -> None:
    assert reason(RuntimeError(f"a table with {short} is bad"), f"postgres://u:{short}@h/d").count(short) == (
        "a table with  is bad".count(short) - (short == "a")
    )


@pytest.mark.parametrize("password", ["p@ss", "p/ss", "p?ss", "p#ss", "p ss", "p@s:s/1"])
def test_nothing_is_said_where_a_password_cannot_be_told_from_the_rest(password: str) -> None:
    address = f"postgres://surgeon:{password}@db/spine"
    error = ValueError(f"invalid port: {password}")
    assert reason(error, address) == ""
    assert no_registry(error, reason(error, address)).startswith(
        "The registry could not be counted (ValueError). Check"
    )


def test_what_a_person_reads() -> None:
    assert no_registry(OSError("x"), "Connection refused").startswith(
        "The registry could not be counted: Connection refused. Check the address"
    )
    assert no_registry(TooSlow("no answer came"), "") == "The registry was not counted: no answer came."
    assert no_registry(FileNotFoundError("secret"), "secret").startswith("There is no such file.")


# ---- limits ----------------------------------------------------------------------------------------------------------


def test_what_ends_in_time_is_left_alone() -> None:
    stopped: list[int] = []
    with within(60, lambda: stopped.append(1)):
        pass
    with pytest.raises(KeyError), within(60, lambda: stopped.append(1)):
        raise KeyError("own")
    assert stopped == []


def test_what_takes_too_long_is_stopped_and_named() -> None:
    over = threading.Event()
    with pytest.raises(TooSlow, match="no answer came within 0 seconds"), within(0.05, over.set):
        assert over.wait(20)
    with pytest.raises(TooSlow) as told, within(0.05, over.set):
        raise_when(over, RuntimeError("secret"))
    assert told.value.__cause__ is None
    assert told.value.__suppress_context__


def raise_when(event: threading.Event, error: Exception) -> None:
    event.clear()
    assert event.wait(20)
    raise error


def test_a_stop_that_fails_does_not_hide_the_limit() -> None:
    over = threading.Event()

    def stop() -> None:
        over.set()
        raise OSError("gone")

    with pytest.raises(TooSlow), within(0.05, stop):
        assert over.wait(20)


def test_duckdb_is_interrupted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ibis", reason="requirements-registry.txt")
    from decision_aid.audit.registry import open_source, summarise_remote

    caselog_frames.synthetic(3000, seed=5).to_parquet(tmp_path / "cases.parquet")
    table = open_source(tmp_path / "cases.parquet")
    once, twice = (table.select(**{name: table.asa}) for name in ("once", "twice"))
    monkeypatch.setattr(limits, "STATEMENT_SECONDS", 0.3)
    start = time.monotonic()
    with pytest.raises(TooSlow):
        summarise_remote(table.cross_join(once, twice))
    assert time.monotonic() - start < 20


# ---- servers that do not behave --------------------------------------------------------------------------------------


@contextlib.contextmanager
def server(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port of this computer with something behind it that only looks like PostgreSQL."""
    end = threading.Event()

    def serve() -> None:
        while not end.is_set():
            with contextlib.suppress(OSError):
                connection, _ = listening.accept()
                open_ones.append(connection)
                behave(connection)

    open_ones: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            end.set()
            for connection in open_ones:
                connection.close()
            thread.join(20)


def greet(connection: socket.socket) -> None:
    """Say no to encryption as often as it is asked for, and read what the client says of itself."""
    connection.settimeout(20)
    while True:
        (size,) = struct.unpack("!i", connection.recv(4))
        if size != 8:
            connection.recv(size - 4)
            return
        connection.recv(4)
        connection.sendall(b"N")


def message(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("!i", len(content) + 4) + content


def silent(connection: socket.socket) -> None:
    """Takes the call and says nothing."""


def silent_once_inside(connection: socket.socket) -> None:
    greet(connection)
    connection.sendall(message(b"R", struct.pack("!i", 0)) + message(b"Z", b"I"))


def tells_everything(connection: socket.socket) -> None:
    """Refuses, and repeats the password it was given."""
    greet(connection)
    told = f"SFATAL\0C28P01\0Mno entry for “surgeon” with {PASSWORD}, postgres://surgeon:{IN_AN_ADDRESS}@127.0.0.1\0\0"
    connection.sendall(message(b"E", told.encode()))
    connection.close()


def count(port: int, password: str = IN_AN_ADDRESS) -> str:
    """What is shown of an address where the counting fails."""
    from decision_aid.audit.registry import count_there

    address = f"postgres://surgeon:{password}@127.0.0.1:{port}/spine"
    with pytest.raises(Exception) as failed:  # noqa: PT011 (each engine has errors of its own, as for a reader)
        count_there(address)
    return no_registry(failed.value, reason(failed.value, address))


@needs_psycopg
@pytest.mark.parametrize("behave", [silent, silent_once_inside])
def test_a_server_that_never_answers_is_given_up(
    behave: Callable[[socket.socket], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CONNECT_SECONDS", 2)
    start = time.monotonic()
    with server(behave) as port:
        told = count(port)
    assert time.monotonic() - start < 20
    assert "timeout expired" in told or "no answer came within 2 seconds" in told


@needs_psycopg
def test_a_refused_connection_says_so() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        told = count(closed.getsockname()[1])
    assert "refused" in told
    assert "surgeon" not in told
    assert "127.0.0.1" not in told


@needs_psycopg
def test_a_wrong_password_is_told_without_it() -> None:
    with server(tells_everything) as port:
        told = count(port)
    assert "FATAL: no entry for “…” with …, …" in told
    for secret in (PASSWORD, IN_AN_ADDRESS, "surgeon", "hunter"):
        assert secret not in told


@needs_psycopg
@pytest.mark.parametrize("password", ["p@ss", "p/ss", "p#ss", "p?ss"])
def test_an_address_that_cannot_be_read_says_how_to_write_it(password: str) -> None:
    told = count(1, password)
    assert "are written as %40 %2F %3F %23" in told
    assert password not in told


def test_what_is_missing_is_named_without_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for package in ("psycopg", "ibis"):
        monkeypatch.setitem(sys.modules, package, None)
        told = count(1)
        assert f"postgres:// needs the package {package}" in told
        assert "hunter" not in told


def test_our_own_sentences_are_no_secrets() -> None:
    from decision_aid.audit.registry import open_source

    with pytest.raises(RegistryError, match="mysql:// is not an address") as told:
        open_source("mysql://root:hunter@server/cases")
    assert "hunter" not in str(told.value)
