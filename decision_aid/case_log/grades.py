"""ASA classes and numbers of levels as they are written in words; what can be read in two ways is not read.

“ASA 3 - Severe Disturb” is class 3; “III-IV” is not one class. “L4-5; L5-S1” are two levels; “L3-L5” can be two motion
segments or three laminae, so it is a proposal only.
"""

from __future__ import annotations

import re
from itertools import pairwise

from decision_aid.case_log.cells import folded
from decision_aid.case_log.terms import terms

_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6}
_ASA = re.compile(
    r"(?:(?:asa|ps|class|klasse|grade|grad|risk|clase|classe|p)[\s.:_-]*)*(?P<grade>[1-6]|iv|vi|v|i{1,3})\s*e?"
    r"(?:\s*[-–:,=(]\s*(?P<rest>.*))?"
)
_SECOND_GRADE = re.compile(r"[0-9]|\b(?:iv|vi|v|i{1,3})\b")
# The vertebrae from the fifth of the chest down, numbered one after the other.
_FIRST = {"t": 0, "th": 0, "l": 12, "lw": 12, "lwk": 12, "lv": 12, "s": 17, "sw": 17, "swk": 17}
_LAST = {"t": 12, "th": 12, "l": 5, "lw": 5, "lwk": 5, "lv": 5, "s": 5, "sw": 5, "swk": 5}
_VERTEBRA = r"(?:(?:lwk|lw|lv|l|th|t|swk|sw|s)\s*)?(?:1[0-2]|[1-9])"
_CHAIN = re.compile(rf"(?:lwk|lw|lv|l|th|t|swk|sw|s)\s*(?:1[0-2]|[1-9])(?:\s*[-/–]?\s*{_VERTEBRA})+")
_ONE = re.compile(r"(lwk|lw|lv|l|th|t|swk|sw|s)?\s*(1[0-2]|[1-9])")
_BETWEEN = re.compile(r"[;,+&\n|]+|\s+(?:and|und|et|y|u\.?)\s+")
_SIDES = re.compile(r"\b(?:left|right|both|links|rechts|beidseits|bds|bilateral|li|re|lt|rt)\b\.?")
_COUNTS = {word: n for n in range(1, 5) for word in terms("cells")[f"count {n}"]}
_COUNT = re.compile(
    rf"(?P<count>[1-9]|{'|'.join(_COUNTS)})[\s-]*"
    r"(?:levels?|lvl|segments?|segmente?|segmental|segmentär|segmentar|niveaux?|niveles?|etagen?|etages?)"
)


def asa_class(text: str) -> int | None:
    """The one ASA class a text names, an E for emergency left out; None where it names none or two."""
    found = _ASA.fullmatch(folded(text))
    if found is None or _SECOND_GRADE.search(found["rest"] or ""):
        return None
    grade = found["grade"]
    return _ROMAN.get(grade) or int(grade)


def level_count(text: str) -> int | None:
    """How many levels a text names beyond doubt; None where it names none, or a span that is counted in two ways."""
    if counted := _COUNT.fullmatch(folded(text)):
        return _COUNTS.get(counted["count"]) or int(counted["count"])
    found = _segments(text)
    return None if found is None or found[1] else len(found[0])


def likely_levels(text: str) -> int | None:
    """How many motion segments a span such as “L3-L5” holds, as a proposal to be confirmed."""
    found = _segments(text)
    return None if found is None else len(found[0])


def _segments(text: str) -> tuple[set[int], bool] | None:
    """The motion segments that are named, and whether one of them is only within a span; None for another text."""
    words = _SIDES.sub(" ", folded(text))
    found: set[int] = set()
    is_span = False
    parts = [part.strip(" .()") for part in _BETWEEN.split(words)]
    for part in filter(None, parts):
        if not _CHAIN.fullmatch(part):
            return None
        place, region = [], ""
        for letters, digits in _ONE.findall(part):
            region = letters or region
            if int(digits) > _LAST[region]:
                return None
            place.append(_FIRST[region] + int(digits))
        steps = list(pairwise(place))
        if all(after - before in (0, 1) for before, after in steps):
            found |= {before for before, after in steps if after > before}
        elif len(place) == 2 and place[1] > place[0]:
            found |= set(range(place[0], place[1]))
            is_span = True
        elif len(place) % 2 == 0 and all(b - a == 1 for a, b in zip(place[::2], place[1::2], strict=True)):
            found |= set(place[::2])  # pairs one behind the other
        else:
            return None
    return (found, is_span) if found else None
