"""The evidence page: forest plot, table, JSON and sentence say the same, for every procedure, outcome and time."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shlex
from statistics import NormalDist

import page_html
import pytest

from decision_aid import components, wording
from decision_aid.charts import forest, theme
from decision_aid.cli import main
from decision_aid.comparison import pooled_results, robustness
from decision_aid.comparison.comparison import Comparison, compare
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.question import DesignFilter, ask, main_measure
from decision_aid.comparison.shown_studies import fits_the_axis
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_cell, as_figure
from decision_aid.domain.vocabulary import Outcome, OutcomeKind, Procedure, StudyDesign, Unit
from decision_aid.evidence.loading import Evidence, load
from decision_aid.evidence.rows import ArmRow
from decision_aid.exports import report
from decision_aid.meta_analysis.effects import Measure
from decision_aid.meta_analysis.random_effects import TooFewStudies
from decision_aid.meta_analysis.sensitivity import Egger
from decision_aid.wording import numerals

DATA = load()
ASKED = [q for q in pooled_results.questions(DATA) if compare(DATA, q).studies]
IDS = [f"{q.contrast.name.lower()}-{q.condition or q.procedure}-{q.outcome}-{q.window.id}" for q in ASKED]


def marks(figure: theme.Figure) -> list[dict]:
    return [t for t in figure["data"] if t.get("mode") == "markers" and t["x"] != [None]]


@pytest.mark.parametrize("question", ASKED, ids=IDS)
def test_forest_plot_equals_the_json_and_the_table(question: object) -> None:
    c = compare(DATA, question)  # type: ignore[arg-type]
    told = json.loads(json.dumps(report.comparison_as_dict(c, DATA)))
    drawn = forest.lines(c)
    by_study = {s["label"]: s for s in told["studies"] if s["effect"] is not None}
    shown = [line for line in drawn if line.kind in ("study", "borrowed", "hollow")]
    assert len(shown) == sum(s["effect"] is not None for s in told["studies"])
    for line, s in zip(shown, [s for s in ordered(c) if s.effect is not None], strict=True):
        assert line.name == s.label
        assert line.estimate == c.on_reading_scale(s.effect.estimate)  # type: ignore[union-attr]
        assert line.weight == s.weight
        assert s.label in by_study
    pooled = [line for line in drawn if line.kind == "pooled"]
    assert len(pooled) == (told["pooled"]["k"] > 0)
    for line in pooled:
        read = told["as_read"]
        assert (line.estimate, line.low, line.high) == (read["estimate"], read["ci_low"], read["ci_high"])
        if line.prediction:
            assert line.prediction == (read["prediction_low"], read["prediction_high"])
    figure = forest.figure(c)
    assert [m["x"][0] for m in marks(figure)] == [line.estimate for line in drawn if drawable(line.estimate, c)]
    words = figure["layout"]["yaxis2"]["ticktext"]
    tree = page_html.read(components.evidence_table(c, DATA))
    rows = tree.all("tr")[1:]
    assert len(rows) == len(c.studies)
    for row, s in zip(rows, c.studies, strict=True):
        assert row.content[0].text == s.label  # type: ignore[union-attr]
        if s.effect is not None:
            effect = row.content[7].text  # type: ignore[union-attr]
            assert effect == wording.study_effect(s, c)
            assert any(word.startswith(effect) for word in words)
    if c.pooled:
        assert wording.pooled_effect(c, c.pooled) in words
        assert wording.pooled_effect(c, c.pooled) in wording.forest_description(c)


def ordered(c: Comparison) -> list:
    inside = [s for s in c.studies if s.effect and s.pooled]
    return inside + [s for s in c.studies if s.effect and s not in inside]


def drawable(value: float | None, c: Comparison) -> bool:
    return value is not None and (value > 0 or not c.question.measure.on_log_scale)


def test_reviews_stand_beside_ours_with_what_they_printed(data: Evidence) -> None:
    """At least eight published reviews are drawn or listed beside our own result."""
    beside = set()
    for question in ASKED:
        c = compare(data, question)
        drawn = [line for line in forest.lines(c) if line.kind == "review"]
        for r in c.reviews:
            listed = page_html.read(components.review_list(c)).text
            assert wording.review_line(r, c.outcome) in listed
            beside.add(r.study.study_id)
        for line in drawn:
            (r, *_) = [r for r in c.reviews if r.label == line.name and r.estimate == line.estimate]
            assert (line.low, line.high) == (r.ci_low, r.ci_high)
            assert fits_the_axis(r, c)
            assert r.row.timepoint_months is None or c.question.window.holds(r.row)
    assert len(beside) >= 8


@pytest.mark.parametrize("question", ASKED[::9], ids=IDS[::9])
def test_the_command_prints_the_same_result(question: object, capsys: pytest.CaptureFixture[str]) -> None:
    c = compare(DATA, question)  # type: ignore[arg-type]
    assert main(shlex.split(report.command(c))[3:]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(report.comparison_as_dict(c, DATA)))


def test_the_command_names_every_filter(capsys: pytest.CaptureFixture[str]) -> None:
    question = ask(
        DATA,
        Procedure.FUSION,
        Outcome.BLOOD_LOSS,
        measure=Measure.RATIO_OF_MEANS,
        design=DesignFilter.ALL,
        technique="mis_tlif",
        years=(2010, 2020),
        include_cautions=True,
    )
    c = compare(DATA, question)
    assert main(shlex.split(report.command(c))[3:]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads(json.dumps(report.comparison_as_dict(c, DATA)))
    assert printed["years"] == [2010, 2020]
    assert all(s["year"] is None or 2010 <= s["year"] <= 2020 for s in printed["studies"])
    everything = compare(DATA, ask(DATA, Procedure.FUSION, Outcome.BLOOD_LOSS, design=DesignFilter.ALL))
    assert len(c.studies) < len(everything.studies)


@pytest.mark.parametrize("question", ASKED[::5], ids=IDS[::5])
def test_downloaded_rows_are_exactly_those_that_were_read(question: object) -> None:
    c = compare(DATA, question)  # type: ignore[arg-type]
    rows = list(csv.DictReader(io.StringIO(report.source_rows(c, DATA))))
    assert [r["source_row"] for r in rows] == [str(row) for s in c.studies for row in s.source_rows]
    arms = {f"arms.csv {a.line}": a for a in DATA.arms}
    for row in rows:
        arm = arms.get(row["source_row"])
        if arm:
            assert row["study_id"] == arm.study_id
            assert row["mean"] == ("" if arm.mean is None else str(arm.mean))
    assert {r["study"] for r in rows if r["pooled"] == "yes"} == {s.label for s in c.pooled_studies}


def test_a_cell_that_a_spreadsheet_would_run_is_made_plain() -> None:
    for cell in ("=1+1", "+x", "-x", "@x", "\tx"):
        assert as_cell(cell) == f"'{cell}"
    assert as_cell(-1.5) == -1.5
    assert as_cell(None) == ""


# ---- what the pool hangs on ------------------------------------------------------------------------------------------


POOLED = [compare(DATA, q) for q in ASKED if (p := compare(DATA, q).pooled) and p.k > 2]


def test_there_is_something_to_take_apart() -> None:
    assert len(POOLED) >= 10
    assert max(c.pooled.k for c in POOLED if c.pooled) >= 6


def test_each_step_is_the_pool_of_the_other_studies() -> None:
    for c in POOLED:
        steps = robustness.leave_one_out(c)
        assert [s.study for s in steps] == list(c.pooled_studies)
        grown = robustness.cumulative_by_year(c)
        assert grown[-1].pooled is not None
        assert grown[-1].pooled.estimate == pytest.approx(c.pooled.estimate)  # type: ignore[union-attr]
        years = [s.study.study.year or 9999 for s in grown]
        assert years == sorted(years)
        told = wording.leave_one_out_sentence(c, steps)
        assert told.endswith(".")
        if any(s.pooled for s in steps):
            figure = forest.of_steps(c, steps, "without ")
            assert len(marks(figure)) == sum(s.pooled is not None for s in steps) + 1
            alt = wording.steps_description(c, steps, "without ")
            for s in steps:
                if s.pooled:
                    assert f"without {s.study.label}: {wording.pooled_effect(c, s.pooled)}" in alt


def test_egger_is_made_from_ten_studies_on_and_else_the_reason_is_told() -> None:
    for c in POOLED:
        found = robustness.small_studies(c)
        few = c.pooled is not None and c.pooled.k < 10
        assert isinstance(found, TooFewStudies) == few
        if isinstance(found, Egger):
            assert len(marks(forest.funnel(c))) == 1
            assert "Egger" in wording.funnel_description(c, found)
        else:
            assert "fewer than 10 studies" in wording.no_egger_sentence(found)


def test_limits_of_the_funnel_hold_what_chance_would_of_twenty_studies() -> None:
    half = NormalDist().inv_cdf(0.975)
    for c in POOLED:
        (limits,) = (t for t in forest.funnel(c)["data"] if t["mode"] == "lines")
        for x, error, side in zip(limits["x"], limits["y"], (-1, 0, 1), strict=True):
            assert x == pytest.approx(c.on_reading_scale(c.pooled.estimate + side * half * error), rel=1e-3)  # type: ignore[union-attr]


def test_kinds_of_study_take_every_pooled_study_once() -> None:
    for c in POOLED:
        for found in (robustness.by_design(c), robustness.by_technique(c)):
            assert found is not None
            assert sum(g.k for g in found.groups) == c.pooled.k  # type: ignore[union-attr]
            assert wording.subgroup_sentence(found).endswith((").", "other."))
        designs = {g.group for g in robustness.by_design(c).groups}  # type: ignore[union-attr]
        assert designs <= {str(d) for d in StudyDesign}


def test_mantel_haenszel_stands_beside_a_risk_ratio() -> None:
    checked = [(c, robustness.mantel_haenszel(c)) for c in POOLED]
    assert any(found for _, found in checked)
    for c, found in checked:
        if found:
            assert c.question.measure is Measure.RISK_RATIO
            assert wording.mantel_haenszel_sentence(found) in page_html.read(components.finding(c, found, None)).text


def test_nothing_is_taken_apart_where_nothing_is_pooled() -> None:
    for question in ASKED:
        c = compare(DATA, question)
        if c.pooled is None or c.pooled.k < 3:
            assert robustness.leave_one_out(c) == ()
            assert robustness.cumulative_by_year(c) == ()
            assert robustness.by_design(c) is None
            assert robustness.mantel_haenszel(c) is None


def test_finding_on_the_page_is_the_sentence_of_compare() -> None:
    for c in POOLED:
        told = page_html.read(components.finding(c, None, None)).text
        assert wording.headline(c, Audience.CLINICIAN) in told
        assert wording.basis(c, Audience.CLINICIAN) in told


# ---- the main measure, borrowed spreads, other ways of pooling, reviews -----------------------------------------------


def prints_a_spread(row: ArmRow) -> bool:
    """A standard deviation or error, or limits that lie apart: quartiles of 3 and 3 days are none."""
    pairs = ((row.ci_low, row.ci_high), (row.q1, row.q3))
    return row.sd is not None or row.se is not None or any(a is not None and a != b for a, b in pairs)


def test_quantities_are_drawn_as_ratios_scores_as_differences_and_events_as_risk_ratios() -> None:
    """Of blood, days and minutes how many times as much; of points how many more."""
    seen = set()
    for question in ASKED:
        c = compare(DATA, question)
        if c.outcome.kind == OutcomeKind.EVENT:
            expected = "risk ratio, "
        elif str(c.outcome.unit).startswith("points") or c.outcome.unit is Unit.INDEX:
            expected = "difference"
        else:
            expected = "ratio of means, "
        axis = forest.figure(c)["layout"]["xaxis"]
        assert axis["title"]["text"].startswith(expected), question
        assert (axis["type"] == "log") == (expected != "difference")
        assert c.question.measure is main_measure(c.outcome)
        seen.add(expected)
    assert len(seen) == 3


def test_a_study_with_a_borrowed_spread_is_in_the_pool_and_drawn_hollow() -> None:
    """Borrowed is what the study's own rows do not print; the words beside it say so and the number counts it."""
    rows = {f"arms.csv {a.line}": a for a in DATA.arms}
    borrowed_seen = 0
    for c in (compare(DATA, q) for q in ASKED):
        symbols = {m["text"][0].split("</b>")[0]: m["marker"]["symbol"] for m in marks(forest.figure(c))}
        drawn = {line.name: line for line in forest.lines(c) if line.kind in ("study", "borrowed")}
        counted = 0
        for s in c.pooled_studies:
            if c.outcome.kind == OutcomeKind.EVENT:
                assert drawn[s.label].kind == "study"
                continue
            read = [str(row) for row in s.source_rows]
            if not all(row in rows for row in read):  # the paper's own difference with its interval
                assert drawn[s.label].kind == "study"
                continue
            printed = all(prints_a_spread(rows[row]) for row in read)
            assert drawn[s.label].kind == ("study" if printed else "borrowed"), (c.question, s.label)
            hollow = str(symbols[f"<b>{as_figure(s.label)}"]).endswith("-open")
            assert hollow == (not printed), (c.question, s.label)
            counted += not printed
        assert counted == c.k_borrowed
        if c.k_borrowed and c.lead.rung in (Rung.POOL, Rung.FEW_STUDIES):
            assert f"{c.k_borrowed} with a borrowed spread" in wording.basis(c, Audience.CLINICIAN)
        borrowed_seen += counted
    assert borrowed_seen > 20


def test_the_pool_of_printed_spreads_alone_stands_under_the_pool() -> None:
    """The same numbers that its studies give by themselves, pooled by the rule for so many studies."""
    seen = 0
    for c in (compare(DATA, q) for q in ASKED):
        ways = {way.variant: way for way in robustness.other_ways(DATA, c)}
        printed = [s for s in c.pooled_studies if not s.borrowed]
        expected = c.pooled is not None and c.pooled.k > 1 and 0 < len(printed) < c.pooled.k
        assert (robustness.Variant.PRINTED_SPREADS in ways) == expected, c.question
        if expected:
            assert ways[robustness.Variant.PRINTED_SPREADS].pooled.k == len(printed)
            found = [line for line in forest.lines(c, tuple(ways.values())) if line.kind == "other_way"]
            assert [line.name for line in found] == [wording.other_way_name(way) for way in ways.values()]
            assert all(line.words for line in found)
            told = wording.forest_description(c, tuple(ways.values()))
            assert all(f"{line.name}: {line.words}" in told for line in found)
            seen += 1
    assert seen > 5


def test_a_mean_difference_stands_beside_a_ratio_in_words_and_never_on_its_axis() -> None:
    seen = 0
    for c in (compare(DATA, q) for q in ASKED):
        ways = robustness.other_ways(DATA, c)
        for way in (w for w in ways if w.variant is robustness.Variant.MEAN_DIFFERENCE):
            (line,) = (line for line in forest.lines(c, ways) if line.name == wording.other_way_name(way))
            assert c.question.measure is Measure.RATIO_OF_MEANS
            assert line.estimate is None
            assert line.words
            seen += 1
    assert seen > 5


def test_a_review_agrees_where_its_interval_and_that_of_our_pool_overlap() -> None:
    """Of the same measure the printed limits; a difference beside our ratio is held against the difference it makes."""
    verdicts = {True: 0, False: 0}
    for c in (compare(DATA, q) for q in ASKED):
        for r in c.reviews:
            line = wording.review_line(r, c.outcome)
            assert (": agrees" in line) == (r.agrees is True)
            assert (": differs" in line) == (r.agrees is False)
            if r.agrees is None:
                continue
            if c.lead.review is not None:  # held against the review that leads
                assert r.turned is not None
                assert c.lead.effect is not None
                assert r.agrees == (r.turned.ci_low <= c.lead.effect.estimate <= r.turned.ci_high)
                continue
            assert c.pooled is not None
            assert c.pooled.k > 1
            assert not r.caution
            assert r.ci_low is not None
            assert r.ci_high is not None
            ours = [c.pooled.ci_low, c.pooled.ci_high]
            theirs = [r.ci_low, r.ci_high]
            if c.question.measure is Measure.RISK_RATIO:
                if r.row.measure != "RR":
                    continue
                ours = [math.exp(v) for v in ours]
            elif c.question.measure is Measure.RATIO_OF_MEANS:
                assert c.absolute is not None
                ours = sorted(c.absolute.baseline * (math.exp(v) - 1) for v in ours)
            assert r.agrees == (theirs[0] <= ours[1] and ours[0] <= theirs[1]), (c.question, r.label, ours, theirs)
            verdicts[r.agrees] += 1
        differ = [r.label for r in c.reviews if r.agrees is False]
        if differ and c.lead.rung in (Rung.POOL, Rung.FEW_STUDIES):
            told = page_html.read(components.finding(c, None, None)).text
            assert all(label in told.partition("Differs from the published")[2] for label in differ)
    assert verdicts[True] > 10
    assert verdicts[False] > 0


# ---- published reviews in the picture --------------------------------------------------------------------------------


def leading_line(c: Comparison) -> forest.Line:
    (line,) = [line for line in forest.lines(c) if line.kind == "leading_review"]
    return line


def test_a_review_that_leads_stands_on_the_axis_where_it_can_be_turned_onto_it() -> None:
    led = [c for q in pooled_results.questions(DATA) if (c := compare(DATA, q)).lead.review is not None]
    on_the_axis = [c for c in led if c.measure is c.question.measure]
    in_words = [c for c in led if c.measure is not c.question.measure]
    assert len(on_the_axis) > 20
    assert any(c.question.measure is Measure.RATIO_OF_MEANS for c in in_words), "a difference of ml beside ratios"
    for c in on_the_axis:
        line = leading_line(c)
        assert line.name == c.lead.review.label  # type: ignore[union-attr]
        assert line.estimate == pytest.approx(c.estimate, rel=0.01)
        assert (line.low, line.high) == pytest.approx(c.interval, rel=0.01)
        assert line.estimate in [m["x"][0] for m in marks(forest.figure(c))]
    for c in in_words:
        line = leading_line(c)
        assert (line.estimate, line.low, line.high) == (None, None, None)
        assert numerals.plain(c.estimate or 0, 1) in line.words
        assert line.words in forest.figure(c)["layout"]["yaxis2"]["ticktext"]


def test_an_odds_ratio_stands_where_its_words_say() -> None:
    turned = [
        (c, r)
        for c in (compare(DATA, q) for q in ASKED)
        for r in c.reviews
        if r.row.measure == "OR" and r.turned is not None and (r.agrees is not None or c.lead.review is r)
    ]
    assert turned
    for c, r in turned:
        (line,) = [
            line for line in forest.lines(c) if line.name == r.label and "from OR" in line.words and line.estimate
        ]
        assert f"RR {numerals.ratio(line.estimate or 0)} (" in line.words
        assert f"from OR {numerals.plain(r.estimate or 0, 2)}" in line.words


def test_every_verdict_of_a_review_stands_in_the_picture() -> None:
    judged = 0
    for question in ASKED:
        c = compare(DATA, question)
        told = [(line.name, line.words) for line in forest.lines(c) if line.kind.endswith("review")]
        for r in c.reviews:
            if r.agrees is not None:
                judged += 1
                assert any(
                    name == r.label and words.endswith("agrees" if r.agrees else "differs") for name, words in told
                )
        assert not any("agrees" in words or "differs" in words for _, words in told) or c.lead.effect is not None
    assert judged >= 8


def test_names_and_words_of_a_forest_plot_have_the_room_they_take() -> None:
    """At 13 px no letter of the typeface is wider than 0.5 of its size on average over a name."""
    for question in ASKED:
        c = compare(DATA, question)
        drawn = forest.lines(c)
        if not drawn:
            continue
        layout = forest.figure(c)["layout"]
        assert layout["margin"]["l"] >= 6.5 * max(len(line.name) for line in drawn)
        assert layout["margin"]["r"] >= 6 * max(len(line.words) for line in drawn)
        for line in drawn:
            assert any(line.name in text for text in layout["yaxis"]["ticktext"]) or not line.name


def test_the_answer_says_what_gives_the_number() -> None:
    begin = {
        "pool": "Our pool",
        "few_studies": "Our pool",
        "review": "A published review",
        "one_large_study": "One study",
        "one_small_study": "One study",
        "parts_of_one_study": "Parts of one study",
        "none": "No source",
    }
    seen = set()
    for question in ASKED:
        c = compare(DATA, question)
        told = page_html.read(components.finding(c, None, None)).one("p", "gives").text
        assert told.startswith(begin[c.lead.rung])
        seen.add(c.lead.rung)
        if c.lead.study is not None:
            assert c.lead.study.label in told
    assert len(seen) >= 6


def test_statistics_of_the_second_order_are_folded() -> None:
    for c in POOLED:
        shown = page_html.read(components.finding(c, robustness.mantel_haenszel(c), None))
        for folded in shown.all("details"):
            assert "open" not in folded.attributes
            assert wording.heterogeneity_sentence(c) in folded.text
            shown_at_once = shown.text.replace(folded.text, "")
            assert "τ²" not in shown_at_once
            assert "Mantel" not in shown_at_once


def test_only_a_plain_difference_of_a_review_has_a_unit() -> None:
    seen = set()
    for question in ASKED:
        c = compare(DATA, question)
        for r in c.reviews:
            seen.add(str(r.row.measure))
            if r.row.measure == "SMD":
                assert wording.review_line(r, c.outcome).startswith(f"SMD {numerals.plain(r.estimate or 0, 2)}")
                assert not re.search(
                    r"(points|ml|days|minutes)\b", wording.review_line(r, c.outcome).split("(set aside")[0]
                )
    assert {"MD", "SMD", "RR", "OR"} <= seen
