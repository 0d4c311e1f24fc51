"""What the tool claims of itself: every claim points at words that stand on the page it names."""

from __future__ import annotations

from functools import cache

import page_html
import pytest
from dashboard_app import home, html, opened, ready_server  # noqa: F401 (fixtures)
from streamlit.testing.v1 import AppTest

from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import StandardStatus
from decision_aid.evidence.loading import Evidence, load
from decision_aid.evidence.text_rows import StandardRow
from decision_aid.wording import about

ROWS = load().standards


@cache
def words(page: str) -> str:
    app = opened(f"pages/{page}.py", living=True)  # what can be opened on Compare is open
    return " ".join(page_html.read(text).text for text in html(app) if "<style>" not in text) + " " + labels(app)


def labels(app: AppTest) -> str:
    found = [w.label for kind in (app.radio, app.selectbox, app.text_input, app.button) for w in kind]
    return " ".join([*found, *(str(option) for w in app.radio for option in w.options)])


@pytest.mark.parametrize("row", [r for r in ROWS if r.page], ids=lambda r: r.item_id)
def test_the_words_stand_on_the_page_that_is_named(row: StandardRow) -> None:
    assert row.shows in words(row.page)


def test_every_line_that_makes_a_decision_aid_is_met() -> None:
    """IPDAS: all six qualifying items, and the six certifying ones that apply to a treatment."""
    qualifying = [r for r in ROWS if r.part == "qualifying"]
    certifying = [r for r in ROWS if r.part == "certifying"]
    assert len(qualifying) == 6
    assert {r.status for r in qualifying} == {StandardStatus.MET}
    assert [r.status for r in certifying if r.status != StandardStatus.NOT_APPLICABLE] == [StandardStatus.MET] * 6


def test_nothing_is_claimed_that_only_users_can_show() -> None:
    """Field tests, outside review and effects on knowledge were not done."""
    claimed = {r.item_id for r in ROWS if r.status == StandardStatus.MET}
    assert not claimed & {"k12", "k13", "k14", "k17", "n9"}


def test_the_about_page_holds_every_line_and_every_section(data: Evidence) -> None:
    told = words("about")
    for row in data.standards:
        assert row.statement in told
        assert about.status_label(row.status) in told
    for section in about.sections(data, Audience.CLINICIAN):
        assert section.title in told
        for line in section.lines:
            assert " ".join(line.split()) in told
