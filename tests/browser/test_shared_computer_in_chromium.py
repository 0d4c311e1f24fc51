"""Two people at one computer, each in a browser of their own, on the same running program."""

from __future__ import annotations

import re
import time
import urllib.request
from pathlib import Path

import pytest
from driver import MILLISECONDS, Server, Visitor, new_context, running_server, visiting
from playwright.sync_api import BrowserContext, expect

from decision_aid.case_log.example import example_cases
from decision_aid.storage.store import FOLDER_NAME
from decision_aid.wording import keeping, own_results_words

pytestmark = pytest.mark.browser

PASSPHRASE = "a long walk's end"
NOTE = "Wait six weeks, then come back"


def body(visitor: Visitor) -> str:
    return visitor.page.get_by_test_id("stMain").inner_text()


def press(visitor: Visitor, name: str) -> None:
    visitor.act(visitor.page.get_by_role("button", name=name, exact=True).click)


def field(visitor: Visitor, name: str, text: str) -> None:
    visitor.page.get_by_label(name, exact=True).fill(text)
    visitor.act(lambda: visitor.page.get_by_label(name, exact=True).press("Enter"))


def bytes_handed_over(server: Server) -> int:
    """How much of the files that were handed over the server holds, as it tells itself."""
    with urllib.request.urlopen(f"{server.url}/_stcore/metrics", timeout=10) as answer:
        told = answer.read().decode()
    return sum(int(n) for n in re.findall(r'cache_type="UploadedFileManager".*?\} (\d+)', told))


def answers(visitor: Visitor) -> str:
    """Give a few answers; the random name of their draft."""
    visitor.open()
    visitor.choose("L4/5")
    visitor.go_to("Decide")
    visitor.type_into("What, line 1", NOTE)
    visitor.go_to("Take home")
    press(visitor, "Save as a record")
    (draft,) = re.findall(r"draft=([\w-]+)", visitor.page.url)
    return draft


def saved_files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def encrypt(visitor: Visitor) -> None:
    visitor.go_to("Saved work")
    visitor.page.get_by_text("Passphrase", exact=True).click()
    for name in ("New passphrase", "The same again"):
        field(visitor, name, PASSPHRASE)
    press(visitor, "Encrypt saved work")
    expect(visitor.page.get_by_text("Saved work is encrypted with the new passphrase")).to_be_visible()


def keep_a_log(visitor: Visitor, server: Server, folder: Path) -> None:
    file = folder / "cases.csv"
    example_cases(300).to_csv(file, index=False, date_format="%Y-%m-%d")
    visitor.open("case_log")
    if visitor.page.get_by_label("Passphrase of the saved work", exact=True).count():
        field(visitor, "Passphrase of the saved work", PASSPHRASE)
    visitor.act(lambda: visitor.page.locator('input[type="file"]').set_input_files(file))
    assert bytes_handed_over(server) == file.stat().st_size
    press(visitor, "Read the case log")
    press(visitor, "See the own results")
    press(visitor, "Keep a checked copy on this computer")
    expect(visitor.page.get_by_text("encrypted with the same passphrase")).to_be_visible()
    end = time.monotonic() + MILLISECONDS / 1000
    while bytes_handed_over(server):  # the server counts anew once the page is drawn
        assert time.monotonic() < end, "what was handed over is still held"
        visitor.page.wait_for_timeout(50)


def test_what_one_person_saved_another_neither_sees_changes_nor_deletes(
    context: BrowserContext, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    assert context.browser is not None
    second = new_context(context.browser)
    with (
        running_server(home) as server,
        visiting(context, server) as owner,
        visiting(second, server) as stranger,
        visiting(context, server) as elsewhere,
    ):
        draft = answers(owner)
        encrypt(owner)
        keep_a_log(elsewhere, server, tmp_path)
        (folder,) = home.rglob(FOLDER_NAME)
        before = saved_files(folder)
        assert any(name.startswith("kept-") for name in before)
        assert not any(b"PAR1" in content for content in before.values())

        for page in ("", "saved", "own_results", "case_log", "decision", "take_home"):
            stranger.open(f"{page}?draft={draft}")
            shown = body(stranger)
            assert "is encrypted and no passphrase was given" in shown, page
            for secret in (NOTE, "Open consultations", "Yes, delete for good", own_results_words.IN_THIS_CLINIC):
                assert secret not in shown, page
            for button in ("Delete", "Lock", "Encrypt saved work", "Take the passphrase off", "Export (JSON)"):
                assert not stranger.page.get_by_role("button", name=button, exact=True).count(), (page, button)
        field(stranger, "Passphrase of the saved work", "a long walk")
        assert "This passphrase does not open" in body(stranger)
        stranger.open()
        stranger.choose("L2/3")  # cannot be saved, and changes nothing
        expect(stranger.page.get_by_text("no passphrase was given")).to_be_visible()
        assert saved_files(folder) == before

        # The owner goes on; a refresh asks again, and brings everything back.
        owner.open(f"decision?draft={draft}")
        assert NOTE not in body(owner)
        field(owner, "Passphrase of the saved work", PASSPHRASE)
        expect(owner.page.get_by_label("What, line 1", exact=True)).to_have_value(NOTE)

        # What one window forgets is gone from the other, which had kept it.
        owner.go_to("Own results")
        owner.page.get_by_role("button", name="Forget", exact=True).click()
        press(owner, "Yes, forget these cases")
        expect(owner.page.get_by_text(keeping.FORGOTTEN[:40])).to_be_visible()
        elsewhere.go_to("Compare")
        elsewhere.go_to("Own results")
        assert "No case log has been read" in body(elsewhere)

        owner.go_to("Saved work")
        assert "L4/5" in body(owner)
        press(owner, "Lock")
        expect(owner.page.get_by_label("Passphrase of the saved work", exact=True)).to_be_visible()
        owner.go_to("Decide")
        assert NOTE not in body(owner)
        for visitor in (owner, stranger, elsewhere):
            assert visitor.complaints == []
            assert visitor.foreign_requests() == []
        assert "Traceback" not in server.log.read_text(encoding="utf-8")
    second.close()
