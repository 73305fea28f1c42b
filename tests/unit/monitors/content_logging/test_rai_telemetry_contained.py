"""content_logging.rai_telemetry_contained."""

import pytest

from monitors.content_logging.rai_telemetry_contained import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import ABSENT, FORBIDDEN, GROUP, account, changed, judge, resource

CONFIG = "properties.raiMonitorConfig"
PATH = f"{CONFIG}.adxStorageResourceId"
STORE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/telemetry"
CLUSTER = f"{GROUP}/providers/Microsoft.Kusto/clusters/telemetry"
ELSEWHERE = STORE.replace("-000000000001", "-000000000009")


def writing_to(store: object, location: object = "swedencentral") -> Resource:
    """Return an account whose telemetry goes to a store."""
    return account(location=location, raiMonitorConfig={"adxStorageResourceId": store})


def store_in(location: object, store: str = STORE) -> Resource:
    """Return the store."""
    return resource(store, location=location)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (None, "raiMonitorConfig is absent"),
        ("on", "raiMonitorConfig is absent (raiMonitorConfig is text, not an object, and counts"),
        ({}, "raiMonitorConfig names no store"),
        ({"adxStorageResourceId": None}, "raiMonitorConfig names no store"),
    ],
)
def test_passes_when_nothing_is_written(config: object, words: str) -> None:
    """Without a store, telemetry is written nowhere."""
    judgement = judge(MONITOR, account(raiMonitorConfig=config))

    assert judgement.verdict is Verdict.PASS
    assert judgement.message.startswith(
        f"No telemetry on abusive users is written anywhere: {words}"
    )
    assert judgement.evidence[0].path == CONFIG


@pytest.mark.parametrize("location", ["swedencentral", "Sweden Central", "SWEDENSOUTH"])
@pytest.mark.parametrize("store", [STORE, STORE.upper(), f"{STORE}/blobServices/default"])
def test_passes_when_the_store_is_close_by(location: str, store: str) -> None:
    """In the account's subscription and geography, its id and location in any spelling."""
    judgement = judge(MONITOR, writing_to(store), store_in(location))

    assert judgement.verdict is Verdict.PASS
    assert judgement.evidence[0] == Evidence(
        Source.ACCOUNT, PATH, "a store in the account's subscription and geography", store
    )


def test_a_database_lies_where_its_cluster_does() -> None:
    """The store can be a database of Azure Data Explorer."""
    judged = writing_to(f"{CLUSTER}/databases/abuse")

    assert judge(MONITOR, judged, store_in("swedencentral", CLUSTER)).verdict is Verdict.PASS
    assert judge(MONITOR, judged, store_in("eastus", CLUSTER)).verdict is Verdict.FAIL


def test_fails_in_another_subscription() -> None:
    """Wherever the store lies, and whether it can be read or not."""
    judgement = judge(MONITOR, writing_to(ELSEWHERE), problems={Source.REFERENCED: FORBIDDEN})

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        "Telemetry on abusive users goes to a store in another subscription than the account's."
    )


def test_fails_in_another_geography() -> None:
    """The European data zone is no geography."""
    judgement = judge(MONITOR, writing_to(STORE), store_in("France Central"))

    assert judgement == Judgement(
        Verdict.FAIL,
        "Telemetry on abusive users leaves the account's geography: the store is in "
        "francecentral, the account in swedencentral.",
        (
            Evidence(
                Source.ACCOUNT, PATH, "a store in the account's subscription and geography", STORE
            ),
            Evidence(Source.ACCOUNT, "location", "a known region", "swedencentral"),
            Evidence(
                Source.REFERENCED, "location", "in the geography of the account", "France Central"
            ),
        ),
    )


@pytest.mark.parametrize(
    ("here", "there", "whose"),
    [
        ("swedencentral", "atlantis", "store, atlantis"),
        ("Atlantis North", "swedencentral", "account, atlantisnorth"),
        ("global", "global", "account, global"),
    ],
)
def test_fails_at_a_location_that_is_not_known(here: str, there: str, whose: str) -> None:
    """What the table of regions does not know may be anywhere, and global is nowhere."""
    judgement = judge(MONITOR, writing_to(STORE, here), store_in(there))

    assert judgement.verdict is Verdict.FAIL
    assert f"does not have the location of the {whose}." in judgement.message


def test_two_at_one_place_are_in_one_geography() -> None:
    """Whether the table knows the region or not."""
    judgement = judge(MONITOR, writing_to(STORE, "atlantis"), store_in("Atlantis"))

    assert judgement.verdict is Verdict.PASS


@pytest.mark.parametrize("store", ["telemetry", "", 5, [STORE], "/subscriptions/s", "/a/b\n"])
def test_fails_for_what_is_no_resource_id(store: object) -> None:
    """Where it goes is not known, which is not good enough."""
    judgement = judge(MONITOR, writing_to(store))

    assert judgement == Judgement(
        Verdict.FAIL,
        "Where telemetry on abusive users goes is not known: adxStorageResourceId is no resource "
        "id.",
        (
            Evidence(
                Source.ACCOUNT, PATH, "a store in the account's subscription and geography", store
            ),
        ),
    )


def test_is_unknown_when_the_store_cannot_be_read() -> None:
    """Then its geography is not known, and may be the account's."""
    forbidden = judge(MONITOR, writing_to(STORE), problems={Source.REFERENCED: FORBIDDEN})
    gone = judge(MONITOR, writing_to(STORE))

    assert (forbidden.verdict, forbidden.cause) == (Verdict.UNKNOWN, Cause.UNREADABLE)
    assert forbidden.message == "telemetry could not be read: 403 Forbidden"
    assert (gone.verdict, gone.cause) == (Verdict.UNKNOWN, Cause.UNREADABLE)


@pytest.mark.parametrize("location", [ABSENT, None, 5])
def test_is_unknown_without_a_location(location: object) -> None:
    """Azure always states it; an export may not."""
    store = store_in("swedencentral")
    nowhere = changed(store, "location", location)
    account_nowhere = changed(writing_to(STORE), "location", location)

    for judgement in (
        judge(MONITOR, writing_to(STORE), nowhere),
        judge(MONITOR, account_nowhere, store),
    ):
        assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
        assert "states no location" in judgement.message


@pytest.mark.parametrize("properties", [ABSENT, None, "none"])
def test_is_unknown_in_an_answer_without_properties(properties: object) -> None:
    """`az resource list` shows none; that proves nothing."""
    judgement = judge(MONITOR, changed(account(), "properties", properties))

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert judgement.message.startswith("the resource is shown without its properties")


def test_applies_to_ai_accounts_read_with_an_api_that_shows_it() -> None:
    """Older APIs do not show the property."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),)
    assert MONITOR.since == {ResourceType.ACCOUNT: "2024-10-01"}
    assert MONITOR.needs == (Source.REFERENCED,)
    assert MONITOR.tables == ("regions",)
