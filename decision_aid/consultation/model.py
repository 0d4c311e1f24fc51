"""One consultation: what was chosen, answered, weighed and decided. Nothing in it names a patient.

Frozen and plain: a page makes a new one with `replace`, the store keeps `as_content`, the handout and the exports read
it. Free text is data and is never put into a template as source.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from decision_aid.domain.vocabulary import Condition, Procedure

CONTENT_VERSION = 2
LONGEST_NOTE = 10_000  # characters; longer text is refused with a sentence, never cut
LEVELS = ("L1/2", "L2/3", "L3/4", "L4/5", "L5/S1")
SEVERAL = "several"  # all that the first content version could keep of two levels and more

Note = Annotated[str, Field(max_length=LONGEST_NOTE)]


class Answer(StrEnum):
    """An answer on the checklist. Not answered is no answer at all, never one of these."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not_known"
    DOES_NOT_APPLY = "does_not_apply"


class Laterality(StrEnum):
    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


class Duration(StrEnum):
    """How long the trouble has lasted, cut where items of the checklist ask for it."""

    UNDER_6_WEEKS = "under_6_weeks"
    UNDER_3_MONTHS = "under_3_months"
    UNDER_6_MONTHS = "under_6_months"
    UNDER_1_YEAR = "under_1_year"
    LONGER = "longer"


class AgeGroup(StrEnum):
    """Cut where the checklist asks for age, as the guideline on bone health does."""

    UNDER_50 = "under_50"
    UP_TO_65 = "up_to_65"
    OVER_65 = "over_65"


class Importance(IntEnum):
    """How much a concern matters to the patient."""

    NOT = 0
    SOMEWHAT = 1
    A_LOT = 2
    MOST = 3


class Leaning(StrEnum):
    WITHOUT_SURGERY = "without_surgery"
    OPEN = "open"
    MIS = "mis"
    NOT_SURE = "not_sure"
    SECOND_OPINION = "second_opinion"


@dataclass(frozen=True, slots=True)
class OwnConcern:
    text: Note
    importance: Importance


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    text: Note
    note: Note = ""


@dataclass(frozen=True, slots=True)
class NextStep:
    what: Note
    who: Note
    by_when: Note


@dataclass(frozen=True, slots=True)
class Consultation:
    """Everything a consultation holds. Empty fields have not been filled in."""

    condition: Condition | None = None
    procedure: Procedure | None = None
    levels: tuple[str, ...] = ()
    answers: Mapping[str, Answer] = field(default_factory=dict)
    importance: Mapping[str, Importance] = field(default_factory=dict)
    earlier_importance: Mapping[str, Importance] = field(default_factory=dict)  # before the patient weighed anew
    own_concerns: tuple[OwnConcern, ...] = ()
    question_notes: Mapping[str, Note] = field(default_factory=dict)
    own_questions: tuple[OwnQuestion, ...] = ()
    leaning: Leaning | None = None
    leaning_reason: Note = ""
    sure: Mapping[str, bool] = field(default_factory=dict)
    teach_back: Note = ""
    explained_again: bool = False
    next_steps: tuple[NextStep, ...] = ()
    side: Laterality | None = None
    duration: Duration | None = None
    age_group: AgeGroup | None = None

    @property
    def level(self) -> str:
        """Levels and side as they stand in a line: “L3/4 and L4/5, left”."""
        *first, last = [f"{SEVERAL} levels" if level == SEVERAL else level for level in self.levels] or [""]
        written = f"{', '.join(first)} and {last}" if first else last
        return ", ".join(filter(None, (written, "both sides" if self.side is Laterality.BOTH else self.side)))


class ContentError(ValueError):
    """Stored or imported content that is not a consultation; the message says what is wrong with it."""


def as_content(consultation: Consultation) -> dict[str, Any]:
    """The consultation as JSON-ready data with its version."""
    return {"version": CONTENT_VERSION, **_ADAPTER.dump_python(consultation, mode="json")}


def from_content(content: object) -> Consultation:
    """The consultation that `as_content` wrote, now or as version 1. Raises `ContentError` for anything else."""
    if not isinstance(content, Mapping):
        raise ContentError("The saved consultation cannot be read: it is not a set of named answers.")
    if content.get("version") == 1:
        content = _from_version_1(content)
    if content.get("version") != CONTENT_VERSION:
        raise ContentError(
            f"This was saved by another version of the program (content version {content.get('version')})."
        )
    try:
        return _ADAPTER.validate_python({k: v for k, v in content.items() if k != "version"})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ContentError(f"The saved consultation cannot be read: {place}: {first['msg']}.") from None


def _from_version_1(content: Mapping[str, Any]) -> dict[str, Any]:
    """Version 1 had one level, or the word “several”."""
    kept = {k: v for k, v in content.items() if k != "level"}
    level = content.get("level", "")
    return kept | {"version": 2, "levels": [level] if level else []}


def answer(consultation: Consultation, item_id: str, given: Answer | None) -> Consultation:
    """The consultation with one checklist item answered, or cleared with None."""
    answers = {k: v for k, v in consultation.answers.items() if k != item_id}
    return replace(consultation, answers=answers if given is None else {**answers, item_id: given})


def none_of(consultation: Consultation, item_ids: Collection[str]) -> Consultation:
    """The consultation with no given to those of the items that are still open. Where none is open, the noes go again."""
    still_open = [i for i in item_ids if i not in consultation.answers]
    if still_open:
        return replace(consultation, answers={**consultation.answers, **dict.fromkeys(still_open, Answer.NO)})
    kept = {k: v for k, v in consultation.answers.items() if k not in item_ids or v is not Answer.NO}
    return replace(consultation, answers=kept)


def weigh(consultation: Consultation, concern_id: str, importance: Importance | None) -> Consultation:
    """The consultation with one concern weighed, or cleared with None."""
    weights = {k: v for k, v in consultation.importance.items() if k != concern_id}
    return replace(consultation, importance=weights if importance is None else {**weights, concern_id: importance})


def change(consultation: Consultation, **parts: Any) -> Consultation:
    """The consultation with these parts changed."""
    return replace(consultation, **parts)


def note_question(consultation: Consultation, question_id: str, text: str) -> Consultation:
    """The consultation with the answer to a question noted; without text there is no answer."""
    notes = {k: v for k, v in consultation.question_notes.items() if k != question_id}
    return replace(consultation, question_notes={**notes, question_id: text} if text else notes)


def answer_sure(consultation: Consultation, item_id: str, yes: bool | None) -> Consultation:
    """The consultation with one item of the SURE test answered, or cleared with None."""
    sure = {k: v for k, v in consultation.sure.items() if k != item_id}
    return replace(consultation, sure=sure if yes is None else {**sure, item_id: yes})


def put_own_concern(consultation: Consultation, place: int, **parts: Any) -> Consultation:
    """The consultation with a concern of the patient's own changed, or added when it is the next one."""
    rows = _put(consultation.own_concerns, place, OwnConcern("", Importance.A_LOT), parts)
    return replace(consultation, own_concerns=rows)


def put_own_question(consultation: Consultation, place: int, **parts: str) -> Consultation:
    """The consultation with a question of the patient's own changed, or added when it is the next one."""
    return replace(consultation, own_questions=_put(consultation.own_questions, place, OwnQuestion(""), parts))


def put_next_step(consultation: Consultation, place: int, **parts: str) -> Consultation:
    """The consultation with a next step changed, or added when it is the next one."""
    return replace(consultation, next_steps=_put(consultation.next_steps, place, NextStep("", "", ""), parts))


def _put(rows: tuple[Any, ...], place: int, blank: Any, parts: Mapping[str, Any]) -> tuple[Any, ...]:
    """The rows with one changed or added. Rows left blank at the end go; one in the middle keeps the others in place."""
    changed = [*rows, blank]
    changed[place] = replace(changed[place], **parts)
    while changed and _is_blank(changed[-1]):
        changed.pop()
    return tuple(changed)


def _is_blank(row: Any) -> bool:
    return not any(v.strip() for v in (getattr(row, name) for name in row.__slots__) if isinstance(v, str))


_ADAPTER = TypeAdapter(Consultation)
