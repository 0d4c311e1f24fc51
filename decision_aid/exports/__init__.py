"""What leaves the screen.

- `handout`: what stands on the take-home sheet; `handout_pdf` sets it on paper, `typesetting` is the compiler behind that
- `clinical_note`: the consultation as plain text for the record
- `fhir`: the checklist and the decision for a hospital system
- `report`: a comparison as data, as text and as the rows it read
- `terminal`: writing to a terminal, a pipe or a file of any code page
"""

__all__ = [
    "clinical_note",
    "fhir",
    "fhir_data_types",
    "fhir_questionnaire",
    "handout",
    "handout_pdf",
    "report",
    "terminal",
    "typesetting",
]
