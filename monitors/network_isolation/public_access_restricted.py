"""An account must not be open to the whole internet.

Either its public access is off, or its network rules deny what they do not name, or an enforced
network security perimeter surrounds it.
"""

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.public_access import ACCESS, DEFAULT_ACTION, described, judge_by_perimeter
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Judgement, Severity, passed


def evaluate(resource: Resource, snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one account."""
    access = resource.text(ACCESS)
    match (access.value or "").lower():
        case "disabled":
            message = "The internet cannot reach the account: publicNetworkAccess is Disabled."
            return passed(message, access.evidence(Source.ACCOUNT, "Disabled"))
        case "securedbyperimeter":
            message = (
                "Access is left to a network security perimeter: publicNetworkAccess is "
                "SecuredByPerimeter. Whether the perimeter is enforced is another control."
            )
            return passed(message, access.evidence(Source.ACCOUNT, "SecuredByPerimeter"))
    action = resource.text(DEFAULT_ACTION)
    if (action.value or "").lower() == "deny":
        message = (
            "Only the network rules let callers in from the internet: "
            "networkAcls.defaultAction is Deny."
        )
        return passed(message, action.evidence(Source.ACCOUNT, "Deny"))
    return judge_by_perimeter(
        snapshot,
        "is open to the internet",
        f"{described(access, 'Enabled')} and {described(action, 'Allow')}",
        access.evidence(Source.ACCOUNT, "Disabled"),
        action.evidence(Source.ACCOUNT, "Deny"),
    )


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="The account cannot be called from anywhere on the internet.",
        why=(
            "A new account is open to the whole internet: whoever has a key or a token can call "
            "it from anywhere, so that one leaked key is enough to use its models and read what "
            "it holds. Switching public access off, denying all addresses but those listed, or an "
            "enforced network security perimeter confines callers to known networks."
        ),
        fails_when=(
            "publicNetworkAccess is neither Disabled nor SecuredByPerimeter (absent: Enabled), "
            "networkAcls.defaultAction is not Deny (absent: Allow), and no network security "
            "perimeter is associated with the access mode Enforced."
        ),
        severity=Severity.HIGH,
        remediation=(
            (
                "az resource update --ids {id} --api-version 2025-12-01 "
                "--set properties.publicNetworkAccess=Disabled"
            ),
            (
                "Or let known addresses in. In the portal: the account, Networking, Selected "
                "Networks and Private Endpoints. Then: az cognitiveservices account network-rule "
                "add --subscription {subscription} --resource-group {resource_group} "
                "--name {name} --ip-address ADDRESS_OR_RANGE"
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-services/cognitive-services-virtual-networks",
            "https://learn.microsoft.com/azure/private-link/network-security-perimeter-concepts",
        ),
        built_in_policy="037eea7a",
        limits=(
            "How wide the network rules are is not judged here.",
            "Whether the perimeter of SecuredByPerimeter is enforced is not judged here.",
        ),
    ),
    applies_to=(AppliesTo(ResourceType.ACCOUNT),),
    evaluate=evaluate,
    parameters=Parameters(),
    needs=(Source.PERIMETER_CONFIGURATIONS,),
)
