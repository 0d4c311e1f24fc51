"""Pictures, each with the same numbers as its sentence: they draw what `comparison` and `audit` say and compute nothing.

`outcome_charts` (both arms of every study, differences over time), `recovery` (the courses over time), `forest` (forest and funnel plots), `own_results` (the
clinic's own cases) make Plotly figures as plain dictionaries, all in the look of `theme`; `icon_arrays` makes SVG text,
and `risks` puts a harm's numbers, words and icon arrays together.
"""

__all__ = ["forest", "icon_arrays", "outcome_charts", "own_results", "recovery", "risks", "theme"]
