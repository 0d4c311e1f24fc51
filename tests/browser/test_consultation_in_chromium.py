"""A consultation in a real browser: typed, refreshed, its server killed, and found again; two windows; by keyboard."""

from __future__ import annotations

import re
import signal
import stat
from pathlib import Path

import pytest
from driver import LAPTOP, Server, Visitor, running_server, visiting
from playwright.sync_api import BrowserContext, expect
from screens import tab_to

from decision_aid import wording
from decision_aid.app import session
from decision_aid.consultation.checklist import checklist
from decision_aid.consultation.model import Answer, Place
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Part, Procedure
from decision_aid.evidence import loading
from decision_aid.storage.store import FOLDER_NAME, Store

pytestmark = pytest.mark.browser

DATA = loading.load()
SLIP = DATA.conditions[Condition.SPONDYLOLISTHESIS]
ITEMS = checklist(DATA, Condition.SPONDYLOLISTHESIS, Procedure.FUSION).core().items
QUESTION = wording.question_text(DATA.questions[2], Audience.CLINICIAN)
CONCERN = wording.concern_label(DATA.concerns[1], Audience.CLINICIAN)
NOTE = "Wait six weeks; come back at once if the foot gets weak."


def answer(visitor: Visitor, group: str, label: str) -> None:
    visitor.click(visitor.option(group, label))


def shows(visitor: Visitor, group: str, label: str) -> None:
    expect(visitor.option(group, label)).to_be_checked()


def text_of(item_number: int) -> str:
    return wording.item_text(ITEMS[item_number], Audience.CLINICIAN)


def fill_in(visitor: Visitor) -> None:
    visitor.open()
    visitor.choose(SLIP.clinician_label)
    visitor.choose("L4/5")
    visitor.go_to("Checklist")
    answer(visitor, text_of(0), "No")
    answer(visitor, text_of(6), "Not known")
    visitor.go_to("What matters")
    visitor.click(visitor.page.get_by_role("button", name=CONCERN, exact=True))
    visitor.type_into("Own words 1", "Ride my bicycle")
    visitor.go_to("Decide")
    visitor.type_into(QUESTION, NOTE)
    visitor.choose("Not sure yet")
    visitor.type_into("Because", "Talk at home first")
    answer(visitor, DATA.sure[0].text, "No")
    visitor.type_into("What the patient told", "All three options")
    visitor.type_into("What, line 1", "Physiotherapy")


def find_again(visitor: Visitor) -> None:
    for label, value in (
        ("What, line 1", "Physiotherapy"),
        ("Because", "Talk at home first"),
        ("What the patient told", "All three options"),
        (QUESTION, NOTE),
    ):
        expect(visitor.page.get_by_label(label, exact=True)).to_have_value(value)
    expect(visitor.page.get_by_role("radio", name="Not sure yet", exact=True)).to_be_checked()
    shows(visitor, DATA.sure[0].text, "No")
    visitor.go_to("What matters")
    expect(visitor.page.get_by_role("button", name=f"1. {CONCERN}")).to_be_visible()
    expect(visitor.page.get_by_label("Own words 1", exact=True)).to_have_value("Ride my bicycle")
    expect(visitor.page.get_by_role("button", name="Second", exact=True)).to_be_visible()
    visitor.go_to("Checklist")
    shows(visitor, text_of(0), "No")
    shows(visitor, text_of(6), "Not known")
    visitor.go_to("Start")
    expect(visitor.page.get_by_role("radio", name=SLIP.clinician_label, exact=True)).to_be_checked()
    assert visitor.is_pressed("L4/5")
    visitor.go_to("Decide")


def test_every_field_survives_a_refresh_a_closed_tab_and_a_killed_server(
    context: BrowserContext, tmp_path: Path
) -> None:
    with running_server(tmp_path) as server:
        with visiting(context, server) as visitor:
            fill_in(visitor)
            address = visitor.page.url
            assert re.fullmatch(r".*/decision\?draft=[A-Za-z0-9_-]{22}", address), "a random name and nothing else"
            visitor.anew(visitor.page.reload)
            find_again(visitor)
            assert visitor.complaints == []
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(10)
    (folder,) = tmp_path.rglob(FOLDER_NAME)
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    with running_server(tmp_path) as server, visiting(context, server) as visitor:
        visitor.open(address.rsplit("/", 1)[1])
        find_again(visitor)
        assert visitor.complaints == []
        assert "Traceback" not in server.log.read_text(encoding="utf-8")
    (draft,) = Store(folder).list_drafts()
    kept = session.consultation_of(draft)
    assert kept.condition == Condition.SPONDYLOLISTHESIS
    assert kept.answers == {ITEMS[0].id: Answer.NO, ITEMS[6].id: Answer.NOT_KNOWN, "cf2": Answer.NO}  # one level
    assert kept.matters == {DATA.concerns[1].concern_id: Place.FIRST}
    assert kept.question_notes == {DATA.questions[2].question_id: NOTE}
    told = server.log.read_text(encoding="utf-8")
    for typed in (NOTE, "bicycle", "Physiotherapy", draft.id):
        assert typed not in told, "nothing of a consultation is in a log"


def test_two_windows_on_one_draft(context: BrowserContext, tmp_path: Path) -> None:
    with running_server(tmp_path) as server, visiting(context, server) as one, visiting(context, server) as two:
        one.open()
        one.choose("L4/5")
        two.open(one.page.url.rsplit("/", 1)[1])
        assert two.is_pressed("L4/5")
        one.choose("Left")
        two.choose("Right")
        banner = two.page.get_by_role("alert").filter(has_text="Not saved")
        expect(banner).to_contain_text("Another window saved this draft")
        expect(banner).to_contain_text("The two differ in: side.")
        expect(two.page.get_by_role("radio", name="Right", exact=True)).to_be_checked()
        two.click(two.page.get_by_role("button", name="Keep what is on this screen"))
        expect(banner).to_have_count(0)
        one.choose("Both")
        one.click(one.page.get_by_role("button", name="Take what the other window saved"))
        expect(one.page.get_by_role("radio", name="Right", exact=True)).to_be_checked()


def test_a_red_flag_shows_what_to_do_within_one_screen(visitor: Visitor) -> None:
    visitor.open("indications")
    answer(visitor, text_of(0), "Yes")
    box = visitor.page.locator(".act-now").bounding_box()
    assert box is not None
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= LAPTOP[1]
    visitor.go_to("Compare")
    expect(visitor.page.locator(".act-now")).to_contain_text("hospital at once")


def test_a_consultation_by_keyboard_alone(visitor: Visitor) -> None:
    """All the way by Tab, arrows, Enter and Space, from Start to the handout."""
    page = visitor.page
    page.on("dialog", lambda dialog: dialog.dismiss())

    def press_choice(group: str, label: str) -> None:
        tab_to(visitor, f"e.closest('[role=radiogroup]')?.getAttribute('aria-label') === {group!r}", most=120)
        for _ in range(6):
            if label in page.evaluate("document.activeElement.innerText"):
                break
            page.keyboard.press("ArrowRight")
        if not visitor.option(group, label).is_checked():
            visitor.act(lambda: page.keyboard.press("Space"))
        shows(visitor, group, label)

    def press_button(name: str) -> None:
        tab_to(visitor, f"e.matches('button, a') && e.innerText.trim() === {name!r}", most=160)
        visitor.act(lambda: page.keyboard.press("Enter"))

    visitor.open()
    press_button("Checklist →")
    visitor.arrive("The checklist")
    press_button("None of these 4")
    item = checklist(DATA, Condition.DISC_HERNIATION, Procedure.DISCECTOMY).core().part(Part.CRITERION)[0]
    press_choice(wording.item_text(item, Audience.CLINICIAN), "Yes")
    for name, title in (("Compare →", "Three options, side by side"), ("Risks →", "What can go wrong?")):
        press_button(name)
        visitor.arrive(title)
    press_button("What matters →")
    visitor.arrive("What matters to you?")
    press_button(CONCERN)
    tab_to(visitor, f"e.innerText.trim() === {f'1. {CONCERN}'!r}", most=2)  # the way by Tab goes on from here
    press_button("Decide →")
    visitor.arrive("Decide")
    tab_to(visitor, f"e.getAttribute('aria-label') === {QUESTION!r}")
    visitor.act(lambda: page.keyboard.type("typed by keyboard"))
    assert page.get_by_label(QUESTION, exact=True).input_value() == "typed by keyboard"
    tab_to(visitor, "e.type === 'radio'")
    visitor.act(lambda: page.keyboard.press("Space"))
    press_choice(DATA.sure[3].text, "No")
    press_button("Take home →")
    visitor.arrive("Take home")
    tab_to(visitor, "e.innerText.trim() === 'Handout (PDF)'")
    with page.expect_download() as started:
        page.keyboard.press("Enter")
    assert started.value.suggested_filename == "spine-choice-handout.pdf"
    tab_to(visitor, "e.innerText.trim() === 'Save as a record'")


def test_handout_is_offered_and_shown(visitor: Visitor, server: Server) -> None:
    visitor.open("take_home")
    with visitor.page.expect_download() as started:
        visitor.page.get_by_role("button", name="Handout (PDF)").click()
    assert started.value.suggested_filename == "spine-choice-handout.pdf"
    assert Path(started.value.path()).read_bytes().startswith(b"%PDF")
    visitor.click(visitor.page.get_by_text("Look at the sheet"))
    for page in (1, 2):
        expect(visitor.page.get_by_role("img", name=f"Page {page} of 2 of the handout")).to_be_visible()
    assert server.process.poll() is None
