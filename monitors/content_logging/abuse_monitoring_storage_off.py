"""Microsoft must not store prompts and completions for abuse review.

An account for which Microsoft has approved this shows a capability `ContentLogging` with the value
`false`; every other account shows no such capability at all.
"""

from shared.domain.content_logging import content_logging
from shared.domain.control import AppliesTo, Control, FoundBy, Monitor, Parameters
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import AI_KINDS, ResourceType
from shared.domain.verdict import Judgement, Severity, failed, passed


def evaluate(resource: Resource, _snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one account."""
    found = content_logging(resource)
    seen = found.evidence("false")
    if found.is_off:
        return passed("Nothing is stored for abuse review: ContentLogging is false.", seen)
    return failed(
        "Microsoft may store prompts and completions for abuse review: "
        f"ContentLogging is {found.words}.",
        seen,
    )


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Microsoft does not store the account's prompts and completions.",
        why=(
            "By default Microsoft may store prompts and completions for up to 30 days, where its "
            "employees can read them to look into suspected abuse. Customers whose data nobody "
            "else may read apply for modified abuse monitoring. Once it is approved, the account "
            "shows the capability ContentLogging with the value false, and only then nothing is "
            "stored. Microsoft sets and unsets this, and no event tells of it."
        ),
        fails_when=(
            "No entry of properties.capabilities has the name ContentLogging and the value false "
            "(absent: storage is on)."
        ),
        severity=Severity.HIGH,
        remediation=(
            (
                "Only Microsoft can switch it off: apply for modified abuse monitoring for "
                "subscription {subscription} with the form "
                "https://customervoice.microsoft.com/Pages/ResponsePage.aspx?id=v4j5cvGGr0GRqy180BH"
                "bR7en2Ais5pxKtso_Pz4b1_xUOE9MUTFMUlpBNk5IQlZWWkcyUEpWWEhGOCQlQCN0PWcu"
            ),
            (
                "Once approved, this shows the value false: az cognitiveservices account show "
                "--subscription {subscription} --resource-group {resource_group} --name {name} "
                "--query \"properties.capabilities[?name=='ContentLogging']\""
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-foundry/responsible-ai/openai/data-privacy",
            "https://learn.microsoft.com/azure/ai-foundry/openai/concepts/abuse-monitoring",
        ),
        found_by=FoundBy.SWEEP,
        limits=(
            (
                "Says nothing of models that are not Azure Direct Models, such as Claude, whose "
                "publisher processes the data."
            ),
            "Preview features may store content all the same.",
        ),
    ),
    applies_to=(AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),),
    evaluate=evaluate,
    parameters=Parameters(),
)
