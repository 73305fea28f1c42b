"""catalog_models.origin_known."""

import pytest
from pydantic import ValidationError

from monitors.catalog_models.origin_known import MONITOR, OriginParameters
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Evidence, Judgement, Verdict
from tests.arm import WORKSPACE_ID, batch_deployment, changed, judge, online_deployment

PHI = "azureml://registries/azureml/models/Phi-4/versions/7"
FRAUD = f"{WORKSPACE_ID}/models/fraud"
STORE = f"{WORKSPACE_ID}/datastores/store"
EXPECTED = "a model on the list of approved assets"
LISTED = OriginParameters(
    approved_assets=(f"{FRAUD}/versions/3", "azureml:churn", f"{STORE}/models/spam")
)


def of_path(path: object, **stated: object) -> Resource:
    """Return a batch deployment of a path."""
    model = {"referenceType": "DataPath", "datastoreId": STORE, "path": path, **stated}
    return changed(batch_deployment(), "properties.model", model)


@pytest.mark.parametrize(
    "model", [PHI, PHI.upper(), "azureml://registries/contoso/models/x/labels/latest"]
)
def test_a_model_of_a_registry_is_not_concerned(model: str) -> None:
    """The registry says where it is from; the message says who judges it."""
    for judged in (online_deployment(model), batch_deployment(model)):
        judgement = judge(MONITOR, judged, parameters=LISTED)

        assert judgement.verdict is Verdict.NOT_APPLICABLE
        assert judgement.message.endswith(
            ", which says where it is from; registries and publishers are approved by other "
            "controls."
        )
    assert judge(MONITOR, online_deployment(PHI)).message.startswith(
        "Model phi-4 is of registry azureml,"
    )


@pytest.mark.parametrize(
    "model", [f"{FRAUD}/versions/3", f"{FRAUD}/versions/3".upper(), "azureml:churn:12"]
)
def test_a_listed_model_passes(model: str) -> None:
    """By its whole id or what it begins with, in any case."""
    for judged in (online_deployment(model), batch_deployment(model)):
        assert judge(MONITOR, judged, parameters=LISTED).verdict is Verdict.PASS
    assert judge(MONITOR, online_deployment(model), parameters=LISTED) == Judgement(
        Verdict.PASS,
        "The model is on the list of approved assets.",
        (Evidence(Source.ONLINE_DEPLOYMENTS, "properties.model", EXPECTED, model),),
    )


@pytest.mark.parametrize(
    "model",
    [
        f"{FRAUD}/versions/4",
        f"{FRAUD}/versions/30",
        f"{FRAUD}/versions/3/../4",
        "azureml:churn-evil:1",
        "azureml://datastores/store/paths/fraud",
        "azureml://registries/azureml/models/Phi-4",
        "azureml://registries/azureml/environments/Phi-4/versions/7",
        "https://example.com/model.bin",
    ],
)
def test_any_other_model_fails(model: str) -> None:
    """Another version, a path, a malformed URI of a registry: nobody has said where it is from."""
    for judged in (online_deployment(model), batch_deployment(model)):
        assert judge(MONITOR, judged, parameters=LISTED).verdict is Verdict.FAIL
    assert judge(MONITOR, batch_deployment(model), parameters=LISTED) == Judgement(
        Verdict.FAIL,
        "The model is no asset of a registry and not on the list of approved assets: nobody says "
        "where it is from.",
        (Evidence(Source.BATCH_DEPLOYMENTS, "properties.model.assetId", EXPECTED, model),),
    )


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (None, "The deployment names no model"),
        ("", "The deployment names no model"),
        (
            {"path": "x"},
            "The deployment names no model (model is an object, not text, and counts as absent)",
        ),
    ],
)
def test_a_deployment_without_a_model_fails(model: object, words: str) -> None:
    """What its container runs is hidden."""
    judgement = judge(MONITOR, online_deployment(model), parameters=LISTED)

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == f"{words}: nobody says where it is from."


@pytest.mark.parametrize(
    ("judged", "verdict"),
    [
        (of_path("models/spam"), Verdict.PASS),
        (of_path("/Models/Spam/weights.bin"), Verdict.PASS),
        (of_path("models/spam2"), Verdict.FAIL),
        (of_path("models/spam/../evil"), Verdict.FAIL),
        (of_path(None), Verdict.FAIL),
        (of_path("models/spam", datastoreId=f"{WORKSPACE_ID}/datastores/evil"), Verdict.FAIL),
        (of_path("models/spam", datastoreId=None), Verdict.FAIL),
        (of_path("models/spam", referenceType="OutputPath"), Verdict.FAIL),
        (of_path("models/spam", referenceType="OutputPath", jobId=STORE), Verdict.PASS),
        (of_path("models/spam", referenceType="Telepathy"), Verdict.FAIL),
        (of_path("models/spam", referenceType=None), Verdict.FAIL),
        (of_path(None, referenceType=None, assetId=PHI), Verdict.FAIL),
    ],
)
def test_a_path_is_listed_with_what_it_lies_in(judged: Resource, verdict: Verdict) -> None:
    """The id of the datastore or job, and the path."""
    assert judge(MONITOR, judged, parameters=LISTED).verdict is verdict


def test_nothing_is_listed_by_default() -> None:
    """Every model that is of no registry fails until somebody lists it."""
    assert MONITOR.parameters.approved_assets == ()
    assert judge(MONITOR, online_deployment("azureml:churn:1")).verdict is Verdict.FAIL


def test_a_tag_approves_nothing() -> None:
    """Whoever can write the deployment could set it."""
    judged = changed(online_deployment("azureml:x:1"), "tags", {"approved": "true"})

    assert judge(MONITOR, judged).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    "parameters",
    [
        {"approved_assets": [""]},
        {"approved_assets": ["azureml:*"]},
        {"approved_assets": ["fraud"]},
        {"approved_assets": "azureml:fraud"},
        {"assets": ["azureml:fraud"]},
    ],
)
def test_malformed_parameters_are_refused(parameters: dict[str, object]) -> None:
    """What would approve too much, or nothing, does not load."""
    with pytest.raises(ValidationError):
        OriginParameters.model_validate(parameters)


def test_applies_to_deployments_of_workspaces() -> None:
    """Managed compute of an account takes models of registries only."""
    assert MONITOR.applies_to == (
        AppliesTo(ResourceType.ONLINE_DEPLOYMENT),
        AppliesTo(ResourceType.BATCH_DEPLOYMENT),
    )
