"""What sheets of old Excel (.xls) and of LibreOffice (.ods) hold beside their values, as `sheet` says it of new ones."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from xml.parsers import expat

from decision_aid.case_log.sources.sheet import Area, SheetFacts, letters

_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_FORMULA, _END, _SHEET, _PASSWORD, _COLUMNS, _MERGED, _ERROR, _ROW, _BEGIN = 0x06, 0x0A, 0x85, 0x2F, 0x7D, 0xE5, 0x205, 0x208, 0x809  # fmt: skip
_LAST_SECTOR = 0xFFFFFFFA
_DURATION = re.compile(r"PT([0-9]+)H([0-9]+)M[0-9.,]*S")
_MOST_ODD = 1_000_000  # errors and durations of a workbook
_MOST_LINES = 10_000_000  # ten times those of LibreOffice
_MOST_SHEETS = 1_000


class PasswordNeeded(ValueError):
    """The workbook is encrypted."""


# ---- .xls: records of [MS-XLS] in a compound file, [MS-CFB] -----------------------------------------------------------


def xls_facts(content: bytes) -> list[SheetFacts]:
    """The facts of each sheet, in order. Raises `ValueError` for what is no whole workbook."""
    try:
        book = _workbook_stream(content)
        places = []
        for kind, data in _records(book, 0):
            if kind == _PASSWORD:
                raise PasswordNeeded
            if kind == _SHEET:
                places.append(struct.unpack_from("<I", data)[0])
        if len(places) > _MOST_SHEETS:
            raise ValueError("too many sheets")
        return [_xls_sheet(book, at) for at in places]
    except (struct.error, IndexError) as error:
        raise ValueError("no whole workbook") from error


def _workbook_stream(content: bytes) -> bytes:
    size = 1 << struct.unpack_from("<H", content, 30)[0]
    count, directory = struct.unpack_from("<I", content, 44)[0], struct.unpack_from("<I", content, 48)[0]
    further = struct.unpack_from("<I", content, 68)[0]
    listed = list(struct.unpack_from("<109I", content, 76))
    for _ in range(len(content) // size):
        if further >= _LAST_SECTOR:
            break
        *more, further = struct.unpack_from(f"<{size // 4}I", content, (further + 1) * size)
        listed += more
    table = b"".join(content[(n + 1) * size : (n + 2) * size] for n in listed[:count] if n < _LAST_SECTOR)
    following = struct.unpack(f"<{len(table) // 4}I", table)

    def chain(sector: int) -> bytes:
        parts: list[bytes] = []
        while sector < _LAST_SECTOR and len(parts) <= len(following):
            parts.append(content[(sector + 1) * size : (sector + 2) * size])
            sector = following[sector]
        return b"".join(parts)

    entries = chain(directory)
    for at in range(0, len(entries) - 127, 128):
        name = entries[at : at + struct.unpack_from("<H", entries, at + 64)[0]].decode("utf-16-le", "replace")
        if name.rstrip("\0").lower() in ("workbook", "book"):
            start, length = struct.unpack_from("<II", entries, at + 116)
            if length >= 4096:  # a smaller one lies elsewhere; Excel fills it up to this size
                return chain(start)[:length]
    raise ValueError("no stream of a workbook")


def _records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records from a place to the end of their part; those of charts inside it are left out."""
    depth = 0
    while True:
        kind, length = struct.unpack_from("<HH", book, at)
        depth += (kind == _BEGIN) - (kind == _END)
        if depth == 1 and kind != _BEGIN:
            yield kind, book[at + 4 : at + 4 + length]
        elif depth <= 0:
            return
        at += 4 + length


def _xls_sheet(book: bytes, at: int) -> SheetFacts:
    hidden_lines, hidden_columns, merged = set(), set(), []
    odd: dict[int, dict[int, str]] = {}
    for kind, data in _records(book, at):
        if kind == _ROW and struct.unpack_from("<H", data, 12)[0] & 0x20:
            hidden_lines.add(struct.unpack_from("<H", data)[0] + 1)
        elif kind == _COLUMNS:
            first, last, _, _, options = struct.unpack_from("<5H", data)
            hidden_columns |= set(range(first, last + 1)) if options & 1 else set()
        elif kind == _MERGED:
            for top, bottom, left, right in struct.iter_unpack(
                "<4H", data[2 : 2 + 8 * struct.unpack_from("<H", data)[0]]
            ):
                if bottom > top:
                    merged.append(Area(top + 1, left + 1, bottom + 1, right + 1))
        elif (kind == _ERROR and data[7]) or (kind == _FORMULA and data[6] == 2 and data[12:14] == b"\xff\xff"):
            line, column = struct.unpack_from("<HH", data)
            odd.setdefault(line + 1, {})[column] = _ERRORS.get(data[6 if kind == _ERROR else 8], "#VALUE!")
    return SheetFacts(frozenset(hidden_lines), frozenset(hidden_columns), tuple(merged), odd=odd)


# ---- .ods ------------------------------------------------------------------------------------------------------------


def ods_facts(xml: bytes) -> dict[str, SheetFacts]:
    """The facts of each sheet by its name. Raises `ValueError` for XML that is not whole."""
    reader = _OdsReader()
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise ValueError("no whole workbook") from error
    return reader.sheets


class _OdsReader:
    """Goes through the cells of each sheet; many equal lines and cells are written as one with a number."""

    def __init__(self) -> None:
        self.sheets: dict[str, SheetFacts] = {}
        self._many_odd = 0
        self._clear("")

    def _clear(self, name: str) -> None:
        self._name = name
        self._line, self._lines, self._column, self._last, self._width = 0, 1, 0, 0, 0
        self._hidden, self._columns = list[range](), set[int]()
        self._merged, self._unsaved, self._odd = list[Area](), list[tuple[int, str]](), dict[int, dict[int, str]]()
        self._cells, self._text, self._is_error = range(0), "", False  # of the cell that is read, where it is odd

    def start(self, tag: str, said: dict[str, str]) -> None:
        hidden = said.get("table:visibility") in ("collapse", "filter")
        many = int(said.get("table:number-columns-repeated", 1))
        if tag == "table:table":
            self._clear(said.get("table:name", ""))
        elif tag == "table:table-column":
            self._columns |= set(range(self._column, self._column + min(many, 16_384))) if hidden else set()
            self._column += many
        elif tag == "table:table-row":
            self._lines, self._column = int(said.get("table:number-rows-repeated", 1)), 0
            self._hidden += [range(self._line + 1, self._line + 1 + self._lines)] if hidden else []
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            kind = said.get("calcext:value-type", said.get("office:value-type"))
            if kind is not None:
                self._last, self._width = self._line + self._lines, max(self._width, self._column + many)
            elif "table:formula" in said:
                self._unsaved.append((self._line + 1, letters(self._column + 1)))
            bottom = self._line + int(said.get("table:number-rows-spanned", 1))
            if bottom > self._line + 1:
                right = self._column + int(said.get("table:number-columns-spanned", 1))
                self._merged.append(Area(self._line + 1, self._column + 1, bottom, right))
            duration = _DURATION.fullmatch(said.get("office:time-value", ""))
            if kind == "error" or duration:
                self._many_odd += self._lines * many
                if self._many_odd > _MOST_ODD:
                    raise ValueError("too many errors")
                self._cells, self._is_error = range(self._column, self._column + many), duration is None
                self._text = f"{int(duration[1])}:{int(duration[2]):02}" if duration else ""
            self._column += many

    def text(self, text: str) -> None:
        self._text += text if self._cells and self._is_error else ""

    def end(self, tag: str) -> None:
        if tag in ("table:table-cell", "table:covered-table-cell") and self._cells:
            for line in range(self._line + 1, self._line + 1 + self._lines):
                self._odd.setdefault(line, {}).update(dict.fromkeys(self._cells, self._text or "#VALUE!"))
            self._cells = range(0)
        elif tag == "table:table-row":
            self._line += self._lines
        elif tag == "table:table":
            if self._last > _MOST_LINES:
                raise ValueError("too many lines")
            hidden = frozenset(n for r in self._hidden for n in range(r.start, min(r.stop, self._last + 1)))
            merged, unsaved = tuple(self._merged), tuple(self._unsaved)
            cells = self._last * self._width
            self.sheets[self._name] = SheetFacts(hidden, frozenset(self._columns), merged, unsaved, self._odd, cells)
