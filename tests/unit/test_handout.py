"""The take-home sheet: the screen's numbers in plain words, one sheet of paper, readable by eye and by screen reader."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, replace
from datetime import date
from functools import cache
from io import BytesIO
from itertools import pairwise
from xml.etree import ElementTree

import builders
import pikepdf
import pypdf
import pytest
from handout_text import plain_text
from printed_pages import page_texts, without_drawings
from reading import BANNED, HIGHEST_GRADE, numbers, reading_grade

from decision_aid import __version__, components, wording
from decision_aid.comparison.side_by_side import side_by_side
from decision_aid.consultation.checklist import checklist
from decision_aid.consultation.model import (
    LONGEST_NOTE,
    Answer,
    Consultation,
    Leaning,
    NextStep,
    OwnConcern,
    OwnQuestion,
    Place,
)
from decision_aid.domain.audience import Audience
from decision_aid.domain.palette import OPTIONS
from decision_aid.domain.vocabulary import About, Condition, Option, Part, Procedure, YesMeans
from decision_aid.evidence.loading import load
from decision_aid.exports import handout, handout_pdf, typesetting
from decision_aid.exports.handout import Handout
from decision_aid.exports.handout_pdf import ONE_SHEET, TEMPLATE, Paper
from decision_aid.exports.typesetting import FONTS
from decision_aid.storage.settings import Settings
from decision_aid.wording import summary_of_findings

DATA = load()
CHOICES = [(c, p) for c, row in DATA.conditions.items() for p in row.procedures]
TODAY = date(2026, 11, 26)
CHOSEN = (Condition.SPINAL_STENOSIS, Procedure.DECOMPRESSION)


def ordinary(condition: Condition, procedure: Procedure) -> Consultation:
    """What an ordinary consultation holds: every core item answered, four concerns, three notes, two steps."""
    items = checklist(DATA, condition, procedure).core().items
    answers = {}
    for n, item in enumerate(items):
        if item.row.part == Part.RED_FLAG:
            answers[item.id] = Answer.NO
        elif item.row.yes_means == YesMeans.TO_DO:
            answers[item.id] = Answer.YES if n % 3 == 0 else Answer.NO
        else:
            answers[item.id] = (Answer.YES, Answer.YES, Answer.NO, Answer.NOT_KNOWN)[n % 4]
    return Consultation(
        condition=condition,
        procedure=procedure,
        levels=("L4/5",),
        answers=answers,
        matters={
            "less_pain_soon": Place.FIRST,
            "lasting_result": Place.THIRD,
            "small_scar": Place.ALSO,
            "short_stay": Place.ALSO,
        },
        own_concerns=(OwnConcern("I want to ride my bicycle to work again", Place.SECOND),),
        question_notes={
            "exact_diagnosis": "The tight spot is at L4/5 and presses on a nerve. The scan fits.",
            "if_i_wait": "Pain can settle. Come back at once if the foot gets weak.",
            "how_many": "About forty each year. The ward keeps count.",
        },
        leaning=Leaning.NOT_SURE,
        leaning_reason="I want to talk it over at home first.",
        next_steps=(
            NextStep("Six weeks of training", "Physiotherapist", date(2027, 1, 15)),
            NextStep("Talk again", "Surgeon", date(2027, 1, 20)),
        ),
    )


@cache
def sheet(condition: Condition, procedure: Procedure) -> Handout:
    return handout.build(DATA, ordinary(condition, procedure), {}, TODAY)


@cache
def pdf(condition: Condition, procedure: Procedure, paper: Paper = Paper.A4) -> bytes:
    return handout_pdf.compile_pdf(sheet(condition, procedure), paper)


@cache
def printed(condition: Condition, procedure: Procedure) -> str:
    return text_of(pdf(condition, procedure))


def made(consultation: Consultation) -> tuple[Handout, str]:
    """The sheet of a consultation and the text of its PDF."""
    of = handout.build(DATA, consultation, {}, TODAY)
    return of, text_of(handout_pdf.compile_pdf(of))


def pages(content: bytes) -> int:
    return len(pypdf.PdfReader(BytesIO(content)).pages)


def text_of(content: bytes) -> str:
    """The text of a PDF without the running foot, one space between words."""
    texts = page_texts(content)
    whole = " ".join(text.replace(f"{n} / {len(texts)}", " ") for n, text in enumerate(texts, start=1))
    return " ".join(whole.replace("\u200b", "").split())


def joined(text: str) -> str:
    return re.sub(r"\s", "", text)


# ---- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_the_rows_are_the_cells_of_the_screen(condition: Condition, procedure: Procedure) -> None:
    """The number of each option is the screen's own; the words under it are some of the screen's."""
    of, table = (
        handout.build(DATA, Consultation(condition, procedure), {}, TODAY),
        side_by_side(DATA, condition, procedure),
    )
    screen = components.side_by_side_table(table, DATA, Audience.PATIENT)
    known = {wording.outcome_label(r.outcome, Audience.PATIENT): r for r in table.known(True)}
    assert {r.label for r in of.rows} == {*known, wording.CHOSE_LATER}
    for told in of.rows[:-1]:
        row = known[told.label]
        c, d = row.approaches, table.denominator
        cells = {
            "without": wording.without_surgery_cell(row, Audience.PATIENT, d),
            "open": wording.level_cell(c, False, Audience.PATIENT, d),
            "mis": wording.level_cell(c, True, Audience.PATIENT, d),
            "difference": wording.difference_cell(c, Audience.PATIENT, d),
        }
        of_row = screen.split(f'data-outcome="{row.outcome.outcome}"')[1].split("</tr>")[0]
        for name, cell in cells.items():
            mine = getattr(told, name)
            assert mine.big == cell.big
            assert set(mine.small.split("; ")) - {"", "a review", "a review, time not known"} <= set(
                cell.small.split("; ")
            )
            assert f"<b>{cell.big}</b>" in of_row
            assert numbers(mine.more) == [n for n in numbers(mine.more) if n in numbers(cell.more)]
        assert told.certainty in ("", f"{wording.certainty_word(c.certainty, Audience.PATIENT)}.") or (
            told.certainty == wording.certainty_line(c.certainty, Audience.PATIENT)
        )
    unknown = [wording.outcome_label(o, Audience.PATIENT).lower() for o in table.unknown(True)]
    assert all(name in of.not_known for name in unknown)


@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_nothing_is_printed_twice(condition: Condition, procedure: Procedure) -> None:
    of, text = sheet(condition, procedure), printed(condition, procedure)
    labels = [row.label for row in of.rows]
    assert len(set(labels)) == len(labels), "an outcome stands in front or behind"
    sentences = [part for part in re.split(r"(?<=[.?])\s+", text) if len(part.split()) > 4]
    assert [part for part, times in Counter(sentences).items() if times > 1] == []


@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_why_a_number_is_not_sure_is_told_where_it_first_stands(condition: Condition, procedure: Procedure) -> None:
    table = side_by_side(DATA, condition, procedure)
    lines = {wording.certainty_line(r.approaches.certainty, Audience.PATIENT) for r in table.known(True)} - {""}
    told = [row.certainty for row in handout.build(DATA, Consultation(condition, procedure), {}, TODAY).rows]
    reasons = {line.split(": ")[-1].split(" because ")[-1] for line in lines}
    assert reasons
    for reason in reasons:
        assert sum(line.endswith(reason) for line in told) == 1, reason


@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_who_chose_surgery_later_stands_in_a_row_of_its_own(condition: Condition, procedure: Procedure) -> None:
    """A first operation by choice is no re-operation; those who had surgery at the start cannot choose it later."""
    of, text = sheet(condition, procedure), printed(condition, procedure)
    later = of.rows[-1]
    assert later.label == "Chose surgery later"
    published = [
        t.value for t in DATA.thresholds if t.measure == "crossover_to_surgery" and t.is_about(condition) and t.leads
    ]
    told = [int(n) / of.denominator for n in re.findall(r"(\d+) of", f"{later.without.big} {later.without.small}")]
    assert told
    assert sorted(told) == sorted(value / 100 for value in published)
    assert (later.open.big, later.open.small, later.mis.big) == ("–", "had surgery at the start", "")
    assert joined(f"{later.label}{later.without.big}") in joined(text)
    reoperation = [r.without.big for r in of.rows if r.label == "An operation later"]
    assert reoperation in ([], ["None"]), "no study of fusion gives a number"


def test_a_difference_is_the_gap_between_the_values_beside_it() -> None:
    seen = 0
    for row in (row for c, p in CHOICES for row in sheet(c, p).rows):
        values = [re.fullmatch(r"([\d.]+) (?:points?|days?|ml|minutes?)", cell.big) for cell in (row.open, row.mis)]
        size = re.match(r"([\d.]+) (?:points?|days?|ml|minutes?) (?:less|fewer|lower|shorter)", row.difference.big)
        if size and all(values):
            opened, minimal = (float(v.group(1)) for v in values if v)
            assert opened - minimal == pytest.approx(float(size.group(1))), row
            seen += 1
    assert seen > 5


@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_every_number_of_the_sheet_stands_in_the_pdf(condition: Condition, procedure: Procedure) -> None:
    """As often as it stands in the sheet, and no other."""
    of, text = sheet(condition, procedure), printed(condition, procedure)
    for row in of.rows:
        for cell in (row.without, row.open, row.mis) if row.has_values else ():
            assert joined(f"{cell.big}{cell.small}") in joined(text), f"{row.label}: {cell}"
        for part in (row.difference.big, row.difference.small, row.without.more, row.certainty):
            assert joined(part) in joined(text), f"{row.label}: {part}"
    assert Counter(numbers(text)) == Counter(numbers(plain_text(of)))


@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_pictures_say_what_their_words_say(condition: Condition, procedure: Procedure) -> None:
    of = sheet(condition, procedure)
    front = [row for row in of.rows if row.in_front]
    assert 1 <= len(front) <= 3
    assert of.rows[: len(front)] == tuple(front)
    for row in front:
        assert len(row.pictures) == len(Option)
        assert all(row.pictures[1:]), "both ways to operate have a picture, or the row has none"
        for picture, cell in zip(row.pictures, (row.without, row.open, row.mis), strict=True):
            if picture is None:
                assert not numbers(cell.big)
                continue
            assert cell.big in picture.alt
            if not (picture.on or picture.off):
                continue
            icons = [e.get("class") for e in ElementTree.fromstring(picture.svg).iter()]
            count, whole = (int(n.replace(",", "")) for n in re.fullmatch(r"([\d,]+) of ([\d,]+)", cell.big).groups())  # type: ignore[union-attr]
            others = int(re.search(r"([\d,]+) (?:did|were) not", cell.small).group(1))  # type: ignore[union-attr]
            assert (icons.count("on"), icons.count("off")) == (count, others) == (picture.on, picture.off)
            assert count + others == whole == of.denominator


@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_bars_of_a_row_are_as_long_as_their_numbers(condition: Condition, procedure: Procedure) -> None:
    seen = 0
    for row in (row for row in sheet(condition, procedure).rows if row.in_front):
        lengths = []
        for picture, cell in zip(row.pictures, (row.without, row.open, row.mis), strict=True):
            if picture and not picture.on + picture.off:
                bar = next(e for e in ElementTree.fromstring(picture.svg).iter() if e.tag.endswith("rect"))
                lengths.append(float(bar.attrib["width"]) / float(numbers(cell.big)[0]))
        # The numbers are rounded, the bars are not.
        assert not lengths or lengths == [pytest.approx(lengths[0], rel=0.1)] * len(lengths)
        seen += len(lengths)
    assert seen


def test_what_matters_comes_to_the_front_else_pain_complications_and_days_in_hospital() -> None:
    def front(consultation: Consultation) -> list[str]:
        return [row.label for row in handout.build(DATA, consultation, {}, TODAY).rows if row.in_front]

    disc = (Condition.DISC_HERNIATION, Procedure.DISCECTOMY)
    assert front(Consultation(*disc)) == ["Leg pain", "Any complication", "Days in hospital"]
    marked = {"no_second_operation": Place.FIRST, "short_stay": Place.SECOND}
    assert front(Consultation(*disc, matters=marked)) == ["An operation later", "Days in hospital", "Leg pain"]
    everything = {c.concern_id: Place.ALSO for c in DATA.concerns}
    assert len(front(Consultation(*disc, matters=everything))) == 3


# ---- the paper -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_an_ordinary_consultation_fills_one_sheet(condition: Condition, procedure: Procedure, paper: Paper) -> None:
    content = pdf(condition, procedure, paper)
    assert pages(content) == ONE_SHEET
    first = pypdf.PdfReader(BytesIO(content)).pages[0]
    size = [round(float(side)) for side in (first.mediabox.width, first.mediabox.height)]
    assert size == ([595, 842] if paper is Paper.A4 else [612, 792])
    text = page_texts(content)[0]
    assert wording.TABLE_HEADING not in text, "the numbers begin on their own page"
    assert wording.TELEPHONE in text


MOST_WORDS = 800


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_it_is_short(condition: Condition, procedure: Procedure, paper: Paper) -> None:
    """With what was typed in an ordinary consultation, and with nothing answered."""
    empty = handout.build(DATA, Consultation(condition, procedure), {}, TODAY)
    for content in (pdf(condition, procedure, paper), handout_pdf.compile_pdf(empty, paper)):
        words = len(text_of(content).split())
        print(f"handout, {condition}, {procedure}, {paper}: {words} words")
        assert words <= MOST_WORDS
        assert pages(content) == ONE_SHEET


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_pictures_are_large_enough_to_count(condition: Condition, procedure: Procedure, paper: Paper) -> None:
    """At least 25 mm wide, and no more than three rows of three."""
    with pikepdf.open(BytesIO(pdf(condition, procedure, paper))) as opened:
        boxes = [
            [float(x) for x in node.A.BBox]
            if isinstance(node.A, pikepdf.Dictionary)
            else [float(x) for x in node.A[0].BBox]
            for node in figures(opened.Root.StructTreeRoot.K)
        ]
    assert 1 <= len(boxes) <= 9
    narrowest = min((right - left) / 72 * 25.4 for left, _, right, _ in boxes)
    print(f"handout, {condition}, {procedure}, {paper}: narrowest picture {narrowest:.1f} mm")
    assert narrowest >= 25


def test_the_preview_has_a_picture_for_each_page() -> None:
    pictures = handout_pdf.compile_png(sheet(*CHOSEN), Paper.LETTER)
    assert len(pictures) == ONE_SHEET
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)


@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_nothing_is_printed_too_small(condition: Condition, procedure: Procedure) -> None:
    """11 points and more; only the line of sources and the page number have 9."""
    small = ""
    for number, page in enumerate(without_drawings(pdf(condition, procedure)).pages, start=1):

        def gather(text: str, _cm: object, tm: list[float], _font: object, size: float) -> None:
            nonlocal small
            height = size * abs(tm[3])
            assert height >= 8.99, text
            small += text if text.strip() and height < 10.99 else ""

        page.extract_text(visitor_text=gather)
        small = small.replace(f"{number} / {ONE_SHEET}", "")
    assert joined(small.replace("\u200b", "")) == joined(sheet(condition, procedure).sources)


def test_only_the_shipped_type_is_used_and_it_travels_with_the_sheet() -> None:
    names = {
        str(font.BaseFont).split("+")[1]
        for page in pikepdf.open(BytesIO(pdf(*CHOSEN))).pages
        for font in page.Resources.Font.values()
    }
    assert names == {"AtkinsonHyperlegible-Regular", "AtkinsonHyperlegible-Bold"}
    assert {path.stem for path in FONTS.glob("*.ttf")} == names


# ---- a screen reader -------------------------------------------------------------------------------------------------


def tags(content: bytes) -> Iterator[tuple[str, str]]:
    """The tag tree in reading order: each tag with its alternative text."""

    def walk(node: pikepdf.Object) -> Iterator[tuple[str, str]]:
        if isinstance(node, pikepdf.Array):
            for kid in node:  # type: ignore[attr-defined]
                yield from walk(kid)
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                yield str(node.S), str(node.get("/Alt", ""))
            if "/K" in node:
                yield from walk(node.K)

    with pikepdf.open(BytesIO(content)) as opened:
        yield from walk(opened.Root.StructTreeRoot.K)


def figures(node: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The pictures of a tag tree."""
    if isinstance(node, pikepdf.Array):
        for kid in node:  # type: ignore[attr-defined]
            yield from figures(kid)
    elif isinstance(node, pikepdf.Dictionary):
        if node.get("/S") == "/Figure":
            yield node
        if "/K" in node:
            yield from figures(node.K)


def test_it_is_tagged_named_and_in_english() -> None:
    with pikepdf.open(BytesIO(pdf(*CHOSEN))) as opened:
        assert str(opened.Root.Lang) == "en"
        assert opened.Root.MarkInfo.Marked
        assert opened.Root.ViewerPreferences.DisplayDocTitle
        with opened.open_metadata() as about:
            assert about["dc:title"] == wording.HANDOUT_TITLE
            assert about["pdfuaid:part"] == "1"


@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_headings_stand_in_order_under_one_title(condition: Condition, procedure: Procedure) -> None:
    flagged = handout.build(DATA, Consultation(condition, procedure, answers={"a1": Answer.YES}), {}, TODAY, annex=True)
    for content in (pdf(condition, procedure), handout_pdf.compile_pdf(flagged)):
        headings = [int(tag[2:]) for tag, _ in tags(content) if re.fullmatch(r"/H\d", tag)]
        assert headings[0] == 1
        assert headings.count(1) == 1
        assert headings.count(2) >= 7
        assert all(later <= earlier + 1 for earlier, later in pairwise(headings))


@pytest.mark.parametrize("annex", [False, True])
def test_each_table_has_one_row_of_header_cells(annex: bool) -> None:
    of = handout.build(DATA, ordinary(*CHOSEN), {}, TODAY, annex=annex)
    found = [tag for tag, _ in tags(handout_pdf.compile_pdf(of))]
    tables = "".join({"/Table": "T", "/TR": "r", "/TH": "h", "/TD": "d"}.get(tag, "") for tag in found).split("T")[1:]
    assert [table.split("d")[0].rstrip("r") for table in tables] == ["rhhhh", "rhhh", "rhhhh"] + ["rhhhhhhhh"] * annex
    assert not any("h" in table.split("d", 1)[1] for table in tables)


def test_every_picture_has_words_and_every_list_is_one() -> None:
    found = list(tags(pdf(*CHOSEN)))
    told = [alt for tag, alt in found if tag == "/Figure"]
    of = sheet(*CHOSEN)
    assert told == [picture.alt for row in of.rows for picture in row.pictures if picture]
    items = len(of.matters) + len(of.open_questions) + len(of.to_do) + len(of.watch)
    assert sum(tag == "/LI" for tag, _ in found) == items


# ---- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_a_patient_can_read_it(condition: Condition, procedure: Procedure, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: object, **__: object) -> None:
        raise AssertionError("a test reached for the network")

    monkeypatch.setattr("socket.socket.connect", offline)
    grade = reading_grade(plain_text(sheet(condition, procedure)))
    print(f"handout, {condition}, {procedure}: Flesch-Kincaid {grade.flesch_kincaid:.1f}, SMOG {grade.smog:.1f}")
    assert grade.flesch_kincaid <= HIGHEST_GRADE
    assert grade.smog <= HIGHEST_GRADE


# That it does not recommend is said in the one sentence about averages; “in 2 studies” counts studies, not people.
ALLOWED = re.compile(re.escape(wording.NOT_A_FORECAST_ON_PAPER) + r"|\bin \d+ (?:of \d+ )?stud(?:y|ies)\b")


@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_no_word_praises_an_option_or_stands_in_for_a_chance(condition: Condition, procedure: Procedure) -> None:
    flagged = replace(ordinary(condition, procedure), answers={"a1": Answer.YES})
    for of in (
        sheet(condition, procedure),
        handout.build(DATA, Consultation(condition, procedure), {}, TODAY),
        handout.build(DATA, flagged, {}, TODAY),
    ):
        for line in plain_text(of).splitlines():
            found = BANNED.search(ALLOWED.sub("", line))
            assert not found, f"“{found.group()}” in {line}"


@pytest.mark.parametrize(("condition", "procedure"), CHOICES)
def test_nothing_that_belongs_on_it_is_missing(condition: Condition, procedure: Procedure) -> None:
    of, text = sheet(condition, procedure), printed(condition, procedure)
    here = ordinary(condition, procedure)
    described, planned = DATA.conditions[condition], DATA.procedures[procedure]
    expected = [
        described.patient_label,
        planned.patient_label[1:],
        "L4/5",
        wording.WRITE_IN,
        wording.NOT_A_FORECAST_ON_PAPER,
        wording.CHANGE_YOUR_MIND,
        wording.WATCH_ACTION,
        here.leaning_reason,
        f"data {DATA.content_hash[:7]}",
        f"Spine Choice {__version__}",
        "26 Nov 2026",
        *(OPTIONS[option].label for option in Option),
        *here.question_notes.values(),
        *(q.patient_text for q in DATA.questions if q.question_id in here.question_notes),
        *(part for step in here.next_steps for part in wording.step_parts(step)),
    ]
    for item in checklist(DATA, condition, procedure).core().items:
        if item.row.part == Part.RED_FLAG:
            expected.append(item.row.patient_text)
        elif item.row.yes_means == YesMeans.TO_DO and here.answers[item.id] is Answer.YES:
            expected.append(item.row.action)
    for part in expected:
        assert joined(part) in joined(text), part
    for line in plain_text(of).splitlines():
        for sentence in re.split(r"(?<=[.:;])\s", line):
            assert joined(sentence.rstrip(".:;")) in joined(text), sentence


def test_what_matters_stands_in_the_patients_order() -> None:
    assert sheet(*CHOSEN).matters == (
        "Less pain soon",
        "I want to ride my bicycle to work again",
        "A result that lasts",
    )
    assert sheet(*CHOSEN).also_matters == "Also: A small scar, A short stay in hospital."


def test_what_also_matters_is_not_called_nothing() -> None:
    of, text = made(replace(ordinary(*CHOSEN), matters={"short_stay": Place.ALSO}, own_concerns=()))
    assert of.matters == ()
    assert joined("Also: A short stay in hospital.") in joined(text)
    assert joined(wording.NOTHING_WEIGHED) not in joined(text)


def test_studies_are_one_line_and_not_a_list() -> None:
    of, text = sheet(*CHOSEN), printed(*CHOSEN)
    assert re.match(r"Printed 26 Nov 2026\. \d+ studies up to ", of.sources)
    assert not [study.label for study in DATA.studies.values() if study.label in text]


def test_who_checked_the_texts_stands_where_the_clinic_says_so() -> None:
    """What has yet to be done is told on the About page, not to everyone at home."""
    assert "yet to check" not in printed(*CHOSEN)
    assert "Checked by" not in printed(*CHOSEN)
    own = handout.build(
        DATA,
        ordinary(*CHOSEN),
        {},
        TODAY,
        clinic=Settings(checked_by="Dr Ada Spine", checked_on=date(2026, 5, 3), telephone="030 1234"),
    )
    text = text_of(handout_pdf.compile_pdf(own))
    assert "Checked by Dr Ada Spine, 3 May 2026." in text
    assert f"{wording.TELEPHONE} 030 1234" in text
    hostile = handout.build(
        DATA, ordinary(*CHOSEN), {}, TODAY, clinic=Settings(checked_by=MARKUP, telephone="#panic() 痛")
    )
    assert joined("#panic() □") in joined(text_of(handout_pdf.compile_pdf(hostile)))


def test_a_red_flag_stands_over_everything() -> None:
    here = replace(ordinary(*CHOSEN), answers={"a1": Answer.YES, "a2": Answer.NO})
    of, text = made(here)
    flag = next(i for i in checklist(DATA, *CHOSEN).items if i.id == "a1")
    assert of.act_now == (flag.row.patient_yes,)
    assert text.index(wording.NOT_NOW) < text.index(wording.MATTERS_HEADING)
    assert joined(wording.NOT_NOW_TEXT) in joined(text)
    assert joined(text).count(joined(wording.WATCH_ACTION)) == 1
    assert flag.row.patient_text not in of.watch
    assert len(handout_pdf.compile_png(of)) == len(handout_pdf.compile_png(of, Paper.LETTER)) == ONE_SHEET
    assert wording.NOT_NOW not in printed(*CHOSEN)


def test_empty_parts_say_so_and_leave_lines_to_write_on() -> None:
    of, text = made(Consultation(*CHOSEN))
    for said in (
        wording.NOTHING_WEIGHED,
        wording.NOTHING_ASKED,
        wording.NO_LEANING,
        wording.NO_STEPS,
        wording.TELEPHONE,
    ):
        assert joined(said) in joined(text)
    assert pages(handout_pdf.compile_pdf(of)) == ONE_SHEET


def test_a_sheet_without_a_choice_is_about_what_the_screen_shows() -> None:
    of = handout.build(DATA, Consultation())
    assert of.about.startswith(next(iter(DATA.conditions.values())).patient_label)


def test_the_clinics_own_wording_is_used() -> None:
    own = {"a1": {"patient_text": "Does the bladder fail?", "patient_yes": "The bladder fails.", "source": "Ward book"}}
    assert "Does the bladder fail?" in handout.build(DATA, Consultation(*CHOSEN), own, TODAY).watch
    flagged = Consultation(*CHOSEN, answers={"a1": Answer.YES})
    assert handout.build(DATA, flagged, own, TODAY).act_now == ("The bladder fails.",)


# ---- what people type ------------------------------------------------------------------------------------------------

MARKUP = (
    '#import "@preview/x:1.0.0": * #panic("x") #sys.inputs *bold* _em_ `raw` $x^2$ @ref <label> [ ] = Head \\ / // c /* d */ '
    '-- --- ~ ... "q" \'q\' #[x] {{x}} #"x" <b>hi</b> &amp; <script>alert(1)</script> %%EOF (x) \\u{41}'
)


def test_markup_comes_out_as_it_was_typed() -> None:
    here = replace(
        ordinary(*CHOSEN),
        leaning_reason=MARKUP,
        own_concerns=(OwnConcern(MARKUP, Place.FIRST),),
        own_questions=(OwnQuestion(MARKUP, MARKUP),),
        next_steps=(NextStep(MARKUP, MARKUP),),
    )
    of, text = made(here)
    assert of.leaning_reason == MARKUP
    assert joined(text).count(joined(MARKUP)) == 6
    assert not of.replaced


def test_signs_that_begin_a_line_of_markup_come_out_as_they_were_typed() -> None:
    typed = (
        "= Heading",
        "- item",
        "+ item",
        "/ term: x",
        "# x",
        "\\",
        "```",
        "$",
        "@ref",
        "<tag>",
        "1. one",
        "// gone",
    )
    own = tuple(OwnConcern(t, Place.ALSO) for t in typed)
    of, text = made(replace(ordinary(*CHOSEN), own_concerns=own))
    for one in typed:
        assert one in of.also_matters
        assert joined(one) in joined(text), one


def test_a_note_of_the_greatest_length_comes_out_whole() -> None:
    words = [f"w{n:04d}" for n in range(LONGEST_NOTE // 6)]
    note = " ".join(words)
    of, text = made(replace(ordinary(*CHOSEN), question_notes={"if_i_wait": note}))
    assert re.findall(r"w\d{4}", text) == words
    assert pages(handout_pdf.compile_pdf(of)) > ONE_SHEET


def test_a_word_without_an_end_stays_on_the_page() -> None:
    word = "x" * LONGEST_NOTE
    of = handout.build(DATA, replace(ordinary(*CHOSEN), next_steps=(NextStep(word, word[:200]),)), {}, TODAY)
    content = handout_pdf.compile_pdf(of)
    assert text_of(content).count("x") >= LONGEST_NOTE + 200
    assert of.steps[0].what == word


@pytest.mark.parametrize(
    ("typed", "printed", "replaced"),
    [
        ("naïve Müller, Żółć, ½, 5 °C, 20 µg", "naïve Müller, Żółć, ½, 5 °C, 20 µg", ()),
        ("боль в спине, πόνος, x ≥ 3 → y ✓", "боль в спине, πόνος, x ≥ 3 → y ✓", ()),
        ("שלום, ألم", "שלום, ألم", ()),
        ("می\u200cخواهم, ﺑﺎﺏ \u200c", "می\u200cخواهم, باب", ()),
        ("درد ہے 5 kg", "درد □ 5 kg", ("\\u06c1", "\\u06d2")),
        ("ܫܠܡܐ 5 kg", "□ 5 kg", ("\\u072b", "\\u0720", "\\u0721", "\\u0710")),
        ("\u2067שלום\u2069 \u061c5", "שלום 5", ()),
        ("good 😀 walk 🚶🏽‍♀️", "good [grinning face] walk [pedestrian]♀", ()),
        ("痛み ok", "□□ ok", ("\\u75db", "\\u307f")),
        ("a\x00b\x07c\x1bd", "abcd", ()),
        ("one\r\ntwo\tthree", "one\ntwo three", ()),
        ("7\u202e21\u202c \u2066x\u2069 \u200f", "721 x", ()),
        ("lone \ud83d surrogate", "lone □ surrogate", ("\\ud83d",)),
        ("e\u0301te\u0301", "été", ()),
        ("private \ue000 \U0010ffff", "private □ □", ("\\ue000", "\\U0010ffff")),
        ("soft\u00adhyphen no\u00a0break", "softhyphen no break", ()),
    ],
)
def test_signs_that_cannot_be_printed_are_told_and_nothing_breaks(
    typed: str, printed: str, replaced: tuple[str, ...]
) -> None:
    of, text = made(replace(ordinary(*CHOSEN), leaning_reason=typed))
    assert of.leaning_reason == printed
    assert of.replaced == replaced
    assert (joined(wording.SIGNS_LEFT_OUT) in joined(text)) == bool(replaced)
    if printed.isascii():
        assert joined(printed) in joined(text)


def test_letters_that_cannot_be_printed_are_named_to_who_typed_them() -> None:
    of = handout.build(DATA, replace(ordinary(*CHOSEN), leaning_reason="درد ہے 痛"), {}, TODAY)
    assert wording.cannot_be_printed(of.replaced) == (
        "These letters cannot be printed: ہ ے 痛. The handout has □ in their place. Write it in other letters."
    )
    many = handout.build(
        DATA, replace(ordinary(*CHOSEN), leaning_reason="".join(map(chr, range(0x4E00, 0x4E30)))), {}, TODAY
    )
    assert " and others. " in wording.cannot_be_printed(many.replaced)


def drawn_glyphs(text: str) -> list[str]:
    """The names of the letter forms that the compiler chooses for a text, from left to right."""
    families = json.dumps(typesetting.FAMILIES)[1:-1]
    source = f'#set page(width: 10cm, height: auto)\n#set text(font: ({families}))\n#"{text}"'
    (svg,) = typesetting.compiled(source.encode(), "svg")
    placed = []
    for item in ElementTree.fromstring(svg).findall("{*}g"):
        left = float(item.attrib["transform"].removeprefix("matrix(").rstrip(")").split()[4])
        for use in item.findall("{*}use"):
            (name,) = (value for key, value in use.attrib.items() if key.endswith("href"))
            placed.append((left + float(use.attrib["x"]), name))
    return [name for _, name in sorted(placed)]


@pytest.mark.parametrize("letter", "آأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيٹپچژڑڤکگھی")
def test_arabic_letters_are_joined(letter: str) -> None:
    assert typesetting.printable(letter) == (letter, ())
    assert set(drawn_glyphs(letter)).isdisjoint(drawn_glyphs(f"ب{letter}"))


@pytest.mark.parametrize("text", ["לא להרים 5 kg", "لا ترفع 5 kg", "שלום (30%) MRI 3/4"])
def test_what_runs_from_the_right_is_drawn_in_its_own_order(text: str) -> None:
    """In the order of its own first letter a number stays beside its unit; left to itself it would not."""
    own = handout_pdf._set_in_type(text, only_sure=False)
    assert own == f"\u2068{text}\u2069"
    assert drawn_glyphs(own) != drawn_glyphs(text)
    beside = drawn_glyphs(f"{own} 12")
    assert beside[-len(drawn_glyphs("12")) :] == drawn_glyphs("12")
    assert beside[: len(drawn_glyphs(own))] == drawn_glyphs(own)
    assert pages(handout_pdf.compile_pdf(made(replace(ordinary(*CHOSEN), leaning_reason=text))[0])) == ONE_SHEET


def test_own_concerns_from_the_right_do_not_take_the_numbers_of_others() -> None:
    concerns = (OwnConcern("לא להרים 5", Place.ALSO), OwnConcern("7 kg", Place.ALSO))
    of = handout.build(DATA, Consultation(own_concerns=concerns), {}, TODAY)
    assert of.also_matters == "Also: \u2068לא להרים 5\u2069, 7 kg."


def test_letters_that_cannot_stand_together_do_not_stop_the_sheet() -> None:
    of = handout.build(DATA, replace(ordinary(*CHOSEN), leaning_reason="中\u0489\u0331\u0f71 \u302a\u05b0x"), {}, TODAY)
    assert pages(handout_pdf.compile_pdf(of)) == ONE_SHEET


def test_a_sheet_that_cannot_be_made_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handout_pdf, "TEMPLATE", TEMPLATE.with_name("gone.typ"))
    with pytest.raises(
        handout_pdf.HandoutError, match=r"^The handout could not be made: .* Nothing that was entered is lost\.$"
    ):
        handout_pdf.compile_pdf(sheet(*CHOSEN))


def test_the_template_holds_no_words_and_runs_no_text() -> None:
    source = re.sub(r"//.*", "", TEMPLATE.read_text(encoding="utf-8"))
    assert not re.search(r"\beval\(|@preview|#import|#include|mode:\s*\"markup\"|\bread\(", source)
    assert {text for text in re.findall(r'"([^"\n]*)"', source) if " " in text} == {"Spine Choice"}


def test_a_risk_below_one_in_a_hundred_puts_the_whole_sheet_out_of_a_thousand() -> None:
    trials = [builders.study(f"s{n}") for n in range(4)]
    arms = [
        row
        for n in range(4)
        for row in builders.both_arms(
            f"s{n}", {"n": 2000, "events": 1}, {"n": 2000, "events": 14 + n}, "complication_any", timepoint_months=1
        )
    ]
    of = handout.build(builders.evidence_of(trials, arms), Consultation(), {}, TODAY)
    row = next(r for r in of.rows if r.pictures and r.pictures[1] and r.pictures[1].on)
    assert of.denominator == 1000
    assert [row.open.big, row.mis.big] == [f"{picture.on} of 1,000" for picture in row.pictures[1:] if picture]
    assert all("of 100" not in f"{c.big}{c.small}" for r in of.rows for c in (r.without, r.open, r.mis, r.difference))
    assert pages(handout_pdf.compile_pdf(of)) == ONE_SHEET


def test_the_about_page_states_the_measured_reading_grade() -> None:
    grades = [reading_grade(plain_text(sheet(c, p))) for c, row in DATA.conditions.items() for p in row.procedures]
    hardest = [max(g.flesch_kincaid for g in grades), max(g.smog for g in grades)]
    stated = [float(n) for n in re.findall(r"\d+\.\d", DATA.about[About.READABILITY])]
    assert stated == [round(grade, 1) for grade in hardest], hardest


@pytest.mark.parametrize("procedure", Procedure)
def test_the_annex_holds_the_summary_of_findings_word_for_word(procedure: Procedure) -> None:
    condition = next(c for c, row in DATA.conditions.items() if procedure in row.procedures)
    made = handout.build(DATA, ordinary(condition, procedure), {}, TODAY, annex=True)
    lines = summary_of_findings.findings(summary_of_findings.table(DATA, condition, procedure))
    assert len(lines) > 10
    texts = page_texts(handout_pdf.compile_pdf(made))
    assert len(texts) > ONE_SHEET
    printed = " ".join(" ".join(texts[ONE_SHEET:]).split())
    words = set(re.sub(r"-\s+", "-", printed).split())  # a line may end after a hyphen
    for line in lines:
        for cell in astuple(line):
            assert set(cell.split()) <= words, cell
    assert handout.build(DATA, ordinary(condition, procedure), {}, TODAY).annex == ()
