"""The handout on paper: as PDF/UA-1 and as pictures of its pages, set by the template `handout.typ`.

What a person typed reaches the template as a value in JSON and is never source.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from decision_aid import wording
from decision_aid.domain import from_the_right
from decision_aid.domain.palette import INK, OPTIONS, PAPER_RULE, QUIET
from decision_aid.exports.handout import Handout
from decision_aid.exports.typesetting import FAMILIES, SURE_TO_PRINT, UNPRINTABLE, compiled
from decision_aid.wording import summary_of_findings

TEMPLATE = Path(__file__).with_name("handout.typ")
ONE_SHEET = 2  # pages
# Longer words may be broken after so many letters, so that nothing runs off the page.
_LONG = re.compile(r"\S{24}(?=\S)")


class Paper(StrEnum):
    A4 = "a4"
    LETTER = "us-letter"


class HandoutError(RuntimeError):
    """A sheet that cannot be made; the message says what stands in the way and what to do."""


def compile_pdf(handout: Handout, paper: Paper = Paper.A4) -> bytes:
    """The sheet as tagged PDF/UA-1. Raises `HandoutError` when it cannot be made."""
    (content,) = _compiled(handout, paper, "pdf")
    return content


def compile_png(handout: Handout, paper: Paper = Paper.A4) -> list[bytes]:
    """The pages as pictures, to look at. Their number is the number of pages. Raises `HandoutError` as above."""
    return _compiled(handout, paper, "png")


def _compiled(handout: Handout, paper: Paper, form: Literal["pdf", "png"]) -> list[bytes]:
    """The sheet set in type. Letters that cannot stand together, such as a mark on a sign without one, become □."""
    for only_sure in (False, True):
        data = {
            "sheet": _as_data(handout, only_sure),
            "words": _words(),
            "paper": str(paper),
            "fonts": FAMILIES,
            "colours": {"ink": INK, "quiet": QUIET, "rule": PAPER_RULE},
        }
        try:
            return compiled(TEMPLATE, form, {"data": json.dumps(data, ensure_ascii=False)})
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
        text = "".join(c if c in SURE_TO_PRINT else UNPRINTABLE for c in text)
    return from_the_right.isolated_lines(_LONG.sub("\\g<0>\u200b", text))


def _words() -> dict[str, Any]:
    """The fixed words of the sheet by their names in `wording`, so that the template holds none."""
    names = (
        "WRITE_IN", "MATTERS_HEADING", "PICTURES_HEADING", "LEANING_HEADING", "STEPS_HEADING", "WATCH_HEADING",
        "TABLE_HEADING", "QUESTIONS_HEADING", "OPEN_QUESTIONS_HEADING",
        "TO_PUT_IN_ORDER", "ROW_COLUMN", "STEP_COLUMNS", "NOT_NOW", "NOT_NOW_TEXT", 
        "WATCH_ACTION", "TELEPHONE", "CHANGE_YOUR_MIND", "NO_LEANING", "NOTHING_WEIGHED", "NOTHING_ASKED", "NO_STEPS",
        "BOLD_LINES", "SIGNS_LEFT_OUT", "ANNEX_HEADING",
    )  # fmt: skip
    told = {name.lower().replace("_", "-"): getattr(wording, name) for name in names}
    return told | {"annex-columns": summary_of_findings.HEADS, "annex-note": summary_of_findings.NOTE}
