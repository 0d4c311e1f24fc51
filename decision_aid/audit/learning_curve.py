"""The learning curve of one procedure and approach: operating time and complications by case order.

The cases are ordered by date of operation; on one day, as they stand in the log. A case without a record of the value
is passed over but keeps its number.

Literature
    Steiner, Cook, Farewell & Treasure 2000, Biostatistics 1:441 (log-likelihood CUSUM)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from decision_aid.audit.results import EVENTS, GroupState, state_of
from decision_aid.domain.vocabulary import Outcome, Procedure

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from decision_aid.case_log.fields import Approach

WINDOW = 20  # cases
ODDS_RATIO = 2.0  # the chart looks for a doubling of the odds
# Where events come in 10 % of cases: a false alarm once in about 4,300 cases, doubled odds noticed after about 120.
CONTROL_LIMIT = 4.5
MOST_POINTS = 2000  # more would not be told apart on a screen


@dataclass(frozen=True, slots=True)
class Series:
    """Values along the cases, numbered from 1. Patient level: for the clinician's screen only."""

    case_numbers: tuple[int, ...] = field(repr=False)
    values: tuple[float, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True)
class TimeCurve:
    """Operating time in minutes. `target`: the mean of the later half of the recorded cases.

    `rolling_median` of the last 20 recorded cases begins with the twentieth. `cusum` is the running sum of time minus
    target: it rises while cases take longer than later on and is level once they do not. It ends near its highest
    value by construction, so its height says nothing; where it stops rising does.
    """

    n: int
    target: float = field(repr=False)
    rolling_median: Series
    cusum: Series


@dataclass(frozen=True, slots=True)
class RiskCusum:
    """Log-likelihood CUSUM of an event (Steiner 2000): evidence that its odds are `odds_ratio` times the acceptable.

    `acceptable`: the rate, 0 to 1, `own_rate` where it is the own overall rate (then the chart shows when events came
    together, not whether they are too many). `chart` starts from 0, never falls below it and is not restarted after it
    has passed the `limit`; `signals` are the numbers of the cases with which it passed it from below.
    """

    event: str
    n: int
    events: int = field(repr=False)
    acceptable: float = field(repr=False)
    own_rate: bool
    odds_ratio: float
    limit: float
    chart: Series
    signals: tuple[int, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """`time` is None without a recorded operating time; `risk` without a recorded event, or without a rate to hold it
    against: given none, the own rate must lie above 0 and below 1."""

    procedure: Procedure
    approach: Approach
    cases: int
    time: TimeCurve | None
    risk: RiskCusum | None

    @property
    def state(self) -> GroupState:
        return state_of(self.cases)


def learning_curve(
    cases: pd.DataFrame,
    procedure: Procedure,
    approach: Approach,
    *,
    event: str = Outcome.COMPLICATION_ANY,
    acceptable: float | None = None,
    odds_ratio: float = ODDS_RATIO,
    limit: float = CONTROL_LIMIT,
    window: int = WINDOW,
    most_points: int = MOST_POINTS,
) -> LearningCurve:
    """Follow operating time (minutes) and an event through the cases of one procedure and approach.

    `cases`: a validated log, as for `summarise`. `event`: one of `EVENTS`. `acceptable`: the rate of the event, 0 to 1,
    that is held to be acceptable, such as a published one; the own overall rate unless given. `window`: cases of the
    rolling median. Everything is computed on all cases; of a series longer than `most_points` about as many are kept,
    evenly spread, with the highest one and every signal.

    Raises ValueError for an unknown event, a rate not between 0 and 1, an odds ratio that is not positive or is 1, a
    limit that is not positive, a window below 1, and fewer than 2 points.
    """
    import numpy as np

    if event not in EVENTS:
        raise ValueError(f"{event} is not an event of a case log: one of {', '.join(EVENTS)}")
    if window < 1 or most_points < 2:
        raise ValueError("a rolling median needs a window of 1 case or more, a series 2 points or more")
    if not (limit > 0):
        raise ValueError(f"a control limit of {limit!r}: it must be above 0")
    chosen = (cases["procedure"] == str(procedure)) & (cases["approach"] == str(approach))
    found = cases.loc[chosen.fillna(False).astype(bool), ["operation_date", "operative_time_min", str(event)]]
    found = found.sort_values("operation_date", kind="stable")
    minutes = found["operative_time_min"].to_numpy(dtype=np.float64, na_value=np.nan)
    happened = found[str(event)].to_numpy(dtype=np.float64, na_value=np.nan)
    numbers = np.arange(1, len(minutes) + 1)
    timed, asked = ~np.isnan(minutes), ~np.isnan(happened)
    time = _time_curve(minutes[timed], numbers[timed], window, most_points) if timed.any() else None
    risk = None
    if asked.any():
        events = happened[asked] > 0
        rate = float(events.mean()) if acceptable is None else acceptable
        log_likelihood_weights(rate if acceptable is not None else 0.5, odds_ratio)  # refuses what cannot be charted
        if acceptable is not None or 0 < rate < 1:
            chart = np.asarray(risk_cusum(events, rate, odds_ratio))
            above = chart > limit
            passed = above & ~np.concatenate(([False], above[:-1]))
            risk = RiskCusum(
                event=event,
                n=len(events),
                events=int(events.sum()),
                acceptable=rate,
                own_rate=acceptable is None,
                odds_ratio=odds_ratio,
                limit=limit,
                chart=_series(numbers[asked], chart, most_points, np.flatnonzero(passed)),
                signals=tuple(numbers[asked][passed].tolist()),
            )
    return LearningCurve(procedure, approach, len(found), time, risk)


def _time_curve(minutes: np.ndarray, numbers: np.ndarray, window: int, most_points: int) -> TimeCurve:
    import pandas as pd

    target = float(minutes[len(minutes) // 2 :].mean())
    medians = pd.Series(minutes).rolling(window).median().to_numpy()[window - 1 :]
    return TimeCurve(
        n=len(minutes),
        target=target,
        rolling_median=_series(numbers[window - 1 :], medians, most_points),
        cusum=_series(numbers, (minutes - target).cumsum(), most_points),
    )


def _series(numbers: np.ndarray, values: np.ndarray, most_points: int, kept: Sequence[int] | np.ndarray = ()) -> Series:
    import numpy as np

    if len(values) > most_points:
        even = np.linspace(0, len(values) - 1, most_points).round().astype(np.int64)
        at = np.unique(np.concatenate((even, [values.argmax()], np.asarray(kept, dtype=np.int64))))
        numbers, values = numbers[at], values[at]
    return Series(tuple(numbers.tolist()), tuple(values.tolist()))


def log_likelihood_weights(acceptable: float, odds_ratio: float = ODDS_RATIO) -> tuple[float, float]:
    """By how much an event and a case without one move the chart: the two log-likelihood ratios of Steiner 2000.

    With acceptable rate p and odds ratio R: log(R / (1 - p + R p)) for an event, log(1 / (1 - p + R p)) for none.

    Raises ValueError for a rate not between 0 and 1 and an odds ratio that is not positive or is 1.
    """
    if not 0 < acceptable < 1:
        raise ValueError(f"an acceptable rate of {acceptable!r}: it must lie between 0 and 1")
    if not (0 < odds_ratio < math.inf) or odds_ratio == 1:
        raise ValueError(f"an odds ratio of {odds_ratio!r}: it must be positive and not 1")
    none = -math.log1p((odds_ratio - 1) * acceptable)
    return math.log(odds_ratio) + none, none


def risk_cusum(events: Sequence[bool] | np.ndarray, acceptable: float, odds_ratio: float = ODDS_RATIO) -> list[float]:
    """The log-likelihood CUSUM after each case: X(t) = max(0, X(t - 1) + W(t)), X(0) = 0 (Steiner 2000).

    Below 1, an odds ratio makes the chart look for improvement: it then rises with cases without an event.

    Raises ValueError as `log_likelihood_weights`.
    """
    import numpy as np

    happened, none = log_likelihood_weights(acceptable, odds_ratio)
    # The recursion written out: the running sum less its lowest value so far, 0 included.
    total = np.cumsum(np.where(np.asarray(events, dtype=bool), happened, none))
    return (total - np.minimum(np.minimum.accumulate(total), 0.0)).tolist() if len(total) else []
