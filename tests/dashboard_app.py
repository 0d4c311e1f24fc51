"""The dashboard without a browser: opening it, finding things on it, and a server and a folder for each test."""

from __future__ import annotations

import functools
import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import page_html
import pytest
from plotly.graph_objects import Figure
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from decision_aid import components, wording
from decision_aid.app.session import Session
from decision_aid.audit import kept_log
from decision_aid.audit.kept_log import OwnCases
from decision_aid.case_log.plan import Plan
from decision_aid.consultation.model import Consultation
from decision_aid.domain.vocabulary import Condition, Procedure
from decision_aid.storage.store import Store

ROOT = Path(__file__).resolve().parent.parent
TITLES = {
    "pages/start.py": "What is the decision about?",
    "pages/indications.py": "The checklist",
    "pages/compare.py": "Three options, side by side",
    "pages/risks.py": "What can go wrong?",
    "pages/matters.py": "What matters to you?",
    "pages/decision.py": "Decide",
    "pages/take_home.py": "Take home",
    "pages/evidence.py": "The evidence",
    "pages/own_results.py": "Own results",
    "pages/case_log.py": "Read a case log",
    "pages/saved.py": "Saved work",
    "pages/about.py": "About this tool",
}
# A new AppTest reads the metadata of every installed package for components. There are none: once is enough for all.
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)
SECONDS = 30  # generous: a first run imports everything


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of its own for the saved work of each test."""
    folder = tmp_path_factory.mktemp("home") / "saved"
    monkeypatch.setenv("DECISION_AID_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def ready_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that has drawn a page before.

    AppTest takes every run for the first of a fresh server, which runs the page alone and then fetches the frame
    (that is what a test with `fresh_server` wants to see). A click would be lost in between, as it never is on a
    server that knows its pages.
    """
    if "fresh_server" in request.fixturenames:
        return
    make = PagesManager.__init__

    def knows_its_pages(self: PagesManager, *arguments: Any, **options: Any) -> None:
        PagesManager.uses_pages_directory = False
        make(self, *arguments, **options)

    monkeypatch.setattr(PagesManager, "__init__", knows_its_pages)


@pytest.fixture
def fresh_server() -> None:
    """The next run is the first of its server."""


def opened(page: str = "pages/start.py", draft: str = "", **inputs: Any) -> AppTest:
    """A new session that enters by a link to `page`, with these inputs already given."""
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=SECONDS)
    given = {name: inputs.pop(name) for name in Consultation.__slots__ if name in inputs}
    kinds = {"condition": Condition, "procedure": Procedure}
    if given:
        app.session_state["session"] = Session(
            Consultation(**{k: kinds.get(k, lambda v: v)(v) for k, v in given.items()})
        )
    read = {name: inputs.pop(f"own_{name}") for name in ("cases", "summary", "log") if f"own_{name}" in inputs}
    if read:
        app.session_state["own"] = OwnCases()
        app.session_state["own"].take(read.get("cases"), read["summary"], log=read.get("log"))
    for name, value in inputs.items():
        app.session_state[name] = value
    if draft:
        app.query_params["draft"] = draft
    return app.switch_page(page).run()


def html(app: AppTest) -> list[str]:
    """The HTML of a page; the name of the program aside, which carries the program's own script."""
    return [element.value for element in app.get("html") if element.value != components.brand()]


def charts(app: AppTest) -> list[Any]:
    """The charts of a page, each made only of what Plotly knows: the page hands them over unchecked."""
    found = app.get("plotly_chart")
    for chart in found:
        Figure(json.loads(chart.proto.spec))
    return list(found)


def heading(app: AppTest) -> str:
    """The title of the page that is shown; exactly one."""
    (title,) = [found for text in html(app) for found in re.findall(r'<h1 class="page">(.*?)</h1>', text)]
    return title


def audience_of(app: AppTest) -> str:
    """Whose view is shown. The patient's has no switch to the other, but a deliberate step back."""
    closed = any(b.label == wording.SHOW_THE_CLINICIAN for b in app.button)
    assert [w.label for w in app.segmented_control if w.key == "audience"] == ([] if closed else ["Shown for"])
    return "Patient" if closed else "Clinician"


def show_to(app: AppTest, audience: str) -> AppTest:
    """Show the view of one audience, by hand."""
    if audience_of(app) == audience:
        return app
    if audience == "Patient":
        return app.segmented_control(key="audience").set_value("Patient").run()
    (back,) = [b for b in app.button if b.label == wording.SHOW_THE_CLINICIAN]
    return back.click().run()


def title_of(page: str, app: AppTest) -> str:
    """The title a page should have: clinicians read of options, patients of choices."""
    return TITLES[page].replace("options", "choices") if audience_of(app) == "Patient" else TITLES[page]


def context(app: AppTest) -> str:
    """What the line above every page says the page is about."""
    (found,) = [page_html.read(text).one("div", "context") for text in html(app) if 'class="context"' in text]
    return found.text


def assert_whole(app: AppTest, page: str) -> None:
    """The frame, the page and nothing that should not be there."""
    assert [e.value for kind in (app.exception, app.error, app.warning) for e in kind] == []
    assert heading(app) == title_of(page, app)
    assert context(app)
    assert sum('class="footer"' in text for text in html(app)) == 1


def choose(app: AppTest, name: str, value: str) -> AppTest:
    """Choose by hand in the widget that the present audience shows for a choice."""
    (widget,) = [w for kind in (app.radio, app.segmented_control) for w in kind if (w.key or "").startswith(f"{name}:")]
    return widget.set_value(value).run()


def hand_over(app: AppTest, path: Path) -> AppTest:
    """Give a file to the page Case log by hand, as somebody who drags it there."""
    return app.file_uploader[0].set_value((path.name, path.read_bytes(), "application/octet-stream")).run()


def remember(plan: Plan) -> None:
    """Keep the choices for a case log, as the box on the page does."""
    with closing(Store()) as opened_store:
        kept_log.keep_plan(opened_store, plan)
