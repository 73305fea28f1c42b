"""The function app as Azure runs it: loaded and invoked by the real Functions runtime."""

import json
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.local.work_queue import SqliteSetAsideStore
from shared.adapters.system_clock import SystemClock
from shared.domain.finding import Finding, Transition, TransitionKind
from shared.ports import SetAside, TransitionQuery
from tests.integration.functions_host.host import ROOT, FunctionsHost

EVENTS = ROOT / "tests/fixtures/events"
SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
ITSELF = f"/subscriptions/{SUBSCRIPTION}"
"""The subscription as a root of its own, which nobody counts among those that it holds."""
GROUPS = f"{ITSELF}/resourceGroups"
ACCOUNT = (
    f"{GROUPS}/rg-assistants-prod/providers/Microsoft.CognitiveServices/accounts/contoso-assistants"
)
WORKSPACE = f"{GROUPS}/rg-ml/providers/Microsoft.MachineLearningServices/workspaces/contoso-ml"
OPEN_TO_KEYS = f"identity.local_auth_disabled {ACCOUNT.lower()}"
"""A finding that needs nothing but the account itself."""
OPEN_TO_WEB_SEARCH = f"content_logging.web_search_blocked {ITSELF}"
"""A finding of the subscription, since it holds the account."""
ON_TIME = json.dumps(
    {
        "Schedule": {"AdjustForDST": True},
        "ScheduleStatus": {
            "Last": "2026-11-20T08:00:00.0000001+00:00",
            "LastUpdated": "2026-11-20T08:00:00.0000001+00:00",
            "Next": "2026-11-20T09:00:00+00:00",
        },
        "IsPastDue": False,
    }
)
STORAGE = {"connection": "AzureWebJobsStorage"}
FUNCTIONS = {
    "resource_changed": [
        {"type": "eventGridTrigger", "direction": "IN", "name": "event"},
        {"type": "queue", "direction": "OUT", "name": "looks", "queueName": "looks"} | STORAGE,
    ],
    "look": [
        {"type": "queueTrigger", "direction": "IN", "name": "message", "queueName": "looks"}
        | STORAGE,
    ],
    "sweep": [
        {"type": "timerTrigger", "direction": "IN", "name": "timer", "schedule": "0 0 * * * *"}
    ],
    "sweep_look": [
        {"type": "queueTrigger", "direction": "IN", "name": "message", "queueName": "sweeps"}
        | STORAGE,
    ],
}
ANY_INPUT = {"resource_changed": "{}", "look": "{}", "sweep": ON_TIME, "sweep_look": "{}"}


def event(name: str) -> dict[str, Any]:
    """Return a recorded event."""
    parsed: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return parsed


WRITE = event("subscription-write.eventgrid")
CLOUD = event("subscription-write.cloudevents")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The file in which the app remembers; not there yet."""
    return tmp_path / "store" / "compliance.db"


@pytest.fixture
def settings(tmp_path: Path, store: Path) -> dict[str, str]:
    """App settings for an estate with an open account and an open workspace."""
    estate = tmp_path / "estate"
    estate.mkdir()
    for name, resource_id, kind, rest in (
        ("account", ACCOUNT, "OpenAI", {"sku": {"name": "S0"}}),
        ("workspace", WORKSPACE, "Default", {}),
    ):
        body = {
            "id": resource_id,
            "name": resource_id.rpartition("/")[2],
            "type": "/".join(resource_id.split("/")[6:8]),
            "kind": kind,
            "location": "swedencentral",
            "properties": {"publicNetworkAccess": "Enabled"},
            **rest,
        }
        (estate / f"{name}.json").write_text(json.dumps(body), encoding="utf-8")
    return {
        "COMPLIANCE_BACKEND__KIND": "local",
        "COMPLIANCE_BACKEND__ESTATE": str(estate),
        "COMPLIANCE_BACKEND__STORE": str(store),
    }


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., FunctionsHost]]:
    """Starts an app with settings, and ends it with the test."""
    with ExitStack() as running:

        def started(settings: dict[str, str], app: Path = ROOT) -> FunctionsHost:
            return running.enter_context(FunctionsHost(tmp_path / "worker.stderr", settings, app))

        yield started


@pytest.fixture
def host(start: Callable[..., FunctionsHost], settings: dict[str, str]) -> FunctionsHost:
    """The app, running on its estate."""
    return start(settings)


async def set_aside(store: Path) -> list[SetAside]:
    """Return what the app has set aside, oldest first."""
    with closing(Database(store, create=False)) as database:
        return list(await SqliteSetAsideStore(database).kept(100))[::-1]


async def history(store: Path) -> list[Transition]:
    """Return every transition that the app has recorded."""
    with closing(Database(store, create=False)) as database:
        recorded = SqliteFindingStore(database, SystemClock())
        return list(await recorded.transitions(TransitionQuery(alerts_only=False)))


async def findings(store: Path, root: str) -> dict[str, Finding]:
    """Return the findings of a root, by key."""
    with closing(Database(store, create=False)) as database:
        return await SqliteFindingStore(database, SystemClock()).findings(root)


def statement(store: Path, sql: str) -> list[tuple[Any, ...]]:
    """Run a statement on the store behind the app's back."""
    with closing(sqlite3.connect(store, isolation_level=None)) as connection:
        return connection.execute(sql).fetchall()


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
    assert [(each["status"], each["root"]) for each in host.outcomes()] == [
        ("looked", root.lower())
    ]
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


# --- sweeps ---


async def test_a_sweep_looks_at_everything_and_ends_with_the_baseline(
    host: FunctionsHost, store: Path
) -> None:
    """The timer queues a look at each root; the last of them closes the baseline."""
    answer = host.invoke("sweep", ON_TIME)
    begun = host.outcomes()[-1]
    messages = [text for (text,) in statement(store, "SELECT text FROM messages ORDER BY id")]
    queues = statement(store, "SELECT DISTINCT queue FROM messages")

    assert (answer.failure, answer.outputs) == (None, {})
    assert begun == {
        "function": "sweep",
        "status": "begun",
        "subscriptions": 1,
        "baselines": 1,
        "roots": 2,
        "late": False,
    }
    assert queues == [("sweeps",)]
    assert [message for message in messages if json.loads(message).get("deep")] == []
    for message in messages:
        assert host.invoke("sweep_look", message).failure is None
        (outcome,) = host.outcomes()
        assert (outcome["function"], outcome["status"]) == ("sweep_look", "looked")
    told = await history(store)
    roots = {ITSELF, ACCOUNT.lower(), WORKSPACE.lower()}
    assert {json.loads(message)["root"].lower() for message in messages} == roots
    assert {each.root for each in told if each.control} == roots
    assert [each.kind for each in told if each.alerts] == [TransitionKind.BASELINE]
    assert OPEN_TO_KEYS in await findings(store, ACCOUNT.lower())
    assert OPEN_TO_WEB_SEARCH in await findings(store, ITSELF)


def test_a_sweep_of_nothing_is_worth_a_warning(
    start: Callable[..., FunctionsHost], settings: dict[str, str], tmp_path: Path
) -> None:
    """An estate that is empty may be one that the app cannot see."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "none.json").write_text("[]", encoding="utf-8")
    host = start(settings | {"COMPLIANCE_BACKEND__ESTATE": str(tmp_path / "empty")})

    assert host.invoke("sweep", ON_TIME).failure is None
    assert host.logs[-1].level == "WARNING"


# --- failures ---


@pytest.mark.parametrize(
    ("part", "content"), [("STORE", None), ("STORE", "no database"), ("ESTATE", "no folder")]
)
def test_a_part_that_cannot_be_opened_fails_every_call(
    start: Callable[..., FunctionsHost],
    settings: dict[str, str],
    tmp_path: Path,
    part: str,
    content: str | None,
) -> None:
    """A store that is a folder, say: all functions fail, and the platform tries again."""
    other = tmp_path / "other"
    if content is None:
        other.mkdir()
    else:
        other.write_text(content, encoding="utf-8")
    host = start(settings | {f"COMPLIANCE_BACKEND__{part}": str(other)})

    for function, text in ANY_INPUT.items():
        failure = host.invoke(function, text).failure
        assert failure is not None
        assert str(other) in failure


@pytest.mark.parametrize(
    ("table", "function", "text"),
    [
        ("set_aside", "resource_changed", "{}"),
        ("roots", "resource_changed", json.dumps(WRITE)),
        ("set_aside", "look", "{}"),
        ("set_aside", "sweep_look", "{}"),
        ("sweeps", "sweep", ON_TIME),
    ],
)
def test_a_store_that_fails_later_fails_the_call_and_is_tried_again(
    host: FunctionsHost, store: Path, table: str, function: str, text: str
) -> None:
    """What could not be stored was not taken in; once the store is well the same call succeeds."""
    assert host.invoke(function, text).failure is None
    statement(store, f"ALTER TABLE {table} RENAME TO lost")
    broken = host.invoke(function, text)
    statement(store, f"ALTER TABLE lost RENAME TO {table}")

    assert broken.failure is not None
    assert broken.failure.startswith("PortError: ")
    assert broken.outputs == {}
    assert host.invoke(function, text).failure is None


def test_a_look_that_fails_leaves_the_function(host: FunctionsHost, store: Path) -> None:
    """The message goes back to the host, which shows it again; the next try completes the work."""
    (message,) = host.invoke("resource_changed", json.dumps(WRITE)).outputs["looks"]
    statement(store, "ALTER TABLE snapshots RENAME TO lost")
    broken = host.invoke("look", message)
    statement(store, "ALTER TABLE lost RENAME TO snapshots")

    assert broken.failure is not None
    assert host.outcomes() == []
    assert host.invoke("look", message).failure is None
    assert host.outcomes()[-1]["status"] == "looked"


async def test_a_queue_text_that_is_no_message_is_set_aside(
    host: FunctionsHost, store: Path
) -> None:
    """It is kept with its reason and leaves the queue, rather than fail five times."""
    texts = ["", "{}", "[]", "no JSON", '{"root": 1, "accepted_at": "now", "trigger": "whim"}']
    for function in ("look", "sweep_look"):
        for text in texts:
            assert host.invoke(function, text).failure is None
            assert host.outcomes()[-1] == {"function": function, "status": "set_aside"}
            assert host.logs[-1].level == "WARNING"
    kept = await set_aside(store)

    assert [each.text for each in kept] == texts * 2
    assert all(each.reason.startswith("not a look message: ") for each in kept)


async def test_first_calls_at_the_same_time_share_one_runtime(
    host: FunctionsHost, store: Path
) -> None:
    """However many calls a worker begins with, its parts are made once."""
    answers = host.invoke_together(*[*ANY_INPUT.items()] * 5)

    assert {each.failure for each in answers} == {None}
    ready = [each for each in host.outcomes() if each["status"] == "ready"]
    assert len(ready) == 1
    assert ready[0]["controls"] > 0
    assert len(await set_aside(store)) == 15
