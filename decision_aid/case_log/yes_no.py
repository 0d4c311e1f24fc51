"""Yes/no columns as a whole, once their words have a meaning: what is still asked, what cannot be, what is to be known.

A column in which everybody has the same is never taken for granted: nothing turns into all or none in silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from decision_aid.case_log.cells import folded
from decision_aid.case_log.fields import BY_NAME, Field, Kind
from decision_aid.case_log.plan import NO_WORDS, NOT_RECORDED, OTHER_WORDS, YES_WORDS, Plan
from decision_aid.case_log.questions import Ask, ColumnLook, LogQuestion
from decision_aid.case_log.values import code_of, word_key
from decision_aid.case_log.words import AS_NOT_RECORDED, words_of

AS_IT_IS = "yes, so it is"


def later_questions(
    columns: Sequence[ColumnLook], mapping: Mapping[str, str], values: Mapping[str, Mapping[str, str]]
) -> tuple[LogQuestion, ...]:
    """What must be asked of yes/no columns once their words have a meaning. `values`: as in a plan."""
    found = []
    for f, header, meant in meanings_of(columns, mapping, values):
        yes, no, silent = meant.words("yes"), meant.words("no"), meant.words(NOT_RECORDED)
        if yes and not no and meant.has_empty:
            dash = " (and a “-”)" if any(w and not w.strip("-–—") for w in silent) else ""
            text = (
                f"The column “{header}” holds only yes and empty cells. What does an empty cell{dash} mean? Where it is not recorded, "
                "nothing tells how many had none, and the column is not counted."
            )
            found.append(LogQuestion(Ask.EMPTY_CELLS, text, ("no", AS_NOT_RECORDED), f.name, header))
        elif not meant.open and not (yes and no) and (len(no) > 1 or (yes and silent)):
            said = "yes" if yes else "no"
            text = f"The column “{header}” says {said} in all {meant.rows(said):,} rows in which it says anything. Is that so?"
            found.append(LogQuestion(Ask.ONE_MEANING, text, (AS_IT_IS, AS_NOT_RECORDED), f.name, header))
    return tuple(found)


def objections(
    columns: Sequence[ColumnLook], mapping: Mapping[str, str], values: Mapping[str, Mapping[str, str]]
) -> tuple[str, ...]:
    """Why answers cannot be: several words or codes of a yes/no column that all mean the same."""
    found = []
    for f, header, meant in meanings_of(columns, mapping, values):
        yes, no = meant.words("yes"), meant.words("no")
        codes = any(code_of(w) is not None for w in (*yes, *no))
        if not (yes and no) and ((len(yes) > 1 and (codes or not meant.has_empty)) or (len(no) > 1 and codes)):
            words = ", ".join(f"“{w}”" for w in (*yes, *no))
            found.append(
                f"In the column “{header}” {words} would all mean {'yes' if yes else 'no'}: then nobody differs. Say which of them means "
                f"{'no' if yes else 'yes'} or is not recorded, or choose “– not in this file –” for “{f.label}”."
            )
    return tuple(found)


def statements(columns: Sequence[ColumnLook], plan: Plan, of: str = "") -> tuple[str, ...]:
    """What is to be known of yes/no columns before they are read: those in which everybody has the same.

    `of`: of which rows the counts are, where the whole file is longer than what was looked at.
    """
    mapping = {n: h for n, h in plan.mapping.items() if n not in plan.blank_is_no | plan.not_counted}
    found = []
    for f, _, meant in meanings_of(columns, mapping, plan.values):
        said = [m for m in ("yes", "no") if meant.words(m)]
        if len(said) != 1 or meant.open:
            continue
        words = " or ".join(f"“{w}”" for w in meant.words(said[0])[:3])
        count, rest = meant.rows(said[0]), meant.rows(NOT_RECORDED)
        hold = f"{count:,} {'cell holds' if count == 1 else 'cells hold'} {words}"
        beside = f", {rest:,} {'is' if rest == 1 else 'are'} not recorded" if rest else ""
        found.append(f"{f.label}: {'' if rest or count == 1 else 'all '}{hold}{beside}{of} ({said[0]}).")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Meant:
    """What the words of a yes/no column stand for: word -> meaning; None while there is no answer."""

    meaning: Mapping[str, str | None]
    count: Mapping[str, int]

    @property
    def open(self) -> bool:
        return None in self.meaning.values()

    @property
    def has_empty(self) -> bool:
        """Whether there are cells that hold nothing, or only a dash, and were not asked about."""
        return any(m == NOT_RECORDED and not w.strip("-–—.") for w, m in self.meaning.items())

    def words(self, meaning: str) -> tuple[str, ...]:
        return tuple(w for w, m in self.meaning.items() if m == meaning)

    def rows(self, meaning: str) -> int:
        return sum(self.count[w] for w in self.words(meaning))


def meanings_of(
    columns: Sequence[ColumnLook], mapping: Mapping[str, str], values: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[Field, str, Meant]]:
    """For each yes/no column of a mapping its field, its header and what its words stand for."""
    looks = {c.header: c for c in columns}
    for name, header in mapping.items():
        f = BY_NAME.get(name)
        if f is None or f.kind is not Kind.YES_NO or header not in looks:
            continue
        texts = looks[header].texts
        found = words_of(f, texts)
        asked = {word_key(w) for w in (*found.words, *found.more)}
        given = values.get(name, {})
        answers = {word_key(w): m for w, m in given.items()}
        meaning: dict[str, str | None] = {}
        count: Counter[str] = Counter()
        spelled: dict[str, str] = {}
        for text, rows in texts.items():
            at = word_key(text)
            word = spelled.setdefault(at, text.strip())
            count[word] += rows
            code = code_of(text)
            if at in answers:
                meaning[word] = answers[at]
            elif at in asked:
                meaning[word] = given.get(OTHER_WORDS)
            elif folded(text) in YES_WORDS or code == 1:
                meaning[word] = "yes"
            elif folded(text) in NO_WORDS or code == 0:
                meaning[word] = "no"
            else:
                meaning[word] = NOT_RECORDED
        yield f, header, Meant(meaning, count)
