"""What one answer changes in a consultation, so that answers given in two windows at once can both be kept.

A change names one part: an answer by its item, a weight by its concern, a line of the patient's own by its place. It is
carried over to a consultation that may have changed meanwhile; whatever it does not name stays as it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from decision_aid.consultation.model import (
    Consultation,
    put_next_step,
    put_own_concern,
    put_own_question,
)
from decision_aid.consultation.model import change as with_parts

_PUT: dict[str, Callable[..., Consultation]] = {
    "own_concerns": put_own_concern,
    "own_questions": put_own_question,
    "next_steps": put_next_step,
}


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
        elif part in _PUT:
            found += _between_lines(part, old, new)
        else:
            found.append(Change(part, None, "", old, new))
    return tuple(found)


def apply(consultation: Consultation, changes: Iterable[Change]) -> Consultation:
    """The consultation with the changes made in it, in their order.

    Of two answers to one question the later one counts. A line that was added where another window added one meanwhile
    is put behind it.
    """
    for change in changes:
        if change.part in _PUT:
            consultation = _put_line(consultation, change)
        elif change.at is None:
            consultation = with_parts(consultation, **{change.part: change.after})
        else:
            kept = {k: v for k, v in getattr(consultation, change.part).items() if k != change.at}
            answers = kept if change.after is None else {**kept, change.at: change.after}
            consultation = with_parts(consultation, **{change.part: answers})
    return consultation


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
    rows, put = getattr(consultation, change.part), _PUT[change.part]
    place = change.at if isinstance(change.at, int) else len(rows)
    if change.piece:
        return put(consultation, _meant(rows, place, change), **{change.piece: change.after})
    if change.after is None:
        if change.before not in rows:
            return consultation
        texts = {n: "" for n, v in _pieces(change.before).items() if isinstance(v, str)}
        return put(consultation, rows.index(change.before), **texts)
    if rows[place : place + 1] == (change.after,):
        return consultation
    return put(consultation, len(rows), **_pieces(change.after))


def _meant(rows: tuple[Any, ...], place: int, change: Change) -> int:
    """The place of the line that was changed: it may stand elsewhere now."""
    if place < len(rows) and getattr(rows[place], change.piece) == change.before:
        return place
    elsewhere = (i for i, row in enumerate(rows) if change.before and getattr(row, change.piece) == change.before)
    return next(elsewhere, min(place, len(rows)))


def _pieces(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}
