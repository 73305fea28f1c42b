"""What a large commit has left to do is done once, however many do it and whatever is in it."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace

from shared.adapters.azure.storage.findings import TableFindingStore
from shared.adapters.azure.storage.names import FINDINGS_TABLE
from shared.adapters.azure.storage.operations import Act, Operation
from shared.adapters.azure.storage.table_keys import STAGED
from shared.adapters.azure.storage.tables import Table
from shared.domain.root_state import Commit, RootState
from shared.domain.verdict import Evidence
from tests.azurite_server import Azurite, clients
from tests.fakes import FakeClock
from tests.records import ACCOUNT, ROOT, finding, moment, transition

SINK = "teams"


def commit_of(number: int, evidence: Sequence[Evidence] = ()) -> Commit:
    """Return a commit that opens findings on so many deployments."""
    names = [f"{ACCOUNT}/deployments/d{each}" for each in range(number)]
    return Commit(
        ROOT,
        RootState(sequence=number),
        tuple(replace(finding(each), evidence=tuple(evidence)) for each in names),
        tuple(
            replace(transition(place + 1, resource_id=each, at=moment(1)), evidence=tuple(evidence))
            for place, each in enumerate(names)
        ),
    )


class StandsStill(Table):
    """A table whose worker stands still before the last transaction of a large commit."""

    stood = asyncio.Event()
    goes_on = asyncio.Event()

    async def apply(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        """Write rows."""
        if any(each.act is Act.DELETE and each.row.startswith(STAGED) for each in operations):
            self.stood.set()
            await self.goes_on.wait()
        return await super().apply(partition, operations)


async def test_what_was_told_while_a_commit_is_completed_is_not_told_again(
    azurite: Azurite,
) -> None:
    """Not even where a reader completes it a second time."""
    async with clients(azurite.account()) as opened:
        slow, table = StandsStill(opened, FINDINGS_TABLE), Table(opened, FINDINGS_TABLE)
        sinks = frozenset({SINK})
        writing = asyncio.create_task(
            TableFindingStore(slow, FakeClock(), sinks).commit(commit_of(150))
        )
        await slow.stood.wait()
        other = TableFindingStore(table, FakeClock(), sinks)
        alerts = await other.undelivered(SINK, 1000)
        await other.delivered(SINK, [each.id for each in alerts])

        assert (await other.state(ROOT)).version == 1
        slow.goes_on.set()
        await writing

        assert len(alerts) == 150
        assert await other.undelivered(SINK, 1000) == []
        assert len(await other.findings(ROOT)) == 150


async def test_transitions_that_tell_much_are_laid_out_over_more_rows(azurite: Azurite) -> None:
    """Otherwise whoever makes evidence large enough would keep a root from ever being judged."""
    letters = random.Random(0)  # noqa: S311 - keeps nothing secret
    evidence = [
        Evidence(
            "rai_policies",
            f"properties.p{place}",
            None,
            [letters.randbytes(100).hex() for _ in range(20)],
        ).bounded()
        for place in range(8)
    ]
    async with clients(azurite.account()) as opened:
        store = TableFindingStore(Table(opened, FINDINGS_TABLE), FakeClock(), frozenset({SINK}))

        await store.commit(commit_of(50, evidence))

        told = await store.undelivered(SINK, 1000)
        assert [each.sequence for each in told] == list(range(1, 51))
        assert all(list(each.evidence) == evidence for each in told)
