"""The course of a score over time: who counts, once; what is left out; no line across a gap; the text says the picture."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import pytest
from builders import arm, both_arms, contrast, evidence_of, study
from reading import BANNED, HIGHEST_GRADE, reading_grade

from decision_aid.charts import recovery as chart
from decision_aid.comparison import recovery as courses
from decision_aid.comparison import side_by_side
from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.ladder import LARGE_STUDY_PEOPLE
from decision_aid.comparison.question import Contrast
from decision_aid.comparison.recovery import TIMES, CoursePoint, Pair, Recovery, pairs_of, recovery
from decision_aid.comparison.side_by_side import Filters
from decision_aid.domain.audience import Audience
from decision_aid.domain.palette import OPTIONS
from decision_aid.domain.time_windows import TimeWindow
from decision_aid.domain.vocabulary import Analysis, Condition, Option, Outcome, Procedure, StudyDesign, Timing
from decision_aid.evidence import loading
from decision_aid.evidence.loading import Evidence
from decision_aid.meta_analysis.synthesis import synthesise
from decision_aid.wording import recovery_words

DATA = loading.load()

SHIPPED = loading.load()
DISC, DISCECTOMY, LEG = Condition.DISC_HERNIATION, Procedure.DISCECTOMY, Outcome.VAS_LEG
YEAR = TimeWindow.YEAR_1
EVERY = [
    (c, p, o)
    for c, row in SHIPPED.conditions.items()
    for p in row.procedures
    for o in courses.outcomes_with_data(SHIPPED, c, p)
]


def pain(study_id: str, name: str, months: float, mean: float, n: int | None = 100, **cells: Any) -> dict[str, Any]:
    return arm(study_id, name, "vas_leg", timepoint_months=months, n=n, mean=mean, **({"sd": 2} | cells))


def against_none(study_id: str, **cells: Any) -> dict[str, Any]:
    return study(study_id, open_technique="mixed", mis_technique="none", **({"nonoperative_care": "exercises"} | cells))


def leg(evidence: Evidence, **how: Any) -> Recovery:
    return recovery(evidence, DISC, DISCECTOMY, LEG, **how)


def after(evidence: Evidence, when: TimeWindow | None = YEAR, **how: Any) -> CoursePoint | None:
    return leg(evidence, **how).after_surgery.at(when)


def known(point: CoursePoint | None) -> CoursePoint:
    assert point is not None
    return point


# ---- who counts ------------------------------------------------------------------------------------------------------


def test_every_operated_arm_counts_whatever_the_approach() -> None:
    evidence = evidence_of(
        [study("a"), study("b", "registry", open_technique="none"), against_none("c")],
        [
            *both_arms("a", {"n": 50, "mean": 1}, {"n": 50, "mean": 3}, "vas_leg", timepoint_months=12, sd=2),
            pain("b", "mis", 12, 2, 300),
            pain("c", "surgery", 12, 4),
            pain("c", "nonoperative", 12, 6),
        ],
    )
    point = known(after(evidence))
    assert (point.studies, point.arms, point.people) == (3, 4, 500)
    assert (point.range_low, point.range_high) == (1, 4)
    assert known(leg(evidence).without_surgery.at(YEAR)).value == 6
    errors = [2 / math.sqrt(n) for n in (50, 50, 300, 100)]
    pooled = synthesise([1, 3, 2, 4], errors, 0.5 * 2)
    assert point.value == pytest.approx(pooled.estimate)
    assert (point.ci_low, point.ci_high) == pytest.approx((pooled.ci_low, pooled.ci_high))


def test_before_surgery_is_month_nought_and_no_window_after_it_takes_it() -> None:
    evidence = evidence_of([study("a")], [pain("a", "mis", 0, 7), pain("a", "mis", 1.5, 2)])
    points = leg(evidence).after_surgery.points
    assert [(p.when, p.value) for p in points] == [(None, 7), (TimeWindow.WEEKS_6, 2)]


def test_an_arm_counts_once_in_a_window_at_the_time_nearest_to_its_own() -> None:
    evidence = evidence_of([study("a")], [pain("a", "mis", m, v) for m, v in ((10, 4), (12.5, 3), (17, 2))])
    point = known(after(evidence))
    assert (point.value, point.arms, point.months_low, point.months_high) == (3, 1, 12.5, 12.5)


def test_people_of_two_publications_are_counted_once_by_the_larger() -> None:
    evidence = evidence_of(
        [study("small", cohort="same"), study("large", cohort="same"), study("other")],
        [pain("small", "mis", 12, 1, 90), pain("large", "mis", 12, 3, 120), pain("other", "open", 12, 3, 80)],
    )
    point = known(after(evidence))
    assert (point.people, point.studies, point.range_low) == (200, 2, 3)


def test_an_arm_without_a_printed_number_takes_that_of_its_study() -> None:
    evidence = evidence_of([study("a", n_mis=40, n_open=60)], [pain("a", "mis", 12, 2, None)])
    assert known(after(evidence)).people == 40


def test_arms_of_nobody_knows_how_many_count_alike_and_give_no_interval() -> None:
    rows = [pain("a", "mis", 12, 2, None), pain("b", "mis", 12, 5, None)]
    evidence = evidence_of([study("a"), study("b")], rows)
    point = known(after(evidence))
    assert (point.value, point.ci_low, point.ci_high, point.people) == (3.5, None, None, None)
    sized = evidence_of([study("a"), study("b"), study("c")], [*rows, pain("c", "mis", 12, 1)])
    point = known(after(sized))
    assert (point.value, point.studies, point.unweighed) == (1, 1, 2)
    assert "2 studies without numbers of people" in recovery_words.point_text(
        point, sized.outcomes[LEG], Audience.CLINICIAN
    )


def test_a_missing_spread_is_borrowed_from_the_scale_and_counted() -> None:
    rows = [pain("a", "mis", 12, 2, 101, sd=3), pain("b", "mis", 12, 4, 64, sd=None)]
    others = [pain("c", name, 24, 2, 101, sd=3) for name in ("mis", "open")]
    point = known(after(evidence_of([study(i) for i in "abc"], [*rows, *others])))
    pooled = synthesise([2, 4], [3 / math.sqrt(101), 3 / math.sqrt(64)], 1.5)
    assert point.borrowed == 1
    assert (point.value, point.ci_low) == pytest.approx((pooled.estimate, pooled.ci_low))
    assert "spread borrowed for 1 of 2 arms" in recovery_words.point_text(
        point, SHIPPED.outcomes[LEG], Audience.CLINICIAN
    )


@pytest.mark.parametrize(
    ("cells", "row"),
    [
        ({"caution": "read with care"}, {}),
        ({}, {"caution": "sd is not one"}),
        ({}, {"subgroup": "older"}),
        ({}, {"scale_kind": "change", "mean": -5}),
        ({}, {"unit": "index"}),
        ({}, {"unit": ""}),
        ({}, {"timing": "not_stated", "timepoint_months": None}),
        ({"design": "systematic_review"}, {}),
    ],
    ids=["study caution", "row caution", "subgroup", "change", "index", "no unit", "no time", "review"],
)
def test_what_is_no_level_of_the_whole_study_stays_out(cells: dict[str, Any], row: dict[str, Any]) -> None:
    aside = pain("aside", "mis", 12, 9) | row
    evidence = evidence_of([study("a"), study("aside") | cells], [pain("a", "mis", 12, 2), aside])
    assert known(after(evidence)).value == 2
    assert known(after(evidence)).studies == 1
    put_back = "caution" in cells or "caution" in row
    assert known(after(evidence, include_cautions=True)).studies == 1 + put_back


def test_surgery_against_none_counts_for_its_own_condition_and_the_approaches_for_the_operation() -> None:
    evidence = evidence_of(
        [against_none("other", condition="spinal_stenosis"), study("stenosis", condition="spinal_stenosis")],
        [pain("other", "surgery", 12, 8), pain("other", "nonoperative", 12, 9), pain("stenosis", "mis", 12, 2)],
    )
    assert known(after(evidence)).value == 2
    assert not leg(evidence).without_surgery.points
    assert after(evidence, same_condition=True) is None
    stenosis = recovery(evidence, Condition.SPINAL_STENOSIS, DISCECTOMY, LEG)
    assert known(stenosis.after_surgery.at(YEAR)).studies == 2
    assert known(stenosis.without_surgery.at(YEAR)).value == 9
    fusion = recovery(evidence, Condition.SPINAL_STENOSIS, Procedure.FUSION, LEG)
    assert not fusion.after_surgery.points
    assert known(fusion.without_surgery.at(YEAR)).value == 9  # whatever is planned, they did not have it


def test_another_operation_than_the_planned_one_is_not_its_course() -> None:
    evidence = evidence_of(
        [against_none("a", operation="interspinous spacer")],
        [pain("a", "surgery", 12, 1), pain("a", "nonoperative", 12, 5)],
    )
    assert not leg(evidence).after_surgery.points
    assert known(leg(evidence).without_surgery.at(YEAR)).value == 5


def test_injections_are_not_staying_without_surgery_and_are_named() -> None:
    evidence = evidence_of(
        [against_none("shots", nonoperative_care="epidural steroid injection", label="Shot 2021"), against_none("a")],
        [pain("shots", "nonoperative", 12, 1), pain("shots", "surgery", 12, 2), pain("a", "nonoperative", 12, 5)],
    )
    found = leg(evidence)
    assert known(found.without_surgery.at(YEAR)).value == 5
    assert found.without_surgery.injections == ("Shot 2021",)
    for audience in Audience:
        assert "People who had injections are not in the line without surgery (Shot 2021)" in " ".join(
            recovery_words.recovery_notes(found, audience)
        )


def test_as_treated_and_intention_to_treat_are_never_pooled_for_one_study() -> None:
    evidence = evidence_of(
        [against_none("a")],
        [
            pain("a", "nonoperative", 12, 2, analysis="as_treated"),
            pain("a", "nonoperative", 13, 5, analysis="intention_to_treat"),
        ],
    )
    point = known(leg(evidence).without_surgery.at(YEAR))
    assert (point.value, point.arms, point.analyses) == (5, 1, (Analysis.INTENTION_TO_TREAT,))


def test_different_ways_of_counting_people_are_said() -> None:
    evidence = evidence_of(
        [against_none("a"), against_none("b")],
        [
            pain("a", "nonoperative", 12, 2, analysis="as_treated"),
            pain("b", "nonoperative", 24, 5, analysis="intention_to_treat"),
        ],
    )
    notes = " ".join(recovery_words.recovery_notes(leg(evidence), Audience.CLINICIAN))
    assert "as treated" in notes
    assert "intention to treat" in notes
    (first, *_) = recovery_words.recovery_rows(leg(evidence), Audience.CLINICIAN)
    assert "as treated" in first[1]


def test_no_study_of_the_shipped_data_prints_one_arm_twice_at_one_time() -> None:
    """Both ways of counting people stand in one study only as parts of it, which stay out."""
    seen = set()
    for row in SHIPPED.arms:
        key = (row.study_id, row.outcome, row.timepoint_months, row.timing, row.subgroup, row.arm)
        assert key not in seen
        seen.add(key)


def test_beside_no_surgery_stand_the_operated_of_the_same_studies() -> None:
    evidence = evidence_of(
        [against_none("a"), study("series", "registry")],
        [pain("a", "nonoperative", 12, 5), pain("a", "surgery", 12, 4.5), pain("series", "mis", 12, 1, 900)],
    )
    found = leg(evidence)
    assert known(found.same_studies.at(YEAR)).value == 4.5
    assert known(found.after_surgery.at(YEAR)).value < 4
    assert "5.0 at 1 year. In the same study: 4.5 with surgery." in recovery_words.recovery_finding(
        found, Audience.CLINICIAN
    )


def test_a_start_alone_is_no_course() -> None:
    evidence = evidence_of([against_none("a")], [pain("a", "nonoperative", 0, 7), pain("a", "surgery", 0, 7)])
    assert leg(evidence).is_empty


# ---- gaps and small studies ------------------------------------------------------------------------------------------


def gappy() -> Recovery:
    return leg(evidence_of([study("a")], [pain("a", "mis", m, v) for m, v in ((0, 7), (1.5, 3), (12, 2), (24, 1))]))


def test_a_line_stops_where_nobody_measured() -> None:
    runs = gappy().after_surgery.runs
    assert [[p.value for p in run] for run in runs] == [[7, 3], [2, 1]]
    figure = chart.recovery_picture(gappy(), Audience.CLINICIAN)
    (line,) = [t for t in figure["data"] if t["mode"] == "lines"]
    assert line["y"] == [7, 3, None, 2, 1, None]
    assert all(t.get("connectgaps") is not True and "shape" not in t.get("line", {}) for t in figure["data"])


@pytest.mark.parametrize(
    ("design", "people", "small"),
    [
        ("retrospective_cohort", LARGE_STUDY_PEOPLE - 1, True),
        ("registry", LARGE_STUDY_PEOPLE, False),
        ("rct", 20, False),
    ],
)
def test_hollow_is_one_small_study_that_is_not_randomised(design: str, people: int, small: bool) -> None:
    evidence = evidence_of([study("a", design)], [pain("a", "mis", 12, 2, people)])
    found = leg(evidence)
    assert known(found.after_surgery.at(YEAR)).small is small
    (marks,) = [t for t in chart.recovery_picture(found, Audience.CLINICIAN)["data"] if "markers" in t["mode"]]
    assert [s.endswith("-open") for s in marks["marker"]["symbol"]] == [small]
    assert found.without_small_studies().is_empty is small


def test_two_small_studies_are_not_hollow() -> None:
    rows = [pain("a", "mis", 12, 2, 20), pain("b", "mis", 12, 3, 20)]
    evidence = evidence_of([study(i, "retrospective_cohort") for i in "ab"], rows)
    assert known(after(evidence)).small is False


@pytest.mark.parametrize(("condition", "procedure", "outcome"), EVERY)
def test_patients_see_no_number_of_one_small_study(
    condition: Condition, procedure: Procedure, outcome: Outcome
) -> None:
    shown = recovery(SHIPPED, condition, procedure, outcome).without_small_studies()
    labels = {s.label: s for s in SHIPPED.studies.values()}
    for course in (shown.after_surgery, shown.without_surgery, shown.same_studies):
        for p in course.points:
            single = labels[p.labels[0]]
            assert p.studies > 1 or (p.people or 0) >= LARGE_STUDY_PEOPLE or single.design == StudyDesign.RCT
    said = " ".join(recovery_words.recovery_notes(shown, Audience.PATIENT))
    assert "Hollow" not in said


# ---- the shipped data ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("condition", "procedure", "outcome"), EVERY)
def test_it_is_never_empty_where_arms_exist(condition: Condition, procedure: Procedure, outcome: Outcome) -> None:
    found = recovery(SHIPPED, condition, procedure, outcome)
    operated = [
        row
        for row in SHIPPED.arms_by_outcome.get((procedure, outcome), ())
        if row.arm in ("open", "mis") and row.scale_kind == "score" and not row.subgroup and not row.caution
        if row.mean is not None and row.unit.startswith("points") and (row.timepoint_months or 0) > 0
        if not SHIPPED.studies[row.study_id].caution
    ]
    assert bool(operated) <= bool(found.after_surgery.points)
    assert bool(found.after_surgery.points or found.without_surgery.points) == bool(
        chart.recovery_picture(found, Audience.CLINICIAN)["data"]
    )


@pytest.mark.parametrize(("condition", "procedure", "outcome"), EVERY)
def test_each_value_lies_in_its_range_and_on_its_scale(
    condition: Condition, procedure: Procedure, outcome: Outcome
) -> None:
    found = recovery(SHIPPED, condition, procedure, outcome)
    for course in (found.after_surgery, found.without_surgery, found.same_studies):
        for p in course.points:
            assert p.range_low - 1e-9 <= p.value <= p.range_high + 1e-9
            if p.ci_low is not None and p.ci_high is not None:
                assert 0 <= p.ci_low <= p.value <= p.ci_high <= (found.outcome.scale_max or 0)
            assert p.lines


def test_leg_pain_around_a_disc_operation_is_what_surgeons_know() -> None:
    """About 7 before and about 2 afterwards: every published course of discectomy says so."""
    found = recovery(SHIPPED, DISC, DISCECTOMY, LEG)
    assert 6 <= known(found.after_surgery.at(None)).value <= 8
    assert 1 <= known(found.after_surgery.at(YEAR)).value <= 2.5
    assert known(found.after_surgery.at(None)).studies >= 5


def test_the_outcome_the_operation_is_meant_to_ease_comes_first() -> None:
    first = {p: courses.outcomes_with_data(SHIPPED, SHIPPED_FOR[p], p)[0] for p in Procedure}
    assert first == {
        Procedure.DISCECTOMY: Outcome.VAS_LEG,
        Procedure.DECOMPRESSION: Outcome.ODI,
        Procedure.FUSION: Outcome.VAS_BACK,
    }


SHIPPED_FOR = {
    Procedure.DISCECTOMY: Condition.DISC_HERNIATION,
    Procedure.DECOMPRESSION: Condition.SPINAL_STENOSIS,
    Procedure.FUSION: Condition.DEGENERATIVE_DISC_DISEASE,
}


def test_an_outcome_with_differences_alone_is_offered_and_says_why_there_is_no_course() -> None:
    printed = contrast(
        "a",
        "sf36_bodily_pain",
        estimate=15,
        ci_low=11,
        ci_high=19,
        ci_level=0.95,
        timepoint_months=48,
        comparison="surgery_minus_nonoperative",
    )
    evidence = evidence_of([against_none("a")], [pain("a", "surgery", 12, 2)], [printed])
    assert courses.outcomes_with_data(evidence, DISC, DISCECTOMY) == (LEG, Outcome.SF36_BODILY_PAIN)
    found = recovery(evidence, DISC, DISCECTOMY, Outcome.SF36_BODILY_PAIN)
    assert found.is_empty
    assert "no study here prints the score" in recovery_words.no_course(found, False, Audience.CLINICIAN)
    assert "Clear the filter" in recovery_words.no_course(found, True, Audience.CLINICIAN)


# ---- pairs -----------------------------------------------------------------------------------------------------------


def answers(evidence: Evidence, outcome: Outcome = LEG) -> tuple[Comparison, ...]:
    return side_by_side.over_time(evidence, DISC, DISCECTOMY, outcome, Filters(), Contrast.MIS_VERSUS_OPEN)


def test_a_pair_stands_where_the_same_studies_measured_both() -> None:
    both = both_arms("a", {"n": 200, "mean": 1.5}, {"n": 200, "mean": 2.5}, "vas_leg", timepoint_months=12, sd=2)
    evidence = evidence_of(
        [study("a"), study("b"), study("c")], [*both, pain("b", "mis", 24, 1), pain("c", "open", 24, 3)]
    )
    (pair,) = pairs_of(answers(evidence), lambda c: f"{c.lead.k} study")
    (c,) = [c for c in answers(evidence) if c.question.window is YEAR]
    assert c.absolute is not None
    assert (pair.window, pair.open_value, pair.mis_value, pair.source, pair.small) == (YEAR, 2.5, 1.5, "1 study", False)
    assert (pair.mis_low, pair.mis_high) == (c.absolute.first_low, c.absolute.first_high)


def test_a_review_that_states_no_time_stands_once() -> None:
    """It is one finding: at three times it would look like three."""
    for p, o in product(Procedure, (Outcome.ODI, LEG, Outcome.VAS_BACK)):
        found = side_by_side.over_time(SHIPPED, SHIPPED_FOR[p], p, o, Filters(), Contrast.MIS_VERSUS_OPEN)
        led = {c.question.window: c.lead.review for c in found if c.lead.review is not None}
        shown = [led[pair.window] for pair in pairs_of(found, str) if pair.window in led]
        untimed = [r.study.study_id for r in shown if r is not None and r.row.timing == Timing.NOT_STATED]
        assert len(untimed) == len(set(untimed))


def test_pairs_are_drawn_in_the_marks_of_the_approaches_with_the_interval_of_the_difference() -> None:
    pairs = (Pair(YEAR, 2.5, 1.5, 1, 2.2, "3 studies"), Pair(TimeWindow.YEARS_2, 3, 2, None, None, "1 study", True))
    evidence = evidence_of([study("a")], [pain("a", "mis", 0, 7), pain("a", "mis", 12, 2)])
    found = leg(evidence, pairs=pairs)
    named = {t.get("name"): t for t in chart.recovery_picture(found, Audience.CLINICIAN)["data"]}
    open_, mis = named[OPTIONS[Option.OPEN].label], named[OPTIONS[Option.MIS].label]
    assert (open_["y"], mis["y"]) == ([2.5, 3], [1.5, 2])
    assert mis["error_y"]["array"] == pytest.approx([0.7, 0])
    assert mis["error_y"]["arrayminus"] == pytest.approx([0.5, 0])
    assert mis["marker"]["symbol"] == [OPTIONS[Option.MIS].symbol, f"{OPTIONS[Option.MIS].symbol}-open"]
    assert recovery_words.ONLY_PAIRS_COMPARE in recovery_words.recovery_notes(found, Audience.CLINICIAN)
    assert found.without_small_studies().pairs == pairs[:1]
    rows = recovery_words.recovery_rows(found, Audience.CLINICIAN)
    assert any("open 2.5, minimally invasive 1.5 (1.0 to 2.2); 3 studies" in row[-1] for row in rows)


# ---- what is said ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("where", "audience"), list(product(EVERY, Audience)))
def test_text_and_picture_say_the_same(where: tuple[Condition, Procedure, Outcome], audience: Audience) -> None:
    found = recovery(SHIPPED, *where)
    if audience is Audience.PATIENT:
        found = found.without_small_studies()
    if found.is_empty:
        return
    figure = chart.recovery_picture(found, audience)
    marks = [t for t in figure["data"] if t["mode"] == "markers+text"]
    drawn = {(t["name"], round(x)): y for t in marks for x, y in zip(t["x"], t["y"], strict=True)}
    written = {(t["name"], round(x)): text for t in marks for x, text in zip(t["x"], t["text"], strict=True)}
    heads, rows = recovery_words.recovery_columns(found), recovery_words.recovery_rows(found, audience)
    alt = recovery_words.recovery_description(found, audience)
    times = [recovery_words.time_name(when).capitalize() for when in TIMES]
    told = {
        (head, times.index(row[0])): cell
        for row in rows
        for head, cell in zip(heads[1:3], row[1:3], strict=False)
        if cell != "not measured" and head in (recovery_words.AFTER, recovery_words.WITHOUT)
    }
    assert told.keys() == drawn.keys()
    for key, value in drawn.items():
        number = recovery_words.level(value, found.outcome, audience)
        assert written[key] == f"<b>{number}</b>"
        assert told[key].startswith(number)
        assert f"{recovery_words.time_name(TIMES[key[1]])} {number} (" in alt
    assert alt.startswith(recovery_words.recovery_finding(found, audience))


@pytest.mark.parametrize(("where", "pairs"), list(product(EVERY, ((), (Pair(YEAR, 3, 2, 1, 3, "2 studies"),)))))
def test_patients_can_read_it(where: tuple[Condition, Procedure, Outcome], pairs: tuple[Pair, ...]) -> None:
    shown = recovery(SHIPPED, *where, pairs=pairs).without_small_studies()
    if shown.is_empty:
        text = recovery_words.no_course(shown, False, Audience.PATIENT)
    else:
        notes = recovery_words.recovery_notes(shown, Audience.PATIENT)
        text = " ".join([recovery_words.recovery_finding(shown, Audience.PATIENT), *notes])
    assert max(reading_grade(text)) <= HIGHEST_GRADE, (reading_grade(text), text)
    assert not BANNED.search(text), text


def test_pain_keeps_its_decimal_for_patients_and_disability_does_not() -> None:
    assert recovery_words.level(1.53, SHIPPED.outcomes[LEG], Audience.PATIENT) == "1.5"
    assert recovery_words.level(23.4, SHIPPED.outcomes[Outcome.ODI], Audience.PATIENT) == "23"


def test_the_first_days_are_told_as_days() -> None:
    evidence = evidence_of([study("a")], [pain("a", "mis", 0, 7), pain("a", "mis", 0.1, 5)])
    found = leg(evidence)
    assert "5.0 at 3 days" in recovery_words.recovery_finding(found, Audience.PATIENT)
    assert "measured at 3 days" in recovery_words.recovery_rows(found, Audience.PATIENT)[1][1]


def test_the_way_that_is_better_is_said_in_words() -> None:
    figure = chart.recovery_picture(gappy(), Audience.PATIENT)
    said = [note["text"] for note in figure["layout"]["annotations"]]
    assert "lower is better ↓" in said
    assert "Scale 0 to 10, lower is better." in recovery_words.recovery_description(gappy(), Audience.PATIENT)


def test_times_on_the_axis_are_short_enough_for_a_narrow_window() -> None:
    named = chart.recovery_picture(leg(SHIPPED), Audience.PATIENT)["layout"]["xaxis"]["ticktext"]
    assert named[:3] == ["before", "up to 2<br>months", "3<br>months"]
    assert named[-1] == "5 +<br>years"
    assert max(len(line) for name in named for line in name.split("<br>")) <= 7


@pytest.mark.parametrize(
    ("condition", "procedure", "months_later"),
    [
        (Condition.DISC_HERNIATION, Procedure.DISCECTOMY, {Outcome.VAS_LEG, Outcome.ODI, Outcome.VAS_BACK}),
        (Condition.SPONDYLOLISTHESIS, Procedure.FUSION, {Outcome.ODI}),
    ],
)
def test_the_first_days_after_an_operation_are_no_course(
    condition: Condition, procedure: Procedure, months_later: set[Outcome]
) -> None:
    """Back pain after a fusion of a slip: one small study at every time but the third day."""
    found = {o for o in courses.OUTCOMES[procedure] if recovery(DATA, condition, procedure, o).is_a_course}
    assert found == months_later
