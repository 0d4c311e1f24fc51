"""What the tool says of itself: for whom, how its numbers are made, what it does not do, who made and paid for it."""

from __future__ import annotations

from dataclasses import dataclass

from decision_aid import __version__
from decision_aid.comparison.certainty import FEW_EVENTS, FEW_PEOPLE, INCONSISTENT_I2_PERCENT, LARGE_RATIO
from decision_aid.comparison.ladder import LARGE_STUDY_PEOPLE
from decision_aid.comparison.selection import MINIMUM_TRIALS
from decision_aid.domain.audience import Audience
from decision_aid.domain.dates import day_in_words
from decision_aid.domain.vocabulary import About, StandardStatus, StudyDesign
from decision_aid.evidence.loading import Evidence
from decision_aid.meta_analysis.synthesis import ENOUGH_FOR_REML
from decision_aid.wording import keeping
from decision_aid.wording.notices import DECISION


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lines: tuple[str, ...]


def sections(evidence: Evidence, audience: Audience) -> tuple[Section, ...]:
    """The page in order. Counts and dates come from the dataset in use."""
    return (
        Section("For whom it is", (evidence.about[About.FOR_WHOM], evidence.about[About.NOT_FOR], DECISION)),
        Section(
            "What people need to know",
            tuple(row.user_need for row in evidence.conditions.values()),
        ),
        Section("How the numbers are made", _methods(evidence)),
        Section(
            "What it does not do",
            (
                "It does not predict the result of one person, read images or fetch anything from a hospital system by itself.",
                "It does not recommend. There is no score and no verdict, and staying without surgery is always shown.",
                "It sends nothing anywhere, unless you name a database of yours to count your cases in. It asks for no name.",
            ),
        ),
        Section("What is kept, and who can read it", (*keeping.ON_THE_DISK, *keeping.OTHER_ACCOUNTS)),
        Section(
            "Who made it, and who paid",
            (
                evidence.about[About.MADE_BY],
                evidence.about[About.CHECKED],
                evidence.about[About.FUNDING],
                evidence.about[About.INTERESTS],
                evidence.about[About.UPDATES],
            ),
        ),
        Section("What it rests on in law", _REGULATION),
        Section("Who can use it", _ACCESS),
        Section("How easy it is to read", (evidence.about[About.READABILITY],)),
        Section(
            "Version",
            (
                f"Spine Choice {__version__}, data {evidence.content_hash[:7]}. Evidence searched on "
                f"{day_in_words(evidence.search_date)}, review due on {day_in_words(evidence.review_date)}.",
            ),
        ),
    )


_REGULATION = (
    "It shows published averages and a checklist, and leaves every judgement to the surgeon and the patient. It reads no "
    "image, takes nothing from a hospital record and gives no forecast for one person. The one sum it makes with "
    "your own numbers, a rate of the clinic's times a published ratio, stands beside its result.",
    "Whether it counts as a medical device where you work, and who must approve it, is for your clinic to find out. This "
    "is not legal advice.",
)
_ACCESS = (
    "Checked by machine (axe-core, WCAG 2.2 AA) on every page, for both audiences: no finding. Every step works by keyboard; "
    "every picture has its numbers as text.",
    "Known limits: charts cannot be walked mark by mark with a screen reader, their words and the tables hold the same "
    "numbers; windows were tried down to 683 points wide, telephones were not. The PDF is tagged (PDF/UA-1).",
)
_STATUS = {
    StandardStatus.MET: "met",
    StandardStatus.PARTLY: "partly",
    StandardStatus.NOT_MET: "not met",
    StandardStatus.NEEDS_USERS: "needs a study with users",
    StandardStatus.NOT_APPLICABLE: "does not apply",
}


def status_label(status: StandardStatus) -> str:
    return _STATUS[status]


def _methods(evidence: Evidence) -> tuple[str, ...]:
    primary = [s for s in evidence.studies.values() if s.design != StudyDesign.SYSTEMATIC_REVIEW]
    reviews = len(evidence.studies) - len(primary)
    trials = sum(s.design == StudyDesign.RCT for s in primary)
    return (
        f"Search: public abstracts, results texts and single tables on lumbar surgery, up to {day_in_words(evidence.search_date)}. "
        f"{len(primary)} studies came in, {trials} of them randomised, and {reviews} published reviews to compare with. "
        "It is not a systematic review: whole papers were not read, and studies can be missing.",
        "Extraction: only printed numbers. An empty cell means “not reported” and is never filled. A second person read "
        "part of the numbers again; README.md in the data folder says how many agreed.",
        "Selection: arms are compared within a study only. People who appear in two publications are counted once. A "
        "study with a caution is shown with its reason and stays out of the number unless it is put back.",
        "Effects: quantities such as blood and days by the ratio of means, scores by the difference of means, events by the "
        "risk ratio. A spread that was not printed is borrowed from the other studies, marked and counted as such.",
        f"Pooling: random effects, from {ENOUGH_FOR_REML} studies on REML with the Hartung-Knapp interval, of two to four a "
        f"Bayesian model with a half-normal prior on the spread between studies. Randomised trials lead alone when at least "
        f"{MINIMUM_TRIALS} can be pooled; all studies together then stand one line below.",
        f"Which number leads: our pool of {ENOUGH_FOR_REML} studies and more; a smaller pool of ours, unless a published review "
        f"rests on more studies; such a review; one randomised trial, or one study of {LARGE_STUDY_PEOPLE} people and more; "
        "parts of one study. One small study gives no number to patients.",
        "Each option's number: with open surgery what the open arms give together, of a harm those of large registries where "
        "there are any; with minimally invasive surgery that value and the difference. Without surgery: what studies of "
        "surgery against none give. Where one study leads, its own values.",
        f"Certainty: trials start high, other studies low. It goes down for one study only, for disagreement (I² of "
        f"{INCONSISTENT_I2_PERCENT:.0f} % and more where studies point both ways or a new one could), for a range that holds both no difference and one people notice, for few "
        f"people (under {FEW_PEOPLE}) or events (under {FEW_EVENTS}), where it hangs on borrowed spreads and for cautions. Where "
        f"not all are trials, a ratio of {1 / LARGE_RATIO:g} and less or {LARGE_RATIO:g} and more, its range clear of 1, lifts it "
        "by one. It is a rule, not a formal GRADE judgement, and it does not judge a published review.",
    )
