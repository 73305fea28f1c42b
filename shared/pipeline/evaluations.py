"""Keep what looks came to, for those who ask for the posture of any time.

State first: only what is committed is kept, and the look waits for nothing. What was looked at is
remembered in this process and written a little later, many at once. Killed in between, it is lost:
the next look that writes, within a day, says the same. No finding and no alert depends on it.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Final

from shared.domain.control import Catalogue
from shared.domain.root_state import Commit, RootState
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ROOT_TYPES, Source
from shared.domain.verdict import Verdict
from shared.pipeline.evaluate import evaluate
from shared.pipeline.evaluated import Evaluated
from shared.pipeline.keep import Keep
from shared.ports import Clock, PortError, RefusedError

log = logging.getLogger(__name__)

AT_ONCE: Final = 20
"""Looks that are written at once."""
MOST_WAITING: Final = 500
"""Looks that are remembered, each with all that was read; of more the oldest are forgotten."""
SOON: Final = timedelta(seconds=2)
"""How long a look waits for others to be written with."""


Write = Callable[[Sequence[Evaluated]], Awaitable[None]]


@dataclass(slots=True)
class Evaluations:
    """The use case; `write` takes rows."""

    write: Write
    clock: Clock
    catalogue: Catalogue
    keep: Keep = Keep.CHANGES
    _waiting: deque[Snapshot] = field(default_factory=deque)
    _forgotten: int = 0
    _task: "asyncio.Task[None] | None" = None

    def note(self, snapshot: Snapshot, before: RootState, commit: Commit) -> None:
        """Remember a look that is committed, inside the event loop that will write it."""
        source = ROOT_TYPES[snapshot.root.type.lower()]
        if commit.state.gone or not is_kept(self.keep, source, before, commit):
            return
        self._waiting.append(snapshot)
        self._forget_some()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._write_soon())

    async def flush(self) -> int:
        """Write what is remembered; return how many rows those were.

        Raises:
            PortError: some are not written; they are still remembered.
        """
        if self._forgotten:
            log.warning("%d looks are not kept: too many wait", self._forgotten)
            self._forgotten = 0
        written = 0
        while self._waiting:
            number = min(AT_ONCE, len(self._waiting))
            some = [self._waiting.popleft() for _ in range(number)]
            rows: list[Evaluated] = []
            try:
                for snapshot in some:
                    rows += self._rows(snapshot)
                    # Looks go first.
                    await asyncio.sleep(0)
                await self.write(rows)
            except RefusedError:
                # They would be refused again.
                log.exception("%d rows of evaluations are refused", len(rows))
                continue
            except (PortError, asyncio.CancelledError):
                self._waiting.extendleft(reversed(some))
                self._forget_some()
                raise
            written += len(rows)
        return written

    async def close(self) -> None:
        """Write no more; what is remembered is lost."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def _rows(self, snapshot: Snapshot) -> list[Evaluated]:
        root = snapshot.root
        looked_at = snapshot.reading(ROOT_TYPES[root.type.lower()]).read_at or self.clock.now()
        found = evaluate(snapshot, self.catalogue)
        return [Evaluated(root.key, looked_at, each) for each in found]

    def _forget_some(self) -> None:
        while len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            self._forgotten += 1

    async def _write_soon(self) -> None:
        """Write in the background; after a failure the next look, or the redrive, tries again."""
        await asyncio.sleep(SOON.total_seconds())
        try:
            await self.flush()
        except PortError as error:
            log.warning("evaluations are not written yet: %s", error)
        except Exception:
            # Nobody waits for this task; what crashed it is not written again.
            log.exception("evaluations are lost")


def is_kept(keep: Keep, source: Source, before: RootState, commit: Commit) -> bool:
    """Whether what a look came to is written down; `source` is the one of the root itself."""
    if keep is not Keep.CHANGES:
        return keep is Keep.ALL
    after = commit.state
    last, now = before.read_at.get(source), after.read_at.get(source)
    return (
        bool(commit.transitions)
        # Once a day all the same: of what was not told for longer, nobody knows whether it stands.
        or last is None
        or now is None
        or last.astimezone(UTC).date() != now.astimezone(UTC).date()
        or _counted(before) != _counted(after)
    )


def _counted(state: RootState) -> dict[Verdict, int]:
    return {each: number for each, number in state.verdicts.items() if number}
