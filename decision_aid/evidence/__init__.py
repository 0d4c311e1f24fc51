"""The tables of data/ as checked, frozen rows."""
