"""A case log that stays where it is says the same as one in memory: DuckDB and PostgreSQL (Spark: test_registry_on_spark.py)."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import caselog_frames
import pandas as pd
import pytest

from decision_aid.audit import limits
from decision_aid.audit.limits import TooSlow
from decision_aid.audit.registry import NoEngine, count_there, open_source, summarise_remote
from decision_aid.audit.results import Summary
from decision_aid.audit.summary import summarise
from decision_aid.case_log.fields import FIELDS, Kind

for package in ("ibis", "duckdb"):
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed: requirements-registry.txt", allow_module_level=True)

SQL_TYPES = {
    Kind.DATE: "date",
    Kind.CHOICE: "text",
    Kind.NUMBER: "double precision",
    Kind.WHOLE: "smallint",
    Kind.YES_NO: "boolean",
}


@pytest.fixture(scope="module")
def cases() -> pd.DataFrame:
    return caselog_frames.synthetic(3000, seed=5)


@pytest.fixture(scope="module")
def parquet(cases: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("registry") / "cases.parquet"
    cases.to_parquet(path)
    return path


@pytest.fixture(scope="module")
def expected(cases: pd.DataFrame) -> Summary:
    return summarise(cases)


def test_parquet_through_duckdb(parquet: Path, expected: Summary) -> None:
    caselog_frames.same(summarise_remote(open_source(parquet)), expected)


def test_several_files_of_a_pattern(cases: pd.DataFrame, tmp_path: Path) -> None:
    for year, part in cases.groupby(cases["operation_date"].dt.year):
        part.to_parquet(tmp_path / f"{year}.parquet")
    as_of = date(2025, 6, 30)
    caselog_frames.same(
        summarise_remote(open_source(f"{tmp_path}/*.parquet"), as_of=as_of), summarise(cases, as_of=as_of)
    )


def test_csv_through_duckdb(cases: pd.DataFrame, tmp_path: Path) -> None:
    # Nothing recorded in the rows from which a type would be guessed.
    log = cases.copy()
    log.loc[:2500, ["blood_loss_ml", "asa", "smoking"]] = None
    log.to_csv(tmp_path / "cases.csv", index=False)
    caselog_frames.same(summarise_remote(open_source(tmp_path / "cases.csv")), summarise(log))


@pytest.mark.parametrize(
    "log",
    [
        caselog_frames.log().astype(caselog_frames.DTYPES),
        caselog_frames.log({"blood_loss_ml": 80.0, "infection": True}),
        caselog_frames.synthetic(40, missing=1.0),
    ],
    ids=["empty", "one case", "nothing recorded"],
)
def test_sparse_logs(log: pd.DataFrame, tmp_path: Path) -> None:
    log.to_parquet(tmp_path / "cases.parquet")
    caselog_frames.same(summarise_remote(open_source(tmp_path / "cases.parquet")), summarise(log))


def test_what_is_no_validated_log_is_refused(cases: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "cases.parquet"
    cases.drop(columns=["asa", "smoking"]).to_parquet(path)
    with pytest.raises(ValueError, match="no column asa, smoking"):
        summarise_remote(open_source(path))
    wrong = cases.astype({"approach": object})
    wrong.loc[:2, "approach"] = ["robot", None, "Open"]
    wrong.to_parquet(path)
    with pytest.raises(ValueError, match="3 rows lack date, procedure or approach"):
        summarise_remote(open_source(path))


def test_address_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="mysql:// is not an address"):
        open_source("mysql://server/cases")
    with pytest.raises(FileNotFoundError):
        open_source(tmp_path / "none.parquet")
    (tmp_path / "cases.xlsx").write_bytes(b"")
    with pytest.raises(ValueError, match=r"a \.parquet or a \.csv file"):
        open_source(tmp_path / "cases.xlsx")


def test_missing_engine_is_named(parquet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(NoEngine, match=r"local\[1\] needs the package pyspark: see requirements-spark"):
        open_source("local[1]")
    monkeypatch.setitem(sys.modules, "ibis", None)
    with pytest.raises(NoEngine, match="needs the package ibis: see requirements-registry"):
        open_source(parquet)


# ---- PostgreSQL ------------------------------------------------------------------------------------------------------


def _postgres_commands() -> Path | None:
    """The folder of the newest server that Debian's package put there."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    return found[-1].parent if found else None


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory, cases: pd.DataFrame) -> Iterator[str]:
    """The address of a server of our own on a socket in a folder of its own, with the cases in a table."""
    reason = "psycopg or its libpq is not installed: requirements-registry.txt"
    psycopg = pytest.importorskip("psycopg", reason=reason, exc_type=ImportError)
    commands = _postgres_commands()
    if commands is None:
        pytest.skip("no PostgreSQL server is installed: /usr/lib/postgresql")
    # Not a folder of pytest's: those above it are closed to the server's user, and a socket's path must be short.
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    as_user: list[str] = []
    if os.getuid() == 0:  # the server refuses to run as root
        try:
            shutil.chown(home, "postgres")
        except LookupError:
            pytest.skip("PostgreSQL refuses root, and there is no user postgres")
        as_user = ["runuser", "-u", "postgres", "--"]

    def run(command: str, *arguments: str) -> None:
        full = [*as_user, str(commands / command), "-D", str(home / "data"), *arguments]
        subprocess.run(full, check=True, cwd=home, stdout=subprocess.DEVNULL, timeout=60)

    try:
        run("initdb", "-A", "trust", "-U", "tester", "-E", "UTF8", "--locale=C", "--no-sync")
        listening = f"-k {home} -c listen_addresses='' -c fsync=off"
        run("pg_ctl", "-w", "-l", str(home / "log"), "-o", listening, "start")
        try:
            with psycopg.connect(host=str(home), user="tester", dbname="postgres") as connection:
                columns = ", ".join(f"{f.name} {SQL_TYPES[f.kind]}" for f in FIELDS)
                connection.execute(f"CREATE SCHEMA spine CREATE TABLE cases ({columns})")
                with connection.cursor().copy("COPY spine.cases FROM STDIN (FORMAT csv)") as copy:
                    copy.write(cases.to_csv(index=False, header=False))
                # What some systems write for a value that is not known.
                connection.execute("UPDATE spine.cases SET blood_loss_ml = 'NaN' WHERE blood_loss_ml IS NULL")
            yield f"postgres://tester@/postgres?host={home}"
        finally:
            run("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def test_postgresql(postgres: str, cases: pd.DataFrame, expected: Summary) -> None:
    table = open_source(postgres, "spine.cases")
    with contextlib.closing(table.get_backend().con):
        caselog_frames.same(summarise_remote(table), expected)


def test_postgresql_is_only_read(postgres: str) -> None:
    import psycopg

    table = open_source(postgres, "spine.cases")
    with contextlib.closing(table.get_backend().con), pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        table.get_backend().raw_sql("DELETE FROM spine.cases")


def test_postgresql_ends_what_takes_too_long(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import psycopg

    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE VIEW spine.slow AS SELECT cases.* FROM spine.cases, pg_sleep(60)")
    monkeypatch.setattr(limits, "STATEMENT_SECONDS", 0.5)
    with pytest.raises(TooSlow):
        count_there(postgres, "spine.slow")
    with psycopg.connect(postgres) as connection:
        running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%spine.slow%' AND pid <> pg_backend_pid()"
        assert connection.execute(running).fetchone() == (0,)


def test_postgresql_says_why_without_the_address(postgres: str) -> None:
    for address, table in ((postgres, "spine.none"), (postgres.replace("/postgres?", "/elsewhere?"), "cases")):
        with pytest.raises(Exception) as failed:  # noqa: PT011 (each engine has errors of its own, as for a reader)
            count_there(address, table)
        told = limits.reason(failed.value, address)
        assert "none" in told or "does not exist" in told
        assert "/tmp" not in told
