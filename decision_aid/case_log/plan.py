"""How a file is to be read as a case log: which column is which field, and what its dates, numbers and words mean.

A plan is what the surgeon chose once. It can be kept as JSON and used again for the next export of the same system.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from decision_aid.case_log.calendar import Calendar
from decision_aid.case_log.cells import BLANKS, DateOrder, DecimalMark
from decision_aid.case_log.fields import BY_NAME, Kind
from decision_aid.case_log.terms import terms
from decision_aid.domain.problems import Problem

VERSION = 2
ROWS_LOOKED_AT = 2_000  # from which is asked what a file does not say
YES_WORDS, NO_WORDS = terms("cells")["yes"], terms("cells")["no"]

# What a text of the file can stand for beside a value of its field.
NOT_RECORDED = ""
LEFT_OUT = "(rows left out)"  # its rows are no cases of this log: counted apart, neither used nor set aside
SET_ASIDE = "(rows set aside)"
OTHER_WORDS = "(every other word)"  # stands in `Plan.values` for all texts that are no value and are not named


class CaseLogError(ValueError):
    """A file that cannot be read as a case log as it stands. `problems` says where, what was found and what to do."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


def refusal(
    file: str, expected: str, line: int | None = None, column: str | None = None, value: str | None = None
) -> CaseLogError:
    """The error for one fault of a file, ready to raise."""
    return CaseLogError([Problem(file, line, column, value, expected)])


@dataclass(frozen=True, slots=True)
class FileForm:
    """What was chosen about how a file is written. None: as it is proposed, or refused where it could mean two things."""

    encoding: str | None = None  # of a CSV file
    separator: str | None = None  # of a CSV file
    hidden_rows: bool | None = None  # of a workbook; True: they are read as well, False: they are left out
    merged_cells: bool | None = (
        None  # over several rows; True: the value holds for each, False: the further rows are left out
    )

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> FileForm:
        """The form that `dataclasses.asdict` gave. Raises TypeError for values of another kind."""
        encoding, separator = (None if kept[n] is None else _text(kept[n]) for n in ("encoding", "separator"))
        hidden, merged = (None if kept[n] is None else kept[n] is True for n in ("hidden_rows", "merged_cells"))
        return cls(encoding, separator, hidden, merged)


AS_FOUND = FileForm()


@dataclass(frozen=True, slots=True)
class Plan:
    """What was chosen for a file. Everything that could mean two things is either said here or is refused."""

    mapping: Mapping[str, str]  # field -> header
    date_order: DateOrder | None = None  # None: no date of the file depends on it
    decimal_mark: DecimalMark | None = None  # None: no number of the file depends on it
    units: Mapping[str, str] = field(default_factory=dict)  # field -> the unit of its column
    # field -> text in the file -> what it stands for: a value of the field, or one of the meanings above
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    yes_words: tuple[str, ...] = field(default=YES_WORDS, repr=False)
    no_words: tuple[str, ...] = field(default=NO_WORDS, repr=False)
    blanks: tuple[str, ...] = field(default=BLANKS, repr=False)  # texts that mean “not recorded”, beside the empty cell
    blank_is_no: frozenset[str] = frozenset()  # yes/no fields in which only a yes is written down
    not_counted: frozenset[str] = (
        frozenset()
    )  # yes/no fields in which an empty cell does not mean no: they have no share
    day_numbers: Mapping[str, Calendar] = field(default_factory=dict)  # field of dates -> what its bare numbers count
    durations: frozenset[str] = frozenset()  # fields whose clock times and dates of 1900 are hours and minutes
    keep_repeated_rows: bool = False  # True: a row that repeats another one is another patient
    sheet: str | None = None
    form: FileForm = AS_FOUND
    headers: str = field(default="", repr=False)  # `fingerprint` of the file it was made for

    def as_dict(self) -> dict[str, Any]:
        """The plan as JSON-ready values, with the version of their form."""
        return {
            "version": VERSION,
            "mapping": dict(self.mapping),
            "date_order": self.date_order and str(self.date_order),
            "decimal_mark": self.decimal_mark and str(self.decimal_mark),
            "units": dict(self.units),
            "values": {name: dict(words) for name, words in self.values.items()},
            "yes_words": list(self.yes_words),
            "no_words": list(self.no_words),
            "blanks": list(self.blanks),
            "blank_is_no": sorted(self.blank_is_no),
            "not_counted": sorted(self.not_counted),
            "day_numbers": {name: str(calendar) for name, calendar in self.day_numbers.items()},
            "durations": sorted(self.durations),
            "keep_repeated_rows": self.keep_repeated_rows,
            "sheet": self.sheet,
            "form": asdict(self.form),
            "headers": self.headers,
        }

    @classmethod
    def from_dict(cls, kept: Any) -> Plan:
        """The plan that `as_dict` kept. Raises `CaseLogError` where it is of another version or was changed by hand."""
        if not isinstance(kept, dict) or kept.get("version") != VERSION:
            raise refusal("the remembered plan", f"version {VERSION} of a plan (choose the columns again)")
        try:
            plan = cls(
                mapping=_texts(kept["mapping"]),
                date_order=None if kept["date_order"] is None else DateOrder(kept["date_order"]),
                decimal_mark=None if kept["decimal_mark"] is None else DecimalMark(kept["decimal_mark"]),
                units=_texts(kept["units"]),
                values={_text(name): _texts(words) for name, words in kept["values"].items()},
                yes_words=tuple(_text(w) for w in kept["yes_words"]),
                no_words=tuple(_text(w) for w in kept["no_words"]),
                blanks=tuple(_text(w) for w in kept["blanks"]),
                blank_is_no=frozenset(_text(w) for w in kept["blank_is_no"]),
                not_counted=frozenset(_text(w) for w in kept["not_counted"]),
                day_numbers={n: Calendar(c) for n, c in _texts(kept["day_numbers"]).items()},
                durations=frozenset(_text(w) for w in kept["durations"]),
                keep_repeated_rows=kept["keep_repeated_rows"] is True,
                sheet=None if kept["sheet"] is None else _text(kept["sheet"]),
                form=FileForm.from_dict(kept["form"]),
                headers=_text(kept["headers"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise refusal(
                "the remembered plan", "a plan that was not changed by hand (choose the columns again)"
            ) from error
        plan.check("the remembered plan")
        return plan

    def check(self, file: str) -> None:
        """Raises `CaseLogError` where the plan names fields, units or meanings that do not exist."""
        problems = []
        for what, names in (
            ("mapping", self.mapping),
            ("units", self.units),
            ("values", self.values),
            ("blank_is_no", self.blank_is_no),
            ("not_counted", self.not_counted),
            ("day_numbers", self.day_numbers),
            ("durations", self.durations),
        ):
            for name in names:
                if name not in BY_NAME:
                    problems.append(Problem(file, None, None, name, f"a field of a case log in {what}"))
        for name, unit in self.units.items():
            if name in BY_NAME and unit not in BY_NAME[name].units:
                known = " or ".join(BY_NAME[name].units) or "no unit"
                problems.append(Problem(file, None, name, unit, f"{known} as the unit"))
        for name in self.blank_is_no:
            if name in BY_NAME and BY_NAME[name].kind is not Kind.YES_NO:
                problems.append(Problem(file, None, name, None, "a yes/no field where an empty cell is read as no"))
        if both := sorted(set(self.yes_words) & set(self.no_words)):
            problems.append(Problem(file, None, None, both[0], "a word that means yes or no, not both"))
        if problems:
            raise CaseLogError(problems)


def fingerprint(headers: Iterable[str]) -> str:
    """What a set of column names is known by; their order does not count."""
    return hashlib.sha256("\0".join(sorted(headers)).encode()).hexdigest()


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _texts(values: Any) -> dict[str, str]:
    return {_text(name): _text(value) for name, value in values.items()}
