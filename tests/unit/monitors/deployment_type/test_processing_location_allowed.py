"""deployment_type.processing_location_allowed."""

import pytest
from pydantic import ValidationError

from monitors.deployment_type.processing_location_allowed import MONITOR, LocationParameters
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.snapshot import NOT_READ, Problem
from shared.domain.tables import data_zones, regions, sku_scopes
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import (
    COMPUTE_ID,
    FORBIDDEN,
    account,
    compute,
    deployment,
    judge,
    managed_compute_deployment,
    serverless_endpoint,
)

DEFAULT = "processed inside one of same-geography, same-zone"


def allowing(*entries: str, stays: bool = True) -> LocationParameters:
    """Return parameters that allow these areas."""
    return LocationParameters(allowed=entries, regional_skus_stay_in_region=stays)


# --- by SKU ---


@pytest.mark.parametrize("sku", ["Standard", "provisionedmanaged"])
def test_a_regional_sku_is_processed_in_the_accounts_geography(sku: str) -> None:
    """It passes by default, since that is the same geography."""
    judgement = judge(MONITOR, deployment(sku=sku), account(location="Sweden Central"))

    assert judgement == Judgement(
        Verdict.PASS,
        "Prompts are processed in the geography Sweden, which same-geography allows.",
        (
            Evidence(Source.DEPLOYMENTS, "sku.name", DEFAULT, sku),
            Evidence(Source.ACCOUNT, "location", DEFAULT, "Sweden Central"),
        ),
    )


def test_a_data_zone_sku_is_processed_in_the_accounts_zone() -> None:
    """It passes by default, since that is the same zone."""
    judgement = judge(MONITOR, deployment(sku="DataZoneStandard"), account(location="eastus2"))

    assert judgement.verdict is Verdict.PASS
    assert judgement.message == (
        "Prompts are processed in the data zone us, which same-zone allows."
    )


@pytest.mark.parametrize("sku", ["GlobalStandard", "GLOBALBATCH", "DeveloperTier"])
def test_a_global_sku_fails_by_default(sku: str) -> None:
    """Anywhere in the world is outside; the account is not even looked at."""
    judgement = judge(MONITOR, deployment(sku=sku), problems={Source.ACCOUNT: FORBIDDEN})

    assert judgement == Judgement(
        Verdict.FAIL,
        "Prompts may be processed in any Azure region of the world; allowed: same-geography, "
        "same-zone.",
        (Evidence(Source.DEPLOYMENTS, "sku.name", DEFAULT, sku),),
    )


@pytest.mark.parametrize(
    ("sku", "start"),
    [
        (
            "Turbo",
            (
                f"SKU Turbo is not in the table of SKUs of {sku_scopes().as_of}, so where it "
                "processes prompts is not known"
            ),
        ),
        (None, "The deployment states no SKU, so where it processes is not known"),
        (
            3,
            (
                "The deployment states no SKU (name is a number, not text, and counts as absent), "
                "so where it processes is not known"
            ),
        ),
    ],
)
def test_an_unknown_sku_fails_whatever_is_allowed(sku: object, start: str) -> None:
    """What nobody knows lies inside nothing, not even inside the world."""
    judgement = judge(
        MONITOR,
        deployment(sku=sku),
        parameters=allowing("global"),
        problems={Source.ACCOUNT: FORBIDDEN},
    )

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == f"{start}; allowed: global."


@pytest.mark.parametrize("location", ["uksouth", "northeurope", "global", "atlantis"])
def test_a_data_zone_sku_outside_any_zone_fails(location: str) -> None:
    """The zone is not known, and the message says by which table."""
    judgement = judge(
        MONITOR,
        deployment(sku="DataZoneStandard"),
        account(location=location),
        parameters=allowing("global", "zone:eu"),
    )

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        "SKU DataZoneStandard processes prompts in the account's data zone, and the table of data "
        f"zones of {data_zones().as_of} has {location} in none; allowed: global, zone:eu."
    )


@pytest.mark.parametrize("location", ["global", "atlantis"])
def test_a_regional_sku_at_a_location_that_nobody_knows_fails(location: str) -> None:
    """Its geography is not known, and the message says by which table."""
    judgement = judge(MONITOR, deployment(), account(location=location))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        f"Prompts are processed at the location {location}, which the table of regions of "
        f"{regions().as_of} does not know; allowed: same-geography (none that is known), same-zone "
        "(none that is known)."
    )


def test_a_regional_sku_at_an_unknown_location_can_be_allowed_by_name() -> None:
    """A policy may know a new region before the table does, while regional SKUs stay there."""
    verdicts = [
        judge(
            MONITOR, deployment(), account(location="Atlantis North"), parameters=parameters
        ).verdict
        for parameters in (
            allowing("region:atlantisnorth"),
            allowing("region:atlantisnorth", stays=False),
            allowing("global"),
        )
    ]

    assert verdicts == [Verdict.PASS, Verdict.FAIL, Verdict.PASS]


# --- by model ---


@pytest.mark.parametrize(
    ("model", "publisher"),
    [
        ({"format": "Fireworks", "name": "glm-5"}, "fireworks"),
        ({"format": "fireworks", "name": "glm-5"}, "fireworks"),
        ({"format": "OpenAI", "name": "FW-DeepSeek"}, "fireworks"),
        ({"format": None, "name": "fw-deepseek"}, "fireworks"),
        ({"format": "Anthropic", "name": "claude", "version": "1"}, "anthropic"),
        ({"format": "ANTHROPIC", "name": "claude", "version": None}, "anthropic"),
        ({"format": "Anthropic", "name": "claude", "version": 2}, "anthropic"),
    ],
)
@pytest.mark.parametrize("sku", ["Standard", "GlobalStandard", "Turbo"])
def test_a_model_that_its_publisher_serves_is_external_whatever_the_sku(
    model: dict[str, object], publisher: str, sku: str
) -> None:
    """It fails by default and where the world is allowed; only its own entry allows it."""
    judged = deployment(sku=sku, model=model)
    unread = {Source.ACCOUNT: FORBIDDEN}
    allowed = allowing("global", f"external:{publisher.upper()}")

    assert judge(MONITOR, judged, problems=unread).verdict is Verdict.FAIL
    assert judge(MONITOR, judged, parameters=allowing("global")).verdict is Verdict.FAIL
    assert judge(MONITOR, judged, parameters=allowed, problems=unread).message == (
        f"Prompts are processed on infrastructure of {publisher}, outside Azure, which "
        f"external:{publisher.upper()} allows."
    )


def test_says_which_model_leaves_azure() -> None:
    """Format, name and version are in the message and in the evidence."""
    judgement = judge(
        MONITOR, deployment(model={"format": "Anthropic", "name": "claude", "version": "1"})
    )

    assert judgement == Judgement(
        Verdict.FAIL,
        "Whatever the SKU, model claude (format Anthropic, version 1) is served on infrastructure "
        "of anthropic, outside Azure; allowed: same-geography, same-zone.",
        (
            Evidence(Source.DEPLOYMENTS, "properties.model.format", DEFAULT, "Anthropic"),
            Evidence(Source.DEPLOYMENTS, "properties.model.name", DEFAULT, "claude"),
            Evidence(Source.DEPLOYMENTS, "properties.model.version", DEFAULT, "1"),
        ),
    )


def test_claude_hosted_on_azure_follows_its_sku() -> None:
    """Version 2 is hosted on Azure."""
    model = {"format": "Anthropic", "name": "claude", "version": "2"}
    zonal = judge(
        MONITOR, deployment(sku="DataZoneStandard", model=model), account(location="eastus")
    )
    worldwide = judge(MONITOR, deployment(sku="GlobalStandard", model=model))

    assert zonal.verdict is Verdict.PASS
    assert worldwide.message.startswith("Prompts may be processed in any Azure region")


def test_managed_compute_has_no_external_models() -> None:
    """The model rules speak of deployments; a managed compute deployment follows its SKU."""
    judged = managed_compute_deployment(model={"format": "Fireworks"})

    assert judge(MONITOR, judged, parameters=allowing("global")).verdict is Verdict.PASS


# --- what is not known of the account ---


@pytest.mark.parametrize("sku", ["Standard", "DataZoneStandard", "VmManagedCompute"])
@pytest.mark.parametrize(
    ("problem", "cause"),
    [(FORBIDDEN, Cause.UNREADABLE), (NOT_READ, Cause.UNDETERMINED)],
)
def test_unknown_while_the_account_is(sku: str, problem: Problem, cause: Cause) -> None:
    """Where these SKUs process depends on the account."""
    judgement = judge(
        MONITOR, deployment(sku=sku, computeId=COMPUTE_ID), problems={Source.ACCOUNT: problem}
    )

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, cause)
    assert judgement.message == f"the account could not be read: {problem.detail}"


@pytest.mark.parametrize(
    ("location", "note"),
    [(None, ""), ("", ""), (7, " (location is a number, not text, and counts as absent)")],
)
def test_unknown_when_the_account_states_no_location(location: object, note: str) -> None:
    """Azure always states one, so an input without it does not say."""
    judgement = judge(MONITOR, deployment(), account(location=location))

    assert judgement == Judgement(
        Verdict.UNKNOWN,
        f"the account states no location{note}",
        cause=Cause.UNDETERMINED,
    )


# --- managed compute ---


def vm(**properties: object) -> Resource:
    """Return a deployment on virtual machines of the account's compute."""
    return managed_compute_deployment(
        sku="VmManagedCompute", **{"computeId": COMPUTE_ID, **properties}
    )


@pytest.mark.parametrize(
    ("allowed", "verdict"),
    [
        ("same-geography", Verdict.FAIL),
        ("same-zone", Verdict.PASS),
        ("region:germanywestcentral", Verdict.PASS),
        ("region:swedencentral", Verdict.FAIL),
        ("geography:germany", Verdict.PASS),
        ("zone:eu", Verdict.PASS),
        ("zone:us", Verdict.FAIL),
        ("eu-members", Verdict.PASS),
        ("global", Verdict.PASS),
    ],
)
@pytest.mark.parametrize("stays", [True, False])
def test_virtual_machines_are_in_the_region_of_their_compute(
    allowed: str, verdict: Verdict, *, stays: bool
) -> None:
    """The compute's region counts, whatever is thought of regional SKUs."""
    judgement = judge(
        MONITOR,
        vm(computeId=COMPUTE_ID.upper()),
        account(),
        compute(location="Germany West Central"),
        parameters=allowing(allowed, stays=stays),
    )

    assert judgement.verdict is verdict
    assert judgement.evidence[-1].observed == "Germany West Central"


def test_virtual_machines_in_a_region_that_nobody_knows_fail() -> None:
    """Such a region lies only in itself and in the world."""
    others = (account(), compute(location="atlantis"))
    verdicts = [
        judge(MONITOR, vm(), *others, parameters=allowing(entry)).verdict
        for entry in ("same-zone", "eu-members", "region:atlantis", "global")
    ]

    assert verdicts == [Verdict.FAIL, Verdict.FAIL, Verdict.PASS, Verdict.PASS]
    assert judge(MONITOR, vm(), *others).message.startswith(
        "Prompts are processed at the location atlantis, which the table of regions of"
    )


def test_a_compute_that_states_its_location_like_other_resources_counts() -> None:
    """Some answers have the location at the top."""
    located = compute()
    top = Resource(located.id, {**located.body, "location": "swedencentral"})

    assert judge(MONITOR, vm(), account(), top).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("judged", "others", "problems", "cause", "message"),
    [
        (
            vm(),
            (account(),),
            {Source.ACCOUNT_COMPUTES: FORBIDDEN},
            Cause.UNREADABLE,
            "the account computes could not be read: 403 Forbidden",
        ),
        (
            vm(),
            (account(),),
            {},
            Cause.UNDETERMINED,
            "the deployment's compute is not among the account's computes",
        ),
        (
            vm(computeId=account().id.text),
            (account(),),
            {},
            Cause.UNDETERMINED,
            "the deployment's compute is not among the account's computes",
        ),
        (
            vm(computeId=None),
            (account(), compute(location="swedencentral")),
            {},
            Cause.UNDETERMINED,
            "the deployment names no compute, whose region counts",
        ),
        (
            vm(),
            (account(), compute()),
            {},
            Cause.UNDETERMINED,
            "the compute states no location",
        ),
    ],
)
def test_virtual_machines_are_unknown_while_their_compute_is(
    judged: Resource,
    others: tuple[Resource, ...],
    problems: dict[Source, Problem],
    cause: Cause,
    message: str,
) -> None:
    """Without the compute's location nobody knows where they are."""
    judgement = judge(MONITOR, judged, *others, problems=problems)

    assert judgement == Judgement(Verdict.UNKNOWN, message, cause=cause)


# --- serverless endpoints ---


def test_a_serverless_endpoint_is_processed_in_the_geography_of_its_location() -> None:
    """It passes by default, and has no account to look at."""
    judgement = judge(MONITOR, serverless_endpoint(location="eastus"))

    assert judgement == Judgement(
        Verdict.PASS,
        "Prompts are processed in the geography United States, which same-geography allows.",
        (Evidence(Source.SERVERLESS_ENDPOINTS, "location", DEFAULT, "eastus"),),
    )


@pytest.mark.parametrize(
    ("allowed", "verdict"),
    [
        ("geography:unitedstates", Verdict.PASS),
        ("zone:us", Verdict.PASS),
        ("zone:eu", Verdict.FAIL),
        ("global", Verdict.PASS),
        ("region:eastus", Verdict.FAIL),
    ],
)
def test_a_serverless_endpoint_may_move_within_its_geography(
    allowed: str, verdict: Verdict
) -> None:
    """Microsoft promises its geography, and no region of it."""
    judgement = judge(MONITOR, serverless_endpoint(location="eastus"), parameters=allowing(allowed))

    assert judgement.verdict is verdict


def test_a_serverless_endpoint_without_a_known_location() -> None:
    """Absent is undetermined; a location that the table does not know fails."""
    absent = judge(MONITOR, serverless_endpoint(location=None))
    unheard = judge(MONITOR, serverless_endpoint(location="atlantis"))

    assert absent == Judgement(
        Verdict.UNKNOWN,
        "the serverless endpoint states no location",
        cause=Cause.UNDETERMINED,
    )
    assert unheard.verdict is Verdict.FAIL


# --- parameters ---


def test_says_what_is_allowed_and_what_that_means_here() -> None:
    """Relative entries are told with the area that they mean for this account."""
    judgement = judge(
        MONITOR,
        deployment(),
        account(location="uksouth"),
        parameters=allowing("zone:us", "same-zone", "eu-members", stays=False),
    )
    nothing = judge(MONITOR, deployment(), account(), parameters=allowing())

    assert judgement.message == (
        "Prompts may be processed in the geography United Kingdom; allowed: zone:us, same-zone "
        "(none that is known), eu-members."
    )
    assert nothing.message == (
        "Prompts may be processed in the geography Sweden; allowed: nothing."
    )
    assert nothing.evidence[0].expected == "processed inside one of nothing"


@pytest.mark.parametrize(
    "entry",
    ["", "everywhere", "region", "region:", "zone:moon", "geography:Atlantis", "global:x", "eu"],
)
def test_a_malformed_entry_is_refused(entry: str) -> None:
    """A typo in a policy is refused with what could stand there."""
    with pytest.raises(ValidationError) as refused:
        LocationParameters.model_validate({"allowed": ["same-zone", entry]})

    error = refused.value.errors()[0]
    assert error["loc"] == ("allowed", 1)
    assert repr(entry) in error["msg"]


def test_applies_to_deployments_and_serverless_endpoints() -> None:
    """Three types process prompts at a place that a property decides."""
    assert MONITOR.applies_to == (
        AppliesTo(ResourceType.DEPLOYMENT),
        AppliesTo(ResourceType.MANAGED_COMPUTE_DEPLOYMENT),
        AppliesTo(ResourceType.SERVERLESS_ENDPOINT),
    )
    assert MONITOR.needs == (Source.ACCOUNT, Source.ACCOUNT_COMPUTES)
    assert MONITOR.tables == ("sku_scopes", "data_zones", "regions")
