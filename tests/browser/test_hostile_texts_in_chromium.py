"""Texts made to be taken for markup, from every source a reader can open: nothing is fetched, nothing becomes markup."""

from __future__ import annotations

import csv
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from driver import MILLISECONDS, ROOT, Server, Visitor, running_server, visiting
from playwright.sync_api import BrowserContext, Page, expect
from screens import STEPS

from decision_aid.consultation import model
from decision_aid.consultation.checklist import OVERRIDE_COLUMNS
from decision_aid.consultation.model import Consultation, Leaning, NextStep, OwnConcern, OwnQuestion, Place
from decision_aid.domain.vocabulary import Condition, Procedure
from decision_aid.storage.store import FOLDER_NAME, Store

pytestmark = pytest.mark.browser

# Every way of markup that Streamlit, a browser or a picture knows. An element that came of it would hold one Z-word alone.
HOSTILE = (
    "Zq ![Zimage](http://evil.example/a.png) [Zlink](http://evil.example/b) <img src=http://evil.example/c.png onerror=zz()> "
    "<b>Ztag</b> <a href='javascript:zz()'>Zscript</a> <script>zz()</script> <iframe src=//evil.example/d></iframe> **Zbold** "
    "_Zem_ ~~Zstrike~~ `Zcode` $Zmath$ :red[Zred] :material/home: :streamlit: :smile: :red-badge[Zbadge] [^Znote] "
    "http://evil.example/e www.evil.example zz@evil.example &lt;i&gt; &#x21;[](http://evil.example/f) a -> b -- c Zend"
)
SHORT = "Zq **Zbold** :red[Zred] $Zmath$ <b>Ztag</b> www.evil.example"  # where a long text is not taken
FREE_TEXT = {
    "about.csv": ("text",),
    "concerns.csv": ("clinician_label", "patient_label", "explanation"),
    "conditions.csv": ("clinician_label", "patient_label", "what_it_is", "natural_course_note"),
    "indications.csv": ("clinician_text", "patient_text", "action", "source", "other_side", "other_source"),
    "natural_course.csv": ("patient_text",),
    "outcomes.csv": ("clinician_label", "patient_label", "label_lower", "label_higher", "sentence_lower", "sentence_higher"),
    "procedures.csv": (
        "clinician_label", "patient_label", "what_it_is", "aim", "open_name", "mis_name", "open_clinician_name",
        "mis_clinician_name",
    ),
    "questions.csv": ("clinician_text", "patient_text", "source"),
    "options.csv": ("text",),
    "standards.csv": ("standard", "part", "statement", "shows", "note"),
    "studies.csv": ("label", "first_author", "title", "journal", "country", "open_technique", "mis_technique", "caution", "notes"),
    "sure.csv": ("stands_for", "text", "source", "notes"),
    "thresholds.csv": ("meaning",),
}  # fmt: skip

# What stands on the page, without the joiners and isolates that no one sees.
LOOK = """
() => {
  const seen = s => s.replace(/[\\u2060\\u2068\\u2069]/g, '');
  const app = document.querySelector('[data-testid="stApp"]');
  const made = [...app.querySelectorAll('*')].filter(e => /^Z[a-z]+$/.test(seen(e.textContent).trim()));
  const leads = a => /^(src|srcset|href|action|data|poster|xlink:href)$/.test(a.name) && /evil|javascript:|zz\\(/.test(a.value);
  const outside = [...app.querySelectorAll('*')].filter(e => [...e.attributes].some(a => leads(a) || /^on/.test(a.name)));
  const signs = app.querySelectorAll('.katex, .stMarkdownColoredText, .stMarkdownBadge, [aria-label="home icon"], del, sup a');
  return [[...made, ...outside, ...signs].map(e => e.outerHTML.slice(0, 300)), seen(app.textContent)];
}
"""


@dataclass(frozen=True)
class Opened:
    server: Server
    draft: str
    data: Path


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def hostile_dataset(folder: Path) -> None:
    """The shipped dataset with a hostile text at the end of every cell of words."""
    shutil.copytree(ROOT / "data", folder)
    for name, columns in FREE_TEXT.items():
        rows = table(folder / name)
        for row in rows:
            for column in columns:
                if row[column] and not (column.endswith("technique") and row[column] == "none"):
                    row[column] += f" {HOSTILE}"
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def clinic_items(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(OVERRIDE_COLUMNS)
        writer.writerow([table(ROOT / "data" / "indications.csv")[0]["item_id"], *[f"Clinic {HOSTILE}"] * 4])


def consulted() -> Consultation:
    return Consultation(
        condition=Condition.DISC_HERNIATION,
        procedure=Procedure.DISCECTOMY,
        levels=(SHORT,),
        own_concerns=(OwnConcern(HOSTILE, Place.FIRST),),
        question_notes={table(ROOT / "data" / "questions.csv")[0]["question_id"]: HOSTILE},
        own_questions=(OwnQuestion(HOSTILE, HOSTILE),),
        leaning=Leaning.NOT_SURE,
        leaning_reason=HOSTILE,
        teach_back=HOSTILE,
        next_steps=(NextStep(HOSTILE, SHORT),),
    )


@pytest.fixture(scope="module")
def opened(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """A server with a hostile dataset, clinic file and saved work."""
    folder = tmp_path_factory.mktemp("hostile")
    home, data = folder / "home", folder / SHORT.replace("</b>", "") / "data"
    home.mkdir()
    hostile_dataset(data)
    clinic_items(folder / "clinic.csv")
    store = Store(home / FOLDER_NAME)
    content: dict[str, Any] = {
        "consultation": model.as_content(consulted()),
        "view": {"audience": HOSTILE},
        "record": None,
    }
    draft = store.new_draft(content)
    store.new_draft({"consultation": {"version": HOSTILE}, "view": {}, "record": None})
    store.new_draft(
        {"consultation": {"version": 1, HOSTILE: 1, "level": [HOSTILE]}, "view": HOSTILE, "record": HOSTILE}
    )
    store.save_record(content, evidence_hash=HOSTILE, program_version=HOSTILE, corrects=None)
    store.close()
    (home / f"{FOLDER_NAME} {SHORT.replace('/', '')}").touch()
    settings = {"DECISION_AID_HOME": home, "DECISION_AID_DATA": data, "DECISION_AID_CLINIC": folder / "clinic.csv"}
    with running_server(folder, **{name: str(path) for name, path in settings.items()}) as server:
        yield Opened(server, draft.id, data)
        assert "Traceback" not in server.log.read_text(encoding="utf-8", errors="replace")


@pytest.fixture
def reader(context: BrowserContext, opened: Opened) -> Iterator[Visitor]:
    """A window that must not leave the machine, whatever it shows."""
    with visiting(context, opened.server) as visitor:
        yield visitor
        assert visitor.foreign_requests() == []
        assert visitor.complaints == []


def holds(visitor: Visitor, *texts: str) -> None:
    """The page has no markup of others on it, and shows each of these texts, once it is drawn, as it was written."""
    end = time.monotonic() + MILLISECONDS / 1000
    while True:
        made, seen = visitor.page.evaluate(LOOK)
        assert made == [], visitor.page.url
        missing = [text for text in texts if text not in seen]
        if not missing:
            return
        assert time.monotonic() < end, f"{visitor.page.url}: {missing}\n{seen[:3000]}"
        visitor.page.wait_for_timeout(100)


@pytest.mark.parametrize("audience", ["Clinician", "Patient"])
def test_a_dataset_shows_as_it_was_written_on_every_page(reader: Visitor, opened: Opened, audience: str) -> None:
    reader.open(f"?draft={opened.draft}")
    reader.show_to(audience)
    steps = [name for name, _ in STEPS.values()]
    for name in steps if audience == "Patient" else (*steps, "Evidence", "About"):
        reader.go_to(name)
        holds(reader, HOSTILE)


def test_parts_of_pages_that_open_later(reader: Visitor, opened: Opened) -> None:
    reader.open(f"?draft={opened.draft}")
    page = reader.page
    reader.show_to("Clinician")
    reader.go_to("Checklist")
    holds(reader, f"Clinic {HOSTILE}")
    reader.go_to("Compare")
    page.locator("table.options button.source").first.click()
    expect(page.locator("[popover]:popover-open")).to_contain_text("Zimage")
    holds(reader)
    page.keyboard.press("Escape")
    hover(page)
    expect(page.locator(".hoverlayer text").first).to_contain_text("<b>Ztag</b>")
    holds(reader)
    reader.go_to("Evidence")
    for view in ("One study left out", "Over the years", "Small studies", "Kinds of study"):
        reader.choose(view)
        holds(reader, HOSTILE)
    expect(reader.open_list(page.get_by_role("combobox", name="Outcome")).first).to_contain_text("**Zbold**")
    holds(reader)
    page.keyboard.press("Escape")
    reader.choose("All outcomes in one table")
    holds(reader, HOSTILE)
    reader.go_to("Decide")
    page.get_by_text("More questions").click()
    expect(page.get_by_label("Another question, line 1", exact=True)).to_be_visible()
    holds(reader)
    reader.go_to("Take home")
    reader.click(page.get_by_text("Look at the sheet"))
    expect(page.get_by_role("img", name=re.compile("Page 1 of . of the handout"))).to_be_visible()
    holds(reader)


def hover(page: Page) -> None:
    """Point at the first mark of the studies on blood loss."""
    mark = page.locator(".st-key-panel_blood_loss .js-plotly-plot .scatterlayer .trace .point").first
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_saved_work_of_others(reader: Visitor, opened: Opened) -> None:
    reader.open("saved")
    holds(reader, SHORT, HOSTILE[:20])
    many = reader.page.get_by_role("button", name="Open", exact=True).count()
    assert many >= 4
    for button in range(many):
        reader.open("saved")
        reader.act(reader.page.get_by_role("button", name="Open", exact=True).nth(button).click)
        holds(reader)


# How far apart two words of a text stand, in pixels; negative: the other way.
APART = """
([text, first, second]) => {
  const within = [...document.querySelectorAll('.trade-offs b')].find(b => b.textContent.includes(text)).firstChild;
  const box = word => {
    const range = document.createRange(), at = within.textContent.indexOf(word);
    range.setStart(within, at);
    range.setEnd(within, at + word.length);
    return range.getBoundingClientRect();
  };
  return box(first).left - box(second).right;
}
"""


def test_what_runs_from_the_right_keeps_its_numbers_and_what_cannot_be_printed_is_named(reader: Visitor) -> None:
    page = reader.page
    reader.open("matters")
    for number, text in enumerate(("לא להרים 5 kg", "لا ترفع 5 kg"), start=1):
        reader.type_into(f"Own words {number}", text)
        expect(page.locator(".trade-offs b").nth(number - 1)).to_contain_text(text)
        assert 0 < page.evaluate(APART, [text, "5", "kg"]) < 12  # “kg” stands left of “5”, with a space between
    field = page.get_by_label("Own words 1", exact=True)
    assert field.evaluate("e => getComputedStyle(e).unicodeBidi") == "plaintext"
    reader.go_to("Decide")
    reader.type_into("Because", "痛い x")
    reader.go_to("Take home")
    expect(page.get_by_text("These letters cannot be printed: 痛 い.")).to_be_visible()


def test_addresses_that_ask_for_what_is_not_there(reader: Visitor, opened: Opened) -> None:
    for query in (
        "draft=**Zbold**%20%24Zmath%24%20%3Cb%3EZtag%3C%2Fb%3E",
        "audience=Zq&paper=%5BZlink%5D(http://evil.example)",
    ):
        reader.open(f"?{query}")
        holds(reader)


def case_log(folder: Path) -> Path:
    """A workbook with hostile headers, cells, words and sheets, under a hostile name."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Zq _Zem_ $Zmath$ <b>Ztag"
    sheet.append(
        [
            "operation_date",
            "procedure",
            "approach",
            f"blood loss {HOSTILE}",
            "complication_any",
            f"Name {HOSTILE}",
            HOSTILE,
        ]
    )
    for n in range(40):
        word = HOSTILE if n % 5 == 0 else ("yes", "no")[n % 2]
        loss = HOSTILE if n == 3 else 100 + n
        which = f"fusion {HOSTILE}" if n == 7 else ("discectomy", "fusion")[n % 2]
        sheet.append([f"2024-03-{n % 28 + 1:02}", which, ("open", "mis")[n % 2], loss, word, f"{HOSTILE} {n}", HOSTILE])
    other = book.create_sheet("Zq `Zcode` ~~Zstrike~~")
    for row in sheet.iter_rows(values_only=True):
        other.append(row)
    path = folder / f"{SHORT.replace('/', '')}.xlsx"
    book.save(path)
    return path


def test_a_case_log_asks_about_its_words_and_shows_them_as_they_are(reader: Visitor, tmp_path: Path) -> None:
    reader.open("case_log")
    page = reader.page
    file = case_log(tmp_path)
    reader.act(lambda: page.locator('input[type="file"]').set_input_files(file))
    holds(reader, file.name)
    reader.open_list(page.get_by_role("combobox").nth(1))  # the first one names the sheets
    expect(page.get_by_role("option", name=HOSTILE, exact=True)).to_be_visible()
    holds(reader)
    page.keyboard.press("Escape")
    button = page.get_by_role("button", name="Read the case log")
    for _ in range(20):
        if button.is_enabled():
            break
        answer_next(reader)
        holds(reader)
    reader.act(button.click)
    holds(reader, HOSTILE)


def answer_next(visitor: Visitor) -> None:
    """Answer the first thing that is asked and has no answer yet: by the last choice of it."""
    page = visitor.page
    for group in page.get_by_test_id("stRadio").all():
        if not group.locator("input:checked").count():
            visitor.act(group.locator("label").last.click)
            return
    for choice in page.get_by_test_id("stSelectbox").all():
        field = choice.get_by_role("combobox")
        if not field.input_value():
            visitor.click(visitor.open_list(field).last)
            return
    pytest.fail(page.get_by_test_id("stMain").inner_text())


def test_a_path_is_told_as_it_was_typed(reader: Visitor) -> None:
    reader.open("case_log")
    field = reader.page.get_by_label("or where a large file is on this computer")
    for path in (f"/zz/{SHORT.replace('/', '')}.csv", f"/zz/{HOSTILE}", "**Zbold**", "\x01$Zmath$.xlsx"):
        field.fill(path)
        reader.act(lambda: field.press("Enter"))
        holds(reader)


def test_a_dataset_with_faults_is_told_with_its_folder(reader: Visitor, opened: Opened) -> None:
    studies = opened.data / "studies.csv"
    whole = studies.read_text(encoding="utf-8")
    try:
        studies.write_text(whole.replace("retrospective_cohort", f"{SHORT}", 1), encoding="utf-8")
        page = reader.page
        page.goto(reader.url)
        expect(page.get_by_role("heading", name="The evidence cannot be shown")).to_be_visible()
        expect(page.get_by_test_id("stAlert")).to_contain_text("Nothing is shown from a dataset with faults")
        holds(reader, str(opened.data), SHORT)
    finally:
        studies.write_text(whole, encoding="utf-8")
