"""Which time answers a concern that is about a time: pain soon, a result that lasts."""

from __future__ import annotations

import math
from collections.abc import Iterable

from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.ladder import Rung
from decision_aid.domain.time_windows import TimeWindow


def gives_a_number(c: Comparison) -> bool:
    """Whether a pool, a published review or one study that is large enough gives a number."""
    return c.lead.rung not in (Rung.NONE, Rung.ONE_SMALL_STUDY, Rung.PARTS_OF_ONE_STUDY)


def says_something(c: Comparison) -> bool:
    """Whether anything can be told, if only the parts of a study."""
    return c.lead.rung is not Rung.NONE


def nearest_to(asked: TimeWindow, found: Iterable[Comparison], *, far_too: bool) -> Comparison:
    """Of one comparison at several times, `asked` among them, the one that answers best what is asked for that time.

    That of the time itself where it says something; else the nearest with a number, else with a study. A concern about
    the first year is answered within it, one about later times from one year on; with `far_too` at any time where those
    hold nothing. Near is a matter of proportion: from two years, one year and four are equally far.
    """

    def months(c: Comparison) -> float:
        return c.question.window.nominal_months or 3.0

    wanted, year = asked.nominal_months or 3.0, 12.0
    nearest = sorted(found, key=lambda c: (c.question.window is not asked, abs(math.log(months(c) / wanted))))
    fitting = [c for c in nearest if (months(c) <= year if wanted < year else months(c) >= year)]
    at_once = [c for c in nearest if c.question.window is asked]
    tries = [(at_once, says_something), (fitting, gives_a_number), (fitting, says_something)]
    tries += [(nearest, gives_a_number), (nearest, says_something)] if far_too else []
    return next((c for those, good in tries for c in those if good(c)), nearest[0])
