"""The Case log page asks what cells mean before it reads, and says what became of every row afterwards."""

from __future__ import annotations

import re
from pathlib import Path

import page_html
import pytest
from dashboard_app import (
    assert_whole,
    hand_over,
    home,  # noqa: F401 (fixture)
    html,
    opened,
    ready_server,  # noqa: F401 (fixture)
    remember,
)
from streamlit.testing.v1 import AppTest

from decision_aid.case_log.fields import REQUIRED
from decision_aid.case_log.importing import look

DAYS = [f"2024-0{n % 9 + 1}-{n % 27 + 1:02}" for n in range(12)]


def written(folder: Path, **columns: list[str]) -> Path:
    """A file with these columns beside the three that are needed."""
    table = {"operation_date": DAYS, "procedure": ["discectomy"], "approach": ["open", "mis"], **columns}
    rows = [",".join(cells[n % len(cells)] for cells in table.values()) for n in range(len(DAYS))]
    path = folder / "cases.csv"
    path.write_text("\n".join([",".join(table), *rows]), encoding="utf-8")
    return path


def chosen(path: Path) -> AppTest:
    return hand_over(opened("pages/case_log.py"), path)


def answer(app: AppTest, field: str, **words: str) -> AppTest:
    """Give words of a field a meaning."""
    for word, choice in words.items():
        ending = f":{word.removeprefix('_')}"
        (box,) = [b for b in app.selectbox if f":{field}:" in (b.key or "") and (b.key or "").endswith(ending)]
        box.set_value(choice).run()
    return app


def choose(app: AppTest, part: str, choice: str) -> AppTest:
    (radio,) = [r for r in app.radio if part in r.label.replace("\\", "")]
    return radio.set_value(choice).run()


def button(app: AppTest):  # type: ignore[no-untyped-def]
    (found,) = [b for b in app.button if b.label == "Read the case log"]
    return found


def told(app: AppTest) -> str:
    return " ".join(page_html.read(text).text for text in html(app))


def test_codes_are_asked_and_an_answer_that_makes_everybody_the_same_is_refused(tmp_path: Path) -> None:
    app = chosen(written(tmp_path, dural_tear=["1", "1", "2"], infection=["1"]))
    assert button(app).disabled
    answer(app, "infection", _1="no")
    answer(app, "dural_tear", _1="yes", _2="yes")
    assert button(app).disabled
    assert "“1”, “2” would all mean yes" in told(app)
    answer(app, "dural_tear", _1="no")
    assert "Wound infection: all 12 cells hold “1” (no)." in told(app)
    button(app).click().run()
    assert_whole(app, "pages/case_log.py")
    assert "12 rows: 12 used, 0 set aside" in told(app)
    cases = app.session_state["own"].cases
    assert cases["dural_tear"].sum() == 4
    assert cases["infection"].sum() == 0


def test_an_empty_cell_is_asked_after_the_words_and_notes_stand_under_the_counts(tmp_path: Path) -> None:
    cells = ["SSI", *[""] * 5]
    app = chosen(written(tmp_path, infection=cells, smoking=["no", "unknown"]))
    answer(app, "infection", SSI="yes")
    assert button(app).disabled
    choose(app, "What does an empty cell mean?", "not recorded")
    button(app).click().run()
    page = told(app)
    assert "12 rows: 12 used, 0 set aside" in page
    assert "“infection” says only yes" in page
    assert "“smoking”: “unknown” (6 cells) was read as not recorded" in page
    assert app.session_state["own"].cases["infection"].isna().all()
    app.switch_page("pages/own_results.py").run()
    assert "12 rows: 12 used, 0 set aside; 3 notes on Case log" in told(app)


def test_rows_that_are_left_out_are_counted_apart(tmp_path: Path) -> None:
    app = chosen(written(tmp_path, procedure=["fusion", "ACDF", "fusion"], approach=["open", "mis", "hybrid"]))
    (box,) = [b for b in app.selectbox if (b.key or "").endswith(":ACDF")]
    assert box.label == "ACDF (4 rows)"
    assert box.value == "leave these rows out"
    assert box.options[-1] == "leave these rows out (4 rows)"
    answer(app, "approach", hybrid="leave these rows out")
    button(app).click().run()
    assert "12 rows: 4 used, 0 set aside, 8 left out" in told(app)
    assert "Left out by “procedure”: “ACDF” (4)." in told(app)


def test_answers_are_those_of_their_column_and_are_proposed_again(tmp_path: Path, home: Path) -> None:  # noqa: F811
    path = written(tmp_path, infection=["1", "2"], dural_tear=["1", "2"], smoking=["1", "2"])
    app = chosen(path)
    answer(app, "infection", _1="no", _2="yes")
    boxes = {b.key.split(":")[-4]: b.value for b in app.selectbox if (b.key or "").endswith(":1")}
    assert boxes == {"infection": "no", "dural_tear": None}
    answer(app, "dural_tear", _1="yes", _2="no")
    answer(app, "smoking", _1="no", _2="not recorded")
    button(app).click().run()
    remember(app.session_state["own"].log.plan)
    again = chosen(path)
    assert not button(again).disabled
    button(again).click().run()
    cases = again.session_state["own"].cases
    assert cases["infection"].tolist() == [False, True] * 6
    assert cases["dural_tear"].tolist() == [True, False] * 6


def test_words_that_only_the_whole_file_holds_are_asked_after_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("decision_aid.case_log.importing.ROWS_LOOKED_AT", 8)
    app = chosen(written(tmp_path, technique=[*["tubular"] * 8, *["keyhole"] * 4]))
    button(app).click().run()
    assert "12 rows: 8 used, 4 set aside" in told(app)
    answer(app, "technique", keyhole="tubular")
    button(app).click().run()
    assert "12 rows: 12 used, 0 set aside" in told(app)
    button(app).click().run()  # once more: the answer stays
    assert "12 rows: 12 used, 0 set aside" in told(app)


def test_texts_of_the_file_are_shown_as_they_stand(tmp_path: Path) -> None:
    picture, code = "![x](http://host.invalid/p.png)", ":red[x]"
    path = written(
        tmp_path, **{f"EBL {picture}": ["100", "200"], f"SSI {code}": ["x", ""], "asa": [f"2 **or** {picture}", "2"]}
    )
    app = chosen(path)
    headers = look(path).headers
    for box in [b for b in app.selectbox if (b.key or "").startswith("map:")]:
        name = box.key.split(":")[-1]
        if name in ("blood_loss_ml", "infection"):
            box.set_value(next(h for h in headers if h.startswith("EBL" if name == "blood_loss_ml" else "SSI"))).run()
    shown = [e for kind in (app.selectbox, app.radio) for e in kind if not (e.key or "").startswith("map:")]
    labels = [e.label for e in shown] + [o for r in app.radio for o in r.options]
    assert any("host" in label for label in labels)
    for label in (re.sub(r"\\.", "", label) for label in labels):  # what is escaped is no markup
        assert "![" not in label
        assert "](" not in label
        assert ":red[" not in label
        assert "**" not in label


@pytest.mark.parametrize("missing", REQUIRED)
def test_without_a_needed_column_nothing_can_be_read(tmp_path: Path, missing: str) -> None:
    path = written(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace(missing, "something"), encoding="utf-8")
    app = chosen(path)
    assert button(app).disabled
    assert [e.value for e in app.exception] == []
