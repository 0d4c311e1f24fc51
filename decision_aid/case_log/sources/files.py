"""The file of a case log before it is read: how large it is and of which kind. What cannot be a log is refused here.

Size and kind are looked at before a byte of content is kept, so that a huge or strange file costs no memory.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from decision_aid.case_log.plan import CaseLogError, refusal
from decision_aid.case_log.sources.letters import ENCODINGS, HighBytes, likely_encoding
from decision_aid.case_log.terms import terms

_MEGABYTE = 1024 * 1024
LARGEST_FILE_BYTES = 1024 * _MEGABYTE
LARGEST_WORKBOOK_BYTES = 200 * _MEGABYTE  # of a workbook when its ZIP archive is unpacked
LARGEST_UNPACKED_BYTES = 2 * LARGEST_FILE_BYTES  # of a Parquet file, as it says itself
LARGEST_CELLS = 200_000_000  # rows times columns; each takes four bytes while the file is checked
MOST_COLUMNS = 500
CHUNK_BYTES = _MEGABYTE

WANTED = "a CSV, Excel (.xlsx, .xls), LibreOffice (.ods) or Parquet file"
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of old Excel files and of encrypted new ones
# How files of other kinds begin, and what to do with them.
_OTHER_KINDS = {
    start.encode("ascii").decode("unicode_escape").encode("latin-1"): what
    for what, starts in terms("other_files").items()
    for start in starts
}
_NO_FILES_BELOW = (Path("/proc"), Path("/sys"), Path("/dev"))
_AN_ARCHIVE = "another kind of archive or document; if there is a table in it, unpack it first"
# A part of the name of a member -> what the archive is.
_OTHER_ARCHIVES = {part: what for what, parts in terms("other_archives").items() for part in parts}
_WEB_PAGE = (b"<!doctype html", b"<html", b"<table", b"<?xml")


class Format(StrEnum):
    CSV = "CSV"
    EXCEL = "Excel"
    PARQUET = "Parquet"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was handed over in memory: its name and its content."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A file named by a path that somebody typed. Nothing of it is told before its content says that it is a case log."""

    path: Path


Source = str | os.PathLike[str] | Upload | OnDisk


@dataclass(frozen=True, slots=True)
class File:
    """A source that may be read: `name` without folders, `size` in bytes, `open` for a fresh reader from the start.

    `stamp`: equal for the same place on the disk as long as it is unchanged; None for an upload. `guarded`: named by a
    path that somebody typed.
    """

    name: str
    size: int
    open: Callable[[], BinaryIO] = field(repr=False, compare=False)
    stamp: Hashable | None = field(repr=False)
    guarded: bool = False


@dataclass(frozen=True, slots=True)
class TextForm:
    """How the bytes of a CSV file are written. `lines`: how many, up to the last one that holds anything."""

    encoding: str  # a codec of Python
    lines: int
    certain: bool = field(default=True, kw_only=True)  # whether the bytes allow no other encoding
    quoted: bool  # whether a quotation mark stands in it, without which every line is a row


def opened(source: Source) -> File:
    """The source as a file of an allowed size.

    Raises `CaseLogError` where it is missing, not a file, empty or larger than `LARGEST_FILE_BYTES`; nothing is read.
    """
    if isinstance(source, Upload):
        name, size = os.path.basename(source.name) or "the file", len(source.data)
        reader: Callable[[], BinaryIO] = lambda: io.BytesIO(source.data)  # noqa: E731
        stamp: Hashable | None = None
    else:
        guarded = isinstance(source, OnDisk)
        path = source.path if isinstance(source, OnDisk) else Path(source)
        name = path.name or str(path)
        try:
            found = _lstat(path) if guarded else path.stat()
            size, stamp = found.st_size, (path.absolute(), found.st_mtime_ns, found.st_ino)
        except (OSError, ValueError) as error:
            raise refusal(name, f"a file that can be read ({_why(error)}; choose it again)") from error
        if not stat.S_ISREG(found.st_mode):
            raise refusal(name, f"{WANTED} (this is a folder or a device)")
        reader = _opener(path, name, found if guarded else None)
    if size > LARGEST_FILE_BYTES:
        raise refusal(
            name,
            f"a file of at most {LARGEST_FILE_BYTES // _MEGABYTE} MB (export fewer years, or fewer columns)",
            value=f"{size // _MEGABYTE} MB",
        )
    if size == 0:
        raise refusal(name, f"{WANTED} with a line of column names and a line for each case (this file is empty)")
    return File(name, size, reader, stamp, isinstance(source, OnDisk))


def format_of(file: File) -> Format:
    """Which of the three formats the content has; the name is not asked.

    Raises `CaseLogError` for everything else: pictures, documents, archives, old or encrypted workbooks, workbooks
    that would unpack to more than `LARGEST_WORKBOOK_BYTES`.
    """
    with file.open() as stream:
        start = stream.read(CHUNK_BYTES)
    for magic, what in _OTHER_KINDS.items():
        if start.startswith(magic):
            raise refusal(file.name, f"{WANTED} (this is {what})")
    if start.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in start or _further(file, "EncryptedPackage".encode("utf-16-le")):
            raise refusal(file.name, "a workbook without a password (open it in Excel, take the password off, save it)")
        if file.size > LARGEST_WORKBOOK_BYTES:
            raise _too_large(file, file.size)
        return Format.EXCEL
    if start.startswith(b"PAR1"):
        return Format.PARQUET
    if start.startswith(b"PK\x03\x04"):
        _check_archive(file)
        return Format.EXCEL
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_WEB_PAGE):
        raise refusal(file.name, f"{WANTED} (this is a web page or XML; open it in Excel and save it as .xlsx)")
    return Format.CSV


def text_form(file: File) -> TextForm:
    """The encoding of a CSV file and the number of its lines, from one pass over its bytes.

    UTF-8 where every byte allows it; else UTF-16 by its mark or its zero bytes; else the likeliest of those with one
    byte a letter, which is not certain. Raises `CaseLogError` for a file that is no text.
    """
    return _text_form(file) if file.stamp is None else _text_form_of_path(file)


def _text_form(file: File) -> TextForm:
    with file.open() as stream:
        start = stream.read(CHUNK_BYTES)
        encoding = _wide_encoding(start)
        if (encoding is None and b"\0" in start) or _mostly_control(start):
            raise refusal(file.name, f"{WANTED} (this is no text)", _line_of(start))
        high = HighBytes()
        decoder = codec("utf-8") if encoding is None else None
        line_ends, behind, returns, rest, quoted = 0, 0, 0, start, False
        while rest:
            if encoding is None and b"\0" in rest:
                raise refusal(file.name, f"{WANTED} (this is no text, or was damaged)", line_ends + 1)
            if decoder is not None and not (rest.isascii() and decoder.getstate() == (b"", 0)):
                try:
                    decoder.decode(rest)
                except UnicodeDecodeError:
                    decoder = None
            if encoding is None:
                high.add(rest)
            quoted = quoted or b'"' in rest
            line_ends += rest.count(b"\n")
            returns += rest.count(b"\r") if line_ends == 0 else 0
            kept = rest.rstrip(b"\r\n\0")
            behind = rest.count(b"\n", len(kept)) + (0 if kept else behind)
            rest = stream.read(CHUNK_BYTES)
    if decoder is not None:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            decoder = None
    if encoding is None:
        encoding = "utf-8-sig" if decoder is not None else likely_encoding(high, not line_ends and returns > 1)
    certain = encoding not in ENCODINGS or encoding in ("utf-8-sig", "utf-16")
    return TextForm(encoding, (line_ends - behind if line_ends else returns) + 1, quoted, certain=certain)


# A file is first looked at, then read. An upload is not remembered: its cells would stay in memory.
_text_form_of_path = lru_cache(maxsize=1)(_text_form)


def forget_files() -> None:
    """Let go of what is remembered of a file that was looked at: where it is and how its bytes are written."""
    _text_form_of_path.cache_clear()


def codec(name: str) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(name)()


def _lstat(path: Path) -> os.stat_result:
    """What the path itself names. Raises `OSError` for a link, and for what the system makes up as it is read."""
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        raise OSError(errno.ELOOP, "this is a link to another place; write where the file itself is")
    if any(part in path.resolve().parents for part in _NO_FILES_BELOW):
        raise OSError(errno.EINVAL, "this is no file on a disk")
    return found


def _told_apart(found: os.stat_result) -> tuple[int, ...]:
    # The number alone may be that of a file which is gone.
    return found.st_dev, found.st_ino, stat.S_IFMT(found.st_mode), found.st_size, found.st_mtime_ns


def _opener(path: Path, name: str, known: os.stat_result | None) -> Callable[[], BinaryIO]:
    """Opens the file; where `known` is given only that very file, should another one have taken its place since."""

    def without_links(path: str, flags: int) -> int:
        return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))

    def reader() -> BinaryIO:
        try:
            if known is None:
                return path.open("rb")
            stream = open(path, "rb", opener=without_links)  # noqa: SIM115 (the caller closes it)
            if _told_apart(known) != _told_apart(os.fstat(stream.fileno())):
                stream.close()
                raise OSError(errno.ESTALE, "another file has taken its place")
            return stream
        except OSError as error:
            raise refusal(
                name, f"a file that can be read ({_why(error)}; close other programs and choose it again)"
            ) from error

    return reader


def _why(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or "it cannot be found"


def _further(file: File, mark: bytes) -> bool:
    """Whether a mark stands behind the first part of a file; encrypted workbooks keep their directory at the end."""
    with file.open() as stream:
        stream.seek(max(0, file.size - CHUNK_BYTES))
        return mark in stream.read(CHUNK_BYTES)


def _check_archive(file: File) -> None:
    try:
        with file.open() as stream, zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            mimetype = b""
            if "mimetype" in archive.namelist():
                with archive.open("mimetype") as part:
                    mimetype = part.read(100).strip()
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise refusal(file.name, "a whole workbook (this one is damaged or was cut short; save it again)") from error
    names = {m.filename.lower() for m in members}
    if "xl/workbook.xml" not in names and mimetype != _ODS:
        what = next((what for part, what in _OTHER_ARCHIVES.items() if any(part in n for n in names)), _AN_ARCHIVE)
        raise refusal(file.name, f"{WANTED} (this is {what})")
    if any(m.flag_bits & 1 for m in members):
        raise refusal(file.name, "a workbook without a password (take the password off and save it)")
    # A member is never read beyond the size its directory gives, so this is a bound and no promise of the file.
    unpacked = sum(m.file_size for m in members)
    if unpacked > LARGEST_WORKBOOK_BYTES:
        raise _too_large(file, unpacked)
    if len(names) < len(members):
        raise refusal(file.name, "a whole workbook (in this one two parts have the same name; save it again)")


def _too_large(file: File, unpacked: int) -> CaseLogError:
    return refusal(
        file.name,
        f"a workbook that unpacks to at most {LARGEST_WORKBOOK_BYTES // _MEGABYTE} MB "
        "(a sheet with pictures or with formats down to its last line can be this large; save the sheet with the cases as CSV UTF-8)",
        value=f"{unpacked // _MEGABYTE} MB unpacked",
    )


def _wide_encoding(start: bytes) -> str | None:
    """The encoding with two bytes a letter, by its byte order mark or by where the zero bytes stand."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not start.startswith(codecs.BOM_UTF32_LE):
        return "utf-16"
    sample = start[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > len(sample) * 0.4 and even == 0:
        return "utf-16-le"
    if even > len(sample) * 0.4 and odd == 0:
        return "utf-16-be"
    return None


def _mostly_control(start: bytes) -> bool:
    control = bytes(b for b in range(32) if b not in b"\t\n\r\f\x00\x1a")
    return len(start) - len(start.translate(None, control)) > len(start) / 50


def _line_of(start: bytes) -> int | None:
    return start[: start.index(b"\0")].count(b"\n") + 1 if b"\0" in start else None
