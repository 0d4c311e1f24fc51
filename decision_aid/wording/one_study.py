"""What a single study or a published review found, and where in the data it stands."""

from __future__ import annotations

from collections.abc import Iterable

from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.published_reviews import ReviewResult
from decision_aid.comparison.shown_studies import as_read, study_interval
from decision_aid.comparison.study_results import StudyResult
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import ReportedMeasure, Timing
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.wording import numerals


def study_values(result: StudyResult, outcome: OutcomeRow, first: bool, audience: Audience = Audience.CLINICIAN) -> str:
    """One arm of one study as it stands in a source table or picture: “3.6”, “7 (median)”, “5 of 70”."""
    arm = result.first if first else result.second
    if arm is None or arm.level is None:
        return "–"
    if arm.statistic == "events":
        return f"{arm.events} of {arm.n}" if arm.n else f"{arm.events} people"
    text = numerals.number(arm.level, outcome.unit, audience)
    return f"{text} (median)" if arm.statistic == "median" and audience is Audience.CLINICIAN else text


def effect_values(c: Comparison, values: Iterable[float]) -> list[str]:
    """Values of the analysis scale as a table for clinicians prints them: ratios, or numbers with their sign."""
    if c.question.measure.on_log_scale:
        return [numerals.ratio(v) for v in as_read(c, *values)]
    return [numerals.plain(v, numerals.decimals(c.outcome.unit, Audience.CLINICIAN)) for v in values]


def study_effect(result: StudyResult, c: Comparison) -> str:
    """One study's effect with its interval, as the source table prints it."""
    effect = result.effect
    if effect is None:
        return "–"
    if effect.standard_error is None:
        return effect_values(c, [effect.estimate])[0]
    found, low, high = effect_values(c, (effect.estimate, *study_interval(result)))
    return f"{found} ({low} to {high})"


def review_line(result: ReviewResult, definition: OutcomeRow) -> str:
    """A published review's own result, as it printed it: “MD −232.9 (−322.5 to −143.3) ml, 11 studies”."""
    k = f", {result.row.k_studies} studies" if result.row.k_studies else ""
    k += {True: ": agrees", False: ": differs", None: ""}[result.agrees]
    k += f" (set aside: {result.caution})" if result.caution else ""
    if result.row.timing == Timing.AT_MONTHS and result.row.timepoint_months:
        k += f", at {numerals.months(result.row.timepoint_months)}"
    return f"{_as_printed(result, definition)}{k}"


def review_beside_its_mark(result: ReviewResult, c: Comparison) -> str:
    """The same in a picture, short, with its verdict; “risk ratio 0.52 (0.43 to 0.63), from OR 0.40” where it is turned."""
    told = _as_printed(result, c.outcome)
    effect = result.turned
    if effect is not None and effect.measure is c.question.measure and result.row.measure == ReportedMeasure.ODDS_RATIO:
        found, low, high = effect_values(c, (effect.estimate, effect.ci_low, effect.ci_high))
        told = (
            f"RR {found} ({low} to {high}), from {ReportedMeasure.ODDS_RATIO} {numerals.plain(result.estimate or 0, 2)}"
        )
    k = f", {result.row.k_studies} studies" if result.row.k_studies else ""
    verdict = {True: " · agrees", False: " · differs", None: ""}[result.agrees]
    return f"{told}{k}{verdict}{' · set aside' if result.caution else ''}"


def _as_printed(result: ReviewResult, definition: OutcomeRow) -> str:
    difference = result.row.measure == ReportedMeasure.MEAN_DIFFERENCE
    places = 1 if difference else 2
    estimate = "no estimate printed" if result.estimate is None else numerals.plain(result.estimate, places)
    interval = ""
    if result.ci_low is not None and result.ci_high is not None:
        interval = f" ({numerals.plain(result.ci_low, places)} to {numerals.plain(result.ci_high, places)})"
    # A ratio and a standardised difference have no unit.
    unit = f" {numerals.unit_name(definition.unit)}".rstrip() if difference else ""
    if difference and not result.same_unit:
        unit = ", unit not printed"
    return f"{result.row.measure} {estimate}{interval}{unit}"


def source_rows(s: StudyResult) -> str:
    """The rows of the dataset a study was read from: “arms.csv 75, 76”."""
    files: dict[str, list[str]] = {}
    for row in s.source_rows:
        files.setdefault(row.file, []).append(str(row.line))
    return "; ".join(f"{file} {', '.join(numbers)}" for file, numbers in files.items())


def who_was_studied(c: Comparison, evidence: Evidence) -> str:
    """The reference group: how many of the studies behind a number are in which condition."""
    counts: dict[str, int] = {}
    for s in c.pooled_studies or c.shown_studies:
        described = evidence.conditions.get(s.study.condition)
        name = described.clinician_label.lower() if described else "mixed conditions"
        counts[name] = counts.get(name, 0) + 1
    return "; ".join(f"{name}: {n}" for name, n in sorted(counts.items(), key=lambda item: -item[1]))
