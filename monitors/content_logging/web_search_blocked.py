"""No caller may let a model search the web: the subscription must block the tool."""

from shared.domain.control import AppliesTo, Control, FoundBy, Monitor, Parameters
from shared.domain.resource import Property, Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import (
    Cause,
    Evidence,
    Judgement,
    Severity,
    UndecidableError,
    failed,
    not_applicable,
    passed,
)

FEATURE = "OpenAI.BlockedTools.web_search"
_ENDS = tuple(
    f"/microsoft.cognitiveservices/{kind}/{FEATURE.lower()}"
    for kind in ("features", "subscriptionfeatureregistrations")
)
"""How its ids end, in both forms that ARM has for features."""


def evaluate(_resource: Resource, snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one subscription."""
    if not _holds_ai_account(snapshot):
        return not_applicable("The subscription holds no account that serves AI models.")
    states = [
        _state(feature)
        for feature in snapshot.reading(Source.FEATURES).items
        if feature.id.key.endswith(_ENDS)
    ]
    if not states:
        # Raises with the cause when the list is not whole: then it proves no absence.
        snapshot.all(Source.FEATURES)
        return failed(f"{_OPEN}: the feature {FEATURE} is not registered.", _seen(None))
    unblocked = next((each for each in states if (each.value or "").lower() != "registered"), None)
    if unblocked is None:
        message = f"The subscription blocks web search: the feature {FEATURE} is Registered."
        return passed(message, _seen(states[0].observed))
    return failed(
        f"{_OPEN}: the state of the feature {FEATURE} is {unblocked.shown('absent')}, and only "
        "Registered blocks.",
        _seen(unblocked.observed),
    )


_OPEN = "Callers can have models search the web, which sends data outside the compliance boundary"


def _holds_ai_account(snapshot: Snapshot) -> bool:
    """Whether an account of the subscription serves AI models.

    Raises:
        UndecidableError: none is known to, but not every account was read or states its kind.
    """
    accounts = snapshot.reading(Source.ACCOUNTS).items
    kinds = [account.kind for account in accounts]
    if any(kind is not None and kind.lower() in AI_KINDS for kind in kinds):
        return True
    snapshot.all(Source.ACCOUNTS)
    if None in kinds:
        message = "an account of the subscription does not state its kind"
        raise UndecidableError(Cause.UNDETERMINED, message)
    return False


def _state(feature: Resource) -> Property[str]:
    """Return the state of a feature."""
    inner = feature.text("properties.state")
    return feature.text("state") if inner.observed is None else inner


def _seen(state: object) -> Evidence:
    """Return the state as evidence."""
    path = f"[name={FEATURE}].properties.state"
    return Evidence(Source.FEATURES, path, "Registered", state)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="The subscription blocks the web search tool of its AI models.",
        why=(
            "Any caller of a model can add the tool web_search to a request, in every account of "
            "the subscription and without anybody's leave. The model then sends what it makes of "
            "the prompt to Bing. Microsoft says that its Data Protection Addendum does not apply "
            "to that and that customer data flows outside the compliance and geography boundary. "
            "The one switch is a preview feature of the subscription, off by default."
        ),
        fails_when=(
            "The subscription holds an account of kind OpenAI or AIServices, and the feature "
            "Microsoft.CognitiveServices/OpenAI.BlockedTools.web_search is not Registered "
            "(absent: not registered)."
        ),
        severity=Severity.HIGH,
        remediation=(
            (
                "This blocks web search in all accounts of the subscription: az feature register "
                "--namespace Microsoft.CognitiveServices --name OpenAI.BlockedTools.web_search "
                "--subscription {subscription}"
            ),
            (
                "Wait until this says Registered: az feature show "
                "--namespace Microsoft.CognitiveServices --name OpenAI.BlockedTools.web_search "
                "--subscription {subscription} --query properties.state"
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/foundry/openai/how-to/web-search",
            "https://learn.microsoft.com/azure/foundry/agents/how-to/tools/web-search",
        ),
        found_by=FoundBy.SWEEP,
        limits=(
            "Connections to a Bing resource of the customer's own are another control.",
            "Searches that an application makes by itself are not seen.",
        ),
    ),
    applies_to=(AppliesTo(ResourceType.SUBSCRIPTION),),
    evaluate=evaluate,
    parameters=Parameters(),
    needs=(Source.ACCOUNTS, Source.FEATURES),
)
