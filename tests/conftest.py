"""What several test files share: the shipped dataset, copies of it that a test may change, mounts of a child's own."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from decision_aid.evidence import loading
from decision_aid.evidence.loading import Evidence
from decision_aid.storage import sealing

Change = Callable[[str, str, str, str], int]


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key made of a passphrase in a thousandth of the time it takes outside of tests."""
    monkeypatch.setattr(sealing, "SCRYPT_COST", 4)


@pytest.fixture(scope="session")
def data() -> Evidence:
    """The dataset that comes with the program."""
    return loading.load(loading.SHIPPED)


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped dataset, in use for this test."""
    folder = Path(shutil.copytree(loading.SHIPPED, tmp_path / "data"))
    monkeypatch.setenv("DECISION_AID_DATA", str(folder))
    return folder


@pytest.fixture
def change(dataset: Path) -> Change:
    """Writes one cell of the copy: `change(file, key, column, text)`; returns the line it stands on.

    `key` is the first cell of the row.
    """

    def write(file: str, key: str, column: str, text: str) -> int:
        path = dataset / file
        with path.open(encoding="utf-8", newline="") as source:
            rows = list(csv.reader(source))
        line = next(i for i, row in enumerate(rows) if row[0] == key)
        rows[line][rows[0].index(column)] = text
        with path.open("w", encoding="utf-8", newline="") as target:
            csv.writer(target, lineterminator="\n").writerows(rows)
        return line + 1

    return write


@pytest.fixture(scope="session")
def namespace() -> list[str]:
    """The command that gives a child its own mounts, where this machine allows that."""
    command = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])] if os.name == "posix" else []
    attempt = [*command, "sh", "-c", "mount -t tmpfs -o size=64k tmpfs /tmp"]
    if (
        not command
        or not shutil.which("unshare")
        or subprocess.run(attempt, capture_output=True, check=False).returncode
    ):
        pytest.skip(
            "This machine lets no process mount a file system of its own, so this fault cannot be made for real."
        )
    return command
