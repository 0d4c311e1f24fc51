"""What keeps its meaning in a narrow window, at a large zoom, on paper, and when the program itself fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from driver import COUNT_RUNS, LAPTOP, MILLISECONDS, ROOT, Server, Visitor, running_server, visiting
from playwright.sync_api import BrowserContext, expect
from screens import AUDIENCES, DATA, DOUBLED, NARROW, PAGES, bare, printed

from decision_aid import wording
from decision_aid.consultation.checklist import checklist
from decision_aid.consultation.model import Answer
from decision_aid.domain.audience import Audience
from decision_aid.domain.palette import OPTIONS
from decision_aid.domain.vocabulary import Condition, Procedure

pytestmark = pytest.mark.browser


@pytest.fixture
def stranger(context: BrowserContext, server: Server) -> Iterator[BrowserContext]:
    """A browser of its own, whose storage nobody else sees."""
    assert context.browser is not None
    opened = context.browser.new_context(viewport={"width": DOUBLED[0], "height": DOUBLED[1]}, reduced_motion="reduce")
    opened.set_default_timeout(MILLISECONDS)
    opened.add_init_script(COUNT_RUNS)
    yield opened
    opened.close()


# ---- tables ----------------------------------------------------------------------------------------------------------

VALUES = """
() => [...document.querySelectorAll('table.options > tbody > tr > td')].map(cell => {
  const name = cell.querySelector('.of'), box = name.getBoundingClientRect(), whole = cell.getBoundingClientRect();
  return {
    name: name.innerText.trim(), mark: !!name.querySelector('.mark'), shown: box.height > 8,
    inside: box.left >= whole.left && box.right <= whole.right + 1 && box.top >= whole.top,
  };
})
"""


@pytest.mark.parametrize("size", NARROW)
@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("page", ["compare", "risks"])
def test_every_value_carries_its_option(page: str, audience: str, size: tuple[int, int], visitor: Visitor) -> None:
    visitor.open(page)
    visitor.choose(audience)
    visitor.resize(*size)
    cells = visitor.page.evaluate(VALUES)
    assert len(cells) > 6
    options = {option.label for option in OPTIONS.values()}
    assert options < {cell["name"] for cell in cells}
    for cell in cells:
        assert cell["shown"], cell
        assert cell["inside"], cell
        assert cell["mark"] == (cell["name"] in options), cell
    # Blocks are no table to a screen reader, unless they say that they are.
    table = visitor.page.get_by_role("table").first
    rows = visitor.page.locator("table.options").first.locator("> tbody > tr").count()
    assert table.get_by_role("rowheader").count() == rows
    assert table.get_by_role("cell").count() == rows * 4
    assert table.get_by_role("columnheader").count() == 5
    visitor.resize(*LAPTOP)
    assert not any(cell["shown"] for cell in visitor.page.evaluate(VALUES)), "a wide window has headings"


@pytest.mark.parametrize("page", ["compare", "indications"])
def test_sources_fit_a_small_window_and_close(page: str, visitor: Visitor) -> None:
    visitor.open(page)
    visitor.resize(*DOUBLED)
    button = visitor.page.locator("button.source").first
    button.click()
    opened = visitor.page.locator(".sources:popover-open")
    expect(opened).to_be_visible()
    box = opened.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= DOUBLED[0]
    assert box["y"] + box["height"] <= DOUBLED[1]
    assert opened.evaluate("e => e.scrollWidth <= e.clientWidth"), "nothing of it lies beside the window"
    opened.evaluate("e => e.scrollTo(0, e.scrollHeight)")
    close = opened.get_by_role("button", name="Close")
    expect(close).to_be_in_viewport()  # also at the end of a long list
    close.click()
    expect(opened).to_have_count(0)
    assert visitor.page.evaluate("!!document.activeElement.closest('button.source')"), "focus returns"


# ---- the menu --------------------------------------------------------------------------------------------------------

MENU = """
() => {
  const links = [...document.querySelectorAll('[data-testid="stSidebarNavLink"]')];
  const main = document.querySelector('[data-testid="stMain"]').getBoundingClientRect();
  return links.map(a => {
    const b = a.getBoundingClientRect();
    const top = document.elementFromPoint(b.left + b.width / 2, b.top + b.height / 2);
    return {
      reached: !!top && a.contains(top), inside: b.left >= 0 && b.right <= innerWidth && b.top >= 0 && b.bottom <= innerHeight,
      apart: b.bottom <= main.top + 1 || b.right <= main.left + 1,
    };
  });
}
"""


def assert_menu(visitor: Visitor) -> None:
    links = visitor.page.evaluate(MENU)
    assert len(links) == len(PAGES)
    for link in links:
        assert link == {"reached": True, "inside": True, "apart": True}


def test_the_menu_is_always_there_and_covers_nothing(stranger: BrowserContext, server: Server) -> None:
    with visiting(stranger, server) as visitor:
        visitor.open("compare")
        assert_menu(visitor)
        before = visitor.page.locator("h1.page").bounding_box()
        visitor.page.mouse.click(400, 300)  # a click beside it puts Streamlit's own menu away
        assert_menu(visitor)
        assert visitor.page.locator("h1.page").bounding_box() == before, "the page does not jump"
        visitor.page.locator("button.source").first.click()
        expect(visitor.page.locator(".sources:popover-open")).to_be_visible()  # the first click counts
        visitor.page.keyboard.press("Escape")
        visitor.go_to("Risks")
        assert_menu(visitor)
        for size in ((760, 900), (911, 512), (1024, 768), LAPTOP):
            visitor.resize(*size)
            assert_menu(visitor)
        visitor.act(visitor.page.reload, runs=0)
        assert_menu(visitor)
    with visiting(stranger, server) as visitor:
        visitor.page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
        visitor.open()
        assert_menu(visitor)
        visitor.page.evaluate(
            "Object.keys(localStorage).filter(k => k.startsWith('stSidebarCollapsed')).concat('stSidebarCollapsed-')"
            ".forEach(k => localStorage.setItem(k, 'true'))"
        )
        visitor.act(visitor.page.reload, runs=0)
        assert_menu(visitor)


# ---- paper -----------------------------------------------------------------------------------------------------------


def test_paper_holds_an_open_list_of_sources(visitor: Visitor) -> None:
    visitor.open("compare")
    visitor.page.locator("button.source").first.click()
    cells = visitor.page.locator(".sources:popover-open td").all_inner_texts()
    assert len(cells) > 20
    for paper in ("A4", "Letter"):
        whole = "".join(printed(visitor, paper))
        assert not [cell for cell in cells if not all(bare(word) in whole for word in cell.split())]


def test_paper_holds_the_banner_and_every_word_that_was_typed(stranger: BrowserContext, tmp_path: Path) -> None:
    item = checklist(DATA, Condition.DISC_HERNIATION, Procedure.DISCECTOMY).core().items[0]
    question = wording.question_text(DATA.questions[0], Audience.CLINICIAN)
    note = " ".join(f"word{n}" for n in range(60))
    with running_server(tmp_path) as own, visiting(stranger, own) as visitor:
        visitor.page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
        visitor.open("decision")
        visitor.act(lambda: visitor.page.get_by_label(question, exact=True).fill(note))
        expect(visitor.page.locator(".on-paper")).to_have_count(1)
        expect(visitor.page.locator(".on-paper")).to_be_hidden()
        expect(visitor.page.get_by_label(question, exact=True)).to_be_focused()
        assert bare(note) in "".join(printed(visitor, "A4"))
        visitor.go_to("Indications")
        given = wording.item_text(item, Audience.CLINICIAN)
        visitor.act(lambda: visitor.option(given, wording.ANSWERS[Answer.YES]).click(force=True))
        for page in ("Indications", "Compare", "Risks"):
            visitor.go_to(page)
            assert "Actnow" in printed(visitor, "A4")[0]


# ---- failures --------------------------------------------------------------------------------------------------------

SECRET = "Ottilie Holzapfel"
BROKEN = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
if "streamlit" in " ".join(sys.orig_argv):
    from decision_aid.app import session
    from decision_aid.exports import report
    from decision_aid.wording import about
    def fail(*_, **__): raise ValueError({SECRET!r})
    about.sections = report.source_rows = session.put = fail
"""


def test_what_fails_is_said_in_our_words(
    stranger: BrowserContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(BROKEN, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with running_server(tmp_path) as broken, visiting(stranger, broken) as visitor:
        page = visitor.page
        section = page.locator("section.mishap")
        visitor.open("about")  # a page
        expect(section).to_contain_text(wording.MISHAP)
        expect(section).to_contain_text("Nothing you entered is lost")
        visitor.go_to("Start")
        expect(section).to_have_count(0)
        visitor.act(lambda: page.get_by_text(DATA.conditions[Condition.SPINAL_STENOSIS].clinician_label).click())
        expect(section).to_contain_text(wording.MISHAP_OF_A_STEP)  # a click
        expect(page.locator("h1.page")).to_be_visible()
        visitor.go_to("What matters")
        concern = wording.concern_label(DATA.concerns[0], Audience.CLINICIAN)
        visitor.act(lambda: visitor.option(concern, "A lot").click(force=True))
        expect(section).to_contain_text(wording.MISHAP_OF_A_STEP)  # a click in a part that runs alone
        visitor.go_to("Evidence")
        page.get_by_role("button", name="These rows (CSV)").click()
        told = page.get_by_test_id("stDownloadButtonError")
        expect(told).to_be_visible()
        words = told.evaluate("e => getComputedStyle(e, '::after').content")
        assert words.strip('"') == wording.FILE_NOT_MADE
        assert told.evaluate("e => getComputedStyle(e).fontSize") == "0px", "not Streamlit's words beside ours"
        expect(page.get_by_test_id("stException")).to_have_count(0)
        log = broken.log.read_text(encoding="utf-8", errors="replace")
    assert "builtins.ValueError" in log
    assert SECRET not in log
