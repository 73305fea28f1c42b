"""The data tables: they load, agree with each other, and a broken one says where."""

import json
from collections.abc import Callable
from datetime import date
from importlib import resources
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.domain.tables import (
    TABLES,
    BrokenTableError,
    Regions,
    SkuScope,
    Table,
    data_zones,
    normalised,
    parse_table,
    regions,
    scanned_models,
    sku_scopes,
    table_versions,
)

DATA = resources.files("shared.domain").joinpath("data")
# fmt: off
EU_MEMBERS = {
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
}
# fmt: on
EFTA = {"CH", "IS", "LI", "NO"}
REGION = {"name": "North", "geography": "Land", "country": "DE", "eu_member": True}


def regions_text(**changes: object) -> str:
    """Return a table of regions as JSON, with changes at its top."""
    whole = {"as_of": "2026-11-20", "sources": ["a page"], "regions": {"north": REGION}}
    return json.dumps(whole | changes)


# --- what is in them ---


def test_every_file_is_a_table_and_every_table_has_a_file() -> None:
    """No table is forgotten, and none is left behind."""
    files = {file.name for file in DATA.iterdir()}

    assert files == {f"{name}.json" for name in TABLES}


@pytest.mark.parametrize("load", TABLES.values(), ids=TABLES)
def test_a_table_states_its_date_and_sources_and_is_read_once(load: Callable[[], Table]) -> None:
    """Whoever doubts a verdict can look where the table is from."""
    table = load()

    assert table.as_of >= date(2026, 11, 20)
    assert table.sources
    assert load() is table


@pytest.mark.parametrize("load", TABLES.values(), ids=TABLES)
def test_a_table_cannot_be_changed(load: Callable[[], Table]) -> None:
    """It is shared by all evaluations."""
    with pytest.raises(ValidationError):
        load().as_of = date(2000, 1, 1)  # type: ignore[misc] # that is the point


def test_the_versions_of_tables_are_their_dates() -> None:
    """Findings carry them."""
    assert table_versions(("regions", "sku_scopes")) == {
        "regions": "2026-11-20",
        "sku_scopes": "2026-11-20",
    }
    assert table_versions(()) == {}


def test_a_table_that_does_not_exist_has_no_version() -> None:
    """A misspelt name is told with those that exist."""
    with pytest.raises(BrokenTableError, match="no table 'region'; tables are data_zones, "):
        table_versions(("region",))


def test_the_skus_are_those_of_the_pages() -> None:
    """Twelve are known, and names are found in any case."""
    by_scope = {
        scope: {name for name, found in sku_scopes().skus.items() if found is scope}
        for scope in SkuScope
    }

    assert by_scope == {
        SkuScope.GEOGRAPHY: {"Standard", "ProvisionedManaged"},
        SkuScope.ZONE: {
            "DataZoneStandard",
            "DataZoneProvisionedManaged",
            "DataZoneBatch",
            "DataZoneManagedCompute",
        },
        SkuScope.GLOBAL: {
            "GlobalStandard",
            "GlobalProvisionedManaged",
            "GlobalBatch",
            "GlobalManagedCompute",
            "DeveloperTier",
        },
        SkuScope.COMPUTE_REGION: {"VmManagedCompute"},
    }
    assert sku_scopes().by_lower_name["globalstandard"] is SkuScope.GLOBAL


@pytest.mark.parametrize(
    ("form", "name", "version", "publisher"),
    [
        ("Fireworks", "glm", "1", "fireworks"),
        ("FIREWORKS", "glm", None, "fireworks"),
        ("OpenAI", "FW-glm", "1", "fireworks"),
        ("OpenAI", "fw-glm", "1", "fireworks"),
        ("OpenAI", "glm-FW-1", "1", None),
        ("Anthropic", "claude", "1", "anthropic"),
        ("anthropic", "claude", None, "anthropic"),
        ("Anthropic", "claude", "2", None),
        ("Anthropic", "FW-claude", "2", "fireworks"),
        ("OpenAI", "gpt-4o", "1", None),
        ("", "", None, None),
    ],
)
def test_who_serves_a_model_outside_azure(
    form: str, name: str, version: str | None, publisher: str | None
) -> None:
    """Fireworks always; Anthropic unless it is the version that Azure hosts."""
    assert sku_scopes().external_publisher(form, name, version) == publisher


def test_regions_are_found_in_any_of_azures_spellings() -> None:
    """ARM answers with the programmatic or the displayed name."""
    for key, region in regions().regions.items():
        assert regions().find(key) is region
        assert regions().find(region.name) is region
        assert regions().find(region.name.upper()) is region
    assert regions().find("global") is None
    assert regions().find("") is None


def test_regions_are_consistent() -> None:
    """Keys are displayed names without spaces; membership of the EU follows from the country."""
    for key, region in regions().regions.items():
        assert key == normalised(region.name)
        assert region.eu_member is (region.country in EU_MEMBERS)
    assert len(regions().regions) >= 55


def test_geographies_of_eu_member_states_only() -> None:
    """Norway, Switzerland and the United Kingdom are not; Europe is Ireland and the Netherlands."""
    assert regions().eu_geographies == {
        normalised(name)
        for name in (
            "Austria",
            "Belgium",
            "Europe",
            "France",
            "Germany",
            "Italy",
            "Poland",
            "Spain",
            "Sweden",
        )
    }


def test_data_zones_name_regions_and_geographies_that_exist() -> None:
    """A misspelt one would belong nowhere."""
    for zone in data_zones().zones.values():
        assert zone.regions <= regions().regions.keys()
        assert zone.boundary <= regions().geographies.keys()
        for region in zone.regions:
            assert normalised(regions().regions[region].geography) in zone.boundary


def test_no_region_or_geography_lies_in_two_zones() -> None:
    """Otherwise a location would have two answers."""
    zones = data_zones().zones.values()

    assert sum(len(zone.regions) for zone in zones) == len(
        frozenset().union(*(zone.regions for zone in zones))
    )
    assert sum(len(zone.boundary) for zone in zones) == len(
        frozenset().union(*(zone.boundary for zone in zones))
    )


def test_the_eu_data_boundary_is_the_eu_and_efta() -> None:
    """Every region of such a country lies inside it, and no other."""
    for region in regions().regions.values():
        inside = normalised(region.geography) in data_zones().zones["eu"].boundary
        assert inside is (region.country in EU_MEMBERS | EFTA), region


@pytest.mark.parametrize(
    ("location", "zone"),
    [
        ("swedencentral", "eu"),
        ("Norway East", "eu"),
        ("WESTUS3", "us"),
        ("usgovarizona", "usgov"),
        ("northeurope", None),
        ("uksouth", None),
        ("japaneast", None),
        ("global", None),
    ],
)
def test_the_data_zone_of_a_location(location: str, zone: str | None) -> None:
    """A region of no zone has none, though its geography may lie inside one."""
    assert data_zones().zone_of(location) == zone


def test_scanned_models_are_not_partners_models() -> None:
    """No model is on both lists, and nothing is sold from a registry that is never scanned."""
    table = scanned_models()
    for registry, patterns in table.sold_by_azure.items():
        assert not set(patterns) & set(table.partners_and_community.get(registry, ())), registry
    assert not table.sold_by_azure.keys() & table.never.keys()
    assert "HuggingFace" in table.never


@pytest.mark.parametrize(
    ("name", "same"),
    [("West US", "westus"), ("united-states", "unitedstates"), (" UAE\tNorth ", "uaenorth")],
)
def test_names_are_normalised(name: str, same: str) -> None:
    """Case, spaces, dashes and underscores do not count."""
    assert normalised(name) == same
    assert normalised(same) == same


# --- broken ones ---


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "regions.json: file: Invalid JSON"),
        ("[]", "regions.json: file: "),
        (regions_text(as_of="soon"), "regions.json: as_of: "),
        (regions_text(sources=[]), "regions.json: sources: "),
        (regions_text(comment="?"), "regions.json: comment: Extra inputs are not permitted"),
        (
            regions_text(regions={"north": REGION | {"country": "Germany"}}),
            "regions.north.country:",
        ),
        (regions_text(regions={"north": {"name": "North"}}), "regions.north.geography: Field"),
        (regions_text(regions={"north": REGION | {"eu_member": None}}), "regions.north.eu_member:"),
    ],
)
def test_a_broken_table_says_which_file_and_field(text: str, message: str) -> None:
    """Whoever edits a table sees at once where the fault is."""
    with pytest.raises(BrokenTableError) as broken:
        parse_table("regions", text, Regions)

    assert str(broken.value).startswith("shared/domain/data/regions.json: ")
    assert message in str(broken.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"{}", "as_of: Field required"),
    ],
)
def test_a_table_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, message: str
) -> None:
    """A deployment without its data, or with damaged data, says so when it starts."""
    (tmp_path / "data").mkdir()
    if content is not None:
        (tmp_path / "data/regions.json").write_bytes(content)
    monkeypatch.setattr("shared.domain.tables.resources.files", lambda _: tmp_path)

    with pytest.raises(BrokenTableError) as broken:
        regions.__wrapped__()

    assert str(broken.value).startswith("shared/domain/data/regions.json: ")
    assert message in str(broken.value)
