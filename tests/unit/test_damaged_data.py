"""A damaged dataset is refused as a whole, and each fault is named: file, line, column, what stands there.

Every kind of damage is one entry of a table below. `inflict` damages a copy of the data and returns the line at
which the fault must be reported (None: the file as a whole).
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_aid.cli import main
from decision_aid.domain.problems import EvidenceError, Problem
from decision_aid.evidence import datapackage, loading, reading
from decision_aid.evidence import tables as schema
from decision_aid.evidence.reading import checked_rows
from decision_aid.evidence.tables import DATAPACKAGE

TABLES = tuple(schema.TABLES)
FILLED = object()  # in a search for a row: any cell that is not empty
LONGEST_MESSAGE = 600

Inflict = Callable[[Path], int | None]


class Damage(NamedTuple):
    name: str
    inflict: Inflict
    file: str
    column: str | None
    value: str | None  # a part of what the message must show of the file
    expected: str  # a part of what the message must say was expected


def thinned(folder: Path, step: int) -> Path:
    """One in `step` of the shipped studies with the rows that belong to it: quicker to load."""
    shutil.copytree(loading.SHIPPED, folder)
    studies = read(folder / "studies.csv")
    write(folder / "studies.csv", studies[:1] + studies[1::step])
    kept = {row[0] for row in studies[1::step]}
    for file in ("arms.csv", "contrasts.csv"):
        header, *rows = read(folder / file)
        write(folder / file, [header, *(row for row in rows if row[0] in kept)])
    checklist = read(folder / "indications.csv")
    write(folder / "indications.csv", checklist[:1] + checklist[1::step])
    datapackage.write(folder, {file: len(read(folder / file)) - 1 for file in TABLES})
    assert len(loading.load(folder).studies) == len(kept)
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with a row of every kind."""
    return thinned(tmp_path_factory.mktemp("small") / "data", 3)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with a few rows in each table."""
    return thinned(tmp_path_factory.mktemp("tiny") / "data", 20)


@pytest.fixture
def folder(small: Path, tmp_path: Path) -> Path:
    """A copy of the small dataset that a test may damage."""
    return Path(shutil.copytree(small, tmp_path / "data"))


# ---- reading and writing tables --------------------------------------------------------------------------------------


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == path.read_bytes().count(b"\n"), "a cell holds a line end: row n is no longer line n"
    return rows


def as_csv(rows: list[list[str]], **options: Any) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", **options).writerows(rows)
    return text.getvalue()


def write(path: Path, rows: list[list[str]]) -> None:
    path.write_text(as_csv(rows), encoding="utf-8")


def find(rows: list[list[str]], where: dict[str, object]) -> int:
    """Index of the first row in which the named columns hold these values."""
    header = rows[0]
    for index, row in enumerate(rows[1:], start=1):
        if all(row[header.index(c)] if v is FILLED else row[header.index(c)] == v for c, v in where.items()):
            return index
    raise LookupError(where)


def change(file: str, column: str, value: str, **where: object) -> Inflict:
    """Another value in one cell of the first row that fits."""

    def inflict(folder: Path) -> int:
        rows = read(folder / file)
        index = find(rows, where)
        assert rows[index][rows[0].index(column)] != value
        rows[index][rows[0].index(column)] = value
        write(folder / file, rows)
        return index + 1

    return inflict


def repeat(file: str, **where: object) -> Inflict:
    """The first row that fits a second time, at the end of the table."""

    def inflict(folder: Path) -> int:
        rows = read(folder / file)
        rows.append(rows[find(rows, where)])
        write(folder / file, rows)
        return len(rows)

    return inflict


def remove(file: str, **where: object) -> Inflict:
    """The table without the first row that fits."""

    def inflict(folder: Path) -> None:
        rows = read(folder / file)
        del rows[find(rows, where)]
        write(folder / file, rows)

    return inflict


def change_other_arm(column: str, value: str, **where: object) -> Inflict:
    """Another value in the second arm of the first group of arms that fits."""
    group = ("study_id", "outcome", "timepoint_months", "timing", "subgroup")

    def inflict(folder: Path) -> int:
        rows = read(folder / "arms.csv")
        header = rows[0]
        met: set[tuple[str, ...]] = set()
        for index, row in enumerate(rows[1:], start=1):
            key = tuple(row[header.index(c)] for c in group)
            if key in met:
                assert row[header.index(column)] != value
                row[header.index(column)] = value
                write(folder / "arms.csv", rows)
                return index + 1
            if all(row[header.index(c)] == v for c, v in where.items()):
                met.add(key)
        raise LookupError(where)

    return inflict


def rewrite(file: str, edit: Callable[[bytes], bytes], line: int | None = None) -> Inflict:
    """Other bytes in a file."""

    def inflict(folder: Path) -> int | None:
        before = (folder / file).read_bytes()
        after = edit(before)
        assert after != before
        (folder / file).write_bytes(after)
        return line

    return inflict


def reshape(file: str, edit: Callable[[list[list[str]]], list[list[str]]], line: int | None = 1) -> Inflict:
    """Other columns or rows in a table."""

    def inflict(folder: Path) -> int | None:
        write(folder / file, edit(read(folder / file)))
        return line

    return inflict


# ---- damage that can happen to any table -----------------------------------------------------------------------------


def _missing(file: str) -> Inflict:
    return lambda folder: (folder / file).unlink()


def _directory(file: str) -> Inflict:
    def inflict(folder: Path) -> None:
        (folder / file).unlink()
        (folder / file).mkdir()

    return inflict


def _cut_within_last_row(file: str) -> Inflict:
    def inflict(folder: Path) -> int:
        data = (folder / file).read_bytes()
        start = data.rstrip(b"\n").rindex(b"\n") + 1
        (folder / file).write_bytes(data[: start + (len(data) - start) // 2])
        return data.count(b"\n")

    return inflict


def _cut_between_rows(file: str) -> Inflict:
    return reshape(file, lambda rows: rows[: -(len(rows) // 4)], line=None)


def _unbalanced_quote(file: str) -> Inflict:
    def inflict(folder: Path) -> int:
        data = (folder / file).read_bytes()
        start = data.rstrip(b"\n").rindex(b"\n") + 1
        (folder / file).write_bytes(data[:start] + b'"' + data[start:])
        return data.count(b"\n")

    return inflict


def _accent_in_latin_1(file: str) -> Inflict:
    """An accent in the second line, saved as Windows programs did."""

    def edit(data: bytes) -> bytes:
        header, row, rest = data.decode("utf-8").split("\n", 2)
        return f"{header}\n{row},café\n{rest}".encode("latin-1", errors="replace")

    return rewrite(file, edit, line=2)


def _null_bytes(file: str) -> Inflict:
    def edit(data: bytes) -> bytes:
        lines = data.split(b"\n")
        lines[2] = lines[2][:3] + b"\0\0" + lines[2][3:]
        return b"\n".join(lines)

    return rewrite(file, edit, line=3)


def _damage_of_any_table(file: str) -> list[Damage]:
    first, second = schema.columns(schema.TABLES[file])[:2]
    width = len(schema.columns(schema.TABLES[file]))

    def with_header(header: Callable[[list[str]], list[str]]) -> Inflict:
        return reshape(file, lambda rows: [header(rows[0]), *rows[1:]])

    def with_each_row(row: Callable[[list[str]], list[str]]) -> Inflict:
        return reshape(file, lambda rows: [row(r) for r in rows])

    def semicolons(data: bytes) -> bytes:
        return as_csv(list(csv.reader(io.StringIO(data.decode()))), delimiter=";").encode()

    def one_cell_too_many(rows: list[list[str]]) -> list[list[str]]:
        return [*rows[:2], [*rows[2], "more"], *rows[3:]]

    def swapped(row: list[str]) -> list[str]:
        return [row[1], row[0], *row[2:]]

    kinds: list[tuple[str, Inflict, str | None, str | None, str]] = [
        ("missing", _missing(file), None, None, "it is missing"),
        ("a directory", _directory(file), None, None, "a readable file"),
        ("empty", rewrite(file, lambda _: b""), None, None, "the file is empty"),
        ("blank lines only", rewrite(file, lambda _: b" \r\n\n"), None, None, "the file is empty"),
        ("byte order mark only", rewrite(file, lambda _: b"\xef\xbb\xbf"), None, None, "the file is empty"),
        ("header only", reshape(file, lambda rows: rows[:1], None), None, None, "at least one row below the header"),
        ("cut within a row", _cut_within_last_row(file), None, None, "a line end after the last row"),
        ("cut between rows", _cut_between_rows(file), None, " rows", "the file was cut short"),
        ("column missing", with_each_row(lambda r: [r[0], *r[2:]]), second, None, "it is missing"),
        ("extra column", with_each_row(lambda r: [*r, "remarks"]), "remarks", None, "no such column"),
        ("column renamed", with_header(lambda h: [h[0], "colour", *h[2:]]), "colour", None, "no such column"),
        ("column twice", with_header(lambda h: [h[0], h[0], *h[2:]]), None, first, "each column once"),
        ("columns swapped", with_each_row(swapped), None, second, f"the columns in this order: {first}"),
        ("no header", reshape(file, lambda rows: rows[1:]), first, None, "it is missing"),
        ("semicolons", rewrite(file, semicolons, 1), None, f"{first};{second}", "parted by semicolons"),
        ("UTF-16", rewrite(file, lambda d: d.decode().encode("utf-16"), 1), None, None, "text saved as UTF-8"),
        ("UTF-16 without a mark", rewrite(file, lambda d: d.decode().encode("utf-16-le"), 1), None, None, "as UTF-8"),
        ("Latin-1", _accent_in_latin_1(file), None, r"\xe9", "text saved as UTF-8"),
        ("null bytes", _null_bytes(file), None, None, "text saved as UTF-8"),
        ("unbalanced quote", _unbalanced_quote(file), None, None, "a well-formed CSV row"),
        ("a cell too many", reshape(file, one_cell_too_many, 3), None, f"{width + 1} cells", f"{width} cells"),
    ]
    return [Damage(f"{file}: {name}", inflict, file, *rest) for name, inflict, *rest in kinds]


# ---- damage to the description ---------------------------------------------------------------------------------------


def describe(edit: Callable[[dict[str, Any]], object]) -> Inflict:
    """Other content in datapackage.json."""

    def inflict(folder: Path) -> None:
        content = json.loads((folder / DATAPACKAGE).read_text(encoding="utf-8"))
        edit(content)
        (folder / DATAPACKAGE).write_text(json.dumps(content), encoding="utf-8")

    return inflict


def row_count(value: object) -> Inflict:
    return describe(lambda content: content["resources"][0].update(rowCount=value))


def _without_counts(content: dict[str, Any]) -> None:
    for resource in content["resources"]:
        del resource["rowCount"]


def _damage_of_the_description() -> list[Damage]:
    wanted = "for each table, path and rowCount"
    kinds: list[tuple[str, Inflict, str | None, str | None, str]] = [
        ("missing", _missing(DATAPACKAGE), None, None, "it is missing"),
        ("a directory", _directory(DATAPACKAGE), None, None, "a readable file"),
        ("empty", rewrite(DATAPACKAGE, lambda _: b""), None, None, "the file is empty"),
        ("cut short", rewrite(DATAPACKAGE, lambda d: d[:500], 17), None, None, "well-formed JSON"),
        ("a brace missing", rewrite(DATAPACKAGE, lambda d: d[1:], 2), None, None, "well-formed JSON"),
        ("UTF-16", rewrite(DATAPACKAGE, lambda d: d.decode().encode("utf-16"), 1), None, None, "text saved as UTF-8"),
        ("null bytes", rewrite(DATAPACKAGE, lambda d: b"{\n\0" + d[1:], 2), None, None, "text saved as UTF-8"),
        ("Latin-1", rewrite(DATAPACKAGE, lambda d: b"\n\n\xe9" + d, 3), None, r"\xe9", "text saved as UTF-8"),
        ("a list", rewrite(DATAPACKAGE, lambda d: b"[" + d + b"]"), None, "list indices", wanted),
        ("a number", rewrite(DATAPACKAGE, lambda _: b"7"), None, "int", wanted),
        ("nested without end", rewrite(DATAPACKAGE, lambda _: b"[" * 100_000), None, None, "nested too deeply"),
        ("no tables", describe(lambda c: c.pop("resources")), None, "resources", wanted),
        ("no counts", describe(_without_counts), None, "rowCount", wanted),
        ("a table left out", describe(lambda c: c["resources"].pop()), "resources", None, f"an entry for {TABLES[-1]}"),
        ("a count of 0", row_count(0), None, "rowCount 0 of studies.csv", wanted),
        ("a negative count", row_count(-256), None, "rowCount -256", wanted),
        ("a count in words", row_count("many"), None, "rowCount 'many'", wanted),
        ("an infinite count", row_count(float("inf")), None, "rowCount inf", wanted),
        ("a count that is a yes", row_count(True), None, "rowCount True", wanted),
        ("no count at all", row_count(None), None, "rowCount None", wanted),
        ("no date of search", describe(lambda c: c.pop("searchDate")), None, "searchDate", wanted),
        ("a date in words", describe(lambda c: c.update(reviewDate="soon")), None, "soon", wanted),
        ("a date that is a number", describe(lambda c: c.update(searchDate=2026)), None, "argument", wanted),
    ]
    return [Damage(f"{DATAPACKAGE}: {name}", inflict, DATAPACKAGE, *rest) for name, inflict, *rest in kinds]


# ---- damage to cells and rows ----------------------------------------------------------------------------------------

SCORE = {"outcome": "odi", "mean": FILLED, "sd": FILLED, "unit": "points_0_100", "scale_kind": "score"}
WITH_INTERVAL = {"mean": FILLED, "ci_low": FILLED, "ci_high": FILLED}
WITH_QUARTILES = {"median": FILLED, "q1": FILLED, "q3": FILLED}
COUNT = {"events": FILLED, "n": FILLED, "timing": "at_months"}
RATIO = {"measure": "OR", "comparison": "mis_over_open", "estimate": FILLED}
DIFFERENCE = {"measure": "MD", "comparison": "mis_minus_open", "estimate": FILLED}
COMPARED = {"arm": "mis", "outcome": "length_of_stay", "unit": "days"}


def _damage_in(file: str, *kinds: tuple[str, Inflict, str | None, str | None, str]) -> list[Damage]:
    return [Damage(f"{file}: {name}", inflict, file, *rest) for name, inflict, *rest in kinds]


def _cell(
    name: str, file: str, column: str, value: str, expected: str, /, **where: object
) -> tuple[str, Inflict, str, str, str]:
    """One wrong cell: the message must show its column, what stands in it and what was expected."""
    return name, change(file, column, value, **where), column, value, expected


def _damage_of_cells() -> list[Damage]:
    arms, contrasts, studies, thresholds = "arms.csv", "contrasts.csv", "studies.csv", "thresholds.csv"
    outcomes, conditions, procedures, options = "outcomes.csv", "conditions.csv", "procedures.csv", "options.csv"
    course, checklist, concerns = "natural_course.csv", "indications.csv", "concerns.csv"
    return [
        *_damage_in(
            arms,
            _cell("text in a number column", arms, "mean", "about 40", "a number", **SCORE),
            _cell("comma decimal", arms, "mean", "12,5", "a number", **SCORE),
            _cell("number with a unit", arms, "sd", "12.5 mm", "a number above 0", **SCORE),
            _cell("space in front of a number", arms, "mean", " 12.5", "a number", **SCORE),
            _cell("thousands mark", arms, "mean", "1_000", "a number", **SCORE),
            _cell("true minus sign", arms, "mean", "−12.5", "a number", **SCORE),
            _cell("infinite", arms, "mean", "inf", "a number", **SCORE),
            _cell("not a number", arms, "sd", "nan", "a number above 0", **SCORE),
            _cell("overflow to infinity", arms, "mean", "1e999", "a number", **SCORE),
            _cell("too large to square", arms, "sd", "1e200", "not beyond 1,000,000,000", **SCORE),
            _cell("too large a count", arms, "n", "9" * 12, "not beyond 1,000,000,000", **SCORE),
            ("too many digits", change(arms, "n", "9" * 5000, **SCORE), "n", "9999…", "a whole number above 0"),
            _cell("negative standard deviation", arms, "sd", "-3.1", "a number above 0", **SCORE),
            _cell("standard deviation of 0", arms, "sd", "0", "a number above 0", **SCORE),
            _cell("score beyond its scale", arms, "mean", "130", "a number from 0 to 100", **SCORE),
            _cell(
                "score on another scale",
                arms,
                "mean",
                "45",
                "a number from 0 to 10",
                mean=FILLED,
                unit="points_0_10",
                ci_low="",
            ),
            _cell("nobody in an arm", arms, "n", "0", "a whole number above 0", **SCORE),
            _cell("half a person", arms, "n", "12.5", "a whole number above 0", **SCORE),
            _cell("more events than people", arms, "events", "99999", "no more than the", **COUNT),
            _cell("negative count", arms, "events", "-1", "a whole number from 0", **COUNT),
            _cell("no count of events", arms, "events", "", "a count, because the unit is events", **COUNT),
            _cell("events in days", arms, "unit", "days", "events, because the row counts events", **COUNT),
            (
                "interval reversed",
                change(arms, "ci_low", "9999", **WITH_INTERVAL),
                "mean",
                None,
                "not below ci_low, 9999",
            ),
            _cell("interval without a level", arms, "ci_level", "", "a level such as 0.95", **WITH_INTERVAL),
            _cell("level in percent", arms, "ci_level", "95", "level of the interval", **WITH_INTERVAL),
            _cell("level without an interval", arms, "ci_level", "0.95", "an empty cell otherwise", **SCORE, ci_low=""),
            _cell("another way to count", arms, "analysis", "per_protocol", "one of as_treated", **SCORE),
            _cell("half an interval", arms, "ci_high", "", "a number, because ci_low is given", **WITH_INTERVAL),
            (
                "quartile above the median",
                change(arms, "q1", "9999", **WITH_QUARTILES),
                "median",
                None,
                "below q1, 9999",
            ),
            _cell("half the quartiles", arms, "q3", "", "a number, because q1 is given", **WITH_QUARTILES),
            _cell("largest below the mean", arms, "max", "-5", "a number not below mean", **SCORE, max=""),
            _cell(
                "a row that says nothing", arms, "mean", "", "the row says nothing", median="", events="", mean=FILLED
            ),
            _cell("largest below the median", arms, "max", "-5", "a number not below median", **WITH_QUARTILES, max=""),
            ("people counted for a score", change(arms, "outcome", "odi", **COUNT), "unit", "events", "a unit of odi"),
            (
                "a score for a count of people",
                change(arms, "outcome", "infection", **SCORE),
                "unit",
                "points",
                "events",
            ),
            _cell("unknown outcome", arms, "outcome", "happiness", "an outcome of outcomes.csv", **SCORE),
            _cell("unknown unit", arms, "unit", "litres", "one of events, days", **SCORE),
            _cell("unknown arm", arms, "arm", "robotic", "one of open, mis", **SCORE),
            _cell("unknown study", arms, "study_id", "nobody-1999", "a study_id of studies.csv", **SCORE),
            _cell("capital in a vocabulary", arms, "arm", "Open", "one of open, mis", arm="open"),
            _cell(
                "months left out", arms, "timepoint_months", "", "a number of months when timing is at_months", **COUNT
            ),
            _cell("months in words", arms, "timepoint_months", "a year", "months after surgery", **COUNT),
            _cell("month round an operation", arms, "timepoint_months", "3", "an empty cell", timing="perioperative"),
            _cell("time before time", arms, "timepoint_months", "-6", "months after surgery", **COUNT),
            _cell("blank source", arms, "source_part", " ", "the part that was read", **SCORE),
            ("one row twice", repeat(arms, **SCORE), "study_id", "odi", "each key once"),
            (
                "two units in one comparison",
                change_other_arm("unit", "hours", **COMPARED),
                "unit",
                "hours",
                "days, as in",
            ),
            (
                "a level against a change",
                change_other_arm("scale_kind", "change", **COMPARED),
                "scale_kind",
                "change",
                "score, as in the other arm",
            ),
            (
                "open beside care without surgery",
                change_other_arm("arm", "nonoperative", **COMPARED),
                "arm",
                "nonoperative",
                "an arm that can stand beside mis",
            ),
            (
                "a measured value counted as events",
                change(arms, "unit", "events", **SCORE),
                "events",
                "",
                "a count, because the unit is events",
            ),
        ),
        *_damage_in(
            contrasts,
            _cell("ratio of 0", contrasts, "estimate", "0", "a ratio is never 0 or less", **RATIO),
            _cell("negative limit of a ratio", contrasts, "ci_low", "-0.2", "a ratio is never", **RATIO, ci_low=FILLED),
            _cell("ratio as a difference", contrasts, "comparison", "mis_minus_open", "“over” comparison", **RATIO),
            _cell(
                "difference as a ratio", contrasts, "comparison", "mis_over_open", "“minus” comparison", **DIFFERENCE
            ),
            _cell(
                "interval reversed", contrasts, "ci_high", "-9999", "not below estimate", **DIFFERENCE, ci_high=FILLED
            ),
            _cell("a row that says nothing", contrasts, "estimate", "", "says nothing", estimate=FILLED, ci_low=""),
            _cell("interval without a level", contrasts, "ci_level", "", "a level such as 0.95", ci_low=FILLED),
            _cell("another way to count", contrasts, "analysis", "ITT", "one of as_treated", **RATIO),
            _cell("unknown measure", contrasts, "measure", "NNT", "one of MD, SMD", **RATIO),
            _cell("unknown outcome", contrasts, "outcome", "luck", "an outcome of outcomes.csv", **RATIO),
            _cell("unknown study", contrasts, "study_id", "nobody-1999", "a study_id of studies.csv", **RATIO),
            _cell("p in words", contrasts, "p_value", "significant", "p as printed", **RATIO),
            _cell("more than all heterogeneity", contrasts, "i2_percent", "140", "0 to 100", i2_percent=FILLED),
            _cell("no studies behind a review", contrasts, "k_studies", "0", "above 0", k_studies=FILLED),
            _cell("months left out", contrasts, "timepoint_months", "", "a number of months", timing="at_months"),
            ("one row twice", repeat(contrasts, **RATIO), "study_id", None, "each key once"),
        ),
        *_damage_in(
            studies,
            _cell("year in words", studies, "year", "in press", "year of publication", year=FILLED),
            _cell("year before the time", studies, "year", "195", "1950 to 2100", year=FILLED),
            _cell("unknown design", studies, "design", "trial", "one of rct", design="rct"),
            _cell("unknown procedure", studies, "procedure", "massage", "one of discectomy", procedure="fusion"),
            _cell("unknown condition", studies, "condition", "back pain", "one of disc_herniation"),
            _cell("bad link", studies, "link", "www.example.org", "a web address that begins with http", link=FILLED),
            _cell("link that runs a program", studies, "link", "javascript:alert(1)", "a web address", link=FILLED),
            _cell("link in a DOI column", studies, "doi", "https://doi.org/10.1/x", "begins with 10.", doi=FILLED),
            _cell("words in a number of PubMed", studies, "pmid", "PMID 123", "a PubMed number", pmid=FILLED),
            _cell("perhaps the title", studies, "title_exact", "perhaps", "yes: the printed title"),
            _cell("spaces in a key", studies, "study_id", "Peul 2007", "small letters, digits and hyphens"),
            _cell("an arm of minus one", studies, "n_open", "-1", "a whole number above 0", n_open=FILLED),
            _cell("a follow-up before surgery", studies, "follow_up_months", "-12", "0 or more", n_open=FILLED),
            _cell("no label", studies, "label", "", "the short name a reader sees"),
            _cell("no technique", studies, "mis_technique", "", "technique of the minimally invasive arm"),
            ("one study twice", repeat(studies), "study_id", None, "each key once (line 2 has it already)"),
        ),
        *_damage_in(
            thresholds,
            _cell("no value", thresholds, "value", "", "a number", measure="odi"),
            _cell("value with a sign", thresholds, "value", ">10", "a number", measure="odi"),
            _cell("infinite value", thresholds, "value", "-inf", "a number", measure="odi"),
            _cell("no source", thresholds, "citation", "", "where it was read", measure="odi"),
            _cell("no link", thresholds, "link", "", "a web address that begins with http", measure="odi"),
            _cell("bad link", thresholds, "link", "https://two words", "a web address", measure="odi"),
            _cell("spaces in a key", thresholds, "threshold_id", "ODI 10", "small letters, digits and hyphens"),
            _cell("an empty condition", thresholds, "conditions", "fusion|", "conditions parted by |", measure="odi"),
            _cell("time before time", thresholds, "months", "-1", "in months", measure="odi"),
            _cell("leads perhaps", thresholds, "lead", "perhaps", "one click away", measure="odi"),
            _cell("too large a value", thresholds, "value", "1e10", "not beyond 1,000,000,000", measure="odi"),
            ("one benchmark twice", repeat(thresholds, measure="odi"), "threshold_id", "odi", "each key once"),
        ),
        *_damage_in(
            outcomes,
            ("row missing", remove(outcomes, outcome="odi"), "outcome", None, "a row for odi"),
            ("one outcome twice", repeat(outcomes, outcome="odi"), "outcome", "odi", "each key once"),
            _cell("unknown outcome", outcomes, "outcome", "pain", "an outcome of the vocabulary", outcome="odi"),
            _cell(
                "sentence without a place for the number", outcomes, "sentence_lower", "people lost less blood", "once"
            ),
            _cell(
                "sentence with two places", outcomes, "sentence_higher", "{amount} and {amount}", "{amount} in it once"
            ),
            _cell("sentence with another name", outcomes, "sentence_lower", "{number} less", "{amount} in it once"),
            _cell("no definition", outcomes, "patient_definition", "", "one plain sentence", outcome="odi"),
            _cell("event in days", outcomes, "unit", "days", "events for an event outcome", outcome="infection"),
            _cell(
                "follow-up without a time", outcomes, "default_time_months", "", "a time for a follow_up", outcome="odi"
            ),
            _cell("change without a source", outcomes, "noticeable_source", "", "a citation where", outcome="odi"),
            _cell("change of 0", outcomes, "noticeable_change", "0", "smallest change people notice", outcome="odi"),
            _cell("unknown direction", outcomes, "better", "more", "lower or higher", outcome="odi"),
            _cell("bad link", outcomes, "noticeable_link", "doi.org/10.1", "a web address", outcome="odi"),
        ),
        *_damage_in(
            conditions,
            (
                "row missing",
                remove(conditions, condition="spinal_stenosis"),
                "condition",
                None,
                "a row for spinal_sten",
            ),
            ("one condition twice", repeat(conditions), "condition", "disc_herniation", "each key once"),
            _cell("unknown procedure", conditions, "usual_procedures", "fusion|massage", "ids of procedures.csv"),
            _cell("no label", conditions, "patient_label", "", "label in plain words"),
        ),
        *_damage_in(
            procedures,
            ("row missing", remove(procedures, procedure="fusion"), "procedure", None, "a row for fusion"),
            ("one procedure twice", repeat(procedures), "procedure", "discectomy", "each key once"),
            _cell("unknown procedure", procedures, "procedure", "massage", "one of the procedures"),
            _cell("no aim", procedures, "aim", "", "what it is for"),
        ),
        *_damage_in(
            options,
            (
                "aspect missing",
                remove(options, procedure="fusion", option="without_surgery", aspect="good_sides"),
                "aspect",
                None,
                "a row for fusion, without_surgery, good_sides",
            ),
            ("one aspect twice", repeat(options), "procedure", "what_happens", "each key once"),
            _cell("unknown option", options, "option", "robotic", "one of without_surgery, open, mis"),
            _cell("unknown aspect", options, "aspect", "price", "one of what_happens"),
            _cell("no text", options, "text", "", "what living through it is like"),
        ),
        *_damage_in(
            course,
            (
                "no such benchmark",
                change(course, "threshold_id", "natural-history"),
                "threshold_id",
                "natural-history",
                "a threshold_id of thresholds.csv",
            ),
            _cell("no words", course, "patient_text", "", "what the number says in plain words"),
            ("one benchmark twice", repeat(course), "threshold_id", "natural-history", "each key once"),
        ),
        *_damage_in(
            checklist,
            _cell("unknown part", checklist, "part", "score", "one of red_flag"),
            _cell("unknown condition", checklist, "conditions", "all|back pain", "ids of conditions.csv"),
            _cell("unknown procedure", checklist, "procedures", "fusion|", "ids of procedures.csv"),
            _cell("a red flag without action", checklist, "action", "", "what to do", yes_means="act_now"),
            _cell("a red flag that is a note", checklist, "yes_means", "note", "act_now for a red", part="red_flag"),
            _cell("another side without a source", checklist, "other_source", "", "a citation", other_source=FILLED),
            _cell("no day of the calendar", checklist, "date_checked", "2026-02-30", "a day of the calendar"),
            _cell("bad link", checklist, "link", "nice.org.uk", "a web address"),
            _cell("a payer who leads", checklist, "reading_grade", "P", "a guideline leads", part="criterion"),
            _cell("a payer on the focused path", checklist, "core", "yes", "not on the focused path", part="payers"),
            _cell("a payer's criterion", checklist, "yes_means", "met", "speaks for neither side", part="payers"),
            _cell("payers unnamed", checklist, "payer_source", "", "the policies that ask", payer_source=FILLED),
            ("one item twice", repeat(checklist), "item_id", None, "each key once"),
        ),
        *_damage_in(
            "questions.csv",
            _cell("unknown subject", "questions.csv", "about", "money", "one of diagnosis"),
            ("one question twice", repeat("questions.csv"), "question_id", None, "each key once"),
        ),
        *_damage_in(
            concerns,
            _cell("unknown outcome", concerns, "outcomes", "odi|luck", "ids of outcomes.csv", outcomes=FILLED),
            _cell(
                "unknown outcome at a time", concerns, "outcomes", "luck@1_year", "ids of outcomes.csv", outcomes=FILLED
            ),
            _cell("unknown time", concerns, "outcomes", "odi@soon", "after @ one of perioperative", outcomes=FILLED),
            _cell("no time after @", concerns, "outcomes", "odi@", "after @ one of perioperative", outcomes=FILLED),
            _cell("two times", concerns, "outcomes", "odi@1_year@2_years", "after @ one of", outcomes=FILLED),
            _cell(
                "a time it is not read at", concerns, "outcomes", "odi@early", "odi at one of 6_weeks", outcomes=FILLED
            ),
            _cell(
                "a later time of a stay", concerns, "outcomes", "length_of_stay@1_year", "at one of", outcomes=FILLED
            ),
            _cell("unknown option", concerns, "options_for", "robotic", "options parted by |", options_for=FILLED),
            (
                "an option on both sides",
                change(concerns, "options_against", "mis", options_for="open|mis"),
                "options_against",
                "mis",
                "do not also",
            ),
            ("one concern twice", repeat(concerns), "concern_id", None, "each key once"),
        ),
    ]


HOSTILE = {
    "script": "<script>alert('x')</script>",
    "right-to-left override": "open\u202enepo\u2066",
    "10,000 characters": "x" * 10_000,
    "10,000 marks that cannot be seen": "\u200b\u202e" * 5_000,
    "terminal colours": "\x1b[31mred\x07",
    "several lines": "open\r\nEverything is fine.\u2028No fault found.",
    "formula": '=HYPERLINK("http://example.org","open")',
    "byte order mark": "\ufeffopen",
    "template": "{0.__class__} %s ${x}",
}


def _damage_by_hostile_text() -> list[Damage]:
    return [
        Damage(
            f"hostile cell: {name}", change("arms.csv", "arm", text, **SCORE), "arms.csv", "arm", None, "one of open"
        )
        for name, text in HOSTILE.items()
    ] + [
        Damage(
            f"hostile header: {name}",
            reshape("options.csv", lambda rows, text=text: [[*rows[0], text], *rows[1:]]),
            "options.csv",
            None,
            None,
            "no such column",
        )
        for name, text in HOSTILE.items()
    ]


DAMAGED_FILES = [*(d for file in TABLES for d in _damage_of_any_table(file)), *_damage_of_the_description()]
DAMAGED_CELLS = [*_damage_of_cells(), *_damage_by_hostile_text()]


def refused(folder: Path) -> tuple[Problem, ...]:
    """The faults for which a dataset is refused; any other exception, or a dataset, fails the test."""
    with pytest.raises(EvidenceError) as caught:
        loading.load(folder)
    assert caught.value.problems
    assert well_put(caught.value.problems), str(caught.value)
    return caught.value.problems


def well_put(problems: Iterable[Problem]) -> bool:
    """Whether each message can be shown as it is: no sign that hides or reorders text, and short."""
    return all(str(p).isprintable() and len(str(p)) <= LONGEST_MESSAGE for p in problems)


@pytest.mark.parametrize("damage", DAMAGED_FILES, ids=[d.name for d in DAMAGED_FILES])
def test_a_damaged_file_is_refused_and_named(damage: Damage, tiny: Path, tmp_path: Path) -> None:
    check_that_damage_is_named(damage, Path(shutil.copytree(tiny, tmp_path / "data")))


@pytest.mark.parametrize("damage", DAMAGED_CELLS, ids=[d.name for d in DAMAGED_CELLS])
def test_a_wrong_cell_is_refused_and_named(damage: Damage, folder: Path) -> None:
    check_that_damage_is_named(damage, folder)


def check_that_damage_is_named(damage: Damage, folder: Path) -> None:
    line = damage.inflict(folder)
    problems = refused(folder)
    named = [
        p
        for p in problems
        if p.file == damage.file
        and p.line == line
        and (damage.column is None or p.column == damage.column)
        and (damage.value is None or damage.value[:50] in str(p))
        and damage.expected in p.expected
    ]
    assert named, "\n".join(["expected another message than:", *map(str, problems[:20])])
    if line is not None:
        assert f"{damage.file}, line {line}" in str(named[0])


def test_names_of_the_kinds_of_damage_are_unique() -> None:
    names = [d.name for d in (*DAMAGED_FILES, *DAMAGED_CELLS)]
    assert len(set(names)) == len(names)
    assert len(names) > 30


# ---- several faults, their order, and no faults that are only echoes -------------------------------------------------


def test_every_fault_is_listed_at_once(folder: Path) -> None:
    inflicted = [
        ("studies.csv", change("studies.csv", "design", "trial", design="rct")(folder)),
        ("arms.csv", change("arms.csv", "mean", "about 40", **SCORE)(folder)),
        ("arms.csv", change("arms.csv", "events", "-1", **COUNT)(folder)),
        ("contrasts.csv", change("contrasts.csv", "estimate", "0", **RATIO)(folder)),
        ("thresholds.csv", change("thresholds.csv", "link", "", measure="odi")(folder)),
        ("outcomes.csv", change("outcomes.csv", "better", "more", outcome="odi")(folder)),
        ("options.csv", _cut_between_rows("options.csv")(folder)),
        ("conditions.csv", _missing("conditions.csv")(folder)),
        ("procedures.csv", _accent_in_latin_1("procedures.csv")(folder)),
        ("datapackage.json", rewrite(DATAPACKAGE, lambda data: data[1:], 2)(folder)),
    ]
    found = {(p.file, p.line) for p in refused(folder)}
    assert found >= set(inflicted)


def test_a_missing_row_is_named_although_another_table_is_faulty(folder: Path) -> None:
    remove("procedures.csv", procedure="fusion")(folder)
    change("arms.csv", "study_id", "nobody-1999", **SCORE)(folder)
    change_other_arm("unit", "hours", **COMPARED)(folder)
    change("options.csv", "text", "")(folder)
    found = {(p.file, p.column) for p in refused(folder)}
    assert found >= {
        ("procedures.csv", "procedure"),
        ("arms.csv", "study_id"),
        ("arms.csv", "unit"),
        ("options.csv", "text"),
    }


def test_faults_stand_in_the_order_of_files_and_lines(folder: Path) -> None:
    for file in reversed(TABLES):
        rows = read(folder / file)
        for row in rows[:0:-2]:
            row[-1] = row[0] = ""
        write(folder / file, rows)
    places = [(p.file, p.line or 0) for p in refused(folder)]
    assert places == sorted(places)
    assert len(places) > 200


def test_several_faults_in_one_row_are_all_named(folder: Path) -> None:
    for column, value in (("mean", "-"), ("sd", "-1"), ("arm", "robotic"), ("n", "0.5")):
        line = change("arms.csv", column, value, study_id=read(folder / "arms.csv")[1][0])(folder)
        assert line == 2
    assert {p.column for p in refused(folder) if p.line == 2} == {"mean", "sd", "arm", "n"}


@pytest.mark.parametrize(
    "inflict",
    [
        change("studies.csv", "design", "trial", study_id=FILLED),
        change("arms.csv", "unit", "days", **COUNT),
        change("outcomes.csv", "better", "more", outcome="odi"),
        change("conditions.csv", "patient_label", ""),
        change("procedures.csv", "procedure", "massage"),
        change("options.csv", "aspect", "price"),
        _missing("studies.csv"),
        _missing("thresholds.csv"),
        _missing("outcomes.csv"),
        _missing("procedures.csv"),
        _missing(DATAPACKAGE),
    ],
)
def test_one_fault_is_not_followed_by_its_echoes(inflict: Inflict, folder: Path) -> None:
    """A study row that cannot be read does not make its arms rows of an unknown study."""
    inflict(folder)
    problems = refused(folder)
    assert len(problems) == 1, "\n".join(map(str, problems))


def test_an_outcome_that_is_not_described_is_named_once(folder: Path) -> None:
    """Not once for each of the arms that report it."""
    remove("outcomes.csv", outcome="odi")(folder)
    assert [p.expected[:13] for p in refused(folder)] == ["at least the ", "a row for odi"]


# ---- what is no damage -----------------------------------------------------------------------------------------------


def contents(data: loading.Evidence) -> tuple[object, ...]:
    """All a dataset says, in order."""
    tables = (
        data.studies,
        data.outcomes,
        data.conditions,
        data.procedures,
        data.options,
        data.course_texts,
        data.about,
    )
    rows = (
        data.arms,
        data.contrasts,
        data.thresholds,
        data.indications,
        data.questions,
        data.concerns,
        data.sure,
        data.standards,
    )
    return (*(list(t.items()) for t in tables), *rows, data.search_date, data.review_date)


HARMLESS: dict[str, Callable[[bytes], bytes]] = {
    "Windows line ends": lambda data: data.replace(b"\n", b"\r\n"),
    "old Mac line ends": lambda data: data.replace(b"\n", b"\r"),
    "a byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "a byte order mark and Windows line ends": lambda data: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"),
    "blank lines at the end": lambda data: data + b"\n\n",
    "every cell in quotes": lambda data: as_csv(
        list(csv.reader(io.StringIO(data.decode()))), quoting=csv.QUOTE_ALL
    ).encode(),
}


@pytest.mark.parametrize("rewritten", HARMLESS.values(), ids=HARMLESS)
def test_another_way_to_save_the_same_rows_is_accepted(
    rewritten: Callable[[bytes], bytes], folder: Path, small: Path
) -> None:
    for file in TABLES:
        (folder / file).write_bytes(rewritten((folder / file).read_bytes()))
    assert contents(loading.load(folder)) == contents(loading.load(small))


@pytest.mark.parametrize("kind", [k for k in HARMLESS if "line ends" in k or "mark" in k])
def test_line_ends_and_a_byte_order_mark_do_not_make_another_dataset(kind: str, folder: Path, small: Path) -> None:
    for file in (*TABLES, DATAPACKAGE):
        (folder / file).write_bytes(HARMLESS[kind]((folder / file).read_bytes()))
    assert loading.load(folder).content_hash == loading.load(small).content_hash


def test_added_rows_are_accepted(folder: Path, small: Path) -> None:
    """A study with two arms, one of them without its size, one contrast and one benchmark more."""
    before = loading.load(small)
    added: dict[str, list[dict[str, str]]] = {
        "studies.csv": [
            {
                "study_id": "new-2026-study",
                "label": "New 2026",
                "first_author": "New",
                "year": "2026",
                "title": "A new study",
                "title_exact": "yes",
                "design": "rct",
                "procedure": "fusion",
                "condition": "spondylolisthesis",
                "open_technique": "open_tlif",
                "mis_technique": "mis_tlif",
                "source_part": "abstract",
            }
        ],
        "arms.csv": [
            {
                "study_id": "new-2026-study",
                "outcome": "infection",
                "timepoint_months": "3",
                "timing": "at_months",
                "arm": arm,
                "scale_kind": "score",
                "n": n,
                "events": "2",
                "unit": "events",
                "source_part": "abstract",
            }
            for arm, n in (("open", "40"), ("mis", ""))
        ],
        "contrasts.csv": [
            {
                "study_id": "new-2026-study",
                "outcome": "blood_loss",
                "timing": "perioperative",
                "scale_kind": "score",
                "measure": "MD",
                "estimate": "-120.5",
                "ci_low": "-180",
                "ci_high": "-6.1e1",
                "ci_level": "0.95",
                "p_value": "<0.001",
                "comparison": "mis_minus_open",
                "unit": "ml",
                "source_part": "abstract",
            }
        ],
        "thresholds.csv": [
            {
                "threshold_id": "odi-new-2026",
                "measure": "odi",
                "condition": "lumbar fusion",
                "value": "14.9",
                "unit": "points_0_100",
                "meaning": "minimal important change",
                "citation": "New 2026",
                "link": "https://example.org/new",
            }
        ],
    }
    for file, new in added.items():
        rows = read(folder / file)
        write(folder / file, rows + [[row.get(column, "") for column in rows[0]] for row in new])
    after = loading.load(folder)
    assert len(after.studies) == len(before.studies) + 1
    assert after.arms[:-2] == before.arms
    assert [(a.n, a.events) for a in after.arms[-2:]] == [(40, 2), (None, 2)]
    assert (after.contrasts[-1].ci_high, after.contrasts[:-1]) == (-61.0, before.contrasts)
    assert len(after.thresholds) == len(before.thresholds) + 1


def test_an_empty_cell_is_not_reported_and_never_zero() -> None:
    data = loading.load(loading.SHIPPED)
    file = {int(r["line"]): r for r in numbered(loading.SHIPPED / "arms.csv")}
    for row in data.arms:
        for column in ("n", "mean", "sd", "se", "median", "q1", "q3", "min", "max", "ci_low", "ci_high", "events"):
            written, value = file[row.line][column], getattr(row, column)
            assert (value is None) == (written == ""), (row.line, column)
            assert value is None or value == float(written), (row.line, column)


def numbered(path: Path) -> list[dict[str, str]]:
    header, *rows = read(path)
    return [dict(zip(header, row, strict=True), line=str(line)) for line, row in enumerate(rows, start=2)]


def test_loading_twice_gives_the_same_dataset(folder: Path, small: Path) -> None:
    first, second, copy = loading.load(small), loading.load(small), loading.load(folder)
    assert contents(first) == contents(second) == contents(copy)
    assert first.content_hash == second.content_hash == copy.content_hash
    assert first == copy
    assert hash(first) == hash(copy)


def test_loading_changes_no_file(folder: Path) -> None:
    before = loading.fingerprint(folder)
    loading.load(folder)
    assert loading.fingerprint(folder) == before


# A cell of each table and another value that is allowed there.
OTHER_VALUES = {
    "studies.csv": ("notes", {"study_id": FILLED}),
    "arms.csv": ("mean", SCORE),
    "contrasts.csv": ("notes", RATIO),
    "thresholds.csv": ("value", {"measure": "odi", "unit": "percent"}),
    "outcomes.csv": ("clinician_label", {"outcome": "odi"}),
    "conditions.csv": ("user_need", {"condition": "spinal_stenosis"}),
    "procedures.csv": ("aim", {}),
    "options.csv": ("text", {"procedure": "fusion", "option": "mis"}),
    "natural_course.csv": ("patient_text", {}),
    "indications.csv": ("action", {}),
    "questions.csv": ("patient_text", {}),
    "concerns.csv": ("explanation", {}),
    "sure.csv": ("notes", {}),
    "about.csv": ("text", {}),
    "standards.csv": ("statement", {}),
}


@pytest.mark.parametrize("file", TABLES)
def test_another_value_in_any_table_is_another_dataset(file: str, folder: Path, small: Path) -> None:
    column, where = OTHER_VALUES[file]
    change(file, column, "21", **where)(folder)
    before, after = loading.load(small), loading.load(folder)
    assert after.content_hash != before.content_hash
    assert after != before
    assert contents(after) != contents(before)


def test_a_space_more_in_a_note_is_another_dataset(folder: Path, small: Path) -> None:
    change("arms.csv", "notes", " ", **SCORE)(folder)
    assert loading.load(folder).content_hash != loading.load(small).content_hash


# ---- files and folders that cannot be read ---------------------------------------------------------------------------


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path / "nowhere")
    assert "nowhere; expected a folder with the tables" in str(problem)


def test_a_file_in_place_of_the_folder_is_named(folder: Path) -> None:
    (problem,) = refused(folder / "arms.csv")
    assert "arms.csv; expected a folder with the tables" in str(problem)


def test_an_empty_folder_lacks_each_file(tmp_path: Path) -> None:
    problems = refused(tmp_path)
    assert [p.file for p in problems] == sorted((*TABLES, DATAPACKAGE))
    assert all("it is missing" in p.expected for p in problems)


def test_a_file_that_may_not_be_read_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    problems = refused(folder)
    assert {p.expected for p in problems} == {"a readable file (Permission denied)"}
    assert len(problems) == len(TABLES) + 1


def test_a_file_of_another_size_than_a_table_is_not_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST_FILE_BYTES", 10_000)
    problems = refused(folder)
    assert {p.expected for p in problems} == {"a table of at most 64 MB"}
    assert "arms.csv" in {p.file for p in problems}


# ---- the command line ------------------------------------------------------------------------------------------------


def test_check_finds_no_fault_in_the_shipped_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(loading.SHIPPED)]) == 0
    out, err = capsys.readouterr()
    assert "No fault found" in out
    assert "arms.csv 1337 rows" in out
    assert err == ""


def test_check_prints_each_fault_and_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        change("arms.csv", "mean", "about 40", **SCORE)(folder),
        change("contrasts.csv", "k_studies", "0", k_studies=FILLED)(folder),
    ]
    assert main(["check", str(folder)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[:2] == [
        f"arms.csv, line {lines[0]}, column mean: found “about 40”; expected a number, or empty.",
        f"contrasts.csv, line {lines[1]}, column k_studies: found “0”; expected studies behind a review's result: "
        "a whole number above 0, or empty.",
    ]
    assert err.splitlines()[-1].startswith(f"{len(err.splitlines()) - 1} fault(s).")


def test_check_names_a_missing_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "nowhere")]) == 1
    assert "expected a folder with the tables" in capsys.readouterr().err


def test_check_describe_restores_a_description_with_other_counts(
    folder: Path, small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    describe(lambda content: [resource.update(rowCount=1) for resource in content["resources"]])(folder)
    assert main(["check", str(folder), "--describe"]) == 0
    assert (folder / DATAPACKAGE).read_bytes() == (small / DATAPACKAGE).read_bytes()
    assert "No fault found" in capsys.readouterr().out


def test_check_describe_leaves_a_faulty_dataset_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The counts that betray a cut file must not be brought down to it."""
    _cut_between_rows("arms.csv")(folder)
    before = (folder / DATAPACKAGE).read_bytes()
    assert main(["check", str(folder), "--describe"]) == 1
    assert (folder / DATAPACKAGE).read_bytes() == before
    assert "the file was cut short" in capsys.readouterr().err


# ---- random damage ---------------------------------------------------------------------------------------------------

# Derandomized: the same examples in every run. No database: nothing is written.
repeatable = settings(derandomize=True, database=None, deadline=None)


@pytest.fixture(scope="module")
def scratch(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(tiny, tmp_path_factory.mktemp("scratch") / "data"))


@given(
    file=st.sampled_from((*TABLES, DATAPACKAGE)),
    start=st.floats(0, 1, exclude_max=True),
    length=st.sampled_from((0, 1, 2, 50, 5_000, 10**9)),
    new=st.one_of(
        st.binary(max_size=20), st.sampled_from((b"", b'"', b",", b"\n", b"\r", b"\0", b"{", b"1", b'","', b"\xff\xfe"))
    ),
)
@settings(repeatable, max_examples=40)
def test_random_bytes_never_load_as_fewer_rows(
    tiny: Path, scratch: Path, file: str, start: float, length: int, new: bytes
) -> None:
    """Bytes taken out, put in or overwritten anywhere: all the rows, or EvidenceError and nothing else."""
    whole = (tiny / file).read_bytes()
    at = int(start * len(whole))
    (scratch / file).write_bytes(whole[:at] + new + whole[at + length :])
    try:
        loaded = loading.load(scratch)
    except EvidenceError as error:
        named = bool(error.problems) and well_put(error.problems)
    else:
        named = loaded.counts == loading.load(tiny).counts
    finally:
        (scratch / file).write_bytes(whole)
    assert named


CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [*HOSTILE.values(), "", " ", "0", "-1", "1e999", "-0", "nan", "1e-400", "|", "{amount}", "{", "\0"]
    ),
    st.floats().map(str),
    st.integers().map(str),
)


@given(data=st.data(), file=st.sampled_from(TABLES))
@settings(repeatable, max_examples=100)
def test_random_cells_are_rows_or_faults(data: st.DataObject, file: str) -> None:
    """Any text in any cells: each row is checked and kept, or named as a fault, and nothing else is raised."""
    rows = read(loading.SHIPPED / file)[:12]
    for _ in range(data.draw(st.integers(1, 4))):
        row = rows[data.draw(st.integers(1, len(rows) - 1))]
        row[data.draw(st.integers(0, len(row) - 1))] = data.draw(CELLS)
    problems: list[Problem] = []
    text = as_csv(rows).replace("\r", "\n")
    parsed = checked_rows(file, text, schema.TABLES[file], problems)
    assert len(parsed) == len(rows) - 1 or problems
    assert well_put(problems)


@pytest.mark.parametrize("file", TABLES)
def test_a_cut_at_any_place_is_noticed(file: str) -> None:
    """Cut within the last row, even within its last cell, a table has a fault; cut before that, it lacks rows."""
    header, *rows = read(loading.SHIPPED / file)
    text = as_csv([header, *rows[:2]])
    last = len(as_csv([header, rows[0]]))
    for end in range(1, len(text)):
        problems: list[Problem] = []
        parsed = checked_rows(file, text[:end], schema.TABLES[file], problems)
        assert problems or (end == last and len(parsed) == 1), text[:end][-40:]
