"""What a reader makes of a text: how hard it is to read, words that judge in place of a number, and the numbers in it."""

from __future__ import annotations

import re
from typing import NamedTuple

import textstat

HIGHEST_GRADE = 8.0

BANNED = re.compile(
    r"\b(?:best|better option|recommend\w*|advis\w+|gold standard|indicated|superior\w*|inferior|ideal\w*|optimal\w*"
    r"|preferred|safe|safer|safest|proven|guarantee\w*|effective\w*|successful\w*|miracle|cure[sd]?|harmless"
    r"|rare|rarely|common|commonly|uncommon|usual|usually|unusual\w*|often|seldom|sometimes|frequent\w*|infrequent\w*"
    r"|likely|unlikely|probabl\w+|possibly|generally|typical\w*|normally|mostly|mainly|almost always|always|never"
    r"|(?:most|many|few|some|a lot of) (?:people|patients|studies show|of them)|majority|minority|almost all|hardly"
    r"|(?:high|low|small|large|big|slight|good|great) (?:chance|risk|odds)|in \d+|one in)\b",
    re.IGNORECASE,
)

NUMBER = re.compile(r"(?<![\w.])[−-]?\d[\d,]*(?:\.\d+)?")


def numbers(text: str, *without: str) -> list[str]:
    """The numbers of a text, in order, as written; thousands marks dropped. `without`: parts that are left out."""
    for part in without:
        assert part in text, f"“{part}” is not in “{text}”"
        text = text.replace(part, " ", 1)
    return [found.replace(",", "") for found in NUMBER.findall(text)]


# Syllables are counted here: the library's own count downloads a dictionary at its first use. Words that the rule below
# gets wrong stand in this list; both were held against a pronouncing dictionary.
SYLLABLES = {
    "being": 2, "centre": 2, "centres": 2, "earlier": 3, "easier": 3, "fibres": 2, "fluid": 2, "going": 2,
    "minutes": 2, "movement": 2, "people": 2, "recovery": 4, "safely": 2, "serious": 3, "sides": 1, "someone": 2,
    "stitches": 2, "surgeon": 2, "surgeon's": 2, "while": 1, "whole": 1, "sciatica": 4,
}  # fmt: skip
VOWELS = re.compile(r"[aeiouy]+")
SILENT_END = re.compile(r"(?:[^aeioulsxzcgtd]es|[^aeioutd]ed|[^aeioul]e)$")
TWO_SOUNDS = re.compile(r"(?:io|ia|eo|ua)(?!u)(?<!tio)(?<!sio)(?<!gio)")


def syllables(word: str) -> int:
    """The syllables of an English word, by its groups of vowels."""
    word = word.lower()
    if word in SYLLABLES:
        return SYLLABLES[word]
    parts = re.findall(r"[a-z]+", word.replace("'", ""))
    return sum(_syllables_of_part(part) for part in parts)


def _syllables_of_part(part: str) -> int:
    stem = SILENT_END.sub(lambda end: end.group()[0], part) if len(part) > 1 else part
    return max(1, len(VOWELS.findall(stem)) + len(TWO_SOUNDS.findall(stem)))


class Grade(NamedTuple):
    flesch_kincaid: float
    smog: float


def reading_grade(text: str) -> Grade:
    """Flesch-Kincaid (Kincaid 1975) and SMOG (McLaughlin 1969)."""
    counts = [syllables(word) for word in re.findall(r"[A-Za-z][A-Za-z'’-]*", text)]
    sentences, all_words = textstat.sentence_count(text), textstat.lexicon_count(text)
    long_words = sum(count >= 3 for count in counts)
    return Grade(
        flesch_kincaid=0.39 * all_words / sentences + 11.8 * sum(counts) / len(counts) - 15.59,
        smog=1.043 * (30 * long_words / sentences) ** 0.5 + 3.1291,
    )
