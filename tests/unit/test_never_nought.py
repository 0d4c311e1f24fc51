"""A value that is not 0 is never written as 0: on no audience, in no unit, in no picture, on no paper."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from functools import cache
from types import SimpleNamespace

import pytest
from builders import both_arms, evidence_of, study
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_aid import components, wording
from decision_aid.case_log.fields import Approach
from decision_aid.charts import forest, outcome_charts, own_results
from decision_aid.comparison import side_by_side
from decision_aid.comparison.absolute_values import AbsoluteValues
from decision_aid.comparison.comparison import Comparison, compare
from decision_aid.comparison.question import Contrast, DesignFilter, ask
from decision_aid.consultation.model import Consultation
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Outcome, OutcomeKind, Procedure, Unit
from decision_aid.evidence.loading import Evidence, load
from decision_aid.exports import handout, report
from decision_aid.wording import numerals, own_results_words, table_cells
from decision_aid.wording import summary_of_findings as summary

NOUGHT = re.compile(r"(?<![\d.,:#])0(?:\.0+)?(?![\d.,]*\d)(?!-100|-24|-10)")
UNITS = [u for u in Unit if u in numerals._DECIMALS]
SMALL = st.floats(0, 1, exclude_min=True, exclude_max=True)
NEAR = SMALL | SMALL.map(lambda v: -v)
often = settings(max_examples=400, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("text", "nought"),
    [
        ("0 ml", True), ("0.0 %", True), ("−0", True), ("0 to 1 minutes", True), ("1 to 0", True), ("0.00", True),
        ("0 %).", True), ("0.", True), ("10 ml", False), ("0.4", False), ("under 0.1", False), ("1,000", False),
        ("100.0 %", False), ("0.05", False), ("2.0", False),
    ],
)  # fmt: skip
def test_the_search_for_a_nought_finds_one(text: str, nought: bool) -> None:
    assert bool(NOUGHT.search(text)) == nought


# ---- the one place where values become text --------------------------------------------------------------------------


@often
@given(NEAR, st.floats(-1e4, 1e4), st.sampled_from(UNITS), st.sampled_from(Audience))
def test_no_unit_on_no_audience_writes_nought(value: float, other: float, unit: Unit, audience: Audience) -> None:
    low, high = sorted((value, other))
    texts = [
        numerals.number(value, unit, audience),
        numerals.size(value, unit, audience),
        numerals.amount(value, unit, audience),
        numerals.amount_on_scale(value, unit, audience)
        .removesuffix(" of 100")
        .removesuffix(" of 24")
        .removesuffix(" of 10"),
        numerals.span(value, value, unit, audience),
    ]
    if other:
        texts.append(numerals.span(low, high, unit, audience))
    for text in texts:
        assert not NOUGHT.search(text), (value, other, text)


@often
@given(NEAR, st.integers(0, 3))
def test_a_plain_number_is_never_nought_and_keeps_its_sign(value: float, places: int) -> None:
    text = numerals.plain(value, places)
    assert not NOUGHT.search(text)
    assert ("−" in text) == (value < 0)


@often
@given(SMALL, st.sampled_from((100, 1000)))
def test_a_risk_is_never_nought_nor_everyone(risk: float, people: int) -> None:
    for text in (numerals.out_of(risk, people), numerals.complement(risk, people), numerals.percent(risk)):
        assert not NOUGHT.search(text), text
    assert not numerals.out_of(risk, people).startswith(f"{people:,} ")
    assert not numerals.percent(risk).startswith("100.0")
    assert not NOUGHT.search(numerals.span_of_risks(risk, 1, people))
    assert not NOUGHT.search(numerals.ratio(risk))
    assert not NOUGHT.search(numerals.whole_percent(risk))


@often
@given(st.floats(0.05, 500))
def test_a_time_is_never_nought(months: float) -> None:
    assert not NOUGHT.search(numerals.months(months))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (numerals.number(0.4, Unit.MIN, Audience.PATIENT), "under 1"),
        (numerals.number(0.4, Unit.DAYS, Audience.PATIENT), "0.4"),
        (numerals.number(0.04, Unit.DAYS, Audience.PATIENT), "under 0.1"),
        (numerals.number(0.04, Unit.POINTS_0_10, Audience.PATIENT), "under 0.1"),
        (numerals.number(0.4, Unit.DAYS, Audience.CLINICIAN), "0.4"),
        (numerals.number(0.4, Unit.ML, Audience.CLINICIAN), "0.4"),
        (numerals.number(0.04, Unit.DAYS, Audience.CLINICIAN), "0.04"),
        (numerals.span(0.4, 1.2, Unit.MIN, Audience.PATIENT), "under 1 to 1 minutes"),
        (numerals.span(0.2, 0.4, Unit.MIN, Audience.PATIENT), "under 1 minute"),
        (numerals.plain(-0.3, 0), "−0.3"),
        (numerals.plain(-1e-12, 1), "above −0.000001"),
        (numerals.percent(0.0004), "under 0.1 %"),
        (numerals.percent(0.9996), "over 99.9 %"),
        (numerals.percent(0), "0.0 %"),
        (numerals.percent(1), "100.0 %"),
        (numerals.whole_percent(0.3), "under 1 %"),
        (numerals.whole_percent(0), "0 %"),
        (numerals.ratio(0.00001), "under 0.0001"),
    ],
)
def test_how_small_values_read(told: str, expected: str) -> None:
    assert told == expected


@often
@given(SMALL, SMALL, st.sampled_from((100, 1000)))
def test_people_more_or_fewer_are_never_nought(baseline: float, first: float, people: int) -> None:
    if baseline == first:
        return
    c = _events()
    risk = AbsoluteValues(baseline, baseline, baseline, first, first * 0.999, min(1.0, first * 1.001))
    for audience in Audience:
        told = table_cells._event_difference(_with(c, risk), audience, people)
        limits = (risk.first_low, risk.first_high)
        if baseline not in limits:
            assert not NOUGHT.search(" ".join(told)), told


def _with(c: Comparison, risk: AbsoluteValues) -> Comparison:
    from dataclasses import replace

    return replace(c, absolute=risk)


@cache
def _events() -> Comparison:
    data = load()
    found = (compare(data, ask(data, p, o)) for p in Procedure for o in (Outcome.COMPLICATION_ANY, Outcome.REOPERATION))
    return next(c for c in found if c.absolute_risk)


# ---- every audience of a dataset whose values all lie between 0 and 1 ----------------------------------------------------

OUTCOMES = (
    Outcome.BLOOD_LOSS, Outcome.LENGTH_OF_STAY, Outcome.OPERATIVE_TIME, Outcome.FLUOROSCOPY_TIME, Outcome.OPIOID_USE,
    Outcome.TIME_TO_AMBULATION, Outcome.RETURN_TO_WORK, Outcome("incision_length"), Outcome("drainage"),
)  # fmt: skip


AMOUNTS = (Unit.ML, Unit.MIN, Unit.DAYS, Unit.CM, Unit.MG_MORPHINE)  # of a score 0 is also the end of its scale


@pytest.fixture(scope="module")
def tiny() -> Evidence:
    """Four trials with every value and difference between 0 and 1, and far enough apart that I² is not 0."""
    studies = [study(f"tiny-{'abcd'[i]}", year=2015 + i) for i in range(4)]
    arms = [
        row
        for outcome in OUTCOMES
        for i, (mis, opened) in enumerate(((0.11, 0.42), (0.03, 0.48), (0.012, 0.03), (0.3, 0.34)))
        for row in both_arms(
            f"tiny-{'abcd'[i]}", {"n": 31, "mean": mis, "sd": 0.02}, {"n": 29, "mean": opened, "sd": 0.03}, str(outcome),
        )
    ]  # fmt: skip
    return evidence_of(studies, arms)


def strings(part: object) -> Iterator[str]:
    """Every text of a picture that a reader sees: ticks, hover and names; not its colours and settings."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name in ("text", "ticktext", "title", "name"):
                yield from ([value] if isinstance(value, str) else strings(value))
                if isinstance(value, list):
                    yield from (v for v in value if isinstance(v, str))
            elif isinstance(value, dict | list):
                yield from strings(value)
    elif isinstance(part, list):
        for value in part:
            yield from strings(value)


def texts_of(c: Comparison, data: Evidence) -> Iterator[str]:
    for audience in Audience:
        yield wording.headline(c, audience)
        yield from wording.panel_lines(c, audience)
        yield wording.chart_description(c, audience)
        yield wording.time_point_text(c, audience)
        yield from strings(outcome_charts.dumbbell(c, audience))
        yield components.comparison_sources(c, data, audience)[1]
        for first in (True, False):
            cell = wording.level_cell(c, first, audience, 100)
            yield f"{cell.big} {cell.small}"
        cell = wording.difference_cell(c, audience, 100)
        yield f"{cell.big} {cell.small}"
    yield wording.forest_description(c)
    yield from strings(forest.figure(c))
    yield components.evidence_table(c, data)
    yield wording.heterogeneity_sentence(c)
    yield report.comparison_as_text(c, data)


def seen(text: str) -> str:
    """The text a reader sees of a piece of markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("design", DesignFilter)
def test_every_audience_of_tiny_values(tiny: Evidence, outcome: Outcome, design: DesignFilter) -> None:
    c = compare(tiny, ask(tiny, Procedure.DISCECTOMY, outcome, design=design))
    assert c.pooled is not None
    assert c.absolute is not None
    assert 0 < c.absolute.first < c.absolute.baseline < 1
    assert c.pooled.i2 > 50
    for text in texts_of(c, tiny):
        found = NOUGHT.search(seen(text))
        assert not found, seen(text)[max(0, found.start() - 60) : found.end() + 30] if found else ""


def test_the_table_the_sheet_and_the_summary_of_tiny_values(tiny: Evidence) -> None:
    condition, procedure = Condition.DISC_HERNIATION, Procedure.DISCECTOMY
    table = side_by_side.rows_for(tiny, condition, procedure, OUTCOMES)
    assert len(table.rows) == len(OUTCOMES)
    for audience in Audience:
        assert not NOUGHT.search(seen(components.side_by_side_table(table, tiny, audience)))
    assert not NOUGHT.search(" ".join(str(cell) for line in summary.findings(table) for cell in vars_of(line)))
    sheet = handout.build(tiny, Consultation(condition, procedure))
    rows = [r for r in sheet.rows if r.difference.big not in ("Not known here",)]
    assert rows
    for row in rows:
        told = " ".join(f"{cell.big} {cell.small}" for cell in (row.without, row.open, row.mis, row.difference))
        assert not NOUGHT.search(told), told
    over = side_by_side.over_time(
        tiny, condition, procedure, Outcome.ODI, side_by_side.Filters(), Contrast.MIS_VERSUS_OPEN
    )
    json.dumps(outcome_charts.over_time(over, over, tiny.outcomes[Outcome.ODI], Audience.PATIENT))


def vars_of(line: summary.Finding) -> Iterator[str]:
    for name in ("people_and_studies", "with_open", "with_mis", "difference", "in_words"):
        yield getattr(line, name)


def test_a_study_of_little_weight_does_not_weigh_nought() -> None:
    data = load()
    light = [
        (s, c)
        for p in Procedure
        for o in Outcome
        for c in [compare(data, ask(data, p, o, design=DesignFilter.ALL, include_cautions=True))]
        for s in c.pooled_studies
        if s.weight is not None and 0 < s.weight < 0.5
    ]
    for s, _ in light:
        assert wording.study_status(s) == "in the pool, weight under 1 %"
    assert numerals.whole_percent(math.nextafter(0, 1)) == "under 1 %"


# ---- the clinic's own results ----------------------------------------------------------------------------------------


def test_own_results_of_tiny_values() -> None:
    day = SimpleNamespace(median=0.04, q1=0.02, q3=0.3, n=12)
    year = SimpleNamespace(year=2024, distribution=lambda _: day)
    group = SimpleNamespace(approach=Approach.OPEN, years=[year], cases=3, cases_per_year=0.4)
    assert "0.04 (0.02 to 0.3) days" in own_results_words.trend_description([group], "length_of_stay_days", "days")
    (drawn,) = own_results.trend_figure([group], "length_of_stay_days", "days")["data"]
    assert drawn["text"] == ["0.04"]
    assert "%{text}" in drawn["hovertemplate"]
    assert own_results_words.cases_a_year(group, Audience.CLINICIAN) == "under 1 a year, 3 in all"
    curve = SimpleNamespace(
        approach=Approach.MIS, risk=None, time=SimpleNamespace(rolling_median=Values([0.4, 0.2]), n=40)
    )
    told = own_results_words.time_sentence(curve)
    assert "from 0.4 to 0.2 minutes" in told


class Values:
    """A series as the learning curve holds it."""

    def __init__(self, values: list[float]) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)


# A number that the browser writes keeps its significant digits: a fixed number of decimals would write 0.04 as 0.0.
FIXED = re.compile(r"%\{[xyz](?:[^}]*)?:[^}]*\.\d+f\}")


@pytest.mark.parametrize("procedure", Procedure)
def test_no_picture_lets_the_browser_round_to_nought(procedure: Procedure) -> None:
    data = load()
    assert FIXED.search("%{y:.1f}")
    for outcome in Outcome:
        c = compare(data, ask(data, procedure, outcome))
        for figure in (outcome_charts.dumbbell(c, Audience.PATIENT), *([forest.figure(c)] if forest.lines(c) else [])):
            assert not FIXED.search(json.dumps(figure, default=str))
    line = own_results._by_case(SimpleNamespace(case_numbers=[1], values=[0.04]), "#000", "minutes", "minutes")
    assert not FIXED.search(json.dumps(line))


def test_the_kinds_of_outcome_are_all_looked_at() -> None:
    data = load()
    measured = {o for o, row in data.outcomes.items() if row.kind == OutcomeKind.CONTINUOUS and row.unit in AMOUNTS}
    assert measured <= {*OUTCOMES}
