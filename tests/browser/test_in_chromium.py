"""The dashboard in a real browser: privacy, accessibility, layout, keyboard, and what survives a page change."""

from __future__ import annotations

import os
import re
import struct
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from driver import ROOT, SESSION, TABLET, Server, Visitor, running_server, visiting
from playwright.sync_api import BrowserContext, expect

from decision_aid import wording
from decision_aid.comparison import side_by_side
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Procedure
from decision_aid.evidence import loading

pytestmark = pytest.mark.browser

DATA = loading.load()
CHOICES = [(c, p) for c, row in DATA.conditions.items() for p in row.procedures]
PAGES = {  # address: name in the menu, title
    "": ("Start", "What is the decision about?"),
    "indications": ("Indications", "The checklist"),
    "compare": ("Compare", "Three options, side by side"),
    "risks": ("Risks", "What can go wrong?"),
    "matters": ("What matters", "What matters to you?"),
    "decision": ("Decision", "The decision"),
    "evidence": ("Evidence", "The evidence"),
    "own_results": ("Own results", "Own results"),
    "case_log": ("Case log", "Read a case log"),
    "saved": ("Saved work", "Saved work"),
    "about": ("About", "About this tool"),
}
DIFFERS_BY_CHOICE = ("compare", "risks", "evidence", "indications")  # pages laid out otherwise for another choice
AUDIENCES = ("Clinician", "Patient")
PICTURE = ROOT / "docs" / "compare.png"

WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Findings in parts that Streamlit draws and the program cannot change: rule -> parts of the address of the element.
STREAMLITS_OWN: dict[str, tuple[str, ...]] = {}

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


# ---- helpers ---------------------------------------------------------------------------------------------------------


def labels(condition: Condition, procedure: Procedure, audience: str) -> tuple[str, str]:
    described, planned = DATA.conditions[condition], DATA.procedures[procedure]
    if audience == "Patient":
        return described.patient_label, planned.patient_label
    return described.clinician_label, planned.clinician_label


def assert_drawn(visitor: Visitor, page: str) -> None:
    expect(visitor.page.locator("h1.page")).to_have_text(PAGES[page][1])
    expect(visitor.page.get_by_role("radio", name="Clinician")).to_be_visible()
    expect(visitor.page.locator(".context")).to_be_visible()
    expect(visitor.page.locator(".footer")).to_be_visible()


def tab_to(visitor: Visitor, wanted: str, most: int = 80) -> None:
    """Press Tab until the element in focus answers to a JavaScript condition on `e`."""
    for _ in range(most):
        if visitor.page.evaluate(f"(e => !!e && !!({wanted}))(document.activeElement)"):
            return
        visitor.page.keyboard.press("Tab")
    pytest.fail(f"{most} times Tab did not reach {wanted}")


# ---- (a) nothing leaves the machine ----------------------------------------------------------------------------------


def test_nothing_leaves_the_machine(context: BrowserContext, server: Server) -> None:
    with visiting(context, server) as visitor:
        visitor.open()
        for condition, procedure in CHOICES[:4]:
            for label in labels(condition, procedure, "Clinician"):
                visitor.choose(label)
        visitor.go_to("Compare")
        visitor.choose("Patient")
        visitor.page.locator("button.source").first.click()
        visitor.page.keyboard.press("Escape")
        visitor.page.locator(".scatterlayer .point").first.hover(force=True)
        visitor.page.get_by_role("button", name="Filter studies").click()
        visitor.choose("All studies")
        visitor.page.keyboard.press("Escape")
        visitor.act(visitor.page.reload, runs=0)
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


# ---- (b) accessibility -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("page", PAGES)
def test_accessibility(page: str, audience: str, visitor: Visitor) -> None:
    visitor.open(page)
    visitor.choose(audience)
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
        assert violations(visitor) == []
        assert cut_off(visitor, "own results") == []
    if page == "evidence":
        for view in ("One study left out", "Kinds of study", "All outcomes in one table"):
            visitor.choose(view)
            assert violations(visitor) == []
    if page == "decision":
        for step in wording.STEPS[1:]:
            visitor.choose(step)
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


# ---- (c) layout ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_choice_fits_the_screen(audience: str, visitor: Visitor) -> None:
    visitor.open()
    visitor.choose(audience)
    problems: list[str] = []
    for condition, procedure in CHOICES:
        for label in labels(condition, procedure, audience):
            visitor.choose(label)
        for name, (menu, _) in PAGES.items():
            if name not in DIFFERS_BY_CHOICE and (condition, procedure) != CHOICES[0]:
                continue
            visitor.go_to(menu)
            expect(visitor.page.locator(".context")).to_have_text(" · ".join(labels(condition, procedure, audience)))
            problems += cut_off(visitor, f"{name or 'start'} {condition} {procedure}")
        visitor.go_to("Start")
    assert not problems, "\n" + "\n".join(problems)


def cut_off(visitor: Visitor, where: str) -> list[str]:
    """What does not fit, at both sizes of screen; and whether the table of Compare stands on the first screen."""
    problems = []
    for width, height in (TABLET, SESSION):
        visitor.resize(width, height)
        problems += [f"{where} at {width}: {p}" for p in visitor.page.evaluate(CUT_OFF)]
    table = visitor.page.locator("table.options:not(.text)")
    if where.startswith("compare"):
        box = table.bounding_box()
        assert box is not None
        bottom = box["y"] + box["height"]
        if bottom > SESSION[1]:
            problems.append(f"{where}: the table ends at {bottom:.0f}, below the first screen of {SESSION[1]}")
    return problems


# ---- (d) ways in -----------------------------------------------------------------------------------------------------


def test_every_page_of_the_program_is_looked_at(visitor: Visitor) -> None:
    visitor.open()
    menu = visitor.page.get_by_test_id("stSidebarNav").get_by_role("link").all()
    assert [link.inner_text().strip() for link in menu] == [name for name, _ in PAGES.values()]
    for address, (name, _) in reversed(PAGES.items()):
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
    visitor.act(lambda: visitor.page.get_by_role("button", name="Show an example").click())
    assert_drawn(visitor, "compare")
    expect(visitor.page.locator(".context")).to_have_text("Disc herniation with leg pain · Discectomy · L5/S1")


# ---- (e, f) keyboard -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", AUDIENCES)
def test_sources_open_and_close_by_keyboard(audience: str, visitor: Visitor) -> None:
    visitor.open("compare")
    visitor.choose(audience)
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
    assert box["x"] + box["width"] <= SESSION[0]
    assert box["y"] + box["height"] <= SESSION[1]
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest(':popover-open')"), "focus goes into the list"
    page.keyboard.press("Escape")
    expect(opened).to_be_hidden()
    assert page.evaluate("document.activeElement.getAttribute('popovertarget')") == target, "focus returns"


def test_walk_from_start_to_compare_by_keyboard(visitor: Visitor) -> None:
    visitor.open()
    page = visitor.page
    tab_to(visitor, "e.type === 'radio' && e.closest('[data-testid=stRadio]')")
    visitor.act(lambda: page.keyboard.press("ArrowDown"))
    expect(page.locator(".context")).to_contain_text(labels(*CHOICES[3], "Clinician")[0])
    tab_to(visitor, "e.innerText === 'Compare the three options'")
    visitor.act(lambda: page.keyboard.press("Enter"))
    assert_drawn(visitor, "compare")
    tab_to(visitor, "e.getAttribute('role') === 'radio' && e.innerText === 'Patient' || e.innerText === 'Clinician'")
    if page.evaluate("document.activeElement.innerText") == "Clinician":
        page.keyboard.press("ArrowRight")
    if not page.get_by_role("radio", name="Patient", exact=True).is_checked():
        visitor.act(lambda: page.keyboard.press("Space"))
    expect(page.get_by_role("radio", name="Patient", exact=True)).to_be_checked()
    expect(page.locator(".context")).to_contain_text(labels(*CHOICES[3], "Patient")[0])


@pytest.mark.parametrize("page", PAGES)
def test_focus_can_always_be_seen_and_is_never_trapped(page: str, visitor: Visitor) -> None:
    visitor.open(page)
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


# ---- (g) what was entered stays --------------------------------------------------------------------------------------


def test_inputs_survive_page_changes(visitor: Visitor) -> None:
    visitor.open()
    page = visitor.page
    for label in (*labels(Condition.SPINAL_STENOSIS, Procedure.FUSION, "Clinician"), "L3/4", "Patient"):
        visitor.choose(label)
    visitor.go_to("Compare")
    page.get_by_role("button", name="Filter studies").click()
    visitor.choose("All studies")
    visitor.act(lambda: page.get_by_text("Only studies of this condition").click())
    page.keyboard.press("Escape")
    visitor.act(lambda: choose_recovery(visitor, DATA.outcomes["vas_back"].patient_label))  # type: ignore[index]
    before = page.locator("table.options").first.inner_text()
    for _ in range(2):
        visitor.go_to("Start")
        for label in (*labels(Condition.SPINAL_STENOSIS, Procedure.FUSION, "Patient"), "L3/4", "Patient"):
            expect(page.get_by_role("radio", name=label, exact=True)).to_be_checked()
        visitor.go_to("Compare")
    assert page.locator("table.options").first.inner_text() == before
    expect(page.get_by_role("radio", name="Patient", exact=True)).to_be_checked()
    assert recovery_shown(visitor) == DATA.outcomes["vas_back"].patient_label  # type: ignore[index]
    page.get_by_role("button", name="Filter studies").click()
    expect(page.get_by_role("radio", name="All studies", exact=True)).to_be_checked()
    expect(page.get_by_role("switch", name="Only studies of this condition").or_(
        page.get_by_role("checkbox", name="Only studies of this condition"))).to_be_checked()  # fmt: skip


def choose_recovery(visitor: Visitor, label: str) -> None:
    box = visitor.page.get_by_test_id("stSelectbox").last
    box.scroll_into_view_if_needed()  # a list that opened closes again when the page is scrolled
    visitor.page.wait_for_timeout(300)
    box.click()
    visitor.page.get_by_role("option", name=label, exact=True).click()


def recovery_shown(visitor: Visitor) -> str:
    box = visitor.page.get_by_test_id("stSelectbox").last
    return box.locator("input").input_value() or box.inner_text().strip()


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
          rows: document.querySelectorAll('table.options:not(.text) > tbody > tr').length,
          marks: document.querySelectorAll('.mark[aria-hidden=true]').length,
          drawings: document.querySelectorAll('[data-testid=stPlotlyChart] svg .point').length,
          scripts: document.querySelectorAll('[data-testid=stHtml] script').length,
        })"""
    )
    assert found["buttons"] == found["tied"] == found["lists"] == found["named"] > 8
    assert (found["open"], found["scripts"]) == (0, 0)
    assert found["rows"] == len(side_by_side.ROWS[Procedure.DISCECTOMY])
    assert found["marks"] >= 6
    assert found["drawings"] > 20


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
    assert width == SESSION[0]
    assert height >= SESSION[1]
