"""Which time answers a concern that is about a time: pain soon, a result that lasts."""

from __future__ import annotations

import math
from collections.abc import Iterable

from decision_aid.comparison.comparison import Comparison
from decision_aid.domain.time_windows import TimeWindow


def says_something(c: Comparison) -> bool:
    """Whether a comparison has a number, or a study that can be drawn."""
    return c.pooled is not None or bool(c.shown_studies)


def nearest_to(asked: TimeWindow, found: Iterable[Comparison], *, far_too: bool) -> Comparison | None:
    """Of one comparison at several times the nearest with a number, else with a study; None where none has any.

    A concern about the first year is answered within it, one about later times from one year on; with `far_too` at any
    time where those hold nothing. Near is a matter of proportion: from two years, one year and four are equally far.
    """

    def months(c: Comparison) -> float:
        return c.question.window.nominal_months or 3.0

    wanted, year = asked.nominal_months or 3.0, 12.0
    nearest = sorted(found, key=lambda c: abs(math.log(months(c) / wanted)))
    sides = [c for c in nearest if (months(c) <= year if wanted < year else months(c) >= year)]
    for those in (sides, nearest if far_too else []):
        for good in (lambda c: c.pooled is not None, says_something):
            match = next((c for c in those if good(c)), None)
            if match:
                return match
    return None
