"""Files named by a path that somebody typed: which may be opened, and what is known of them before anything is shown.

Whoever reaches the page can type the path of any file of the account the program runs under. So a file is looked at as a
case log only when its own columns say that it is one, and nothing of any other file is ever told.
"""

from __future__ import annotations

import codecs
import csv
import glob
import os
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from urllib.parse import SplitResult, parse_qs, urlsplit

from decision_aid.case_log.fields import FIELDS, REQUIRED, Kind
from decision_aid.case_log.headers import guessed_mapping
from decision_aid.case_log.plan import refusal
from decision_aid.case_log.sources import parquet_files, workbooks
from decision_aid.case_log.sources.delimited import SEPARATORS
from decision_aid.case_log.sources.files import File, Format
from decision_aid.case_log.sources.table import as_text

SETTING = "DECISION_AID_PATHS"
_ON = ("", "on", "1", "yes", "true")
_NO_CASE_LOG = (
    "a case log: a table with columns such as operation_date, procedure, approach and blood_loss_ml. This does not look "
    "like one, so nothing of it is shown. Choose the file by hand, or name its columns as in the template"
)
_FEWEST_NAMES = 3
# Names such as date, operation, access or age stand over many tables; these do not.
_TELLING = {f.name for f in FIELDS if f.outcome is not None and f.kind is not Kind.DATE} | {"asa"}
_TOO_COMMON = {"operative_time_min", "length_of_stay_days", "reoperation"}
_BYTES_LOOKED_AT = 256 * 1024
_LINES_LOOKED_AT = 10  # titles above a table are few
_LONGEST_LINE = 64 * 1024
_MOST_FILES = 10_000
_REMOTE_OPTIONS = {"sslmode", "connect_timeout", "application_name"}


def are_allowed() -> bool:
    """Whether files may be named by a path: unless DECISION_AID_PATHS says off, or anything but on."""
    return os.environ.get(SETTING, "").strip().lower() in _ON


def admit(file: File, format_: Format) -> None:
    """Raises `CaseLogError`, without a word of the file, for one named by a path that is no case log by its content."""
    if file.guarded and not any(_names_a_case_log(cells) for cells in _first_rows(file, format_)):
        raise refusal(file.name, _NO_CASE_LOG)


def admit_headers(file: File, headers: Iterable[str]) -> None:
    """Raises `CaseLogError` where what is about to be shown as the columns of such a file are not those of a case log."""
    if file.guarded and not _names_a_case_log(list(headers)):
        raise refusal(file.name, _NO_CASE_LOG)


def check_address(address: str, table: str) -> None:
    """Raises `ValueError` for the address of a registry that would read what may not be read, or never end.

    Files are read by their names there, and only counted: none of their text comes back.
    """
    parts = urlsplit(address) if "://" in address else None
    if parts is not None or address == "local" or address.startswith("local["):
        if not are_allowed() and not _is_remote(parts, table):
            raise ValueError("paths are switched off here: only a database on another host can be counted")
        return
    if not are_allowed():
        raise ValueError("paths are switched off here: choose the file by hand, or give the address of a database")
    if "**" in address:
        raise ValueError("a pattern with ** can go through the whole disk: name the folder")
    path = os.path.expanduser(address)
    found = list(islice(glob.iglob(path), _MOST_FILES + 1)) if glob.has_magic(path) else [path]
    if len(found) > _MOST_FILES:
        raise ValueError(f"more than {_MOST_FILES:,} files fit this pattern: name the folder")
    if any(os.path.lexists(each) and not os.path.isfile(each) for each in found):
        raise ValueError("this is a folder or a device: name a .parquet or .csv file")


def _is_remote(parts: SplitResult | None, table: str) -> bool:
    """Whether an address leads to another program over the network, and names no file of this computer on the way."""
    if parts is None or not parts.hostname:
        return False
    if parts.scheme.lower() == "spark":
        return "/" not in table and "\\" not in table and not table.endswith(".parquet")
    return set(parse_qs(parts.query, keep_blank_values=True)) <= _REMOTE_OPTIONS


def _names_a_case_log(cells: list[str]) -> bool:
    named = set(guessed_mapping(list(dict.fromkeys(c for c in cells if c)), ()))
    telling = named & (_TELLING - _TOO_COMMON)
    return len(named) >= _FEWEST_NAMES and (bool(telling) or set(REQUIRED) <= named)


def _first_rows(file: File, format_: Format) -> Iterator[list[str]]:
    """The rows that may hold the names of the columns: one by one, and two that stand over each other as one."""
    if format_ is Format.PARQUET:
        yield list(parquet_files.names(file))
    elif format_ is Format.EXCEL:
        for first in workbooks.first_rows(file, _LINES_LOOKED_AT):
            yield from _alone_and_joined([[as_text(c).strip() for c in row] for row in first])
    else:
        lines = [line for line in _text(file).splitlines() if line.strip()][: 2 * _LINES_LOOKED_AT]
        lines = [line for line in lines if len(line) < _LONGEST_LINE]
        for mark in SEPARATORS:
            rows = [[cell.strip() for cell in next(csv.reader([line], delimiter=mark), [])] for line in lines]
            # A line of a text is no line of names: below those stand rows of as many cells.
            widths = [len(row) for row in rows]
            table = [row for at, row in enumerate(rows) if len(row) >= _FEWEST_NAMES and len(row) in widths[at + 1 :]]
            yield from _alone_and_joined(table)


def _alone_and_joined(rows: list[list[str]]) -> Iterator[list[str]]:
    yield from rows
    for above, below in pairwise(rows):
        yield [f"{a} {b}".strip() for a, b in zip(above, below, strict=False)]


def _text(file: File) -> str:
    with file.open() as stream:
        start = stream.read(_BYTES_LOOKED_AT)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return start.decode("utf-16", "replace")
    if b"\0" in start[:4096]:
        return start.decode("utf-16-le" if start[1:2] == b"\0" else "utf-16-be", "replace")
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(start)  # the last letter may be cut
    except UnicodeDecodeError:
        return start.decode("cp1252", "replace")
