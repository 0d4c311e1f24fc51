"""A table of texts, read by a plan: each row becomes a case or is set aside with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from decision_aid.case_log.cells import folded
from decision_aid.case_log.columns import Columns
from decision_aid.case_log.fields import BY_NAME, FIELDS, REQUIRED, Field, Kind
from decision_aid.case_log.log import CaseLog, one_sided, read_as_not_recorded, several_rows
from decision_aid.case_log.plan import ROWS_LOOKED_AT, Plan
from decision_aid.case_log.privacy import HIDDEN, shown
from decision_aid.case_log.repeats import repeated_rows
from decision_aid.case_log.sources.table import Progress, Table, is_blank
from decision_aid.case_log.values import (
    Reading,
    blank_words,
    day_readings,
    read_choices,
    read_days,
    read_numbers,
    read_yes_no,
    replaced,
)
from decision_aid.domain.vocabulary import Outcome

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

_MOST_UNKNOWN_WORDS = 50
_LATER = ((Outcome.REOPERATION, "reoperation_date"), (Outcome.READMISSION, "readmission_date"))


class Reader:
    """Checks the columns of a table one by one and builds the cases from the rows without a fault."""

    def __init__(self, file: str, table: Table, plan: Plan, alarm: Mapping[str, str], today: date) -> None:
        """`alarm`: header of each identifying column -> why it is not stored."""
        import numpy as np

        self._file, self._table, self._plan, self._alarm, self._today = file, table, plan, alarm, today
        self._columns = Columns(file, table, plan, alarm)
        self._bad = np.zeros(len(table.lines), dtype=bool)
        self._out = np.zeros(len(table.lines), dtype=bool)
        self._left_out: dict[str, dict[str, int]] = {}
        self._faults: list[pd.DataFrame] = []
        self._readings: dict[str, Reading] = {}
        self._unknown: dict[str, dict[str, int]] = {}
        self._notes = list(table.notes)

    def _note_repeated_patients(self) -> None:
        """Points out record numbers that stand in several rows; of the numbers themselves nothing is told."""
        for header, why in self._alarm.items():
            if "record number" not in why:
                continue
            column = self._table.headers.index(header)
            rows = self._table.rows_of_each_text(column)[~is_blank(self._table.texts[column])]
            numbers, filled_rows = int((rows > 0).sum()), int(rows.sum())
            if filled_rows > numbers:
                self._notes.append(several_rows(header, numbers, filled_rows))

    def read(self, progress: Progress) -> CaseLog:
        """The log. Raises `CaseLogError` where the plan does not fit a column as a whole."""
        texts = {
            f.name: replaced(f, self._columns.texts(f.name), self._plan) for f in FIELDS if f.name in self._plan.mapping
        }
        readings = {name: day_readings(texts[name]) for name in texts if BY_NAME[name].kind is Kind.DATE}
        order = self._columns.order(readings)
        mark = self._columns.mark(texts)
        for done, (name, column) in enumerate(texts.items()):
            f = BY_NAME[name]
            if f.kind is Kind.DATE:
                self._columns.check_order(f, readings[name], order)
                reading = read_days(f, column, readings[name], self._plan, order, self._today)
            elif f.kind is Kind.CHOICE:
                reading = read_choices(f, column, self._plan, mark)
            elif f.kind is Kind.YES_NO:
                reading = read_yes_no(f, column, self._columns.texts(name), self._plan)
            else:
                reading = read_numbers(f, column, self._plan, mark)
                self._columns.check_scale(f, reading)
            self._readings[name] = reading
            progress((done + 1) / (len(texts) + 1))
        for name, reading in self._readings.items():
            self._leave_out(name, reading)
        for name, column in texts.items():
            self._take_faults(BY_NAME[name], column, self._readings[name])
            self._note_blanks(name)
        self._take_missing()
        self._take_later_dates()
        self._note_repeated_patients()
        if not self._plan.keep_repeated_rows:
            self._take_repeated()
        return self._log()

    # ---- faults of rows ----------------------------------------------------------------------------------------------

    def _leave_out(self, name: str, reading: Reading) -> None:
        """Marks the rows that hold a text of which was said that they are no cases of this log."""
        import numpy as np

        if not reading.left_out:
            return
        codes = self._columns.codes(name)
        which = sorted(reading.left_out)
        self._out |= np.isin(codes, which)
        counts = self._columns.rows(name)
        self._left_out[name] = {self._columns.shown(BY_NAME[name], i): int(counts[i]) for i in which if counts[i]}

    def _note_blanks(self, name: str) -> None:
        """Points out words that stand for “not recorded” without having been asked about."""
        reading, rows, texts = self._readings[name], self._columns.rows(name), self._columns.texts(name)
        blanks = blank_words(self._plan) - {""}
        silent = [i for i in (~reading.recorded & (rows > 0)).nonzero()[0].tolist() if i not in reading.faults]
        found = {t.strip(): int(rows[i]) for i in silent if folded(t := texts[i].as_py()) in blanks}
        if found:
            self._notes.append(read_as_not_recorded(self._plan.mapping[name], found))

    def _take_faults(self, f: Field, texts: pa.Array, reading: Reading) -> None:
        """Sets the rows aside in which a text stands that is no value of the field."""
        import numpy as np

        if not reading.faults:
            return
        faulty = np.zeros(len(texts), dtype=bool)
        faulty[list(reading.faults)] = True
        codes = self._columns.codes(f.name)
        rows = np.flatnonzero(faulty[codes] & ~self._out)
        values = {i: self._columns.shown(f, i) for i in reading.faults}
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
            rows = np.flatnonzero(silent[self._columns.codes(name)])
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
            texts = self._columns.texts(name)

            def take(
                rows: np.ndarray, reason: str, texts: pa.Array = texts, header: str = header, name: str = name
            ) -> None:
                codes = self._columns.codes(name)[rows].tolist()
                seen = {c: shown(texts[c].as_py(), Kind.DATE) for c in set(codes)}
                self._take(rows, header, [seen[c] for c in codes], reason)

            take(np.flatnonzero(later < operation), "a date that is not before the operation")
            if str(event) in self._readings:
                no = self._readings[str(event)].recorded[self._columns.codes(str(event))] & ~self._values(str(event))
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
            rows = np.bincount(self._columns.codes(name)[used], minlength=len(reading.values))
            yes = int(rows[reading.recorded & reading.values].sum())
            no = int(rows[reading.recorded & ~reading.values].sum())
            silent = int(rows.sum()) - yes - no
            had_no = bool((reading.recorded & ~reading.values & (self._columns.rows(name) > 0)).any())
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
        missing = {name: int(pd.isna(column).sum()) for name, column in columns.items()}
        used = len(columns[FIELDS[0].name])
        broken = self._table.broken
        no_cases = self._table.left_out
        rows_in = len(self._table.lines) + len(broken) + len(no_cases)
        left_out = int(self._out.sum()) + len(no_cases)
        return CaseLog(
            file=self._file,
            cases=pd.DataFrame(columns, index=pd.RangeIndex(used), copy=False),
            rows_in=rows_in,
            set_aside_rows=rows_in - used - left_out,
            left_out_lines=tuple(sorted(no_cases)),
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
        codes = np.zeros(len(self._bad), dtype=np.uint8)[kept] if reading is None else self._columns.codes(f.name)[kept]
        if f.kind is Kind.CHOICE:
            chosen: npt.NDArray[np.int8] = np.array([-1], dtype=np.int8) if reading is None else reading.values
            choices = pd.CategoricalDtype([str(c) for c in f.choices])
            named: pd.Categorical = pd.Categorical.from_codes(chosen.take(codes), dtype=choices)
            return named
        if f.kind is Kind.DATE:
            day: npt.NDArray[np.datetime64] = np.array(["NaT"], "datetime64[D]") if reading is None else reading.values
            days: pd.api.extensions.ExtensionArray = pd.array(day.astype("datetime64[ns]").take(codes), copy=False)
            return days
        if f.kind is Kind.NUMBER:
            numbers: npt.NDArray[np.float64] = np.array([np.nan]) if reading is None else reading.values
            return numbers[codes]
        recorded = np.array([False]) if reading is None else reading.recorded
        if f.kind is Kind.YES_NO:
            said = np.array([False]) if reading is None else reading.values
            return pd.arrays.BooleanArray(said.take(codes), (~recorded).take(codes))
        whole = np.zeros(1, np.int16) if reading is None else np.nan_to_num(reading.values).astype(np.int16)
        return pd.arrays.IntegerArray(whole.take(codes), (~recorded).take(codes))

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

    def _values(self, name: str) -> np.ndarray:
        """The value of a field in each row."""
        values: np.ndarray = self._readings[name].values[self._columns.codes(name)]
        return values
