"""What is said of harms: how many people, what the difference means, what stays uncertain."""

from __future__ import annotations

import re

from decision_aid.comparison.absolute_values import Basis
from decision_aid.comparison.comparison import Comparison, State
from decision_aid.comparison.shown_risks import single_study
from decision_aid.comparison.side_by_side import OutcomeAnswer
from decision_aid.domain.audience import Audience
from decision_aid.domain.palette import OPTIONS
from decision_aid.domain.vocabulary import Horizon, Option, Outcome, Unit
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import ThresholdRow
from decision_aid.wording import numerals, own_words
from decision_aid.wording.cell import Cell
from decision_aid.wording.labels import window_label
from decision_aid.wording.one_study import study_values
from decision_aid.wording.phrases import studies, verb

OWN_COUNTS = "This clinic's own counts"
OWN_COUNTS_HINT = (
    "From 20 cases on, the clinic's rate stands in the place of the published one: on Compare, on Risks, in the handout and in "
    "the note. Fewer stand beside it."
)
OWN_COUNT_FIELDS = {"events": "had it", "cases": "cases in all"}
_SCALES = (Unit.POINTS_0_10, Unit.POINTS_0_24, Unit.POINTS_0_100)


def risk_question(row: OutcomeAnswer, audience: Audience) -> str:
    """What the pictures of a harm answer: “How many people had a complication in the first 3 months?”"""
    happened = verb(row.outcome)
    if row.outcome.outcome == Outcome.REOPERATION:
        happened = "had an operation after all, or another one,"
    when = "" if row.outcome.horizon == Horizon.PERIOPERATIVE else f" {window_label(row.window, Audience.PATIENT)}"
    return f"How many people {happened}{when}?"


def more_events_than_cases(events: int, cases: int) -> str:
    return f"{events:,} had it, of {cases:,} cases in all: one of the two is mistyped. These counts are not used."


def learning_line(row: ThresholdRow) -> str:
    """A published number on the learning curve or on how often a surgeon does it: “44 cases: …”."""
    unit = row.unit.replace("_", " ")
    number = f"{row.value:g} {unit}" if row.measure == "learning_curve" else f"{unit} {row.value:g}"
    return f"{number}: {row.meaning} ({row.condition})"


def share_line(row: ThresholdRow, audience: Audience, evidence: Evidence, denominator: int) -> tuple[str, str]:
    """A published share or time without surgery: the number, and what it says in whom."""
    if row.unit == "percent":
        number = numerals.out_of(row.value / 100, denominator)
    elif row.unit in _SCALES:
        number = numerals.amount_on_scale(row.value, Unit(row.unit), audience)
    else:
        number = f"{row.value:g} {row.unit}"
    if audience is Audience.CLINICIAN:
        return number, f"{row.meaning} ({row.condition})"
    told = _of_people(evidence.course_texts.get(row.threshold_id, ""), denominator)
    if row.measure != "crossover_to_surgery":
        return number, told or f"{row.meaning} ({row.condition})"
    when = f" within {numerals.months(row.months)}" if row.months is not None else ""
    did = told.removesuffix(".") or f"had surgery after all{when}"
    return number, f"{did}; {numerals.complement(row.value / 100, denominator)} did not"


def _of_people(text: str, denominator: int) -> str:
    """A patient text of natural_course.csv with the shares in its braces as counts: “{69}” is 69 of 100."""
    return re.sub(r"{([\d.]+)}", lambda share: numerals.out_of(float(share[1]) / 100, denominator), text)


def absolute_risk_arithmetic(c: Comparison, denominator: int) -> str:
    """The sum behind an absolute risk, for a reader who wants to check it."""
    if c.own:
        return own_words.arithmetic(c, denominator)
    risk = c.absolute_risk
    if risk is None:
        return ""
    study = single_study(c)
    if study and study.first and study.second and risk.baseline == study.second.risk:
        first, second = (study_values(study, c.outcome, side) for side in (True, False))
        return f"Counted in the one study: {second} with open and {first} with minimally invasive surgery."
    where = {
        Basis.REGISTRIES: "from registries of 1,000 and more people",
        Basis.ARMS: f"from the open arms of {studies(risk.studies)}",
    }.get(risk.basis, "")
    most = f", mostly {risk.heaviest}" if risk.heaviest else ""
    return (
        f"Risk with open surgery ({where}{most}) × risk ratio = risk with minimally invasive surgery: "
        f"{numerals.percent(risk.baseline)} × {numerals.ratio(risk.first / risk.baseline)} = {numerals.percent(risk.first)}."
    )


def icons_alt(option: Option, told: str, filled: int, denominator: int) -> str:
    """The words of an icon array for those who do not see it: the option, the sentence it draws, and what is drawn."""
    return (
        f"{OPTIONS[option].label}: {told} Picture of {denominator:,} {OPTIONS[option].css_shape}s, {filled:,} filled."
    )


def bar_alt(option: Option, told: str) -> str:
    """The words of a bar: the option and the number that it draws."""
    return f"{OPTIONS[option].label}: {told} Drawn as a bar."


def no_icons_alt(option: Option, told: str) -> str:
    return f"{OPTIONS[option].label}: {told} There is nothing to draw."


def event_told(row: OutcomeAnswer, cell: Cell) -> str:
    """What stands beside a large number of people: “had a complication; 92 did not”. Empty where there is no number."""
    if cell.state is not State.DIFFERENCE or cell.says_what:
        return cell.small
    return f"{verb(row.outcome)}; {cell.small}" if cell.small else verb(row.outcome)
