"""Two processes that tell the same sinks: one at a time, in order, and never too often."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from shared.adapters.system_clock import SystemClock
from shared.ports import FindingStore
from tests.integration.delivering_process import WINDOW, opened
from tests.local_azure.webhooks import Post, Webhooks
from tests.records import ACCOUNT, commit, transition

if TYPE_CHECKING:
    from tests.azurite_server import Azurite

ROOT = Path(__file__).resolve().parents[2]
ROOTS = [f"{ACCOUNT}{number}" for number in range(6)]
ALERTS = 15
"""Alerts of each root."""


class Timed(list[Post]):
    """Posts with the times at which they came."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[datetime] = []
        self._came = asyncio.Event()

    def append(self, post: Post) -> None:
        """Note the time."""
        super().append(post)
        self.times.append(SystemClock().now())
        self._came.set()

    async def come(self, number: int) -> None:
        """Wait until there are so many."""
        while len(self) < number:
            self._came.clear()
            await self._came.wait()


@dataclass
class Workers:
    """Processes on one store, none of which outlives the test."""

    places: list[str]
    hooks: Webhooks
    posts: Timed
    running: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def start(self) -> asyncio.subprocess.Process:
        """Start a worker; it begins when it is told to."""
        pipe = asyncio.subprocess.PIPE
        module = ("-m", "tests.integration.delivering_process")
        arguments = (*module, str(self.hooks.port), *self.places)
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe
        )
        self.running.append(process)
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n", await process.communicate()
        return process

    async def close(self) -> None:
        """End whatever still runs."""
        for process in self.running:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.communicate()


@pytest.fixture(params=["sqlite", "azurite"])
async def workers(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Workers]:
    """Workers on an empty store."""
    places = [str(tmp_path / "store.db")]
    if request.param == "azurite":
        azurite: Azurite = request.getfixturevalue("azurite")
        account = azurite.account()
        places = [account.blob, account.queue, account.table]
    posts = Timed()
    async with Webhooks(posts=posts) as hooks:
        made = Workers(places, hooks, posts)
        yield made
        await made.close()


async def record(store: FindingStore, first: int, last: int) -> None:
    """Record alerts of each root, one a commit."""
    for number in range(first, last + 1):
        for account in ROOTS:
            alert = transition(number, resource_id=account, at=SystemClock().now())
            await store.commit(commit(alert, root=account.lower(), version=number - 1))


def ids(posts: list[Post]) -> list[str]:
    """Return the ids of the alerts in posts to the webhook."""
    contents: list[Any] = [each.content for each in posts if each.path == "/hook"]
    return [one["id"] for each in contents for one in (each if isinstance(each, list) else [each])]


def in_order(told: list[str]) -> bool:
    """Whether the alerts of each root came in order, repeats left aside."""
    first = list(dict.fromkeys(told))
    for account in ROOTS:
        mine = [int(i.rpartition("#")[2]) for i in first if i.startswith(f"{account.lower()}#")]
        if mine != list(range(1, ALERTS + 1)):
            return False
    return True


async def _finish(process: asyncio.subprocess.Process) -> int:
    """Let a worker come to its end; return how many alerts it told."""
    out, complaints = await asyncio.wait_for(process.communicate(b"go\n"), 60)
    assert process.returncode == 0, complaints
    told, parked = map(int, out.split())
    assert parked == 0
    return told


async def test_two_processes_tell_each_alert_once_in_order_and_keep_the_window(
    workers: Workers,
) -> None:
    """While more is recorded; cards come no more often than one worker alone would send them."""
    async with AsyncExitStack() as stack:
        store = opened(stack, workers.places)
        await record(store, 1, 5)
        started = [await workers.start() for _ in range(2)]
        told, *_ = await asyncio.gather(
            asyncio.gather(*map(_finish, started)), record(store, 6, 10)
        )
        # Both may have been quicker than what was recorded.
        await record(store, 11, ALERTS)
        left = await _finish(await workers.start())
        posts = workers.posts
        waiting = [await store.undelivered(each, 9) for each in ("webhook", "teams")]

    number = ALERTS * len(ROOTS)
    assert [list(each) for each in waiting] == [[], []]
    assert sum(told) + left == 2 * number
    assert len(ids(posts)) == number
    assert in_order(ids(posts))
    times = [at for each, at in zip(posts, posts.times, strict=True) if each.path == "/teams"]
    gaps = [later - at for at, later in pairwise(times)]
    assert len(times) >= 2
    assert min(gaps) > WINDOW - timedelta(milliseconds=100)


async def test_a_process_that_is_killed_while_it_tells_is_followed_by_the_next(
    workers: Workers,
) -> None:
    """What was told without being remembered comes again with the same id; nothing is lost."""
    async with AsyncExitStack() as stack:
        store = opened(stack, workers.places)
        await record(store, 1, ALERTS)
        first = await workers.start()
        assert first.stdin is not None
        first.stdin.write(b"go\n")
        await first.stdin.drain()
        await workers.posts.come(4)
        first.kill()
        await first.communicate()
        held = [await store.undelivered(each, 1) for each in ("webhook", "teams")]

        await _finish(await workers.start())
        waiting = [await store.undelivered(each, 9) for each in ("webhook", "teams")]

    assert any(held)
    assert [list(each) for each in waiting] == [[], []]
    told = ids(workers.posts)
    assert in_order(told)
    assert len(told) - len(set(told)) <= 7
