"""Files as they come: text, workbooks, Parquet, by hand or by path; where their table is, and in which letters."""
