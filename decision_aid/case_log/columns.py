"""The columns of a table that a plan maps to fields: their texts, and what each of them says as a whole.

A column that contradicts the plan is refused, because its other values may be wrong as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from decision_aid.case_log.cells import SLIP, Ballot, DateOrder, DecimalMark, days, marks_allowed, orders_allowed
from decision_aid.case_log.fields import BY_NAME, Field, Kind
from decision_aid.case_log.plan import CaseLogError, Plan, refusal
from decision_aid.case_log.privacy import HIDDEN
from decision_aid.case_log.privacy import shown as may_be_shown
from decision_aid.case_log.sources.table import Table
from decision_aid.case_log.values import Reading, Readings, has_numbers

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

# Above this share, ratings beyond the scale are no slips: the column has another scale.
_RATING_SLIP = 0.1
_RATING_TOP, _PERCENT = 10.0, 100.0
_FEWEST_FOR_A_SCALE = 5
_HALF_AN_HOUR = 30.0  # minutes
_LONGEST_SHOWN = 60


class Columns:
    """The mapped columns by the names of their fields."""

    def __init__(self, file: str, table: Table, plan: Plan, alarm: Mapping[str, str]) -> None:
        """`alarm`: header of each identifying column -> why it is not stored."""
        self.plan = plan
        self._file, self._table, self._alarm = file, table, alarm
        self._place = {header: i for i, header in enumerate(table.headers)}
        self._personal_texts: frozenset[str] | None = None

    def codes(self, name: str) -> np.ndarray:
        return self._table.codes[self._place[self.plan.mapping[name]]]

    def texts(self, name: str) -> pa.Array:
        return self._table.texts[self._place[self.plan.mapping[name]]]

    def rows(self, name: str) -> np.ndarray:
        """In how many rows each text stands."""
        return self._table.rows_of_each_text(self._place[self.plan.mapping[name]])

    def shown(self, f: Field, text: int) -> str:
        """A text of a column as a message may repeat it: nothing that also stands in an identifying column."""
        raw = self.texts(f.name)[text].as_py().strip()
        may_be_personal = any(c.isalpha() for c in raw) or bool(days(raw)) or len(raw) >= 6
        if may_be_personal and f.kind is not Kind.DATE and raw in self._personal():
            return HIDDEN
        rows = int(self.rows(f.name)[text]) if f.kind is Kind.CHOICE else 1
        short = may_be_shown(raw, f.kind, rows)
        return short if len(short) <= _LONGEST_SHOWN else short[: _LONGEST_SHOWN - 1] + "…"

    def _personal(self) -> frozenset[str]:
        """Every text of the identifying columns; only asked for when a cell is at fault."""
        if self._personal_texts is None:
            found: set[str] = set()
            for header in self._alarm:
                found.update(text.strip() for text in self._table.texts[self._place[header]].to_pylist())
            self._personal_texts = frozenset(found)
        return self._personal_texts

    # ---- what a column as a whole says -------------------------------------------------------------------------------

    def order(self, readings: Mapping[str, Readings]) -> DateOrder | None:
        """The order of dates: as chosen, or the only one in which all dates can be read; None where none depends on it."""
        if self.plan.date_order is not None:
            return self.plan.date_order
        ballot = Ballot[DateOrder, tuple[str, int]]()
        for name, found in readings.items():
            rows = self.rows(name)
            for i, can_be in enumerate(found):
                ballot.add(orders_allowed(can_be), DateOrder, int(rows[i]), (name, i))
        if ballot.open and ballot.example:
            wanted = "the order of dates to be chosen (what comes first: day, month or year), because the file can be read in more than one"
            raise self._refusal(*ballot.example, wanted)
        return ballot.settled

    def mark(self, texts: Mapping[str, pa.Array]) -> DecimalMark:
        """The decimal mark: as chosen, or the only one with which all numbers can be read."""
        import numpy as np
        import pyarrow.compute as pc

        if self.plan.decimal_mark is not None:
            return self.plan.decimal_mark
        ballot = Ballot[DecimalMark, tuple[str, int]]()
        for name, column in texts.items():
            if has_numbers(BY_NAME[name]):
                rows = self.rows(name)
                for i in np.flatnonzero(np.asarray(pc.match_substring_regex(column, "[.,]"))).tolist():
                    ballot.add(marks_allowed(column[i].as_py()), DecimalMark, int(rows[i]), (name, i))
        if ballot.open and ballot.example:
            wanted = "the decimal mark to be chosen (point or comma), because the numbers of the file can be read with more than one"
            raise self._refusal(*ballot.example, wanted)
        return ballot.settled or DecimalMark.POINT

    def check_order(self, f: Field, readings: Readings, order: DateOrder | None) -> None:
        """Refuses a column in which the order is contradicted too often for slips: its other dates may be wrong as well."""
        if order is None:
            return
        rows = self.rows(f.name)
        against = [i for i, found in enumerate(readings) if found and order not in found]
        contradicting = int(rows[against].sum())
        decisive = contradicting + int(rows[[i for i, found in enumerate(readings) if set(found) == {order}]].sum())
        if contradicting > 1 and contradicting > SLIP * decisive:
            wanted = (
                f"dates with the {order} ({contradicting:,} of {decisive:,} dates that show their order have another one; "
                "choose the other order, or write all dates as YYYY-MM-DD)"
            )
            raise self._refusal(f.name, against[0], wanted)

    def check_scale(self, f: Field, reading: Reading) -> None:
        """Refuses a score on another scale: its low values would pass for values on ours. So do times as Excel keeps them."""
        import numpy as np

        if f.units[:1] == ("min",) and self.plan.units.get(f.name) == "hours":
            known = reading.values[~np.isnan(reading.values)]
            if len(known) >= _FEWEST_FOR_A_SCALE and known.max() < _HALF_AN_HOUR:
                wanted = (
                    "operating times in hours (none reaches half an hour: these may be times as Excel keeps them, parts of a day; "
                    "format the column as [h]:mm and save it again)"
                )
                raise self._refusal(f.name, int(np.flatnonzero(~np.isnan(reading.values))[0]), wanted)
        if f.units or f.high not in (_RATING_TOP, _PERCENT) or f.kind is not Kind.NUMBER:
            return
        values = reading.before_range
        assert values is not None
        rows = self.rows(f.name)
        recorded = int(rows[~np.isnan(values)].sum())
        with np.errstate(invalid="ignore"):
            above = np.flatnonzero((values > f.high) & (values <= f.high * 10))
        many = int(rows[above].sum())
        if f.high == _RATING_TOP and many > 1 and many > _RATING_SLIP * recorded:
            wanted = (
                f"ratings from 0 to {f.high:g} ({many:,} of {recorded:,} are above, as on a scale of 0 to 100; "
                "divide the column by 10 in your file, or leave it out)"
            )
            raise self._refusal(f.name, int(above[0]), wanted)
        present = values[~np.isnan(values) & (rows > 0)]
        if f.high == _PERCENT and recorded >= _FEWEST_FOR_A_SCALE and present.max() <= 1 and (present % 1 > 0).any():
            wanted = (
                "scores from 0 to 100 (none is above 1, as in a column of percentages; "
                "multiply the column by 100 in your file, or leave it out)"
            )
            raise self._refusal(f.name, int(np.flatnonzero(values % 1 > 0)[0]), wanted)

    def _refusal(self, name: str, text: int, expected: str) -> CaseLogError:
        """The error for one text of a column, at the first line on which it stands."""
        line = int(self._table.lines[int((self.codes(name) == text).argmax())])
        return refusal(self._file, expected, line, self.plan.mapping[name], self.shown(BY_NAME[name], text))
