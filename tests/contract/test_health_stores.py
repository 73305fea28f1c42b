"""What the stores say of themselves, and the canary in them: there, and counted nowhere."""

from datetime import timedelta
from typing import cast

import pytest

from shared.domain.canary import CANARY, TOLD_TO
from shared.domain.root_state import Posture, RootState
from shared.domain.topology import Source
from shared.pipeline.canary import canary_commit
from shared.ports import Backlogs, Clock, FindingStore, QueueName, TransitionQuery
from tests.contract.backends import Stores
from tests.records import ROOT, SUBSCRIPTION, commit, transition

pytestmark = pytest.mark.contract

LOOKS = QueueName.LOOKS
NEAR = timedelta(seconds=90)
"""Clocks of two machines, and whole seconds."""


@pytest.fixture
def store(stores: Stores) -> FindingStore:
    """The store as one worker sees it."""
    return stores.findings


async def fly(store: FindingStore, clock: Clock) -> None:
    """Record a canary that was sent just now."""
    state = await store.state(CANARY.key)
    made = canary_commit(state, clock.now(), clock.now())
    assert made is not None
    await store.commit(made)


async def test_a_canary_is_handed_out_with_whom_it_is_for(
    store: FindingStore, others: Stores, clock: Clock
) -> None:
    """As whole as it was recorded; every sink's delivery sees it, and decides by that."""
    await fly(store, clock)
    await store.commit(commit(transition(1)))

    for sink in ("log_analytics", "teams"):
        bird, real = await others.findings.undelivered(sink, 10)
        assert (bird.root, bird.only_to, bird.alerts) == (CANARY.key, TOLD_TO, True)
        assert (real, real.only_to) == (transition(1), ())


async def test_a_canary_counts_nowhere(store: FindingStore, clock: Clock) -> None:
    """Neither in the posture, nor as a subscription, a finding or an alert that is listed."""
    await fly(store, clock)

    assert await store.posture() == Posture()
    assert await store.subscriptions() == frozenset()
    assert [each async for each in store.open_findings()] == []
    assert await store.last_look() is None
    for query in (TransitionQuery(), TransitionQuery(alerts_only=False), TransitionQuery(limit=5)):
        assert list(await store.transitions(query)) == []
    (bird,) = await store.transitions(TransitionQuery(canaries=True))
    assert bird.root == CANARY.key


async def test_old_canaries_are_forgotten(stores: Stores, clock: Clock) -> None:
    """Once every sink has gone past them."""
    await fly(stores.findings, clock)
    (bird,) = await stores.findings.undelivered("log_analytics", 10)
    later = clock.now() + timedelta(days=1)
    assert await stores.retention.purge(later, 10) == 0

    await stores.findings.delivered("log_analytics", [bird.id])

    assert await stores.retention.purge(later, 10) == 1
    assert list(await stores.findings.transitions(TransitionQuery(canaries=True))) == []


async def test_the_last_look_is_that_of_any_root(stores: Stores, clock: Clock) -> None:
    """Of none there is none."""
    assert await stores.findings.last_look() is None
    now = clock.now()
    state = RootState(read_at={Source.ACCOUNT: now, Source.DEPLOYMENTS: now - timedelta(hours=1)})
    await stores.findings.commit(commit(state=state))

    last = await stores.findings.last_look()

    assert last is not None
    assert abs(last - now) < NEAR
    assert await stores.findings.subscriptions() == {SUBSCRIPTION}
    assert (await stores.findings.state(ROOT)).version == 1


async def test_a_queue_says_how_much_waits_and_since_when(stores: Stores, clock: Clock) -> None:
    """What is delayed counts, but does not wait; an empty or unknown queue holds nothing."""
    queue = stores.queue
    # Every queue of ours is both.
    backlogs = cast("Backlogs", queue)
    assert (await backlogs.backlog(LOOKS)).messages == 0
    await queue.put(LOOKS, ["later"], delay=timedelta(hours=1))
    hidden = await backlogs.backlog(LOOKS)
    assert (hidden.messages, hidden.oldest_at) == (1, None)

    await queue.put(LOOKS, ["one", "two"])
    found = await backlogs.backlog(LOOKS)

    assert found.messages == 3
    assert found.oldest_at is not None
    assert abs(clock.now() - found.oldest_at) < NEAR
    assert found.told_at is None or abs(clock.now() - found.told_at) < NEAR
    assert (await backlogs.backlog(QueueName.SWEEPS)).messages == 0
