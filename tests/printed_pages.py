"""The words of a PDF, page by page, for tests of what is printed."""

from __future__ import annotations

import re
from functools import lru_cache
from io import BytesIO

import pikepdf
import pypdf

# The operators of PDF that set text, move it, and mark its parts (ISO 32000-1, annex A).
_OF_TEXT = "q Q cm gs Do BT ET Tc Tw Tz TL Tf Tr Ts Td TD Tm T* Tj TJ ' \" BMC BDC EMC"
# A state of the page that is kept, moved and given back, with nothing left in between: what was a line of a picture.
_NOTHING_INSIDE = re.compile(rb"(?m)^q\n(?:[-\d. ]+ cm\n|/\S+ gs\n)*Q(?:\n|\Z)")


def without_drawings(content: bytes) -> pypdf.PdfReader:
    """The PDF with its text alone. The lines of its pictures are most of a page, and slow to step over."""
    with pikepdf.open(BytesIO(content)) as opened:
        for page in opened.pages:
            words = pikepdf.unparse_content_stream(pikepdf.parse_content_stream(page, _OF_TEXT))
            while (fewer := _NOTHING_INSIDE.sub(b"", words)) != words:
                words = fewer
            page.Contents = opened.make_stream(words)
        kept = BytesIO()
        opened.save(kept)
    return pypdf.PdfReader(kept)


@lru_cache(maxsize=64)
def page_texts(content: bytes) -> tuple[str, ...]:
    """The text of each page."""
    return tuple(page.extract_text() for page in without_drawings(content).pages)
