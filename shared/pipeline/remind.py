"""Reminders: what stays open is told again, after a time that its severity allows.

A reminder of a finding that nobody has acknowledged goes to the escalation sink as well. What is
snoozed sends none; a snooze that is over is told of, once. When a finding was told of last is on
the finding, and its reminder is committed on condition that nobody was faster: so two that remind
at once tell once, and whoever is killed is followed by one who tells of the rest.
"""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import nsmallest
from types import MappingProxyType

from shared.domain.finding import Finding, Transition, TransitionKind
from shared.domain.verdict import Severity
from shared.pipeline.follow_up import Place, follow_up
from shared.pipeline.pokes import Pokes
from shared.ports import Clock, FindingStore, PortError

log = logging.getLogger(__name__)

SERVICE_LEVELS: Mapping[Severity, timedelta] = MappingProxyType(
    {
        Severity.CRITICAL: timedelta(hours=4),
        Severity.HIGH: timedelta(hours=24),
        Severity.MEDIUM: timedelta(days=7),
    }
)
"""How long a finding may be open without a reminder; a severity that is not here has none."""
OF_A_RUN = 1_000
"""Findings that one run tells of; the rest waits for the next, the worst going first."""
AT_ONCE = 8
"""Roots that are committed at the same time."""


@dataclass(frozen=True, slots=True)
class Reminded:
    """What a run did: the open findings it saw, what it told of, and how many are left for later.

    `escalated` are those of the reminders that went to the escalation sink as well.
    """

    open: int = 0
    reminders: int = 0
    escalated: int = 0
    snoozes_ended: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Reminders:
    """The use case with its ports.

    `levels` are the service levels by severity. `escalate_to` names the sink that hears of what
    nobody has acknowledged. `pokes` are for whoever tells the sinks.
    """

    findings: FindingStore
    clock: Clock
    levels: Mapping[Severity, timedelta] = field(default_factory=lambda: SERVICE_LEVELS)
    escalate_to: str | None = None
    most: int = OF_A_RUN
    pokes: Pokes | None = None

    async def run(self) -> Reminded:
        """Record the reminders that are due, and the snoozes that are over.

        Raises:
            PortError: some roots failed or crash the code; the others are done, these are later.
        """
        seen, number, due = await self._due()
        by_root: dict[str, list[str]] = defaultdict(list)
        for each in due:
            by_root[each.root].append(each.key)
        told: list[Transition] = []
        failures: list[Exception] = []
        work = iter(by_root.items())

        async def remind() -> None:
            for root, keys in work:
                try:
                    told.extend(await self._remind(root, keys))
                except PortError as error:
                    log.warning("reminders of %s are left for later: %s", root, error)
                    failures.append(error)
                except Exception as error:
                    log.exception("reminders of %s crash the code", root)
                    failures.append(error)

        ended = await asyncio.gather(*(remind() for _ in range(AT_ONCE)), return_exceptions=True)
        for killed in filter(None, ended):
            raise killed
        if self.pokes is not None and any(each.alerts for each in told):
            await self.pokes.poke()
        if failures:
            raise PortError(f"reminders of {len(failures)} roots failed") from failures[0]
        kinds = Counter(each.kind for each in told)
        return Reminded(
            seen,
            kinds[TransitionKind.REMINDER],
            sum(self._escalates(each) for each in told),
            kinds[TransitionKind.SNOOZE_ENDED],
            number - len(due),
        )

    async def _due(self) -> tuple[int, int, "list[_Due]"]:
        """Return how many findings are open, how many of them are due, and the most urgent."""
        now = self.clock.now()
        seen = number = 0
        due: list[_Due] = []
        async for root, finding in self.findings.open_findings():
            seen += 1
            if self._kind(finding, now) is None:
                continue
            number += 1
            due.append(_Due(-finding.severity.rank, finding.told_at, root, finding.key))
            if len(due) >= 2 * self.most:
                due = nsmallest(self.most, due)
        return seen, number, nsmallest(self.most, due)

    def _kind(self, finding: Finding, now: datetime) -> TransitionKind | None:
        """Return what is to be told of an open finding, if anything."""
        snoozed = finding.follow_up.snoozed
        if snoozed is not None:
            return TransitionKind.SNOOZE_ENDED if now >= snoozed.until else None
        level = self.levels.get(finding.severity)
        if level is None or finding.severity is Severity.INFO or now - finding.told_at < level:
            return None
        return TransitionKind.REMINDER

    async def _remind(self, root: str, keys: Collection[str]) -> tuple[Transition, ...]:
        """Record what is due of some findings of a root, as they are by now."""
        return await follow_up(self.findings, self.clock, root, keys, self._change)

    def _change(self, finding: Finding, at: Place) -> tuple[Finding, Transition] | None:
        """Return a finding that was told of now, and what is told."""
        kind = self._kind(finding, at.now)
        if kind is None:
            return None
        before = finding.follow_up
        after = replace(before, snoozed=None, reminded_at=at.now)
        if kind is TransitionKind.REMINDER and before.acknowledged is None and self.escalate_to:
            sinks = dict.fromkeys((*before.escalated_to, self.escalate_to))
            after = replace(after, escalated_to=tuple(sinks))
        told = replace(finding, follow_up=after)
        return told, replace(at.transition(told, kind), snoozed=before.snoozed)

    def _escalates(self, told: Transition) -> bool:
        """Whether a reminder went to the escalation sink because nobody had acknowledged."""
        unknown = told.acknowledged is None and self.escalate_to in told.also_to
        return told.kind is TransitionKind.REMINDER and unknown


@dataclass(frozen=True, slots=True, order=True)
class _Due:
    """A finding that is due; they sort by urgency: the worst first, then what waits longest."""

    by_severity: int
    told_at: datetime
    root: str
    key: str
