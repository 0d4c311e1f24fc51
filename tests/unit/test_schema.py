"""What stands between a cell and a reader: units, names of studies, levels of intervals, messages about faults."""

from __future__ import annotations

import re

import pytest
from decision_aid.evidence.from_prose import interval_level, study_label
from pydantic import ValidationError

from decision_aid.domain.problems import EvidenceError, Problem
from decision_aid.domain.vocabulary import Unit
from decision_aid.evidence import loading
from decision_aid.evidence import tables as schema
from decision_aid.evidence.cells import EvidenceRow
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import ContrastRow, StudyRow
from decision_aid.evidence.units import conversion_factor

DIMENSIONS = [
    {Unit.WEEKS, Unit.DAYS, Unit.HOURS, Unit.MIN, Unit.SEC},
    {Unit.POINTS_0_10, Unit.POINTS_0_100},
    {Unit.POINTS_0_24},
    {Unit.ML},
    {Unit.CM},
    {Unit.MG_MORPHINE},
    {Unit.EVENTS},
]


@pytest.fixture(scope="module")
def data() -> Evidence:
    return loading.load(loading.SHIPPED)


# ---- units -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "target", "expected"),
    [
        (36, Unit.HOURS, Unit.DAYS, 1.5),
        (1.5, Unit.DAYS, Unit.HOURS, 36),
        (3, Unit.WEEKS, Unit.DAYS, 21),
        (10, Unit.DAYS, Unit.WEEKS, 10 / 7),
        (90, Unit.SEC, Unit.MIN, 1.5),
        (2, Unit.MIN, Unit.SEC, 120),
        (2, Unit.HOURS, Unit.MIN, 120),
        (6.4, Unit.POINTS_0_10, Unit.POINTS_0_100, 64),
        (64, Unit.POINTS_0_100, Unit.POINTS_0_10, 6.4),
        (12, Unit.POINTS_0_24, Unit.POINTS_0_24, 12),
        (150, Unit.ML, Unit.ML, 150),
        (4, Unit.EVENTS, Unit.EVENTS, 4),
    ],
)
def test_values_are_brought_to_another_unit(value: float, unit: Unit, target: Unit, expected: float) -> None:
    factor = conversion_factor(unit, target)
    assert factor is not None
    assert value * factor == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("target", Unit)
def test_only_units_of_one_dimension_are_converted(unit: Unit, target: Unit) -> None:
    """There and back is the same value; between dimensions, and where the scale is not printed, there is no way."""
    there, back = conversion_factor(unit, target), conversion_factor(target, unit)
    if any({unit, target} <= dimension for dimension in DIMENSIONS):
        assert there is not None
        assert back is not None
        assert there * back == pytest.approx(1, rel=1e-12)
    else:
        assert there is None
        assert back is None


@pytest.mark.parametrize("unit", [Unit.INDEX, Unit.NOT_PRINTED])
def test_a_scale_that_is_not_printed_is_not_even_itself(unit: Unit) -> None:
    assert conversion_factor(unit, unit) is None


# ---- names of studies ------------------------------------------------------------------------------------------------


def study(**columns: object) -> StudyRow:
    cells = dict.fromkeys(schema.columns(StudyRow), "") | {
        "study_id": "a-study",
        "title": "Tubular discectomy versus conventional microdiscectomy for sciatica",
        "title_exact": "yes",
        "design": "rct",
        "procedure": "discectomy",
        "condition": "disc_herniation",
        "open_technique": "open_microdiscectomy",
        "mis_technique": "tubular",
        "source_part": "abstract",
    }
    return StudyRow.model_validate(cells | columns)


@pytest.mark.parametrize(
    ("first_author", "year", "label"),
    [
        ("Arts", "2009", "Arts 2009"),
        ("Ke T", "2025", "Ke 2025"),
        ("Peng CWB", "2024", "Peng 2024"),
        ("Abd Razak HRB", "2017", "Abd Razak 2017"),
        ("Rodriguez-Vela J", "2009", "Rodriguez-Vela 2009"),
        ("Andersen MØ", "2022", "Andersen 2022"),
        ("O'Toole", "2009", "O'Toole 2009"),
        ("Lu Chunwen", "2025", "Lu Chunwen 2025"),
        ("LI", "2024", "LI 2024"),
        ("杨鸿川", "2024", "杨鸿川 2024"),
        ("", "2009", "Tubular discectomy versus …"),
        ("Arts", "", "Tubular discectomy versus …"),
        ("", "", "Tubular discectomy versus …"),
    ],
)
def test_a_study_goes_by_surname_and_year_or_by_its_title(first_author: str, year: str, label: str) -> None:
    assert study_label(study(first_author=first_author, year=year)) == label


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ("Cost of fusion", "Cost of fusion"),
        ("Cost: a review of spinal operations", "Cost: a review of spinal …"),
        ("A trial of fusion surgery, without screws", "A trial of fusion surgery …"),
        ("Pneumonoultramicroscopicsilicovolcanoconiosis after spine surgery", None),
        ("", "a-study"),
    ],
)
def test_a_title_is_cut_between_words(title: str, label: str | None) -> None:
    expected = label or f"{title.split()[0]} …"
    assert study_label(study(title=title)) == expected


def test_every_study_has_a_name(data: Evidence) -> None:
    """Surname and year where both are there, else the title's own first words; never “unknown”, never empty."""
    assert len(data.studies) == 256
    for row in data.studies.values():
        label = study_label(row)
        assert label.strip() == label != ""
        assert "unknown" not in label.lower()
        assert "None" not in label
        if row.first_author and row.year:
            assert label.split()[0] == re.sub(r"[(),]", " ", row.first_author).split()[0]
            assert "(" not in label
            assert label.endswith(f" {row.year}")
        else:
            assert row.title.startswith(label.removesuffix(" …"))
            assert len(label) <= 40


# ---- levels of intervals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notes", "level"),
    [
        ("", 0.95),
        ("adjusted mean difference", 0.95),
        ("95% confidence interval", 0.95),
        ("99% of the people were followed up", 0.95),
        ("99% confidence interval, not 95%; adjusted", 0.99),
        ("adjusted; 99 % confidence interval, not 95 %", 0.99),
        ("90% CI, not 95%", 0.90),
        ("97.5% CI, not 95%", 0.975),
    ],
)
def test_the_level_of_an_interval_is_read_from_the_notes(notes: str, level: float) -> None:
    assert interval_level(notes) == level


def test_exactly_the_rows_that_say_so_have_another_level(data: Evidence) -> None:
    said = {row.line for row in data.contrasts if "not 95" in row.notes}
    assert {row.line for row in data.contrasts if interval_level(row.notes) != 0.95} == said
    assert {interval_level(row.notes) for row in data.contrasts if row.line in said} == {0.99}
    assert len(said) == 10


def test_no_note_speaks_of_another_level_in_other_words(data: Evidence) -> None:
    """A level said in words that are not understood would be read as 95 %; intervals of single arms are always 95 %."""
    for row in (*data.arms, *data.contrasts):
        notes = row.notes.lower()
        if (
            any(f"{percent}{gap}%" in notes for percent in (80, 90, 98, 99) for gap in ("", " "))
            and row.ci_low is not None
        ):
            assert interval_level(row.notes) != 0.95, row.notes
            assert isinstance(row, ContrastRow), row.notes


# ---- messages about faults -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (
            Problem("arms.csv", 812, "sd", "-3.1", "a number above 0"),
            "arms.csv, line 812, column sd: found “-3.1”; expected a number above 0.",
        ),
        (Problem("arms.csv", None, None, None, "the file to be there"), "arms.csv; expected the file to be there."),
        (Problem("arms.csv", 3, None, "5 cells", "23 cells"), "arms.csv, line 3: found “5 cells”; expected 23 cells."),
        (
            Problem("arms.csv", None, "outcome", None, "a row for odi"),
            "arms.csv, column outcome; expected a row for odi.",
        ),
        (Problem("arms.csv", 2, "n", "", "a number"), "arms.csv, line 2, column n: found “”; expected a number."),
    ],
)
def test_a_message_says_where_what_stands_there_and_what_was_expected(problem: Problem, message: str) -> None:
    assert str(problem) == message


def test_a_long_cell_is_cut_in_the_message() -> None:
    message = str(Problem("arms.csv", 2, "c" * 10_000, "x" * 10_000, "a number"))
    assert len(message) < 200
    assert "x" * 59 + "…”" in message
    assert "x" * 60 not in message


@pytest.mark.parametrize(
    "sign", ["\n", "\r", "\t", "\0", "\x1b", "\u202e", "\u2066", "\u200b", "\ufeff", "\u2028", "\ud800"]
)
def test_signs_that_hide_or_reorder_text_are_made_visible(sign: str) -> None:
    message = str(Problem(f"a{sign}.csv", 2, f"n{sign}", f"1{sign}2", "a number"))
    assert message == "a�.csv, line 2, column n�: found “1�2”; expected a number."


def test_letters_of_any_language_stay_as_they_are() -> None:
    assert "“Slätis 杨鸿川 ½ −3”" in str(Problem("studies.csv", 2, "first_author", "Slätis 杨鸿川 ½ −3", "a surname"))


def test_the_error_holds_every_problem_and_its_text() -> None:
    problems = [Problem("arms.csv", n, "sd", "x", "a number") for n in (2, 3)]
    error = EvidenceError(problems)
    assert error.problems == tuple(problems)
    assert str(error).splitlines() == [str(p) for p in problems]
    assert isinstance(error, ValueError)


# ---- rows ------------------------------------------------------------------------------------------------------------


def test_a_row_cannot_be_changed_after_it_was_checked(data: Evidence) -> None:
    with pytest.raises(ValidationError):
        data.arms[0].mean = 0.0
    with pytest.raises(TypeError):
        data.studies["new"] = data.studies["peul-2007-sciatica"]  # type: ignore[index]


def test_lines_of_rows_are_those_of_the_file(data: Evidence) -> None:
    lines = (loading.SHIPPED / "arms.csv").read_text(encoding="utf-8").splitlines()
    for row in data.arms:
        assert lines[row.line - 1].startswith(f"{row.study_id},{row.outcome},")


@pytest.mark.parametrize(("name", "model"), schema.TABLES.items())
def test_every_column_says_what_is_expected_in_it(name: str, model: type[EvidenceRow]) -> None:
    """The words of a message about a wrong cell come from here."""
    for column in schema.columns(model):
        description = model.model_fields[column].description
        assert description, f"{name}, {column}"
        assert not description.endswith("."), f"{name}, {column}"
    assert set(schema.KEYS[name]) <= set(schema.columns(model))
