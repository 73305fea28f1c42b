"""Stored completions must be switched off: no caller may have prompts and answers kept."""

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import Judgement, Severity, failed, passed


def evaluate(resource: Resource, _snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one account."""
    disabled = resource.flag("properties.storedCompletionsDisabled")
    seen = disabled.evidence(Source.ACCOUNT, expected=True)
    if disabled.value:
        message = "Completions cannot be stored: storedCompletionsDisabled is true."
        return passed(message, seen)
    return failed(
        "A caller can have prompts and completions stored: "
        f"storedCompletionsDisabled is {disabled.shown('absent')}.",
        seen,
    )


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="The account does not let callers store prompts and completions.",
        why=(
            "A caller who sets store=true on a chat completion has the prompt and the answer kept "
            "in the account, where everybody with access to it can read them and use them for "
            "evaluation and fine-tuning. The caller alone decides on it unless the account "
            "forbids it."
        ),
        fails_when=(
            "storedCompletionsDisabled is not true (absent: stored completions are possible)."
        ),
        severity=Severity.MEDIUM,
        remediation=(
            (
                "az resource update --ids {id} --api-version 2025-12-01 "
                "--set properties.storedCompletionsDisabled=true"
            ),
            "What was stored before stays: have it deleted with the stored completions API.",
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-services/openai/how-to/stored-completions",
            "https://learn.microsoft.com/azure/ai-foundry/responsible-ai/openai/data-privacy",
        ),
        limits=("The state that the Responses API keeps is stored all the same.",),
    ),
    applies_to=(AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),),
    evaluate=evaluate,
    parameters=Parameters(),
    since={ResourceType.ACCOUNT: "2025-09-01"},
)
