"""A server and a Chromium for the tests that need the real thing: started once, used by every test.

Chromium is looked for on the path, or named by CHROMIUM_PATH. Where there is none these tests are skipped, except on
a build machine (CI=true), where they fail.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from driver import CHROMIUM_FLAGS, MILLISECONDS, Server, Visitor, find_chromium, new_context, running_server, visiting
from playwright.sync_api import BrowserContext, expect, sync_playwright

expect.set_options(timeout=MILLISECONDS)


@pytest.fixture(scope="session")
def chromium() -> str:
    found = find_chromium()
    if not found:
        why = "no Chromium on the path; install it (Debian: apt-get install chromium) or name it in CHROMIUM_PATH"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(why)
        pytest.skip(why)
    return found


@pytest.fixture(scope="session")
def context(chromium: str) -> Iterator[BrowserContext]:
    """A fresh profile, shared by all windows so that the program's own files are fetched once."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield new_context(browser)
        browser.close()


@pytest.fixture(scope="session")
def server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests. It must not have written a traceback by the end."""
    with running_server(tmp_path_factory.mktemp("home")) as started:
        yield started
        told = started.log.read_text(encoding="utf-8", errors="replace")
    assert "Traceback" not in told, told


@pytest.fixture
def visitor(context: BrowserContext, server: Server) -> Iterator[Visitor]:
    """A window for one test, which must leave no complaint on the console and no request to another machine."""
    with visiting(context, server) as opened:
        yield opened
        assert opened.complaints == []
        assert opened.foreign_requests() == []
