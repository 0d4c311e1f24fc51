"""A consultation comes back as it was kept, and nothing else is taken for one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_aid.consultation import (
    LONGEST_NOTE,
    Answer,
    Consultation,
    ContentError,
    Importance,
    Leaning,
    NextStep,
    OwnConcern,
    OwnQuestion,
    answer,
    as_content,
    from_content,
    weigh,
)
from decision_aid.schema import Condition, Procedure

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
CONSULTATIONS = st.builds(
    Consultation,
    condition=st.none() | st.sampled_from(Condition),
    procedure=st.none() | st.sampled_from(Procedure),
    level=TEXT,
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


def test_clearing_an_answer_leaves_no_default() -> None:
    one = answer(Consultation(), "a1", Answer.NO)
    assert one.answers == {"a1": Answer.NO}
    assert answer(one, "a1", None).answers == {}
    assert weigh(weigh(Consultation(), "scar", Importance.MOST), "scar", None).importance == {}


@pytest.mark.parametrize(
    "change",
    [
        {"version": 99},
        {"leaning": "open please"},
        {"answers": {"a1": "perhaps"}},
        {"teach_back": "x" * (LONGEST_NOTE + 1)},
    ],
)
def test_anything_else_is_refused_with_a_sentence(change: dict[str, object]) -> None:
    with pytest.raises(ContentError, match="saved"):
        from_content({**as_content(Consultation()), **change})
