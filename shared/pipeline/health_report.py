"""Say how the monitor is: everything that can be told of it, in one record every few minutes.

A part that fails takes nothing away from the others: its measures are None, and a check says why.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from shared.domain.canary import Arrival
from shared.domain.health import Health, HealthCheck, HealthRecord
from shared.ports import Clock, PortError

log = logging.getLogger(__name__)

LONGEST: Final = timedelta(seconds=20)
"""How long one part may take; they are asked at once."""


@dataclass(slots=True)
class Signs:
    """What a part found: measures by name, checks, and the last canary that arrived."""

    measures: dict[str, float | None] = field(default_factory=dict)
    checks: list[HealthCheck] = field(default_factory=list)
    arrival: Arrival | None = None

    def check(self, name: str, health: Health, message: str, remedy: str | None = None) -> None:
        """Add a check; the remedy is left out where all is well."""
        self.checks.append(
            HealthCheck(name, health, message, None if health is Health.OK else remedy)
        )

    def unknown(self, names: Sequence[str], part: str, why: str, health: Health) -> None:
        """Note that measures cannot be told, and why."""
        self.measures |= dict.fromkeys(names)
        said = as_sentence(f"Cannot be told: {why}")
        self.check(part, health, said, "Mend what the message names.")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the record: `take` fills in `measures` at a time; None: `lacking` says why not."""

    name: str
    measures: tuple[str, ...]
    take: Callable[[datetime, Signs], Awaitable[None]] | None
    lacking: str = ""


@dataclass(frozen=True, slots=True)
class HealthReports:
    """The use case; `tell` logs a record, `write` keeps it; None: there is nowhere to keep it."""

    clock: Clock
    version: str
    instance: str
    parts: Sequence[Part]
    tell: Callable[[HealthRecord], None]
    write: Callable[[Sequence[HealthRecord]], Awaitable[None]] | None = None

    async def run(self) -> int:
        """Say how the monitor is; return how many records were kept.

        Raises:
            PortError: it is told in the log, but not kept; the next one is another.
        """
        record = await self.record()
        self.tell(record)
        if self.write is None:
            return 0
        await self.write([record])
        return 1

    async def record(self) -> HealthRecord:
        """Return how the monitor is now."""
        now = self.clock.now()
        whole = Signs()
        for found in await asyncio.gather(*(_taken(each, now) for each in self.parts)):
            whole.measures |= found.measures
            whole.checks += found.checks
            whole.arrival = found.arrival or whole.arrival
        arrival = whole.arrival
        return HealthRecord(
            now,
            self.version,
            self.instance,
            tuple(whole.checks),
            None if arrival is None else arrival.sent_at,
            None if arrival is None else arrival.took,
            whole.measures,
        )


async def _taken(part: Part, now: datetime) -> Signs:
    """Take one part; what goes wrong is what it says."""
    signs = Signs()
    if part.take is None:
        signs.unknown(part.measures, part.name, part.lacking, Health.OK)
        return signs
    try:
        async with asyncio.timeout(LONGEST.total_seconds()):
            await part.take(now, signs)
    except TimeoutError:
        why = f"no answer in {LONGEST.total_seconds():g} s"
    except PortError as error:
        why = str(error)
    except Exception as error:
        # A record without its other parts would say less of the same trouble.
        log.exception("%s cannot be told", part.name)
        why = f"it crashed: {error!r}"
    else:
        return signs
    # Half of a part would look like the whole of it.
    signs = Signs()
    signs.unknown(part.measures, part.name, why, Health.FAULT)
    return signs


def seconds(duration: timedelta) -> float:
    """Return a duration as a measure, to a tenth of a second."""
    return round(duration.total_seconds(), 1)


def counted(number: int, most: int) -> str:
    """Return a number that was counted up to a limit."""
    return f"{number} or more" if number >= most else str(number)


def words_of(age: timedelta) -> str:
    """Return a duration in words of people: in whole units, of which there are two or more."""
    total = max(int(age.total_seconds()), 0)
    for unit, length in (("days", 24 * 3600), ("h", 3600), ("min", 60)):
        if total >= 2 * length:
            return f"{total // length} {unit}"
    return f"{total} s"


def as_sentence(text: str) -> str:
    """Return a text with a full stop, where it ends with no mark of its own."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
