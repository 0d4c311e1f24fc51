"""What the evidence answers to a question, for every page, picture and export.

`question.ask` makes a `Question`, `comparison.compare` answers it with a `Comparison`. On the way `study_results` says what
each study finds, `selection` which of them are pooled, `absolute_values` the risks of both options, `certainty` how far to
trust the pool, `published_reviews` what others pooled. `side_by_side` is the table of the three options, `narrowing` what
filters leave, `robustness` what a pool hangs on, `own_rates` and `own_risks` the clinic's own counts in the place of
published ones, `pooled_results` every pooled number as one table.
"""

__all__ = [
    "absolute_values",
    "certainty",
    "comparison",
    "narrowing",
    "own_rates",
    "own_risks",
    "pooled_results",
    "published_reviews",
    "question",
    "robustness",
    "selection",
    "side_by_side",
    "study_results",
]
