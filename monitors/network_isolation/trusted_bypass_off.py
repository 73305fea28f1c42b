"""Azure's own services must not get past the network rules of an account."""

from shared.domain.bare_answer import refuse_bare
from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import Judgement, Severity, failed, passed


def evaluate(resource: Resource, _snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one account."""
    refuse_bare(resource)
    bypass = resource.text("properties.networkAcls.bypass")
    seen = bypass.evidence(Source.ACCOUNT, "None")
    shown = bypass.shown("absent, which means None")
    match "none" if bypass.value is None else bypass.value.lower():
        case "none":
            message = f"The network rules hold for trusted services too: bypass is {shown}."
            return passed(message, seen)
        case "azureservices":
            return failed(
                "Trusted Azure services get past the network rules: networkAcls.bypass is "
                f"{shown}.",
                seen,
            )
        case _:
            return failed(
                f"Something may get past the network rules: networkAcls.bypass is {shown}, which "
                "is not a known value.",
                seen,
            )


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="No service gets past the account's network rules as trusted by Azure.",
        why=(
            "With the bypass AzureServices, Azure AI Search, Azure Machine Learning and other "
            "accounts of Azure AI reach the account whatever its network rules say, even with "
            "public access switched off. They come with a managed identity, but the network no "
            "longer limits from where: a role given by mistake is then all that such a service "
            "needs."
        ),
        fails_when=(
            "networkAcls.bypass is AzureServices or not a known value (absent: None, which passes)."
        ),
        severity=Severity.LOW,
        remediation=(
            "Let the services that need the account reach it over private endpoints.",
            (
                "Then: az resource update --ids {id} --api-version 2025-12-01 "
                "--set properties.networkAcls.bypass=None"
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-services/cognitive-services-virtual-networks",
            "https://learn.microsoft.com/azure/ai-foundry/openai/how-to/network",
        ),
        limits=("Whether such a service has a role on the account is not judged here.",),
    ),
    applies_to=(AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),),
    evaluate=evaluate,
    parameters=Parameters(),
    since={ResourceType.ACCOUNT: "2024-10-01"},
)
