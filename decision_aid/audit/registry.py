"""Case logs that stay where they are: files larger than memory, and registries in a database.

The counting of `summary`, written with Ibis, runs in the engine that holds the cases: DuckDB for files,
PostgreSQL or Spark by address. Counts are the same to the last case, means and standard deviations to rounding.
Quartiles are exact and interpolated alike in all three (`quantile_cont`, `percentile_cont`, `percentile`). Only
summaries come back.

Needs what requirements-registry.txt lists, and for Spark requirements-spark.txt and Java.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from decision_aid.audit import limits
from decision_aid.audit.assembly import Key, assemble, months_before
from decision_aid.audit.limits import RegistryError
from decision_aid.audit.results import (
    DATE_OF,
    EVENTS,
    LARGEST_TOLD_APART,
    MEASURES,
    MIX,
    REOPERATION_MONTHS,
    SCORES,
    LogMeasure,
    Summary,
)
from decision_aid.case_log.fields import BY_NAME, FIELDS, Approach, Kind
from decision_aid.domain.vocabulary import Procedure

if TYPE_CHECKING:
    import pyarrow as pa
    from ibis.expr.types import Scalar, Table, Value

_SPARK = threading.Lock()  # a process holds one session of Spark at a time
# Exact quartiles keep every value of a column in the engine's memory: a few columns at a time.
_MEASURES_AT_A_TIME = 5
_TYPES = {
    Kind.DATE: "date",
    Kind.CHOICE: "string",
    Kind.NUMBER: "float64",
    Kind.WHOLE: "int64",
    Kind.YES_NO: "boolean",
}
_TEXT_FILES = (".csv", ".csv.gz", ".csv.zst")


class NoEngine(RuntimeError):
    """Says which optional package is missing."""


def open_source(address: str | Path, table: str = "cases") -> Table:
    """Open a validated case log where it lies; nothing is read yet.

    `address` is one of: the path of a Parquet or CSV file, or a pattern such as ``cases/*.parquet`` (DuckDB); a
    ``postgres://`` or ``postgresql://`` address (the session is read-only); a ``spark://`` address or ``local[*]``.
    `table`: its name in PostgreSQL or in Spark's catalogue, with its schema or database before a point; for Spark also the
    path of a Parquet file or folder.

    Raises RegistryError for an address of another kind, a table that is not there or an engine that does not answer in
    time, FileNotFoundError for a file that is not there, NoEngine where the package for that engine is not installed, and what the engine raises
    where it cannot be reached. What an engine raises may repeat the address: `limits.reason` takes it out.
    """
    text = str(address)
    scheme = text.split("://", 1)[0].lower() if "://" in text else ""
    with _engine(f"{scheme}://" if scheme else text):
        if scheme in ("postgres", "postgresql"):
            return _postgres(text, table)
        if _is_spark(text):
            return _spark(text, table)
        if scheme:
            raise RegistryError(f"{scheme[:20]}:// is not an address of a case log: postgres://, spark:// or a file")
        return _file(text)


@contextlib.contextmanager
def _engine(name: str) -> Iterator[None]:
    """Name the missing package, and keep quiet about what an engine is going to rename in its own interface."""
    with warnings.catch_warnings():
        # Ibis still calls it; nothing here could call anything else.
        warnings.filterwarnings("ignore", message=r"fetch_arrow_table\(\)", category=DeprecationWarning)
        try:
            yield
        except ImportError as error:
            package = (error.name or "ibis").split(".")[0]
            file = "requirements-spark.txt" if package == "pyspark" else "requirements-registry.txt"
            raise NoEngine(f"{name} needs the package {package}: see {file}") from error


def _file(text: str) -> Table:
    import ibis

    path = Path(text).expanduser()
    if not any(c in text for c in "*?[") and not path.exists():
        raise FileNotFoundError(text)
    connection = ibis.duckdb.connect()
    if text.lower().endswith(".parquet"):
        return connection.read_parquet(str(path))
    if text.lower().endswith(_TEXT_FILES):
        # As text, to be cast by the fields: a type guessed from the first rows may not hold for the last.
        return connection.read_csv(str(path), all_varchar=True)
    raise RegistryError(f"{path.name}: a case log is a .parquet or a .csv file")


def _postgres(address: str, table: str) -> Table:
    import ibis
    import psycopg

    limit = limits.CONNECT_SECONDS
    if not limits.is_readable(address):
        raise RegistryError("the signs @ / ? # in a user name or a password are written as %40 %2F %3F %23")
    wire = psycopg.connect(address, autocommit=True, connect_timeout=limit)
    with contextlib.ExitStack() as closing:
        closing.callback(wire.close)
        with limits.within(limit, lambda: limits.hang_up(wire)):
            connection = ibis.postgres.from_connection(wire)
            with connection.begin() as cursor:
                cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
                cursor.execute(f"SET SESSION statement_timeout = {int(1000 * limits.STATEMENT_SECONDS)}")
            found = _named(connection, table)
        closing.pop_all()
        return found


def _is_spark(address: str) -> bool:
    return address.lower().startswith("spark://") or address == "local" or address.startswith("local[")


def _spark(address: str, table: str) -> Table:
    import ibis
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    # Spark shows a web page of what it does to whoever asks, and by itself listens to other computers.
    settings = {"spark.master": address, "spark.app.name": "case log", "spark.ui.enabled": "false"}
    if address.startswith("local"):
        settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    else:
        _call(address)
    with contextlib.ExitStack() as closing:
        try:
            context = SparkContext(conf=SparkConf().setAll(list(settings.items())))
            closing.callback(context.stop)
            session = SparkSession(context)
            closing.callback(session.stop)
            connection = ibis.pyspark.connect(session)
            with limits.counting(connection):  # to know the columns of a file is already work for a cluster
                found = connection.read_parquet(table) if table.endswith(".parquet") else _named(connection, table)
        except RegistryError:
            raise
        except Exception as error:  # Java's, by another name in each version
            # After a minute without a master Spark ends itself; whatever is asked next is the first to say so.
            if "is stopped" in str(error) or "stopped SparkContext" in str(error):
                raise RegistryError("what answers at this address is no master of Spark") from None
            raise
        closing.pop_all()
        return found


def _call(address: str) -> None:
    """Raise what the network says where none of the masters of a Spark address takes a call: Spark tries for a minute."""
    masters = address.partition("://")[2].split(",")
    for at, master in enumerate(masters, 1):
        host, _, port = master.rpartition(":")
        if not host or not port.isdigit():
            raise RegistryError("the address of Spark is written spark://host:port")
        try:
            socket.create_connection((host, int(port)), limits.CONNECT_SECONDS).close()
            return
        except OSError:
            if at == len(masters):
                raise


def _named(connection: Any, table: str) -> Table:
    from ibis.common.exceptions import TableNotFound

    schema, _, name = table.rpartition(".")
    try:
        return connection.table(name, database=schema or None)
    except TableNotFound:
        raise RegistryError(f"there is no table “{table}”") from None


def count_there(address: str | Path, table: str = "cases") -> Summary:
    """What `summarise_remote` says of the cases at an address, over a connection that is closed afterwards.

    Raises what `open_source` and `summarise_remote` raise.
    """
    with _SPARK if _is_spark(str(address)) else contextlib.nullcontext():
        cases = open_source(address, table)
        try:
            return summarise_remote(cases)
        finally:
            with contextlib.suppress(Exception):  # it is over in any case, and what went wrong before is told
                cases.get_backend().disconnect()


def summarise_remote(table: Table, *, as_of: date | None = None) -> Summary:
    """Say what a validated log holds, counted where it lies; the same as `summarise` of the same rows.

    `table`: an Ibis table with the columns of `case_log.fields`; see `open_source`.

    Raises RegistryError for a table without one of the columns, or with rows whose date, procedure or approach is missing
    or unknown, and for an engine that takes too long; NoEngine without Ibis.
    """
    with _engine("counting in a database"):
        cases = _typed(table)
        overview = _row(
            cases.aggregate(
                cases=cases.count(),
                first=cases.operation_date.min(),
                last=cases.operation_date.max(),
                known=_number(cases, _known(cases)),
            )
        )
        if incomplete := overview["cases"] - overview["known"]:
            raise RegistryError(f"not a validated case log: {incomplete} rows lack date, procedure or approach")
        if not overview["cases"]:
            return assemble({}, None, None, as_of)
        first, last = overview["first"], overview["last"]
        as_of = as_of or last
        cases = cases.mutate(year=cases.operation_date.year(), **_changes(cases))

        cells: dict[Key, dict[str, Any]] = defaultdict(dict)
        _count(cells, cases, _counted(cases, as_of) | _trend(cases))
        _count(cells, cases, _trend(cases), "year")
        for start in range(0, len(MEASURES), _MEASURES_AT_A_TIME):
            measures = MEASURES[start : start + _MEASURES_AT_A_TIME]
            _count(cells, cases, _described(cases, measures))
            _count(cells, cases, _described(cases, measures), "year")
        return assemble(cells, first, last, as_of)


def _typed(table: Table) -> Table:
    """The fields in their kinds; what is not a number is not recorded."""
    import ibis

    if missing := [name for name in BY_NAME if name not in table.columns]:
        raise RegistryError(f"not a validated case log: no column {', '.join(missing)}")
    columns: dict[str, Value] = {}
    for f in FIELDS:
        column = table[f.name].cast(_TYPES[f.kind])
        columns[f.name] = ibis.cases((column.isnan(), None), else_=column) if f.kind is Kind.NUMBER else column
    return table.select(**columns)


def _known(cases: Table) -> Value:
    return (
        cases.operation_date.notnull()
        & cases.procedure.isin([str(p) for p in Procedure])
        & cases.approach.isin([str(a) for a in Approach])
    )


def _changes(cases: Table) -> dict[str, Value]:
    return {m.name: cases[m.field] - cases[m.before] for m in MEASURES if m.before}


def _trend(cases: Table) -> dict[str, Scalar]:
    found = {f"{name}__events": _number(cases, cases[name]) for name in EVENTS}
    return found | {f"{name}__recorded": _number(cases, cases[name].notnull()) for name in EVENTS}


def _number(cases: Table, condition: Value) -> Scalar:
    """In how many cases it holds. Spark would answer nothing, not 0, where it is recorded in none."""
    return cases.count(where=condition.fill_null(False))


def _counted(cases: Table, as_of: date) -> dict[str, Scalar]:
    """The counts of `summary`, under the same names."""
    import ibis

    found: dict[str, Scalar] = {}

    def count(name: str, *conditions: Value) -> None:
        found[name] = _number(cases, ibis.and_(*conditions))

    for f in FIELDS:
        happened = [cases[DATE_OF[f.name]]] if f.name in DATE_OF else []
        count(f"{f.name}__recorded", cases[f.name].notnull(), *happened)
    for measure in SCORES:
        due = cases.operation_date <= ibis.date(months_before(as_of, measure.months or 0))
        count(f"{measure.name}__due", due)
        count(f"{measure.name}__due_recorded", due, cases[measure.name].notnull())

    old = cases.operation_date <= ibis.date(months_before(as_of, REOPERATION_MONTHS))
    undated = cases.reoperation & cases.reoperation_date.isnull()
    count("reoperation_24__n", old, cases.reoperation.notnull())
    count("reoperation_24__undated", old, undated)
    count("reoperation_24__too_recent", ~old)
    count("reoperation_24__events", old, cases.reoperation, undated | _within_months(cases))

    for name, values in MIX.items():
        for i, value in enumerate(values, 1):
            column = cases[name]
            if BY_NAME[name].kind is Kind.YES_NO:
                count(f"{name}__is__{value}", column)
            elif BY_NAME[name].kind is Kind.CHOICE:
                count(f"{name}__is__{value}", column == value)
            else:
                count(f"{name}__is__{value}", column >= i if i == LARGEST_TOLD_APART[name] else column == i)
    return found


def _within_months(cases: Table) -> Value:
    """Whether the reoperation came at most 24 calendar months after the operation."""
    start, end = cases.operation_date, cases.reoperation_date
    passed = (end.year() - start.year()) * 12 + (end.month() - start.month())
    return (passed < REOPERATION_MONTHS) | ((passed == REOPERATION_MONTHS) & (end.day() <= start.day()))


def _described(cases: Table, measures: tuple[LogMeasure, ...]) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    for m in measures:
        column = cases[m.name]
        found |= {
            f"{m.name}__n": column.count(),
            f"{m.name}__mean": column.mean(),
            f"{m.name}__sd": column.std(how="sample"),
            f"{m.name}__min": column.min(),
            f"{m.name}__max": column.max(),
        }
        found |= {
            f"{m.name}__{label}": column.quantile(q) for label, q in (("q1", 0.25), ("median", 0.5), ("q3", 0.75))
        }
    return found


def _count(cells: dict[Key, dict[str, Any]], cases: Table, aggregates: Mapping[str, Scalar], *finer: str) -> None:
    """Run one grouping in the engine and add what it gives to the cells."""
    # Short names: an engine may cut long ones off.
    short = {f"a{i}": name for i, name in enumerate(aggregates)}
    columns = {alias: aggregates[name] for alias, name in short.items()}
    found = cases.group_by("procedure", "approach", *finer).aggregate(n_cases=cases.count(), **columns)
    for row in _asked(found).to_pylist():
        key = (Procedure(row["procedure"]), Approach(row["approach"]), row.get("year"))
        cells[key] |= {"cases": row["n_cases"], **{name: row[alias] for alias, name in short.items()}}


def _row(expression: Table) -> dict[str, Any]:
    (found,) = _asked(expression).to_pylist()
    return dict(found)


def _asked(expression: Table) -> pa.Table:
    """What the engine answers, unless it takes too long."""
    with limits.counting(expression.get_backend()):
        return expression.to_pyarrow()
