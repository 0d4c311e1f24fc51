"""The dashboard in a real browser: privacy, accessibility, layout, keyboard, and what survives a page change."""

from __future__ import annotations

import os
import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from driver import LAPTOP, ROOT, TABLET, Server, Visitor, running_server, visiting
from playwright.sync_api import BrowserContext, expect
from screens import AUDIENCES, CHOICES, DATA, LIBRARY, PAGES, STEPS, assert_drawn, cut_off, labels, tab_to

from decision_aid import wording
from decision_aid.comparison import side_by_side
from decision_aid.domain.vocabulary import Condition, Procedure

pytestmark = pytest.mark.browser

DIFFERS_BY_CHOICE = ("compare", "risks", "evidence", "indications")  # pages laid out otherwise for another choice
PICTURE = ROOT / "docs" / "compare.png"


# ---- (a) nothing leaves the machine ----------------------------------------------------------------------------------


def test_nothing_leaves_the_machine(context: BrowserContext, server: Server) -> None:
    with visiting(context, server) as visitor:
        visitor.open()
        for condition, procedure in CHOICES[:4]:
            for label in labels(condition, procedure, "Clinician"):
                visitor.choose(label)
        visitor.go_to("Compare")
        visitor.page.locator("button.source").first.click()
        visitor.page.keyboard.press("Escape")
        visitor.page.locator(".scatterlayer .point").first.hover(force=True)
        visitor.page.get_by_role("button", name="Filter studies").click()
        visitor.choose("All studies")
        visitor.page.keyboard.press("Escape")
        visitor.choose("Patient")
        visitor.go_to("Take home")
        with visitor.page.expect_download():
            visitor.page.get_by_role("button", name="Handout (PDF)").click()
        visitor.anew(visitor.page.reload)
        assert len(visitor.requests) > 50
        assert visitor.foreign_requests() == []
        if not sys.platform.startswith("linux"):
            pytest.skip("the sockets of the server can be read on Linux only; the requests of the browser were checked")
        sockets = list(sockets_of(server.process.pid))
        assert any(state == "LISTEN" for _, _, state in sockets), "the server was found"
        assert any(state == "ESTABLISHED" for _, _, state in sockets), "the browser is connected"
        assert [s for s in sockets if not (is_loopback(s[0]) and (s[2] == "LISTEN" or is_loopback(s[1])))] == []


def sockets_of(process: int) -> Iterator[tuple[str, str, str]]:
    """Local address, other side and state of every network socket that a process and its children hold."""
    states = {"01": "ESTABLISHED", "0A": "LISTEN"}
    held = set()
    for pid in (process, *children_of(process)):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                held |= set(re.findall(r"socket:\[(\d+)\]", str(descriptor.readlink())))
            except OSError:
                continue  # closed since
    for table in ("tcp", "tcp6", "udp", "udp6"):
        path = Path(f"/proc/{process}/net/{table}")
        for line in path.read_text(encoding="ascii").splitlines()[1:] if path.exists() else []:
            cells = line.split()
            if cells[9] in held:
                yield cells[1], cells[2], states.get(cells[3], cells[3])


def children_of(process: int) -> Iterator[int]:
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            yield int(child)
            yield from children_of(int(child))


def is_loopback(address: str) -> bool:
    """Whether an address of /proc/net is 127.x.x.x, ::1 or 127.x.x.x within IPv6; words are little-endian."""
    host = address.split(":")[0]
    words = [struct.pack("<I", int(host[i : i + 8], 16)) for i in range(0, len(host), 8)]
    raw = b"".join(words)
    return raw[-4] == 127 if len(raw) == 4 or raw[:12] == bytes(10) + b"\xff\xff" else raw == bytes(15) + b"\x01"


# ---- (c) layout ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_choice_fits_the_screen(audience: str, visitor: Visitor) -> None:
    """The pages that are laid out otherwise for another choice; `test_every_page` looks at every page as it opens first."""
    visitor.open()
    visitor.show_to(audience)
    problems: list[str] = []
    for condition, procedure in CHOICES[1:]:
        for label in labels(condition, procedure, audience):
            visitor.choose(label)
        for name in DIFFERS_BY_CHOICE if audience == "Clinician" else (*STEPS.keys() & DIFFERS_BY_CHOICE,):
            visitor.go_to(PAGES[name][0])
            expect(visitor.page.locator(".context")).to_have_text(" · ".join(labels(condition, procedure, audience)))
            sizes = (TABLET, LAPTOP) if name == "compare" else (TABLET,)  # the narrower one is the harder
            problems += cut_off(visitor, f"{name} {condition} {procedure}", sizes)
        visitor.go_to("Start")
    assert not problems, "\n" + "\n".join(problems)


# ---- (d) ways in -----------------------------------------------------------------------------------------------------


def test_every_page_of_the_program_is_looked_at(visitor: Visitor) -> None:
    visitor.open()
    steps = visitor.page.locator(".st-key-steps").get_by_role("link").all()
    assert [link.inner_text().strip() for link in steps] == [name for name, _ in STEPS.values()]
    listed = visitor.open_library()
    expect(listed).to_have_text([name for name, _ in LIBRARY.values()])
    visitor.page.keyboard.press("Escape")
    for address in STEPS:
        assert_drawn(visitor, address)
        if address != "take_home":
            visitor.go_on()
            visitor.arrive(PAGES[[*STEPS][[*STEPS].index(address) + 1]][1])
    for address, (name, _) in LIBRARY.items():
        visitor.go_to(name)
        assert_drawn(visitor, address)


def test_first_deep_link_to_a_fresh_server(context: BrowserContext, tmp_path: Path) -> None:
    with running_server(tmp_path) as fresh, visiting(context, fresh) as visitor:
        visitor.open("compare")
        assert_drawn(visitor, "compare")
        assert visitor.page.url.endswith("/compare")
        assert visitor.complaints == []
        visitor.go_to("Start")
        assert_drawn(visitor, "")
        assert "Traceback" not in fresh.log.read_text(encoding="utf-8")


def test_example_button(visitor: Visitor) -> None:
    visitor.open()
    visitor.click(visitor.page.get_by_role("button", name="Show an example"))
    visitor.arrive(PAGES["compare"][1])
    assert_drawn(visitor, "compare")
    expect(visitor.page.locator(".context")).to_have_text("Disc herniation with leg pain · Discectomy · L5/S1")


# ---- (e, f) keyboard -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", AUDIENCES)
def test_sources_open_and_close_by_keyboard(audience: str, visitor: Visitor) -> None:
    visitor.open("compare")
    visitor.show_to(audience)
    page = visitor.page
    page.locator("h1.page").click()
    table = side_by_side.side_by_side(DATA, *CHOICES[0])
    row = next(r for r in table.rows if r.approaches.studies)
    tab_to(visitor, f"e.matches('[data-outcome={row.outcome.outcome}] td.sure button.source')")
    target = page.evaluate("document.activeElement.getAttribute('popovertarget')")
    assert not page.evaluate("!!document.querySelector(':popover-open')")
    page.keyboard.press("Enter")
    opened = page.locator(f"#{target}")
    expect(opened).to_be_visible()
    assert page.evaluate("document.querySelector(':popover-open').id") == target
    lines = opened.locator("table.studies tbody tr")
    assert lines.count() == len(row.approaches.studies)
    links = [a.get_attribute("href") for a in opened.locator("table.studies a").all()]
    assert links == [s.study.link for s in row.approaches.studies if s.study.link]
    box = opened.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= LAPTOP[0]
    assert box["y"] + box["height"] <= LAPTOP[1]
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest(':popover-open')"), "focus goes into the list"
    page.keyboard.press("Escape")
    expect(opened).to_be_hidden()
    assert page.evaluate("document.activeElement.getAttribute('popovertarget')") == target, "focus returns"


def test_into_the_patients_view_and_out_of_it_by_keyboard(visitor: Visitor) -> None:
    visitor.open()
    page = visitor.page
    tab_to(visitor, "e.type === 'radio' && e.closest('[data-testid=stRadio]')")
    visitor.act(lambda: page.keyboard.press("ArrowDown"))
    clinician, patient = (labels(*CHOICES[3], audience)[0] for audience in AUDIENCES)
    expect(page.locator(".context")).to_contain_text(clinician)
    tab_to(visitor, "e.innerText.trim() === 'Checklist →'")
    visitor.act(lambda: page.keyboard.press("Enter"))
    visitor.arrive("The checklist")
    tab_to(visitor, "e.getAttribute('role') === 'radio' && e.innerText === 'Clinician'", most=120)
    page.keyboard.press("ArrowRight")
    if visitor.audience == "Clinician":
        visitor.act(lambda: page.keyboard.press("Space"))
    visitor.wait_until_drawn()
    assert_drawn(visitor, "indications")
    expect(page.locator(".context")).to_contain_text(patient)
    tab_to(visitor, "e.closest('.st-key-leave')", most=120)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=wording.SHOW_THE_CLINICIAN)).to_be_visible()
    tab_to(visitor, f"e.innerText.trim() === {wording.SHOW_THE_CLINICIAN!r}")
    visitor.act(lambda: page.keyboard.press("Enter"))
    expect(page.locator(".context")).to_contain_text(clinician)


# ---- (f) what was entered stays --------------------------------------------------------------------------------------


def test_inputs_survive_page_changes(visitor: Visitor) -> None:
    visitor.open()
    page = visitor.page
    chosen = labels(Condition.SPINAL_STENOSIS, Procedure.FUSION, "Clinician")
    for label in (*chosen, "L3/4"):
        visitor.choose(label)
    visitor.go_to("Compare")
    page.get_by_role("button", name="Filter studies").click()
    visitor.choose("All studies")
    visitor.click(page.get_by_text("Only studies of this condition"))
    page.keyboard.press("Escape")
    recovery = visitor.option("Recovery shown as", "Back pain")
    visitor.click(recovery)
    before = page.locator("table.options").first.inner_text()
    for _ in range(2):
        visitor.go_to("Start")
        assert visitor.is_pressed("L3/4")
        for label in chosen:
            expect(page.get_by_role("radio", name=label, exact=True)).to_be_checked()
        visitor.go_to("Compare")
    assert page.locator("table.options").first.inner_text() == before
    expect(recovery).to_be_checked()
    page.get_by_role("button", name="Filter studies").click()
    expect(page.get_by_role("radio", name="All studies", exact=True)).to_be_checked()
    expect(page.get_by_role("switch", name="Only studies of this condition").or_(
        page.get_by_role("checkbox", name="Only studies of this condition"))).to_be_checked()  # fmt: skip


# ---- (h) what reaches the page ---------------------------------------------------------------------------------------


def test_lists_of_sources_reach_the_page_as_popovers(visitor: Visitor) -> None:
    visitor.open("compare")
    found: dict[str, Any] = visitor.page.evaluate(
        """() => ({
          buttons: document.querySelectorAll('button.source').length,
          tied: [...document.querySelectorAll('button.source')].filter(b => b.popoverTargetElement?.popover === 'auto').length,
          lists: document.querySelectorAll('[popover]').length,
          named: [...document.querySelectorAll('[popover]')].filter(p => p.getAttribute('aria-label') && p.role === 'dialog').length,
          open: document.querySelectorAll(':popover-open').length,
          filled: [...document.querySelectorAll('[popover]')].filter(p => p.firstChild).length,
          rows: document.querySelectorAll('table.options:not(.text) > tbody > tr').length,
          marks: document.querySelectorAll('.mark[aria-hidden=true]').length,
          drawings: document.querySelectorAll('[data-testid=stPlotlyChart] svg .point').length,
          scripts: document.querySelectorAll('[data-testid=stHtml] script').length,
        })"""
    )
    assert found["buttons"] == found["tied"] == found["lists"] == found["named"] > 8
    assert (found["open"], found["filled"]) == (0, 0), "nothing of them is on the page before one is opened"
    assert found["scripts"] == 1, "that of the frame, which fills them"
    assert found["rows"] == len(side_by_side.ROWS[Procedure.DISCECTOMY]) + 1, "and who chose surgery later"
    assert found["marks"] >= 6
    assert found["drawings"] > 20
    # Opened, each holds what was made for it, to the last element.
    for page, least in (("compare", 8), ("risks", 8), ("indications", 10), ("own_results", 0)):
        if page == "own_results":
            visitor.open("case_log")
            visitor.click(visitor.page.get_by_role("button", name="Try invented cases"))
            visitor.click(visitor.page.get_by_role("button", name="See the own results"))
            visitor.arrive("Own results")
        elif page != "compare":
            visitor.open(page)
        lists, other = visitor.page.evaluate(
            """() => {
              const lists = [...document.querySelectorAll('[popover]')], made = document.createElement('template');
              const other = lists.filter(list => {
                list.showPopover();
                made.innerHTML = list.dataset.inside;
                return !list.textContent || list.innerHTML !== made.innerHTML;
              });
              return [lists.length, other.map(list => list.outerHTML)];
            }"""
        )
        assert lists > least, page
        assert other == [], page


def test_nothing_that_acts_gets_into_a_list_of_sources(visitor: Visitor) -> None:
    visitor.open("compare")
    left = visitor.page.evaluate(
        """() => {
          const list = document.querySelector('[popover]');
          list.dataset.inside = '<p onclick="window.__acted=1">a</p><img src="http://192.0.2.1/" onerror="window.__acted=1">'
            + '<script>window.__acted=1</scr' + 'ipt><iframe srcdoc="b"></iframe><style>* { color: red }</style>'
            + '<a href="javascript:window.__acted=1">c</a><a href="https://doi.org/1">d</a><svg onload="window.__acted=1"></svg>'
            + '<span style="background: url(http://192.0.2.1)">e</span>';
          list.showPopover();
          return list.innerHTML;
        }"""
    )
    assert left == '<p>a</p><a>c</a><a href="https://doi.org/1">d</a><span>e</span>'
    visitor.page.wait_for_timeout(200)
    assert visitor.page.evaluate("window.__acted") is None


def test_every_chart_has_a_name_for_screen_readers(visitor: Visitor) -> None:
    visitor.open("compare")
    charts = visitor.page.get_by_test_id("stPlotlyChart").all()
    assert len(charts) == 3
    for chart in charts:
        named = chart.evaluate(
            "c => c.closest('[aria-label]')?.ariaLabel || c.querySelector('[aria-label]')?.ariaLabel || ''"
        )
        assert re.search(r"\d", named)


# ---- (i) the picture of the README -----------------------------------------------------------------------------------


def test_picture_for_the_readme(context: BrowserContext, server: Server) -> None:
    if os.environ.get("UPDATE_SCREENSHOTS") == "1":
        with visiting(context, server) as visitor:
            visitor.open("compare")
            PICTURE.parent.mkdir(exist_ok=True)
            visitor.page.screenshot(path=PICTURE, animations="disabled")
    assert PICTURE.is_file(), "make it with UPDATE_SCREENSHOTS=1"
    header = PICTURE.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", header[16:24])
    assert width == LAPTOP[0]
    assert height >= LAPTOP[1]
