"""catalog_models.publisher_sharing_accepted."""

import pytest
from pydantic import ValidationError

from monitors.catalog_models.publisher_sharing_accepted import MONITOR, SharingParameters
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.tables import publishers, scanned_models
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Evidence, Judgement, Verdict
from tests.arm import (
    ABSENT,
    WORKSPACE_ID,
    changed,
    deployment,
    judge,
    resource,
    serverless_endpoint,
)

NOBODY = "sold by Azure, or published by one of: nobody"
COHERE = "azureml://registries/azureml-cohere/models/Cohere-embed-v3-english"
LLAMA = "azureml://registries/azureml-meta/models/Llama-3.3-70B-Instruct"
OFFER = f"{WORKSPACE_ID}/marketplaceSubscriptions/offer"


def accepting(*names: str) -> SharingParameters:
    """Return parameters that accept these publishers."""
    return SharingParameters(publishers=names)


def claude(**model: object) -> Resource:
    """Return a deployment of a partner's model."""
    return deployment(model={"format": "Anthropic", "name": "claude-x", "version": "2", **model})


def endpoint(model_id: object = COHERE, **properties: object) -> Resource:
    """Return a serverless endpoint of this model."""
    return serverless_endpoint(modelSettings={"modelId": model_id}, **properties)


def subscription(publisher: object = "cohere", model_id: object = COHERE) -> Resource:
    """Return a subscription to an offer of the Marketplace."""
    plan = {"publisherId": publisher, "offerId": "offer", "planId": "plan"}
    properties = {"marketplacePlan": plan, "modelId": model_id}
    return resource(OFFER, properties=properties)


# --- deployments ---


def test_a_partners_model_fails() -> None:
    """Nobody is accepted by default."""
    model = {"format": "Anthropic", "name": "claude-x", "version": "2"}
    assert judge(MONITOR, claude()) == Judgement(
        Verdict.FAIL,
        "Anthropic gets contact and transaction details of who uses model claude-x, and is not "
        "accepted.",
        (Evidence(Source.DEPLOYMENTS, "properties.model", NOBODY, model),),
    )


@pytest.mark.parametrize("name", ["Anthropic", "ANTHROPIC", " anthropic "])
@pytest.mark.parametrize("version", ["1", "2", None])
def test_an_accepted_publishers_model_passes(name: str, version: object) -> None:
    """In any case, wherever it is hosted."""
    judged = claude(version=version)
    judgement = judge(MONITOR, judged, parameters=accepting("Meta", name))

    assert judgement.verdict is Verdict.PASS
    assert judgement.message == (
        "Anthropic gets details of who uses model claude-x, and is accepted."
    )


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ({"format": "OpenAI", "name": "gpt-4o"}, "Azure sells the models of Azure OpenAI itself"),
        ({"format": "openai", "name": "model-router"}, "Azure sells the models of Azure OpenAI"),
        ({"format": "Microsoft", "name": "Phi-4"}, "Microsoft is the publisher"),
        ({"format": "Meta", "name": "llama-3.3-70b-instruct"}, "Azure sells this model itself"),
        ({"format": "xAI", "name": "grok-4", "publisher": "xai"}, "Azure sells this model itself"),
        ({"format": "Fireworks", "name": "FW-GLM-5"}, "Microsoft sells the service of Fireworks"),
        ({"format": "Fireworks", "name": "x", "publisher": "Meta"}, "Microsoft sells the service"),
        ({"format": "Z", "name": "FW-GLM-5"}, "Microsoft sells the service of Fireworks itself"),
    ],
)
def test_what_azure_sells_itself_is_not_concerned(model: dict[str, object], reason: str) -> None:
    """Nobody is told, and the message says why."""
    judgement = judge(MONITOR, deployment(model=model))

    assert judgement.verdict is Verdict.NOT_APPLICABLE
    assert f": {reason}" in judgement.message
    assert judgement.message.startswith("No publisher gets details")


@pytest.mark.parametrize(
    "model",
    [
        {"format": "xAI", "name": "grok-9"},
        {"format": "Baseten", "name": "glm"},
        {"format": "Somebody", "name": "gpt-4o"},
    ],
)
def test_what_the_tables_do_not_know_is_an_offer(model: dict[str, object]) -> None:
    """It fails, and the message says by which table."""
    judgement = judge(MONITOR, deployment(model=model))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message.endswith(
        "It counts as an offer, since it is not in the table of models that Azure sells itself, of "
        f"{scanned_models().as_of}."
    )
    accepted = accepting(str(model["format"]))
    assert judge(MONITOR, deployment(model=model), parameters=accepted).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("publisher", "verdict"),
    [
        ("Mistral AI", Verdict.FAIL),
        ("OpenAI", Verdict.NOT_APPLICABLE),
        (None, Verdict.NOT_APPLICABLE),
        (5, Verdict.NOT_APPLICABLE),
    ],
)
def test_publisher_and_format_must_both_be_azures(publisher: object, verdict: Verdict) -> None:
    """One that Azure knows does not make up for one that it does not."""
    judged = deployment(model={"publisher": publisher})
    swapped = deployment(model={"format": publisher, "publisher": "OpenAI"})

    assert judge(MONITOR, judged).verdict is verdict
    assert judge(MONITOR, swapped).verdict is verdict


def test_two_names_must_both_be_accepted() -> None:
    """Where format and publisher differ and neither is Azure's."""
    judged = claude(publisher="Somebody")

    assert judge(MONITOR, judged, parameters=accepting("Anthropic")).verdict is Verdict.FAIL
    assert judge(MONITOR, judged, parameters=accepting("Anthropic", "somebody")).verdict is (
        Verdict.PASS
    )


@pytest.mark.parametrize(
    ("model", "note"),
    [
        (ABSENT, ""),
        (None, ""),
        ({}, ""),
        ({"format": "OpenAI"}, ""),
        (["x"], " (model is a list, not an object, and counts as absent)"),
    ],
)
def test_fails_when_a_deployment_names_no_model(model: object, note: str) -> None:
    """It may be anybody's."""
    judgement = judge(MONITOR, changed(deployment(), "properties.model", model))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == f"No model is named{note}, so it counts as an offer."


def test_fails_when_a_model_is_nobodys() -> None:
    """Nobody who is not known can be accepted."""
    judgement = judge(MONITOR, deployment(model={"format": None}), parameters=accepting("OpenAI"))

    assert judgement.verdict is Verdict.FAIL
    assert "who publishes it is not in the table" in judgement.message


# --- serverless endpoints ---


@pytest.mark.parametrize("uri", [COHERE, f"{COHERE}/versions/3", COHERE.upper()])
def test_a_partners_endpoint_follows_its_publisher(uri: str) -> None:
    """Which follows from the registry."""
    judgement = judge(MONITOR, endpoint(uri))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        "Cohere gets contact and transaction details of who uses model cohere-embed-v3-english, "
        "and is not accepted."
    )
    assert judge(MONITOR, endpoint(uri), parameters=accepting("cohere")).verdict is Verdict.PASS


@pytest.mark.parametrize("uri", [LLAMA, "azureml://registries/azureml/models/Phi-4"])
def test_an_endpoint_of_a_model_that_azure_sells_is_not_concerned(uri: str) -> None:
    """Unless Azure itself says that it was bought in the Marketplace."""
    bought = endpoint(uri, marketplaceSubscriptionId=OFFER)

    assert judge(MONITOR, endpoint(uri)).verdict is Verdict.NOT_APPLICABLE
    assert judge(MONITOR, bought).verdict is Verdict.FAIL
    accepted = accepting("Meta", "Microsoft")
    assert judge(MONITOR, bought, parameters=accepted).verdict is Verdict.PASS


@pytest.mark.parametrize("bought", [None, "", 5, []])
def test_without_a_subscription_the_tables_count(bought: object) -> None:
    """Absent, null, empty and wrong-typed: not bought in the Marketplace."""
    judgement = judge(MONITOR, endpoint(LLAMA, marketplaceSubscriptionId=bought))

    assert judgement.verdict is Verdict.NOT_APPLICABLE


def test_fails_when_nobody_knows_whose_an_endpoint_is() -> None:
    """A registry of many publishers, and what is no registry's model."""
    for uri in ("azureml://registries/azureml/models/BAAI-bge-small-en", "mine"):
        judgement = judge(MONITOR, endpoint(uri), parameters=accepting("Microsoft"))

        assert judgement.verdict is Verdict.FAIL
        assert f"not in the table of publishers of {publishers().as_of}." in judgement.message


@pytest.mark.parametrize(
    ("uri", "note"),
    [(None, ""), ("", ""), (5, " (modelId is a number, not text, and counts as absent)")],
)
def test_fails_when_an_endpoint_names_no_model(uri: object, note: str) -> None:
    """It may be anybody's."""
    judgement = judge(MONITOR, endpoint(uri))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == f"No model is named{note}, so it counts as an offer."


# --- Marketplace subscriptions ---


def test_a_subscription_follows_its_publisher() -> None:
    """It is an offer by itself; both properties are evidence."""
    judgement = judge(MONITOR, subscription())

    assert judgement.verdict is Verdict.FAIL
    assert judgement.evidence == (
        Evidence(
            Source.MARKETPLACE_SUBSCRIPTIONS,
            "properties.marketplacePlan.publisherId",
            NOBODY,
            "cohere",
        ),
        Evidence(Source.MARKETPLACE_SUBSCRIPTIONS, "properties.modelId", NOBODY, COHERE),
    )


@pytest.mark.parametrize("name", ["cohere-inc-123", "Cohere"])
def test_a_publisher_is_accepted_by_either_of_its_names(name: str) -> None:
    """The Marketplace's and the catalog's."""
    judged = subscription("cohere-inc-123")

    assert judge(MONITOR, judged, parameters=accepting(name)).verdict is Verdict.PASS
    assert judge(MONITOR, judged, parameters=accepting("Meta")).verdict is Verdict.FAIL


@pytest.mark.parametrize("publisher", [None, "", 5])
def test_the_model_says_whose_it_is_where_the_plan_does_not(publisher: object) -> None:
    """The plan is what Azure fills in."""
    judged = subscription(publisher)

    assert judge(MONITOR, judged).verdict is Verdict.FAIL
    assert judge(MONITOR, judged, parameters=accepting("Cohere")).verdict is Verdict.PASS


def test_a_subscription_is_an_offer_whatever_azure_sells() -> None:
    """It would not be there otherwise."""
    judged = subscription("metagenai", LLAMA)

    assert judge(MONITOR, judged).verdict is Verdict.FAIL
    assert "counts as an offer" not in judge(MONITOR, judged).message


@pytest.mark.parametrize("value", [None, "", 5, "mine"])
def test_fails_when_a_subscription_names_nobody(value: object) -> None:
    """Nobody who is not known can be accepted."""
    judgement = judge(MONITOR, subscription(None, value), parameters=accepting("Cohere"))

    assert judgement.verdict is Verdict.FAIL
    assert "who publishes it is not in the table" in judgement.message


@pytest.mark.parametrize("status", ["Subscribed", "Suspended", "Unsubscribed", None])
def test_a_subscription_counts_whatever_its_status(status: object) -> None:
    """What was told was told."""
    judged = changed(subscription(), "properties.marketplaceSubscriptionStatus", status)

    assert judge(MONITOR, judged).verdict is Verdict.FAIL


# --- parameters ---


@pytest.mark.parametrize("name", ["", " ", "*", "Anthropic/claude"])
def test_what_is_no_publisher_is_refused(name: str) -> None:
    """The message shows how one is written."""
    with pytest.raises(ValidationError, match="write its whole name, without wildcards"):
        SharingParameters(publishers=(name,))


def test_evidence_says_who_is_accepted() -> None:
    """An auditor sees what was wanted."""
    judgement = judge(MONITOR, claude(), parameters=accepting("Meta", "Cohere"))

    assert judgement.evidence[0].expected == "sold by Azure, or published by one of: Meta, Cohere"


def test_applies_to_what_can_be_an_offer() -> None:
    """Read with an API that shows the publisher."""
    assert MONITOR.applies_to == (
        AppliesTo(ResourceType.SERVERLESS_ENDPOINT),
        AppliesTo(ResourceType.MARKETPLACE_SUBSCRIPTION),
        AppliesTo(ResourceType.DEPLOYMENT),
    )
    assert MONITOR.since == {
        ResourceType.SERVERLESS_ENDPOINT: "2024-04-01",
        ResourceType.MARKETPLACE_SUBSCRIPTION: "2024-04-01",
        ResourceType.DEPLOYMENT: "2024-10-01",
    }
    assert MONITOR.tables == ("publishers", "scanned_models", "sku_scopes")
