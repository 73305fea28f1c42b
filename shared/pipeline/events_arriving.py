"""Whether events arrive: changes in the Activity Log against the events that told of them.

Every change raises an event and leaves rows in the log that share its correlation id. The rows come
later, and are compared when they have been there for half an hour: by then the event must have
come. The ids of events are remembered for longer than that (`KEPT_FOR`).
"""

import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from shared.domain.change import Outcome, ResourceChange
from shared.domain.control import Control, FoundBy
from shared.domain.resource_id import ResourceId
from shared.domain.verdict import (
    Cause,
    Evidence,
    Judgement,
    Severity,
    failed,
    passed,
    unknown,
)
from shared.events.translate import translate
from shared.pipeline.activity_export import missing_exports
from shared.pipeline.evaluate import Observation
from shared.pipeline.watch import Watch
from shared.ports import (
    ActivityLog,
    ActivityPosition,
    ActivityRow,
    Bookmarks,
    Clock,
    ReceivedEvents,
)

log = logging.getLogger(__name__)

EVENTS_ARRIVING: Final = "coverage.events_arriving"
BOOKMARK: Final = "events_arriving"
WITHIN: Final = timedelta(minutes=30)
"""How long an event may take."""
KEPT_FOR: Final = timedelta(hours=48)
JUDGED_FOR: Final = timedelta(hours=24)
"""What was ingested earlier is not judged any more; the ids of its events may be forgotten."""
PAGE: Final = 2_000
LONGEST_RUN: Final = timedelta(minutes=4)
MOST_EXAMPLES: Final = 5

CONTROL = Control(
    requirement="Every change of a watched resource is told by an event.",
    why=(
        "Events are how the monitor hears of a change within seconds. Without them it is found by"
        " the Activity Log in minutes, or by a sweep within the hour."
    ),
    fails_when="The Activity Log shows changes for which no event came within 30 minutes.",
    severity=Severity.MEDIUM,
    remediation=(
        (
            "See that the event subscription to the monitor is there, succeeded, and filters away"
            " nothing: az eventgrid event-subscription list --source-resource-id"
            " /subscriptions/{subscription}"
        ),
        "Where events were refused, they wait among its dead letters and are driven again.",
    ),
    references=("https://learn.microsoft.com/azure/event-grid/troubleshoot-issues",),
    found_by=FoundBy.SWEEP,
)


@dataclass(slots=True)
class Arrivals:
    """The changes of one subscription that were compared, and those of them that no event told."""

    changes: int = 0
    untold: int = 0
    examples: list[ResourceChange] = field(default_factory=list)


def judge_arrivals(arrivals: Arrivals) -> Judgement | None:
    """Judge one subscription; None: there was no change, which says nothing."""
    if not arrivals.changes:
        return None
    if not arrivals.untold:
        return passed(f"An event came for each of {arrivals.changes} changes.")
    minutes = int(WITHIN.total_seconds() // 60)
    return failed(
        f"No event came within {minutes} minutes for {arrivals.untold} of {arrivals.changes}"
        f" changes in the Activity Log, such as {_described(arrivals.examples[0])}.",
        *(
            Evidence("activity_log", each.resource_id.text, "an event", _described(each))
            for each in arrivals.examples
        ),
    )


def _described(change: ResourceChange) -> str:
    return (
        f"{change.operation_name} on {change.resource_id.text} at"
        f" {change.occurred_at:%Y-%m-%d %H:%M:%S} UTC (correlation id {change.correlation_id})"
    )


@dataclass(frozen=True, slots=True)
class _Bookmark:
    """The place up to which rows were compared."""

    ingested_at: AwareDatetime
    row: str = ""


_ADAPTER = TypeAdapter(_Bookmark)


@dataclass(frozen=True, slots=True)
class EventCheck:
    """The use case with its ports; `conclude` records an observation of a subscription."""

    activity: ActivityLog
    received: ReceivedEvents
    bookmarks: Bookmarks
    watch: Watch
    clock: Clock
    conclude: Callable[[Observation], Awaitable[None]]

    async def check(self) -> None:
        """Compare what was ingested since the last time and is old enough, and conclude.

        The first run only begins: of what was before, the events were not remembered. A
        subscription whose Activity Log does not arrive cannot be judged.

        Raises:
            PortError: a port failed; the next run compares the same again.
        """
        now = self.clock.now()
        subscriptions = await self.watch.subscriptions()
        missing = await missing_exports(self.activity, subscriptions, now)
        for subscription, reason in missing.items():
            log.warning("subscription %s: %s", subscription, reason)
            await self._conclude(subscription, unknown(Cause.UNREADABLE, reason))
        found: defaultdict[str, Arrivals] = defaultdict(Arrivals)
        after = await self._compare(subscriptions - missing.keys(), now, found)
        for subscription, arrivals in sorted(found.items()):
            judgement = judge_arrivals(arrivals)
            if judgement is not None:
                await self._conclude(subscription, judgement)
        bookmark = _Bookmark(after.ingested_at, after.row_id)
        await self.bookmarks.save(BOOKMARK, _ADAPTER.dump_json(bookmark).decode())
        for subscription in subscriptions:
            await self.received.forget(subscription, now - KEPT_FOR)

    async def _conclude(self, subscription: str, judgement: Judgement) -> None:
        root = ResourceId.parse(f"/subscriptions/{subscription}")
        await self.conclude(Observation(EVENTS_ARRIVING, CONTROL, root, judgement))

    async def _compare(
        self, subscriptions: frozenset[str], now: datetime, found: defaultdict[str, Arrivals]
    ) -> ActivityPosition:
        """Compare page by page; return the place up to which it was done."""
        after, until = await self._beginning(now), now - WITHIN
        while subscriptions and after.ingested_at < until:
            page = await self.activity.rows(subscriptions, after, until, limit=PAGE)
            if not page.complete:
                log.warning("the Activity Log answers in part; the next run compares again")
                break
            await self._count(page.rows, found)
            after = page.rows[-1].position if page.more else ActivityPosition(until)
            if self.clock.now() - now >= LONGEST_RUN:
                break
        return after

    async def _beginning(self, now: datetime) -> ActivityPosition:
        """Return the place after which nothing was compared yet."""
        text = await self.bookmarks.load(BOOKMARK)
        if text is None:
            return ActivityPosition(now)
        try:
            known = _ADAPTER.validate_json(text)
        except ValidationError:
            log.exception("the bookmark %s cannot be read; comparing begins anew", BOOKMARK)
            return ActivityPosition(now)
        if known.ingested_at < now - JUDGED_FOR:
            return ActivityPosition(now - JUDGED_FOR)
        return ActivityPosition(known.ingested_at, known.row)

    async def _count(self, rows: Sequence[ActivityRow], found: defaultdict[str, Arrivals]) -> None:
        """Count the changes of a page: each correlation id once."""
        changes: defaultdict[str, dict[str, ResourceChange]] = defaultdict(dict)
        for row in rows:
            change = translate(row.body)
            if (
                isinstance(change, ResourceChange)
                and change.outcome is Outcome.SUCCEEDED
                and change.correlation_id
            ):
                told = changes[change.resource_id.subscription]
                told.setdefault(change.correlation_id.lower(), change)
        for subscription, by_id in changes.items():
            untold = await self.received.unseen(subscription, by_id.keys())
            arrivals = found[subscription]
            arrivals.changes += len(by_id)
            arrivals.untold += len(untold)
            room = MOST_EXAMPLES - len(arrivals.examples)
            arrivals.examples += [by_id[each] for each in sorted(untold)[:room]]
