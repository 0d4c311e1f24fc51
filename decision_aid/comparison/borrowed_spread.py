"""The spread of people that a study does not print, borrowed from the studies that print one.

Of quantities the pooled coefficient of variation, arm by arm; of scores the pooled standard deviation of the scale.

Literature
    Furukawa 2006, J Clin Epidemiol 59:7; Cochrane Handbook 6.5.2.7; Weir 2018, BMC Med Res Methodol 18:25
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from decision_aid.comparison.question import main_measure
from decision_aid.domain.vocabulary import Arm, Outcome, OutcomeKind, Procedure, StudyDesign
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.units import conversion_factor
from decision_aid.meta_analysis import effects
from decision_aid.meta_analysis.effects import ArmSummary, Measure
from decision_aid.meta_analysis.few_studies import TAU_SCALE


@dataclass(frozen=True, slots=True)
class BorrowedSpread:
    """What an arm without a printed spread borrows.

    `variation`: the coefficient of variation of each kind of arm, for quantities; None for scores. `sd`: standard
    deviations of levels (False) and of changes from before surgery (True) in the outcome's unit; scores borrow them.
    """

    variation: Mapping[Arm, float] | None
    sd: Mapping[bool, float]

    def completed(self, arm: ArmSummary, kind: Arm) -> ArmSummary:
        """The arm with a borrowed spread where it prints none and one can be borrowed."""
        if arm.sd is not None or arm.statistic == "events" or not arm.n:
            return arm
        if self.variation is not None:
            if kind not in self.variation or arm.is_change or not arm.value or arm.value < 0:
                return arm
            return effects.with_borrowed_spread(arm, self.variation[kind] * arm.value)
        return effects.with_borrowed_spread(arm, self.sd[arm.is_change]) if arm.is_change in self.sd else arm

    def tau_scale(self, measure: Measure) -> float:
        """The scale of the prior on the spread between few studies: of log ratios 0.5, else half of the scale's SD."""
        return TAU_SCALE if measure.on_log_scale else TAU_SCALE * self.sd.get(False, self.sd.get(True, 1.0))


@lru_cache(maxsize=512)
def borrowed_spread(evidence: Evidence, procedure: Procedure, outcome: Outcome) -> BorrowedSpread:
    """What the studies of a procedure print of an outcome; those of every procedure where fewer than three do."""
    definition = evidence.outcomes[outcome]
    if definition.kind == OutcomeKind.EVENT:
        return BorrowedSpread(MappingProxyType({}), MappingProxyType({}))
    own, every = list(_printed(evidence, (procedure,), outcome)), list(_printed(evidence, tuple(Procedure), outcome))
    variations = {
        kind: effects.coefficient_of_variation([arm for k, arm in own if k == kind])
        or effects.coefficient_of_variation([arm for k, arm in every if k == kind])
        for kind in Arm
    }
    quantity = main_measure(definition) is Measure.RATIO_OF_MEANS
    spreads = {
        changed: effects.pooled_sd([arm for _, arm in own if arm.is_change == changed])
        or effects.pooled_sd([arm for _, arm in every if arm.is_change == changed])
        for changed in (False, True)
    }
    return BorrowedSpread(
        MappingProxyType({kind: v for kind, v in variations.items() if v is not None}) if quantity else None,
        MappingProxyType({changed: sd for changed, sd in spreads.items() if sd is not None}),
    )


def _printed(
    evidence: Evidence, procedures: tuple[Procedure, ...], outcome: Outcome
) -> Iterator[tuple[Arm, ArmSummary]]:
    """The arms that print a spread, after surgery, of whole studies without a caution."""
    unit = evidence.outcomes[outcome].unit
    for procedure in procedures:
        for row in evidence.arms_by_outcome.get((procedure, outcome), ()):
            study = evidence.studies[row.study_id]
            if row.subgroup or row.caution or study.caution or study.design == StudyDesign.SYSTEMATIC_REVIEW:
                continue
            factor = conversion_factor(row.unit, unit)
            if factor is None or row.timepoint_months == 0:
                continue
            arm = effects.summarise_arm(row, factor)
            if arm.sd is not None and arm.n and arm.n > 1:
                yield row.arm, arm
