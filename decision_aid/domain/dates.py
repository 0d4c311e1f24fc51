"""Days as they are written for readers."""

from __future__ import annotations

from datetime import date


def day_in_words(day: date) -> str:
    """A day such as “26 Nov 2026”."""
    return f"{day.day} {day:%b %Y}"
