"""What is remembered of a sink between deliveries: how it is, what it was told when, what waits.

Whoever tells a sink goes by its own clock. What a clock ahead of it has written counts as of now or
as over, so that no alert waits until the clocks agree.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from shared.domain.finding import Transition

SLACK = timedelta(seconds=5)
"""So far two clocks may be apart without anybody minding."""
EXACT = timedelta(hours=1)
"""So long every post is remembered by itself; those before are counted together."""
TOGETHER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Rate:
    """A limit: at most so many posts within a time."""

    posts: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Posts:
    """How many posts were made by a time (seconds since 1970)."""

    at: float
    count: int = 1


@dataclass(frozen=True, slots=True)
class SinkState:
    """How a sink is; times are UTC.

    `version` is the store's: 0 before it was first saved. `failures` are those in a row, the last
    at `failed_at`, and nothing has been taken since `failing_since`; before `next_attempt_at` it is
    left alone. `refused` are the ids of alerts that were parked since anything was taken: of too
    many the sink itself is to blame. `posts` are kept for a sink with rates. `window_began_at` is
    when the last post of a sink with digests was made. A poke is on its way that comes at
    `poked_for`.
    """

    version: int = 0
    failures: int = 0
    failing_since: datetime | None = None
    failed_at: datetime | None = None
    next_attempt_at: datetime | None = None
    last_error: str | None = None
    refused: tuple[str, ...] = ()
    posts: tuple[Posts, ...] = ()
    window_began_at: datetime | None = None
    poked_for: datetime | None = None

    def waits_until(self, now: datetime) -> datetime | None:
        """Return until when the sink is left alone after a failure; None: it is not."""
        due = self.next_attempt_at
        if due is None or due <= now or is_ahead(self.failed_at, now):
            return None
        return due

    def window_ends(self, now: datetime, window: timedelta) -> datetime | None:
        """Return when the window of the last post ends, or has ended; None: there is none."""
        began = self.window_began_at
        return None if began is None or is_ahead(began, now) else began + window

    def room_at(self, now: datetime, rates: tuple[Rate, ...]) -> datetime:
        """Return the first time from now on at which one more post keeps every rate."""
        room = now
        for rate in rates:
            made = 0
            for each in reversed(self.posts):
                made += each.count
                if made >= rate.posts:
                    at = min(datetime.fromtimestamp(each.at, UTC), now)
                    room = max(room, at + rate.within)
                    break
        return room

    def with_post(self, now: datetime, rates: tuple[Rate, ...]) -> "SinkState":
        """Return the state after one more post; what no rate asks for any more is forgotten."""
        longest = max((each.within for each in rates), default=timedelta(0))
        at = now.timestamp()
        kept: list[Posts] = []
        for each in self.posts:
            seen = Posts(min(each.at, at), each.count)
            if at - seen.at > longest.total_seconds():
                continue
            last = kept[-1] if kept else None
            if last is not None and _together(last, seen, at):
                # At the time of the latest of them: a rate is rather kept too well.
                kept[-1] = Posts(seen.at, last.count + seen.count)
            else:
                kept.append(seen)
        posts = (*kept, Posts(at)) if rates else ()
        return replace(self, posts=posts, window_began_at=now)

    def recovered(self) -> "SinkState":
        """Return the state of a sink that has taken something."""
        return replace(
            self,
            failures=0,
            failing_since=None,
            failed_at=None,
            next_attempt_at=None,
            last_error=None,
            refused=(),
        )


def is_ahead(at: datetime | None, now: datetime) -> bool:
    """Whether a time was written by a clock that is ahead of ours."""
    return at is not None and at > now + SLACK


def _together(one: Posts, other: Posts, now: float) -> bool:
    """Whether posts are so old that they are counted together."""
    width = TOGETHER.total_seconds()
    return now - other.at > EXACT.total_seconds() + 1 and one.at // width == other.at // width


@dataclass(frozen=True, slots=True)
class Parked:
    """An alert that a sink will not be told of unless somebody puts it back."""

    sink: str
    alert: Transition
    at: datetime
    reason: str = field(default="")
