"""What the function app tells of its work."""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import NOT_READ
from shared.domain.sweep import Sweep
from shared.pipeline.deliver import Delivered
from shared.pipeline.listen import Heard
from shared.pipeline.look import LookReport, LookStatus
from shared.pipeline.messages import LookMessage, Trigger
from shared.pipeline.put_back import PutBack
from shared.pipeline.receive import Receipt
from shared.pipeline.remind import Reminded
from shared.pipeline.told import Told
from shared.ports import SetAside
from shared.telemetry import (
    CHATTY,
    log_delivered,
    log_heard,
    log_look,
    log_ready,
    log_receipt,
    log_reminded,
    log_sweeps,
    log_upkeep,
    quieten_libraries,
)

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ROOT = ResourceId.parse(
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/RG/providers"
    "/Microsoft.CognitiveServices/accounts/A"
)


@pytest.fixture(autouse=True)
def _logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Everything from information on is seen, as in the worker."""
    with caplog.at_level(logging.INFO):
        yield


def told(caplog: pytest.LogCaptureFixture) -> tuple[str, dict[str, Any]]:
    """Return the level and the fields of the only line that was logged."""
    (record,) = caplog.records
    assert record.name == "compliance"
    fields: dict[str, Any] = json.loads(record.getMessage())
    return record.levelname, fields


def test_a_receipt_is_told_in_counts(caplog: pytest.LogCaptureFixture) -> None:
    """What became of inputs is counted, what was ignored by its reason."""
    receipt = Receipt(received=3, messages=[LookMessage(ROOT.text, NOW, Trigger.CHANGE)])
    receipt.ignored.update(["read", "read"])
    log_receipt("resource_changed", receipt)

    assert told(caplog) == (
        "INFO",
        {
            "function": "resource_changed",
            "status": "received",
            "received": 3,
            "changes": 1,
            "ignored": {"read": 2},
            "malformed": 0,
            "asked": [{"root": ROOT.key, "correlation_id": None}],
        },
    )


def test_a_malformed_input_is_a_warning_without_its_content(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither the text nor the reason, which may quote it, is logged."""
    receipt = Receipt(received=1, malformed=[(0, "no time: 'mara@contoso.example'")])
    receipt.set_aside.append(SetAside(NOW, "no time", "mara@contoso.example", 20))
    log_receipt("resource_changed", receipt)

    assert told(caplog)[0] == "WARNING"
    assert "mara" not in caplog.text


def test_a_look_is_told_with_its_root(caplog: pytest.LogCaptureFixture) -> None:
    """A look tells where it looked, how it ended and how much it could not read."""
    log_look("look", LookReport(ROOT, LookStatus.LOOKED, (), 4, (NOT_READ, NOT_READ)))

    assert told(caplog) == (
        "INFO",
        {
            "function": "look",
            "status": "looked",
            "root": ROOT.key,
            "sources_read": 4,
            "unread": 2,
            "transitions": {},
            "alerts": [],
        },
    )


def test_a_message_that_was_set_aside_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """A text on a queue that is none of ours should not be there."""
    log_look("sweep_look", None)

    assert told(caplog) == ("WARNING", {"function": "sweep_look", "status": "set_aside"})


def test_a_message_that_was_put_back_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """With why, and when it comes again."""
    log_look("look", PutBack(ROOT.text, 3, timedelta(seconds=8), "the table is down"))

    assert told(caplog) == (
        "WARNING",
        {
            "function": "look",
            "status": "put_back",
            "root": ROOT.text,
            "put_backs": 3,
            "seconds": 8.0,
            "reason": "the table is down",
        },
    )


@pytest.mark.parametrize(
    ("heard", "level"),
    [
        (Heard(rows=3, changes=1, caught_up=True), "INFO"),
        (Heard(rows=3, caught_up=False), "WARNING"),
        (Heard(rows=3, malformed=1, caught_up=True), "WARNING"),
    ],
)
def test_what_the_activity_log_said_is_told_in_counts(
    caplog: pytest.LogCaptureFixture, heard: Heard, level: str
) -> None:
    """What is malformed, or still to be read, should be looked into."""
    log_heard("activity_log", heard, late=False)

    found, fields = told(caplog)
    assert (found, fields["status"], fields["rows"]) == (level, "heard", 3)


def test_without_a_workspace_that_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Each time, for it may have been forgotten."""
    log_heard("activity_log", None, late=True)

    fields = {"function": "activity_log", "status": "no_workspace", "late": True}
    assert told(caplog) == ("INFO", fields)


def test_a_delivery_is_told_by_sink(caplog: pytest.LogCaptureFixture) -> None:
    """One that fails is a warning with its reason; one that collects for a digest is none."""
    collects = Told("teams", 1, next_at=NOW, why="they are collected for a digest")
    log_delivered("deliver", Delivered({"teams": collects, "hook": Told("hook", 3)}))
    down = Told("hook", parked={"a"}, next_at=NOW, why="it answered 503", failed=True)
    log_delivered("deliver", Delivered({"hook": down}))

    assert [each.levelname for each in caplog.records] == ["INFO", "WARNING"]
    first, second = (json.loads(each.getMessage()) for each in caplog.records)
    assert (first["told"], first["failing"], first["parked"]) == ({"teams": 1, "hook": 3}, {}, 0)
    assert (second["failing"], second["parked"]) == ({"hook": "it answered 503"}, 1)
    assert second["next_at"] == "2026-11-20T00:00:00+00:00"


def test_upkeep_is_told_by_task(caplog: pytest.LogCaptureFixture) -> None:
    """That something had lost its way is a warning."""
    log_upkeep("redrive", {"dead_letters": {}, "poison": {}, "sweeps": 2}, late=False)
    log_upkeep("redrive", {"dead_letters": {"batches": 1}, "poison": {}}, late=False)

    assert [each.levelname for each in caplog.records] == ["INFO", "WARNING"]
    assert json.loads(caplog.records[1].getMessage())["dead_letters"] == {"batches": 1}


def test_reminders_are_told_in_counts(caplog: pytest.LogCaptureFixture) -> None:
    """That more was due than a run tells of is a warning."""
    log_reminded("remind", Reminded(open=5, reminders=2, escalated=1), late=False)
    log_reminded("remind", Reminded(open=5, reminders=2, left=3), late=True)

    assert [each.levelname for each in caplog.records] == ["INFO", "WARNING"]
    assert json.loads(caplog.records[0].getMessage()) == {
        "function": "remind",
        "status": "reminded",
        "open": 5,
        "reminders": 2,
        "escalated": 1,
        "snoozes_ended": 0,
        "left": 0,
        "late": False,
    }


def test_sweeps_are_told_in_counts(caplog: pytest.LogCaptureFixture) -> None:
    """One line tells of all subscriptions that a sweep began with."""
    sweeps = [
        Sweep("a", "a", deep=False, baseline=True, started_at=NOW, roots=3),
        Sweep("b", "b", deep=False, baseline=False, started_at=NOW, roots=4),
    ]
    log_sweeps("sweep", sweeps, late=True)

    assert told(caplog) == (
        "INFO",
        {
            "function": "sweep",
            "status": "begun",
            "subscriptions": 2,
            "baselines": 1,
            "roots": 7,
            "late": True,
        },
    )


def test_a_sweep_of_nothing_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """A monitor that watches nothing is more likely blind than done."""
    log_sweeps("sweep", [], late=False)

    assert told(caplog)[0] == "WARNING"


def test_a_line_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """A line break in what is told cannot make a line of its own."""
    log_receipt("resource_changed", Receipt(ignored=Counter({'a\n{"b"': 1})))

    assert "\n" not in caplog.records[0].getMessage()
    assert told(caplog)[1]["ignored"] == {'a\n{"b"': 1}


def test_libraries_tell_only_of_what_is_wrong() -> None:
    """Requests of the Azure clients are not logged; the Functions worker goes on as it did."""
    before = {name: logging.getLogger(name).level for name in CHATTY}
    try:
        quieten_libraries()

        client = logging.getLogger("azure.core.pipeline.policies.http_logging_policy")
        assert not client.isEnabledFor(logging.INFO)
        assert client.isEnabledFor(logging.WARNING)
        assert logging.getLogger("azure.functions").isEnabledFor(logging.INFO)
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def test_the_first_call_tells_how_many_controls_there_are(caplog: pytest.LogCaptureFixture) -> None:
    """A worker that has begun its work says so once."""
    log_ready(12)

    assert told(caplog) == ("INFO", {"function": "runtime", "status": "ready", "controls": 12})
