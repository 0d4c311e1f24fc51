"""Pieces of sentences that several subjects share. Patient sentences aim at reading grade 6 to 7."""

from __future__ import annotations

from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.question import Contrast
from decision_aid.comparison.shown_studies import common_months
from decision_aid.domain.audience import Audience
from decision_aid.domain.time_windows import TimeWindow
from decision_aid.domain.vocabulary import Outcome, OutcomeKind, Unit
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.wording import numerals
from decision_aid.wording.labels import outcome_label, window_label
from decision_aid.wording.numerals import LESS_OR_MORE, Directions

AMOUNT = "{amount}"  # its place in the two sentences of `outcomes.csv`
_COUNTED = Directions("fewer", "more", "times as many")
_LONG = Directions("shorter", "longer", "times as long")
_SCORE = Directions("lower", "higher", "times as high")
_DIRECTIONS = {  # as they fit the patient's name of the outcome
    Outcome.LENGTH_OF_STAY: _COUNTED,
    Outcome.TIME_TO_AMBULATION: _COUNTED,
    Outcome.RETURN_TO_WORK: _COUNTED,
    Outcome.OPERATIVE_TIME: _LONG,
    Outcome.FLUOROSCOPY_TIME: _LONG,
    Outcome.INCISION_LENGTH: _LONG,
    Outcome.ODI: _SCORE,
    Outcome.RDQ: _SCORE,
    Outcome.EQ5D: _SCORE,
    Outcome.SF36_BODILY_PAIN: _SCORE,
    Outcome.SF36_PHYSICAL_FUNCTION: _SCORE,
}


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def studies(n: int) -> str:
    """“1 study”, “4 studies”."""
    return f"{n} {'study' if n == 1 else 'studies'}"


def joined(*parts: str) -> str:
    """Pieces of small print, without the empty ones."""
    return "; ".join(part for part in parts if part)


def with_surgery(c: Comparison) -> str:
    return "with minimally invasive surgery" if c.question.contrast is Contrast.MIS_VERSUS_OPEN else "with surgery"


def topic(c: Comparison, audience: Audience) -> str:
    """What a comparison is about, with its time: “Disability at 1 year”."""
    label = outcome_label(c.outcome, audience)
    window = c.question.window
    return label if window is TimeWindow.PERIOPERATIVE else f"{label} {window_label(window, Audience.PATIENT)}"


def filled(outcome: OutcomeRow, amount: str, lower: bool) -> str:
    """The outcome's own sentence with the amount in its place: “people lost 68 ml less blood”."""
    template = outcome.sentence_lower if lower else outcome.sentence_higher
    return " ".join(template.replace(AMOUNT, amount).split())


def verb(outcome: OutcomeRow) -> str:
    """What happened to the people counted: “had a complication”."""
    return filled(outcome, "", lower=True)


def negated(outcome: OutcomeRow) -> str:
    """How the other people are told of: “were given blood”, “were not”; “had an infection”, “did not”."""
    return "were not" if verb(outcome).startswith("were ") else "did not"


def directions(outcome: OutcomeRow, audience: Audience) -> Directions:
    """The words for lower and higher: to patients days are fewer, time is shorter, a score is lower."""
    if audience is Audience.CLINICIAN:
        return LESS_OR_MORE
    return _COUNTED if outcome.kind == OutcomeKind.EVENT else _DIRECTIONS.get(outcome.outcome, LESS_OR_MORE)


def sized(value: float, unit: Unit, audience: Audience, words: Directions = LESS_OR_MORE) -> str:
    """A difference with its unit and direction: “68 ml less”."""
    return f"{numerals.amount(value, unit, audience)} {words.lower if value < 0 else words.higher}"


def interval(low: float, high: float, unit: Unit, audience: Audience, words: Directions = LESS_OR_MORE) -> str:
    """Two limits in words: “86 to 320 less”, “178 less to 42 more”; the smaller size first on one side."""
    if (low < 0) != (high < 0):
        return f"{numerals.size(low, unit, audience)} {words.lower} to {numerals.size(high, unit, audience)} {words.higher}"
    small, large = sorted((low, high), key=abs)
    a, b = numerals.size(small, unit, audience), numerals.size(large, unit, audience)
    word = words.lower if low < 0 else words.higher
    return f"{a} {word}" if a == b else f"{a} to {b} {word}"


def could_be(limits: str, audience: Audience) -> str:
    """A 95 % interval after its number."""
    return f"could be {limits}" if audience is Audience.PATIENT else f"range {limits}"


def at_time(c: Comparison) -> str:
    """The time of a comparison: the studies' own when they agree, else the window's."""
    months = common_months(c)
    return c.question.window.patient_label if months is None else f"at {numerals.months(months)}"
