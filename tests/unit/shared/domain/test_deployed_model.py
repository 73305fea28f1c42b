"""The model that a deployment names."""

import pytest

from shared.domain.deployed_model import DeployedModel, deployed_model
from shared.domain.model_asset import RegistryAsset
from shared.domain.resource import Resource
from shared.domain.topology import Source
from tests.arm import (
    WORKSPACE_ID,
    batch_deployment,
    changed,
    managed_compute_deployment,
    online_deployment,
)

PHI = "azureml://registries/azureml/models/Phi-4/versions/7"
STORE = f"{WORKSPACE_ID}/datastores/store"
JOB = f"{WORKSPACE_ID}/jobs/train"


@pytest.mark.parametrize(
    ("judged", "source", "path"),
    [
        (online_deployment(PHI), Source.ONLINE_DEPLOYMENTS, "properties.model"),
        (batch_deployment(PHI), Source.BATCH_DEPLOYMENTS, "properties.model.assetId"),
        (
            batch_deployment(PHI, reference_type="ID"),
            Source.BATCH_DEPLOYMENTS,
            "properties.model.assetId",
        ),
        (
            managed_compute_deployment(model=PHI),
            Source.MANAGED_COMPUTE_DEPLOYMENTS,
            "properties.model",
        ),
    ],
)
def test_finds_the_model_of_a_registry(judged: Resource, source: Source, path: str) -> None:
    """Each type of deployment names it by a property of its own."""
    assert deployed_model(judged) == DeployedModel(
        source,
        judged.text(path),
        PHI,
        RegistryAsset("azureml", "models", "phi-4", "7"),
        "Model phi-4 is of registry azureml",
    )


@pytest.mark.parametrize(
    "model",
    [
        f"{WORKSPACE_ID}/models/fraud/versions/1",
        "azureml:fraud:1",
        "azureml://datastores/store/paths/fraud",
        "azureml://registries/azureml/environments/fraud/versions/1",
        "azureml://registries/azureml/models/Phi-4",
        f" {PHI}",
    ],
)
def test_anything_else_is_no_model_of_a_registry(model: str) -> None:
    """A model of the workspace, a path, another asset, a malformed URI: its id is as it stands."""
    for judged in (online_deployment(model), batch_deployment(model)):
        found = deployed_model(judged)

        assert (found.id, found.asset) == (model, None)
        assert found.words == "The model is no asset of a registry"


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (None, "The deployment names no model"),
        ("  ", "The deployment names no model"),
        (
            7,
            "The deployment names no model (model is a number, not text, and counts as absent)",
        ),
    ],
)
def test_a_deployment_can_name_no_model(model: object, words: str) -> None:
    """Absent, blank and of the wrong type are alike."""
    found = deployed_model(online_deployment(model))

    assert (found.id, found.asset, found.words) == (None, None, words)


@pytest.mark.parametrize(
    ("stated", "whole", "words"),
    [
        (
            {"referenceType": "DataPath", "datastoreId": STORE, "path": "models/fraud"},
            f"{STORE}/models/fraud",
            "The model is a path in a datastore, no asset of a registry",
        ),
        (
            {"referenceType": "datapath", "datastoreId": f"{STORE}/", "path": "/models/fraud"},
            f"{STORE}/models/fraud",
            "The model is a path in a datastore, no asset of a registry",
        ),
        (
            {"referenceType": "OutputPath", "jobId": JOB, "path": "outputs/fraud"},
            f"{JOB}/outputs/fraud",
            "The model is a path in the output of a job, no asset of a registry",
        ),
        (
            {"referenceType": "DataPath", "path": "models/fraud", "assetId": PHI},
            None,
            "The model is a path in a datastore, no asset of a registry",
        ),
        (
            {"referenceType": "OutputPath", "jobId": JOB, "path": 5},
            None,
            "The model is a path in the output of a job, no asset of a registry",
        ),
        (
            {"referenceType": "Telepathy", "assetId": PHI},
            None,
            "The model is a reference of the type Telepathy, which is not known",
        ),
        (
            {"assetId": PHI},
            None,
            "The model states no referenceType, so what it is is not known",
        ),
        (
            {"referenceType": 1, "assetId": PHI},
            None,
            (
                "The model states no referenceType (referenceType is a number, not text, and "
                "counts as absent), so what it is is not known"
            ),
        ),
        (None, None, "The deployment names no model"),
        (
            PHI,
            None,
            "The deployment names no model (model is text, not an object, and counts as absent)",
        ),
    ],
)
def test_a_batch_deployment_can_name_a_path(stated: object, whole: str | None, words: str) -> None:
    """A path has what it lies in before it; a reference that is not understood names nothing."""
    found = deployed_model(changed(batch_deployment(), "properties.model", stated))

    assert (found.id, found.asset, found.words) == (whole, None, words)
