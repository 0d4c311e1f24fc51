"""Every page as each audience sees it: on paper, in a narrow window, by keyboard, and for a screen reader.

Each page is opened once for each audience, and what is asked of it is asked of the same window. The tests come in an
order in which none changes what the next one looks at; the last one opens what a page holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

import pytest
from axe_playwright_python.sync_playwright import Axe
from driver import LAPTOP, Server, Visitor, visiting
from playwright.sync_api import BrowserContext, expect
from screens import AUDIENCES, DATA, NARROW, PAGES, bare, cut_off, printed

from decision_aid import wording
from decision_aid.domain.audience import Audience

pytestmark = pytest.mark.browser

EVERY = list(product(PAGES, AUDIENCES))
WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Findings in parts that Streamlit draws and the program cannot change: rule -> parts of the address of the element.
STREAMLITS_OWN: dict[str, tuple[str, ...]] = {}


class Shown:
    """A page that one audience looks at."""

    def __init__(self, page: str, audience: str, visitor: Visitor) -> None:
        self.page, self.audience, self.visitor = page, audience, visitor


@pytest.fixture(scope="module")
def shown(request: pytest.FixtureRequest, context: BrowserContext, server: Server) -> Iterator[Shown]:
    page, audience = request.param
    with visiting(context, server) as visitor:
        visitor.open(page)
        visitor.choose(audience)
        yield Shown(page, audience, visitor)
        assert visitor.complaints == []
        assert visitor.foreign_requests() == []


ON_THE_PAGE = """
() => {
  const words = [];
  const main = document.querySelector('[data-testid="stMain"]');
  const shown = 'td, th, h1, h2, h3, .stHtml p, .stHtml li, .annotation-text, .ytick text, .footer span';
  for (const e of main.querySelectorAll(shown)) {
    if (e.closest('[popover]:not(:popover-open), details:not([open]), .unseen, .on-paper') || !e.getBoundingClientRect().width) continue;
    const copy = e.cloneNode(true);
    copy.querySelectorAll('[popover], .of, .unseen').forEach(x => x.remove());
    words.push(copy.textContent);
  }
  return words;
}
"""
PAPER = {"Clinician": "A4", "Patient": "Letter"}


@pytest.mark.parametrize("shown", EVERY, indirect=True, ids=" ".join)
def test_paper_holds_all_that_the_page_says(shown: Shown) -> None:
    visitor, paper = shown.visitor, PAPER[shown.audience]
    if shown.page == "evidence" and shown.audience == "Patient":
        visitor.choose("All outcomes in one table")
    words = [text for text in visitor.page.evaluate(ON_THE_PAGE) if text.strip()]
    sheets = printed(visitor, paper)
    whole = "".join(sheets)
    missing = [text for text in words if bare(text) not in whole]
    # A line that is broken by the end of a sheet, or a chart beside it, may come out in another order: word by word then.
    missing = [text for text in missing if not all(bare(word) in whole for word in text.split())]
    assert not missing
    assert len(sheets[-1]) > 150, "no sheet for one line"
    for hidden in ("Saved work", "Filter studies", "Compare the three options"):
        assert hidden == "Saved work" or bare(hidden) not in whole
    assert "IndicationsCompareRisks" not in whole, "the menu"


CUT_OFF_WHEN_NARROW = """
() => {
  const problems = [];
  const main = document.querySelector('[data-testid="stMain"]');
  for (const e of [document.documentElement, document.querySelector('[data-testid="stAppViewContainer"]')])
    if (getComputedStyle(e).overflowY !== 'clip' && (e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth)) problems.push(`the window scrolls: ${e.tagName}`);
  if (main.getBoundingClientRect().bottom > innerHeight + 1) problems.push('the main part ends below the window');
  if (main.scrollWidth > main.clientWidth) problems.push(`main part: ${main.scrollWidth} > ${main.clientWidth}`);
  for (const e of main.querySelectorAll('*')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    if (e.closest('[popover], .unseen, svg, style, input, [data-testid="stIconMaterial"]')) continue;
    const box = e.getBoundingClientRect();
    if (!box.width) continue;
    if (e.closest('.wide') && getComputedStyle(e.closest('.wide')).overflowX === 'auto' && innerWidth > 767) continue;
    const text = e.innerText.slice(0, 50);
    if (box.right > innerWidth + 1) problems.push(`beyond the edge: “${text}”`);
    for (let p = e; p !== main && p; p = p.parentElement)
      if (getComputedStyle(p).textOverflow === 'ellipsis' && getComputedStyle(p).overflowX !== 'visible' && p.scrollWidth > p.clientWidth + 1)
        problems.push(`shortened: “${text}”`);
  }
  for (const td of document.querySelectorAll('.wide td'))
    if (innerWidth < 768 && !getComputedStyle(td, '::before').content.includes(td.dataset.head)) problems.push(`without its heading: ${td.innerText}`);
  return problems;
}
"""


@pytest.mark.parametrize("shown", EVERY, indirect=True, ids=" ".join)
def test_nothing_is_cut_off_in_a_narrow_window(shown: Shown) -> None:
    found: list[str] = []
    for size in (*NARROW, (911, 512)):
        shown.visitor.resize(*size)
        found += [f"{size}: {problem}" for problem in shown.visitor.page.evaluate(CUT_OFF_WHEN_NARROW)]
    shown.visitor.resize(*LAPTOP)
    assert not found, "\n".join(found)


# How an element and what stands close round it look: where the focus is, one of them must look otherwise.
LOOK = """
window.__look = e => {
  const around = [e, ...e.parentElement.children];
  for (let p = e.parentElement; p && around.length < 12; p = p.parentElement) around.push(p);
  return around.map(x => {
    const s = getComputedStyle(x);
    const outline = parseFloat(s.outlineWidth) && s.outlineStyle !== 'none' ? s.outline : '';
    return outline + s.boxShadow + s.borderColor + s.textDecorationLine;
  }).join();
};
window.__without = new Map([...document.querySelectorAll('a, button, input, select, summary, textarea, [tabindex]')].map(e => [e, window.__look(e)]));
"""
FOCUS = """
() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const words = e.innerText || e.getAttribute('aria-label') || e.value || e.type || '';
  const place = [...document.querySelectorAll('*')].indexOf(e);
  return {
    name: `${e.tagName} ${words.slice(0, 40)} (${e.closest('[data-testid]')?.dataset.testid} ${place})`,
    known: window.__without.has(e),
    marked: window.__look(e) !== window.__without.get(e),
    scrolls: e.dataset.testid === 'stMain',
  };
}
"""


@pytest.mark.parametrize("shown", [(page, "Clinician") for page in PAGES], indirect=True, ids=" ".join)
def test_focus_can_always_be_seen_and_is_never_trapped(shown: Shown) -> None:
    visitor = shown.visitor
    visitor.open(shown.page)  # anew: the first step of Tab begins at the top
    visitor.page.add_style_tag(content="* { transition: none !important; }")  # the look is read at once
    visitor.page.evaluate(LOOK)
    passed: list[str] = []
    hidden: list[str] = []
    for _ in range(80):
        visitor.page.keyboard.press("Tab")
        place = visitor.page.evaluate(FOCUS)
        if place is None:
            break  # past the last element
        passed.append(place["name"])
        assert place["known"]
        if not place["marked"] and not place["scrolls"]:  # the page itself takes the focus to be scrolled by keys
            hidden.append(place["name"])
    else:
        pytest.fail(f"focus goes round in {passed[-5:]}")
    assert not [a for a, b in pairwise(passed) if a == b], "a step of Tab moves the focus"
    assert len(passed) > 6
    assert not hidden, "nothing shows where the focus is"


@pytest.mark.parametrize("shown", EVERY, indirect=True, ids=" ".join)
def test_accessibility(shown: Shown) -> None:
    page, audience, visitor = shown.page, shown.audience, shown.visitor
    assert violations(visitor) == []
    if page == "matters":
        concern = wording.concern_label(
            DATA.concerns[0], Audience.PATIENT if audience == "Patient" else Audience.CLINICIAN
        )
        visitor.act(lambda: visitor.option(concern, "Most of all").click(force=True))
        assert violations(visitor) == []
    if page == "case_log":
        visitor.act(visitor.page.get_by_role("button", name="Try invented cases").click)
        assert violations(visitor) == []
        visitor.act(visitor.page.get_by_role("button", name="See the own results").click)
        visitor.arrive("Own results")
        assert violations(visitor) == []
        assert cut_off(visitor, "own results") == []
    if page == "evidence":
        visitor.choose("One outcome")
        for view in ("One study left out", "Kinds of study", "All outcomes in one table"):
            visitor.choose(view)
            assert violations(visitor) == []
    if page == "decision":
        visitor.page.get_by_text("More questions").click()
        expect(visitor.page.get_by_label("Another question").first).to_be_visible()
        assert violations(visitor) == []
    if page == "compare":
        visitor.page.get_by_role("button", name="Filter studies").click()
        expect(visitor.page.get_by_role("radiogroup", name="Studies")).to_be_visible()
        assert violations(visitor) == []
        visitor.page.keyboard.press("Escape")
        visitor.page.locator("button.source").first.click()
        assert violations(visitor) == []


def violations(visitor: Visitor) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA, but for what Streamlit draws itself."""
    options = {"runOnly": {"type": "tag", "values": WCAG_2_2_AA}, "resultTypes": ["violations"]}
    found = Axe().run(visitor.page, options=options).response["violations"]
    return [
        f"{rule['id']} ({rule['impact']}): {' '.join(map(str, node['target']))}: {node['html'][:200]}"
        for rule in found
        for node in rule["nodes"]
        if not any(part in node["html"] for part in STREAMLITS_OWN.get(rule["id"], ()))
    ]
