"""The local Azure as a process, for commands that are run end to end and for the bench."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 10.0
"""Seconds in which the process must have stopped."""


@dataclass(frozen=True, slots=True)
class AzureProcess:
    """A running process: what the product is to be told, and its control endpoint."""

    environment: dict[str, str]
    control: str

    def call(self, method: str, name: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Ask the control endpoint; `Control` says what it knows.

        Raises:
            urllib.error.HTTPError: it refused; its body says why.
        """
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.control + name, data, method=method)  # noqa: S310 - http, built by ourselves
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - the same
            return json.load(answer)


@contextmanager
def local_azure(*arguments: str | Path) -> Iterator[AzureProcess]:
    """Start the process with these arguments (see its `--help`); stop it at the end."""
    command = [sys.executable, "-m", "tests.local_azure", *map(str, arguments)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    with process:
        try:
            line = process.stdout.readline() if process.stdout else b""
            if not line:
                raise RuntimeError("the local Azure did not start; its error is above")
            told = json.loads(line)
            control = told.pop("LOCAL_AZURE_CONTROL")
            yield AzureProcess(told, control)
        finally:
            if process.stdin:
                process.stdin.close()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
