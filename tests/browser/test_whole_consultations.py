"""Three whole consultations in Chromium: few clicks, no typing, and the same numbers wherever they are told.

The clinician goes through the steps and takes the note; then the patient's view is shown, and the handout taken from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from driver import Visitor
from playwright.sync_api import Locator
from screens import DATA, STEPS, assert_drawn, bare

from decision_aid import wording
from decision_aid.consultation.model import Leaning
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition

pytestmark = pytest.mark.browser

MOST = 27  # clicks of a consultation, both views, with its note and its handout
MARKED = "short_stay"  # a concern whose rows stand on Compare as they stand in the summary

# The rows of the tables of a page: what they are about, and the number or word in each of their cells.
ROWS = """
() => [...document.querySelectorAll('table.options tr[data-outcome]')].map(row => ({
  outcome: row.dataset.outcome,
  label: row.querySelector('th').firstChild.textContent.trim(),
  cells: [...row.querySelectorAll(':scope > td')].map(cell => cell.querySelector('.state b')?.textContent.trim()),
}))
"""


@dataclass
class Clinician:
    """Somebody who clicks, and counts it."""

    visitor: Visitor
    clicks: int = 0

    def click(self, button: Locator) -> None:
        self.clicks += 1
        self.visitor.click(button)

    def download(self, name: str) -> bytes:
        self.clicks += 1
        with self.visitor.page.expect_download() as started:
            self.visitor.page.get_by_role("button", name=name, exact=True).click()
        return Path(started.value.path()).read_bytes()

    def go_on(self, step: str) -> None:
        self.click(self.visitor.page.locator(".st-key-foot_next a"))
        self.visitor.arrive(STEPS[step][1])


def start(clinician: Clinician, condition: Condition, levels: tuple[str, ...]) -> None:
    page = clinician.visitor.page
    label = DATA.conditions[condition].clinician_label
    if not page.get_by_role("radio", name=label, exact=True).is_checked():
        clinician.click(page.get_by_text(label, exact=True).last)
    for level in levels:
        clinician.click(page.get_by_role("button", name=level, exact=True))


def answer_the_checklist(clinician: Clinician) -> None:
    page = clinician.visitor.page
    for part in ("red_flag", "put_right_first"):
        clinician.click(page.locator(f".st-key-none_{part} button"))
    for group in page.locator('[class*="st-key-ask_"] [role="radiogroup"]').all():
        if not group.locator('[aria-checked="true"]').count():
            clinician.click(group.get_by_role("radio", name="Yes", exact=True))
    assert "Everything here is answered." in page.locator(".findings").inner_text()


def decide(clinician: Clinician) -> None:
    page = clinician.visitor.page
    clinician.click(page.get_by_text(wording.LEANINGS[Leaning.NOT_SURE], exact=True))
    for row in DATA.sure:
        clinician.click(clinician.visitor.option(row.text, "Yes"))


def rows(visitor: Visitor) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = visitor.page.evaluate(ROWS)
    assert found
    return found


def assert_told(summary: list[dict[str, Any]], pages: list[dict[str, Any]], where: str) -> None:
    """Each row of the summary stands on one of the pages of numbers, with the same number or word in every cell.

    A row without any number stands there among those that are not known.
    """
    for row in summary:
        if not any(digit in cell for cell in row["cells"] for digit in "0123456789"):
            continue
        same = [each["cells"] for each in pages if each["outcome"] == row["outcome"]]
        assert row["cells"] in same, f"{where}: {row}, and there {same}"


@pytest.mark.parametrize(
    ("condition", "procedure", "levels"),
    [
        (Condition.DISC_HERNIATION, "Discectomy", ()),
        (Condition.SPINAL_STENOSIS, "Decompression", ("L3/4", "L4/5")),
        (Condition.SPONDYLOLISTHESIS, "Fusion", ()),
    ],
)
def test_a_whole_consultation(condition: Condition, procedure: str, levels: tuple[str, ...], visitor: Visitor) -> None:
    page = visitor.open().page
    clinician = Clinician(visitor)
    start(clinician, condition, levels)
    clinician.go_on("indications")
    about = page.locator(".context").inner_text()
    assert about.startswith(f"{DATA.conditions[condition].clinician_label} · {procedure}")
    assert all(level in about for level in levels)
    answer_the_checklist(clinician)
    clinician.go_on("compare")
    on_pages = rows(visitor)
    clinician.go_on("risks")
    on_pages += rows(visitor)
    clinician.go_on("matters")
    (marked,) = (row for row in DATA.concerns if row.concern_id == MARKED)
    clinician.click(page.get_by_role("button", name=wording.concern_label(marked, Audience.CLINICIAN), exact=True))
    clinician.go_on("decision")
    decide(clinician)
    clinician.go_on("take_home")
    assert "Yes to each question." in page.locator(".summary-said").inner_text()
    summary = rows(visitor)
    assert len(summary) >= 2
    assert_told(summary, on_pages, "Compare or Risks")
    note = clinician.download("Note for the record").decode()

    clinician.click(page.get_by_role("radio", name="Patient", exact=True))
    assert_drawn(visitor, "take_home")
    patients = rows(visitor)
    handout = clinician.download("Handout (PDF)")
    print(f"{condition}: {clinician.clicks} clicks")

    # What follows is looked up, and no part of the consultation.
    lines = note.splitlines()
    for row in summary:
        (line,) = (line for line in lines if line.startswith(f"- {row['label']}, "))
        assert [cell for cell in row["cells"] if plain(cell) not in line] == [], line
    visitor.go_to("Compare")
    compared = rows(visitor)
    visitor.go_to("Risks")
    assert_told(patients, compared + rows(visitor), "Compare or Risks, as a patient sees it")
    assert [row["outcome"] for row in patients] == [row["outcome"] for row in summary]
    printed = bare("".join(sheet.extract_text() for sheet in pypdf.PdfReader(BytesIO(handout)).pages))
    on_the_sheet = [row for row in patients if row["outcome"] in {each["outcome"] for each in compared}]
    assert len(on_the_sheet) >= 2
    for row in on_the_sheet:
        assert [told for told in (row["label"], *row["cells"]) if bare(told) not in printed] == [], row
    assert clinician.clicks <= MOST


def plain(text: str) -> str:
    """A number as the note writes it."""
    return " ".join(text.replace("−", "-").replace("–", "-").split())
