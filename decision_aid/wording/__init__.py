"""Every sentence a person reads, for both audiences, and how a number is written: `wording.headline(comparison, audience)`.

Each subject has its file. Nothing here computes: values come from `comparison`, are written by `numerals`, and stand in
the words of `outcomes.csv`. Words that few places need stay in modules of their own: `about`, `filter_words`, `keeping`,
`own_words`, `summary`, `summary_of_findings`; those on own cases, which bring `case_log` and `audit` along, are `case_log_words` and
`own_results_words`.
"""

# ruff: noqa: I001, RUF022
# fmt: off
from decision_aid.wording.cell import Cell
from decision_aid.wording.checklist_words import (
    ANSWERS, NOTHING_URGENT, NO_SCORE, NUMBERS_WAIT, WHAT_PAYERS_ASK_FOR, item_finding, item_source, item_statement, item_text, item_topic, none_of_these, part_label, reading_grade,
)
from decision_aid.wording.consultation_words import (
    HOW_TO_MARK, LEANINGS, MAY_CHANGE, NOTHING_MARKED, NOT_MARKED, NO_NAMES, NO_WINNER, ORDERS, PARTS_OF_A_CONSULTATION, PLACES, PLACE_MARKS,
    SAVED_AS_TYPED, SURE_PROMPTS, TEACH_BACK, WHERE_THE_REST_IS, WITH_SMALLER_CUTS, consultation_title, how_soon, not_reported, step_parts,
)
from decision_aid.wording.differences import NOT_GRADED, as_published
from decision_aid.wording.evidence_words import (
    CUMULATIVE, TWO_NOT_POOLED, direction_of_our_studies, effect_axis, egger_sentence, forest_description, funnel_description,
    no_egger_sentence,
    leave_one_out_sentence, mantel_haenszel_sentence, pooled_effect, pooled_name, other_way_name, other_way_words, steps_description,
    subgroup_sentence, subgroups_description, tau2_sentence, what_gives_it,
)
from decision_aid.wording.handout_words import (
    ANNEX, ANNEX_HEADING, CHANGE_YOUR_MIND, BOLD_LINES, HANDOUT_TITLE,
    LEANING_HEADING, MATTERS_HEADING, NOTHING_ASKED, NOTHING_WEIGHED, NOT_A_FORECAST_ON_PAPER, NOT_NOW, NOT_NOW_TEXT,
    NO_LEANING, NO_STEPS, OPEN_QUESTIONS_HEADING, PAPERS, PEOPLE, PICTURES_HEADING, QUESTIONS_HEADING, READ_SIDES,
    ROW_COLUMN, SIGNS_LEFT_OUT, STEPS_HEADING, STEP_COLUMNS, TABLE_HEADING, TELEPHONE, TO_PUT_IN_ORDER, WATCH_ACTION,
    WATCH_HEADING, WRITE_IN, also_matters, cannot_be_printed, checked_by, option_condition_line, preview_alt,
    sheet_too_long, sources_line,
)
from decision_aid.wording.labels import (
    concern_label, design_label, design_name, not_known, noticeable_sentence, outcome_label, outcome_name,
    question_text, row_note,
    score_direction, technique_label, window_label,
)
from decision_aid.wording.mishap_words import (
    DOWNLOAD_SCREEN, FILE_NOT_MADE, MISHAP, MISHAP_OF_A_STEP, mishap, mishap_of_a_step,
)
from decision_aid.wording.notices import (
    DECISION, HIDDEN_BLOOD_LOSS_TOLD, NOT_A_FORECAST,
    LEAVE_THE_PATIENT, LIVING_WITH_IT, SHOW_THE_CLINICIAN, hidden_blood_loss, WHAT_MIS_IS, WHAT_MIS_IS_NOT, WHO_THE_NUMBERS_ARE_OF, side_by_side_title,
)
from decision_aid.wording.one_comparison import (
    basis, direction_sentence, headline, heterogeneity_sentence, other_designs_sentence, disagreement_sentence, range_text,
)
from decision_aid.wording.one_study import review_beside_its_mark, review_line, source_rows, study_effect, study_values, who_was_studied
from decision_aid.wording.picture_words import (
    chart_description, nothing_to_draw, panel_lines, recovery_headline, time_point_text,
)
from decision_aid.wording.reasons import certainty_line, certainty_reasons, certainty_word, study_status, why_so
from decision_aid.wording.risk_words import (
    OWN_COUNTS, OWN_COUNTS_HINT, OWN_COUNT_FIELDS, 
    absolute_risk_arithmetic, bar_alt, event_told, icons_alt, learning_line, more_events_than_cases,
    no_icons_alt, risk_question, share_line, 
)
from decision_aid.wording.saved_work_words import (
    ASIDE, CORRECTED, DELETED_FOR_GOOD, DRAFT_GONE, EXAMPLE, NO_DRAFTS, NO_RECORDS, ON_THIS_SCREEN,
    PASSPHRASES_DIFFER, PASSPHRASE_CHANGED, PASSPHRASE_OFF, PASSPHRASE_ON, PASSPHRASE_TAKEN_OFF, RECORD_GONE,
    WHAT_A_RECORD_IS, day, day_and_time, draft_kept, draft_lines, record_lines, set_aside, what_a_draft_is,
    where_kept,
)
from decision_aid.wording.start_words import (
    AGE, AGE_GROUPS, ANSWERED_ON_START, DURATION, DURATIONS, LEVEL, SIDE, SIDES, usual_procedure, what_they_are_for,
)
from decision_aid.wording.table_cells import (
    CHOSE_LATER, CHOSE_LATER_NOTE, HAD_IT_ALREADY, NOTHING_TO_COMPARE, chose_later_cell, counted_otherwise, difference_cell, level_cell, none_left_cell, without_surgery_cell,
)

__all__ = [
    "BOLD_LINES", "bar_alt", "NOT_A_FORECAST_ON_PAPER", "PICTURES_HEADING", "ROW_COLUMN", "TELEPHONE", "sources_line",
    "AGE", "AGE_GROUPS", "ANSWERED_ON_START", "DURATION", "DURATIONS", "LEVEL", "SIDE", "SIDES", "usual_procedure", "what_they_are_for",
    "NOTHING_URGENT", "item_finding", "none_of_these",
    "ANNEX", "ANNEX_HEADING", "ANSWERS", "ASIDE", "CHANGE_YOUR_MIND",
    "CHOSE_LATER", "CHOSE_LATER_NOTE", "HAD_IT_ALREADY", "NOTHING_TO_COMPARE", "CORRECTED", "CUMULATIVE", "Cell", "DECISION", "DELETED_FOR_GOOD",
    "DOWNLOAD_SCREEN", "DRAFT_GONE", "EXAMPLE", "FILE_NOT_MADE",
    "HANDOUT_TITLE",
    "HIDDEN_BLOOD_LOSS_TOLD", "HOW_TO_MARK", "LEANINGS", "LEAVE_THE_PATIENT", "LIVING_WITH_IT", "SHOW_THE_CLINICIAN", "LEANING_HEADING", "MATTERS_HEADING",
    "MAY_CHANGE", "MISHAP", "MISHAP_OF_A_STEP", "NOTHING_ASKED", "NOTHING_MARKED", "NOT_MARKED",
    "NOTHING_WEIGHED", "NOT_A_FORECAST", "NOT_NOW", "NOT_NOW_TEXT", "NO_DRAFTS",
    "NO_LEANING", "NO_NAMES", "NO_RECORDS", "NO_SCORE", "NO_STEPS", "NO_WINNER", "NUMBERS_WAIT", "ON_THIS_SCREEN",
    "OPEN_QUESTIONS_HEADING", "ORDERS", "OWN_COUNTS", "OWN_COUNTS_HINT", "OWN_COUNT_FIELDS",
    "PAPERS", "PARTS_OF_A_CONSULTATION", "PASSPHRASES_DIFFER", "PASSPHRASE_CHANGED", "PASSPHRASE_OFF",
    "PASSPHRASE_ON", "PASSPHRASE_TAKEN_OFF", "PEOPLE", "PLACES", "PLACE_MARKS", "QUESTIONS_HEADING", "READ_SIDES",
    "RECORD_GONE", "SAVED_AS_TYPED", "SIGNS_LEFT_OUT", "STEPS_HEADING", "STEP_COLUMNS",
    "SURE_PROMPTS", "TABLE_HEADING", "TEACH_BACK", "TO_PUT_IN_ORDER", "TWO_NOT_POOLED",
    "WATCH_ACTION", "WATCH_HEADING", "WHAT_A_RECORD_IS", "WHAT_MIS_IS", "WHAT_MIS_IS_NOT", "WHAT_PAYERS_ASK_FOR",
    "WHO_THE_NUMBERS_ARE_OF", "WHERE_THE_REST_IS", "WITH_SMALLER_CUTS", "WRITE_IN", "absolute_risk_arithmetic", "also_matters", "NOT_GRADED", "as_published", "basis", "cannot_be_printed", "checked_by",
    "certainty_line", "chose_later_cell", "counted_otherwise", "certainty_reasons", "certainty_word", "chart_description", "concern_label",
    "consultation_title", "day", "day_and_time", "design_label", "design_name", "difference_cell",
    "direction_of_our_studies", "direction_sentence", "draft_kept", "draft_lines", "effect_axis", "egger_sentence", "no_egger_sentence", "event_told",
    "forest_description", "funnel_description", "headline", "hidden_blood_loss", "heterogeneity_sentence", "icons_alt",
    "other_designs_sentence", "disagreement_sentence", "how_soon", "item_source", "item_statement", "item_text", "item_topic", "learning_line",
    "leave_one_out_sentence", "level_cell", "mantel_haenszel_sentence", "mishap", "mishap_of_a_step",
    "more_events_than_cases", "no_icons_alt", "none_left_cell", "not_reported", "not_known", "nothing_to_draw",
    "noticeable_sentence", "option_condition_line", "outcome_label", "outcome_name", "panel_lines", "part_label", "other_way_name", "other_way_words", "pooled_effect",
    "pooled_name", "preview_alt", "question_text", "range_text", "reading_grade", "record_lines",
    "recovery_headline", "review_beside_its_mark", "review_line", "risk_question", "row_note", "score_direction",
    "share_line", "sheet_too_long", "side_by_side_title", "source_rows", "step_parts", "steps_description",
    "study_effect", "study_status", "study_values", "subgroup_sentence", "subgroups_description",
    "set_aside", "tau2_sentence", "what_gives_it", "technique_label", "time_point_text", "what_a_draft_is",
    "where_kept", "who_was_studied", "why_so", "window_label", "without_surgery_cell",
]
