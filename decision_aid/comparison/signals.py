"""What the sensitivity analyses of a pooled result show: studies it hangs on, small studies that lean, kinds that differ."""

from __future__ import annotations

from collections.abc import Sequence

from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.robustness import ReanalysisStep
from decision_aid.comparison.study_results import StudyResult
from decision_aid.meta_analysis.random_effects import PooledResult
from decision_aid.meta_analysis.sensitivity import Egger, Subgroups

# Egger 1997 and Cochrane Handbook 13.3.5: such tests have little power, so 10 % is usual.
LEVEL = 0.1


def is_clear(pooled: PooledResult) -> bool:
    """Whether the interval leaves no difference out; the analysis scale puts it at 0."""
    return pooled.ci_low > 0 or pooled.ci_high < 0


def decisive(c: Comparison, steps: Sequence[ReanalysisStep]) -> tuple[StudyResult, ...]:
    """The studies without which a clear difference is not one any more, or the other way round."""
    if c.pooled is None:
        return ()
    whole = is_clear(c.pooled)
    return tuple(s.study for s in steps if s.pooled is not None and is_clear(s.pooled) != whole)


def leans(found: Egger) -> bool:
    """Whether small studies lie to one side more than chance explains."""
    return found.p < LEVEL


def kinds_differ(found: Subgroups) -> bool | None:
    """Whether kinds of study differ more than chance explains; None where they cannot be set against each other."""
    return None if found.q_between_p is None else found.q_between_p < LEVEL
