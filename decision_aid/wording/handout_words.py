"""The handout's own words: headings, what stands where nothing was answered, and what surrounds the sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from decision_aid.domain.dates import day_in_words

HANDOUT_TITLE = "Three choices for your back"
WRITE_IN = "Name and date (write in):"
CONDITION_HEADING = "What it is"
TABLE_HEADING = "Side by side"
SURE_HEADING = "How sure?"
MATTERS_HEADING = "What matters to you"
CHECKLIST_HEADING = "Your checklist"
QUESTIONS_HEADING = "Your questions, and what you heard"
OPEN_QUESTIONS_HEADING = "Still open to ask"
LEANING_HEADING = "Where you lean now"
STEPS_HEADING = "Next steps"
WATCH_HEADING = "Watch for this: get help at once"
ABOUT_HEADING = "About this sheet"
ANNEX_HEADING = "For clinicians: summary of findings"
DIFFERENCE_COLUMN = "Minimally invasive against open"
DIFFERENCE_UNDER = "On the right: the difference, what it could be by chance, and how sure we are"
STEP_COLUMNS = ("What", "Who", "By when")
GOOD_SIDE, HARD_SIDE = "Good sides:", "Hard sides:"
NOT_NOW = "This cannot wait"
NOT_NOW_TEXT = (
    "You said yes to a sign that needs help now. The numbers on this sheet are for planned surgery. They do not apply until "
    "this is settled. Your surgeon will tell you now what happens next. Are you no longer with your surgeon?"
)
WATCH_LEAD = "Can you say yes to one of these? Then do not wait."
WATCH_ACTION = (
    "Go to the emergency department of a hospital at once, or call for an ambulance. If it is only that one leg or foot "
    "gets weak, call your surgeon the same day. Take this sheet with you."
)
CHANGE_YOUR_MIND = "You can change your mind at any time. You can wait, and a second opinion is fine."
NO_LEANING = "You have not said yet. That is fine, take your time."
NOTHING_WEIGHED = "Nothing is marked yet. What matters most to you?"
NOTHING_ANSWERED = "The list has not been filled in yet."
NOTHING_ASKED = "No answer is noted yet. Write down what you hear:"
NO_STEPS = "Nothing is agreed yet. Write down what comes next:"
TO_PUT_IN_ORDER = "What to put in order first"
FOUND = "What was found"
SIGNS_LEFT_OUT = "A sign or a word that this sheet cannot print is shown as □."
PEOPLE = "Surgery: people who had this operation. Without surgery: people with your condition."
STUDIES_LEAD = "The numbers come from these studies:"
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


def unanswered(count: int) -> str:
    """How many items of the checklist were not asked."""
    return f"Not answered yet: {count}." if count else ""


def red_flags_asked(answered_no: int, asked: int) -> str:
    """What was said about the signs that cannot wait; only that all were denied is told in one sentence."""
    if asked == 0:
        return "These have not been asked yet."
    if answered_no == asked:
        return "In this talk you said no to all of these."
    return ""


def checked_by(name: str, day: date | None) -> str:
    """Who of the clinic checked the texts, and when; empty where nobody is named."""
    if not name.strip():
        return ""
    return f"Checked by {name.strip()}, {day_in_words(day)}." if day else f"Checked by {name.strip()}."


def call(telephone: str) -> str:
    """Whom to call, for the box of signs that cannot wait; empty where the clinic gave no number."""
    return f"Call: {telephone.strip()}" if telephone.strip() else ""


def also_matters(names: Sequence[str]) -> str:
    return f"It also matters: {', '.join(names)}." if names else ""


def versions(searched: str, review: str, data: str, program: str, today: str) -> str:
    """Where and when the sheet comes from, for anyone who checks it later."""
    return (
        f"Printed {today}. Studies searched up to {searched}. To be looked at again by {review}. Data {data}. Spine Choice "
        f"{program}."
    )


def studies_line(labels: Sequence[str], more: int) -> str:
    """The studies by their names, and how many more there are."""
    rest = f"; and {more} more on the Evidence page" if more else ""
    return f"{STUDIES_LEAD} {'; '.join(labels)}{rest}".removesuffix(" …") + "."
