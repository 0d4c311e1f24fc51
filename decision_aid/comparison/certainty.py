"""How far to trust a pooled estimate, with its reasons.

A rule, not a formal GRADE judgement: it looks at what the dataset holds (design, agreement, width, size, cautions)
and cannot see how well each study was run. The steps follow the GRADE guidelines 5 to 8 (Guyatt 2011, J Clin
Epidemiol 64:1283-1310); the bounds are stated beside each rule.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from decision_aid.meta_analysis.random_effects import PooledResult

INCONSISTENT_I2_PERCENT = 50.0  # Cochrane Handbook 10.10.2: 50 % and more may represent substantial heterogeneity
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


@dataclass(frozen=True, slots=True)
class Certainty:
    """A level and the reasons for it, in the order they were applied: where it starts, then every step down.

    `doubts` and `reasons` run in parallel: the kind, and the sentence a clinician reads.
    """

    level: Level
    doubts: tuple[Doubt, ...]
    reasons: tuple[str, ...]


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
) -> Certainty:
    """The certainty of a pooled result.

    `ratio`: the result is on the log scale. `people`: as far as printed; `without_size`: pooled studies that print no
    number of people. `events`: events in both arms, None for a continuous outcome or where a study prints no counts.
    `noticeable_change`: in the unit of the result, None where none is known. `cautions`: pooled studies with a caution.
    """
    start = Level.HIGH if all_randomised else Level.LOW
    found = [
        (Doubt.RANDOMISED, "randomised trials only")
        if all_randomised
        else (Doubt.NOT_RANDOMISED, "not all studies were randomised")
    ]
    if pooled.k == 1:
        found.append((Doubt.ONE_STUDY, "one study only"))
    elif pooled.i2 >= INCONSISTENT_I2_PERCENT:
        found.append((Doubt.INCONSISTENT, f"the studies differ more than chance explains (I² {pooled.i2:.0f} %)"))
    if _imprecise(pooled, ratio, noticeable_change):
        noticed = ratio or noticeable_change
        found.append(
            (
                Doubt.IMPRECISE,
                "the range holds both no difference and one people would notice"
                if noticed
                else "the range holds both less and more",
            )
        )
    if events is not None and events < FEW_EVENTS:
        found.append((Doubt.FEW_EVENTS, f"few events ({events}, under {FEW_EVENTS})"))
    elif events is None and people < FEW_PEOPLE:
        found.append(
            (Doubt.PEOPLE_NOT_PRINTED, "how many people took part is not printed")
            if without_size
            else (Doubt.FEW_PEOPLE, f"few people ({people}, under {FEW_PEOPLE})")
        )
    if cautions:
        found.append(
            (Doubt.CAUTIONS, f"{cautions} pooled stud{'y carries' if cautions == 1 else 'ies carry'} a caution")
        )
    level = Level(max(Level.VERY_LOW, start - (len(found) - 1)))
    return Certainty(level, tuple(d for d, _ in found), tuple(r for _, r in found))


def _imprecise(pooled: PooledResult, ratio: bool, noticeable_change: float | None) -> bool:
    if not pooled.ci_low <= 0 <= pooled.ci_high:
        return False
    if ratio:
        return pooled.ci_low < math.log(NOTICEABLE_RATIO[0]) or pooled.ci_high > math.log(NOTICEABLE_RATIO[1])
    if noticeable_change is None:
        return True
    return pooled.ci_low <= -noticeable_change or pooled.ci_high >= noticeable_change
