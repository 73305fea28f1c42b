"""Findings and their life: what was found failing, and every change of it.

A finding is one control failing on one resource. It is open or resolved; opening again is the same
finding, reopened. Every change of a finding is a `Transition` in the history of its root; most
transitions alert. What people decide about it while it is open (acknowledged, snoozed) is kept on
it, and ends with it.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.verdict import Evidence, Severity


class FindingState(StrEnum):
    """Where in its life a finding is."""

    OPEN = "open"
    RESOLVED = "resolved"


class TransitionKind(StrEnum):
    """What happened to a finding (or, without one, to the watch over a subscription)."""

    OPENED = "opened"
    REOPENED = "reopened"
    RESOLVED = "resolved"
    WORSENED = "worsened"
    """An open finding's severity rose."""
    IMPROVED = "improved"
    """An open finding's severity fell."""
    EVIDENCE_CHANGED = "evidence_changed"
    """Still failing, for another reason: kept in the history, never alerts."""
    ACKNOWLEDGED = "acknowledged"
    """Somebody knows of it: history, never alerts."""
    SNOOZED = "snoozed"
    """Somebody wants no reminders for a while: history, never alerts."""
    SNOOZE_ENDED = "snooze_ended"
    """The snooze is over and the finding still open; ended by hand it does not alert."""
    REMINDER = "reminder"
    """Still open after as long as its severity may be."""
    EXEMPTION_EXPIRING = "exemption_expiring"
    EXEMPTION_ENDED = "exemption_ended"
    POLICY_REFUSED = "policy_refused"
    """A policy file cannot be used; the one before stays in force."""
    BLIND_SPOT = "blind_spot"
    BLIND_SPOT_CLEARED = "blind_spot_cleared"
    BASELINE = "baseline"
    """The first sweep of a subscription is done: one digest, not an alert for each finding."""
    CANARY = "canary"
    """A made-up change came through: it is about no resource, and people are not told of it."""


SILENT_KINDS = frozenset(
    {TransitionKind.EVIDENCE_CHANGED, TransitionKind.ACKNOWLEDGED, TransitionKind.SNOOZED}
)
"""Kinds that are history and never an alert."""
_LATER_KINDS = frozenset(
    {
        TransitionKind.ACKNOWLEDGED,
        TransitionKind.SNOOZED,
        TransitionKind.SNOOZE_ENDED,
        TransitionKind.REMINDER,
    }
)
"""Kinds that tell again of a change that was told before, or of what people decided."""


class ResolvedReason(StrEnum):
    """Why a finding was resolved."""

    FIXED = "fixed"
    """The control passes, or no longer concerns the resource."""
    DELETED = "deleted"
    """The resource is gone."""
    POLICY = "policy"
    """The control is no longer checked on this resource."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """Which change in Azure a transition follows from, as far as it is known.

    `occurred_at` is Azure's time of the change. `exact`: the change was made to the very resource
    that the finding is on, not to something above it or beside it that decides about it.
    """

    actor: str | None
    occurred_at: datetime
    correlation_id: str | None
    exact: bool


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody says that they know of a finding, and why it is still open."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Snooze:
    """Somebody wants no reminders of a finding until a time (UTC)."""

    by: str
    at: datetime
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What was done about a finding since it was opened, or since it became worse.

    `reminded_at` is when sinks were last told that it is open, the opening left aside.
    `escalated_to` are the sinks that reminders were escalated to: they are told how it goes on.
    """

    acknowledged: Acknowledgement | None = None
    snoozed: Snooze | None = None
    reminded_at: datetime | None = None
    escalated_to: tuple[str, ...] = ()

    def after_worsening(self, now: datetime) -> "FollowUp":
        """Return what is left when the finding becomes worse: it was accepted as it was before."""
        return FollowUp(reminded_at=now, escalated_to=self.escalated_to)


NO_FOLLOW_UP = FollowUp()


@dataclass(frozen=True, slots=True)
class Finding:
    """One control failing on one resource.

    Times are UTC; `opened_at` is that of the present opening.

    `remediation` has the resource's names filled in. `tables` are the dates of the data tables that
    judged it. `attribution` is the change that its newest transition follows from.
    """

    control: str
    resource_id: str
    resource_type: str
    state: FindingState
    severity: Severity
    message: str
    evidence: tuple[Evidence, ...]
    remediation: str
    tables: dict[str, str]
    opened_at: datetime
    resolved_at: datetime | None = None
    follow_up: FollowUp = NO_FOLLOW_UP
    attribution: Attribution | None = None

    @property
    def key(self) -> str:
        """What identifies it within its root: control and resource, without regard to case."""
        return finding_key(self.control, self.resource_id)

    @property
    def uid(self) -> str:
        """What identifies it everywhere: see `finding_uid`."""
        return finding_uid(self.control, self.resource_id)

    @property
    def told_at(self) -> datetime:
        """When sinks were last told that it is open; reminders are due so long after."""
        return self.follow_up.reminded_at or self.opened_at

    def carried_on(self, stored: "Finding", *, worsened: bool) -> "Finding":
        """Return it as what goes on from an open finding: open since then, followed up as that."""
        follow_up = stored.follow_up
        if worsened:
            follow_up = follow_up.after_worsening(self.opened_at)
        return replace(
            self,
            opened_at=stored.opened_at,
            follow_up=follow_up,
            attribution=stored.attribution,
        )


def finding_key(control: str, resource_id: str) -> str:
    """Return the key of the finding of this control on this resource."""
    return f"{control} {resource_id.lower()}"


UID_LENGTH = 32
"""Hexadecimal digits: 128 bits are enough for no two findings ever to share one."""


def finding_uid(control: str, resource_id: str) -> str:
    """Return the id of the finding of this control on this resource, in whatever case it is spelt.

    Neither the words of the finding nor its severity are in it: people and systems elsewhere know
    by it that a finding is one that they have.
    """
    key = finding_key(control, resource_id).encode("utf-8", "surrogatepass")
    return hashlib.sha256(key).hexdigest()[:UID_LENGTH]


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of a finding's state, recorded once; an alert is one on its way to sinks.

    `also_to` names sinks that are told of it beside those that are told of every alert (by routes,
    once there are). A sink that reminders escalate to is told of these alerts alone: the delivery
    tells a sink of an alert unless the sink is one of the escalation sinks (setting
    `COMPLIANCE_ESCALATE_TO`) and is not in `also_to`. A name that no sink has is nobody's.
    `only_to` names the sinks that are told of it and no others; empty: it is not so confined.

    `id` is the same whatever worker records it. `sequence` counts the transitions of a root. `at`
    is when the monitor recorded it. `alerts` is False for history only (evidence changed, severity
    info, and the findings of a baseline, whose digest alerts instead). For a `baseline` transition
    `resource_id` is the subscription and `control` is None.

    `before` is the evidence of the state before, empty where that is not known. `opened_at` is
    since when the finding is or was open. `author` is who acknowledged or snoozed it, or ended its
    snooze by hand. `acknowledged` and `snoozed` are what stands after it, or what it ended.
    """

    id: str
    root: str
    sequence: int
    kind: TransitionKind
    reason: ResolvedReason | None
    control: str | None
    resource_id: str
    resource_type: str
    severity: Severity
    at: datetime
    message: str
    evidence: tuple[Evidence, ...]
    remediation: str
    tables: dict[str, str]
    alerts: bool
    attribution: Attribution | None = None
    before: tuple[Evidence, ...] = ()
    opened_at: datetime | None = None
    author: str | None = None
    acknowledged: Acknowledgement | None = None
    snoozed: Snooze | None = None
    also_to: tuple[str, ...] = ()
    only_to: tuple[str, ...] = ()

    @property
    def detected_after(self) -> timedelta | None:
        """How long after the change in Azure it was recorded; None: the change is not known.

        So it is for what does not follow from a change: reminders, and what people decide. Clocks
        that disagree make no negative time.
        """
        if self.attribution is None or self.kind in _LATER_KINDS:
            return None
        return max(self.at - self.attribution.occurred_at, timedelta())
