"""Vital signs of the telling: what sinks were not told of, what nobody sees, and the canary."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.domain.canary import LATE_AFTER
from shared.domain.health import Health, check_tables
from shared.pipeline.canary import last_arrival, last_sent
from shared.pipeline.coverage_controls import BLIND_SPOTS
from shared.pipeline.health_report import Signs, as_sentence, counted, seconds, words_of
from shared.pipeline.told import Rules
from shared.ports import Bookmarks, FindingStore

COUNTED: Final = 500
"""So many alerts that a sink was not told of are counted."""
PARKED_COUNTED: Final = 100
UNTOLD_LATE: Final = timedelta(hours=1)
_UNTOLD: Final = ("undelivered", "undelivered_seconds")


@dataclass(frozen=True, slots=True)
class Telling:
    """What the sinks were not told of; `sinks` are their names."""

    findings: FindingStore
    sinks: Sequence[str]
    rules: Rules

    @property
    def measures(self) -> tuple[str, ...]:
        """What `sinks_are` measures: of all sinks together, and of each."""
        names = [f"{each}/{sink}" for sink in self.sinks for each in _UNTOLD]
        return (*_UNTOLD, *names)

    async def sinks_are(self, now: datetime, signs: Signs) -> None:
        """Tell how each sink stands, and whether there is one.

        Raises:
            PortError: the store cannot be asked.
        """
        if not self.sinks:
            said = "There is no sink: alerts are kept, and nobody is told of them."
            signs.check("sinks", Health.WARN, said, "Set one; docs/sinks.md has all of them.")
        numbers: list[int] = []
        ages: list[float] = []
        for name in self.sinks:
            waiting = await self.findings.undelivered(name, COUNTED)
            ours = [each for each in waiting if self.rules.concern(name, each)]
            state = await self.findings.sink_state(name)
            age = now - min(each.at for each in ours) if ours else None
            numbers.append(len(ours))
            signs.measures[f"undelivered/{name}"] = len(ours)
            signs.measures[f"undelivered_seconds/{name}"] = None if age is None else seconds(age)
            if age is not None:
                ages.append(seconds(age))
            health = Health.WARN if state.failures else Health.OK
            if age is not None and age > UNTOLD_LATE:
                health = Health.FAULT
            failing = f"; it fails: {state.last_error}" if state.failures else ""
            said = f"It was not told of {counted(len(ours), COUNTED)} alerts{failing}"
            remedy = "Mend what it answers; nothing is lost."
            signs.check(f"sink.{name}", health, as_sentence(said), remedy)
        signs.measures["undelivered"] = sum(numbers)
        signs.measures["undelivered_seconds"] = max(ages, default=None)

    async def parked(self, now: datetime, signs: Signs) -> None:
        """Count what is parked, of whichever sink.

        Raises:
            PortError: the store cannot be asked.
        """
        _ = now
        number = len(await self.findings.parked(PARKED_COUNTED))
        signs.measures["parked"] = number
        said = (
            f"{counted(number, PARKED_COUNTED)} alerts are parked: their sinks refused them, or"
            " took nothing for days."
        )
        health = Health.WARN if number else Health.OK
        signs.check(
            "parked", health, said, "`alerts --parked` says why, `redeliver` puts them back."
        )

    async def blind_spots(self, now: datetime, signs: Signs) -> None:
        """Count the blind spots that are open.

        Raises:
            PortError: the store cannot be asked.
        """
        _ = now
        number = 0
        async for _, finding in self.findings.open_findings():
            number += finding.control in BLIND_SPOTS
        signs.measures["blind_spots"] = number
        health = Health.WARN if number else Health.OK
        said = f"{number} blind spots are open: what cannot be read cannot be judged."
        signs.check("blind_spots", health, said, "Each is an alert that says what is missing.")


@dataclass(frozen=True, slots=True)
class CanaryWatch:
    """When the last canary arrived."""

    bookmarks: Bookmarks

    async def take(self, now: datetime, signs: Signs) -> None:
        """Tell it.

        Raises:
            PortError: the bookmark cannot be read.
        """
        arrival, sent = await last_arrival(self.bookmarks), await last_sent(self.bookmarks)
        remedy = "Follow its way: the functions `redrive`, `look` and `deliver`, and the sink."
        if arrival is None:
            is_lost = sent is not None and now - sent > LATE_AFTER
            health = Health.FAULT if is_lost else Health.WARN
            said = "Not sent yet." if sent is None else "None has arrived yet."
            signs.measures |= dict.fromkeys(CANARY_MEASURES)
            signs.check("canary", health, said, remedy)
            return
        signs.arrival = arrival
        age = now - arrival.sent_at
        values = (age, arrival.recorded_at - arrival.sent_at, arrival.told_at - arrival.recorded_at)
        signs.measures |= dict(zip(CANARY_MEASURES, map(seconds, values), strict=True))
        said = (
            f"The last that arrived was sent {words_of(age)} ago and took"
            f" {seconds(arrival.took):g} s."
        )
        health = Health.FAULT if age > LATE_AFTER else Health.OK
        signs.check("canary", health, said, remedy)


CANARY_MEASURES: Final = ("canary_age_seconds", "canary_recorded_seconds", "canary_told_seconds")


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the monitor judges by: `controls` is how many there are."""

    controls: int

    async def take(self, now: datetime, signs: Signs) -> None:
        """Tell how many controls there are, and how old the data tables."""
        signs.measures["controls"] = self.controls
        for each in check_tables(now):
            signs.measures[f"table_days/{each.table}"] = each.days
            signs.checks.append(each.check)
