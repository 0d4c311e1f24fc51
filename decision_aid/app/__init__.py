"""The only Streamlit besides pages/: what stands round every page, what a window holds, inputs, and what is told on a failure.

`frame` the menu, the guard, head and foot of every page; `state` whose audience and which consultation a window shows;
`inputs` widgets that write into it; `saved_work`, `consultations` and `trouble` the drafts and records on the disk;
`patient_screen` and `shared_screens` a second window that follows; `own_cases` the clinic's own numbers; `filters` which studies count; `calm` and `mishaps` failures of the program itself.
"""

__all__ = ["PART_MISSING"]

PART_MISSING = (  # here, where nothing has to be imported to say it
    "A part of the program is missing. Install what requirements.txt lists, as the README says, and start again."
)
