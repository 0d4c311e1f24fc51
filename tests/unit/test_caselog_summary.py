"""What a case log says: against a plain pandas calculation, against R, and whatever the log."""

from __future__ import annotations

import json
import math
import pickle
import subprocess
import sys
from dataclasses import fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import caselog_frames
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decision_aid.audit.assembly import months_before, standardised_difference
from decision_aid.audit.beside_published import Pairing, beside_published
from decision_aid.audit.learning_curve import learning_curve, log_likelihood_weights, risk_cusum
from decision_aid.audit.results import EVENTS, MEASURES, MIX, SCORES, Group, GroupState, Summary
from decision_aid.audit.summary import summarise
from decision_aid.case_log.fields import BY_NAME, FIELDS, Approach, Kind
from decision_aid.comparison.comparison import compare
from decision_aid.comparison.own_rates import wilson
from decision_aid.comparison.question import Contrast, ask
from decision_aid.domain.time_windows import TimeWindow
from decision_aid.domain.vocabulary import Outcome, OutcomeKind, Procedure, Unit
from decision_aid.evidence.loading import Evidence

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = json.loads((ROOT / "tests" / "r_reference" / "caselog.json").read_text(encoding="utf-8"))


def near(value: float | None, rel: float = 1e-12) -> Any:
    return None if value is None else pytest.approx(value, rel=rel, abs=1e-12)


@pytest.fixture(scope="module")
def cases() -> pd.DataFrame:
    return caselog_frames.synthetic(5000)


@pytest.fixture(scope="module")
def summary(cases: pd.DataFrame) -> Summary:
    return summarise(cases)


def of(cases: pd.DataFrame, group: Group) -> pd.DataFrame:
    chosen = (cases["procedure"] == str(group.procedure)) & (cases["approach"] == str(group.approach))
    return cases[chosen]


def described(values: pd.Series) -> tuple[float, ...]:
    return (
        values.mean(),
        values.std(),
        values.quantile(0.25),
        values.median(),
        values.quantile(0.75),
        values.min(),
        values.max(),
    )


def values_of(frame: pd.DataFrame, measure: Any) -> pd.Series:
    values = frame[measure.field]
    return (values - frame[measure.before] if measure.before else values).dropna()


# ---- against a plain pandas calculation ------------------------------------------------------------------------------


def test_every_case_is_in_one_group(cases: pd.DataFrame, summary: Summary) -> None:
    assert summary.cases == len(cases) == sum(g.cases for g in summary.groups)
    counts = cases.groupby(["procedure", "approach"], observed=True).size()
    assert {(str(g.procedure), str(g.approach)): g.cases for g in summary.groups} == counts.to_dict()
    assert (summary.first_operation, summary.last_operation) == (
        cases["operation_date"].min().date(),
        cases["operation_date"].max().date(),
    )


def test_distributions_are_those_of_pandas(cases: pd.DataFrame, summary: Summary) -> None:
    for group in summary.groups:
        frame = of(cases, group)
        for measure in MEASURES:
            found = group.distribution(measure.name)
            values = values_of(frame, measure)
            assert found.n == len(values)
            got = (found.mean, found.sd, found.q1, found.median, found.q3, found.minimum, found.maximum)
            assert got == pytest.approx(described(values), rel=1e-11, abs=1e-11), measure.name


def test_rates_and_records_are_those_of_pandas(cases: pd.DataFrame, summary: Summary) -> None:
    for group in summary.groups:
        frame = of(cases, group)
        for event in EVENTS:
            rate = group.rate(event)
            assert (rate.events, rate.n) == (int(frame[event].sum()), int(frame[event].count()))
            assert rate.rate == near(frame[event].mean())
            assert rate.outcome == event
        for field in FIELDS:
            happened = frame
            if field.name in ("reoperation_date", "readmission_date"):
                happened = frame[frame[field.name.removesuffix("_date")].fillna(False)]
            assert group.not_recorded(field.name) == int(happened[field.name].isna().sum())


def test_years_are_those_of_pandas(cases: pd.DataFrame, summary: Summary) -> None:
    years = cases["operation_date"].dt.year
    assert summary.years == tuple(range(years.min(), years.max() + 1))
    for group in summary.groups:
        frame = of(cases, group)
        whole = []
        for year in group.years:
            of_year = frame[frame["operation_date"].dt.year == year.year]
            assert year.cases == len(of_year)
            assert year.partial == (year.year in (years.min(), years.max()))
            whole += [] if year.partial else [len(of_year)]
            blood = year.distribution("blood_loss_ml")
            assert (blood.mean, blood.sd, blood.q1, blood.median, blood.q3, blood.minimum, blood.maximum) == near(
                described(of_year["blood_loss_ml"].dropna())
            )
            rate = year.rate("complication_any")
            assert (rate.events, rate.n) == (
                of_year["complication_any"].sum(),
                of_year["complication_any"].count(),
            )
        assert group.cases_per_year == near(float(np.mean(whole)))


def test_follow_up_counts_the_cases_that_are_old_enough(cases: pd.DataFrame, summary: Summary) -> None:
    newest = cases["operation_date"].max()
    for group in summary.groups:
        frame = of(cases, group)
        assert [f.field for f in group.follow_up] == [m.name for m in SCORES]
        for follow_up in group.follow_up:
            due = frame[frame["operation_date"] <= newest - pd.DateOffset(months=follow_up.months)]
            assert (follow_up.due, follow_up.recorded) == (len(due), int(due[follow_up.field].count()))
            assert follow_up.share == near(due[follow_up.field].notna().mean())


def test_reoperation_within_24_months_is_that_of_pandas(cases: pd.DataFrame, summary: Summary) -> None:
    newest = cases["operation_date"].max()
    for group in summary.groups:
        frame, found = of(cases, group), group.reoperation_24_months
        old = frame[frame["operation_date"] <= newest - pd.DateOffset(months=24)]
        asked = old[old["reoperation"].notna()]
        again = asked[asked["reoperation"].astype(bool)]
        limit = again["operation_date"] + pd.DateOffset(months=24)
        within = again["reoperation_date"].isna() | (again["reoperation_date"] <= limit)
        assert (found.within.events, found.within.n) == (int(within.sum()), len(asked))
        assert found.undated == int(again["reoperation_date"].isna().sum())
        assert found.too_recent == len(frame) - len(old)
        assert found.not_recorded == len(old) - len(asked)


def test_case_mix_is_that_of_pandas(cases: pd.DataFrame, summary: Summary) -> None:
    for mix in summary.case_mix:
        frame = cases if mix.procedure is None else cases[cases["procedure"] == str(mix.procedure)]
        arms = [frame[frame["approach"] == arm] for arm in ("open", "mis")]
        assert (mix.open_cases, mix.mis_cases) == tuple(len(arm) for arm in arms)
        assert {i.field for i in mix.items} == {*MIX, *([] if mix.procedure else ["procedure"])}
        sizes = [abs(i.difference or 0) for i in mix.items]
        assert sizes == sorted(sizes, reverse=True)
        for item in mix.items:
            texts = [arm[item.field].dropna() for arm in arms]
            if BY_NAME[item.field].kind is Kind.WHOLE:
                top = 3 if item.field == "levels" else 5
                texts = [t.clip(upper=top).map(lambda v: "3+" if v == 3 and item.field == "levels" else str(v)) for t in texts]  # fmt: skip  # noqa: B023
            elif BY_NAME[item.field].kind is Kind.YES_NO:
                texts = [t.map({True: "yes", False: "no"}) for t in texts]
            assert (item.open_recorded, item.mis_recorded) == tuple(map(len, texts))
            for value in item.values:
                shares = [(t == value.value).mean() for t in texts]
                assert (value.open_share, value.mis_share) == near(tuple(shares))
                spread = math.sqrt(sum(p * (1 - p) for p in shares) / 2)
                assert value.difference == near((shares[1] - shares[0]) / spread, 1e-9)
            assert item.difference == max((v.difference for v in item.values), key=abs)
            assert item.flagged == (abs(item.difference) > 0.1)


# ---- against R -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", REFERENCE["wilson"], ids=lambda c: f"{c['events']} of {c['n']}")
def test_wilson_interval_against_r_and_newcombe_1998(case: dict[str, Any]) -> None:
    assert wilson(case["events"], case["n"]) == near((case["low"], case["high"]))


@pytest.mark.parametrize("case", REFERENCE["described"].values(), ids=REFERENCE["described"])
def test_distribution_against_r(case: dict[str, Any]) -> None:
    found = summarise(caselog_frames.log(*({"blood_loss_ml": v} for v in case["values"]))).groups[0]
    blood = found.distribution("blood_loss_ml")
    got = (blood.mean, blood.mean_low, blood.mean_high, blood.sd, blood.q1, blood.median, blood.q3)
    assert got == near(tuple(case[k] for k in ("mean", "low", "high", "sd", "q1", "median", "q3")))


@pytest.mark.parametrize("case", REFERENCE["standardised"], ids=lambda c: f"{c['first']:.2f} {c['second']:.2f}")
def test_standardised_difference_against_r(case: dict[str, Any]) -> None:
    assert standardised_difference(case["first"], case["second"]) == near(case["difference"])


@pytest.mark.parametrize("case", REFERENCE["charts"], ids=lambda c: f"{c['acceptable']} {c['odds_ratio']}")
def test_risk_cusum_against_the_recursion_in_r(case: dict[str, Any]) -> None:
    assert log_likelihood_weights(case["acceptable"], case["odds_ratio"]) == near((case["event"], case["none"]))
    assert risk_cusum(REFERENCE["events"], case["acceptable"], case["odds_ratio"]) == near(case["chart"])


def test_operating_time_by_case_order_against_r() -> None:
    case = REFERENCE["time"]
    rows = [{"operation_date": date(2020, 1, 1 + i), "operative_time_min": m} for i, m in enumerate(case["minutes"])]
    curve = learning_curve(caselog_frames.log(*rows), Procedure.FUSION, Approach.OPEN, window=5).time
    assert curve is not None
    assert curve.target == near(case["target"])
    assert curve.cusum.values == near(tuple(case["cusum"]))
    assert curve.cusum.case_numbers == tuple(range(1, len(rows) + 1))
    assert curve.rolling_median.values == near(tuple(case["median_of_5"]))
    assert curve.rolling_median.case_numbers == tuple(range(5, len(rows) + 1))


# ---- small numbers and privacy ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "state"),
    [
        (1, GroupState.TOO_FEW_FOR_PATIENTS),
        (4, GroupState.TOO_FEW_FOR_PATIENTS),
        (5, GroupState.SHOWN_NOT_COMPARED),
        (19, GroupState.SHOWN_NOT_COMPARED),
        (20, GroupState.COMPARED),
    ],
)
def test_small_groups_say_so(size: int, state: GroupState) -> None:
    rows = [{"blood_loss_ml": 100.0, "infection": False}] * size
    (group,) = summarise(caselog_frames.log(*rows)).groups
    assert group.state is group.years[0].state is state
    assert group.distribution("blood_loss_ml").state is group.rate("infection").state is state
    assert group.distribution("odi_before").state is GroupState.TOO_FEW_FOR_PATIENTS  # none is recorded
    assert state.for_patients == (size >= 5)


def test_no_value_of_a_case_is_printed(cases: pd.DataFrame) -> None:
    rows = [
        {
            "operation_date": date(2021, 7, 19),
            "blood_loss_ml": 7391.0,
            "odi_before": 61.75,
            "odi_12_months": 20.5,
            "operative_time_min": 847.0,
            "complication_any": True,
            "asa": 3,
        }
    ]
    log = caselog_frames.log(*rows)
    told = [repr(x) for x in (summarise(log), learning_curve(log, Procedure.FUSION, Approach.OPEN))]
    for text in told:
        for secret in ("7391", "61.75", "20.5", "41.25", "847", "7, 19", "07-19"):
            assert secret not in text


def parts(result: Any) -> list[Any]:
    """Every dataclass in a result."""
    found = [result] if is_dataclass(result) else []
    inner = [getattr(result, f.name) for f in fields(result)] if is_dataclass(result) else result
    return found + [p for item in inner if is_dataclass(item) or isinstance(item, tuple) for p in parts(item)]


def test_results_are_plain_frozen_and_can_be_kept(cases: pd.DataFrame, summary: Summary) -> None:
    assert pickle.loads(pickle.dumps(summary)) == summary
    curve = learning_curve(cases, Procedure.FUSION, Approach.MIS)
    for part in (*parts(summary), *parts(curve)):
        assert type(part).__dataclass_params__.frozen
        for f in fields(part):
            value = getattr(part, f.name)
            assert isinstance(value, int | float | str | date | tuple | None) or is_dataclass(value)
            assert not isinstance(value, np.generic), f.name


def test_import_is_quick() -> None:
    """All of these together load none of the slow ones, so none of them does."""
    names = ("summary", "learning_curve", "beside_published", "registry")
    modules = [f"decision_aid.audit.{name}" for name in names]
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert {*modules} <= loaded
    assert not {"pandas", "ibis", "duckdb", "scipy.stats"} & loaded


# ---- whatever the log ------------------------------------------------------------------------------------------------

LOGS = st.builds(
    caselog_frames.synthetic,
    cases=st.integers(0, 60),
    seed=st.integers(0, 2**32 - 1),
    missing=st.sampled_from([0.0, 0.2, 0.8, 1.0]),
    years=st.sampled_from([0, 1, 5]),
)
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(LOGS)
def test_counts_add_up(log: pd.DataFrame) -> None:
    summary = summarise(log)
    assert sum(g.cases for g in summary.groups) == summary.cases == len(log)
    for group in summary.groups:
        assert sum(y.cases for y in group.years) == group.cases
        for record in group.recorded:
            of_whom = {"reoperation_date": "reoperation", "readmission_date": "readmission"}.get(record.field)
            whole = group.rate(of_whom).events if of_whom else group.cases
            assert record.recorded + record.not_recorded == whole
        for event in EVENTS:
            assert sum(y.rate(event).events for y in group.years) == group.rate(event).events
        for measure in MEASURES:
            assert sum(y.distribution(measure.name).n for y in group.years) == group.distribution(measure.name).n
        again = group.reoperation_24_months
        assert again.within.n + again.too_recent + again.not_recorded == group.cases
        assert again.undated <= again.within.events <= group.rate("reoperation").events
        for follow_up in group.follow_up:
            assert 0 <= follow_up.recorded <= follow_up.due <= group.cases
    for mix in summary.case_mix:
        for item in mix.items:
            assert item.open_recorded + item.open_not_recorded == mix.open_cases
            assert item.mis_recorded + item.mis_not_recorded == mix.mis_cases
            if len(item.values) > 1:
                assert sum(v.open_count for v in item.values) == item.open_recorded


@QUICK
@given(LOGS)
def test_intervals_hold_what_they_belong_to(log: pd.DataFrame) -> None:
    for group in summarise(log).groups:
        for rate in (*group.rates, group.reoperation_24_months.within):
            assert (rate.rate is None) == (rate.n == 0)
            assert rate.n == 0 or 0 <= rate.low <= rate.rate <= rate.high <= 1
        for d in group.distributions:
            assert (d.mean is None) == (d.n == 0)
            assert (d.sd is None) == (d.n < 2)
            if d.n:
                assert d.minimum <= d.q1 <= d.median <= d.q3 <= d.maximum
            if d.n > 1:
                assert d.mean_low <= d.mean <= d.mean_high


@QUICK
@given(LOGS, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(log: pd.DataFrame, random: Any) -> None:
    shuffled = random.sample(range(len(log)), len(log))
    assert summarise(log.iloc[shuffled]) == summarise(log)


@given(st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_stays_within_0_and_1_and_holds_the_rate(counts: tuple[int, int]) -> None:
    events, n = counts
    low, high = wilson(events, n)
    assert 0 <= low <= events / n <= high <= 1
    assert low < high
    assert wilson(n - events, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)


@given(st.lists(st.booleans(), max_size=200), st.floats(0.01, 0.9), st.sampled_from([0.5, 1.5, 2.0, 4.0]))
def test_risk_cusum_is_the_recursion(events: list[bool], acceptable: float, odds_ratio: float) -> None:
    happened, none = log_likelihood_weights(acceptable, odds_ratio)
    at, expected = 0.0, []
    for event in events:
        at = max(0.0, at + (happened if event else none))
        expected.append(at)
    assert risk_cusum(events, acceptable, odds_ratio) == pytest.approx(expected, abs=1e-9)


@given(st.dates(date(1990, 1, 1), date(2060, 12, 31)), st.sampled_from([1, 3, 12, 24]))
def test_months_before_is_that_of_pandas(day: date, months: int) -> None:
    assert months_before(day, months) == (pd.Timestamp(day) - pd.DateOffset(months=months)).date()


def test_empty_log() -> None:
    empty = summarise(caselog_frames.log().astype(caselog_frames.DTYPES))
    assert empty == Summary(0, None, None, None, (), ())
    assert empty.years == ()
    assert empty.group(Procedure.FUSION, Approach.OPEN) is None
    curve = learning_curve(caselog_frames.log().astype(caselog_frames.DTYPES), Procedure.FUSION, Approach.OPEN)
    assert (curve.cases, curve.time, curve.risk) == (0, None, None)


def test_one_case_has_a_mean_and_no_interval() -> None:
    summary = summarise(caselog_frames.log({"blood_loss_ml": 80.0, "infection": True}))
    (group,) = summary.groups
    blood = group.distribution("blood_loss_ml")
    assert (blood.n, blood.mean, blood.median, blood.minimum, blood.maximum) == (1, 80, 80, 80, 80)
    assert (blood.sd, blood.mean_low, blood.mean_high) == (None, None, None)
    assert group.rate("infection").rate == 1
    assert [y.year for y in group.years] == [2020]
    assert group.cases_per_year is None  # no whole year
    assert {item.difference for item in summary.mix().items} == {None}


def test_what_is_not_in_the_log_is_not_recorded() -> None:
    log = caselog_frames.synthetic(50, missing=1.0)
    for group in summarise(log).groups:
        assert all(d.n == 0 and d.mean is None for d in group.distributions)
        assert all(r.n == 0 and r.rate is None for r in group.rates)
        assert group.not_recorded("asa") == group.cases
    curve = learning_curve(log, Procedure.FUSION, Approach.OPEN)
    assert curve.time is None
    assert curve.risk is None


def test_year_is_whole_once_the_day_of_reckoning_lies_behind_it() -> None:
    log = caselog_frames.log(*({"operation_date": date(year, 5, 5)} for year in (2018, 2020, 2020)))
    (group,) = summarise(log, as_of=date(2021, 1, 1)).groups
    assert [(y.year, y.cases, y.partial) for y in group.years] == [(2018, 1, True), (2019, 0, False), (2020, 2, False)]
    assert group.cases_per_year == 1


@pytest.mark.parametrize(
    ("again", "counted"),
    [(date(2022, 3, 1), False), (date(2022, 2, 28), True), (date(2020, 3, 1), True), (None, True)],
)
def test_24_months_after_a_leap_day(again: date | None, counted: bool) -> None:
    row = {"operation_date": date(2020, 2, 29), "reoperation": True, "reoperation_date": again}
    (group,) = summarise(caselog_frames.log(row), as_of=date(2022, 3, 1)).groups
    assert group.reoperation_24_months.within.events == counted
    assert group.reoperation_24_months.undated == (again is None)


def test_everybody_against_nobody_is_an_infinite_difference() -> None:
    rows = [{"approach": a, "smoking": a == "mis"} for a in ("open", "mis") for _ in range(3)]
    item = summarise(caselog_frames.log(*rows)).mix(Procedure.FUSION).items[0]
    assert (item.field, item.difference, item.flagged) == ("smoking", math.inf, True)


def test_what_is_no_validated_log_is_refused() -> None:
    log = caselog_frames.log({"procedure": None}, {})
    with pytest.raises(ValueError, match="1 rows lack date, procedure or approach"):
        summarise(log)
    with pytest.raises(ValueError, match="no column asa"):
        summarise(log.drop(columns="asa"))
    with pytest.raises(ValueError, match="3 events in 2 cases"):
        wilson(3, 2)
    group = summarise(caselog_frames.log({})).groups[0]
    for ask_for in (group.distribution, group.rate, group.not_recorded, group.years[0].rate):
        with pytest.raises(KeyError):
            ask_for("age")


# ---- learning curve --------------------------------------------------------------------------------------------------


def test_curve_follows_the_dates_and_within_a_day_the_log() -> None:
    days = [3, 1, 2, 1]
    rows = [{"operation_date": date(2020, 1, d), "operative_time_min": 100.0 + i} for i, d in enumerate(days)]
    rows.append({"operation_date": date(2020, 1, 1), "operative_time_min": None})
    curve = learning_curve(caselog_frames.log(*rows), Procedure.FUSION, Approach.OPEN, window=1)
    assert curve.time.rolling_median.values == (101, 103, 102, 100)
    assert curve.time.rolling_median.case_numbers == (1, 2, 4, 5)  # the third has no record
    assert curve.cases == 5


def test_signals_are_the_cases_that_pass_the_limit() -> None:
    pattern = [False] * 10 + [True] * 6 + [False] * 60 + [True] * 7
    rows = [{"operation_date": np.datetime64("2020-01-01") + i, "complication_any": e} for i, e in enumerate(pattern)]
    log = caselog_frames.log(*rows)
    risk = learning_curve(log, Procedure.FUSION, Approach.OPEN, acceptable=0.1, limit=2.5).risk
    chart = risk_cusum(pattern, 0.1)
    assert list(risk.chart.values) == chart
    assert risk.signals == tuple(i + 1 for i, x in enumerate(chart) if x > 2.5 and (i == 0 or chart[i - 1] <= 2.5))
    assert len(risk.signals) == 2
    assert not risk.own_rate
    own = learning_curve(log, Procedure.FUSION, Approach.OPEN).risk
    assert own.own_rate
    assert own.acceptable == near(13 / 83)


def test_own_rate_of_0_charts_nothing_and_a_published_one_does() -> None:
    log = caselog_frames.log(*[{"infection": False}] * 30)
    assert learning_curve(log, Procedure.FUSION, Approach.OPEN, event="infection").risk is None
    risk = learning_curve(log, Procedure.FUSION, Approach.OPEN, event="infection", acceptable=0.02).risk
    assert risk.events == 0
    assert set(risk.chart.values) == {0.0}


def test_long_curve_is_thinned_after_it_is_computed(cases: pd.DataFrame) -> None:
    whole = learning_curve(cases, Procedure.FUSION, Approach.MIS, limit=1.0)
    thin = learning_curve(cases, Procedure.FUSION, Approach.MIS, limit=1.0, most_points=50)
    assert len(whole.time.cusum) == whole.time.n > 500
    assert len(thin.time.cusum) <= 51
    assert thin.risk.signals == whole.risk.signals
    at = dict(zip(whole.risk.chart.case_numbers, whole.risk.chart.values, strict=True))
    assert all(at[n] == v for n, v in zip(thin.risk.chart.case_numbers, thin.risk.chart.values, strict=True))
    assert set(thin.risk.signals) <= set(thin.risk.chart.case_numbers)
    assert max(thin.risk.chart.values) == max(whole.risk.chart.values)


@pytest.mark.parametrize(
    "wrong",
    [
        {"event": "death"},
        {"acceptable": 0.0},
        {"acceptable": 1.0},
        {"odds_ratio": 1.0},
        {"odds_ratio": -2.0},
        {"limit": 0.0},
        {"window": 0},
        {"most_points": 1},
    ],
    ids=str,
)
def test_what_cannot_be_charted_is_refused(wrong: dict[str, Any]) -> None:
    log = caselog_frames.log({"complication_any": True}, {"complication_any": False})
    with pytest.raises(ValueError, match=r"\w"):
        learning_curve(log, Procedure.FUSION, Approach.OPEN, **wrong)


# ---- beside the published --------------------------------------------------------------------------------------------


def test_units_are_those_of_the_published_outcomes(data: Evidence) -> None:
    for measure in MEASURES:
        assert data.outcomes[measure.outcome].unit == measure.unit
        field = BY_NAME[measure.field]
        top = data.outcomes[measure.outcome].scale_max
        assert (field.low, field.high) == ((0, top) if top else (field.low, field.high))
        assert field.outcome == measure.outcome
    assert all(data.outcomes[Outcome(e)].kind == OutcomeKind.EVENT for e in EVENTS)


def test_own_results_stand_beside_the_published_ones(data: Evidence, summary: Summary) -> None:
    for procedure in Procedure:
        for outcome in Outcome:
            published = compare(data, ask(data, procedure, outcome))
            beside = beside_published(summary, published)
            assert (beside.outcome, beside.unit) == (outcome, data.outcomes[outcome].unit)
            assert (beside.open.published is None) == (beside.mis.published is None) == (published.absolute is None)
            if published.absolute:
                assert beside.open.published.value == published.absolute.baseline
                assert beside.mis.published.value == published.absolute.first
            in_log = any(f.outcome == outcome for f in FIELDS)
            assert beside.pairing is (Pairing.PAIRED if in_log else Pairing.NOT_IN_THE_LOG)
            for side in (beside.open, beside.mis):
                own = side.distribution or side.rate
                assert (own is not None) == in_log
                assert side.recorded == (own.n if own else 0)
                assert side.cases == summary.group(procedure, side.approach).cases


@pytest.mark.parametrize(
    ("outcome", "window", "field"),
    [
        (Outcome.ODI, TimeWindow.MONTHS_3, "odi_3_months"),
        (Outcome.ODI, TimeWindow.YEAR_1, "odi_12_months"),
        (Outcome.VAS_LEG, TimeWindow.YEARS_2, "vas_leg_24_months"),
        (Outcome.VAS_BACK, TimeWindow.MONTHS_6, None),
        (Outcome.BLOOD_LOSS, TimeWindow.PERIOPERATIVE, "blood_loss_ml"),
        (Outcome.REOPERATION, TimeWindow.YEAR_1, None),
        (Outcome.INFECTION, TimeWindow.YEAR_1, None),
    ],
)
def test_scores_are_paired_at_the_same_time(
    data: Evidence, summary: Summary, outcome: Outcome, window: TimeWindow, field: str | None
) -> None:
    published = compare(data, ask(data, Procedure.FUSION, outcome, window=window))
    beside = beside_published(summary, published)
    own = beside.open.distribution
    assert (own.measure.name if own else None) == field
    assert beside.pairing is (Pairing.PAIRED if field else Pairing.NO_SUCH_TIME)


def test_reoperation_is_paired_within_24_months(data: Evidence, summary: Summary) -> None:
    published = compare(data, ask(data, Procedure.DISCECTOMY, Outcome.REOPERATION))
    rate = beside_published(summary, published).mis.rate
    assert rate == summary.group(Procedure.DISCECTOMY, Approach.MIS).reoperation_24_months.within


def test_what_does_not_fit_is_not_paired(data: Evidence, summary: Summary) -> None:
    question = ask(data, Procedure.FUSION, Outcome.ODI, contrast=Contrast.SURGERY_VERSUS_NONOPERATIVE)
    beside = beside_published(summary, compare(data, question))
    assert beside.pairing is Pairing.OTHER_CONTRAST
    assert beside.open.distribution is beside.open.published is None
    blood = compare(data, ask(data, Procedure.FUSION, Outcome.BLOOD_LOSS))
    others = summarise(caselog_frames.log({"procedure": "discectomy"}))
    assert beside_published(others, blood).pairing is Pairing.NO_CASES
    only_open = beside_published(summarise(caselog_frames.log({"blood_loss_ml": 90.0})), blood)
    assert (only_open.pairing, only_open.open.recorded, only_open.mis.distribution) == (Pairing.PAIRED, 1, None)
    litres = replace(blood, outcome=blood.outcome.model_copy(update={"unit": Unit.CM}))
    with pytest.raises(ValueError, match="blood_loss: a case log holds ml"):
        beside_published(summary, litres)
