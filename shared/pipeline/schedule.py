"""When sweeps begin: a core sweep every hour, a deep one every day.

What is due is told by what the ledger says was begun, and not by the time of day: what a timer
missed, because it came late or failed, the next one makes up for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.sweep import Sweep, SweepCoverage
from shared.pipeline.sweep import Sweeps
from shared.pipeline.watch import Watch
from shared.ports import Clock, SweepLedger

CORE_EVERY = timedelta(hours=1)
DEEP_EVERY = timedelta(days=1)
SLACK = timedelta(minutes=5)
"""A timer comes a little early or late; a daily sweep is not put off by an hour for that."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The use case with its ports."""

    sweeps: Sweeps
    ledger: SweepLedger
    watch: Watch
    clock: Clock

    async def hourly(self) -> list[Sweep]:
        """Begin a core sweep of everything, and the deep sweeps that are due.

        Those under way are gone on with.

        Raises:
            PortError: as `Sweeps.begin`.
        """
        due = [
            each
            for each in await self._subscriptions()
            if _is_deep_due(await self.ledger.coverage(each), self.clock.now())
        ]
        # First: that messages of a sweep were lost is told by their queue being empty.
        begun = await self._begin(due, deep=True)
        return begun + await self.sweeps.begin(deep=False)

    async def catch_up(self) -> list[Sweep]:
        """Begin what should have begun by now: a core sweep that was missed, the first deep one.

        The first deep sweep follows the first core one. Sweeps under way are left alone.

        Raises:
            PortError: as `Sweeps.begin`.
        """
        begun: list[Sweep] = []
        for each in await self._subscriptions():
            told, now = await self.ledger.coverage(each), self.clock.now()
            core, deep = _last(told, deep=False), _last(told, deep=True)
            if core is None or now - core.sweep.started_at >= CORE_EVERY + SLACK:
                begun += await self._begin([each], deep=False)
            elif deep is None and core.ended_at is not None:
                begun += await self._begin([each], deep=True)
        return begun

    async def _begin(self, subscriptions: Sequence[str], *, deep: bool) -> list[Sweep]:
        if not subscriptions:
            return []
        return await self.sweeps.begin(deep=deep, subscriptions=frozenset(subscriptions))

    async def _subscriptions(self) -> list[str]:
        return sorted(await self.watch.recently())


def _is_deep_due(told: Sequence[SweepCoverage], now: datetime) -> bool:
    """Whether a deep sweep is to begin, or to be gone on with."""
    core, deep = _last(told, deep=False), _last(told, deep=True)
    if deep is None:
        return core is not None and core.ended_at is not None
    return deep.ended_at is None or now - deep.sweep.started_at >= DEEP_EVERY - SLACK


def _last(told: Sequence[SweepCoverage], *, deep: bool) -> SweepCoverage | None:
    return next((each for each in told if each.sweep.deep is deep), None)
