"""How far the Activity Log was read: the place, and the rows around it that were handed on."""

import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from shared.ports import ActivityPosition, ActivityRow, Bookmarks

log = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=10)
"""How far each round reads back: what was ingested a moment ago may not be found yet."""
FIRST_ROUND = timedelta(days=1)
"""How far the first round reads back: for a day a change is still of use to say who made it."""
KEPT_ROWS = 20_000
"""How many rows are known again; of more, the oldest are handed on twice, which is harmless."""

_DIGEST_BYTES = 9


@dataclass(frozen=True, slots=True)
class ActivityBookmark:
    """Where reading goes on: after `after`, and not beyond `until`, the end of the round.

    `until` None: the last round was read to its end, and the next begins a little before `after`.
    `handed_on` are digests of the rows read, by the time at which each was ingested.
    """

    after_ingested_at: AwareDatetime
    after_row: str = ""
    until: AwareDatetime | None = None
    handed_on: Mapping[datetime, tuple[str, ...]] = field(default_factory=dict)

    @property
    def after(self) -> ActivityPosition:
        """The place after which reading goes on."""
        return ActivityPosition(self.after_ingested_at, self.after_row)

    def round_until(self, now: datetime) -> "ActivityBookmark":
        """Return the bookmark of the round that is under way, or of a new one up to now."""
        if self.until is not None:
            return self
        # Places are in whole milliseconds.
        until = now.replace(microsecond=now.microsecond // 1000 * 1000)
        return ActivityBookmark(
            self.after_ingested_at - OVERLAP, until=until, handed_on=self.handed_on
        )

    def moved_to(self, position: ActivityPosition) -> "ActivityBookmark":
        """Return the bookmark after the rows up to this place."""
        return replace(
            self,
            after_ingested_at=position.ingested_at,
            after_row=position.row_id,
            handed_on=self._handed_on_since(position.ingested_at - OVERLAP),
        )

    def at_the_end(self) -> "ActivityBookmark":
        """Return the bookmark of a round that was read to its end."""
        end = self.after_ingested_at if self.until is None else self.until
        return ActivityBookmark(end, handed_on=self._handed_on_since(end - OVERLAP))

    def _handed_on_since(self, since: datetime) -> Mapping[datetime, tuple[str, ...]]:
        """Return the rows that a later round may read again."""
        return {at: each for at, each in self.handed_on.items() if at >= since}

    def unknown(self, rows: Iterable[ActivityRow]) -> list[ActivityRow]:
        """Return the rows that were not handed on yet, each once."""
        known = {digest for digests in self.handed_on.values() for digest in digests}
        found = []
        for row in rows:
            digest = _digest(row.id)
            if digest not in known:
                known.add(digest)
                found.append(row)
        return found

    def knowing(self, rows: Iterable[ActivityRow]) -> "ActivityBookmark":
        """Return the bookmark that knows these rows too; of too many the oldest are forgotten."""
        known = {at: list(digests) for at, digests in self.handed_on.items()}
        for row in rows:
            known.setdefault(row.position.ingested_at, []).append(_digest(row.id))
        room = KEPT_ROWS
        kept: dict[datetime, tuple[str, ...]] = {}
        for at in sorted(known, reverse=True):
            kept[at] = tuple(known[at][-room:]) if room else ()
            room -= len(kept[at])
        return replace(self, handed_on={at: digests for at, digests in kept.items() if digests})


_ADAPTER = TypeAdapter(ActivityBookmark)


async def load(bookmarks: Bookmarks, name: str, now: datetime) -> ActivityBookmark:
    """Return the bookmark of this name; without one, that of a first round.

    Raises:
        PortError: it could not be read.
    """
    first = ActivityBookmark(now - FIRST_ROUND + OVERLAP)
    text = await bookmarks.load(name)
    if text is None:
        return first
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError:
        # Reading a day again costs looks that are not needed; never reading again costs everything.
        log.exception("the bookmark %s cannot be read; the last day is read again", name)
        return first


async def save(bookmarks: Bookmarks, name: str, bookmark: ActivityBookmark) -> None:
    """Save the bookmark.

    Raises:
        PortError: it could not be saved.
    """
    await bookmarks.save(name, _ADAPTER.dump_json(bookmark).decode())


def _digest(row_id: str) -> str:
    """Return a short name of a row; the ids of 20,000 rows would fill a megabyte."""
    return hashlib.blake2b(row_id.lower().encode(), digest_size=_DIGEST_BYTES).hexdigest()
