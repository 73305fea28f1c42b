"""Telling the sinks that a command names, for as long as it may take."""

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from shared.adapters.terminal.notes import note
from shared.adapters.terminal.use_cases import UseCases
from shared.pipeline.deliver import Delivered, Delivery
from shared.pipeline.told import Rules
from shared.ports import Clock, Sink

IN_BETWEEN = timedelta(seconds=5)
"""How long sinks are told before the run goes on; the rest is told at its end."""
MOST_COUNTED = 10_000
GIVEN_UP = "they stay in {store}, and the next run with it goes on"
FORGOTTEN = "they are forgotten; --store FILE would keep them"


@dataclass(frozen=True, slots=True)
class Telling:
    """The sinks of a run: `open` makes them, inside its event loop, and `closing` lets them go.

    After the run they are told for `longest` at most.
    """

    clock: Clock
    open: Callable[[], Sequence[Sink]] = list
    closing: AsyncExitStack = field(default_factory=AsyncExitStack)
    longest: timedelta = timedelta(0)

    def begin(self, use: UseCases) -> "SinksOfARun":
        """Open the sinks for a run."""
        sinks = self.open()
        flushing = use.delivery(sinks, Rules(flush=True))
        return SinksOfARun(use.delivery(sinks), flushing, self.clock, self.longest)


@dataclass(frozen=True, slots=True)
class SinksOfARun:
    """Open sinks: told while a run goes on, and told of the rest at its end."""

    delivery: Delivery
    flushing: Delivery
    clock: Clock
    longest: timedelta

    async def deliver(self) -> None:
        """Tell them of what they take now."""
        if self.delivery.sinks:
            await self.delivery.deliver(IN_BETWEEN)

    async def finish(self, store: Path | None) -> None:
        """Tell them of the rest, waiting for them as long as may be; say what is left."""
        deadline = self.clock.now() + self.longest
        while True:
            done = await self.flushing.deliver(deadline - self.clock.now())
            due = done.next_at
            if due is None or due >= deadline:
                break
            await self.clock.sleep(max(due - self.clock.now(), timedelta(milliseconds=5)))
        await self._tell_left(done, store)

    async def _tell_left(self, done: Delivered, store: Path | None) -> None:
        """Say what was not told, and why."""
        findings = self.delivery.findings
        for name, each in done.sinks.items():
            if each.next_at is None:
                continue
            number = len(await findings.undelivered(name, MOST_COUNTED))
            count = f"{number}{'' if number < MOST_COUNTED else ' or more'}"
            alerts = f"{count} alert{'' if number == 1 else 's'}"
            after = FORGOTTEN if store is None else GIVEN_UP.format(store=store)
            note(f"{name} was not told of {alerts}: {each.why}; {after}")
        parked = [each for each in await findings.parked(MOST_COUNTED) if each.sink in done.sinks]
        for name in sorted({each.sink for each in parked}):
            mine = [each for each in parked if each.sink == name]
            alerts = f"{len(mine)} alert{' is' if len(mine) == 1 else 's are'}"
            note(f"{alerts} parked for {name}; the last one: {mine[0].reason}")
