"""How long an engine that holds a registry may take, and what of its errors may stand on the screen."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, unquote_plus

CONNECT_SECONDS = 10
STATEMENT_SECONDS = 300  # exact quartiles of many millions of cases take a minute or two
_GRACE_SECONDS = 10  # for a database to end by itself what took too long
_LONGEST_REASON = 300  # characters
_CANCELLED = "57014"  # SQLSTATE query_canceled: the database's own limit was reached
# Java names every error it passes on, then tells where in the program it was.
_JAVA = re.compile(r"(?:[a-z]\w*\.)+\w+(?:Exception|Error): ")
# Where a server is says nothing of what is wrong with it.
_WHERE = re.compile(r"(connection failed: )?connection to server (at|on socket) .{1,300}? failed: ")
_NAMED = re.compile(
    r"\b(\w*(?:password|passwd|pwd|secret|token|user|passfile))(\s*[=:]\s*)('[^']*'|\"[^\"]*\"|\S+)", re.I
)
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://\S*", re.I)
# Such signs end the part of an address that holds the password, unless they are written as %40 and the like.
_ENDS_IT = re.compile(r"[/?#@\s]")


class RegistryError(ValueError):
    """A registry that cannot be counted; the message is a sentence of ours and holds nothing of the address."""


class TooSlow(RegistryError):
    """An engine that did not answer in time; what was asked of it has been stopped."""


@contextmanager
def within(seconds: float, stop: Callable[[], object]) -> Iterator[None]:
    """Let what is asked of an engine take so long. Then `stop` ends it, and `TooSlow` is raised."""
    over = threading.Event()

    def end() -> None:
        over.set()
        with suppress(Exception):  # it ended by itself in this very moment
            stop()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if over.is_set() or getattr(error, "sqlstate", None) == _CANCELLED:
            raise TooSlow(_too_slow(seconds)) from None
        raise
    finally:
        timer.cancel()
        if over.is_set():
            timer.join(_GRACE_SECONDS)  # an engine is asked again only when it has stopped
    if over.is_set():
        raise TooSlow(_too_slow(seconds))


@contextmanager
def counting(backend: Any) -> Iterator[None]:
    """Let a question to this Ibis backend take `STATEMENT_SECONDS`. Raises `TooSlow` when it takes longer."""
    stops: dict[str, Callable[[], object]] = {
        "duckdb": lambda: backend.con.interrupt(),
        "postgres": lambda: hang_up(backend.con),
        "pyspark": lambda: backend.disconnect(),  # to cancel its jobs does not end what is between two of them
    }
    grace = _GRACE_SECONDS if backend.name == "postgres" else 0
    with within(STATEMENT_SECONDS + grace, stops.get(backend.name, lambda: None)):
        yield


def hang_up(connection: Any) -> None:
    """End a connection to PostgreSQL whose server says nothing any more, from another thread."""
    wire = socket.socket(fileno=connection.fileno())
    try:
        wire.shutdown(socket.SHUT_RDWR)
    finally:
        wire.detach()


def reason(error: BaseException, address: str) -> str:
    """What the engine says is wrong, in a line, without the address and whatever of it could be a secret; or nothing.

    Nothing is said of an address whose password cannot be told from the rest of it.
    """
    inside = _inside(address)
    if _ENDS_IT.search(inside):
        return ""
    told = _said(error)
    for secret in sorted(_secrets(address, inside), key=len, reverse=True):
        edge = (r"(?<![^\W_])", r"(?![^\W_])") if len(secret) < 4 else ("", "")
        told = re.sub(f"{edge[0]}{re.escape(secret)}{edge[1]}", "…", told, flags=re.IGNORECASE)
    told = _NAMED.sub(r"\1\2…", _ADDRESS.sub("…", _WHERE.sub("", told)))
    return told if len(told) <= _LONGEST_REASON else f"{told[:_LONGEST_REASON].rstrip()} …"


def is_readable(address: str) -> bool:
    """Whether the user and the password of an address can be told from the rest of it."""
    return not _ENDS_IT.search(_inside(address))


def _inside(address: str) -> str:
    """User and password as they stand in an address."""
    return address.partition("://")[2].rpartition("@")[0]


def _said(error: BaseException) -> str:
    """The first of a chain of errors that says something, on one line."""
    seen: BaseException | None = error
    while seen is not None:
        if told := " ".join(_JAVA.split(str(seen).partition("\n\tat ")[0])[-1].split()):
            return told
        seen = seen.__cause__ or seen.__context__
    return ""


def _secrets(address: str, inside: str) -> set[str]:
    """Every part of an address that could be a secret, in every form in which an error may repeat it."""
    rest = address.partition("://")[2].rpartition("@")[2]
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    parts = {address, inside, *inside.partition(":")[::2], host, re.sub(r":\d*$", "", host)}
    parts |= {value for name, value in parse_qsl(rest.partition("?")[2]) if re.search("pass|user|host|key", name)}
    plain = parts | {unquote(part) for part in parts} | {unquote_plus(part) for part in parts}
    forms: set[str] = set()
    for part in plain:
        forms |= {part, quote(part), quote(part, safe=""), quote_plus(part), repr(part)[1:-1], json.dumps(part)[1:-1]}
        forms.add(part.replace("\\", "\\\\").replace("'", "\\'"))
    return {form for form in forms if form}


def _too_slow(seconds: float) -> str:
    return f"no answer came within {seconds:.0f} seconds, so the counting was stopped"
