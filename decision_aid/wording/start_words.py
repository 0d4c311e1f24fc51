"""What Start asks besides condition and procedure, for both audiences; each answer is used later, and says where."""

from __future__ import annotations

from decision_aid.consultation.model import AgeGroup, Duration, Laterality
from decision_aid.domain.audience import Audience, Said

SIDES = {Laterality.LEFT: "Left", Laterality.RIGHT: "Right", Laterality.BOTH: "Both"}
DURATIONS = {
    Duration.UNDER_6_WEEKS: "Under 6 weeks",
    Duration.UNDER_3_MONTHS: "6–12 weeks",
    Duration.UNDER_6_MONTHS: "3–6 months",
    Duration.UNDER_1_YEAR: "6–12 months",
    Duration.LONGER: "Over a year",
}
AGE_GROUPS = {AgeGroup.UNDER_50: "Under 50", AgeGroup.UP_TO_65: "50–65", AgeGroup.OVER_65: "Over 65"}
LEVEL = Said("Level, one or more", "Where in the low back, one place or more")
SIDE = Said("Side", "Side")
DURATION = Said("Symptoms for", "How long you have had it")
AGE = Said("Age", "Your age")
ANSWERED_ON_START = "Answered on Start"
_USED = Said(
    "These four are optional. They answer items of the checklist and stand in the note.",
    "You can leave these four out. They answer parts of the checklist.",
)


def what_they_are_for(audience: Audience) -> str:
    return _USED.to(audience)


def usual_procedure(label: str) -> str:
    """Which procedure a condition proposes, whatever was planned before."""
    return f"Usual for this condition: {label}."
