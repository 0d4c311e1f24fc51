"""The clinic's own cases summed up, and beside the published results. Aggregates only: nothing here tells of one patient.

`summary`: a checked log in memory, counted. `registry`: the same counted where it lies (DuckDB, PostgreSQL, Spark), within
the `limits` of time. `results`: what both give. `learning_curve`: operating time and complications by case order.
`beside_published`: own results next to those of a comparison. `kept_log`: the cases of a session and the copy that was kept.
"""

__all__ = ["beside_published", "kept_log", "learning_curve", "limits", "registry", "results", "summary"]
