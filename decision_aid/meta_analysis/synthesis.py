"""The one way effects of several studies become one number: by how many there are.

Five and more: REML with the Hartung-Knapp interval (`random_effects`). Two to four, where the spread between studies
can hardly be estimated: a half-normal prior on it (`few_studies`). One: its own interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from decision_aid.meta_analysis.few_studies import pool_few
from decision_aid.meta_analysis.random_effects import (
    PooledResult,
    Tau2Method,
    checked_studies,
    pool,
    spread_without_prior,
)

ENOUGH_FOR_REML = 5  # studies; fewer say too little about the spread between them (Bender 2018)


def synthesise(effects: Sequence[float], standard_errors: Sequence[float], tau_scale: float) -> PooledResult:
    """Return the pooled effect of one study and more.

    ``tau_scale`` is the scale of the prior for two to four studies, in the unit of the effects. Of those ``estimate`` is
    the posterior median, the bounds the central 95 % interval, ``standard_error`` the posterior's standard deviation,
    ``tau2`` the square of tau's posterior median, ``weights`` the shares in the posterior mean.

    Raises TooFewStudies for no study and ValueError as ``pool`` and ``pool_few`` do.
    """
    effects, standard_errors = checked_studies(effects, standard_errors)
    return _synthesise(tuple(effects), tuple(standard_errors), tau_scale)


@lru_cache(maxsize=8192)
def _synthesise(effects: tuple[float, ...], standard_errors: tuple[float, ...], tau_scale: float) -> PooledResult:
    k = len(effects)
    if not 2 <= k < ENOUGH_FOR_REML:
        return pool(effects, standard_errors)
    few = pool_few(effects, standard_errors, tau_scale)
    q, p, typical_variance = spread_without_prior(effects, standard_errors)
    tau2 = few.tau_median**2
    return PooledResult(
        k=k,
        estimate=few.estimate,
        standard_error=few.standard_deviation,
        ci_low=few.ci_low,
        ci_high=few.ci_high,
        tau2=tau2,
        i2=100.0 * tau2 / (tau2 + typical_variance),
        q=q,
        q_df=k - 1,
        q_p=p,
        prediction_low=few.prediction_low,
        prediction_high=few.prediction_high,
        weights=few.weights,
        method=Tau2Method.HALF_NORMAL,
        hartung_knapp_factor=1.0,
    )
