"""A consultation comes back as it was kept, and nothing else is taken for one."""

from __future__ import annotations

import json

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
    Importance,
    Laterality,
    Leaning,
    NextStep,
    OwnConcern,
    OwnQuestion,
    answer,
    answer_sure,
    as_content,
    from_content,
    none_of,
    note_question,
    put_next_step,
    put_own_concern,
    put_own_question,
    weigh,
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
    importance=st.dictionaries(TEXT, st.sampled_from(Importance), max_size=3),
    earlier_importance=st.dictionaries(TEXT, st.sampled_from(Importance), max_size=3),
    own_concerns=st.lists(st.builds(OwnConcern, TEXT, st.sampled_from(Importance)), max_size=2).map(tuple),
    question_notes=st.dictionaries(TEXT, TEXT, max_size=3),
    own_questions=st.lists(st.builds(OwnQuestion, TEXT, TEXT), max_size=2).map(tuple),
    leaning=st.none() | st.sampled_from(Leaning),
    leaning_reason=TEXT,
    sure=st.dictionaries(TEXT, st.booleans(), max_size=3),
    teach_back=TEXT,
    explained_again=st.booleans(),
    next_steps=st.lists(st.builds(NextStep, TEXT, TEXT, TEXT), max_size=2).map(tuple),
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
    assert weigh(weigh(Consultation(), "scar", Importance.MOST), "scar", None).importance == {}


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
    ],
)
def test_anything_else_is_refused_with_a_sentence(change: dict[str, object]) -> None:
    with pytest.raises(ContentError, match="saved"):
        from_content({**as_content(Consultation()), **change})


def test_a_new_line_is_added_changed_and_gone_when_it_is_blank_again() -> None:
    one = put_own_concern(Consultation(), 0, text="bicycle")
    assert one.own_concerns == (OwnConcern("bicycle", Importance.A_LOT),)
    two = put_own_concern(put_own_concern(one, 1, text="garden"), 0, importance=Importance.MOST)
    assert two.own_concerns == (OwnConcern("bicycle", Importance.MOST), OwnConcern("garden", Importance.A_LOT))
    # The first is blank now, and the second keeps its place, so that no field on the screen changes under the hand.
    assert [c.text for c in put_own_concern(two, 0, text="").own_concerns] == ["", "garden"]
    assert put_own_concern(one, 0, text=" ").own_concerns == ()
    assert put_own_question(Consultation(), 0, note="later").own_questions == (OwnQuestion("", "later"),)
    step = put_next_step(Consultation(), 0, who="surgeon")
    assert step.next_steps == (NextStep("", "surgeon", ""),)
    assert put_next_step(step, 0, who="").next_steps == ()


def test_an_answer_taken_back_leaves_no_trace() -> None:
    noted = note_question(Consultation(), "if_i_wait", "six weeks")
    assert noted.question_notes == {"if_i_wait": "six weeks"}
    assert note_question(noted, "if_i_wait", "").question_notes == {}
    sure = answer_sure(Consultation(), "s", False)
    assert sure.sure == {"s": False}
    assert answer_sure(sure, "s", None).sure == {}
