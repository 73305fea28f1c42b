"""Who publishes a model."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.model_publisher import NO_MODEL, catalog_model, publisher_in, stated_model
from shared.domain.tables import publishers, scanned_models

GPT = {"format": "OpenAI", "name": "gpt-4o", "version": "2024-11-20"}


def test_a_stated_model_is_of_its_publisher() -> None:
    """The publisher comes before the format; the asset is format, name and version."""
    model = stated_model({**GPT, "format": "OpenAI-OSS", "publisher": "Somebody"})

    assert model.publisher == "Somebody"
    assert model.name == "gpt-4o"
    assert model.asset == "OpenAI-OSS/gpt-4o/2024-11-20"
    assert model.words == "model gpt-4o of Somebody"


@pytest.mark.parametrize("publisher", [None, "", "  ", 5, ["Somebody"]])
def test_a_stated_model_without_a_publisher_is_of_its_format(publisher: object) -> None:
    """Absent, empty and wrong-typed publishers are none."""
    assert stated_model({**GPT, "publisher": publisher}).publisher == "OpenAI"


def test_a_stated_model_without_a_version_or_format_has_gaps_in_its_name() -> None:
    """An approved asset with a version does not cover it."""
    assert stated_model({"format": "OpenAI", "name": "gpt-4o"}).asset == "OpenAI/gpt-4o/"
    assert stated_model({"name": "gpt-4o"}).asset == "/gpt-4o/"
    assert stated_model({"name": "gpt-4o"}).words == "model gpt-4o"


@pytest.mark.parametrize("name", [None, "", " ", 4, {}])
def test_what_states_no_name_is_no_model(name: object) -> None:
    """Nothing approves it, whatever its format."""
    assert stated_model({**GPT, "name": name}) == NO_MODEL
    assert NO_MODEL.words == "no model"


@pytest.mark.parametrize(
    "uri",
    [
        "azureml://registries/azureml-cohere/models/Cohere-command-a",
        "azureml://registries/azureml-cohere/models/Cohere-command-a/",
        "azureml://registries/azureml-cohere/models/Cohere-command-a/versions/3",
        "azureml://registries/azureml-cohere/models/Cohere-command-a/labels/latest",
        "AZUREML://REGISTRIES/AZUREML-COHERE/MODELS/COHERE-COMMAND-A/VERSIONS/3",
        " azureml://registries/azureml-cohere/models/Cohere-command-a ",
    ],
)
def test_a_registrys_model_is_of_the_registrys_publisher(uri: str) -> None:
    """With a version, a label, or neither, as serverless endpoints name it."""
    model = catalog_model(uri)

    assert (model.publisher, model.name) == ("Cohere", "cohere-command-a")
    assert model.asset == uri.strip()
    assert model.words == "model cohere-command-a of registry azureml-cohere"


@pytest.mark.parametrize(
    ("name", "publisher"),
    [
        ("Phi-4", "Microsoft"),
        ("microsoft-Orca-2-7b", "Microsoft"),
        ("mistralai-Mixtral-8x7B-Instruct-v01", "Mistral AI"),
        ("BAAI-bge-small-en", ""),
        ("not-Phi-4", ""),
    ],
)
def test_the_registry_azureml_is_of_many_publishers(name: str, publisher: str) -> None:
    """Only names that say whose they are have a publisher."""
    uri = f"azureml://registries/azureml/models/{name}/versions/1"

    assert catalog_model(uri).publisher == publisher


@pytest.mark.parametrize(
    "uri",
    [
        "azureml://registries/HuggingFace/models/m/versions/1",
        "azureml://registries/azure-huggingface/models/m/versions/1",
        "azureml://registries/my-own/models/Phi-4/versions/1",
    ],
)
def test_nobody_is_known_to_publish_the_models_of_other_registries(uri: str) -> None:
    """A registry of anybody's models, and one of the customer's own."""
    assert catalog_model(uri).publisher == ""
    assert catalog_model(uri).words.startswith("model ")


@pytest.mark.parametrize(
    "uri",
    [
        "azureml://registries/azureml-meta/environments/e/versions/1",
        "azureml://registries/azureml-meta/models/",
        "azureml://registries/azureml-meta/models/../../evil/models/m",
        "azureml://registries/azureml-meta/models/m/versions/1/more",
        "https://registries/azureml-meta/models/m",
        "azureml:mine:1",
        "/subscriptions/s/resourceGroups/g/providers/p/workspaces/w/models/m/versions/1",
    ],
)
def test_what_is_no_registrys_model_has_no_publisher(uri: str) -> None:
    """It can be approved by its name only."""
    model = catalog_model(uri)

    assert (model.publisher, model.name, model.asset) == ("", "", uri)
    assert model.words == "a model of no registry"


def test_an_empty_uri_is_no_model() -> None:
    """Blanks are nothing either."""
    assert catalog_model("") == catalog_model("  ") == NO_MODEL


def test_long_names_are_cut_in_words() -> None:
    """A message does not grow with what somebody wrote."""
    assert len(stated_model({"name": "n" * 5000, "format": "f" * 5000}).words) < 200


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    """Whatever stands there, it is a model or none."""
    assert catalog_model(text).asset == text.strip()


def test_hostile_uris_take_no_time() -> None:
    """Matching does not blow up."""
    started = time.perf_counter()
    for uri in ("azureml://registries/" + "a-" * 50_000, "azureml://registries/a/models/" * 5000):
        catalog_model(uri)

    assert time.perf_counter() - started < 1


# --- the table ---


def test_registries_are_known_by_the_names_of_the_other_table() -> None:
    """Every model that Azure sells, and every partner's, has a publisher."""
    table = scanned_models()
    for names in (table.sold_by_azure, table.partners_and_community):
        for registry, patterns in names.items():
            for pattern in patterns:
                assert publisher_in(registry.lower(), pattern.lower()), (registry, pattern)


def test_partners_are_not_among_those_who_sell_nothing() -> None:
    """A publisher of both would be judged by whichever is asked first."""
    assert not set(publishers().partners) & publishers().without_offer.keys()
