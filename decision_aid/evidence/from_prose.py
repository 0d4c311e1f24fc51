"""What is still read out of texts of the dataset, for want of a column: nothing else may do so.

Each function is to be deleted with the typed column that brings what it finds: `label` of a study, `ci_level` of a
reported effect, `conditions` and `months` of a row of thresholds.csv.
"""

from __future__ import annotations

import re

from decision_aid.evidence.rows import ConditionRow, StudyRow, ThresholdRow


def study_label(study: StudyRow) -> str:
    """How a study is named to a reader: surname and year, or its title's first words where either is missing.

    Never empty: a study without a title either goes by its id.
    """
    if study.first_author and study.year:
        return f"{_surname(study.first_author)} {study.year}"
    words, label = study.title.split(), ""
    for word in words:
        if label and len(label) + len(word) > 30:
            return label.rstrip(",:;") + " …"
        label = f"{label} {word}".strip()
    return label or study.study_id


def interval_level(notes: str) -> float:
    """The level of a printed interval: 0.95 unless the notes say otherwise."""
    found = re.search(r"(\d{2}(?:\.\d)?)\s?% (?:confidence interval|CI), not 95\s?%", notes)
    return float(found.group(1)) / 100 if found else 0.95


def matches_condition(row: ThresholdRow, condition: ConditionRow) -> bool:
    """Whether a row of thresholds.csv is about people with this condition."""
    text = row.condition.lower()
    return any(term in text for term in condition.threshold_terms.split("|"))


def months_in(meaning: str) -> float | None:
    """The time a sentence such as “had surgery within 2 years” names, in months."""
    found = re.search(r"(?:within|by|at) (\d+) (month|year)s?", meaning)
    return None if not found else float(found.group(1)) * (12 if found.group(2) == "year" else 1)


def cited_label(row: ThresholdRow) -> str:
    """How the publication behind a row of thresholds.csv is named to a reader: what its citation begins with."""
    return row.citation.split(",")[0]


def _surname(author: str) -> str:
    """The printed name without trailing initials: “Ke T” and “Peng CWB” become “Ke” and “Peng”."""
    # “(Hu, corresponding)” and “Khalid (listed author)” say how the name was found; the name is enough in a label.
    author = re.sub(r"^\((\w+),[^)]*\)", r"\1", author)
    parts = re.sub(r"\s*\([^)]*\)", "", author).split()
    while len(parts) > 1 and parts[-1].isupper() and len(parts[-1]) <= 4:
        parts.pop()
    return " ".join(parts)
