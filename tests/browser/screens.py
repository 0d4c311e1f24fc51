"""What the tests of screens share: the pages, the names on them, and whether something is cut off, on a screen or on paper."""

from __future__ import annotations

import re
from io import BytesIO

import pypdf
import pytest
from driver import LAPTOP, TABLET, Visitor
from playwright.sync_api import expect

from decision_aid.domain.vocabulary import Condition, Procedure
from decision_aid.evidence import loading

DATA = loading.load()
CHOICES = [(c, p) for c, row in DATA.conditions.items() for p in row.procedures]
STEPS = {  # address: name across the top, title
    "": ("Start", "What is the decision about?"),
    "indications": ("Checklist", "The checklist"),
    "compare": ("Compare", "Three options, side by side"),
    "risks": ("Risks", "What can go wrong?"),
    "matters": ("What matters", "What matters to you?"),
    "decision": ("Decide", "Decide"),
    "take_home": ("Take home", "Take home"),
}
LIBRARY = {  # for clinicians alone
    "evidence": ("Evidence", "The evidence"),
    "own_results": ("Own results", "Own results"),
    "case_log": ("Case log", "Read a case log"),
    "saved": ("Saved work", "Saved work"),
    "about": ("About", "About this tool"),
}
PAGES = STEPS | LIBRARY
AUDIENCES = ("Clinician", "Patient")
EVERY = [*((page, "Clinician") for page in PAGES), *((page, "Patient") for page in STEPS)]

FIRST_ROWS = {"Clinician": 4, "Patient": 3}  # of Compare that are seen without scrolling; a patient reads larger type
DOUBLED, HALF_AS_LARGE_AGAIN = (683, 384), (911, 512)  # a screen of 1366 x 768 at 200 % and 150 %
WIDE = (1920, 1080)
NARROW = (DOUBLED, (760, 900))

CUT_OFF = """
() => {
  const problems = [];
  const root = document.documentElement;
  const main = document.querySelector('[data-testid="stMain"]');
  for (const [name, e] of [['page', root], ['main part', main]])
    if (e.scrollWidth > e.clientWidth) problems.push(`${name} scrolls sideways: ${e.scrollWidth} > ${e.clientWidth}`);
  for (const e of main.querySelectorAll('*')) {
    const written = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    if (!(written || e.matches('h1, h2, h3, td, th, section')) || !e.clientWidth) continue;
    // A wide table scrolls in a frame of its own, which the keyboard reaches.
    if (e.closest('[popover], .wide, .unseen, svg, style, [data-testid="stIconMaterial"]')) continue;
    const text = e.innerText.slice(0, 60);
    if (e.scrollWidth > e.clientWidth + 1) problems.push(`wider than its box: “${text}” ${e.scrollWidth} > ${e.clientWidth}`);
    const right = e.getBoundingClientRect().right;
    if (right > root.clientWidth + 1) problems.push(`beyond the edge: “${text}” ${right}`);
  }
  const bar = [...document.querySelectorAll('.st-key-steps a')].map(e => e.getBoundingClientRect().right);
  const beside = [...document.querySelectorAll('.st-key-audience, .st-key-leave, [class*="st-key-library_"]')].map(e => e.getBoundingClientRect().left);
  if (beside.length && Math.max(...bar) > Math.min(...beside) + 1) problems.push(`the steps run under what is beside them: ${Math.max(...bar)} > ${Math.min(...beside)}`);
  for (const e of document.querySelectorAll('[data-testid="stException"], [data-testid="stAlert"]'))
    problems.push(`alert: ${e.innerText}`);
  for (const chart of document.querySelectorAll('[data-testid="stPlotlyChart"]')) {
    const name = chart.closest('[class*="st-key-"]')?.className.match(/st-key-\\S+/)?.[0];
    const box = chart.querySelector('.main-svg').getBoundingClientRect();
    const inside = e => {
      const b = e.getBoundingClientRect();
      return b.width > 0 && b.left >= box.left - 1 && b.right <= box.right + 1 && b.top >= box.top - 1 && b.bottom <= box.bottom + 1;
    };
    const marks = chart.querySelectorAll('.scatterlayer .point, .scatterlayer .js-line, .barlayer .point path');
    if (![...marks].some(inside)) problems.push(`nothing drawn: ${name}`);
    for (const text of chart.querySelectorAll('.xtick text, .ytick text, .annotation-text, .xtitle, .gtitle'))
      if (!inside(text)) problems.push(`cut off in ${name}: “${text.textContent}”`);
  }
  return problems;
}
"""


def labels(condition: Condition, procedure: Procedure, audience: str) -> tuple[str, str]:
    described, planned = DATA.conditions[condition], DATA.procedures[procedure]
    if audience == "Patient":
        return described.patient_label, planned.patient_label
    return described.clinician_label, planned.clinician_label


def assert_drawn(visitor: Visitor, page: str) -> None:
    """The frame and the page in it, as the audience sees it that is shown to."""
    patient = visitor.audience == "Patient"
    title = PAGES[page][1].replace("options", "choices") if patient else PAGES[page][1]
    expect(visitor.page.locator("h1.page")).to_have_text(title)
    expect(visitor.page.locator(".context")).to_be_visible()
    expect(visitor.page.locator(".footer")).to_be_visible()
    names = [link.inner_text().strip() for link in visitor.page.locator(".st-key-steps").get_by_role("link").all()]
    assert names == [name for name, _ in STEPS.values()]
    expect(visitor.page.get_by_role("radio", name="Clinician")).to_have_count(0 if patient else 1)
    expect(visitor.page.get_by_role("button", name="Library")).to_have_count(0 if patient else 1)


def tab_to(visitor: Visitor, wanted: str, most: int = 80) -> None:
    """Press Tab until the element in focus answers to a JavaScript condition on `e`."""
    for _ in range(most):
        if visitor.page.evaluate(f"(e => !!e && !!({wanted}))(document.activeElement)"):
            return
        visitor.page.keyboard.press("Tab")
    pytest.fail(f"{most} times Tab did not reach {wanted}")


def cut_off(visitor: Visitor, where: str, sizes: tuple[tuple[int, int], ...] = (TABLET, LAPTOP)) -> list[str]:
    """What does not fit, at each size of screen; and whether the first rows of Compare stand on the first screen."""
    problems = []
    drawn_for = visitor.page.viewport_size or {}
    for width, height in sorted(sizes, key=lambda size: size[0] != drawn_for.get("width")):
        visitor.resize(width, height)
        problems += [f"{where} at {width}: {p}" for p in visitor.page.evaluate(CUT_OFF)]
        if (width, height) != LAPTOP or not where.startswith("compare"):
            continue
        first = FIRST_ROWS[visitor.audience]
        row = visitor.page.locator("table.options:not(.text) > tbody > tr").nth(first - 1).bounding_box()
        foot = visitor.page.locator(".st-key-foot").bounding_box()
        assert row is not None
        assert foot is not None
        bottom = row["y"] + row["height"]
        if bottom > foot["y"]:
            problems.append(f"{where}: row {first} ends at {bottom:.0f}, under the foot of the page at {foot['y']}")
    return problems


def bare(text: str) -> str:
    """The text without what a line break on paper may add or take away."""
    return re.sub(r"[\s\u00ad\u2010\u2060-]", "", text)


def printed(visitor: Visitor, paper: str) -> list[str]:
    sheets = pypdf.PdfReader(BytesIO(visitor.page.pdf(format=paper))).pages
    return [bare(sheet.extract_text()) for sheet in sheets]
