"""A world that also listens to the Activity Log of a workspace."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.local.listening import SqliteBookmarks, SqliteReceivedEvents
from shared.pipeline.evaluate import Observation
from shared.pipeline.events_arriving import EventCheck
from shared.pipeline.listen import Listening
from shared.pipeline.messages import LookMessage, decode
from shared.ports import ActivityLog, Bookmarks, QueueName, ReceivedEvents
from tests.workspace import Workspace, running_workspace
from tests.worlds import World, world


@dataclass
class Listener:
    """A world, what it remembers of listening, and what it concluded of subscriptions."""

    world: World
    activity: ActivityLog
    bookmarks: Bookmarks
    received: ReceivedEvents
    concluded: list[Observation] = field(default_factory=list)

    @property
    def listening(self) -> Listening:
        """The use case, as a new process has it."""
        intake = replace(self.world.runtime.intake, received=self.received)
        return Listening(self.activity, self.bookmarks, intake, self.world.clock)

    @property
    def check(self) -> EventCheck:
        """The comparison with the events, as a new process has it."""

        async def conclude(observation: Observation) -> None:
            self.concluded.append(observation)

        intake = self.world.runtime.intake
        return EventCheck(
            self.activity, self.received, self.bookmarks, intake.watch, intake.clock, conclude
        )

    async def tell(self, *events: object) -> None:
        """Let events arrive, whose ids are remembered."""
        await replace(self.world.runtime.intake, received=self.received).accept(events)

    def wait(self, **duration: float) -> None:
        """Let time pass."""
        self.world.clock.advance(timedelta(**duration))

    async def queued(self) -> list[LookMessage]:
        """Take what is on the queue of looks."""
        found = []
        queue = self.world.ports.queue
        while (taken := await queue.take(QueueName.LOOKS)) is not None:
            found.append(decode(taken.text))
            await queue.done(QueueName.LOOKS, taken)
        return found


def listener(activity: ActivityLog, lag: timedelta = timedelta(0)) -> Listener:
    """Make an empty world that listens; its inventory may lag behind writes."""
    told = world(lag=lag)
    findings = told.ports.findings
    assert isinstance(findings, SqliteFindingStore)
    database = findings.database
    return Listener(told, activity, SqliteBookmarks(database), SqliteReceivedEvents(database))


@asynccontextmanager
async def running_listener(
    lag: timedelta = timedelta(0),
) -> AsyncIterator[tuple[Listener, Workspace]]:
    """Run a workspace, and a world that listens to it; its inventory may lag behind writes."""
    async with running_workspace() as workspace:
        yield listener(workspace.activity, lag), workspace


def correlations(messages: Iterable[LookMessage]) -> list[str]:
    """Return the correlation ids of the changes that messages tell of."""
    return [str(each.change and each.change.correlation_id) for each in messages]
