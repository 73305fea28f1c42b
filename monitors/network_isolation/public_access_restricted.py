"""An account must not be open to the whole internet.

Either its public access is off, or its network rules deny what they do not name, or an enforced
network security perimeter surrounds it.
"""

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.resource import Property, Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Judgement, Severity, failed, passed, unknown


def evaluate(resource: Resource, snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one account."""
    access = resource.text("properties.publicNetworkAccess")
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
    action = resource.text("properties.networkAcls.defaultAction")
    if (action.value or "").lower() == "deny":
        message = (
            "Only the network rules let callers in from the internet: "
            "networkAcls.defaultAction is Deny."
        )
        return passed(message, action.evidence(Source.ACCOUNT, "Deny"))
    return _judge_perimeters(snapshot, access, action)


def _judge_perimeters(
    snapshot: Snapshot, access: Property[str], action: Property[str]
) -> Judgement:
    """Judge an account that nothing but a perimeter can protect."""
    reading = snapshot.reading(Source.PERIMETER_CONFIGURATIONS)
    for configuration in reading.items:
        mode = configuration.text("properties.resourceAssociation.accessMode")
        if (mode.value or "").lower() == "enforced":
            message = "An enforced network security perimeter decides who can reach the account."
            return passed(message, mode.evidence(Source.PERIMETER_CONFIGURATIONS, "Enforced"))
    found = (
        f"publicNetworkAccess is {_shown(access, 'Enabled')} and "
        f"networkAcls.defaultAction is {_shown(action, 'Allow')}"
    )
    evidence = (
        access.evidence(Source.ACCOUNT, "Disabled"),
        action.evidence(Source.ACCOUNT, "Deny"),
    )
    if reading.problem is not None and not reading.is_absent_from_input:
        message = (
            f"Without an enforced perimeter the account is open to the internet ({found}), "
            f"and its perimeters could not be read: {reading.problem.detail}."
        )
        return unknown(reading.problem.cause, message, *evidence)
    assumed = " No perimeter is in the input, which counts as none."
    return failed(
        f"The account is open to the internet: {found}."
        f"{assumed if reading.is_absent_from_input else ''}",
        *evidence,
    )


def _shown(found: Property[str], open_value: str) -> str:
    """Return a value for the message, and what it counts as when it is not known."""
    if found.value is None or found.value.lower() == open_value.lower():
        return found.shown("absent")
    return f"{found.shown('absent')} (not a known value, so it counts as {open_value})"


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
