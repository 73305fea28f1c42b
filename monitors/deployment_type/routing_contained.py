"""A model router may choose only among models that the policy approves.

A model router is a deployment that hands every prompt on to another model, which it chooses itself.
"""

from collections.abc import Sequence

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.listing import listed
from shared.domain.model_approval import ApprovedModels
from shared.domain.model_publisher import NO_MODEL, PublishedModel, stated_model
from shared.domain.model_router import MODELS, MODELS_SINCE, is_router, knows_openai_only
from shared.domain.resource import Property, Resource
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

APPROVAL = "catalog_models.model_approved"


def evaluate(resource: Resource, snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one deployment."""
    name = resource.text("properties.model.name")
    if not name.value:
        message = f"The deployment names no model{name.wrong}, so it may be a model router or not."
        return unknown(Cause.UNDETERMINED, message)
    if not is_router(name.value):
        return not_applicable(f"Model {name.shown('absent')} is no model router.")
    if knows_openai_only(resource):
        version = resource.text("properties.model.version").shown("absent")
        return not_applicable(
            f"Version {version} of the model router knows a fixed set of OpenAI models only."
        )
    if resource.read_before(MODELS_SINCE):
        return unknown(
            Cause.UNDETERMINED,
            f"Read with API version {resource.api_version}, which does not show which models the "
            f"router may choose; {MODELS_SINCE} and later do.",
        )
    approved = snapshot.parameters_of(APPROVAL, ApprovedModels)
    return _judge(resource.list(MODELS), approved)


def _judge(models: Property[Sequence[object]], approved: ApprovedModels) -> Judgement:
    """Judge the models that a router may choose."""
    seen = models.evidence(Source.DEPLOYMENTS, f"models that {APPROVAL} approves, and no others")
    if not models.value:
        found = "empty" if models.value is not None else f"absent{models.wrong}"
        return failed(
            f"The list of models that the router may choose is {found}, so it may choose every "
            "model that its version knows, other publishers' too.",
            seen,
        )
    stated = [_model(entry) for entry in models.value]
    if NO_MODEL in stated:
        message = "The list of models that the router may choose has entries that name no model."
        return failed(message, seen)
    if approved.names_nothing:
        return passed(
            f"The router chooses only among {listed([each.name for each in stated])}. Whether "
            f"these are approved is not judged: {APPROVAL} names no publishers and no assets.",
            seen,
        )
    others = [each for each in stated if approved.approval(each) is None]
    if others:
        names = listed([f"{each.name} of {each.origin}" for each in others])
        return failed(f"The router may choose models that are not approved: {names}.", seen)
    message = f"The router chooses only among approved models: {listed([m.name for m in stated])}."
    return passed(message, seen)


def _model(entry: object) -> PublishedModel:
    """Return the model that an entry of the list states."""
    return stated_model(entry) if isinstance(entry, dict) else NO_MODEL


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="A model router chooses only among approved models.",
        why=(
            "A model router is deployed like a model of OpenAI, and hands every prompt on to "
            "another model. Since version 2025-11-18 it knows models of DeepSeek, Meta, xAI and "
            "Anthropic too, and unless it is given a list it may choose any of them, with no "
            "deployment to be seen, except that those of Anthropic must be deployed first. Models "
            "that Microsoft adds to its version later would be chosen as well."
        ),
        fails_when=(
            "The model is model-router of version 2025-11-18 or later (or states no version), and "
            "routing.models is absent or empty, or has an entry that catalog_models.model_approved "
            "does not approve or that names no model. While that control names no publishers and "
            "no assets, any list passes."
        ),
        severity=Severity.HIGH,
        remediation=(
            (
                "Foundry portal > the project > Models > the deployment > Edit > Route to a subset "
                "of models: choose the approved ones."
            ),
            (
                "See the result with az resource show --ids {id} --api-version 2025-12-01 "
                "--query properties.routing"
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/foundry/openai/how-to/model-router",
            "https://learn.microsoft.com/azure/foundry/openai/concepts/model-router",
        ),
        limits=(
            "The router's own SKU, not this control, says where the chosen models process prompts.",
        ),
    ),
    applies_to=(AppliesTo(ResourceType.DEPLOYMENT),),
    evaluate=evaluate,
    parameters=Parameters(),
)
