"""A filter in a real browser: seen on both audiences and in print, cleared by one click, gone with a refresh and the patient."""

from __future__ import annotations

from driver import Visitor
from playwright.sync_api import expect


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
    visitor.act(lambda: page.get_by_role("button", name="Show an example").click())
    told, head = page.locator("p.filtered"), page.locator("table.options thead td.filtered")
    cells = page.locator("table.options").first
    usual = cells.inner_text()
    expect(told).to_have_count(0)

    filter_by(visitor, "All studies")
    expect(told).to_contain_text("all studies, also beside five or more trials")
    expect(head).to_contain_text("all studies")
    visitor.choose("Patient")
    expect(told).to_be_visible()
    expect(told).to_contain_text("Not the usual numbers")
    page.emulate_media(media="print")
    expect(told).to_be_visible()
    expect(head).to_be_visible()
    expect(page.get_by_role("button", name="Clear filters")).to_be_hidden()
    page.emulate_media(media="screen")

    visitor.choose("Clinician")
    visitor.act(lambda: page.get_by_role("button", name="Clear filters").click())
    expect(told).to_have_count(0)
    assert chosen_design(visitor) == "Trials alone when five or more"
    assert cells.inner_text() == usual


def test_a_filter_does_not_come_back_with_a_refresh_or_the_next_patient(visitor: Visitor) -> None:
    page = visitor.open().page
    visitor.act(lambda: page.get_by_role("button", name="Show an example").click())
    expect(page.locator("table.options").first).to_be_visible()
    visitor.go_to("Indications")
    visitor.act(lambda: page.get_by_role("radio", name="No", exact=True).first.click())
    visitor.go_to("Compare")
    filter_by(visitor, "Randomised trials only")
    told = page.locator("p.filtered")
    expect(told).to_be_visible()
    visitor.act(page.reload, runs=0)
    expect(page.locator("table.options").first).to_be_visible()
    expect(told).to_have_count(0)
    assert chosen_design(visitor) == "Trials alone when five or more"

    filter_by(visitor, "Randomised trials only")
    expect(told).to_be_visible()
    visitor.go_to("Start")
    visitor.act(lambda: page.get_by_role("button", name="Show an example").click())
    expect(page.locator("table.options").first).to_be_visible()
    expect(told).to_have_count(0)
    assert chosen_design(visitor) == "Trials alone when five or more"
