"""A case log is found out, asked about and read; what it says is kept exactly, and who it is about is not kept at all."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import openpyxl
import pandas as pd
import pytest
from caselog_files import HEADERS, csv_bytes, example, log_table, rows, upload
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_aid.case_log.cells import BLANKS, DecimalMark, days, number
from decision_aid.case_log.example import LABEL, example_cases
from decision_aid.case_log.fields import BY_NAME, FIELDS, REQUIRED, Approach, Field, Kind
from decision_aid.case_log.importing import (
    Ask,
    CaseLog,
    CaseLogError,
    DateOrder,
    Plan,
    Upload,
    answered,
    fits,
    load_cases,
    look,
    sentences,
    set_aside_csv,
    template_csv,
    template_notes,
)
from decision_aid.case_log.sources import delimited
from decision_aid.case_log.sources.files import Format

TODAY = date(2025, 6, 30)
FEWEST = {name: name for name in REQUIRED}


def few(*more: tuple[str, list[str]], n: int = 12) -> Upload:
    """The required columns of the example with further ones."""
    table = [[*REQUIRED, *(name for name, _ in more)]]
    for i, row in enumerate(rows(40)[:n]):
        table.append(
            [*(row[HEADERS.index(name)] for name in REQUIRED), *(values[i % len(values)] for _, values in more)]
        )
    return upload(table)


def read(source: Upload | Path, plan: Plan | None = None) -> CaseLog:
    log = load_cases(source, look(source).plan() if plan is None else plan, today=TODAY)
    assert log.used + log.set_aside_rows + len(log.left_out_lines) == log.rows_in
    return log


def column(name: str, texts: list[str], **plan: Any) -> list[Any]:
    """What the texts of one column become; a row that is set aside is missing."""
    return read(few((name, texts), n=len(texts)), Plan({**FEWEST, name: name}, **plan)).cases[name].tolist()


def excel(frame: pd.DataFrame | list[list[Any]], **sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    table = (
        frame
        if isinstance(frame, list)
        else [list(frame.columns), *frame.astype(object).where(frame.notna(), None).values.tolist()]
    )
    for row in table:
        book.active.append(row)
    for title, cells in sheets.items():
        sheet = book.create_sheet(title)
        for row in cells:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


# ---- the three formats -----------------------------------------------------------------------------------------------


def parquet(frame: pd.DataFrame) -> bytes:
    content = io.BytesIO()
    frame.to_parquet(content, index=False)
    return content.getvalue()


WRITERS: dict[Format, Callable[[pd.DataFrame], bytes]] = {
    Format.CSV: lambda frame: frame.to_csv(index=False).encode(),
    Format.EXCEL: excel,
    Format.PARQUET: parquet,
}


@pytest.mark.parametrize("format_", Format)
@pytest.mark.parametrize("as_path", [True, False], ids=["path", "upload"])
def test_the_example_comes_back_equal_from_every_format(format_: Format, as_path: bool, tmp_path: Path) -> None:
    frame = example_cases(300)
    source: Upload | Path = Upload("log.bin", WRITERS[format_](frame))  # the name is not what decides
    if as_path:
        (tmp_path / "log.bin").write_bytes(source.data)
        source = tmp_path / "log.bin"
    preview = look(source)
    assert preview.format is format_
    assert preview.row_count == 300
    assert preview.questions() == ()
    told: list[float] = []
    log = load_cases(source, preview.plan(), told.append, today=TODAY)
    pd.testing.assert_frame_equal(log.cases, frame)
    assert (log.rows_in, log.used, log.set_aside_rows, log.blank_rows) == (300, 300, 0, 0)
    assert log.set_aside.empty
    assert log.dropped_columns == {}
    assert log.not_recorded == frame.isna().sum().to_dict()
    assert (told[0], told[-1]) == (0, 1)
    assert told == sorted(told)


def test_cells_of_a_workbook_are_read_by_their_type() -> None:
    table = [
        [*REQUIRED, "levels", "operative_time_min", "infection", "blood_loss_ml", "age_group"],
        [datetime(2021, 3, 4, 8, 30), "fusion", "open", 2.0, time(1, 30), True, 250.5, 61],
        [date(2021, 3, 5), "fusion", "mis", 1, timedelta(hours=2), False, "300,5", "75 and over"],
        [],
        ["2021-03-06 00:00:00", "fusion", "mis", None, 0.5, 0, 1234, 39.5],
        [None, None, None, None, None, None, " ", None],
    ]
    plan = Plan(
        {name: name for name in table[0]},
        units={"operative_time_min": "hours", "blood_loss_ml": "ml"},
        decimal_mark=DecimalMark.COMMA,
    )
    log = read(Upload("log.xlsx", excel(table)), plan)
    assert (log.used, log.blank_rows) == (3, 2)
    assert log.cases["operation_date"].dt.strftime("%d").tolist() == ["04", "05", "06"]
    assert log.cases["operative_time_min"].tolist() == [90, 120, 30]
    assert log.cases["infection"].tolist() == [True, False, False]
    assert log.cases["blood_loss_ml"].tolist() == [250.5, 300.5, 1234]
    assert log.cases["age_group"].tolist() == ["60-74", "75 and over", "under 40"]


def test_codes_of_a_workbook_can_be_given_a_meaning() -> None:
    table = [["operation_date", "procedure", "how"], *([date(2021, 3, d), "fusion", 1 + d % 2] for d in range(1, 9))]
    source = Upload("log.xlsx", excel(table))
    preview = look(source)
    mapping = {**preview.mapping, "approach": "how"}
    (question,) = preview.questions(mapping)
    assert sorted(question.words) == ["1", "2"]
    plan = answered(preview.plan(mapping), question, {"1": "open", "2": "mis"})
    assert read(source, plan).cases["approach"].tolist() == ["mis", "open"] * 4


def test_a_workbook_with_several_sheets_asks_for_one() -> None:
    content = Upload("log.xlsx", excel([["Read me"], ["Ward 3"]], Cases=log_table(5), Empty=[]))
    first = look(content)
    assert first.sheets == ("Sheet", "Cases")
    assert first.questions()[0].ask is Ask.SHEET
    preview = look(content, sheet="Cases")
    assert preview.questions() == ()  # it is asked once, before anything else
    plan = answered(preview.plan(), first.questions()[0], "Cases")
    assert read(content, plan).used == 5
    assert fits(plan, preview)


def test_types_of_parquet() -> None:
    frame = example(40).copy()
    frame["levels"] = frame["levels"].astype("float64")
    frame["infection"] = frame["infection"].astype("object")
    frame["procedure"] = frame["procedure"].astype(str)
    frame["operation_date"] = frame["operation_date"].dt.tz_localize("Europe/Zurich")
    frame["vas_leg_before"] = frame["vas_leg_before"].astype("float32")
    log = read(Upload("log.parquet", parquet(frame)))
    assert log.used == 40
    expected = example(40).drop(columns="vas_leg_before")
    pd.testing.assert_frame_equal(log.cases.drop(columns="vas_leg_before"), expected)
    assert log.cases["vas_leg_before"].round(3).equals(example(40)["vas_leg_before"].round(3))


# ---- messy files -----------------------------------------------------------------------------------------------------

NAMES = {f.name: (f.name, f.label, f.name.upper().replace("_", " "), *f.guesses) for f in FIELDS}
ORDERS = {
    DateOrder.DAY_FIRST: ("%d.%m.%Y", "%d/%m/%y"),
    DateOrder.MONTH_FIRST: ("%m/%d/%Y", "%m-%d-%Y %H:%M"),
    None: ("%Y-%m-%d", "%d %b %Y", "%Y%m%d"),
}
EXTRA = {
    "Surname": lambda i: f"Zzyzx{i}",
    "Geb.-Datum": lambda i: f"1951-0{i % 9 + 1}-17",
    "contact": lambda i: f"zz{i}@zzmail.example",
    "reference": lambda i: f"99{7341 + i * 7}55",
    "remarks": lambda i: ("went well, no\nremarks", "", 'said "fine"')[i % 3],
}
BAD = {
    Kind.DATE: "31.02.2021",
    Kind.CHOICE: "whatever",
    Kind.NUMBER: "~5",
    Kind.WHOLE: "2.5 or 3",
    Kind.YES_NO: "perhaps",
}
LETTERS = {"utf-8": "ä", "utf-8-sig": "é", "utf-16": "ł", "cp1252": "ñ", "latin-1": "ü", "cp850": "ü"}


def written(value: Any, f: Field, date_format: str, mark: str, words: tuple[str, str]) -> str:
    if pd.isna(value):
        return ""
    if f.kind is Kind.DATE:
        return value.strftime(date_format)
    if f.kind is Kind.YES_NO:
        return words[0] if value else words[1]
    return f"{value:g}".replace(".", mark) if f.kind is Kind.NUMBER else str(value)


@given(st.data())
@settings(max_examples=70, derandomize=True, deadline=None)
def test_messy_files_are_read_exactly_or_set_aside(data: st.DataObject) -> None:
    draw = data.draw
    n = draw(st.integers(6, 25))
    frame = example(40).sample(n, random_state=draw(st.integers(0, 99))).reset_index(drop=True)
    optional = [f.name for f in FIELDS if not f.required]
    names = [*REQUIRED, *draw(st.lists(st.sampled_from(optional), unique=True, max_size=12))]
    order = draw(st.sampled_from(list(ORDERS)))
    date_format = draw(st.sampled_from(ORDERS[order]))
    mark = draw(st.sampled_from(DecimalMark))
    separator = draw(st.sampled_from(";\t|" if mark is DecimalMark.COMMA else ",;\t|"))
    words = draw(
        st.sampled_from([("yes", "no"), ("1", "0"), ("Ja", "Nein"), ("TRUE", "FALSE"), ("x", "n"), ("Sí", "No")])
    )
    encoding = draw(st.sampled_from(list(LETTERS)))
    if words[0] == "Sí" and encoding == "cp850":
        encoding = "cp1252"
    headers = {name: draw(st.sampled_from(NAMES[name])) for name in names}
    if len(set(headers.values())) < len(headers):
        headers = {name: name for name in names}
    bad = draw(st.sets(st.tuples(st.integers(0, n - 1), st.sampled_from(names)), max_size=3))
    columns = {
        headers[name]: [
            BAD[BY_NAME[name].kind] if (i, name) in bad else written(v, BY_NAME[name], date_format, mark, words)
            for i, v in enumerate(frame[name])
        ]
        for name in names
    }
    extra = draw(st.lists(st.sampled_from(list(EXTRA)), unique=True))
    columns |= {header: [EXTRA[header](i) for i in range(n)] for header in extra}
    columns[f"Stra{LETTERS[encoding]}e"] = [f"lane {i}" for i in range(n)]
    columns["row"] = [str(i) for i in range(n)]  # no row repeats another
    shuffled = draw(st.permutations(list(columns)))
    table = [shuffled, *([columns[h][i] for h in shuffled] for i in range(n))]
    end, quoted = draw(st.sampled_from(["\n", "\r\n"])), draw(st.booleans())
    source = Upload("log.csv", csv_bytes(table, separator=separator, encoding=encoding, end=end, quoted=quoted))

    preview = look(source)
    assert preview.separator == separator
    assert set(preview.headers) == set(columns) or encoding in ("latin-1", "cp850")
    mapping = {name: headers[name] for name in names}
    units = {name: BY_NAME[name].units[0] for name in names if BY_NAME[name].units}
    plan = replace(preview.plan(mapping), date_order=order, decimal_mark=mark, units=units)
    log = load_cases(source, plan, today=TODAY)
    with mock.patch.object(delimited, "_quick_table", return_value=None):
        careful = load_cases(source, plan, today=TODAY)
    pd.testing.assert_frame_equal(log.cases, careful.cases)
    pd.testing.assert_frame_equal(log.set_aside, careful.set_aside)
    assert repr(careful) == repr(log)

    bad_rows = sorted({i for i, _ in bad})
    assert log.rows_in == n
    assert log.used == n - len(bad_rows)
    assert log.set_aside_rows == len(bad_rows)
    assert {(h, v) for h, v in zip(log.set_aside["column"], log.set_aside["value"], strict=True)} == {
        (headers[name], BAD[BY_NAME[name].kind]) for _, name in bad
    }
    if not any("\n" in cell for row in table for cell in row):
        assert sorted(set(log.set_aside["line"])) == [i + 2 for i in bad_rows]
    kept = frame[names].drop(index=bad_rows).reset_index(drop=True)
    pd.testing.assert_frame_equal(log.cases[names], kept)
    assert log.cases.drop(columns=names).isna().all(axis=None)
    assert set(log.dropped_columns) == set(preview.headers) - set(headers.values())
    for told in (
        repr(preview),
        repr(log),
        set_aside_csv(log),
        log.cases.to_csv(),
        "".join(sentences(log)),
    ):
        assert "zz" not in told.lower()
        assert "1951-0" not in told


# ---- what a file seems to be -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Operation Date", "operation_date"), ("OP-Datum", "operation_date"), ("date_of_surgery", "operation_date"),
        ("Fecha de cirugía", "operation_date"), ("Blutverlust (ml)", "blood_loss_ml"), ("EBL", "blood_loss_ml"),
        ("blood loss [l]", "blood_loss_ml"), ("LOS_days", "length_of_stay_days"), ("Durée de séjour", "length_of_stay_days"),
        ("OP-Dauer (min)", "operative_time_min"), ("odi_12mo", "odi_12_months"), ("odi_preop", "odi_before"),
        ("ODI_1y", "odi_12_months"), ("Baseline ODI", "odi_before"), ("odi_fu24", "odi_24_months"), ("VAS Bein präop", "vas_leg_before"),
        ("nrs_back_3m", "vas_back_3_months"), ("VAS Rücken 24 Monate", "vas_back_24_months"), ("Durotomy", "dural_tear"),
        ("SSI", "infection"), ("Raucher", "smoking"), ("ASA-Klasse", "asa"), ("Age", "age_group"), ("BMI", "bmi_group"),
        ("Días", None), ("implant", None),
    ],
)  # fmt: skip
def test_headers_are_recognised(header: str, field: str | None) -> None:
    source = upload([["other", header], *([str(i % 3), ""] for i in range(4))])
    assert look(source).columns[1].guess == field


@pytest.mark.parametrize(
    "header",
    [
        "Name", "Surname", "last_name", "Nachname", "Vorname", "Nom", "Prénom", "Apellidos", "Nombre", "PatientName", "Patient", "DOB",
        "date of birth", "birth_date", "Geburtsdatum", "Geb.Datum", "Date de naissance", "Fecha de nacimiento", "Address", "Straße",
        "Strasse", "Adresse", "Dirección", "Postcode", "PLZ", "Phone", "tel.", "Telefonnummer", "Teléfono", "mobile phone", "E-Mail",
        "email_address", "courriel", "MRN", "patient_id", "PatientID", "Pat-Nr", "Patientennummer", "Case number", "Fallnummer", "record_id",
        "insurance_no", "Krankenkasse", "Versichertennummer", "AHV-Nummer", "NHS number", "Numéro de dossier", "NHC", "ID", "initials", "Surgeon",
    ],
)  # fmt: skip
def test_identifying_headers_are_recognised(header: str) -> None:
    preview = look(few((header, ["zzz"])))
    assert preview.identifying[header].startswith("its name says that it holds")
    assert "zzz" not in repr(preview)
    assert read(few((header, ["zzz"]))).dropped_columns[header].startswith("never stored")


@pytest.mark.parametrize("name", [text for f in FIELDS for text in (f.name, f.label, *f.guesses)])
def test_no_field_is_taken_for_an_identifying_column(name: str) -> None:
    assert look(upload([["other", name], ["1", ""]])).identifying == {}


IDENTIFYING_CELLS = {
    "an e-mail address": [f"zz.{i}@zz.example" for i in range(12)],
    "a telephone number": [f"+41 79 55{i} 12 3{i % 10}" for i in range(12)],
    "a date of birth": [f"{1950 + 3 * i}-07-1{i % 10}" for i in range(12)],
    "a record number": [f"7{i}3451{i}" for i in range(12)],
    "a name": [f"{first} {last}" for first in ("Zza", "Zzb", "Zzc", "Zzd") for last in ("Zzmann", "Zz-Öhler", "O’Zz")],
}


@pytest.mark.parametrize("what", IDENTIFYING_CELLS)
@pytest.mark.parametrize("mapped", [False, True], ids=["not mapped", "mapped"])
def test_identifying_cells_are_recognised(what: str, mapped: bool) -> None:
    header = "readmission_date" if what == "a date of birth" and mapped else "technique" if mapped else "c7"
    source = few((header, IDENTIFYING_CELLS[what]))
    preview = look(source)
    assert preview.identifying == {header: f"its cells look like {what}"}
    assert header not in preview.mapping.values()
    told = repr(preview)
    if mapped:
        with pytest.raises(
            CaseLogError, match=rf"column {header}; expected a column without personal data .* look like {what}"
        ) as refused:
            read(source, Plan({**FEWEST, header: header}))
        told += str(refused.value)
    else:
        log = read(source)
        told += repr(log) + set_aside_csv(log) + log.cases.to_csv()
        assert log.dropped_columns == {header: f"never stored: its cells look like {what}"}
    for cell in IDENTIFYING_CELLS[what]:
        assert cell not in told


def test_surnames_alone_under_a_header_that_says_nothing_are_recognised() -> None:
    surnames = [f"{first}{last}" for first in ("Zz", "Qua", "O’Xo", "Yü") for last in ("mann", "ler", "berg", "sson")]
    assert look(few(("c7", surnames))).identifying == {"c7": "its cells look like a name"}
    approaches = ["Open", "Tubular", "Endoscopic", "Microscopic"] * 4
    assert look(few(("c7", approaches))).identifying == {}


def test_ordinary_columns_raise_no_alarm() -> None:
    frame = example_cases(400)
    assert (
        look(
            upload([list(HEADERS), *frame.astype(str).replace("<NA>|nan|NaT", "", regex=True).values.tolist()])
        ).identifying
        == {}
    )
    technique = [
        "Open Discectomy",
        "Tubular Decompression",
        "MIS TLIF L4/L5",
        "Open Laminectomy",
        "Lumbar Fusion",
        "Full Endoscopic",
        "MIS TLIF",
    ]
    assert look(few(("technique", technique))).identifying == {}


@pytest.mark.parametrize(
    "cell", ["Zzmann, Hans", "Hans Zzmann", "zz@zz.example", "+41 79 555 12 34", "76543210", "1951-07-04", "Zzheim"]
)
def test_a_personal_cell_in_a_wrong_column_is_not_repeated(cell: str) -> None:
    source = few(("surname", ["Zzheim"]), ("infection", ["no", "yes", "no", "yes", "no", cell]))
    log = read(source, Plan({**FEWEST, "infection": "infection"}))
    assert log.set_aside_rows == 2
    told = set_aside_csv(log) + "".join(sentences(log)) + repr(log)
    assert cell not in told
    assert "not shown" in told


def test_what_is_ambiguous_is_asked_and_nothing_else() -> None:
    source = few(
        ("Date", ["03/04/2021", "05/06/2021"]), ("EBL", ["1,250"]), ("LOS (d)", ["3"]), ("Zugang", ["offen", "MIS"]),
        ("SSI", ["x", ""]), ("Diabetes", ["ja", "nein"]),
    )  # fmt: skip
    preview = look(source)
    mapping = {**FEWEST, "operation_date": "Date", "blood_loss_ml": "EBL", "length_of_stay_days": "LOS (d)", "approach": "Zugang", "infection": "SSI", "diabetes": "Diabetes"}  # fmt: skip
    asked = preview.questions(mapping)
    assert [q.ask for q in asked] == [Ask.DATE_ORDER, Ask.DECIMAL_MARK, Ask.UNIT, Ask.WORDS, Ask.EMPTY_CELLS]
    assert asked[0].choices == (DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST)
    assert "03/04/2021" in asked[0].text
    assert (asked[3].words, asked[3].suggested) == (("offen",), {"offen": "open"})
    plan = preview.plan(mapping)
    assert plan.units == {"length_of_stay_days": "days"}
    for question, answer in zip(asked, ("month first", ",", "l", {"offen": "open"}, "no"), strict=True):
        plan = answered(plan, question, answer)
    cases = read(source, plan).cases
    assert set(cases["operation_date"].dt.month) == {3, 5}
    assert set(cases["blood_loss_ml"]) == {1250.0}
    assert set(cases["approach"]) == {"open", "mis"}
    assert cases["infection"].tolist() == [True, False] * 6


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["13/04/2021", "05/06/2021"], DateOrder.DAY_FIRST),
        (["04/13/2021", "05/06/2021"], DateOrder.MONTH_FIRST),
        (["2021-04-03", "3 Apr 2021", "4. März 2021", "April 5, 2021", "20210406", "03-MAY-2021", "1er août 2021", "5 de enero de 2022"], None),
        (["13/04/2021"] * 11 + ["04/13/2021"], DateOrder.DAY_FIRST),  # one slip
    ],
)  # fmt: skip
def test_the_order_of_dates_is_settled_where_the_dates_show_it(cells: list[str], order: DateOrder | None) -> None:
    source = few(("when", cells), n=12)
    mapping = {**FEWEST, "operation_date": "when"}
    preview = look(source)
    assert [q for q in preview.questions(mapping) if q.ask is Ask.DATE_ORDER] == []
    assert preview.plan(mapping).date_order is order
    log = read(source, Plan(mapping, keep_repeated_rows=True))
    assert log.set_aside_rows == (1 if len(cells) == 12 else 0)


def test_a_year_of_two_digits_can_stand_first() -> None:
    source = few(("when", ["21/04/13", "19/12/17"]))
    mapping = {**FEWEST, "operation_date": "when"}
    (question,) = look(source).questions(mapping)
    assert question.choices == (DateOrder.DAY_FIRST, DateOrder.YEAR_FIRST)
    plan = answered(look(source).plan(mapping), question, DateOrder.YEAR_FIRST)
    assert set(read(source, plan).cases["operation_date"].dt.year) == {2021, 2019}


def test_a_repeated_row_is_asked_about() -> None:
    table = log_table(5)
    table.append(table[2])
    preview = look(upload(table))
    (question,) = preview.questions()
    assert "Line 7 repeats line 3" in question.text
    assert answered(preview.plan(), question, "another patient").keep_repeated_rows
    assert not answered(preview.plan(), question, "the same case").keep_repeated_rows


def test_a_separator_line_of_excel_and_lines_of_old_macs() -> None:
    content = csv_bytes(log_table(6), separator=";")
    log = read(Upload("log.csv", b"sep=;\n" + content.replace(b"yes", b"maybe", 1)))
    assert log.set_aside["line"].tolist()[0] >= 3
    assert log.rows_in == 6
    assert read(Upload("log.csv", content.replace(b"\n", b"\r"))).used == 6


# ---- values ----------------------------------------------------------------------------------------------------------


def test_words_for_yes_no_and_not_recorded() -> None:
    yes = ["yes", "Y", "1", "TRUE", "x", "Ja", "oui", "Sí", " yes "]
    no = ["no", "N", "0", "false", "Nein", "non", "No"]
    assert column("infection", yes) == [True] * len(yes)
    assert column("infection", no) == [False] * len(no)
    blank = [b for b in BLANKS if b] + ["N/A", "Unbekannt", " "]
    assert all(v is pd.NA for v in column("infection", [*blank, "no"])[:-1])
    assert column("smoking", ["nie", "ex", "ja"], values={"smoking": {"nie": "no", "ex": ""}})[0::2] == [False, True]


@pytest.mark.parametrize(
    ("name", "unit", "cells", "values"),
    [
        ("blood_loss_ml", "ml", ["250", "1,250", "1'250.5", "1 250", "+5", "2.5e2", "250 ml", "300cc"], [250, 1250, 1250.5, 1250, 5, 250, 250, 300]),
        ("blood_loss_ml", "l", ["0.25", "1.5 L"], [250, 1500]),
        ("length_of_stay_days", "hours", ["36", "12 h", "30:30"], [1.5, 0.5, 30.5 / 24]),
        ("operative_time_min", "hours", ["1.5", "1:45", "2 Std."], [90, 105, 120]),
        ("return_to_work_days", "weeks", ["6", "1.5"], [42, 10.5]),
    ],
)  # fmt: skip
def test_numbers_and_units(name: str, unit: str, cells: list[str], values: list[float]) -> None:
    assert column(name, cells, units={name: unit}, decimal_mark=DecimalMark.POINT) == pytest.approx(values)


@given(st.floats(0, 10_000, allow_nan=False), st.sampled_from(DecimalMark), st.booleans())
@settings(max_examples=200, derandomize=True, deadline=None)
def test_a_number_is_read_as_it_was_written(value: float, mark: DecimalMark, grouped: bool) -> None:
    text = f"{value:,.3f}" if grouped else f"{value:.3f}"
    if mark is DecimalMark.COMMA:
        text = text.translate({ord(","): ".", ord("."): ","})
    assert number(text, mark) == pytest.approx(round(value, 3))


@given(st.dates(date(1980, 1, 1), date(2029, 12, 31)))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_a_date_is_read_in_its_own_order(day: date) -> None:
    assert set(days(day.isoformat()).values()) == set(days(f"{day:%d %B %Y}").values()) == {day}
    assert (
        days(f"{day:%d.%m.%Y}")[DateOrder.DAY_FIRST] == days(f"{day:%m/%d/%Y 08:15 PM}")[DateOrder.MONTH_FIRST] == day
    )


def test_ages_become_groups() -> None:
    ages = ["39", "40", "59.9", "60", "74", "75", "101", "40–59", "Under 40"]
    groups = ["under 40", "40-59", "40-59", "60-74", "60-74", "75 and over", "75 and over", "40-59", "under 40"]
    assert column("age_group", ages) == groups


def test_choices_do_not_depend_on_case_and_dashes() -> None:
    assert column("technique", ["MIS-TLIF", "mis tlif", "Full_Endoscopic", ""])[:3] == [
        "mis_tlif",
        "mis_tlif",
        "full_endoscopic",
    ]


def test_one_column_can_say_procedure_approach_and_technique() -> None:
    source = few(("Eingriff", ["TLIF offen", "MIS-Diskektomie"]))
    plan = Plan(
        {"operation_date": "operation_date", "procedure": "Eingriff", "approach": "Eingriff", "technique": "Eingriff"},
        values={
            "procedure": {"TLIF offen": "fusion", "MIS-Diskektomie": "discectomy"},
            "approach": {"TLIF offen": "open", "MIS-Diskektomie": "mis"},
            "technique": {"TLIF offen": "open_tlif", "MIS-Diskektomie": ""},
        },
    )
    cases = read(source, plan).cases
    assert cases["technique"].tolist()[0] == "open_tlif"
    assert set(zip(cases["procedure"], cases["approach"], strict=True)) == {("fusion", "open"), ("discectomy", "mis")}
    asked = look(source).questions(plan.mapping)
    assert {q.field: dict(q.suggested) for q in asked if q.ask is Ask.WORDS} == {
        "procedure": {"TLIF offen": "fusion", "MIS-Diskektomie": "discectomy"},
        "approach": {"TLIF offen": "open", "MIS-Diskektomie": "mis"},
        "technique": {"TLIF offen": "open_tlif"},
    }


def test_unknown_words_are_counted_so_that_they_can_be_given_a_meaning() -> None:
    source = few(("approach2", ["offen", "mis", "offen"]))
    log = read(source, Plan({**FEWEST, "approach": "approach2"}))
    assert log.unknown_words == {"approach": {"offen": 8}}
    assert read(source, replace(log.plan, values={"approach": {"offen": str(Approach.OPEN)}})).used == 12


def test_a_column_with_only_yes_is_pointed_out() -> None:
    source = few(("infection", ["x", ""]))
    log = read(source)
    assert log.not_recorded["infection"] == 6
    assert "“infection” holds only yes" in log.notes[0]
    assert read(source, replace(log.plan, blank_is_no=frozenset({"infection"}))).notes == ()


def test_a_term_of_two_words_can_be_given_a_meaning_and_a_name_is_not_asked_about() -> None:
    source = few(("technique", ["Coflex Device", "Coflex Device", "tubular", "tubular", "tubular", "Hans Zzmann"]))
    plan = Plan({**FEWEST, "technique": "technique"})
    (question,) = (q for q in look(source).questions(plan.mapping) if q.ask is Ask.WORDS)
    assert question.words == ("Coflex Device",)
    log = read(source, plan)
    assert log.unknown_words == {"technique": {"Coflex Device": 4}}
    assert "Zzmann" not in set_aside_csv(log)


# ---- plans, templates, downloads -------------------------------------------------------------------------------------


def test_a_plan_survives_being_kept_and_fits_its_own_kind_of_file() -> None:
    preview = look(few(("LOS", ["3"])))
    plan = replace(
        preview.plan(), date_order=DateOrder.DAY_FIRST, decimal_mark=DecimalMark.COMMA, units={"length_of_stay_days": "days"},
        values={"approach": {"offen": "open"}}, blank_is_no=frozenset({"infection"}), keep_repeated_rows=True,
    )  # fmt: skip
    assert Plan.from_dict(json.loads(json.dumps(plan.as_dict()))) == plan
    assert fits(plan, preview)
    assert not fits(plan, look(few(("Stay", ["3"]))))


@pytest.mark.parametrize(
    "change", [{"version": 0}, {"mapping": None}, {"mapping": {"a": "b"}}, {"date_order": "sideways"}, {"units": {"asa": "kg"}}, {"values": {"asa": 1}}, {"yes_words": ["no"]}]
)  # fmt: skip
def test_a_plan_that_was_changed_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(CaseLogError, match="the remembered plan"):
        Plan.from_dict({**look(few()).plan().as_dict(), **change})
    with pytest.raises(CaseLogError, match="the remembered plan"):
        Plan.from_dict(None)


def test_the_template_is_understood_as_it_is() -> None:
    header = template_csv().strip().split(",")
    assert header == [f.name for f in FIELDS]
    source = Upload("template.csv", template_csv().encode() + csv_bytes(rows(5)))
    assert look(source).mapping == {name: name for name in header}
    assert look(source).questions() == ()
    notes = template_notes()
    for f in FIELDS:
        assert f"\n{f.name}: {f.label}" in notes
        assert all(choice in notes for choice in f.choices)


def test_what_is_set_aside_can_be_opened_in_a_spreadsheet() -> None:
    cells = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "nothing, really"]
    log = read(few(("infection", cells), n=6))
    written = list(csv.reader(io.StringIO(set_aside_csv(log))))
    assert written[0] == ["line", "column", "value", "reason"]
    assert len(written) == 1 + 6
    for row in written[1:]:
        assert row[2][0] not in "=+-@\t"
        assert int(row[0]) >= 2


def test_a_log_has_the_columns_and_dtypes_of_the_fields() -> None:
    for log in (read(few()), read(few(("infection", ["wrong"])))):
        assert {name: str(dtype) for name, dtype in log.cases.dtypes.items()} == {f.name: str(f.kind) for f in FIELDS}
        for f in FIELDS:
            if f.kind is Kind.CHOICE:
                assert list(log.cases[f.name].cat.categories) == [str(c) for c in f.choices]
    assert log.used == 0


def test_the_example_is_the_same_each_time_and_says_what_it_is() -> None:
    frame = example_cases(500, seed=3)
    pd.testing.assert_frame_equal(frame, example_cases(500, seed=3))
    assert not frame.equals(example_cases(500, seed=5))
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {f.name: str(f.kind) for f in FIELDS}
    assert frame["operation_date"].dt.year.nunique() == 6
    assert set(frame["approach"]) == set(map(str, Approach))
    assert "Invented" in LABEL
    assert 0 < frame["odi_24_months"].isna().mean() < 1
    assert frame["odi_24_months"].isna().sum() > frame["odi_3_months"].isna().sum()


def test_a_file_that_was_saved_anew_is_looked_at_anew(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("date;procedure;approach\n2024-05-13;fusion;open\n", encoding="utf-8")
    assert look(path).row_count == 1
    path.write_text('date;procedure;approach\n2024-05-13;fusion;"open"\n2024-05-14;fusion;mis\n', encoding="utf-8")
    again = look(path)
    assert again.row_count == 2
    assert load_cases(path, again.plan()).used == 2
