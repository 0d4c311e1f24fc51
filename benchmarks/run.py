"""Measure the dashboard against its bars and against bare Streamlit pages; print one table.

python benchmarks/run.py [--quick] [--no-browser]

Every comparison alternates the two sides within one run, after a warm-up, and compares medians, so that a busy machine
slows both alike. The load of the machine stands beside every row.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import json
import logging
import os
import platform
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any, ClassVar

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from streamlit.runtime.pages_manager import PagesManager  # noqa: E402
from streamlit.runtime.scriptrunner.script_cache import ScriptCache  # noqa: E402
from streamlit.testing.v1 import AppTest, app_test  # noqa: E402
from streamlit.testing.v1.local_script_runner import LocalScriptRunner  # noqa: E402

from decision_aid.app.session import Session  # noqa: E402
from decision_aid.comparison import comparison, side_by_side  # noqa: E402
from decision_aid.consultation.checklist import checklist  # noqa: E402
from decision_aid.consultation.model import Answer, Consultation, Place  # noqa: E402
from decision_aid.domain.vocabulary import Condition, Procedure  # noqa: E402
from decision_aid.evidence import loading  # noqa: E402
from decision_aid.evidence.loading import Evidence  # noqa: E402
from decision_aid.exports import handout, handout_pdf  # noqa: E402
from decision_aid.meta_analysis import few_studies, random_effects, sensitivity, synthesis  # noqa: E402
from decision_aid.wording import SHOW_THE_CLINICIAN  # noqa: E402

PYMARE_BAR, METAFOR_BAR = 20.0, 50.0  # times faster
HANDOUT_BAR = 100.0  # milliseconds, after the first
FEW_STUDIES_BAR = 1.5  # ms of the processor: a page asks for hundreds
LEAVE_ONE_OUT_BAR = 10.0  # ms: a page recomputes it with every choice of the reader
RERUN_MEDIAN_BAR, RERUN_WORST_PAGE_BAR = 50.0, 100.0  # milliseconds
FIRST_PAGE_BAR, CLICK_BAR = 1.15, 1.0  # times the bare page
AUDIENCES = ("Clinician", "Patient")
VIEWPORT = {"width": 1366, "height": 1800}  # the three charts of both apps are in view
PATIENCE = 60.0  # seconds until something counts as broken


@dataclass(frozen=True, slots=True)
class Effort:
    """How often each thing is measured."""

    pools: int
    reruns: int
    loads: int
    starts: int
    clicks: int


FULL = Effort(pools=10, reruns=20, loads=10, starts=7, clicks=20)
QUICK = Effort(pools=2, reruns=6, loads=3, starts=2, clicks=4)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. Without a bar a row informs; without `met` it was not measured or has no bar."""

    measure: str
    figure: str
    bar: str = ""
    met: bool | None = None

    def cells(self, load: float) -> tuple[str, ...]:
        return self.measure, self.figure, self.bar, {None: "", True: "met", False: "NOT MET"}[self.met], f"{load:.1f}"


@dataclass(frozen=True, slots=True)
class Marks:
    """One trace of a chart: how it is drawn and how many points it has."""

    mode: str
    points: int


Charts = list[list[Marks]]


@dataclass(frozen=True, slots=True)
class Spent:
    """Milliseconds by the clock, and those in which the thread that does the work had a processor."""

    clock: float
    processor: float


class TimedRunner(LocalScriptRunner):
    """Streamlit's own script runner in the state of a running server: pages known, scripts compiled.

    The time of a rerun covers callbacks, navigation, the script and the queueing of its messages; it leaves out the
    start of the thread and the wait of the test harness for it.
    """

    scripts: ClassVar[ScriptCache] = ScriptCache()
    runs: ClassVar[list[Spent]] = []

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._script_cache = self._pages_manager._script_cache = self.scripts
        PagesManager.uses_pages_directory = False  # as st.navigation leaves it in a server

    def _run_script(self, *arguments: Any) -> None:
        begin, busy = time.perf_counter(), time.thread_time()
        try:
            super()._run_script(*arguments)
        finally:
            self.runs.append(Spent((time.perf_counter() - begin) * 1e3, (time.thread_time() - busy) * 1e3))


# Pooling


def effects_of_studies(seed: int, studies: int = 20) -> tuple[list[float], list[float]]:
    """Effects and standard errors like those of blood loss, with true differences between studies."""
    source = random.Random(seed)
    errors = [source.uniform(8, 40) for _ in range(studies)]
    return [source.gauss(-60, 30) + source.gauss(0, error) for error in errors], errors


def pooling_rows(effort: Effort) -> Iterator[Row]:
    samples = [effects_of_studies(seed) for seed in range(5)]
    yield from against_pymare(samples, effort)
    yield from against_metafor(samples, effort)
    yield few_studies_row(effort)
    thirty = [number for effects, _ in samples[:2] for number in effects][:30]
    errors = [number for _, errors in samples[:2] for number in errors][:30]
    figure = median(timed(partial(leave_one_out_anew, thirty, errors)) for _ in range(effort.pools + 2)) * 1e3
    yield Row(
        "leave_one_out() of 30 studies", f"{figure:.1f} ms", f"{LEAVE_ONE_OUT_BAR:g} ms", figure <= LEAVE_ONE_OUT_BAR
    )


def leave_one_out_anew(effects: list[float], errors: list[float]) -> None:
    synthesis._synthesise.cache_clear()
    sensitivity.leave_one_out(effects, errors, few_studies.TAU_SCALE)


def few_studies_row(effort: Effort) -> Row:
    """By the processor's clock, which a busy machine does not slow."""
    samples = [
        ([-0.5, -0.4], [0.2, 0.25]),
        ([-1.2, 0.3, -0.1], [0.2, 0.25, 0.4]),
        ([0.8, 0.1, -0.2, 0.4], [0.05, 0.4, 0.6, 0.5]),
    ]
    for sample in samples:
        few_studies.pool_few(*sample)
    spent = []
    for _ in range(10 * effort.pools):
        begin = time.process_time()
        for sample in samples:
            few_studies.pool_few(*sample)
        spent.append((time.process_time() - begin) / len(samples) * 1e3)
    figure = median(spent)
    return Row(
        "pool_few() of two to four studies", f"{figure:.2f} ms", f"{FEW_STUDIES_BAR:g} ms", figure <= FEW_STUDIES_BAR
    )


def against_pymare(samples: Sequence[tuple[list[float], list[float]]], effort: Effort) -> Iterator[Row]:
    measure, bar = "pool() of 20 studies against PyMARE, REML", f"at least {PYMARE_BAR:g} x faster"
    try:
        import numpy as np
        from pymare.estimators import VarianceBasedLikelihoodEstimator
    except ImportError:
        yield Row(measure, "skipped: PyMARE is not installed", bar)
        return
    # Only the fit is timed: no data set is built and no interval asked for, while pool() does everything.
    fits = []
    for effects, errors in samples:
        columns = np.array(effects)[:, None], np.array(errors)[:, None] ** 2, np.ones((len(effects), 1))
        fits.append(partial(VarianceBasedLikelihoodEstimator(method="REML").fit, *columns))
    ours, theirs = [], []
    for i in range(effort.pools + 1):
        for sample, fit in zip(samples, fits, strict=True):
            block = [timed(partial(random_effects.pool, *sample)) for _ in range(20)], [timed(fit) for _ in range(3)]
            if i:  # the first round is the warm-up
                ours += block[0]
                theirs += block[1]
    yield speed_row(measure, bar, median(ours), median(theirs), PYMARE_BAR, "PyMARE")


METAFOR = """
suppressMessages(library(metafor))
input <- file("stdin", open = "r")
line <- readLines(input, n = 1)
while (length(line) == 1 && nzchar(line)) {
  numbers <- as.numeric(strsplit(line, " ")[[1]])
  k <- numbers[1]; times <- numbers[2]
  yi <- numbers[3:(2 + k)]; sei <- numbers[(3 + k):(2 + 2 * k)]
  seconds <- replicate(times, {
    begin <- Sys.time()
    fit <<- rma(yi, sei = sei, method = "REML", test = "adhoc")
    as.numeric(difftime(Sys.time(), begin, units = "secs"))
  })
  cat(format(c(median(seconds), coef(fit)), digits = 15), "\\n"); flush(stdout())
  line <- readLines(input, n = 1)
}
"""


def against_metafor(samples: Sequence[tuple[list[float], list[float]]], effort: Effort) -> Iterator[Row]:
    measure, bar = "pool() of 20 studies against a warm metafor rma()", f"at least {METAFOR_BAR:g} x faster"
    with metafor() as ask:
        if ask is None:
            yield Row(measure, "skipped: Rscript with metafor is not there", bar)
            return
        ours, theirs, apart = [], [], 0.0
        for sample in samples:
            ask(sample, 20)  # warm-up: R compiles a function when it is used often
        for _ in range(effort.pools):
            for sample in samples:
                ours += [timed(partial(random_effects.pool, *sample)) for _ in range(20)]
                seconds, estimate = ask(sample, 5)
                theirs.append(seconds)
                apart = max(apart, abs(random_effects.pool(*sample).estimate / estimate - 1))
        yield speed_row(measure, bar, median(ours), median(theirs), METAFOR_BAR, "metafor")
        yield Row("  the same estimates as metafor, largest relative difference", f"{apart:.1e}", "1e-6", apart <= 1e-6)


@contextlib.contextmanager
def metafor() -> Iterator[Callable[[tuple[list[float], list[float]], int], tuple[float, float]] | None]:
    """A running R that times rma() and answers (median seconds, estimate), or None where there is no metafor."""
    program = shutil.which("Rscript")
    if program is None or subprocess.run([program, "-e", "library(metafor)"], capture_output=True).returncode != 0:
        yield None
        return
    with subprocess.Popen([program, "-e", METAFOR], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as r:

        def ask(sample: tuple[list[float], list[float]], times: int) -> tuple[float, float]:
            effects, errors = sample
            assert r.stdin is not None
            assert r.stdout is not None
            print(len(effects), times, *map(repr, effects), *map(repr, errors), file=r.stdin, flush=True)
            seconds, estimate = map(float, r.stdout.readline().split())
            return seconds, estimate

        yield ask
        assert r.stdin is not None
        r.stdin.close()


def speed_row(measure: str, bar: str, ours: float, theirs: float, at_least: float, name: str) -> Row:
    ratio = theirs / ours
    return Row(
        measure, f"{ratio:.0f} x ({ours * 1e6:.0f} µs; {name} {theirs * 1e3:.2f} ms)", bar, met=ratio >= at_least
    )


# Server


def started_app() -> AppTest:
    """The dashboard after its first run in this process."""
    app_test.LocalScriptRunner = TimedRunner
    return checked(AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=PATIENCE).run())


def checked(app: AppTest) -> AppTest:
    faults = [e.message for e in app.exception] + [e.value for e in app.error]
    if faults:
        raise SystemExit(f"The dashboard shows an error, so nothing can be measured: {faults[0]}")
    return app


def views(data: Evidence) -> Iterator[tuple[str, str, Condition, Procedure]]:
    """Every page as (name, file, condition, procedure); Compare for each procedure in a condition it is usual in."""
    first = next(iter(data.conditions))
    for path in sorted((ROOT / "pages").glob("*.py")):
        if path.stem not in ("compare", "evidence"):
            yield path.stem.capitalize(), f"pages/{path.name}", first, data.conditions[first].procedures[0]
    for procedure in Procedure:
        yield f"Compare {procedure}", "pages/compare.py", usual_condition(data, procedure), procedure
        yield f"Evidence {procedure}", "pages/evidence.py", usual_condition(data, procedure), procedure


def usual_condition(data: Evidence, procedure: Procedure) -> Condition:
    rows = data.conditions.items()
    return next((c for c, r in rows if r.procedures[0] == procedure), None) or next(
        c for c, r in rows if procedure in r.procedures
    )


def rerun_rows(app: AppTest, data: Evidence, effort: Effort) -> Iterator[Row]:
    everything: list[float] = []
    worst: tuple[float, str] = (0.0, "")
    for name, file, condition, procedure in views(data):
        for audience in AUDIENCES:
            show(app, file, condition, procedure, audience)
            app.run()
            reruns = [rerun(app) for _ in range(effort.reruns)]
            clock = [r.clock for r in reruns]
            everything += clock
            worst = max(worst, (median(clock), f"{name}, {audience.lower()}"))
            yield Row(
                f"rerun on the server: {name}, {audience.lower()}",
                f"{median(clock):.1f} ms (slowest {max(clock):.1f}; "
                f"processor {median(r.processor for r in reruns):.1f})",
            )
    bar = f"{RERUN_MEDIAN_BAR:g} ms"
    yield Row("  median of all reruns", f"{median(everything):.1f} ms", bar, median(everything) <= RERUN_MEDIAN_BAR)
    bar = f"{RERUN_WORST_PAGE_BAR:g} ms"
    yield Row("  worst page", f"{worst[0]:.1f} ms ({worst[1]})", bar, worst[0] <= RERUN_WORST_PAGE_BAR)


def show(app: AppTest, file: str, condition: Condition, procedure: Procedure, audience: str) -> None:
    """Turn to a page with these choices."""
    app.session_state["session"] = Session(consultation_of(loading.load(), condition, procedure))
    app.session_state["audience"] = audience
    app.query_params.clear()
    checked(app.switch_page(file).run())


@cache
def consultation_of(data: Evidence, condition: Condition, procedure: Procedure) -> Consultation:
    """A consultation with the short checklist answered and every concern weighed: the longest pages there are."""
    items = checklist(data, condition, procedure).core().items
    return Consultation(
        condition=condition,
        procedure=procedure,
        levels=("L4/5",),
        answers={item.id: Answer.NO if n < 8 else Answer.YES for n, item in enumerate(items)},
        matters={row.concern_id: Place.ALSO for row in data.concerns},
        question_notes={row.question_id: "Told and understood." for row in data.questions[:3]},
    )


def handout_rows(data: Evidence, effort: Effort) -> Iterator[Row]:
    for condition, described in data.conditions.items():
        consultation = consultation_of(data, condition, described.procedures[0])
        sheet = handout.build(data, consultation, {}, date.today())
        # A sheet that differs each time: the compiler keeps what it has set once.
        sheets = [replace(sheet, leaning_reason=f"Wants to talk at home, {n}") for n in range(effort.loads + 2)]
        first, *times = [timed(partial(handout_pdf.compile_pdf, s, handout_pdf.Paper.A4)) for s in sheets]
        figure = median(times) * 1e3
        yield Row(
            f"handout as PDF: {condition}",
            f"{figure:.0f} ms (first {first * 1e3:.0f})",
            f"{HANDOUT_BAR:g} ms",
            figure <= HANDOUT_BAR,
        )


def rerun(app: AppTest) -> Spent:
    """One rerun with everything as it stands."""
    TimedRunner.runs.clear()
    checked(app.run())
    if len(TimedRunner.runs) != 1:
        raise SystemExit(f"One rerun ran the script {len(TimedRunner.runs)} times.")
    return TimedRunner.runs[0]


def data_rows(effort: Effort) -> Iterator[Row]:
    loads = [timed(loading.load) for _ in range(effort.loads + 1)][1:]
    yield Row("evidence read and checked", f"{median(loads) * 1e3:.0f} ms")
    data = loading.load()
    for procedure in Procedure:
        condition = usual_condition(data, procedure)
        times = []
        for _ in range(effort.loads + 1):
            comparison.compare.cache_clear()
            side_by_side.side_by_side.cache_clear()
            times.append(timed(partial(side_by_side.side_by_side, data, condition, procedure)))
        yield Row(f"table of three options, nothing cached: {procedure}", f"{median(times[1:]) * 1e3:.0f} ms")


def payload_rows(app: AppTest, data: Evidence) -> Iterator[Row]:
    """What the server sends for one drawing of Compare. A browser gets unchanged parts over 10 kB only once."""
    for name, file, condition, procedure in views(data):
        if file != "pages/compare.py":
            continue
        for audience in AUDIENCES:
            show(app, file, condition, procedure, audience)
            charts = sum(len(c.proto.spec) for c in app.get("plotly_chart"))
            texts = sum(len(h.proto.body.encode()) for h in app.get("html"))
            yield Row(
                f"sent to the browser: {name}, {audience.lower()}",
                f"{(charts + texts) / 1e3:.0f} kB (HTML {texts / 1e3:.0f}, charts {charts / 1e3:.0f})",
            )


def marks_of_compare(app: AppTest, data: Evidence) -> Charts:
    """The marks of our three charts, for bare pages with as many."""
    condition = next(iter(data.conditions))
    show(app, "pages/compare.py", condition, data.conditions[condition].procedures[0], AUDIENCES[0])
    figures = [json.loads(c.proto.spec) for c in app.get("plotly_chart")]
    if len(figures) != 3:
        raise SystemExit(f"Compare has {len(figures)} charts instead of 3.")
    return [[Marks(trace["mode"], len(trace["x"])) for trace in figure["data"]] for figure in figures]


# Browser

BARE_CHARTS = """
import plotly.graph_objects as go
import streamlit as st

CHARTS = {charts!r}  # for each chart and trace: mode and number of points


def draw(shift):
    for column, traces in zip(st.columns(3), CHARTS):
        figure = go.Figure()
        for i, (mode, points) in enumerate(traces):
            x = [(37 * k + 11 * i + shift * (k % 7 + 1)) % 100 for k in range(points)]
            figure.add_trace(go.Scatter(x=x, y=list(range(points)), mode=mode))
        column.plotly_chart(figure)

"""
BARE_PAGE = """
draw(5 if st.segmented_control("Data", ["First", "Second"], default="First") == "Second" else 0)
"""
BARE_PAGES = """
def words():
    st.title("Words")
    st.write("A page with words.")


def charts():
    draw(0)


st.navigation([st.Page(words, title="Words", default=True), st.Page(charts, title="Charts")]).run()
"""

# Notes when the page has been painted for the first time, and times clicks. "Painted" is two animation frames after
# the last change of anything in the main part: the first frame draws the change, the second begins when it is drawn.
IN_THE_PAGE = """
(() => {
  const painted = (done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
  const parts = 'path.point, path.js-line, .xtick text, .ytick text, .annotation text, text.textpoint';
  const look = (part) => ['d', 'transform', 'style'].map((name) => part.getAttribute(name)).join() + part.textContent;
  const charts = () => [...document.querySelectorAll('[data-testid="stPlotlyChart"]')]
    .map((chart) => [...chart.querySelectorAll(parts)].map(look).join());
  window.bench = {
    firstPaint(ready) {
      const wait = () => (ready() ? painted((at) => { bench.drawn = performance.timeOrigin + at; })
                                  : requestAnimationFrame(wait));
      wait();
    },
    // bench.clicked becomes the milliseconds from the next click until it was painted: all three charts look different
    // and nothing has changed for `quiet` milliseconds.
    nextClick(quiet) {
      const before = charts();
      let clicked = 0, changed = 0, drawn = 0;
      document.addEventListener('click', (event) => { clicked = event.timeStamp; }, { capture: true, once: true });
      const observer = new MutationObserver(() => {
        if (!clicked) return;
        changed = performance.now();
        painted((at) => { drawn = at; });
      });
      const all = { subtree: true, childList: true, attributes: true, characterData: true };
      observer.observe(document.querySelector('[data-testid="stMain"]'), all);
      bench.clicked = new Promise((resolve) => {
        const wait = setInterval(() => {
          if (drawn < changed || !changed || performance.now() - changed < quiet) return;
          const after = charts();
          if (after.filter((chart, i) => chart && chart !== before[i]).length !== 3) return;
          clearInterval(wait);
          observer.disconnect();
          resolve(drawn - clicked);
        }, 50);
      });
    },
  };
})();
"""
OURS_READY = """() => document.querySelectorAll('.card').length === 3
  && document.querySelector('.footer')?.getBoundingClientRect().height > 0"""
BARE_READY = """() => {
  const charts = [...document.querySelectorAll('.js-plotly-plot')];
  return charts.length === 3 && charts.every((c) => c.querySelector('path.point'));
}"""


@dataclass(frozen=True, slots=True)
class App:
    """A Streamlit script to be served."""

    name: str
    script: Path
    ready: str  # JavaScript: whether the first page has its content

    @contextlib.contextmanager
    def serve(self) -> Iterator[tuple[str, float]]:
        """Run the app; gives its address and the clock time at which it was launched."""
        port = free_port()
        # The bare pages get our server settings where these would make a difference to speed.
        options = {
            "server.port": port,
            "server.address": "127.0.0.1",
            "server.headless": "true",
            "server.fileWatcherType": "none",
            "server.showEmailPrompt": "false",
            "browser.gatherUsageStats": "false",
        }
        flags = [f"--{option}={value}" for option, value in options.items()]
        launched = time.time()
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", self.script.name, *flags],
            cwd=self.script.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until_open(port, process)
            yield f"http://127.0.0.1:{port}/", launched
        finally:
            process.terminate()
            process.wait(PATIENCE)


def browser_rows(charts: Charts, effort: Effort) -> Iterator[Row]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        yield Row("the browser", "skipped: Playwright is not installed")
        return
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        ours = App("ours", ROOT / "dashboard.py", OURS_READY)
        bare = App("bare", Path(folder, "bare.py"), BARE_READY)
        two_pages = App("bare", Path(folder, "two_pages.py"), "() => document.querySelector('h1')")
        code = BARE_CHARTS.format(charts=[[(m.mode, m.points) for m in traces] for traces in charts])
        bare.script.write_text(code + BARE_PAGE, encoding="utf-8")
        two_pages.script.write_text(code + BARE_PAGES, encoding="utf-8")
        names = ("chromium", "chromium-browser", "google-chrome")
        found = next((path for name in names if (path := shutil.which(name))), None)
        browser = playwright.chromium.launch(executable_path=found)
        try:
            print(f"Chromium {browser.version}, window {VIEWPORT['width']} x {VIEWPORT['height']}", file=sys.stderr)
            yield first_page_row(browser, ours, bare, effort)
            yield from click_rows(browser, ours, bare, effort)
            yield page_switch_row(browser, ours, two_pages, effort)
        finally:
            browser.close()


def first_page_row(browser: Any, ours: App, bare: App, effort: Effort) -> Row:
    times: dict[str, list[float]] = {"ours": [], "bare": []}
    for i in range(effort.starts + 1):
        for app in (ours, bare):
            with app.serve() as (address, launched), opened(browser, address, app.ready) as page:
                if i:  # the first of each is the warm-up
                    times[app.name].append(page.evaluate("bench.drawn") - launched * 1e3)
    return against_bare(
        "start to first page drawn (Start; bare: three charts)", times["ours"], times["bare"], FIRST_PAGE_BAR
    )


def click_rows(browser: Any, ours: App, bare: App, effort: Effort) -> Iterator[Row]:
    """Clicks that redraw all three charts: ours alternates with the bare page."""
    with (
        ours.serve() as (our_address, _),
        bare.serve() as (bare_address, _),
        opened(browser, our_address, ours.ready) as our_page,
        opened(browser, bare_address, bare.ready) as bare_page,
    ):
        step(our_page, "Compare").click()
        our_page.wait_for_function(BARE_READY)
        our_page.wait_for_timeout(1000)
        # Out of the patient's view leads a step of its own: it is opened before the click that is timed.
        audiences = [lambda: our_page.get_by_role("radio", name="Patient"), lambda: back_to_the_clinician(our_page)]
        data = [partial(bare_page.get_by_role, "radio", name=name) for name in ("Second", "First")]
        yield alternate("click to painted, Compare, audience switch", (our_page, audiences), (bare_page, data), effort)
        our_page.get_by_role("button", name="Filter studies").click()
        kinds = ("All studies", "Randomised trials only")
        designs = [partial(our_page.get_by_text, name, exact=True) for name in kinds]
        designs[1]().click()
        our_page.wait_for_timeout(1000)
        yield alternate("click to painted, Compare, filter", (our_page, designs), (bare_page, data), effort)


def step(page: Any, name: str) -> Any:
    """The link to a step across the top, or to a page of the bare app."""
    steps = page.locator(".st-key-steps")
    return (steps if steps.count() else page).get_by_role("link", name=name)


def back_to_the_clinician(page: Any) -> Any:
    """The button that leaves the patient's view, brought to sight."""
    page.locator(".st-key-leave button").first.click()
    return page.get_by_role("button", name=SHOW_THE_CLINICIAN)


def page_switch_row(browser: Any, ours: App, bare: App, effort: Effort) -> Row:
    times: dict[str, list[Spent]] = {"ours": [], "bare": []}
    with (
        ours.serve() as (our_address, _),
        bare.serve() as (bare_address, _),
        opened(browser, our_address, ours.ready) as our_page,
        opened(browser, bare_address, bare.ready) as bare_page,
    ):
        for i in range(effort.clicks + 1):
            for name, page, away, there in (
                ("ours", our_page, "Start", "Compare"),
                ("bare", bare_page, "Words", "Charts"),
            ):
                spent = click(page, step(page, there))
                if i:
                    times[name].append(spent)
                step(page, away).click()
                page.wait_for_function("() => !document.querySelector('.js-plotly-plot')")
                page.wait_for_timeout(500)
    return click_row("page switch to painted, Start to Compare", times["ours"], times["bare"])


def alternate(measure: str, ours: tuple[Any, Sequence[Any]], bare: tuple[Any, Sequence[Any]], effort: Effort) -> Row:
    """Click the controls of both pages in turn; each is looked for when it is its turn."""
    times: tuple[list[Spent], list[Spent]] = ([], [])
    for i in range(effort.clicks + 2):
        for (page, controls), spent in zip((ours, bare), times, strict=True):
            result = click(page, controls[i % 2]())
            if i >= 2:  # before that, warm-up of both positions
                spent.append(result)
    return click_row(measure, *times)


def click(page: Any, control: Any, quiet: int = 600) -> Spent:
    """From a click until everything that it changes has been painted, and the work of the page's main thread."""
    chromium = page.context.new_cdp_session(page)
    chromium.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = busy_ms(chromium)
    page.evaluate("(quiet) => bench.nextClick(quiet)", quiet)
    control.click()
    page.wait_for_function("() => bench.clicked", timeout=PATIENCE * 1e3)
    spent = Spent(page.evaluate("bench.clicked"), busy_ms(chromium) - before)
    chromium.detach()
    return spent


def busy_ms(chromium: Any) -> float:
    metrics = chromium.send("Performance.getMetrics")["metrics"]
    return next(m["value"] for m in metrics if m["name"] == "TaskDuration") * 1e3


def click_row(measure: str, ours: Sequence[Spent], bare: Sequence[Spent]) -> Row:
    row = against_bare(measure, [s.clock for s in ours], [s.clock for s in bare], CLICK_BAR)
    work, bare_work = (median(s.processor for s in side) for side in (ours, bare))
    return replace(row, figure=f"{row.figure}; processor {work:.0f}, bare {bare_work:.0f}")


def against_bare(measure: str, ours: Sequence[float], bare: Sequence[float], bar: float) -> Row:
    ratio = median(ours) / median(bare)
    return Row(measure, f"{ratio:.2f} x ({told(ours)}; bare {told(bare)})", f"at most {bar:g} x", ratio <= bar)


def told(times: Sequence[float]) -> str:
    """Median and, from ten on, the 90th percentile of milliseconds."""
    if len(times) < 10:
        return f"{median(times):.0f} ms"
    return f"{median(times):.0f} ms, 90 % within {quantiles(times, n=10)[-1]:.0f}"


@contextlib.contextmanager
def opened(browser: Any, address: str, ready: str) -> Iterator[Any]:
    """A page in a browser profile of its own, painted."""
    context = browser.new_context(viewport=VIEWPORT)
    try:
        context.add_init_script(IN_THE_PAGE + f"bench.firstPaint({ready});")
        page = context.new_page()
        page.goto(address, wait_until="commit")
        page.wait_for_function("() => bench.drawn", timeout=PATIENCE * 1e3)
        yield page
    finally:
        context.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.005)
    raise SystemExit("The server did not start.")


# Table


def timed(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    table = [("measure", "figure", "bar", "", "load"), *rows]
    widths = [max(len(cells[i]) for cells in table) for i in range(len(table[0]))]
    for number, cells in enumerate(table):
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))


def machine() -> str:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("streamlit", "plotly", "scipy"))
    return textwrap.fill(
        f"Python {platform.python_version()}, {versions}; {os.cpu_count()} processors, "
        f"load {' '.join(f'{x:.1f}' for x in os.getloadavg())} (1, 5, 15 minutes)",
        width=120,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few repetitions: shows that it runs, not how fast")
    parser.add_argument("--no-browser", action="store_true", help="leave out what needs Chromium")
    options = parser.parse_args()
    effort = QUICK if options.quick else FULL
    os.chdir(ROOT)  # Streamlit reads its settings from here
    sys.argv[1:] = []  # the dashboard reads its own options from here
    logging.disable(logging.WARNING)
    print(machine())

    # Drafts made here are nobody's: they stay out of the reader's own saved work.
    os.environ["DECISION_AID_HOME"] = tempfile.mkdtemp(prefix="benchmark-")
    rows: list[tuple[str, ...]] = []

    def take(found: Iterator[Row]) -> None:
        for row in found:
            cells = row.cells(os.getloadavg()[0])
            print("  ".join(cells), file=sys.stderr)
            rows.append(cells)

    take(pooling_rows(effort))
    app, data = started_app(), loading.load()
    take(rerun_rows(app, data, effort))
    take(data_rows(effort))
    take(handout_rows(data, effort))
    take(payload_rows(app, data))
    if not options.no_browser:
        take(browser_rows(marks_of_compare(app, data), effort))
    print_table(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
