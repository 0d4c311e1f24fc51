"""The checklist: what applies, what the answers mean, and a clinic's own items."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from decision_aid.consultation import Answer
from decision_aid.evidence import load
from decision_aid.indications import OVERRIDE_COLUMNS, checklist, findings, load_overrides
from decision_aid.schema import Condition, EvidenceError, Part, Procedure, YesMeans

DATA = load()
EACH = [(c, p) for c, row in DATA.conditions.items() for p in row.procedures]


@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_every_choice_has_every_part_and_a_short_path(condition: Condition, procedure: Procedure) -> None:
    whole = checklist(DATA, condition, procedure)
    for of in (whole, whole.core()):
        assert all(of.part(part) for part in Part)
        assert [i.row.part for i in of.items] == sorted((i.row.part for i in of.items), key=list(Part).index)
    assert len(whole.core().items) <= 16  # three minutes at about ten seconds an item
    assert set(whole.core().items) < set(whole.items)


def test_red_flags_are_asked_of_everyone() -> None:
    asked = [{i.id for i in checklist(DATA, c, p).part(Part.RED_FLAG)} for c, p in EACH]
    assert all(one == asked[0] for one in asked)
    assert len(asked[0]) >= 10


def test_an_item_of_another_condition_is_not_asked() -> None:
    stenosis = {i.id for i in checklist(DATA, Condition.SPINAL_STENOSIS, Procedure.DECOMPRESSION).items}
    assert not stenosis & {r.item_id for r in DATA.indications if r.conditions == "disc_herniation"}


@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_each_answer_puts_an_item_into_one_list_at_most(condition: Condition, procedure: Procedure) -> None:
    of = checklist(DATA, condition, procedure)
    where = {
        (YesMeans.ACT_NOW, Answer.YES): "act_now",
        (YesMeans.MET, Answer.YES): "met",
        (YesMeans.MET, Answer.NO): "not_met",
        (YesMeans.NOT_MET, Answer.YES): "not_met",
        (YesMeans.NOT_MET, Answer.NO): "met",
        (YesMeans.FITS, Answer.YES): "fits",
        (YesMeans.FITS, Answer.NO): "limits",
        (YesMeans.LIMIT, Answer.YES): "limits",
        (YesMeans.LIMIT, Answer.NO): "fits",
        (YesMeans.TO_DO, Answer.YES): "to_do",
    }
    names = ("act_now", "met", "not_met", "not_known", "not_answered", "fits", "limits", "to_do")
    for item, given in product(of.items, Answer):
        found = findings(of, {item.id: given})
        lists = [name for name in names if item in getattr(found, name)]
        expected = "not_known" if given is Answer.NOT_KNOWN else where.get((item.row.yes_means, given))
        assert lists == ([expected] if expected else [])


def test_nothing_answered_is_nothing_met() -> None:
    of = checklist(DATA, Condition.DISC_HERNIATION, Procedure.DISCECTOMY)
    found = findings(of, {})
    assert not (found.act_now)
    assert not (found.met)
    assert not (found.not_met)
    assert not (found.not_known)
    assert not (found.fits)
    assert not (found.limits)
    assert not (found.to_do)
    assert {i.id for i in found.not_answered} >= {"a1", "a2"}


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([",".join(OVERRIDE_COLUMNS), *rows, ""]), encoding="utf-8")
    return path


def test_clinic_replaces_an_action_and_is_named(tmp_path: Path) -> None:
    own = load_overrides(
        write(tmp_path / "own.csv", "a1,,,Call 5555.,Clinic pathway 7"), [r.item_id for r in DATA.indications]
    )
    of = checklist(DATA, Condition.DISC_HERNIATION, Procedure.DISCECTOMY, own)
    item = next(i for i in of.items if i.id == "a1")
    published = next(r for r in DATA.indications if r.item_id == "a1")
    assert item.row.action == "Call 5555."
    assert item.clinic_source == "Clinic pathway 7"
    assert item.row.clinician_text == published.clinician_text
    assert published.action != "Call 5555."


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [("zz,,,x,y", "item_id", "zz"), ("a1,,,x,", "source", ""), ("a1,x", None, None), ("a1,,,x,y,z", None, None)],
)
def test_fault_in_the_clinics_file_is_named(tmp_path: Path, row: str, column: str | None, value: str | None) -> None:
    with pytest.raises(EvidenceError) as error:
        load_overrides(write(tmp_path / "own.csv", row), ["a1"])
    (problem,) = error.value.problems
    assert (problem.file, problem.line, problem.column, problem.value) == ("own.csv", 2, column, value)


@pytest.mark.parametrize("content", [None, b"", b"item_id;source\n", b"\xff\xfe\x00"])
def test_unreadable_clinic_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "own.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(EvidenceError, match=r"own\.csv"):
        load_overrides(path, ["a1"])
