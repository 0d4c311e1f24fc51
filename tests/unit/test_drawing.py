"""A field is set only where the browser does not show its value, and what it sends back unasked takes nothing back."""

from __future__ import annotations

import pytest
import streamlit as st

from decision_aid.app import drawing, runs
from decision_aid.consultation.model import Answer, Consultation, Leaning, answer, change

PAGE = f"{runs.DRAWN}:page"


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What the session of one window holds."""
    kept: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", kept)
    return kept


@pytest.fixture
def browser(held: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> Browser:
    return Browser(held, monkeypatch)


class Browser:
    """Draws what it is told, and says with every click how far it has come."""

    def __init__(self, held: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
        self.held, self.monkeypatch = held, monkeypatch

    def draws(self) -> None:
        drawing.number_it()
        self.told = int(str(self.held[PAGE]))

    def clicks(self) -> None:
        said = self.told
        self.monkeypatch.setattr(runs, "drawn", lambda: said)


def is_set(held: dict[str, object], value: object, *how: object) -> bool:
    """Whether the program sets the field, told by an equal value of another kind that is left in its place."""
    before = held.get("field")
    drawing.lay("field", value, *how)
    return held["field"] is not before


def test_a_field_is_set_until_the_browser_says_that_it_has_drawn_it(held: dict[str, object], browser: Browser) -> None:
    assert is_set(held, [1])
    assert is_set(held, [1]), "the run was ended before the browser heard of it"
    browser.draws()
    assert is_set(held, [1]), "it has not said so yet"
    browser.draws()
    browser.clicks()
    assert not is_set(held, [1])
    browser.draws()
    assert not is_set(held, [1])


def test_what_was_entered_is_not_set_again_and_what_changed_otherwise_is(
    held: dict[str, object], browser: Browser
) -> None:
    drawing.lay("field", [1])
    browser.draws()
    browser.clicks()
    held["field"] = [2]  # entered, and taken up
    assert not is_set(held, [2])
    assert is_set(held, [3]), "another window changed it"
    browser.draws()
    held["field"] = [4]  # entered before the browser heard of that: what it will draw goes over the entry
    assert is_set(held, [4])
    browser.draws()
    browser.clicks()
    assert not is_set(held, [4])
    held.pop("field")  # Streamlit forgets a field that a page does not have
    drawing.lay("field", [4])
    assert held["field"] == [4]


def test_another_field_of_the_same_name_is_set(held: dict[str, object], browser: Browser) -> None:
    assert is_set(held, [1], "its label")
    browser.draws()
    browser.clicks()
    assert not is_set(held, [1], "its label")
    assert is_set(held, [1], "its label for patients")


def test_an_entry_that_only_says_again_what_stood_there_before_is_that_of_a_browser_that_is_behind(
    held: dict[str, object], browser: Browser
) -> None:
    before = answer(change(Consultation(), leaning=Leaning.OPEN), "a", Answer.NO)
    after = change(before, leaning=Leaning.MIS)

    def lean(where: Leaning) -> bool:
        return drawing.is_behind(lambda c: change(c, leaning=where))

    assert not lean(Leaning.OPEN)
    drawing.changed(before, after)
    assert lean(Leaning.OPEN)
    assert not lean(Leaning.MIS)
    assert not lean(Leaning.NOT_SURE)
    assert not drawing.is_behind(lambda c: answer(c, "a", Answer.NO)), "that was not changed"
    # Once the browser has drawn it, the same entry is the reader's own.
    drawing.lay("leaning", Leaning.MIS)
    browser.draws()
    assert not lean(Leaning.OPEN)
    drawing.changed(after, change(after, leaning=None))
    assert lean(Leaning.MIS)
    assert not lean(Leaning.OPEN)


def test_a_page_without_fields_has_no_number(held: dict[str, object]) -> None:
    drawing.number_it()
    assert PAGE not in held
