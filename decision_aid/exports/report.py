"""A comparison as data and as plain text, for the command line and downloads."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from typing import Any

from decision_aid import wording
from decision_aid.comparison.comparison import Comparison
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.pooled_results import method_of
from decision_aid.comparison.published_reviews import ReviewResult
from decision_aid.comparison.question import Contrast, DesignFilter, main_measure
from decision_aid.comparison.side_by_side import beside_none
from decision_aid.comparison.study_results import SourceRow, StudyResult
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_cell
from decision_aid.domain.time_windows import default_window
from decision_aid.domain.vocabulary import Option, OutcomeKind
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.rows import ArmRow, ContrastRow
from decision_aid.meta_analysis.effects import ArmSummary
from decision_aid.meta_analysis.few_studies import FewStudiesResult
from decision_aid.meta_analysis.random_effects import PooledResult, Tau2Method

FIELDS = (
    "k", "estimate", "standard_error", "ci_low", "ci_high", "tau2", "i2", "q", "q_df", "q_p", "prediction_low", "prediction_high",
)  # fmt: skip


def few_studies_as_dict(result: FewStudiesResult) -> dict[str, Any]:
    """The posterior of a few studies as plain values."""
    return {"method": "bayes", **asdict(result)}


def pool_of_a_file_as_dict(result: PooledResult) -> dict[str, Any]:
    """A pool by REML, or one study's own interval, under the names that a posterior has too."""
    method = "single" if result.method is Tau2Method.SINGLE else "reml"
    return {"method": method, **pooled_as_dict(result), "tau_median": None}


def pooled_as_dict(result: PooledResult | None) -> dict[str, Any]:
    """A pooled result by its field names, on the analysis scale; every value None where there is none."""
    values = {name: getattr(result, name) if result else None for name in FIELDS}
    values["k"] = result.k if result else 0
    values["tau2_method"] = str(result.method) if result else None
    return values


def comparison_as_dict(c: Comparison, evidence: Evidence) -> dict[str, Any]:
    """A comparison as JSON-ready data.

    `estimate` and its limits are the leading number as people read it, expressed by `measure`. `pooled` and every study's
    `effect` stand on the analysis scale named in `scale`: “log” for ratios, so that the studies can be pooled again as they
    are. `as_read` holds the pool out of the logarithm.
    """
    log = c.question.measure.on_log_scale
    ratio = log if c.lead.effect is None else c.measure is not None and c.measure.on_log_scale
    first, second = (str(a) for a in c.question.contrast.value)
    return {
        "procedure": str(c.question.procedure),
        "outcome": str(c.question.outcome),
        "comparison": f"{first}_{'over' if ratio else 'minus'}_{second}",
        "time": c.question.window.id,
        "measure": str(c.measure or c.question.measure) if c.lead.effect is None or c.measure else "risk_difference",
        "scale": "log" if log else "unit",
        "unit": str(c.outcome.unit),
        **_leading(c, evidence),
        "design": "rct" if c.randomised_only else "all",
        "cautions_included": c.question.include_cautions,
        "condition": c.question.condition,
        "technique": c.question.technique,
        "years": list(c.question.years) if c.question.years else None,
        "state": str(c.state),
        "pooled": pooled_as_dict(c.pooled) | {"measure": str(c.question.measure)},
        "as_read": None
        if c.pooled is None
        else {
            name: c.on_reading_scale(getattr(c.pooled, name))
            for name in ("estimate", "ci_low", "ci_high", "prediction_low", "prediction_high")
        },
        "printed_spreads_only": None if c.printed_only is None else pooled_as_dict(c.printed_only),
        "other_designs": None if c.other_designs is None else pooled_as_dict(c.other_designs),
        "direction": {"lower": c.direction.lower, "equal": c.direction.equal, "higher": c.direction.higher},
        "absolute_risk": None
        if c.absolute_risk is None
        else {
            f: getattr(c.absolute_risk, f)
            for f in ("baseline", "baseline_low", "baseline_high", "first", "first_low", "first_high")
        },
        "certainty": None
        if c.certainty is None
        else {"level": c.certainty.level.label, "reasons": wording.certainty_reasons(c.certainty)},
        "sentence": wording.headline(c, Audience.CLINICIAN),
        "studies": [_study(s, c) for s in c.studies],
        "reviews": [_review(r) for r in c.reviews],
        "data": evidence.content_hash,
        "search_date": evidence.search_date.isoformat(),
    }


def _leading(c: Comparison, evidence: Evidence) -> dict[str, Any]:
    """The leading number as people read it: who gives it, how it was made, and the values of the options."""
    low, high = c.interval or (None, None)
    unit = "risk" if c.outcome.kind == OutcomeKind.EVENT else str(c.outcome.unit)
    a = c.absolute
    sides = {
        "first": None if a is None else (a.first, a.first_low, a.first_high),
        "second": None if a is None else (a.baseline, a.baseline_low, a.baseline_high),
    }
    approaches = c.question.contrast is Contrast.MIS_VERSUS_OPEN
    names = {"open": "second", "mis": "first"} if approaches else {"surgery": "first", "without_surgery": "second"}

    def option(values: tuple[float, float, float] | None) -> dict[str, Any] | None:
        return None if values is None else {"value": values[0], "low": values[1], "high": values[2], "unit": unit}

    options = {name: option(sides[side]) for name, side in names.items()}
    if approaches:
        row = beside_none(evidence, c)
        value = row.value(Option.WITHOUT_SURGERY, patient=False)
        found = option((value.value, value.low, value.high) if value else None)
        options["without_surgery"] = found | {"time": row.without.question.window.id} if found and row.without else None
    return {
        "leads": str(c.lead.rung),
        "method": method_of(c) or None,
        "estimate": c.estimate,
        "ci_low": low,
        "ci_high": high,
        "k": c.lead.k,
        "k_borrowed": c.k_borrowed if c.lead.rung in (Rung.POOL, Rung.FEW_STUDIES) else 0,
        "people": c.lead.people,
        "options": options,
        "baseline_from": str(a.basis) if a else None,
    }


def comparison_as_text(c: Comparison, evidence: Evidence) -> str:
    """A comparison as lines to read: the sentence, what it rests on, then every study."""
    lines = [
        wording.headline(c, Audience.CLINICIAN),
        wording.direction_sentence(c),
        wording.basis(c, Audience.CLINICIAN) + ".",
        wording.certainty_line(c.certainty, Audience.CLINICIAN),
        wording.other_designs_sentence(c, Audience.CLINICIAN),
        wording.disagreement_sentence(c),
        "",
    ]
    for s in c.studies:
        names = (
            ("minimally invasive", "open")
            if c.question.contrast is Contrast.MIS_VERSUS_OPEN
            else ("surgery", "no surgery")
        )
        values = f"{names[0]} {wording.study_values(s, c.outcome, True)}, {names[1]} {wording.study_values(s, c.outcome, False)}"
        lines.append(
            f"{s.label} ({wording.design_label(s.study.design)}): {values}; {wording.study_effect(s, c)}; {wording.study_status(s)}"
        )
    if c.reviews:
        lines += ["", "Published reviews:"]
        for r in c.reviews:
            interval = "" if r.ci_low is None or r.ci_high is None else f" ({r.ci_low:g} to {r.ci_high:g})"
            estimate = "no estimate" if r.estimate is None else f"{r.estimate:g}"
            lines.append(f"{r.label}: {r.row.measure} {estimate}{interval} {r.row.unit}".rstrip())
    return "\n".join(line for i, line in enumerate(lines) if line or i >= 6)


def years(evidence: Evidence) -> tuple[int, int]:
    """First and last year of publication in a dataset."""
    known = [s.year for s in evidence.studies.values() if s.year]
    return min(known), max(known)


def command(c: Comparison) -> str:
    """The command line that prints this comparison again."""
    q = c.question
    words = ["python -m decision_aid compare", str(q.procedure), str(q.outcome)]
    if q.window.nominal_months is not None and q.window is not default_window(c.outcome):
        words.append(f"--time {q.window.nominal_months:g}")
    if q.measure is not main_measure(c.outcome):
        words.append(f"--measure {q.measure}")
    if q.design is not DesignFilter.AUTO:
        words.append(f"--design {q.design}")
    if q.technique:
        words.append(f"--technique {q.technique}")
    if q.condition:
        words.append(f"--condition {q.condition}")
    if q.years:
        words.append(f"--years {q.years[0]} {q.years[1]}")
    if q.include_cautions:
        words.append("--include-cautions")
    if q.contrast is Contrast.SURGERY_VERSUS_NONOPERATIVE:
        words.append("--against-nonoperative")
    return " ".join([*words, "--json"])


def source_rows(c: Comparison, evidence: Evidence) -> str:
    """Exactly the rows of arms.csv and contrasts.csv that a comparison read, as CSV with what was made of each study."""
    by_row: dict[SourceRow, ArmRow | ContrastRow] = {SourceRow("arms.csv", r.line): r for r in evidence.arms}
    by_row |= {SourceRow("contrasts.csv", r.line): r for r in evidence.contrasts}
    head = ["source_row", "study", "pooled", "reason", "weight_percent", "effect", "standard_error", "link"]
    rows = [(str(row), s, by_row[row].model_dump(mode="json")) for s in c.studies for row in s.source_rows]
    columns = list(dict.fromkeys(name for _, _, cells in rows for name in cells if name != "line"))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*head, *columns])
    for line, s, cells in rows:
        effect = s.effect
        made = [
            line,
            s.label,
            "yes" if s.pooled else "no",
            wording.why_so(s),
            s.weight,
            effect.estimate if effect else None,
            effect.standard_error if effect else None,
            s.study.link,
        ]
        writer.writerow([as_cell(v) for v in [*made, *(cells.get(name) for name in columns)]])
    return text.getvalue()


def _study(s: StudyResult, c: Comparison) -> dict[str, Any]:
    first, second = (str(a) for a in c.question.contrast.value)
    return {
        "study_id": s.study.study_id,
        "label": s.label,
        "year": s.study.year,
        "design": str(s.study.design),
        "condition": str(s.study.condition),
        "effect": s.effect.estimate if s.effect else None,
        "standard_error": s.effect.standard_error if s.effect else None,
        "spread_from": str(s.effect.source) if s.effect else None,
        "weight_percent": s.weight,
        "pooled": s.pooled,
        "why": wording.why_so(s),
        "borrowed_spread": s.borrowed,
        "analysis": str(s.analysis) or None,
        "parts": [{"name": p.name, "effect": p.effect.estimate} for p in s.parts],
        "months": s.months,
        first: _arm(s.first),
        second: _arm(s.second),
        "caution": s.caution or None,
        "link": s.study.link or None,
        "source_rows": [str(row) for row in s.source_rows],
    }


def _arm(arm: ArmSummary | None) -> dict[str, Any] | None:
    if arm is None:
        return None
    return {
        "n": arm.n,
        "statistic": arm.statistic,
        "value": arm.level,
        "mean": arm.mean,
        "sd": arm.sd,
        "events": arm.events,
    }


def _review(r: ReviewResult) -> dict[str, Any]:
    return {
        "study_id": r.study.study_id,
        "label": r.label,
        "measure": str(r.row.measure),
        "estimate": r.estimate,
        "ci_low": r.ci_low,
        "ci_high": r.ci_high,
        "k": r.row.k_studies,
        "n": r.row.n_total,
        "time": r.row.timepoint_months,
        "unit_printed": r.same_unit,
        "agrees": r.agrees,
        "caution": r.caution or None,
        "notes": r.row.notes,
    }
