"""Files as hospitals export them: where the table begins, on which sheet, in which letters, and which lines are no cases.

Whatever is not a case is counted and told with its reason: rows of the file = used + set aside + left out.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from typing import Any
from unittest import mock

import openpyxl
import pytest
from caselog_files import csv_bytes, upload
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_aid.case_log.headers import guessed_mapping
from decision_aid.case_log.importing import (
    Ask,
    CaseLog,
    CaseLogError,
    FileForm,
    Plan,
    Upload,
    answered,
    first_look,
    load_cases,
    look,
    sentences,
)
from decision_aid.case_log.sources import delimited, files
from decision_aid.case_log.sources.letters import ENCODINGS

CHECKBOXES = ["Unchecked", "Checked", "Unchecked", "Unchecked"]
Rows = list[list[Any]]


def read(source: Upload, plan: Plan | None = None) -> CaseLog:
    log = load_cases(source, look(source).plan() if plan is None else plan)
    assert log.used + log.set_aside_rows + len(log.left_out_lines) == log.rows_in
    return log


def started(n: int = 4, *more: tuple[str, list[str]]) -> list[list[str]]:
    """A few rows with the three columns that a log needs, with a line of names; further columns with their cells in turn."""
    kinds = ("discectomy", "decompression", "fusion")
    table = [["Date of surgery", "Procedure", "Approach", *(name for name, _ in more)]]
    for i in range(n):
        day = f"2023-{i % 12 + 1:02}-{i % 27 + 1:02}"
        table.append([day, kinds[i % 3], ("open", "mis")[i % 2], *(cells[i % len(cells)] for _, cells in more)])
    return table


BLOOD = ("Blood loss (ml)", ["30", "45", "120", "80", "60"])


def workbook(*sheets: tuple[str, Rows], change: Callable[[openpyxl.Workbook], object] = lambda book: None) -> Upload:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    change(book)
    content = io.BytesIO()
    book.save(content)
    return Upload("log.xlsx", content.getvalue())


def both(table: list[list[str]]) -> list[Upload]:
    """The same lines as text and as a workbook."""
    return [upload(table), workbook(("Cases", table))]


# ---- names of checkboxes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Complications (choice=Dural tear)", "dural_tear"),
        ("Complications (choice=Surgical site infection)", "infection"),
        ("Perioperative events ( Choice = Incidental durotomy )", "dural_tear"),
        ("Komplikationen (choice=Duraverletzung)", "dural_tear"),
        ("Comorbidities (choice=Diabetes)", "diabetes"),
        ("Complications (choice=None of the above)", None),
        ("Complications (choice=Haematoma)", None),
        ("Complication (choice=Other)", None),
        ("Reason for reoperation (choice=Infection)", None),
        ("History of (choice=Transfusion)", None),
        ("Infection (choice=Deep)", None),
        ("Blood loss (choice=EBL)", None),
        ("complications___1", None),
        ("infection___0", None),
        ("odi___12", None),
        ("Complications [Dural tear]", None),
        ("Complications [SQ003]", None),
        ("Infection (deep)", None),
        ("Reoperation (same level)", None),
        ("Infection (yes/no)", "infection"),
        ("Wound infection (SSI)", "infection"),
        ("Complications (any)", "complication_any"),
        ("Dural tear [0=no, 1=yes]", "dural_tear"),
        ("Blood loss (ml)", "blood_loss_ml"),
        ("Approach (open/mis)", "approach"),
    ],
)
def test_one_answer_of_a_question_is_not_taken_for_the_question(header: str, field: str | None) -> None:
    assert guessed_mapping([header], ()) == ({field: header} if field else {})


def test_checkboxes_of_a_label_export_are_read_without_a_question() -> None:
    table = started()
    for name in ("Complications (choice=Dural tear)", "Complications (choice=Urinary retention)"):
        table[0].append(name)
        for row, cell in zip(table[1:], CHECKBOXES, strict=True):
            row.append(cell)
    preview = look(upload(table))
    assert preview.mapping["dural_tear"] == "Complications (choice=Dural tear)"
    assert "complication_any" not in preview.mapping
    assert preview.questions() == ()
    log = read(upload(table))
    assert log.cases["dural_tear"].tolist() == [False, True, False, False]
    assert log.cases["complication_any"].isna().all()


# ---- where the table begins ------------------------------------------------------------------------------------------

ABOVE: dict[str, tuple[list[list[str]], int]] = {
    "a title": ([["Spine unit, all operations"]], 1),
    "a title and an empty line": ([["Spine unit, all operations"], []], 1),
    "an export banner": ([["Exported by:", "OR system"], ["Filter", "spine"], ["Status", "final"], []], 3),
    "a title with commas": ([["Operations, lumbar, all surgeons"]], 1),
    "a date of the report": ([["Report of", "2024-05-01"], ["", ""]], 1),
    "empty lines only": ([[], [], []], 0),
    "a small table of counts": (
        [["Year", "Cases", "Open", "MIS"], ["2022", "40", "20", "20"], ["2023", "50", "22", "28"], []],
        3,
    ),
    "many lines": ([[f"Remark {i}"] for i in range(12)], 12),
}


@pytest.mark.parametrize("above", ABOVE)
@pytest.mark.parametrize("which", [0, 1], ids=["text", "workbook"])
def test_a_table_below_other_lines_is_found_and_told(above: str, which: int) -> None:
    lines, counted = ABOVE[above]
    source = both([*lines, *started(6, BLOOD)])[which]
    preview = look(source)
    assert preview.headers == ("Date of surgery", "Procedure", "Approach", "Blood loss (ml)")
    log = read(source)
    assert (log.used, log.set_aside_rows, log.left_out_lines) == (6, 0, ())
    assert log.cases["blood_loss_ml"].tolist() == [30, 45, 120, 80, 60, 30]
    begins = [n for n in preview.notes if "begins" in n]
    assert begins == [n for n in log.notes if "begins" in n]
    many = "the line above was" if counted == 1 else f"{counted} lines above were"
    assert begins == ([f"The table begins on line {len(lines) + 1}; {many} left out."] if counted else [])


def test_a_fault_below_a_title_is_told_with_its_own_line() -> None:
    table = [["Spine unit"], [], *started(6, BLOOD)]
    table[5][3] = "much"
    for source in both(table):
        (sentence,) = sentences(read(source))
        assert ", line 6, column Blood loss (ml)" in sentence


@pytest.mark.parametrize("above", [[], [["Spine unit"]], [["Spine unit", "2023"], []]])
def test_where_no_line_holds_names_it_is_said_and_no_case_is_taken_for_names(above: list[list[str]]) -> None:
    with pytest.raises(CaseLogError, match=r"expected (column names in the first line|a name for every column)"):
        look(upload([*above, *started(4)[1:]]))


def test_a_first_case_in_words_is_not_taken_for_names() -> None:
    """Names nobody knows stay names, although a case below them holds words that could be names."""
    table = [
        ["Tag", "Was", "Wie", "Bem"],
        ["unknown", "OP", "mis", "SSI"],
        *[["2023-01-0" + str(i), "fusion", "mis", "SSI"] for i in range(1, 6)],
    ]
    assert look(upload(table)).headers == ("Tag", "Was", "Wie", "Bem")


# ---- names on two lines ----------------------------------------------------------------------------------------------

TWO_LINES: dict[str, tuple[list[list[str]], tuple[str, ...]]] = {
    "units below": (
        [["Date of surgery", "Procedure", "Approach", "Blood loss", "Length of stay"], ["(dd.mm.yyyy)", "", "", "(ml)", "[days]"]],
        ("Date of surgery", "Procedure", "Approach", "Blood loss (ml)", "Length of stay (days)"),
    ),
    "units below, one of them said twice": (
        [["Date of surgery", "Procedure", "Approach", "Blood loss (ml)", "Length of stay"], ["", "", "", "ml", "d"]],
        ("Date of surgery", "Procedure", "Approach", "Blood loss (ml)", "Length of stay (d)"),
    ),
    "parts of a group below": (
        [["Date of surgery", "Procedure", "Approach", "ODI", ""], ["", "", "", "before", "12 months"]],
        ("Date of surgery", "Procedure", "Approach", "ODI before", "ODI 12 months"),
    ),
    "groups above": (
        [["Operation", "", "", "ODI", ""], ["Date", "Procedure", "Approach", "before", "12 months"]],
        ("Date", "Procedure", "Approach", "ODI before", "ODI 12 months"),
    ),
    "groups above that tell equal names apart": (
        [["Operation", "", "", "Leg pain", "", "Back pain", ""], ["Date", "Procedure", "Approach", "before", "12 months", "before", "12 months"]],
        ("Date", "Procedure", "Approach", "Leg pain before", "Leg pain 12 months", "Back pain before", "Back pain 12 months"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", TWO_LINES)
@pytest.mark.parametrize("which", [0, 1], ids=["text", "workbook"])
def test_names_on_two_lines_are_read_together(kind: str, which: int) -> None:
    lines, names = TWO_LINES[kind]
    rows = [[*row, *(str((i * 7 + j) % 9) for j in range(len(names) - 3))] for i, row in enumerate(started(6)[1:])]
    source = both([*lines, *rows])[which]
    preview = look(source)
    assert preview.headers == names
    assert set(preview.mapping.values()) == set(names)
    assert "The column names stand on two lines (1 and 2); both were read." in preview.notes
    assert [q for q in preview.questions() if q.ask is Ask.UNIT] == []
    log = read(source)
    assert (log.used, log.set_aside_rows) == (6, 0)
    assert log.set_aside.empty


def test_words_that_explain_the_names_are_no_case() -> None:
    """As exports of questionnaires have them: the question under the name, and a mark of the program under that."""
    table = started(6, BLOOD)
    table.insert(1, ["When was it done?", "What was done?", "How?", "How much blood was lost?"])
    table.insert(2, ['{"ImportId":"QID1"}', '{"ImportId":"QID2"}', '{"ImportId":"QID3"}', '{"ImportId":"QID4"}'])
    for source in both(table):
        log = read(source)
        assert (log.used, log.set_aside_rows) == (6, 0)
        assert [line for line, _ in log.left_out_lines] == [2, 3]
        assert all("explain the column names" in why for _, why in log.left_out_lines)


def test_a_first_case_with_words_instead_of_numbers_stays_a_case() -> None:
    table = started(6, BLOOD, ("Length of stay (days)", ["2"]))
    table[1][3:] = ["minimal", "unknown"]
    log = read(upload(table))
    assert (log.used, log.set_aside_rows, log.left_out_lines) == (5, 1, ())


# ---- lines that are no cases -----------------------------------------------------------------------------------------

NO_CASES: dict[str, tuple[list[str], str]] = {
    "names again": (["Date of surgery", "Procedure", "Approach", "Blood loss (ml)"], "the column names stand here again"),
    "total": (["Total", "", "", "335"], "totals or averages"),
    "mean": (["Mean", "", "", "67"], "totals or averages"),
    "sum in German": (["Summe:", "", "", "335"], "totals or averages"),
    "n": (["n = 5", "", "", ""], "totals or averages"),
    "mean with n": (["Mean (n = 5)", "", "", "67"], "totals or averages"),
    "spread": (["Mean ± SD", "", "", "67 ± 35"], "totals or averages"),
    "totals in the second column": (["", "Total", "", "335"], "totals or averages"),
    "mean in French": (["Moyenne", "", "", "67"], "totals or averages"),
    "a footer": (["Exported on 2024-05-01 by the ward", "", "", ""], "a single text"),
    "names again in other letters": (["DATE OF SURGERY", "procedure", "Approach ", "BLOOD LOSS (ML)"], "the column names stand here again"),
    "mean in German": (["MW ± SD", "", "", "67 ± 35"], "totals or averages"),
    "a page": (["", "", "", "Page 1 of 2"], "a single text"),
    "a heading between": (["Second quarter", "", "", ""], "a single text"),
}  # fmt: skip


@pytest.mark.parametrize("kind", NO_CASES)
@pytest.mark.parametrize("place", ["between", "at the end"])
@pytest.mark.parametrize("which", [0, 1], ids=["text", "workbook"])
def test_a_line_that_is_no_case_is_left_out_with_its_reason(kind: str, place: str, which: int) -> None:
    cells, reason = NO_CASES[kind]
    table = started(5, BLOOD)
    at = 3 if place == "between" else len(table)
    table.insert(at, cells)
    source = both(table)[which]
    assert look(source).questions() == ()
    log = read(source)
    assert (log.used, log.set_aside_rows, log.rows_in) == (5, 0, 6)
    ((line, why),) = log.left_out_lines
    assert line == at + 1
    assert reason in why
    assert log.cases["blood_loss_ml"].tolist() == [30, 45, 120, 80, 60]


def test_ragged_footers_and_pages_of_a_print_export() -> None:
    """Fewer cells than names, as programs write them that print pages; both readers say the same."""
    lines = csv_bytes(started(5, BLOOD)).decode().splitlines()
    content = "\n".join(
        [*lines[:3], "Page 1 of 2", lines[0], *lines[3:], "", "Total,,,335", "Exported on 2024-05-01"]
    ).encode()
    source = Upload("log.csv", content)
    log = read(source)
    assert (log.used, log.set_aside_rows, log.blank_rows) == (5, 0, 1)
    assert [line for line, _ in log.left_out_lines] == [4, 5, 10, 11]


def test_both_readers_leave_the_same_lines_out() -> None:
    table = started(30, BLOOD)
    table[10:10] = [table[0], ["Subtotal", "", "", "5"], ["", "", "", ""], ["Second page", "", "", ""]]
    source = upload([["Title", "", "", ""], *table])
    quick = read(source)
    with mock.patch.object(delimited, "_quick_table", return_value=None):
        careful = read(source)
    assert quick.left_out_lines == careful.left_out_lines
    assert len(quick.left_out_lines) == 3
    assert (quick.used, quick.blank_rows) == (careful.used, careful.blank_rows) == (30, 1)


@pytest.mark.parametrize(
    "cell", ["Total disc replacement", "Total laminectomy L4", "mean old scar", "n", "summer list", "Counting"]
)
def test_words_of_a_case_are_not_taken_for_totals(cell: str) -> None:
    table = [["Remarks", *row] if i == 0 else [cell, *row] for i, row in enumerate(started(6, BLOOD))]
    log = read(upload(table))
    assert (log.used, log.left_out_lines) == (6, ())


def test_a_total_beside_a_date_stays_a_row_of_the_log() -> None:
    table = [["List", *row] if i == 0 else ["Total", *row] for i, row in enumerate(started(6, BLOOD))]
    assert read(upload(table)).used == 6


# ---- names that stand twice, or not at all ---------------------------------------------------------------------------


@pytest.mark.parametrize("which", [0, 1], ids=["text", "workbook"])
def test_two_columns_of_one_name_are_told_apart_and_none_is_chosen(which: int) -> None:
    table = [[*row, "60" if i else "Blood loss (ml)", str(i)] for i, row in enumerate(started(5, BLOOD))]
    table[0][-1] = "Remarks"
    source = both(table)[which]
    preview = look(source)
    first, second = (f"Blood loss (ml) ({n} column of this name)" for n in ("1st", "2nd"))
    assert (first in preview.headers, second in preview.headers) == (True, True)
    assert "blood_loss_ml" not in preview.mapping
    assert any("“Blood loss (ml)” stands over 2 columns" in n for n in preview.notes)
    for header, values in ((first, [30, 45, 120, 80, 60]), (second, [60] * 5)):
        plan = preview.plan({**preview.mapping, "blood_loss_ml": header})
        assert plan.units == {"blood_loss_ml": "ml"}
        assert read(source, plan).cases["blood_loss_ml"].tolist() == values


@pytest.mark.parametrize(
    ("names", "guess"),
    [
        (("EBL (ml)", "ebl (ML)"), None),
        (("EBL", "Blutverlust"), None),
        (("Blood loss", "Blood loss (total)"), "Blood loss"),
        (("Blood loss", "EBL"), "Blood loss"),
        (("EBL", "EBL 24 h"), "EBL"),
    ],
)
def test_two_columns_that_could_be_one_field_are_told_and_none_is_chosen(
    names: tuple[str, str], guess: str | None
) -> None:
    preview = look(upload(started(5, (names[0], ["30"]), (names[1], ["60"]))))
    assert preview.mapping.get("blood_loss_ml") == guess
    told = [n for n in preview.notes if n.startswith("More than one column could be “Blood loss”")]
    assert len(told) == (guess is None)


def test_a_column_without_a_name_is_called_by_its_place() -> None:
    table = [[*row, *(("", "") if i == 0 else ("12", ""))] for i, row in enumerate(started(5, BLOOD))]
    assert look(upload(table)).headers[-1] == "(column 5, no name)"
    assert look(workbook(("Cases", table))).headers[-1] == "(column E, no name)"
    for source in both(table):
        preview = look(source)
        assert any(preview.headers[-1] in n for n in preview.notes)
        plan = preview.plan({**preview.mapping, "odi_before": preview.headers[-1]})
        assert read(source, plan).cases["odi_before"].tolist() == [12.0] * 5


# ---- workbooks -------------------------------------------------------------------------------------------------------

LEGEND: Rows = [["Code", "Meaning"], [1, "open"], [2, "minimally invasive"], *[[i, "further"] for i in range(3, 30)]]


def test_the_sheet_that_looks_like_cases_is_proposed() -> None:
    source = workbook(("Legend", LEGEND), ("Cases", started(5, BLOOD)), ("Notes", [["to do"], ["call"]]))
    first = first_look(source)
    assert (first.sheets, first.sheet) == (("Legend", "Cases", "Notes"), "Cases")
    preview = look(source, sheet=first.sheet)
    assert preview.headers[0] == "Date of surgery"
    assert preview.questions() == ()
    assert read(source, preview.plan()).used == 5
    assert look(source).questions()[0].ask is Ask.SHEET  # without a choice nothing is read


def test_hidden_sheets_are_marked_and_a_visible_one_is_proposed() -> None:
    def hide(book: openpyxl.Workbook) -> None:
        book["Old"].sheet_state = "hidden"
        book["Lists"].sheet_state = "veryHidden"

    source = workbook(("Old", started(9, BLOOD)), ("Lists", LEGEND), ("Cases", started(5, BLOOD)), change=hide)
    first = first_look(source)
    assert (first.hidden_sheets, first.sheet) == ({"Old", "Lists"}, "Cases")
    assert "The sheet “Old” is hidden in Excel." in look(source, sheet="Old").notes


def test_a_sheet_for_each_year_is_told() -> None:
    source = workbook(("2022", started(5)), ("2023", started(7)), ("Legend", LEGEND))
    assert any(
        "Only the sheet “2022” is read. “2023” looks like cases too" in n for n in look(source, sheet="2022").notes
    )


def with_hidden_rows(book: openpyxl.Workbook) -> None:
    for line in (3, 5):
        book["Cases"].row_dimensions[line].hidden = True
    book["Cases"].column_dimensions["D"].hidden = True


def test_hidden_rows_are_counted_and_asked_about() -> None:
    source = workbook(("Cases", started(6, BLOOD)), change=with_hidden_rows)
    preview = look(source)
    (question,) = preview.questions()
    assert question.ask is Ask.HIDDEN_ROWS
    assert question.text.startswith("2 rows of the sheet are hidden in Excel")
    with pytest.raises(CaseLogError, match=r"line 3; expected to be told whether the 2 hidden rows"):
        read(source)
    taken = read(source, answered(preview.plan(), question, question.choices[0]))
    assert (taken.used, taken.left_out_lines) == (6, ())
    assert "2 hidden rows of the sheet were read as well." in taken.notes
    left = read(source, answered(preview.plan(), question, question.choices[1]))
    assert (left.used, left.rows_in) == (4, 6)
    assert left.left_out_lines == ((3, "a hidden row, left out as chosen"), (5, "a hidden row, left out as chosen"))
    assert any("“Blood loss (ml)”" in n and n.startswith("Hidden in Excel") for n in preview.notes)


def merged(book: openpyxl.Workbook) -> None:
    book["Cases"].merge_cells("D3:D5")


def test_merged_cells_are_asked_about() -> None:
    source = workbook(("Cases", started(6, BLOOD)), change=merged)
    preview = look(source)
    (question,) = preview.questions()
    assert question.ask is Ask.MERGED_CELLS
    assert "D3:D5" in question.text
    with pytest.raises(CaseLogError, match=r"line 3, column D3:D5; expected to be told"):
        read(source)
    for_each = read(source, answered(preview.plan(), question, question.choices[0]))
    assert for_each.cases["blood_loss_ml"].tolist() == [30, 45, 45, 45, 60, 30]
    first_only = read(source, answered(preview.plan(), question, question.choices[1]))
    assert first_only.cases["blood_loss_ml"].tolist() == [30, 45, 60, 30]
    assert [line for line, _ in first_only.left_out_lines] == [4, 5]


def test_a_merged_title_is_no_question() -> None:
    table = [["All operations of the ward", "", "", ""], *started(5, BLOOD)]
    source = workbook(("Cases", table), change=lambda book: book["Cases"].merge_cells("A1:D1"))
    assert look(source).questions() == ()
    assert read(source).used == 5


def test_formulas_without_results_are_told_where_they_are_and_what_to_do() -> None:
    def formulas(book: openpyxl.Workbook) -> None:
        for line in (3, 4, 6):
            book["Cases"][f"D{line}"] = "=10*2"

    source = workbook(("Cases", started(6, BLOOD)), change=formulas)
    with pytest.raises(CaseLogError) as refused:
        look(source)
    assert str(refused.value).startswith(
        "log.xlsx, line 3, column D; expected values (this and 2 more are formulas without saved results; open the workbook in Excel, save it"
    )


def test_formulas_on_a_sheet_that_is_not_read_do_not_bar_the_way() -> None:
    source = workbook(("Sums", [["a", "b"], [1, "=A2*2"]]), ("Cases", started(6, BLOOD)))
    assert read(source, look(source, sheet="Cases").plan()).used == 6


def test_errors_of_excel_are_told_and_set_their_rows_aside() -> None:
    table = started(6, BLOOD)
    table[2][3], table[4][3] = "#DIV/0!", "#N/A"
    source = workbook(("Cases", table))
    assert any(n.startswith("2 cells hold an error of Excel") for n in look(source).notes)
    log = read(source)
    assert (log.used, log.set_aside_rows) == (4, 2)


def test_a_workbook_may_unpack_to_200_mb(monkeypatch: pytest.MonkeyPatch) -> None:
    assert files.LARGEST_WORKBOOK_BYTES == 200 * 1024 * 1024
    source = workbook(("Cases", started(5)))
    with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        with archive.open("xl/media/image1.emf", "w") as part:
            for _ in range(201):
                part.write(bytes(1024 * 1024))
    bomb = content.getvalue()
    assert len(bomb) < 1024 * 1024
    for step in (first_look, look, lambda s: load_cases(s, Plan({}))):
        with pytest.raises(
            CaseLogError, match=r"found “201 MB unpacked”; expected a workbook that unpacks to at most 200 MB"
        ):
            step(Upload("log.xlsx", bomb))


def test_a_workbook_that_lies_about_its_size_is_not_unpacked_further() -> None:
    source = workbook(("Cases", started(5)))
    content = bytearray(source.data)
    with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
        place = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
        directory = content.index(b"xl/worksheets/sheet1.xml", content.index(b"PK\x01\x02")) - 46
    for at in (place + 22, directory + 24):
        struct.pack_into("<I", content, at, 100)  # it says that it unpacks to 100 bytes
    with pytest.raises(CaseLogError, match="a whole workbook"):
        look(Upload("log.xlsx", bytes(content)))


def archive_of(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (archive_of("mimetype", "content.xml"), "open it there and save it as Excel"),
        (archive_of("Index/Document.iwa"), "in Numbers choose File, Export To"),
        (archive_of("xl/workbook.bin"), "binary workbook"),
        (archive_of("word/document.xml"), "copy its table into a workbook"),
        (archive_of("export/cases.csv"), "unpack it first and choose the CSV"),
        (archive_of("export/cases.xlsx"), "unpack it first and choose the workbook"),
        (b"$FL2@(#) SPSS DATA FILE", "save the data as Excel or CSV, with value labels"),
        (b"<stata_dta><header>", "export it from Stata as CSV"),
        (b"\x72\x02\x01\x00" + bytes(100), "export it from Stata as CSV"),
        (b"\x00\x01\x00\x00Standard ACE DB", "export the table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "save it as .xlsx"),
        (b"\x09\x08\x08\x00" + bytes(100), "save it as .xlsx"),
    ],
)  # fmt: skip
def test_files_of_other_programs_are_told_what_to_do_with(content: bytes, what: str) -> None:
    with pytest.raises(CaseLogError) as refused:
        first_look(Upload("log", content))
    assert what in str(refused.value)


# ---- letters and separators ------------------------------------------------------------------------------------------

WORDS = ("Rückenmark, Größe", "opération précédente", "señal año", "après l’œdème")


@pytest.mark.parametrize(
    ("encoding", "word"),
    [(e, w) for e in ("cp1252", "mac_roman", "cp850") for w in WORDS if e != "cp850" or "œ" not in w],
)
def test_western_letters_are_proposed_and_never_certain(encoding: str, word: str) -> None:
    source = Upload("log.csv", csv_bytes(started(6, (word, ["1"])), separator=";", encoding=encoding))
    first = first_look(source)
    assert (first.encoding, first.certain) == (encoding, False)
    preview = look(source)
    assert word in preview.headers
    assert preview.special_text == word


@pytest.mark.parametrize(
    ("encoding", "word"), [("cp1250", "Krwawienie śródoperacyjne, źródło"), ("cp1250", "šití, žádný příznak"), ("cp1251", "Дата операции"), ("cp1253", "απώλεια αίματος")]
)  # fmt: skip
def test_other_letters_can_be_chosen(encoding: str, word: str) -> None:
    source = Upload("log.csv", csv_bytes(started(6, (word, ["1"])), separator=";", encoding=encoding))
    assert first_look(source).encoding == encoding
    form = FileForm(encoding=encoding)
    assert first_look(source, form).certain
    preview = look(source, form=form)
    assert word in preview.headers
    assert load_cases(source, preview.plan()).used == 6
    wrong = look(source, form=FileForm(encoding="cp850"))
    assert word not in wrong.headers
    assert wrong.special_text is not None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_letters_that_the_bytes_prove_are_certain(encoding: str) -> None:
    source = Upload("log.csv", csv_bytes(started(6, ("Größe", ["1"])), separator="\t", encoding=encoding))
    assert first_look(source).certain
    assert look(source).headers[-1] == "Größe"
    assert read(source).used == 6


def test_letters_that_do_not_fit_are_refused_with_what_to_do() -> None:
    source = Upload("log.csv", csv_bytes(started(6, ("Größe", ["1"])), encoding="cp1252"))
    with pytest.raises(CaseLogError, match="these bytes are no UTF-8; choose other letters"):
        look(source, form=FileForm(encoding="utf-8-sig"))


def test_every_choice_of_letters_is_one_python_knows() -> None:
    for name in ENCODINGS:
        assert "A".encode(name).decode(name) == "A"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("before", [b"", b"sep=%s\n"], ids=["", "sep="])
def test_separators_below_a_title_and_with_all_line_ends(separator: str, end: str, before: bytes) -> None:
    table = [["Operations, all; of the ward"], [], *started(6, ("EBL (ml)", ["12,5", "30,5"]))]
    content = csv_bytes(table, separator=separator, end=end)
    said = before.replace(b"%s", separator.encode()).replace(b"\n", end.encode())
    preview = look(Upload("log.csv", said + content))
    assert preview.separator == separator
    log = read(Upload("log.csv", said + content))
    assert log.used == 6
    assert log.cases["blood_loss_ml"].tolist() == [12.5, 30.5] * 3


def test_a_separator_can_be_chosen() -> None:
    content = "\n".join(["Tag:Was:Wie", *(":".join(row) for row in started(5)[1:])]).encode()
    form = FileForm(separator=":")
    assert look(Upload("log.csv", content), form=form).headers == ("Tag", "Was", "Wie")
    assert not first_look(Upload("log.csv", content)).certain


# ---- a row for each visit --------------------------------------------------------------------------------------------


def visits_table() -> list[list[str]]:
    table = [
        ["study_id", "redcap_event_name", "surg_date", "Procedure", "Approach", "odi_before", "odi_12mo", "dural_tear"]
    ]
    for i in range(1, 6):
        table += [
            [str(i), "baseline_arm_1", "", "", "", str(50 + i), "", ""],
            [str(i), "surgery_arm_1", f"2023-0{i}-14", "discectomy", ("open", "mis")[i % 2], "", "", "no"],
            [str(i), "month_12_arm_1", "", "", "", "", str(10 + i), ""],
        ]
    return table


@pytest.mark.parametrize("which", [0, 1], ids=["text", "workbook"])
def test_visits_are_joined_to_the_operation_of_the_same_record(which: int) -> None:
    source = both(visits_table())[which]
    preview = look(source)
    (note,) = [n for n in preview.notes if "row for each visit" in n]
    assert "10 of 15 rows" in note
    assert "study_id" in note
    log = read(source)
    assert (log.used, log.set_aside_rows, log.rows_in, len(log.left_out_lines)) == (5, 0, 15, 10)
    assert log.cases["odi_before"].tolist() == [51, 52, 53, 54, 55]
    assert log.cases["odi_12_months"].tolist() == [11, 12, 13, 14, 15]
    assert log.cases["dural_tear"].tolist() == [False] * 5
    assert (2, "a visit, joined to the operation of the same record") in log.left_out_lines
    assert log.dropped_columns["study_id"].startswith("never stored")


def test_a_value_that_changes_from_visit_to_visit_sets_the_case_aside() -> None:
    """A complication that is no at the operation and yes later is neither."""
    table = visits_table()
    table[3][7] = "yes"
    log = read(upload(table))
    assert (log.used, log.set_aside_rows) == (4, 1)
    assert log.set_aside.iloc[0]["line"] == 3
    assert "dural_tear" in log.set_aside.iloc[0]["value"]
    assert any("“dural_tear”" in n for n in log.notes)


def test_visits_of_a_record_with_two_operations_are_set_aside() -> None:
    table = visits_table()
    table.insert(4, ["1", "surgery_arm_2", "2024-02-02", "fusion", "open", "", "", ""])
    log = read(upload(table))
    assert (log.used, log.set_aside_rows) == (6, 2)
    assert all("2 operations" in value for value in log.set_aside["value"])


def test_a_record_without_an_operation_is_left_out() -> None:
    table = visits_table()
    table.append(["9", "baseline_arm_1", "", "", "", "40", "", ""])
    log = read(upload(table))
    assert (log.used, log.set_aside_rows) == (5, 0)
    assert (17, "no row of this record has a date of operation") in log.left_out_lines


def test_follow_up_rows_of_other_systems_are_joined_by_the_record_number() -> None:
    table = [["OP-Datum", "Eingriff", "Zugang", "Fallnummer", "ODI 12 Monate"]]
    for i in range(1, 5):
        table += [[f"2023-0{i}-14", "fusion", "mis", f"F-{i}", ""], ["", "", "", f"F-{i}", str(20 + i)]]
    log = read(upload(table))
    assert (log.used, len(log.left_out_lines)) == (4, 4)
    assert log.cases["odi_12_months"].tolist() == [21, 22, 23, 24]


def test_a_forgotten_date_is_no_visit() -> None:
    """The second operation of a person lacks its date: it must not vanish into the first one."""
    table = [["Fallnummer", *row] if i == 0 else [f"F-{i // 3}", *row] for i, row in enumerate(started(6, BLOOD))]
    table[4][1] = ""
    log = read(upload(table))
    assert (log.used, log.set_aside_rows, log.left_out_lines) == (5, 1, ())
    assert "is required" in next(iter(sentences(log)))


def test_visits_without_a_record_number_are_pointed_out() -> None:
    table = [["operation_date", "redcap_event_name", "procedure", "approach", "odi_12mo"]]
    table += [["2023-01-14", "surgery", "fusion", "open", ""], ["", "month 12", "", "", "12"]]
    log = read(upload([*table, ["2023-02-14", "surgery", "fusion", "mis", ""]]))
    assert (log.used, log.set_aside_rows) == (2, 1)
    assert any("one row a patient" in n for n in log.notes)


def test_what_was_chosen_about_the_file_stays_with_the_plan() -> None:
    source = workbook(("Cases", started(6, BLOOD)), change=with_hidden_rows)
    preview = look(source, form=FileForm(hidden_rows=True))
    plan = Plan.from_dict(preview.plan().as_dict())
    assert plan == preview.plan()
    assert load_cases(source, plan).used == 6


# ---- any of it together ----------------------------------------------------------------------------------------------

JUNK = [["Second quarter"], ["Total", "", "", "99"], ["Page 2 of 3"], ["Mean:", "", "", "61.5"], [], ["n = 12"]]


@given(st.data())
@settings(max_examples=60, derandomize=True, deadline=None)
def test_lines_round_and_between_the_cases_never_change_them(data: st.DataObject) -> None:
    draw = data.draw
    table = started(draw(st.integers(3, 20)), BLOOD)
    plain = read(upload(table))
    above = draw(st.sampled_from(list(ABOVE)))
    mixed, added = [table[0]], 0
    for row in table[1:]:
        for junk in draw(st.lists(st.sampled_from([*JUNK, table[0]]), max_size=2)):
            mixed.append([*junk, *[""] * (len(table[0]) - len(junk))] if draw(st.booleans()) else junk)
            added += any(junk)
        mixed.append(row)
    lines = [*ABOVE[above][0], *mixed]
    separator = draw(st.sampled_from([",", ";", "\t"]))
    source = draw(
        st.sampled_from([Upload("log.csv", csv_bytes(lines, separator=separator)), workbook(("Cases", lines))])
    )
    log = read(source)
    assert (log.used, log.set_aside_rows, len(log.left_out_lines)) == (plain.used, 0, added)
    assert log.cases.equals(plain.cases)
