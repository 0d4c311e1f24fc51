"""For whom something is said: everything that is shown exists for both."""

from __future__ import annotations

from enum import StrEnum


class Audience(StrEnum):
    CLINICIAN = "clinician"
    PATIENT = "patient"
