"""The words of a course over time: the finding, the small print, each point, and the same numbers as a table."""

from __future__ import annotations

from math import log

from decision_aid.comparison.ladder import LARGE_STUDY_PEOPLE
from decision_aid.comparison.recovery import TIMES, Course, CoursePoint, Pair, Recovery, When
from decision_aid.domain.audience import Audience
from decision_aid.domain.time_windows import TimeWindow
from decision_aid.domain.vocabulary import Analysis
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.wording import numerals
from decision_aid.wording.labels import outcome_label, score_direction
from decision_aid.wording.phrases import capital, studies

RECOVERY_HEADING = "Recovery"
AFTER, WITHOUT = "After surgery", "Without surgery"
SAME_STUDIES = "With surgery in the studies of that column"
ONLY_PAIRS_COMPARE = "Different people and studies; only the paired marks compare."
DIFFERENT_PEOPLE = "Other people, other studies: the two lines cannot be set against each other."
DIFFERENCES = "Differences within the same studies"
SAME_NUMBERS = "How to read this picture, and its numbers"
NOTHING_MEASURED = "No study here gives pain or disability over time for this choice."

_TIME_OF_MONTHS = 12.0  # at which the finding is told, or as near to it as there is anything
_LOOSE = (TimeWindow.WEEKS_6, TimeWindow.YEARS_4, TimeWindow.YEARS_5_ON)  # say little of when it was measured
_COUNTED = {Analysis.INTENTION_TO_TREAT: "by intention to treat", Analysis.AS_TREATED: "as treated"}


def time_name(when: When) -> str:
    """A time on the axis and in the table."""
    return "before" if when is None else when.clinician_label


def axis_name(when: When) -> list[str]:
    """The same in two short lines, for an axis that may be narrow."""
    number, _, unit = time_name(when).replace(" years and later", " + years").rpartition(" ")
    return [part for part in (number, unit) if part]


def level(value: float, outcome: OutcomeRow, audience: Audience) -> str:
    """A score as it is written, without “points”."""
    return numerals.number(value, outcome.unit, audience)


def recovery_finding(r: Recovery, audience: Audience) -> str:
    """What the picture shows, one sentence for each course: before, and at one time after.

    What stands beside staying without surgery is told of the same studies, so that nobody sets two groups of studies
    against each other.
    """
    label = outcome_label(r.outcome, audience)
    common = _common_time(r)
    after = _told_at(r.after_surgery, common)
    without = _told_at(r.without_surgery, common)
    parts = []
    if after:
        parts.append(f"{label} after surgery: {_told(r.after_surgery, after, 'before', r.outcome, audience)}.")
    if without:
        name = WITHOUT if after else f"{label} without surgery"
        told = f"{name}: {_told(r.without_surgery, without, 'at the start', r.outcome, audience)}"
        same = r.same_studies.at(without.when)
        if same:
            which = "study" if without.studies == 1 else "studies"
            told += f". In the same {which}: {level(same.value, r.outcome, audience)} with surgery"
        parts.append(f"{told}.")
    return " ".join(parts) or f"{label} over time."


def recovery_notes(r: Recovery, audience: Audience) -> list[str]:
    """What is to be known of the picture, under it."""
    patient = audience is Audience.PATIENT
    both = bool(r.after_surgery.points and r.without_surgery.points)
    notes = [ONLY_PAIRS_COMPARE if r.pairs else DIFFERENT_PEOPLE if both else ""]
    if any(p.studies > 1 for c in (r.after_surgery, r.without_surgery) for p in c.points):
        notes.append("The pale band shows how far the studies are apart.")
    if r.after_surgery.withheld or r.without_surgery.withheld:
        notes.append("A line stops where no study looked, or just one small one did.")
    elif len(r.after_surgery.runs) > 1 or len(r.without_surgery.runs) > 1:
        notes.append("A line stops where no study looked.")
    if any(p.small for c in (r.after_surgery, r.without_surgery) for p in c.points):
        notes.append(f"Hollow: one study of fewer than {LARGE_STUDY_PEOPLE} people that is not randomised.")
    notes.append(_missing(r.without_surgery))
    if not patient:
        notes += _for_clinicians(r)
    return [n for n in notes if n]


def no_course(r: Recovery, filtered: bool, audience: Audience) -> str:
    """What stands where there is no course to be shown. `filtered`: without the filters there would be one."""
    label = f"{outcome_label(r.outcome, audience)} over time"
    if filtered:
        return f"{label}: no study is left with this filter. Clear the filter to see the others."
    if r.after_surgery.withheld or r.without_surgery.withheld:
        return f"{label}: there is only one small study, too little for a number."
    return f"{label}: no study here prints the score itself, at most how far two options are apart."


def point_told(p: CoursePoint, name: str, outcome: OutcomeRow, audience: Audience) -> list[str]:
    """One point in lines: where it stands, its number with interval, the range, what it rests on."""
    lines = [f"{name}, {time_name(p.when)}: {point_text(p, outcome, audience)}"]
    if audience is Audience.CLINICIAN:
        lines.append(", ".join(p.labels[:4]) + (f" and {len(p.labels) - 4} more" if len(p.labels) > 4 else ""))
    return lines


def point_text(p: CoursePoint, outcome: OutcomeRow, audience: Audience) -> str:
    """One point as in the table: “1.5 (0.8 to 2.2), in single studies 0.8 to 2.4; 5 studies, 2,501 people”."""
    value = level(p.value, outcome, audience)
    if audience is Audience.CLINICIAN and p.ci_low is not None and p.ci_high is not None:
        value += f" ({_from_to(p.ci_low, p.ci_high, outcome, audience)})"
    if p.arms > 1 and p.range_low != p.range_high:
        within = "in single studies" if p.studies > 1 else "in its groups"
        value += f", {within} {_from_to(p.range_low, p.range_high, outcome, audience)}"
    rest = [studies(p.studies) + (f", {p.people:,} people" if p.people else "")]
    if p.when in _LOOSE:
        rest.append(f"measured at {_months(p)}")
    if audience is Audience.CLINICIAN:
        rest += _basis(p)
    return "; ".join([value, *rest])


def pair_text(pair: Pair, outcome: OutcomeRow, audience: Audience) -> str:
    """Both approaches at one time: “open 2.1, minimally invasive 1.6 (1.0 to 2.2); 3 studies”."""
    mis = level(pair.mis_value, outcome, audience)
    if pair.mis_low is not None and pair.mis_high is not None:
        mis += f" ({_from_to(pair.mis_low, pair.mis_high, outcome, audience)})"
    return f"open {level(pair.open_value, outcome, audience)}, minimally invasive {mis}; {pair.source}"


def recovery_columns(r: Recovery) -> list[str]:
    """The heads of the table with the numbers of the picture."""
    pairs = ["Open and minimally invasive in the same studies"] if r.pairs else []
    return ["Time", *(head for head, _ in _columns(r)), *pairs]


def recovery_rows(r: Recovery, audience: Audience) -> list[list[str]]:
    """The numbers of the picture, one time a row, in the order of `recovery_columns`."""
    rows = []
    for when in TIMES:
        points = [course.at(when) for _, course in _columns(r)]
        cells = [point_text(p, r.outcome, audience) if p else "" for p in points]
        if r.pairs:
            cells.append("; ".join(pair_text(p, r.outcome, audience) for p in r.pairs if p.window is when))
        if any(cells):
            rows.append([capital(time_name(when)), *(cell or "not measured" for cell in cells)])
    return rows


def _columns(r: Recovery) -> list[tuple[str, Course]]:
    named = ((AFTER, r.after_surgery), (WITHOUT, r.without_surgery))
    columns = [(head, course) for head, course in named if course.points]
    return columns + ([(SAME_STUDIES, r.same_studies)] if r.without_surgery.points and r.same_studies.points else [])


def recovery_description(r: Recovery, audience: Audience) -> str:
    """Alternative text of the picture: the finding, then every point."""
    parts = [recovery_finding(r, audience), f"{_scale(r.outcome)}."]
    for course, name in ((r.after_surgery, AFTER), (r.without_surgery, WITHOUT)):
        told = "; ".join(
            f"{time_name(p.when)} {level(p.value, r.outcome, audience)} ({studies(p.studies)})" for p in course.points
        )
        parts.append(f"{name}: {told}." if told else f"{name}: not measured.")
    parts += [f"{capital(time_name(p.window))}: {pair_text(p, r.outcome, audience)}." for p in r.pairs]
    return " ".join(parts)


def better_end(outcome: OutcomeRow) -> str:
    """Which way is good, at the end of the axis it points to."""
    return f"{score_direction(outcome)} {'↓' if outcome.better == 'lower' else '↑'}"


def _scale(outcome: OutcomeRow) -> str:
    return f"Scale {outcome.scale_min:g} to {outcome.scale_max:g}, {score_direction(outcome)}"


def _told_at(course: Course, when: When) -> CoursePoint | None:
    """The point after the start that the finding tells: the one at the time asked for, else the nearest to a year."""
    found = course.at(when) if when else None
    return found or min((p for p in course.points if p.when), key=_told_last, default=None)


def _told(course: Course, later: CoursePoint, first: str, outcome: OutcomeRow, audience: Audience) -> str:
    """“about 6.9 before, 1.7 at 6 months”."""
    before = course.at(None)
    small = " (one small study)" if later.small else ""
    end = f"{level(later.value, outcome, audience)} {_when(later)}{small}"
    return f"about {level(before.value, outcome, audience)} {first}, {end}" if before else f"about {end}"


def _when(p: CoursePoint) -> str:
    """The time of a point in a sentence. Of the first two months the days are said: pain of the wound is not the result."""
    if p.when is None or p.when is TimeWindow.WEEKS_6:
        return f"at {_months(p)}"
    return p.when.patient_label


def _common_time(r: Recovery) -> When:
    """The time at which the finding is told: one both courses have where there is one, as near to a year as can be."""
    both = [(a, b) for a in r.after_surgery.points for b in r.without_surgery.points if a.when and a.when is b.when]
    if both:
        return min(both, key=lambda pair: (pair[0].small or pair[1].small, _told_last(pair[0])))[0].when
    return None


def _told_last(p: CoursePoint) -> tuple[bool, float]:
    months = p.when.nominal_months if p.when else None
    return p.small, abs(log((months or _TIME_OF_MONTHS) / _TIME_OF_MONTHS))


def _missing(without: Course) -> str:
    """What is to be said of staying without surgery where its course is missing, or some of it is."""
    parts = (
        [] if any(p.when for p in without.points) else ["Without surgery: no study here gives this score over time."]
    )
    if without.withheld and not without.points:
        parts = ["Without surgery: there is only one small study, too little for a number."]
    if without.injections:
        named = ", ".join(without.injections)
        where = "are not counted there" if parts else "are not in the line without surgery"
        parts.append(f"People who had injections {where} ({named}).")
    return " ".join(parts)


def _for_clinicians(r: Recovery) -> list[str]:
    points = [p for c in (r.after_surgery, r.without_surgery) for p in c.points]
    notes = []
    kinds = {k for c in (r.after_surgery, r.without_surgery) for k in c.analyses}
    if len(kinds) > 1:
        named = ", in others ".join(_COUNTED[k] for k in sorted(kinds))
        notes.append(f"In some studies people are counted {named}; of one study never both.")
    if any(p.borrowed for p in points):
        notes.append("Where a study prints no spread, the pooled standard deviation of the scale is used.")
    if any(p.ci_low is None for p in points):
        notes.append("No interval where no study prints how many people it had; they count alike.")
    return notes


def _basis(p: CoursePoint) -> list[str]:
    some = "counted" if p.studies == 1 else "some counted"
    basis = [f"{some} {_COUNTED[kind]}" for kind in p.analyses]
    if p.small:
        basis.append("small and not randomised")
    if p.borrowed:
        basis.append(
            "spread borrowed" if p.borrowed == p.arms else f"spread borrowed for {p.borrowed} of {p.arms} arms"
        )
    if p.unweighed:
        basis.append(f"{studies(p.unweighed)} without numbers of people not in it")
    return basis


def _from_to(low: float, high: float, outcome: OutcomeRow, audience: Audience) -> str:
    return f"{level(low, outcome, audience)} to {level(high, outcome, audience)}"


def _months(p: CoursePoint) -> str:
    if p.months_low == p.months_high:
        return numerals.months(p.months_low)
    if p.months_low >= 12:
        return f"{round(p.months_low / 12, 1):g} to {round(p.months_high / 12, 1):g} years"
    return f"{numerals.months(p.months_low)} to {numerals.months(p.months_high)}"
