"""`python -m decision_aid`: what a reader types, what comes back, and what is refused in a sentence."""

from __future__ import annotations

import csv
import errno
import io
import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

from decision_aid.cli import main
from decision_aid.comparison.comparison import compare
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.question import ask
from decision_aid.domain.time_windows import FOLLOW_UP
from decision_aid.domain.vocabulary import Outcome, Procedure
from decision_aid.evidence import loading
from decision_aid.evidence.tables import DATAPACKAGE
from decision_aid.exports import terminal
from decision_aid.meta_analysis.few_studies import pool_few
from decision_aid.meta_analysis.random_effects import pool

ROOT = Path(__file__).resolve().parents[2]
EFFECTS, ERRORS = [-1.9, -0.4, -0.95, 0.3, -0.7], [0.31, 0.22, 0.45, 0.2, 0.5]
# The three comparisons a surgeon asks for first.
ASKED = [("fusion", "blood_loss"), ("discectomy", "blood_loss"), ("decompression", "length_of_stay")]


@dataclass(frozen=True)
class Reply:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        def refuse(constant: str) -> NoReturn:
            raise AssertionError(f"{constant} is not JSON")

        return json.loads(self.out, parse_constant=refuse)

    def assert_refused(self, *words: str, code: int = 2) -> None:
        """A sentence on the error stream, nothing else anywhere."""
        assert (self.code, self.out) == (code, "")
        assert "Traceback" not in self.err
        for word in words:
            assert word in self.err


Run = Callable[..., Reply]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.delenv("DECISION_AID_DATA", raising=False)

    def run_main(*arguments: object) -> Reply:
        try:
            code = main([str(a) for a in arguments])
        except SystemExit as stop:  # what the argument parser itself refuses
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return Reply(code, out, err)

    return run_main


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "effects.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def rows_of(effects: list[float], errors: list[float]) -> str:
    return "effect,standard_error\n" + "".join(f"{e!r},{s!r}\n" for e, s in zip(effects, errors, strict=True))


# ---- pool ------------------------------------------------------------------------------------------------------------


def test_pool_prints_what_the_function_returns(run: Run, table: Callable[..., Path]) -> None:
    reply = run("pool", table(rows_of(EFFECTS, ERRORS)))
    expected = pool(EFFECTS, ERRORS)
    assert (reply.code, reply.err) == (0, "")
    assert reply.json == {
        **{
            name: getattr(expected, name)
            for name in (
                *("k", "estimate", "standard_error", "ci_low", "ci_high", "tau2", "i2", "q", "q_df", "q_p"),
                *("prediction_low", "prediction_high"),
            )
        },
        "tau2_method": "REML",
        "method": "reml",
        "tau_median": None,
    }


@pytest.mark.parametrize("k", [2, 3, 4])
def test_two_to_four_studies_are_pooled_with_a_prior_on_their_spread(
    run: Run, table: Callable[..., Path], k: int
) -> None:
    path = table(rows_of(EFFECTS[:k], ERRORS[:k]))
    for scale, given in ((0.5, ()), (1.5, ("--tau-scale", "1.5"))):
        reply, expected = run("pool", path, *given, "--json"), pool_few(EFFECTS[:k], ERRORS[:k], scale)
        assert (reply.code, reply.err, reply.json["method"]) == (0, "", "bayes")
        for name in ("k", "estimate", "ci_low", "ci_high", "tau_median", "prediction_low", "prediction_high"):
            assert reply.json[name] == getattr(expected, name), name


def test_a_method_can_be_forced(run: Run, table: Callable[..., Path]) -> None:
    few = run("pool", table(rows_of(EFFECTS[:3], ERRORS[:3])), "--method", "reml").json
    assert (few["method"], few["ci_low"]) == ("reml", pool(EFFECTS[:3], ERRORS[:3]).ci_low)
    many = run("pool", table(rows_of(EFFECTS, ERRORS)), "--method", "bayes").json
    assert (many["method"], many["ci_low"]) == ("bayes", pool_few(EFFECTS, ERRORS).ci_low)
    two = run("pool", table(rows_of(EFFECTS[:2], ERRORS[:2])), "--method", "reml")
    two.assert_refused("two studies say too little about the spread between them for REML", "--method bayes")
    run("pool", table(rows_of(EFFECTS[:2], ERRORS[:2])), "--tau-scale", "-1").assert_refused("scale of the prior")


def test_pool_of_one_study_has_no_prediction(run: Run, table: Callable[..., Path]) -> None:
    found = run("pool", table(rows_of([-2.8], [0.29]))).json
    assert (found["k"], found["estimate"], found["prediction_low"], found["method"]) == (1, -2.8, None, "single")


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + rows_of(EFFECTS, ERRORS),
        rows_of(EFFECTS, ERRORS).replace("\n", "\r\n"),
        "study,standard_error,effect\n" + "".join(f'"a, b",{s},{e}\n' for e, s in zip(EFFECTS, ERRORS, strict=True)),
    ],
    ids=["byte order mark", "windows line ends", "other columns in another order"],
)
def test_pool_reads_tables_as_other_programs_write_them(run: Run, table: Callable[..., Path], text: str) -> None:
    reply = run("pool", table(text))
    assert reply.code == 0
    assert reply.json["estimate"] == pool(EFFECTS, ERRORS).estimate


@pytest.mark.parametrize(
    ("header", "missing"),
    [("effect,se", "standard_error"), ("yi,standard_error", "effect"), ("yi,sei", "effect and standard_error")],
)
def test_pool_names_a_column_that_is_missing(run: Run, table: Callable[..., Path], header: str, missing: str) -> None:
    path = table(header + "\n1,2\n")
    run("pool", path).assert_refused(str(path), "line 1", f"column {missing} is missing")
    run("pool", table("")).assert_refused("the file is empty", "column effect and standard_error is missing")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("effect;standard_error\n0,5;0,2\n", "line 1: the columns are parted by semicolons"),
        ("effect\tstandard_error\n1\t2\n", "line 1: the columns are parted by tabs"),
        ("effect,effect,standard_error\n1,2,3\n", "line 1: the column effect stands there 2 times"),
        ('effect,standard_error\n"1,1\n', "not a CSV file"),
        ("effect,standard_error\n,\n", "no study"),
    ],
)
def test_pool_says_what_is_wrong_with_a_table(run: Run, table: Callable[..., Path], text: str, words: str) -> None:
    path = table(text)
    run("pool", path).assert_refused(str(path), words)


@pytest.mark.parametrize(
    ("line", "column", "shown"),
    [("n/a,1", "effect", "n/a"), ("1,", "standard_error", ""), ('1,"0,5"', "standard_error", "0,5")],
    ids=["not a number", "an empty cell", "a decimal comma"],
)
def test_pool_names_line_and_column_of_a_bad_cell(
    run: Run, table: Callable[..., Path], line: str, column: str, shown: str
) -> None:
    path = table(f"effect,standard_error\n1,1\n2,1\n{line}\n3,1\n")
    run("pool", path).assert_refused(str(path), "line 4", f"column {column}", f"“{shown}”", "expected a number")


def test_pool_refuses_a_file_without_a_study(run: Run, table: Callable[..., Path]) -> None:
    run("pool", table("effect,standard_error\n")).assert_refused("no study")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nan,1", "line 3, column effect: found “nan”; expected a number such as -0.35"),
        ("1,nan", "line 3, column standard_error: found “nan”; expected a number such as -0.35"),
        ("inf,1", "line 3, column effect: found “inf”"),
        ("1e400,1", "line 3, column effect: found “1e400”"),
        ("1,0", "line 3, column standard_error: found “0”; expected a number above 0"),
        ("1,-0.5", "line 3, column standard_error: found “-0.5”; expected a number above 0"),
        ("1_000,1", "line 3, column effect: found “1_000”"),
        ("−1,1", "line 3, column effect: found “−1”; expected a number such as -0.35"),
        ("0,5,0,2", "line 3: 4 cells under 2 headings"),
        ("1", "line 3: 1 cell under 2 headings"),
        ("1,1e-200", "cannot be pooled"),
        ("1e300,1", "cannot be pooled"),
    ],
)
def test_pool_refuses_what_is_no_effect_or_no_standard_error(
    run: Run, table: Callable[..., Path], line: str, words: str
) -> None:
    run("pool", table(f"effect,standard_error\n1,1\n{line}\n3,1\n")).assert_refused(words)


def test_pool_refuses_a_file_it_cannot_read(run: Run, table: Callable[..., Path], tmp_path: Path) -> None:
    run("pool", tmp_path / "not-there.csv").assert_refused("not-there.csv")
    run("pool", tmp_path).assert_refused("is a folder")
    run("pool", table("effect,standard_error\n1,2é\n", "latin-1")).assert_refused("UTF-8")
    run("pool", table(rows_of(EFFECTS, ERRORS), "utf-16")).assert_refused()


# ---- compare ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("procedure", "outcome"), ASKED)
def test_the_studies_marked_as_pooled_give_the_printed_estimate_again(
    run: Run, table: Callable[..., Path], procedure: str, outcome: str
) -> None:
    answer = run("compare", procedure, outcome, "--json").json
    pooled = [s for s in answer["studies"] if s["pooled"]]
    again = run("pool", table(rows_of([s["effect"] for s in pooled], [s["standard_error"] for s in pooled]))).json
    assert len(pooled) == answer["k"] == answer["pooled"]["k"]
    for name in ("estimate", "ci_low", "ci_high", "prediction_low", "prediction_high", "tau2", "i2"):
        assert answer["pooled"][name] == pytest.approx(again[name], rel=1e-12, abs=1e-12), name
    for name in ("estimate", "ci_low", "ci_high"):
        assert answer[name] == answer["as_read"][name] == pytest.approx(math.exp(again[name]), rel=1e-12)


@pytest.mark.parametrize(("procedure", "outcome"), ASKED)
def test_our_estimate_lies_between_those_of_the_published_reviews(run: Run, procedure: str, outcome: str) -> None:
    answer = run("compare", procedure, outcome, "--json").json
    published = [r["estimate"] for r in comparable_reviews(answer) if r["estimate"] is not None]
    ours = answer["options"]["mis"]["value"] - answer["options"]["open"]["value"]
    assert len(published) >= 3
    assert min(published) <= ours <= max(published)


@pytest.mark.parametrize(
    ("procedure", "outcome"), [*ASKED, ("fusion", "length_of_stay"), ("discectomy", "length_of_stay")]
)
def test_our_interval_lies_in_the_range_the_published_reviews_allow(run: Run, procedure: str, outcome: str) -> None:
    answer = run("compare", procedure, outcome, "--json").json
    limits = [r[name] for r in comparable_reviews(answer) for name in ("estimate", "ci_low", "ci_high")]
    published = [value for value in limits if value is not None]
    open_value, mis = answer["options"]["open"]["value"], answer["options"]["mis"]
    assert min(published) <= mis["low"] - open_value < mis["high"] - open_value <= max(published)
    assert (answer["state"], answer["leads"], answer["k"] >= 5) == ("difference", "pool", True)


def comparable_reviews(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [r for r in answer["reviews"] if r["measure"] == "MD" and r["unit_printed"]]


@pytest.mark.parametrize(("procedure", "outcome"), ASKED)
def test_compare_answers_in_json_with_all_that_stands_behind_it(run: Run, procedure: str, outcome: str) -> None:
    reply = run("compare", procedure, outcome, "--json")
    answer = reply.json
    assert (reply.code, reply.err) == (0, "")
    assert (answer["procedure"], answer["outcome"]) == (procedure, outcome)
    assert (answer["comparison"], answer["measure"], answer["scale"]) == ("mis_over_open", "ratio_of_means", "log")
    assert (answer["leads"], answer["method"]) == ("pool", "REML")
    assert 0 < answer["ci_low"] < answer["estimate"] < answer["ci_high"] < 1
    assert answer["data"] == loading.load(loading.SHIPPED).content_hash
    assert all(s["why"] and s["source_rows"] for s in answer["studies"])
    pooled = [s for s in answer["studies"] if s["pooled"]]
    assert sum(s["weight_percent"] for s in pooled) == pytest.approx(100)
    assert answer["people"] == sum(s["mis"]["n"] + s["open"]["n"] for s in pooled)
    assert answer["k_borrowed"] == sum(s["borrowed_spread"] for s in pooled) > 0
    assert answer["printed_spreads_only"]["k"] == answer["k"] - answer["k_borrowed"]
    for s in pooled:
        values = [s[arm]["value"] if s[arm]["mean"] is None else s[arm]["mean"] for arm in ("mis", "open")]
        assert s["effect"] == pytest.approx(math.log(values[0] / values[1]), abs=1e-9)


@pytest.mark.parametrize(
    "arguments",
    [
        *ASKED,
        ("decompression", "complication_any"),  # a review
        ("discectomy", "odi", "--time", "12"),
        ("discectomy", "fluoroscopy_time"),  # one study
        ("fusion", "conversion_to_open"),  # nothing
    ],
    ids=" ".join,
)
def test_json_says_who_leads_and_gives_each_option_one_number(run: Run, arguments: tuple[str, ...]) -> None:
    answer = run("compare", *arguments, "--json").json
    assert answer["leads"] in set(Rung)
    assert {"method", "measure", "estimate", "ci_low", "ci_high", "k", "k_borrowed", "people"} <= set(answer)
    assert isinstance(answer["reviews"], list)
    assert set(answer["options"]) == {"open", "mis", "without_surgery"}
    if answer["leads"] == "none":
        assert (answer["estimate"], answer["method"]) == (None, None)
        assert answer["options"]["open"] is answer["options"]["mis"] is None
        return
    assert answer["ci_low"] <= answer["estimate"] <= answer["ci_high"]
    for told in filter(None, answer["options"].values()):
        assert told["low"] <= told["value"] <= told["high"]
        assert told["unit"] == ("risk" if arguments[1] == "complication_any" else answer["unit"])
    open_value, mis = answer["options"]["open"]["value"], answer["options"]["mis"]["value"]
    ratio = answer["measure"] in ("ratio_of_means", "risk_ratio")
    assert answer["comparison"] == ("mis_over_open" if ratio else "mis_minus_open")
    assert (mis / open_value if ratio else mis - open_value) == pytest.approx(answer["estimate"])


def test_json_names_the_review_that_leads(run: Run) -> None:
    answer = run("compare", "decompression", "complication_any", "--json").json
    assert (answer["leads"], answer["method"], answer["measure"]) == ("review", "published review", "risk_ratio")
    assert answer["state"] == "published_elsewhere"
    assert answer["certainty"] is None
    assert answer["k"] == max(r["k"] or 0 for r in answer["reviews"] if not r["caution"])


def test_json_tells_the_value_without_surgery_and_its_time(run: Run) -> None:
    answer = run("compare", "decompression", "odi", "--condition", "spinal_stenosis", "--json").json
    assert answer["options"]["without_surgery"]["time"]
    against = run(
        "compare", "decompression", "odi", "--condition", "spinal_stenosis", "--against-nonoperative", "--json"
    ).json  # fmt: skip
    assert set(against["options"]) == {"surgery", "without_surgery"}
    blood = run("compare", "decompression", "blood_loss", "--json").json
    assert blood["options"]["without_surgery"] is None


def test_each_published_review_stands_there_with_its_own_numbers(run: Run) -> None:
    answer = run("compare", "discectomy", "blood_loss", "--json").json
    data = loading.load(loading.SHIPPED)
    rows = {r.study_id: r for r in data.contrasts_by_outcome[Procedure.DISCECTOMY, Outcome.BLOOD_LOSS]}
    assert {r["unit_printed"] for r in answer["reviews"]} == {True, False}
    for review in answer["reviews"]:
        row = rows[review["study_id"]]
        assert (review["measure"], review["k"], review["n"]) == (row.measure, row.k_studies, row.n_total)
        assert (review["estimate"], review["ci_low"], review["ci_high"]) == (row.estimate, row.ci_low, row.ci_high)
        assert review["unit_printed"] == bool(row.unit)


def test_compare_in_words_names_the_answer_every_study_and_every_review(run: Run) -> None:
    answer = run("compare", "fusion", "blood_loss", "--json").json
    text = run("compare", "fusion", "blood_loss").out
    assert text.startswith(answer["sentence"])
    for entry in (*answer["studies"], *answer["reviews"]):
        assert entry["label"] in text


def test_a_difference_in_the_unit_can_be_asked_for(run: Run) -> None:
    answer = run("compare", "fusion", "blood_loss", "--measure", "mean_difference", "--json").json
    assert (answer["scale"], answer["comparison"]) == ("unit", "mis_minus_open")
    assert answer["ci_low"] < answer["estimate"] < answer["ci_high"] < 0
    assert answer["estimate"] == answer["pooled"]["estimate"]


@pytest.mark.parametrize(
    ("outcome", "measure", "fitting"),
    [
        ("blood_loss", "risk_ratio", "mean_difference or ratio_of_means"),
        ("infection", "mean_difference", "risk_ratio"),
        ("infection", "ratio_of_means", "risk_ratio"),
    ],
)
def test_a_measure_that_does_not_fit_is_refused_with_one_that_does(
    run: Run, outcome: str, measure: str, fitting: str
) -> None:
    reply = run("compare", "fusion", outcome, "--measure", measure, "--json")
    reply.assert_refused(outcome, f"ask for {fitting}", f"not {measure}")
    assert reply.err.count("\n") == 1


@pytest.mark.parametrize(
    ("months", "window"), [("1", "6_weeks"), ("12", "1_year"), ("24", "2_years"), ("96", "5_years_on")]
)
def test_a_time_in_months_chooses_the_window(run: Run, months: str, window: str) -> None:
    answer = run("compare", "discectomy", "odi", "--time", months, "--json").json
    assert answer["time"] == window
    assert run("compare", "discectomy", "odi", "--json").json["time"] == "1_year"


def test_a_time_that_cannot_be_is_refused(run: Run) -> None:
    run("compare", "fusion", "blood_loss", "--time", "12").assert_refused("blood_loss", "leave the time out")
    for months in ("0", "-3", "nan"):
        run("compare", "discectomy", "odi", f"--time={months}").assert_refused("not a time after the operation")


def test_the_design_asked_for_is_the_one_pooled(run: Run) -> None:
    def designs(design: str) -> set[str]:
        answer = run("compare", "discectomy", "blood_loss", "--design", design, "--json").json
        found = {s["design"] for s in answer["studies"] if s["pooled"]}
        assert (answer["design"] == "rct") == (found == {"rct"})
        return found

    assert designs("rct") == {"rct"}
    assert designs("auto") == designs("all") > {"rct"}  # fewer than five trials


def test_cautions_can_be_put_back(run: Run) -> None:
    usual = run("compare", "fusion", "blood_loss", "--json").json
    back = run("compare", "fusion", "blood_loss", "--include-cautions", "--json").json
    aside = {s["study_id"] for s in usual["studies"] if s["why"].startswith("set aside")}
    assert aside
    assert not any(s["caution"] for s in usual["studies"] if s["pooled"])
    assert (usual["cautions_included"], back["cautions_included"]) == (False, True)
    assert back["k"] > usual["k"]
    assert not any(s["why"].startswith("set aside") for s in back["studies"])
    assert {s["study_id"] for s in back["studies"] if s["pooled"]} & aside


def test_studies_can_be_narrowed_by_technique_and_condition(run: Run) -> None:
    answer = run("compare", "discectomy", "blood_loss", "--technique", "tubular", "--json").json
    everything = run("compare", "discectomy", "blood_loss", "--json").json
    assert 0 < len(answer["studies"]) < len(everything["studies"])
    slipped = run("compare", "fusion", "blood_loss", "--condition", "spondylolisthesis", "--json").json
    assert slipped["condition"] == "spondylolisthesis"
    assert {s["condition"] for s in slipped["studies"]} == {"spondylolisthesis"}
    assert {s["condition"] for s in run("compare", "fusion", "blood_loss", "--json").json["studies"]} > {
        "spondylolisthesis"
    }


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        (("--technique", "tubuler"), ("--technique", "“tubuler”", "Did you mean tubular?", "microendoscopic")),
        (
            ("--technique", "mis_tlif"),
            ("no technique of a minimally invasive discectomy", "Known: biportal_endoscopic"),
        ),
        (("--condition", "stenosis"), ("--condition", "Did you mean spinal_stenosis?", "spondylolisthesis")),
        (("--design", "rcts"), ("--design", "Did you mean rct?", "Known: auto, rct, all")),
        (("--measure", "ratio"), ("--measure", "“ratio”", "mean_difference")),
        (("--years", "2020", "2010"), ("2020 comes after 2010", "--years 2010 2020")),
        (("--years", "1800", "1801"), ("no study is of 1800 to 1801", "1996 to 2026")),
        (("--years", "x", "2010"), ("--years", "“x” is no year")),
        (("--condition", "spinal_stenosis"), ("the filter leaves none of 13 studies", "--condition spinal_stenosis")),
        (("--technique", "tubular", "--years", "1996", "1996"), ("these filters together leave none of 13 studies",)),
    ],
    ids=lambda value: " ".join(value),
)
def test_a_filter_is_never_called_not_in_our_data(run: Run, filters: tuple[str, ...], words: tuple[str, ...]) -> None:
    for as_json in ((), ("--json",)):
        reply = run("compare", "discectomy", "blood_loss", *filters, *as_json)
        reply.assert_refused(*words)
        assert "not in our data" not in reply.err


def test_a_technique_is_known_however_it_is_written(run: Run) -> None:
    written = [
        run("compare", "fusion", "blood_loss", "--technique", name, "--json").json
        for name in ("mis_tlif", "MIS-TLIF", " mis tlif")
    ]
    assert written[0]["technique"] == "mis_tlif"
    assert written[0] == written[1] == written[2]


def test_only_trials_asked_for_where_there_is_none_says_so(run: Run) -> None:
    run("compare", "decompression", "transfusion", "--design", "rct").assert_refused(
        "the filter leaves none of 2 studies", "--design rct"
    )


def test_a_time_that_no_span_of_an_outcome_holds_is_refused_with_those_there_are(run: Run) -> None:
    run("compare", "discectomy", "complication_any", "--time", "4").assert_refused(
        "--time", "holds 4 months", "perioperative to 3 months", "6 months"
    )
    run("compare", "discectomy", "odi", "--time", "inf").assert_refused("not a time after the operation")
    run("compare", "discectomy", "odi", "--time", "soon").assert_refused("“soon” is no number of months")


def test_a_time_at_which_no_study_looked_is_told_from_an_outcome_nobody_compared(run: Run) -> None:
    data = loading.load(loading.SHIPPED)
    empty = [
        (procedure, outcome, window)
        for procedure in Procedure
        for outcome in (Outcome.ODI, Outcome.VAS_LEG, Outcome.RDQ)
        for window in FOLLOW_UP
        if not compare(data, ask(data, procedure, outcome, window=window)).studies
    ]
    usual = {(p, o): compare(data, ask(data, p, o)).studies for p, o, _ in empty}
    told = [(p, o, w) for p, o, w in empty if usual[p, o]]
    assert told
    for procedure, outcome, window in told:
        run("compare", procedure, outcome, "--time", window.nominal_months).assert_refused(
            f"the filter leaves none of {len(usual[procedure, outcome])} stud", "--time"
        )
    never = [(p, o, w) for p, o, w in empty if not usual[p, o]]
    for procedure, outcome, window in never[:2]:
        reply = run("compare", procedure, outcome, "--time", window.nominal_months)
        assert (reply.code, "not in our data" in reply.out) == (0, True)


def test_surgery_can_be_compared_with_staying_without_it(run: Run) -> None:
    answer = run(
        "compare",
        "discectomy",
        "odi",
        "--against-nonoperative",
        "--condition",
        "disc_herniation",
        "--time",
        "48",
        "--json",
    ).json
    assert answer["comparison"] == "surgery_minus_nonoperative"
    assert {"surgery", "nonoperative"} <= set(answer["studies"][0])


def test_what_is_not_in_the_data_is_said_and_is_no_error(run: Run) -> None:
    reply = run("compare", "fusion", "conversion_to_open", "--json")
    assert reply.code == 0
    answer = reply.json
    assert (answer["state"], answer["leads"], answer["k"], answer["estimate"]) == ("not_in_data", "none", 0, None)
    assert (answer["as_read"], answer["printed_spreads_only"], answer["certainty"]) == (None, None, None)
    assert answer["studies"] == []
    assert "not in our data" in run("compare", "fusion", "conversion_to_open").out


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("compare", "fusion"),
        ("compare", "transplant", "blood_loss"),
        ("compare", "fusion", "happiness"),
        ("compare", "fusion", "blood_los"),
        ("compare", "Fusion", "blood_loss"),
        ("compare", "fusion", "blood_loss", "--design", "best"),
        ("compare", "discectomy", "odi", "--time", "soon"),
    ],
    ids=lambda arguments: " ".join(arguments) or "nothing",
)
def test_a_word_that_is_not_known_is_refused_with_the_usage(run: Run, arguments: tuple[str, ...]) -> None:
    run(*arguments).assert_refused("usage: python -m decision_aid")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [(("fusin", "blood_loss"), "Did you mean fusion?"), (("fusion", "blood_los"), "Did you mean blood_loss?")],
)
def test_a_mistyped_word_is_answered_with_the_nearest(run: Run, arguments: tuple[str, str], hint: str) -> None:
    run("compare", *arguments).assert_refused(hint, "Known: ")


# ---- another dataset -------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(loading.SHIPPED, tmp_path / "data"))


def break_cell(path: Path, line: int, column: str, value: str) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[line - 1][rows[0].index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def test_another_dataset_can_be_named(run: Run, folder: Path) -> None:
    usual, other = (run("compare", "fusion", "blood_loss", "--json", *data) for data in ((), ("--data", folder)))
    assert usual.json == other.json


@pytest.mark.parametrize(
    "command", [("compare", "fusion", "blood_loss", "--data"), ("check",)], ids=["compare", "check"]
)
def test_a_broken_dataset_is_not_used_and_every_fault_is_listed(
    run: Run, folder: Path, command: tuple[str, ...]
) -> None:
    break_cell(folder / "studies.csv", 3, "design", "guesswork")
    break_cell(folder / "arms.csv", 5, "n", "minus two")
    reply = run(*command, folder)
    reply.assert_refused("studies.csv, line 3, column design", "guesswork", code=1)
    reply.assert_refused("arms.csv, line 5, column n", "minus two", "2 fault(s)", code=1)


def test_a_folder_without_a_dataset_is_refused(run: Run, tmp_path: Path) -> None:
    run("compare", "fusion", "blood_loss", "--data", tmp_path / "nowhere").assert_refused("fault(s)", code=1)
    run("compare", "fusion", "blood_loss", "--data", tmp_path).assert_refused("studies.csv", "missing", code=1)


def test_check_counts_the_rows_of_a_sound_dataset(run: Run) -> None:
    data = loading.load(loading.SHIPPED)
    reply = run("check")
    assert (reply.code, reply.err) == (0, "")
    assert f"studies.csv {len(data.studies)} rows" in reply.out
    assert f"arms.csv {len(data.arms)} rows" in reply.out
    assert "No fault found" in reply.out


def test_check_can_describe_the_dataset_anew_without_changing_what_it_says(run: Run, folder: Path) -> None:
    about = folder / DATAPACKAGE
    before = json.loads(about.read_text(encoding="utf-8"))
    assert run("check", folder, "--describe").code == 0
    after = json.loads(about.read_text(encoding="utf-8"))
    assert (after["searchDate"], after["reviewDate"]) == (before["searchDate"], before["reviewDate"])
    counts = [{r["path"]: r["rowCount"] for r in content["resources"]} for content in (before, after)]
    assert counts[0] == counts[1]


# ---- where the output goes -------------------------------------------------------------------------------------------


def command(*arguments: str, encoding: str = "utf-8", **options: Any) -> subprocess.CompletedProcess[bytes]:
    """A program of its own."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    return subprocess.run(
        [sys.executable, "-m", "decision_aid", *arguments],
        cwd=ROOT,
        env=environment,
        check=False,
        **({"capture_output": True} | options),
    )


@dataclass(frozen=True)
class Written:
    returncode: int
    stdout: bytes
    stderr: bytes


def written(*arguments: str, encoding: str = "utf-8") -> Written:
    """The same command in this process: its exit code, and the bytes it writes to streams of an encoding."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True) for _ in range(2)]
    with redirect_stdout(streams[0]), redirect_stderr(streams[1]), chdir(ROOT):
        try:
            code = main(list(arguments))
        except SystemExit as stop:  # what the argument parser itself refuses
            code = int(stop.code or 0)
    return Written(code, *(stream.detach().getvalue() for stream in streams))


@pytest.mark.parametrize(
    ("arguments", "encoding"),
    [(("check",), "cp1252"), (("compare", "fusion", "blood_loss"), "cp437"), (("compare", "fusion", "-"), "ascii")],
    ids=str,
)
def test_a_program_of_its_own_writes_what_the_command_does_here(arguments: tuple[str, ...], encoding: str) -> None:
    done, here = command(*arguments, encoding=encoding), written(*arguments, encoding=encoding)
    assert (done.returncode, done.stdout, done.stderr) == (here.returncode, here.stdout, here.stderr)
    assert done.stdout or done.stderr


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1", "cp437", "utf-16"])
@pytest.mark.parametrize(
    "arguments",
    [("compare", "fusion", "blood_loss"), ("pooled",), ("check",), ("diff", "data", "data")],
    ids=lambda arguments: arguments[0],
)
def test_every_command_can_write_in_any_code_page(arguments: tuple[str, ...], encoding: str) -> None:
    done = written(*arguments, encoding=encoding)
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode(encoding)
    if arguments[0] == "compare":
        assert "60 % less (about 160 instead of 395 ml" in text
        assert "-232.9" in text.replace("−", "-")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1"])
def test_json_loses_nothing_in_any_code_page(encoding: str) -> None:
    whole = json.loads(written("compare", "discectomy", "blood_loss", "--json").stdout.decode("utf-8"))
    done = written("compare", "discectomy", "blood_loss", "--json", encoding=encoding)
    assert (done.returncode, json.loads(done.stdout.decode(encoding))) == (0, whole)
    assert not json.dumps(whole, ensure_ascii=False).isascii()


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_refusal_can_be_read_in_any_code_page(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "effects.csv"
    path.write_text("effect,standard_error\n−1,1\n", encoding="utf-8")
    done = written("pool", str(path), encoding=encoding)
    said = done.stderr.decode(encoding)
    assert (done.returncode, done.stdout) == (2, b"")
    assert ('found "-1"' if encoding == "ascii" else "found “-1”") in said
    assert "?" not in said
    done = written("compare", "fusion", "blood_los", encoding=encoding)
    assert (done.returncode, b"Traceback" in done.stderr) == (2, False)


def test_a_reader_who_goes_away_is_no_error_of_ours() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = command(
            "compare", "discectomy", "blood_loss", capture_output=False, stdout=writing, stderr=subprocess.PIPE
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_full_disk_is_told_in_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(terminal, "print_json", full)
    run("compare", "discectomy", "blood_loss", "--json").assert_refused(
        "The output could not be written: No space left"
    )


# ---- as a command ----------------------------------------------------------------------------------------------------


def test_it_runs_as_a_command() -> None:
    command = [sys.executable, "-m", "decision_aid", "compare", "discectomy", "blood_loss", "--json", "--data", "data"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["state"] == "difference"
