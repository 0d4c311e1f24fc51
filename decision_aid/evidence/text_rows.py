"""What a row must be in each table whose texts are told to a reader; see `rows.py`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated

from pydantic import Field

from decision_aid.domain.time_windows import TimeWindow
from decision_aid.domain.vocabulary import (
    About,
    Aspect,
    Condition,
    Option,
    Outcome,
    Part,
    Procedure,
    QuestionAbout,
    StandardStatus,
    StartFact,
    YesMeans,
)
from decision_aid.evidence.cells import Cell, EvidenceRow, Link, Number, Text, is_a_day, is_listed


class OptionRow(EvidenceRow):
    procedure: Procedure = Field(description="a procedure of procedures.csv")
    option: Option = Field(description="one of " + ", ".join(Option))
    aspect: Aspect = Field(description="one of " + ", ".join(Aspect))
    text: Text = Field(description="what living through it is like, in plain words")


class CourseRow(EvidenceRow):
    """A row of thresholds.csv told to a patient."""

    threshold_id: Text = Field(description="a threshold_id of thresholds.csv")
    patient_text: Text = Field(
        description="what the number says in plain words, to follow “25 of 100”; other shares in braces, {69} for 69 of 100"
    )


# What a fact known from Start does to an item: answers it, or brings it onto the short path.
START_SAYS = ("yes", "no", "does_not_apply", "ask")
# What an answered item of the checklist says, by answer and reader.
STATEMENTS = ("clinician_yes", "clinician_no", "clinician_topic", "patient_yes", "patient_no", "patient_topic")


class IndicationRow(EvidenceRow):
    item_id: str = Field(pattern=r"^[a-z0-9_]+$", description="the key: small letters, digits and underscores")
    part: Part = Field(description="one of " + ", ".join(Part))
    conditions: Text = Field(description="conditions parted by |, or all")
    procedures: Text = Field(description="procedures parted by |, or all")
    core: Annotated[str, Field(pattern="^(yes|no)$")] = Field(
        description="yes: on the focused path; no: on the full one"
    )
    yes_means: YesMeans = Field(description="one of " + ", ".join(YesMeans))
    clinician_text: Text = Field(description="the item for the surgeon")
    patient_text: Text = Field(description="the same in plain words")
    clinician_yes: Text = Field(description="what the answer yes states, for the surgeon")
    clinician_no: Text = Field(description="what the answer no states, for the surgeon")
    clinician_topic: Text = Field(description="what is not known, or does not apply, in a few words for the surgeon")
    patient_yes: Text = Field(description="what the answer yes states, in plain words")
    patient_no: Text = Field(description="what the answer no states, in plain words")
    patient_topic: Text = Field(description="what is not known, or does not apply, in a few plain words")
    action: str = Field(description="what to do when the answer is yes, naming its subject; empty only for a note")
    action_fusion: str = Field(description="what is added to it where a fusion is planned, else empty")
    action_reason: str = Field(description="what the source found, told to the surgeon only, or empty")
    source: Text = Field(description="citation of the source; a payer's policy only in the part payers")
    source_year: Annotated[int | None, Field(ge=1950, le=2100), Cell, Number] = Field(
        description="year of the source, 1950 to 2100; empty where not shown"
    )
    link: Link = Field(description="a web address that begins with http, or empty where no official one is known")
    reading_grade: Annotated[str, Field(pattern="^[GASPE]$")] = Field(
        description="G guideline's own page, A abstract, S secondary page, P payer's policy, E single study or expert"
    )
    other_side: str = Field(description="what another source says, where sources disagree; else empty")
    other_source: str = Field(description="citation of that source, or empty")
    other_link: Link = Field(description="its web address that begins with http, or empty")
    payers_ask: str = Field(description="what payers ask for beside it, told to the surgeon only, or empty")
    payer_source: str = Field(description="the policies that ask for it, or empty")
    start_says: str = Field(description="fact=answer parted by |: what Start answers already, or ask; or empty")
    date_checked: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] = Field(description="a date as YYYY-MM-DD")

    def faults(self) -> Iterator[tuple[str, str]]:
        if not is_listed(self.conditions, Condition, everything=True):
            yield "conditions", "ids of conditions.csv parted by |, or all"
        if not is_listed(self.procedures, Procedure, everything=True):
            yield "procedures", "ids of procedures.csv parted by |, or all"
        for column in STATEMENTS:
            if "?" in getattr(self, column):
                yield column, "a statement without a question mark, with the answer in it"
        if not self.action and self.yes_means != YesMeans.NOTE:
            yield "action", "what to do when the answer is yes"
        if (self.part == Part.RED_FLAG) != (self.yes_means == YesMeans.ACT_NOW):
            yield "yes_means", "act_now for a red flag and for nothing else"
        if bool(self.other_side) != bool(self.other_source):
            yield "other_source", "a citation where another side is told and no other"
        if bool(self.payers_ask) != bool(self.payer_source):
            yield "payer_source", "the policies that ask for it where something is asked for and no other"
        payers = self.part == Part.PAYERS
        if payers != (self.reading_grade == "P"):
            yield "reading_grade", "P (a payer's policy) in the part payers and nowhere else: a guideline leads"
        if payers and self.core == "yes":
            yield "core", "no: what only payers ask for is not on the focused path"
        if payers and self.yes_means != YesMeans.NOTE:
            yield "yes_means", "note: what only payers ask for speaks for neither side"
        if not is_a_day(self.date_checked):
            yield "date_checked", "a day of the calendar as YYYY-MM-DD"
        if any(fact not in list(StartFact) or said not in START_SAYS for fact, said in self._start_pairs()):
            yield "start_says", "fact=answer parted by |, answers " + ", ".join(START_SAYS)
        elif self.start_says and self.part == Part.RED_FLAG:
            yield "start_says", "empty for a red flag: it is asked of everyone"

    def said_by(self, known: Collection[StartFact]) -> str:
        """What facts known from Start say of the item: one of START_SAYS, or nothing. The first that holds counts."""
        return next((said for fact, said in self._start_pairs() if fact in known), "")

    def _start_pairs(self) -> list[tuple[str, str]]:
        pairs = (part.partition("=") for part in self.start_says.split("|") if part)
        return [(fact, said) for fact, _, said in pairs]

    def applies_to(self, condition: Condition, procedure: Procedure) -> bool:
        """Whether the item is asked for a condition and a planned procedure."""
        return (self.conditions == "all" or condition in self.conditions.split("|")) and (
            self.procedures == "all" or procedure in self.procedures.split("|")
        )


class QuestionRow(EvidenceRow):
    question_id: str = Field(pattern=r"^[a-z0-9_]+$", description="the key: small letters, digits and underscores")
    clinician_text: Text = Field(description="the question for the surgeon")
    patient_text: Text = Field(description="the question as a patient asks it")
    about: QuestionAbout = Field(description="one of " + ", ".join(QuestionAbout))
    source: str = Field(description="citation, or empty where it comes from the design of the tool")
    link: Link = Field(description="a web address that begins with http, or empty")


_WINDOWS = {w.id: w for w in TimeWindow}


class ConcernRow(EvidenceRow):
    concern_id: str = Field(pattern=r"^[a-z0-9_]+$", description="the key: small letters, digits and underscores")
    clinician_label: Text = Field(description="label for the surgeon")
    patient_label: Text = Field(description="label in plain words")
    explanation: Text = Field(description="the trade-off with both its sides, in plain words")
    outcomes: str = Field(
        description="outcomes parted by | whose numbers speak to it, each with @ and the time it is about; or empty"
    )
    options_for: str = Field(description="options parted by | that the concern can speak for, or empty")
    options_against: str = Field(description="options parted by | that the concern can speak against, or empty")

    def faults(self) -> Iterator[tuple[str, str]]:
        named, _, times = zip(*(part.partition("@") for part in self.outcomes.split("|")), strict=True)
        if self.outcomes and not is_listed("|".join(named), Outcome):
            yield "outcomes", "ids of outcomes.csv parted by |"
        elif any(
            time not in _WINDOWS for part, time in zip(self.outcomes.split("|"), times, strict=True) if "@" in part
        ):
            yield "outcomes", "after @ one of " + ", ".join(_WINDOWS)
        for column in ("options_for", "options_against"):
            if getattr(self, column) and not is_listed(getattr(self, column), Option):
                yield column, "options parted by |"
        if set(self.options_for.split("|")) & set(self.options_against.split("|")) - {""}:
            yield "options_against", "options that do not also stand in options_for"

    @property
    def timed_outcomes(self) -> tuple[tuple[Outcome, TimeWindow | None], ...]:
        """The outcomes that speak to it with the time it is about; None: the time each is shown at unless asked."""
        parts = (part.partition("@") for part in self.outcomes.split("|") if part)
        return tuple((Outcome(outcome), _WINDOWS[time] if time else None) for outcome, _, time in parts)


class SureRow(EvidenceRow):
    """An item of the SURE test, which may be used only with its wording unchanged."""

    item_id: str = Field(pattern=r"^[a-z]+$", description="the key: small letters")
    stands_for: Text = Field(description="what the item is about, in the authors' words")
    text: Text = Field(description="the item, word for word")
    source: Text = Field(description="citation")
    link: Annotated[str, Field(pattern=r"^https?://\S+$")] = Field(description="a web address that begins with http")
    notes: str = Field(description="how the wording was read, and the terms of use")


class AboutRow(EvidenceRow):
    key: About = Field(description="one of " + ", ".join(About))
    text: Text = Field(description="the line, in plain words")


class StandardRow(EvidenceRow):
    """A line of a standard for decision aids, and how this tool stands to it."""

    item_id: str = Field(pattern=r"^[a-z0-9_]+$", description="the key: small letters, digits and underscores")
    standard: Text = Field(description="the standard")
    part: Text = Field(description="the part of the standard")
    statement: Text = Field(description="what the line asks for, in our own words")
    status: StandardStatus = Field(description="one of " + ", ".join(StandardStatus))
    page: str = Field(description="the page where it can be seen, or empty")
    shows: str = Field(description="words that stand on that page, or empty where no page is named")
    note: str = Field(description="what a reader should know, or empty")

    def faults(self) -> Iterator[tuple[str, str]]:
        if bool(self.page) != bool(self.shows):
            yield "shows", "words of the page that is named, and none where none is named"
        if self.status == StandardStatus.MET and not self.page:
            yield "page", "the page where it can be seen, because it is met"
