"""A model must be of an approved publisher, or be approved itself."""

from collections.abc import Mapping

from shared.domain.control import AppliesTo, Control, Monitor
from shared.domain.model_approval import ApprovedModels
from shared.domain.model_publisher import PublishedModel, catalog_model, stated_model
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.tables import publishers
from shared.domain.topology import ResourceType, Source, resource_type
from shared.domain.verdict import Evidence, Judgement, Severity, failed, not_applicable, passed

WANTED = "a model of an approved publisher, or an approved asset"
URIS: Mapping[ResourceType | None, tuple[Source, str]] = {
    ResourceType.ONLINE_DEPLOYMENT: (Source.ONLINE_DEPLOYMENTS, "properties.model"),
    ResourceType.MANAGED_COMPUTE_DEPLOYMENT: (
        Source.MANAGED_COMPUTE_DEPLOYMENTS,
        "properties.model",
    ),
    ResourceType.SERVERLESS_ENDPOINT: (
        Source.SERVERLESS_ENDPOINTS,
        "properties.modelSettings.modelId",
    ),
}
"""Which property names the model by a URI; a deployment of an account states its parts instead."""

NOTHING_NAMED = not_applicable("The policy names neither approved publishers nor approved assets.")


def evaluate(resource: Resource, _snapshot: Snapshot, parameters: ApprovedModels) -> Judgement:
    """Judge one deployment or serverless endpoint."""
    if parameters.names_nothing:
        return NOTHING_NAMED
    place = URIS.get(resource_type(resource.id.type))
    if place is None:
        stated = resource.object("properties.model")
        seen, wrong = stated.evidence(Source.DEPLOYMENTS, WANTED), stated.wrong
        model = stated_model(stated.value or {})
    else:
        named = resource.text(place[1])
        seen, wrong = named.evidence(place[0], WANTED), named.wrong
        model = catalog_model(named.value or "")
    return _judge(model, parameters, seen, wrong)


def _judge(
    model: PublishedModel, parameters: ApprovedModels, seen: Evidence, wrong: str
) -> Judgement:
    """Judge a model; `wrong` tells of a property of the wrong type."""
    if not model.asset:
        return failed(f"No model is named{wrong}, so it is none that is approved.", seen)
    approval = parameters.approval(model)
    if approval is not None:
        return passed(f"It runs {model.words}, which is approved: {approval}.", seen)
    if model.publisher:
        message = (
            f"It runs {model.words}, which is not approved: neither is the publisher "
            f"{model.publisher}, nor the model by its own name."
        )
    else:
        message = (
            f"It runs {model.words}, which is not approved by its own name; who publishes it is "
            f"not in the table of publishers of {publishers().as_of}."
        )
    return failed(message, seen)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Only models of approved publishers, or approved models, are deployed.",
        why=(
            "The model catalog has thousands of models: of Microsoft, of partners, of anybody. A "
            "model comes with its publisher's licence terms, with answers that nobody but its "
            "publisher has tested, and sometimes with processing by a third party. Whoever may "
            "deploy can pick any of them, so an organisation that has to answer for its models "
            "keeps a list."
        ),
        fails_when=(
            "Neither the publisher (of a deployment model.publisher, or else model.format; of "
            "others the publisher of the registry that the URI names) is one of publishers, nor "
            "does the asset (of a deployment format/name/version, of others the URI) begin with "
            "one of assets. No model named is none approved. With both lists empty the control "
            "does not apply."
        ),
        severity=Severity.HIGH,
        remediation=(
            (
                "Deploy an approved model and move the callers. In an account: az "
                "cognitiveservices account deployment create --subscription {subscription} "
                "--resource-group {resource_group} --name ACCOUNT --deployment-name NEW_NAME "
                "--model-format FORMAT --model-name MODEL --model-version VERSION "
                "--sku-name SKU --sku-capacity CAPACITY"
            ),
            "Then delete this one: az resource delete --ids {id}",
            (
                "A managed compute deployment exists in preview APIs only: add "
                "--api-version 2026-05-15-preview."
            ),
            "Where the model is wanted after all, add it to publishers or assets in the policy.",
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-foundry/how-to/built-in-policy-model-deployment",
            "https://learn.microsoft.com/azure/ai-foundry/concepts/foundry-models-overview",
        ),
        limits=(
            "The publisher of a registry's model follows from the names of both, by a table.",
            "A fine-tuned model counts as one of its base model's publisher.",
            (
                "Related built-in policies, aafe3651 and 12e5dd16, judge the same when a "
                "deployment is made; they find an asset's name anywhere in an asset id, this "
                "control only at its beginning."
            ),
        ),
    ),
    applies_to=(
        AppliesTo(ResourceType.DEPLOYMENT),
        AppliesTo(ResourceType.ONLINE_DEPLOYMENT),
        AppliesTo(ResourceType.MANAGED_COMPUTE_DEPLOYMENT),
        AppliesTo(ResourceType.SERVERLESS_ENDPOINT),
    ),
    evaluate=evaluate,
    parameters=ApprovedModels(),
    since={
        ResourceType.DEPLOYMENT: "2024-10-01",
        ResourceType.MANAGED_COMPUTE_DEPLOYMENT: "2026-03-15-preview",
        ResourceType.SERVERLESS_ENDPOINT: "2024-04-01",
    },
    tables=("publishers",),
)
