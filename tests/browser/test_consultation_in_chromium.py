"""A consultation in a real browser: typed, refreshed, its server killed, and found again; two windows; by keyboard."""

from __future__ import annotations

import re
import signal
import stat
from pathlib import Path

import pytest
from driver import LAPTOP, Server, Visitor, running_server, visiting
from playwright.sync_api import BrowserContext, expect

from decision_aid import wording
from decision_aid.app import session
from decision_aid.consultation.checklist import checklist
from decision_aid.consultation.model import Answer, Place
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Procedure
from decision_aid.evidence import loading
from decision_aid.storage.store import FOLDER_NAME, Store

pytestmark = pytest.mark.browser

DATA = loading.load()
SLIP = DATA.conditions[Condition.SPONDYLOLISTHESIS]
ITEMS = checklist(DATA, Condition.SPONDYLOLISTHESIS, Procedure.FUSION).core().items
QUESTION = wording.question_text(DATA.questions[2], Audience.CLINICIAN)
NOTE = "Wait six weeks; come back at once if the foot gets weak."


def answer(visitor: Visitor, group: str, label: str) -> None:
    visitor.act(lambda: visitor.option(group, label).click(force=True))


def shows(visitor: Visitor, group: str, label: str) -> None:
    expect(visitor.option(group, label)).to_be_checked()


def text_of(item_number: int) -> str:
    return wording.item_text(ITEMS[item_number], Audience.CLINICIAN)


def fill_in(visitor: Visitor) -> None:
    visitor.open()
    visitor.choose(SLIP.clinician_label)
    visitor.choose("L4/5")
    visitor.go_to("Indications")
    answer(visitor, text_of(0), "No")
    answer(visitor, text_of(6), "Not known")
    visitor.go_to("What matters")
    answer(visitor, wording.concern_label(DATA.concerns[1], Audience.CLINICIAN), "Most of all")
    visitor.type_into("Own concern 1", "Ride my bicycle")
    visitor.go_to("Decision")
    visitor.type_into(QUESTION, NOTE)
    visitor.choose("Where you lean")
    visitor.choose("Not sure yet")
    visitor.type_into("Because", "Talk at home first")
    answer(visitor, DATA.sure[0].text, "No")
    visitor.type_into("What the patient told", "All three options")
    visitor.choose("Take home")
    visitor.type_into("What, line 1", "Physiotherapy")


def find_again(visitor: Visitor) -> None:
    expect(visitor.page.get_by_label("What, line 1", exact=True)).to_have_value("Physiotherapy")
    visitor.choose("Where you lean")
    expect(visitor.page.get_by_role("radio", name="Not sure yet", exact=True)).to_be_checked()
    expect(visitor.page.get_by_label("Because", exact=True)).to_have_value("Talk at home first")
    shows(visitor, DATA.sure[0].text, "No")
    expect(visitor.page.get_by_label("What the patient told", exact=True)).to_have_value("All three options")
    visitor.choose("Questions")
    expect(visitor.page.get_by_label(QUESTION, exact=True)).to_have_value(NOTE)
    visitor.go_to("What matters")
    shows(visitor, wording.concern_label(DATA.concerns[1], Audience.CLINICIAN), "Most of all")
    expect(visitor.page.get_by_label("Own concern 1", exact=True)).to_have_value("Ride my bicycle")
    visitor.go_to("Indications")
    shows(visitor, text_of(0), "No")
    shows(visitor, text_of(6), "Not known")
    visitor.go_to("Start")
    expect(visitor.page.get_by_role("radio", name=SLIP.clinician_label, exact=True)).to_be_checked()
    assert visitor.is_pressed("L4/5")
    visitor.go_to("Decision")
    visitor.choose("Take home")


def test_every_field_survives_a_refresh_a_closed_tab_and_a_killed_server(
    context: BrowserContext, tmp_path: Path
) -> None:
    with running_server(tmp_path) as server:
        with visiting(context, server) as visitor:
            fill_in(visitor)
            address = visitor.page.url
            assert re.fullmatch(r".*/decision\?draft=[A-Za-z0-9_-]{22}", address), "a random name and nothing else"
            visitor.act(visitor.page.reload, runs=0)
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
        two.act(lambda: two.page.get_by_role("button", name="Keep what is on this screen").click())
        expect(banner).to_have_count(0)
        one.choose("Both")
        one.act(lambda: one.page.get_by_role("button", name="Take what the other window saved").click())
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
    page = visitor.page

    def tab_to(wanted: str, most: int = 120) -> None:
        for _ in range(most):
            page.keyboard.press("Tab")
            if page.evaluate(f"(() => {{ const e = document.activeElement; return !!({wanted}); }})()"):
                return
        pytest.fail(f"{most} times Tab did not reach {wanted}")

    def press_choice(group: str, label: str) -> None:
        tab_to(f"e.closest('[role=radiogroup]')?.getAttribute('aria-label') === {group!r}")
        for _ in range(6):
            if page.evaluate("document.activeElement.innerText.trim()") == label:
                break
            page.keyboard.press("ArrowRight")
        if not visitor.option(group, label).is_checked():
            visitor.act(lambda: page.keyboard.press("Space"))
        shows(visitor, group, label)

    def follow(menu: str) -> None:
        page.keyboard.press("Control+Home")
        page.evaluate("document.activeElement.blur()")
        tab_to(f"e.closest('[data-testid=stSidebarNav]') && e.innerText.trim() === {menu!r}")
        visitor.act(lambda: page.keyboard.press("Enter"))

    visitor.open()
    follow("Indications")
    item = wording.item_text(
        checklist(DATA, Condition.DISC_HERNIATION, Procedure.DISCECTOMY).core().items[1], Audience.CLINICIAN
    )
    press_choice(item, "No")
    follow("What matters")
    press_choice(wording.concern_label(DATA.concerns[0], Audience.CLINICIAN), "A lot")
    follow("Decision")
    tab_to(f"e.getAttribute('aria-label') === {QUESTION!r}")
    visitor.act(lambda: page.keyboard.type("typed by keyboard"))
    assert page.get_by_label(QUESTION, exact=True).input_value() == "typed by keyboard"
    page.keyboard.press("Control+Home")
    page.evaluate("document.activeElement.blur()")
    press_choice("Part of the decision", "Take home")
    tab_to("e.innerText.trim() === 'Save as a record'")
    tab_to("e.innerText.trim() === 'Handout (PDF)'")


def test_handout_is_offered_and_shown(visitor: Visitor, server: Server) -> None:
    visitor.open("decision")
    visitor.choose("Take home")
    with visitor.page.expect_download() as started:
        visitor.page.get_by_role("button", name="Handout (PDF)").click()
    assert started.value.suggested_filename == "spine-choice-handout.pdf"
    assert Path(started.value.path()).read_bytes().startswith(b"%PDF")
    expect(visitor.page.get_by_role("img", name=re.compile("Page 1 of 2 of the handout"))).to_be_visible()
    assert server.process.poll() is None
