"""Observations against stored findings: what opened, what was put right, what is unknown.

Pure: everything it needs comes in as values, so that any order of looks can be tried in memory.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.domain.finding import (
    NO_FOLLOW_UP,
    SILENT_KINDS,
    Finding,
    FindingState,
    ResolvedReason,
    Transition,
    TransitionKind,
    finding_key,
)
from shared.domain.tables import table_versions
from shared.domain.verdict import Evidence, Severity, Verdict
from shared.pipeline.coverage_controls import BLIND_SPOTS, FAMILY, is_kept_apart
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
        # Most resources have no findings, and then nothing need be looked up for them.
        self._with_findings = {finding.resource_id.lower() for finding in stored.values()}
        self.result = Reconciliation()

    def observe(self, observations: Iterable[Observation]) -> None:
        """Take in every judgement of the look."""
        counted: list[Verdict] = []
        fail, unknown = Verdict.FAIL, Verdict.UNKNOWN
        with_findings = self._with_findings
        for seen in observations:
            stored = self._found(seen) if seen.resource.key in with_findings else None
            verdict = seen.judgement.verdict
            if verdict is fail:
                self._failing(seen, stored)
                continue
            if stored is not None and stored.state is FindingState.OPEN:
                if verdict is unknown:
                    continue
                self._fixed(seen, stored)
            if not seen.control_id.startswith(FAMILY):
                # What the monitor says of itself is only told when it is bad.
                counted.append(verdict)
        self.result.verdicts.update(counted)

    def _found(self, seen: Observation) -> Finding | None:
        """Return the stored finding that an observation speaks of."""
        key = finding_key(seen.control_id, seen.resource.key)
        self._observed.add(key)
        return self._stored.get(key)

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
            if is_kept_apart(finding.control):
                continue
            resource = finding.resource_id.lower()
            if resource in gone:
                after = replace(finding, message="The resource is gone.")
                self._resolve(finding, after, ResolvedReason.DELETED)
            elif resource not in undecided:
                message = "The control is no longer checked on this resource."
                self._resolve(finding, replace(finding, message=message), ResolvedReason.POLICY)

    def _failing(self, seen: Observation, stored: Finding | None) -> None:
        """Open, reopen, or record what is different about a finding that was open already."""
        evidence = _bounded(seen)
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
            opened_at=self._now,
        )
        if stored is not None and stored.state is FindingState.OPEN:
            finding = finding.carried_on(stored, worsened=kind is TransitionKind.WORSENED)
        self._record(stored, finding, kind)

    def _fixed(self, seen: Observation, stored: Finding) -> None:
        """Close a finding whose control does not fail any more."""
        evidence = _bounded(seen) or stored.evidence
        fixed = replace(stored, evidence=evidence, message=seen.judgement.message)
        self._resolve(stored, fixed, ResolvedReason.FIXED)

    def _resolve(self, stored: Finding, after: Finding, reason: ResolvedReason) -> None:
        """Close a finding; what was done about it ends."""
        resolved = replace(
            after,
            state=FindingState.RESOLVED,
            resolved_at=self._now,
            follow_up=NO_FOLLOW_UP,
        )
        self._record(stored, resolved, TransitionKind.RESOLVED, reason)

    def _record(
        self,
        stored: Finding | None,
        finding: Finding,
        kind: TransitionKind,
        reason: ResolvedReason | None = None,
    ) -> None:
        """Add a transition and the finding as it is after it."""
        self._sequence += 1
        kind = BLIND_SPOT_KINDS.get(kind, kind) if finding.control in BLIND_SPOTS else kind
        quiet = self._quiet and kind in OPENINGS
        self.result.findings.append(finding)
        self.result.transitions.append(
            transition_of(
                finding,
                kind,
                self._root,
                self._sequence,
                self._now,
                stored=stored,
                reason=reason,
                quiet=quiet,
            )
        )


def _bounded(seen: Observation) -> tuple[Evidence, ...]:
    """Return the evidence of an observation, small enough to keep."""
    return tuple(each.bounded() for each in seen.judgement.evidence)


def transition_of(  # noqa: PLR0913 - one value for each thing that a transition tells
    finding: Finding,
    kind: TransitionKind,
    root: str,
    sequence: int,
    now: datetime,
    *,
    stored: Finding | None = None,
    reason: ResolvedReason | None = None,
    quiet: bool = False,
) -> Transition:
    """Return a transition of a finding, with the finding as it is after it.

    `stored` is what the finding was before, where that is to be told. `quiet`: it does not alert.
    """
    # As it was until now: what ends here as well.
    follow_up = finding.follow_up if stored is None else stored.follow_up
    return Transition(
        id=transition_id(root, sequence),
        root=root,
        sequence=sequence,
        kind=kind,
        reason=reason,
        control=finding.control,
        resource_id=finding.resource_id,
        resource_type=finding.resource_type,
        severity=finding.severity,
        at=now,
        message=finding.message,
        evidence=finding.evidence,
        remediation=finding.remediation,
        tables=finding.tables,
        alerts=not quiet and kind not in SILENT_KINDS and finding.severity is not Severity.INFO,
        # What it was resolved with is not kept for sure.
        before=stored.evidence if stored is not None and stored.state is FindingState.OPEN else (),
        opened_at=finding.opened_at,
        acknowledged=follow_up.acknowledged,
        snoozed=follow_up.snoozed,
        also_to=follow_up.escalated_to,
    )


OPENINGS = frozenset({TransitionKind.OPENED, TransitionKind.REOPENED})
BLIND_SPOT_KINDS = {
    TransitionKind.OPENED: TransitionKind.BLIND_SPOT,
    TransitionKind.REOPENED: TransitionKind.BLIND_SPOT,
    TransitionKind.RESOLVED: TransitionKind.BLIND_SPOT_CLEARED,
}


def transition_id(root: str, sequence: int) -> str:
    """Return the id of a root's n-th transition: the same whichever worker computes it."""
    return hashlib.sha256(f"{root}\n{sequence}".encode()).hexdigest()[:32]
