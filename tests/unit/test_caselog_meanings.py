"""What the cells of hospital exports mean: codes, signs, words, ranges, missing-data codes, day numbers, durations.

Whatever can mean two things is asked; whatever is answered is read so; nothing becomes all or none in silence.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pandas as pd
import pytest
from caselog_files import csv_bytes, upload

from decision_aid.case_log.importing import (
    Ask,
    CaseLog,
    CaseLogError,
    LogQuestion,
    Plan,
    Preview,
    Upload,
    answered,
    load_cases,
    look,
    remembered_answer,
    sentences,
    to_know,
)
from decision_aid.case_log.plan import LEFT_OUT, ROWS_LOOKED_AT

TODAY = date(2025, 6, 30)
LEAVE_OUT, NOT_RECORDED, ASIDE = "leave these rows out", "not recorded", "set these rows aside"
Answers = Mapping[Any, Any]  # Ask, field or word -> answer


def file(**columns: list[Any]) -> Upload:
    """A log with these columns beside the three that are needed; each is repeated to the length of the longest."""
    n = max(map(len, columns.values()))
    base = {
        "operation_date": [f"2024-{i % 12 + 1:02}-{i % 28 + 1:02}" for i in range(n)],
        "procedure": ["discectomy"] * n,
        "approach": [("open", "mis")[i % 2] for i in range(n)],
        "row": [f"r{i}" for i in range(n)],  # no row repeats another
    }
    table = base | columns
    return upload([list(table), *([str(table[h][i % len(table[h])]) for h in table] for i in range(n))])


def workbook(table: list[list[Any]], formats: Mapping[int, str] | None = None, *, mac: bool = False) -> Upload:
    book = openpyxl.Workbook()
    if mac:
        book.epoch = openpyxl.utils.datetime.MAC_EPOCH
    for row in table:
        book.active.append(row)
    for column, number_format in (formats or {}).items():
        for row in range(2, len(table) + 1):
            book.active.cell(row, column).number_format = number_format
    content = io.BytesIO()
    book.save(content)
    return Upload("log.xlsx", content.getvalue())


def questions(source: Upload, *asks: Ask) -> list[LogQuestion]:
    preview = look(source)
    return [q for q in preview.questions() if not asks or q.ask in asks]


def plan_of(preview: Preview, answers: Answers) -> Plan:
    """The plan with answers, given as the page gives them: all that is asked has one, else a proposal is taken."""

    def answer(question: LogQuestion, plan: Plan) -> Plan:
        given = answers.get(question.field, answers.get(question.ask))
        if question.words:
            words = {w: (given or {}).get(w, question.suggested.get(w)) for w in question.words}
            assert None not in words.values(), f"{question.field}: {words}"
            for word, choice in words.items():
                assert choice in question.offered(word)
            return answered(plan, question, words)
        choice = given if isinstance(given, str) else answers.get(question.ask)
        assert choice is not None, question
        return answered(plan, question, next(c for c in question.choices if c == choice or c.startswith(f"{choice}:")))

    plan = preview.plan()
    later = (Ask.EMPTY_CELLS, Ask.ONE_MEANING)
    for question in preview.questions():
        if question.ask not in later:
            plan = answer(question, plan)
    for question in preview.later_questions(plan):
        plan = answer(question, plan)
    return plan


def read(source: Upload, answers: Answers | None = None) -> CaseLog:
    log = load_cases(source, plan_of(look(source), answers or {}), today=TODAY)
    assert log.used + log.set_aside_rows + log.left_out_rows == log.rows_in
    return log


def values(log: CaseLog, name: str) -> list[Any]:
    return [None if pd.isna(v) else v for v in log.cases[name]]


# ---- yes/no columns --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "meant", "expected"),
    [
        (["1", "1", "2", "1"], {"1": "no", "2": "yes"}, [False, False, True, False]),
        (["1", "9", "1", "9"], {"1": "yes", "9": "no"}, [True, False, True, False]),
        (["0", "1", "99", "0"], {"0": "no", "1": "yes", "99": NOT_RECORDED}, [False, True, None, False]),
        (["-1", "0", "0", "-1"], {"-1": "yes", "0": "no"}, [True, False, False, True]),
        (["0", "1", "2", ""], {"0": NOT_RECORDED, "1": "no", "2": "yes"}, [None, False, True, None]),
        (["1.0", "2.0", "1", "2"], {"1.0": "no", "2.0": "yes"}, [False, True, False, True]),
        (["1,0", "2,0", "", "1,0"], {"1,0": "yes", "2,0": "no"}, [True, False, None, True]),
        (["yes", "no", "2", "no"], {"2": "yes"}, [True, False, True, False]),
        (["+", "-", "–", ""], {"+": "yes", "-": "no", "–": "no"}, [True, False, False, None]),
        (["pos", "neg", "neg", "n/a"], {}, [True, False, False, None]),
    ],
    ids=lambda v: "/".join(v) if isinstance(v, list) and isinstance(v[0], str) else None,
)  # fmt: skip
def test_every_number_and_sign_is_asked_where_they_are_not_just_0_and_1(
    cells: list[str], meant: dict[str, str], expected: list[bool | None]
) -> None:
    source = file(dural_tear=cells)
    (question,) = questions(source, Ask.WORDS)
    assert set(question.words) >= set(meant)
    log = read(source, {"dural_tear": meant})
    assert values(log, "dural_tear") == expected
    assert log.set_aside_rows == 0


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["0", "1", "0", "1"], [False, True, False, True]),
        (["1.0", "0.0", "", "0.0"], [True, False, None, False]),
        (["TRUE", "0", "FALSE", "1"], [True, False, False, True]),
        (["1", "no", "yes", "0.0"], [True, False, True, False]),
        (["1,0", "0,0", "1,0", "0"], [True, False, True, False]),
    ],
    ids=lambda v: "/".join(v) if isinstance(v[0], str) else None,
)  # fmt: skip
def test_0_and_1_in_every_spelling_need_no_answer(cells: list[str], expected: list[bool | None]) -> None:
    source = file(infection=cells)
    assert questions(source) == []
    assert values(read(source), "infection") == expected


def test_without_an_answer_a_1_beside_a_2_is_never_a_yes() -> None:
    source = file(dural_tear=["1", "1", "2", "1"])
    log = load_cases(source, look(source).plan(), today=TODAY)
    assert (log.used, log.set_aside_rows) == (0, 4)
    assert log.unknown_words == {"dural_tear": {"1": 3, "2": 1}}
    half = answered(look(source).plan(), questions(source, Ask.WORDS)[0], {"2": "yes"})
    assert load_cases(source, half, today=TODAY).cases["dural_tear"].tolist() == [True]


@pytest.mark.parametrize("cell", ["1", "1.0", "2", "yes", "ja", "TRUE", "-1"])
def test_a_column_of_one_code_is_asked_and_said(cell: str) -> None:
    source = file(infection=[cell] * 6)
    preview = look(source)
    (question,) = preview.questions()
    assert (question.words, question.rows[cell], dict(question.suggested)) == ((cell,), 6, {})
    for answer, expected in (("yes", True), ("no", False), (NOT_RECORDED, None)):
        log = read(source, {"infection": {cell: answer}})
        assert values(log, "infection") == [expected] * 6
        plan = plan_of(preview, {"infection": {cell: answer}})
        said = [f"Wound infection: all 6 cells hold “{cell}” ({answer})."] if expected is not None else []
        assert list(preview.statements(plan)) == said
        assert any("in all 6 used rows" in note for note in to_know(log)) == (expected is not None)


@pytest.mark.parametrize("cell", ["no", "0", "nein", "FALSE", "0.0"])
def test_a_column_of_no_alone_is_said_before_it_is_read(cell: str) -> None:
    source = file(infection=[cell] * 5 + [""])
    preview = look(source)
    assert preview.questions() == ()
    assert preview.statements(preview.plan()) == (f"Wound infection: 5 cells hold “{cell}”, 1 is not recorded (no).",)
    assert any("says no in all 5 used rows" in note for note in to_know(read(source)))


@pytest.mark.parametrize(
    ("cells", "meant", "refused"),
    [
        (["1", "2"], {"1": "yes", "2": "yes"}, True),
        (["1", "2"], {"1": "no", "2": "no"}, True),
        (["1", "2", ""], {"1": "yes", "2": "yes"}, True),
        (["SSI", "deep"], {"SSI": "yes", "deep": "yes"}, True),
        (["yes", "SSI"], {"SSI": "yes"}, True),
        (["SSI", "deep", ""], {"SSI": "yes", "deep": "yes"}, False),  # what an empty cell means is asked
        (["1", "9"], {"1": "no", "9": NOT_RECORDED}, False),
        (["1", "2"], {"1": NOT_RECORDED, "2": NOT_RECORDED}, False),
        (["1", "2"], {"1": "no", "2": "yes"}, False),
        (["no", "nil"], {"nil": "no"}, False),  # asked once more
    ],
    ids=str,
)  # fmt: skip
def test_answers_that_would_all_mean_the_same_are_refused(
    cells: list[str], meant: dict[str, str], refused: bool
) -> None:
    preview = look(file(dural_tear=cells * 3))
    plan = answered(preview.plan(), next(q for q in preview.questions() if q.ask is Ask.WORDS), meant)
    objections = preview.objections(plan)
    assert bool(objections) == refused
    if refused:
        assert "“Dural tear”" in objections[0]


@pytest.mark.parametrize("empty", ["", "-", "."])
def test_what_an_empty_cell_means_is_asked_when_the_words_have_an_answer(empty: str) -> None:
    source = file(infection=["SSI", empty, empty, "SSI deep", empty, empty])
    said = {"infection": {"SSI": "yes", "SSI deep": "yes"}}
    preview = look(source)
    plan = answered(preview.plan(), preview.questions()[0], said["infection"])
    (question,) = preview.later_questions(plan)
    assert question.ask is Ask.EMPTY_CELLS
    assert ("“-”" in question.text) == (empty == "-")
    as_no = load_cases(source, answered(plan, question, "no"), today=TODAY)
    assert values(as_no, "infection") == [True, False, False, True, False, False]
    unknown = load_cases(source, answered(plan, question, NOT_RECORDED), today=TODAY)
    assert values(unknown, "infection") == [None] * 6  # of yes alone no share can be told
    assert any("not counted" in note for note in to_know(unknown))


def test_an_empty_cell_that_means_no_does_not_make_a_no_of_unknown() -> None:
    source = file(infection=["x", "", "unknown", "UNK", "k.A.", "x"])
    log = read(source, {"infection": {"UNK": NOT_RECORDED}, Ask.EMPTY_CELLS: "no"})
    assert values(log, "infection") == [True, False, None, None, None, True]
    assert any("“unknown”, “k.A.” (2 cells) was read as not recorded" in note for note in to_know(log))


def test_everybody_the_same_beside_not_recorded_is_asked_once_more() -> None:
    source = file(smoking=["current", "current", "UNK", "current"])
    with_yes = {"smoking": {"current": "yes", "UNK": NOT_RECORDED}}
    assert values(read(source, {**with_yes, Ask.ONE_MEANING: "yes, so it is"}), "smoking") == [True, True, None, True]
    assert values(read(source, {**with_yes, Ask.ONE_MEANING: NOT_RECORDED}), "smoking") == [None] * 4
    log = read(file(infection=["no", "nil", "none"] * 2), {Ask.ONE_MEANING: "yes, so it is"})
    assert values(log, "infection") == [False] * 6


def test_only_yes_far_down_a_long_file_is_not_counted() -> None:
    """The first rows, from which is asked, do not show it: then none of it may become 100 %."""
    source = file(infection=[""] * ROWS_LOOKED_AT + ["x"] * 30)
    assert look(source).questions() == ()
    log = read(source)
    assert log.cases["infection"].isna().all()
    assert any("“infection”" in note and "not counted" in note for note in to_know(log))


def test_only_yes_among_the_cases_that_are_left_is_not_counted() -> None:
    """The rows that said no are left out: of the others only those with a yes say anything."""
    source = file(procedure=["ACDF", "fusion", "fusion", "fusion"], infection=["no", "yes", "", "yes"])
    log = read(source)
    assert (log.used, log.left_out_rows) == (3, 1)
    assert values(log, "infection") == [None] * 3
    assert any("“infection”" in note and "not counted" in note for note in to_know(log))


def test_another_code_far_down_a_long_file_is_asked_after_reading() -> None:
    source = file(dural_tear=["0"] * ROWS_LOOKED_AT + ["1", "2"] * 3)
    preview = look(source)
    assert preview.questions() == ()
    log = read(source)
    assert log.used == 0
    (question,) = preview.questions_after(log, preview.mapping)
    assert question.rows == {"0": ROWS_LOOKED_AT, "1": 3, "2": 3}
    plan = answered(preview.plan(), question, {"0": NOT_RECORDED, "1": "no", "2": "yes"})
    again = load_cases(source, plan, today=TODAY)
    assert again.cases["dural_tear"].value_counts().to_dict() == {False: 3, True: 3}
    assert preview.questions_after(again, preview.mapping)[0].words == question.words  # not forgotten


# ---- words -----------------------------------------------------------------------------------------------------------


def test_rows_can_be_left_out_and_are_counted_apart() -> None:
    source = file(
        procedure=["discectomy", "ACDF", "Kyphoplasty L1", "fusion", "ACDF"],
        approach=["open", "open", "mis", "hybrid", "mis"],
        asa=["2", "wrong", "2", "2", "2"],
        reoperation=["no", "yes", "no", "yes", "UNK"],
    )
    by_field = {q.field: q for q in questions(source, Ask.WORDS)}
    assert by_field["procedure"].choices[-2:] == (NOT_RECORDED, LEAVE_OUT)
    assert LEAVE_OUT not in by_field["reoperation"].choices
    assert dict(by_field["procedure"].suggested) == {"ACDF": LEAVE_OUT, "Kyphoplasty L1": LEAVE_OUT}
    assert by_field["procedure"].rows == {"ACDF": 2, "Kyphoplasty L1": 1}
    log = read(source, {"approach": {"hybrid": LEAVE_OUT}, "asa": {"wrong": ASIDE}})
    assert (log.rows_in, log.used, log.set_aside_rows, log.left_out_rows) == (5, 1, 0, 4)
    assert log.left_out == {"procedure": {"ACDF": 2, "Kyphoplasty L1": 1}, "approach": {"hybrid": 1}}
    assert log.set_aside.empty  # a row that is left out has no faults
    assert "Left out by “procedure”: “ACDF” (2), “Kyphoplasty L1” (1)." in to_know(log)


def test_a_row_that_repeats_one_that_is_left_out_is_left_out_as_well() -> None:
    source = file(
        procedure=["ACDF", "ACDF", "fusion"],
        row=["same", "same", "other"],
        operation_date=["2024-01-01"],
        approach=["open"],
    )
    log = read(source, {Ask.REPEATED_ROWS: "the same case"})
    assert (log.used, log.set_aside_rows, log.left_out_rows) == (1, 0, 2)


@pytest.mark.parametrize(
    "word", ["C5/6 fusion", "ACDF C4-6", "HWS Dekompression", "Thoracic discectomy", "Vertebroplasty"]
)
def test_an_operation_elsewhere_is_never_proposed_as_a_lumbar_one(word: str) -> None:
    (question,) = questions(file(procedure=["fusion", word]), Ask.WORDS)
    assert question.suggested == {word: LEAVE_OUT}


def test_many_texts_are_answered_in_one() -> None:
    words = [f"about the volume of cup {'abcdefghijklmnopqrstuvwxyz'[i]}" for i in range(20)]
    source = file(blood_loss_ml=[*words, "150", "200"])
    one_by_one, rest = questions(source, Ask.WORDS, Ask.OTHER_WORDS)
    assert (len(one_by_one.words), rest.ask) == (12, Ask.OTHER_WORDS)
    assert "8 more texts" in rest.text
    answers = {"blood_loss_ml": dict.fromkeys(one_by_one.words, NOT_RECORDED), Ask.OTHER_WORDS: NOT_RECORDED}
    assert values(read(source, answers), "blood_loss_ml") == [None] * 20 + [150.0, 200.0]
    aside = read(source, answers | {Ask.OTHER_WORDS: ASIDE})
    assert (aside.used, aside.set_aside_rows) == (14, 8)


def test_answers_are_proposed_again_from_a_remembered_plan() -> None:
    first = file(
        procedure=["fusion", "ACDF"], infection=["1", "2"], asa=["2", "I-II"], blood_loss_ml=["ca. 200", "<50"],
        dural_tear=["SSI", ""],
    )  # fmt: skip
    answers = {
        "infection": {"1": "no", "2": "yes"}, "asa": {"I-II": "read as 2"}, "blood_loss_ml": {"ca. 200": "read as 200", "<50": ASIDE},
        "dural_tear": {"SSI": "yes"}, Ask.EMPTY_CELLS: "no",
    }  # fmt: skip
    plan = plan_of(look(first), answers)
    kept = Plan.from_dict(json.loads(json.dumps(plan.as_dict())))
    assert kept == plan
    preview = look(first)
    again = preview.plan()
    for question in (q for q in preview.questions() if q.words):
        proposed = {w: remembered_answer(kept, question, w) for w in question.words}
        again = answered(again, question, {w: c for w, c in proposed.items() if c})
    for question in preview.later_questions(again):
        again = answered(again, question, remembered_answer(kept, question) or "")
    assert again == plan
    assert kept.values["procedure"] == {"ACDF": LEFT_OUT}


# ---- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("I", 1), ("II", 2), ("iii", 3), ("IV", 4), ("V", 5), ("ASA 2", 2), ("ASA III", 3), ("2-Mild Disturb", 2), ("ASA 3 - Severe Disturb", 3),
        ("4-Life Threat", 4), ("2E", 2), ("IIIE", 3), ("Class 2", 2), ("3 (severe)", 3), ("Grad II", 2), ("P3", 3), ("2", 2), ("2.0", 2),
    ],
)  # fmt: skip
def test_asa_classes_in_words_are_read(cell: str, value: int) -> None:
    source = file(asa=[cell, "1", "2", "3"])
    assert questions(source) == []
    assert values(read(source), "asa")[0] == value


@pytest.mark.parametrize("cell", ["III-IV", "2-3", "I/II", "2 or 3", "ASA 1-2", "None assigned", "healthy", "ASA"])
def test_an_asa_class_in_doubt_is_asked(cell: str) -> None:
    source = file(asa=[cell, "1", "2", "3"])
    (question,) = questions(source)
    assert question.words == (cell,)
    assert question.offered(cell) == (*(f"read as {n}" for n in range(1, 6)), NOT_RECORDED, ASIDE)
    assert values(read(source, {"asa": {cell: "read as 3"}}), "asa")[0] == 3
    assert values(read(source, {"asa": {cell: NOT_RECORDED}}), "asa")[0] is None
    assert read(source, {"asa": {cell: ASIDE}}).set_aside_rows == 1


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("L4-5", 1), ("L4-5; L5-S1", 2), ("L4/5, L5/S1", 2), ("L4/L5 + L5/S1", 2), ("L5S1", 1), ("LWK 4/5", 1), ("L4/5/S1", 2), ("L3-4-5", 2),
        ("L2/3 und L4/5", 2), ("L4-5 left; L4-5 right", 1), ("L4/5 L5/S1", 2), ("T12-L1", 1), ("2 levels", 2), ("two-level", 2), ("monosegmental", 1),
        ("bisegmental", 2), ("3", 3), ("L45", 1),
    ],
)  # fmt: skip
def test_levels_are_counted_where_there_is_no_doubt(cell: str, value: int) -> None:
    source = file(levels=[cell, "1", "2", "1"])
    assert questions(source) == []
    assert values(read(source), "levels")[0] == value


@pytest.mark.parametrize(
    ("cell", "proposed"), [("L3-L5", "read as 2"), ("L3-5", "read as 2"), ("L2-S1", "read as 4"), ("L4", None), ("L5/6", None), ("several", None), ("L5-L4", None)]
)  # fmt: skip
def test_levels_in_doubt_are_asked(cell: str, proposed: str | None) -> None:
    source = file(levels=[cell, "1", "2", "1"])
    (question,) = questions(source)
    assert (question.words, question.suggested.get(cell)) == ((cell,), proposed)
    assert values(read(source, {"levels": {cell: "read as 3"}}), "levels")[0] == 3


@pytest.mark.parametrize(
    "name", ["blood_loss_ml", "length_of_stay_days", "operative_time_min", "odi_before", "asa", "levels"]
)
def test_codes_for_missing_are_asked_and_proposed_as_not_recorded(name: str) -> None:
    codes = ["-99", "-9", "-1", "-999", "UNK", "not done", "#N/A", "nicht erfasst", "-88.0"]
    source = file(**{name: [*codes, "2", "3", "4"]})
    (question,) = questions(source)
    assert set(question.words) == set(codes)
    assert set(question.suggested.values()) == {NOT_RECORDED}
    assert values(read(source), name) == [*[None] * len(codes), 2, 3, 4]


@pytest.mark.parametrize(
    ("name", "cells", "asked"),
    [
        ("blood_loss_ml", ["999", "150", "200"], "999"),
        ("blood_loss_ml", ["9999", "9999", "1500"], "9999"),
        ("length_of_stay_days", ["99", "2", "3"], "99"),
        ("return_to_work_days", ["999", "60", "90"], "999"),
        ("odi_before", ["99", "40", "52"], "99"),
        ("vas_leg_before", ["99", "4", "7"], "99"),
        ("operative_time_min", ["888", "95", "120"], "888"),
        ("age_group", ["999", "45", "70"], "999"),
        ("age_group", ["99", "45", "60"], "99"),
        ("bmi_group", ["99", "22", "31"], "99"),
        ("asa", ["9", "2", "3"], "9"),
        ("blood_loss_ml", ["99", "150", "200"], None),
        ("operative_time_min", ["99", "88", "77"], None),
        ("odi_before", ["77", "66", "70"], None),
    ],
)  # fmt: skip
def test_a_number_that_stands_for_missing_is_asked_where_it_lies_far_out(
    name: str, cells: list[str], asked: str | None
) -> None:
    source = file(**{name: [*cells, *cells[1:]]})
    found = [q.words for q in questions(source, Ask.WORDS)]
    if name == "operative_time_min" and asked is None:  # nothing but such numbers: any of them may be one
        assert all(set(words) <= set(cells) for words in found)
        return
    assert found == ([] if asked is None else [(asked,)])
    if asked is not None:
        assert values(read(source, {name: {asked: NOT_RECORDED}}), name)[0] is None


@pytest.mark.parametrize(
    "cell", ["<50", "minimal", "300-400", ">1000", "< 100", "100–200", "bis 200", "50+", "200 / 300", "few"]
)
def test_a_range_a_bound_or_a_word_is_never_read_as_a_number(cell: str) -> None:
    source = file(blood_loss_ml=[cell, "100", "250"])
    (question,) = questions(source)
    assert question.words == (cell,)
    assert question.offered(cell) == (NOT_RECORDED, ASIDE)
    log = read(source, {"blood_loss_ml": {cell: NOT_RECORDED}})
    assert values(log, "blood_loss_ml") == [None, 100.0, 250.0]
    assert read(source, {"blood_loss_ml": {cell: ASIDE}}).set_aside_rows == 1


@pytest.mark.parametrize(
    ("cell", "number", "value"),
    [
        ("ca. 200", "200", 200), ("~200", "200", 200), ("approx 150 cc", "150 cc", 150), ("about 75", "75", 75), ("etwa 300 ml", "300 ml", 300),
        ("200 (est.)", "200", 200), ("± 80", "80", 80), ("environ 120", "120", 120), ("approx. 1250", "1250", 1250),
    ],
)  # fmt: skip
def test_an_estimate_is_read_as_its_number_only_when_that_is_said(cell: str, number: str, value: float) -> None:
    source = file(blood_loss_ml=[cell, "100", "250"])
    (question,) = questions(source)
    assert question.offered(cell) == (f"read as {number}", NOT_RECORDED, ASIDE)
    assert question.suggested == {}
    assert values(read(source, {"blood_loss_ml": {cell: f"read as {number}"}}), "blood_loss_ml")[0] == value


def test_a_code_answered_for_one_number_does_not_reach_another() -> None:
    """A key that forgets the sign would turn 1 into what was said of −1."""
    source = file(length_of_stay_days=["-1", "1", "2", "-99", "99", "99"], infection=["-1", "1", "0", "0", "1", "0"])
    log = read(
        source,
        {
            "infection": {"-1": NOT_RECORDED, "1": "yes", "0": "no"},
            "length_of_stay_days": {"-1": NOT_RECORDED, "-99": NOT_RECORDED, "99": "read as 99"},
        },
    )
    assert values(log, "length_of_stay_days") == [None, 1, 2, None, 99, 99]
    assert values(log, "infection") == [None, True, False, False, True, False]


def test_a_dash_with_a_meaning_does_not_give_one_to_empty_cells() -> None:
    log = read(file(dural_tear=["+", "-", "", " "]), {"dural_tear": {"+": "yes", "-": "no"}})
    assert values(log, "dural_tear") == [True, False, None, None]


def test_one_column_that_sets_most_rows_aside_is_named_with_what_to_do() -> None:
    source = file(asa=["healthy", "ill", "ill", "2"], levels=["1", "x", "1", "1"])
    log = load_cases(source, look(source).plan(), today=TODAY)
    assert to_know(log)[0] == (
        "ASA class (column “asa”) sets 3 of 4 rows aside: choose “– not in this file –” for it, or answer its words."
    )
    empty = file(procedure=["", "", "fusion"], row=["1", "2", "3"])
    said = to_know(load_cases(empty, look(empty).plan(), today=TODAY))[0]
    assert said.startswith("Procedure (column “procedure”) sets 2 of 3 rows aside")
    assert "not in this file" not in said
    even = file(asa=["x", "2", "2", "2"], levels=["1", "x", "1", "1"])
    assert to_know(load_cases(even, look(even).plan(), today=TODAY)) == ()


def test_patients_that_stand_in_several_rows_are_said_without_a_number_of_theirs() -> None:
    source = file(patient_id=["7734501", "7734501", "7734502", "7734503"], row=["a", "b", "c", "d"])
    (note,) = to_know(read(source))
    assert "(3 different ones in 4 rows)" in note
    assert "77345" not in note
    assert to_know(read(file(patient_id=["7734501", "7734502"]))) == ()


# ---- dates and durations ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", ["Date of surgery", "operation_date", "OP-Datum", "Tag der OP", "SurgeryDate", "DOS"]
)
def test_day_numbers_are_asked_with_an_example_and_read(header: str) -> None:
    source = file(**{"operation_date": ["-"], header: [str(45300 + 4 * i) for i in range(12)]})
    table = look(source)
    assert header not in table.identifying
    mapping = {"operation_date": header, "procedure": "procedure", "approach": "approach"}
    (question,) = (q for q in table.questions(mapping) if q.ask is Ask.DAY_NUMBERS)
    assert question.choices == ("1900: 45300 is 9 Jan 2024", ASIDE)  # from 1904 they would lie in the future
    plan = answered(table.plan(mapping), question, question.choices[0])
    days = load_cases(source, plan, today=TODAY).cases["operation_date"]
    assert days.iloc[:2].dt.strftime("%Y-%m-%d").tolist() == ["2024-01-09", "2024-01-13"]
    aside = answered(table.plan(mapping), question, ASIDE)
    assert load_cases(source, aside, today=TODAY).used == 0


def test_day_numbers_of_old_macs_and_beside_dates() -> None:
    source = file(operation_date=["38300", "2009-11-10", "38310.5", "10.11.2009", "38320", "38330"])
    (question,) = questions(source, Ask.DAY_NUMBERS)
    assert question.choices == ("1900: 38300 is 9 Nov 2004", "1904: 38300 is 10 Nov 2008", ASIDE)
    for calendar, year in (("1900", 2004), ("1904", 2008)):
        log = read(source, {Ask.DAY_NUMBERS: calendar, Ask.DATE_ORDER: "day first"})
        assert log.cases["operation_date"].dt.year.tolist() == [year, 2009, year, 2009, year, year]


def test_numbers_that_are_no_days_stay_barred_and_births_as_well() -> None:
    numbers = [str(45300 + 7 * i) for i in range(12)]
    assert (
        look(file(reference=numbers))
        .identifying["reference"]
        .startswith("its cells look like a record number (if they")
    )
    assert look(file(reference=[str(71000 + 7 * i) for i in range(12)])).identifying == {
        "reference": "its cells look like a record number"
    }
    births = look(file(**{"Datum": [str(18000 + 300 * i) for i in range(12)]})).identifying
    assert births == {"Datum": "its cells look like a date of birth"}


DURATIONS = [timedelta(hours=6, minutes=30), timedelta(days=1, hours=6, minutes=30), timedelta(days=2, hours=3), timedelta(days=3), timedelta(days=61, hours=1)]  # fmt: skip


@pytest.mark.parametrize("mac", [False, True], ids=["from 1900", "from 1904"])
@pytest.mark.parametrize("number_format", ["h:mm", "[h]:mm", "yyyy-mm-dd h:mm"])
@pytest.mark.parametrize("header", ["LOS", "LOS (days)", "LOS (h:mm)", "length_of_stay_days"])
def test_a_stay_in_a_cell_formatted_as_a_time_is_read_as_a_duration(header: str, number_format: str, mac: bool) -> None:
    days = [d.total_seconds() / 86_400 for d in DURATIONS]
    table = [
        ["Date", "Procedure", "Approach", header],
        *([datetime(2024, i + 1, 10), "fusion", "mis", d] for i, d in enumerate(days)),
    ]
    source = workbook(table, {4: number_format}, mac=mac)
    assert look(source).identifying == {}
    log = read(source, {Ask.DURATIONS: "a duration"})
    assert values(log, "length_of_stay_days") == pytest.approx(days, abs=0.001)


@pytest.mark.parametrize("header", ["operating time", "operative_time_min", "OR time (min)", "OP-Dauer (h)"])
def test_an_operating_time_by_the_clock_is_read_in_minutes(header: str) -> None:
    cells = [time(1, 35), time(0, 50), timedelta(hours=2, minutes=5), "1:10", "1 h 45 min", "2h05"]
    table = [
        ["Date", "Procedure", "Approach", header],
        *([date(2024, i + 1, 10), "fusion", "mis", c] for i, c in enumerate(cells)),
    ]
    source = workbook(table)
    log = read(source, {Ask.DURATIONS: "a duration", Ask.UNIT: "min"})
    assert values(log, "operative_time_min") == pytest.approx([95, 50, 125, 70, 105, 125])


def test_a_time_kept_as_a_part_of_a_day_is_named() -> None:
    table = [
        ["Date", "Procedure", "Approach", "operative_time_min"],
        *([date(2024, i, 10), "fusion", "mis", 0.06 + i / 100] for i in range(1, 7)),
    ]
    log = read(workbook(table))
    assert log.used == 0
    assert "format the column as [h]:mm" in next(iter(sentences(log)))


def test_a_placeholder_date_is_no_birthday_and_can_be_not_recorded() -> None:
    source = file(reoperation_date=["1900-01-01"] * 8 + ["2025-01-02", ""], reoperation=["no"] * 8 + ["yes", "no"])
    assert look(source).identifying == {}
    (question,) = questions(source)
    assert question.words == ("1900-01-01",)
    log = read(source, {"reoperation_date": {"1900-01-01": NOT_RECORDED}})
    assert log.used == 10
    assert log.cases["reoperation_date"].notna().sum() == 1


# ---- several kinds of cells in one column ----------------------------------------------------------------------------


def test_numbers_and_dates_as_text_beside_real_ones() -> None:
    table: list[list[Any]] = [
        ["operation_date", "procedure", "approach", "blood_loss_ml", "infection", "asa", "age_group"],
        [datetime(2024, 1, 10), "fusion", "open", 200, True, 2, 61],
        ["2024-01-11", "fusion", "open", "250", 0, "2", "61"],
        ["12.01.2024", "fusion", "mis", "300 ml", "1", "III", "60-74"],
        [datetime(2024, 1, 13, 8, 30), "fusion", "mis", " 350 ", "FALSE", 2.0, 61.5],
        ["25.01.2024", "fusion", "mis", None, 1.0, "", None],
    ]
    log = read(workbook(table))
    assert log.cases["operation_date"].dt.day.tolist() == [10, 11, 12, 13, 25]
    assert values(log, "blood_loss_ml") == [200, 250, 300, 350, None]
    assert values(log, "infection") == [True, False, True, False, True]
    assert values(log, "asa") == [2, 2, 3, 2, None]
    assert values(log, "age_group") == ["60-74"] * 4 + [None]


def test_decimal_commas_beside_points_are_asked_and_none_is_misread() -> None:
    source = Upload("log.csv", csv_bytes([["operation_date", "procedure", "approach", "odi_before", "vas_leg_before"], *([f"2024-01-{i + 10}", "fusion", "open", *c] for i, c in enumerate([("7,5", "3.5"), ("12.5", "4"), ("40", "5,5")]))], separator=";"))  # fmt: skip
    (question,) = questions(source, Ask.DECIMAL_MARK)
    for mark, kept in ((",", [40.0]), (".", [12.5])):  # a row with a cell of the other kind is set aside
        log = read(source, {Ask.DECIMAL_MARK: mark})
        assert values(log, "odi_before") == kept
        assert question.choices == (".", ",")


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("vas_leg_before", "7/10", 7), ("vas_leg_before", "7,5/10", 7.5), ("odi_before", "42/100", 42), ("odi_before", "42 %", 42),
        ("age_group", "72 years", "60-74"), ("age_group", "45 J.", "40-59"), ("age_group", "90+", "75 and over"), ("bmi_group", "27 kg/m²", "25-29"),
    ],
)  # fmt: skip
def test_a_value_with_what_it_is_of_behind_it_is_read(name: str, cell: str, value: float | str) -> None:
    source = file(**{name: [cell.replace(",", "."), "8", "9"]})
    assert [q for q in questions(source) if q.ask is not Ask.DECIMAL_MARK] == []
    assert values(read(source), name)[0] == value


@pytest.mark.parametrize(
    ("name", "cell"), [("vas_leg_before", "6-7"), ("odi_before", "21/50"), ("age_group", "~50"), ("age_group", "60+"), ("vas_leg_before", "8 at night")]
)  # fmt: skip
def test_a_value_in_doubt_is_asked(name: str, cell: str) -> None:
    (question,) = questions(file(**{name: [cell, "8", "9"]}))
    assert question.words == (cell,)


@pytest.mark.parametrize(
    ("header", "cell", "choice", "name", "value"),
    [
        ("OR time (min)", "2 h", "read as 120", "operative_time_min", 120),
        ("blood_loss_ml", "0.5 l", "read as 500", "blood_loss_ml", 500),
        ("LOS (days)", "2 weeks", "read as 14", "length_of_stay_days", 14),
        ("LOS (hours)", "2 days", "read as 48", "length_of_stay_days", 2),
    ],
)
def test_another_unit_in_a_cell_is_asked_with_what_it_comes_to(
    header: str, cell: str, choice: str, name: str, value: float
) -> None:
    source = file(**{header: [cell, "90", "100"]})
    (question,) = questions(source)
    assert question.offered(cell)[0] == choice
    assert values(read(source, {name: {cell: choice}}), name)[0] == pytest.approx(value)


def test_operating_times_kept_as_parts_of_a_day_do_not_pass_for_hours() -> None:
    source = file(**{"OR time (h)": ["0.066", "0.07", "0.09", "0.05", "0.08", "0.1"]})
    with pytest.raises(CaseLogError, match="parts of a day"):
        read(source)


def test_a_word_with_an_explanation_behind_it_is_proposed_and_a_code_never() -> None:
    (question,) = questions(file(smoking=["Yes - current", "No - never", "Ex (2010)"]))
    assert dict(question.suggested) == {"Yes - current": "yes", "No - never": "no"}
    (question,) = questions(file(diabetes=["0", "1", "2"]))
    assert (set(question.words), dict(question.suggested)) == ({"0", "1", "2"}, {})
