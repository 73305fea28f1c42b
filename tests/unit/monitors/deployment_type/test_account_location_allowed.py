"""deployment_type.account_location_allowed."""

import pytest
from pydantic import ValidationError

from monitors.deployment_type.account_location_allowed import MONITOR, GeographyParameters
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.tables import regions
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import ABSENT, GROUP, account, changed, hub, judge, project, resource, workspace

NORDIC = GeographyParameters(allowed=("Sweden", "norway"))
UNHEARD = f"(not in the table of regions of {regions().as_of})"


def registry(*locations: object, home: object = "swedencentral") -> Resource:
    """Return a registry of these regions."""
    return resource(
        f"{GROUP}/providers/Microsoft.MachineLearningServices/registries/reg",
        location=home,
        properties={"regionDetails": [{"location": each} for each in locations]},
    )


def spread(*names: object, home: object = "swedencentral", kind: str = "OpenAI") -> Resource:
    """Return an account of several regions."""
    further = [{"name": name, "value": 1} for name in names]
    return account(kind=kind, location=home, locations={"regions": further})


@pytest.mark.parametrize("location", ["swedencentral", "Sweden Central", "NORWAYEAST"])
def test_passes_in_an_allowed_geography(location: str) -> None:
    """In any of Azure's spellings."""
    judgement = judge(MONITOR, workspace(), parameters=NORDIC)
    placed = judge(MONITOR, account(location=location), parameters=NORDIC)

    assert judgement == Judgement(
        Verdict.PASS,
        "Data is kept in allowed geographies: in swedencentral.",
        (Evidence(Source.WORKSPACE, "location", "in one of: Sweden, norway", "swedencentral"),),
    )
    assert placed.verdict is Verdict.PASS


def test_fails_in_another_geography() -> None:
    """The message names the region and its geography."""
    judgement = judge(MONITOR, account(location="eastus"), parameters=NORDIC)

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        "Data is kept outside the allowed geographies (Sweden, norway): in eastus (United States)."
    )
    assert judgement.evidence[0] == Evidence(
        Source.ACCOUNT, "location", "in one of: Sweden, norway", "eastus"
    )


@pytest.mark.parametrize("location", ["global", "atlantis", " Global "])
@pytest.mark.parametrize("kind", ["OpenAI", "TextTranslation", "SpeechServices"])
def test_fails_where_the_table_knows_no_geography(location: str, kind: str) -> None:
    """Of every kind of account: a translator may be global."""
    judgement = judge(MONITOR, account(kind=kind, location=location), parameters=NORDIC)

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message.endswith(f": in {location} {UNHEARD}.")


@pytest.mark.parametrize("names", [("westeurope", "norwayeast"), ("Norway East", "West Europe")])
def test_fails_with_a_further_region_outside(names: tuple[str, ...]) -> None:
    """An account of several regions keeps data in each, in whatever order they stand."""
    judgement = judge(MONITOR, spread(*names), parameters=NORDIC)

    assert judgement.verdict is Verdict.FAIL
    assert "(Europe)" in judgement.message
    assert judgement.evidence[1] == Evidence(
        Source.ACCOUNT,
        "properties.locations.regions[].name",
        "in one of: Sweden, norway",
        list(names),
    )


def test_passes_with_further_regions_inside() -> None:
    """All of them are named."""
    judgement = judge(MONITOR, spread("norwayeast", "Norway West"), parameters=NORDIC)

    assert judgement.verdict is Verdict.PASS
    assert judgement.message == (
        "Data is kept in allowed geographies: in swedencentral, norwayeast, Norway West."
    )


@pytest.mark.parametrize("locations", [("swedencentral", "eastus"), ("East US", "Sweden Central")])
def test_a_registry_keeps_data_in_each_of_its_regions(locations: tuple[str, ...]) -> None:
    """One outside fails; the evidence says which there are."""
    failing = judge(MONITOR, registry(*locations), parameters=NORDIC)
    passing = judge(MONITOR, registry("norwayeast"), parameters=NORDIC)

    assert failing.verdict is Verdict.FAIL
    assert failing.evidence[1] == Evidence(
        Source.REGISTRY,
        "properties.regionDetails[].location",
        "in one of: Sweden, norway",
        list(locations),
    )
    assert passing.verdict is Verdict.PASS


def test_names_the_first_regions_that_are_outside() -> None:
    """A message does not grow with the list."""
    judgement = judge(MONITOR, registry(*["eastus"] * 9), parameters=NORDIC)

    assert judgement.message.endswith("eastus (United States) and 4 more.")


@pytest.mark.parametrize("entry", [None, "", " ", 5, ["swedencentral"]])
def test_fails_with_a_further_region_that_has_no_name(entry: object) -> None:
    """Where it is is not known."""
    for judged in (spread(entry), registry(entry)):
        judgement = judge(MONITOR, judged, parameters=NORDIC)

        assert judgement.verdict is Verdict.FAIL
        assert judgement.message.endswith(": in a region without a name.")


def test_fails_with_an_entry_that_is_no_region() -> None:
    """A list of texts is not what Azure answers."""
    judged = account(locations={"regions": ["swedencentral"]})

    assert judge(MONITOR, judged, parameters=NORDIC).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("locations", "note"),
    [
        (ABSENT, ""),
        (None, ""),
        ({}, ""),
        ({"regions": None}, ""),
        ({"regions": []}, ""),
        ({"regions": "eastus"}, " (regions is text, not a list, and counts as absent)"),
        (5, ""),
    ],
)
def test_without_further_regions_the_location_counts(locations: object, note: str) -> None:
    """Most accounts have one region; a list of the wrong type is told."""
    judged = changed(account(), "properties.locations", locations)

    assert judge(MONITOR, judged, parameters=NORDIC).message == (
        f"Data is kept in allowed geographies: in swedencentral{note}."
    )
    assert judge(MONITOR, judged, parameters=NORDIC).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("location", "note"),
    [
        (None, ""),
        ("", ""),
        (7, " (location is a number, not text, and counts as absent)"),
        ([], " (location is a list, not text, and counts as absent)"),
    ],
)
def test_unknown_when_no_location_is_stated(location: object, note: str) -> None:
    """Azure always states one, so the input does not say."""
    judgement = judge(MONITOR, spread("norwayeast", home=location), parameters=NORDIC)

    assert judgement == Judgement(
        Verdict.UNKNOWN,
        f"the resource states no location{note}",
        cause=Cause.UNDETERMINED,
    )


@pytest.mark.parametrize("judged", [account(), registry()])
def test_unknown_when_the_answer_has_no_properties(judged: Resource) -> None:
    """As `az resource list` gives it: there may be further regions; one outside fails already."""
    bare = changed(judged, "properties", ABSENT)
    outside = changed(bare, "location", "eastus")

    judgement = judge(MONITOR, bare, parameters=NORDIC)

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert judge(MONITOR, outside, parameters=NORDIC).verdict is Verdict.FAIL


def test_a_workspace_needs_no_properties() -> None:
    """It has one location."""
    bare = changed(workspace(), "properties", ABSENT)

    assert judge(MONITOR, bare, parameters=NORDIC).verdict is Verdict.PASS


def test_a_further_region_outside_fails_without_a_location() -> None:
    """What is stated counts."""
    judgement = judge(MONITOR, registry("eastus", home=None), parameters=NORDIC)

    assert judgement.verdict is Verdict.FAIL


@pytest.mark.parametrize("judged", [hub(), project(), workspace()])
def test_a_workspace_is_judged_by_its_own_location(judged: Resource) -> None:
    """Of every kind: no hub is asked."""
    assert judge(MONITOR, judged, parameters=NORDIC).verdict is Verdict.PASS
    elsewhere = changed(judged, "location", "eastus")
    assert judge(MONITOR, elsewhere, parameters=NORDIC).verdict is Verdict.FAIL


def test_does_not_apply_without_allowed_geographies() -> None:
    """The default; nothing is looked at."""
    judgement = judge(MONITOR, account(location="atlantis"))

    assert judgement.verdict is Verdict.NOT_APPLICABLE
    assert judgement.message == "The policy names no allowed geographies."


@pytest.mark.parametrize("name", ["United States", "united-states", " UNITED_STATES "])
def test_geographies_are_written_in_any_spelling(name: str) -> None:
    """As in the other controls."""
    parameters = GeographyParameters(allowed=(name,))

    assert judge(MONITOR, account(location="westus3"), parameters=parameters).verdict is (
        Verdict.PASS
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("atlantis", "'atlantis' is no geography; the geographies are Asia Pacific, "),
        ("", "'' is no geography; the geographies are Asia Pacific, "),
        ("East US", "'East US' is no geography (the region East US is in United States); the "),
    ],
)
def test_what_is_no_geography_is_refused(name: str, hint: str) -> None:
    """It could never be met; a region is told with its geography."""
    with pytest.raises(ValidationError) as refused:
        GeographyParameters(allowed=(name,))

    assert hint in str(refused.value)


def test_applies_to_everything_that_has_a_location() -> None:
    """Accounts of every kind, workspaces and registries."""
    assert MONITOR.applies_to == (
        AppliesTo(ResourceType.ACCOUNT),
        AppliesTo(ResourceType.WORKSPACE),
        AppliesTo(ResourceType.REGISTRY),
    )
    assert MONITOR.since == {ResourceType.ACCOUNT: "2022-12-01"}
    assert MONITOR.tables == ("regions",)
