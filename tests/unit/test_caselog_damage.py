"""Whatever is wrong with a case log is said by file, line, column and value, and nothing of it is used in silence.

A damaged cell sets its row aside; a damaged file is refused as a whole. Every kind of damage is one entry of a table.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from caselog_files import HEADERS, csv_bytes, example, log_table, upload
from caselog_workbooks import ods, xls
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_aid.case_log import importing
from decision_aid.case_log.cells import DecimalMark
from decision_aid.case_log.fields import REQUIRED
from decision_aid.case_log.importing import CaseLogError, DateOrder, Plan, Upload, load_cases, look, sentences
from decision_aid.case_log.sources import delimited, files, parquet_files, workbooks

LINE = 8  # of the row that is damaged
TODAY = date(2025, 6, 30)
PLAN = Plan(mapping={name: name for name in HEADERS})
FEW = Plan(mapping={name: name for name in (*REQUIRED, "blood_loss_ml", "levels")})


def loaded(source: Upload | Path, plan: Plan = PLAN) -> importing.CaseLog:
    log = load_cases(source, plan, today=TODAY)
    assert log.used + log.set_aside_rows + len(log.left_out_lines) == log.rows_in
    assert log.set_aside["line"].nunique() <= log.set_aside_rows
    return log


class Cell(NamedTuple):
    name: str
    column: str
    value: str
    expected: str  # a part of what the sentence must say
    shown: str | None = None  # what of the value is repeated, where it is not the value itself


CELLS = (
    Cell("no date", "operation_date", "spring", "a date such as 2024-03-31"),
    Cell("a day that is not in the calendar", "operation_date", "2023-02-30", "a date such as"),
    Cell("a date in the future", "operation_date", "2025-07-01", "not in the future"),
    Cell("a date before 1980", "operation_date", "1957-05-04", "date of birth", "a day in 1957"),
    Cell("a day number of Excel", "operation_date", "45017", "day number of Excel"),
    Cell("no date of operation", "operation_date", "", "is required", ""),
    Cell("an unknown procedure", "procedure", "vertebroplasty", "one of discectomy, decompression, fusion"),
    Cell("a procedure not recorded", "procedure", "unknown", "is required", ""),
    Cell("an unknown approach", "approach", "robot", "one of open, mis"),
    Cell("an unknown technique", "technique", "laser", "one of open_discectomy"),
    Cell("half a level", "levels", "1.5", "a whole number from 1 to 10"),
    Cell("no level", "levels", "0", "a whole number from 1 to 10"),
    Cell("blood loss below zero", "blood_loss_ml", "-50", "a number from 0 to 10,000 ml"),
    Cell("blood loss of a whale", "blood_loss_ml", "25000", "a number from 0 to 10,000 ml"),
    Cell("blood loss as a guess", "blood_loss_ml", "<50", "a number from 0"),
    Cell("blood loss as a range", "blood_loss_ml", "100-200", "a number from 0"),
    Cell("blood loss in words", "blood_loss_ml", "minimal", "a number from 0"),
    Cell("blood loss in another unit", "blood_loss_ml", "0.5 l", "without another unit"),
    Cell("blood loss with the other decimal mark", "blood_loss_ml", "50,5", "“.” as the decimal mark"),
    Cell("blood loss without end", "blood_loss_ml", "1e99", "a number from 0"),
    Cell("a stay of years", "length_of_stay_days", "400", "a number from 0 to 365 days"),
    Cell("an operation by the clock", "operative_time_min", "1:45", "where the unit chosen is hours"),
    Cell("an operation without time", "operative_time_min", "0", "a number from 1 to 1,440 min"),
    Cell("a harm in words", "infection", "superficial", "yes or no"),
    Cell("a harm as a number", "dural_tear", "2", "yes or no"),
    Cell("a reoperation before the operation", "reoperation_date", "2001-01-01", "not before the operation"),
    Cell("a readmission before the operation", "readmission_date", "2001-01-01", "not before the operation"),
    Cell("disability above its scale", "odi_12_months", "140", "a number from 0 to 100"),
    Cell("a rating on another scale", "vas_leg_before", "65", "was it asked from 0 to 100"),
    Cell("a rating below its scale", "vas_back_before", "-1", "a number from 0 to 10"),
    Cell("back at work after a lifetime", "return_to_work_days", "5000", "a number from 0 to 3,650 days"),
    Cell("an age group of its own", "age_group", "elderly", "one of under 40"),
    Cell("an age nobody reaches", "age_group", "999", "one of under 40"),
    Cell("a sixth class", "asa", "6", "a whole number from 1 to 5"),
    Cell("an error of Excel", "asa", "#DIV/0!", "a whole number"),
    Cell("not a number", "odi_before", "NaN?", "a number from 0 to 100"),
    Cell("an infinite number", "odi_before", "inf", "a number from 0 to 100"),
    Cell("digits of another script", "odi_before", "٤٤", "a number from 0 to 100"),
)


@pytest.mark.parametrize("damage", CELLS, ids=lambda d: d.name)
def test_a_damaged_cell_sets_its_row_aside(damage: Cell) -> None:
    table = log_table()
    table[LINE - 1][HEADERS.index(damage.column)] = damage.value
    log = loaded(upload(table))
    assert log.set_aside_rows == 1
    sentence = next(s for s in sentences(log) if f"column {damage.column}" in s)
    shown = damage.value if damage.shown is None else damage.shown
    found = f": found “{shown}”" if shown else ""
    assert sentence.startswith(f"log.csv, line {LINE}, column {damage.column}{found}; expected ")
    assert damage.expected in sentence
    assert sentence.endswith(".")
    kept = example().drop(index=LINE - 2).reset_index(drop=True)
    pd.testing.assert_frame_equal(log.cases, kept)


def test_a_date_of_reoperation_beside_a_no() -> None:
    table = log_table()
    row = table[LINE - 1]
    row[HEADERS.index("operation_date")] = "2020-01-01"
    row[HEADERS.index("reoperation")], row[HEADERS.index("reoperation_date")] = "no", "2020-06-01"
    (sentence,) = sentences(loaded(upload(table)))
    assert sentence.startswith(f"log.csv, line {LINE}, column reoperation_date: found “2020-06-01”")
    assert "“reoperation” says no" in sentence


def test_every_fault_of_a_row_is_told_and_the_row_counted_once() -> None:
    table = log_table()
    for column in ("asa", "levels", "infection"):
        table[LINE - 1][HEADERS.index(column)] = "wrong"
    log = loaded(upload(table))
    assert log.set_aside_rows == 1
    assert sorted(log.set_aside["column"]) == ["asa", "infection", "levels"]


def test_a_repeated_row() -> None:
    table = log_table()
    table.insert(20, table[LINE - 1])
    log = loaded(upload(table))
    assert [*sentences(log)] == [f"log.csv, line 21; expected each case once (the same row stands on line {LINE})."]
    both = loaded(upload(table), replace(PLAN, keep_repeated_rows=True))
    assert (both.used, both.set_aside_rows) == (41, 0)


def test_rows_that_differ_only_in_a_column_that_is_not_kept_are_two_cases() -> None:
    table = [["ward", *HEADERS], *([str(i % 7), *row] for i, row in enumerate(log_table()[1:]))]
    table.append(["another", *table[LINE - 1][1:]])
    assert loaded(upload(table)).used == 41


@pytest.mark.parametrize("cells", [len(HEADERS) - 1, len(HEADERS) + 1], ids=["too few cells", "too many cells"])
def test_a_row_of_another_width(cells: int) -> None:
    table = log_table()
    table[LINE - 1] = [*table[LINE - 1], "more"][:cells]
    log = loaded(upload(table))
    assert log.set_aside_rows == 1
    (sentence,) = sentences(log)
    assert sentence.startswith(f"log.csv, line {LINE}: found “{cells} cells”; expected {len(HEADERS)} cells")


def test_empty_cells_behind_the_last_column_are_no_fault() -> None:
    table = [[*row, "", ""] for row in log_table()]
    assert loaded(upload(table)).used == 40


def test_blank_lines_are_counted_and_lines_stay_right() -> None:
    table = log_table()
    table[LINE - 1][HEADERS.index("asa")] = "wrong"
    table.insert(3, [])
    table.insert(4, [""] * len(HEADERS))
    log = loaded(upload(table))
    assert (log.blank_rows, log.rows_in) == (2, 40)
    assert log.set_aside["line"].tolist() == [LINE + 2]


def test_a_cell_of_two_lines_does_not_move_the_lines_below() -> None:
    table = [[*row, "note"] for row in log_table()]
    table[0][-1] = "remarks"
    table[3][-1] = "first line\nsecond line"
    table[LINE - 1][HEADERS.index("asa")] = "wrong"
    assert loaded(upload(table)).set_aside["line"].tolist() == [LINE + 1]


def test_a_quotation_mark_inside_a_quoted_cell() -> None:
    lines = csv_bytes(log_table(), quoted=True).decode().split("\n")
    lines[LINE - 1] = lines[LINE - 1].replace('"', '"a"b', 1)
    quick = loaded(Upload("log.csv", "\n".join(lines).encode()))
    careful = loaded(Upload("log.csv", "\n".join(lines).encode("utf-16")))
    assert quick.set_aside["line"].tolist() == careful.set_aside["line"].tolist() == [LINE]
    assert next(iter(sentences(careful))).startswith(f"log.csv, line {LINE}: found “a quotation mark inside")


# ---- files that are refused ------------------------------------------------------------------------------------------


class Whole(NamedTuple):
    name: str
    make: Callable[[], Upload]
    beginning: str  # of the sentence: file, line, column, value
    expected: str
    plan: Plan = PLAN


def text(content: str | bytes, name: str = "log.csv") -> Callable[[], Upload]:
    return lambda: Upload(name, content.encode() if isinstance(content, str) else content)


def table(change: Callable[[list[list[str]]], object]) -> Callable[[], Upload]:
    def make() -> Upload:
        rows = log_table()
        changed = change(rows)
        return upload(changed if isinstance(changed, list) else rows)

    return make


def column(name: str, values: Callable[[int], str]) -> Callable[[], Upload]:
    """The example with other texts in a column; `values` is told the number of the row."""

    def change(rows: list[list[str]]) -> None:
        for i, row in enumerate(rows[1:]):
            row[HEADERS.index(name)] = values(i)

    return table(change)


def workbook(change: Callable[[openpyxl.Workbook], object] = lambda book: None) -> bytes:
    book = openpyxl.Workbook()
    for row in log_table(5):
        book.active.append(row)
    change(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def archive(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return content.getvalue()


def with_member(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one part of its archive changed."""
    with zipfile.ZipFile(io.BytesIO(workbook())) as file:
        members = {m: file.read(m) for m in file.namelist()}
    members[name] = change(members[name])
    return archive(members)


def marked_as_encrypted() -> bytes:
    content = bytearray(workbook())
    entry = content.rindex(b"PK\x01\x02")
    struct.pack_into("<H", content, entry + 8, 1)
    return bytes(content)


def parquet(frame: pd.DataFrame) -> bytes:
    content = io.BytesIO()
    frame.to_parquet(content, index=False)
    return content.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SHEET = "xl/worksheets/sheet1.xml"
NAMES = ",".join(HEADERS)
AMERICAN = replace(PLAN, date_order=DateOrder.MONTH_FIRST)


def change_header(old: str, new: str) -> Callable[[list[list[str]]], None]:
    def change(rows: list[list[str]]) -> None:
        rows[0][HEADERS.index(old)] = new

    return change


FILES = (
    Whole("empty", text(""), "log.csv; ", "this file is empty"),
    Whole("only spaces", text("\n \n\n"), "log.csv; ", "holds no text"),
    Whole("header only", text(NAMES + "\n"), "log.csv, line 2; ", "a line for each case"),
    Whole("no header", table(lambda t: t[1:]), "log.csv, line 1, column 1; ", "column names in the first line"),
    Whole("numbers in the first row", text("1,2,3\n4,5,6\n"), "log.csv, line 1, column 1; ", "column names in the first line"),
    Whole("a column twice", table(change_header("asa", "levels")), "log.csv, column levels; ", "choose the columns again"),
    Whole("too many columns", text(",".join(f"c{i}" for i in range(501)) + "\n"), "log.csv, line 1: found “501 columns”", "at most 500 columns"),
    Whole("a required column missing", table(change_header("approach", "option")), "log.csv, column approach; ", "“Approach”"),
    Whole("a picture", text(b"\x89PNG\r\n\x1a\n" + bytes(100)), "log.csv; ", "this is a picture"),
    Whole("a PDF", text(b"%PDF-1.7 ..."), "log.csv; ", "this is a PDF"),
    Whole("a compressed file", text(b"\x1f\x8b" + bytes(100)), "log.csv; ", "unpack it first"),
    Whole("a database", text(b"SQLite format 3\0" + bytes(100)), "log.csv; ", "export the table as CSV"),
    Whole("a web page called a workbook", text("<html><table>", "log.xls"), "log.xls; ", "web page"),
    Whole("bytes without sense", text(bytes(range(256)) * 20), "log.csv, line 1; ", "this is no text"),
    Whole("control characters", text(b"a,b\n" + b"\x01\x02\x03\x04" * 50), "log.csv; ", "this is no text"),
    Whole("an old workbook", text(OLE + bytes(2000), "log.xls"), "log.xls; ", "save it as .xlsx"),
    Whole("an encrypted workbook", text(OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "log.xlsx"), "log.xlsx; ", "without a password"),
    Whole("an archive of something else", lambda: Upload("log.zip", archive({"a.txt": b"a"})), "log.zip; ", "another kind of archive"),
    Whole("an archive with a password", lambda: Upload("log.xlsx", marked_as_encrypted()), "log.xlsx; ", "without a password"),
    Whole("a workbook cut short", lambda: Upload("log.xlsx", workbook()[:3000]), "log.xlsx; ", "damaged or was cut short"),
    Whole("a workbook with a damaged sheet", lambda: Upload("log.xlsx", with_member(SHEET, lambda b: b[: len(b) // 2])), "log.xlsx; ", "damaged"),
    Whole("a workbook with nothing in it", lambda: Upload("log.xlsx", workbook(lambda b: b.active.delete_rows(1, 9))), "log.xlsx; ", "this workbook is empty"),
    Whole("a workbook with several sheets", lambda: Upload("log.xlsx", workbook(lambda b: b.create_sheet("Two").append(["a"]))), "log.xlsx: found “Sheet, Two”", "one sheet to be chosen"),
    Whole("a workbook without the sheet", lambda: Upload("log.xlsx", workbook()), "log.xlsx: found “Three”", "one of the sheets Sheet", replace(PLAN, sheet="Three")),
    Whole("a formula without its result", lambda: Upload("log.xlsx", workbook(lambda b: b.active.__setitem__("E3", "=1+1"))), "log.xlsx, line 3, column E; ", "formula without a saved result"),
    Whole("XML that unfolds", lambda: Upload("log.xlsx", with_member("xl/workbook.xml", lambda b: b'<!DOCTYPE a [<!ENTITY b "c">]>' + b)), "log.xlsx; ", "defines its own characters"),
    Whole("Parquet cut short", lambda: Upload("log.parquet", parquet(example())[:400]), "log.parquet; ", "damaged or encrypted"),
    Whole("Parquet in name only", text(b"PAR1 and no more", "log.parquet"), "log.parquet; ", "damaged or encrypted"),
    Whole("Parquet without rows", lambda: Upload("log.parquet", parquet(example().head(0))), "log.parquet, line 2; ", "a line for each case"),
    Whole("dates of two readings", column("operation_date", lambda i: "03/04/2021"), "log.csv, line 2, column operation_date: found “03/04/2021”", "the order of dates to be chosen"),
    Whole("dates in both orders", column("operation_date", lambda i: ("25/04/2021", "04/25/2021")[i % 2]), "log.csv, line 2, column operation_date: found “25/04/2021”", "the order of dates to be chosen"),
    Whole("dates in the order not chosen", column("operation_date", lambda i: f"{i % 28 + 1}/04/2021"), "log.csv, line 14, column operation_date: found “13/04/2021”", "choose the other order", AMERICAN),
    Whole("numbers of two readings", column("blood_loss_ml", lambda i: "1,250"), "log.csv, line 2, column blood_loss_ml: found “1,250”", "the decimal mark to be chosen", FEW),
    Whole("numbers with both marks", column("odi_before", lambda i: ("7,5", "7.5")[i % 2]), "log.csv, line 2, column ", "the decimal mark to be chosen"),
    Whole("ratings from 0 to 100", column("vas_leg_before", lambda i: str(5 + 2 * i)), "log.csv, line 5, column vas_leg_before: found “11”", "divide the column by 10"),
    Whole("disability as a part of 1", column("odi_before", lambda i: f"0.{i + 10}"), "log.csv, line 2, column odi_before: found “0.10”", "multiply the column by 100"),
    Whole("a unit not said", table(change_header("length_of_stay_days", "stay")), "log.csv, column stay; ", "days or hours", replace(PLAN, mapping=PLAN.mapping | {"length_of_stay_days": "stay"})),
    Whole("a unit of something else", table(lambda t: None), "the plan, column blood_loss_ml: found “days”", "ml or l as the unit", replace(PLAN, units={"blood_loss_ml": "days"})),
    Whole("a field that does not exist", table(lambda t: None), "the plan: found “shoe_size”", "a field of a case log", replace(PLAN, mapping=PLAN.mapping | {"shoe_size": "asa"})),
    Whole("a record number mapped", column("technique", lambda i: f"M{734512 + 17 * i}"), "log.csv, column technique; ", "look like a record number"),
    Whole("birth dates mapped", column("readmission_date", lambda i: f"{1940 + i}-03-0{i % 9 + 1}"), "log.csv, column readmission_date; ", "look like a date of birth"),
    Whole("a column named after birth mapped", table(change_header("age_group", "Geburtsdatum")), "log.csv, column Geburtsdatum; ", "holds a date of birth", replace(PLAN, mapping=PLAN.mapping | {"age_group": "Geburtsdatum"})),
)  # fmt: skip


@pytest.mark.parametrize("damage", FILES, ids=lambda d: d.name)
def test_a_damaged_file_is_refused(damage: Whole) -> None:
    def read() -> None:
        look(damage.make())
        load_cases(damage.make(), damage.plan, today=TODAY)

    with pytest.raises(CaseLogError) as refused:
        read()
    sentence = str(refused.value)
    assert sentence.startswith(damage.beginning), sentence
    assert damage.expected in sentence, sentence
    assert "expected " in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 600


def test_a_quotation_mark_that_is_never_closed() -> None:
    lines = csv_bytes(log_table()).split(b"\n")
    lines[LINE - 1] = b'"' + lines[LINE - 1]
    with pytest.raises(CaseLogError, match=f"log.csv, line {LINE}; expected a closing quotation mark"):
        loaded(Upload("log.csv", b"\n".join(lines)))


def test_kinds_of_damage_are_many_and_each_stands_once() -> None:
    names = [d.name for d in (*CELLS, *FILES)]
    assert len(names) >= 30
    assert len(set(names)) == len(names)


# ---- refused before memory is spent ----------------------------------------------------------------------------------


def test_a_file_above_the_limit_is_refused_without_being_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:  # sparse: it takes no room on the disk
        file.truncate(files.LARGEST_FILE_BYTES + 1)

    def never(*args: object, **more: object) -> None:
        raise AssertionError("the file was read")

    monkeypatch.setattr(Path, "open", never)
    monkeypatch.setattr("builtins.open", never)
    for step in (look, lambda source: load_cases(source, PLAN)):
        with pytest.raises(CaseLogError, match=r"huge\.csv: found “1024 MB”; expected a file of at most 1024 MB"):
            step(path)


def test_the_limit_holds_for_uploads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST_FILE_BYTES", 3 * 1024 * 1024)
    look(upload(log_table()))
    with pytest.raises(CaseLogError, match="at most 3 MB"):
        look(Upload("log.csv", bytes(4 * 1024 * 1024)))


def test_a_workbook_that_unpacks_too_far_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = with_member(SHEET, lambda sheet: sheet + b" " * 5_000_000)
    assert len(bomb) < 100_000
    monkeypatch.setattr(files, "LARGEST_WORKBOOK_BYTES", 4 * 1024 * 1024)
    with pytest.raises(CaseLogError, match="unpacks to at most 4 MB"):
        look(Upload("log.xlsx", bomb))


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (delimited, workbooks, parquet_files):
        monkeypatch.setattr(module, "LARGEST_CELLS", 100)
    for source in (upload(log_table()), Upload("log.xlsx", workbook()), Upload("log.parquet", parquet(example()))):
        with pytest.raises(CaseLogError, match="at most 100 cells"):
            load_cases(source, PLAN)
    monkeypatch.setattr(parquet_files, "LARGEST_CELLS", 10_000)
    monkeypatch.setattr(parquet_files, "LARGEST_UNPACKED_BYTES", 100)
    with pytest.raises(CaseLogError, match="unpacks to at most 100 bytes"):
        load_cases(Upload("log.parquet", parquet(example())), PLAN)


@pytest.mark.parametrize("name", ["missing.csv", "."], ids=["missing", "a folder"])
def test_what_is_no_file_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(CaseLogError, match=r"choose it again|this is a folder"):
        look(tmp_path / name)


# ---- any damage ------------------------------------------------------------------------------------------------------


@given(st.data())
@settings(max_examples=80, derandomize=True, deadline=None)
def test_any_damage_ends_in_counts_that_add_up_or_in_a_clear_refusal(data: st.DataObject) -> None:
    content = bytearray(
        data.draw(
            st.sampled_from(
                [
                    csv_bytes(log_table(9)),
                    csv_bytes(log_table(9), separator=";", encoding="utf-16"),
                    WORKBOOK,
                    PARQUET,
                    XLS,
                    ODS,
                ]
            )
        )
    )
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        damage = data.draw(
            st.sampled_from([b'"', b"\n", b",", b";", b"\0", b"\xff", b"9", b"", b"\r", b"'", b"\x80\x81"])
        )
        content[at : at + data.draw(st.integers(0, 3))] = damage
    source = Upload(
        "log", bytes(content[: data.draw(st.integers(1, len(content)))] if data.draw(st.booleans()) else content)
    )
    try:
        preview = look(source)
        plan = preview.plan()
        for question in preview.questions():
            if not question.words and question.choices:
                plan = importing.answered(plan, question, question.choices[0])
        log = load_cases(source, plan, today=TODAY)
    except CaseLogError as error:
        sentence = str(error)
    else:
        sentence = ""
    if sentence:
        assert "; expected " in sentence
        return
    assert log.used + log.set_aside_rows + len(log.left_out_lines) == log.rows_in
    assert set(log.set_aside["line"]) or not log.set_aside_rows
    assert (log.set_aside["reason"] != "").all()


WORKBOOK = workbook()
PARQUET = parquet(example())
XLS, ODS = xls(log_table(9)), ods(log_table(9))


def test_nested_and_binary_columns_of_parquet_are_no_values() -> None:
    frame = pa.Table.from_pandas(example(), preserve_index=False)
    frame = frame.append_column("list", pa.array([[1]] * len(frame))).append_column(
        "bytes", pa.array([b"x"] * len(frame))
    )
    content = io.BytesIO()
    pq.write_table(frame, content)
    log = loaded(Upload("log.parquet", content.getvalue()))
    assert log.used == 40
    assert set(log.dropped_columns) == {"list", "bytes"}


def test_the_mark_that_was_chosen_decides() -> None:
    content = column("blood_loss_ml", lambda i: "1,250")()
    point, comma = (loaded(content, replace(FEW, decimal_mark=mark)).cases["blood_loss_ml"] for mark in DecimalMark)
    assert set(point) == {1250.0}
    assert set(comma) == {1.25}
