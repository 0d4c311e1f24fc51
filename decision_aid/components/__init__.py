"""The HTML parts of the screen, each a function that returns escaped markup, and the style sheet.

The parts are grouped by what they are about:

- `side_by_side`: the table of Compare; `sources`: the studies behind a number, in a popover;
- `options`: living through an option, the course without surgery, what a difference means, who operates;
- `checklist`, `weighing`, `summary`, `evidence_page`, `own_results`, `case_log`, `about_page`: the parts of one page each;
- `patient_screen`: the patient's own screen;
- `pieces`: headings, notes, boxes, marks, and the frame's own lines; `style_sheet`: the look of them all;
- `tables` and `elements`: what they are made of.
"""

from decision_aid.components.about_page import about, standards
from decision_aid.components.case_log import looked_at, set_aside
from decision_aid.components.checklist import act_now, cannot_wait, checklist_heading, checklist_item, findings_panel
from decision_aid.components.evidence_page import command, evidence_table, finding, review_list, summary_table
from decision_aid.components.options import living_with_it, share_bars, who_operates, without_surgery_panel
from decision_aid.components.own_results import own_results_table
from decision_aid.components.patient_screen import address, following, pointed_row, waiting
from decision_aid.components.pieces import (
    ARMS,
    brand,
    context,
    entry,
    filtered,
    foot_note,
    footer,
    heading,
    lead,
    mishap,
    note,
    on_paper,
    option_cards,
    page_title,
    panel_head,
    problem_list,
    small,
    to_know,
    trouble,
    two_notes,
)
from decision_aid.components.side_by_side import VERSUS, side_by_side_table
from decision_aid.components.sources import comparison_sources, source_button
from decision_aid.components.style_sheet import style_sheet, style_sheet_for_patients
from decision_aid.components.summary import concern_figures, consultation_summary
from decision_aid.components.tables import folded_table
from decision_aid.components.weighing import cited, question, sure_item, trade_offs

__all__ = [
    "ARMS",
    "VERSUS",
    "about",
    "act_now",
    "address",
    "brand",
    "cannot_wait",
    "checklist_heading",
    "checklist_item",
    "cited",
    "command",
    "comparison_sources",
    "concern_figures",
    "consultation_summary",
    "context",
    "entry",
    "evidence_table",
    "filtered",
    "finding",
    "findings_panel",
    "folded_table",
    "following",
    "foot_note",
    "footer",
    "heading",
    "lead",
    "living_with_it",
    "looked_at",
    "mishap",
    "note",
    "on_paper",
    "option_cards",
    "own_results_table",
    "page_title",
    "panel_head",
    "pointed_row",
    "problem_list",
    "question",
    "review_list",
    "set_aside",
    "share_bars",
    "side_by_side_table",
    "small",
    "source_button",
    "standards",
    "style_sheet",
    "style_sheet_for_patients",
    "summary_table",
    "sure_item",
    "to_know",
    "trade_offs",
    "trouble",
    "two_notes",
    "waiting",
    "who_operates",
    "without_surgery_panel",
]
