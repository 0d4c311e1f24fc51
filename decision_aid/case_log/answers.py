"""Answers to questions about a file, put into its plan, and found again in a plan that is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from decision_aid.case_log.calendar import Calendar
from decision_aid.case_log.cells import DateOrder, DecimalMark
from decision_aid.case_log.plan import OTHER_WORDS, Plan
from decision_aid.case_log.questions import Ask, LogQuestion
from decision_aid.case_log.words import AS_NOT_RECORDED, choice_of, meaning_of

HIDDEN_ROWS = ("yes, read them as well", "no, leave them out")
MERGED_CELLS = ("yes, for each row", "no, leave the further rows out")


def answered(plan: Plan, question: LogQuestion, answer: str | Mapping[str, str]) -> Plan:
    """The plan with the answer to a question put in: one of its choices, or for words a mapping word -> choice."""
    name = question.field or ""
    if isinstance(answer, Mapping):
        meant = {word: meaning_of(choice) for word, choice in answer.items()}
        return replace(plan, values={**plan.values, name: {**plan.values.get(name, {}), **meant}})
    if question.ask is Ask.SHEET:
        return replace(plan, sheet=answer)
    if question.ask is Ask.HIDDEN_ROWS:
        return replace(plan, form=replace(plan.form, hidden_rows=answer == HIDDEN_ROWS[0]))
    if question.ask is Ask.MERGED_CELLS:
        return replace(plan, form=replace(plan.form, merged_cells=answer == MERGED_CELLS[0]))
    if question.ask is Ask.DATE_ORDER:
        return replace(plan, date_order=DateOrder(answer))
    if question.ask is Ask.DECIMAL_MARK:
        return replace(plan, decimal_mark=DecimalMark(answer))
    if question.ask is Ask.UNIT:
        return replace(plan, units={**plan.units, name: answer})
    if question.ask is Ask.DAY_NUMBERS:
        others = {n: c for n, c in plan.day_numbers.items() if n != name}
        chosen = [c for c in Calendar if answer.startswith(f"{c}:")]
        return replace(plan, day_numbers=others | ({name: chosen[0]} if chosen else {}))
    if question.ask is Ask.DURATIONS:
        is_duration = answer == question.choices[0]
        return replace(plan, durations=plan.durations | {name} if is_duration else plan.durations - {name})
    if question.ask is Ask.OTHER_WORDS:
        return answered(plan, question, {OTHER_WORDS: answer})
    if question.ask in (Ask.EMPTY_CELLS, Ask.ONE_MEANING):
        blank_is_no = plan.blank_is_no | {name} if answer == "no" else plan.blank_is_no - {name}
        not_counted = plan.not_counted | {name} if answer == AS_NOT_RECORDED else plan.not_counted - {name}
        return replace(plan, blank_is_no=blank_is_no, not_counted=not_counted)
    if question.ask is Ask.REPEATED_ROWS:
        return replace(plan, keep_repeated_rows=answer == "another patient")
    raise ValueError(f"{question.ask} is answered word by word")


def remembered_answer(plan: Plan, question: LogQuestion, word: str | None = None) -> str | None:
    """The choice of a question (for words: of this word) that gives what a remembered plan says; None where it says nothing."""
    name = question.field or ""
    if question.ask in (Ask.WORDS, Ask.OTHER_WORDS):
        meaning = plan.values.get(name, {}).get(OTHER_WORDS if word is None else word)
        return (
            None
            if meaning is None
            else choice_of(meaning, question.choices if word is None else question.offered(word))
        )
    said = {
        Ask.DATE_ORDER: plan.date_order,
        Ask.DECIMAL_MARK: plan.decimal_mark,
        Ask.UNIT: plan.units.get(name),
        Ask.DAY_NUMBERS: plan.day_numbers.get(name),
        Ask.EMPTY_CELLS: "no" if name in plan.blank_is_no else AS_NOT_RECORDED if name in plan.not_counted else None,
        Ask.ONE_MEANING: AS_NOT_RECORDED if name in plan.not_counted else None,
        Ask.DURATIONS: question.choices[0] if name in plan.durations else None,
    }.get(question.ask)
    return next(
        (c for c in question.choices if said is not None and c.split(": ")[0] == str(said).split(": ")[0]), None
    )
