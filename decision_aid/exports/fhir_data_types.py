"""The strings, times, names and codes of FHIR R4, as the export writes them."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

Resource = dict[str, Any]  # a resource or an element of one, ready for JSON

_NAMESPACE = UUID("5d3c1f0e-7b64-4b0b-9a52-2f6b8e1c94d7")  # any fixed one: the same content gives the same names
_LONGEST_OFFSET = timedelta(hours=14)

# Forms a receiving system may read as the end of a line, or must refuse because XML cannot hold them.
_LINE_ENDS = "\v\f\x85\u2028\u2029"
_NOT_IN_XML = "\ufffe\uffff"
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class CodeSystem:
    """A small code system of our own: code and words."""

    name: str
    displays: Mapping[str, str]

    def coding(self, code: str) -> dict[str, str]:
        return {"system": urn(f"codes/{self.name}"), "code": code, "display": self.displays[code]}

    def options(self) -> list[Resource]:
        return [{"valueCoding": self.coding(code)} for code in self.displays]


def clean(text: str) -> str:
    r"""The text as a FHIR string can hold it; nothing is cut and its number of characters stays.

    Rule: rarer line ends become \n; rarer spaces become a plain one, because the pattern of a FHIR string counts no
    other as text; control characters, halves of surrogate pairs and the two code points XML cannot hold become U+FFFD, so
    that a reader sees that something stood there. Source: hl7.org/fhir/R4, page Data Types, string.
    """
    return "".join(map(_clean_character, text))


def _clean_character(character: str) -> str:
    if character in " \r\n\t" or character.isalnum():
        return character
    if character in _LINE_ENDS:
        return "\n"
    category = unicodedata.category(character)
    if category in ("Cc", "Cs") or character in _NOT_IN_XML:
        return _REPLACEMENT
    return " " if category == "Zs" else character


def instant(when: datetime) -> str:
    """A time with its zone. Raises `ValueError` without one. Source: hl7.org/fhir/R4, page Data Types, dateTime."""
    offset = when.utcoffset()
    if offset is None:
        raise ValueError("A FHIR time needs its time zone; the time given has none.")
    # FHIR writes an offset in hours and minutes and up to 14 hours; any other is told in UTC.
    if offset % timedelta(minutes=1) or abs(offset) > _LONGEST_OFFSET:
        when = when.astimezone(UTC)
    return when.isoformat(timespec="seconds")


def urn(name: str) -> str:
    """A name for what has no web address; the same name always gives the same."""
    return uuid5(_NAMESPACE, name).urn


def digest(content: object) -> str:
    """A hash of JSON-ready content, in hexadecimal digits."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode("ascii")).hexdigest()
