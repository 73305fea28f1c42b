"""The Activity Log over the real client: pages, order, what is ours, and what goes wrong."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from shared.domain.change import ResourceChange
from shared.domain.resource_id import ResourceId
from shared.events.operations import WATCHED
from shared.events.translate import translate
from shared.ports import ActivityPage, ActivityPosition, NoActivityTableError, PortError
from tests.activity_rows import ACTOR, deployment, row, rows
from tests.fakes import BEGINNING
from tests.local_azure.faults import Fault
from tests.local_azure.server import LOGS_AUDIENCE
from tests.records import OTHER_SUBSCRIPTION, SUBSCRIPTION
from tests.workspace import Workspace, running_workspace

WORKSPACE_ID = ResourceId.parse(
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
    "/Microsoft.MachineLearningServices/workspaces/ml"
)
LONG_AGO = ActivityPosition(BEGINNING - timedelta(days=1))
LATER = BEGINNING + timedelta(hours=1)


@pytest.fixture
async def here() -> AsyncIterator[Workspace]:
    """An empty workspace."""
    async with running_workspace() as workspace:
        yield workspace


async def page_of(
    here: Workspace, after: ActivityPosition = LONG_AGO, *, limit: int = 100
) -> ActivityPage:
    """Read a page up to an hour later."""
    return await here.activity.rows([SUBSCRIPTION], after, LATER, limit=limit)


def ids(page: ActivityPage) -> list[str]:
    """Return the ids of the rows of a page."""
    return [each.id for each in page.rows]


def seconds(number: float) -> timedelta:
    """Return so many seconds."""
    return timedelta(seconds=number)


async def test_a_row_comes_as_the_translation_reads_it(here: Workspace) -> None:
    """With who did what to which resource, and when."""
    here.logs.ingest([row(correlation_id="c1")], BEGINNING + seconds(200))

    (found,) = (await page_of(here)).rows
    change = translate(found.body)

    assert isinstance(change, ResourceChange)
    assert change.resource_id == deployment()
    assert change.occurred_at == BEGINNING
    assert change.correlation_id == "c1"
    assert str(change.actor) == ACTOR
    assert found.position == ActivityPosition(BEGINNING + seconds(200), found.id)


async def test_rows_come_in_the_order_of_their_ingestion(here: Workspace) -> None:
    """Not in that of their times: three hours late is the same as in time."""
    late = row(at=BEGINNING - timedelta(hours=3))
    prompt = row()
    here.logs.ingest([late], BEGINNING + seconds(20))
    here.logs.ingest([prompt], BEGINNING + seconds(10))

    page = await page_of(here)

    assert ids(page) == [prompt["EventDataId"], late["EventDataId"]]
    assert page.complete
    assert not page.more


async def test_pages_go_on_in_the_middle_of_one_ingestion(here: Workspace) -> None:
    """A batch of rows has one time, of which the client keeps fewer digits than Kusto has."""
    batch = rows(range(25))
    here.logs.ingest(batch, BEGINNING + timedelta(microseconds=1_234_567))
    first = await page_of(here, limit=10)
    second = await page_of(here, first.rows[-1].position, limit=10)
    third = await page_of(here, second.rows[-1].position, limit=10)

    found = [*ids(first), *ids(second), *ids(third)]
    assert found == sorted(str(each["EventDataId"]) for each in batch)
    assert (first.more, second.more, third.more) == (True, True, False)


async def test_rows_without_an_id_of_their_own_are_told_apart(here: Workspace) -> None:
    """Old rows lack EventDataId; what they say makes one."""
    old = [row(status=each, correlation_id="c1", EventDataId="") for each in ("Start", "Success")]
    here.logs.ingest(old, BEGINNING)

    first = await page_of(here, limit=1)
    second = await page_of(here, first.rows[-1].position, limit=1)

    assert len({*ids(first), *ids(second)}) == 2


async def test_what_was_ingested_after_the_end_is_left_for_the_next_time(here: Workspace) -> None:
    """So that a round has an end however much comes in."""
    here.logs.ingest([row()], LATER + seconds(1))

    assert ids(await page_of(here)) == []


async def test_every_watched_operation_is_asked_for(here: Workspace) -> None:
    """In Azure's capitals, for a resource and for what extends it."""
    account = deployment().parent
    here.logs.ingest(
        [
            row(
                account if each.startswith("microsoft.cognitiveservices") else WORKSPACE_ID,
                OperationNameValue=f"{each}/write".upper(),
            )
            for each in WATCHED
        ],
        BEGINNING,
    )

    page = await page_of(here)

    operations = {str(each.body["OperationNameValue"]).lower() for each in page.rows}
    assert operations == {f"{each}/write" for each in WATCHED}


@pytest.mark.parametrize(
    "columns",
    [
        {"CategoryValue": "administrative"},
        {"CategoryValue": "", "Category": "Administrative"},
        {"SubscriptionId": "", "_SubscriptionId": SUBSCRIPTION.upper()},
        {"OperationNameValue": "", "OperationName": "Microsoft.CognitiveServices/accounts/write"},
        {
            "OperationNameValue": "",
            "OperationName": "Create or update account",
            "_ResourceId": "",
            "Authorization_d": {
                "action": "Microsoft.CognitiveServices/accounts/write",
                "scope": deployment().parent.text,
            },
        },
    ],
)
async def test_any_spelling_of_a_row_is_asked_for_and_understood(
    here: Workspace, columns: dict[str, object]
) -> None:
    """Columns changed over the years, and old rows are exported still."""
    here.logs.ingest([{**row(), **columns}], BEGINNING)

    (found,) = (await page_of(here)).rows

    assert isinstance(translate(found.body), ResourceChange)


@pytest.mark.parametrize(
    "columns",
    [
        {"CategoryValue": "Policy"},
        {"SubscriptionId": OTHER_SUBSCRIPTION},
        {"OperationNameValue": "Microsoft.Storage/storageAccounts/write"},
        {"OperationNameValue": "Microsoft.Insights/diagnosticSettings/write", "_ResourceId": "/x"},
        {"OperationNameValue": "Microsoft.Authorization/roleAssignments/write"},
    ],
)
async def test_what_is_not_ours_stays_in_the_workspace(
    here: Workspace, columns: dict[str, object]
) -> None:
    """Other categories, subscriptions and providers."""
    here.logs.ingest([{**row(), **columns}], BEGINNING)

    assert ids(await page_of(here)) == []


async def test_claims_come_once(here: Workspace) -> None:
    """As text or as an object, whichever column has them."""
    claims = {"name": "Ann"}
    only_object = row(Claims="", Claims_d=claims)
    here.logs.ingest([only_object, row(Claims='{"a": 1}', Claims_d=claims)], BEGINNING)

    first, second = (await page_of(here)).rows

    assert (first.body["Claims"], second.body["Claims_d"]) == ("", "")
    assert first.body["Claims_d"] == '{"name":"Ann"}'
    assert second.body["Claims"] == '{"a": 1}'


async def test_an_answer_in_part_says_so(here: Workspace) -> None:
    """What came is there, and nothing is claimed of the rest."""
    here.logs.ingest(rows(range(4)), BEGINNING)
    here.logs.half = lambda _query: True

    page = await page_of(here)

    assert len(page.rows) == 2
    assert not page.complete
    assert page.more


async def test_an_answer_in_part_may_hold_nothing(here: Workspace) -> None:
    """Then nothing is claimed of any row."""
    body = '{"tables": [], "error": {"code": "PartialError", "message": "gone"}}'
    here.azure.faults.add(Fault("/query", status=200, body=body))

    assert await page_of(here) == ActivityPage([], complete=False, more=True)


async def test_a_place_that_cannot_be_read_is_an_error_of_the_port(here: Workspace) -> None:
    """Reading could not go on from it."""
    columns = [{"name": each, "type": "datetime"} for each in ("IngestedAt", "RowId")]
    table = {"name": "PrimaryResult", "columns": columns, "rows": [["yesterday", "1"]]}
    body = json.dumps({"tables": [table]})
    here.azure.faults.add(Fault("/query", status=200, body=body))

    with pytest.raises(PortError, match="'yesterday' for a time"):
        await page_of(here)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_passing_failure_is_tried_again(here: Workspace, status: int) -> None:
    """Within the call."""
    here.logs.ingest([row()], BEGINNING)
    here.azure.faults.add(Fault("/query", status=status, times=2, headers={"Retry-After": "0"}))

    assert len((await page_of(here)).rows) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault("/query", status=503),
        Fault("/query", status=429, headers={"Retry-After": "0"}),
        Fault("/query", status=403, body='{"error": {"code": "InsufficientAccessError"}}'),
        Fault("/query", status=200, body='{"tables": []}'),
        Fault("/query", status=200, body='{"tables"'),
        Fault("/query", status=200, body="[1]"),
        Fault("/query", status=200, body='{"tables": [{"name": "PrimaryResult"}]}'),
        Fault("/query", status=200, body='{"tables": [{"columns": [{}], "rows": [[1]]}]}'),
        Fault.parse({"match": "/query", "kind": "html", "status": 502}),
        Fault.parse({"match": "/query", "kind": "html"}),
        Fault.parse({"match": "/query", "kind": "reset"}),
        Fault.parse({"match": "/query", "kind": "truncated"}),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}-{fault.body[:30]}",
)
async def test_a_workspace_that_does_not_answer_is_an_error_of_the_port(
    here: Workspace, fault: Fault
) -> None:
    """Never an empty page, which would say that nothing happened."""
    here.logs.ingest([row()], BEGINNING)
    here.azure.faults.add(fault)

    with pytest.raises(PortError) as caught:
        await page_of(here)

    assert not isinstance(caught.value, NoActivityTableError)


async def test_the_token_is_for_the_audience_of_the_cloud(here: Workspace) -> None:
    """Whatever the endpoint's name is; one for another audience would be refused."""
    await page_of(here)
    assert {each.audience for each in here.azure.log.requests if "query" in each.path} == {
        LOGS_AUDIENCE
    }


async def test_a_workspace_without_the_table_is_told_from_an_empty_one(here: Workspace) -> None:
    """An empty table answers; one that never was is an export that is missing."""
    assert ids(await page_of(here)) == []

    here.logs.drop()

    with pytest.raises(NoActivityTableError, match="no table AzureActivity"):
        await page_of(here)
    with pytest.raises(NoActivityTableError):
        await here.activity.newest([SUBSCRIPTION], BEGINNING)


async def test_the_newest_row_of_each_subscription_is_found(here: Workspace) -> None:
    """Of any category; a subscription without one is left out."""
    here.logs.ingest([row(CategoryValue="Policy")], BEGINNING + seconds(5))
    here.logs.ingest([row()], BEGINNING + seconds(3))

    found = await here.activity.newest([SUBSCRIPTION, OTHER_SUBSCRIPTION], LONG_AGO.ingested_at)

    assert found == {SUBSCRIPTION: BEGINNING + seconds(5)}


async def test_the_newest_rows_in_part_are_no_answer(here: Workspace) -> None:
    """A subscription that is left out would count as not exported."""
    here.logs.half = lambda _query: True

    with pytest.raises(PortError, match="in part"):
        await here.activity.newest([SUBSCRIPTION], BEGINNING)
