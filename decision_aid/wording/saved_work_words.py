"""Saved work: drafts and records, how long they are kept, where, and behind which passphrase."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from decision_aid.domain.dates import day_in_words

DRAFT_GONE = (
    "The consultation of this address is not here: it was deleted, its time ran out, or it was saved on another computer. "
    "A new one begins."
)
RECORD_GONE = "This record was deleted in another window. The list is up to date now."
WHAT_A_RECORD_IS = "A record is kept until you delete it. It cannot be changed: a correction is saved beside it."
EXAMPLE = "Show an example: herniated disc at L5/S1"


def draft_kept(until: datetime) -> str:
    """That and how long what is entered is kept."""
    return f"Saved on this computer as you go, kept until {day(until)}"


NO_DRAFTS = "No consultation is open. The first answer you give opens one."
NO_RECORDS = "No record yet. On the page Take home a consultation is saved as a record."
CORRECTED = "A later record corrects this one."
ON_THIS_SCREEN = "This is the one on the screen."
DELETED_FOR_GOOD = "It cannot be brought back. Files you exported or printed stay where they are."
ASIDE = "Damaged files that were set aside. They still hold what could not be read."
PASSPHRASE_OFF = (
    "Saved work is not encrypted: whoever can use this account, or another account of this computer while the program runs, can "
    "read, change and delete it. A passphrase changes that."
)
PASSPHRASE_ON = "Saved work is encrypted. The passphrase is asked for in every new window, also after a refresh, and counts for that window only."
PASSPHRASES_DIFFER = "The two passphrases differ, so nothing was changed. Type both again."
PASSPHRASE_CHANGED = "Done. Saved work is encrypted with the new passphrase."
PASSPHRASE_TAKEN_OFF = "Done. Saved work is not encrypted any more."


def what_a_draft_is(lifetime: timedelta) -> str:
    return f"Kept for {lifetime.days} days after the last change; then off this list, and deleted when the program is next opened."


def draft_lines(saved_at: datetime, expires_at: datetime) -> list[str]:
    return [f"Last change {day_and_time(saved_at)}, kept until {day(expires_at)}"]


def record_lines(saved_at: datetime, version: str, evidence_hash: str, corrects: str | None) -> list[str]:
    correction = ["Corrects an earlier record"] if corrects else []
    return [f"Saved {day_and_time(saved_at)} · version {version} · data {evidence_hash[:7]}", *correction]


def where_kept(folder: Path, *, private: bool) -> str:
    """Where saved work is. `private`: whether the system keeps its files from other accounts."""
    who = " in files that only your account may read" if private else ""
    return (
        f"Everything is kept on this computer, in “{folder}”{who}. No name is asked for; what you write into a note is kept as you "
        "write it."
    )


def day(moment: datetime) -> str:
    """A day in the reader's own time zone: “26 Nov 2026”."""
    return day_in_words(moment.astimezone())


def day_and_time(moment: datetime) -> str:
    return f"{day(moment)}, {moment.astimezone():%H:%M}"


def set_aside(count: int) -> str:
    """What became of damaged files, which keep everything they had."""
    return f"Set aside because they could not be read: {count}, kept under another name. Everything else is as it was."
