"""Running `cli.py` as people do, in a process of its own, and reading what it says."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from cli import app

ROOT = Path(__file__).resolve().parents[2]
RUNS = ROOT / "tests/fixtures/cli"
"""Monday and Tuesday of a small estate, each with its events."""
ACCOUNT = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-assistants-prod"
    "/providers/Microsoft.CognitiveServices/accounts/contoso-assistants"
)
COMMAND = (sys.executable, str(ROOT / "cli.py"))


@dataclass(frozen=True)
class Ended:
    """How a command ended: its status, and both outputs."""

    status: int
    out: str
    err: str

    @property
    def result(self) -> Any:  # noqa: ANN401 - its keys are what tests are about
        """The result in JSON."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        """The lines of the result."""
        return self.out.splitlines()


def environment(**more: str) -> dict[str, str]:
    """Return a plain environment: 80 columns, no colour asked for or refused."""
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "TERM"}}
    return kept | {"COLUMNS": "80", "PYTHONUTF8": "1"} | more


def run(*arguments: str | Path, stdin: bytes = b"", **env: str) -> Ended:
    """Run a command in a process."""
    ended = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        env=environment(**env),
        timeout=120,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


def call(*arguments: str | Path, stdin: bytes = b"") -> Ended:
    """Run a command in this process, where nothing depends on the process."""
    result = CliRunner(env={"COLUMNS": "80"}).invoke(app, [*map(str, arguments)], input=stdin)
    return Ended(result.exit_code, result.stdout, result.stderr)
