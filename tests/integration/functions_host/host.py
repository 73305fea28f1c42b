"""Plays the Azure Functions host for tests: the app in its own process, loaded by the real runtime.

`worker.py` beside this file is that process. What Azure's host does around the runtime (routes and
keys, schedules, queues, redelivery, poison queues) is left to the test, which hands over what a
trigger would and looks at what comes back.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[3]
RUNTIME = "azure_functions_runtime"
WHEELS = Path(sys.prefix) / "functions-runtime"
FORMS = {"eventGridTrigger": "json", "timerTrigger": "json", "queueTrigger": "string"}
"""The form in which the host hands over the input of each trigger."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line that was logged."""

    logger: str
    level: str
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """How an invocation ended. `failure` is the exception that left the function; None: success."""

    failure: str | None
    outputs: dict[str, Any]


class FunctionsHost:
    """An app that runs; `settings` are its app settings, and it sees no other of ours.

    With `worker`, a folder made by `worker_libraries`, the process sees that folder, the app and
    the libraries that it brings along, and nothing else that is installed here: as in Azure.
    """

    def __init__(
        self, stderr: Path, settings: dict[str, str], app: Path = ROOT, worker: Path | None = None
    ) -> None:
        """Start the process and let it index the app.

        Raises:
            RuntimeError: the runtime is not installed, or the process ended.
        """
        self._stderr = stderr
        # Coverage is of the project's files, not of those of a copy.
        foreign = ("COMPLIANCE_",) if app == ROOT else ("COMPLIANCE_", "COVERAGE_")
        environment = {key: each for key, each in os.environ.items() if not key.startswith(foreign)}
        with stderr.open("w", encoding="utf-8") as errors:
            self._process = subprocess.Popen(
                [*_command(app, worker), app, messages_wheel()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment | settings,
                encoding="utf-8",
            )
        indexed = self._answer()
        self.failure: str | None = indexed["failure"]
        self.functions: dict[str, list[dict[str, Any]]] = indexed["functions"]
        self.logs: list[Line] = []
        """What was logged since the last call but one ended."""

    def invoke(self, function: str, text: str) -> Answer:
        """Invoke a function with what its trigger would hand over."""
        return self.invoke_together((function, text))[0]

    def invoke_together(self, *calls: tuple[str, str]) -> list[Answer]:
        """Invoke functions at the same time."""
        batch = [[function, *self._trigger(function), text] for function, text in calls]
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(batch) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        self.logs = [Line(**line) for line in answer["logs"]]
        return [Answer(**each) for each in answer["results"]]

    def outcomes(self) -> list[dict[str, Any]]:
        """Return what the app told of the last invocations."""
        told = [line.message for line in self.logs if line.logger == "compliance"]
        return [json.loads(message) for message in told]

    def _trigger(self, function: str) -> tuple[str, str]:
        """Return the parameter that a function's trigger fills, and the form of its input."""
        for binding in self.functions[function]:
            if binding["type"] in FORMS:
                return binding["name"], FORMS[binding["type"]]
        raise AssertionError(f"{function} has no trigger that this host can play")

    def _answer(self) -> dict[str, Any]:
        """Read the next answer; the process ends by itself when it has none in time."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.stop()
            said = self._stderr.read_text(encoding="utf-8")
            raise RuntimeError(f"the worker ended; if a module is missing, run make test:\n{said}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        """End the process by ending its input."""
        self._process.communicate(timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


ALONE = """
import runpy, sys
script, worker, libraries = sys.argv[1:4]
del sys.argv[1:4]
# The first is replaced by the app's folder.
sys.path[:0] = ["", libraries, worker]
runpy.run_path(script, run_name="__main__")
"""


def _command(app: Path, worker: Path | None) -> list[str | Path]:
    """Return what starts the worker."""
    script = Path(__file__).with_name("worker.py")
    if worker is None:
        return [sys.executable, script]
    libraries = app / ".python_packages" / "lib" / "site-packages"
    # Isolated, and without the packages of this environment.
    return [sys.executable, "-I", "-S", "-c", ALONE, script, worker, libraries]


def worker_libraries(folder: Path) -> Path:
    """Put into a folder what the platform's worker brings along, and return the folder."""
    installed = Path(next(each for each in sys.path if Path(each, RUNTIME).is_dir()))
    folder.mkdir()
    for name in (RUNTIME, "azurefunctions", "google"):
        (folder / name).symlink_to(installed / name)
    return folder


def messages_wheel() -> Path:
    """Return the wheel with the messages between host and worker.

    Raises:
        RuntimeError: it was not downloaded.
    """
    wheels = sorted(WHEELS.glob("azure_functions_runtime_v1-*.whl"))
    if not wheels:
        raise RuntimeError(f"no azure_functions_runtime_v1 wheel in {WHEELS}: run make test")
    return wheels[0]
