"""A table for one procedure: every outcome with its people and studies, both risks or means, certainty and a sentence.

The layout is that of a GRADE summary of findings table (GRADE guidelines 12, Guyatt 2013, J Clin Epidemiol 66:158-172);
the certainty is the rule of `certainty`, not a formal GRADE judgement.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields

from decision_aid.comparison import side_by_side
from decision_aid.comparison.comparison import State
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.own_rates import OwnRates
from decision_aid.comparison.side_by_side import SideBySide
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_cell
from decision_aid.domain.vocabulary import Condition, Outcome, Procedure
from decision_aid.evidence.loading import Evidence
from decision_aid.wording.labels import outcome_label, window_label
from decision_aid.wording.one_comparison import basis, headline
from decision_aid.wording.table_cells import difference_cell, level_cell

NOTE = "Certainty follows a stated rule; it is not a formal GRADE judgement."


@dataclass(frozen=True, slots=True)
class Finding:
    """One outcome in words, as a clinician reads them; every word comes from the comparison of the Compare page."""

    outcome: str
    time: str
    people_and_studies: str
    with_open: str
    with_mis: str
    difference: str
    certainty: str
    in_words: str


HEADS = (
    "Outcome",
    "Time",
    "People and studies",
    "With open surgery",
    "Minimally invasive",
    "Difference",
    "Certainty",
    "In words",
)


def table(evidence: Evidence, condition: Condition, procedure: Procedure, own: tuple[OwnRates, ...] = ()) -> SideBySide:
    """The comparisons behind the summary: every outcome of the vocabulary that a study of the procedure reports."""
    return side_by_side.rows_for(evidence, condition, procedure, tuple(Outcome), own)


def findings(shown: SideBySide) -> tuple[Finding, ...]:
    """A line for every outcome that is compared for the two kinds of surgery; what is not measured is said too."""
    return tuple(_finding(shown, i) for i in range(len(shown.rows)))


def as_csv(lines: Iterable[Finding]) -> str:
    """The table as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(f.name for f in fields(Finding))
    writer.writerows(map(as_cell, astuple(line)) for line in lines)
    return text.getvalue()


def _finding(shown: SideBySide, place: int) -> Finding:
    row = shown.rows[place]
    c, d = row.approaches, shown.denominator
    difference = difference_cell(c, Audience.CLINICIAN, d)
    levels = [level_cell(c, first, Audience.CLINICIAN, d) for first in (False, True)]
    told = [f"{level.big}; {level.small}" if level.small else level.big for level in levels]
    unmeasured = c.state is State.NOT_IN_DATA
    return Finding(
        outcome=outcome_label(row.outcome, Audience.CLINICIAN),
        time=window_label(row.window, Audience.CLINICIAN),
        people_and_studies="no study" if unmeasured else basis(c, Audience.CLINICIAN),
        with_open=told[0],
        with_mis=told[1],
        difference=f"{difference.big}: {difference.small}" if difference.small else difference.big,
        certainty=c.certainty.level.label if c.certainty else "as published" if c.lead.rung is Rung.REVIEW else "–",
        in_words=headline(c, Audience.PATIENT, d),
    )
