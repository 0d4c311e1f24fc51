"""Rows of a file that are equal in every column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decision_aid.case_log.sources.table import Table

if TYPE_CHECKING:
    import numpy as np

_MULTIPLIER = 0x9E3779B97F4A7C15  # odd and without pattern: different rows seldom mix to the same number


def repeated_rows(table: Table) -> tuple[np.ndarray, np.ndarray]:
    """The rows that are equal to an earlier one in every column of the file, and for each the line of the first of them."""
    import numpy as np
    import pandas as pd

    mixed = np.zeros(len(table.lines), dtype=np.uint64)
    for codes in table.codes:
        np.multiply(mixed, np.uint64(_MULTIPLIER), out=mixed)
        np.add(mixed, codes, out=mixed)
    ordered = np.sort(mixed)  # numpy sorts a million numbers faster than it looks them up
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(again):
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing
    rows = np.flatnonzero(np.isin(mixed, again))
    # Equal mixtures are not yet equal rows.
    cells = pd.DataFrame({i: codes[rows] for i, codes in enumerate(table.codes)})
    group = cells.groupby(list(cells.columns), sort=False).ngroup()
    repeats = group.duplicated(keep="first").to_numpy()
    first_line = pd.Series(table.lines[rows]).groupby(group.to_numpy()).transform("first").to_numpy()
    return rows[repeats], first_line[repeats]
