"""One number for one harm, whatever the clinic counted itself: on Compare, What matters, Risks, handout, note and export.

Every view is read as a reader reads it, out of its own words, by one function.
"""

from __future__ import annotations

import json
import re
from itertools import product
from typing import NamedTuple

import page_html
import pytest

from decision_aid import components, wording
from decision_aid.charts import risks
from decision_aid.comparison import side_by_side
from decision_aid.comparison.own_rates import OwnRate, OwnRates
from decision_aid.comparison.shown_risks import count_of
from decision_aid.comparison.side_by_side import OutcomeAnswer, SideBySide
from decision_aid.consultation.model import Consultation, Place
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Option, Outcome, Procedure
from decision_aid.evidence.loading import Evidence
from decision_aid.exports import clinical_note, handout
from decision_aid.exports.handout import Handout
from decision_aid.exports.report import comparison_as_dict
from decision_aid.wording import numerals
from decision_aid.wording.summary import MAIN_HARMS

CHOICES = (
    (Condition.DISC_HERNIATION, Procedure.DISCECTOMY),
    (Condition.SPINAL_STENOSIS, Procedure.DECOMPRESSION),
    (Condition.SPONDYLOLISTHESIS, Procedure.FUSION),
)
OPEN, MIS = OwnRate(14, 160), OwnRate(9, 130)
OWN: dict[str, tuple[OwnRate | None, OwnRate | None]] = {
    "no own rates": (None, None),
    "open only": (OPEN, None),
    "MIS only": (None, MIS),
    "both": (OPEN, MIS),
    "no event open": (OwnRate(0, 43), None),
    "no event in both": (OwnRate(0, 43), OwnRate(0, 60)),
}
# The concerns that every harm speaks to, so that the note tells all of them.
ASKED = [(harm, c, p) for c, p in CHOICES for harm in side_by_side.harms_of(p)]
EVERY_HARM = dict.fromkeys(("few_complications", "no_second_operation", "short_stay"), Place.ALSO)
NUMBER = re.compile(r"(?:(?:fewer|more) than )?[\d,]+(?: to [\d,]+)? of [\d,]+")
PATIENT, CLINICIAN = Audience.PATIENT, Audience.CLINICIAN


class Told(NamedTuple):
    """What a view tells of open and of minimally invasive surgery: “7 of 100”, or nothing."""

    open: str
    mis: str


def told(opened: str, minimal: str) -> Told:
    """The numbers with which two texts begin; small print behind them is no number of the view."""
    found = (NUMBER.match(text.strip()) for text in (opened, minimal))
    return Told(*(match.group() if match else "" for match in found))


def in_table(table: SideBySide, harm: Outcome, data: Evidence, audience: Audience) -> Told | None:
    """The row of a table side by side, out of its HTML."""
    tree = page_html.read(components.side_by_side_table(table, data, audience)).without("popover")
    rows = [r for r in tree.one("tbody").all("tr") if r.attributes.get("data-outcome") == harm]
    if not rows:
        return None
    _without, opened, minimal, *_ = rows[0].all("td")
    return told(*(cell.one("span", "state").text for cell in (opened, minimal)))


def on_risks(row: OutcomeAnswer, table: SideBySide, audience: Audience) -> Told:
    """The boxes with the pictures of a harm."""
    boxes = {b.option: b for b in risks.three_options(row, table, audience).boxes}
    return told(*(f"{boxes[o].big} {boxes[o].small}" for o in (Option.OPEN, Option.MIS)))


def in_handout(sheet: Handout, label: str) -> list[Told]:
    """The row of the sheet, in front or behind."""
    return [told(r.open.big, r.mis.big) for r in sheet.rows if r.label == label]


def in_note(note: str, label: str) -> Told | None:
    lines = [line for line in note.splitlines() if line.startswith(f"- {label}, ")]
    if not lines:
        return None
    (line,) = lines
    return told(line.split("; open ")[1], line.split("; minimally invasive ")[1])


def in_export(row: OutcomeAnswer, data: Evidence, denominator: int) -> Told | None:
    """The risks of the exported file, written as people: None where it holds none."""
    exported = json.loads(json.dumps(comparison_as_dict(row.approaches, data)))["absolute_risk"]
    if exported is None:
        return None
    sides = ([exported[f"{side}{end}"] for end in ("", "_low", "_high")] for side in ("baseline", "first"))
    return told(*(numerals.risk(*side, denominator) for side in sides))


@pytest.mark.parametrize(("harm", "condition", "procedure"), ASKED)
@pytest.mark.parametrize("own", OWN)
def test_a_harm_is_the_same_number_in_every_view(
    harm: Outcome, own: str, condition: Condition, procedure: Procedure, data: Evidence
) -> None:
    opened, minimal = OWN[own]
    rates = (OwnRates(harm, opened, minimal),) if opened or minimal else ()
    choice = (data, condition, procedure)
    table = risks.table(*choice, rates)
    compared = side_by_side.side_by_side(*choice, own=rates)
    asked = side_by_side.rows_for(*choice, (harm,), rates)
    consultation = Consultation(condition, procedure, matters=EVERY_HARM)
    sheet = handout.build(data, consultation, rates=rates, annex=True)
    note = clinical_note.text(data, consultation, rates=rates)
    names = {a: wording.outcome_label(data.outcomes[harm], a) for a in Audience}
    assert table.denominator == compared.denominator == asked.denominator

    row = next((r for r in table.rows if r.outcome.outcome == harm), None)
    if row is None:  # published by no study and not counted here: then no view tells of it
        assert not (rates and rates[0].open_stands)
        assert in_note(note, names[CLINICIAN]) is None
        assert [r for r in asked.rows if r.outcome.outcome == harm] == []
        assert harm in [o.outcome for o in table.not_reported]
        return

    views: dict[Audience, dict[str, Told | None]] = {
        audience: {
            "Risks": on_risks(row, table, audience),
            "What matters": in_table(asked, harm, data, audience),
            "Compare": in_table(compared, harm, data, audience),
        }
        for audience in Audience
    }
    views[PATIENT] |= {
        f"handout, {place}": found for place, found in enumerate(in_handout(sheet, names[PATIENT]), start=1)
    }
    views[CLINICIAN] |= {"note": in_note(note, names[CLINICIAN]), "export": in_export(row, data, table.denominator)}
    for line in (f for f in sheet.annex if f.outcome == names[CLINICIAN]):
        views[CLINICIAN]["annex"] = told(line.with_open, line.with_mis)
    assert views[CLINICIAN]["note"] is not None
    told_to_patient = row.tells(patient=True)
    assert (views[PATIENT]["What matters"] is not None) == told_to_patient
    if harm in MAIN_HARMS:
        assert "handout, 1" in views[PATIENT] or not told_to_patient

    exported = views[CLINICIAN].pop("export")
    for audience in Audience:
        assert len({v for v in views[audience].values() if v}) == 1, views[audience]
    clinician, patient = (views[a]["Risks"] for a in (CLINICIAN, PATIENT))
    assert clinician is not None
    assert patient is not None
    assert exported in (None, clinician)
    # A patient is told the clinician's number or, of one small study, none.
    assert all(p in ("", c) for p, c in zip(patient, clinician, strict=True)), (patient, clinician)

    own_number = [
        numerals.risk(rate.rate, *rate.interval, table.denominator) if rate else None for rate in (opened, minimal)
    ]
    if opened:
        assert patient.open == clinician.open == own_number[0]
    if opened and minimal:
        assert patient.mis == clinician.mis == own_number[1], "as counted, not multiplied"
        assert exported == clinician
    if not opened:
        published = next(r for r in risks.table(*choice).rows if r.outcome.outcome == harm)
        assert clinician == on_risks(published, table, CLINICIAN), (
            "MIS alone never stands beside other people's open rate"
        )


@pytest.mark.parametrize(("harm", "condition", "procedure"), ASKED)
@pytest.mark.parametrize("own", [name for name in OWN if name.startswith("no event")])
def test_a_clinic_without_an_event_never_promises_nought(
    harm: Outcome, own: str, condition: Condition, procedure: Procedure, data: Evidence
) -> None:
    """The range reaches to the upper Wilson limit in every view, and no picture is drawn of nobody."""
    opened, minimal = OWN[own]
    rates = (OwnRates(harm, opened, minimal),)
    table = risks.table(data, condition, procedure, rates)
    row, d = table.answer(harm), table.denominator
    for rate, first in ((opened, False), (minimal, True)):
        for audience in Audience if rate else ():
            assert rate is not None
            cell = wording.level_cell(row.approaches, first, audience, d)
            assert cell.big == f"0 to {count_of(rate.interval[1], d)} of {d:,}"
            assert f"none of {rate.n}" in cell.small
    assert [b.picture for b in risks.three_options(row, table, PATIENT).boxes] == [None, None, None]
    consultation = Consultation(condition, procedure, matters=EVERY_HARM)
    sheet = handout.build(data, consultation, rates=rates, annex=True)
    label = wording.outcome_label(row.outcome, PATIENT)
    assert not [r for r in sheet.rows if r.label == label and r.in_front], "no picture of it"
    for views in (
        [v for a, t in product(Audience, (table, side_by_side.side_by_side(data, condition, procedure, own=rates)))
         if (v := in_table(t, harm, data, a))],
        in_handout(sheet, label),
        [in_note(clinical_note.text(data, consultation, rates=rates), wording.outcome_label(row.outcome, CLINICIAN))],
    ):  # fmt: skip
        for view in views:
            assert view is not None
            assert not any(re.match(r"0 of ", number) for number in view), view
