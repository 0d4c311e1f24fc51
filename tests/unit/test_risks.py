"""What can go wrong: icons that count what the sentence says, for every harm of every procedure."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decision_aid import wording
from decision_aid.charts import icon_arrays, risks
from decision_aid.comparison.comparison import State
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
        for shown in (risks.three_options(row, table, audience), *risks.single_studies(row, table, audience)):
            for box in shown.boxes:
                if box.picture is None:
                    continue
                on, off = icons(box.picture.svg, "on"), icons(box.picture.svg, "off")
                if on + off == 0:  # an empty frame: no single risk is known for this option
                    assert box.option is Option.WITHOUT_SURGERY
                    assert risks_shown(row)[Option.WITHOUT_SURGERY] is None
                    continue
                assert on + off == d
                assert on == said(box.big, d) == box.picture.on
                assert box.big in box.picture.alt
        picture = risks.apart(row.approaches, d, "x")
        absolute = row.approaches.absolute_risk
        # Of an arm in which nobody, or everybody, had it a picture would be a promise.
        assert (picture is None) == (absolute is None or bool({absolute.first, absolute.baseline} & {0.0, 1.0}))
        if picture and absolute:
            size = abs(count_of(absolute.first, d) - count_of(absolute.baseline, d))
            assert icons(picture.svg, "apart") == picture.on == size
            assert icons(picture.svg, "on") + icons(picture.svg, "apart") + icons(picture.svg, "off") == d
            told = wording.difference_cell(row.approaches, Audience.PATIENT, d)
            assert (
                (f"{size:,} fewer of" in f"{told.big} {told.small}")
                or (f"{size:,} more of" in f"{told.big} {told.small}")
                or size == 0
            )


@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_every_option_has_a_box_and_every_harm_a_word(
    condition: Condition, procedure: Procedure, data: Evidence
) -> None:
    table = risks.table(data, condition, procedure)
    known = {r.outcome.outcome for r in table.rows}
    missing = {o.outcome for o in table.not_reported}
    assert known | missing >= set(risks.HARMS)
    for row in table.rows:
        shown = risks.three_options(row, table, Audience.PATIENT)
        assert [b.option for b in shown.boxes] == list(Option)
        assert all(b.big for b in shown.boxes)
        if row.approaches.state is State.NOT_MEASURED:
            assert "Not measured" in wording.what_it_means(row.approaches, table.denominator, Audience.PATIENT)


def test_harms_after_minimally_invasive_surgery_stand_as_plainly(data: Evidence) -> None:
    """Reoperation after decompression is higher with minimally invasive surgery: same boxes, same order, same words."""
    table = risks.table(data, Condition.SPINAL_STENOSIS, Procedure.DECOMPRESSION)
    row = table.answer(Outcome.REOPERATION)
    absolute = row.approaches.absolute_risk
    assert absolute is not None
    assert absolute.first > absolute.baseline
    told = wording.what_it_means(row.approaches, table.denominator, Audience.PATIENT)
    assert "more of" in told
    shown = risks.three_options(row, table, Audience.PATIENT)
    pictures_drawn = {b.option for b in shown.boxes if b.picture}
    assert {Option.OPEN, Option.MIS} <= pictures_drawn


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from([100, 1000]))
def test_parts_add_up_whatever_the_risks(first: float, second: float, denominator: int) -> None:
    picture = icon_arrays.difference(first, second, title="x", told="y", denominator=denominator)
    on, apart, off = (icons(picture.svg, kind) for kind in ("on", "apart", "off"))
    assert on + apart + off == denominator
    counts = sorted((count_of(first, denominator), count_of(second, denominator)))
    assert (on, apart) == (counts[0], counts[1] - counts[0])
    assert f"{apart:,} with one choice only" in picture.alt


def test_studies_that_cannot_be_pooled_are_never_mixed(data: Evidence) -> None:
    table = risks.table(data, Condition.DISC_HERNIATION, Procedure.DISCECTOMY)
    alone = risks.single_studies(table.answer(Outcome.REOPERATION), table, Audience.CLINICIAN)
    assert len(alone) == 2
    for one in alone:
        assert one.study is not None
        for box in one.boxes:
            arm = one.study.first if box.option is Option.MIS else one.study.second
            assert arm is not None
            assert f"it was {arm.events} of {arm.n}" in box.small


@pytest.mark.parametrize("procedure", [Procedure.DECOMPRESSION, Procedure.FUSION])
def test_many_studies_that_cannot_be_pooled_show_both_ends_not_the_first_two(
    procedure: Procedure, data: Evidence
) -> None:
    """Some of them found a shorter operation, others a longer one: a reader must see both."""
    table = risks.table(data, Condition.SPINAL_STENOSIS, procedure)
    c = table.answer(Outcome.OPERATIVE_TIME).approaches
    found = [s.effect.estimate for s in c.shown_studies if s.effect]
    assert len(found) > 2
    shortest, longest = round(-min(found)), round(max(found))
    assert c.state is State.TOO_FEW
    for audience in Audience:
        small = wording.difference_cell(c, audience, 100).small
        assert small == f"{shortest} minutes less to {longest} minutes more, {len(found)} studies"
