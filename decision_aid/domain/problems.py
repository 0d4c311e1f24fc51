"""What is wrong with something that was given, as a sentence with file, line, column, value and what was expected."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a dataset: where it is, what stands there and what was expected."""

    file: str
    line: int | None
    column: str | None
    value: str | None
    expected: str

    def __str__(self) -> str:
        place = _printable(self.file)
        if self.line is not None:
            place += f", line {self.line}"
        if self.column:
            place += f", column {_shortened(self.column)}"
        found = "" if self.value is None else f": found “{_shortened(self.value)}”"
        return f"{place}{found}; expected {self.expected}."


def _printable(text: str) -> str:
    # What a file holds is shown, never trusted: control characters could hide or reorder the rest of the sentence.
    return "".join(c if c.isprintable() else "�" for c in text)


def _shortened(value: str, limit: int = 60) -> str:
    visible = _printable(value)
    return visible if len(visible) <= limit else visible[: limit - 1] + "…"


class EvidenceError(ValueError):
    """A dataset that must not be used. `problems` lists every fault that was found, in file order."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(p) for p in problems))
