"""The sink `teams`: a card for each alert, or one for all of a window."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.adapters.sinks.teams.card import alert_card
from shared.adapters.sinks.teams.digest import digest_card
from shared.adapters.sinks.teams.options import Applied, CardOptions
from shared.adapters.sinks.teams_webhook import TeamsWebhook
from shared.ports import BusyError, RefusedError
from tests.local_azure.faults import Fault
from tests.records import transition
from tests.sink_worlds import HookWorld, running_hooks

OPTIONS = CardOptions()
ALERT = replace(transition(), id="0123456789abcdef0123456789abcdef")
WINDOW = timedelta(minutes=1)


@pytest.fixture
async def here() -> AsyncIterator[HookWorld]:
    """A workflow: it answers 202."""
    async with running_hooks() as world:
        yield world


@pytest.fixture
def sink(here: HookWorld) -> TeamsWebhook:
    """A sink that posts to it."""
    return TeamsWebhook(
        here.endpoint(), OPTIONS, name="teams:security", list_link="https://x.example"
    )


async def test_an_alert_is_its_card(here: HookWorld, sink: TeamsWebhook) -> None:
    """In the message that Workflows takes, under the id of the alert."""
    await sink.send([ALERT])

    (post,) = here.hooks.posts
    assert post.content == alert_card(ALERT, OPTIONS)
    assert post.content["type"] == "message"
    assert post.headers["x-ms-client-tracking-id"] == ALERT.id
    assert sink.name == "teams:security"
    assert sink.batch == 1


async def test_what_applied_is_on_the_card(here: HookWorld) -> None:
    """It is asked for each alert."""
    applied = Applied(route="security")

    await TeamsWebhook(here.endpoint(), OPTIONS, applied=lambda _: applied).send([ALERT])

    assert here.hooks.posts[0].content == alert_card(ALERT, OPTIONS, applied)


async def test_a_digest_is_one_card(here: HookWorld, sink: TeamsWebhook) -> None:
    """However many alerts there are; a repeat is known by its tracking id."""
    alerts = [transition(n) for n in range(1, 300)]

    await sink.send_digest(alerts, WINDOW)
    await sink.send_digest(alerts, WINDOW)

    first, second = here.hooks.posts
    assert first.content == digest_card(alerts, WINDOW, OPTIONS, "https://x.example")
    assert len(first.body) < 20_000
    assert first.headers["x-ms-client-tracking-id"] == second.headers["x-ms-client-tracking-id"]


async def test_a_digest_of_nothing_is_nothing(here: HookWorld, sink: TeamsWebhook) -> None:
    """No card without an alert."""
    await sink.send_digest([], WINDOW)

    assert here.hooks.tried == 0


async def test_a_full_channel_says_for_how_long(here: HookWorld, sink: TeamsWebhook) -> None:
    """For a card and for a digest."""
    here.hooks.faults.add(Fault("", status=429, headers={"Retry-After": "30"}))

    for sent in (sink.send([ALERT]), sink.send_digest([ALERT], WINDOW)):
        with pytest.raises(BusyError) as caught:
            await sent
        assert caught.value.retry_after == timedelta(seconds=30)


async def test_a_card_that_is_not_taken_is_refused(here: HookWorld, sink: TeamsWebhook) -> None:
    """Cards are small already: a smaller one would say too little."""
    here.hooks.faults.add(Fault("", status=413))

    with pytest.raises(RefusedError):
        await sink.send([ALERT])


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "WorkflowTriggerIsNotEnabled"),
        (404, "WorkflowNotFound"),
        (401, "DirectApiAuthorizationRequired"),
        (410, "Gone"),
    ],
)
async def test_a_flow_that_is_gone_keeps_the_alerts(
    here: HookWorld, sink: TeamsWebhook, status: int, code: str
) -> None:
    """Somebody left, and the flow with them: a person makes a new one."""
    body = f'{{"error": {{"code": "{code}"}}}}'
    here.hooks.faults.add(Fault("", status=status, body=body))

    with pytest.raises(BusyError, match=rf"answered {status} \({code}\): "):
        await sink.send([ALERT])


async def test_any_text_can_be_sent(here: HookWorld, sink: TeamsWebhook) -> None:
    """Also what is no UTF-8."""
    await sink.send([replace(ALERT, message="half \ud800 a pair")])

    assert len(here.hooks.posts) == 1
