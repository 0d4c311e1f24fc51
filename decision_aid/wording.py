"""Every sentence a person reads that carries a number, as functions of a comparison.

Nothing here computes: values come from a `Comparison`, are written by `numerals`, and stand in the words of
`outcomes.csv`. Patient sentences aim at reading grade 6 to 7.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from decision_aid import numerals
from decision_aid.certainty import Certainty, Doubt, Level
from decision_aid.comparison import (
    MINIMUM_STUDIES,
    AbsoluteRisk,
    Comparison,
    Contrast,
    LevelRange,
    ReviewResult,
    State,
    StudyResult,
    Why,
)
from decision_aid.consultation import Answer
from decision_aid.evidence import Evidence, course_key
from decision_aid.indications import Item
from decision_aid.numerals import Face
from decision_aid.schema import (
    Outcome,
    OutcomeKind,
    OutcomeRow,
    Part,
    ReportedMeasure,
    StudyDesign,
    ThresholdRow,
    Unit,
)
from decision_aid.side_by_side import OutcomeAnswer
from decision_aid.timing import TimeWindow

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

HIDDEN_BLOOD_LOSS_SHORT = "Visible loss; two fusion studies found more hidden loss after minimally invasive surgery."

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
    parts = [] if row.only_with_an_operation else [window_label(row.window, face)]
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
        return f"{_about(c, face)}: not measured. No study here compares it."
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
        f"Random effects ({p.method}, Hartung-Knapp with the ad hoc correction): I² {p.i2:.0f} %, τ² {numerals.variance(p.tau2)}. "
        f"A new study would be expected to find {span}."
    )


# --- cells of the side-by-side table ------------------------------------------------------------------------------


def difference_cell(c: Comparison, face: Face, denominator: int) -> Cell:
    """The difference between two roads: one of three states, never merged. A single study is named as one."""
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
    risk = c.absolute_risk
    if risk is not None:
        value = risk.first if first else risk.baseline
        single = ", in 1 study" if c.pooled and c.pooled.k == 1 else ""
        return Cell(numerals.out_of(value, denominator), f"{numerals.complement(value, denominator)} did not{single}")
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
            numerals.out_of(c.absolute_risk.baseline, denominator),
            f"{numerals.complement(c.absolute_risk.baseline, denominator)} did not; with surgery "
            f"{numerals.out_of(c.absolute_risk.first, denominator)}, {when}",
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
            f"in the pool, weight {result.weight:.0f} %"
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


def time_point_text(c: Comparison, face: Face) -> str:
    """One window of an over-time chart in words: “1 year: 13.2 points less (15.6 to 10.9), 1 study”."""
    label = window_label(c.question.window, face)
    if c.pooled is not None:
        if c.outcome.kind == OutcomeKind.EVENT:
            cell = difference_cell(c, face, 100)
            return f"{label}: {cell.big}, {cell.small}; {basis(c, face)}"
        return f"{label}: {_change(c, face)} ({range_text(c, face)}); {basis(c, face)}"
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
    if c.studies:
        return (
            f"No study here prints {label} for both roads with these filters. "
            "Open the studies in the table, or change the filter."
        )
    return f"No study in the dataset reports {label} for this choice."


def recovery_headline(approaches: tuple[Comparison, ...], without: tuple[Comparison, ...], face: Face) -> str:
    """What the over-time picture shows, in one sentence: the longest follow-up of each contrast."""
    parts = []
    for series, name in ((without, "Surgery against none"), (approaches, "minimally invasive against open")):
        known = [c for c in series if c.pooled is not None]
        if known:
            c = known[-1]
            parts.append(
                f"{name}: {_change(c, face)} {_when(c)}"
                + (", no clear difference" if c.state is State.NO_CLEAR_DIFFERENCE else "")
            )
    if parts:
        return _capital("; ".join(parts)) + "."
    return f"{outcome_label(approaches[0].outcome, face)}: no study can give one number."


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
            f"{numerals.out_of(risk.first, denominator)} people {verb} after {first} surgery and "
            f"{numerals.out_of(risk.baseline, denominator)} after {second} surgery"
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
    low, high = (_apart(r, risk.baseline, denominator) for r in (risk.first_low, risk.first_high))
    words = (
        f"{low[0]:,} {low[1]} to {high[0]:,} {high[1]}"
        if low[1] != high[1]
        else (f"{min(low[0], high[0]):,} to {max(low[0], high[0]):,} {low[1]}")
    )
    return big, words if face is Face.PATIENT else f"{words}; {relative}"


def _apart(risk: float, baseline: float, denominator: int) -> tuple[int, str]:
    difference = numerals.count_of(risk, denominator) - numerals.count_of(baseline, denominator)
    return abs(difference), "fewer" if difference < 0 or (difference == 0 and risk < baseline) else "more"


def _people_apart(risk: float, baseline: float, denominator: int) -> str:
    count, word = _apart(risk, baseline, denominator)
    return f"{count:,} {word} of {denominator:,}" if count else f"under 1 {word} of {denominator:,}"


def _singles(c: Comparison, face: Face, denominator: int) -> str:
    """The studies that cannot be pooled, named with what each found; three at most, the rest counted."""
    found = [s for s in c.studies if s.effect is not None and s.why in (Why.TOO_FEW, Why.NO_SPREAD, Why.NO_ARM_SIZE)]
    if not found:
        n = len(c.studies)
        return f"{n} {'study' if n == 1 else 'studies'}, none usable: see why"
    texts = []
    for s in found[:2]:
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
    return "; ".join(texts) + (f"; {more} more" if more else "")


def _levels(levels: LevelRange, outcome: OutcomeRow, face: Face, denominator: int) -> str:
    if outcome.kind == OutcomeKind.EVENT:
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


def _when(c: Comparison) -> str:
    """The time of a comparison: the studies' own when they agree, else the window's."""
    times = {s.months for s in (c.pooled_studies or c.shown_studies) if s.months is not None}
    if len(times) == 1:
        return f"at {numerals.months(times.pop())}"
    return c.question.window.patient_label


def absolute_risk_arithmetic(risk: AbsoluteRisk, c: Comparison) -> str:
    """The sum behind an absolute risk, for a reader who wants to check it."""
    ratio = numerals.ratio(c.estimate or 1)
    return (
        "Risk with open surgery × risk ratio = risk with minimally invasive surgery: "
        f"{numerals.percent(risk.baseline)} × {ratio} = {numerals.percent(risk.first)}."
    )
