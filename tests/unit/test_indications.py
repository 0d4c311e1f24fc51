"""The checklist: what applies, what the answers mean, and a clinic's own items."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Any

import page_html
import pytest
from markupsafe import escape
from reading import HIGHEST_GRADE, reading_grade

from decision_aid import components, wording
from decision_aid.consultation import known_from_start
from decision_aid.consultation.checklist import OVERRIDE_COLUMNS, Item, checklist, findings, load_overrides
from decision_aid.consultation.model import AgeGroup, Answer, Consultation, Duration, Laterality
from decision_aid.domain.audience import Audience
from decision_aid.domain.problems import EvidenceError
from decision_aid.domain.vocabulary import Condition, Part, Procedure, StartFact, YesMeans
from decision_aid.evidence.loading import load
from decision_aid.evidence.text_rows import IndicationRow
from decision_aid.exports import clinical_note, handout

DATA = load()
EACH = [(c, p) for c, row in DATA.conditions.items() for p in row.procedures]


@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_every_choice_has_every_part_and_a_short_path(condition: Condition, procedure: Procedure) -> None:
    whole = checklist(DATA, condition, procedure)
    for of in (whole, whole.core()):
        assert all(of.part(part) for part in Part if part != Part.PAYERS)
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
    names = ("act_now", "met", "not_met", "not_known", "not_answered", "fits", "limits", "to_do", "payers")
    for item, given in product(of.items, Answer):
        found = findings(of, {item.id: given})
        lists = [name for name in names if item in getattr(found, name)]
        expected = "not_known" if given is Answer.NOT_KNOWN else where.get((item.row.yes_means, given))
        if item.row.part == Part.PAYERS and given in (Answer.YES, Answer.NO):
            expected = "payers"
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


# ---- what payers ask for ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_what_only_payers_ask_for_is_on_the_full_list_of_clinicians_and_nowhere_else(
    condition: Condition, procedure: Procedure
) -> None:
    of = checklist(DATA, condition, procedure)
    asked = of.part(Part.PAYERS)
    assert asked
    assert not of.core().part(Part.PAYERS)
    assert of.told_to(Audience.CLINICIAN) == of
    assert of.told_to(Audience.PATIENT).items == tuple(i for i in of.items if i not in asked)
    for given in (Answer.YES, Answer.NO):
        answers = {i.id: given for i in asked}
        consultation = Consultation(condition, procedure, answers=answers)
        told = [wording.item_statement(i, given, Audience.CLINICIAN) for i in asked]
        note = clinical_note.text(DATA, consultation)
        listed = note.split("What payers ask for:\n", 1)[1].split("\n- Criteria", 1)[0]
        assert all(text in listed for text in told)
        assert "Criteria met:" not in note
        assert "Noted:" not in note
        sheet = handout.build(DATA, consultation)
        assert not sheet.to_do


def test_a_guideline_leads_and_what_payers_ask_for_stands_below_it() -> None:
    of = checklist(DATA, Condition.DISC_HERNIATION, Procedure.DISCECTOMY)
    item = next(i for i in of.core().items if i.id == "b2_disc_care")
    shown = page_html.read(components.checklist_item(item, Audience.CLINICIAN)).text
    assert shown.index("NICE NG59") < shown.index("What payers ask for") < shown.index("CAM 161")
    assert "CAM 161" not in components.checklist_item(item, Audience.PATIENT)


@pytest.mark.parametrize("condition", DATA.conditions)
def test_a_fair_trial_of_care_without_surgery_is_on_the_focused_path(condition: Condition) -> None:
    """Whatever payers ask for: a guideline's or a trial's own words for it are asked of everyone."""
    for procedure in DATA.conditions[condition].procedures:
        asked = {i.id for i in checklist(DATA, condition, procedure).core().told_to(Audience.PATIENT).items}
        assert asked & {"b2_disc_care", "bs3", "b2_slip_care", "bd2", "bh6"}


# ---- what an answer states -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", DATA.indications, ids=lambda row: row.item_id)
def test_every_answer_is_a_statement_and_never_the_question_again(row: IndicationRow) -> None:
    for audience in Audience:
        asked = row.patient_text if audience is Audience.PATIENT else row.clinician_text
        told = [wording.item_statement(Item(row), given, audience) for given in Answer]
        assert not any("?" in text for text in told), told
        assert len(set(told)) == 3  # yes, no, and what is not known or does not apply
        assert asked.rstrip("?") != told[1]


@pytest.mark.parametrize(
    ("item_id", "given", "audience", "told"),
    [
        ("cd3", Answer.NO, Audience.CLINICIAN, "No high-grade migrated fragment"),
        ("cd3", Answer.NO, Audience.PATIENT, "No piece of the disc has moved far away from its place."),
        ("cd3", Answer.YES, Audience.CLINICIAN, "High-grade migrated fragment"),
        ("cf2", Answer.NO, Audience.CLINICIAN, "One level to fuse"),
        # No to “cancer and now one of these signs” must not deny the signs.
        ("a4", Answer.NO, Audience.PATIENT, "You have not had cancer. Or you have had it, and there is now no bad back pain, "
         "weak or numb legs, or trouble with walking, bladder or bowel."),
        ("d2", Answer.NO, Audience.CLINICIAN, "No diabetes, or HbA1c tested and not above 7.5%"),
        # A volume that nobody measured is not below a limit.
        ("a1a", Answer.NO, Audience.PATIENT, "No scan found 200 ml or more of urine left after you passed water."),
        ("bs1", Answer.NO, Audience.CLINICIAN,
         "Symptoms not brought on by walking or standing, or not eased by sitting or bending forward"),
        ("bd1", Answer.NO, Audience.CLINICIAN, "A radicular cause was found, or low back pain is not the complaint"),
    ],
)  # fmt: skip
def test_a_no_denies_exactly_what_was_asked(item_id: str, given: Answer, audience: Audience, told: str) -> None:
    row = next(r for r in DATA.indications if r.item_id == item_id)
    assert wording.item_statement(Item(row), given, audience) == told


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize(("condition", "procedure"), EACH)
@pytest.mark.parametrize("given", [Answer.YES, Answer.NO, Answer.NOT_KNOWN])
def test_nothing_found_is_shown_as_a_question(
    condition: Condition, procedure: Procedure, given: Answer, audience: Audience
) -> None:
    of = checklist(DATA, condition, procedure)
    answers = {i.id: given for i in of.items}
    found = findings(of, answers)
    panel = components.findings_panel(found, answers, audience)
    assert "?" not in panel
    assert "?" not in components.act_now(found.act_now, audience)
    note = clinical_note.text(DATA, Consultation(condition, procedure, answers=answers))
    assert "?" not in note.split("Matters most", 1)[0]
    sheet = handout.build(DATA, Consultation(condition, procedure, answers=answers))
    told = [*sheet.to_do, *sheet.act_now]
    assert bool(told) == (given is Answer.YES)
    assert not [text for text in told if "?" in text]


def test_what_the_answer_no_makes_fit_says_so() -> None:
    of = checklist(DATA, Condition.DISC_HERNIATION, Procedure.DISCECTOMY)
    answers = {"cd3": Answer.NO}
    panel = components.findings_panel(findings(of, answers), answers, Audience.CLINICIAN)
    assert "<h3>The approach fits</h3><ul><li>No high-grade migrated fragment</li></ul>" in panel


# An instruction is printed alone, on the handout and in the note: it begins with what it is about.
SUBJECTS = {
    "d1": "Smoking", "d2": "Diabetes", "d9": "Blood thinner", "d3": "Weight", "d4": "Bones", "d5": "Food state",
    "d6": "Opioids", "d7": "Low mood", "d4_low": "Weak bones", "d8": "Hopes and fears",
}  # fmt: skip
LEFT_HANGING = re.compile(
    r"^(?:listed|not a reason|name (?:it|them)|say it|use it|tick which were|no )\b", re.IGNORECASE
)
POINTS_NOWHERE = re.compile(r"\b(?:who prescribes it|this payer|treat these|use it|the same \d+)\b")


def test_an_instruction_names_its_subject() -> None:
    for row in DATA.indications:
        assert not LEFT_HANGING.search(row.action), row.item_id
        hanging = POINTS_NOWHERE.search(row.action)
        assert not hanging or row.item_id == "d9", (row.item_id, row.action)
        if row.part == Part.PUT_RIGHT_FIRST and row.yes_means == YesMeans.TO_DO:
            assert row.action.startswith(SUBJECTS[row.item_id])
            assert ": " in row.action


ONLY_FUSION = re.compile(r"bones (?:that )?do not join|bones to join|screws|rods|fusion", re.IGNORECASE)
FRIGHTENS = re.compile(r"\bdeath\b|\bdie[ds]?\b|paraly", re.IGNORECASE)


@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_patients_read_only_what_concerns_their_operation(condition: Condition, procedure: Procedure) -> None:
    of = checklist(DATA, condition, procedure)
    everything = {i.id: Answer.YES for i in of.items}
    found = findings(of, everything)
    sheet = handout.build(DATA, Consultation(condition, procedure, answers=everything))
    read = [*sheet.to_do]
    read.append(components.findings_panel(found, everything, Audience.PATIENT))
    read += [components.checklist_item(item, Audience.PATIENT, Answer.YES) for item in of.items]
    read.append(components.cannot_wait(found.act_now, Audience.PATIENT))
    read += [c.explanation for c in DATA.concerns if c.concern_id != "keep_movement"]
    for text in read:
        assert not FRIGHTENS.search(text), text
        if procedure is not Procedure.FUSION:
            assert not ONLY_FUSION.search(text), text
    joins = [text for text in sheet.to_do if "bones do not join" in text]
    assert bool(joins) == (procedure is Procedure.FUSION)


def test_what_is_to_be_done_is_told_to_those_it_concerns() -> None:
    of = checklist(DATA, Condition.DISC_HERNIATION, Procedure.DISCECTOMY)
    smoking = next(i for i in of.items if i.id == "d1")
    assert smoking.row.action not in components.checklist_item(smoking, Audience.PATIENT)
    yes, no = {"d1": Answer.YES}, {"d1": Answer.NO}
    assert smoking.row.action in components.findings_panel(findings(of, yes), yes, Audience.PATIENT)
    assert smoking.row.action not in components.findings_panel(findings(of, no), no, Audience.PATIENT)


@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_what_a_source_found_is_told_only_where_the_answer_is_yes(condition: Condition, procedure: Procedure) -> None:
    """A surgeon's screen is read by the patient beside it: “wound infection and death” concerns those who say yes."""
    of = checklist(DATA, condition, procedure)
    for item in of.items:
        for given in (None, Answer.NO, Answer.NOT_KNOWN, Answer.DOES_NOT_APPLY):
            told = components.checklist_item(item, Audience.CLINICIAN, given)
            assert not FRIGHTENS.search(told), item.id
        if item.row.action_reason:
            assert str(escape(item.row.action_reason)) in components.checklist_item(
                item, Audience.CLINICIAN, Answer.YES
            )


def test_what_is_to_be_put_in_order_is_told_once_with_its_subject() -> None:
    of = checklist(DATA, Condition.DISC_HERNIATION, Procedure.DISCECTOMY)
    answers = {"d9": Answer.YES}
    for audience in Audience:
        panel = components.findings_panel(findings(of, answers), answers, audience)
        assert "<h3>To put in order</h3><ul><li>Blood thinner, aspirin, clopidogrel or NSAID: make a written" in panel
        assert panel.lower().count("aspirin") == 1


@pytest.mark.parametrize("audience", Audience)
def test_the_banner_has_its_place_before_anything_is_found(audience: Audience) -> None:
    of = checklist(DATA, Condition.DISC_HERNIATION, Procedure.DISCECTOMY)
    assert "so far" in components.cannot_wait((), audience)
    assert "Act now" not in components.cannot_wait((), audience)
    found = findings(of, {"a1": Answer.YES}).act_now
    banner = components.cannot_wait(found, audience)
    assert 'role="alert"' in banner
    assert str(escape(wording.item_statement(found[0], Answer.YES, audience))).rstrip(".") in banner
    assert (str(escape(found[0].row.action)) in banner) == (audience is Audience.CLINICIAN)


# ---- what Start answers ----------------------------------------------------------------------------------------------


def from_start(condition: Condition, procedure: Procedure, **given: Any) -> dict[str, Answer]:
    of = checklist(DATA, condition, procedure)
    return known_from_start.answers(of.items, known_from_start.facts(Consultation(**given), procedure))


def test_nothing_answered_on_start_answers_nothing() -> None:
    for condition, procedure in EACH:
        assert from_start(condition, procedure) == {}
        assert from_start(condition, procedure, side=Laterality.LEFT) == {}


@pytest.mark.parametrize(
    ("condition", "procedure", "given", "expected"),
    [
        ("disc_herniation", "discectomy", {"levels": ("L4/5", "L5/S1")}, {"cd1": "no", "cd9": "yes"}),
        ("disc_herniation", "discectomy", {"levels": ("L5/S1",)}, {}),
        ("disc_herniation", "discectomy", {"levels": ("L4/5",)}, {"cd5": "does_not_apply"}),
        ("disc_herniation", "discectomy", {"levels": ("several",)}, {"cd1": "no", "cd9": "yes"}),
        ("disc_herniation", "discectomy", {"duration": Duration.UNDER_6_WEEKS}, {"bh5": "no", "b2_disc": "no"}),
        ("disc_herniation", "discectomy", {"duration": Duration.UNDER_6_MONTHS}, {}),
        ("disc_herniation", "discectomy", {"duration": Duration.LONGER}, {"bh5": "yes"}),
        ("disc_herniation", "discectomy", {"age_group": AgeGroup.UNDER_50}, {"d4": "no", "c8": "does_not_apply"}),
        ("disc_herniation", "discectomy", {"age_group": AgeGroup.OVER_65}, {}),
        ("spinal_stenosis", "decompression", {"duration": Duration.LONGER}, {"bs6": "yes"}),
        ("spondylolisthesis", "fusion", {"levels": ("L4/5",)}, {"cf2": "no"}),
        ("spondylolisthesis", "fusion", {"levels": ("L2/3",)}, {"cf2": "no", "cx1": "does_not_apply"}),
        ("spondylolisthesis", "fusion", {"levels": ("L3/4", "L4/5")}, {"bl2": "no", "cf1": "no", "cf2": "yes"}),
        ("degenerative_disc_disease", "fusion", {"duration": Duration.UNDER_3_MONTHS}, {"bd2": "no"}),
        ("degenerative_disc_disease", "fusion", {"levels": ("L2/3", "L3/4", "L4/5")},
         {"bd2": "no", "cf1": "no", "cf2": "yes"}),
    ],
)  # fmt: skip
def test_start_answers_only_what_it_makes_sure(
    condition: str, procedure: str, given: dict[str, Any], expected: dict[str, str]
) -> None:
    assert from_start(Condition(condition), Procedure(procedure), **given) == expected


def test_no_red_flag_is_ever_answered_on_start() -> None:
    """And every fact that Start makes known is used by an item, or it would be asked for nothing."""
    used = {pair.split("=")[0] for row in DATA.indications for pair in row.start_says.split("|") if pair}
    assert used == set(StartFact)
    assert not [row.item_id for row in DATA.indications if row.part == Part.RED_FLAG and row.start_says]


def test_bones_come_onto_the_short_path_where_they_matter() -> None:
    older = Consultation(age_group=AgeGroup.OVER_65)
    for procedure in (Procedure.FUSION, Procedure.DECOMPRESSION):
        of = checklist(DATA, Condition.SPINAL_STENOSIS, procedure)
        path = known_from_start.short_path(of, known_from_start.facts(older, procedure))
        assert {*path.items} - {*of.core().items} == {i for i in of.items if i.id == "d4" and procedure == "fusion"}
        assert known_from_start.short_path(of, ()) == of.core()


def test_an_answer_of_a_person_outlasts_a_change_on_start() -> None:
    was, now = {"cf2": Answer.NO}, {"cf2": Answer.YES}
    follow = known_from_start.carried_over(Consultation(answers={"cf2": Answer.NO}), was, now)
    assert follow.answers == {"cf2": Answer.YES}
    own = Consultation(answers={"cf2": Answer.NOT_KNOWN})
    assert known_from_start.carried_over(own, was, now) == own
    cleared = Consultation()
    assert known_from_start.carried_over(cleared, was, was) == cleared
    assert known_from_start.carried_over(Consultation(answers=now), now, {}).answers == {}


def test_a_clinics_own_question_is_not_answered_on_start(tmp_path: Path) -> None:
    own = load_overrides(write(tmp_path / "own.csv", "cf2,Three levels?,,,Ward book"), ["cf2"])
    of = checklist(DATA, Condition.SPONDYLOLISTHESIS, Procedure.FUSION, own)
    known = known_from_start.facts(Consultation(levels=("L3/4", "L4/5")), Procedure.FUSION)
    assert "cf2" not in known_from_start.answers(of.items, known)


def test_a_clinics_own_question_stands_with_its_answer(tmp_path: Path) -> None:
    known = [r.item_id for r in DATA.indications]
    own = load_overrides(write(tmp_path / "own.csv", "d1,Vaping?,,,Ward book"), known)
    of = checklist(DATA, Condition.DISC_HERNIATION, Procedure.FUSION, own)
    item = next(i for i in of.items if i.id == "d1")
    assert wording.item_statement(item, Answer.NO, Audience.CLINICIAN) == "Vaping? (answered: no)"
    assert wording.item_statement(item, Answer.NOT_KNOWN, Audience.CLINICIAN) == "Vaping? (answered: not known)"
    assert (
        wording.item_statement(item, Answer.NO, Audience.PATIENT) == item.row.patient_no
    )  # its question is the published one


def test_a_clinic_can_bring_statements_of_its_own(tmp_path: Path) -> None:
    known = [r.item_id for r in DATA.indications]
    path = tmp_path / "own.csv"
    head = ",".join([*OVERRIDE_COLUMNS, "clinician_no"])
    path.write_text(f"{head}\nd1,Vaping?,,,Ward book,No vaping\n", encoding="utf-8")
    of = checklist(DATA, Condition.DISC_HERNIATION, Procedure.FUSION, load_overrides(path, known))
    item = next(i for i in of.items if i.id == "d1")
    assert wording.item_statement(item, Answer.NO, Audience.CLINICIAN) == "No vaping"
    assert wording.item_statement(item, Answer.YES, Audience.CLINICIAN) == "Vaping? (answered: yes)"

    path.write_text(f"{head}\nd1,Vaping?,,,Ward book,Vaping?\n", encoding="utf-8")
    with pytest.raises(EvidenceError) as error:
        load_overrides(path, known)
    assert [(p.column, p.value) for p in error.value.problems] == [("clinician_no", "Vaping?")]

    path.write_text(f"{head}x\nd1,Vaping?,,,Ward book,No vaping\n", encoding="utf-8")
    with pytest.raises(EvidenceError, match="clinician_no"):
        load_overrides(path, known)


def test_a_statement_that_asks_is_a_fault_of_the_dataset() -> None:
    row = DATA.indications[0].model_copy(update={"patient_no": "Not numb?"})
    assert [column for column, _ in row.faults()] == ["patient_no"]


@pytest.mark.parametrize(("condition", "procedure"), EACH)
def test_patients_can_read_what_to_do(condition: Condition, procedure: Procedure) -> None:
    for item in checklist(DATA, condition, procedure).items:
        if item.row.yes_means == YesMeans.TO_DO:
            assert reading_grade(item.row.action).flesch_kincaid <= HIGHEST_GRADE, item.row.action
