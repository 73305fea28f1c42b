"""The allowed areas of a policy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.allowed_area import FORMS, AllowedEntry, Relative
from shared.domain.processing import EU_MEMBERS, GLOBAL, ProcessingScope, ScopeKind, home_at
from shared.domain.tables import data_zones, regions


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("same-geography", Relative.SAME_GEOGRAPHY),
        ("SAME-ZONE", Relative.SAME_ZONE),
        ("global", GLOBAL),
        (" Global ", GLOBAL),
        ("EU-members", EU_MEMBERS),
        ("zone:EU", ProcessingScope(ScopeKind.ZONE, "eu")),
        ("Zone: usgov", ProcessingScope(ScopeKind.ZONE, "usgov")),
        ("region:West US", ProcessingScope(ScopeKind.REGION, "westus")),
        ("region:atlantis", ProcessingScope(ScopeKind.REGION, "atlantis")),
        ("geography:United States", ProcessingScope(ScopeKind.GEOGRAPHY, "unitedstates")),
        ("geography:united-states", ProcessingScope(ScopeKind.GEOGRAPHY, "unitedstates")),
        ("external:Anthropic", ProcessingScope(ScopeKind.EXTERNAL, "anthropic")),
    ],
)
def test_an_entry_is_read_in_any_case(text: str, meaning: ProcessingScope | Relative) -> None:
    """Case does not matter, nor do spaces, dashes and underscores in names."""
    assert AllowedEntry.parse(text) == AllowedEntry(text.strip(), meaning)


@pytest.mark.parametrize(
    "text",
    ["", "same", "samegeography", "zone", "region:", "region: - ", "region:a:b", ":eu", "world:x"],
)
def test_an_entry_of_no_form_is_refused_with_the_forms(text: str) -> None:
    """Whoever mistypes sees what could stand there."""
    with pytest.raises(ValueError, match="is no area of processing") as refused:
        AllowedEntry.parse(text)

    assert FORMS in str(refused.value)


def test_an_entry_of_a_geography_or_zone_that_does_not_exist_is_refused() -> None:
    """It could never be met; those that exist are named."""
    with pytest.raises(ValueError, match="names no geography; the geographies are Asia Pacific, "):
        AllowedEntry.parse("geography:atlantis")
    with pytest.raises(ValueError, match="names no data zone; the data zones are us, eu, apac, us"):
        AllowedEntry.parse("zone:moon")


def test_the_forms_name_every_zone() -> None:
    """The list for messages keeps up with the table."""
    assert f"zone:<{'|'.join(data_zones().zones)}>" in FORMS


def test_relative_entries_mean_the_accounts_own() -> None:
    """They follow the account, and mean nothing where that is not known."""
    here = home_at("norwayeast")
    same_geography, same_zone = map(AllowedEntry.parse, ("same-geography", "same-zone"))

    assert same_geography.resolve(here) == ProcessingScope(ScopeKind.GEOGRAPHY, "norway")
    assert same_zone.resolve(here) == ProcessingScope(ScopeKind.ZONE, "eu")
    assert same_zone.resolve(home_at("northeurope")) is None
    assert same_geography.resolve(home_at("global")) is None
    assert same_geography.resolve(None) is None


def test_other_entries_mean_the_same_everywhere() -> None:
    """An account does not change them."""
    entry = AllowedEntry.parse("zone:us")

    assert entry.resolve(home_at("swedencentral")) == entry.resolve(None) == entry.meaning


def test_every_geography_can_be_allowed_by_its_displayed_name() -> None:
    """Azure's own spelling works."""
    for key, name in regions().geographies.items():
        assert AllowedEntry.parse(f"geography:{name}").meaning == ProcessingScope(
            ScopeKind.GEOGRAPHY, key
        )


@given(st.text() | st.text(alphabet="regionzl:-_ ", max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing but ValueError, which pydantic turns into a message."""
    try:
        entry = AllowedEntry.parse(text)
    except ValueError:
        return
    assert entry.text == text.strip()
