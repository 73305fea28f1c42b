"""The guide to the history: what it tells people to ask can be asked."""

import re
import shlex
from pathlib import Path
from typing import Any, cast

import pytest
from typer.main import get_command

import cli
from tests.kql.saved_functions import BODIES, parameter_list
from tests.kql.test_queries import checked
from tests.log_history import running_history

GUIDE = (Path(__file__).resolve().parents[3] / "docs/history.md").read_text("utf-8")
QUERIES = re.findall(r"```kusto\n(.*?)```", GUIDE, re.DOTALL)
COMMANDS = re.findall(r"^    (cli\.py .*)$", GUIDE, re.MULTILINE)
WORKSPACE = "00000000-0000-0000-0000-000000000000"


def test_every_query_of_the_guide_is_sound() -> None:
    """By Microsoft's own parser."""
    found = checked({str(number): text for number, text in enumerate(QUERIES)})

    assert {name: each for name, each in found.items() if each} == {}
    assert len(QUERIES) > 10


async def test_every_query_of_the_guide_runs(tmp_path: Path) -> None:
    """Also where nothing has happened yet."""
    async with running_history(tmp_path) as here:
        for text in QUERIES:
            here.ask(text)


def test_every_function_is_in_the_guide() -> None:
    """With its parameters."""
    for name in BODIES:
        given = parameter_list(name).partition(":")[0]
        assert f"`{name}({given})`" in GUIDE


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_of_the_guide_is_one(line: str) -> None:
    """Its options are there, and take those values."""
    words = shlex.split(line.partition("|")[0].partition("#")[0].replace("ID", WORKSPACE))
    name, *arguments = words[1:]
    command = cast("Any", get_command(cli.app)).commands[name]

    assert command.make_context(name, arguments) is not None


def test_each_question_has_a_query_and_a_command() -> None:
    """All ten."""
    questions = re.split(r"^### \d+\. ", GUIDE, flags=re.MULTILINE)[1:]

    assert len(questions) == 10
    assert all("```kusto" in each and "    cli.py " in each for each in questions)
