"""The FHIR export: valid, complete, without a person in it, and nothing in it that nobody said.

fhir.resources has models of R4B (4.3.0), none of R4 (4.0.1). The two agree on what is used here: HL7's maps between the
versions call the elements of Questionnaire and QuestionnaireResponse equivalent, the release notes of R4B name neither,
and the elements of R4, listed below, are compared with the models. What the models let pass (the rules que-0 to que-10 and
qrs-1, the pattern of a string, the codes of a closed list) is checked here. No filter for warnings is needed: importing and
using fhir.resources gives none.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from itertools import product
from typing import Any
from urllib.parse import unquote

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.questionnaire import Questionnaire, QuestionnaireItem
from fhir.resources.R4B.questionnaireresponse import (
    QuestionnaireResponse,
    QuestionnaireResponseItem,
    QuestionnaireResponseItemAnswer,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from decision_aid.consultation.checklist import Overrides
from decision_aid.consultation.model import (
    LEVELS,
    LONGEST_NOTE,
    SEVERAL,
    AgeGroup,
    Answer,
    Consultation,
    Duration,
    Laterality,
    Leaning,
    NextStep,
    OwnConcern,
    OwnQuestion,
    Place,
)
from decision_aid.domain.vocabulary import Condition, Part, Procedure
from decision_aid.evidence.loading import load
from decision_aid.exports import fhir
from decision_aid.exports.fhir_data_types import clean
from decision_aid.exports.fhir_questionnaire import UNLISTED

DATA = load()
EACH = [(c, p) for c, row in DATA.conditions.items() for p in row.procedures]
WHEN = datetime(2026, 11, 26, 9, 30, tzinfo=timezone(timedelta(hours=2)))
HERNIATION = Consultation(Condition.DISC_HERNIATION, Procedure.DISCECTOMY)

# What R4 (4.0.1) has; source: hl7.org/fhir/R4, pages Questionnaire and QuestionnaireResponse, in their order.
_OF_ANY = ["id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension"]
R4_ELEMENTS = {
    Questionnaire: [
        *_OF_ANY,
        *("url", "identifier", "version", "name", "title", "derivedFrom", "status", "experimental", "subjectType"),
        *("date", "publisher", "contact", "description", "useContext", "jurisdiction", "purpose", "copyright"),
        *("approvalDate", "lastReviewDate", "effectivePeriod", "code", "item"),
    ],
    QuestionnaireItem: [
        *("id", "extension", "modifierExtension", "linkId", "definition", "code", "prefix", "text", "type"),
        *("enableWhen", "enableBehavior", "required", "repeats", "readOnly", "maxLength", "answerValueSet"),
        *("answerOption", "initial", "item"),
    ],
    QuestionnaireResponse: [
        *_OF_ANY,
        *("identifier", "basedOn", "partOf", "questionnaire", "status", "subject", "encounter", "authored", "author"),
        *("source", "item"),
    ],
    QuestionnaireResponseItem: [
        *("id", "extension", "modifierExtension", "linkId", "definition", "text", "answer", "item"),
    ],
    QuestionnaireResponseItemAnswer: [
        *("id", "extension", "modifierExtension", "valueBoolean", "valueDecimal", "valueInteger", "valueDate"),
        *("valueDateTime", "valueTime", "valueString", "valueUri", "valueAttachment", "valueCoding", "valueQuantity"),
        *("valueReference", "item"),
    ],
}
ANSWER_TYPES = {
    "boolean": {"valueBoolean"},
    "date": {"valueDate"},
    "text": {"valueString"},
    "choice": {"valueCoding"},
    "open-choice": {"valueCoding", "valueString"},
}
WHO = {"subject", "author", "source", "identifier", "encounter", "publisher", "contact", "basedOn", "partOf"}

ODD = [
    "",
    " ",
    "\0",
    "\x1b",
    "\v",
    "\x85",
    "\u2028",
    "\xa0",
    "\ud800",
    "\ufffe",
    "\u202eabc",
    "שלום",
    "👩🏽‍⚕️",
    "a/b#c%",
]
TEXT = st.text(st.characters(), max_size=12) | st.lists(st.sampled_from(ODD), max_size=4).map("".join)


def ids(known: list[str]) -> st.SearchStrategy[str]:
    """Ids of the dataset and ids it has never had."""
    return st.sampled_from(known) | TEXT


CONSULTATIONS = st.builds(
    Consultation,
    condition=st.none() | st.sampled_from(Condition),
    procedure=st.none() | st.sampled_from(Procedure),
    levels=st.lists(st.sampled_from((*LEVELS, SEVERAL)) | TEXT, max_size=3).map(tuple),
    side=st.none() | st.sampled_from(Laterality),
    duration=st.none() | st.sampled_from(Duration),
    age_group=st.none() | st.sampled_from(AgeGroup),
    answers=st.dictionaries(ids([r.item_id for r in DATA.indications]), st.sampled_from(Answer), max_size=6),
    matters=st.dictionaries(ids([r.concern_id for r in DATA.concerns]), st.sampled_from(Place), max_size=4),
    own_concerns=st.lists(st.builds(OwnConcern, TEXT, st.none() | st.sampled_from(Place)), max_size=3).map(tuple),
    question_notes=st.dictionaries(ids([r.question_id for r in DATA.questions]), TEXT, max_size=4),
    own_questions=st.lists(st.builds(OwnQuestion, TEXT, TEXT), max_size=3).map(tuple),
    leaning=st.none() | st.sampled_from(Leaning),
    leaning_reason=TEXT,
    sure=st.dictionaries(ids([r.item_id for r in DATA.sure]), st.booleans(), max_size=4),
    teach_back=TEXT,
    explained_again=st.booleans(),
    next_steps=st.lists(st.builds(NextStep, TEXT, TEXT, st.none() | st.dates()), max_size=3).map(tuple),
    code=st.sampled_from(["", "A17"]),
)


def everything(text: str, key: str = "zz") -> Consultation:
    """A consultation with this text wherever a text can stand, and an id that no dataset has."""
    return Consultation(
        condition=Condition.SPONDYLOLISTHESIS,
        procedure=Procedure.FUSION,
        levels=(text,),
        side=Laterality.LEFT,
        duration=Duration.LONGER,
        age_group=AgeGroup.OVER_65,
        answers={"a1": Answer.NO, key: Answer.YES},
        matters={key: Place.FIRST},
        own_concerns=(OwnConcern(text, Place.ALSO),),
        question_notes={"exact_diagnosis": text, key: text},
        own_questions=(OwnQuestion(text, text),),
        leaning=Leaning.SECOND_OPINION,
        leaning_reason=text,
        sure={"s": False, key: True},
        teach_back=text,
        explained_again=True,
        next_steps=(NextStep(text, text, date(2027, 1, 15)),),
        code="A17",
    )


def exported(
    consultation: Consultation, when: datetime = WHEN, overrides: Overrides | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Questionnaire and response out of the file, after the file went through UTF-8 and every check."""
    text = fhir.export(DATA, consultation, when, overrides)
    content = json.loads(text.encode("utf-8").decode("utf-8"))
    Bundle.model_validate(content)
    asked, response = (entry["resource"] for entry in content["entry"])
    assert_valid_once(json.dumps(asked))
    assert_answers_fit(asked, response)
    assert all(re.fullmatch(r"[ \r\n\t\S]+", s) and s.strip() for s in all_strings(content))
    return asked, response


def asked_of(condition: Condition | None, procedure: Procedure | None) -> dict[str, Any]:
    """The Questionnaire that travels with a consultation in which nothing was answered."""
    return exported(Consultation(condition, procedure))[0]


def flat(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        yield item
        yield from flat(item.get("item", []))


def all_strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from all_strings(child)


def all_keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from all_keys(child)


@cache
def assert_valid_once(asked: str) -> None:
    """Most consultations are asked the same questions: each text is held against the rules once."""
    assert_valid(json.loads(asked))


def assert_valid(asked: dict[str, Any]) -> None:
    """The model's rules and those of the R4 page (que-0 to que-10) that concern what we use."""
    Questionnaire.model_validate(asked)
    assert re.fullmatch("[A-Z][A-Za-z0-9_]{0,254}", asked["name"])  # que-0
    assert asked["status"] == "active"
    assert "|" not in asked["version"]
    items = list(flat(asked["item"]))
    assert max(Counter(i["linkId"] for i in items).values()) == 1  # que-2
    for item in items:
        used = set(item)
        assert used <= {"linkId", "text", "type", "item", "repeats", "maxLength", "answerOption"}
        assert item["type"] in {"group", "display", *ANSWER_TYPES}
        assert (item["type"] == "group") <= bool(item.get("item"))  # que-1
        assert item["type"] != "display" or used == {"linkId", "text", "type"}  # que-1, que-3, que-6, que-9
        assert ("answerOption" in used) == (item["type"] in ("choice", "open-choice"))  # que-5
        assert item.get("maxLength", LONGEST_NOTE) == LONGEST_NOTE
        assert ("maxLength" in used) == (item["type"] == "text")  # que-10


def assert_answers_fit(asked: dict[str, Any], response: dict[str, Any]) -> None:
    """Every answer has its question, stands under the same groups, in the same order, and is of the question's type."""
    QuestionnaireResponse.model_validate(response)
    assert response["questionnaire"] == f"{asked['url']}|{asked['version']}"
    assert response["status"] == "completed"

    def fit(items: list[dict[str, Any]], answers: list[dict[str, Any]]) -> None:
        question = {i["linkId"]: i for i in items}
        links = [a["linkId"] for a in answers]
        assert links == sorted(links, key=list(question).index)
        for answer in answers:
            item = question[answer["linkId"]]
            assert links.count(answer["linkId"]) == 1 or item.get("repeats")
            assert answer["text"] == item["text"]
            assert ("item" in answer) == (item["type"] == "group")  # qrs-1 follows: never both
            if item["type"] == "group":
                fit(item["item"], answer["item"])
                continue
            assert len(answer["answer"]) == 1 or item.get("repeats")
            for value in answer["answer"]:
                (kind,) = value
                assert kind in ANSWER_TYPES[item["type"]]
                if kind == "valueCoding":
                    assert value in item["answerOption"]

    fit(asked["item"], response.get("item", []))


def value_of(item: dict[str, Any]) -> Any:
    (answer,) = item["answer"]
    return told_in(answer)


def told_in(answer: dict[str, Any]) -> Any:
    (value,) = answer.values()
    return value["code"] if isinstance(value, dict) else value


def read(response: dict[str, Any]) -> Consultation:
    """The consultation a receiving system can read out of a response."""
    single: dict[str, dict[str, Any]] = {}
    rounds: dict[str, list[dict[str, Any]]] = {}
    for item in flat(response.get("item", [])):
        kind, _, key = item["linkId"].partition("/")
        if kind in ("own-concern", "own-question", "next-step"):
            if not key:
                rounds.setdefault(kind, []).append({i["linkId"].split("/")[1]: value_of(i) for i in item["item"]})
        elif "answer" in item:
            found = single.setdefault(kind, {})
            name = unquote(key, errors="surrogatepass")
            assert name not in found
            found[name] = [told_in(a) for a in item["answer"]] if name == "level" else value_of(item)
    planned, decision, told = (single.get(k, {}) for k in ("planned", "decision", "understanding"))

    return Consultation(
        condition=Condition(planned["condition"]) if "condition" in planned else None,
        procedure=Procedure(planned["procedure"]) if "procedure" in planned else None,
        levels=tuple(planned.get("level", ())),
        side=Laterality(planned["side"]) if "side" in planned else None,
        duration=Duration(planned["duration"]) if "duration" in planned else None,
        age_group=AgeGroup(planned["age-group"]) if "age-group" in planned else None,
        answers={k: Answer(v) for k, v in single.get("checklist", {}).items()},
        matters={k: Place(v) for k, v in single.get("matters", {}).items()},
        own_concerns=tuple(
            OwnConcern(r.get("text", ""), Place(r["place"]) if "place" in r else None)
            for r in rounds.get("own-concern", [])
        ),
        question_notes=single.get("question", {}),
        own_questions=tuple(OwnQuestion(r.get("text", ""), r.get("note", "")) for r in rounds.get("own-question", [])),
        leaning=Leaning(decision["leaning"]) if "leaning" in decision else None,
        leaning_reason=decision.get("reason", ""),
        sure=single.get("sure", {}),
        teach_back=told.get("teach-back", ""),
        explained_again=told.get("explained-again", False),
        next_steps=tuple(
            NextStep(r.get("what", ""), r.get("who", ""), date.fromisoformat(r["by-when"]) if "by-when" in r else None)
            for r in rounds.get("next-step", [])
        ),
        code=planned.get("code", ""),
    )


def as_sent(text: str) -> str:
    """What may arrive of a text, put as patterns; blank text does not arrive."""
    text = re.sub("[\v\f\x85\u2028\u2029]", "\n", text)
    text = re.sub("[\0-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)
    text = re.sub("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]", " ", text)
    return text if text.strip() else ""


def expected(c: Consultation) -> Consultation:
    own = [OwnConcern(as_sent(o.text), o.place) for o in c.own_concerns]
    questions = [OwnQuestion(as_sent(q.text), as_sent(q.note)) for q in c.own_questions]
    steps = [NextStep(as_sent(s.what), as_sent(s.who), s.by_when) for s in c.next_steps]
    return replace(
        c,
        levels=tuple(as_sent(level) for level in c.levels if as_sent(level)),
        own_concerns=tuple(o for o in own if o != OwnConcern("")),
        question_notes={k: as_sent(v) for k, v in c.question_notes.items() if as_sent(v)},
        own_questions=tuple(q for q in questions if q != OwnQuestion("")),
        leaning_reason=as_sent(c.leaning_reason),
        teach_back=as_sent(c.teach_back),
        next_steps=tuple(s for s in steps if s != NextStep("")),
    )


@pytest.mark.parametrize("model", R4_ELEMENTS, ids=lambda m: m.__name__)
def test_models_of_r4b_have_the_elements_of_r4(model: Any) -> None:
    assert model.elements_sequence() == R4_ELEMENTS[model]


@pytest.mark.parametrize(("condition", "procedure"), [*product(Condition, Procedure), (None, None)])
def test_questionnaire_is_valid_for_every_choice(condition: Condition | None, procedure: Procedure | None) -> None:
    asked = asked_of(condition, procedure)
    assert asked["subjectType"] == ["Patient"]
    assert asked["date"] == DATA.search_date.isoformat()
    assert asked["version"].startswith(DATA.content_hash[:12])
    assert not any("http" in asked[k] for k in ("url", "version", "name", "title"))


@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_questionnaire_asks_what_the_dashboard_asks(condition: Condition, procedure: Procedure) -> None:
    asked = asked_of(condition, procedure)
    items = {i["linkId"]: i for i in flat(asked["item"])}
    rows = [r for r in DATA.indications if r.applies_to(condition, procedure)]
    assert {k for k in items if k.startswith("checklist/") and "#" not in k} == {f"checklist/{r.item_id}" for r in rows}
    for row in rows:
        item = items[f"checklist/{row.item_id}"]
        assert item["text"] == row.clinician_text
        assert [o["valueCoding"]["code"] for o in item["answerOption"]] == list(Answer)
        assert row.source in items[f"checklist/{row.item_id}#source"]["text"]
        assert item in items[f"part/{row.part}"]["item"]
    assert [i["linkId"] for i in items["checklist"]["item"]] == [f"part/{p}" for p in Part]
    for row in DATA.concerns:
        assert len(items[f"matters/{row.concern_id}"]["answerOption"]) == len(Place)
    assert {f"question/{r.question_id}" for r in DATA.questions} <= set(items)
    assert {g for g, i in items.items() if i.get("repeats")} == {
        "own-concern",
        "own-question",
        "next-step",
        "planned/level",
    }
    assert UNLISTED not in items


def test_sure_test_stands_word_for_word_and_names_its_authors() -> None:
    (group,) = [i for i in asked_of(*EACH[0])["item"] if i["linkId"] == "sure"]
    assert [(i["linkId"], i["text"]) for i in group["item"] if i["type"] == "boolean"] == [
        (f"sure/{r.item_id}", r.text) for r in DATA.sure
    ]
    assert [i["text"] for i in group["item"] if i["type"] == "display"] == sorted({r.source for r in DATA.sure})


def test_same_questions_have_the_same_name_and_other_questions_another() -> None:
    lists = [asked_of(c, p) for c, p in product(Condition, Procedure)]
    assert lists == [asked_of(c, p) for c, p in product(Condition, Procedure)]
    assert len({q["url"] for q in lists}) == len(lists)
    own = {"a1": {"clinician_text": "Ours?", "source": "Pathway 7"}}
    plain = asked_of(*EACH[0])
    clinic, _ = exported(Consultation(*EACH[0]), overrides=own)
    wider, _ = exported(replace(HERNIATION, answers={"zz": Answer.YES}))
    assert {q["url"] for q in (clinic, wider)} == {plain["url"]}
    assert len({q["version"] for q in (plain, clinic, wider)}) == 3
    items = {i["linkId"]: i for i in flat(clinic["item"])}
    assert items["checklist/a1"]["text"] == "Ours?"
    assert "Pathway 7" in items["checklist/a1#source"]["text"]


def test_the_same_code_means_the_same_everywhere() -> None:
    words: dict[tuple[str, str], str] = {}
    for condition, procedure in EACH:
        for item in flat(asked_of(condition, procedure)["item"]):
            for option in item.get("answerOption", []):
                coding = option["valueCoding"]
                assert re.fullmatch(r"\S+( \S+)*", coding["code"])
                assert words.setdefault((coding["system"], coding["code"]), coding["display"]) == coding["display"]


@settings(derandomize=True, deadline=None, max_examples=60)
@given(CONSULTATIONS)
@example(everything("x"))
@example(Consultation(answers={"a": Answer.YES, "a#source": Answer.NO, "A": Answer.NO, "a%": Answer.NO}))
@example(Consultation(answers={"\0": Answer.YES, "\x01": Answer.NO, "\ufffd": Answer.NO, "": Answer.NO}))
def test_every_answer_is_found_again_and_nothing_else(consultation: Consultation) -> None:
    _, response = exported(consultation)
    assert read(response) == expected(consultation)


def test_nothing_answered_is_nothing_said() -> None:
    _, response = exported(Consultation())
    assert "item" not in response
    blank = Consultation(own_concerns=(OwnConcern(""),), own_questions=(OwnQuestion(" "),))
    assert "item" not in exported(blank)[1]
    _, response = exported(replace(HERNIATION, answers={"a1": Answer.NOT_KNOWN}, sure={"s": False}))
    assert [i["linkId"] for i in flat(response["item"]) if "answer" in i] == [
        "planned/condition",
        "planned/procedure",
        "checklist/a1",
        "sure/s",
    ]


def test_answers_of_another_list_are_kept_in_a_group_of_their_own() -> None:
    elsewhere = next(r for r in DATA.indications if not r.applies_to(*EACH[0]))
    asked, response = exported(
        replace(HERNIATION, answers={"a1": Answer.NO, elsewhere.item_id: Answer.YES, "zz": Answer.YES})
    )
    for top in (asked["item"], response["item"]):
        assert top[-1]["linkId"] == UNLISTED
        assert top[-1]["text"] == "Answers to items that are not in this list"
        assert [i["text"] for i in top[-1]["item"]] == [elsewhere.clinician_text, "“zz”, not in this dataset"]


HOSTILE = [
    "a\0b",
    "\ud800",
    "\udc00\ud800 x",
    "x" * LONGEST_NOTE,
    "👩🏽‍⚕️" * 2000,
    "\u202eשלום\u2066",
    "<b>&\"'\\",
    "\r\n\t",
    "\x1b[2J",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_gives_valid_json_and_loses_no_length(text: str) -> None:
    consultation = everything(text, key=text)
    raw = fhir.export(DATA, consultation, WHEN)
    assert raw.isascii()
    assert not re.search(r"\\u0000|\\u001b", raw)
    asked, response = exported(consultation)
    assert read(response) == expected(consultation)
    assert len(clean(text)) == len(text)
    assert UNLISTED in {i["linkId"] for i in asked["item"]}


def test_ordinary_text_is_sent_as_it_was_written() -> None:
    text = "Zürich, 50 % – “später”, 3 × täglich 👍 שלום नमस्ते 日本\n\tund so weiter "
    assert clean(text) == text


def test_no_one_is_named_in_the_file() -> None:
    content = json.loads(fhir.export(DATA, everything("x"), WHEN))
    keys = set(all_keys(content))
    assert not keys & WHO
    assert "id" not in keys
    assert set(content) == {"resourceType", "language", "type", "timestamp", "entry"}


def test_no_address_of_an_invented_host_is_used() -> None:
    content = json.loads(fhir.export(DATA, everything("x"), WHEN))
    keys = {"url", "system", "fullUrl", "questionnaire"}
    named = re.findall(rf'"(?:{"|".join(keys)})": "([^"]+)"', json.dumps(content))
    assert len(named) > 100
    assert all(name.startswith("urn:uuid:") for name in named)


def test_file_holds_the_list_and_the_answers_to_it() -> None:
    content = json.loads(fhir.export(DATA, HERNIATION, WHEN))
    assert (content["type"], content["timestamp"]) == ("collection", "2026-11-26T09:30:00+02:00")
    asked, response = content["entry"]
    assert (asked["resource"]["resourceType"], response["resource"]["resourceType"]) == (
        "Questionnaire",
        "QuestionnaireResponse",
    )
    assert asked["fullUrl"] != response["fullUrl"]
    assert fhir.export(DATA, HERNIATION, WHEN) == fhir.export(DATA, HERNIATION, WHEN)


@pytest.mark.parametrize(
    ("when", "written"),
    [
        (WHEN, "2026-11-26T09:30:00+02:00"),
        (datetime(2026, 11, 26, 9, 30, 5, 999_999, tzinfo=UTC), "2026-11-26T09:30:05+00:00"),
        (WHEN.astimezone(timezone(timedelta(minutes=53, seconds=28))), "2026-11-26T07:30:00+00:00"),
        (WHEN.astimezone(timezone(timedelta(hours=23))), "2026-11-26T07:30:00+00:00"),
        (WHEN.astimezone(timezone(-timedelta(hours=9, minutes=30))), "2026-11-25T22:00:00-09:30"),
    ],
)
def test_time_is_written_with_its_zone(when: datetime, written: str) -> None:
    _, response = exported(HERNIATION, when)
    assert response["authored"] == written


def test_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        fhir.export(DATA, HERNIATION, WHEN.replace(tzinfo=None))
