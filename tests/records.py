"""Findings, transitions and commits with everything filled in, for tests of what is remembered."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.domain.finding import (
    Attribution,
    Finding,
    FindingState,
    ResolvedReason,
    Transition,
    TransitionKind,
)
from shared.domain.resource_id import ResourceId
from shared.domain.root_state import Commit, RootState
from shared.domain.verdict import Evidence, Severity
from tests.fakes import BEGINNING

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"
OTHER_SUBSCRIPTION = "22222222-2222-2222-2222-222222222222"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
ACCOUNT = f"{GROUP}/Microsoft.CognitiveServices/accounts/Acct"
OTHER_ACCOUNT = f"{GROUP}/Microsoft.CognitiveServices/accounts/Other"
ROOT = ACCOUNT.lower()
OTHER_ROOT = OTHER_ACCOUNT.lower()
CONTROL = "network_isolation.public_access_restricted"

EVIDENCE = (
    Evidence("account", "properties.publicNetworkAccess", "Disabled", "Enabled"),
    Evidence("deployments", "sku", ["a", {"b": None}], {"name": "Straße \N{WHITE SMILING FACE}"}),
    Evidence("account", "properties.capacity", 1, 2.5),
    Evidence("account", "properties.flag", expected=True, observed=None),
)


def moment(seconds: float) -> datetime:
    """Return the time so many seconds after the beginning."""
    return BEGINNING + timedelta(seconds=seconds)


def finding(
    resource_id: str = ACCOUNT,
    *,
    control: str = CONTROL,
    state: FindingState = FindingState.OPEN,
    severity: Severity = Severity.HIGH,
    message: str = "Public network access is Enabled.",
) -> Finding:
    """Return a finding; a resolved one was resolved a minute after it was opened."""
    return Finding(
        control=control,
        resource_id=resource_id,
        resource_type=ResourceId.parse(resource_id).type,
        state=state,
        severity=severity,
        message=message,
        evidence=EVIDENCE,
        remediation="az …\nand so on",
        tables={"sku_scopes": "2026-10-01"},
        opened_at=moment(0),
        resolved_at=moment(60) if state is FindingState.RESOLVED else None,
    )


def transition(  # noqa: PLR0913 - what transitions differ in
    sequence: int = 1,
    *,
    resource_id: str = ACCOUNT,
    kind: TransitionKind = TransitionKind.OPENED,
    reason: ResolvedReason | None = None,
    control: str | None = CONTROL,
    severity: Severity = Severity.HIGH,
    at: datetime | None = None,
    alerts: bool = True,
    attribution: Attribution | None = None,
) -> Transition:
    """Return the n-th transition of a root, recorded n seconds after the beginning."""
    root = ResourceId.parse(resource_id).root.key
    return Transition(
        id=f"{root}#{sequence}",
        root=root,
        sequence=sequence,
        kind=kind,
        reason=reason,
        control=control,
        resource_id=resource_id,
        resource_type=ResourceId.parse(resource_id).type,
        severity=severity,
        at=moment(sequence) if at is None else at,
        message="Public network access is Enabled.",
        evidence=EVIDENCE,
        remediation="az …\nand so on",
        tables={"sku_scopes": "2026-10-01"},
        alerts=alerts,
        attribution=attribution,
    )


def commit(
    *transitions: Transition,
    version: int = 0,
    root: str = ROOT,
    findings: Iterable[Finding] = (),
    state: RootState | None = None,
) -> Commit:
    """Return a commit on condition of a version."""
    after = state or RootState(
        version=version, sequence=max((each.sequence for each in transitions), default=0)
    )
    return Commit(root, after, tuple(findings), transitions)
