"""A model bought in the Azure Marketplace must be of a publisher that may know who buys it.

Models that Azure sells itself, and Microsoft's own, concern no publisher. What the tables do not
know counts as an offer of the Marketplace.
"""

from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from typing import Annotated

from pydantic import AfterValidator

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.listing import listed
from shared.domain.marketplace_offer import is_partner, why_without_offer
from shared.domain.model_approval import publisher_entry
from shared.domain.model_publisher import NO_MODEL, PublishedModel, catalog_model, stated_model
from shared.domain.processing import external_publisher
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.tables import normalised, publishers, scanned_models
from shared.domain.topology import ResourceType, Source, resource_type
from shared.domain.verdict import (
    Evidence,
    Judgement,
    Severity,
    Verdict,
    failed,
    not_applicable,
    passed,
)


class SharingParameters(Parameters):
    """Who may know."""

    publishers: tuple[Annotated[str, AfterValidator(publisher_entry)], ...] = ()
    """Publishers who may get contact and transaction details, in any case: as model.publisher or
    model.format spell them (Anthropic, Mistral AI), or as the Marketplace does (publisherId)."""

    @cached_property
    def names(self) -> frozenset[str]:
        """The publishers as they are compared."""
        return frozenset(map(normalised, self.publishers))

    @cached_property
    def words(self) -> str:
        """What is wanted, for evidence."""
        return f"sold by Azure, or published by one of: {', '.join(self.publishers) or 'nobody'}"


def evaluate(resource: Resource, _snapshot: Snapshot, parameters: SharingParameters) -> Judgement:
    """Judge one deployment, serverless endpoint or Marketplace subscription."""
    judge = _OTHERS.get(resource_type(resource.id.type), _judge_deployment)
    return judge(resource, parameters)


def _judge_deployment(deployment: Resource, parameters: SharingParameters) -> Judgement:
    """Judge a deployment, whose model states a format and mostly a publisher too."""
    stated = deployment.object("properties.model")
    seen = stated.evidence(Source.DEPLOYMENTS, parameters.words)
    model = stated_model(stated.value or {})
    if model == NO_MODEL:
        return failed(f"No model is named{stated.wrong}, so it counts as an offer.", seen)
    host = external_publisher(deployment)
    if host is not None:
        reason = why_without_offer(host, model.name)
        if reason is not None:
            return not_applicable(f"No publisher gets details: {reason}.")
    form = (deployment.text("properties.model.format").value or "").strip()
    is_same = not form or form.lower() == model.publisher.lower()
    names = (model.publisher,) if is_same else (model.publisher, form)
    return _judge_model(model, names, parameters, seen)


def _judge_endpoint(endpoint: Resource, parameters: SharingParameters) -> Judgement:
    """Judge a serverless endpoint, whose model is named by a URI."""
    named = endpoint.text("properties.modelSettings.modelId")
    bought = endpoint.text("properties.marketplaceSubscriptionId")
    model = catalog_model(named.value or "")
    seen = (
        named.evidence(Source.SERVERLESS_ENDPOINTS, parameters.words),
        bought.evidence(Source.SERVERLESS_ENDPOINTS, "any: set when bought in the Marketplace"),
    )
    if not model.asset:
        return failed(f"No model is named{named.wrong}, so it counts as an offer.", *seen)
    if bought.value:
        # Azure itself says so, whatever the tables say.
        return _judge_offer(model, (model.publisher,), parameters, *seen)
    return _judge_model(model, (model.publisher,), parameters, *seen)


def _judge_subscription(subscription: Resource, parameters: SharingParameters) -> Judgement:
    """Judge a Marketplace subscription, which is an offer, whatever the tables say."""
    plan = subscription.text("properties.marketplacePlan.publisherId")
    named = subscription.text("properties.modelId")
    seen = [
        found.evidence(Source.MARKETPLACE_SUBSCRIPTIONS, parameters.words)
        for found in (plan, named)
    ]
    model = catalog_model(named.value or "")
    # Both name one publisher: the Marketplace's name for it, and the catalog's.
    names = [each for each in (plan.value, model.publisher) if each]
    accepted = next((each for each in names if normalised(each) in parameters.names), None)
    whose = (accepted,) if accepted else tuple(names[:1]) or ("",)
    return _judge_offer(model, whose, parameters, *seen)


def _judge_model(
    model: PublishedModel,
    names: tuple[str, ...],
    parameters: SharingParameters,
    *seen: Evidence,
) -> Judgement:
    """Judge a model that Azure may sell itself: it does when that holds by each of its names."""
    selling = _selling(model, names)
    if isinstance(selling, str):
        return not_applicable(selling)
    judgement = _judge_offer(model, selling, parameters, *seen)
    if judgement.verdict is not Verdict.FAIL or all(map(is_partner, selling)):
        return judgement
    note = f"is not in the table of models that Azure sells itself, of {scanned_models().as_of}"
    return failed(f"{judgement.message} It counts as an offer, since it {note}.", *seen)


@lru_cache(maxsize=1024)
def _selling(model: PublishedModel, names: tuple[str, ...]) -> tuple[str, ...] | str:
    """Return the names by which a model may be an offer, or say why it is none by any of them.

    An estate has few models.
    """
    selling = tuple(name for name in names if why_without_offer(name, model.name) is None)
    if selling:
        return selling
    reason = why_without_offer(names[0], model.name)
    return f"No publisher gets details of who uses {model.words}: {reason}."


def _judge_offer(
    model: PublishedModel,
    names: tuple[str, ...],
    parameters: SharingParameters,
    *seen: Evidence,
) -> Judgement:
    """Judge an offer of the Marketplace by its publisher's names."""
    used = f"model {listed((model.name,))}" if model.name else "the model"
    refused = [name for name in names if normalised(name) not in parameters.names]
    if not refused:
        message = f"{listed(names)} gets details of who uses {used}, and is accepted."
        return passed(message, *seen)
    if not refused[0]:
        return failed(
            f"Somebody gets contact and transaction details of who uses {used}: who publishes it "
            f"is not in the table of publishers of {publishers().as_of}.",
            *seen,
        )
    return failed(
        f"{listed(refused)} gets contact and transaction details of who uses {used}, and is not "
        "accepted.",
        *seen,
    )


_OTHERS: Mapping[ResourceType | None, Callable[[Resource, SharingParameters], Judgement]] = {
    ResourceType.SERVERLESS_ENDPOINT: _judge_endpoint,
    ResourceType.MARKETPLACE_SUBSCRIPTION: _judge_subscription,
}
"""What is judged beside deployments, and how."""


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Models are bought only of publishers who may know who buys them.",
        why=(
            "Azure sells some models itself. Those of partners and of the community are offers of "
            "the Azure Marketplace, and whoever deploys one subscribes to it, often without "
            "noticing: Microsoft may then give the publisher the customer's contact details and "
            "transactions, with how much the model is used. Who uses which model for what volume "
            "can be a business secret, and the contact a person."
        ),
        fails_when=(
            "The model is an offer of the Marketplace and its publisher is none of publishers. A "
            "Marketplace subscription is an offer; so is a serverless endpoint that names one; "
            "any other model is unless the tables say that Azure sells it itself, or that its "
            "publisher sells nothing in the Marketplace (OpenAI, Microsoft, Fireworks): to those "
            "the control does not apply. What the tables do not know is an offer."
        ),
        severity=Severity.MEDIUM,
        remediation=(
            (
                "Deploy a model that Azure sells itself, move the callers, and delete this: az "
                "resource delete --ids {id}"
            ),
            (
                "Then end the subscription to the offer, which outlives the deployment: Azure "
                "portal > SaaS > the subscription > Cancel subscription."
            ),
            "Where the publisher may know, add it to publishers in the policy.",
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-foundry/how-to/concept-data-privacy",
            "https://learn.microsoft.com/azure/foundry/foundry-models/concepts/models-from-partners",
            "https://learn.microsoft.com/azure/foundry/how-to/fireworks/privacy-compliance-faq",
        ),
        limits=(
            "A subscription that is suspended or ended counts until it is deleted.",
            "What makes a deployment an offer follows from names; no property of it says so.",
        ),
    ),
    applies_to=(
        AppliesTo(ResourceType.SERVERLESS_ENDPOINT),
        AppliesTo(ResourceType.MARKETPLACE_SUBSCRIPTION),
        AppliesTo(ResourceType.DEPLOYMENT),
    ),
    evaluate=evaluate,
    parameters=SharingParameters(),
    since={
        ResourceType.SERVERLESS_ENDPOINT: "2024-04-01",
        ResourceType.MARKETPLACE_SUBSCRIPTION: "2024-04-01",
        ResourceType.DEPLOYMENT: "2024-10-01",
    },
    tables=("publishers", "scanned_models", "sku_scopes"),
)
