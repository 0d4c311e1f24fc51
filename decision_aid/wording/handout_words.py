"""The handout's own words: headings, what stands where nothing was answered, and what surrounds the sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from decision_aid.domain.dates import day_in_words

HANDOUT_TITLE = "Three choices for your back"
WRITE_IN = "Name:"
MATTERS_HEADING = "What matters to me"
PICTURES_HEADING = "The numbers"
LEANING_HEADING = "Where I lean"
STEPS_HEADING = "Next steps"
WATCH_HEADING = "Yes to one of these? Get help at once"
TABLE_HEADING = "More numbers"
QUESTIONS_HEADING = "What I asked and heard"
OPEN_QUESTIONS_HEADING = "Still open to ask"
TO_PUT_IN_ORDER = "To do first"
ANNEX_HEADING = "For clinicians: summary of findings"
ROW_COLUMN = "What"
STEP_COLUMNS = ("What", "Who", "When")
NOT_NOW = "This cannot wait"
NOT_NOW_TEXT = (
    "You said yes to a sign that needs help now. The numbers on this sheet are for planned surgery. They do not apply until "
    "this is settled. Your surgeon will tell you now what happens next. Are you no longer with your surgeon?"
)
WATCH_ACTION = (
    "Go to the emergency department of a hospital at once, or call an ambulance. If only one leg or foot gets weak, call "
    "your surgeon the same day."
)
TELEPHONE = "Telephone:"
CHANGE_YOUR_MIND = "You can change your mind, wait, or get a second opinion."
NO_LEANING = "You have not said yet. That is fine, take your time."
NOTHING_WEIGHED = "Nothing is marked yet. What matters most to you?"
NOTHING_ASKED = "Write down what you want to ask, and what you hear:"
NO_STEPS = "Nothing is agreed yet. Write down what comes next, and the day:"
SIGNS_LEFT_OUT = "A sign or a word that this sheet cannot print is shown as □."
PEOPLE = "Surgery: people who had this operation. Without: people with your condition."
NOT_A_FORECAST_ON_PAPER = "Averages, not a forecast for one person. This sheet does not recommend."
BOLD_LINES = "Bold: minimally invasive against open. “Could be”: how far chance reaches."
READ_SIDES = "Filled: it happened. Hollow: it did not."
PAPERS = ("A4", "US Letter")
ANNEX = "With the table for clinicians"
_SIGNS_NAMED = 20


def sheet_too_long(pages: int) -> str:
    return f"The handout has {pages} pages. Shorter notes keep it on one sheet."


def cannot_be_printed(signs: Sequence[str]) -> str:
    """What a person who typed it should know; the signs stand as `handout.Handout.replaced` names them."""
    shown = " ".join(sign.encode("ascii").decode("unicode_escape") for sign in signs[:_SIGNS_NAMED])
    more = " and others" if len(signs) > _SIGNS_NAMED else ""
    return (
        f"These letters cannot be printed: {shown}{more}. The handout has □ in their place. Write it in other letters."
    )


def preview_alt(number: int, pages: int) -> str:
    return f"Page {number} of {pages} of the handout, as it prints. The PDF holds the same as text."


def option_condition_line(condition: str, procedure: str, level: str) -> str:
    """What the sheet is about in one line: “Slipped disc with leg pain. Planned: disc operation. Level: L5/S1.”"""
    planned = procedure[:1].lower() + procedure[1:]
    return f"{condition}. Planned: {planned}." + (f" Level: {level}." if level else "")


def checked_by(name: str, day: date | None) -> str:
    """Who of the clinic checked the texts, and when; empty where nobody is named."""
    named = name.strip().removesuffix(".")
    if not named:
        return ""
    return f"Checked by {named}, {day_in_words(day)}." if day else f"Checked by {named}."


def also_matters(names: Sequence[str]) -> str:
    return f"Also: {', '.join(names)}." if names else ""


def sources_line(studies: int, searched: str, review: str, data: str, program: str, today: str) -> str:
    """The one line of where and when the sheet comes from, for anyone who checks it later."""
    return f"Printed {today}. {studies} studies up to {searched}, next look by {review}. Spine Choice {program}, data {data}."
