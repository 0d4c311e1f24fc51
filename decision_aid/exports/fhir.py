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
- Text goes through `fhir_data_types.clean`. FHIR knows no empty text: blank text is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum

from decision_aid.consultation.checklist import Overrides
from decision_aid.consultation.model import Consultation, Place
from decision_aid.evidence.loading import Evidence
from decision_aid.exports.fhir_data_types import CodeSystem, Resource, clean, digest, instant, urn
from decision_aid.exports.fhir_questionnaire import (
    AGE_CODES,
    ANSWER_CODES,
    DURATION_CODES,
    LEANING_CODES,
    LEVEL_CODES,
    PLACE_CODES,
    SIDE_CODES,
    condition_codes,
    link_id,
    procedure_codes,
    questionnaire,
)


def export(
    evidence: Evidence, consultation: Consultation, authored: datetime, overrides: Overrides | None = None
) -> str:
    """Questionnaire and response in one FHIR R4 Bundle of the type collection, as JSON.

    The names of the entries are made from their content: the same answers at the same time give the same file. ASCII
    only, so that no reader can take it for another encoding. Raises `ValueError` when `authored` has no time zone.
    Source: hl7.org/fhir/R4, pages Bundle and JSON.
    """
    asked = questionnaire(evidence, consultation, overrides)
    response = _response(asked, evidence, consultation, authored)
    entries = ((f"{asked['url']}|{asked['version']}", asked), (f"response/{digest(response)}", response))
    bundle = {
        "resourceType": "Bundle",
        "language": "en",
        "type": "collection",
        "timestamp": response["authored"],
        "entry": [{"fullUrl": urn(name), "resource": resource} for name, resource in entries],
    }
    return json.dumps(bundle, ensure_ascii=True, allow_nan=False, indent=1) + "\n"


def _response(asked: Resource, evidence: Evidence, consultation: Consultation, authored: datetime) -> Resource:
    """The answers to a Questionnaire; what was not answered is absent. Source: the page QuestionnaireResponse."""
    given = {link: [value] for link, value in _single(evidence, consultation).items()} | _levels(consultation)
    items = list(_answered(asked["item"], given, _repeated(consultation)))
    return {
        "resourceType": "QuestionnaireResponse",
        "language": "en",
        "questionnaire": f"{asked['url']}|{asked['version']}",
        "status": "completed",
        "authored": instant(authored),
        **({"item": items} if items else {}),
    }


def _single(evidence: Evidence, c: Consultation) -> dict[str, Resource]:
    """Every answer that is given once, by linkId."""
    found: dict[str, Resource | None] = {
        "planned/condition": _coded(condition_codes(evidence), c.condition),
        "planned/procedure": _coded(procedure_codes(evidence), c.procedure),
        "planned/code": _string(c.code),
        "planned/side": _coded(SIDE_CODES, c.side),
        "planned/duration": _coded(DURATION_CODES, c.duration),
        "planned/age-group": _coded(AGE_CODES, c.age_group),
        **{link_id("checklist", k): _coded(ANSWER_CODES, v) for k, v in c.answers.items()},
        **{link_id("matters", k): _place(v) for k, v in c.matters.items()},
        **{link_id("question", k): _string(v) for k, v in c.question_notes.items()},
        "decision/leaning": _coded(LEANING_CODES, c.leaning),
        "decision/reason": _string(c.leaning_reason),
        **{link_id("sure", k): {"valueBoolean": v} for k, v in c.sure.items()},
        "understanding/teach-back": _string(c.teach_back),
        "understanding/explained-again": {"valueBoolean": True} if c.explained_again else None,
    }
    return _given(found)


def _levels(c: Consultation) -> dict[str, list[Resource]]:
    known = LEVEL_CODES.displays
    told = [{"valueCoding": LEVEL_CODES.coding(level)} if level in known else _string(level) for level in c.levels]
    found = [value for value in told if value is not None]
    return {"planned/level": found} if found else {}


def _repeated(c: Consultation) -> dict[str, list[dict[str, Resource]]]:
    """The answers of each repeating group, round by round."""
    return {
        "own-concern": [
            _given({"own-concern/text": _string(o.text), "own-concern/place": _place(o.place) if o.place else None})
            for o in c.own_concerns
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
                    "next-step/by-when": {"valueDate": step.by_when.isoformat()} if step.by_when else None,
                }
            )
            for step in c.next_steps
        ],
    }


def _answered(
    items: Iterable[Resource],
    given: Mapping[str, list[Resource]],
    repeated: Mapping[str, list[dict[str, Resource]]],
) -> Iterator[Resource]:
    """The items that were answered, in the order and nesting of the Questionnaire."""
    for item in items:
        head = {"linkId": item["linkId"], "text": item["text"]}
        if item["type"] == "group":
            rounds = [{k: [v] for k, v in one.items()} for one in repeated.get(item["linkId"], ())]
            for values in rounds if item.get("repeats") else [given]:
                if nested := list(_answered(item["item"], values, repeated)):
                    yield head | {"item": nested}
        elif item["linkId"] in given:
            yield head | {"answer": given[item["linkId"]]}


def _given(found: Mapping[str, Resource | None]) -> dict[str, Resource]:
    return {link: value for link, value in found.items() if value is not None}


def _coded(codes: CodeSystem, given: StrEnum | None) -> Resource | None:
    return None if given is None else {"valueCoding": codes.coding(given.value)}


def _place(place: Place) -> Resource:
    return {"valueCoding": PLACE_CODES.coding(place)}


def _string(text: str) -> Resource | None:
    cleaned = clean(text)
    return {"valueString": cleaned} if cleaned.strip() else None
