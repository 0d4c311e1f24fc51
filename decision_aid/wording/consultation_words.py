"""What matters, the decision, and the parts of a consultation by name."""

from __future__ import annotations

from collections.abc import Sequence

from decision_aid.consultation.model import Consultation, Leaning, NextStep, Place
from decision_aid.domain.audience import Audience
from decision_aid.domain.dates import day_in_words
from decision_aid.domain.vocabulary import Condition, Outcome, ReportedComparison, ReportedMeasure
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.wording import numerals
from decision_aid.wording.labels import outcome_label

PLACES = {Place.FIRST: "First", Place.SECOND: "Second", Place.THIRD: "Third", Place.ALSO: "Also"}
PLACE_MARKS = {Place.FIRST: "1.", Place.SECOND: "2.", Place.THIRD: "3.", Place.ALSO: "Also:"}
HOW_TO_MARK = "Up to three things in order, then what also matters. A second click takes one out."
NOT_MARKED = "Not marked"
WHERE_THE_REST_IS = "Two rows for each at most. All rows, and the studies behind them, stand on Compare and Risks."
WITH_SMALLER_CUTS = "With smaller cuts, against open"
NO_WINNER = "Your order puts rows first. It adds nothing up, and no choice wins."
NOTHING_MARKED = "Choose what matters most, then the second, then the third. Both sides of each then stand here."
SAVED_AS_TYPED = "The answers are saved as they are typed."
NO_NAMES = "Write no name, birth date or record number."
LEANINGS = {
    Leaning.WITHOUT_SURGERY: "Without surgery",
    Leaning.OPEN: "Open surgery",
    Leaning.MIS: "Minimally invasive",
    Leaning.NOT_SURE: "Not sure yet",
    Leaning.SECOND_OPINION: "A second opinion first",
}
MAY_CHANGE = "You may change your mind. You can wait, and you can ask for a second opinion."
TEACH_BACK = (
    "I want to be sure that I explained it well. Please tell me in your own words: what would each of the three choices "
    "mean for you?"
)
SURE_PROMPTS = {
    "s": "What would help you to feel more sure?",
    "u": "Which good or hard sides should we go through again?",
    "r": "Which of the points under What matters is still hard to weigh?",
    "e": "Whose support or advice do you still miss?",
}
ORDERS = ("Usual order", "What matters first")
PARTS_OF_A_CONSULTATION = {
    "condition": "condition",
    "procedure": "planned procedure",
    "levels": "level",
    "side": "side",
    "duration": "how long it has lasted",
    "age_group": "age group",
    "answers": "answers on the checklist",
    "matters": "what matters",
    "own_concerns": "own concerns",
    "question_notes": "answers to questions",
    "own_questions": "own questions",
    "leaning": "leaning",
    "leaning_reason": "reason for the leaning",
    "sure": "the SURE test",
    "teach_back": "what the patient told back",
    "explained_again": "explained again",
    "next_steps": "next steps",
    "code": "code of the clinic",
}


def step_parts(step: NextStep) -> tuple[str, ...]:
    """What is to be done, who does it and by which day, as far as they were said."""
    by_when = day_in_words(step.by_when) if step.by_when else ""
    return tuple(part for part in (step.what.strip(), step.who.strip(), by_when) if part)


def not_reported(outcomes: Sequence[OutcomeRow], audience: Audience) -> str:
    """Which outcomes that speak to a concern no study here reports; empty where none is missing."""
    names = [outcome_label(o, audience).lower() for o in outcomes]
    return f"Not measured by any study here: {', '.join(names)}." if names else ""


def how_soon(evidence: Evidence, condition: Condition, audience: Audience) -> str:
    """How fast people recovered with surgery and without it, as printed; empty where no study of the condition says so.

    A hazard ratio over a year answers how soon, not how many. It is told to clinicians; patients read the times alone.
    """
    ratios = (
        f"{evidence.studies[r.study_id].label}: recovered {numerals.ratio(r.estimate)} times as fast with surgery "
        f"({numerals.ratio(r.ci_low)} to {numerals.ratio(r.ci_high)}, hazard ratio"
        f"{'' if r.timepoint_months is None else f' over {numerals.months(r.timepoint_months)}'})."
        for r in evidence.contrasts
        if (r.outcome, r.measure) == (Outcome.RECOVERED, ReportedMeasure.HAZARD_RATIO)
        and r.comparison == ReportedComparison.SURGERY_OVER_NONOPERATIVE
        and evidence.studies[r.study_id].condition == condition
        and not (r.subgroup or r.caution or evidence.studies[r.study_id].caution)
        and r.estimate is not None
        and r.ci_low is not None
        and r.ci_high is not None
    )
    patient = audience is Audience.PATIENT
    times = (
        f"Half of the people had recovered after {r.value:g} {r.unit} ({r.condition}; "
        f"{r.cited_as if patient else r.citation})."
        for r in evidence.thresholds
        if r.measure == "time_to_recovery" and r.is_about(condition)
    )
    return " ".join([*([] if patient else ratios), *times])


def consultation_title(c: Consultation, evidence: Evidence) -> str:
    """What a saved consultation is about, for a list; nothing in it tells whose it was."""
    described = evidence.conditions.get(c.condition) if c.condition else None
    planned = evidence.procedures.get(c.procedure) if c.procedure else None
    parts = [described.clinician_label if described else "No condition chosen yet"]
    parts += [planned.clinician_label] if planned else []
    parts += [c.level] if c.level else []
    parts += [f"code {c.code}"] if c.code else []
    return " · ".join(parts)
