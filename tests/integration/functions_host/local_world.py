"""A folder as the estate of the app, what happens there, and what the app remembers of it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.local.work_queue import SqliteSetAsideStore
from shared.adapters.system_clock import SystemClock
from shared.domain.finding import Finding, Transition
from shared.ports import SetAside, TransitionQuery
from tests.integration.functions_host.host import ROOT

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
    "deliver": [
        {"type": "queueTrigger", "direction": "IN", "name": "message", "queueName": "alerts"}
        | STORAGE,
    ],
    "activity_log": [
        {"type": "timerTrigger", "direction": "IN", "name": "timer", "schedule": "0 1-59/5 * * * *"}
    ],
    "redrive": [
        {"type": "timerTrigger", "direction": "IN", "name": "timer", "schedule": "0 3-59/5 * * * *"}
    ],
    "remind": [
        {
            "type": "timerTrigger",
            "direction": "IN",
            "name": "timer",
            "schedule": "0 4-59/15 * * * *",
        }
    ],
    "sweep_look": [
        {"type": "queueTrigger", "direction": "IN", "name": "message", "queueName": "sweeps"}
        | STORAGE,
    ],
}
ANY_INPUT = {
    "resource_changed": "{}",
    "look": "{}",
    "sweep": ON_TIME,
    "sweep_look": "{}",
    "deliver": "{}",
    "activity_log": ON_TIME,
    "redrive": ON_TIME,
    "remind": ON_TIME,
}


def event(name: str) -> dict[str, Any]:
    """Return a recorded event."""
    parsed: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
    return parsed


WRITE = event("subscription-write.eventgrid")
CLOUD = event("subscription-write.cloudevents")


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
