"""A whole consultation without a browser: every page filled in, saved as it goes, and found again by a new session."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import page_html
import pytest
from dashboard_app import (
    assert_whole,
    choose,
    context,
    fresh_server,  # noqa: F401 (fixture)
    home,  # noqa: F401 (fixture)
    html,
    opened,
    ready_server,  # noqa: F401 (fixture)
)
from streamlit.testing.v1 import AppTest

from decision_aid import wording
from decision_aid.app import session
from decision_aid.app.state import AUDIENCES
from decision_aid.consultation import known_from_start, model
from decision_aid.consultation.checklist import checklist
from decision_aid.consultation.model import Answer, Consultation, Leaning, NextStep, OwnConcern, OwnQuestion, Place
from decision_aid.domain.audience import Audience
from decision_aid.domain.time_windows import TimeWindow
from decision_aid.domain.vocabulary import Condition
from decision_aid.evidence.loading import Evidence, load
from decision_aid.exports import clinical_note
from decision_aid.storage import settings
from decision_aid.storage.store import FOLDER_NAME, Draft, Record, Store, StoreError, Trouble
from decision_aid.wording import clinic_words, notices, summary

CONDITIONS = list(load().conditions)


def go(app: AppTest, page: str) -> AppTest:
    return app.switch_page(f"pages/{page}.py").run()


def press(app: AppTest, label: str) -> AppTest:
    (button,) = [b for b in app.button if b.label == label]
    return button.click().run()


def write(app: AppTest, key: str, text: str) -> AppTest:
    """Into a line or a field that grows."""
    (field,) = [f for f in (*app.text_input, *app.text_area) if f.key == key]
    return field.set_value(text).run()


def written(app: AppTest, key: str) -> str:
    (field,) = [f for f in (*app.text_input, *app.text_area) if f.key == key]
    return str(field.value)


def click(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


def pick(app: AppTest, key: str, value: Any) -> AppTest:
    return app.segmented_control(key=key).set_value(value).run()


def drafts() -> tuple[Draft, ...]:
    return Store().list_drafts()


def records() -> tuple[Record, ...]:
    return Store().list_records()


def on_the_disk() -> Consultation:
    (draft,) = drafts()
    return session.consultation_of(draft)


def fill_in(condition: Condition, data: Evidence) -> tuple[AppTest, Consultation]:
    """Go through every page by hand; the consultation that must come out of it."""
    app = opened()
    choose(app, "condition", str(condition))
    procedure = data.conditions[condition].procedures[0]
    choose(app, "procedure", str(procedure))
    pick(app, "level", ["L4/5"])
    go(app, "indications")
    of = checklist(data, condition, procedure)
    answers = known_from_start.answers(of.items, known_from_start.facts(Consultation(levels=("L4/5",)), procedure))
    for n, item in enumerate(of.core().items):
        given = list(Answer)[1:][n % 3] if n < 8 else Answer.YES
        pick(app, f"answer:{item.id}", given)
        answers[item.id] = given
    go(app, "matters")
    for concern in ("small_scar", "less_pain_soon", "small_scar", "no_second_operation"):
        click(app, f"concern:{concern}")  # the second click takes it out
    write(app, "own_concern:0", "Ride my bicycle again")
    click(app, "concern:small_scar")
    go(app, "decision")
    write(app, "question:if_i_wait", "Pain can settle; come back at once if the foot gets weak.")
    write(app, "own_question_text:0", "Can I fly?")
    write(app, "own_question_note:0", "After the wound has healed.")
    app.radio(key="leaning").set_value(Leaning.NOT_SURE).run()
    write(app, "reason", "Wants to talk at home")
    for item, yes in (("s", False), ("u", True), ("r", True), ("e", False)):
        pick(app, f"sure:{item}", yes)
    write(app, "teach_back", "Told all three options back")
    app.checkbox(key="explained_again").set_value(True).run()
    write(app, "step_what:0", "Physiotherapy")
    write(app, "step_who:0", "Practice")
    app.date_input(key="step_by_when:0").set_value(date(2027, 1, 15)).run()
    assert_whole(app, "pages/decision.py")
    return app, Consultation(
        condition=condition,
        procedure=procedure,
        levels=("L4/5",),
        answers=answers,
        matters={"less_pain_soon": Place.FIRST, "no_second_operation": Place.SECOND, "small_scar": Place.ALSO},
        own_concerns=(OwnConcern("Ride my bicycle again", Place.THIRD),),
        question_notes={"if_i_wait": "Pain can settle; come back at once if the foot gets weak."},
        own_questions=(OwnQuestion("Can I fly?", "After the wound has healed."),),
        leaning=Leaning.NOT_SURE,
        leaning_reason="Wants to talk at home",
        sure={"s": False, "u": True, "r": True, "e": False},
        teach_back="Told all three options back",
        explained_again=True,
        next_steps=(NextStep("Physiotherapy", "Practice", date(2027, 1, 15)),),
    )


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_whole_consultation_is_kept_answer_by_answer_and_found_again(condition: Condition, data: Evidence) -> None:
    app, expected = fill_in(condition, data)
    assert on_the_disk() == expected
    (draft,) = drafts()
    assert app.query_params == {"draft": draft.id}
    # A new session with the same address: a refresh, or another start of the program.
    again = opened("pages/start.py", draft=draft.id)
    assert_whole(again, "pages/start.py")
    assert context(again).endswith("L4/5")
    assert [r.value for r in again.radio] == [str(condition), str(expected.procedure)]
    pick(go(again, "indications"), "path", "Full list")  # what Start answered stands there beside the short path
    assert {i: again.segmented_control(key=f"answer:{i}").value for i in expected.answers} == expected.answers
    go(again, "matters")
    assert again.button(key="concern:less_pain_soon").label.startswith("**1")
    assert again.button(key="concern:small_scar").label.startswith("**Also")
    assert again.button(key="own_place:0").label == "**Third**"
    assert written(again, "own_concern:0") == "Ride my bicycle again"
    go(again, "decision")
    assert written(again, "step_who:0") == "Practice"
    assert again.date_input(key="step_by_when:0").value == date(2027, 1, 15)
    assert again.radio(key="leaning").value == Leaning.NOT_SURE
    assert {i: again.segmented_control(key=f"sure:{i}").value for i in "sure"} == expected.sure
    assert written(again, "teach_back") == expected.teach_back
    assert again.checkbox(key="explained_again").value is True
    assert written(again, "own_question_note:0") == "After the wound has healed."
    assert on_the_disk() == expected


@pytest.mark.parametrize("audience", ["Clinician", "Patient"])
def test_no_word_on_any_page_chooses_for_the_patient(audience: str, data: Evidence) -> None:
    app, _ = fill_in(Condition.DISC_HERNIATION, data)
    pick(app, "audience", audience)
    told: list[str] = []
    for page in ("start", "indications", "compare", "risks", "matters", "decision", "take_home"):
        told += html(go(app, page))
    words = page_html.read(" ".join(told).replace("<br>", " ")).text.lower()
    assert len(words) > 10_000
    for phrase in (
        "recommended for you",
        "best option",
        "better option",
        "you should have",
        "is indicated",
        "surgery indicated",
    ):
        assert phrase not in words


def test_free_text_is_never_asked_for_without_a_warning() -> None:
    for page in ("matters", "decision"):
        app = opened(f"pages/{page}.py")
        assert app.text_input
        assert any(wording.NO_NAMES in text for text in html(app)), page


def test_looking_around_leaves_nothing_behind() -> None:
    app = opened()
    for page in ("indications", "compare", "matters", "decision", "take_home", "saved", "about"):
        go(app, page)
        assert_whole(app, f"pages/{page}.py")
    assert drafts() == ()
    assert app.query_params == {}


def test_a_no_in_the_sure_test_asks_further_and_labels_nobody(data: Evidence) -> None:
    app = opened("pages/decision.py")
    assert not any(prompt in text for prompt in wording.SURE_PROMPTS.values() for text in html(app))
    pick(app, "sure:u", False)
    told = " ".join(html(app))
    assert wording.SURE_PROMPTS["u"] in told
    assert "conflict" not in told.replace("decisional conflict with a 4-item screening test", "")
    for row in data.sure:
        assert row.text in told


def test_nothing_is_chosen_before_the_patient_chooses() -> None:
    app = opened("pages/decision.py")
    assert app.radio(key="leaning").value is None
    assert [app.segmented_control(key=f"sure:{i}").value for i in "sure"] == [None] * 4
    matters = opened("pages/matters.py")
    labels = [b.label for b in matters.button if str(b.key).startswith("concern:")]
    assert len(labels) == 12
    assert not any(label.startswith("**") for label in labels)


def test_what_matters_orders_the_rows_of_compare(data: Evidence) -> None:
    app = opened("pages/matters.py", condition="disc_herniation", procedure="discectomy")
    click(app, "concern:no_second_operation")
    told = " ".join(html(app))
    assert 'data-outcome="reoperation"' in told
    go(app, "compare")
    pick(app, "order", "What matters first")
    (table,) = [text for text in html(app) if "side by side</caption>" in text]
    assert table.index('data-outcome="reoperation"') < table.index('data-outcome="blood_loss"')
    pick(app, "order", "Usual order")
    (table,) = [text for text in html(app) if "side by side</caption>" in text]
    assert table.index('data-outcome="reoperation"') > table.index('data-outcome="blood_loss"')


def test_nothing_can_be_marked_that_was_not_written() -> None:
    """A place beside an empty line would say nothing and be lost."""
    app = opened("pages/matters.py", condition="disc_herniation", procedure="discectomy")
    assert app.button(key="own_place:0").disabled
    write(app, "own_concern:0", "  ")
    assert app.button(key="own_place:0").disabled
    write(app, "own_concern:0", "Ride my bicycle again")
    first, second = (app.button(key=f"own_place:{n}") for n in (0, 1))
    assert (first.disabled, first.label, second.disabled) == (False, "**First**", True)
    assert on_the_disk().own_concerns == (OwnConcern("Ride my bicycle again", Place.FIRST),)
    click(app, "own_place:0")
    assert on_the_disk().own_concerns == (OwnConcern("Ride my bicycle again", None),)
    write(app, "own_concern:0", "")
    assert app.button(key="own_place:0").disabled


@pytest.mark.parametrize("audience", ["Clinician", "Patient"])
def test_pain_soon_is_answered_with_the_first_months_and_a_lasting_result_with_later_years(
    audience: str, data: Evidence
) -> None:
    app = opened("pages/matters.py", condition="disc_herniation", procedure="discectomy", audience=audience)
    click(app, "concern:less_pain_soon")
    click(app, "concern:lasting_result")
    soon, lasts = (
        wording.concern_label(c, AUDIENCES[audience])
        for c in data.concerns
        if c.concern_id in ("less_pain_soon", "lasting_result")
    )
    shown = rows_of(app)
    first, second = shown.index(f"1. {soon}"), shown.index(f"2. {lasts}")
    early, late = shown[first + 1 : second], shown[second + 1 :]
    assert early
    assert late
    early_words = {wording.window_label(w, AUDIENCES[audience]) for w in (TimeWindow.WEEKS_6, TimeWindow.MONTHS_3)}
    assert all(any(when in row for when in early_words) for row in early)
    assert not any(when in row for when in early_words for row in late)
    # The early-surgery trial: as many had recovered after a year, and sooner.
    told = " ".join(html(app))
    assert ("recovered 1.97 times as fast with surgery (1.72 to 2.22" in told) == (audience == "Clinician")
    assert "Half of the people had recovered after 4 weeks" in told
    assert "Half of the people had recovered after 12 weeks" in told


def rows_of(app: AppTest) -> list[str]:
    (table,) = [text for text in html(app) if "What matters, with its numbers</caption>" in text]
    return [row.text for row in page_html.read(table).one("tbody").all("tr")]


# ---- take home -------------------------------------------------------------------------------------------------------


def test_take_home_shows_the_whole_consultation_and_the_note_the_same_numbers(data: Evidence) -> None:
    app, here = fill_in(Condition.DISC_HERNIATION, data)
    go(app, "take_home")
    assert_whole(app, "pages/take_home.py")
    told = page_html.read(" ".join(html(app))).text
    for said in (
        "Ride my bicycle again",
        "Not sure yet",
        "Wants to talk at home",
        wording.SURE_PROMPTS["s"],
        "15 Jan 2027",
    ):
        assert said in told
    entries = clinical_note.text(data, here, {}).splitlines()
    figures = dict.fromkeys(
        (
            *summary.main_harms(data, here, (), Audience.CLINICIAN),
            *(f for c in summary.concerns(data, here, (), Audience.CLINICIAN) for f in c.figures),
        )
    )
    assert len(figures) >= 4
    for f in figures:
        (entry,) = [e for e in entries if e.startswith(f"- {f.label}, ")]
        for cell in (f.without, f.open, f.mis, f.difference):
            assert cell.big in told
            assert clinical_note._plain(cell.big) in entry


def test_the_patients_view_of_take_home_offers_the_sheet_and_nothing_for_the_clinic() -> None:
    app = opened("pages/take_home.py", condition="disc_herniation", audience="Patient")
    assert [b.label for b in app.get("download_button")] == ["Handout (PDF)"]
    assert not [b for b in app.button if "record" in b.label]
    assert not app.text_input
    clinician = opened("pages/take_home.py", condition="disc_herniation")
    assert {b.label for b in clinician.get("download_button")} >= {"Handout (PDF)", "Note for the record"}


def test_a_code_tells_two_drafts_apart_and_a_date_of_birth_is_not_kept() -> None:
    app = opened("pages/take_home.py", condition="disc_herniation")
    write(app, "code", "12031975")
    assert clinic_words.CODE_REFUSED in " ".join(html(app))
    assert drafts() == ()
    write(app, "code", "B12")
    assert clinic_words.CODE_REFUSED not in " ".join(html(app))
    assert on_the_disk().code == "B12"
    assert "code B12" in " ".join(html(go(app, "saved")))


# ---- the clinic's settings -------------------------------------------------------------------------------------------


def test_what_the_clinic_sets_is_kept_and_stands_on_every_sheet() -> None:
    app = opened("pages/saved.py")
    write(app, "clinic:checked_by", "Dr A. Example")
    app.date_input(key="clinic:checked_on").set_value(date(2026, 11, 30)).run()
    write(app, "clinic:telephone", "+00 123")
    assert settings.load() == settings.Settings("Dr A. Example", date(2026, 11, 30), "+00 123")
    assert drafts() == (), "nothing of it is about a patient"


def test_with_a_pin_the_patients_view_is_left_with_it_only() -> None:
    app = opened("pages/saved.py")
    write(app, "new_pin", "123")
    assert settings.load().pin == ""
    write(app, "new_pin", "4711")
    press(app, "Set the PIN")
    patient = opened("pages/compare.py", audience="Patient")
    write(patient, "leave_pin", "0000")
    press(patient, notices.SHOW_THE_CLINICIAN)
    assert patient.session_state["audience"] == "Patient"
    assert clinic_words.WRONG_PIN in " ".join(html(patient))
    write(patient, "leave_pin", "4711")
    press(patient, notices.SHOW_THE_CLINICIAN)
    assert patient.session_state["audience"] == "Clinician"
    go(app, "saved")
    press(app, "Take the PIN off")
    again = opened("pages/compare.py", audience="Patient")
    press(again, notices.SHOW_THE_CLINICIAN)
    assert again.session_state["audience"] == "Clinician"


# ---- one patient after another ---------------------------------------------------------------------------------------


def test_the_next_patient_starts_on_an_empty_screen() -> None:
    app = opened()
    choose(app, "condition", "spinal_stenosis")
    pick(app, "level", ["L3/4"])
    first = app.query_params["draft"]
    press(app, "Begin a new consultation")
    assert app.segmented_control(key="level").value == []
    assert "draft" not in app.query_params
    pick(app, "level", ["L1/2"])
    assert app.query_params["draft"] != first
    assert {session.consultation_of(d).level for d in drafts()} == {"L3/4", "L1/2"}


def test_the_last_consultation_can_be_taken_up_again() -> None:
    app = opened()
    pick(app, "level", ["L3/4"])
    later = opened()
    (button,) = [b for b in later.button if b.label.startswith("Continue the last one")]
    button.click().run()
    assert later.segmented_control(key="level").value == ["L3/4"]
    assert later.query_params == app.query_params


def test_the_demonstration_does_not_touch_an_open_consultation() -> None:
    app = opened()
    choose(app, "condition", "spondylolisthesis")
    before = on_the_disk()
    press(app, wording.EXAMPLE)
    assert_whole(app, "pages/compare.py")
    assert on_the_disk() == before


def test_a_record_is_saved_corrected_opened_exported_and_deleted(data: Evidence) -> None:
    app = opened("pages/take_home.py", condition="disc_herniation")
    press(app, "Save as a record")
    (first,) = records()
    assert first.evidence_hash == data.content_hash
    assert session.consultation_of(first).condition == Condition.DISC_HERNIATION
    assert [b.disabled for b in app.button if b.label == "Save as a record"] == [True]
    write(go(app, "decision"), "step_what:0", "Call in a week")
    press(go(app, "take_home"), "Save the correction")
    newest, oldest = records()
    assert (newest.corrects, oldest) == (first.id, first)
    press(app, "Begin the next consultation")
    assert drafts() == ()  # the record holds it
    go(app, "saved")
    assert_whole(app, "pages/saved.py")
    told = " ".join(html(app))
    assert "Corrects an earlier record" in told
    assert wording.CORRECTED in told
    app.button(key=f"open_{newest.id}").click().run()
    go(app, "decision")
    assert written(app, "step_what:0") == "Call in a week"
    go(app, "saved")
    app.button(key=f"sure_{newest.id}").click().run()
    assert records() == (first,)


def test_a_draft_is_deleted_for_good_from_the_list() -> None:
    app = opened()
    pick(app, "level", ["L3/4"])
    (draft,) = drafts()
    go(app, "saved")
    assert any("kept until" in text for text in html(app))
    app.button(key=f"sure_{draft.id}").click().run()
    assert drafts() == ()
    assert "draft" not in app.query_params
    assert_whole(app, "pages/saved.py")


# ---- when saving fails -----------------------------------------------------------------------------------------------


def banner(app: AppTest) -> str:
    (found,) = [text for text in html(app) if "<h2>Not saved</h2>" in text or "<h2>Locked</h2>" in text]
    return found


@pytest.mark.parametrize("page", ["start", "indications", "decision"])
def test_a_fault_is_told_where_it_happens_and_the_work_can_be_downloaded(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also inside a fragment, which does not draw the banner itself."""
    app = opened(f"pages/{page}.py")
    with monkeypatch.context() as broken:

        def full(*_: object) -> Draft:
            raise StoreError(Trouble.DISK_FULL, path=Path("/mnt/clinic"))

        broken.setattr(Store, "new_draft", full)
        key, value = {
            "start": ("level", ["L4/5"]),
            "indications": ("answer:a1", Answer.NO),
            "decision": ("question:if_i_wait", "wait"),
        }[page]
        (write if page == "decision" else pick)(app, key, value)
        assert "The disk with the folder “/mnt/clinic” is full" in banner(app)
        assert [d.label for d in app.get("download_button")] == ["Download what is on the screen"]
        assert [e.value for e in app.exception] == []
    press(app, "Try again")
    assert not [text for text in html(app) if "Not saved" in text]
    assert len(drafts()) == 1


def test_two_windows_on_one_draft_are_told_apart_and_settled() -> None:
    one = opened()
    pick(one, "level", ["L3/4"])
    two = opened(draft=one.query_params["draft"])
    assert two.segmented_control(key="level").value == ["L3/4"]
    pick(one, "level", ["L4/5"])
    choose(two, "condition", "spinal_stenosis")
    told = banner(two)
    assert "Another window saved this draft" in told
    assert "The two differ in: condition, planned procedure, level, answers on the checklist." in told
    assert on_the_disk().level == "L4/5"
    press(two, "Take what the other window saved")
    assert two.segmented_control(key="level").value == ["L4/5"]
    choose(two, "condition", "spinal_stenosis")
    assert on_the_disk().condition == Condition.SPINAL_STENOSIS
    pick(one, "level", ["L5/S1"])
    press(one, "Keep what is on this screen")
    assert on_the_disk().level == "L5/S1"


def test_a_draft_that_is_gone_is_said_and_a_new_one_begins() -> None:
    app = opened(draft="A" * 22)
    assert [i.value for i in app.info] == [wording.DRAFT_GONE]
    assert "draft" not in app.query_params
    pick(app, "level", ["L4/5"])
    assert on_the_disk().level == "L4/5"


def test_a_damaged_file_is_set_aside_and_the_rest_goes_on(home: Path) -> None:  # noqa: F811
    record = Store().save_record(
        session.content(session.Session(Consultation(levels=("L2/3",)))), evidence_hash="3f2a", program_version="0.1.0"
    )
    app = opened()
    pick(app, "level", ["L3/4"])
    (file,) = (home / FOLDER_NAME).glob("draft-*")
    file.write_bytes(b"no draft at all" * 500)
    pick(app, "level", ["L4/5"])
    assert "is damaged" in banner(app)
    press(app, "Set the file aside and go on")
    assert len(list(home.glob("*set-aside*"))) == 1
    assert [i.value for i in app.info] == [wording.set_aside(1)]
    assert not [text for text in html(app) if "Not saved" in text]
    assert on_the_disk().level == "L4/5"
    assert records() == (record,)
    go(app, "saved")
    assert_whole(app, "pages/saved.py")
    assert any("set-aside" in text for text in html(app))


def test_what_is_downloaded_in_trouble_is_the_whole_consultation(monkeypatch: pytest.MonkeyPatch) -> None:
    given = Consultation(condition=Condition.DISC_HERNIATION, teach_back="told")
    kept = json.loads(session.as_text(session.Session(given)))
    assert kept["teach_back"] == "told"
    assert kept["version"] == model.CONTENT_VERSION


# ---- the passphrase --------------------------------------------------------------------------------------------------


def test_saved_work_is_encrypted_asked_for_and_decrypted_again(home: Path) -> None:  # noqa: F811
    app = opened()
    pick(app, "level", ["L4/5"])
    draft = app.query_params["draft"]
    go(app, "saved")
    assert any("no second key" in text for text in html(app))  # what its loss means is said before
    app.text_input(key="new_passphrase").set_value("correct horse").run()
    app.text_input(key="new_passphrase_again").set_value("another horse").run()
    press(app, "Encrypt saved work")
    assert [i.value for i in app.info] == [wording.PASSPHRASES_DIFFER]
    for key in ("new_passphrase", "new_passphrase_again"):
        app.text_input(key=key).set_value("correct horse").run()
    press(app, "Encrypt saved work")
    assert [i.value for i in app.info] == [wording.PASSPHRASE_CHANGED]
    assert_whole(app, "pages/saved.py")
    for file in (home / FOLDER_NAME).iterdir():
        assert b"L4/5" not in file.read_bytes()
        assert b"spinal" not in file.read_bytes()
    pick(go(app, "start"), "level", ["L5/S1"])  # goes on as before
    # Another window, and the next start of the program, asks for it, and opens the draft of the address with it.
    later = opened(draft=draft)
    assert "encrypted and no passphrase was given" in banner(later)
    later.text_input(key="passphrase").set_value("wrong horse").run()
    assert "does not open" in banner(later)
    later.text_input(key="passphrase").set_value("correct horse").run()
    assert not [text for text in html(later) if "Not saved" in text or "Locked" in text]
    assert later.segmented_control(key="level").value == ["L5/S1"]
    go(later, "saved")
    press(later, "Take the passphrase off")
    assert [i.value for i in later.info] == [wording.PASSPHRASE_TAKEN_OFF]
    assert on_the_disk().level == "L5/S1"
