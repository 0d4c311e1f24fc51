"""What a clinic sets for every consultation, the code of one of them, and the PIN of the patient's view."""

from __future__ import annotations

CLINIC = "This clinic"
WHAT_IT_IS_FOR = (
    "Printed on every handout, and asked for when the patient’s view is left. Nothing here is about a patient."
)
CHECKED_BY = "Texts checked by (name and role)"
CHECKED_ON = "Checked on"
TELEPHONE = "Telephone for the box of signs that cannot wait"
PIN = "New PIN for leaving the patient’s view"
PIN_HINT = (
    "At least four signs. It keeps a patient from turning the page by chance, not from a person who can read the files of "
    "this account. Forgotten? Delete the file settings.json beside the saved work."
)
PIN_IS_SET = "A PIN is set."
PIN_TAKEN_OFF = "The PIN is taken off."
PIN_TOO_SHORT = "The PIN needs at least four signs, so it was not changed."
ENTER_PIN = "PIN"
WRONG_PIN = "That is not the PIN. The patient’s view stays. Please try again."

CODE = "Code of this consultation"
CODE_HINT = (
    "Letters and digits, 8 at most, to tell two consultations apart. Never a name, a birth date or a record number."
)
CODE_REFUSED = (
    "This code was not kept. It may have 8 letters and digits at most. It must not look like a date or a long number."
)
