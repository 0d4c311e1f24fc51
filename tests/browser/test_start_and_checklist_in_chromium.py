"""Start and the checklist in Chromium: how many clicks they take, what stays in sight, what stands on one line."""

from __future__ import annotations

import pytest
from driver import Visitor
from playwright.sync_api import Locator, expect
from screens import AUDIENCES

pytestmark = pytest.mark.browser

# Groups of answers that stand on two lines, and answers whose words do not fit.
BROKEN = """
() => [...document.querySelectorAll('[class*="st-key-ask_"] [role=radiogroup]')].filter(group => {
  const answers = [...group.querySelectorAll('button')];
  const lines = new Set(answers.map(a => Math.round(a.getBoundingClientRect().top)));
  return answers.length !== 4 || lines.size > 1 || answers.some(a => a.scrollWidth > a.clientWidth + 1);
}).map(group => group.getAttribute('aria-label'))
"""

# Answers every question, the first of each with “yes”, the second with “no” and so on, faster than a page is drawn.
ANSWER_FAST = """
async () => {
  const groups = [...document.querySelectorAll('[class*="st-key-ask_"] [role=radiogroup]')].map(g => g.getAttribute('aria-label'));
  for (const [n, name] of groups.entries()) {
    const group = [...document.querySelectorAll('[role=radiogroup]')].find(g => g.getAttribute('aria-label') === name);
    group.querySelectorAll('button')[n % 4].click();
    await new Promise(then => setTimeout(then, 25));
  }
}
"""
ANSWERS = """
() => [...document.querySelectorAll('[class*="st-key-ask_"] [role=radiogroup]')].map(
  group => [...group.querySelectorAll('button')].findIndex(b => b.getAttribute('aria-checked') === 'true'))
"""


def buttons(visitor: Visitor, group: str) -> Locator:
    return visitor.page.locator(f"{group} button[data-variant='segmented_control']")


def click(visitor: Visitor, button: Locator) -> int:
    visitor.act(button.click)
    return 1


def test_the_first_yes_moves_nothing_and_its_banner_stays_in_sight(visitor: Visitor) -> None:
    visitor.open("indications")
    below = visitor.page.locator(".st-key-ask_d9")
    before = below.bounding_box()
    click(visitor, buttons(visitor, ".st-key-ask_a2").first)
    assert below.bounding_box() == before
    below.scroll_into_view_if_needed()
    banner = visitor.page.locator(".act-now")
    box, height = banner.bounding_box(), visitor.page.evaluate("innerHeight")
    assert box is not None
    assert box["y"] >= 0
    assert box["y"] < height / 2
    assert "foot drop" in banner.inner_text()


def test_answers_given_faster_than_they_are_drawn_are_all_kept(visitor: Visitor) -> None:
    visitor.open("indications")
    asked = len(visitor.page.evaluate(ANSWERS))
    visitor.act(lambda: visitor.page.evaluate(ANSWER_FAST))
    given = [number % 4 for number in range(asked)]
    assert visitor.page.evaluate(ANSWERS) == given
    visitor.anew(visitor.page.reload)
    assert visitor.page.evaluate(ANSWERS) == given
    # What the browser still holds of one patient when a next consultation begins does not get into that one.
    visitor.go_to("Start")
    level = visitor.page.get_by_role("button", name="L4/5", exact=True)
    visitor.click(level)
    begin = visitor.page.get_by_role("button", name="Begin a new consultation").element_handle()
    on = visitor.page.locator(".st-key-foot_next a").element_handle()
    visitor.act(
        lambda: visitor.page.evaluate(
            "([begin, on]) => { begin.click(); setTimeout(() => on.click(), 20); }", [begin, on]
        )
    )
    expect(visitor.page.locator("h1.page")).to_have_text("The checklist")
    assert visitor.page.evaluate(ANSWERS) == [-1] * asked
    visitor.go_to("Start")
    expect(level).to_have_attribute("aria-pressed", "false")


def test_four_answers_stand_on_one_line(visitor: Visitor) -> None:
    visitor.open("indications")
    found = []
    for audience in AUDIENCES:
        visitor.show_to(audience)
        assert visitor.page.locator('[class*="st-key-ask_"]').count() > 10
        for width in (911, 1024, 1366, 1920):
            visitor.resize(width, 768)
            found += [f"{audience} at {width}: {group}" for group in visitor.page.evaluate(BROKEN)]
    assert not found, "\n".join(found)
