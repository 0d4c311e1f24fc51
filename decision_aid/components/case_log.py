"""The parts of the Case log page: what a file holds, and what became of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from decision_aid.components.elements import Content, b, div, h2, h3, items, p, ul


def looked_at(
    file: str, rows: int | None, columns: int, identifying: Mapping[str, str], notes: Iterable[str] = ()
) -> Markup:
    """What a file seems to hold, how it is read, and which of its columns are never stored."""
    told = items(notes)
    about = f"about {rows:,} rows, " if rows is not None else ""
    never = (p["Never stored, because it could tell who it was:"], ul[_reasons(identifying.items())])
    return div(".note")[
        p[b[file], f": {about}{columns} columns."], ul[told] if told else None, never if identifying else None
    ]


def set_aside(
    used: int,
    aside: int,
    left_out: int,
    notes: Iterable[str],
    sentences: Iterable[str],
    dropped: Iterable[tuple[str, str]],
) -> Markup:
    """What became of the rows of a file: used, set aside and left out add up to all of them; nothing is dropped in silence."""
    known, faults, columns = items(notes), items(sentences), _reasons(dropped)
    apart = f", {left_out:,} left out" if left_out else ""
    return div(".note")[
        h2[f"{used + aside + left_out:,} rows: {used:,} used, {aside:,} set aside{apart}"],
        ul(".known")[known] if known else None,
        ul(".problems")[faults] if faults else None,
        (h3["Columns that were not kept"], ul[columns]) if columns else None,
    ]


def _reasons(columns: Iterable[tuple[str, str]]) -> list[Content]:
    return items([b[name], ": ", why] for name, why in columns)
