"""What the evidence answers to a question, for every page, picture and export.

`question.ask` makes a `Question`, `comparison.compare` answers it with a `Comparison`. On the way `study_results` says what
each study finds, `borrowed_spread` what an arm without a printed spread borrows, `selection` which studies are pooled,
`published_reviews` what others pooled and how it stands on our scale, `ladder` which source gives the number,
`absolute_values` the value of each option, `certainty` how far to trust the pool. `side_by_side` is the table of the three
options, `natural_course` what became of people without surgery, `against_none` what surgery was set against, `asked_times` which time answers a concern, `recovery` the courses over
time, `narrowing` what filters leave, `robustness` what a pool hangs on, `own_rates` and `own_risks` the clinic's own counts in
the place of published ones, `pooled_results` every leading number as one table.
"""

__all__ = [
    "absolute_values",
    "against_none",
    "asked_times",
    "borrowed_spread",
    "certainty",
    "comparison",
    "ladder",
    "narrowing",
    "natural_course",
    "own_rates",
    "own_risks",
    "pooled_results",
    "published_reviews",
    "question",
    "recovery",
    "robustness",
    "selection",
    "side_by_side",
    "study_results",
]
