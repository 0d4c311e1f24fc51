"""The words that patients read where clinicians read “less” and “more”: days are fewer, time is shorter, a score is lower."""

from __future__ import annotations

import re

_LESS, _MORE = ("less", "fewer", "shorter", "lower"), ("more", "longer", "higher")


def plainly(text: str) -> str:
    """The text with “less” and “more” for the words of a direction that fit one outcome alone."""
    text = re.sub(rf"\b(?:{'|'.join(_LESS)})\b", "less", text)
    text = re.sub(rf"\b(?:{'|'.join(_MORE)})\b", "more", text)
    return re.sub(r"times as (?:much|many|long|high)", "times as much", text)
