"""Which API version is asked, and how refusals are remembered."""

from datetime import timedelta

import pytest

from shared.adapters.azure.arm.api_versions import MOST_PLACES, MOST_REFUSALS, ApiVersions
from shared.adapters.azure.arm.sources import ACCOUNT_PREVIEW_KEY
from shared.domain.resource_id import ResourceId
from shared.domain.topology import ResourceType
from tests.fakes import FakeClock
from tests.records import ACCOUNT, OTHER_ACCOUNT, OTHER_SUBSCRIPTION, SUBSCRIPTION

HERE, BESIDE = ResourceId.parse(ACCOUNT), ResourceId.parse(OTHER_ACCOUNT)
ABROAD = ResourceId.parse(ACCOUNT.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION))
KEY = ResourceType.DEPLOYMENT.value


@pytest.mark.parametrize(
    ("overrides", "key", "first"),
    [
        ({}, KEY, "2026-03-01"),
        ({"Microsoft.CognitiveServices": "2026-07-01"}, KEY, "2026-07-01"),
        ({"MICROSOFT.COGNITIVESERVICES": "2025-06-01"}, KEY, "2025-06-01"),
        ({KEY: "2025-09-01", "Microsoft.CognitiveServices": "2026-07-01"}, KEY, "2025-09-01"),
        ({"Microsoft.CognitiveServices/accounts": "2025-06-01"}, KEY, "2026-03-01"),
        # What only a preview shows is wanted in a preview, until its own type says otherwise.
        ({"Microsoft.CognitiveServices": "2026-07-01"}, ACCOUNT_PREVIEW_KEY, "2026-01-15-preview"),
        (
            {"Microsoft.CognitiveServices": "2026-07-01"},
            "Microsoft.CognitiveServices/accounts/projects",
            "2026-09-15-preview",
        ),
        (
            {"Microsoft.CognitiveServices/accounts/projects": "2026-03-01"},
            "Microsoft.CognitiveServices/accounts/projects",
            "2026-03-01",
        ),
    ],
)
def test_a_type_beats_its_provider_and_the_table(
    overrides: dict[str, str], key: str, first: str
) -> None:
    """The override comes first, the table follows; each version once."""
    wanted = ApiVersions(FakeClock(), overrides).wanted(key)

    assert wanted[0] == first
    assert len(wanted) == len(set(wanted)) > 1


def test_a_refused_version_is_not_tried_again_for_an_hour() -> None:
    """In the same subscription, where the location is not known."""
    clock = FakeClock()
    versions = ApiVersions(clock)
    first, second, *_ = versions.wanted(KEY)

    versions.refuse(KEY, HERE, first)

    assert versions.to_try(KEY, HERE)[0] == second
    assert versions.to_try(KEY, BESIDE)[0] == second
    assert versions.to_try(KEY, ABROAD)[0] == first
    assert versions.to_try(ResourceType.ACCOUNT, HERE)[0] == first
    clock.advance(timedelta(hours=1))
    assert versions.to_try(KEY, HERE)[0] == first


def test_a_refusal_holds_where_the_root_lies() -> None:
    """In any subscription, and not in other regions."""
    versions = ApiVersions(FakeClock())
    first, second, *_ = versions.wanted(KEY)
    for root, location in ((HERE, "swedencentral"), (BESIDE, "westus"), (ABROAD, "swedencentral")):
        versions.learn_location(root, location)

    versions.refuse(KEY, ResourceId.parse(f"{ACCOUNT}/deployments/d"), first)

    assert versions.to_try(KEY, HERE)[0] == second
    assert versions.to_try(KEY, ABROAD)[0] == second
    assert versions.to_try(KEY, BESIDE)[0] == first


@pytest.mark.parametrize(
    ("key", "left"),
    [(KEY, 5), (ResourceType.MANAGED_COMPUTE_DEPLOYMENT.value, 0), (ACCOUNT_PREVIEW_KEY, 0)],
)
def test_when_all_are_refused_only_a_stable_type_is_asked_again(key: str, left: int) -> None:
    """What exists in previews alone is not there."""
    versions = ApiVersions(FakeClock())
    for version in versions.wanted(key):
        versions.refuse(key, HERE, version)

    assert len(versions.to_try(key, HERE)) == left


def test_the_memory_of_locations_is_bounded() -> None:
    """The root not seen for longest is forgotten."""
    versions = ApiVersions(FakeClock())
    versions.learn_location(HERE, "swedencentral")
    first = versions.wanted(KEY)[0]
    versions.refuse(KEY, HERE, first)
    for number in range(MOST_PLACES):
        versions.learn_location(ResourceId.parse(f"{ACCOUNT}{number}"), "westus")

    assert versions.to_try(KEY, HERE)[0] == first


def test_the_memory_of_refusals_is_bounded_in_number() -> None:
    """The oldest is forgotten, and its version is tried again."""
    versions = ApiVersions(FakeClock())
    first, second, *_ = versions.wanted(KEY)
    versions.refuse(KEY, HERE, first)
    for number in range(MOST_REFUSALS):
        versions.refuse(KEY, ResourceId.parse(f"/subscriptions/{number}"), first)

    assert versions.to_try(KEY, HERE)[0] == first
    assert versions.to_try(KEY, ResourceId.parse(f"/subscriptions/{number}"))[0] == second
    assert len(versions._refused) == MOST_REFUSALS  # noqa: SLF001 - what it keeps in memory


def test_the_memory_of_refusals_is_bounded_in_time() -> None:
    """One that no longer holds is not kept; one that was renewed is."""
    clock = FakeClock()
    versions = ApiVersions(clock)
    first, second, *_ = versions.wanted(KEY)
    versions.refuse(KEY, HERE, first)
    for number in range(100):
        versions.refuse(KEY, ResourceId.parse(f"/subscriptions/{number}"), first)
    clock.advance(timedelta(minutes=59))
    versions.refuse(KEY, HERE, first)
    clock.advance(timedelta(minutes=59))
    versions.refuse(KEY, ABROAD, first)

    assert versions.to_try(KEY, HERE)[0] == second
    assert len(versions._refused) == 2  # noqa: SLF001 - what it keeps in memory
