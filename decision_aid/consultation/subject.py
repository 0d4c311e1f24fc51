"""What a consultation is about: decided here once, for every page and everything that leaves the screen."""

from __future__ import annotations

from decision_aid.consultation.model import Consultation
from decision_aid.domain.vocabulary import Condition, Procedure
from decision_aid.evidence.loading import Evidence


def subject(evidence: Evidence, of: Consultation) -> tuple[Condition, Procedure]:
    """The condition and procedure a consultation is about; what was not chosen yet is the one the screen shows.

    That is the first condition of the dataset, and the first procedure that fits the condition.
    """
    known = evidence.conditions
    condition = of.condition if of.condition is not None and of.condition in known else next(iter(known))
    fitting = known[condition].procedures
    return condition, of.procedure if of.procedure in fitting else fitting[0]
