"""A case log as a Parquet file: its first rows and the whole of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from decision_aid.case_log.cells import DecimalMark
from decision_aid.case_log.plan import refusal
from decision_aid.case_log.sources.files import LARGEST_CELLS, LARGEST_UNPACKED_BYTES, MOST_COLUMNS, File
from decision_aid.case_log.sources.table import Head, Progress, Table, as_text, checked_headers, code_type

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

_NO_PLAIN_VALUE = "(a list or a record)"
HEADER_LINE = 1  # a Parquet file has no lines; rows are counted as a spreadsheet program would show them


def head(file: File, rows: int) -> Head:
    """The names of the columns and the first `rows` rows."""
    with _parquet(file) as parquet:
        names = _names(file, parquet)
        batch = next(parquet.iter_batches(batch_size=max(rows, 1)), None)
        cells = [_plain(column).to_pylist() for column in batch.columns] if batch is not None and rows else []
        count = parquet.metadata.num_rows
    taken = tuple(zip(*cells, strict=True))
    lines = tuple(range(HEADER_LINE + 1, HEADER_LINE + 1 + len(taken)))
    return Head(names, HEADER_LINE, taken, lines, count)


def table(file: File, mark: DecimalMark, progress: Progress) -> Table:
    """The whole file; numbers are written with `mark`. Raises `CaseLogError` where it would fill the memory."""
    import numpy as np

    with _parquet(file) as parquet:
        names = _names(file, parquet)
        about = parquet.metadata
        if about.num_rows * len(names) > LARGEST_CELLS:
            wanted = f"at most {LARGEST_CELLS:,} cells (export fewer columns or fewer years)"
            raise refusal(file.name, wanted, value=f"{about.num_rows:,} rows of {len(names)} columns")
        unpacked = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
        if unpacked > LARGEST_UNPACKED_BYTES:
            wanted = f"a file that unpacks to at most {LARGEST_UNPACKED_BYTES:,} bytes (export fewer years)"
            raise refusal(file.name, wanted, value=f"{unpacked:,} bytes unpacked")
        codes: list[np.ndarray] = []
        texts: list[pa.Array] = []
        for i in range(len(names)):
            read = parquet.read_row_groups(range(about.num_row_groups), columns=[parquet.schema_arrow.names[i]])
            code, text = _encoded(read.column(0), mark)
            codes.append(code)
            texts.append(text)
            progress((i + 1) / len(names))
        rows = about.num_rows
    lines = np.arange(HEADER_LINE + 1, HEADER_LINE + 1 + rows, dtype=np.int64)
    return Table(names, codes, texts, lines, [], 0).without_blank_rows()


def names(file: File) -> tuple[str, ...]:
    """The names of the columns, unchecked. Raises `CaseLogError` for a damaged file."""
    with _parquet(file) as parquet:
        return tuple(parquet.schema_arrow.names)


@contextmanager
def _parquet(file: File) -> Iterator[pq.ParquetFile]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with file.open() as stream:
        try:
            yield pq.ParquetFile(stream)
        except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError) as error:
            raise refusal(
                file.name, "a whole Parquet file (this one is damaged or encrypted; export it again)"
            ) from error


def _names(file: File, parquet: pq.ParquetFile) -> tuple[str, ...]:
    names = list(parquet.schema_arrow.names)
    headers = checked_headers(file.name, names, HEADER_LINE, MOST_COLUMNS)
    if len(headers) != len(names):  # nameless columns at the end
        raise refusal(file.name, "a name for every column", HEADER_LINE)
    return headers


def _plain(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """A column of values that stand for themselves; nested ones are replaced by a word."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(column.cast(kind.value_type))
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_timestamp(kind):
        if kind.tz is not None:
            column = pc.local_timestamp(column)
        return column.cast(pa.timestamp("us"), safe=False)
    if pa.types.is_time64(kind) or pa.types.is_duration(kind):
        return column.cast(pa.time64("us") if pa.types.is_time64(kind) else pa.duration("us"), safe=False)
    if (
        pa.types.is_nested(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_large_binary(kind)
    ):
        return pa.array([_NO_PLAIN_VALUE] * len(column), pa.string())
    return column


def _encoded(column: pa.ChunkedArray, mark: DecimalMark) -> tuple[np.ndarray, pa.Array]:
    """A column as codes and distinct texts; a missing value is the empty text."""
    import numpy as np
    import pyarrow as pa

    plain = _plain(column)
    if isinstance(plain, pa.ChunkedArray):
        plain = plain.combine_chunks()
    if isinstance(plain, pa.ChunkedArray):
        plain = pa.concat_arrays(plain.chunks)
    encoded = plain.dictionary_encode()
    known = [as_text(value, mark) for value in encoded.dictionary.to_pylist()]
    codes = encoded.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)
    # Two values can have one text (no value and an empty one, 1 and 1.0): each text keeps a single code.
    distinct = list(dict.fromkeys([*known, ""]))
    place = {text: i for i, text in enumerate(distinct)}
    return np.array([place[t] for t in [*known, ""]], dtype=code_type(len(distinct)))[codes], pa.array(
        distinct, pa.string()
    )
