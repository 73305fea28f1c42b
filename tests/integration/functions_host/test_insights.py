"""What leaves the app: its log and what it tells Application Insights, and that no secret does."""

import gzip
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.integration.functions_host.host import FunctionsHost
from tests.integration.functions_host.local_world import WRITE

HIDDEN = "s3cr3t-of-the-hook"
"""In the address of a webhook, as that of Teams has it."""
CORRELATION = "c0000000-0000-4000-8000-000000000001"
FORGED = "mallory@contoso.example"
"""Where Azure writes a correlation id, somebody wrote this."""


class Listening(ThreadingHTTPServer):
    """Takes what Application Insights takes, and refuses what a webhook is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.envelopes: list[dict[str, Any]] = []
        self.raw = ""

    @property
    def url(self) -> str:
        """The address."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answers(BaseHTTPRequestHandler):
    server: Listening

    def do_POST(self) -> None:
        """Take a post."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "track" not in self.path:
            self._answer(500, {"error": f"no, {HIDDEN}"})
            return
        text = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
        told = json.loads(text)
        self.server.envelopes += told
        self.server.raw += text.decode()
        count = len(told)
        self._answer(200, {"itemsReceived": count, "itemsAccepted": count, "errors": []})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as inherited
        """Say nothing."""


@pytest.fixture
def listening() -> Iterator[Listening]:
    """A server on loopback."""
    with Listening() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def said(
    listening: Listening,
    start: Callable[..., FunctionsHost],
    settings: dict[str, str],
    tmp_path: Path,
) -> str:
    """Run the app with everything logged, and return all that left the process."""
    host = start(
        settings
        | {
            "APPLICATIONINSIGHTS_CONNECTION_STRING": (
                f"InstrumentationKey={CORRELATION};IngestionEndpoint={listening.url}/"
            ),
            "PYTHON_ENABLE_DEBUG_LOGGING": "1",
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "COMPLIANCE_SINKS__WEBHOOK__URL": f"{listening.url}/{HIDDEN}?sig={HIDDEN}",
            "COMPLIANCE_WEBHOOK_SECRET": HIDDEN,
        }
    )
    logged: list[str] = []

    def invoke(function: str, text: str) -> dict[str, Any]:
        answer = host.invoke(function, text)
        logged.extend(f"{each.logger} {each.message}" for each in host.logs)
        assert answer.failure is None
        return answer.outputs

    _until_watched(invoke, listening)
    event = {**WRITE, "id": "another"}
    (message,) = invoke("resource_changed", json.dumps(event))["looks"]
    forged = {**WRITE, "data": {**WRITE["data"], "correlationId": FORGED}}
    invoke("resource_changed", json.dumps(forged))
    invoke("resource_changed", json.dumps({**WRITE, "data": FORGED}))
    invoke("look", message)
    invoke("look", FORGED)
    invoke("deliver", "{}")
    host.stop()
    return "\n".join([*logged, listening.raw, (tmp_path / "worker.stderr").read_text("utf-8")])


def _until_watched(invoke: Callable[[str, str], object], listening: Listening) -> None:
    """Let invocations pass until the libraries are loaded, which the first of them has begun."""
    end = time.monotonic() + 60
    while not any("duration" in each["data"]["baseData"] for each in list(listening.envelopes)):
        assert time.monotonic() < end, "no span has arrived"
        invoke("resource_changed", json.dumps({**WRITE, "data": FORGED}))
        time.sleep(0.2)


def test_an_event_can_be_followed_to_its_alert(said: str, listening: Listening) -> None:
    """Spans of every step and every number an operator needs reach Application Insights."""
    bases = [each["data"]["baseData"] for each in listening.envelopes]
    spans = [each for each in bases if "duration" in each]
    metrics = {point["name"] for each in bases for point in each.get("metrics", ())}
    followed = [
        each["name"] for each in spans if each["properties"].get("correlation_id") == CORRELATION
    ]

    assert {each["name"] for each in spans} >= {"receive", "look", "read", "commit", "deliver"}
    assert set(followed) == {"receive", "look"}
    assert metrics >= {"compliance.events", "compliance.looks", "compliance.queue.age"}
    assert "compliance.deliveries" in metrics
    # And so it is in the log, where Application Insights is not set.
    lines = [json.loads(each) for each in re.findall(r"^compliance (\{.*\})$", said, re.MULTILINE)]
    asked = [each for line in lines for each in line.get("asked", ())]
    looked = [each for each in lines if each.get("correlation_id") == CORRELATION]
    assert CORRELATION in {each["correlation_id"] for each in asked}
    assert {each["function"] for each in looked} == {"look"}


def test_spans_belong_to_the_invocations_of_the_host(said: str, listening: Listening) -> None:
    """Each has an operation of the host's, and something above it."""
    assert said
    tags = [each["tags"] for each in listening.envelopes if "duration" in each["data"]["baseData"]]

    assert tags
    assert all(each["ai.operation.parentId"] for each in tags)
    assert all(re.fullmatch(r"[0-9a-f]{32}", each["ai.operation.id"]) for each in tags)


def test_no_secret_and_no_person_leaves_the_app(said: str) -> None:
    """Not in any line of the log down to debugging, nor in any span or number."""
    claims = {str(each) for each in WRITE["data"]["claims"].values()}
    # What is not of a person, and short enough to be in anything.
    private = {each for each in claims if len(each) > len("pwd,mfa")} - {
        "https://management.azure.com/"
    }

    assert {"203.0.113.17", "Mara Lindqvist", "mara.lindqvist@contoso.example"} <= private
    assert [each for each in sorted(private | {HIDDEN, FORGED}) if each in said] == []
