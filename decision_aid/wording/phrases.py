"""Pieces of sentences that several subjects share. Patient sentences aim at reading grade 6 to 7."""

from __future__ import annotations

from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.question import Contrast
from decision_aid.comparison.shown_studies import common_months
from decision_aid.domain.audience import Audience
from decision_aid.domain.time_windows import TimeWindow
from decision_aid.domain.vocabulary import Unit
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.wording import numerals
from decision_aid.wording.labels import outcome_label, window_label

AMOUNT = "{amount}"  # its place in the two sentences of `outcomes.csv`


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


def sized(value: float, unit: Unit, audience: Audience) -> str:
    """A difference with its unit and direction: “68 ml less”."""
    return f"{numerals.amount(value, unit, audience)} {less_or_more(value)}"


def less_or_more(value: float) -> str:
    return "less" if value < 0 else "more"


def interval(low: float, high: float, unit: Unit, audience: Audience) -> str:
    """Two limits in words: “86 to 320 less”, “178 less to 42 more”; the smaller size first on one side."""
    if less_or_more(low) != less_or_more(high):
        return f"{numerals.size(low, unit, audience)} less to {numerals.size(high, unit, audience)} more"
    small, large = sorted((low, high), key=abs)
    a, b = numerals.size(small, unit, audience), numerals.size(large, unit, audience)
    return f"{a} {less_or_more(low)}" if a == b else f"{a} to {b} {less_or_more(low)}"


def at_time(c: Comparison) -> str:
    """The time of a comparison: the studies' own when they agree, else the window's."""
    months = common_months(c)
    return c.question.window.patient_label if months is None else f"at {numerals.months(months)}"
