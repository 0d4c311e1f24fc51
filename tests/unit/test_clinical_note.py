"""The note for the clinical record: short, plain, without a name, and true to what was answered."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import page_html
import pytest

from decision_aid import __version__, components, wording
from decision_aid.comparison.side_by_side import side_by_side
from decision_aid.consultation.checklist import checklist
from decision_aid.consultation.model import Answer, Consultation, Leaning, NextStep, OwnConcern, OwnQuestion, Place
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Condition, Part, Procedure, YesMeans
from decision_aid.evidence.loading import Evidence, load
from decision_aid.exports import clinical_note
from decision_aid.wording import summary

CONDITIONS = list(load().conditions)
TODAY = date(2026, 11, 26)


def ordinary(data: Evidence, condition: Condition) -> Consultation:
    procedure = data.conditions[condition].procedures[0]
    answers = {
        i.id: Answer.NO if i.row.part == Part.RED_FLAG else (Answer.YES, Answer.NO, Answer.NOT_KNOWN)[n % 3]
        for n, i in enumerate(checklist(data, condition, procedure).core().items)
    }
    return Consultation(
        condition=condition,
        procedure=procedure,
        levels=("L4/5",),
        answers=answers,
        matters={"less_pain_soon": Place.FIRST, "small_scar": Place.ALSO},
        own_concerns=(OwnConcern("Ride my bicycle", Place.SECOND),),
        question_notes={"how_many": "About forty a year.", "if_i_wait": "Pain can settle.", "recovery": "Six weeks."},
        own_questions=(OwnQuestion("Can I fly?", ""),),
        leaning=Leaning.MIS,
        leaning_reason="A short stay",
        sure={"s": False, "u": True, "r": True, "e": False},
        teach_back="Told all three options back",
        explained_again=True,
        code="B12",
        next_steps=(NextStep("Physiotherapy", "Practice", date(2027, 1, 15)), NextStep("Talk again")),
    )


def note(data: Evidence, c: Consultation) -> str:
    return clinical_note.text(data, c, {}, TODAY)


def listed(text: str, heading: str) -> list[str]:
    """The entries under a heading."""
    found = []
    for line in text.split(f"{heading}:\n", 1)[1].splitlines():
        if not line.startswith("- "):
            break
        found.append(line.removeprefix("- "))
    return found


@pytest.mark.parametrize("condition", CONDITIONS)
def test_an_ordinary_note_is_short_plain_and_names_no_one(data: Evidence, condition: Condition) -> None:
    text = note(data, ordinary(data, condition))
    assert len(text.splitlines()) <= 60
    assert "\r" not in text
    assert text.endswith("\n")
    assert "\n\n" not in text
    assert text.isascii(), [c for c in text if not c.isascii()]
    lines = [line.lower() for line in text.splitlines() if ":" in line]
    assert not any(
        line.startswith(("name", "patient name", "born", "date of birth", "record number")) for line in lines
    )
    assert "recommend" not in text.lower()


def test_it_says_all_that_was_entered(data: Evidence) -> None:
    here = ordinary(data, Condition.DISC_HERNIATION)
    text = note(data, here)
    for line in (
        "Date: 2026-11-26",
        "Code: B12",
        "Condition: Disc herniation with leg pain",
        "Planned procedure: Discectomy",
        "Level: L4/5",
        "Red flags: none answered yes (4 asked)",
        "Patient leans towards: Minimally invasive. Because: A short stay",
        "Teach-back: Told all three options back; explained again",
        f"Source: Spine Choice {__version__}, data {data.content_hash[:7]}, searched {data.search_date}",
    ):
        assert f"{line}\n" in text
    assert listed(text, "Matters most to the patient, in order") == ["1. Early pain relief", "2. Ride my bicycle"]
    assert listed(text, "Also matters") == ["Small incision"]
    assert len(listed(text, "Questions discussed")) == 4
    assert "Can I fly?: open" in text
    assert listed(text, "Next steps") == ["Physiotherapy, Practice, 15 Jan 2027", "Talk again"]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_figures_are_those_of_the_screen(data: Evidence, condition: Condition) -> None:
    """Each as the table of Compare shows it to the clinician, and those who chose surgery later in a line of their own.

    A main harm of which nothing is known has no row there: the table names it as not known, the note gives no number."""
    procedure = data.conditions[condition].procedures[0]
    table = side_by_side(data, condition, procedure)
    screen = page_html.read(components.side_by_side_table(table, data, Audience.CLINICIAN)).without("popover")
    figures = listed(note(data, Consultation(condition, procedure)), "Figures shown")
    rows = [
        row
        for row in screen.all("tr")
        if row.attributes.get("data-outcome") in (*summary.MAIN_HARMS, "chose_surgery_later")
    ]
    told = {row.attributes["data-outcome"] for row in rows}
    unknown = [row for row in table.rows if row.outcome.outcome in {*summary.MAIN_HARMS} - told]
    (named,) = [cell.text for cell in screen.all("td") if "unknown" in cell.classes] or [""]
    for row in unknown:
        label = wording.outcome_label(row.outcome, Audience.CLINICIAN)
        assert label.lower() in named.lower()
        (line,) = [f for f in figures if f.startswith(label)]
        assert "open No number; minimally invasive No number" in line
    assert len(rows) + len(unknown) == len(figures) == 3
    for shown in rows:
        big = [cell.text for cell in shown.all("b")]
        assert len(big) >= 3
        (line,) = [f for f in figures if all(clinical_note._plain(number) in f for number in big if number != "–")]
        assert sum("had surgery at the start" in text for text in (line, shown.text)) in (0, 2)


def test_every_answer_stands_in_one_list_with_its_meaning(data: Evidence) -> None:
    condition, procedure = Condition.DISC_HERNIATION, Procedure.FUSION
    items = checklist(data, condition, procedure).core().items
    for given in (Answer.YES, Answer.NO):
        here = Consultation(condition, procedure, answers={i.id: given for i in items})
        text = note(data, here)
        for i in items:
            met = (i.row.yes_means == YesMeans.MET) == (given is Answer.YES)
            if i.row.part == Part.CRITERION and i.row.yes_means in (YesMeans.MET, YesMeans.NOT_MET):
                entry = i.row.clinician_yes if given is Answer.YES else i.row.clinician_no
                assert entry in listed(text, "Criteria met" if met else "Criteria not met")
    assert "Criteria not answered" not in text


def test_red_flags_are_told_in_their_three_states(data: Evidence) -> None:
    here = ordinary(data, Condition.SPINAL_STENOSIS)
    flags = checklist(data, Condition.SPINAL_STENOSIS, Procedure.DECOMPRESSION).core().part(Part.RED_FLAG)
    yes = note(data, replace(here, answers={**here.answers, flags[1].id: Answer.YES}))
    (entry,) = listed(yes, "RED FLAGS ANSWERED YES")
    assert entry.endswith(f"Action: {flags[1].row.action}")
    assert "none answered yes" not in yes

    assert "Red flags: not asked\n" in note(data, Consultation(here.condition, here.procedure))

    part = note(data, replace(here, answers={flags[0].id: Answer.NO, flags[1].id: Answer.NOT_KNOWN}))
    assert "none answered yes (2 asked)" in part
    assert len(listed(part, "Red flags not known")) == 1
    assert len(listed(part, "Red flags not asked")) == len(flags) - 2


def test_the_sure_test_prompts_and_labels_no_one(data: Evidence) -> None:
    here = ordinary(data, Condition.DISC_HERNIATION)
    text = note(data, here)
    unclear = listed(text, "SURE test, still unclear to the patient")
    assert unclear == [
        f"Sure of myself. Ask: {wording.SURE_PROMPTS['s']}",
        f"Encouragement. Ask: {wording.SURE_PROMPTS['e']}",
    ]
    assert "conflict" not in text
    assert not re.search(r"\b[0-4] (?:of|out of|/) 4\b", text), "nothing is added up"
    assert "no part was named as unclear" in note(data, replace(here, sure=dict.fromkeys("sure", True)))
    assert "SURE test, not asked: Risk-benefit ratio" in note(
        data, replace(here, sure={"s": True, "u": True, "e": True})
    )
    assert "SURE test: not asked" in note(data, replace(here, sure={}))


def test_what_was_not_chosen_is_not_recorded_as_chosen(data: Evidence) -> None:
    text = note(data, Consultation())
    assert "Condition: Disc herniation with leg pain (shown on the screen, not chosen)" in text
    for line in ("Level: not entered", "Questions discussed: none noted", "Patient leans towards: not asked"):
        assert line in text
    assert "Criteria not answered: 5" in text


def test_the_clinics_own_wording_is_used(data: Evidence) -> None:
    own = {"b1": {"clinician_text": "Function limited on our form?", "source": "Ward book"}}
    here = Consultation(Condition.DISC_HERNIATION, Procedure.DISCECTOMY, answers={"b1": Answer.YES})
    assert "- Function limited on our form? (answered: yes)\n" in clinical_note.text(data, here, own, TODAY)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("one\r\ntwo\tthree\n", "one two three"),
        ("– “quoted” … 3 × 2 ≥ 5", '- "quoted" ... 3 x 2 >= 5'),
        ("Müller, Żółć, боль, 痛み", "Müller, Żółć, боль, 痛み"),
        ("a\x00b\u202ec\u2066d\ud800e", "abcde"),
        ("<b>x</b> = SUM(A1)", "<b>x</b> = SUM(A1)"),
    ],
)
def test_free_text_stays_on_its_line(data: Evidence, typed: str, kept: str) -> None:
    here = replace(ordinary(data, Condition.DISC_HERNIATION), leaning_reason=typed, next_steps=(NextStep(typed),))
    text = note(data, here)
    assert f"Because: {kept}\n" in text
    text.encode("utf-8")
    assert len(text.splitlines()) <= 60


def test_a_long_note_comes_out_whole(data: Evidence) -> None:
    long = " ".join(f"word{i}" for i in range(1300))
    assert long in note(data, replace(ordinary(data, Condition.DISC_HERNIATION), teach_back=long))


def test_what_runs_from_the_right_keeps_its_numbers(data: Evidence) -> None:
    c = Consultation(
        leaning=Leaning.MIS,
        leaning_reason="\u202eלא להרים 5 kg\n",
        own_concerns=(OwnConcern("می\u200cخواهم", Place.FIRST),),
        own_questions=(OwnQuestion("Müller 5 kg", "ألم 3/4"),),
        next_steps=(NextStep("12/3", "ד״ר כהן", date(2027, 3, 12)),),
    )
    text = note(data, c)
    assert "Because: \u2068לא להרים 5 kg\u2069\n" in text
    assert "- 1. \u2068می\u200cخواهم\u2069\n" in text
    assert "- Müller 5 kg: \u2068ألم 3/4\u2069\n" in text
    assert "- 12/3, \u2068ד״ר כהן\u2069, 12 Mar 2027\n" in text


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_figures_that_were_shown_stand_in_it(data: Evidence, condition: Condition) -> None:
    """The main harms and what was marked, in the cells of the screen: also what surgery changes against none."""
    here = ordinary(data, condition)
    entries = listed(note(data, here), "Figures shown")
    figures = summary.every_figure(data, here, (), Audience.CLINICIAN)
    (first, *_) = summary.concerns(data, here, (), Audience.CLINICIAN)
    assert {*summary.main_harms(data, here, (), Audience.CLINICIAN), *first.figures} <= {*figures}
    assert len(figures) >= 3
    assert entries[len(figures) :] == [clinical_note._plain(summary.chose_later(data, here, ()))]
    for entry, f in zip(entries, figures, strict=False):
        assert entry.startswith(f"{f.label}, ")
        for cell in (f.without, f.open, f.mis, f.difference):
            assert clinical_note._plain(cell.big) in entry
        if f.without.more:
            assert clinical_note._plain(f.without.more) in entry
