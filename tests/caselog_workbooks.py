"""Workbooks of LibreOffice (.ods) and of old Excel (.xls), made by hand as small as they can be, for tests."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

Cell = str | float | None
MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
_ODS = (
    '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"><office:body><office:spreadsheet>'
)
_MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIMETYPE}"/></manifest:manifest>'
)
_SECTOR, _END, _FREE = 512, 0xFFFFFFFE, 0xFFFFFFFF
ERROR_CODES = {"#DIV/0!": 7, "#N/A": 42}


def ods(rows: Sequence[Sequence[Cell] | str], name: str = "Cases") -> bytes:
    """A workbook of one sheet. A row that is a text, and a cell that begins with `<`, stand in it as they are."""
    lines = [
        r if isinstance(r, str) else f"<table:table-row>{''.join(map(_ods_cell, r))}</table:table-row>" for r in rows
    ]
    table = f"<table:table table:name={quoteattr(name)}>{''.join(lines)}</table:table>"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", MIMETYPE, zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        archive.writestr("content.xml", f"{_ODS}{table}</office:spreadsheet></office:body></office:document-content>")
    return content.getvalue()


def _ods_cell(cell: Cell) -> str:
    if cell is None or cell == "":
        return "<table:table-cell/>"
    if isinstance(cell, str):
        text = f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
        return cell if cell.startswith("<") else text
    return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'


def xls(
    rows: Sequence[Sequence[Cell]], name: str = "Cases", hidden: frozenset[int] = frozenset(), password: bool = False
) -> bytes:
    """A workbook of one sheet in Excel's format of 1997. `hidden`: lines that are hidden; errors are written as such."""
    start = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + (
        _record(0x2F, bytes(6)) if password else b""
    )
    called = struct.pack("<BB", len(name), 1) + name.encode("utf-16-le")
    place = len(start) + 4 + 6 + len(called) + 4
    book = start + _record(0x85, struct.pack("<IH", place, 0) + called) + _record(0x0A, b"")
    book += _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    for i, row in enumerate(rows):
        if i + 1 in hidden:
            book += _record(0x208, struct.pack("<HHHHHHHH", i, 0, len(row), 255, 0, 0, 0x20, 0))
        for j, cell in enumerate(row):
            at = struct.pack("<HHH", i, j, 0)
            if isinstance(cell, str) and cell in ERROR_CODES:
                book += _record(0x205, at + bytes((ERROR_CODES[cell], 1)))
            elif isinstance(cell, str) and cell:
                book += _record(0x204, at + struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le"))
            elif isinstance(cell, int | float):
                book += _record(0x203, at + struct.pack("<d", cell))
    return _container(book + _record(0x0A, b""))


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _container(stream: bytes) -> bytes:
    """The stream “Workbook” in a compound file: header, one sector of the table, one of the directory, the stream."""
    stream = stream.ljust(4096, b"\0")
    stream += bytes(-len(stream) % _SECTOR)
    sectors = len(stream) // _SECTOR
    table = [0xFFFFFFFD, _END, *range(3, sectors + 2), _END]
    assert len(table) <= _SECTOR // 4
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<IIIIIIIII", 1, 1, 0, 4096, _END, 0, _END, 0, 0) + struct.pack("<I", _FREE) * 108
    entries = [_entry("Root Entry", 5, 1, _END, 0), _entry("Workbook", 2, _FREE, 2, len(stream))]
    return (
        header
        + b"".join(struct.pack("<I", n) for n in (table + [_FREE] * (_SECTOR // 4 - len(table))))
        + b"".join(entries).ljust(_SECTOR, b"\0")
        + stream
    )


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    called = name.encode("utf-16-le") + b"\0\0"
    tree = struct.pack("<BBIII", kind, 1, _FREE, _FREE, child)
    return called.ljust(64, b"\0") + struct.pack("<H", len(called)) + tree + bytes(36) + struct.pack("<IQ", start, size)
