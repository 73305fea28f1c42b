"""ARM of the local Azure: resources, lists and their pages, versions, permissions, quota."""

import asyncio
import re
from itertools import chain

import pytest

from tests.arm import ACCOUNT_ID, GROUP, SUBSCRIPTION, account, deployment, resource
from tests.integration.local_azure.clients import VERSION, Reader
from tests.local_azure.server import LocalAzure

DEPLOYMENTS = f"{ACCOUNT_ID}/deployments"
OWN = f"/subscriptions/{SUBSCRIPTION}"
ACCOUNTS = f"{OWN}/providers/Microsoft.CognitiveServices/accounts"


async def refused(reader: Reader, path: str, version: str = VERSION) -> tuple[int, str, str]:
    """Return the status, code and message of a refusal."""
    answer = await reader.get(path, version)
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["message"]


async def test_a_resource_is_read_by_its_id_in_any_case(azure: LocalAzure, reader: Reader) -> None:
    """The answer has the id as the resource spells it, and the headers of ARM."""
    for path in (ACCOUNT_ID, ACCOUNT_ID.upper().replace("/SUBSCRIPTIONS", "/subscriptions")):
        answer = await reader.get(path)
        assert answer.json() == account().body
        assert answer.headers["x-ms-request-id"]
        assert int(answer.headers["x-ms-ratelimit-remaining-subscription-reads"]) > 0
    assert azure.log.connections == 1


async def test_what_is_not_there_is_not_found(reader: Reader) -> None:
    """With ARM's own codes, also below what is not there."""
    other = ACCOUNT_ID.replace("/acct", "/other")
    assert (await refused(reader, other))[:2] == (404, "ResourceNotFound")
    assert (await refused(reader, f"{other}/deployments"))[:2] == (404, "ParentResourceNotFound")
    assert (await refused(reader, f"{other}/deployments/x"))[:2] == (404, "ParentResourceNotFound")
    assert (await refused(reader, "/subscriptions/nobodys"))[:2] == (404, "SubscriptionNotFound")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
async def test_pages_cover_everything_once(azure: LocalAzure, reader: Reader, size: int) -> None:
    """Whatever the size of a page, and though the list changes meanwhile."""
    azure.arm.page_size = size
    pages = await reader.pages(DEPLOYMENTS)

    assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)
    assert [*chain.from_iterable(pages)] == [f"{DEPLOYMENTS}/chat-{number}" for number in range(7)]


async def test_a_deletion_between_pages_hides_nothing_else(
    azure: LocalAzure, reader: Reader
) -> None:
    """A link names what came last, and not how many."""
    azure.arm.page_size = 3
    azure.fault("/deployments", kind="vanish", times=1, resource=f"{DEPLOYMENTS}/chat-0")
    pages = await reader.pages(DEPLOYMENTS)
    assert [len(page) for page in pages] == [3, 3, 1]
    assert (await refused(reader, f"{DEPLOYMENTS}/chat-0"))[0] == 404


async def test_every_list_of_the_product_answers(azure: LocalAzure, reader: Reader) -> None:
    """Those of a subscription, of a group, of a location, of an extension, of a child's child."""
    project = f"{ACCOUNT_ID}/projects/p"
    there = {
        ACCOUNTS: ACCOUNT_ID,
        f"{GROUP}/providers/Microsoft.CognitiveServices/accounts": ACCOUNT_ID,
        "/subscriptions": OWN,
        f"{ACCOUNT_ID}/projects": project,
        f"{project}/connections": f"{project}/connections/c",
        f"{OWN}/providers/Microsoft.Security/pricings": (
            f"{OWN}/providers/Microsoft.Security/pricings/AI"
        ),
        f"{OWN}/providers/Microsoft.Features/providers/Microsoft.CognitiveServices/features": (
            f"{OWN}/providers/Microsoft.Features/providers/Microsoft.CognitiveServices/features/F"
        ),
        f"{ACCOUNT_ID}/providers/Microsoft.Insights/diagnosticSettings": (
            f"{ACCOUNT_ID}/providers/Microsoft.Insights/diagnosticSettings/d"
        ),
    }
    azure.estate.put(*({"id": each} for each in there.values() if each not in {ACCOUNT_ID, OWN}))
    models = f"{OWN}/providers/Microsoft.CognitiveServices/locations/swedencentral/models"
    assert (await reader.get(models)).json() == {"value": []}
    azure.estate.put_items(models, [{"kind": "OpenAI"}, {"kind": "AIServices"}])

    for path, only in there.items():
        assert await reader.pages(path) == [[only]], path
    assert len((await reader.get(models)).json()["value"]) == 2
    for kind in ("workspaces", "registries"):
        empty = await reader.get(f"{OWN}/providers/Microsoft.MachineLearningServices/{kind}")
        assert empty.json() == {"value": []}


async def test_embedded_children_are_shown_in_their_parent(
    azure: LocalAzure, reader: Reader
) -> None:
    """Whether they came as resources or in the parent's body; lists of them answer too."""
    link = f"{ACCOUNT_ID}/privateEndpointConnections/pe"
    azure.estate.put({"id": link, "properties": {"a": 1}})
    assert [each["id"] for each in await connections(reader)] == [link]
    azure.estate.delete(link)
    assert await connections(reader) == []
    inside = {"id": f"{link}2", "properties": {}}
    azure.estate.put(account(privateEndpointConnections=[inside]))
    assert await reader.pages(f"{ACCOUNT_ID}/privateEndpointConnections") == [[f"{link}2"]]


async def connections(reader: Reader) -> list[dict[str, object]]:
    """Return the connections that the account's body shows."""
    properties = (await reader.get(ACCOUNT_ID)).json()["properties"]
    found: list[dict[str, object]] = properties.get("privateEndpointConnections", [])
    return found


async def test_a_deletion_takes_everything_below(azure: LocalAzure, reader: Reader) -> None:
    """As ARM does, unless only the one is told to go."""
    azure.estate.delete(f"{DEPLOYMENTS}/chat-3")
    assert len((await reader.pages(DEPLOYMENTS))[0]) == 6
    azure.estate.delete(ACCOUNT_ID.upper())
    assert (await refused(reader, DEPLOYMENTS))[1] == "ParentResourceNotFound"
    azure.estate.put(account())
    assert await reader.pages(DEPLOYMENTS) == [[]]


async def test_an_unknown_version_is_refused_with_those_that_are_known(
    azure: LocalAzure, reader: Reader
) -> None:
    """In both ways in which ARM refuses one; a type can have versions of its own."""
    status, code, text = await refused(reader, ACCOUNT_ID, "2099-01-01")
    assert (status, code) == (400, "NoRegisteredProviderFound")
    assert "for location 'swedencentral' and API version '2099-01-01' for type 'accounts'" in text
    assert "The supported api-versions are '2024-10-01, 2025-06-01," in text

    azure.arm.versions.support(
        "Microsoft.CognitiveServices/accounts/projects", "2026-05-01", not_found=True
    )
    status, code, text = await refused(reader, f"{ACCOUNT_ID}/projects")
    assert (status, code) == (404, "InvalidResourceType")
    assert text.endswith("The supported api-versions are '2026-05-01'.")
    assert (await reader.get(f"{ACCOUNT_ID}/projects", "2026-05-01")).status_code == 200
    assert (await refused(reader, ACCOUNT_ID, ""))[:2] == (400, "MissingApiVersionParameter")


async def test_a_version_shows_what_a_test_says_that_it_shows(
    azure: LocalAzure, reader: Reader
) -> None:
    """In single answers and in lists."""
    azure.arm.edits["microsoft.cognitiveservices/accounts"] = lambda body, version: {
        "id": body["id"],
        "version": version,
    }
    shown = {"id": ACCOUNT_ID, "version": VERSION}
    assert (await reader.get(ACCOUNT_ID)).json() == shown
    assert (await reader.get(ACCOUNTS)).json() == {"value": [shown]}


async def test_a_refused_read_names_the_action(azure: LocalAzure, reader: Reader) -> None:
    """By the type of the path and over the scope; granted later, it is allowed."""
    action = "Microsoft.CognitiveServices/accounts/deployments/read"
    azure.permissions.revoke(action.upper())
    status, code, text = await refused(reader, DEPLOYMENTS)
    assert (status, code) == (403, "AuthorizationFailed")
    assert f"to perform action '{action}' over scope '{ACCOUNT_ID.lower()}'" in text
    assert (await reader.get(ACCOUNT_ID)).status_code == 200
    azure.permissions.grant(action, ACCOUNT_ID)
    assert (await reader.get(DEPLOYMENTS)).status_code == 200


@pytest.mark.parametrize(
    ("path", "action"),
    [
        (OWN, "Microsoft.Resources/subscriptions/read"),
        (ACCOUNTS, "Microsoft.CognitiveServices/accounts/read"),
        (
            f"{OWN}/providers/Microsoft.Features/providers/Microsoft.CognitiveServices/features",
            "Microsoft.Features/providers/features/read",
        ),
        (
            f"{ACCOUNT_ID}/providers/Microsoft.Insights/diagnosticSettings",
            "Microsoft.Insights/diagnosticSettings/read",
        ),
        (
            f"{OWN}/providers/Microsoft.CognitiveServices/locations/eastus/models",
            "Microsoft.CognitiveServices/locations/models/read",
        ),
    ],
)
async def test_every_path_has_its_action(
    azure: LocalAzure, reader: Reader, path: str, action: str
) -> None:
    """With it alone the path can be read, and with all others it cannot."""
    azure.permissions.revoke()
    azure.permissions.grant(action)
    assert (await reader.get(path)).status_code == 200
    azure.permissions.grant()
    azure.permissions.revoke(action)
    text = (await refused(reader, path))[2]
    assert re.search(r"perform action '(.*?)'", text) is not None
    assert f"'{action}'" in text


async def test_the_quota_is_that_of_arm(azure: LocalAzure, reader: Reader) -> None:
    """250 reads at once, then 25 a second, for each subscription; headers say what remains."""
    now = 0.0
    azure.arm.quota.clock = lambda: now
    azure.set_quota(is_on=True)
    answers = await asyncio.gather(*(reader.get(ACCOUNT_ID) for _ in range(251)))
    left = [each.headers["x-ms-ratelimit-remaining-subscription-reads"] for each in answers]
    (late,) = [each for each in answers if each.status_code == 429]

    assert sorted(map(int, left)) == sorted([*range(250), 0])
    assert late.headers["Retry-After"] == "1"
    assert late.json()["error"]["code"] == "SubscriptionRequestsThrottled"
    now = 1.0
    again = await asyncio.gather(*(reader.get(ACCOUNT_ID) for _ in range(26)))
    assert sorted(each.status_code for each in again) == [200] * 25 + [429]


async def test_every_request_is_logged(azure: LocalAzure, reader: Reader) -> None:
    """With its path, version, status, audience and connection."""
    await reader.get(ACCOUNT_ID)
    await reader.get(f"{DEPLOYMENTS}/none", "2025-12-01")

    first, second = azure.log.reads
    assert (first.path, first.api_version, first.status) == (ACCOUNT_ID, VERSION, 200)
    assert (second.api_version, second.status) == ("2025-12-01", 404)
    assert first.audience == azure.arm.audience
    assert first.connection == second.connection
    assert azure.log.matching("/deployments", status=404) == [second]


async def test_resources_of_other_subscriptions_stand_in_their_own_lists(
    azure: LocalAzure, reader: Reader
) -> None:
    """Lists of a subscription hold what lies in it, in every group."""
    other = ACCOUNT_ID.replace(SUBSCRIPTION, "other")
    beside = ACCOUNT_ID.replace("rg-ai", "rg-z")
    azure.estate.put(resource(other), resource(beside), deployment())
    assert await reader.pages(ACCOUNTS) == [[ACCOUNT_ID, beside]]
