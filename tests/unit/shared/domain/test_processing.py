"""Areas of processing: which lies inside which."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.processing import (
    EU_MEMBERS,
    GLOBAL,
    UNKNOWN_SKU,
    UNKNOWN_ZONE,
    ProcessingScope,
    ScopeKind,
    external_publisher,
    home_at,
    locate,
)
from shared.domain.tables import data_zones, regions
from tests.arm import (
    account,
    deployment,
    managed_compute_deployment,
    serverless_endpoint,
    snapshot_of,
)


def region(name: str) -> ProcessingScope:
    """Return a region."""
    return ProcessingScope(ScopeKind.REGION, name)


def geography(name: str, home: str = "") -> ProcessingScope:
    """Return a geography, of a regional SKU if it has a home."""
    return ProcessingScope(ScopeKind.GEOGRAPHY, name, home)


def zone(name: str) -> ProcessingScope:
    """Return a data zone."""
    return ProcessingScope(ScopeKind.ZONE, name)


def external(name: str) -> ProcessingScope:
    """Return a publisher's infrastructure."""
    return ProcessingScope(ScopeKind.EXTERNAL, name)


INSIDE = [
    (region("swedencentral"), region("swedencentral")),
    (region("swedencentral"), geography("sweden")),
    (region("swedencentral"), zone("eu")),
    (region("swedencentral"), EU_MEMBERS),
    (region("swedencentral"), GLOBAL),
    (region("norwayeast"), zone("eu")),
    (region("northeurope"), zone("eu")),
    (region("westus2"), zone("us")),
    (region("atlantis"), region("atlantis")),
    (region("atlantis"), GLOBAL),
    (geography("sweden"), geography("sweden")),
    (geography("sweden"), zone("eu")),
    (geography("europe"), zone("eu")),
    (geography("europe"), EU_MEMBERS),
    (geography("unitedstates"), zone("us")),
    (geography("usgovernment"), zone("usgov")),
    (geography("japan"), GLOBAL),
    (geography("sweden", "swedencentral"), region("swedencentral")),
    (geography("unknown", "atlantis"), region("atlantis")),
    (geography("unknown", "atlantis"), GLOBAL),
    (zone("eu"), zone("eu")),
    (zone("us"), GLOBAL),
    (GLOBAL, GLOBAL),
    (external("anthropic"), external("anthropic")),
]
OUTSIDE = [
    (region("swedencentral"), region("swedensouth")),
    (region("swedencentral"), geography("norway")),
    (region("swedencentral"), zone("us")),
    (region("norwayeast"), EU_MEMBERS),
    (region("switzerlandnorth"), EU_MEMBERS),
    (region("uksouth"), zone("eu")),
    (region("atlantis"), geography("unknown")),
    (region("atlantis"), zone("unknown")),
    (region("atlantis"), EU_MEMBERS),
    (geography("sweden"), geography("norway")),
    (geography("sweden"), region("swedencentral")),
    (geography("sweden", "swedencentral"), region("swedensouth")),
    (geography("norway"), EU_MEMBERS),
    (geography("unitedkingdom"), zone("eu")),
    (geography("unknown", "atlantis"), geography("unknown")),
    (geography("unknown", "atlantis"), geography("unknown", "atlantis")),
    (geography("unknown", "atlantis"), EU_MEMBERS),
    (zone("eu"), EU_MEMBERS),
    (zone("eu"), zone("us")),
    (zone("us"), geography("unitedstates")),
    (zone("eu"), region("swedencentral")),
    (UNKNOWN_ZONE, UNKNOWN_ZONE),
    (UNKNOWN_ZONE, GLOBAL),
    (GLOBAL, zone("us")),
    (GLOBAL, geography("unitedstates")),
    (GLOBAL, region("eastus")),
    (GLOBAL, external("anthropic")),
    (external("anthropic"), external("fireworks")),
    (external("anthropic"), GLOBAL),
    (external("eu"), zone("eu")),
    (UNKNOWN_SKU, UNKNOWN_SKU),
    (UNKNOWN_SKU, GLOBAL),
]


def named(pairs: list[tuple[ProcessingScope, ProcessingScope]]) -> list[object]:
    """Return the pairs with ids for pytest."""
    return [
        pytest.param(scope, area, id=f"{number}: {scope} in {area}")
        for number, (scope, area) in enumerate(pairs)
    ]


@pytest.mark.parametrize(("scope", "area"), named(INSIDE))
def test_lies_inside(scope: ProcessingScope, area: ProcessingScope) -> None:
    """Everything in the one may be processed where the other is allowed."""
    assert scope.is_inside(area, regional_skus_stay_in_region=True)


@pytest.mark.parametrize(("scope", "area"), named(OUTSIDE))
@pytest.mark.parametrize("stays", [True, False])
def test_lies_outside(scope: ProcessingScope, area: ProcessingScope, *, stays: bool) -> None:
    """Some of the one is not allowed by the other, or nobody knows."""
    assert not scope.is_inside(area, regional_skus_stay_in_region=stays)


def test_regional_skus_can_be_taken_to_move() -> None:
    """Microsoft may move them within the geography: then no region holds them."""
    scope = geography("sweden", "swedencentral")

    assert not scope.is_inside(region("swedencentral"), regional_skus_stay_in_region=False)
    assert scope.is_inside(geography("sweden"), regional_skus_stay_in_region=False)


AREAS = [
    GLOBAL,
    EU_MEMBERS,
    UNKNOWN_SKU,
    UNKNOWN_ZONE,
    geography("unknown", "atlantis"),
    region("atlantis"),
    external("anthropic"),
    *map(zone, data_zones().zones),
    *map(region, regions().regions),
    *map(geography, regions().geographies),
]


def test_lying_inside_carries_over() -> None:
    """What lies in an area lies in everything that this lies in."""
    inside = {
        (scope, area)
        for scope, area in product(AREAS, AREAS)
        if scope.is_inside(area, regional_skus_stay_in_region=True)
    }
    broken = [
        (str(inner), str(middle), str(outer))
        for inner, middle in inside
        for outer in AREAS
        if (middle, outer) in inside and (inner, outer) not in inside
    ]

    assert broken == []


@pytest.mark.parametrize(
    ("scope", "text", "words"),
    [
        (region("swedencentral"), "region:swedencentral", "in the region swedencentral"),
        (geography("unitedstates"), "geography:unitedstates", "in the geography United States"),
        (geography("unknown"), "geography:unknown", "in the geography unknown"),
        (zone("eu"), "zone:eu", "in the data zone eu"),
        (EU_MEMBERS, "eu-members", "in member states of the European Union"),
        (GLOBAL, "global", "in any Azure region of the world"),
        (
            external("anthropic"),
            "external:anthropic",
            "on infrastructure of anthropic, outside Azure",
        ),
        (UNKNOWN_SKU, "unknown-sku", "in an unknown place"),
    ],
)
def test_an_area_has_a_text_and_words(scope: ProcessingScope, text: str, words: str) -> None:
    """As policy writes it, and as people read it."""
    assert str(scope) == text
    assert scope.words == words


@pytest.mark.parametrize("spelling", ["swedencentral", "Sweden Central", "SWEDEN CENTRAL"])
def test_a_home_is_the_same_in_every_spelling(spelling: str) -> None:
    """ARM answers with a code or a name."""
    home = home_at(spelling)

    assert home.location == "swedencentral"
    assert home.geography == geography("sweden")
    assert home.zone == zone("eu")
    assert home.regional == geography("sweden", "swedencentral")


def test_a_home_that_nobody_knows_has_no_geography_and_no_zone() -> None:
    """The location of an account can be `global`."""
    home = home_at("global")

    assert (home.geography, home.zone) == (None, None)
    assert home.regional == geography("unknown", "global")


@given(st.text())
def test_any_text_can_be_a_location(text: str) -> None:
    """No location makes it crash, and unknown ones lie in nothing known."""
    home = home_at(text)

    assert (home.geography is None) is (regions().find(text) is None)


def test_a_located_deployment_names_what_it_follows_from() -> None:
    """The account matters only where its location does."""
    judged, home = deployment(), account()
    found = locate(judged, snapshot_of(home, judged))
    worldwide = locate(deployment(sku="GlobalBatch"), snapshot_of(judged))

    assert found.scope == geography("sweden", "swedencentral")
    assert found.home == home_at("swedencentral")
    assert [(source, each.value) for source, each in found.basis] == [
        ("deployments", "Standard"),
        ("account", "swedencentral"),
    ]
    assert (worldwide.scope, worldwide.home) == (GLOBAL, None)
    assert [source for source, _ in worldwide.basis] == ["deployments"]


def test_a_serverless_endpoint_has_no_region() -> None:
    """Microsoft promises its geography only."""
    endpoint = serverless_endpoint(location="West Europe")
    unheard = serverless_endpoint(location="atlantis")

    assert locate(endpoint, snapshot_of(endpoint)).scope == geography("europe")
    assert locate(unheard, snapshot_of(unheard)).scope == geography("unknown")


@pytest.mark.parametrize("model", [None, "gpt-4o", {}, {"format": 5, "name": [], "version": {}}])
def test_a_model_of_no_sense_has_no_external_publisher(model: object) -> None:
    """A wrong type counts as absent."""
    assert external_publisher(managed_compute_deployment(model=model)) is None
