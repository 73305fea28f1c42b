"""Read what the Activity Log tells, and hand it to the intake: what no event told of is found.

Rows come minutes to hours late, twice, in any order and sometimes in part. They are read in the
order in which they were ingested, page by page. The messages of a page are queued before the
bookmark moves over it, and it only moves over pages that came whole: killed anywhere, the next run
reads again what may not have been handed on.
"""

import logging
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from shared.pipeline import activity_bookmark
from shared.pipeline.activity_bookmark import ActivityBookmark
from shared.pipeline.receive import Intake
from shared.ports import ActivityLog, ActivityPage, Bookmarks, Clock

log = logging.getLogger(__name__)

BOOKMARK: Final = "activity_log"
PAGE: Final = 2_000
"""Rows of a page, some 3 kB each: far below the limits of an answer (64 MB, 500,000 rows)."""
SMALLEST_PAGE: Final = 50
"""An answer in part is asked for again in smaller pages; what still fails then waits."""
LONGEST_RUN: Final = timedelta(minutes=4)
"""The timer runs every five minutes; the next run goes on where this one stopped."""


@dataclass(slots=True)
class Heard:
    """What one run read: rows = changes + ignored + malformed + `known`.

    `known` were handed on by an earlier run. `incomplete` counts answers in part.
    `caught_up`: everything was read that is there.
    """

    rows: int = 0
    known: int = 0
    changes: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    malformed: int = 0
    pages: int = 0
    incomplete: int = 0
    caught_up: bool = False


@dataclass(frozen=True, slots=True)
class Listening:
    """The use case with its ports."""

    activity: ActivityLog
    bookmarks: Bookmarks
    intake: Intake
    clock: Clock

    async def listen(self) -> Heard:
        """Read on from the bookmark, until everything is read or the time is over.

        Raises:
            NoActivityTableError: there is no Activity Log to read.
            PortError: the log, the queue or the bookmark failed; what was read so far counts.
        """
        heard = Heard()
        subscriptions = await self.intake.watch.subscriptions()
        if not subscriptions:
            heard.caught_up = True
            return heard
        now = self.clock.now()
        loaded = await activity_bookmark.load(self.bookmarks, BOOKMARK, now)
        bookmark = loaded.round_until(now)
        limit = PAGE
        while self.clock.now() - now < LONGEST_RUN:
            end = bookmark.until or now
            page = await self.activity.rows(subscriptions, bookmark.after, end, limit=limit)
            bookmark = await self._hand_on(page, bookmark, heard)
            await activity_bookmark.save(self.bookmarks, BOOKMARK, bookmark)
            if bookmark.until is None:
                heard.caught_up = True
                break
            if not page.complete:
                if limit <= SMALLEST_PAGE:
                    log.warning("the Activity Log answers in part; the next run asks again")
                    break
                limit = max(limit // 4, SMALLEST_PAGE)
        return heard

    async def _hand_on(
        self, page: ActivityPage, bookmark: ActivityBookmark, heard: Heard
    ) -> ActivityBookmark:
        """Queue what a page tells; return the bookmark after it.

        A page in part is used as far as it came, but not passed.
        """
        new = bookmark.unknown(page.rows)
        receipt = await self.intake.accept(row.body for row in new)
        heard.pages += 1
        heard.rows += len(page.rows)
        heard.known += len(page.rows) - len(new)
        heard.changes += len(receipt.messages)
        heard.ignored += receipt.ignored
        heard.malformed += len(receipt.malformed)
        after = bookmark.knowing(new)
        if not page.complete:
            heard.incomplete += 1
            return after
        if not page.more:
            return after.at_the_end()
        return after.moved_to(page.rows[-1].position)
