"""How a score goes on after surgery, and without it: one number at each time out of every arm that was measured then.

Few studies print a score of both approaches at the same time; many print one of the people they operated on. So the
course after surgery takes every operated arm, whatever the approach; the course without surgery takes the arms of this
condition that had none. The two rest on different people: only `Pair` compares. A time at which nobody measured has no
point, and nothing is drawn or reckoned across it.

The mean of one time is `absolute_values.typical_level`, as everywhere: pooled by the number of arms, a spread that is not
printed borrowed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from decision_aid.comparison.absolute_values import typical_level, within_scale
from decision_aid.comparison.borrowed_spread import BorrowedSpread, borrowed_spread
from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.ladder import LARGE_STUDY_PEOPLE, Rung
from decision_aid.comparison.selection import is_injection, is_planned
from decision_aid.domain.time_windows import FOLLOW_UP, TimeWindow
from decision_aid.domain.vocabulary import (
    Analysis,
    Arm,
    Condition,
    Outcome,
    Procedure,
    ScaleKind,
    StudyDesign,
    Timing,
)
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import ArmRow, OutcomeRow, StudyRow
from decision_aid.evidence.units import conversion_factor
from decision_aid.meta_analysis.effects import ArmSummary, Measure, summarise_arm

# What each operation is meant to ease first (`aim` in procedures.csv), then the others: the order in which they are offered.
OUTCOMES: Mapping[Procedure, tuple[Outcome, ...]] = {
    Procedure.DISCECTOMY: (Outcome.VAS_LEG, Outcome.ODI, Outcome.VAS_BACK),
    Procedure.DECOMPRESSION: (Outcome.ODI, Outcome.VAS_LEG, Outcome.VAS_BACK),
    Procedure.FUSION: (Outcome.VAS_BACK, Outcome.ODI, Outcome.VAS_LEG),
}
_HEALTH = (Outcome.SF36_BODILY_PAIN, Outcome.SF36_PHYSICAL_FUNCTION)

# A time after the operation, or None: before it.
When = TimeWindow | None
TIMES: tuple[When, ...] = (None, *FOLLOW_UP)
MONTHS_OF_A_COURSE = 3


@dataclass(frozen=True, slots=True)
class CoursePoint:
    """The mean of all arms at one time, in the outcome's unit.

    ``ci_low`` and ``ci_high``: 95 % interval of the mean, None where no arm can be weighed. ``range_low`` and
    ``range_high``: lowest and highest mean of an arm. ``arms`` can be more than ``studies``. ``people`` is None where no
    size is printed. ``months_low`` and ``months_high``: when the arms were measured.
    """

    when: When
    value: float
    ci_low: float | None
    ci_high: float | None
    range_low: float
    range_high: float
    studies: int
    arms: int
    people: int | None
    borrowed: int  # arms whose spread is borrowed
    unweighed: int  # studies that print no number of people and so do not enter the mean
    months_low: float
    months_high: float
    analyses: tuple[Analysis, ...]  # kinds that are said, without “not said”
    labels: tuple[str, ...]  # of the studies, largest first
    lines: tuple[int, ...]  # of arms.csv
    small: bool  # one study below 200 people that is not randomised


@dataclass(frozen=True, slots=True)
class Course:
    """The points of one course, earliest first, before surgery (or before treatment) included."""

    points: tuple[CoursePoint, ...]
    injections: tuple[str, ...] = ()  # studies left out because the people in them were given injections
    withheld: int = 0  # points that rest on one small study and are not shown to this reader

    def at(self, when: When) -> CoursePoint | None:
        return next((p for p in self.points if p.when is when), None)

    @property
    def runs(self) -> tuple[tuple[CoursePoint, ...], ...]:
        """The points in stretches of neighbouring times: a line may be drawn within one, never from one to the next."""
        stretches: list[list[CoursePoint]] = []
        for when in TIMES:
            point = self.at(when)
            if point is None:
                stretches.append([])
            else:
                stretches = stretches or [[]]
                stretches[-1].append(point)
        return tuple(tuple(s) for s in stretches if s)

    @property
    def analyses(self) -> tuple[Analysis, ...]:
        return tuple(sorted({a for p in self.points for a in p.analyses}))


@dataclass(frozen=True, slots=True)
class Pair:
    """Both approaches in the same studies: the open value, and open plus the difference with the interval of that.

    ``source`` says what it rests on, in words. ``small``: one small study that is not randomised.
    """

    window: TimeWindow
    open_value: float
    mis_value: float
    mis_low: float | None
    mis_high: float | None
    source: str
    small: bool = False


def pairs_of(answers: Iterable[Comparison], source: Callable[[Comparison], str]) -> tuple[Pair, ...]:
    """The two approaches at the time of each answer, by whatever leads in it; without those that have no value of both.

    `source` words what an answer rests on. A review that states no time stands once, at the time nearest to the usual
    one: it is one finding, not one at every time.
    """
    pairs: dict[str, tuple[float, Pair]] = {}
    for c in answers:
        if c.absolute is None or c.lead.effect is None:
            continue
        v, window, review = c.absolute, c.question.window, c.lead.review
        small = c.lead.rung is Rung.ONE_SMALL_STUDY
        pair = Pair(window, v.baseline, v.first, v.first_low, v.first_high, source(c), small)
        untimed = review is not None and review.row.timing == Timing.NOT_STATED
        key = review.study.study_id if review is not None and untimed else window.id
        away = abs((window.nominal_months or 0.0) - (c.outcome.default_time_months or 0.0))
        if key not in pairs or away < pairs[key][0]:
            pairs[key] = (away, pair)
    return tuple(sorted((pair for _, pair in pairs.values()), key=lambda p: TIMES.index(p.window)))


@dataclass(frozen=True, slots=True)
class Recovery:
    """How one outcome goes on: the two courses and the pairs, all in the outcome's unit.

    ``same_studies`` has the people who were operated on in the very studies that stand in the course without surgery, at
    the times at which they stand there: what that course may be set against.
    """

    outcome: OutcomeRow
    after_surgery: Course
    without_surgery: Course
    same_studies: Course
    pairs: tuple[Pair, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.after_surgery.points or self.without_surgery.points or self.pairs)

    @property
    def is_a_course(self) -> bool:
        """Whether it says how people were months later, by more than one small study: the first days are no recovery."""
        return any(not p.small and p.months_low >= MONTHS_OF_A_COURSE for p in self.after_surgery.points)

    @property
    def last(self) -> When:
        """The latest time at which there is anything."""
        found = {p.when for c in (self.after_surgery, self.without_surgery) for p in c.points}
        found |= {pair.window for pair in self.pairs}
        return max(found, key=TIMES.index, default=None)

    def without_small_studies(self) -> Recovery:
        """As patients see it: no number and no picture rests on one small study that is not randomised."""
        return replace(
            self,
            after_surgery=_without_small(self.after_surgery),
            without_surgery=_without_small(self.without_surgery),
            same_studies=_without_small(self.same_studies),
            pairs=tuple(p for p in self.pairs if not p.small),
        )


class _Measured(NamedTuple):
    """One arm of one study at one time, in the outcome's unit."""

    study: StudyRow
    row: ArmRow
    arm: ArmSummary


def outcomes_with_data(evidence: Evidence, condition: Condition, procedure: Procedure) -> tuple[Outcome, ...]:
    """The outcomes whose course can be asked for, the one the operation is meant to ease first.

    One without a course is among them where studies print how far surgery and staying without it are apart.
    """
    return tuple(
        o
        for o in (*OUTCOMES[procedure], *_HEALTH)
        if not recovery(evidence, condition, procedure, o).is_empty or _is_contrasted(evidence, condition, procedure, o)
    )


def recovery(
    evidence: Evidence,
    condition: Condition,
    procedure: Procedure,
    outcome: Outcome,
    include_cautions: bool = False,
    same_condition: bool = False,
    randomised_only: bool = False,
    pairs: tuple[Pair, ...] = (),
) -> Recovery:
    """The course of one outcome after a procedure and, for people with this condition, without surgery.

    Left out: rows and studies with a caution (unless put back in), parts of a study, changes in the place of levels,
    scales that are not printed, reviews. ``same_condition`` and ``randomised_only`` narrow the studies further.
    """
    found = _courses(evidence, condition, procedure, outcome, include_cautions, same_condition, randomised_only)
    return replace(found, pairs=pairs) if pairs else found


@lru_cache(maxsize=256)
def _courses(
    evidence: Evidence,
    condition: Condition,
    procedure: Procedure,
    outcome: Outcome,
    include_cautions: bool,
    same_condition: bool,
    randomised_only: bool,
) -> Recovery:
    definition = evidence.outcomes[outcome]
    levels = _levels(evidence, outcome, include_cautions)
    spread = borrowed_spread(evidence, procedure, outcome)
    if randomised_only:
        levels = [m for m in levels if m.study.design == StudyDesign.RCT]
    operated = [m for m in levels if _is_operated(m, condition, procedure)]
    if same_condition:
        operated = [m for m in operated if m.study.condition == condition]
    without = [m for m in levels if m.row.arm == Arm.NONOPERATIVE and m.study.condition == condition]
    injected = [m for m in without if is_injection(m.study)]
    # What happens without surgery does not depend on the operation that is planned: nor does the spread it borrows.
    looked_at = without[0].study.procedure if without else procedure
    their_spread = borrowed_spread(evidence, looked_at, outcome)
    without_course = _points([m for m in without if m not in injected], definition, their_spread)
    beside = (
        _point(p.when, arms, definition, spread)
        for p in without_course
        if (arms := [m for m in _people_once(operated, p.when) if m.study.label in p.labels])
    )
    return Recovery(
        definition,
        Course(_followed(_points(operated, definition, spread))),
        Course(_followed(without_course), injections=tuple(sorted({m.study.label for m in injected}))),
        Course(tuple(beside)),
    )


def _followed(points: tuple[CoursePoint, ...]) -> tuple[CoursePoint, ...]:
    """The points, unless nobody was asked again: a start alone is no course."""
    return points if any(p.when for p in points) else ()


def _levels(evidence: Evidence, outcome: Outcome, include_cautions: bool) -> list[_Measured]:
    """Every arm that prints a level of the outcome on its scale at a stated time, of all procedures."""
    found = []
    for procedure in Procedure:
        for row in evidence.arms_by_outcome.get((procedure, outcome), ()):
            study = evidence.studies[row.study_id]
            factor = conversion_factor(row.unit, evidence.outcomes[outcome].unit)
            if factor is None or row.subgroup or row.scale_kind != ScaleKind.SCORE or row.timing != Timing.AT_MONTHS:
                continue
            if study.design == StudyDesign.SYSTEMATIC_REVIEW or row.timepoint_months is None:
                continue
            if (study.caution or row.caution) and not include_cautions:
                continue
            arm = summarise_arm(row, factor)
            if arm.mean is not None:
                found.append(_Measured(study, row, replace(arm, n=arm.n or _size_of(study, row.arm))))
    return found


def _size_of(study: StudyRow, arm: Arm) -> int | None:
    """The people of an arm as the study counts them, where the row itself prints no number."""
    return study.n_mis if arm == Arm.MIS else study.n_open if arm in (Arm.OPEN, Arm.SURGERY) else None


def _is_operated(m: _Measured, condition: Condition, procedure: Procedure) -> bool:
    if m.row.arm == Arm.NONOPERATIVE or m.study.procedure != procedure:
        return False
    # Who is in a study of surgery against none depends on the condition; who is operated on in the others, on the operation.
    return not m.study.nonoperative_care or (m.study.condition == condition and is_planned(m.study, procedure))


def _points(measured: list[_Measured], definition: OutcomeRow, spread: BorrowedSpread) -> tuple[CoursePoint, ...]:
    return tuple(
        _point(when, arms, definition, spread) for when in TIMES if (arms := list(_people_once(measured, when)))
    )


def _people_once(measured: Iterable[_Measured], when: When) -> Iterator[_Measured]:
    """At one time, each arm of each study once and of publications of the same people the largest."""
    nearest: dict[tuple[str, Arm], _Measured] = {}
    for m in measured:
        months = m.row.timepoint_months
        if not when.holds(m.row) if when else months != 0:
            continue
        key = (m.study.study_id, m.row.arm)
        if key not in nearest or _rank(m, when) < _rank(nearest[key], when):
            nearest[key] = m
    by_study: dict[str, list[_Measured]] = defaultdict(list)
    for m in nearest.values():
        by_study[m.study.study_id].append(m)
    publications: dict[str, list[list[_Measured]]] = defaultdict(list)
    for study_id, arms in sorted(by_study.items()):
        publications[arms[0].study.cohort or f"alone: {study_id}"].append(arms)
    for same_people in publications.values():
        yield from max(same_people, key=lambda arms: (_people(arms) or 0, arms[0].study.year or 0))


def _rank(m: _Measured, when: When) -> tuple[bool, float, float, int]:
    """Counted by what people were assigned to before what they had; then the time nearest to the window's own."""
    distance = when.distance(m.row) if when else 0.0
    return m.row.analysis == Analysis.AS_TREATED, distance, m.row.timepoint_months or 0.0, m.row.line


def _people(arms: Iterable[_Measured]) -> int | None:
    known = [m.arm.n for m in arms if m.arm.n]
    return sum(known) if known else None


def _point(when: When, arms: list[_Measured], definition: OutcomeRow, spread: BorrowedSpread) -> CoursePoint:
    weighed = [m for m in arms if spread.completed(m.arm, m.row.arm).sd is not None and m.arm.n]
    used = weighed or arms
    means = [m.arm.mean for m in used if m.arm.mean is not None]
    # With arms that print no number of people nothing can be weighed: they count alike, and no interval can be given.
    value, low, high = sum(means) / len(means), None, None
    typical = typical_level(((m.study.label, m.arm) for m in weighed), Measure.MEAN_DIFFERENCE, Arm.SURGERY, spread)
    if typical is not None:
        value, low, high = (within_scale(definition, v) for v in (typical.value, typical.low, typical.high))
    used.sort(key=lambda m: (-(m.arm.n or 0), m.study.label, m.row.arm))
    labels = tuple(dict.fromkeys(m.study.label for m in used))
    people = _people(used)
    months = [m.row.timepoint_months or 0.0 for m in used]
    return CoursePoint(
        when=when,
        value=value,
        ci_low=low,
        ci_high=high,
        range_low=min(means),
        range_high=max(means),
        studies=len(labels),
        arms=len(used),
        people=people,
        borrowed=sum(m.arm.sd is None for m in weighed),
        unweighed=len({m.study.study_id for m in arms} - {m.study.study_id for m in used}),
        months_low=min(months),
        months_high=max(months),
        analyses=tuple(sorted({m.row.analysis for m in used} - {Analysis.NOT_SAID})),
        labels=labels,
        lines=tuple(sorted(m.row.line for m in used)),
        small=len(labels) == 1 and (people or 0) < LARGE_STUDY_PEOPLE and used[0].study.design != StudyDesign.RCT,
    )


def _without_small(course: Course) -> Course:
    kept = tuple(p for p in course.points if not p.small)
    return replace(course, points=_followed(kept), withheld=len(course.points) - len(kept))


def _is_contrasted(evidence: Evidence, condition: Condition, procedure: Procedure, outcome: Outcome) -> bool:
    """Whether a study, not a review, prints a difference of this outcome for this condition and procedure."""
    for row in evidence.contrasts_by_outcome.get((procedure, outcome), ()):
        study = evidence.studies[row.study_id]
        if study.condition == condition and study.design != StudyDesign.SYSTEMATIC_REVIEW and not row.subgroup:
            return True
    return False
