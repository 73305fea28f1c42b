"""`cli.py doctor` says whether the monitor is fit for its work."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.domain.tables import TABLES
from tests.e2e.command_line import ROOT, call, environment, run

pytestmark = pytest.mark.e2e


ESTATE = ROOT / "examples/estate/day-1"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with no setting of the monitor's."""
    for name in [each for each in os.environ if each.startswith("COMPLIANCE_")]:
        monkeypatch.delenv(name)


def wrong(*arguments: str | Path) -> dict[str, dict[str, Any]]:
    """Return what is not in order, by name."""
    checks = call("doctor", *arguments, "--format", "json").result["checks"]
    return {each["check"]: each for each in checks if each["status"] != "ok"}


def test_nothing_configured_is_a_fault() -> None:
    """It says how to begin, and ends with 1; the tables are checked all the same."""
    table, result = run("doctor"), call("doctor", "--format", "json").result

    assert (table.status, table.err) == (1, "")
    assert max(map(len, table.lines)) <= 80
    first, *rest = result["checks"]
    assert (first["check"], first["status"]) == ("settings", "fault")
    assert "Nothing is configured" in first["message"]
    assert "azd up" in first["remedy"]
    assert [each["check"] for each in rest] == [f"data_table.{each}" for each in TABLES]
    assert {each["status"] for each in rest} <= {"ok", "warn"}
    assert all(f"\n{name}  " in table.out for name in TABLES)
    assert list(first) == ["check", "status", "message", "why", "remedy", "command"]


def test_the_command_for_a_beginning_can_be_run() -> None:
    """As it stands there, from the folder of the project."""
    (first, *_) = call("doctor", "--format", "json").result["checks"]
    program, script, *arguments = shlex.split(first["command"])

    assert (program, script) == (".venv/bin/python", "cli.py")
    assert call(*arguments).status == 0


def test_a_good_folder_and_store_are_in_order(tmp_path: Path) -> None:
    """After a sweep; nothing is written by the check."""
    store = tmp_path / "s.db"
    assert call("sweep", "--estate", ESTATE, "--store", store).status == 0
    before = store.read_bytes()

    ended = call("doctor", "--estate", ESTATE, "--store", store)

    assert (ended.status, ended.err) == (0, "")
    assert wrong("--estate", ESTATE, "--store", store) == {}
    assert store.read_bytes() == before
    assert wrong("--store", store) == {}


def test_a_folder_that_cannot_be_used_is_found(tmp_path: Path) -> None:
    """A missing one, an empty one, a broken file in one, and one without anything of ours."""
    empty, broken, foreign = (tmp_path / each for each in ("empty", "broken", "foreign"))
    for each in (empty, broken, foreign):
        each.mkdir()
    shutil.copy(next(ESTATE.rglob("*.json")), broken / "good.json")
    (broken / "bad.json").write_text("{", encoding="utf-8")
    (foreign / "vm.json").write_text("[]", encoding="utf-8")

    assert "is no folder" in wrong("--estate", tmp_path / "none")["estate"]["message"]
    assert "holds no .json files" in wrong("--estate", empty)["estate"]["message"]
    file = wrong("--estate", broken)["estate.file"]
    assert "bad.json cannot be used" in file["message"]
    assert file["command"] == f".venv/bin/python cli.py check {broken / 'bad.json'}"
    assert "no resource" in wrong("--estate", foreign)["estate"]["message"]
    for each in (tmp_path / "none", empty, broken, foreign):
        assert call("doctor", "--estate", each).status == 1


def test_a_store_that_cannot_be_used_is_found(tmp_path: Path) -> None:
    """A missing one is not made by the check; what is no store is left alone."""
    missing, other = tmp_path / "none.db", tmp_path / "text.db"
    other.write_text("no store", encoding="utf-8")

    for each in (missing, other):
        found = wrong("--estate", ESTATE, "--store", each)
        assert found.keys() == {"store"}
        assert found["store"]["status"] == "fault"
        assert shlex.split(found["store"]["command"])[2:] == [
            "sweep",
            *("--estate", str(ESTATE), "--store", str(each)),
        ]
    assert not missing.exists()
    assert other.read_text("utf-8") == "no store"


def test_what_was_set_aside_is_a_warning(tmp_path: Path) -> None:
    """The rest is in order; a warning ends with 0."""
    store, events = tmp_path / "s.db", tmp_path / "events.json"
    events.write_text('[{"id": 1}]', encoding="utf-8")
    assert call("sweep", "--estate", ESTATE, "--store", store).status == 0
    assert call("replay", events, "--estate", ESTATE, "--store", store).status == 0

    found = wrong("--store", store)

    assert {name: each["status"] for name, each in found.items()} == {"set_aside": "warn"}
    assert "sqlite3" in found["set_aside"]["command"]
    assert call("doctor", "--store", store).status == 0


def test_settings_for_this_machine_are_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder and the file that they name; without a sink nobody would be told."""
    monkeypatch.setenv("COMPLIANCE_BACKEND__KIND", "local")
    monkeypatch.setenv("COMPLIANCE_BACKEND__ESTATE", str(ESTATE))
    monkeypatch.setenv("COMPLIANCE_BACKEND__STORE", str(tmp_path / "none.db"))
    assert wrong().keys() == {"settings.sinks", "store"}

    monkeypatch.delenv("COMPLIANCE_BACKEND__ESTATE")
    found = wrong()["settings"]
    assert "COMPLIANCE_BACKEND__ESTATE: Field required" in found["message"]


def test_a_broken_table_is_a_fault(tmp_path: Path) -> None:
    """The command works although the table does not, and says what is wrong with it."""
    shutil.copy(ROOT / "cli.py", tmp_path)
    for package in ("shared", "monitors"):
        shutil.copytree(ROOT / package, tmp_path / package)
    (tmp_path / "shared/domain/data/regions.json").write_text("{", encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "cli.py", "doctor", "--estate", str(ESTATE)],
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
