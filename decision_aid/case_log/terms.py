"""The words by which a case log is understood, in the tables of the folder `terms`: what a word means, one row a word.

`headers.csv`: names of columns. `cells.csv`: months, units, yes and no, “not recorded”, words of totals. `personal.csv`: names of
columns that say whom a row is about, and words of the trade, by which a text is no person's name. `other_files.csv` and
`other_archives.csv`: how files of other programs begin or what is in them, and what to do with them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("terms")


@cache
def terms(table: str) -> Mapping[str, tuple[str, ...]]:
    """Meaning -> the words for it, in the order of a table."""
    found: dict[str, list[str]] = {}
    with (_FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found.setdefault(row["meaning"], []).append(row["word"])
    return {meaning: tuple(words) for meaning, words in found.items()}
