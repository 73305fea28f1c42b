"""Resource Graph of the local Azure: the product's queries, paging, quota, and lag."""

import asyncio

import pytest

from tests.arm import ACCOUNT_ID, HUB_ID, SUBSCRIPTION, WORKSPACE_ID, resource
from tests.integration.local_azure.clients import Reader
from tests.local_azure.server import LocalAzure

TYPES = "('Microsoft.CognitiveServices/accounts','microsoft.machinelearningservices/workspaces')"
ROOTS = (
    f"resources | where type in~ {TYPES} | where subscriptionId =~ '{SUBSCRIPTION.upper()}' "
    "| project id, name, type, kind, location, subscriptionId | order by id asc"
)
OTHER = ACCOUNT_ID.replace(SUBSCRIPTION, "other")


@pytest.fixture(autouse=True)
def roots(azure: LocalAzure) -> None:
    """Put two workspaces, and an account in another subscription."""
    azure.estate.put(
        resource(WORKSPACE_ID, location="West Europe", kind="Project"),
        resource(HUB_ID, location="westeurope", kind="Hub"),
        resource(OTHER),
    )


async def ids(reader: Reader, text: str = ROOTS) -> list[str]:
    """Return the ids in the first page of a result."""
    return [each["id"] for each in (await reader.query(text)).json()["data"]]


async def test_the_roots_of_a_subscription_are_found(reader: Reader) -> None:
    """With the columns that are asked for, in the spelling of Resource Graph."""
    found = (await reader.query(ROOTS)).json()
    assert found["totalRecords"] == found["count"] == 3
    assert found["data"][2] == {
        "id": WORKSPACE_ID,
        "name": "ws",
        "type": "microsoft.machinelearningservices/workspaces",
        "kind": "Project",
        "location": "westeurope",
        "subscriptionId": SUBSCRIPTION,
    }


async def test_pages_cover_everything_once(reader: Reader) -> None:
    """Each with the token of the next; the last has none."""
    found, options = [], {"$top": 2}
    while True:
        page = (await reader.query(ROOTS, options=options)).json()
        found += [each["id"] for each in page["data"]]
        if "$skipToken" not in page:
            break
        options = {"$top": 2, "$skipToken": page["$skipToken"]}
    assert found == [ACCOUNT_ID, HUB_ID, WORKSPACE_ID]


async def test_rows_without_an_id_have_no_pages(reader: Reader) -> None:
    """What is cut off is cut off, and the answer says so; `$skip` leads on."""
    text = f"resources | where type in~ {TYPES} | project name | order by name asc"
    page = (await reader.query(text, options={"$top": 2})).json()
    assert page["resultTruncated"] == "true"
    assert "$skipToken" not in page
    rest = (await reader.query(text, options={"$top": 2, "$skip": 2})).json()
    assert [row["name"] for row in page["data"] + rest["data"]] == ["acct", "acct", "hub", "ws"]
    assert rest["resultTruncated"] == "false"


async def test_roots_are_counted_by_subscription(reader: Reader) -> None:
    """With `summarize`; the request's own list of subscriptions limits it."""
    text = f"resources | where type in~ {TYPES} | summarize roots = count() by subscriptionId"
    rows = (await reader.query(text)).json()["data"]
    assert sorted(rows, key=lambda row: -row["roots"]) == [
        {"subscriptionId": SUBSCRIPTION, "roots": 3},
        {"subscriptionId": "other", "roots": 1},
    ]
    only = (await reader.query(text, subscriptions=["OTHER"])).json()["data"]
    assert only == [{"subscriptionId": "other", "roots": 1}]


async def test_subscriptions_come_with_their_management_groups(
    azure: LocalAzure, reader: Reader
) -> None:
    """Nearest first; a request can be limited to a group."""
    azure.estate.management_groups["other"] = ["mg-prod", "mg-root"]
    text = (
        "resourcecontainers | where type =~ 'microsoft.resources/subscriptions' "
        "and subscriptionId =~ 'other' | project subscriptionId, name, properties"
    )
    (row,) = (await reader.query(text, managementGroups=["mg-root"])).json()["data"]
    chain = row["properties"]["managementGroupAncestorsChain"]
    assert [each["name"] for each in chain] == ["mg-prod", "mg-root"]
    assert (await reader.query(text, managementGroups=["mg-test"])).json()["data"] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        "resources | extend a = 1",
        "resources | where type contains 'x'",
        "resources | where type =~ 'x' or type =~ 'y'",
        "resources | project",
        "resources | where name =~ 'it''s",
        "resources | where name =~ 'a",
        "resources | | project id",
        "resources | project name | where type =~ 'x'",
        "resources | project name | order by id asc",
        "resources | summarize count() by type | order by type asc",
    ],
)
async def test_anything_else_is_an_invalid_query(reader: Reader, text: str) -> None:
    """It is refused, and never answered with something."""
    answer = await reader.query(text)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["code"] == "InvalidQuery"


async def test_the_graph_lags_behind(azure: LocalAzure, reader: Reader) -> None:
    """What is new is hidden and what is gone is kept, until it catches up."""
    azure.resource_graph.hide(HUB_ID)
    azure.resource_graph.keep(ACCOUNT_ID)
    azure.estate.delete(ACCOUNT_ID)
    assert await ids(reader) == [ACCOUNT_ID, WORKSPACE_ID]
    azure.resource_graph.catch_up()
    assert await ids(reader) == [HUB_ID, WORKSPACE_ID]


async def test_it_shows_what_the_identity_may_read(azure: LocalAzure, reader: Reader) -> None:
    """What it may not read is left out without a word."""
    azure.permissions.revoke("Microsoft.MachineLearningServices/workspaces/read", HUB_ID)
    assert await ids(reader) == [ACCOUNT_ID, WORKSPACE_ID]


async def test_the_quota_is_fifteen_queries_in_five_seconds(
    azure: LocalAzure, reader: Reader
) -> None:
    """The headers say what remains, and when there is more."""
    now = 0.0
    azure.resource_graph.quota.clock = lambda: now
    azure.set_quota(is_on=True)
    answers = await asyncio.gather(*(reader.query(ROOTS) for _ in range(16)))
    (late,) = [each for each in answers if each.status_code == 429]
    left = [int(each.headers["x-ms-user-quota-remaining"]) for each in answers]

    assert sorted(left) == sorted([*range(15), 0])
    assert late.headers["x-ms-user-quota-resets-after"] == "00:00:05"
    now = 3.5
    again = await reader.query(ROOTS)
    assert (again.status_code, again.headers["Retry-After"]) == (429, "2")
    now = 5.0
    assert (await reader.query(ROOTS)).status_code == 200


async def test_a_result_follows_the_estate(azure: LocalAzure, reader: Reader) -> None:
    """The same query shows what has changed in between."""
    assert len(await ids(reader)) == 3
    azure.estate.delete(HUB_ID)
    assert len(await ids(reader)) == 2
    azure.arm.versions.support("Microsoft.ResourceGraph", "2021-03-01")
    refusal = (await reader.query(ROOTS)).json()["error"]
    assert refusal["code"] == "NoRegisteredProviderFound"


async def test_its_pages_can_repeat_and_never_end(azure: LocalAzure, reader: Reader) -> None:
    """As those of ARM can."""
    for kind, different in (("repeat_page", 1), ("endless", 3)):
        azure.fault("ResourceGraph", kind=kind)
        tokens = {(await reader.query(ROOTS)).json()["$skipToken"] for _ in range(3)}
        assert len(tokens) == different
        azure.faults.clear()
