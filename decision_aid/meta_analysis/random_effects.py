"""One pooled effect out of the effects of several studies (random-effects meta-analysis).

Reference implementation: R metafor, ``rma(yi, sei = sei, method = "REML", test = "adhoc")`` with its ``predict()``,
``weights()`` and ``confint()``; see tests/metafor. This module knows numbers only: an effect may be a mean difference,
a log ratio or a logit, in any unit.

Literature
    Viechtbauer 2005, J Educ Behav Stat 30:261 (REML)
    Hartung & Knapp 2001, Stat Med 20:3875; Knapp & Hartung 2003, Stat Med 22:2693 (the interval)
    Higgins, Thompson & Spiegelhalter 2009, J R Stat Soc A 172:137; Riley, Higgins & Deeks 2011, BMJ 342:d549
    (the prediction interval)
    Viechtbauer 2007, Stat Med 26:37 (Q-profile interval of tau2)
    Anderson & Bjorck 1973, BIT 13:253 (false position in which both ends move)
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import hypot, log, sqrt
from typing import NamedTuple

from scipy.special import chdtrc, chdtri, ndtri, stdtrit

# Beyond this size (and for standard errors below its inverse) squares of squares leave the range of a float.
LARGEST_MAGNITUDE = 1e30

RELATIVE_TOLERANCE = 1e-12  # of tau2, in units of the smallest total variance


class TooFewStudies(ValueError):
    """Says that this number of studies is not pooled (none, or two), or is too small for what was asked of them."""


class Tau2Method(StrEnum):
    """How the between-study variance tau2 was estimated."""

    REML = "REML"
    HALF_NORMAL = "half-normal prior"
    SINGLE = "single study"


@dataclass(frozen=True, slots=True)
class HeterogeneityInterval:
    """How far the spread between studies is known.

    ``tau2_low`` and ``tau2_high`` are in the squared unit of the effects, ``i2_low`` and ``i2_high`` in percent; H2 is
    the ratio of total to sampling variance and has no unit (1: no spread beyond chance).
    """

    tau2_low: float
    tau2_high: float
    i2_low: float
    i2_high: float
    h2_low: float
    h2_high: float


@dataclass(frozen=True, slots=True)
class PooledResult:
    """A pooled effect with everything needed to show and to judge it.

    ``estimate``, ``standard_error`` and the interval bounds are in the unit of the effects, ``tau2`` in its square,
    ``i2`` and ``weights`` in percent. ``standard_error`` already carries the Hartung-Knapp factor where it exceeds 1,
    so ``ci_low`` to ``ci_high`` is ``estimate`` plus or minus t(k - 1) times ``standard_error``.
    ``weights`` stand in the order in which the studies were given and sum to 100. For a single study the prediction
    bounds are None and ``hartung_knapp_factor`` is 1.
    """

    k: int
    estimate: float
    standard_error: float
    ci_low: float
    ci_high: float
    tau2: float
    i2: float
    q: float
    q_df: int
    q_p: float
    prediction_low: float | None
    prediction_high: float | None
    weights: tuple[float, ...]
    method: Tau2Method
    hartung_knapp_factor: float


def pool(effects: Sequence[float], standard_errors: Sequence[float]) -> PooledResult:
    """Return the pooled effect of one study or of three and more, with its 95 % interval.

    Reproduces metafor ``rma(yi, sei = sei, method = "REML", test = "adhoc")``: REML estimate of tau2 (Viechtbauer
    2005), truncated at 0; Hartung-Knapp interval (Hartung & Knapp 2001, Knapp & Hartung 2003) whose factor is never
    below 1, on t with k - 1 degrees of freedom; prediction interval as ``predict()`` gives it for that model (Higgins
    2009, Riley 2011, but likewise with k - 1 rather than k - 2 degrees of freedom); I2 as tau2 / (tau2 + typical
    sampling variance); Q with fixed-effect weights. Where the restricted likelihood has several maxima the highest is
    taken, whichever metafor's iteration from its start would reach. One study gives its own Wald interval (normal).

    ``effects`` and ``standard_errors`` have one entry a study, in the same unit and order; the order does not matter
    to any result but ``weights``.

    metafor pools two studies as well, with an interval on t with 1 degree of freedom that says nothing; here they are
    refused, and ``synthesis`` pools two to four by a posterior.

    Raises TooFewStudies for no study and for two. Raises ValueError, naming position (from 1) and value, for an entry
    that is not a finite number or beyond 1e30 in size, a standard error that is not positive or below 1e-30, and lists
    of different lengths.
    """
    effects, standard_errors = checked_studies(effects, standard_errors)
    k = len(effects)
    if k == 0:
        raise TooFewStudies("There is no study to pool.")
    if k == 1:
        return _single_study(effects[0], standard_errors[0])
    if k == 2:
        raise TooFewStudies("Two studies are too few to pool: at least three are needed.")

    studies = _Studies.of(effects, standard_errors)
    at_zero = _moments(studies, 0.0)
    fit = _reml(studies, at_zero)

    df = k - 1
    factor = fit.q / df
    unit = studies.unit
    tau = unit * sqrt(fit.tau2)
    estimate = studies.origin + unit * fit.mean
    standard_error = unit * sqrt(max(1.0, factor) / fit.weight_sum)
    quantile = float(stdtrit(df, 0.975))
    half_width = quantile * standard_error
    prediction_half_width = quantile * hypot(standard_error, tau)
    typical_variance = df / at_zero.trace_p
    weights = [1.0 / (variance + fit.tau2) for variance in studies.variances]
    percent = 100.0 / sum(weights)
    return PooledResult(
        k=k,
        estimate=estimate,
        standard_error=standard_error,
        ci_low=estimate - half_width,
        ci_high=estimate + half_width,
        tau2=tau * tau,
        i2=100.0 * fit.tau2 / (fit.tau2 + typical_variance),
        q=at_zero.q,
        q_df=df,
        q_p=float(chdtrc(df, at_zero.q)),
        prediction_low=estimate - prediction_half_width,
        prediction_high=estimate + prediction_half_width,
        weights=tuple([percent * weight for weight in weights]),
        method=Tau2Method.REML,
        hartung_knapp_factor=factor,
    )


def q_profile_interval(
    effects: Sequence[float], standard_errors: Sequence[float], level: float = 0.95
) -> tuple[float, float]:
    """Return the Q-profile interval (low, high) of tau2, in the squared unit of the effects.

    Viechtbauer 2007; reproduces metafor ``confint(rma(yi, sei = sei))`` with a tight tolerance: the values of tau2 at
    which the generalised Q meets the chi-square quantiles on k - 1 degrees of freedom. Bounds that would be negative
    are 0; when even the upper one would be (studies that agree better than chance), both are 0, as in metafor.

    Raises TooFewStudies below three studies and ValueError as ``pool`` does, or for a level outside 0 to 1.
    """
    tail = (1 - level) / 2
    # Also refuses a level so near to 1 that nothing is left of its tail.
    if not (level > 0 and 1 - tail < 1):
        raise ValueError(f"level is {level!r}: it must lie between 0 and 1.")
    effects, standard_errors = checked_studies(effects, standard_errors)
    k = len(effects)
    if k < 3:
        raise TooFewStudies("An interval for the spread between studies needs at least three studies.")
    studies = _Studies.of(effects, standard_errors)
    low, high = (_tau2_at_q(studies, float(chdtri(k - 1, upper_tail))) for upper_tail in (tail, 1 - tail))
    square = studies.unit * studies.unit
    return low * square, high * square


def heterogeneity_interval(
    effects: Sequence[float], standard_errors: Sequence[float], level: float = 0.95
) -> HeterogeneityInterval:
    """Return the Q-profile interval of tau2 and what it means for I2 and H2.

    Reproduces metafor ``confint(rma(yi, sei = sei))``: the bounds of tau2 are those of ``q_profile_interval``; with the
    typical sampling variance v of Higgins & Thompson 2002 (Stat Med 21:1539), I2 = tau2 / (tau2 + v) and
    H2 = 1 + tau2 / v at either bound. The estimate of I2 in ``PooledResult`` rests on the same v.

    Raises what ``q_profile_interval`` raises.
    """
    low, high = q_profile_interval(effects, standard_errors, level)
    studies = _Studies.of(*checked_studies(effects, standard_errors))
    typical_variance = studies.unit * studies.unit * len(studies.others) / _moments(studies, 0.0).trace_p
    # In this form rounding can neither pass 100 nor turn low and high round.
    i2_low, i2_high = (100.0 / (1.0 + typical_variance / tau2) if tau2 > 0 else 0.0 for tau2 in (low, high))
    return HeterogeneityInterval(
        tau2_low=low,
        tau2_high=high,
        i2_low=i2_low,
        i2_high=i2_high,
        h2_low=1.0 + low / typical_variance,
        h2_high=1.0 + high / typical_variance,
    )


def spread_without_prior(effects: Sequence[float], standard_errors: Sequence[float]) -> tuple[float, float, float]:
    """Return Cochran's Q, its p, and the typical sampling variance of Higgins & Thompson 2002, of two and more studies."""
    studies = _Studies.of(*checked_studies(effects, standard_errors))
    at_zero, df = _moments(studies, 0.0), len(studies.others)
    return at_zero.q, float(chdtrc(df, at_zero.q)), studies.unit * studies.unit * df / at_zero.trace_p


def checked_studies(effects: Iterable[float], standard_errors: Iterable[float]) -> tuple[list[float], list[float]]:
    """Return both lists as floats, or raise ValueError naming the entry at fault."""
    effects = _numbers("Effect", effects)
    standard_errors = _numbers("Standard error", standard_errors)
    if len(effects) != len(standard_errors):
        partnered = min(len(effects), len(standard_errors))
        name, missing, longer = (
            ("Effect", "standard error", effects)
            if len(effects) > partnered
            else ("Standard error", "effect", standard_errors)
        )
        raise ValueError(
            f"{name} {partnered + 1} is {longer[partnered]!r} and has no {missing}: "
            f"{len(effects)} effects, {len(standard_errors)} standard errors."
        )
    for position, standard_error in enumerate(standard_errors, 1):
        if standard_error < 1 / LARGEST_MAGNITUDE:
            fault = "too small to compute with" if standard_error > 0 else "it must be greater than 0"
            raise ValueError(f"Standard error {position} is {standard_error!r}: {fault}.")
    return effects, standard_errors


def _numbers(name: str, values: Iterable[float]) -> list[float]:
    """Return the values as finite floats, or raise ValueError naming the first that is not."""
    numbers = []
    for position, value in enumerate(values, 1):
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"{name} {position} is {value!r}: it must be a number.") from None
        # Written so that NaN, for which every comparison is false, is refused too.
        if not -LARGEST_MAGNITUDE <= number <= LARGEST_MAGNITUDE:
            fault = "too large to compute with" if abs(number) < float("inf") else "it must be a finite number"
            raise ValueError(f"{name} {position} is {value!r}: {fault}.")
        numbers.append(number)
    return numbers


def _single_study(effect: float, standard_error: float) -> PooledResult:
    """Return one study as its own result: Wald interval, nothing said about other studies."""
    half_width = float(ndtri(0.975)) * standard_error
    return PooledResult(
        k=1,
        estimate=effect,
        standard_error=standard_error,
        ci_low=effect - half_width,
        ci_high=effect + half_width,
        tau2=0.0,
        i2=0.0,
        q=0.0,
        q_df=0,
        q_p=1.0,
        prediction_low=None,
        prediction_high=None,
        weights=(100.0,),
        method=Tau2Method.SINGLE,
        hartung_knapp_factor=1.0,
    )


class _Studies(NamedTuple):
    """The studies in a unit of their own: the most precise one has effect 0 and variance 1, the others follow.

    The unit makes every stopping rule independent of the unit of the data. The origin keeps full precision when one
    study outweighs the rest by many orders of magnitude. Sorting makes the result the same to the last digit in
    whatever order the studies come.
    """

    unit: float
    origin: float
    variances: list[float]  # of all studies, in the order given
    others: list[tuple[float, float]]  # (variance, effect) of all but the most precise study, sorted

    @classmethod
    def of(cls, effects: list[float], standard_errors: list[float]) -> "_Studies":
        """Return the studies rescaled to the most precise of them."""
        unit = min(standard_errors)
        variances = [(se / unit) * (se / unit) for se in standard_errors]
        (_, origin), *others = sorted(zip(variances, effects, strict=True))
        return cls(unit, origin, variances, [(variance, (effect - origin) / unit) for variance, effect in others])


class _Moments(NamedTuple):
    """What the estimators need at one value of tau2, with weights w = 1 / (variance + tau2).

    P is W - w w' / sum(w), the matrix that takes the weighted mean out (Viechtbauer 2005).
    """

    tau2: float
    weight_sum: float
    mean: float
    q: float  # y'Py, the generalised Q
    trace_p: float
    score: float  # y'PPy - tr P, twice the slope of the restricted log-likelihood, here times (1 + tau2)^2


def _moments(studies: _Studies, tau2: float) -> _Moments:
    """Return the moments at ``tau2``, in one pass over the studies.

    Weights are taken relative to the most precise study (whose own is 1, whose effect is 0), so each is at most 1 and
    the sums below run over the others. The trace is written out so that no two nearly equal numbers are subtracted,
    however unequal the weights; for ``q`` and y'PPy the loss is at most a factor of the order of k.
    """
    scale = 1.0 + tau2
    w1 = w2 = w1_y = w2_y = w1_yy = w2_yy = 0.0
    for variance, y in studies.others:
        w = scale / (variance + tau2)
        wy = w * y
        w1 += w
        w2 += w * w
        w1_y += wy
        w2_y += w * wy
        w1_yy += wy * y
        w2_yy += wy * wy
    total = 1.0 + w1
    mean = w1_y / total
    trace_p = (2.0 * w1 + (w1 * w1 - w2)) / total
    return _Moments(
        tau2=tau2,
        weight_sum=total / scale,
        mean=mean,
        q=(w1_yy - mean * w1_y) / scale,
        trace_p=trace_p / scale,
        score=w2_yy - 2.0 * mean * w2_y + mean * mean * (1.0 + w2) - scale * trace_p,
    )


def _reml(studies: _Studies, at_zero: _Moments) -> _Moments:
    """Return the moments at the REML estimate of tau2: where the restricted likelihood is highest.

    Each of its maxima lies at 0 or where the score falls through 0, looked for in steps that double 1 + tau2: sums over
    1 / (variance + tau2) bend no faster. From the largest variance less 2 on (in units of the smallest) there is none
    beyond a point where the score is below 0: y'PPy then falls faster than tr P, since y'PPPy / y'PPy is at least
    1 / (largest variance + tau2) and tr PP / tr P at most 1 / (1 + tau2).
    """
    far = studies.others[-1][0] - 2.0
    low, maxima = at_zero, [] if at_zero.score > 0.0 else [at_zero]
    while low.tau2 < far or low.score > 0.0:
        high = _moments(studies, 1.0 + 2.0 * low.tau2)
        if low.score > 0.0 >= high.score:
            maxima.append(_root(studies, lambda at: at.score, low, high))
        low = high
    return max(maxima, key=lambda at: _log_likelihood(studies, at)) if len(maxima) > 1 else maxima[0]


def _log_likelihood(studies: _Studies, moments: _Moments) -> float:
    """Return the restricted log-likelihood at the tau2 of ``moments``, up to a constant."""
    tau2 = moments.tau2
    logs = log(1.0 + tau2) + sum([log(variance + tau2) for variance, _ in studies.others])
    return -0.5 * (logs + log(moments.weight_sum) + moments.q)


def _tau2_at_q(studies: _Studies, target: float) -> float:
    """Return the tau2 at which the generalised Q falls to ``target``, 0 if it lies below from the start."""
    at_zero = _moments(studies, 0.0)
    if at_zero.q <= target:
        return 0.0
    # Q is at most the sum of squares about any centre, here the origin, over tau2.
    beyond = _moments(studies, sum([y * y for _, y in studies.others]) / target)
    return _root(studies, lambda at: 1.0 - target / at.q, at_zero, beyond).tau2


def _root(studies: _Studies, function: Callable[[_Moments], float], low: _Moments, high: _Moments) -> _Moments:
    """Return the moments between ``low`` and ``high`` where a function that falls through 0 there is 0.

    False position after Anderson & Bjorck 1973. Both functions asked for are straight lines in tau2 when all variances
    are equal.
    """
    (left, at_left), (right, at_right) = (low.tau2, function(low)), (high.tau2, function(high))
    moved = 0
    while True:
        tau2 = left + (right - left) * at_left / (at_left - at_right)
        found = _moments(studies, tau2)
        value = function(found)
        if (right - left) * min(1.0, abs(value) / (at_left - at_right)) <= RELATIVE_TOLERANCE * (1.0 + tau2):
            return found
        if value > 0.0:
            if moved > 0:
                at_right *= 1.0 - value / at_left if value < at_left else 0.5
            left, at_left, moved = tau2, value, 1
        else:
            if moved < 0:
                at_left *= 1.0 - value / at_right if value > at_right else 0.5
            right, at_right, moved = tau2, value, -1
