"""Taking in what Azure tells: nothing is lost, nothing stops the others, everything is counted."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.resource_id import ResourceId
from shared.domain.root_state import Commit, RootState
from shared.domain.topology import DEEP_SOURCES, Source
from shared.events.outcome import IgnoredReason, Malformed
from shared.pipeline.messages import ChangeNote, LookMessage, Trigger, decode
from shared.pipeline.receive import KEPT_TEXT, Intake, Receipt
from shared.pipeline.watch import Watch
from shared.ports import FindingStore, PortError, QueueName, SetAside
from tests.records import ACCOUNT, GROUP, OTHER_SUBSCRIPTION, SUBSCRIPTION, moment
from tests.worlds import World, delete_event, resource, watch_of, world, write_event

ACCOUNT_ID = ResourceId.parse(ACCOUNT)
CHILD_ID = ResourceId.parse(f"{ACCOUNT}/deployments/chat")
PERIMETER_ID = ResourceId.parse(f"{ACCOUNT}/networkSecurityPerimeterConfigurations/p")
PROJECT_ID = ResourceId.parse(f"{ACCOUNT}/projects/p")
OF_PROJECTS = (
    Source.PROJECTS,
    Source.PROJECT_CAPABILITY_HOSTS,
    Source.PROJECT_CONNECTIONS,
    Source.APPLICATIONS,
)
ENDPOINT_ID = ResourceId.parse(
    f"{GROUP}/Microsoft.MachineLearningServices/workspaces/w/onlineEndpoints/e"
)
ELSEWHERE = ResourceId.parse(ACCOUNT.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION))
STORAGE = ResourceId.parse(
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Storage/accounts/a"
)
WHEN = "2026-11-20T07:59:00Z"


@pytest.fixture
def here() -> World:
    """A world that watches one subscription."""
    return world()


async def queued(told: World) -> list[LookMessage]:
    """Take what is on the queue of looks."""
    messages = []
    while (taken := await told.ports.queue.take(QueueName.LOOKS)) is not None:
        messages.append(decode(taken.text))
    return messages


async def kept(told: World) -> Sequence[SetAside]:
    """Return what was set aside, newest first."""
    return await told.ports.aside.kept(100)


def adds_up(receipt: Receipt) -> bool:
    """Whether every input is counted once."""
    ignored = receipt.ignored.total()
    return receipt.received == len(receipt.messages) + ignored + len(receipt.malformed)


# --- changes ---


async def test_a_change_asks_for_a_look_at_its_root(here: World) -> None:
    """With what the look needs to know of it, and the time at which it arrived."""
    claims = {"name": "ann@example.com"}
    event = write_event(CHILD_ID, WHEN, claims=claims, correlationId="c0ffee")
    receipt = await here.runtime.intake.accept([event])

    (message,) = receipt.messages
    note = ChangeNote(CHILD_ID.text, False, moment(-60), "ann@example.com", "c0ffee")  # noqa: FBT003
    assert message == LookMessage(ACCOUNT, message.accepted_at, Trigger.CHANGE, note)
    assert moment(0) < message.accepted_at < here.clock.now()
    assert await queued(here) == [message]


@pytest.mark.parametrize(
    ("event", "sources"),
    [
        (write_event(ACCOUNT_ID), ()),
        (write_event(CHILD_ID), ()),
        (delete_event(CHILD_ID), ()),
        (write_event(PERIMETER_ID), (Source.PERIMETER_CONFIGURATIONS,)),
        (delete_event(PERIMETER_ID), (Source.PERIMETER_CONFIGURATIONS,)),
        (delete_event(ACCOUNT_ID), DEEP_SOURCES[ACCOUNT_ID.type.lower()]),
        (write_event(PROJECT_ID), (Source.PROJECTS,)),
        (delete_event(PROJECT_ID), OF_PROJECTS),
        (delete_event(ENDPOINT_ID), (Source.DIAGNOSTIC_SETTINGS,)),
    ],
)
async def test_a_change_names_the_deep_source_that_it_makes_stale(
    here: World, event: dict[str, object], sources: tuple[Source, ...]
) -> None:
    """The core sources are read anyway; what is deleted makes stale what was below it."""
    (message,) = (await here.runtime.intake.receive([event])).messages

    assert message.sources == sources


@pytest.mark.parametrize(
    ("event_type", "failed"),
    [("WriteSuccess", False), ("WriteFailure", True), ("WriteCancel", True)],
)
async def test_a_change_says_whether_it_came_about(
    here: World,
    event_type: str,
    failed: bool,  # noqa: FBT001 - a parameter
) -> None:
    """A look follows either way: what failed may have done a part of it."""
    event = {**write_event(ACCOUNT_ID), "eventType": f"Microsoft.Resources.Resource{event_type}"}
    (message,) = (await here.runtime.intake.receive([event])).messages

    assert message.change is not None
    assert message.change.failed is failed


async def test_what_was_below_a_resource_does_not_count_for_another_of_its_name(
    here: World,
) -> None:
    """A project is deleted with its connections, and made again; an event tells of each."""
    connection = resource(
        f"{PROJECT_ID.text}/connections/c",
        properties={"category": "CustomKeys", "target": "https://elsewhere.example"},
    )
    project = resource(PROJECT_ID.text, properties={})
    here.inventory.put(resource(ACCOUNT, kind="AIServices", properties={}), project, connection)
    await here.tell(write_event(ACCOUNT_ID))
    await here.drain()
    astray = f"network_isolation.connection_targets_approved {PROJECT_ID.key}"
    assert astray in await here.open_findings([ACCOUNT_ID.key])
    here.inventory.delete(PROJECT_ID)
    await here.tell(delete_event(PROJECT_ID))
    await here.drain()
    here.inventory.put(project)

    await here.tell(write_event(PROJECT_ID))
    await here.drain()

    assert astray not in await here.open_findings([ACCOUNT_ID.key])


async def test_receiving_queues_nothing(here: World) -> None:
    """Where the platform queues what a function returns, the caller does it."""
    await here.runtime.intake.receive([write_event(ACCOUNT_ID)])

    assert await queued(here) == []


# --- sorting ---


async def test_every_input_is_counted_once_and_malformed_ones_by_their_position(
    here: World,
) -> None:
    """Changes, what is none, and what cannot be read, in one batch."""
    batch = [
        write_event(ACCOUNT_ID),
        write_event(STORAGE),
        {"no": "event"},
        write_event(STORAGE),
        Malformed("line 7 is not JSON", '{"broken'),
        delete_event(CHILD_ID),
        None,
    ]

    receipt = await here.runtime.intake.accept(batch)

    assert (receipt.received, len(receipt.messages)) == (7, 2)
    assert receipt.ignored == {IgnoredReason.OTHER_PROVIDER: 2}
    assert [at for at, _ in receipt.malformed] == [2, 4, 6]
    assert adds_up(receipt)
    assert [(each.text, each.length) for each in await kept(here)] == [
        ("null", 4),
        ('{"broken', 8),
        ('{"no":"event"}', 14),
    ]
    assert [each.reason for each in await kept(here)] == [
        reason for _, reason in reversed(receipt.malformed)
    ]


async def test_nothing_received_is_nothing(here: World) -> None:
    """An empty batch touches nothing."""
    assert await here.runtime.intake.accept([]) == Receipt()


async def test_of_a_long_input_the_beginning_is_kept(here: World) -> None:
    """With the length of the whole."""
    await here.runtime.intake.accept([{"a": "x" * 50_000}, Malformed("long", "y" * 20_000)])

    second, first = await kept(here)
    assert (len(first.text), first.length) == (KEPT_TEXT, 50_008)
    assert (second.text, second.length) == ("y" * KEPT_TEXT, 20_000)


@pytest.mark.parametrize("depth", [300, 900, 5000])
async def test_an_input_of_any_depth_is_kept(here: World, depth: int) -> None:
    """However deep it is nested, and however little of it can be shown."""
    payload: object = 1
    for _ in range(depth):
        payload = [payload]

    receipt = await here.runtime.intake.accept([payload, write_event(ACCOUNT_ID)])

    assert (len(receipt.messages), len(receipt.malformed)) == (1, 1)
    assert len(await kept(here)) == 1


async def test_an_input_that_is_no_json_is_kept_as_it_is_shown(here: World) -> None:
    """Keys that are no text, values that JSON does not have, text that is no Unicode."""
    await here.runtime.intake.accept([{1: 2}, {"a": {3}}, {"a": "\ud800"}])

    assert [each.text for each in await kept(here)] == [
        "{'a': '\\ud800'}",
        "{'a': {3}}",
        "{1: 2}",
    ]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
events = st.builds(
    lambda event, key, value: {**event, key: value},
    st.sampled_from([write_event(ACCOUNT_ID), delete_event(CHILD_ID), write_event(ELSEWHERE)]),
    st.sampled_from(["subject", "eventType", "eventTime", "data", "topic", "id", "specversion"]),
    values,
)


@given(payloads=st.lists(values | events | st.builds(Malformed, st.text(), st.text()), max_size=6))
async def test_whatever_arrives_is_counted_once(payloads: list[Any]) -> None:
    """Received are the changes, the ignored and the malformed together; all malformed are kept."""
    told = world()

    receipt = await told.runtime.intake.accept(payloads)

    assert receipt.received == len(payloads)
    assert adds_up(receipt)
    assert len(await kept(told)) == len(receipt.malformed)
    assert len(await queued(told)) == len(receipt.messages)


# --- which subscriptions are watched ---


async def test_a_subscription_that_is_not_watched_is_malformed(here: World) -> None:
    """Somebody routed its events here, or forgot to watch it: it is not dropped unseen."""
    receipt = await here.runtime.intake.accept([write_event(ELSEWHERE)])

    assert receipt.malformed == [(0, f"subscription {OTHER_SUBSCRIPTION} is not watched")]
    assert len(await kept(here)) == 1


async def test_watched_are_those_of_the_setting_and_no_others(here: World) -> None:
    """Whatever the estate holds."""
    here.inventory.put(resource(ELSEWHERE.text))
    receipt = await here.runtime.intake.receive([write_event(ELSEWHERE), write_event(ACCOUNT_ID)])

    assert (len(receipt.messages), len(receipt.malformed)) == (1, 1)


async def test_without_a_setting_watched_are_those_of_the_estate_or_known(here: World) -> None:
    """An estate's last account that was deleted is still heard of."""
    intake = replace(here.runtime.intake, watch=watch_of(here))
    both = [write_event(ACCOUNT_ID), write_event(ELSEWHERE)]
    assert (await intake.receive(both)).messages == []

    here.inventory.put(resource(ELSEWHERE.text))
    (found,) = (await intake.receive(both)).messages
    assert found.root == ELSEWHERE.text

    await here.ports.findings.commit(Commit(ACCOUNT_ID.key, RootState()))
    assert len((await intake.receive(both)).messages) == 2


async def test_subscriptions_compare_without_regard_to_case() -> None:
    """Activity Log rows come in capitals."""
    told = world()
    spelled = ResourceId.parse(ACCOUNT.upper().replace(SUBSCRIPTION, "ABCDEF12"))
    intake = replace(told.runtime.intake, watch=watch_of(told, "abcdef12"))

    assert len((await intake.receive([write_event(spelled)])).messages) == 1


# --- failures ---


class Down:
    """A port that is down."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever is asked for
        """Return a call that fails."""

        async def fail(*_: object, **__: object) -> object:
            raise PortError(f"{name}: the store is down")

        return fail


def broken(intake: Intake, **ports: object) -> Intake:
    """Return an intake some of whose ports are down."""
    return replace(intake, **ports)  # type: ignore[arg-type] # stand-ins


async def test_what_cannot_be_set_aside_must_come_again(here: World) -> None:
    """And nothing of its batch is queued, which would come twice."""
    intake = broken(here.runtime.intake, aside=Down())

    with pytest.raises(PortError):
        await intake.accept([write_event(ACCOUNT_ID), {"no": "event"}])

    assert await queued(here) == []


async def test_what_cannot_be_queued_must_come_again(here: World) -> None:
    """The caller hears of it."""
    intake = broken(here.runtime.intake, queue=Down())

    with pytest.raises(PortError):
        await intake.accept([write_event(ACCOUNT_ID)])


async def test_what_is_watched_must_be_known(here: World) -> None:
    """Without it every change would look foreign."""
    blind = Watch(here.inventory, cast("FindingStore", Down()), here.clock)
    intake = broken(here.runtime.intake, watch=blind)

    with pytest.raises(PortError):
        await intake.accept([write_event(ACCOUNT_ID), {"no": "event"}])

    assert list(await kept(here)) == []


async def test_a_batch_arrives_at_one_time(here: World) -> None:
    """A look that began after it covers all of it."""
    batch = [write_event(ACCOUNT_ID), write_event(CHILD_ID)]
    receipt = await here.runtime.intake.receive(batch)
    here.clock.advance(timedelta(seconds=1))

    assert len({message.accepted_at for message in receipt.messages}) == 1
