"""The texts of a column that are no value of its field: which must be asked about, what is proposed, what is offered.

Nothing that can mean two things is decided here. A number in a yes/no column other than 0 and 1, a code for “missing”,
a range, a bound and an estimate are all asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from decision_aid.case_log.calendar import calendars_of, hours, is_placeholder
from decision_aid.case_log.cells import BLANKS, DecimalMark, days, folded, number
from decision_aid.case_log.fields import Approach, Field, Kind
from decision_aid.case_log.grades import likely_levels
from decision_aid.case_log.plan import LEFT_OUT, NO_WORDS, NOT_RECORDED, SET_ASIDE, YES_WORDS
from decision_aid.case_log.privacy import shown
from decision_aid.case_log.terms import terms
from decision_aid.case_log.values import (
    choice_key,
    code_of,
    graded,
    has_numbers,
    in_group,
    number_with_unit,
    said_duration,
    with_other_unit,
    word_key,
)
from decision_aid.domain.vocabulary import Procedure

MOST_WORDS_ASKED, MOST_NUMBER_WORDS_ASKED = 60, 12
AS_NOT_RECORDED = "not recorded"
AS_LEFT_OUT = "leave these rows out"
AS_SET_ASIDE = "set these rows aside"
READ_AS = "read as "
_MEANING_OF = {AS_NOT_RECORDED: NOT_RECORDED, AS_LEFT_OUT: LEFT_OUT, AS_SET_ASIDE: SET_ASIDE}

_MISSING, _YES, _NO = (frozenset(terms("cells")[f"likely {meaning}"]) for meaning in ("not recorded", "yes", "no"))
_FIRST_WORD = re.compile(r"([a-z]+)\s*[-–:,(]")  # of “Yes - current”
_DASHES = frozenset(("-", "--", "–", "—", "−"))
_NEGATIVE_CODE = re.compile(r"-(?:1|7+|8+|9+)(?:[.,]0+)?")
_SAME_DIGITS = re.compile(r"(?:7{2,}|8{2,}|9{2,})(?:[.,]0+)?")
_NINES = re.compile(r"9{3,}(?:[.,]0+)?")
_FAR_OUT = 1.5  # times the next largest number of the column
_ABOUT = r"(?:ca\.?|circa|cca\.?|approx\.?|approximately|about|around|etwa|ungefähr|ungefahr|rund|environ|env\.?|aprox\.?|aproximadamente|est\.?|estimated|geschätzt|geschatzt|~|≈|±|\+/-)"
_BEFORE = re.compile(rf"{_ABOUT}\s*(?P<rest>[0-9].*)", re.IGNORECASE)
_BEHIND = re.compile(rf"(?P<rest>[0-9].*?)\s*\(?{_ABOUT}\)?", re.IGNORECASE)
_NOT_LUMBAR = terms("cells")["not lumbar"]
_NECK = re.compile(r"\bc[1-7]\b")


@dataclass(frozen=True, slots=True)
class Words:
    """What of one column is asked word by word, the most frequent first, and how many more there are."""

    words: tuple[str, ...]
    rows: Mapping[str, int]  # word -> in how many of the rows that were looked at
    suggested: Mapping[str, str]  # word -> choice
    further: Mapping[str, tuple[str, ...]]  # word -> choices that only this one has
    more: tuple[str, ...] = ()  # those beyond the limit
    more_rows: int = 0


@dataclass(slots=True)
class _Gathered:
    """Texts that are one word in different spellings, under the first of them."""

    rows: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, text: str, rows: int) -> None:
        self.rows[self.first.setdefault(word_key(text), text.strip())] += rows


def words_of(f: Field, texts: Mapping[str, int], unit: str | None = None) -> Words:
    """The texts of a column that must be given a meaning.

    `texts`: what stands there -> in how many rows. `unit`: that of the column, where its header says it.
    """
    found = _Gathered()
    for text, rows in _unread(f, texts, unit):
        # A slip of a cell may hold a name, or a birth date; nobody was born on a day that stands for “missing”.
        if shown(text, f.kind, rows) == text.strip() or is_placeholder(text):
            found.add(text, rows)
    limit = MOST_NUMBER_WORDS_ASKED if f.kind in (Kind.NUMBER, Kind.WHOLE, Kind.DATE) else MOST_WORDS_ASKED
    ordered = [word for word, _ in found.rows.most_common()]
    asked, more = ordered[:limit], ordered[limit:]
    further = {w: own for w in asked if (own := _further(f, w, unit))}
    suggested = {w: s for w in asked if (s := _suggested(f, w, further.get(w, ()))) is not None}
    return Words(
        tuple(asked), {w: found.rows[w] for w in asked}, suggested, further, tuple(more), sum(found.rows[w] for w in more)
    )  # fmt: skip


def choices_of(f: Field) -> tuple[str, ...]:
    """What every word of a field can be said to stand for."""
    if f.kind is Kind.YES_NO:
        return ("yes", "no", AS_NOT_RECORDED)
    values = tuple(map(str, f.choices)) if f.kind is Kind.CHOICE else ()
    beside = (AS_NOT_RECORDED, AS_LEFT_OUT) if f.required else (AS_NOT_RECORDED,)
    return (*values, *beside, AS_SET_ASIDE) if f.kind is not Kind.CHOICE else (*values, *beside)


def meaning_of(choice: str) -> str:
    """What a choice puts into `Plan.values`."""
    return _MEANING_OF.get(choice, choice.removeprefix(READ_AS))


def choice_of(meaning: str, offered: Iterable[str]) -> str | None:
    """The choice among those offered that a remembered meaning came from; None where it is no longer there."""
    return next((choice for choice in offered if meaning_of(choice) == meaning), None)


def _unread(f: Field, texts: Mapping[str, int], unit: str | None) -> Iterable[tuple[str, int]]:
    today = date.today()
    filled = {t: n for t, n in texts.items() if folded(t) not in BLANKS}
    if f.kind is Kind.YES_NO:
        yield from _unread_yes_no(texts, filled)
    elif f.kind is Kind.DATE:
        for text, rows in filled.items():
            if is_placeholder(text) or (not days(text) and not calendars_of(text, today)):
                yield text, rows
    elif f.kind is Kind.CHOICE:
        known = {choice_key(c) for c in f.choices}
        codes = _missing_codes(filled, f) if has_numbers(f) else frozenset()
        for text, rows in filled.items():
            is_read = has_numbers(f) and (_is_number(text) or in_group(f, text, DecimalMark.POINT) is not None)
            if choice_key(text) not in known and (text in codes or not is_read):
                yield text, rows
    else:
        codes = _missing_codes(filled, f)
        for text, rows in filled.items():
            if text in codes or not (_is_number(text) or _is_read(f, text, unit)):
                yield text, rows


def _unread_yes_no(texts: Mapping[str, int], filled: Mapping[str, int]) -> Iterable[tuple[str, int]]:
    """Words that are neither a yes nor a no; all numbers where there are others than 0 and 1, or nothing but 1."""
    codes = {t: v for t in filled if (v := code_of(t)) is not None}
    known = {t for t in filled if t not in codes and folded(t) in (*YES_WORDS, *NO_WORDS)}
    values = set(codes.values())
    ask_codes = bool(values - {0.0, 1.0}) or (values == {1.0} and not known)
    signs = "+" in {folded(t) for t in filled}
    alone = len({folded(t) for t in filled}) == 1 and len(filled) == len(texts) and bool(known)
    for text, rows in texts.items():
        word = folded(text)
        if text in codes:
            if ask_codes:
                yield text, rows
        elif word in _DASHES:
            if signs:
                yield text, rows
        elif text in known:
            if alone and word in YES_WORDS:  # nobody without it: is it the answer, or what a form prints?
                yield text, rows
        elif text in filled:
            yield text, rows


def _is_number(text: str) -> bool:
    return any(number(text, mark) is not None for mark in DecimalMark)


def _is_read(f: Field, text: str, unit: str | None) -> bool:
    """Whether a text that is no bare number is read as one, or is asked about in another way."""
    if with_other_unit(f, text, unit) is not None:
        return False
    if graded(f, text) is not None or said_duration(f, text) is not None:
        return True
    return number_with_unit(f, text) or (bool(set(f.units) & {"hours", "days", "min"}) and hours(text) is not None)


def _missing_codes(filled: Mapping[str, int], f: Field) -> frozenset[str]:
    """Numbers that are most likely a code for “missing”: −99, 999 far above all others, 9999 again and again."""
    values = {t: v for t in filled if (v := next((n for m in DecimalMark if (n := number(t, m)) is not None), None)) is not None}  # fmt: skip
    found = set()
    for text, value in values.items():
        digits = text.strip().replace("\u2212", "-")
        if _NEGATIVE_CODE.fullmatch(digits):
            found.add(text)
        elif _SAME_DIGITS.fullmatch(digits):
            others = max((v for t, v in values.items() if not _SAME_DIGITS.fullmatch(t.strip())), default=0.0)
            often = filled[text] > 1 and _NINES.fullmatch(digits)
            if often or value >= _FAR_OUT * others:
                found.add(text)
        elif value == 9 and f.high is not None and f.high < 9:
            found.add(text)
    return frozenset(found)


def _further(f: Field, word: str, unit: str | None) -> tuple[str, ...]:
    if f.kind is Kind.WHOLE:
        return () if _is_number(word) else tuple(f"{READ_AS}{n}" for n in range(1, 6))
    if f.kind is not Kind.NUMBER:
        return ()
    if _is_number(word):
        inside = any(
            v is not None and (f.low or 0) <= v <= (f.high or 0) for v in (number(word, m) for m in DecimalMark)
        )
        return (f"{READ_AS}{word}",) if inside else ()
    if converted := with_other_unit(f, word, unit):
        return (f"{READ_AS}{converted}",)
    if (found := _BEFORE.fullmatch(word.strip()) or _BEHIND.fullmatch(word.strip())) is not None:
        rest = found["rest"].strip()
        if _is_number(rest) or number_with_unit(f, rest):
            return (f"{READ_AS}{rest}",)
    return ()


def _suggested(f: Field, word: str, further: tuple[str, ...]) -> str | None:
    plain = folded(word)
    if f.kind is Kind.YES_NO:
        if plain in _MISSING:
            return AS_NOT_RECORDED
        first = found[1] if (found := _FIRST_WORD.match(plain)) else ""
        if plain in _YES or first in YES_WORDS:
            return "yes"
        return "no" if first in NO_WORDS or plain in _NO or choice_key(word) in _NO else None
    if plain in _MISSING or (f.kind is not Kind.CHOICE and _NEGATIVE_CODE.fullmatch(plain.replace("\u2212", "-"))):
        return AS_LEFT_OUT if f.required else AS_NOT_RECORDED
    if f.name == "procedure" and (any(part in plain for part in _NOT_LUMBAR) or _NECK.search(plain)):
        return AS_LEFT_OUT
    if f.name == "levels" and (likely := likely_levels(word)) and f"{READ_AS}{likely}" in further:
        return f"{READ_AS}{likely}"
    return suggested_choice(f, word) if f.kind is Kind.CHOICE else None


def suggested_choice(f: Field, text: str) -> str | None:
    """What a word of the trade most likely stands for, as a proposal to be confirmed; None where nothing is near."""
    words = choice_key(text)

    def has(*parts: str) -> bool:
        return any(part in words for part in parts)

    mis = has(
        "minimal", "tubul", "endosk", "endosc", "percut", "perkut", "mini open", "biportal", "ube", "xlif", "keyhole"
    ) or ("mis" in words.split() or "mi" in words.split())
    open_ = has("open", "offen", "ouvert", "abiert", "convention", "konvention") and not has("mini open")
    if f.name == "approach":
        return None if mis == open_ else str(Approach.MIS if mis else Approach.OPEN)
    fusion = has("fusion", "lif", "spondylodes", "arthrodes", "artrodes")
    if f.name == "procedure":
        if fusion:
            return str(Procedure.FUSION)
        if has("disc", "disk", "nukleo", "nucleo", "sequest", "hernia"):
            return str(Procedure.DISCECTOMY)
        return str(Procedure.DECOMPRESSION) if has("decomp", "dekomp", "descomp", "lamin", "stenos") else None
    if f.name != "technique":
        return None
    side = "mis" if mis and not open_ else "open" if open_ and not mis else None
    rules = (
        (has("xlif", "llif"), "mis_xlif"),
        (has("tlif") and side is not None, f"{side}_tlif"),
        (has("plif") and side is not None, f"{side}_plif"),
        (has("biport", "ube"), "biportal_endoscopic"),
        (has("microendo", "mikroendo"), "microendoscopic"),
        (has("full endo", "vollendo", "uniport", "peld", "transforaminal endo"), "full_endoscopic"),
        (has("tubul"), "tubular"),
        (has("spinous"), "spinous_process_splitting"),
        (has("microdis", "mikrodis") and not mis, "open_microdiscectomy"),
        (has("laminect", "laminekt") and not mis, "open_laminectomy"),
    )
    return next((technique for fits, technique in rules if fits), None)
