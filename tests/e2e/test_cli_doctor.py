"""`cli.py doctor` says whether the monitor is fit for its work."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.domain.tables import TABLES
from tests.e2e.command_line import ROOT, call, environment, run

pytestmark = pytest.mark.e2e


def test_the_tables_are_read_and_dated() -> None:
    """In words and in JSON; an old table warns and is no fault."""
    table, result = run("doctor"), call("doctor", "--format", "json").result

    assert (table.status, table.err) == (0, "")
    assert max(map(len, table.lines)) <= 80
    assert [each["check"] for each in result["checks"]] == [f"data_table.{each}" for each in TABLES]
    assert {each["status"] for each in result["checks"]} <= {"ok", "warn"}
    assert all(f"\n{name}  " in table.out for name in TABLES)


def test_a_broken_table_is_a_fault(tmp_path: Path) -> None:
    """The command works although the table does not, and says what is wrong with it."""
    shutil.copy(ROOT / "cli.py", tmp_path)
    for package in ("shared", "monitors"):
        shutil.copytree(ROOT / package, tmp_path / package)
    (tmp_path / "shared/domain/data/regions.json").write_text("{", encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "cli.py", "doctor"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (1, "")
    assert ["regions", "fault"] in [line.split() for line in ended.stdout.splitlines()]
    assert "shared/domain/data/regions.json" in ended.stdout


def test_what_is_not_offered_yet_is_refused() -> None:
    """An estate and a store cannot be checked so far."""
    for option in ("--estate", "--store"):
        assert call("doctor", option, ".").status == 2
