"""Approved private endpoints must lie in the organisation's own subscriptions.

ARM names the subscription of a private endpoint and not its tenant, so the subscriptions that are
the organisation's own are listed in the policy, beside those that are monitored.
"""

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import Annotated

from pydantic import AfterValidator

from shared.domain.bare_answer import refuse_bare
from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.listing import listed
from shared.domain.private_endpoint import CONNECTIONS, STATUS, is_approved
from shared.domain.resource import Property, Resource
from shared.domain.resource_id import MalformedResourceIdError, ResourceId
from shared.domain.snapshot import Snapshot
from shared.domain.topology import AI_KINDS, ResourceType, Source, resource_type
from shared.domain.verdict import Evidence, Judgement, Severity, failed, not_applicable, passed

ENDPOINT = "properties.privateEndpoint.id"
_SUBSCRIPTION = re.compile(r"[0-9A-Za-z-]+", re.ASCII)


def _checked(text: str) -> str:
    """Refuse what cannot be the id of a subscription: a name with spaces, a path, a pattern."""
    stripped = text.strip()
    if _SUBSCRIPTION.fullmatch(stripped) is None:
        raise ValueError(
            f"{text!r} is no subscription id; write the id alone, like "
            "00000000-0000-0000-0000-000000000000"
        )
    return stripped


class OwnTenantParameters(Parameters):
    """Whose networks may hold private endpoints."""

    subscriptions: tuple[Annotated[str, AfterValidator(_checked)], ...] = ()
    """Ids of subscriptions, beside the monitored ones, whose private endpoints are the
    organisation's own: network hubs, and those of Microsoft that hold the private endpoints of
    managed networks. Empty: nothing is judged."""

    @cached_property
    def known(self) -> frozenset[str]:
        """The listed subscriptions in lower case."""
        return frozenset(each.lower() for each in self.subscriptions)


def evaluate(resource: Resource, snapshot: Snapshot, parameters: OwnTenantParameters) -> Judgement:
    """Judge one account or workspace."""
    if not parameters.known:
        return not_applicable(
            "The policy does not list the organisation's own subscriptions (subscriptions is "
            "empty)."
        )
    refuse_bare(resource)
    is_workspace = resource_type(resource.id.type) is ResourceType.WORKSPACE
    source = Source.WORKSPACE if is_workspace else Source.ACCOUNT
    approved = [
        connection.text(ENDPOINT)
        for connection in resource.objects(CONNECTIONS)
        if is_approved(connection.text(STATUS).value or "")
    ]
    foreign = [
        endpoint
        for endpoint in approved
        if not _is_own(_place(endpoint.value or ""), snapshot, parameters)
    ]
    if foreign:
        return failed(
            "Approved private endpoint connections lead into a subscription that is neither "
            f"monitored nor listed in subscriptions ({len(foreign)} of {len(approved)}): "
            f"{listed([_name(endpoint) for endpoint in foreign])}.",
            _evidence(source, foreign),
        )
    if approved:
        message = "Every approved private endpoint lies in a subscription of the organisation."
        return passed(message, _evidence(source, approved))
    connections = resource.list(CONNECTIONS)
    return passed(
        f"No private endpoint connection is approved{connections.wrong}.",
        Evidence(source, CONNECTIONS, "none that is approved elsewhere", connections.observed),
    )


def _is_own(subscription: str | None, snapshot: Snapshot, parameters: OwnTenantParameters) -> bool:
    """Whether a subscription is the organisation's own; one that is not known is not."""
    return subscription in snapshot.watched or subscription in parameters.known


@lru_cache(maxsize=4096)
def _place(endpoint_id: str) -> str | None:
    """Return the subscription (lower case) of a private endpoint; None for what is no ARM id."""
    try:
        return ResourceId.parse(endpoint_id).subscription
    except MalformedResourceIdError:
        return None


def _name(endpoint: Property[str]) -> str:
    """Return the name of a private endpoint, or say why it has none."""
    if not endpoint.value:
        return f"one without an endpoint id{endpoint.wrong}"
    if _place(endpoint.value) is None:
        return "one whose private endpoint is no ARM id"
    return ResourceId.parse(endpoint.value).name


def _evidence(source: Source, endpoints: Iterable[Property[str]]) -> Evidence:
    """Show the ids of private endpoints."""
    return Evidence(
        source,
        f"{CONNECTIONS}[].{ENDPOINT}",
        "in a subscription that is monitored or listed in subscriptions",
        [endpoint.observed for endpoint in endpoints],
    )


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Private endpoints lead into networks of the organisation only.",
        why=(
            "A private endpoint is a door into the resource from somebody's virtual network, and "
            "that network may belong to another company: whoever knows the resource's id can ask "
            "for one from any tenant, and it works as soon as anyone approves it. It goes on "
            "working when public access is off, and no firewall of the organisation sees it. "
            "Approvals by mistake are easy, because the request shows only a name."
        ),
        fails_when=(
            "A connection of privateEndpointConnections with the status Approved has a "
            "privateEndpoint.id in a subscription that is neither monitored nor in subscriptions, "
            "or has no such id. Not applicable while subscriptions is empty."
        ),
        severity=Severity.MEDIUM,
        remediation=(
            (
                "See where each leads: az network private-endpoint-connection list --id {id} "
                "--query '[].[id,properties]'"
            ),
            "If the subscription is the organisation's own, add it to the parameter subscriptions.",
            "Otherwise: az network private-endpoint-connection delete --id CONNECTION_ID --yes",
        ),
        references=(
            "https://learn.microsoft.com/azure/private-link/manage-private-endpoint",
            "https://learn.microsoft.com/azure/private-link/private-endpoint-overview",
            "https://learn.microsoft.com/azure/ai-services/cognitive-services-virtual-networks",
        ),
        limits=(
            "ARM does not name the tenant of a private endpoint: the subscription stands for it.",
            (
                "A project workspace is judged by its own connections; those of its hub are judged "
                "at the hub."
            ),
            (
                "Private endpoints that Microsoft makes for managed networks lie in its own "
                "subscriptions, which must be listed."
            ),
        ),
    ),
    applies_to=(
        AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),
        AppliesTo(ResourceType.WORKSPACE),
    ),
    evaluate=evaluate,
    parameters=OwnTenantParameters(),
)
