"""A patient's window follows a surgeon's, and no answer of either is lost."""

from __future__ import annotations

import inspect
import threading
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
import streamlit as st
from hypothesis import given, settings
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner_utils.exceptions import StopException
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState, WStates
from test_consultation import CONSULTATIONS

from decision_aid.app import runs, state
from decision_aid.app.runs import believe_no_clock
from decision_aid.app.session import Session
from decision_aid.app.shared_screens import (
    MOST_WAITING,
    SECONDS_AWAY,
    SECONDS_UNUSED,
    SharedScreens,
    Shown,
    token_of,
)
from decision_aid.consultation.changes import Change, apply, between
from decision_aid.consultation.model import (
    Answer,
    Consultation,
    Leaning,
    OwnConcern,
    Place,
    answer,
    answer_sure,
    change,
    mark,
    one_in_each_place,
    put_next_step,
    put_own_concern,
)
from decision_aid.consultation.progress import Step
from decision_aid.domain.vocabulary import Condition

SECRET = "a secret of the surgeon's window"
TOKEN = token_of(SECRET)


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def there(window: str) -> bool:
    return True


def gone(window: str) -> bool:
    return False


def picture(consultation: Consultation | None = None, about: str = "one", draft: str | None = None) -> Shown:
    return Shown(about, Step.COMPARE, consultation or Consultation(), {"order": "as listed"}, draft=draft)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def screens(clock: Clock) -> SharedScreens:
    opened = SharedScreens(clock)
    opened.open(SECRET, "surgeon", "127.0.0.1")
    return opened


def collect(screens: SharedScreens, kept: Consultation, **names: str) -> Consultation:
    """What the surgeon's window does twice a second."""
    found = screens.waiting(SECRET, "surgeon")
    assert found is not None
    waiting, last = found
    kept = apply(kept, waiting)
    assert screens.tell(SECRET, "surgeon", picture(kept, **names), last)
    return kept


def left(screens: SharedScreens, secret: str, owner: str) -> tuple[Change, ...]:
    """What still waits."""
    found = screens.waiting(secret, owner)
    assert found is not None
    return found[0]


# ---- changes ---------------------------------------------------------------------------------------------------------


@given(CONSULTATIONS, CONSULTATIONS)
@settings(max_examples=200, deadline=None)
def test_the_changes_between_two_consultations_lead_from_one_to_the_other(a: Consultation, b: Consultation) -> None:
    lined = {part: tuple(r for r in getattr(b, part) if _written(r)) for part in ("own_concerns", "own_questions")}
    lined["next_steps"] = tuple(r for r in b.next_steps if _written(r))
    b = one_in_each_place(replace(b, **lined))
    a = replace(a, own_concerns=b.own_concerns[:1], own_questions=b.own_questions[:1], next_steps=b.next_steps[:1])
    assert apply(a, between(a, b)) == b
    assert between(b, b) == ()


def _written(row: object) -> bool:
    first = next(iter(row.__slots__))  # type: ignore[attr-defined]
    return bool(getattr(row, first).strip())


def test_answers_that_two_windows_gave_at_once_are_both_kept() -> None:
    start = mark(Consultation(), "pain")
    patient = answer_sure(mark(answer(start, "weakness", Answer.NO), "scar"), "sure", True)
    surgeon = change(answer(start, "bladder", Answer.NO), leaning=Leaning.MIS)
    both = apply(surgeon, between(start, patient))
    assert both.answers == {"bladder": Answer.NO, "weakness": Answer.NO}
    assert both.matters == {"pain": Place.FIRST, "scar": Place.SECOND}
    assert (both.leaning, both.sure) == (Leaning.MIS, {"sure": True})


def test_two_concerns_marked_at_once_never_share_a_place_and_leave_none_empty() -> None:
    start = mark(Consultation(), "pain")
    surgeon = mark(start, "stay")
    both = apply(surgeon, between(start, mark(start, "scar")))
    assert both.matters == {"pain": Place.FIRST, "stay": Place.SECOND, "scar": Place.THIRD}
    own = apply(both, between(start, put_own_concern(start, 0, "My garden")))
    assert (own.matters, own.own_concerns) == (both.matters, (OwnConcern("My garden", Place.ALSO),))
    taken_out = apply(own, between(own, mark(own, "pain")))
    assert [taken_out.matters[k] for k in ("stay", "scar")] == [Place.FIRST, Place.SECOND]
    assert taken_out == apply(own, between(start, mark(start, "pain"))), "the same click in a window that was behind"


def test_a_step_that_is_taken_away_takes_its_day_along() -> None:
    start = put_next_step(Consultation(), 0, what="Talk", by_when=date(2027, 1, 15))
    assert apply(start, between(start, Consultation())) == Consultation()


def test_a_cleared_answer_is_cleared_and_leaves_the_others() -> None:
    start = answer(answer(Consultation(), "a", Answer.YES), "b", Answer.NO)
    surgeon = answer(start, "c", Answer.NOT_KNOWN)
    both = apply(surgeon, between(start, answer(start, "a", None)))
    assert both.answers == {"b": Answer.NO, "c": Answer.NOT_KNOWN}


def test_own_words_that_two_windows_add_at_once_stand_below_each_other_and_go_on_being_typed() -> None:
    start = Consultation()
    typed = [put_own_concern(start, 0, text="To")]
    typed.append(put_own_concern(typed[0], 0, text="To garden"))
    surgeon = put_own_concern(start, 0, text="Driving")
    sent = (*between(start, typed[0]), *between(typed[0], typed[1]))
    both = apply(surgeon, sent)
    assert both.own_concerns == (OwnConcern("Driving", Place.FIRST), OwnConcern("To garden", Place.SECOND))
    emptied = apply(both, between(typed[1], start))
    assert [c.text for c in emptied.own_concerns] == ["Driving"]


def test_a_change_that_arrives_twice_counts_once() -> None:
    start = Consultation(own_concerns=(OwnConcern("Work", Place.FIRST),))
    sent = between(start, put_own_concern(answer(start, "a", Answer.YES), 1, text="Sleep"))
    assert apply(apply(start, sent), sent) == apply(start, sent)


# ---- screens ---------------------------------------------------------------------------------------------------------


def test_a_patients_window_sees_what_the_surgeons_shows_and_its_own_answers_before_they_are_taken_up(
    screens: SharedScreens,
) -> None:
    assert screens.seen(TOKEN, there) is None
    screens.tell(SECRET, "surgeon", picture())
    shown = screens.seen(TOKEN, there)
    assert shown == picture()
    screens.answer(TOKEN, "one", between(Consultation(), mark(Consultation(), "pain")))
    now = screens.seen(TOKEN, there)
    assert now is not None
    assert now.consultation.matters == {"pain": Place.FIRST}
    kept = collect(screens, Consultation())
    assert kept == now.consultation
    assert left(screens, SECRET, "surgeon") == ()
    assert screens.seen(TOKEN, there) == now  # nothing to draw anew


def test_the_token_of_the_patients_address_gives_no_way_to_the_surgeons_side(screens: SharedScreens) -> None:
    screens.tell(SECRET, "surgeon", picture())
    assert token_of(TOKEN) != TOKEN
    assert screens.waiting(TOKEN, "surgeon") is None
    assert not screens.tell(TOKEN, "surgeon", picture(Consultation(levels=("L1/2",))))
    screens.open(TOKEN, "patient")  # the token put in the place of the secret makes another screen, an empty one
    assert left(screens, TOKEN, "patient") == ()
    assert screens.seen(TOKEN, there) == picture()


def test_a_newer_window_of_the_same_address_shows_from_then_on(screens: SharedScreens) -> None:
    screens.tell(SECRET, "surgeon", picture(about="one", draft="d"))
    screens.answer(TOKEN, "one", between(Consultation(), answer(Consultation(), "a", Answer.YES)))
    screens.open(SECRET, "refreshed")
    assert screens.waiting(SECRET, "surgeon") is None
    assert not screens.tell(SECRET, "surgeon", picture())
    # The same draft in a window that was refreshed: what waited goes on waiting, and what is under way still fits.
    assert screens.tell(SECRET, "refreshed", picture(about="another", draft="d")) == "one"
    assert len(left(screens, SECRET, "refreshed")) == 1
    assert screens.answer(TOKEN, "one", between(Consultation(), answer(Consultation(), "b", Answer.NO)))
    assert len(left(screens, SECRET, "refreshed")) == 2


def test_answers_are_never_carried_to_the_next_patient(screens: SharedScreens) -> None:
    screens.tell(SECRET, "surgeon", picture(Consultation(levels=("L4/5",)), about="one", draft="d"))
    sent = between(Consultation(), answer(Consultation(), "a", Answer.YES))
    assert screens.answer(TOKEN, "one", sent)
    screens.tell(SECRET, "surgeon", picture(about="two"))
    assert left(screens, SECRET, "surgeon") == ()
    assert not screens.answer(TOKEN, "one", sent)
    now = screens.seen(TOKEN, there)
    assert now is not None
    assert now.consultation == Consultation()


def test_two_runs_that_took_up_the_same_answer_take_none_after_it_away(screens: SharedScreens) -> None:
    screens.tell(SECRET, "surgeon", picture())
    first, second = (between(Consultation(), answer(Consultation(), item, Answer.YES)) for item in "ab")
    screens.answer(TOKEN, "one", first)
    found = screens.waiting(SECRET, "surgeon")
    assert found is not None
    screens.tell(SECRET, "surgeon", picture(), found[1])
    screens.answer(TOKEN, "one", second)
    screens.tell(SECRET, "surgeon", picture(), found[1])
    assert left(screens, SECRET, "surgeon") == second


def test_an_empty_consultation_after_an_empty_one_is_another_patients(screens: SharedScreens) -> None:
    screens.tell(SECRET, "surgeon", picture(about="one"))
    assert screens.answer(TOKEN, "one", between(Consultation(), answer(Consultation(), "a", Answer.YES)))
    assert screens.tell(SECRET, "surgeon", picture(about="two")) == "two"
    assert left(screens, SECRET, "surgeon") == ()
    # Refreshed, it is the same one: nothing was answered yet, so no draft says so.
    assert screens.answer(TOKEN, "two", between(Consultation(), answer(Consultation(), "b", Answer.YES)))
    screens.open(SECRET, "refreshed")
    assert screens.tell(SECRET, "refreshed", picture(about="three")) == "two"
    assert len(left(screens, SECRET, "refreshed")) == 1


def test_a_refresh_leaves_the_picture_and_a_closed_window_takes_it_away(screens: SharedScreens, clock: Clock) -> None:
    screens.tell(SECRET, "surgeon", picture())
    assert screens.seen(TOKEN, there) is not None
    clock.seconds += SECONDS_AWAY - 1
    assert screens.seen(TOKEN, gone) is not None
    clock.seconds += 1
    assert screens.seen(TOKEN, gone) is None
    screens.open(SECRET, "again")
    assert screens.seen(TOKEN, there) is not None


def test_a_screen_is_forgotten_when_it_is_closed_or_unused_for_a_day(screens: SharedScreens, clock: Clock) -> None:
    screens.tell(SECRET, "surgeon", picture())
    screens.close(SECRET, "another")
    assert screens.seen(TOKEN, there) is not None
    screens.close(SECRET, "surgeon")
    assert screens.seen(TOKEN, there) is None
    assert not screens.answer(TOKEN, "one", ())

    screens.open(SECRET, "surgeon")
    screens.tell(SECRET, "surgeon", picture())
    clock.seconds += SECONDS_UNUSED - 1
    screens.open("of another room", "other")
    assert left(screens, SECRET, "surgeon") == ()
    clock.seconds += 1
    screens.open("of a third room", "third")
    assert screens.waiting(SECRET, "surgeon") is None
    assert left(screens, "of another room", "other") == ()


def test_the_name_of_the_computer_is_kept_for_the_patients_window_while_the_screen_is_open(
    screens: SharedScreens,
) -> None:
    assert screens.is_for_patients("127.0.0.1", there)
    assert not screens.is_for_patients("localhost", there)
    assert not screens.is_for_patients("", there)
    assert not screens.is_for_patients("127.0.0.1", gone)
    screens.close(SECRET, "surgeon")
    assert not screens.is_for_patients("127.0.0.1", there)


def test_no_more_waits_than_can_be_held(screens: SharedScreens) -> None:
    screens.tell(SECRET, "surgeon", picture())
    one = between(Consultation(), change(Consultation(), condition=Condition.DISC_HERNIATION))
    assert all(screens.answer(TOKEN, "one", one) for _ in range(MOST_WAITING))
    assert not screens.answer(TOKEN, "one", one)


def test_two_hundred_answers_from_many_threads_all_arrive(screens: SharedScreens) -> None:
    """Windows of the patient answer while the surgeon's answers and takes up, each in a thread of its own."""
    screens.tell(SECRET, "surgeon", picture())
    done = threading.Event()
    kept = Consultation()

    def patient(number: int) -> None:
        for i in range(50):
            after = answer(Consultation(), f"p{number}-{i}", Answer.YES)
            assert screens.answer(TOKEN, "one", between(Consultation(), after))
            assert screens.seen(TOKEN, there) is not None

    def surgeon() -> None:
        nonlocal kept
        for i in range(10_000):
            finished = done.is_set()
            if i < 200:
                kept = answer(kept, f"s-{i}", Answer.NO)
            kept = collect(screens, kept)
            if finished and i >= 200:
                return

    patients = [threading.Thread(target=patient, args=(n,)) for n in range(4)]
    takes_up = threading.Thread(target=surgeon)
    for thread in (takes_up, *patients):
        thread.start()
    for thread in patients:
        thread.join()
    done.set()
    takes_up.join()
    wanted = {f"p{n}-{i}" for n in range(4) for i in range(50)} | {f"s-{i}" for i in range(200)}
    assert set(kept.answers) == wanted
    assert left(screens, SECRET, "surgeon") == ()


# ---- one window ------------------------------------------------------------------------------------------------------


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What the session of one window holds."""
    kept: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", kept)
    return kept


class Window:
    """A session as far as the clock is concerned."""

    def __init__(self) -> None:
        self.id = "a window of a test"
        self.asked: list[ClientState | None] = []
        self._scriptrunner: object = None
        self._client_state = ClientState(page_script_hash="here", query_string="draft=b")

    def request_rerun(self, client_state: ClientState | None) -> None:
        self.asked.append(client_state)


def strike(**said: object) -> ClientState:
    struck = ClientState(fragment_id="part", is_auto_rerun=True, page_script_hash="left", query_string="draft=a")
    struck.widget_states.widgets.add(id="field", string_value="old")
    for name, value in said.items():
        setattr(struck, name, value)
    return struck


def test_a_strike_of_the_clock_brings_no_page_no_address_and_no_value_along() -> None:
    class Heard(Window): ...

    believe_no_clock(Heard)
    window = Heard()
    window.request_rerun(strike())
    (heard,) = window.asked
    assert heard is not None
    assert (heard.fragment_id, heard.page_script_hash, heard.query_string) == ("part", "here", "draft=b")
    assert not heard.widget_states.widgets
    # A click is passed on as it is, and while it is at work no strike is heard.
    click = strike(is_auto_rerun=False)
    window.request_rerun(click)
    assert window.asked[-1] == strike(is_auto_rerun=False)
    window._scriptrunner = object()
    window.request_rerun(strike())
    assert len(window.asked) == 2
    window.request_rerun(None)
    assert window.asked[-1] is None


def test_a_click_is_taken_up_to_its_end_though_a_newer_one_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    safe = SafeSessionState(SessionState(), _stop)
    monkeypatch.setattr(runs, "get_script_run_ctx", lambda: SimpleNamespace(session_state=safe))

    def click(name: str) -> None:
        safe[name] = "answered"

    runs.take_up_whole(click)("a")
    with pytest.raises(StopException):
        click("b")
    assert safe.filtered_state == {"a": "answered"}


def test_the_sessions_of_streamlit_are_made_so_and_have_what_that_needs() -> None:
    assert hasattr(AppSession.request_rerun, "__wrapped__")
    assert hasattr(WStates.call_callback, "__wrapped__")
    source = inspect.getsource(AppSession)
    assert "self._scriptrunner = None" in source
    assert "self._client_state = client_state" in source


def test_what_was_saved_is_also_laid_where_a_newer_click_has_come(
    held: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    safe = SafeSessionState(SessionState(), _stop)
    monkeypatch.setattr(runs, "get_script_run_ctx", lambda: SimpleNamespace(session_state=safe))
    saved: list[Consultation] = []

    def put(session: Session, consultation: Consultation, _: object) -> Session:
        saved.append(consultation)
        return Session(consultation)

    def lay(laid: Session, shown: Consultation) -> None:
        safe["session"] = held["session"] = laid  # where a newer click ends a run

    monkeypatch.setattr(state.sessions, "put", put)
    monkeypatch.setattr(state, "lay", lay)
    state.keep(lambda c: mark(c, "pain"))
    state.keep(lambda c: mark(c, "scar"))
    assert state.consultation().matters == {"pain": Place.FIRST, "scar": Place.SECOND}
    assert saved[-1] == state.consultation()


def _stop() -> None:
    raise StopException


def test_a_long_call_leaves_the_window_listening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})
    assert runs.meanwhile(lambda: "counted") == "counted"
    with pytest.raises(ValueError, match="no such table"):
        runs.meanwhile(lambda: _fail("no such table"))

    def click() -> None:
        if clicked.is_set():
            raise StopException

    # The click comes while the call is at work, and the call ends only when the test lets it.
    clicked, ends = threading.Event(), threading.Event()
    monkeypatch.setattr(st, "session_state", SimpleNamespace(get=lambda _: click()))

    def call() -> None:
        clicked.set()
        ends.wait(30)

    with pytest.raises(StopException):
        runs.meanwhile(call)
    assert not ends.is_set()
    ends.set()


def _fail(text: str) -> None:
    raise ValueError(text)
