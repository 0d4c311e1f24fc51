"""The checklist: its parts, its items and what an answer says."""

from __future__ import annotations

from decision_aid.consultation.checklist import Item
from decision_aid.consultation.model import Answer
from decision_aid.domain.audience import Audience, Said
from decision_aid.domain.vocabulary import Part, YesMeans

ANSWERS = {
    Answer.YES: "Yes",
    Answer.NO: "No",
    Answer.NOT_KNOWN: "Not known",
    Answer.DOES_NOT_APPLY: "Does not apply",
}
NOTHING_URGENT = Said(
    "No sign that cannot wait has been found so far.", "Nothing that cannot wait has been found so far."
)
NO_SCORE = "This list is no score. It shows what has been looked at. The decision is made together."
WHAT_PAYERS_ASK_FOR = "What payers ask for"
NUMBERS_WAIT = "The numbers on Compare are for planned surgery. They do not apply until this is settled."
_PARTS = {
    Part.RED_FLAG: Said("Anything that cannot wait?", "Anything that cannot wait?"),
    Part.CRITERION: Said("Is surgery worth considering?", "Is surgery worth a thought?"),
    Part.APPROACH_FIT: Said("Does a minimally invasive approach fit?", "Would minimally invasive surgery fit?"),
    Part.PUT_RIGHT_FIRST: Said("What to put in order first", "What to put in order first"),
    Part.PAYERS: Said(WHAT_PAYERS_ASK_FOR, ""),
}
_GRADES = {
    "G": "guideline's own page",
    "A": "read as an abstract or summary",
    "S": "read on a secondary page",
    "P": "a payer's policy: what is demanded, not what is best",
    "E": "a single study or expert review",
}


def part_label(part: Part, audience: Audience) -> str:
    return _PARTS[part].to(audience)


def none_of_these(still_open: int, asked: int, shown: int) -> str:
    """The one click that says no to what is still open of the `asked` items of the short path, of `shown` in all.

    Where nothing is open any more, it takes the noes back.
    """
    if not still_open:
        return "Clear every No"
    if still_open < asked:
        return f"None of the other {still_open}" if still_open > 1 else "Not the other one"
    return f"None of these {asked}" if asked == shown else f"None of the first {asked}"


def item_text(item: Item, audience: Audience) -> str:
    return item.row.patient_text if audience is Audience.PATIENT else item.row.clinician_text


def item_statement(item: Item, given: Answer, audience: Audience) -> str:
    """What an answer says, with the answer in it: “No high-grade migrated fragment”, never the question again.

    What is not known or does not apply is named only, to stand under a heading that says so. A clinic's own question
    without statements of its own stands with its answer: “Off work? (answered: no)”.
    """
    kind = {Answer.YES: "yes", Answer.NO: "no"}.get(given, "topic")
    told = getattr(item.row, f"{audience}_{kind}")
    return told or f"{item_text(item, audience)} (answered: {ANSWERS[given].lower()})"


def item_finding(item: Item, given: Answer, audience: Audience) -> str:
    """An answered item among the findings. What is to be put in order names itself in what is to be done."""
    if given is Answer.YES and item.row.yes_means == YesMeans.TO_DO:
        return item.row.action
    return item_statement(item, given, audience)


def item_topic(item: Item, audience: Audience) -> str:
    """What an item is about in a few words, for one that was not asked."""
    return Said(item.row.clinician_topic, item.row.patient_topic).to(audience) or item_text(item, audience)


def item_source(item: Item) -> str:
    """Where an item comes from and how it was read; a clinic's own pathway is named first."""
    year = item.row.source_year
    dated = not year or str(year) in item.row.source
    published = item.row.source if dated else f"{item.row.source} ({year})"
    return f"Own pathway: {item.clinic_source}. Published: {published}" if item.clinic_source else published


def reading_grade(item: Item) -> str:
    return _GRADES[item.row.reading_grade]
