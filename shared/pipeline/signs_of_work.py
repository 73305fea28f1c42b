"""Vital signs of the work: what waits, and what was lost on its way."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.domain.health import Health
from shared.pipeline.health_report import Signs, counted, seconds, words_of
from shared.ports import WORK, Backlogs, Clock, DeadLetterStore, QueueName, SetAsideStore

WAITS_AT_MOST: Final = {
    QueueName.LOOKS: timedelta(minutes=15),
    QueueName.SWEEPS: timedelta(hours=2),
    QueueName.ALERTS: timedelta(minutes=15),
}
"""A message that waits longer is not worked off."""
COUNTED: Final = 100
"""So much of what people should see to is counted; more is as bad."""
CLOCK_OFF: Final = timedelta(seconds=30)
CLOCK_WRONG: Final = timedelta(minutes=5)
"""Azure refuses what is signed for another time by more."""


@dataclass(frozen=True, slots=True)
class WaitingWork:
    """What waits on the queues, and what their clock says.

    `machine` is the machine's own clock, where `clock` goes by the queues'; None: it is the same.
    """

    queues: Backlogs
    clock: Clock
    machine: Clock | None = None

    async def take(self, now: datetime, signs: Signs) -> None:
        """Count what waits.

        Raises:
            PortError: a queue cannot be asked.
        """
        _ = now
        for name in QueueName:
            found = await self.queues.backlog(name)
            read_at, machine_at = self.clock.now(), (self.machine or self.clock).now()
            waits = None if found.oldest_at is None else read_at - found.oldest_at
            signs.measures[f"queue_{name}"] = found.messages
            signs.measures[f"queue_{name}_seconds"] = None if waits is None else seconds(waits)
            is_late = waits is not None and waits > WAITS_AT_MOST[name]
            signs.check(
                f"queue.{name}",
                Health.FAULT if is_late else Health.OK,
                f"{found.messages} messages"
                + ("." if waits is None else f", the next waits for {words_of(waits)}."),
                "See in the log of the function why its invocations fail, or whether it runs.",
            )
            if found.told_at is not None:
                _check_clock(machine_at - found.told_at, signs)
        if "clock_ahead_seconds" not in signs.measures:
            signs.unknown(
                ["clock_ahead_seconds"], "clock", "no other clock is asked here", Health.OK
            )


@dataclass(frozen=True, slots=True)
class Poison:
    """What crashed the code and waits to be driven again."""

    queues: Backlogs

    async def take(self, now: datetime, signs: Signs) -> None:
        """Count it.

        Raises:
            PortError: a queue cannot be asked.
        """
        _ = now
        number = sum([(await self.queues.backlog(each)).messages for each in WORK])
        signs.measures["poison"] = number
        signs.check(
            "poison",
            Health.WARN if number else Health.OK,
            f"{number} messages crashed the code five times in a row.",
            "Report the tracebacks that the log has of them; they are driven again by themselves.",
        )
        pokes = (await self.queues.backlog(QueueName.ALERTS)).messages
        signs.measures["poison_alerts"] = pokes
        signs.check(
            "poison.alerts",
            Health.WARN if pokes else Health.OK,
            f"{pokes} pokes failed five times in a row: those who deliver could not.",
            "See in the log of `deliver` why; no alert is lost, and the pokes go by themselves.",
        )


@dataclass(frozen=True, slots=True)
class LeftDeadLetters:
    """What Event Grid could not deliver."""

    store: DeadLetterStore

    async def take(self, now: datetime, signs: Signs) -> None:
        """Count the batches.

        Raises:
            PortError: they cannot be listed.
        """
        _ = now
        number = len(await self.store.waiting(COUNTED))
        signs.measures["dead_letters"] = number
        signs.check(
            "dead_letters",
            Health.WARN if number else Health.OK,
            f"{counted(number, COUNTED)} batches of events were not delivered.",
            "They are taken in by themselves; see why `resource_changed` refused them.",
        )


@dataclass(frozen=True, slots=True)
class Aside:
    """What nothing could be done with."""

    store: SetAsideStore

    async def take(self, now: datetime, signs: Signs) -> None:
        """Count it.

        Raises:
            PortError: it cannot be listed.
        """
        kept, _ = await self.store.page("", COUNTED)
        signs.measures["set_aside"] = len(kept)
        newest = max((each.item.at for each in kept), default=None)
        signs.measures["set_aside_seconds"] = None if newest is None else seconds(now - newest)
        signs.check(
            "set_aside",
            Health.WARN if kept else Health.OK,
            f"{counted(len(kept), COUNTED)} inputs are set aside.",
            "Read their reasons in the container `aside`; a newer version may read them.",
        )


def _check_clock(ahead: timedelta, signs: Signs) -> None:
    signs.measures["clock_ahead_seconds"] = seconds(ahead)
    signs.checks = [each for each in signs.checks if each.name != "clock"]
    off = abs(ahead)
    health = Health.FAULT if off > CLOCK_WRONG else Health.WARN if off > CLOCK_OFF else Health.OK
    said = f"This machine's clock is {seconds(ahead):g} s ahead of the storage's."
    signs.check("clock", health, said, "Restart the instance; where it comes back, tell Azure.")
