"""Vital signs of the sight: what was heard and looked at lately, and by which sweeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.domain.health import Health
from shared.domain.sweep import SweepCoverage
from shared.pipeline import activity_bookmark
from shared.pipeline.health_report import Signs, seconds, words_of
from shared.pipeline.listen import BOOKMARK
from shared.pipeline.watch import Watch
from shared.ports import Bookmarks, FindingStore, ReceivedEvents, SweepLedger

MOST_SUBSCRIPTIONS: Final = 100
"""Of so many the sweeps are told one by one: a cell holds 64 KB."""
CORE_LATE: Final = timedelta(hours=2, minutes=10)
DEEP_LATE: Final = timedelta(hours=27)
LOG_LATE: Final = timedelta(hours=1)
_SWEEP: Final = "See in the log of `sweep` and `sweep_look` why they fail, or whether they run."


@dataclass(frozen=True, slots=True)
class Sight:
    """What was heard and looked at lately, and by the sweeps."""

    watch: Watch
    findings: FindingStore
    ledger: SweepLedger
    received: ReceivedEvents

    async def events(self, now: datetime, signs: Signs) -> None:
        """Tell when the last event came.

        Raises:
            PortError: it cannot be told.
        """
        told = [await self.received.last(each) for each in await self.watch.recently()]
        last = max((each for each in told if each is not None), default=None)
        signs.measures["event_seconds"] = None if last is None else seconds(now - last)
        # Quiet is no fault: `coverage.events_arriving` compares with the Activity Log.
        said = (
            "None is remembered." if last is None else f"The last came {words_of(now - last)} ago."
        )
        signs.check("events", Health.OK, said)

    async def looks(self, now: datetime, signs: Signs) -> None:
        """Tell when the last look was done.

        Raises:
            PortError: it cannot be told.
        """
        last = await self.findings.last_look()
        signs.measures["look_seconds"] = None if last is None else seconds(now - last)
        if last is None:
            signs.check("looks", Health.WARN, "Nothing was looked at yet.", _SWEEP)
            return
        health = Health.FAULT if now - last > CORE_LATE else Health.OK
        signs.check("looks", health, f"The last was {words_of(now - last)} ago.", _SWEEP)

    async def sweeps(self, now: datetime, signs: Signs) -> None:
        """Tell how the sweeps of every subscription stand.

        Raises:
            PortError: it cannot be told.
        """
        watched = sorted(await self.watch.recently())
        signs.measures["subscriptions"] = len(watched)
        if not watched:
            self._tell_of_none(signs)
        told = {each: await self.ledger.coverage(each) for each in watched}
        for deep, name, late in ((False, "core", CORE_LATE), (True, "deep", DEEP_LATE)):
            last = {each: _last(told[each], deep=deep) for each in watched}
            begun = [each.sweep.started_at for each in last.values() if each is not None]
            oldest = min(begun, default=None)
            never = len(watched) - len(begun)
            signs.measures[f"{name}_sweep_seconds"] = (
                None if oldest is None else seconds(now - oldest)
            )
            signs.measures[f"{name}_sweep_never"] = never
            for each in watched[:MOST_SUBSCRIPTIONS]:
                _tell_sweep(f"{name}_sweep", each, last[each], now, signs)
            is_late = oldest is not None and now - oldest > late
            said = f"{never} of {len(watched)} subscriptions were never swept"
            if oldest is not None:
                said += f"; the longest ago was begun {words_of(now - oldest)} ago"
            is_whole = bool(watched) and not never
            health = Health.FAULT if is_late else Health.OK if is_whole else Health.WARN
            signs.check(f"{name}_sweeps", health, f"{said}.", _SWEEP)

    def _tell_of_none(self, signs: Signs) -> None:
        """Tell that nothing is watched: without it, all would seem to be in order."""
        found = "the setting names none" if self.watch.is_chosen else "no AI resource can be seen"
        signs.check(
            "watched",
            Health.WARN,
            f"No subscription is watched, so nothing is judged: {found}.",
            "Let the monitor's identity read the subscriptions with AI resources, or name them in"
            " COMPLIANCE_WATCHED_SUBSCRIPTIONS.",
        )


@dataclass(frozen=True, slots=True)
class Heard:
    """How far the Activity Log was read."""

    bookmarks: Bookmarks

    async def take(self, now: datetime, signs: Signs) -> None:
        """Tell it.

        Raises:
            PortError: it cannot be told.
        """
        if await self.bookmarks.load(BOOKMARK) is None:
            why = "it was not read yet"
            signs.unknown(["activity_log_seconds"], "activity_log", why, Health.WARN)
            return
        read = await activity_bookmark.load(self.bookmarks, BOOKMARK, now)
        age = now - read.after_ingested_at
        signs.measures["activity_log_seconds"] = seconds(age)
        signs.check(
            "activity_log",
            Health.FAULT if age > LOG_LATE else Health.OK,
            f"It is read up to {words_of(age)} ago.",
            "See in the log of `activity_log` what the workspace answers.",
        )


def _tell_sweep(
    name: str, subscription: str, told: SweepCoverage | None, now: datetime, signs: Signs
) -> None:
    """Tell of one sweep of one subscription: since its end, and how many roots it saw."""
    ended = None if told is None else told.ended_at
    signs.measures[f"{name}_seconds/{subscription}"] = (
        None if ended is None else seconds(now - ended)
    )
    signs.measures[f"{name}_roots/{subscription}"] = None if told is None else told.sweep.roots


def _last(told: Sequence[SweepCoverage], *, deep: bool) -> SweepCoverage | None:
    return next((each for each in told if each.sweep.deep is deep), None)
