"""How far to trust a pooled estimate, with its reasons.

A rule, not a formal GRADE judgement: it looks at what the dataset holds (design, agreement, width, size, cautions)
and cannot see how well each study was run. The steps follow the GRADE guidelines 5 to 9 (Guyatt 2011, J Clin
Epidemiol 64:1283-1316); the bounds are stated beside each rule.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from decision_aid.meta_analysis.random_effects import PooledResult

INCONSISTENT_I2_PERCENT = 50.0  # Cochrane Handbook 10.10.2: 50 % and more may represent substantial heterogeneity
LARGE_RATIO = 2.0  # GRADE guidelines 9: a large effect lifts what observational studies say
FEW_PEOPLE = 400  # GRADE guidelines 6: usual optimal information size for a continuous outcome
FEW_EVENTS = 300  # GRADE guidelines 6: rule of thumb for event outcomes
NOTICEABLE_RATIO = (0.75, 1.25)  # GRADE guidelines 6: appreciable benefit or harm where no other bound is known


class Level(IntEnum):
    VERY_LOW = 1
    LOW = 2
    MODERATE = 3
    HIGH = 4

    @property
    def label(self) -> str:
        return self.name.lower().replace("_", " ")


class Doubt(StrEnum):
    """Why a certainty starts where it does, and what takes it down."""

    RANDOMISED = "randomised"
    NOT_RANDOMISED = "not_randomised"
    ONE_STUDY = "one_study"
    INCONSISTENT = "inconsistent"
    IMPRECISE = "imprecise"
    FEW_PEOPLE = "few_people"
    PEOPLE_NOT_PRINTED = "people_not_printed"
    FEW_EVENTS = "few_events"
    CAUTIONS = "cautions"
    BORROWED_SPREAD = "borrowed_spread"
    LARGE_EFFECT = "large_effect"  # the one ground that lifts


@dataclass(frozen=True, slots=True)
class Ground:
    """A doubt and the figure it rests on: I² in percent, people, events, studies with a caution; None where it has none.

    Of an imprecise range it is the smallest change or ratio that counts, None where none is known.
    """

    doubt: Doubt
    figure: float | None = None


@dataclass(frozen=True, slots=True)
class Certainty:
    """A level and the grounds for it, in the order they were applied: where it starts, then every step down."""

    level: Level
    grounds: tuple[Ground, ...]

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        return tuple(ground.doubt for ground in self.grounds)


def judge(
    *,
    pooled: PooledResult,
    ratio: bool,
    all_randomised: bool,
    people: int,
    without_size: int = 0,
    events: int | None,
    noticeable_change: float | None,
    cautions: int,
    one_way: bool = False,
    borrowing_matters: bool = False,
) -> Certainty:
    """The certainty of a pooled result.

    `ratio`: the result is on the log scale. `people`: as far as printed; `without_size`: pooled studies that print no
    number of people. `events`: events in both arms, None for a continuous outcome or where a study prints no counts.
    `noticeable_change`: in the unit of the result, None where none is known. `cautions`: pooled studies with a caution.
    `one_way`: all studies point the same way. `borrowing_matters`: the estimate from printed spreads alone lies outside
    the interval, or fewer than two studies print one.
    """
    start = Level.HIGH if all_randomised else Level.LOW
    found = [Ground(Doubt.RANDOMISED if all_randomised else Doubt.NOT_RANDOMISED)]
    if pooled.k == 1:
        found.append(Ground(Doubt.ONE_STUDY))
    elif pooled.i2 >= INCONSISTENT_I2_PERCENT and not (one_way and _predicts_one_way(pooled)):
        found.append(Ground(Doubt.INCONSISTENT, pooled.i2))
    if _imprecise(pooled, ratio, noticeable_change):
        found.append(Ground(Doubt.IMPRECISE, NOTICEABLE_RATIO[1] if ratio else noticeable_change))
    if events is not None and events < FEW_EVENTS:
        found.append(Ground(Doubt.FEW_EVENTS, events))
    elif events is None and people < FEW_PEOPLE:
        found.append(Ground(Doubt.PEOPLE_NOT_PRINTED) if without_size else Ground(Doubt.FEW_PEOPLE, people))
    if borrowing_matters:
        found.append(Ground(Doubt.BORROWED_SPREAD))
    if cautions:
        found.append(Ground(Doubt.CAUTIONS, cautions))
    level = start - (len(found) - 1)
    if not all_randomised and ratio and _is_large(pooled):
        level += 1
        found.append(Ground(Doubt.LARGE_EFFECT))
    return Certainty(Level(min(Level.HIGH, max(Level.VERY_LOW, level))), tuple(found))


def _predicts_one_way(pooled: PooledResult) -> bool:
    """Whether a new study would be expected on the same side: only then does a spread between studies not matter."""
    low, high = pooled.prediction_low, pooled.prediction_high
    return low is not None and high is not None and (low > 0 or high < 0)


def _is_large(pooled: PooledResult) -> bool:
    """A ratio of 0.5 and less or 2 and more whose interval is clear of 1 (GRADE guidelines 9)."""
    return abs(pooled.estimate) >= math.log(LARGE_RATIO) and (pooled.ci_low > 0 or pooled.ci_high < 0)


def _imprecise(pooled: PooledResult, ratio: bool, noticeable_change: float | None) -> bool:
    if not pooled.ci_low <= 0 <= pooled.ci_high:
        return False
    if ratio:
        return pooled.ci_low < math.log(NOTICEABLE_RATIO[0]) or pooled.ci_high > math.log(NOTICEABLE_RATIO[1])
    if noticeable_change is None:
        return True
    return pooled.ci_low <= -noticeable_change or pooled.ci_high >= noticeable_change
