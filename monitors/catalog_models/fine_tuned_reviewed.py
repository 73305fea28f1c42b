"""A fine-tuned model must run under a SKU that keeps its weights in the geography."""

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import (
    Cause,
    Judgement,
    Severity,
    failed,
    not_applicable,
    passed,
    unknown,
)

REGIONAL = frozenset({"standard", "provisionedmanaged"})
"""The SKUs (lower case) under which the weights stay."""
MARK = ".ft-"
"""What the name of a fine-tuned model has and that of no model of the catalog."""
SOURCES = ("properties.model.source", "properties.model.sourceAccount")


def evaluate(resource: Resource, _snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one deployment."""
    name, sku = resource.text("properties.model.name"), resource.text("sku.name")
    signs = [found for path in SOURCES if (found := resource.text(path)).value]
    if MARK in (name.value or "").lower():
        signs.append(name)
    if not signs:
        if name.value:
            return not_applicable(f"Model {name.shown('absent')} is not fine-tuned.")
        message = f"The deployment names no model{name.wrong}, so it may be fine-tuned or not."
        return unknown(Cause.UNDETERMINED, message)
    evidence = (
        sku.evidence(Source.DEPLOYMENTS, "Standard or ProvisionedManaged"),
        *(found.evidence(Source.DEPLOYMENTS, "any: the model is fine-tuned") for found in signs),
    )
    model = f"The fine-tuned model {name.shown('absent')}"
    if (sku.value or "").lower() in REGIONAL:
        message = f"{model} runs under SKU {sku.value}, which keeps its weights in the geography."
        return passed(message, *evidence)
    if not sku.value:
        message = f"{model} runs under a SKU that is not stated{sku.wrong}"
    else:
        message = f"{model} runs under SKU {sku.shown('absent')}"
    return failed(f"{message}: its weights may be stored outside the geography.", *evidence)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Fine-tuned models run under SKUs that keep their weights in the geography.",
        why=(
            "A fine-tuned model has learned from the organisation's own examples, and what it "
            "learned can be coaxed out of its weights. The weights are data at rest, which "
            "otherwise stay in the geography; but under a global SKU Microsoft may store them "
            "outside it for a time, and DeveloperTier guarantees nothing of where data lies. Such "
            "a deployment should exist only when somebody has looked at the training data and "
            "exempted it."
        ),
        fails_when=(
            "model.source or model.sourceAccount is set or model.name contains .ft-, and sku.name "
            "is neither Standard nor ProvisionedManaged (absent and unknown SKUs fail too). Models "
            "that are not fine-tuned are not concerned."
        ),
        severity=Severity.MEDIUM,
        remediation=(
            (
                "Deploy the model anew under a regional SKU and move the callers: az "
                "cognitiveservices account deployment create --subscription {subscription} "
                "--resource-group {resource_group} --name {root} --deployment-name NEW_NAME "
                "--model-format OpenAI --model-name MODEL --model-version VERSION "
                "--sku-name Standard --sku-capacity CAPACITY"
            ),
            "Then delete this one: az resource delete --ids {id}",
            (
                "Where the training data may leave the geography, say so in an exemption in the "
                "policy, with who decided it."
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/foundry/fine-tuning/overview",
            "https://learn.microsoft.com/azure/ai-foundry/openai/how-to/fine-tuning-deploy",
        ),
        limits=(
            "Where the model was trained is not seen: global training copies data and weights too.",
            "Microsoft says it of global SKUs; data zone SKUs cross borders too and count alike.",
        ),
    ),
    applies_to=(AppliesTo(ResourceType.DEPLOYMENT),),
    evaluate=evaluate,
    parameters=Parameters(),
    since={ResourceType.DEPLOYMENT: "2024-10-01"},
)
