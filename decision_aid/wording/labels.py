"""How the things of the field are named, for the clinician and the patient: outcomes, times, designs, techniques, concerns."""

from __future__ import annotations

import re
from collections.abc import Iterable

from decision_aid.comparison.side_by_side import OutcomeAnswer
from decision_aid.domain.audience import Audience
from decision_aid.domain.time_windows import TimeWindow
from decision_aid.domain.vocabulary import Horizon, StudyDesign
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.evidence.text_rows import ConcernRow, QuestionRow
from decision_aid.wording import numerals


def outcome_label(outcome: OutcomeRow, audience: Audience) -> str:
    return outcome.patient_label if audience is Audience.PATIENT else outcome.clinician_label


def outcome_name(outcome: OutcomeRow, audience: Audience) -> str:
    """The label without the ends of its scale."""
    return re.sub(r" \(\d+-\d+\)|, \d+-\d+(?=\))", "", outcome_label(outcome, audience))


def row_note(row: OutcomeAnswer, audience: Audience) -> str:
    """What stands under a row's label: the time, and for patients a score's scale."""
    outcome = row.outcome
    parts = [] if outcome.horizon == Horizon.PERIOPERATIVE else [window_label(row.window, audience)]
    if audience is Audience.PATIENT and outcome.scale_min is not None:
        parts.append(f"{outcome.scale_min:g} to {outcome.scale_max:g}")
    return ", ".join(parts)


def not_known(outcomes: Iterable[OutcomeRow], audience: Audience) -> str:
    """The one line that the rows without any number fold into."""
    labels = (outcome_label(o, audience) for o in outcomes)
    named = ", ".join(f"{label[:1].lower()}{label[1:]}" for label in labels)
    return (
        f"Not known from the studies here: {named}."
        if audience is Audience.PATIENT
        else f"Without a number in our data: {named}."
    )


def window_label(window: TimeWindow, audience: Audience) -> str:
    return window.patient_label if audience is Audience.PATIENT else window.clinician_label


_DESIGN = {
    StudyDesign.RCT: "randomised trial",
    StudyDesign.PROSPECTIVE_COHORT: "prospective cohort",
    StudyDesign.RETROSPECTIVE_COHORT: "retrospective cohort",
    StudyDesign.REGISTRY: "registry",
    StudyDesign.SYSTEMATIC_REVIEW: "systematic review",
}


def design_label(study_design: StudyDesign) -> str:
    return _DESIGN[study_design]


def design_name(design: str) -> str:
    return design_label(StudyDesign(design))


def technique_label(technique: str) -> str:
    """A technique id as words: “mis_tlif” becomes “MIS-TLIF”."""
    named = {
        "mis_tlif": "MIS-TLIF",
        "mis_plif": "MIS-PLIF",
        "mis_xlif": "lateral or oblique (XLIF, OLIF)",
        "open_tlif": "open TLIF",
        "open_plif": "open PLIF",
    }
    return named.get(technique, technique.replace("_", " "))


def concern_label(row: ConcernRow, audience: Audience) -> str:
    return row.patient_label if audience is Audience.PATIENT else row.clinician_label


def question_text(row: QuestionRow, audience: Audience) -> str:
    return row.patient_text if audience is Audience.PATIENT else row.clinician_text


def score_direction(outcome: OutcomeRow) -> str:
    """Which end of a score is good, for a reader who meets its number without a picture."""
    if outcome.scale_min is None:
        return ""
    return "lower is better" if outcome.better == "lower" else "higher is better"


def noticeable_sentence(outcome: OutcomeRow) -> str:
    """What the shaded band of a chart over time means."""
    if outcome.noticeable_change is None:
        return ""
    places = 0 if outcome.noticeable_change == int(outcome.noticeable_change) else 1
    return f"Shaded: too small to notice (under {numerals.plain(outcome.noticeable_change, places)} points)."
