"""For whom something is said: everything that is shown exists for both."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Audience(StrEnum):
    CLINICIAN = "clinician"
    PATIENT = "patient"


class Said(NamedTuple):
    """The same thing in the words of both."""

    clinician: str
    patient: str

    def to(self, audience: Audience) -> str:
        return self.patient if audience is Audience.PATIENT else self.clinician
