"""Where the container of an online deployment can send data.

The managed network of its workspace decides (of a project's hub), and where that is disabled the
deployment's own flag `egressPublicNetworkAccess`. In a managed network the flag means nothing.
"""

from dataclasses import replace
from typing import NamedTuple

from shared.domain.isolation_mode import (
    MODE,
    WORKSPACE_SINCE,
    IsolationMode,
    mode_rank,
    mode_words,
)
from shared.domain.public_access import described
from shared.domain.resource import Property, Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import Source
from shared.domain.verdict import (
    Cause,
    Judgement,
    UndecidableError,
    failed,
    not_applicable,
    passed,
    unknown,
)
from shared.domain.workspace_network import NetworkWorkspace, network_workspace

SINCE = "2022-10-01"
"""The first API version whose online deployments carry `egressPublicNetworkAccess`."""
FLAG = "properties.egressPublicNetworkAccess"
_APPROVED_ONLY = IsolationMode.ALLOW_ONLY_APPROVED_OUTBOUND.rank
_NO_NETWORK = IsolationMode.DISABLED.rank


class _Network(NamedTuple):
    """A workspace whose network counts, and the isolation mode that it states."""

    owner: NetworkWorkspace
    mode: Property[str]


def judge_egress(deployment: Resource, snapshot: Snapshot) -> Judgement:
    """Judge whether an online deployment reaches approved destinations only."""
    compute = deployment.text("properties.endpointComputeType")
    kind = (compute.value or "managed").lower()
    if kind == "kubernetes":
        return not_applicable(
            "The deployment runs on a Kubernetes cluster of the customer, whose network decides."
        )
    judgement = _judge_managed(deployment, snapshot)
    if kind == "managed" and not compute.wrong:
        return judgement
    note = f" endpointComputeType is {compute.shown('absent')}, which counts as Managed."
    return replace(judgement, message=judgement.message + note)


def _judge_managed(deployment: Resource, snapshot: Snapshot) -> Judgement:
    """Judge a deployment on computes that Microsoft manages."""
    flag = deployment.text(FLAG)
    is_hidden = flag.value is None and deployment.read_before(SINCE)
    is_closed = (flag.value or "").lower() == "disabled"
    says = described(flag, "Enabled", "Disabled")
    seen = flag.evidence(Source.ONLINE_DEPLOYMENTS, "Disabled")
    try:
        owner, mode = _network(snapshot)
    except UndecidableError as error:
        if is_closed or is_hidden:
            message = f"{says}, but a managed network would overrule it, and {error}."
            return unknown(error.cause, message, seen)
        return failed(f"Nothing shows that the deployment is closed: {says}, and {error}.", seen)
    has = f"{_inside(owner.words)} has {mode_words(mode)}"
    evidence = (mode.evidence(owner.source, IsolationMode.ALLOW_ONLY_APPROVED_OUTBOUND), seen)
    rank = mode_rank(mode)
    if rank == _APPROVED_ONLY:
        return passed(f"The deployment reaches approved destinations only: {has}.", *evidence)
    why = "in a managed network egressPublicNetworkAccess means nothing"
    if rank == _NO_NETWORK:
        if is_closed:
            message = f"The deployment cannot reach the internet: {has}, and {says}."
            return passed(message, *evidence)
        if is_hidden:
            return unknown(
                Cause.UNDETERMINED,
                f"It cannot be told whether the deployment is closed: {has}, and API version "
                f"{deployment.api_version} does not show egressPublicNetworkAccess.",
                *evidence,
            )
        why = says
    return failed(
        f"The deployment can send data to the whole internet: {has}, and {why}.", *evidence
    )


def _network(snapshot: Snapshot) -> _Network:
    """Return the workspace whose network counts for a snapshot's deployments, and its mode.

    Raises:
        UndecidableError: it could not be read, or not with an API that shows its network.
    """
    owner = network_workspace(snapshot.one(Source.WORKSPACE), snapshot)
    workspace = owner.workspace
    if workspace.read_before(WORKSPACE_SINCE):
        raise UndecidableError(
            Cause.UNDETERMINED,
            f"{_inside(owner.words)} was read with API version {workspace.api_version}, and only "
            f"{WORKSPACE_SINCE} and later show managed networks",
        )
    return _Network(owner, workspace.text(MODE))


def _inside(words: str) -> str:
    """Return words as they stand inside a sentence."""
    return words[0].lower() + words[1:]
