"""The consultation on one screen: what matters with its figures, the main harms, and where the patient stands."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from decision_aid import wording
from decision_aid.components.elements import Content, b, div, h2, li, p, section, span, td, tr, ul
from decision_aid.components.pieces import named_option
from decision_aid.components.side_by_side import VERSUS
from decision_aid.components.tables import ROW_HEAD, column_head, option_cell, options_table
from decision_aid.consultation.model import Place
from decision_aid.domain.audience import Audience
from decision_aid.domain.vocabulary import Option
from decision_aid.wording import Cell
from decision_aid.wording.summary import Concern, ConsultationSummary, Figure


def consultation_summary(of: ConsultationSummary, audience: Audience) -> Markup:
    """Two parts side by side: the figures, and what was said and decided."""
    also = ", ".join(c.label for c in of.concerns if c.place is Place.ALSO)
    return div(".summary")[
        concern_figures(of.concerns, audience, of.harms, of.harms_not_known),
        div(".summary-said")[
            _part("Signs that cannot wait", [*(b[flag] for flag in of.act_now), of.flags]),
            _part("Also matters", [also]),
            _part("Leaning", [b[of.leaning] if of.leaning else "Not said yet.", of.because]),
            _part("SURE test", [of.sure, *of.unclear]),
            _part("Next steps", list(of.steps) or ["None agreed yet."]),
        ],
    ]


def _part(title: str, lines: list[Content]) -> Content:
    """A heading with its lines; nothing where nothing is to be said."""
    told = [line for line in lines if line]
    if not told:
        return None
    inside = p[told[0]] if len(told) == 1 else ul[(li[line] for line in told)]
    return section[h2[title], inside]


def concern_figures(
    concerns: Iterable[Concern], audience: Audience, harms: tuple[Figure, ...] | None = None, not_known: str = ""
) -> Markup:
    """One table: under each concern put in order its rows, then the main harms, then those not known; a row stands once.

    Without `harms` it is the page that shows the figures: then what surgery changes against none is told as well.
    """
    versus = wording.WITH_SMALLER_CUTS if audience is Audience.PATIENT else VERSUS
    heads = [
        column_head("what")[span(".unseen")["What is compared"]],
        *(column_head(f"option {option}")[named_option(option)] for option in Option),
        column_head("sure")[versus],
    ]
    ordered = [c for c in concerns if c.place is not Place.ALSO]
    rows: list[Markup] = [] if ordered else [_group("What matters", "Not marked yet.")]
    shown: set[Figure] = set()

    def add(title: str, figures: tuple[Figure, ...], instead: str = "") -> None:
        new = [f for f in figures if f not in shown]
        shown.update(new)
        rows.append(_group(title, "See above." if figures and not new else instead))
        rows.extend(_row(f, versus, full=harms is None) for f in new)

    for concern in ordered:
        add(f"{wording.PLACE_MARKS[concern.place]} {concern.label}", concern.figures, concern.instead)
    if harms is not None:
        add("Main harms", harms)
        if not_known:
            rows.append(tr(role="row")[td(".unknown", role="cell", colspan=len(heads))[not_known]])
    return options_table("What matters, with its numbers", heads, rows, class_="options in-short")


def _group(title: str, said: str) -> Markup:
    return tr(role="row")[td(".group", role="cell", colspan=2 + len(Option))[b[title], (" ", said) if said else None]]


def _row(f: Figure, versus: str, *, full: bool) -> Markup:
    cells = zip(Option, (f.without, f.open, f.mis), strict=True)
    against = span(".against")[f.without.more] if full and f.without.more else None
    return tr(role="row", data_outcome=f.outcome)[
        ROW_HEAD[f.label, " ", span(".small")[f.when]],
        (option_cell(option, _cell(cell)) for option, cell in cells),
        td(".sure", role="cell")[span(".of")[versus], _cell(f.difference), against],
    ]


def _cell(cell: Cell) -> Markup:
    small = (" ", span(".small")[cell.small]) if cell.small else None
    return span(class_=f"state {cell.state}")[b[cell.big], small]
