"""catalog_models.registry_approved."""

import pytest
from pydantic import ValidationError

from monitors.catalog_models.registry_approved import MONITOR, RegistryParameters
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Evidence, Judgement, Verdict
from tests.arm import (
    WORKSPACE_ID,
    batch_deployment,
    changed,
    judge,
    managed_compute_deployment,
    online_deployment,
)

PHI = "azureml://registries/azureml/models/Phi-4/versions/7"
BERT = "azureml://registries/HuggingFace/models/bert/versions/1"
LABELLED = "azureml://registries/azureml/models/Phi-4/labels/latest"
APPROVED = RegistryParameters(registries=("azureml-meta", "AzureML"))
WORDS = "azureml-meta, AzureML"
EXPECTED = f"a model of a registry among {WORDS}"


def of_model(model: object) -> tuple[Resource, ...]:
    """Return a deployment of each type that runs the model."""
    return (
        online_deployment(model),
        batch_deployment(model),
        managed_compute_deployment(model=model),
    )


@pytest.mark.parametrize("model", [PHI, PHI.upper(), PHI.lower(), LABELLED])
def test_a_model_of_an_approved_registry_passes(model: str) -> None:
    """Names are compared without regard to case, and labels count like versions."""
    for judged in of_model(model):
        assert judge(MONITOR, judged, parameters=APPROVED).verdict is Verdict.PASS


def test_says_what_was_found() -> None:
    """The message names model and registry, the evidence what was looked at."""
    assert judge(MONITOR, batch_deployment(PHI), parameters=APPROVED) == Judgement(
        Verdict.PASS,
        "Model phi-4 is of registry azureml, which is approved.",
        (Evidence(Source.BATCH_DEPLOYMENTS, "properties.model.assetId", EXPECTED, PHI),),
    )
    assert judge(MONITOR, managed_compute_deployment(model=BERT), parameters=APPROVED) == Judgement(
        Verdict.FAIL,
        f"Model bert is of registry huggingface; approved registries: {WORDS}.",
        (Evidence(Source.MANAGED_COMPUTE_DEPLOYMENTS, "properties.model", EXPECTED, BERT),),
    )


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (BERT, "Model bert is of registry huggingface"),
        (
            "azureml://registries/azureml-evil/models/Phi-4/versions/7",
            "Model phi-4 is of registry azureml-evil",
        ),
        (f"{WORKSPACE_ID}/models/phi/versions/1", "The model is no asset of a registry"),
        ("azureml:phi:1", "The model is no asset of a registry"),
        (
            "azureml://registries/azureml/environments/Phi-4/versions/7",
            "The model is no asset of a registry",
        ),
        (f"{PHI}/../../../evil/versions/1", "The model is no asset of a registry"),
        (None, "The deployment names no model"),
        (
            ["azureml"],
            "The deployment names no model ({} is a list, not text, and counts as absent)",
        ),
    ],
)
def test_any_other_model_fails(model: object, words: str) -> None:
    """Another registry, none at all, or no model: nothing that was approved."""
    for judged in of_model(model):
        judgement = judge(MONITOR, judged, parameters=APPROVED)
        name = "assetId" if judged.id.type.endswith("batchEndpoints/deployments") else "model"

        assert judgement.verdict is Verdict.FAIL
        assert judgement.message == f"{words.format(name)}; approved registries: {WORDS}."


def test_a_batch_deployment_of_a_path_fails() -> None:
    """It is of no registry."""
    judged = changed(batch_deployment(PHI), "properties.model.referenceType", "DataPath")
    judgement = judge(MONITOR, judged, parameters=APPROVED)

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message.startswith(
        "The model is a path in a datastore, no asset of a registry;"
    )


# --- parameters ---


@pytest.mark.parametrize("restricted", [(), ("azureml/Phi-4",)])
def test_without_approved_registries_nothing_is_concerned(restricted: tuple[str, ...]) -> None:
    """The default; restricted counts only beside registries."""
    parameters = RegistryParameters(restricted=restricted)

    assert MONITOR.parameters.registries == ()
    for judged in of_model(BERT):
        assert judge(MONITOR, judged, parameters=parameters) == Judgement(
            Verdict.NOT_APPLICABLE,
            "The policy names no approved registries to compare with.",
        )


@pytest.mark.parametrize(
    "entry",
    [
        "azureml/Phi-4",
        "AZUREML/phi-4",
        "azureml/Phi-*",
        "azureml/phi-?",
        "*/phi-4",
        "azureml/Phi-4/7",
        "azureml/*/7",
        " azureml / Phi-4 / * ",
    ],
)
def test_a_restricted_model_fails(entry: str) -> None:
    """By name for every version, or by version, with wildcards and in any case."""
    parameters = RegistryParameters(registries=("azureml",), restricted=("azureml/Phi-3", entry))
    written = "/".join(part.strip() for part in entry.split("/"))

    for judged in of_model(PHI):
        judgement = judge(MONITOR, judged, parameters=parameters)

        assert judgement.verdict is Verdict.FAIL
        assert judgement.message == (
            f"Model phi-4 is of registry azureml and restricted by the entry {written}."
        )


@pytest.mark.parametrize(
    "entry",
    ["azureml/Phi", "azureml/Phi-4/70", "azureml-meta/Phi-4", "azureml/Phi-4-mini", "azure*/x"],
)
def test_another_model_is_not_restricted(entry: str) -> None:
    """Parts are compared whole."""
    parameters = RegistryParameters(registries=("azureml",), restricted=(entry,))

    for judged in of_model(PHI):
        assert judge(MONITOR, judged, parameters=parameters).verdict is Verdict.PASS


def test_a_label_may_mean_the_restricted_version() -> None:
    """Which version `latest` is cannot be seen, so it fails, and the message says why."""
    parameters = RegistryParameters(registries=("azureml",), restricted=("azureml/Phi-4/3",))
    judgement = judge(MONITOR, online_deployment(LABELLED), parameters=parameters)

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        "Model phi-4 is of registry azureml and restricted by the entry azureml/Phi-4/3, and its "
        "label latest may mean any version."
    )


def test_long_lists_are_cut_in_messages() -> None:
    """The first five and how many more."""
    parameters = RegistryParameters(registries=tuple(f"r{number}" for number in range(9)))
    judgement = judge(MONITOR, online_deployment(PHI), parameters=parameters)

    assert judgement.message.endswith("approved registries: r0, r1, r2, r3, r4 and 4 more.")


@pytest.mark.parametrize(
    "parameters",
    [
        {"registries": ["azureml-*"]},
        {"registries": [""]},
        {"registries": "azureml"},
        {"registries": None},
        {"restricted": ["azureml"]},
        {"restricted": ["azureml/"]},
        {"restricted": ["a/b/c/d"]},
        {"restricted": [5]},
        {"registry": ["azureml"]},
    ],
)
def test_malformed_parameters_are_refused(parameters: dict[str, object]) -> None:
    """A policy with a name that cannot match, or a typo, does not load."""
    with pytest.raises(ValidationError):
        RegistryParameters.model_validate(parameters)


def test_the_refusal_says_how_to_write_it() -> None:
    """The message names the entry and the forms."""
    with pytest.raises(ValidationError, match="'Phi-4' is no model; write registry/name or"):
        RegistryParameters(restricted=("Phi-4",))


def test_applies_to_what_runs_a_model_of_the_catalog() -> None:
    """Deployments of accounts state a format, not a registry."""
    assert MONITOR.applies_to == (
        AppliesTo(ResourceType.ONLINE_DEPLOYMENT),
        AppliesTo(ResourceType.BATCH_DEPLOYMENT),
        AppliesTo(ResourceType.MANAGED_COMPUTE_DEPLOYMENT),
    )
