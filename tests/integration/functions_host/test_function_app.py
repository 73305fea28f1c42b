"""The function app as Azure runs it: loaded and invoked by the real Functions runtime."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.domain.finding import TransitionKind
from tests.integration.functions_host.host import ROOT, FunctionsHost
from tests.integration.functions_host.local_world import (
    ACCOUNT,
    ANY_INPUT,
    CLOUD,
    FUNCTIONS,
    SUBSCRIPTION,
    WORKSPACE,
    WRITE,
    event,
    history,
    set_aside,
)

# --- what there is ---


def test_the_app_has_these_functions_and_bindings(host: FunctionsHost) -> None:
    """The runtime indexes every function with its trigger, and no other."""
    listed = {
        name: sorted(bindings, key=lambda each: str(each["direction"]))
        for name, bindings in host.functions.items()
    }

    assert host.failure is None
    assert listed == FUNCTIONS


IMPORTING = """
import json, logging, os, sys
from collections import UserDict

root = sys.argv[1]
ours = tuple(f"{root}/{part}" for part in ("function_app.py", "shared/", "monitors/"))
touched = []

# Only what our code does. A library does things while it is imported, and so does pydantic while it
# makes a class: it looks for plugins, and for docstrings in the source.
library = ("importlib._bootstrap", "/pydantic/plugin/", "/pydantic/_internal/")

def touch(what):
    frame = sys._getframe(2)
    while frame is not None and not any(part in frame.f_code.co_filename for part in library):
        if frame.f_code.co_filename.startswith(ours):
            touched.append(what)
            return
        frame = frame.f_back

class Environment(UserDict):
    def __getitem__(self, key):
        touch("environment")
        return super().__getitem__(key)
    def __contains__(self, key):
        touch("environment")
        return super().__contains__(key)
    def __iter__(self):
        touch("environment")
        return super().__iter__()

def hook(event, arguments):
    if event == "open" or event.startswith(("os.", "socket.", "sqlite3.", "subprocess.")):
        touch(event)

environment = Environment()
environment.data.update(os.environ)
os.environ = environment
sys.addaudithook(hook)
sys.path.insert(0, root)
import function_app
client = logging.getLogger("azure.core")
importing = [*sorted(set(touched)), client.level]
function_app.runtime()
print(json.dumps([importing, [*sorted(set(touched)), client.level]]))
"""


def test_importing_the_app_reads_no_environment_and_opens_nothing(settings: dict[str, str]) -> None:
    """What a setting or a file can break, it breaks at the first call, which can tell of it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")} | settings
    result = subprocess.run(
        [sys.executable, "-c", IMPORTING, str(ROOT)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    importing, with_first_call = json.loads(result.stdout)

    assert importing == [logging.NOTSET]
    assert {"environment", "open", "sqlite3.connect", logging.WARNING} <= set(with_first_call)


# --- settings ---


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "COMPLIANCE_BACKEND: Field required"),
        ({"COMPLIANCE_BACKEND__KIND": "local"}, "COMPLIANCE_BACKEND__ESTATE: Field required"),
        ({"COMPLIANCE_BACKEND__KIND": "cloud"}, "COMPLIANCE_BACKEND__KIND: Input should be"),
        ({"COMPLIANCE_BACKEND__KIND": "azure"}, "COMPLIANCE_BACKEND: set either STORAGE_ACCOUNT"),
    ],
)
def test_wrong_settings_are_told_by_every_call(
    start: Callable[..., FunctionsHost], wrong: dict[str, str], said: str
) -> None:
    """With settings that cannot be used the functions are there, and fail saying which setting."""
    host = start(wrong)

    assert host.failure is None
    assert host.functions.keys() == FUNCTIONS.keys()
    for function, text in ANY_INPUT.items():
        failure = host.invoke(function, text).failure
        assert failure is not None
        assert said in failure


# --- events ---


@pytest.mark.parametrize(
    ("name", "root"),
    [
        ("subscription-write.eventgrid", ACCOUNT),
        ("subscription-write.cloudevents", ACCOUNT),
        ("dead-letter.eventgrid", ACCOUNT),
        ("dead-letter.cloudevents", ACCOUNT),
        ("notification-created.eventgrid", WORKSPACE),
        ("notification-created.cloudevents", WORKSPACE),
    ],
)
async def test_an_event_becomes_a_finding(
    host: FunctionsHost, store: Path, name: str, root: str
) -> None:
    """An event of any form becomes a message, and the message a look that finds what is wrong."""
    answer = host.invoke("resource_changed", json.dumps(event(name)))
    received = host.outcomes()[-1]
    (message,) = answer.outputs["looks"]
    looked = host.invoke("look", message)

    assert answer.failure is None
    assert (received["changes"], received["malformed"]) == (1, 0)
    assert looked.failure is None
    ready, told = host.outcomes()
    # The first look has the monitors loaded, which the event did not wait for.
    assert ready["status"] == "ready"
    assert (told["status"], told["root"]) == ("looked", root.lower())
    opened = [each for each in await history(store) if each.kind is TransitionKind.OPENED]
    assert opened
    assert {each.root for each in opened} == {root.lower()}


async def test_who_made_a_change_is_known_and_not_logged(host: FunctionsHost, store: Path) -> None:
    """The finding names the actor of the event; no line of the log holds anything of the claims."""
    text = json.dumps(WRITE).replace("/deployments/gpt-support", "").replace("/deployments/", "/")
    (message,) = host.invoke("resource_changed", text).outputs["looks"]
    logged = host.logs
    host.invoke("look", message)
    logged += host.logs

    actors = {each.attribution.actor for each in await history(store) if each.attribution}
    assert actors == {"mara.lindqvist@contoso.example"}
    claims = [claim for claim in WRITE["data"]["claims"].values() if len(claim) > len("pwd,mfa")]
    assert "Mara Lindqvist" in claims
    assert [line for line in logged if any(claim in line.message for claim in claims)] == []


async def test_a_duplicate_is_covered_by_the_look_before(host: FunctionsHost, store: Path) -> None:
    """An event that came twice costs one look."""
    text = json.dumps(WRITE)
    # The first event of all also asks what is watched, which reads the folder.
    host.invoke("resource_changed", text)
    answers = host.invoke_together(("resource_changed", text), ("resource_changed", text))
    messages = [message for answer in answers for message in answer.outputs["looks"]]
    statuses, transitions = [], []
    for message in messages:
        assert host.invoke("look", message).failure is None
        statuses.append(host.outcomes()[-1]["status"])
        transitions.append(len(await history(store)))

    assert statuses == ["looked", "covered"]
    assert transitions[0] == transitions[1] > 0


async def test_what_is_ignored_is_acknowledged_and_leaves_nothing(
    host: FunctionsHost, store: Path
) -> None:
    """An event that is none of ours is counted by its reason, and that is all."""
    answer = host.invoke("resource_changed", json.dumps(event("ignored.list-keys")))

    assert (answer.failure, answer.outputs) == (None, {})
    (told,) = [each for each in host.outcomes() if each["function"] == "resource_changed"]
    assert list(told["ignored"].values()) == [1]
    assert await set_aside(store) == []


# On many of these the classes of azure-functions raise in the binding, before any code of ours.
MALFORMED = {
    "no JSON": '{"id": ',
    "empty text": "",
    "a list": json.dumps([WRITE]),
    "a number": "7",
    "null": "null",
    "text": '"specversion"',
    "no keys": "{}",
    "data as text": json.dumps({**WRITE, "data": "changed"}),
    "data as a list": json.dumps({**WRITE, "data": []}),
    "a time in words": json.dumps({**WRITE, "eventTime": "yesterday"}),
    "a time as a number": json.dumps({**CLOUD, "time": 1795164067}),
    "a type as a number": json.dumps({**CLOUD, "type": 1}),
    "a subject as an object": json.dumps({**WRITE, "subject": {}, "data": {}}),
    "half a character": '{"eventType": "\\ud800"}',
    "a subscription of others": json.dumps(WRITE).replace(SUBSCRIPTION, "0" * 8),
}


async def test_malformed_events_are_stored_and_acknowledged(
    host: FunctionsHost, store: Path
) -> None:
    """Whatever the text of an event, the function succeeds, queues nothing and keeps the text."""
    answers = {name: host.invoke("resource_changed", text) for name, text in MALFORMED.items()}
    kept = await set_aside(store)

    assert {name: (each.failure, each.outputs) for name, each in answers.items()} == {
        name: (None, {}) for name in MALFORMED
    }
    assert [_value(each.text) for each in kept] == [_value(text) for text in MALFORMED.values()]
    assert all(each.reason for each in kept)


def _value(text: str) -> object:
    """Return the JSON value of a text, or the text."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


async def test_a_time_with_an_offset_is_a_time(host: FunctionsHost) -> None:
    """RFC 3339 allows it, and azure-functions' classes raise on it."""
    text = json.dumps({**WRITE, "eventTime": "2026-11-18T10:41:07+01:00"})

    (message,) = host.invoke("resource_changed", text).outputs["looks"]
    assert json.loads(message)["change"]["occurred_at"] == "2026-11-18T09:41:07Z"


async def test_attributes_that_nobody_knows_survive(host: FunctionsHost, store: Path) -> None:
    """What extensions and dead-lettering add to an event is there when its text is read again."""
    added = {"deadLetterReason": "TimeToLiveExceeded", "traceparent": "00-0af7651916cd43dd-01"}
    sent = [{**WRITE, **added, "data": 5}, {**CLOUD, **added, "self": 1, "data": 5}]
    for each in sent:
        assert host.invoke("resource_changed", json.dumps(each)).failure is None

    assert [json.loads(each.text) for each in await set_aside(store)] == sent
