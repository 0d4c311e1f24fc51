"""The parts of the patient's own screen: its address for the surgeon, what stands on it meanwhile, the row that is pointed at."""

from __future__ import annotations

from markupsafe import Markup

from decision_aid.components.elements import div, h1, html, link, p, style, trusted
from decision_aid.domain.vocabulary import Outcome


def address(label: str, where: str) -> Markup:
    """A link that opens a window of its own, with the address below it to be copied."""
    return html(p(".item")[link(label, where)], p(".command")[where])


def waiting(title: str, text: str) -> Markup:
    """All that stands on the patient's screen while there is nothing to follow."""
    return div(".waiting", role="status")[h1(".page")[title], p[text]]


def following(step: str) -> Markup:
    return p(".step-now")[step]


def pointed_row(outcome: str) -> Markup:
    """The rule that outlines the row of an outcome and keeps it in sight while its table is. Raises `ValueError` for no outcome."""
    row = f'[data-outcome="{Outcome(outcome)}"]'
    return style[
        trusted(
            f"{row} {{ outline: 4px solid var(--focus); outline-offset: -2px; position: sticky; top: 4.2rem; bottom: 4.2rem;"
            " z-index: 2; background: var(--surface); }\n"
            f'{row} [role="rowheader"]::before {{ content: "▶ " / "pointed at: "; color: var(--focus); }}\n'
        )
    ]
