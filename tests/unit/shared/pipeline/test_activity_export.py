"""A quiet subscription is told from one whose Activity Log does not arrive."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from shared.pipeline.activity_export import QUIET_AT_MOST, missing_exports
from shared.ports import PortError
from tests.activity_rows import row
from tests.fakes import BEGINNING
from tests.local_azure.faults import Fault
from tests.records import OTHER_SUBSCRIPTION, SUBSCRIPTION
from tests.workspace import Workspace, running_workspace

BOTH = frozenset({SUBSCRIPTION, OTHER_SUBSCRIPTION})


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    """An empty workspace."""
    async with running_workspace() as running:
        yield running


async def test_a_subscription_with_any_row_is_exported(workspace: Workspace) -> None:
    """Of any provider and category, however quiet our resources are."""
    workspace.ingest(row(CategoryValue="Policy", OperationNameValue="Microsoft.Storage/x/write"))

    assert await missing_exports(workspace.activity, [SUBSCRIPTION.upper()], BEGINNING) == {}


async def test_a_subscription_without_rows_among_others_is_named(workspace: Workspace) -> None:
    """The workspace works; this one export is missing."""
    workspace.ingest(row())

    found = await missing_exports(workspace.activity, BOTH, BEGINNING)

    assert found.keys() == {OTHER_SUBSCRIPTION}
    assert "but rows of others" in found[OTHER_SUBSCRIPTION]


async def test_rows_of_the_week_before_do_not_count(workspace: Workspace) -> None:
    """An export that has stopped is missing too."""
    workspace.ingest(row())
    later = BEGINNING + QUIET_AT_MOST + timedelta(minutes=1)

    found = await missing_exports(workspace.activity, BOTH, later)

    assert found.keys() == BOTH
    assert "of any watched subscription" in found[SUBSCRIPTION]


async def test_without_the_table_every_export_is_missing(workspace: Workspace) -> None:
    """Nothing was ever exported there."""
    workspace.logs.drop()

    found = await missing_exports(workspace.activity, BOTH, BEGINNING)

    assert found.keys() == BOTH
    assert "never exported" in found[SUBSCRIPTION]


async def test_a_workspace_that_does_not_answer_says_nothing(workspace: Workspace) -> None:
    """Neither that an export is there nor that it is missing."""
    workspace.azure.faults.add(Fault("/query", status=403))

    with pytest.raises(PortError):
        await missing_exports(workspace.activity, BOTH, BEGINNING)


async def test_where_nothing_is_watched_nothing_is_missing(workspace: Workspace) -> None:
    """And nothing is asked."""
    assert await missing_exports(workspace.activity, [], BEGINNING) == {}
    assert workspace.logs.asked == []
