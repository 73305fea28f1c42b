"""Events through the real client: what they say, and what goes wrong."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shared.adapters.azure.cloud import CLOUDS
from shared.adapters.azure.session import open_session
from shared.adapters.formats.ocsf import compliance_finding_of_alert
from shared.adapters.sinks.event_grid import EventGridTopic, event_type
from shared.domain.finding import TransitionKind
from shared.ports import BusyError, PortError, RefusedError
from tests.local_azure.faults import Fault, Kind
from tests.records import ACCOUNT, transition
from tests.sink_worlds import PRODUCER, TopicWorld, running_topic


@pytest.fixture
async def here() -> AsyncIterator[TopicWorld]:
    """A topic."""
    async with running_topic() as world:
        yield world


async def failed(here: TopicWorld) -> PortError:
    """Send an alert, and return what went wrong."""
    with pytest.raises(PortError) as caught:
        await here.sink.send([transition()])
    return caught.value


async def test_an_alert_is_an_event_with_a_finding(here: TopicWorld) -> None:
    """CloudEvents 1.0 around OCSF."""
    alert = transition()

    await here.sink.send([alert])

    (event,) = here.service.events
    assert datetime.fromisoformat(event.pop("time")) == alert.at
    assert event == {
        "specversion": "1.0",
        "id": alert.id,
        "source": f"/azure-ai-compliance-monitor{ACCOUNT.lower()}",
        "type": "Compliance.Finding.Opened",
        "subject": ACCOUNT,
        "datacontenttype": "application/json",
        "data": compliance_finding_of_alert(alert, None, PRODUCER),
    }


def test_every_kind_has_a_type_of_its_own() -> None:
    """What is about the watch is no finding."""
    types = {kind: event_type(kind) for kind in TransitionKind}

    assert len(set(types.values())) == len(types)
    assert types[TransitionKind.REOPENED] == "Compliance.Finding.Reopened"
    assert types[TransitionKind.BLIND_SPOT_CLEARED] == "Compliance.Watch.BlindSpotCleared"
    assert types[TransitionKind.BASELINE] == "Compliance.Watch.Baseline"


async def test_any_name_makes_a_source(here: TopicWorld) -> None:
    """A URI reference, whatever is in it; the topic refuses what is none."""
    await here.sink.send([replace(transition(), root='/subscriptions/1/ß \N{SNOWMAN}<>"{}|\\^`')])

    assert here.service.events[0]["source"].startswith(
        "/azure-ai-compliance-monitor/subscriptions/1/%C3"
    )


async def test_a_storm_is_a_few_posts_of_under_a_megabyte(here: TopicWorld) -> None:
    """In order, none twice."""
    alerts = [replace(transition(n), message="m" * 20_000) for n in range(1, 101)]

    await here.sink.send(alerts)

    assert [each["id"] for each in here.service.events] == [each.id for each in alerts]
    assert 2 < here.service.posts <= 10


async def test_events_share_a_connection_and_a_token(here: TopicWorld) -> None:
    """One alert after the other."""
    for n in (1, 2, 3):
        await here.sink.send([transition(n)])

    assert here.azure.log.connections == 1
    assert len(here.azure.log.matching("/msi/token")) == 1


async def test_a_throttled_topic_says_for_how_long(here: TopicWorld) -> None:
    """And the client neither waits nor tries again by itself."""
    here.azure.fault("/api/events", status=429, headers={"Retry-After": "120"})

    error = await failed(here)

    assert isinstance(error, BusyError)
    assert error.retry_after == timedelta(minutes=2)
    assert len(here.azure.log.matching("/api/events")) == 1


@pytest.mark.parametrize("status", [500, 503, 401, 403, 404])
async def test_what_passes_or_can_be_mended_is_left_to_the_delivery(
    here: TopicWorld, status: int
) -> None:
    """Tried once, the alerts kept."""
    here.azure.fault("/api/events", status=status)

    error = await failed(here)

    assert isinstance(error, BusyError)
    assert f"Event Grid answered {status}" in str(error)


@pytest.mark.parametrize("status", [400, 413])
async def test_what_is_never_taken_is_refused(here: TopicWorld, status: int) -> None:
    """Others may be taken."""
    here.azure.fault("/api/events", status=status)

    assert isinstance(await failed(here), RefusedError)


async def test_a_redirect_is_not_followed(here: TopicWorld) -> None:
    """The token stays where it belongs."""
    headers = {"Location": f"{here.azure.arm.endpoint}/elsewhere"}
    here.azure.fault("/api/events", status=307, headers=headers)

    assert isinstance(await failed(here), BusyError)
    assert here.azure.log.matching("/elsewhere") == []


async def test_a_reset_after_the_event_was_taken_means_it_twice(here: TopicWorld) -> None:
    """With the same id."""
    here.azure.fault("/api/events", kind="reset", times=1)
    assert isinstance(await failed(here), BusyError)

    await here.sink.send([transition()])

    assert [each["id"] for each in here.service.events] == [transition().id] * 2


@pytest.mark.parametrize("path", ["/api/events", "/msi/token"])
async def test_a_slow_answer_is_given_up(path: str) -> None:
    """Long before the lease of the sink is over, whoever it is that is slow."""
    async with running_topic(longest=timedelta(seconds=0.2)) as here:
        here.azure.faults.add(Fault(path, kind=Kind.HANG, seconds=60))

        error = await failed(here)

    assert isinstance(error, BusyError)
    assert str(error).startswith("Event Grid ")


async def test_without_a_token_the_alerts_are_kept(here: TopicWorld) -> None:
    """The identity has no right to one, or the service is down for a while."""
    here.azure.fault("/msi/token", status=400)

    error = await failed(here)

    assert isinstance(error, BusyError)
    assert str(error).startswith("no token for Event Grid: ")


async def test_half_a_character_in_a_name_spoils_nothing(here: TopicWorld) -> None:
    """A topic refuses whatever it was sent with text that is none."""
    odd = f"{ACCOUNT}\ud800"
    alert = replace(transition(), resource_id=odd, root=odd.lower(), message="half \udfff a pair")

    await here.sink.send([alert, transition(2)])

    first, second = here.service.events
    assert first["subject"] == f"{ACCOUNT}?"
    assert first["source"].endswith("%3F")
    assert first["data"]["message"] == "half ? a pair"
    assert second["id"] == transition(2).id


async def test_a_ca_file_that_cannot_be_used_is_named(here: TopicWorld, tmp_path: Path) -> None:
    """With its setting; the topic is not to blame, and the alerts are kept."""
    cloud = replace(CLOUDS["public"], ca_file=tmp_path / "none.pem")
    calls = here.sink._calls  # noqa: SLF001 - the same calls with other trust
    calls = replace(calls, open_session=lambda: open_session(cloud, "https://topic.example"))
    topic = EventGridTopic("https://topic.example/api/events", calls, lambda _: {})

    with pytest.raises(
        BusyError, match=r"^nothing was sent to Event Grid: COMPLIANCE_CA_FILE names"
    ):
        await topic.send([transition()])


async def test_a_code_that_is_no_word_is_not_shown(here: TopicWorld) -> None:
    """A service may repeat there what it was sent."""
    body = json.dumps({"error": {"code": "two\nlines " + "x" * 1000, "message": "no"}})
    here.azure.fault("/api/events", status=400, body=body)

    assert str(await failed(here)) == "Event Grid answered 400: it does not take what it was sent"
