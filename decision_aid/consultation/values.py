"""What matters to the patient: the concerns they marked, and the outcomes whose numbers speak to them.

An order to read in, never a score: nothing is added up over options, and no option comes out ahead (IPDAS, values
clarification; NICE ECD8, no recommendation).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from decision_aid.consultation.model import Consultation, Importance
from decision_aid.domain.time_windows import AskedFor
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.text_rows import ConcernRow


@dataclass(frozen=True, slots=True)
class Marked:
    """A concern that matters to this patient: one of the list, or one of their own in their own words."""

    importance: Importance
    concern: ConcernRow | None = None
    own: str = ""

    @property
    def outcomes(self) -> tuple[AskedFor, ...]:
        """What speaks to it: an outcome at its usual time, or with the time that the concern is about."""
        timed = self.concern.timed_outcomes if self.concern else ()
        return tuple(outcome if window is None else (outcome, window) for outcome, window in timed)


def marked(evidence: Evidence, consultation: Consultation) -> tuple[Marked, ...]:
    """What matters at least somewhat, what matters most first; within that the order of the list, own concerns last."""
    listed = [
        Marked(consultation.importance[c.concern_id], c)
        for c in evidence.concerns
        if c.concern_id in consultation.importance
    ]
    own = [Marked(o.importance, own=o.text.strip()) for o in consultation.own_concerns if o.text.strip()]
    found = [m for m in listed + own if m.importance > Importance.NOT]
    return tuple(sorted(found, key=lambda m: -m.importance))


def outcomes(of: Iterable[Marked]) -> tuple[AskedFor, ...]:
    """The outcomes and times that speak to marked concerns, each once, in the concerns' order."""
    return tuple(dict.fromkeys(o for m in of for o in m.outcomes))


def weigh_anew(consultation: Consultation) -> Consultation:
    """The consultation with nothing weighed; what was marked before stays beside the list, to be seen."""
    return replace(consultation, importance={}, earlier_importance=dict(consultation.importance))
