"""The words of the field, known to everything above: imports nothing of ours.

`vocabulary` names options, procedures, conditions, outcomes, units and the parts of the tables; `audience` for whom
something is said; `time_windows` which months count as one time. `problems` tells a fault as a sentence, `escaping` and
`from_the_right` make text from outside safe for the place it goes to, `palette` gives each option one colour and shape.
"""

__all__ = [
    "audience",
    "escaping",
    "from_the_right",
    "palette",
    "problems",
    "time_windows",
    "vocabulary",
]
