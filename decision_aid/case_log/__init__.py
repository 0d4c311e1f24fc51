"""A surgeon's own case log: looked at, asked about, read and checked.

`importing` offers the two steps, `look` and `load_cases`, and what belongs to them; `fields` what a log can hold; `example` an
invented one. Import from these modules: whoever needs only the fields does not load the readers of files.
"""

__all__ = ["answers", "example", "fields", "importing", "log", "plan", "preview", "questions", "sources"]
