"""The pictures in docs/: made here, of the data of today.

`DOCS=write` makes them anew; otherwise each must be there and name the dataset that it shows.
"""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest
from driver import LAPTOP, Visitor
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from decision_aid.consultation.model import Consultation, Place
from decision_aid.domain.vocabulary import Condition, Procedure
from decision_aid.evidence.loading import load
from decision_aid.exports import handout, handout_pdf

pytestmark = pytest.mark.browser

DOCS = Path(__file__).resolve().parents[2] / "docs"
NAMES = ("compare", "compare-patient", "risks", "take-home", "handout")
DATA_OF = "Data"  # the entry of a picture that names its dataset
MATTERS = ("less_pain_soon", "short_stay")


def test_the_pictures_show_the_data_of_today(visitor: Visitor) -> None:
    today = load().content_hash
    if os.environ.get("DOCS") == "write":
        for name, content in taken(visitor).items():
            keep(DOCS / f"{name}.png", content, today)
    for name in NAMES:
        with Image.open(DOCS / f"{name}.png") as picture:
            assert picture.info.get(DATA_OF) == today, f"{name} is of other data: run this test with DOCS=write"
            assert picture.width >= 600


def taken(visitor: Visitor) -> dict[str, bytes]:
    """Each picture as a PNG: a disc at L5/S1 and what matters first, as on a laptop; of the sheet the front."""
    page = visitor.open().page
    visitor.click(page.get_by_role("button", name="L5/S1", exact=True))
    visitor.resize(*LAPTOP)
    visitor.go_to("What matters")
    for concern in MATTERS:
        visitor.click(page.locator(f'[class*="st-key-concern-{concern}"] button'))
    found = {}
    for name, title in (("compare", "Compare"), ("risks", "Risks"), ("take-home", "Take home")):
        visitor.go_to(title)
        found[name] = page.screenshot()
    here = Consultation(
        Condition.DISC_HERNIATION,
        Procedure.DISCECTOMY,
        levels=("L5/S1",),
        matters=dict(zip(MATTERS, Place, strict=False)),
    )
    found["handout"] = handout_pdf.compile_png(handout.build(load(), here))[0]
    visitor.show_to("Patient")
    visitor.go_to("Compare")
    found["compare-patient"] = page.screenshot()
    return found


def keep(path: Path, content: bytes, data: str) -> None:
    note = PngInfo()
    note.add_text(DATA_OF, data)
    with Image.open(BytesIO(content)) as picture:
        picture.convert("RGB").quantize(128).save(path, pnginfo=note, optimize=True)
