"""catalog_models.environment_approved."""

import pytest
from pydantic import ValidationError

from monitors.catalog_models.environment_approved import MONITOR, EnvironmentParameters
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import ABSENT, WORKSPACE_ID, batch_deployment, changed, judge, online_deployment

PATH = "properties.environmentId"
EXPECTED = "absent, of a registry among azureml, or on the list of environments"
BUILT_IN = "azureml://registries/azureml/environments/foundation-model-inference/versions/3"
OTHERS = "azureml://registries/contoso/environments/serving/versions/2"
OWN = f"{WORKSPACE_ID}/environments/mine/versions/1"


def both(environment: object) -> tuple[Resource, Resource]:
    """Return an online and a batch deployment of an environment."""
    return online_deployment(environmentId=environment), batch_deployment(environmentId=environment)


@pytest.mark.parametrize(
    ("environment", "note"),
    [
        (None, ""),
        ("", ""),
        (" ", ""),
        (["mine"], " (environmentId is a list, not text, and counts as absent)"),
    ],
)
def test_passes_without_an_environment(environment: object, note: str) -> None:
    """There is nothing to approve."""
    for judged in both(environment):
        judgement = judge(MONITOR, judged)

        assert judgement.verdict is Verdict.PASS
        assert judgement.message == (
            f"The deployment names no environment of its own{note}: its container comes with the "
            "model."
        )
        assert judgement.evidence[0].observed == environment


@pytest.mark.parametrize("properties", [ABSENT, None, "all"])
def test_unknown_without_any_properties(properties: object) -> None:
    """A summary says nothing of what it leaves out."""
    for judged in both(OWN):
        judgement = judge(MONITOR, changed(judged, "properties", properties))

        assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
        assert judgement.message == "the answer shows no properties of the deployment"


@pytest.mark.parametrize(
    "environment",
    [
        BUILT_IN,
        BUILT_IN.upper(),
        "azureml://registries/azureml/environments/minimal-ubuntu20.04/labels/latest",
    ],
)
def test_environments_of_microsofts_registry_pass(environment: str) -> None:
    """By version or label, in any case."""
    assert [judge(MONITOR, each).verdict for each in both(environment)] == [Verdict.PASS] * 2


def test_says_what_was_found() -> None:
    """The message names environment and registry, the evidence what was looked at."""
    assert judge(MONITOR, online_deployment(environmentId=BUILT_IN)) == Judgement(
        Verdict.PASS,
        "Environment foundation-model-inference of registry azureml is approved with its registry.",
        (Evidence(Source.ONLINE_DEPLOYMENTS, PATH, EXPECTED, BUILT_IN),),
    )
    assert judge(MONITOR, batch_deployment(environmentId=OTHERS)) == Judgement(
        Verdict.FAIL,
        "Environment serving of registry contoso is not approved, so the container is the "
        "customer's, whoever published the model; approved registries: azureml.",
        (Evidence(Source.BATCH_DEPLOYMENTS, PATH, EXPECTED, OTHERS),),
    )


@pytest.mark.parametrize(
    "environment",
    [
        OWN,
        "azureml:mine:1",
        "mcr.microsoft.com/azureml/minimal",
        "azureml://registries/azureml/models/Phi-4/versions/7",
        "azureml://registries/azureml/environments/minimal",
        f"{BUILT_IN}/../../../evil/versions/1",
        f"{WORKSPACE_ID}/environments/AzureML-sklearn-1.0/versions/1",
    ],
)
def test_environments_of_no_registry_fail(environment: str) -> None:
    """One's own, an image, another asset, a malformed URI."""
    for judged in both(environment):
        judgement = judge(MONITOR, judged)

        assert judgement.verdict is Verdict.FAIL
        assert judgement.message == (
            "The environment, which is of no registry, is not approved, so the container is the "
            "customer's, whoever published the model; approved registries: azureml."
        )


# --- parameters ---


@pytest.mark.parametrize(
    ("registries", "environment", "verdict"),
    [
        (("azureml", " Contoso "), OTHERS, Verdict.PASS),
        (("azureml", "contoso-2"), OTHERS, Verdict.FAIL),
        (("contoso",), BUILT_IN, Verdict.FAIL),
        ((), BUILT_IN, Verdict.FAIL),
        ((), None, Verdict.PASS),
    ],
)
def test_registries_are_approved_by_name(
    registries: tuple[str, ...], environment: object, verdict: Verdict
) -> None:
    """Whole names, in any case; the list replaces the default."""
    parameters = EnvironmentParameters.model_validate({"registries": registries})

    for judged in both(environment):
        assert judge(MONITOR, judged, parameters=parameters).verdict is verdict


def test_says_when_no_registry_is_approved() -> None:
    """The message names none."""
    judgement = judge(
        MONITOR,
        online_deployment(environmentId=BUILT_IN),
        parameters=EnvironmentParameters(registries=()),
    )

    assert judgement.message.endswith("; approved registries: none.")


@pytest.mark.parametrize(
    ("entry", "environment", "verdict"),
    [
        (OWN, OWN, Verdict.PASS),
        (OWN.upper(), OWN, Verdict.PASS),
        (f"{WORKSPACE_ID}/environments/mine", OWN, Verdict.PASS),
        (OWN, OWN.replace("/1", "/2"), Verdict.FAIL),
        (f"{WORKSPACE_ID}/environments/mi", OWN, Verdict.FAIL),
        ("azureml://registries/contoso/environments/serving", OTHERS, Verdict.PASS),
        ("azureml://registries/contoso/environments/serving/versions/1", OTHERS, Verdict.FAIL),
    ],
)
def test_single_environments_are_approved_by_id(
    entry: str, environment: str, verdict: Verdict
) -> None:
    """The whole id or its beginning up to a separator."""
    parameters = EnvironmentParameters(environments=(entry,))

    for judged in both(environment):
        assert judge(MONITOR, judged, parameters=parameters).verdict is verdict


def test_says_that_it_is_listed() -> None:
    """The message says by what it is approved."""
    judgement = judge(
        MONITOR,
        online_deployment(environmentId=OWN),
        parameters=EnvironmentParameters(environments=(OWN,)),
    )

    assert judgement.message == (
        "The environment, which is of no registry, is on the list of approved environments."
    )


@pytest.mark.parametrize(
    "parameters",
    [
        {"registries": ["azure*"]},
        {"registries": [""]},
        {"registries": None},
        {"environments": ["mine"]},
        {"environments": ["/"]},
        {"environment": [OWN]},
    ],
)
def test_malformed_parameters_are_refused(parameters: dict[str, object]) -> None:
    """What would approve too much, or nothing, does not load."""
    with pytest.raises(ValidationError):
        EnvironmentParameters.model_validate(parameters)


def test_applies_to_deployments_of_workspaces() -> None:
    """Managed compute has templates instead."""
    assert MONITOR.applies_to == (
        AppliesTo(ResourceType.ONLINE_DEPLOYMENT),
        AppliesTo(ResourceType.BATCH_DEPLOYMENT),
    )
    assert MONITOR.parameters.registries == ("azureml",)
    assert MONITOR.parameters.environments == ()
