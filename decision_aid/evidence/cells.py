"""What a cell of a table may hold, and faults that show when cells are read together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat
from pydantic_core import PydanticCustomError


def _empty_is_none(cell: Any) -> Any:
    return None if cell == "" else cell


TOO_LARGE = "too_large"
# Beyond anything a study measures; keeps a slip such as 1e200 from overflowing where values are squared.
LARGEST_NUMBER = 1_000_000_000


def _digits_only(cell: Any) -> Any:
    """Numbers as a file holds them: no spaces, underscores or thousands marks that a parser would swallow."""
    if isinstance(cell, str) and (cell != cell.strip() or "_" in cell or "," in cell):
        raise ValueError("not a plain number")
    return cell


def _of_a_size_to_reckon_with(number: float | None) -> float | None:
    if number is not None and abs(number) > LARGEST_NUMBER:
        raise PydanticCustomError(TOO_LARGE, "too large")
    return number


Cell = BeforeValidator(_empty_is_none)
Number = BeforeValidator(_digits_only)
Size = AfterValidator(_of_a_size_to_reckon_with)
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
OptionalNumber = Annotated[FiniteFloat | None, Cell, Number, Size]
OptionalCount = Annotated[int | None, Field(ge=0), Cell, Number, Size]
OptionalSize = Annotated[int | None, Field(ge=1), Cell, Number, Size]
OptionalPositive = Annotated[FiniteFloat | None, Field(gt=0), Cell, Number, Size]
OptionalLevel = Annotated[FiniteFloat | None, Field(gt=0, lt=1), Cell, Number]
OptionalMonths = Annotated[FiniteFloat | None, Field(ge=0), Cell, Number, Size]
Link = Annotated[str, Field(pattern=r"^(https?://\S+)?$")]


class EvidenceRow(BaseModel):
    """A checked row. `line` is where it stands in its file (the header is line 1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: int = Field(0, exclude=True)

    def faults(self) -> Iterator[tuple[str, str]]:
        """Faults that only show when columns are read together, as (column, what was expected)."""
        return iter(())


def is_listed(text: str, allowed: type[StrEnum], *, everything: bool = False) -> bool:
    """Whether a text is a list of members parted by |, or `all` where that is allowed."""
    return (everything and text == "all") or (bool(text) and all(part in set(allowed) for part in text.split("|")))


def is_a_day(text: str) -> bool:
    """Whether a text is a day of the calendar as YYYY-MM-DD."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def order_faults(row: EvidenceRow, names: tuple[str, str, str]) -> Iterator[tuple[str, str]]:
    """Faults where values that are given do not rise in this order."""
    present = [(name, getattr(row, name)) for name in names if getattr(row, name) is not None]
    for (low_name, low), (high_name, high) in pairwise(present):
        if low > high:
            yield high_name, f"a number not below {low_name}, {low:g}"


def pair_faults(row: EvidenceRow, first: str, second: str) -> Iterator[tuple[str, str]]:
    """A fault where one of two columns is given and the other is not."""
    if (getattr(row, first) is None) != (getattr(row, second) is None):
        missing = first if getattr(row, first) is None else second
        yield missing, f"a number, because {second if missing == first else first} is given"
