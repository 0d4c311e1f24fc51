"""What matters to the patient: the concerns they marked, and the outcomes whose numbers speak to them.

An order to read in, never a score: nothing is added up over options, and no option comes out ahead (IPDAS, values
clarification; NICE ECD8, no recommendation).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from decision_aid.comparison.own_rates import OwnRates
from decision_aid.comparison.side_by_side import SideBySide, rows_for
from decision_aid.consultation.model import Consultation, Place
from decision_aid.consultation.subject import subject
from decision_aid.domain.time_windows import AskedFor
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.text_rows import ConcernRow


@dataclass(frozen=True, slots=True)
class Marked:
    """A concern that matters to this patient: one of the list, or one of their own in their own words."""

    place: Place
    concern: ConcernRow | None = None
    own: str = ""

    @property
    def outcomes(self) -> tuple[AskedFor, ...]:
        """What speaks to it: an outcome at its usual time, or with the time that the concern is about."""
        timed = self.concern.timed_outcomes if self.concern else ()
        return tuple(outcome if window is None else (outcome, window) for outcome, window in timed)


def marked(evidence: Evidence, consultation: Consultation) -> tuple[Marked, ...]:
    """What matters, in the patient's order; what also matters in the order of the list, own words last."""
    listed = [
        Marked(consultation.matters[c.concern_id], c) for c in evidence.concerns if c.concern_id in consultation.matters
    ]
    own = [Marked(o.place, own=o.text.strip()) for o in consultation.own_concerns if o.place and o.text.strip()]
    return tuple(sorted(listed + own, key=lambda m: list(Place).index(m.place)))


def in_order(of: Iterable[Marked]) -> tuple[Marked, ...]:
    """The up to three that the patient put in order."""
    return tuple(m for m in of if m.place is not Place.ALSO)


def outcomes(of: Iterable[Marked]) -> tuple[AskedFor, ...]:
    """The outcomes and times that speak to marked concerns, each once, in the concerns' order."""
    return tuple(dict.fromkeys(o for m in of for o in m.outcomes))


ROWS_A_CONCERN = 2


def rows(
    evidence: Evidence, consultation: Consultation, of: Marked, rates: tuple[OwnRates, ...], patient: bool
) -> SideBySide:
    """The first rows with a number that speak to a concern, at the times it is about; those without one are named.

    Few, and in the order of the list, whatever they say: the other rows stand on Compare and Risks.
    """
    table = rows_for(evidence, *subject(evidence, consultation), of.outcomes, rates)
    told = [row for row in table.rows if row.tells(patient)]
    known = {row.outcome.outcome for row in told}
    missing = {r.outcome.outcome: r.outcome for r in table.rows if r.outcome.outcome not in known}
    return replace(table, rows=tuple(told[:ROWS_A_CONCERN]), not_reported=(*table.not_reported, *missing.values()))
