"""Saved consultations of the first content version, in the words of the second.

In version 1 there was one level or the word “several”, every concern had a weight from 0 (not much) to 3 (most of all),
and the day of a next step was free text.
What was weighed before a patient weighed anew is left behind: it only stood beside the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

_PLACES = ("first", "second", "third")
_SOMEWHAT, _A_LOT = 1, 2
_Weight = Annotated[int, Field(ge=0, le=3)]


@dataclass(frozen=True)
class _OwnConcern:
    text: str
    importance: _Weight


@dataclass(frozen=True)
class _NextStep:
    what: str
    who: str
    by_when: str


@dataclass(frozen=True)
class _Parts:
    level: str = ""
    importance: Mapping[str, _Weight] = field(default_factory=dict)
    earlier_importance: Mapping[str, _Weight] = field(default_factory=dict)
    own_concerns: tuple[_OwnConcern, ...] = ()
    next_steps: tuple[_NextStep, ...] = ()


_PARTS = TypeAdapter(_Parts)


def from_version_1(content: Mapping[str, Any], longest: int) -> dict[str, Any]:
    """The same content in version 2. Raises pydantic's `ValidationError` for what version 1 never wrote.

    What mattered most comes first and then what mattered a lot, three in all; the rest of it and what mattered somewhat
    also matters. Concerns of equal weight keep their order, those of the list before the patient's own. `longest`: the
    characters that a text may have.
    """
    changed = set(_Parts.__dataclass_fields__)
    was = _PARTS.validate_python({k: v for k, v in content.items() if k in changed})
    own = {n: o.importance for n, o in enumerate(was.own_concerns) if o.text.strip()}
    places: dict[str | int, str] = {}
    weights: list[tuple[str | int, int]] = [*was.importance.items(), *own.items()]
    for key, weight in sorted(weights, key=lambda each: -each[1]):
        if weight >= _SOMEWHAT:
            in_order = weight >= _A_LOT and len(places) < len(_PLACES)
            places[key] = _PLACES[len(places)] if in_order else "also"
    return {
        **{k: v for k, v in content.items() if k not in changed},
        "levels": [was.level] if was.level else [],
        "matters": {k: places[k] for k in was.importance if k in places},
        "own_concerns": [{"text": o.text, "place": places.get(n)} for n, o in enumerate(was.own_concerns)],
        "next_steps": [step for s in was.next_steps for step in _steps(s, longest)],
    }


def _steps(was: _NextStep, longest: int) -> list[dict[str, str | None]]:
    """A day that was typed as one stays a day; other words (“in six weeks”) stand behind what is to be done."""
    when = was.by_when.strip()
    try:
        day = date.fromisoformat(when).isoformat() if when else None
        return [{"what": was.what, "who": was.who, "by_when": day}]
    except ValueError:
        joined = ", ".join(part for part in (was.what.strip(), when) if part)
    if len(joined) <= longest:
        return [{"what": joined, "who": was.who}]
    return [{"what": was.what, "who": was.who}, {"what": was.by_when}]
