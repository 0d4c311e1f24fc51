"""Starting the dashboard and looking at it through Chromium."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from decision_aid import wording

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
LAPTOP, TABLET = (1366, 768), (1024, 768)
SECONDS_TO_START = 60
LOOK = 25  # milliseconds between two looks of a wait
MILLISECONDS = 30_000  # for anything a page does; generous, because nothing waits longer than it has to

# What the page asked of the server and what came back, counted in the page itself, as its own messages pass by.
# A request for a run is field 11 of what is sent. Of what is received, field 6 tells the end of a run; 2 is one that
# was cut short for another. `__still` counts how often a wait looked at the page since anything on it changed.
WATCH = """
window.__asked = 0; window.__answered = 0; window.__still = 0;
(() => {
  const fields = function* (data) {
    const bytes = new Uint8Array(data);
    let at = 0;
    const number = () => { let n = 0, by = 1, b; do { b = bytes[at++]; n += (b & 127) * by; by *= 128; } while (b & 128); return n; };
    while (at < bytes.length) {
      const tag = number(), kind = tag % 8;
      let value = null;
      if (kind === 0) value = number(); else if (kind === 2) { const length = number(); at += length; } else at += kind === 1 ? 8 : 4;
      yield [Math.floor(tag / 8), value];
    }
  };
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', ({data}) => {
        if (!(data instanceof ArrayBuffer) || data.byteLength > 1000) return;
        for (const [field, value] of fields(data)) if (field === 6 && value !== 2) { window.__answered = window.__asked; window.__still = 0; }
      });
    }
    send(data) {
      if (typeof data !== 'string') for (const [field] of fields(data)) if (field === 11) window.__asked += 1;
      super.send(data);
    }
  };
  new MutationObserver(() => { window.__still = 0; })
    .observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
})();
"""
# True once the page has asked for a run since `asked`, the last run that it asked for has ended, and all that came of
# it is drawn and at rest.
DRAWN = """
asked => {
  if (document.querySelector('[data-testid="stException"]')) throw new Error('the page shows an exception');
  const app = document.querySelector('[data-testid="stApp"]');
  window.__still += 1;
  return window.__asked > asked && window.__answered === window.__asked && window.__still > 3
    && app?.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-stale="true"], [data-testid="stSkeleton"]')
    && !!document.querySelector('.footer')
    && [...document.querySelectorAll('[data-testid="stPlotlyChart"]')].every(c => c.querySelector('.js-plotly-plot .main-svg'))
    && document.fonts.status === 'loaded';
}
"""
# True once every chart has kept the width of its box for a moment.
CHARTS_FILL_THEIR_BOXES = """
() => {
  const charts = [...document.querySelectorAll('[data-testid="stPlotlyChart"]')];
  const fits = charts.every(c => Math.abs(c.querySelector('.main-svg').getBoundingClientRect().width - c.clientWidth) < 2);
  const now = performance.now();
  if (!fits || window.__width !== innerWidth) { window.__width = innerWidth; window.__since = now; }
  return fits && (!charts.length || now - window.__since > 150);
}
"""


@dataclass(frozen=True)
class Server:
    url: str
    process: subprocess.Popen[bytes]
    log: Path


@dataclass
class Visitor:
    """One browser window on the dashboard, with a record of what it asked for and what it complained about."""

    page: Page
    url: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str = "") -> Visitor:
        """Follow a link to a page of the dashboard and wait until it is drawn."""
        return self.anew(lambda: self.page.goto(f"{self.url}/{path}"))

    def anew(self, action: Callable[[], Any]) -> Visitor:
        """Do something that loads the program anew in this window, and wait until its first page is drawn."""
        self.page.bring_to_front()
        action()
        self.wait_until_drawn(asked=0)
        return self

    def act(self, action: Callable[[], Any]) -> None:
        """Do something that makes the page run again, and wait until the new page is drawn."""
        self.page.bring_to_front()  # Chromium draws a tab behind another once a second
        asked = self.page.evaluate("window.__asked")
        action()
        self.wait_until_drawn(asked)

    def wait_until_drawn(self, asked: int = -1) -> None:
        """Wait until nothing is left to come of what the page asked for, since it had asked so often."""
        self.page.wait_for_function(DRAWN, arg=asked, timeout=MILLISECONDS, polling=LOOK)

    def click(self, button: Locator) -> None:
        """Click something that makes the page run again, and wait until the new page is drawn."""
        self.act(button.click)

    def option(self, group: str, label: str) -> Locator:
        """One choice of a group of choices, by the names of both."""
        return self.page.get_by_role("radiogroup", name=group, exact=True).get_by_role("radio", name=label, exact=True)

    def type_into(self, label: str, text: str) -> None:
        """Type into a field as a person does, and wait until what was typed is on the disk; the field keeps the focus."""
        field = self.page.get_by_label(label, exact=True)
        field.click()
        self.act(lambda: field.press_sequentially(text, delay=5))

    def arrive(self, title: str) -> None:
        """Wait until another page than the one that was clicked on is drawn: the first run of the script only leads there."""
        expect(self.page.locator("h1.page")).to_have_text(title)
        self.wait_until_drawn()

    def resize(self, width: int, height: int) -> None:
        """Change the size of the window and wait until the charts have followed."""
        if self.page.viewport_size == {"width": width, "height": height}:
            return
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.wait_for_function(CHARTS_FILL_THEIR_BOXES, timeout=MILLISECONDS)

    @property
    def audience(self) -> str:
        """Whose view is shown. The patient's has no switch to the other, but a deliberate step back."""
        return "Patient" if self.page.locator(".st-key-leave").count() else "Clinician"

    def show_to(self, audience: str) -> None:
        """Show the view of one audience."""
        if audience == self.audience:
            return
        if audience == "Patient":
            self.choose("Patient")
        else:
            self.page.locator(".st-key-leave button").first.click()
            self.click(self.page.get_by_role("button", name=wording.SHOW_THE_CLINICIAN))

    def choose(self, label: str) -> None:
        """Click one choice of a radio group or segmented control, by its label, unless it is chosen already."""
        choice = self.page.get_by_role("radio", name=label, exact=True)
        if (choice.count() and choice.is_checked()) or self.is_pressed(label):
            return
        self.act(lambda: self.page.get_by_text(label, exact=True).last.click())

    def is_pressed(self, label: str) -> bool:
        """Whether one of several that can be chosen together is chosen."""
        return bool(self.page.locator('[aria-pressed="true"]').get_by_text(label, exact=True).count())

    def open_list(self, box: Locator) -> Locator:
        """Open the list of a choice by keyboard, and again should it not stay open, as when the page still scrolls; its lines."""
        options = self.page.get_by_role("option")
        for _ in range(20):
            box.focus()
            self.wait_until_drawn()
            self.page.keyboard.press("ArrowDown")
            with suppress(PlaywrightTimeout):
                options.first.wait_for(timeout=2000)
                self.wait_until_drawn()
                if options.count():
                    return options
        pytest.fail("the list does not stay open")

    def pick(self, box: Locator, label: str) -> None:
        """Choose one of a list that opens."""
        self.open_list(box)
        self.click(self.page.get_by_role("option", name=label, exact=True))

    def step(self, page: str) -> Locator:
        """The link to a step across the top. Its state is a part of its name for those who do not see it: “done: Compare”."""
        return self.page.locator(".st-key-steps").get_by_role("link", name=re.compile(rf"(^|: ){re.escape(page)}$"))

    def open_library(self) -> Locator:
        """Open the entry of the library; what stands in it."""
        self.page.locator('[class*="st-key-library_"] button').first.click()
        return self.page.get_by_test_id("stPopoverBody").get_by_role("link")

    def go_to(self, page: str) -> None:
        """Follow the link to a step of the consultation, or to a page of the library."""
        step = self.step(page)
        link = step if step.count() else self.open_library().and_(self.page.get_by_role("link", name=page, exact=True))
        self.click(link)

    def go_on(self) -> None:
        """Follow Next at the foot of the page."""
        self.click(self.page.locator(".st-key-foot_next a"))

    def foreign_requests(self) -> list[str]:
        hosts = ((request, urlsplit(request)) for request in self.requests)
        return [r for r, parts in hosts if parts.scheme not in ("data", "blob") and parts.hostname not in LOOPBACK]


def find_chromium() -> str | None:
    named = os.environ.get("CHROMIUM_PATH")
    if named:
        return named
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def running_server(folder: Path, port: int | None = None, **settings: str) -> Iterator[Server]:
    """The dashboard as a new reader starts it: no settings but those given, nothing remembered but what is in the folder.

    `port`: that of a server before, to start it again; a free one without.
    """
    port = port or free_port()
    log = folder / "server.log"
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "dashboard.py",
        "--server.headless=true",
        f"--server.port={port}",
    ]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("STREAMLIT_", "DECISION_AID_"))}
    environment["HOME"] = environment["USERPROFILE"] = str(folder)
    environment |= settings
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(f"{url}/_stcore/health", process, log)
        yield Server(url, process, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
    pytest.fail(f"the dashboard did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


def new_context(browser: Browser, size: tuple[int, int] = LAPTOP) -> BrowserContext:
    """A browser of its own, whose storage nobody else sees."""
    opened = browser.new_context(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce")
    opened.set_default_timeout(MILLISECONDS)
    opened.add_init_script(WATCH)
    return opened


@contextmanager
def visiting(context: BrowserContext, server: Server) -> Iterator[Visitor]:
    """A new window: a new session of the dashboard."""
    page = context.new_page()
    visitor = Visitor(page, server.url)
    page.on("request", lambda request: visitor.requests.append(request.url))
    page.on("websocket", lambda socket: visitor.requests.append(socket.url))
    page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    page.on("console", lambda message: _note(visitor, message))
    try:
        yield visitor
    finally:
        page.close()


def _note(visitor: Visitor, message: Any) -> None:
    where = urlsplit(message.location.get("url", "")).path
    # Below a page's address Streamlit first asks for its own endpoints in the wrong place, then in the right one.
    looks_for_the_server = where.count("/") > 2 and where.endswith(("/_stcore/health", "/_stcore/host-config"))
    if message.type == "error" and not looks_for_the_server:
        visitor.complaints.append(f"{message.text} ({where})")
