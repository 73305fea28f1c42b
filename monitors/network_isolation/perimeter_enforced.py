"""A network security perimeter around an account must be enforced, not only watching."""

from collections.abc import Iterator

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.listing import MOST_NAMED
from shared.domain.public_access import ACCESS, MODE
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import (
    Evidence,
    Judgement,
    Severity,
    UndecidableError,
    failed,
    not_applicable,
    passed,
)

ISSUES = "properties.provisioningIssues"
SEVERITY = "properties.severity"
HARMLESS = frozenset({"warning", "information"})
"""Severities of provisioning issues that leave the perimeter in effect."""
PERIMETERS = Source.PERIMETER_CONFIGURATIONS


def evaluate(resource: Resource, snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one account."""
    reading = snapshot.reading(PERIMETERS)
    faults = [fault for each in reading.items for fault in _faults(each)]
    if faults:
        more = f" and {len(faults) - MOST_NAMED} more" if len(faults) > MOST_NAMED else ""
        words = ", ".join(each for each, _ in faults[:MOST_NAMED])
        return failed(
            f"The account's network security perimeter does not protect it: {words}{more}.",
            *(evidence for _, evidence in faults[:MOST_NAMED]),
        )
    if reading.problem is not None:
        message = f"the perimeters could not be read: {reading.problem.detail}"
        raise UndecidableError(reading.problem.cause, message)
    if reading.items:
        return passed(
            "The account's network security perimeter is enforced.",
            *(
                each.text(MODE).evidence(PERIMETERS, "Enforced")
                for each in reading.items[:MOST_NAMED]
            ),
        )
    access = resource.text(ACCESS)
    if (access.value or "").lower() == "securedbyperimeter":
        return failed(
            "publicNetworkAccess is SecuredByPerimeter, and the account is in no network security "
            "perimeter.",
            access.evidence(Source.ACCOUNT, "a perimeter that is Enforced"),
        )
    return not_applicable("The account is in no network security perimeter.")


def _faults(configuration: Resource) -> Iterator[tuple[str, Evidence]]:
    """Yield why an association does not protect the account: words and evidence."""
    mode = configuration.text(MODE)
    if (mode.value or "").lower() != "enforced":
        words = f"its access mode is {mode.shown('absent')}, not Enforced"
        yield words, mode.evidence(PERIMETERS, "Enforced")
    for issue in configuration.list(ISSUES).value or ():
        body = issue if isinstance(issue, dict) else {}
        severity = Resource(configuration.id, body).text(SEVERITY)
        if (severity.value or "").lower() not in HARMLESS:
            words = f"it has a provisioning issue of severity {severity.shown('unknown')}"
            path = f"{ISSUES}[].{SEVERITY}"
            yield words, Evidence(PERIMETERS, path, "Warning at most", severity.observed)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="The network security perimeter around the account is enforced.",
        why=(
            "A network security perimeter decides who can reach the account and where it can "
            "send, in place of the account's own network rules. In the access mode Learning it "
            "only writes down what it would refuse, and lets through what the account itself "
            "lets through. An account looks protected then and is not. An association that "
            "Azure could not set up protects no better."
        ),
        fails_when=(
            "An association (networkSecurityPerimeterConfigurations) has an access mode other "
            "than Enforced, or a provisioning issue of a severity other than Warning and "
            "Information; or publicNetworkAccess is SecuredByPerimeter and there is no "
            "association. Without an association it is not applicable otherwise."
        ),
        severity=Severity.MEDIUM,
        remediation=(
            (
                "See the association, its mode and its issues: az rest --method get --url "
                "https://management.azure.com{id}/networkSecurityPerimeterConfigurations"
                "?api-version=2025-12-01"
            ),
            (
                "Read the perimeter's access logs for what it would refuse, and add rules for what "
                "is needed. Then: az network perimeter association update --subscription "
                "{subscription} --resource-group PERIMETER_GROUP --perimeter-name PERIMETER "
                "--association-name ASSOCIATION --access-mode Enforced"
            ),
            (
                "Where there is no association: az network perimeter association create "
                "--subscription {subscription} --resource-group PERIMETER_GROUP "
                "--perimeter-name PERIMETER --association-name NAME --access-mode Enforced "
                "--private-link-resource id={id} --profile id=PROFILE_ID"
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/foundry/how-to/add-foundry-to-network-security-perimeter",
            "https://learn.microsoft.com/azure/private-link/network-security-perimeter-concepts",
        ),
        limits=("What the perimeter's rules let in and out is not judged here.",),
    ),
    applies_to=(AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),),
    evaluate=evaluate,
    parameters=Parameters(),
    needs=(PERIMETERS,),
)
