"""The words of a course over time: the finding, the small print, each point, and the same numbers as a table."""

from __future__ import annotations

from math import log

from decision_aid.comparison.recovery import TIMES, Course, CoursePoint, Pair, Recovery, When
from decision_aid.domain.audience import Audience
from decision_aid.domain.time_windows import TimeWindow
from decision_aid.domain.vocabulary import Analysis, Unit
from decision_aid.evidence.rows import OutcomeRow
from decision_aid.wording import numerals
from decision_aid.wording.labels import outcome_label, score_direction
from decision_aid.wording.phrases import capital, studies

RECOVERY_HEADING = "Recovery"
AFTER, WITHOUT = "After surgery", "Without surgery"
ONLY_PAIRS_COMPARE = "Different people and studies; only the paired marks compare."
DIFFERENT_PEOPLE = "The two lines are of different people in different studies: they do not compare."
DIFFERENCES = "How far apart in the same study"
SAME_NUMBERS = "The numbers of this picture"
NOTHING_MEASURED = "No study here gives pain or disability over time for this choice."

_TIME_OF_MONTHS = 12.0  # at which the finding is told, or as near to it as there is anything
_LOOSE = (TimeWindow.WEEKS_6, TimeWindow.YEARS_4, TimeWindow.YEARS_5_ON)  # say little of when it was measured
_COUNTED = {
    Analysis.INTENTION_TO_TREAT: "by what people were assigned to (intention to treat)",
    Analysis.AS_TREATED: "by what people had (as treated)",
}


def time_name(when: When) -> str:
    """A time on the axis and in the table."""
    return "before" if when is None else when.clinician_label


def level(value: float, outcome: OutcomeRow, audience: Audience) -> str:
    """A score as it is written: pain from 0 to 10 keeps its decimal for patients too."""
    fine = audience is Audience.CLINICIAN or outcome.unit == Unit.POINTS_0_10
    return numerals.number(value, outcome.unit, Audience.CLINICIAN if fine else Audience.PATIENT)


def recovery_finding(r: Recovery, audience: Audience) -> str:
    """What the picture shows, in one or two sentences: before, and at one time after."""
    when = _common_time(r)
    told = [
        _told(course, name, first, when, r.outcome, audience)
        for course, name, first in (
            (r.after_surgery, "after surgery", "before surgery"),
            (r.without_surgery, "without surgery", "at the start"),
        )
    ]
    found = "; ".join(t for t in told if t)
    label = outcome_label(r.outcome, audience)
    return f"{label}: {found}." if found else f"{label} over time: see the marks."


def recovery_notes(r: Recovery, audience: Audience) -> list[str]:
    """What is to be known of the picture, under it."""
    patient = audience is Audience.PATIENT
    both = bool(r.after_surgery.points and r.without_surgery.points)
    notes = [ONLY_PAIRS_COMPARE if r.pairs else DIFFERENT_PEOPLE if both else ""]
    if any(p.studies > 1 for c in (r.after_surgery, r.without_surgery) for p in c.points):
        notes.append("The tinted band goes from the lowest to the highest result of a study.")
    if len(r.after_surgery.runs) > 1 or len(r.without_surgery.runs) > 1:
        notes.append("Where a line stops, no study measured at the next time.")
    if r.after_surgery.withheld or r.without_surgery.withheld:
        notes.append("Times with only one small study are left out.")
    if any(p.small for c in (r.after_surgery, r.without_surgery) for p in c.points):
        notes.append("Hollow: one study of fewer than 200 people that is not randomised.")
    notes.append(_missing(r.without_surgery))
    if not patient:
        notes += _for_clinicians(r)
    return [n for n in notes if n]


def no_course(r: Recovery, audience: Audience) -> str:
    """What stands where there is no course to be shown."""
    label = outcome_label(r.outcome, audience)
    if r.after_surgery.withheld or r.without_surgery.withheld:
        return f"{label} over time: there is only one small study, too little for a number."
    if audience is Audience.PATIENT:
        return f"{label} over time: no study here gives the scores before and after."
    return f"{label} over time: no study here prints the level of the score, at most how far two options are apart."


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
    heads = ["Time"]
    heads += [AFTER] if r.after_surgery.points else []
    heads += [WITHOUT] if r.without_surgery.points else []
    return heads + (["Open and minimally invasive in the same studies"] if r.pairs else [])


def recovery_rows(r: Recovery, audience: Audience) -> list[list[str]]:
    """The numbers of the picture, one time a row, in the order of `recovery_columns`."""
    rows = []
    for when in TIMES:
        cells = []
        for course in (r.after_surgery, r.without_surgery):
            if course.points:
                point = course.at(when)
                cells.append(point_text(point, r.outcome, audience) if point else "")
        if r.pairs:
            cells.append("; ".join(pair_text(p, r.outcome, audience) for p in r.pairs if p.window is when))
        if any(cells):
            rows.append([capital(time_name(when)), *(cell or "not measured" for cell in cells)])
    return rows


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


def _told(course: Course, name: str, first: str, when: When, outcome: OutcomeRow, audience: Audience) -> str:
    before, later = course.at(None), course.at(when) if when else None
    if later is None:
        later = min((p for p in course.points if p.when), key=_told_last, default=None)
    if later is None:
        return ""
    small = " (one small study)" if later.small else ""
    end = f"about {level(later.value, outcome, audience)} at {_when(later.when)}{small}"
    if later.when is TimeWindow.WEEKS_6:
        end = f"about {level(later.value, outcome, audience)} in the first 2 months{small}"
    if before is None:
        return f"{name} {end}"
    return f"{name} from about {level(before.value, outcome, audience)} {first} to {end}"


def _when(when: When) -> str:
    return "5 years or more" if when is TimeWindow.YEARS_5_ON else time_name(when)


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
        parts.append(f"Not in the course without surgery: people who were given injections ({named}).")
    return " ".join(parts)


def _for_clinicians(r: Recovery) -> list[str]:
    points = [p for c in (r.after_surgery, r.without_surgery) for p in c.points]
    notes = []
    kinds = {k for c in (r.after_surgery, r.without_surgery) for k in c.analyses}
    if len(kinds) > 1:
        notes.append(f"People are counted {' in some studies, '.join(_COUNTED[k] for k in sorted(kinds))} in others.")
    if any(p.borrowed for p in points):
        notes.append("Where a study prints no spread, the pooled standard deviation of the scale is used.")
    if any(p.ci_low is None for p in points):
        notes.append("No interval where no study prints how many people it had; they count alike.")
    return notes


def _basis(p: CoursePoint) -> list[str]:
    basis = [f"counted {_COUNTED[kind]}" for kind in p.analyses]
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
    low, high = numerals.months(p.months_low), numerals.months(p.months_high)
    return low if low == high else f"{low} to {high}"
