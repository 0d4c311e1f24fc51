"""A registry in Spark says what DuckDB says of the same cases, ends in time, and tells why it cannot.

`.ci/run` gives this file an environment of its own where Java is found: requirements-spark.txt.
"""

from __future__ import annotations

import importlib.util
import shutil
import socket
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import caselog_frames
import pandas as pd
import pytest

from decision_aid.audit import limits
from decision_aid.audit.limits import RegistryError, TooSlow, reason
from decision_aid.audit.registry import count_there, open_source, summarise_remote
from decision_aid.wording.case_log_words import no_registry

if shutil.which("java") is None:
    pytest.skip("Spark needs Java, which is not installed", allow_module_level=True)
if importlib.util.find_spec("pyspark") is None:
    pytest.skip("pyspark is not installed: requirements-spark.txt", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("ignore")  # of packages that are not ours
HERE = "local[2]"
# A thousand cases need no hundred partitions, and no compiler that pays off after minutes.
SETTINGS = """
spark.sql.shuffle.partitions 1
spark.ui.showConsoleProgress false
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
"""


@pytest.fixture(autouse=True, scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Java is started once, by the first test, and reads these then."""
    folder = tmp_path_factory.mktemp("spark")
    settings = f"{SETTINGS}spark.sql.warehouse.dir {folder}\n"
    (folder / "spark-defaults.conf").write_text(settings, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(folder))
        yield


def kept(cases: pd.DataFrame, path: Path) -> str:
    """The cases as Spark reads them: it knows no nanoseconds."""
    cases.assign(operation_date=cases["operation_date"].dt.date).to_parquet(path, coerce_timestamps="us")
    return str(path)


@pytest.fixture(scope="module")
def parquet(tmp_path_factory: pytest.TempPathFactory) -> str:
    return kept(caselog_frames.synthetic(1000, seed=5), tmp_path_factory.mktemp("cases") / "cases.parquet")


def told(address: str, table: str) -> str:
    """What a person reads where the counting fails."""
    with pytest.raises(Exception) as failed:  # noqa: PT011 (each engine has errors of its own)
        count_there(address, table)
    return no_registry(failed.value, reason(failed.value, address))


def test_spark_counts_what_duckdb_counts(parquet: str) -> None:
    found = count_there(HERE, parquet)
    assert found.cases == 1000
    caselog_frames.same(found, count_there(parquet))


def test_a_sparse_log_in_a_table_of_a_database(tmp_path: Path) -> None:
    """Hardly anything recorded, not a number among it, follow-up up to a day of its own."""
    path = kept(caselog_frames.synthetic(40, missing=0.9), tmp_path / "cases.parquet")
    table = open_source(HERE, path)
    spark = table.get_backend()
    try:
        nan = spark.raw_sql(f"SELECT * FROM parquet.`{path}`").fillna(float("nan"), subset=["blood_loss_ml"])
        nan.createOrReplaceTempView("cases")
        as_of = date(2026, 1, 31)
        caselog_frames.same(
            summarise_remote(spark.table("cases"), as_of=as_of), summarise_remote(open_source(path), as_of=as_of)
        )
    finally:
        spark.disconnect()


def test_what_takes_too_long_is_stopped(parquet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from pyspark import SparkContext

    table = open_source(HERE, parquet)
    endless = table.get_backend().raw_sql(f"SELECT cases.* FROM parquet.`{parquet}` AS cases, range(1000000000000)")
    endless.createOrReplaceTempView("endless")
    monkeypatch.setattr(limits, "STATEMENT_SECONDS", 3)
    start = time.monotonic()
    with pytest.raises(TooSlow) as slow:
        summarise_remote(table.get_backend().table("endless"))
    assert time.monotonic() - start < 60
    assert no_registry(slow.value, "") == (
        "The registry was not counted: no answer came within 3 seconds, so the counting was stopped."
    )
    assert SparkContext._active_spark_context is None  # nothing goes on behind it


def test_why_it_cannot_is_told_and_the_next_count_can(parquet: str, tmp_path: Path) -> None:
    assert told(HERE, "cases") == "The registry was not counted: there is no table “cases”."
    assert "could not be counted: [SCHEMA_NOT_FOUND] The schema `clinic` cannot be found" in told(HERE, "clinic.cases")
    assert "could not be counted: [PATH_NOT_FOUND] Path does not exist" in told(HERE, str(tmp_path / "none.parquet"))
    caselog_frames.synthetic(5).drop(columns=["asa"]).to_parquet(tmp_path / "log.parquet", coerce_timestamps="us")
    assert told(HERE, str(tmp_path / "log.parquet")) == (
        "The registry was not counted: not a validated case log: no column asa."
    )
    caselog_frames.synthetic(5).to_parquet(tmp_path / "nanoseconds.parquet")
    assert "could not be counted: Illegal Parquet type: INT64 (TIMESTAMP(NANOS," in told(
        HERE, str(tmp_path / "nanoseconds.parquet")
    )
    assert open_source(HERE, parquet).get_backend().disconnect() is None


def test_a_master_that_takes_no_call_is_told_at_once() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        start = time.monotonic()
        refused = told(f"spark://127.0.0.1:{port}", "cases")
    assert time.monotonic() - start < 20
    assert "could not be counted: [Errno" in refused
    assert "refused" in refused
    assert "127.0.0.1" not in refused
    with pytest.raises(RegistryError, match="written spark://host:port"):
        open_source("spark://cluster")
