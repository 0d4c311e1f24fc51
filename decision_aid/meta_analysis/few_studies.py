"""One pooled effect out of two to four studies: Bayesian random effects by numerical integration.

With so few studies the spread between them can hardly be estimated, and intervals that pretend it can are absurdly wide
or narrow. A half-normal prior on it says what is plausible; the pooled effect itself has a flat prior. This module knows
numbers only.

Reference implementation: R bayesmeta 3.4, ``bayesmeta(y, sigma, tau.prior = function(t) dhalfnormal(t, scale))``.

Literature
    Bender et al. 2018, Res Synth Methods 9:382 (methods for evidence synthesis in the case of very few studies)
    Roever et al. 2021, Res Synth Methods 12:448 (weakly informative priors for heterogeneity)
    Roever 2020, J Stat Softw 93(6) (bayesmeta: the marginal posterior as a mixture over tau)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from decision_aid.meta_analysis.random_effects import TooFewStudies, checked_studies

if TYPE_CHECKING:
    import numpy as np

TAU_SCALE = 0.5  # of log ratios: half of all spreads within a factor of 1.4 either way (Roever 2021, table 3)
# The tail of the half-normal prior beyond nine scales is 2e-19.
_FARTHEST = 9.0
_NODES = 20  # of each panel, Gauss-Legendre
_PANELS_A_DECADE = 4
_SMALLEST_PANEL = 1e-3  # in units of the smallest standard error or the scale, whichever is smaller
_STEPS, _TOLERANCE = 200, 1e-11


@dataclass(frozen=True, slots=True)
class FewStudiesResult:
    """A posterior: medians and central 95 % intervals in the unit of the effects, of the mean, a new study, and tau.

    ``weights`` are the studies' shares in the posterior mean, in percent and in the order given.
    """

    k: int
    estimate: float
    ci_low: float
    ci_high: float
    mean: float
    standard_deviation: float
    tau_median: float
    tau_low: float
    tau_high: float
    prediction_low: float
    prediction_high: float
    weights: tuple[float, ...]
    tau_scale: float


def pool_few(
    effects: Sequence[float], standard_errors: Sequence[float], tau_scale: float = TAU_SCALE
) -> FewStudiesResult:
    """Return the posterior of the pooled effect: normal-normal model, flat prior on the mean, half-normal on tau.

    ``effects`` and ``standard_errors`` have one entry a study, in the same unit; ``tau_scale`` is the scale of the
    prior in that unit. Any number of studies from one on can be given; it is meant for two to four.

    Raises TooFewStudies for none, and ValueError as ``random_effects.pool`` does or for a scale that is not positive.
    """
    import numpy as np

    effects, standard_errors = checked_studies(effects, standard_errors)
    if not effects:
        raise TooFewStudies("There is no study to pool.")
    if not 0 < tau_scale < math.inf:
        raise ValueError(f"The scale of the prior is {tau_scale!r}: it must be a number above 0.")
    # In units of the prior's scale and from the first study on, so that nothing depends on the unit of the data.
    origin = effects[0]
    y = np.array([(e - origin) / tau_scale for e in effects])
    s2 = np.array([(s / tau_scale) ** 2 for s in standard_errors])
    smallest = min(1.0, math.sqrt(float(s2.min())))
    tau, width = _grid(smallest)
    w, mean, log_density = _at(y, s2, tau)
    total = w.sum(axis=1)
    top = float(log_density.max())
    mass = width * np.exp(log_density - top)
    whole = float(mass.sum())
    mass /= whole
    sd, new = 1.0 / np.sqrt(total), np.sqrt(1.0 / total + tau * tau)
    posterior_mean = float((mass * mean).sum())
    variance = float((mass * (sd * sd + (mean - posterior_mean) ** 2)).sum())
    low, estimate, high = (_quantile(mass, mean, sd, p) for p in (0.025, 0.5, 0.975))
    next_low, next_high = (_quantile(mass, mean, new, p) for p in (0.025, 0.975))
    shares = (mass[:, None] * w / total[:, None]).sum(axis=0)

    def share_below(to: float) -> float:
        places, widths = _grid(smallest, to)
        return float((widths * np.exp(_at(y, s2, places)[2] - top)).sum()) / whole

    tau_low, tau_median, tau_high = (_where(share_below, p, smallest * 1e-9, _FARTHEST) for p in (0.025, 0.5, 0.975))

    def back(value: float) -> float:
        return origin + tau_scale * value

    return FewStudiesResult(
        k=len(effects),
        estimate=back(estimate),
        ci_low=back(low),
        ci_high=back(high),
        mean=back(posterior_mean),
        standard_deviation=tau_scale * math.sqrt(variance),
        tau_median=tau_scale * tau_median,
        tau_low=tau_scale * tau_low,
        tau_high=tau_scale * tau_high,
        prediction_low=back(next_low),
        prediction_high=back(next_high),
        weights=tuple(float(100 * s) for s in shares),
        tau_scale=tau_scale,
    )


@lru_cache(maxsize=1)
def _rule() -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    return np.polynomial.legendre.leggauss(_NODES)


def _grid(smallest: float, to: float = _FARTHEST) -> tuple[np.ndarray, np.ndarray]:
    """Places and widths from 0 to `to`, fine where the likelihood of precise studies bends: Gauss-Legendre on panels
    that grow by a constant factor."""
    import numpy as np

    start = min(smallest * _SMALLEST_PANEL, to / 2)
    panels = max(2, math.ceil(_PANELS_A_DECADE * math.log10(to / start)))
    edges = np.concatenate(([0.0], np.geomspace(start, to, panels)))
    x, weight = _rule()
    half = np.diff(edges) / 2
    places = (edges[:-1] + half)[:, None] + half[:, None] * x
    return places.ravel(), (half[:, None] * weight).ravel()


def _quantile(mass: np.ndarray, mean: np.ndarray, sd: np.ndarray, p: float) -> float:
    """Where a mixture of normal distributions has the share `p` below it."""
    from scipy.special import ndtr

    return _where(
        lambda x: float((mass * ndtr((x - mean) / sd)).sum()),
        p,
        float((mean - 12 * sd).min()),
        float((mean + 12 * sd).max()),
    )


def _at(y: np.ndarray, s2: np.ndarray, tau: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """At each tau, in units of the prior's scale: the studies' weights, the mean given tau, and the log of tau's posterior
    density up to a constant (Roever 2020, equation 8)."""
    import numpy as np

    w = 1.0 / (s2[None, :] + (tau * tau)[:, None])
    total = w.sum(axis=1)
    mean = (w * y).sum(axis=1) / total
    q = (w * (y[None, :] - mean[:, None]) ** 2).sum(axis=1)
    return w, mean, 0.5 * (np.log(w).sum(axis=1) - np.log(total) - q - tau * tau)


def _where(function: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Where a rising function meets `target` between `low` and `high`: false position with halving (Illinois)."""
    at_low, at_high = function(low) - target, function(high) - target
    if at_low >= 0:
        return low
    if at_high <= 0:
        return high
    for _ in range(_STEPS):
        middle = (low * at_high - high * at_low) / (at_high - at_low)
        found = function(middle) - target
        if abs(found) < _TOLERANCE or high - low <= _TOLERANCE * max(1.0, abs(middle)):
            return middle
        if found > 0:
            high, at_high, at_low = middle, found, at_low / 2
        else:
            low, at_low, at_high = middle, found, at_high / 2
    return middle
