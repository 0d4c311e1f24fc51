"""The files that a case log can come in, each read into a `table.Table` of texts: delimited text, workbooks, Parquet."""

__all__ = ["delimited", "files", "letters", "parquet_files", "paths", "table", "workbooks"]
