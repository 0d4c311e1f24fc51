"""The clinic's own rates of a harm: counted cases with their interval, and when they stand in the place of published ones.

Literature
    Wilson 1927, J Am Stat Assoc 22:209; Newcombe 1998, Stat Med 17:857, method 3 (interval of a rate)
    Newcombe 1998, Stat Med 17:873, method 10 (interval of a difference of two rates)
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

from decision_aid.domain.vocabulary import Outcome

FEWEST_CASES = 20  # fewer are told beside the published number and never stand in its place


def wilson(events: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """The Wilson score interval of a rate, from 0 to 1, without continuity correction.

    Newcombe 1998, method 3; R: ``prop.test(events, n, correct = FALSE)``. Raises ValueError unless 0 <= events <= n
    and n > 0.
    """
    if not (0 <= events <= n and n > 0):
        raise ValueError(f"{events} events in {n} cases: neither may be negative, nor events exceed cases")
    z2 = NormalDist().inv_cdf((1 + level) / 2) ** 2
    # The half width as a square root of exact parts: at 0 and n events it then meets the rate without rounding error.
    half = math.sqrt(z2 * (4 * events * (n - events) / n + z2))
    low, high = (2 * events + z2 - half) / (2 * (n + z2)), (2 * events + z2 + half) / (2 * (n + z2))
    return (max(0.0, low) if events else 0.0), (min(1.0, high) if events < n else 1.0)


@dataclass(frozen=True, slots=True)
class OwnRate:
    """`events` in `n` own cases. Raises ValueError unless 0 <= events <= n and n > 0."""

    events: int
    n: int

    def __post_init__(self) -> None:
        wilson(self.events, self.n)

    @property
    def rate(self) -> float:
        """From 0 to 1."""
        return self.events / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval, from 0 to 1."""
        return wilson(self.events, self.n)

    @property
    def stands(self) -> bool:
        """Whether there are enough cases to stand in the place of a published rate."""
        return self.n >= FEWEST_CASES


@dataclass(frozen=True, slots=True)
class OwnRates:
    """What this clinic counted of one harm, at the time of its row on Compare."""

    outcome: Outcome
    open: OwnRate | None = None
    mis: OwnRate | None = None

    @property
    def open_stands(self) -> bool:
        """Open surgery is counted from the clinic's rate: alone with the published ratio, or beside the own other one."""
        return self.open is not None and self.open.stands

    @property
    def both_stand(self) -> bool:
        """Both are shown as they were counted. A rate of minimally invasive surgery alone never stands: the published
        open rate beside it would be one of other patients."""
        return self.open_stands and self.mis is not None and self.mis.stands


def of(outcome: Outcome, rates: Iterable[OwnRates]) -> OwnRates | None:
    """The rates of one harm, or None."""
    return next((r for r in rates if r.outcome == outcome), None)


def difference(first: OwnRate, second: OwnRate) -> tuple[float, float, float]:
    """First minus second as a difference of rates with its 95 % interval (Newcombe 1998, method 10)."""
    found = first.rate - second.rate
    (l1, u1), (l2, u2) = first.interval, second.interval
    low = found - math.hypot(first.rate - l1, u2 - second.rate)
    high = found + math.hypot(u1 - first.rate, second.rate - l2)
    return found, low, high
