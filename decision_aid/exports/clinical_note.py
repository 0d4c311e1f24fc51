"""The consultation as a short plain text to paste into the clinical record. It asks for no name and holds none.

Plain letters and line feeds only, so that any record system takes it; what was typed by hand is kept with its letters.
Only round what runs from the right stand two signs that no one sees: without them a number would leave its unit.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date

from decision_aid import __version__, wording
from decision_aid.comparison.own_rates import OwnRates
from decision_aid.consultation.checklist import Checklist, Item, Overrides, checklist, findings
from decision_aid.consultation.model import Answer, Consultation, Place
from decision_aid.consultation.subject import subject
from decision_aid.domain import from_the_right
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Part, YesMeans
from decision_aid.evidence.loading import Evidence
from decision_aid.wording import summary
from decision_aid.wording.summary import Concern, Figure

_PLAIN = str.maketrans(
    {
        "–": "-", "—": "-", "−": "-", "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "…": "...", "·": ",", "≥": ">=",
        "≤": "<=", "×": "x", "→": "->", "\xa0": " ",
    }
)  # fmt: skip

_NOT_CHOSEN = " (shown on the screen, not chosen)"


def text(
    evidence: Evidence,
    consultation: Consultation,
    overrides: Overrides | None = None,
    today: date | None = None,
    rates: tuple[OwnRates, ...] = (),
) -> str:
    """The note, a fact a line, ending with a line feed.

    `overrides` are the clinic's own checklist items, `rates` what it counted of harms, as on the screen.
    """
    condition, procedure = subject(evidence, consultation)
    chosen = "" if (condition, procedure) == (consultation.condition, consultation.procedure) else _NOT_CHOSEN
    items = checklist(evidence, condition, procedure, overrides)
    concerns = summary.concerns(evidence, consultation, rates, Audience.CLINICIAN)
    lines = [
        "SHARED DECISION, LUMBAR SPINE",
        f"Date: {today or date.today():%Y-%m-%d}",
        *([f"Code: {consultation.code}"] if consultation.code else []),
        f"Condition: {evidence.conditions[condition].clinician_label}{chosen}",
        f"Planned procedure: {evidence.procedures[procedure].clinician_label}{chosen}",
        f"Level: {consultation.level or 'not entered'}",
        *([f"Symptoms for: {wording.DURATIONS[consultation.duration]}"] if consultation.duration else []),
        *([f"Age group: {wording.AGE_GROUPS[consultation.age_group]}"] if consultation.age_group else []),
        "Options compared: without surgery, open surgery, minimally invasive surgery",
        *_red_flags(items, consultation),
        *_criteria(items, consultation),
        *_matters(concerns),
        *_figures(evidence, consultation, rates),
        *_questions(evidence, consultation),
        *_leaning(consultation),
        *_sure(evidence, consultation),
        *_teach_back(consultation),
        *_steps(consultation),
        f"Source: Spine Choice {__version__}, data {evidence.content_hash[:7]}, searched {evidence.search_date}",
    ]
    return "".join(f"{_plain(line)}\n" for line in lines)


def _plain(line: str) -> str:
    """One line: typographic signs as plain ones, line ends and tabs as spaces, other control characters gone."""
    kept = _letters(" ".join(line.translate(_PLAIN).split()), from_the_right.ISOLATES)
    return f"- {kept.removeprefix('- ')}" if line.startswith("- ") else kept


def _letters(text: str, besides: str = "") -> str:
    """The text without signs that no one sees; those inside a word that runs from the right belong to it."""
    return "".join(
        piece
        if whole
        else "".join(c for c in piece if c in besides or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
        for piece, whole in from_the_right.words(text)
    )


def _typed(text: str) -> str:
    """What a person typed, on one line and kept to itself where it runs from the right."""
    return from_the_right.isolated(_letters(" ".join(text.split())))


def _listed(heading: str, entries: Iterable[str]) -> list[str]:
    found = [f"- {entry}" for entry in entries]
    return [f"{heading}:", *found] if found else []


def _answered(items: Iterable[Item], c: Consultation) -> list[str]:
    """Items as statements with their answers in them: a criterion can be met by a yes or by a no."""
    return [wording.item_statement(i, c.answers[i.id], Audience.CLINICIAN) for i in items]


def _red_flags(of: Checklist, c: Consultation) -> list[str]:
    """Answered yes, with what the item says to do; else that none was, and how many were not asked at all."""
    flags = of.part(Part.RED_FLAG)
    yes = [i for i in flags if c.answers.get(i.id) is Answer.YES]
    given = [i for i in flags if i.id in c.answers]
    core = [i for i in of.core().part(Part.RED_FLAG) if i.id not in c.answers]
    if not given:
        return ["Red flags: not asked"]
    unknown = [i for i in flags if c.answers.get(i.id) is Answer.NOT_KNOWN]
    lines = _listed(
        "RED FLAGS ANSWERED YES",
        (f"{told}. Action: {i.row.action}" for i, told in zip(yes, _answered(yes, c), strict=True)),
    )
    lines = lines or [f"Red flags: none answered yes ({len(given)} asked)"]
    lines += _listed("Red flags not known", _answered(unknown, c))
    return lines + _listed("Red flags not asked", (wording.item_topic(i, Audience.CLINICIAN) for i in core))


def _criteria(of: Checklist, c: Consultation) -> list[str]:
    found = findings(of, c.answers)
    criteria = {i.id for i in of.part(Part.CRITERION)}
    noted = [i for i in of.items if i.row.yes_means == YesMeans.NOTE and c.answers.get(i.id) is Answer.YES]
    noted = [i for i in noted if i.row.part != Part.PAYERS]
    unknown = [i for i in found.not_known if i.row.part != Part.RED_FLAG]
    lines = (
        _listed("Criteria met", _answered(found.met, c))
        + _listed("Criteria not met", _answered(found.not_met, c))
        + _listed("Not known", _answered(unknown, c))
        + _listed("Noted", _answered(noted, c))
        + _listed("Speaks for a minimally invasive approach", _answered(found.fits, c))
        + _listed("Limits of a minimally invasive approach", _answered(found.limits, c))
        + _listed("To put in order first", (i.row.action for i in found.to_do))
        + _listed(wording.WHAT_PAYERS_ASK_FOR, _answered(found.payers, c))
    )
    left = sum(1 for i in of.core().items if i.id in criteria and i.id not in c.answers)
    if left:
        lines.append(f"Criteria not answered: {left}")
    return lines


def _matters(concerns: tuple[Concern, ...]) -> list[str]:
    """What the patient put in order, then what also matters."""

    def named(of: Iterable[Concern]) -> list[str]:
        return [_typed(c.label) if c.own else c.label for c in of]

    first = named(c for c in concerns if c.place is not Place.ALSO)
    also = named(c for c in concerns if c.place is Place.ALSO)
    lines = _listed("Matters most to the patient, in order", (f"{n}. {told}" for n, told in enumerate(first, start=1)))
    return (lines or ["Matters most to the patient: not marked"]) + _listed("Also matters", also)


def _figures(evidence: Evidence, c: Consultation, rates: tuple[OwnRates, ...]) -> list[str]:
    lines = [_figure(f) for f in summary.every_figure(evidence, c, rates, Audience.CLINICIAN)]
    later = summary.chose_later(evidence, c, rates)
    return _listed("Figures shown", [*lines, later] if later else lines)


def _figure(f: Figure) -> str:
    cells = {"without surgery": f.without, "open": f.open, "minimally invasive": f.mis, "difference": f.difference}
    told = "; ".join(f"{name} {cell.big}{f' ({cell.small})' if cell.small else ''}" for name, cell in cells.items())
    return f"{f.label}, {f.when}: {told}" + (f". {f.without.more}" if f.without.more else "")


def _questions(evidence: Evidence, c: Consultation) -> list[str]:
    noted = [
        f"{wording.question_text(q, Audience.CLINICIAN)}: {_typed(c.question_notes[q.question_id])}"
        for q in evidence.questions
        if c.question_notes.get(q.question_id, "").strip()
    ]
    own = [f"{_typed(q.text)}: {_typed(q.note) or 'open'}" for q in c.own_questions if f"{q.text}{q.note}".strip()]
    return _listed("Questions discussed", [*noted, *own]) or ["Questions discussed: none noted"]


def _leaning(c: Consultation) -> list[str]:
    leaning = wording.LEANINGS[c.leaning] if c.leaning else "not asked"
    reason = f". Because: {_typed(c.leaning_reason)}" if c.leaning_reason.strip() else ""
    return [f"Patient leans towards: {leaning}{reason}"]


def _sure(evidence: Evidence, c: Consultation) -> list[str]:
    """Which part is still unclear, as a prompt for the next talk. Nothing is added up and nobody is labelled."""
    if not c.sure:
        return ["SURE test: not asked"]
    unclear = [
        f"{row.stands_for}. Ask: {wording.SURE_PROMPTS[row.item_id]}"
        for row in evidence.sure
        if c.sure.get(row.item_id) is False
    ]
    missing = [row.stands_for for row in evidence.sure if row.item_id not in c.sure]
    lines = _listed("SURE test, still unclear to the patient", unclear) or ["SURE test: no part was named as unclear"]
    return lines + ([f"SURE test, not asked: {', '.join(missing)}"] if missing else [])


def _teach_back(c: Consultation) -> list[str]:
    again = "; explained again" if c.explained_again else ""
    return [f"Teach-back: {_typed(c.teach_back) or 'not noted'}{again}"]


def _steps(c: Consultation) -> list[str]:
    steps = (", ".join(map(_typed, wording.step_parts(s))) for s in c.next_steps)
    return _listed("Next steps", (s for s in steps if s)) or ["Next steps: none agreed"]
