"""A few studies pooled as bayesmeta does, and what must hold for any of them."""

from __future__ import annotations

import json
import math
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from decision_aid.cli import main
from decision_aid.meta_analysis.few_studies import FewStudiesResult, pool_few
from decision_aid.meta_analysis.random_effects import TooFewStudies

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "bayesmeta" / "reference.json").read_text(encoding="utf-8")
)
NAMES = {
    "mu_median": "estimate",
    "mu_low": "ci_low",
    "mu_high": "ci_high",
    "mu_mean": "mean",
    "mu_sd": "standard_deviation",
    "tau_median": "tau_median",
    "tau_low": "tau_low",
    "tau_high": "tau_high",
    "prediction_low": "prediction_low",
    "prediction_high": "prediction_high",
}


def pooled(case: dict[str, Any]) -> FewStudiesResult:
    return pool_few(case["effects"], case["standard_errors"], case["tau_scale"])


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_every_number_against_bayesmeta(case: dict[str, Any]) -> None:
    found, width = pooled(case), case["mu_high"] - case["mu_low"]
    for theirs, ours in NAMES.items():
        assert getattr(found, ours) == pytest.approx(case[theirs], abs=1e-4 * width), theirs
    assert sum(found.weights) == pytest.approx(100)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_the_order_the_unit_and_the_direction_change_nothing_else(case: dict[str, Any]) -> None:
    found, near = pooled(case), 1e-9 * (case["mu_high"] - case["mu_low"])
    for order in permutations(range(found.k)):
        turned = pool_few(
            [case["effects"][i] for i in order], [case["standard_errors"][i] for i in order], case["tau_scale"]
        )
        assert (turned.estimate, turned.ci_low, turned.ci_high) == pytest.approx(
            (found.estimate, found.ci_low, found.ci_high), abs=near
        )
        assert [turned.weights[order.index(i)] for i in range(found.k)] == pytest.approx(found.weights)
    scaled = pool_few(
        [1000 * e for e in case["effects"]], [1000 * s for s in case["standard_errors"]], 1000 * case["tau_scale"]
    )
    assert (scaled.ci_low, scaled.ci_high) == pytest.approx(
        (1000 * found.ci_low, 1000 * found.ci_high), abs=1000 * near
    )
    swapped = pool_few([-e for e in case["effects"]], case["standard_errors"], case["tau_scale"])
    assert (-swapped.ci_high, -swapped.estimate, -swapped.ci_low) == pytest.approx(
        (found.ci_low, found.estimate, found.ci_high), abs=near
    )


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_a_wider_prior_never_narrows_the_interval(case: dict[str, Any]) -> None:
    widths = []
    for factor in (0.5, 1.0, 2.0, 4.0):
        found = pool_few(case["effects"], case["standard_errors"], factor * case["tau_scale"])
        widths.append(found.ci_high - found.ci_low)
    assert widths == sorted(widths)


def test_what_cannot_be_pooled_is_refused() -> None:
    with pytest.raises(TooFewStudies):
        pool_few([], [])
    for scale in (0.0, -1.0, math.inf, math.nan):
        with pytest.raises(ValueError, match="scale of the prior"):
            pool_few([0.1, 0.2], [0.1, 0.1], scale)
    with pytest.raises(ValueError, match="Standard error 2"):
        pool_few([0.1, 0.2], [0.1, 0.0])


def test_the_command_line_pools_two_studies_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = next(c for c in CASES if c["name"] == "two_agree")
    file = tmp_path / "effects.csv"
    rows = zip(case["effects"], case["standard_errors"], strict=True)
    file.write_text("effect,standard_error\n" + "".join(f"{e},{s}\n" for e, s in rows), encoding="utf-8")
    assert main(["pool", str(file), "--method", "bayes", "--tau-scale", str(case["tau_scale"])]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ci_low"] == pytest.approx(case["mu_low"], abs=1e-4)
    assert told["tau_median"] == pytest.approx(case["tau_median"], abs=1e-4)
