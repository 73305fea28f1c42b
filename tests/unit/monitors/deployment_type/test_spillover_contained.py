"""deployment_type.spillover_contained."""

import pytest

from monitors.deployment_type.spillover_contained import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.snapshot import NOT_IN_INPUT, NOT_READ, Problem, Snapshot, SourceReading
from shared.domain.tables import sku_scopes
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, UndecidableError, Verdict
from tests.arm import (
    ABSENT,
    COMPUTE_ID,
    FORBIDDEN,
    account,
    changed,
    deployment,
    judge,
    managed_compute_deployment,
    resource,
    snapshot_of,
)

NAME = "properties.spilloverDeploymentName"
WANTED = "absent, or a deployment that processes inside this one's area"
INSIDE = "processed inside this deployment's own area"
CLAUDE = {"format": "Anthropic", "name": "claude", "version": "1"}
GLM = {"format": "Fireworks", "name": "FW-GLM-5", "version": "1"}


def spilling(to: object = "overflow", *, sku: object = "ProvisionedManaged") -> Resource:
    """Return a deployment that spills over."""
    return deployment("ptu", sku=sku, spilloverDeploymentName=to)


def overflow(sku: object = "Standard", **model: object) -> Resource:
    """Return the deployment that takes what spills over."""
    return deployment("overflow", sku=sku, model=model)


def test_passes_when_the_other_processes_inside() -> None:
    """Both are bound to the geography of the account."""
    judgement = judge(MONITOR, spilling(), overflow(), account(location="Sweden Central"))

    assert judgement == Judgement(
        Verdict.PASS,
        "Requests spill over to the deployment overflow, which processes them in the geography "
        "Sweden: inside this deployment's own area, in the geography Sweden.",
        (
            Evidence(Source.DEPLOYMENTS, NAME, WANTED, "overflow"),
            Evidence(Source.DEPLOYMENTS, "overflow: sku.name", INSIDE, "Standard"),
            Evidence(Source.ACCOUNT, "location", INSIDE, "Sweden Central"),
        ),
    )


def test_fails_when_the_other_processes_further_away() -> None:
    """A global SKU takes prompts of a regional one anywhere."""
    judgement = judge(MONITOR, spilling(), overflow("GlobalStandard"), account())

    assert judgement == Judgement(
        Verdict.FAIL,
        "Requests spill over to the deployment overflow, which may process them in any Azure "
        "region of the world: outside this deployment's own area, in the geography Sweden.",
        (
            Evidence(Source.DEPLOYMENTS, NAME, WANTED, "overflow"),
            Evidence(Source.DEPLOYMENTS, "overflow: sku.name", INSIDE, "GlobalStandard"),
        ),
    )


@pytest.mark.parametrize(
    ("sku", "other", "verdict"),
    [
        ("GlobalProvisionedManaged", "GlobalStandard", Verdict.PASS),
        ("GlobalProvisionedManaged", "DataZoneStandard", Verdict.PASS),
        ("GlobalProvisionedManaged", "Standard", Verdict.PASS),
        ("DataZoneProvisionedManaged", "GlobalStandard", Verdict.FAIL),
        ("DataZoneProvisionedManaged", "DataZoneStandard", Verdict.PASS),
        ("DataZoneProvisionedManaged", "Standard", Verdict.PASS),
        ("ProvisionedManaged", "DataZoneStandard", Verdict.FAIL),
        ("provisionedmanaged", "STANDARD", Verdict.PASS),
    ],
)
def test_compares_the_areas_of_the_skus(sku: str, other: str, verdict: Verdict) -> None:
    """The region lies in the zone and the zone in the world, not the other way round."""
    judgement = judge(MONITOR, spilling(sku=sku), overflow(other), account())

    assert judgement.verdict is verdict


@pytest.mark.parametrize("order", [1, -1])
def test_finds_the_other_in_any_case_and_order(order: int) -> None:
    """Azure compares names of deployments without regard to case."""
    others = [account(), deployment("third", sku="GlobalStandard"), overflow()][::order]

    assert judge(MONITOR, spilling("OVERFLOW"), *others).verdict is Verdict.PASS


# --- nothing spills over ---


@pytest.mark.parametrize(
    ("name", "note"),
    [
        (None, ""),
        ("", ""),
        (7, " (spilloverDeploymentName is a number, not text, and counts as absent)"),
        (["x"], " (spilloverDeploymentName is a list, not text, and counts as absent)"),
    ],
)
def test_passes_when_no_other_is_named(name: object, note: str) -> None:
    """Absent: nothing spills over; nothing else is looked at."""
    unread = {Source.ACCOUNT: FORBIDDEN, Source.DEPLOYMENTS: FORBIDDEN}

    assert judge(MONITOR, spilling(name, sku="Turbo"), problems=unread) == Judgement(
        Verdict.PASS,
        f"Requests spill over to no other deployment{note}.",
        (Evidence(Source.DEPLOYMENTS, NAME, WANTED, name),),
    )


def test_unknown_when_the_answer_has_no_properties() -> None:
    """As `az resource list` gives it: a spillover may be set all the same."""
    judgement = judge(MONITOR, changed(spilling(), "properties", ABSENT), account())

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert judgement.message == "the resource is shown without its properties"


# --- the other does not exist ---


@pytest.mark.parametrize("name", ["gone", "gone/deployments/overflow", "../overflow"])
def test_fails_when_the_other_does_not_exist(name: str) -> None:
    """Whoever makes it later decides."""
    judgement = judge(MONITOR, spilling(name), overflow(), account())

    assert judgement == Judgement(
        Verdict.FAIL,
        f"Requests spill over to the deployment {name}, which does not exist in the account: "
        "whoever makes one of this name decides where they are processed.",
        (Evidence(Source.DEPLOYMENTS, NAME, WANTED, name),),
    )


def test_a_deployment_of_managed_compute_is_none_of_the_account() -> None:
    """It has a name of its own kind."""
    judgement = judge(MONITOR, spilling("gpu"), managed_compute_deployment(), account())

    assert "does not exist" in judgement.message


@pytest.mark.parametrize(
    ("problem", "cause"),
    [(FORBIDDEN, Cause.UNREADABLE), (NOT_READ, Cause.UNDETERMINED)],
)
def test_unknown_when_the_other_may_be_in_the_part_that_was_not_read(
    problem: Problem, cause: Cause
) -> None:
    """A list that failed part-way proves no absence."""
    judgement = judge(MONITOR, spilling(), account(), problems={Source.DEPLOYMENTS: problem})

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, cause)
    assert judgement.message == f"the deployments could not be read: {problem.detail}"


def test_what_was_read_counts_although_the_list_failed() -> None:
    """The other deployment is in the part that was read."""
    judgement = judge(
        MONITOR,
        spilling(),
        overflow("GlobalStandard"),
        account(),
        problems={Source.DEPLOYMENTS: FORBIDDEN},
    )

    assert judgement.verdict is Verdict.FAIL


def test_unknown_when_the_input_holds_the_deployment_alone() -> None:
    """Without the account in the input of `check`, its other deployments may be missing too."""
    judgement = judge(MONITOR, spilling(), problems={Source.ACCOUNT: NOT_IN_INPUT})

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert "may not all be in the input" in judgement.message


def test_unknown_when_the_list_is_not_complete() -> None:
    """A reading that proves no absence proves none here."""
    judged = spilling()
    whole = snapshot_of(judged, account())
    partly = SourceReading(Source.DEPLOYMENTS, (judged,), complete=False)
    snapshot = Snapshot(whole.root, {**whole.readings, Source.DEPLOYMENTS: partly})

    with pytest.raises(UndecidableError, match="may not all be in the input"):
        MONITOR.evaluate(judged, snapshot, MONITOR.parameters)


def test_a_missing_deployment_fails_although_the_account_could_not_be_read() -> None:
    """The list of deployments is complete by itself."""
    judgement = judge(MONITOR, spilling(), problems={Source.ACCOUNT: FORBIDDEN})

    assert judgement.verdict is Verdict.FAIL


# --- circles and chains ---


@pytest.mark.parametrize("sku", ["ProvisionedManaged", "Turbo"])
def test_a_deployment_that_names_itself_passes(sku: str) -> None:
    """Nothing goes anywhere else."""
    judgement = judge(MONITOR, spilling("PTU", sku=sku), problems={Source.ACCOUNT: FORBIDDEN})

    assert judgement.verdict is Verdict.PASS
    assert judgement.message == "Requests spill over to the deployment itself, so nowhere else."


def test_a_circle_ends() -> None:
    """Each is judged against the one that it names itself, so the way back out fails."""
    regional = deployment("a", spilloverDeploymentName="b")
    worldwide = deployment("b", sku="GlobalStandard", spilloverDeploymentName="a")

    assert judge(MONITOR, regional, worldwide, account()).verdict is Verdict.FAIL
    assert judge(MONITOR, worldwide, regional, account()).verdict is Verdict.PASS


def test_a_chain_is_judged_link_by_link() -> None:
    """The first two are of one area; the second fails for the third."""
    first = deployment("a", spilloverDeploymentName="b")
    second = deployment("b", spilloverDeploymentName="c")
    third = deployment("c", sku="GlobalStandard")

    assert judge(MONITOR, first, second, third, account()).verdict is Verdict.PASS
    assert judge(MONITOR, second, first, third, account()).verdict is Verdict.FAIL


# --- where nobody knows ---


@pytest.mark.parametrize("sku", ["GlobalProvisionedManaged", "ProvisionedManaged"])
@pytest.mark.parametrize("model", [CLAUDE, GLM])
def test_fails_when_the_others_publisher_serves_it_outside_azure(
    sku: str, model: dict[str, object]
) -> None:
    """Outside Azure is not even inside the world."""
    judgement = judge(MONITOR, spilling(sku=sku), overflow(**model), account())

    assert judgement.verdict is Verdict.FAIL
    assert "outside Azure" in judgement.message
    assert judgement.evidence[1].path == "overflow: properties.model.format"


def test_the_same_publishers_infrastructure_is_one_area() -> None:
    """Prompts that are with a publisher already go nowhere new."""
    judged = deployment("ptu", model=GLM, spilloverDeploymentName="overflow")

    assert judge(MONITOR, judged, overflow(**GLM)).verdict is Verdict.PASS
    assert judge(MONITOR, judged, overflow(**CLAUDE)).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("sku", "note"),
    [
        ("Turbo", f"SKU Turbo is not in the table of SKUs of {sku_scopes().as_of}"),
        (None, "it states no SKU"),
        (3, "it states no SKU (name is a number, not text, and counts as absent)"),
    ],
)
@pytest.mark.parametrize("own", ["GlobalProvisionedManaged", "ProvisionedManaged", "Turbo"])
def test_fails_when_the_others_sku_is_not_known(own: str, sku: object, note: str) -> None:
    """It lies inside nothing, and the message says why."""
    judgement = judge(MONITOR, spilling(sku=own), overflow(sku), account())

    assert judgement.verdict is Verdict.FAIL
    assert f"in an unknown place ({note}): not known to be in" in judgement.message


def test_fails_when_the_own_sku_is_not_known() -> None:
    """Nothing lies inside an area that nobody knows."""
    judgement = judge(MONITOR, spilling(sku="Turbo"), overflow(), account())

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message.endswith("this deployment's own area, in an unknown place.")


@pytest.mark.parametrize(
    ("location", "sku"), [("global", "Standard"), ("uksouth", "DataZoneStandard")]
)
def test_fails_at_a_location_that_the_tables_do_not_know(location: str, sku: str) -> None:
    """And says which location that is."""
    judgement = judge(MONITOR, spilling(), overflow(sku), account(location=location))

    assert judgement.verdict is Verdict.FAIL
    assert f"(the tables do not know it for the location {location})" in judgement.message


# --- the account is not known ---


@pytest.mark.parametrize(
    ("problem", "cause"),
    [(FORBIDDEN, Cause.UNREADABLE), (NOT_READ, Cause.UNDETERMINED)],
)
@pytest.mark.parametrize("other", ["Standard", "DataZoneStandard"])
def test_unknown_while_the_account_is(problem: Problem, cause: Cause, other: str) -> None:
    """Where both process depends on it."""
    judgement = judge(MONITOR, spilling(), overflow(other), problems={Source.ACCOUNT: problem})

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, cause)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (overflow("GlobalStandard"), "in any Azure region of the world"),
        (overflow(**CLAUDE), "on infrastructure of anthropic, outside Azure"),
        (overflow("Turbo"), "in an unknown place (SKU Turbo is not in the table"),
    ],
)
@pytest.mark.parametrize("sku", ["ProvisionedManaged", "DataZoneProvisionedManaged"])
def test_fails_without_the_account_where_that_does_not_matter(
    sku: str, other: Resource, words: str
) -> None:
    """What is bound to no account lies outside whatever area the account is in."""
    judgement = judge(MONITOR, spilling(sku=sku), other, problems={Source.ACCOUNT: FORBIDDEN})

    assert judgement.verdict is Verdict.FAIL
    assert f"which may process them {words}" in judgement.message
    assert judgement.message.endswith(
        ": outside this deployment's own area, which lies around its account."
    )


def test_passes_without_the_account_where_both_are_global() -> None:
    """The account does not matter to either."""
    judgement = judge(
        MONITOR,
        spilling(sku="GlobalProvisionedManaged"),
        overflow("GlobalStandard"),
        problems={Source.ACCOUNT: FORBIDDEN},
    )

    assert judgement.verdict is Verdict.PASS


def test_unknown_on_a_compute_that_is_not_known() -> None:
    """A SKU that is bound to a compute, where the compute is not stated."""
    judged = spilling(sku="VmManagedCompute")
    named = resource(COMPUTE_ID)

    assert judge(MONITOR, judged, overflow(), account(), named).verdict is Verdict.UNKNOWN


def test_applies_to_deployments_read_with_an_api_that_shows_spillover() -> None:
    """Older APIs do not show it."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.DEPLOYMENT),)
    assert MONITOR.since == {ResourceType.DEPLOYMENT: "2025-06-01"}
    assert MONITOR.needs == (Source.DEPLOYMENTS, Source.ACCOUNT)
    assert MONITOR.tables == ("sku_scopes", "data_zones", "regions")
