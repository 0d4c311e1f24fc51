"""Every page as each audience sees it: cut off nowhere, on paper, by keyboard, and for a screen reader.

Each page is opened once for each audience, and everything is asked of the same window: what was found wrong is told
together, with the name of what was asked.
"""

from __future__ import annotations

import tomllib
from itertools import pairwise
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from driver import LAPTOP, ROOT, TABLET, Visitor
from edges import faint_controls
from playwright.sync_api import expect
from screens import (
    DATA,
    EVERY,
    HALF_AS_LARGE_AGAIN,
    LIBRARY,
    NARROW,
    STEPS,
    WIDE,
    assert_drawn,
    bare,
    cut_off,
    printed,
)

from decision_aid import wording
from decision_aid.domain.audience import Audience

pytestmark = pytest.mark.browser

THEMES = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Findings in parts that Streamlit draws and the program cannot change: rule -> parts of the address of the element.
STREAMLITS_OWN: dict[str, tuple[str, ...]] = {}


@pytest.mark.parametrize(("page", "audience"), EVERY)
def test_a_page(page: str, audience: str, visitor: Visitor) -> None:
    visitor.open(page)
    found: dict[str, list[str]] = {}
    if audience == "Clinician":
        found["focus"] = out_of_sight_in_focus(visitor)
    visitor.show_to(audience)
    assert_drawn(visitor, page)
    found["accessibility"] = violations(visitor)
    found["edges"] = faint_controls(visitor)
    found["in the dark"] = in_the_dark(visitor)
    found["cut off"] = cut_off(visitor, page or "start", (LAPTOP, TABLET, WIDE))
    found["in a narrow window"] = cut_off_when_narrow(visitor)
    visitor.resize(*LAPTOP)
    found["on paper"] = missing_on_paper(visitor, page, audience)
    found["accessibility of what opens"] = violations_in_what_opens(visitor, page, audience)
    problems = [f"{asked}: {problem}" for asked, each in found.items() for problem in each]
    assert not problems, "\n".join(problems)


def test_the_library_leads_a_patient_to_the_comparison(visitor: Visitor) -> None:
    visitor.open()
    for page, (name, _) in LIBRARY.items():
        visitor.go_to(name)
        visitor.choose("Patient")
        visitor.arrive("Three choices, side by side")
        assert visitor.page.url.split("?")[0].endswith("/compare"), page
        visitor.show_to("Clinician")


# ---- paper -----------------------------------------------------------------------------------------------------------

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
# The steps across the top, Back and Next, and buttons.
TO_CLICK = (
    *(f"{name} →" for name, _ in STEPS.values()),
    *(f"← {name}" for name, _ in STEPS.values()),
    "← Back to",
    "CompareRisks",
    "Filter studies",
    "Library",
    "None of these",
)


def missing_on_paper(visitor: Visitor, page: str, audience: str) -> list[str]:
    """What the page says and its print does not, and what is of no use on paper."""
    if page == "evidence":
        visitor.choose("All outcomes in one table")
    words = [text for text in visitor.page.evaluate(ON_THE_PAGE) if text.strip()]
    sheets = printed(visitor, PAPER[audience])
    whole = "".join(sheets)
    missing = [text for text in words if bare(text) not in whole]
    # A line that is broken by the end of a sheet, or a chart beside it, may come out in another order: word by word then.
    found = [text for text in missing if not all(bare(word) in whole for word in text.split())]
    if len(sheets[-1]) <= 150:
        found.append(f"a sheet for one line: {sheets[-1]}")
    found += [f"of no use: {text}" for text in TO_CLICK if bare(text) in whole]
    return found


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


def cut_off_when_narrow(visitor: Visitor) -> list[str]:
    found: list[str] = []
    for size in (HALF_AS_LARGE_AGAIN, *NARROW):
        visitor.resize(*size)
        found += [f"{size}: {problem}" for problem in visitor.page.evaluate(CUT_OFF_WHEN_NARROW)]
    return found


# ---- keyboard --------------------------------------------------------------------------------------------------------

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
  // Whether all of an element lies under the steps across the top or under the foot.
  const hidden = e => {
    const box = e.getBoundingClientRect();
    const top = document.querySelector('.st-key-topbar').getBoundingClientRect().bottom;
    const foot = document.querySelector('.st-key-foot').getBoundingClientRect().top;
    const seen = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return box.height > 1 && (box.bottom <= top || box.top >= foot) && !e.contains(seen);
  };
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const words = e.innerText || e.getAttribute('aria-label') || e.value || e.type || '';
  const place = [...document.querySelectorAll('*')].indexOf(e);
  return {
    name: `${e.tagName} ${words.slice(0, 40)} (${e.closest('[data-testid]')?.dataset.testid} ${place})`,
    known: window.__without.has(e),
    marked: window.__look(e) !== window.__without.get(e),
    scrolls: e.dataset.testid === 'stMain',
    under: !e.closest('.st-key-topbar, .st-key-foot, [popover]') && e.dataset.testid !== 'stMain' && hidden(e),
  };
}
"""


def out_of_sight_in_focus(visitor: Visitor) -> list[str]:
    """What takes the focus of the keyboard and does not show it, and where the focus is trapped; from the top of a page."""
    style = visitor.page.add_style_tag(content="* { transition: none !important; }")  # the look is read at once
    visitor.page.evaluate(LOOK)
    passed: list[str] = []
    found: list[str] = []
    for _ in range(120):
        visitor.page.keyboard.press("Tab")
        place = visitor.page.evaluate(FOCUS)
        if place is None:
            break  # past the last element
        passed.append(place["name"])
        if not place["known"]:
            found.append(f"came later: {place['name']}")
        elif not place["marked"] and not place["scrolls"]:  # the page itself takes the focus to be scrolled by keys
            found.append(f"nothing shows where the focus is: {place['name']}")
        if place["under"]:
            found.append(f"in focus, and under what stands fixed: {place['name']}")
    else:
        found.append(f"the focus goes round in {passed[-5:]}")
    found += [f"a step of Tab stays at {a}" for a, b in pairwise(passed) if a == b]
    if len(passed) <= 9:
        found.append(f"only {passed}")
    style.evaluate("e => e.remove()")
    visitor.page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    return found


# ---- a screen reader -------------------------------------------------------------------------------------------------


def in_the_dark(visitor: Visitor) -> list[str]:
    """What axe-core finds when the system asks for a dark theme, and the controls that can hardly be seen."""
    turn(visitor, "dark")
    found = violations(visitor) + faint_controls(visitor)
    turn(visitor, "light")
    return found


def turn(visitor: Visitor, scheme: Literal["dark", "light"]) -> None:
    """Let the system ask for a theme, and wait until Streamlit, which hears of it later than the style sheet, has it."""
    ground = int(THEMES[scheme]["backgroundColor"][1:], 16)
    wanted = f"rgb({ground >> 16}, {ground >> 8 & 255}, {ground & 255})"
    visitor.page.emulate_media(color_scheme=scheme)
    visitor.page.wait_for_function(
        """wanted => getComputedStyle(document.querySelector('[data-testid="stApp"]')).backgroundColor === wanted""",
        arg=wanted,
    )
    visitor.wait_until_drawn()


def violations_in_what_opens(visitor: Visitor, page: str, audience: str) -> list[str]:
    """The same on what a page shows after a click."""
    found: list[str] = []
    if page == "matters":
        told_to = Audience.PATIENT if audience == "Patient" else Audience.CLINICIAN
        for row in DATA.concerns[:2]:
            visitor.click(visitor.page.get_by_role("button", name=wording.concern_label(row, told_to), exact=True))
        found += violations(visitor)
    if page == "indications":
        visitor.click(visitor.page.locator(".st-key-none_put_right_first button"))
        visitor.click(visitor.page.locator("[class*=st-key-ask_] button[data-variant=segmented_control]").first)
        expect(visitor.page.locator(".act-now")).to_be_visible()
        found += violations(visitor)
    if page == "case_log":
        visitor.click(visitor.page.get_by_role("button", name="Try invented cases"))
        found += violations(visitor)
        visitor.click(visitor.page.get_by_role("button", name="See the own results"))
        visitor.arrive("Own results")
        found += violations(visitor)
        found += cut_off(visitor, "own results")
    if page == "evidence":
        visitor.choose("One outcome")
        for view in ("One study left out", "Kinds of study"):
            visitor.choose(view)
            found += violations(visitor)
    if page == "decision":
        visitor.page.get_by_text("More questions").click()
        expect(visitor.page.get_by_label("Another question").first).to_be_visible()
        found += violations(visitor)
    if page == "take_home":
        visitor.click(visitor.page.get_by_text("Look at the sheet"))
        expect(visitor.page.get_by_role("img", name="Page 1 of 2 of the handout")).to_be_visible()
        found += violations(visitor)
    if page == "compare":
        if audience == "Clinician":
            visitor.page.get_by_role("button", name="Filter studies").click()
            expect(visitor.page.get_by_role("radiogroup", name="Studies")).to_be_visible()
            found += violations(visitor)
            visitor.page.keyboard.press("Escape")
        visitor.click(visitor.page.get_by_text(wording.LIVING_WITH_IT))
        expect(visitor.page.get_by_role("heading", name="Staying without surgery")).to_be_visible()
        visitor.page.locator("button.source").first.click()
        found += violations(visitor)
    return found


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
