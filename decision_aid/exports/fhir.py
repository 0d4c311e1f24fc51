"""The checklist and the decision as FHIR R4 (4.0.1), for a hospital system to take in.

A Questionnaire says what was asked, a QuestionnaireResponse what was answered, and a Bundle carries both in one file.
Source: the pages Questionnaire, QuestionnaireResponse, Bundle and Data Types of the specification, hl7.org/fhir/R4.

What an importer should know:

- No patient, no clinician, no identifier of a person is in it. The program does not know them; the system that takes the
  file in attaches the subject. Free text is not searched for names.
- What was not answered is absent. An unticked “explained again” is no answer either, so only a tick is sent.
- A `linkId` is the kind of answer and the id in the dataset, `checklist/a1`. It is the same in every list, so that answers
  can be compared between lists and over versions. Ids are percent-encoded, which keeps two different ids different.
- An answer to an item of another condition or an older dataset is never lost: it stands in the group UNLISTED, and the
  Questionnaire that travels with the response has that group too.
- The canonical url is a `urn:uuid:` made from condition and procedure, because nobody publishes these lists at a web
  address. The version holds the dataset's hash and, after the hyphen, the hash of the items: a clinic's own wording or a
  group UNLISTED makes another version, so url and version together always mean the same questions.
- The source of an item is a `display` item below it, made to be read. `definition` must point to an ElementDefinition,
  which these items have not; the standard extension designNote is meant for authors and not to be shown.
- Text goes through `clean`. FHIR knows no empty text: blank text is left out.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

from decision_aid import wording
from decision_aid.consultation.checklist import Item, checklist
from decision_aid.consultation.model import LEVELS, LONGEST_NOTE, Consultation, Importance
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Part, Procedure
from decision_aid.evidence.loading import Evidence

UNLISTED = "unlisted"  # linkId of the group of answers to items that this list does not hold

Resource = dict[str, Any]
Overrides = Mapping[str, Mapping[str, str]]

_NAMESPACE = UUID("5d3c1f0e-7b64-4b0b-9a52-2f6b8e1c94d7")  # any fixed one: the same content gives the same names
_LONGEST_OFFSET = timedelta(hours=14)

# Forms a receiving system may read as the end of a line, or must refuse because XML cannot hold them.
_LINE_ENDS = "\v\f\x85\u2028\u2029"
_NOT_IN_XML = "\ufffe\uffff"
_REPLACEMENT = "\ufffd"


class Status(StrEnum):
    """How far the answers are: codes of questionnaire-answers-status that apply here."""

    COMPLETED = "completed"
    IN_PROGRESS = "in-progress"


@dataclass(frozen=True, slots=True)
class _Codes:
    """A small code system of our own: code and words."""

    name: str
    displays: Mapping[str, str]

    def coding(self, code: str) -> dict[str, str]:
        return {"system": _urn(f"codes/{self.name}"), "code": code, "display": self.displays[code]}

    def options(self) -> list[Resource]:
        return [{"valueCoding": self.coding(code)} for code in self.displays]


_ANSWERS = _Codes("answer", {given.value: words for given, words in wording.ANSWERS.items()})
_IMPORTANCE = _Codes("importance", {i.name.lower(): words for i, words in wording.IMPORTANCE.items()})
_LEANING = _Codes("leaning", {leaning.value: words for leaning, words in wording.LEANINGS.items()})
_LEVELS = _Codes("level", {level: "Several levels" if level == "several" else level for level in LEVELS})


def questionnaire(
    evidence: Evidence,
    condition: Condition | None,
    procedure: Procedure | None,
    overrides: Overrides | None = None,
    *,
    answered_by: Consultation | None = None,
) -> Resource:
    """The checklist and the decision as a FHIR R4 Questionnaire.

    Without a condition or a procedure it has no checklist. With `answered_by` it also holds, in the group UNLISTED, the
    items that this consultation answers and the list does not have. Source: hl7.org/fhir/R4, page Questionnaire.
    """
    items = _listed_items(evidence, condition, procedure, overrides)
    if answered_by is not None:
        unlisted = list(_unlisted_items(evidence, answered_by, overrides, set(_link_ids(items))))
        items += _group(UNLISTED, "Answers to items that are not in this list", unlisted)
    names = [
        *([_condition_codes(evidence).displays[condition]] if condition else []),
        *([_procedure_codes(evidence).displays[procedure]] if procedure else []),
    ]
    return {
        "resourceType": "Questionnaire",
        "language": "en",
        "url": _urn(f"questionnaire/{condition or ''}/{procedure or ''}"),
        "version": f"{evidence.content_hash[:12]}-{_hash(items)[:12]}",
        "name": "SpineChoice" + "".join(part.title() for part in f"{condition or ''}_{procedure or ''}".split("_")),
        "title": clean(": ".join(["Spine Choice", *([", ".join(names)] if names else [])])),
        "status": "active",
        "subjectType": ["Patient"],
        "date": evidence.search_date.isoformat(),
        "item": items,
    }


def questionnaire_response(
    evidence: Evidence,
    consultation: Consultation,
    *,
    authored: datetime,
    overrides: Overrides | None = None,
    status: Status = Status.COMPLETED,
) -> Resource:
    """The answers of a consultation as a FHIR R4 QuestionnaireResponse; what was not answered is absent.

    It answers `questionnaire(..., answered_by=consultation)`. Raises `ValueError` when `authored` has no time zone.
    Source: hl7.org/fhir/R4, page QuestionnaireResponse.
    """
    return _response(_asked(evidence, consultation, overrides), evidence, consultation, authored, status)


def bundle(
    evidence: Evidence,
    consultation: Consultation,
    *,
    authored: datetime,
    overrides: Overrides | None = None,
    status: Status = Status.COMPLETED,
) -> Resource:
    """Questionnaire and response in one FHIR R4 Bundle of the type collection.

    The names of the entries are made from their content: the same answers at the same time give the same file. Raises
    `ValueError` when `authored` has no time zone. Source: hl7.org/fhir/R4, page Bundle.
    """
    asked = _asked(evidence, consultation, overrides)
    response = _response(asked, evidence, consultation, authored, status)
    entries = ((f"{asked['url']}|{asked['version']}", asked), (f"response/{_hash(response)}", response))
    return {
        "resourceType": "Bundle",
        "language": "en",
        "type": "collection",
        "timestamp": response["authored"],
        "entry": [{"fullUrl": _urn(name), "resource": resource} for name, resource in entries],
    }


def as_json(resource: Resource) -> str:
    """The resource as JSON (hl7.org/fhir/R4, page JSON): ASCII only, so that no reader can take it for another encoding."""
    return json.dumps(resource, ensure_ascii=True, allow_nan=False, indent=1) + "\n"


def export(
    evidence: Evidence,
    consultation: Consultation,
    authored: datetime,
    *,
    overrides: Overrides | None = None,
    status: Status = Status.COMPLETED,
) -> str:
    """The text of the file to hand over: `bundle` as JSON. Raises `ValueError` when `authored` has no time zone."""
    return as_json(bundle(evidence, consultation, authored=authored, overrides=overrides, status=status))


def clean(text: str) -> str:
    r"""The text as a FHIR string can hold it; nothing is cut and its number of characters stays.

    Rule: rarer line ends become \n; rarer spaces become a plain one, because the pattern of a FHIR string counts no
    other as text; control characters, halves of surrogate pairs and the two code points XML cannot hold become U+FFFD, so
    that a reader sees that something stood there. Source: hl7.org/fhir/R4, page Data Types, string.
    """
    return "".join(map(_clean_character, text))


def _clean_character(character: str) -> str:
    if character in " \r\n\t" or character.isalnum():
        return character
    if character in _LINE_ENDS:
        return "\n"
    category = unicodedata.category(character)
    if category in ("Cc", "Cs") or character in _NOT_IN_XML:
        return _REPLACEMENT
    return " " if category == "Zs" else character


# --- what is asked ------------------------------------------------------------------------------------------------


def _asked(evidence: Evidence, consultation: Consultation, overrides: Overrides | None) -> Resource:
    return questionnaire(evidence, consultation.condition, consultation.procedure, overrides, answered_by=consultation)


def _listed_items(
    evidence: Evidence, condition: Condition | None, procedure: Procedure | None, overrides: Overrides | None
) -> list[Resource]:
    asked = checklist(evidence, condition, procedure, overrides) if condition and procedure else None
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
                _choice("planned/condition", "Condition", _condition_codes(evidence)),
                _choice("planned/procedure", "Planned procedure", _procedure_codes(evidence)),
                # A level that is not one of the usual ones is written as text.
                _choice("planned/level", "Level", _LEVELS) | {"type": "open-choice"},
            ],
        ),
        *_group("checklist", "Checklist", parts),
        *_group(
            "matters",
            "What matters to the patient",
            _concerns("matters", evidence),
        ),
        *_group(
            "mattered-before",
            "What mattered before the patient weighed it anew",
            _concerns("mattered-before", evidence),
        ),
        *_group(
            "own-concern",
            "The patient's own concern",
            [_text("own-concern/text", "Concern"), _importance("own-concern/importance", "How much it matters")],
            repeats=True,
        ),
        *_group(
            "questions",
            "Questions and what was said",
            [
                _text(_link("question", q.question_id), wording.question_text(q, Audience.PATIENT))
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
            [_choice("decision/leaning", "Leaning", _LEANING), _text("decision/reason", "Reason")],
        ),
        *_group(
            "sure",
            "SURE test",
            [
                *(_item(_link("sure", row.item_id), "boolean", row.text) for row in evidence.sure),
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
                _text("next-step/by-when", "By when"),
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
            if (link := _link(kind, item_id)) not in listed:
                yield item_id, link, f"“{item_id}”, not in this dataset"

    of_others = {
        item.id: item
        for condition in Condition
        for procedure in Procedure
        for item in checklist(evidence, condition, procedure, overrides).items
    }
    for item_id, link, words in missing("checklist", consultation.answers):
        yield _checklist_item(of_others[item_id]) if item_id in of_others else _choice(link, words, _ANSWERS)
    for _, link, words in missing("matters", consultation.importance):
        yield _importance(link, f"What matters: {words}")
    for _, link, words in missing("mattered-before", consultation.earlier_importance):
        yield _importance(link, f"What mattered before: {words}")
    for _, link, words in missing("question", (k for k, v in consultation.question_notes.items() if _string(v))):
        yield _text(link, f"Question: {words}")
    for _, link, words in missing("sure", consultation.sure):
        yield _item(link, "boolean", f"SURE test: {words}")


def _checklist_item(item: Item) -> Resource:
    link = _link("checklist", item.id)
    source = _item(f"{link}#source", "display", f"Source: {wording.item_source(item)}")
    return _choice(link, wording.item_text(item, Audience.CLINICIAN), _ANSWERS) | {"item": [source]}


def _concerns(kind: str, evidence: Evidence) -> list[Resource]:
    # In the words the patient weighed, as the questions are in the words the patient asks.
    return [
        _importance(_link(kind, row.concern_id), wording.concern_label(row, Audience.PATIENT))
        for row in evidence.concerns
    ]


def _link(kind: str, item_id: str) -> str:
    return f"{kind}/{quote(item_id, safe='', errors='surrogatepass')}"


def _item(link: str, kind: str, text: str) -> Resource:
    return {"linkId": link, "text": clean(text), "type": kind}


def _text(link: str, text: str) -> Resource:
    return _item(link, "text", text) | {"maxLength": LONGEST_NOTE}


def _choice(link: str, text: str, codes: _Codes) -> Resource:
    return _item(link, "choice", text) | {"answerOption": codes.options()}


def _importance(link: str, text: str) -> Resource:
    return _choice(link, text, _IMPORTANCE)


def _group(link: str, text: str, items: list[Resource], *, repeats: bool = False) -> list[Resource]:
    """One group, or none: a group without items is not valid."""
    return [_item(link, "group", text) | ({"repeats": True} if repeats else {}) | {"item": items}] if items else []


def _link_ids(items: Iterable[Resource]) -> Iterator[str]:
    for item in items:
        yield item["linkId"]
        yield from _link_ids(item.get("item", ()))


def _condition_codes(evidence: Evidence) -> _Codes:
    known = evidence.conditions
    return _Codes(
        "condition", {c.value: known[c].clinician_label if c in known else c.replace("_", " ") for c in Condition}
    )


def _procedure_codes(evidence: Evidence) -> _Codes:
    known = evidence.procedures
    return _Codes(
        "procedure", {p.value: known[p].clinician_label if p in known else p.replace("_", " ") for p in Procedure}
    )


# --- what was answered --------------------------------------------------------------------------------------------


def _response(
    asked: Resource, evidence: Evidence, consultation: Consultation, authored: datetime, status: Status
) -> Resource:
    items = list(_answered(asked["item"], _single(evidence, consultation), _repeated(consultation)))
    return {
        "resourceType": "QuestionnaireResponse",
        "language": "en",
        "questionnaire": f"{asked['url']}|{asked['version']}",
        "status": status.value,
        "authored": _moment(authored),
        **({"item": items} if items else {}),
    }


def _single(evidence: Evidence, c: Consultation) -> dict[str, Resource]:
    """Every answer that is given once, by linkId."""
    level = {"valueCoding": _LEVELS.coding(c.level)} if c.level in LEVELS else _string(c.level)
    found: dict[str, Resource | None] = {
        "planned/condition": _coded(_condition_codes(evidence), c.condition),
        "planned/procedure": _coded(_procedure_codes(evidence), c.procedure),
        "planned/level": level,
        **{_link("checklist", k): _coded(_ANSWERS, v) for k, v in c.answers.items()},
        **{_link("matters", k): _weight(v) for k, v in c.importance.items()},
        **{_link("mattered-before", k): _weight(v) for k, v in c.earlier_importance.items()},
        **{_link("question", k): _string(v) for k, v in c.question_notes.items()},
        "decision/leaning": _coded(_LEANING, c.leaning),
        "decision/reason": _string(c.leaning_reason),
        **{_link("sure", k): {"valueBoolean": v} for k, v in c.sure.items()},
        "understanding/teach-back": _string(c.teach_back),
        "understanding/explained-again": {"valueBoolean": True} if c.explained_again else None,
    }
    return _given(found)


def _repeated(c: Consultation) -> dict[str, list[dict[str, Resource]]]:
    """The answers of each repeating group, round by round."""
    return {
        "own-concern": [
            _given({"own-concern/text": _string(o.text), "own-concern/importance": _weight(o.importance)})
            for o in c.own_concerns
            if _string(o.text)  # a row left blank has a weight that nobody gave
        ],
        "own-question": [
            _given({"own-question/text": _string(o.text), "own-question/note": _string(o.note)})
            for o in c.own_questions
        ],
        "next-step": [
            _given(
                {
                    "next-step/what": _string(step.what),
                    "next-step/who": _string(step.who),
                    "next-step/by-when": _string(step.by_when),
                }
            )
            for step in c.next_steps
        ],
    }


def _answered(
    items: Iterable[Resource],
    given: Mapping[str, Resource],
    repeated: Mapping[str, list[dict[str, Resource]]],
) -> Iterator[Resource]:
    """The items that were answered, in the order and nesting of the Questionnaire."""
    for item in items:
        head = {"linkId": item["linkId"], "text": item["text"]}
        if item["type"] == "group":
            for values in repeated[item["linkId"]] if item.get("repeats") else [given]:
                if nested := list(_answered(item["item"], values, repeated)):
                    yield head | {"item": nested}
        elif item["linkId"] in given:
            yield head | {"answer": [given[item["linkId"]]]}


def _given(found: Mapping[str, Resource | None]) -> dict[str, Resource]:
    return {link: value for link, value in found.items() if value is not None}


def _coded(codes: _Codes, given: StrEnum | None) -> Resource | None:
    return None if given is None else {"valueCoding": codes.coding(given.value)}


def _weight(importance: Importance) -> Resource:
    return {"valueCoding": _IMPORTANCE.coding(importance.name.lower())}


def _string(text: str) -> Resource | None:
    cleaned = clean(text)
    return {"valueString": cleaned} if cleaned.strip() else None


def _moment(when: datetime) -> str:
    offset = when.utcoffset()
    if offset is None:
        raise ValueError("A FHIR time needs its time zone; the time given has none.")
    # FHIR writes an offset in hours and minutes and up to 14 hours; any other is told in UTC.
    if offset % timedelta(minutes=1) or abs(offset) > _LONGEST_OFFSET:
        when = when.astimezone(UTC)
    return when.isoformat(timespec="seconds")


# --- names --------------------------------------------------------------------------------------------------------


def _urn(name: str) -> str:
    return uuid5(_NAMESPACE, name).urn


def _hash(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode("ascii")).hexdigest()
