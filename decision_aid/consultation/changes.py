"""What one answer changes in a consultation, so that answers given in two windows at once can both be kept.

A change names one part: an answer by its item, a place by its concern, a line of the patient's own by its place. It is
carried over to a consultation that may have changed meanwhile; whatever it does not name stays as it is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from decision_aid.consultation.model import BLANK_LINES, Consultation, OwnConcern, one_in_each_place, put_line
from decision_aid.consultation.model import change as with_parts


@dataclass(frozen=True, slots=True)
class Change:
    """One part made another. `at`: the item of a part with several, or the place of a line; `piece`: what of the line."""

    part: str
    at: str | int | None
    piece: str
    before: object  # None: there was no such answer or line
    after: object  # None: it was taken away


def between(before: Consultation, after: Consultation) -> tuple[Change, ...]:
    """The changes that make one consultation the other, part by part."""
    found: list[Change] = []
    for part in (f.name for f in fields(Consultation)):
        old, new = getattr(before, part), getattr(after, part)
        if old == new:
            continue
        if isinstance(old, Mapping):
            keys = dict.fromkeys((*old, *new))
            found += [Change(part, k, "", old.get(k), new.get(k)) for k in keys if old.get(k) != new.get(k)]
        elif part in BLANK_LINES:
            found += _between_lines(part, old, new)
        else:
            found.append(Change(part, None, "", old, new))
    return tuple(found)


def apply(consultation: Consultation, changes: Iterable[Change]) -> Consultation:
    """The consultation with the changes made in it, in their order.

    Of two answers to one question the later one counts. A line that was added where another window added one meanwhile
    is put behind it, and of two concerns that were given one place at once the one that arrives moves back.
    """
    changes = tuple(changes)
    for change in changes:
        if change.part in BLANK_LINES:
            consultation = _put_line(consultation, change)
        elif change.at is None:
            consultation = with_parts(consultation, **{change.part: change.after})
        else:
            kept = {k: v for k, v in getattr(consultation, change.part).items() if k != change.at}
            answers = kept if change.after is None else {**kept, change.at: change.after}
            consultation = with_parts(consultation, **{change.part: answers})
    parts = {change.part for change in changes}
    if not parts & {"matters", "own_concerns"}:
        return consultation
    return one_in_each_place(consultation, {str(change.at) for change in changes if change.part == "matters"})


def _between_lines(part: str, old: tuple[Any, ...], new: tuple[Any, ...]) -> list[Change]:
    found: list[Change] = []
    for place in range(max(len(old), len(new))):
        was, now = (rows[place] if place < len(rows) else None for rows in (old, new))
        if was is None or now is None:
            found.append(Change(part, place, "", was, now))
        else:
            pairs = ((name, getattr(was, name), getattr(now, name)) for name in was.__slots__)
            found += [Change(part, place, name, a, b) for name, a, b in pairs if a != b]
    return found


def _put_line(consultation: Consultation, change: Change) -> Consultation:
    rows: tuple[Any, ...] = getattr(consultation, change.part)
    place = change.at if isinstance(change.at, int) else len(rows)
    if change.piece:
        return put_line(consultation, change.part, _meant(rows, place, change), **{change.piece: change.after})
    if change.after is None:
        said = [_said(row) for row in rows]
        if _said(change.before) not in said:
            return consultation
        blank = _pieces(BLANK_LINES[change.part])
        return put_line(consultation, change.part, said.index(_said(change.before)), **blank)
    if [_said(row) for row in rows[place : place + 1]] == [_said(change.after)]:
        return consultation
    return put_line(consultation, change.part, len(rows), **_pieces(change.after))


def _said(row: object) -> object:
    """A line without the place of a concern, which moves when another concern is marked."""
    return replace(row, place=None) if isinstance(row, OwnConcern) else row


def _meant(rows: tuple[Any, ...], place: int, change: Change) -> int:
    """The place of the line that was changed: it may stand elsewhere now, where it is known by its words."""
    if place < len(rows) and (type(change.before) is not str or getattr(rows[place], change.piece) == change.before):
        return place
    if type(change.before) is not str:
        return len(rows)
    elsewhere = (i for i, row in enumerate(rows) if change.before and getattr(row, change.piece) == change.before)
    return next(elsewhere, min(place, len(rows)))


def _pieces(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}
