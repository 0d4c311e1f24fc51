"""A table of texts, read by a plan: each row becomes a case or is set aside with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from decision_aid.case_log.cells import (
    SLIP,
    Ballot,
    DateOrder,
    DecimalMark,
    days,
    folded,
    marks_allowed,
    orders_allowed,
)
from decision_aid.case_log.fields import BY_NAME, FIELDS, REQUIRED, Field, Kind
from decision_aid.case_log.log import CaseLog, one_sided, read_as_not_recorded, several_rows
from decision_aid.case_log.plan import ROWS_LOOKED_AT, Plan, refusal
from decision_aid.case_log.privacy import HIDDEN, shown
from decision_aid.case_log.repeats import repeated_rows
from decision_aid.case_log.sources.table import Progress, Table, is_blank
from decision_aid.case_log.values import (
    Reading,
    Readings,
    blank_words,
    day_readings,
    has_numbers,
    read_choices,
    read_days,
    read_numbers,
    read_yes_no,
    replaced,
)
from decision_aid.domain.vocabulary import Outcome

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

# Above this share, ratings beyond the scale are no slips: the column has another scale.
_RATING_SLIP = 0.1
_RATING_TOP, _PERCENT = 10.0, 100.0
_FEWEST_FOR_A_SCALE = 5
_HALF_AN_HOUR = 30.0  # minutes
_MOST_UNKNOWN_WORDS = 50
_LONGEST_SHOWN = 60
_LATER = ((Outcome.REOPERATION, "reoperation_date"), (Outcome.READMISSION, "readmission_date"))


class Reader:
    """Checks the columns of a table one by one and builds the cases from the rows without a fault."""

    def __init__(self, file: str, table: Table, plan: Plan, alarm: Mapping[str, str], today: date) -> None:
        """`alarm`: header of each identifying column -> why it is not stored."""
        import numpy as np

        self._file, self._table, self._plan, self._alarm, self._today = file, table, plan, alarm, today
        self._place = {header: i for i, header in enumerate(table.headers)}
        self._bad = np.zeros(len(table.lines), dtype=bool)
        self._out = np.zeros(len(table.lines), dtype=bool)
        self._left_out: dict[str, dict[str, int]] = {}
        self._faults: list[pd.DataFrame] = []
        self._readings: dict[str, Reading] = {}
        self._unknown: dict[str, dict[str, int]] = {}
        self._notes = list(table.notes)
        self._personal_texts: frozenset[str] | None = None

    def _note_repeated_patients(self) -> None:
        """Points out record numbers that stand in several rows; of the numbers themselves nothing is told."""
        import numpy as np

        for header, why in self._alarm.items():
            if "record number" not in why:
                continue
            column = self._place[header]
            filled = ~is_blank(self._table.texts[column])
            rows = np.bincount(self._table.codes[column], minlength=len(filled))[filled]
            numbers, filled_rows = int((rows > 0).sum()), int(rows.sum())
            if filled_rows > numbers:
                self._notes.append(several_rows(header, numbers, filled_rows))

    def read(self, progress: Progress) -> CaseLog:
        """The log. Raises `CaseLogError` where the plan does not fit a column as a whole."""
        texts = {f.name: replaced(f, self._texts(f.name), self._plan) for f in FIELDS if f.name in self._plan.mapping}
        readings = {name: day_readings(texts[name]) for name in texts if BY_NAME[name].kind is Kind.DATE}
        order = self._order(readings, texts)
        mark = self._mark(texts)
        for done, (name, column) in enumerate(texts.items()):
            f = BY_NAME[name]
            if f.kind is Kind.DATE:
                self._check_order(f, readings[name], order)
                reading = read_days(f, column, readings[name], self._plan, order, self._today)
            elif f.kind is Kind.CHOICE:
                reading = read_choices(f, column, self._plan, mark)
            elif f.kind is Kind.YES_NO:
                reading = read_yes_no(f, column, self._texts(name), self._plan)
            else:
                reading = read_numbers(f, column, self._plan, mark)
                self._check_scale(f, reading)
            self._readings[name] = reading
            progress((done + 1) / (len(texts) + 1))
        for name, reading in self._readings.items():
            self._leave_out(name, reading)
        for name, column in texts.items():
            self._take_faults(BY_NAME[name], column, self._readings[name])
            self._note_blanks(name, column)
        self._take_missing()
        self._take_later_dates()
        self._note_repeated_patients()
        if not self._plan.keep_repeated_rows:
            self._take_repeated()
        return self._log()

    # ---- what a column as a whole says -------------------------------------------------------------------------------

    def _order(self, readings: Mapping[str, Readings], texts: Mapping[str, pa.Array]) -> DateOrder | None:
        """The order of dates: as chosen, or the only one in which all dates can be read; None where none depends on it."""
        if self._plan.date_order is not None:
            return self._plan.date_order
        ballot = Ballot[DateOrder]()
        for name, found in readings.items():
            rows = self._rows_of_each_text(name)
            for i, can_be in enumerate(found):
                ballot.add(orders_allowed(can_be), DateOrder, int(rows[i]), (name, i))
        if ballot.open:
            wanted = "the order of dates to be chosen (what comes first: day, month or year), because the file can be read in more than one"
            raise self._refusal(*ballot.example, wanted)
        return ballot.settled

    def _mark(self, texts: Mapping[str, pa.Array]) -> DecimalMark:
        """The decimal mark: as chosen, or the only one with which all numbers can be read."""
        import numpy as np
        import pyarrow.compute as pc

        if self._plan.decimal_mark is not None:
            return self._plan.decimal_mark
        ballot = Ballot[DecimalMark]()
        for name, column in texts.items():
            if has_numbers(BY_NAME[name]):
                rows = self._rows_of_each_text(name)
                for i in np.flatnonzero(np.asarray(pc.match_substring_regex(column, "[.,]"))).tolist():
                    ballot.add(marks_allowed(column[i].as_py()), DecimalMark, int(rows[i]), (name, i))
        if ballot.open:
            wanted = "the decimal mark to be chosen (point or comma), because the numbers of the file can be read with more than one"
            raise self._refusal(*ballot.example, wanted)
        return ballot.settled or DecimalMark.POINT

    def _check_order(self, f: Field, readings: Readings, order: DateOrder | None) -> None:
        """Refuses a column in which the order is contradicted too often for slips: its other dates may be wrong as well."""
        if order is None:
            return
        rows = self._rows_of_each_text(f.name)
        against = [i for i, found in enumerate(readings) if found and order not in found]
        contradicting = int(rows[against].sum())
        decisive = contradicting + int(rows[[i for i, found in enumerate(readings) if set(found) == {order}]].sum())
        if contradicting > 1 and contradicting > SLIP * decisive:
            wanted = (
                f"dates with the {order} ({contradicting:,} of {decisive:,} dates that show their order have another one; "
                "choose the other order, or write all dates as YYYY-MM-DD)"
            )
            raise self._refusal(f.name, against[0], wanted)

    def _check_scale(self, f: Field, reading: Reading) -> None:
        """Refuses a score on another scale: its low values would pass for values on ours. So do times as Excel keeps them."""
        import numpy as np

        if f.units[:1] == ("min",) and self._plan.units.get(f.name) == "hours":
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
        rows = self._rows_of_each_text(f.name)
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

    def _refusal(self, name: str, text: int, expected: str) -> Exception:
        """The error for one text of a column, at the first line on which it stands."""
        line = int(self._table.lines[int((self._codes(name) == text).argmax())])
        return refusal(self._file, expected, line, self._plan.mapping[name], self._shown(BY_NAME[name], text))

    # ---- faults of rows ----------------------------------------------------------------------------------------------

    def _leave_out(self, name: str, reading: Reading) -> None:
        """Marks the rows that hold a text of which was said that they are no cases of this log."""
        import numpy as np

        if not reading.left_out:
            return
        codes = self._codes(name)
        which = sorted(reading.left_out)
        self._out |= np.isin(codes, which)
        counts = self._rows_of_each_text(name)
        self._left_out[name] = {self._shown(BY_NAME[name], i): int(counts[i]) for i in which if counts[i]}

    def _note_blanks(self, name: str, texts: pa.Array) -> None:
        """Points out words that stand for “not recorded” without having been asked about."""
        reading, rows = self._readings[name], self._rows_of_each_text(name)
        as_written = self._texts(name).to_pylist()
        blanks = blank_words(self._plan) - {""}
        found = {
            t.strip(): int(rows[i])
            for i, t in enumerate(as_written)
            if rows[i] and not reading.recorded[i] and i not in reading.faults and folded(t) in blanks
        }
        if found:
            self._notes.append(read_as_not_recorded(self._plan.mapping[name], found))

    def _take_faults(self, f: Field, texts: pa.Array, reading: Reading) -> None:
        """Sets the rows aside in which a text stands that is no value of the field."""
        import numpy as np

        if not reading.faults:
            return
        faulty = np.zeros(len(texts), dtype=bool)
        faulty[list(reading.faults)] = True
        codes = self._codes(f.name)
        rows = np.flatnonzero(faulty[codes] & ~self._out)
        values = {i: self._shown(f, i) for i in reading.faults}
        self._take(
            rows,
            self._plan.mapping[f.name],
            [values[c] for c in codes[rows].tolist()],
            [reading.faults[c] for c in codes[rows].tolist()],
        )
        counts = np.bincount(codes[rows], minlength=len(texts))
        often = sorted(reading.faults, key=lambda i: -counts[i])[:_MOST_UNKNOWN_WORDS]
        words = {values[i]: int(counts[i]) for i in often if counts[i] and values[i] != HIDDEN}
        if words:
            self._unknown[f.name] = words

    def _take_missing(self) -> None:
        import numpy as np

        for name in REQUIRED:
            reading = self._readings[name]
            silent = ~reading.recorded
            silent[list(reading.faults)] = False
            silent[list(reading.left_out)] = False
            rows = np.flatnonzero(silent[self._codes(name)])
            label = BY_NAME[name].label
            self._take(rows, self._plan.mapping[name], "", f"a value in every row, because “{label}” is required")

    def _take_later_dates(self) -> None:
        """Dates of further surgery or stays that lie before the operation, or that stand beside a “no”."""
        import numpy as np

        operation = self._values("operation_date")
        for event, name in _LATER:
            if name not in self._readings:
                continue
            later, header = self._values(name), self._plan.mapping[name]
            texts = self._texts(name)

            def take(
                rows: np.ndarray, reason: str, texts: pa.Array = texts, header: str = header, name: str = name
            ) -> None:
                codes = self._codes(name)[rows].tolist()
                seen = {c: shown(texts[c].as_py(), Kind.DATE) for c in set(codes)}
                self._take(rows, header, [seen[c] for c in codes], reason)

            take(np.flatnonzero(later < operation), "a date that is not before the operation")
            if str(event) in self._readings:
                no = self._recorded(str(event)) & ~self._values(str(event))
                take(
                    np.flatnonzero(no & ~np.isnat(later)),
                    f"no date here, because “{self._plan.mapping[str(event)]}” says no (or a yes there)",
                )

    def _take_repeated(self) -> None:
        """Rows that are equal to an earlier one in every column of the file, those that are not kept included."""
        rows, first_lines = repeated_rows(self._table)
        reasons = [f"each case once (the same row stands on line {line})" for line in first_lines.tolist()]
        self._take(rows, "", "", reasons)

    def _check_one_sided(self, used: np.ndarray | slice) -> None:
        """Points out the yes/no columns in which all used cases have the same.

        Where a yes stands beside cells that are not recorded and nothing was asked, because the first rows or those that
        are set aside did hold a no, none of it is counted: a share among those with a yes is always the whole.
        """
        import numpy as np

        for name, reading in self._readings.items():
            if BY_NAME[name].kind is not Kind.YES_NO:
                continue
            rows = np.bincount(self._codes(name)[used], minlength=len(reading.values))
            yes = int(rows[reading.recorded & reading.values].sum())
            no = int(rows[reading.recorded & ~reading.values].sum())
            silent = int(rows.sum()) - yes - no
            had_no = bool((reading.recorded & ~reading.values & (self._rows_of_each_text(name) > 0)).any())
            was_asked = len(self._table.lines) <= ROWS_LOOKED_AT and not had_no
            not_counted = name in self._plan.not_counted
            if said := one_sided(self._plan.mapping[name], yes, no, silent, not_counted, was_asked):
                self._notes.append(said)
            if yes and not no and silent and not was_asked:
                self._readings[name] = replace(reading, recorded=reading.recorded & False)

    def _take(self, rows: np.ndarray, column: str, values: str | list[str], reasons: str | list[str]) -> None:
        import pandas as pd

        if self._out[rows].any():  # rows that are left out have no faults
            stays = (~self._out[rows]).tolist()
            values = values if isinstance(values, str) else [v for v, kept in zip(values, stays, strict=True) if kept]
            reasons = (
                reasons if isinstance(reasons, str) else [r for r, kept in zip(reasons, stays, strict=True) if kept]
            )
            rows = rows[stays]
        if len(rows):
            self._bad[rows] = True
            lines = self._table.lines[rows]
            self._faults.append(pd.DataFrame({"line": lines, "column": column, "value": values, "reason": reasons}))

    # ---- the result --------------------------------------------------------------------------------------------------

    def _log(self) -> CaseLog:
        import numpy as np
        import pandas as pd

        apart = self._bad | self._out
        kept: np.ndarray | slice = np.flatnonzero(~apart) if apart.any() else slice(None)
        self._check_one_sided(kept)
        with ThreadPoolExecutor(max_workers=2) as pool:  # numpy fills two columns at a time
            filled = pool.map(lambda f: self._column(f, kept), FIELDS)
            columns = {f.name: column for f, column in zip(FIELDS, filled, strict=True)}
        missing = {name: int(column.isna().sum()) for name, column in columns.items()}
        used = len(columns[FIELDS[0].name])
        broken = self._table.broken
        apart = self._table.left_out
        rows_in = len(self._table.lines) + len(broken) + len(apart)
        left_out = int(self._out.sum()) + len(apart)
        return CaseLog(
            file=self._file,
            cases=pd.DataFrame(columns, index=pd.RangeIndex(used), copy=False),
            rows_in=rows_in,
            set_aside_rows=rows_in - used - left_out,
            left_out_lines=tuple(sorted(apart)),
            set_aside=self._set_aside(),
            left_out_rows=left_out,
            left_out=self._left_out,
            blank_rows=self._table.blank_rows,
            dropped_columns=self._dropped(),
            not_recorded=missing,
            unknown_words=self._unknown,
            notes=tuple(self._notes),
            plan=self._plan,
        )

    def _column(self, f: Field, kept: np.ndarray | slice) -> pd.api.extensions.ExtensionArray | np.ndarray:
        """The values of a field in the rows that are kept, in the dtype of its kind."""
        import numpy as np
        import pandas as pd

        reading = self._readings.get(f.name)
        codes = np.zeros(len(self._bad), dtype=np.uint8)[kept] if reading is None else self._codes(f.name)[kept]
        if f.kind is Kind.CHOICE:
            chosen = np.array([-1], dtype=np.int8) if reading is None else reading.values
            return pd.Categorical.from_codes(chosen[codes], categories=[str(c) for c in f.choices])
        if f.kind is Kind.DATE:
            day = np.array(["NaT"], dtype="datetime64[D]") if reading is None else reading.values
            return pd.array(day.astype(str(f.kind))[codes], dtype=str(f.kind), copy=False)
        if f.kind is Kind.NUMBER:
            numbers = np.array([np.nan]) if reading is None else reading.values
            return pd.array(numbers[codes], dtype=str(f.kind), copy=False)
        recorded = np.array([False]) if reading is None else reading.recorded
        if f.kind is Kind.YES_NO:
            said = np.array([False]) if reading is None else reading.values
            return pd.arrays.BooleanArray(said[codes], ~recorded[codes])
        whole = np.zeros(1, np.int16) if reading is None else np.nan_to_num(reading.values).astype(np.int16)
        return pd.arrays.IntegerArray(whole[codes], ~recorded[codes])

    def _set_aside(self) -> pd.DataFrame:
        import pandas as pd

        broken = [(row.line, "", row.found, row.expected) for row in self._table.broken]
        columns = ["line", "column", "value", "reason"]
        parts = [*self._faults, pd.DataFrame(broken, columns=columns)] if broken or not self._faults else self._faults
        found = pd.concat(parts, ignore_index=True).astype(
            {"line": "int64", "column": object, "value": object, "reason": object}
        )
        return found.sort_values("line", kind="stable", ignore_index=True)[columns]

    def _dropped(self) -> dict[str, str]:
        mapped = set(self._plan.mapping.values())
        return {
            header: f"never stored: {self._alarm[header]}"
            if header in self._alarm
            else "ignored: no field was chosen for it"
            for header in self._table.headers
            if header not in mapped
        }

    # ---- small parts -------------------------------------------------------------------------------------------------

    def _codes(self, name: str) -> np.ndarray:
        return self._table.codes[self._place[self._plan.mapping[name]]]

    def _texts(self, name: str) -> pa.Array:
        return self._table.texts[self._place[self._plan.mapping[name]]]

    def _values(self, name: str) -> np.ndarray:
        return self._readings[name].values[self._codes(name)]

    def _recorded(self, name: str) -> np.ndarray:
        return self._readings[name].recorded[self._codes(name)]

    def _rows_of_each_text(self, name: str) -> np.ndarray:
        import numpy as np

        return np.bincount(self._codes(name), minlength=len(self._texts(name)))

    def _shown(self, f: Field, text: int) -> str:
        """A text of a column as a message may repeat it: nothing that also stands in an identifying column."""
        raw = self._texts(f.name)[text].as_py().strip()
        may_be_personal = any(c.isalpha() for c in raw) or bool(days(raw)) or len(raw) >= 6
        if may_be_personal and f.kind is not Kind.DATE and raw in self._personal():
            return HIDDEN
        rows = int((self._codes(f.name) == text).sum()) if f.kind is Kind.CHOICE else 1
        short = shown(raw, f.kind, rows)
        return short if len(short) <= _LONGEST_SHOWN else short[: _LONGEST_SHOWN - 1] + "…"

    def _personal(self) -> frozenset[str]:
        """Every text of the identifying columns; only asked for when a cell is at fault."""
        if self._personal_texts is None:
            found: set[str] = set()
            for header in self._alarm:
                found.update(text.strip() for text in self._table.texts[self._place[header]].to_pylist())
            self._personal_texts = frozenset(found)
        return self._personal_texts
