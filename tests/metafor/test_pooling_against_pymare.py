"""pool() against a second implementation: PyMARE searches the restricted likelihood by a scan and parabolas.

It agrees on every reference set, on `no_convergence` too, where it takes the higher of two maxima as `pool` does and
metafor with its steps halved does not. Its search is narrowed beyond its default, which leaves tau2 off by up to 1e-5.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from decision_aid.meta_analysis.random_effects import pool

with warnings.catch_warnings():
    warnings.simplefilter("ignore", ResourceWarning)  # PyMARE leaves a file of its own open while it is imported
    from pymare import Dataset
    from pymare.estimators import VarianceBasedLikelihoodEstimator

METAFOR = Path(__file__).parent
CASES = json.loads((METAFOR / "reference.json").read_text(encoding="utf-8"))["cases"]
LARGER = json.loads((METAFOR / "sensitivity.json").read_text(encoding="utf-8"))["effects"]
SETS = {name: (case["effects"], case["standard_errors"]) for name, case in {**LARGER, **CASES}.items()}

RELATIVE = 1e-6


def of_pymare(effects: list[float], errors: list[float], correction: str) -> dict[str, float]:
    ones = np.ones((len(effects), 1))
    dataset = Dataset(y=np.array(effects)[:, None], v=np.array(errors)[:, None] ** 2, X=ones, add_intercept=False)
    search = {"xtol": 1e-12, "ftol": 1e-15, "maxiter": 500}
    fit = VarianceBasedLikelihoodEstimator(method="REML", small_sample_correction=correction, **search)
    summary = fit.fit_dataset(dataset).summary()
    return {name: np.asarray(value).item() for name, value in {**summary.get_fe_stats(), "tau2": summary.tau2}.items()}


@pytest.mark.parametrize("name", SETS)
def test_estimate_spread_and_knapp_hartung_interval(name: str) -> None:
    ours, theirs = pool(*SETS[name]), of_pymare(*SETS[name], "knapp-hartung-conservative")
    assert ours.tau2 == pytest.approx(theirs["tau2"], rel=RELATIVE, abs=0)
    assert ours.estimate == pytest.approx(theirs["est"], rel=RELATIVE, abs=0)
    assert ours.standard_error == pytest.approx(theirs["se"], rel=RELATIVE, abs=0)
    assert (ours.ci_low, ours.ci_high) == pytest.approx((theirs["ci_l"], theirs["ci_u"]), rel=RELATIVE, abs=0)


@pytest.mark.parametrize("name", SETS)
def test_hartung_knapp_factor_before_it_is_kept_from_falling_below_1(name: str) -> None:
    ours, plain = pool(*SETS[name]), of_pymare(*SETS[name], "knapp-hartung")
    wald = ours.standard_error / max(1.0, ours.hartung_knapp_factor) ** 0.5
    assert wald * ours.hartung_knapp_factor**0.5 == pytest.approx(plain["se"], rel=RELATIVE, abs=0)
