"""What is done every few minutes: each task in its turn, whatever becomes of the others."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass

from shared.ports import PortError

log = logging.getLogger(__name__)

Task = Callable[[], Awaitable[object]]
"""Does its part; returns counts, as a dataclass or a number."""


class UpkeepError(PortError):
    """Some of the tasks failed; the others are done."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The tasks, by their names."""

    tasks: Mapping[str, Task]

    async def run(self) -> Mapping[str, object]:
        """Do every task; return what they counted.

        Raises:
            UpkeepError: some failed; the message says which, why, and what the others counted.
        """
        counts: dict[str, object] = {}
        failures: list[Exception] = []
        for name, task in self.tasks.items():
            try:
                counts[name] = _told(await task())
            except PortError as error:
                failures.append(error)
                counts[name] = f"failed: {error}"
            except Exception as error:
                log.exception("%s crashed", name)
                failures.append(error)
                counts[name] = f"crashed: {error!r}"
        if failures:
            told = "; ".join(f"{name}: {each}" for name, each in counts.items())
            raise UpkeepError(told) from failures[0]
        return counts


def _told(counted: object) -> object:
    if is_dataclass(counted) and not isinstance(counted, type):
        return {name: each for name, each in asdict(counted).items() if each}
    return counted
