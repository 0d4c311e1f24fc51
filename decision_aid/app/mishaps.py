"""A failure of the program itself: the log learns where it happened, the reader is told calmly, the rest goes on.

The message of an error never goes to the log: it may quote what somebody typed or a cell of a file. Streamlit's own
signals (stop, run again) are no `Exception` and pass.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from decision_aid.storage.errors import StoreError

Tell = Callable[[str, Exception], None]
_LOG = logging.getLogger("decision_aid")
_MOST_FRAMES = 60


@contextmanager
def calm(where: str, tell: Tell) -> Iterator[None]:
    """Whatever fails inside is written to the log and told; what stands behind goes on."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, StoreError):  # no failure of the program; its own sentence says all
            report(where, error)
        tell(where, error)


def calmly(function: Callable[..., Any], tell: Tell) -> Callable[..., Any]:
    """The function, which returns None where it failed and that was told."""

    @wraps(function)
    def kept_calm(*arguments: Any, **options: Any) -> Any:
        with calm(function.__name__, tell):
            return function(*arguments, **options)

    return kept_calm


class NotMade(Exception):
    """A file that could not be made. It carries nothing of the error behind it, which is in the log."""


def made_or_refused(make: Callable[[], Any]) -> Callable[[], Any]:
    """The maker of a file, whose errors say nothing of what was to stand in the file. Raises `NotMade`."""

    @wraps(make)
    def made() -> Any:
        try:
            return make()
        except Exception as error:
            report("a file to download", error)
        raise NotMade("the reason is in the log above")

    return made


def report(where: str, error: BaseException) -> None:
    """Write to the log what kind of error it was and the way to it, without its message."""
    _LOG.error("Something failed in %s. Traceback, messages left out:\n%s", where, "\n".join(outline(error)))


def outline(error: BaseException) -> list[str]:
    """The kind of an error and the lines of code that led to it; then the same of the error it came from."""
    lines: list[str] = []
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        kind = type(link)
        frames = traceback.extract_tb(link.__traceback__)[-_MOST_FRAMES:]
        lines += [f"{'from ' if lines else ''}{kind.__module__}.{kind.__qualname__}"]
        lines += [f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}' for frame in frames]
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return lines
