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
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, WebSocket, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

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
MILLISECONDS = 20_000  # for anything a page does
PATIENCE = 700  # milliseconds for the page to draw what the server has sent

# A run of the script ends when the state goes back to “notRunning”; every end that is drawn is counted.
COUNT_RUNS = """
window.__runs = 0;
new MutationObserver(changes => {
  for (const c of changes)
    if (c.target.dataset.testScriptState === 'notRunning' && c.oldValue !== 'notRunning') window.__runs += 1;
}).observe(document, {subtree: true, attributes: true, attributeOldValue: true, attributeFilter: ['data-test-script-state']});
"""
SETTLED = """
([runs, patience]) => {
  window.__asked ??= performance.now();
  if (document.querySelector('[data-testid="stException"]')) throw new Error('the page shows an exception');
  const app = document.querySelector('[data-testid="stApp"]');
  const charts = [...document.querySelectorAll('[data-testid="stPlotlyChart"]')];
  // Two changes of state that follow each other at once are drawn as none.
  const ended = window.__runs > runs || performance.now() - window.__asked > patience;
  return ended && app?.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-stale="true"]') && !document.querySelector('[data-testid="stSkeleton"]')
    && !!document.querySelector('.footer')
    && charts.every(c => c.querySelector('.js-plotly-plot .main-svg'))
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
    finished: int = 0

    def open(self, path: str = "") -> Visitor:
        """Follow a link to a page of the dashboard and wait until it is drawn."""
        self.act(lambda: self.page.goto(f"{self.url}/{path}"), runs=0)
        return self

    def act(self, action: Callable[[], Any], runs: int | None = None) -> None:
        """Do something that makes the page run again, and wait until the new page is drawn."""
        finished, end = self.finished, time.monotonic() + MILLISECONDS / 1000
        if runs is None:
            runs = self.page.evaluate("window.__runs")
        action()
        while self.finished == finished:
            assert time.monotonic() < end, "the page was not run again"
            self.page.wait_for_timeout(10)
        self.page.evaluate("delete window.__asked")
        self.page.wait_for_function(SETTLED, arg=[runs, PATIENCE], timeout=MILLISECONDS)

    def heard(self, message: str | bytes) -> None:
        """Count the ends of runs that the server reports; a run that another one cut short is no end."""
        if isinstance(message, bytes) and len(message) < 1000:
            told = ForwardMsg.FromString(message)
            cut_short = told.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
            self.finished += told.WhichOneof("type") == "script_finished" and not cut_short

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
        self.page.wait_for_function(SETTLED, arg=[-1, PATIENCE], timeout=MILLISECONDS)

    def resize(self, width: int, height: int) -> None:
        """Change the size of the window and wait until the charts have followed."""
        if self.page.viewport_size == {"width": width, "height": height}:
            return
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.wait_for_function(CHARTS_FILL_THEIR_BOXES, timeout=MILLISECONDS)

    def show_to(self, audience: str) -> None:
        """Show the view of one audience; out of the patient's leads a deliberate step."""
        leave = self.page.locator(".st-key-leave button").first
        if audience == "Patient":
            self.choose("Patient")
        elif leave.count():
            leave.click()
            self.act(self.page.get_by_role("button", name="Show the clinician’s view").click)

    def choose(self, label: str) -> None:
        """Click one choice of a radio group or segmented control, by its label, unless it is chosen already."""
        choice = self.page.get_by_role("radio", name=label, exact=True)
        if (choice.count() and choice.is_checked()) or self.is_pressed(label):
            return
        self.act(lambda: self.page.get_by_text(label, exact=True).last.click())

    def is_pressed(self, label: str) -> bool:
        """Whether one of several that can be chosen together is chosen."""
        return bool(self.page.locator('[aria-pressed="true"]').get_by_text(label, exact=True).count())

    def open_list(self, box: Locator) -> None:
        """Open the list of a choice by keyboard: a click may scroll the page, which closes the list again."""
        for _ in range(5):
            box.focus()
            self.page.keyboard.press("ArrowDown")
            # A run of the page that comes late, as after a file was handed over, closes a list that stood open.
            self.page.wait_for_timeout(PATIENCE)
            if self.page.get_by_role("option").count():
                return
        pytest.fail("the list does not stay open")

    def go_to(self, page: str) -> None:
        """Follow the link to a step of the consultation, or to a page of the library."""
        # The state of a step is a part of its name for those who do not see it: “done: Compare”.
        step = self.page.locator(".st-key-steps").get_by_role("link", name=re.compile(rf"(^|: ){re.escape(page)}$"))
        if not step.count():
            self.page.locator('[class*="st-key-library"] button').click()
            step = self.page.get_by_test_id("stPopoverBody").get_by_role("link", name=page, exact=True)
        self.act(step.click)

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
            time.sleep(0.1)
    pytest.fail(f"the dashboard did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


@contextmanager
def visiting(context: BrowserContext, server: Server) -> Iterator[Visitor]:
    """A new window: a new session of the dashboard."""
    page = context.new_page()
    visitor = Visitor(page, server.url)
    page.on("request", lambda request: visitor.requests.append(request.url))
    page.on("websocket", lambda socket: _listen(visitor, socket))
    page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    page.on("console", lambda message: _note(visitor, message))
    try:
        yield visitor
    finally:
        page.close()


def _listen(visitor: Visitor, socket: WebSocket) -> None:
    visitor.requests.append(socket.url)
    socket.on("framereceived", visitor.heard)


def _note(visitor: Visitor, message: Any) -> None:
    where = urlsplit(message.location.get("url", "")).path
    # Below a page's address Streamlit first asks for its own endpoints in the wrong place, then in the right one.
    looks_for_the_server = where.count("/") > 2 and where.endswith(("/_stcore/health", "/_stcore/host-config"))
    if message.type == "error" and not looks_for_the_server:
        visitor.complaints.append(f"{message.text} ({where})")
