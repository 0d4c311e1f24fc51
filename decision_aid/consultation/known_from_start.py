"""What the answers on Start make known, and what of the checklist is answered by it.

Nothing is asked twice: an item that a level, the duration or the age group answers is answered with it, stays open to
another answer, and follows when the answer on Start changes. Which item rests on what stands in `start_says` of its row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from decision_aid.consultation.checklist import Checklist, Item
from decision_aid.consultation.model import SEVERAL, AgeGroup, Answer, Consultation, Duration, change
from decision_aid.domain.vocabulary import Procedure, StartFact

_DURATIONS = {
    Duration.UNDER_6_WEEKS: {StartFact.UNDER_6_WEEKS, StartFact.UNDER_3_MONTHS, StartFact.UNDER_6_MONTHS},
    Duration.UNDER_3_MONTHS: {StartFact.UNDER_3_MONTHS, StartFact.UNDER_6_MONTHS},
    Duration.UNDER_6_MONTHS: {StartFact.UNDER_6_MONTHS},
    Duration.UNDER_1_YEAR: {StartFact.FROM_6_MONTHS},
    Duration.LONGER: {StartFact.FROM_6_MONTHS, StartFact.OVER_1_YEAR},
}
_AGES = {
    AgeGroup.UNDER_50: {StartFact.UNDER_50, StartFact.UP_TO_65},
    AgeGroup.UP_TO_65: {StartFact.UP_TO_65},
    AgeGroup.OVER_65: set[StartFact](),
}


def facts(of: Consultation, procedure: Procedure) -> frozenset[StartFact]:
    """What is known from Start when this procedure is planned. What was not answered makes nothing known."""
    known = _level_facts(of.levels)
    known |= _DURATIONS[of.duration] if of.duration else set()
    known |= _AGES[of.age_group] if of.age_group else set()
    if of.age_group is AgeGroup.OVER_65 and procedure is Procedure.FUSION:
        known.add(StartFact.FUSION_OVER_65)
    return frozenset(known)


def _level_facts(levels: Collection[str]) -> set[StartFact]:
    if SEVERAL in levels:
        return {StartFact.SEVERAL_LEVELS}
    found = {
        StartFact.ONE_LEVEL: len(levels) == 1,
        StartFact.SEVERAL_LEVELS: len(levels) > 1,
        StartFact.OVER_TWO_LEVELS: len(levels) > 2,
        StartFact.NOT_L5_S1: "L5/S1" not in levels,
        StartFact.ABOVE_L4_5: not {"L4/5", "L5/S1"} & {*levels},
    }
    return {fact for fact, holds in found.items() if holds and levels}


def answers(items: Iterable[Item], known: Collection[StartFact]) -> dict[str, Answer]:
    """The answers that Start gives already, by item."""
    said = {item.id: item.row.said_by(known) for item in items}
    return {item_id: Answer(word) for item_id, word in said.items() if word not in ("", "ask")}


def short_path(of: Checklist, known: Collection[StartFact]) -> Checklist:
    """The focused path, with the items that what is known makes worth asking."""
    return Checklist(tuple(i for i in of.items if i.row.core == "yes" or i.row.said_by(known) == "ask"))


def carried_over(changed: Consultation, before: dict[str, Answer], now: dict[str, Answer]) -> Consultation:
    """The consultation with the answers that Start gives now in the place of those it gave before.

    An answer that a person gave otherwise stays; one they cleared comes back only when Start says something new.
    """
    given = dict(changed.answers)
    for item_id in before.keys() | now.keys():
        was, said = before.get(item_id), now.get(item_id)
        if was is said or given.get(item_id) is not was:
            continue
        if said is None:
            del given[item_id]
        else:
            given[item_id] = said
    return changed if given == dict(changed.answers) else change(changed, answers=given)
