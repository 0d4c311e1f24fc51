"""What is promised about what is kept stands where a reader looks for it, and names the settings as the program knows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from decision_aid import wording
from decision_aid.case_log.plan import Plan
from decision_aid.case_log.sources import paths
from decision_aid.domain.audience import Audience
from decision_aid.evidence.loading import Evidence
from decision_aid.wording import about, keeping

README = " ".join((Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8").split())


@pytest.mark.parametrize("audience", list(Audience))
def test_about_says_what_is_kept_and_who_else_can_read_it(audience: Audience, data: Evidence) -> None:
    (section,) = [s for s in about.sections(data, audience) if s.title == "What is kept, and who can read it"]
    assert section.lines == (*keeping.ON_THE_DISK, *keeping.OTHER_ACCOUNTS)


@pytest.mark.parametrize("told", [README, " ".join(keeping.OTHER_ACCOUNTS)], ids=["README", "About"])
def test_other_accounts_of_the_same_computer_are_named_with_what_to_do(told: str) -> None:
    for said in ("this computer only", "same computer", "passphrase", paths.SETTING, "end the program"):
        assert said in told
    assert "lock" in told.lower()


def test_no_place_promises_more_than_holds() -> None:
    everything = " ".join(
        [README, *keeping.ON_THE_DISK, wording.where_kept(Path("folder"), private=True), wording.PASSPHRASE_OFF]
    )
    for untrue in ("readable for you only", "keeps no name", "asked for or kept", "one click", "does not cover"):
        assert untrue not in everything


def test_the_file_is_called_private_only_where_it_is() -> None:
    assert "only your account may read" in wording.where_kept(Path("folder"), private=True)
    assert "only your account" not in wording.where_kept(Path("folder"), private=False)


def test_a_long_list_of_remembered_columns_is_cut_short_and_counted() -> None:
    columns = {f"field{n}": f"Spalte {n}" for n in range(15)}
    told = keeping.remembered(Plan(columns))
    assert "“Spalte 0”" in told
    assert "“Spalte 11” and 3 more." in told
    assert "“Spalte 12”" not in told
