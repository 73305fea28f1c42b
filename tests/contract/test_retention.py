"""`Retention`: what is old goes, unless it is open or still to be told."""

from datetime import datetime

import pytest

from shared.domain.finding import FindingState, TransitionKind
from shared.domain.root_state import RootState
from shared.ports import Retention, TransitionQuery
from tests.contract.backends import Stores
from tests.records import (
    ACCOUNT,
    CONTROL,
    OTHER_ACCOUNT,
    OTHER_ROOT,
    ROOT,
    commit,
    finding,
    moment,
    transition,
)

pytestmark = pytest.mark.contract

RESOLVED, OPEN = FindingState.RESOLVED, FindingState.OPEN
CHILD = f"{ACCOUNT}/deployments/chat"
EVERYTHING = TransitionQuery(alerts_only=False)
LATER = moment(1_000_000)


async def purge(retention: Retention, before: datetime = LATER, limit: int = 1000) -> int:
    """Purge until nothing is left to remove; return how many were."""
    removed = 0
    while more := await retention.purge(before, limit):
        removed += more
    return removed


async def history(stores: Stores) -> list[str]:
    """Return the ids of the whole history."""
    return [each.id for each in await stores.findings.transitions(EVERYTHING)]


@pytest.fixture
async def filled(stores: Stores) -> Stores:
    """A finding that was resolved a minute after the beginning, and one that is open."""
    await stores.findings.commit(
        commit(
            transition(1),
            transition(2, resource_id=CHILD),
            transition(3, kind=TransitionKind.RESOLVED),
            findings=[finding(state=RESOLVED), finding(CHILD)],
        )
    )
    return stores


async def told(stores: Stores) -> None:
    """Let the one sink be told of everything."""
    alerts = await stores.findings.undelivered("sink", 1000)
    await stores.findings.delivered("sink", [each.id for each in alerts])


async def test_findings_that_were_resolved_before_a_time_are_removed(filled: Stores) -> None:
    """Not those that are open, and not those that were resolved at that time or later."""
    assert await purge(filled.retention, moment(60)) == 0
    assert len(await filled.findings.findings(ROOT)) == 2

    await purge(filled.retention, moment(60.5))

    assert list(await filled.findings.findings(ROOT)) == [finding(CHILD).key]


async def test_the_history_of_what_is_open_stays(filled: Stores) -> None:
    """However old: it says since when, and who did it."""
    await told(filled)

    await purge(filled.retention)

    assert f"{ROOT}#2" in await history(filled)


async def test_history_from_before_a_time_is_removed(stores: Stores, others: Stores) -> None:
    """What is as old as that, or younger, stays; every process sees it gone."""
    for sequence in (1, 2, 3):
        await stores.findings.commit(
            commit(transition(sequence), state=RootState(version=sequence - 1, sequence=sequence))
        )
    await told(stores)

    assert await purge(stores.retention, moment(2)) == 1

    assert await history(others) == [f"{ROOT}#3", f"{ROOT}#2"]


async def test_what_a_sink_must_still_be_told_stays(stores: Stores) -> None:
    """Whatever its age; what never alerts waits for nobody."""
    await stores.findings.commit(commit(transition(1)))
    silent = transition(1, resource_id=OTHER_ACCOUNT, alerts=False)
    await stores.findings.commit(commit(silent, root=OTHER_ROOT))

    assert await purge(stores.retention) == 1
    assert await history(stores) == [f"{ROOT}#1"]

    await told(stores)
    assert await purge(stores.retention) == 1
    assert await history(stores) == []
    assert list(await stores.findings.undelivered("sink", 10)) == []


async def test_a_purge_is_bounded(stores: Stores) -> None:
    """So that it fits into one call of a function; the next goes on."""
    for number in range(6):
        account = f"{ACCOUNT}{number}"
        await stores.findings.commit(
            commit(
                transition(1, resource_id=account, alerts=False),
                root=account.lower(),
                findings=[finding(account, state=RESOLVED)],
            )
        )

    assert await stores.retention.purge(LATER, 4) == 4
    assert await purge(stores.retention, limit=4) == 8
    assert await history(stores) == []


async def test_the_root_lives_on_after_its_history_is_gone(filled: Stores) -> None:
    """The next look goes on where the last one ended, and may open the finding again."""
    await told(filled)
    await purge(filled.retention)
    before = await filled.findings.state(ROOT)

    again = transition(4, kind=TransitionKind.REOPENED, control=CONTROL)
    after = RootState(version=before.version, sequence=4)
    await filled.findings.commit(commit(again, state=after, findings=[finding()]))

    assert (await filled.findings.findings(ROOT))[finding().key].state is OPEN
    assert (await history(filled))[0] == again.id
    assert [each.id for each in await filled.findings.undelivered("sink", 10)] == [again.id]
