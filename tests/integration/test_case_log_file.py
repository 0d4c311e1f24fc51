"""The page that reads a case log: the sheet and the letters come first, and choices belong to the columns, not to a file's name."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from caselog_files import csv_bytes
from dashboard_app import hand_over, home, html, opened, ready_server, remember  # noqa: F401
from streamlit.testing.v1 import AppTest

from decision_aid.case_log.headers import remembered_mapping
from decision_aid.case_log.importing import load_cases, look

pytestmark = pytest.mark.usefixtures("home", "ready_server")
NONE = "– not in this file –"
NAMES = ["operation_date", "procedure", "approach"]


def rows(*more: str) -> list[list[str]]:
    return [[f"2023-0{i}-11", "fusion", ("open", "mis")[i % 2], *more] for i in range(1, 9)]


def file(folder: Path, table: list[list[str]], encoding: str = "utf-8") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "cases.csv"
    path.write_bytes(csv_bytes(table, separator=";", encoding=encoding))
    return path


def workbook(folder: Path, **sheets: list[list[str]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, table in sheets.items():
        sheet = book.create_sheet(title)
        for row in table:
            sheet.append(row)
    path = folder / "log.xlsx"
    book.save(path)
    return path


def handed_over(path: Path, app: AppTest | None = None) -> AppTest:
    app = hand_over(app or opened("pages/case_log.py"), path)
    assert [e.value for e in app.exception] == []
    return app


def select(app: AppTest, label: str) -> AppTest.selectbox:
    return next(s for s in app.selectbox if s.label == label)


def button(app: AppTest) -> AppTest.button:
    return next(b for b in app.button if b.label == "Read the case log")


def test_the_sheet_with_the_cases_is_proposed_and_read(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        Legend=[["Code", "Meaning"], ["1", "open"], ["2", "mis"]],
        Cases=[[*NAMES, "EBL (ml)"], *rows("50")],
        Notes=[["call back"]],
    )
    app = handed_over(path)
    assert select(app, "Which sheet holds the cases?").value == "Cases"
    assert select(app, "Blood loss").value == "EBL (ml)"
    assert not button(app).disabled
    button(app).click().run()
    assert any("8 rows: 8 used, 0 set aside" in text for text in html(app))
    select(app, "Which sheet holds the cases?").set_value("Legend").run()
    assert select(app, "Blood loss").options == [NONE, "Code", "Meaning"]
    assert button(app).disabled
    select(app, "Which sheet holds the cases?").set_value("Cases").run()
    assert select(app, "Blood loss").value == "EBL (ml)"


def test_hidden_sheets_are_marked(tmp_path: Path) -> None:
    path = workbook(tmp_path, Cases=[NAMES, *rows()], Old=[NAMES, *rows()])
    book = openpyxl.load_workbook(path)
    book["Old"].sheet_state = "hidden"
    book.save(path)
    assert select(handed_over(path), "Which sheet holds the cases?").options == ["Cases", "Old (hidden in Excel)"]


def test_a_corrected_file_of_the_same_name_is_looked_at_anew(tmp_path: Path) -> None:
    app = handed_over(file(tmp_path / "first", [[*NAMES, "blood"], *rows("30")]))
    assert select(app, "Blood loss").value == NONE
    handed_over(file(tmp_path / "corrected", [[*NAMES, "blood_loss_ml", "dural_tear"], *rows("30", "no")]), app)
    assert select(app, "Blood loss").value == "blood_loss_ml"
    assert select(app, "Dural tear").value == "dural_tear"


def test_a_choice_made_by_hand_belongs_to_the_columns(tmp_path: Path) -> None:
    table = [[*NAMES, "blood", "tear"], *rows("30", "no")]
    app = handed_over(file(tmp_path / "first", table))
    select(app, "Dural tear").set_value("tear").run()
    handed_over(file(tmp_path / "second", [*table, ["2024-01-01", "fusion", "mis", "10", "no"]]), app)
    assert select(app, "Dural tear").value == "tear"
    handed_over(file(tmp_path / "third", [[*NAMES, "tear", "blood"], *rows("no", "30")]), app)
    assert select(app, "Dural tear").options == [NONE, *NAMES, "tear", "blood"]


def test_what_is_remembered_says_so_and_switches_no_named_column_off(tmp_path: Path) -> None:
    path = file(tmp_path / "a", [[*NAMES, "blood_loss_ml", "stay"], *rows("30", "2")])
    plan = look(path).plan({**{n: n for n in NAMES}, "levels": "stay"})
    remember(plan)
    app = handed_over(path)
    assert select(app, "Blood loss").value == "blood_loss_ml"
    assert select(app, "Number of levels").value == "stay"
    told = " ".join(html(app))
    assert "as they were for an earlier file with these columns" in told
    assert "“blood_loss_ml” was left out before. It is proposed again" in told
    assert "“stay” is read as “Number of levels” as before, although its name says “Length of stay”" in told


def test_a_file_with_other_columns_remembers_nothing(tmp_path: Path) -> None:
    remember(look(file(tmp_path / "a", [[*NAMES, "x"], *rows("30")])).plan())
    app = handed_over(file(tmp_path / "b", [[*NAMES, "y"], *rows("30")]))
    assert not any("earlier file" in text for text in html(app))


def test_a_column_of_another_name_stays_as_it_was_chosen() -> None:
    guessed = {"operation_date": "Date", "blood_loss_ml": "EBL"}
    mapping, told = remembered_mapping(guessed, {"operation_date": "Date", "blood_loss_ml": "Loss measured"})
    assert mapping == {"operation_date": "Date", "blood_loss_ml": "Loss measured"}
    assert told[1:] == ("“EBL” is left out as before: “Blood loss” is read from “Loss measured”.",)


def test_letters_that_are_not_certain_are_asked_in_the_open_and_can_be_chosen(tmp_path: Path) -> None:
    word = "Größe für Ärzte"
    path = file(tmp_path / "a", [[*NAMES, word], *rows("1")], "cp1252")
    app = handed_over(path)
    assert select(app, "Its letters").value == "cp1252"
    assert any(f"So it is read: “{word}”" in text for text in html(app))
    select(app, "Its letters").set_value("mac_roman").run()
    assert not any(word in text for text in html(app))
    select(app, "Its letters").set_value("cp1252").run()
    select(app, "Between the cells stands a").set_value("|").run()
    assert button(app).disabled
    select(app, "Between the cells stands a").set_value(";").run()
    button(app).click().run()
    assert any("8 rows: 8 used" in text for text in html(app))


def test_letters_that_do_not_fit_leave_the_way_back_open(tmp_path: Path) -> None:
    app = handed_over(file(tmp_path / "a", [[*NAMES, "Größe"], *rows("1")], "cp1252"))
    select(app, "Its letters").set_value("utf-8-sig").run()
    assert any("choose other letters" in text for text in html(app))
    select(app, "Its letters").set_value("cp1252").run()
    assert not button(app).disabled


def test_lines_left_out_stand_under_the_counts(tmp_path: Path) -> None:
    table = [["All operations"], [*NAMES, "EBL (ml)"], *rows("30"), ["Total", "", "", "240"], ["Printed by the ward"]]
    app = handed_over(file(tmp_path / "a", table))
    assert any("The table begins on line 2; the line above was left out." in text for text in html(app))
    button(app).click().run()
    (told,) = (text for text in html(app) if "10 rows: 8 used, 0 set aside, 2 left out" in text)
    assert "Left out, line 11: a line of totals or averages, no case." in told
    assert "Left out, line 12: a single text, such as a heading or a footer, no case." in told


def test_the_same_file_is_read_as_it_was_chosen(tmp_path: Path) -> None:
    """What the page chose about the file goes with its plan."""
    path = file(tmp_path / "a", [[*NAMES, "Größe"], *rows("1")], "cp1252")
    app = handed_over(path)
    button(app).click().run()
    assert load_cases(path, app.session_state["own"].log.plan).used == 8
