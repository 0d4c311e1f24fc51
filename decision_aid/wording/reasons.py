"""Why a number is as it is, in the clinician's words and the patient's side by side: states, certainty, studies left out."""

from __future__ import annotations

from decision_aid.comparison.certainty import FEW_EVENTS, FEW_PEOPLE, Certainty, Doubt, Ground, Level
from decision_aid.comparison.comparison import State
from decision_aid.comparison.study_results import StudyResult, Why
from decision_aid.domain.audience import Audience, Said
from decision_aid.wording import numerals

STATES = {
    State.DIFFERENCE: Said("Difference", "Difference"),
    State.SAME_DIRECTION: Said("Same direction, size uncertain", "One way, but not sure how much"),
    State.NO_CLEAR_DIFFERENCE: Said("No clear difference", "No clear difference"),
    State.PUBLISHED_ELSEWHERE: Said("Published review", "From a published review"),
    State.ONE_STUDY: Said("One study", "One study"),
    State.NO_NUMBER: Said("No number", "No number"),
    State.NOT_IN_DATA: Said("Not in our data", "Not in our studies"),
}
_LEVELS = {
    Level.HIGH: Said("High certainty", "Quite sure"),
    Level.MODERATE: Said("Moderate certainty", "Fairly sure"),
    Level.LOW: Said("Low certainty", "Not very sure"),
    Level.VERY_LOW: Said("Very low certainty", "Not sure"),
}
_DOUBTS = {
    Doubt.RANDOMISED: Said("randomised trials only", ""),
    Doubt.NOT_RANDOMISED: Said("not all studies were randomised", "people were not put in groups by chance"),
    Doubt.ONE_STUDY: Said("one study only", "there is one study only"),
    Doubt.INCONSISTENT: Said("the studies differ more than chance explains (I² {:.0f} %)", "the studies differ"),
    Doubt.IMPRECISE: Said(
        "the range holds both no difference and one people would notice", "the true number could lie on either side"
    ),
    Doubt.FEW_PEOPLE: Said(f"few people ({{:.0f}}, under {FEW_PEOPLE})", "not many took part"),
    Doubt.PEOPLE_NOT_PRINTED: Said(
        "how many people took part is not printed", "how many people took part is not known"
    ),
    Doubt.FEW_EVENTS: Said(f"few events ({{:.0f}}, under {FEW_EVENTS})", "it was seen only a few times"),
    Doubt.CAUTIONS: Said("{:.0f} pooled studies carry a caution", "some of the studies have flaws"),
    Doubt.BORROWED_SPREAD: Said(
        "the number hangs on spreads borrowed from other studies", "some studies do not tell how far people differed"
    ),
    Doubt.LARGE_EFFECT: Said("lifted for a large effect", ""),
}
# Where the figure changes the clinician's words.
_OTHERWISE = {
    Ground(Doubt.IMPRECISE, None): "the range holds both less and more",
    Ground(Doubt.CAUTIONS, 1): "1 pooled study carries a caution",
}
_WHY = {
    Why.POOLED: Said("pooled", "yes"),
    Why.CAUTION: Said("set aside", "set aside for a flaw"),
    Why.NO_SPREAD: Said("prints no spread", "it does not tell how much people differed"),
    Why.NO_ARM_SIZE: Said("prints no arm size", "it does not tell how many took part"),
    Why.ONE_ARM: Said("one arm only", "it looked at one kind of surgery only"),
    Why.SAME_PEOPLE: Said("same people as", "the same people are counted in another study"),
    Why.NOT_RANDOMISED: Said(
        "not randomised; randomised trials are pooled alone", "people were not put in groups by chance"
    ),
    Why.SCALE_NOT_PRINTED: Said("scale not printed or not convertible", "the scale is not known"),
    Why.TIME_NOT_STATED: Said("time not stated", "the time is not known"),
    Why.NO_EVENTS: Said("no event in either arm", "it did not happen to anyone"),
    Why.OTHER_MEASURE: Said("reports another measure without the counts", "it gives no counts"),
    Why.SUBGROUP: Said("reported for a subgroup only", "it tells of a part of the people only"),
    Why.OTHER_OPERATION: Said("another operation", "it looked at another operation"),
    Why.OTHER_CARE: Said("against an injection", "the others had an injection"),
    Why.OTHER_ANALYSIS: Said("counted as treated, the others as assigned", "it counted people in another way"),
    Why.LEVELS_DIFFER: Said(
        "a mean in one arm and another statistic in the other", "the two groups were measured in different ways"
    ),
    Why.NO_RATIO: Said("a ratio of these means says nothing", "the numbers cannot be set against each other"),
}
_MOST_REASONS = 2  # that a patient is told
_WHOLE_WEIGHT = 99.5  # percent; a study that rounds to all of it is not told with its weight


def certainty_line(certainty: Certainty | None, audience: Audience) -> str:
    """How far to trust the number, with the reasons, in one line."""
    if certainty is None:
        return ""
    word = certainty_word(certainty, audience)
    if audience is Audience.CLINICIAN:
        return f"{word}: {'; '.join(certainty_reasons(certainty))}."
    told = [said for doubt in certainty.doubts if (said := _DOUBTS[doubt].patient)][:_MOST_REASONS]
    if not told:
        return f"{word}."
    # A reason never praises: above the middle it says what holds the number back.
    held_back = certainty.level >= Level.MODERATE
    return f"{word}. Not more, because {' and '.join(told)}." if held_back else f"{word}: {' and '.join(told)}."


def certainty_reasons(certainty: Certainty) -> list[str]:
    """The grounds of a certainty with their figures, as a clinician reads them, in their order."""
    return [_OTHERWISE.get(g) or _DOUBTS[g.doubt].clinician.format(g.figure) for g in certainty.grounds]


def certainty_word(certainty: Certainty | None, audience: Audience) -> str:
    return _LEVELS[certainty.level].to(audience) if certainty else ""


def why_so(result: StudyResult) -> str:
    """Why a study is or is not in the pool, for clinicians and exports, with the caution or the other publication."""
    why = _WHY[result.why].clinician
    return f"{why}: {result.detail}" if result.detail else why


def study_status(result: StudyResult, audience: Audience = Audience.CLINICIAN) -> str:
    """Whether a study is in the number, and why not."""
    if audience is Audience.PATIENT:
        told = _WHY[result.why].patient
        return told if result.pooled else f"no: {told}"
    if not result.pooled:
        return why_so(result)
    if result.weight is None or result.weight >= _WHOLE_WEIGHT:
        return "used"
    return f"in the pool, weight {numerals.whole_percent(result.weight)}"
