"""The public endpoint of an account must be switched off.

Unlike `public_access_restricted` this accepts no network rules: nobody comes in from the internet,
unless an enforced network security perimeter decides over it.
"""

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.public_access import ACCESS, described, judge_by_perimeter
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Judgement, Severity, passed


def evaluate(resource: Resource, snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one account."""
    access = resource.text(ACCESS)
    seen = access.evidence(Source.ACCOUNT, "Disabled")
    if (access.value or "").lower() == "disabled":
        return passed("Public access is switched off: publicNetworkAccess is Disabled.", seen)
    return judge_by_perimeter(
        snapshot,
        "has its public endpoint switched on",
        described(access, "Enabled", "SecuredByPerimeter"),
        seen,
    )


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="The account's public endpoint is switched off.",
        why=(
            "Network rules that let some addresses in are edited often, and each edit can let in "
            "too much. With public access switched off there is nothing to edit: callers come "
            "over private endpoints alone, and a leaked key is of no use from outside. A network "
            "security perimeter that is enforced does the same for a group of resources."
        ),
        fails_when=(
            "publicNetworkAccess is not Disabled (absent: Enabled), and no network security "
            "perimeter is associated with the access mode Enforced."
        ),
        severity=Severity.MEDIUM,
        remediation=(
            (
                "Give the callers a private endpoint first: az network private-endpoint create "
                "--subscription {subscription} --resource-group {resource_group} --name NAME "
                "--vnet-name NETWORK --subnet SUBNET --connection-name NAME "
                "--private-connection-resource-id {id} --group-id account"
            ),
            (
                "Then: az resource update --ids {id} --api-version 2025-12-01 "
                "--set properties.publicNetworkAccess=Disabled"
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-services/cognitive-services-virtual-networks",
            "https://learn.microsoft.com/azure/private-link/network-security-perimeter-concepts",
        ),
        built_in_policy="cf. 0725b4dd",
        limits=(
            "The built-in policy of the same idea is deprecated and knows no perimeter.",
            "What the rules of an enforced perimeter let in is not judged here.",
            "networkAcls.bypass can let trusted services in all the same.",
        ),
    ),
    applies_to=(AppliesTo(ResourceType.ACCOUNT),),
    evaluate=evaluate,
    parameters=Parameters(),
    needs=(Source.PERIMETER_CONFIGURATIONS,),
)
