"""Where in a sheet or text the table of cases is: its names on one line or two, and lines that are no cases.

Titles above the table, names that stand again after a page break, totals and footers are never read as cases. Every such
line is told: those above the table in a sentence, those below with line and reason.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from decision_aid.case_log.cells import BLANKS, DecimalMark, days, folded, number
from decision_aid.case_log.headers import known_names, named_apart
from decision_aid.case_log.plan import refusal
from decision_aid.case_log.sources.table import Table, checked_names, is_blank
from decision_aid.case_log.terms import terms
from decision_aid.case_log.values import unit_in

if TYPE_CHECKING:
    import numpy as np

LINES_LOOKED_AT = 200
_LINES_ABOVE = 40  # a title block is not longer
_LINES_JUDGED = 30  # below the names, to see which columns hold numbers and dates
_AS_WIDE = 0.6  # of the width of the table: what a line of names must have at least
_MOSTLY = 0.8
_FEWEST_KNOWN = 2  # names of fields that show a line of names below others
_MOST_LINES_OF_NAMES = 3
_FEWEST_COLUMNS = 3  # a log has at least a date, a procedure and an approach

AGAIN = "the column names stand here again (as at the top of a printed page)"
TOTALS = "a line of totals or averages, no case"
SINGLE_TEXT = "a single text, such as a heading or a footer, no case"
LABELS = "words that explain the column names, no case"

_COUNTED = r"(?:[\s:=.,–-]*\(?\s*(?:n\s*=?\s*)?[0-9][0-9.,\s]*\)?)?[\s:.=]*"
_WORDS_OF_TOTALS = terms("cells")["totals"]
_TOTALS = re.compile(
    rf"(?:{'|'.join(map(re.escape, _WORDS_OF_TOTALS))}){_COUNTED}|n\s*[=:]\s*[0-9][0-9.,\s]*", re.IGNORECASE
)
# The first letters of the same words, as Arrow's own expressions can look for them in a million texts.
_MAY_BE_TOTALS = rf"(?i)^\s*(?:{'|'.join(sorted({re.escape(w[:3]) for w in _WORDS_OF_TOTALS}))}|é|n\s*[=:])"


class FileLine(NamedTuple):
    """One line of a sheet or text (more than one where a cell holds line ends), as texts."""

    cells: Sequence[str]
    line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The names of the columns, each only once, and what was found round the table."""

    names: tuple[str, ...]
    raw: tuple[tuple[str, ...], ...]  # the lines of names as they stand
    header_line: int  # the last of them
    notes: tuple[str, ...] = ()
    left_out: tuple[tuple[int, str], ...] = ()  # line -> why it is no case
    repeated: tuple[str, ...] = ()  # names that stand over more than one column

    def no_case(self, cells: Sequence[str]) -> str | None:
        """Why a line below the names is no case, or None where it may be one."""
        filled = [c.strip() for c in cells if c and not c.isspace()]
        if len(self.names) >= _FEWEST_COLUMNS and len(filled) == 1 and not _is_value(filled[0]):
            return TOTALS if is_total(filled[0]) else SINGLE_TEXT
        for raw in self.raw:
            same = all(folded(c) == folded(n) for c, n in zip(cells, raw, strict=False))
            if same and len(filled) > 1 and sum(map(bool, raw)) > 1:
                return AGAIN
        if filled and is_total(filled[0]) and not any(days(c) for c in filled):
            return TOTALS
        return None


def is_total(text: str) -> bool:
    """Whether a text at the beginning of a line says that its numbers are counts, sums or averages."""
    return len(text) <= 60 and _TOTALS.fullmatch(folded(text)) is not None


def found_layout(file: str, records: Sequence[FileLine], most: int, nameless: Callable[[int], str]) -> Layout:
    """Where the names of the columns are among the first lines of a file.

    `nameless`: what the column at a place is called where nothing stands above it. Raises `CaseLogError` where no line
    holds names, or where there are more than `most`.
    """
    lines = [r for r in records if any(c.strip() for c in r.cells)]
    if not lines:
        raise refusal(file, "a line of column names and a line for each case (this file holds no text)")
    at = _line_of_names(lines)
    checked_names(file, lines[at].cells, lines[at].last_line, most)
    if _filled(lines[at].cells) == 1 and any(_filled(r.cells) > 1 for r in lines[at + 1 :]):
        wanted = "a name for every column (no line with the names of the columns was found; write them above the cases)"
        raise refusal(file, wanted, lines[at].line)
    raw = [lines[at]]
    names = [c.strip() for c in lines[at].cells]
    below = lines[at + 1 :]
    notes: list[str] = []
    left_out: list[tuple[int, str]] = []
    first = at
    if at and (grouped := _with_groups(lines[at - 1].cells, names)):
        names, first = grouped, at - 1
        notes.append(_two_lines(lines[at - 1].line, lines[at].last_line))
        raw.append(lines[at - 1])
    while below and len(raw) < _MOST_LINES_OF_NAMES and (more := _second_line(names, below[0].cells, below[1:])):
        if isinstance(more, str):
            left_out.append((below[0].line, LABELS))
        else:
            notes.append(_two_lines(raw[-1].line, below[0].last_line))
            names = more
        raw.append(below[0])
        below = below[1:]
    names = _trimmed(names, below, len(lines[at].cells))
    apart = named_apart(names, [nameless(i) for i in range(len(names))])
    repeated = tuple(n for n, count in Counter(n for n in names if n).items() if count > 1)
    if above := lines[:first]:
        many = f"{len(above)} lines above were" if len(above) > 1 else "the line above was"
        notes.insert(0, f"The table begins on line {lines[first].line}; {many} left out.")
    for name in repeated:
        notes.append(
            f"The name “{name}” stands over {names.count(name)} columns. None of them is chosen for you; each can be chosen."
        )
    if without := [n for i, n in enumerate(apart) if not names[i] and any(_holds(r, i) for r in below)]:
        called = ", ".join(f"“{n}”" for n in without)
        notes.append(
            f"No name stands over {called}; the cells below can be read all the same."
            if len(without) == 1
            else f"No name stands over {called}; they can be read all the same."
        )
    last = max(r.last_line for r in raw)
    width = len(apart)
    kept = tuple(tuple([*(c.strip() for c in r.cells), *[""] * width][:width]) for r in raw)
    return Layout(apart, kept, last, tuple(notes), tuple(left_out), repeated)


def without_lines_of_no_case(table: Table, layout: Layout) -> Table:
    """The table without the lines that are no cases, which are kept as left out with their reasons."""
    import numpy as np

    candidates = _candidates(table, layout)
    reasons: dict[int, str] = {}
    for row in candidates.tolist():
        cells = [texts[int(codes[row])].as_py() for codes, texts in zip(table.codes, table.texts, strict=True)]
        if reason := layout.no_case(cells):
            reasons[row] = reason
    left_out = [*layout.left_out, *table.left_out, *((int(table.lines[row]), why) for row, why in reasons.items())]
    notes = (*layout.notes, *table.notes)
    if not reasons:
        return dataclasses.replace(table, left_out=left_out, notes=notes)
    kept = np.ones(len(table.lines), dtype=bool)
    kept[list(reasons)] = False
    return dataclasses.replace(table.where(kept), left_out=left_out, notes=notes)


# ---- the line of names -----------------------------------------------------------------------------------------------


def _line_of_names(lines: Sequence[FileLine]) -> int:
    """The place of the line of names among lines that hold something: the first unless a later one is clearly better."""
    widths = sorted(_filled(r.cells) for r in lines)
    wide = widths[int(len(widths) * 0.75)] if widths else 0
    fit = [i for i in range(min(len(lines) - 1, _LINES_ABOVE)) if _may_be_names(lines, i)]
    known = {i: known_names([c.strip() for c in lines[i].cells]) for i in fit}
    first = known.get(0, 0)
    best = max(fit, key=lambda i: (known[i], -i), default=0)
    if known.get(best, 0) >= _FEWEST_KNOWN and known[best] > first and not _used_below(lines, best):
        return best
    if 0 in fit and (_filled(lines[0].cells) >= _AS_WIDE * wide or first):
        return 0
    as_wide = [i for i in fit if _filled(lines[i].cells) >= max(2, _AS_WIDE * wide)]
    return next((i for i in as_wide if i == 0 or not _used_below(lines, i)), 0)


def _may_be_names(lines: Sequence[FileLine], at: int) -> bool:
    """Whether a line holds texts only (a few numbers apart), and no line above it looks like a case."""
    filled = [c.strip() for c in lines[at].cells if c.strip()]
    values = [c for c in filled if _is_value(c)]
    if len(filled) < 2 or any(days(c) for c in values) or len(values) * 3 >= len(filled):
        return False
    wide = _AS_WIDE * len(filled)
    return not any(_filled(r.cells) >= wide and any(days(c.strip()) for c in r.cells) for r in lines[:at])


def _used_below(lines: Sequence[FileLine], at: int) -> bool:
    """Whether the texts of a line stand again in the same columns below it, as words of cases do and names do not."""
    again = filled = 0
    for i, cell in enumerate(lines[at].cells):
        if cell.strip():
            filled += 1
            again += any(i < len(r.cells) and r.cells[i] == cell for r in lines[at + 1 :] if r.cells != lines[at].cells)
    return again * 3 >= filled


def _with_groups(above: Sequence[str], names: Sequence[str]) -> list[str] | None:
    """The names with the heading of their group before them, where a line of such headings stands above; else None."""
    heads = [*(c.strip() for c in above), *[""] * len(names)][: len(names)]
    if sum(map(bool, heads)) < 1 or _filled(above) > _filled(names) or any(map(_is_value, heads)):
        return None
    groups = _filled_to_the_right(heads, [""] * len(names))
    often = Counter(n for n in names if n)
    joined = []
    for group, name in zip(groups, names, strict=True):
        both = f"{group} {name}".strip()
        needed = often[name] > 1 or not name or (not known_names([name]) and known_names([both]))
        joined.append(both if group and needed else name)
    parted = len(set(filter(None, joined))) > len(set(filter(None, names))) and len(set(filter(None, heads))) > 1
    return joined if parted or known_names(joined) > known_names(names) else None


def _second_line(names: list[str], cells: Sequence[str], below: Sequence[FileLine]) -> list[str] | str | None:
    """The names with what the line under them adds (parts of a group, units), “labels” where it adds none, else None."""
    under = [*(c.strip() for c in cells), *[""] * len(names)][: len(names)]
    said = [c for c in under if c]
    if not said or any(_is_value(c) for c in said):
        return None
    parts = [i for i, (n, u) in enumerate(zip(names, under, strict=True)) if u and not n]
    if parts and len(said) > 1 and not (names[0] == "" and parts == [0]):
        groups = _filled_to_the_right(names, under)
        return [f"{g} {u}".strip() if u else n for g, u, n in zip(groups, under, names, strict=True)]
    if all(_is_unit(c) for c in said):
        return [
            n if not (u and n and unit_in(u)) or unit_in(n) else f"{n} ({u.strip('()[] ')})"
            for n, u in zip(names, under, strict=True)
        ]
    values = _columns_of_values(below, len(names))
    texts = [i for i in values if under[i] and folded(under[i]) not in BLANKS]
    if len(texts) >= 2 and len(texts) * 2 >= len(values) and any(values[i] for i in texts):
        return "labels"
    return None


def _columns_of_values(lines: Sequence[FileLine], width: int) -> dict[int, bool]:
    """The columns of which nearly all cells are numbers or dates, and whether they are dates."""
    found = {}
    for i in range(width):
        cells = [r.cells[i].strip() for r in lines[:_LINES_JUDGED] if i < len(r.cells)]
        cells = [c for c in cells if folded(c) not in BLANKS]
        values = sum(map(_is_value, cells))
        if len(cells) >= 2 and values >= _MOSTLY * len(cells):
            found[i] = sum(bool(days(c)) for c in cells) * 2 >= len(cells)
    return found


def _trimmed(names: Sequence[str], below: Sequence[FileLine], cells: int) -> list[str]:
    """The names without empty ones behind the last column that holds anything."""
    reach = max((_reach(r.cells) for r in below if _filled(r.cells) > 1), default=0)
    width = max(_reach(names), min(reach, cells))
    return [*names, *[""] * width][:width]


def _filled_to_the_right(heads: Sequence[str], under: Sequence[str]) -> list[str]:
    """Each heading also over the columns without one to its right; with `under`, only where something stands there."""
    groups, group = [], ""
    for head, part in zip(heads, under, strict=True):
        group = head or group
        groups.append(group if head or part or not any(under) else "")
    return groups


def _candidates(table: Table, layout: Layout) -> np.ndarray:
    """Rows that may be no case: few enough to be looked at one by one."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = len(table.lines)
    maybe = np.zeros(rows, dtype=bool)
    nothing_yet = np.ones(rows, dtype=bool)  # no cell of the row so far holds anything
    at_most_one = np.ones(rows, dtype=bool)
    for i, (codes, texts) in enumerate(zip(table.codes, table.texts, strict=True)):
        if not at_most_one.any():
            break
        filled = ~is_blank(texts)
        if nothing_yet.any():
            hit = np.asarray(pc.match_substring_regex(texts, _MAY_BE_TOTALS)) & filled
            raws = pa.array([raw[i].lower() for raw in layout.raw if raw[i]], pa.string())
            hit |= np.asarray(pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(texts)), raws))
            if hit.any():
                maybe |= hit[codes] & nothing_yet
        here = filled[codes]
        at_most_one &= nothing_yet | ~here
        nothing_yet &= ~here
    return np.flatnonzero(maybe | at_most_one)


# ---- small parts -----------------------------------------------------------------------------------------------------


def _two_lines(first: int, last: int) -> str:
    return f"The column names stand on two lines ({first} and {last}); both were read."


def _is_value(text: str) -> bool:
    return bool(days(text)) or any(number(text, mark) is not None for mark in DecimalMark)


def _is_unit(text: str) -> bool:
    bare = folded(text).strip("()[] ")
    return (unit_in(text) is not None and len(bare) <= 12) or re.fullmatch(
        r"[dmyjt./ -]{6,10}|%|yes/no|y/n|0/1|j/n|ja/nein|0-10|0-100|1-5|points?", bare
    ) is not None


def _holds(record: FileLine, i: int) -> bool:
    return i < len(record.cells) and bool(record.cells[i].strip())


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(c.strip()) for c in cells)


def _reach(cells: Sequence[str]) -> int:
    return max((i + 1 for i, c in enumerate(cells) if c.strip()), default=0)
