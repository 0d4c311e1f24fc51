"""The checklist: items, answers, and what they mean together. Never a score, never a verdict.

Items come from `indications.csv`; a clinic may replace the action or wording of an item by its own pathway in a local
file, which is checked like the dataset and named beside the item.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from decision_aid.consultation.model import Answer
from decision_aid.domain.audience import Audience
from decision_aid.domain.problems import EvidenceError, Problem
from decision_aid.domain.vocabulary import Condition, Part, Procedure, YesMeans
from decision_aid.evidence.loading import Evidence
from decision_aid.evidence.text_rows import STATEMENTS, IndicationRow

Overrides = Mapping[str, Mapping[str, str]]  # the clinic's own words by item id and column

OVERRIDE_COLUMNS = ("item_id", "clinician_text", "patient_text", "action", "source")  # and after them any of STATEMENTS


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the checklist as this clinic uses it."""

    row: IndicationRow
    clinic_source: str = ""  # the clinic's own pathway, where it replaces the published one

    @property
    def id(self) -> str:
        return self.row.item_id


@dataclass(frozen=True, slots=True)
class Checklist:
    """The items of one condition and procedure, part by part, the focused path first."""

    items: tuple[Item, ...]

    def part(self, part: Part) -> tuple[Item, ...]:
        return tuple(i for i in self.items if i.row.part == part)

    def told_to(self, audience: Audience) -> Checklist:
        """What an audience is asked and told: what only payers ask for is the clinician's."""
        if audience is Audience.CLINICIAN:
            return self
        return Checklist(tuple(i for i in self.items if i.row.part != Part.PAYERS))

    def core(self) -> Checklist:
        """The focused path: the few items that answer the common case."""
        return Checklist(tuple(i for i in self.items if i.row.core == "yes"))


@dataclass(frozen=True, slots=True)
class Findings:
    """What the answers say so far, as lists. Nothing is counted towards anything."""

    act_now: tuple[Item, ...]
    met: tuple[Item, ...]
    not_met: tuple[Item, ...]
    not_known: tuple[Item, ...]
    not_answered: tuple[Item, ...]
    fits: tuple[Item, ...]
    limits: tuple[Item, ...]
    to_do: tuple[Item, ...]
    payers: tuple[Item, ...]  # answered yes or no


def checklist(
    evidence: Evidence,
    condition: Condition,
    procedure: Procedure,
    overrides: Overrides | None = None,
) -> Checklist:
    """The items that apply to a condition and procedure, in the order of the file within each part."""
    items = [
        _with_override(_for_procedure(row, procedure), (overrides or {}).get(row.item_id))
        for row in evidence.indications
        if row.applies_to(condition, procedure)
    ]
    order = {part: i for i, part in enumerate(Part)}
    return Checklist(tuple(sorted(items, key=lambda i: (order[i.row.part], i.row.core != "yes"))))


def findings(of: Checklist, answers: Mapping[str, Answer]) -> Findings:
    """What the answers of a checklist mean, item by item."""

    def having(given: Answer | None, meanings: Iterable[YesMeans]) -> tuple[Item, ...]:
        wanted = set(meanings)
        return tuple(i for i in of.items if answers.get(i.id) == given and i.row.yes_means in wanted)

    every = tuple(YesMeans)
    return Findings(
        act_now=having(Answer.YES, (YesMeans.ACT_NOW,)),
        met=having(Answer.YES, (YesMeans.MET,)) + having(Answer.NO, (YesMeans.NOT_MET,)),
        not_met=having(Answer.NO, (YesMeans.MET,)) + having(Answer.YES, (YesMeans.NOT_MET,)),
        not_known=having(Answer.NOT_KNOWN, every),
        not_answered=tuple(i for i in of.items if i.id not in answers),
        fits=having(Answer.YES, (YesMeans.FITS,)) + having(Answer.NO, (YesMeans.LIMIT,)),
        limits=having(Answer.YES, (YesMeans.LIMIT,)) + having(Answer.NO, (YesMeans.FITS,)),
        to_do=having(Answer.YES, (YesMeans.TO_DO,)),
        payers=tuple(i for i in of.items if i.row.part == Part.PAYERS and answers.get(i.id) in (Answer.YES, Answer.NO)),
    )


def clinic_file() -> Path | None:
    """The clinic's own items, if there are any: DECISION_AID_CLINIC names the file."""
    named = os.environ.get("DECISION_AID_CLINIC")
    return Path(named).expanduser() if named else None


def clinic_words(known: Iterable[str]) -> Overrides:
    """The clinic's own items as far as they can be used; without faults told, for where nothing can be shown."""
    path = clinic_file()
    try:
        return load_overrides(path, known) if path else {}
    except EvidenceError:
        return {}


def load_overrides(path: Path, known: Iterable[str]) -> dict[str, dict[str, str]]:
    """The clinic's own wording by item id, from a CSV file with the columns of OVERRIDE_COLUMNS and any of STATEMENTS.

    Raises `EvidenceError` with every fault: an unknown item, a missing column, an item without its source, a statement
    that asks.
    """
    problems: list[Problem] = []
    found: dict[str, dict[str, str]] = {}
    items = set(known)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if not _known_header(tuple(reader.fieldnames or ())):
                raise EvidenceError(
                    [
                        Problem(
                            path.name,
                            1,
                            None,
                            ", ".join(reader.fieldnames or ()),
                            f"the columns {', '.join(OVERRIDE_COLUMNS)}, and after them any of {', '.join(STATEMENTS)}",
                        )
                    ]
                )
            for row in reader:
                line = reader.line_num
                if None in row or None in row.values():
                    problems.append(Problem(path.name, line, None, None, f"{len(reader.fieldnames or ())} cells"))
                elif row["item_id"] not in items:
                    problems.append(
                        Problem(path.name, line, "item_id", row["item_id"], "an item_id of indications.csv")
                    )
                elif not row["source"].strip():
                    problems.append(
                        Problem(path.name, line, "source", "", "where the clinic's own pathway is written down")
                    )
                elif asking := next((c for c in STATEMENTS if "?" in row.get(c, "")), None):
                    problems.append(
                        Problem(path.name, line, asking, row[asking], "a statement without a question mark")
                    )
                else:
                    found[row["item_id"]] = {k: v for k, v in row.items() if v.strip()}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problems.append(Problem(path.name, None, None, None, f"a readable CSV file in UTF-8 ({error})"))
    if problems:
        raise EvidenceError(problems)
    return found


def _known_header(header: tuple[str, ...]) -> bool:
    rest = header[len(OVERRIDE_COLUMNS) :]
    return (
        header[: len(OVERRIDE_COLUMNS)] == OVERRIDE_COLUMNS and len({*rest}) == len(rest) and {*rest} <= {*STATEMENTS}
    )


def _for_procedure(row: IndicationRow, procedure: Procedure) -> IndicationRow:
    """The item with what its action adds where a fusion is planned: other patients never read of bones that do not join."""
    if procedure is not Procedure.FUSION or not row.action_fusion:
        return row
    return row.model_copy(update={"action": f"{row.action} {row.action_fusion}"})


def _with_override(row: IndicationRow, own: Mapping[str, str] | None) -> Item:
    """The item in the clinic's words. A new question ends what belongs to the published one: statements, answers of Start."""
    if not own:
        return Item(row)
    changed = {k: own[k] for k in ("clinician_text", "patient_text", "action") if k in own}
    for column in STATEMENTS:
        if column in own or f"{column.split('_')[0]}_text" in own:
            changed[column] = own.get(column, "")
    if {"clinician_text", "patient_text"} & own.keys():
        changed["start_says"] = ""
    return replace(Item(row.model_copy(update=changed)), clinic_source=own["source"])
