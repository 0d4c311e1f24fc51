"""The tables of data/ as checked, frozen rows: whole, or not at all with every fault listed.

`loading.load` gives the `Evidence` of a folder. `rows` and `text_rows` say what a row of each table must be, `cells`
what a cell may hold, `tables` which file is which. `reading` takes one file apart, `consistency` holds tables against
each other, `units` brings values to one unit, `datapackage` describes the tables for machines.
"""

__all__ = [
    "cells",
    "consistency",
    "datapackage",
    "loading",
    "reading",
    "rows",
    "tables",
    "text_rows",
    "units",
]
