"""What can go wrong: icons that count what the sentence says, for every harm of every procedure."""

from __future__ import annotations

import re

import pytest

from decision_aid import wording
from decision_aid.charts import risks
from decision_aid.comparison import side_by_side
from decision_aid.comparison.ladder import Rung
from decision_aid.comparison.shown_risks import count_of, risks_shown
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Option, Outcome, OutcomeKind, Procedure
from decision_aid.evidence.loading import Evidence, load

EACH = [(c, p) for c, row in load().conditions.items() for p in row.procedures]


def icons(svg: str, kind: str) -> int:
    return len(re.findall(rf'class="{kind}"', svg))


def said(text: str, denominator: int) -> int:
    """How many people a number such as “7 of 100” or “fewer than 1 of 1,000” counts."""
    whole = f"{denominator:,}"
    if text == f"fewer than 1 of {whole}":
        return 0
    if text == f"more than {denominator - 1:,} of {whole}":
        return denominator
    (count,) = re.findall(rf"^([\d,]+) of {whole}$", text)
    return int(count.replace(",", ""))


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_icons_are_as_many_as_the_sentence_says(
    condition: Condition, procedure: Procedure, audience: Audience, data: Evidence
) -> None:
    table = risks.table(data, condition, procedure)
    d = table.denominator
    for row in (r for r in table.rows if r.outcome.kind == OutcomeKind.EVENT):
        for box in risks.three_options(row, table, audience).boxes:
            if box.picture is None:
                continue
            on, off = icons(box.picture.svg, "on"), icons(box.picture.svg, "off")
            if on + off == 0:  # an empty frame: no single risk is known for this option
                assert box.option is Option.WITHOUT_SURGERY
                assert risks_shown(row, audience is Audience.PATIENT)[Option.WITHOUT_SURGERY] is None
                continue
            assert on + off == d
            assert on == said(box.big, d) == box.picture.on
            assert box.big in box.picture.alt


@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_every_option_has_a_box_and_every_harm_a_word(
    condition: Condition, procedure: Procedure, data: Evidence
) -> None:
    table = risks.table(data, condition, procedure)
    known = {r.outcome.outcome for r in table.rows}
    missing = {o.outcome for o in table.not_reported}
    assert known | missing == {*side_by_side.harms_of(procedure), *risks.BURDENS}
    for row in table.rows:
        shown = risks.three_options(row, table, Audience.PATIENT)
        assert [b.option for b in shown.boxes] == list(Option)
        assert all(b.big for b in shown.boxes)


def test_harms_after_minimally_invasive_surgery_stand_as_plainly(data: Evidence) -> None:
    """Reoperation after decompression is higher with minimally invasive surgery: same boxes, same order, same words."""
    table = risks.table(data, Condition.SPINAL_STENOSIS, Procedure.DECOMPRESSION)
    row = table.answer(Outcome.REOPERATION)
    absolute = row.approaches.absolute_risk
    assert absolute is not None
    assert absolute.first > absolute.baseline
    told = wording.difference_cell(row.approaches, Audience.PATIENT, table.denominator)
    assert "more of" in f"{told.big} {told.small}"
    shown = risks.three_options(row, table, Audience.PATIENT)
    pictures_drawn = {b.option for b in shown.boxes if b.picture}
    assert {Option.OPEN, Option.MIS} <= pictures_drawn


@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_of_one_small_study_a_clinician_reads_the_numbers_and_a_patient_none(
    condition: Condition, procedure: Procedure, data: Evidence
) -> None:
    table = risks.table(data, condition, procedure)
    for row in (r for r in table.rows if r.outcome.kind == OutcomeKind.EVENT):
        c = row.approaches
        if c.lead.rung is not Rung.ONE_SMALL_STUDY:
            continue
        assert c.lead.study is not None
        patient, clinician = (
            risks.three_options(row, table, audience).boxes for audience in (Audience.PATIENT, Audience.CLINICIAN)
        )
        for box in patient[1:]:
            assert (box.big, box.picture) == ("Only one small study", None)
            assert not re.search(r"\d", box.big + box.small)
        for box, arm in zip(clinician[1:], (c.lead.study.second, c.lead.study.first), strict=True):
            assert arm is not None
            assert arm.events is not None
            assert arm.n is not None
            if 0 < arm.events < arm.n:
                assert said(box.big, table.denominator) == count_of(arm.events / arm.n, table.denominator)
            else:
                assert f"of {arm.n}" in box.small


def test_only_a_few_studies_of_an_operation_are_put_together_and_named_as_such(data: Evidence) -> None:
    """Two to four studies lead by a posterior: the two risks, their difference and how many studies."""
    seen = 0
    for condition, procedure in EACH:
        table = risks.table(data, condition, procedure)
        for row in table.rows:
            c = row.approaches
            if c.lead.rung is Rung.FEW_STUDIES:
                assert 2 <= c.lead.k <= 4
                assert f"{c.lead.k} " in wording.basis(c, Audience.PATIENT)
                assert wording.difference_cell(c, Audience.PATIENT, table.denominator).big
                seen += 1
    assert seen
