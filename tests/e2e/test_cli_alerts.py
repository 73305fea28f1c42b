"""`cli.py alerts` answers what happened, newest first."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command_line import ACCOUNT, RUNS, call, run

pytestmark = pytest.mark.e2e


@pytest.fixture(name="store", scope="module")
def _store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Remember Monday and Tuesday."""
    store = tmp_path_factory.mktemp("store") / "compliance.db"
    for events, day in (("monday.json", "monday"), ("tuesday.jsonl", "tuesday")):
        call("replay", RUNS / events, "--estate", RUNS / day, "--store", store)
    return store


def asked(store: Path, *options: str) -> list[dict[str, Any]]:
    """Return the alerts that are asked for."""
    ended = call("alerts", "--store", store, "--format", "json", *options)

    assert (ended.status, ended.err) == (0, "")
    return list(ended.result)


def test_the_newest_comes_first(store: Path) -> None:
    """The objects are those that replay printed."""
    ended = run("alerts", "--store", store, "--format", "json")
    times = [each["at"] for each in ended.result]

    assert ended.status == 0
    assert len(times) == 8
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ([], 8),
        (["--since", "all"], 8),
        (["--since", "2w"], 8),
        (["--since", "2099-01-01"], 0),
        (["--severity", "medium"], 3),
        (["--severity", "medium", "--severity", "HIGH"], 8),
        (["--severity", "low"], 0),
        (["--control", "deployment_type.sku_allowed"], 2),
        (["--control", "Deployment_Type.SKU_allowed"], 2),
        (["--control", "coverage.resource_readable"], 0),
        (["--resource", "GPT-SUPPORT"], 4),
        (["--resource", "nobody"], 0),
        (["--state", "resolved"], 6),
        (["--state", "open"], 2),
        (["--state", "open", "--severity", "high"], 1),
    ],
)
def test_filters_narrow_the_answer(store: Path, options: list[str], count: int) -> None:
    """Each by itself and together; every word in any case."""
    assert len(asked(store, *options)) == count


def test_the_table_shows_the_same(store: Path) -> None:
    """In words, at 80 columns, with the count at the end."""
    ended = call("alerts", "--store", store, "--resource", "gpt-support")

    assert ended.out.startswith("RESOLVED (fixed)  high  deployment_type.")
    assert ended.out.count("OPENED") == 2
    assert all(len(line) <= 80 for line in ended.lines[:-1])
    assert "4 alerts in " in ended.out


def test_nothing_found_says_how_to_look_further(store: Path) -> None:
    """The default looks back a day."""
    ended = call("alerts", "--store", store, "--severity", "low")

    assert ended.out.startswith("0 alerts in ")
    assert ended.err == "note: --since all looks further back\n"


def test_a_missing_store_says_what_makes_one(tmp_path: Path) -> None:
    """And is not made by asking."""
    store = tmp_path / "none.db"

    ended = call("alerts", "--store", store)

    assert ended.status == 2
    assert "`replay` and `sweep` make one" in ended.err
    assert not store.exists()


def test_asking_writes_nothing(store: Path) -> None:
    """Neither to the store nor beside it."""
    before = {each.name: each.read_bytes() for each in store.parent.iterdir()}

    asked(store, "--since", "all")

    assert {each.name: each.read_bytes() for each in store.parent.iterdir()} == before


def test_what_is_no_store_is_said_and_left_alone(tmp_path: Path) -> None:
    """An empty file, and the database of another program."""
    empty, other = tmp_path / "empty.db", tmp_path / "other.db"
    empty.touch()
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}

    ended = [call("alerts", "--store", each) for each in (empty, other)]

    assert [(each.status, each.out, each.err.count("\n")) for each in ended] == [(2, "", 1)] * 2
    assert "it is empty" in ended[0].err
    assert "the database of another program" in ended[1].err
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_what_mended_it_is_told_with_the_resolution(store: Path) -> None:
    """An engineer sees who put it right, and when."""
    resolved = asked(store, "--control", "deployment_type.sku_allowed")[0]

    assert (resolved["kind"], resolved["reason"]) == ("resolved", "fixed")
    assert resolved["resource_id"] == f"{ACCOUNT}/deployments/gpt-support"
    assert resolved["actor"] == "mara@contoso.example"
    assert resolved["occurred_at"] == "2026-11-17T09:00:00Z"
