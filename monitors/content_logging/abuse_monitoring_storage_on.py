"""Microsoft must be able to review abuse: it stores prompts and completions for that.

The opposite of `abuse_monitoring_storage_off`, for organisations that forbid switching the review
off; off by default.
"""

from shared.domain.bare_answer import refuse_bare
from shared.domain.content_logging import content_logging
from shared.domain.control import AppliesTo, Control, FoundBy, Monitor, Parameters
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import AI_KINDS, ResourceType
from shared.domain.verdict import Judgement, Severity, failed, passed


def evaluate(resource: Resource, _snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one account."""
    found = content_logging(resource)
    seen = found.evidence("absent, or anything but false")
    if found.is_off:
        return failed(
            "Microsoft stores nothing for abuse review, so that it cannot look into abuse: "
            "ContentLogging is false.",
            seen,
        )
    refuse_bare(resource)
    return passed(
        f"Prompts and completions may be stored for abuse review: ContentLogging is {found.words}.",
        seen,
    )


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Microsoft can review the account's prompts and completions for abuse.",
        why=(
            "By default Microsoft may store prompts and completions for up to 30 days, so that its "
            "employees can look into suspected abuse of the models. An organisation can have this "
            "switched off by applying for modified abuse monitoring; one that relies on the "
            "review, or has promised it, wants no account without it. Microsoft sets this, and no "
            "event tells of it."
        ),
        fails_when=(
            "An entry of properties.capabilities has the name ContentLogging and the value false "
            "(absent: storage is on)."
        ),
        severity=Severity.MEDIUM,
        remediation=(
            (
                "Only Microsoft can switch it on again: ask Azure support to end modified abuse "
                "monitoring for subscription {subscription}."
            ),
            (
                "Once it has, this shows nothing: az cognitiveservices account show "
                "--subscription {subscription} --resource-group {resource_group} --name {name} "
                "--query \"properties.capabilities[?name=='ContentLogging']\""
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-foundry/openai/concepts/abuse-monitoring",
            "https://learn.microsoft.com/azure/ai-foundry/responsible-ai/openai/data-privacy",
        ),
        found_by=FoundBy.SWEEP,
        limits=(
            "An answer without its capabilities looks like one with storage on.",
            "Says nothing of models that are not Azure Direct Models, such as Claude.",
        ),
    ),
    applies_to=(AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),),
    evaluate=evaluate,
    parameters=Parameters(),
    enabled=False,
)
