"""Files as hospitals export them: where the table begins, on which sheet, in which letters, and which lines are no cases.

Whatever is not a case is counted and told with its reason: rows of the file = used + set aside + left out.
"""

from __future__ import annotations

import pytest
from caselog_files import upload

from decision_aid.caselog import CaseLog, Plan, Upload, load_cases, look
from decision_aid.caselog_headers import guessed_mapping

CHECKBOXES = ["Unchecked", "Checked", "Unchecked", "Unchecked"]


def read(source: Upload, plan: Plan | None = None) -> CaseLog:
    log = load_cases(source, look(source).plan() if plan is None else plan)
    assert log.used + log.set_aside_rows == log.rows_in
    return log


def started(n: int = 4) -> list[list[str]]:
    """A few rows with the three columns that a log needs, with a line of names."""
    kinds = ("discectomy", "decompression", "fusion")
    rows = [[f"2023-{i % 12 + 1:02}-{i % 27 + 1:02}", kinds[i % 3], ("open", "mis")[i % 2]] for i in range(n)]
    return [["Date of surgery", "Procedure", "Approach"], *rows]


# ---- names of checkboxes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Complications (choice=Dural tear)", "dural_tear"),
        ("Complications (choice=Surgical site infection)", "infection"),
        ("Perioperative events ( Choice = Incidental durotomy )", "dural_tear"),
        ("Komplikationen (choice=Duraverletzung)", "dural_tear"),
        ("Comorbidities (choice=Diabetes)", "diabetes"),
        ("Complications (choice=None of the above)", None),
        ("Complications (choice=Haematoma)", None),
        ("Complication (choice=Other)", None),
        ("Reason for reoperation (choice=Infection)", None),
        ("History of (choice=Transfusion)", None),
        ("Infection (choice=Deep)", None),
        ("Blood loss (choice=EBL)", None),
        ("complications___1", None),
        ("infection___0", None),
        ("odi___12", None),
        ("Complications [Dural tear]", None),
        ("Complications [SQ003]", None),
        ("Infection (deep)", None),
        ("Reoperation (same level)", None),
        ("Infection (yes/no)", "infection"),
        ("Wound infection (SSI)", "infection"),
        ("Complications (any)", "complication_any"),
        ("Dural tear [0=no, 1=yes]", "dural_tear"),
        ("Blood loss (ml)", "blood_loss_ml"),
        ("Approach (open/mis)", "approach"),
    ],
)
def test_one_answer_of_a_question_is_not_taken_for_the_question(header: str, field: str | None) -> None:
    assert guessed_mapping([header], ()) == ({field: header} if field else {})


def test_checkboxes_of_a_label_export_are_read_without_a_question() -> None:
    table = started()
    for name in ("Complications (choice=Dural tear)", "Complications (choice=Urinary retention)"):
        table[0].append(name)
        for row, cell in zip(table[1:], CHECKBOXES, strict=True):
            row.append(cell)
    preview = look(upload(table))
    assert preview.mapping["dural_tear"] == "Complications (choice=Dural tear)"
    assert "complication_any" not in preview.mapping
    assert preview.questions() == ()
    log = read(upload(table))
    assert log.cases["dural_tear"].tolist() == [False, True, False, False]
    assert log.cases["complication_any"].isna().all()
