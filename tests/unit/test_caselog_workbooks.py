"""Workbooks of other programs than new Excel, and what must not be lost or break out on the way through the reader of workbooks."""

from __future__ import annotations

import io
import zipfile
from datetime import time

import openpyxl
import pytest
from caselog_workbooks import Cell, ods, xls

from decision_aid.case_log.importing import (
    CaseLog,
    CaseLogError,
    Preview,
    Upload,
    answered,
    first_look,
    load_cases,
    look,
)
from decision_aid.case_log.questions import Ask
from decision_aid.case_log.sources.files import Format

NAMES = ["Date of surgery", "Procedure", "Approach", "Blood loss (ml)"]


def table(blood: list[Cell]) -> list[list[Cell]]:
    return [list(NAMES), *([f"2024-01-{i + 10}", "fusion", ("open", "mis")[i % 2], b] for i, b in enumerate(blood))]


def upload(kind: str, rows: list[list[Cell]], **said: object) -> Upload:
    return Upload(f"log.{kind}", ods(rows) if kind == "ods" else xls(rows, **said))


def read(source: Upload) -> CaseLog:
    return load_cases(source, look(source).plan())


def of(preview: Preview, ask: Ask) -> bool:
    return any(q.ask is ask for q in preview.questions())


@pytest.mark.parametrize("kind", ["ods", "xls"])
def test_sheets_of_other_programs_are_read(kind: str) -> None:
    source = upload(kind, [["All operations, Südklinik"], *table([120, 30.5, None, 60])])
    assert first_look(source).format is Format.EXCEL
    assert first_look(source).sheets == ("Cases",)
    log = read(source)
    assert (log.used, log.set_aside_rows) == (4, 0)
    assert log.cases["blood_loss_ml"].fillna(-1).tolist() == [120, 30.5, -1, 60]


@pytest.mark.parametrize("kind", ["ods", "xls"])
def test_an_error_is_never_an_empty_cell(kind: str) -> None:
    """An empty cell is “not recorded”; an error is not."""
    blood: list[Cell] = [10, "#DIV/0!", 20, "#N/A"]
    if kind == "ods":
        error = '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"{}><text:p>#DIV/0!</text:p></table:table-cell>'
        blood = [10, error.format(""), 20, error.format(' table:number-columns-repeated="1"')]
    source = upload(kind, table(blood))
    assert any(n.startswith("2 cells hold an error of Excel") for n in look(source).notes)
    log = read(source)
    assert (log.used, log.set_aside_rows) == (2, 2)


def test_hidden_rows_of_an_old_workbook_are_asked_about() -> None:
    source = upload("xls", table([10, 20, 30, 40]), hidden=frozenset({3}))
    (question,) = look(source).questions()
    assert question.ask is Ask.HIDDEN_ROWS
    assert question.text.startswith("1 rows of the sheet are hidden")
    log = load_cases(source, answered(look(source).plan(), question, question.choices[1]))
    assert log.cases["blood_loss_ml"].tolist() == [10, 30, 40]


def ods_rows(*last: str) -> list[list[Cell] | str]:
    return [*table([10, 20]), *last]


ROW = (
    '<table:table-row{}><table:table-cell office:value-type="date" office:date-value="2024-03-01"><text:p>01.03.24</text:p></table:table-cell>'
    '<table:table-cell office:value-type="string"><text:p>fusion</text:p></table:table-cell>'
    '<table:table-cell office:value-type="string"><text:p>open</text:p></table:table-cell>{}</table:table-row>'
)
SEVEN = '<table:table-cell office:value-type="float" office:value="7"/>'


def test_lines_and_cells_that_libreoffice_writes_as_one_are_read() -> None:
    end = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    source = Upload("log.ods", ods(ods_rows(ROW.format(' table:number-rows-repeated="3"', SEVEN), end)))
    plan = answered(look(source).plan(), next(q for q in look(source).questions()), "another patient")
    assert load_cases(source, plan).cases["blood_loss_ml"].tolist() == [10, 20, 7, 7, 7]


def test_hidden_and_merged_cells_of_libreoffice_are_asked_about() -> None:
    hidden = ods(ods_rows(ROW.format(' table:visibility="filter"', SEVEN)))
    assert of(look(Upload("log.ods", hidden)), Ask.HIDDEN_ROWS)
    two = SEVEN.replace("/>", ' table:number-rows-spanned="2"/>')
    covered = ROW.format("", "<table:covered-table-cell/>").replace("03-01", "03-02")
    source = Upload("log.ods", ods(ods_rows(ROW.format("", two), covered)))
    (question,) = look(source).questions()
    assert "D4:D5" in question.text
    log = load_cases(source, answered(look(source).plan(), question, question.choices[0]))
    assert log.cases["blood_loss_ml"].tolist() == [10, 20, 7, 7]


def test_a_formula_of_libreoffice_without_a_result_is_told() -> None:
    source = Upload("log.ods", ods(ods_rows(ROW.format("", '<table:table-cell table:formula="of:=1+1"/>'))))
    with pytest.raises(
        CaseLogError, match=r"line 4, column D; expected values .this is a formula without a saved result"
    ):
        look(source)


def test_a_duration_above_a_day_is_read_from_libreoffice() -> None:
    stay = '<table:table-cell office:value-type="time" office:time-value="PT{}M00S"><text:p/></table:table-cell>'
    rows = [ROW.format("", stay.format(s)).replace("03-01", f"03-0{i + 1}") for i, s in enumerate(("06H30", "30H15"))]
    source = Upload("log.ods", ods([[*NAMES[:3], "LOS (days)"], *rows]))
    plan = look(source).plan()
    for question in look(source).questions():
        plan = answered(plan, question, question.choices[0])
    assert load_cases(source, plan).cases["length_of_stay_days"].tolist() == pytest.approx([6.5 / 24, 30.25 / 24])


# ---- what is refused -------------------------------------------------------------------------------------------------


def test_workbooks_with_a_password_are_refused() -> None:
    encrypted = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(ods(table([1])))) as whole, zipfile.ZipFile(encrypted, "w") as archive:
        for name in whole.namelist():
            content = whole.read(name)
            archive.writestr(name, content.replace(b"/></m", b"><manifest:encryption-data/></manifest:file-entry></m"))
    for source in (upload("xls", table([1]), password=True), Upload("log.ods", encrypted.getvalue())):
        with pytest.raises(CaseLogError, match="a workbook without a password"):
            first_look(source)


def xlsx(**cells: object) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for row in table([10, 20]):
        book.active.append(row)
    for place, value in cells.items():
        book.active[place] = value
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def with_sheet(content: bytes, old: bytes, new: bytes, part: str = "xl/worksheets/sheet1.xml") -> Upload:
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as whole, zipfile.ZipFile(changed, "w") as archive:
        for name in whole.namelist():
            data = whole.read(name)
            assert name != part or old in data
            archive.writestr(name, data.replace(old, new) if name == part else data)
    return Upload("log.xlsx", changed.getvalue())


FAR = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'


@pytest.mark.parametrize(
    "far",
    [FAR, FAR.replace(b'"', b"'"), FAR.replace(b"<c ", b"<c s='0' "), FAR.replace(b'<row r="1048576">', b"<row>")],
    ids=["Excel", "single quotes", "another order", "without a line"],
)
def test_a_cell_in_the_last_corner_does_not_fill_the_memory(far: bytes) -> None:
    """Read as it stands the sheet would be 17 thousand million cells, and end the program."""
    with pytest.raises(CaseLogError, match="at most 40,000,000 cells"):
        first_look(with_sheet(saved(xlsx()), b"</sheetData>", far))


def test_repeated_cells_of_libreoffice_do_not_fill_the_memory() -> None:
    many = SEVEN.replace("/>", ' table:number-columns-repeated="16384"/>')
    source = Upload("log.ods", ods(ods_rows(ROW.format(' table:number-rows-repeated="1000000"', many))))
    with pytest.raises(CaseLogError, match="at most 40,000,000 cells"):
        first_look(source)


def test_a_long_text_that_stands_in_many_cells_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells share their texts in the file, not in memory."""
    shared = b'<c r="E1" t="s"><v>0</v></c><c r="F1" t="s"><v>0</v></c></row><row r="2"'
    source = with_sheet(saved(xlsx()), b'</row><row r="2"', shared)
    texts = (
        b"<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><si><t>"
        + b"x" * 30_000
        + b"</t></si></sst>"
    )
    book = io.BytesIO(source.data)
    with zipfile.ZipFile(book) as whole:
        members = {name: whole.read(name) for name in whole.namelist()} | {"xl/sharedStrings.xml": texts}
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    source = Upload("log.xlsx", changed.getvalue())
    assert len(look(source).headers[4]) > 29_000
    monkeypatch.setattr("decision_aid.case_log.sources.workbooks._MOST_TEXT_BYTES", 50_000)
    with pytest.raises(CaseLogError, match="leave out columns of long texts"):
        look(source)


def test_two_parts_of_the_same_name_are_refused() -> None:
    content = io.BytesIO(saved(xlsx()))
    with zipfile.ZipFile(content, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/workbook.xml", b"<workbook/>")
    with pytest.raises(CaseLogError, match="two parts have the same name"):
        first_look(Upload("log.xlsx", content.getvalue()))


def test_a_sheet_with_named_tags_is_read_with_its_errors() -> None:
    """Some programs write <x:row> for <row>."""
    source = Upload("log.xlsx", saved(xlsx(D3="#DIV/0!")))
    with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    named = (
        sheet.replace(b"<", b"<x:").replace(b"<x:/", b"</x:").replace(b"<x:?", b"<?").replace(b"xmlns=", b"xmlns:x=")
    )
    log = read(with_sheet(source.data, sheet, named))
    assert (log.used, log.set_aside_rows) == (1, 1)


def test_an_error_without_a_place_is_never_an_empty_cell() -> None:
    content = saved(xlsx(D3="#DIV/0!"))
    with pytest.raises(CaseLogError, match="a whole workbook"):
        look(with_sheet(content, b'r="D3" ', b""))


def test_a_negative_time_is_no_midnight() -> None:
    book = xlsx(D1="LOS (h:mm)", D2=time(6, 30), D3=-0.5)
    book.active["D3"].number_format = "h:mm"
    source = Upload("log.xlsx", saved(book))
    preview = look(source)
    plan = preview.plan()
    for question in preview.questions():
        plan = answered(plan, question, dict.fromkeys(question.words, "") if question.words else question.choices[0])
    assert 0.0 not in load_cases(source, plan).cases["length_of_stay_days"].tolist()


def test_numbers_without_end_in_a_workbook_of_libreoffice_are_refused_at_once() -> None:
    """A number of lines that no program shows would be counted through one by one."""
    without_end = ' table:visibility="collapse" table:number-rows-repeated="999999999999"'
    with pytest.raises(CaseLogError, match="a whole workbook"):
        first_look(Upload("log.ods", ods(ods_rows(ROW.format(without_end, SEVEN)))))
    empty = f"<table:table-row{without_end}><table:table-cell/></table:table-row>"
    assert read(Upload("log.ods", ods(ods_rows(empty)))).used == 2
    merged = SEVEN.replace("/>", ' table:number-rows-spanned="999999999999"/>')
    source = Upload("log.ods", ods(ods_rows(ROW.format("", merged))))
    for question in look(source).questions():
        for choice in question.choices:
            assert load_cases(source, answered(look(source).plan(), question, choice)).used == 3


def test_the_list_of_parts_that_openoffice_wrote_names_its_type() -> None:
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(ods(table([1, 2])))) as whole, zipfile.ZipFile(changed, "w") as archive:
        for name in whole.namelist():
            doctype = b'<!DOCTYPE manifest:manifest PUBLIC "-//OpenOffice.org//DTD Manifest 1.0//EN" "Manifest.dtd">'
            archive.writestr(name, whole.read(name).replace(b"<manifest:manifest", doctype + b"<manifest:manifest"))
    assert read(Upload("log.ods", changed.getvalue())).used == 2
