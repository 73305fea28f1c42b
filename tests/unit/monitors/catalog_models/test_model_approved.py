"""catalog_models.model_approved."""

import pytest
from pydantic import ValidationError

from monitors.catalog_models.model_approved import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.model_approval import ApprovedModels
from shared.domain.resource import Resource
from shared.domain.tables import publishers
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Evidence, Judgement, Verdict
from tests.arm import (
    ABSENT,
    changed,
    deployment,
    judge,
    managed_compute_deployment,
    online_deployment,
    serverless_endpoint,
)

WANTED = "a model of an approved publisher, or an approved asset"
LLAMA = "azureml://registries/azureml-meta/models/Llama-3.3-70B-Instruct"
MINE = (
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/ws"
    "/models/mine/versions/1"
)


def publishing(*names: str) -> ApprovedModels:
    """Return parameters that approve these publishers."""
    return ApprovedModels(publishers=names)


def assets(*beginnings: str) -> ApprovedModels:
    """Return parameters that approve these assets."""
    return ApprovedModels(assets=beginnings)


def endpoint(model_id: object) -> Resource:
    """Return a serverless endpoint of this model."""
    return serverless_endpoint(modelSettings={"modelId": model_id})


# --- deployments of accounts ---


@pytest.mark.parametrize("publisher", ["OpenAI", "openai"])
def test_passes_with_an_approved_publisher(publisher: str) -> None:
    """The format is the publisher where none is stated."""
    judgement = judge(MONITOR, deployment(), parameters=publishing("Meta", publisher))

    model = {"format": "OpenAI", "name": "gpt-4o", "version": "2024-11-20"}
    assert judgement == Judgement(
        Verdict.PASS,
        f"It runs model gpt-4o of OpenAI, which is approved: publisher {publisher}.",
        (Evidence(Source.DEPLOYMENTS, "properties.model", WANTED, model),),
    )


@pytest.mark.parametrize(
    ("publisher", "verdict"),
    [
        ("Meta", Verdict.FAIL),
        ("OpenAI", Verdict.PASS),
        (None, Verdict.PASS),
        ("", Verdict.PASS),
        (5, Verdict.PASS),
    ],
)
def test_a_stated_publisher_comes_before_the_format(publisher: object, verdict: Verdict) -> None:
    """Absent, empty and wrong-typed ones count as absent."""
    judged = deployment(model={"publisher": publisher})

    assert judge(MONITOR, judged, parameters=publishing("OpenAI")).verdict is verdict


@pytest.mark.parametrize(
    ("asset", "verdict"),
    [
        ("OpenAI/gpt-4o/2024-11-20", Verdict.PASS),
        ("openai/GPT-4O/2024", Verdict.PASS),
        ("OpenAI/gpt-4o", Verdict.PASS),
        ("OpenAI/gpt-4o-mini/", Verdict.FAIL),
        ("OpenAI/gpt-4o/2025", Verdict.FAIL),
        ("gpt-4o/2024-11-20", Verdict.FAIL),
    ],
)
def test_an_asset_is_format_name_and_version(asset: str, verdict: Verdict) -> None:
    """Compared from its beginning, in any case."""
    assert judge(MONITOR, deployment(), parameters=assets(asset)).verdict is verdict


def test_fails_with_neither() -> None:
    """The message names model and publisher."""
    judged = deployment(model={"format": "Anthropic", "name": "claude-x"})
    parameters = ApprovedModels(publishers=("OpenAI",), assets=("xAI/grok-4/",))

    judgement = judge(MONITOR, judged, parameters=parameters)

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        "It runs model claude-x of Anthropic, which is not approved: neither is the publisher "
        "Anthropic, nor the model by its own name."
    )


def test_a_missing_version_is_no_approved_one() -> None:
    """Azure chose the version, and may choose another."""
    judged = changed(deployment(), "properties.model.version", ABSENT)

    approved = judge(MONITOR, judged, parameters=assets("OpenAI/gpt-4o/"))
    pinned = judge(MONITOR, judged, parameters=assets("OpenAI/gpt-4o/2024-11-20"))

    assert (approved.verdict, pinned.verdict) == (Verdict.PASS, Verdict.FAIL)


@pytest.mark.parametrize(
    ("model", "note"),
    [
        (ABSENT, ""),
        (None, ""),
        ({}, ""),
        ({"format": "OpenAI"}, ""),
        ({"format": "OpenAI", "name": 5}, ""),
        ("gpt-4o", " (model is text, not an object, and counts as absent)"),
    ],
)
def test_fails_when_a_deployment_names_no_model(model: object, note: str) -> None:
    """What is not named is not approved."""
    judged = changed(deployment(), "properties.model", model)
    parameters = ApprovedModels(publishers=("OpenAI",), assets=("OpenAI/",))

    judgement = judge(MONITOR, judged, parameters=parameters)

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == f"No model is named{note}, so it is none that is approved."


# --- models that are named by a URI ---


def named(uri: object) -> list[tuple[Resource, Source, str]]:
    """Return a resource of each type that names this model, its source and the path."""
    return [
        (online_deployment(uri), Source.ONLINE_DEPLOYMENTS, "properties.model"),
        (
            managed_compute_deployment(model=uri),
            Source.MANAGED_COMPUTE_DEPLOYMENTS,
            "properties.model",
        ),
        (endpoint(uri), Source.SERVERLESS_ENDPOINTS, "properties.modelSettings.modelId"),
    ]


@pytest.mark.parametrize("uri", [LLAMA, f"{LLAMA}/versions/4", f"{LLAMA}/labels/latest"])
def test_a_registrys_model_is_of_the_registrys_publisher(uri: str) -> None:
    """With a version or without, as serverless endpoints name it."""
    for judged, source, path in named(uri):
        assert judge(MONITOR, judged, parameters=publishing("META")) == Judgement(
            Verdict.PASS,
            "It runs model llama-3.3-70b-instruct of registry azureml-meta, which is approved: "
            "publisher META.",
            (Evidence(source, path, WANTED, uri),),
        )
        assert judge(MONITOR, judged, parameters=publishing("OpenAI")).message == (
            "It runs model llama-3.3-70b-instruct of registry azureml-meta, which is not approved: "
            "neither is the publisher Meta, nor the model by its own name."
        )


def test_a_model_that_says_whose_it_is_in_a_registry_of_many() -> None:
    """Not everything in the registry azureml is Microsoft's."""
    phi, bge = (
        online_deployment(f"azureml://registries/azureml/models/{name}/versions/1")
        for name in ("Phi-4", "BAAI-bge-small-en")
    )

    assert judge(MONITOR, phi, parameters=publishing("Microsoft")).verdict is Verdict.PASS
    assert judge(MONITOR, bge, parameters=publishing("Microsoft")).message == (
        "It runs model baai-bge-small-en of registry azureml, which is not approved by its own "
        "name; who publishes it is not in the table of publishers of "
        f"{publishers().as_of}."
    )


@pytest.mark.parametrize(
    ("uri", "asset"),
    [
        (f"{LLAMA}/versions/4", LLAMA.upper()),
        (LLAMA, "azureml://registries/azureml-meta/"),
        (MINE, MINE.lower()),
        ("azureml:mine:3", "azureml:mine:"),
    ],
)
def test_an_asset_is_the_uri(uri: str, asset: str) -> None:
    """Of a registry, or the customer's own, from its beginning."""
    for judged, _, _ in named(uri):
        assert judge(MONITOR, judged, parameters=assets(asset)).verdict is Verdict.PASS
        assert judge(MONITOR, judged, parameters=assets(f"{asset}x")).verdict is Verdict.FAIL


def test_the_customers_own_model_has_no_publisher() -> None:
    """The message shows no id."""
    for judged, _, _ in named(MINE):
        judgement = judge(MONITOR, judged, parameters=publishing("Meta"))

        assert judgement.verdict is Verdict.FAIL
        assert judgement.message.startswith("It runs a model of no registry, which is not approved")
        assert "/subscriptions/" not in judgement.message


@pytest.mark.parametrize(
    ("uri", "note"),
    [
        (None, ""),
        ("", ""),
        ("  ", ""),
        (5, "is a number, not text, and counts as absent)"),
        ([LLAMA], "is a list, not text, and counts as absent)"),
    ],
)
def test_fails_when_no_model_is_named(uri: object, note: str) -> None:
    """A container without a model can run anything."""
    for judged, _, _ in named(uri):
        judgement = judge(MONITOR, judged, parameters=publishing("Meta"))

        assert judgement.verdict is Verdict.FAIL
        assert judgement.message.startswith("No model is named")
        assert note in judgement.message


# --- parameters ---


@pytest.mark.parametrize("judged", [deployment(), online_deployment(None), endpoint(LLAMA)])
def test_does_not_apply_without_approved_models(judged: Resource) -> None:
    """The default: nothing tells approved models from others."""
    judgement = judge(MONITOR, judged)

    assert judgement.verdict is Verdict.NOT_APPLICABLE
    assert judgement.message == (
        "The policy names neither approved publishers nor approved assets."
    )


def test_refuses_entries_that_approve_everything() -> None:
    """Wildcards and texts that tell nothing apart."""
    with pytest.raises(ValidationError, match="is no publisher"):
        ApprovedModels(publishers=("*",))
    with pytest.raises(ValidationError, match="is no asset"):
        ApprovedModels(assets=("azureml://",))


def test_applies_to_what_runs_a_model() -> None:
    """Read with an API that shows the publisher."""
    assert MONITOR.applies_to == (
        AppliesTo(ResourceType.DEPLOYMENT),
        AppliesTo(ResourceType.ONLINE_DEPLOYMENT),
        AppliesTo(ResourceType.MANAGED_COMPUTE_DEPLOYMENT),
        AppliesTo(ResourceType.SERVERLESS_ENDPOINT),
    )
    assert MONITOR.since == {
        ResourceType.DEPLOYMENT: "2024-10-01",
        ResourceType.MANAGED_COMPUTE_DEPLOYMENT: "2026-03-15-preview",
        ResourceType.SERVERLESS_ENDPOINT: "2024-04-01",
    }
    assert MONITOR.tables == ("publishers",)
