"""What is said while a filter is on: each filter by name, for the surgeon and in plain words, on the screen and in print."""

from __future__ import annotations

from decision_aid.comparison.question import Contrast, DesignFilter, Question
from decision_aid.comparison.side_by_side import Filters
from decision_aid.domain.audience import Face
from decision_aid.domain.vocabulary import Condition
from decision_aid.evidence.loading import Evidence
from decision_aid.wording.sentences import technique_label

CLEAR = "Clear filters"
_DESIGNS = {
    DesignFilter.RCT: ("randomised trials only", "only studies that put people in groups by chance"),
    DesignFilter.ALL: ("all studies, also beside three or more trials", "all kinds of studies put together"),
}
_CAUTIONS = ("studies with a caution put back in", "also studies with known flaws")
HANDOUT_KEEPS_USUAL = "A filter is on in Compare. The handout and the note keep the usual numbers, without it."


def on_compare(evidence: Evidence, condition: Condition, filters: Filters, face: Face) -> tuple[str, ...]:
    """The filters that are on in Compare, each by name; empty while none is."""
    return _named(
        evidence, face, filters.design, filters.technique, condition if filters.same_condition else None,
        None, filters.include_cautions,
    )  # fmt: skip


def on_evidence(evidence: Evidence, question: Question) -> tuple[str, ...]:
    """The filters of a question, each by name. The condition of people without surgery is the question, no filter."""
    condition = question.condition if question.contrast is Contrast.MIS_VERSUS_OPEN else None
    return _named(
        evidence, Face.CLINICIAN, question.design, question.technique, condition, question.years,
        question.include_cautions,
    )  # fmt: skip


def short(names: tuple[str, ...], face: Face) -> str:
    """For the head of a table: “Filtered: randomised trials only”."""
    if not names:
        return ""
    return f"{'Not the usual numbers' if face is Face.PATIENT else 'Filtered'}: {'; '.join(names)}"


def banner(names: tuple[str, ...], face: Face) -> str:
    """The same as a sentence, with what keeps the usual numbers; empty while no filter is on."""
    if not names:
        return ""
    if face is Face.PATIENT:
        return f"{short(names, face)}. Your handout and the page Risks keep the usual numbers."
    return f"{short(names, face)}. Handout, note and Risks keep the unfiltered numbers."


def banner_on_evidence(names: tuple[str, ...]) -> str:
    return f"{short(names, Face.CLINICIAN)}. Only this page changes; every other keeps its numbers." if names else ""


def _named(
    evidence: Evidence,
    face: Face,
    design: DesignFilter,
    technique: str | None,
    condition: Condition | None,
    years: tuple[int, int] | None,
    cautions: bool,
) -> tuple[str, ...]:
    plain = face is Face.PATIENT
    names = []
    if design in _DESIGNS:
        names.append(_DESIGNS[design][plain])
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
        names.append(_CAUTIONS[plain])
    return tuple(names)
