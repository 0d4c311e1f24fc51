"""A filter in a real browser: seen and printed, kept from the patient's view, cleared by one click, gone with a refresh and
the next patient."""

from __future__ import annotations

import pytest
from driver import Visitor
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def filter_by(visitor: Visitor, design: str) -> None:
    visitor.page.get_by_role("button", name="Filter studies").click()
    visitor.choose(design)
    visitor.page.keyboard.press("Escape")


def chosen_design(visitor: Visitor) -> str:
    page = visitor.page
    page.get_by_role("button", name="Filter studies").click()
    checked = page.get_by_role("radiogroup", name="Studies").get_by_role("radio", checked=True)
    expect(checked).to_have_count(1)
    label = checked.evaluate("radio => radio.closest('label').innerText.trim()")
    page.keyboard.press("Escape")
    return label


def test_a_filter_is_seen_until_it_is_cleared(visitor: Visitor) -> None:
    page = visitor.open().page
    visitor.click(page.get_by_role("button", name="Show an example"))
    visitor.arrive("Three options, side by side")
    told, head = page.locator("p.filtered"), page.locator("table.options thead td.filtered")
    cells = page.locator("table.options").first
    usual = cells.inner_text()
    expect(told).to_have_count(0)

    filter_by(visitor, "All studies")
    expect(told).to_contain_text("all studies, also beside five or more trials")
    expect(head).to_contain_text("all studies")
    page.emulate_media(media="print")
    expect(told).to_be_visible()
    expect(head).to_be_visible()
    expect(page.get_by_role("button", name="Clear filters")).to_be_hidden()
    page.emulate_media(media="screen")
    # A patient is shown the usual numbers, and no filter.
    filtered = cells.inner_text()
    visitor.show_to("Patient")
    expect(told).to_have_count(0)
    expect(page.get_by_role("button", name="Filter studies")).to_have_count(0)
    visitor.show_to("Clinician")
    expect(told).to_be_visible()
    assert cells.inner_text() == filtered != usual

    visitor.click(page.get_by_role("button", name="Clear filters"))
    expect(told).to_have_count(0)
    assert chosen_design(visitor) == "Trials alone when five or more"
    assert cells.inner_text() == usual


def test_a_filter_does_not_come_back_with_a_refresh_or_the_next_patient(visitor: Visitor) -> None:
    page = visitor.open().page
    visitor.click(page.get_by_role("button", name="Show an example"))
    visitor.arrive("Three options, side by side")
    expect(page.locator("table.options").first).to_be_visible()
    visitor.go_to("Checklist")
    visitor.click(page.locator(".st-key-none_red_flag button"))
    visitor.go_to("Compare")
    filter_by(visitor, "Randomised trials only")
    told = page.locator("p.filtered")
    expect(told).to_be_visible()
    visitor.anew(page.reload)
    expect(page.locator("table.options").first).to_be_visible()
    expect(told).to_have_count(0)
    assert chosen_design(visitor) == "Trials alone when five or more"

    filter_by(visitor, "Randomised trials only")
    expect(told).to_be_visible()
    visitor.go_to("Start")
    visitor.click(page.get_by_role("button", name="Show an example"))
    visitor.arrive("Three options, side by side")
    expect(page.locator("table.options").first).to_be_visible()
    expect(told).to_have_count(0)
    assert chosen_design(visitor) == "Trials alone when five or more"
