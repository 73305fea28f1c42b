"""catalog_models.model_scanned."""

import pytest
from pydantic import ValidationError

from monitors.catalog_models.model_scanned import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.scanned_models import ScannedParameters
from shared.domain.tables import scanned_models
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Evidence, Judgement, Verdict
from tests.arm import (
    WORKSPACE_ID,
    batch_deployment,
    judge,
    managed_compute_deployment,
    online_deployment,
)

PHI = "azureml://registries/azureml/models/Phi-4/versions/7"
LISTED = "a model on the list of scanned models"
OF_LISTED = "absent, or of a registry on the list of scanned models"
NOT_LISTED = f"is not on the list of scanned models (table of {scanned_models().as_of})"
OWN_REGISTRY = ScannedParameters(scanned_models={"Contoso": ("Checked-*", "one.exact")})


def in_registry(registry: str, model: str) -> str:
    """Return the URI of a model."""
    return f"azureml://registries/{registry}/models/{model}/versions/1"


# --- online and batch deployments ---


@pytest.mark.parametrize(
    "model",
    [
        PHI,
        PHI.upper(),
        "azureml://registries/azureml/models/Phi-4/labels/latest",
        in_registry("azureml-deepseek", "deepseek-v3.1"),
        in_registry("AzureML-OpenAI-OSS", "GPT-OSS-120b"),
        in_registry("azure-openai", "anything-at-all"),
    ],
)
def test_online_and_batch_deployments_of_a_listed_model_pass(model: str) -> None:
    """The list names models by registry, in any case, with patterns; labels count like versions."""
    online, batch = (
        judge(MONITOR, online_deployment(model)),
        judge(MONITOR, batch_deployment(model)),
    )

    assert (online.verdict, batch.verdict) == (Verdict.PASS, Verdict.PASS)


def test_says_what_was_found() -> None:
    """The message names the model, the evidence what was looked at."""
    assert judge(MONITOR, online_deployment(PHI)) == Judgement(
        Verdict.PASS,
        "Model phi-4 is on the list of scanned models.",
        (
            Evidence(Source.ONLINE_DEPLOYMENTS, "properties.model", LISTED, PHI),
            Evidence(Source.ONLINE_DEPLOYMENTS, "properties.environmentId", OF_LISTED, None),
        ),
    )
    assert judge(MONITOR, batch_deployment(PHI)).evidence == (
        Evidence(Source.BATCH_DEPLOYMENTS, "properties.model.assetId", LISTED, PHI),
        Evidence(Source.BATCH_DEPLOYMENTS, "properties.environmentId", OF_LISTED, None),
    )


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            in_registry("HuggingFace", "bert-base"),
            (
                f"Model bert-base of registry huggingface {NOT_LISTED}: the classic Hugging Face "
                "collection: weights are pulled from the Hugging Face Hub and not tested by "
                "Microsoft."
            ),
        ),
        (
            in_registry("azureml-meta", "Meta-Llama-3.1-405B-Instruct"),
            (
                f"Model meta-llama-3.1-405b-instruct of registry azureml-meta {NOT_LISTED}: it is "
                "from partners and community, whose containers are not scanned."
            ),
        ),
        (
            in_registry("azureml", "resnet-50"),
            (
                f"Model resnet-50 of registry azureml {NOT_LISTED}: what is not listed counts as "
                "unscanned."
            ),
        ),
        (
            in_registry("contoso", "Phi-4"),
            (
                f"Model phi-4 of registry contoso {NOT_LISTED}: what is not listed counts as "
                "unscanned."
            ),
        ),
        (
            f"{WORKSPACE_ID}/models/phi/versions/1",
            "The model is no asset of a registry, and Microsoft scans no others.",
        ),
        (
            "azureml:/models/phi/1",
            "The model is no asset of a registry, and Microsoft scans no others.",
        ),
        (
            "azureml://registries/azureml/environments/Phi-4/versions/1",
            "The model is no asset of a registry, and Microsoft scans no others.",
        ),
        (
            f"{PHI}/../../../../mine/models/x/versions/1",
            "The model is no asset of a registry, and Microsoft scans no others.",
        ),
        (None, "The deployment names no model."),
    ],
)
def test_online_and_batch_deployments_of_another_model_fail(model: object, message: str) -> None:
    """What is not on the list is unscanned, and the message says what is known of it."""
    online, batch = (
        judge(MONITOR, online_deployment(model)),
        judge(MONITOR, batch_deployment(model)),
    )

    assert (online.verdict, online.message) == (Verdict.FAIL, message)
    assert (batch.verdict, batch.message) == (Verdict.FAIL, message)


def test_a_model_of_the_wrong_type_counts_as_absent() -> None:
    """The message says so."""
    judgement = judge(MONITOR, online_deployment({"assetId": PHI}))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        "The deployment names no model (model is an object, not text, and counts as absent)."
    )


@pytest.mark.parametrize(
    ("reference_type", "shown"),
    [
        ("DataPath", "DataPath"),
        ("OutputPath", "OutputPath"),
        (None, "absent"),
        (1, "absent (referenceType is a number, not text, and counts as absent)"),
    ],
)
def test_a_batch_deployment_of_a_path_fails(reference_type: object, shown: str) -> None:
    """Only a reference by id is a model of a registry, whatever else the reference holds."""
    judgement = judge(MONITOR, batch_deployment(PHI, reference_type=reference_type))
    path = "properties.model.referenceType"

    assert judgement == Judgement(
        Verdict.FAIL,
        f"The model is no asset of a registry but a reference of the type {shown}, which "
        "Microsoft has not scanned.",
        (
            Evidence(Source.BATCH_DEPLOYMENTS, path, "Id", reference_type),
            Evidence(Source.BATCH_DEPLOYMENTS, "properties.model.assetId", LISTED, PHI),
        ),
    )


def test_the_reference_type_is_read_in_any_case() -> None:
    """Azure's own spelling varies."""
    assert judge(MONITOR, batch_deployment(PHI, reference_type="ID")).verdict is Verdict.PASS


@pytest.mark.parametrize(
    "environment",
    [
        None,
        "",
        "azureml://registries/azureml/environments/foundation-model-inference/versions/3",
        "azureml://registries/AZUREML-META/environments/llama/labels/latest",
    ],
)
def test_an_environment_of_a_listed_registry_is_no_fault(environment: object) -> None:
    """It need not be set, and may be of any registry of which something is listed."""
    assert judge(MONITOR, online_deployment(environmentId=environment)).verdict is Verdict.PASS
    assert judge(MONITOR, batch_deployment(environmentId=environment)).verdict is Verdict.PASS


@pytest.mark.parametrize(
    "environment",
    [
        f"{WORKSPACE_ID}/environments/mine/versions/1",
        "azureml://registries/contoso/environments/mine/versions/1",
        "azureml://registries/HuggingFace/environments/x/versions/1",
        "azureml://registries/azureml/models/Phi-4/versions/7",
        "mcr.microsoft.com/azureml/minimal",
    ],
)
def test_an_environment_of_ones_own_makes_the_container_unscanned(environment: str) -> None:
    """The container is then the customer's, whoever published the model."""
    judgement = judge(MONITOR, online_deployment(environmentId=environment))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        "The container is the customer's: environmentId names an environment that is of no "
        "registry on the list of scanned models."
    )


def test_an_environment_of_the_wrong_type_counts_as_absent() -> None:
    """The message says so."""
    judgement = judge(MONITOR, online_deployment(environmentId=["mine"]))

    assert judgement.verdict is Verdict.PASS
    assert judgement.message == (
        "Model phi-4 is on the list of scanned models (environmentId is a list, not text, and "
        "counts as absent)."
    )


# --- managed compute ---


@pytest.mark.parametrize("sku", ["GlobalManagedCompute", "globalmanagedcompute"])
def test_a_platform_scanned_managed_compute_deployment_passes(sku: str) -> None:
    """Microsoft's SKU, a template of the model's registry, and a registry that it scans."""
    judged = managed_compute_deployment(sku=sku)
    source = Source.MANAGED_COMPUTE_DEPLOYMENTS
    body = judged.object("properties").value or {}

    assert judge(MONITOR, judged) == Judgement(
        Verdict.PASS,
        "Model gpt-oss-120b runs in a container that Microsoft builds and scans.",
        (
            Evidence(source, "sku.name", "a SKU that runs on Microsoft's own runtimes", sku),
            Evidence(
                source,
                "properties.model",
                "a model whose container Microsoft scans",
                body["model"],
            ),
            Evidence(
                source,
                "properties.deploymentTemplate",
                "a template of the model's own registry",
                body["deploymentTemplate"],
            ),
            Evidence(source, "properties.deploymentParameters", "absent", None),
        ),
    )


def of_registry(registry: str, model: str, template_registry: str | None = None) -> dict[str, str]:
    """Return the model and the template of a managed compute deployment."""
    template = f"azureml://registries/{template_registry or registry}/deploymenttemplates/t"
    return {
        "model": in_registry(registry, model),
        "deploymentTemplate": f"{template}/labels/latest",
    }


@pytest.mark.parametrize(
    "properties",
    [
        of_registry("azure-huggingface", "meta-llama--llama-3"),
        of_registry("Azure-HuggingFace", "anything", "azure-huggingface"),
        of_registry("azureml-cohere", "Cohere-rerank-v4.0-fast"),
    ],
)
@pytest.mark.parametrize("sku", ["GlobalManagedCompute", "DataZoneManagedCompute"])
def test_managed_compute_passes_on_a_scanned_path_or_with_a_listed_model(
    properties: dict[str, str], sku: str
) -> None:
    """The new Hugging Face registry is scanned as a whole there; other models must be listed."""
    assert judge(MONITOR, managed_compute_deployment(sku=sku, **properties)).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("sku", "shown"),
    [
        ("VmManagedCompute", "SKU VmManagedCompute runs a container that is the customer's own"),
        (
            "NewManagedCompute",
            "The SKU (NewManagedCompute) is not known to run on Microsoft's own runtimes",
        ),
        (None, "The SKU (absent) is not known to run on Microsoft's own runtimes"),
    ],
)
def test_managed_compute_of_another_sku_fails(sku: object, shown: str) -> None:
    """Virtual machines run the customer's container; an unknown SKU counts as unscanned."""
    judgement = judge(MONITOR, managed_compute_deployment(sku=sku))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == f"{shown}, so the container counts as unscanned."


@pytest.mark.parametrize(
    ("properties", "shown"),
    [
        (
            {"deploymentTemplate": None},
            "No deploymentTemplate is stated, and which one Azure took is hidden",
        ),
        (
            {"deploymentTemplate": 5},
            (
                "No deploymentTemplate is stated (deploymentTemplate is a number, not text, and "
                "counts as absent), and which one Azure took is hidden"
            ),
        ),
        (
            {"deploymentTemplate": "projects/p/deploymentTemplates/t/versions/2"},
            "The deployment template is the customer's own",
        ),
        (
            {"deploymentTemplate": in_registry("azureml-openai-oss", "gpt-oss-120b")},
            "The deployment template is the customer's own",
        ),
        (
            of_registry("azure-huggingface", "llama", "contoso"),
            "The deployment template is of registry contoso, not the model's own",
        ),
        (
            {"model": "projects/p/models/m/versions/1"},
            "The deployment template is of registry azureml-openai-oss, not the model's own",
        ),
        (
            of_registry("azureml-meta", "Meta-Llama-3.1-405B-Instruct"),
            (
                f"Model meta-llama-3.1-405b-instruct of registry azureml-meta {NOT_LISTED}: it is "
                "from partners and community, whose containers are not scanned"
            ),
        ),
        ({"deploymentParameters": {}}, "deploymentParameters change the container"),
    ],
)
def test_managed_compute_with_parts_of_ones_own_fails(
    properties: dict[str, object], shown: str
) -> None:
    """A template or parameters of the customer's, or a model that nobody lists, are unscanned."""
    judgement = judge(MONITOR, managed_compute_deployment(**properties))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == f"{shown}, so the container counts as unscanned."


def test_deployment_parameters_are_not_shown() -> None:
    """Their environment variables may be secret."""
    secret = {"environmentVariables": [{"name": "TOKEN", "value": "s3cret"}]}
    judgement = judge(MONITOR, managed_compute_deployment(deploymentParameters=secret))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.evidence[-1].observed == "present"
    assert "s3cret" not in repr(judgement)


def test_deployment_parameters_of_the_wrong_type_count_as_absent() -> None:
    """The message says so."""
    judgement = judge(MONITOR, managed_compute_deployment(deploymentParameters="fast"))

    assert judgement.verdict is Verdict.PASS
    assert judgement.message.endswith(
        "(deploymentParameters is text, not an object, and counts as absent)."
    )


# --- parameters ---


@pytest.mark.parametrize(
    ("model", "verdict"),
    [
        (in_registry("contoso", "checked-model"), Verdict.PASS),
        (in_registry("CONTOSO", "CHECKED-MODEL"), Verdict.PASS),
        (in_registry("contoso", "One.Exact"), Verdict.PASS),
        (in_registry("contoso", "oneXexact"), Verdict.FAIL),
        (in_registry("contoso", "unchecked-model"), Verdict.FAIL),
        (PHI, Verdict.FAIL),
    ],
)
def test_a_list_of_ones_own_replaces_the_table(model: str, verdict: Verdict) -> None:
    """Registries and patterns are compared without regard to case."""
    assert judge(MONITOR, online_deployment(model), parameters=OWN_REGISTRY).verdict is verdict


def test_the_default_list_is_what_microsoft_sells() -> None:
    """It is the data table's."""
    assert ScannedParameters().scanned_models == scanned_models().sold_by_azure
    assert MONITOR.tables == ("scanned_models",)


@pytest.mark.parametrize(
    "listed",
    [{"": ["x"]}, {"contoso": [""]}, {"contoso": "x"}, ["contoso"], {"contoso": None}],
)
def test_a_malformed_list_is_refused(listed: object) -> None:
    """A policy with an empty name or a wrong type does not load."""
    with pytest.raises(ValidationError):
        ScannedParameters.model_validate({"scanned_models": listed})


def test_applies_to_what_runs_a_models_container() -> None:
    """Online, batch and managed compute deployments run containers; the others Microsoft's own."""
    assert MONITOR.applies_to == (
        AppliesTo(ResourceType.ONLINE_DEPLOYMENT),
        AppliesTo(ResourceType.BATCH_DEPLOYMENT),
        AppliesTo(ResourceType.MANAGED_COMPUTE_DEPLOYMENT),
    )
