"""Every sentence a person reads that carries a number, as functions of a comparison.

Nothing here computes: values come from a `Comparison`, are written by `numerals`, and stand in the words of
`outcomes.csv`. Patient sentences aim at reading grade 6 to 7.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from decision_aid.comparison.certainty import Certainty, Doubt, Level
from decision_aid.comparison.comparison import (
    MINIMUM_STUDIES,
    Comparison,
    Contrast,
    LevelRange,
    ReviewResult,
    State,
    StudyResult,
    Why,
)
from decision_aid.comparison.narrowing import leaves_none
from decision_aid.comparison.own_rates import wilson
from decision_aid.comparison.robustness import Step
from decision_aid.comparison.side_by_side import Crossover, OutcomeAnswer
from decision_aid.consultation.checklist import Item
from decision_aid.consultation.model import Answer, Consultation, Importance, Leaning
from decision_aid.domain.audience import Face
from decision_aid.domain.palette import ROADS
from decision_aid.domain.time_windows import TimeWindow
from decision_aid.domain.vocabulary import (
    Horizon,
    Outcome,
    OutcomeKind,
    Part,
    ReportedMeasure,
    Road,
    StudyDesign,
    Timing,
    Unit,
)
from decision_aid.evidence.loading import Evidence, course_key
from decision_aid.evidence.rows import ConcernRow, OutcomeRow, QuestionRow, ThresholdRow
from decision_aid.meta_analysis.effects import ArmSummary, Measure
from decision_aid.meta_analysis.random_effects import PooledResult
from decision_aid.meta_analysis.sensitivity import Egger, MantelHaenszel, Subgroups
from decision_aid.wording import numerals, own_words

NOT_A_FORECAST = "Averages from studies, not a forecast for one person. This page compares; it does not recommend."
DECISION = (
    "There is a decision to make: stay without surgery for now, have open surgery, or have minimally invasive surgery."
)
WHAT_MIS_IS = (
    "Minimally invasive surgery uses smaller cuts. The surgeon works through a tube, or with a small camera or a "
    "microscope, and X-ray pictures guide the tools. The aim is the same result or a better one, with less blood lost, "
    "a shorter stay and perhaps a quicker recovery."
)
WHAT_MIS_IS_NOT = (
    "It is still surgery: infection, bleeding, nerve injury and further surgery can happen. Not every problem suits it. "
    "The right operation for the right person, done by a surgeon who does it often, can matter more than its name."
)
HIDDEN_BLOOD_LOSS = (
    "This is blood loss that was seen or measured. Two fusion studies found that more of it stays hidden in the tissues "
    "after minimally invasive surgery, so the true difference is smaller."
)

WHO_THE_NUMBERS_ARE_OF = (
    "Open and minimally invasive: people who had this operation, whatever their condition. Without surgery: people with this "
    "condition, from other studies; some of them had surgery later. On scores of pain and limits, lower is better."
)
RATIO_DIFFERS = "Hospitals differ much in level: in proportion the studies agree better than in amount."
HIDDEN_BLOOD_LOSS_SHORT = "Visible loss; two fusion studies found more hidden loss after minimally invasive surgery."

EGGER_LEVEL = 0.1  # Egger 1997 and Cochrane Handbook 13.3.5: the test has little power, so 10 % is usual

_CERTAINTY_PATIENT = {
    Level.HIGH: "Quite sure",
    Level.MODERATE: "Fairly sure",
    Level.LOW: "Not very sure",
    Level.VERY_LOW: "Not sure",
}
_DOUBT_PATIENT = {
    Doubt.ONE_STUDY: "there is one study only",
    Doubt.INCONSISTENT: "the studies do not agree well",
    Doubt.IMPRECISE: "the true number could lie on either side",
    Doubt.FEW_PEOPLE: "few people took part",
    Doubt.PEOPLE_NOT_PRINTED: "how many people took part is not known",
    Doubt.FEW_EVENTS: "it did not happen to many people",
    Doubt.NOT_RANDOMISED: "people were not put in groups by chance",
    Doubt.CAUTIONS: "some of the studies have flaws",
}
_WHY_PATIENT = {
    Why.CAUTION: "set aside for a flaw",
    Why.NO_SPREAD: "it does not tell how much people differed",
    Why.NO_ARM_SIZE: "it does not tell how many took part",
    Why.ONE_ARM: "it looked at one kind of surgery only",
    Why.SAME_PEOPLE: "the same people are counted in another study",
    Why.NOT_RANDOMISED: "people were not put in groups by chance",
    Why.SCALE_NOT_PRINTED: "the scale is not known",
    Why.TIME_NOT_STATED: "the time is not known",
    Why.NO_EVENTS: "it did not happen to anyone",
    Why.OTHER_MEASURE: "it gives no counts",
    Why.SUBGROUP: "it tells of a part of the people only",
    Why.TOO_FEW: "there are too few studies",
    Why.LEVELS_DIFFER: "the two groups were measured in different ways",
    Why.NO_RATIO: "the numbers cannot be set against each other",
}
_RATIOS = (ReportedMeasure.RISK_RATIO, ReportedMeasure.ODDS_RATIO, ReportedMeasure.HAZARD_RATIO)
_DESIGN = {
    StudyDesign.RCT: "randomised trial",
    StudyDesign.PROSPECTIVE_COHORT: "prospective cohort",
    StudyDesign.RETROSPECTIVE_COHORT: "retrospective cohort",
    StudyDesign.REGISTRY: "registry",
    StudyDesign.SYSTEMATIC_REVIEW: "systematic review",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell of the side-by-side table says: the number or word first, then the small print."""

    big: str
    small: str = ""
    state: State = State.DIFFERENCE


def outcome_label(outcome: OutcomeRow, face: Face) -> str:
    return outcome.patient_label if face is Face.PATIENT else outcome.clinician_label


def row_note(row: OutcomeAnswer, face: Face) -> str:
    """What stands under a row's label: the time, how many studies the ranges span, and for patients a score's scale."""
    outcome = row.outcome
    parts = [] if outcome.horizon == Horizon.PERIOPERATIVE else [window_label(row.window, face)]
    levels = row.approaches.first_levels
    if levels and row.approaches.absolute_risk is None and face is Face.CLINICIAN:
        parts.append("1 study" if levels.studies == 1 else f"{levels.studies} studies")
    if face is Face.PATIENT and outcome.scale_min is not None:
        parts.append(f"{outcome.scale_min:g} to {outcome.scale_max:g}")
    return ", ".join(parts)


def window_label(window: TimeWindow, face: Face) -> str:
    return window.patient_label if face is Face.PATIENT else window.clinician_label


def design_label(study_design: StudyDesign) -> str:
    return _DESIGN[study_design]


def technique_label(technique: str) -> str:
    """A technique id as words: “mis_tlif” becomes “MIS-TLIF”."""
    named = {
        "mis_tlif": "MIS-TLIF",
        "mis_plif": "MIS-PLIF",
        "mis_xlif": "lateral or oblique (XLIF, OLIF)",
        "open_tlif": "open TLIF",
        "open_plif": "open PLIF",
    }
    return named.get(technique, technique.replace("_", " "))


# --- one comparison -----------------------------------------------------------------------------------------------


def headline(c: Comparison, face: Face, denominator: int = 100) -> str:
    """The answer as one sentence with its number."""
    subject = _road_phrase(c)
    if c.state is State.NOT_MEASURED:
        none = "no study is left with this filter" if leaves_none(c) else "not measured. No study here compares it"
        return f"{_about(c, face)}: {none}."
    if leaves_none(c):
        return f"{_about(c, face)}: no study is left with this filter."
    if c.state is State.TOO_FEW:
        return f"{_about(c, face)}: too few studies to give one number."
    if c.outcome.kind == OutcomeKind.EVENT:
        return _event_headline(c, denominator)
    if c.question.measure.on_log_scale:
        clear = "" if c.state is State.DIFFERENCE else "no clear difference, "
        ratio = f"{numerals.ratio(c.estimate or 1)} times as much {subject} ({range_text(c, face)})"
        return f"{_about(c, face)}: {clear}{ratio}."
    size = numerals.amount_on_scale(c.pooled.estimate, c.outcome.unit, face)  # type: ignore[union-attr]
    if c.state is State.NO_CLEAR_DIFFERENCE:
        return f"{_about(c, face)}: no clear difference, {size} {_word(c.pooled.estimate)} ({range_text(c, face)})."  # type: ignore[union-attr]
    return f"{_capital(_phrase(c, size))} {subject}."


def range_text(c: Comparison, face: Face) -> str:
    """The 95 % interval in words, in the unit named beside it: “178 less to 42 more”."""
    if c.interval is None:
        return ""
    if c.question.measure.on_log_scale:
        return f"{numerals.ratio(c.interval[0])} to {numerals.ratio(c.interval[1])}"
    return _interval(c.interval[0], c.interval[1], c.outcome.unit, face)


def direction_sentence(c: Comparison) -> str:
    """The direction in plain sight even where pooling fails: “In 6 of 7 studies people lost less blood.”"""
    d = c.direction
    if d.total == 0:
        return ""
    lower = d.lower >= d.higher
    count = d.lower if lower else d.higher
    template = c.outcome.sentence_lower if lower else c.outcome.sentence_higher
    word = ("fewer people" if lower else "more people") if c.outcome.kind == OutcomeKind.EVENT else ""
    text = " ".join(template.replace("{amount}", word).split())
    if d.total == 1:
        return (
            f"In the one study with both arms {text}." if count else "The one study with both arms found no difference."
        )
    return f"In {count} of {d.total} studies {text} {_road_phrase(c)}."


def basis(c: Comparison, face: Face) -> str:
    """Which studies the number rests on: “3 randomised trials pooled, 167 people”."""
    if c.pooled is None:
        n = len(c.shown_studies)
        none = "none put together" if face is Face.PATIENT else "none pooled"
        return f"{n} {'study' if n == 1 else 'studies'} shown, {none}" if n else "no study"
    kind = (
        ("randomised trial" if c.pooled.k == 1 else "randomised trials")
        if c.randomised_only
        else ("study" if c.pooled.k == 1 else "studies")
    )
    verb = "" if c.pooled.k == 1 else (" put together" if face is Face.PATIENT else " pooled")
    people = f", {c.people:,} people" if c.people else ""
    return f"{c.pooled.k} {kind}{verb}{people}"


def certainty_line(certainty: Certainty | None, face: Face) -> str:
    """How far to trust the number, with the reasons, in one line."""
    if certainty is None:
        return ""
    if face is Face.CLINICIAN:
        return f"{_capital(certainty.level.label)} certainty: {'; '.join(certainty.reasons)}."
    reasons = [_DOUBT_PATIENT[d] for d in certainty.doubts if d in _DOUBT_PATIENT][:2]
    word = _CERTAINTY_PATIENT[certainty.level]
    return f"{word}: {' and '.join(reasons)}." if reasons else f"{word}."


def certainty_word(certainty: Certainty | None, face: Face) -> str:
    if certainty is None:
        return ""
    return (
        _CERTAINTY_PATIENT[certainty.level] if face is Face.PATIENT else f"{_capital(certainty.level.label)} certainty"
    )


def imputed_sentence(c: Comparison, face: Face) -> str:
    """The second estimate, always marked as resting on borrowed spreads, with the k of both."""
    if c.imputed is None or c.pooled is None:
        return ""
    if c.question.measure.on_log_scale:
        found = f"{numerals.ratio(math.exp(c.imputed.estimate))} times as much"
        interval = f"{numerals.ratio(math.exp(c.imputed.ci_low))} to {numerals.ratio(math.exp(c.imputed.ci_high))}"
    else:
        found = f"{numerals.amount(c.imputed.estimate, c.outcome.unit, face)} {_word(c.imputed.estimate)}"
        interval = _interval(c.imputed.ci_low, c.imputed.ci_high, c.outcome.unit, face)
    added = c.imputed.k - c.pooled.k
    return f"With {added} more studies, their spread borrowed from the others ({c.imputed.k} in all): {found} ({interval})."


def ratio_sentence(c: Comparison) -> str:
    """A ratio of means with its interval, for outcomes whose level differs much between hospitals."""
    if c.pooled is None or c.estimate is None:
        return ""
    return f"As a ratio: {numerals.ratio(c.estimate)} times open ({range_text(c, Face.CLINICIAN)}), k = {c.pooled.k}."


def noticeable_sentence(outcome: OutcomeRow) -> str:
    """What the shaded band of a chart over time means."""
    if outcome.noticeable_change is None:
        return ""
    places = 0 if outcome.noticeable_change == int(outcome.noticeable_change) else 1
    return f"Shaded: too small to notice (under {numerals.plain(outcome.noticeable_change, places)} points)."


def heterogeneity_sentence(c: Comparison) -> str:
    """How the pool was made and how far the studies lie apart, for a reader who checks it."""
    p = c.pooled
    if p is None or p.k < MINIMUM_STUDIES or p.prediction_low is None or p.prediction_high is None:
        return ""
    if c.question.measure.on_log_scale:
        span = (
            f"a ratio of {numerals.ratio(math.exp(p.prediction_low))} to {numerals.ratio(math.exp(p.prediction_high))}"
        )
    else:
        unit = numerals.unit_name(c.outcome.unit)
        span = f"{_interval(p.prediction_low, p.prediction_high, c.outcome.unit, Face.CLINICIAN)} ({unit})"
    return (
        f"Random effects ({p.method}, Hartung-Knapp with the ad hoc correction): I² {numerals.whole_percent(p.i2)}, τ² {numerals.variance(p.tau2)}. "
        f"A new study would be expected to find {span}."
    )


# --- cells of the side-by-side table ------------------------------------------------------------------------------


def difference_cell(c: Comparison, face: Face, denominator: int) -> Cell:
    """The difference between two roads: one of three states, never merged. A single study is named as one."""
    own = own_words.difference(c, face, denominator)
    if own:
        return Cell(*own, c.state if own[0] != own_words.NOTHING_TO_COUNT_FROM else State.TOO_FEW)
    if c.state is State.NOT_MEASURED:
        return Cell("Not measured", "no study here compares it", c.state)
    if c.state is State.TOO_FEW:
        return Cell(
            "Too few studies" if face is Face.PATIENT else "Too few to pool", _singles(c, face, denominator), c.state
        )
    if c.outcome.kind == OutcomeKind.EVENT:
        big, small = _event_difference(c, face, denominator)
    elif c.question.measure.on_log_scale:
        big, small = f"{numerals.ratio(c.estimate or 1)} times as much", range_text(c, face)
    else:
        big, small = _change(c, face), range_text(c, face)
    if c.pooled.k == 1:  # type: ignore[union-attr]
        one = "One trial" if c.randomised_only else "One study"
        if c.state is State.NO_CLEAR_DIFFERENCE:
            return Cell("No clear difference", f"{one.lower()}: {big} ({small})", c.state)
        return Cell(one, f"{big} ({small})", c.state)
    if c.state is State.NO_CLEAR_DIFFERENCE:
        return Cell("No clear difference", f"{big} ({small})", c.state)
    return Cell(big, small, c.state)


def level_cell(c: Comparison, first: bool, face: Face, denominator: int) -> Cell:
    """What was seen in one arm: an absolute risk, else the range of study averages."""
    if own_words.stands(c, first):
        return Cell(*own_words.level(c, first, face, denominator, _negated(c.outcome)))
    risk = c.absolute_risk
    if risk is not None:
        single = ", in 1 study" if c.pooled and c.pooled.k == 1 else ""
        return Cell(_told_risk(c, first, denominator), f"{_others(c, first, denominator)}{single}".removeprefix(", "))
    levels = c.first_levels if first else c.second_levels
    if levels is None and c.pooled is not None:
        return Cell("Not printed", "the study gives the difference only", State.TOO_FEW)
    if levels is None:
        known = c.state is not State.NOT_MEASURED
        return Cell("Not printed" if known else "Not measured", "", State.TOO_FEW if known else State.NOT_MEASURED)
    return Cell(_levels(levels, c.outcome, face, denominator))


def without_surgery_cell(row: OutcomeAnswer, face: Face, denominator: int) -> Cell:
    """What is known for the road without surgery: never an empty cell, never a number from another time unmarked."""
    if row.only_with_an_operation:
        return Cell("None", "no operation")
    if row.crossovers:
        return _crossover_cell(row, denominator)
    c = row.without
    if c is None or c.state is State.NOT_MEASURED or (c.state is State.TOO_FEW and not c.shown_studies):
        return Cell("Not measured", "", State.NOT_MEASURED)
    when = _when(c)
    if c.outcome.kind == OutcomeKind.EVENT and c.absolute_risk:
        return Cell(
            _told_risk(c, False, denominator),
            f"{_others(c, False, denominator)}; with surgery {_told_risk(c, True, denominator)}, {when}{_crossed(c.outcome)}",
        )
    if c.state is State.TOO_FEW:
        few = "Too few studies" if face is Face.PATIENT else "Too few to pool"
        return Cell(few, f"surgery {_singles(c, face, denominator)}, {when}", c.state)
    if c.outcome.kind == OutcomeKind.EVENT:
        return Cell("No counts printed", when, State.TOO_FEW)
    interval = range_text(c, face)
    if c.state is State.NO_CLEAR_DIFFERENCE:
        size = numerals.size(c.pooled.estimate, c.outcome.unit, face)  # type: ignore[union-attr]
        change = f"{size} {_word(c.pooled.estimate)}"  # type: ignore[union-attr]
        return Cell("No clear difference", f"surgery {change} ({interval}), {when}", c.state)
    return Cell(f"{_change(c, face)} with surgery", f"{interval}, {when}")


def study_values(result: StudyResult, outcome: OutcomeRow, first: bool, face: Face = Face.CLINICIAN) -> str:
    """One arm of one study as it stands in a source table or picture: “3.6”, “7 (median)”, “5 of 70”."""
    arm = result.first if first else result.second
    if arm is None or arm.level is None:
        return "–"
    if arm.statistic == "events":
        return f"{arm.events} of {arm.n}" if arm.n else f"{arm.events} people"
    text = numerals.number(arm.level, outcome.unit, face)
    return f"{text} (median)" if arm.statistic == "median" and face is Face.CLINICIAN else text


def study_effect(result: StudyResult, c: Comparison) -> str:
    """One study's effect with its interval, as the source table prints it."""
    if result.effect is None:
        return "–"
    e, se = result.effect.estimate, result.effect.standard_error
    if c.question.measure.on_log_scale:
        text = numerals.ratio(c.on_reading_scale(e))  # type: ignore[arg-type]
    else:
        text = numerals.plain(e, numerals.decimals(c.outcome.unit, Face.CLINICIAN))
    if se is None:
        return text
    low, high = study_interval(result)
    if c.question.measure.on_log_scale:
        limits = [numerals.ratio(c.on_reading_scale(v)) for v in (low, high)]  # type: ignore[arg-type]
    else:
        limits = [numerals.plain(v, numerals.decimals(c.outcome.unit, Face.CLINICIAN)) for v in (low, high)]
    return f"{text} ({limits[0]} to {limits[1]})"


def study_interval(result: StudyResult) -> tuple[float, float]:
    """A study's own 95 % interval on the analysis scale: as printed, else normal from its standard error."""
    effect = result.effect
    if effect is None or effect.standard_error is None:
        raise ValueError(f"{result.study.study_id} has no standard error")
    if effect.printed_interval:
        return effect.printed_interval
    half = 1.959963984540054 * effect.standard_error
    return effect.estimate - half, effect.estimate + half


def study_status(result: StudyResult, face: Face = Face.CLINICIAN) -> str:
    """Whether a study is in the number, and why not."""
    if face is Face.PATIENT:
        return "yes" if result.pooled else f"no: {_WHY_PATIENT[result.why]}"
    if result.pooled:
        return (
            f"in the pool, weight {numerals.whole_percent(result.weight)}"
            if result.weight is not None and result.weight < 99.5
            else "used"
        )
    return result.reason


def who_was_studied(c: Comparison, evidence: Evidence) -> str:
    """The reference group: how many of the studies behind a number are in which condition."""
    studies = c.pooled_studies or c.shown_studies
    if not studies:
        return ""
    counts: dict[str, int] = {}
    for s in studies:
        described = evidence.conditions.get(s.study.condition)
        name = described.clinician_label.lower() if described else "mixed conditions"
        counts[name] = counts.get(name, 0) + 1
    return "; ".join(f"{name}: {n}" for name, n in sorted(counts.items(), key=lambda item: -item[1]))


def chart_description(c: Comparison, face: Face, denominator: int = 100) -> str:
    """Alternative text of a chart of both arms: the finding, then every study's two values."""
    parts = [headline(c, face, denominator), direction_sentence(c)]
    unit = numerals.unit_name(c.outcome.unit) if c.outcome.kind != OutcomeKind.EVENT else ""
    names = (
        ("with surgery", "without")
        if c.question.contrast is not Contrast.MIS_VERSUS_OPEN
        else ("minimally invasive", "open")
    )
    for s in c.shown_studies:
        first, second = (study_values(s, c.outcome, side, face) for side in (True, False))
        values = f"{names[0]} {first}, {names[1]} {second} {unit}"
        parts.append(f"{s.label}: {values.strip()}.")
    return " ".join(p for p in parts if p)


def none_left_cell(taken_away: int) -> Cell:
    """What stands in the place of a number that a filter took away: never “not measured”."""
    studies = "1 study" if taken_away == 1 else f"{taken_away} studies"
    return Cell("No study left", f"the filter leaves none of {studies}", State.NOT_MEASURED)


def time_point_text(c: Comparison, face: Face) -> str:
    """One window of an over-time chart in words: “1 year: 13.2 points less (15.6 to 10.9), 1 study”."""
    label = window_label(c.question.window, face)
    if c.pooled is not None:
        if c.outcome.kind == OutcomeKind.EVENT:
            cell = difference_cell(c, face, 100)
            return f"{label}: {cell.big}, {cell.small}; {basis(c, face)}"
        return f"{label}: {_change(c, face)} ({range_text(c, face)}); {basis(c, face)}"
    if leaves_none(c):
        return f"{label}: no study left with this filter"
    if c.state is State.NOT_MEASURED:
        return f"{label}: not measured"
    return f"{label}: too few to pool, {_singles(c, face, 100)}"


def review_line(result: ReviewResult, definition: OutcomeRow) -> str:
    """A published review's own result, as it printed it: “MD −232.9 (−322.5 to −143.3) ml, 11 studies”."""
    places = 2 if result.row.measure in _RATIOS else 1
    estimate = "no estimate printed" if result.estimate is None else numerals.plain(result.estimate, places)
    interval = ""
    if result.ci_low is not None and result.ci_high is not None:
        interval = f" ({numerals.plain(result.ci_low, places)} to {numerals.plain(result.ci_high, places)})"
    unit = f" {numerals.unit_name(definition.unit)}" if definition.kind == OutcomeKind.CONTINUOUS else ""
    known = result.row.measure == ReportedMeasure.MEAN_DIFFERENCE and not result.same_unit
    k = f", {result.row.k_studies} studies" if result.row.k_studies else ""
    if result.row.timing == Timing.AT_MONTHS and result.row.timepoint_months:
        k += f", at {numerals.months(result.row.timepoint_months)}"
    return f"{result.row.measure} {estimate}{interval}{', unit not printed' if known else unit}{k}"


def panel_lines(c: Comparison, face: Face, ratio: Comparison | None = None) -> list[str]:
    """The small print over a picture of both arms: the pooled number, what it rests on and how sure it is."""
    if c.pooled is None:
        return [headline(c, face)]
    cell = difference_cell(c, face, 100)
    stated = (
        f"{cell.big}, {cell.small}" if c.state is State.DIFFERENCE and c.pooled.k > 1 else f"{cell.big}: {cell.small}"
    )
    lines = [f"{stated}. {_capital(basis(c, face))}."]
    if face is Face.PATIENT:
        return [*lines, certainty_line(c.certainty, face)]
    if ratio is not None:
        lines.append(ratio_sentence(ratio))
        if ratio.pooled is not None and ratio.state is not c.state:
            lines.append(RATIO_DIFFERS)
    if c.outcome.outcome == Outcome.BLOOD_LOSS:
        lines.append(HIDDEN_BLOOD_LOSS_SHORT)
    return [line for line in (*lines, imputed_sentence(c, face)) if line]


def share_line(row: ThresholdRow, face: Face, evidence: Evidence, months: float | None = None) -> tuple[str, str]:
    """A published share or time without surgery: the number, and what it says in whom."""
    number = numerals.out_of(row.value / 100, 100) if row.unit == "percent" else f"{row.value:g} {row.unit}"
    if face is Face.PATIENT:
        if row.measure == "crossover_to_surgery":
            when = f" within {numerals.months(months)}" if months is not None else ""
            return number, f"had surgery after all{when}; {numerals.complement(row.value / 100, 100)} did not"
        told = evidence.course_texts.get(course_key(row))
        if told:
            return number, told
    return number, f"{row.meaning} ({row.condition})"


def nothing_to_draw(c: Comparison, face: Face) -> str:
    """What an empty picture says instead: what is missing and what can be done."""
    label = outcome_label(c.outcome, face).lower()
    if leaves_none(c):
        return f"With this filter no study is left that reports {label}. Clear the filter to see the others."
    if c.studies:
        return (
            f"No study here prints {label} for both roads with these filters. "
            "Open the studies in the table, or change the filter."
        )
    return f"No study in the dataset reports {label} for this choice."


def recovery_headline(approaches: tuple[Comparison, ...], without: tuple[Comparison, ...], face: Face) -> str:
    """What the over-time picture shows, in one sentence: the time nearest to the usual one, as in the table above it."""
    wanted = approaches[0].outcome.default_time_months or 12.0
    parts = []
    for series, name in ((without, "Surgery against none"), (approaches, "minimally invasive against open")):
        known = [c for c in series if c.pooled is not None]
        if known:
            c = min(known, key=lambda c: abs((c.question.window.nominal_months or 0) - wanted))
            one = ", one study" if c.pooled and c.pooled.k == 1 else ""
            parts.append(
                f"{name}: {_change(c, face)} {_when(c)}{one}"
                + (", no clear difference" if c.state is State.NO_CLEAR_DIFFERENCE else "")
            )
    if parts:
        return _capital("; ".join(parts)) + "."
    return f"{outcome_label(approaches[0].outcome, face)}: no study can give one number."


# --- the risks page -----------------------------------------------------------------------------------------------

BURDENS_HEADING = "Also to weigh"
OWN_COUNTS = "This clinic's own counts"
OWN_COUNTS_HINT = (
    "From 20 cases on, the clinic's rate stands in the place of the published one: on Compare, on Risks, in the handout and in "
    "the note. Fewer stand beside it."
)
OWN_COUNT_FIELDS = {"events": "had it", "cases": "cases in all"}
SEPARATE_STUDIES = "The number without surgery comes from separate studies of other people."
IN_ONE_STUDY = "Too few studies to put into one number. Each by itself:"


def risk_question(row: OutcomeAnswer, face: Face) -> str:
    """What the pictures of a harm answer: “How many people had a complication in the first 3 months?”"""
    verb = " ".join(row.outcome.sentence_lower.replace("{amount}", "").split())
    if row.outcome.outcome == Outcome.REOPERATION:
        verb = "had an operation after all, or another one,"
    when = "" if row.outcome.horizon == Horizon.PERIOPERATIVE else f" {window_label(row.window, Face.PATIENT)}"
    return f"How many people {verb.removeprefix('people ')}{when}?"


def what_it_means(c: Comparison, denominator: int, face: Face) -> str:
    """The difference between the two kinds of surgery in one plain sentence, with its range."""
    if c.state is State.NOT_MEASURED:
        return (
            "Not measured: no study here counts it for both kinds of surgery. That does not mean that it is the same."
        )
    if own := own_words.meaning(c, denominator):
        return own
    if c.absolute_risk is None:
        return f"{headline(c, face, denominator)} {direction_sentence(c)}".strip()
    cell = difference_cell(c, Face.PATIENT, denominator)
    size = cell.big if c.state is State.DIFFERENCE and c.pooled and c.pooled.k > 1 else cell.small
    lead = {
        State.DIFFERENCE: "With minimally invasive surgery",
        State.NO_CLEAR_DIFFERENCE: "No clear difference. With minimally invasive surgery",
    }[c.state]
    tail = f" (it could be {cell.small})" if size == cell.big else ""
    return f"{lead}: {size}{tail}."


def more_events_than_cases(events: int, cases: int) -> str:
    return f"{events:,} had it, of {cases:,} cases in all: one of the two is mistyped. These counts are not used."


def study_risk_cell(arm: ArmSummary, outcome: OutcomeRow, denominator: int) -> Cell:
    """One arm of one study out of the page's people, with what it counted: of few people much can be chance."""
    risk, counted = arm.risk or 0.0, f"it was {arm.events} of {arm.n:,}"
    if risk in (0, 1):
        return Cell(numerals.risk(risk, *wilson(arm.events or 0, arm.n or 1), denominator), counted)
    others = numerals.complement(risk, denominator)
    return Cell(numerals.out_of(risk, denominator), f"{others} {_negated(outcome)}; {counted}")


def difference_alt(told: str, either_way: int, apart: int, denominator: int) -> str:
    return (
        f"{told} Picture of {denominator:,} people: {either_way:,} have it either way, {apart:,} on one road only, "
        f"{denominator - either_way - apart:,} on neither."
    )


def learning_line(row: ThresholdRow) -> str:
    """A published number on the learning curve or on how often a surgeon does it: “44 cases: …”."""
    unit = row.unit.replace("_", " ")
    number = f"{row.value:g} {unit}" if row.measure == "learning_curve" else f"{unit} {row.value:g}"
    return f"{number}: {row.meaning} ({row.condition})"


# --- the evidence page --------------------------------------------------------------------------------------------


def pooled_name(c: Comparison) -> str:
    """How a pooled result is named in a picture: “Pooled, 6 studies”."""
    kind = "trial" if c.randomised_only else "study"
    plural = "trials" if c.randomised_only else "studies"
    if c.pooled is None:
        return ""
    return f"This {kind} alone" if c.pooled.k == 1 else f"Pooled, {c.pooled.k} {plural}"


def imputed_name(c: Comparison) -> str:
    return f"With borrowed spreads, {c.imputed.k}" if c.imputed else ""


def pooled_effect(c: Comparison, pooled: PooledResult) -> str:
    """A pooled effect with its interval, written like those of the studies: “−68 (−178 to 42)”."""
    values = [c.on_reading_scale(v) for v in (pooled.estimate, pooled.ci_low, pooled.ci_high)]
    if c.question.measure.on_log_scale:
        told = [numerals.ratio(v) for v in values]  # type: ignore[arg-type]
    else:
        told = [numerals.plain(v, numerals.decimals(c.outcome.unit, Face.CLINICIAN)) for v in values]  # type: ignore[arg-type]
    return f"{told[0]} ({told[1]} to {told[2]})"


def can_be_drawn(review: ReviewResult, c: Comparison) -> bool:
    """Whether a review's result can stand on the axis of a comparison: the same measure, unit and, where printed, time."""
    if review.estimate is None or not review.same_unit:
        return False
    if review.row.timing == Timing.AT_MONTHS and not c.question.window.holds(review.row):
        return False
    wanted = {
        Measure.MEAN_DIFFERENCE: ReportedMeasure.MEAN_DIFFERENCE,
        Measure.RISK_RATIO: ReportedMeasure.RISK_RATIO,
        Measure.RATIO_OF_MEANS: None,
    }
    return review.row.measure == wanted[c.question.measure]


def effect_axis(c: Comparison) -> str:
    """What the axis of a forest plot shows, in words."""
    mis = c.question.contrast is Contrast.MIS_VERSUS_OPEN
    if c.question.measure.on_log_scale:
        kind = "risk ratio" if c.question.measure is Measure.RISK_RATIO else "ratio of means"
        return f"{kind}, minimally invasive over open" if mis else f"{kind}, surgery over no surgery"
    unit = numerals.unit_name(c.outcome.unit)
    between = "minimally invasive minus open" if mis else "surgery minus no surgery"
    return f"difference in {unit}, {between}" if unit else f"difference, {between}"


def forest_description(c: Comparison) -> str:
    """Alternative text of a forest plot: the finding, then every line of it in words."""
    parts = [headline(c, Face.CLINICIAN)]
    parts += [f"{s.label}: {study_effect(s, c)}, {study_status(s)}." for s in c.studies if s.effect is not None]
    if c.pooled:
        parts.append(f"{pooled_name(c)}: {pooled_effect(c, c.pooled)}.")
    if c.imputed:
        parts.append(f"{imputed_name(c)}: {pooled_effect(c, c.imputed)}.")
    parts += [f"Review {r.label}: {review_line(r, c.outcome)}." for r in c.reviews]
    return " ".join(parts)


def tau2_sentence(c: Comparison, interval: tuple[float, float], i2: tuple[float, float]) -> str:
    """The spread between studies with its interval (Q-profile)."""
    if c.pooled is None or c.pooled.k < MINIMUM_STUDIES:
        return ""
    low, high = (numerals.variance(v) for v in interval)
    return (
        f"Between the studies: τ² {numerals.variance(c.pooled.tau2)} (95 % interval {low} to {high}), "
        f"I² {numerals.whole_percent(c.pooled.i2)} ({_percents(*i2)})."
    )


def _percents(low: float, high: float) -> str:
    """Two shares in percent as a range: “12 to 80 %”, “under 1 to 80 %”."""
    return f"{numerals.whole_percent(low).removesuffix(' %')} to {numerals.whole_percent(high)}"


CUMULATIVE = "The pool as it grew, a study at a time by year of publication."
NOT_POOLED = "Fewer than three studies are pooled here, so there is nothing to take apart. See the forest plot."


TWO_NOT_POOLED = "too few to pool"


def design_name(design: str) -> str:
    return design_label(StudyDesign(design))


def steps_description(c: Comparison, steps: Sequence[Step], word: str) -> str:
    """Alternative text of a picture of many pools."""
    told = [f"{word}{s.study.label}: {pooled_effect(c, s.pooled)}" for s in steps if s.pooled]
    return f"{headline(c, Face.CLINICIAN)} " + "; ".join(told) + "."


def subgroups_description(c: Comparison, named: Sequence[tuple[str, PooledResult | None]]) -> str:
    told = [f"{name}: {pooled_effect(c, pooled) if pooled else TWO_NOT_POOLED}" for name, pooled in named]
    return f"{headline(c, Face.CLINICIAN)} " + "; ".join(told) + "."


def funnel_description(c: Comparison, found: Egger) -> str:
    told = [f"{s.label}: {study_effect(s, c)}" for s in c.pooled_studies]
    return f"Funnel plot. {egger_sentence(found)} " + "; ".join(told) + "."


def source_rows(s: StudyResult) -> str:
    """The rows of the dataset a study was read from: “arms.csv 75, 76”."""
    files: dict[str, list[str]] = {}
    for line in s.lines:
        file, number = line.rsplit(" ", 1)
        files.setdefault(file, []).append(number)
    return "; ".join(f"{file} {', '.join(numbers)}" for file, numbers in files.items())


def egger_sentence(found: Egger) -> str:
    side = "lower" if found.intercept < 0 else "higher"
    seen = (
        f"small studies lie {side} than chance explains"
        if found.p < EGGER_LEVEL
        else "no lean that chance does not explain"
    )
    return (
        f"Egger's test: intercept {numerals.plain(found.intercept, 2)} ({numerals.plain(found.ci_low, 2)} to "
        f"{numerals.plain(found.ci_high, 2)}), p = {found.p:.2g}: {seen}. A lean is no proof of missing studies."
    )


def leave_one_out_sentence(c: Comparison, steps: Sequence[Step]) -> str:
    """Whether a single study decides what can be said."""
    clear = [s for s in steps if s.pooled is not None]
    if not clear or c.pooled is None:
        return "With three studies in the pool, leaving one out leaves two: too few to pool."
    whole = c.pooled.ci_low > 0 or c.pooled.ci_high < 0
    turned = [s.study.label for s in clear if (s.pooled.ci_low > 0 or s.pooled.ci_high < 0) != whole]  # type: ignore[union-attr]
    if not turned:
        return "No single study decides: without any one of them the answer stays the same."
    change = "no clear difference is left" if whole else "a difference shows"
    return f"It hangs on {' or '.join(turned)}: without it, {change}."


def subgroup_sentence(found: Subgroups) -> str:
    if found.q_between_p is None:
        return "Fewer than two kinds with three or more studies each, so they cannot be set against each other."
    differ = (
        "differ more than chance explains"
        if found.q_between_p < EGGER_LEVEL
        else "do not differ more than chance explains"
    )
    return f"The kinds {differ} (Q = {numerals.plain(found.q_between, 1)}, df {found.q_between_df}, p = {found.q_between_p:.2g})."


def mantel_haenszel_sentence(found: MantelHaenszel) -> str:
    low, mid, high = (math.exp(v) for v in (found.ci_low, found.estimate, found.ci_high))
    return (
        f"As a check, Mantel-Haenszel: risk ratio {numerals.ratio(mid)} ({numerals.ratio(low)} to {numerals.ratio(high)}), "
        f"{found.k_without_events} of {found.k} studies without an event."
    )


# --- the checklist ------------------------------------------------------------------------------------------------

ANSWERS = {
    Answer.YES: "Yes",
    Answer.NO: "No",
    Answer.NOT_KNOWN: "Not known",
    Answer.DOES_NOT_APPLY: "Does not apply",
}
NO_SCORE = "This list is no score. It shows what has been looked at. The decision is made together."
NUMBERS_WAIT = "The numbers on Compare are for planned surgery. They do not apply until this is settled."
_PARTS = {
    Part.RED_FLAG: ("Anything that cannot wait?", "Anything that cannot wait?"),
    Part.CRITERION: ("Is surgery worth considering?", "Is surgery worth a thought?"),
    Part.APPROACH_FIT: ("Does a minimally invasive approach fit?", "Would minimally invasive surgery fit?"),
    Part.PUT_RIGHT_FIRST: ("What to put in order first", "What to put in order first"),
}
_GRADES = {
    "G": "guideline's own page",
    "A": "read as an abstract or summary",
    "S": "read on a secondary page",
    "P": "a payer's policy: what is demanded, not what is best",
    "E": "a single study or expert review",
}


def part_label(part: Part, face: Face) -> str:
    return _PARTS[part][1 if face is Face.PATIENT else 0]


def item_text(item: Item, face: Face) -> str:
    return item.row.patient_text if face is Face.PATIENT else item.row.clinician_text


def item_statement(item: Item, given: Answer, face: Face) -> str:
    """What an answer says, with the answer in it: “No high-grade migrated fragment”, never the question again.

    What is not known or does not apply is named only, to stand under a heading that says so. A clinic's own question
    without statements of its own stands with its answer: “Off work? (answered: no)”.
    """
    kind = {Answer.YES: "yes", Answer.NO: "no"}.get(given, "topic")
    told = getattr(item.row, f"{face}_{kind}")
    return told or f"{item_text(item, face)} (answered: {ANSWERS[given].lower()})"


def item_topic(item: Item, face: Face) -> str:
    """What an item is about in a few words, for one that was not asked."""
    return (item.row.patient_topic if face is Face.PATIENT else item.row.clinician_topic) or item_text(item, face)


def item_source(item: Item) -> str:
    """Where an item comes from and how it was read; a clinic's own pathway is named first."""
    year = (
        f" ({item.row.source_year})"
        if item.row.source_year and str(item.row.source_year) not in item.row.source
        else ""
    )
    published = f"{item.row.source}{year}"
    return f"Own pathway: {item.clinic_source}. Published: {published}" if item.clinic_source else published


def reading_grade(item: Item) -> str:
    return _GRADES[item.row.reading_grade]


# --- what matters, and the decision -------------------------------------------------------------------------------

IMPORTANCE = {
    Importance.NOT: "Not much",
    Importance.SOMEWHAT: "Somewhat",
    Importance.A_LOT: "A lot",
    Importance.MOST: "Most of all",
}
NO_WINNER = "What you mark puts rows first. It adds nothing up, and no road wins."
NOTHING_MARKED = "Mark what matters to you. The two sides of it, and the numbers that speak to it, then stand here."
SAVED_AS_TYPED = "The answers are saved as they are typed."
NO_NAMES = "Write no name, birth date or record number."
LEANINGS = {
    Leaning.WITHOUT_SURGERY: "Without surgery",
    Leaning.OPEN: "Open surgery",
    Leaning.MIS: "Minimally invasive",
    Leaning.NOT_SURE: "Not sure yet",
    Leaning.SECOND_OPINION: "A second opinion first",
}
MAY_CHANGE = "You may change your mind. You can wait, and you can ask for a second opinion."
TEACH_BACK = (
    "I want to be sure that I explained it well. Please tell me in your own words: what would each of the three roads "
    "mean for you?"
)
SURE_PROMPTS = {
    "s": "What would help you to feel more sure?",
    "u": "Which good or hard sides should we go through again?",
    "r": "Which of the points under What matters is still hard to weigh?",
    "e": "Whose support or advice do you still miss?",
}
ORDERS = ("Usual order", "What matters first")
STEPS = ("Questions", "Where you lean", "Take home")
PAPERS = ("A4", "US Letter")
DOWNLOAD_SCREEN = "Download what is on the screen"
FILE_NOT_MADE = "This file could not be made. Nothing you entered is lost: try again, or reload the page."
MISHAP = "Something went wrong on this page"
MISHAP_OF_A_STEP = "Something went wrong with your last step"
PARTS_OF_A_CONSULTATION = {
    "condition": "condition",
    "procedure": "planned procedure",
    "level": "level",
    "answers": "answers on the checklist",
    "importance": "what matters",
    "own_concerns": "own concerns",
    "question_notes": "answers to questions",
    "own_questions": "own questions",
    "leaning": "leaning",
    "leaning_reason": "reason for the leaning",
    "sure": "the SURE test",
    "teach_back": "what the patient told back",
    "explained_again": "explained again",
    "next_steps": "next steps",
}


def mishap(saved: bool) -> list[str]:
    """What to do when a page failed. Only what is on the disk is sure to outlive a reload."""
    if saved:
        return [
            "Nothing you entered is lost.",
            "Reload this page, or go on with another one. If it happens again, stop the program and start it anew.",
        ]
    return [
        "Nothing you entered is lost, but it is not saved yet. Download what is on the screen before anything else.",
        "Then go on with another page, or reload this one.",
    ]


def mishap_of_a_step(saved: bool) -> list[str]:
    """What to do when a click or an entry failed: it may not have been taken."""
    kept = "Everything you entered before is saved." if saved else "Everything you entered before is still here."
    return [
        "It may not have been done. Look whether what you just did is shown; if not, do it again.",
        f"{kept} If it happens again, stop the program and start it anew.",
    ]


def concern_label(row: ConcernRow, face: Face) -> str:
    return row.patient_label if face is Face.PATIENT else row.clinician_label


def question_text(row: QuestionRow, face: Face) -> str:
    return row.patient_text if face is Face.PATIENT else row.clinician_text


def not_reported(outcomes: Sequence[OutcomeRow], face: Face) -> str:
    """Which outcomes that speak to a concern no study here reports; empty where none is missing."""
    names = [outcome_label(o, face).lower() for o in outcomes]
    return f"Not measured by any study here: {', '.join(names)}." if names else ""


# --- saved work ---------------------------------------------------------------------------------------------------

DRAFT_GONE = (
    "The consultation of this address is not here: it was deleted, its time ran out, or it was saved on another computer. "
    "A new one begins."
)
RECORD_GONE = "This record was deleted in another window. The list is up to date now."
WHAT_A_RECORD_IS = "A record is kept until you delete it. It cannot be changed: a correction is saved beside it."
EXAMPLE = "Show an example: herniated disc at L5/S1"


def draft_kept(until: datetime) -> str:
    """That and how long what is entered is kept."""
    return f"Saved on this computer as you go, kept until {day(until)}"


NO_DRAFTS = "No consultation is open. The first answer you give opens one."
NO_RECORDS = "No record yet. On the page Decision, under Take home, a consultation is saved as a record."
CORRECTED = "A later record corrects this one."
ON_THIS_SCREEN = "This is the one on the screen."
DELETED_FOR_GOOD = "It cannot be brought back. Files you exported or printed stay where they are."
ASIDE = "Damaged files that were set aside. They still hold what could not be read."


PASSPHRASE_OFF = (
    "Saved work is not encrypted: whoever can use this account, or another account of this computer while the program runs, can "
    "read, change and delete it. A passphrase changes that."
)
PASSPHRASE_ON = "Saved work is encrypted. The passphrase is asked for in every new window, also after a refresh, and counts for that window only."
PASSPHRASES_DIFFER = "The two passphrases differ, so nothing was changed. Type both again."
PASSPHRASE_CHANGED = "Done. Saved work is encrypted with the new passphrase."
PASSPHRASE_TAKEN_OFF = "Done. Saved work is not encrypted any more."


def what_a_draft_is(lifetime: timedelta) -> str:
    return f"Kept for {lifetime.days} days after the last change; then off this list, and deleted when the program is next opened."


def draft_lines(saved_at: datetime, expires_at: datetime) -> list[str]:
    return [f"Last change {day_and_time(saved_at)}, kept until {day(expires_at)}"]


def record_lines(saved_at: datetime, version: str, evidence_hash: str, corrects: str | None) -> list[str]:
    correction = ["Corrects an earlier record"] if corrects else []
    return [f"Saved {day_and_time(saved_at)} · version {version} · data {evidence_hash[:7]}", *correction]


def where_kept(folder: Path, *, private: bool) -> str:
    """Where saved work is. `private`: whether the system keeps its files from other accounts."""
    who = " in files that only your account may read" if private else ""
    return (
        f"Everything is kept on this computer, in “{folder}”{who}. No name is asked for; what you write into a note is kept as you "
        "write it."
    )


ANNEX = "With the table for clinicians"


_SIGNS_NAMED = 20


def sheet_too_long(pages: int) -> str:
    return f"The handout has {pages} pages. Shorter notes keep it on one sheet."


def cannot_be_printed(signs: Sequence[str]) -> str:
    """What a person who typed it should know; the signs stand as `handout.Handout.replaced` names them."""
    shown = " ".join(sign.encode("ascii").decode("unicode_escape") for sign in signs[:_SIGNS_NAMED])
    more = " and others" if len(signs) > _SIGNS_NAMED else ""
    return (
        f"These letters cannot be printed: {shown}{more}. The handout has □ in their place. Write it in other letters."
    )


def preview_alt(number: int, pages: int) -> str:
    return f"Page {number} of {pages} of the handout, as it prints. The PDF holds the same as text."


def day(moment: datetime) -> str:
    """A day in the reader's own time zone: “26 Nov 2026”."""
    local = moment.astimezone()
    return f"{local.day} {local:%b %Y}"


def day_and_time(moment: datetime) -> str:
    return f"{day(moment)}, {moment.astimezone():%H:%M}"


def consultation_title(c: Consultation, evidence: Evidence) -> str:
    """What a saved consultation is about, for a list; nothing in it tells whose it was."""
    described = evidence.conditions.get(c.condition) if c.condition else None
    planned = evidence.procedures.get(c.procedure) if c.procedure else None
    parts = [described.clinician_label if described else "No condition chosen yet"]
    parts += [planned.clinician_label] if planned else []
    parts += [c.level] if c.level else []
    return " · ".join(parts)


def set_aside(count: int) -> str:
    """What became of damaged files, which keep everything they had."""
    return f"Set aside because they could not be read: {count}, kept under another name. Everything else is as it was."


# --- pieces -------------------------------------------------------------------------------------------------------


def _road_phrase(c: Comparison) -> str:
    return "with minimally invasive surgery" if c.question.contrast is Contrast.MIS_VERSUS_OPEN else "with surgery"


def _about(c: Comparison, face: Face) -> str:
    label = outcome_label(c.outcome, face)
    window = c.question.window
    return label if window is TimeWindow.PERIOPERATIVE else f"{label} {window_label(window, Face.PATIENT)}"


def _phrase(c: Comparison, size: str) -> str:
    return _phrase_of(c.outcome, size, c.pooled.estimate < 0)  # type: ignore[union-attr]


def _phrase_of(outcome: OutcomeRow, size: str, lower: bool) -> str:
    return (outcome.sentence_lower if lower else outcome.sentence_higher).replace("{amount}", size)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _change(c: Comparison, face: Face) -> str:
    """The pooled difference with its unit and direction: “68 ml less”."""
    estimate = c.pooled.estimate  # type: ignore[union-attr]
    return f"{numerals.amount(estimate, c.outcome.unit, face)} {_word(estimate)}"


def _word(value: float) -> str:
    return "less" if value < 0 else "more"


def _interval(low: float, high: float, unit: Unit, face: Face) -> str:
    """Two limits in words: “86 to 320 less”, “178 less to 42 more”; the smaller size first on one side."""
    if _word(low) != _word(high):
        return f"{numerals.size(low, unit, face)} less to {numerals.size(high, unit, face)} more"
    small, large = sorted((low, high), key=abs)
    a, b = numerals.size(small, unit, face), numerals.size(large, unit, face)
    return f"{a} {_word(low)}" if a == b else f"{a} to {b} {_word(low)}"


def _event_headline(c: Comparison, denominator: int) -> str:
    risk = c.absolute_risk
    verb = " ".join(c.outcome.sentence_lower.replace("{amount}", "").split())
    first, second = (
        ("minimally invasive", "open") if c.question.contrast is Contrast.MIS_VERSUS_OPEN else ("surgery", "no surgery")
    )
    if risk is None:
        ratio = f"{numerals.ratio(c.estimate or 1)} ({range_text(c, Face.CLINICIAN)})"
        return f"{_capital(verb)}: ratio {ratio}, no counts printed."
    counts = (
        (
            f"{_told_risk(c, True, denominator)} people {verb} after {first} surgery and "
            f"{_told_risk(c, False, denominator)} after {second} surgery"
        )
        .replace("no surgery surgery", "no surgery")
        .replace("surgery surgery", "surgery")
    )
    tail = ": no clear difference." if c.state is State.NO_CLEAR_DIFFERENCE else "."
    return f"About {counts}{tail}"


def _event_difference(c: Comparison, face: Face, denominator: int) -> tuple[str, str]:
    risk = c.absolute_risk
    relative = f"risk ratio {numerals.ratio(c.estimate or 1)} ({range_text(c, face)})"
    if risk is None:
        return relative, "no counts printed"
    big = _people_apart(risk.first, risk.baseline, denominator)
    ends = [(_apart(r, risk.baseline, denominator), r) for r in (risk.first_low, risk.first_high)]
    if ends[0][0][1] == ends[1][0][1]:  # on one side of no difference: the smaller first
        ends.sort()
    (low, first), (high, last) = ((_people(count, r != risk.baseline), word) for (count, word), r in ends)
    if first != last:
        words = f"{low} {first} to {high} {last}"
    else:
        words = f"{low} {first}" if low == high else f"{low} to {high} {first}"
    return big, words if face is Face.PATIENT else f"{words}; {relative}"


def _apart(risk: float, baseline: float, denominator: int) -> tuple[int, str]:
    difference = numerals.count_of(risk, denominator) - numerals.count_of(baseline, denominator)
    return abs(difference), "fewer" if difference < 0 or (difference == 0 and risk <= baseline) else "more"


def _people(count: int, any_: bool) -> str:
    """How many people; “under 1” where it rounds to none and is something."""
    return f"{count:,}" if count or not any_ else "under 1"


def _people_apart(risk: float, baseline: float, denominator: int) -> str:
    count, word = _apart(risk, baseline, denominator)
    return f"{count:,} {word} of {denominator:,}" if count else f"under 1 {word} of {denominator:,}"


_FEW_ENOUGH_TO_NAME = 2


def _singles(c: Comparison, face: Face, denominator: int) -> str:
    """What the studies that cannot be pooled found: each of one or two, the lowest and the highest of more."""
    found = [s for s in c.studies if s.effect is not None and s.why in (Why.TOO_FEW, Why.NO_SPREAD, Why.NO_ARM_SIZE)]
    if not found:
        n = len(c.studies)
        none = "no count can be used" if face is Face.PATIENT else "none usable"
        return f"{n} {'study' if n == 1 else 'studies'}, {none}"
    if len(found) > _FEW_ENOUGH_TO_NAME and c.outcome.kind != OutcomeKind.EVENT and not c.question.measure.on_log_scale:
        lowest, highest = (pick(s.effect.estimate for s in found if s.effect) for pick in (min, max))
        ends = (f"{numerals.amount(e, c.outcome.unit, face)} {_word(e)}" for e in (lowest, highest))
        return f"{' to '.join(ends)}, {len(found)} studies"
    texts = []
    for s in found[:_FEW_ENOUGH_TO_NAME]:
        if (
            c.outcome.kind == OutcomeKind.EVENT
            and s.first
            and s.second
            and s.first.risk is not None
            and s.second.risk is not None
        ):
            if face is Face.PATIENT:  # one denominator on a patient's screen
                counts = [numerals.out_of(arm.risk, denominator) for arm in (s.first, s.second)]  # type: ignore[arg-type]
            else:
                counts = [study_values(s, c.outcome, first) for first in (True, False)]
            texts.append(f"{counts[0]} against {counts[1]}")
        elif c.question.measure.on_log_scale:
            texts.append(f"ratio {numerals.ratio(c.on_reading_scale(s.effect.estimate))}")  # type: ignore[arg-type, union-attr]
        else:
            estimate = s.effect.estimate  # type: ignore[union-attr]
            texts.append(f"{numerals.amount(estimate, c.outcome.unit, face)} {_word(estimate)}")
    more = len(found) - len(texts)
    return "; ".join(texts) + (f"; and {more} more {'study' if more == 1 else 'studies'}" if more else "")


def _levels(levels: LevelRange, outcome: OutcomeRow, face: Face, denominator: int) -> str:
    if outcome.kind == OutcomeKind.EVENT:
        if levels.high == 0:  # of the people counted; “0 of 100” would be a promise
            return f"none seen in {levels.studies} {'study' if levels.studies == 1 else 'studies'}"
        return numerals.span_of_risks(levels.low, levels.high, denominator)
    return numerals.span(levels.low, levels.high, outcome.unit, face)


def _crossover_cell(row: OutcomeAnswer, denominator: int) -> Cell:
    """People who began without surgery and had it later, at the row's time or the nearest published one."""
    timed = [c for c in row.crossovers if c.months is not None]
    if not timed:
        values = [c.row.value / 100 for c in row.crossovers]
        when = ""
    else:
        wanted = row.window.nominal_months or 24
        nearest = min((c.months for c in timed), key=lambda m: (abs(m - wanted), m))  # type: ignore[operator]
        values = [c.row.value / 100 for c in timed if c.months == nearest]
        when = f" within {numerals.months(nearest)}"  # type: ignore[arg-type]
    if len(values) == 1:
        return Cell(
            numerals.out_of(values[0], denominator),
            f"had surgery after all{when}; {numerals.complement(values[0], denominator)} did not",
        )
    spread = numerals.span_of_risks(min(values), max(values), denominator)
    return Cell(spread, f"had surgery after all{when}, in {len(values)} studies")


def _told_risk(c: Comparison, first: bool, denominator: int) -> str:
    r = c.absolute_risk
    assert r is not None
    told = (r.first, r.first_low, r.first_high) if first else (r.baseline, r.baseline_low, r.baseline_high)
    return numerals.risk(*told, denominator)


def _others(c: Comparison, first: bool, denominator: int) -> str:
    """The other frame; where the one study saw nobody or everybody have it, among how many people."""
    assert c.absolute_risk is not None
    risk = c.absolute_risk.first if first else c.absolute_risk.baseline
    if risk not in (0, 1):
        return f"{numerals.complement(risk, denominator)} {_negated(c.outcome)}"
    study = c.pooled_studies[0] if c.pooled and c.pooled.k == 1 else None
    arm = (study.first if first else study.second) if study else None
    return f"{'none' if risk == 0 else 'all'} of {arm.n:,}" if arm and arm.n else ""


def _negated(outcome: OutcomeRow) -> str:
    """How the other people are told of: “were given blood”, “were not”; “had an infection”, “did not”."""
    return "were not" if outcome.sentence_lower.removeprefix("{amount} ").startswith("were ") else "did not"


def _crossed(outcome: OutcomeRow) -> str:
    """That a result without surgery is not one of people who never had any."""
    good = (Outcome.RECOVERED, Outcome("satisfied_or_good_excellent"), Outcome.RETURNED_TO_WORK)
    return "; some had surgery meanwhile" if outcome.outcome in good else ""


def _when(c: Comparison) -> str:
    """The time of a comparison: the studies' own when they agree, else the window's."""
    times = {s.months for s in (c.pooled_studies or c.shown_studies) if s.months is not None}
    if len(times) == 1:
        return f"at {numerals.months(times.pop())}"
    return c.question.window.patient_label


def absolute_risk_arithmetic(c: Comparison, denominator: int) -> str:
    """The sum behind an absolute risk, for a reader who wants to check it."""
    if c.own:
        return own_words.arithmetic(c, denominator)
    risk = c.absolute_risk
    if risk is None:
        return ""
    study = c.pooled_studies[0] if c.pooled and c.pooled.k == 1 else None
    if study and study.first and study.second and risk.baseline == study.second.risk:
        first, second = (study_values(study, c.outcome, side) for side in (True, False))
        return f"Counted in the one study: {second} with open and {first} with minimally invasive surgery."
    ratio = numerals.ratio(c.estimate or 1)
    return (
        "Risk with open surgery × risk ratio = risk with minimally invasive surgery: "
        f"{numerals.percent(risk.baseline)} × {ratio} = {numerals.percent(risk.first)}."
    )


# --- the handout ---

HANDOUT_TITLE = "Three roads for your back"
WRITE_IN = "Name and date (write in):"
CONDITION_HEADING = "What it is"
TABLE_HEADING = "Side by side"
SURE_HEADING = "How sure?"
ROADS_HEADING = "What can go wrong, and what each road is like"
MATTERS_HEADING = "What matters to you"
CHECKLIST_HEADING = "Your checklist"
QUESTIONS_HEADING = "Your questions, and what you heard"
OPEN_QUESTIONS_HEADING = "Still open to ask"
LEANING_HEADING = "Where you lean now"
STEPS_HEADING = "Next steps"
WATCH_HEADING = "Watch for this: get help at once"
ABOUT_HEADING = "About this sheet"
ANNEX_HEADING = "For clinicians: summary of findings"
DIFFERENCE_COLUMN = "Minimally invasive against open"
DIFFERENCE_UNDER = "On the right: the difference, and how sure we are"
STEP_COLUMNS = ("What", "Who", "By when")
GOOD_SIDE, HARD_SIDE = "Good sides:", "Hard sides:"
HIDDEN_BLOOD_LOSS_TOLD = "as seen; two fusion studies found more hidden loss after minimally invasive surgery"
NOT_NOW = "This cannot wait"
NOT_NOW_TEXT = (
    "You said yes to a sign that needs help now. The numbers on this sheet are for planned surgery. They do not apply until "
    "this is settled. Your surgeon will tell you now what happens next. Are you no longer with your surgeon?"
)
WATCH_LEAD = "Can you say yes to one of these? Then do not wait."
WATCH_ACTION = (
    "Go to the emergency department of a hospital at once, or call for an ambulance. If it is only that one leg or foot "
    "gets weak, call your surgeon the same day. Take this sheet with you."
)
CHANGE_YOUR_MIND = "You can change your mind at any time. You can wait, and a second opinion is fine."
NO_LEANING = "You have not said yet. That is fine, take your time."
NOTHING_WEIGHED = "Nothing is marked yet. What matters most to you?"
NOTHING_ANSWERED = "The list has not been filled in yet."
NOTHING_ASKED = "No answer is noted yet. Write down what you hear:"
NO_STEPS = "Nothing is agreed yet. Write down what comes next:"
TO_PUT_IN_ORDER = "What to put in order first"
FOUND = "What was found"
NO_PICTURE = "No picture: the studies cannot be put into one number for each road."
SIGNS_LEFT_OUT = "A sign or a word that this sheet cannot print is shown as □."
PEOPLE = "Surgery: people who had this operation. Without surgery: people with your condition."
STUDIES_LEAD = "The numbers come from these studies:"
READ_SIDES = "Filled: it happened. Hollow: it did not."


def no_picture(c: Comparison) -> str:
    """Why no picture of a risk is drawn."""
    if c.absolute_risk is None:
        return NO_PICTURE
    return "No picture: in one group nobody had it, or everybody. That is no promise."


def road_condition_line(condition: str, procedure: str, level: str) -> str:
    """What the sheet is about in one line: “Slipped disc with leg pain. Planned: disc operation. Level: L5/S1.”"""
    planned = procedure[:1].lower() + procedure[1:]
    return f"{condition}. Planned: {planned}." + (f" Level: {level}." if level else "")


def score_direction(outcome: OutcomeRow) -> str:
    """Which end of a score is good, for a reader who meets its number without a picture."""
    if outcome.scale_min is None:
        return ""
    return "lower is better" if outcome.better == "lower" else "higher is better"


def icons_alt(road: Road, told: str, filled: int, denominator: int) -> str:
    """The words of an icon array for those who do not see it: the road, the sentence it draws, and what is drawn."""
    return f"{ROADS[road].label}: {told} Picture of {denominator:,} {ROADS[road].css_shape}s, {filled:,} filled."


def no_icons_alt(road: Road, told: str) -> str:
    return f"{ROADS[road].label}: {told} There is nothing to draw."


def crossovers_told(row: OutcomeAnswer) -> tuple[Crossover, ...]:
    """The published shares that the cell without surgery tells: those at the row's time or the nearest one."""
    timed = [c for c in row.crossovers if c.months is not None]
    if not timed:
        return row.crossovers
    wanted = row.window.nominal_months or 24
    nearest = min((c.months for c in timed), key=lambda m: (abs(m - wanted), m))  # type: ignore[operator]
    return tuple(c for c in timed if c.months == nearest)


def risk_without_surgery(row: OutcomeAnswer) -> float | None:
    """The one risk (0 to 1) that the cell without surgery tells, for a picture of it; None where it tells none or a range."""
    if row.only_with_an_operation:
        return None
    if row.crossovers:
        told = crossovers_told(row)
        return told[0].row.value / 100 if len(told) == 1 else None
    risk = row.without.absolute_risk if row.without else None
    return risk.baseline if risk else None


def unanswered(count: int) -> str:
    """How many items of the checklist were not asked."""
    return f"Not answered yet: {count}." if count else ""


def red_flags_asked(answered_no: int, asked: int) -> str:
    """What was said about the signs that cannot wait; only that all were denied is told in one sentence."""
    if asked == 0:
        return "These have not been asked yet."
    if answered_no == asked:
        return "In this talk you said no to all of these."
    return ""


def also_matters(names: Sequence[str]) -> str:
    return f"It also matters: {', '.join(names)}." if names else ""


def versions(searched: str, review: str, data: str, program: str, today: str) -> str:
    """Where and when the sheet comes from, for anyone who checks it later."""
    return (
        f"Printed {today}. Studies searched up to {searched}. To be looked at again by {review}. Data {data}. Spine Choice "
        f"{program}."
    )


def studies_line(labels: Sequence[str], more: int) -> str:
    """The studies by their names, and how many more there are."""
    rest = f"; and {more} more on the Evidence page" if more else ""
    return f"{STUDIES_LEAD} {'; '.join(labels)}{rest}".removesuffix(" …") + "."


def on_paper(cell: Cell) -> Cell:
    """A cell without the words that point to something to open on the screen."""
    return Cell(cell.big, cell.small.removesuffix(": see why"), cell.state)


def event_told(row: OutcomeAnswer, cell: Cell) -> str:
    """What stands beside a large number of people: “had a complication; 92 did not”. Empty where there is no number."""
    if cell.state is not State.DIFFERENCE or "surgery after all" in cell.small:
        return cell.small
    verb = " ".join(row.outcome.sentence_lower.replace("{amount}", "").split())
    return f"{verb}; {cell.small}" if cell.small else verb
