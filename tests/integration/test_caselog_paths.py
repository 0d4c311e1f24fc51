"""A typed path opens case logs and nothing else; of any other file not a word is told."""

from __future__ import annotations

import io
import os
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from dashboard_app import (
    fresh_server,  # noqa: F401 (fixture)
    home,  # noqa: F401 (fixture)
    html,
    opened,
    ready_server,  # noqa: F401 (fixture)
)

from decision_aid.case_log.example import example_cases
from decision_aid.case_log.importing import CaseLogError, OnDisk, Preview, load_cases, look
from decision_aid.case_log.sources import files, paths
from decision_aid.case_log.sources.files import opened as opened_file

PROCESS = "/proc/self"
SECRET = "hunter2-Sperling"
posix = pytest.mark.skipif(os.name != "posix", reason="Files of this kind exist on POSIX systems only.")


def workbook(*sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"sheet {number}")
        for row in rows:
            sheet.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def parquet(frame: pd.DataFrame) -> bytes:
    held = io.BytesIO()
    frame.to_parquet(held, index=False)
    return held.getvalue()


def archive(**files: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name, text in files.items():
            made.writestr(name.replace("__", "/"), text)
    return held.getvalue()


def cyphered() -> bytes:
    return "".join(f"{SECRET[n % 16]}QyNTUxOQAAACBx{n:03}\n" for n in range(20)).encode()


# Each holds the secret where a careless message would show it: as the first line, a header, a cell, a key.
FOREIGN: dict[str, bytes] = {
    "accounts": f"alice:x:0:0:{SECRET}:/srv/alice:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\n".encode(),
    "a key": b"-----BEGIN OPENSSH PRIVATE KEY-----\n" + cyphered() + b"-----END OPENSSH PRIVATE KEY-----\n",
    "settings": f"DATABASE_URL=postgres://clinic:{SECRET}@db/cases\nDEBUG=0\n".encode(),
    "a mail": f"From: {SECRET}@example.org\nTo: b@example.org\nSubject: operation, approach\n\nDear all,\nfine.\n".encode(),
    "JSON": f'{{"token": "{SECRET}", "procedure": "x", "approach": "y", "blood_loss_ml": 1}}\n'.encode(),
    "JSON in one long line": f'[{{"a":"{SECRET}","b":2}},{{"a":"{SECRET}","b":3}}]'.encode() * 5_000,
    "a log": f"2026-01-02 10:00:01,INFO,{SECRET} logged in\n2026-01-02 10:00:02,WARN,retry\n".encode() * 50,
    "a program": f"import os\nPASSWORD = '{SECRET}'\ndef f(date, procedure, approach):\n    return os\n".encode(),
    "HTML": f"<html><title>{SECRET}</title></html>".encode(),
    "a note": f"{SECRET}\n".encode(),
    "a note without an end": SECRET.encode(),
    "another table": f"name;salary;{SECRET}\nAnna;4000;x\nBert;5000;y\n".encode(),
    "a table with people": f"date,age,bmi,smoker,diabetic,{SECRET}\n2026-01-02,44,23,0,1,x\n".encode(),
    "an access log": f"date,operation,duration,{SECRET}\n2026-01-02,read,3,x\n2026-01-02,write,4,y\n".encode(),
    "UTF-16": f"{SECRET}\tname\nx\ty\n".encode("utf-16"),
    "Windows-1252": f"{SECRET};Müller;Größe\nx;y;z\n".encode("cp1252"),
    "a passphrase file": f"'{SECRET}\n\"\n".encode(),
    "numbers": f"1,2,3\n4,5,{SECRET}\n".encode(),
    "duplicate names": f"{SECRET},{SECRET},x\n1,2,3\n".encode(),
    "a workbook of something else": workbook([["account", SECRET], ["a", 1]], [[SECRET], ["x"]]),
    "an empty workbook": workbook([]),
    "a document": archive(word__document=f"<w>{SECRET}</w>"),
    "an archive": archive(secret=SECRET),
    "Parquet of something else": parquet(pd.DataFrame({SECRET: [1, 2], "name": ["a", "b"]})),
    "Parquet in name only": b"PAR1" + SECRET.encode(),
    "a picture": b"\x89PNG\r\n\x1a\n" + SECRET.encode(),
    "bytes": bytes(range(256)) + SECRET.encode(),
    "a mail with a table far down": f"From: {SECRET}\n".encode()
    + b"x\n" * 40
    + b"operation_date,procedure,approach\n2026-01-02,fusion,open\n",
}
HEADER = "operation_date,procedure,approach,blood_loss_ml"
ROWS = "2026-01-02,fusion,open,300\n2026-02-03,discectomy,mis,50\n"
CASE_LOGS: dict[str, bytes] = {
    "as the template has it": f"{HEADER}\n{ROWS}".encode(),
    "three columns": b"operation_date,procedure,approach\n2026-01-02,fusion,open\n",
    "quoted": b'"OP-Datum";"Eingriff";"Zugang"\n"2026-01-02";"fusion; L4/5";"open"\n',
    "of a hospital": b"Tag;Eingriff;Weg;EBL;LOS\n2026-01-02;fusion;open;300;4\n",
    "in UTF-16": f"{HEADER}\n{ROWS}".encode("utf-16"),
    "with tabs": f"{HEADER}\n{ROWS}".replace(",", "\t").encode(),
    "with a mark at the beginning": f"\ufeff{HEADER}\n{ROWS}".encode(),
    "in Windows-1252": "Datum;Eingriff;Zugang;Rückkehr zur Arbeit\n2026-01-02;fusion;open;3\n".encode("cp1252"),
    "Excel": workbook([HEADER.split(","), *(line.split(",") for line in ROWS.splitlines())]),
    "Excel with a sheet of notes first": workbook(
        [["notes"], ["of the export"]], [HEADER.split(","), *(line.split(",") for line in ROWS.splitlines())]
    ),
    "Parquet": parquet(example_cases(5)),
}


def asked(path: Path, name: str) -> list[CaseLogError]:
    """What is said when the file is looked at, and when it is read by a plan made for another file."""
    said = []
    plan = look(written(path.with_name("plan.csv"), CASE_LOGS["as the template has it"])).plan()
    for action in (lambda: look(OnDisk(path)), lambda: load_cases(OnDisk(path), plan)):
        with pytest.raises(CaseLogError) as error:
            action()
        said.append(error.value)
    return said


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", ""])
@pytest.mark.parametrize("kind", FOREIGN)
def test_of_a_file_that_is_no_case_log_not_a_word_is_told(kind: str, ending: str, tmp_path: Path) -> None:
    path = written(tmp_path / f"cases.{ending}", FOREIGN[kind])
    for error in asked(path, kind):
        text = str(error)
        assert text.count(path.name)
        for word in (SECRET, "hunter", "Sperling", "salary", "Müller", "root", "bash", "daemon", "token", "account"):
            assert word not in text.replace(str(tmp_path), "")
        for problem in error.problems:
            assert problem.value is None or problem.value.endswith("MB")
            assert problem.column is None


@pytest.mark.parametrize("kind", CASE_LOGS)
def test_a_case_log_is_opened_whatever_its_name(kind: str, tmp_path: Path) -> None:
    preview = look(OnDisk(written(tmp_path / "export.bin", CASE_LOGS[kind])), **_sheet(kind))
    assert isinstance(preview, Preview)
    assert len(preview.mapping) >= 3


def _sheet(kind: str) -> dict[str, str]:
    return {"sheet": "sheet 1"} if "notes first" in kind else {}


def test_the_columns_that_would_be_shown_must_be_those_of_the_case_log(tmp_path: Path) -> None:
    """A workbook with cases on one sheet does not open another one."""
    rows = [HEADER.split(","), *(line.split(",") for line in ROWS.splitlines())]
    path = written(tmp_path / "both.xlsx", workbook([[SECRET, "salary"], ["Anna", 4000]], rows))
    with pytest.raises(CaseLogError) as error:
        look(OnDisk(path), sheet="sheet 0")
    assert SECRET not in str(error.value)


@posix
@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda p: p.mkdir(), "folder or a device"),
        (os.mkfifo, "folder or a device"),
        (lambda p: p.symlink_to("/etc/passwd"), "link to another place"),
        (lambda p: p.symlink_to(p.with_name("real.csv")), "link to another place"),
        (lambda p: p.symlink_to(p), "link to another place"),
        (lambda p: p.write_bytes(b""), "this file is empty"),
        (lambda p: None, "No such file"),
    ],
    ids=["folder", "pipe", "link", "link to a case log", "link to itself", "empty", "missing"],
)
def test_what_is_no_ordinary_file_is_refused_at_once(made: Callable[[Path], object], said: str, tmp_path: Path) -> None:
    written(tmp_path / "real.csv", CASE_LOGS["three columns"])
    path = tmp_path / "cases.csv"
    made(path)
    with pytest.raises(CaseLogError, match=said):
        look(OnDisk(path))


@posix
@pytest.mark.parametrize(
    "path", ["/dev/zero", "/dev/stdin", "/dev/full", f"{PROCESS}/environ", f"{PROCESS}/cmdline", "/proc/kcore", "/sys/kernel/mm/ksm/run", f"{PROCESS}/root/etc/passwd", "/etc", "/", "", "~", "a\0b", "x" * 5000, "~nobody-of-this-name/x"]
)  # fmt: skip
def test_devices_and_what_the_system_makes_up_are_refused(path: str) -> None:
    with pytest.raises(CaseLogError) as error:
        look(OnDisk(Path(os.path.expanduser(path))))
    assert "root:" not in str(error.value)
    assert "PATH=" not in str(error.value)


@posix
def test_a_folder_on_the_way_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    written(tmp_path / "real" / "cases.csv", CASE_LOGS["three columns"])
    (tmp_path / "way").symlink_to(tmp_path / "real")
    assert len(look(OnDisk(tmp_path / "way" / "cases.csv")).mapping) == 3
    (tmp_path / "system").symlink_to(PROCESS)
    with pytest.raises(CaseLogError):
        look(OnDisk(tmp_path / "system" / "environ"))


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    with path.open("wb") as file:
        file.truncate(files.LARGEST_FILE_BYTES + 1)  # takes no room
    with pytest.raises(CaseLogError, match="at most 1024 MB"):
        look(OnDisk(path))


@posix
def test_another_file_put_in_its_place_meanwhile_is_not_read(tmp_path: Path) -> None:
    path = written(tmp_path / "cases.csv", CASE_LOGS["three columns"])
    file = opened_file(OnDisk(path))
    secret = written(tmp_path / "secret", SECRET.encode())
    for swap in (
        lambda: os.link(secret, path),
        lambda: path.symlink_to(secret),
        lambda: os.mkfifo(path),
    ):
        path.unlink()
        swap()
        said: list[object] = []
        reader = threading.Thread(target=lambda said=said: said.append(_refused(file.open)), daemon=True)
        reader.start()
        reader.join(10)
        assert said == [True]


def _refused(action: Callable[[], object]) -> bool:
    try:
        action()
    except CaseLogError as error:
        return SECRET not in str(error)
    return False


# ---- on the page -----------------------------------------------------------------------------------------------------


def everything(app: object) -> str:
    return " ".join([*html(app), *(e.value for kind in (app.error, app.warning, app.info) for e in kind)])  # type: ignore[attr-defined,arg-type]


@pytest.mark.parametrize("kind", ["accounts", "a key", "settings", "another table", "duplicate names", "JSON"])
def test_the_page_tells_nothing_of_another_file(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path / "cases.csv", FOREIGN[kind])
    app = opened("pages/case_log.py")
    app.text_input(key="case_log_path").set_value(str(path)).run()
    assert [e.value for e in app.exception] == []
    shown = everything(app)
    assert "does not look like one" in shown
    assert SECRET not in shown.replace(str(path), "")
    assert [s.label for s in app.selectbox] == []


@pytest.mark.parametrize("value", ["off", "OFF", "0", "no", "false", "disabled", " off "])
def test_paths_can_be_switched_off(value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.SETTING, value)
    app = opened("pages/case_log.py", case_log_path=str(written(tmp_path / "c.csv", CASE_LOGS["three columns"])))
    assert "case_log_path" not in [t.key for t in app.text_input]
    assert [s.label for s in app.selectbox] == []
    assert "switched off" in everything(app)
    example_cases(30).to_parquet(tmp_path / "cases.parquet")
    app.text_input(key="registry_address").set_value(str(tmp_path / "cases.parquet")).run()
    next(b for b in app.button if b.label == "Count the cases there").click().run()
    (message,) = [e.value for e in app.error]
    assert "switched off" in message


@pytest.mark.parametrize("value", ["", "on", "1", "yes"])
def test_paths_are_on_until_they_are_switched_off(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.SETTING, value)
    assert paths.are_allowed()
    assert "case_log_path" in [t.key for t in opened("pages/case_log.py").text_input]


REMOTE = ["postgres://u:p@db.example.org/cases", "postgresql://db/cases?sslmode=require", "spark://host:7077"]
LOCAL = [
    "cases/*.parquet",
    "/etc/passwd",
    "C:\\cases.csv",
    "postgres:///cases",
    "postgres://db/cases?host=/var/run/postgresql",
    "postgres://db/cases?sslkey=/srv/a/.ssh/id_rsa",
    "postgres://db/cases?passfile=/srv/a/.pgpass",
    "local[*]",
    "local",
    "file:///etc/passwd",
]


@pytest.mark.parametrize("address", [*REMOTE, *LOCAL])
def test_switched_off_only_a_database_elsewhere_can_be_counted(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.SETTING, "off")
    if address in REMOTE:
        paths.check_address(address, "cases")
        return
    with pytest.raises(ValueError, match="paths are switched off here"):
        paths.check_address(address, "cases")


def test_switched_off_spark_reads_no_file_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.SETTING, "off")
    for table in ("/srv/a/cases.parquet", "cases.parquet", "..\\cases"):
        with pytest.raises(ValueError, match="switched off"):
            paths.check_address("spark://host:7077", table)


@posix
def test_a_registry_of_files_never_hangs(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "cases.csv")
    (tmp_path / "folder.parquet").mkdir()
    for address, said in (
        (str(tmp_path / "cases.csv"), "folder or a device"),
        (str(tmp_path / "*.csv"), "folder or a device"),
        (str(tmp_path / "folder.parquet"), "folder or a device"),
        ("/**/*.csv", r"with \*\*"),
    ):
        with pytest.raises(ValueError, match=said):
            paths.check_address(address, "cases")
    paths.check_address(str(tmp_path / "none.csv"), "cases")  # that it is missing is said where it is opened


def test_a_database_of_saved_work_is_no_case_log(tmp_path: Path) -> None:
    path = tmp_path / "spine-choice.sqlite3"
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE drafts (content TEXT)")
    base.execute("INSERT INTO drafts VALUES (?)", (SECRET,))
    base.commit()
    base.close()
    with pytest.raises(CaseLogError, match="this is a database"):
        look(OnDisk(path))
