"""Sweeps of the function app, and what it does when something fails."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.domain.finding import TransitionKind
from tests.integration.functions_host.host import FunctionsHost
from tests.integration.functions_host.local_world import (
    ACCOUNT,
    ANY_INPUT,
    ITSELF,
    ON_TIME,
    OPEN_TO_KEYS,
    OPEN_TO_WEB_SEARCH,
    WORKSPACE,
    WRITE,
    findings,
    history,
    set_aside,
    statement,
)

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
        ("received_events", "resource_changed", json.dumps(WRITE)),
        ("messages", "look", json.dumps({"root": ACCOUNT})),
        ("sweeps", "sweep", ON_TIME),
        ("bookmarks", "redrive", ON_TIME),
    ],
)
def test_a_store_that_fails_later_fails_the_call_and_is_tried_again(
    host: FunctionsHost, store: Path, table: str, function: str, text: str
) -> None:
    """What could not be stored was not taken in; once the store is well the same call succeeds."""
    assert host.invoke(function, text).failure is None
    statement(store, f"ALTER TABLE {table} RENAME TO lost")
    statement(store, "ALTER TABLE set_aside RENAME TO lost_too") if function == "look" else None
    broken = host.invoke(function, text)
    statement(store, "ALTER TABLE lost_too RENAME TO set_aside") if function == "look" else None
    statement(store, f"ALTER TABLE lost RENAME TO {table}")

    assert broken.failure is not None
    assert broken.failure.startswith(("PortError: ", "UpkeepError: "))
    assert broken.outputs == {}
    assert host.invoke(function, text).failure is None


async def test_a_look_that_cannot_be_made_now_is_made_later(
    host: FunctionsHost, store: Path
) -> None:
    """An outage uses up no delivery: the message waits on its queue, and a timer drains that."""
    (message,) = host.invoke("resource_changed", json.dumps(WRITE)).outputs["looks"]
    statement(store, "ALTER TABLE snapshots RENAME TO lost")
    answer = host.invoke("look", message)
    _ready, told = host.outcomes()
    statement(store, "ALTER TABLE lost RENAME TO snapshots")
    (waiting,) = statement(store, "SELECT text FROM messages")
    # Its time has come.
    statement(store, "UPDATE messages SET due = 0")

    assert answer.failure is None
    assert (told["status"], told["put_backs"], told["seconds"]) == ("put_back", 1, 2.0)
    assert json.loads(waiting[0]) == json.loads(message) | {"put_backs": 1}
    assert await findings(store, ACCOUNT.lower()) == {}
    assert host.invoke("redrive", ON_TIME).failure is None
    assert host.outcomes()[-1]["drained"] >= 1
    assert OPEN_TO_KEYS in await findings(store, ACCOUNT.lower())


async def test_what_a_look_asks_for_on_this_machine_is_worked_off(
    host: FunctionsHost, store: Path
) -> None:
    """No trigger sees the queues in the SQLite file: the timer of the redrive drains them.

    It also begins the sweeps, which no timer of the test has.
    """
    (message,) = host.invoke("resource_changed", json.dumps(WRITE)).outputs["looks"]
    host.invoke("look", message)
    waiting = statement(store, "SELECT queue FROM messages")
    assert host.invoke("redrive", ON_TIME).failure is None

    assert waiting == [("looks",)]
    assert statement(store, "SELECT queue FROM messages") == []
    assert OPEN_TO_WEB_SEARCH in await findings(store, ITSELF)
    assert host.outcomes()[-1]["sweeps"] == 1


def test_without_a_workspace_nothing_is_listened_to(host: FunctionsHost) -> None:
    """The timer says so each time."""
    assert host.invoke("activity_log", ON_TIME).failure is None
    assert host.outcomes()[-1] == {
        "function": "activity_log",
        "status": "no_workspace",
        "late": False,
    }


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
