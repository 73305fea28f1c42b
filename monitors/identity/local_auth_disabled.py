"""API keys of an account must be switched off: callers sign in with Microsoft Entra ID."""

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Judgement, Severity, failed, passed


def evaluate(resource: Resource, _snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one account."""
    disabled = resource.flag("properties.disableLocalAuth")
    seen = disabled.evidence(Source.ACCOUNT, expected=True)
    if disabled.value:
        return passed("API keys do not work: disableLocalAuth is true.", seen)
    return failed(f"API keys work: disableLocalAuth is {disabled.shown('absent')}.", seen)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="API keys of the account are switched off; callers use Microsoft Entra ID.",
        why=(
            "An API key lets whoever holds it use the account from wherever its network allows, "
            "until somebody renews it. It does not say who called, and no role limits it. With "
            "keys switched off, every call is made by an identity of Microsoft Entra ID, which "
            "roles and Conditional Access restrict and logs name."
        ),
        fails_when="disableLocalAuth is not true (absent: keys work).",
        severity=Severity.HIGH,
        remediation=(
            (
                "Let the callers sign in with Microsoft Entra ID, with the role Cognitive Services "
                "OpenAI User or Cognitive Services User on this account."
            ),
            (
                "Then: az resource update --ids {id} --api-version 2025-12-01 "
                "--set properties.disableLocalAuth=true"
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-services/disable-local-auth",
            "https://learn.microsoft.com/azure/ai-foundry/openai/how-to/managed-identity",
        ),
        built_in_policy="71ef260a",
    ),
    applies_to=(AppliesTo(ResourceType.ACCOUNT),),
    evaluate=evaluate,
    parameters=Parameters(),
    since={ResourceType.ACCOUNT: "2021-04-30"},
)
