"""The patient's own screen: a second window that follows the surgeon's, and can reach nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median

import pytest
from driver import MILLISECONDS, ROOT, Server, free_port, running_server
from playwright.sync_api import BrowserContext, Locator, Page, expect
from screens import DATA

from decision_aid.app import patient_screen
from decision_aid.consultation.model import Leaning, Place
from decision_aid.domain.vocabulary import Condition
from decision_aid.storage.store import FOLDER_NAME, Store
from decision_aid.wording import patient_screen_words as words

pytestmark = pytest.mark.browser

PATIENCE = 3 * MILLISECONDS  # two windows and a server on a machine that does other things as well
WITHIN = 1000  # milliseconds after the surgeon's window in which the patient's has followed
TRIES = 5  # to be as fast as that on a machine that may be held up for a moment
BACK = re.compile("back in a moment")
IN_ORDER = re.compile(r"^[12]\. ")
NOT_MARKED = re.compile(r"^(?!\d|Also)")
AT_REST = "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'"
# A number of runs after those before, the page is at rest and its address leads to the same screen again.
HAS_ANSWERED = f"runs => window.__answered > runs && {AT_REST}"
IS_BACK = f"{HAS_ANSWERED} && location.search.includes('with=')"
CHANGES_OF_THE_PAGE = """
() => {
  window.__changes = 0;
  const main = document.querySelector('[data-testid="stMain"]');
  new MutationObserver(found => window.__changes += found.filter(c => c.type !== 'attributes').length)
    .observe(main, {subtree: true, childList: true, characterData: true});
}
"""
# Keeps the moment from which on something is so.
NOTE_WHEN = """
condition => {
  const is_so = new Function(`return ${condition}`);
  window.__since = null;
  window.__watch?.disconnect();
  const look = () => { if (window.__since === null && is_so()) window.__since = Date.now(); };
  window.__watch = new MutationObserver(look);
  window.__watch.observe(document, {subtree: true, childList: true, characterData: true});
}
"""


@pytest.fixture(scope="module")
def server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("screens")) as started:
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
        surgeon.locator('[class*="st-key-library"] button').first.click()
        surgeon.get_by_role("button", name=words.OPEN).click()
        link = surgeon.get_by_role("link", name=words.FOLLOW_LINK)
        expect(link).to_have_attribute("rel", re.compile("noopener"))
        with context.expect_page() as opened:
            link.click(modifiers=["Shift"])  # in a window of its own: Chromium draws a tab behind another once a second
        patient = opened.value
        windows.callback(patient.close)
        surgeon.keyboard.press("Escape")
        yield surgeon, patient


def title(page: Page) -> Locator:
    return page.locator("h1.page").first  # while a page is drawn the one before is there as well


def shows(page: Page, text: str | re.Pattern[str]) -> None:
    expect(title(page)).to_have_text(text, timeout=PATIENCE)


def go(page: Page, step: str) -> None:
    page.locator(".st-key-steps").get_by_role("link", name=re.compile(rf"(^|\W){step}$")).click()


def concern(page: Page, place: int) -> Locator:
    """One concern of the list; the two audiences read it under another name."""
    return page.locator('[class*="st-key-concern"]').get_by_role("button").nth(place)


def point_at(page: Page, row: str) -> None:
    page.get_by_role("combobox", name=words.POINT_AT).click()
    page.get_by_role("option", name=row).first.click()


def lag(surgeon: Page, patient: Page, act: Callable[[], None], mine: str, theirs: str) -> int:
    """Milliseconds from what the surgeon's window shows to what the patient's does, after a click in the surgeon's."""
    for page, condition in ((surgeon, mine), (patient, theirs)):
        page.evaluate(NOTE_WHEN, condition)
    act()
    for page in (surgeon, patient):
        page.wait_for_function("window.__since !== null", timeout=PATIENCE)
    after: int = patient.evaluate("window.__since") - surgeon.evaluate("window.__since")
    return after


def titled(text: str) -> str:
    return f"document.querySelector('h1.page')?.textContent === {text!r}"


def both_show_in_order(surgeon: Page, patient: Page, *places: int) -> None:
    for page in (surgeon, patient):
        for place in places:
            expect(concern(page, place)).to_have_text(IN_ORDER, timeout=PATIENCE)


def yes(page: Page, question: str) -> Locator:
    group = page.get_by_role("radiogroup", name=question, exact=True)
    return group.get_by_role("radio", name="Yes", exact=True)


def lean(page: Page, place: int) -> Locator:
    return page.get_by_role("radiogroup", name="Leaning", exact=True).get_by_role("radio").nth(place)


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
        for way in (
            '[class*="st-key-library"]',
            ".st-key-leave",
            ".st-key-audience",
            ".st-key-steps",
            '[class*="st-key-foot_"]',
        ):
            expect(patient.locator(way)).to_have_count(0)
        for text in ("Filter studies", "Library", "Saved work"):
            expect(patient.get_by_text(text, exact=True)).to_have_count(0)

        lags = dict[str, list[int]]()
        for attempt in range(TRIES):
            start, compare = "What is the decision about?", "Three {}, side by side"
            lags.setdefault("a step", []).append(
                lag(surgeon, patient, lambda: go(surgeon, "Start"), titled(start), titled(start))
            )
            label = DATA.conditions[(Condition.SPINAL_STENOSIS, Condition.DISC_HERNIATION)[attempt % 2]]
            asked = "document.querySelector('.context')?.textContent.includes({!r})"
            lags.setdefault("the condition", []).append(
                lag(
                    surgeon,
                    patient,
                    surgeon.get_by_text(label.clinician_label, exact=True).click,
                    asked.format(label.clinician_label),
                    asked.format(label.patient_label),
                )
            )
            mine, theirs = (titled(compare.format(word)) for word in ("options", "choices"))
            lags["a step"].append(lag(surgeon, patient, lambda: go(surgeon, "Compare"), mine, theirs))
            name, row = (("Blood loss", "blood_loss"), ("Length of stay", "length_of_stay"))[attempt % 2]
            outlined = f"getComputedStyle(document.querySelector('tr[data-outcome={row}]')).outlineStyle === 'solid'"
            lags.setdefault("a row", []).append(
                lag(surgeon, patient, lambda name=name: point_at(surgeon, name), outlined, outlined)  # type: ignore[misc]
            )
            if all(median(measured) < WITHIN for measured in lags.values()):
                break
        print(f"\nmilliseconds after the surgeon's window: {lags}")
        assert {what: min(measured) < WITHIN for what, measured in lags.items()} == dict.fromkeys(lags, True), lags

        # The row that is pointed at is outlined in both, in sight, and not by colour alone.
        for page in (surgeon, patient):
            pointed = page.locator(f'tr[data-outcome="{row}"]').first
            expect(pointed).to_be_in_viewport()
            told = "e => getComputedStyle(e, '::before').content"
            assert "pointed at" in pointed.get_by_role("rowheader").evaluate(told)
        others = patient.locator(f'tr[data-outcome]:not([data-outcome="{row}"])')
        expect(others.first).not_to_have_css("outline-style", "solid")

        # Between changes neither window draws anything.
        for page in (surgeon, patient):
            page.evaluate(CHANGES_OF_THE_PAGE)
        patient.wait_for_timeout(4000 * patient_screen.SECONDS)
        assert [page.evaluate("window.__changes") for page in (surgeon, patient)] == [0, 0]
        # Only the names of this computer, and nothing of a patient in any address.
        assert re.fullmatch(r"http://localhost:\d+/\w*\?screen=\w{32}", patient.url)
        assert "screen=" not in surgeon.url


def test_answers_of_both_windows_are_kept_once_and_survive_refreshes_and_a_restart(
    context: BrowserContext, chromium: str, tmp_path: Path
) -> None:
    log, port = "", free_port()
    with ExitStack() as windows:
        with running_server(tmp_path, port, DECISION_AID_HOME=str(tmp_path)) as server:
            surgeon, patient = windows.enter_context(two_windows(context, server))
            go(surgeon, "What matters")
            shows(patient, "What matters to you?")
            first, second, third = range(3)
            # Both answer at the same moment.
            concern(patient, first).click()
            concern(surgeon, second).click()
            both_show_in_order(surgeon, patient, first, second)
            # Own words are typed in the patient's window while the surgeon answers.
            own = "To work in my garden again"
            # While a field is drawn anew the old one is there as well.
            field = patient.get_by_label("Own words 1", exact=True).first
            field.click()
            field.press_sequentially(own[:12], delay=40)
            concern(surgeon, third).click()
            field.press_sequentially(own[12:], delay=40)
            expect(surgeon.get_by_label("Own words 1", exact=True)).to_have_value(own, timeout=PATIENCE)
            expect(field).to_have_value(own)

            # Every choice of one window is followed at once by one of another field in the other.
            go(surgeon, "Decide")
            shows(patient, "Decide")
            for number, row in enumerate(DATA.sure):
                runs = surgeon.evaluate("window.__answered")
                yes(patient, row.text).dispatch_event("click")
                lean(surgeon, number % 2).dispatch_event("click")
                # Into the same field nobody clicks again before it shows the last click.
                surgeon.wait_for_function(HAS_ANSWERED, arg=runs, timeout=PATIENCE)
            for page in (surgeon, patient):
                for row in DATA.sure:
                    expect(yes(page, row.text)).to_be_checked(timeout=PATIENCE)
                expect(lean(page, (len(DATA.sure) - 1) % 2)).to_be_checked(timeout=PATIENCE)
            (content,) = saved(tmp_path)
            assert content["sure"] == {row.item_id: True for row in DATA.sure}
            assert content["leaning"] == list(Leaning)[(len(DATA.sure) - 1) % 2]
            go(surgeon, "What matters")
            shows(patient, "What matters to you?")

            for page in (surgeon, patient):
                page.reload()
                shows(page, "What matters to you?")
            both_show_in_order(surgeon, patient, first, second)
            (content,) = saved(tmp_path)
            assert len(content["matters"]) == 3  # type: ignore[arg-type]
            places = [place for place in Place if f"'{place}'" in f"{content['matters']}{content['own_concerns']}"]
            assert places == list(Place), content
            log += server.log.read_text(encoding="utf-8", errors="replace")

        runs = surgeon.evaluate("window.__answered")
        with running_server(tmp_path, port, DECISION_AID_HOME=str(tmp_path)) as server:
            # Both windows find the new server by themselves.
            surgeon.wait_for_function(IS_BACK, arg=runs, timeout=PATIENCE)
            go(surgeon, "Risks")
            shows(surgeon, "What can go wrong?")
            shows(patient, "What can go wrong?")
            go(surgeon, "What matters")
            expect(concern(patient, first)).to_have_text(IN_ORDER, timeout=PATIENCE)
            concern(patient, first).click()  # taken out again
            expect(concern(surgeon, first)).to_have_text(NOT_MARKED, timeout=PATIENCE)
            (content,) = saved(tmp_path)
            assert own in str(content["own_concerns"])

            patient.close()
            go(surgeon, "Compare")
            shows(surgeon, "Three options, side by side")
            assert saved(tmp_path) == [content]
            log += server.log.read_text(encoding="utf-8", errors="replace")
    assert_calm(log)
    assert "screen=" not in log
    assert own not in log


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
        # Opened twice it is harmless, and the next patient begins with nothing in either.
        patient.goto(f"{root}/?{query}")
        shows(patient, "What is the decision about?")
        twice = context.new_page()
        twice.goto(f"{root}/?{query}")
        go(surgeon, "What matters")
        for page in (patient, twice):
            shows(page, "What matters to you?")
        concern(twice, 0).click()
        for page in (patient, surgeon):
            expect(concern(page, 0)).to_have_text(IN_ORDER, timeout=PATIENCE)
        twice.close()
        go(surgeon, "Start")
        shows(surgeon, "What is the decision about?")
        surgeon.get_by_role("button", name="Begin a new consultation").click()
        expect(surgeon.locator(".context")).not_to_contain_text("L4/5", timeout=PATIENCE)
        expect(patient.locator(".context")).not_to_contain_text("L4/5", timeout=PATIENCE)
        go(surgeon, "What matters")
        for page in (surgeon, patient):
            shows(page, "What matters to you?")
            expect(concern(page, 0)).to_have_text(NOT_MARKED, timeout=PATIENCE)
        concern(patient, 1).click()
        expect(concern(surgeon, 1)).to_have_text(IN_ORDER, timeout=PATIENCE)
        expect(concern(surgeon, 0)).to_have_text(NOT_MARKED)
        # The surgeon's window went on all the while; closed, it leaves a calm sentence.
        surgeon.close()
        shows(patient, BACK)
        assert_closed(patient)


def assert_closed(patient: Page) -> None:
    expect(patient.locator('[class*="st-key-library"], .st-key-steps, .st-key-audience')).to_have_count(0)
    for name in ("Begin a new consultation", "Continue the last one", "Save as a record", "Show the clinician’s view"):
        expect(patient.get_by_role("button", name=name)).to_have_count(0)
