"""What a clinic set for every consultation: kept beside the saved work, private, and never a riddle when it is damaged."""

from __future__ import annotations

import os
import stat
from datetime import date
from pathlib import Path

import pytest

from decision_aid import wording
from decision_aid.consultation.model import Consultation
from decision_aid.evidence.loading import Evidence
from decision_aid.exports import handout
from decision_aid.storage import settings
from decision_aid.storage.settings import LONGEST_LINE, Settings
from decision_aid.storage.store import StoreError, Trouble

SET = Settings("Dr A. Example, spine surgeon", date(2026, 11, 30), "+00 123 456")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("DECISION_AID_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_nothing_is_set_at_first_and_what_is_set_comes_back(home: Path) -> None:
    assert settings.load() == Settings()
    assert not home.exists(), "looking leaves nothing behind"
    settings.save(SET)
    assert settings.load() == SET
    if os.name == "posix":
        assert stat.S_IMODE(settings.path().stat().st_mode) == 0o600


def test_a_pin_is_kept_as_a_salted_hash_and_nowhere_in_letters() -> None:
    one, two = settings.with_pin(SET, "4711"), settings.with_pin(SET, "4711")
    assert one.pin != two.pin, "salted"
    settings.save(one)
    assert b"4711" not in settings.path().read_bytes()
    assert settings.is_pin(settings.load(), "4711")
    for wrong in ("", "4712", "47110", " 4711", "\ud800"):
        assert not settings.is_pin(one, wrong)
    assert settings.with_pin(one, "") == SET
    assert settings.is_pin(SET, "")
    assert not settings.is_pin(Settings(pin="changed by hand"), "4711")
    with pytest.raises(ValueError, match="PIN"):
        settings.with_pin(SET, "123")


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b'{"checked_on": "soon"}', b"\xff\xfe"])
def test_a_damaged_file_is_told_and_set_aside_when_others_are_kept(home: Path, damaged: bytes) -> None:
    home.mkdir()
    settings.path().write_bytes(damaged)
    with pytest.raises(StoreError) as caught:
        settings.load()
    assert caught.value.trouble is Trouble.DAMAGED
    settings.save(SET)
    assert settings.load() == SET
    assert [f.read_bytes() for f in home.glob("*set-aside*")] == [damaged]


def test_a_line_that_no_sheet_could_hold_is_refused(home: Path) -> None:
    settings.save(SET)
    settings.path().write_text(settings.path().read_text().replace("+00", "0" * LONGEST_LINE))
    with pytest.raises(StoreError):
        settings.load()


def test_the_handout_says_who_checked_it_and_whom_to_call(data: Evidence) -> None:
    plain = handout.build(data, Consultation(), {}, date(2026, 12, 1))
    assert not [line for line in plain.small_print if "hecked" in line]
    assert plain.telephone == ""
    of_clinic = handout.build(data, Consultation(), {}, date(2026, 12, 1), clinic=SET)
    assert "Checked by Dr A. Example, spine surgeon, 30 Nov 2026." in of_clinic.small_print
    assert of_clinic.telephone == "+00 123 456"
    assert wording.checked_by("  ", date(2026, 11, 30)) == ""
