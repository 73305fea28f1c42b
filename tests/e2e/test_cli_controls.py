"""`cli.py controls` lists what is judged and explains it; `--help` teaches the rest."""

import re
import tomllib

import pytest

from monitors import load_catalogue
from shared.pipeline.own_sight import OWN_SIGHT
from tests.e2e.command_line import ROOT, call, run

pytestmark = pytest.mark.e2e

IDS = [monitor.id for monitor in load_catalogue()]
OWN = list(OWN_SIGHT)
COMMANDS = ("check", "replay", "sweep", "alerts", "controls", "doctor")


def test_every_control_is_listed() -> None:
    """In words and in JSON."""
    table, result = run("controls"), call("controls", "--format", "json").result

    assert (table.status, table.err) == (0, "")
    assert [each["id"] for each in result] == [*IDS, *OWN]
    assert all(f"\n{each}  " in f"\n{table.out}" for each in (*IDS, *OWN))
    assert max(map(len, table.lines)) <= 80


@pytest.mark.parametrize("control", [*IDS, *OWN])
def test_every_control_can_be_explained(control: str) -> None:
    """Every part is there, no placeholder is left open, and only links and ids are long."""
    ended = call("controls", control)

    headings = ["Why", "Fails when", "Applies to", "Found by", "How to mend it", "References"]
    assert ended.status == 0
    if control in OWN:
        # What they judge is the monitor itself; some have limits.
        headings.remove("Applies to")
    assert [line for line in ended.lines if line in headings] == headings
    assert not re.search(r"\{\w+\}", ended.out)
    assert all(len(line) <= 80 or "https://" in line for line in ended.lines)


def test_an_unknown_control_is_status_2_with_a_suggestion() -> None:
    """One line, no traceback."""
    ended = run("controls", "deployment_type.sku_alowed")

    assert (ended.status, ended.out) == (2, "")
    assert ended.err == (
        "error: there is no control 'deployment_type.sku_alowed'."
        " Did you mean 'deployment_type.sku_allowed'? `cli.py controls` lists them\n"
    )


def test_the_help_of_the_program_names_every_command() -> None:
    """Without a command it is an error to begin from."""
    asked_for, wanting = run("--help"), run()

    assert (asked_for.status, asked_for.err) == (0, "")
    assert all(f"\n  {command}  " in asked_for.out for command in COMMANDS)
    assert (wanting.status, wanting.out, wanting.err) == (2, "", asked_for.out)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_teaches_it(command: str) -> None:
    """One sentence, examples, the exit statuses, and no line that breaks at 80 columns."""
    ended = call(command, "--help")

    assert f"    cli.py {command}" in ended.out
    assert "Exit status:" in ended.out
    assert max(map(len, ended.lines)) <= 80
    assert not re.search("[╭│]|completion|--policy", ended.out)


def test_the_version_is_that_of_the_project() -> None:
    """Stated once, in pyproject.toml."""
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]

    assert call("--version").out == f"azure-ai-compliance-monitor {stated}\n"
