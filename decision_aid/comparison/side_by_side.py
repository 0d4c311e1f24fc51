"""The rows of the three options: the same outcomes, in the same order, for each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from decision_aid.comparison.absolute_values import within_scale
from decision_aid.comparison.against_none import against_an_injection, is_as_treated, is_planned_operation
from decision_aid.comparison.asked_times import gives_a_number, nearest_to, says_something
from decision_aid.comparison.comparison import Comparison, compare
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.natural_course import Crossover, crossovers, only_with_an_operation
from decision_aid.comparison.own_rates import OwnRates, of
from decision_aid.comparison.own_risks import with_own_rates
from decision_aid.comparison.question import Contrast, DesignFilter, ask
from decision_aid.domain.time_windows import FOLLOW_UP, AskedFor, TimeWindow, default_window, windows_of
from decision_aid.domain.vocabulary import Condition, Option, Outcome, OutcomeKind, Procedure
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import OutcomeRow

_COMMON = (Outcome.ODI, Outcome.BLOOD_LOSS, Outcome.LENGTH_OF_STAY, Outcome.RETURN_TO_WORK, Outcome.COMPLICATION_ANY)
ROWS: dict[Procedure, tuple[Outcome, ...]] = {
    # The pain an operation is mainly meant to ease stands first, then SF-36, by which surgery was set against none.
    Procedure.DISCECTOMY: (Outcome.VAS_LEG, *_COMMON, Outcome.RECURRENCE, Outcome.REOPERATION),
    Procedure.DECOMPRESSION: (Outcome.VAS_LEG, Outcome.SF36_BODILY_PAIN, *_COMMON, Outcome.REOPERATION),
    Procedure.FUSION: (Outcome.VAS_BACK, Outcome.SF36_BODILY_PAIN, *_COMMON, Outcome.REOPERATION),
}
HARMS = (
    Outcome.COMPLICATION_ANY,
    Outcome.INFECTION,
    Outcome.DURAL_TEAR,
    Outcome.NERVE_INJURY,
    Outcome.REOPERATION,
    Outcome.RECURRENCE,
    Outcome.TRANSFUSION,
    Outcome.READMISSION,
)


def harms_of(procedure: Procedure) -> tuple[Outcome, ...]:
    """The harms that are asked of a procedure: only a disc that was taken out can slip again."""
    return tuple(h for h in HARMS if h is not Outcome.RECURRENCE or h in ROWS[procedure])


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader may narrow the studies to. The option without surgery can never be switched off."""

    design: DesignFilter = DesignFilter.AUTO
    technique: str | None = None
    same_condition: bool = False
    include_cautions: bool = False


@dataclass(frozen=True, slots=True)
class OptionValue:
    """One number with its 95 % limits, in the outcome's unit; of events a risk from 0 to 1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OutcomeAnswer:
    """One row: open against minimally invasive, and what is known without surgery."""

    outcome: OutcomeRow
    window: TimeWindow
    approaches: Comparison
    without: Comparison | None  # surgery against staying without it; None where an operation is the only cause
    without_otherwise: Comparison | None = None  # the same, people counted the other way, where that is known

    @property
    def only_with_an_operation(self) -> bool:
        """Whether the outcome cannot happen without an operation, such as blood loss or an operation's stay."""
        return only_with_an_operation(self.outcome)

    def tells(self, patient: bool) -> bool:
        """Whether anything of the row can be told to a reader but that it is not known."""
        told = self.approaches.is_told_to(patient) or self.approaches.lead.rung is Rung.PARTS_OF_ONE_STUDY
        without = self.without
        of_none = without is not None and (without.is_told_to(patient) or without.lead.rung is Rung.PARTS_OF_ONE_STUDY)
        return told or of_none or self.approaches.own is not None

    def value(self, option: Option, patient: bool) -> OptionValue | None:
        """The one number of an option, in the outcome's unit; None where there is none to tell to this reader.

        Without surgery: of events the people without surgery themselves, never those who had an injection; of scores and
        quantities the open value by the effect of surgery against none.
        """
        c = self.approaches
        if option is not Option.WITHOUT_SURGERY:
            return _of_approach(c, option is Option.MIS, patient)
        without = self.without
        if without is None or without.lead.effect is None or not without.is_told_to(patient):
            return None
        effect, risks = without.lead.effect, without.absolute
        if self.outcome.kind == OutcomeKind.EVENT:
            if risks is None or against_an_injection(without):
                return None
            return OptionValue(risks.baseline, risks.baseline_low, risks.baseline_high)
        # The open value of this operation says nothing of another one.
        anchor = _of_approach(c, False, patient) if is_planned_operation(without) else None
        if anchor is None:
            return None if risks is None else OptionValue(risks.baseline, risks.baseline_low, risks.baseline_high)
        value, *limits = (
            within_scale(self.outcome, effect.taken_away(anchor.value, e))
            for e in (effect.estimate, effect.ci_low, effect.ci_high)
        )
        return OptionValue(value, min(limits), max(limits))


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Every row, and the one denominator of their risks."""

    condition: Condition
    procedure: Procedure
    filters: Filters
    rows: tuple[OutcomeAnswer, ...]
    denominator: int
    later: tuple[Crossover, ...] = ()  # who chose surgery later: a row of its own beside re-operations
    not_reported: tuple[OutcomeRow, ...] = ()  # asked for, and no study of the procedure has it

    def known(self, patient: bool) -> tuple[OutcomeAnswer, ...]:
        """The rows that tell this reader something: a number of an option, or a difference."""
        return tuple(r for r in self.rows if r.tells(patient))

    def unknown(self, patient: bool) -> tuple[OutcomeRow, ...]:
        """The outcomes of the other rows, to be named in one line."""
        return tuple(r.outcome for r in self.rows if not r.tells(patient))

    def answer(self, outcome: Outcome) -> OutcomeAnswer:
        return next(r for r in self.rows if r.outcome.outcome == outcome)


@lru_cache(maxsize=256)
def side_by_side(
    evidence: Evidence,
    condition: Condition,
    procedure: Procedure,
    filters: Filters = Filters(),
    own: tuple[OwnRates, ...] = (),
) -> SideBySide:
    """The rows of a condition and procedure, each with its comparisons; harms counted from the clinic's `own` rates."""
    # Where the pain score itself was set against no surgery, SF-36 would say the same once more. No filter decides it.
    pain = _answer(evidence, condition, procedure, ROWS[procedure][0], Filters(), ()).without
    once = {Outcome.SF36_BODILY_PAIN} if pain is not None and says_something(pain) else set()
    asked = (outcome for outcome in ROWS[procedure] if outcome not in once)
    rows = tuple(_answer(evidence, condition, procedure, outcome, filters, own) for outcome in asked)
    denominator = shared_denominator(evidence, condition, procedure, own)
    return SideBySide(condition, procedure, filters, rows, denominator, crossovers(evidence, condition))


@lru_cache(maxsize=256)
def rows_for(
    evidence: Evidence,
    condition: Condition,
    procedure: Procedure,
    outcomes: tuple[AskedFor, ...],
    own: tuple[OwnRates, ...] = (),
) -> SideBySide:
    """The rows of any outcomes, in their order; those that no study of the procedure reports are named instead.

    An outcome asked for at a time stands at the nearest one with data, once where two times lead to the same.
    """
    filters = Filters()
    asked = (each if isinstance(each, tuple) else (each, None) for each in outcomes)
    every = [_answer(evidence, condition, procedure, outcome, filters, own, at) for outcome, at in asked]
    rows = {(r.outcome.outcome, r.window): r for r in every}
    known = tuple(r for r in rows.values() if _is_known(r))
    told = {r.outcome.outcome for r in known}
    missing = tuple({o: r.outcome for (o, _), r in rows.items() if o not in told}.values())
    denominator = shared_denominator(evidence, condition, procedure, own)
    later = crossovers(evidence, condition) if Outcome.REOPERATION in outcomes else ()
    return SideBySide(condition, procedure, filters, known, denominator, later, missing)


def _is_known(row: OutcomeAnswer) -> bool:
    c = row.approaches
    return bool(
        c.studies or c.own or c.lead.effect or (row.without and (row.without.studies or row.without.lead.effect))
    )


def denominator_for(risks: list[float]) -> int:
    """100, or 1,000 for a whole table when any of its risks lies above 0 and below 1 in 100."""
    return 1000 if any(0 < risk < 0.01 - 1e-9 for risk in risks) else 100  # a pool of 1 in 100 is not below it


@lru_cache(maxsize=256)
def shared_denominator(
    evidence: Evidence, condition: Condition, procedure: Procedure, own: tuple[OwnRates, ...]
) -> int:
    """One for every view of a condition and procedure, so that a harm is the same number on each: what the smallest needs."""
    events = [o for o, row in evidence.outcomes.items() if row.kind == OutcomeKind.EVENT]
    rows = (_answer(evidence, condition, procedure, outcome, Filters(), own) for outcome in events)
    return denominator_for([risk for row in rows for risk in _risks(row)])


def put_first(table: SideBySide, outcomes: tuple[Outcome, ...]) -> SideBySide:
    """The same rows with these outcomes first, in their order; no row is left out."""
    place = {outcome: i for i, outcome in enumerate(outcomes)}
    rows = sorted(table.rows, key=lambda r: place.get(r.outcome.outcome, len(place)))
    return replace(table, rows=tuple(rows))


def over_time(
    evidence: Evidence,
    condition: Condition,
    procedure: Procedure,
    outcome: Outcome,
    filters: Filters,
    contrast: Contrast,
) -> tuple[Comparison, ...]:
    """One comparison for each follow-up window, earliest first; windows without any study are kept."""
    return tuple(_compare(evidence, condition, procedure, outcome, window, filters, contrast) for window in FOLLOW_UP)


def around_the_operation(
    evidence: Evidence, condition: Condition, procedure: Procedure, outcome: Outcome, filters: Filters
) -> Comparison:
    """One outcome in its usual window, minimally invasive against open, with the page's filters."""
    window = default_window(evidence.outcomes[outcome])
    return _compare(evidence, condition, procedure, outcome, window, filters, Contrast.MIS_VERSUS_OPEN)


def beside_none(evidence: Evidence, c: Comparison) -> OutcomeAnswer:
    """A comparison of the approaches as a row: beside it what is known without surgery, at its time or the nearest.

    For the condition asked about, else for the one that usually leads to the procedure.
    """
    q = c.question
    if only_with_an_operation(c.outcome):
        return OutcomeAnswer(c.outcome, q.window, c, None)
    usual = next(name for name, described in evidence.conditions.items() if described.procedures[0] is q.procedure)
    filters = Filters(design=q.design, include_cautions=q.include_cautions)
    without = _nearest_known(evidence, q.condition or usual, q.procedure, c.outcome, q.window, filters)
    return OutcomeAnswer(c.outcome, q.window, c, without)


def _answer(
    evidence: Evidence,
    condition: Condition,
    procedure: Procedure,
    outcome: Outcome,
    filters: Filters,
    own: tuple[OwnRates, ...],
    asked: TimeWindow | None = None,
) -> OutcomeAnswer:
    published = _published(evidence, condition, procedure, outcome, filters, asked)
    rates = of(outcome, own)
    if rates is None or published.window is not default_window(published.outcome):  # counted at the usual time
        return published
    return replace(published, approaches=with_own_rates(published.approaches, rates))


@lru_cache(maxsize=2048)
def _published(
    evidence: Evidence,
    condition: Condition,
    procedure: Procedure,
    outcome: Outcome,
    filters: Filters,
    asked: TimeWindow | None,
) -> OutcomeAnswer:
    """The row without rates of the clinic's own: they change nothing of what is published, and change often."""
    definition = evidence.outcomes[outcome]
    usual = default_window(definition)
    without = otherwise = None
    if not only_with_an_operation(definition):
        without = _nearest_known(evidence, condition, procedure, definition, usual, filters, asked=asked)
        if without.lead.rung not in (Rung.NONE, Rung.REVIEW):
            otherwise = _nearest_known(
                evidence,
                condition,
                procedure,
                definition,
                usual,
                filters,
                asked=asked,
                as_treated=not is_as_treated(without),
            )
            otherwise = None if otherwise.lead.rung in (Rung.NONE, Rung.REVIEW) else otherwise
    window = asked or usual
    approaches = _compare(evidence, condition, procedure, outcome, window, filters, Contrast.MIS_VERSUS_OPEN)
    if asked:
        every = (replace(approaches.question, window=w) for w in dict.fromkeys((asked, *windows_of(definition))))
        # Far from the time asked for only where nothing nearer is known, without surgery neither.
        silent = without is None or not says_something(without)
        approaches = nearest_to(asked, [compare(evidence, question) for question in every], far_too=silent)
        window = approaches.question.window
    return OutcomeAnswer(definition, window, approaches, without, otherwise)


def _of_approach(c: Comparison, first: bool, patient: bool) -> OptionValue | None:
    """One approach's number. The clinic's own open rate is told also where nothing carries it over."""
    if c.own is not None and c.absolute is None and c.own.open is not None and not first:
        return OptionValue(c.own.open.rate, *c.own.open.interval)
    a = c.absolute
    if a is None or not c.is_told_to(patient):
        return None
    return OptionValue(
        *((a.first, a.first_low, a.first_high) if first else (a.baseline, a.baseline_low, a.baseline_high))
    )


def _nearest_known(
    evidence: Evidence,
    condition: Condition,
    procedure: Procedure,
    definition: OutcomeRow,
    window: TimeWindow,
    filters: Filters,
    *,
    asked: TimeWindow | None = None,
    as_treated: bool | None = None,
) -> Comparison:
    """Surgery against staying without it at the row's time, else at the nearest time with an estimate.

    The time of the answer stands in it, so that a later value is never read as the row's own.
    """
    wanted = window.nominal_months or 3.0
    # Of windows equally near the row's own comes first, then the earlier: a set has no order to rely on.
    every = dict.fromkeys((window, *windows_of(definition), *FOLLOW_UP))
    windows = sorted(every, key=lambda w: abs((w.nominal_months or 3.0) - wanted))
    every_operation = [
        _compare(evidence, condition, procedure, definition.outcome, w, filters, Contrast.SURGERY_VERSUS_NONOPERATIVE)
        for w in windows
    ]
    if as_treated is not None:
        every_operation = [compare(evidence, replace(c.question, as_treated=as_treated)) for c in every_operation]
    planned = [compare(evidence, replace(c.question, planned_only=True)) for c in every_operation]
    if asked:
        return nearest_to(asked, [*planned, *every_operation], far_too=True)
    for good in (gives_a_number, says_something, lambda c: bool(c.studies)):
        match = next((c for found in (planned, every_operation) for c in found if good(c)), None)
        if match:
            return match
    return every_operation[0]


def _compare(
    evidence: Evidence,
    condition: Condition,
    procedure: Procedure,
    outcome: Outcome,
    window: TimeWindow,
    filters: Filters,
    contrast: Contrast,
) -> Comparison:
    without_surgery = contrast is Contrast.SURGERY_VERSUS_NONOPERATIVE
    question = ask(
        evidence,
        procedure,
        outcome,
        window=window,
        contrast=contrast,
        design=filters.design,
        include_cautions=filters.include_cautions,
    )
    # People who stay without surgery have one condition; the approaches are compared for a procedure.
    if without_surgery or filters.same_condition:
        question = replace(question, condition=condition)
    if not without_surgery and filters.technique:
        question = replace(question, technique=filters.technique)
    return compare(evidence, question)


def _risks(row: OutcomeAnswer) -> list[float]:
    """The risks that set the denominator. What one study counted does not: of few people it is too coarse for 1,000."""
    if row.outcome.kind != OutcomeKind.EVENT:
        return []
    risks = []
    for c in (row.approaches, row.without):
        if c and c.absolute_risk and (c.own or c.lead.rung in (Rung.POOL, Rung.FEW_STUDIES, Rung.REVIEW)):
            risks += [c.absolute_risk.baseline, c.absolute_risk.first]
    return risks
