"""A process in which Azure's own Python runtime loads the app, and this script plays the host.

    python worker.py APP_FOLDER WHEEL

First it prints what the runtime indexed. Then it reads batches of invocations, a JSON array a line,
invokes the functions of a batch at the same time, and prints what each of them answered and all
that was logged meanwhile, as one line of JSON. It ends with its input, and by itself when a step
takes too long.

The runtime's state is global: one app a process. Its messages are protobuf classes that come only
in another wheel of Azure's, under `tests/protos`; they are imported out of the zip as a package of
our own.
"""

import asyncio
import faulthandler
import json
import logging
import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import Any

import azure_functions_runtime as runtime

STEP_SECONDS = 60
PROTOS = "functions_host_protos"


def import_protos(wheel: str) -> SimpleNamespace:
    """Import the messages between host and worker out of the wheel."""
    package = ModuleType(PROTOS)
    package.__path__ = [f"{wheel}/tests/protos"]
    sys.modules[PROTOS] = package
    names: dict[str, Any] = {}
    for module in ("FunctionRpc_pb2", "shared.NullableTypes_pb2"):
        names |= vars(import_module(f"{PROTOS}.{module}"))
    return SimpleNamespace(**names)


class Memory(logging.Handler):
    """Remembers what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Remember one line."""
        message = self.format(record)
        line = {"logger": record.name, "level": record.levelname, "message": message}
        self.lines.append(line)

    def taken(self) -> list[dict[str, str]]:
        """Return the lines and forget them."""
        lines, self.lines = self.lines, []
        return lines


class Host:
    """The host's side of the conversation with the worker."""

    def __init__(self, app: str, protos: SimpleNamespace) -> None:
        self._app = app
        self._protos = protos
        self._functions: dict[str, Any] = {}

    async def start(self) -> dict[str, Any]:
        """Let the runtime load the app, and return what it indexed."""
        answer = await runtime.worker_init_request(
            self._message(
                worker_init_request=self._protos.WorkerInitRequest(
                    host_version="4.1040.0", function_app_directory=self._app
                )
            )
        )
        if answer.result.status != self._protos.StatusResult.Success:
            return {"functions": {}, "failure": answer.result.exception.message}
        answer = await runtime.functions_metadata_request(
            self._message(
                functions_metadata_request=self._protos.FunctionsMetadataRequest(
                    function_app_directory=self._app
                )
            )
        )
        for each in answer.function_metadata_results:
            loaded = await runtime.function_load_request(
                self._message(
                    function_load_request=self._protos.FunctionLoadRequest(
                        function_id=each.function_id, metadata=each
                    )
                )
            )
            assert loaded.result.status == self._protos.StatusResult.Success
            self._functions[each.name] = each
        indexed = {
            name: [json.loads(binding) for binding in each.raw_bindings]
            for name, each in self._functions.items()
        }
        return {"functions": indexed, "failure": None}

    async def invoke(self, function: str, parameter: str, form: str, value: str) -> dict[str, Any]:
        """Invoke a function with one input, as text of a form (`json`, `string`).

        Every invocation belongs to a trace, of which the host's SDK says that nothing of it is to
        be recorded; so it does in Azure.
        """
        data = self._protos.TypedData(**{form: value})
        answer = await runtime.invocation_request(
            self._message(
                invocation_request=self._protos.InvocationRequest(
                    invocation_id=str(uuid.uuid4()),
                    function_id=self._functions[function].function_id,
                    trace_context=self._protos.RpcTraceContext(
                        trace_parent=f"00-{uuid.uuid4().hex}-{uuid.uuid4().hex[:16]}-00"
                    ),
                    input_data=[self._protos.ParameterBinding(name=parameter, data=data)],
                )
            )
        )
        succeeded = answer.result.status == self._protos.StatusResult.Success
        outputs = {
            each.name: json.loads(each.data.json) if each.data.json else each.data.string
            for each in answer.output_data
        }
        return {
            "failure": None if succeeded else answer.result.exception.message,
            "outputs": outputs,
        }

    def _message(self, **content: object) -> SimpleNamespace:
        """Wrap a request as the worker process hands it to the runtime."""
        request = self._protos.StreamingMessage(request_id=str(uuid.uuid4()), **content)
        properties = {"host": "127.0.0.1", "protos": self._protos}
        return SimpleNamespace(request=request, properties=properties)


@contextmanager
def bounded() -> Iterator[None]:
    """End the process, with every stack on stderr, when a step takes too long."""
    faulthandler.dump_traceback_later(STEP_SECONDS, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


def main(app: str, wheel: str) -> None:
    """Answer until the input ends."""
    # What the app prints must not get among the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # A worker has the app's folder in front, and not the folder of the script.
    sys.path[0] = app
    # As the worker sets up logging: information and worse goes to the host, or all of it.
    memory = Memory()
    memory.setFormatter(logging.Formatter())
    everything = os.environ.get("PYTHON_ENABLE_DEBUG_LOGGING") == "1"
    logging.basicConfig(level=logging.DEBUG if everything else logging.INFO, handlers=[memory])
    with asyncio.Runner() as loop:
        with bounded():
            host = Host(app, import_protos(wheel))
            print(json.dumps(loop.run(host.start())), file=answers, flush=True)
        for line in sys.stdin:
            with bounded():
                memory.taken()

                async def batch(calls: list[list[str]]) -> list[dict[str, Any]]:
                    return await asyncio.gather(*(host.invoke(*each) for each in calls))

                results = loop.run(batch(json.loads(line)))
                answer = {"results": results, "logs": memory.taken()}
                print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
