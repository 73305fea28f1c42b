"""What is done every few minutes: each task in its turn, whatever becomes of the others.

One that hangs is ended, so that it takes its own time and not that of the others.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from shared.ports import PortError

log = logging.getLogger(__name__)

LONGEST: Final = timedelta(seconds=75)
"""How long a task may take."""
WHOLE: Final = timedelta(minutes=9)
"""How long all of them may; the host ends the worker with a function after ten minutes."""
LEAST: Final = timedelta(seconds=10)
"""So long each of them may take, however many before it hung."""
LONGER: Final = MappingProxyType(
    {"drained": timedelta(seconds=250), "alerts": timedelta(seconds=100)}
)
"""Of these longer, where no trigger sees a queue: to work off what lies there ends by itself after
240 s, and to tell the sinks after 60 s and a post."""

Task = Callable[[], Awaitable[object]]
"""Does its part; returns counts, as a dataclass or a number."""


class UpkeepError(PortError):
    """Some of the tasks failed; the others are done."""


class TooLongError(PortError):
    """A task took too long, and was ended; what it had not done comes again."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The tasks, by their names; `remember` keeps why some of them failed, None: nothing does."""

    tasks: Mapping[str, Task]
    remember: Callable[[Mapping[str, str]], Awaitable[None]] | None = None

    async def run(self) -> Mapping[str, object]:
        """Do every task; return what they counted.

        Raises:
            UpkeepError: some failed; the message says which, why, and what the others counted.
        """
        counts: dict[str, object] = {}
        failures: list[Exception] = []
        failed: dict[str, str] = {}
        loop = asyncio.get_running_loop()
        end = loop.time() + WHOLE.total_seconds()
        for behind, (name, task) in zip(
            range(len(self.tasks) - 1, -1, -1), self.tasks.items(), strict=True
        ):
            share = end - loop.time() - behind * LEAST.total_seconds()
            try:
                counts[name] = await _done(name, task, max(share, LEAST.total_seconds()))
            except PortError as error:
                failures.append(error)
                counts[name] = failed[name] = f"failed: {error}"
            except Exception as error:
                log.exception("%s crashed", name)
                failures.append(error)
                counts[name] = failed[name] = f"crashed: {error!r}"
        if self.remember is not None:
            try:
                await self.remember(failed)
            except PortError as error:
                failures.append(error)
                counts["remembered"] = f"failed: {error}"
        if failures:
            told = "; ".join(f"{name}: {each}" for name, each in counts.items())
            raise UpkeepError(told) from failures[0]
        return counts


async def _done(name: str, task: Task, share: float) -> object:
    """Do a task, for so many seconds at most; return what it counted.

    Raises:
        TooLongError: it took too long.
    """
    seconds = min(LONGER.get(name, LONGEST).total_seconds(), share)
    bound = asyncio.timeout(seconds)
    try:
        async with bound:
            return _told(await task())
    except TimeoutError as error:
        if not bound.expired():
            raise
        told = f"it took longer than {seconds:.3g} s"
        log.warning("%s was ended: %s", name, told)
        raise TooLongError(told) from error


def _told(counted: object) -> object:
    if is_dataclass(counted) and not isinstance(counted, type):
        return {name: each for name, each in asdict(counted).items() if each}
    return counted
