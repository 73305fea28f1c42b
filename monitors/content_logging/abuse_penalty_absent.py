"""Microsoft must not have put a penalty on the account for abuse."""

from shared.domain.bare_answer import refuse_bare
from shared.domain.control import AppliesTo, Control, FoundBy, Monitor, Parameters
from shared.domain.resource import Property, Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import Judgement, Severity, failed, passed

_DONE = {"block": "calls are blocked", "throttle": "calls are throttled"}


def evaluate(resource: Resource, _snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one account."""
    penalty = resource.object("properties.abusePenalty")
    seen = penalty.evidence(Source.ACCOUNT, "absent")
    if penalty.observed is None:
        refuse_bare(resource)
        return passed("Microsoft has put no abuse penalty on the account.", seen)
    if penalty.value is None:
        message = "Microsoft has put an abuse penalty on the account, in a form that is not known."
        return failed(message, seen)
    action = resource.text("properties.abusePenalty.action")
    expiration = resource.text("properties.abusePenalty.expiration")
    until = expiration.shown("an end that is not stated")
    return failed(
        f"Microsoft has put an abuse penalty on the account: {_words(action)}, until {until}.",
        seen,
    )


def _words(action: Property[str]) -> str:
    """Say what the penalty does."""
    if action.value is None:
        return f"it states no action{action.wrong}"
    return _DONE.get(action.value.lower(), f"its action is {action.shown('')}, which is not known")


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="The account is under no abuse penalty of Microsoft.",
        why=(
            "When Microsoft finds that an account is used for what its terms forbid, it throttles "
            "or blocks the account's calls and shows that as abusePenalty. That means that "
            "somebody, perhaps with a stolen key, sends content that Microsoft counts as abuse, "
            "and that its employees may have read prompts and completions. Applications can stop "
            "working. No event tells of it."
        ),
        fails_when="properties.abusePenalty is present and not null.",
        severity=Severity.HIGH,
        remediation=(
            (
                "See who called, in the log of the account's diagnostic settings: "
                "az monitor diagnostic-settings list --resource {id}"
            ),
            (
                "Where a key may be stolen, renew it: az cognitiveservices account keys regenerate "
                "--subscription {subscription} --resource-group {resource_group} --name {name} "
                "--key-name Key1"
            ),
            "Stop the misuse, then answer Microsoft's notice or ask Azure support to lift it.",
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-foundry/openai/concepts/abuse-monitoring",
            "https://learn.microsoft.com/rest/api/cognitiveservices/accountmanagement/accounts/get",
        ),
        found_by=FoundBy.SWEEP,
        limits=("A penalty whose expiration has passed fails until Azure shows it no more.",),
    ),
    applies_to=(AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),),
    evaluate=evaluate,
    parameters=Parameters(),
    since={ResourceType.ACCOUNT: "2023-05-01"},
)
