"""How unit tests speak of a few made-up studies, and the numbers they expect, worked out apart from the program."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from builders import both_arms, evidence_of
from scipy.special import ndtr

from decision_aid.comparison.comparison import Comparison, compare
from decision_aid.comparison.question import ask
from decision_aid.comparison.study_results import StudyResult
from decision_aid.domain.vocabulary import Outcome, Procedure

OPTION_NAMES = ("surgery", "nonoperative")
Rows = list[dict[str, Any]]


def measured(study_id: str, first: float = 100, second: float = 150, sd: float | None = 30, n: int | None = 40) -> Rows:
    """Blood loss in both arms; hollow without `sd`."""
    return both_arms(study_id, {"mean": first, "sd": sd, "n": n}, {"mean": second, "sd": sd, "n": n})


def counted(study_id: str, first: int, second: int, n: int = 100, **shared: Any) -> Rows:
    """People with an infection in both arms."""
    return both_arms(study_id, {"events": first, "n": n}, {"events": second, "n": n}, "infection", **shared)


def scored(study_id: str, months: float | None, first: float = 10, second: float = 20, **shared: Any) -> Rows:
    """Disability at a time; at no stated time for None."""
    timing = {"timing": "not_stated"} if months is None else {"timepoint_months": months}
    first_arm, second_arm = ({"mean": mean, "sd": 8, "n": 50} for mean in (first, second))
    return both_arms(study_id, first_arm, second_arm, "odi", **{**timing, **shared})


def answer(
    studies: Sequence[dict[str, Any]],
    arms: Sequence[dict[str, Any]] = (),
    contrasts: Sequence[dict[str, Any]] = (),
    outcome: Outcome = Outcome.BLOOD_LOSS,
    **filters: Any,
) -> Comparison:
    """What a dataset of these studies says to a question on discectomy."""
    data = evidence_of(studies, arms, contrasts)
    return compare(data, ask(data, Procedure.DISCECTOMY, outcome, **filters))


def only(c: Comparison, study_id: str) -> StudyResult:
    return next(s for s in c.studies if s.study.study_id == study_id)


def pooled_ids(c: Comparison) -> set[str]:
    return {s.study.study_id for s in c.studies if s.pooled}


def log_ratio(first: float, second: float, sd: float = 30, n: int = 40) -> tuple[float, float]:
    """Logarithm of a ratio of means and its standard error (Friedrich 2008), both arms of `n` with `sd`."""
    return math.log(first / second), math.sqrt(sd**2 / n * (1 / first**2 + 1 / second**2))


def posterior(effects: Sequence[float], errors: Sequence[float], tau_scale: float) -> tuple[float, float, float]:
    """Median and central 95 % limits of the mean of few studies, by plain sums over a fine grid of tau.

    Normal-normal, flat prior on the mean, half-normal prior on tau with this scale.
    """
    y, s = np.array(effects, dtype=float), np.array(errors, dtype=float)
    tau = (np.arange(6000) + 0.5) / 6000 * 6 * tau_scale
    variance = s**2 + tau[:, None] ** 2
    weight = 1 / variance
    total = weight.sum(axis=1)
    mean = (weight * y).sum(axis=1) / total
    log_density = -0.5 * (
        np.log(variance).sum(axis=1) + np.log(total) + (weight * (y - mean[:, None]) ** 2).sum(axis=1)
        + (tau / tau_scale) ** 2
    )  # fmt: skip
    mass = np.exp(log_density - log_density.max())
    mass /= mass.sum()
    low, high = y.min() - 12 * tau_scale - 12 * s.max(), y.max() + 12 * tau_scale + 12 * s.max()

    def quantile(p: float) -> float:
        a, b = low, high
        for _ in range(80):
            middle = (a + b) / 2
            below = float((mass * ndtr((middle - mean) * np.sqrt(total))).sum())
            a, b = (middle, b) if below < p else (a, middle)
        return float((a + b) / 2)

    return quantile(0.5), quantile(0.025), quantile(0.975)
