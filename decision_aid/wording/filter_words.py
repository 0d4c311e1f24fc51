"""What is said while a filter is on: each filter by name, for the surgeon and in plain words, on the screen and in print."""

from __future__ import annotations

from decision_aid.comparison.question import Contrast, DesignFilter, Question
from decision_aid.comparison.side_by_side import Filters
from decision_aid.domain.audience import Audience, Said
from decision_aid.domain.vocabulary import Condition
from decision_aid.evidence.loading import Evidence
from decision_aid.wording.labels import technique_label

CLEAR = "Clear filters"
_DESIGNS = {
    DesignFilter.RCT: Said("randomised trials only", "only studies that put people in groups by chance"),
    DesignFilter.ALL: Said("all studies, also beside five or more trials", "all kinds of studies put together"),
}
_CAUTIONS = Said("studies with a caution put back in", "also studies with known flaws")
HANDOUT_KEEPS_USUAL = "A filter is on in Compare. The handout and the note keep the usual numbers, without it."


def on_compare(evidence: Evidence, condition: Condition, filters: Filters, audience: Audience) -> tuple[str, ...]:
    """The filters that are on in Compare, each by name; empty while none is."""
    return _named(
        evidence, audience, filters.design, filters.technique, condition if filters.same_condition else None,
        None, filters.include_cautions,
    )  # fmt: skip


def on_evidence(evidence: Evidence, question: Question) -> tuple[str, ...]:
    """The filters of a question, each by name. The condition of people without surgery is the question, no filter."""
    condition = question.condition if question.contrast is Contrast.MIS_VERSUS_OPEN else None
    return _named(
        evidence, Audience.CLINICIAN, question.design, question.technique, condition, question.years,
        question.include_cautions,
    )  # fmt: skip


def short(names: tuple[str, ...], audience: Audience) -> str:
    """For the head of a table: “Filtered: randomised trials only”."""
    if not names:
        return ""
    return f"{'Not the usual numbers' if audience is Audience.PATIENT else 'Filtered'}: {'; '.join(names)}"


def banner(names: tuple[str, ...], audience: Audience) -> str:
    """The same as a sentence, with what keeps the usual numbers; empty while no filter is on."""
    if not names:
        return ""
    if audience is Audience.PATIENT:
        return f"{short(names, audience)}. Your handout and the page Risks keep the usual numbers."
    return f"{short(names, audience)}. Handout, note and Risks keep the unfiltered numbers."


def banner_on_evidence(names: tuple[str, ...]) -> str:
    return (
        f"{short(names, Audience.CLINICIAN)}. Only this page changes; every other keeps its numbers." if names else ""
    )


def _named(
    evidence: Evidence,
    audience: Audience,
    design: DesignFilter,
    technique: str | None,
    condition: Condition | None,
    years: tuple[int, int] | None,
    cautions: bool,
) -> tuple[str, ...]:
    plain = audience is Audience.PATIENT
    names = []
    if design in _DESIGNS:
        names.append(_DESIGNS[design].to(audience))
    if technique:
        kind = "only one kind of minimally invasive surgery" if plain else "technique"
        names.append(f"{kind}: {technique_label(technique)}")
    if condition:
        described = evidence.conditions.get(condition)
        label = (described.patient_label if plain else described.clinician_label) if described else str(condition)
        names.append(f"only studies of {label[:1].lower()}{label[1:]}")
    if years:
        names.append(f"published {years[0]} to {years[1]}")
    if cautions:
        names.append(_CAUTIONS.to(audience))
    return tuple(names)
