"""The take-home sheet: two pages that say what the screen said, in plain words, as PDF/UA.

`build` gathers every string and number shown, each from the comparison the screen reads; the template `handout.typ`
only sets them. What a person typed reaches the template as a value in JSON and is never source. Text that the type
cannot print is kept as far as it can be: a sign without a letter form becomes its name or □, control characters go.
"""

from __future__ import annotations

import json
import re
import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass, fields, is_dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from decision_aid import __version__, wording
from decision_aid.charts import risks
from decision_aid.charts.icon_arrays import Picture
from decision_aid.comparison.own_rates import OwnRates
from decision_aid.comparison.shown_risks import crossovers_told
from decision_aid.comparison.side_by_side import OutcomeAnswer, SideBySide, side_by_side
from decision_aid.consultation.checklist import Item, checklist, findings
from decision_aid.consultation.model import Answer, Consultation, Importance
from decision_aid.consultation.values import marked
from decision_aid.domain import from_the_right
from decision_aid.domain.audience import Audience
from decision_aid.domain.escaping import as_plain
from decision_aid.domain.palette import INK, OPTIONS
from decision_aid.domain.vocabulary import About, Aspect, Option, Outcome, Part, Procedure, YesMeans
from decision_aid.evidence.loading import Evidence
from decision_aid.exports.clinical_note import subject
from decision_aid.wording import Cell, summary_of_findings
from decision_aid.wording.summary_of_findings import Finding

if TYPE_CHECKING:
    import typst

TEMPLATE = Path(__file__).with_name("handout.typ")
# TrueType made with fonttools from the web fonts beside them (latin and latin-ext merged): the compiler reads no WOFF2.
FONTS = Path(__file__).resolve().parents[2] / "static" / "fonts"
ONE_SHEET = 2  # pages
UNPRINTABLE = "□"
_RISKS = (Outcome.COMPLICATION_ANY, Outcome.REOPERATION)
_STUDIES_NAMED = 24
# Longer words may be broken after so many letters, so that nothing runs off the page.
_LONG = re.compile(r"\S{24}(?=\S)")
_PREVIEW_PPI = 110.0


class Paper(StrEnum):
    A4 = "a4"
    LETTER = "us-letter"


class HandoutError(RuntimeError):
    """A sheet that cannot be made; the message says what stands in the way and what to do."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One outcome over the three options."""

    label: str
    note: str
    without: Cell
    open: Cell
    mis: Cell
    difference: Cell
    certainty: str  # the word
    own_open: str = ""  # what this clinic found, where it may be shown
    own_mis: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why the numbers of some rows are not sure."""

    rows: str
    text: str


@dataclass(frozen=True, slots=True)
class RiskBox:
    """One option's risk: the number, both frames in words, and the picture where all of the row can be drawn."""

    option: Option
    told: Cell
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class Risk:
    """One outcome as three boxes; all their risks and pictures count out of `denominator` people."""

    title: str
    boxes: tuple[RiskBox, ...]
    denominator: int
    note: str


@dataclass(frozen=True, slots=True)
class Sides:
    option: Option
    good: str
    hard: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """Something that matters a lot or most, with both of its sides; the patient's own stands as it was typed."""

    label: str
    weight: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """A group of the checklist: statements with the answer in them, or what is not known or does not apply."""

    heading: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Step:
    what: str
    who: str
    by_when: str


@dataclass(frozen=True, slots=True)
class Handout:
    """Every word and number of the sheet, in reading order."""

    title: str
    about: str  # condition, procedure, level
    for_whom: str
    act_now: tuple[str, ...]  # red flags answered yes
    decision: str
    condition: str
    rows: tuple[TableRow, ...]
    people: str
    doubts: tuple[Doubt, ...]
    risks: tuple[Risk, ...]
    sides: tuple[Sides, ...]
    matters: tuple[Weighed, ...]
    also_matters: str
    answered: tuple[Answered, ...]
    not_asked: str
    to_do: tuple[str, ...]
    asked: tuple[Asked, ...]
    open_questions: tuple[str, ...]
    leaning: str
    leaning_reason: str
    steps: tuple[Step, ...]
    watch: tuple[str, ...]
    watch_said: str
    studies: str
    small_print: tuple[str, ...]
    annex: tuple[Finding, ...] = ()  # the table for clinicians, on pages of its own
    replaced: tuple[str, ...] = ()  # signs that could not be printed, each once


def build(
    evidence: Evidence,
    consultation: Consultation,
    overrides: Mapping[str, Mapping[str, str]] | None = None,
    today: date | None = None,
    *,
    annex: bool = False,
    own: Mapping[Outcome, tuple[str, str]] | None = None,
    rates: tuple[OwnRates, ...] = (),
) -> Handout:
    """The sheet of a consultation. A condition or procedure not chosen yet is the one the screen shows: the first.

    `overrides` are the clinic's own checklist items, `today` is the day that is printed (default: today), `annex` adds
    the summary of findings for clinicians, `own` what this clinic found (open, minimally invasive) in words for patients,
    `rates` what it counted of harms, as on the screen.
    """
    condition, procedure = subject(evidence, consultation)
    described, planned = evidence.conditions[condition], evidence.procedures[procedure]
    table = side_by_side(evidence, condition, procedure, own=rates)
    items = checklist(evidence, condition, procedure, overrides)
    found = findings(items, consultation.answers)
    flags = items.core().part(Part.RED_FLAG)
    weighed = marked(evidence, consultation)
    strong = [m for m in weighed if m.importance >= Importance.A_LOT]
    names = [wording.concern_label(m.concern, Audience.PATIENT) if m.concern else as_plain(m.own) for m in weighed]
    asked = [
        Asked(q.patient_text, consultation.question_notes[q.question_id].strip())
        for q in evidence.questions
        if consultation.question_notes.get(q.question_id, "").strip()
    ]
    their_own = [q for q in consultation.own_questions if q.text.strip() or q.note.strip()]
    unanswered = [
        q.patient_text for q in evidence.questions if not consultation.question_notes.get(q.question_id, "").strip()
    ]
    sheet = Handout(
        title=wording.HANDOUT_TITLE,
        about=wording.option_condition_line(described.patient_label, planned.patient_label, consultation.level),
        for_whom=f"{evidence.about[About.FOR_WHOM]} {evidence.about[About.NOT_FOR]}",
        act_now=tuple(wording.item_statement(i, Answer.YES, Audience.PATIENT) for i in found.act_now),
        decision=wording.DECISION,
        condition=described.what_it_is,
        rows=tuple(_table_row(row, table, (own or {}).get(row.outcome.outcome, ("", ""))) for row in table.rows),
        people=wording.PEOPLE,
        doubts=_doubts(table),
        risks=tuple(_risk(table.answer(outcome), table) for outcome in _RISKS),
        sides=tuple(_sides(evidence, procedure, option) for option in Option),
        matters=tuple(
            Weighed(
                wording.concern_label(m.concern, Audience.PATIENT) if m.concern else m.own,
                wording.IMPORTANCE[m.importance],
                m.concern.explanation if m.concern else "",
            )
            for m in strong
        ),
        also_matters=wording.also_matters(names[len(strong) :]),
        answered=_answered(items.items, consultation.answers),
        not_asked=wording.unanswered(len([i for i in items.core().items if i.id not in consultation.answers])),
        to_do=tuple(i.row.action for i in found.to_do),
        asked=tuple(asked + [Asked(q.text.strip(), q.note.strip()) for q in their_own if q.note.strip()]),
        open_questions=tuple(unanswered + [q.text.strip() for q in their_own if not q.note.strip()]),
        leaning=wording.LEANINGS[consultation.leaning] if consultation.leaning else "",
        leaning_reason=consultation.leaning_reason.strip(),
        steps=tuple(
            Step(s.what.strip(), s.who.strip(), s.by_when.strip())
            for s in consultation.next_steps
            if f"{s.what}{s.who}{s.by_when}".strip()
        ),
        watch=tuple(i.row.patient_text for i in flags),
        watch_said=_said_of_flags(flags, consultation.answers),
        studies=_studies(table),
        small_print=(
            wording.NOT_A_FORECAST,
            *(evidence.about[a] for a in (About.MADE_BY, About.FUNDING, About.INTERESTS, About.UPDATES)),
            wording.versions(
                _day(evidence.search_date),
                _day(evidence.review_date),
                evidence.content_hash[:7],
                __version__,
                _day(today or date.today()),
            ),
        ),
        annex=summary_of_findings.findings(summary_of_findings.table(evidence, condition, procedure, rates))
        if annex
        else (),
    )
    return _printable(sheet)


def compile_pdf(handout: Handout, paper: Paper = Paper.A4) -> bytes:
    """The sheet as tagged PDF/UA-1. Raises `HandoutError` when it cannot be made."""
    return _compile(handout, paper, format="pdf", pdf_standards=["ua-1"])


def compile_png(handout: Handout, paper: Paper = Paper.A4) -> list[bytes]:
    """The pages as pictures, to look at. Their number is the number of pages. Raises `HandoutError` as above."""
    drawn = _compile(handout, paper, format="png", ppi=_PREVIEW_PPI)
    return drawn if isinstance(drawn, list) else [drawn]


def plain_text(handout: Handout) -> str:
    """Every word of the sheet in reading order, a paragraph a line, each line ended as a sentence."""
    lines = [handout.title, handout.about, handout.for_whom, wording.WRITE_IN]
    if handout.act_now:
        lines += [wording.NOT_NOW, *handout.act_now, wording.NOT_NOW_TEXT, wording.WATCH_ACTION]
    lines += [handout.decision, wording.CONDITION_HEADING, handout.condition, wording.TABLE_HEADING]
    lines += [*(OPTIONS[r].label for r in Option), wording.DIFFERENCE_COLUMN, wording.DIFFERENCE_UNDER]
    for row in handout.rows:
        lines.append(f"{row.label} {row.note}".strip())
        lines += [f"{c.big}: {c.small}" if c.small else c.big for c in (row.without, row.open, row.mis, row.difference)]
        lines += [row.certainty, row.own_open, row.own_mis]
    lines.append(wording.SURE_HEADING)
    lines += [f"{d.rows}: {d.text}" for d in handout.doubts]
    lines += [wording.OPTIONS_HEADING, wording.READ_SIDES]
    for risk in handout.risks:
        lines += [
            risk.title,
            *(f"{OPTIONS[b.option].label}: {b.told.big} {b.told.small}".strip() for b in risk.boxes),
            risk.note,
        ]
    lines += [f"{OPTIONS[s.option].label}. {wording.GOOD_SIDE} {s.good}" for s in handout.sides]
    lines += [f"{OPTIONS[s.option].label}. {wording.HARD_SIDE} {s.hard}" for s in handout.sides]
    lines.append(wording.MATTERS_HEADING)
    lines += [line for m in handout.matters for line in (f"{m.label}: {m.weight}", m.text)] or [wording.NOTHING_WEIGHED]
    lines += [handout.also_matters, wording.QUESTIONS_HEADING]
    lines += [line for a in handout.asked for line in (a.question, a.answer)] or [wording.NOTHING_ASKED]
    lines += [wording.OPEN_QUESTIONS_HEADING, *handout.open_questions] if handout.open_questions else []
    lines += [wording.LEANING_HEADING, handout.leaning or wording.NO_LEANING, handout.leaning_reason]
    lines += [wording.CHANGE_YOUR_MIND, wording.CHECKLIST_HEADING]
    for group in handout.answered:
        lines += [group.heading, *group.items]
    lines += [] if handout.answered else [wording.NOTHING_ANSWERED]
    lines += [handout.not_asked]
    lines += [wording.TO_PUT_IN_ORDER, *handout.to_do] if handout.to_do else []
    lines.append(wording.STEPS_HEADING)
    lines += [part for s in handout.steps for part in (s.what, s.who, s.by_when)] or [wording.NO_STEPS]
    lines += [wording.WATCH_HEADING, wording.WATCH_LEAD, *handout.watch, wording.WATCH_ACTION, handout.watch_said]
    lines += [wording.ABOUT_HEADING, *handout.small_print, handout.people, handout.studies]
    lines += [wording.SIGNS_LEFT_OUT] if handout.replaced else []
    if handout.annex:
        lines += [wording.ANNEX_HEADING, *(cell for line in handout.annex for cell in astuple(line))]
        lines.append(summary_of_findings.NOTE)
    return "\n".join(line if line[-1] in ".?!:" else f"{line}." for line in lines if line)


# ---- what stands on the sheet ----------------------------------------------------------------------------------------


def _table_row(row: OutcomeAnswer, table: SideBySide, own: tuple[str, str]) -> TableRow:
    c, d = row.approaches, table.denominator
    hidden = wording.HIDDEN_BLOOD_LOSS_TOLD if row.outcome.outcome is Outcome.BLOOD_LOSS else ""
    notes = (wording.row_note(row, Audience.PATIENT), wording.score_direction(row.outcome), hidden)
    return TableRow(
        label=wording.outcome_label(row.outcome, Audience.PATIENT),
        note=", ".join(n for n in notes if n),
        without=wording.without_surgery_cell(row, Audience.PATIENT, d),
        open=wording.level_cell(c, False, Audience.PATIENT, d),
        mis=wording.level_cell(c, True, Audience.PATIENT, d),
        difference=wording.difference_cell(c, Audience.PATIENT, d),
        certainty=wording.certainty_word(c.certainty, Audience.PATIENT),
        own_open=own[0],
        own_mis=own[1],
    )


def _doubts(table: SideBySide) -> tuple[Doubt, ...]:
    """The rows grouped by how sure their number is and why, in the order of the table."""
    groups: dict[str, list[str]] = {}
    for row in table.rows:
        line = wording.certainty_line(row.approaches.certainty, Audience.PATIENT)
        if line:
            groups.setdefault(line, []).append(wording.outcome_label(row.outcome, Audience.PATIENT))
    return tuple(Doubt(", ".join(names), line) for line, names in groups.items())


def _risk(row: OutcomeAnswer, table: SideBySide) -> Risk:
    """The boxes of the Risks page in ink."""
    shown = risks.three_options(row, table, Audience.PATIENT, colour=INK)
    boxes = tuple(RiskBox(b.option, Cell(b.big, b.small, b.state), b.picture) for b in shown.boxes)
    title = ", ".join(
        t for t in (wording.outcome_label(row.outcome, Audience.PATIENT), wording.row_note(row, Audience.PATIENT)) if t
    )
    return Risk(
        title, boxes, table.denominator, "" if any(b.picture for b in boxes) else wording.no_picture(row.approaches)
    )


def _sides(evidence: Evidence, procedure: Procedure, option: Option) -> Sides:
    told = evidence.options[procedure, option]
    return Sides(option, told[Aspect.GOOD_SIDES], told[Aspect.HARD_SIDES])


def _answered(items: tuple[Item, ...], answers: Mapping[str, Answer]) -> tuple[Answered, ...]:
    """The answered items as statements. Signs that cannot wait have a place of their own, and things to do as well."""
    groups = []
    for heading, wanted in (
        (wording.FOUND, (Answer.YES, Answer.NO)),
        (wording.ANSWERS[Answer.NOT_KNOWN], (Answer.NOT_KNOWN,)),
        (wording.ANSWERS[Answer.DOES_NOT_APPLY], (Answer.DOES_NOT_APPLY,)),
    ):
        of = [
            wording.item_statement(i, answers[i.id], Audience.PATIENT)
            for i in items
            if answers.get(i.id) in wanted
            and i.row.part != Part.RED_FLAG
            and not (answers[i.id] is Answer.YES and i.row.yes_means == YesMeans.TO_DO)
        ]
        if of:
            groups.append(Answered(heading, tuple(of)))
    return tuple(groups)


def _said_of_flags(flags: tuple[Item, ...], answers: Mapping[str, Answer]) -> str:
    given = [answers[i.id] for i in flags if i.id in answers]
    return wording.red_flags_asked(given.count(Answer.NO), len(flags) if given else 0)


def _studies(table: SideBySide) -> str:
    """The studies behind the shown rows, each once, oldest first; those without a printed author by their title."""
    named: dict[str, int] = {}
    for row in table.rows:
        for c in (row.approaches, row.without):
            for s in (c.pooled_studies or c.shown_studies) if c else ():
                named.setdefault(s.label, s.study.year or 9999)
        for crossover in crossovers_told(row):
            named.setdefault(crossover.row.citation.split(",")[0], 0)
    labels = sorted(named, key=lambda label: (named[label], label))
    return wording.studies_line(labels[:_STUDIES_NAMED], len(labels[_STUDIES_NAMED:]))


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


# ---- what can be printed ---------------------------------------------------------------------------------------------

_SURE_TO_PRINT = frozenset(map(chr, (*range(0x20, 0x7F), *range(0xA1, 0x100)))) - {"\xad"} | set("–—‘’“”…−×\n")
# Beyond these lie scripts that no font of the compiler holds: they are not even tried.
_LAST_SCRIPT = 0x2C00


def _printable(value: Any) -> Any:
    """The sheet with every text made printable and the signs that were replaced listed."""
    replaced: dict[str, None] = {}

    def clean(part: Any) -> Any:
        if isinstance(part, str) and not isinstance(part, StrEnum):
            return printable_text(part, replaced)
        if isinstance(part, tuple):
            return tuple(clean(p) for p in part)
        if is_dataclass(part) and not isinstance(part, type | Picture):
            return replace(part, **{f.name: clean(getattr(part, f.name)) for f in fields(part)})
        return part

    return replace(clean(value), replaced=tuple(replaced))


def printable_text(text: str, replaced: dict[str, None] | None = None) -> str:
    """The text as the sheet can print it.

    Control characters and marks that turn the direction of the text go. A pictogram becomes its name in brackets, any
    other sign that no font has becomes □, and so does a word from the right with such a letter; these signs are added
    to `replaced`.
    """
    kept = []
    told = {} if replaced is None else replaced
    opened, closed = map(text.count, from_the_right.ISOLATES)
    if opened != closed:
        text = from_the_right.joined(text)
    for piece, runs_from_the_right in from_the_right.words(
        unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    ):
        if runs_from_the_right:
            missing = from_the_right.missing(piece, _is_printed)
            kept.append(UNPRINTABLE if missing else piece)
            told.update(dict.fromkeys(map(_named, missing)))
        else:
            kept += _signs(piece, told)
    return "".join(kept).strip()


def _signs(text: str, replaced: dict[str, None]) -> list[str]:
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if char in _SURE_TO_PRINT:
            kept.append(char)
        elif char in "\u2028\u2029\x0b\x0c\r":
            kept.append("\n")
        elif category == "Zs":
            kept.append(" ")
        elif char in from_the_right.ISOLATES:
            kept.append(char)
        elif category in ("Cc", "Cf") or char in "\ufe0e\ufe0f" or 0x1F3FB <= ord(char) <= 0x1F3FF:
            continue
        elif _is_printed(char):
            kept.append(char)
        else:
            name = unicodedata.name(char, "").lower() if category == "So" else ""
            kept.append(f"[{name}]" if name else UNPRINTABLE)
            if not name:
                replaced[_named(char)] = None
    return kept


def _named(sign: str) -> str:
    return sign.encode("ascii", "backslashreplace").decode()


def _is_printed(char: str) -> bool:
    known = ord(char) < _LAST_SCRIPT and unicodedata.category(char) not in ("Cs", "Cn", "Co")
    return known and _has_a_glyph(char)


@lru_cache(maxsize=12_000)
def _has_a_glyph(char: str) -> bool:
    """Whether one of the fonts in use has the sign: PDF/UA refuses a sign without a glyph, so the compiler is asked."""
    import typst

    families = ", ".join(f'"{family}"' for family in _FAMILIES)
    source = f'#set document(title: "sign")\n#set text(font: ({families}))\na#str.from-unicode({ord(char)})'
    with _LOCK:
        try:
            _compiler().compile(source.encode(), format="pdf", pdf_standards=["ua-1"], sys_inputs={})
        except typst.TypstError:
            return False
    return True


# ---- the compiler ----------------------------------------------------------------------------------------------------

# Ours first. The other two come inside the compiler and print letters of other scripts in what a person typed.
_FAMILIES = ("Atkinson Hyperlegible", "Libertinus Serif", "DejaVu Sans Mono")
_LOCK = threading.RLock()  # one compiler serves every session of the server


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    """The one compiler, which keeps fonts and layout between sheets; it reads the template and our fonts only.

    Beside our font it holds those built into it; no font of the machine is used, so that a sheet looks alike everywhere.
    """
    import typst

    return typst.Compiler(root=str(TEMPLATE.parent), font_paths=[str(FONTS)], ignore_system_fonts=True)


def _compile(handout: Handout, paper: Paper, **options: Any) -> Any:
    """The sheet set in type. Letters that cannot stand together, such as a mark on a sign without one, become □."""
    for only_sure in (False, True):
        data = {"sheet": _as_data(handout, only_sure), "words": _words(), "paper": str(paper), "fonts": _FAMILIES}
        inputs = {"data": json.dumps(data, ensure_ascii=False)}
        with _LOCK:
            try:
                return _compiler().compile(str(TEMPLATE), sys_inputs=inputs, **options)
            except RuntimeError as error:  # the compiler's own errors are of this kind as well
                reason = getattr(error, "message", str(error))
    raise HandoutError(
        f"The handout could not be made: {reason}. Take out the last thing that was typed and try again. Nothing that was "
        "entered is lost."
    )


def _as_data(handout: Handout, only_sure: bool) -> dict[str, Any]:
    """The sheet as JSON-ready data, with places where very long words may break."""

    def ready(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: value if name == "svg" else ready(value) for name, value in part.items()}
        if isinstance(part, list | tuple):
            return [ready(p) for p in part]
        return _set_in_type(part, only_sure) if isinstance(part, str) else part

    marks = {str(option): {"label": style.label, "shape": style.css_shape} for option, style in OPTIONS.items()}
    return {**ready(asdict(handout)), "options": marks}


def _set_in_type(text: str, only_sure: bool) -> str:
    if only_sure:
        text = from_the_right.joined(text)
        text = "".join(c if c in _SURE_TO_PRINT else UNPRINTABLE for c in text)
    return from_the_right.isolated_lines(_LONG.sub("\\g<0>\u200b", text))


def _words() -> dict[str, Any]:
    """The fixed words of the sheet by their names in `wording`, so that the template holds none."""
    names = (
        "WRITE_IN", "CONDITION_HEADING", "TABLE_HEADING", "SURE_HEADING", "OPTIONS_HEADING", "READ_SIDES",
        "MATTERS_HEADING", "CHECKLIST_HEADING", "QUESTIONS_HEADING", "OPEN_QUESTIONS_HEADING", "LEANING_HEADING",
        "STEPS_HEADING", "WATCH_HEADING", "ABOUT_HEADING", "DIFFERENCE_COLUMN", "DIFFERENCE_UNDER", "STEP_COLUMNS",
        "GOOD_SIDE", "HARD_SIDE", "NOT_NOW", "NOT_NOW_TEXT", "WATCH_LEAD", "WATCH_ACTION", "CHANGE_YOUR_MIND", "NO_LEANING",
        "NOTHING_WEIGHED", "NOTHING_ANSWERED", "NOTHING_ASKED", "NO_STEPS", "TO_PUT_IN_ORDER", "SIGNS_LEFT_OUT",
        "ANNEX_HEADING",
    )  # fmt: skip
    told = {name.lower().replace("_", "-"): getattr(wording, name) for name in names}
    return told | {"annex-columns": summary_of_findings.HEADS, "annex-note": summary_of_findings.NOTE}
