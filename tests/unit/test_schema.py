"""What stands between a cell and a reader: units, names of studies, levels of intervals, messages about faults."""

from __future__ import annotations

import re

import pytest
from builders import both_arms, evidence_of, study
from pydantic import ValidationError

from decision_aid.comparison.comparison import compare
from decision_aid.comparison.question import ask
from decision_aid.domain.problems import EvidenceError, Problem
from decision_aid.domain.vocabulary import Outcome, Procedure, Unit
from decision_aid.evidence import loading
from decision_aid.evidence import tables as schema
from decision_aid.evidence.cells import EvidenceRow
from decision_aid.evidence.loading import Evidence
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


def test_every_study_has_a_label_of_its_own(data: Evidence) -> None:
    """What a reader sees: never empty, never “unknown”, never two alike, short enough for a picture."""
    labels = [row.label for row in data.studies.values()]
    assert len(set(labels)) == len(labels) == 342
    for label in labels:
        assert label == " ".join(label.split()) != ""
        assert label.isprintable()
        assert len(label) <= 60, label
        assert not re.search(r"unknown|None", label), label


def test_two_studies_with_one_label_are_refused() -> None:
    rows = [study("first"), study("second", label="First 2020")]
    with pytest.raises(
        EvidenceError, match=r"studies\.csv, line 3, column label: found “First 2020”; expected a label of"
    ):
        evidence_of(rows)


def test_a_result_is_named_by_the_label_of_its_study() -> None:
    rows = [study("a-trial", first_author="Someone", year=1999, label="The trial of Dijon")]
    arms = both_arms("a-trial", {"mean": 90, "sd": 9, "n": 30}, {"mean": 120, "sd": 9, "n": 30})
    data = evidence_of(rows, arms)
    found = compare(data, ask(data, Procedure.DISCECTOMY, Outcome.BLOOD_LOSS))
    assert [s.label for s in found.studies] == ["The trial of Dijon"]


# ---- levels of intervals ---------------------------------------------------------------------------------------------


def test_a_level_stands_where_an_interval_does_and_nowhere_else(data: Evidence) -> None:
    for row in (*data.arms, *data.contrasts):
        assert (row.ci_level is None) == (row.ci_low is None and row.ci_high is None), row.line
    assert {row.ci_level for row in data.contrasts} == {None, 0.95, 0.99}


def test_the_level_is_the_one_that_the_note_names(data: Evidence) -> None:
    other = {(row.line, row.ci_level) for row in data.contrasts if row.ci_level not in (None, 0.95)}
    said = {(row.line, float(row.notes.split("%")[0]) / 100) for row in data.contrasts if "not 95%" in row.notes}
    assert other == said
    assert len(other) == 10
    assert not any("not 95" in row.notes for row in data.arms)


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
