"""One consultation: what was chosen, answered, weighed and decided. Nothing in it names a patient.

Frozen and plain: a page makes a new one with `replace`, the store keeps `as_content`, the handout and the exports read
it. Free text is data and is never put into a template as source.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from decision_aid.consultation import earlier_content
from decision_aid.domain.vocabulary import Condition, Procedure

CONTENT_VERSION = 2
LONGEST_NOTE = 10_000  # characters; longer text is refused with a sentence, never cut
LEVELS = ("L1/2", "L2/3", "L3/4", "L4/5", "L5/S1")
SEVERAL = "several"  # all that the first content version could keep of two levels and more

Note = Annotated[str, Field(max_length=LONGEST_NOTE)]

LONGEST_CODE = 8  # characters
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_LIKE_A_DATE = re.compile(rf"(?:19|20)\d\d|\d(?:{_MONTHS})|(?:{_MONTHS})[a-z]*\d", re.IGNORECASE)


def is_code(text: str) -> bool:
    """Whether a text may tell two consultations apart: short, and neither a record number nor a date of birth.

    Up to eight letters and digits; not six digits in a row, not a year, not a day with the name of its month.
    """
    plain = text.isascii() and text.isalnum() and len(text) <= LONGEST_CODE
    return not text or (plain and not re.search(r"\d{6}", text) and not _LIKE_A_DATE.search(text))


def _checked_code(text: str) -> str:
    if not is_code(text):
        raise ValueError("not a short code")
    return text


Code = Annotated[str, AfterValidator(_checked_code)]


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


class Place(StrEnum):
    """Where a concern stands among those that matter to the patient: three in order, the others beside them."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    ALSO = "also"


IN_ORDER = (Place.FIRST, Place.SECOND, Place.THIRD)


class Leaning(StrEnum):
    WITHOUT_SURGERY = "without_surgery"
    OPEN = "open"
    MIS = "mis"
    NOT_SURE = "not_sure"
    SECOND_OPINION = "second_opinion"


@dataclass(frozen=True, slots=True)
class OwnConcern:
    text: Note
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    text: Note
    note: Note = ""


@dataclass(frozen=True, slots=True)
class NextStep:
    what: Note
    who: Note = ""
    by_when: date | None = None


@dataclass(frozen=True, slots=True)
class Consultation:
    """Everything a consultation holds. Empty fields have not been filled in."""

    condition: Condition | None = None
    procedure: Procedure | None = None
    levels: tuple[str, ...] = ()
    answers: Mapping[str, Answer] = field(default_factory=dict)
    matters: Mapping[str, Place] = field(default_factory=dict)
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
    code: Code = ""  # the clinic's own, to tell two consultations apart

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
    if content.get("version") not in (1, CONTENT_VERSION):
        raise ContentError(
            f"This was saved by another version of the program (content version {content.get('version')})."
        )
    kept = {k: v for k, v in content.items() if k != "version"}
    try:
        if content["version"] == 1:
            kept = earlier_content.from_version_1(kept, LONGEST_NOTE)
        return _ADAPTER.validate_python(kept)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ContentError(f"The saved consultation cannot be read: {place}: {first['msg']}.") from None


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


def mark(consultation: Consultation, concern_id: str) -> Consultation:
    """The consultation with a concern of the list in the next free place; one that is marked is taken out again."""
    left = {k: v for k, v in consultation.matters.items() if k != concern_id}
    if concern_id in consultation.matters:
        return _closed_up(replace(consultation, matters=left), consultation.matters[concern_id])
    return replace(consultation, matters={**left, concern_id: _next_place(consultation)})


def mark_own(consultation: Consultation, row: int) -> Consultation:
    """The same with a concern in the patient's own words; a blank one cannot be marked."""
    own = consultation.own_concerns[row] if row < len(consultation.own_concerns) else OwnConcern("")
    if own.place is None:
        return _with_own(consultation, row, own.text, _next_place(consultation) if own.text.strip() else None)
    return _closed_up(_with_own(consultation, row, own.text, None), own.place)


def _next_place(c: Consultation) -> Place:
    taken = {*c.matters.values(), *(own.place for own in c.own_concerns)}
    return next((place for place in IN_ORDER if place not in taken), Place.ALSO)


def _closed_up(c: Consultation, left: Place) -> Consultation:
    """Who stood behind a place that was left moves up by one; what also matters stays where it is."""
    behind = IN_ORDER[IN_ORDER.index(left) + 1 :] if left in IN_ORDER else ()
    up = {place: IN_ORDER[IN_ORDER.index(place) - 1] for place in behind}
    own = tuple(replace(o, place=up.get(o.place, o.place) if o.place else None) for o in c.own_concerns)
    return replace(c, matters={k: up.get(v, v) for k, v in c.matters.items()}, own_concerns=own)


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


def put_own_concern(consultation: Consultation, row: int, text: str) -> Consultation:
    """The consultation with a concern of the patient's own changed, or added when it is the next one.

    Written newly it takes the next free place: nobody writes down what does not matter. Blank again it leaves it.
    """
    before = consultation.own_concerns[row] if row < len(consultation.own_concerns) else OwnConcern("")
    if not text.strip():
        gone = _with_own(consultation, row, text, None)
        return gone if before.place is None else _closed_up(gone, before.place)
    new = not before.text.strip()
    return _with_own(consultation, row, text, _next_place(consultation) if new else before.place)


def _with_own(c: Consultation, row: int, text: str, place: Place | None) -> Consultation:
    return put_line(c, "own_concerns", row, text=text, place=place)


def put_own_question(consultation: Consultation, place: int, **parts: str) -> Consultation:
    """The consultation with a question of the patient's own changed, or added when it is the next one."""
    return put_line(consultation, "own_questions", place, **parts)


def put_next_step(consultation: Consultation, place: int, **parts: str | date | None) -> Consultation:
    """The consultation with a next step changed, or added when it is the next one."""
    return put_line(consultation, "next_steps", place, **parts)


BLANK_LINES = {"own_concerns": OwnConcern(""), "own_questions": OwnQuestion(""), "next_steps": NextStep("")}


def put_line(consultation: Consultation, part: str, row: int, **pieces: Any) -> Consultation:
    """The consultation with pieces of one line of a part of `BLANK_LINES` changed as they are, or a line added."""
    return change(consultation, **{part: _put(getattr(consultation, part), row, BLANK_LINES[part], pieces)})


def one_in_each_place(consultation: Consultation, arrived: Container[str] = ()) -> Consultation:
    """The consultation with the first three places taken once each and from the front, as when two windows marked at once.

    Of two in one place the one whose mark has just arrived goes to the end; own words before those of the list.
    """
    marked: list[tuple[int, bool, str | int]] = [
        (IN_ORDER.index(v), k in arrived, k) for k, v in consultation.matters.items() if v in IN_ORDER
    ]
    own = consultation.own_concerns
    marked += [(IN_ORDER.index(o.place), False, n) for n, o in enumerate(own) if o.place in IN_ORDER]
    ranked: dict[str | int, int] = {}
    for at, _, key in sorted(marked, key=lambda each: each[:2]):
        ranked[key] = at if at not in ranked.values() else len(IN_ORDER)
    in_order = sorted(ranked, key=ranked.__getitem__)
    place = {key: IN_ORDER[n] if n < len(IN_ORDER) else Place.ALSO for n, key in enumerate(in_order)}
    return replace(
        consultation,
        matters={k: place.get(k, v) for k, v in consultation.matters.items()},
        own_concerns=tuple(replace(o, place=place.get(n, o.place)) for n, o in enumerate(own)),
    )


def _put(rows: tuple[Any, ...], place: int, blank: Any, parts: Mapping[str, Any]) -> tuple[Any, ...]:
    """The rows with one changed or added. Rows left blank at the end go; one in the middle keeps the others in place."""
    changed = [*rows, blank]
    changed[place] = replace(changed[place], **parts)
    while changed and _is_blank(changed[-1]):
        changed.pop()
    return tuple(changed)


def _is_blank(row: Any) -> bool:
    return not any(v.strip() if isinstance(v, str) else v for v in (getattr(row, name) for name in row.__slots__))


_ADAPTER = TypeAdapter(Consultation)
