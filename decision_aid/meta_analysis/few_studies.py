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
from typing import TYPE_CHECKING, NamedTuple

from decision_aid.meta_analysis.random_effects import LARGEST_MAGNITUDE, TooFewStudies, checked_studies

if TYPE_CHECKING:
    import numpy as np

TAU_SCALE = 0.5  # of log ratios: half of all spreads within a factor of 1.4 either way (Roever 2021, table 3)
_FARTHEST = 9.0  # in scales of the prior; its tail beyond is 2e-19
_NODES = 12  # of each panel, Gauss-Legendre
_LARGEST_CHANGE = 10.0  # of the log density within a panel
_NEGLIGIBLE = 30.0  # how far below the largest the log of a panel's mass may lie to be left out
_HALVINGS = 40
_STEPS, _PLAIN_STEPS = 120, 10
_TOLERANCE, _ROUNDING, _SMALLEST_SLOPE = 1e-11, 1e-15, 1e-300


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
    if not 1 / LARGEST_MAGNITUDE <= tau_scale <= LARGEST_MAGNITUDE:
        raise ValueError(f"The scale of the prior is {tau_scale!r}: it must be a number above 0 to compute with.")
    # In units of the prior's scale and from the most precise study on, so that nothing depends on the unit of the data.
    _, origin = min(zip(standard_errors, effects, strict=True))
    studies = _Studies(
        np.array([(e - origin) / tau_scale for e in effects])[:, None],
        np.array([(s / tau_scale) ** 2 for s in standard_errors])[:, None],
    )
    starts, widths = _panels(studies)
    tau, weight = _nodes(starts, widths)
    at = studies.at(tau.ravel())
    top = float(at.log_density.max())
    mass = weight.ravel() * np.exp(at.log_density - top)
    whole = float(mass.sum())
    mass /= whole

    variance = 1.0 / at.total
    posterior_mean = float(mass @ at.mean)
    standard_deviation = math.sqrt(float(mass @ (variance + (at.mean - posterior_mean) ** 2)))
    low, estimate, high = _quantiles_of_mixture(mass, at.mean, np.sqrt(variance), (0.025, 0.5, 0.975))
    next_low, next_high = _quantiles_of_mixture(mass, at.mean, np.sqrt(variance + tau.ravel() ** 2), (0.025, 0.975))

    # Each quantile of tau lies in one panel, of which the part below it is integrated anew.
    below = np.concatenate(([0.0], mass.reshape(tau.shape).sum(axis=1).cumsum()))
    shares = np.array((0.025, 0.5, 0.975))
    panel = (below.searchsorted(shares) - 1).clip(0, len(starts) - 1)
    first = starts[panel]

    def share_below(to: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        part, part_weight = _nodes(first, to - first)
        places = np.concatenate((part, to[:, None]), axis=1)
        density = np.exp(studies.at(places.ravel()).log_density - top).reshape(places.shape) / whole
        return below[panel] + (part_weight * density[:, :-1]).sum(axis=1), density[:, -1]

    guess = first + widths[panel] * (shares - below[panel]) / (below[panel + 1] - below[panel])
    tau_low, tau_median, tau_high = _meet(share_below, shares, first, first + widths[panel], guess)

    def back(value: float) -> float:
        return origin + tau_scale * value

    return FewStudiesResult(
        k=len(effects),
        estimate=back(estimate),
        ci_low=back(low),
        ci_high=back(high),
        mean=back(posterior_mean),
        standard_deviation=tau_scale * standard_deviation,
        tau_median=tau_scale * tau_median,
        tau_low=tau_scale * tau_low,
        tau_high=tau_scale * tau_high,
        prediction_low=back(next_low),
        prediction_high=back(next_high),
        weights=tuple((100.0 * (at.weights / at.total) @ mass).tolist()),
        tau_scale=tau_scale,
    )


class _At(NamedTuple):
    """What is known at each tau. The log density of tau, up to a constant, is ``falling - q / 2``: the first falls with
    tau, and so does q."""

    weights: np.ndarray  # a row a study
    total: np.ndarray
    mean: np.ndarray
    falling: np.ndarray
    q: np.ndarray

    @property
    def log_density(self) -> np.ndarray:
        return self.falling - 0.5 * self.q


class _Studies(NamedTuple):
    """Effects and squared standard errors in units of the prior's scale, a row each."""

    y: np.ndarray
    s2: np.ndarray

    def at(self, tau: np.ndarray) -> _At:
        """Roever 2020, equation 8, with a half-normal prior of scale 1."""
        import numpy as np

        tau2 = tau * tau
        variance = self.s2 + tau2
        w = 1.0 / variance
        total = w.sum(axis=0)
        mean = (w * self.y).sum(axis=0) / total
        q = (w * (self.y - mean) ** 2).sum(axis=0)
        return _At(w, total, mean, -0.5 * (np.log(variance).sum(axis=0) + np.log(total) + tau2), q)


def _panels(studies: _Studies) -> tuple[np.ndarray, np.ndarray]:
    """Starts and widths of panels of tau that hold all of its mass and on none of which its density changes steeply.

    They grow by 2 from half the smallest standard error on: the density has no singularity nearer to a place than its
    distance to 0 or the smallest standard error. Where studies contradict each other far beyond the prior the density
    is a narrow peak; panels are halved until they resolve it. Between the edges of a panel the log density leaves the
    straight line by less than the change of its two parts times width over end, since these are powers of tau.
    """
    import numpy as np

    # Beyond the root of the effects' spread the prior falls faster than the likelihood rises.
    farthest = _FARTHEST + math.sqrt(math.sqrt(len(studies.y)) * float(np.ptp(studies.y)))
    smallest = math.sqrt(float(studies.s2.min())) / 2
    doublings = max(0, math.ceil(math.log2(farthest / smallest)))
    ends = np.minimum(smallest * 2.0 ** np.arange(doublings + 1), farthest)
    starts = np.concatenate(([0.0], ends[:-1]))
    for _ in range(_HALVINGS):
        a, b = studies.at(starts), studies.at(ends)
        widths = ends - starts
        at_start, at_end = a.log_density, b.log_density
        bend = (a.falling - b.falling + 0.5 * (a.q - b.q)) * widths / ends
        highest, change = np.maximum(at_start, at_end), np.abs(at_end - at_start) + bend
        log_width = np.log(widths)
        least = (highest + log_width - np.log1p(change)).max()
        kept = highest + bend + log_width > least - _NEGLIGIBLE
        steep = kept & (change > _LARGEST_CHANGE)
        if not steep.any():
            break
        flat = kept & ~steep
        middle = 0.5 * (starts[steep] + ends[steep])
        starts, ends = (
            np.concatenate((starts[flat], starts[steep], middle)),
            np.concatenate((ends[flat], middle, ends[steep])),
        )
    order = starts[kept].argsort()
    return starts[kept][order], widths[kept][order]


@lru_cache(maxsize=1)
def _rule() -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre from 0 to 1."""
    import numpy as np

    x, weight = np.polynomial.legendre.leggauss(_NODES)
    return (1.0 + x) / 2.0, weight / 2.0


def _nodes(starts: np.ndarray, widths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places and weights of the rule on each panel, a row each."""
    x, weight = _rule()
    return starts[:, None] + widths[:, None] * x, widths[:, None] * weight


def _quantiles_of_mixture(mass: np.ndarray, mean: np.ndarray, sd: np.ndarray, shares: tuple[float, ...]) -> list[float]:
    """Where a mixture of normal distributions has each of the shares below it."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    wanted = np.array(shares)
    of_each = mean + ndtri(wanted)[:, None] * sd
    density = mass / (sd * math.sqrt(2.0 * math.pi))

    def share_below(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        z = (x[:, None] - mean) / sd
        return ndtr(z) @ mass, np.exp(-0.5 * z * z) @ density

    return _meet(share_below, wanted, of_each.min(axis=1), of_each.max(axis=1), of_each @ mass)


def _meet(
    function: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]],
    targets: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    guess: np.ndarray,
) -> list[float]:
    """Where a rising function, given with its slope, meets each target: Newton between bounds that close in.

    A step that leaves the bounds is replaced by their middle, after ten steps every second one is, so that it ends.
    """
    import numpy as np

    x = guess
    for step in range(_STEPS):
        value, slope = function(x)
        off = value - targets
        low, high = np.where(off < 0, x, low), np.where(off > 0, x, high)
        there = (np.abs(off) <= _TOLERANCE) | (high - low <= _ROUNDING * np.maximum(np.abs(low), np.abs(high)))
        if there.all():
            break
        newton = x - off / np.maximum(slope, _SMALLEST_SLOPE)
        halved = (newton <= low) | (newton >= high) | (step >= _PLAIN_STEPS and step % 2 == 1)
        x = np.where(there, x, np.where(halved, 0.5 * (low + high), newton))
    return [float(place) for place in x]
