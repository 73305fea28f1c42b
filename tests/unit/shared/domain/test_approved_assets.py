"""What a policy approves by name or id."""

import time

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.domain.approved_assets import ApprovedAsset, ApprovedAssets, RegistryName
from tests.arm import WORKSPACE_ID

FRAUD = f"{WORKSPACE_ID}/models/fraud"
APPROVED = ApprovedAssets((FRAUD, "azureml:churn", "azureml:spam:3"))
ASSET: TypeAdapter[str] = TypeAdapter(ApprovedAsset)
REGISTRY: TypeAdapter[str] = TypeAdapter(RegistryName)


@pytest.mark.parametrize(
    "asset",
    [
        FRAUD,
        FRAUD.upper(),
        f"  {FRAUD}  ",
        f"{FRAUD}/versions/1",
        f"{FRAUD}/versions/2".swapcase(),
        "azureml:churn:9",
        "AzureML:Churn:latest",
        "azureml:spam:3",
    ],
)
def test_covers_what_is_listed_and_what_begins_with_it(asset: str) -> None:
    """An entry approves itself and everything behind the next separator, in any case."""
    assert APPROVED.cover(asset)


@pytest.mark.parametrize(
    "asset",
    [
        "",
        "/",
        f"{FRAUD}-evil/versions/1",
        f"{WORKSPACE_ID}/models",
        f"x{FRAUD}",
        "azureml:churning:1",
        "azureml:spam:30",
        "azureml:spam:4",
        "churn",
        f"{FRAUD}/../evil/versions/1",
        f"{FRAUD}/%2e%2e/evil",
        f"{FRAUD}\\..\\evil",
        f"{FRAUD}/..",
    ],
)
def test_covers_nothing_else(asset: str) -> None:
    """Not what merely looks alike, nor what could lead out of what is approved."""
    assert not APPROVED.cover(asset)


def test_without_entries_nothing_is_covered() -> None:
    """An empty list approves nothing."""
    assert not ApprovedAssets(()).cover(FRAUD)
    assert not ApprovedAssets(()).cover("")


def test_what_could_lead_elsewhere_is_covered_as_a_whole() -> None:
    """Whoever lists it has seen it."""
    assert ApprovedAssets(("azureml:a..b",)).cover("azureml:a..b")
    assert not ApprovedAssets(("azureml:a..b",)).cover("azureml:a..b:1")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (f" {FRAUD}/ ", FRAUD),
        ("azureml:fraud:", "azureml:fraud"),
        ("azureml://datastores/x/paths/y", "azureml://datastores/x/paths/y"),
        ("mcr.microsoft.com/azureml/minimal", "mcr.microsoft.com/azureml/minimal"),
    ],
)
def test_entries_are_read_without_blanks_and_separators_at_the_end(written: str, read: str) -> None:
    """They mean the same."""
    assert ASSET.validate_python(written) == read


@pytest.mark.parametrize(
    "entry",
    ["", " ", "/", "://", "azureml", "azureml:", "azureml://", "/subscriptions/", "azureml:*", 5],
)
def test_entries_that_approve_too_much_are_refused(entry: object) -> None:
    """Each would approve nearly everything, or means nothing; the message says how to write one."""
    with pytest.raises(ValidationError):
        ASSET.validate_python(entry)


def test_the_refusal_says_how_to_write_it() -> None:
    """Entry and example are in the message."""
    with pytest.raises(ValidationError, match=r"'azureml:fraud-\*' is no asset; write its id"):
        ASSET.validate_python("azureml:fraud-*")
    with pytest.raises(ValidationError, match=r"'azureml-\*' is no name of a registry; write it"):
        REGISTRY.validate_python("azureml-*")


@pytest.mark.parametrize("name", ["azureml-meta", " HuggingFace ", "contoso_1.x"])
def test_registries_are_named_whole(name: str) -> None:
    """Blanks around a name do not matter."""
    assert REGISTRY.validate_python(name) == name.strip()


@pytest.mark.parametrize(
    "name", ["", " ", "azureml/models", "azureml://registries/azureml", "a b", "é", 5]
)
def test_what_is_no_name_of_a_registry_is_refused(name: object) -> None:
    """No path, no URI."""
    with pytest.raises(ValidationError):
        REGISTRY.validate_python(name)


def test_asking_takes_linear_time() -> None:
    """An id of a million characters is answered at once."""
    started = time.perf_counter()

    assert APPROVED.cover(f"{FRAUD}/{'a/' * 500_000}")
    assert not APPROVED.cover("/" * 1_000_000)
    assert time.perf_counter() - started < 1
