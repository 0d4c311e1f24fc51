"""A consultation comes back as it was kept, and nothing else is taken for one."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_aid.consultation.model import (
    LONGEST_NOTE,
    AgeGroup,
    Answer,
    Consultation,
    ContentError,
    Duration,
    Laterality,
    Leaning,
    NextStep,
    OwnConcern,
    OwnQuestion,
    Place,
    answer,
    answer_sure,
    as_content,
    from_content,
    is_code,
    mark,
    mark_own,
    none_of,
    note_question,
    put_next_step,
    put_own_concern,
    put_own_question,
)
from decision_aid.domain.vocabulary import Condition, Procedure

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
CONSULTATIONS = st.builds(
    Consultation,
    condition=st.none() | st.sampled_from(Condition),
    procedure=st.none() | st.sampled_from(Procedure),
    levels=st.lists(TEXT, max_size=3).map(tuple),
    side=st.none() | st.sampled_from(Laterality),
    duration=st.none() | st.sampled_from(Duration),
    age_group=st.none() | st.sampled_from(AgeGroup),
    answers=st.dictionaries(TEXT, st.sampled_from(Answer), max_size=3),
    matters=st.dictionaries(TEXT, st.sampled_from(Place), max_size=3),
    own_concerns=st.lists(st.builds(OwnConcern, TEXT, st.none() | st.sampled_from(Place)), max_size=2).map(tuple),
    question_notes=st.dictionaries(TEXT, TEXT, max_size=3),
    own_questions=st.lists(st.builds(OwnQuestion, TEXT, TEXT), max_size=2).map(tuple),
    leaning=st.none() | st.sampled_from(Leaning),
    leaning_reason=TEXT,
    sure=st.dictionaries(TEXT, st.booleans(), max_size=3),
    teach_back=TEXT,
    explained_again=st.booleans(),
    next_steps=st.lists(st.builds(NextStep, TEXT, TEXT, st.none() | st.dates()), max_size=2).map(tuple),
    code=st.sampled_from(["", "A1", "mia7", "12345"]),
)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(CONSULTATIONS)
def test_everything_comes_back_from_json(consultation: Consultation) -> None:
    assert from_content(json.loads(json.dumps(as_content(consultation)))) == consultation


@pytest.mark.parametrize(
    ("level", "levels", "told"),
    [("", (), ""), ("L4/5", ("L4/5",), "L4/5"), ("several", ("several",), "several levels")],
)
def test_a_draft_of_the_first_version_still_opens(level: str, levels: tuple[str, ...], told: str) -> None:
    kept = {"version": 1, "condition": "spinal_stenosis", "level": level, "answers": {"a1": "no"}, "leaning": "open"}
    opened = from_content(kept)
    assert (opened.levels, opened.level) == (levels, told)
    assert (opened.condition, opened.answers, opened.leaning) == (
        Condition.SPINAL_STENOSIS,
        {"a1": Answer.NO},
        Leaning.OPEN,
    )
    assert from_content(as_content(opened)) == opened


@pytest.mark.parametrize(
    ("levels", "side", "told"),
    [
        (("L4/5",), Laterality.LEFT, "L4/5, left"),
        (("L3/4", "L4/5"), None, "L3/4 and L4/5"),
        (("L2/3", "L3/4", "L4/5"), Laterality.BOTH, "L2/3, L3/4 and L4/5, both sides"),
        ((), Laterality.RIGHT, "right"),
    ],
)
def test_levels_and_side_stand_in_one_line(levels: tuple[str, ...], side: Laterality | None, told: str) -> None:
    assert Consultation(levels=levels, side=side).level == told


def test_none_of_these_answers_what_is_open_and_can_be_taken_back() -> None:
    asked = ("a1", "a2", "a4")
    none = none_of(Consultation(answers={"b1": Answer.NO}), asked)
    assert none.answers == {"b1": Answer.NO, **dict.fromkeys(asked, Answer.NO)}
    assert none_of(none, asked).answers == {"b1": Answer.NO}
    # What was answered otherwise stays, before and after.
    one = Consultation(answers={"a2": Answer.YES})
    others = none_of(one, asked)
    assert others.answers == {"a1": Answer.NO, "a2": Answer.YES, "a4": Answer.NO}
    assert none_of(others, asked) == one


def test_clearing_an_answer_leaves_no_default() -> None:
    one = answer(Consultation(), "a1", Answer.NO)
    assert one.answers == {"a1": Answer.NO}
    assert answer(one, "a1", None).answers == {}
    assert mark(mark(Consultation(), "scar"), "scar").matters == {}


@pytest.mark.parametrize(
    "change",
    [
        {"version": 99},
        {"version": 1, "level": ["L4/5"]},
        {"levels": "L4/5"},
        {"side": "up"},
        {"leaning": "open please"},
        {"answers": {"a1": "perhaps"}},
        {"teach_back": "x" * (LONGEST_NOTE + 1)},
        {"matters": {"scar": "fourth"}},
        {"code": "12031975"},
        {"version": 1, "importance": {"scar": 7}},
        {"version": 1, "importance": ["scar"]},
        {"version": 1, "own_concerns": [{"text": "bicycle"}]},
    ],
)
def test_anything_else_is_refused_with_a_sentence(change: dict[str, object]) -> None:
    with pytest.raises(ContentError, match="saved"):
        from_content({**as_content(Consultation()), **change})


def test_a_new_line_is_added_changed_and_gone_when_it_is_blank_again() -> None:
    one = put_own_concern(Consultation(), 0, "bicycle")
    assert one.own_concerns == (OwnConcern("bicycle", Place.FIRST),)
    two = put_own_concern(one, 1, "garden")
    assert two.own_concerns == (OwnConcern("bicycle", Place.FIRST), OwnConcern("garden", Place.SECOND))
    # The first is blank now, and the second keeps its line, so that no field on the screen changes under the hand.
    assert put_own_concern(two, 0, "").own_concerns == (OwnConcern("", None), OwnConcern("garden", Place.FIRST))
    assert put_own_concern(one, 0, " ").own_concerns == ()
    assert put_own_question(Consultation(), 0, note="later").own_questions == (OwnQuestion("", "later"),)
    step = put_next_step(Consultation(), 0, who="surgeon")
    assert step.next_steps == (NextStep("", "surgeon"),)
    assert put_next_step(step, 0, who="").next_steps == ()
    day = put_next_step(Consultation(), 0, by_when=date(2027, 1, 15))
    assert day.next_steps == (NextStep("", "", date(2027, 1, 15)),)
    assert put_next_step(day, 0, by_when=None).next_steps == ()


def test_an_answer_taken_back_leaves_no_trace() -> None:
    noted = note_question(Consultation(), "if_i_wait", "six weeks")
    assert noted.question_notes == {"if_i_wait": "six weeks"}
    assert note_question(noted, "if_i_wait", "").question_notes == {}
    sure = answer_sure(Consultation(), "s", False)
    assert sure.sure == {"s": False}
    assert answer_sure(sure, "s", None).sure == {}


FIRST, SECOND, THIRD, ALSO = Place


def test_three_stand_in_order_and_the_rest_beside_them() -> None:
    here = Consultation()
    for concern in ("pain", "scar", "work", "stay"):
        here = mark(here, concern)
    here = put_own_concern(here, 0, "bicycle")
    assert here.matters == {"pain": FIRST, "scar": SECOND, "work": THIRD, "stay": ALSO}
    assert here.own_concerns == (OwnConcern("bicycle", ALSO),)


def test_who_stands_behind_one_that_is_taken_out_moves_up() -> None:
    here = put_own_concern(mark(mark(Consultation(), "pain"), "scar"), 0, "bicycle")
    here = mark(here, "stay")
    fewer = mark(here, "pain")
    assert fewer.matters == {"scar": FIRST, "stay": ALSO}, "what also matters stays where it is"
    assert fewer.own_concerns == (OwnConcern("bicycle", SECOND),)
    assert mark(fewer, "work").matters["work"] is THIRD, "the next one takes the place that is free"


def test_own_words_count_like_the_others() -> None:
    here = mark(put_own_concern(Consultation(), 0, "bicycle"), "pain")
    out = mark_own(here, 0)
    assert (out.own_concerns, out.matters) == ((OwnConcern("bicycle", None),), {"pain": FIRST})
    assert mark_own(out, 0).own_concerns == (OwnConcern("bicycle", SECOND),)
    assert put_own_concern(out, 0, "my bicycle").own_concerns == (OwnConcern("my bicycle", None),)
    assert mark_own(Consultation(), 0) == Consultation(), "nothing written, nothing to mark"


def version_1(**parts: object) -> dict[str, object]:
    """A consultation as the first version of the program kept it."""
    kept = {k: v for k, v in as_content(Consultation()).items() if k not in ("matters", "code")}
    return {**kept, "version": 1, "importance": {}, "earlier_importance": {}, **parts}


def test_a_draft_with_weights_still_opens() -> None:
    weights = {"scar": 1, "stay": 2, "xray": 0, "pain": 3, "work": 2, "again": 2}
    own = [{"text": "bicycle", "importance": 3}, {"text": " ", "importance": 3}, {"text": "garden", "importance": 0}]
    here = from_content(version_1(importance=weights, earlier_importance={"scar": 3}, own_concerns=own))
    assert here.matters == {"pain": FIRST, "stay": THIRD, "work": ALSO, "again": ALSO, "scar": ALSO}
    assert here.own_concerns == (OwnConcern("bicycle", SECOND), OwnConcern(" ", None), OwnConcern("garden", None))
    assert from_content(version_1(importance={"scar": 1})).matters == {"scar": ALSO}, "somewhat is never first"


def test_what_was_typed_for_a_day_is_kept() -> None:
    long = "x" * LONGEST_NOTE
    rows = [
        ("Talk", "Surgeon", "2027-01-15"),
        ("Walk", "", "in six weeks"),
        ("", "", "soon"),
        (long, "", "May"),
        ("A", "", ""),
    ]
    steps = [dict(zip(("what", "who", "by_when"), row, strict=True)) for row in rows]
    assert from_content(version_1(next_steps=steps)).next_steps == (
        NextStep("Talk", "Surgeon", date(2027, 1, 15)),
        NextStep("Walk, in six weeks"),
        NextStep("soon"),
        NextStep(long),
        NextStep("May"),
        NextStep("A"),
    )


@pytest.mark.parametrize("code", ["", "A17", "mia", "12345", "b12c34d5", "July"])
def test_a_short_code_tells_two_consultations_apart(code: str) -> None:
    assert is_code(code)


@pytest.mark.parametrize(
    "code",
    [
        "120375",
        "12031975",
        "A123456",
        "1975",
        "x1975",
        "12Mar75",
        "Mar1275",
        "1march",
        "12.3.75",
        "12-3",
        "Jo An",
        "ABCDEFGHI",
        "é1",
        "\u0661\u0662",
    ],
)
def test_a_code_is_no_date_no_long_number_and_no_name_with_a_space(code: str) -> None:
    assert not is_code(code)
