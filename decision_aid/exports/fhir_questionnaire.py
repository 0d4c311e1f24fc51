"""What was asked, as a FHIR R4 Questionnaire: the checklist of a condition and procedure, and the decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from decision_aid import wording
from decision_aid.consultation.checklist import Item, Overrides, checklist
from decision_aid.consultation.model import LEVELS, LONGEST_NOTE, SEVERAL, Consultation
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Part, Procedure
from decision_aid.evidence.loading import Evidence
from decision_aid.exports.fhir_data_types import CodeSystem, Resource, clean, digest, urn

UNLISTED = "unlisted"  # linkId of the group of answers to items that this list does not hold

ANSWER_CODES = CodeSystem("answer", {given.value: words for given, words in wording.ANSWERS.items()})
PLACE_CODES = CodeSystem("place", {str(place): words for place, words in wording.PLACES.items()})
LEANING_CODES = CodeSystem("leaning", {leaning.value: words for leaning, words in wording.LEANINGS.items()})
LEVEL_CODES = CodeSystem("level", {**{level: level for level in LEVELS}, SEVERAL: "Several levels"})
SIDE_CODES = CodeSystem("side", {side.value: words for side, words in wording.SIDES.items()})
DURATION_CODES = CodeSystem("duration", {d.value: words for d, words in wording.DURATIONS.items()})
AGE_CODES = CodeSystem("age-group", {age.value: words for age, words in wording.AGE_GROUPS.items()})


def condition_codes(evidence: Evidence) -> CodeSystem:
    known = evidence.conditions
    return CodeSystem(
        "condition", {c.value: known[c].clinician_label if c in known else c.replace("_", " ") for c in Condition}
    )


def procedure_codes(evidence: Evidence) -> CodeSystem:
    known = evidence.procedures
    return CodeSystem(
        "procedure", {p.value: known[p].clinician_label if p in known else p.replace("_", " ") for p in Procedure}
    )


def questionnaire(evidence: Evidence, answered_by: Consultation, overrides: Overrides | None = None) -> Resource:
    """The checklist and the decision as a FHIR R4 Questionnaire.

    Without a condition or a procedure it has no checklist. The group UNLISTED holds the items that the consultation
    answers and the list does not have. Source: hl7.org/fhir/R4, page Questionnaire.
    """
    condition, procedure = answered_by.condition, answered_by.procedure
    items = _listed_items(evidence, answered_by, overrides)
    unlisted = list(_unlisted_items(evidence, answered_by, overrides, set(_link_ids(items))))
    items += _group(UNLISTED, "Answers to items that are not in this list", unlisted)
    names = [
        *([condition_codes(evidence).displays[condition]] if condition else []),
        *([procedure_codes(evidence).displays[procedure]] if procedure else []),
    ]
    return {
        "resourceType": "Questionnaire",
        "language": "en",
        "url": urn(f"questionnaire/{condition or ''}/{procedure or ''}"),
        "version": f"{evidence.content_hash[:12]}-{digest(items)[:12]}",
        "name": "SpineChoice" + "".join(part.title() for part in f"{condition or ''}_{procedure or ''}".split("_")),
        "title": clean(": ".join(["Spine Choice", *([", ".join(names)] if names else [])])),
        "status": "active",
        "subjectType": ["Patient"],
        "date": evidence.search_date.isoformat(),
        "item": items,
    }


def link_id(kind: str, item_id: str) -> str:
    """The linkId of an item: the kind of answer and the id in the dataset, percent-encoded."""
    return f"{kind}/{quote(item_id, safe='', errors='surrogatepass')}"


def _listed_items(evidence: Evidence, of: Consultation, overrides: Overrides | None) -> list[Resource]:
    asked = checklist(evidence, of.condition, of.procedure, overrides) if of.condition and of.procedure else None
    parts = [
        group
        for part in Part
        for group in _group(
            f"part/{part}",
            wording.part_label(part, Audience.CLINICIAN),
            [_checklist_item(i) for i in asked.part(part)] if asked else [],
        )
    ]
    return [
        *_group(
            "planned",
            "What it is about",
            [
                _choice("planned/condition", "Condition", condition_codes(evidence)),
                _choice("planned/procedure", "Planned procedure", procedure_codes(evidence)),
                # A level that is not one of the usual ones is written as text.
                _choice("planned/level", "Level", LEVEL_CODES) | {"type": "open-choice", "repeats": True},
                _choice("planned/side", "Side", SIDE_CODES),
                _choice("planned/duration", "How long the trouble has lasted", DURATION_CODES),
                _choice("planned/age-group", "Age group", AGE_CODES),
                _text("planned/code", "Code of the clinic, never a name"),
            ],
        ),
        *_group("checklist", "Checklist", parts),
        *_group(
            "matters",
            "What matters to the patient",
            # In the words the patient reads, as the questions are in the words the patient asks.
            [
                _placed(link_id("matters", row.concern_id), wording.concern_label(row, Audience.PATIENT))
                for row in evidence.concerns
            ],
        ),
        *_group(
            "own-concern",
            "The patient's own concern",
            [_text("own-concern/text", "Concern"), _placed("own-concern/place", "Its place among what matters")],
            repeats=True,
        ),
        *_group(
            "questions",
            "Questions and what was said",
            [
                _text(link_id("question", q.question_id), wording.question_text(q, Audience.PATIENT))
                for q in evidence.questions
            ],
        ),
        *_group(
            "own-question",
            "The patient's own question",
            [_text("own-question/text", "Question"), _text("own-question/note", "What was said")],
            repeats=True,
        ),
        *_group(
            "decision",
            "Where the patient stands",
            [_choice("decision/leaning", "Leaning", LEANING_CODES), _text("decision/reason", "Reason")],
        ),
        *_group(
            "sure",
            "SURE test",
            [
                *(_item(link_id("sure", row.item_id), "boolean", row.text) for row in evidence.sure),
                # The test may be used only word for word and with its authors named.
                *(
                    _item(f"sure#source{i}", "display", source)
                    for i, source in enumerate(dict.fromkeys(row.source for row in evidence.sure), 1)
                ),
            ],
        ),
        *_group(
            "understanding",
            "In the patient's own words",
            [
                _text("understanding/teach-back", wording.TEACH_BACK),
                _item("understanding/explained-again", "boolean", "Explained again"),
            ],
        ),
        *_group(
            "next-step",
            "Next step",
            [
                _text("next-step/what", "What"),
                _text("next-step/who", "Who"),
                _item("next-step/by-when", "date", "By when"),
            ],
            repeats=True,
        ),
    ]


def _unlisted_items(
    evidence: Evidence, consultation: Consultation, overrides: Overrides | None, listed: set[str]
) -> Iterator[Resource]:
    """Items for the answers that have none in the list; their own words where the dataset still knows them."""

    def missing(kind: str, ids: Iterable[str]) -> Iterator[tuple[str, str, str]]:
        for item_id in ids:
            if (link := link_id(kind, item_id)) not in listed:
                yield item_id, link, f"“{item_id}”, not in this dataset"

    of_others = {
        item.id: item
        for condition in Condition
        for procedure in Procedure
        for item in checklist(evidence, condition, procedure, overrides).items
    }
    for item_id, link, words in missing("checklist", consultation.answers):
        yield _checklist_item(of_others[item_id]) if item_id in of_others else _choice(link, words, ANSWER_CODES)
    for _, link, words in missing("matters", consultation.matters):
        yield _placed(link, f"What matters: {words}")
    for _, link, words in missing("question", (k for k, v in consultation.question_notes.items() if clean(v).strip())):
        yield _text(link, f"Question: {words}")
    for _, link, words in missing("sure", consultation.sure):
        yield _item(link, "boolean", f"SURE test: {words}")


def _checklist_item(item: Item) -> Resource:
    link = link_id("checklist", item.id)
    source = _item(f"{link}#source", "display", f"Source: {wording.item_source(item)}")
    return _choice(link, wording.item_text(item, Audience.CLINICIAN), ANSWER_CODES) | {"item": [source]}


def _item(link: str, kind: str, text: str) -> Resource:
    return {"linkId": link, "text": clean(text), "type": kind}


def _text(link: str, text: str) -> Resource:
    return _item(link, "text", text) | {"maxLength": LONGEST_NOTE}


def _choice(link: str, text: str, codes: CodeSystem) -> Resource:
    return _item(link, "choice", text) | {"answerOption": codes.options()}


def _placed(link: str, text: str) -> Resource:
    return _choice(link, text, PLACE_CODES)


def _group(link: str, text: str, items: list[Resource], *, repeats: bool = False) -> list[Resource]:
    """One group, or none: a group without items is not valid."""
    return [_item(link, "group", text) | ({"repeats": True} if repeats else {}) | {"item": items}] if items else []


def _link_ids(items: Iterable[Resource]) -> Iterator[str]:
    for item in items:
        yield item["linkId"]
        yield from _link_ids(item.get("item", ()))
