"""Findings and their life: what was found failing, and every change of it.

A finding is one control failing on one resource. It is open or resolved; opening again is the same
finding, reopened. Every change of a finding is a `Transition` in the history of its root; most
transitions alert.
"""

from dataclasses import dataclass
from datetime import datetime
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
    BLIND_SPOT = "blind_spot"
    BLIND_SPOT_CLEARED = "blind_spot_cleared"
    BASELINE = "baseline"
    """The first sweep of a subscription is done: one digest, not an alert for each finding."""


SILENT_KINDS = frozenset({TransitionKind.EVIDENCE_CHANGED})
"""Kinds that are history and never an alert."""


class ResolvedReason(StrEnum):
    """Why a finding was resolved."""

    FIXED = "fixed"
    """The control passes, or no longer concerns the resource."""
    DELETED = "deleted"
    """The resource is gone."""
    POLICY = "policy"
    """The control is no longer checked on this resource."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One control failing on one resource.

    Times are UTC; `opened_at` is that of the present opening.

    `remediation` has the resource's names filled in. `tables` are the dates of the data tables that
    judged it.
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

    @property
    def key(self) -> str:
        """What identifies it within its root: control and resource, without regard to case."""
        return finding_key(self.control, self.resource_id)


def finding_key(control: str, resource_id: str) -> str:
    """Return the key of the finding of this control on this resource."""
    return f"{control} {resource_id.lower()}"


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
class Transition:
    """A change of a finding's state, recorded once; an alert is one on its way to sinks.

    `id` is the same whatever worker records it. `sequence` counts the transitions of a root. `at`
    is when the monitor recorded it. `alerts` is False for history only (evidence changed, severity
    info, and the findings of a baseline, whose digest alerts instead). For a `baseline` transition
    `resource_id` is the subscription and `control` is None.
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
