"""The names over the columns of a case log: which field a name stands for, and names that stand more than once.

A guess is a proposal on the screen. A checkbox of an export is one of several answers to a question, so it is never
guessed by the question alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from decision_aid.case_log.cells import folded, key
from decision_aid.case_log.fields import FIELDS, FOLLOW_UPS_MONTHS, Field, Kind
from decision_aid.case_log.terms import terms
from decision_aid.case_log.values import unit_in
from decision_aid.domain.vocabulary import Outcome

_SCORES = (Outcome.ODI, Outcome.VAS_LEG, Outcome.VAS_BACK)
_MONTHS_A_YEAR = 12
_LONGEST_NAME = 80


# REDCap: “Complications (choice=Dural tear)”, and “complications___2” where codes are exported.
_CHOICE_OF = re.compile(r"(?P<question>.*)\(\s*choice\s*=\s*(?P<option>.*?)\s*\)\s*", re.IGNORECASE | re.DOTALL)
_CODE_OF = re.compile(r".*___.+")
REPEATED_NAME = re.compile(r".* \([0-9]+(?:st|nd|rd|th) column of this name\)(?: \*)*", re.DOTALL)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
# What may stand in brackets behind a question without making it another one.
_HOW_TO_ANSWER = frozenset(map(key, terms("headers")["how to answer"]))
# A question with one of these words asks about something else than whether it happened.
_ASKS_ELSE = frozenset(terms("headers")["asks something else"])


def guessed_mapping(headers: Sequence[str], identifying: Iterable[str]) -> dict[str, str]:
    """Field -> header, for each field that one header seems to name; each header at most once, identifying ones never."""
    return _guessed(headers, identifying)[0]


def could_be_several(headers: Sequence[str], identifying: Iterable[str]) -> Iterator[str]:
    """For each field that more than one header seems to name a sentence; none of them is guessed."""
    for name, found in _guessed(headers, identifying)[1].items():
        label = next(f.label for f in FIELDS if f.name == name)
        named = ", ".join(f"“{header}”" for header in found)
        yield f"More than one column could be “{label}”: {named}. None of them is chosen for you; each can be chosen."


def _guessed(headers: Sequence[str], identifying: Iterable[str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """What is guessed, and the fields for which several headers are equally near."""
    barred = set(identifying)
    free = [h for h in headers if h not in barred]
    whole = {h: key(h) for h in free}
    kept: dict[tuple[str, object, bool], set[str]] = {}

    def keys(header: str, f: Field, as_it_is: bool) -> set[str]:
        """What a header may be known by; without brackets the fields of one unit see the same in it."""
        if "(" in header or "[" in header:
            return _keys_of_header(header, whole[header], f, as_it_is)
        seen = (header, f.units, as_it_is)
        if seen not in kept:
            kept[seen] = _keys_of_header(header, whole[header], f, as_it_is)
        return kept[seen]

    mapping: dict[str, str] = {}
    several: dict[str, list[str]] = {}
    for names in (_own_names, _other_names):
        for as_it_is in (True, False):
            for f in FIELDS:
                if f.name in mapping or f.name in several:
                    continue
                wanted = names(f)
                found = [h for h in free if wanted & keys(h, f, as_it_is)]
                if len(found) == 1:
                    mapping[f.name] = found[0]
                    free.remove(found[0])
                elif found:
                    several[f.name] = found
    return {f.name: mapping[f.name] for f in FIELDS if f.name in mapping}, several


def remembered_mapping(
    guessed: Mapping[str, str], remembered: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The columns as they were chosen for an earlier file with the same names, and sentences on what differs from their names.

    A column whose name is that of a field is never switched off by what is remembered: it is proposed again.
    """
    mapping = dict(remembered)
    fields = {header: name for name, header in remembered.items()}
    label = {f.name: f.label for f in FIELDS}
    told = ["The columns are chosen as they were for an earlier file with these columns."]
    for name, header in guessed.items():
        if header in fields and fields[header] != name:
            told.append(
                f"“{header}” is read as “{label[fields[header]]}” as before, although its name says “{label[name]}”."
            )
        elif header not in fields and name not in mapping:
            mapping[name] = header
            told.append(f"“{header}” was left out before. It is proposed again, because its name says “{label[name]}”.")
        elif header not in fields:
            told.append(f"“{header}” is left out as before: “{label[name]}” is read from “{mapping[name]}”.")
    return mapping, tuple(told)


def known_names(cells: Iterable[str]) -> int:
    """How many of the cells are the name of a field, each field counted once."""
    found = set()
    for cell in cells:
        if cell and len(cell) <= _LONGEST_NAME:
            found.add(_field_of().get(key(cell)) or _field_of().get(key(_BRACKETS.sub("", cell))))
    return len(found - {None})


@cache
def _field_of() -> dict[str, str]:
    return {name: f.name for f in reversed(FIELDS) for name in _own_names(f) | _other_names(f)}


def named_apart(names: Sequence[str], nameless: Sequence[str]) -> tuple[str, ...]:
    """The names with each one only once: a name that stands over several columns tells which of them it is.

    `nameless`: what a column without a name is called, one for each.
    """
    often = Counter(n for n in names if n)
    met: Counter[str] = Counter()
    given = {n for n, count in often.items() if count == 1}
    found = []
    for name, otherwise in zip(names, nameless, strict=True):
        called = name or otherwise
        if not name or often[name] > 1:
            met[called] += 1
            if often[name] > 1 and name:
                called = f"{name} ({_ordinal(met[name])} column of this name)"
            while called in given:
                called += " *"
            given.add(called)
        found.append(called)
    return tuple(found)


def _ordinal(n: int) -> str:
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


@cache
def _own_names(f: Field) -> frozenset[str]:
    return frozenset({key(f.name), key(f.label)})


@cache
def _other_names(f: Field) -> frozenset[str]:
    names = {key(guess) for guess in f.guesses}
    for outcome in _SCORES:
        if f.outcome is outcome:
            scores = terms("headers")[outcome]
            when = f.name.removeprefix(f"{outcome}_")
            times = terms("headers")["before"] if when == "before" else _follow_up_words(int(when.split("_")[0]))
            names |= {key(score + time) for score in scores for time in times} | {
                key(time + score) for score in scores for time in times
            }
    return frozenset(names)


def _follow_up_words(months: int) -> list[str]:
    assert months in FOLLOW_UPS_MONTHS
    words = [word.format(months) for word in terms("headers")["months after"]]
    if months % _MONTHS_A_YEAR == 0:
        words += [word.format(months // _MONTHS_A_YEAR) for word in terms("headers")["years after"]]
    return words


def _keys_of_header(header: str, whole: str, f: Field, as_it_is: bool) -> set[str]:
    """What a header may be known by as this field: as it is, else without what stands in brackets, and without its unit. `whole`: its `key`."""
    if _CODE_OF.fullmatch(header) or REPEATED_NAME.fullmatch(header):
        return set()
    if found := _CHOICE_OF.fullmatch(header):
        asks_else = _ASKS_ELSE & set(re.findall(r"[a-z]+", folded(found["question"])))
        return (
            set()
            if f.kind is not Kind.YES_NO or asks_else
            else _keys_of_header(found["option"], key(found["option"]), f, as_it_is)
        )
    keys = {whole}
    if as_it_is:
        return keys - {""}
    bare = header
    if f.kind is not Kind.YES_NO or all(_says_how(part[1:-1], f) for part in _BRACKETS.findall(header)):
        while _BRACKETS.search(bare):
            bare = _BRACKETS.sub("", bare)
    keys.add(whole if bare is header else key(bare))
    words = [w for w in folded(bare).replace("_", " ").split() if not (f.units and unit_in(w) in f.units)]
    keys.add(key("".join(words)))
    return keys - {""}


def _says_how(text: str, f: Field) -> bool:
    """Whether a part in brackets leaves the question what it is: “(yes/no)”, or another name of the field."""
    return key(text) in _HOW_TO_ANSWER or key(text) in _own_names(f) | _other_names(f)
