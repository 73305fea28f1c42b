"""Which models a policy approves."""

import pytest
from pydantic import ValidationError

from shared.domain.model_approval import ApprovedModels
from shared.domain.model_publisher import NO_MODEL, catalog_model, stated_model

GPT = stated_model({"format": "OpenAI", "name": "gpt-4o", "version": "2024-11-20"})
LLAMA = catalog_model("azureml://registries/azureml-meta/models/Llama-3.3-70B-Instruct/versions/4")
OWN = catalog_model("/subscriptions/s/resourceGroups/g/providers/p/workspaces/w/models/m")


@pytest.mark.parametrize("publisher", ["OpenAI", "openai", " OPENAI ", "Open-AI"])
def test_a_publisher_approves_its_models(publisher: str) -> None:
    """Case, spaces and dashes do not count; what approves is named as it is written."""
    approved = ApprovedModels(publishers=("Meta", publisher))

    assert approved.approval(GPT) == f"publisher {publisher.strip()}"


@pytest.mark.parametrize("publisher", ["Open", "OpenAI-OSS", "Meta"])
def test_a_publisher_is_compared_whole(publisher: str) -> None:
    """The beginning of a name is another publisher."""
    assert ApprovedModels(publishers=(publisher,)).approval(GPT) is None


@pytest.mark.parametrize(
    ("asset", "approves"),
    [
        ("OpenAI/gpt-4o/2024-11-20", True),
        ("openai/GPT-4O/", True),
        ("OpenAI/gpt", True),
        ("OpenAI/", True),
        ("OpenAI/gpt-4o/2024-11-20/more", False),
        ("OpenAI/gpt-4o-mini/", False),
        ("AI/gpt-4o/", False),
    ],
)
def test_an_asset_approves_what_begins_with_it(asset: str, *, approves: bool) -> None:
    """In any case, and only from the beginning."""
    found = ApprovedModels(assets=("Other/x", asset)).approval(GPT)

    assert found == (f"asset {asset}" if approves else None)


@pytest.mark.parametrize(
    ("asset", "model"),
    [
        ("azureml://registries/azureml-meta/models/Llama-", LLAMA),
        ("AZUREML://registries/azureml-META/", LLAMA),
        ("/subscriptions/s/resourcegroups/G/", OWN),
    ],
)
def test_other_models_are_approved_by_their_uri(asset: str, model: object) -> None:
    """Of a registry, or the customer's own."""
    assert model in (LLAMA, OWN)
    assert ApprovedModels(assets=(asset,)).approval(LLAMA if model is LLAMA else OWN) is not None


@pytest.mark.parametrize("way", ["../evil/models/m", "%2e%2e/evil", "..\\evil"])
def test_a_name_that_could_lead_elsewhere_begins_like_nothing(way: str) -> None:
    """Nobody climbs out of an approved registry."""
    model = catalog_model(f"azureml://registries/azureml-meta/models/{way}")

    assert ApprovedModels(assets=("azureml://registries/azureml-meta/",)).approval(model) is None


def test_nothing_approves_no_model() -> None:
    """Nor a model whose publisher nobody knows."""
    approved = ApprovedModels(publishers=("OpenAI",), assets=("OpenAI/",))

    assert approved.approval(NO_MODEL) is None
    assert approved.approval(OWN) is None


def test_knows_when_it_names_nothing() -> None:
    """Then nothing tells approved models from others."""
    assert ApprovedModels().names_nothing
    assert not ApprovedModels(publishers=("OpenAI",)).names_nothing
    assert not ApprovedModels(assets=("OpenAI/",)).names_nothing


@pytest.mark.parametrize("publisher", ["", " ", "-", "*", "Open*", "OpenAI/gpt-4o"])
def test_a_publisher_that_is_none_is_refused(publisher: str) -> None:
    """The message shows how one is written."""
    with pytest.raises(ValidationError, match="write its whole name, without wildcards: OpenAI"):
        ApprovedModels(publishers=(publisher,))


@pytest.mark.parametrize(
    "asset",
    [
        "",
        " ",
        "a",
        "/",
        "//",
        "OpenAI",
        "OpenAI/gpt-*",
        "azureml:",
        "azureml:/",
        "azureml://",
        "azureml://registries",
        "azureml://registries/",
        "azureml://registries/azureml",
        "/subscriptions/",
    ],
)
def test_an_asset_that_tells_nothing_apart_is_refused(asset: str) -> None:
    """It would approve every model of its sort; the message shows how one is written."""
    with pytest.raises(ValidationError, match="write how its name begins"):
        ApprovedModels(assets=(asset,))


@pytest.mark.parametrize(
    "asset", ["azureml:fraud:3", "azureml:/subscriptions/s/", "azureml://registries/r/", "F/n"]
)
def test_every_sort_of_asset_can_be_written(asset: str) -> None:
    """Ids, names in a workspace, registries and formats."""
    assert ApprovedModels(assets=(f" {asset} ",)).assets == (asset,)
