"""Observations against stored findings: what opened, what was put right, what is unknown.

Pure: everything it needs comes in as values, so that any order of looks can be tried in memory.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.domain.finding import (
    SILENT_KINDS,
    Finding,
    FindingState,
    ResolvedReason,
    Transition,
    TransitionKind,
    finding_key,
)
from shared.domain.tables import table_versions
from shared.domain.verdict import Severity, Verdict
from shared.pipeline.evaluate import Observation


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
        self._observed: set[str] = set()
        self.result = Reconciliation()

    def observe(self, observations: Iterable[Observation]) -> None:
        """Take in every judgement of the look."""
        for seen in observations:
            key = finding_key(seen.control_id, seen.resource.key)
            self._observed.add(key)
            stored = self._stored.get(key)
            is_open = stored is not None and stored.state is FindingState.OPEN
            verdict = seen.judgement.verdict
            if verdict is Verdict.FAIL:
                self._failing(seen, stored)
            elif verdict is Verdict.UNKNOWN and is_open:
                continue
            else:
                if seen.control_id != RESOURCE_READABLE:
                    # What the monitor says of itself is only told when it is bad.
                    self.result.verdicts[verdict] += 1
                if is_open and stored is not None:
                    self._resolve(stored, ResolvedReason.FIXED, seen.judgement.message)

    def leave(self, key: str) -> None:
        """Leave a finding as it is, although no observation speaks of it."""
        self._observed.add(key)

    def resolve_unobserved(self, gone: Collection[str], undecided: Collection[str]) -> None:
        """Resolve open findings that no observation speaks of.

        `gone` are the resources (keys) that are proven absent, `undecided` those that are absent or
        unread without proof: their findings stay.
        """
        for key, finding in self._stored.items():
            if finding.state is not FindingState.OPEN or key in self._observed:
                continue
            resource = finding.resource_id.lower()
            if resource in gone:
                self._resolve(finding, ResolvedReason.DELETED, "The resource is gone.")
            elif resource not in undecided:
                message = "The control is no longer checked on this resource."
                self._resolve(finding, ResolvedReason.POLICY, message)

    def _failing(self, seen: Observation, stored: Finding | None) -> None:
        """Open, reopen, or record what is different about a finding that was open already."""
        evidence = tuple(each.bounded() for each in seen.judgement.evidence)
        message, severity = seen.judgement.message, seen.control.severity
        if stored is None:
            kind = TransitionKind.OPENED
        elif stored.state is FindingState.RESOLVED:
            kind = TransitionKind.REOPENED
        elif severity is not stored.severity:
            rose = severity.rank > stored.severity.rank
            kind = TransitionKind.WORSENED if rose else TransitionKind.IMPROVED
        elif (message, evidence) != (stored.message, stored.evidence):
            kind = TransitionKind.EVIDENCE_CHANGED
        else:
            return
        still_open = stored is not None and stored.state is FindingState.OPEN
        finding = Finding(
            control=seen.control_id,
            resource_id=seen.resource.text,
            resource_type=seen.resource.type,
            state=FindingState.OPEN,
            severity=severity,
            message=message,
            evidence=evidence,
            remediation=seen.control.remediation_for(seen.resource),
            tables=table_versions(seen.tables),
            opened_at=stored.opened_at if still_open and stored is not None else self._now,
        )
        self._record(finding, kind)

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
