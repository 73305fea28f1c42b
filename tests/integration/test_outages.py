"""Whatever fails, and for how long: what could not be read is read in the end, and told once."""

import asyncio
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Problem
from shared.domain.topology import Source, sources_of
from shared.domain.verdict import Cause
from shared.pipeline.work import WorkReport
from tests.integration.test_any_order import ACCOUNTS, HUB, PROJECT, Story, agrees, steps
from tests.worlds import World, fold, with_subscriptions, world

DENIED = Problem(Cause.UNREADABLE, "403 Forbidden", "Microsoft.X/read")
TROUBLES = (
    DENIED,
    Problem(Cause.UNREADABLE, "503", retry_after=timedelta(0)),
    Problem(Cause.UNREADABLE, "429", retry_after=timedelta(minutes=10)),
    None,
)
PLACES = (
    (ACCOUNTS[0], Source.ACCOUNT),
    (ACCOUNTS[0], Source.DEPLOYMENTS),
    (ACCOUNTS[0], Source.PERIMETER_CONFIGURATIONS),
    (HUB, Source.WORKSPACE),
    (PROJECT, Source.HUB),
    (PROJECT, Source.ONLINE_ENDPOINTS),
)
troubles = st.lists(
    st.tuples(
        st.sampled_from(PLACES), st.sampled_from(TROUBLES), st.sampled_from((0, 1, 7, 30, 61, 400))
    ),
    min_size=1,
    max_size=8,
)


async def _go_on(told: World, order: Random) -> None:
    """Let something happen that makes the monitor work."""
    match order.randrange(4):
        case 0:
            await told.runtime.sweeps.begin(deep=order.random() < 0.5)
        case 1:
            told.inventory.unlisted = order.choice(("503", None))
            told.inventory.shows = order.randrange(3)
    at_once = order.choice((1, 3))
    await told.runtime.worker.drain(WorkReport(), concurrency=at_once)


def readable(told: World) -> list[ResourceId]:
    """Return the roots that are wholly readable; a project that has lost its hub is not."""
    index, now = told.inventory.index(), told.clock.now()
    roots = with_subscriptions(map(ResourceId.parse, (*ACCOUNTS, HUB, PROJECT)))
    return [
        root
        for root in roots
        if not any(
            told.inventory.reading(index, root, source, now).problem
            for source in sources_of(root.type)
        )
    ]


@given(
    story=steps,
    trouble=troubles,
    order=st.randoms(use_true_random=False),
    lag=st.sampled_from((0, 20)),
)
@settings(max_examples=100, deadline=None)
def test_any_order_of_outages_refusals_and_grants_ends_in_the_truth_and_in_sight(
    story: list[Any], trouble: list[Any], order: Random, lag: int
) -> None:
    """When everything can be read again nothing is left unknown.

    Each transition is recorded once, and no blind spot stays open.
    """

    async def tell() -> None:
        told = world(lag=timedelta(seconds=lag))
        told.inventory.bodies = True
        happened = Story(told)
        pending: list[tuple[str, Any]] = [*(("do", each) for each in story)]
        for each in trouble:
            pending.insert(order.randint(0, len(pending)), ("trouble", each))
        for what, detail in pending:
            if what == "do":
                happened.do(*detail)
                await told.tell(*happened.news())
            else:
                (root, source), problem, minutes = detail
                told.inventory.problems.pop((root.lower(), source), None)
                if problem is not None:
                    told.inventory.problems[root.lower(), source] = problem
                told.clock.advance(timedelta(minutes=minutes))
            await _go_on(told, order)
        told.inventory.problems.clear()
        told.inventory.unlisted = None
        for _ in range(2):
            # The first may go on with one that was under way.
            told.clock.advance(timedelta(minutes=11))
            await told.drain()
            await told.sweep(deep=True)
        await told.sweep(deep=False)

        await agrees(told)
        left_open = {key for key in fold(await told.history()) if key.startswith("coverage.")}
        for root in readable(told):
            state = await told.ports.findings.state(root.key)
            assert (state.unreadable, state.retry_at) == ({}, None)
            assert not [key for key in left_open if key.endswith(f" {root.key}")]

    asyncio.run(tell())
