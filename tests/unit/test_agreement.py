"""Sentence, table cell, chart and export say the same numbers, and say them the way people can read.

Everything here runs over the shipped dataset: every procedure, outcome, time, pair of options and audience.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import chain, product
from pathlib import Path

import page_html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patient_words import plainly
from reading import numbers

from decision_aid import components, wording
from decision_aid.charts import outcome_charts, theme
from decision_aid.comparison import narrowing, side_by_side
from decision_aid.comparison.comparison import Comparison, State, compare
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.question import Contrast, DesignFilter, ask, main_measure
from decision_aid.comparison.shown_studies import study_interval
from decision_aid.comparison.study_results import StudyResult, Why
from decision_aid.domain import palette
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_figure
from decision_aid.domain.time_windows import FOLLOW_UP, windows_of
from decision_aid.domain.vocabulary import Aspect, Condition, Horizon, Option, Outcome, OutcomeKind, Procedure, Unit
from decision_aid.evidence import loading
from decision_aid.exports import report
from decision_aid.meta_analysis.effects import Measure
from decision_aid.wording import numerals

ROOT = Path(__file__).resolve().parents[2]
DATA = loading.load()  # read-only; tests are listed by what it holds
CHOICES = [(c, p) for c, row in DATA.conditions.items() for p in row.procedures]
EACH = list(product(Procedure, Contrast))

# Derandomized: the same examples in every run. No database: nothing is written.
deterministic = settings(derandomize=True, database=None, deadline=None, max_examples=300)


# ---- what is asked ---------------------------------------------------------------------------------------------------


@cache
def answers(procedure: Procedure, contrast: Contrast, measure: Measure | None = None) -> tuple[Comparison, ...]:
    """Every outcome and time of a procedure, as the pages ask: surgery against staying without it for each condition."""
    found = []
    for outcome, row in DATA.outcomes.items():
        if measure and (row.kind == OutcomeKind.EVENT) != (measure is Measure.RISK_RATIO):
            continue
        for window in windows_of(row):
            question = ask(DATA, procedure, outcome, window=window, contrast=contrast, measure=measure)
            found.append(compare(DATA, question))
            if contrast is Contrast.SURGERY_VERSUS_NONOPERATIVE:
                found += [compare(DATA, replace(question, condition=condition)) for condition in DATA.conditions]
            else:
                found.append(compare(DATA, replace(question, design=DesignFilter.ALL, include_cautions=True)))
    return tuple(found)


def about(c: Comparison) -> str:
    """Names a comparison in a failure message."""
    q = c.question
    return f"{q.procedure} {q.outcome} {q.window.id} {q.contrast.name} {q.measure} {q.condition or ''}"


def all_answers() -> Iterator[Comparison]:
    for procedure, contrast in EACH:
        yield from answers(procedure, contrast)
    for procedure in Procedure:  # of quantities the difference, which stands beside the ratio on the Evidence page
        yield from answers(procedure, Contrast.MIS_VERSUS_OPEN, Measure.MEAN_DIFFERENCE)


# ---- reading numbers back out of a text ------------------------------------------------------------------------------


def sizes(c: Comparison, audience: Audience, *values: float) -> list[str]:
    """The numbers of values whose sizes the one formatter writes: “under 1” counts as 1."""
    return [numerals.size(v, c.outcome.unit, audience).removeprefix("under ") for v in values]


def written_range(c: Comparison, audience: Audience, low: float, high: float) -> list[str]:
    """An interval as it is told: both limits, the smaller size first on one side of nought; one where they read alike."""
    if (low < 0) == (high < 0):
        low, high = sorted((low, high), key=abs)
        if numerals.size(low, c.outcome.unit, audience) == numerals.size(high, c.outcome.unit, audience):
            return sizes(c, audience, low)
    return sizes(c, audience, low, high)


def scale(c: Comparison) -> list[str]:
    """The end of the scale that a sentence names: “4 points of 100”."""
    end = {Unit.POINTS_0_100: "100", Unit.POINTS_0_24: "24", Unit.POINTS_0_10: "10"}.get(c.outcome.unit)
    return [end] if end else []


def direction_words(text: str) -> list[str]:
    return re.findall(r"\b(?:less|more)\b(?! than)", plainly(text))


def words_of(*values: float) -> list[str]:
    return ["less" if v < 0 else "more" for v in values]


def told_risk(risk: float, low: float, high: float, denominator: int) -> list[str]:
    """A risk with its interval, which is told in its place where nobody, or everybody, among the people counted had it."""
    if risk in (0, 1):
        ends = (int(v * denominator + 0.5) for v in (min(low, risk), max(high, risk)))
        return [*(str(v) for v in ends), str(denominator)]
    return counts(risk, denominator)


def counts(risk: float, denominator: int) -> list[str]:
    """A risk as it is told out of a denominator: a count, or the bound beside nought or all."""
    people = int(risk * denominator + 0.5)
    if people == 0 and risk > 0:
        people = 1
    if people == denominator and risk < 1:
        people = denominator - 1
    return [str(people), str(denominator)]


# ---- sentences and cells ---------------------------------------------------------------------------------------------


def percents(*ratios: float) -> list[str]:
    """Ratios as a reader is told of them: “43 % less”, or “2.3 times as much” from twice on; “under 1 %” counts as 1."""
    told = []
    for ratio in ratios:
        percent = round(abs(100 * (ratio - 1)))
        told.append(f"{ratio:.1f}" if ratio >= 2 else str(percent or 1))
    return told


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize(("procedure", "contrast"), EACH)
def test_sentence_and_cell_of_a_difference_in_points_say_the_leading_number(
    procedure: Procedure, contrast: Contrast, audience: Audience
) -> None:
    """Scores, and what a published review found as a difference: size, range and direction, the same in both places."""
    for c in told_answers(procedure, contrast, Measure.MEAN_DIFFERENCE, audience):
        assert c.estimate is not None
        assert c.interval is not None
        estimate, (low, high) = c.estimate, c.interval
        told, spread = sizes(c, audience, estimate), written_range(c, audience, low, high)
        limits = words_of(low, high) if (low < 0) != (high < 0) else words_of(low)
        source = numbers(wording.basis(c, audience))

        interval = wording.range_text(c, audience)
        assert numbers(interval) == spread, about(c)
        assert direction_words(interval) == limits, about(c)

        cell = wording.difference_cell(c, audience, 100)
        in_cell = numbers(f"{cell.big} {cell.small}")
        direction = [str(max(c.direction.lower, c.direction.higher)), str(c.direction.total)]
        one_way = direction if c.state is State.SAME_DIRECTION else []
        assert in_cell[: len(one_way + told + spread)] == one_way + told + spread, (about(c), cell)
        assert set(in_cell[len(one_way + told + spread) :]) <= set(source) | {str(c.lead.people), *years(c)}, about(c)
        assert cell.state is c.state
        assert (cell.big == "No clear difference") == (low <= 0 <= high and not one_way), about(c)

        sentence = wording.headline(c, audience)
        if low <= 0 <= high:
            assert cell.small in sentence
            assert (cell.big[:1].lower() + cell.big[1:]) in sentence
        else:
            assert numbers(sentence)[: len(told + scale(c) + spread)] == told + scale(c) + spread, (about(c), sentence)
            template = c.outcome.sentence_lower if estimate < 0 else c.outcome.sentence_higher
            assert all(part.strip() in sentence.lower() for part in template.lower().split("{amount}")), about(c)


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize(("procedure", "contrast"), EACH)
def test_sentence_and_cell_of_a_quantity_say_the_percentage_and_both_values(
    procedure: Procedure, contrast: Contrast, audience: Audience
) -> None:
    """“43 % less: about 51 instead of 88 ml; range 20 to 59 % less”, in the cell and in the sentence."""
    for c in told_answers(procedure, contrast, Measure.RATIO_OF_MEANS, audience):
        assert c.estimate is not None
        assert c.interval is not None
        low, high = c.interval
        cell = wording.difference_cell(c, audience, 100)
        text = f"{cell.big}; {cell.small}"
        (size,) = percents(c.estimate)
        assert re.search(
            rf"(?<![\d.]){size} (?:% {'less' if c.estimate < 1 else 'more'}|times as much)", plainly(text)
        ), (
            about(c),
            text,
        )
        near, far = (
            (low, high) if (low < 1) != (high < 1) or high >= 2 else sorted((low, high), key=lambda r: abs(r - 1))
        )
        # From twice on the whole range stands in “times as much”, where it lies on one side.
        ends = [f"{low:.1f}", f"{high:.1f}"] if low >= 1 and high >= 2 else percents(near, far)
        range_ = wording.range_text(c, audience)
        assert numbers(range_) == (ends[:1] if ends[0] == ends[1] and (low < 1) == (high < 1) else ends), (
            about(c),
            range_,
        )
        assert range_ in text, about(c)
        if c.absolute is not None:
            first, second = (
                numerals.number(v, c.outcome.unit, audience) for v in (c.absolute.first, c.absolute.baseline)
            )
            if "under" not in first + second:  # “about 1 instead of under 1” says nothing beside “6.1 times as long”
                assert f"about {first} instead of {second}" in text, (about(c), text)
        sentence = wording.headline(c, audience)
        assert cell.small in sentence, about(c)
        assert (cell.big[:1].lower() + cell.big[1:]) in sentence, about(c)
        assert cell.state is c.state


def years(c: Comparison) -> list[str]:
    """The years in the names of the review that leads and of those that found otherwise."""
    named = [r.label for r in c.reviews if r.agrees is False or r.row == (c.lead.review and c.lead.review.row)]
    return [number for label in named for number in numbers(label)]


def told_answers(procedure: Procedure, contrast: Contrast, measure: Measure, audience: Audience) -> list[Comparison]:
    """The answers whose leading number is told to this reader and stands on that measure."""
    found = [
        c for c in answers(procedure, contrast) if c.measure is measure and c.is_told_to(audience is Audience.PATIENT)
    ]
    assert found or contrast is Contrast.SURGERY_VERSUS_NONOPERATIVE
    return found


@pytest.mark.parametrize("denominator", [100, 1000])
@pytest.mark.parametrize(("procedure", "contrast"), EACH)
def test_sentence_and_cells_of_an_event_say_both_risks(
    procedure: Procedure, contrast: Contrast, denominator: int
) -> None:
    for c, audience in product(answers(procedure, contrast), Audience):
        risk = c.absolute_risk
        if risk is None or not c.is_told_to(audience is Audience.PATIENT):
            continue
        sentence = wording.headline(c, audience, denominator)
        of_first, of_baseline = (
            (risk.first, risk.first_low, risk.first_high),
            (risk.baseline, risk.baseline_low, risk.baseline_high),
        )
        first, baseline = told_risk(*of_first, denominator), told_risk(*of_baseline, denominator)
        assert numbers(sentence)[: len(first + baseline)] == first + baseline, about(c)
        unclear = c.lead.effect is not None and c.lead.effect.ci_low <= 0 <= c.lead.effect.ci_high
        assert ("no clear difference" in sentence) == (unclear and c.state is not State.SAME_DIRECTION), about(c)

        for is_first in (True, False):
            cell = wording.level_cell(c, is_first, audience, denominator)
            of_arm = of_first if is_first else of_baseline
            assert numbers(cell.big) == told_risk(*of_arm, denominator), about(c)
            if of_arm[0] in (0, 1):
                assert cell.small.startswith("none of" if of_arm[0] == 0 else "all of"), about(c)
                continue
            people, others = int(numbers(cell.big)[0]), int(numbers(cell.small)[0])
            assert people + others == denominator, about(c)

        apart = [people_apart(r, risk.baseline, denominator) for r in (risk.first, risk.first_low, risk.first_high)]
        (size, way), (low, low_word), (high, high_word) = apart
        cell = wording.difference_cell(c, audience, denominator)
        text = f"{cell.big}; {cell.small}"
        if size:
            assert f"{size:,} {way} of {denominator:,}" in text, (about(c), text)
        else:
            assert "the same number" in text, (about(c), text)
            assert f"under 1 {way}" not in text.partition("; ")[0]
        if risk.first == risk.first_low == risk.first_high:
            continue
        if low_word == high_word:
            low, high = sorted((low, high))
        # “under 1” for less than half a person, one number where both ends read alike.
        ends = [f"{low:,}" if low else "under 1", f"{high:,}" if high else "under 1"]
        if low_word != high_word:
            ends = [f"{ends[0]} {low_word}", f"{ends[1]} {high_word}"]
        if "the same number" not in text or low or high:
            assert all(end in text or end.replace("under 1", "0") in text for end in ends), (about(c), text, ends)
        if c.measure is not None:
            ratio = [numerals.ratio(v) for v in (c.estimate, *c.interval)]  # type: ignore[misc, arg-type]
            relative = f"risk ratio {ratio[0]} ({ratio[1]} to {ratio[2]})"
            assert (relative in text) == (audience is Audience.CLINICIAN), (about(c), text)


def people_apart(risk: float, baseline: float, denominator: int) -> tuple[int, str]:
    """How many people lie between two risks as they are told, and which way."""
    told, against = (int(r * denominator + 0.5) for r in (risk, baseline))
    return abs(told - against), "fewer" if (told, risk) <= (against, baseline) else "more"


@pytest.mark.parametrize(("procedure", "contrast"), EACH)
def test_a_cell_says_one_number_of_its_option_and_the_lowest_and_highest_study_beside_it(
    procedure: Procedure, contrast: Contrast
) -> None:
    for c, audience, first in product(answers(procedure, contrast), Audience, (True, False)):
        if c.outcome.kind == OutcomeKind.EVENT:
            continue
        cell = wording.level_cell(c, first, audience, 100)
        levels = c.first_levels if first else c.second_levels
        if levels is not None:
            arms = [s.first if first else s.second for s in c.shown_studies]
            values = [a.level for a in arms if a and not a.is_change and a.level is not None]
            assert (levels.low, levels.high, levels.studies) == (min(values), max(values), len(values)), about(c)
        if c.absolute is None or not c.is_told_to(audience is Audience.PATIENT):
            assert not numbers(cell.big), (about(c), cell)
            assert (cell.state is State.NOT_IN_DATA) == (c.state is State.NOT_IN_DATA), about(c)
            continue
        assert len(numbers(cell.big)) == 1, (about(c), cell)
        value = c.absolute.first if first else c.absolute.baseline
        places = numerals.decimals(c.outcome.unit, audience)
        (told,) = numbers(cell.big)
        # A value of the second option is told so that it fits the difference: it may lie one last digit away.
        written = len(told.partition(".")[2])
        assert abs(float(told.replace("−", "-")) - value) <= 1.01 * 10 ** -max(places, 0) or written > places, (
            about(c),
            cell,
        )
        # The span over single studies is told to clinicians.
        if levels is not None and levels.studies > 1 and c.lead.study is None and audience is Audience.CLINICIAN:
            spread = dict.fromkeys(numerals.number(v, c.outcome.unit, audience) for v in (levels.low, levels.high))
            assert numbers(cell.behind) == [t.removeprefix("under ") for t in spread], (about(c), cell)


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("procedure", Procedure)
def test_small_print_over_a_picture_says_what_the_number_rests_on(procedure: Procedure, audience: Audience) -> None:
    for c in answers(procedure, Contrast.MIS_VERSUS_OPEN):
        lines = wording.panel_lines(c, audience)
        if not c.is_told_to(audience is Audience.PATIENT):
            assert lines == [wording.headline(c, audience)]
            continue
        basis = wording.basis(c, audience)
        assert lines[0] == f"{basis[:1].upper() + basis[1:]}.", about(c)
        hollow = [re.sub(r"\D", "", line) for line in lines if line.startswith("Hollow")]
        unpooled = [s for s in c.shown_studies if s.effect is None or s.effect.standard_error is None]
        assert hollow == ([str(len(unpooled))] if unpooled and c.pooled is not None else []), about(c)
        borrowed = [str(c.k_borrowed)] if c.k_borrowed and audience is Audience.CLINICIAN else []
        people = [str(c.people)] if c.people else []
        if c.lead.rung in (Rung.POOL, Rung.FEW_STUDIES):
            assert numbers(basis) == [str(len(c.pooled_studies)), *borrowed, *people], about(c)
        elif c.lead.review is not None:
            assert set(numbers(basis)) >= ({str(c.lead.review.row.k_studies)} if c.lead.review.row.k_studies else set())
        if audience is Audience.CLINICIAN and c.other_designs and c.lead.rung in (Rung.POOL, Rung.FEW_STUDIES):
            assert lines[-1].startswith("All studies: " if c.randomised_only else "Trials alone: "), about(c)
            assert numbers(lines[-1])[-1] == str(c.other_designs.k), about(c)


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("procedure", Procedure)
def test_text_on_a_ratio_never_reads_the_logarithm_as_a_difference(procedure: Procedure, audience: Audience) -> None:
    seen = 0
    for c in answers(procedure, Contrast.MIS_VERSUS_OPEN):
        if c.pooled is None or c.measure is not Measure.RATIO_OF_MEANS:
            continue
        for text in (
            wording.headline(c, audience),
            wording.difference_cell(c, audience, 100).big,
            wording.other_designs_sentence(c, audience),
            wording.range_text(c, audience),
        ):
            unit = numerals.unit_name(c.outcome.unit)
            way = "less" if c.pooled.estimate < 0 else "more"
            wrong = f"{numerals.amount(c.pooled.estimate, c.outcome.unit, audience)} {way}"
            assert not unit or wrong not in text, f"{about(c)}: “{text}” tells a log ratio of {c.pooled.estimate:.2f}"
            seen += 1
    assert seen


@pytest.mark.parametrize(("procedure", "contrast"), EACH)
def test_direction_counts_the_studies_that_are_drawn(procedure: Procedure, contrast: Contrast) -> None:
    for c in answers(procedure, contrast):
        effects = [s.effect.estimate for s in c.shown_studies if s.effect]
        lower, higher = sum(e < 0 for e in effects), sum(e > 0 for e in effects)
        assert (c.direction.lower, c.direction.higher, c.direction.total) == (lower, higher, len(effects)), about(c)
        text = wording.direction_sentence(c)
        unclear_review = c.lead.rung is Rung.REVIEW and not c.is_clear and c.direction.one_way
        assert (text == "") == (unclear_review or not effects), about(c)
        if len(effects) > 1 and not unclear_review:
            assert numbers(text)[:2] == [str(max(lower, higher)), str(len(effects))], about(c)


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_table_on_the_page_holds_these_cells_and_one_denominator(
    condition: Condition, procedure: Procedure, audience: Audience
) -> None:
    every = [side_by_side.Filters(), *(side_by_side.Filters(DesignFilter.ALL, None, s, True) for s in (False, True))]
    for filters in every:
        table = side_by_side.side_by_side(DATA, condition, procedure, filters)
        assert table.denominator == side_by_side.rows_for(DATA, condition, procedure, side_by_side.HARMS).denominator
        tree = page_html.read(components.side_by_side_table(table, DATA, audience))
        rows = tree.without("popover").one("tbody").all("tr")
        patient = audience is Audience.PATIENT
        stand = [r for r in table.rows if r.tells(patient) or narrowing.leaves_none(r.approaches)]
        told_nothing = [r.outcome for r in table.rows if r not in stand]
        if table.filters != side_by_side.Filters() and "data-outcome" not in rows[0].attributes:
            rows = rows[1:]  # that a filter is on
        names = [str(r.outcome.outcome) for r in stand] + ["chose_surgery_later"] * bool(table.later)
        assert [r.attributes.get("data-outcome") for r in rows[: len(names)]] == names
        lines = [r.text for r in rows[len(names) :]]
        assert lines == ([wording.not_known(told_nothing, audience)] if told_nothing else [])
        for row, shown in zip(stand, rows[: len(stand)], strict=True):
            _, *cells = shown.content
            expected = (
                wording.without_surgery_cell(row, audience, table.denominator),
                wording.level_cell(row.approaches, False, audience, table.denominator),
                wording.level_cell(row.approaches, True, audience, table.denominator),
                wording.difference_cell(row.approaches, audience, table.denominator),
            )
            # Every value carries its option: in a narrow window it does not stand under its heading.
            names = [*(palette.OPTIONS[option].label for option in Option), components.VERSUS]
            gone = narrowing.taken_away(DATA, row.approaches)
            if gone:  # what a filter took away is not called “not in our data”
                assert [node.one("b").text for node in cells[1:]] == ["–", "–", wording.none_left_cell(gone).big]
                expected, cells, names = expected[:1], cells[:1], names[:1]
            for cell, node, name in zip(expected, cells, names, strict=True):
                assert node.one("b").text == " ".join(cell.big.split())
                assert node.text.startswith(f"{name} {cell.big} {cell.small}".strip())
                assert str(cell.state) in node.one("span", "state").classes
            if row.outcome.kind == OutcomeKind.EVENT:
                # Where the one study saw nobody have it, it is told among how many people.
                told = {
                    n.replace(",", "")
                    for cell in cells
                    for n in re.findall(r"\d of ([\d,]+)", re.sub(r"\d+ of \d+ studies", "", cell.text))
                }
                assert told <= {str(table.denominator)}, shown.text
        for popover in (n for n in tree if "popover" in n.attributes):
            # A clinician may check the sum behind a risk out of 1,000.
            lines = [p.text for p in popover.all("p") if audience is Audience.PATIENT or " × " not in p.text]
            told = set(re.findall(r"\d of (100|1,000)\b", " ".join(lines)))
            assert {t.replace(",", "") for t in told} <= {str(table.denominator)}, lines


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_sources_list_every_study_once_with_its_link(
    condition: Condition, procedure: Procedure, audience: Audience
) -> None:
    table = side_by_side.side_by_side(DATA, condition, procedure)
    tree = page_html.read(components.side_by_side_table(table, DATA, audience))
    lists = {n.attributes["id"]: n for n in tree if "popover" in n.attributes}
    opened = [b.attributes["popovertarget"] for b in tree.all("button", "source")]
    assert sorted(opened) == sorted(lists), "every button opens a list and every list has one button"
    for row in table.rows:
        for c in (row.approaches, row.without):
            target, _ = components.comparison_sources(c, DATA, audience) if c else ("", "")
            if target not in lists or c is None:
                continue
            if not c.studies:  # published reviews alone, for the patient a sentence
                assert not lists[target].all("table", "studies")
                continue
            rows = lists[target].one("table", "studies").one("tbody").all("tr")
            for study, line in zip(c.studies, rows, strict=True):
                assert line.content[0].text == " ".join(study.label.split())
                assert [a.attributes["href"] for a in line.all("a")] == ([study.study.link] if study.study.link else [])
                values = [wording.study_values(study, c.outcome, first, audience) for first in (True, False)]
                if not c.is_told_to(audience is Audience.PATIENT) and c.lead.rung is Rung.ONE_SMALL_STUDY:
                    values = ["–", "–"]
                assert [line.content[i].text for i in (4, 5)] == values


# ---- pictures --------------------------------------------------------------------------------------------------------


def arm_level(study: StudyResult, first: bool) -> float:
    arm = study.first if first else study.second
    assert arm is not None
    value = arm.risk if arm.statistic == "events" else arm.level
    assert value is not None
    return value


def drawable(procedure: Procedure) -> list[Comparison]:
    return [c for c in answers(procedure, Contrast.MIS_VERSUS_OPEN) if c.shown_studies]


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("procedure", Procedure)
def test_picture_of_both_arms_draws_each_shown_study_and_nobody_else(procedure: Procedure, audience: Audience) -> None:
    for c in drawable(procedure):
        figure = outcome_charts.dumbbell(c, audience)
        marks = {t["name"]: t for t in figure["data"] if t["mode"] == "markers"}
        assert set(marks) == {palette.OPTIONS[Option.OPEN].label, palette.OPTIONS[Option.MIS].label}
        for option, first in ((Option.OPEN, False), (Option.MIS, True)):
            trace = marks[palette.OPTIONS[option].label]
            assert Counter(trace["x"]) == Counter(arm_level(s, first) for s in c.shown_studies), about(c)
            assert len(set(trace["y"])) == len(c.shown_studies), "one line a study"
            assert trace["marker"]["color"] == palette.OPTIONS[option].colour
            assert {s.removesuffix("-open") for s in trace["marker"]["symbol"]} == {palette.OPTIONS[option].symbol}
            low, high = figure["layout"]["xaxis"]["range"]
            assert low == 0
            assert all(low <= x <= high for x in trace["x"]), about(c)
        # Both marks of a line belong to the study its hover text names, and the link joins them.
        both = zip(*(marks[palette.OPTIONS[r].label]["x"] for r in (Option.MIS, Option.OPEN)), strict=True)
        expected = Counter((arm_level(s, True), arm_level(s, False), _is_hollow(s)) for s in c.shown_studies)
        hollow = [s.endswith("-open") for s in marks[palette.OPTIONS[Option.MIS].label]["marker"]["symbol"]]
        assert Counter((m, o, h) for (m, o), h in zip(both, hollow, strict=True)) == expected, about(c)
        # The hover text of a mark names the study it belongs to, and each value beside the approach it was measured with.
        named = {as_figure(s.label): s for s in c.shown_studies}
        for option, first in ((Option.OPEN, False), (Option.MIS, True)):
            trace = marks[palette.OPTIONS[option].label]
            for x, text in zip(trace["x"], trace["text"], strict=True):
                study = named[re.findall("^<b>(.*?)</b>", text)[0]]
                assert x == arm_level(study, first)
                mis, opened = (wording.study_values(study, c.outcome, side, audience) for side in (True, False))
                assert as_figure(f"minimally invasive {mis}, open {opened}") in text.split("<br>")
        (link,) = (t for t in figure["data"] if t["mode"] == "lines")
        assert link["x"][0::3] == marks[palette.OPTIONS[Option.MIS].label]["x"]
        assert link["x"][1::3] == marks[palette.OPTIONS[Option.OPEN].label]["x"]


@pytest.mark.parametrize("procedure", Procedure)
def test_text_of_a_mark_says_which_value_is_of_which_operation(procedure: Procedure) -> None:
    for c in drawable(procedure):
        for trace in (t for t in outcome_charts.dumbbell(c, Audience.CLINICIAN)["data"] if t["mode"] == "markers"):
            for s in c.shown_studies:
                (text,) = (t for t in trace["text"] if t.startswith(f"<b>{as_figure(s.label)}</b>"))
                told = re.search(r"<br>minimally invasive (.+?), open (.+?)<br>", text)
                assert told is not None
                assert says(told[1], s, True, c), about(c)
                assert says(told[2], s, False, c), about(c)


def _is_hollow(study: StudyResult) -> bool:
    return study.effect is None or study.effect.standard_error is None


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("procedure", Procedure)
def test_text_of_a_picture_says_both_values_of_each_study(procedure: Procedure, audience: Audience) -> None:
    for c in drawable(procedure):
        text = wording.chart_description(c, audience)
        assert text.startswith(wording.headline(c, audience))
        if not outcome_charts.has_arms(c, audience):
            assert text == wording.headline(c, audience)
            continue
        for s in c.shown_studies:
            told = re.findall(re.escape(f"{s.label}: minimally invasive ") + r"(.+?), open (.+?)\.(?: |$)", text)
            assert any(says(mis, s, True, c) and says(plain, s, False, c) for mis, plain in told), (
                about(c),
                s.label,
                text,
            )


def says(text: str, study: StudyResult, first: bool, c: Comparison) -> bool:
    """Whether a text begins with the value of an arm, rounded as far as it is written."""
    arm = study.first if first else study.second
    assert arm is not None
    told = numbers(text)
    if c.outcome.kind == OutcomeKind.EVENT:
        return told == [str(arm.events), str(arm.n)]
    places = len(told[0].partition(".")[2])
    if text.startswith("under "):
        return 0 < arm_level(study, first) < float(told[0])
    return abs(float(told[0].replace("−", "-")) - arm_level(study, first)) <= 0.5 * 10**-places + 1e-9


OVER_TIME = [
    o for o, row in DATA.outcomes.items() if row.horizon == Horizon.FOLLOW_UP and row.kind != OutcomeKind.EVENT
]


@pytest.mark.parametrize("outcome", OVER_TIME)
@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_picture_over_time_draws_pooled_results_or_the_studies_themselves(
    condition: Condition, procedure: Procedure, outcome: Outcome
) -> None:
    every = (side_by_side.Filters(), side_by_side.Filters(DesignFilter.ALL, include_cautions=True))
    for filters in every:
        assert_drawn_over_time(condition, procedure, outcome, filters)


def assert_drawn_over_time(
    condition: Condition, procedure: Procedure, outcome: Outcome, filters: side_by_side.Filters
) -> None:
    scope = (DATA, condition, procedure, outcome, filters)
    approaches = side_by_side.over_time(*scope, Contrast.MIS_VERSUS_OPEN)
    without = side_by_side.over_time(*scope, Contrast.SURGERY_VERSUS_NONOPERATIVE)
    assert [c.question.window for c in approaches] == list(FOLLOW_UP)
    figure = outcome_charts.over_time(approaches, without, DATA.outcomes[outcome], Audience.CLINICIAN)
    traces = {t["name"]: t for t in figure["data"]}
    described = outcome_charts.over_time_description(approaches, without, Audience.CLINICIAN)
    for series, effect in ((approaches, "approach"), (without, "surgery")):
        expected = Counter(point for c in series for point in points_of(c))
        trace = traces.get(palette.EFFECTS[effect].label)
        drawn = Counter(drawn_points(trace)) if trace else Counter()
        assert drawn == expected
        for c in series:
            if points_of(c):
                assert wording.time_point_text(c, Audience.CLINICIAN) in described
    low, high = figure["layout"]["yaxis"]["range"]
    for trace in traces.values():
        for y, below, above, _ in drawn_points(trace):
            assert low <= (y if below is None else below) <= (y if above is None else above) <= high
    bands = [(s["y0"], s["y1"]) for s in figure["layout"]["shapes"] if s["type"] == "rect"]
    smallest = DATA.outcomes[outcome].noticeable_change
    assert bands == ([] if smallest is None else [(-smallest, smallest)])


Point = tuple[float, float | None, float | None, bool]  # estimate, interval, large mark


def points_of(c: Comparison) -> list[Point]:
    """What belongs into the picture: the pooled result of two and more, else what each study found."""
    if c.pooled and c.pooled.k > 1:
        return [rounded((c.pooled.estimate, c.pooled.ci_low, c.pooled.ci_high, True))]
    shown: list[Point] = []
    for s in c.studies:
        counted = s.pooled or s.why in (Why.NO_SPREAD, Why.NO_ARM_SIZE)
        if s.effect is None or not counted or (s.caution and not c.question.include_cautions):
            continue
        known = s.effect.standard_error is not None
        low, high = study_interval(s) if known else (None, None)
        shown.append(rounded((s.effect.estimate, low, high, False)))
    return shown


def drawn_points(trace: theme.Figure) -> list[Point]:
    bars = trace["error_y"]
    return [
        rounded((y, None, None, size > 12) if symbol.endswith("-open") else (y, y - minus, y + plus, size > 12))
        for y, minus, plus, symbol, size in zip(
            trace["y"],
            bars["arrayminus"],
            bars["array"],
            trace["marker"]["symbol"],
            trace["marker"]["size"],
            strict=True,
        )
    ]


def rounded(point: Point) -> Point:
    y, low, high, pooled = point
    return round(y, 9), None if low is None else round(low, 9), None if high is None else round(high, 9), pooled


def test_single_pooled_study_keeps_its_interval_in_text_table_and_picture() -> None:
    seen = 0
    for c in all_answers():
        if c.pooled and c.pooled.k == 1 and c.outcome.kind != OutcomeKind.EVENT:
            (study,) = c.pooled_studies
            assert study_interval(study) == pytest.approx((c.pooled.ci_low, c.pooled.ci_high), rel=1e-9), about(c)
            seen += 1
    assert seen > 5


# ---- export ----------------------------------------------------------------------------------------------------------


def test_export_holds_the_comparison() -> None:
    for c in all_answers():
        told = report.comparison_as_dict(c, DATA)
        assert told["state"] == c.state
        assert told["sentence"] == wording.headline(c, Audience.CLINICIAN)
        for name in report.FIELDS:
            ours = getattr(c.pooled, name) if c.pooled else (0 if name == "k" else None)
            assert told["pooled"][name] == ours, about(c)
        assert told["leads"] == c.lead.rung
        assert told["estimate"] == c.estimate
        assert [told["ci_low"], told["ci_high"]] == [*(c.interval or (None, None))]
        assert told["k"] == c.lead.k
        assert told["printed_spreads_only"] == (report.pooled_as_dict(c.printed_only) if c.printed_only else None)
        assert told["people"] == c.lead.people
        assert tuple(told["direction"].values()) == (c.direction.lower, c.direction.equal, c.direction.higher)
        for name, value in (told["absolute_risk"] or {}).items():
            assert value == getattr(c.absolute_risk, name)
        assert (told["absolute_risk"] is None) == (c.absolute_risk is None)
        assert [s["study_id"] for s in told["studies"]] == [s.study.study_id for s in c.studies]
        first, second = (str(a) for a in c.question.contrast.value)
        for s, line in zip(c.studies, told["studies"], strict=True):
            assert line["effect"] == (s.effect.estimate if s.effect else None)
            assert line["standard_error"] == (s.effect.standard_error if s.effect else None)
            assert (line["pooled"], line["weight_percent"], line["months"]) == (s.pooled, s.weight, s.months)
            for name, arm in ((first, s.first), (second, s.second)):
                assert (line[name] and line[name]["value"]) == (arm and arm.level)
                assert (line[name] and line[name]["n"]) == (arm and arm.n)
                assert (line[name] and line[name]["events"]) == (arm and arm.events)
        assert len(told["reviews"]) == len(c.reviews)


# ---- how a number is written -----------------------------------------------------------------------------------------

risks = st.floats(0, 1) | st.sampled_from([0.0, 1.0, 0.005, 0.0049, 0.995, 0.0005, 0.9995, 1e-9, 1 - 1e-9])


@deterministic
@given(risks, st.sampled_from([100, 1000]))
def test_both_frames_add_up_to_the_whole(risk: float, denominator: int) -> None:
    told, others = numerals.out_of(risk, denominator), numerals.complement(risk, denominator)
    assert told.endswith(f" of {denominator:,}")
    if told.startswith("fewer than 1 "):
        assert 0 < risk < 1 / denominator
        assert others == f"more than {denominator - 1:,}"
    elif told.startswith("more than "):
        assert 1 - 1 / denominator < risk < 1
        assert told.startswith(f"more than {denominator - 1:,} ")
        assert others == "fewer than 1"
    else:
        people = int(told.split(" of ")[0].replace(",", ""))
        assert people + int(others.replace(",", "")) == denominator
        assert abs(people - risk * denominator) <= 0.5 + 1e-9
        assert (people == 0) == (risk == 0)
        assert (people == denominator) == (risk == 1)


@deterministic
@given(st.lists(risks, max_size=8))
def test_small_risks_ask_for_the_larger_denominator(some: list[float]) -> None:
    assert side_by_side.denominator_for(some) == (1000 if [r for r in some if 0 < r < 0.01] else 100)


UNITS = [u for u in Unit if u in numerals._DECIMALS]


@deterministic
@given(st.floats(-1e6, 1e6), st.sampled_from(UNITS), st.sampled_from(Audience))
def test_size_is_the_value_rounded_and_never_nought_for_something(value: float, unit: Unit, audience: Audience) -> None:
    text = numerals.size(value, unit, audience)
    places = numerals.decimals(unit, audience)
    if text.startswith("under "):
        assert 0 < abs(value) <= 0.5 * 10**-places
        assert float(text.removeprefix("under ")) == 10**-places
    else:
        assert len(text.partition(".")[2]) == places
        assert abs(float(text) - abs(value)) <= 0.5 * 10**-places * (1 + 1e-9)
        assert float(text) != 0 or value == 0
    assert numerals.amount(value, unit, audience).startswith(text)


@deterministic
@given(st.floats(-1e6, 1e6), st.integers(0, 3))
def test_plain_number_has_a_true_minus_and_no_minus_nought(value: float, places: int) -> None:
    text = numerals.plain(value, places)
    assert "-" not in text
    bare = text.removeprefix("under ").removeprefix("above ").replace("−", "-")
    assert float(bare) == pytest.approx(value, abs=0.5 * 10**-places * (1 + 1e-9))
    assert value == 0 or not re.fullmatch(r"−?0(\.0*)?", text)


def test_no_table_says_nought_for_a_risk_that_is_not() -> None:
    for c in all_answers():
        if c.outcome.kind != OutcomeKind.EVENT:
            continue
        levels = [x for x in (c.first_levels, c.second_levels) if x]
        smallest = min([x.low for x in levels], default=1.0)
        if c.absolute_risk:
            smallest = min(smallest, c.absolute_risk.first, c.absolute_risk.baseline)
        for audience, first, whole in product(Audience, (True, False), (100, 1000)):
            if not c.is_told_to(audience is Audience.PATIENT):
                continue
            texts = [f"{cell.big} {cell.small}" for cell in (wording.level_cell(c, first, audience, whole),)]
            arm = c.first_levels if first else c.second_levels
            if c.absolute_risk is None and (arm is None or arm.low == 0):
                continue
            if c.absolute_risk and (c.absolute_risk.first if first else c.absolute_risk.baseline) == 0:
                assert c.lead.study is not None  # what the one study counted: its interval, and among how many
                assert all(re.search(r"^0 to [1-9]\d* of 1.* none of \d+", text) for text in texts)
                continue
            for text in texts:
                assert not re.search(r"\b0 (?:of|to)\b", text), f"{about(c)}: “{text}” for {smallest}"


# ---- words -----------------------------------------------------------------------------------------------------------

NEVER = {
    "a risk as “x in y”": re.compile(r"\b\d+ in \d|\b(?:1|one) in (?:\d|two|three|four|five|ten|a )"),
    "a word instead of a number": re.compile(r"\b(?:rare|rarely|common|commonly|uncommon)\b", re.I),
    "a recommendation": re.compile(r"\brecommended\b|\bbest (?:option|choice)\b|\bindicated:", re.I),
}
NEVER_FOR_PATIENTS = {
    "statistics": re.compile(r"\bCI\b|I²|τ²|\bpooled\b|\bp[- ]value|\bRR\b|\brisk ratio\b|\bk = ", re.I),
    "decimals": re.compile(r"\d\.\d(?! times as (?:much|many|long|high)| to \d+\.\d times as| points of 10)"),
}
# Of these a whole number would erase what is felt or counted: 1.6 and 0.7 points of pain, 2.6 and 4.8 days.
FINE = (Unit.INDEX, Unit.POINTS_0_10, Unit.DAYS)


def told_to_patients(c: Comparison) -> bool:
    """The difference of a quantity, beside its ratio, stands on the Evidence page alone."""
    return c.question.measure is main_measure(c.outcome)


def nodes(tree: page_html.Node, *without: str) -> Iterator[page_html.Node]:
    """Every element of a page, without the rows of these outcomes."""
    for part in tree.content:
        if not isinstance(part, str) and part.attributes.get("data-outcome") not in without:
            yield part
            yield from nodes(part, *without)


def sentences(c: Comparison, audience: Audience) -> Iterator[str]:
    """Every sentence and cell a page makes of a comparison, without what the sources print themselves."""
    yield wording.headline(c, audience)
    yield wording.headline(c, audience, 1000)
    yield wording.direction_sentence(c)
    yield wording.basis(c, audience)
    yield wording.certainty_line(c.certainty, audience)
    yield wording.certainty_word(c.certainty, audience)
    yield wording.time_point_text(c, audience)
    yield wording.nothing_to_draw(c, audience)
    yield from wording.panel_lines(c, audience)
    for whole in (100, 1000):
        cells = [
            wording.difference_cell(c, audience, whole),
            *(wording.level_cell(c, f, audience, whole) for f in (True, False)),
        ]
        yield from (f"{cell.big} {cell.small}" for cell in cells)
    if audience is Audience.CLINICIAN:
        yield wording.range_text(c, audience)
        yield wording.other_designs_sentence(c, audience)
        yield wording.disagreement_sentence(c)
        yield wording.heterogeneity_sentence(c)
        yield wording.who_was_studied(c, DATA)


@cache
def every_sentence() -> frozenset[str]:
    """Every sentence and cell of every answer, for both audiences, each once."""
    return frozenset(t for c in all_answers() for audience in Audience for t in sentences(c, audience))


@cache
def every_page_text() -> frozenset[str]:
    """The texts of every page for both audiences, and those that the program holds, each once."""
    pages = (page_texts(*choice, audience) for choice in CHOICES for audience in Audience)
    return frozenset(chain(*pages, typed_texts()))


def page_texts(condition: Condition, procedure: Procedure, audience: Audience) -> Iterator[str]:
    """The text of the markup of both pages, without the studies' own titles."""
    of_the_source = {f"({row.condition})" for row in DATA.thresholds}  # its own words for its people
    table = side_by_side.side_by_side(DATA, condition, procedure)
    options = ((option, DATA.options[procedure, option][Aspect.WHAT_HAPPENS]) for option in Option)
    parts = [
        components.side_by_side_table(table, DATA, audience),
        components.without_surgery_panel(DATA, condition, audience),
        components.living_with_it(DATA, procedure, Aspect),
        components.option_cards(options),
    ]
    for part in parts:
        tree = page_html.read(part)
        for node in tree:
            # Text that stands in this element itself; a link is the name of a source.
            own = " ".join(p for p in node.content if isinstance(p, str))
            for theirs in of_the_source if "(" in own else ():
                own = own.replace(theirs, "")
            if node.tag != "a" and own.strip():
                yield own
            yield from (node.attributes.get(name, "") for name in ("title", "aria-label"))
    yield DATA.conditions[condition].what_it_is


def typed_texts() -> Iterator[str]:
    """Every string a page, its frame or the words hold."""
    for path in [
        *(ROOT / "pages").glob("*.py"),
        *(ROOT / "decision_aid" / "wording").glob("*.py"),
        *(ROOT / "decision_aid" / "components").glob("*.py"),
        *(ROOT / "decision_aid" / "app").glob("*.py"),
    ]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


@pytest.mark.parametrize("what", NEVER)
def test_no_sentence_breaks_a_rule_of_risk_communication(what: str) -> None:
    assert len(every_sentence()) > 1000
    assert not {t for t in every_sentence() if NEVER[what].search(t)}


@pytest.mark.parametrize("what", NEVER)
def test_no_page_breaks_a_rule_of_risk_communication(what: str) -> None:
    assert len(every_page_text()) > 1000
    assert not {t for t in every_page_text() if NEVER[what].search(t)}


@pytest.mark.parametrize("what", NEVER_FOR_PATIENTS)
def test_no_sentence_for_patients_needs_statistics(what: str) -> None:
    pattern = NEVER_FOR_PATIENTS[what]
    hits = set()
    for c in all_answers():
        if not told_to_patients(c) or (what == "decimals" and c.outcome.unit in FINE):
            continue
        hits |= {t for t in sentences(c, Audience.PATIENT) if pattern.search(t)}
    assert not hits


@pytest.mark.parametrize("what", NEVER_FOR_PATIENTS)
def test_no_page_for_patients_needs_statistics(what: str) -> None:
    """The page itself and the words of the source lists; the numbers in those lists are the studies' own."""
    pattern = NEVER_FOR_PATIENTS[what]
    hits = set()
    for choice in CHOICES:
        table = side_by_side.side_by_side(DATA, *choice)
        for part in (
            components.side_by_side_table(table, DATA, Audience.PATIENT),
            components.without_surgery_panel(DATA, choice[0], Audience.PATIENT),
            components.living_with_it(DATA, choice[1], Aspect),
        ):
            tree = page_html.read(part)
            fine = [str(r.outcome.outcome) for r in table.rows if r.outcome.unit in FINE] if what == "decimals" else []
            every = nodes(tree, *fine)
            hits |= {
                n.text for n in every if n.tag in ("th", "p", "h2", "h3", "b", "button") and pattern.search(n.text)
            }
            page = nodes(tree.without("popover").without("href"), *fine)  # a link is the name of a source
            hits |= {n.text for n in page if n.tag in ("td", "li") and pattern.search(n.text)}
    assert not hits


def test_patients_read_no_decimals_in_the_text_of_a_picture() -> None:
    hits = set()
    for c in all_answers():
        if c.shown_studies and c.outcome.unit not in FINE and told_to_patients(c):
            text = wording.chart_description(c, Audience.PATIENT)
            hits |= {text} if NEVER_FOR_PATIENTS["decimals"].search(text) else set()
    assert not hits


# ---- hostile text ----------------------------------------------------------------------------------------------------

HOSTILE = '<script>alert(1)</script><b onclick="x">\'&amp; \u202eover\u2066'
LINK = "https://example.org/?a=1&b=\"><script>alert(2)</script>'"
REORDERS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def hostile_comparison() -> Comparison:
    """A real comparison whose studies carry hostile words wherever a source may hold free text."""
    c = compare(DATA, ask(DATA, Procedure.FUSION, Outcome.BLOOD_LOSS))
    studies = tuple(
        replace(
            s,
            study=s.study.model_copy(
                update={"title": HOSTILE, "first_author": HOSTILE, "link": LINK, "caution": HOSTILE}
            ),
            label=HOSTILE,
            caution=HOSTILE,
            detail=HOSTILE,
        )
        for s in c.studies
    )
    return replace(c, studies=studies)


def assert_harmless(markup_text: str) -> None:
    tree = page_html.read(markup_text)
    assert {n.tag for n in tree} <= {
        "a", "b", "button", "caption", "div", "h2", "h3", "li", "p", "section", "span", "table", "tbody", "td", "th", "thead", "tr", "ul", "bdi",
    }  # fmt: skip
    for node in tree:
        assert not [name for name in node.attributes if name.startswith("on")], node
        if node.tag == "a":
            assert node.attributes["href"].startswith("http")
            assert node.attributes["rel"] == "noopener noreferrer"
    for raw in ("<script", 'onclick="', "'&amp; "):
        assert raw not in markup_text


def test_hostile_words_of_a_study_come_out_as_text() -> None:
    c = hostile_comparison()
    _, popover = components.comparison_sources(c, DATA, Audience.CLINICIAN)
    assert_harmless(popover)
    tree = page_html.read(popover)
    # An address with marks of another language in it cannot be followed; the name of the study stands as text.
    assert "example.org" not in {a.attributes["href"].split("/")[2] for a in tree.all("a")}
    assert any("<script>alert(1)</script>" in row.all("td")[0].text for row in tree.one("tbody").all("tr"))
    assert any("<script>alert(1)</script>" in td.text for td in tree.all("td") if not td.all("a")), "the reason"


def test_hostile_words_in_the_table_and_the_notes_come_out_as_text() -> None:
    table = side_by_side.side_by_side(DATA, Condition.SPINAL_STENOSIS, Procedure.FUSION)
    outcome = table.rows[0].outcome.model_copy(
        update=dict.fromkeys(
            ("clinician_label", "patient_label", "sentence_lower", "sentence_higher"), f"{HOSTILE} {{amount}}"
        )
    )
    row = replace(table.rows[0], outcome=outcome, approaches=replace(hostile_comparison(), outcome=outcome))
    for audience in Audience:
        assert_harmless(components.side_by_side_table(replace(table, rows=(row,)), DATA, audience))
    thresholds = [
        r.model_copy(
            update={"condition": HOSTILE, "meaning": HOSTILE, "citation": HOSTILE, "link": LINK, "unit": HOSTILE}
        )
        for r in DATA.thresholds[:2]
    ]
    for audience in Audience:
        assert_harmless(components.share_bars(thresholds, DATA, audience, 100))
    assert_harmless(components.panel_head(HOSTILE, [HOSTILE]))
    assert_harmless(components.problem_list([HOSTILE]))
    assert_harmless(components.source_button(HOSTILE, "target"))
    assert_harmless(components.option_cards([(Option.OPEN, HOSTILE)]))


def test_no_sign_that_reorders_text_reaches_the_page() -> None:
    c = hostile_comparison()
    told = components.comparison_sources(c, DATA, Audience.CLINICIAN)[1] + components.panel_head(HOSTILE)
    assert not REORDERS.search(told)


def test_hostile_words_in_a_picture_are_not_read_as_markup() -> None:
    """Plotly reads a small HTML of its own in hover texts and labels."""
    figure = outcome_charts.dumbbell(hostile_comparison(), Audience.CLINICIAN)
    texts = [t for trace in figure["data"] for t in trace.get("text", ())] + figure["layout"]["yaxis"]["ticktext"]
    assert texts
    for text in texts:
        assert "<script" not in text
        assert "<b onclick" not in text
