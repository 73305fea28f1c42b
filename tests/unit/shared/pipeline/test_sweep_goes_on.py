"""Sweeps that are cut short: what is listed serves, what failed is told, nothing is forgotten."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Problem
from shared.domain.sweep import Sweep, SweepCoverage
from shared.domain.topology import DEEP_SOURCES, ResourceType, Source
from shared.domain.verdict import Cause
from shared.pipeline.baseline import record_baseline
from shared.pipeline.messages import LookMessage, Trigger, decode
from shared.pipeline.sweep import GO_ON_FOR
from shared.pipeline.work import WorkReport
from shared.ports import QueueName
from tests.records import ACCOUNT, GROUP, OTHER_ACCOUNT, SUBSCRIPTION
from tests.unit.shared.pipeline.stub_monitors import catalogue, monitor
from tests.worlds import World, resource, world

HUB = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/hub"
PROJECT = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/project"
DEEP = DEEP_SOURCES[ResourceType.ACCOUNT.lower()]
ITSELF = f"/subscriptions/{SUBSCRIPTION}"
CATALOGUE = catalogue(monitor("account"))
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
OUTAGE = Problem(Cause.UNREADABLE, "503", retry_after=timedelta(0))


def state(text: str, word: str, **properties: object) -> Resource:
    """Make a resource whose state is a word."""
    return resource(text, properties={"state": word, **properties})


@pytest.fixture
def here() -> World:
    """A world of two accounts whose list shows their bodies."""
    told = world(catalogue=CATALOGUE)
    told.inventory.put(state(ACCOUNT, "bad"), state(OTHER_ACCOUNT, "good"))
    told.inventory.bodies = True
    return told


async def taken(told: World) -> list[LookMessage]:
    """Take what is due on the queue of sweeps."""
    messages = []
    while (each := await told.ports.queue.take(QueueName.SWEEPS)) is not None:
        await told.ports.queue.done(QueueName.SWEEPS, each)
        messages.append(decode(each.text))
    return messages


async def put(told: World, messages: Sequence[LookMessage]) -> None:
    """Put messages back."""
    await told.ports.queue.put(QueueName.SWEEPS, [each.encode() for each in messages])


async def coverage(told: World) -> SweepCoverage:
    """Return the coverage of the last sweep."""
    return (await told.ports.ledger.coverage(SUBSCRIPTION))[0]


async def kinds(told: World, control: str = "coverage.subscription_swept") -> list[str]:
    """Return what happened to the findings of a control."""
    return [each.kind.value for each in await told.history() if each.control == control]


async def reads(told: World, *, deep: bool = False) -> int:
    """Sweep, and return how many sources were read of accounts."""
    before = told.inventory.reads
    await told.sweep(deep=deep)
    # Those of the subscription itself: core ones, of which the accounts are another root's.
    return told.inventory.reads - before - 3


# --- bodies that come with the list ---


async def test_a_core_sweep_reads_the_deployments_of_each_account_and_nothing_else(
    here: World,
) -> None:
    """Their bodies came with the list, each time anew."""
    assert await reads(here) == 2
    assert await here.open_findings([ACCOUNT.lower()]) != {}

    here.inventory.put(state(ACCOUNT, "good"))
    assert await reads(here) == 2
    assert await here.open_findings([ACCOUNT.lower()]) == {}


async def test_a_body_that_an_event_has_overtaken_is_read_again(here: World) -> None:
    """What was listed before the event's look began must not bring back what was."""
    await here.runtime.sweeps.begin(deep=False)
    here.inventory.put(state(ACCOUNT, "good"))
    deployments = LookMessage(ACCOUNT, here.clock.now(), (await taken(here))[1].trigger)
    await here.runtime.looks.look(deployments)

    assert await here.open_findings([ACCOUNT.lower()]) == {}
    before = here.inventory.reads
    await here.runtime.looks.look(replace(deployments, accepted_at=here.clock.now()))
    assert here.inventory.reads - before == 2


async def test_a_body_that_was_listed_hours_ago_is_read_again(here: World) -> None:
    """A sweep that was held up must not judge by what was there when it began."""
    await here.runtime.sweeps.begin(deep=False)
    here.inventory.put(state(ACCOUNT, "good"), state(OTHER_ACCOUNT, "bad"))
    here.clock.advance(HOUR)

    await here.drain()

    assert await here.open_findings([ACCOUNT.lower()]) == {}
    assert await here.open_findings([OTHER_ACCOUNT.lower()]) != {}


async def test_what_an_account_names_elsewhere_is_read_with_it(here: World) -> None:
    """Which is rare: its body is read once more then."""
    store = f"{GROUP}/Microsoft.Storage/storageAccounts/logs"
    monitoring = {"adxStorageResourceId": store}
    here.inventory.put(state(ACCOUNT, "good", raiMonitorConfig=monitoring), resource(store))

    # Deployments, then account, deployments and what is named.
    assert await reads(here) == 1 + 1 + 3
    kept = await here.ports.findings.state(ACCOUNT.lower())
    assert kept.unreadable == {}


async def test_a_deep_sweep_uses_the_bodies_too(here: World) -> None:
    """And reads every deep source once."""
    before = here.inventory.reads
    await here.sweep(deep=True)
    itself = 3 + len(DEEP_SOURCES.get(ResourceType.SUBSCRIPTION.lower(), ()))

    assert here.inventory.reads - before == itself + 2 * (1 + len(DEEP))


# --- lists that fail ---


@pytest.mark.parametrize("shows", [0, 1])
async def test_a_list_that_fails_sweeps_what_is_listed_and_known(here: World, shows: int) -> None:
    """It is no full sweep, and a blind spot until one is."""
    await here.sweep(deep=False)
    here.inventory.unlisted, here.inventory.shows = "403 Forbidden", shows
    here.inventory.put(state(OTHER_ACCOUNT, "bad"))
    await here.sweep(deep=False)

    told = await coverage(here)
    assert (told.sweep.roots, told.evaluated, told.complete) == (2, 2, False)
    assert told.shortfalls == ("the list could not be read whole (403 Forbidden)",)
    assert await here.open_findings([OTHER_ACCOUNT.lower()]) != {}
    assert await kinds(here) == ["blind_spot"]

    await here.sweep(deep=False)
    assert await kinds(here) == ["blind_spot"]
    here.inventory.unlisted = None
    await here.sweep(deep=False)
    assert (await coverage(here)).complete
    assert await kinds(here) == ["blind_spot", "blind_spot_cleared"]


async def test_a_first_sweep_that_sees_nothing_is_no_baseline(here: World) -> None:
    """The next one tells of all that it finds in one digest."""
    here.inventory.unlisted = "503"
    await here.sweep(deep=False)
    told = await coverage(here)
    assert (told.sweep.roots, told.complete, told.ended_at is None) == (0, False, False)
    assert [each.kind.value for each in await here.history()] == ["blind_spot"]

    here.inventory.unlisted = None
    await here.sweep(deep=False)

    found = [(each.kind.value, each.alerts) for each in await here.history()]
    assert found[1:] == [("opened", False), ("blind_spot_cleared", True), ("baseline", True)]


async def test_a_known_root_that_is_neither_listed_nor_readable_is_missed(here: World) -> None:
    """Absent from the list it may be gone; only a read tells."""
    await here.sweep(deep=False)
    here.inventory.unlisted, here.inventory.shows = "503", 0
    denied = Problem(Cause.UNREADABLE, "403", "Microsoft.X/read")
    here.inventory.problems[ACCOUNT.lower(), Source.ACCOUNT] = denied
    await here.sweep(deep=False)

    told = await coverage(here)
    assert (told.unproven, told.unknown) == (1, 1)
    assert told.denied == ((ACCOUNT.lower(), "Microsoft.X/read"),)
    assert "1 root known before, not listed, and not readable" in told.shortfalls


# --- waiting for what could not be read ---


async def test_a_sweep_waits_for_what_is_tried_again(here: World) -> None:
    """It is over, and its baseline told, when the outage is."""
    here.inventory.problems[ACCOUNT.lower(), Source.DEPLOYMENTS] = OUTAGE
    await here.sweep(deep=False)
    told = await coverage(here)
    assert (told.left, told.complete, told.ended_at) == (1, False, None)
    assert told.shortfalls == ("1 root not looked at yet",)

    here.inventory.problems.clear()
    here.clock.advance(6 * MINUTE)
    await here.drain()

    assert (await coverage(here)).complete
    assert [each.kind.value for each in await here.history()] == ["opened", "baseline"]


async def test_a_sweep_goes_on_without_a_root_that_an_outage_of_an_hour_hides(
    here: World,
) -> None:
    """It counts as unknown, and the sweep as incomplete."""
    here.inventory.problems[ACCOUNT.lower(), Source.DEPLOYMENTS] = OUTAGE
    await here.runtime.sweeps.begin(deep=False)
    for _ in range(20):
        await here.drain()
        here.clock.advance(5 * MINUTE)

    told = await coverage(here)
    assert (told.left, told.overdue, told.unknown, told.evaluated) == (0, 1, 1, 2)
    assert told.shortfalls == ("1 root not readable within an hour",)
    assert await kinds(here) == ["blind_spot"]
    assert await kinds(here, "coverage.resource_readable") == ["blind_spot"]


# --- beginning again ---


async def test_to_begin_while_a_sweep_is_under_way_is_to_go_on_with_it(here: World) -> None:
    """Nothing is queued twice; another depth has a sweep of its own."""
    (first,) = await here.runtime.sweeps.begin(deep=False)
    (again,) = await here.runtime.sweeps.begin(deep=False)
    (deep,) = await here.runtime.sweeps.begin(deep=True)

    assert again == replace(first, roots=2)
    assert deep.id != first.id
    assert len(await taken(here)) == 3 + 3
    assert await kinds(here) == []


async def test_messages_that_were_lost_are_queued_again(here: World) -> None:
    """Those of roots that are still to be looked at."""
    await here.runtime.sweeps.begin(deep=False)
    messages = await taken(here)
    await here.runtime.sweeps.look(messages[0])

    (again,) = await here.runtime.sweeps.begin(deep=False)

    assert [(each.root, each.accepted_at) for each in await taken(here)] == [
        (each.root.lower(), again.started_at) for each in messages[1:]
    ]


async def test_a_sweep_whose_end_was_not_recorded_ends_when_it_is_begun_again(here: World) -> None:
    """Its worker was killed just before."""

    class Dying:
        """A ledger whose worker is killed before a sweep is recorded as over."""

        def __getattr__(self, name: str) -> object:
            """Hand everything else on."""
            return getattr(here.ports.ledger, name)

        async def finish(self, *_: object) -> None:
            """Do nothing any more."""

    sweeps = replace(here.runtime.sweeps, ledger=Dying())  # type: ignore[arg-type]
    await sweeps.begin(deep=False)
    await replace(here.runtime.worker, sweep_look=sweeps.look).drain(WorkReport())
    assert (await coverage(here)).ended_at is None

    await here.runtime.sweeps.begin(deep=False)

    assert (await coverage(here)).complete
    assert [each.kind.value for each in await here.history()] == ["opened", "baseline"]


async def test_a_sweep_that_is_not_over_when_the_next_is_due_is_a_blind_spot(here: World) -> None:
    """Until it is; one that is merely begun again at once is none."""
    await here.runtime.sweeps.begin(deep=False)
    messages = await taken(here)
    await here.runtime.sweeps.begin(deep=False)
    await taken(here)
    assert await kinds(here) == []
    here.clock.advance(HOUR)
    await here.runtime.sweeps.begin(deep=False)
    assert await kinds(here) == ["blind_spot"]
    (opened, *_) = [each for each in await here.history() if each.control]
    assert opened.message == "Not everything was seen by the core sweep: 3 roots not looked at yet."

    await put(here, messages)
    await here.drain()

    assert await kinds(here) == ["blind_spot", "blind_spot_cleared"]


async def test_a_sweep_that_has_lost_its_way_is_given_up_for_a_new_one(here: World) -> None:
    """What is left of it is in the new one; its late messages do no harm."""
    (old,) = await here.runtime.sweeps.begin(deep=False)
    messages = await taken(here)
    here.clock.advance(GO_ON_FOR)
    (new,) = await here.runtime.sweeps.begin(deep=False)
    assert new.id != old.id
    assert await kinds(here) == ["blind_spot"]

    await put(here, messages)
    await here.drain()

    told = await coverage(here)
    assert (told.sweep.id, told.complete) == (new.id, True)
    assert await kinds(here) == ["blind_spot", "blind_spot_cleared"]


async def test_late_messages_of_a_baseline_alert_once_its_digest_may_be_told(here: World) -> None:
    """What opens after the digest is in no other one: nobody would ever hear of it."""
    await here.runtime.sweeps.begin(deep=False)
    here.clock.advance(GO_ON_FOR)
    await here.runtime.sweeps.begin(deep=False)
    assert "baseline" in [each.kind.value for each in await here.history()]

    await here.drain()

    opened = [each for each in await here.history() if each.kind.value == "opened"]
    assert [(each.resource_id, each.alerts) for each in opened] == [(ACCOUNT, True)]


async def test_a_list_that_was_cut_short_is_listed_again(here: World) -> None:
    """Roots that were looked at meanwhile are not looked at again."""

    class Dying:
        """A ledger whose worker is killed before the list is closed."""

        def __getattr__(self, name: str) -> object:
            """Hand everything else on."""
            return getattr(here.ports.ledger, name)

        async def close_list(self, *_: object) -> None:
            """Be killed."""
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await replace(here.runtime.sweeps, ledger=Dying()).begin(deep=False)  # type: ignore[arg-type]
    first, *_ = await taken(here)
    await here.runtime.sweeps.look(first)
    here.inventory.put(state(f"{ACCOUNT}-new", "good"))

    (sweep,) = await here.runtime.sweeps.begin(deep=False)

    assert sweep.roots == 3
    names = {ResourceId.parse(each.root).name for each in await taken(here)}
    assert names == {"Acct", "Other", "Acct-new"}


# --- two at once ---


class Joined:
    """A ledger on which another worker adds a root just before this one closes the sweep."""

    def __init__(self, told: World, added: Sequence[str]) -> None:
        self._told = told
        self._added = list(added)

    def __getattr__(self, name: str) -> object:
        """Hand everything else on."""
        return getattr(self._told.ports.ledger, name)

    async def close_list(self, sweep_id: str, reasons: Sequence[str]) -> Sweep | None:
        """Close the list; then the other, whose list was made later, adds what it shows."""
        closed = await self._told.ports.ledger.close_list(sweep_id, reasons)
        await self._told.ports.ledger.add(sweep_id, self._added, listed=True)
        return closed


async def test_a_sweep_that_two_list_at_once_is_over_when_all_is_looked_at_that_either_saw() -> (
    None
):
    """The timer comes again while a large subscription is listed; one list may show more."""
    told = world(catalogue=CATALOGUE)
    sweeps = told.runtime.sweeps
    joined = replace(sweeps, ledger=Joined(told, [ACCOUNT.lower()]))  # type: ignore[arg-type]

    (sweep,) = await joined.begin(deep=False)
    assert (await coverage(told)).ended_at is None
    assert await told.history() == []

    message = LookMessage(ACCOUNT, sweep.started_at, Trigger.SWEEP, sweep=sweep.id, baseline=True)
    told.inventory.put(state(ACCOUNT, "bad"))
    await sweeps.look(message)

    assert (await coverage(told)).complete
    news = [(each.kind.value, each.alerts) for each in await told.history()]
    assert news == [("opened", False), ("baseline", True)]


async def test_what_opens_after_the_digest_of_a_baseline_alerts(here: World) -> None:
    """Whichever sweep told it: no other digest will."""
    await here.runtime.sweeps.begin(deep=False)
    first, *messages = await taken(here)
    (sweep,) = await here.runtime.sweeps.begin(deep=True)
    await record_baseline(here.ports.findings, here.clock, replace(sweep, deep=True))

    for each in (first, *messages):
        await here.runtime.sweeps.look(each)

    opened = [each for each in await here.history() if each.kind.value == "opened"]
    assert [each.alerts for each in opened] == [True]
