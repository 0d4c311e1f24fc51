"""The old name of this package, until its callers are renamed."""

from decision_aid.comparison.shown_risks import crossovers_told  # noqa: F401
from decision_aid.wording import *  # noqa: F403
from decision_aid.wording.cell import Cell


def on_paper(cell: Cell) -> Cell:
    return cell
