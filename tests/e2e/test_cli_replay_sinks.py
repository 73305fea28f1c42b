"""`cli.py replay --sink` tells others of the alerts, without deploying anything."""

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from unittest import mock

import pytest

from shared.adapters.sinks.log_tables import ALERTS, stream_declarations
from tests.e2e.command_line import RUNS, Ended, run
from tests.local_azure.event_grid import PATH, EventGridTopicService
from tests.local_azure.faults import Fault
from tests.local_azure.log_ingestion import RULE, LogIngestionService
from tests.local_azure.server import LocalAzure
from tests.local_azure.webhooks import Webhooks

pytestmark = pytest.mark.e2e

MONDAY = ("replay", RUNS / "monday.json", "--estate", RUNS / "monday", "--format", "json")


async def replay(
    *arguments: str | Path, secret: str = "", cloud: Mapping[str, str] | None = None
) -> Ended:
    """Replay Monday while the receivers of this process go on."""
    more = {"COMPLIANCE_WEBHOOK_SECRET": secret, **(cloud or {})}
    with mock.patch.dict(os.environ, more):
        return await asyncio.to_thread(run, *MONDAY, *arguments)


def ids(hooks: Webhooks, path: str) -> list[str]:
    """Return the ids of the alerts that were posted to a path."""
    contents = [each.content for each in hooks.posts if each.path == path]
    return [one["id"] for each in contents for one in (each if isinstance(each, list) else [each])]


async def test_every_sink_is_told_of_every_alert() -> None:
    """A webhook gets signed objects, Teams a card and then a digest without waiting."""
    async with Webhooks() as hooks:
        ended = await replay(
            "--sink",
            f"webhook:{hooks.url('/hook')}",
            "--sink",
            f"teams:{hooks.url('/teams')}",
            "--sink",
            "console",
            secret="s3cret",  # noqa: S106 - opens nothing
        )

    assert (ended.status, ended.err) == (0, "")
    assert ids(hooks, "/hook") == [each["id"] for each in ended.result["alerts"]]
    assert all("X-Compliance-Signature" in p.headers for p in hooks.posts if p.path == "/hook")
    cards = [each.content for each in hooks.posts if each.path == "/teams"]
    assert len(cards) == 2
    assert "application/vnd.microsoft.card.adaptive" in json.dumps(cards[0])


async def test_what_a_sink_does_not_take_stays_in_the_store_and_is_said(tmp_path: Path) -> None:
    """With the reason; the next run with the store goes on."""
    store = ("--store", tmp_path / "s.db")
    async with Webhooks() as hooks:
        sink = ("--sink", f"webhook:{hooks.url('/s3cret')}", *store)
        hooks.faults.add(Fault("/s3cret", status=503, headers={"Retry-After": "1"}))
        ended = await replay(*sink, "--deliver-for", "3")
        count = len(ended.result["alerts"])
        assert ended.status == 0
        assert f"note: webhook was not told of {count} alerts: http://127.0.0.1" in ended.err
        assert "answered 503; they stay in" in ended.err
        assert "s3cret" not in ended.err
        hooks.faults.clear()
        await asyncio.sleep(0.1)

        again = await replay(*sink, "--deliver-for", "20")

        assert again.result["alerts"] == []
        assert sorted(ids(hooks, "/s3cret")) == sorted(e["id"] for e in ended.result["alerts"])


async def test_sinks_in_azure_are_told_with_the_identity_that_is_found() -> None:
    """Event Grid and Log Analytics, by the settings of the cloud."""
    topic, logs = EventGridTopicService(), LogIngestionService(stream_declarations())
    async with LocalAzure(services=[topic, logs]) as azure:
        endpoint = azure.arm.endpoint
        sinks = (
            "--sink",
            f"eventgrid:{endpoint}{PATH}",
            "--sink",
            f"log_analytics:{endpoint}/{RULE}",
        )
        ended = await replay(*sinks, "--deliver-for", "20", cloud=azure.environment)

    assert (ended.status, ended.err) == (0, "")
    alerts = [each["id"] for each in ended.result["alerts"]]
    assert [each["id"] for each in topic.events] == alerts
    assert [each["AlertId"] for each in logs.rows[ALERTS.stream]] == alerts


async def test_what_a_sink_refuses_is_parked_and_said() -> None:
    """The run ends all the same."""
    async with Webhooks() as hooks:
        hooks.faults.add(Fault("/hook", status=400))
        ended = await replay("--sink", f"webhook:{hooks.url()}")

    assert (ended.status, hooks.posts) == (0, [])
    count = len(ended.result["alerts"])
    assert f"note: {count} alerts are parked for webhook; the last one: http://127" in ended.err


@pytest.mark.parametrize(
    "sink",
    ["webhook:http://example.com/s3cret", "teams:s3cret", "s3cret", "webhook:https://a/s3cret"],
)
async def test_what_is_no_sink_is_refused_before_anything_is_done(sink: str) -> None:
    """Status 2, and nothing of the address."""
    ended = await replay("--sink", sink)

    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("error: ")
    assert "s3cret" not in ended.err
