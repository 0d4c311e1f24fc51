"""The words of the field that everything else is said in: options, procedures, conditions, outcomes, units, parts."""

from __future__ import annotations

from enum import StrEnum


class Procedure(StrEnum):
    DISCECTOMY = "discectomy"
    DECOMPRESSION = "decompression"
    FUSION = "fusion"


class Condition(StrEnum):
    DISC_HERNIATION = "disc_herniation"
    SPINAL_STENOSIS = "spinal_stenosis"
    SPONDYLOLISTHESIS = "spondylolisthesis"
    DEGENERATIVE_DISC_DISEASE = "degenerative_disc_disease"
    MIXED_DEGENERATIVE = "mixed_degenerative"


class StudyDesign(StrEnum):
    RCT = "rct"
    PROSPECTIVE_COHORT = "prospective_cohort"
    RETROSPECTIVE_COHORT = "retrospective_cohort"
    REGISTRY = "registry"
    SYSTEMATIC_REVIEW = "systematic_review"


class Outcome(StrEnum):
    BLOOD_LOSS = "blood_loss"
    LENGTH_OF_STAY = "length_of_stay"
    OPERATIVE_TIME = "operative_time"
    FLUOROSCOPY_TIME = "fluoroscopy_time"
    TIME_TO_AMBULATION = "time_to_ambulation"
    RETURN_TO_WORK = "return_to_work"
    OPIOID_USE = "opioid_use"
    ODI = "odi"
    RDQ = "rdq"
    VAS_BACK = "vas_back"
    VAS_LEG = "vas_leg"
    EQ5D = "eq5d"
    SF36_BODILY_PAIN = "sf36_bodily_pain"
    SF36_PHYSICAL_FUNCTION = "sf36_physical_function"
    INCISION_LENGTH = "incision_length"
    DRAINAGE = "drainage"
    COMPLICATION_ANY = "complication_any"
    INFECTION = "infection"
    DURAL_TEAR = "dural_tear"
    NERVE_INJURY = "nerve_injury"
    REOPERATION = "reoperation"
    RECURRENCE = "recurrence"
    TRANSFUSION = "transfusion"
    READMISSION = "readmission"
    FUSION_ACHIEVED = "fusion_achieved"
    SATISFIED = "satisfied_or_good_excellent"
    RECOVERED = "recovered"
    CONVERSION_TO_OPEN = "conversion_to_open"
    RETURNED_TO_WORK = "returned_to_work"


class OutcomeKind(StrEnum):
    CONTINUOUS = "continuous"
    EVENT = "event"


class Horizon(StrEnum):
    """How an outcome meets time: round the operation, in the first months, or at a follow-up visit."""

    PERIOPERATIVE = "perioperative"
    EARLY = "early"
    FOLLOW_UP = "follow_up"


class Timing(StrEnum):
    PERIOPERATIVE = "perioperative"
    AT_MONTHS = "at_months"
    NOT_STATED = "not_stated"


class Arm(StrEnum):
    OPEN = "open"
    MIS = "mis"
    SURGERY = "surgery"
    NONOPERATIVE = "nonoperative"


class Analysis(StrEnum):
    """Of people who changed from what they were assigned to: counted by what they had, or by what they were assigned to."""

    NOT_SAID = ""
    AS_TREATED = "as_treated"
    INTENTION_TO_TREAT = "intention_to_treat"


class Option(StrEnum):
    WITHOUT_SURGERY = "without_surgery"
    OPEN = "open"
    MIS = "mis"


class ScaleKind(StrEnum):
    SCORE = "score"
    CHANGE = "change"


class ReportedMeasure(StrEnum):
    MEAN_DIFFERENCE = "MD"
    STANDARDISED_MEAN_DIFFERENCE = "SMD"
    RISK_RATIO = "RR"
    ODDS_RATIO = "OR"
    HAZARD_RATIO = "HR"
    RISK_DIFFERENCE = "RD"


class ReportedComparison(StrEnum):
    MIS_MINUS_OPEN = "mis_minus_open"
    MIS_OVER_OPEN = "mis_over_open"
    SURGERY_MINUS_NONOPERATIVE = "surgery_minus_nonoperative"
    SURGERY_OVER_NONOPERATIVE = "surgery_over_nonoperative"


class Unit(StrEnum):
    NOT_PRINTED = ""
    EVENTS = "events"
    DAYS = "days"
    HOURS = "hours"
    WEEKS = "weeks"
    MIN = "min"
    SEC = "sec"
    ML = "ml"
    CM = "cm"
    POINTS_0_10 = "points_0_10"
    POINTS_0_24 = "points_0_24"
    POINTS_0_100 = "points_0_100"
    MG_MORPHINE = "mg_morphine"
    INDEX = "index"


class Better(StrEnum):
    LOWER = "lower"
    HIGHER = "higher"


class Aspect(StrEnum):
    """What living through an option is like, in the order it is told."""

    WHAT_HAPPENS = "what_happens"
    ANAESTHETIC = "anaesthetic"
    INCISION = "incision"
    HOSPITAL_STAY = "hospital_stay"
    FIRST_DAYS = "first_days"
    WORK_AND_DRIVING = "work_and_driving"
    HELP_AT_HOME = "help_at_home"
    WHAT_CAN_GO_WRONG = "what_can_go_wrong"
    GOOD_SIDES = "good_sides"
    HARD_SIDES = "hard_sides"


class Part(StrEnum):
    """The parts of the checklist, in the order they are asked."""

    RED_FLAG = "red_flag"
    CRITERION = "criterion"
    APPROACH_FIT = "approach_fit"
    PUT_RIGHT_FIRST = "put_right_first"
    PAYERS = "payers"  # what only payers ask for: for clinicians, after all that guidelines say


class YesMeans(StrEnum):
    """What a yes to an item of the checklist says."""

    ACT_NOW = "act_now"
    MET = "met"
    NOT_MET = "not_met"
    FITS = "fits"
    LIMIT = "limit"
    TO_DO = "to_do"
    NOTE = "note"


class StartFact(StrEnum):
    """What the answers on Start make known; an item of the checklist can rest on it."""

    ONE_LEVEL = "one_level"
    SEVERAL_LEVELS = "several_levels"
    OVER_TWO_LEVELS = "over_two_levels"
    NOT_L5_S1 = "not_l5_s1"
    ABOVE_L4_5 = "above_l4_5"  # neither L4/5 nor L5/S1
    UNDER_6_WEEKS = "under_6_weeks"
    UNDER_3_MONTHS = "under_3_months"
    UNDER_6_MONTHS = "under_6_months"
    FROM_6_MONTHS = "from_6_months"
    OVER_1_YEAR = "over_1_year"
    UNDER_50 = "under_50"
    UP_TO_65 = "up_to_65"
    FUSION_OVER_65 = "fusion_over_65"


class StandardStatus(StrEnum):
    """How the tool stands to a line of a standard."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"
    NEEDS_USERS = "needs_users"  # cannot be claimed without a study with patients or clinicians
    NOT_APPLICABLE = "not_applicable"


class About(StrEnum):
    """Lines about the tool itself that stand on the screen and on the handout."""

    FOR_WHOM = "for_whom"
    NOT_FOR = "not_for"
    MADE_BY = "made_by"
    CHECKED = "checked"
    FUNDING = "funding"
    INTERESTS = "interests"
    UPDATES = "updates"
    READABILITY = "readability"


class QuestionAbout(StrEnum):
    DIAGNOSIS = "diagnosis"
    OPTIONS = "options"
    PROCEDURE = "procedure"
    BENEFIT_AND_RISK = "benefit_and_risk"
    SURGEON = "surgeon"
    RECOVERY = "recovery"
    SECOND_OPINION = "second_opinion"
