"""The patient's own screen: a second window that follows the surgeon's, and can reach nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from driver import MILLISECONDS, ROOT, Server, free_port, running_server
from playwright.sync_api import BrowserContext, Locator, Page, expect
from screens import DATA

from decision_aid.app import patient_screen
from decision_aid.consultation.model import Place
from decision_aid.domain.vocabulary import Condition
from decision_aid.storage.store import FOLDER_NAME, Store
from decision_aid.wording import patient_screen_words as words

pytestmark = pytest.mark.browser

PATIENCE = 3 * MILLISECONDS  # two windows and a server on a machine that does other things as well
BACK = re.compile("back in a moment")
IN_ORDER = re.compile(r"^[12]\. ")
NOT_MARKED = re.compile(r"^(?!\d|Also)")
AT_REST = "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
CHANGES_OF_THE_PAGE = """
() => {
  window.__changes = 0;
  const main = document.querySelector('[data-testid="stMain"]');
  new MutationObserver(found => window.__changes += found.filter(c => c.type !== 'attributes').length)
    .observe(main, {subtree: true, childList: true, characterData: true});
}
"""


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def server(chromium: str, tmp_path: Path, port: int) -> Iterator[Server]:
    with running_server(tmp_path, port) as started:
        yield started
        assert_calm(started.log.read_text(encoding="utf-8", errors="replace"))


def assert_calm(log: str) -> None:
    """Nothing of ours failed. Streamlit itself writes a traceback where a window is closed while it is being told something."""
    assert "Something failed" not in log
    assert f'File "{ROOT}' not in log


@contextmanager
def two_windows(context: BrowserContext, server: Server) -> Iterator[tuple[Page, Page]]:
    """The surgeon's window, and the patient's, which was opened from it."""
    with ExitStack() as windows:
        surgeon = context.new_page()
        windows.callback(surgeon.close)
        surgeon.goto(f"{server.url}/compare")
        expect(surgeon.locator(".st-key-foot")).to_be_visible(timeout=PATIENCE)
        surgeon.wait_for_function(AT_REST, timeout=PATIENCE)  # a click into the first run of a fresh server is lost
        surgeon.locator(".st-key-library button").first.click()
        surgeon.get_by_role("button", name=words.OPEN).click()
        link = surgeon.get_by_role("link", name=words.FOLLOW_LINK)
        expect(link).to_have_attribute("rel", re.compile("noopener"))
        with context.expect_page() as opened:
            link.click()
        patient = opened.value
        windows.callback(patient.close)
        surgeon.keyboard.press("Escape")
        yield surgeon, patient


def title(page: Page) -> Locator:
    return page.locator("h1.page")


def shows(page: Page, text: str | re.Pattern[str]) -> None:
    expect(title(page)).to_have_text(text, timeout=PATIENCE)


def go(page: Page, step: str) -> None:
    page.locator(".st-key-steps").get_by_role("link", name=re.compile(rf"(^|\W){step}$")).click()


def concern(page: Page, place: int) -> Locator:
    """One concern of the list; the two audiences read it under another name."""
    return page.locator('[class*="st-key-concern"]').get_by_role("button").nth(place)


def saved(home: Path) -> list[dict[str, object]]:
    """The consultations on the disk."""
    with closing(Store(home / FOLDER_NAME)) as opened:
        return [d.content["consultation"] for d in opened.list_drafts()]


def test_the_patients_window_follows_the_surgeons(context: BrowserContext, server: Server) -> None:
    assert 2 * patient_screen.SECONDS < 1
    with two_windows(context, server) as (surgeon, patient):
        shows(patient, "Three choices, side by side")
        expect(patient.locator(".context")).to_contain_text("Slipped disc")
        # Nothing of the surgeon's: no library, no filter, no other audience, no way on of its own.
        for way in (".st-key-library", ".st-key-leave", ".st-key-audience", ".st-key-steps", '[class*="st-key-foot_"]'):
            expect(patient.locator(way)).to_have_count(0)
        for text in ("Filter studies", "Library", "Saved work"):
            expect(patient.get_by_text(text, exact=True)).to_have_count(0)

        for step, shown in (("Risks", "What can go wrong?"), ("What matters", "What matters to you?")):
            go(surgeon, step)
            shows(patient, shown)
        go(surgeon, "Start")
        shows(surgeon, "What is the decision about?")
        surgeon.get_by_text(DATA.conditions[Condition.SPINAL_STENOSIS].clinician_label, exact=True).click()
        expect(patient.locator(".context")).not_to_contain_text("Slipped disc", timeout=PATIENCE)
        go(surgeon, "Compare")
        shows(patient, "Three choices, side by side")

        # The row that is pointed at is outlined in both, not by colour alone; taken back, in none.
        surgeon.get_by_role("combobox", name=words.POINT_AT).click()
        surgeon.get_by_role("option", name="Blood loss").first.click()
        for page in (surgeon, patient):
            row = page.locator('tr[data-outcome="blood_loss"]').first
            expect(row).to_have_css("outline-style", "solid", timeout=PATIENCE)
            expect(row).to_be_in_viewport()
            assert "pointed at" in row.get_by_role("rowheader").evaluate("e => getComputedStyle(e, '::before').content")
        expect(patient.locator('tr[data-outcome="length_of_stay"]').first).not_to_have_css("outline-style", "solid")

        # Between changes neither window draws anything.
        for page in (surgeon, patient):
            page.evaluate(CHANGES_OF_THE_PAGE)
        patient.wait_for_timeout(4000 * patient_screen.SECONDS)
        assert [page.evaluate("window.__changes") for page in (surgeon, patient)] == [0, 0]
        # Only the names of this computer, and nothing of a patient in any address.
        assert re.fullmatch(r"http://localhost:\d+/\w*\?screen=\w{32}", patient.url)
        assert "screen=" not in surgeon.url


def test_answers_of_both_windows_are_kept_once_and_survive_refreshes_and_a_restart(
    context: BrowserContext, chromium: str, tmp_path: Path, port: int
) -> None:
    log = ""
    with ExitStack() as windows:
        with running_server(tmp_path, port, DECISION_AID_HOME=str(tmp_path)) as server:
            surgeon, patient = windows.enter_context(two_windows(context, server))
            go(surgeon, "What matters")
            shows(patient, "What matters to you?")
            first, second, third = range(3)
            # Both answer at the same moment.
            concern(patient, first).click()
            concern(surgeon, second).click()
            for page in (surgeon, patient):
                for place in (first, second):
                    expect(concern(page, place)).to_have_text(IN_ORDER, timeout=PATIENCE)
            # Own words are typed in the patient's window while the surgeon answers.
            words_of_their_own = "To work in my garden again"
            field = patient.get_by_label(
                "Own words 1", exact=True
            ).first  # while it is drawn anew the old one is there as well
            field.click()
            field.press_sequentially(words_of_their_own[:12], delay=40)
            concern(surgeon, third).click()
            field.press_sequentially(words_of_their_own[12:], delay=40)
            expect(surgeon.get_by_label("Own words 1", exact=True)).to_have_value(words_of_their_own, timeout=PATIENCE)
            expect(field).to_have_value(words_of_their_own)

            surgeon.reload()
            shows(surgeon, "What matters to you?")
            patient.reload()
            shows(patient, "What matters to you?")
            for page in (surgeon, patient):
                for place in (first, second):
                    expect(concern(page, place)).to_have_text(IN_ORDER, timeout=PATIENCE)
            go(surgeon, "Decide")
            shows(patient, "Decide")
            (content,) = saved(tmp_path)
            assert len(content["matters"]) == 3  # type: ignore[arg-type]
            places = [place for place in Place if f"'{place}'" in f"{content['matters']}{content['own_concerns']}"]
            assert places == list(Place)
            log += server.log.read_text(encoding="utf-8", errors="replace")

        with running_server(tmp_path, port, DECISION_AID_HOME=str(tmp_path)) as server:
            # Both windows find the new server by themselves.
            go(surgeon, "Risks")
            shows(surgeon, "What can go wrong?")
            shows(patient, "What can go wrong?")
            go(surgeon, "What matters")
            expect(concern(patient, first)).to_have_text(IN_ORDER, timeout=PATIENCE)
            concern(patient, first).click()  # taken out again
            expect(concern(surgeon, first)).to_have_text(NOT_MARKED, timeout=PATIENCE)
            (content,) = saved(tmp_path)
            assert words_of_their_own in str(content["own_concerns"])

            patient.close()
            go(surgeon, "Compare")
            shows(surgeon, "Three options, side by side")
            log += server.log.read_text(encoding="utf-8", errors="replace")
    assert_calm(log)
    assert "screen=" not in log
    assert words_of_their_own not in log


def test_a_patients_window_reaches_nothing_else_by_its_address(context: BrowserContext, server: Server) -> None:
    with two_windows(context, server) as (surgeon, patient):
        go(surgeon, "Start")
        surgeon.locator(".st-key-level").get_by_text("L4/5", exact=True).click()
        expect(patient.locator(".context")).to_contain_text("L4/5", timeout=PATIENCE)
        surgeon.wait_for_url(re.compile("draft="))
        draft = re.findall(r"draft=([\w-]+)", surgeon.url)[0]
        root, query = re.fullmatch(r"(http://[^/]+)/\w*\?(.*)", patient.url).groups()  # type: ignore[union-attr]
        token = query.removeprefix("screen=")
        # Another page, a draft beside the token: the same screen again.
        for path in ("saved", "case_log", "own_results", "evidence", "about", "take_home", "no_such_page"):
            patient.goto(f"{root}/{path}?{query}&draft={draft}")
            shows(patient, "What is the decision about?")
            assert_closed(patient)
            assert "draft" not in patient.url
        # A wrong token, none, the token in the surgeon's place, a draft alone: a calm sentence.
        edited = (f"?screen={token[:-1]}", "?screen=", "", "saved", f"?with={token}", f"?draft={draft}", "case_log")
        for address in edited:
            patient.goto(f"{root}/{address}")
            expect(patient.locator(".waiting")).to_be_visible(timeout=PATIENCE)
            assert_closed(patient)
            assert "L4/5" not in patient.get_by_test_id("stMain").inner_text()
        # The surgeon's window went on all the while; closed, it leaves a calm sentence.
        patient.goto(f"{root}/?{query}")
        shows(patient, "What is the decision about?")
        surgeon.close()
        shows(patient, BACK)
        assert_closed(patient)


def assert_closed(patient: Page) -> None:
    expect(patient.locator(".st-key-library, .st-key-steps, .st-key-audience")).to_have_count(0)
    for name in ("Begin a new consultation", "Continue the last one", "Save as a record", "Show the clinician’s view"):
        expect(patient.get_by_role("button", name=name)).to_have_count(0)
