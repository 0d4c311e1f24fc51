"""One study -> one effect with its standard error.

Effects are “first minus second” (or first over second, as a logarithm), where first is the minimally invasive arm or,
against staying without surgery, the surgical arm. Every quantity that stands for a spread a paper did not print names
where it came from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from statistics import NormalDist
from typing import Protocol

FEWEST_TO_BORROW_FROM = 3  # arms that print a spread


class PrintedArm(Protocol):
    """One arm as a paper prints it; what it does not print is None. `line`: where it stands in its file."""

    n: int | None
    mean: float | None
    sd: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    ci_level: float | None
    median: float | None
    q1: float | None
    q3: float | None
    events: int | None
    line: int

    @property
    def scale_kind(self) -> str | None: ...


class Measure(StrEnum):
    MEAN_DIFFERENCE = "mean_difference"
    RATIO_OF_MEANS = "ratio_of_means"
    RISK_RATIO = "risk_ratio"

    @property
    def on_log_scale(self) -> bool:
        return self is not Measure.MEAN_DIFFERENCE


class SpreadSource(StrEnum):
    """Where the standard error of an effect comes from."""

    SD = "standard deviations"
    SE = "standard errors"
    CI = "intervals of the means"
    CONTRAST = "the difference and interval the paper reports"
    QUARTILES = "quartiles"
    EVENTS = "numbers of events"
    IMPUTED = "a spread borrowed from the other studies"
    NONE = "no spread printed"


@dataclass(frozen=True, slots=True)
class ArmSummary:
    """One arm of one study, in the outcome's own unit.

    `mean` and `sd` are what enters a pool (both may be derived); `level` is what the paper prints and what a reader
    is shown; `statistic` names it. Events are counts of people.
    """

    n: int | None
    mean: float | None
    sd: float | None
    spread: SpreadSource
    level: float | None
    statistic: str  # "mean", "median" or "events"
    is_change: bool
    events: int | None
    line: int

    @property
    def risk(self) -> float | None:
        """Share of people with the event, 0 to 1."""
        return self.events / self.n if self.events is not None and self.n else None

    @property
    def value(self) -> float | None:
        """The mean, derived or printed; else the printed median. None for events."""
        return None if self.statistic == "events" else self.mean if self.mean is not None else self.level


@dataclass(frozen=True, slots=True)
class Effect:
    """One study's effect on the scale it is pooled on (a logarithm for ratios), and its standard error if known."""

    estimate: float
    standard_error: float | None
    source: SpreadSource
    printed_interval: tuple[float, float] | None = None  # the paper's own 95 % interval, on the same scale


def summarise_arm(row: PrintedArm, factor: float) -> ArmSummary:
    """An arm as a mean and standard deviation, in the order SD, SE, interval, quartiles.

    `factor` brings the row to the outcome's unit. Quartiles: standard deviation by Wan 2014 (BMC Med Res Methodol
    14:135, scenario C3), mean by Luo 2018 (Stat Methods Med Res 27:1785, scenario S2); both assume a shape that is
    not strongly skewed.
    """
    if row.events is not None:
        return ArmSummary(row.n, None, None, SpreadSource.EVENTS, row.events, "events", False, row.events, row.line)
    mean, sd, source = row.mean, None, SpreadSource.NONE
    n = row.n or 0  # one person has neither an interval nor quartiles
    interval, quartiles = _apart(row.ci_low, row.ci_high), _apart(row.q1, row.q3)
    if row.mean is not None and row.sd is not None:
        sd, source = row.sd, SpreadSource.SD
    elif row.mean is not None and row.se is not None and n:
        sd, source = row.se * math.sqrt(n), SpreadSource.SE
    elif row.mean is not None and n > 1 and interval and row.ci_level:
        half = (interval[1] - interval[0]) / 2
        sd, source = half / _t_quantile(n - 1, row.ci_level) * math.sqrt(n), SpreadSource.CI
    elif n > 1 and quartiles:
        q1, q3 = quartiles
        sd = (q3 - q1) / (2 * _normal_quantile((0.75 * n - 0.125) / (n + 0.25)))
        source = SpreadSource.QUARTILES
        if mean is None and row.median is not None:
            weight = 0.7 + 0.39 / n
            mean = weight * (q1 + q3) / 2 + (1 - weight) * row.median
    level, statistic = (row.mean, "mean") if row.mean is not None else (row.median, "median")
    return ArmSummary(
        n=row.n,
        mean=None if mean is None else mean * factor,
        sd=None if sd is None else sd * factor,
        spread=source,
        level=None if level is None else level * factor,
        statistic=statistic,
        is_change=row.scale_kind == "change",
        events=None,
        line=row.line,
    )


def mean_difference(first: ArmSummary, second: ArmSummary) -> Effect | None:
    """First mean minus second mean, with the standard error of independent groups (metafor: escalc("MD")).

    None where either mean is missing; the standard error is None where a spread or an arm size is.
    """
    a, b = _comparable(first, second)
    if a is None or b is None:
        return None
    estimate = a - b
    if first.sd is None or second.sd is None or not first.n or not second.n:
        return Effect(estimate, None, SpreadSource.NONE)
    variance = first.sd**2 / first.n + second.sd**2 / second.n
    return Effect(estimate, math.sqrt(variance), _weaker(first.spread, second.spread))


def ratio_of_means(first: ArmSummary, second: ArmSummary) -> Effect | None:
    """Log of first mean over second mean, delta-method variance (Friedrich 2008; metafor: escalc("ROM")).

    None where a mean is missing, 0 or below, or a change from before surgery: a ratio of those says nothing.
    """
    a, b = _comparable(first, second)
    if a is None or b is None or a <= 0 or b <= 0 or first.is_change or second.is_change:
        return None
    estimate = math.log(a / b)
    if first.sd is None or second.sd is None or not first.n or not second.n:
        return Effect(estimate, None, SpreadSource.NONE)
    variance = first.sd**2 / (first.n * a**2) + second.sd**2 / (second.n * b**2)
    return Effect(estimate, math.sqrt(variance), _weaker(first.spread, second.spread))


def risk_ratio(first: ArmSummary, second: ArmSummary) -> Effect | None:
    """Log risk ratio of two arms with counts (metafor: escalc("RR", add=1/2, to="only0")).

    0.5 is added to all four cells of a study with an empty cell. None where no arm has an event (the study says
    nothing about the ratio; metafor's drop00 would also drop a study in which everybody had it) or a count or arm
    size is missing.
    """
    if first.events is None or second.events is None or not first.n or not second.n:
        return None
    if first.events == 0 and second.events == 0:
        return None
    a, n1, c, n2 = float(first.events), float(first.n), float(second.events), float(second.n)
    if 0 in (a, n1 - a, c, n2 - c):
        a, n1, c, n2 = a + 0.5, n1 + 1, c + 0.5, n2 + 1
    variance = 1 / a - 1 / n1 + 1 / c - 1 / n2
    return Effect(math.log((a / n1) / (c / n2)), math.sqrt(variance), SpreadSource.EVENTS)


def reported(
    estimate: float, ci_low: float | None, ci_high: float | None, level: float, measure: Measure
) -> Effect | None:
    """An effect as the paper reports it; the standard error from its interval (normal), None without one.

    Source: Cochrane Handbook 6.3.1 and 6.3.2. For a ratio the logarithm is taken. None where a ratio or one of its
    limits is not above 0.
    """
    values = [v for v in (estimate, ci_low, ci_high) if v is not None]
    if measure.on_log_scale and min(values) <= 0:
        return None
    scaled = math.log if measure.on_log_scale else float
    interval = None if ci_low is None or ci_high is None else _apart(scaled(ci_low), scaled(ci_high))
    if interval is None:
        return Effect(scaled(estimate), None, SpreadSource.NONE)
    error = (interval[1] - interval[0]) / (2 * _normal_quantile((1 + level) / 2))
    return Effect(scaled(estimate), error, SpreadSource.CONTRAST, interval if level == 0.95 else None)


def coefficient_of_variation(arms: list[ArmSummary]) -> float | None:
    """Pooled coefficient of variation of arms with a printed spread, weighted by n - 1; None with fewer than three.

    Source: Furukawa 2006 (J Clin Epidemiol 59:7) borrows a pooled standard deviation; relative to the mean it suits
    outcomes such as blood loss whose spread grows with their level. Changes from before surgery have no such relation.
    """
    usable = [
        (a.n - 1, a.sd / a.mean)
        for a in arms
        if a.sd is not None and a.n and a.n > 1 and a.mean and a.mean > 0 and not a.is_change
    ]
    return _root_mean_square(usable)


def pooled_sd(arms: list[ArmSummary]) -> float | None:
    """Pooled standard deviation of arms that print one, weighted by n - 1 (Furukawa 2006); None with fewer than three."""
    return _root_mean_square([(a.n - 1, a.sd) for a in arms if a.sd is not None and a.n and a.n > 1])


def _root_mean_square(weighted: list[tuple[int, float]]) -> float | None:
    if len(weighted) < FEWEST_TO_BORROW_FROM:
        return None
    # An exact sum: the same to the last digit in whatever order the rows stand.
    return math.sqrt(math.fsum(w * v**2 for w, v in weighted) / sum(w for w, _ in weighted))


def with_borrowed_spread(arm: ArmSummary, sd: float) -> ArmSummary:
    """The arm with a standard deviation of other studies in the place of the one it does not print."""
    return replace(arm, sd=sd, spread=SpreadSource.IMPUTED)


def _comparable(first: ArmSummary, second: ArmSummary) -> tuple[float | None, float | None]:
    """The two values to compare: derived means, else two printed values of the same kind."""
    if first.is_change != second.is_change:
        return None, None
    if first.mean is not None and second.mean is not None:
        return first.mean, second.mean
    if first.statistic == second.statistic == "median":
        return first.level, second.level
    return None, None


def _apart(low: float | None, high: float | None) -> tuple[float, float] | None:
    """Both values where both are given and rise."""
    return (low, high) if low is not None and high is not None and low < high else None


_WEAKEST_LAST = (SpreadSource.SD, SpreadSource.SE, SpreadSource.CI, SpreadSource.QUARTILES, SpreadSource.IMPUTED)


def _weaker(first: SpreadSource, second: SpreadSource) -> SpreadSource:
    return max(first, second, key=_WEAKEST_LAST.index)


@lru_cache(maxsize=512)
def _t_quantile(df: int, level: float) -> float:
    from scipy.special import stdtrit  # imported where used: start-up does not need it

    return float(stdtrit(df, (1 + level) / 2))


def _normal_quantile(p: float) -> float:
    return NormalDist().inv_cdf(p)
