"""Fakes that keep state, for tests of the pipeline.

They pass the contract suites of the real adapters.
"""

import inspect
from collections.abc import AsyncIterator, Collection, Generator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.adapters.local.readings import estate_reading
from shared.adapters.local.resource_index import ResourceIndex
from shared.domain.finding import Transition
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.sink_state import Rate
from shared.domain.snapshot import Problem, SourceReading
from shared.domain.topology import OTHER_ROOTS, ResourceType, Source
from shared.ports import Listed, Pace, PortError

BEGINNING = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


class FakeClock:
    """A clock that goes on by a microsecond at every look at it, and by hand."""

    def __init__(self) -> None:
        self._now = BEGINNING

    def now(self) -> datetime:
        """Return the time, later than ever before."""
        self._now += timedelta(microseconds=1)
        return self._now

    async def sleep(self, duration: timedelta) -> None:
        """Let the time pass at once."""
        self.advance(duration)

    def advance(self, duration: timedelta) -> None:
        """Let time pass."""
        self._now += duration


class MemoryInventory:
    """An estate in memory.

    `lag` is how long after a write it goes on answering with the state before it. `problems` are
    the sources (of a root, by its key) that cannot be read. `bodies`: the list of roots brings
    those of accounts along. `unlisted` says why the list fails, when it has shown `shows` roots.
    """

    def __init__(self, clock: FakeClock, lag: timedelta = timedelta(0)) -> None:
        self._clock = clock
        self._lag = lag
        self._states: list[tuple[datetime, dict[str, Resource]]] = [(BEGINNING, {})]
        self.reads = 0
        self.problems: dict[tuple[str, Source], Problem] = {}
        self.bodies = False
        self.unlisted: str | None = None
        self.shows = 0

    @property
    def second_look_after(self) -> timedelta | None:
        """Return a minute when answers can be stale."""
        return timedelta(minutes=1) if self._lag else None

    @property
    def resources(self) -> dict[str, Resource]:
        """Return what is really there, by key."""
        return self._states[-1][1]

    def put(self, *resources: Resource) -> None:
        """Create or replace resources."""
        state = {**self.resources, **{each.id.key: each for each in resources}}
        self._states.append((self._clock.now(), state))

    def remove(self, resource_id: ResourceId) -> None:
        """Take one resource away, and nothing below it."""
        kept = {key: each for key, each in self.resources.items() if each.id != resource_id}
        self._states.append((self._clock.now(), kept))

    def delete(self, resource_id: ResourceId) -> None:
        """Delete a resource with everything below it."""
        kept = {
            key: each for key, each in self.resources.items() if not each.id.is_within(resource_id)
        }
        self._states.append((self._clock.now(), kept))

    def index(self, at: datetime | None = None) -> ResourceIndex:
        """Sort what is there (or what is answered at a time)."""
        seen = self.resources
        if at is not None and self._lag:
            seen = next(
                state
                for since, state in reversed(self._states)
                if since <= max(at - self._lag, BEGINNING)
            )
        index = ResourceIndex()
        index.add(seen.values())
        return index

    async def read(
        self,
        root: ResourceId,
        sources: Collection[Source],
        *,
        after: datetime,
        pace: Pace = Pace.EVENT,  # noqa: ARG002 - nothing is short here
    ) -> Mapping[Source, SourceReading]:
        """Read sources of a root."""
        at = self._clock.now()
        assert at > after
        index = self.index(at)
        found = {source: self.reading(index, root, source, at) for source in sources}
        # As in Azure: what names no other root is not read.
        self.reads += sum(
            1 for each in found.values() if each.items or each.source not in OTHER_ROOTS
        )
        return found

    def now(self) -> datetime:
        """Return the time of the inventory's clock."""
        return self._clock.now()

    def reading(
        self, index: ResourceIndex, root: ResourceId, source: Source, at: datetime
    ) -> SourceReading:
        """Answer for one source of a root."""
        problem = self.problems.get((root.key, source))
        if problem is not None:
            return SourceReading(source, (), at, problem, complete=False)
        return estate_reading(index, root, source, at)

    async def roots(self, subscription: str) -> AsyncIterator[Listed]:
        """List the roots, in Azure's way: perhaps with bodies, and perhaps not to the end."""
        at = self._clock.now()
        index = self.index(at if self.bodies else None)
        ours = [root for root in index.roots() if root.subscription == subscription.lower()]
        for root in ours if self.unlisted is None else ours[: self.shows]:
            body = None
            if self.bodies and root.type.lower() == ResourceType.ACCOUNT.lower():
                body = estate_reading(index, root, Source.ACCOUNT, at)
            yield Listed(root, body if body is not None and body.items else None)
        if self.unlisted is not None:
            raise PortError(self.unlisted)

    async def subscriptions(self, *, after: datetime) -> frozenset[str]:
        """Return the subscriptions."""
        assert self._clock.now() > after
        return frozenset(root.subscription for root in self.index().roots())


class MemorySink:
    """A sink that remembers what it was told, and can be down."""

    batch = 100

    def __init__(self, name: str = "memory") -> None:
        self.name = name
        self.told: list[Transition] = []
        self.down = False

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Remember the alerts."""
        if self.down:
            raise PortError("the sink is down")
        self.told += alerts


class MemoryChannel(MemorySink):
    """A sink that people read: `posts` are what it was told at once, each with its time.

    It fails the test when it is told more often than its rates say.
    """

    rates = (Rate(4, timedelta(seconds=1)), Rate(100, timedelta(hours=1)))

    def __init__(self, clock: FakeClock, name: str = "channel") -> None:
        super().__init__(name)
        self.posts: list[tuple[datetime, list[int]]] = []
        self._clock = clock

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Remember a post of one alert."""
        assert len(alerts) == 1
        await self.send_digest(alerts, timedelta(0))

    async def send_digest(self, alerts: Sequence[Transition], window: timedelta) -> None:
        """Remember a post of several."""
        assert window >= timedelta(0)
        now = self._clock.now()
        self.posts.append((now, [each.sequence for each in alerts]))
        for rate in self.rates:
            assert sum(1 for at, _ in self.posts if at > now - rate.within) <= rate.posts
        await super().send(alerts)


class Killed(BaseException):
    """The process is gone: nothing after this has any effect."""


class _Turn:
    """Let another worker run."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class Switch:
    """Counts the port calls of one worker and kills it at a chosen moment.

    `turns` makes each call give way.
    """

    def __init__(self, *, kill_at: int | None = None, turns: bool = False) -> None:
        self.moments = 0
        self.dead = False
        self._kill_at = kill_at
        self._turns = turns

    async def moment(self) -> None:
        """Pass the moment before or after a port call, if alive."""
        if self._turns and not self.dead:
            await _Turn()
        if self.dead or self.moments == self._kill_at:
            self.dead = True
            raise Killed
        self.moments += 1


class Interrupted:
    """A port seen through a switch: a moment before and a moment after each of its calls."""

    def __init__(self, port: object, switch: Switch) -> None:
        self._port = port
        self._switch = switch

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the port has
        member = getattr(self._port, name)
        if not callable(member) or inspect.isasyncgenfunction(member):
            return member

        async def call(*args: object, **options: object) -> object:
            await self._switch.moment()
            result = await member(*args, **options)
            await self._switch.moment()
            return result

        return call
