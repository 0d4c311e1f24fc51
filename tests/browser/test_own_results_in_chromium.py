"""A surgeon's case log in a real browser: imported with other headers, mapped, switched on, and nobody to be found in it."""

from __future__ import annotations

from contextlib import closing
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from driver import Visitor, running_server, visiting
from playwright.sync_api import BrowserContext, expect

from decision_aid.audit import kept_log
from decision_aid.case_log.example import example_cases
from decision_aid.storage.store import Store
from decision_aid.wording.own_results_words import IN_THIS_CLINIC

pytestmark = pytest.mark.browser

HEADERS = {
    "operation_date": "Tag der OP",
    "procedure": "Eingriff",
    "approach": "Weg",
    "blood_loss_ml": "EBL",
    "length_of_stay_days": "LOS",
}
NAMES = ("Anna Maria Sperling", "Friedrich Holzapfel", "Ottilie von Grün")
RECORD = "MRN-77120934"


def messy_file(folder: Path) -> Path:
    """A log as a hospital system exports it: semicolons, decimal commas, other headers, names and record numbers."""
    cases = example_cases(600)[[*HEADERS, "complication_any"]].rename(columns=HEADERS)
    cases["Tag der OP"] = cases["Tag der OP"].dt.strftime("%Y-%m-%d")
    cases["complication_any"] = cases["complication_any"].map({True: "ja", False: "nein"})
    cases.insert(0, "Patientenname", [f"{NAMES[n % 3]} {n}" for n in range(len(cases))])
    cases.insert(1, "Fallnummer", [f"{RECORD}{n:05}" for n in range(len(cases))])
    cases["EBL"] = ["" if v != v else f"{v:.1f}".replace(".", ",") for v in cases["EBL"]]
    cases.loc[7, "EBL"] = "viel"
    file = folder / "export.csv"
    cases.to_csv(file, sep=";", decimal=",", index=False, encoding="cp1252")
    return file


def read_log(visitor: Visitor, file: Path) -> None:
    visitor.open("case_log")
    page = visitor.page
    visitor.act(lambda: page.locator('input[type="file"]').set_input_files(file))
    expect(page.get_by_text("Which column is what?")).to_be_visible()
    expect(page.get_by_text("Never stored, because it could tell who it was:")).to_be_visible()
    for field, header in (("Date of operation *", "Tag der OP"), ("Approach *", "Weg")):
        visitor.pick(page.get_by_role("combobox", name=field), header)
    button = page.get_by_role("button", name="Read the case log")
    for _ in range(12):  # what the file does not say is asked, one thing after the other
        if button.is_enabled():
            break
        answer_next(visitor)
    visitor.act(button.click)
    expect(page.get_by_role("heading", name="600 rows: 599 used, 1 set aside")).to_be_visible()


def answer_next(visitor: Visitor) -> None:
    groups = visitor.page.get_by_test_id("stRadio").all()
    for group in groups:
        if not group.locator("input:checked").count():
            wanted = [group.get_by_text(text, exact=True) for text in ("ml", "days", "not recorded")]
            known = next((w for w in wanted if w.count()), group.locator("label").nth(1))
            visitor.act(lambda known=known: known.first.click())
            return
    for word in visitor.page.get_by_role("combobox", name="viel (1 row)").all():  # a cell that is no number
        visitor.pick(word, "set these rows aside (1 row)")
        return
    pytest.fail(visitor.page.get_by_test_id("stMain").inner_text())


def test_a_file_with_other_headers_is_mapped_switched_on_and_found_in_the_consultation(
    context: BrowserContext, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with running_server(home) as server, visiting(context, server) as visitor:
        read_log(visitor, messy_file(tmp_path))
        page = visitor.page
        visitor.act(page.get_by_role("button", name="See the own results").click)
        expect(page.locator("h1.page")).to_have_text("Own results")
        visitor.act(lambda: page.get_by_text("Show “In this clinic” in the consultation").click())
        visitor.act(page.get_by_role("button", name="Keep a checked copy on this computer").click)
        visitor.go_to("Compare")
        expect(page.locator("table.options .own").first).to_contain_text(IN_THIS_CLINIC)
        visitor.go_to("Take home")
        with page.expect_download() as started:
            page.get_by_role("button", name="Handout (PDF)").click()
        handout = Path(started.value.path()).read_bytes()
        assert handout.startswith(b"%PDF")
        assert IN_THIS_CLINIC in text_of(handout)
        assert visitor.complaints == []
        assert visitor.foreign_requests() == []
        assert "Traceback" not in server.log.read_text(encoding="utf-8")
    # Nobody can be found in anything that was written, the log of the server included.
    written = [file for file in home.rglob("*") if file.is_file()]
    (copy,) = (file for file in written if file.name == f"kept-{kept_log.CASES}")
    with closing(Store(copy.parent)) as saved_work:
        opened, cases = saved_work.kept_file(kept_log.CASES), kept_log.kept(saved_work)
    assert opened is not None
    assert cases is not None
    for content in (opened, cases.to_csv().encode(), *(file.read_bytes() for file in written)):
        for secret in (*NAMES, RECORD):
            assert secret.encode() not in content
            assert secret.encode("cp1252") not in content


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(p.extract_text() for p in pypdf.PdfReader(BytesIO(pdf)).pages).split())
