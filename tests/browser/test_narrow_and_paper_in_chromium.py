"""What keeps its meaning in a narrow window, at a large zoom, on paper, and when the program itself fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from driver import LAPTOP, ROOT, TABLET, Server, Visitor, new_context, running_server, visiting
from playwright.sync_api import BrowserContext, expect
from screens import AUDIENCES, DATA, DOUBLED, HALF_AS_LARGE_AGAIN, NARROW, STEPS, bare, printed

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
    opened = new_context(context.browser, DOUBLED)
    yield opened
    opened.close()


# ---- tables ----------------------------------------------------------------------------------------------------------

VALUES = """
() => [...document.querySelector('table.options').querySelectorAll(':scope > tbody > tr > td:not(.unknown)')].map(cell => {
  const name = cell.querySelector('.of'), box = name.getBoundingClientRect(), whole = cell.getBoundingClientRect();
  return {
    name: name.innerText.trim(), mark: !!name.querySelector('.mark'), shown: box.height > 8,
    inside: box.left >= whole.left && box.right <= whole.right + 1 && box.top >= whole.top,
  };
})
"""


@pytest.mark.parametrize("page", ["compare", "risks"])
def test_every_value_carries_its_option(page: str, visitor: Visitor) -> None:
    visitor.open(page)
    options = {option.label for option in OPTIONS.values()}
    for audience in AUDIENCES:
        visitor.show_to(audience)
        for size in NARROW:
            where = (audience, size)
            visitor.resize(*size)
            cells = visitor.page.evaluate(VALUES)
            assert len(cells) > 6
            assert options < {cell["name"] for cell in cells}, where
            for cell in cells:
                assert cell["shown"], (where, cell)
                assert cell["inside"], (where, cell)
                assert cell["mark"] == (cell["name"] in options), (where, cell)
            # Blocks are no table to a screen reader, unless they say that they are.
            table = visitor.page.get_by_role("table").first
            rows = visitor.page.locator("table.options").first.locator("> tbody > tr > th").count()
            assert table.get_by_role("rowheader").count() == rows, where
            assert table.locator("td:not(.unknown)").and_(table.get_by_role("cell")).count() == len(cells), where
            assert table.get_by_role("columnheader").count() == 5, where
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


# ---- the frame -------------------------------------------------------------------------------------------------------

FRAME = """
() => [...document.querySelectorAll('.st-key-steps a, [class*="st-key-library_"] button, [class*="st-key-foot_"] a')].map(e => {
  const b = e.getBoundingClientRect();
  const top = document.elementFromPoint(b.left + b.width / 2, b.top + b.height / 2);
  return {
    name: e.innerText.trim(), reached: !!top && e.contains(top),
    inside: b.left >= 0 && b.right <= innerWidth && b.top >= 0 && b.bottom <= innerHeight,
  };
})
"""


def assert_frame(visitor: Visitor, *foot: str) -> None:
    """The steps, the library, Back and Next: each where it can be seen and clicked, and what they say."""
    found = visitor.page.evaluate(FRAME)
    assert len(found) == len(STEPS) + 1 + len(foot), found
    assert [each for each in found if not (each["reached"] and each["inside"])] == []
    assert [each["name"] for each in found][-len(foot) :] == [*foot]


def test_the_frame_is_always_there_and_covers_nothing(stranger: BrowserContext, server: Server) -> None:
    with visiting(stranger, server) as visitor:
        page = visitor.open("compare").page
        on_compare = ("← Checklist", "Risks →")
        assert_frame(visitor, *on_compare)
        before = page.locator("h1.page").bounding_box()
        page.mouse.click(400, 300)
        assert_frame(visitor, *on_compare)
        assert page.locator("h1.page").bounding_box() == before, "the page does not jump"
        page.locator("button.source").first.click()
        expect(page.locator(".sources:popover-open")).to_be_visible()  # the first click counts
        page.keyboard.press("Escape")
        for size in (HALF_AS_LARGE_AGAIN, (760, 900), TABLET, LAPTOP):
            visitor.resize(*size)
            assert_frame(visitor, *on_compare)
        top, foot = (page.locator(f".st-key-{part}").bounding_box() for part in ("topbar", "foot"))
        page.locator(".footer").scroll_into_view_if_needed()
        assert [page.locator(f".st-key-{part}").bounding_box() for part in ("topbar", "foot")] == [top, foot]
        last = page.locator(".footer").bounding_box()
        assert last is not None
        assert foot is not None
        assert last["y"] + last["height"] <= foot["y"], "the end of the page stands above the foot"
        visitor.go_to("Risks")
        assert_frame(visitor, "← Compare", "What matters →")
        visitor.anew(page.reload)
        assert_frame(visitor, "← Compare", "What matters →")
        visitor.go_to("Evidence")
        expect(page.get_by_test_id("stPopoverBody")).to_have_count(
            0
        )  # the list that led here does not stay over the page
        assert_frame(visitor, "← Back to Risks")
        visitor.click(page.locator(".st-key-foot_back a"))
        visitor.arrive("What can go wrong?")
        visitor.go_to("Start")
        assert_frame(visitor, "Checklist →")
        visitor.go_to("Take home")
        assert_frame(visitor, "← Decide")
        assert visitor.complaints == []


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
        field = visitor.page.get_by_label(question, exact=True)
        visitor.act(lambda: field.fill(note))
        expect(visitor.page.locator(".on-paper")).to_have_count(1)
        expect(visitor.page.locator(".on-paper")).to_be_hidden()
        expect(field).to_be_focused()
        assert bare(note) in "".join(printed(visitor, "A4"))
        visitor.go_to("Checklist")
        given = wording.item_text(item, Audience.CLINICIAN)
        visitor.click(visitor.option(given, wording.ANSWERS[Answer.YES]))
        for page in ("Checklist", "Compare", "Risks", "What matters", "Decide", "Take home"):
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
        visitor.click(page.get_by_role("button", name=concern, exact=True))
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
