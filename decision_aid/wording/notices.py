"""What is said whatever the numbers are: what is compared, what the numbers are of, and what they are not."""

from __future__ import annotations

from decision_aid.comparison.question import Contrast, Question
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Outcome, Procedure

NOT_A_FORECAST = "Averages from studies, not a forecast for one person. This page compares; it does not recommend."
DECISION = (
    "There is a decision to make: stay without surgery for now, have open surgery, or have minimally invasive surgery."
)
WHAT_MIS_IS = (
    "Minimally invasive surgery uses smaller cuts. The surgeon works through a tube, or with a small camera or a "
    "microscope, and X-ray pictures guide the tools. The aim is the same result or a better one, with less blood lost, "
    "a shorter stay and perhaps a quicker recovery."
)
WHAT_MIS_IS_NOT = (
    "It is still surgery: infection, bleeding, nerve injury and further surgery can happen. Not every problem suits it. "
    "The right operation for the right person, done by a surgeon who does it often, can matter more than its name."
)
HIDDEN_BLOOD_LOSS = (
    "This is blood loss that was seen or measured. Two fusion studies found that more of it stays hidden in the tissues "
    "after minimally invasive surgery, so the true difference is smaller."
)
HIDDEN_BLOOD_LOSS_SHORT = "Visible loss; two fusion studies found more hidden loss after minimally invasive surgery."
HIDDEN_BLOOD_LOSS_TOLD = "as seen; two fusion studies found more hidden loss after minimally invasive surgery"
WHO_THE_NUMBERS_ARE_OF = (
    "Surgery: people who had this operation, whatever their condition. Without surgery: people with this condition, from "
    "other studies; a score is the open value, changed by what surgery changed there. Of pain and limits lower is better. "
    "A range shows how far chance can move a number."
)
LIVING_WITH_IT = "More: how it goes without surgery, and what living through each choice is like"
LEAVE_THE_PATIENT = "The clinician’s view shows the library, filters and saved work of this computer."
SHOW_THE_CLINICIAN = "Show the clinician’s view"
OPTIONS_WORD = {Audience.CLINICIAN: "options", Audience.PATIENT: "choices"}


def hidden_blood_loss(question: Question, told: str = HIDDEN_BLOOD_LOSS) -> str:
    """That more blood stays hidden after minimally invasive fusion; two studies of fusion found it, none of the others."""
    fusion = question.procedure is Procedure.FUSION and question.contrast is Contrast.MIS_VERSUS_OPEN
    return told if fusion and question.outcome is Outcome.BLOOD_LOSS else ""


def side_by_side_title(audience: Audience) -> str:
    return f"Three {OPTIONS_WORD[audience]}, side by side"
