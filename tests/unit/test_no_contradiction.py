"""No sentence on one screen contradicts another: every condition, procedure, outcome and audience, own rates or none."""

from __future__ import annotations

import re
from functools import cache
from itertools import product

import page_html
import pytest
from patient_words import plainly
from reading import numbers

from decision_aid import components, wording
from decision_aid.charts import risks
from decision_aid.comparison import against_none, side_by_side
from decision_aid.comparison.comparison import State
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.own_rates import OwnRate, OwnRates
from decision_aid.comparison.side_by_side import OutcomeAnswer, SideBySide
from decision_aid.consultation.model import Consultation
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Option, Outcome, OutcomeKind, Procedure, Unit
from decision_aid.evidence.loading import load
from decision_aid.exports import handout
from decision_aid.meta_analysis.effects import Measure
from decision_aid.wording import Cell, summary_of_findings

DATA = load()  # read-only; tests are listed by what it holds
EACH = [(c, p) for c, row in DATA.conditions.items() for p in row.procedures]
# What a clinic counted: open and minimally invasive. None: nothing of that approach.
OWN: dict[str, tuple[OwnRate | None, OwnRate | None]] = {
    "published": (None, None),
    "open": (OwnRate(12, 40), None),
    "open, no event": (OwnRate(0, 43), None),
    "both": (OwnRate(60, 200), OwnRate(39, 150)),
    "both, no event": (OwnRate(0, 43), OwnRate(0, 60)),
}
OUT_OF = re.compile(r"\bof (100|1,000)\b")


def own(name: str) -> tuple[OwnRates, ...]:
    opened, minimal = OWN[name]
    return tuple(OwnRates(harm, opened, minimal) for harm in side_by_side.HARMS) if opened else ()


@cache
def screen(condition: Condition, procedure: Procedure, rates: str) -> SideBySide:
    """Every outcome of a procedure, as Compare, Risks and What matters ask for them."""
    return side_by_side.rows_for(DATA, condition, procedure, tuple(Outcome), own(rates))


def cells(row: OutcomeAnswer, audience: Audience, denominator: int) -> dict[str, Cell]:
    return {
        "without": wording.without_surgery_cell(row, audience, denominator),
        "open": wording.level_cell(row.approaches, False, audience, denominator),
        "mis": wording.level_cell(row.approaches, True, audience, denominator),
        "difference": wording.difference_cell(row.approaches, audience, denominator),
    }


def told(row: OutcomeAnswer, audience: Audience, denominator: int) -> dict[str, str]:
    """What is said of one row wherever it stands, by the place that says it."""
    c = row.approaches
    said = {name: f"{cell.big} {cell.small}".strip() for name, cell in cells(row, audience, denominator).items()}
    if (
        c.own is None or c.own.mis is None
    ):  # where both rates are the clinic's own the published ones are headed as such
        said["headline"] = wording.headline(c, audience, denominator)
        said["direction"] = wording.direction_sentence(c)
        said["picture"] = wording.chart_description(c, audience, denominator)
        said["small print"] = " ".join(wording.panel_lines(c, audience))
    said["basis"] = wording.basis(c, audience)
    said["certainty"] = wording.certainty_line(c.certainty, audience)
    said["time"] = wording.time_point_text(c, audience)
    return said


def every_row() -> list[tuple[str, OutcomeAnswer, SideBySide, Audience]]:
    return [
        (f"{condition} {procedure} {row.outcome.outcome} {audience} {rates}", row, table, audience)
        for (condition, procedure), rates, audience in product(EACH, OWN, Audience)
        for table in [screen(condition, procedure, rates)]
        for row in table.rows
    ]


ROWS = every_row()


def test_there_is_something_to_look_at() -> None:
    seen = {(row.approaches.state, row.approaches.lead.rung) for _, row, _, _ in ROWS}
    assert {state for state, _ in seen} == set(State)
    assert {rung for _, rung in seen} >= set(Rung) - {Rung.PARTS_OF_ONE_STUDY}
    assert any(row.without and row.without.lead.rung is Rung.PARTS_OF_ONE_STUDY for _, row, _, _ in ROWS)


# ---- what is said of one cell ----------------------------------------------------------------------------------------


def test_no_clear_difference_never_stands_beside_studies_that_all_point_one_way() -> None:
    for name, row, table, audience in ROWS:
        said = told(row, audience, table.denominator)
        without = said.pop("without")
        everything = " ".join(said.values())
        one_way = [(m, n) for m, n in re.findall(r"\b[Ii]n (\d+) of (\d+) studies\b", everything) if m == n]
        assert not (one_way and re.search("no clear difference", everything, re.I)), (name, said)
        # Both are about the row's own difference: without surgery there is one of its own.
        assert not re.search(r"\d+ of \d+ studies", without), (name, without)


def test_no_clear_difference_is_said_of_a_range_that_holds_both_and_of_no_other() -> None:
    for name, row, table, audience in ROWS:
        c = row.approaches
        cell = cells(row, audience, table.denominator)["difference"]
        if c.own is not None or not c.is_told_to(audience is Audience.PATIENT):
            continue
        assert c.lead.effect is not None
        both = c.lead.effect.ci_low <= 0 <= c.lead.effect.ci_high
        assert both == (cell.big == "No clear difference" or c.state is State.SAME_DIRECTION), (name, cell)
        if both:
            assert re.search(r"(less|the same number).* (more|times as much|less)", plainly(cell.small)), (
                name,
                cell,
            )


def test_one_number_of_studies_is_told_of_one_cell() -> None:
    """On its button, under it, in its sentence, and in the summary of findings."""
    counted = re.compile(r"\b(\d[\d,]*|one) (?:randomised )?(?:stud(?:y|ies)|trials?)\b(?! name)")
    for (condition, procedure), audience in product(EACH, Audience):
        table = screen(condition, procedure, "published")
        tree = page_html.read(components.side_by_side_table(table, DATA, audience)).without("popover")
        shown = {tr.attributes["data-outcome"]: tr for tr in tree.all("tr") if "data-outcome" in tr.attributes}
        summary = summary_of_findings.findings(table)
        for row, line in zip(table.rows, summary, strict=True):
            c = row.approaches
            if c.lead.rung in (Rung.NONE, Rung.PARTS_OF_ONE_STUDY):
                continue
            if row.outcome.outcome not in shown:  # named in the line of what is not known
                assert not row.tells(audience is Audience.PATIENT)
                continue
            said = told(row, audience, table.denominator)
            # What was set against no surgery has a button of its own.
            how = shown[row.outcome.outcome].one("span", "how")
            (button,) = [b.text for b in how.all("button", "source")] or [""]
            places = [
                button,
                said["basis"],
                said["difference"],
                said["headline"],
                said["time"],
                line.people_and_studies,
            ]
            found = {n.replace("one", "1").replace(",", "") for text in places for n in counted.findall(text)}
            assert found <= {str(c.lead.k)}, (condition, procedure, row.outcome.outcome, audience, places)
            assert button, "a number without its sources"
            if c.state is State.SAME_DIRECTION:
                assert c.direction.total == c.lead.k, "“less in 9 of 9 studies” over “8 studies pooled”"


def test_nobody_is_told_of_a_pool_that_is_too_small_or_of_what_was_not_measured() -> None:
    for name, row, table, audience in ROWS:
        everything = " ".join(told(row, audience, table.denominator).values())
        assert not re.search(r"too few to pool|not measured|counted alone|pooled alone\b", everything, re.I), (
            name,
            everything,
        )


def test_a_certainty_never_praises_what_it_doubts() -> None:
    """“Fairly sure: there is one study only” cannot stand: a reason under a high word says what holds it back."""
    seen = 0
    for name, row, _, _ in ROWS:
        certainty = row.approaches.certainty
        line = wording.certainty_line(certainty, Audience.PATIENT)
        if line.startswith(("Fairly sure", "Quite sure")) and not line.endswith("sure."):
            assert re.match(r"(Fairly|Quite) sure\. Not more, because ", line), (name, line)
            seen += 1
        assert not re.search(r"\b(good|strong|large|many) (?:studies|trials)\b|by chance and chosen", line), (
            name,
            line,
        )
    assert seen


# ---- numbers that fit ------------------------------------------------------------------------------------------------


def scores() -> list[tuple[str, OutcomeAnswer, SideBySide, Audience]]:
    return [r for r in ROWS if r[1].outcome.kind == OutcomeKind.CONTINUOUS and r[0].endswith("published")]


def number(text: str) -> float | None:
    """The first number of a text; None where there is none, or a bound in its place."""
    found = numbers(text)
    return float(found[0].replace("−", "-")) if found and not text.lower().startswith("under") else None


def test_two_scores_differ_by_the_difference_that_is_told() -> None:
    seen = 0
    for name, row, table, audience in scores():
        c = row.approaches
        if c.measure is not Measure.MEAN_DIFFERENCE or not c.is_told_to(audience is Audience.PATIENT):
            continue
        found = cells(row, audience, table.denominator)
        opened, minimal = number(found["open"].big), number(found["mis"].big)
        difference = found["difference"]
        size = difference.small if difference.big == "No clear difference" else difference.big
        told_size = number(size)
        if opened is None or minimal is None or told_size is None:
            continue
        sign = -1 if re.match(r"[\d.]+ [a-z ]*less", plainly(size)) else 1
        assert minimal - opened == pytest.approx(sign * told_size, abs=1e-9), (name, found)
        seen += 1
    assert seen > 20


def test_a_percentage_fits_the_two_values_beside_it() -> None:
    """As far as values that are rounded can tell: each may lie half of its last digit away."""
    seen = 0
    for name, row, table, audience in scores():
        c = row.approaches
        if c.measure is not Measure.RATIO_OF_MEANS or not c.is_told_to(audience is Audience.PATIENT):
            continue
        found = cells(row, audience, table.denominator)
        opened, minimal = number(found["open"].big), number(found["mis"].big)
        if opened is None or minimal is None:
            continue
        text = plainly(f"{found['difference'].big} {found['difference'].small}")
        percent = re.search(r"(\d+) % (less|more);", text.replace(" about", "; about", 1)) or re.search(
            r"(\d+) % (less|more)", text
        )
        times = re.search(r"([\d.]+) times as much", text)
        assert percent or times or "under 1 %" in text, (name, text)
        half_open, half_mis = (0.5 * 10 ** -len(numbers(found[o].big)[0].partition(".")[2]) for o in ("open", "mis"))
        least = max(minimal - half_mis, 0) / (opened + half_open)
        most = (minimal + half_mis) / max(opened - half_open, 1e-9)
        if percent and (not times or percent.start() < times.start()):
            ratio, half = 1 + (-1 if percent[2] == "less" else 1) * int(percent[1]) / 100, 0.005
        elif times:
            ratio, half = float(times[1]), 0.05
        else:
            ratio, half = 1.0, 0.005
        assert least - half <= ratio <= most + half, (name, text, found)
        assert f"about {numbers(found['mis'].big)[0]} instead of {found['open'].big}" in text, (name, text)
        seen += 1
    assert seen > 40


def test_people_and_their_difference_add_up() -> None:
    seen = 0
    for name, row, table, audience in ROWS:
        c = row.approaches
        if row.outcome.kind != OutcomeKind.EVENT or c.absolute_risk is None:
            continue
        found = cells(row, audience, table.denominator)
        both = [re.match(r"([\d,]+) of (?:100|1,000)$", found[o].big) for o in ("open", "mis")]
        text = found["difference"].big + "; " + found["difference"].small
        apart = re.search(r"([\d,]+) (fewer|more) of (?:100|1,000)", text)
        if both[0] is None or both[1] is None:
            continue
        opened, minimal = (int(m[1].replace(",", "")) for m in both if m)
        if opened == minimal:
            assert apart is None, (name, found)
            assert re.search("the same number", text), (name, found)
        else:
            assert apart is not None, (name, found)
            assert int(apart[1].replace(",", "")) == abs(opened - minimal), (name, found)
            assert apart[2] == ("fewer" if minimal < opened else "more"), (name, found)
        seen += 1
    assert seen > 100


def test_nothing_is_fewer_than_its_equal() -> None:
    for name, row, table, audience in ROWS:
        if row.outcome.kind == OutcomeKind.EVENT and row.approaches.absolute_risk:
            a = row.approaches.absolute_risk
            if a.first == a.baseline:
                cell = cells(row, audience, table.denominator)["difference"]
                assert not re.match(r"(?:No clear difference )?[\d,]+ (fewer|more) of", f"{cell.big} {cell.small}"), (
                    name,
                    cell,
                )
        without = row.without
        if row.outcome.kind == OutcomeKind.EVENT and without is not None and without.absolute_risk is not None:
            line = wording.headline(without, audience, table.denominator)
            assert not re.search(r"\b(fewer|more)\b(?! than)", line.partition(":")[0]), (name, line)


def test_no_difference_hides_behind_under_1() -> None:
    """“under 1 more (1 less to 1 more)” and “1 minute more (1 more)” tell nobody anything."""
    for name, row, table, audience in ROWS:
        for place, text in told(row, audience, table.denominator).items():
            assert not re.search(r"under 1 (?:more|less) \(1 less to 1 more\)", text), (name, place, text)
            assert not re.search(r"\b1 (?:minute|day|point|ml) (more|less)[;,]? \(?(?:range )?1 \1\b", text), (
                name,
                place,
                text,
            )


def test_every_difference_on_a_scale_says_whether_it_can_be_noticed() -> None:
    seen = 0
    for name, row, table, audience in ROWS:
        for c, cell in (
            (row.approaches, wording.difference_cell(row.approaches, audience, table.denominator)),
            (row.without, wording.without_surgery_cell(row, audience, table.denominator)),
        ):
            if c is None or row.outcome.noticeable_change is None or c.measure is not Measure.MEAN_DIFFERENCE:
                continue
            if not c.is_told_to(audience is Audience.PATIENT) or c.lead.effect is None:
                continue
            large = abs(c.lead.effect.estimate) >= row.outcome.noticeable_change
            expected = "large enough to notice" if large else "too small to notice"
            text = f"{cell.small} {cell.more}"  # against no surgery it is a sentence of its own
            assert expected in text, (name, cell)
            assert ("too small" in text) != large, (name, cell)
            seen += 1
    assert seen > 50


def test_pain_keeps_its_decimal_for_patients() -> None:
    """Leg pain of 1.6 and 0.7 is not “2 points and 1 point”."""
    seen = 0
    for name, row, table, _ in ROWS:
        if row.outcome.unit is not Unit.POINTS_0_10:
            continue
        for cell in cells(row, Audience.PATIENT, table.denominator).values():
            for value in re.findall(r"(?<![\d.])(\d+(?:\.\d+)?)(?= points?\b)", f"{cell.big} {cell.small}"):
                assert re.fullmatch(r"\d+\.\d", value), (name, cell)
                seen += 1
    assert seen > 10


# ---- one denominator -------------------------------------------------------------------------------------------------


def screens_of_harms(
    condition: Condition, procedure: Procedure, rates: str
) -> tuple[SideBySide, SideBySide, handout.Handout]:
    """The table of Compare, the rows of Risks and the sheet to take home, on the same own rates."""
    counted = own(rates)
    return (
        side_by_side.side_by_side(DATA, condition, procedure, own=counted),
        risks.table(DATA, condition, procedure, counted),
        handout.build(DATA, Consultation(condition, procedure), rates=counted),
    )


@pytest.mark.parametrize("rates", OWN)
@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_one_harm_is_counted_out_of_one_number_of_people_on_every_screen(
    condition: Condition, procedure: Procedure, rates: str
) -> None:
    """Compare, its popovers, the boxes of Risks, and the handout."""
    table, on_risks, sheet = screens_of_harms(condition, procedure, rates)
    d = table.denominator
    assert on_risks.denominator == d
    assert sheet.denominator == d
    for audience in Audience:
        texts = [page_html.read(components.side_by_side_table(table, DATA, audience)).without("popover").text]
        for row in (*table.rows, *on_risks.rows):
            if row.outcome.kind != OutcomeKind.EVENT:
                continue
            for c in filter(None, (row.approaches, row.without)):
                popover = page_html.read(components.comparison_sources(c, DATA, audience, "", d)[1])
                texts.append(popover.all("p")[0].text)
            texts += [f"{b.big} {b.small}" for b in risks.three_options(row, on_risks, audience).boxes]
        for text in texts:
            assert {n.replace(",", "") for n in OUT_OF.findall(text)} <= {str(d)}, text
    printed = [f"{c.big} {c.small}" for r in sheet.rows for c in (r.without, r.open, r.mis, r.difference)]
    printed += [r.without.more for r in sheet.rows]
    for text in printed:
        assert {n.replace(",", "") for n in OUT_OF.findall(text)} <= {str(d)}, text


@pytest.mark.parametrize("rates", OWN)
@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_the_numbers_of_a_harm_are_the_same_in_the_table_the_boxes_and_on_the_sheet(
    condition: Condition, procedure: Procedure, rates: str
) -> None:
    table, on_risks, sheet = screens_of_harms(condition, procedure, rates)
    rows = {r.outcome.outcome: r for r in table.rows if r.outcome.kind == OutcomeKind.EVENT}
    labels = {wording.outcome_label(r.outcome, Audience.PATIENT): o for o, r in rows.items()}
    for row in (r for r in on_risks.rows if r.outcome.outcome in rows):
        boxes = risks.three_options(row, on_risks, Audience.PATIENT).boxes
        found = cells(rows[row.outcome.outcome], Audience.PATIENT, table.denominator)
        assert [b.big for b in boxes] == [found[o].big for o in ("without", "open", "mis")]
        assert [b.option for b in boxes] == list(Option)
    for printed in sheet.rows:
        if printed.label in labels:
            found = cells(rows[labels[printed.label]], Audience.PATIENT, table.denominator)
            for place in ("without", "open", "mis", "difference"):
                assert getattr(printed, place).big == found[place].big


def test_what_surgery_changes_fits_the_value_without_it() -> None:
    """Open value, value without surgery and the change between them: as told, the three add up."""
    seen = 0
    for name, row, table, audience in scores():
        c = row.without
        found = cells(row, audience, table.denominator)
        if c is None or c.measure is not Measure.MEAN_DIFFERENCE or not against_none.is_planned_operation(c):
            continue  # of another operation the value without it is that study's own
        change = re.search(r"(under )?([\d.]+) ?[a-z]* (less|more) with surgery", plainly(found["without"].more))
        opened, without = number(found["open"].big), number(found["without"].big)
        if not change or change[1] or opened is None or without is None or " with surgery" in found["without"].big:
            continue
        size = float(change[2]) * (-1 if change[3] == "less" else 1)
        at_the_end = without in (row.outcome.scale_min, row.outcome.scale_max)
        assert at_the_end or opened - without == pytest.approx(size, abs=1e-9), (name, found)
        seen += 1
    assert seen
