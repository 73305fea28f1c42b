"""Observations against stored findings: what opened, what was put right, what is unknown.

Pure: everything it needs comes in as values, so that any order of looks can be tried in memory.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.domain.control import Control
from shared.domain.finding import (
    SILENT_KINDS,
    Finding,
    FindingState,
    ResolvedReason,
    Transition,
    TransitionKind,
    finding_key,
)
from shared.domain.resource_id import ResourceId
from shared.domain.verdict import Judgement, Severity, Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """An observation as the reconciliation needs it: which control, on what, and how it went."""

    control_id: str
    control: Control
    resource: ResourceId
    judgement: Judgement
    tables: Mapping[str, str]


@dataclass(slots=True)
class Reconciliation:
    """The outcome: findings that changed, transitions in order, and the verdicts counted.

    `verdicts` leaves out what an open finding stands for.
    """

    findings: list[Finding] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    verdicts: Counter[Verdict] = field(default_factory=Counter)


class Reconciler:
    """Folds the observations of one look at one root into its findings.

    `quiet` is for a baseline: what opens is recorded and does not alert.
    """

    def __init__(
        self, root: str, stored: Mapping[str, Finding], sequence: int, now: datetime, *, quiet: bool
    ) -> None:
        """Begin with the stored findings (by key) and the number of the root's last transition."""
        self._root = root
        self._stored = stored
        self._sequence = sequence
        self._now = now
        self._quiet = quiet
        self.result = Reconciliation()

    def observe(self, observations: Iterable[Judged]) -> None:
        """Take in every judgement of the look."""
        for seen in observations:
            stored = self._stored.get(finding_key(seen.control_id, seen.resource.key))
            is_open = stored is not None and stored.state is FindingState.OPEN
            verdict = seen.judgement.verdict
            if verdict is Verdict.FAIL:
                self._failing(seen, stored)
            elif verdict is Verdict.UNKNOWN and is_open:
                continue
            else:
                self.result.verdicts[verdict] += 1
                if is_open and stored is not None:
                    self._resolve(stored, ResolvedReason.FIXED, seen.judgement.message)

    def resolve_unobserved(self, observed: set[str], gone: set[str], undecided: set[str]) -> None:
        """Resolve open findings that no observation speaks of.

        `observed` are the keys of the findings that were observed; `gone` the resources (keys)
        that are proven absent, `undecided` those that are absent or unread without proof: their
        findings stay.
        """
        for key, finding in self._stored.items():
            if finding.state is not FindingState.OPEN or key in observed:
                continue
            resource = finding.resource_id.lower()
            if resource in gone:
                self._resolve(finding, ResolvedReason.DELETED, "The resource is gone.")
            elif resource not in undecided:
                self._resolve(
                    finding,
                    ResolvedReason.POLICY,
                    "The control is no longer checked on this resource.",
                )

    def _failing(self, seen: Judged, stored: Finding | None) -> None:
        """Open, reopen, or compare with what is open."""
        now_failing = Finding(
            control=seen.control_id,
            resource_id=seen.resource.text,
            resource_type=seen.resource.type,
            state=FindingState.OPEN,
            severity=seen.control.severity,
            message=seen.judgement.message,
            evidence=tuple(each.bounded() for each in seen.judgement.evidence),
            remediation=seen.control.remediation_for(seen.resource),
            tables=dict(seen.tables),
            opened_at=self._now,
        )
        if stored is None:
            self._record(now_failing, TransitionKind.OPENED)
        elif stored.state is FindingState.RESOLVED:
            self._record(now_failing, TransitionKind.REOPENED)
        else:
            self._compare(stored, replace(now_failing, opened_at=stored.opened_at))

    def _compare(self, stored: Finding, failing: Finding) -> None:
        """Record what is different about a finding that was open already."""
        if failing.severity.rank > stored.severity.rank:
            self._record(failing, TransitionKind.WORSENED)
        elif failing.severity.rank < stored.severity.rank:
            self._record(failing, TransitionKind.IMPROVED)
        elif (failing.message, failing.evidence) != (stored.message, stored.evidence):
            self._record(failing, TransitionKind.EVIDENCE_CHANGED)

    def _resolve(self, finding: Finding, reason: ResolvedReason, message: str) -> None:
        """Close a finding."""
        resolved = replace(
            finding, state=FindingState.RESOLVED, resolved_at=self._now, message=message
        )
        self._record(resolved, TransitionKind.RESOLVED, reason)

    def _record(
        self, finding: Finding, kind: TransitionKind, reason: ResolvedReason | None = None
    ) -> None:
        """Add a transition and the finding as it is after it."""
        self._sequence += 1
        kind = BLIND_SPOT_KINDS.get(kind, kind) if finding.control == RESOURCE_READABLE else kind
        quiet = self._quiet and kind in {TransitionKind.OPENED, TransitionKind.REOPENED}
        self.result.findings.append(finding)
        self.result.transitions.append(
            Transition(
                id=transition_id(self._root, self._sequence),
                root=self._root,
                sequence=self._sequence,
                kind=kind,
                reason=reason,
                control=finding.control,
                resource_id=finding.resource_id,
                resource_type=finding.resource_type,
                severity=finding.severity,
                at=self._now,
                message=finding.message,
                evidence=finding.evidence,
                remediation=finding.remediation,
                tables=finding.tables,
                alerts=kind not in SILENT_KINDS
                and finding.severity is not Severity.INFO
                and not quiet,
            )
        )


RESOURCE_READABLE = "coverage.resource_readable"

BLIND_SPOT_KINDS = {
    TransitionKind.OPENED: TransitionKind.BLIND_SPOT,
    TransitionKind.REOPENED: TransitionKind.BLIND_SPOT,
    TransitionKind.RESOLVED: TransitionKind.BLIND_SPOT_CLEARED,
}


def transition_id(root: str, sequence: int) -> str:
    """Return the id of a root's n-th transition: the same whichever worker computes it."""
    return hashlib.sha256(f"{root}\n{sequence}".encode()).hexdigest()[:32]


def observed_keys(observations: Sequence[Judged]) -> set[str]:
    """Return the finding keys that observations speak of."""
    return {finding_key(seen.control_id, seen.resource.key) for seen in observations}
