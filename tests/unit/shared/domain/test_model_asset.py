"""URIs of registry assets."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.model_asset import RegistryAsset, parse_registry_asset


@pytest.mark.parametrize(
    ("uri", "asset"),
    [
        (
            "azureml://registries/azureml-meta/models/Llama-3.3-70B-Instruct/versions/4",
            RegistryAsset("azureml-meta", "models", "llama-3.3-70b-instruct", "4"),
        ),
        (
            "AZUREML://Registries/HuggingFace/Models/bert_base/Labels/Latest",
            RegistryAsset("huggingface", "models", "bert_base", "latest"),
        ),
        (
            "azureml://registries/azureml-openai-oss/deploymenttemplates/short/versions/1",
            RegistryAsset("azureml-openai-oss", "deploymenttemplates", "short", "1"),
        ),
        (
            "azureml://registries/azureml/environments/minimal/versions/2026.1",
            RegistryAsset("azureml", "environments", "minimal", "2026.1"),
        ),
    ],
)
def test_reads_assets_of_registries_in_any_case(uri: str, asset: RegistryAsset) -> None:
    """Versions and labels are alike, and all parts are in lower case."""
    assert parse_registry_asset(uri) == asset


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "azureml:/models/x/1",
        "azureml:x:1",
        "azureml://registries/r/models/m",
        "azureml://registries/r/models/m/",
        "azureml://registries/r/models/m/versions/",
        "azureml://registries/r/models/m/versions/1/",
        "azureml://registries/r/models/m/versions/1/extra",
        "azureml://registries/r/models/m/versions/1?x=1",
        "azureml://registries/r/models/../versions/1",
        "azureml://registries//models/m/versions/1",
        "azureml://registries/r/models/m/tags/1",
        "azureml://registries/r/m0dels/m/versions/1",
        "azureml://registries/r/models/m n/versions/1",
        "azureml://registries/r/models/m/versions/1\n",
        " azureml://registries/r/models/m/versions/1",
        "azureml://regi\u017ftries/r/models/m/versions/1",
        "azureml://subscriptions/s/models/m/versions/1",
        "https://registries/r/models/m/versions/1",
        "/subscriptions/s/providers/Microsoft.MachineLearningServices/workspaces/w/models/m",
    ],
)
def test_anything_else_is_no_asset_of_a_registry(uri: str) -> None:
    """A malformed URI must not be taken for a scanned model."""
    assert parse_registry_asset(uri) is None


@given(st.text() | st.text(alphabet="azureml:/registries.-_", max_size=200))
def test_any_text_is_read_or_none(text: str) -> None:
    """Nothing raises."""
    asset = parse_registry_asset(text)

    assert asset is None or text.lower().startswith("azureml://registries/")


@pytest.mark.parametrize("part", ["a", "a/", "versions/", "a.-_", "models/a/versions/"])
def test_reading_takes_linear_time(part: str) -> None:
    """A text of a million characters is refused at once."""
    text = "azureml://registries/" + part * (1_000_000 // len(part))
    started = time.perf_counter()

    assert parse_registry_asset(text) is None
    assert time.perf_counter() - started < 1
