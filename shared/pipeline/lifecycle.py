"""What people decide about an open finding: that they know of it, or want no reminders for a while.

Neither closes it: it stays in the posture. Both end when it is resolved and when it becomes worse;
a snooze also ends at its time, which is never far. Every decision is in the history with its
author and their reason.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from shared.domain.finding import (
    Acknowledgement,
    Finding,
    FindingState,
    Snooze,
    Transition,
    TransitionKind,
)
from shared.pipeline.follow_up import Change, Place, follow_up
from shared.ports import Clock, FindingStore

LONGEST_SNOOZE = timedelta(days=14)
LONGEST_AUTHOR = 200
LONGEST_REASON = 1_000
"""Characters."""


class DecisionRefusedError(ValueError):
    """A decision cannot be recorded; the message says why and what would do."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The use cases with their ports; `longest_snooze` is how far ahead a snooze may end.

    A finding is named by its root and key. Each use case returns what it recorded, None when that
    is so already, and raises:
        DecisionRefusedError: there is no such open finding, or author, reason or time will not do.
        PortError: the store failed.
    """

    findings: FindingStore
    clock: Clock
    longest_snooze: timedelta = LONGEST_SNOOZE

    async def acknowledge(self, root: str, key: str, *, by: str, reason: str) -> Transition | None:
        """Record that somebody knows of a finding: its reminders are not escalated any more."""
        by, reason = _author(by), _reason(reason)

        def change(finding: Finding, at: Place) -> tuple[Finding, Transition] | None:
            known = finding.follow_up.acknowledged
            if known is not None and (known.by, known.reason) == (by, reason):
                return None
            decided = Acknowledgement(by, at.now, reason)
            after = replace(finding, follow_up=replace(finding.follow_up, acknowledged=decided))
            words = f"Acknowledged by {by}: {reason}"
            return after, _told(at.transition(after, TransitionKind.ACKNOWLEDGED), by, words)

        return await self._record(root, key, change)

    async def snooze(
        self, root: str, key: str, *, by: str, reason: str, until: datetime
    ) -> Transition | None:
        """Let a finding send no reminders until a time; an earlier snooze of it is replaced."""
        by, reason = _author(by), _reason(reason)
        until = self._checked(until)

        def change(finding: Finding, at: Place) -> tuple[Finding, Transition] | None:
            known = finding.follow_up.snoozed
            if known is not None and (known.by, known.reason, known.until) == (by, reason, until):
                return None
            decided = Snooze(by, at.now, reason, until)
            after = replace(finding, follow_up=replace(finding.follow_up, snoozed=decided))
            words = f"Snoozed until {_clock(until)} by {by}: {reason}"
            return after, _told(at.transition(after, TransitionKind.SNOOZED), by, words)

        return await self._record(root, key, change)

    async def end_snooze(self, root: str, key: str, *, by: str, reason: str) -> Transition | None:
        """End a snooze before its time; whoever does knows of the finding, so it does not alert."""
        by, reason = _author(by), _reason(reason)

        def change(finding: Finding, at: Place) -> tuple[Finding, Transition] | None:
            ended = finding.follow_up.snoozed
            if ended is None:
                return None
            after = replace(finding, follow_up=replace(finding.follow_up, snoozed=None))
            words = f"The snooze of {ended.by} was ended by {by}: {reason}"
            made = replace(at.transition(after, TransitionKind.SNOOZE_ENDED), snoozed=ended)
            return after, _told(replace(made, alerts=False), by, words)

        return await self._record(root, key, change)

    def _checked(self, until: datetime) -> datetime:
        """Refuse a time that is over, too far ahead, or of no time zone."""
        if until.tzinfo is None:
            raise DecisionRefusedError("the end of a snooze needs a time zone")
        now = self.clock.now()
        if until <= now:
            raise DecisionRefusedError(f"a snooze cannot end in the past ({_clock(until)})")
        latest = now + self.longest_snooze
        if until > latest:
            raise DecisionRefusedError(
                f"a snooze lasts at most {self.longest_snooze.days} days, so until "
                f"{_clock(latest)}; what is accepted for longer wants an exemption"
            )
        return until.astimezone(UTC)

    async def _record(self, root: str, key: str, change: Change) -> Transition | None:
        """Record a decision about one open finding."""
        found = await follow_up(self.findings, self.clock, root, [key], change)
        if found:
            return found[0]
        finding = (await self.findings.findings(root)).get(key)
        if finding is None:
            raise DecisionRefusedError(f"there is no finding {key}")
        if finding.state is not FindingState.OPEN:
            raise DecisionRefusedError(f"the finding {key} is resolved: nothing is left to decide")
        return None


def _told(made: Transition, by: str, words: str) -> Transition:
    """Return a transition that tells of a decision."""
    return replace(made, author=by, message=words)


def _author(text: str) -> str:
    return _text(text, "an author", LONGEST_AUTHOR)


def _reason(text: str) -> str:
    return _text(text, "a reason", LONGEST_REASON)


def _text(text: str, what: str, longest: int) -> str:
    """Return a text without spaces around it.

    Raises:
        DecisionRefusedError: it says nothing, too much, or is no text.
    """
    kept = text.strip()
    if not any(each.isalnum() for each in kept):
        raise DecisionRefusedError(f"{what} is wanted")
    if len(kept) > longest:
        raise DecisionRefusedError(f"{what} has at most {longest} characters")
    if not kept.isprintable() and any("\ud800" <= each <= "\udfff" for each in kept):
        raise DecisionRefusedError(f"{what} holds what is no text")
    return kept


def _clock(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
