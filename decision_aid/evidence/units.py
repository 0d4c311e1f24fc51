"""Values of one unit brought to another."""

from __future__ import annotations

from decision_aid.domain.vocabulary import Unit

_PER_BASE_UNIT = {  # unit -> (dimension, how many base units it is)
    Unit.HOURS: ("time", 60.0),
    Unit.DAYS: ("time", 1440.0),
    Unit.WEEKS: ("time", 10080.0),
    Unit.MIN: ("time", 1.0),
    Unit.SEC: ("time", 1 / 60),
    Unit.POINTS_0_10: ("rating", 10.0),
    Unit.ML: ("volume", 1.0),
    Unit.CM: ("length", 1.0),
    Unit.POINTS_0_24: ("rdq", 1.0),
    Unit.MG_MORPHINE: ("morphine", 1.0),
}
_RATING_0_100 = ("rating", 1.0)


def conversion_factor(unit: Unit, target: Unit) -> float | None:
    """What to multiply a value in `unit` by to have it in `target`; None where the scale was not printed or differs."""
    if unit == target and unit not in (Unit.INDEX, Unit.NOT_PRINTED):
        return 1.0
    table = {**_PER_BASE_UNIT, Unit.POINTS_0_100: _RATING_0_100}
    if unit not in table or target not in table or table[unit][0] != table[target][0]:
        return None
    return table[unit][1] / table[target][1]
